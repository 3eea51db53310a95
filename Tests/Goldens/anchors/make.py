"""Saliency, label attention and isolation on rows of SST-2, in float64: `python make.py`, here.

README.md says what is made.
"""

import importlib.util
import json
import re
import sys
import zlib
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import eager_mask

HERE = Path(__file__).parent
GOLDENS = HERE.parent
SST2 = GOLDENS.parent.parent / "Sources/InContext/Resources/datasets/sst2"
CLASSES = ["negative", "positive"]
PROMPTS = 20
MOST_WORDS = 11  # of a review: prompts must fit into 64 positions
WORDS = 5  # k of word loyalty
SEED = 42  # of the random positions
SEPARATION = 1e-4  # the least distance of two logits that are ranked against each other
MASKED = -1e4  # what the paper's code writes over scores


def load_module(name: str, place: Path):
    sys.path[:0] = [str(place.parent), str(GOLDENS / "gpt2")]
    spec = importlib.util.spec_from_file_location(name, place)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


families = load_module("families", GOLDENS / "families" / "make.py")
flow = load_module("flow", GOLDENS / "flow" / "make.py")


# -- prompts

def rows(split: str) -> list[dict]:
    lines = (SST2 / f"{split}.jsonl").read_text().splitlines()
    every = map(json.loads, lines)
    return [row for row in every if len(row["text"].split()) <= MOST_WORDS]


def word_token(word: str, vocabulary: int, labels: list[int]) -> int:
    """A token for any word, none of a label's: the tiny vocabularies have no words."""
    others = [token for token in range(vocabulary) if token not in labels]
    return others[zlib.crc32(word.encode()) % len(others)]


def written(text: str, label: str | None) -> list[str]:
    ending = ["Sent", "iment", ":"] + ([f" {label}", "\n"] if label else [])
    return ["Review", ":", *text.split(), "\n", *ending]


def prompts(vocabulary: int, labels: list[int]) -> list[dict]:
    """One demonstration a class, the same for all, before rows of the test split."""
    train = rows("train")
    shown = [next(row for row in train if row["label"] == name) for name in CLASSES]
    start = [word for row in shown for word in written(row["text"], row["label"])]
    token_of_label = {f" {name}": token for name, token in zip(CLASSES, labels)}
    made = []
    for row in rows("test")[:PROMPTS]:
        words = start + written(row["text"], None)
        tokens = [token_of_label.get(w, word_token(w, vocabulary, labels)) for w in words]
        made.append({
            "tokens": tokens, "target": len(tokens) - 1, "answer": CLASSES.index(row["label"]),
            "label_positions": [[i for i, t in enumerate(tokens) if t == label]
                                for label in labels]})
    return made


# -- the model with rows of attention isolated

current = {"rows": {}, "exact": False}


def isolating_attention(module, query, key, value, attention_mask, scaling=None, **_):
    """Row p of a chosen layer: the scores of keys 0 ... p - 1 are overwritten before softmax, or the
    attention to them is set to zero after it."""
    groups = query.shape[1] // key.shape[1]
    key, value = (x.repeat_interleave(groups, dim=1) for x in (key, value))
    scores = query @ key.mT * (scaling if scaling is not None else query.shape[-1] ** -0.5)
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    scores = scores.masked_fill(future, -torch.inf)
    isolated = torch.zeros(scores.shape[-2:], dtype=torch.bool)
    for row in current["rows"].get(module.layer_idx, []):
        isolated[row, :row] = True
    if not current["exact"]:
        scores = scores.masked_fill(isolated, MASKED)
    attention = torch.softmax(scores, dim=-1)
    if current["exact"]:
        attention = attention.masked_fill(isolated, 0)
    module.seen = attention
    return (attention @ value).transpose(1, 2).contiguous(), attention


AttentionInterface.register("isolating", isolating_attention)
AttentionMaskInterface.register("isolating", eager_mask)


def run(model, tokens: list[int], rows=None, exact=False):
    """Logits at the last position (V), and each layer's attention (H, T, T)."""
    current.update(rows=rows or {}, exact=exact)
    with families.everything_is_float64():
        logits = model(torch.tensor([tokens]), use_cache=False).logits[0, -1]
    attention = [m.seen for m in model.modules() if hasattr(m, "seen")]
    assert len(attention) == model.config.num_hidden_layers and logits.dtype == torch.float64
    return logits, attention


# -- the experiments

def answer(logits: torch.Tensor, labels: list[int]) -> dict:
    ranked, order = logits.detach().sort(descending=True)
    assert (ranked[:WORDS] - ranked[1:WORDS + 1]).min() > SEPARATION, "logits too close"
    chosen = logits[labels].detach()
    assert (chosen[0] - chosen[1]).abs() > SEPARATION, "answers too close"
    return {"label_logits": chosen.numpy(), "predicted": int(chosen.argmax()),
            "words": order[:WORDS].tolist()}


