"""PlanWizard where no browser is: steps and fields, trouble in the page, estimates from the other process, and the file at the end."""
import copy
import html
import json
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftcourse import Plan, methods, success
from ftcourse.catalogue import record, table
from ftcourse.findings import Trouble
from ftcourse.memory import Job, estimate
from ftcourse.wizards import plan as room
from ftcourse.wizards.plan import PlanWizard, calculator, job_of, repair_changes
from tests.test_wizards import until

pytestmark = pytest.mark.slow
TINY = dict(model_type="llama", hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, vocab_size=512, max_position_embeddings=2048)
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module", autouse=True)
def process():
    yield
    calculator().end()


@pytest.fixture
def wizard(tmp_path, monkeypatch):
    "Makes wizards in an empty folder; nobody is logged in to a hub, and no hub is asked"
    monkeypatch.chdir(tmp_path)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"): monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("ftcourse.catalogue._has_token", lambda: False)
    monkeypatch.setattr("ftcourse.catalogue._cached", lambda hub: None)
    made = []
    def make(*args, **kw):
        made.append(PlanWizard(*args, **kw))
        return made[-1]
    yield make
    for w in made: w.close()
    until(lambda: not any(w._newest.busy for w in made))


@pytest.fixture
def tiny(tmp_path):
    (tmp_path/"tiny").mkdir()
    (tmp_path/"tiny"/"config.json").write_text(json.dumps(TINY))
    return "tiny"


def shown(widget):
    "All the HTML below a widget"
    return str(getattr(widget, "value", "") if type(widget).__name__ == "HTML" else "") + "".join(map(shown, getattr(widget, "children", ())))


def settled(w): until(lambda: not w.stale and not w._newest.busy)


def everything(w): return shown(w.box) + "".join(shown(p.box) for p in w.pages.values())


def test_back_and_next_lose_nothing(wizard):
    w = wizard()
    w.pages["use"].choice.value = "extraction"
    for name, value in {"task.name": "bills", "task.instruction": "Read the bill.\nJSON only.", "strategy.rank": 24, "training.learning_rate": 3e-4, "training.max_tokens": 900, "data.train": "rows.jsonl", "model.id": "qwen2.5-0.5b"}.items(): w.fields[name].widget.value = value
    w.commercial.value = True
    before = copy.deepcopy(w.plan)
    for b in (*w.steps.values(), *[w.back] * 6, *[w.next] * 6, w.back): b.click()
    assert w.plan == before and w.step == "fit" and w.room.children == (w.pages["fit"].box,) and not w.message.value
    assert {n: f.widget.value for n, f in w.fields.items()} == {n: f.value for n, f in w.fields.items()} and w.commercial.value
    w.go("use")
    assert w.back.disabled and not w.next.disabled and "Read the bill." in html.unescape(w.code.value)
    w.go("save")
    assert w.next.disabled and "bills" in w.pages["save"].shown.value


def test_the_code_makes_the_same_plan(wizard):
    w = wizard()
    w.pages["use"].choice.value = "classification"
    w.fields["task.goal"].widget.value = "It's \"right\"\n</pre>" + HOSTILE
    w.pages["save"].path.value = "by-code.yaml"
    made = {}
    exec(w.python().partition("\nfrom ftcourse.memory")[0], made)
    assert made["plan"] == w.plan == Plan.load("by-code.yaml") and "<img" not in everything(w)


def test_a_template_gives_goals_and_the_number_of_rows(wizard):
    w = wizard()
    for name, u in success.use_cases().items():
        w.pages["use"].choice.value = name
        assert w.plan.evaluation.test_rows == success.examples_needed(0.5, w.plan.evaluation.minimum_effect / 100).n and w.plan.task.use_case == name
        assert f"{w.plan.evaluation.test_rows:,} test examples" in w.pages["use"].shown.value and not w.plan.problems().fatal
    w.fields["evaluation.minimum_effect"].widget.value = 20.0
    assert w.plan.evaluation.test_rows == success.examples_needed(0.5, 0.2).n
    w.pages["use"].base.value = 90.0  # only ten points are left to gain
    assert w.plan.evaluation.test_rows == success.examples_needed(0.9, 0.1).n
    for base, gain in ((150.0, 5.0), (-1.0, 5.0), (float("nan"), 5.0), (50.0, 0.0), (100.0, 5.0)):
        w.pages["use"].base.value, w.fields["evaluation.minimum_effect"].widget.value = base, gain
        assert w.plan.evaluation.test_rows == 0 and "Traceback" not in everything(w) and not w.message.value


