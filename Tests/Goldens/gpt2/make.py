"""Makes the tiny GPT-2 checkpoints and their float64 references: `python make.py`, here.

README.md says what is made, and why the tolerances are what they are.
"""

import json
import shutil
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel

from reference import Checkpoint, Trace, attention_gradient, label_loss, saliency

HERE = Path(__file__).parent
TOLERANCES = {
    "logits": {"absolute": 1e-4, "relative": 1e-5},
    "attention": {"absolute": 1e-6},
    "attention_gradient": {"relative_to_largest": 1e-4},
    "saliency": {"relative_to_largest": 1e-4},
    "finite_difference": {"relative_to_largest": 1e-4},
}
STEP = 1e-5  # of the finite differences
LONG = 1024  # prompts of this length keep aggregates only


@dataclass
class Case:
    name: str
    layers: int
    heads: int
    width: int
    vocabulary: int
    inner: int | None = None
    tied: bool = True
    dtype: str = "float32"
    shard_size: str | None = None
    prefixed: bool = True  # False: names without "transformer.", and the old mask buffers
    positions: int = 64
    lengths: tuple[int, ...] = (1, 2, 7, 64)
    gain: float = 1.0  # of the query, key and value matrices: how sharp attention is
    options: dict = field(default_factory=dict)


CASES = [
    Case("plain", layers=2, heads=2, width=16, vocabulary=97),
    Case("single", layers=1, heads=1, width=8, vocabulary=60, tied=False),
    Case("deep", layers=5, heads=3, width=24, vocabulary=61),
    Case("wide", layers=2, heads=4, width=48, vocabulary=200, tied=False),
    Case("inner", layers=3, heads=4, width=20, vocabulary=83, inner=36, tied=False),
    Case("odd", layers=2, heads=3, width=15, vocabulary=71, inner=7,
         options={"layer_norm_epsilon": 1e-3}),
    Case("inverse", layers=4, heads=2, width=16, vocabulary=90,
         options={"scale_attn_by_inverse_layer_idx": True}),
    Case("unscaled", layers=2, heads=2, width=16, vocabulary=64, lengths=(2, 7), gain=0.6,
         options={"scale_attn_weights": False, "activation_function": "gelu"}),
    Case("bare", layers=2, heads=2, width=16, vocabulary=75, prefixed=False, lengths=(1, 7)),
    Case("half", layers=2, heads=2, width=32, vocabulary=120, tied=False, dtype="float16",
         lengths=(1, 2, 7, 33)),
    Case("brain", layers=2, heads=2, width=32, vocabulary=120, dtype="bfloat16",
         lengths=(1, 2, 7, 33)),
    Case("sharded", layers=3, heads=2, width=16, vocabulary=97, shard_size="16KB",
         lengths=(1, 2, 7, 33)),
    Case("long", layers=2, heads=2, width=16, vocabulary=64, positions=LONG, lengths=(7, LONG)),
]


# -- checkpoints

