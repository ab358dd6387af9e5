"""The smoke test learns by heart on a tiny model, and catches what keeps a run from learning when it is planted."""
import json
from pathlib import Path

import pytest

from ftcourse.findings import Trouble
from ftcourse.smoke import FAST, choose, smoke_test
from tests.tiny import COLOURS, tiny_model, tiny_tokenizer

ROWS = [{"messages": [{"role": "user", "content": f"Ball {i}?"}, {"role": "assistant", "content": c}]} for i, c in enumerate(COLOURS)]


@pytest.fixture
def tiny():
    "Model and tokenizer; all of the model is trained"
    return tiny_model(), tiny_tokenizer()


def failed(result, code):
    assert result.verdict == "failed" and [f["code"] for f in result.findings] == [code], result
    json.dumps(result.as_dict(), allow_nan=False)
    return result


def test_it_learns(tiny):
    before = {n: p.detach().clone() for n, p in tiny[0].named_parameters()}
    steps = []
    out = smoke_test("tiny", ROWS, steps=150, learning_rate=5e-3, loaded=tiny, progress=lambda step, steps_, loss: steps.append(step))
    assert out.verdict == "ok" and out.losses[-1] < 0.05 < out.losses[0] and [r["said"] for r in out.rows] == [r["expected"] for r in out.rows]
    assert out.steps < 150 and steps == list(range(1, out.steps + 1)) and json.loads(json.dumps(out.as_dict()))["verdict"] == "ok"
    assert all((p == before[n]).all() for n, p in tiny[0].named_parameters())  # the model is given back as it was
    assert smoke_test("tiny", ROWS, steps=150, learning_rate=5e-3, loaded=tiny).losses == out.losses


def test_it_loads_and_adapts_by_itself(tiny_folder):
    "From a folder, with adapters, as the run does. Adapters on a random base can't learn by heart: its output layer is random and stays so"
    out = failed(smoke_test(str(tiny_folder), ROWS[:2], steps=12, rank=16, precision="fp32", learning_rate=5e-3), "smoke_loss_flat")
    assert out.trainable == 16384 and out.steps == 12 and out.losses[-1] < out.losses[0] - 0.1, out


def test_a_learning_rate_of_zero(tiny): failed(smoke_test("tiny", ROWS, loaded=tiny, learning_rate=0.0), "smoke_weights_unchanged")


def test_the_rate_of_the_plan_is_raised(tiny):
    "A rate that suits a run of hours would learn nothing by heart in seconds"
    assert smoke_test("tiny", ROWS, steps=3, loaded=tiny, learning_rate=1e-6).losses == smoke_test("tiny", ROWS, steps=3, loaded=tiny, learning_rate=FAST).losses


def test_everything_frozen(tiny):
    tiny[0].requires_grad_(False)
    failed(smoke_test("tiny", ROWS, learning_rate=5e-3, loaded=tiny), "smoke_frozen")


def test_a_dead_graph(tiny):
    "The trained part has no way to the loss"
    import torch
    tiny[0].requires_grad_(False)
    tiny[0].register_parameter("lonely", torch.nn.Parameter(torch.ones(3)))
    failed(smoke_test("tiny", ROWS, learning_rate=5e-3, loaded=tiny), "smoke_no_gradient")


def test_a_detached_output(tiny):
    tiny[0].model.register_forward_hook(lambda m, a, out: type(out)(last_hidden_state=out.last_hidden_state.detach()))
    tiny[0].get_output_embeddings().requires_grad_(False)
    failed(smoke_test("tiny", ROWS, learning_rate=5e-3, loaded=tiny), "smoke_no_gradient")


def test_a_gradient_of_zero(tiny):
    for p in tiny[0].parameters(): p.register_hook(lambda g: g * 0)
    failed(smoke_test("tiny", ROWS, learning_rate=5e-3, loaded=tiny), "smoke_no_gradient")


def test_nan(tiny):
    tiny[0].model.layers[0].mlp.up_proj.weight.data[0, 0] = float("nan")
    out = failed(smoke_test("tiny", ROWS, learning_rate=5e-3, loaded=tiny), "loss_not_finite")
    assert out.as_dict()["losses"] == ["nan"]


def test_loss_on_the_prompt(tiny):
    failed(smoke_test("tiny", ROWS, steps=80, learning_rate=5e-3, loaded=tiny, labels=lambda e: [i if l == -100 else -100 for i, l in zip(e.input_ids, e.labels)]), "smoke_answer_not_learned")


def test_no_end_of_turn(tiny):
    "The answer comes back, and goes on and on"
    out = failed(smoke_test("tiny", ROWS, steps=120, learning_rate=5e-3, loaded=tiny, labels=lambda e: e.labels[:-1] + [-100]), "smoke_answer_not_learned")
    assert out.losses[-1] < 0.5 * out.losses[0]


def test_labels_shifted_twice(tiny):
    failed(smoke_test("tiny", ROWS, steps=120, learning_rate=5e-3, loaded=tiny, labels=lambda e: e.labels[1:] + [-100]), "smoke_answer_not_learned")


def test_too_little_to_learn_with(tiny):
    "Only a bias-like sliver is trained: the loss stays"
    tiny[0].requires_grad_(False)
    tiny[0].model.norm.weight.requires_grad_(True)
    failed(smoke_test("tiny", ROWS, steps=15, learning_rate=5e-3, loaded=tiny), "smoke_loss_flat")


def test_no_label_and_no_row(tiny):
    failed(smoke_test("tiny", ROWS, learning_rate=5e-3, loaded=tiny, labels=lambda e: [-100] * len(e.labels)), "no_trained_token")
    failed(smoke_test("tiny", ROWS, learning_rate=5e-3, loaded=tiny, labels=lambda e: e.labels[:-1]), "labels_length")
    with pytest.raises(Trouble) as e: smoke_test("tiny", [], learning_rate=5e-3, loaded=tiny)
    assert e.value.findings[0].code == "no_trained_token"


def test_stop(tiny):
    out = smoke_test("tiny", ROWS, learning_rate=5e-3, loaded=tiny, stop=lambda: True)
    assert out.stopped and out.steps == 1 and out.verdict == "failed" and out.findings == []


def test_choose():
    from ftcourse.chat import encode_row
    t = tiny_tokenizer()
    rows = [{"messages": [{"role": "user", "content": "q" * n}, {"role": "assistant", "content": "a"}]} for n in (9, 3, 3, 5, 500, 7)]
    picked = choose([e for r in rows for e in encode_row(t, r)], 3, 100)
    assert [len(e.input_ids) for e in picked] == sorted(len(e.input_ids) for e in picked) and len(picked) == 3 and len({tuple(e.input_ids) for e in picked}) == 3


@pytest.mark.slow
def test_the_embedded_model():
    "Three real tickets, learnt by heart by adapters on the real model"
    import ftcourse
    tickets = [json.loads(line) for line in (Path(ftcourse.__file__).parent/"datasets"/"triage"/"train.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [{"messages": [{"role": "user", "content": t["ticket"]}, {"role": "assistant", "content": t["answer"]["intent"]}]} for t in tickets]
    out = smoke_test("smollm2-135m-instruct", rows, count=3, instruction="Name the intent.")
    assert out.verdict == "ok" and out.steps <= 30, out
