"""How long an audit takes, beside the naive way: apply_chat_template row by row, once for the prompt and once for the conversation.

    python bench/audit.py [ROWS [REPEATS]]

Real rows: the triage tickets and passages of this repository's own prose, in the sizes of a support data set (about 300 tokens a row), with the embedded model's tokenizer."""
import json
import os
import random
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from transformers import AutoTokenizer

from ftcourse.audit import audit_rows
from ftcourse.models import embedded


def rows(count, seed=0):
    "Conversations of one to three questions: a ticket, a passage of prose, an answer"
    rng = random.Random(seed)
    tickets = [json.loads(line) for line in (ROOT/"ftcourse"/"datasets"/"triage"/"train.jsonl").read_text(encoding="utf-8").splitlines()]
    prose = "\n".join((ROOT/name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md", "LICENSE"))
    out = []
    for i in range(count):
        talk = [{"role": "system", "content": "You sort tickets of a software company. Answer with one JSON object: intent, area, urgency and a summary of at most five words."}]
        for turn in range(rng.choice((1, 1, 1, 2, 3))):
            t, at = rng.choice(tickets), rng.randrange(len(prose) - 1200)
            talk += [{"role": "user", "content": f"{t['ticket']} ({i}.{turn})\n\n{prose[at:at + rng.randrange(100, 800)]}"}, {"role": "assistant", "content": json.dumps(t["answer"])}]
        out.append({"messages": talk})
    return out


def naive(tokenizer, rows):
    "Prompt and conversation of every turn, one call each"
    tokens = 0
    for row in rows:
        talk = row["messages"]
        for i, m in enumerate(talk):
            if m["role"] == "assistant":
                prompt = tokenizer.apply_chat_template(talk[:i], add_generation_prompt=True, return_dict=False)
                whole = tokenizer.apply_chat_template(talk[:i + 1], return_dict=False)
                assert whole[:len(prompt)] == prompt
        tokens += len(whole)
    return tokens


def main(count=10_000, repeats=3):
    tokenizer, data = AutoTokenizer.from_pretrained(embedded()), rows(count)
    tokenizer.model_max_length = 10**9
    ways, took, cpu = {"audit_rows": lambda: audit_rows(tokenizer, data, max_tokens=2048, vocabulary=49152), "naive": lambda: naive(tokenizer, data)}, {}, {}
    for _ in range(repeats):
        for name, way in ways.items():
            t, c = time.perf_counter(), time.process_time()
            out = way()
            took.setdefault(name, []).append(time.perf_counter() - t)
            cpu.setdefault(name, []).append(time.process_time() - c)  # of all threads: what it costs on a machine that others use too
            if name == "audit_rows": found = out
    print(f"{count} rows, {found.examples} examples, {found.tokens:,} tokens ({found.tokens / count:.0f} a row), verdict {found.verdict}, {os.cpu_count()} cores, TOKENIZERS_PARALLELISM={os.environ.get('TOKENIZERS_PARALLELISM', 'unset')}")
    print(f"{'':12} {'seconds':>8} {'min':>7} {'max':>7} {'tokens/s':>10} {'CPU s':>7}")
    for name, s in took.items(): print(f"{name:12} {statistics.median(s):8.1f} {min(s):7.1f} {max(s):7.1f} {found.tokens / statistics.median(s):10,.0f} {statistics.median(cpu[name]):7.1f}")


if __name__ == "__main__": main(*map(int, sys.argv[1:3]))
