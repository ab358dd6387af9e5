"""Training speed on this machine: TRL's stock trainer against ours, same model, rows and steps, interleaved.

    .venv/bin/python bench/train_speed.py [--repeats 3] [--steps 6]

Every measurement is a process of its own; the first two steps are not counted. Tokens are those of the rows, padding not counted.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

WAYS = ("stock TRL", "ours", "ours, long spin")


def stock(steps, out):
    "SFTTrainer as its defaults have it: bf16 autocast, gradient checkpointing, every position scored, file order."
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from ftcourse.models import embedded
    from ftcourse.plan import Plan, named
    plan = Plan.load(named("triage-smollm2_135m-qlora"))
    rows = [json.loads(l) for l in open(named("triage-smollm2_135m-qlora").parent/plan.data.train, encoding="utf-8")][:steps * 8]
    data = Dataset.from_list([dict(prompt=[dict(role="system", content=plan.task.instruction), dict(role="user", content=r["ticket"])],
                                   completion=[dict(role="assistant", content=json.dumps(r["answer"], ensure_ascii=False))]) for r in rows])
    quantised = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=torch.bfloat16)
    model = AutoModelForCausalLM.from_pretrained(embedded(), quantization_config=quantised, dtype=torch.bfloat16)
    marks = []

    class Mark(TrainerCallback):
        def on_step_begin(self, *a, **k): marks.append(time.monotonic())
        def on_train_end(self, *a, **k): marks.append(time.monotonic())
    config = SFTConfig(output_dir=out, per_device_train_batch_size=8, gradient_accumulation_steps=1, num_train_epochs=1, learning_rate=1e-3, report_to="none", save_strategy="no", disable_tqdm=True, use_cpu=not torch.cuda.is_available())
    trainer = SFTTrainer(model, config, train_dataset=data, processing_class=AutoTokenizer.from_pretrained(embedded()), peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"), callbacks=[Mark()])
    tokens = sum(map(len, trainer.train_dataset["input_ids"])) / steps
    trainer.train()
    took = [b - a for a, b in zip(marks, marks[1:])]
    return tokens / statistics.median(took[2:])


def ours(steps, out):
    from ftcourse.events import read
    from ftcourse.plan import Plan, named
    from ftcourse.runs import new
    from ftcourse.training.loop import train
    file = named("triage-smollm2_135m-qlora")
    plan = Plan.load(file)
    rows = open(file.parent/plan.data.train, encoding="utf-8").read().splitlines(True)[:steps * 8]
    (Path(out)/"train.jsonl").write_text("".join(rows), encoding="utf-8")
    plan.training.checkpoint_steps = plan.training.eval_steps = 0
    plan.data.valid = plan.data.test = ""
    run = new("speed", plan, out, {"train": Path(out)/"train.jsonl"})
    train(run)
    logs = [e for e in read(run.events)[0] if e["kind"] == "log"]
    return statistics.median(e["tokens_per_s"] for e in logs[2:])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--repeats", type=int, default=3)
    p.add_argument("--steps", type=int, default=6)
    p.add_argument("--one", choices=WAYS)
    a = p.parse_args()
    if a.one:
        with TemporaryDirectory() as out: print(json.dumps((stock if a.one == WAYS[0] else ours)(a.steps, out)))
        return
    seen = {w: [] for w in WAYS}
    for i in range(a.repeats):
        for way in WAYS:
            env = dict(os.environ, HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
            if way == "ours": env["GOMP_SPINCOUNT"] = "20000"
            out = subprocess.run([sys.executable, __file__, "--one", way, "--steps", str(a.steps)], env=env, capture_output=True, text=True)
            if out.returncode: sys.exit(out.stderr[-2000:])
            seen[way].append(json.loads(out.stdout.strip().splitlines()[-1]))
            print(f"{i + 1}/{a.repeats} {way}: {seen[way][-1]:.0f} tokens/s", file=sys.stderr, flush=True)
    print("| way | tokens/s, median | lowest | highest | against stock |\n|---|---:|---:|---:|---:|")
    base = statistics.median(seen[WAYS[0]])
    for way, v in seen.items(): print(f"| {way} | {statistics.median(v):.0f} | {min(v):.0f} | {max(v):.0f} | {statistics.median(v) / base:.2f}× |")


if __name__ == "__main__": main()
