"""A step of anchor re-weighting, Fathom's against PyTorch's, in turns.

    python reweighting.py --ours PROGRAM FOLDER...

FOLDERs are checkpoints made by make_checkpoint.py; PROGRAM is reweighting-benchmark. A training is ten
epochs over eight rows, one a step; the time of a step counts its share of whatever is done before.

    full     a full pass a step, attention of the last row times exp(beta), by autograd
    cached   our own trick in PyTorch: the rows are read once, then each step is one token's pass over
             cached keys and values

Neither differentiates a weight. Both sides' losses are compared before anything is measured.
"""

import functools
import json
import statistics
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from compare import OURS, Contestant, machine, options, row
from opponent import GPT2, LABELS

VARIANTS = ("full", "cached")
LENGTHS = (64, 128, 256, 512)
ROWS, EPOCHS, RATE, SEED = 8, 10, 0.01, 42
FULL_EPOCHS = 1  # every epoch of full passes takes as long as any other


class Reweighting(GPT2):
    """Learns beta (L, H, C) for the last row's attention to the label tokens."""

    def prompts(self, length):
        position = torch.arange(length)
        own = position >= length * 3 // 4
        tokens = torch.stack(
            [(position * 7919 + torch.where(own, r * 104_729, 13)) % 30_000 for r in range(ROWS)])
        places = torch.tensor([length * (i + 1) // 3 for i in range(len(LABELS))])
        tokens[:, places] = LABELS
        return tokens, places

    def block(self, layer, x, attention, value):
        x = x + layer["merge"].forward(self.join(torch.matmul(attention, value)))
        inner = layer["up"].forward(layer["norm2"].forward(x)[0])
        return x + layer["down"].forward(F.gelu(inner, approximate="tanh"))

    def factors(self, beta, places, length):
        return torch.ones(beta.shape[0], length).index_copy(1, places, beta.exp())[None, :, None]

    def full(self, tokens, places, beta):
        x = self.embed(tokens)
        for layer, weights in zip(self.layers, beta):
            normed = layer["norm1"].forward(x)[0]
            query, key, value = self.query_key_value(layer, normed, tokens.shape[1])
            attention = self.attend(query, key)
            last = attention[:, :, -1:] * self.factors(weights, places, tokens.shape[1])
            x = self.block(layer, x, torch.cat([attention[:, :, :-1], last], dim=2), value)
        return x[:, -1]

    def read(self, tokens):
        """Keys and values of all tokens but the last, a pair a layer."""
        x, cache = self.embed(tokens)[:, :-1], []
        with torch.no_grad():
            for layer in self.layers:
                normed = layer["norm1"].forward(x)[0]
                query, key, value = self.query_key_value(layer, normed, x.shape[1])
                cache.append((key, value))
                if layer is not self.layers[-1]:
                    x = self.block(layer, x, self.attend(query, key), value)
        return cache

    def cached(self, tokens, places, beta, cache):
        x = self.embed(tokens)[:, -1:]
        for layer, weights, (keys, values) in zip(self.layers, beta, cache):
            normed = layer["norm1"].forward(x)[0]
            query, key, value = self.query_key_value(layer, normed, 1)
            attention = self.attend(query, torch.cat([keys, key], dim=2))
            attention = attention * self.factors(weights, places, tokens.shape[1])
            x = self.block(layer, x, attention, torch.cat([values, value], dim=2))
        return x[:, -1]

    def train(self, variant, length, epochs):
        """Seconds a step, and the losses."""
        tokens, places = self.prompts(length)
        start = time.perf_counter()
        beta = torch.zeros(len(self.layers), self.heads, len(LABELS), requires_grad=True)
        adam = torch.optim.Adam([beta], lr=RATE)
        caches = [self.read(t[None]) for t in tokens] if variant == "cached" else None
        losses = []
        for r in (r for order in orders(epochs) for r in order):
            one = tokens[r:r + 1]
            last = (self.full(one, places, beta) if caches is None
                    else self.cached(one, places, beta, caches[r]))
            logits = self.final.forward(last)[0] @ self.tokens[LABELS].mT
            loss = F.cross_entropy(logits, torch.tensor([r % len(LABELS)]))
            adam.zero_grad()
            loss.backward()
            adam.step()
            losses.append(loss.item())
        return (time.perf_counter() - start) / len(losses), losses


@functools.lru_cache
def orders(epochs):
    """As `shuffle()` of `datasets` orders them without a seed."""
    random, order, found = np.random.RandomState(SEED), np.arange(ROWS), []
    for _ in range(epochs):
        _, state, position, *_ = random.get_state()
        seed = int(state[position % 624])
        random.random_sample()
        order = order[np.random.default_rng(seed).permutation(ROWS)]
        found.append(order.tolist())
    return found


def play(ours: Contestant, model: Reweighting, lengths, runs) -> list[dict]:
    results = []
    print(row(["tokens", OURS, *VARIANTS]))
    for length in lengths:
        request = {"length": length, "rows": ROWS, "epochs": EPOCHS}
        losses = ours.ask(request)["losses"]
        for variant in VARIANTS:
            _, theirs = model.train(variant, length, FULL_EPOCHS)
            apart = max(abs(a - b) for a, b in zip(losses, theirs))
            assert apart < 1e-3, f"{variant} differs by {apart}"
        found = {name: [] for name in (OURS, *VARIANTS)}
        for _ in range(runs):
            found[OURS].append(ours.ask(request)["seconds"])
            found["full"].append(model.train("full", length, FULL_EPOCHS)[0])
            found["cached"].append(model.train("cached", length, EPOCHS)[0])
        medians = {name: statistics.median(values) for name, values in found.items()}
        times = [f"{m:.4f}" + ("" if n == OURS else f" ({m / medians[OURS]:.1f})")
                 for n, m in medians.items()]
        print(row([length, *times]), flush=True)
        results.append({"length": length, "seconds": found})
    return results


def main() -> None:
    arguments = options(__doc__, quick="one length only, 3 runs").parse_args()
    lengths, runs = ((128,), 3) if arguments.quick else (LENGTHS, arguments.runs)
    print(f"{machine()}; medians of {runs} runs in turn")
    results = {}
    for folder in arguments.folders:
        ours = Contestant([arguments.ours, str(folder)])
        print(f"\n== {folder.name}: a step of re-weighting, seconds (times ours)")
        results[folder.name] = play(ours, Reweighting(folder), lengths, runs)
        ours.close()
    if arguments.json:
        document = {"machine": machine(), "runs": runs, "results": results}
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
