"""The texts that the model learns from, tokenised, and the in-context episodes drawn from them.

    python corpus.py DATA corpus.pickle --tokenizer tokenizer.json

reads the data folder once and keeps the result; a tokenizer.json that is not there is trained first.
"""

import argparse
import collections
import glob
import gzip
import json
import os
import pickle
import random
import re

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from blended import BLENDED, blended

# Never seen in training: on these in-context learning is judged.
HELD_OUT = {"emoc", "subj", "financial_phrasebank", "ethos", "ethos_target"}
# Insults and slurs: a model that teachers use need not know how to write them.
LEFT_OUT = {"hate_offensive", "tweet_hate", "tweet_offensive"}
# Sentence pairs, and questions of grammar or irony, which a model this small cannot answer: their
# texts are for language modelling alone.
TEXT_ONLY = {
    "mnli", "snli", "sick", "qnli", "rte", "mrpc", "qqp", "cb", "cola", "tweet_irony", "tweet_stance",
    "mpqa", "amazon_review", "yelp_review",
}
# How often a set's episodes are drawn.
WEIGHTS = {
    "sst2": 6, "mr": 2.5, "cr": 1, "yelp_sentences": 2.5, "imdb_openings": 2.5, "sst5": 1.5,
    "tweet_sentiment": 1, "agnews": 5, "agnews_desc": 2, "yahoo_topics": 2.5, "search_snippets": 1.5,
    "stackoverflow": 1.5, "bbc_news": 1, "dbpedia": 1.5, "banking77": 1.2, "clinc150": 2, "hwu64": 1.5,
    "atis": 0.7, "snips": 1, "sgd_intent": 1, "emotion_unified": 3, "goemotions": 2, "tweet_emotion": 1.5,
    "trec": 4, "trec_fine": 1.5, "sms_spam": 0.5,
    "opinion_fact": 7, "feelings": 7, "outlook": 5, "markets": 6,
}
LABEL_WORDS = {
    "sst2": {"negative": "Negative", "positive": "Positive"},
    "agnews": {"World": "World", "Sports": "Sports", "Business": "Business", "Sci/Tech": "Technology"},
}
LABEL_WORDS["agnews_desc"] = LABEL_WORDS["agnews"]
FORMAT = {
    "sst2": ("Review:", "\nSentiment:"),
    "agnews": ("Article:", "\nAnswer:"),
    "agnews_desc": ("Article:", "\nAnswer:"),
    "trec": ("Question:", "\nAnswer Type:"),
}
FORMATS = [
    ("Review:", "\nSentiment:"), ("Article:", "\nAnswer:"), ("Question:", "\nAnswer Type:"),
    ("Dialogue:", "\nEmotion:"), ("Input:", "\nLabel:"), ("Text:", "\nCategory:"),
    ("Sentence:", "\nType:"), ("Q:", "\nA:"), ("Input:", "\nOutput:"), ("Text:", "\nLabel:"),
    ("Sentence:", "\nLabel:"), ("Message:", "\nIntent:"), ("x:", "\ny:"),
]
# Words that must be one token with the blank before them.
WHOLE_WORDS = """Negative Positive Neutral World Sports Business Technology Abbreviation Entity Description
Person Location Number Others Happy Sad Angry negative positive neutral others happy sad angry Subjective
Objective subjective objective true false True False yes no Yes No foo bar baz good bad great terrible A B C
D E F G H one two three four five six entailment contradiction joy anger fear sadness love surprise optimism
World Science Politics Health spam ham red blue green yellow apple banana cat dog Anger Joy Fear Love
Review Sentiment Article Answer Question Type Dialogue Emotion Input Label Output Text Category Sentence
Message Intent""".split()


def normalised(text):
    return re.sub(r"[^a-z0-9]", "", text.lower())


def rows_of(path):
    opened = gzip.open(path, "rt", encoding="utf8") if path.endswith(".gz") else open(path, encoding="utf8")
    with opened as file:
        return [json.loads(line) for line in file]


def pair(row):
    return [t.strip() for t in (row["text"], row.get("text2") or "") if t.strip()]


