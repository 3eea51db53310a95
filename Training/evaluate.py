"""In-context accuracy of an exported model: arbitrary, natural and permuted label words; repeats.

    python evaluate.py FOLDER DATA [--card README.md]

Prints tables in Markdown; --card writes them between the marks <!-- accuracy --> of a model card.
"""

import argparse
import json
import os
import random
import re
import statistics

import torch
from tokenizers import Tokenizer
from transformers import GPTNeoXForCausalLM

MARKS = ("<!-- accuracy -->", "<!-- end of accuracy -->")
SETS = {
    "sst2": (("Review: ", "\nSentiment:"), {"negative": "Negative", "positive": "Positive"}),
    "agnews": (("Article: ", "\nAnswer:"),
               {"World": "World", "Sports": "Sports", "Business": "Business", "Sci/Tech": "Technology"}),
    "trec": (("Question: ", "\nAnswer Type:"),
             {c: c for c in ("Abbreviation", "Entity", "Description", "Person", "Location", "Number")}),
    "subj": (("Input: ", "\nLabel:"), {"subjective": "subjective", "objective": "objective"}),
    "emoc": (("Dialogue: ", "\nEmotion:"), {"others": "Others", "happy": "Happy", "sad": "Sad", "angry": "Angry"}),
    "financial_phrasebank": (("Input: ", "\nLabel:"), {c: c for c in ("negative", "neutral", "positive")}),
}
HELD_OUT = ("subj", "emoc", "financial_phrasebank")


class Judge:
    def __init__(self, folder, data):
        self.model = GPTNeoXForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer = tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self.data = data
        self.rows = {}
        self.words = sorted(
            w[1:] for w in tokenizer.get_vocab() if re.fullmatch("Ġ[a-z]{3,10}", w))

    def encode(self, text):
        return self.tokenizer.encode(text).ids

    def split(self, name, split):
        if (name, split) not in self.rows:
            groups = {}
            for line in open(f"{self.data}/{name}/{split}.jsonl", encoding="utf8"):
                row = json.loads(line)
                text = row["text"].strip() + (" " if name == "sst2" else "")
                groups.setdefault(str(row["label"]), []).append(text)
            self.rows[name, split] = groups
        return self.rows[name, split]

    @torch.no_grad()
    def answers(self, prompts, candidates):
        """Index of the likeliest candidate after each prompt; padded on the right."""
        found = [None] * len(prompts)
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        for start in range(0, len(order), 8):
            part = order[start:start + 8]
            length = max(len(prompts[i]) for i in part)
            ids = torch.zeros(len(part), length, dtype=torch.long)
            for row, i in enumerate(part):
                ids[row, :len(prompts[i])] = torch.tensor(prompts[i])
            with torch.autocast("cpu", torch.bfloat16):
                hidden = self.model.gpt_neox(ids).last_hidden_state
            for row, i in enumerate(part):
                logits = self.model.get_output_embeddings()(hidden[row, len(prompts[i]) - 1].float())
                found[i] = int(logits[torch.tensor(candidates[i])].argmax())
        return found

    def accuracy(self, name, mode, shots, queries, seed):
        """Classes asked in turn (balanced); demonstrations drawn once a query."""
        (before, after), natural = SETS[name]
        classes = list(natural)
        train, test = self.split(name, "train"), self.split(name, "test")
        rng = random.Random(f"{name} {mode} {shots} {seed}")
        prompts, candidates, right = [], [], []
        for n in range(queries):
            if mode == "arbitrary":
                words = rng.sample(self.words, len(classes))
            else:
                words = [natural[c] for c in classes]
                if mode == "permuted":
                    words = words[1:] + words[:1]
            shown = [(c, t) for c in range(len(classes)) for t in rng.sample(train[classes[c]], shots)]
            rng.shuffle(shown)
            query = n % len(classes)
            text = "".join(f"{before}{t}{after} {words[c]}\n" for c, t in shown)
            text += before + rng.choice(test[classes[query]]) + after
            prompts.append(self.encode(text)[-self.model.config.max_position_embeddings:])
            candidates.append([self.encode(" " + w)[0] for w in words])
            right.append(query)
        found = self.answers(prompts, candidates)
        return sum(f == r for f, r in zip(found, right)) / queries

    def repeats(self, name, count, shots, queries, seed):
        """The query is one of the demonstrations; arbitrary label words."""
        rng = random.Random(f"repeat {name} {count} {seed}")
        prompts, candidates, right = [], [], []
        (before, after), natural = SETS.get(name, (("Input: ", "\nLabel:"), None))
        for _ in range(queries):
            words = rng.sample(self.words, count)
            if natural:
                train = self.split(name, "train")
                classes = rng.sample(sorted(train), count)
                shown = [(c, t) for c in range(count) for t in rng.sample(train[classes[c]], shots)]
            else:
                shown = [(c, " ".join(rng.sample(self.words, 2))) for c in range(count) for _ in range(shots)]
            rng.shuffle(shown)
            query, asked = rng.choice(shown)
            text = "".join(f"{before}{t}{after} {words[c]}\n" for c, t in shown) + before + asked + after
            prompts.append(self.encode(text))
            candidates.append([self.encode(" " + w)[0] for w in words])
            right.append(query)
        found = self.answers(prompts, candidates)
        return sum(f == r for f, r in zip(found, right)) / queries


