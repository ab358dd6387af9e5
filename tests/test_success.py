"""Success, said beforehand: templates that the plan can hold, and numbers of test examples that agree with the verdict's own rule."""
import itertools
import math
import re
import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from ftcourse.evaluation.metrics import Z, compare_marks, marks, paired_difference, verdict, wilson
from ftcourse.findings import CODES, Trouble
from ftcourse.plan import USE_CASES, Data, Evaluation, Plan, Task, limits, listed
from ftcourse.success import (MANY, MOST, SUMMED, UseCase, _cells, _low, _power, _rows_for, _search, apply, check, connor, examples_for_precision, examples_needed, half_width, metric, metrics,
                              power_of, smallest_effect, use_cases)
from tests.test_units import EVIL, HIDDEN, often, pairs


# ---- The templates

def test_the_table_and_the_plan_name_the_same_use_cases(): assert tuple(use_cases()) == USE_CASES


def test_what_is_offered_is_what_the_evaluation_measures():
    "No more: a promise. No less: a metric that nobody could choose"
    measured = {**marks("x", "y"), **marks("x", {"a b": 1})}
    assert {metric(name).name for name in measured} == {name for name, m in metrics().items() if m.offered}
    for m in metrics().values(): assert m.what.endswith(".") and set(m.answers) <= {"json", "text"} and m.answers and (m.status == "offered") == m.offered


@pytest.mark.parametrize("answer", ["json", "text"])
def test_metrics_that_fit_an_answer_are_measured_for_it(answer):
    reference = {"a": 1} if answer == "json" else "a"
    assert {metric(n).name for n in marks("?", reference)} == {n for n, m in metrics().items() if m.offered and answer in m.answers}


def cases(): return list(itertools.product(USE_CASES, ["json", "text"]))


@pytest.mark.parametrize("name, answer", cases())
def test_a_template_fits_into_a_plan(name, answer, tmp_path):
    before = Plan(task=Task(name="t", answer=answer), data=Data(test="x"))
    kept = before.yaml()
    plan = apply(name, before)
    assert before.yaml() == kept, "the plan that came in stays as it is"
    assert plan.problems() == [] and plan.task.use_case == name and plan.task.goal and plan.data.test == "x"
    e, u = plan.evaluation, use_cases()[name]
    assert e.primary_metric in listed(e.metrics) and answer in metric(e.primary_metric).answers
    assert limits(e) == {n: p for n, p in u.guard_rails.items() if answer in metric(n).answers}
    assert e.test_rows == examples_needed(0.5, u.minimum_effect / 100).n > 100
    assert {f.code for f in check(plan)} <= {"metric_not_offered"}, "a template names nothing unknown, and nothing that does not fit"
    plan.save(tmp_path/"plan.yaml")
    assert Plan.load(tmp_path/"plan.yaml") == plan
    import ftcourse.plan
    assert eval(plan.python(), vars(ftcourse.plan)) == plan


def test_custom_keeps_what_was_set():
    mine = Plan(task=Task(goal="Fewer calls", answer="json"), evaluation=Evaluation(metrics="valid_json", primary_metric="valid_json", minimum_effect=20.0, guard_rails="field_x 3"))
    plan = apply("custom", mine)
    assert (plan.task.goal, plan.evaluation.metrics, plan.evaluation.primary_metric, plan.evaluation.minimum_effect, plan.evaluation.guard_rails) == ("Fewer calls", "valid_json", "valid_json", 20.0, "field_x 3")
    assert plan.evaluation.test_rows == examples_needed(0.5, 0.2).n and not plan.problems()
    half = apply("custom", replace(mine, evaluation=Evaluation(metrics="valid_json")))  # the default primary is missing there
    assert not half.problems() and half.evaluation.metrics == "valid_json, exact_match"


