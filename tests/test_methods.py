"""Methods: a table that the plan agrees with, what can't run, defaults with a source, warnings that are caused one by one, and no training under a false name."""
import json
import math
import re
from dataclasses import fields, replace

import pytest
from hypothesis import given, strategies as st

from ftcourse.findings import CODES, Trouble
from ftcourse.methods import ENOUGH, Default, Defaults, Facts, Method, Option, Options, apply, available, chosen, defaults, facts_of, known, method, rank_parameters, steps_of, trainable, warnings
from ftcourse.plan import METHODS, TRAINED, Model, Plan, Strategy, Training, named
from ftcourse.runs import Run, new, state
from ftcourse.training.recipe import order
from tests.test_units import EVIL, HIDDEN, often
from tests.tiny import ftcourse, tiny_data, tiny_plan

slow = pytest.mark.slow
EMBEDDED = dict(parameters=134_515_008, hidden=576, context=8192)  # of SmolLM2-135M-Instruct
SEVEN = Facts(rows=5000, parameters=7_000_000_000, hidden=4096, context=4096)


# ---- The table

def test_the_table_and_the_plan_name_the_same_methods():
    assert {m.sets["strategy.method"] for m in known().values()} == set(METHODS) and set(TRAINED) <= set(METHODS)
    assert [m.name for m in known().values() if m.trained] == ["qlora", "lora"]


@pytest.mark.parametrize("name", known())
def test_a_method_says_everything(name):
    m = method(name)
    for text in (m.what, m.take, m.leave, m.needs): assert text.strip() == text and text.endswith("."), text
    assert len(re.findall(r"\.(?: |$)", m.what)) == 2, "what it is, in two sentences"
    assert m.title and m.memory and m.source and re.search(r"arXiv:\d{4}\.\d{5}|PEFT", m.source) and m.bytes > 0
    assert m.trains in ("adapter", "all", "some", "prompt", "nothing") and set(m.data) <= {"rows", "pairs", "text", "reward", "nothing"}
    assert chosen(apply(name, Plan())).name == ("qlora" if name == "qlora" else name)


def test_every_rule_ends_and_names_its_source():
    from ftcourse.plan import packaged
    for rule in ("rates", "passes", "ranks"):
        for group, entries in packaged("methods.yaml")[rule].items():
            limits = [e.get("up_to", math.inf) for e in entries]
            assert limits == sorted(set(limits)) and limits[-1] == math.inf, f"{rule}.{group}"
            assert all(e["source"] and e["why"] and isinstance(e["value"], (int, float)) for e in entries)


def markdown_rows(text): return re.split(r"\r\n|[\n\r]", text)


@pytest.mark.parametrize("evil", EVIL)
def test_a_method_in_markdown(evil):
    m = Method(evil, evil, evil, evil, evil, evil, ("rows",), evil, 1, "adapter", "lora", "lora", "rows", True, evil, {"strategy.method": "lora"})
    for shown, bars, head in ((m._repr_markdown_(), 3, 2), (Options([Option(m, (evil, evil))])._repr_markdown_(), 6, 0), (Defaults({evil: Default(evil, evil, evil)})._repr_markdown_(), 5, 0)):
        for row in markdown_rows(shown)[head:]: assert row.count("|") in (0, bars) and not re.search(r"<[a-zA-Z!/]|\]\(|`", row) and not HIDDEN.search(row), row


def test_tables_in_markdown():
    for shown, count in ((known()._repr_markdown_(), 13), (available(Facts())._repr_markdown_(), 13), (defaults("qlora")._repr_markdown_(), len(defaults("qlora")))):
        rows = shown.split("\n")
        assert len(rows) == count + 2 and len({row.count("|") for row in rows}) == 1


def trouble_of(call, *args, **kw):
    with pytest.raises(Trouble) as e: call(*args, **kw)
    (f,) = e.value.findings
    assert f.code in CODES and f.says and f.fix
    return f


