"""Models from the Hub: a small one on this machine takes its place."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from hub import COMMIT, Hub
from talk import reply_to, run, text_of, until_idle

ROOT = Path(__file__).resolve().parents[2]
MINI = ROOT / "Sources/Checkpoints/Resources/mini"
PYTORCH = ROOT / "Tests/Goldens/pytorch"
MODEL = "tiny-lab/mini"
FOLDER = "models--tiny-lab--mini"
WEIGHTS = "model.safetensors"


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".md"}


@pytest.fixture
def hub():
    hub = Hub(MODEL, content(MINI) | {"README.md": b"# mini", "tf_model.h5": b"x"})
    yield hub
    hub.close()


@pytest.fixture
def start(fathom, hub, tmp_path):
    """Starts a script: start('load ...', NAME=value)."""

    def start(script, **variables):
        environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("HF_") and not key.lower().endswith("_proxy")
        } | {"HF_ENDPOINT": hub.endpoint, "HF_HUB_CACHE": str(tmp_path / "cache")} | variables
        return subprocess.Popen(
            [fathom, "run", "-c", script], cwd=tmp_path, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    return start


@pytest.fixture
def load(start):
    """Loads the model: (exit status, standard output, standard error)."""

    def load(script=f'(load "{MODEL}").name', **variables):
        process = start(script, **variables)
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    return load


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / FOLDER


def parts(cache):
    return list((cache / "blobs").glob("*.incomplete"))


def test_a_model_is_fetched_once_and_laid_out_as_by_hugging_face(load, hub, cache):
    status, output, errors = load()
    assert (status, output) == (0, '"mini"\n'), errors
    assert f"fetching {MODEL}" in errors and "5.83 MB in all" in errors
    wanted = {"config.json", "tokenizer.json", "tokenizer_config.json", WEIGHTS} & set(hub.files)
    snapshot = cache / "snapshots" / COMMIT
    assert {path.name for path in snapshot.iterdir()} == wanted
    for name in wanted:
        link = snapshot / name
        assert os.readlink(link) == f"../../blobs/{hub.tag(name)}"
        assert link.read_bytes() == hub.files[name]
    assert (cache / "refs/main").read_text() == COMMIT
    assert parts(cache) == []
    # The second time nothing is asked, and nothing is said.
    hub.log.clear()
    assert load() == (0, '"mini"\n', "")
    assert load(HF_HUB_OFFLINE="1") == (0, '"mini"\n', "")
    assert hub.log == []


def test_a_connection_that_breaks_is_gone_on_with(load, hub):
    hub.cut_after, hub.cuts = 2_000_000, 2
    status, output, errors = load()
    assert (status, output) == (0, '"mini"\n'), errors
    ranges = [h.get("Range") for where, verb, _, h in hub.log if where == "store" and verb == "GET"]
    assert ranges == [None, "bytes=2000000-", "bytes=4000000-"]


def test_what_broke_off_for_good_is_gone_on_with_by_the_next_load(load, hub, cache):
    hub.cut_after, hub.cuts = 0, 100
    status, _, errors = load()
    assert status == 1 and "ModelError" in errors and "goes on from there" in errors
    assert not (cache / "snapshots").exists()
    [part] = parts(cache)
    part.write_bytes(hub.files[WEIGHTS][:3_000_000])
    hub.cuts = 0
    hub.log.clear()
    status, _, errors = load()
    assert status == 0 and "of which" in errors
    asked = [h.get("Range") for where, _, _, h in hub.log if where == "store"]
    assert asked == ["bytes=3000000-"]


def test_a_server_that_sends_everything_again_is_understood(load, hub, cache):
    hub.cut_after, hub.cuts, hub.ranges = 2_000_000, 1, False
    assert load()[0] == 0


def test_damaged_weights_are_refused_and_removed(load, hub, cache):
    hub.damage = True
    status, _, errors = load()
    assert status == 1 and "SHA-256" in errors and WEIGHTS in errors
    assert parts(cache) == [] and not (cache / "snapshots").exists()
    hub.damage = False
    assert load()[0] == 0


@pytest.mark.parametrize("size", [5_000_000, 30_000_000])
def test_weights_of_another_size_than_announced_are_refused(load, hub, cache, size):
    hub.announced[WEIGHTS] = size
    status, _, errors = load()
    assert status == 1 and "ModelError" in errors
    assert not (cache / "snapshots").exists()


def test_what_is_not_there_is_said(load, hub):
    status, _, errors = load('load "tiny-lab/none"')
    assert status == 1 and "there is no model tiny-lab/none at " + hub.endpoint in errors
    del hub.files[WEIGHTS]
    status, _, errors = load()
    assert status == 1 and "neither safetensors nor pytorch_model.bin" in errors


def test_a_path_that_was_mistyped_is_not_asked_for(load, hub, tmp_path):
    (tmp_path / "models").mkdir()
    for source in ("models/gpt2", "./x/y", "a/b/c", "gpt3"):
        status, _, errors = load(f'load "{source}"')
        assert status == 1 and "ModelError" in errors
    assert hub.log == []


def test_a_gated_model_says_what_gives_access(load, hub):
    hub.token = "hf_right"
    status, _, errors = load()
    assert status == 1 and "accept its terms" in errors and "HF_TOKEN" in errors
    status, _, errors = load(HF_TOKEN="hf_wrong")
    assert status == 1 and "has no access" in errors and "hf_wrong" not in errors
    assert load(HF_TOKEN="hf_right")[0] == 0


def test_the_token_goes_to_no_other_server(load, hub):
    hub.token = "hf_right"
    assert load(HF_TOKEN="hf_right")[0] == 0
    main = [headers for where, _, _, headers in hub.log if where == "main"]
    store = [headers for where, _, _, headers in hub.log if where == "store"]
    assert store and all("Authorization" not in headers for headers in store)
    assert all(headers["Authorization"] == "Bearer hf_right" for headers in main)


@pytest.mark.parametrize("value", ["1", "yes", "TRUE"])
def test_offline_asks_for_nothing(load, hub, value):
    status, _, errors = load(HF_HUB_OFFLINE=value)
    assert status == 1 and "HF_HUB_OFFLINE" in errors
    assert hub.log == []


def test_a_network_that_is_not_there_is_said(load):
    status, _, errors = load(HF_ENDPOINT="http://127.0.0.1:9")
    assert status == 1 and "cannot reach 127.0.0.1" in errors and "HF_ENDPOINT" in errors
    status, _, errors = load(HF_ENDPOINT="http://no-such-host.invalid")
    assert status == 1 and "cannot reach no-such-host.invalid" in errors


@pytest.mark.parametrize(
    "status, headers, said",
    [
        (200, [], "x-repo-commit"),
        (302, [("Location", "file:///etc/passwd")], "file:///etc/passwd"),
        (302, [("Location", f"/{MODEL}/resolve/main/config.json")], "sends on"),
        (200, [("X-Repo-Commit", "../../x"), ("ETag", "a")], "../../x"),
        (200, [("X-Repo-Commit", "a"), ("ETag", '"../a"')], "../a"),
        (500, [], "status 500"),
        (418, [], "status 418"),
    ],
)
def test_answers_that_are_not_the_hubs_are_refused(load, hub, cache, status, headers, said):
    hub.statuses[f"/{MODEL}/resolve/main/config.json"] = (status, headers)
    code, _, errors = load()
    assert code == 1 and "ModelError" in errors and said in errors
    assert not (cache / "snapshots").exists()


def test_an_interrupt_leaves_a_part_that_the_next_load_goes_on_from(
    request, hub, cache, monkeypatch
):
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    monkeypatch.setenv("HF_HUB_CACHE", str(cache.parent))
    manager, client = request.getfixturevalue("kernel")
    hub.pause = 0.05
    part = cache / "blobs" / (hub.tag(WEIGHTS) + ".incomplete")
    message_id = client.execute(f'load "{MODEL}"')
    deadline = time.monotonic() + 20
    while not (part.exists() and part.stat().st_size):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    stopped = time.monotonic()
    manager.interrupt_kernel()
    reply = reply_to(client, message_id)
    assert time.monotonic() - stopped < 1
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    shown = until_idle(client, message_id)
    assert f"fetching {MODEL}" in text_of(shown, "stderr")
    received = part.stat().st_size
    assert 0 < received < len(hub.files[WEIGHTS]) and not (cache / "snapshots").exists()
    hub.pause = 0
    hub.log.clear()
    assert run(client, f'load "{MODEL}"')[0]["status"] == "ok"
    [asked] = [h.get("Range") for where, _, _, h in hub.log if where == "store"]
    assert asked == f"bytes={received}-"


def test_two_that_fetch_one_model_do_not_disturb_each_other(start, hub):
    hub.pause = 0.002
    both = [start(f'(load "{MODEL}").name') for _ in range(2)]
    for process in both:
        output, errors = process.communicate(timeout=60)
        assert (process.returncode, output) == (0, '"mini"\n'), errors
    assert len(hub.requests("GET", "store")) == 1


def test_shards_of_a_pickle_come_with_their_index(load, hub, cache):
    hub.files = content(PYTORCH / "gpt2_shards")
    status, output, errors = load(f'm = load "{MODEL}"; generate m (prompt tokens=[5, 6]) tokens=2')
    assert status == 0, errors
    snapshot = cache / "snapshots" / COMMIT
    assert {path.name for path in snapshot.iterdir()} == set(hub.files)


def test_safetensors_are_preferred_to_a_pickle(load, hub):
    hub.files |= content(PYTORCH / "gpt2") | {"config.json": hub.files["config.json"]}
    assert load()[0] == 0
    assert not any(".bin" in path for path in hub.requests())


def test_an_index_that_leads_out_of_the_model_is_refused(load, hub):
    del hub.files[WEIGHTS]
    index = {"weight_map": {"a": "../../evil.safetensors"}}
    hub.files[WEIGHTS + ".index.json"] = json.dumps(index).encode()
    status, _, errors = load()
    assert status == 1 and "evil" in errors


def test_what_hugging_faces_tools_left_without_weights_is_completed(load, hub, cache):
    snapshot = cache / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_bytes(hub.files["config.json"])
    status, output, errors = load('(models).note')
    assert "no weights: load fetches them" in output
    assert load()[0] == 0


def test_a_full_disk_is_said_before_anything_is_fetched(load, hub):
    hub.announced[WEIGHTS] = 10**16
    status, _, errors = load()
    assert status == 1 and "there is no room" in errors and "HF_HUB_CACHE" in errors
    assert hub.requests("GET", "store") == []
