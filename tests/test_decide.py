"""The decision: a table without dead rows or gaps, recommendations that say why, contradictions named at both questions, figures that win over beliefs, and a wizard that loses nothing."""
import html
import json
import re
import subprocess
import sys

import pytest
import yaml
from hypothesis import assume, given, settings, strategies as st

from ftcourse.decide import (TABLE, UNKNOWN, Decision, almost, complete, contradictions, decide, read_answers, rows_needed, save_answers, table, template, walk, would_change)
from ftcourse.evaluation.metrics import wilson
from ftcourse.findings import CODES, Trouble
from tests.test_units import EVIL, OURS, harmless

pytest_plugins = ["tests.lab"]

QUESTIONS = table().questions
RAW = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
TRAINS = {o for o, d in table().outcomes.items() if d["trains"]}
ANSWERS = st.fixed_dictionaries({q.id: st.sampled_from(list(q.answers)) for q in QUESTIONS.values()})


def often(n): return settings(max_examples=n, deadline=None, derandomize=True, database=None)  # the same cases each time: no flakes


def outcome(**answers): return walk(complete(answers))[0]["outcome"]


# One situation for each way the table can be left; the name is what it tests
SITUATIONS = {
    "nothing known": ({}, "not_yet"),
    "people disagree": (dict(clarity="unclear", gap="behaviour"), "not_yet"),
    "tried, not looked at": (dict(tried="prompt"), "not_yet"),
    "facts in heads": (dict(gap="knowledge", documents="none"), "not_yet"),
    "offline by API": (dict(latency="offline", model="api"), "not_yet"),
    "facts in live systems": (dict(gap="knowledge", documents="none", tools="live"), "tools"),
    "prices of today": (dict(tools="live"), "tools"),
    "invoices": (dict(tools="calculation"), "tools"),
    "tools and behaviour": (dict(tools="calculation", gap="behaviour", tried="measured", examples="some"), "tools"),
    "style, untried": (dict(gap="behaviour", clarity="by_people"), "prompt"),
    "facts on a page": (dict(gap="knowledge", documents="pages"), "prompt"),
    "good enough": (dict(gap="none", privacy="vendor"), "prompt"),
    "style, looked at": (dict(gap="behaviour", tried="prompt", examples="few"), "few_shot"),
    "style, no time": (dict(gap="behaviour", tried="measured", examples="many", budget="hours", latency="fast", scale="many"), "few_shot"),
    "style of patients": (dict(gap="behaviour", tried="measured", examples="many", privacy="erasable"), "few_shot"),
    "style, ten examples": (dict(gap="behaviour", tried="measured", examples="few"), "few_shot"),
    "handbook": (dict(gap="knowledge", documents="many", latency="offline"), "rag"),
    "news": (dict(change="fast", documents="many", latency="fast", scale="many"), "rag"),
    "court": (dict(citations="required", gap="none"), "rag"),
    "patients": (dict(gap="knowledge", privacy="erasable", documents="many"), "rag"),
    "everyday handbook, scored": (dict(gap="knowledge", tried="retrieval", domain="general", documents="many"), "rag"),
    "dialect, untried": (dict(gap="both", domain="foreign", documents="corpus", change="stable", examples="some"), "rag"),
    "tickets": (dict(gap="behaviour", tried="measured", examples="some", budget="days", clarity="checkable"), "fine_tune"),
    "tickets, many": (dict(gap="behaviour", tried="measured", examples="many", budget="days", model="small", privacy="inside"), "fine_tune"),
    "tickets at a vendor": (dict(gap="behaviour", tried="measured", examples="many", model="api"), "fine_tune"),
    "too dear": (dict(gap="none", tried="measured", examples="some", scale="many"), "fine_tune"),
    "too slow": (dict(gap="none", tried="measured", examples="some", latency="fast"), "fine_tune"),
    "tickets with a page of rules": (dict(gap="both", tried="measured", examples="some", documents="pages"), "fine_tune"),
    "handbook in jargon, scored": (dict(gap="knowledge", tried="retrieval", domain="jargon", documents="many", examples="some", latency="fast", scale="many"), "fine_tune_rag"),
    "both gaps": (dict(gap="both", tried="measured", documents="many", examples="some"), "fine_tune_rag"),
    "dialect at a vendor": (dict(gap="both", tried="measured", domain="foreign", documents="corpus", change="stable", examples="some", model="api", budget="weeks"), "fine_tune_rag"),
    "dialect in days": (dict(gap="both", tried="measured", domain="foreign", documents="corpus", change="stable", examples="some", model="small", budget="days"), "fine_tune_rag"),
    "dialect": (dict(gap="both", tried="measured", domain="foreign", documents="corpus", change="stable", examples="many", model="small", budget="weeks"), "cpt_sft"),
}