def read(folder):
    """{set: [(text, label)]} of the train splits, without any text of a test split or a held-out set."""
    sets, forbidden = {}, set()
    for path in sorted(glob.glob(f"{folder}/*/*.jsonl")):
        name, file = path.split("/")[-2:]
        if name in HELD_OUT or (file.startswith("test") or file.startswith("dev")):
            if not name == "function_tasks":
                forbidden.update(normalised(t) for row in rows_of(path) for t in pair(row))
    agnews_tests = [normalised(row["text"]) for row in rows_of(f"{folder}/agnews/test.jsonl")]
    shingles = {t[i:i + 40] for t in agnews_tests for i in range(0, max(1, len(t) - 40), 1)}
    paths = {p.split("/")[-2]: p for p in sorted(glob.glob(f"{folder}/*/train.jsonl"))}
    for path in sorted(glob.glob(f"{folder}/training/*.jsonl.gz")):
        name = os.path.basename(path)[:-9]
        if name not in paths or name in ("sst2",) or len(rows_of(path)) > len(rows_of(paths[name])):
            paths[name] = path
    dropped = collections.Counter()
    for name, path in sorted(paths.items()):
        if name in HELD_OUT | LEFT_OUT:
            continue
        for row in rows_of(path):
            texts = pair(row)
            flat = normalised("".join(texts))
            overlaps = "news" in name and any(flat[i:i + 40] in shingles for i in range(0, max(1, len(flat) - 40), 20))
            if not texts or overlaps or any(normalised(t) in forbidden and len(normalised(t)) > 8 for t in texts):
                dropped[name] += 1
                continue
            text = " / ".join(texts)
            if name == "sst2":
                text += " "
            sets.setdefault(name, []).append((text, str(row["label"])))
            if name == "trec":
                sets.setdefault("trec_fine", []).append((text, row["fine"]))
    print("dropped for being in a test split:", dict(dropped), flush=True)
    with gzip.open(f"{folder}/training/wikipedia_sentences.txt.gz", "rt", encoding="utf8") as file:
        lines = [line.strip() for line in file]
    sets["wikipedia_sentences"] = [(t, "sentence") for t in lines if t and normalised(t) not in forbidden]
    return sets


def train_tokenizer(sets, size, path):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))

    def texts():
        for word in WHOLE_WORDS:
            for _ in range(3000):
                yield " " + word
                yield "\n" + word
        for name, rows in sorted(sets.items()):
            for text, _ in rows[:60000]:
                yield "Input: " + text
    tokenizer.train_from_iterator(texts(), trainer)
    tokenizer.save(path)


class Corpus:
    """Token ids of every text by set and class, and what episodes are written with."""

    def __init__(self, folder, tokenizer_path, vocabulary=8192):
        sets = read(folder)
        if not os.path.exists(tokenizer_path):
            train_tokenizer(sets, vocabulary, tokenizer_path)
        self.tokenizer = Tokenizer.from_file(tokenizer_path)
        self.newline = self.encode("\n")
        sets.update(blended(sets, random.Random(2)))
        self.texts = {}      # (set, class) -> list of token arrays
        self.classes = collections.defaultdict(list)
        for name, rows in sorted(sets.items()):
            encodings = self.tokenizer.encode_batch_fast([" " + t for t, _ in rows])
            groups = collections.defaultdict(list)
            for encoding, (_, label) in zip(encodings, rows):
                groups[label].append(np.array(encoding.ids[:160], dtype=np.int32))
            for label, texts in sorted(groups.items()):
                if len(texts) >= 8:
                    self.texts[name, label] = texts
                    self.classes[name].append(label)
        self.names = [n for n in WEIGHTS if len(self.classes.get(n, [])) >= 2]
        weights = np.array([WEIGHTS[n] for n in self.names])
        self.weights = np.cumsum(weights / weights.sum()).tolist()
        every = [k for k in self.texts if k[0] not in TEXT_ONLY | BLENDED]
        self.every = every
        self.class_index = {key: i for i, key in enumerate(sorted(every))}
        vocabulary_words = [
            w[1:] for w in self.tokenizer.get_vocab() if re.fullmatch("Ġ[A-Za-z][a-z]{1,9}", w)]
        words = sorted(vocabulary_words)
        random.Random(1).shuffle(words)
        self.words = [self.encode(" " + w)[0] for w in words]
        self.label_pool = self.words[:3000] + [self.encode(" " + w)[0] for w in "A B C D E F G H foo bar".split()]
        self.formats = [(self.encode(a), self.encode(b)) for a, b in FORMATS]
        self.own_format = {n: (self.encode(a), self.encode(b)) for n, (a, b) in FORMAT.items()}
        self.natural = {}
        for name, label in every + [k for k in self.texts if k[0] in BLENDED]:
            word = LABEL_WORDS.get(name, {}).get(label, label.split(":")[-1].replace("_", " ").replace("-", " "))
            forms = [self.encode(" " + word)]
            if name not in FORMAT:
                forms.append(self.encode(" " + word[:1].upper() + word[1:]))
            self.natural[name, label] = forms
        self.language = np.concatenate([
            np.array(self.encode("\n") + t.tolist(), dtype=np.int32)
            for t in self.texts["wikipedia_sentences", "sentence"]])

    def encode(self, text):
        return self.tokenizer.encode(text).ids


class Episode:
    """Token ids; (position, token, weight) of the labels to be predicted; (position, class) of texts' ends."""

    def __init__(self):
        self.ids, self.targets, self.ends = [], [], []


