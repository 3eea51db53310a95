"""Fathom's saliency and forward pass against PyTorch's, in turns so that all meet the same machine.

    python compare.py --ours PROGRAM FOLDER...

FOLDERs are checkpoints made by make_checkpoint.py; PROGRAM is saliency-benchmark. All sides are
processes that read one JSON request a line, {"task": "saliency", "length": 128, "batch": 8}, and
answer with one JSON line that says at least the seconds. Each answer is one run; the first of a shape
is not counted. See README.md for who the opponents are.
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

OURS = "ours"
SALIENCY = ("adapter", "autograd", "manual-onednn")
EVERY_SALIENCY = ("adapter", "autograd", "manual-mm", "manual-onednn")
FORWARD = ("sdpa",)
EXPERIMENTS = ("isolate", "attention")
EXPERIMENT_SHAPES = ((128, 16), (320, 8))  # length, prompts
QUICK_EXPERIMENT_SHAPES = ((128, 16),)
SHAPES = ((64, 1), (128, 1), (256, 1), (512, 1), (1024, 1), (128, 8))  # length, batch
QUICK_SHAPES = ((128, 1), (512, 1))


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

    def peak(self) -> float | None:
        """The largest resident memory so far in GiB, mapped files included; Linux tells."""
        try:
            lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        except OSError:
            return None
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 2**20

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


class Match:
    """Both sides of one checkpoint."""

    def __init__(self, ours: str, folder: Path):
        script = str(Path(__file__).with_name("opponent.py"))
        self.commands = {
            OURS: [ours, str(folder)],
            "opponent": [sys.executable, script, "--checkpoint", str(folder), "--serve"]}
        self.config = json.loads((folder / "config.json").read_text())
        self.sides = {name: Contestant(command) for name, command in self.commands.items()}

    def ask(self, sides, name, task, shape) -> dict:
        request = {"task": task, "length": shape[0], "batch": shape[1], "variant": name}
        return sides[name if name == OURS else "opponent"].ask(request)

    def seconds(self, task, variants, shape, runs) -> dict[str, list[float]]:
        """Of `runs` runs of each, taken in turn."""
        names = [OURS, *variants]
        for name in names:
            self.ask(self.sides, name, task, shape)
        found = {name: [] for name in names}
        for _ in range(runs):
            for name in names:
                found[name].append(self.ask(self.sides, name, task, shape)["seconds"])
        return found

    def peaks(self, task, variants, shape) -> dict[str, float | None]:
        """Of one run in a process that does nothing else."""
        found = {}
        for name in [OURS, *variants]:
            key = name if name == OURS else "opponent"
            side = Contestant(self.commands[key])
            self.ask({key: side}, name, task, shape)
            found[name] = side.peak()
            side.close()
        return found

    def close(self) -> None:
        for side in self.sides.values():
            side.close()


def operations(config: dict, length: int, batch: int) -> float:
    """Floating-point operations that one saliency of GPT-2 takes, at the least: causal attention is
    counted by half, of the top layer the last row only, of the lowest nothing below its attention."""
    layers, width = config["n_layer"], config["n_embd"]
    square = 2 * length * width**2  # a product with a (width, width) matrix
    attention = length**2 * width  # one product of attention, for all heads
    forward = (layers - 1) * (12 * square + 2 * attention) + 2 * square
    backward = (layers - 2) * (12 * square + 5 * attention) + 2 * square
    lowest = 9 * square + 2 * attention
    return batch * (forward + backward + lowest)


def machine_speed(ours: Contestant, task: str, runs: int) -> float:
    """GFLOP/s of large products on all threads."""
    answers = [ours.ask({"task": task}) for _ in range(runs + 1)][1:]
    return statistics.median(answer["operations"] / answer["seconds"] for answer in answers) / 1e9


def row(cells) -> str:
    return "".join(f"{cell:>18}" for cell in cells)


def times(seconds: dict[str, list[float]]) -> list[str]:
    """Median of each; of the others also how many times ours."""
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    mine = medians[OURS]
    return [f"{value:.3f}" + ("" if name == OURS else f" ({value / mine:.2f})")
            for name, value in medians.items()]


def machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores, {platform.system()}"


def play(match: Match, shapes, variants, runs, experiment_shapes) -> list[dict]:
    """Prints the tables of one checkpoint; returns every single time."""
    results = []
    # An opponent that is still loading would take a core from the measure of the machine.
    match.ask(match.sides, FORWARD[0], "forward", shapes[0])
    speeds = {task: machine_speed(match.sides[OURS], task, runs) for task in ("sgemm", "tile")}
    print("large products: " + ", ".join(f"{t} {s:.0f} GFLOP/s" for t, s in speeds.items()))
    print("\nsaliency, seconds (times ours)")
    print(row(["length x batch", OURS, *variants, "GFLOP/s of ours", "of sgemm"]))
    for shape in shapes:
        seconds = match.seconds("saliency", variants, shape, runs)
        speed = operations(match.config, *shape) / statistics.median(seconds[OURS]) / 1e9
        print(row([f"{shape[0]} x {shape[1]}", *times(seconds), f"{speed:.0f}",
                   f"{speed / speeds['sgemm']:.0%}"]), flush=True)
        results.append({"task": "saliency", "shape": shape, "seconds": seconds})
    print("\nlogits of the last position, seconds (times ours)")
    print(row(["length x batch", OURS, *FORWARD]))
    for shape in shapes:
        seconds = match.seconds("forward", FORWARD, shape, runs)
        print(row([f"{shape[0]} x {shape[1]}", *times(seconds)]), flush=True)
        results.append({"task": "forward", "shape": shape, "seconds": seconds})
    for task in EXPERIMENTS:
        print(f"\n{task}, seconds (times ours) for prompts that share three quarters")
        print(row(["length x prompts", OURS, "PyTorch loop"]))
        for shape in experiment_shapes:
            seconds = match.seconds(task, (f"{task}-loop",), shape, runs)
            print(row([f"{shape[0]} x {shape[1]}", *times(seconds)]), flush=True)
            results.append({"task": task, "shape": shape, "seconds": seconds})
    longest = max(shapes)
    print(f"\nlargest resident memory of a saliency of {longest[0]} x {longest[1]}, GiB")
    peaks = match.peaks("saliency", variants, longest)
    print(row(["", *peaks]))
    print(row(["", *(f"{peak:.2f}" if peak else "unknown" for peak in peaks.values())]))
    results.append({"task": "peak", "shape": longest, "GiB": peaks, "GFLOP/s": speeds})
    return results


def options(description: str, quick: str) -> argparse.ArgumentParser:
    """What every comparison takes; `quick` says what little is left with --quick."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--ours", metavar="PROGRAM", required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--json", type=Path, help="also write every single time to this file")
    return parser


def main() -> None:
    parser = options(__doc__, quick="two shapes only, 3 runs")
    parser.add_argument("--variants", nargs="+", default=SALIENCY, choices=EVERY_SALIENCY)
    arguments = parser.parse_args()
    shapes, runs = (QUICK_SHAPES, 3) if arguments.quick else (SHAPES, arguments.runs)
    experiment_shapes = QUICK_EXPERIMENT_SHAPES if arguments.quick else EXPERIMENT_SHAPES
    print(f"{machine()}; medians of {runs} runs in turn")
    results = {}
    for folder in arguments.folders:
        match = Match(arguments.ours, folder)
        facts = match.sides[OURS].ask({"task": "forward", "length": 2, "batch": 1})
        print(f"\n== {folder.name}: {facts['threads']} threads, OpenBLAS for {facts['core']}")
        results[folder.name] = play(
            match, shapes, list(arguments.variants), runs, experiment_shapes)
        match.close()
    if arguments.json:
        document = {"machine": machine(), "runs": runs, "results": results}
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