def test_a_measured_base_asks_for_fewer_examples():
    assert apply("support", Plan(), base=0.05).evaluation.test_rows < apply("support", Plan()).evaluation.test_rows
    assert apply("support", Plan(), base=1.0).evaluation.test_rows == 0, "nothing is left to gain"
    assert apply("support", Plan(), base=0.97).evaluation.test_rows == examples_needed(0.97, 0.03).n, "no more than what is left"


def trouble_of(call, *args, **kw):
    with pytest.raises(Trouble) as e: call(*args, **kw)
    (f,) = e.value.findings
    assert f.code in CODES and f.says and f.fix
    return f


@pytest.mark.parametrize("name, hint", [("suport", "'support'"), ("", "Known: "), (None, ""), (["legal"], ""), ("Legal", "'legal'")])
def test_an_unknown_use_case(name, hint):
    f = trouble_of(apply, name, Plan())
    assert f.code == "wrong_use" and hint in f.fix


@pytest.mark.parametrize("evil", EVIL)
def test_a_template_in_markdown(evil):
    "The table is ours; what somebody makes of the class is not"
    u = UseCase(evil, evil, evil, "json", ("exact_match",), "exact_match", 5, {"valid_json": 1}, evil)
    rows = re.split(r"\r\n|[\n\r]", u._repr_markdown_())
    assert len(rows) == 10 and all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows[2:])
    for row in (rows[0], *rows[4:]): assert not re.search(r"<[a-zA-Z!/]|\[|`", row) and not HIDDEN.search(row), row


def test_tables_in_markdown():
    for shown, count in ((use_cases()._repr_markdown_(), len(USE_CASES)), (metrics()._repr_markdown_(), len(metrics()))):
        rows = shown.split("\n")
        assert len(rows) == count + 2 and len({row.count("|") for row in rows}) == 1


def test_nobody_can_change_a_template_by_accident():
    use_cases()["legal"].guard_rails["valid_json"] = 99
    assert use_cases()["legal"].guard_rails["valid_json"] == 1


# ---- The plan that carries it

def test_an_older_plan_loads(tmp_path):
    "Written before there were use cases and metrics"
    (tmp_path/"plan.yaml").write_text("schema: 1\ntask: {name: t, instruction: '', answer: json}\nstrategy: {method: lora, rank: 8}\nevaluation: {max_new_tokens: 60, batch_rows: 24}\n")
    plan = Plan.load(tmp_path/"plan.yaml")
    assert plan.strategy.rank == 8 and plan.problems() == [] and check(plan, 120) == [] and plan.evaluation.primary_metric == "exact_match"


@pytest.mark.parametrize("text", ["a\x85b", "\x85", "a\u2028b", "\u2029", "a\nb", " a ", "\ufeffa", "a: b # c", "'\"", "\t"])
def test_a_goal_survives_its_file(tmp_path, text):
    "YAML folds the rare line ends of Unicode into a space, unless they are written as escapes"
    Plan(task=Task(goal=text)).save(tmp_path/"plan.yaml")
    assert Plan.load(tmp_path/"plan.yaml").task.goal == text


@pytest.mark.parametrize("field, value, where", [("minimum_effect", 101, "minimum_effect"), ("minimum_effect", -1, "minimum_effect"), ("max_regression", float("nan"), "max_regression"), ("test_rows", -1, "test_rows"),
                                                 ("guard_rails", "valid_json one", "guard_rails"), ("guard_rails", "valid_json 101", "guard_rails"), ("guard_rails", "a b c", "guard_rails"), ("guard_rails", "a nan", "guard_rails"), ("guard_rails", "a 1e999", "guard_rails")])
def test_absurd_numbers_are_told_with_the_line(tmp_path, field, value, where):
    (tmp_path/"plan.yaml").write_text(f"evaluation:\n  batch_rows: 4\n  {field}: {value}\n".replace("nan\n", ".nan\n" if field != "guard_rails" else "nan\n"))
    f = trouble_of(Plan.load, tmp_path/"plan.yaml")
    assert f.code == "plan_out_of_range" and f"line 3, evaluation.{where}" in f.where


