"""The small parts alone: text that stays text on every surface, numbers a person can read, intervals as published, an order that loses no row."""
import html
import html.parser
import itertools
import json
import math
import random
import re
import time
from dataclasses import fields, replace

import pytest
from hypothesis import example, given, settings, strategies as st

from ftcourse.chat import encode, end_of_turn, messages, prompt_text
from ftcourse.data.rows import answer_text
from ftcourse.evaluation.metrics import compare_marks, marks, paired_difference, parsed, verdict, wilson
from ftcourse.evaluation.report import Report, assemble, common, keep, report, shown
from ftcourse.events import History, Writer, read
from ftcourse.findings import CODES, Finding, Findings, Trouble, finding, trouble
from ftcourse.plan import Data, Plan, Strategy, Task, Training
from ftcourse.quickstart import bar, free_name
from ftcourse.runs import Run
from ftcourse.text import Html, duration, inline, percent, safe, size, table
from ftcourse.training.control import line
from ftcourse.training.recipe import lora, order, padding, quantization, sft

slow = pytest.mark.slow


def often(n): return settings(max_examples=n, deadline=None, derandomize=True, database=None)  # the same cases each time: no flakes


# ---- Text is text

EVIL = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "' onmouseover='alert(1)", "</style><b>", "</span></td></table><h1>", "&lt;b&gt;", "<!--", "]]>",
        "javascript:alert(1)", "\u202egnp.exe", "\x00\x1b[31m", "![x](http://example.org/x.png)", "`a` | b |\n\n# c", "a\rb\r\r# d", "\ud83d half", "<" * 5000, "{{ 1 }} ${1} {0}"]
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")  # seen by no reader, or turns the text around
TEXT = st.text(st.characters(exclude_categories=[]) | st.sampled_from("<>&\"'\n\t\u202e\x00\ud83d"), max_size=60)


@given(TEXT)
@often(400)
@example("\u202e\u2066\x85\x9f")
@example("&amp;&#60;")
def test_safe_lets_nothing_through(text):
    out = safe(text)
    assert not set("<>\"'") & set(out) and not HIDDEN.search(out)
    assert re.sub(r"&(amp|lt|gt|quot|#x27);", "", out).count("&") == 0
    back = re.sub("⟨U\\+([0-9A-F]{4,6})⟩", lambda m: chr(int(m[1], 16)), html.unescape(out))
    if "⟨" not in text: assert back == text  # nothing is lost
    out.encode()                             # and it fits into a file


@given(TEXT)
@often(200)
def test_inline_is_one_line_without_markup(text):
    out = inline(text)
    assert not set("<>`[]|*_~$\\\n\r") & set(out) and not HIDDEN.search(out)
    if not HIDDEN.search(text): assert html.unescape(out).split() == text.split()


@pytest.mark.parametrize("value, shown", [(None, "None"), (12, "12"), (b"<", "b&#x27;&lt;&#x27;"), (["<"], "[&#x27;&lt;&#x27;]"), ("a\tb\nc", "a\tb\nc")])
def test_safe_takes_anything(value, shown): assert safe(value) == shown


class Page(html.parser.HTMLParser):
    "What a browser would make of it: tags with their attributes, the text, and whether every tag is closed"
    VOID = {"meta", "br", "wbr", "img", "input", "link", "hr"}
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.text, self.open, self.styles = [], [], [], 0
        self.feed(text)
        self.close()
        assert self.open == [], f"not closed: {self.open}"
    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID: self.open.append(tag)
    def handle_endtag(self, tag): assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"
    def handle_data(self, data):
        if "style" not in self.open: self.text.append(data)
    def handle_comment(self, data): raise AssertionError(f"a comment: {data}")


OURS = {"wbr", "html", "head", "meta", "title", "style", "body", "div", "main", "h1", "p", "span", "table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary"}


def harmless(text, tags=OURS):
    "A page that holds our tags only, loads nothing and runs nothing"
    text.encode()
    page = Page(text)
    assert {tag for tag, _ in page.tags} <= tags
    for tag, attrs in page.tags: assert not [k for k in attrs if k.startswith("on") or k in ("src", "href", "srcset", "action", "formaction", "background")] and set(attrs) <= {"class", "lang", "charset", "name", "content", "http-equiv", "open"}
    return page


