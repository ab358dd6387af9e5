"""Fakes in plain sight: a chat model of 19 thousand random weights, a tokenizer whose tokens are bytes, rows a reader can check by eye."""
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from ftcourse.plan import Data, Evaluation, Model, Plan, Strategy, Task, Training
from ftcourse.runs import new

ROOT = Path(__file__).resolve().parents[1]
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")  # SmolLM2's, without its default system message
COLOURS = ("red", "green", "blue", "white")


def tiny_tokenizer():
    "256 bytes and three special tokens; says and reads any text"
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    t = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(letters)}, merges=[]))
    t.pre_tokenizer, t.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    t.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SPECIAL])
    return PreTrainedTokenizerFast(tokenizer_object=t, pad_token=SPECIAL[0], eos_token=SPECIAL[2], chat_template=TEMPLATE, model_max_length=1024)


def tiny_model(seed=0):
    "Two layers of Llama. Every linear layer holds a multiple of 64 numbers, the block of NF4; the vocabulary is padded, as real ones are"
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM
    torch.manual_seed(seed)
    return LlamaForCausalLM(LlamaConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=64, vocab_size=320, max_position_embeddings=1024,
        tie_word_embeddings=True, bos_token_id=257, eos_token_id=258, pad_token_id=256))


def tiny_folder_at(folder, seed=0):
    "Model and tokenizer, saved"
    tiny_model(seed).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return Path(folder)


def tiny_plan(folder, **changes):
    "A plan on the tiny model; `changes` are sections: tiny_plan(folder, training=dict(epochs=3), model=dict(quantization='none'))"
    plan = Plan(
        Task("colours", "Name the colour.", "json"), Model(str(folder), "nf4"), Data(prompt_field="q", answer_field="a"), Strategy(rank=4, alpha=8),
        Training(learning_rate=1e-2, batch_rows=4, micro_batch_rows=2, max_tokens=256, precision="fp32", eval_steps=2, checkpoint_steps=2),
        Evaluation(max_new_tokens=24, batch_rows=4))
    return replace(plan, **{name: replace(getattr(plan, name), **fields) for name, fields in changes.items()})


def tiny_rows(start, count): return [{"q": f"Ball {i} is {COLOURS[i % 4]}.", "a": {"colour": COLOURS[i % 4]}} for i in range(start, start + count)]


def jsonl(path, rows):
    "Writes the rows and returns the path"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    return path


def tiny_data(folder, train=24, valid=6, test=6):
    "Three files without a shared row: side -> path"
    sizes = dict(train=train, valid=valid, test=test)
    starts = dict(train=0, valid=train, test=train + valid)
    return {side: jsonl(Path(folder)/f"{side}.jsonl", tiny_rows(starts[side], n)) for side, n in sizes.items() if n}


def tiny_run_at(folder, base, name="tiny", sizes=None, **changes):
    "A run in `folder`/runs with its data in `folder`/data"
    return new(name, tiny_plan(base, **changes), Path(folder)/"runs", tiny_data(Path(folder)/"data", **(sizes or {})))


def environment(**more):
    "That of a `python -m ftcourse` in a test: offline, quiet, one thread"
    return {**os.environ, **dict(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", OMP_NUM_THREADS="1", PYTHONUNBUFFERED="1",
                                 PYTHONPATH=os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)), **more}


def launch(*args, cwd=None, **env):
    "`python -m ftcourse ...` as a process of its own, with pipes"
    return subprocess.Popen([sys.executable, "-m", "ftcourse", *map(str, args)], cwd=cwd, env=environment(**env), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")


class Answer:
    "How a command ended: exit code, both streams, and what --json printed"
    def __init__(self, process, timeout=120):
        try: self.out, self.err = process.communicate(timeout=timeout)
        finally: process.kill()
        self.code = process.returncode

    @property
    def json(self):
        "The one object on standard output; anything else there is a fault"
        value = json.loads(self.out)
        assert isinstance(value, dict), value
        return value

    def __repr__(self): return f"exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


def ftcourse(*args, cwd=None, **env): return Answer(launch(*args, cwd=cwd, **env))
