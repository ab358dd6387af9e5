"""The audit of a run, and that training refuses what it refuses."""
import html
import json
import re

import pytest

from ftcourse.checks import audit, audit_html, cleared, rows_of_side, smoke, tokens
from ftcourse.findings import Trouble
from ftcourse.plan import Plan
from ftcourse.runs import new, sha256
from ftcourse.training.loop import encoded, train
from tests.tiny import ftcourse, jsonl, tiny_plan, tiny_tokenizer

COLOURS = ("red", "green", "blue", "white")


def talk(i, answer=None): return {"messages": [{"role": "user", "content": f"What colour has ball number {i}?"}, {"role": "assistant", "content": COLOURS[i % 4] if answer is None else answer}]}


@pytest.fixture
def made(tiny_folder, tmp_path):
    "Makes a run of canonical rows on the tiny model: made('name', rows, test=rows)"
    def make(name, rows, test=(), **changes):
        files = {side: jsonl(tmp_path/name/f"{side}.jsonl", list(rs)) for side, rs in (("train", rows), ("test", test)) if rs}
        return new(name, tiny_plan(tiny_folder, task=dict(answer="text"), **changes), tmp_path/"runs", files)
    return make


def test_a_sound_run_is_trained_and_the_verdict_is_kept(made):
    run = made("sound", [talk(i) for i in range(16)], [talk(i) for i in range(20, 24)])
    r = audit(run)
    assert r.verdict == "ok" and r.rows == 16 and 0 < r.trained_tokens < r.tokens
    kept = json.loads((run.path/"audit.json").read_text())
    assert kept["verdict"] == "ok" and kept["of"]["data"]
    assert train(run).state == "finished" and json.loads((run.path/"audit.json").read_text()) == kept, "the same rows are not audited twice"






@pytest.mark.parametrize("named, differs", [({}, False), (dict(eos_token_id=0), True), (dict(eos_token_id=[0, "end"]), False)])
def test_a_model_that_stops_elsewhere_is_told(made, tiny_folder, tmp_path, named, differs):
    "As a base model does that got the chat template of its sibling"
    import shutil
    from ftcourse.chat import end_of_turn
    folder = shutil.copytree(tiny_folder, tmp_path/"model")
    for name in ("config.json", "generation_config.json"): (folder/name).exists() and (folder/name).write_text(json.dumps({k: v for k, v in json.loads((folder/name).read_text(encoding="utf-8")).items() if k != "eos_token_id"}), encoding="utf-8")
    if named:
        stops = [end_of_turn(tiny_tokenizer()) if i == "end" else i for i in named["eos_token_id"]] if isinstance(named["eos_token_id"], list) else named["eos_token_id"]
        (folder/"generation_config.json").write_text(json.dumps(dict(eos_token_id=stops)), encoding="utf-8")
    run = made("stops", [talk(i) for i in range(12)], model=dict(id=str(folder)))
    found = audit(run)
    assert ("stop_token_differs" in found.codes()) == differs and found.verdict == "ok"


def test_a_test_row_among_the_training_rows_refuses_and_trains_nothing(made):
    run = made("leak", [talk(i) for i in range(16)], [talk(20), talk(21)])
    jsonl(run.data("test"), [talk(20), talk(5)])  # by somebody who also knows where the hashes are
    kept = json.loads((run.path/"environment.json").read_text())
    kept["data"]["test"] = sha256(run.data("test"))
    (run.path/"environment.json").write_text(json.dumps(kept))
    with pytest.raises(Trouble) as e: train(run)
    assert "test_row_in_train" in {f.code for f in e.value.findings} and not run.adapter.exists() and not run.history().points["train_loss"]
    assert run.history().state == "failed" and "--allow" in e.value.findings[0].fix


