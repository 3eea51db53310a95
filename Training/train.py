"""Trains the small model that learns in context. README.md beside this file has the phases."""

import argparse
import os
import pickle
import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from corpus import classification, lookup
from model import Config, Model, initialise

# Of the sequences, how many are plain text; of the loss, how much is the next token.
PLAIN, LANGUAGE_WEIGHT = 0.04, 0.2


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", required=True, help="as corpus.py wrote it")
    parser.add_argument("--out", required=True, help="folder for state.pt")
    parser.add_argument("--resume", help="a state.pt to go on from")
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--length", type=int, nargs="+", default=[256],
                        help="of a sequence; of several, one is drawn a step")
    parser.add_argument("--tokens", type=int, default=8192, help="a step")
    parser.add_argument("--targets", type=int, default=600, help="the most labels predicted in a step")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--final", type=float, default=0.05, help="share of the rate left at the end")
    parser.add_argument("--warmup", type=int, default=100, help="steps")
    parser.add_argument("--minutes", type=float, default=60, help="the schedule follows the clock")
    parser.add_argument("--lookups", type=float, nargs=2, default=[0.5, 0.15],
                        help="share of sequences in which items come back, at the start and the end")
    parser.add_argument("--hard", type=float, nargs=2, default=[0.0, 1.0],
                        help="how long and how inexact those items are, at the start and the end")
    parser.add_argument("--language", type=float, default=0.1, help="share of next tokens predicted")
    parser.add_argument("--probe", type=float, default=0.3, help="weight of the auxiliary probe")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--every", type=int, default=500, help="steps between two saved states")
    return parser.parse_args()


class Batch:
    """Token ids (rows, T); labels to predict and ends of texts, at positions of the flat ids."""

    def __init__(self, data, rng, rows, length, lookups, hard):
        self.ids = np.zeros((rows, length), dtype=np.int64)
        self.targets, self.ends = [], []
        for row in range(rows):
            chance = rng.random()
            if chance < PLAIN:
                at = rng.randrange(len(data.language) - length)
                self.ids[row] = data.language[at:at + length]
                continue
            looked = chance < PLAIN + lookups
            episode = (lookup(data, rng, length, hard) if looked
                       else classification(data, rng, length))
            self.ids[row, :len(episode.ids)] = episode.ids
            self.targets += [(row * length + p, t, w, looked) for p, t, w in episode.targets]
            self.ends += [(row * length + p, c) for p, c in episode.ends]


def losses(model, probe, batch, options):
    """The loss, and what the log shows of it."""
    ids = torch.from_numpy(batch.ids)
    flat, (rows, length) = ids.view(-1), ids.shape
    position, wanted, weight, looked = (torch.tensor(column) for column in zip(*batch.targets))
    following = torch.randperm(rows * length)[:int(options.language * rows * length)]
    following = following[following % length != length - 1]
    following = following[(flat[following] != 0) & (flat[following + 1] != 0)]
    with torch.autocast("cpu", torch.bfloat16):
        hidden, middle = (x.view(rows * length, -1) for x in model(ids, keep=options.layers // 2))
        logits = model.logits(hidden[torch.cat([position, following])]).float()
        n = len(position)
        label = (F.cross_entropy(logits[:n], wanted, reduction="none") * weight).sum() / weight.sum()
        language = F.cross_entropy(logits[n:], flat[following + 1])
        loss, probed = label + LANGUAGE_WEIGHT * language, torch.tensor(float("nan"))
        if options.probe and batch.ends:
            at, classes = torch.tensor(batch.ends).T
            ends = F.layer_norm(middle[at], middle.shape[1:])
            probed = F.cross_entropy(probe(ends).float(), classes)
            loss = loss + options.probe * probed
    right = (logits[:n].argmax(1) == wanted).float()
    return loss, {
        "lookup": right[looked].mean().item(), "episode": right[~looked].mean().item(),
        "label loss": label.item(), "language": language.item(), "probe": probed.item()}


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    os.makedirs(options.out, exist_ok=True)
    rng = random.Random(options.seed)
    with open(options.corpus, "rb") as file:
        data = pickle.load(file)
    config = Config(vocabulary=data.tokenizer.get_vocab_size(), layers=options.layers,
                    width=options.width, heads=options.heads, inner=4 * options.width)
    model = Model(config)
    initialise(model, options.seed)
    probe = nn.Linear(options.width, len(data.class_index))
    parameters = list(model.parameters()) + list(probe.parameters())
    print("parameters", sum(p.numel() for p in model.parameters()) / 1e6, flush=True)
    matrices = [p for b in model.blocks for p in b.parameters() if p.dim() == 2]
    others = [p for p in parameters if all(p is not m for m in matrices)]
    optimizers = [
        torch.optim.Muon(matrices, lr=options.rate, weight_decay=0.02, momentum=0.95,
                         adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)]
    step, tokens = 0, 0
    if options.resume:
        state = torch.load(options.resume)
        model.load_state_dict(state["model"])
        probe.load_state_dict(state["probe"])
        for optimizer, kept in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(kept)
        step, tokens = state["step"], state["tokens"]
        rng = random.Random(options.seed + step)
        print("resumed at step", step, flush=True)

    def save():
        path = f"{options.out}/state.pt"
        torch.save({
            "model": model.state_dict(), "probe": probe.state_dict(), "step": step, "tokens": tokens,
            "optimizers": [o.state_dict() for o in optimizers], "config": vars(config)}, path + ".new")
        os.replace(path + ".new", path)

    start, window = time.time(), {}
    while (share := (time.time() - start) / (60 * options.minutes)) < 1:
        rate = options.rate * min(1, (step + 1) / options.warmup)
        rate *= options.final + (1 - options.final) * min(1, 2.5 * (1 - share))
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
        lookups, hard = (first + (last - first) * min(1, 1.5 * share)
                         for first, last in (options.lookups, options.hard))
        length = rng.choice(options.length)
        batch = Batch(data, rng, options.tokens // length, length, lookups, hard)
        if len(batch.targets) > options.targets:
            batch.targets = rng.sample(batch.targets, options.targets)
        loss, seen = losses(model, probe, batch, options)
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
        step += 1
        tokens += batch.ids.size
        for name, value in seen.items():
            window.setdefault(name, []).append(value)
        if step % 50 == 0:
            means = " ".join(f"{name} {np.nanmean(values):.3f}" for name, values in window.items())
            print(f"step {step} {time.time() - start:.0f}s {tokens / 1e6:.2f}M rate {rate:.1e} {means}",
                  flush=True)
            window = {}
        if step % options.every == 0:
            save()
    save()
    print("done", step, tokens, flush=True)


if __name__ == "__main__":
    main()
