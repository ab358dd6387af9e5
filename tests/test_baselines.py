"""The untuned model asked in several ways: what stands in the prompts, what is kept, what is said of the figures."""
import json
import os
import re
import signal
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcourse.data.rows import read_rows
from ftcourse.decide import decide
from ftcourse.evaluation import baselines as rooms
from ftcourse.evaluation.baselines import USUAL, WAYS, Index, Passage, Sources, asked, assemble, baselines, baselines_of, better_prompt, conversations, cut, passages_of, words
from ftcourse.evaluation.metrics import wilson
from ftcourse.findings import Trouble
from ftcourse.plan import Data, Plan, Task
from tests.tiny import COLOURS, Answer, environment, ftcourse, jsonl, launch, tiny_plan, tiny_rows

PLAN = Plan(task=Task("colours", "Name the colour.", "json"), data=Data(prompt_field="q", answer_field="a"))
FEW = ("few_shot_random", "few_shot_similar", "few_shot_better")
TEXT = st.text(max_size=60)


def sources(n=12, k=4, **more):
    rows = tiny_rows(0, n)
    return Sources("Name the colour.", tuple((r["q"], json.dumps(r["a"])) for r in rows), better_prompt("Name the colour.", [r["a"] for r in rows]), k=k, **more)


def refused(code, call, *args, **kw):
    "The one finding that a call is refused with"
    with pytest.raises(Trouble) as e: call(*args, **kw)
    assert e.value.findings[0].code == code, e.value
    return e.value.findings[0]


# ---- search

@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, max_size=8), TEXT, st.integers(1, 10))
def test_the_search_puts_up_with_any_text(texts, query, k):
    index = Index(texts)
    scores, found = index.scores(query), index.nearest(query, k)
    assert len(scores) == len(texts) and len(set(found)) == len(found) == min(k, len(texts))
    assert [scores[i] for i in found] == sorted(scores, reverse=True)[:k]
    shared = [bool(set(words(t)) & set(words(query))) for t in texts]
    assert [s > 0 for s in scores] == shared


def test_scores_are_those_of_the_formula():
    "Lucene's BM25: idf(w) · tf / (tf + k1 (1 - b + b · length / mean length))"
    import math
    texts, query = ["the cat sat on the mat", "a dog", "the cat and the cat and a dog"], "the cat"
    split = [t.split() for t in texts]
    mean = sum(map(len, split)) / 3
    def score(doc):
        total = 0
        for w in query.split():
            n, tf = sum(w in d for d in split), doc.count(w)
            total += math.log(1 + (3 - n + 0.5) / (n + 0.5)) * tf / (tf + 1.5 * (0.25 + 0.75 * len(doc) / mean))
        return total
    assert Index(texts).scores(query) == pytest.approx([score(d) for d in split], rel=1e-5)


def test_the_search_never_loads_jax(tmp_path):
    "A module of that name lies on the path; bm25s imports it where it can, and it would take the GPU's memory."
    (tmp_path/"jax").mkdir()
    (tmp_path/"jax/__init__.py").write_text("raise SystemExit('jax was loaded')")
    ask = "from ftcourse.evaluation.baselines import Index; import sys; print(Index(['a b', 'b c']).nearest('c', 1), 'jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], env=environment() | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{environment()['PYTHONPATH']}"}, capture_output=True, text=True)
    assert done.stdout.strip() == "[1] False", done.stderr
    assert "jax was loaded" in subprocess.run([sys.executable, "-c", "import bm25s"], env=environment() | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True).stderr, "if this fails, bm25s no longer loads jax and the precaution can go"


def test_the_room_loads_nothing_heavy():
    ask = "import sys, ftcourse.evaluation.baselines; print(sorted({'torch', 'transformers', 'numpy', 'bm25s', 'pandas', 'plotly'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", ask], env=environment(), capture_output=True, text=True).stdout.strip() == "[]"


# ---- documents

