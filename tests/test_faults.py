"""Every fault is caused for real, and meets the reader as findings: what, where, and how to mend it. Nothing is left behind."""
import contextlib
import json
import math
import os
import shutil
import subprocess
import tempfile
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from ftcourse import cli, events, models, runs
from ftcourse.data.rows import overlap, read_rows
from ftcourse.evaluation.report import _ready, compare
from ftcourse.findings import CODES, Findings, Trouble
from ftcourse.plan import Plan, named, write_whole
from ftcourse.runs import Run, alive, claim, new, open_run, release, state
from ftcourse.training import checkpoints, control
from ftcourse.training.control import tail
from ftcourse.training.loop import result, train
from tests.tiny import COLOURS, ftcourse, jsonl, tiny_data, tiny_plan, tiny_rows

slow = pytest.mark.slow


def often(n): return settings(max_examples=n, deadline=None, derandomize=True, database=None)  # the same cases each time: no flakes


def listing(folder):
    "All that lies in a folder, to the byte"
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in sorted(Path(folder).rglob("*"))}


@contextlib.contextmanager
def untouched(folder):
    "Nothing appears, changes or goes in `folder`"
    before = listing(folder)
    yield
    after = listing(folder)
    assert after.keys() == before.keys() and after == before, sorted(after.keys() ^ before.keys())


def refused(call, *args, **kw) -> Findings:
    "The findings with which a call refuses to go on"
    with pytest.raises(Trouble) as e: call(*args, **kw)
    return e.value.findings


def are(found, *expected):
    "`expected` are pairs of code and what `where` must tell; each finding is of the catalogue, and says what to do"
    assert [f.code for f in found] == [code for code, *_ in expected], str(found)
    for f, (code, *where) in zip(found, expected):
        assert f.severity == CODES[code].severity and f.says.strip() and f.fix.strip(), f
        assert all(part in f.where for part in where), f"{f.where!r} does not tell {where}"


# ---- All that can be wrong with a plan and its data when a run is made. Each case spoils a good folder, and says what must be found.

CASES = {}


def case(f):
    CASES[f.__name__] = f
    return f


@pytest.fixture
def site(tmp_path):
    "A folder with a good plan and good data, from which a run can be made"
    tiny_data(tmp_path)
    plan = tiny_plan("no-model-needed", data=dict(train="train.jsonl", valid="valid.jsonl", test="test.jsonl"))
    plan.save(tmp_path/"plan.yaml")
    return tmp_path


def lines(path, change):
    "Change the lines of a file in place: `change` gets the list"
    text = path.read_text(encoding="utf-8").split("\n")
    change(text)
    path.write_text("\n".join(text), encoding="utf-8")


def replace(path, old, to):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, to, 1), encoding="utf-8")
    return text[:text.index(old)].count("\n") + 1


def spoil_row(at, line, text): lines(at/"train.jsonl", lambda ls: ls.__setitem__(line - 1, text))


@case
def data_missing(at):
    (at/"valid.jsonl").unlink()
    return [("file_missing", str(at/"valid.jsonl"))]

@case
def data_is_a_folder(at):
    (at/"train.jsonl").unlink()
    (at/"train.jsonl").mkdir()
    return [("file_unreadable", str(at/"train.jsonl"))]

@case
def data_is_a_folder_below_a_file(at):
    replace(at/"plan.yaml", "train: train.jsonl", "train: train.jsonl/rows.jsonl")
    return [("file_missing", "train.jsonl/rows.jsonl")]

@case
def data_has_an_impossible_name(at):
    replace(at/"plan.yaml", "train: train.jsonl", f"train: {'a' * 4000}.jsonl")
    return [("file_unreadable", "aaaa")]

@case
def data_not_utf8(at):
    rows = (at/"train.jsonl").read_bytes().split(b"\n")
    rows[2] = '{"q": "Zürich?", "a": {"colour": "red"}}'.encode("latin-1")
    (at/"train.jsonl").write_bytes(b"\n".join(rows))
    return [("file_unreadable", "train.jsonl, line 3")]

