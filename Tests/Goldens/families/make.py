"""Makes tiny checkpoints of decoder families and their float64 references: `python make.py`, here.

README.md says what is made, and why the tolerances are what they are.
"""

import contextlib
import json
import shutil
import sys
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.models.bloom import modeling_bloom

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "gpt2"))

from make import errors, random_prompt, whole  # noqa: E402  of gpt2
from reference import Trace, attention_gradient, label_loss  # noqa: E402

import decoders  # noqa: E402

TOLERANCES = {
    "logits": {"absolute": 1e-4, "relative": 1e-5},
    "attention": {"absolute": 1e-6},
    "attention_gradient": {"relative_to_largest": 1e-4},
    "saliency": {"relative_to_largest": 1e-4},
    "finite_difference": {"relative_to_largest": 1e-4},
}
STEP = 1e-5  # of the finite differences
POSITIONS = 64
WINDOW = 8
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
LONG = {"rope_type": "longrope", "short_factor": [1.0, 1.2, 1.7], "long_factor": [1.1, 2.5, 5.0]}
ABSENT = object()  # of older config.json: keys they do not have
TOKENS = {"bos_token_id": 0, "eos_token_id": 0}


@dataclass
class Case:
    name: str
    family: str  # model_type
    layers: int
    heads: int
    width: int
    vocabulary: int
    inner: int
    tied: bool
    options: dict = field(default_factory=dict)  # what else config.json says
    hub: dict = field(default_factory=dict)  # how older config.json say it; see README.md
    dtype: str = "float32"
    lengths: tuple[int, ...] = (1, 2, 7, 33)
    gain: float = 1.2  # of the query and key matrices: how sharp attention is
    shard_size: str | None = None


def rope(theta=10000.0, **more) -> dict:
    return {"rope_parameters": {"rope_type": "default", "rope_theta": theta} | more}