@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(["word", "two words", "# Title", "## Other title", "", "", "long " * 150]), max_size=20))
def test_cutting_loses_no_word(lines):
    text = "\n".join(lines)
    passages = cut(text, "f.md")
    body = [w for line in text.split("\n") if not line.startswith("#") for w in line.split()]
    got = [w for p in passages for line in p.text.split("\n") if line not in ("Title", "Other title") for w in line.split()]
    assert got == body and all(p.source == "f.md" and p.text.strip() for p in passages)


def test_documents_of_a_folder(tmp_path):
    (tmp_path/"deep").mkdir()
    (tmp_path/"a.md").write_text("# Refunds\nFive days.", encoding="utf-8")
    (tmp_path/"deep/b.txt").write_text("Call us.", encoding="utf-8-sig")
    (tmp_path/"scan.png").write_bytes(b"\x89PNG")
    (tmp_path/"page.html").write_text("<p>We ship on Mondays.", encoding="utf-8")
    (tmp_path/"old.txt").write_bytes("Grüße".encode("latin-1"))
    (tmp_path/".hidden.txt").write_text("no")
    found, findings = passages_of(str(tmp_path))
    assert found == [Passage("a.md", "Refunds\nFive days."), Passage("deep/b.txt", "Call us."), Passage("old.txt", "Grüße"), Passage("page.html", "We ship on Mondays.")]
    assert [(f.code, f.where, f.severity) for f in findings] == [("document_not_read", "scan.png", "warning"), ("encoding_guessed", "old.txt", "note")]
    assert passages_of(["One passage.", tmp_path/"a.md"])[0] == [Passage("", "One passage."), Passage("a.md", "Refunds\nFive days.")]


def test_documents_that_are_none(tmp_path):
    assert str(tmp_path) in refused("documents_empty", passages_of, tmp_path).where
    (tmp_path/"blank.txt").write_text(" \n\n ")
    assert ".txt" in refused("documents_empty", passages_of, tmp_path).fix
    assert "nowhere" in refused("file_missing", passages_of, tmp_path/"nowhere").where
    (tmp_path/"zeros.txt").write_bytes(b"a\0b")
    (tmp_path/"scan.pdf").write_bytes(b"%PDF")
    with pytest.raises(Trouble) as e: passages_of(tmp_path)
    assert [(f.code, f.where) for f in e.value.findings] == [("document_broken", "scan.pdf"), ("document_broken", "zeros.txt")], "a search without them would look worse than it is"
    assert refused("wrong_use", passages_of, 7).where == "documents" and "item 2" in refused("wrong_use", passages_of, ["x", 7]).where


# ---- prompts

@pytest.mark.parametrize("way", FEW)
def test_k_examples_as_earlier_turns(way):
    for k in (1, 3, 12):
        s = sources(12, k)
        for talk in conversations(way, ["Ball 90 is red.", "zzz"], s):
            assert [m["role"] for m in talk] == ["system"] + ["user", "assistant"] * k + ["user"]
            pairs = [(talk[i]["content"], talk[i + 1]["content"]) for i in range(1, 2 * k, 2)]
            assert len(set(pairs)) == k and set(pairs) <= set(s.examples)


def test_random_examples_depend_on_seed_and_row_alone():
    prompts = [f"Ball {i} is red." for i in range(100, 130)]
    one = conversations("few_shot_random", prompts, sources())
    assert one == conversations("few_shot_random", prompts, sources())
    assert one[7:9] == conversations("few_shot_random", prompts[7:9], sources()), "not on the rows beside it"
    assert one != conversations("few_shot_random", prompts, sources(seed=1))
    assert len({json.dumps(t[1:-1]) for t in one}) > 20, "each row draws its own"


def test_the_most_similar_stands_next_to_the_question():
    s = sources(12, 3)
    talk = conversations("few_shot_similar", ["Ball 7 is white and round."], s)[0]
    index, shown = Index([p for p, _ in s.examples]), [m["content"] for m in talk[1:-1:2]]
    scores = dict(zip([p for p, _ in s.examples], index.scores("Ball 7 is white and round.")))
    assert shown[-1] == "Ball 7 is white." and [scores[p] for p in shown] == sorted(sorted(scores.values())[-3:])


