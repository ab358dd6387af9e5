"""Duplicates: what counts as the same, near pairs against brute force, and a step that accounts for every row."""
import json
import random
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from ftcourse.data.duplicates import (RECALL, Alike, _numbers, _sets, bands, chance, clusters_table, duplicates, example, folded, jaccard, mark, parts, prompt_mark, shingles)
from ftcourse.findings import CODES, Trouble
from tests.test_units import EVIL

WORDS = "order parcel refund invoice account password reset delete change address late broken wrong size colour blue red green monday friday please thanks hello urgent mail phone shop return label street city".split()


def ask(q, a="", **more): return dict(messages=[dict(role="user", content=q), dict(role="assistant", content=a)], **more)

def made(n, seed=0, answers=True):
    "Rows with known families: about a fifth are an earlier one with some words changed."
    rng, out = random.Random(seed), []
    while len(out) < n:
        words = rng.choice(out[-50:]).split() if out and rng.random() < 0.3 else [rng.choice(WORDS) + rng.choice(("", "s", "ing", "ed", "x")) for _ in range(rng.randint(3, 40))]
        for _ in range(rng.randint(0, max(1, len(words) // 8))): words[rng.randrange(len(words))] = rng.choice(WORDS)
        out.append(" ".join(words))
    return [ask(t, f"answer {len(t) % 3}" if answers else "") for t in out]

anything = st.text(max_size=30) | st.sampled_from(EVIL) | st.sampled_from(["a", "A", "a ", "\u00e9", "e\u0301", "我的订单在哪里", "我的订单在哪儿", "שלום", "🙂", "\ud83d", "\0", ""])
some_rows = st.lists(st.builds(ask, anything, st.sampled_from(["", "yes", "no", "Yes ", '{"a": 1}', '{"a": 2}'])), max_size=12)


# ---- The same

@given(anything)
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text) and "\0" not in folded(text)
    assert folded(text.upper().lower()) == folded(text.upper()) and folded(f"  {text}\n") == folded(text)

@given(anything)
def test_unicode_forms_are_one(text): assert folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))

def test_marks_see_where_one_text_ends(): assert len({mark("a", "b"), mark("ab"), mark("ab", ""), mark("", "ab")}) == 4

@pytest.mark.parametrize("row", [dict(text="x"), dict(input_ids=[1, 2]), dict(prompt=[dict(role="user", content="q")], chosen=[dict(role="assistant", content="a")], rejected=[dict(role="assistant", content="b")]),
                                 dict(prompt=[dict(role="user", content="q")], completion=[dict(role="assistant", content="a")], score=0.5), dict(messages=[dict(role="user", content=None)]), dict(messages=[]),
                                 dict(messages=[dict(role="user", content="q"), dict(role="assistant", content="", tool_calls=[dict(function=dict(name="f", arguments=dict(x=1)))])])])
def test_every_kind_of_row_has_parts(row):
    assert [type(p) for p in parts(row)] == [str] * 3 and example(row) is not None
    kept, rejected, report = duplicates([row, dict(row)])
    assert len(kept) == 1 and rejected[0]["code"] == "duplicate_row"

@pytest.mark.parametrize("other", [dict(label=False), dict(score=0.25), dict(completion=[dict(role="assistant", content="something quite different")])])
def test_rows_that_differ_where_it_counts_stay(other):
    row = dict(prompt=[dict(role="user", content="a question that is long enough to be near")], completion=[dict(role="assistant", content="an answer")], label=True, score=0.5)
    assert duplicates([row, {**row, **other}])[1] == []

def test_json_answers_must_be_equal():
    q = "Extract the fields of this long ticket about an order that never came."
    assert duplicates([ask(q, '{"order": 123456789, "kind": "late delivery", "urgency": "high"}'), ask(q + "!", '{"order": 123456780, "kind": "late delivery", "urgency": "high"}')])[1] == []


# ---- Near