# ---- The table

def rows(): return [r for _, rules in table().stages.values() for r in rules] + list(table().contradictions) + list(table().notes) + list(table().parts)


def test_the_table_is_in_order():
    ids, results = [r.id for r in rows()], {stage: {r.then for r in rules} for stage, (_, rules) in table().stages.items()}
    results["ready"] |= {"settle"}
    names = {**{q: set(QUESTIONS[q].answers) for q in QUESTIONS}, **results}
    assert len(set(ids)) == len(ids) and not QUESTIONS.keys() & results.keys()
    before = set(QUESTIONS)
    for stage, (asks, rules) in table().stages.items():
        assert asks.endswith("?")
        for r in rules:
            for k, v in (*r.when, *r.any, *r.unless): assert k in before and v <= names[k], (r.id, k, v)
        assert not (rules[-1].when or rules[-1].any or rules[-1].unless) and all(r.when or r.any for r in rules[:-1]), "only the last row takes what is left"
        before.add(stage)
    for r in (*table().contradictions, *table().notes, *table().parts):
        for k, v in (*r.when, *r.any, *r.unless): assert k in names and v <= names[k], (r.id, k, v)
    assert results["outcome"] == set(table().outcomes) and results["ready"] - {"ready"} == set(table().first)


def test_every_text_is_there():
    for r in rows():
        if not r.id.startswith("part"): assert re.fullmatch(r"[\"A-Z].*\.", r.says), r.id
    for q in QUESTIONS.values():
        assert q.ask.endswith("?") and q.why.endswith(".") and q.step in table().steps and q.factor
        assert 2 <= len(q.answers) - 1 <= 5 and list(q.answers)[-1] == UNKNOWN and all(isinstance(x, str) for x in (*q.answers, *q.answers.values()))
    for o, d in table().outcomes.items(): assert d["title"] and d["says"] and bool(d.get("steps")) == (o != "not_yet")
    assert table().tradeoffs.keys() == table().outcomes.keys() - {"not_yet"}
    for row in table().tradeoffs.values(): assert row.keys() == table().columns.keys() and all(row.values())
    for c in table().contradictions: assert len(c.questions) == 2 and set(c.questions) == {k for k, _ in c.when} and c.fix.endswith(".")


def test_every_source_is_used():
    named = [s for part in (*[stage["rules"] for stage in RAW["stages"]], RAW["notes"]) for r in part for s in ([r["source"]] if isinstance(r.get("source"), str) else r.get("source", []))]
    assert set(named) == set(RAW["sources"])


def test_the_factors_of_the_checklist():
    assert {q.factor for q in QUESTIONS.values()} >= {"domain specificity", "how often the knowledge changes", "latency and offline needs", "privacy and compliance", "inference cost and scale", "data at hand", "task clarity",
                                                      "behaviour or knowledge", "need for citations", "tools and calculation", "budget"}


@pytest.mark.parametrize("name", SITUATIONS)
def test_situations(name):
    answers, expected = SITUATIONS[name]
    d = decide(answers)
    assert d.outcome == expected, [r["rule"] for r in d.reasons]
    assert d.reasons and d.first_steps and d.says.startswith(table().outcomes[expected]["says"]) and bool(d.parts) == (expected != "not_yet")


def test_every_outcome_is_reached(): assert {o for _, o in SITUATIONS.values()} == set(table().outcomes)


def test_no_row_is_dead():
    "Each row wins, or counts, in a situation above or one answer beside it"
    reached = set()
    for answers, _ in SITUATIONS.values():
        near = [complete(answers)] + [{**complete(answers), q.id: a} for q in QUESTIONS.values() for a in q.answers]
        for a in near:
            known, fired, clashes = walk(a)
            reached |= {r.id for _, r in fired} | {c.id for c in clashes} | {r.id for r in (*table().notes, *table().parts) if r.matches(known)}
    assert {r.id for r in rows()} - reached == set()


def test_every_question_matters():
    turned = {w["question"] for answers, _ in SITUATIONS.values() for w in decide(answers).would_change}
    assert turned == set(QUESTIONS)


@given(ANSWERS)
@often(400)
def test_every_combination_has_an_outcome(answers):
    d = decide(answers)
    assert d.outcome in table().outcomes and d.reasons or d.outcome == "prompt"
    assert d.as_dict() == decide(dict(reversed(answers.items()))).as_dict(), "the order of the answers is no answer"