def test_rag_takes_the_best_passages_and_no_others():
    s = sources(passages=(Passage("faq.md", "Balls of colour red are sold out."), Passage("", "Our address."), Passage("more.md", "red red red")), best=2)
    system = conversations("rag", ["Is the red ball there?"], s)[0][0]["content"]
    assert system.startswith("Name the colour.") and "(faq.md)" in system and "(more.md)" in system and "address" not in system
    assert conversations("rag", ["zzz"], s)[0][0]["content"] == "Name the colour."
    assert conversations("rag", ["red"], Sources("", passages=s.passages))[0][0]["role"] == "system"


def test_zero_shot_is_the_prompt_of_training_and_serving(tiny_folder):
    from transformers import AutoTokenizer
    from ftcourse.chat import prompt_text
    a = asked(tiny_plan(tiny_folder), tiny_rows(50, 3), tiny_rows(0, 8), ways="zero_shot")
    tokenizer = AutoTokenizer.from_pretrained(tiny_folder)
    assert rooms.cells_of(a, tokenizer, 1024, "x")[0].prompts == [prompt_text(tokenizer, "Name the colour.", r["q"]) for r in a.rows]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20), st.lists(st.integers(), max_size=2)), min_size=1), min_size=1, max_size=12))
def test_the_better_prompt_names_every_field(answers):
    text = better_prompt("Do it.", answers)
    assert text == better_prompt("Do it.", answers) and text.startswith("Do it.\n")
    for name in {k for a in answers for k in a}: assert f'- "{name}": ' in text


def test_the_better_prompt_says_what_the_rows_say():
    text = better_prompt("Sort.", [{"colour": c, "note": f"note {c} {i}", "n": i} for i, c in enumerate(COLOURS * 4)])
    assert all(f'"{c}"' in text for c in COLOURS) and '"colour": one of' in text and '"note": text of at most 3 words' in text and '"n": a whole number' in text
    assert "one of" not in better_prompt("", [{"id": f"x{i}"} for i in range(40)])
    assert better_prompt("", ["yes", "no"] * 3) == "Answer with exactly one of these and nothing else: no, yes."
    assert "such as" not in better_prompt("", ["word " * 70] * 2).partition("words.")[2]


def test_values_come_from_the_training_rows_only(tiny_folder):
    a = asked(tiny_plan(tiny_folder), [{"q": "Ball 90 is mauve.", "a": {"colour": "mauve"}}], tiny_rows(0, 24), ways=tuple(w for w in WAYS if w != "rag"))
    for way in a.ways:
        for talk in conversations(way, [r["q"] for r in a.rows], a.sources):
            assert talk[-1]["content"] == "Ball 90 is mauve." and "mauve" not in json.dumps(talk[:-1])


# ---- what is refused

@pytest.mark.parametrize("change, code, where", [
    (dict(ways=["few_shot_similiar"]), "wrong_use", "ways"), (dict(ways=[]), "wrong_use", "ways"), (dict(ways="rag"), "wrong_use", "documents"), (dict(documents=["x"], ways=["zero_shot"]), "wrong_use", "ways"),
    (dict(k=0), "number_out_of_range", "k"), (dict(k=25), "number_out_of_range", "k"), (dict(k=2.0), "number_out_of_range", "k"), (dict(k=True), "number_out_of_range", "k"), (dict(limit=0), "number_out_of_range", "limit"),
    (dict(goal=75), "number_out_of_range", "goal"), (dict(goal=float("nan")), "number_out_of_range", "goal"), (dict(seed=-1), "number_out_of_range", "seed"), (dict(passages=0), "number_out_of_range", "passages"),
    (dict(prompt="  "), "wrong_use", "prompt"), (dict(rows=[]), "file_empty", "test rows"), (dict(rows=[{"q": "x"}]), "row_missing_field", "test rows, row 1, field a"), (dict(train=[{"q": 1, "a": {"b": 2}}]), "row_missing_field", "train rows, row 1, field q"),
    (dict(rows=[{1, 2}]), "row_not_json", "test rows"), (dict(rows="nowhere.jsonl"), "file_missing", "nowhere.jsonl")])
