"""The training itself, on the tiny model: the guard, equivalences, exact continuation, stop, pause, NaN."""
import hashlib
import json
import math
import os
import signal
import threading
import time

import pytest
import torch

from ftcourse.data.rows import conversation, read_rows
from ftcourse.events import read
from ftcourse.findings import Trouble
from ftcourse.runs import alive, ask, sha256, state
from ftcourse.training import checkpoints, control, load, loop
from ftcourse.training.loop import collate, encoded, label_loss, train
from tests.tiny import environment, launch

pytestmark = pytest.mark.slow  # the API notebooks train the tiny steps that `make check` sees

AVX512_BF16 = load.device() == "cpu" and getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()


def losses(run): return [v for _, v in run.history().points["train_loss"]]
def adapter(run): return hashlib.sha256((run.adapter/"adapter_model.safetensors").read_bytes()).hexdigest()


# ---- the guard against the packed kernel

def test_evaluation_changes_no_bit_of_the_loss(tiny_run):
    without, often = tiny_run("without", training=dict(eval_steps=0, precision="bf16")), tiny_run("often", training=dict(eval_steps=1, precision="bf16"))
    train(without), train(often)
    assert losses(without) == losses(often) and adapter(without) == adapter(often)
    assert len(often.history().points["valid_loss"]) == 6 and len(without.history().points["valid_loss"]) == 1


@pytest.mark.skipif(not AVX512_BF16, reason="the fault needs a processor with AVX512-BF16")
@pytest.mark.slow
def test_the_fault_the_guard_is_for_is_still_there(monkeypatch):
    "Without the guard, one forward pass in evaluation mode takes the gradient away: if this fails, the library was mended and the guard can go."
    from ftcourse.plan import Model, Strategy

    def gradients(guarded):
        if not guarded: monkeypatch.setattr(load, "keep_unpacked", lambda model: 0)
        model, tokenizer, _ = load.base(Model(), True)
        model = load.adapt(model, Strategy(rank=4), 0, "x")
        monkeypatch.undo()
        batch = collate([dict(input_ids=list(range(10, 40)), labels=list(range(10, 40)))], 0)
        with torch.no_grad(): model.eval()(input_ids=batch["input_ids"])
        with torch.autocast("cpu", torch.bfloat16): label_loss(model.train(), batch).backward()
        return torch.cat([p.grad.flatten() for n, p in model.named_parameters() if p.grad is not None and "lora_B" in n and ".layers.0." in n]).float()

    right, wrong = gradients(True), gradients(False)
    assert right.norm() > 0
    assert torch.nn.functional.cosine_similarity(right, wrong, 0) < 0.9


# ---- the loss

def test_label_loss_is_the_models_own_loss(tiny_folder):
    from transformers import AutoModelForCausalLM
    model = AutoModelForCausalLM.from_pretrained(tiny_folder)
    batch = collate([dict(input_ids=[1, 2, 3, 4, 5], labels=[-100, -100, 3, 4, 5]), dict(input_ids=[9, 8, 7], labels=[-100, 8, 7])], 256)
    ours, theirs = label_loss(model, batch), model(**batch).loss
    assert torch.allclose(ours, theirs, atol=1e-6)
    ours.backward()
    got = model.model.layers[0].mlp.up_proj.weight.grad.clone()
    model.zero_grad(); theirs.backward()
    assert torch.allclose(got, model.model.layers[0].mlp.up_proj.weight.grad, atol=1e-6)
    assert not model.get_output_embeddings()._forward_pre_hooks, "the hook is gone"


def test_a_weight_is_a_row_that_stands_so_often(tiny_folder):
    "Loss and gradient are those of copies; the number of tokens they are divided by is not"
    from transformers import AutoModelForCausalLM
    model = AutoModelForCausalLM.from_pretrained(tiny_folder)
    rows = [dict(input_ids=[1, 2, 3, 4, 5], labels=[-100, -100, 3, 4, 5]), dict(input_ids=[9, 8, 7], labels=[-100, 8, 7])]
    grads = []
    for batch in (collate([rows[0], {**rows[1], "weight": 3.0}], 256), collate([rows[0], *[rows[1]] * 3], 256)):
        model.zero_grad()
        loss = label_loss(model, batch, 5)
        loss.backward()
        grads.append((loss.detach(), model.model.layers[0].mlp.up_proj.weight.grad.clone()))
    for a, b in zip(*grads): assert torch.allclose(a, b, atol=1e-6)
    assert torch.equal(label_loss(model, collate([{**r, "weight": 1.0} for r in rows], 256)), label_loss(model, collate(rows, 256))), "a weight of 1 changes no bit"
    assert torch.allclose(label_loss(model, collate([{**r, "weight": 0.5} for r in rows], 256)) * 2, label_loss(model, collate(rows, 256)))


