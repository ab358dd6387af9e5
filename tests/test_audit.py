"""Every class of fault is caught when it is planted, in real rows with a real tokenizer; and none is seen where there is none."""
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

import ftcourse
from ftcourse.audit import audit_encoded, audit_rows, fit, packing, shortened, token_view, worst_first
from ftcourse.chat import Encoded, encode_row, end_of_turn
from ftcourse.findings import CODES, Trouble
from tests.families import family_tokenizer, kept_templates, trl_templates
from tests.tiny import tiny_tokenizer

U = lambda text: {"role": "user", "content": text}
A = lambda text, **more: {"role": "assistant", "content": text, **more}
S = lambda text: {"role": "system", "content": text}
TICKETS = [json.loads(line) for line in (Path(ftcourse.__file__).parent/"datasets"/"triage"/"train.jsonl").read_text(encoding="utf-8").splitlines()][:40]
VOCABULARY = 49152


@pytest.fixture(scope="module")
def tokenizer():
    from transformers import AutoTokenizer
    from ftcourse.models import embedded
    return AutoTokenizer.from_pretrained(embedded())


def rows(count=24): return [{"messages": [S("Sort the ticket."), U(t["ticket"]), A(json.dumps(t["answer"]))]} for t in TICKETS[:count]]


def planted(at, **change):
    "The rows, one of them changed: `talk` replaces its messages, anything else goes beside them"
    out = rows()
    out[at] = {**out[at], **({"messages": change.pop("talk")(out[at]["messages"])} if "talk" in change else {}), **change}
    return out


def caught(audit, code, at=None, verdict=None):
    "The planted fault, and nothing else that alarms"
    assert code in audit.codes(), audit
    f = next(f for f in audit.findings if f["code"] == code)
    assert {f["code"] for f in audit.alarms} <= {code, "no_trained_token"} if CODES[code].severity != "note" else not audit.alarms, audit
    if at is not None: assert at + 1 in f["rows"] and f["count"] == 1, f
    assert audit.verdict == (verdict or ("refused" if CODES[code].severity == "fatal" else "ok"))
    assert f["severity"] == CODES[code].severity and f["says"] and f["fix"]
    json.dumps(audit.as_dict())


def encoded(tokenizer, count=8): return [dict(input_ids=list(e.input_ids), labels=list(e.labels)) for r in rows(count) for e in encode_row(tokenizer, r)]


def template(tokenizer, text):
    from copy import deepcopy
    t = deepcopy(tokenizer)
    t.chat_template = text
    return t


# ---- Nothing wrong

def test_real_rows_are_clean(tokenizer):
    found = audit_rows(tokenizer, rows(40), max_tokens=512, vocabulary=VOCABULARY, test_rows=[{"messages": [U("Another ticket"), A("x")]}])
    assert (found.verdict, found.rows, found.examples, found.alarms, found.left_out) == ("ok", 40, 40, [], [])
    assert set(found.codes()) == {"no_generation_markers"}
    shown = [e for r in rows(40) for e in encode_row(tokenizer, r)]
    assert found.tokens == sum(len(e.input_ids) for e in shown) and found.trained_tokens == sum(l != -100 for e in shown for l in e.labels)
    assert "40 rows" in repr(found) and found.template["end_of_turn"] == "<|im_end|>"


def test_weights_are_told(tokenizer):
    found = audit_rows(tokenizer, [{**r, "weight": 2.5} if i == 8 else r for i, r in enumerate(rows(12))])
    assert found.verdict == "ok" and [(f["code"], f["count"], f["rows"], "2.5 times" in f["says"]) for f in found.findings if f["code"] == "rows_weighted"] == [("rows_weighted", 1, [9], True)]


# ---- Each class of fault, planted

def test_no_trained_token(tokenizer):
    caught(audit_rows(tokenizer, planted(5, talk=lambda m: [*m[:2], A("x", train=False)])), "no_trained_token", 5)
    caught(audit_encoded(tokenizer, [{**e, "labels": [-100] * len(e["labels"])} if i == 3 else e for i, e in enumerate(encoded(tokenizer))]), "no_trained_token", 3)
    caught(audit_rows(tokenizer, []), "no_trained_token")
    assert audit_rows(tokenizer, rows(), max_tokens=20).codes()["no_trained_token"] == 24  # all are too long


def test_end_of_turn_not_trained(tokenizer):
    stop = end_of_turn(tokenizer)
    tokenizer.pad_token, pad = "<|endoftext|>", tokenizer.pad_token
    try:
        masked = [{**e, "labels": [-100 if t == stop else l for t, l in zip(e["input_ids"], e["labels"])]} for e in encoded(tokenizer)]
        caught(audit_encoded(tokenizer, masked), "end_of_turn_not_trained")
        cut = [{k: v[:-1] for k, v in e.items()} for e in encoded(tokenizer)]
        caught(audit_encoded(tokenizer, cut), "end_of_turn_not_trained")
    finally: tokenizer.pad_token = pad