def test_a_primary_metric_that_is_not_among_them(tmp_path):
    (tmp_path/"plan.yaml").write_text("evaluation:\n  metrics: exact_match, valid_json\n  primary_metric: field_x\n")
    f = trouble_of(Plan.load, tmp_path/"plan.yaml")
    assert f.code == "plan_values_clash" and "line 3" in f.where and "field_x" in f.says


@given(st.lists(st.tuples(st.text("abc_ \t", min_size=1, max_size=6), st.none() | st.integers(0, 100)), max_size=5), st.floats(0, 100))
@often(150)
def test_guard_rails_are_read_as_written(parts, rest):
    parts = [(name.strip().replace(" ", "").replace("\t", "") or "x", points) for name, points in parts]
    e = Evaluation(guard_rails=", ".join(name if points is None else f"{name}  {points}" for name, points in parts), max_regression=rest)
    expected = {}
    for name, points in dict.fromkeys(parts): expected[name] = rest if points is None else points
    assert limits(e) == expected and Plan(evaluation=e).problems() == []


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
@often(200)
@example("a\ud800", "exact_match,", "1 1 1,,")
def test_any_text_in_these_fields_is_read_or_told(names, primary, rails):
    plan = Plan(evaluation=Evaluation(metrics=names, primary_metric=primary, guard_rails=rails))
    found = [*plan.problems(), *check(plan, 50)]
    assert all(f.code in CODES and f.says and f.fix for f in found)
    assert all(0 <= points <= 100 for points in limits(plan.evaluation).values())


# ---- What is said before the comparison

def codes(found): return [f.code for f in found]


def plan_of(answer="json", **evaluation): return Plan(task=Task(answer=answer), evaluation=Evaluation(**evaluation))


def test_a_plan_without_wishes_is_not_told_anything(): assert check(Plan()) == check(Plan(), 3) == []


@pytest.mark.parametrize("plan, code, says", [
    (plan_of(metrics="exact_match, exact_mach"), "metric_unknown", "exact_mach"), (plan_of(guard_rails="politeness 1"), "metric_unknown", "politeness"), (plan_of(primary_metric="f1"), "metric_unknown", "f1"),
    (plan_of(metrics="exact_match, record_f1"), "metric_not_offered", "evaluation issue"), (plan_of(metrics="rated_good", primary_metric="rated_good"), "metric_not_offered", "exact_match decides"),
    (plan_of(guard_rails="general_ability"), "metric_not_offered", "evaluation issue"), (plan_of("text", metrics="exact_match, valid_json"), "metric_does_not_fit", "text"), (plan_of("json", metrics="exact_match, rouge_l"), "metric_does_not_fit", "json"),
])
def test_wishes_that_will_not_be_met(plan, code, says):
    (f,) = check(plan)
    assert f.code == code and says in f.says and f.severity == "warning" and f.where.startswith("evaluation.")


def test_a_slip_brings_a_suggestion(): assert "'exact_match'" in check(plan_of(metrics="exact_match, exact_mach"))[0].fix


def test_each_name_is_told_once(): assert codes(check(plan_of(metrics="exact_match, grounded, grounded", guard_rails="grounded 1"))) == ["metric_not_offered"]


def test_a_test_set_that_is_too_small():
    plan = plan_of(minimum_effect=5.0)
    need = examples_needed(0.5, 0.05).n
    (f,) = check(plan, 120)
    assert f.code == "test_rows_too_few" and f"{need:,}" in f.says and f"{need - 120:,}" in f.fix and "points on" in f.says
    assert codes(check(plan, need - 1)) == ["test_rows_too_few"] and check(plan, need) == [] and check(plan, None) == []
    assert codes(check(plan, 0)) == ["test_rows_too_few"] and codes(check(plan, 200, base=0.0)) == []
    assert check(plan_of(minimum_effect=0.0), 1) == [], "no gain was asked for"


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_names_stay_text(evil):
    shown = check(plan_of(metrics=f"exact_match, {evil}", guard_rails=evil))._repr_markdown_()
    assert not re.search(r"<[a-zA-Z!/]|\]\(|`", shown) and not HIDDEN.search(shown.replace("\n", ""))


