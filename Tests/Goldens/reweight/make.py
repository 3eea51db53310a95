"""Makes the goldens of anchor re-weighting: `python make.py`, here.

Written from section 3.1 of "Label Words are Anchors" and the description of its released experiment,
on `transformers` in float64 with one full pass a step; nothing of Fathom but its copies of the data
sets is used. README.md says what is in the files.
"""

import json
import shutil
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AttentionInterface, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "Sources/InContext/Resources/datasets"
TASKS = {
    "sst2": {
        "line": "Review: {} \nSentiment:",  # GLUE's sentences end with a blank
        "words": {"negative": " Negative", "positive": " Positive"},
    },
    "trec": {
        "line": "Question: {}\nAnswer Type:",
        "words": {c: " " + c for c in
                  ("Abbreviation", "Entity", "Description", "Person", "Location", "Number")},
    },
}
MARGIN = 1e-4  # the least distance of the two largest label logits


# -- data

def rows(task: str, split: str) -> list[tuple[str, int]]:
    classes = list(TASKS[task]["words"])
    lines = (DATA / task / f"{split}.jsonl").read_text().splitlines()
    return [(r["text"], classes.index(r["label"])) for r in map(json.loads, lines)]


def draw(train: list, classes: int, shots: int, extra: int, seed: int):
    """Demonstrations and training rows in the order in which a shuffled walk meets them."""
    walk = list(range(len(train)))
    np.random.seed(seed)
    np.random.shuffle(walk)
    counts, demonstrations, auxiliary = np.zeros(classes, int), [], []
    for index in walk:
        label = train[index][1]
        if counts[label] < shots:
            demonstrations.append(train[index])
        elif counts[label] < shots + extra:
            auxiliary.append(train[index])
        counts[label] += 1
    return demonstrations, auxiliary


def epochs(count: int, number: int, seed: int) -> list[list[int]]:
    """Orders of the training rows: `shuffle()` of `datasets` without a seed, again and again."""
    np.random.seed(seed)
    order, orders = np.arange(count), []
    for _ in range(number):
        _, state, position, *_ = np.random.get_state()
        derived = int(state[position] if position < 624 else state[0])
        np.random.random()
        order = order[np.random.default_rng(derived).permutation(count)]
        orders.append(order.tolist())
    return orders


def prompt(tokenizer, task: str, demonstrations, query):
    """Token ids, the label words' positions by class, and the gold class."""
    line, words = TASKS[task]["line"], list(TASKS[task]["words"].values())
    text, positions = "", [[] for _ in words]
    for row, label in demonstrations:
        text += line.format(row)
        positions[label].append(len(tokenizer.encode(text).ids))
        text += words[label] + "\n"
    ids = tokenizer.encode(text + line.format(query[0])).ids
    for label, places in enumerate(positions):
        first = tokenizer.encode(words[label]).ids[0]
        assert all(ids[p] == first for p in places)
    return ids, positions, query[1]


# -- the model

FACTORS = {}  # of the pass that is run: layer -> (H, T) factors of the last row's attention


def reweighted_attention(module, query, key, value, mask, scaling, dropout=0.0, **kwargs):
    """Eager causal attention; after softmax the last row is multiplied, and not normalised again."""
    groups = query.shape[1] // key.shape[1]
    key, value = (x.repeat_interleave(groups, dim=1) for x in (key, value))
    length = query.shape[2]
    future = torch.full((length, length), -torch.inf, dtype=query.dtype).triu(1)
    weights = torch.softmax(query @ key.mT * scaling + future, dim=-1)
    if module.layer_idx in FACTORS:
        above = torch.ones(1, query.shape[1], length - 1, length, dtype=query.dtype)
        weights = weights * torch.cat([above, FACTORS[module.layer_idx][None, :, None]], dim=2)
    return (weights @ value).transpose(1, 2).contiguous(), weights


AttentionInterface.register("reweighted", reweighted_attention)


def label_logits(model, ids, positions, labels, beta=None):
    """The label words' logits (C) with beta (L, heads or 1, C), if given."""
    FACTORS.clear()
    for layer in range(0 if beta is None else len(beta)):
        heads = model.config.num_attention_heads
        factors = torch.ones(heads, len(ids), dtype=torch.float64)
        for label, places in enumerate(positions):
            for place in places:
                column = torch.zeros(len(ids), dtype=torch.float64)
                column[place] = 1
                scale = torch.exp(beta[layer, :, label]).expand(heads)
                factors = factors + (scale - 1)[:, None] * column
        FACTORS[layer] = factors
    return model(torch.tensor([ids])).logits[0, -1, labels]