def test_only_answer_and_end_of_turn_are_trained(tiny_run):
    run = tiny_run()
    from transformers import AutoTokenizer
    plan, tokenizer = run.plan, AutoTokenizer.from_pretrained(run.plan.model.id)
    rows, found = encoded(read_rows(run.data("train"), "q", "a", "json")[0], plan, tokenizer, "train")
    assert not found
    for row in rows:
        said = [t for t in row["labels"] if t != -100]
        assert tokenizer.decode(said[:-1]).startswith('{"colour": ') and said[-1] == tokenizer.convert_tokens_to_ids("<|im_end|>")
    padded = collate(rows[:2] + [dict(input_ids=[1, 258], labels=[-100, 258])], pad=258)  # padding token = end of turn
    assert padded["labels"][2].tolist()[:3] == [-100, 258, -100] and padded["attention_mask"][2].sum() == 2


def test_accumulating_is_the_same_as_one_batch(tiny_run):
    curves = []
    for micro in (4, 2, 1):
        run = tiny_run(f"micro-{micro}", model=dict(quantization="none"), training=dict(micro_batch_rows=micro, max_grad_norm=0.5))
        train(run)
        curves.append(losses(run))
    assert len(curves[0]) == 6
    for other in curves[1:]: assert torch.allclose(torch.tensor(curves[0]), torch.tensor(other), atol=1e-4)


def test_rows_with_weights(tiny_run, monkeypatch):
    "However the batch is cut and wherever the run stops, a weight counts; validation counts none"
    def weighted(name, weights, **training):
        run = tiny_run(name, model=dict(quantization="none"), training=dict(max_grad_norm=0.5, **training))
        for side, w in (("train", weights), ("valid", 7.0)):
            rows = [conversation(r, "", "q", "a") for r in read_rows(run.data(side), "q", "a", "json")[0]]
            run.data(side).write_text("".join(json.dumps({**r, "weight": w if isinstance(w, float) else w[i % len(w)]}) + "\n" for i, r in enumerate(rows)), encoding="utf-8")
        told = json.loads((run.path/"environment.json").read_text())
        told["data"] = {side: sha256(run.data(side)) for side in told["data"]}
        (run.path/"environment.json").write_text(json.dumps(told))
        return run
    some = [0.5, 2.0, 1.0, 4.0, 0.25]
    runs = [weighted("equal", [1.0]), weighted("whole", some), weighted("cut", some, micro_batch_rows=1), weighted("stopped", some)]
    for run in runs[:3]: train(run)
    stop_after(monkeypatch, 5)
    assert train(runs[3]).state == "stopped"
    monkeypatch.undo()
    assert train(runs[3]).state == "finished" and losses(runs[3]) == losses(runs[1]) and adapter(runs[3]) == adapter(runs[1])
    assert torch.allclose(torch.tensor(losses(runs[1])), torch.tensor(losses(runs[2])), atol=1e-4) and losses(runs[0])[0] != losses(runs[1])[0]
    plain = tiny_run("plain", model=dict(quantization="none"), training=dict(max_grad_norm=0.5))
    train(plain)
    assert losses(plain) == losses(runs[0]) and plain.history().points["valid_loss"] == runs[0].history().points["valid_loss"], "weights of 1, and those of validation rows, change no bit"


@pytest.mark.parametrize("quantization", ["nf4", "none"])
def test_checkpointing_changes_no_bit(tiny_run, quantization):
    "Activations are forgotten and computed again, at every layer and step, and nothing else changes"
    runs = [tiny_run(f"checkpointing-{on}", model=dict(quantization=quantization), training=dict(checkpointing=on)) for on in (False, True)]
    for run in runs: train(run)
    assert losses(runs[0]) == losses(runs[1]) and adapter(runs[0]) == adapter(runs[1]) and len(losses(runs[0])) == 6


