"""Writes the expected ids of Fathom's tokenizer tests, with Hugging Face's `tokenizers`.

    pip install tokenizers
    python Tests/Goldens/tokenizer/make.py

Reads the embedded model's tokenizer, GPT-2's files beside this script and the data sets of
Sources/InContext; writes, beside this script,

* hostile.json: texts that tokenizers get wrong, with the ids of GPT-2's and the embedded model's
  tokenizer, and hashes of the ids of the little ones; hashes for texts of a megabyte;
* lines.json: a hash of the ids of each block of lines of the data sets;
* classes.json: what the regex engine takes for letters, numbers and white space;
* composition.json: what normalisation form C makes of some texts;
* small/NAME/tokenizer.json: little tokenizers that use one feature each.
"""

import json
import pathlib
import sys
import unicodedata

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
DATASETS = ROOT / "Sources/InContext/Resources/datasets"
BLOCK = 500

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")


def gpt2():
    """GPT-2 from its two files, with <|endoftext|> as `transformers` adds it."""
    tokenizer = Tokenizer(
        models.BPE.from_file(str(HERE / "gpt2/vocab.json"), str(HERE / "gpt2/merges.txt"))
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken("<|endoftext|>", special=True)])
    return tokenizer


def small(pre_tokenizer, merges=300, normalizer=None, ignore_merges=False, post=None, added=()):
    """A tokenizer trained on a few hundred lines."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=257 + merges,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<s>"],
        show_progress=False,
    )
    lines = [text for _, text in zip(range(400), texts("sst2", "test"))]
    tokenizer.train_from_iterator(lines + TRAINING, trainer)
    if added:
        tokenizer.add_tokens(list(added))
    if post:
        tokenizer.post_processor = post
    return tokenizer


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior, invert),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


TRAINING = [
    "It's 1234567 o'clock; WE'RE late, I'll   go.\r\n\r\n\tDon't\u3000wait 2024-12-31!!",
    "caf\u00e9 na\u00efve \u4f60\u597d\u4e16\u754c \U0001f600\U0001f44d\U0001f3fd \u0441\u043b\u043e\u0432\u043e",
] * 30


def small_tokenizers():
    byte_level = pre_tokenizers.ByteLevel
    bos = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    both = processors.TemplateProcessing(single="<s> $A <s>", special_tokens=[("<s>", 0)])
    merged = small(split(LLAMA3), ignore_merges=True, post=processors.Sequence(
        [processors.ByteLevel(trim_offsets=False), bos]))
    # A token that no merge gives, which only ignore_merges finds.
    data = json.loads(merged.to_str())
    size = len(data["model"]["vocab"])
    data["model"]["vocab"]["\u0120clockwork"] = size
    merged = Tokenizer.from_str(json.dumps(data))
    flags = [
        AddedToken("<left>", lstrip=True, normalized=False),
        AddedToken("<right>", rstrip=True, normalized=False),
        AddedToken("<both>", lstrip=True, rstrip=True, normalized=False),
        AddedToken("word", single_word=True, normalized=False),
        AddedToken("<a>", normalized=False),
        AddedToken("<a><b>", normalized=False),
        AddedToken("  ", normalized=True),
        AddedToken("    ", normalized=True),
        AddedToken("caf\u00e9!", normalized=True),
    ]
    return {
        "prefix-space": small(byte_level(add_prefix_space=True)),
        "ignore-merges": merged,
        "template": small(byte_level(add_prefix_space=False), post=both),
        "qwen2": small(split(QWEN2, "removed", True), normalizer=normalizers.NFC()),
        "digits": small(
            pre_tokenizers.Sequence(
                [pre_tokenizers.Digits(individual_digits=True), byte_level(add_prefix_space=True)]
            )
        ),
        "digit-runs": small(
            pre_tokenizers.Sequence(
                [pre_tokenizers.Digits(), byte_level(add_prefix_space=False, use_regex=False)]
            )
        ),
        "added": small(
            byte_level(add_prefix_space=False), normalizer=normalizers.NFC(), added=flags
        ),
    }


def hostile():
    """Texts in which scalars, bytes, characters and white space are easily mistaken."""
    spaces = "\t\n\x0b\x0c\r\x1c\x1f \x85\xa0\u1680\u180e\u2000\u2003\u200a\u2028\u2029\u202f\u205f\u3000"
    joined = [
        "", " ", "  ", "   ", "a", " a", "  a", "a ", "a  ", "\n", "\r\n", "\r\n\r\n", " \n ", "\n \n a",
        "a\r\nb", "a \r\n b", "\r", "!\r\n\r\n", "!\n a", "a\n\n\n", "\t\ta\t\tb", " \t a", "\n\ta", "\u3000a\u3000\u3000b",
        "it's IT'S it'S we'LL we'll We'Ve i'm I'M you'd 'tis 'round '' ''' 's 'S 'll 'LL 're'RE'd'D'",
        "'\u017f it'\u017f '\u017fa I'\u017f!", "don\u2019t", "a'sb", "x'", "'", "''s", "'l", "'r", "'v ", "'re", "'rea",
        "\u00e9 e\u0301 \u0301 a\u0308\u0323 a\u0323\u0308 \u1e69 s\u0323\u0307 \u212b \u2126", "\u0301", " \u0301", "\u0301a", "a\u0301b 1\u0301 !\u0301",
        "\u1100\u1161\u11a8 \u1100\u1161 \uac00\u11a8 \ud55c\uad6d\uc5b4", "\u0958 \u0915\u093c \u0b94 \u0b92\u0bd7 \u0344 \ufb1d",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f1e9\U0001f1ea\U0001f1eb \U0001f44d\U0001f3fd \u2764\ufe0f 1\ufe0f\u20e3 \U0001f3f4\U000e0067\U000e0062\U000e007f",
        "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u202eabc\u202c \u200f\u200e",
        "\u200b\u200c\u200d\u2060\ufeff a\u200bb a\u00adb \ufeffa", "\x00\x01\x7f\x80\x9f a\x00b", "\ue000\uf8ff \U000f0000\U0010ffff",
        "\ufdd0\uffff\U0001ffff \ufffe", "\ufffd", "\ud7ff\ue000 \ufb00 \ufb05 \uff21\uff11 \uffe6", "\u0378 \u0530 \u2fe0 \U0003fffd \U000e0080",
        "0 12 123 1234 12345 1234567 \u0661\u0662\u0663 \u0967\u0968\u0969\u096a \u0e51\u0e52 \u4e00\u4e8c\u4e09 \uff11\uff12\uff13\uff14 \U0001d7ce\U0001d7cf \u2160\u2161\u2162\u216f \u00bd\u2153\u00b2\u00b3\u00b9 \u2460\u2461 \u3007 \u0bf0 \U00010140",
        " 12 1234 a1b2 1a 12ab34 \u00bda a\u00bd 1\u00bd2", "3.14 1,000,000 -5 +5 $5 5% 5\u20ac \u00a35", "2024-12-31T23:59:59Z",
        "\u01c5 \u02b0 \u00aa\u00ba \u3105 \u0640 \u0e40\u0e01 \u0e01\u0e33 \u0915\u094d\u0937 \u093e \u0903 \u20dd \u20e3",
        "\U00010400\U00010428 \U0001e900 \U00020000\U0002a6df \U00030000 \U00031350 \U000323af \U0002ebf0 \U00033479",
        "hello<|endoftext|>world <|endoftext|> <|endoftext|><|endoftext|> <|endoftext |> <|endoftext|", "<s>a<s> </s>",
        "a <left> b  <left>c <right>  d <right> <right>e <both>  f  <both> <left>", "word words sword word. _word word_ \u00e9word word\u0301 1word",
        "<a><b> <a> <a><a><b><b> <a", "a    b     c  d   e        f", "cafe\u0301! caf\u00e9! cafe\u0301", "  <left>  <right>  ", "word<left>word",
        "clockwork clockwork  clockwork\nclockworks", "!!!???...\u2026\u2014\u2013-_=+*&^%$#@~`|\\/<>[]{}()\"\u201c\u201d\u00ab\u00bb",
        "http://example.com/a?b=c&d=e#f user@example.com C:\\path\\file", "def f(x):\n    return x ** 2  # \u03c0r\u00b2\n\n\nclass A:\n\tpass\n",
        "".join(a + b for a in spaces for b in spaces), "".join("a" + s + "b" + s + s + "!" + s + "1" for s in spaces),
        "\n".join(s + "x" for s in spaces), "x".join(spaces) + "  ", "ab" * 600, "\u4f60\u597d" * 300, " " * 1000, " " * 1000 + "a", "a" * 1000,
        "1" * 1000, "!" * 1000, "\r\n" * 500, "e\u0301" * 300, "\U0001f600" * 200, "'s" * 300, "abc def " * 200,
    ]
    # Each category and each block has its turn, with neighbours of other kinds.
    sample = [chr(c) for c in range(0x20, 0x3400) if unicodedata.category(chr(c)) != "Cn"]
    for start in range(0, len(sample), 400):
        part = sample[start:start + 400]
        joined.append("".join(part))
        joined.append(" ".join(part[:200]) + "a".join(part[200:]))
        joined.append("1".join(part[::3]) + " 's".join(part[::7]))
    return joined


def texts(dataset, part):
    with open(DATASETS / dataset / f"{part}.jsonl", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)["text"]


def fnv(ids, value=0xCBF29CE484222325):
    """FNV-1a over ids as four bytes, little-endian; each text ends with -1."""
    for number in ids:
        for byte in (number & 0xFFFFFFFF).to_bytes(4, "little"):
            value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def block_hashes(tokenizer, lines):
    hashes = []
    for start in range(0, len(lines), BLOCK):
        value = 0xCBF29CE484222325
        for encoding in tokenizer.encode_batch(lines[start:start + BLOCK]):
            value = fnv(encoding.ids + [-1], value)
        hashes.append(f"{value:016x}")
    return hashes


def scalar_classes():
    """What the regex engine takes each scalar for: letter, number, space or other.

    Written as ranges [first, last, class], classes other than "other" only.
    """
    kinds = {}
    for kind, pattern in (("letter", r"\p{L}"), ("number", r"\p{N}"), ("space", r"\s")):
        cut = pre_tokenizers.Split(Regex(pattern), "removed", True)
        for start in range(0, 0x110000, 4096):
            text = "".join(chr(c) for c in range(start, start + 4096) if not 0xD800 <= c < 0xE000)
            for piece, _ in cut.pre_tokenize_str(text) if text else []:
                for character in piece:
                    kinds[ord(character)] = kind
    ranges = []
    for value in sorted(kinds):
        if ranges and ranges[-1][1] == value - 1 and ranges[-1][2] == kinds[value]:
            ranges[-1][1] = value
        else:
            ranges.append([value, value, kinds[value]])
    return ranges


def compositions():
    """Texts on which normalisation form C is easily got wrong, and what becomes of them."""
    normalize = normalizers.NFC().normalize_str
    scalars = [chr(c) for c in range(0x30000) if not 0xD800 <= c < 0xE000]
    texts = [c for c in scalars if normalize(c) != c]
    apart = [unicodedata.normalize("NFD", c) for c in scalars]
    texts += [a for a in apart[:0xAC00] + apart[0xD7A4:] if len(a) > 1]
    texts += ["\uac00\u11a8", "\u1100\u1161\u11a8", "\u1100\uac00", "\uac01\u11a8", "\u1161\u11a8"]
    marks = [c for c in scalars if unicodedata.combining(c)]
    texts += ["q\u0345" + c + "\u0334" for c in marks] + ["e" + c + "\u0301" for c in marks]
    return [[text, normalize(text)] for text in texts]


def write(name, value):
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def main():
    mini = Tokenizer.from_file(str(ROOT / "Sources/Checkpoints/Resources/mini/tokenizer.json"))
    large = {"gpt2": gpt2(), "mini": mini}
    little = small_tokenizers()
    for name, tokenizer in little.items():
        path = HERE / "small" / name / "tokenizer.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(tokenizer.to_str())

    strange = hostile()
    expected = {
        name: [tokenizer.encode(text).ids for text in strange] for name, tokenizer in large.items()
    }
    hashes = {
        name: [f"{fnv(tokenizer.encode(text).ids):016x}" for text in strange]
        for name, tokenizer in little.items()
    }
    megabyte = {
        name: {
            text: f"{fnv(tokenizer.encode(text * (1_000_000 // len(text))).ids):016x}"
            for text in ("abcdefghij", "a", "!?", "\u00e9", " \t")
        }
        for name, tokenizer in {**large, "ignore-merges": little["ignore-merges"]}.items()
    }
    write("hostile.json", {"texts": strange, "ids": expected, "hashes": hashes, "megabyte": megabyte})

    parts = [("sst2", "train", 10000), ("sst2", "test", 10000), ("trec", "train", 10000),
             ("trec", "test", 10000), ("agnews", "test", 10000), ("emoc", "test", 10000)]
    blocks = []
    for dataset, part, limit in parts:
        lines = [text for _, text in zip(range(limit), texts(dataset, part))]
        hashes = {name: block_hashes(tokenizer, lines) for name, tokenizer in large.items()}
        blocks.append({"dataset": dataset, "part": part, "lines": len(lines), "hashes": hashes})
    write("lines.json", {"block": BLOCK, "parts": blocks})
    write("classes.json", scalar_classes())
    write("composition.json", compositions())
    print("tokenizers", tokenizers.__version__, "python", sys.version.split()[0], file=sys.stderr)


if __name__ == "__main__":
    main()