# ---- Power: the sum, the formula, and the truth

TRUTHS = [(0.5, 0.3, None), (0.0, 0.3, None), (0.8, 0.2, None), (0.3, 0.3, 0.6), (0.05, 0.5, 0.5), (0.6, 0.25, 0.75)]


@pytest.mark.parametrize("base, effect, agreement", TRUTHS)
def test_the_sum_is_the_full_enumeration(base, effect, agreement):
    "Over every outcome of 16 rows, with the interval that the comparison draws"
    n, cells, better = 16, _cells(base, effect, agreement), 0.0
    for a, b, c in itertools.product(range(n + 1), repeat=3):
        if (d := n - a - b - c) < 0 or any(k and not p for k, p in zip((a, b, c, d), cells)): continue
        if paired_difference(*pairs(a, b, c, d))[1] > 0: better += math.exp(math.lgamma(n + 1) + sum((k * math.log(p) if k else 0) - math.lgamma(k + 1) for k, p in zip((a, b, c, d), cells)))
    assert power_of(n, base, effect, agreement=agreement) == pytest.approx(better, abs=0.015)


@given(st.tuples(*[st.integers(0, 60)] * 4).filter(any))
@often(300)
@example((0, 0, 0, 5))
@example((5, 0, 0, 0))
@example((0, 7, 0, 0))
def test_the_interval_from_counts_is_that_of_the_comparison(counts): assert _low(*counts, Z) == pytest.approx(paired_difference(*pairs(*counts))[1], abs=1e-12)


@pytest.mark.parametrize("base, effect, agreement", [(0.6, 0.12, None), (0.1, 0.15, None), (0.4, 0.1, 0.8), (0.85, 0.1, None)])
def test_as_many_examples_as_it_says_show_the_gain_as_often_as_it_says(base, effect, agreement):
    "Two thousand comparisons drawn at random and judged by the verdict itself"
    n = examples_needed(base, effect, agreement=agreement).n
    draws = np.random.default_rng(7).multinomial(n, _cells(base, effect, agreement), size=2000)
    seen = {}
    for counts in map(tuple, draws.tolist()):
        if counts not in seen: seen[counts] = paired_difference(*pairs(*counts))[1] > 0
    share = np.mean([seen[tuple(c)] for c in draws.tolist()])
    assert abs(share - 0.8) < 0.03  # three standard errors of 2,000 draws: 0.027


def test_the_verdict_reads_the_same_interval():
    right, wrong = marks("a", "a"), marks("b", "a")
    sides = lambda *counts: [[right if x else wrong for x in side] for side in pairs(*counts)]
    for counts in ((30, 9, 2, 20), (30, 6, 3, 20), (30, 12, 1, 5)):
        assert (verdict(compare_marks(*sides(*counts))) == "better") == (_low(*counts, Z) > 0)


def test_connor_as_a_published_calculator_has_it():
    "zarathucorp.github.io/open-powersamplesize, McNemar, two-sided: 0.45 and 0.05 differ, power 0.8"
    assert connor(0.5, 0.4, 0.8, 0.05, agreement=0.5) == 23


@pytest.mark.parametrize("base, effect, agreement", [(0.6, 0.043, None), (0.9, 0.017, None), (0.3, 0.005, 0.97), (0.5, 0.02, 0.85), (0.02, 0.006, None)])
def test_where_the_formula_takes_over_both_agree(base, effect, agreement):
    "So it does not matter that the answer changes its way there"
    cells = _cells(base, effect, agreement)
    guess = connor(base, effect, agreement=agreement)
    assert SUMMED / 2 < guess * (cells[1] + cells[2]) < 2.5 * SUMMED and _search(guess, cells, 0.8, Z) == pytest.approx(guess, rel=0.01)