def test_checkpointing_really_forgets(tiny_run, monkeypatch):
    "The layers run once more on the way back"
    from transformers.models.llama.modeling_llama import LlamaMLP
    count, real = [], LlamaMLP.forward
    monkeypatch.setattr(LlamaMLP, "forward", lambda self, x: (count.append(torch.is_grad_enabled()), real(self, x))[1])
    seen = {}
    for on in (False, True):
        count.clear()
        train(tiny_run(f"forgets-{on}", sizes=dict(train=4, valid=0, test=0), training=dict(checkpointing=on, eval_steps=0)))
        seen[on] = len(count)
    assert seen[False] > 0 and seen[True] == 2 * seen[False]


def test_moments_in_8_bits(tiny_run, monkeypatch):
    "They are really held in 8 bits, learn nearly the same, and a run that was stopped goes on with the same bits"
    kept, save = [], checkpoints.save_optimizer
    monkeypatch.setattr(checkpoints, "save_optimizer", lambda o, *args: (kept.append({str(v.dtype) for s in o.state.values() for k, v in s.items() if k.startswith("state")}), save(o, *args)))
    same = dict(strategy=dict(rank=128), training=dict(optimizer="adamw_8bit"))
    whole, cut, plain = tiny_run("whole", **same), tiny_run("cut", **same), tiny_run("plain", strategy=dict(rank=128))
    train(whole)
    assert {"torch.uint8", "torch.float32"} == set().union(*kept), "small tensors stay in 32 bits"
    stop_after(monkeypatch, 9)
    assert train(cut).state == "stopped"
    monkeypatch.undo()
    assert train(cut).state == "finished" and losses(cut) == losses(whole) and adapter(cut) == adapter(whole)
    train(plain)
    assert losses(plain) != losses(whole) and torch.allclose(torch.tensor(losses(plain)), torch.tensor(losses(whole)), atol=0.02)


def test_it_learns(tiny_run):
    run = tiny_run(training=dict(epochs=5))
    r = train(run)
    assert r.state == "finished" and r.step == r.steps == 30 and r.train_loss < losses(run)[0] - 0.15  # two random layers can't learn much
    again = train(run)
    assert again.step == 30 and run.history().state == "finished", "a finished run is left as it is"


def test_a_short_last_batch_ends_the_run(tiny_run):
    run = tiny_run(sizes=dict(train=11))
    assert train(run).step == 3
    logs = [e for e in read(run.events)[0] if e["kind"] == "log"]
    assert [e["rows"] for e in logs] == [4, 4, 3]


# ---- exact continuation

def stop_after(monkeypatch, micros):
    "Ask for a stop after so many micro-batches, from inside: the same moment each time."
    asked, count = loop.Steer.requested, [0]
    def requested(self):
        count[0] += 1
        if count[0] == micros: ask(self.run, "stop")
        return asked(self)
    monkeypatch.setattr(loop.Steer, "requested", requested)


@pytest.mark.parametrize("micros", [1, 5, 9])  # within a step's accumulation and at its end, before and after a checkpoint
def test_stopped_and_continued_is_the_same_run(tiny_run, monkeypatch, micros):
    kw = dict(strategy=dict(dropout=0.2), training=dict(eval_steps=0))
    whole, parts = tiny_run("whole", **kw), tiny_run("parts", **kw)
    train(whole)
    stop_after(monkeypatch, micros)
    first = train(parts)
    assert first.state == "stopped" and first.step == micros // 2
    monkeypatch.undo()
    assert train(parts).state == "finished"
    assert losses(parts) == losses(whole) and adapter(parts) == adapter(whole)


@pytest.mark.slow
def test_killed_and_continued_is_the_same_run(tiny_run):
    kw = dict(strategy=dict(dropout=0.2), training=dict(epochs=4))
    whole, killed = tiny_run("whole", **kw), tiny_run("killed", **kw)
    p = launch("train", whole.path, "--quiet"); p.communicate(timeout=120)
    p = launch("train", killed.path, "--quiet")
    until = time.monotonic() + 100
    while killed.history().step < 7 and time.monotonic() < until and p.poll() is None: time.sleep(0.01)
    os.kill(p.pid, signal.SIGKILL); p.communicate()
    step = killed.history().step
    assert state(killed) == "failed" and 7 <= step < 24
    p = launch("train", killed.path, "--quiet"); p.communicate(timeout=120)
    assert p.returncode == 0 and adapter(killed) == adapter(whole) and losses(killed) == losses(whole)