def test_unknown_everywhere():
    for nothing in ({}, {q: UNKNOWN for q in QUESTIONS}, {q: None for q in QUESTIONS}):
        d = decide(nothing)
        assert d.outcome == "not_yet" and [r["rule"] for r in d.reasons] == ["nothing_known"] and d.first_steps == [table().first["try"]] and not d.findings


# ---- Properties

def consistent(answers): return not contradictions(answers)


@given(ANSWERS)
@often(400)
def test_what_training_never_does(answers):
    "Never untried, never without known examples, never on data that must be erasable, never in a budget of hours"
    at = walk(answers)[0]["outcome"]
    if at in TRAINS: assert answers["tried"] in ("measured", "retrieval") and answers["examples"] in ("some", "many") and answers["privacy"] != "erasable" and answers["budget"] != "hours" and answers["clarity"] != "unclear"
    if at == "cpt_sft": assert answers["model"] != "api" and answers["budget"] == "weeks" and answers["change"] == "stable"


@given(ANSWERS, st.sampled_from([("examples", ["none", "few", "some", "many"]), ("budget", ["hours", "days", "weeks"]), ("tried", ["nothing", "prompt", "measured"])]))
@often(400)
def test_more_never_turns_away_from_training(answers, scale):
    "More examples, more budget and more evidence never turn a recommendation to train into one not to"
    question, order = scale
    trains = [walk(a)[0]["outcome"] in TRAINS for v in order if consistent(a := {**answers, question: v})]
    assert trains == sorted(trains)


@given(ANSWERS)
@often(300)
def test_sources_can_be_named(answers):
    "Where citations are required, the answer is built from text in the prompt"
    known = walk({**answers, "citations": "required"})[0]
    if known["outcome"] != "not_yet": assert known["facts"] in ("retrieve", "in_prompt", "systems")


@given(ANSWERS)
@often(300)
def test_changing_facts_are_never_trained_in(answers):
    known = walk({**answers, "change": "fast", "gap": "both"})[0]
    if known["outcome"] != "not_yet": assert known["outcome"] != "cpt_sft" and known["facts"] in ("retrieve", "in_prompt", "systems")


@given(ANSWERS)
@often(60)
def test_what_would_change_it_does(answers):
    "Each flip that is listed leads where it says, and no other flip leads away"
    d = decide(answers)
    listed = {(w["question"], w["answer"]): w["outcome"] for w in d.would_change}
    for q in QUESTIONS.values():
        for a in q.answers:
            other = {**answers, q.id: a}
            if a in (answers[q.id], UNKNOWN) or not consistent(other): assert (q.id, a) not in listed
            else: assert listed.get((q.id, a), d.outcome) == decide(other).outcome


@given(ANSWERS)
@often(100)
def test_rules_that_almost_fired_would_have(answers):
    known, fired, _ = walk(answers)
    for miss in almost(known, fired):
        (question, needed), *_ = miss["needs"].items()
        rule = next(r for r in table().stages[miss["stage"]][1] if r.id == miss["rule"])
        assert not rule.matches(known) and rule.matches({**known, question: needed[0]})


# ---- Contradictions

@pytest.mark.parametrize("clash", table().contradictions, ids=lambda c: c.id)
def test_contradictions(clash):
    answers = {k: sorted(v)[0] for k, v in clash.when}
    d = decide(answers)
    (f,) = [f for f in d.findings if f.where == " and ".join(clash.questions)]
    assert d.outcome == "not_yet" and f.code == "answers_contradict" and f.fix == clash.fix and clash.fix in d.first_steps
    assert clash.id in [r["rule"] for r in d.reasons] and clash.says in d.text() and clash.says in d.html().replace("&#x27;", "'") and d.almost == []
    for q in clash.questions: assert clash.id not in [r["rule"] for r in decide({**answers, q: UNKNOWN}).reasons]


def test_live_systems_settle_what_is_written_nowhere():
    assert contradictions(dict(change="fast", documents="none")) and not contradictions(dict(change="fast", documents="none", tools="live"))


def test_two_contradictions_are_both_said():
    d = decide(dict(latency="offline", model="api", privacy="inside"))
    assert [f.where for f in d.findings] == ["latency and model", "privacy and model"] and len(d.first_steps) == 2
    assert {w["question"] for w in d.would_change} <= {"model"}, "only the model settles both"


# ---- Measured

def baseline(name, hits, n, tokens=100):
    low, high = wilson(hits, n)
    return dict(name=name, metric="exact match", value=hits / n, low=low, high=high, n=n, tokens_per_request=tokens)


