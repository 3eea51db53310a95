"""Writes a model with random weights: `python make_checkpoint.py SHAPE FOLDER`.

A shape with a block type in its name becomes FOLDER/model.gguf.

Speed does not depend on what the weights say, so nobody need download real ones. Tensors are written
one after another: 12 GB take no more memory than the largest of them.
"""

import argparse
import json
from pathlib import Path

import numpy as np

GPT2 = {
    "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new",
    "n_layer": 12, "n_head": 12, "n_embd": 768, "n_inner": None, "n_positions": 1024,
    "vocab_size": 50257, "layer_norm_epsilon": 1e-5, "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False, "reorder_and_upcast_attn": False,
    "tie_word_embeddings": True, "bos_token_id": 50256, "eos_token_id": 50256, "dtype": "float32",
}
GPTJ = {
    "architectures": ["GPTJForCausalLM"], "model_type": "gptj", "activation_function": "gelu_new",
    "n_layer": 28, "n_head": 16, "n_embd": 4096, "n_inner": None, "n_positions": 2048,
    "rotary_dim": 64, "vocab_size": 50400, "layer_norm_epsilon": 1e-5,
    "tie_word_embeddings": False, "bos_token_id": 50256, "eos_token_id": 50256, "dtype": "bfloat16",
}
LLAMA_7B = {
    "block_count": 32, "context_length": 4096, "embedding_length": 4096,
    "feed_forward_length": 11008, "attention.head_count": 32, "attention.head_count_kv": 32,
    "attention.layer_norm_rms_epsilon": 1e-5, "rope.dimension_count": 128,
}
GGUF = {"llama-7b-q4_k": "Q4_K", "llama-7b-q8_0": "Q8_0"}  # all of LLaMA 2's shape
VOCABULARY = 32000
# ggml's number of a type, elements and bytes of a block, and where its scales are.
BLOCKS = {"F32": (0, 1, 4, ()), "Q8_0": (8, 32, 34, (0,)), "Q4_K": (12, 256, 144, (0, 2)),
          "Q6_K": (14, 256, 210, (208,))}
LARGEST = {"Q8_0": 127, "Q4_K": 63 * 8, "Q6_K": 127 * 32}  # what a scale may be multiplied by
SHAPES = {
    "gpt2": GPT2,
    "gpt2-medium": GPT2 | {"n_layer": 24, "n_head": 16, "n_embd": 1024},
    "gpt2-xl": GPT2 | {"n_layer": 48, "n_head": 25, "n_embd": 1600},
    "gptj-6b": GPTJ,
}
TYPES = {"float32": ("F32", 4), "bfloat16": ("BF16", 2)}
LARGEST_SHARD = 4 << 30  # bytes


def matrix(name, rows, columns, deviation=0.02):
    return name, (rows, columns), 0, deviation


def vector(name, size, mean=0, deviation=0.02):
    return name, (size,), mean, deviation


def norm(name, width):
    return [vector(f"{name}.weight", width, 1, 0.1), vector(f"{name}.bias", width)]


def gpt2(config):
    """Name, shape, mean and deviation of every tensor; linear maps are (in, out)."""
    width = config["n_embd"]

    def linear(name, inputs, outputs):
        return [matrix(f"{name}.weight", inputs, outputs, inputs**-0.5),
                vector(f"{name}.bias", outputs)]

    yield matrix("transformer.wte.weight", config["vocab_size"], width)
    yield matrix("transformer.wpe.weight", config["n_positions"], width)
    for layer in range(config["n_layer"]):
        block = f"transformer.h.{layer}"
        yield from norm(f"{block}.ln_1", width)
        yield from linear(f"{block}.attn.c_attn", width, 3 * width)
        yield from linear(f"{block}.attn.c_proj", width, width)
        yield from norm(f"{block}.ln_2", width)
        yield from linear(f"{block}.mlp.c_fc", width, 4 * width)
        yield from linear(f"{block}.mlp.c_proj", 4 * width, width)
    yield from norm("transformer.ln_f", width)


def gptj(config):
    """The same; linear maps are (out, in)."""
    width = config["n_embd"]

    def linear(name, inputs, outputs):
        return matrix(f"{name}.weight", outputs, inputs, inputs**-0.5)

    yield matrix("transformer.wte.weight", config["vocab_size"], width)
    for layer in range(config["n_layer"]):
        block = f"transformer.h.{layer}"
        yield from norm(f"{block}.ln_1", width)
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            yield linear(f"{block}.attn.{part}", width, width)
        for part, inputs, outputs in (("fc_in", width, 4 * width), ("fc_out", 4 * width, width)):
            yield linear(f"{block}.mlp.{part}", inputs, outputs)
            yield vector(f"{block}.mlp.{part}.bias", outputs)
    yield from norm("transformer.ln_f", width)
    yield linear("lm_head", width, config["vocab_size"])
    yield vector("lm_head.bias", config["vocab_size"])


