"""Cleaning: twice is once, code and JSON come out as they went in, every row is counted, and clean text is left in peace."""
import ast
import copy
import glob
import json
import os
import random
import sysconfig
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from ftcourse.data.clean import DEFAULT, FILTERS, GOPHER, STEPS, asked, clean, fenced, filters_text, look, normalize, normalize_rows, parse_filters, repetition, said, shown, steps_of
from ftcourse.data.rows import texts
from ftcourse.findings import CODES, Trouble
from tests.test_units import EVIL, OURS, harmless

ROOT = Path(__file__).resolve().parents[1]


def often(n): return settings(max_examples=n, deadline=None, derandomize=True, database=None)


def chat(prompt, answer, line=1, **more): return {"messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer, **more}], "origin": {"file": "rows.jsonl", "line": line}}


def hits(answer, prompt="Why?", filters=DEFAULT, **more):
    "The filters that a row of this answer meets"
    return sorted(name for name, r in look([chat(prompt, answer, **more)], filters, "none")["filters"].items() if r["count"])


# ---- Normalising

DIRT = st.sampled_from(["\u200b", "\u200d", "\u200c", "\u202e", "\u200f", "\u00a0", "\u0301", "\r", "\r\n", "\n", "\n\n\n", " ", "\t", "\x00", "\x1b", "\u2028", "\ufeff", "\u00ad", "\ud83d", "\U000e0041", "\U0001f3f4", "👩", "א", "e", "क", "Ã©", "â€™", "```", "~~~", "`", "\\", '"', "{", "}", "[", ":", "1"])
DIRTY = st.lists(DIRT | st.text(st.characters(exclude_categories=[]), max_size=8), max_size=25).map("".join)
JSON = st.recursive(st.none() | st.booleans() | st.integers(-10**6, 10**6) | st.floats(allow_nan=False, allow_infinity=False) | DIRTY, lambda x: st.lists(x, max_size=3) | st.dictionaries(DIRTY, x, max_size=3), max_leaves=8)


@given(DIRTY)
@often(400)
@example("\ufeff{\"a\": \"x\u00a0\"}")
@example("a\r\n```\r\nb \r\n```\r\n")
@example("\u200b```\n x  \n```")
@example("Ã\u200b©\u202e\u0301")
def test_twice_is_once(text):
    once = normalize(text)
    assert normalize(once) == once


@pytest.mark.parametrize("step", STEPS)
@given(text=DIRTY)
@often(60)
def test_each_step_twice_is_once(step, text): assert normalize(normalize(text, [step]), [step]) == normalize(text, [step])


@given(DIRTY)
@often(200)
def test_what_comes_out_can_be_written_and_holds_nothing_hidden(text):
    out = normalize(text)
    bare = "".join(p for code, p in fenced(out)[0] if not code)
    if not out.lstrip().startswith(("{", "[")): assert not set("\x00\x1b\u200b\ufeff\u202e\u00a0\r\u2028\ud83d\u00ad") & set(bare)


@given(JSON.filter(lambda v: isinstance(v, (dict, list))), st.sampled_from([None, 1]), st.booleans())
@often(300)
def test_json_stays_json_and_the_same_object(value, indent, ascii):
    text = json.dumps(value, ensure_ascii=ascii, indent=indent)
    out = normalize(text)
    def alike(a, b):
        if isinstance(a, str): return isinstance(b, str) and (a == b or normalize(a) == normalize(b))
        if isinstance(a, list): return isinstance(b, list) and len(a) == len(b) and all(map(alike, a, b))
        if isinstance(a, dict): return isinstance(b, dict) and list(a) == list(b) and all(alike(a[k], b[k]) for k in a)
        return type(a) is type(b) and a == b
    assert alike(json.loads(text), json.loads(out))
    if not any(isinstance(x, str) for x in leaves(value)): assert out == text, "to the byte"


def leaves(v): return [x for y in (v.values() if isinstance(v, dict) else v) for x in leaves(y)] if isinstance(v, (dict, list)) else [v]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60).filter(lambda t: "```" not in t and "\r" not in t), st.text(max_size=20).filter(lambda t: "`" not in t and "~" not in t))
@often(200)
def test_code_is_untouched(code, prose):
    fence = f"```py\n{code}\n```"
    assert fence in normalize(f"{prose.strip()}\n{fence}\n{prose}")


