"""The split: no unit on two sides, sides that stay, every row accounted for; and leaks that are found when planted."""
import json
import random
from collections import Counter

import pytest
from hypothesis import assume, given, settings, strategies as st

from ftcourse.data.duplicates import jaccard
from ftcourse.data.split import LEAST, SIDES, advised, leaks, leaks_table, moment, place, side_of, sides_of, split, units
from ftcourse.findings import CODES, Trouble
from ftcourse.success import examples_needed
from tests.test_duplicates import made
from tests.test_units import EVIL


def ask(q, a="", **meta): return dict(messages=[dict(role="user", content=q), dict(role="assistant", content=a)], meta=meta)
def prompt(row): return row["messages"][0]["content"]
def sizes(sides): return {s: len(sides[s]) for s in SIDES}
def places(sides): return {json.dumps(r, sort_keys=True): s for s in SIDES for r in sides[s]}

words = st.sampled_from("how do i reset the password of my account where is order invoice parcel late 我的 订单 שלום".split())
prompts = st.lists(words, max_size=12).map(" ".join) | st.sampled_from(EVIL)
some_rows = st.lists(st.builds(lambda q, a, g, l: ask(q, a, customer=g, label=l), prompts, st.sampled_from(["yes", "no"]), st.sampled_from([None, "A", "B", "C", "D"]), st.sampled_from(["x", "y", "z"])), max_size=25)
shares = st.sampled_from([(0.1, 0.1), (0.3, 0.4), (0.0, 0.5), (0.2, 0.0), (0.0, 0.0)])


# ---- Properties

@settings(deadline=None, max_examples=80)
@given(some_rows, shares, st.sampled_from([None, "customer", ["customer", "label"]]), st.sampled_from([None, "label"]), st.booleans(), st.integers(0, 3), st.sampled_from([0, 0.6, 0.8]), st.randoms(use_true_random=False))
def test_nothing_is_lost_nothing_leaks_and_order_does_not_matter(rows, share, group, stratify, exact, seed, near, rng):
    asked = dict(valid=share[0], test=share[1], group=group, stratify=stratify, exact=exact, seed=seed, near=near)
    sides, report, found = split(rows, **asked)
    assert report["rows_in"] == len(rows) == sum(map(len, sides.values())) + report["rejected"] and report["rejected"] == len(report["rejected_rows"]) == 0
    assert json.dumps(report) and all(f.code in CODES for f in found)
    at = {id(r): s for s in SIDES for r in sides[s]}
    unit = units(rows, group, near)[0]
    for u in set(unit): assert len({at[id(r)] for r, v in zip(rows, unit) if v == u}) == 1
    for field in ([group] if isinstance(group, str) else group or []):
        for value in {r["meta"][field] for r in rows} - {None}: assert len({at[id(r)] for r in rows if r["meta"][field] == value}) == 1
    if near and leaks(sides["train"], sides["test"], near, 0)[0]["leaks"]: pytest.fail("a leak")
    other = rows[:]
    rng.shuffle(other)
    assert Counter(places(split(other, **asked)[0]).items()) == Counter(places(sides).items())

@settings(deadline=None, max_examples=80)
@given(some_rows, some_rows, shares, st.sampled_from([None, "customer"]), st.sampled_from([None, "label"]), st.booleans(), st.sampled_from([0, 0.6, 0.8]))
def test_rows_added_move_none_with_the_sides_of_the_first_split(rows, more, share, group, stratify, exact, near):
    asked = dict(valid=share[0], test=share[1], group=group, stratify=stratify, exact=exact, near=near)
    first = split(rows, **asked)[0]
    sides, report, found = split(rows + more, **asked, sides=json.loads(json.dumps(sides_of(first, group))))
    at = {id(r): s for s in SIDES for r in sides[s]}
    assert all(at[id(r)] == s for s in SIDES for r in first[s])
    assert len(rows) + len(more) == len(at) + report["rejected"] and {r["code"] for r in report["rejected_rows"]} <= {"row_between_sides"}
    if near: assert leaks(sides["train"], sides["test"], near, 0)[0]["near"] == 0

@settings(deadline=None, max_examples=60)
@given(some_rows, some_rows, shares, st.integers(0, 3))
def test_without_near_duplicates_the_side_is_a_function_of_the_row_alone(rows, more, share, seed):
    asked = dict(valid=share[0], test=share[1], seed=seed, near=0)
    first, second = (places(split(r, **asked)[0]) for r in (rows, rows + more))
    assert all(second[k] == s for k, s in first.items())