def test_where_few_rows_differ_the_sum_is_taken():
    "A base of nothing: the formula of Connor asks for a sixth more than is needed, however small the gain"
    for effect in (0.05, 0.001):
        need = examples_needed(0.0, effect)
        assert "summed" in need.how and need.n < 0.9 * connor(0.0, effect) and power_of(need.n, 0.0, effect) >= 0.8 > power_of(round(need.n * 0.95), 0.0, effect)


@given(st.floats(0, 1), st.floats(0.02, 1), st.floats(0.5, 0.99), st.none() | st.floats(0, 1))
@often(60)
def test_more_is_never_less(base, effect, power, mix):
    "A larger gain needs no more examples; more certainty and less agreement no fewer"
    effect = min(effect, 1 - base)
    if effect < 0.02: return
    low, high = effect, min(2 * base + effect, 2 - 2 * base - effect)
    agreement = None if mix is None else 1 - (low + mix * (high - low))
    need = examples_needed(base, effect, power, agreement=agreement)
    assert need.n >= 2 and need.effect == effect and 0 <= need.agreement <= 1 and need.assumed == (mix is None)
    assert examples_needed(base, effect, min(0.999, power + 0.009), agreement=agreement).n >= need.n * 0.97  # the power climbs in small teeth
    if mix is not None and mix > 0.1: assert examples_needed(base, effect, power, agreement=1 - (low + mix / 2 * (high - low))).n <= need.n * 1.03
    if mix is None and effect > 0.05 and base <= 0.5: assert examples_needed(base, effect - 0.02, power).n >= need.n * 0.97


def test_power_grows_with_the_examples():
    powers = [power_of(n, 0.6, 0.1) for n in (10, 50, 100, 200, 400, 800, 1600)]
    assert powers == sorted(powers) and powers[0] < 0.1 and powers[-1] > 0.99 and all(0 <= p <= 1 for p in powers)
    assert power_of(1, 0.5, 0.5) == pytest.approx(0, abs=1e-9) and power_of(10**6, 0.5, 0.5) == pytest.approx(1)


@pytest.mark.parametrize("n, base", [(40, 0.0), (120, 0.6), (400, 0.9), (1000, 0.5), (5000, 0.3)])
def test_the_two_questions_answer_each_other(n, base):
    seen = smallest_effect(n, base).effect
    assert 0 < seen <= 1 - base and examples_needed(base, seen).n <= n * 1.03
    assert examples_needed(base, seen - 0.001).n > n * 0.97 if seen > 0.001 else True


def test_out_of_reach_is_said_plainly():
    assert "out of reach" not in examples_needed(0.6, 0.1).says() and examples_needed(0.6, 0.1).within_reach
    far = examples_needed(0.5, 0.02)
    assert far.n > MANY and not far.within_reach and "out of reach" in far.says() and f"{far.n:,}" in far.says()
    never = examples_needed(0.5, 0.0001)
    assert never.n is None and not never.within_reach and f"more than {MOST:,}" in never.says()
    assert smallest_effect(3, 0.9).effect is None and "no gain can be seen" in smallest_effect(3, 0.9).says()
    assert _rows_for(0.01, 0.5) == 0 and _rows_for(0, 0.5) == 0 and _rows_for(5, 1.0) == 0


def test_the_answer_states_what_it_assumes():
    assert "as if" in examples_needed(0.6, 0.1).says() and "as if" not in examples_needed(0.6, 0.1, agreement=0.8).says()
    assert "summed" in examples_needed(0.6, 0.1).how and "Connor" in examples_needed(0.6, 0.01).how
    for said in (examples_needed(0.6, 0.1), smallest_effect(100)): assert "\n" not in said._repr_markdown_() and said.says()