@given(DIRTY)
@often(150)
def test_pieces_joined_are_the_text(text): assert "".join(p for _, p in fenced(text)[0]) == text


@pytest.mark.parametrize("text, want", [
    ("cafe\u0301", "café"), ("x² ½ ① ™ ﬁ Ａ", "x² ½ ① ™ ﬁ Ａ"), ("a\u00a0b\u202fc\u2007d", "a b c d"), ("a\r\nb\rc\u2028d\x0ce", "a\nb\nc\nd\ne"), ("a \t\n\n\n\n\nb  ", "a\n\nb"), ("\n\n  a", "  a"),
    ("\ufeffa\u200bb\u00adc\u2060", "abc"), ("می\u200cخواهم", "می\u200cخواهم"), ("क्\u200dष", "क्\u200dष"), ("👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥", "👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥"), ("a\u200db", "ab"),
    ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"), ("ok\U000e0069\U000e0067\U000e006e", "ok"),
    ("admin\u202e\u2066nimda", "adminnimda"), ("שלום \u200f(abc)\u202e", "שלום \u200f(abc)"), ("مرحبا\u200e ABC", "مرحبا\u200e ABC"),
    ("cafÃ© â€“ donâ€™t", "café – don’t"), ("Ã“scar MÃ¼ller", "Óscar Müller"), ("sÃ£o 100 â‚¬", "são 100 €"), ("\x92quoted\x94", "’quoted”"), ("half \ud83d here\x07", "half  here"), ("", ""), ("\u200b", ""), ("　全角", "　全角"),
    ("DÃ\u00a0 lÃ\u00a0", "Dà là"), ("naïve façade – “quoted” ¿qué? Ærø Ñandú", "naïve façade – “quoted” ¿qué? Ærø Ñandú"), ("Â£5 for a MÂ²? no: £5 per m²", "£5 for a M²? no: £5 per m²"),
])
def test_normalize(text, want): assert normalize(text) == want


def test_line_ends_in_code_change_only_where_the_whole_file_has_them():
    assert normalize("a\r\n```\r\nb\r\n```\r\nc") == "a\n```\nb\n```\nc" and normalize("a\n```\nb\r\nc\n```") == "a\n```\nb\r\nc\n```"


@pytest.mark.parametrize("text", ["~~~\na  \n~~~\nb", "  ```\na \n  ```", "> ```\n> a  \n> ```", "````\n```\na  \n```\n````", "```\nnever closed  \n\n\n\n"])
def test_fences_of_every_kind(text): assert normalize(text) == text


def test_steps_can_be_switched_off():
    assert normalize("a\u00a0b\u200b ", "all, -spaces") == "a\u00a0b" and normalize("a\u00a0\u200b", "none") == "a\u00a0\u200b" and steps_of("bidi, unicode")[0] == ("unicode", "bidi")
    names, found = steps_of("unicod, all, -bidy")
    assert len(names) == len(STEPS) and [f.code for f in found] == ["filter_unknown"] * 2 and "'unicode'" in found[0].fix and "'bidi'" in found[1].fix
    with pytest.raises(Trouble): normalize("a", "unicod")


