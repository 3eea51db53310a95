"""Messages that no client sends. After each of them the kernel has to answer a decent one."""

import json
import os
import socket

import conftest
import pytest
import zmq
from jupyter_client.session import DELIM
from talk import run

DEPTH = 100_000


def parts(session, kind="kernel_info_request", content=None):
    """A good message: delimiter, signature, header, parent header, metadata, content."""
    return session.serialize(session.msg(kind, content or {}))


def signed(session, *frames):
    frames = list(frames)
    return [DELIM, session.sign(frames), *frames]


def resigned(session, at, frame, kind="kernel_info_request"):
    frames = parts(session, kind)[2:6]
    frames[at] = frame
    return signed(session, *frames)


def with_signature(session, change):
    good = parts(session)
    return [good[0], change(good[1]), *good[2:]]


CASES = {
    "an empty frame": lambda s: [b""],
    "no delimiter": lambda s: [b"a", b"b"],
    "only a delimiter": lambda s: [DELIM],
    "delimiter and signature": lambda s: [DELIM, b"0" * 64],
    "two frames after the signature": lambda s: [DELIM, b"0" * 64, b"{}", b"{}"],
    "wrong signature": lambda s: with_signature(s, lambda sig: b"0" * 64),
    "empty signature": lambda s: with_signature(s, lambda sig: b""),
    "truncated signature": lambda s: with_signature(s, lambda sig: sig[:32]),
    "extended signature": lambda s: with_signature(s, lambda sig: sig + b"00"),
    "upper-case signature": lambda s: with_signature(s, lambda sig: sig.upper()),
    "a header that is no JSON": lambda s: resigned(s, 0, b"!"),
    "arrays for objects": lambda s: signed(s, b"[]", b"[]", b"[]", b"[]"),
    "no msg_type": lambda s: resigned(s, 0, b'{"msg_id": "x"}'),
    "execute without code": lambda s: parts(s, "execute_request", {"silent": False}),
    "invalid UTF-8": lambda s: resigned(s, 3, b'{"code": "\xff\xfe"}', "execute_request"),
    "invalid UTF-8 in the header": lambda s: resigned(s, 0, b'{"msg_id": "\xff"}'),
    "UTF-16": lambda s: resigned(s, 0, json.dumps({"msg_id": "", "msg_type": ""}).encode("utf-16")),
    "nested arrays": lambda s: resigned(s, 3, b"[" * DEPTH + b"]" * DEPTH, "execute_request"),
    "a nested header": lambda s: resigned(s, 0, b"[" * DEPTH + b"]" * DEPTH),
    "unknown type": lambda s: parts(s, "no_such_request"),
    "absurd numbers": lambda s: parts(s, "complete_request", {"code": "", "cursor_pos": -(10**30)}),
    "a cursor outside": lambda s: parts(s, "complete_request", {"code": "a", "cursor_pos": 10**15}),
    "very many frames": lambda s: [b"x"] * 5_000,
}


@pytest.fixture(scope="module")
def patient():
    """One kernel for all cases: what one leaves behind the next one meets."""
    yield from conftest.kernel.__wrapped__()


def raw(manager, port, kind=zmq.DEALER):
    context = zmq.Context.instance()
    peer = context.socket(kind)
    peer.linger = 200
    peer.connect(f"tcp://127.0.0.1:{port}")
    return peer


@pytest.mark.parametrize("channel", ["shell_port", "control_port", "stdin_port"])
@pytest.mark.parametrize("case", CASES)
def test_a_bad_message_harms_nobody(patient, cells, case, channel):
    manager, client = patient
    with raw(manager, getattr(manager, channel)) as peer:
        peer.send_multipart(CASES[case](client.session))
        # The same socket still serves: messages of one peer are read in order.
        if channel != "stdin_port":
            peer.send_multipart(parts(client.session))
            assert peer.poll(5_000), "no answer any more"
            peer.recv_multipart()
    assert run(client, cells.trivial)[0]["status"] == "ok"


@pytest.mark.parametrize("channel", ["shell_port", "control_port"])
def test_a_message_is_answered_once(patient, channel):
    manager, client = patient
    with raw(manager, getattr(manager, channel)) as peer:
        message = parts(client.session)
        peer.send_multipart(message)
        peer.send_multipart(message)
        assert peer.poll(5_000)
        peer.recv_multipart()
        assert not peer.poll(300)


@pytest.mark.parametrize("message", [[b""], [b"a", b"b"], [b"\x01" * 10_000], [b"\x01"] * 3])
def test_messages_into_iopub_are_dropped(patient, cells, message):
    manager, client = patient
    with raw(manager, manager.iopub_port, zmq.XSUB) as peer:
        peer.send_multipart(message)
        assert run(client, cells.trivial)[0]["status"] == "ok"


def test_noise_and_silent_connections_are_endured(patient, cells):
    manager, client = patient
    ports = [manager.shell_port, manager.control_port, manager.iopub_port, manager.stdin_port]
    ports.append(manager.hb_port)
    for port in ports:
        with socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(os.urandom(4_096))
    silent = [socket.create_connection(("127.0.0.1", manager.shell_port)) for _ in range(500)]
    assert run(client, cells.trivial)[0]["status"] == "ok"
    for peer in silent:
        peer.close()
    assert run(client, cells.trivial)[0]["status"] == "ok"
