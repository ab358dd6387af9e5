"""The round trip: what was wrong comes back as rows, and no test row ever becomes a training row."""
import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from ftcourse.data.duplicates import prompt_mark
from ftcourse.data.feedback import _side, add, differs, failures, feedback_rows, mend, returned
from ftcourse.data.prepare import prepare, prepare_rows
from ftcourse.data.rows import answer_text, kind, read_rows
from ftcourse.evaluation.report import assemble, keep
from ftcourse.findings import CODES, Trouble
from ftcourse.plan import Plan, Prepare
from ftcourse.runs import new, same_data
from tests.test_units import EVIL
from tests.tiny import jsonl

SIDES = ("train", "valid", "test")
PLACES = "Aarhus Bergen Cadiz Dublin Essen Faro Ghent Haifa Izmir Jena Kiel Lyon Malmo Nice Oslo Porto Riga Sofia Turin Ulm".split()
ASKED = (("Where do I park my car in {}?", "Behind the station of {}."), ("When does the museum of {} open?", "In {} at nine."), ("{}: which bus goes to the harbour?", "Line 4 from the market of {}."))


def questions(names=("question", "answer")): return [{names[0]: q.format(p), names[1]: a.format(p)} for p in PLACES for q, a in ASKED]
def prompt(row): return row["messages"][0]["content"]
def answer(row): return row["messages"][-1]["content"]
def code(e): return e.value.findings[0].code

@pytest.fixture
def old(tmp_path):
    run = new("old", Plan(prepare=Prepare(near=0.9)), tmp_path, jsonl(tmp_path/"questions.jsonl", questions()))
    prepare(run)
    return run

def compared(run, wrong):
    "Keeps a comparison in which the tuned model has the rows numbered in `wrong` wrong"
    plan = run.plan
    rows = read_rows(run.data("test"), plan.data.prompt_field, plan.data.answer_field, plan.task.answer)[0]
    right = [answer_text(r[plan.data.answer_field]) for r in rows]
    said = dict(base=["" for _ in rows], tuned=["something else" if n in wrong else a for n, a in enumerate(right, 1)])
    run.evaluation.mkdir(exist_ok=True)
    keep(run, assemble(run.name, rows, plan, said, dict(base="a", tuned="b")))
    return rows


# ---- Failures

def test_failures_hold_what_is_wrong_and_nothing_else(old):
    compared(old, {1, 3})
    path = failures(old)
    lines = [json.loads(l) for l in path.read_text(encoding="utf-8").splitlines()]
    assert [l["id"] for l in lines] == ["old-test-1", "old-test-3"] and {l["use"] for l in lines} == {"skip"} and {l["correct"] for l in lines} == {""}
    test = _side(old, "test")
    assert [l["prompt"] for l in lines] == [test[0]["messages"][:-1], test[2]["messages"][:-1]] and lines[0]["reference"] == answer(test[0])
    assert lines[0]["tuned"] == "something else" and lines[0]["differs"]["extra"] == "something else"
    assert failures(old) == path  # the same again is no trouble
    path.write_text(path.read_text(encoding="utf-8").replace('"skip"', '"mend"'), encoding="utf-8")
    with pytest.raises(Trouble) as e: failures(old)
    assert code(e) == "file_not_written" and '"mend"' in path.read_text(encoding="utf-8")

def test_no_failures_no_comparison_other_data(old):
    with pytest.raises(Trouble) as e: failures(old)
    assert code(e) == "run_not_trained"
    compared(old, set())
    with pytest.raises(Trouble) as e: failures(old)
    assert code(e) == "no_failures"
    kept = old.evaluation/"outputs.jsonl"
    kept.write_text("\n".join(kept.read_text(encoding="utf-8").splitlines()[1:]) + "\n", encoding="utf-8")
    with pytest.raises(Trouble) as e: failures(old)
    assert code(e) == "data_changed"

def test_failures_of_a_run_of_files_as_they_stand_with_json_answers(tiny_run):
    run = tiny_run()
    compared(run, {2})
    line = json.loads(failures(run).read_text(encoding="utf-8"))
    assert line["prompt"][-1] == dict(role="user", content="Ball 31 is white.") and line["differs"] == {"": "not one JSON object"} and line["reference"] == dict(colour="white")

def test_what_differs():
    assert differs('{"a": 1, "c": 2}', {"a": 1, "b": 3}) == {"b": [3, "(missing)"], "c": ["(not asked for)", 2]}
    assert differs("the cat sat", "the dog sat") == dict(missing="dog", extra="cat")
    assert "" in differs("x " * 10_000, "y")


# ---- Failures that come back