def flows_and_attention(model, asked: list[dict], labels: list[int]) -> dict:
    """S_wp, S_pq, S_ww, AUCROC and R by layer."""
    answers, scores, means = [], [], []
    for prompt in asked:
        logits, attention = run(model, prompt["tokens"])
        answers.append(answer(logits, labels))
        loss = torch.nn.functional.cross_entropy(
            logits[labels][None], torch.tensor([prompt["answer"]]))
        gradients = torch.autograd.grad(loss, attention)
        saliency = [(a * g)[0].sum(0).abs().detach().numpy() for a, g in zip(attention, gradients)]
        layers = [flow.flows(m, prompt["label_positions"], prompt["target"]) for m in saliency]
        means.append([[layer[key] for layer in layers] for key in ("wp", "pq", "ww")])
        scores.append(flow.label_attention(
            torch.cat(attention).detach().numpy(), prompt["label_positions"], prompt["target"]))
    mean = dict(zip(("wp", "pq", "ww"), np.mean(means, axis=0)))
    predicted = np.array([a["predicted"] for a in answers])
    assert min(np.bincount(predicted, minlength=2)) >= 6, "answers too much alike"
    by_layer = np.stack(scores, axis=1)
    assert all(flow.separated(layer, predicted) for layer in by_layer), "scores too close"
    curve = [flow.auc(layer, predicted) for layer in by_layer]
    return {"answers": answers, "mean": mean, "relative": flow.relative(mean),
            "auc": curve, "r": flow.cumulative_share(curve)}


def random_positions(asked: list[dict], layers: int) -> list[list[list[int]]]:
    """For each prompt and each layer of the model as many positions as there are label words, none of
    them one, out of 0 ... target - 2."""
    generator = np.random.default_rng(SEED)
    drawn = []
    for prompt in asked:
        labels = sorted(sum(prompt["label_positions"], []))
        candidates = [i for i in range(prompt["target"] - 1) if i not in labels]
        drawn.append([
            sorted(candidates[i] for i in generator.permutation(len(candidates))[:len(labels)])
            for _ in range(layers)])
    return drawn


def isolation(model, asked, labels, reference, what: str, layers: list[int], exact: bool) -> dict:
    drawn = random_positions(asked, model.config.num_hidden_layers)
    answers = []
    for prompt, random in zip(asked, drawn):
        chosen = sorted(sum(prompt["label_positions"], []))
        rows = {layer: random[layer] if what == "random" else chosen for layer in layers}
        answers.append(answer(run(model, prompt["tokens"], rows, exact)[0], labels))
    pairs = list(zip(answers, reference))
    overlaps = {
        k: np.mean([len(set(a["words"][:k]) & set(b["words"][:k]))
                    / len(set(a["words"][:k]) | set(b["words"][:k])) for a, b in pairs])
        for k in (1, WORDS)}
    right = [a["predicted"] == p["answer"] for a, p in zip(answers, asked)]
    result = {"what": what, "layers": layers, "exact": exact, "answers": answers,
              "label_loyalty": np.mean([a["predicted"] == b["predicted"] for a, b in pairs]),
              "word_loyalty_1": overlaps[1], "word_loyalty_5": overlaps[WORDS],
              "accuracy": np.mean(right)}
    return result | ({"positions": drawn, "seed": SEED} if what == "random" else {})


CASES = {
    "../gpt2/checkpoints/deep": [
        ("label", [0, 1], False), ("label", [3, 4], False), ("label", [0, 1], True),
        ("label", [0, 1, 2, 3, 4], False), ("random", [0, 1], False), ("random", [1, 3], True)],
    "../families/checkpoints/llama": [
        ("label", [0], False), ("label", [0, 1], True), ("random", [0, 1], False)],
}


def experiment(checkpoint: str) -> dict:
    model = families.load(HERE / checkpoint, torch.float64)
    model.set_attn_implementation("isolating")
    vocabulary = model.config.vocab_size
    # Labels between which these random models do not always choose the same.
    for seed in range(400):
        labels = np.random.default_rng(seed).choice(vocabulary, 2, replace=False).tolist()
        asked = prompts(vocabulary, labels)
        try:
            found = flows_and_attention(model, asked, labels)
            cases = [isolation(model, asked, labels, found["answers"], *case)
                     for case in CASES[checkpoint]]
            assert cases[0]["label_loyalty"] < 1 and cases[0]["word_loyalty_5"] < 1
        except AssertionError:
            continue
        print(checkpoint, seed, [(c["what"], c["layers"], c["label_loyalty"],
                                  round(c["word_loyalty_5"], 3)) for c in cases],
              np.round(found["auc"], 2))
        return {"checkpoint": checkpoint, "label_tokens": labels, "prompts": asked} | found | {
            "isolations": cases}
    raise SystemExit(f"{checkpoint}: no labels found")


def compact(document) -> str:
    """JSON with a line a prompt or answer, ten digits."""
    return re.sub(r"(\}, )(?=\{)", "},\n", json.dumps(flow.plain(document, digits=10))) + "\n"


def main() -> None:
    torch.set_num_threads(1)
    made_with = {name: version(name) for name in ("torch", "transformers", "numpy", "scikit-learn")}
    (HERE / "experiments.json").write_text(compact(
        {"made_with": made_with, "experiments": [experiment(c) for c in CASES]}))


if __name__ == "__main__":
    main()
