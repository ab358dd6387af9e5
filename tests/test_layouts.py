"""Layouts: every labelled head read right, every row converted exactly or rejected with its field's name, whatever stands in it."""
import html
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from ftcourse.data.layouts import (JOINED, Unusable, apply_mapping, assistant, chat, convert, convert_mixed, converter, detect, gather, gather_turns, layouts, mapping_text, markup, parse_mapping, problem, roles, shape, turns, valid)
from ftcourse.data.rows import KINDS, kind
from ftcourse.findings import CODES, Trouble

INDEPENDENT = [json.loads(line) for line in (Path(__file__).parent/"layouts_heads_independent.jsonl").read_text(encoding="utf-8").split("\n") if line]  # by an author who did not know the detector
SECOND = [json.loads(line) for line in (Path(__file__).parent/"layouts_heads_second.jsonl").read_text(encoding="utf-8").split("\n") if line]  # by another one
THIRD = [json.loads(line) for line in (Path(__file__).parent/"layouts_heads_third.jsonl").read_text(encoding="utf-8").split("\n") if line]  # by one more
HEADS = [json.loads(line) for line in (Path(__file__).parent/"layouts_heads.jsonl").read_text(encoding="utf-8").split("\n") if line]

def often(n): return settings(max_examples=n, deadline=None, derandomize=True, database=None)  # the same cases each time: no flakes
def m(*said): return [dict(role=r, content=c) for r, c in said]
def code(f, *args, **more):
    with pytest.raises(Unusable) as e: f(*args, **more)
    assert e.value.code in CODES and e.value.says.endswith(".")
    return e.value.code

def each(heads):
    "Makes one test of many heads, which names all that fail. (heads: a function, so that nothing is read while tests are collected.)"
    def made(look):
        def test():
            bad, n = [], 0
            for n, h in enumerate(heads(), 1):
                try: look(h)
                except Exception as e: bad.append(f"{h['source']}: {e!r}")
            assert n and not bad, "\n".join(bad)
        test.__name__, test.__doc__ = look.__name__, look.__doc__
        return test
    return made

# ---- The labelled heads

def wrong(head):
    "Empty if the head is read as its label says."
    d = detect(head["rows"])
    if not head["sure"]: return f"sure of {d.layout}" if d.sure else ""
    if head["layout"] is None: return d.layout
    if not d.sure or d.layout not in (head["layout"], *head.get("also", ())): return f"{d.layout or 'none'}{'' if d.sure else ', not sure'}: {mapping_text(d.mapping)}"
    if off := {r: d.mapping.get(r) for r, f in head.get("mapping", {}).items() if d.mapping.get(r) != f}: return f"mapping {off}"
    if "first" in head:
        got = convert_mixed(head["rows"][0], d.groups)[0]
        if off := {k: got.get(k) for k in head["first"] if got.get(k) != head["first"][k]}: return f"row {off}"
    return ""

def test_the_heads_are_many_and_of_many_sources():
    assert len(HEADS) >= 150 and sum(not h["sure"] for h in HEADS) >= 10 and all(1 <= len(h["rows"]) <= 8 and h["source"] for h in HEADS)
    assert len({h["layout"] for h in HEADS if h["layout"]}) >= 24, "each layout is tried"
    assert {x["name"] for x in layouts()} == {h["layout"] for h in HEADS if h["layout"]}

def test_at_least_98_of_100_heads_are_read_right():
    bad = [f"{h['layout']} | {h['source']}: {w}" for h in HEADS if (w := wrong(h))]
    assert len(bad) <= 0.02 * len(HEADS), "\n".join(bad)

def test_heads_of_another_author():
    "What is not known is asked for: a layout that is wrong and sure would be trained"
    bad = {h["source"]: w for h in INDEPENDENT if (w := wrong(h))}
    assert len(bad) <= 5, "\n".join(f"{s}: {w}" for s, w in bad.items())  # four answers with scores: to be trained, or the score? And pairs that may be a translation
    sure = {s for h in INDEPENDENT if (s := h["source"]) in bad and detect(h["rows"]).sure}
    assert not sure, f"sure of {sure}"

@pytest.mark.parametrize("heads, most, sure", [(SECOND, 90, 1), (THIRD, 65, 4)], ids=("second", "third"))
def test_heads_of_further_authors(heads, most, sure):
    "Names in many languages, sheets made by hand: a good part is asked about, and next to nothing taken for something else"
    bad = {h["source"]: w for h in heads if (w := wrong(h))}
    assert len(bad) <= most, "\n".join(f"{s}: {w}" for s, w in bad.items())
    assert sum(h["sure"] and h["source"] in bad and detect(h["rows"]).sure for h in heads) <= sure, "sure and wrong"

@each(lambda: [h for h in INDEPENDENT + SECOND + THIRD if h["sure"] and h["layout"] and not wrong(h)])
def test_rows_of_another_author_become_canonical(head):
    found, refused = detect(head["rows"]), []
    for row in head["rows"] if found.layout not in JOINED else ():  # those are joined first
        try: assert valid(convert_mixed(row, found.groups)[0])
        except Unusable as e: refused.append(e)
    assert {e.code for e in refused} <= {"label_unknown", "pair_unusable", "row_missing_field", "content_not_text"}, refused  # an empty text, no answer, a picture
    if len(refused) == len(head["rows"]): assert all("names are not given" in e.says or e.code == "content_not_text" for e in refused), "numbered tags want names, a picture is no text; of any other head a row is kept"

@each(lambda: [h for h in HEADS if h["sure"]])
def test_rows_of_the_heads_become_canonical_or_say_why_not(head):
    d = detect(head["rows"])
    for row in head["rows"]:
        before = json.dumps(row)
        try: got, by = convert_mixed(row, d.groups, origin=dict(file="f", line=1))
        except Unusable as e: assert e.code in CODES and e.says
        else: assert problem(got) == "" and kind(got) == next(x["kind"] for x in layouts() if x["name"] == by) and got["origin"] == dict(file="f", line=1)
        assert json.dumps(row) == before, "the row as read is not touched"