@case
def data_is_a_spreadsheet(at):
    (at/"test.jsonl").write_bytes(b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xb5U0#\xf4\x00")
    return [("file_unreadable", "test.jsonl")]

@case
def data_of_zero_bytes(at):
    (at/"train.jsonl").write_bytes(b"")
    return [("file_empty", "train.jsonl")]

@case
def data_of_blank_lines(at):
    (at/"train.jsonl").write_text("\n  \n\t\n")
    return [("file_empty", "train.jsonl")]

@case
def row_not_json(at):
    spoil_row(at, 5, '{"q": "Ball')
    return [("row_not_json", "train.jsonl, line 5")]

@case
def row_not_an_object(at):
    spoil_row(at, 5, '["q", "a"]')
    return [("row_not_json", "train.jsonl, line 5")]

@case
def row_nested_without_end(at):
    spoil_row(at, 5, '{"q": "x", "a": ' + "[" * 100_000)
    return [("row_not_json", "train.jsonl, line 5")]

@case
def row_without_a_field(at):
    spoil_row(at, 7, '{"q": "Ball?", "answer": {"colour": "red"}}')
    return [("row_missing_field", "train.jsonl, line 7, field a")]

@case
def row_with_an_empty_prompt(at):
    spoil_row(at, 7, '{"q": " \\n", "a": {"colour": "red"}}')
    return [("row_missing_field", "train.jsonl, line 7, field q")]

@case
def row_with_a_prompt_that_is_no_text(at):
    spoil_row(at, 7, '{"q": 12, "a": {"colour": "red"}}')
    return [("row_missing_field", "train.jsonl, line 7, field q")]

@case
def row_with_text_where_json_is_asked(at):
    spoil_row(at, 7, '{"q": "Ball?", "a": "red"}')
    return [("row_missing_field", "train.jsonl, line 7, field a")]

@case
def row_with_a_list_where_text_is_asked(at):
    replace(at/"plan.yaml", "answer: json", "answer: text")
    spoil_row(at, 7, '{"q": "Ball?", "a": ["red"]}')
    spoil_row(at, 8, '{"q": "Ball!", "a": 5}')
    return [("row_missing_field", "train.jsonl, line 7, field a"), ("row_missing_field", "train.jsonl, line 8, field a")]

@case
def row_with_half_a_character(at):
    "An export that cut an emoji in two: JSON, but no text that a file or a tokenizer can hold"
    spoil_row(at, 4, '{"q": "Ball \\ud83d", "a": {"colour": "red"}}')
    spoil_row(at, 6, '{"q": "Ball?", "a": {"colour": "red \\ude42"}}')
    return [("row_not_json", "train.jsonl, line 4"), ("row_not_json", "train.jsonl, line 6")]

@case
def many_faults_at_once(at):
    "All are told, file by file; the sixth of a kind and those after it as a count"
    for line in range(1, 9): spoil_row(at, line, "?")
    lines(at/"test.jsonl", lambda ls: ls.__setitem__(0, "{}"))
    return [("row_not_json", f"train.jsonl, line {n}") for n in range(1, 6)] + [("row_not_json", "train.jsonl"), ("row_missing_field", "test.jsonl, line 1, field q")]

@case
def a_test_row_in_train(at):
    row = json.loads((at/"train.jsonl").read_text().split("\n")[3])
    lines(at/"test.jsonl", lambda ls: ls.__setitem__(1, json.dumps({**row, "q": "  " + row["q"].upper()})))
    return [("rows_overlap", "train row 4", "test row 2")]

@case
def valid_row_in_train_and_test(at):
    row = (at/"train.jsonl").read_text().split("\n")[0]
    for side in ("valid", "test"): lines(at/f"{side}.jsonl", lambda ls: ls.__setitem__(2, row))
    return [("rows_overlap", "train row 1", "test row 3"), ("rows_overlap", "train row 1", "valid row 3"), ("rows_overlap", "valid row 3", "test row 3")]

@case
def plan_missing(at):
    (at/"plan.yaml").unlink()
    return [("file_missing", "plan.yaml")]

@case
def plan_is_a_folder(at):
    (at/"plan.yaml").unlink()
    (at/"plan.yaml").mkdir()
    return [("file_unreadable", "plan.yaml")]

@case
def plan_not_utf8(at):
    (at/"plan.yaml").write_bytes("task: {name: Zürich}".encode("latin-1"))
    return [("file_unreadable", "plan.yaml")]

@case
def plan_empty(at):
    (at/"plan.yaml").write_text("")
    return [("plan_unreadable", "plan.yaml")]

@case
def plan_not_yaml(at):
    line = replace(at/"plan.yaml", "training:\n  ", "training:\n\t")
    return [("plan_unreadable", f"plan.yaml, line {line + 1}, column 1")]

@case
def plan_of_bytes_that_yaml_forbids(at):
    (at/"plan.yaml").write_text("task: {name: \x00}")
    return [("plan_unreadable", "plan.yaml")]

@case
def plan_not_a_mapping(at):
    (at/"plan.yaml").write_text("- task\n- model\n")
    return [("plan_unreadable", "plan.yaml")]

@case
def plan_with_an_unknown_section(at):
    line = replace(at/"plan.yaml", "training:", "traning:")
    return [("plan_unknown_field", f"plan.yaml, line {line}, traning")]

@case
def plan_with_an_unknown_field(at):
    line = replace(at/"plan.yaml", "  learning_rate:", "  learning_rat:")
    return [("plan_unknown_field", f"plan.yaml, line {line}, training.learning_rat")]

@case
def plan_with_a_section_that_is_no_mapping(at):
    (at/"plan.yaml").write_text("schema: 1\ntask: colours\n")
    return [("plan_wrong_type", "plan.yaml, line 2, task")]

@case
def plan_with_words_for_a_number(at):
    line = replace(at/"plan.yaml", "epochs: 1.0", "epochs: two")
    return [("plan_wrong_type", f"plan.yaml, line {line}, training.epochs")]

@case
def plan_with_half_a_row(at):
    line = replace(at/"plan.yaml", "micro_batch_rows: 2", "micro_batch_rows: 2.5")
    return [("plan_wrong_type", f"plan.yaml, line {line}, training.micro_batch_rows")]

@case
def plan_out_of_range(at):
    line = replace(at/"plan.yaml", "rank: 4", "rank: -4")
    return [("plan_out_of_range", f"plan.yaml, line {line}, strategy.rank")]

@case
def plan_not_among_the_choices(at):
    line = replace(at/"plan.yaml", "quantization: nf4", "quantization: nf3")
    return [("plan_out_of_range", f"plan.yaml, line {line}, model.quantization")]

@case
def plan_with_a_number_beyond_numbers(at):
    line = replace(at/"plan.yaml", "rank: 4", "rank: 1" + "0" * 400)
    return [("plan_out_of_range", f"plan.yaml, line {line}, strategy.rank")]

@case
def plan_with_a_number_beyond_reading(at):
    replace(at/"plan.yaml", "rank: 4", "rank: 1" + "0" * 5000)
    return [("plan_unreadable", "plan.yaml")]

@case
def plan_that_says_it_twice(at):
    "YAML would silently take the last"
    line = replace(at/"plan.yaml", "  rank: 4\n", "  rank: 4\n  rank: 8\n")
    return [("plan_unreadable", f"plan.yaml, line {line + 1}, column 3")]

@case
def plan_with_a_section_twice(at):
    text = (at/"plan.yaml").read_text()
    (at/"plan.yaml").write_text(text + "task:\n  name: other\n")
    return [("plan_unreadable", f"plan.yaml, line {text.count(chr(10)) + 1}, column 1")]

@case
def plan_of_a_newer_version(at):
    replace(at/"plan.yaml", "schema: 1", "schema: 7")
    return [("plan_newer_schema", "plan.yaml, line 1, schema")]

@case
def plan_of_values_that_clash(at):
    line = replace(at/"plan.yaml", "batch_rows: 4\n  micro", "batch_rows: 5\n  micro")
    return [("plan_values_clash", f"plan.yaml, line {line}, training.batch_rows")]

@case
def plan_with_several_faults(at):
    (at/"plan.yaml").write_text("training:\n  learning_rat: 1e-3\n  epochs: two\nstrategy:\n  rank: -4\nmodels: {}\n")
    return [("plan_unknown_field", "line 2, training.learning_rat"), ("plan_wrong_type", "line 3, training.epochs"),
            ("plan_out_of_range", "line 5, strategy.rank"), ("plan_unknown_field", "line 6, models")]

@case
def plan_without_data(at):
    (at/"plan.yaml").write_text("task: {name: colours}\n")
    return [("file_missing", "data.train")]

@case
def run_there_already(at):
    new("r", at/"plan.yaml", at/"runs")
    return [("run_exists", str(at/"runs"/"r"))]

@case
def run_named_like_a_file(at):
    (at/"runs").mkdir()
    (at/"runs"/"r").write_text("not a run")
    return [("run_exists", str(at/"runs"/"r"))]

@case
def root_is_a_file(at):
    (at/"runs").write_text("not a folder")
    return [("file_unreadable", str(at/"runs"/"r"))]


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_told_and_nothing_is_written(site, name):
    "The function and the command say the same, word for word"
    expected = CASES[name](site)
    with untouched(site):
        found = refused(new, "r", site/"plan.yaml", site/"runs")
        are(found, *expected)
        told = ftcourse("new", "r", "--plan", site/"plan.yaml", "--root", site/"runs", "--json")
    assert told.code == 1 and "Traceback" not in told.err, told
    assert told.json == {"findings": found.as_dicts()}
    for f in found: assert f.says in told.err and f.fix in told.err


def test_the_good_folder_gives_a_run(site):
    "Else the cases above would prove nothing"
    run = new("r", site/"plan.yaml", site/"runs")
    assert sorted(listing(run.path)) == ["data", "data/report.json", "data/test.jsonl", "data/train.jsonl", "data/valid.jsonl", "environment.json", "plan.yaml"]
    for side in ("train", "valid", "test"): assert run.data(side).read_bytes() == (site/f"{side}.jsonl").read_bytes()
    assert json.loads((run.path/"data"/"report.json").read_text()) == {"rows_in": dict(train=24, valid=6, test=6), "kept": dict(train=24, valid=6, test=6), "rejected": 0}
    assert run.plan.problems() == []


def test_without_json_the_findings_are_told_in_words_only(site):
    spoil_row(site, 3, "?")
    told = ftcourse("new", "r", "--plan", site/"plan.yaml", "--root", site/"runs")
    assert told.code == 1 and told.out == "" and "[row_not_json]" in told.err and "line 3" in told.err and "Mend: " in told.err


def test_what_looks_like_a_date_stays_text(site):
    "YAML alone would make a date of it, or stumble over the thirteenth month"
    for name in ("2024-01-02", "2024-13-45", "2001-01-01 99:99:99"):
        (site/"dated.yaml").write_text(f"task: {{name: {name}}}\n")
        assert Plan.load(site/"dated.yaml").task.name == name


@pytest.mark.parametrize("good, bad, suggested", [("learning_rate:", "learning_rat:", "'learning_rate'"), ("strategy:", "stratgy:", "'strategy'"), ("schedule: cosine", "schedule: cosin", "'cosine'")])
def test_a_slip_of_the_pen_brings_a_suggestion(site, good, bad, suggested):
    replace(site/"plan.yaml", good, bad)
    assert suggested in refused(Plan.load, site/"plan.yaml")[0].fix


def test_an_unknown_plan_name_brings_the_known_ones(tmp_path):
    with untouched(tmp_path): told = ftcourse("new", "r", "--plan", "triage-smolm2_135m-qlora", "--json", cwd=tmp_path)
    assert told.code == 1 and "Traceback" not in told.err
    (f,) = told.json["findings"]
    assert f["code"] == "file_missing" and "'triage-smollm2_135m-qlora'" in f["fix"]
    are(refused(named, "a" * 5000), ("file_missing", "aaa"))


@pytest.mark.parametrize("name", ["", ".", "..", "../out", "a/b", "a b", ".hidden", "a" * 101, "漢" * 100, "x\n", "x\0y", "-x"])
def test_a_name_that_is_no_folder_is_refused(site, name):
    with untouched(site): are(refused(new, name, site/"plan.yaml", site/"runs"), ("wrong_use", "name "))


def test_a_bad_name_is_wrong_use_of_the_command(site):
    with untouched(site): told = ftcourse("new", "../out", "--plan", site/"plan.yaml", "--root", site/"runs", "--json")
    assert told.code == 2 and [f["code"] for f in told.json["findings"]] == ["wrong_use"]


def test_an_unknown_side_is_wrong_use(site):
    "A file given under a slip of the pen would silently not be used"
    with untouched(site): are(refused(new, "r", site/"plan.yaml", site/"runs", {"tset": site/"test.jsonl"}), ("wrong_use", "tset"))


def test_a_plan_is_not_changed_by_the_run_made_of_it(site):
    "In a notebook one plan makes many runs"
    plan = tiny_plan("m", data={side: str(site/f"{side}.jsonl") for side in ("train", "valid", "test")})
    before = plan.yaml()
    first = new("a", plan, site/"runs")
    assert plan.yaml() == before
    assert listing(new("b", plan, site/"runs").path/"data") == listing(first.path/"data")


# ---- Permission. Root may read everything, so root becomes nobody for a moment. What is imported only then could not be read, and Python would
# remember that: so each call is made once before, on what may be read.

@contextlib.contextmanager
def as_nobody():
    if not hasattr(os, "geteuid"): pytest.skip("no users here")
    if os.geteuid() == 0:
        os.seteuid(65534)
        try: yield
        finally: os.seteuid(0)
    else: yield


@pytest.fixture
def shared():
    "A folder that other users may enter, unlike pytest's own"
    d = Path(tempfile.mkdtemp(prefix="ftcourse-test-"))
    d.chmod(0o755)
    yield d
    shutil.rmtree(d)


@pytest.mark.parametrize("closed", ["file", "folder"])
def test_no_permission(shared, closed):
    path = jsonl(shared/"data"/"train.jsonl", tiny_rows(0, 3))
    assert len(read_rows(path, "q", "a", "json")[0]) == 3
    (path if closed == "file" else path.parent).chmod(0)
    try:
        with as_nobody(): rows, found = read_rows(path, "q", "a", "json")
        assert rows == []
        are(found, ("file_unreadable", str(path)))
    finally: path.parent.chmod(0o700)


def test_no_permission_for_the_plan(shared):
    (shared/"plan.yaml").write_text("task: {name: x}\n")
    assert Plan.load(shared/"plan.yaml").task.name == "x"
    (shared/"plan.yaml").chmod(0)
    with as_nobody(): are(refused(Plan.load, shared/"plan.yaml"), ("file_unreadable", "plan.yaml"))


def test_no_permission_for_the_runs(shared):
    data = {side: str(path) for side, path in tiny_data(shared/"data").items()}
    new("warm", tiny_plan("m", data=data), shared/"others")
    (shared/"runs").mkdir(mode=0o555)
    with untouched(shared), as_nobody(): are(refused(new, "r", tiny_plan("m", data=data), shared/"runs"), ("file_unreadable", str(shared/"runs"/"r")))


# ---- Disk space

def test_too_little_space_is_told_before_anything_is_written(site, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda p: shutil._ntuple_diskusage(10**9, 10**9 - 7_000_000, 7_000_000))
    with untouched(site): found = refused(new, "r", site/"plan.yaml", site/"runs")
    are(found, ("disk_full", str(site/"runs")))
    assert "50.0 MB" in found[0].says and "7.0 MB" in found[0].says and "43.0 MB" in found[0].fix


@pytest.fixture
def small_disk(tmp_path_factory):
    "A real disk of one megabyte"
    at = tmp_path_factory.mktemp("disk")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(at)], capture_output=True, text=True) if shutil.which("mount") else None
    if not done or done.returncode: pytest.skip(f"no small disk can be mounted here: {done.stderr.strip() if done else 'no mount'}")
    yield at
    subprocess.run(["umount", "-l", str(at)], check=True)


