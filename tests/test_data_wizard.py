"""DataWizard where no browser is: each step, undo, hostile texts, many rows, and a run made by its buttons."""
import copy
import html
import json
import threading
import time

import pytest

from ftcourse import Plan, Prepare, new, prepare
from ftcourse.findings import Trouble
from ftcourse.runs import open_run
from ftcourse.wizards import data as room
from ftcourse.wizards.data import DataWizard, draw, filter_values, filters_from, harmless, keep_pasted, keep_upload, personal_parts, personal_text, row_html, try_recipe, uploads_in
from tests.test_wizards import until
from tests.tiny import tiny_plan

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def wizard(tmp_path, monkeypatch):
    "Makes wizards in an empty folder"
    monkeypatch.chdir(tmp_path)
    made = []
    def make(*args, **kw):
        made.append(DataWizard(*args, **kw))
        return made[-1]
    yield make
    for w in made: w.close()
    until(lambda: not any(w._reads.busy or w._counts.busy or w.pages["make"].busy for w in made))


def settled(w):
    until(lambda: not w.reading and not w.counting and not w._reads.busy and not w._counts.busy)
    return w


def lines(path, rows):
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return str(path)


def tickets(n=60): return [{"question": f"Order {1000 + i}: my {('lamp', 'chair', 'desk')[i % 3]} number {i * 37 % 101} has not come, write to user{i}@example.org please.", "answer": f"I am sorry about the {('lamp', 'chair', 'desk')[i % 3]}; it comes on day {i % 28 + 1}.", "topic": ("late", "lost")[i % 4 == 0], "customer": f"c{i // 2}"} for i in range(n)]


def shown(widget):
    "All the HTML below a widget"
    return str(getattr(widget, "value", "") if type(widget).__name__ == "HTML" else "") + "".join(map(shown, getattr(widget, "children", ())))


def everything(w): return shown(w.box) + "".join(shown(p.box) for p in w.pages.values())


def harmless_html(text):
    "No mark-up but the wizard's own"
    return not any(bad in text for bad in ("<img", "<script", "onerror=alert(1)>", "<b>bold", "<svg"))


def test_uploads_of_both_versions():
    one, two = {"a.csv": {"metadata": {"name": "a.csv", "size": 2}, "content": b"a\n"}}, ({"name": "a.csv", "size": 2, "content": memoryview(b"a\n")},)
    assert uploads_in(one) == uploads_in(two) == [("a.csv", b"a\n")] and uploads_in(()) == uploads_in({}) == uploads_in(None) == []


@pytest.mark.parametrize("name, kept", [("rows.jsonl", "rows.jsonl"), ("../../etc/passwd", "passwd"), ("..\\..\\x.csv", "x.csv"), ("/abs/y.json", "y.json"), (".hidden", "hidden"), ("..", "upload"), ("", "upload"), ("a\0b\n.csv", "a_b_.csv"), ("\u202egnp.csv", "_gnp.csv"),
                                        ("half\ud83d.csv", "half_.csv"), ("a" * 400 + ".jsonl.gz", "a" * 120 + ".gz"), (HOSTILE, "img src=x onerror=alert(1)_"[:0] + "_img src=x onerror=alert(1)_")])
def test_names_of_uploads(tmp_path, name, kept):
    assert harmless(name) == kept
    path = keep_upload(name, b"x", tmp_path/"uploads")
    assert path.parent == tmp_path/"uploads" and path.read_bytes() == b"x" and [p.name for p in tmp_path.iterdir()] == ["uploads"]


def test_an_upload_overwrites_nothing(tmp_path):
    first = keep_upload("a.csv", b"1", tmp_path)
    assert [keep_upload("a.csv", d, tmp_path).name for d in (b"1", b"2", b"2", b"3")] == ["a.csv", "a-2.csv", "a-2.csv", "a-3.csv"] and first.read_bytes() == b"1"
    (tmp_path/"b.csv").mkdir()
    assert keep_upload("b.csv", b"", tmp_path).name == "b-2.csv"
    (tmp_path/"file").write_text("")
    with pytest.raises(Trouble) as e: keep_upload("a.csv", b"1", tmp_path/"file")
    assert e.value.findings[0].code == "file_not_written"