@each(lambda: HEADS)
def test_the_order_of_rows_and_the_writing_of_names_do_not_matter(head):
    d, back = detect(head["rows"]), detect(head["rows"][::-1])
    assert (d.layout, d.sure) == (back.layout, back.sure) or len(d.groups) > 1 or "half rows" in head["source"]
    upper = detect([{f.upper(): v for f, v in row.items()} for row in head["rows"]])
    assert (upper.layout, upper.sure) == (d.layout, d.sure)

@each(lambda: [h for h in HEADS if h["sure"]])
def test_columns_beside_change_nothing(head):
    "Extra columns of no meaning, as exports have them."
    beside = {"row_nr": 7, "created_at": "2025-03-01T10:00:00Z", "is_active": None, "flags": {"a": None}, "score_of_nothing": 0.25}
    d, more = detect(head["rows"]), detect([{**beside, **row} for row in head["rows"]])
    assert (more.layout, more.sure, more.mapping) == (d.layout, d.sure, d.mapping)
    assert "`flags` (an object)" in more.unused and any(f.code == "fields_not_used" for f in more.findings)

def test_a_detection_can_be_kept_and_shown():
    for h in HEADS:
        d = detect(h["rows"])
        json.dumps(d.as_dict(), allow_nan=False)
        assert 0 <= d.confidence <= 1 and (d.sure or {f.code for f in d.findings} & {"layout_not_sure", "layout_unknown"})
        assert d.evidence and (not d.sure or d.confidence > max([a["confidence"] for a in d.alternatives], default=0))
        if d.layout: assert parse_mapping(mapping_text(d.mapping)) == d.mapping and apply_mapping(d.layout, d.mapping, {f for r in h["rows"] for f in r})[1] == []

# ---- Evidence in the reader's words

def test_evidence_counts():
    rows = [{"instruction": f"Say {n}.", "output": str(n), "lang": "en"} for n in range(48)] + [{"instruction": "Say.", "output": ""}, {"instruction": None, "output": "x"}]
    d = detect(rows)
    assert d.evidence[0] == "48 of 50 rows have `instruction` and `output`." and "2 of 50 rows fit no layout." in d.evidence and "Kept in meta: `lang`." in d.evidence
    assert d.sure and d.groups[0]["rows"] == 48 and d.confidence == pytest.approx(0.98)

def test_rows_without_label_are_broken_rows_and_not_a_second_layout():
    d = detect([{"text": "Good.", "label": "pos"}] * 6 + [{"text": "Bad.", "label": None}] * 4)
    assert [g["layout"] for g in d.groups] == ["classification"]
    assert code(convert_mixed, {"text": "Bad.", "label": None}, d.groups) == "row_missing_field"

def test_mixed_files_say_so_and_each_row_finds_its_layout():
    rows = [{"prompt": "a", "chosen": "b", "rejected": "c"}] * 2 + [{"text": "Once upon a time, there was a mill."}] * 3 + [{"messages": m(("user", "Hi"), ("assistant", "Ho"))}] * 5
    d = detect(rows)
    assert Counter({g["layout"]: g["rows"] for g in d.groups}) == Counter(openai_messages=5, text=3, preference_text=2) and [f.code for f in d.findings] == ["layout_mixed"]
    assert Counter(convert_mixed(r, d.groups)[1] for r in rows) == Counter(openai_messages=5, text=3, preference_text=2)
    assert "openai_messages (50.0 %), text (30.0 %), preference_text (20.0 %)" in d.findings[0].says

def test_what_is_lost_is_named_once():
    d = detect([{"question": "a", "answer": "b", "tags": ["x"], "source": {"url": "u"}}] * 9)
    assert d.unused == ["`tags` (a list)", "`source` (an object)"] and [f.code for f in d.findings] == ["fields_not_used"] and "Not used: `tags` (a list), `source` (an object)." in d.evidence
    d = detect([{"conversations": [{"from": "human", "value": "a", "avatar": "x.png"}, {"from": "gpt", "value": "b"}]}])
    assert d.unused == ["`conversations[].avatar`"]

def test_numbers_as_labels_ask_for_their_names():
    d = detect([{"text": "a b", "label": 0}, {"text": "c d", "label": 2}])
    assert d.labels == [0, 2] and [f.code for f in d.findings] == ["labels_without_names"]

@pytest.mark.parametrize("values", [[], [1, "a", None], [[]], [{}], [{"prompt": "Hi"}], [{"x": 1.5}]])
def test_nothing_to_read_is_a_finding(values):
    d = detect(values)
    assert (d.layout, d.sure) == ("", False) and [f.code for f in d.findings] == ["layout_unknown"] and d.findings[0].severity == "fatal"

def test_long_text_beside_raw_text_may_be_the_other_half():
    d = detect([{"text": "The mayor opened the bridge. Thousands came.", "label": "A bridge was opened by the mayor today."}])
    assert not d.sure and d.layout == "text" and d.alternatives[0]["layout"] == "prompt_completion"

def test_lists_as_pandas_writes_them_into_csv():
    row = {"messages": "[{'role': 'user', 'content': \"What's up?\"}, {'role': 'assistant', 'content': 'Nothing', 'name': None}]"}
    d = detect([row])
    assert (d.layout, d.sure) == ("messages_json", True) and convert(row, d.layout, d.mapping)["messages"] == m(("user", "What's up?"), ("assistant", "Nothing"))
    for text in ("[{'a': __import__('os')}]", "[{'role'", "[{'" * 5000, "[{'a': {1}}]", "[{'a': b'x'}]"): check({"messages": text}, "messages_json", {"messages": "messages"})

# ---- Exact conversion

def test_whitespace_stays_and_nothing_is_lost():
    row = {"q": "  How\tmany?\r\n", "a": "\n 12 \n", "id": 0, "ok": False, "w": 1.5, "none": None, "nan": float("nan"), "inf": float("inf"), "tags": ["x"], "big": 10**30}
    got = convert(row, "question_answer", "question=q, answer=a")
    assert got == dict(messages=m(("user", "  How\tmany?\r\n"), ("assistant", "\n 12 \n")), meta=dict(id=0, ok=False, w=1.5, inf="inf", big=10**30)) and valid(got)

def test_a_field_called_as_what_is_found_is_kept_beside_it():
    got = convert({"text": "Hi", "class": "greeting", "label": 7}, "classification", "text=text, label=class")
    assert got["meta"] == {"row.label": 7, "label": "greeting"}

