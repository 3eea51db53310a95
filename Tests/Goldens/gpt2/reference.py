"""GPT-2 and the saliency of its attention, written by hand in float64.

Nothing but a checkpoint's tensors and its config.json is used; `make.py` checks the result against
the `transformers` library.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file

ACTIVATIONS = {
    "gelu_new": lambda x: x / 2 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "gelu": lambda x: x / 2 * (1 + torch.erf(x / math.sqrt(2))),
    "relu": lambda x: x.clamp(min=0),
}


@dataclass
class Trace:
    """What one prompt of T tokens leaves behind; every list but `hidden` has one entry a layer."""

    logits: torch.Tensor  # (V) at the last position
    hidden: list[torch.Tensor]  # L + 1 times (T, C): the embedding, then each block's output
    query: list[torch.Tensor]  # (H, T, d)
    key: list[torch.Tensor]  # (H, T, d)
    value: list[torch.Tensor]  # (H, T, d)
    attention: list[torch.Tensor]  # (H, T, T) after the softmax


class Checkpoint:
    """The tensors of a saved GPT-2, widened to float64, and its configuration."""

    def __init__(self, folder: Path):
        self.config = json.loads((folder / "config.json").read_text())
        self.tensors = {}
        for file in sorted(folder.glob("*.safetensors")):
            for name, tensor in load_file(file).items():
                self.tensors[name.removeprefix("transformer.")] = tensor.double()

    def trace(self, tokens: torch.Tensor, nudge=None) -> Trace:
        """The forward pass over `tokens` (T).

        `nudge` is (layer, head, query, key, step): that one entry of the attention is moved by
        `step` after the softmax, which is what a finite difference needs.
        """
        config, heads = self.config, self.config["n_head"]
        length, width = len(tokens), config["n_embd"]
        activation = ACTIVATIONS[config["activation_function"]]
        future = torch.ones(length, length, dtype=torch.bool).triu(1)

        x = self.tensors["wte.weight"][tokens] + self.tensors["wpe.weight"][:length]
        trace = Trace(None, [x], [], [], [], [])
        for layer in range(config["n_layer"]):
            normed = self.norm(x, f"h.{layer}.ln_1")
            qkv = self.linear(normed, f"h.{layer}.attn.c_attn")
            query, key, value = (
                part.view(length, heads, -1).transpose(0, 1) for part in qkv.split(width, dim=-1)
            )
            scores = query @ key.mT * self.scale(layer, query.shape[-1])
            attention = torch.softmax(scores.masked_fill(future, -math.inf), dim=-1)
            if not attention.requires_grad:
                attention.requires_grad_()  # the first layer's attention begins the graph
            used = attention
            if nudge and nudge[0] == layer:
                used = attention.detach().clone()
                used[nudge[1:4]] += nudge[4]
            merged = (used @ value).transpose(0, 1).reshape(length, width)
            x = x + self.linear(merged, f"h.{layer}.attn.c_proj")
            inner = activation(self.linear(self.norm(x, f"h.{layer}.ln_2"), f"h.{layer}.mlp.c_fc"))
            x = x + self.linear(inner, f"h.{layer}.mlp.c_proj")
            trace.query.append(query)
            trace.key.append(key)
            trace.value.append(value)
            trace.attention.append(attention)
            trace.hidden.append(x)
        head = self.tensors.get("lm_head.weight", self.tensors["wte.weight"])
        trace.logits = head @ self.norm(x[-1], "ln_f")
        return trace

    def norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        centred = x - x.mean(-1, keepdim=True)
        variance = (centred**2).mean(-1, keepdim=True)
        normed = centred / torch.sqrt(variance + self.config["layer_norm_epsilon"])
        return normed * self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]

    def linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """GPT-2 stores matrices as (in, out)."""
        return x @ self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]

    def scale(self, layer: int, head_size: int) -> float:
        scale = 1 / math.sqrt(head_size) if self.config["scale_attn_weights"] else 1.0
        return scale / (layer + 1) if self.config["scale_attn_by_inverse_layer_idx"] else scale


def label_loss(logits: torch.Tensor, label_tokens: list[int], answer: int) -> torch.Tensor:
    """Cross-entropy of class `answer` among the logits of the label tokens alone."""
    return -torch.log_softmax(logits[label_tokens], dim=0)[answer]


def attention_gradient(trace: Trace, label_tokens: list[int], answer: int) -> list[torch.Tensor]:
    """dL/dA of each layer (H, T, T): A is free where it meets the values, so no softmax of its own
    row is differentiated, while its effect through all later layers counts."""
    loss = label_loss(trace.logits, label_tokens, answer)
    return list(torch.autograd.grad(loss, trace.attention))


def saliency(attention: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """|sum over heads of A * dL/dA|, (T, T), diagonal kept."""
    return (attention * gradient).sum(0).abs()
