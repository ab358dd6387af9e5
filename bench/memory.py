"""Predicted against measured memory of training, each configuration in a process of its own.

    .venv/bin/python bench/memory.py [--device cpu|cuda] [--only N ...] [--out FILE.jsonl]

On a CPU two things are measured beyond the loaded model: the peak of the bytes that tensors hold, counted by the ledger of `ftcourse.memory` on the real step,
and the growth of the process's resident memory (VmHWM) with two allocators: the C library's own, which can't reuse much of what is freed, and jemalloc where it is
installed (Debian: libjemalloc2). On CUDA it is torch's own peak of
allocated bytes. Weights are random; what they are does not matter for memory.
"""
import argparse
import ctypes.util
import gc
import json
import os
import statistics
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory


def llama(hidden, layers, heads, kv, width, vocab, **more):
    return dict(dict(model_type="llama", hidden_size=hidden, intermediate_size=width, num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=kv, vocab_size=vocab, tie_word_embeddings=True, max_position_embeddings=8192), **more)

SMOL = llama(576, 30, 9, 3, 1536, 49152)
SMALL = llama(384, 8, 6, 2, 1024, 16384)
TINY = llama(128, 4, 4, 4, 512, 4096)
QWEN = dict(model_type="qwen2", hidden_size=448, intermediate_size=1792, num_hidden_layers=12, num_attention_heads=7, num_key_value_heads=1, vocab_size=32768, tie_word_embeddings=True, max_position_embeddings=4096)
GPT2 = dict(model_type="gpt2", n_embd=384, n_layer=8, n_head=6, vocab_size=50257, n_positions=1024)
GEMMA = dict(model_type="gemma2", hidden_size=512, intermediate_size=2048, num_hidden_layers=8, num_attention_heads=8, num_key_value_heads=4, head_dim=64, vocab_size=32000, max_position_embeddings=4096)
MODELS = dict(smollm2_135m=SMOL, llama_25m=SMALL, llama_2m=TINY, qwen_50m=QWEN, gpt2_33m=GPT2, gemma_53m=GEMMA)