def test_wrong_values_are_named_with_field_and_remedy(change, code, where):
    f = refused(code, asked, PLAN, **{"rows": tiny_rows(50, 5), "train": tiny_rows(0, 24), **change})
    assert f.where == where and f.fix
    if change.get("ways") == ["few_shot_similiar"]: assert "few_shot_similar" in f.fix
    if change.get("k") == 25: assert "24" in f.says and "24" in f.fix


def test_a_test_row_among_the_examples_is_refused(tiny_run):
    f = refused("rows_overlap", asked, PLAN, tiny_rows(20, 8), tiny_rows(0, 24))
    assert f.where == "train row 21, test row 1"
    assert refused("rows_overlap", asked, tiny_run(), train=[{"q": " BALL 30  is blue.", "a": {"colour": "blue"}}] + tiny_rows(0, 6)), "whatever case and space"


def test_a_plan_without_rows():
    assert refused("file_missing", asked, PLAN).where == "data.test"
    assert refused("file_missing", asked, PLAN, tiny_rows(0, 3)).where == "data.train"
    assert asked(PLAN, tiny_rows(0, 3), ways="zero_shot").rows


def test_a_run_with_changed_data_is_refused(tiny_run):
    run = tiny_run()
    jsonl(run.data("test"), tiny_rows(90, 6))
    refused("data_changed", baselines, run)


def test_the_same_training_row_twice_is_one_example():
    a = asked(PLAN, tiny_rows(50, 5), tiny_rows(0, 6) * 3, k=6)
    assert len(a.sources.examples) == 6
    refused("number_out_of_range", asked, PLAN, tiny_rows(50, 5), tiny_rows(0, 6) * 3, k=7)


# ---- measuring, on the tiny model

WAYS_3 = ("zero_shot", "better_prompt", "few_shot_similar")

def plain(b):
    "Everything but the seconds"
    d = b.as_dict()
    return json.dumps({**d, "path": "", "ways": [{**w, "seconds": 0} for w in d["ways"]]}, sort_keys=True), [r["answers"] for r in b.rows]


def test_a_whole_measurement(tiny_run):
    run, told = tiny_run(sizes=dict(test=10)), []
    b = baselines(run, k=2, progress=lambda *x: told.append(x))
    assert [w["name"] for w in b.ways] == list(USUAL) and b.n == b.done == 10 and b.state == "finished"
    assert [t[0] for t in told] == sorted(t[0] for t in told) and told[-1][:2] == (40, 40) and told[-1][2] == 0 and all(t[2] >= 0 for t in told)
    tests = {r["q"]: r["a"] for r in read_rows(run.data("test"), "q", "a", "json")[0]}
    assert {r["prompt"]: r["reference"] for r in b.rows} == tests and all(set(r["answers"]) == set(USUAL) for r in b.rows)
    for w in b.ways:
        m = w["metrics"]["exact_match"]
        hits = sum(rooms.marks(r["answers"][w["name"]], r["reference"])["exact_match"] for r in b.rows)
        assert (m["value"], m["low"], m["high"]) == (hits / 10, *wilson(hits, 10)) and m["n"] == 10
        assert w["tokens_per_request"] == pytest.approx(w["tokens"]["prompt"]["mean"] + w["tokens"]["answer"]["mean"], abs=0.11)
        assert (m["difference"] is None) == (w["name"] == "zero_shot")
    tokens = [w["tokens"]["prompt"]["median"] for w in b.ways]
    assert tokens[0] < tokens[1] and tokens[0] < tokens[2]
    assert plain(baselines_of(run)) == plain(b) == plain(baselines_of(run.path)) == plain(baselines_of(run.evaluation))
    assert not (run.path/"baselines.pid").exists()