@pytest.mark.parametrize("evil", EVIL)
def test_table(evil):
    page = harmless(table([evil, "n"], [[evil, 1], [Html("<span>kept</span>"), 2.5]], caption=evil))
    assert [tag for tag, _ in page.tags].count("span") == 1 and "kept" in page.text


def test_numbers_stand_right_and_words_left():
    cells = re.findall(r"<td( class=\"ft-num\")?>", table(["x"], [[1], [2.5], ["+3.0 %"], ["12"], ["−4"], ["1 MB/s"], ["one"], ["12 rows of text"], [""], [True]]))
    assert [bool(c) for c in cells] == [True, True, True, True, True, True, False, False, False, True]
    assert "ft-num" not in table(["", ""], [["layout", "text"], ["confidence", "98.0 %"], ["becomes", "text"]]), "a number among words stands as they do"
    assert table(["rows"], [[3], ["–"], [""]]).count("ft-num") == 1


def test_only_long_words_may_break_in_a_table():
    shown = table(["x"], [["no_generation_markers"], ["many short words of a sentence"], ["x" * 16], ["x" * 17], ["see https://example.com/a/long/path"], [Html("<b>unknown</b>")], ["a_b"], ["<i>_x_" * 4]])
    assert ["ft-long" in c for c in re.findall(r"<td([^>]*)>", shown)] == [False, False, False, True, True, True, False, False]
    assert "no_<wbr>generation_<wbr>markers" in shown and "<td>a_b</td>" in shown and "of preferred_<wbr>output_list" in table(["x"], [["of preferred_output_list"]]).replace("output_<wbr>", "output_") and shown.count("<wbr>") == 2 and "<i>" not in shown