def test_a_small_disk(site, small_disk):
    with untouched(site), untouched(small_disk):
        found = refused(new, "r", site/"plan.yaml", small_disk/"runs")
        are(found, ("disk_full", str(small_disk)))
        told = ftcourse("new", "r", "--plan", site/"plan.yaml", "--root", small_disk/"runs", "--json")
    assert told.code == 1 and "Traceback" not in told.err and told.json["findings"][0]["code"] == "disk_full"


def test_a_disk_that_fills_up_while_the_run_is_written(site, small_disk, monkeypatch):
    "As when something else writes at the same time: the check has passed, and then there is no space"
    jsonl(site/"train.jsonl", [{**r, "q": r["q"] + " and more" * 1000} for r in tiny_rows(0, 400)])
    monkeypatch.setattr(runs, "enough_disk", lambda path, need: None)
    (small_disk/"runs").mkdir()
    with untouched(small_disk): are(refused(new, "r", site/"plan.yaml", small_disk/"runs"), ("disk_full", str(small_disk)))


def test_a_disk_that_fills_up_while_a_checkpoint_is_written(small_disk):
    "What was there stays whole"
    folder = small_disk/"checkpoints"
    first = checkpoints.write(folder, 1, lambda to: (to/"weights").write_bytes(b"1" * 300_000))
    with untouched(small_disk): are(refused(checkpoints.write, folder, 2, lambda to: (to/"weights").write_bytes(b"2" * 3_000_000)), ("disk_full", str(folder)))
    assert checkpoints.newest(folder) == (first, [])


