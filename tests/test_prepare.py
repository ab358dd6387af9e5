"""From a source to the files of a run, end to end: the books are kept, old rows keep their side, and what can't be done changes nothing."""
import csv
import json
import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftcourse.data.prepare import each_layout, inspect, instruction_of, prepare, prepare_rows, sources
from ftcourse.data.rows import kind, prompt_and_answer, read_rows
from ftcourse.findings import Trouble
from ftcourse.models import resolve
from ftcourse.plan import Plan
from ftcourse.runs import new, open_run, same_data
from tests.tiny import ftcourse, jsonl

NOUNS, DEEDS = "lamp chair kettle bike phone radio clock table mirror carpet piano camera".split(), "arrived broken|never came|is too loud|smells of smoke|has no manual|lost a screw|works well|came twice|is the wrong colour|fell apart".split("|")


def asked(n, seed=0):
    "So many questions of which no two are alike"
    r = random.Random(seed)
    words = ["".join(r.choice("bdfgklmnprstvz") + r.choice("aeiou") for _ in range(3)) for _ in range(400)]
    return [f"{r.choice(NOUNS)} {i} {r.choice(DEEDS)}, {' '.join(r.choice(words) for _ in range(12))}?" for i in range(n)]


def table(path, n=120, seed=0, start=0):
    "A CSV file of questions with one of three labels"
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f)
        w.writerow(["text", "label", "customer"])
        for i, q in enumerate(asked(n + start, seed)[start:]): w.writerow([q, ["refund", "repair", "praise"][(i + start) % 3], f"c{(i + start) // 2}"])
    return path


def run_of(tmp_path, source, name="r", **changes):
    plan = Plan()
    for k, v in changes.items(): setattr(plan.prepare, k, v)
    return new(name, plan, tmp_path/"runs", source)


def side(run, name): return [json.loads(l) for l in open(run.data(name), encoding="utf-8")] if run.data(name).exists() else []
def every(run): return {s: side(run, s) for s in ("train", "valid", "test")}
def rejected(run): return side(run, "rejected")


# ---- the books

def test_every_row_is_kept_or_rejected_and_says_where_it_came_from(tmp_path):
    rows = [{"prompt": q, "completion": "yes" if i % 2 else "no"} for i, q in enumerate(asked(60))]
    lines = [json.dumps(r) for r in rows] + [json.dumps(rows[3]), json.dumps({"prompt": "no answer"}), '{"prompt": "half', "[1, 2]", ""]
    (tmp_path/"a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    run = run_of(tmp_path, tmp_path/"a.jsonl", most_rejected=10)
    p = prepare(run)
    assert p.rows_in == 64 == p.kept + p.rejected and p.rejected == len(rejected(run)) == 4
    assert {(r["line"], r["step"]) for r in rejected(run)} == {(61, "duplicates"), (62, "convert"), (63, "read"), (64, "read")}
    assert all(r["code"] and r["says"] and r["file"].endswith("a.jsonl") for r in rejected(run))
    lines_kept = sorted(r["origin"]["line"] for rs in every(run).values() for r in rs)
    assert lines_kept == list(range(1, 61)) and p.train + p.valid + p.test == 60
    report = json.loads((run.path/"data"/"report.json").read_text())
    assert report["rows_in"] == {s: len(rs) for s, rs in every(run).items()} and report["reasons"] == p.reasons
    same_data(run)  # raises if the hashes were not those of the files


BODIES = st.fixed_dictionaries({"instruction": st.text(max_size=40), "output": st.one_of(st.text(max_size=40), st.none(), st.integers())}, optional={"input": st.text(max_size=20), "system": st.text(max_size=10)})
LINES = st.one_of(BODIES.map(lambda b: json.dumps(b, ensure_ascii=False)), st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=30), st.just('{"instruction": "a", "output": "b"}'))