@pytest.mark.parametrize("name, value", [("strategy.rank", -3), ("training.learning_rate", 5.0), ("training.learning_rate", float("nan")), ("training.micro_batch_rows", 0), ("training.max_tokens", 10**12), ("training.batch_rows", 7),
                                         ("evaluation.primary_metric", HOSTILE), ("evaluation.guard_rails", "valid_json minus one"), ("evaluation.minimum_effect", -4.0)])
def test_an_absurd_value_stays_and_is_named(wizard, tmp_path, name, value):
    w = wizard()
    w.fields["training.micro_batch_rows"].widget.value = 4
    w.fields[name].widget.value = value
    at = w.fields["training.batch_rows" if value == 7 else name]
    assert 'role="alert"' in at.below.value and repr(w.fields[name].widget.value) == repr(value)
    for step in w.pages: w.go(step)
    assert repr(w.fields[name].widget.value) == repr(value) and "<img" not in everything(w)
    w.pages["save"].save.click()
    if w.finished().problems().fatal: assert not (tmp_path/"plan.yaml").exists() and name in w.message.value
    else: assert (tmp_path/"plan.yaml").exists()


CHANGES = st.one_of(st.tuples(st.just("use"), st.sampled_from(list(success.use_cases()))), st.tuples(st.just("method"), st.sampled_from(list(methods.known()))), st.tuples(st.just("rank"), st.sampled_from(room.RANKS)),
                    st.tuples(st.just("rows"), st.sampled_from(["", "12", "480", "20k", "many", HOSTILE])), st.tuples(st.just("model"), st.sampled_from(["gpt2", "llama-2-7b", "smollm2-135m-instruct"])), st.tuples(st.just("go"), st.sampled_from(["use", "model", "save"])))


@given(st.lists(CHANGES, max_size=7))
@settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_screen_is_the_plan(changes):
    "Whatever was clicked: each widget shows the plan's value, nothing raises, and only what can't run is missing from the choice"
    w = PlanWizard("no-such-plan.yaml")
    for kind, value in changes:
        if kind == "use": w.pages["use"].choice.value = value
        if kind == "method" and value in [v for _, v in w.pages["strategy"].choice.options]: w.pages["strategy"].choice.value = value
        if kind == "rank": w.pages["fit"].rank.value = value
        if kind == "rows": w.pages["strategy"].rows.value = value
        if kind == "model": w.fields["model.id"].widget.value = value
        if kind == "go" and value != "save": w.go(value)
    w._newest.drop()
    assert all(f.widget.value == f.value for f in w.fields.values()) and w.pages["use"].choice.value == w.plan.task.use_case and w.pages["strategy"].choice.value == w.method.name
    assert {v for _, v in w.pages["strategy"].choice.options} == {*methods.available(w.facts()).possible, w.method.name}
    assert w.message.value == "" and "<img" not in everything(w)
    w.close()


def test_defaults_follow_the_rows_until_a_hand_sets_them(wizard):
    w = wizard()
    w.pages["strategy"].rows.value = "480"
    assert w.plan.training.batch_rows == methods.defaults("qlora", 134_515_008, 480)["training.batch_rows"].value == 4
    w.pages["strategy"].rows.value = "50k"
    assert w.plan.training.batch_rows == 32
    w.fields["training.batch_rows"].widget.value = 20
    w.pages["strategy"].rows.value = "480"
    assert w.plan.training.batch_rows == 20 and "the default is 4" in w.fields["training.batch_rows"].below.value
    w.fields["model.id"].widget.value = "llama-2-7b"
    assert w.plan.training.learning_rate == 2e-4 != methods.defaults("qlora", 134_515_008)["training.learning_rate"].value
    w.pages["strategy"].again.click()
    assert w.plan.training.batch_rows == 4
    w.fields["strategy.rank"].widget.value = 50
    assert w.plan.strategy.alpha == 100, "alpha goes with the rank"
    w.fields["strategy.alpha"].widget.value = 50
    w.pages["fit"].rank.value = 8
    assert w.plan.strategy.rank == 8 and w.plan.strategy.alpha == 50, "until it was set by hand"
    w.pages["strategy"].rows.value = "a lot"
    assert "wrong_use" in w.pages["strategy"].trouble.value and w.pages["strategy"].rows.value == "a lot" and not w.message.value