def worked_on(run, tmp_path, *lines):
    "The file of failures with the changes in `lines`: (number, changes)"
    got = [json.loads(l) for l in (run.evaluation/"failures.jsonl").read_text(encoding="utf-8").splitlines()]
    return jsonl(tmp_path/"worked.jsonl", [{**got[n], **changes} for n, changes in lines])

def test_a_test_row_never_becomes_a_training_row(old, tmp_path):
    compared(old, {1, 2})
    failures(old)
    test = prompt(_side(old, "test")[0])
    file = worked_on(old, tmp_path, (0, dict(use="like", correct="x")), (0, dict(use="like", correct="x", prompt=test.upper() + "  ")), 
                     (0, dict(use="like", correct="At eight.", prompt="Does the library of Oslo open early in winter?")), (1, {}))
    added = add(old, file)
    assert added.report["reasons"] == dict(test_row_in_train=1, failure_skipped=1, duplicate_row=1), added.text()
    assert [prompt(r) for r in added.rows] == ["Does the library of Oslo open early in winter?"]
    again = new("again", old.plan, tmp_path, added.source)
    prepare(again, like=old)
    marks = {s: {prompt_mark(r) for r in _side(again, s)} for s in SIDES}
    assert {prompt_mark(r) for r in _side(old, "test")} <= marks["test"] and not marks["test"] & marks["train"]

def test_nor_does_a_row_that_is_nearly_one(tmp_path):
    rng = random.Random(0)
    rows = [dict(question=" ".join(rng.choices(PLACES, k=30)), answer=p) for p in PLACES for _ in range(3)]
    run = new("old", Plan(), tmp_path, jsonl(tmp_path/"long.jsonl", rows))
    prepare(run)
    side = {s: [prompt(r) for r in _side(run, s)] for s in SIDES}
    back = jsonl(tmp_path/"back.jsonl", [dict(prompt=side["test"][0] + " quickly", answer="?", corrected="x"), dict(prompt=side["train"][0] + " quickly", answer="?", corrected="x")])
    added = add(run, back)
    assert added.report["reasons"] == dict(test_row_in_train=1) and [r["line"] for r in added.rejected] == [1] and len(added.rows) == 1

def test_a_mend_corrects_the_test_of_a_new_run_alone(old, tmp_path):
    compared(old, {1, 2})
    failures(old)
    file = worked_on(old, tmp_path, (0, dict(use="mend", correct="The right one.")), (1, dict(use="like", correct="In Rome at ten.", prompt="Rome: is the castle open?")))
    before = old.data("test").read_bytes()
    added = add(old, file)
    assert added.report["mends"] == 1 and added.report["kept"] == 1 and [f.code for f in added.findings] == ["references_mended"]
    again = new("again", old.plan, tmp_path, added.source)
    prepare(again, like=old)
    found = mend(again, file)
    assert [f.code for f in found] == ["references_mended"] and found[0].severity == "warning"
    wanted = prompt(_side(old, "test")[0])
    assert next(answer(r) for r in _side(again, "test") if prompt(r) == wanted) == "The right one."
    assert old.data("test").read_bytes() == before
    same_data(again)
    for run in (old, again):
        (run.path/"adapter").mkdir()
        with pytest.raises(Trouble) as e: mend(run, file)
        assert code(e) == "run_already_trained"

def test_a_mend_of_json_answers_in_files_as_they_stand(tiny_run, tmp_path):
    run = tiny_run()
    compared(run, {1})
    failures(run)
    file = worked_on(run, tmp_path, (0, dict(use="mend", correct=dict(colour="black"))), (0, dict(use="mend", correct="black")), (0, dict(use="like", prompt="Ball 99 is black.", correct='{"colour": "black"}')))
    added = add(run, file)
    assert added.report["reasons"] == dict(row_wrong_type=1) and added.report["mends"] == 1 and added.source == ""
    again = new("again", replace(run.plan, data=replace(run.plan.data)), tmp_path/"more", added.files)
    mend(again, file)
    rows = [json.loads(l) for l in again.data("test").read_text(encoding="utf-8").splitlines()]
    assert rows[0]["a"] == dict(colour="black") and len(_side(again, "train")) == len(_side(run, "train")) + 1
    assert answer(_side(again, "train")[-1]) == '{"colour": "black"}'

@pytest.mark.parametrize("changes, wanted", [(dict(use="fix", correct="x"), "failure_use_unknown"), (dict(use="mend"), "failure_not_corrected"), (dict(use="like", correct=3), "row_wrong_type"), (dict(use=["mend"], correct="x"), "failure_use_unknown"),
                                             (dict(use="mend", correct="x", prompt="Never asked."), "failure_of_another_run"), (dict(use="like", correct="x", prompt=""), "row_missing_field"), (dict(use="like", correct="x", prompt=[dict(role="wizard", content="x")]), "role_unknown")])