def test_a_disk_that_fills_up_while_a_file_is_replaced(small_disk):
    "The old content stays, and no half of the new one"
    write_whole(small_disk/"report.json", "old")
    with untouched(small_disk), pytest.raises(OSError): write_whole(small_disk/"report.json", "n" * 3_000_000)


# ---- A run that is not what it was

@pytest.fixture
def made(site): return new("r", site/"plan.yaml", site/"runs")


def edit(path): path.write_bytes(path.read_bytes().replace(b"red", b"tan", 1))


def both(run, *expected):
    "Training and comparing refuse, as functions and as commands, and leave the run as it was"
    with untouched(run.path):
        for call in (train, compare):
            are(refused(call, run), *expected)
            told = ftcourse(call.__name__, run.path, "--json")
            assert told.code == 1 and "Traceback" not in told.err, told
            assert [f["code"] for f in told.json["findings"]] == [code for code, *_ in expected]


@pytest.mark.parametrize("side", ["train", "valid", "test"])
def test_data_changed_after_the_run_was_made(made, side):
    edit(made.data(side))
    with untouched(made.path):
        for call in (train, compare): are(refused(call, made), ("data_changed", str(made.data(side))))


def test_data_changed_by_the_command_line(made):
    edit(made.data("train"))
    both(made, ("data_changed", str(made.data("train"))))


