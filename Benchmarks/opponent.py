"""Saliency of GPT-2's attention in PyTorch, as lean as we know how: Fathom's opponent.

Per layer |sum_h A * dL/dA| for prompts (B, T), L the cross-entropy over the label tokens at the
last position. No variant differentiates a weight, or anything below the first layer's attention.
`sdpa` computes the logits of the last position alone, with PyTorch's fused attention.

    adapter        as the paper's code does it: attention is multiplied by a matrix of ones, whose
                   gradient autograd finds; logits of every position
    autograd       PyTorch's own backward, asked for the attention alone
    manual-mm      backward by hand; the top layer for the last position only, which is exact
    manual-onednn  the same with the weights prepacked for oneDNN in both directions
    isolate-loop   prompt by prompt the logits of the last position twice, as the model is and with the
                   rows of the label words in the first five layers overwritten before softmax
    attention-loop prompt by prompt the last position's attention to each label word in every layer

`--check` compares the variants with each other. `--serve` reads one JSON request a line, such as
{"variant": "sdpa", "length": 128, "batch": 8}, and answers with the seconds of one run.
"""

import argparse
import functools
import json
import math
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

LABELS = torch.tensor([36183, 33733])  # " Negative" and " Positive"
WARM_UPS = 2
aten = torch.ops.aten


# -- products with a weight matrix

class Addmm:
    """y = x W + b, and back, by BLAS; W is (in, out)."""

    def __init__(self, weight, bias):
        self.weight, self.bias = weight.contiguous(), bias.contiguous()

    def forward(self, x):
        flat = torch.addmm(self.bias, x.reshape(-1, x.shape[-1]), self.weight)
        return flat.view(*x.shape[:-1], -1)

    def backward(self, g):
        return torch.mm(g.reshape(-1, g.shape[-1]), self.weight.mT).view(*g.shape[:-1], -1)


class Prepacked:
    """The same by oneDNN, with two copies of W laid out once in the order its kernels read."""

    ROWS = 128  # the height the layout is chosen for

    def __init__(self, weight, bias):
        pack = torch.ops.mkldnn._reorder_linear_weight
        self.forwards = pack(weight.mT.contiguous(), self.ROWS)
        self.backwards = pack(weight.contiguous(), self.ROWS)
        self.bias = bias.contiguous()

    def forward(self, x):
        return torch.ops.mkldnn._linear_pointwise(x, self.forwards, self.bias, "none", [], "")

    def backward(self, g):
        return torch.ops.mkldnn._linear_pointwise(g, self.backwards, None, "none", [], "")


# -- the model

class Norm:
    def __init__(self, weight, bias, epsilon):
        self.weight, self.bias, self.epsilon = weight, bias, epsilon

    def forward(self, x):
        """The normed rows, and (x, mean, 1/deviation) for the way back."""
        shape = [x.shape[-1]]
        y, mean, scale = aten.native_layer_norm(x, shape, self.weight, self.bias, self.epsilon)
        return y, (x, mean, scale)

    def backward(self, g, saved):
        shape, wanted = [g.shape[-1]], [True, False, False]
        return aten.native_layer_norm_backward(
            g, saved[0], shape, saved[1], saved[2], self.weight, self.bias, wanted)[0]


@functools.lru_cache(maxsize=4)
def future_mask(length):
    return torch.full((length, length), -math.inf).triu(1)


