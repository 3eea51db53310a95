"""Little tokenizers for GGUF files, and the ids that the libraries they come from give to texts."""

import functools
import importlib.util
import io
import json
from pathlib import Path

import gguf
import sentencepiece
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

HERE = Path(__file__).parent


@functools.cache
def theirs():
    """../tokenizer/make.py, which has the texts."""
    spec = importlib.util.spec_from_file_location(
        "tokenizer_make", HERE.parent / "tokenizer" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines() -> list[str]:
    texts = [text for _, text in zip(range(600), theirs().texts("sst2", "test"))]
    return texts + ["word  word   word\n\nword\t\tcaf\u00e9 \u4f60\u597d \U0001f600"] * 30


@functools.cache
def pieces(size: int) -> sentencepiece.SentencePieceProcessor:
    """As LLaMA's was trained: BPE with bytes for what is unknown, and texts taken as they are."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines()), model_writer=model, vocab_size=size, model_type="bpe",
        byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        split_digits=True, allow_whitespace_only_pieces=True, character_coverage=0.98,
        num_threads=1, minloglevel=2)
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


@functools.cache
def byte_level(size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
        special_tokens=["<|endoftext|>"])
    tokenizer.train_from_iterator(lines(), trainer)
    return tokenizer


def add(kind: str, size: int, writer: gguf.GGUFWriter) -> None:
    if kind == "pieces":
        model = pieces(size)
        assert model.vocab_size() == size
        writer.add_tokenizer_model("llama")
        writer.add_tokenizer_pre("default")
        writer.add_token_list([model.id_to_piece(i) for i in range(size)])
        writer.add_token_scores([model.get_score(i) for i in range(size)])
        writer.add_token_types([
            2 if model.is_unknown(i) else 3 if model.is_control(i) else 6 if model.is_byte(i) else 1
            for i in range(size)])
        writer.add_bos_token_id(model.bos_id())
        writer.add_eos_token_id(model.eos_id())
        writer.add_unk_token_id(model.unk_id())
        writer.add_add_bos_token(True)
        writer.add_add_eos_token(False)
        writer.add_add_space_prefix(True)
    else:
        tokenizer = byte_level(size)
        model = json.loads(tokenizer.to_str())["model"]
        assert len(model["vocab"]) == size
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("gpt-2")
        writer.add_token_list(sorted(model["vocab"], key=model["vocab"].get))
        writer.add_token_types([3] + [1] * (size - 1))
        writer.add_token_merges([" ".join(pair) for pair in model["merges"]])
        writer.add_bos_token_id(0)
        writer.add_eos_token_id(0)


def ids(kind: str, size: int) -> list[str]:
    """Hashes of the ids of hostile.json's texts, begin-of-text included where it is added."""
    texts = json.loads((HERE.parent / "tokenizer" / "hostile.json").read_text())["texts"]
    if kind == "pieces":
        model = pieces(size)
        encode = lambda text: [model.bos_id()] + model.encode(text)  # noqa: E731
    else:
        encode = lambda text: byte_level(size).encode(text).ids  # noqa: E731
    return [f"{theirs().fnv(encode(text)):016x}" for text in texts]