@pytest.mark.parametrize("seconds, said", [(0, "0 s"), (7.6, "8 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (3599.7, "1 h 00 min"), (7800, "2 h 10 min"), (360_000, "100 h 00 min"),
                                           (None, "–"), (-1, "–"), (math.nan, "–"), (math.inf, "–")])
def test_duration(seconds, said): assert duration(seconds) == said


@pytest.mark.parametrize("n, said", [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (93_100_000, "93.1 MB"), (1.5e9, "1.5 GB"), (2e15, "2000.0 TB"), (-1500, "-1.5 kB")])
def test_size(n, said): assert size(n) == said


@pytest.mark.parametrize("share, said", [(0.943, "94.3 %"), (0, "0.0 %"), (1, "100.0 %"), (None, "–"), (math.nan, "–")])
def test_percent(share, said): assert percent(share) == said


# ---- Findings

def test_the_catalogue_is_complete():
    for code, c in CODES.items():
        assert re.fullmatch("[a-z0-9_]+", code) and code == c.code and c.severity in ("fatal", "warning", "note")
        for text in (c.means, c.looks, c.repair): assert text.strip() == text and text.endswith("."), f"{code}: {text}"


def markdown_row(text, cells):
    "The one row of a table of one finding, still one row of so many cells"
    rows = re.split(r"\r\n|[\n\r]", text)  # where markdown sees a new line
    assert len(rows) == 3 and rows[2].count("|") == cells + 1, rows
    assert not set("<>`[*_") & set(rows[2]) and not HIDDEN.search(rows[2]), rows[2]


@pytest.mark.parametrize("evil", EVIL)
def test_findings_in_markdown(evil):
    markdown_row(Findings([finding("file_missing", evil, evil, evil)])._repr_markdown_(), 5)
    markdown_row(Finding(evil, "fatal", evil, evil, evil)._repr_markdown_(), 5)


def test_trouble_shows_no_traceback_in_a_notebook():
    with pytest.raises(Trouble) as e: trouble("file_missing", "a.jsonl", "It is not there.")
    assert e.value._render_traceback_() == [str(e.value.findings[0])] and "a.jsonl" in str(e.value) and "Mend: " in str(e.value)


def test_only_fatal_findings_block():
    some = Findings([finding("rows_too_long", "a", "b."), finding("packed_kernel_disabled", "a", "b.")])
    assert some.raise_fatal() is some and some.fatal == [] and str(Findings()) == "no findings" and Findings()._repr_markdown_() == "*No findings.*"
    with pytest.raises(Trouble) as e: Findings([*some, finding("file_empty", "c", "d.")]).raise_fatal()
    assert [f.code for f in e.value.findings] == ["file_empty"]


@pytest.mark.parametrize("evil", EVIL)
def test_a_plan_in_markdown(evil):
    "An instruction is somebody's text too"
    rows = re.split(r"\r\n|[\n\r]", replace(Plan(), task=Task(name=evil, instruction=evil))._repr_markdown_())
    assert len(rows) == 2 + sum(len(fields(s.default_factory)) for s in fields(Plan))
    for row in rows: assert len(re.findall(r"(?<!\\)\|", row)) == 6 and not re.search(r"<[a-zA-Z!/]|\[|`", row) and not HIDDEN.search(row), row


@pytest.mark.parametrize("evil", EVIL)
def test_a_run_in_markdown(tmp_path, evil):
    "A run folder may come from somebody else"
    run = Run(tmp_path/"run")
    run.path.mkdir()
    Writer(run.events).write("state", 1, state=evil.encode("utf-8", "replace").decode(), steps=3)
    shown = run._repr_markdown_()
    assert not re.search(r"<[a-zA-Z!/]|\[|[\n\r]", shown) and not HIDDEN.search(shown), shown


# ---- Marks, intervals, verdict

@pytest.mark.parametrize("answer, reference, expected", [
    ('{"a": "x"}', {"a": "x"}, dict(valid_json=True, exact_match=True, field_a=True)),
    (' {"a":\n"x"} ', {"a": "x"}, dict(valid_json=True, exact_match=True, field_a=True)),
    ('{"a": "x", "b": 1}', {"a": "x"}, dict(valid_json=True, exact_match=False, field_a=True)),
    ('{"b": 1}', {"a": "x"}, dict(valid_json=True, exact_match=False, field_a=False)),
    ('{"a": null}', {"a": None}, dict(valid_json=True, exact_match=True, field_a=True)),
    ("{}", {"a": None}, dict(valid_json=True, exact_match=False, field_a=False)),
    ('{"a": 1.0}', {"a": 1}, dict(valid_json=True, exact_match=False, field_a=False)),
    ('{"a": [true]}', {"a": [1]}, dict(valid_json=True, exact_match=False, field_a=False)),
    ('{"a": {"b": 0}}', {"a": {"b": False}}, dict(valid_json=True, exact_match=False, field_a=False)),
    ('{"a": {"c": 2, "b": [1]}}', {"a": {"b": [1], "c": 2}}, dict(valid_json=True, exact_match=True, field_a=True)),
    ('["a"]', {"a": "x"}, dict(valid_json=False, exact_match=False, field_a=False)),
    ('{"a": "x"} and more', {"a": "x"}, dict(valid_json=False, exact_match=False, field_a=False)),
    ("", {"a": "x"}, dict(valid_json=False, exact_match=False, field_a=False)),
    ("[" * 100_000, {"a": "x"}, dict(valid_json=False, exact_match=False, field_a=False)),
    ('{"a": ' + "9" * 5000 + "}", {"a": 9}, dict(valid_json=False, exact_match=False, field_a=False)),
    ('{"a": NaN}', {"a": "x"}, dict(valid_json=False, exact_match=False, field_a=False)),
    (" yes\n", "yes", dict(exact_match=True)), ("Yes", "yes", dict(exact_match=False)), ("", "yes", dict(exact_match=False)),
])
def test_marks(answer, reference, expected): assert marks(answer, reference) == expected


@pytest.mark.parametrize("hits, n, low, high", [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)])
def test_wilson_as_published(hits, n, low, high):
    "Newcombe 1998, Statistics in Medicine 17:857, table I, method 3; and its mirror image"
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson(n - hits, n) == pytest.approx((1 - high, 1 - low), abs=5e-5)


@given(st.integers(0, 2000), st.integers(0, 2000))
@often(100)
def test_wilson_is_an_interval(a, b):
    low, high = wilson(a, a + b)
    assert 0 <= low <= (a / (a + b) if a + b else 0.5) <= high <= 1 and (low == 0) == (a == 0) and (high == 1) == (b == 0)


def pairs(both, tuned, base, neither):
    "Marks of base and tuned: how often both were right, only tuned, only base, neither"
    return [True] * both + [False] * tuned + [True] * base + [False] * neither, [True] * (both + tuned) + [False] * (base + neither)


