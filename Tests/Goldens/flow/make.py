"""Makes the goldens of the information-flow analyses: `python make.py`, here.

Written from the definitions alone, on `transformers` in float64; README.md gives the definitions.
"""

import json
import math
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from transformers import GPT2LMHeadModel

HERE = Path(__file__).parent
CHECKPOINT = "../gpt2/checkpoints/deep"
RUNS, PROMPTS = 2, 16  # of each experiment: seeds, and prompts a seed
SEPARATION = 1e-5  # the least distance of two scores that an AUC ranks against each other
DIGITS = 12


# -- the analyses of one prompt

def capture(model, prompt: dict, label_tokens: list[int]):
    """Label logits (C), attention (L, H, T, T) and the saliency |sum_h A * dL/dA| (L, T, T)."""
    out = model(torch.tensor([prompt["tokens"]]), output_attentions=True)
    logits = out.logits[0, prompt["target"], label_tokens]
    loss = torch.nn.functional.cross_entropy(logits[None], torch.tensor([prompt["answer"]]))
    gradients = torch.autograd.grad(loss, out.attentions)
    attention = torch.cat(out.attentions).detach()
    saliency = (attention * torch.cat(gradients)).sum(1).abs()
    return logits.detach().numpy(), attention.numpy(), saliency.numpy()


def flows(matrix: np.ndarray, label_positions: list[list[int]], target: int) -> dict:
    """The means of one layer's saliency (T, T): text to label, label to target, and the rest.

    None where there is no pair to take a mean of.
    """
    labels = [p for positions in label_positions for p in positions]
    to_label = [(p, j) for p in labels for j in range(p)]
    to_target = [(target, p) for p in labels]
    every = [(i, j) for i in range(target + 1) for j in range(i)]
    rest = set(every) - set(to_label) - set(to_target)

    def mean(pairs):
        return math.fsum(matrix[i, j] for i, j in sorted(pairs)) / len(pairs) if pairs else None

    return {"wp": mean(to_label), "pq": mean(to_target), "ww": mean(rest)}


def label_attention(attention: np.ndarray, label_positions, target: int) -> np.ndarray:
    """a_l(c), (L, C): attention from the target to class c's labels, summed over heads."""
    row = attention[:, :, target].sum(1)
    return np.stack([row[:, positions].sum(1) for positions in label_positions], axis=1)


# -- over prompts

def auc(scores: np.ndarray, predicted: np.ndarray) -> float | None:
    """AUCROC of scores (N, C) against predicted classes (N); None if only one class occurs."""
    present = np.unique(predicted)
    if len(present) < 2:
        return None
    if len(present) == 2:
        return roc_auc_score(predicted == present[1], scores[:, present[1]])
    kept = scores[:, present]
    return roc_auc_score(
        predicted, kept / kept.sum(1, keepdims=True), multi_class="ovo", average="macro"
    )


def cumulative_share(curve: list[float]) -> list[float]:
    """R_l: the part of the whole excess over chance that layers 0 ... l make up."""
    excess = np.array(curve) - 0.5
    return list(np.cumsum(excess) / excess.sum())


def relative(means: dict) -> dict:
    """Each layer's three means divided by their sum."""
    total = np.sum([means[key] for key in ("wp", "pq", "ww")], axis=0)
    return {key: list(means[key] / total) for key in ("wp", "pq", "ww")}


def separated(scores: np.ndarray, predicted: np.ndarray) -> bool:
    """Whether Float32 must rank these scores as float64 does."""
    present = np.unique(predicted)
    kept = scores[:, present] if len(present) > 2 else scores[:, present[-1:]]
    kept = kept / kept.sum(1, keepdims=True) if len(present) > 2 else kept
    return np.diff(np.sort(kept, axis=0), axis=0).min() > SEPARATION


# -- experiments on the tiny model

def random_prompt(rng, vocabulary: int, label_tokens: list[int], shots: int) -> dict:
    """Random tokens with each label `shots` times at random places before the last position."""
    length = int(rng.integers(20, 49))
    others = np.setdiff1d(np.arange(vocabulary), label_tokens)
    tokens = rng.choice(others, length)
    places = rng.choice(length - 1, (len(label_tokens), shots), replace=False)
    for token, positions in zip(label_tokens, places):
        tokens[positions] = token
    return {
        "tokens": tokens.tolist(),
        "label_positions": [sorted(positions.tolist()) for positions in places],
        "target": length - 1,
        "answer": int(rng.integers(len(label_tokens))),
    }


def experiment(model, name: str, classes: int, shots: int, seed: int) -> dict:
    rng = np.random.default_rng(seed)
    vocabulary = model.config.vocab_size
    label_tokens = rng.choice(vocabulary, classes, replace=False).tolist()
    runs = [run(model, rng, vocabulary, label_tokens, shots) for _ in range(RUNS)]
    curve = list(np.mean([r["auc"] for r in runs], axis=0))
    shares = [relative(r["mean"]) for r in runs]
    return {
        "name": name, "label_tokens": label_tokens, "shots": shots, "runs": runs,
        "relative": {key: list(np.mean([s[key] for s in shares], axis=0)) for key in shares[0]},
        "auc": curve, "r": cumulative_share(curve),
    }