@given(st.lists(LINES, max_size=25), st.sampled_from(["keep", "exact", "near"]), st.sampled_from(["", "mask", "drop"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_books_balance_whatever_the_file_holds(tmp_path, lines, duplicates, personal):
    path = tmp_path/"x.jsonl"
    path.write_text("\n".join([json.dumps({"instruction": "How many legs has a spider?", "output": "Eight."})] * 3 + lines), encoding="utf-8")
    seen = inspect(str(path), rows=10**6, most_rejected=100)
    assert seen.rows_in == seen.kept + seen.rejected == len(seen.rows) + seen.rejected and sum(seen.reasons.values()) == seen.rejected
    if not seen.rows: return
    p = prepare_rows(seen.rows, duplicates=duplicates, personal_data=personal, filters="length, repetition")
    assert p.rows_in == p.kept + p.rejected == len(seen.rows) and p.train + p.valid + p.test == p.kept
    flow = p.flow()
    assert all(a >= b for _, a, b, _ in flow) and all(before[2] == after[1] for before, after in zip(flow, flow[1:]))


def test_too_many_broken_rows_refuse_and_nothing_is_written(tmp_path):
    (tmp_path/"a.jsonl").write_text("\n".join(json.dumps({"prompt": q, "completion": "x" if i else None}) for i, q in enumerate(asked(30))) + "\n{\n{\n", encoding="utf-8")
    run = run_of(tmp_path, tmp_path/"a.jsonl")
    with pytest.raises(Trouble) as e: prepare(run)
    assert [f.code for f in e.value.findings] == ["rows_broken"] and "32" in e.value.findings[0].says and list((run.path/"data").iterdir()) == []
    with pytest.raises(Trouble) as e: same_data(run)
    assert e.value.findings[0].code == "run_not_prepared"


# ---- layouts and mapping

def test_a_mapping_by_hand_goes_before_what_is_found(tmp_path):
    path = jsonl(tmp_path/"a.jsonl", [{"zeile1": q, "zeile2": "ja", "note": "z"} for q in asked(20)])
    with pytest.raises(Trouble): prepare(run_of(tmp_path, path, "auto"))
    run = run_of(tmp_path, path, "hand", layout="prompt_completion", mapping="prompt=zeile1, completion=zeile2")
    prepare(run)
    said, answer = prompt_and_answer(side(run, "train")[0])
    assert said[-1]["content"] in asked(20) and answer == "ja" and side(run, "train")[0]["meta"] == {"note": "z"}
    with pytest.raises(Trouble) as e: prepare(run_of(tmp_path, path, "wrong", layout="prompt_completion", mapping="prompt=zeile, completion=zeile2"))
    assert any("zeile" in f.fix for f in e.value.findings), "the near match is named"


def test_labels_become_the_instruction_and_the_answer_its_form(tmp_path):
    run = run_of(tmp_path, table(tmp_path/"t.csv"))
    p = prepare(run)
    assert p.layout == "classification" and run.plan.task.instruction == "Answer with one of these labels: praise, refund, repair."
    rows = [{"messages": [{"role": "user", "content": str(i)}, {"role": "assistant", "content": json.dumps({"a": i, "b": ["x", "y"][i % 2]})}]} for i in range(40)]
    assert instruction_of(rows, "extraction") == ("Answer with one JSON object: a, b (x, y).", "json")
    assert instruction_of(rows[:1] + [{"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "no object"}]}], "extraction") == ("", "")


def test_messages_that_are_rows_are_joined(tmp_path):
    rows = []
    for t, q in enumerate(asked(12)):
        rows += [dict(message_id=f"{t}a", parent_id=None, role="prompter", text=q), dict(message_id=f"{t}b", parent_id=f"{t}a", role="assistant", text="Answer one."), dict(message_id=f"{t}c", parent_id=f"{t}b", role="prompter", text="And?"), dict(message_id=f"{t}d", parent_id=f"{t}c", role="assistant", text=f"Answer {t}.")]
    random.Random(0).shuffle(rows)
    run = run_of(tmp_path, jsonl(tmp_path/"o.jsonl", rows))
    p = prepare(run)
    assert (p.rows_in, p.joined, p.kept) == (12, 36, 12) and {len(r["messages"]) for rs in every(run).values() for r in rs} == {4}


def test_a_chat_export_with_a_message_a_row(tmp_path):
    with open(tmp_path/"chats.csv", "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f)
        w.writerow(["Ticket ID", "Sent at", "Sender", "Message"])
        for n, q in enumerate(asked(12)):
            said = [("customer", q), ("agent", f"Look at page {n}."), ("customer", "Which book?"), ("agent", "The red one.")]
            for k, (who, text) in reversed(list(enumerate(said))): w.writerow([f"T{n}", f"2025-03-{n + 1:02} 10:0{k}", who, text])  # the newest first
    seen = inspect(tmp_path/"chats.csv", rows=1)
    assert seen.layout == "message_rows" and seen.sure and [x["role"] for x in seen.rows[0]["messages"]] == ["user", "assistant"] * 2 and seen.rows[0]["meta"]["Ticket ID"] == "T0"
    run = run_of(tmp_path, tmp_path/"chats.csv")
    p = prepare(run)
    assert (p.rows_in, p.joined, p.kept) == (12, 36, 12)

def test_semicolons_stay_the_delimiter_in_a_long_table_full_of_commas(tmp_path):
    (tmp_path/"t.csv").write_text("id;text;reply;team\n" + "".join(f"M-{i};Hello, my parcel {i} is late. Order {i}.;Please wait.;support\n" for i in range(80)), encoding="utf-8")
    seen = inspect(str(tmp_path/"t.csv"), 1, layout="prompt_completion", mapping="prompt=text, completion=reply")
    assert seen.rows_in == 80 == seen.kept and seen.rows[0]["meta"] == {"id": "M-0", "team": "support"} and seen.kind == "conversation" and seen.confidence == 1 and "hand" in seen.evidence[0]


# ---- sides

def test_rows_that_come_later_move_none_of_the_old_ones(tmp_path):
    path = table(tmp_path/"t.csv", 150)
    run = run_of(tmp_path, path)
    prepare(run)
    before = {prompt_and_answer(r)[0][-1]["content"]: s for s, rs in every(run).items() for r in rs}
    table(path, 260)  # the same rows, and more
    prepare(run)
    after = {prompt_and_answer(r)[0][-1]["content"]: s for s, rs in every(run).items() for r in rs}
    assert len(after) > len(before) + 80 and {q: after[q] for q in before} == before


def test_a_new_run_on_more_rows_is_split_like_the_old_one(tmp_path):
    old = run_of(tmp_path, table(tmp_path/"t.csv", 150), "old")
    prepare(old)
    placed = lambda run: {prompt_and_answer(r)[0][-1]["content"]: s for s, rs in every(run).items() for r in rs}
    new_ = run_of(tmp_path, table(tmp_path/"u.csv", 260), "new", seed=7)
    assert {q: s for q, s in placed(prepare(new_) and new_).items() if q in placed(old)} != placed(old), "another seed draws other sides"
    again = run_of(tmp_path, tmp_path/"u.csv", "again", seed=7)
    prepare(again, like=old)
    assert {q: placed(again)[q] for q in placed(old)} == placed(old) and len(placed(again)) > len(placed(old)) + 80


def test_a_customer_stands_on_one_side(tmp_path):
    run = run_of(tmp_path, table(tmp_path/"t.csv", 200), group="customer", valid=0.2, test=0.2)
    prepare(run)
    of = {s: {r["meta"]["customer"] for r in rs} for s, rs in every(run).items()}
    assert all(of.values()) and not of["train"] & of["test"] and not of["train"] & of["valid"] and not of["valid"] & of["test"]


def test_copies_stay_in_the_training_side(tmp_path):
    path = tmp_path/"t.csv"
    with open(path, "w", newline="", encoding="utf-8") as f: csv.writer(f).writerows([["text", "label"], *([q, "rare" if i % 10 == 0 else "usual"] for i, q in enumerate(asked(200)))])
    run = run_of(tmp_path, path, balance="over")
    p = prepare(run)
    labels = Counter(r["meta"]["label"] for r in side(run, "train"))
    assert p.copies > 0 and labels["rare"] == labels["usual"] and p.rows_in == p.kept + p.rejected and p.train - p.copies + p.valid + p.test == p.kept
    assert not any((r["meta"] or {}).get("copy") for s in ("valid", "test") for r in side(run, s))


def test_rare_labels_weigh_more_in_the_loss(tmp_path):
    "No row is added or lost; the weights reach the trainer; a column that happens to be called weight does not"
    from transformers import AutoTokenizer

    from ftcourse.training.loop import encoded
    rows = [dict(text=q, label="rare" if i % 8 == 0 else "usual", weight=70 + i) for i, q in enumerate(asked(80))]
    run = run_of(tmp_path, jsonl(tmp_path/"parcels.jsonl", rows), balance="weights")
    p = prepare(run)
    assert p.kept == 80 and not p.copies and all("weight" not in r for s in ("valid", "test") for r in side(run, s))
    mass, kept = Counter(), side(run, "train")
    for r in kept: mass[r["meta"]["label"]] += r["weight"]
    assert mass["rare"] == pytest.approx(mass["usual"], rel=1e-4) and all(r["meta"]["weight"] >= 70 for r in kept)
    plan = open_run(run).plan
    plan.training.max_tokens = 2048
    tokens, _ = encoded(read_rows(run.data("train"), plan.data.prompt_field, plan.data.answer_field, plan.task.answer)[0], plan, AutoTokenizer.from_pretrained(resolve(plan.model.id)), "train")
    assert [t.get("weight", 1) for t in tokens] == [r["weight"] for r in kept]
    equal = run_of(tmp_path, jsonl(tmp_path/"parcels.jsonl", rows), "equal")
    prepare(equal)
    plan = open_run(equal).plan
    assert not any("weight" in t for t in encoded(read_rows(equal.data("train"), plan.data.prompt_field, plan.data.answer_field, plan.task.answer)[0], plan, AutoTokenizer.from_pretrained(resolve(plan.model.id)), "train")[0])


@pytest.mark.parametrize("wrong", ["70 kg", 0, -1, True, None, float("nan"), float("inf")])
def test_a_weight_that_is_none_is_told(tmp_path, wrong):
    path = jsonl(tmp_path/"rows.jsonl", [dict(messages=[dict(role="user", content="x"), dict(role="assistant", content="y")], weight=w) for w in (1.5, wrong)])
    rows, found = read_rows(path, "prompt", "answer")
    assert len(rows) == 1 and [(f.code, f.where) for f in found] == [("number_out_of_range", f"{path}, line 2, field weight")]


# ---- several sources

def test_sources_with_weights(tmp_path):
    a, b = jsonl(tmp_path/"a.jsonl", [{"prompt": q, "completion": "a"} for q in asked(60, 1)]), jsonl(tmp_path/"b.jsonl", [{"question": q, "answer": "b"} for q in asked(60, 2)])
    odd = jsonl(tmp_path/"a b, c 2", [])
    assert sources(str(odd)) == [(str(odd), None)] and sources("x.jsonl 2, y.csv") == [("x.jsonl", 2.0), ("y.csv", None)]
    whole = run_of(tmp_path, f"{a}, {b}", "whole")
    assert prepare(whole).kept == 120, "without weights none is left out"
    run = run_of(tmp_path, f"{a} 2, {b} 1")
    p = prepare(run)
    said = Counter(prompt_and_answer(r)[1] for rs in every(run).values() for r in rs)
    assert said == {"a": 60, "b": 30} and p.reasons == {"row_not_mixed": 30} and p.rows_in == 120 == p.kept + p.rejected


def test_each_source_may_have_its_own_mapping(tmp_path):
    "Two files whose fields have the same names and the other meaning"
    a = jsonl(tmp_path/"a.jsonl", [{"first": q, "second": "a"} for q in asked(40, 1)])
    b = jsonl(tmp_path/"b.jsonl", [{"first": "b", "second": q} for q in asked(40, 2)])
    c = jsonl(tmp_path/"c.jsonl", [{"question": q, "answer": "c"} for q in asked(40, 3)])
    how = dict(layout="prompt_completion; prompt_completion", mapping='prompt=first, completion=second; completion="first", prompt=second')
    run = run_of(tmp_path, f"{a}, {b}, {c}", **how)
    p = prepare(run)
    said = Counter(prompt_and_answer(r)[1] for rs in every(run).values() for r in rs)
    assert said == dict(a=40, b=40, c=40) and p.kept == 120, "what the plan says nothing about is looked at"
    seen = inspect(f"{a}, {b}, {c}", 120, **how)
    assert Counter(prompt_and_answer(r)[1] for r in seen.rows) == said
    for wrong in (dict(layout="auto; auto; auto; auto"), dict(layout="prompt_completion", mapping="; ; ; prompt=first")):
        with pytest.raises(Trouble) as e: inspect(f"{a}, {b}, {c}", **wrong)
        assert e.value.findings[0].code == "mapping_unreadable" and "3 sources and 4 parts" in e.value.findings[0].says
    assert each_layout("x; y", 'prompt="a;b"', 1) == [("x; y", 'prompt="a;b"')] and each_layout("x", 'prompt="a;b"; ', 3) == [("x", 'prompt="a;b"'), ("x", ""), ("x", "")]


def test_a_role_can_be_taken_away(tmp_path):
    a = jsonl(tmp_path/"a.jsonl", [{"instruction": q, "input": f"note {i}", "output": "yes"} for i, q in enumerate(asked(20))])
    with_it, without = inspect(a, 20), inspect(a, 20, mapping='input=""')
    assert with_it.layout == without.layout and "input=input" in with_it.mapping and "input" not in without.mapping.replace("input_", "")
    assert all("note" in json.dumps(r["messages"]) for r in with_it.rows) and not any("note" in json.dumps(r["messages"]) for r in without.rows) and without.kept == 20
    with pytest.raises(Trouble) as e: inspect(a, mapping='output=""')
    assert e.value.findings[0].code == "mapping_role_missing"


def test_rows_of_several_kinds_are_refused(tmp_path):
    jsonl(tmp_path/"d"/"a.jsonl", [{"prompt": q, "completion": "a"} for q in asked(20, 1)])
    jsonl(tmp_path/"e"/"b.jsonl", [{"prompt": q, "chosen": "a", "rejected": "b"} for q in asked(20, 2)])
    with pytest.raises(Trouble) as e: prepare(run_of(tmp_path, f"{tmp_path/'d'/'a.jsonl'}, {tmp_path/'e'/'b.jsonl'}"))
    assert e.value.findings[0].code == "rows_of_several_kinds"


@pytest.mark.parametrize("source", ["nowhere.csv", "", "a.jsonl, nowhere.csv 2"])
def test_a_source_that_is_not_there_makes_no_run(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    jsonl(tmp_path/"a.jsonl", [{"prompt": "q", "completion": "a"}])
    with pytest.raises(Trouble) as e: new("r", Plan(), tmp_path/"runs", source)
    assert e.value.findings[0].code == "file_missing" and not (tmp_path/"runs"/"r").exists()


# ---- stop, twice, too late

def test_stop_writes_nothing_and_a_second_start_does_all(tmp_path):
    run, calls = run_of(tmp_path, table(tmp_path/"t.csv")), []
    def stop(): calls.append(1); return len(calls) > 3
    with pytest.raises(Trouble) as e: prepare(run, stop=stop)
    assert e.value.findings[0].code == "preparing_stopped" and list((run.path/"data").iterdir()) == [] and not (run.path/"prepare.pid").exists()
    assert prepare(run).kept == 120 and prepare(run).kept == 120


def test_not_once_training_has_begun(tmp_path):
    run = run_of(tmp_path, table(tmp_path/"t.csv"))
    prepare(run)
    (run.checkpoints/"step-000001").mkdir(parents=True)
    with pytest.raises(Trouble) as e: prepare(run)
    assert e.value.findings[0].code == "run_already_trained"


def test_more_rows_than_memory_end_before_the_system_ends_them(tmp_path, monkeypatch):
    path = jsonl(tmp_path/"rows.jsonl", [dict(question=q, answer="a " * 50) for q in asked(400)])
    run = run_of(tmp_path, path)
    before = {p.name for p in run.path.rglob("*")}
    monkeypatch.setattr("ftcourse.data.prepare.EVERY", 100)
    monkeypatch.setattr("ftcourse.hardware.system_memory", lambda: (8 * 10**9, 400_000))
    with pytest.raises(Trouble) as e: prepare(run)
    (f,) = e.value.findings
    assert f.code == "rows_exceed_memory" and "are free" in f.says and "head(path" in f.fix and {p.name for p in run.path.rglob("*")} == before
    assert inspect(str(path)).kept == 400, "what keeps no rows needs no memory for them"
    monkeypatch.setattr("ftcourse.hardware.system_memory", lambda: (8 * 10**9, 4 * 10**9))
    assert prepare(run).kept == 400


def test_a_full_disk_leaves_the_old_rows(tmp_path, monkeypatch):
    import ftcourse.data.prepare as room
    run = run_of(tmp_path, table(tmp_path/"t.csv"))
    prepare(run)
    before = {p.name: p.read_bytes() for p in (run.path/"data").iterdir()}
    def full(path, lines): raise OSError(28, "No space left on device")
    monkeypatch.setattr(room, "_write", full)
    with pytest.raises(Trouble) as e: prepare(run)
    assert e.value.findings[0].code == "disk_full" and {p.name: p.read_bytes() for p in (run.path/"data").iterdir()} == before
    assert not list(run.path.glob(".data*"))


# ---- hostile and odd texts

EVIL = ['<img src=x onerror=alert(1)>', "<script>alert(1)</script>", "```\n|a|b|\n", "\u202eevil\u202c", "👩‍👩‍👧 שלום مرحبا"]


def test_texts_come_through_as_they_are_and_reach_html_escaped(tmp_path):
    rows = [{"prompt": f"{evil} {q}", "completion": f"{evil} {i}"} for i, (evil, q) in enumerate(zip(EVIL * 4, asked(20)))]
    path = jsonl(tmp_path/"<b>.jsonl", rows)
    seen = inspect(str(path), 20)
    run = run_of(tmp_path, path, normalize="none")
    p = prepare(run)
    assert {prompt_and_answer(r)[1] for rs in every(run).values() for r in rs} == {r["completion"] for r in rows}
    for html in (seen._repr_html_(), p._repr_html_()): assert "<img" not in html and "<script" not in html and "<b>" not in html


def test_rows_that_are_canonical_are_read_as_the_plan_names_them(tmp_path):
    row = {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}, {"role": "assistant", "content": '{"a": 1}'}]}
    (read,), found = read_rows(jsonl(tmp_path/"a.jsonl", [row]), "ticket", "answer", "json")
    assert not found and (read["ticket"], read["answer"], read["messages"]) == ("q", {"a": 1}, row["messages"])
    for broken, word in (({"messages": [{"role": "robot", "content": "q"}]}, "role"), ({"messages": [{"role": "user", "content": "q"}]}, "assistant"), ({"messages": [{"role": "user", "content": {"a": 7}}]}, "text")):
        rows, found = read_rows(jsonl(tmp_path/"b.jsonl", [broken]), "ticket", "answer")
        assert not rows and "line 1" in found[0].where and word in found[0].says
    assert [kind(r) for r in read_rows(jsonl(tmp_path/"c.jsonl", [{"text": "Once."}, {"input_ids": [1, 2]}]), "p", "a")[0]] == ["text", "tokens"]


# ---- command line

def test_the_way_on_the_command_line(tmp_path):
    table(tmp_path/"t.csv")
    seen = ftcourse("inspect", "t.csv", "--rows", "2", "--json", cwd=tmp_path)
    assert seen.code == 0 and {"layout", "confidence", "evidence", "rows_in", "kept", "rejected", "reasons"} <= seen.json.keys() and len(seen.json["rows"]) == 2 and seen.json["rows_in"] == 120
    (tmp_path/"plan.yaml").write_text("task: {name: t}\n")
    made = ftcourse("new", "r", "--plan", "plan.yaml", "--data", "t.csv", cwd=tmp_path)
    assert made.code == 0 and "ftcourse prepare" in made.out
    early = ftcourse("train", "r", "--json", cwd=tmp_path)
    assert early.code == 1 and early.json["findings"][0]["code"] == "run_not_prepared"
    done = ftcourse("prepare", "r", "--json", cwd=tmp_path)
    assert done.code == 0 and {"rows_in", "kept", "rejected", "train", "valid", "test", "duplicates", "near_duplicates", "personal_data", "findings"} <= done.json.keys()
    assert done.json["rows_in"] == done.json["kept"] + done.json["rejected"] == 120
    assert ftcourse("inspect", "nowhere.csv", "--json", cwd=tmp_path).json["findings"][0]["code"] == "file_missing"
    assert ftcourse("new", "s", "--plan", "plan.yaml", "--data", "t.csv", "--train", "x.jsonl", cwd=tmp_path).code == 2