@pytest.mark.parametrize("call", [method, defaults, lambda name: apply(name, Plan())], ids=["method", "defaults", "apply"])
@pytest.mark.parametrize("name, hint", [("qlra", "'qlora'"), ("zzz", "Known: "), (None, ""), (["lora"], ""), ("", "")])
def test_an_unknown_method(call, name, hint):
    f = trouble_of(call, name)
    assert f.code == "wrong_use" and hint in f.fix


# ---- The size of an adapter

def test_the_course_s_claim_about_a_small_adapter():
    "A layer of 768 by 768 has about 590,000 parameters; at rank 4 its adapter has fewer than 7,000"
    assert 585_000 < 768 * 768 < 595_000 and rank_parameters(768, 768, 4) < 7_000


@given(st.integers(1, 64), st.integers(1, 64), st.integers(1, 16))
@often(60)
def test_rank_parameters_counts_two_matrices(i, o, r): assert rank_parameters(i, o, r) == r * i + o * r == rank_parameters(o, i, r)


@slow
def test_rank_parameters_is_what_peft_makes():
    import torch
    from peft import LoraConfig, get_peft_model
    model = get_peft_model(torch.nn.Sequential(torch.nn.Linear(48, 20, bias=False), torch.nn.Linear(20, 7)), LoraConfig(r=3, target_modules=["0", "1"]))
    assert sum(p.numel() for p in model.parameters() if p.requires_grad) == rank_parameters(48, 20, 3) + rank_parameters(20, 7, 3)


@pytest.mark.parametrize("args, where", [((0, 1, 1), "shape_in"), ((1, -1, 1), "shape_out"), ((1, 1, 0), "r"), ((1, 1, 2.5), "r"), ((True, 1, 1), "shape_in"), (("768", 1, 1), "shape_in"), ((None, 1, 1), "shape_in")])
def test_shapes_that_can_not_be(args, where):
    f = trouble_of(rank_parameters, *args)
    assert (f.code, f.where) == ("number_out_of_range", where)


# ---- What can't run

def ruled_out(**facts): return {o.method.name: " ".join(o.reasons) for o in available(Facts(**facts)) if not o.possible}


def test_what_is_not_known_rules_nothing_out(): assert ruled_out() == {} and ruled_out(rows=10, parameters=10**12) == {} and ruled_out(memory=1) == {}


@pytest.mark.parametrize("facts, out, says", [
    (dict(pairs=0), {"dpo"}, "pairs"), (dict(pairs=0, reward=False), {"dpo", "reward_rl"}, "pairs"), (dict(pairs=0, reward=True), {"dpo"}, "pairs"), (dict(pairs=200, reward=False), set(), ""),
    (dict(text_tokens=0), {"continued_pretraining", "staged"}, "plain text"), (dict(rows=0), set(known()) - {"in_context", "continued_pretraining", "dpo", "reward_rl"}, "rows"),
    (dict(four_bit=False), {"qlora"}, "4-bit"), (dict(kind="encoder"), set(known()), "encoder"), (dict(kind="encoder-decoder"), set(known()), "decoders only"),
    (dict(parameters=7_000_000_000, memory=24 * 10**9), {"full"}, "112.0 GB"), (dict(parameters=13_000_000_000, memory=24 * 10**9), {"full", "lora", "bottleneck"}, "24.0 GB"),
    (dict(parameters=65_000_000_000, memory=48 * 10**9), {"full", "lora", "bottleneck"}, "48.0 GB"), (dict(parameters=13_000_000_000, memory=24 * 10**9, four_bit=False), set(known()), ""),
    (dict(mean_tokens=3000, context=4096), {"in_context"}, "context"), (dict(mean_tokens=3000, context=8192), set(), ""),
])
def test_what_can_not_run(facts, out, says):
    found = ruled_out(**facts)
    assert set(found) == out and all(says in reason for reason in found.values())
    assert available(Facts(**facts)).possible == [name for name in known() if name not in out]


def test_several_reasons_are_all_told():
    text = ruled_out(rows=0, parameters=10**9, memory=10**9)["full"]
    assert "no rows" in text and "16.0 GB" in text


# ---- Defaults