@pytest.mark.parametrize("text, end", [('{"a": 1}\n{"a": 2}\n', ".jsonl"), ('[{"a": 1}, {"a": 2}]', ".json"), ("q,a\n1,2\n3,4\n", ".csv"), ("Once upon a time.\n\nThe end.", ".txt")])
def test_pasted_text_is_kept_as_what_it_is(tmp_path, text, end):
    path = keep_pasted(text, tmp_path)
    assert path.name == f"pasted{end}" and path.read_text() == text and draw(str(path)).readable == 2
    with pytest.raises(Trouble): keep_pasted("  \n ", tmp_path)


@pytest.mark.parametrize("text", ["", "mask", "keep, email mask", "replace, phone keep, card drop", "drop", "mask, email keep, phone keep, address keep"])
def test_personal_data_as_the_plan_writes_it(text):
    from ftcourse.data.privacy import parse_actions
    assert personal_text(*personal_parts(text)) == text
    for other in ("email keep", "mask, contact keep", "email:mask; keep"):
        assert parse_actions(personal_text(*personal_parts(other)))[0] == parse_actions(other)[0]


def test_filters_as_the_plan_writes_them():
    for text in ("", "refusal", "length answer 1 4000, length prompt 1 9, refusal", "language en de confidence 0.9"): assert filters_from(filter_values(text)) == text


def test_a_sample_is_seeded_and_accounted_for(tmp_path):
    path = lines(tmp_path/"a.jsonl", tickets(300))
    with open(path, "a") as f: f.write("{broken\n[1]\n")
    d = draw(path, most=50)
    assert (d.rows_in, d.unreadable, d.sampled, d.of()) == (302, 2, 50, "a sample of 50 of 300 rows")
    at = lambda d: [r.line for *_, records in d.parts for r in records]
    assert at(d) == at(draw(path, most=50)) == sorted(at(d)) and at(d) != at(draw(path, most=50, seed=1)) and max(at(d)) > 200
    t = try_recipe(d, Prepare())
    assert t.flow[0][:3] == ("read", 302, 300) and t.flow[1][:3] == ("convert", 50, 50) and not t.whole and all(r["origin"]["line"] in at(d) for _, r in t.pairs)
    first = json.loads((tmp_path/"a.jsonl").read_text().splitlines()[t.pairs[0][1]["origin"]["line"] - 1])
    assert t.pairs[0][0] == first and t.pairs[0][1]["messages"][0]["content"] == first["question"]


def test_several_sources_are_mixed(tmp_path):
    a, b = lines(tmp_path/"a.jsonl", tickets(40)), lines(tmp_path/"b.jsonl", [{"prompt": f"What is {i}?", "completion": f"It is {i}."} for i in range(20)])
    t = try_recipe(draw(f"{a} 1, {b} 1"), Prepare(duplicates="keep"))
    assert t.flow[1][:3] == ("convert", 60, 60) and t.flow[2][0] == "mix" and t.prepared.rows_in == t.flow[2][2]


def test_back_and_next_lose_nothing(wizard, tmp_path):
    w = settled(wizard(lines(tmp_path/"t.jsonl", tickets())))
    w.fields["prepare.test"].widget.value = 0.2
    w.fields["prepare.group"].widget.value = "customer"
    w.pages["clean"].filters["length"][0].value = True
    w.pages["clean"].filters["length"][1].value = "answer 3 400"
    before = copy.deepcopy(w.plan)
    for b in (*w.steps.values(), *[w.back] * 6, *[w.next] * 6, w.back): b.click()
    assert w.plan == before and w.step == "split" and not w.message.value and w.plan.prepare.filters == "length answer 3 400"
    assert {n: f.widget.value for n, f in w.fields.items()} == {n: f.value for n, f in w.fields.items()}
    w.go("file")
    assert w.back.disabled and not w.next.disabled


