"""Writes a GPT-2 small with random weights: `python make_checkpoint.py FOLDER`.

Speed does not depend on what the weights say, so nobody need download the real ones.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

CONFIG = {
    "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new",
    "n_layer": 12, "n_head": 12, "n_embd": 768, "n_inner": None, "n_positions": 1024,
    "vocab_size": 50257, "layer_norm_epsilon": 1e-5, "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False, "reorder_and_upcast_attn": False,
    "tie_word_embeddings": True, "bos_token_id": 50256, "eos_token_id": 50256, "dtype": "float32",
}


def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    width = CONFIG["n_embd"]
    made = {}

    def matrix(name, rows, columns, scale=0.02):
        made[name] = scale * rng.standard_normal((rows, columns), dtype=np.float32)

    def linear(name, inputs, outputs):
        matrix(f"{name}.weight", inputs, outputs, inputs**-0.5)
        made[f"{name}.bias"] = 0.02 * rng.standard_normal(outputs, dtype=np.float32)

    def norm(name):
        made[f"{name}.weight"] = 1 + 0.1 * rng.standard_normal(width, dtype=np.float32)
        made[f"{name}.bias"] = 0.02 * rng.standard_normal(width, dtype=np.float32)

    matrix("transformer.wte.weight", CONFIG["vocab_size"], width)
    matrix("transformer.wpe.weight", CONFIG["n_positions"], width)
    for layer in range(CONFIG["n_layer"]):
        block = f"transformer.h.{layer}"
        norm(f"{block}.ln_1")
        linear(f"{block}.attn.c_attn", width, 3 * width)
        linear(f"{block}.attn.c_proj", width, width)
        norm(f"{block}.ln_2")
        linear(f"{block}.mlp.c_fc", width, 4 * width)
        linear(f"{block}.mlp.c_proj", 4 * width, width)
    norm("transformer.ln_f")
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    save_file(tensors(), folder / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