def test_data_taken_away(made):
    made.data("test").unlink()
    with untouched(made.path): are(refused(train, made), ("data_changed", str(made.data("test"))))


@pytest.mark.parametrize("how", ["gone", "torn", "a list"])
def test_a_folder_with_only_a_plan_is_no_run(made, how):
    "Written by hand, or half copied: nobody knows which data it belongs to"
    path = made.path/"environment.json"
    path.unlink() if how == "gone" else path.write_text('{"made": "20' if how == "torn" else "[]")
    both(made, ("run_missing", str(made.path)))


def test_a_run_that_is_not_there(tmp_path):
    with untouched(tmp_path):
        for verb in ("train", "compare", "watch", "stop", "pause", "resume"):
            told = ftcourse(verb, "nowhere", "--json", cwd=tmp_path)
            assert told.code == 1 and "Traceback" not in told.err and [f["code"] for f in told.json["findings"]] == ["run_missing"], told


def test_a_run_whose_name_is_misspelt(site, made, monkeypatch):
    monkeypatch.chdir(site)
    new("triage-1", site/"plan.yaml")
    found = refused(open_run, "triage_1")
    are(found, ("run_missing", "triage_1"))
    assert "'triage-1'" in found[0].fix
    assert open_run("triage-1").path == Path("runs/triage-1")
    are(refused(open_run, "a" * 5000), ("run_missing", "aaa"))


def test_comparing_before_training(made):
    with untouched(made.path):
        are(refused(compare, made), ("run_not_trained", str(made.adapter)))
        told = ftcourse("compare", made.path, "--json")
    assert told.code == 1 and "Traceback" not in told.err and told.json["findings"][0]["code"] == "run_not_trained"


def test_comparing_without_test_rows(site):
    replace(site/"plan.yaml", "test: test.jsonl", "test: ''")
    run = new("r", site/"plan.yaml", site/"runs")
    with untouched(run.path): are(refused(compare, run), ("file_missing", "test.jsonl"))


def fake_adapter(run, step=6, steps=6):
    run.adapter.mkdir()
    (run.adapter/"adapter_model.safetensors").write_bytes(bytes(range(256)) * 40)
    (run.adapter/"adapter_config.json").write_text("{}")
    checkpoints.seal(run.adapter, step=step, steps=steps)


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path): path.write_bytes(path.read_bytes()[:-10])