@pytest.mark.parametrize("value, names, said", [(1, ["no", "yes"], "yes"), (0.0, ["no", "yes"], "no"), (True, ["no", "yes"], "yes"), ("1", ["no", "yes"], "yes"), ("yes", ["no", "yes"], "yes"), (7, {"7": "late"}, "late"), (7, {7: "late"}, "late"), (3, None, "3"), (2.0, None, "2"), (True, None, "true"), ("x", None, "x")])
def test_labels(value, names, said):
    got = convert({"text": "a", "label": value}, "classification", "text=text, label=label", names)
    assert got["messages"][1]["content"] == got["meta"]["label"] == said

@pytest.mark.parametrize("value, names", [(-1, None), (-1, ["no", "yes"]), (2, ["no", "yes"]), ("maybe", ["no", "yes"]), (10**40, ["no"]), (1.5, ["no", "yes"])])
def test_labels_that_are_none(value, names): assert code(convert, {"text": "a", "label": value}, "classification", "text=text, label=label", names) == "label_unknown"

def test_tools_and_calls():
    call = dict(id="c1", type="function", function=dict(name="w", arguments={"city": "Bonn"}))
    row = dict(messages=[dict(role="user", content="Weather?"), dict(role="assistant", content=None, tool_calls=[dict(id="c1", type="function", function=dict(name="w", arguments='{"city": "Bonn"}'))]), dict(role="tool", tool_call_id="c1", content="12"), dict(role="assistant", content="12 °C")], tools=[dict(type="function", function=dict(name="w"))])
    got = convert(row, "openai_messages", "messages=messages, tools=tools")
    assert got["messages"][1] == dict(role="assistant", content="", tool_calls=[call]) and got["messages"][2] == dict(role="tool", content="12", tool_call_id="c1") and got["tools"] == row["tools"] and valid(got)
    old = convert(dict(messages=[dict(role="user", content="W?"), dict(role="assistant", content=None, function_call=dict(name="w", arguments='{"city": "Bonn"}')), dict(role="function", name="w", content="12")], functions=[dict(name="w")]), "openai_messages", "messages=messages, tools=functions")
    assert old["messages"][1]["tool_calls"] == [dict(type="function", function=call["function"])] and old["messages"][2] == dict(role="tool", content="12", name="w") and old["tools"] == [dict(type="function", function=dict(name="w"))]
    blocks = convert(dict(system=[dict(type="text", text="S")], messages=[dict(role="user", content="W?"), dict(role="assistant", content=[dict(type="text", text="Wait."), dict(type="tool_use", id="c1", name="w", input={"city": "Bonn"})]), dict(role="user", content=[dict(type="tool_result", tool_use_id="c1", content=[dict(type="text", text="12")]), dict(type="text", text="And?")])],
                          tools=[dict(name="w", input_schema=dict(type="object"))]), "anthropic", "messages=messages, system=system, tools=tools")
    assert blocks["messages"] == [dict(role="system", content="S"), dict(role="user", content="W?"), dict(role="assistant", content="Wait.", tool_calls=[call]), dict(role="tool", content="12", tool_call_id="c1"), dict(role="user", content="And?")]
    assert blocks["tools"] == [dict(type="function", function=dict(name="w", parameters=dict(type="object")))]
    said = chat([{"from": "human", "value": "W?"}, {"from": "function_call", "value": '[{"name": "w", "arguments": {"city": "Bonn"}}]'}, {"from": "observation", "value": "12"}])
    assert said[1] == dict(role="assistant", content="", tool_calls=[dict(type="function", function=call["function"])]) and said[2]["role"] == "tool"

@pytest.mark.parametrize("message, why", [
    (dict(role="narrator", content="x"), "role_unknown"), (dict(content="x"), "role_unknown"), (dict(role=None, content="x"), "role_unknown"), (dict(role=3, content="x"), "role_unknown"), ("text", "row_wrong_type"), (dict(role="user", content=None), "row_missing_field"),
    (dict(role="assistant", content=None), "row_missing_field"), (dict(role="user", content=[dict(type="image_url", image_url="x")]), "content_not_text"), (dict(role="user", content=[dict(type="input_audio")]), "content_not_text"), (dict(role="user", content=[3]), "row_wrong_type"),
    (dict(role="assistant", content="", tool_calls=[dict(function=dict(name="w", arguments="{'a': 1}"))]), "tool_call_broken"), (dict(role="assistant", content="", tool_calls=[dict(function=dict(arguments={}))]), "tool_call_broken"),
    (dict(role="assistant", content="", tool_calls=[dict(function=dict(name="w", arguments="[1]"))]), "tool_call_broken"), ({"from": "function_call", "value": "call w!"}, "tool_call_broken")])
def test_messages_that_can_not_be_used(message, why): assert code(convert, {"messages": [message, dict(role="assistant", content="x")]}, "openai_messages", "messages=messages") == why

def test_odd_orders_of_roles_are_kept():
    said = m(("assistant", "Hi"), ("user", "a"), ("user", "b"), ("system", "late"), ("assistant", ""), ("user", "end"))
    assert convert({"messages": said}, "openai_messages", "messages=messages")["messages"] == said
    assert code(convert, {"messages": m(("user", "a"), ("system", "b"))}, "openai_messages", "messages=messages") == "no_answer"

@pytest.mark.parametrize("text, want", [("<think>\na\n</think>\n\nb", dict(content="b", reasoning="a")), ("<think></think>b", dict(content="b")), ("b <think>a</think>", dict(content="b <think>a</think>")), ("<think>a", dict(content="<think>a")), ("  <think>a</think> b ", dict(content=" b ", reasoning="a"))])
def test_think_blocks(text, want): assert assistant(text) == dict(role="assistant", **want)

def test_translation_keeps_its_direction():
    d = detect([{"translation": {"de": "Ja", "en": "Yes"}}, {"translation": {"en": "No", "de": "Nein"}}])
    assert [convert(r, d.layout, d.mapping)["messages"][0]["content"] for r in ({"translation": {"de": "Ja", "en": "Yes"}}, {"translation": {"en": "No", "de": "Nein"}})] == ["Ja", "Nein"]
    assert mapping_text(d.mapping) == "source=translation.de, target=translation.en"