@given(anything, anything)
def test_numbers_count_what_the_definition_counts(a, b):
    flat, ends = _sets([(folded(a),), (folded(b),)])
    x, y = set(flat[:ends[1]].tolist()), set(flat[ends[1]:].tolist())
    assert len(x) == len(shingles(a)) and len(x & y) / len(x | y) == jaccard(a, b)

def test_long_texts_are_hashed_as_short_ones():
    "Blocks end between texts, wherever the texts fall."
    texts = [("x" * n, "y" * (70_000 - n)) for n in (1, 65_000, 69_999)] + [("a", "")] * 3 + [("文" * 70_000, "z")]
    whole, ends = _numbers(texts)
    for k, t in enumerate(texts): assert np.array_equal(_numbers([t])[0], whole[ends[k]:ends[k + 1]])

@pytest.mark.parametrize("near", [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0])
def test_bands_propose_what_lies_at_the_threshold(near):
    b, r = bands(near)
    assert b * r <= 256 and chance(near, b, r) >= RECALL

@pytest.mark.parametrize("near, engine", [(0.5, "rensa"), (0.8, "rensa"), (0.9, "rensa"), (0.8, "numpy")])
def test_decisions_agree_with_brute_force(near, engine, monkeypatch):
    monkeypatch.setattr("ftcourse.data.duplicates.SMALL", 10**6)  # all pairs, not only those that a step needs
    rows = [parts(r)[1:] for r in made(300, seed=3)]
    sets = [tuple(map(shingles, r)) for r in rows]
    exact = {(i, j): min(len(a & b) / len(a | b) for a, b in zip(sets[i], sets[j])) for j in range(len(rows)) for i in range(j)}
    truth = {p for p, s in exact.items() if s >= near}
    found = Alike([tuple(map(folded, r)) for r in rows], near, engine)
    got = dict(zip(zip(*(x.tolist() for x in found.pairs[:2])), found.pairs[2].tolist()))
    assert all(got[p] == exact[p] for p in got) and not set(got) - truth, "what is proposed is decided exactly"
    close = [p for p, s in exact.items() if s >= near - 0.1]
    assert len(truth) > 15 and sum((p in got) == (p in truth) for p in close) >= 0.995 * len(close)

def test_the_two_ways_through_long_and_short_runs_agree(monkeypatch):
    import ftcourse.data.duplicates as room
    rows = [(folded(f"please write a nice story about a dog in the woods who eats nothing but carrots, number {i}"),) for i in range(40)] + [(folded(r["messages"][0]["content"]),) for r in made(200)]
    results = []
    for small, store in ((8, 10**9), (2, 10**9), (1000, 10**9), (8, 0)):
        monkeypatch.setattr(room, "SMALL", small); monkeypatch.setattr(room, "STORE", store)
        a = Alike(rows, 0.8)
        results.append((a.leaders([""] * len(rows)), a.clusters().tolist()))
    assert all(r == results[0] for r in results) and len(results[0][0]) > 30

def test_large_sets_take_the_way_with_less_memory(monkeypatch):
    import ftcourse.data.duplicates as room
    rows = made(300)
    before = duplicates(rows)[2]
    monkeypatch.setattr(room, "ONE_SHOT", 10)
    assert duplicates(rows)[2] == before

def test_chains_do_not_melt_down():
    words = [f"word{i}" for i in range(60)]
    chain = [ask(" ".join(words[k:k + 30])) for k in range(0, 20, 2)]  # each near its neighbours alone
    kept, rejected, _ = duplicates(chain)
    assert 1 < len(kept) < len(chain) and duplicates(kept)[1] == []


# ---- The step

@settings(deadline=None, max_examples=60)
@given(some_rows, st.sampled_from(("row", "prompt")), st.sampled_from(("longest", "complete", "first")), st.sampled_from((0, 0.5, 0.8, 1.0)))
def test_every_row_is_accounted_for_and_twice_is_once(rows, scope, keep, near):
    kept, rejected, report = duplicates(rows, near, scope, keep)
    assert report["rows_in"] == len(rows) == len(kept) + len(rejected) == report["kept"] + report["rejected"] and sum(report["reasons"].values()) == len(rejected)
    assert duplicates(kept, near, scope, keep)[:2] == (kept, []) and json.dumps(report)
    assert all(r["code"] in CODES and r["step"] == "duplicates" for r in rejected)
    places = iter(rows)
    assert all(any(k is r for r in places) for k in kept), "in their order, and the very rows"