DAMAGE = {  # what can happen to the files of a checkpoint or an adapter
    "a bit": lambda at: flip(at/"adapter_model.safetensors"), "a cut file": lambda at: cut(at/"adapter_model.safetensors"),
    "a file gone": lambda at: (at/"adapter_config.json").unlink(), "no manifest": lambda at: (at/"manifest.json").unlink(),
    "half a manifest": lambda at: cut(at/"manifest.json"), "an empty manifest": lambda at: (at/"manifest.json").write_text(""),
    "another manifest": lambda at: (at/"manifest.json").write_text("[]"), "a manifest of nothing": lambda at: (at/"manifest.json").write_text('{"sha256": {}}'),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_adapter_is_not_compared(made, damage):
    fake_adapter(made)
    assert _ready(made) == []
    DAMAGE[damage](made.adapter)
    with untouched(made.path): are(refused(compare, made), ("model_corrupt", str(made.adapter)))


def test_a_damaged_adapter_by_the_command_line(made):
    fake_adapter(made)
    flip(made.adapter/"adapter_model.safetensors")
    with untouched(made.path): told = ftcourse("compare", made.path, "--json")
    assert told.code == 1 and "Traceback" not in told.err and [f["code"] for f in told.json["findings"]] == ["model_corrupt"]


def test_a_half_trained_adapter_is_compared_with_a_warning(made):
    fake_adapter(made, step=4)
    are(_ready(made), ("run_not_finished", str(made.path)))


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_passed_over(tmp_path, damage):
    def put(to):
        (to/"adapter_model.safetensors").write_bytes(os.urandom(1000))
        (to/"adapter_config.json").write_text("{}")
    for step in (2, 4): checkpoints.write(tmp_path, step, put)
    assert checkpoints.newest(tmp_path) == (tmp_path/"step-000004", [])
    DAMAGE[damage](tmp_path/"step-000004")
    with untouched(tmp_path): path, found = checkpoints.newest(tmp_path)
    assert path == tmp_path/"step-000002"
    are(found, ("checkpoint_broken", "step-000004"))


def test_a_checkpoint_that_was_being_written_does_not_count(tmp_path):
    checkpoints.write(tmp_path, 2, lambda to: (to/"weights").write_text("2"))
    shutil.copytree(tmp_path/"step-000002", tmp_path/".step-000004.123.part")  # killed before the rename
    assert checkpoints.newest(tmp_path) == (tmp_path/"step-000002", [])


def test_two_at_once(made):
    claim(made)
    with untouched(made.path):
        are(refused(train, made), ("run_busy", str(made.path)))
        told = ftcourse("train", made.path, "--json")
    assert told.code == 1 and "Traceback" not in told.err and [f["code"] for f in told.json["findings"]] == ["run_busy"]
    assert str(os.getpid()) in told.err
    release(made)
    assert not alive(made)


@pytest.mark.parametrize("left", ["", "{", "[]", "{}", '{"pid": 99999999, "started": 0.0, "host": "HOST"}'])
def test_what_a_dead_process_left_does_not_lock_the_run(made, left):
    import socket
    (made.path/"train.pid").write_text(left.replace("HOST", socket.gethostname()))
    assert not alive(made)
    claim(made)
    assert alive(made)
    release(made)


# ---- The model

def blocking(run): return [e for e in run.history().findings if e["severity"] != "note"]  # notes tell of the machine


def test_a_model_that_is_not_there():
    for id in ("no-such/model", "no-such", "./no-such", "~/no-such", "a" * 5000, "a\0b"): are(refused(models.resolve, id), ("model_not_available", id))


def test_a_folder_that_is_no_model(tmp_path):
    with untouched(tmp_path): are(refused(models.resolve, str(tmp_path)), ("model_not_available", str(tmp_path)))


@slow
def test_training_with_an_unknown_model(tiny_run, monkeypatch, capsys):
    "The command, in this process: torch is loaded here already"
    run = tiny_run(model=dict(id="no-such/model"))
    before = listing(run.path)
    monkeypatch.setattr(cli, "_on_signal", lambda stop: None)
    assert cli.main(["train", str(run.path), "--json", "--quiet"]) == 1
    said = capsys.readouterr()
    (f,) = json.loads(said.out)["findings"]
    assert (f["code"], f["where"]) == ("model_not_available", "no-such/model") and f["fix"] and "Traceback" not in said.err
    h = run.history()
    assert (h.state, [e["code"] for e in blocking(run)]) == ("failed", ["model_not_available"]) and "no-such/model" in h.error
    after = listing(run.path)
    assert after.pop("events.jsonl") and after == before  # the story is told, and nothing else is there


BROKEN = {
    "weights cut": lambda m: cut(m/"model.safetensors"), "weights gone": lambda m: (m/"model.safetensors").unlink(),
    "weights of nothing": lambda m: (m/"model.safetensors").write_bytes(b""), "config cut": lambda m: cut(m/"config.json"),
    "config of another kind": lambda m: (m/"config.json").write_text('{"model_type": "no such type"}'), "config a list": lambda m: (m/"config.json").write_text("[]"),
    "tokenizer cut": lambda m: cut(m/"tokenizer.json"), "tokenizer gone": lambda m: (m/"tokenizer.json").unlink(),
    "no template": lambda m: (m/"chat_template.jinja").unlink(), "template not Jinja": lambda m: (m/"chat_template.jinja").write_text("{% for %}"),
}


@slow
@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_model_folder(tiny_run, tiny_folder, tmp_path, how):
    folder = Path(shutil.copytree(tiny_folder, tmp_path/"model"))
    BROKEN[how](folder)
    run = tiny_run(model=dict(id=str(folder)))
    found = refused(train, run)
    are(found, ("end_of_turn_unknown" if "emplate" in how else "model_not_available", str(folder)))
    assert "\n" not in found[0].says and state(run) == "failed" and not run.checkpoints.exists() and not run.adapter.exists()


# ---- Real runs that come to harm

@pytest.fixture(scope="module")
def finished(tiny_folder, tmp_path_factory):
    "A finished run, to be copied"
    from tests.tiny import tiny_run_at
    run = tiny_run_at(tmp_path_factory.mktemp("finished"), tiny_folder)
    assert train(run).state == "finished"
    return run


@pytest.fixture
def hurt(finished, tmp_path):
    "A copy of it, as if killed just before the end: no word of the last steps, no adapter"
    run = Run(shutil.copytree(finished.path, tmp_path/"hurt"))
    shutil.rmtree(run.adapter)
    lines(run.events, lambda ls: ls.__delitem__(slice(-2, None)))
    assert run.history().state == "training"
    return run


@slow
@pytest.mark.parametrize("damage", ["a cut file", "half a manifest"])
def test_training_goes_on_from_the_last_whole_checkpoint(hurt, finished, damage):
    "And ends in the very adapter that it would have had"
    DAMAGE[damage](hurt.checkpoints/"step-000006")
    told = []
    assert train(hurt, told.append).state == "finished"
    (f,) = blocking(hurt)
    assert (f["code"], f["severity"]) == ("checkpoint_broken", "warning") and f["where"].endswith("step-000006")
    assert any("checkpoint_broken" in t for t in told), "a warning is shown, not only recorded"
    assert any("continued at step 4" in t for t in told)
    assert (hurt.adapter/"adapter_model.safetensors").read_bytes() == (finished.adapter/"adapter_model.safetensors").read_bytes()


@slow
def test_the_advice_for_a_damaged_adapter_works(finished, tmp_path):
    "Delete the folder adapter and train: it is taken from the newest checkpoint again"
    run = Run(shutil.copytree(finished.path, tmp_path/"run"))
    flip(run.adapter/"adapter_model.safetensors")
    assert "Delete" in refused(compare, run)[0].fix
    shutil.rmtree(run.adapter)
    assert train(run).state == "finished"
    assert (run.adapter/"adapter_model.safetensors").read_bytes() == (finished.adapter/"adapter_model.safetensors").read_bytes()


@slow
def test_the_adapter_is_never_taken_from_a_damaged_checkpoint(finished, tmp_path):
    "The same, where the last checkpoint is damaged too: the steps since the one before are repeated"
    run = Run(shutil.copytree(finished.path, tmp_path/"run"))
    shutil.rmtree(run.adapter)
    flip(run.checkpoints/"step-000006"/"adapter_model.safetensors")
    assert train(run).state == "finished"
    assert checkpoints.whole(run.adapter) and (run.adapter/"adapter_model.safetensors").read_bytes() == (finished.adapter/"adapter_model.safetensors").read_bytes()


@slow
def test_start_restores_an_adapter_too(finished, tmp_path):
    "The button and the verb resume, not only the command train"
    run = Run(shutil.copytree(finished.path, tmp_path/"run"))
    shutil.rmtree(run.adapter)
    launched = []
    with pytest.MonkeyPatch.context() as m:
        m.setattr(control, "launch", lambda r, verb="train": (launched.append(r), control._children.append(subprocess.Popen(["true"]))))
        control.start(run, wait=5)
    assert launched or run.adapter.exists()


@slow
def test_memory_that_runs_out_is_not_a_damaged_model(tiny_run, monkeypatch):
    "Else the reader would fetch a good model again"
    import torch
    import transformers
    def no_memory(*args, **kw): raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", no_memory)
    run = tiny_run()
    with pytest.raises((Trouble, torch.OutOfMemoryError)) as e: train(run)
    assert "damaged" not in str(e.value) and state(run) == "failed" and "memory" in run.history().error


@slow
def test_rows_too_long_are_left_out_and_told(tiny_run):
    told = []
    run = tiny_run(training=dict(max_tokens=79, epochs=0.2))
    train(run, told.append)
    found = blocking(run)
    assert {f["code"] for f in found} == {"rows_too_long"} and "rows " in found[0]["where"] and any("rows_too_long" in t for t in told)


@slow
def test_no_row_fits(tiny_run):
    run = tiny_run(training=dict(max_tokens=8))
    are(refused(train, run), ("no_trained_token", "train.jsonl"))
    assert state(run) == "failed" and not run.adapter.exists()


@slow
def test_targets_that_the_model_does_not_have(tiny_run):
    run = tiny_run(strategy=dict(targets="no_such_layer"))
    are(refused(train, run), ("plan_out_of_range", "strategy.targets"))
    assert state(run) == "failed"


# ---- Properties

@pytest.fixture(scope="module")
def scratch(tmp_path_factory): return tmp_path_factory.mktemp("scratch")


def only_trouble(call, *args):
    "The call's answer, or None where it refused; anything but Trouble is a fault"
    try: return call(*args)
    except Trouble as e:
        assert e.findings and all(f.code in CODES and f.says and f.fix for f in e.findings)
        str(e.findings).encode()


NAMES = ["schema"] + [name for s in fields(Plan) for name in (s.name, *(f.name for f in fields(s.default_factory)))]
SCALARS = ["1", "-4", "0.5", "1e-3", ".nan", "-.inf", "yes", "~", "''", "two", "2024-13-45", "0b_", "1:99:99", "!!int x", "!!float x", "!!binary '='", "!!python/object:os.system x",
           "[1, [2]]", "{a: {b: c}}", "&a [*a]", "*b", "|\n    text", "'", '"', "{", "[", "9" * 401, "0x_", "2001-01-01 99:99:99", "\\", "\t", "# c", "=", "<<", "\u2028", "\x85"]
PIECES = st.one_of(st.sampled_from(NAMES), st.sampled_from(SCALARS), st.sampled_from([": ", ":\n  ", "\n", "\n  ", ", ", "- ", "? ", "---\n", "...\n", "%YAML 1.1\n"]), st.text(max_size=3))
LINES = st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(st.sampled_from(SCALARS), st.integers().map(str), st.floats().map(repr), st.text(max_size=5))).map(lambda kv: f"  {kv[0]}: {kv[1]}\n"), max_size=4)
PLANS = st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join), st.lists(st.tuples(st.sampled_from(NAMES), LINES).map(lambda s: f"{s[0]}:\n{''.join(s[1])}"), max_size=3).map("".join))