def test_every_step_says_rows_in_and_out(wizard, tmp_path):
    path = lines(tmp_path/"t.jsonl", [*tickets(), *tickets(3), {"question": "", "answer": "x"}])
    w = settled(wizard(path))
    w.pages["clean"].filters["length"][0].value = True
    w.pages["clean"].filters["length"][1].value = "answer 50 4000"
    settled(w)
    heads = {}
    for step in w.pages: w.go(step); heads[step] = html.unescape(w.head.value)
    assert "64 in → 64 out" in heads["file"] and "64 in → 63 out" in heads["layout"] and "of all 64 rows" in heads["clean"]
    flow = w.tried.flow
    assert [n for n, *_ in flow] == ["read", "convert", "clean", "personal data", "duplicates", "split"] and all(b[1] == a[2] for a, b in zip(flow, flow[1:]))
    for name, a, b, _ in flow: assert f"<b>{name}</b> {a:,} in → {b:,} out" in heads["make"]
    assert "takes" in w.pages["clean"].filters["length"][2].value and "would take" in w.pages["clean"].filters["refusal"][2].value and "exact" in w.pages["clean"].dup.value
    assert "email" in w.pages["clean"].types and "63 rows" in w.pages["clean"].types["email"][1].value or "email" in w.pages["clean"].types


def test_undo_takes_back_several_levels_and_reset_is_undone_too(wizard, tmp_path):
    a, b = lines(tmp_path/"a.jsonl", tickets()), lines(tmp_path/"b.jsonl", tickets(20))
    w = settled(wizard(a))
    assert w.undo.disabled and w.reset.disabled
    seen, page = [w.recipe()], w.pages["clean"]
    for change in (lambda: setattr(page.filters["refusal"][0], "value", True), lambda: setattr(page.all, "value", "mask"), lambda: setattr(w.fields["prepare.near"].widget, "value", 0.9), lambda: setattr(page.steps["bidi"][0], "value", False),
                   lambda: setattr(w.fields["data.source"].widget, "value", b), lambda: setattr(w.fields["prepare.balance"].widget, "value", "over")):
        change()
        seen.append(w.recipe())
    assert len(w.past) == 6 and w.plan.prepare.normalize.count(",") == 6 and "balance" in w.undo.description
    settled(w)
    w.reset.click()
    assert w.recipe() == seen[0] and w.reset.disabled
    for recipe in reversed(seen):
        w.undo.click()
        assert w.recipe() == recipe and {n: f.widget.value for n, f in w.fields.items()} == {n: f.value for n, f in w.fields.items()}
    assert w.undo.disabled and settled(w).drawn.source == a and page.steps["bidi"][0].value


def test_an_empty_and_a_missing_file_are_said(wizard, tmp_path):
    (tmp_path/"empty.jsonl").write_text("")
    w = settled(wizard("no-such-file.jsonl"))
    assert "file_missing" in everything(w) and "✗" in w.steps["file"].description and w.pages["make"].make.disabled
    w.fields["data.source"].widget.value = "empty.jsonl"
    settled(w)
    assert "file_empty" in everything(w) and "file_missing" not in everything(w)
    w.fields["data.source"].widget.value = "a\0b"
    settled(w)
    for step in w.pages: w.go(step)
    w.pages["make"].make.click()
    assert "Traceback" not in everything(w) and w.pages["make"].make.disabled
    w.fields["data.source"].widget.value = ""
    assert "No file yet" in everything(w) and w.drawn is None and not w.reading


def test_a_value_in_memory_is_refused_in_words(wizard):
    w = wizard([{"q": 1}])
    assert "wrong_use" in w.message.value and w.plan.data.source == ""


def test_hostile_texts_are_text(wizard, tmp_path):
    name = "<img src=x onerror=alert(1)>.jsonl"
    rows = [{"question": f"{HOSTILE} {i} user{i}@example.org **bold** [x](javascript:alert(1))", "answer": f"<script>alert({i})</script> as an AI language model, I cannot", HOSTILE: f"<b>bold{i % 3}", "label": HOSTILE} for i in range(40)]
    path = lines(tmp_path/name, [*rows, rows[0], {"question": HOSTILE}, {HOSTILE: HOSTILE}])
    with open(path, "a") as f: f.write(f"{{{HOSTILE}\n")
    w = settled(wizard(path))
    for values in ({"prepare.filters": "refusal, length answer 1 9"}, {"prepare.filters": "", "prepare.balance": "over", "prepare.balance_by": "label", "prepare.group": HOSTILE}, {"prepare.filters": HOSTILE}, {"prepare.filters": "", "prepare.personal_data": HOSTILE, "prepare.time": HOSTILE}, {"prepare.normalize": HOSTILE},
                   {"prepare.normalize": "all", "prepare.layout": HOSTILE}, {"prepare.layout": "auto", "prepare.mapping": HOSTILE}, {"prepare.labels": HOSTILE, "prepare.mapping": ""}, {"data.source": HOSTILE}):
        w.put(values)
        settled(w)
        for step in w.pages: w.go(step)
        assert harmless_html(everything(w)) and "Traceback" not in everything(w), values
    assert harmless_html(row_html(dict(text=HOSTILE, meta={HOSTILE: HOSTILE}))) and harmless_html(row_html(dict(prompt=[dict(role="user", content=HOSTILE)], completion=[dict(role="assistant", content=HOSTILE, tool_calls=[{HOSTILE: 1}])], label=True)))