def test_what_can_not_run_is_not_offered_but_what_was_chosen_stays(wizard):
    w = wizard()
    page = w.pages["strategy"]
    w.device.value = "24GB"
    offered = lambda: [v for _, v in page.choice.options]
    assert "full" in offered() and "dpo" not in offered() and "no pairs" in page.off.value
    page.pairs.value = True
    assert "dpo" in offered()
    page.choice.value = "full"
    assert w.plan.model.quantization == "none" and w.plan.strategy.method == "full" and "method_not_trained_yet" in shown(w.pages["save"].box) + str(w.found)
    w.fields["model.id"].widget.value = "llama-2-7b"
    assert page.choice.value == "full" and "full" in offered() and any(f.code == "method_not_possible" for f in w.found["strategy"])
    page.choice.value = "qlora"
    assert "full" not in offered() and "weights, gradients and optimiser" in page.off.value and w.plan.model.quantization == "nf4" and w.plan.training.learning_rate == 2e-4


# ---- The model

def test_filters_narrow_the_list_and_the_choice_stays(wizard):
    w = wizard()
    page = w.pages["model"]
    every = len(page.list.options)
    assert every == len(table().models) and page.list.value == "smollm2-135m-instruct"
    page.kind.value, page.language.value, page.most.value = "instruct", "de", "8B"
    few = [record(id) for _, id in page.list.options]
    assert 0 < len(few) < every and all(m.kind == "instruct" and "de" in m.languages and m.parameters <= 8e9 for m in few) and page.list.value is None and w.plan.model.id == "smollm2-135m-instruct"
    page.most.value = "huge"
    assert "wrong_use" in page.narrowed.value and len(page.list.options) == len(few) and page.most.value == "huge"
    page.most.value = "1M"
    assert not page.list.options and "none meets all conditions" in page.narrowed.value
    page.most.value = ""
    page.list.value = few[0].id
    assert w.plan.model.id == few[0].id == w.fields["model.id"].widget.value
    for id in ("gpt2", "llama-2-7b", "mistral-7b-instruct-v0.2", "gpt2"):
        w.fields["model.id"].widget.value = id
        page.add.click()
    assert [m.id for m in page.compared] == ["llama-2-7b", "mistral-7b-instruct-v0.2", "gpt2"] and "llama-2-7b" in page.table.value
    page.clear.click()
    assert page.table.value == ""


def test_a_licence_that_forbids_blocks_until_the_use_changes(wizard, tmp_path):
    w = wizard()
    closed = next(m for m in table().models if m.licence.commercial == "no")
    w.fields["model.id"].widget.value = closed.id
    assert "licence_forbids" not in w.pages["model"].shown.value
    w.commercial.value = True
    w.go("model")
    assert "licence_forbids" in w.pages["model"].shown.value and "✗" in w.steps["model"].description and closed.id not in [v for _, v in w.pages["model"].list.options]
    w.pages["save"].save.click()
    assert "licence_forbids" in w.message.value and not (tmp_path/"plan.yaml").exists()
    w.commercial.value = False
    w.pages["save"].save.click()
    assert (tmp_path/"plan.yaml").exists()


def test_gated_and_unknown_models_are_told_and_kept(wizard, tmp_path):
    w = wizard()
    w.go("model")
    w.fields["model.id"].widget.value = "llama-2-7b"
    assert "model_gated" in w.pages["model"].shown.value
    for id in ("llama-2-7c", "nobody/nothing", HOSTILE, "", "\0"):
        w.fields["model.id"].widget.value = id
        until(lambda: "model_unknown" in w.pages["model"].shown.value)
        assert w.fields["model.id"].widget.value == id == w.plan.model.id and "<img" not in everything(w)
    w.fields["model.id"].widget.value = "llama-2-7c"
    until(lambda: "llama-2-7b" in w.pages["model"].shown.value)  # what it may have meant
    w.pages["save"].save.click()
    assert Plan.load(tmp_path/"plan.yaml").model.id == "llama-2-7c", "it may exist where the plan goes"


