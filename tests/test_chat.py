"""Any row as tokens: what is trained begins with what is served, for every family of templates; templates run under a watch."""
import json
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ftcourse import chat
from ftcourse.chat import encode, encode_row, encode_rows, end_of_turn, messages, render, stop_tokens
from ftcourse.findings import Trouble
from tests.families import family_tokenizer, kept_templates, trl_templates
from tests.tiny import tiny_tokenizer

U = lambda text: {"role": "user", "content": text}
A = lambda text, **more: {"role": "assistant", "content": text, **more}
TALK = [U("Hi"), A("Hello"), U("2 + 2?"), A("4"), U("3 + 3?"), A("6")]


@pytest.fixture(scope="module")
def tokenizer(): return tiny_tokenizer()


def said(tokenizer, examples): return [tokenizer.decode(e.input_ids[a:b]) for e in examples for a, b in e.spans]


def served(tokenizer, talk, tools=None): return tokenizer.apply_chat_template(talk, tools=tools, add_generation_prompt=True, return_dict=False)


def fails(code, f, *args, **kw):
    with pytest.raises(Trouble) as e: f(*args, **kw)
    assert [f.code for f in e.value.findings] == [code]
    return e.value.findings[0]


# ---- Conversations

def test_every_turn_is_trained_behind_what_is_served(tokenizer):
    example, = encode_row(tokenizer, {"messages": TALK})
    assert said(tokenizer, [example]) == ["Hello<|im_end|>", "4<|im_end|>", "6<|im_end|>"] and example.turns == (1, 3, 5)
    for i, (start, end) in zip(example.turns, example.spans):
        assert example.input_ids[:start] == served(tokenizer, TALK[:i])
        assert example.labels[start:end] == example.input_ids[start:end]
    assert sum(l != -100 for l in example.labels) == sum(b - a for a, b in example.spans)


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), min_size=1, max_size=4), st.text(max_size=20))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text(tokenizer, pairs, system):
    "Byte for byte: the prompt of every trained turn is what apply_chat_template serves, whatever the text, special tokens in it included"
    talk = ([{"role": "system", "content": system}] if system else []) + [m for u, a in pairs for m in (U(u), A(a))]
    examples = encode_row(tokenizer, {"messages": talk})
    turns = [i for e in examples for i in e.turns]
    assert turns == [i for i, m in enumerate(talk) if m["role"] == "assistant"]
    for e in examples:
        for i, (start, end) in zip(e.turns, e.spans):
            assert e.input_ids[:start] == served(tokenizer, talk[:i])
            assert e.labels[start:end] == e.input_ids[start:end] and e.input_ids[end - 1] == end_of_turn(tokenizer)
        assert sum(l != -100 for l in e.labels) == sum(b - a for a, b in e.spans)


def test_the_old_way_and_the_new_are_one(tokenizer):
    eot = end_of_turn(tokenizer)
    for instruction in ("", "Sort."):
        for answer in ("x", '{"a": 1}', "Zürich 🙂\n", " two  spaces "):
            a = encode(tokenizer, instruction, "A question", answer, eot)
            b, = encode_row(tokenizer, {"messages": [*messages(instruction, "A question"), A(answer)]})
            assert (a.input_ids, a.labels) == (b.input_ids, b.labels)


def test_which_turns_are_trained(tokenizer):
    row = {"messages": [U("a"), A("b", train=False), U("c"), A("d")]}
    assert said(tokenizer, encode_row(tokenizer, row)) == ["d<|im_end|>"] == said(tokenizer, encode_row(tokenizer, {"messages": [U("a"), A("b"), U("c"), A("d")]}, turns="last"))
    fails("no_trained_token", encode_row, tokenizer, {"messages": [U("a"), A("b", train=False)]})
    fails("no_trained_token", encode_row, tokenizer, {"messages": [U("a"), A("b", train=False)]}, turns="last")
    fails("no_trained_token", encode_row, tokenizer, {"messages": [U("a")]})
    fails("role_order", encode_row, tokenizer, {"messages": [A("b")]})
    fails("number_out_of_range", encode_row, tokenizer, row, turns="some")