def test_rows_change_by_copy_and_tool_calls_not_at_all():
    call = dict(tool_calls=[{"type": "function", "function": {"name": "f", "arguments": {"q": "a\u00a0\u200b"}}}])
    rows = [{"messages": [{"role": "user", "content": "a\u00a0"}, {"role": "assistant", "content": "b\u00a0c", **call}], "meta": {"label": "x\u00a0"}}, {"text": "a\u200b"}, {"input_ids": [1, 2]},
            {"prompt": [{"role": "user", "content": "\u200bq"}], "chosen": [{"role": "assistant", "content": "y "}], "rejected": [{"role": "assistant", "content": "n "}]}]
    before = copy.deepcopy(rows)
    out, report = normalize_rows(rows)
    assert rows == before and out[0]["messages"][1]["tool_calls"] == call["tool_calls"] and out[0]["meta"] == {"label": "x\u00a0"} and out[2] is rows[2]
    assert out[0]["messages"][1]["content"] == "b c" and out[1] == {"text": "a"} and out[3]["prompt"][0]["content"] == "q" and out[3]["rejected"][0]["content"] == "n"
    assert report["rows"] == 4 and report["changed"] == 3 and report["steps"]["spaces"] == 1 and report["steps"]["invisible"] == 2 and report["examples"]["spaces"][0]["path"] == "messages.0.content"


def test_answers_that_count_characters_keep_their_text():
    row = chat("The\u00a0\u200bcity of Bonn", '{"entities": [{"start": 13, "end": 17}]}')
    out, report = normalize_rows([row])
    assert out == [row] and report["offsets_kept"] == 1 and report["changed"] == 0


# ---- Filters

STUCK = "I can help you with your order and send it to you soon. " * 12


@pytest.mark.parametrize("answer, want", [
    ("", ["length"]), (" \n", ["length"]), (STUCK, ["repetition"]), ("ja " * 9, ["repetition"]), ("请稍候。" * 12, ["repetition"]), ("As an AI language model, I cannot know.", ["refusal"]), ("Dear [insert name], yes.", ["boilerplate"]),
    ("Lorem ipsum dolor sit amet.", ["boilerplate"]), ("TODO", ["boilerplate"]), ("Yes.\n\nSent from my iPhone", ["boilerplate"]), ("Hello {{customer_name}}, yes.", ["boilerplate"]), ("Dear [Your Name]", ["boilerplate"]),
    ("Look:\n```py\nx = 1", ["broken_markup", "truncated"]), ("<div><p>Hello</p></div>", ["broken_markup"]), ("a&nbsp;b&nbsp;c&amp;d", ["broken_markup"]), ('{"intent": "refund", "area": ["a', ["truncated"]), ('{"intent": "ref', ["truncated"]),
    ("Yes.", []), ('{"intent": "refund"}', []), ("Use `{question}` there, or `<div>` and `<p>` and `</p>`.", []), ("[1] says so. {x} is a set.", []), ("Ha ha ha, very very good!", []), ("0 0 0 0 0 0 0 0 0 0", []), ("5 < 6 and a && b || c", []),
    ("I'm sorry, but I can't find order 12. I am unable to refund it.", []), ("Our AI model was trained on tickets.", []), ("We have a todo list and a TBD column.", []), ("x = {a: 1}; f'{name!r}'; ${name}", []), ("Line one<br>line two", []),
    ("```\nTODO: x\n<div><div><div>\n```\nDone.", []), ("I can help with that.", []), ("I'm afraid I cannot help with billing questions, ask sales.", []),
])
def test_what_the_default_filters_meet(answer, want): assert hits(answer) == want