def table(head, rows):
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


class Record:
    """What was measured, kept in a file, so that it can be done in parts and at the same time by several."""

    def __init__(self, path, seeds):
        self.path, self.seeds = path, seeds

    def read(self):
        if not self.path or not os.path.exists(self.path):
            return {}
        with open(self.path, encoding="utf-8") as file:
            return dict(json.loads(line) for line in file)

    def mean(self, name, measure):
        """Mean and standard deviation over seeds, in per cent."""
        values = self.read().get(name)
        if values is None:
            values = [100 * measure(seed) for seed in range(self.seeds)]
            if self.path:
                with open(self.path, "a", encoding="utf-8") as file:
                    file.write(json.dumps([name, values]) + "\n")
        spread = statistics.stdev(values) if len(values) > 1 else 0
        return f"{statistics.mean(values):.1f} ± {spread:.1f}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", help="as export.py wrote it")
    parser.add_argument("data", help="folder of SET/train.jsonl and SET/test.jsonl")
    parser.add_argument("--card", help="a README.md with the marks")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--record", help="a file of what was measured before; it is added to")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    judge = Judge(options.folder, options.data)
    queries = options.queries
    record = Record(options.record, options.seeds)

    def accuracy(name, mode, shots):
        return record.mean(
            f"{name} {mode} {shots}", lambda seed: judge.accuracy(name, mode, shots, queries, seed))

    def repeats(name, count):
        return record.mean(
            f"repeats {name} {count}", lambda seed: judge.repeats(name, count, 2, queries, seed))

    shots = (1, 2, 4, 8)
    rows = []
    for name in options.sets:
        natural = SETS[name][1]
        row = [name + (" (held out)" if name in HELD_OUT else ""), f"{100 / len(natural):.1f}"]
        row += [accuracy(name, "arbitrary", k) for k in shots]
        row += [accuracy(name, "permuted", 8), accuracy(name, "natural", 1)]
        rows.append(row)
        print(" | ".join(row), flush=True)
    head = ["set", "chance", *(f"arbitrary, {k}" for k in shots), "permuted, 8", "natural, 1"]
    counts = [
        [str(count), f"{100 / count:.1f}", repeats("words", count), repeats("trec", count)]
        for count in (2, 3, 4)]
    text = "\n\n".join([
        f"Accuracy in per cent, mean ± standard deviation over {options.seeds} seeds of {queries} queries "
        "each, classes balanced. Label words are arbitrary words of the vocabulary (drawn for each "
        "query), permuted natural ones, or natural ones; the number is that of demonstrations a class.",
        table(head, rows),
        "The query is one of the demonstrations (two a label, arbitrary label words):",
        table(["labels", "chance", "two random words", "questions of TREC"], counts)])
    print(text)
    if options.card:
        with open(options.card, encoding="utf-8") as file:
            before, rest = file.read().split(MARKS[0])
        with open(options.card, "w", encoding="utf-8") as file:
            file.write(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{rest.split(MARKS[1])[1]}")


if __name__ == "__main__":
    main()
