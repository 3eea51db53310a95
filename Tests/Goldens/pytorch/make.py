"""Files that `torch.save` writes, for the tests of their reader.

    python make.py

Writes beside itself: gpt2/ (pytorch_model.bin of a small GPT-2, as `transformers` saved it before
safetensors) and gpt2_shards/ (the same in two shards with their index); odd.bin (every element type
and order of elements) with what it holds as odd.safetensors; and files that must be refused, named
after what is wrong with them. Made with torch, transformers and safetensors.
"""

import collections
import json
import os
import pathlib
import shutil
import struct
import zipfile

import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).resolve().parent
PLAIN = HERE.parent / "gpt2/checkpoints/plain"


def models():
    model = transformers.AutoModelForCausalLM.from_pretrained(PLAIN, dtype=torch.float32)
    state = model.state_dict()
    whole, shards = HERE / "gpt2", HERE / "gpt2_shards"
    for folder in (whole, shards):
        folder.mkdir(exist_ok=True)
        shutil.copy(PLAIN / "config.json", folder)
    torch.save(state, whole / "pytorch_model.bin")
    names = sorted(state)
    parts = [names[0::2], names[1::2]]
    weight_map = {}
    for number, part in enumerate(parts, 1):
        file = f"pytorch_model-{number:05}-of-{len(parts):05}.bin"
        torch.save({name: state[name] for name in part}, shards / file)
        weight_map |= dict.fromkeys(part, file)
    index = {"metadata": {}, "weight_map": weight_map}
    (shards / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1) + "\n")


def odd_tensors():
    torch.manual_seed(0)
    base = torch.randn(4, 6)
    odd = collections.OrderedDict(
        base=base, transposed=base.t(), columns=base[:, 1:4], rows=base[2:], every=base[::2, ::3],
        permuted=torch.randn(2, 3, 4).permute(2, 0, 1), scalar=torch.tensor(2.5),
        empty=torch.zeros(0, 4), one_row=base[1:2].t().t(), column=base[:, 2:3],
        half=torch.randn(5).half(), brain=torch.randn(3, 2).bfloat16().t(), double=torch.randn(2).double(),
        parameter=torch.nn.Parameter(torch.randn(3)), long=torch.tensor([-1, 2**40]),
        int=torch.tensor([-5], dtype=torch.int32), short=torch.tensor([7], dtype=torch.int16),
        char=torch.tensor([-3], dtype=torch.int8), byte=torch.tensor([200], dtype=torch.uint8),
        bool=torch.tensor([True, False]), complex=torch.tensor([1 + 2j], dtype=torch.complex64),
    )
    odd["größe 東"] = torch.ones(1)
    odd._metadata = collections.OrderedDict({"": {"version": 1}})
    return odd


class Call:
    """Unpickles as a call of a function that is harmless, but might be any."""

    def __reduce__(self):
        return (os.getcwd, ())


def rewrite(source, target, compression=zipfile.ZIP_STORED, **replaced):
    """Writes an archive again, with some entries (by the end of their name) replaced."""
    with zipfile.ZipFile(HERE / source) as old, zipfile.ZipFile(HERE / target, "w", compression) as new:
        for entry in old.infolist():
            content = old.read(entry)
            for ending, other in replaced.items():
                if entry.filename.endswith("/" + ending):
                    content = other
            new.writestr(entry.filename, content)


def wide(source, target):
    """Writes an archive with the 64-bit fields that archives beyond 4 GiB have."""
    parts, directory = [], []
    offset = 0
    with zipfile.ZipFile(HERE / source) as old:
        for entry in old.infolist():
            name, content = entry.filename.encode(), old.read(entry)
            local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, 0, 0, 0, 0, entry.CRC, 2**32 - 1,
                                2**32 - 1, len(name), 20) + name
            local += struct.pack("<HHQQ", 1, 16, len(content), len(content))
            extra = struct.pack("<HHI", 0x5455, 4, 0) + struct.pack(
                "<HHQQQ", 1, 24, len(content), len(content), offset)
            directory.append(struct.pack(
                "<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 0, 0, 0, entry.CRC, 2**32 - 1,
                2**32 - 1, len(name), len(extra), 0, 0, 0, 0, 2**32 - 1) + name + extra)
            parts += [local, content]
            offset += len(local) + len(content)
    entries = b"".join(directory)
    end = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, len(directory), len(directory),
                      len(entries), offset)
    locator = struct.pack("<IIQI", 0x07064B50, 0, offset + len(entries), 1)
    last = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 5)
    (HERE / target).write_bytes(b"".join(parts) + entries + end + locator + last + b"hello")


def main():
    models()
    odd = odd_tensors()
    torch.save(odd, HERE / "odd.bin")
    torch.save(odd, HERE / "odd_protocol4.bin", pickle_protocol=4)
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in odd.items()},
              HERE / "odd.safetensors")
    wide("odd.bin", "odd_wide.bin")
    small = {"a": torch.ones(2)}
    torch.save(small, HERE / "refused_before_1_6.bin", _use_new_zipfile_serialization=False)
    torch.save({"a": torch.ones(2), "b": Call()}, HERE / "refused_call.bin")
    torch.save({"state_dict": small}, HERE / "refused_nested.bin")
    torch.save(torch.ones(2), HERE / "refused_tensor.bin")
    torch.save({"a": torch.ones(2).to(torch.float8_e4m3fn)}, HERE / "refused_float8.bin")
    torch.save({"a": torch.ones(1).expand(1000)}, HERE / "refused_repeated.bin")
    rewrite("odd.bin", "refused_compressed.bin", zipfile.ZIP_DEFLATED)
    rewrite("odd.bin", "refused_big_endian.bin", byteorder=b"big")


if __name__ == "__main__":
    main()
