"""Memory, devices and speed: the estimate against what tensors really hold, the extrapolation against the whole depth, and values that make no sense."""
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcourse.findings import Trouble
from ftcourse.hardware import RUNTIME, Device, device, presets, system_memory
from ftcourse.memory import METHODS, PARTS, STRATEGIES, Job, _bounds, _estimated, _extrapolated, _key, _step, estimate, fits, quantized_bytes, weights
from ftcourse.speed import probe, training_time, work

TINY = dict(model_type="llama", hidden_size=64, intermediate_size=160, num_hidden_layers=6, num_attention_heads=4, num_key_value_heads=2, vocab_size=512, tie_word_embeddings=True, max_position_embeddings=512)
SMALL = dict(TINY, hidden_size=128, intermediate_size=352, vocab_size=2048)
GEMMA = dict(model_type="gemma2", hidden_size=64, intermediate_size=160, num_hidden_layers=8, num_attention_heads=4, num_key_value_heads=2, head_dim=16, vocab_size=512, max_position_embeddings=512)
GPT2 = dict(model_type="gpt2", n_embd=64, n_layer=4, n_head=4, vocab_size=512, n_positions=256)
BIG = Device("big", "a large card", "cuda", 2**50)


def codes(error): return [f.code for f in error.value.findings]


@pytest.fixture(scope="module")
def bench():
    "bench/memory.py, whose measuring half is used here"
    import importlib.util
    from pathlib import Path
    spec = importlib.util.spec_from_file_location("bench_memory", Path(__file__).parents[1]/"bench"/"memory.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("change", [
    dict(rows=4, tokens=64, trained=16), dict(rows=4, tokens=64, precision="fp32"), dict(rows=2, tokens=320, trained=64), dict(rows=2, tokens=64, checkpointing=True),
    dict(rows=2, tokens=64, method="bottleneck", rank=8), dict(rows=4, tokens=64, method="prompt_tuning"), dict(rows=2, tokens=64, trained=16, method="partial"), dict(rows=2, tokens=64, trained=16, method="dpo"),
    dict(rows=2, tokens=64, checkpointing=True, method="dpo"), dict(rows=2, tokens=64, trained=16, rank=64, optimizer="adamw_8bit"),
    dict(rows=2, tokens=64, quantization="none", rank=4), dict(rows=2, tokens=64, method="full", quantization="none", precision="fp32"), dict(rows=2, tokens=64, method="dora"), dict(rows=1, tokens=300)],
    ids=lambda c: " ".join(f"{k}={v}" for k, v in c.items()))
def test_the_estimate_is_what_tensors_really_hold(bench, monkeypatch, change):
    "the same step with weights and values, its tensors counted"
    monkeypatch.setitem(bench.MODELS, "small", TINY)
    real = bench.measured("small", change, "cpu", True)["tensors"]
    p = estimate(TINY, Job(**change), "cpu-1024gb", repair=False).parts
    said = p["gradients"] + p["optimizer"] + p["activations"] + p["workspace"]
    assert abs(said / real - 1) < 0.02, f"{said:,} said, {real:,} held"


@pytest.mark.slow
@pytest.mark.parametrize("method", ["reward", "reward_rl"])
def test_both_trainings_of_reinforcement_are_what_tensors_really_hold(bench, monkeypatch, method):
    monkeypatch.setitem(bench.MODELS, "small", TINY)
    change = dict(rows=2, tokens=64, trained=16, method=method)
    p = _estimated(TINY, Job(**change), device("cpu-1024gb"), False).parts
    real = bench.measured("small", change, "cpu", True)["tensors"]
    assert abs((p["gradients"] + p["optimizer"] + p["activations"] + p["workspace"]) / real - 1) < 0.02


def test_reinforcement_takes_the_largest_of_its_parts():
    e = estimate(SMALL, Job("reward_rl", rows=2, tokens=64, trained=16), BIG)
    one = estimate(SMALL, Job("reward_rl", rows=2, tokens=64, trained=16), BIG, serve=True)
    assert e.total > one.total and e.job.method == "reward_rl" and "reward model" in " ".join(f.says for f in e.findings)
    big = dict(SMALL, hidden_size=512, num_attention_heads=8, num_key_value_heads=8, intermediate_size=2048)
    e = estimate(big, Job("reward_rl", "none", rank=1, rows=1, tokens=8, trained=8), BIG)
    assert e.peak.startswith("policy") and e.parts["judge"] >= e.parts["weights"] > 0 and sum(e.parts.values()) == e.total