def test_pad_masks_eos(tokenizer):
    "What transformers' own collator for language modelling does to a tokenizer whose padding is its end of turn"
    from transformers import DataCollatorForLanguageModeling
    assert tokenizer.pad_token_id == end_of_turn(tokenizer)
    made = DataCollatorForLanguageModeling(tokenizer, mlm=False)([{"input_ids": e["input_ids"], "attention_mask": [1] * len(e["input_ids"])} for e in encoded(tokenizer)])
    found = audit_encoded(tokenizer, [{k: v[i] for k, v in made.items()} for i in range(8)])
    assert {f["code"] for f in found.alarms} == {"pad_masks_eos", "prompt_trained"} and found.verdict == "refused" and found.codes()["pad_masks_eos"] == 8


def test_answer_truncated(tokenizer):
    caught(audit_encoded(tokenizer, [{k: v[:80] for k, v in e.items()} for e in encoded(tokenizer)], max_tokens=80), "answer_truncated")
    found = audit_rows(tokenizer, rows(), max_tokens=80, truncation="cut_end")
    assert found.verdict == "refused" and {"answer_truncated", "over_context"} <= set(found.codes())


def test_prompt_trained(tokenizer):
    caught(audit_encoded(tokenizer, [{**e, "labels": e["input_ids"]} for e in encoded(tokenizer)]), "prompt_trained")
    one = encoded(tokenizer)
    one[2]["labels"][8] = one[2]["input_ids"][8]
    caught(audit_encoded(tokenizer, one), "prompt_trained", 2)
    caught(audit_rows(tokenizer, [*rows(), dict(input_ids=one[0]["input_ids"], labels=one[0]["input_ids"])]), "prompt_trained", 24)


def test_double_bos_and_double_eos():
    t = family_tokenizer(kept_templates()["mistralai-Mistral-Nemo-Instruct-2407"])
    talk = [{"messages": [U(x["ticket"]), A(json.dumps(x["answer"]))]} for x in TICKETS[:6]]
    made = [dict(input_ids=list(e.input_ids), labels=list(e.labels)) for r in talk for e in encode_row(t, r)]
    assert not audit_encoded(t, made, rows=talk).alarms
    twice = [dict(input_ids=[t.bos_token_id, *e["input_ids"]], labels=[-100, *e["labels"]]) for e in made]
    caught(audit_encoded(t, twice), "double_bos")
    assert "train_serve_mismatch" in audit_encoded(t, twice, rows=talk).codes()
    end = [dict(input_ids=[*e["input_ids"], t.eos_token_id], labels=[*e["labels"], t.eos_token_id]) for e in made]
    caught(audit_encoded(t, end), "double_eos")
    found = audit_rows(t, [{"messages": [*r["messages"][:1], A(r["messages"][1]["content"] + "</s>")]} for r in talk])
    assert {f["code"] for f in found.alarms} == {"double_eos", "special_token_in_text"}


def test_no_generation_markers(tokenizer):
    caught(audit_rows(tokenizer, rows()), "no_generation_markers")
    marked = "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|im_end|>\n{% endgeneration %}{% else %}{{ m.content }}<|im_end|>\n{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    assert audit_rows(template(tokenizer, marked), rows()).findings == []
    empty = marked.replace("{% generation %}{{ m.content }}", "{{ m.content }}{% generation %}").replace("<|im_end|>\n{% endgeneration %}", "{% endgeneration %}<|im_end|>\n")
    caught(audit_rows(template(tokenizer, empty), rows()), "no_generation_markers")  # marks that hold nothing: an all-zero mask elsewhere, and none here
    half = marked.replace("{% generation %}{{ m.content }}", "{{ m.content[:5] }}{% generation %}{{ m.content[5:] }}")
    caught(audit_rows(template(tokenizer, half), rows()), "generation_markers_differ")


def test_system_dropped(tokenizer):
    deaf = template(tokenizer, tokenizer.chat_template.replace("{% for message in messages %}", "{% for message in messages if message['role'] != 'system' %}"))
    caught(audit_rows(deaf, rows()), "system_dropped")
    caught(audit_rows(family_tokenizer(trl_templates()["gemma"]), rows()), "system_dropped")  # refuses it