def test_a_folder_is_a_model_and_a_mended_config_is_read_again(wizard, tiny, tmp_path):
    w = wizard()
    (tmp_path/tiny/"config.json").write_text(json.dumps({k: v for k, v in TINY.items() if k != "num_hidden_layers"}))
    w.go("model")
    w.fields["model.id"].widget.value = tiny
    until(lambda: "config_incomplete" in w.pages["model"].shown.value)
    (tmp_path/tiny/"config.json").write_text(json.dumps(TINY))
    w.device.value = "24GB"
    w.go("fit")
    settled(w)
    assert w.estimate.parameters < 1e6 and "fits" in w.bar.value


def test_fits_my_device_is_asked_in_the_background_and_can_be_stopped(wizard, monkeypatch):
    w = wizard()
    page, asked, hold = w.pages["model"], [], threading.Event()
    real = calculator().ask
    def slow(what):
        asked.append(what)
        if what["do"] == "fits" and len(asked) > 3: hold.wait(30)
        return real(what)
    monkeypatch.setattr(calculator(), "ask", slow)
    w.device.value, page.most.value = "4GB", "700M"
    page.fits.value = True
    until(lambda: len(asked) > 3)
    assert page.going and page.halt.layout.display == "" and len(page.list.options) <= 3
    page.halt.click()
    hold.set()
    assert not page.going and "Stopped" in page.progress.value and page.halt.layout.display == "none" and page.fits.value
    n = len(page.list.options)
    page.most.value = "600M"  # goes on with what is left
    until(lambda: not page.going)
    assert len(page.list.options) > n and all(record(id).parameters <= 6e8 for _, id in page.list.options)
    w.device.value = "a toaster"
    until(lambda: not page.going)
    assert "device_unknown" in page.progress.value and w.device.value == "a toaster"


# ---- Memory

def test_the_newest_request_wins_and_known_ones_come_at_once(wizard, tiny):
    w = wizard()
    w.device.value = "24GB"
    w.fields["model.id"].widget.value = tiny
    w.go("fit")
    for rank in (2, 4, 8, 32, 128): w.pages["fit"].rank.value = rank
    assert w.stale and "estimating" in w.bar.value
    settled(w)
    assert w.estimate.job.rank == 128 and w.plan.strategy.alpha == 256 and "estimating" not in w.bar.value
    total = w.estimate.total
    w.pages["fit"].rank.value = 16
    settled(w)
    assert w.estimate.total < total
    w.pages["fit"].rank.value = 128
    assert not w.stale and w.estimate.total == total, "known already"
    w.fields["strategy.rank"].widget.value = 100
    assert w.pages["fit"].rank.value == 128 and w.plan.strategy.rank == 100
    settled(w)
    calculator().process.kill()  # as a system does that runs out of memory
    w.fields["strategy.rank"].widget.value = 99
    settled(w)
    assert w.estimate.job.rank == 99 and not w.message.value


def test_repairs_are_read_and_one_click_makes_it_fit(wizard, tiny):
    w = wizard()
    w.fields["model.id"].widget.value = tiny
    for name, value in {"training.batch_rows": 24, "training.micro_batch_rows": 12, "training.max_tokens": 2048, "model.quantization": "none", "training.precision": "fp32"}.items(): w.fields[name].widget.value = value
    w.device.value = "cpu-64MB"
    w.go("fit")
    settled(w)
    page, repairs = w.pages["fit"], w.estimate.repairs
    assert not w.estimate.fits and all(map(repair_changes, repairs)) and "✗" in w.steps["fit"].description
    visible = [b for b in page.repairs if b.layout.display != "none"]
    assert len(visible) == len(repairs) and visible[0].description.startswith("gradient checkpointing")
    visible[-1].click()
    settled(w)
    box = w.fields["training.checkpointing"].widget
    assert box.value and w.plan.training.checkpointing and w.plan.training.micro_batch_rows < 12 and not w.plan.problems().fatal
    assert w.estimate.total <= repairs[-1].total and w.estimate.fits == (repairs[-1].total <= w.estimate.device.memory)
    box.value = False
    settled(w)
    assert not w.estimate.job.checkpointing and not w.plan.training.checkpointing
    w.fields["strategy.rank"].widget.value = 128  # states of fewer than 4,096 numbers stay in 32 bits
    settled(w)
    held = w.estimate.parts["optimizer"]
    w.fields["training.optimizer"].widget.value = "adamw_8bit"
    settled(w)
    assert w.plan.training.optimizer == w.estimate.job.optimizer == "adamw_8bit" and w.estimate.parts["optimizer"] < 0.9 * held