def test_the_instruction_stands_in_front_where_there_is_none(tokenizer):
    a, = encode_row(tokenizer, {"messages": [U("a"), A("b")]}, instruction="Be brief.")
    b, = encode_row(tokenizer, {"messages": [{"role": "system", "content": "Be brief."}, U("a"), A("b")]}, instruction="Another.")
    assert a.input_ids == b.input_ids and a.turns == (1,) and b.turns == (2,)


def test_other_rows(tokenizer):
    text, = encode_row(tokenizer, {"text": "Zürich"})
    assert text.input_ids == text.labels == tokenizer("Zürich")["input_ids"] + [tokenizer.convert_tokens_to_ids("<|endoftext|>")]
    assert encode_row(tokenizer, {"text": "a"}, eos=False)[0].input_ids == tokenizer("a")["input_ids"]
    tokens, = encode_row(tokenizer, {"input_ids": [1, 2, 3], "labels": [-100, 2, 3]})
    assert (tokens.input_ids, tokens.labels, tokens.spans) == ([1, 2, 3], [-100, 2, 3], ((1, 3),))
    fails("labels_length", encode_row, tokenizer, {"input_ids": [1, 2, 3], "labels": [2, 3]})
    pair = encode_row(tokenizer, {"prompt": [U("a")], "chosen": [A("yes")], "rejected": [A("no")]})
    assert [e.part for e in pair] == ["chosen", "rejected"] and said(tokenizer, pair) == ["yes<|im_end|>", "no<|im_end|>"]
    for row in ({"completion": [A("c")], "prompt": [U("a"), A("b"), U("d")], "label": True}, {"completion": [A("c")], "prompt": [U("a"), A("b"), U("d")], "score": 0.5}):
        assert said(tokenizer, encode_row(tokenizer, row)) == ["c<|im_end|>"]


def test_a_batch_is_row_by_row(tokenizer):
    rows = [{"messages": [U(f"q {i}" * (i % 7)), A(f"a {i}")]} if i % 3 else {"text": f"text {i}"} if i % 2 else {"messages": TALK[:2 + 2 * (i % 3)]} for i in range(600)]
    together = [(e.row, e.input_ids, e.labels) for *_, some, _ in encode_rows(tokenizer, rows) for e in some]
    assert [t for t in together if t[0] % 10 < 2] == [(i, e.input_ids, e.labels) for i, row in enumerate(rows) if i % 10 < 2 for e in encode_row(tokenizer, row)]


def test_a_bad_row_stops_no_other(tokenizer):
    rows = [{"messages": TALK}, {"messages": []}, {"messages": [A("first")]}, {"messages": TALK}]
    out = list(encode_rows(tokenizer, rows))
    assert [bool(examples) for *_, examples, _ in out] == [True, False, False, True] and [bool(found) for *_, found in out] == [False, True, True, False]


# ---- Templates that do something to history

def with_template(text):
    t = tiny_tokenizer()
    t.chat_template = text
    return t


HEAD = "{% for m in messages %}<|im_start|>{{ m.role }}\n"
TAIL = "{{ m.content }}<|im_end|>\n{% endfor %}"
PROMPT = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"


def test_history_that_is_rewritten_is_split():
    t = with_template(HEAD + "{% if m.reasoning_content and loop.last %}<think>\n{{ m.reasoning_content }}\n</think>\n\n{% endif %}" + TAIL + PROMPT)
    row = {"messages": [U("a"), A("b", reasoning="x"), U("c"), A("d", reasoning="y")]}
    one, two = encode_row(t, row)
    assert said(t, [one, two]) == ["<think>\nx\n</think>\n\nb<|im_end|>", "<think>\ny\n</think>\n\nd<|im_end|>"]
    assert two.input_ids[:two.spans[0][0]] == served(t, [U("a"), A("b"), U("c")])


def test_a_think_block_that_the_prompt_opens_is_closed():
    t = with_template(HEAD + TAIL + "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}")
    assert said(t, encode_row(t, {"messages": [U("a"), A("b")]})) == ["\n</think>\n\nb<|im_end|>"]


def test_reasoning_goes_where_the_template_reads_it_or_into_the_answer():
    t = tiny_tokenizer()
    assert said(t, encode_row(t, {"messages": [U("a"), A("b", reasoning="x")]})) == ["<think>\nx\n</think>\n\nb<|im_end|>"]