def learn(model, prompts, labels, orders, rate, shared):
    heads = 1 if shared else model.config.num_attention_heads
    beta = torch.zeros(
        model.config.num_hidden_layers, heads, len(labels), dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([beta], lr=rate)
    losses = []
    for order in orders:
        losses.append([])
        for row in order:
            ids, positions, gold = prompts[row]
            logits = label_logits(model, ids, positions, labels, beta)
            loss = torch.nn.functional.cross_entropy(logits[None], torch.tensor([gold]))
            adam.zero_grad()
            loss.backward()
            adam.step()
            losses[-1].append(loss.item())
    return beta.detach(), losses


def case(folder, kind, task, shots, extra, samples, number, seed, shared=False, rate=0.01) -> dict:
    model = kind.from_pretrained(
        HERE / folder, attn_implementation="reweighted", dtype=torch.float64).eval()
    model.requires_grad_(False)
    tokenizer = Tokenizer.from_file(str(HERE / folder / "tokenizer.json"))
    words = list(TASKS[task]["words"].values())
    labels = [tokenizer.encode(word).ids[0] for word in words]
    assert len(set(labels)) == len(labels)
    train, test = rows(task, "train"), rows(task, "test")
    demonstrations, auxiliary = draw(train, len(words), shots, extra, seed)
    order = np.random.default_rng(seed).permutation(len(test))[:samples]
    orders = epochs(len(auxiliary), number, seed)
    prompts = [prompt(tokenizer, task, demonstrations, row) for row in auxiliary]
    beta, losses = learn(model, prompts, labels, orders, rate, shared)
    answers = {"vanilla": [], "reweighted": []}
    for index in order:
        ids, positions, _ = prompt(tokenizer, task, demonstrations, test[index])
        for name, weights in (("vanilla", None), ("reweighted", beta)):
            logits = label_logits(model, ids, positions, labels, weights)
            top = torch.topk(logits, 2).values
            assert top[0] - top[1] > MARGIN, "choose another seed"
            answers[name].append(int(logits.argmax()))
    print(folder, task, "tokens", len(ids), "loss", np.mean(losses[0]), "->", np.mean(losses[-1]),
          "answers changed", sum(a != b for a, b in zip(*answers.values())),
          "beta", beta.min().item(), beta.max().item())
    return {
        "folder": folder, "task": task, "shots": shots, "train": extra, "samples": samples,
        "epochs": number, "seed": seed, "shared": shared, "rate": rate, "orders": orders,
        "losses": losses, "beta": beta.tolist(), **answers,
    }


# -- the checkpoints

def tokenizer() -> Tokenizer:
    """Byte-level BPE of 400 tokens, so that most words are several and label words may be."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=["<|endoftext|>"], show_progress=False)
    texts = []
    for task, facts in TASKS.items():
        words = list(facts["words"].values())
        texts += [facts["line"].format(t) + words[label] for t, label in rows(task, "train")[:3000]]
    made.train_from_iterator(texts, trainer)
    return made


def checkpoint(folder: str, kind, config, tokens: Tokenizer, seed: int) -> None:
    """Random weights, large enough for attention that is not flat."""
    torch.manual_seed(seed)
    model = kind(config)
    for name, parameter in model.named_parameters():
        if parameter.ndim == 2:
            parameter.data.normal_(0, 0.35)
    target = HERE / folder
    shutil.rmtree(target, ignore_errors=True)
    model.save_pretrained(target)
    (target / "generation_config.json").unlink(missing_ok=True)
    # Half precision halves the files; both sides read the same rounded weights.
    weights = load_file(target / "model.safetensors")
    save_file({k: v.half() for k, v in weights.items()}, target / "model.safetensors",
              metadata={"format": "pt"})
    tokens.save(str(target / "tokenizer.json"), pretty=False)


def main() -> None:
    torch.set_num_threads(1)
    tokens = tokenizer()
    size = tokens.get_vocab_size()
    checkpoint("gpt2", GPT2LMHeadModel, GPT2Config(
        vocab_size=size, n_positions=320, n_embd=24, n_layer=3, n_head=4,
        bos_token_id=0, eos_token_id=0), tokens, seed=1)
    checkpoint("llama", LlamaForCausalLM, LlamaConfig(
        vocab_size=size, hidden_size=24, intermediate_size=40, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=2048,
        tie_word_embeddings=True, bos_token_id=0, eos_token_id=0), tokens, seed=2)
    cases = [
        case("gpt2", GPT2LMHeadModel, "sst2", shots=1, extra=4, samples=24, number=3, seed=42),
        case("gpt2", GPT2LMHeadModel, "sst2", shots=1, extra=4, samples=24, number=3, seed=43,
             shared=True),
        case("llama", LlamaForCausalLM, "trec", shots=2, extra=2, samples=24, number=3, seed=42),
    ]
    made_with = {p: version(p) for p in ("torch", "transformers", "numpy", "tokenizers")}
    (HERE / "cases.json").write_text(json.dumps({"made_with": made_with, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
