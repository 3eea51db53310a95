"""Makes the goldens of confusion and calibration: `python make.py`, here.

Written from the definitions alone, on `transformers` in float64; README.md gives the definitions.
"""

import json
import sys
import zlib
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.metrics import confusion_matrix, f1_score, recall_score, roc_auc_score
from transformers import AutoModelForCausalLM
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "flow"))

from make import plain  # noqa: E402  of flow

ROWS = HERE / "../../../Sources/InContext/Resources/datasets/trec"
CHECKPOINTS = ["../gpt2/checkpoints/deep", "../families/checkpoints/llama"]
CLASSES = ["Abbreviation", "Entity", "Description", "Person", "Location", "Number"]
SEED, POOL, ANSWERED, QUERIED = 42, 16, 50, 40
COMPONENTS = 10
WORDS = 4  # of a text: six demonstrations have to fit into 64 positions
SEPARATION = 1e-6  # the least distance of two scores that an AUC ranks against each other


# -- rows

def rows(split: str) -> list[dict]:
    lines = (ROWS / f"{split}.jsonl").read_text().splitlines()
    return [row | {"label": CLASSES.index(row["label"])} for row in map(json.loads, lines)]


def demonstrations(train: list[dict]) -> list[list[int]]:
    """The first POOL rows of each class in the order of NumPy's legacy shuffle."""
    order = list(range(len(train)))
    np.random.RandomState(SEED).shuffle(order)
    classes = [[] for _ in CLASSES]
    for row in order:
        members = classes[train[row]["label"]]
        if len(members) < POOL:
            members.append(row)
    return classes


def tokens_of(text: str, vocabulary: int) -> list[int]:
    """Words as numbers below those of labels, colon and newline."""
    return [zlib.crc32(w.encode()) % (vocabulary - 8) for w in text.split()[:WORDS]]


def prompt(examples: list[dict], query: str, vocabulary: int) -> list[int]:
    newline, colon, label = vocabulary - 8, vocabulary - 7, vocabulary - 6
    tokens = []
    for example in examples:
        tokens += tokens_of(example["text"], vocabulary) + [colon, label + example["label"], newline]
    return tokens + tokens_of(query, vocabulary) + [colon]


# -- the model

