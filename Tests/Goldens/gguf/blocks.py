"""Numbers in ggml's blocks of 256, which the package `gguf` reads but does not write."""

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import quants


def quantize(values: np.ndarray, kind: Type) -> np.ndarray:
    """The bytes of rows of numbers, (rows, bytes of a row)."""
    own = {Type.Q4_K: q4_k, Type.Q5_K: q5_k, Type.Q6_K: q6_k}.get(kind)
    if own is None:
        return quants.quantize(values, kind)
    blocks = values.astype(np.float32).reshape(-1, 256)
    return own(blocks).reshape(*values.shape[:-1], -1)


def halves(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float16)[:, None].view(np.uint8)


def packed_scales(scale: np.ndarray, minimum: np.ndarray) -> np.ndarray:
    """Eight scales and eight minima of six bits in twelve bytes."""
    first = scale[:, :4] | (scale[:, 4:] >> 4) << 6
    second = minimum[:, :4] | (minimum[:, 4:] >> 4) << 6
    third = scale[:, 4:] & 15 | (minimum[:, 4:] & 15) << 4
    return np.concatenate([first, second, third], axis=1)


def ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.zeros_like(a), where=b != 0)


def in_parts(blocks: np.ndarray, largest: int) -> tuple[np.ndarray, np.ndarray]:
    """What begins a block of Q4_K or Q5_K, and the integers, (blocks, 8, 32)."""
    parts = blocks.reshape(-1, 8, 32)
    minimum = np.maximum(0, -parts.min(-1))
    scale = (parts.max(-1) + minimum) / largest
    d = (scale.max(-1) / 63).astype(np.float16).astype(np.float32)
    m = (minimum.max(-1) / 63).astype(np.float16).astype(np.float32)
    scales = np.clip(np.rint(ratio(scale, d[:, None])), 0, 63).astype(np.uint8)
    minima = np.clip(np.rint(ratio(minimum, m[:, None])), 0, 63).astype(np.uint8)
    step, low = d[:, None] * scales, m[:, None] * minima
    q = np.rint(ratio(parts + low[..., None], np.broadcast_to(step[..., None], parts.shape)))
    start = np.concatenate([halves(d), halves(m), packed_scales(scales, minima)], axis=1)
    return start, np.clip(q, 0, largest).astype(np.uint8)


def in_pairs(q: np.ndarray) -> np.ndarray:
    """Of every 64 numbers of four bits the second half above the first."""
    q = q.reshape(-1, 4, 2, 32)
    return (q[:, :, 0] | q[:, :, 1] << 4).reshape(-1, 128)


def q4_k(blocks: np.ndarray) -> np.ndarray:
    start, q = in_parts(blocks, 15)
    return np.concatenate([start, in_pairs(q)], axis=1)


def q5_k(blocks: np.ndarray) -> np.ndarray:
    start, q = in_parts(blocks, 31)
    fifth = np.bitwise_or.reduce((q >> 4) << np.arange(8, dtype=np.uint8)[:, None], axis=1)
    return np.concatenate([start, fifth, in_pairs(q & 15)], axis=1)


def q6_k(blocks: np.ndarray) -> np.ndarray:
    parts = blocks.reshape(-1, 16, 16)
    largest = np.take_along_axis(parts, np.abs(parts).argmax(-1)[..., None], -1)[..., 0]
    scale = -largest / 32  # of either sign
    d = (np.abs(scale).max(-1) / 127).astype(np.float16).astype(np.float32)
    scales = np.clip(np.rint(ratio(scale, d[:, None])), -128, 127).astype(np.int8)
    step = d[:, None] * scales
    q = np.rint(ratio(parts, np.broadcast_to(step[..., None], parts.shape))) + 32
    q = np.clip(q, 0, 63).astype(np.uint8).reshape(-1, 2, 4, 32)
    low, high = q & 15, q >> 4
    lower = np.concatenate([low[:, :, 0] | low[:, :, 2] << 4, low[:, :, 1] | low[:, :, 3] << 4], -1)
    upper = high[:, :, 0] | high[:, :, 1] << 2 | high[:, :, 2] << 4 | high[:, :, 3] << 6
    return np.concatenate(
        [lower.reshape(-1, 128), upper.reshape(-1, 64), scales.view(np.uint8), halves(d)], axis=1)
