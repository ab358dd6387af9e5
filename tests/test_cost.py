"""Costs: sums that add up, a break-even that is the crossing of two lines and nothing else, and numbers that can't be, named."""
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings, strategies as st

from ftcourse.cost import RANGES, Approach, Price, approaches, break_even, checked, compare_costs, cost_figure, hosted_price, payback, training_cost
from ftcourse.findings import Trouble


def often(n): return settings(max_examples=n, deadline=None, derandomize=True, database=None)


MONEY = st.decimals(0, 1000, places=2).map(float)
TOKENS = st.integers(0, 20_000)
PRICES = st.builds(Price, st.decimals("0.01", 100, places=2).map(float), st.decimals("0.01", 400, places=2).map(float))
WAYS = st.builds(lambda a, b, p, m, o: Approach("x", a, b + 1, p, m, o), TOKENS, TOKENS, PRICES, MONEY, MONEY)
MONTHS = st.sampled_from([0.5, 1, 6, 12, 36])


@given(WAYS, WAYS, MONTHS)
@often(400)
def test_break_even_is_the_crossing(tuned, other, months):
    "Exactly equal there, cheaper on the side that is said, dearer on the other; and never or always where the lines don't cross"
    b = break_even(tuned, other, months)
    cost = lambda r: (tuned.month(r, months), other.month(r, months))
    if b.kind in ("from", "below"):
        a, o = cost(b.requests)
        assert a == o and b.requests > 0
        near, far = (cost(b.requests * Fraction(x)) for x in ("0.99", "1.01"))
        assert (near[0] > near[1] and far[0] < far[1]) if b.kind == "from" else (near[0] < near[1] and far[0] > far[1])
    else:
        assert b.requests is None
        for r in (1, 1000, 10**9):
            a, o = cost(r)
            assert {"always": a < o, "never": a >= o, "same": a == o}[b.kind]


@given(WAYS, WAYS, MONTHS)
@often(100)
def test_break_even_turns_around(tuned, other, months):
    back = break_even(other, tuned, months)
    there = break_even(tuned, other, months)
    assert back.requests == there.requests and back.kind == {"from": "below", "below": "from", "same": "same"}.get(there.kind, back.kind)


def test_the_first_request_that_is_cheaper():
    plain, tuned = Approach("prompt", 1000, 0, Price(1, 1)), Approach("tuned", 0, 1000, Price(1, 0.5), once=6)  # 0.0010 against 0.0005 a request, 0.50 a month
    b = break_even(tuned, plain)
    assert b.requests == 1000 and "from 1,001 requests a month" in b.says and tuned.month(1001, 12) < plain.month(1001, 12) and tuned.month(1000, 12) == plain.month(1000, 12)
    assert break_even(tuned, plain, months=6).requests == 2000, "spread over half the time it takes twice the traffic"
    assert repr(b) == b.says


def test_never_and_always():
    plain = Approach("prompt", 1000, 0, Price(1, 1))
    for other, kind in ((Approach("tuned", 1000, 0, Price(1, 1), once=1), "never"), (Approach("tuned", 2000, 0, Price(1, 1)), "never"), (Approach("tuned", 500, 0, Price(1, 1)), "always"), (Approach("tuned", 1000, 0, Price(1, 1)), "same")):
        b = break_even(other, plain)
        assert b.kind == kind and b.requests is None and {"never": "never cheaper", "always": "at any traffic", "same": "cost the same"}[kind] in b.says
    assert break_even(Approach("tuned", 2000, 0, Price(1, 1)), Approach("prompt", 1000, 0, Price(1, 1), monthly=5)).kind == "below"


@given(WAYS, WAYS, st.integers(1, 10**7))
@often(200)
def test_payback_is_when_the_savings_reach_the_training(tuned, other, requests):
    months = payback(tuned, other, requests)
    total = lambda w, m: w.month(requests) * m + Fraction(repr(w.once))
    if months is None:
        assert total(tuned, 10**12) >= total(other, 10**12), "in the long run it never pays"
    else:
        assert months >= 0
        if months: assert total(tuned, months) == total(other, months)
        assert total(tuned, months + 1) <= total(other, months + 1)


@given(st.lists(WAYS, min_size=1, max_size=4), st.integers(0, 10**8), MONTHS)
@often(100)
def test_the_table_adds_up(ways, requests, months):
    for row, w in zip(compare_costs(ways, requests, months).rows, ways):
        assert row["month"] == pytest.approx(row["request"] * requests + w.monthly) and row["tokens_month"] == (w.input_tokens + w.output_tokens) * requests
        assert row["total"] == pytest.approx(row["month"] * months + w.once)


@given(st.integers(1, 5000), st.integers(1, 500), st.integers(1, 500), st.integers(1, 500), st.integers(1, 20), PRICES)
@often(100)
def test_a_tuned_model_reads_the_least(instruction, question, answer, example, examples, price):
    ways = {w.name: w for w in approaches(instruction, question, answer, price, example=example, examples=examples, passage=example, passages=examples)}
    assert [*ways] == ["prompt", "few_shot", "rag", "tuned"]
    assert ways["tuned"].request() < ways["prompt"].request() < ways["few_shot"].request() == ways["rag"].request() and {w.output_tokens for w in ways.values()} == {answer}


def test_what_adds_nothing_is_left_out(): assert [w.name for w in approaches(10, 10, 10, Price(1, 1))] == ["prompt", "tuned"]