CASES = [
    Case("llama", "llama", 2, 4, 24, 97, inner=40, tied=False,
         options={"num_key_value_heads": 2, "head_dim": 10, "rms_norm_eps": 1e-5, **rope()},
         hub={"rope_theta": 10000.0, "rope_scaling": None, "mlp_bias": ABSENT}),
    Case("llama3", "llama", 2, 4, 32, 90, inner=48, tied=True, dtype="bfloat16",
         options={"num_key_value_heads": 2, "rms_norm_eps": 1e-5,
                  **rope(500000.0, **LLAMA3, original_max_position_embeddings=16)},
         hub={"rope_theta": 500000.0, "head_dim": ABSENT,
              "rope_scaling": LLAMA3 | {"original_max_position_embeddings": 16}}),
    Case("llama3_bands", "llama", 2, 2, 32, 71, inner=40, tied=True, dtype="bfloat16",
         lengths=(7, 33),
         options={"num_key_value_heads": 1, "rms_norm_eps": 1e-5,
                  **rope(10000.0, **LLAMA3, original_max_position_embeddings=32)},
         hub={"rope_theta": 10000.0,
              "rope_scaling": LLAMA3 | {"original_max_position_embeddings": 32}}),
    Case("llama_linear", "llama", 2, 3, 24, 83, inner=36, tied=False, dtype="float16",
         options={"num_key_value_heads": 3, "attention_bias": True, "mlp_bias": True,
                  **rope(rope_type="linear", factor=2.0)},
         hub={"rope_theta": 10000.0, "rope_scaling": {"type": "linear", "factor": 2.0},
              "num_key_value_heads": ABSENT, "head_dim": ABSENT}),
    Case("mistral", "mistral", 2, 4, 32, 80, inner=44, tied=False, lengths=(1, 8, 9, 33),
         options={"num_key_value_heads": 2, "sliding_window": WINDOW, "rms_norm_eps": 1e-5,
                  **rope()},
         hub={"rope_theta": 10000.0, "head_dim": ABSENT}),
    Case("qwen2", "qwen2", 2, 4, 32, 101, inner=44, tied=True, gain=0.8,
         options={"num_key_value_heads": 2, "rms_norm_eps": 1e-4, **rope(1000000.0)},
         hub={"rope_theta": 1000000.0, "use_sliding_window": False, "sliding_window": WINDOW,
              "max_window_layers": 1}),
    Case("qwen3", "qwen3", 2, 4, 24, 94, inner=40, tied=True,
         options={"num_key_value_heads": 2, "head_dim": 12, **rope(1000000.0)},
         hub={"rope_theta": 1000000.0, "rope_scaling": None, "use_sliding_window": False,
              "sliding_window": None, "max_window_layers": 2}),
    Case("pythia", "gpt_neox", 2, 2, 32, 88, inner=64, tied=False,
         options=rope(partial_rotary_factor=0.25) | {"use_parallel_residual": True},
         hub={"rotary_pct": 0.25, "rotary_emb_base": 10000, "attention_bias": ABSENT}),
    Case("neox_sequential", "gpt_neox", 2, 3, 24, 75, inner=50, tied=False,
         options=rope(25000.0, partial_rotary_factor=0.5)
         | {"use_parallel_residual": False, "layer_norm_eps": 1e-3},
         hub={"rotary_pct": 0.5, "rotary_emb_base": 25000}),
    Case("gptj", "gptj", 2, 2, 32, 78, inner=128, tied=False, dtype="float16",
         options={"rotary_dim": 8}, hub={"n_inner": None}),
    Case("gpt_neo", "gpt_neo", 2, 2, 24, 99, inner=96, tied=True, gain=0.6, lengths=(1, 8, 9, 33),
         options={"attention_types": [[["global", "local"], 1]], "window_size": WINDOW},
         hub={"intermediate_size": None}),
    Case("opt", "opt", 2, 3, 24, 85, inner=60, tied=True,
         options={"do_layer_norm_before": True, "activation_function": "relu",
                  "word_embed_proj_dim": 24, "pad_token_id": 1},
         hub={"enable_bias": ABSENT, "layer_norm_elementwise_affine": ABSENT}),
    Case("bloom", "bloom", 2, 4, 32, 92, inner=128, tied=True, dtype="float16",
         hub={"hidden_size": ABSENT, "n_embed": 32, "n_head": ABSENT, "num_attention_heads": 4,
              "tie_word_embeddings": ABSENT}),
    Case("bloom_odd", "bloom", 2, 6, 30, 70, inner=120, tied=True, dtype="float16",
         lengths=(1, 7, 33)),
    Case("phi", "phi", 2, 4, 32, 77, inner=56, tied=False,
         options=rope(partial_rotary_factor=0.5),
         hub={"rope_theta": 10000.0, "rope_scaling": None, "partial_rotary_factor": 0.5,
              "num_key_value_heads": None}),
    Case("gemma", "gemma", 2, 4, 32, 93, inner=44, tied=True,
         options={"num_key_value_heads": 1, "head_dim": 10, "rms_norm_eps": 1e-5, **rope()},
         hub={"rope_theta": 10000.0, "rope_scaling": None, "hidden_act": "gelu",
              "tie_word_embeddings": ABSENT}),
    Case("gemma2", "gemma2", 2, 4, 32, 87, inner=40, tied=True, lengths=(2, 8, 9, 33),
         shard_size="16KB",
         options={"num_key_value_heads": 2, "head_dim": 12, "query_pre_attn_scalar": 20,
                  "attn_logit_softcapping": 3.0, "final_logit_softcapping": 5.0,
                  "sliding_window": WINDOW, **rope()},
         hub={"rope_theta": 10000.0, "hidden_act": "gelu_pytorch_tanh",
              "cache_implementation": "hybrid", "sliding_window_size": WINDOW}),
    Case("gemma2_uncapped", "gemma2", 2, 2, 24, 69, inner=36, tied=True, dtype="bfloat16",
         lengths=(7, 33),
         options={"num_key_value_heads": 1, "head_dim": 8, "query_pre_attn_scalar": 8,
                  "attn_logit_softcapping": None, "final_logit_softcapping": None,
                  "sliding_window": WINDOW, "attention_bias": True, "rms_norm_eps": 1e-4,
                  "layer_types": ["full_attention", "sliding_attention"], **rope(20000.0)}),
    Case("phi3", "phi3", 2, 4, 32, 95, inner=44, tied=False, gain=0.8,
         lengths=(1, 8, 9, 33),
         options={"num_key_value_heads": 2, "sliding_window": WINDOW, "pad_token_id": 0, **rope()},
         hub={"rope_theta": 10000.0, "rope_scaling": None, "attention_bias": False}),
    Case("phi3_long", "phi3", 2, 4, 32, 82, inner=40, tied=True, dtype="float16",
         gain=0.8, lengths=(7, 16, 17, 33),
         options={"num_key_value_heads": 4, "pad_token_id": 0,
                  "original_max_position_embeddings": 16,
                  **rope(partial_rotary_factor=0.75, **LONG,
                         original_max_position_embeddings=16)},
         hub={"rope_theta": 10000.0, "partial_rotary_factor": 0.75, "rope_scaling":
              {"type": "longrope"} | {key: LONG[key] for key in ("short_factor", "long_factor")}}),
    Case("opt_350m", "opt", 2, 4, 24, 79, inner=52, tied=True, dtype="float16",
         options={"do_layer_norm_before": False, "activation_function": "relu",
                  "word_embed_proj_dim": 16, "pad_token_id": 1}),
]