class GPT2:
    def __init__(self, folder: Path, linear=Addmm):
        config = json.loads((folder / "config.json").read_text())
        tensors = load_file(folder / "model.safetensors")
        self.width, self.heads = config["n_embd"], config["n_head"]
        self.scale = (self.width // self.heads) ** -0.5

        def pair(name):
            return tensors[f"transformer.{name}.weight"], tensors[f"transformer.{name}.bias"]

        def norm(name):
            return Norm(*pair(name), config["layer_norm_epsilon"])

        self.tokens = tensors["transformer.wte.weight"]
        self.positions = tensors["transformer.wpe.weight"]
        self.final = norm("ln_f")
        self.layers = []
        for i in range(config["n_layer"]):
            weight, bias = pair(f"h.{i}.attn.c_attn")
            layer = {
                "norm1": norm(f"h.{i}.ln_1"), "norm2": norm(f"h.{i}.ln_2"),
                "merge": linear(*pair(f"h.{i}.attn.c_proj")),
                "up": linear(*pair(f"h.{i}.mlp.c_fc")), "down": linear(*pair(f"h.{i}.mlp.c_proj")),
            }
            if i < config["n_layer"] - 1:
                layer["qkv"] = linear(weight, bias)
            else:  # the top layer may ask for fewer queries than keys
                layer["q"] = linear(weight[:, : self.width], bias[: self.width])
                layer["kv"] = linear(weight[:, self.width :], bias[self.width :])
            self.layers.append(layer)

    def embed(self, tokens):
        return F.embedding(tokens, self.tokens) + self.positions[: tokens.shape[1]]

    def split(self, x):  # (B, T, C) -> (B, H, T, d)
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)

    def join(self, x):  # (B, H, T, d) -> (B, T, C)
        return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], self.width)

    def query_key_value(self, layer, normed, queries):
        if "qkv" in layer:
            parts = layer["qkv"].forward(normed).split(self.width, dim=-1)
        else:
            parts = (layer["q"].forward(normed[:, -queries:]),
                     *layer["kv"].forward(normed).split(self.width, dim=-1))
        return [self.split(part) for part in parts]

    def attend(self, query, key):
        """(B, H, Q, T), Q the last positions; a single query sees every key."""
        scores = torch.matmul(query * self.scale, key.mT)
        if query.shape[2] > 1:
            scores += future_mask(key.shape[2])
        return torch.softmax(scores, dim=-1)


class Autograd(GPT2):
    def saliency(self, tokens, answers):
        x, attentions = self.embed(tokens), []
        for layer in self.layers:
            normed = layer["norm1"].forward(x)[0]
            query, key, value = self.query_key_value(layer, normed, tokens.shape[1])
            attention = self.attend(query, key)
            if not attentions:
                attention.requires_grad_()  # the graph begins here
            attentions.append(attention)
            x = x + layer["merge"].forward(self.join(torch.matmul(attention, value)))
            inner = layer["up"].forward(layer["norm2"].forward(x)[0])
            x = x + layer["down"].forward(F.gelu(inner, approximate="tanh"))
        last = self.final.forward(x[:, -1])[0]
        loss = F.cross_entropy(last @ self.tokens[LABELS].mT, answers, reduction="sum")
        gradients = torch.autograd.grad(loss, attentions)
        with torch.no_grad():
            found = [(a * g).sum(1).abs() for a, g in zip(attentions, gradients)]
            return found, last @ self.tokens.mT


class Adapter(GPT2):
    def saliency(self, tokens, answers):
        x, attentions, adapters = self.embed(tokens), [], []
        for layer in self.layers:
            normed = layer["norm1"].forward(x)[0]
            query, key, value = self.query_key_value(layer, normed, tokens.shape[1])
            attention = self.attend(query, key)
            adapters.append(torch.ones_like(attention, requires_grad=True))
            attentions.append(attention)
            mixed = torch.matmul(attention * adapters[-1], value)
            x = x + layer["merge"].forward(self.join(mixed))
            inner = layer["up"].forward(layer["norm2"].forward(x)[0])
            x = x + layer["down"].forward(F.gelu(inner, approximate="tanh"))
        logits = self.final.forward(x)[0] @ self.tokens.mT
        loss = F.cross_entropy(logits[:, -1, LABELS], answers, reduction="sum")
        # By a factor of one: its gradient is A * dL/dA.
        products = torch.autograd.grad(loss, adapters)
        return [product.sum(1).abs() for product in products], logits[:, -1].detach()


class Forward(GPT2):
    @torch.no_grad()
    def logits(self, tokens):
        x = self.embed(tokens)
        for layer in self.layers:
            normed = layer["norm1"].forward(x)[0]
            parts = self.query_key_value(layer, normed, tokens.shape[1])
            mixed = F.scaled_dot_product_attention(*parts, is_causal=True)
            x = x + layer["merge"].forward(self.join(mixed))
            inner = layer["up"].forward(layer["norm2"].forward(x)[0])
            x = x + layer["down"].forward(F.gelu(inner, approximate="tanh"))
        return self.final.forward(x[:, -1])[0] @ self.tokens.mT


