"""Writes the expected ids of tokenizers of SentencePiece's kind, with Hugging Face's `tokenizers`.

    pip install tokenizers
    python Tests/Goldens/tokenizer/make_pieces.py

Writes, beside this script,

* pieces/NAME/tokenizer.json: little tokenizers in the style of LLaMA 2, Mistral, Gemma and others;
* pieces.json: for each of them hashes of the ids of hostile.json's texts and of texts with its
  added tokens, of the texts that these ids and the same backwards decode to, of the ids and the
  ends of the tokens of lines of the data sets, and of the ids of texts of a megabyte.
"""

import json
import sys

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

from make import HERE, fnv, hostile, texts, write

MARK = "\u2581"
LINES = [("sst2", "test", 200), ("trec", "test", 100), ("agnews", "test", 60), ("emoc", "test", 60)]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def train(size, words=True, alphabet=110):
    """The pieces and merges of a vocabulary; `words` keeps a mark within a piece from happening."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Replace(" ", MARK)
    if words:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=size, limit_alphabet=alphabet, initial_alphabet=[MARK], show_progress=False,
        max_token_length=None if words else 12,
    )
    lines = [text for _, text in zip(range(600), texts("sst2", "test"))]
    lines += [text for _, text in zip(range(200), texts("agnews", "test"))]
    lines += ["word word  word   word    word\n\nword\t\tcaf\u00e9 \u4f60\u597d\u4e16\u754c \U0001f600 \u00e9"] * 30
    tokenizer.train_from_iterator(lines, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return sorted(model["vocab"], key=model["vocab"].get), model["merges"]


def build(trained, first=("<unk>", "<s>", "</s>"), byte_tokens=BYTES, extra=(), **options):
    pieces, merges = trained
    vocab = {}
    for piece in [*first, *byte_tokens, *pieces, *extra]:
        vocab.setdefault(piece, len(vocab))
    return Tokenizer(models.BPE(vocab=vocab, merges=[tuple(m) for m in merges], **options))


def special(tokenizer, names, **flags):
    tokenizer.add_special_tokens([AddedToken(name, special=True, **flags) for name in names])


def bos(tokenizer, name, end=None):
    names = [name] + ([end] if end else [])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{name} $A" + (f" {end}" if end else ""),
        special_tokens=[(n, tokenizer.token_to_id(n)) for n in names],
    )


def llama_decoder():
    return decoders.Sequence([
        decoders.Replace(MARK, " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(" ", 1, 0),
    ])


def llama_normalizer():
    return normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])


def piece_tokenizers():
    words = train(700)
    across = train(1000, words=False)
    result = {}

    llama = build(words, byte_fallback=True, fuse_unk=True, unk_token="<unk>")
    llama.normalizer = llama_normalizer()
    llama.decoder = llama_decoder()
    special(llama, ["<unk>", "<s>", "</s>"], normalized=False)
    bos(llama, "<s>")
    result["llama2"] = llama

    mistral = build(across, byte_fallback=True, fuse_unk=True, unk_token="<unk>", ignore_merges=False)
    mistral.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    mistral.decoder = llama_decoder()
    special(mistral, ["<unk>", "<s>", "</s>", "[INST]", "[/INST]"], normalized=False)
    bos(mistral, "<s>", "</s>")
    result["mistral"] = mistral

    gemma = build(
        across, first=("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "\n\n", MARK * 2),
        byte_fallback=True, fuse_unk=True, unk_token="<unk>")
    gemma.normalizer = normalizers.Replace(" ", MARK)
    gemma.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    gemma.decoder = decoders.Sequence(
        [decoders.Replace(MARK, " "), decoders.ByteFallback(), decoders.Fuse()])
    special(gemma, ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>"], normalized=False)
    gemma.add_tokens([
        AddedToken("\n\n", normalized=False), AddedToken("\n", normalized=False),
        AddedToken(MARK * 2, normalized=False), AddedToken("word  word", normalized=True),
    ])
    bos(gemma, "<bos>")
    result["gemma"] = gemma

    # Scalars without a token are unknown, and neighbours fuse.
    always = build(words, byte_tokens=(), fuse_unk=True, unk_token="<unk>")
    always.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    always.decoder = decoders.Metaspace(prepend_scheme="always", split=True)
    special(always, ["<unk>", "<s>", "</s>"], normalized=False)
    result["metaspace-always"] = always

    never = build(words, byte_tokens=(), fuse_unk=False, unk_token="<unk>")
    never.normalizer = normalizers.NFC()
    never.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.Metaspace(prepend_scheme="never", split=True),
    ])
    never.decoder = decoders.Metaspace(prepend_scheme="never")
    special(never, ["<s>"], normalized=True)
    result["metaspace-never"] = never

    # Bytes for some scalars only.
    partial = build(
        across, byte_tokens=[b for i, b in enumerate(BYTES) if i % 8 != 5], byte_fallback=True,
        fuse_unk=True, unk_token="<unk>")
    partial.normalizer = llama_normalizer()
    partial.pre_tokenizer = pre_tokenizers.Split(MARK, "merged_with_next")
    partial.decoder = llama_decoder()
    result["partial-bytes"] = partial

    whole = build(
        words, byte_fallback=True, ignore_merges=True, unk_token="<unk>",
        extra=[MARK + "clockwork", "clockwork", "\u00e9\u00e9", "word" + MARK + "word"])
    whole.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Metaspace(prepend_scheme="first", split=True),
        pre_tokenizers.Digits(individual_digits=False),
    ])
    whole.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="first")])
    special(whole, ["<s>"], normalized=False)
    result["whole-words"] = whole

    flags = build(words, byte_fallback=True, fuse_unk=False, unk_token="<unk>")
    flags.normalizer = normalizers.Sequence([normalizers.NFC(), llama_normalizer()])
    flags.pre_tokenizer = pre_tokenizers.Split(MARK, "isolated")
    flags.decoder = decoders.Sequence(
        [decoders.Replace(MARK, " "), decoders.ByteFallback(), decoders.Strip(" ", 0, 1)])
    flags.add_tokens([
        AddedToken("<left>", lstrip=True, normalized=False),
        AddedToken("<right>", rstrip=True, normalized=False),
        AddedToken("<both>", lstrip=True, rstrip=True, normalized=False),
        AddedToken("<a>", normalized=True), AddedToken("<a><b>", normalized=True),
        AddedToken("sword", single_word=True, normalized=False),
    ])
    special(flags, ["<s>"], normalized=True)
    result["flags"] = flags
    return result


EXTRA = [
    "<s>", "<s>a", "<s> a", " <s>a", "a<s>", "a<s>b", "a <s> b", "a</s><s>b", "<s><s>", "[INST] Hi [/INST] yes</s>",
    "[INST]Hi[/INST]yes", "<bos><start_of_turn>user\nHi\n\n\nyou<eos>", "word  word word   word", "\u2581", "\u2581a",
    "a\u2581b \u2581 c", "\u2581\u2581\u2581", " \u2581a", "<0x41>", "<0x41", "<unk>", "a<unk>b", "<0x0A>\n<0xE4>",
    "Review: fine film\nSentiment: Positive\n\nReview: bad\nSentiment:", "Sentiment: Positive", " Positive", "Positive",
    "a<a>b", "x <a><b> y", "<a> <a><b>", "\u00e9\u00e9", "word word", "clockwork", "x\u4e2d\u6587y\u0416\u0416z", "\U0001f9ff\u2603a\u2603",
]


def text_hash(text, value):
    return fnv(list(text.encode()) + [-1], value)


def ends(tokenizer, line, prepends):
    encoding = tokenizer.encode(line, add_special_tokens=False)
    result = [end for _, end in encoding.offsets]
    # The mark that is not of the text stands for none of it.
    if prepends and encoding.tokens and encoding.tokens[0] == MARK and line[0] != " ":
        result[0] = 0
    return result


def expected(name, tokenizer, strange):
    start = 0xCBF29CE484222325
    ids = [tokenizer.encode(text).ids for text in strange]
    decode = lambda some: tokenizer.decode(some, skip_special_tokens=False)
    blocks = []
    for dataset, part, limit in LINES:
        id_hash, end_hash = start, start
        for _, line in zip(range(limit), texts(dataset, part)):
            id_hash = fnv(tokenizer.encode(line).ids + [-1], id_hash)
            if line.isascii() and not line.startswith(" "):
                end_hash = fnv(ends(tokenizer, line, "never" not in name and name != "gemma") + [-1], end_hash)
        blocks.append({"dataset": dataset, "part": part, "lines": limit,
                       "ids": f"{id_hash:016x}", "ends": f"{end_hash:016x}"})
    return {
        "hostile": [f"{fnv(some):016x}" for some in ids],
        "decoded": [f"{text_hash(decode(some), start):016x}" for some in ids],
        "backwards": [f"{text_hash(decode(some[::-1]), start):016x}" for some in ids],
        "lines": blocks,
        "megabyte": {
            text: f"{fnv(tokenizer.encode(text * (1_000_000 // len(text))).ids):016x}"
            for text in ("abcdefghij", "a", "the film ", "\u00e9", " ", "\u0416")
        },
    }


def main():
    strange = hostile() + EXTRA
    result = {}
    for name, tokenizer in piece_tokenizers().items():
        path = HERE / "pieces" / name / "tokenizer.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(json.loads(tokenizer.to_str()), separators=(",", ":")) + "\n")
        result[name] = expected(name, Tokenizer.from_file(str(path)), strange)
        print(name, path.stat().st_size, tokenizer.get_vocab_size(), file=sys.stderr)
    write("pieces.json", {"extra": EXTRA, "tokenizers": result})
    print("tokenizers", tokenizers.__version__, "python", sys.version.split()[0], file=sys.stderr)


if __name__ == "__main__":
    main()