def test_tokens_are_those_of_the_real_tokenizer(tiny_run):
    from transformers import AutoTokenizer
    run = tiny_run(sizes=dict(test=3))
    b = baselines(run, ways="zero_shot")
    tokenizer = AutoTokenizer.from_pretrained(run.plan.model.id)
    n = [len(tokenizer(rooms._rendered(tokenizer, t), add_special_tokens=False)["input_ids"]) for t in conversations("zero_shot", [r["prompt"] for r in b.rows], Sources("Name the colour."))]
    assert b.ways[0]["tokens"]["prompt"] == dict(median=sorted(n)[1], mean=round(sum(n) / 3, 1))


def test_the_second_call_loads_no_model(tiny_run, monkeypatch):
    run = tiny_run(sizes=dict(test=5))
    first = baselines(run, ways=WAYS_3, k=2)
    loads = []
    real = rooms.load_base
    monkeypatch.setattr(rooms, "load_base", lambda *a, **kw: loads.append(a) or real(*a, **kw))
    assert plain(baselines(run, ways=WAYS_3, k=2)) == plain(first) and not loads
    told = []
    baselines(run, ways=WAYS_3, k=3, say=told.append)
    assert len(loads) == 1 and [t for t in told if "rows" in t and ":" in t] == ["few_shot_similar: rows 1 to 4 of 5", "few_shot_similar: rows 5 to 5 of 5"], "only what k changes"


def test_another_instruction_is_another_measurement(tiny_run):
    run = tiny_run(sizes=dict(test=5))
    first = baselines(run, ways="zero_shot")
    plan = run.plan
    plan.task.instruction = "Say which colour."
    plan.save(run.path/"plan.yaml")
    assert [f["code"] for f in baselines_of(run).findings] == ["baselines_outdated"]
    told = []
    second = baselines(run, ways="zero_shot", say=told.append)
    assert any("rows 1 to 4" in t for t in told) and "Say which" in second.ways[0]["example"] and "Name the" in first.ways[0]["example"]
    assert baselines_of(run).findings == []


@pytest.mark.parametrize("after", [0, 1, 4])
def test_stopped_and_continued_is_the_same_as_in_one_go(tiny_run, after):
    whole = baselines(tiny_run("whole", sizes=dict(test=10)), ways=WAYS_3, k=2)
    run, calls = tiny_run("parts", sizes=dict(test=10)), []
    half = baselines(run, ways=WAYS_3, k=2, stop=lambda: calls.append(1) or len(calls) > after + 1)
    assert half.state == "stopped" and baselines_of(run).state == "stopped" and sum(w["n"] for w in half.ways) == 4 * after
    if after == 4: assert half.done == 4 and half.ways[0]["n"] == 8 and half.ways[1]["n"] == 4 and half.says().startswith("After 4 of 10 rows")
    if after == 0: assert half.says() == "Nothing was measured yet." and half.as_dict()["baselines"] == [] and half.best == "" and half.text() and half._repr_markdown_()
    b = baselines(run, ways=WAYS_3, k=2)
    assert b.state == "finished" and plain(b)[1] == plain(whole)[1]
    assert [w["metrics"] for w in b.ways] == [w["metrics"] for w in whole.ways]


def test_an_interrupt_keeps_what_is_done(tiny_run, monkeypatch):
    run, real, calls = tiny_run(sizes=dict(test=10)), rooms.answers, []
    def interrupted(*a):
        calls.append(1)
        if len(calls) == 3: raise KeyboardInterrupt
        return real(*a)
    monkeypatch.setattr(rooms, "answers", interrupted)
    assert baselines(run, ways=WAYS_3, k=2).state == "stopped"
    assert len(rooms.kept_answers(run.evaluation/"baselines.jsonl")) == 2
    assert baselines(run, ways=WAYS_3, k=2).state == "finished" and len(calls) == 3 + 7