def test_the_defaults_are_those_of_the_measured_plan():
    "What this project measured is the source for the embedded model"
    plan = Plan.load(named("triage-smollm2_135m-qlora"))
    for field, d in defaults("qlora", EMBEDDED["parameters"], 480, 110).items():
        section, name = field.split(".")
        assert getattr(getattr(plan, section), name) == d.value, field


RATES = {134_515_008: (1e-3, 1e-4), 1_000_000_000: (2e-4, 2e-5), 7_000_000_000: (2e-4, 2e-5), 13_000_000_000: (2e-4, 2e-5), 33_000_000_000: (1e-4, 1e-5), 65_000_000_000: (1e-4, 1e-5)}


@pytest.mark.parametrize("size", RATES)
def test_learning_rates_by_method_and_size(size):
    "QLoRA's scripts for 7B, 13B, 33B, 65B; a tenth of it for full fine-tuning"
    rate = lambda name: defaults(name, size)["training.learning_rate"].value
    assert (rate("qlora"), rate("full")) == RATES[size] and rate("lora") == rate("dora") == rate("rslora") == pytest.approx(10 * rate("full"))


def test_unknown_sizes_are_taken_as_usual():
    assert defaults("lora") == defaults("lora", None, None) and defaults("lora")["training.learning_rate"].value == 2e-4
    assert "not known" in defaults("lora")["training.batch_rows"].why


NUMBERS = dict(parameters=st.none() | st.integers(1, 10**12), rows=st.none() | st.integers(1, 10**7), mean_tokens=st.none() | st.floats(1, 1e6), task=st.sampled_from([None, "chat", "legal"]))


@pytest.mark.parametrize("name", known())
@given(**NUMBERS)
@often(40)
def test_defaults_always_make_a_plan_that_is_in_order(name, parameters, rows, mean_tokens, task):
    plan, found = Plan(), defaults(name, parameters, rows, mean_tokens, task)
    for field, d in found.items():
        section, key = field.split(".")
        assert d.source and d.why and type(d.value) is type(getattr(getattr(plan, section), key)), field
        setattr(getattr(plan, section), key, d.value)
    assert not plan.problems().fatal
    if m := method(name):
        assert ("training.learning_rate" in found) == (m.trains != "nothing") and ("strategy.rank" in found) == bool(m.rank)
    if rows and m.trains != "nothing": assert plan.training.batch_rows <= max(1, rows) and plan.training.batch_rows <= 32


@given(st.integers(20, 10**6))
@often(100)
def test_small_sets_get_small_batches_and_enough_steps(rows):
    d = defaults("lora", 7_000_000_000, rows)
    batch, epochs = d["training.batch_rows"].value, d["training.epochs"].value
    steps = steps_of(rows, epochs, batch)
    assert 1 <= epochs <= 3 and 4 <= batch <= 32 and (steps >= ENOUGH or batch == 4) and (batch == 4 or batch >= 16 or steps_of(rows, epochs, 16) < ENOUGH)
    if rows >= 20_000: assert batch == 32


def test_chat_takes_fewer_passes():
    passes = lambda rows, task=None: defaults("lora", None, rows, task=task)["training.epochs"].value
    assert [(passes(n), passes(n, "chat")) for n in (100, 1000, 50_000)] == [(3, 2), (2, 1), (1, 1)]


@pytest.mark.parametrize("kw, where", [(dict(parameters=0), "parameters"), (dict(parameters=-5), "parameters"), (dict(parameters="7B"), "parameters"), (dict(rows=0), "rows"), (dict(rows=math.inf), "rows"), (dict(rows=True), "rows"), (dict(mean_tokens=math.nan), "mean_tokens")])
def test_absurd_sizes(kw, where):
    f = trouble_of(defaults, "lora", **kw)
    assert (f.code, f.where) == ("number_out_of_range", where)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=200), st.floats(0.01, 5), st.integers(1, 40))
@often(100)
def test_steps_are_counted_as_the_training_counts_them(lengths, epochs, batch):
    assert steps_of(len(lengths), epochs, batch) == len(order(lengths, Training(epochs=epochs, batch_rows=batch, micro_batch_rows=batch)))


