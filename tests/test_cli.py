"""The command line as people and scripts use it: help, exit codes, one JSON object, and a run that is killed, paused, interrupted and still finishes."""
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from ftcourse import __version__, cli
from ftcourse.events import read
from ftcourse.findings import CODES
from ftcourse.runs import ACTIVE, Run, alive, new, pid, state
from ftcourse.training import checkpoints
from tests.tiny import Answer, environment, ftcourse, launch, tiny_data, tiny_plan

slow = pytest.mark.slow
SIDES = ("train", "valid", "test")


def plan_at(folder, model, **changes):
    "A plan file that names its data beside it"
    plan = tiny_plan(model, data={side: f"{side}.jsonl" for side in SIDES}, **changes)
    plan.save(folder/"plan.yaml")
    return folder/"plan.yaml"


@pytest.fixture
def site(tmp_path):
    tiny_data(tmp_path)
    plan_at(tmp_path, "no-model-needed")
    return tmp_path


# ---- What there is

def test_help_lists_every_verb():
    told = ftcourse("--help")
    assert told.code == 0 and told.err == ""
    assert {"new", "train", "compare", "watch", "stop", "pause", "resume", "demo"} <= cli.VERBS.keys()
    for verb in cli.VERBS: assert re.search(rf"^    {verb}\s", told.out, re.M), verb


@pytest.mark.parametrize("verb", cli.VERBS)
def test_help_of_a_verb(verb, capsys):
    with pytest.raises(SystemExit) as e: cli.main([verb, "--help"])
    out = capsys.readouterr().out
    assert e.value.code == 0 and f"ftcourse {verb}" in out and "--json" in out


def test_every_option_is_explained():
    for verb in cli.parser()._subparsers._group_actions[0].choices.values():
        for option in verb._actions: assert option.help, (verb.prog, option.dest)


def test_version(capsys):
    with pytest.raises(SystemExit) as e: cli.main(["--version"])
    assert e.value.code == 0 and capsys.readouterr().out == f"ftcourse {__version__}\n"


@pytest.mark.parametrize("args", [[], ["trian", "run"], ["train"], ["train", "run", "--fast"], ["new", "name"], ["new", "--plan", "p"], ["train", "a", "b"]], ids=" ".join)
def test_wrong_use(args, capsys):
    with pytest.raises(SystemExit) as e: cli.main(args)
    said = capsys.readouterr()
    assert e.value.code == 2 and said.out == "" and said.err.startswith("usage: ftcourse")


def test_wrong_use_in_a_process(tmp_path):
    told = ftcourse("trian", "run", cwd=tmp_path)
    assert told.code == 2 and told.out == "" and "Traceback" not in told.err and "trian" in told.err and list(tmp_path.iterdir()) == []


def test_the_installed_command_is_the_same():
    command = Path(sys.executable).with_name("ftcourse")
    if not command.exists(): pytest.skip("not installed here")
    assert subprocess.run([command, "--version"], capture_output=True, text=True).stdout == f"ftcourse {__version__}\n"


def test_what_needs_no_torch_loads_none(site):
    "So that a wrong name is told at once"
    program = "import sys; from ftcourse.cli import main; codes = [main(a.split()) for a in sys.argv[1:]]; print(codes, 'torch' in sys.modules, 'transformers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, "new r --plan plan.yaml", "train nowhere", "compare r", "stop r", "pause r", "watch r"], cwd=site, env=environment(), capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[0, 1, 1, 0, 0, 0] False False", done.stderr


# ---- One JSON object

def test_new_names_the_run(site):
    told = ftcourse("new", "r", "--plan", "plan.yaml", "--root", "my runs", "--json", cwd=site)
    assert told.code == 0 and told.json.keys() == {"run", "findings"} and told.json["run"] == str(Path("my runs")/"r")
    assert [f["code"] for f in told.json["findings"]] == ["few_steps"] and "[few_steps]" in told.err, "six steps: the plan's warnings are told"
    assert sorted(p.name for p in (site/"my runs"/"r").iterdir()) == ["data", "environment.json", "plan.yaml"]