def test_entities():
    row = {"tokens": "EU rejects Peter Black Smith in New York".split(), "tags": "B-ORG O B-PER I-PER B-PER O B-LOC I-LOC".split()}
    assert convert(row, "ner_tokens", "tokens=tokens, tags=tags")["messages"][1]["content"] == '{"ORG": ["EU"], "PER": ["Peter Black", "Smith"], "LOC": ["New York"]}'
    numbers = {"tokens": ["EU", "rejects"], "tags": [1, 0]}
    assert code(convert, numbers, "ner_tokens", "tokens=tokens, tags=tags") == "label_unknown"
    assert convert(numbers, "ner_tokens", "tokens=tokens, tags=tags", ["O", "B-ORG"])["messages"][1]["content"] == '{"ORG": ["EU"]}'
    assert code(convert, {"tokens": ["a"], "tags": ["O", "O"]}, "ner_tokens", "tokens=tokens, tags=tags") == "row_wrong_type"
    assert convert({"tokens": ["Dogs", "run"], "tags": ["NOUN", "VERB"]}, "ner_tokens", "tokens=tokens, tags=tags")["messages"][1]["content"] == '[["Dogs", "NOUN"], ["run", "VERB"]]'
    assert convert({"text": "Ada in 🌍 Rome", "s": [[0, 3, "PER"], [9, 13, "LOC"]]}, "spans", "text=text, spans=s")["messages"][1]["content"] == '{"PER": ["Ada"], "LOC": ["Rome"]}'
    assert code(convert, {"text": "Ada", "s": [[0, 9, "PER"]]}, "spans", "text=text, spans=s") == "row_wrong_type"
    assert convert({"text": "Ada", "s": []}, "spans", "text=text, spans=s")["messages"][1]["content"] == "{}"

@pytest.mark.parametrize("answer, said", [("B", "B"), ("b", "B"), (1, "B"), (1.0, "B"), ("1", "B"), ("iron", "B"), (0, "A")])
def test_choices(answer, said): assert convert({"q": "Metal?", "c": ["wood", "iron"], "a": answer}, "multiple_choice", "question=q, choices=c, answer=a")["messages"][1]["content"] == said

@pytest.mark.parametrize("answer", [-1, 2, "C", True, [0], "steel"])
def test_choices_that_are_none(answer): assert code(convert, {"q": "Metal?", "c": ["wood", "iron"], "a": answer}, "multiple_choice", "question=q, choices=c, answer=a") == "label_unknown"

def test_preference_prompts():
    got = convert({"chosen": "The sky is blue.", "rejected": "The sky is green."}, "preference_implicit", "chosen=chosen, rejected=rejected")  # as TRL: the blank belongs to the answers
    assert got == dict(prompt=m(("user", "The sky is")), chosen=m(("assistant", " blue.")), rejected=m(("assistant", " green.")))
    assert code(convert, {"chosen": "a", "rejected": "b"}, "preference_implicit", "chosen=chosen, rejected=rejected") == "pair_unusable"
    assert code(convert, {"prompt": "a", "chosen": "b", "rejected": "b"}, "preference_text", "prompt=prompt, chosen=chosen, rejected=rejected") == "pair_unusable"
    with_system = {"prompt": "Sky?", "chosen": m(("system", "S"), ("user", "Sky?"), ("assistant", "Blue.")), "rejected": m(("system", "S"), ("user", "Sky?"), ("assistant", "Green."))}
    assert convert(with_system, "preference_messages", "prompt=prompt, chosen=chosen, rejected=rejected")["prompt"] == m(("system", "S"), ("user", "Sky?"))
    other = {"prompt": "Sea?", "chosen": m(("user", "Sky?"), ("assistant", "Blue.")), "rejected": m(("user", "Sky?"), ("assistant", "Green."))}
    assert code(convert, other, "preference_messages", "prompt=prompt, chosen=chosen, rejected=rejected") == "pair_unusable"
    tie = {"prompt": "Sky?", "response_a": "x", "response_b": "y", "winner": "tie"}
    assert code(convert, tie, "comparison", detect([{**tie, "winner": "a"}]).mapping) == "pair_unusable"
    same = {"prompt": "Sky?", "completions": [dict(response="a", score=1), dict(response="b", score=1)]}
    assert code(convert, same, "ranked_completions", "prompt=prompt, completions=completions") == "pair_unusable"

@pytest.mark.parametrize("winner, best", [(0, "x"), (1, "y"), ("response_0", "x"), ("1", "y")])
def test_winners(winner, best): assert convert({"prompt": "p", "response_0": "x", "response_1": "y", "w": winner}, "comparison", "prompt=prompt, first=response_0, second=response_1, winner=w")["chosen"][0]["content"] == best

@pytest.mark.parametrize("winner, best", [(1, "x"), (2, "y"), ("response_1", "x"), ("model_2", "y")])
def test_winners_counted_from_one(winner, best): assert convert({"prompt": "p", "response_1": "x", "response_2": "y", "w": winner}, "comparison", "prompt=prompt, first=response_1, second=response_2, winner=w")["chosen"][0]["content"] == best

def test_gather_accounts_for_every_row():
    rows = [dict(id=i, parent=p, role=r, text=t, rank=k) for i, p, r, t, k in [("a", None, "prompter", "Q", None), ("b", "a", "assistant", "worse", 1), ("c", "a", "assistant", "best", 0), ("d", "c", "prompter", "Why?", None), ("e", "d", "assistant", "So.", 0), ("x", "gone", "assistant", "orphan", 0), ("l", "m", "prompter", "loop", 0), ("m", "l", "assistant", "loop", 0)]]
    trees, joined = gather(rows, "id=id, parent=parent, role=role, text=text, rank=rank")
    assert sorted([i for i, _ in trees] + [i for i, _ in joined]) == list(range(8)) and dict(joined)[4] == 0
    assert convert(trees[0][1], "oasst_tree", "tree=prompt")["messages"] == m(("user", "Q"), ("assistant", "best"), ("user", "Why?"), ("assistant", "So."))
    long = [dict(id=n, parent=n - 1 if n else None, role="prompter" if n % 2 == 0 else "assistant", text=str(n)) for n in range(4000)]
    trees, joined = gather(long, "id=id, parent=parent, role=role, text=text")
    assert len(trees) == 1 and len(joined) == 3999
    try: assert len(convert(trees[0][1], "oasst_tree", "tree=prompt")["messages"]) == 4000
    except Unusable as e: assert e.code in CODES