@pytest.mark.parametrize("counts, expected, digits", [
    ((36, 12, 2, 0), (0.2, 0.0569, 0.3404), 4),     # Newcombe 1998, Statistics in Medicine 17:2635, table II, method 10
    ((1, 1, 7, 12), (-0.286, -0.507, -0.026), 3),   # Fagerland, Lydersen and Laake 2014, Statistics in Medicine 33:2850: Newcombe's square-and-add interval for Bentur et al. 2009
])
def test_paired_difference_as_published(counts, expected, digits):
    assert tuple(round(x, digits) for x in paired_difference(*pairs(*counts))) == expected


COUNTS = st.tuples(*[st.integers(0, 60)] * 4)


@given(COUNTS)
@often(200)
@example((0, 0, 0, 0))
@example((0, 0, 0, 5))
@example((5, 0, 0, 0))
@example((0, 7, 0, 0))
def test_paired_difference_is_an_interval(counts):
    "It holds the difference, turns around when the sides do, and does not look at the order of the rows"
    base, tuned = pairs(*counts)
    d, low, high = paired_difference(base, tuned)
    assert -1 - 1e-9 <= low <= d <= high <= 1 + 1e-9
    assert paired_difference(tuned, base) == pytest.approx((-d, -high, -low), abs=1e-12)
    rows = list(zip(base, tuned))
    random.Random(0).shuffle(rows)
    assert rows == [] or paired_difference(*map(list, zip(*rows))) == pytest.approx((d, low, high))
    more = paired_difference(base * 9, tuned * 9)
    assert more[0] == pytest.approx(d) and (sum(counts) == 0 or more[2] - more[1] < high - low)  # more rows, less doubt


@pytest.mark.parametrize("truth", [(0.25, 0.25, 0.25, 0.25), (0.6, 0.2, 0.05, 0.15), (0.05, 0.6, 0.05, 0.3), (0.8, 0.05, 0.05, 0.1), (0.02, 0.9, 0.02, 0.06)], ids=str)
def test_the_interval_covers_the_truth_as_often_as_it_says(truth):
    "Over all outcomes of 25 rows, each with its probability: no simulation, no luck"
    n, covered = 25, 0.0
    for a, b, c in itertools.product(range(n + 1), repeat=3):
        if (d := n - a - b - c) < 0: continue
        _, low, high = interval(a, b, c, d)
        if low <= truth[1] - truth[2] <= high:
            covered += math.exp(math.lgamma(n + 1) + sum(k * math.log(p) - math.lgamma(k + 1) for k, p in zip((a, b, c, d), truth)))
    assert 0.93 <= covered <= 0.997  # the method's continuity correction errs on the safe side


kept = {}


def interval(*counts):
    if counts not in kept: kept[counts] = paired_difference(*pairs(*counts))
    return kept[counts]


def test_the_primary_metric_decides_and_goals_are_held_against_the_intervals():
    from ftcourse.evaluation.metrics import goals
    good, bad = dict(valid_json=True, exact_match=False), dict(valid_json=False, exact_match=False)
    m = compare_marks([bad] * 40, [good] * 40)
    assert verdict(m) == "cannot tell" and verdict(m, "valid_json") == "better"
    g = goals(m, "valid_json", 50, {"exact_match": 1, "general_ability": 2})
    assert (g["primary"], g["reached"]) == ("valid_json", "reached") and g["guard_rails"] == {"exact_match": dict(limit=1, state="cannot tell"), "general_ability": dict(limit=2, state="not measured")}
    assert goals(m, "rouge_l", 5, {})["primary"] == "exact_match" and goals(m, "valid_json", 0, {})["reached"] == ""
    fell = compare_marks([good] * 60, [bad] * 60)
    assert goals(fell, "exact_match", 5, {"valid_json": 2})["guard_rails"]["valid_json"]["state"] == "broken" and goals(fell, "valid_json", 5, {})["reached"] == "missed"