def run(model, rng, vocabulary: int, label_tokens: list[int], shots: int) -> dict:
    """One seed's prompts, and what is made of all of them."""
    prompts = [random_prompt(rng, vocabulary, label_tokens, shots) for _ in range(PROMPTS)]
    for prompt in prompts:
        logits, attention, saliency = capture(model, prompt, label_tokens)
        layers = [flows(m, prompt["label_positions"], prompt["target"]) for m in saliency]
        probabilities = np.exp(logits - logits.max())
        prompt["label_logits"] = logits
        prompt["probabilities"] = probabilities / probabilities.sum()
        prompt["predicted"] = int(logits.argmax())
        prompt |= {key: [layer[key] for layer in layers] for key in ("wp", "pq", "ww")}
        prompt["label_attention"] = label_attention(
            attention, prompt["label_positions"], prompt["target"])
    mean = {key: np.mean([p[key] for p in prompts], axis=0) for key in ("wp", "pq", "ww")}
    predicted = np.array([p["predicted"] for p in prompts])
    scores = np.stack([p["label_attention"] for p in prompts], axis=1)  # (L, N, C)
    assert all(separated(layer, predicted) for layer in scores), "choose another seed"
    curve = [auc(layer, predicted) for layer in scores]
    return {
        "prompts": prompts, "mean": mean, "relative": relative(mean),
        "auc": curve, "r": cumulative_share(curve),
    }


# -- small cases that need no model

def auc_cases() -> list[dict]:
    """Scores are multiples of 1/8, so that sums are exact and ties are ties in any order."""
    rng = np.random.default_rng(7)
    cases = []
    for classes in (2, 3, 6):
        for ties, highest in (("few ties", 4096), ("many ties", 5)):
            scores = rng.integers(1, highest, (40, classes)) / 8
            cases.append((f"{classes} classes, {ties}", scores, rng.integers(0, classes, 40)))
    scores = rng.integers(1, 40, (30, 6)) / 8
    for kept in ([0, 2, 5], [1, 4], [3, 5], [2]):
        name = f"6 classes, only {kept} occur"
        cases.append((name, scores, rng.choice(kept, 30)))
    cases.append(("3 classes, one occurs once", scores[:, :3], np.array([2] + [0, 1] * 14 + [0])))
    cases.append(("2 classes, all scores equal", np.ones((6, 2)), np.array([0, 1] * 3)))
    cases.append(("2 classes, perfect", np.eye(2)[[0, 1, 1, 0]], np.array([0, 1, 1, 0])))
    cases.append(("2 classes, perfectly wrong", np.eye(2)[[1, 0, 0, 1]], np.array([0, 1, 1, 0])))
    return [
        {"name": name, "scores": s, "y_true": y, "auc": auc(s, y)} for name, s, y in cases
    ]


def flow_cases() -> list[dict]:
    """Saliency matrices of one layer, given outright; a diagonal stands in them to be ignored."""
    rng = np.random.default_rng(11)
    ramp = np.array([[0.1 * (i + 1) + 0.01 * j for j in range(8)] for i in range(8)])
    cases = [("a ramp", np.tril(ramp), [[2], [5]], 7)]
    for name, length, positions, target in [
        ("neighbours", 9, [[3], [4]], 8),
        ("a label at the very start", 7, [[0], [4]], 6),
        ("a label just before the target", 7, [[5], [2]], 6),
        ("two shots", 12, [[1, 7], [4, 9]], 11),
        ("a class without labels", 8, [[2], [], [5]], 7),
        ("no labels", 5, [[], []], 4),
        ("only a label at the start", 4, [[0]], 3),
        ("no other pair", 2, [[0]], 1),
        ("padding after the target", 10, [[2], [4]], 6),
    ]:
        matrix = np.tril(rng.random((length, length)).round(3))
        matrix[target + 1:] = 0
        cases.append((name, matrix, positions, target))
    return [
        {"name": name, "matrix": m, "label_positions": positions, "target": target}
        | flows(m, positions, target)
        for name, m, positions, target in cases
    ]


# -- writing

def plain(value, digits=DIGITS):
    """`value` as JSON holds it: arrays as lists, numbers to so many significant digits."""
    if isinstance(value, dict):
        return {key: plain(item, digits) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item, digits) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{digits}g}")
    return value.item() if isinstance(value, np.generic) else value


def write(name: str, document: dict) -> None:
    made_with = {p: version(p) for p in ("torch", "transformers", "numpy", "scikit-learn")}
    text = json.dumps(plain({"made_with": made_with} | document))
    (HERE / name).write_text(text + "\n")


def main() -> None:
    torch.set_num_threads(1)
    model = GPT2LMHeadModel.from_pretrained(
        HERE / CHECKPOINT, attn_implementation="eager", dtype=torch.float64).eval()
    experiments = [
        experiment(model, "two classes", classes=2, shots=1, seed=12),
        experiment(model, "three classes, two shots", classes=3, shots=2, seed=4),
        experiment(model, "six classes", classes=6, shots=1, seed=20),
    ]
    for e in experiments:
        occur = [sorted({p["predicted"] for p in r["prompts"]}) for r in e["runs"]]
        print(e["name"], "predicted:", occur, "auc:", np.round(e["auc"], 3))
    write("experiments.json", {"checkpoint": CHECKPOINT, "experiments": experiments})
    write("auc.json", {"cases": auc_cases()})
    write("flows.json", {"cases": flow_cases()})


if __name__ == "__main__":
    main()