STYLE_GAP = dict(clarity="checkable", gap="behaviour", tried="measured", examples="many", budget="days")


@pytest.mark.parametrize("baselines, expected", [
    ([baseline("zero_shot", 199, 200)], "prompt"),
    ([baseline("better_prompt", 199, 200), baseline("few_shot", 200, 200, 700)], "prompt"),
    ([baseline("few_shot_similar", 199, 200, 700), baseline("rag", 199, 200, 600)], "rag"),
    ([baseline("rag_bm25", 199, 200)], "rag"),
    ([baseline("few_shot", 150, 200)], "fine_tune"),
    ([baseline("few_shot", 181, 200)], "fine_tune"),
    ([], "fine_tune"),
])
def test_a_baseline_that_has_reached_the_goal_wins(baselines, expected):
    d = decide(STYLE_GAP, dict(baselines=baselines, goal=0.9))
    assert d.outcome == expected
    if expected != "fine_tune":
        assert d.says.startswith("Do not fine-tune.") and re.search(r"\d\d\.\d %", d.says) and "200 rows" in d.says and "reaches the goal of 90.0 %" in d.says
        assert "tokens a request" in d.says and d.outcome not in TRAINS and "reached" in d.html() and [r["rule"] for r in d.reasons] == ["measured_goal_reached"]


def test_figures_short_of_the_goal_are_cited():
    d = decide(STYLE_GAP, dict(baselines=[baseline("zero_shot", 40, 200), baseline("few_shot", 120, 200)], goal=0.9))
    assert d.outcome == "fine_tune" and "few_shot: exact match 60.0 %" in d.says and "below the goal" in d.says and [b["stands"] for b in d.measured] == ["short", "short"]


def test_too_few_rows_to_tell_says_how_many_would():
    d = decide(STYLE_GAP, dict(baselines=[baseline("few_shot", 19, 20)], goal=0.9))
    assert d.outcome == "fine_tune" and "too few rows to tell" in d.says and f"({rows_needed(0.95, 0.9)} in all)" in d.says and d.first_steps[0].startswith("Score few_shot on about")


@given(st.integers(1, 99), st.integers(1, 99))
@often(200)
def test_rows_needed_is_the_smallest_number_that_tells(value, goal):
    assume(value != goal)
    p, g = value / 100, goal / 100
    n = rows_needed(p, g)
    told = lambda n: not wilson_of(p, n)[0] < g < wilson_of(p, n)[1]
    assert told(n + 1) and (n < 3 or not told(n - 1))


def wilson_of(p, n):
    "The interval for a share that n rows may not allow exactly"
    from ftcourse.evaluation.metrics import Z
    middle, half = (p + Z * Z / (2 * n)) / (1 + Z * Z / n), Z / (1 + Z * Z / n) * (p * (1 - p) / n + Z * Z / (4 * n * n)) ** 0.5
    return middle - half, middle + half


def test_figures_do_not_win_where_they_cannot_do_what_is_asked():
    good = dict(baselines=[baseline("few_shot", 200, 200)], goal=0.9)
    assert decide({**STYLE_GAP, "citations": "required"}, good).outcome == "fine_tune_rag" and "can't name its sources" in decide({**STYLE_GAP, "citations": "required"}, good).says
    assert decide({**STYLE_GAP, "citations": "required", "documents": "pages"}, good).outcome == "few_shot", "what stands in the prompt can be cited"
    assert decide({**STYLE_GAP, "tools": "live"}, good).outcome == "tools"
    assert decide(dict(clarity="unclear"), good).outcome == "not_yet" and "disagree" in decide(dict(clarity="unclear"), good).says
    assert decide(dict(latency="offline", model="api"), good).outcome == "not_yet"


def test_what_was_scored_was_tried():
    short = dict(baselines=[baseline("few_shot", 20, 200)], goal=0.9)
    answers = dict(gap="behaviour", examples="some")
    assert decide(answers).outcome == "prompt" and decide(answers, short).outcome == "fine_tune" and decide(answers, short).answers["tried"] == UNKNOWN
    assert decide({}, short).first_steps == [table().first["look"]]
    assert not decide(dict(examples="none"), short).findings, "the reader did not say what was tried"


def test_a_dear_prompt_that_works_is_not_thrown_away():
    d = decide(dict(gap="none", tried="measured", examples="some", scale="many"), dict(baselines=[baseline("few_shot", 200, 200)], goal=0.9))
    assert d.outcome == "few_shot" and "ftcourse.cost" in d.says