def test_turns_that_are_rows_become_conversations():
    rows = [dict(chat=1, n=2, who="agent", said="Hello."), dict(chat=1, n=1, who="customer", said="Hi."), dict(chat=None, n=1, who="customer", said="alone"), dict(chat=2, n=1, who="customer", said="Bye?", shop="Bonn"), dict(chat=2, n=10, who="agent", said="Bye."), dict(chat=2, n=9, who="customer", said="Well?"), "no row"]
    assert "Rows with the same `Ticket ID` become one conversation." in detect(next(h["rows"] for h in HEADS if h["layout"] == "message_rows")).evidence
    talks, joined = gather_turns(rows, "conversation=chat, role=who, text=said, order=n")
    assert sorted(i for i, _ in talks + joined) == list(range(7)) and dict(joined) == {1: 0, 4: 3, 5: 3}
    layout, mapping, _ = JOINED["message_rows"]
    assert convert(talks[0][1], layout, mapping)["messages"] == m(("user", "Hi."), ("assistant", "Hello."))
    second = next(v for i, v in talks if i == 3)
    assert convert(second, layout, mapping) == dict(messages=m(("user", "Bye?"), ("user", "Well?"), ("assistant", "Bye.")), meta=dict(chat=2, shop="Bonn"))
    assert code(convert, next(v for i, v in talks if i == 2), layout, mapping) == "no_answer"

def test_turns_without_a_usable_order_stay_as_they_stand():
    rows = [dict(chat=1, at=at, who=who, said=at) for at, who in (("12:30", "user"), ("9:15", "assistant"))]
    assert [x["content"] for x in gather_turns(rows, "conversation=chat, role=who, text=said, order=at")[0][0][1]["messages"]] == ["12:30", "9:15"]
    newest = [dict(chat=1, at=f"2025-01-0{d}", who=who, said=str(d)) for d, who in ((2, "assistant"), (1, "user"))]
    assert [x["content"] for x in gather_turns(newest, "conversation=chat, role=who, text=said, order=at")[0][0][1]["messages"]] == ["1", "2"], "an export that begins with the newest"

# ---- What tools export

SPAN = '{"PER": ["Rosa"], "LOC": ["Oslo"]}'
@pytest.mark.parametrize("row, mapping", [
    (dict(data=dict(text="Rosa saw Oslo."), annotations=[dict(was_cancelled=True, result=[]), dict(result=[dict(type="labels", value=dict(start=a, end=b, labels=[l])) for a, b, l in ((0, 4, "PER"), (9, 13, "LOC"))])]), "text=data.text, spans=annotations"),
    (dict(content="Rosa saw Oslo.", annotation=[dict(label=[l], points=[dict(start=a, end=b, text=t)]) for a, b, l, t in ((0, 3, "PER", "Rosa"), (9, 12, "LOC", "Oslo"))]), "text=content, spans=annotation"),
    (dict(text="Rosa saw Oslo.", label=dict(PER=dict(Rosa=[[0, 3]]), LOC=dict(Oslo=[[9, 12]]))), "text=text, spans=label"),
    (dict(textContent="Rosa saw Oslo.", textSegmentAnnotations=[dict(startOffset=a, endOffset=b, displayName=l) for a, b, l in ((0, 4, "PER"), (9, 13, "LOC"))]), "text=textContent, spans=textSegmentAnnotations"),
], ids=("Label Studio", "DataTurks", "CLUENER", "Vertex"))
def test_spans_as_tools_export_them(row, mapping):
    found = detect([row, row])
    assert (found.layout, mapping_text(found.mapping), found.sure) == ("spans", mapping, True)
    assert convert(row, "spans", mapping)["messages"] == m(("user", "Rosa saw Oslo."), ("assistant", SPAN))

def test_a_cancelled_annotation_is_no_empty_one():
    assert code(convert, dict(data=dict(text="Rosa"), annotations=[dict(was_cancelled=True, result=[])]), "spans", "text=data.text, spans=annotations") == "label_unknown"
    assert convert(dict(data=dict(text="Rosa"), annotations=[dict(result=[])]), "spans", "text=data.text, spans=annotations")["messages"][1]["content"] == "{}"

@pytest.mark.parametrize("row", [dict(content="Rosa", annotation=[dict(label=["PER"], points=[dict(start=0, end=2, text="Rosa")])]), dict(content="Rosa", annotation=[dict(label=["PER"], points=[dict(start=0, end=9, text="Rosa")])])])
def test_spans_that_do_not_fit_their_text(row): assert code(convert, row, "spans", "text=content, spans=annotation") == "row_wrong_type"

def test_the_right_answer_stands_nowhere_more_often():
    rows = [dict(question=f"Which is {n}?", correct_answer=f"it is {n}", distractor1="red", distractor2="green", distractor3="blue") for n in range(400)]
    found = detect(rows[:50])
    assert found.sure and mapping_text(found.mapping) == "question=question, distractors=distractor1|distractor2|distractor3, answer=correct_answer"
    got = [convert(r, found.layout, found.mapping) for r in rows]
    assert got == [convert(r, found.layout, found.mapping) for r in rows], "the same each time"
    assert all(f"{g['meta']['label']}. it is {n}" in g["messages"][0]["content"] for n, g in enumerate(got))
    assert all(70 < k < 130 for k in Counter(g["meta"]["label"] for g in got).values())
    assert code(convert, dict(rows[0], distractor2="it is 0"), found.layout, found.mapping) == "label_unknown"

ARENA = "prompt=prompt, first=response_a, second=response_b, winner=winner_model_a|winner_model_b|winner_tie"
@pytest.mark.parametrize("won, best", [((1, 0, 0), "x"), ((0, 1, 0), "y"), ((0, 0, 1), None), ((1, 1, 0), None), ((0, 0, 0), None)])
def test_a_column_for_each_winner(won, best):
    row = dict(prompt='["p", "q"]', response_a='["x", "x2"]', response_b='["y", "y2"]', **dict(zip(("winner_model_a", "winner_model_b", "winner_tie"), won)))
    if best is None: assert code(convert, row, "comparison", ARENA) == "pair_unusable"; return
    got = convert(row, "comparison", ARENA)
    assert (got["prompt"], got["chosen"]) == (m(("user", "p")), m(("assistant", best), ("user", "q"), ("assistant", best + "2")))