# model, and what differs from Job()
CPU = [
    ("smollm2_135m", dict(rows=4, tokens=128, trained=32)), ("smollm2_135m", dict(rows=8, tokens=128, trained=32)), ("smollm2_135m", dict(rows=4, tokens=128, trained=32, precision="fp32")),
    ("smollm2_135m", dict(rows=2, tokens=512, trained=128)), ("smollm2_135m", dict(rows=2, tokens=512, trained=128, checkpointing=True)), ("smollm2_135m", dict(rows=4, tokens=256, trained=64, rank=64)),
    ("smollm2_135m", dict(rows=4, tokens=128, quantization="none")), ("smollm2_135m", dict(rows=2, tokens=128, method="full", quantization="none", precision="fp32")), ("smollm2_135m", dict(rows=2, tokens=256, method="dora", trained=64)),
    ("smollm2_135m", dict(rows=1, tokens=1024, trained=256)), ("llama_25m", dict(rows=16, tokens=128)), ("llama_25m", dict(rows=8, tokens=256, precision="fp32")),
    ("llama_25m", dict(rows=8, tokens=512, trained=64, checkpointing=True)), ("llama_25m", dict(rows=8, tokens=256, method="full", quantization="none", precision="fp32")), ("llama_25m", dict(rows=8, tokens=256, method="full", quantization="none")),
    ("llama_2m", dict(rows=32, tokens=256)), ("llama_2m", dict(rows=32, tokens=512, trained=128)), ("qwen_50m", dict(rows=4, tokens=256)), ("qwen_50m", dict(rows=4, tokens=256, quantization="none", checkpointing=True)),
    ("gpt2_33m", dict(rows=8, tokens=128, quantization="none")), ("gpt2_33m", dict(rows=8, tokens=128, method="full", quantization="none", precision="fp32")), ("gemma_53m", dict(rows=4, tokens=256, trained=64)),
    ("gemma_53m", dict(rows=4, tokens=512, trained=64, precision="fp32")), ("llama_25m", dict(rows=8, tokens=256, optimizer="sgd", method="full", quantization="none", precision="fp32")),
    ("smollm2_135m", dict(rows=4, tokens=128, trained=32, method="bottleneck", precision="fp32")), ("smollm2_135m", dict(rows=4, tokens=128, trained=32, method="prompt_tuning", precision="fp32")), ("smollm2_135m", dict(rows=2, tokens=128, trained=32, method="partial", precision="fp32")),
    ("smollm2_135m", dict(rows=2, tokens=128, trained=32, method="dpo", precision="fp32")), ("llama_25m", dict(rows=8, tokens=256, trained=64, method="reward", precision="fp32")), ("llama_25m", dict(rows=8, tokens=256, trained=64, method="reward_rl", precision="fp32")),
    ("qwen_50m", dict(rows=4, tokens=256, trained=64, method="dpo", checkpointing=True, precision="fp32")), ("gpt2_33m", dict(rows=8, tokens=128, method="bottleneck", quantization="none", precision="fp32")), ("llama_25m", dict(rows=8, tokens=256, optimizer="adamw_8bit", method="full", quantization="none", precision="fp32")),
]
LLAMA_1B, LLAMA_8B = llama(2048, 16, 32, 8, 8192, 128256), llama(4096, 32, 32, 8, 14336, 128256, tie_word_embeddings=False)
LLAMA_70B = llama(8192, 80, 64, 8, 28672, 128256, tie_word_embeddings=False)
QWEN_7B = dict(model_type="qwen2", hidden_size=3584, intermediate_size=18944, num_hidden_layers=28, num_attention_heads=28, num_key_value_heads=4, vocab_size=152064, tie_word_embeddings=False, max_position_embeddings=32768)
LARGE = dict(llama_1b=LLAMA_1B, llama_8b=LLAMA_8B, llama_70b=LLAMA_70B, qwen_7b=QWEN_7B)
CUDA = [(m, dict(rows=r, tokens=t, trained=t // 4, checkpointing=c, quantization=q)) for m, q in (("smollm2_135m", "nf4"), ("llama_1b", "nf4"), ("llama_1b", "none"), ("llama_8b", "nf4"), ("qwen_7b", "nf4"))
        for r, t, c in ((1, 512, False), (4, 512, False), (4, 1024, True), (1, 4096, True), (8, 512, True), (2, 2048, True))] + [
        ("llama_70b", dict(rows=1, tokens=512, trained=128, checkpointing=True)), ("llama_70b", dict(rows=1, tokens=2048, trained=512, checkpointing=True)),
        ("smollm2_135m", dict(rows=8, tokens=512, method="full", quantization="none")), ("llama_1b", dict(rows=1, tokens=512, method="full", quantization="none", checkpointing=True))]


def built(config, job, where):
    "The model with random weights as `training.load` would hold it, layer by layer, so that 70 billion parameters never stand there in 16 bits."
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    from ftcourse.training.load import SHORT, keep_unpacked
    values = dict(config)
    cfg = AutoConfig.for_model(values.pop("model_type"), **values)
    dtype = torch.float32 if job.precision == "fp32" or job.method == "full" else torch.bfloat16
    make = lambda attention: AutoModelForCausalLM.from_config(cfg, dtype=dtype, attn_implementation=attention)
    with torch.device("meta"):
        try: model = make("eager" if where == "cpu" and job.tokens <= SHORT else "sdpa")
        except ValueError: model = make("eager")  # Gemma 2 has no other
    output = model.get_output_embeddings()
    for name, m in list(model.named_modules()):
        if job.quantization == "nf4" and type(m) is torch.nn.Linear and m is not output:
            import bitsandbytes as bnb
            q = bnb.nn.Linear4bit(m.in_features, m.out_features, bias=m.bias is not None, compute_dtype=dtype, quant_type="nf4", compress_statistics=True, device="meta")
            q.weight = bnb.nn.Params4bit((torch.randn(m.weight.shape, dtype=torch.float32) * 0.02).to(dtype), requires_grad=False, quant_type="nf4", compress_statistics=True).to(where)
            if m.bias is not None: q.bias = torch.nn.Parameter(torch.zeros(m.bias.shape, dtype=dtype, device=where))
            parent, _, leaf = name.rpartition(".")
            setattr(model.get_submodule(parent), leaf, q)
    for m in model.modules():
        for n, p in list(m._parameters.items()):
            if p is not None and p.device.type == "meta": m._parameters[n] = torch.nn.Parameter(torch.full(p.shape, 0.01, dtype=p.dtype, device=where), requires_grad=False)
        for n, b in list(m._buffers.items()):
            if b is not None and b.device.type == "meta": m._buffers[n] = torch.full(b.shape, 0.01, device=where).to(b.dtype)
    model.tie_weights()
    model.config.use_cache = False
    keep_unpacked(model)
    if job.method == "full": return model.requires_grad_(True)
    from ftcourse.memory import adapted
    model = adapted(model.requires_grad_(False), job)
    for p in model.parameters():
        if p.requires_grad: p.data = p.data.float()
    return model


def resident(key):
    for line in open("/proc/self/status"):
        if line.startswith(key): return int(line.split()[1]) * 1024


def measured(name, change, where, ledger):
    "Peak bytes beyond the loaded model over three steps."
    import bitsandbytes
    import torch
    from ftcourse.memory import PAIRS, UNIT, Job, _ledger, loss_of
    job = Job(**change)
    model = built({**MODELS, **LARGE}[name], job, where)
    model.train()
    if job.checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.enable_input_require_grads()
    params = [p for p in model.parameters() if p.requires_grad]
    def batch(rows, tokens, trained):
        rows *= 2 if job.method in PAIRS else 1
        ids = torch.randint(0, min(1000, model.config.vocab_size), (rows, tokens)).to(where)
        mask = torch.ones_like(ids)
        mask[1:, -1] = 0  # rows of one batch are seldom equally long: there is padding, and a mask for it
        scored = (torch.arange(rows)[:, None] * tokens + torch.arange(tokens - (trained or tokens), tokens)[None]).flatten().to(where)
        return dict(input_ids=ids, attention_mask=mask), scored, ids.flatten()[scored].clone(), len(scored)
    minimised = loss_of(job)
    def step(b, optimizer=None):
        with torch.autocast(where, torch.bfloat16, enabled=job.precision == "bf16"): loss = minimised(model, *b)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        if optimizer: optimizer.step()
        for p in params: p.grad = None
    b = batch(job.rows, job.tokens, job.trained)
    optimizer = (torch.optim.SGD if job.optimizer == "sgd" else bitsandbytes.optim.AdamW8bit if job.optimizer == "adamw_8bit" else torch.optim.AdamW)(params, lr=1e-4)
    step(batch(1, 16, 8))  # the libraries' own code and caches are not the model's
    gc.collect()
    if where == "cuda":
        base = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        for _ in range(3): step(b, optimizer)
        torch.cuda.synchronize()
        free, total = torch.cuda.mem_get_info()
        return dict(tensors=torch.cuda.max_memory_allocated() - base, model=base, reserved=torch.cuda.max_memory_reserved(), outside=total - free - torch.cuda.memory_reserved())
    if ledger:
        count = _ledger(UNIT["cpu"])
        count.know([*model.parameters(), *model.buffers()])
        with count:
            for _ in range(2): step(b, optimizer)
        return dict(tensors=count.peak)
    ctypes.CDLL(None).malloc_trim(0)
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM starts again
    for _ in range(3): step(b, optimizer)
    return dict(resident=resident("VmHWM") - before, model=before)


def predicted(name, change, where):
    from ftcourse.hardware import device
    from ftcourse.memory import Job, _estimated  # one training at a time: reinforcement has two
    e = _estimated({**MODELS, **LARGE}[name], Job(**change), device(f"{where}-1024gb" if where == "cpu" else "1024gb"), False)
    p = e.parts
    return dict(tensors=p["gradients"] + p["optimizer"] + p["activations"] + p["workspace"], model=p["weights"] + p["adapters"], resident=p["gradients"] + p["optimizer"] + p["activations"] + p["workspace"], peak=e.peak)


def one(*args, **env): return json.loads(subprocess.run([sys.executable, __file__, "--one", json.dumps(args)], capture_output=True, text=True, check=True, env=dict(os.environ, **env)).stdout.strip().splitlines()[-1])

def jemalloc():
    "What to set for a process that uses jemalloc and gives freed pages back at once; None where it is not installed."
    name = ctypes.util.find_library("jemalloc")
    return name and dict(LD_PRELOAD=name, MALLOC_CONF="dirty_decay_ms:0,muzzy_decay_ms:0")

def summary(errors, what):
    e = [100 * x for x in errors]
    return f"{what}: mean error {statistics.mean(map(abs, e)):.1f} %, worst over {max(e):+.1f} %, worst under {min(e):+.1f} %, {len(e)} configurations"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    p.add_argument("--only", type=int, nargs="*")
    p.add_argument("--out")
    p.add_argument("--one")
    a = p.parse_args()
    if a.one: return print(json.dumps(measured(*json.loads(a.one))))
    preload = jemalloc()
    if a.device == "cpu" and not preload: print("jemalloc is not installed: resident memory is measured with the C library's allocator only", file=sys.stderr)
    cases, rows = CPU if a.device == "cpu" else CUDA, []
    print("| model | job | predicted tensors, MB | measured | error | " + ("resident with jemalloc, MB | error | with libc, MB | of predicted |" if a.device == "cpu" else "model, MB | measured | error |") + "\n|---|---|---:|---:|---:|---:|---:|---:|" + ("---:|" if a.device == "cpu" else ""))
    for i, (name, change) in enumerate(cases):
        if a.only and i not in a.only: continue
        try: want, got = predicted(name, change, a.device), one(name, change, a.device, True)
        except subprocess.CalledProcessError as e: print(f"| {name} | {change} | failed: {e.stderr.strip().splitlines()[-1][:200]} |", flush=True); continue
        if a.device == "cpu":
            got["libc"] = one(name, change, "cpu", False)["resident"]
            if preload: got["resident"] = one(name, change, "cpu", False, **preload)["resident"]
        rows.append(dict(name=name, job=change, predicted=want, measured=got))
        err = lambda key: want[key] / got[key] - 1
        mb = lambda n: f"{n / 1e6:,.1f}"
        words = ", ".join(f"{k} {v}" for k, v in change.items())
        other = f"{mb(got['resident'])} | {100 * err('resident'):+.1f} %" if "resident" in got else "– | –"
        if a.device == "cpu": print(f"| {name} | {words} | {mb(want['tensors'])} | {mb(got['tensors'])} | {100 * err('tensors'):+.1f} % | {other} | {mb(got['libc'])} | {got['libc'] / want['tensors']:.2f}× |", flush=True)
        else: print(f"| {name} | {words} | {mb(want['tensors'])} | {mb(got['tensors'])} | {100 * err('tensors'):+.1f} % | {mb(want['model'])} | {mb(got['model'])} | {100 * err('model'):+.1f} % |", flush=True)
    if a.out: Path(a.out).write_text("".join(json.dumps(r) + "\n" for r in rows))
    print()
    for key in ("tensors", "resident" if a.device == "cpu" else "model"):
        if all(key in r["measured"] for r in rows): print(summary([r["predicted"][key] / r["measured"][key] - 1 for r in rows], key))


if __name__ == "__main__": main()