@pytest.mark.parametrize("measured, where", [
    ([], "baselines"), ({"baselines": 3}, "baselines"), ({"baselines": ["x"]}, "baseline 1"), ({"baselines": [dict(value=1)]}, "baseline 1"),
    ({"baselines": [{**baseline("a", 5, 10), "n": 0}]}, "baseline 1 (a), n"), ({"baselines": [{**baseline("a", 5, 10), "value": float("nan")}]}, "baseline 1 (a), value"),
    ({"baselines": [{**baseline("a", 5, 10), "value": 0.99}]}, "baseline 1 (a), value"), ({"baselines": [{**baseline("a", 5, 10), "tokens_per_request": -1}]}, "baseline 1 (a), tokens_per_request"),
    ({"baselines": [{**baseline("a", 5, 10), "low": None}]}, "baseline 1 (a), low"), ({"baselines": [{**baseline("a", 5, 10), "high": True}]}, "baseline 1 (a), high"), ({"baselines": [], "goal": "high"}, "goal"),
])
def test_figures_that_can_not_be(measured, where):
    d = decide(STYLE_GAP, measured)
    (f,) = d.findings
    assert (f.code, f.where, d.outcome, d.measured) == ("measured_wrong", f"measured, {where}", "fine_tune", [])


# ---- What is not an answer

def test_unknown_names_come_with_the_nearest():
    d = decide({"gap": "behavior", "latencyy": "fast", "scale": "lots", 7: "x", "budget": ["hours"], "tools": True})
    assert all(f.code == "answer_unknown" and f.severity == "fatal" for f in d.findings)
    assert [f.fix for f in d.findings][:3] == ["Did you mean 'behaviour'?", "Did you mean 'latency'?", "Known: few, many, unknown."]
    assert {f.where for f in d.findings} == {"gap", "latencyy", "scale", "7", "budget", "tools"} and set(d.answers.values()) == {UNKNOWN}


@pytest.mark.parametrize("answers", [None, 3, ["gap"]])
def test_no_answers_at_all(answers):
    with pytest.raises(Trouble) as e: decide(answers)
    assert [f.code for f in e.value.findings] == ["answers_unreadable"]


@given(ANSWERS)
@often(30)
def test_a_saved_file_reads_back(answers):
    text = template(answers)
    assert yaml.safe_load(text) == answers and all(q.ask in text and q.why in text for q in QUESTIONS.values())


@pytest.mark.parametrize("text, answers", [
    ("gap: both\n", dict(gap="both")), ('{"gap": "both", "scale": null}', dict(gap="both")), ("answers:\n  gap: both\n", dict(gap="both")), ('{"answers": {"gap": "both"}}', dict(gap="both")), ("gap:\nscale: few\n", dict(scale="few")),
])
def test_files_that_can_be_read(tmp_path, text, answers):
    (tmp_path/"a.yaml").write_text(text)
    assert read_answers(tmp_path/"a.yaml") == answers and decide(str(tmp_path/"a.yaml")).answers == complete(answers)


@pytest.mark.parametrize("content, code, where", [
    (None, "file_missing", ""), (b"\xff\xfe\x00", "file_unreadable", ""), (b"", "answers_unreadable", ""), (b"- gap\n", "answers_unreadable", ""), (b"gap\n", "answers_unreadable", ""), (b"gap: both\n\tscale: few\n", "answers_unreadable", "line 2"),
    (b"gap: both\ngap: none\n", "answers_unreadable", "line 2"), (b'{"gap": "both",}', "answers_unreadable", "line 1"), (b"a: &a [*a]\n", "answer_unknown", "line 1"), (b"scale: few\ngap: behavior\n", "answer_unknown", "line 2, gap"),
    (b"answers:\n  gap: both\n  gapp: both\n", "answer_unknown", "line 3, gapp"), (b"tools: no\n", "answer_unknown", "line 1, tools"), (b"[" * 5000, "answers_unreadable", ""), (b'{"gap": ' + b"[" * 50000, "answers_unreadable", ""),
    (b"? [a, b]\n: 1\n", "answers_unreadable", ""),
])
def test_files_that_can_not(tmp_path, content, code, where):
    path = tmp_path/"answers.yaml"
    if content is not None: path.write_bytes(content)
    with pytest.raises(Trouble) as e: read_answers(path)
    assert {f.code for f in e.value.findings} == {code} and where in e.value.findings[0].where, str(e.value)


def test_a_folder_is_no_file_of_answers(tmp_path):
    with pytest.raises(Trouble) as e: read_answers(tmp_path)
    assert e.value.findings[0].code == "file_unreadable"


# ---- What is written