LONG, OTHER = "The lid of the box does not close any more.", "Turn the ring to the left, and it will."
@pytest.mark.parametrize("row, layout, mapping", [
    (dict(customer_question=LONG, agent_answer=OTHER, answer_id="a1"), "question_answer", "question=customer_question, answer=agent_answer"),
    (dict(Kundenanfrage=LONG, Supportantwort=OTHER), "question_answer", "question=Kundenanfrage, answer=Supportantwort"),
    (dict(ticket_subject=LONG, ticket_body=OTHER, queue="IT"), "classification", "text=ticket_body, label=queue"),
    (dict(example=dict(question=LONG, answer=OTHER), n=1), "question_answer", "question=example.question, answer=example.answer"),
    (dict(text_en=LONG, text_de=OTHER), "translation", "source=text_en, target=text_de"),
    (dict(src=LONG, tgt=OTHER, src_lang="en", tgt_lang="de"), "translation", "source=src, target=tgt, source_language=src_lang, target_language=tgt_lang"),
    (dict(instruction=LONG, output=OTHER, prompt=f"### Task: {LONG} ### Answer: {OTHER}"), "alpaca", "instruction=instruction, output=output"),
    (dict(problem=LONG, solution=OTHER, answer="left", messages=m(("user", LONG), ("assistant", OTHER))), "openai_messages", "messages=messages"),
    (dict(premise=LONG, choice1="x y", choice2="z w", question="cause", label=0), "multiple_choice", "question=question, choices=choice1|choice2, answer=label, context=premise"),
    (dict(question=LONG, solutions='["x = 1", "x = 2"]', input_output="{}"), "code", "prompt=question, solution=solutions, tests=input_output"),
    (dict(polecenie=LONG, wejście="x y", wyjście=OTHER), "alpaca", "instruction=polecenie, input=wejście, output=wyjście"),
    (dict(definition=LONG, inputs="x y", targets=OTHER), "alpaca", "instruction=definition, input=inputs, output=targets"),
    (dict(pytanie=LONG, odpowiedz=OTHER), "question_answer", "question=pytanie, answer=odpowiedz"),
    (dict(question=LONG, retrieved_chunks=[OTHER, LONG], answer="left"), "context_question_answer", "context=retrieved_chunks, question=question, answer=answer"),
    (dict(question=LONG, references=[dict(doc="a", passage=OTHER)], answer="left"), "context_question_answer", "context=references, question=question, answer=answer"),
    (dict(Aufgabe=LONG, Gedankengang=OTHER, Lösung="7"), "reasoning", "question=Aufgabe, reasoning=Gedankengang, answer=Lösung"),
    (dict(Frage=LONG, Antwort=OTHER, hilfreich="ja"), "feedback", "prompt=Frage, completion=Antwort, label=hilfreich"),
    (dict(frage=LONG, bevorzugt=OTHER, abgelehnt="Nein."), "preference_text", "prompt=frage, chosen=bevorzugt, rejected=abgelehnt"),
    (dict(messages=m(("user", LONG), ("assistant", OTHER)), rejected_response="No."), "preference_messages", "prompt=messages, rejected=rejected_response"),
    (dict(Prompt=LONG, **{"Left text": "a b.", "Right text": OTHER}, Vote="left"), "comparison", "prompt=Prompt, first=Left text, second=Right text, winner=Vote"),
    (dict(**{"Ticket A": LONG, "Ticket B": OTHER, "Duplicate?": "yes"}), "nli", "first=Ticket A, second=Ticket B, label=Duplicate?"),
    (dict(Comment=LONG, Tags="lid; ring"), "multilabel", "text=Comment, labels=Tags"),
    (dict(text=LONG, cats=dict(LID=1.0, RING=0.0)), "multilabel", "text=text, labels=cats"),
    (dict(mail_body=LONG, is_urgent=True), "classification", "text=mail_body, label=is_urgent"),
    (dict(original=LONG, traduction=OTHER), "translation", "source=original, target=traduction"),
    (dict(body=LONG, marks=[dict(begin=4, len=3, **{"class": "THING"})]), "spans", "text=body, spans=marks"),
    (dict(id="1", session_id="s", turn_no=1, user=LONG, assistant=OTHER), "message_rows", "conversation=session_id, order=turn_no, prompt=user, completion=assistant"),
    (dict(text=LONG, aspects=[dict(term="lid", polarity="bad")]), "extraction", "text=text, fields=aspects"),
])
def test_names_that_say_it_in_part(row, layout, mapping):
    found = detect([row, row])
    assert (found.layout, mapping_text(found.mapping), found.sure) == (layout, mapping, True), found.evidence
    if layout not in JOINED: assert valid(convert(row, layout, mapping))

@pytest.mark.parametrize("row", [dict(question_title=LONG, question_body=OTHER, answer_score=3), dict(subject="lid", body=LONG, answer=OTHER, queue="IT"), dict(product_description=LONG, product_category="tools"), dict(document=LONG, ai_answer=OTHER, verdict="x"), dict(speaker="Nora", text=LONG), dict(definition_text=OTHER, question=LONG, answer=OTHER), dict(question=LONG, answer=OTHER, papers=[OTHER, LONG]), dict(question=LONG, answer=OTHER, quality_score=4), 
    dict(text=LONG, sentiment="bad", topic="lid"), dict(text=LONG, coarse_label=3, fine_label=7), dict(text=LONG, code_a=0, code_b=1), dict(text=f"Customer: {LONG}\nAgent: {OTHER}"), dict(request='{"messages": []}', response='{"choices": []}'), dict(messages=m(("user", LONG))), dict(messages=m(("user", LONG)), reference=OTHER),
    dict(sentence=LONG, start=4, end=7, label="THING"), dict(replies=m(("assistant", OTHER)), role="user", text=LONG), dict(en=LONG, de=OTHER, fr=OTHER), dict(temperature=3, room="hall")])
def test_names_that_leave_a_doubt_are_asked_about(row): assert not detect([row, row]).sure

# ---- Rendered chats