@given(PLANS)
@often(250)
@example("&a\ntask: *a\n")
@example("task: &a {name: &b [1, *a]}\n")
@example("<<: {task: 1}\n")
@example("task: {name: " + "[" * 3000)
@example("? {a: 1}\n: 2\n")
@example("schema: true\n")
def test_any_text_is_a_plan_or_trouble(scratch, text):
    (scratch/"plan.yaml").write_bytes(text.encode())
    plan = only_trouble(Plan.load, scratch/"plan.yaml")
    assert plan is None or not plan.problems().fatal


def test_a_bomb_of_aliases_does_not_go_off(scratch):
    "Seven lines that unfold to a million words; three more, and no memory would hold them"
    bomb = "task:\n  name: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(f"  f{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 6)) + "model: *a5\n"
    (scratch/"plan.yaml").write_text(bomb)
    found = refused(Plan.load, scratch/"plan.yaml")
    assert len(str(found)) < 20_000


def valid_values():
    "Plans that are in order, from what the fields say of themselves"
    def value(f):
        m, kind = f.metadata, {"int": int, "float": float, "str": str, "bool": bool}.get(f.type, f.type)
        if kind is bool: return st.booleans()
        if m["choices"]: return st.sampled_from(m["choices"])
        if kind is int: return st.integers(m["low"], m["high"])
        if kind is float: return st.floats(m["low"], m["high"])
        return st.text(st.characters(exclude_categories=["Cs"]))
    section = lambda s: st.builds(s.default_factory, **{f.name: value(f) for f in fields(s.default_factory)})
    return st.builds(Plan, **{s.name: section(s) for s in fields(Plan)}).map(fit)


def fit(plan):
    plan.training.batch_rows = min(4096, plan.training.batch_rows // plan.training.micro_batch_rows * plan.training.micro_batch_rows) or plan.training.micro_batch_rows
    if plan.strategy.method == "full": plan.model.quantization = "none"
    plan.evaluation.metrics = plan.evaluation.guard_rails = ""  # these have forms of their own: tests/test_success.py
    return plan


@given(valid_values())
@often(150)
def test_a_plan_survives_its_file_and_its_python(scratch, plan):
    assert not plan.problems().fatal
    plan.save(scratch/"saved.yaml")
    assert Plan.load(scratch/"saved.yaml") == plan
    import ftcourse.plan
    assert eval(plan.python(), vars(ftcourse.plan)) == plan


TEXTS = st.text(max_size=8)
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | TEXTS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2), max_leaves=4)
ROWS = st.dictionaries(st.sampled_from(["q", "a", "x"]), VALUES | TEXTS, max_size=3).map(json.dumps)
FILES = st.lists(st.one_of(ROWS, st.text(max_size=20), st.sampled_from(["", "  ", "\t", "\r", "\x0c", "\u2028", "{", "null", "[]", '{"q": "a\\u2028b", "a": "c"}'])), max_size=14).map("\n".join)