@pytest.mark.parametrize("name", SITUATIONS)
def test_the_report_of_every_outcome(tmp_path, name):
    d = decide(SITUATIONS[name][0])
    page = harmless(d.save(tmp_path/"decision.html").read_text(encoding="utf-8"), OURS | {"h2", "ul", "ol", "li", "b"})
    text = "".join(page.text)
    assert d.title in text and all(r["says"] in text for r in d.reasons) and all(q.ask in text for q in QUESTIONS.values()) and all(title in text for title in d.turns())
    assert text.count("◂") == (d.outcome != "not_yet") and all(column in text for column in table().columns.values())
    if d.outcome in ("prompt", "few_shot", "rag", "tools"): assert "Do not fine-tune" in text
    assert json.loads(json.dumps(d.as_dict()))["outcome"] == d.outcome


@pytest.mark.parametrize("evil", EVIL)
def test_figures_with_names_of_somebody_else(evil):
    d = decide(STYLE_GAP, dict(baselines=[{**baseline(evil, 5, 10), "metric": evil}, baseline("few_shot" + evil, 200, 200)], goal=0.9))
    harmless(d.html(), OURS | {"h2", "ul", "ol", "li", "b"})
    assert not re.search(r"<[a-zA-Z!/]", d._repr_markdown_())
    for line in d._repr_markdown_().splitlines():
        if line.startswith("|"): assert len(re.findall(r"(?<!\\)\|", line)) == len(table().columns) + 2


def test_markdown_and_text_say_the_same():
    d = decide(SITUATIONS["both gaps"][0])
    for r in d.reasons: assert r["says"] in d.text() and r["source"] in d.text()
    shown = d._repr_markdown_()
    assert shown.count("\n| ") == len(d.tradeoffs) + 1 and all(head in shown for head in ("**Why**", "**First steps**", "**Mind**", "**One other answer that would change it**"))
    assert repr(d) == d.text() and isinstance(d, Decision)


def test_nothing_is_overwritten_unasked(tmp_path):
    d, path = decide({}), tmp_path/"x"
    path.write_text("mine")
    for write in (lambda **k: d.save(path, **k), lambda **k: save_answers({}, path, **k)):
        with pytest.raises(Trouble) as e: write()
        assert e.value.findings[0].code == "file_not_written" and path.read_text() == "mine"
    d.save(path, over=True)
    decide(dict(gap="none")).save(path)  # an older report of ours
    assert "Prompt engineering" in path.read_text()
    for wrong in (tmp_path, tmp_path/"no"/"such"/"folder.html", "a\0b"):
        with pytest.raises(Trouble) as e: d.save(wrong)
        assert e.value.findings[0].code == "file_not_written"
    assert save_answers({}, tmp_path/"a.yaml") == save_answers({}, tmp_path/"a.yaml"), "the same content may be written twice"


def test_the_codes_are_in_the_catalogue(): assert {"answers_unreadable", "answer_unknown", "answers_contradict", "measured_wrong", "file_not_written"} <= CODES.keys()


# ---- Names and imports

def python(code): return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("first", ["", "import ftcourse.decide", "from ftcourse.decide import Question", "import importlib; importlib.import_module('ftcourse.decide')", "import ftcourse.wizards.decide", "from ftcourse import cost"])
def test_the_verb_and_its_room_share_a_name(first):
    assert python(f"{first}\nimport ftcourse\nfrom ftcourse import decide\nfrom ftcourse.decide import decide as same\nprint(decide is same is ftcourse.decide, decide({{}}).outcome)") == "True not_yet"


def test_deciding_needs_no_heavy_library():
    code = "import sys, ftcourse.decide, ftcourse.cost; from ftcourse import decide; decide(dict(gap='both')).html(); print([m for m in ('torch', 'transformers', 'plotly', 'pandas', 'ipywidgets') if m in sys.modules])"
    assert python(code) == "[]"


# ---- The command

def command(capsys, *args):
    from ftcourse import cli
    code = cli.main(["decide", *map(str, args)])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_questionnaire_is_a_file_of_answers(capsys, tmp_path):
    code, out, _ = command(capsys, "--questions")
    assert code == 0 and yaml.safe_load(out) == complete({})
    (tmp_path/"a.yaml").write_text(out.replace("tools: unknown", "tools: calculation"))
    code, out, err = command(capsys, "--answers", tmp_path/"a.yaml", "--json", "--report", tmp_path/"d.html")
    told = json.loads(out)
    assert code == 0 and told["outcome"] == "tools" and {"outcome", "title", "says", "reasons", "would_change", "tradeoffs", "findings"} <= told.keys() and {"rule", "says", "source"} <= told["reasons"][0].keys()
    assert (tmp_path/"d.html").exists() and "d.html" in err and command(capsys, "--answers", tmp_path/"a.yaml")[1].startswith("Tools or an agent\n")
    assert [q["id"] for q in json.loads(command(capsys, "--questions", "--json")[1])["questions"]] == list(QUESTIONS)