def test_groups_never_move_without_the_sides():
    rng = random.Random(0)
    rows = [ask(f"{i} " * 3, customer=rng.randrange(40)) for i in range(200)]
    first, second = (places(split(r, group="customer", near=0)[0]) for r in (rows[:100], rows))
    assert all(second[k] == s for k, s in first.items())

def test_another_seed_is_another_split():
    rows = [ask(str(i)) for i in range(300)]
    assert len({tuple(sorted(map(prompt, split(rows, near=0, seed=s)[0]["test"]))) for s in range(5)}) == 5

def test_shares_are_met_on_average():
    n = Counter(side_of(place(str(i), s), 0.1, 0.2) for s in range(10) for i in range(5000))
    assert abs(n["test"] / 50_000 - 0.2) < 0.006 and abs(n["valid"] / 50_000 - 0.1) < 0.005

def test_changing_the_validation_share_moves_no_test_row():
    rows = [ask(str(i)) for i in range(500)]
    assert split(rows, valid=0.05)[0]["test"] == split(rows, valid=0.3)[0]["test"]


# ---- Labels

def test_a_rare_label_is_on_each_side():
    rows = [ask(f"row {i} {i * 7919}", label="rare" if i % 60 == 0 else "usual") for i in range(300)]
    for seed in range(10):
        _, report, found = split(rows, stratify="label", seed=seed, near=0)
        assert all(report["labels"][s].get("rare") for s in SIDES) and "label_not_tested" not in [f.code for f in found]

def test_too_rare_a_label_is_told():
    rows = [ask(f"row {i} {i * 7919}", label="usual") for i in range(100)] + [ask("one of a kind", label="unique")]
    seed = next(s for s in range(20) if side_of(split(rows, seed=s, near=0)[1] and place(units(rows)[1][-1][0], s), 0.1, 0.1) == "train")
    assert LEAST == 3 and "label_not_tested" in [f.code for f in split(rows, stratify="label", seed=seed, near=0)[2]]

@pytest.mark.parametrize("seed", range(5))
def test_exact_meets_the_share_of_each_label(seed):
    rows = [ask(f"row {i} {i * 7919}", label="abc"[i % 3]) for i in range(300)]
    report = split(rows, stratify="label", exact=True, seed=seed, near=0)[1]
    assert report["labels"] == dict(train=dict(a=80, b=80, c=80), valid=dict(a=10, b=10, c=10), test=dict(a=10, b=10, c=10))


# ---- Time