def test_faults_in_a_file_of_failures_are_named(old, tmp_path, changes, wanted):
    compared(old, {1})
    failures(old)
    rows, mends, rejected, report = returned(old, worked_on(old, tmp_path, (0, changes)))
    assert not rows and not mends and [r["code"] for r in rejected] == [wanted] and report["rows_in"] == 1
    with pytest.raises(Trouble) as e: add(old, tmp_path/"worked.jsonl")
    assert code(e) == "nothing_to_add" and wanted in str(e.value)

def test_two_mends_of_one_row(old, tmp_path):
    compared(old, {1})
    failures(old)
    _, mends, rejected, _ = returned(old, worked_on(old, tmp_path, *((0, dict(use="mend", correct=c)) for c in ("a", "a", "b"))))
    assert len(mends) == 1 and [r["code"] for r in rejected] == ["duplicate_row", "feedback_contradicts"]


# ---- Feedback

def test_feedback_becomes_rows_and_each_line_is_accounted_for(tmp_path):
    talk = [dict(role="system", content="Be short."), dict(role="user", content="Hi"), dict(role="assistant", content="Hello!")]
    lines = [dict(prompt="a", answer="b", corrected="c", user="u1"), dict(messages=talk, thumbs=True), dict(messages=talk[:2], answer="Hello there!", thumbs="👎"), dict(prompt="q", answer="x", corrected="x", thumbs="up"),
             dict(prompt="q2", answer="x", corrected="y", thumbs="up"), dict(prompt="q3", answer="x"), dict(prompt="q4", thumbs="up"), dict(answer="x", thumbs="up"), dict(prompt="q5", answer="x", thumbs=3), dict(prompt="a", answer="z", corrected="C ")]
    rows, rejected, report = feedback_rows(jsonl(tmp_path/"f.jsonl", lines))
    assert report["rows_in"] == 10 == len(rows) + len(rejected) and [kind(r) for r in rows] == ["conversation", "feedback", "feedback", "conversation"]
    assert rows[0]["meta"] == dict(user="u1") and [r["label"] for r in rows[1:3]] == [True, False] and rows[1]["prompt"] == talk[:2]
    assert report["reasons"] == dict(row_missing_field=2, feedback_contradicts=1, feedback_unusable=1, label_unknown=1, duplicate_row=1) and set(report["reasons"]) <= set(CODES)

values = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(["up", "down", "", " ", *EVIL[:6]]) | st.lists(st.fixed_dictionaries(dict(role=st.sampled_from(["user", "assistant", "system", "boss"]), content=st.sampled_from(["a", "", None, 3]))), max_size=3)

@settings(deadline=None, max_examples=150)
@given(st.lists(st.dictionaries(st.sampled_from("prompt messages answer corrected thumbs label use correct".split()), values, max_size=5) | st.just("{broken"), max_size=8))
def test_nothing_is_lost_whatever_the_lines_hold(tmp_path_factory, lines):
    file = tmp_path_factory.mktemp("f")/"f.jsonl"
    file.write_text("".join((l if isinstance(l, str) else json.dumps(l)) + "\n" for l in lines), encoding="utf-8")
    try: rows, rejected, report = feedback_rows(file)
    except Trouble as e: assert not lines or e.findings; return
    assert report["rows_in"] == len(rows) + len(rejected) == len(lines) and all(r["code"] in CODES and r["says"] for r in rejected) and json.dumps(report)
    if rows: assert prepare_rows([r for r in rows if kind(r) == kind(rows[0])]).rows_in


# ---- Adding

def test_added_rows_go_through_the_same_recipe_and_no_old_row_moves(old, tmp_path):
    train = _side(old, "train")
    back = jsonl(tmp_path/"back.jsonl", [dict(prompt=f"Is there a ferry from {p} in winter?", answer="?", corrected=f"From {p} every second day.") for p in PLACES] +
                 [dict(prompt=prompt(train[0]), answer="?", corrected=answer(train[0])), dict(prompt=prompt(train[1]), answer="?", corrected="Something else."), dict(prompt="Hi", answer="Hello!", thumbs="down")])
    added = add(old, back)
    assert added.report["reasons"] == dict(duplicate_row=1, train_row_differs=1, feedback_other_kind=1) and len(added.rows) == 20
    differs_ = next(r for r in added.rejected if r["code"] == "train_row_differs")
    assert "questions.jsonl, line" in differs_["says"]
    again = new("again", old.plan, tmp_path, added.source)
    assert len(json.loads((old.path/"data"/"sides.json").read_text())) == 60 and f"--like {old.path}" in added.command()
    p = prepare(again, like=old)
    assert p.rows_in == 80 and p.kept == 80, p.text()
    for s in SIDES: assert {prompt_mark(r) for r in _side(old, s)} <= {prompt_mark(r) for r in _side(again, s)}
    more = add(again, jsonl(tmp_path/"third.jsonl", [dict(prompt="And on Sundays in Oslo?", answer="?", corrected="Never.")]))
    third = new("third", again.plan, tmp_path, more.source)
    assert prepare(third, like=again).kept == 81  # sources of several rounds: none loses a row to the weights