def test_compare_marks_and_verdict():
    right, wrong = marks('{"a": 1}', {"a": 1}), marks("?", {"a": 1})
    m = compare_marks([wrong] * 30, [right] * 30)
    assert m["exact_match"]["base"] == 0 and m["exact_match"]["tuned"] == 1 and m["exact_match"]["n"] == 30
    assert [verdict(compare_marks(*sides)) for sides in (([wrong] * 30, [right] * 30), ([right] * 30, [wrong] * 30), ([right] * 30, [right] * 30), ([wrong], [right]))] == ["better", "worse", "cannot tell", "cannot tell"]
    mixed = compare_marks([marks('{"a": 1}', {"a": 1}), marks("?", {"b": 1})], [marks("?", {"a": 1}), marks('{"b": 1}', {"b": 1})])
    assert (mixed["field_a"]["n"], mixed["field_b"]["n"], mixed["exact_match"]["n"]) == (1, 1, 2)


# ---- The order of the rows

RECIPES = st.builds(lambda micro, times, epochs, seed: Training(micro_batch_rows=micro, batch_rows=micro * times, epochs=epochs, seed=seed),
                    st.integers(1, 5), st.integers(1, 4), st.floats(0.01, 4), st.integers(0, 2**31 - 1))


@given(st.lists(st.integers(1, 300), min_size=1, max_size=300), RECIPES)
@often(200)
def test_order_loses_no_row(lengths, training):
    steps = order(lengths, training)
    seen = [r for step in steps for micro in step for r in micro]
    total = max(1, round(training.epochs * len(lengths)))
    assert len(seen) == total and len(steps) == math.ceil(total / training.batch_rows)
    counts = [seen.count(r) for r in range(len(lengths))]
    assert max(counts) - min(counts) <= 1 and sum(counts) == total       # every row as often as any other
    assert all(sum(map(len, step)) == training.batch_rows for step in steps[:-1])
    assert all(0 < len(micro) <= training.micro_batch_rows for step in steps for micro in step)
    assert all(len(micro) == training.micro_batch_rows for step in steps for micro in step[:-1])
    assert order(lengths, training) == steps
    assert 0 <= padding(lengths, steps) < 1


@given(st.integers(2, 400), RECIPES)
@often(60)
def test_order_does_not_depend_on_where_it_is_continued(n, training):
    "Lengths decide, nothing else: the same plan gives the same steps in another process"
    lengths = [(i * 7919) % 211 + 1 for i in range(n)]
    assert order(list(lengths), replace(training)) == order(lengths, training)
    if n >= 100 and training.epochs >= 1: assert order(lengths, replace(training, seed=training.seed ^ 1)) != order(lengths, training)


@given(st.lists(st.integers(1, 300), min_size=80, max_size=300))
@often(40)
def test_order_pads_less_than_the_order_of_the_file(lengths):
    training = Training(batch_rows=8, micro_batch_rows=4)
    plain = [[list(range(i, min(i + 4, len(lengths))))] for i in range(0, len(lengths), 4)]
    assert padding(lengths, order(lengths, training)) <= padding(lengths, plain) + 1e-12


def test_order_mixes():
    "Not the long ones first: that would be another lesson plan"
    lengths = list(range(1, 513))
    means = [sum(lengths[r] for micro in step for r in micro) / 8 for step in order(lengths, Training(batch_rows=8, micro_batch_rows=8))]
    ups = sum(a < b for a, b in zip(means, means[1:]))
    assert 20 < ups < 43 and order(lengths, Training(epochs=2, batch_rows=8, micro_batch_rows=8))[:64] != order(lengths, Training(epochs=2, batch_rows=8, micro_batch_rows=8))[64:]


def test_recipe_follows_the_plan():
    assert quantization(replace(Plan().model, quantization="none"), "float32") == {} and quantization(Plan().model, "bfloat16")["bnb_4bit_compute_dtype"] == "bfloat16"
    assert lora(Strategy(targets=" q_proj , v_proj,"))["target_modules"] == ["q_proj", "v_proj"] and lora(Strategy())["target_modules"] == "all-linear"
    kw = sft(Training(batch_rows=12, micro_batch_rows=3, warmup=0.1, schedule="constant"), 25, "out", True, False)
    assert (kw["gradient_accumulation_steps"], kw["warmup_steps"], kw["lr_scheduler_type"], kw["bf16"], kw["use_cpu"]) == (4, 3, "constant_with_warmup", True, False)


# ---- The report

def plan_for(answer, **task): return Plan(task=Task(name="t", answer=answer, **task), data=Data(prompt_field="q", answer_field="a"))


def report_of(rows, base, tuned, answer="json", name="run", **kw): return assemble(name, rows, plan_for(answer), dict(base=base, tuned=tuned), dict(base="b" * 16, tuned="t" * 16), **kw)