TEMPLATES = dict(
    chatml=lambda said: "".join(f"<|im_start|>{x['role']}\n{x['content']}<|im_end|>\n" for x in said),
    llama3=lambda said: "<|begin_of_text|>" + "".join(f"<|start_header_id|>{x['role']}<|end_header_id|>\n\n{x['content']}<|eot_id|>" for x in said),
    zephyr=lambda said: "".join(f"<|{x['role']}|>\n{x['content']}</s>\n" for x in said),
    granite=lambda said: "".join(f"<|start_of_role|>{x['role']}<|end_of_role|>{x['content']}<|end_of_text|>\n" for x in said),
    gemma=lambda said: "<bos>" + "".join(f"<start_of_turn>{'model' if x['role'] == 'assistant' else x['role']}\n{x['content'].strip()}<end_of_turn>\n" for x in said),
    guanaco=lambda said: "".join(f"### {'Human' if x['role'] == 'user' else 'Assistant'}: {x['content'].strip()}" for x in said),
    hh=lambda said: "".join(f"\n\n{'Human' if x['role'] == 'user' else 'Assistant'}: {x['content']}" for x in said),
    llama2=lambda said: "".join(f"<s>[INST] {q['content']} [/INST] {a['content']} </s>" for q, a in zip(said[::2], said[1::2])))
WORDS = st.text(st.sampled_from("abc é日😀\n\t.,:#\"'&-"), min_size=1, max_size=20).filter(lambda x: x.strip() and x == x.strip() and "###" not in x)

@pytest.mark.parametrize("name", TEMPLATES)
@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4))
@often(60)
def test_a_rendered_chat_comes_back(name, pairs):
    said = [x for q, a in pairs for x in m(("user", q), ("assistant", a))]
    text = TEMPLATES[name](said)
    assert markup(text) == name and turns(text) == said and detect([{"text": text}]).layout == "rendered_chat"

@pytest.mark.parametrize("text", ["<|im_start|>user\nHi<|im_start|>assistant\nHo<|im_end|>", "<|im_start|>user\nHi<|im_end|>lost<|im_start|>assistant\nHo<|im_end|>", "<s>[INST] Hi [INST] Ho [/INST] x</s>", "<|im_start|>", "[INST] a [/INST] b </s> c [INST] d [/INST] e"])
def test_broken_markup_is_not_guessed(text): assert code(convert, {"text": text}, "rendered_chat", "text=text") in ("markup_broken", "no_answer")

@pytest.mark.parametrize("text", ["Use <|im_start|> with care.", "# Human: a play", "Humanity", "USER manual", "[INSTRUCTIONS] none", "### Heading\n\ntext", "A chat between two friends. They met in May.", "<s>struck</s>", ""])
def test_prose_is_no_chat(text): assert markup(text) == ""

def test_an_open_turn_at_the_end_is_no_answer():
    assert turns("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n") == m(("user", "Hi"))
    assert code(convert, {"text": "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"}, "rendered_chat", "text=text") == "no_answer"
    assert code(convert, {"text": "<|im_start|>narrator\nHi<|im_end|>"}, "rendered_chat", "text=text") == "role_unknown"

# ---- Mappings

@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text(min_size=1, max_size=12).filter(lambda x: x.strip()), max_size=5))
@often(300)
@example({"prompt": ' a"b\\, =c '})
def test_mappings_survive_as_text(mapping): assert parse_mapping(mapping_text(mapping)) == mapping

@pytest.mark.parametrize("text", ["prompt", "=x", "prompt=", "a=b c=d=e", "prompt=a,, b=c", "prompt: question", 'a="x', "a=b, a=c", "a=b;c=d=", "prompt='a', ="])
def test_unreadable_mappings(text):
    with pytest.raises(Trouble) as e: parse_mapping(text)
    assert e.value.findings[0].code == "mapping_unreadable"

@pytest.mark.parametrize("layout, mapping, fields, why, hint", [
    ("sharegtp", "messages=x", None, "layout_name_unknown", "'sharegpt'"), ("alpaca", "instruction=q, ouput=a", ["q", "a"], "mapping_role_unknown", "'output'"), ("alpaca", "instruction=question, output=answr", ["question", "answer"], "mapping_field_unknown", "'answer'"),
    ("prompt_completion", "prompt=q", ["q"], "mapping_role_missing", "completion=..."), ("translation", "source=t.de", ["t"], "mapping_role_missing", "target=..."), ("multiple_choice", "question=q, choices=A|B|X, answer=a", ["q", "A", "B", "a"], "mapping_field_unknown", "Known: q, A, B, a")])
def test_a_wrong_mapping_says_what_is_meant(layout, mapping, fields, why, hint):
    got, found = apply_mapping(layout, mapping, fields)
    assert got == {} and why in [f.code for f in found] and any(hint in f.fix for f in found if f.code == why) and found.fatal

def test_a_mapping_by_hand_wins_over_names():
    assert apply_mapping("question_answer", {"question": "answer", "answer": "question"}, ["question", "answer"])[1] == []
    assert convert({"question": "4", "answer": "2+2"}, "question_answer", {"question": "answer", "answer": "question"})["messages"][0]["content"] == "2+2"
    with pytest.raises(Trouble): converter("nonsense", {})

def test_each_layout_has_roles_and_a_row_that_shows_it():
    for x in layouts():
        assert x["kind"] in KINDS and x["title"] and x["used_by"] and roles(x["name"])
        if "..." not in x["looks"]: json.loads(x["looks"])
    assert "<table" in layouts()._repr_html_()

# ---- Whatever stands in a row