def test_apply_changes_a_copy_and_nothing_else():
    before = Plan(training=Training(seed=7, precision="fp32"))
    kept = before.yaml()
    after = apply("full", before, replace(SEVEN, mean_tokens=3000))
    assert before.yaml() == kept and (after.strategy.method, after.model.quantization, after.training.learning_rate) == ("full", "none", 2e-5)
    assert (after.training.seed, after.training.precision, after.task, after.data) == (7, "fp32", before.task, before.data)
    assert after.training.max_tokens == 4096, "no longer than the model's context"
    assert apply("qlora", apply("full", before)).model.quantization == "nf4"


def test_apply_counts_pairs_where_it_learns_from_pairs():
    assert apply("dpo", Plan(), Facts(rows=50_000, pairs=100)).training.batch_rows == 4 and apply("lora", Plan(), Facts(rows=50_000, pairs=100)).training.batch_rows == 32


# ---- Warnings, each caused once

def plan_of(method="lora", quantization="none", **changed):
    "A plan with the defaults for 5,000 rows and 7B, and what is changed about it"
    plan = apply(method, Plan(), SEVEN)
    if quantization != "none": plan.model.quantization = quantization
    for name, value in changed.items():
        section = next(s for _, s in plan.sections() if name in {f.name for f in fields(s)})
        setattr(section, name, value)
    return plan


def codes(found): return [f.code for f in found if f.code != "method_not_trained_yet"]


CAUSES = {  # code -> (plan, facts, the field it names, a word of what it says)
    "rate_low_for_adapters": (plan_of(learning_rate=2e-5), SEVEN, "training.learning_rate", "0.0002"),
    "rate_high_for_full": (plan_of("full", learning_rate=2e-4), SEVEN, "training.learning_rate", "2e-05"),
    "rank_above_hidden": (plan_of(rank=512, alpha=512), replace(SEVEN, hidden=256), "strategy.rank", "256"),
    "scale_extreme": (plan_of(rank=8, alpha=512), SEVEN, "strategy.alpha", "64"),
    "rslora_scale_high": (plan_of("rslora", rank=64, alpha=128), SEVEN, "strategy.alpha", "16"),
    "prompt_tuning_small_model": (plan_of("prompt_tuning"), replace(SEVEN, parameters=134_515_008), "strategy.method", "135M"),
    "four_bit_not_trainable": (plan_of("full", quantization="nf4"), SEVEN, "model.quantization", "frozen"),
    "dropout_short_run": (plan_of(dropout=0.1), replace(SEVEN, rows=400), "strategy.dropout", "50 steps"),
    "few_steps": (plan_of(batch_rows=16, epochs=1.0), replace(SEVEN, rows=300), "training.epochs", "19 steps"),
    "many_passes": (plan_of(epochs=12.0), replace(SEVEN, rows=300), "training.epochs", "12 times"),
    "batch_above_rows": (plan_of(batch_rows=64, epochs=40.0), replace(SEVEN, rows=50), "training.batch_rows", "50 rows in all"),
    "warmup_whole_run": (plan_of(warmup=1.0), SEVEN, "training.warmup", "100%"),
    "max_tokens_above_context": (plan_of(max_tokens=8192), SEVEN, "training.max_tokens", "4,096"),
    "method_not_mergeable": (plan_of("bottleneck"), SEVEN, "strategy.method", "merged"),
    "method_not_possible": (plan_of("dpo"), replace(SEVEN, pairs=0), "strategy.method", "pairs"),
}


@pytest.mark.parametrize("code", CAUSES)
def test_a_combination_known_to_fail(code):
    plan, facts, where, says = CAUSES[code]
    found = [f for f in warnings(plan, facts) if f.code == code]
    assert len(found) == 1 and found[0].where == where and says in found[0].says and found[0].fix
    assert found[0].severity == ("fatal" if code in ("four_bit_not_trainable", "method_not_possible") else "warning")


