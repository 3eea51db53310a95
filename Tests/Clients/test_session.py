"""What is particular to Fathom in a notebook."""

import time

import pytest
from talk import is_running, on_control, reply_to, run

pytestmark = pytest.mark.usefixtures("fathom")


def bundle(messages, kind="execute_result"):
    return [message["content"] for message in messages if message["msg_type"] == kind]


def test_an_interrupt_takes_at_most_a_fifth_of_a_second(kernel, cells):
    _, client = kernel
    run(client, "kept = [41]")
    run(client, "load mini")  # so that it is saliency that is interrupted
    cell = client.execute("kept = " + cells.sleep)
    is_running(client, cell)
    time.sleep(1)
    began = time.monotonic()
    on_control(client, "interrupt_request")
    reply = reply_to(client, cell)["content"]
    assert time.monotonic() - began < 0.2
    assert reply["ename"] == "KeyboardInterrupt"
    assert bundle(run(client, "kept[0]")[1])[0]["data"]["text/plain"] == "41"


@pytest.mark.parametrize(
    "command",
    [
        "isolate mini agnews",
        "attention mini agnews shots=2",
        "reweight mini agnews samples=100 epochs=1000",
        "compress mini agnews",
        "confuse mini trec samples=500",
    ],
)
def test_every_experiment_can_be_stopped(kernel, command):
    _, client = kernel
    run(client, "load mini")
    cell = client.execute(command)
    is_running(client, cell)
    time.sleep(0.5)
    began = time.monotonic()
    on_control(client, "interrupt_request")
    reply = reply_to(client, cell)["content"]
    assert time.monotonic() - began < 1
    assert reply["ename"] == "KeyboardInterrupt"
    assert run(client, "[41]")[0]["status"] == "ok"


def test_a_long_command_leaves_one_line_behind(kernel):
    _, client = kernel
    reply, messages = run(client, "x = saliency mini sst2 samples=800", timeout=60)
    assert reply["status"] == "ok"
    shown = bundle(messages, "display_data")
    assert len(shown) == 1
    updates = bundle(messages, "update_display_data")
    assert {update["transient"]["display_id"] for update in updates} == {
        shown[0]["transient"]["display_id"]
    }
    assert "800 prompts · " in updates[-1]["data"]["text/plain"]


def test_a_figure_has_a_picture_words_and_a_recipe(kernel):
    _, client = kernel
    _, messages = run(client, "saliency mini sst2 samples=4")
    content = bundle(messages)[0]
    assert content["data"]["image/svg+xml"].startswith("<svg")
    assert len(content["data"]["text/plain"]) > 40
    assert "fathom" in content["metadata"]


def test_an_error_shows_the_place_and_what_would_work(kernel):
    _, client = kernel
    reply, messages = run(client, "x = 1\nsaliancy mini sst2")
    assert reply["ename"] == "NameError" and "did you mean 'saliency'" in "".join(reply["traceback"])
    assert [message["msg_type"] for message in messages] == ["execute_input", "error"]
    assert "^^^^^^^^" in "".join(reply["traceback"])


def test_completions_say_what_they_are(kernel):
    _, client = kernel
    content = reply_to(client, client.complete("sal"))["content"]
    assert content["matches"] == ["saliency"]
    types = content["metadata"]["_jupyter_types_experimental"]
    assert types == [{"start": 0, "end": 3, "text": "saliency", "type": "function"}]


def test_a_question_mark_opens_the_page_of_a_verb(kernel):
    _, client = kernel
    reply, messages = run(client, "saliency?")
    assert bundle(messages) == []
    assert "samples" in reply["payload"][0]["data"]["text/plain"]


def test_looking_at_a_value_beside_a_cell_changes_nothing(kernel):
    _, client = kernel
    reply, _ = run(client, "x = 5", user_expressions={"list": "[x, x]", "bad": "no_such_verb"})
    assert reply["user_expressions"]["list"]["data"]["text/plain"] == "[5, 5]"
    assert reply["user_expressions"]["bad"]["status"] == "error"
    assert bundle(run(client, "_")[1])[0]["data"]["text/plain"] == "5"