def test_time_and_money_stand_beside_the_memory(wizard, tiny):
    w = wizard()
    w.fields["model.id"].widget.value = tiny
    w.device.value = "t4"
    w.go("fit")
    settled(w)
    page = w.pages["fit"]
    assert "an assumption" in page.time.value and "page Strategy" in page.time.value and page.measure.layout.display == "none"
    w.pages["strategy"].rows.value, w.pages["strategy"].tokens.value = "480", "100"
    settled(w)
    total = round(480 * 100 * w.plan.training.epochs)
    assert f"{total:,} tokens" in page.time.value and "an hour" not in page.time.value
    page.price.value = "0.60"
    assert "at 0.6 an hour" in page.time.value
    page.price.value = "much"
    assert "number_out_of_range" in page.time.value and f"{total:,} tokens" in page.time.value


@pytest.mark.slow
def test_the_speed_is_measured_here(wizard, tiny_folder):
    w = wizard()
    w.fields["model.id"].widget.value = str(tiny_folder)
    for name, value in {"training.max_tokens": 64, "training.micro_batch_rows": 1, "training.batch_rows": 1}.items(): w.fields[name].widget.value = value
    w.go("fit")
    settled(w)
    page = w.pages["fit"]
    assert "No table gives the speed" in page.time.value and page.measure.layout.display == ""
    page.measure.click()
    assert "measuring" in page.time.value and page.measure.disabled
    until(lambda: "measured here" in page.time.value, 120)
    assert "3 steps measured here" in page.time.value and not page.measure.disabled and not w.message.value


def test_the_plan_remembers_the_use_and_the_device(wizard, tmp_path):
    w = wizard()
    w.commercial.value, w.redistribute.value, w.device.value = True, True, "24GB"
    w.save()
    plan = Plan.load(w.pages["save"].path.value)
    assert (plan.model.commercial, plan.model.redistribute, plan.training.device) == (True, True, "24GB")
    again = type(w)(w.pages["save"].path.value)
    assert again.commercial.value and again.redistribute.value and again.on == "24GB"


@pytest.mark.parametrize("job, on", [(Job(method="full", quantization="none", precision="fp32", rows=8, tokens=1024), "64MB"), (Job(quantization="none", precision="fp32", rows=4, tokens=1024), "70MB"), (Job(rows=3, tokens=600), "64MB")])
def test_every_repair_can_be_applied(job, on):
    "Its words, read back and applied to the job, give the very bytes it promises"
    names = {"training.micro_batch_rows": "rows", "training.max_tokens": "tokens", "training.precision": "precision", "model.quantization": "quantization", "strategy.method": "method", "training.checkpointing": "checkpointing", "training.optimizer": "optimizer"}
    big, done = dict(TINY, hidden_size=256, vocab_size=8192, num_hidden_layers=4), {}
    e = estimate(big, job, on)
    assert e.repairs
    for r in e.repairs:
        done |= {names.get(k, k): v for k, v in repair_changes(r).items()}
        rows = dict(accumulate=True) if "rows" in done else {}
        again = Job(**{**job.__dict__, **done, **rows})
        assert estimate(big, again, on, repair=False).total == r.total, r.what


