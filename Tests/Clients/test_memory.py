"""What `describe MODEL prompt=…` says before a run is what the run then takes."""

import json
import random
import struct
import subprocess
import sys
from array import array

import pytest

LAYERS, HEADS, WIDTH, VOCABULARY, CONTEXT = 8, 8, 512, 2_000, 512
TOKENS = 450


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A random GPT-2 of 27 million parameters, 108 MB: large beside what the process itself takes."""
    folder = tmp_path_factory.mktemp("checkpoint")
    inner = 4 * WIDTH
    shapes = {"wte.weight": (VOCABULARY, WIDTH), "wpe.weight": (CONTEXT, WIDTH)}
    for layer in range(LAYERS):
        for name, shape in {
            "ln_1": (WIDTH,), "ln_2": (WIDTH,), "attn.c_attn": (WIDTH, 3 * WIDTH),
            "attn.c_proj": (WIDTH, WIDTH), "mlp.c_fc": (WIDTH, inner), "mlp.c_proj": (inner, WIDTH),
        }.items():
            shapes[f"h.{layer}.{name}.weight"] = shape
            shapes[f"h.{layer}.{name}.bias"] = shape[-1:]
    shapes |= {"ln_f.weight": (WIDTH,), "ln_f.bias": (WIDTH,)}
    header, offset = {}, 0
    for name, shape in shapes.items():
        size = 4 * shape[0] * (shape[1] if len(shape) == 2 else 1)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    noise = random.Random(1)
    some = array("f", (noise.gauss(0, 0.02) for _ in range(100_003))).tobytes()
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        while offset > 0:
            file.write(some[:offset])
            offset -= len(some)
    config = {
        "model_type": "gpt2", "n_layer": LAYERS, "n_head": HEADS, "n_embd": WIDTH,
        "vocab_size": VOCABULARY, "n_positions": CONTEXT,
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


# A process counts what its parent held when it was started; this parent holds little.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(fathom, script):
    """What the script prints last, and the largest resident set of its process in MB."""
    ended = subprocess.run(
        [sys.executable, "-S", "-c", MEASURE, fathom, "run", "--set", "threads=2", "-"],
        input=script.encode(), capture_output=True, check=True, timeout=120)
    *_, printed, kilobytes = ended.stdout.decode().split()
    return float(printed), int(kilobytes) * 1024 / 1e6


@pytest.mark.parametrize("verb", ["predict", "saliency", "trace"])
def test_memory_is_known_before_the_run(fathom, checkpoint, verb):
    tokens = [(7919 * index + 13) % VOCABULARY for index in range(TOKENS)]
    tokens[100], tokens[200] = 5, 6
    script = (
        f'g = load "{checkpoint}"\n'
        f"p = prompt tokens={tokens} labels=[5, 6] answer=5 model=g;\n"
        f"t = describe g prompt=p;\n")
    _, before = peak(fathom, "1\n")
    foreseen, _ = peak(fathom, script + f"t.{verb}[4]\n")
    _, after = peak(fathom, script + f"x = {verb} g p;\n1\n")
    taken = after - before
    assert abs(foreseen - taken) < 0.1 * taken, f"{foreseen:.0f} MB foreseen, {taken:.0f} MB taken"
