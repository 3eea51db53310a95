"""Decoder families written by hand in float64.

Nothing but a checkpoint's tensors and its config.json is used; `make.py` checks the result against
the `transformers` library. `hidden`, `attention` and the loss mean what ../gpt2/reference.py says.
"""

import json
import math
from pathlib import Path

import torch
from safetensors.torch import load_file

from reference import ACTIVATIONS, Trace

# BLOOM writes sqrt(2/pi) with eight digits.
ACTIVATIONS = ACTIVATIONS | {
    "silu": lambda x: x / (1 + torch.exp(-x)),
    "gelu_pytorch_tanh": ACTIVATIONS["gelu_new"],
    "bloom": lambda x: x / 2 * (1 + torch.tanh(0.79788456 * (x + 0.044715 * x**3))),
}


class Decoder:
    """The tensors of a checkpoint, widened to float64, and its configuration.

    A family says how tokens are embedded, what a block does and what the final norm is called.
    """

    layers, final_norm = "model.layers", "model.norm"
    depth, heads = "num_hidden_layers", "num_attention_heads"  # in config.json
    epsilon = "layer_norm_eps"
    embedding, head = "model.embed_tokens", "lm_head"

    def __init__(self, folder: Path):
        self.config = json.loads((folder / "config.json").read_text())
        self.tensors = {
            name: tensor.double()
            for file in sorted(folder.glob("*.safetensors"))
            for name, tensor in load_file(file).items()
        }
        self.head_count = self.config[self.heads]

    def trace(self, tokens: torch.Tensor, nudge=None) -> Trace:
        """The forward pass over `tokens` (T); `nudge` as in ../gpt2/reference.py."""
        self.nudge, self.length = nudge, len(tokens)
        x = self.embed(tokens)
        self.tracing = Trace(None, [x], [], [], [], [])
        for layer in range(self.config[self.depth]):
            x = self.block(x, layer, f"{self.layers}.{layer}")
            self.tracing.hidden.append(x)
        last = self.read(x[-1])
        head = self.head if f"{self.head}.weight" in self.tensors else self.embedding
        self.tracing.logits = self.cap(self.linear(last, head), "final_logit_softcapping")
        return self.tracing

    # -- what families differ in

    def embed(self, tokens):
        return self.tensors[f"{self.embedding}.weight"][tokens]

    def block(self, x, layer, name):
        raise NotImplementedError

    def read(self, x):
        """What the head reads of the last block's output."""
        return self.norm(x, self.final_norm)

    # -- what they share

    def cap(self, x, name):
        cap = self.config.get(name)
        return x if cap is None else cap * torch.tanh(x / cap)

    def linear(self, x, name):
        y = x @ self.tensors[f"{name}.weight"].T
        return y + self.tensors[f"{name}.bias"] if f"{name}.bias" in self.tensors else y

    def norm(self, x, name):
        centred = x - x.mean(-1, keepdim=True)
        variance = (centred**2).mean(-1, keepdim=True)
        normed = centred / torch.sqrt(variance + self.config.get(self.epsilon, 1e-5))
        return normed * self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]

    def split(self, x, heads=None):
        """(T, heads d) as (heads, T, d)."""
        return x.view(self.length, heads or self.head_count, -1).transpose(0, 1)

    def mlp(self, x, up, down, activation):
        return self.linear(ACTIVATIONS[activation](self.linear(x, up)), down)

    def attend(self, layer, query, key, value, scale=None, window=None, bias=0.0):
        """The heads' outputs side by side (T, H d); a query sees itself and `window - 1` before."""
        group = query.shape[0] // key.shape[0]
        key, value = (x.repeat_interleave(group, 0) for x in (key, value))
        scores = query @ key.mT * (scale or query.shape[-1] ** -0.5) + bias
        scores = self.cap(scores, "attn_logit_softcapping")
        back = torch.arange(self.length)[:, None] - torch.arange(self.length)
        hidden = (back < 0) | (back >= (window or self.length))
        attention = torch.softmax(scores.masked_fill(hidden, -math.inf), dim=-1)
        if not attention.requires_grad:
            attention.requires_grad_()  # the first layer's attention begins the graph
        self.tracing.attention.append(attention)
        used = attention
        if self.nudge and self.nudge[0] == layer:
            used = attention.detach().clone()
            used[self.nudge[1:4]] += self.nudge[4]
        return (used @ value).transpose(0, 1).reshape(self.length, -1)

    def frequencies(self, size: int) -> list[float]:
        """Radians a position for each pair of `size` rotated channels."""
        rope = self.config["rope_parameters"]
        if rope["rope_type"] == "longrope":
            kind = "long" if self.length > rope["original_max_position_embeddings"] else "short"
            return [rope["rope_theta"] ** (-2 * i / size) / factor
                    for i, factor in enumerate(rope[f"{kind}_factor"])]
        plain = [rope["rope_theta"] ** (-i / size) for i in range(0, size, 2)]
        if rope["rope_type"] == "linear":
            return [f / rope["factor"] for f in plain]
        if rope["rope_type"] == "llama3":
            return [self.llama3(f, rope) for f in plain]
        assert rope["rope_type"] == "default"
        return plain

    @staticmethod
    def llama3(frequency: float, rope: dict) -> float:
        """Short waves stay, long ones are stretched, those between are mixed."""
        low, high = rope["low_freq_factor"], rope["high_freq_factor"]
        turns = rope["original_max_position_embeddings"] * frequency / (2 * math.pi)
        kept = min(max((turns - low) / (high - low), 0), 1)
        return frequency * (kept + (1 - kept) / rope["factor"])

    def magnitude(self) -> float:
        """What turned channels are multiplied by."""
        rope = self.config.get("rope_parameters", {"rope_type": "default"})
        if rope["rope_type"] != "longrope":
            return 1.0
        first = rope["original_max_position_embeddings"]
        stretch = self.config["max_position_embeddings"] / first
        suggested = math.sqrt(1 + math.log(stretch) / math.log(first)) if stretch > 1 else 1.0
        return rope.get("attention_factor", suggested)

    def rotate(self, x, size=None, interleaved=False, frequencies=None):
        """Rotates the first `size` channels of x (H, T, d) by position, as complex numbers."""
        size = size or x.shape[-1]
        frequencies = torch.tensor(frequencies or self.frequencies(size), dtype=torch.float64)
        angles = torch.arange(self.length)[:, None] * frequencies
        turn = torch.polar(torch.full_like(angles, self.magnitude()), angles)
        part = x[..., :size]
        if interleaved:
            z = torch.complex(part[..., 0::2], part[..., 1::2]) * turn
            turned = torch.stack([z.real, z.imag], -1).flatten(-2)
        else:
            z = torch.complex(part[..., : size // 2], part[..., size // 2 :]) * turn
            turned = torch.cat([z.real, z.imag], -1)
        return torch.cat([turned, x[..., size:]], -1)


class Llama(Decoder):
    """llama, mistral, qwen2, qwen3."""

    epsilon = "rms_norm_eps"

    def norm(self, x, name):
        mean_square = (x**2).mean(-1, keepdim=True)
        normed = x / torch.sqrt(mean_square + self.config[self.epsilon])
        return normed * self.tensors[f"{name}.weight"]

    def block(self, x, layer, name):
        normed = self.norm(x, f"{name}.input_layernorm")
        shared = self.config["num_key_value_heads"]
        query, key, value = (
            self.split(self.linear(normed, f"{name}.self_attn.{part}_proj"), heads)
            for part, heads in (("q", self.head_count), ("k", shared), ("v", shared))
        )
        if f"{name}.self_attn.q_norm.weight" in self.tensors:
            query = self.norm(query, f"{name}.self_attn.q_norm")
            key = self.norm(key, f"{name}.self_attn.k_norm")
        merged = self.attend(layer, self.rotate(query), self.rotate(key), value,
                             window=self.config.get("sliding_window"))
        x = x + self.linear(merged, f"{name}.self_attn.o_proj")
        normed = self.norm(x, f"{name}.post_attention_layernorm")
        gate = ACTIVATIONS[self.config["hidden_act"]](self.linear(normed, f"{name}.mlp.gate_proj"))
        inner = gate * self.linear(normed, f"{name}.mlp.up_proj")
        return x + self.linear(inner, f"{name}.mlp.down_proj")


class Gemma(Llama):
    """gemma and gemma2."""

    def embed(self, tokens):
        return super().embed(tokens) * math.sqrt(self.config["hidden_size"])

    def norm(self, x, name):
        mean_square = (x**2).mean(-1, keepdim=True)
        normed = x / torch.sqrt(mean_square + self.config[self.epsilon])
        return normed * (1 + self.tensors[f"{name}.weight"])


class Gemma2(Gemma):
    def block(self, x, layer, name):
        normed = self.norm(x, f"{name}.input_layernorm")
        shared = self.config["num_key_value_heads"]
        query, key, value = (
            self.split(self.linear(normed, f"{name}.self_attn.{part}_proj"), heads)
            for part, heads in (("q", self.head_count), ("k", shared), ("v", shared))
        )
        kind = self.config["layer_types"][layer]
        window = self.config["sliding_window"] if kind == "sliding_attention" else None
        merged = self.attend(layer, self.rotate(query), self.rotate(key), value, window=window,
                             scale=1 / math.sqrt(self.config["query_pre_attn_scalar"]))
        attended = self.linear(merged, f"{name}.self_attn.o_proj")
        x = x + self.norm(attended, f"{name}.post_attention_layernorm")
        normed = self.norm(x, f"{name}.pre_feedforward_layernorm")
        activation = ACTIVATIONS[self.config["hidden_activation"]]
        gate = activation(self.linear(normed, f"{name}.mlp.gate_proj"))
        inner = gate * self.linear(normed, f"{name}.mlp.up_proj")
        return x + self.norm(self.linear(inner, f"{name}.mlp.down_proj"),
                             f"{name}.post_feedforward_layernorm")


class Phi3(Llama):
    def block(self, x, layer, name):
        shared = self.config["num_key_value_heads"]
        size = self.config["hidden_size"] // self.head_count
        fused = self.linear(self.norm(x, f"{name}.input_layernorm"), f"{name}.self_attn.qkv_proj")
        parts = fused.split([size * heads for heads in (self.head_count, shared, shared)], -1)
        query, key, value = (self.split(part, part.shape[-1] // size) for part in parts)
        turned = int(size * self.config["rope_parameters"]["partial_rotary_factor"])
        merged = self.attend(layer, self.rotate(query, turned), self.rotate(key, turned), value,
                             window=self.config["sliding_window"])
        x = x + self.linear(merged, f"{name}.self_attn.o_proj")
        fused = self.linear(self.norm(x, f"{name}.post_attention_layernorm"),
                            f"{name}.mlp.gate_up_proj")
        gate, up = fused.chunk(2, -1)
        return x + self.linear(ACTIVATIONS[self.config["hidden_act"]](gate) * up,
                               f"{name}.mlp.down_proj")


class NeoX(Decoder):
    layers, final_norm = "gpt_neox.layers", "gpt_neox.final_layer_norm"
    embedding, head = "gpt_neox.embed_in", "embed_out"

    def block(self, x, layer, name):
        fused = self.linear(self.norm(x, f"{name}.input_layernorm"),
                            f"{name}.attention.query_key_value")
        query, key, value = self.split(fused).chunk(3, -1)  # each head's q, k, v in turn
        size = int(query.shape[-1] * self.config["rope_parameters"]["partial_rotary_factor"])
        merged = self.attend(layer, self.rotate(query, size), self.rotate(key, size), value)
        attended = x + self.linear(merged, f"{name}.attention.dense")
        source = x if self.config["use_parallel_residual"] else attended
        return attended + self.mlp(
            self.norm(source, f"{name}.post_attention_layernorm"), f"{name}.mlp.dense_h_to_4h",
            f"{name}.mlp.dense_4h_to_h", self.config["hidden_act"])


class GPTJ(Decoder):
    layers, final_norm, embedding = "transformer.h", "transformer.ln_f", "transformer.wte"
    depth, heads, epsilon = "n_layer", "n_head", "layer_norm_epsilon"

    def block(self, x, layer, name):
        normed = self.norm(x, f"{name}.ln_1")
        query, key, value = (
            self.split(self.linear(normed, f"{name}.attn.{part}_proj")) for part in "qkv")
        size = self.config["rotary_dim"]
        frequencies = [10000 ** (-i / size) for i in range(0, size, 2)]
        query, key = (self.rotate(x, size, True, frequencies) for x in (query, key))
        merged = self.attend(layer, query, key, value)
        return x + self.linear(merged, f"{name}.attn.out_proj") + self.mlp(
            normed, f"{name}.mlp.fc_in", f"{name}.mlp.fc_out", self.config["activation_function"])


class GPTNeo(Decoder):
    layers, final_norm, embedding = "transformer.h", "transformer.ln_f", "transformer.wte"
    depth, heads, epsilon = "num_layers", "num_heads", "layer_norm_epsilon"

    def embed(self, tokens):
        return super().embed(tokens) + self.tensors["transformer.wpe.weight"][: self.length]

    def block(self, x, layer, name):
        normed = self.norm(x, f"{name}.ln_1")
        query, key, value = (
            self.split(self.linear(normed, f"{name}.attn.attention.{part}_proj")) for part in "qkv")
        kinds = [k for kinds, n in self.config["attention_types"] for k in kinds * n]
        window = self.config["window_size"] if kinds[layer] == "local" else None
        merged = self.attend(layer, query, key, value, scale=1.0, window=window)
        x = x + self.linear(merged, f"{name}.attn.attention.out_proj")
        return x + self.mlp(self.norm(x, f"{name}.ln_2"), f"{name}.mlp.c_fc", f"{name}.mlp.c_proj",
                            self.config["activation_function"])


class OPT(Decoder):
    layers, final_norm = "model.decoder.layers", "model.decoder.final_layer_norm"
    embedding = "model.decoder.embed_tokens"

    def embed(self, tokens):
        table = self.tensors["model.decoder.embed_positions.weight"]
        embedded = self.project(super().embed(tokens), "in")
        return embedded + table[2 : 2 + self.length]

    def project(self, x, side):
        name = f"model.decoder.project_{side}"
        return self.linear(x, name) if f"{name}.weight" in self.tensors else x

    def read(self, x):
        normed = super().read(x) if f"{self.final_norm}.weight" in self.tensors else x
        return self.project(normed, "out")

    def block(self, x, layer, name):
        if not self.config["do_layer_norm_before"]:
            return self.block_normed_after(x, layer, name)
        normed = self.norm(x, f"{name}.self_attn_layer_norm")
        query, key, value = (
            self.split(self.linear(normed, f"{name}.self_attn.{part}_proj")) for part in "qkv")
        x = x + self.linear(self.attend(layer, query, key, value), f"{name}.self_attn.out_proj")
        return x + self.mlp(self.norm(x, f"{name}.final_layer_norm"), f"{name}.fc1", f"{name}.fc2",
                            self.config["activation_function"])


    def block_normed_after(self, x, layer, name):
        query, key, value = (
            self.split(self.linear(x, f"{name}.self_attn.{part}_proj")) for part in "qkv")
        x = x + self.linear(self.attend(layer, query, key, value), f"{name}.self_attn.out_proj")
        x = self.norm(x, f"{name}.self_attn_layer_norm")
        x = x + self.mlp(x, f"{name}.fc1", f"{name}.fc2", self.config["activation_function"])
        return self.norm(x, f"{name}.final_layer_norm")


class Bloom(Decoder):
    layers, final_norm = "transformer.h", "transformer.ln_f"
    embedding = "transformer.word_embeddings"
    depth, heads, epsilon = "n_layer", "n_head", "layer_norm_epsilon"

    def embed(self, tokens):
        return self.norm(super().embed(tokens), "transformer.word_embeddings_layernorm")

    def slopes(self) -> list[float]:
        """Of ALiBi: 2^(-8i/n); heads beyond a power of two take the odd ones of twice as many."""
        power = 2 ** int(math.log2(self.head_count))
        slopes = [2 ** (-8 * (i + 1) / power) for i in range(power)]
        more = [2 ** (-4 * (2 * i + 1) / power) for i in range(self.head_count - power)]
        return slopes + more

    def block(self, x, layer, name):
        fused = self.linear(self.norm(x, f"{name}.input_layernorm"),
                            f"{name}.self_attention.query_key_value")
        query, key, value = self.split(fused).chunk(3, -1)  # each head's q, k, v in turn
        slopes = torch.tensor(self.slopes(), dtype=torch.float64)[:, None, None]
        merged = self.attend(layer, query, key, value, bias=slopes * torch.arange(self.length))
        x = x + self.linear(merged, f"{name}.self_attention.dense")
        return x + self.mlp(self.norm(x, f"{name}.post_attention_layernorm"),
                            f"{name}.mlp.dense_h_to_4h", f"{name}.mlp.dense_4h_to_h", "bloom")


class Phi(Decoder):
    final_norm = "model.final_layernorm"

    def block(self, x, layer, name):
        normed = self.norm(x, f"{name}.input_layernorm")
        query, key, value = (
            self.split(self.linear(normed, f"{name}.self_attn.{part}_proj")) for part in "qkv")
        size = int(query.shape[-1] * self.config["rope_parameters"]["partial_rotary_factor"])
        merged = self.attend(layer, self.rotate(query, size), self.rotate(key, size), value)
        return x + self.linear(merged, f"{name}.self_attn.dense") + self.mlp(
            normed, f"{name}.mlp.fc1", f"{name}.mlp.fc2", self.config["hidden_act"])


FAMILIES = {
    "llama": Llama, "mistral": Llama, "qwen2": Llama, "qwen3": Llama, "gemma": Gemma,
    "gemma2": Gemma2, "phi3": Phi3, "gpt_neox": NeoX, "gptj": GPTJ, "gpt_neo": GPTNeo, "opt": OPT,
    "bloom": Bloom, "phi": Phi,
}


def checkpoint(folder: Path) -> Decoder:
    family = json.loads((folder / "config.json").read_text())["model_type"]
    return FAMILIES[family](folder)