def states(model, tokens: list[int], layer: int):
    """Logits at the last position; queries and keys (H, T, d) of a layer as they meet."""
    config, kept = model.config, {}

    def keep(name):
        return lambda module, inputs, output: kept.update({name: output[0].detach()})

    if config.model_type == "gpt2":
        hooks = [model.transformer.h[layer].attn.c_attn.register_forward_hook(keep("all"))]
    else:
        attention = model.model.layers[layer].self_attn
        hooks = [
            attention.q_proj.register_forward_hook(keep("q")),
            attention.k_proj.register_forward_hook(keep("k")),
            model.model.rotary_emb.register_forward_hook(
                lambda module, inputs, output: kept.update(turn=[part.detach() for part in output])),
        ]
    with torch.no_grad():
        logits = model(torch.tensor([tokens])).logits[0, -1].numpy()
    for hook in hooks:
        hook.remove()
    heads = config.num_attention_heads
    if config.model_type == "gpt2":
        q, k, _ = kept["all"].split(config.n_embd, dim=1)
        q, k = (part.reshape(len(tokens), heads, -1).transpose(0, 1) for part in (q, k))
    else:
        q, k = (
            kept[name].reshape(len(tokens), count, -1).transpose(0, 1)[None]
            for name, count in (("q", heads), ("k", config.num_key_value_heads)))
        q, k = (part[0] for part in apply_rotary_pos_emb(q, k, *kept["turn"]))
        k = k.repeat_interleave(heads // len(k), dim=0)
    return logits, q.numpy(), k.numpy()


# -- the experiment

def experiment(folder: str, train: list[dict], test: list[dict], pool: list[list[int]]) -> dict:
    model = AutoModelForCausalLM.from_pretrained(
        HERE / folder, attn_implementation="eager", dtype=torch.float64).eval()
    vocabulary, layers = model.config.vocab_size, model.config.num_hidden_layers
    layer = layers * 2 // 3
    labels = list(range(vocabulary - 6, vocabulary))
    order = np.random.default_rng(SEED).permutation(len(test))[:ANSWERED]

    first = [train[members[0]] for members in pool]
    answered = [prompt(first, test[row]["text"], vocabulary) for row in order]
    gold = np.array([test[row]["label"] for row in order])
    queried = [
        prompt([train[members[i % POOL]] for members in pool], test[i]["text"], vocabulary)
        for i in range(QUERIED)]
    content_free = [prompt(first, text, vocabulary) for text in ("N/A", "[MASK]", "")]

    logits = np.stack([states(model, p, layer)[0][labels] for p in answered])
    probabilities = softmax(logits)
    queries = np.stack([states(model, p, layer)[1][:, -1].reshape(-1) for p in queried])
    _, _, k = states(model, answered[0], layer)
    keys = np.stack([k[:, answered[0].index(label)].reshape(-1) for label in labels])

    bias = softmax(np.stack([states(model, p, layer)[0][labels] for p in content_free])).mean(0)
    calibrated = probabilities @ np.diag(1 / bias)
    calibrated /= calibrated.sum(1, keepdims=True)
    return {
        "checkpoint": folder, "label_tokens": labels, "layer": layer, "components": COMPONENTS,
        "answered": [{"tokens": p, "answer": g} for p, g in zip(answered, gold)],
        "queried": queried, "content_free": content_free,
        **confusion(keys, queries, probabilities, gold),
        "plain": scores(probabilities, gold),
        "bias": bias, "calibrated": scores(calibrated, gold),
    }


def softmax(logits: np.ndarray) -> np.ndarray:
    shares = np.exp(logits - logits.max(1, keepdims=True))
    return shares / shares.sum(1, keepdims=True)


def confusion(keys, queries, probabilities, gold) -> dict:
    pca = PCA(COMPONENTS, svd_solver="full").fit(queries)
    projected = keys @ pca.components_.T * np.sqrt(pca.explained_variance_)
    distances = np.linalg.norm(projected[:, None] - projected[None], axis=2)
    predicted = distances / distances.max()
    np.fill_diagonal(predicted, 1)
    count = len(keys)
    auc = np.ones((count, count))
    for i in range(count):
        for j in range(count):
            if i != j:
                rows = np.isin(gold, [i, j])
                score = probabilities[rows, i] / probabilities[rows, j]
                steps = np.diff(np.sort(score))  # rows whose first words are the same are equal
                assert steps[steps > 0].min() > SEPARATION, "choose other rows"
                auc[i, j] = roc_auc_score(gold[rows] == i, score)
    upper = np.triu_indices(count, 1)
    return {
        "predicted": predicted, "auc": auc,
        "correlation": spearmanr(predicted[upper], auc[upper]).statistic,
        "shares": pca.explained_variance_ratio_,
    }


def scores(probabilities: np.ndarray, gold: np.ndarray) -> dict:
    answers = probabilities.argmax(1)
    best = np.sort(probabilities, axis=1)
    assert (best[:, -1] - best[:, -2]).min() > SEPARATION, "choose other rows"
    classes = range(len(CLASSES))
    return {
        "probabilities": probabilities, "accuracy": np.mean(answers == gold),
        "recall": recall_score(gold, answers, labels=classes, average=None),
        "macro_f1": f1_score(gold, answers, average="macro"),
        "confusion": confusion_matrix(gold, answers, labels=classes),
    }


def main() -> None:
    torch.set_num_threads(1)
    train, test = rows("train"), rows("test")
    pool = demonstrations(train)
    order = np.random.default_rng(SEED).permutation(len(test))[:ANSWERED]
    experiments = [experiment(folder, train, test, pool) for folder in CHECKPOINTS]
    for e in experiments:
        print(e["checkpoint"], "correlation", round(e["correlation"], 3), "accuracy",
              e["plain"]["accuracy"], "calibrated", e["calibrated"]["accuracy"])
    packages = ("torch", "transformers", "numpy", "scikit-learn", "scipy")
    document = {
        "made_with": {p: version(p) for p in packages},
        "draw": {"seed": SEED, "pool": POOL, "demonstrations": pool, "rows": order},
        "experiments": experiments,
    }
    (HERE / "confusion.json").write_text(json.dumps(plain(document)) + "\n")


if __name__ == "__main__":
    main()