def test_a_crash_keeps_what_is_done_and_torn_lines_are_passed_over(tiny_run, monkeypatch):
    run, real, calls = tiny_run(sizes=dict(test=8)), rooms.answers, []
    def crashing(*a):
        calls.append(1)
        if len(calls) == 2: raise RuntimeError("the machine is gone")
        return real(*a)
    monkeypatch.setattr(rooms, "answers", crashing)
    with pytest.raises(RuntimeError): baselines(run, ways="zero_shot")
    assert not (run.evaluation/"baselines.json").exists() and not (run.path/"baselines.pid").exists()
    journal = run.evaluation/"baselines.jsonl"
    with open(journal, "ab") as f: f.write(b'{"key": "x", "said": [1]}\n\xff\xfe\n{"key": "half')
    b = baselines(run, ways="zero_shot")
    assert len(calls) == 3 and b.n == b.done == 8
    assert len(rooms.kept_answers(journal)) == 2


def test_two_at_once_are_refused(tiny_run):
    run, seen = tiny_run(sizes=dict(test=4)), []
    def stop():
        if not seen: seen.append(refused("run_busy", baselines, run, ways="zero_shot"))
        return False
    baselines(run, ways="zero_shot", stop=stop)
    assert seen


def test_a_limit_draws_rows_and_keeps_its_batches(tiny_run):
    run, told = tiny_run(sizes=dict(test=12)), []
    four = baselines(run, ways="zero_shot", limit=4)
    eight = baselines(run, ways="zero_shot", limit=8, say=told.append)
    assert [r["prompt"] for r in eight.rows][:4] == [r["prompt"] for r in four.rows] and "1 of 2 batches are there already" in told
    tests = [r["q"] for r in tiny_rows(30, 12)]
    assert {r["prompt"] for r in four.rows} <= set(tests) and [r["prompt"] for r in four.rows] != tests[:4]
    assert [r["prompt"] for r in baselines(run, ways="zero_shot", limit=8, seed=5).rows] != [r["prompt"] for r in eight.rows]


def test_prompts_beyond_the_context_are_told_and_count_as_wrong(tiny_folder):
    "The tiny model reads 1,024 tokens, and its tokens are bytes"
    rows = [{"q": "Ball 90 is red. " + "x" * 1100, "a": {"colour": "red"}}, *tiny_rows(91, 3)]
    b = baselines(tiny_plan(tiny_folder), rows, tiny_rows(0, 24), ways=("zero_shot", "few_shot_random"), k=3)
    [f] = [f for f in b.findings if f["where"] == "zero_shot"]
    assert f["code"] == "prompt_too_long" and f["severity"] == "warning" and "1 of 4" in f["says"] and "`k`" in f["fix"]
    assert b.ways[0]["too_long"] == 1 and b.ways[0]["n"] == b.ways[0]["metrics"]["exact_match"]["n"] == 4
    assert next(r for r in b.rows if "xxx" in r["prompt"])["answers"] == dict(zero_shot="", few_shot_random="")
    assert b.ways[0]["tokens"]["prompt"]["mean"] < 200, "the tokens are those of requests that were made"
    b = baselines(tiny_plan(tiny_folder), rows[:1], tiny_rows(0, 24), ways="few_shot_random", k=20)
    assert b.ways[0]["too_long"] == 1 and b.ways[0]["metrics"]["exact_match"]["value"] == 0 and b.text()