@given(st.decimals("0.01", 100, places=2).map(float), st.integers(1, 10**6), st.integers(1, 10**5), st.sampled_from([0.01, 0.1, 0.5, 1]), st.integers(1, 8))
@often(100)
def test_an_hour_of_a_gpu_is_paid_by_the_tokens_of_an_hour(gpu_hour, read, write, utilisation, gpus):
    p = hosted_price(gpu_hour, read, write, utilisation, gpus)
    busy = 3600 * Fraction(repr(utilisation))
    assert p.input * read * busy / 10**6 == p.output * write * busy / 10**6 == Fraction(repr(gpu_hour)) * gpus
    assert hosted_price(gpu_hour, read, write, utilisation / 2, gpus).output == 2 * p.output, "half the work, twice the price"


def test_training_is_hours_times_price():
    assert training_cost(rows=1000, row=360, epochs=2, tokens_per_s=200, gpu_hour=3) == 3 and training_cost(1000, 360, 2, 200, 3, gpus=2, runs=5, labour=0.5) == Fraction(61, 2)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "12", None, True, [1], 10**400, 1j])
@pytest.mark.parametrize("field", sorted(RANGES))
def test_numbers_that_can_not_be(field, value):
    with pytest.raises(Trouble) as e: checked(**{field: value})
    (f,) = e.value.findings
    assert f.code == "number_out_of_range" and f.where == f"cost, {field}" and RANGES[field][2] in f.fix and "Traceback" not in f.says


@pytest.mark.parametrize("field", sorted(RANGES))
def test_every_range_ends_somewhere(field):
    low, high, _ = RANGES[field]
    checked(**{field: low})
    checked(**{field: high})
    for wrong in (low - 0.00001 if low else -1, high * 1.5):
        with pytest.raises(Trouble): checked(**{field: wrong})


@pytest.mark.parametrize("call, fields", [
    (lambda: Price(-1, 1), ["input"]), (lambda: Price(0, 0), ["input and output"]), (lambda: Price(1, "dear"), ["output"]),
    (lambda: hosted_price(0, 0, 0, 0, 0), ["gpu_hour", "read", "write", "utilisation", "gpus"]), (lambda: hosted_price(1, 1, 1, 1.2), ["utilisation"]), (lambda: hosted_price(10**7, 10**6 * 10, 0.01, 0.001), ["write"]),
    (lambda: training_cost(0, 1, 1, 0, 1), ["rows", "tokens_per_s"]), (lambda: training_cost(1, 1, -3, 1, 1), ["epochs"]), (lambda: training_cost(1, 1, 1, 1, 1, runs=0, labour=-1), ["runs", "labour"]),
    (lambda: Approach("a", 0, 0, Price(1, 1)), ["input_tokens of 'a'"]), (lambda: Approach("a", -5, 1, Price(1, 1), monthly=-1), ["input_tokens", "monthly"]), (lambda: Approach("a", 1, 1, Price(1, 1), once=math.nan), ["once"]),
    (lambda: approaches(-1, 1, 1, Price(1, 1)), ["instruction"]), (lambda: approaches(1, 1, 1, Price(1, 1), example=10, examples=-1), ["examples"]), (lambda: approaches(1, 1, 1, Price(1, 1), training=-1), ["once"]),
    (lambda: compare_costs([], -1), ["requests"]), (lambda: compare_costs([], 1, 0), ["months"]), (lambda: break_even(A, A, 0), ["months"]), (lambda: payback(A, A, -1), ["requests"]), (lambda: cost_figure([A], up_to=-1), ["requests"]),
])
def test_what_is_refused_is_named(call, fields):
    with pytest.raises(Trouble) as e: call()
    assert [f.where for f in e.value.findings] == [f"cost, {f}" for f in fields] and all(f.fix for f in e.value.findings)


A = Approach("a", 10, 10, Price(1, 1))


def test_nothing_costs_what_is_had_even_without_requests():
    assert compare_costs([Approach("tuned", 1, 1, Price(1, 1), monthly=60, once=900)], 0).rows[0]["total"] == 900 + 12 * 60


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "a | b\n# c", "`x`", "€\u202e"])
def test_names_are_text(evil):
    costs = compare_costs([Approach(evil, 10, 10, Price(1, 1))], 10, currency=evil)
    row = costs._repr_markdown_().splitlines()
    assert len(row) == 5 and row[4].count("|") == 9 and not set("<`") & set(row[4])
    figure = cost_figure([Approach(evil, 10, 10, Price(1, 1), once=1), Approach(evil, 5, 10, Price(1, 1), once=5)], currency=evil)
    assert "<script" not in figure.to_json()


@given(st.lists(WAYS, min_size=1, max_size=4), MONTHS)
@often(30)
def test_the_figure_marks_the_crossings(ways, months):
    figure = cost_figure(ways, months)
    lines = [t for t in figure.data if t.mode == "lines"]
    crossings = [b.requests for w in ways[:-1] if (b := break_even(ways[-1], w, months)).requests is not None]
    assert len(lines) == len(ways) and sum(len(t.x) for t in figure.data if t.mode == "markers") == len(crossings)
    for t, w in zip(lines, ways): assert t.x[0] == 0 and t.y[0] == float(w.month(0, months)) and t.y[1] == pytest.approx(float(w.month(Fraction(t.x[1]), months)))
    for t in figure.data:
        if t.mode == "markers": assert sorted(t.x) == sorted(map(float, crossings)) and max(t.x) <= lines[0].x[1]


def test_the_figure_shows_what_is_asked_for():
    tuned = Approach("tuned", 0, 1000, Price(1, 0.5), once=6)
    figure = cost_figure([Approach("prompt", 1000, 0, Price(1, 1)), tuned], up_to=500)
    assert figure.data[0].x[1] == 500 and not [t for t in figure.data if t.mode == "markers"], "the crossing at 1,000 lies outside"