def test_turns_dropped(tokenizer):
    talk = [{"messages": [U(a["ticket"]), A("Noted."), U(b["ticket"]), A(json.dumps(b["answer"]))]} for a, b in zip(TICKETS[:10], TICKETS[10:20])]
    assert not audit_rows(tokenizer, talk).alarms
    short = template(tokenizer, "{% for m in messages[-2:] %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
    assert "turns_dropped" in audit_rows(short, talk).codes() or "train_serve_mismatch" in audit_rows(short, talk).codes()
    last = template(tokenizer, "{% set ns = namespace(at=0) %}{% for m in messages %}{% if m.role == 'user' %}{% set ns.at = loop.index0 %}{% endif %}{% endfor %}{% for m in messages[ns.at:] %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
    caught(audit_rows(last, talk), "turns_dropped")


def test_tools_and_reasoning_dropped(tokenizer):
    tools = [{"type": "function", "function": {"name": "find_invoice", "description": "Finds an invoice", "parameters": {"type": "object", "properties": {"number": {"type": "string"}}}}}]
    call = [{"type": "function", "id": "c1", "function": {"name": "find_invoice", "arguments": {"number": "69365"}}}]
    row = {"tools": tools, "messages": [U("Where is invoice 69365?"), A("", tool_calls=call), {"role": "tool", "name": "find_invoice", "tool_call_id": "c1", "content": "paid"}, A("It is paid.")]}
    caught(audit_rows(tokenizer, [*rows(), row]), "tools_dropped", 24)
    assert not audit_rows(family_tokenizer(kept_templates()["Qwen-Qwen2.5-7B-Instruct"]), [row]).alarms
    mute = family_tokenizer(kept_templates()["google-gemma-4-31B-it"])
    caught(audit_rows(mute, [{"messages": [U("Hi"), A("Hello", reasoning="They greet.")]}]), "reasoning_dropped")


@pytest.mark.parametrize("name, talk", {
    "assistant first": lambda m: [A("Hi"), *m[1:]], "user twice": lambda m: [m[0], m[1], U("And?"), m[2]], "system late": lambda m: [m[1], m[0], m[2]], "no answer": lambda m: m[:2],
    "nobody called": lambda m: [m[1], A("x"), {"role": "tool", "content": "y"}, m[2]], "unknown": lambda m: [{"role": "narrator", "content": "x"}, *m[1:]], "answers twice": lambda m: [*m, A("and more")],
}.items())
def test_role_order(tokenizer, name, talk): caught(audit_rows(tokenizer, planted(7, talk=talk)), "role_order", 7)


def test_template_that_refuses_an_order():
    strict = family_tokenizer(kept_templates()["google-gemma-2-2b-it"])
    caught(audit_rows(strict, [{"messages": [U("a"), A("b")]}, {"messages": [U("a"), U("b"), A("c")]}]), "role_order", 1)


def test_empty_answer(tokenizer):
    caught(audit_rows(tokenizer, planted(3, talk=lambda m: [*m[:2], A("  ")])), "empty_answer", 3)
    caught(audit_rows(tokenizer, [*rows(), {"text": " \n"}]), "empty_answer", 24)


def test_train_serve_mismatch(tokenizer):
    other = [dict(input_ids=[*e["input_ids"][:3], 42, *e["input_ids"][4:]], labels=e["labels"]) if i == 4 else e for i, e in enumerate(encoded(tokenizer))]
    caught(audit_encoded(tokenizer, other, rows=rows(8)), "train_serve_mismatch", 4)
    assert not audit_encoded(tokenizer, encoded(tokenizer), rows=rows(8)).alarms
    moody = template(tokenizer, "{% for m in messages %}<|im_start|>{{ m.role }}{{ ' ' if messages|length > 3 else '\n' }}{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
    talk = [{"messages": [U(a["ticket"]), A("Noted."), U("And now?"), A(json.dumps(a["answer"]))]} for a in TICKETS[:4]]
    found = audit_rows(moody, talk)
    assert "train_serve_mismatch" in found.codes() and found.verdict == "refused"


def test_special_token_in_text(tokenizer):
    caught(audit_rows(tokenizer, planted(9, talk=lambda m: [m[0], U("What does <|im_start|> mean?"), m[2]])), "special_token_in_text", 9)


def test_token_outside_vocabulary(tokenizer):
    e = encoded(tokenizer)
    e[1]["input_ids"][4] = VOCABULARY
    caught(audit_encoded(tokenizer, e, vocabulary=VOCABULARY), "token_outside_vocabulary", 1)
    more = template(tokenizer, tokenizer.chat_template)
    more.add_tokens(["<new>"])  # and the embedding was not resized
    caught(audit_rows(more, planted(2, talk=lambda m: [m[0], U("A <new> thing"), m[2]]), vocabulary=VOCABULARY), "token_outside_vocabulary", 2)


def test_over_context(tokenizer):
    long = planted(6, talk=lambda m: [m[0], U(m[1]["content"] + " And it goes on." * 200), m[2]])
    found = audit_rows(tokenizer, long, max_tokens=400)
    caught(found, "over_context", 6)
    assert found.left_out == [7] and found.truncation["rows"] == 1 and found.truncation["examples"][0]["row"] == 7
    keep = []
    found = audit_rows(tokenizer, long, max_tokens=400, truncation="cut_prompt", keep=keep)
    caught(found, "over_context", 6)
    assert not found.left_out and len(keep) == 24 and len(keep[6].input_ids) == 400 and tokenizer.decode([l for l in keep[6].labels if l != -100]) == long[6]["messages"][2]["content"] + "<|im_end|>"
    with pytest.raises(Trouble): audit_rows(tokenizer, long, truncation="somehow")


def test_answer_copied_from_prompt(tokenizer): caught(audit_rows(tokenizer, planted(1, talk=lambda m: [m[0], m[1], A(m[1]["content"].upper())])), "answer_copied_from_prompt", 1)


def test_label_in_prompt(tokenizer):
    out = [{"messages": [U(t["ticket"]), A(t["answer"]["intent"])], "meta": {"label": t["answer"]["intent"]}} for t in TICKETS]
    assert not audit_rows(tokenizer, out).alarms
    leak = [*out]
    leak[4] = {"messages": [U(f"{TICKETS[4]['ticket']}\nIntent: {TICKETS[4]['answer']['intent']}"), leak[4]["messages"][1]]}
    caught(audit_rows(tokenizer, leak), "label_in_prompt", 4)
    ends = [{"messages": [U(f"{t['ticket']}\n{t['answer']['intent']}"), A(t["answer"]["intent"])]} for t in TICKETS]  # no word says so, and every row does it
    assert audit_rows(tokenizer, ends).codes()["label_in_prompt"] == len(ends)


def test_constant_answers(tokenizer):
    caught(audit_rows(tokenizer, [{"messages": [m["messages"][1], A("ok")]} for m in rows()]), "constant_answers")


def test_test_row_in_train(tokenizer):
    test = [{"messages": [S("Another instruction."), U("  " + TICKETS[11]["ticket"].upper()), A("whatever")]}]
    caught(audit_rows(tokenizer, rows(), test_rows=test), "test_row_in_train", 11)
    caught(audit_rows(tokenizer, [{"text": "One."}, {"text": "Two."}], test_rows=[{"text": " two. "}]), "test_row_in_train", 1)


def test_end_of_turn_unknown(tokenizer): caught(audit_rows(template(tokenizer, "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"), rows()), "end_of_turn_unknown")


def test_a_template_that_loops_is_a_finding(tokenizer, monkeypatch):
    from ftcourse import chat
    monkeypatch.setattr(chat, "SECONDS", 0.3)
    t = template(tokenizer, "{% if messages[0].content == 'go' %}{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
    caught(audit_rows(t, [*rows(6), {"messages": [U("go"), A("x")]}]), "template_fails", 6)


# ---- What refuses can be allowed, by name

def test_allow(tokenizer):
    whole = [{**e, "labels": e["input_ids"]} for e in encoded(tokenizer)]
    found = audit_encoded(tokenizer, whole, allow=["prompt_trained", "double_bos"])
    assert (found.verdict, found.allowed) == ("ok", ["prompt_trained"]) and found.as_dict()["allowed"] == ["prompt_trained"]
    assert audit_encoded(tokenizer, whole, allow=["double_bos"]).verdict == "refused"
    with pytest.raises(Trouble): audit_rows(tokenizer, rows(), allow=["no_such_code"])


def test_worst_first(tokenizer):
    data = planted(9, talk=lambda m: [m[0], U("What does <|im_start|> mean?"), m[2]])
    data[4] = {"messages": [*data[4]["messages"][:2], A("")]}
    found = audit_rows(tokenizer, data, keep=(keep := []))
    assert found.worst[:2] == [5, 10]
    order, codes = worst_first(found, keep)
    assert [e.row for e in order[:2]] == [4, 9] and codes[5] == ["empty_answer"]


def test_progress_and_stop(tokenizer):
    seen = []
    found = audit_rows(tokenizer, rows(2) * 600, progress=lambda done, total: seen.append((done, total)), stop=lambda: len(seen) == 2)
    assert found.stopped and found.verdict == "refused" and found.rows == 1024 and seen[0] == (512, 1200)
    assert audit_rows(tokenizer, iter(rows(3)), progress=lambda done, total: seen.append((done, total))).rows == 3 and seen[-1] == (3, None)


# ---- No false alarm

TOOLS = [{"type": "function", "function": {"name": "weather", "description": "Weather of a town", "parameters": {"type": "object", "properties": {"town": {"type": "string", "description": "Name"}}, "required": ["town"]}}}]
CALL = [{"type": "function", "id": "call00001", "function": {"name": "weather", "arguments": {"town": "Zürich"}}}]
PLAIN = [[U("Hi 🙂 <b>x</b>"), A("Hello مرحبا")], [U("Hi"), A("Hello"), U("2 + 2?"), A("4"), U("3 + 3?"), A("6")], [U("<script>alert(1)</script> & | *x*\n\n```py\nif a < b: print('x')\n```"), A("Line one\n\n- two\n  - three\t🙂\n")],
         [U("שלום, מה שלומך?"), A("טוב, תודה.")], [U("  spaces around  "), A('{"a": [1, 2], "b": "ü"}')]]
NO_SYSTEM = {"trl/gemma", "trl/gemma_training", "llama.cpp/google-gemma-2-2b-it"}  # refuse it
NO_TOOLS = re.compile(r"trl/(cohere|deepseek|gemma(3?)(_training)?$|idefics|llama3(_training)?$|llava|phi3|qwen2_5_vl|smolvlm|lfm2(_training)?$)|llama.cpp/(Apriel|HuggingFaceTB|Kimi-K2|deepseek-ai-DeepSeek-(R1|V3.1)|google-gemma-2|ibm-granite-granite-3.3|microsoft)")
FAMILIES = {**{f"trl/{n}": t for n, t in trl_templates().items()}, **{f"llama.cpp/{n}": t for n, t in kept_templates().items()}}


@pytest.mark.parametrize("name", FAMILIES)
def test_no_false_alarm(name):
    t = family_tokenizer(FAMILIES[name])
    data = [{"messages": m} for m in PLAIN] + ([] if name in NO_SYSTEM else [{"messages": [S("Be brief."), *m]} for m in PLAIN[:2]])
    if not NO_TOOLS.search(name): data.append({"tools": TOOLS, "messages": [U("Weather in Zürich?"), A("", tool_calls=CALL), {"role": "tool", "name": "weather", "tool_call_id": "call00001", "content": '{"sky": "blue"}'}, A("It is blue.")]})
    found = audit_rows(t, data)
    assert found.alarms == [] and found.verdict == "ok" and not found.left_out, found
    # and what it would train passes as the work of somebody else
    made = audit_encoded(t, [e for r in data[:2] for e in encode_row(t, r)])
    assert made.alarms == [], made


@pytest.mark.parametrize("name", ["trl/qwen3_training", "trl/llama3_training", "trl/gptoss_training", "trl/qwen2_5_training", "trl/phi3_training"])
def test_labels_of_trl(name):
    "The assistant masks of TRL's training templates, made by transformers itself, pass"
    t = family_tokenizer(FAMILIES[name])
    made = []
    for talk in PLAIN[:3]:
        out = t.apply_chat_template(talk, return_dict=True, return_assistant_tokens_mask=True)
        made.append(dict(input_ids=out["input_ids"], labels=[i if m else -100 for i, m in zip(out["input_ids"], out["assistant_masks"])]))
    assert "prompt_trained" not in audit_encoded(t, made).codes() and audit_encoded(t, made[:1]).alarms == []


# ---- Cutting, packing, showing

@given(st.integers(1, 60), st.integers(1, 40), st.integers(4, 80), st.sampled_from(["leave_out", "cut_prompt", "cut_end"]))
def test_fit(prompt, answer, limit, policy):
    e = Encoded(list(range(prompt + answer)), [-100] * prompt + list(range(prompt, prompt + answer)), spans=((prompt, prompt + answer),))
    out = fit(e, limit, policy)
    if prompt + answer <= limit: assert out is e
    elif policy == "leave_out": assert out is None
    elif policy == "cut_end": assert shortened(out).input_ids == e.input_ids[:limit]
    elif out is not None:
        s = shortened(out)
        assert len(s.input_ids) == limit and s.input_ids[-answer:] == e.input_ids[-answer:] and s.labels[-answer:] == e.labels[-answer:] and s.input_ids[0] == 0
    else: assert limit - answer < 16


@given(st.lists(st.integers(1, 100), min_size=1, max_size=60), st.integers(100, 300))
def test_packing(lengths, size):
    p = packing(lengths, size)
    assert -(-sum(lengths) // size) <= p["packs"] <= len(lengths) and 0 <= p["waste"] < 1 and 0 <= p["padding_sorted"] < 1 and 0 <= p["padding"] < 1 and p["tokens"] == sum(lengths)


def test_the_view_shows_text_as_text(tokenizer):
    evil = "<img src=x onerror=alert(1)> </span><script>alert(2)</script> \u202e\u0000 [x](javascript:alert(3)) \"'"
    html = token_view(tokenizer, encode_row(tokenizer, {"messages": [U(evil), A(evil)]}), {1: ["<b>"]})
    assert "<script" not in html and "<img" not in html and "\u202e" not in html and "<b>" not in html
    text = re.sub(r"<[^>]+>", "", html.split("</style>")[1])
    assert "onerror" in text.replace("·", " ") and 'title="' in html and "on hover" not in html


def test_the_view_marks_and_folds(tokenizer):
    e, = encode_row(tokenizer, {"messages": [U("word " * 2000), A("yes")]})
    html = token_view(tokenizer, [e] * 30, max_rows=3)
    assert len(html) < 200_000 and "27 more are not shown" in html and "tokens …" in html
    cut = fit(encode_row(tokenizer, rows(1)[0])[0], 60, "cut_prompt")
    html = token_view(tokenizer, cut)
    assert len(re.findall(r'class="cut[ "]', html)) == cut.cut[0][1] - cut.cut[0][0] + 1 and html.count('class="on"') > 10
    assert "outside of the vocabulary" in token_view(tokenizer, Encoded([999_999, 5], [-100, 5]))


def test_bytes_of_half_a_character_are_shown():
    html = token_view(tiny_tokenizer(), encode_row(tiny_tokenizer(), {"messages": [U("🙂"), A("é")]}))
    assert "�" not in html and "ðŁ" in re.sub(r"<[^>]+>", "", html)


def test_conversations_that_end_with_the_same_farewell(tokenizer):
    talks = [{"messages": [U(f"Where is lamp {i}?"), A(f"In room {chr(97 + i)}."), U("Thanks!"), A("You are welcome.")]} for i in range(24)]
    assert not audit_rows(tokenizer, talks).alarms
    assert "constant_answers" in audit_rows(tokenizer, talks, turns="last").codes(), "then it is all that is trained"
    assert "constant_answers" in audit_rows(tokenizer, [{"messages": [*t["messages"][:1], A("You are welcome."), *t["messages"][2:]]} for t in talks]).codes()


# ---- What somebody found who did not know the rules: faults as people make them, and rows that only look like faults

def answered(*pairs, **more): return [{"messages": [U(q), A(a)], **more} for q, a in pairs]
def labelled(ask, n=40, answer=lambda l: l, labels=("billing", "shipping", "returns", "account")):
    return [{"messages": [U(ask(f"Parcel {i} came on a {['wet', 'cold', 'bright', 'grey'][i // 4 % 4]} day and the lid was loose.", labels[i % 4], i)), A(answer(labels[i % 4]))]} for i in range(n)]
LOOP = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ CONTENT }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"


@pytest.mark.parametrize("ask", [lambda t, l, i: f"[topic: {l}] {t}", lambda t, l, i: f"File: /export/{l}_{i:04}.eml\n{t}", lambda t, l, i: f"Label: {l.upper()}\n{t}", lambda t, l, i: f'{{"topic": "{l}", "text": "{t}"}}', lambda t, l, i: f"{t} #{l}",
                                 lambda t, l, i: f"Subject: {l} question\n{t}", lambda t, l, i: f"https://desk.example.org/{l}/{i}\n{t}", lambda t, l, i: f"<mail topic='{l}'>{t}</mail>"], ids="bracket file capitals json hashtag subject url xml".split())
def test_labels_that_stand_in_their_questions(tokenizer, ask):
    found = audit_rows(tokenizer, labelled(ask))
    assert found.codes()["label_in_prompt"] == 40 and found.verdict == "ok"
    assert audit_rows(tokenizer, labelled(ask, answer=lambda l: json.dumps({"label": l}))).codes()["label_in_prompt"] == 40, "answers as JSON"


@pytest.mark.parametrize("ask", [lambda t, l, i: t, lambda t, l, i: f"One of billing, shipping, returns, account.\n{t}", lambda t, l, i: f"Text: I paid twice\nLabel: billing\n\nText: {t}\nLabel:", lambda t, l, i: f"{t} {l if i % 3 == 0 else ''}", lambda t, l, i: f"{t} It is about {l}, I think."], ids="plain options few-shot a-third in-a-sentence".split())
def test_labels_that_are_no_leak(tokenizer, ask): assert "label_in_prompt" not in audit_rows(tokenizer, labelled(ask)).codes()


@pytest.mark.parametrize("answers, code", [(["support"] * 35 + ["sales"], "nearly_constant_answers"), (["OK", "ok", "OK."] * 12, "nearly_constant_answers"), ([f"Sorry, I can't help. (ref {100_000 + i})" for i in range(36)], "nearly_constant_answers"),
                                           (['{"a": 1, "b": 2}', '{"b": 2, "a": 1}'] * 18, "nearly_constant_answers"), (["none"] * 32 + ["one", "two", "three", "four"], None), ([f"The answer is {i}." for i in range(36)], None), (["support"] * 18 + ["sales"], None)])
def test_answers_that_are_nearly_the_same(tokenizer, answers, code):
    found = audit_rows(tokenizer, answered(*((f"Question {i} on the lid?", a) for i, a in enumerate(answers))))
    assert {f["code"] for f in found.alarms} == ({code} if code else set())


@pytest.mark.parametrize("train, test", [("Ou\u0300 est la cle\u0301 ?", "Où est la clé ?"), ("I can’t find “it” here", "I can't find \"it\" here"), ("Where is\u200b my order", "Where is my order"), ("Where is my order", "Where is my order?"), ("  where IS my\n order ", "Where is my order")])
def test_test_questions_in_another_dress(tokenizer, train, test):
    assert "test_row_in_train" in audit_rows(tokenizer, [*rows(), *answered((train, "Here."))], test_rows=answered((test, "There."))).codes()


@pytest.mark.parametrize("train, test", [("What is C++?", "What is C#?"), ("2-3", "2+3"), ("Is it open?", "Is it not open?"), ("Room 7?", "Room 8?")])
def test_test_questions_that_are_others(tokenizer, train, test): assert "test_row_in_train" not in audit_rows(tokenizer, [*rows(), *answered((train, "Here."))], test_rows=answered((test, "Here."))).codes()


def test_a_test_row_as_the_beginning_of_a_longer_talk(tokenizer):
    longer = {"messages": [U("Where is my order number five?"), A("On the way."), U("Since when?"), A("Monday.")]}
    assert "test_row_in_train" in audit_rows(tokenizer, [*rows(), longer], test_rows=answered(("Where is my order number five?", "On the way."))).codes()
    hello = {"messages": [U("Hi"), A("Hello!"), U("Since when?"), A("Monday.")]}
    assert "test_row_in_train" not in audit_rows(tokenizer, [*rows(), hello], test_rows=answered(("Hi", "Hello!"), ("And now?", "No."))).codes(), "a greeting"


@pytest.mark.parametrize("test_rows", [[{}], [{"q": "a", "a": "b"}], [None], [{"messages": None}]])
def test_test_rows_of_another_form_are_told(tokenizer, test_rows):
    with pytest.raises(Trouble) as e: audit_rows(tokenizer, rows(), test_rows=test_rows)
    assert e.value.findings[0].code == "row_wrong_type" and "test row 1" in e.value.findings[0].where


@pytest.mark.parametrize("question, answer, copied", [("Translate into German: The train leaves at nine.", "The train leaves at nine.", True), ("Where does the train to Lenz leave from?", "Where does the train to Lenz leave from?\nPlatform 4.", True), ("Which one: the red or the blue lid?", "the blue lid", False),
                                                      ("Say yes or no", "no", False), ("Context: The bridge is 310 metres long. It was opened in 1962. How long is it?", "The bridge is 310 metres long.", False)])
def test_answers_that_repeat(tokenizer, question, answer, copied): assert ("answer_copied_from_prompt" in audit_rows(tokenizer, [*rows(), *answered((question, answer))]).codes()) == copied


def test_the_wrong_column_refuses(tokenizer):
    both = audit_rows(tokenizer, [{"messages": [r["messages"][1], A(r["messages"][1]["content"])]} for r in rows()])
    assert both.verdict == "refused" and "answers_are_questions" in both.codes()
    capitals = audit_rows(tokenizer, [{"messages": [r["messages"][1], A(r["messages"][1]["content"].upper())]} for r in rows()])
    assert capitals.verdict == "ok", "a task may be to write in capitals"


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u2060\u200d", "\u00ad", "\u200f", "\u3164", "\u2800", " \u200b\n", "<think>\nadd\n</think>\n\n", "<think></think>\u200b"])
def test_answers_that_nobody_can_see(tokenizer, unseen): caught(audit_rows(tokenizer, planted(3, talk=lambda t: [*t[:2], A(unseen)])), "empty_answer", 3)


@pytest.mark.parametrize("seen", ["👩‍🚀", "می‌خواهم", "-", "0", "<think>add</think>4"])
def test_answers_of_few_characters_are_seen(tokenizer, seen): assert "empty_answer" not in audit_rows(tokenizer, planted(3, talk=lambda t: [*t[:2], A(seen)])).codes()


def test_padding_outside_of_the_embedding():
    t = tiny_tokenizer()
    t.add_special_tokens(dict(pad_token="<|later|>"))
    found = audit_rows(t, answered(*((f"Question {i}?", f"Answer {i}, so.") for i in range(10))), vocabulary=t.pad_token_id)
    assert "token_outside_vocabulary" in found.codes() and found.verdict == "refused"
    assert "token_outside_vocabulary" not in audit_rows(t, answered(("Question?", "Answer.")), vocabulary=t.pad_token_id + 1).codes()


def test_thoughts_that_the_template_takes_away(tokenizer):
    strips = template(tokenizer, LOOP.replace("CONTENT", "m['content'].split('</think>')[-1]"))
    found = audit_rows(strips, planted(3, talk=lambda t: [*t[:2], A("<think>\nseven sevens are it\n</think>\n\n49 it is.")]))
    assert found.codes()["reasoning_dropped"] == 1 and found.verdict == "ok"


@pytest.mark.parametrize("content, answer", [("m['content'].replace('\n', ' ')", "1. Open it.\n2. Press it."), ("m['content'] | trim", "    return x + 1")])
def test_white_space_that_the_template_changes(tokenizer, content, answer):
    said = planted(3, talk=lambda t: [*t[:2], A(answer)])
    assert audit_rows(template(tokenizer, LOOP.replace("CONTENT", content)), said).codes().get("white_space_changed") == 1
    assert "white_space_changed" not in audit_rows(template(tokenizer, LOOP.replace("CONTENT", "m['content']")), said).codes()


def test_calls_written_as_text_are_calls(tokenizer):
    T = {"role": "tool", "content": '{"temperature": 7}'}
    for call in ('<tool_call>\n{"name": "weather", "arguments": {}}\n</tool_call>', 'Action: weather\nAction Input: Lenz', '[TOOL_CALLS] [{"name": "weather"}]'):
        assert "role_order" not in audit_rows(tokenizer, planted(3, talk=lambda t: [*t[:2], A(call), T, A("Seven degrees.")])).codes(), call
    assert "role_order" in audit_rows(tokenizer, planted(3, talk=lambda t: [*t[:2], A("Let me look."), T, A("Seven degrees.")])).codes()


@pytest.mark.parametrize("row", [None, [1], "text", {"messages": None}, {"messages": "text"}, {"messages": ["text", "text"]}, {"messages": [{"content": "a"}, A("b")]}, {"messages": [U([{"type": "text", "text": "a"}]), A("b")]}, {"messages": [U("a"), A(7)]}, {"messages": [U("a"), A({"b": 1})]},
                                 {"messages": [U("half \ud83d"), A("b")]}, {"messages": [U("a"), A("b")], "tools": '[{"name": "f"}]'}, {"messages": [U("a"), A("", tool_calls=[{"function": {"name": "f", "arguments": '{"a": 1}'}}])]}, {"messages": [U("a"), A("b", reasoning_content="c")]}, {"messages": [U("a"), A("", tool_calls="f")]},
                                 {"text": 7}, {"input_ids": ["a"]}, {"prompt": [U("a")], "chosen": None, "rejected": [A("b")]}, {"chosen": [A("a")], "rejected": [A("b")]}, {"completion": [A("b")], "label": True}], ids=lambda r: repr(r)[:50])
def test_rows_of_another_form_are_findings(tokenizer, row):
    found = audit_rows(tokenizer, [*rows(10), row, *rows(4)])
    assert found.codes()["row_wrong_type"] == 1 and found.verdict == "refused" and found.rows == 15 and found.findings[0]["rows"] == [11]


def test_one_broken_template_is_told_once(tokenizer):
    found = audit_rows(template(tokenizer, "{{ raise_exception('no') }}"), rows())
    assert found.verdict == "refused" and "no_trained_token" not in found.codes(), "why there is no token is said already"
    allowed = audit_rows(template(tokenizer, "{{ raise_exception('no') }}"), rows(), allow=tuple(found.codes()))
    assert allowed.verdict == "refused" and "no_trained_token" in allowed.codes(), "nothing is trained: what is allowed does not change that"


def test_what_is_allowed_is_called_so(tokenizer):
    same = answered(*((f"Question {i}?", "Yes.") for i in range(12)))
    found = audit_rows(tokenizer, same, allow=("constant_answers",))
    assert found.verdict == "ok" and "allowed, else fatal [constant_answers]" in repr(found) and "<td>allowed</td>" in found._repr_html_()
    with pytest.raises(Trouble) as e: audit_rows(tokenizer, same, allow=("nonsense",))
    assert e.value.findings[0].code == "wrong_use"


@pytest.mark.parametrize("line, message", [({"messages": [U("a"), A(None, tool_calls=[{"type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}])]}, A("", tool_calls=[{"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}])),
                                           ({"messages": [{"role": "developer", "content": "d"}, U([{"type": "text", "text": "a"}]), {"role": "assistant", "content": "b", "reasoning_content": "c"}]}, A("b", reasoning="c")), ({"messages": [U("a"), A("b")], "tools": '[{"name": "f"}]'}, A("b"))])
def test_rows_in_the_forms_of_others_are_read(tmp_path, line, message):
    from ftcourse.data.rows import malformed, read_rows
    (tmp_path/"r.jsonl").write_text(json.dumps(line), encoding="utf-8")
    (row,), found = read_rows(tmp_path/"r.jsonl", "prompt", "answer")
    assert not found and not malformed(row) and row["messages"][-1] == message and row.get("tools", [{}])[0].get("type", "function") == "function"


@pytest.mark.parametrize("text, code", [('{"messages": null}', "row_missing_field"), ('{"messages": [{"role": "user", "content": "half \\\\ud83d"}, {"role": "assistant", "content": "b"}]}', "row_not_json"), ('{"messages": [{"role": "narrator", "content": "a"}, {"role": "assistant", "content": "b"}]}', "role_unknown"),
                                        ('{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}]}', "tool_call_broken"), ('{"text": 7}', "row_missing_field")])
def test_rows_that_no_form_explains_are_told_with_their_line(tmp_path, text, code):
    from ftcourse.data.rows import read_rows
    (tmp_path/"r.jsonl").write_text('{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n' + text.replace("\\\\u", "\\u"), encoding="utf-8")
    kept, found = read_rows(tmp_path/"r.jsonl", "prompt", "answer")
    assert len(kept) == 1 and [f.code for f in found] == [code] and "line 2" in found[0].where