REFUSALS = {
    "en": ["As an AI language model, I don't have opinions.", "I’m sorry, but I can’t assist with that.", "I'm just an AI language model.", "I cannot fulfill this request.", "I am sorry, I'm unable to help you with that request.", "As an AI, I cannot feel."],
    "de": ["Als KI-Sprachmodell kann ich das nicht.", "Als KI-Modell habe ich keine Meinung.", "Es tut mir leid, aber ich kann dabei nicht helfen.", "Als Sprachmodell weiß ich das nicht."], "fr": ["En tant que modèle de langage, je ne sais pas.", "Je suis désolé, mais je ne peux pas vous aider avec cette demande."],
    "es": ["Como modelo de lenguaje, no tengo opinión.", "Lo siento, pero no puedo ayudarte con eso."], "pt": ["Como um modelo de linguagem, não sei.", "Desculpe, mas não posso ajudar com isso."], "it": ["In quanto modello linguistico, non so.", "Mi dispiace, ma non posso aiutarti con questa richiesta."],
    "nl": ["Als AI-taalmodel heb ik geen mening.", "Het spijt me, maar ik kan daar niet mee helpen."], "pl": ["Jako model językowy nie mam opinii.", "Przepraszam, ale nie mogę pomóc."], "ru": ["Как языковая модель, я не имею мнения.", "Извините, но я не могу помочь с этим."],
    "zh": ["作为一个人工智能语言模型，我没有意见。", "抱歉，我无法协助这个请求。"], "ja": ["AI言語モデルとして、意見はありません。", "申し訳ありませんが、ご要望にはお応えできません。"], "ko": ["AI 언어 모델로서 의견이 없습니다.", "죄송하지만 그 요청은 도와드릴 수 없습니다."],
}


@pytest.mark.parametrize("answer", [a for group in REFUSALS.values() for a in group])
def test_refusals_in_twelve_languages(answer): assert hits(answer) == ["refusal"]


@pytest.mark.parametrize("answer", ["Es tut mir leid, ich kann Ihre Bestellung nicht finden.", "Als Modell empfehle ich den T4.", "Désolé, je ne peux pas trouver votre commande.", "Lo siento, no puedo encontrar su pedido.", "Como cliente, puede devolverlo.", "Przepraszam, nie mogę znaleźć zamówienia.",
                                    "Извините, я не могу найти ваш заказ.", "抱歉，我找不到您的订单。", "申し訳ありませんが、ご注文が見つかりません。", "죄송합니다. 주문을 찾을 수 없습니다.", "Sorry, I can't help with the heavy lifting, but the crew can.", "I cannot generate the invoice before Monday."])
def test_polite_support_is_no_refusal(answer): assert hits(answer) == []


def test_what_stands_in_the_prompt_is_no_fault_of_the_answer():
    assert hits("Liebe [insert name], bitte", "Translate: Dear [insert name], please") == [] and hits("Als KI-Sprachmodell kann ich", "Correct: als ki-sprachmodell kann ich") == []
    assert hits("A <b>, a <div> and a <p> and </p>.", "Which HTML tags are there?") == [] and hits("Yes.", "Answer: {question}") == ["boilerplate"]


def test_bad_answers_that_are_meant_to_be_bad_are_kept():
    say = lambda text: [{"role": "assistant", "content": text}]
    ask = [{"role": "user", "content": "Hi?"}]
    bad = "As an AI language model, I cannot."
    rows = [{"prompt": ask, "chosen": say("Hello."), "rejected": say(bad)}, {"prompt": ask, "completion": say(bad), "label": False}, {"prompt": ask, "completion": say(bad), "score": 0.1}]
    assert len(clean(rows)[0]) == 3
    assert len(clean([{"prompt": ask, "chosen": say(bad), "rejected": say("x")}, {"prompt": ask, "completion": say(bad), "label": True}])[1]) == 2
    assert len(clean([{"messages": [*ask, dict(say(bad)[0], train=False), *ask, *say("Hello.")]}])[0]) == 1, "a turn that is not trained"
    assert len(clean([{"prompt": ask, "chosen": say("Hello."), "rejected": say("")}])[1]) == 1, "but an empty one teaches nothing"