def test_nothing_in_training_is_newer_than_the_boundary():
    rng = random.Random(1)
    rows = [ask(prompt(r) + f" {i}", date=f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}") for i, r in enumerate(made(400))]
    sides, report, _ = split(rows, time="date", near=0.7)
    assert all(moment(r["meta"]["date"]) < report["boundaries"]["valid"] for r in sides["train"])
    assert 0.05 < len(sides["test"]) / 400 < 0.3 and leaks(sides["train"], sides["test"], 0.7, 0)[0]["leaks"] == 0
    again, _, _ = split(rows + [ask(f"newer {i}", date="2027-01-01") for i in range(100)], time="date", near=0.7, boundaries=report["boundaries"])
    assert all(places(again)[k] == s for k, s in places(sides).items())

def test_rows_without_a_date_are_listed():
    rows = [ask(str(i), date=f"2026-01-{i:02}") for i in range(1, 11)] + [ask("undated"), ask("odd", date="03/04/2026")]
    sides, report, found = split(rows, time="date", near=0)
    assert report["rejected"] == 2 and len(rows) == 2 + sum(map(len, sides.values())) and {r["code"] for r in report["rejected_rows"]} == {"row_time_unreadable"}
    assert "row_time_unreadable" in [f.code for f in found]
    with pytest.raises(Trouble): split(rows, time="nothing")
    assert split([], time="nothing")[1]["kept"] == 0

@pytest.mark.parametrize("value", ["", "last week", True, None, [], {}, float("inf"), "99999-01-01", "0001-01-01T00:00:00+23:00", 10**400 // 10**380, "1" * 400])
def test_odd_dates_are_no_crash(value): assert moment(value) is None or isinstance(moment(value), float)


# ---- Sides of an earlier split

def test_a_row_between_two_sides_is_left_out():
    a, b = (ask(" ".join(f"word{i}" for i in range(k, k + 40))) for k in (0, 8))
    between = ask(" ".join(f"word{i}" for i in range(4, 44)))
    assert jaccard(prompt(a), prompt(b)) < 0.8 <= min(jaccard(prompt(a), prompt(between)), jaccard(prompt(b), prompt(between)))
    sides, report, found = split([a, b, between], sides=sides_of(dict(train=[a], valid=[], test=[b])))
    assert sides["train"] == [a] and sides["test"] == [b] and [r["code"] for r in report["rejected_rows"]] == ["row_between_sides"] and "sides_conflict" in [f.code for f in found]

@pytest.mark.parametrize("sides", [{"x": "train"}, {"x": "elsewhere"}, {}])
def test_sides_of_other_rows_do_no_harm(sides): assert split([ask("a"), ask("b")], sides=sides)[0] == split([ask("a"), ask("b")])[0]


# ---- Small and large, wrong use

@pytest.mark.parametrize("n", range(6))
def test_tiny_sets_are_told(n):
    _, report, found = split([ask(f"row {i}") for i in range(n)])
    assert report["rows_in"] == n and (n == 0 or {f.code for f in found} & {"test_set_empty", "test_set_small", "train_set_empty"})

def test_one_large_unit_is_told():
    assert "unit_large" in [f.code for f in split([ask(f"row {i}", customer="A" if i % 2 else str(i)) for i in range(60)], group="customer", near=0)[2]]

@pytest.mark.parametrize("wrong", [dict(valid=-0.1), dict(test=1.5), dict(valid=0.5, test=0.5), dict(test=True), dict(test="0.1"), dict(near=7), dict(test=float("nan"))])
def test_wrong_shares_are_said(wrong):
    with pytest.raises(Trouble): split([ask("a")], **wrong)

@given(st.integers(0, 10**7), st.none() | st.integers(0, 10**5))
def test_advice_is_possible(n, needed):
    a = advised(n, needed)
    assert 0 <= a["test"] <= 0.3 and 0 <= a["valid"] <= 0.1 and isinstance(a["says"], str)
    assert not a["enough"] or a["test_rows"] >= (needed or 0)

def test_advice_brings_enough_test_rows():
    needed = examples_needed(0.6, 0.1).n
    rows = [ask(f"row {i} {i * 7919}") for i in range(4000)]
    a = advised(len(rows), needed)
    assert sum(len(split(rows, a["valid"], a["test"], seed=s, near=0)[0]["test"]) >= needed for s in range(10)) >= 9


# ---- Leaks

def test_planted_leaks_are_found():
    train = made(300, seed=5)
    clean = [ask(f"nothing of the kind {i * 7919} stands there") for i in range(20)]
    exact = [ask(prompt(r).upper()) for r in train[:5]]
    near = [ask(prompt(r) + " zz") for r in train if len(prompt(r)) > 120][:5]
    passage = [ask("Explain this: " + " ".join(prompt(r).split()[:14]) + " and tell me what you think of it, in your own words, please, as far as you can") for r in train if len(prompt(r).split()) > 30][:5]
    report, found = leaks(train, clean + exact + near + passage)
    assert set(range(20, 35)) <= set(report["rows"]) and not set(range(20)) & set(report["rows"]) and report["exact"] >= 5 and report["passage"] >= 1
    assert {f.code for f in found} == {"test_row_in_train", "passage_in_train"} and json.dumps(report)

def test_a_template_is_no_passage():
    template = "Read the following ticket carefully and answer with the one label that fits it best, and nothing else:"
    rows = [ask(f"{template} {i * 7919} {i * 31 % 1000}") for i in range(60)]
    assert leaks(rows[:40], rows[40:], near=0)[0]["passage"] == 0

def test_short_rows_and_scripts_without_spaces():
    report = leaks([ask("我的订单在哪里我已经等了三个星期了请尽快告诉我")], [ask("请问我的订单在哪里我已经等了三个星期了谢谢你"), ask("我的订单")], near=0)[0]
    assert report["rows"] == [0] and report["short"] == 1

@pytest.mark.parametrize("train, other", [([], []), ([ask("a")], []), ([], [ask("a")]), ([dict(text="a b c " * 9)], [dict(text="a b c " * 9)]), ([dict(input_ids=[1])], [dict(input_ids=[1])])])
def test_edges_of_leaks(train, other): assert leaks(train, other)[0]["leaks"] == (1 if train and other else 0)

def test_rows_overlap_is_the_other_code():
    assert [f.code for f in leaks([ask("a b")], [ask("A  b")], where_code="rows_overlap")[1]] == ["rows_overlap"]

@pytest.mark.parametrize("wrong", [dict(ngram=3), dict(ngram=1.5), dict(near=9)])
def test_wrong_use_of_leaks(wrong):
    with pytest.raises(Trouble): leaks([], [], **wrong)

@pytest.mark.parametrize("text", EVIL)
def test_text_is_text(text):
    shown = str(leaks_table(leaks([ask(text, text)], [ask(text, text)])[0]))
    assert "<script" not in shown and "<img" not in shown