@pytest.mark.parametrize("layout, mapping, names", [("auto", "question=frage, answer=antwort", ("frage", "antwort")), ("prompt_completion", "prompt=frage, completion=antwort", ("frage", "antwort")), ("alpaca", "instruction=frage, output=antwort", ("frage", "antwort")), ("classification", "text=frage, label=antwort", ("frage", "antwort"))])
def test_rows_are_added_in_the_fields_that_the_plan_fixes(tmp_path, layout, mapping, names):
    run = new("old", Plan(prepare=Prepare(layout=layout, mapping=mapping, near=1.0, stratify=False)), tmp_path, jsonl(tmp_path/"fixed.jsonl", questions(names)))
    prepare(run)
    added = add(run, jsonl(tmp_path/"back.jsonl", [dict(prompt="A ferry from Oslo?", answer="?", corrected="Every day.")]))
    again = new("again", run.plan, tmp_path, added.source)
    p = prepare(again)
    assert p.kept == 61 and any(prompt(r).endswith("A ferry from Oslo?") and answer(r) == "Every day." for s in SIDES for r in _side(again, s))

def test_a_row_that_the_fixed_layout_cannot_hold_is_refused(tmp_path):
    run = new("old", Plan(prepare=Prepare(layout="prompt_completion", mapping="prompt=frage, completion=antwort", near=1.0)), tmp_path, jsonl(tmp_path/"fixed.jsonl", questions(("frage", "antwort"))))
    prepare(run)
    talk = [dict(role="user", content="Hi"), dict(role="assistant", content="Hello"), dict(role="user", content="Ferry?")]
    with pytest.raises(Trouble) as e: add(run, jsonl(tmp_path/"back.jsonl", [dict(messages=talk, answer="?", corrected="Every day.")]), tmp_path/"to.jsonl")
    assert code(e) == "added_rows_misread" and not (tmp_path/"to.jsonl").exists()

def test_a_plan_without_a_run(tmp_path):
    plan = Plan()
    plan.data.source = str(jsonl(tmp_path/"q.jsonl", questions()))
    back = jsonl(tmp_path/"back.jsonl", [dict(prompt="A ferry from Oslo?", answer="?", corrected="Every day.")])
    added = add(plan, back)
    assert [f.code for f in added.findings] == ["sides_not_known"] and added.source.endswith("q.jsonl, " + str(tmp_path/"back.rows.jsonl"))
    with pytest.raises(Trouble) as e: add(Plan(), back)
    assert code(e) == "wrong_use"

def test_what_was_written_before_stays(old, tmp_path):
    back = jsonl(tmp_path/"back.jsonl", [dict(prompt="A ferry from Oslo?", answer="?", corrected="Every day.")])
    (tmp_path/"back.rows.jsonl").write_text("mine\n")
    with pytest.raises(Trouble) as e: add(old, back)
    assert code(e) == "file_not_written" and (tmp_path/"back.rows.jsonl").read_text() == "mine\n"
    with pytest.raises(Trouble) as e: add(old, tmp_path/"nowhere.jsonl")
    assert code(e) == "file_missing"

def test_text_is_text(old, tmp_path):
    lines = [dict(prompt=e, answer="x", thumbs="perhaps" + e) for e in EVIL if e.strip() and e.isprintable()] + [dict(prompt="A ferry from Oslo?", answer="?", corrected="Every day.")]
    added = add(old, jsonl(tmp_path/"b<img onerror=x>.jsonl", lines), tmp_path/"to.jsonl")
    assert "<img" not in added._repr_html_() and "<script" not in added._repr_html_()

def test_a_run_without_sides_is_nothing_to_be_like(old, tmp_path):
    fresh, other = (new(name, old.plan, tmp_path, tmp_path/"questions.jsonl") for name in ("fresh", "other"))
    with pytest.raises(Trouble) as e: prepare(fresh, like=other)
    assert code(e) == "run_not_prepared" and not fresh.data("train").exists()
