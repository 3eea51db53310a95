"""Starts the kernel under test for every kind of client.

    pytest Tests/Clients
    pytest Tests/Clients --kernel-command 'path/to/echo {connection_file}' --kernel-cells echo

The command can also come from the environment, as KERNEL_COMMAND and KERNEL_CELLS. Without either
it is the fathom that SwiftPM built last.
"""

import json
import os
import shlex
import sys
import tempfile
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

sys.path.insert(0, str(Path(__file__).parent))
from cells import KERNELS  # noqa: E402

NAME = "kernel-under-test"


def pytest_addoption(parser):
    parser.addoption("--kernel-command", default=os.environ.get("KERNEL_COMMAND"))
    parser.addoption("--kernel-cells", default=os.environ.get("KERNEL_CELLS", "fathom"))


def built_fathom():
    root = Path(__file__).resolve().parents[2]
    found = [root / ".build" / kind / "fathom" for kind in ("release", "debug")]
    found = [path for path in found if path.exists()]
    if not found:
        pytest.exit("build fathom first, or say --kernel-command", returncode=2)
    newest = max(found, key=lambda path: path.stat().st_mtime)
    return [str(newest), "kernel", "{connection_file}"]


def pytest_configure(config):
    given = config.getoption("--kernel-command")
    command = shlex.split(given) if given else built_fathom()
    command[0] = str(Path(command[0]).resolve())
    config.kernel_command = command
    config.kernel_home = tempfile.TemporaryDirectory(prefix="kernel-")
    folder = Path(config.kernel_home.name) / "kernels" / NAME
    folder.mkdir(parents=True)
    spec = {
        "argv": command,
        "display_name": "Kernel under test",
        "language": config.getoption("--kernel-cells"),
        "interrupt_mode": "message",
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
    os.environ["JUPYTER_PATH"] = config.kernel_home.name


def pytest_unconfigure(config):
    if hasattr(config, "kernel_home"):
        config.kernel_home.cleanup()


@pytest.fixture(scope="session")
def cells(request):
    return KERNELS[request.config.getoption("--kernel-cells")]


@pytest.fixture(scope="session")
def fathom(request):
    """The path of the executable, for what is particular to Fathom."""
    if request.config.getoption("--kernel-cells") != "fathom":
        pytest.skip("another kernel is under test")
    return request.config.kernel_command[0]


@pytest.fixture
def kernel():
    """A started kernel and a ready client: (manager, client)."""
    manager = KernelManager(kernel_name=NAME)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=30)
        yield manager, client
    finally:
        client.stop_channels()
        if manager.is_alive():
            manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