def write_checkpoint(case: Case, folder: Path, generator: torch.Generator) -> None:
    config = GPT2Config(
        vocab_size=case.vocabulary, n_positions=case.positions, n_embd=case.width,
        n_layer=case.layers, n_head=case.heads, n_inner=case.inner, tie_word_embeddings=case.tied,
        bos_token_id=0, eos_token_id=0, **case.options,
    )
    model = GPT2LMHeadModel(config)
    for name, parameter in model.named_parameters():
        parameter.data = random_parameter(name, parameter.shape, case.gain, generator)
    model.to(getattr(torch, case.dtype))
    limit = {"max_shard_size": case.shard_size} if case.shard_size else {}
    model.save_pretrained(folder, **limit)
    (folder / "generation_config.json").unlink()
    if not case.prefixed:
        tensors = dict(model.transformer.state_dict())
        mask = torch.ones(1, 1, case.positions, case.positions).tril()
        for layer in range(case.layers):
            tensors[f"h.{layer}.attn.bias"] = mask.clone()
            tensors[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def random_parameter(
    name: str, shape: torch.Size, gain: float, generator: torch.Generator
) -> torch.Tensor:
    """Far from the usual 0.02: attention is sharp, and every bias and norm counts."""
    noise = torch.randn(shape, generator=generator)
    if name.endswith("bias"):
        return 0.15 * noise
    if ".ln_" in name:
        return 1 + 0.25 * noise
    if "wte" in name or "lm_head" in name:
        return 0.4 * noise
    if "wpe" in name:
        return 0.3 * noise
    return (gain if "c_attn" in name else 1.2) * shape[0] ** -0.5 * noise


# -- references

def write_reference(case: Case, folder: Path, file: Path, generator: torch.Generator) -> dict:
    """The reference tensors of every prompt of a case; returns its entry of cases.json."""
    checkpoint, tensors, prompts = Checkpoint(folder), {}, []
    theirs = {
        dtype: GPT2LMHeadModel.from_pretrained(
            folder, attn_implementation="eager", dtype=dtype).eval()
        for dtype in (torch.float64, torch.float32)
    }
    float32_error = {}
    for length in case.lengths:
        prompt = random_prompt(case, length, generator)
        trace = checkpoint.trace(prompt["tokens"])
        gradient = attention_gradient(trace, prompt["label_tokens"], prompt["answer"])
        agree(trace, gradient, *transformers_trace(theirs[torch.float64], prompt))
        error = errors(trace, gradient, *transformers_trace(theirs[torch.float32], prompt))
        float32_error = {key: max(error[key], float32_error.get(key, 0)) for key in error}

        named = aggregates(trace, gradient) if length == LONG else whole(trace, gradient)
        named["tokens"] = prompt.pop("tokens")
        prompt["loss"] = label_loss(trace.logits, prompt["label_tokens"], prompt["answer"]).item()
        prompt["tensors"] = sorted(named)
        prompts.append(prompt)
        for key, tensor in named.items():
            stored = tensor.float() if tensor.is_floating_point() else tensor
            tensors[f"{prompt['name']}.{key}"] = stored.detach().clone().contiguous()
    save_file(tensors, file)
    assert float32_error["logits"] < TOLERANCES["logits"]["absolute"] / 2, float32_error
    assert float32_error["attention"] < TOLERANCES["attention"]["absolute"] / 2, float32_error
    assert float32_error["attention_gradient"] < 1e-4 / 2, float32_error
    return {
        "name": case.name,
        "checkpoint": f"checkpoints/{case.name}",
        "reference": f"references/{case.name}.safetensors",
        "layers": case.layers, "heads": case.heads, "width": case.width,
        "inner": case.inner or 4 * case.width, "vocabulary": case.vocabulary,
        "positions": case.positions, "tied": case.tied, "dtype": case.dtype,
        "options": case.options,
        "float32_error": {key: float(f"{value:.1e}") for key, value in float32_error.items()},
        "prompts": prompts,
    }


def random_prompt(case: Case, length: int, generator: torch.Generator) -> dict:
    classes = 2 + length % 5
    return {
        "name": f"t{length}",
        "length": length,
        "tokens": torch.randint(case.vocabulary, (length,), generator=generator),
        "label_tokens": torch.randperm(case.vocabulary, generator=generator)[:classes].tolist(),
        "answer": torch.randint(classes, (), generator=generator).item(),
    }


def whole(trace: Trace, gradient: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    """Every tensor of a trace, named as Fathom saves it."""
    layered = {
        "hidden": trace.hidden, "query": trace.query, "key": trace.key, "value": trace.value,
        "attention": trace.attention, "attention_gradient": gradient,
        "saliency": [saliency(*pair) for pair in zip(trace.attention, gradient)],
    }
    named = {"logits": trace.logits}
    for key, tensors in layered.items():
        named |= {f"{key}.{i}": tensor for i, tensor in enumerate(tensors)}
    return named


def aggregates(trace: Trace, gradient: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    """What is kept of a prompt too long to keep whole."""
    named = {"logits": trace.logits}
    named |= {f"hidden_last.{i}": hidden[-1] for i, hidden in enumerate(trace.hidden)}
    for i, (attention, slope) in enumerate(zip(trace.attention, gradient)):
        named[f"attention_last_row.{i}"] = attention[:, -1]
        named[f"attention_gradient_last_row.{i}"] = slope[:, -1]
        named[f"saliency_row_sums.{i}"] = saliency(attention, slope).sum(1)
        named[f"saliency_column_sums.{i}"] = saliency(attention, slope).sum(0)
    return named


# -- checks

def transformers_trace(model: GPT2LMHeadModel, prompt: dict) -> tuple[Trace, list[torch.Tensor]]:
    """The same, by the library; it keeps no heads' q, k, v, and norms its last hidden state."""
    out = model(prompt["tokens"][None], output_attentions=True, output_hidden_states=True)
    logits = out.logits[0, -1]
    loss = label_loss(logits, prompt["label_tokens"], prompt["answer"])
    gradient = [g[0] for g in torch.autograd.grad(loss, out.attentions)]
    hidden = [h[0] for h in out.hidden_states]
    return Trace(logits, hidden, [], [], [], [a[0] for a in out.attentions]), gradient


def errors(trace, gradient, their_trace, their_gradient) -> dict[str, float]:
    """Largest absolute differences; that of the gradient relative to its largest entry."""
    def worst(ours, theirs):
        return max((a - b).abs().max().item() for a, b in zip(ours, theirs, strict=True))

    scale = max(g.abs().max().item() for g in gradient)
    return {
        "logits": worst([trace.logits], [their_trace.logits]),
        "hidden": worst(trace.hidden[:-1], their_trace.hidden[:-1]),
        "attention": worst(trace.attention, their_trace.attention),
        "attention_gradient": worst(gradient, their_gradient) / scale,
    }


def agree(*traces) -> None:
    error = errors(*traces)
    assert max(error.values()) <= 1e-12, f"transformers disagrees: {error}"


def finite_differences(folder: Path, file: Path, prompt: dict, generator: torch.Generator) -> dict:
    """Central differences of the loss at sampled entries of the attention, checked to 1e-6."""
    checkpoint = Checkpoint(folder)
    tokens = load_file(file)[f"{prompt['name']}.tokens"]
    labels, answer = prompt["label_tokens"], prompt["answer"]
    gradient = torch.stack(attention_gradient(checkpoint.trace(tokens), labels, answer))
    layers, heads, length, _ = gradient.shape

    def loss(*nudge):
        return label_loss(checkpoint.trace(tokens, nudge).logits, labels, answer).item()

    visible = torch.ones(length, length).tril().expand(layers, heads, -1, -1).nonzero()
    last = visible[(visible[:, 0] == layers - 1) & (visible[:, 2] == length - 1)]
    sampled = visible[torch.randperm(len(visible), generator=generator)[:32]]
    entries = []
    for place in torch.unique(torch.cat([sampled, last]), dim=0).tolist():
        value = (loss(*place, STEP) - loss(*place, -STEP)) / (2 * STEP)
        error = abs(value - gradient[tuple(place)].item()) / gradient.abs().max().item()
        assert error < 1e-6, f"finite difference at {place} is off by {error}"
        entries.append(dict(zip(("layer", "head", "query", "key"), place)) | {"value": value})
    return {"prompt": prompt["name"], "step": STEP, "entries": entries}


def main() -> None:
    torch.set_num_threads(1)
    for name in ("checkpoints", "references"):
        shutil.rmtree(HERE / name, ignore_errors=True)
        (HERE / name).mkdir()
    entries = []
    for seed, case in enumerate(CASES):
        generator = torch.Generator().manual_seed(seed)
        folder = HERE / "checkpoints" / case.name
        file = HERE / "references" / f"{case.name}.safetensors"
        write_checkpoint(case, folder, generator)
        entry = write_reference(case, folder, file, generator)
        if case.name == "plain":
            prompt = next(p for p in entry["prompts"] if p["length"] == 7)
            entry["finite_differences"] = finite_differences(folder, file, prompt, generator)
        entries.append(entry)
        print(f"{case.name:9}", entry["float32_error"])
    made_with = {name: version(name) for name in ("torch", "transformers", "safetensors", "numpy")}
    document = {"made_with": made_with, "tolerances": TOLERANCES, "cases": entries}
    (HERE / "cases.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
