"""Makes prompts.json: what the paper's sampling, templates and position rule give on the bundled data.

Run from anywhere with numpy and tokenizers installed:
    python make.py
Uses NumPy's generators and a reference GPT-2 tokenizer; the digest is FNV-1a over numbers.
"""

import json
import pathlib

import numpy as np
from tokenizers import ByteLevelBPETokenizer

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parents[2] / "Sources/InContext/Resources/datasets"
VOCABULARY = HERE.parent / "tokenizer/gpt2"

TASKS = {
    "sst2": ("Review: ", "\nSentiment:", " ", ["negative", "positive"], ["Negative", "Positive"], 3681),
    "trec": ("Question: ", "\nAnswer Type:", "",
             ["Abbreviation", "Entity", "Description", "Person", "Location", "Number"],
             ["Abbreviation", "Entity", "Description", "Person", "Location", "Number"], 5994),
    "agnews": ("Article: ", "\nAnswer:", "", ["World", "Sports", "Business", "Sci/Tech"],
               ["World", "Sports", "Business", "Technology"], 33706),
    "emoc": ("Dialogue: ", "\nEmotion:", "", ["others", "happy", "sad", "angry"],
             ["Others", "Happy", "Sad", "Angry"], 9650),
}


def digest(numbers):
    value = 0xCBF29CE484222325
    for number in numbers:
        value = ((value ^ int(number)) * 1099511628211) & (2**64 - 1)
    return f"{value:016x}"


def rows(task, split):
    _, _, suffix, classes, _, _ = TASKS[task]
    with open(DATA / task / f"{split}.jsonl", encoding="utf-8", newline="\n") as file:
        return [(r["text"] + suffix, classes.index(r["label"])) for r in map(json.loads, file)]


def walk(train, classes, shots, extra, seed):
    order = list(range(len(train)))
    np.random.seed(seed)
    np.random.shuffle(order)
    first, second = [], []
    counts = [[0] * classes, [0] * classes]
    for row in order:
        label = train[row][1]
        if counts[0][label] < shots:
            counts[0][label] += 1
            first.append(row)
        elif counts[1][label] < extra:
            counts[1][label] += 1
            second.append(row)
    return first, second


def redraw(train, classes, shots, count, seed):
    of_class = [[i for i, row in enumerate(train) if row[1] == c] for c in range(classes)]
    np.random.seed(seed)
    order = np.random.default_rng(seed).permutation(classes * shots)
    draws = []
    for _ in range(count):
        drawn = [int(i) for c in of_class for i in np.random.choice(c, shots, replace=True)]
        draws.append([drawn[i] for i in order])
    return draws


def positions(ids, labels, anchor):
    return [[i for i in range(2, len(ids)) if ids[i] == t and ids[i - 1] == 25 and ids[i - 2] == anchor]
            for t in labels]


def main():
    tokenizer = ByteLevelBPETokenizer(str(VOCABULARY / "vocab.json"), str(VOCABULARY / "merges.txt"))
    encode = lambda text: tokenizer.encode(text).ids
    goldens = {}
    for task, (prefix, infix, _, classes, words, anchor) in TASKS.items():
        train, test = rows(task, "train"), rows(task, "test")
        first = [encode(" " + word)[0] for word in words]

        def prompt(demonstrations, query):
            lines = [prefix + train[i][0] + infix + " " + words[train[i][1]] for i in demonstrations]
            return "\n".join(lines + [prefix + test[query][0] + infix])

        goldens[task] = []
        for seed in (42, 43):
            order = [int(i) for i in np.random.default_rng(seed).permutation(len(test))][:1000]
            one, four = walk(train, len(classes), 1, 4, seed)
            five, _ = walk(train, len(classes), 5, 0, seed)
            draws = redraw(train, len(classes), 1, len(order), seed)
            pairs = redraw(train, len(classes), 2, 20, seed)
            fixed = [encode(prompt(one, q)) for q in order]
            redrawn = [encode(prompt(d, q)) for d, q in zip(draws, order)]
            goldens[task].append({
                "seed": seed, "test": order[:8], "one": one, "four": four, "five": five,
                "redrawn": draws[:8], "pairs": pairs[:4],
                "draws_digest": digest(i for d in draws + pairs for i in d),
                "label_tokens": first, "first_text": prompt(one, order[0]), "first_ids": fixed[0],
                "first_positions": positions(fixed[0], first, anchor),
                "fixed_ids_digest": digest(i for ids in fixed for i in ids),
                "fixed_positions_digest": digest(
                    i for ids in fixed for p in positions(ids, first, anchor) for i in p),
                "redrawn_ids_digest": digest(i for ids in redrawn for i in ids),
                "redrawn_positions_digest": digest(
                    i for ids in redrawn for p in positions(ids, first, anchor) for i in p),
                "longest_redrawn": max(map(len, redrawn)),
            })
    with open(HERE / "prompts.json", "w", encoding="utf-8") as file:
        json.dump(goldens, file, ensure_ascii=False, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