# -- checkpoints

def shape_options(case: Case) -> dict:
    """The sizes, under the names that the family's config.json uses."""
    if case.family == "gptj":
        sizes = {"n_layer": case.layers, "n_head": case.heads, "n_embd": case.width,
                 "n_inner": case.inner, "n_positions": POSITIONS}
    elif case.family == "gpt_neo":
        sizes = {"num_layers": case.layers, "num_heads": case.heads, "hidden_size": case.width,
                 "intermediate_size": case.inner, "max_position_embeddings": POSITIONS}
    elif case.family == "bloom":  # the inner width is always four times the width
        sizes = {"n_layer": case.layers, "n_head": case.heads, "hidden_size": case.width}
    else:
        inner = "ffn_dim" if case.family == "opt" else "intermediate_size"
        sizes = {"num_hidden_layers": case.layers, "num_attention_heads": case.heads,
                 "hidden_size": case.width, inner: case.inner,
                 "max_position_embeddings": POSITIONS}
    return sizes | {"vocab_size": case.vocabulary, "tie_word_embeddings": case.tied, **TOKENS}


def write_checkpoint(case: Case, folder: Path, generator: torch.Generator) -> None:
    config = AutoConfig.for_model(case.family, **shape_options(case), **case.options)
    model = AutoModelForCausalLM.from_config(config)
    for name, parameter in model.named_parameters():
        parameter.data = random_parameter(name, parameter.shape, case.gain, generator)
        if case.family.startswith("gemma") and name.endswith("norm.weight"):
            parameter.data -= 1  # as these are stored
    model.to(getattr(torch, case.dtype))
    limit = {"max_shard_size": case.shard_size} if case.shard_size else {}
    model.save_pretrained(folder, **limit)
    (folder / "generation_config.json").unlink(missing_ok=True)


def random_parameter(
    name: str, shape: torch.Size, gain: float, generator: torch.Generator
) -> torch.Tensor:
    """Far from the usual 0.02: attention is sharp, and every bias and norm counts."""
    noise = torch.randn(shape, generator=generator)
    if name.endswith("bias"):
        return 0.15 * noise
    if len(shape) == 1:
        return 1 + 0.25 * noise
    if "wpe" in name or "embed_positions" in name:
        return 0.3 * noise
    if any(part in name for part in ("wte", "embed", "lm_head")):
        return 0.4 * noise
    scores = ("q_proj", "k_proj", "qkv_proj", "query_key")
    sharp = gain if any(part in name for part in scores) else 1.2
    return sharp * shape[1] ** -0.5 * noise  # a linear layer's matrix is (out, in)


# -- transformers, in float64

@contextlib.contextmanager
def everything_is_float64():
    """While this lasts, `transformers` finds float64 wherever it asks for float32.

    Its eager code casts softmax, RMSNorm, rotary angles and ALiBi slopes to float32; and BLOOM has
    a derivative of its GELU written out with ten digits, here left to autograd.
    """
    patches = [
        (torch, "float32", torch.float64), (torch, "float", torch.float64),
        (torch.Tensor, "float", torch.Tensor.double),
        (modeling_bloom, "GeLUFunction", SimpleNamespace(apply=modeling_bloom.bloom_gelu_forward)),
    ]
    saved = [(owner, name, getattr(owner, name)) for owner, name, _ in patches]
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    for owner, name, value in patches:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in saved:
            setattr(owner, name, value)
        torch.set_default_dtype(default)