def test_the_command_takes_figures(capsys, tmp_path):
    (tmp_path/"a.json").write_text(json.dumps(STYLE_GAP))
    (tmp_path/"m.json").write_text(json.dumps(dict(baselines=[baseline("few_shot", 200, 200)], goal=0.9)))
    code, out, _ = command(capsys, "--answers", tmp_path/"a.json", "--measured", tmp_path/"m.json", "--json")
    assert code == 0 and json.loads(out)["outcome"] == "few_shot"
    (tmp_path/"m.json").write_text("{")
    assert command(capsys, "--answers", tmp_path/"a.json", "--measured", tmp_path/"m.json")[0] == 1 == command(capsys, "--answers", tmp_path/"a.json", "--measured", tmp_path/"none")[0]


def test_what_the_command_refuses(capsys, tmp_path):
    (tmp_path/"a.yaml").write_text("gap: behavior\n")
    code, out, err = command(capsys, "--answers", tmp_path/"a.yaml", "--json")
    (f,) = json.loads(out)["findings"]
    assert code == 1 and f["code"] == "answer_unknown" and f["where"].endswith("line 1, gap") and "behaviour" in f["fix"] and "Traceback" not in err
    assert command(capsys)[0] == 2 and command(capsys, "--answers", tmp_path/"no.yaml")[0] == 1
    (tmp_path/"a.yaml").write_text("latency: offline\nmodel: api\n")
    code, out, _ = command(capsys, "--answers", tmp_path/"a.yaml", "--json")
    assert code == 0 and json.loads(out)["outcome"] == "not_yet" and json.loads(out)["findings"][0]["code"] == "answers_contradict"


# ---- The wizard, where no browser is

