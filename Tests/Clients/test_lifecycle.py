"""Interrupts, the end of the kernel, and the end of its parent."""

import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import NAME
from talk import is_running, on_control, reply_to, run


def send_message(manager, client):
    message = on_control(client, "interrupt_request")
    assert reply_to(client, message, "control")["content"]["status"] == "ok"


def send_signal(manager, client):
    os.kill(manager.provisioner.pid, signal.SIGINT)


INTERRUPTS = pytest.mark.parametrize("interrupt", [send_message, send_signal])


@INTERRUPTS
def test_an_interrupt_stops_the_cell_and_not_the_kernel(kernel, cells, interrupt):
    if not cells.sleep:
        pytest.skip("no cell for it")
    manager, client = kernel
    for _ in range(2):
        cell = client.execute(cells.sleep)
        is_running(client, cell)
        time.sleep(0.1)
        began = time.monotonic()
        interrupt(manager, client)
        reply = reply_to(client, cell)["content"]
        assert reply["status"] == "error" and reply["ename"] == "KeyboardInterrupt"
        assert time.monotonic() - began < 1
    assert run(client, cells.hello)[0]["status"] == "ok"


@INTERRUPTS
def test_an_idle_kernel_survives_an_interrupt(kernel, cells, interrupt):
    manager, client = kernel
    for _ in range(3):
        interrupt(manager, client)
    time.sleep(0.1)
    assert run(client, cells.hello)[0]["status"] == "ok"


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("is_busy", [False, True])
def test_shutdown_is_answered_and_quick(kernel, cells, restart, is_busy):
    manager, client = kernel
    if is_busy:
        if not cells.sleep:
            pytest.skip("no cell for it")
        is_running(client, client.execute(cells.sleep))
    began = time.monotonic()
    message = on_control(client, "shutdown_request", {"restart": restart})
    content = reply_to(client, message, "control")["content"]
    assert content == {"status": "ok", "restart": restart}
    assert manager.provisioner.process.wait(timeout=5) == 0
    assert time.monotonic() - began < 1


def test_shutdown_is_understood_on_shell(kernel):
    manager, client = kernel
    message = client.session.msg("shutdown_request", {"restart": False})
    client.shell_channel.send(message)
    assert reply_to(client, message["header"]["msg_id"])["content"]["status"] == "ok"
    assert manager.provisioner.process.wait(timeout=5) == 0


def test_a_restarted_kernel_is_a_new_one(kernel, cells):
    manager, client = kernel
    run(client, cells.trivial)
    manager.restart_kernel()
    client.wait_for_ready(timeout=30)
    assert run(client, cells.trivial)[0]["execution_count"] == 1


PARENT = f"""
import sys, time
from jupyter_client.manager import KernelManager
manager = KernelManager(kernel_name={NAME!r})
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=30)
print(manager.provisioner.pid, flush=True)
time.sleep(60)
"""


def exists(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks into /proc")
def test_the_kernel_does_not_outlive_its_parent():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    assert exists(pid)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 3
    while exists(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    survived = exists(pid)
    if survived:
        os.kill(pid, signal.SIGKILL)
    assert not survived