def test_a_layout_that_is_not_sure_is_chosen_by_hand(wizard, tmp_path):
    path = lines(tmp_path/"f.jsonl", [{"frage": f"Was ist {i} mal {i}?", "text": f"Das ist {i * i}."} for i in range(40)])
    w = settled(wizard(path))
    page = w.pages["layout"]
    w.go("layout")
    assert "not sure: choose" in page.shown.value and "✗" in w.steps["layout"].description and "layout_not_sure" in str(w.found["layout"]) and "prompt_completion" in page.shown.value.replace("<wbr>", "")
    page.layout.value = "prompt_completion"
    settled(w)
    assert w.plan.prepare.layout == "prompt_completion" and "chosen by hand" in page.shown.value and "✗" not in w.steps["layout"].description
    page.by_role["prompt_completion"]["prompt"].value = "frage"
    page.by_role["prompt_completion"]["completion"].value = "text"
    settled(w)
    assert w.plan.prepare.mapping == "prompt=frage, completion=text" and w.tried.pairs[0][1]["messages"][0]["content"] == "Was ist 0 mal 0?" and "Was ist 0" in page.before.value
    page.by_role["prompt_completion"]["prompt"].value = "fragen"  # a field that no row has
    settled(w)
    assert "mapping_field_unknown" in everything(w) and page.by_role["prompt_completion"]["prompt"].value == "fragen"
    w.undo.click()
    settled(w)
    assert w.plan.prepare.mapping == "prompt=frage, completion=text" and not w.found["layout"].fatal
    page.layout.value = "auto"
    assert w.plan.prepare.mapping == "" and "not sure" in settled(w).pages["layout"].shown.value


def test_a_role_that_was_found_can_be_emptied(wizard, tmp_path):
    w = settled(wizard(lines(tmp_path/"f.jsonl", [{"instruction": f"Say {i} in words, please.", "input": f"note {i}", "output": f"It is {i}."} for i in range(40)])))
    w.go("layout")
    page = w.pages["layout"]
    assert page.by_role[page.name]["input"].value == "input" and "note 0" in str(w.tried.pairs[0][1]["messages"])
    page.by_role[page.name]["input"].value = ""
    settled(w)
    assert 'input=""' in w.plan.prepare.mapping and page.by_role[page.name]["input"].value == "" and "note 0" not in str(w.tried.pairs[0][1]["messages"]) and not w.found["layout"].fatal
    page.by_role[page.name]["output"].value = ""
    assert "mapping_role_missing" in everything(settled(w))
    w.undo.click()
    assert not settled(w).found["layout"].fatal


def test_each_source_as_the_plan_says(wizard, tmp_path):
    a = lines(tmp_path/"a.jsonl", [{"first": f"Say {i} in words, please.", "second": f"It is {i}."} for i in range(40)])
    b = lines(tmp_path/"b.jsonl", [{"second": f"And what is {i} in figures?", "first": f"Figure {i}."} for i in range(40)])
    w = settled(wizard(f"{a}, {b}"))
    w.put({"prepare.layout": "prompt_completion; prompt_completion", "prepare.mapping": "prompt=first, completion=second; prompt=second, completion=first"})
    w.go("layout")
    settled(w)
    assert not w.found["layout"].fatal and w.tried.prepared.kept == 80 and all(r["messages"][-1]["content"].startswith(("It is", "Figure")) for side in w.tried.prepared.rows.values() for r in side)
    assert "one for each source" in str(w.pages["layout"].layout.options)