BOM = b"\xef\xbb\xbf"


def whole_lines(text): return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@given(FILES, st.sampled_from(["text", "json"]), st.booleans())
@often(250)
def test_no_line_is_lost(scratch, text, answer, mark):
    "Each line that is not blank is a row or a finding; the findings told one by one and those counted make up the rest"
    path = scratch/"rows.jsonl"
    path.write_bytes(BOM * mark + text.encode())
    rows, found = read_rows(path, "q", "a", answer)
    str(found).encode()
    there = [line for line in whole_lines(text if mark else text.removeprefix("\ufeff")) if line.strip()]
    if not there: return are(found, ("file_empty", str(path)))
    counted = sum(int(f.says.split()[0]) if "more lines like this" in f.says else 1 for f in found)
    assert len(rows) + counted == len(there)
    json.dumps(rows, ensure_ascii=False).encode()                      # what is kept can be written again
    for r in rows: assert r["q"].strip() and isinstance(r["a"], dict if answer == "json" else (str, dict))
    for f in found:
        if ", line " in f.where:  # each names a line that is bad by itself
            n = int(f.where.split(", line ")[1].split(",")[0])
            path.write_bytes(BOM + whole_lines(text if mark else text.removeprefix("\ufeff"))[n - 1].encode())
            assert [x.code for x in read_rows(path, "q", "a", answer)[1]] == [f.code]


@given(st.binary(max_size=200))
@often(200)
def test_any_bytes_are_rows_or_findings(scratch, data):
    (scratch/"bytes.jsonl").write_bytes(data)
    rows, found = read_rows(scratch/"bytes.jsonl", "q", "a")
    assert rows or found
    (scratch/"bytes.yaml").write_bytes(data)
    only_trouble(Plan.load, scratch/"bytes.yaml")


@given(st.lists(st.sampled_from(COLOURS), max_size=5), st.lists(st.sampled_from([c.upper() for c in COLOURS]), max_size=5))
@often(60)
def test_an_overlap_is_found_exactly_where_there_is_one(a, b):
    rows = lambda words: [{"q": f" the {w}\n ball"} for w in words]
    shared = set(a) & {x.lower() for x in b}
    found = overlap({"train": rows(a), "test": rows(b)}, "q")
    assert len(found) == bool(shared) and all(f.says.startswith(f"{len(shared)} prompt") for f in found)


# ---- Torn events

STORY = [dict(kind="state", step=0, state="training", steps=3, rewind=0), dict(kind="log", step=1, loss=2.5, learning_rate=1e-3, tokens_per_s=3.0), dict(kind="log", step=2, loss=float("nan"), says="Zürich 🙂\u2028\n"),
         dict(kind="eval", step=2, valid_loss=float("inf")), dict(kind="finding", step=2, code="rows_too_long"), dict(kind="state", step=3, state="finished", steps=3)]


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    w = events.Writer(tmp_path_factory.mktemp("story")/"events.jsonl")
    for e in STORY: w.write(**e)
    return w.path.read_bytes()


def test_events_cut_at_every_byte(story, tmp_path):
    "Readers see the whole lines and wait for the rest; the next process goes on behind the torn line"
    path, whole = tmp_path/"events.jsonl", [json.loads(line) for line in story.splitlines()]
    assert len(whole) == len(STORY)
    for end in range(len(story) + 1):
        path.write_bytes(story[:end])
        n = story[:end].count(b"\n")
        seen, at = events.read(path)
        assert seen == whole[:n] and at == story[:end].rfind(b"\n") + 1
        assert events.History().add(seen) is not None
        path.write_bytes(story)
        assert events.read(path, at)[0] == whole[n:]  # the torn line came whole in the end
        path.write_bytes(story[:end])
        events.Writer(path).write("state", 7, state="failed")
        seen = events.read(path)[0]
        assert [e["step"] for e in seen if e["step"] == 7] == [7] and seen[-1]["state"] == "failed"
        assert seen[:n] == whole[:n] and len(seen) <= n + 2


@given(st.data())
@often(150)
def test_damaged_events_never_raise(story, scratch, data):
    "A flipped byte, a hole of zeros, foreign lines: the rest is read, and the run has a state"
    damaged = bytearray(story)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        how = data.draw(st.sampled_from(["byte", "zeros", "line"]))
        if how == "byte": damaged[at] = data.draw(st.integers(0, 255))
        elif how == "zeros": damaged[at:at + 20] = bytes(len(damaged[at:at + 20]))
        else: damaged[at:at] = data.draw(st.sampled_from([b"\n", b"\n[]\n", b'\n{"kind": "state"}\n', b'\n{"kind": "log", "step": 1, "loss": "x"}\n', b'\n{"kind": 5, "step": "a"}\n', b'\n{"kind": "log"}\n', b"\n" + b"[" * 100_000 + b"\n"]))
    run = Run(scratch/"damaged")
    run.path.mkdir(exist_ok=True)
    run.events.write_bytes(damaged)
    assert isinstance(state(run), str)
    for _, value in (p for series in run.history().points.values() for p in series): assert math.isnan(value) or value is not None
    result(run)


def test_the_end_of_a_log_is_told_whatever_is_in_it(tmp_path):
    (tmp_path/"log").write_bytes(b"first\nsecond \xff\xfe\n\nlast\n" + b"x" * 3000 + b"\n")
    assert len(tail(tmp_path/"log")) <= 500 and tail(tmp_path/"none") == ""