# ---- One share alone

@given(st.integers(1, 3000), st.integers(0, 3000))
@often(100)
def test_half_width_is_that_of_wilson(n, hits):
    hits = min(n, hits)
    low, high = wilson(hits, n)
    if 0 < hits < n: assert half_width(n, hits / n) == pytest.approx((high - low) / 2, abs=1e-12)


@given(st.floats(0.005, 0.49), st.floats(0, 1))
@often(100)
def test_no_fewer_examples_give_that_precision(half, share):
    n = examples_for_precision(half, share)
    assert half_width(n, share) <= half and (n == 1 or half_width(n - 1, share) > half)


def test_a_precision_out_of_reach(): assert examples_for_precision(0.0001) is None and examples_for_precision(0.5) == 1


# ---- Bad input

@pytest.mark.parametrize("call, kw, where", [
    (examples_needed, dict(base=60, effect=0.05), "base"), (examples_needed, dict(base=0.6, effect=5), "effect"), (examples_needed, dict(base=0.6, effect=0), "effect"), (examples_needed, dict(base=0.9, effect=0.2), "effect"),
    (examples_needed, dict(base=0.6, effect=-0.1), "effect"), (examples_needed, dict(base=math.nan, effect=0.1), "base"), (examples_needed, dict(base="0.6", effect=0.1), "base"), (examples_needed, dict(base=True, effect=0.1), "base"),
    (examples_needed, dict(base=0.6, effect=0.1, power=1.0), "power"), (examples_needed, dict(base=0.6, effect=0.1, power=80), "power"), (examples_needed, dict(base=0.6, effect=0.1, alpha=0), "alpha"),
    (examples_needed, dict(base=0.6, effect=0.1, agreement=0.95), "agreement"), (examples_needed, dict(base=0.9, effect=0.1, agreement=0.5), "agreement"), (examples_needed, dict(base=0.6, effect=0.1, agreement=95), "agreement"),
    (connor, dict(base=0.6, effect=0.5), "effect"), (power_of, dict(n=0, base=0.5, effect=0.1), "n"), (power_of, dict(n=10**9, base=0.5, effect=0.1), "n"), (power_of, dict(n=10, base=0.5, effect=0.1, alpha=1), "alpha"),
    (smallest_effect, dict(n=0), "n"), (smallest_effect, dict(n=10, base=2), "base"), (smallest_effect, dict(n=10, agreement=-1), "agreement"), (smallest_effect, dict(n=None), "n"),
    (half_width, dict(n=-1), "n"), (half_width, dict(n=10, share=50), "share"), (examples_for_precision, dict(half=5), "half"), (examples_for_precision, dict(half=0), "half"),
    (apply, dict(use_case="legal", plan=Plan(), base=50), "base"),
], ids=lambda x: x.__name__ if callable(x) else str(x)[:60])
def test_numbers_that_can_not_be(call, kw, where):
    f = trouble_of(call, **kw)
    assert (f.code, f.where) == ("number_out_of_range", where) and f.severity == "fatal"


@given(st.floats(), st.floats(), st.floats(), st.none() | st.floats())
@often(200)
@example(1.0, 1e-12, 0.8, None)
@example(0.0, 1.0, 0.999, 0.0)
@example(0.5, 1e-300, 0.8, None)
def test_any_numbers_are_answered_or_told(base, effect, power, agreement):
    try: need = examples_needed(base, effect, power, agreement=agreement)
    except Trouble as e: assert [f.code for f in e.findings] == ["number_out_of_range"]
    else: assert (need.n is None or need.n >= 1) and need.says()


def test_planning_needs_no_torch():
    code = "import sys, ftcourse.success, ftcourse.methods; ftcourse.success.use_cases(), ftcourse.methods.known(); print([m for m in ('torch', 'transformers', 'plotly', 'pandas', 'numpy', 'ipywidgets') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"