@pytest.mark.parametrize("tied", [True, False])
def test_what_each_method_trains_is_counted(tied):
    config, (h, v, layers) = dict(SMALL, tie_word_embeddings=tied), (128, 2048, 6)
    trained = lambda method, **change: weights(config, Job(method, rank=8, **change))["trainable"]
    lora = trained("lora")
    assert trained("partial") == lora + h * v * (1 if tied else 2), "one table where both are one"
    assert trained("bottleneck") == layers * 2 * (2 * 8 * h + 8 + h) and trained("prompt_tuning") == 8 * h and trained("in_context") == 0
    assert trained("dpo") == trained("reward_rl") == trained("staged") == trained("continued_pretraining") == lora and trained("dora") > lora
    assert len({weights(config, Job(m))["weights"] for m in STRATEGIES if m != "full"}) == 1, "the base is the same for all"


def test_texts_score_every_token_and_examples_in_the_prompt_train_nothing():
    job = Job(rows=2, tokens=64, trained=8)
    total = lambda **change: estimate(TINY, replace(job, **change), BIG).total
    assert total(method="staged") == total(method="continued_pretraining") == total(trained=0) > total()
    e = estimate(TINY, replace(job, method="in_context"), BIG)
    assert e.parts["cache"] and not e.parts["activations"] and e.total == estimate(TINY, replace(job, method="in_context"), BIG, serve=True).total


@pytest.mark.slow
@pytest.mark.parametrize("config", [TINY, GEMMA, dict(GPT2, n_layer=8)], ids=lambda c: c["model_type"])
@pytest.mark.parametrize("change", [dict(), dict(method="full", quantization="none"), dict(checkpointing=True)], ids=str)
def test_two_depths_tell_the_whole_one(config, change):
    job, attention = Job(rows=2, tokens=64, **change), "eager"
    run = lambda layers: _step(_key(config), job, "cpu", attention, layers)
    whole = run(config.get("num_hidden_layers") or config["n_layer"])
    for key, value in _extrapolated(run, config).items(): assert abs(value - whole[key]) <= 0.01 * max(whole.values()), key


def test_parts_add_up_and_reach_the_json():
    e = estimate(TINY, Job(rows=2, tokens=64), "8GB")
    d = json.loads(json.dumps(e.as_dict()))
    assert d["total_bytes"] == sum(d["parts"].values()) == e.total and d["device_bytes"] == 8 * 2**30 and d["fits"] is True and set(d["parts"]) == set(PARTS)
    assert e.parts["runtime"] == RUNTIME["cuda"]


@pytest.mark.slow
def test_more_of_anything_never_needs_less():
    base = Job(rows=2, tokens=64, trained=16)
    total = lambda **change: estimate(SMALL, replace(base, **change), BIG, repair=False).total
    here = total()
    assert total(rows=4) > here and total(tokens=128) > here and total(rank=64) > here and total(trained=64) > here and total(precision="fp32") > here
    assert total(checkpointing=True) < here and total(accumulate=True) >= here
    full = dict(method="full", quantization="none")
    assert total(**full) > total(quantization="none") > here and total(optimizer="sgd", **full) < total(**full)


@given(st.integers(1, 300), st.integers(1, 300))
def test_nf4_takes_half_a_byte_and_a_little(rows, columns):
    n = rows * columns
    assert n / 2 < quantized_bytes((rows, columns), "nf4") <= n / 2 + 1 + n / 64 + 1 + 4 * (n / 64 / 256 + 2) + 68


def test_a_768_by_768_layer_needs_less_than_7000_at_rank_4():
    one = dict(TINY, hidden_size=768, num_attention_heads=12, num_key_value_heads=12, num_hidden_layers=1)
    assert 768 * 768 == 589_824 and weights(one, Job(rank=4, targets="q_proj"))["trainable"] == 4 * (768 + 768) == 6144 < 7000


def test_serving_holds_the_cache_that_the_model_fills():
    e = estimate(TINY, Job(quantization="none", rows=3, tokens=100), "8GB", serve=True)
    exact = 6 * 2 * 3 * 100 * 2 * 16 * 2  # layers, keys and values, rows, tokens, heads, width, bytes
    assert exact <= e.parts["cache"] <= 1.05 * exact + 6 * 2 * 512 and e.parts["activations"] == e.parts["gradients"] == e.parts["optimizer"] == 0


@pytest.mark.slow
def test_repairs_make_it_fit_or_say_that_they_do_not():
    job = Job(method="full", quantization="none", rows=8, tokens=512)
    need = estimate(SMALL, job, BIG).total - RUNTIME["cuda"]
    small = Device("small", "a small card", "cuda", RUNTIME["cuda"] + int(need * 0.6))
    e = estimate(SMALL, replace(job, rows=8), small)
    assert not e.fits and e.repairs[-1].total <= small.memory and "Together they fit" in e.findings[0].fix
    totals = [r.total for r in e.repairs]
    assert totals == sorted(totals, reverse=True) and all(t < e.total for t in totals), "a change that brings nothing is not told"
    none = estimate(SMALL, job, Device("none", "a tiny card", "cuda", 2**20))
    assert not none.fits and none.repairs[-1].total > 2**20 and "do not fit" in none.findings[0].fix