def evil_report(evil, answer):
    "The same hostile text wherever text can stand"
    key = evil or "k"
    reference = {key: evil, "list": [evil, {key: evil}]} if answer == "json" else f"good {evil}"
    said = [json.dumps({key: evil + "!", "list": evil, f"{key}2": evil}), evil, json.dumps({"a": {key: [evil]}}), f"better {evil} text", evil * 3]
    rows = [{"q": evil, "a": reference} for _ in said]
    found = Findings([finding("run_not_finished", evil, evil, evil)])
    return report_of(rows, said, said[::-1], answer, name=evil, found=found)


@pytest.mark.parametrize("answer", ["json", "text"])
@pytest.mark.parametrize("evil", EVIL)
def test_hostile_text_stays_text(evil, answer):
    r = evil_report(evil, answer)
    r.path, r.sides = evil, dict(base=evil, tuned=evil)
    for page in (r.html(), r._repr_html_(), r.figures(), r.pairs()): harmless(page)
    for row in r.rows:
        for side in ("base", "tuned"): harmless(shown(row[side], row["reference"]), {"span"})
    text = "".join(harmless(r.html()).text)
    if not HIDDEN.search(evil): assert evil in text  # it is all there, to be read
    r.text(), r.says()


@pytest.mark.parametrize("evil", EVIL)
def test_a_report_read_from_a_folder_is_hostile_too(tmp_path, evil):
    "report.json may come from somebody else: its numbers need not be numbers"
    r = evil_report("x", "json")
    r.n = r.step = r.steps = evil
    for page in (r.html(), r._repr_html_()): harmless(page)


def test_the_page_loads_and_runs_nothing():
    page = harmless(report_of([{"q": "a", "a": {"x": 1}}], ["b"], ['{"x": 1}']).html())
    policy = [a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_what_is_right_and_wrong_is_marked():
    out = shown('{"b": 2, "a": "y", "extra": [1]}', {"a": "x", "b": 2, "c": None})
    assert [re.sub("<.*?>", "", row) for row in out.splitlines()] == ["a: ✗ y", "b: ✓ 2", "c: ✗ missing", "extra: ✗ [1] (not asked for)"]
    assert "(nothing)" in shown("", {"a": 1}) and "✗ not one JSON object" in shown("no", {"a": 1}) and "✗" in shown("", "yes")
    marked = shown("one deux three", "one two three")
    assert re.findall(r'<span class="ft-wrong">([^<]*)</span>', marked) == ["✗", "deux"]
    assert "✓" in shown('{"a": 1}', {"a": 1}) and "✗" in shown('{"a": true}', {"a": 1}) and "✗" in shown('{"a": 1.0}', {"a": 1})


@given(TEXT, TEXT | st.dictionaries(TEXT, st.none() | st.booleans() | st.integers() | TEXT, max_size=3))
@often(150)
def test_any_answer_can_be_shown(answer, reference):
    harmless(shown(answer, reference), {"span"})
    harmless(shown(json.dumps({answer: reference, "x": [answer]}), reference), {"span"})
    page = harmless(shown(answer, answer), {"span"})
    assert "✓" in "".join(page.text)


def test_half_a_character_in_an_answer_reaches_the_files(tmp_path):
    "A model may write the escape of half an emoji; all the answers would be lost with it"
    run = Run(tmp_path/"run")
    run.evaluation.mkdir(parents=True)
    said = ['{"a": "\\ud83d"}', "\\ude42"]
    keep(run, report_of([{"q": "x", "a": {"a": "y"}}] * 2, said, said[::-1]))
    assert "U+D83D" in (run.evaluation/"report.html").read_text(encoding="utf-8")


def subsequence(some, of):
    rest = iter(of)
    return all(x in rest for x in some)


@given(*[st.lists(st.sampled_from("abcd "), max_size=40)] * 2)
@often(300)
def test_common_words_are_a_longest_common_subsequence(a, b):
    kept = [b[j] for j in sorted(common(a, b))]
    length = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]  # the textbook's table
    for i, j in itertools.product(range(len(a)), range(len(b))): length[i + 1][j + 1] = length[i][j] + 1 if a[i] == b[j] else max(length[i][j + 1], length[i + 1][j])
    assert subsequence(kept, a) and subsequence(kept, b) and len(kept) == length[-1][-1]