def test_what_can_not_be_estimated_is_said(wizard, tiny):
    w = wizard()
    w.fields["model.id"].widget.value = tiny
    w.device.value = "quantum"
    w.go("fit")
    until(lambda: "device_unknown" in w.bar.value)
    assert w.device.value == "quantum" and any(f.code == "device_unknown" for f in w.found["fit"])
    w.device.value = "24GB"
    settled(w)
    w.fields["strategy.targets"].widget.value = "no_such_layer"
    until(lambda: "No adapter could be placed" in w.bar.value)
    w.pages["strategy"].choice.value = "prompt_tuning"  # has no targets
    settled(w)
    assert job_of(w.plan)["method"] == w.estimate.job.method == "prompt_tuning" and w.estimate.trainable == w.plan.strategy.rank * 64 and "No adapter" not in w.bar.value


# ---- The file

def test_files_of_others_stay(wizard, tmp_path):
    (tmp_path/"plan.yaml").write_text("my shopping list\n")
    w = wizard()
    assert "plan_unreadable" in w.message.value and w.plan.task.use_case == "custom"
    save, replace_ = w.pages["save"].save, w.pages["save"].replace
    w.fields["task.name"].widget.value = "mine"
    save.click()
    assert "file_not_written" in w.message.value and (tmp_path/"plan.yaml").read_text() == "my shopping list\n" and replace_.layout.display == "" and w.plan.task.name == "mine"
    w.pages["save"].path.value = "mine.yaml"
    save.click()
    assert Plan.load(tmp_path/"mine.yaml") == w.plan and replace_.layout.display == "none"
    w.fields["strategy.rank"].widget.value = 8
    save.click()  # its own file: no question
    assert Plan.load(tmp_path/"mine.yaml").strategy.rank == 8 and "Wrote the plan" in w.message.value
    again = wizard("mine.yaml")
    assert again.plan == w.plan and "Continued" in again.message.value and "strategy.rank" in again.mine
    (tmp_path/"mine.yaml").write_text("schema: 1\n")  # changed by somebody else since it was read
    again.pages["save"].save.click()
    assert (tmp_path/"mine.yaml").read_text() == "schema: 1\n"
    again.pages["save"].replace.click()
    assert Plan.load(tmp_path/"mine.yaml") == w.plan
    for path in ("no/such/folder/plan.yaml", ".", "\0.yaml"):
        w.pages["save"].path.value = path
        save.click()
        assert "file_not_written" in w.message.value and replace_.layout.display == "none" and "Traceback" not in w.message.value
    w.pages["save"].path.value = "<b>.yaml"
    save.click()
    assert (tmp_path/"<b>.yaml").exists() and "<b>.yaml" not in w.message.value


def test_from_a_plan_that_comes_with_the_package(wizard, tmp_path):
    w = wizard("own/plan.yaml", start="triage-smollm2_135m-qlora")
    assert w.plan.strategy.rank == 16 and w.plan.training.epochs == 2 and "Started" in w.message.value
    w.pages["strategy"].rows.value = "20k"  # what the file says stays
    assert w.plan.training.epochs == 2 and w.plan.training.batch_rows == 4
    (tmp_path/"own").mkdir()
    w.pages["save"].save.click()
    from ftcourse import named, new
    saved, own = Plan.load(tmp_path/"own"/"plan.yaml"), Plan.load(named("triage-smollm2_135m-qlora"))
    assert saved.data.train != own.data.train and saved.training == own.training
    assert new("r", tmp_path/"own"/"plan.yaml", root=tmp_path/"runs").data("train").exists()
    mine = Plan()
    mine.strategy.rank = 4
    w = wizard(start=mine)
    w.fields["strategy.rank"].widget.value = 8
    assert mine.strategy.rank == 4 and w.plan.strategy.rank == 8
    w = wizard(start="no-such-plan")
    assert "file_missing" in w.message.value and w.plan.strategy.rank == 16


def test_the_process_answers_only_by_findings():
    for asked, code in ((dict(do="estimate", model=TINY, job=dict(Job().__dict__, rank=-1), on="24GB"), "estimate_value"), (dict(do="config", model="no/such"), "model_unknown"), (dict(do="estimate", model={"model_type": "llama", "hidden_size": "x"}, job=Job().__dict__, on="24GB"), None)):
        with pytest.raises(Trouble) as e: calculator().ask(asked)
        assert code in (None, e.value.findings[0].code) and calculator().known(asked) is None