def test_a_card_without_bf16_is_estimated_in_fp32():
    e = estimate(TINY, Job(rows=2, tokens=64), "t4")
    assert e.job.precision == "fp32" and "not_estimated" in [f.code for f in e.findings] and e.total > estimate(TINY, Job(rows=2, tokens=64), "l4").total


def test_what_is_not_quantised_is_said():
    falcon = dict(model_type="falcon", hidden_size=4096, num_hidden_layers=12, num_attention_heads=64, num_kv_heads=8, vocab_size=4096, new_decoder_architecture=True)
    assert weights(falcon)["quantized"] == 0 and "little_quantized" in [f.code for f in estimate(falcon, Job(rows=1, tokens=32), BIG).findings]
    assert weights(GPT2)["quantized"] == 4 * 12 * 64 * 64, "GPT-2's layers are not torch's, and are quantised all the same"


@pytest.mark.parametrize("change, where", [
    (dict(rank=-4), "rank"), (dict(rank=0), "rank"), (dict(rows=0), "rows"), (dict(tokens=1), "tokens"), (dict(tokens=10**9), "tokens"), (dict(trained=600), "trained"), (dict(rows=2.5), "rows"), (dict(rows=True), "rows"),
    (dict(method="magic"), "method"), (dict(quantization="int3"), "quantization"), (dict(method="full"), "quantization"), (dict(optimizer="adam"), "optimizer"), (dict(precision="fp8"), "precision")], ids=str)
def test_values_that_make_no_sense_name_their_field(change, where):
    with pytest.raises(Trouble) as e: estimate(TINY, Job(**change), "8GB")
    assert codes(e) == ["estimate_value"] and e.value.findings[0].where == where and e.value.findings[0].fix


@pytest.mark.parametrize("config", [{}, dict(model_type="nothing-known"), dict(model_type=7), dict(TINY, num_attention_heads=0), dict(TINY, hidden_size="wide"), dict(TINY, num_hidden_layers=0), dict(TINY, vocab_size=-1)], ids=str)
def test_a_broken_config_is_a_finding(config):
    with pytest.raises(Trouble) as e: estimate(config, Job(), "8GB")
    assert codes(e) == ["config_incomplete"]


def test_targets_that_are_nowhere_are_a_finding():
    with pytest.raises(Trouble) as e: estimate(TINY, Job(targets="attention_please"), "8GB")
    assert codes(e) == ["plan_out_of_range"]


@pytest.mark.parametrize("words", ["", "24", "rtx 9999", "-4GB", "nanGB", "1e99GB", "0GB", "24 bananas", "<script>", "9" * 400 + "GB"])
def test_a_device_that_is_none(words):
    with pytest.raises(Trouble) as e: device(words)
    assert codes(e) == ["device_unknown"] and len(e.value.findings[0].where) <= 80


@given(st.text(max_size=30))
def test_any_words_are_a_device_or_a_finding(words):
    try: assert device(words).memory > 0
    except Trouble as e: assert e.findings[0].code == "device_unknown"


def test_devices_of_all_spellings():
    gib = 2**30
    assert device("24GB").memory == device("24 GiB").memory == device("24g").memory == 24 * gib and device("0.5tb").memory == 512 * gib
    assert device("A100").memory == 80 * gib and device("RTX 3090").memory == device("3090").memory == 24 * gib and device("cpu-16gb").kind == "cpu"
    assert device("cpu").memory == system_memory()[0] and device(device("t4")) == device("t4")
    assert all(d.memory > 2**30 and d.source for d in presets().values())


def test_here_is_this_machine():
    d = device("here")
    assert d.memory > 0 and 0 <= d.free <= d.memory and d.kind in ("cpu", "cuda", "mps")


class Record:
    def __init__(self, config, job=Job()): self.config, self.parameters = config, weights(config, job)["parameters"]


@pytest.mark.parametrize("method", list(METHODS))
def test_the_cheap_bounds_hold_the_estimate(method):
    record = Record(dict(SMALL, num_hidden_layers=4), METHODS[method])
    low, high = _bounds(record, METHODS[method])
    assert low <= estimate(record.config, METHODS[method], BIG, repair=False).total <= high
    assert fits(record, "80GB", method) and not fits(record, Device("x", "x", "cuda", 2**20), method)


# ---- speed

