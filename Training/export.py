"""Writes a trained state as a folder that `transformers` and Fathom load.

    python export.py state.pt tokenizer.json FOLDER

The folder is compared before it is written: on the state's weights `transformers` has to give the same logits.
"""

import argparse
import copy
import json
import os
import shutil

import torch
from safetensors.torch import save_file
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

from model import Config, Model, exported, settings


def loaded(path):
    """The model of a state.pt, and the step it was saved at."""
    state = torch.load(path, map_location="cpu")
    c = state["config"]
    model = Model(Config(c["vocabulary"], c["layers"], c["width"], c["heads"], c["inner"], c["context"], c["rotary"]))
    model.load_state_dict(state["model"])
    return model.eval(), state["step"]


@torch.no_grad()
def difference(model):
    """The largest difference between its logits and those of its form in `transformers`, in float64."""
    model = copy.deepcopy(model).double()
    other = GPTNeoXForCausalLM(GPTNeoXConfig(**settings(model.config))).double().eval()
    missing, unexpected = other.load_state_dict(exported(model), strict=False)
    assert set(missing) <= {"lm_head.weight", "embed_out.weight"} and not unexpected, (missing, unexpected)
    other.tie_weights()
    generator = torch.Generator().manual_seed(0)
    # Both ways in which model.py computes attention.
    ids = [torch.randint(model.config.vocabulary, (2, length), generator=generator) for length in (200, 700)]
    return max((model.logits(model(x)[0]) - other(x).logits).abs().max().item() for x in ids)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("state")
    parser.add_argument("tokenizer")
    parser.add_argument("folder")
    options = parser.parse_args()
    model, step = loaded(options.state)
    apart = difference(model)
    print(f"step {step}: logits differ by {apart:.1e} at most from those of transformers")
    if apart > 1e-9:
        raise SystemExit("that is too much; nothing was written")
    os.makedirs(options.folder, exist_ok=True)
    tensors = {name: tensor.half().contiguous() for name, tensor in exported(model).items()}
    save_file(tensors, f"{options.folder}/model.safetensors", metadata={"format": "pt"})
    os.chmod(f"{options.folder}/model.safetensors", 0o644)
    shutil.copyfile(options.tokenizer, f"{options.folder}/tokenizer.json")
    texts = {
        "config.json": settings(model.config),
        "tokenizer_config.json": {
            "model_max_length": model.config.context, "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "add_prefix_space": False}}
    for name, value in texts.items():
        with open(f"{options.folder}/{name}", "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