def test_an_event_about_a_file_name_that_is_no_text(tmp_path):
    Writer(tmp_path/"e").write("finding", 0, code="file_missing", where="a\udcff.jsonl")
    assert [e["where"] for e in read(tmp_path/"e")[0]] == ["a\udcff.jsonl"]


def test_deeply_nested_answers_can_be_shown():
    for depth in (*range(50, 900, 50), *range(900, 1000), 5000): harmless(shown('{"a":' + "[" * depth + "]" * depth + "}", {"a": "b"}), {"span"})


@pytest.mark.parametrize("words", [lambda r: ["the"] * 3000, lambda r: [r.choice("abcdefgh") for _ in range(3000)], lambda r: [str(r.random()) for _ in range(3000)], lambda r: ["x" * 30_000]], ids=["one word", "few words", "other words", "no space"])
def test_very_long_answers(words):
    "A model that does not stop must not stop the report"
    answer, reference = " ".join(words(random.Random(1))), " ".join(words(random.Random(2))[::-1]) + " end"
    t = time.perf_counter()
    r = report_of([{"q": answer, "a": reference}], [answer], [answer[:-1]], "text")
    for page in (r.html(), r._repr_html_()): assert answer in "".join(harmless(page).text)
    assert time.perf_counter() - t < 3


def test_answers_of_middling_length_take_no_time():
    "Twenty-four of a few hundred words each, the worst for a comparison word by word"
    rows = [{"q": "q", "a": "a cat the sat " * 60 + str(i)} for i in range(24)]
    r = report_of(rows, ["the " * 240] * 24, ["sat the " * 120] * 24, "text")
    t = time.perf_counter()
    r.html(), r._repr_html_()
    assert time.perf_counter() - t < 10


def test_text_answers():
    rows = [{"q": f"q{i}", "a": "yes"} for i in range(20)]
    r = report_of(rows, ["no"] * 20, ["yes "] * 19 + ["yes, I think"], "text")
    assert r.metrics.keys() == {"exact_match"} and r.metrics["exact_match"]["tuned"] == 0.95 and r.verdict == "better"
    assert [x["tuned"] for x in r.wrong()] == ["yes, I think"] and "better: +95.0 points" in r.says() and "20 test rows" in r.says()
    assert r.text().splitlines()[0].split() == ["base", "tuned", "difference", "(95", "%)"] and "exact match" in r.text() and "95.0 %" in r.text()
    assert repr(r) == f"{r.text()}\n{r.says()}"  # what a plain console shows; never the 20 answers
    page = "".join(harmless(r.html()).text)
    assert "What the tuned model got wrong (1 of 20)" in page and "All answers (20)" in page


def test_nothing_wrong_is_said_so():
    r = report_of([{"q": "q", "a": "yes"}], ["yes"], ["yes"], "text")
    assert r.wrong() == [] and "Nothing." in r.html() and r.verdict == "cannot tell" and "Cannot tell yet" in r.says()


def test_the_wrong_ones_come_first_in_the_notebook():
    rows = [{"q": f"q{i}", "a": "yes"} for i in range(12)]
    page = "".join(harmless(report_of(rows, ["no"] * 12, ["yes"] * 11 + ["no"], "text")._repr_html_()).text)
    assert page.index("q11") < page.index("q0") and "6 of 12 rows" in page and "q7" not in page


def test_a_kept_report_is_read_back(tmp_path):
    run = Run(tmp_path/"run")
    run.path.mkdir()
    (run.path/"plan.yaml").write_text("task: {name: t}\n")
    with pytest.raises(Trouble) as e: report(run)
    assert [f.code for f in e.value.findings] == ["run_not_trained"]
    run.evaluation.mkdir()
    made = report_of([{"q": "Zürich\u2028🙂", "a": {"x": "\u2028"}}], ["b"], ['{"x": 1}'], name="run", found=[finding("run_not_finished", "w", "s.")], seconds=dict(load=1.23), step=2, steps=3)
    keep(run, made)
    assert report(run) == made == report(run.path) and report(run).html() == made.html()
    assert sorted(p.name for p in run.evaluation.iterdir()) == ["outputs.jsonl", "report.html", "report.json"]