@pytest.fixture
def wizard(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    from ftcourse import DecideWizard
    return DecideWizard


def test_answers_survive_every_click(wizard):
    w = wizard()
    w.set(SITUATIONS["tickets"][0])
    before = w.answers
    for b in (*w.steps.values(), w.next, w.next, w.back, w.back, w.back, w.next): b.click()
    assert w.answers == before == complete(SITUATIONS["tickets"][0]) and "Fine-tuning" in w.status.value and not w.message.value
    for step in w.pages:
        w.go(step)
        assert [a.box for a in w.asks.values() if a.question.step == step] == list(w.place.children[0].children)
    assert w.next.disabled and not w.back.disabled and "'gap': 'behaviour'" in html.unescape(w.code.value) and "unknown" not in w.code.value


@given(st.lists(st.tuples(st.sampled_from(list(QUESTIONS)), st.integers(0, 5)), max_size=8))
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
def test_the_screen_shows_what_the_function_says(clicks):
    from ftcourse import DecideWizard
    w = DecideWizard("no-such-file.yaml")
    for q, i in clicks: w.asks[q].choice.value = list(QUESTIONS[q].answers)[i % len(QUESTIONS[q].answers)]
    d = decide(w.answers)
    assert w.decision.as_dict() == d.as_dict() and d.title in w.status.value
    clashing = {q for pair, _ in contradictions(w.answers) for q in pair}
    assert {q for q, a in w.asks.items() if a.clash.value} == clashing
    assert {s for s, b in w.steps.items() if "⚠" in b.description} == {QUESTIONS[q].step for q in clashing}


def test_files_of_others_stay(wizard, tmp_path):
    (tmp_path/"answers.yaml").write_text("my shopping list\n")
    w = wizard()
    assert "answers_unreadable" in w.message.value and set(w.answers.values()) == {UNKNOWN}
    w.set(dict(gap="both"))
    w.save.click()
    assert "file_not_written" in w.message.value and (tmp_path/"answers.yaml").read_text() == "my shopping list\n" and w.replace.layout.display == "" and w.answers["gap"] == "both"
    w.path.value = "mine.yaml"
    w.save.click()
    assert read_answers(tmp_path/"mine.yaml") == w.answers and w.replace.layout.display == "none" and (tmp_path/"answers.yaml").read_text() == "my shopping list\n"
    w.set(dict(scale="many"))
    w.save.click()  # its own file: no question
    assert read_answers(tmp_path/"mine.yaml")["scale"] == "many" and "Wrote the answers" in w.message.value
    again = wizard("mine.yaml")
    assert again.answers == w.answers and "Continued" in again.message.value
    (tmp_path/"mine.yaml").write_text("gap: none\n")  # changed by somebody else since it was read
    again.save.click()
    assert (tmp_path/"mine.yaml").read_text() == "gap: none\n"
    again.replace.click()
    assert read_answers(tmp_path/"mine.yaml") == w.answers


def test_a_place_that_can_not_be_written(wizard, tmp_path):
    w = wizard()
    w.report.value = "no/such/folder/d.html"
    w.export.click()
    assert "file_not_written" in w.message.value and w.replace.layout.display == "none" and "Traceback" not in w.message.value
    w.report.value = "<b>.html"
    w.export.click()
    assert (tmp_path/"<b>.html").exists() and "<b>.html" not in w.message.value
    w.set(dict(gap="none"))
    w.export.click()
    assert "Prompt engineering" in (tmp_path/"<b>.html").read_text(encoding="utf-8")


def test_the_wizard_cites_figures(wizard):
    w = wizard(measured=dict(baselines=[baseline("few_shot", 200, 200)], goal=0.9))
    w.set(STYLE_GAP)
    assert "Few-shot" in w.status.value and "100.0 %" in w.shown.value and ", measured" in w.code.value


# ---- The wizard in a browser

@pytest.mark.browser
def test_a_walk_to_saved_answers(notebook):
    "By mouse and by keyboard, with a contradiction on the way, dark and narrow, and the report at the end"
    for name in ("answers.yaml", "decision.html"): (notebook.folder/name).unlink(missing_ok=True)
    page = notebook("from ftcourse import DecideWizard\nDecideWizard()")
    page.wait_for_selector(".ft-q-clarity input", timeout=60_000)
    choose = lambda q, text: page.locator(f".ft-q-{q} label", has_text=text).click()
    says = lambda text: page.wait_for_function("t => document.querySelector('.ft-decide-status').innerText.includes(t)", arg=text, timeout=20_000)
    says("Not yet")
    choose("gap", "It knows enough")
    says("Prompt engineering")
    page.locator(".ft-q-tried input").nth(1).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # scored on test rows
    page.wait_for_function("() => [...document.querySelectorAll('.ft-q-tried input')].map(i => i.checked).join() === 'false,false,true,false,false'")
    page.locator(".ft-next").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".ft-q-citations input", state="visible")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ft-q-examples input", state="visible")
    choose("examples", "50 to 1,000")
    says("Fine-tuning")
    page.click(".ft-step-running")
    page.wait_for_selector(".ft-q-model input", state="visible")
    choose("latency", "without any network")
    choose("model", "API")
    says("Not yet")
    page.wait_for_function("() => document.querySelectorAll('.ft-decide [role=alert]').length === 2")
    notebook.screen(page, "decide-contradiction")
    choose("model", "fits one GPU")
    says("Fine-tuning")
    page.click(".ft-step-task")
    page.wait_for_selector(".ft-q-gap input", state="visible")
    assert page.locator(".ft-q-gap input").nth(1).is_checked(), "nothing is lost on the way"
    page.click(".ft-save")
    page.wait_for_function("() => document.querySelector('.ft-decide').innerText.includes('Wrote the answers')")
    page.click(".ft-export")
    page.wait_for_function("() => document.querySelector('.ft-decide').innerText.includes('Wrote the report')")
    given = read_answers(notebook.folder/"answers.yaml")
    assert {q: a for q, a in given.items() if a != UNKNOWN} == dict(gap="behaviour", tried="measured", examples="some", latency="offline", model="small")
    assert decide(given).outcome == "fine_tune" and "Fine-tuning" in (notebook.folder/"decision.html").read_text(encoding="utf-8")
    for theme, width in (("JupyterLab Light", 1200), ("JupyterLab Dark", 1200), ("JupyterLab Dark", 620)):
        notebook.theme(page, theme)
        page.set_viewport_size(dict(width=width, height=1000))
        page.wait_for_timeout(600)
        notebook.screen(page, f"decide-{theme.split()[1].lower()}-{width}")
        wide = page.evaluate("() => { const b = document.querySelector('.ft-decide').getBoundingClientRect(); return [...document.querySelectorAll('.ft-decide label, .ft-decide p, .ft-decide li, .ft-decide button')].filter(e => e.offsetParent && e.getBoundingClientRect().right > b.right + 2).length; }")
        assert wide == 0, f"{wide} pieces stick out at {width} pixels"
    page.set_viewport_size(dict(width=1200, height=1000))
    notebook.theme(page, "JupyterLab Light")
