"""Fathom's saliency against PyTorch's, run in turns so that both meet the same machine.

    python compare.py --checkpoint FOLDER --ours 'COMMAND FOLDER'

Both sides are processes that read one JSON request a line and answer with one JSON line:
{"length": 128, "batch": 8} -> {"seconds": 0.5, "threads": 2, "core": "SkylakeX"}; to the opponent
the request also says the variant. Each answer is one run; the first of a shape is not counted.
"""

import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
from pathlib import Path

VARIANTS = ("autograd", "manual-mm", "manual-onednn")
SHAPES = ((128, 1), (128, 8), (512, 1), (512, 8))  # length, batch
OURS = "ours"


class Contestant:
    """A process that answers requests line by line."""

    def __init__(self, command: list[str]):
        # A forced BLAS core would halve one side's speed and not the other's.
        environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
        self.command = command
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def ask(self, request: dict) -> dict:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{shlex.join(self.command)}: ended without an answer to {request}")
        return json.loads(answer)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def measure(ours: Contestant | None, opponent: Contestant, shape, variants, runs) -> dict:
    """Seconds of `runs` runs of each side, taken in turn; and each side's last answer."""
    length, batch = shape
    request = {"length": length, "batch": batch}
    turns = {variant: (opponent, request | {"variant": variant}) for variant in variants}
    if ours:
        turns = {OURS: (ours, request)} | turns
    for contestant, question in turns.values():
        contestant.ask(question)
    seconds, answers = {name: [] for name in turns}, {}
    for _ in range(runs):
        for name, (contestant, question) in turns.items():
            answers[name] = contestant.ask(question)
            seconds[name].append(answers[name]["seconds"])
    return {"seconds": seconds, "answers": answers}


def row(shape, seconds: dict) -> str:
    """A line of the table: median and, in brackets, least of each; best opponent over ours."""
    cells = [f"{shape[0]:4} x {shape[1]}"]
    cells += [f"{statistics.median(s):.3f} ({min(s):.3f})" for s in seconds.values()]
    if OURS in seconds:
        medians = {name: statistics.median(s) for name, s in seconds.items()}
        mine = medians.pop(OURS)
        cells.append(f"{min(medians.values()) / mine:.2f}")
    return "".join(f"{cell:>17}" for cell in cells)


def machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores, {platform.system()}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", required=True, help="folder made by make_checkpoint.py")
    parser.add_argument("--ours", metavar="COMMAND", help="left out: measure the opponent alone")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--variants", nargs="+", default=VARIANTS, choices=VARIANTS)
    parser.add_argument("--json", type=Path, help="also write every single time to this file")
    arguments = parser.parse_args()

    script = str(Path(__file__).with_name("opponent.py"))
    opponent = Contestant(
        [sys.executable, script, "--checkpoint", arguments.checkpoint, "--serve"])
    ours = Contestant(shlex.split(arguments.ours)) if arguments.ours else None
    names = ([OURS] if ours else []) + list(arguments.variants)
    heads = ["length x batch", *names] + (["best/ours"] if ours else [])
    print(machine())
    print(f"seconds a run: median of {arguments.runs} (least)\n")
    print("".join(f"{head:>17}" for head in heads))
    results = []
    for shape in SHAPES:
        result = measure(ours, opponent, shape, arguments.variants, arguments.runs)
        print(row(shape, result["seconds"]), flush=True)
        results.append({"length": shape[0], "batch": shape[1]} | result)
    print()
    for name, answer in results[-1]["answers"].items():
        facts = ", ".join(f"{key} {value}" for key, value in answer.items() if key != "seconds")
        print(f"{name}: {facts}")
    if arguments.json:
        document = {"machine": machine(), "runs": arguments.runs, "shapes": results}
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")
    for contestant in filter(None, (ours, opponent)):
        contestant.close()


if __name__ == "__main__":
    main()