def test_new_in_words(site):
    told = ftcourse("new", "r", "--plan", "plan.yaml", cwd=site)
    assert told.code == 0 and told.out == "Made runs/r. Train it: ftcourse train runs/r\n".replace("/", os.sep)


def test_new_with_other_rows(site):
    other = site/"other.jsonl"
    other.write_text((site/"train.jsonl").read_text().replace("Ball", "Cube"))
    told = ftcourse("new", "r", "--plan", "plan.yaml", "--train", "other.jsonl", "--json", cwd=site)
    assert told.code == 0 and Run(site/told.json["run"]).data("train").read_bytes() == other.read_bytes()


def test_a_run_that_was_never_started(site):
    new("r", site/"plan.yaml", site/"runs")
    for verb in ("watch", "stop", "pause"):
        told = ftcourse(verb, "r", "--json", cwd=site)  # by its name in runs/
        assert told.code == 0 and told.json["state"] == "new", told
    told = ftcourse("stop", site/"runs"/"r")            # by its folder
    assert told.code == 0 and told.out == "Nothing was running here: new\n"
    assert not (site/"runs"/"r"/"request").exists(), "nobody is there to answer"


def test_a_terminal_that_knows_only_ascii(site):
    for name in ("Zürich", "漢字"):
        told = ftcourse("new", name, "--plan", "plan.yaml", "--json", cwd=site, PYTHONIOENCODING="ascii")
        assert told.code == 0 and told.json["run"].endswith(name), told
    told = ftcourse("new", "Genève", "--plan", "plan.yaml", cwd=site, PYTHONIOENCODING="ascii")  # in words
    assert told.code == 0 and told.out.startswith("Made runs") and "Traceback" not in told.err, told
    told = ftcourse("stop", "Zürich —", "--json", cwd=site, PYTHONIOENCODING="ascii")
    assert told.code == 1 and told.json["findings"][0]["where"] == "Zürich —", told


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are Unicode here")
def test_a_file_name_that_is_no_text(site):
    done = subprocess.run([os.fsencode(sys.executable), b"-m", b"ftcourse", b"new", b"r", b"--plan", b"\xff.yaml", b"--json"], cwd=site, env=environment(), capture_output=True)
    assert done.returncode == 1 and b"Traceback" not in done.stderr
    assert json.loads(done.stdout)["findings"][0]["code"] == "file_missing"


def test_an_interrupted_command_says_so(monkeypatch, capsys):
    "Still one JSON object, and not 0"
    def interrupt(a): raise KeyboardInterrupt
    monkeypatch.setitem(cli.VERBS, "compare", interrupt)
    assert cli.main(["compare", "run", "--json"]) == 1
    said = capsys.readouterr()
    assert isinstance(json.loads(said.out), dict) and "Interrupted" in said.err


