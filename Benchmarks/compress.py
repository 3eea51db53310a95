"""How much faster a query is behind cached label words and template than behind whole demonstrations.

    python compress.py --ours PROGRAM FOLDER

FOLDER is a checkpoint of GPT-2's kind made by make_checkpoint.py; PROGRAM is saliency-benchmark. One
query at a time; whole prompts and compressed ones, ours and PyTorch's, in turns; medians. Caching the
demonstrations is not counted. Lengths are those of the paper's prompts with GPT-2's tokens: means over
the demonstrations of seeds 42 to 46, one a class, and over the queries of the test rows.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from compare import Contestant, machine
from opponent import Forward

# Tokens of the demonstrations, those kept of them, and of the query; then the paper's speed-up with
# GPT-2 XL and GPT-J ("Label Words are Anchors", tables 3 and 6), on a GPU.
DATA_SETS = {
    "sst2": ((48, 16, 30), (1.1, 1.5)), "trec": ((116, 50, 14), (1.5, 2.2)),
    "agnews": ((240, 28, 56), (2.5, 2.9)), "emoc": ((105, 32, 22), (1.4, 1.9))}
WARM_UPS = 2


class Compressed(Forward):
    """PyTorch's fused attention over cached keys and values and the query's own."""

    @torch.no_grad()
    def cache(self, tokens, kept):
        """Keys and values, each (1, H, K, d), of some positions, layer by layer."""
        x, found = self.embed(tokens), []
        for layer in self.layers:
            normed = layer["norm1"].forward(x)[0]
            parts = self.query_key_value(layer, normed, tokens.shape[1])
            found.append([part[:, :, kept].contiguous() for part in parts[1:]])
            mixed = F.scaled_dot_product_attention(*parts, is_causal=True)
            x = self.rest(layer, x, mixed)
        return found

    @torch.no_grad()
    def behind(self, cache, tokens, start):
        length, cached = tokens.shape[1], cache[0][0].shape[2]
        x = F.embedding(tokens, self.tokens) + self.positions[start:start + length]
        seen = torch.ones(length, cached + length, dtype=torch.bool).tril(cached)
        for layer, (keys, values) in zip(self.layers, cache):
            normed = layer["norm1"].forward(x)[0]
            query, key, value = self.query_key_value(layer, normed, length)
            key, value = torch.cat([keys, key], dim=2), torch.cat([values, value], dim=2)
            x = self.rest(layer, x, F.scaled_dot_product_attention(query, key, value, attn_mask=seen))
        return self.final.forward(x[:, -1])[0] @ self.tokens.mT

    def rest(self, layer, x, mixed):
        x = x + layer["merge"].forward(self.join(mixed))
        inner = layer["up"].forward(layer["norm2"].forward(x)[0])
        return x + layer["down"].forward(F.gelu(inner, approximate="tanh"))


class Opponent:
    """PyTorch's side of one data set."""

    def __init__(self, model: Compressed, lengths):
        demonstrations, kept, query = lengths
        tokens = (torch.arange(demonstrations + query) * 7919 + 13) % 50257
        self.model, self.start = model, demonstrations
        self.tokens, self.query = tokens[None], tokens[None, demonstrations:]
        every = model.cache(self.tokens, torch.arange(demonstrations))
        apart = model.behind(every, self.query, demonstrations) - model.logits(self.tokens)
        assert apart.abs().max() < 1e-3, "all demonstrations cached must be the whole prompt"
        # As ours: positions evenly spread, the last one among them.
        positions = torch.tensor([demonstrations - 1 - i * demonstrations // kept for i in range(kept)])
        self.cached = model.cache(self.tokens, positions.flip(0))

    def seconds(self, whole: bool) -> float:
        start = time.perf_counter()
        if whole:
            self.model.logits(self.tokens)
        else:
            self.model.behind(self.cached, self.query, self.start)
        return time.perf_counter() - start


def measure(ours: Contestant, model: Compressed, lengths, runs: int) -> dict[str, float]:
    """Median milliseconds of each side's whole and compressed prompts."""
    opponent = Opponent(model, lengths)
    request = dict(zip(("demonstrations", "kept", "length"), lengths), task="compress")
    times = {name: [] for name in ("ours", "ours whole", "PyTorch", "PyTorch whole")}
    for run in range(-WARM_UPS, runs):
        answer = ours.ask(request)
        found = {"ours": answer["seconds"], "ours whole": answer["whole"],
                 "PyTorch": opponent.seconds(False), "PyTorch whole": opponent.seconds(True)}
        for name, seconds in found.items():
            if run >= 0:
                times[name].append(seconds)
    return {name: 1000 * statistics.median(values) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ours", metavar="PROGRAM", required=True)
    parser.add_argument("--runs", type=int, default=15)
    arguments = parser.parse_args()
    model = Compressed(arguments.folder)
    ours = Contestant([arguments.ours, str(arguments.folder)])
    print(f"{machine()}; {arguments.folder.name}, milliseconds a query, medians of {arguments.runs} in turn")
    print(f"{'':8}{'tokens':>14}{'ours':>22}{'':>8}{'PyTorch':>22}{'':>8}{'its time':>10}{'paper':>14}")
    print(f"{'':8}{'kept + query':>14}{'whole':>11}{'compressed':>11}{'times':>8}"
          f"{'whole':>11}{'compressed':>11}{'times':>8}{'by ours':>10}{'XL':>7}{'GPT-J':>7}")
    for name, (lengths, paper) in DATA_SETS.items():
        found = measure(ours, model, lengths, arguments.runs)
        cells = f"{name:8}{f'{lengths[1]}/{lengths[0]} + {lengths[2]}':>14}"
        for side in ("ours", "PyTorch"):
            whole, short = found[f"{side} whole"], found[side]
            cells += f"{whole:>11.1f}{short:>11.1f}{whole / short:>8.1f}"
        print(cells + f"{found['PyTorch'] / found['ours']:>10.2f}{paper[0]:>7}{paper[1]:>7}", flush=True)
    ours.close()


if __name__ == "__main__":
    sys.exit(main())