SCALARS = st.none() | st.booleans() | st.integers(-2, 3) | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["user", "assistant", "human", "gpt", "A", "1", "true", "O", "B-PER", "<think>a</think>b", "<|im_start|>user\nHi<|im_end|>", "[INST] a [/INST] b", "\n\nHuman: a\n\nAssistant: b", '{"a": 1}', '[{"role": "user", "content": "x"}]', "\ud83d"])
KEYS = st.sampled_from(["role", "content", "from", "value", "text", "type", "label", "start", "end", "parts", "replies", "rank", "score", "response", "name", "arguments", "function", "tool_calls", "function_call", "id", "input", "messages", "de", "en", "weight", "train", "tools", "thinking", "tool_use_id", "aliases", "functionCall"]) | st.text(max_size=5)
JSON = st.recursive(SCALARS, lambda x: st.lists(x, max_size=4) | st.dictionaries(KEYS, x, max_size=4), max_leaves=14)
MESSAGE = st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "tool", "system", "gpt", "model", "alien", 3]), "content": JSON}, optional={"tool_calls": JSON, "function_call": JSON, "weight": JSON, "train": JSON, "reasoning_content": JSON, "name": JSON, "tool_call_id": JSON})
VALUE = JSON | st.lists(MESSAGE, max_size=3) | st.fixed_dictionaries({"role": st.sampled_from(["prompter", "assistant"]), "text": JSON, "replies": st.lists(JSON, max_size=2)})

def check(value, layout, mapping, names=None):
    try: row = convert(value, layout, mapping, names)
    except Unusable as e: assert e.code in CODES and e.says and len(e.says) < 400
    else:
        assert problem(row) == ""
        json.dumps(row, ensure_ascii=False, allow_nan=False).encode()

@pytest.mark.parametrize("layout", [x["name"] for x in layouts()])
@given(st.data())
@often(30)
def test_any_json_is_converted_or_rejected(layout, data):
    known = list(roles(layout))
    value = data.draw(st.fixed_dictionaries({}, optional={r: VALUE for r in known} | {"extra": JSON}))
    mapping = {r: r for r in known if r in value or data.draw(st.booleans())}
    check(value, layout, mapping, data.draw(st.none() | st.sampled_from([["no", "yes"], {"0": "no"}, []])))

ODD = [None, "", " ", "x", "1", "nan", True, 0, -1, 7, 1.5, float("nan"), float("inf"), 10**400, [], [[]], [None], ["x"], [1], [True], [{}], {}, {"a": None}, {"role": "user"}, [{"role": "user", "content": "x"}], [{"role": "assistant", "content": "x"}], {"text": [], "label": []}, {"text": "x", "role": "assistant", "replies": [None, 3]},
       "{}", "[]", "[{]", '{"a": 1}', '[{"role": "assistant", "content": "x"}]', "<|im_start|>assistant\nx<|im_end|>", "[INST] x", "\n\nHuman: a", "\ud83d", "A|B", "\u202e<b>"]

def planted(value, depth=0):
    "The value with each of its parts, one at a time, replaced by something odd or taken away."
    yield from ODD
    if depth < 4 and isinstance(value, (dict, list)):
        for k in list(value) if isinstance(value, dict) else range(len(value)):
            without = value.copy()
            del without[k]
            yield without
            for odd in planted(value[k], depth + 1):
                changed = value.copy()
                changed[k] = odd
                yield changed

@each(lambda: [h for h in HEADS if h["sure"]])
def test_a_fault_planted_anywhere_in_a_row_is_found_or_harmless(head):
    d = detect(head["rows"])
    for row in planted(head["rows"][0]):
        for g in d.groups: check(row, g["layout"], g["mapping"])
    for row in list(planted(head["rows"][0]))[::21]: json.dumps(detect([row, *head["rows"][1:]]).as_dict(), allow_nan=False)

@given(JSON)
@often(80)
def test_what_is_no_row_is_rejected(value):
    for layout in ("alpaca", "openai_messages", "text"): check(value, layout, {r: r for r in roles(layout)})

@given(st.lists(st.dictionaries(st.sampled_from(["prompt", "completion", "messages", "text", "label", "question", "answer", "chosen", "rejected", "instruction", "output", "tokens", "input_ids", "translation", "choices", "conversations", "de", "en", "A", "B"]) | st.text(max_size=4), VALUE, max_size=4) | JSON, max_size=5))
@often(120)
def test_detection_takes_anything_and_its_rows_convert(values):
    d = detect(values)
    json.dumps(d.as_dict(), allow_nan=False)
    d._repr_html_(), d.findings._repr_markdown_()
    assert 0 <= d.confidence <= 1 and d.sure <= bool(d.layout) and (d.sure or d.findings)
    for v in values:
        for g in d.groups: check(v, g["layout"], g["mapping"])

@given(st.lists(st.dictionaries(st.sampled_from(["id", "parent", "role", "text"]), JSON, max_size=4) | JSON, max_size=8))
@often(100)
def test_gather_loses_no_row(values):
    trees, joined = gather(values, "id=id, parent=parent, role=role, text=text")
    assert sorted([i for i, _ in trees] + [i for i, _ in joined]) == list(range(len(values)))
    for _, v in trees: check(v, "oasst_tree", {"tree": "prompt"})

@pytest.mark.parametrize("depth", [100, 900, 20_000])
def test_deep_nests_are_no_crash(depth):
    value = "x"
    for _ in range(depth): value = [dict(type="tool_result", content=value)]
    check({"messages": [dict(role="user", content=value), dict(role="assistant", content="x")]}, "openai_messages", "messages=messages")
    detect([{"messages": value, "text": "[" * depth + "]" * depth}])

# ---- Hostile text stays text

EVIL = "<img src=x onerror=alert(1)>|`*_\u202e"

def test_names_and_contents_are_escaped():
    for rows in ([{EVIL: "a b"}], [{EVIL: "a", "b": "c"}], [{"question": "a", "answer": "b", EVIL: 1, EVIL + "2": [1]}], [{"messages": [dict(role="user", content=EVIL), dict(role="assistant", content=EVIL), {"role": EVIL, "content": "x"}]}]):
        d = detect(rows)
        shown = d._repr_html_() + d.findings._repr_markdown_()
        assert "<img" not in shown and "\u202e" not in shown

def test_text_goes_over_character_by_character():
    for text in (EVIL, "<script>alert(1)</script>", "{{ config }}", "a\x00b", "a\u2028b", "<|endoftext|>", "‮"):
        assert convert({"question": text, "answer": text}, "question_answer", "question=question, answer=answer")["messages"] == m(("user", text), ("assistant", text))

def test_the_room_is_light():
    heavy = subprocess.run([sys.executable, "-c", "import sys, ftcourse.data.layouts; print([m for m in ('torch', 'transformers', 'datasets', 'pandas', 'pyarrow', 'numpy') if m in sys.modules])"], check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert heavy.stdout.strip() == "[]"