def test_what_is_allowed_by_name_trains_and_stays_in_the_plan(made):
    rows = [talk(i) for i in range(16)]
    rows[5] = talk(5, "")
    run = made("empty", rows)
    with pytest.raises(Trouble) as e: train(run)
    assert {f.code for f in e.value.findings} == {"empty_answer"} and ", rows 6" in e.value.findings[0].where
    r = audit(run, allow=["empty_answer"])
    assert r.verdict == "ok" and r.allowed == ["empty_answer"] and Plan.load(run.path/"plan.yaml").prepare.allow == "empty_answer"
    assert train(run).state == "finished"
    with pytest.raises(Trouble): audit(run, allow=["emty_answer"])


def test_the_verdict_falls_with_what_it_was_about(made):
    run = made("short", [talk(i) for i in range(16)])
    assert audit(run).verdict == "ok"
    plan = run.plan
    plan.training.max_tokens = 8
    plan.save(run.path/"plan.yaml")
    with pytest.raises(Trouble): cleared(run, run.plan, tiny_tokenizer(), 320)
    assert json.loads((run.path/"audit.json").read_text())["of"]["max_tokens"] == 8


def test_several_turns_tools_and_texts_become_examples(made):
    turns = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}, {"role": "user", "content": "Bye"}, {"role": "assistant", "content": "See you."}]}
    run, t = made("turns", [talk(1), turns]), tiny_tokenizer()
    two, _ = encoded(rows_of_side(run, "train"), run.plan, t, "x")
    said = lambda e: t.decode([i for i, l in zip(e["input_ids"], e["labels"]) if l != -100])
    assert said(two[1]) == "Hello.<|im_end|>See you.<|im_end|>"
    plan = run.plan
    plan.prepare.turns = "last"
    assert said(encoded(rows_of_side(run, "train"), plan, t, "x")[0][1]) == "See you.<|im_end|>"
    (text,), _ = encoded([{"text": "Once upon a time."}], plan, t, "x")
    assert text["labels"] == text["input_ids"]
    with pytest.raises(Trouble) as e: encoded([{"prompt": [], "chosen": turns["messages"][:2], "rejected": turns["messages"][:2]}], plan, t, "x")
    assert e.value.findings[0].code == "method_untrainable"


def test_rows_are_shown_token_by_token_as_text(made):
    evil = "<script>alert(1)</script>"
    run = made("evil", [talk(i, f"{evil} {i}") for i in range(9)])
    page = audit_html(run, audit(run))
    seen = html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", "", page, flags=re.S))
    assert "class=" not in seen and "·" in seen and "↵" in seen, "no mark-up of ours shows as text"
    assert "<script" not in page and "<script" not in tokens(run) and page.startswith("<!doctype html>") and "default-src 'none'" in page


@pytest.mark.slow
def test_smoke_says_whether_anything_is_learnt(made):
    run = made("smoke", [talk(i) for i in range(8)], model=dict(quantization="none"))
    before = sorted(p.name for p in run.path.rglob("*"))
    r = smoke(run)
    assert r.losses[-1] < r.losses[0] and r.steps > 1 and sorted(p.name for p in run.path.rglob("*")) == before
    plan = run.plan
    plan.training.learning_rate = 1e-7
    plan.save(run.path/"plan.yaml")
    assert smoke(run).losses[-1] < r.losses[0], "a small rate is raised for the test; only zero stays zero"


def test_on_the_command_line(made, tmp_path):
    rows = [talk(i) for i in range(16)]
    rows[2] = talk(2, "")
    run = made("cli", rows)
    told = ftcourse("audit", run.path, "--html", "rows.html", "--json", cwd=tmp_path)
    assert told.code == 1 and {"rows", "tokens", "trained_tokens", "findings", "verdict"} <= told.json.keys() and told.json["verdict"] == "refused" and (tmp_path/"rows.html").exists()
    assert any(f["code"] == "empty_answer" and f["count"] == 1 and f["rows"] == [3] and f["severity"] == "fatal" for f in told.json["findings"])
    refused = ftcourse("train", run.path, "--json", cwd=tmp_path)
    assert refused.code == 1 and refused.json["findings"][0]["code"] == "empty_answer"
    assert ftcourse("audit", run.path, "--allow", "empty_answer", cwd=tmp_path).code == 0