def test_nothing_of_a_run_is_a_pickle(tiny_run):
    run = tiny_run()
    train(run)
    kinds = {p.suffix for p in run.path.rglob("*") if p.is_file()}
    assert kinds <= {".json", ".jsonl", ".yaml", ".safetensors", ".log"}, kinds
    assert sorted(p.name for p in run.checkpoints.iterdir()) == ["step-000004", "step-000006"], "the two newest"


# ---- stop, pause, failure

def test_stop_and_pause_from_outside(tiny_run):
    run = tiny_run(training=dict(epochs=200, eval_steps=0, checkpoint_steps=0))
    control.start(run)
    try:
        wait(lambda: run.history().step >= 3, 60)
        assert control.pause(run, wait=20) == "paused"
        at = run.history().step
        time.sleep(0.7)
        assert run.history().step == at and alive(run), "it waits, and keeps its memory"
        assert (run.checkpoints/checkpoints.name(at)).exists(), "paused with a checkpoint on disk"
        control.resume(run, wait=20)
        wait(lambda: run.history().step > at + 2, 20)
        assert control.stop(run, wait=20) == "stopped"
        wait(lambda: not alive(run), 20)
        assert run.adapter.exists() and not (run.path/"request").exists()
    finally: control.stop(run, wait=5)


def test_stop_while_paused_and_while_validating(tiny_run, monkeypatch):
    run = tiny_run(training=dict(eval_steps=1))
    ask_in = threading.Timer(1.5, lambda: ask(run, "stop"))
    stop = loop.Steer.requested
    def pause_once(self):
        if self.step == 2 and not ask_in.is_alive() and not self.stopped: ask(self.run, "pause"); ask_in.start()
        return stop(self)
    monkeypatch.setattr(loop.Steer, "requested", pause_once)
    assert train(run).state == "stopped" and run.history().step == 2


def test_nan_stops_the_step_before_it_is_applied(tiny_run, monkeypatch):
    run = tiny_run()
    real, calls = loop.label_loss, [0]
    def poisoned(model, inputs, tokens=None):
        loss = real(model, inputs, tokens)
        calls[0] += model.training
        return loss * float("nan") if model.training and calls[0] == 6 else loss  # second micro-batch of step 3
    monkeypatch.setattr(loop, "label_loss", poisoned)
    with pytest.raises(Trouble) as e: train(run)
    assert e.value.findings[0].code == "loss_not_finite" and "step 3" in e.value.findings[0].where
    h = run.history()
    assert h.state == "failed" and h.step == 2 and [f["code"] for f in h.findings if f["severity"] != "note"] == ["loss_not_finite"]
    monkeypatch.undo()
    assert checkpoints.newest(run.checkpoints)[0].name == "step-000002"
    assert train(run).state == "finished" and all(map(math.isfinite, losses(run)))


def test_long_rows_are_told_and_left_out(tiny_run):
    run = tiny_run(training=dict(max_tokens=80))
    train(run)
    found = [f for f in run.history().findings if f["code"] == "rows_too_long"]
    assert found and "rows" in found[0]["where"]


def test_a_damaged_checkpoint_is_passed_over(tiny_run, monkeypatch):
    run = tiny_run()
    stop_after(monkeypatch, 9)
    train(run)
    monkeypatch.undo()
    newest = checkpoints.newest(run.checkpoints)[0]
    (newest/"optimizer.safetensors").write_bytes(b"damaged")
    assert train(run).state == "finished"
    assert "checkpoint_broken" in [f["code"] for f in run.history().findings]


# ---- base and tuned

def test_adapter_off_is_the_base_and_unpacking_changes_nothing(tiny_run):
    from ftcourse.evaluation.generate import load_pair
    run = tiny_run(training=dict(epochs=3))
    train(run)
    ids = torch.randint(0, 256, (2, 12), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        plain, _, _ = load.base(run.plan.model, False)
        four_bit = plain.eval()(ids).logits
        model, _, _ = load_pair(run)
        with model.disable_adapter(): off = model(ids).logits
        on = model(ids).logits
    assert torch.equal(off, four_bit) and not torch.equal(on, off)


def wait(done, seconds):
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