def test_a_missing_full_stop_counts_only_where_the_others_have_one():
    good = [chat(f"Q {i}", f"The parcel number {i} is on its way to you and arrives on Friday.", i) for i in range(40)]
    cut = chat("Q", "The parcel is on its way to you and it will arrive on", 99)
    fine = [chat("Q", a) for a in ("We sell these colours in all of our shops today:\n- red, green, and blue, and white and black and grey and", "You can find all of it on the page at https://example.org/help", "The parcel will come on Friday, all the best to you.\nAnna from the service team", "one two three", "The total for this order with both of the parcels is 42")]
    kept, rejected, report = clean([*good, cut, *fine], filters="truncated")
    assert [r["line"] for r in rejected] == [99] and "98 %" in rejected[0]["says"]
    assert not clean([cut, *good[:10]], filters="truncated")[1], "eleven sentences are no habit"
    loose = [chat("Q", f"a title of many words that has no stop number {i} here at all") for i in range(40)]
    assert not clean([*loose, cut], filters="truncated")[1]
    assert clean([dict(chat("Q", "Yes."), meta={"finish_reason": "length"})], filters="truncated")[1][0]["code"] == "row_truncated"


def test_gopher_in_numbers():
    "Shares that can be counted by hand."
    r = repetition("aa bb\naa bb\ncc dd\nee ff")
    assert r["duplicate lines"] == 0.25 and r["characters in duplicate lines"] == 0.25 and r["top 2-gram"] == 8 / 16
    ten = " ".join(f"w{i}" for i in range(10))
    assert repetition(f"{ten} {ten}")["duplicate 10-grams"] == 0.5 and repetition(f"{ten} x {ten} {ten}")["duplicate 5-grams"] == pytest.approx(40 / 61)
    assert set(repetition(ten).values()) == {0.0} and len(GOPHER) == 13 and repetition("\n\n \n") == dict.fromkeys(GOPHER, 0)


@given(st.lists(st.sampled_from(["a", "bb", "ccc", "\n", "\n\n", "d."]), max_size=120).map(" ".join))
@often(100)
def test_shares_are_shares_and_fall(text):
    r = repetition(text)
    assert all(0 <= v <= 1 for v in r.values())
    assert all(r[f"duplicate {n}-grams"] >= r[f"duplicate {n + 1}-grams"] - 1e-12 for n in range(5, 10))


def test_repetition_is_as_strict_as_one_likes():
    said_twice = " ".join(f"word{i}" for i in range(60)) + " and again " + " ".join(f"word{i}" for i in range(20))
    assert hits(said_twice, filters="repetition") == [] and hits(said_twice, filters="repetition factor 1") == ["repetition"] and hits(said_twice, filters="repetition factor 1 words 500") == []


@pytest.mark.parametrize("filters, answer, want", [("length answer 3 5", "ab", 1), ("length answer 3 5", "abc", 0), ("length answer 3 5", "abcdef", 1), ("length answer 2 3 words", "one", 1), ("length answer 2 3 words", "one two", 0), ("length prompt 1 3", "x", 1), ("length turns 3 9", "x", 1), ("length turns 2 2", "x", 0), ("length answer 3 9 words", "三天内", 0), ("length answer 4 9 words", "三天内", 1)])
def test_length(filters, answer, want): assert len(clean([chat("Why?", answer)], filters=filters)[1]) == want


def test_language():
    english, german = "The parcel has not arrived yet, and I would like to know where it is and when it will come to me.", "Das Paket ist noch nicht angekommen, und ich möchte wissen, wo es ist und wann es bei mir ankommen wird."
    rows = [chat(english, english, 1), chat(german, german, 2), chat(english, german, 3), chat("Hola", "Sí.", 4), chat(english, json.dumps({"answer": german}), 5)]
    lines = lambda filters: [r["line"] for r in clean(rows, filters=filters)[1]]
    assert lines("language en") == [2, 3] and lines("language en de") == [] and lines("language en part prompt") == [2] and lines("language fr") == [1, 2, 3, 5] and lines("language fr part answer") == [1, 2, 3]
    assert clean(rows, filters="language en")[1][0]["code"] == "row_language"


def test_tokens_and_documents_pass():
    rows = [{"input_ids": [1, 2, 3]}, {"text": "TODO: finish. As an AI language model I know {question}. This ends in the middle of"}]
    assert clean(rows)[0] == rows and len(clean([{"text": "lorem ipsum dolor"}, {"text": ""}])[1]) == 2