def lookup(corpus, rng, length, hard):
    """Pairs of items and arbitrary label words in which items come back, exactly or nearly."""
    episode = Episode()
    count = rng.choice([2, 2, 3, 4])
    labels = rng.sample(corpus.label_pool, count)
    most = 1 + int(rng.random() * (1 + 11 * hard))
    before, after = rng.choice(corpus.formats)
    style = rng.random()
    if style < 0.4 - 0.3 * hard:
        before, after = [], []
    elif style < 0.6 - 0.2 * hard:
        before, after = [], after[len(after) - rng.randrange(len(after) + 1):]
    number = rng.choice([2, 3, 4, 6, 8, 12]) if hard > 0.3 else rng.choice([2, 3, 4, 6])
    from_text = rng.random() < 0.5 * hard
    items = []
    for _ in range(number):
        size = rng.randrange(1, most + 1)
        if from_text:
            texts = corpus.texts[rng.choice(corpus.every)]
            items.append(texts[rng.randrange(len(texts))][:max(2, size)].tolist())
        else:
            items.append(rng.sample(corpus.words, size))
    kinds = [rng.randrange(count) for _ in items]
    seen = set()
    order = list(range(number))
    rng.shuffle(order)
    while len(order) < 80:
        order.append(rng.randrange(number))
    if rng.random() < 0.5:
        order = [rng.randrange(number) for _ in order]
    near = rng.random() < 0.4 * hard
    for index in order:
        item = items[index]
        if near and index in seen and len(item) > 2:
            item = [t for t in item if rng.random() < 0.75] or item
            if rng.random() < 0.3:
                item = rng.sample(item, len(item))
        part = before + item + after
        if len(episode.ids) + len(part) + 2 > length:
            break
        episode.ids += part
        if index in seen:
            episode.targets.append((len(episode.ids) - 1, labels[kinds[index]], 1.0))
        seen.add(index)
        episode.ids += [labels[kinds[index]]] + corpus.newline
    return episode


def classification(corpus, rng, length, mode=None, name=None, cap=None):
    """Demonstrations of a data set, or of classes of many, until the length is full."""
    episode = Episode()
    mode = mode or rng.choices(["natural", "permuted", "arbitrary", "mixed"], [0.25, 0.12, 0.43, 0.20])[0]
    if mode == "mixed":
        count = rng.choice([2, 2, 3, 4, 5, 6])
        if rng.random() < 0.5:
            keys = rng.sample(corpus.every, count)
        else:   # of different sets, each as likely
            keys = [(n, rng.choice(corpus.classes[n]))
                    for n in rng.sample(corpus.names + ["wikipedia_sentences"], count)]
        format = rng.choice(corpus.formats)
    else:
        name = name or rng.choices(corpus.names, cum_weights=corpus.weights)[0]
        classes = corpus.classes[name]
        count = min(len(classes), rng.choice([2, 2, 3, 4, 4, 5, 6, 6]))
        if name in BLENDED and rng.random() < 0.6:
            count = len(classes)
        keys = [(name, c) for c in rng.sample(classes, count)]
        own = corpus.own_format.get(name)
        format = own if own and rng.random() < 0.6 else rng.choice(corpus.formats)
    if mode in ("natural", "permuted"):
        form = rng.randrange(2)
        labels = [corpus.natural[k][form % len(corpus.natural[k])] for k in keys]
        if mode == "permuted":
            labels = labels[1:] + labels[:1]
    else:
        labels = [[t] for t in rng.sample(corpus.label_pool, len(keys))]
    before, after = format
    cap = cap or rng.choice([12, 16, 24, 32, 48] if length <= 256 else [16, 24, 40, 64, 96, 128])
    again = rng.random() < 0.25
    seen, used = set(), []
    bag = []
    while True:
        if not bag:
            bag = list(range(len(keys)))
            rng.shuffle(bag)
        index = bag.pop() if rng.random() < 0.7 else rng.randrange(len(keys))
        if again and used and rng.random() < 0.3:
            index, text = rng.choice(used)
        else:
            texts = corpus.texts[keys[index]]
            text = texts[rng.randrange(len(texts))]
            if len(text) > cap:
                text = text[:cap]
            used.append((index, text))
        label = labels[index]
        if len(episode.ids) + len(before) + len(text) + len(after) + len(label) + 1 > length:
            break
        episode.ids += before
        episode.ids += text.tolist()
        episode.ids += after
        if mode == "natural" or index in seen:
            weight = 1.0 if index in seen else 0.7
            episode.targets.append((len(episode.ids) - 1, label[0], weight))
        if keys[index] in corpus.class_index:
            episode.ends.append((len(episode.ids) - 1, corpus.class_index[keys[index]]))
        seen.add(index)
        episode.ids += label + corpus.newline
    return episode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", help="folder of SET/train.jsonl, SET/test.jsonl and training/SET.jsonl.gz")
    parser.add_argument("out", help="the corpus, as a pickle")
    parser.add_argument("--tokenizer", default="tokenizer.json")
    options = parser.parse_args()
    corpus = Corpus(options.data, options.tokenizer)
    with open(options.out, "wb") as file:
        pickle.dump(corpus, file)
    print("vocabulary", corpus.tokenizer.get_vocab_size(), "classes", len(corpus.every))


if __name__ == "__main__":
    # As a module: a pickle names the module that a class came from.
    import corpus

    corpus.main()
