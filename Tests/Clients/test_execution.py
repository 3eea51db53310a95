"""Order and completeness of what a cell puts out, with plain and with headless clients."""

import time

import nbformat
import pytest
import zmq
from conftest import NAME
from nbclient import NotebookClient
from talk import is_running, on_control, reply_to, run, text_of, until_idle


def test_ten_thousand_lines_come_before_idle(kernel, cells):
    if not cells.lines:
        pytest.skip("no cell for it")
    reply, messages = run(kernel[1], cells.lines)
    assert reply["status"] == "ok"
    assert text_of(messages).count("\n") == 10_000
    assert len(messages) < 100


def test_nothing_comes_unasked(kernel, cells):
    _, client = kernel
    run(client, cells.hello)
    assert not client.iopub_channel.msg_ready()
    time.sleep(1.5)
    assert not client.iopub_channel.msg_ready()


def test_an_error_gives_up_the_cells_behind_it(kernel, cells):
    _, client = kernel
    failing = client.execute(cells.error)
    waiting = [client.execute(cells.hello) for _ in range(5)]
    assert reply_to(client, failing)["content"]["status"] == "error"
    later = client.execute(cells.hello)
    states = [reply_to(client, message)["content"]["status"] for message in waiting]
    # What was still on its way when the error was answered is executed, as a later cell is.
    assert states == sorted(states)
    assert states[0] == "aborted"
    assert reply_to(client, later)["content"]["status"] == "ok"


def test_an_error_gives_up_nothing_if_it_should_not(kernel, cells):
    _, client = kernel
    failing = client.execute(cells.error, stop_on_error=False)
    waiting = [client.execute(cells.hello) for _ in range(5)]
    assert reply_to(client, failing)["content"]["status"] == "error"
    for message in waiting:
        assert reply_to(client, message)["content"]["status"] == "ok"


def test_a_silent_cell_leaves_no_trace(kernel, cells):
    _, client = kernel
    before, _ = run(client, cells.trivial)
    reply, messages = run(client, cells.hello, silent=True)
    assert reply["status"] == "ok" and messages == []
    after, _ = run(client, cells.trivial)
    assert after["execution_count"] == before["execution_count"] + 1


def test_questions_are_answered_while_a_cell_runs(kernel, cells):
    if not cells.sleep:
        pytest.skip("no cell for it")
    _, client = kernel
    cell = client.execute(cells.sleep)
    is_running(client, cell)
    began = time.monotonic()
    for channel in ("control", "shell"):
        message = (
            client.kernel_info() if channel == "shell" else on_control(client, "kernel_info_request")
        )
        reply = reply_to(client, message, channel)
        assert reply["content"]["language_info"]["name"] == cells.language
    for message in (client.complete("p"), client.is_complete("p"), client.history()):
        reply_to(client, message)
    assert time.monotonic() - began < 2
    on_control(client, "interrupt_request")
    assert reply_to(client, cell)["content"]["status"] == "error"


def test_an_answer_reaches_the_cell_that_asks(kernel, cells):
    if not cells.ask:
        pytest.skip("no cell for it")
    _, client = kernel
    cell = client.execute(cells.ask)
    assert client.get_stdin_msg(timeout=5)["content"]["password"] is False
    client.input("Ada")
    assert reply_to(client, cell)["content"]["status"] == "ok"
    assert "Ada" in text_of(until_idle(client, cell))
    reply, _ = run(client, cells.ask, allow_stdin=False)
    assert reply["status"] == "error"


def test_a_notebook_is_executed_headless(cells):
    codes = [cells.hello, cells.result, cells.display]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code) for code in codes]
    )
    NotebookClient(notebook, kernel_name=NAME, timeout=30).execute()
    kinds = [[output.output_type for output in cell.outputs] for cell in notebook.cells]
    assert kinds[0] == ["stream"]
    assert kinds[1] == ["execute_result"]
    assert "display_data" in kinds[2]
    assert notebook.metadata.language_info.name == cells.language


def test_the_heartbeat_gives_back_what_it_gets(kernel):
    manager, _ = kernel
    with zmq.Context.instance().socket(zmq.REQ) as peer:
        peer.connect(f"tcp://127.0.0.1:{manager.hb_port}")
        for beat in ([b"ping"], [b"a", b"", b"c"]):
            peer.send_multipart(beat)
            assert peer.poll(2_000)
            assert peer.recv_multipart() == beat