@settings(deadline=None, max_examples=60)
@given(some_rows, st.randoms(use_true_random=False), st.sampled_from(("row", "prompt")), st.sampled_from(("longest", "complete")))
def test_the_order_of_the_rows_does_not_matter(rows, rng, scope, keep):
    other = rows[:]
    rng.shuffle(other)
    said = lambda rs: sorted(json.dumps(r, sort_keys=True) for r in rs)
    assert said(duplicates(rows, scope=scope, keep=keep)[0]) == said(duplicates(other, scope=scope, keep=keep)[0])

@pytest.mark.parametrize("keep, stays", [("longest", 1), ("complete", 2), ("first", 0)])
def test_the_best_row_stays(keep, stays):
    rows = [ask("the same question", "short"), ask("The same question", "a long answer"), ask("the same question ", "mid", meta=dict(source="x", language="en"))]
    assert duplicates(rows, scope="prompt", keep=keep)[0] == [rows[stays]]

def test_rejected_rows_say_where():
    rows = [ask("a question that is long enough to count", "x", origin=dict(file="t.jsonl", line=n)) for n in (3, 8)]
    _, rejected, report = duplicates(rows)
    assert rejected == [dict(file="t.jsonl", line=8, step="duplicates", code="duplicate_row", says="The same as t.jsonl, line 3.")]
    assert report["clusters"]["largest"][0]["size"] == 2

def test_contradictions_are_told():
    (f,) = duplicates([ask("Is it late?", "yes"), ask("is it  late?", "no"), ask("Is it red?", "no")])[2]["findings"]
    assert f["code"] == "rows_contradict" and "yes" in f["says"] and "no" in f["says"]

def test_a_template_is_told():
    long = "Read the following ticket carefully and answer with the one label that fits it best, and with nothing else but the label: "
    report = duplicates([ask(long + w, "late") for w in WORDS])[2]
    assert [f["code"] for f in report["findings"]] == ["near_duplicates_many"]
    report = duplicates([dict(messages=[dict(role="system", content=long), *ask(w, "late")["messages"]]) for w in WORDS])[2]
    assert report["findings"] == [] and report["rejected"] == 0

@pytest.mark.parametrize("wrong", [dict(near=-1), dict(near=0.05), dict(near=2), dict(near=True), dict(near="0.8"), dict(near=float("nan")), dict(scope="all"), dict(keep="last")])
def test_wrong_use_is_said(wrong):
    with pytest.raises(Trouble): duplicates([], **wrong)

@pytest.mark.parametrize("text", EVIL)
def test_text_is_text_in_the_table(text):
    shown = str(clusters_table(duplicates([ask(text, text), ask(text + " ", text)])[2]))
    assert "<script" not in shown and "<img" not in shown

def test_without_rensa_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "rensa", None)
    rows = made(60)
    kept, _, report = duplicates(rows)
    assert report["engine"] == "numpy" and "sketches_slow" in [f["code"] for f in report["findings"]]
    monkeypatch.undo()
    assert kept == duplicates(rows)[0]

def test_import_is_light():
    code = "import sys, ftcourse.data.duplicates, ftcourse.data.split, ftcourse.data.balance; print([m for m in ('numpy', 'rensa', 'sklearn', 'torch', 'plotly', 'pandas', 'py3langid') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"

@pytest.mark.slow
def test_a_template_of_many_rows_stays_in_bounds():
    rng = random.Random(0)
    rows = [ask(f"Translate the following sentence to German: {rng.choice(WORDS)} {rng.choice(WORDS)} {rng.choice(WORDS)}{i}") for i in range(5000)]
    kept, rejected, report = duplicates(rows)
    assert len(kept) + len(rejected) == 5000
