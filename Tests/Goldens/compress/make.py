"""Makes the goldens of compression: `python make.py`, here. README.md says what they hold.

Written from the definitions alone, on `transformers` in float64: keys and values of a whole prompt are
cut out of `past_key_values` and handed back with position ids of their own.
"""

import importlib.util
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from tokenizers import ByteLevelBPETokenizer, Tokenizer
from transformers import (
    AutoModelForCausalLM, DynamicCache, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM)

HERE = Path(__file__).parent
TOKENIZERS = {
    "gpt2": "Sources/Checkpoints/Resources/mini", "llama": "Tests/Goldens/tokenizer/pieces/llama2"}
SAMPLES, TRIES, WORDS = 12, 4, 5
SEPARATION = 2e-5  # the least distance of logits that a program in Float32 must tell apart
MASKED = 40  # test rows whose masks are compared


def sampling():
    """The data sets and the paper's draws, as ../incontext/make.py has them."""
    path = HERE.parent / "incontext/make.py"
    spec = importlib.util.spec_from_file_location("incontext", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DATA = sampling()


# -- models

def checkpoint(name: str, vocabulary: int, seed: int) -> None:
    torch.manual_seed(seed)
    if name == "gpt2":
        model = GPT2LMHeadModel(GPT2Config(
            vocab_size=vocabulary, n_positions=512, n_embd=12, n_layer=4, n_head=3,
            bos_token_id=0, eos_token_id=0))
    else:
        model = LlamaForCausalLM(LlamaConfig(
            vocab_size=vocabulary, hidden_size=24, intermediate_size=40, num_hidden_layers=3,
            num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=1024))
    for tensor_name, tensor in model.named_parameters():
        if tensor.dim() > 1:
            torch.nn.init.normal_(tensor, std=0.5)
        else:
            is_norm = tensor_name.endswith("weight")
            torch.nn.init.normal_(tensor, mean=float(is_norm), std=0.1)
    model.half().save_pretrained(HERE / "checkpoints" / name)
    (HERE / "checkpoints" / name / "generation_config.json").unlink(missing_ok=True)


def load(name: str):
    return AutoModelForCausalLM.from_pretrained(
        HERE / "checkpoints" / name, dtype=torch.float64, attn_implementation="eager").eval()


# -- prompts

class Prompts:
    """The prompts of one data set for one tokenizer, and which tokens of them are kept."""

    def __init__(self, tokenizer: Tokenizer, task: str, shots: int, seed: int):
        self.tokenizer = tokenizer
        self.prefix, self.infix, _, classes, self.words, _ = DATA.TASKS[task]
        self.train, self.test = DATA.rows(task, "train"), DATA.rows(task, "test")
        self.demonstrations, _ = DATA.walk(self.train, len(classes), shots, 0, seed)
        order = np.random.default_rng(seed).permutation(len(self.test))
        self.rows = [int(i) for i in order]
        self.label_tokens = [self.label_token(word) for word in self.words]

    def label_token(self, word: str) -> int:
        context = self.prefix + self.infix
        encoding = self.tokenizer.encode(context + " " + word)
        return next(i for i, (_, end) in zip(encoding.ids, encoding.offsets) if end > len(context))

    def query(self, row: int) -> str:
        return self.prefix + self.test[row][0] + self.infix

    def whole(self, row: int):
        """Ids; where the query begins; the kept positions; of each label word its first position."""
        text, texts, labels = "", [], []
        for i in self.demonstrations:
            content, label = self.train[i]
            text += self.prefix
            texts.append((len(text), len(text) + len(content)))
            text += content + self.infix
            labels.append((len(text), len(text) + 1 + len(self.words[label])))
            text += " " + self.words[label] + "\n"
        start = len(text)
        encoding = self.tokenizer.encode(text + self.query(row))
        spans = list(zip(encoding.offsets, encoding.ids))
        begin = next(i for i, ((_, end), _) in enumerate(spans) if end > start)

        def inside(position, ranges):
            a, b = spans[position][0]
            return any(a < high and b > low for low, high in ranges)

        kept = [i for i in range(begin) if not inside(i, texts) or inside(i, labels)]
        first = [min(i for i in range(begin) if inside(i, [r]) and spans[i][0][1] > r[0]) for r in labels]
        text_tokens = [i for i in range(begin) if i not in kept]
        return encoding.ids, begin, kept, first, text_tokens

    def text_anchor(self, row: int) -> list[int]:
        lines = [self.prefix.rstrip(" ") + self.infix + " " + self.words[self.train[i][1]]
                 for i in self.demonstrations]
        return self.tokenizer.encode("\n".join(lines + [self.query(row)])).ids


def window_rule(tokenizer, prompts: Prompts, ids: list[int], newline: int) -> list[int]:
    """The kept positions as the released code finds them: by looking for the template's tokens."""
    breaks = [i for i, token in enumerate(ids) if token == newline]
    limit = breaks[-2] + 1 if len(breaks) > 1 else len(ids)
    prefix = prompts.prefix.rstrip(" ")
    strings = [prefix, "\n" + prefix]
    for i in prompts.demonstrations:
        line = prompts.infix.strip("\n") + " " + prompts.words[prompts.train[i][1]]
        strings += ["\n" + line, "\n" + line + "\n"]
    kept = set()
    for string in strings:
        window = tokenizer.encode(string).ids
        for start in range(limit - len(window) + 1):
            if ids[start:start + len(window)] == window:
                kept.update(range(start, start + len(window)))
    return sorted(kept)


def random_anchors(kept, first, text_tokens, seed: int) -> list[list[int]]:
    """TRIES different selections with a random text token for each label word's first one."""
    random = np.random.RandomState(seed)
    rest = set(kept) - set(first)
    found = []
    while len(found) < TRIES:
        before, drawn = -1, []
        for label in sorted(first):
            candidates = [i for i in text_tokens if before < i < label]
            drawn.append(candidates[int(random.choice(len(candidates)))])
            before = label
        selection = sorted(rest | set(drawn))
        if selection not in found:
            found.append(selection)
    return found


# -- what a model answers

@torch.no_grad()
def whole_logits(model, ids: list[int]):
    return model(torch.tensor([ids])).logits[0, -1]


@torch.no_grad()
def compressed_logits(model, whole: list[int], begin: int, kept: list[int], query: list[int], offset: int):
    past = model(torch.tensor([whole]), use_cache=True).past_key_values
    cut = DynamicCache()
    for index, layer in enumerate(past.layers):
        cut.update(layer.keys[:, :, kept], layer.values[:, :, kept], index)
    positions = torch.arange(len(query))[None] + offset
    return model(
        torch.tensor([query]), past_key_values=cut, position_ids=positions,
        attention_mask=torch.ones(1, len(kept) + len(query), dtype=torch.long)).logits[0, -1]


def answer(logits, label_tokens) -> dict:
    labels = logits[label_tokens]
    top = torch.topk(logits, WORDS + 1)
    assert (top.values[:-1] - top.values[1:])[-1] > SEPARATION, "choose another seed"
    best = labels.sort(descending=True).values
    assert best[0] - best[1] > SEPARATION, "choose another seed"
    return {"label_logits": labels.tolist(), "words": sorted(top.indices[:WORDS].tolist()),
            "predicted": int(labels.argmax())}


def outcome(answers, reference, golds) -> dict:
    pairs = list(zip(answers, reference))
    overlap = [len({*a["words"]} & {*b["words"]}) / len({*a["words"]} | {*b["words"]}) for a, b in pairs]
    return {
        "answers": answers,
        "label_loyalty": float(np.mean([a["predicted"] == b["predicted"] for a, b in pairs])),
        "word_loyalty": float(np.mean(overlap)),
        "accuracy": float(np.mean([a["predicted"] == gold for a, gold in zip(answers, golds)])),
    }


def experiment(name: str, tokenizer, task: str, shots: int, seed: int) -> dict:
    model = load(name)
    prompts = Prompts(tokenizer, task, shots, seed)
    rows = prompts.rows[:SAMPLES]
    golds = [prompts.test[row][1] for row in rows]
    wholes = [prompts.whole(row) for row in rows]
    first_row, begin, kept, labels, text_tokens = wholes[0]
    draws = random_anchors(kept, labels, text_tokens, seed)

    def hidden(selection, offset):
        # The cache of the first row serves all: attention is causal.
        return [answer(compressed_logits(model, first_row, begin, selection, ids[begin:], offset),
                       prompts.label_tokens) for ids, *_ in wholes]

    reference = [answer(whole_logits(model, ids), prompts.label_tokens) for ids, *_ in wholes]
    everything = hidden(list(range(begin)), begin)
    apart = max(abs(a - b) for x, y in zip(everything, reference)
                for a, b in zip(x["label_logits"], y["label_logits"]))
    assert apart < 1e-12, f"all tokens at their positions must be the whole prompt: {apart}"
    tried = [outcome(hidden(draw, begin), reference, golds) for draw in draws]
    top = int(np.argmax([o["label_loyalty"] for o in tried]))
    text = [answer(whole_logits(model, prompts.text_anchor(row)), prompts.label_tokens) for row in rows]
    methods = {
        "ICL": outcome(reference, reference, golds),
        "hidden_anchor": outcome(hidden(kept, begin), reference, golds),
        "text_anchor": outcome(text, reference, golds),
        "hidden_random": tried[0],
        "hidden_random_top": tried[top],
    }
    found = {
        "model": name, "tokenizer": TOKENIZERS[name], "task": task, "shots": shots, "seed": seed,
        "first_tokens": first_row, "query_start": begin, "kept": kept, "draws": draws,
        "label_tokens": prompts.label_tokens, "text_tokens": prompts.text_anchor(rows[0]),
        "methods": methods, "restarting": outcome(hidden(kept, 0), reference, golds)}
    for key in methods:
        m = methods[key]
        print(name, task, shots, key, round(m["label_loyalty"], 3), round(m["word_loyalty"], 3), m["accuracy"])
    return found


# -- masks

def masks() -> list[dict]:
    """Of the paper's data sets with GPT-2's tokens: the window rule, which offsets must give again."""
    folder = HERE.parent / "tokenizer/gpt2"
    tokenizer = ByteLevelBPETokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    cases = []
    for task in DATA.TASKS:
        for shots, seed in ((1, 42), (1, 43), (2, 42)):
            prompts = Prompts(tokenizer, task, shots, seed)
            masks = []
            for row in prompts.rows[:MASKED]:
                ids, _, kept, _, _ = prompts.whole(row)
                rule = window_rule(tokenizer, prompts, ids, newline=198)
                assert rule == kept, (task, shots, seed, row)
                masks.append(rule)
            cases.append({
                "task": task, "shots": shots, "seed": seed, "kept": masks[0], "count": len(masks[0]),
                "digest": DATA.digest(i for mask in masks for i in mask)})
    return cases


def main() -> None:
    torch.set_num_threads(1)
    root = HERE.parents[2]
    tokenizers = {n: Tokenizer.from_file(str(root / f / "tokenizer.json")) for n, f in TOKENIZERS.items()}
    for name, seed in (("gpt2", 3), ("llama", 5)):
        checkpoint(name, tokenizers[name].get_vocab_size(), seed)
    experiments = [
        experiment("gpt2", tokenizers["gpt2"], "sst2", 1, 42),
        experiment("gpt2", tokenizers["gpt2"], "trec", 1, 43),
        experiment("llama", tokenizers["llama"], "sst2", 2, 42),
        experiment("llama", tokenizers["llama"], "agnews", 1, 42),
    ]
    made_with = {p: version(p) for p in ("torch", "transformers", "tokenizers", "numpy")}
    document = {"made_with": made_with, "samples": SAMPLES, "tries": TRIES, "words": WORDS,
                "masked": MASKED, "masks": masks(), "experiments": experiments}
    (HERE / "compress.json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