class Manual(GPT2):
    @torch.no_grad()
    def saliency(self, tokens, answers):
        x, saved = self.embed(tokens), []
        for layer in self.layers:
            queries = 1 if layer is self.layers[-1] else tokens.shape[1]
            x, kept = self.forward(layer, x, queries)
            saved.append(kept)
        last, final = self.final.forward(x[:, -1])
        rows = self.tokens[LABELS]
        slope = torch.softmax(last @ rows.mT, dim=-1) - F.one_hot(answers, len(LABELS))
        logits = last @ self.tokens.mT
        g = self.final.backward(slope @ rows, final)[:, None]
        found = []
        for layer in reversed(self.layers):
            product, g = self.backward(layer, g, saved.pop(), lowest=layer is self.layers[0])
            found.append(self.whole(product.sum(1).abs(), tokens.shape[1]))
        return found[::-1], logits

    def forward(self, layer, x, queries):
        """One block for the last `queries` positions, and what its backward needs."""
        normed, norm1 = layer["norm1"].forward(x)
        query, key, value = self.query_key_value(layer, normed, queries)
        attention = self.attend(query, key)
        x = x[:, -queries:] + layer["merge"].forward(self.join(torch.matmul(attention, value)))
        normed, norm2 = layer["norm2"].forward(x)
        inner = layer["up"].forward(normed)
        out = x + layer["down"].forward(F.gelu(inner, approximate="tanh"))
        return out, (norm1, query, key, value, attention, norm2, inner)

    def backward(self, layer, g, saved, lowest):
        """A * dL/dA of one block, and the gradient of its input unless it is the lowest."""
        norm1, query, key, value, attention, norm2, inner = saved
        inner_g = aten.gelu_backward(layer["down"].backward(g), inner, approximate="tanh")
        g = g + layer["norm2"].backward(layer["up"].backward(inner_g), norm2)
        head_g = self.split(layer["merge"].backward(g))
        product = torch.matmul(head_g, value.mT) * attention
        if lowest:
            return product, None
        scores_g = product - attention * product.sum(-1, keepdim=True)
        query_g = self.join(torch.matmul(scores_g, key) * self.scale)
        key_g = self.join(torch.matmul(scores_g.mT, query) * self.scale)
        value_g = self.join(torch.matmul(attention.mT, head_g))
        if "qkv" in layer:
            normed_g = layer["qkv"].backward(torch.cat([query_g, key_g, value_g], dim=-1))
            return product, g + layer["norm1"].backward(normed_g, norm1)
        normed_g = layer["kv"].backward(torch.cat([key_g, value_g], dim=-1))
        normed_g[:, -1:] += layer["q"].backward(query_g)
        x_g = layer["norm1"].backward(normed_g, norm1)
        x_g[:, -1:] += g
        return product, x_g

    @staticmethod
    def whole(rows, length):
        """(B, T, T) from its last rows; those above are exactly zero."""
        return F.pad(rows, (0, 0, length - rows.shape[1], 0))


class Loop(GPT2):
    """An experiment over prompts, one after the other, as the paper's code goes through them."""

    LAYERS = 5

    @torch.no_grad()
    def forward(self, tokens, isolated=()):
        """Logits of the last position, and its attention (H, T) in every layer."""
        x, seen = self.embed(tokens[None]), []
        for index, layer in enumerate(self.layers):
            normed = layer["norm1"].forward(x)[0]
            query, key, value = self.query_key_value(layer, normed, tokens.shape[0])
            scores = torch.matmul(query * self.scale, key.mT) + future_mask(tokens.shape[0])
            if index < self.LAYERS:
                for row in isolated:
                    scores[..., row, :row] = -1e4
            attention = torch.softmax(scores, dim=-1)
            seen.append(attention[0, :, -1])
            x = x + layer["merge"].forward(self.join(torch.matmul(attention, value)))
            inner = layer["up"].forward(layer["norm2"].forward(x)[0])
            x = x + layer["down"].forward(F.gelu(inner, approximate="tanh"))
        return self.final.forward(x[:, -1])[0] @ self.tokens.mT, seen

    def experiment(self, tokens, rows):
        raise NotImplementedError