@pytest.mark.parametrize("name, text", [("report.json", "{"), ("report.json", "[]"), ("report.json", '{"run": "x", "more": 1}'), ("outputs.jsonl", "{"), ("outputs.jsonl", None)])
def test_a_damaged_report_is_told(tmp_path, name, text):
    run = Run(tmp_path/"run")
    run.evaluation.mkdir(parents=True)
    (run.path/"plan.yaml").write_text("task: {name: t}\n")
    keep(run, report_of([{"q": "q", "a": "yes"}], ["no"], ["yes"], "text"))
    (run.evaluation/name).unlink() if text is None else (run.evaluation/name).write_text(text)
    with pytest.raises(Trouble) as e: report(run)
    assert [f.code for f in e.value.findings] == ["file_unreadable"] and "Compare again" in e.value.findings[0].fix


# ---- Chat

@slow
def test_the_served_prompt_is_the_trained_prompt(tiny_folder):
    from transformers import AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(tiny_folder)
    eot = end_of_turn(tokenizer)
    assert tokenizer.decode(eot) == "<|im_end|>"
    for instruction, prompt, answer in itertools.product(["", "Sort. "], ["Hi", " two\nlines ", "<b>🙂"], ["x", ' {"a": 1}', "Zürich\n"]):
        row = encode(tokenizer, instruction, prompt, answer, eot)
        served = tokenizer(prompt_text(tokenizer, instruction, prompt), add_special_tokens=False)["input_ids"]
        assert row.input_ids[:len(served)] == served and row.labels[:len(served)] == [-100] * len(served)
        assert row.labels[len(served):] == row.input_ids[len(served):] and row.input_ids[-1] == eot
        assert tokenizer.decode(row.input_ids[len(served):-1]) == answer
        whole = tokenizer.apply_chat_template([*messages(instruction, prompt), {"role": "assistant", "content": answer}], tokenize=False)
        assert whole.startswith(tokenizer.decode(row.input_ids))


TEMPLATES = {
    "none": (None, "end_of_turn_unknown"), "empty": ("", "end_of_turn_unknown"),
    "ends with text": ("{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}", "end_of_turn_unknown"),
    "ends with nothing": ("{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}", "end_of_turn_unknown"),
    "drops the question": ("{% for m in messages[-1:] %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}", "template_not_prefix"),
    "says no prompt": ("{% for m in messages %}<|im_start|>{{ m['role'] }} {{ m['content'] }}<|im_end|>{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}", "template_not_prefix"),
    "raises": ("{{ raise_exception('Only pairs') }}", "end_of_turn_unknown"),
}


@slow
@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_that_would_train_the_wrong_thing(tiny_folder, name):
    from transformers import AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(tiny_folder)
    tokenizer.chat_template, code = TEMPLATES[name]
    with pytest.raises(Trouble) as e: end_of_turn(tokenizer)
    assert [f.code for f in e.value.findings] == [code]


def test_answer_text(): assert answer_text({"a": "Zürich"}) == '{"a": "Zürich"}' and answer_text("as it is ") == "as it is "


# ---- What the terminal shows

def test_line_says_where_the_run_is():
    h = History()
    assert line(h) == "new ..."
    h.add([dict(kind="state", step=0, state="training", steps=40)])
    assert line(h).endswith("step 0/40  loading the model")
    h.add([dict(kind="log", step=10, loss="NaN", tokens_per_s=612.4, eta_s=None), dict(kind="eval", step=10, valid_loss=0.5)])
    assert "█████···············" in line(h) and line(h).endswith("loss nan, validation 0.500, 612 tokens/s, 0 s left")


def test_bar_redraws_only_where_it_can():
    import io
    class Terminal(io.StringIO):
        def isatty(self): return True
    for out, expected in ((io.StringIO(), "██████████·········· 5/10  3 s left\n████████████████████ 10/10  0 s left\n"), (Terminal(), "\r\x1b[K██████████·········· 5/10  3 s left\r\x1b[K████████████████████ 10/10  0 s left\n")):
        draw = bar(out)
        draw(5, 10, 3.2), draw(10, 10, 0)
        assert out.getvalue() == expected


def test_free_name(tmp_path):
    assert free_name(tmp_path, "a") == "a"
    for name in ("a", "a-2"): (tmp_path/name).mkdir()
    assert free_name(tmp_path, "a") == "a-3"