@pytest.mark.parametrize("code", CAUSES)
def test_and_its_advice_mends_it(code):
    "Without the change the same facts give no such warning"
    plan, facts, _, _ = CAUSES[code]
    good = dict(rank_above_hidden=plan_of(), prompt_tuning_small_model=plan_of(), method_not_mergeable=plan_of(), method_not_possible=plan_of(), four_bit_not_trainable=plan_of("full"),
                few_steps=plan_of(batch_rows=4, epochs=2.0), many_passes=plan_of(epochs=2.0), batch_above_rows=plan_of(batch_rows=4)).get(code, plan_of(plan.strategy.method))
    assert code not in codes(warnings(good, facts))


def test_a_page_for_each_and_a_cause_for_each_page():
    told = {code for code in CODES if code in CAUSES}
    assert told == set(CAUSES)


@pytest.mark.parametrize("name", known())
def test_the_defaults_themselves_warn_of_nothing(name):
    plan = apply(name, Plan(), SEVEN)
    assert set(codes(warnings(plan, SEVEN))) <= {"method_not_mergeable"} and not warnings(plan, Facts()).fatal


def test_the_measured_plan_is_in_order(): assert warnings(Plan.load(named("triage-smollm2_135m-qlora")), Facts(rows=480, **EMBEDDED)) == []


@pytest.mark.parametrize("plan, facts, code", [
    (plan_of(learning_rate=1e-4), SEVEN, "rate_low_for_adapters"), (plan_of(learning_rate=2e-4), Facts(rows=480, **EMBEDDED), "rate_low_for_adapters"), (plan_of("full", learning_rate=1e-4), SEVEN, "rate_high_for_full"),
    (plan_of(rank=256, alpha=16), SEVEN, "scale_extreme"), (plan_of("reward_rl", rank=1, alpha=32), SEVEN, "scale_extreme"), (plan_of("rslora", rank=16, alpha=16), SEVEN, "rslora_scale_high"),
    (plan_of(dropout=0.05), replace(SEVEN, rows=50_000), "dropout_short_run"), (plan_of("prompt_tuning"), SEVEN, "many_passes"), (plan_of("prompt_tuning"), SEVEN, "prompt_tuning_small_model"), (plan_of("dora", quantization="nf4"), SEVEN, "four_bit_not_trainable"),
    (plan_of(warmup=0.9), SEVEN, "warmup_whole_run"), (plan_of(epochs=12.0), replace(SEVEN, rows=100_000), "many_passes"),
])
def test_what_published_recipes_do_is_no_slip(plan, facts, code): assert code not in codes(warnings(plan, facts))


def test_a_warm_up_of_few_steps_swallows_the_run(): assert "warmup_whole_run" in codes(warnings(plan_of(warmup=0.6, batch_rows=16, epochs=1.0), replace(SEVEN, rows=32)))


def test_facts_that_are_not_known_cause_nothing():
    assert codes(warnings(plan_of(rank=512, alpha=512, max_tokens=100_000, epochs=500.0, batch_rows=4096), Facts())) == []
    assert codes(warnings(plan_of(learning_rate=2e-5), Facts())) == ["rate_low_for_adapters"], "taken as a model of the usual size"


def test_what_is_wrong_in_itself_comes_first_and_alone():
    found = warnings(Plan(strategy=Strategy(rank=-4), training=Training(learning_rate="fast", epochs=float("nan"))), SEVEN)
    assert codes(found) == ["plan_out_of_range", "plan_wrong_type", "plan_out_of_range"]


@given(st.builds(Facts, rows=st.none() | st.integers(0, 10**6), mean_tokens=st.none() | st.floats(1, 1e5), pairs=st.none() | st.integers(0, 1000), text_tokens=st.none() | st.integers(0, 10), reward=st.none() | st.booleans(),
                 parameters=st.none() | st.integers(1, 10**12), hidden=st.none() | st.integers(1, 10**5), context=st.none() | st.integers(1, 10**6), memory=st.none() | st.integers(1, 10**12), four_bit=st.none() | st.booleans()),
       st.sampled_from(list(known())), st.builds(Training, learning_rate=st.floats(1e-7, 0.1), epochs=st.floats(0.01, 1000), batch_rows=st.integers(1, 4096), micro_batch_rows=st.just(1), warmup=st.floats(0, 1)), st.builds(Strategy, rank=st.integers(1, 512), alpha=st.integers(1, 2048), dropout=st.floats(0, 0.9)))