def test_history_that_is_dropped_is_no_mismatch():
    "A template that shows the last question only is strange, but each of its prompts is what it serves"
    t = with_template("{% set ns = namespace(at=0) %}{% for m in messages %}{% if m.role == 'user' %}{% set ns.at = loop.index0 %}{% endif %}{% endfor %}{% for m in messages[ns.at:] %}<|im_start|>{{ m.role }}\n" + TAIL + PROMPT)
    examples = encode_row(t, {"messages": TALK})
    assert len(examples) == 3 and said(t, examples) == ["Hello<|im_end|>", "4<|im_end|>", "6<|im_end|>"]


def test_a_prompt_that_is_served_otherwise_is_refused():
    t = with_template("{% for m in messages %}<|im_start|>{{ m.role }} {{ m.content }}<|im_end|>{% endfor %}" + PROMPT)
    fails("template_not_prefix", encode_row, t, {"messages": [U("a"), A("b")]})
    t = with_template("{% for m in messages %}<|im_start|>{{ m.role }}{{ ' ' if messages|length > 3 else '\n' }}" + TAIL + PROMPT)  # only longer conversations differ
    row = {"messages": [U("a"), A("b"), U("c"), A("d")]}
    assert encode_row(t, {"messages": row["messages"][:2]})
    fails("train_serve_mismatch", encode_row, t, row)


def test_more_in_front_of_the_conversation_changes_no_prompt():
    "What is trained stands behind what is served, whatever the template puts in front of the whole"
    t = with_template("{% if messages|length > 3 %}<|im_start|>{% endif %}" + HEAD + TAIL + PROMPT)
    last = encode_row(t, {"messages": TALK[:4]})[-1]
    assert last.input_ids[:last.spans[-1][0]] == served(t, TALK[:3])


# ---- Families

FAMILIES = {**{f"trl/{n}": t for n, t in trl_templates().items()}, **{f"llama.cpp/{n}": t for n, t in kept_templates().items()}}


def test_there_are_many_families():
    assert len(trl_templates()) >= 60 and len(kept_templates()) >= 40


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family(name):
    "Each trained turn ends with a token that generation stops on, and begins behind what transformers itself serves"
    t = family_tokenizer(FAMILIES[name])
    stops = stop_tokens(t)
    assert end_of_turn(t) in stops
    template = chat.Template(t)
    for talk in (TALK, [U("🙂 <b>x</b>\n"), A("مرحبا {'a': 1}")]):
        examples = encode_row(t, {"messages": talk})
        assert [i for e in examples for i in e.turns] == [i for i, m in enumerate(talk) if m["role"] == "assistant"]
        for e in examples:
            for i, (start, end) in zip(e.turns, e.spans):
                assert e.input_ids[:start] == served(t, template.plain(talk[:i], True)), f"prompt of message {i}"
                assert e.input_ids[end - 1] in stops and e.labels[start:end] == e.input_ids[start:end]
                assert talk[i]["content"] in t.decode(e.input_ids[start:end])


# ---- The watch

