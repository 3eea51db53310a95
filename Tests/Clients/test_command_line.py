"""The executable as a shell sees it: scripts in, plain text and an exit status out."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOGOS = ("logo-32x32.png", "logo-64x64.png", "logo-svg.svg")


@pytest.fixture
def run(fathom, tmp_path):
    def run(*arguments, **options):
        options = {"cwd": tmp_path, "capture_output": True, "timeout": 60} | options
        return subprocess.run([fathom, *arguments], **options)

    return run


def test_every_value_is_printed(run):
    ended = run("run", "-c", "[1, 2]\nx = 3\nx")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"[1, 2]\n3\n", b"")


def test_a_script_is_read_from_a_file_or_from_standard_input(run, tmp_path):
    text = '\ufeffprint "süß" # a comment\n'.encode()
    (tmp_path / "a script.fathom").write_bytes(text)
    for ended in (run("run", "a script.fathom"), run("run", "-", input=text)):
        assert (ended.returncode, ended.stdout.decode()) == (0, "süß\n")


def test_an_error_goes_to_standard_error_with_its_place(run, tmp_path):
    (tmp_path / "bad.fathom").write_text("print 1\nno_such_verb 2\nprint 3\n")
    ended = run("run", "bad.fathom")
    assert (ended.returncode, ended.stdout) == (1, b"1\n")
    message = ended.stderr.decode()
    assert message.startswith("NameError: ") and "bad.fathom, line 2" in message and "^" in message


def test_settings_are_set_before_the_script(run):
    assert b"dark" in run("run", "--set", "theme=dark", "-c", "set").stdout
    ended = run("run", "--set", "no_such_setting=1", "-c", "print 1")
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert b"no_such_setting" in ended.stderr


@pytest.mark.parametrize("content", [None, b"print \xff"])
def test_what_is_no_script_is_refused(run, tmp_path, content):
    if content:
        (tmp_path / "script").write_bytes(content)
    ended = run("run", "script")
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert ended.stderr.startswith(b"script: ")


def test_the_version_is_said(run):
    versions = {run("version").stdout, run("--version").stdout}
    assert len(versions) == 1 and versions.pop().count(b".") == 2


def test_the_kernel_installs_itself(run, fathom, tmp_path):
    ended = run("install", "--prefix", "a prefix", "--name", "Deep", "--display-name", "Deep sea")
    assert ended.returncode == 0, ended.stderr
    folder = tmp_path / "a prefix/share/jupyter/kernels/deep"
    spec = json.loads((folder / "kernel.json").read_text())
    assert spec["argv"] == [str(Path(fathom).resolve()), "kernel", "{connection_file}"]
    assert spec["display_name"] == "Deep sea" and spec["interrupt_mode"] == "message"
    for logo in LOGOS:
        assert (folder / logo).read_bytes() == (ROOT / "kernelspec" / logo).read_bytes()


def test_the_kernel_says_what_is_wrong_with_a_connection_file(run, tmp_path):
    (tmp_path / "connection.json").write_text("{")
    for name in ("connection.json", "missing.json"):
        ended = run("kernel", name)
        assert ended.returncode != 0 and len(ended.stderr) > 20