def test_absurd_values_are_named(wizard, tmp_path):
    w = settled(wizard(lines(tmp_path/"t.jsonl", tickets())))
    for name, value in (("prepare.valid", 7.0), ("prepare.near", float("nan")), ("prepare.seed", -1), ("prepare.most_rejected", 1e9)):
        w.fields[name].widget.value = value
        settled(w)
        assert 'role="alert"' in w.fields[name].below.value and "Traceback" not in everything(w)
        w.pages["make"].make.click()
        until(lambda: not w.pages["make"].busy)
        assert "plan_out_of_range" in w.message.value and not (tmp_path/"runs").exists()
        w.undo.click()
    w.put({"prepare.valid": 0.5, "prepare.test": 0.9})
    settled(w)
    assert "number_out_of_range" in str(w.found["split"])


def test_the_newest_request_wins(wizard, tmp_path, monkeypatch):
    "A recipe that was changed again before its trial ended is never shown"
    w = settled(wizard(lines(tmp_path/"t.jsonl", tickets())))
    real, gate, asked = room.try_recipe, threading.Event(), []
    def slow(drawn, a, *rest):
        asked.append(a.test)
        if len(asked) == 1: gate.wait(20)
        return real(drawn, a, *rest)
    monkeypatch.setattr(room, "try_recipe", slow)
    w.fields["prepare.test"].widget.value = 0.2
    until(lambda: asked)
    for value in (0.25, 0.3, 0.4): w.fields["prepare.test"].widget.value = value
    gate.set()
    settled(w)
    assert asked == [0.2, 0.4] and w.tried.report("split")["shares"]["test"] == 0.4


def test_reading_can_be_stopped(wizard, tmp_path, monkeypatch):
    path, gate = lines(tmp_path/"t.jsonl", tickets(400)), threading.Event()
    real = room.draw
    def slow(source, most, seed, progress, stop):
        gate.wait(20)
        return real(source, most, seed, progress, stop)
    monkeypatch.setattr(room, "draw", slow)
    w = wizard(path)
    assert w.reading and w.pages["file"].stop.layout.display == "" and "Reading" in w.pages["file"].progress.value
    w.pages["file"].stop.click()
    gate.set()
    settled(w)
    assert w.drawn.stopped and "reading_stopped" in everything(w) and w.drawn.rows_in < 400
    w.pages["file"].again.click()
    assert settled(w).drawn.rows_in == 400 and "reading_stopped" not in everything(w)


def test_in_colab_everything_is_done_when_the_click_is_over(wizard, tmp_path, monkeypatch):
    "There, what a thread sets does not show"
    monkeypatch.setattr(room, "in_colab", lambda: True)
    monkeypatch.setattr("ftcourse.wizards.plan.in_colab", lambda: True)
    w = wizard(lines(tmp_path/"t.jsonl", tickets()))
    assert w.tried and not w.counting and not w.reading
    w.pages["clean"].all.value = "drop"
    assert w.tried.report("personal data")["kept"] == 0 and "nothing_left" in str(w.found["split"])


@pytest.mark.slow
def test_a_hundred_thousand_rows(wizard, tmp_path):
    "Callbacks return before the work they ask for is done; the counts are of a sample, and say so"
    w = wizard()
    path = lines(tmp_path/"many.jsonl", tickets(100_000))
    w.fields["data.source"].widget.value = path
    assert w.reading and w.drawn is None
    for step in w.pages: w.go(step)
    until(lambda: "rows" in w.pages["file"].progress.value or not w.reading, 60)
    until(lambda: not w.reading, 120)
    settled(w)
    assert w.drawn.rows_in == 100_000 and w.drawn.sampled == 2000 and "of a sample of 2,000 of 100,000 rows" in everything(w)
    w.pages["clean"].filters["refusal"][0].value = True
    assert w.counting and w.plan.prepare.filters == "refusal"
    w.pages["clean"].all.value = "mask"
    assert w.counting
    settled(w)
    assert w.tried.report("personal data")["changed"] == 2000