# ---- How a plan writes them

NUMBER = st.integers(1, 5000)
FILTER = st.one_of(
    st.builds(lambda p, a, b, u: dict(name="length", part=p, low=min(a, b), high=max(a, b), unit="characters" if p == "turns" else u), st.sampled_from(["answer", "prompt", "turns"]), NUMBER, NUMBER, st.sampled_from(["characters", "words"])),
    st.builds(lambda c, s: dict(name="language", codes=tuple(c), confidence=s), st.lists(st.sampled_from(["en", "de", "zh-cn", "pt"]), min_size=1, max_size=3, unique=True), st.sampled_from([0.5, 0.8, 1])),
    st.builds(lambda w, f: dict(name="repetition", words=w, factor=f), NUMBER, st.sampled_from([1, 2.5, 4])), st.builds(lambda r: dict(name="broken_markup", remnants=r), NUMBER), st.just(dict(name="refusal")), st.just(dict(name="boilerplate")), st.builds(lambda s: dict(name="truncated", share=s), st.sampled_from([0.5, 0.97])))


@given(st.lists(FILTER, max_size=6))
@often(200)
def test_text_and_back(filters):
    whole, found = parse_filters(filters)
    assert not found
    assert parse_filters(filters_text(whole)) == (whole, [])


@pytest.mark.parametrize("text, code, fix", [("refusals", "filter_unknown", "'refusal'"), ("length answr 1 2", "filter_wrong", "part"), ("length 1 2 3", "filter_wrong", "Two"), ("length 5 1", "filter_wrong", "smaller"), ("language", "filter_wrong", "language en"), ("repetition factor", "filter_wrong", "words"),
                                             ("repetition factor 0", "filter_wrong", "default"), ("repetition factor nan", "filter_wrong", "default"), ("truncated share 2", "filter_wrong", "default"), ("language part everything en", "filter_wrong", "answer"), ("refusal 3", "filter_wrong", "none"), ("<script>", "filter_unknown", "Known"), ("length -1 5", "filter_wrong", "default")])
def test_what_cannot_be_is_a_finding(text, code, fix):
    found = parse_filters(text)[1]
    assert [f.code for f in found] == [code] and fix in found[0].fix
    with pytest.raises(Trouble): clean([], filters=text)


@given(st.text(max_size=60))
@often(200)
def test_any_text_is_read(text):
    filters, found = parse_filters(text)
    if not found: assert parse_filters(filters_text(filters)) == (filters, [])


@pytest.mark.parametrize("filters", [[3], [None], [{"name": "length", "low": "x"}], [{"name": "length", "hihg": 3}], [{"name": "length", "part": "all"}], [{"name": "language"}], [{"low": 1}], [{"name": "length", "unit": "bytes"}]])
def test_lists_are_checked_too(filters): assert parse_filters(filters)[1]


def test_each_filter_has_its_page():
    assert {f.code for f in FILTERS.values()} <= CODES.keys() and all(f.help.endswith(".") and f.name == name for name, f in FILTERS.items())


# ---- Accounting

ROW = st.builds(chat, DIRTY, DIRTY | st.sampled_from(["", STUCK, "As an AI language model, no.", "TODO", '{"a": 1', "Yes."]), st.integers(1, 9)) | st.builds(lambda t: {"text": t}, DIRTY) | st.just({"input_ids": [1]})


@given(st.lists(ROW, max_size=12))
@often(150)
def test_every_row_is_counted(rows):
    before = copy.deepcopy(rows)
    kept, rejected, report = clean(iter(rows))
    assert rows == before and len(rows) == report["rows_in"] == len(kept) + len(rejected) == report["kept"] + report["rejected"]
    assert all(r["step"] == "clean" and r["code"] == r["codes"][0] and set(r["codes"]) <= CODES.keys() and r["says"] for r in rejected)
    assert sum(r["only"] for r in report["filters"].values()) <= len(rejected) <= sum(r["count"] for r in report["filters"].values()) and all(len(r["examples"]) <= 5 for r in report["filters"].values())
    json.dumps(report)
    assert look(rows) == report and clean(rows)[:2] == (kept, rejected), "the same each time"
    again = clean(kept)
    assert again[2]["normalize"]["changed"] == 0