def load(folder: Path, dtype: torch.dtype) -> torch.nn.Module:
    model = AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation="eager", dtype=dtype).eval()
    if dtype == torch.float64:
        with everything_is_float64():  # the tables of rotary angles again
            for module in model.modules():
                if hasattr(module, "inv_freq"):
                    again = type(module)(model.config)
                    module.inv_freq = again.inv_freq
                    module.original_inv_freq = again.original_inv_freq
                    assert module.inv_freq.dtype == torch.float64
                if hasattr(module, "embed_scale"):
                    module.embed_scale = torch.tensor(module.scalar_embed_scale)
                    assert module.embed_scale.dtype == torch.float64
                if hasattr(module, "embed_positions") and model.config.model_type == "gptj":
                    module.embed_positions = type(module)(model.config, 0).embed_positions
                    assert module.embed_positions.dtype == torch.float64
    return model


def transformers_trace(
    model: torch.nn.Module, top: str, prompt: dict
) -> tuple[Trace, list[torch.Tensor]]:
    """What the library computes; the last hidden state as it leaves `top`, the last block."""
    last = []
    hook = model.get_submodule(top).register_forward_hook(
        lambda module, arguments, out: last.append(out[0] if isinstance(out, tuple) else out))
    double = model.dtype == torch.float64
    with everything_is_float64() if double else contextlib.nullcontext():
        out = model(prompt["tokens"][None], output_attentions=True, output_hidden_states=True,
                    use_cache=False)
    hook.remove()
    loss = label_loss(out.logits[0, -1], prompt["label_tokens"], prompt["answer"])
    gradient = [g[0] for g in torch.autograd.grad(loss, out.attentions)]
    hidden = [h[0] for h in (*out.hidden_states[:-1], *last)]
    attention = [a[0] for a in out.attentions]
    for tensor in (loss, *gradient, *hidden, *attention):
        assert tensor.dtype == model.dtype
    return Trace(out.logits[0, -1], hidden + [None], [], [], [], attention), gradient


# -- references