def test_a_plan_keeps_nothing_unless_told(tiny_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    b = baselines(tiny_plan(tiny_folder), tiny_rows(50, 3), tiny_rows(0, 8), ways="zero_shot")
    assert b.path == "" and list(tmp_path.iterdir()) == []
    kept = baselines(tiny_plan(tiny_folder), tiny_rows(50, 3), tiny_rows(0, 8), ways="zero_shot", keep=tmp_path/"here")
    assert plain(baselines_of(tmp_path/"here")) == plain(kept) and plain(kept) == plain(b)


def test_rag_and_a_prompt_of_your_own(tiny_run, tmp_path):
    (tmp_path/"docs").mkdir()
    (tmp_path/"docs/faq.md").write_text("# Balls\nEvery ball has a colour.")
    b = baselines(tiny_run(sizes=dict(test=3)), documents=tmp_path/"docs", prompt="Say the colour, as JSON.")
    assert [w["name"] for w in b.ways] == [*USUAL, "rag"]
    assert "(faq.md) Balls\nEvery ball" in b.way("rag")["example"] and "Say the colour, as JSON." in b.way("better_prompt")["example"] and "Every ball" not in b.way("zero_shot")["example"]


def test_kept_figures_that_are_damaged(tiny_run):
    run = tiny_run(sizes=dict(test=3))
    assert "ftcourse baselines" in refused("file_missing", baselines_of, run).fix
    baselines(run, ways="zero_shot")
    path = run.evaluation/"baselines.json"
    good = json.loads(path.read_text())
    for bad in ("", "{", "[]", "7", json.dumps({k: v for k, v in good.items() if k != "ways"}), json.dumps({**good, "ways": [1]}), json.dumps({**good, "ways": [{}]})):
        path.write_text(bad)
        assert "again" in refused("file_unreadable", baselines_of, run).fix, bad


# ---- figures and sentences, from answers made by hand

def made(right, n=20, goal=None, ways=("zero_shot", "few_shot_similar")):
    "Figures where each way has so many of n right"
    a = asked(PLAN, tiny_rows(100, n), tiny_rows(0, 24), ways=ways, goal=goal)
    cells = [rooms.Cell(w, list(range(n)), ["p"] * n, [10 * (i + 1)] * n, [True] * n, n, w) for i, w in enumerate(ways)]
    return assemble(a, cells, {w: dict(said=[json.dumps(r["a"]) if i < right[w] else "no" for i, r in enumerate(a.rows)], seconds=1) for w in ways})


@pytest.mark.parametrize("few, n, goal, says", [
    (20, 20, 0.75, "the goal of 75.0 % is reached without training"), (2, 20, 0.75, "the goal of 75.0 % is out of reach of every prompt tried"), (14, 20, 0.75, "cannot tell yet whether the goal of 75.0 % is reached, about"),
    (15, 20, 0.75, "score more rows"), (19, 20, None, "+85 points against zero_shot ("), (3, 20, None, "too few rows to tell it from zero_shot, +5 points"), (1, 20, None, "no other way does better")])
def test_one_sentence_for_what_the_intervals_allow(few, n, goal, says):
    b = made(dict(zero_shot=2, few_shot_similar=few), n, goal)
    assert says in b.says(), b.says()
    assert len(re.findall(r"\.(?: |$)", b.says().replace(" %", ""))) == 1


def test_more_rows_than_there_are_would_settle_it():
    b = made(dict(zero_shot=0, few_shot_similar=14), 20, 0.75)
    n = int(re.search(r"about (\d+) more", b.says())[1])
    low, high = wilson(round(0.7 * (20 + n)), 20 + n)
    assert high < 0.75 + 0.01


def test_the_decision_reads_the_figures():
    answers = dict(gap="behaviour", data="many")
    b = made(dict(zero_shot=0, few_shot_similar=20), 20, 0.75)
    d = decide({}, b.as_dict())
    assert [(m["name"], m["stands"], m["tokens_per_request"]) for m in d.measured] == [(w["name"], s, w["tokens_per_request"]) for w, s in zip(b.ways, ("short", "reached"))]
    assert not [f for f in d.findings if f.code == "measured_wrong"]
    assert any("few_shot_similar" in r["says"] for r in d.reasons if r["stage"] == "measured")


def test_of_equal_ways_the_cheaper_one_is_best():
    assert made(dict(zero_shot=5, few_shot_similar=5)).best == "zero_shot"
    assert made(dict(zero_shot=5, few_shot_similar=6)).best == "few_shot_similar"


def test_a_metric_that_is_not_measured_gives_way():
    plan = Plan(task=PLAN.task, data=PLAN.data)
    plan.evaluation.primary_metric = "rouge_l"
    a = asked(plan, tiny_rows(100, 4), tiny_rows(0, 24), ways="zero_shot")
    b = assemble(a, [], {})
    assert b.metric == "exact_match" and [f["code"] for f in b.findings] == ["metric_not_offered"]
    plan.evaluation.primary_metric = "field_colour"
    assert assemble(asked(plan, tiny_rows(100, 4), tiny_rows(0, 24), ways="zero_shot"), [], {}).metric == "field_colour"


def test_text_is_text():
    evil = "<script>alert(1)</script>|`x`"
    rows = [{"q": f"{evil} {i}", "a": evil} for i in range(4)]
    plan = Plan(task=Task(evil, evil, "text"), data=PLAN.data)
    a = asked(plan, rows, [{"q": f"train {i}", "a": evil} for i in range(5)], documents=[evil])
    cells = [rooms.Cell(w, [0, 1, 2, 3], [evil] * 4, [5] * 4, [True, True, True, False], 4, w) for w in a.ways]
    b = assemble(a, cells, {w: dict(said=[evil] * 4, seconds=1) for w in a.ways})
    assert "<script" not in b._repr_markdown_() and b.findings


# ---- the command

def test_the_command(tiny_run, tmp_path):
    run = tiny_run(sizes=dict(test=5))
    (tmp_path/"docs").mkdir()
    (tmp_path/"docs/faq.txt").write_text("Each ball is of one colour.")
    told = ftcourse("baselines", run.path, "--ways", "zero_shot, few_shot_random,rag", "--k", 2, "--documents", tmp_path/"docs", "--limit", 4, "--goal", 0.9, "--json")
    assert told.code == 0, told
    got = told.json
    assert got["n"] == 4 and [w["name"] for w in got["ways"]] == ["zero_shot", "few_shot_random", "rag"] and got["best"] and got["says"] and got["findings"] == [] and got["goal"] == 0.9
    for w in got["ways"]:
        assert {"value", "low", "high"} <= set(w["metrics"]["exact_match"]) and w["tokens_per_request"] > 0 and w["seconds"] >= 0
    assert "left" in told.err and "4/12" in told.err
    (tmp_path/"answers.yaml").write_text("gap: behaviour\n")
    decided = ftcourse("decide", "--answers", tmp_path/"answers.yaml", "--measured", run.evaluation/"baselines.json", "--json")
    assert decided.code == 0 and [m["name"] for m in decided.json["measured"]] == ["zero_shot", "few_shot_random", "rag"] and decided.json["goal"] == 0.9
    again = ftcourse("baselines", run.path, "--ways", "zero_shot", "--limit", 4)
    assert again.code == 0 and "exact match" in again.out and "Loading" not in again.err and "ftcourse decide" in again.out


def test_the_command_stops_between_batches_and_goes_on(tiny_run):
    run = tiny_run(sizes=dict(test=400))
    process = launch("baselines", run.path, "--ways", "zero_shot,better_prompt", "--json")
    while "left" not in (line := process.stderr.readline()): assert line, "it ended before its first batch"
    process.send_signal(signal.SIGTERM)
    told = Answer(process)
    assert told.code == 0 and told.json["state"] == "stopped" and 0 < told.json["ways"][0]["n"] < 400 and "running batch" in told.err
    assert baselines_of(run).state == "stopped" and not (run.path/"baselines.pid").exists()
    b = baselines(run, ways=("zero_shot", "better_prompt"), limit=told.json["ways"][1]["n"] or 4)
    assert b.state == "finished"


def test_the_command_used_wrongly(tiny_run, tmp_path):
    run = tiny_run(sizes=dict(test=3))
    for more, code, finding in ((["--ways", "oneshot"], 2, "wrong_use"), (["--ways", "rag"], 2, "wrong_use"), (["--k", "99"], 1, "number_out_of_range"), (["--prompt", tmp_path/"none"], 1, "file_missing"), (["--documents", tmp_path/"none"], 1, "file_missing")):
        told = ftcourse("baselines", run.path, *more, "--json")
        assert told.code == code and told.json["findings"][0]["code"] == finding, (more, told)