def test_numbers_that_json_does_not_know(monkeypatch, capsys):
    monkeypatch.setitem(cli.VERBS, "watch", lambda a: ({"train_loss": float("nan"), "valid_loss": [float("inf"), -float("inf"), 1.5]}, ""))
    assert cli.main(["watch", "run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == {"train_loss": "NaN", "valid_loss": ["Infinity", "-Infinity", 1.5]}


# ---- The tale of a run, each verb by a process of its own: killed, continued, paused, interrupted, continued on its own, compared

STEPS, EVERY = 300, 10  # of some twenty milliseconds: long enough for a command to start beside it


def wait(until, process, seconds=90):
    "Waits until something is so; fails when the process ends before"
    end = time.monotonic() + seconds
    while not until():
        if process.poll() is not None: pytest.fail(f"ended too early\n{Answer(process)}")
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def tale(tiny_folder, tmp_path_factory):
    "What each command said, in order, and what was seen in between"
    at, t = tmp_path_factory.mktemp("tale"), {}
    tiny_data(at, train=40, valid=4, test=4)
    plan_at(at, tiny_folder, training=dict(epochs=STEPS // 10, eval_steps=100, checkpoint_steps=EVERY), evaluation=dict(max_new_tokens=8))
    do = lambda *args: ftcourse(*args, "--json", cwd=at)
    t["new"] = do("new", "tale", "--plan", "plan.yaml")
    run, processes = Run(at/"runs"/"tale"), []
    t["run"] = run
    def train():
        processes.append(launch("train", "tale", "--json", cwd=at))
        return processes[-1]
    try:
        p = train()
        wait(lambda: run.history().step > EVERY, p)
        p.kill()  # as the system does when memory runs out
        t["killed"], t["state after the kill"] = Answer(p), state(run)
        t["stop of a dead run"] = do("stop", "tale")

        p = train()
        wait(lambda: sum(e["kind"] == "state" and e["state"] == "training" for e in read(run.events)[0]) == 2 and run.history().step > EVERY, p)
        t["pause"] = do("pause", "tale")
        t["paused at"], t["checkpoint when paused"] = run.history().step, checkpoints.newest(run.checkpoints)[0]
        t["second train"], t["pid"] = do("train", "tale"), p.pid
        t["after the second"] = run.history().step, state(run), pid(run)
        t["resume"] = do("resume", "tale")
        wait(lambda: run.history().step > t["paused at"] + 2, p)
        p.send_signal(signal.SIGINT)
        t["interrupted"], t["state after the interrupt"] = Answer(p), state(run)
        t["left"] = sorted(f.name for f in run.path.iterdir())
        t["checkpoint when interrupted"] = checkpoints.newest(run.checkpoints)[0]

        t["resume on its own"] = do("resume", "tale")
        t["own pid"] = pid(run)
        t["watch"] = do("watch", "tale")
        t["train again"] = do("train", "tale")
        t["stop of a finished run"] = do("stop", "tale")
        t["compare"] = do("compare", "tale")
        yield t
    finally:
        if alive(run): processes.append(psutil.Process(pid(run)))
        for p in processes: p.kill()


def result(told, state, step=None):
    "The shape of a training's end"
    r = told.json
    assert told.code == 0 and "Traceback" not in told.err, told
    assert {"state", "step", "train_loss", "valid_loss", "tokens_per_s", "adapter"} <= r.keys()
    assert (r["state"], r["steps"]) == (state, STEPS) and (step is None or r["step"] == step)
    assert 0 < r["train_loss"] < 10 and r["tokens_per_s"] > 0 and Path(r["adapter"]).name == "adapter"
    return r


@slow
def test_killed_it_counts_as_failed(tale):
    assert tale["killed"].code == -signal.SIGKILL and tale["killed"].out == ""
    assert tale["state after the kill"] == "failed"
    told = tale["stop of a dead run"]
    assert told.code == 0 and told.json == {"state": "failed"}


@slow
def test_it_goes_on_from_the_last_checkpoint(tale):
    starts = [e for e in read(tale["run"].events)[0] if e["kind"] == "state" and e["state"] == "training" and "rewind" in e]
    assert [e["rewind"] > 0 for e in starts] == [False, True, True]
    assert starts[1]["rewind"] % EVERY == 0 and f"continued at step {starts[1]['rewind']}" in tale["interrupted"].err


@slow
def test_pause_waits_for_the_answer_and_keeps_a_checkpoint(tale):
    assert tale["pause"].code == 0 and tale["pause"].json == {"state": "paused"}
    assert tale["checkpoint when paused"].name == checkpoints.name(tale["paused at"])


@slow
def test_a_second_process_is_refused_and_disturbs_nothing(tale):
    told = tale["second train"]
    assert told.code == 1 and "Traceback" not in told.err
    (f,) = told.json["findings"]
    assert f["code"] == "run_busy" and f["severity"] == CODES["run_busy"].severity and str(tale["pid"]) in f["says"] and f["fix"]
    assert tale["after the second"] == (tale["paused at"], "paused", tale["pid"])


@slow
def test_resume_wakes_it(tale): assert tale["resume"].code == 0 and tale["resume"].json == {"state": "training"}


@slow
def test_ctrl_c_stops_after_the_micro_batch_with_a_checkpoint(tale):
    r = result(tale["interrupted"], "stopped")
    assert tale["paused at"] + 2 < r["step"] < STEPS and tale["state after the interrupt"] == "stopped"
    assert tale["checkpoint when interrupted"].name == checkpoints.name(r["step"])
    assert "Stopping" in tale["interrupted"].err
    assert tale["left"] == ["adapter", "audit.json", "checkpoints", "data", "environment.json", "events.jsonl", "plan.yaml"], "no claim, no request, nothing half written"


@slow
def test_resume_starts_a_stopped_run_in_a_process_of_its_own(tale):
    told = tale["resume on its own"]
    assert told.code == 0 and told.json["state"] in ACTIVE, told
    assert tale["own pid"] not in (None, tale["pid"])


@slow
def test_watch_follows_to_the_end(tale):
    assert 0 < result(tale["watch"], "finished", STEPS)["valid_loss"] < 10
    lines = tale["watch"].err.splitlines()
    assert f"step {STEPS}/{STEPS}" in lines[-1] and lines[-1].startswith("finished") and len(lines) < 30


@slow
def test_training_a_finished_run_says_so(tale):
    again = result(tale["train again"], "finished", STEPS)
    assert {k: v for k, v in again.items() if k != "adapter"} == {k: v for k, v in tale["watch"].json.items() if k != "adapter"}
    assert "finished already" in tale["train again"].err and tale["stop of a finished run"].json == {"state": "finished"}


@slow
def test_the_story_is_told_once(tale):
    "Each step counts once, whatever was repeated after the kill"
    steps = [step for step, _ in tale["run"].history().points["train_loss"]]
    assert steps == list(range(1, STEPS + 1))


@slow
def test_compare_has_its_shape(tale):
    told = tale["compare"]
    assert told.code == 0 and "Traceback" not in told.err
    r = told.json
    assert r["n"] == 4 and r["verdict"] in ("better", "worse", "cannot tell") and set(r["metrics"]) == {"valid_json", "exact_match", "field_colour"}
    for m in r["metrics"].values():
        assert {"base", "tuned", "difference", "low", "high"} <= m.keys()
        assert -1 <= m["low"] <= m["difference"] <= m["high"] <= 1 and m["difference"] == pytest.approx(m["tuned"] - m["base"])
    assert len(set(r["sides"].values())) == 2 and r["sides"].keys() == {"base", "tuned"}
    assert r["findings"] == [] and r["step"] == r["steps"] == STEPS and "rows" not in r
    evaluation = tale["run"].evaluation
    assert json.loads((evaluation/"report.json").read_text(encoding="utf-8")) == r
    assert len((evaluation/"outputs.jsonl").read_text(encoding="utf-8").splitlines()) == 4
    html = (evaluation/"report.html").read_text(encoding="utf-8")
    assert not [word for word in ("<script", "src=", "http:", "https:") if word in html]
    assert sorted(p.name for p in tale["run"].path.iterdir()) == ["adapter", "audit.json", "checkpoints", "data", "environment.json", "evaluation", "events.jsonl", "plan.yaml", "train.log"]


def test_a_reader_that_leaves_early():
    "`| head -1` is no error"
    done = subprocess.run(f"{sys.executable} -m ftcourse decide --questions | head -c 10", shell=True, capture_output=True, text=True)
    assert len(done.stdout) == 10 and done.stderr == ""