@often(300)
def test_any_plan_and_any_facts_are_looked_at(facts, name, training, strategy):
    plan = apply(name, Plan())
    plan.training, plan.strategy = training, replace(strategy, method=plan.strategy.method)
    found = warnings(plan, facts)
    assert all(f.code in CODES and f.says and f.fix for f in found) and len({(f.code, f.where) for f in found}) == len(found)
    str(found), found._repr_markdown_()
    fresh = apply(name, Plan(), facts)
    if method(name).trains != "nothing": assert not {"rate_low_for_adapters", "rate_high_for_full", "scale_extreme", "rslora_scale_high", "dropout_short_run", "max_tokens_above_context", "many_passes", "batch_above_rows"} & set(codes(warnings(fresh, facts)))


# ---- In a plan, and in a run

def test_a_method_of_the_future_loads_and_saves(tmp_path):
    plan = apply("dora", Plan())
    (f,) = plan.problems()
    assert (f.code, f.severity, f.where) == ("method_not_trained_yet", "warning", "strategy.method")
    plan.save(tmp_path/"plan.yaml")
    assert Plan.load(tmp_path/"plan.yaml") == plan


def test_full_on_four_bits_is_refused_with_its_line(tmp_path):
    (tmp_path/"plan.yaml").write_text("model:\n  quantization: nf4\nstrategy:\n  method: full\n")
    f = trouble_of(Plan.load, tmp_path/"plan.yaml")
    assert f.code == "four_bit_not_trainable" and "line 2, model.quantization" in f.where and "quantization: none" in f.fix


def test_an_unknown_method_in_a_plan_brings_a_suggestion(tmp_path):
    (tmp_path/"plan.yaml").write_text("strategy:\n  method: rs_lora\n")
    f = trouble_of(Plan.load, tmp_path/"plan.yaml")
    assert f.code == "plan_out_of_range" and "'rslora'" in f.fix


@pytest.fixture
def site(tmp_path):
    tiny_data(tmp_path)
    def make(**changes):
        tiny_plan("no-model-needed", data={side: f"{side}.jsonl" for side in ("train", "valid", "test")}, **changes).save(tmp_path/"plan.yaml")
        return tmp_path
    return make


@pytest.mark.parametrize("name", [m for m in METHODS if m not in TRAINED])
def test_no_training_under_a_false_name(site, name):
    "The plan makes a run; the function and the button refuse it, and nothing is written"
    from ftcourse.training import control
    from ftcourse.training.loop import train
    at = site(strategy=dict(method=name), model=dict(quantization="none"))
    run = new("r", at/"plan.yaml", at/"runs")
    before = sorted(p.name for p in run.path.rglob("*"))
    for call in (train, control.start, control.resume):
        f = trouble_of(call, run)
        assert f.code == "method_untrainable" and f.severity == "fatal" and "lora" in f.fix
    assert sorted(p.name for p in run.path.rglob("*")) == before and state(run) == "new"
    assert trouble_of(trainable, run.plan).says == f.says


def test_the_command_refuses_too(site):
    at = site(strategy=dict(method="dora"))
    new("r", at/"plan.yaml", at/"runs")
    told = ftcourse("train", "r", "--json", cwd=at)
    assert told.code == 1 and "Traceback" not in told.err and [f["code"] for f in told.json["findings"]] == ["method_untrainable"]


def test_what_is_trained_is_not_refused():
    for quantization in ("nf4", "none"): trainable(Plan(model=Model(quantization=quantization)))


def test_new_knows_the_model_s_size(site):
    "A rate that suits 7B is no slip there, and far too low for the embedded model"
    for id, expected in (("mistral-7b-instruct-v0.2", []), ("smollm2-135m-instruct", ["rate_low_for_adapters"])):
        at = site(model=dict(id=id), training=dict(learning_rate=1e-4, epochs=4, batch_rows=2, micro_batch_rows=2))
        told = ftcourse("new", id, "--plan", "plan.yaml", "--json", cwd=at)
        assert told.code == 0 and [f["code"] for f in told.json["findings"]] == expected