@pytest.mark.slow
def test_a_run_made_by_the_buttons_and_repeated_on_new_rows(wizard, tmp_path, tiny_folder):
    path = lines(tmp_path/"t.jsonl", [*tickets(80), *tickets(2)])
    w = settled(wizard(path, tiny_plan(tiny_folder, training=dict(max_tokens=600)), root="runs"))
    w.plan.task.answer = "text"
    page = w.pages["make"]
    w.pages["clean"].filters["refusal"][0].value = True
    w.pages["clean"].all.value = "mask"
    w.fields["prepare.group"].widget.value = "customer"
    settled(w)
    assert page.name.value == "t-1"
    page.path.value = "recipe.yaml"
    w.go("make")
    page.make.click()
    assert page.busy == "making" and page.make.disabled and page.stop.layout.display == ""
    until(lambda: not page.busy, 120)
    assert not w.message.value.count("alert"), w.message.value
    run = open_run("runs/t-1")
    assert "Audit ok" in page.audited.value and "82 rows in" in page.report.value and "[EMAIL" in run.data("train").read_text() and "@example.org" not in run.data("train").read_text()
    assert 'class="ft-tok' in page.tokens.value or "<span" in page.tokens.value
    assert run.plan.prepare == w.plan.prepare and run.plan.prepare.filters == "refusal"
    customers = [{json.loads(l)["meta"]["customer"] for l in run.data(s).read_text().splitlines()} for s in ("train", "valid", "test") if run.data(s).exists()]
    assert sum(map(len, customers)) == len(set().union(*customers))
    page.make.click()  # the name is taken, and the run stays as it is
    until(lambda: not page.busy, 60)
    assert "run_exists" in w.message.value
    w.pages["clean"].all.value = "replace"
    assert page.name.value == "t-2"

    # the recipe on new rows
    again = new("second", "recipe.yaml", "runs", data=lines(tmp_path/"new.jsonl", tickets(120)[80:]))
    p = prepare(again)
    assert p.rows_in == 40 and again.plan.prepare.personal_data == "mask" and "[EMAIL" in again.data("train").read_text()

    # the cell run again: another wizard, the same run
    other = settled(wizard(name="t-1"))
    assert "Continued from" in other.message.value and other.plan.prepare.personal_data == "mask" and other.drawn.rows_in == 82 and "82 rows in" in other.pages["make"].report.value
    same = settled(wizard(path))
    assert same.pages["make"].name.value == "t-2" and same.drawn.rows_in == 82


@pytest.mark.slow
def test_a_run_that_can_not_be_made_leaves_its_name_free(wizard, tmp_path, tiny_folder):
    w = settled(wizard(lines(tmp_path/"t.jsonl", [*tickets(20), *[{"question": "why?"}] * 20]), tiny_plan(tiny_folder)))
    assert "rows_broken" in str(w.found["layout"])
    page = w.pages["make"]
    page.make.click()
    until(lambda: not page.busy, 60)
    assert "rows_broken" in w.message.value and not (tmp_path/"runs"/"t-1").exists() and page.report.value == ""
    page.name.value = "no such/name"
    page.make.click()
    until(lambda: not page.busy, 60)
    assert "wrong_use" in w.message.value
    page.name.value, page.path.value = "t-1", "mine.yaml"
    (tmp_path/"mine.yaml").write_text("task: {}\n")
    page.make.click()
    assert "file_not_written" in w.message.value and page.replace.layout.display == "" and (tmp_path/"mine.yaml").read_text() == "task: {}\n" and not page.busy
    page.replace.click()
    assert Plan.load(tmp_path/"mine.yaml").prepare == w.plan.prepare and page.replace.layout.display == "none"


@pytest.mark.slow
def test_making_can_be_stopped(wizard, tmp_path, tiny_folder):
    w = settled(wizard(lines(tmp_path/"t.jsonl", tickets(40)), tiny_plan(tiny_folder)))
    page, say = w.pages["make"], w.pages["make"].say
    def stopping(text, *rest):
        page.event.set()
        say(text, *rest)
    page.say = stopping
    page.make.click()
    until(lambda: not page.busy, 60)
    assert "preparing_stopped" in w.message.value and not (tmp_path/"runs"/"t-1").exists() and page.progress.value == ""


def test_the_code_makes_the_same_plan(wizard, tmp_path):
    w = settled(wizard(lines(tmp_path/"t.jsonl", tickets())))
    w.put({"prepare.filters": "length answer 1 4000", "prepare.group": "it's \"x\"\n" + HOSTILE})
    made = {}
    exec(w.python().partition("\nrun =")[0].replace("audit, new, prepare", "new"), made)
    assert made["plan"] == w.finished() and harmless_html(w.code.value) and "ftcourse prepare NAME" in w.code.value
