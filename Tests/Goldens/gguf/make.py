"""Makes tiny GGUF files and their float64 references: `python make.py`, here.

README.md says what is made.
"""

import importlib.util
import json
import math
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Type
from gguf import quants
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

HERE = Path(__file__).parent


def module(name: str, path: str):
    spec = importlib.util.spec_from_file_location(name, HERE.parent / path)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


for folder in ("families", "gpt2"):
    sys.path.insert(0, str(HERE.parent / folder))
families = module("families_make", "families/make.py")
gpt2 = module("gpt2_make", "gpt2/make.py")

import blocks  # noqa: E402
import decoders  # noqa: E402  of families
import vocabularies  # noqa: E402

rope = families.rope
WINDOW, POSITIONS = families.WINDOW, families.POSITIONS
LENGTHS = (2, 9, 17)


@dataclass
class Case(families.Case):
    lengths: tuple[int, ...] = LENGTHS
    architecture: str = ""  # general.architecture
    tokenizer: str = ""
    extra: dict = field(default_factory=dict)  # tensors that are no weights

    @property
    def head_size(self) -> int:
        return self.options.get("head_dim", self.width // self.heads)


def stretches(theta: float, size: int) -> list[float]:
    """What LLaMA 3's frequencies are divided by, as convert_hf_to_gguf.py writes it to rope_freqs."""
    factor, low, high, context = 8.0, 1.0, 4.0, 16
    factors = []
    for i in range(0, size, 2):
        length = 2 * math.pi * theta ** (i / size)
        if length < context / high:
            factors.append(1.0)
        elif length > context / low:
            factors.append(factor)
        else:
            smooth = (context / length - low) / (high - low)
            factors.append(1 / ((1 - smooth) / factor + smooth))
    return torch.tensor(factors, dtype=torch.float32).tolist()


def always(factors: list[float]) -> dict:
    return {"rope_type": "longrope", "short_factor": factors, "long_factor": factors,
            "attention_factor": 1.0, "original_max_position_embeddings": POSITIONS}


STRETCHED = stretches(10000.0, 16)
LONG = families.LONG | {"short_factor": [1.0, 1.2, 1.7], "long_factor": [1.1, 2.5, 5.0]}

CASES = [
    Case("llama", "llama", 2, 4, 32, 400, inner=256, tied=False, architecture="llama",
         tokenizer="pieces",
         options={"num_key_value_heads": 2, "head_dim": 64, "rms_norm_eps": 1e-5, **rope()}),
    Case("llama3", "llama", 2, 4, 32, 90, inner=256, tied=True, architecture="llama",
         extra={"rope_freqs.weight": STRETCHED},
         options={"num_key_value_heads": 2, "head_dim": 16, "rms_norm_eps": 1e-5,
                  **rope(10000.0, **always(STRETCHED))}),
    Case("llama_linear", "llama", 2, 4, 32, 83, inner=96, tied=False, architecture="llama",
         options={"num_key_value_heads": 4, "attention_bias": True, "mlp_bias": True,
                  **rope(rope_type="linear", factor=2.0)}),
    Case("mistral", "mistral", 2, 4, 32, 80, inner=256, tied=False, gain=0.8, architecture="llama",
         options={"num_key_value_heads": 2, "sliding_window": WINDOW, "rms_norm_eps": 1e-5,
                  **rope()}),
    Case("gpt2", "gpt2", 2, 4, 32, 300, inner=256, tied=True, architecture="gpt2",
         tokenizer="bytes"),
    Case("qwen2", "qwen2", 2, 4, 32, 101, inner=256, tied=True, gain=0.8, architecture="qwen2",
         options={"num_key_value_heads": 2, "rms_norm_eps": 1e-4, **rope(1000000.0)}),
    Case("qwen3", "qwen3", 2, 4, 32, 94, inner=256, tied=True, architecture="qwen3",
         options={"num_key_value_heads": 2, "head_dim": 16, **rope(1000000.0)}),
    Case("gemma", "gemma", 2, 4, 32, 93, inner=256, tied=True, architecture="gemma",
         options={"num_key_value_heads": 1, "head_dim": 16, "rms_norm_eps": 1e-5, **rope()}),
    Case("gemma2", "gemma2", 2, 4, 32, 87, inner=256, tied=True, architecture="gemma2",
         options={"num_key_value_heads": 2, "head_dim": 16, "query_pre_attn_scalar": 16,
                  "attn_logit_softcapping": 3.0, "final_logit_softcapping": 5.0,
                  "sliding_window": WINDOW, **rope()}),
    Case("phi3", "phi3", 2, 4, 32, 95, inner=256, tied=False, gain=0.8, architecture="phi3",
         options={"num_key_value_heads": 2, "sliding_window": WINDOW, "pad_token_id": 0, **rope()}),
    Case("phi3_long", "phi3", 2, 4, 32, 82, inner=96, tied=True, gain=0.8, architecture="phi3",
         extra={f"rope_factors_{kind}.weight": LONG[f"{kind}_factor"] for kind in ("short", "long")},
         options={"num_key_value_heads": 4, "pad_token_id": 0,
                  "original_max_position_embeddings": 16,
                  **rope(partial_rotary_factor=0.75, **LONG,
                         original_max_position_embeddings=16)}),
    Case("phi", "phi", 2, 4, 32, 77, inner=64, tied=False, architecture="phi2",
         options=rope(partial_rotary_factor=0.5)),
    Case("bloom", "bloom", 2, 4, 32, 92, inner=128, tied=True, architecture="bloom"),
    Case("pythia", "gpt_neox", 2, 2, 32, 88, inner=256, tied=False, architecture="gptneox",
         options=rope(partial_rotary_factor=0.25) | {"use_parallel_residual": True}),
]


# -- from Hugging Face's order to GGUF's and back, as convert_hf_to_gguf.py has it

def interleave(heads: int):
    """The halves of each head's rows, row by row in turns."""
    def there(x):
        return x.reshape(heads, 2, -1, *x.shape[1:]).swapaxes(1, 2).reshape(x.shape)

    def back(x):
        return x.reshape(heads, -1, 2, *x.shape[1:]).swapaxes(1, 2).reshape(x.shape)
    return there, back


def part_by_part(heads: int):
    def there(x):
        return x.reshape(heads, 3, -1, *x.shape[1:]).swapaxes(0, 1).reshape(x.shape)

    def back(x):
        return x.reshape(3, heads, -1, *x.shape[1:]).swapaxes(0, 1).reshape(x.shape)
    return there, back


def rearranged(case: Case, name: str):
    """A pair of functions, there and back."""
    if case.architecture == "llama" and ".q_proj." in name:
        return interleave(case.heads)
    if case.architecture == "llama" and ".k_proj." in name:
        return interleave(case.options.get("num_key_value_heads", case.heads))
    if case.architecture in ("bloom", "gptneox") and "query_key_value" in name:
        return part_by_part(case.heads)
    if case.architecture == "gpt2" and name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
        return (lambda x: x.T,) * 2
    if case.architecture.startswith("gemma") and name.endswith("norm.weight"):
        return (lambda x: x + 1), (lambda x: x - 1)
    return (lambda x: x,) * 2


SMALL = [Type.Q8_0, Type.Q4_0, Type.F16, Type.Q5_0, Type.Q8_0, Type.BF16, Type.Q4_0]
LARGE = [Type.Q4_K, Type.Q6_K, Type.Q5_K]


def kind_of(name: str, shape: tuple[int, ...], counts: dict) -> Type:
    """Blocks of 256 where rows have as many numbers, else smaller ones and floats in turns."""
    if len(shape) == 1 or shape[-1] % 32:
        return Type.F32
    kinds = SMALL if shape[-1] % 256 else LARGE
    counts[shape[-1] % 256 == 0] = counts.get(shape[-1] % 256 == 0, -1) + 1
    return kinds[counts[shape[-1] % 256 == 0] % len(kinds)]


# -- files

def write_gguf(case: Case, source: Path, file: Path, target: Path) -> None:
    """Converts a checkpoint, and writes what its file stands for as another checkpoint."""
    writer = gguf.GGUFWriter(file, case.architecture)
    config = json.loads((source / "config.json").read_text())
    write_metadata(case, config, writer)
    architecture = next(
        key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == case.architecture)
    names = gguf.get_tensor_name_map(architecture, case.layers)
    standing_for, counts = {}, {}
    for name, factors in case.extra.items():
        writer.add_tensor(name, np.array(factors, dtype=np.float32))
    tensors = load_file(source / "model.safetensors")
    for name in sorted(tensors):
        known = name.removeprefix("transformer.") if case.architecture == "bloom" else name
        stored = names.get_name(known, try_suffixes=(".weight", ".bias"))
        assert stored, name
        there, back = rearranged(case, name)
        values = np.ascontiguousarray(there(tensors[name].float().numpy()))
        kind = kind_of(stored, values.shape, counts)
        if kind == Type.F32:
            writer.add_tensor(stored, values)
            read = values
        else:
            data = blocks.quantize(values, kind)
            writer.add_tensor(stored, data, raw_dtype=kind)
            read = quants.dequantize(data, kind)
        standing_for[name] = torch.from_numpy(np.ascontiguousarray(back(read)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    target.mkdir()
    save_file(standing_for, target / "model.safetensors", metadata={"format": "pt"})
    (target / "config.json").write_text(json.dumps(config | {"dtype": "float32"}))


def write_metadata(case: Case, config: dict, writer: gguf.GGUFWriter) -> None:
    options, parameters = case.options, case.options.get("rope_parameters", {})
    writer.add_name(case.name)
    writer.add_block_count(case.layers)
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(case.width)
    writer.add_feed_forward_length(case.inner)
    writer.add_head_count(case.heads)
    if "num_key_value_heads" in options:
        writer.add_head_count_kv(options["num_key_value_heads"])
    if case.architecture in ("gpt2", "phi2", "bloom", "gptneox"):
        writer.add_layer_norm_eps(1e-5)
    else:
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    if parameters:
        turned = int(case.head_size * parameters.get("partial_rotary_factor", 1))
        writer.add_rope_freq_base(parameters["rope_theta"])
        writer.add_rope_dimension_count(turned)
    if parameters.get("rope_type") == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(parameters["factor"])
    if case.name == "phi3_long":
        first = options["original_max_position_embeddings"]
        writer.add_rope_scaling_orig_ctx_len(first)
        factor = math.sqrt(1 + math.log(POSITIONS / first) / math.log(first))
        writer.add_rope_scaling_attn_factors(factor)
    if "head_dim" in options:
        writer.add_key_length(options["head_dim"])
        writer.add_value_length(options["head_dim"])
    if "sliding_window" in options:
        writer.add_sliding_window(options["sliding_window"])
    if "attn_logit_softcapping" in options:
        writer.add_attn_logit_softcapping(options["attn_logit_softcapping"])
        writer.add_final_logit_softcapping(options["final_logit_softcapping"])
    if "use_parallel_residual" in options:
        writer.add_parallel_residual(options["use_parallel_residual"])
    writer.add_vocab_size(case.vocabulary)
    if case.tokenizer:
        vocabularies.add(case.tokenizer, case.vocabulary, writer)


# -- references

def recording(attend):
    """Keeps queries, keys and values as they meet, too: their order differs within GGUF files."""
    def recorded(self, layer, query, key, value, **options):
        self.tracing.query.append(query)
        self.tracing.key.append(key)
        self.tracing.value.append(value)
        return attend(self, layer, query, key, value, **options)
    return recorded


decoders.Decoder.attend = recording(decoders.Decoder.attend)


def gpt2_case(case: Case):
    return gpt2.Case(case.name, case.layers, case.heads, case.width, case.vocabulary,
                     inner=case.inner, tied=case.tied, positions=POSITIONS, lengths=case.lengths)


def write_reference(case: Case, generator: torch.Generator) -> dict:
    file = HERE / "checkpoints" / f"{case.name}.gguf"
    reference = HERE / "references" / f"{case.name}.safetensors"
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source", Path(folder) / "target"
        if case.family == "gpt2":
            gpt2.write_checkpoint(gpt2_case(case), source, generator)
        else:
            families.write_checkpoint(case, source, generator)
        write_gguf(case, source, file, target)
        if case.family == "gpt2":
            entry = gpt2.write_reference(gpt2_case(case), target, reference, generator)
        else:
            entry = families.write_reference(case, target, reference, generator)
        agreement = transformers_reads(file, target)
    print(f"{case.name:16} {file.stat().st_size} bytes, transformers {agreement}")
    return entry | {
        "name": f"gguf {case.name}", "family": case.family, "checkpoint": f"checkpoints/{file.name}",
        "architecture": case.architecture, "hub_config": None,
        "types": sorted({tensor.tensor_type.name for tensor in gguf.GGUFReader(file).tensors}),
        "hostile_ids": vocabularies.ids(case.tokenizer, case.vocabulary) if case.tokenizer else None,
    }


def transformers_reads(file: Path, target: Path) -> str:
    """Whether `transformers`, reading the file itself, computes what the reference model does."""
    tokens = torch.arange(1, 20)[None]
    try:
        theirs = AutoModelForCausalLM.from_pretrained(
            file.parent, gguf_file=file.name, dtype=torch.float32).eval()
    except Exception as error:  # it reads some architectures only
        return f"does not read it ({type(error).__name__}: {str(error)[:60]})"
    ours = AutoModelForCausalLM.from_pretrained(target, dtype=torch.float32).eval()
    with torch.no_grad():
        difference = (theirs(tokens).logits - ours(tokens).logits).abs().max().item()
    return f"differs by {difference:.1e}"


def main() -> None:
    torch.set_num_threads(1)
    wanted = sys.argv[1:]
    for name in ("checkpoints", "references"):
        if not wanted:
            shutil.rmtree(HERE / name, ignore_errors=True)
        (HERE / name).mkdir(exist_ok=True)
    entries = []
    for seed, case in enumerate(CASES):
        if wanted and case.name not in wanted:
            continue
        generator = torch.Generator().manual_seed(3000 + seed)
        entries.append(write_reference(case, generator))
    if wanted:
        return
    packages = ("gguf", "torch", "transformers", "safetensors", "numpy", "sentencepiece")
    document = {"made_with": {name: version(name) for name in packages}, "cases": entries}
    (HERE / "cases.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