def test_work_follows_the_rule_of_six():
    big = dict(TINY, hidden_size=512, intermediate_size=2048, num_attention_heads=8, num_key_value_heads=8, vocab_size=1024)
    n = weights(big, Job(method="full", quantization="none"))["parameters"]
    assert abs(work(big, Job(method="full", quantization="none", tokens=2)) / (6 * n) - 1) < 0.02
    assert work(big) < work(big, Job(checkpointing=True)) < work(big, Job(method="full", quantization="none", checkpointing=True))


def test_a_mixture_of_experts_works_with_those_that_are_used():
    moe = dict(model_type="mixtral", hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4, vocab_size=256, num_local_experts=8, num_experts_per_tok=2)
    assert work(moe) < work(dict(moe, num_experts_per_tok=8)) and weights(moe)["parameters"] == weights(dict(moe, num_experts_per_tok=8))["parameters"]


def test_time_and_money_are_ranges_with_a_source():
    t = training_time(TINY, 1_000_000, on="a100", price=2.0)
    low, high = t.seconds
    assert 0 < low < high and t.cost == (low / 1800, high / 1800) and "assumption" in t.source and json.loads(json.dumps(t.as_dict()))["tokens"] == 1_000_000
    measured = training_time(TINY, 600, probed=[100.0, 150.0, 120.0])
    assert measured.seconds == (4.0, 6.0) and measured.cost is None and "measured" in measured.source
    for wrong in (dict(tokens=0), dict(tokens=1.5), dict(tokens=5, price=-1), dict(tokens=5, price=float("nan"))):
        with pytest.raises(Trouble) as e: training_time(TINY, on="a100", **wrong)
        assert codes(e) == ["estimate_value"]
    with pytest.raises(Trouble) as e: training_time(TINY, 100, on="24GB")
    assert codes(e) == ["speed_unknown"]


def test_work_of_methods_that_do_more_or_other_things():
    assert work(TINY, Job("dpo")) > work(TINY) > work(TINY, Job("prompt_tuning"))
    for method in ("in_context", "reward_rl"):
        with pytest.raises(Trouble) as e: training_time(TINY, 1000, Job(method), "a100")
        assert codes(e) == ["speed_unknown"]


@pytest.mark.parametrize("job, where", [(Job("dora"), "method"), (Job("full", "none"), "method"), (Job(optimizer="adamw_8bit"), "optimizer")])
def test_a_probe_measures_what_it_says_or_nothing(job, where):
    from ftcourse.plan import Model
    with pytest.raises(Trouble) as e: probe(Model(), job)
    assert codes(e) == ["estimate_value"] and e.value.findings[0].where == where


def test_a_probe_takes_real_steps(tiny_folder):
    from ftcourse.plan import Model
    said = []
    speeds = probe(Model(id=str(tiny_folder)), Job(rows=2, tokens=32, precision="fp32"), 2, said.append)
    assert len(speeds) == 2 and all(v > 0 for v in speeds) and "not counted" in " ".join(said)


# ---- the command

def run(*args): return subprocess.run([sys.executable, "-m", "ftcourse", "estimate", *args], capture_output=True, text=True)


@pytest.mark.slow
def test_the_command_says_whether_it_fits(tiny_folder):
    done = run("--model", str(tiny_folder), "--method", "qlora", "--seq", "64", "--batch", "2", "--gpu", "8GB", "--json", "--tokens", "1000", "--probe", "--precision", "fp32")
    out = json.loads(done.stdout)
    assert done.returncode == 0 and out["fits"] and {"device_bytes", "total_bytes", "parts", "fits", "findings", "time"} <= out.keys() and out["time"]["seconds"][0] > 0
    done = run("--model", "llama-2-70b", "--seq", "64", "--gpu", "8GB", "--json")
    out = json.loads(done.stdout)
    assert done.returncode == 1 and not out["fits"] and [f["code"] for f in out["findings"]] == ["does_not_fit"]


@pytest.mark.parametrize("args, code, word", [
    (("--model", "lama-2-7b"), "model_unknown", "llama-2-7b"), (("--model", "llama-2-7b", "--gpu", "24"), "device_unknown", "24GB"), (("--model", "llama-2-7b", "--gpu", "8GB", "--seq", "-5"), "estimate_value", "--seq"),
    (("--model", "llama-2-7b", "--gpu", "8GB", "--method", "lor"), "estimate_value", "qlora"), (("--model", "llama-2-7b", "--gpu", "8GB", "--rank", "-1"), "estimate_value", "--rank")], ids=str)
def test_the_command_names_what_is_wrong(args, code, word):
    done = run(*args, "--json")
    assert done.returncode == 1 and json.loads(done.stdout)["findings"][0]["code"] == code and word in done.stderr and "Traceback" not in done.stderr
