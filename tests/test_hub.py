"""Models and data sets by their hub id, with the hub's own clients, from a hub on this machine."""
import json
import shutil
import subprocess
import sys

import pytest

from tests.hub import hub
from tests.tiny import environment, ftcourse, jsonl


@pytest.fixture
def at(tmp_path, tiny_folder):
    "A hub with one model and three data sets, and the environment of somebody who uses it for the first time"
    root = tmp_path/"hub"
    shutil.copytree(tiny_folder, root/"models"/"someone"/"tiny")
    shutil.copytree(tiny_folder, root/"models"/"someone"/"secret")
    jsonl(root/"datasets"/"someone"/"qa"/"train.jsonl", [{"question": f"How many are {i} and one?", "answer": str(i + 1)} for i in range(40)])
    jsonl(root/"datasets"/"someone"/"qa"/"test.jsonl", [{"question": f"How many are {i} and ten?", "answer": str(i + 10)} for i in range(8)])
    jsonl(root/"datasets"/"someone"/"closed"/"train.jsonl", [{"question": "q", "answer": "a"}])
    with hub(root, gated=["someone/closed", "someone/secret"], token="hf_right") as server:
        server.env = dict(HF_ENDPOINT=server.url, HF_HOME=str(tmp_path/"home"), HF_HUB_OFFLINE="0", HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_TELEMETRY="1", NO_PROXY="127.0.0.1", no_proxy="127.0.0.1")
        yield server


def said(done): return json.loads(done.out)


def test_a_data_set_of_the_hub_is_read_as_a_file_is(at, tmp_path):
    seen = said(ftcourse("inspect", "someone/qa", "--rows", 2, "--json", cwd=tmp_path, **at.env))
    assert seen["rows_in"] == seen["kept"] == 48 and seen["layout"] == "question_answer" and {"someone/qa" in f for f in seen["files"]} == {True}
    assert seen["rows"][0]["messages"][-1]["content"] == "1"
    assert any("resolve" in a and "train.jsonl" in a for a in at.asked)


def test_a_run_on_a_data_set_and_a_model_of_the_hub(at, tmp_path):
    (tmp_path/"plan.yaml").write_text("schema: 1\nmodel: {id: someone/tiny}\nprepare: {test: 0.2}\ntraining: {epochs: 1, batch_rows: 4, micro_batch_rows: 4}\n")
    for words in (("new", "r", "--plan", "plan.yaml", "--data", "someone/qa"), ("prepare", "r"), ("train", "r")):
        done = ftcourse(*words, "--json", cwd=tmp_path, **at.env)
        assert done.code == 0, done.err
    assert said(done)["state"] == "finished"
    asked = len(at.asked)
    (tmp_path/"runs"/"r").rename(tmp_path/"runs"/"old")
    done = ftcourse("compare", "old", "--json", cwd=tmp_path, **{**at.env, "HF_HUB_OFFLINE": "1"})
    assert done.code == 0 and said(done)["n"] > 0 and len(at.asked) == asked, "what was fetched once needs no network"


def test_a_config_that_was_fetched_alone_is_no_model(at, tmp_path):
    "The estimate fetches config.json into the cache where the whole model will lie; training must not take that for the model"
    done = ftcourse("estimate", "--model", "someone/tiny", "--gpu", "8GB", "--seq", 32, "--json", cwd=tmp_path, **at.env)
    assert done.code == 0 and said(done)["fits"] and not any("safetensors" in a for a in at.asked)
    code = "from ftcourse.models import resolve; p = resolve('someone/tiny'); print(sorted(x.name for x in p.iterdir()))"
    out = subprocess.run([sys.executable, "-c", code], env=environment(**at.env), capture_output=True, text=True)
    assert out.returncode == 0 and "model.safetensors" in out.stdout and any("model.safetensors" in a for a in at.asked), out.stdout + out.stderr


@pytest.mark.parametrize("words, code, word", [
    (("inspect", "someone/nothing"), "dataset_not_loaded", "someone/nothing"), (("inspect", "someone/closed"), "dataset_not_loaded", "access"),
    (("estimate", "--model", "someone/nothing", "--gpu", "8GB"), "model_unknown", "someone/nothing"), (("estimate", "--model", "someone/secret", "--gpu", "8GB"), "model_gated", "token")], ids=lambda v: " ".join(v) if isinstance(v, tuple) else None)
def test_what_is_not_there_or_closed_is_said(at, tmp_path, words, code, word):
    done = ftcourse(*words, "--json", cwd=tmp_path, **at.env)
    assert done.code == 1 and [f["code"] for f in said(done)["findings"]] == [code] and word in done.err.lower() and "Traceback" not in done.err


def test_with_the_token_the_closed_ones_open(at, tmp_path):
    env = dict(at.env, HF_TOKEN="hf_right")
    assert said(ftcourse("inspect", "someone/closed", "--json", cwd=tmp_path, **env))["rows_in"] == 1
    done = ftcourse("estimate", "--model", "someone/secret", "--gpu", "8GB", "--seq", 32, "--json", cwd=tmp_path, **env)
    assert done.code == 0 and "hf_right" not in done.out + done.err


@pytest.mark.parametrize("gone", ["config.json", "tokenizer.json", "two.safetensors", "model.safetensors.index.json"])
def test_half_a_model_in_the_cache_is_none(tmp_path, gone):
    from ftcourse.models import _whole
    for name in ("config.json", "tokenizer.json", "one.safetensors", "two.safetensors"): (tmp_path/name).write_text("{}")
    (tmp_path/"model.safetensors.index.json").write_text('{"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}')
    assert _whole(tmp_path)
    if gone.endswith("index.json"): (tmp_path/gone).write_text("{")  # cut off
    else: (tmp_path/gone).unlink()
    assert not _whole(tmp_path)