LOOPS = {
    "loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
    "says for ever": "{% for a in range(99999) %}{% for b in range(99999) %}{{ messages }}{% endfor %}{% endfor %}",
    "calls itself": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
}
BOMBS = {
    "times": "{{ 'x' * 99999999999 }}", "list": "{{ [1] * 99999999999 }}", "power": "{{ 9 ** 99999999 }}", "percent": "{{ '%99999999999d' % 1 }}", "ljust": "{{ 'x'.ljust(99999999999) }}",
    "center": "{{ 'x'|center(99999999999) }}", "format": "{{ '{:>99999999999}'.format(1) }}", "replace": "{{ ('x' * 99999).replace('x', 'y' * 99999) }}", "filter": "{{ ('x' * 99999)|replace('x', 'y' * 99999) }}",
    "escape": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_template_without_end_is_ended(name, monkeypatch):
    monkeypatch.setattr(chat, "SECONDS", 0.3)
    began = time.monotonic()
    f = fails("template_fails", render, with_template(LOOPS[name]), [U("Hi")])
    assert time.monotonic() - began < 5 and ("longer than" in f.says or "more than" in f.says)
    assert render(tiny_tokenizer(), [U("Hi")]) == "<|im_start|>user\nHi<|im_end|>\n"  # and the next one works


@pytest.mark.parametrize("name", BOMBS)
def test_a_template_makes_no_giant_string(name):
    began = time.monotonic()
    fails("template_fails", render, with_template(BOMBS[name]), [U("Hi")])
    assert time.monotonic() - began < 5


def test_the_watch_works_in_threads(monkeypatch):
    "Each thread has its own limit; one that is ended does not touch the others"
    monkeypatch.setattr(chat, "SECONDS", 0.4)
    out, good, bad = {}, tiny_tokenizer(), with_template(LOOPS["loops"])
    def work(name, t):
        try: out[name] = [render(t, [U("Hi")]) for _ in range(200 if name == "good" else 1)]
        except Trouble as e: out[name] = e.findings[0].code
    threads = [threading.Thread(target=work, args=args) for args in (("good", good), ("bad", bad))]
    for t in threads: t.start()
    for t in threads: t.join(20)
    assert out["bad"] == "template_fails" and set(out["good"]) == {"<|im_start|>user\nHi<|im_end|>\n"}


@pytest.mark.parametrize("name", [n for n in FAMILIES if n.startswith("llama.cpp")][::4])
def test_watched_is_what_transformers_renders(name):
    t = family_tokenizer(FAMILIES[name])
    for prompt in (True, False): assert render(t, TALK[:3], prompt=prompt) == t.apply_chat_template(TALK[:3], add_generation_prompt=prompt, tokenize=False)


# ---- Tokenizers that are not made of bytes

def sentencepiece_like():
    "A space in front of every text, as Llama 2's and Mistral's tokenizers put it; pieces of words"
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    letters = sorted({*map(chr, range(33, 127)), "▁", "\n"})
    vocab = {"<unk>": 0, **{c: i for i, c in enumerate(letters, 1)}}
    t = Tokenizer(models.BPE(vocab={**vocab, "▁H": len(vocab), "ll": len(vocab) + 1}, merges=[("▁", "H"), ("l", "l")], unk_token="<unk>", fuse_unk=False))
    t.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    t.decoder = decoders.Metaspace()
    t.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in ("<s>", "</s>")])
    return PreTrainedTokenizerFast(tokenizer_object=t, bos_token="<s>", eos_token="</s>", unk_token="<unk>", chat_template="{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]{% else %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}")


def test_a_space_that_the_tokenizer_adds_does_not_get_between_prompt_and_answer():
    t = sentencepiece_like()
    example, = encode_row(t, {"messages": [U("Hi"), A("Hello")]})
    whole = t.apply_chat_template([U("Hi"), A("Hello")], return_dict=False)
    assert example.input_ids == whole and example.input_ids[:example.spans[0][0]] == served(t, [U("Hi")])
    assert said(t, [example])[0].strip() == "Hello</s>"


def test_tools_reach_the_prompt_and_calls_the_answer():
    "Of a real family: Qwen 2.5"
    t = family_tokenizer(kept_templates()["Qwen-Qwen2.5-7B-Instruct"])
    tools = [{"type": "function", "function": {"name": "weather", "description": "Weather of a town", "parameters": {"type": "object", "properties": {"town": {"type": "string"}}}}}]
    call = [{"type": "function", "id": "c1", "function": {"name": "weather", "arguments": {"town": "Zürich"}}}]
    talk = [U("Weather?"), A("", tool_calls=call), {"role": "tool", "name": "weather", "tool_call_id": "c1", "content": "blue"}, A("It is blue.")]
    example, = encode_row(t, {"messages": talk, "tools": tools})
    first, last = said(t, [example])
    assert json.loads(first.split("<tool_call>\n")[1].split("\n</tool_call>")[0]) == {"name": "weather", "arguments": {"town": "Zürich"}} and last == "It is blue.<|im_end|>"
    assert example.input_ids[:example.spans[1][0]] == served(t, talk[:3], tools) and "Weather of a town" in t.decode(example.input_ids[:example.spans[0][0]])