class IsolateLoop(Loop):
    def experiment(self, tokens, rows):
        """The label and word loyalty (k = 5) of all prompts."""
        labels, words = 0, 0.0
        for prompt in tokens:
            before, after = self.forward(prompt)[0][0], self.forward(prompt, rows)[0][0]
            labels += int(before[LABELS].argmax() == after[LABELS].argmax())
            a, b = (set(logits.topk(5).indices.tolist()) for logits in (before, after))
            words += len(a & b) / len(a | b)
        return labels / len(tokens), words / len(tokens)


class AttentionLoop(Loop):
    def experiment(self, tokens, rows):
        """The attention to each label word, (prompts, layers, labels), and the answers."""
        found = [self.forward(prompt) for prompt in tokens]
        scores = torch.stack([torch.stack([a[:, rows].sum(0) for a in seen]) for _, seen in found])
        return scores, [int(logits[0, LABELS].argmax()) for logits, _ in found]


VARIANTS = {
    "adapter": (Adapter, Addmm),
    "autograd": (Autograd, Addmm),
    "manual-mm": (Manual, Addmm),
    "manual-onednn": (Manual, Prepacked),
    "sdpa": (Forward, Addmm),
    "isolate-loop": (IsolateLoop, Addmm),
    "attention-loop": (AttentionLoop, Addmm),
}


# -- measuring

class Opponents:
    """The variants of one checkpoint, made when first asked for."""

    def __init__(self, folder: Path):
        self.folder, self.models, self.warm = folder, {}, set()

    def model(self, variant):
        if variant not in self.models:
            kind, linear = VARIANTS[variant]
            self.models[variant] = kind(self.folder, linear)
        return self.models[variant]

    def prompts(self, length, batch):
        generator = torch.Generator().manual_seed(length)
        tokens = torch.randint(50000, (batch, length), generator=generator)
        return tokens, torch.arange(batch) % len(LABELS)

    @staticmethod
    def run(model, tokens, answers):
        if isinstance(model, Loop):
            # Demonstrations with a label word each, the same for all prompts, before a query.
            length = tokens.shape[1]
            shared, rows = length * 3 // 4, [length // 3, length * 2 // 3]
            tokens = torch.cat([tokens[:1, :shared].expand(len(tokens), -1), tokens[:, shared:]], 1)
            tokens[:, rows] = LABELS
            return model.experiment(tokens, rows)
        return model.logits(tokens) if isinstance(model, Forward) else model.saliency(tokens, answers)

    def seconds(self, variant, length, batch) -> float:
        model, prompts = self.model(variant), self.prompts(length, batch)
        shape = (variant, length, batch)
        for _ in range(0 if shape in self.warm else WARM_UPS):
            self.run(model, *prompts)
        self.warm.add(shape)
        start = time.perf_counter()
        self.run(model, *prompts)
        return time.perf_counter() - start


def check(opponents: Opponents) -> None:
    """All agree with autograd: saliency to 1e-4 of each layer's largest entry, and the logits."""
    prompts = opponents.prompts(length=64, batch=3)
    expected, logits = opponents.model("autograd").saliency(*prompts)
    for variant in VARIANTS:
        model = opponents.model(variant)
        if isinstance(model, Loop):
            answers = torch.cat([model.forward(prompt)[0] for prompt in prompts[0]])
            found, other = expected, answers
        elif isinstance(model, Forward):
            found, other = expected, model.logits(prompts[0])
        else:
            found, other = model.saliency(*prompts)
        worst = max(((a - b).abs().max() / b.abs().max()).item() for a, b in zip(found, expected))
        apart = (other - logits).abs().max().item()
        print(f"{variant:14} saliency {worst:.1e} of the largest, logits {apart:.1e}")
        assert worst < 1e-4 and apart < 1e-4


def serve(opponents: Opponents) -> None:
    for line in sys.stdin:
        request = json.loads(line)
        seconds = opponents.seconds(request["variant"], request["length"], request["batch"])
        answer = {"seconds": seconds, "threads": torch.get_num_threads(),
                  "core": torch.backends.cpu.get_cpu_capability(), "torch": torch.__version__}
        print(json.dumps(answer), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--threads", type=int, help="default: PyTorch's own choice")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--serve", action="store_true")
    mode.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    (serve if arguments.serve else check)(Opponents(arguments.checkpoint))


if __name__ == "__main__":
    main()
