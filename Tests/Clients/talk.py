"""Short ways to say what the tests say often."""

import time


def until_idle(client, message_id, timeout=20):
    """The iopub messages that belong to a request, up to its idle status."""
    found = []
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        message = client.get_iopub_msg(timeout=max(0.01, deadline - time.monotonic()))
        if message["parent_header"].get("msg_id") != message_id:
            continue
        if message["msg_type"] == "status":
            if message["content"]["execution_state"] == "idle":
                return found
            continue
        found.append(message)
    raise TimeoutError("no idle status")


def reply_to(client, message_id, channel="shell", timeout=20):
    get = client.get_shell_msg if channel == "shell" else client.get_control_msg
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        message = get(timeout=max(0.01, deadline - time.monotonic()))
        if message["parent_header"].get("msg_id") == message_id:
            return message
    raise TimeoutError("no reply")


def run(client, code, timeout=20, **options):
    """Executes a cell: (content of the reply, iopub messages before idle)."""
    message_id = client.execute(code, **options)
    reply = reply_to(client, message_id, timeout=timeout)
    return reply["content"], until_idle(client, message_id, timeout)


def on_control(client, kind, content=None):
    message = client.session.msg(kind, content or {})
    client.control_channel.send(message)
    return message["header"]["msg_id"]


def text_of(messages, name="stdout"):
    return "".join(
        m["content"]["text"]
        for m in messages
        if m["msg_type"] == "stream" and m["content"]["name"] == name
    )


def is_running(client, message_id, timeout=10):
    """Waits until a cell has begun."""
    while True:
        message = client.get_iopub_msg(timeout=timeout)
        if message["parent_header"].get("msg_id") == message_id:
            if message["msg_type"] == "execute_input":
                return
