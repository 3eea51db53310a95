"""What interventions do, by PyTorch hooks in `transformers`, in float64: `python make.py`, here.

README.md says what is made.
"""

import importlib.util
import json
import sys
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import eager_mask

HERE = Path(__file__).parent
GOLDENS = HERE.parent
PROMPT = "t7"


def families():
    """../families/make.py, which loads models in float64."""
    place = GOLDENS / "families" / "make.py"
    sys.path[:0] = [str(place.parent), str(GOLDENS / "gpt2")]
    spec = importlib.util.spec_from_file_location("families", place)
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up.
    sys.modules["families"] = module
    spec.loader.exec_module(module)
    return module


families = families()
label_loss = sys.modules["reference"].label_loss


def into(row, columns=None):
    """Edges from earlier positions to one."""
    return [[column, row] for column in (range(row) if columns is None else columns)]


TO_TARGET = into(6, [1, 3])
CUT_OFF = into(2) + into(4)
CASES = [
    {"model": "deep", "interventions": [
        {"action": "ablate", "layers": [1], "heads": [2]}]},
    {"model": "deep", "interventions": [
        {"action": "ablate", "layers": [0, 3], "heads": [0]},
        {"action": "ablate", "layers": [4], "heads": [0, 1, 2]}]},
    {"model": "deep", "interventions": [
        {"action": "block", "edges": CUT_OFF, "layers": [0, 1]}]},
    {"model": "deep", "interventions": [
        {"action": "block", "edges": TO_TARGET, "heads": [1]},
        {"action": "scale", "factor": 0, "edges": TO_TARGET, "layers": [2, 4], "heads": [0, 2]},
        {"action": "ablate", "layers": [3], "heads": [1]}]},
    {"model": "deep", "interventions": [
        {"action": "scale", "factor": 2.5, "edges": TO_TARGET + into(5)}]},
    {"model": "llama", "interventions": [
        {"action": "ablate", "layers": [0], "heads": [1, 3]}]},
    {"model": "llama", "interventions": [
        {"action": "block", "edges": CUT_OFF + TO_TARGET, "layers": [0], "heads": [0, 3]},
        {"action": "ablate", "layers": [1], "heads": [2]}]},
    {"model": "llama", "interventions": [
        {"action": "scale", "factor": 0, "edges": TO_TARGET}]},
]


def acting(interventions, action, layer, heads):
    for one in interventions:
        if one["action"] == action and layer in one.get("layers", [layer]):
            yield one, one.get("heads", range(heads))


current = []


def edited_attention(module, query, key, value, attention_mask, scaling=None, **_):
    """Attention with the edges of the current interventions taken out or multiplied."""
    layer, heads = module.layer_idx, query.shape[1]
    groups = heads // key.shape[1]
    key, value = (x.repeat_interleave(groups, dim=1) for x in (key, value))
    scale = scaling if scaling is not None else query.shape[-1] ** -0.5
    scores = query @ key.mT * scale
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    scores = scores.masked_fill(future, -torch.inf)
    hidden, factors = torch.zeros_like(scores, dtype=torch.bool), torch.ones_like(scores)
    for one, chosen in acting(current, "block", layer, heads):
        for source, target in one["edges"]:
            hidden[0, list(chosen), target, source] = True
    for one, chosen in acting(current, "scale", layer, heads):
        for source, target in one["edges"]:
            factors[0, list(chosen), target, source] *= one["factor"]
    attention = torch.softmax(scores.masked_fill(hidden, -torch.inf), dim=-1) * factors
    module.seen = attention
    return (attention @ value).transpose(1, 2).contiguous(), attention


AttentionInterface.register("edited", edited_attention)
AttentionMaskInterface.register("edited", eager_mask)


def run(model, tokens, labels, answer, interventions):
    """Logits at the target, the loss, and each layer's attention and its gradient."""
    heads = model.config.num_attention_heads
    attentions = [m for _, m in model.named_modules() if hasattr(m, "layer_idx") and hasattr(
        m, "o_proj" if hasattr(m, "o_proj") else "c_proj") and hasattr(m, "scaling")]
    hooks = []
    for module in attentions:
        gone = [head for _, chosen in acting(interventions, "ablate", module.layer_idx, heads)
                for head in chosen]
        projection = getattr(module, "o_proj", None) or module.c_proj

        def silence(_, arguments, gone=gone):
            merged = arguments[0].clone()
            size = merged.shape[-1] // heads
            for head in gone:
                merged[..., head * size:(head + 1) * size] = 0
            return (merged, *arguments[1:])

        hooks.append(projection.register_forward_pre_hook(silence))
    current[:] = interventions
    with families.everything_is_float64():
        logits = model(tokens[None], use_cache=False).logits[0, -1]
    for hook in hooks:
        hook.remove()
    loss = label_loss(logits, labels, answer)
    attention = [m.seen for m in attentions]
    gradient = torch.autograd.grad(loss, attention, allow_unused=True)
    gradient = [torch.zeros_like(a) if g is None else g for a, g in zip(attention, gradient)]
    assert len(attentions) == model.config.num_hidden_layers and loss.dtype == torch.float64
    return logits, loss, [a[0] for a in attention], [g[0] for g in gradient]


def model_and_prompt(name):
    folder = GOLDENS / ("gpt2" if name == "deep" else "families")
    case = next(c for c in json.loads((folder / "cases.json").read_text())["cases"]
                if c["name"] == name)
    prompt = next(p for p in case["prompts"] if p["name"] == PROMPT)
    tensors = load_file(folder / case["reference"])
    model = families.load(folder / case["checkpoint"], torch.float64)
    plain = tensors[f"{PROMPT}.logits"].double()
    model.set_attn_implementation("edited")
    logits, *_ = run(model, tensors[f"{PROMPT}.tokens"], prompt["label_tokens"],
                     prompt["answer"], [])
    assert (logits - plain).abs().max() < 1e-5, "without interventions it is another model"
    return model, tensors[f"{PROMPT}.tokens"], prompt, logits


def main():
    tensors, cases = {}, []
    models = {name: model_and_prompt(name) for name in ("deep", "llama")}
    for index, case in enumerate(CASES):
        model, tokens, prompt, plain = models[case["model"]]
        logits, loss, attention, gradient = run(
            model, tokens, prompt["label_tokens"], prompt["answer"], case["interventions"])
        effect = (logits - plain).abs().max().item()
        assert effect > 0.01, "an intervention that does nothing tests nothing"
        print(case["model"], index, f"moves logits by {effect:.2f}")
        tensors[f"{index}.logits"] = logits
        for layer, (a, g) in enumerate(zip(attention, gradient)):
            tensors[f"{index}.attention.{layer}"] = a
            tensors[f"{index}.attention_gradient.{layer}"] = g
        cases.append(case | {"prompt": PROMPT, "loss": loss.item()})
    save_file({name: tensor.detach().float().contiguous() for name, tensor in tensors.items()},
              HERE / "references.safetensors")
    made_with = {name: version(name) for name in ("torch", "transformers", "safetensors")}
    lines = ",\n".join(" " + json.dumps(case) for case in cases)
    (HERE / "cases.json").write_text(
        f'{{"made_with": {json.dumps(made_with)},\n"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