class Noise:
    """Normal numbers, cut from one stock of them: drawing billions would take minutes."""

    def __init__(self):
        self.rng = np.random.default_rng(0)
        self.stock = self.rng.standard_normal((1 << 22) + 1, dtype=np.float32)

    def pieces(self, count, mean, deviation):
        while count > 0:
            start = int(self.rng.integers(len(self.stock) // 2))
            piece = self.stock[start:start + count]
            yield np.float32(mean) + np.float32(deviation) * piece
            count -= len(piece)


def shards(tensors, size):
    """Lists of tensors that fit into a file."""
    shard, room = [], LARGEST_SHARD
    for tensor in tensors:
        bytes_needed = size * int(np.prod(tensor[1]))
        if shard and bytes_needed > room:
            yield shard
            shard, room = [], LARGEST_SHARD
        shard.append(tensor)
        room -= bytes_needed
    yield shard


def write(path, shard, dtype, noise):
    kind, size = TYPES[dtype]
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, shape, *_ in shard:
        start, end = end, end + size * int(np.prod(shape))
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, shape, mean, deviation in shard:
            for piece in noise.pieces(int(np.prod(shape)), mean, deviation):
                bits = piece.view(np.uint32) >> 16  # bfloat16 is the upper half of a float32
                file.write((bits.astype(np.uint16) if dtype == "bfloat16" else piece).tobytes())


def llama(config, kind):
    """Name, shape and type of every tensor, fastest axis first; as llama.cpp's Q4_K_M, the head and
    half of the values and of the last maps have six bits."""
    width, inner = config["embedding_length"], config["feed_forward_length"]
    yield "token_embd.weight", (width, VOCABULARY), kind
    yield "output.weight", (width, VOCABULARY), "Q6_K" if kind == "Q4_K" else kind
    yield "output_norm.weight", (width,), "F32"
    for layer in range(config["block_count"]):
        block = f"blk.{layer}"
        finer = "Q6_K" if kind == "Q4_K" and layer % 2 else kind
        for name in ("attn_norm", "ffn_norm"):
            yield f"{block}.{name}.weight", (width,), "F32"
        for name in ("attn_q", "attn_k", "attn_output"):
            yield f"{block}.{name}.weight", (width, width), kind
        yield f"{block}.attn_v.weight", (width, width), finer
        for name in ("ffn_gate", "ffn_up"):
            yield f"{block}.{name}.weight", (width, inner), kind
        yield f"{block}.ffn_down.weight", (inner, width), finer


def random_blocks(rng, kind, shape):
    """A piece of random blocks, of about the deviation that a linear map has."""
    _, elements, size, scales = BLOCKS[kind]
    count = int(np.prod(shape)) // elements
    stock = rng.integers(0, 256, (min(count, 1 << 14), size), dtype=np.uint8)
    for place in scales:
        scale = rng.normal(0, 3 * shape[0] ** -0.5 / LARGEST[kind], len(stock)).astype(np.float16)
        stock[:, place:place + 2] = scale[:, None].view(np.uint8)
    while count > 0:
        yield stock[:count].tobytes()
        count -= len(stock)


def write_gguf(path, kind):
    def text(value):
        return len(value).to_bytes(8, "little") + value.encode()

    config, rng = LLAMA_7B, np.random.default_rng(0)
    tensors = list(llama(config, kind))
    header = text("general.architecture") + (8).to_bytes(4, "little") + text("llama")
    for key, value in config.items():
        number = np.float32(value) if isinstance(value, float) else np.uint32(value)
        header += text(f"llama.{key}")
        header += (6 if isinstance(value, float) else 4).to_bytes(4, "little") + number.tobytes()
    offset = 0
    for name, shape, kind in tensors:
        number, elements, size, _ = BLOCKS[kind]
        header += text(name) + len(shape).to_bytes(4, "little")
        header += b"".join(axis.to_bytes(8, "little") for axis in shape)
        header += number.to_bytes(4, "little") + offset.to_bytes(8, "little")
        offset += -(-int(np.prod(shape)) // elements * size // 32) * 32
    start = b"GGUF" + (3).to_bytes(4, "little") + len(tensors).to_bytes(8, "little")
    start += (len(config) + 1).to_bytes(8, "little") + header
    with open(path, "wb") as file:
        file.write(start)
        for _, shape, kind in tensors:
            file.write(b"\0" * (-file.tell() % 32))
            if kind == "F32":
                file.write(rng.normal(1, 0.1, shape).astype(np.float32).tobytes())
            else:
                for piece in random_blocks(rng, kind, shape):
                    file.write(piece)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shape", choices=[*SHAPES, *GGUF])
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    if arguments.shape in GGUF:
        write_gguf(folder / "model.gguf", GGUF[arguments.shape])
        return
    config, noise = SHAPES[arguments.shape], Noise()
    tensors = {"gpt2": gpt2, "gptj": gptj}[config["model_type"]](config)
    files = list(shards(tensors, TYPES[config["dtype"]][1]))
    names = [f"model-{i + 1:05}-of-{len(files):05}.safetensors" for i in range(len(files))]
    if len(files) == 1:
        names = ["model.safetensors"]
    for name, shard in zip(names, files):
        write(folder / name, shard, config["dtype"], noise)
    if len(files) > 1:
        members = {tensor[0]: name for name, shard in zip(names, files) for tensor in shard}
        index = {"metadata": {}, "weight_map": members}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    # Last: a folder with a configuration is complete.
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    main()