def test_a_row_with_several_faults_counts_once():
    kept, rejected, report = clean([chat("Q", "As an AI language model: [insert text]\n```")])
    assert not kept and len(rejected) == 1 and rejected[0]["codes"] == ["row_refusal", "row_boilerplate", "row_broken_markup", "row_truncated"] and all(r["only"] == 0 for r in report["filters"].values())


def test_the_same_filter_twice_is_counted_apart():
    report = look([chat("Why?", "abc")], "length answer 1 2, length prompt 1 2")
    assert {n: r["count"] for n, r in report["filters"].items()} == {"length answer 1 2": 1, "length prompt 1 2": 1}


def test_a_filter_that_takes_most_is_doubted():
    assert [f["code"] for f in look([chat("Q", "yes")] * 20, "length answer 50 4000")["findings"]] == ["filter_takes_most"] and not look([chat("Q", "yes")] * 20)["findings"]


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_text(evil):
    rows = [chat(evil, evil, 1), chat(evil, "", 2), {"text": evil}, chat("Q", f"TODO: {evil}\n[insert {evil}]", 3)]
    kept, rejected, report = clean(rows, filters=DEFAULT + ", length prompt 1 3")
    assert len(kept) + len(rejected) == 4
    harmless(shown(report), OURS)


def test_long_hostile_text_is_quick():
    "Nothing here may grow with the square of the length."
    import time
    for text in ("<" * 200_000, "[" * 200_000, '{"' * 100_000, "`" * 200_000, " " * 200_000 + "x", "\n" * 200_000, "a " * 100_000, "{{ " * 60_000, "&" * 200_000, "\u200d" * 200_000, "```\n" * 50_000, '"\\' * 100_000, "[insert " * 30_000, "<a " * 60_000, "    x\n" * 40_000, ">" * 200_000, "\r\n" * 90_000, "Ã" * 100_000):
        t = time.perf_counter()
        clean([chat("Q", text)])
        assert time.perf_counter() - t < 6, text[:10]


# ---- Clean text is left in peace

def test_no_ticket_is_dropped():
    for path in sorted((ROOT/"ftcourse"/"datasets"/"triage").glob("*.jsonl")):
        lines = [json.loads(l) for l in path.read_text(encoding="utf-8").splitlines()]
        rows = [chat(r["ticket"], json.dumps(r["answer"], ensure_ascii=False), i) for i, r in enumerate(lines, 1)]
        kept, rejected, report = clean(rows)
        assert rejected == [] and kept == rows and report["normalize"]["changed"] == 0 and len(rows) > 40


def documented(limit=900):
    "Docstrings of the standard library, as answers"
    files = sorted(glob.glob(sysconfig.get_paths()["stdlib"] + "/*.py"))
    random.Random(1).shuffle(files)
    out = []
    for f in files:
        try: tree = ast.parse(Path(f).read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError): continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and (doc := ast.get_docstring(node)) and len(doc) > 40: out.append(chat(f"What does {node.name} do?", doc, node.lineno))
        if len(out) > limit: break
    return out


def test_hardly_a_docstring_is_dropped():
    rows = documented()
    kept, rejected, _ = clean(rows)
    assert len(rows) > 500 and [r["says"] for r in rejected if r["code"] != "row_boilerplate"] == [] and len(rejected) <= len(rows) / 300, "those that say TODO may go"


def test_no_licence_is_dropped():
    files = [ROOT/"LICENSE", *map(Path, glob.glob("/usr/share/common-licenses/*"))]
    rows = [chat("Print the licence.", p.read_text(encoding="utf-8", errors="replace")) for p in files if p.is_file()]
    assert clean(rows)[1] == []