def write_reference(case: Case, folder: Path, file: Path, generator: torch.Generator) -> dict:
    """The reference tensors of every prompt of a case; returns its entry of cases.json."""
    decoder, tensors, prompts = decoders.checkpoint(folder), {}, []
    theirs = {dtype: load(folder, dtype) for dtype in (torch.float64, torch.float32)}
    float32_error, disagreement = {}, 0.0
    for length in case.lengths:
        prompt = random_prompt(case, length, generator)
        trace = decoder.trace(prompt["tokens"])
        gradient = attention_gradient(trace, prompt["label_tokens"], prompt["answer"])
        compared = Trace(trace.logits, trace.hidden + [None], [], [], [], trace.attention)
        error = {}
        for dtype, model in theirs.items():
            top = f"{decoder.layers}.{case.layers - 1}"
            their_trace = transformers_trace(model, top, prompt)
            error[dtype] = errors(compared, gradient, *their_trace)
        disagreement = max(disagreement, *error[torch.float64].values())
        error = error[torch.float32]
        float32_error = {key: max(error[key], float32_error.get(key, 0)) for key in error}
        check_visible(case, trace)

        named = whole(trace, gradient)
        named["tokens"] = prompt.pop("tokens")
        prompt["loss"] = label_loss(trace.logits, prompt["label_tokens"], prompt["answer"]).item()
        prompt["tensors"] = sorted(named)
        prompts.append(prompt)
        for key, tensor in named.items():
            stored = tensor.float() if tensor.is_floating_point() else tensor
            tensors[f"{prompt['name']}.{key}"] = stored.detach().clone().contiguous()
    save_file(tensors, file)
    print(f"{case.name:16} {disagreement:.1e}", {k: f"{v:.1e}" for k, v in float32_error.items()})
    assert disagreement <= 1e-12, "transformers disagrees"
    for key, kind in (("logits", "absolute"), ("attention_gradient", "relative_to_largest")):
        assert float32_error[key] < TOLERANCES[key][kind] / 2, key
    assert float32_error["attention"] < 1.5e-6  # it rounds rotary angles
    length = max(n for n in case.lengths if n < 10)
    return {
        "name": case.name,
        "family": case.family,
        "checkpoint": f"checkpoints/{case.name}",
        "reference": f"references/{case.name}.safetensors",
        "layers": case.layers, "heads": case.heads,
        "kv_heads": case.options.get("num_key_value_heads", case.heads),
        "head_size": case.options.get("head_dim", case.width // case.heads),
        "width": case.width, "inner": case.inner, "vocabulary": case.vocabulary,
        "positions": POSITIONS, "tied": case.tied, "dtype": case.dtype, "options": case.options,
        "float32_error": {key: float(f"{value:.1e}") for key, value in float32_error.items()},
        "prompts": prompts,
        "finite_differences": finite_differences(
            case, decoder, next(p for p in prompts if p["length"] == length),
            tensors[f"t{length}.tokens"], generator),
        "hub_config": hub_config(case, folder, tensors.get("t33.tokens")),
    }


def visible(case: Case, layer: int, length: int) -> torch.Tensor:
    mask = torch.ones(length, length, dtype=torch.bool).tril()
    local = {"mistral": (0, 1), "gpt_neo": (1,), "gemma2": (0,), "gemma2_uncapped": (1,),
             "phi3": (0, 1)}
    if layer in local.get(case.name, ()):
        mask &= mask.triu(1 - WINDOW)
    return mask


def check_visible(case: Case, trace: Trace) -> None:
    """Attention is zero where a query must not look, and nowhere else."""
    for layer, attention in enumerate(trace.attention):
        mask = visible(case, layer, attention.shape[-1]).expand_as(attention)
        assert ((attention > 0) == mask).all()


def finite_differences(case, decoder, prompt, tokens, generator) -> dict:
    """Central differences of the loss at sampled entries of the attention, checked to 1e-6."""
    labels, answer = prompt["label_tokens"], prompt["answer"]
    gradient = torch.stack(attention_gradient(decoder.trace(tokens), labels, answer))

    def loss(*nudge):
        return label_loss(decoder.trace(tokens, nudge).logits, labels, answer).item()

    masks = torch.stack([visible(case, layer, len(tokens)) for layer in range(case.layers)])
    places = masks[:, None].expand(-1, case.heads, -1, -1).nonzero()
    entries = []
    for place in places[torch.randperm(len(places), generator=generator)[:12]].tolist():
        value = (loss(*place, STEP) - loss(*place, -STEP)) / (2 * STEP)
        error = abs(value - gradient[tuple(place)].item()) / gradient.abs().max().item()
        assert error < 1e-6, f"finite difference at {place} is off by {error}"
        entries.append(dict(zip(("layer", "head", "query", "key"), place)) | {"value": value})
    return {"prompt": prompt["name"], "step": STEP, "entries": entries}


def hub_config(case: Case, folder: Path, tokens: torch.Tensor) -> dict | None:
    """The same config.json as older files on the hub have it; stops unless the library computes
    the same with it, to the last bit."""
    if not case.hub:
        return None
    config = json.loads((folder / "config.json").read_text())
    config["torch_dtype"] = config.pop("dtype")
    config |= {"rope_parameters": ABSENT, "layer_types": ABSENT} | case.hub
    config = {key: value for key, value in config.items() if value is not ABSENT}
    read = AutoConfig.for_model(**json.loads(json.dumps(config)))
    outputs = [
        AutoModelForCausalLM.from_pretrained(folder, **options, dtype=torch.float32)(tokens[None])
        for options in ({}, {"config": read})
    ]
    assert torch.equal(*(out.logits for out in outputs)), case.name
    return config


def main() -> None:
    torch.set_num_threads(1)
    for name in ("checkpoints", "references"):
        shutil.rmtree(HERE / name, ignore_errors=True)
        (HERE / name).mkdir()
    entries = []
    for seed, case in enumerate(CASES):
        generator = torch.Generator().manual_seed(1000 + seed)
        folder = HERE / "checkpoints" / case.name
        file = HERE / "references" / f"{case.name}.safetensors"
        write_checkpoint(case, folder, generator)
        entries.append(write_reference(case, folder, file, generator))
    made_with = {name: version(name) for name in ("torch", "transformers", "safetensors", "numpy")}
    document = {"made_with": made_with, "tolerances": TOLERANCES, "cases": entries}
    (HERE / "cases.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