def test_new_tells_the_plan_s_warnings(site):
    "As findings in the JSON, and as words beside it"
    at = site(strategy=dict(method="dora", alpha=512, rank=4), evaluation=dict(metrics="exact_match, rouge_l", minimum_effect=5.0))
    told = ftcourse("new", "r", "--plan", "plan.yaml", "--json", cwd=at)
    assert told.code == 0, told
    found = {f["code"]: f for f in told.json["findings"]}
    assert set(found) == {"method_not_trained_yet", "scale_extreme", "few_steps", "metric_does_not_fit", "test_rows_too_few"} and all(set(f) == {"code", "severity", "where", "says", "fix"} and f["severity"] == "warning" for f in found.values())
    for f in found.values(): assert f["says"] in told.err
    words = ftcourse("new", "s", "--plan", "plan.yaml", cwd=at)
    assert words.code == 0 and words.out.startswith("Made ") and "[method_not_trained_yet]" in words.err


def test_the_named_plan_makes_a_run_without_a_word(tmp_path):
    told = ftcourse("new", "r", "--plan", "triage-smollm2_135m-qlora", "--json", cwd=tmp_path)
    assert told.code == 0 and told.json["findings"] == [] and told.err == ""


# ---- What is known of a run

def test_facts_of_a_run(site, tmp_path):
    at = site(model=dict(id=str(tmp_path/"model")))
    run = new("r", at/"plan.yaml", at/"runs")
    assert facts_of(run) == facts_of(str(run.path)) == Facts(rows=24)
    (tmp_path/"model").mkdir()
    (tmp_path/"model"/"config.json").write_text(json.dumps(dict(hidden_size=32, max_position_embeddings=1024)))
    assert facts_of(run) == Facts(rows=24, hidden=32, context=1024)


@pytest.mark.parametrize("config", ["", "[]", "{", '{"hidden_size": "many", "max_position_embeddings": -1}', '{"hidden_size": null, "max_position_embeddings": true}', "[" * 100_000, '{"hidden_size": NaN}', "\ud800".encode("utf-8", "surrogatepass")])
def test_a_damaged_config_tells_nothing(site, tmp_path, config):
    at = site(model=dict(id=str(tmp_path/"model")))
    run = new("r", at/"plan.yaml", at/"runs")
    (tmp_path/"model").mkdir()
    (tmp_path/"model"/"config.json").write_bytes(config if isinstance(config, bytes) else config.encode())
    assert facts_of(run) == Facts(rows=24)


@pytest.mark.parametrize("report", ["", "[]", "{}", '{"kept": []}', '{"kept": {"train": "24"}}', '{"kept": {"train": -1}}', '{"kept": null}'])
def test_a_damaged_report_tells_nothing(site, report):
    at = site()
    run = new("r", at/"plan.yaml", at/"runs")
    (run.path/"data"/"report.json").write_text(report)
    assert facts_of(run).rows is None


@pytest.mark.parametrize("id, known", [("a/b", {}), ("no such folder", {}), ("x" * 5000, {}), ("smollm2-135m-instruct", EMBEDDED), ("HuggingFaceTB/SmolLM2-135M-Instruct", EMBEDDED), ("../..", {})])
def test_facts_of_a_run_reach_for_nothing(site, monkeypatch, tmp_path, id, known):
    "No network, no unpacking: what lies there is read, and nothing is made"
    monkeypatch.setenv("FTCOURSE_CACHE", str(tmp_path/"empty"))
    at = site(model=dict(id=id))
    run = new("r", at/"plan.yaml", at/"runs")
    assert facts_of(run) == Facts(rows=24, **known) and not (tmp_path/"empty").exists()


def test_facts_of_nowhere(tmp_path): assert trouble_of(facts_of, tmp_path/"none").code == "run_missing"
