"""Every reader: edges, faults, hostile input; and the account that holds whatever the file looks like."""
import base64
import bz2
import datetime
import decimal
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftcourse.data import read as R
from ftcourse.data.prepare import inspect
from ftcourse.data.read import Record, Rejected, fingerprint, head, pasted, read
from ftcourse.findings import CODES, Trouble


def all_of(source, **more):
    "(values of the records, codes of the rejected, the reading); the account is checked on the way."
    reading = read(source, **more)
    items = list(reading)
    account(reading, items)
    return [i.value for i in items if isinstance(i, Record)], [i.code for i in items if isinstance(i, Rejected)], reading


def account(reading, items):
    assert reading.rows_in == len(items) == reading.kept + reading.rejected
    assert reading.kept == sum(isinstance(i, Record) for i in items) and reading.rejected == sum(reading.reasons.values())
    assert sum(f["rows_in"] for f in reading.files.values()) == reading.rows_in and all(f["rows_in"] == f["kept"] + f["rejected"] for f in reading.files.values())
    for i in items:
        if isinstance(i, Rejected): assert i.code in CODES and i.says and len(i.raw) <= 4 * R.RAW + 3000 and json.dumps([i.file, i.raw, i.says]).encode()
        else: json.dumps(i.value, ensure_ascii=False, allow_nan=False).encode()  # whatever is kept can be written
    assert not reading.rejected or {f.code for f in reading.findings} & {"rows_broken", "rows_rejected"}
    json.dumps(reading.report(), allow_nan=False)


def codes(reading): return {f.code for f in reading.findings}


@pytest.fixture
def put(tmp_path):
    "Writes a file, gives its path"
    def put(name, data):
        path = tmp_path/name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path
    return put


def refused(code, source, **more):
    with pytest.raises(Trouble) as e: list(read(source, **more))
    assert [f.code for f in e.value.findings] == [code]
    return str(e.value)


# ---- JSON

ROWS = [{"a": 1, "t": "x"}, {"a": 2, "t": "y\u2028z"}, {"a": None, "t": "😀 שלום \u0000 end", "n": [{"b": [None, {}]}]}]

@pytest.mark.parametrize("text", [
    "\n".join(map(json.dumps, ROWS)), "\r\n".join(map(json.dumps, ROWS)) + "\r\n", "\r".join(map(json.dumps, ROWS)) + "\r", "\n\n".join(map(json.dumps, ROWS)) + "\n\n",
    json.dumps(ROWS), json.dumps(ROWS, indent=2), json.dumps(ROWS, ensure_ascii=False), "".join(map(json.dumps, ROWS)), "\n".join(json.dumps(r, indent=4) for r in ROWS),
    json.dumps({"version": "1.1", "data": ROWS}), json.dumps({"data": ROWS, "more": {"x": [1]}}, indent=1), "[" + ",\n".join(map(json.dumps, ROWS)) + ",]", json.dumps(ROWS[:1]) + "\n" + json.dumps(ROWS[1:]),
])
@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl", "rows"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_json_in_every_form(put, text, name, encoding):
    values, bad, reading = all_of(put(name, text.encode(encoding)))
    want = [json.loads(text)] if name.endswith("l") and '"data"' in text else ROWS  # in JSON lines an object is a row
    assert values == want and not bad and not codes(reading) - {"kind_differs", "rows_from_list"}


@pytest.mark.parametrize("bad, code", [
    ('{"a": 1, "a": 2}', "duplicate_key"), ('{"a": {"b": 1, "b": 1}}', "duplicate_key"), ('{"a": NaN}', "number_not_usable"), ('{"a": -Infinity}', "number_not_usable"), ('{"a": 1e999}', "number_not_usable"),
    ('{"a": ' + "1" * 5000 + "}", "number_not_usable"), ('{"a": "\\ud83d"}', "half_character"), ('{"\\ude00": 1}', "half_character"), ("[1, 2]", "row_not_object"), ('"text"', "row_not_object"), ("null", "row_not_object"),
    ("17", "row_not_object"), ('{"a": tru}', "row_not_json"), ('{"a": 1,}', "row_not_json"), ("{'a': 1}", "row_not_json"), ('{"a": "tab\there"}', "row_not_json"), ('{"a": "nul\0"}', "row_not_json"), ('{"a": ' * 150 + "1" + "}" * 150, "row_too_deep"),
    ('{"a": ' + "[" * 3000 + "]" * 3000 + "}", "row_too_deep"), ('{"a": "\\x"}', "row_not_json"), ("{1: 2}", "row_not_json"),
])
@pytest.mark.parametrize("form", ["lines", "array", "pretty", "compact", "wrapped"])
def test_one_broken_row_costs_one_row(put, bad, code, form):
    good = [json.dumps(dict(a=i, t=f"row {i}"), indent=2 if form == "pretty" else None) for i in range(6)]
    rows = [*good[:3], bad, *good[3:]]
    text = {"lines": "\n".join(rows), "array": "[\n" + ",\n".join(rows) + "\n]", "pretty": "[\n" + ",\n".join(rows) + "\n]", "compact": "[" + ",".join(rows) + "]", "wrapped": '{"data": [' + ", ".join(rows) + '], "n": 7}'}[form]
    values, codes_, reading = all_of(put("rows.json", text))
    assert values == [dict(a=i, t=f"row {i}") for i in range(6)] and codes_ == [code] and "rows_broken" in codes(reading)


@pytest.mark.parametrize("bad", ['{"a": "lost quote}', '{"a": lost quote"}', '{"a": 1', '{"a": [1, 2}', '"a": 1}', "garbage", '{"a": 1}}'])
@pytest.mark.parametrize("join", [",\n", ", ", ",\n  "])
def test_the_next_row_is_found_again(put, bad, join):
    rows = [json.dumps(dict(a=i, messages=[dict(role="user", content=f"{i}")])) for i in range(6)]
    values, _, reading = all_of(put("rows.json", "[" + join.lstrip(", ") + join.join([*rows[:3], bad, *rows[3:]]) + "]"))
    values = [v for v in values if v != {"a": 1}]  # a row with one bracket too many behind it is a good row and a bracket
    assert values == [json.loads(r) for r in rows if json.loads(r) in values] and len(values) >= 5 and "file_truncated" not in codes(reading)


def test_an_array_that_is_cut_keeps_what_came_before(put):
    whole = json.dumps([dict(a=i) for i in range(1000)])
    values, bad, reading = all_of(put("rows.json", whole[:len(whole) // 2]))
    assert values == [dict(a=i) for i in range(len(values))] and len(values) > 490 and bad[-1] == "file_truncated" and "file_truncated" in codes(reading)
    values, bad, reading = all_of(put("rows.json", '[{"a": 1}, {"a": 2}'))
    assert len(values) == 2 and bad == ["file_truncated"]


def test_a_conversation_is_a_row_and_a_list_of_rows_is_not(put):
    one = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    for text in (json.dumps(one), json.dumps(one, indent=1), json.dumps(one) * 2): assert all_of(put("rows.json", text))[0][0] == one
    assert all_of(put("rows.json", json.dumps({"train": ROWS, "test": ROWS[:1]})))[0] == ROWS + ROWS[:1]
    files = read(put("rows.json", json.dumps({"train": ROWS, "test": ROWS[:1]})))
    assert [r.file.split("#")[1] for r in files] == ["train"] * 3 + ["test"]
    assert all_of(put("rows.json", json.dumps({"question": "q", "answers": [{"text": "a"}, {"text": "b"}]})))[0] == [{"question": "q", "answers": [{"text": "a"}, {"text": "b"}]}]


def test_lines_of_ten_megabytes(put):
    big = [dict(t="x" * 10_000_000), dict(t="ä" * 10_000_000), dict(t="end")]
    assert all_of(put("rows.jsonl", "\n".join(json.dumps(r, ensure_ascii=False) for r in big)))[0] == big
    assert all_of(put("rows.json", json.dumps(big)))[0] == big


def test_a_row_that_is_too_long_is_rejected_and_not_held(put, monkeypatch):
    monkeypatch.setattr(R, "ROW", 3 * R.CHUNK)
    rows = [json.dumps(dict(a=1)), json.dumps(dict(a="x" * 8 * R.CHUNK)), json.dumps(dict(a=3))]
    values, bad, _ = all_of(put("rows.jsonl", "\n".join(rows)))
    assert values == [dict(a=1), dict(a=3)] and bad == ["row_too_large"]
    values, bad, _ = all_of(put("rows.csv", 'a,b\n1,2\n"' + "x" * 8 * R.CHUNK + '",2\n3,4\n'))
    assert values == [dict(a="1", b="2"), dict(a="3", b="4")] and bad == ["row_too_large"]
    assert all_of(put("rows.txt", "x" * 8 * R.CHUNK))[1] == ["row_too_large"]


def test_joined_files_keep_their_marks(put):
    part = '{"a": 1}\n'.encode("utf-8-sig")
    assert all_of(put("rows.jsonl", part * 3))[0] == [{"a": 1}] * 3


# ---- Tables

@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_tables(put, delimiter, end):
    rows = [["text", "label"], ["one, two; three", "007"], [f"line one{end}line two", "1e5"], ['said "no"', "true"], ["😀 שלום", ""], ["last", "NaN"]]
    text = end.join(delimiter.join('"' + c.replace('"', '""') + '"' if i else c for c in r) for i, r in enumerate(rows)) + end
    items = list(read(put("rows.csv", text)))
    assert [i.value for i in items] == [dict(zip(*(rows[0], r))) for r in rows[1:]]
    assert [i.line for i in items] == [2, 3, 5, 6, 7], "a quoted line end does not shift the numbers"


def test_a_lost_quote_costs_its_line(put):
    text = "id,text\n" + "".join(f'{i},"row {i}"\n' if i != 50 else f'{i},"row {i}\n' for i in range(100))
    items = list(read(put("rows.csv", text)))
    assert [i.value["id"] for i in items if isinstance(i, Record)] == [str(i) for i in range(100) if i != 50] and [i.line for i in items if isinstance(i, Rejected)] == [52]


def test_width(put):
    values, bad, _ = all_of(put("rows.csv", "a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n\n4,5,6\n"))
    assert [v["a"] for v in values] == ["1", "1", "4"] and bad == ["row_wrong_width"] * 2


def test_headers(put):
    assert all_of(put("a.csv", "I like it,positive\nnot me,negative\nwell,positive\n"))[0][0] == {"column_1": "I like it", "column_2": "positive"}
    assert all_of(put("b.csv", "1,2\n3,4\n"), header=True)[0] == [{"1": "3", "2": "4"}] and all_of(put("c.csv", "a,b\n3,4\n"), header=False)[0][0] == {"column_1": "a", "column_2": "b"}
    values, _, reading = all_of(put("d.csv", ",text,text,text_2\n0,x,y,z\n"))
    assert values == [{"column_1": "0", "text": "x", "text_3": "y", "text_2": "z"}] and "header_repeated" in codes(reading)
    assert all_of(put("e.csv", "a;b\n1,5;2,5\n2,5;3,5\n"))[0] == [{"a": "1,5", "b": "2,5"}, {"a": "2,5", "b": "3,5"}]
    assert all_of(put("f.csv", 'a, b\n1, "x, y"\n2, "z"\n'))[0][0]["b"] == "x, y"
    assert all_of(put("g.csv", r'a,b' + "\n" + r'1,"x \"q\" y"' + "\n" + r'2,"\"z\""' + "\n"))[0] == [{"a": "1", "b": 'x "q" y'}, {"a": "2", "b": '"z"'}]
    assert all_of(put("h.csv", "text\nonly one column\nof them\n"))[0] == [{"text": "only one column"}, {"text": "of them"}]
    assert "file_empty" in codes(all_of(put("i.csv", "text,label\n"))[2])
    assert all_of(put("j.csv", "a#b\n1#2\n"), delimiter="#")[0] == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize("encoding, text", [("cp1252", "Die Straße nach Köln, für 5 €"), ("latin-1", "déjà vu à l'école"), ("cp1251", "Привет, заказ не пришёл"), ("shift_jis", "日本語の文章を読む"), ("gb18030", "我的订单还没有到")])
def test_encodings_are_guessed_and_said(put, encoding, text):
    data = ("frage\tlabel\n" + f"{text}\tx\n" * 5).encode(encoding)
    values, bad, reading = all_of(put("rows.tsv", data))
    assert values == [{"frage": text, "label": "x"}] * 5 and not bad and "encoding_guessed" in codes(reading)
    values, bad, reading = all_of(put("rows.tsv", data), encoding=encoding)
    assert values == [{"frage": text, "label": "x"}] * 5 and "encoding_guessed" not in codes(reading)


def test_an_encoding_is_found_late(put):
    lines = b'{"a": "plain"}\n' * 200_000 + '{"a": "für 5 €"}\n'.encode("cp1252")
    values, bad, reading = all_of(put("rows.jsonl", lines))
    assert values[-1] == {"a": "für 5 €"} and not bad and "encoding_guessed" in codes(reading)


def test_bytes_that_are_no_text_are_never_replaced(put):
    for name, text, end in (("rows.jsonl", '{{"t": "{}"}}', "\n"), ("rows.csv", "1,{}", "\n"), ("rows.txt", "{}", "\n\n")):
        rows = [text.format(t).encode() for t in ("wäre", "hätte", "x", "täte")]
        rows[2] = rows[2].replace(b"x", b"w\xe4re")
        head_ = b"id,text\n" if name.endswith("csv") else b""
        values, bad, _ = all_of(put(name, head_ + end.encode().join(rows)))
        assert len(values) == 3 and bad == ["bytes_not_text"] and "\ufffd" not in str(values)
    values, bad, _ = all_of(put("rows.jsonl", '{"a": "x"}\n{"a": "y"}\n'.encode("utf-16-le")[:-20] + b"\x00\xd8" + '"}\n{"a": "z"}\n'.encode("utf-16-le")), encoding="utf-16-le")
    assert bad == ["bytes_not_text"] and values == [{"a": "x"}, {"a": "z"}]


# ---- Text

def test_text(put):
    text = "# Head\r\n\r\nOne.\r\nTwo.\r\n\r\n```\r\na\r\n\r\nb\r\n```\r\n"
    items = list(read(put("notes.md", text)))
    assert [(i.value["text"], i.line) for i in items] == [("# Head", 1), ("One.\r\nTwo.", 3), ("```\r\na\r\n\r\nb\r\n```", 6)]
    assert all_of(put("notes.md", text), text_as="file")[0] == [{"text": text.rstrip()}] and len(all_of(put("notes.md", text), text_as="line")[0]) == 7
    assert all_of(put("code.py", "a = 1\n"), kind="text")[0] == [{"text": "a = 1"}]
    assert all_of(put("prose.txt", "[1] A note.\n\n{not json}\n"))[0] == [{"text": "[1] A note."}, {"text": "{not json}"}]


# ---- Columns

def table_of(n=1000):
    import pyarrow as pa
    return pa.table(dict(text=[f"row {i} 😀" for i in range(n)], n=list(range(n)), list=[[{"role": "user", "x": None}]] * n, day=[datetime.datetime(2026, 1, 1)] * n, money=[decimal.Decimal("1.10")] * n, raw=[b"bytes"] * n))

EXPECTED = dict(text="row 0 😀", n=0, list=[{"role": "user", "x": None}], day="2026-01-01T00:00:00", money="1.10", raw="bytes")

def as_bytes(kind, table=None):
    import pyarrow as pa
    import pyarrow.feather
    import pyarrow.parquet as pq
    table, out = table or table_of(), io.BytesIO()
    if kind == "parquet": pq.write_table(table, out, row_group_size=100, write_page_checksum=True)
    elif kind == "feather": pyarrow.feather.write_feather(table, out)
    else:
        with pa.ipc.new_stream(out, table.schema) as w: w.write_table(table, max_chunksize=100)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["parquet", "feather", "arrow"])
@pytest.mark.parametrize("pack", ["", ".gz", ".zip"])
def test_columns(put, kind, pack):
    data = as_bytes(kind)
    if pack == ".gz": data = gzip.compress(data, 1)
    if pack == ".zip": data = zipped({f"rows.{kind}": data})
    values, bad, reading = all_of(put(f"rows.{kind}{pack}", data))
    assert len(values) == 1000 and values[0] == EXPECTED and not bad and not codes(reading)


def test_columns_that_json_does_not_know(put):
    import pyarrow as pa
    values, bad, _ = all_of(put("rows.parquet", as_bytes("parquet", pa.table(dict(x=[1.0, float("nan"), None, float("-inf")], y=[b"\xff\xd8", b"a", None, b"a"])))))
    assert values == [dict(x=None, y=None)] and bad == ["value_not_text", "number_not_usable", "number_not_usable"] or values == [dict(x=None, y=None)] and len(bad) == 3
    values, _, reading = all_of(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]))
    assert values == [dict(a=1, a_2=2)] and "header_repeated" in codes(reading)


def test_a_broken_row_group_costs_itself(put):
    data = bytearray(as_bytes("parquet"))
    data[len(data) // 2] ^= 255
    values, bad, reading = all_of(put("rows.parquet", bytes(data)))
    assert len(values) == 900 and bad == ["file_truncated"] and "file_truncated" in codes(reading)


def book(**sheets):
    import openpyxl
    b, out = openpyxl.Workbook(), io.BytesIO()
    b.remove(b.active)
    for name, rows in sheets.items():
        s = b.create_sheet(name)
        for r in rows: s.append(r)
    b.save(out)
    return out.getvalue()


def test_workbooks(put):
    data = book(May=[["text", "label", "n"], ["one", "x", 1], [None, None, None], ["two", None, 2.5], ["three", "=A1", 3]], June=[["frage", "tag"], ["wie?", datetime.datetime(2026, 1, 1)]], Empty=[])
    items = list(read(put("book.xlsx", data)))
    assert [i.value for i in items] == [dict(text="one", label="x", n=1), dict(text="two", label=None, n=2.5), dict(text="three", label=None, n=3), dict(frage="wie?", tag="2026-01-01T00:00:00")]
    assert [(i.file.split("#")[1], i.line) for i in items] == [("May", 2), ("May", 4), ("May", 5), ("June", 2)]
    assert len(all_of(put("book.xlsx", data), sheet="June")[0]) == 1 and "file_kind_unknown" in codes(all_of(put("book.xlsx", data), sheet="July")[2])
    values, bad, reading = all_of(put("book.csv", data))
    assert len(values) == 4 and "kind_differs" in codes(reading)
    assert all_of(put("e.xlsx", book(S=[["a", "b"], ["#N/A", 1], ["x", 2, 3], ["y", 4]])))[1:2] == (["cell_error", "row_wrong_width"],)


# ---- Kinds

def test_names_that_say_something_else(put):
    for name, data, kind in (("a.json", '{"a": 1}\n{"a": 2}\n', "jsonl"), ("b.jsonl", '[{"a": 1}, {"a": 2}]', "json"), ("c.csv", "a\tb\n1\t2\n", "csv"), ("d.csv", '{"a": 1}\n{"a": 2}\n', "jsonl"), ("e.txt", '{"a": 1}\n{"a": 2}\n', "jsonl"), ("f.json", "a,b\n1,2\n3,4\n", "csv"), ("g.txt", as_bytes("parquet"), "parquet")):
        _, bad, reading = all_of(put(name, data))
        assert not bad and reading.rows_in and codes(reading) == {"kind_differs"} and [f["kind"] for f in reading.files.values()] == [kind], name


@pytest.mark.parametrize("name, data", [("a.pdf", b"%PDF-1.7 x"), ("c.txt", bytes(range(256)) * 20), ("d.py", b"print(1)"), ("e", b"a sentence"), ("f.parquet", b"text"), ("g.csv", b"\x89PNG\r\n\x1a\n")])
def test_what_is_not_read(put, name, data):
    values, bad, reading = all_of(put(name, data))
    assert not values and not bad and codes(reading) == {"file_kind_unknown"}


def test_an_old_workbook(put, tmp_path):
    "tickets.xls was written by LibreOffice: two sheets with rows and one without, dates, a time, a truth value, a formula, an error, an empty row, three scripts"
    whole = Path(__file__).with_name("tickets.xls").read_bytes()
    for name in ("t.xls", "t.xlsx", "t"):
        values, bad, reading = all_of(put(name, whole), most_rejected=50)
        assert values[0] == dict(text="Where is my parcel? Größe 42 – café", label="delivery", opened="2026-03-01T14:05:00", n=3, share=0.25, done=True, note=None)
        assert values[1]["text"] == "مرحبا بالعالم" and values[2] == dict(text="A second\nline", label="delivery", opened="09:30:00", n=6, share=None, done=None, note="ab") and values[3] == {"question": "1+1?", "answer": 2}
        assert bad == ["cell_error"]
        [gone] = [r for r in read(tmp_path/name, most_rejected=50) if isinstance(r, Rejected)]
        assert gone.line == 3 and gone.file.endswith("#Tickets") and "#DIV/0!" in gone.says and "😀" in gone.raw
        assert codes(reading) - {"kind_differs"} == {"rows_rejected"}
    assert all_of(put("packed.xls.gz", gzip.compress(whole)), most_rejected=50)[0] == values
    assert all_of(put("t.xls", whole), sheet="More")[0] == values[3:]
    _, _, reading = all_of(put("t.xls", whole), sheet="Nowhere")
    assert codes(reading) == {"file_kind_unknown"} and "'Tickets', 'More', 'Empty'" in reading.findings[0].says and "Name one" in reading.findings[0].fix

@pytest.mark.parametrize("name, data, says", [
    ("letter.doc", "WordDocument", "without a workbook"), ("locked.xlsx", "EncryptedPackage", "has a password"),
    ("b.xlsb", {"[Content_Types].xml": "x", "xl/workbook.bin": "y"}, "binary workbook"),
    ("c.ods", {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}, "OpenDocument")])
def test_workbooks_that_are_not_read_say_why(put, name, data, says):
    path = put(name, b"" if isinstance(data, dict) else compound(data))
    if isinstance(data, dict):
        with zipfile.ZipFile(path, "w") as z:
            for member, text in data.items(): z.writestr(member, text)  # not packed, as OpenDocument asks of its mimetype
    values, bad, reading = all_of(path)
    assert not values and not bad and codes(reading) == {"file_kind_unknown"} and says in reading.findings[0].says
    assert [f.code for f in inspect(path).findings] == ["file_kind_unknown"], "the cause, and not that no row was found"

def compound(stream):
    "tickets.xls with its stream called something else: what xlrd sees of a letter, or of a workbook with a password"
    data, old = Path(__file__).with_name("tickets.xls").read_bytes(), "Workbook".encode("utf-16-le")
    at = data.index(old)
    name = stream.encode("utf-16-le")
    return data[:at] + name.ljust(64, b"\0") + (len(name) + 2).to_bytes(2, "little") + data[at + 66:]

def test_an_old_workbook_with_a_password(put):
    "Its first record behind the head becomes FILEPASS, as in workbooks that Excel 97 encrypted"
    data = bytearray(Path(__file__).with_name("tickets.xls").read_bytes())
    at = data.index(b"\x09\x08\x10\x00")
    data[at + 20:at + 22] = b"\x2f\x00"
    values, bad, reading = all_of(put("t.xls", bytes(data)))
    assert not values and not bad and codes(reading) == {"file_kind_unknown"} and "password" in reading.findings[0].says

def test_a_table_of_text_under_the_name_of_a_workbook(put):
    "What many programs export as .xls"
    values, bad, reading = all_of(put("export.xls", b"text\tlabel\nWhere is it?\tdelivery\nBroken\tbroken\n"))
    assert values == [dict(text="Where is it?", label="delivery"), dict(text="Broken", label="broken")] and not bad and codes(reading) == {"kind_differs"}
    assert codes(all_of(put("page.xls", b"<html><table><tr><td>text</td></tr></table></html>"))[2]) == {"file_kind_unknown"}


# ---- Folders, archives, packed files

def zipped(members, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items(): z.writestr(name, data)
    return out.getvalue()

def tarred(members, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as t:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(data, bytes): info.size = len(data); t.addfile(info, io.BytesIO(data))
            else: info.type, info.linkname = data; t.addfile(info)
    return out.getvalue()

LINES = b"".join(b'{"a": %d}\n' % i for i in range(1000))

def zstd(data):
    import pyarrow as pa
    return pa.compress(data, codec="zstd", asbytes=True)

@pytest.mark.parametrize("suffix, pack", [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstd)])
def test_packed(put, suffix, pack):
    assert len(all_of(put("rows.jsonl" + suffix, pack(LINES)))[0]) == 1000
    assert len(all_of(put("rows.jsonl", pack(LINES)))[0]) == 1000, "whatever the name says"
    assert len(all_of(put("rows.tar" + suffix, pack(tarred({"x/rows.jsonl": LINES}))))[0]) == 1000
    noise = b"".join(b'{"a": "%s"}\n' % os.urandom(60).hex().encode() for _ in range(20_000))
    cut = pack(noise)[:-20_000]
    values, bad, reading = all_of(put("rows.jsonl" + suffix, cut))
    assert len(values) > 10_000 and bad[-1] == "file_truncated" and "file_truncated" in codes(reading) and values == [json.loads(l) for l in noise.splitlines()[:len(values)]]
    assert "archive_nested" in codes(all_of(put("rows.jsonl" + suffix, pack(pack(LINES))))[2])


def test_two_packed_parts_one_behind_the_other(put):
    for suffix, pack in ((".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstd)): assert len(all_of(put("rows.jsonl" + suffix, pack(LINES) + pack(LINES)))[0]) == 2000, suffix


def test_archives(put):
    members = {"b/rows.csv": b"text,label\nx,y\n", "a.jsonl": LINES, "../evil.jsonl": LINES, "/abs.jsonl": LINES, "C:\\x.jsonl": LINES, "deep.zip": zipped({"x.jsonl": LINES}), "deep.jsonl.gz": gzip.compress(LINES), "picture.png": b"\x89PNG\r\n", "README.md": b"# data", "__MACOSX/._a.jsonl": b"x", "empty.jsonl": b""}
    values, bad, reading = all_of(put("all.zip", zipped(members)))
    assert len(values) == 1001 and values[0] == {"a": 0} and values[-1] == {"text": "x", "label": "y"} and not bad and {"path_outside", "archive_nested", "file_not_read"} == codes(reading)
    members |= {"link": (tarfile.SYMTYPE, "/etc/passwd"), "hard": (tarfile.LNKTYPE, "a.jsonl"), "pipe": (tarfile.FIFOTYPE, "")}
    for name, mode in (("all.tar", "w"), ("all.tar.gz", "w:gz"), ("all.tgz", "w:gz"), ("all.tar.xz", "w:xz")):
        values, bad, reading = all_of(put(name, tarred(members, mode)))
        assert len(values) == 1001 and not bad and {"path_outside", "archive_nested", "file_not_read"} == codes(reading), name


def test_a_lying_archive(put):
    data = bytearray(zipped({"a.jsonl": LINES, "b.jsonl": LINES}))
    data[60] ^= 255
    values, bad, reading = all_of(put("all.zip", bytes(data)))
    assert len(values) >= 1000 and bad and "file_truncated" in codes(reading), "one damaged member does not take the other down"
    assert "file_truncated" in codes(all_of(put("all.zip", bytes(data[:len(data) // 2])))[2])
    whole = tarred({"a.jsonl": LINES, "b.jsonl": LINES})
    values, bad, reading = all_of(put("all.tar", whole[:len(whole) // 3]))
    assert len(values) > 300 and "file_truncated" in codes(reading)


@pytest.mark.parametrize("name, make", [("bomb.jsonl.gz", lambda z: gzip.compress(z, 1)), ("bomb.jsonl.xz", lambda z: lzma.compress(z, preset=0)), ("bomb.zip", lambda z: zipped({"a.jsonl": z})), ("bomb.tar.gz", lambda z: gzip.compress(tarred({"a.jsonl": z}), 1)), ("bomb.jsonl.zst", zstd)])
def test_bombs(put, name, make, monkeypatch):
    monkeypatch.setattr(R, "UNPACKED_FREE", 2_000_000)
    _, bad, reading = all_of(put(name, make(b"\n" * 3_000_000)))
    assert "archive_bomb" in codes(reading) and bad == ["archive_bomb"]


def test_a_zip_of_many_small_bombs(put, monkeypatch):
    monkeypatch.setattr(R, "UNPACKED_FREE", 1_000_000)
    _, _, reading = all_of(put("bomb.zip", zipped({f"{i:02}.txt": b"a" * 500_000 for i in range(30)})))
    assert "archive_bomb" in codes(reading)


def test_folders(put, tmp_path):
    put("d/b.jsonl", LINES); put("d/a/x.csv", "t,l\nx,y\n"); put("d/c.txt", "One.\n\nTwo.\n"); put("d/.git/x.jsonl", LINES); put("d/README.md", "# no row"); put("d/picture.png", b"\x89PNG"); put("d/empty.jsonl", b"")
    (tmp_path/"d"/"a"/"up").symlink_to(tmp_path/"d"); (tmp_path/"d"/"self").symlink_to(tmp_path/"d"/"self"); os.mkfifo(tmp_path/"d"/"pipe.jsonl")
    items = list(read(tmp_path/"d"))
    assert [Path(i.file).name for i in items] == ["b.jsonl"] * 1000 + ["c.txt"] * 2 + ["x.csv"]
    reading = all_of(tmp_path/"d")[2]
    assert {"link_not_followed", "file_unreadable", "file_not_read"} <= codes(reading)
    assert list(fingerprint(tmp_path/"d")) == ["b.jsonl", "c.txt", "empty.jsonl", "picture.png", "a/x.csv"]
    (tmp_path/"nothing").mkdir(); refused("file_empty", tmp_path/"nothing")


# ---- Paths that may be read

def test_within(put, tmp_path):
    inside, outside = put("in/a.jsonl", LINES), put("in2/b.jsonl", LINES)
    (tmp_path/"in"/"link.jsonl").symlink_to(outside); (tmp_path/"in"/"dir").symlink_to(outside.parent)
    assert len(all_of(inside, within=tmp_path/"in")[0]) == 1000 and len(all_of(inside, within=[tmp_path/"in2", str(tmp_path/"in")])[0]) == 1000
    for path in (outside, tmp_path/"in"/"link.jsonl", tmp_path/"in"/"dir"/"b.jsonl", tmp_path/"in"/".."/"in2"/"b.jsonl", tmp_path/"in"/"dir", "/etc/passwd", tmp_path): refused("path_outside", path, within=tmp_path/"in")
    refused("path_outside", f"hub:{outside.parent}", within=tmp_path/"in")
    values, _, reading = all_of(tmp_path/"in", within=tmp_path/"in")
    assert len(values) == 1000 and {"path_outside", "link_not_followed"} <= codes(reading)
    with pytest.raises(Trouble): head(outside, within=tmp_path/"in")
    with pytest.raises(Trouble): fingerprint(outside, within=tmp_path/"in")


def test_what_is_no_file(put, tmp_path, monkeypatch):
    refused("file_missing", tmp_path/"no.jsonl"); refused("file_missing", tmp_path/"a"/"b.jsonl"); refused("file_missing", ""); refused("file_unreadable", "a\0b"); refused("file_unreadable", "/dev/zero")
    os.mkfifo(tmp_path/"pipe"); refused("file_unreadable", tmp_path/"pipe")
    (tmp_path/"x").symlink_to(tmp_path/"y"); (tmp_path/"y").symlink_to(tmp_path/"x"); refused("file_unreadable", tmp_path/"x")
    secret = put("secret.jsonl", LINES)
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) != str(secret))  # tests may run as root, who may read anything
    refused("file_unreadable", secret)
    assert codes(all_of(put("empty.jsonl", b""))[2]) == {"file_empty"} and codes(all_of(put("blank.jsonl", b"\n \n"))[2]) == {"file_empty"} and codes(all_of(put("list.json", b"[]"))[2]) == {"file_empty"}
    for odd in (b"bytes", 7, None, {"a": 1}): refused("wrong_use", odd)
    for option in (dict(kind="xml"), dict(text_as="word"), dict(delimiter="ab"), dict(encoding="klingon"), dict(encoding="base64")): refused("wrong_use", put("a.jsonl", LINES), **option)
    refused("number_out_of_range", put("a.jsonl", LINES), most_rejected=101)


# ---- Data sets, frames, lists

def test_data_sets(tmp_path):
    import datasets
    rows = [dict(text=f"row {i}", n=i) for i in range(1200)]
    data = datasets.Dataset.from_list(rows)
    assert all_of(data)[0] == rows and all_of(data.to_iterable_dataset())[0] == rows
    both = datasets.DatasetDict(train=data, test=data.select(range(3)))
    assert all_of(both)[0] == rows + rows[:3] and all_of(both, split="test")[0] == rows[:3] and [r.file for r in read(both, split="test")] == ["dataset#test"] * 3
    refused("wrong_use", both, split="valid")
    assert [(r.value["n"], r.line) for r in head(data, 3)] == [(0, 1), (600, 601), (1199, 1200)]
    data.save_to_disk(tmp_path/"saved"); assert all_of(tmp_path/"saved")[0] == rows
    def broken():
        yield dict(a=1)
        raise ConnectionError("gone")
    values, bad, reading = all_of(datasets.IterableDataset.from_generator(broken))
    assert bad == ["file_truncated"] and "file_truncated" in codes(reading)


def test_the_hub(tmp_path, monkeypatch):
    (tmp_path/"set").mkdir(); (tmp_path/"set"/"train.jsonl").write_bytes(LINES); (tmp_path/"set"/"test.jsonl").write_bytes(LINES[:9 * 3])
    values, bad, reading = all_of(f"hub:{tmp_path/'set'}")
    assert len(values) > 1000 and not bad and {k.split("#")[1] for k in reading.files} == {"train", "test"}
    assert all_of(f"hub:{tmp_path/'set'}", split="train")[0][5] == {"a": 5}
    monkeypatch.chdir(tmp_path)
    for name in ("nobody/nothing-here", "hub:nobody/nothing-here", "hub:"): assert "dataset_not_loaded" in refused("dataset_not_loaded", name)
    refused("file_missing", "set/missing"); refused("file_missing", "nowhere/rows.jsonl")


def test_frames_and_lists():
    import pandas as pd
    frame = pd.DataFrame(dict(t=["a", None, "c"], n=[1, 2, 3], x=[1.5, float("nan"), float("inf")], d=pd.to_datetime(["2026-01-01", None, "2026-01-02"]), l=[[1], {"a": float("nan")}, "x"]))
    values, bad, _ = all_of(frame)
    assert values == [dict(t="a", n=1, x=1.5, d="2026-01-01T00:00:00", l=[1]), dict(t=None, n=2, x=None, d=None, l={"a": None})] and bad == ["number_not_usable"]
    assert all_of(pd.DataFrame([[1, 2]], columns=["a", "a"]))[0] == [dict(a=1, a_2=2)]
    deep = {}
    for _ in range(200): deep = {"a": deep}
    values, bad, _ = all_of([{"a": 1}, 7, None, {"a": float("nan")}, {"a": object()}, {"a": "\ud83d"}, {1: 2, "1": 3}, deep, {"a": 10 ** 5000}, {"t": (1, 2)}])
    assert values == [{"a": 1}, {"t": [1, 2]}] and bad == ["row_not_object", "row_not_object", "number_not_usable", "value_not_text", "half_character", "duplicate_key", "row_too_deep", "number_not_usable"]
    assert all_of(iter([{"a": 1}]))[0] == [{"a": 1}]


def test_pasted():
    for text, values in (('[{"a": 1}]', [{"a": 1}]), ('{"a": 1}\n{"a": 2}', [{"a": 1}, {"a": 2}]), ('{\n"a": 1\n}', [{"a": 1}]), ("question\tanswer\nWhy?\tBecause", [dict(question="Why?", answer="Because")]), ("Hello,\n\nyou.", [{"text": "Hello,"}, {"text": "you."}]), ("<b>bold</b> & \u202eright", [{"text": "<b>bold</b> & \u202eright"}])):
        reading = pasted(text); items = list(reading); account(reading, items)
        assert [i.value for i in items] == values
    assert codes(r := pasted("")) == set() and list(r) == [] and codes(r) == {"file_empty"}
    assert [i.code for i in pasted("half \ud83d")] == ["bytes_not_text"]


# ---- Progress, stopping, sampling, sharing

def test_progress_and_stop(put):
    path = put("rows.jsonl", b"".join(b'{"a": %d, "t": "some text that is there for its length"}\n' % i for i in range(150_000)))
    seen = []
    values, _, reading = all_of(path, progress=lambda *now: seen.append(now))
    assert len(values) == 150_000 and seen[-1] == (path.stat().st_size, path.stat().st_size, 150_000) and seen == sorted(seen) and len(seen) < 50
    for name, data in (("rows.jsonl", LINES * 3000), ("rows.json", b"[" + LINES.strip().replace(b"\n", b",") * 1 + b"]"), ("rows.csv", b"a,b\n" + b"1,2\n" * 1000)):
        reading = read(put(name, data), stop=lambda: True)
        assert len(list(reading)) <= 1 and reading.stopped and not reading.done and not reading.rejected and not codes(reading)
    with pytest.raises(StopIteration): next(reading)


def test_head(put):
    rows = b"".join(b'{"n": %d, "t": "%s"}\n' % (i, b"x" * 100) for i in range(100_000))
    jsonl, table = put("rows.jsonl", rows), put("rows.csv", b"n,t\n" + b"".join(b"%d,%s\n" % (i, b"x" * 100) for i in range(100_000)))
    for path in (jsonl, table, put("rows.parquet", as_bytes("parquet")), put("rows.jsonl.gz", gzip.compress(rows, 1)), put("rows.json", b"[" + rows.strip().replace(b"\n", b",") + b"]")):
        some = head(path, 60)
        assert len(some) == 60 and all(isinstance(r, Record) for r in some) and (path.suffix in (".gz", ".json") or int(some[-1].value["n"]) > 900)
    assert int(head(table, 9)[-1].value["n"]) == 99_999 and head(table, 9)[-1].line == 0
    assert len(head(put("f/a.jsonl", LINES).parent, 7)) == 7


def test_the_share_of_broken_rows(put):
    text = b'{"a": 1}\n' * 199 + b"{broken\n"
    assert codes(all_of(put("rows.jsonl", text))[2]) == {"rows_rejected"} and codes(all_of(put("rows.jsonl", text), most_rejected=0.4)[2]) == {"rows_broken"}
    assert codes(all_of(put("rows.jsonl", text + b"{broken\n" * 2))[2]) == {"rows_broken"}


def test_a_fingerprint_is_that_of_the_bytes(put):
    import hashlib
    path = put("rows.jsonl", LINES)
    assert fingerprint(path) == {str(path): hashlib.sha256(LINES).hexdigest()}
    assert fingerprint([{"a": 1, "b": 2}]) == fingerprint([{"b": 2, "a": 1}]) != fingerprint([{"a": 1}])


@pytest.mark.slow
def test_memory_stays_bounded(tmp_path):
    "200 MB of rows in less than 60 MB above the start, as lines and as one array"
    code = """
import json, resource, sys
from ftcourse.data.read import read
for r in read([{"a": 1}]): pass
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
n = sum(1 for r in read(sys.argv[1]))
print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    row = json.dumps(dict(a=1, t="some words " * 40))
    lines, array = tmp_path/"a.jsonl", tmp_path/"b.json"
    piece, n = (row + "\n") * 1000, 430
    with open(lines, "w") as f: f.writelines(piece for _ in range(n))
    with open(array, "w") as f: f.write("["); f.writelines(piece.replace("\n", ",\n") for _ in range(n)); f.write(row + "]")
    for path, rows in ((lines, 1000 * n), (array, 1000 * n + 1)):
        got, kilobytes = map(int, subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True).stdout.split())
        assert got == rows and kilobytes < 60_000, (path.name, kilobytes)
        path.unlink()


# ---- Properties

TEXTS = st.text(max_size=30).filter(lambda t: "\ud800" > max(t, default="") or max(t, default="") > "\udfff") | st.sampled_from(["", "007", "a\u2028b", "שלום", "😀", "null", '"', "\\", "a,b", "x\ty"])
VALUES = st.recursive(st.none() | st.booleans() | st.integers(-2**63, 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS, lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXTS, v, max_size=3), max_leaves=8)
OBJECTS = st.lists(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4), min_size=1, max_size=12)
QUICK = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def of_bytes(data, name, folder, **more):
    path = folder/name
    path.write_bytes(data)
    return all_of(path, **more)


@pytest.fixture(scope="module")
def room(tmp_path_factory): return tmp_path_factory.mktemp("room")


@QUICK
@given(rows=OBJECTS, indent=st.sampled_from([None, 1, 4]), ascii_=st.booleans(), form=st.sampled_from(["lines", "array", "behind", "wrapped"]), encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]), chunk=st.sampled_from([7, 64, 1 << 20]))
def test_good_json_is_read_as_written(room, rows, indent, ascii_, form, encoding, chunk):
    old, R.CHUNK = R.CHUNK, chunk
    try:
        write = lambda x: json.dumps(x, indent=None if form == "lines" else indent, ensure_ascii=ascii_)
        text = {"lines": lambda: "\n".join(map(write, rows)), "array": lambda: write(rows), "behind": lambda: "\n".join(map(write, rows)), "wrapped": lambda: write({"version": "1", "data": rows})}[form]()
        values, bad, _ = of_bytes(text.encode(encoding), "rows.json", room, kind="jsonl" if form == "lines" else "json", encoding="" if encoding != "utf-8" else "utf-8")
    finally: R.CHUNK = old
    if form == "behind" and len(rows) == 1 and len(values) != 1: return  # one object around a list may be taken for a wrapper
    assert [json.dumps(v) for v in values] == [json.dumps(r) for r in rows] and not bad


@QUICK
@given(rows=st.lists(st.lists(TEXTS.filter(lambda t: "\r" not in t and "\0" not in t), min_size=3, max_size=3), min_size=1, max_size=12), delimiter=st.sampled_from(",\t;|"), end=st.sampled_from(["\n", "\r\n"]), chunk=st.sampled_from([5, 64, 1 << 20]))
def test_a_good_table_is_read_as_written(room, rows, delimiter, end, chunk):
    quote = lambda c: '"' + c.replace('"', '""') + '"'
    text = end.join(delimiter.join(map(quote, r)) for r in [["text", "label", "n"], *rows]) + end
    old, R.CHUNK = R.CHUNK, chunk
    try: values, bad, _ = of_bytes(text.encode(), "rows.csv", room, kind="csv", delimiter=delimiter, encoding="utf-8", header=True)
    finally: R.CHUNK = old
    assert [list(v.values()) for v in values] == rows and not bad


def corrupted(draw, data):
    "The bytes after one to three accidents"
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        kind = draw(st.sampled_from(["cut", "flip", "splice", "drop", "repeat"]))
        if kind == "cut": data = data[:at]
        elif kind == "flip": data = data[:at] + bytes([data[at] ^ draw(st.integers(1, 255))]) + data[at + 1:] if data else data
        elif kind == "splice": data = data[:at] + draw(st.binary(max_size=20) | st.sampled_from([b'"', b"\n", b"{", b"]", b"\0", b"\xff\xfe", b"NaN", b'{"a":' * 200])) + data[at:]
        elif kind == "drop": data = data[:at] + data[at + draw(st.integers(1, 50)):]
        else: data = data[:at] + data[at // 2:]
    return data


def made(form):
    rows = [dict(text=f"row {i} äöü 😀", label="xy"[i % 2], n=i, l=[{"role": "user"}]) for i in range(20)]
    lines = "\n".join(json.dumps(r, ensure_ascii=False) for r in rows).encode()
    if form == "rows.jsonl": return lines
    if form == "rows.json": return json.dumps(rows, indent=1).encode()
    if form == "compact.json": return json.dumps(rows).encode()
    if form == "wrapped.json": return json.dumps({"v": 1, "data": rows}).encode()
    if form == "wide.json": return json.dumps(rows).encode("utf-16")
    if form == "rows.csv": return ("text,label,n\n" + "".join(f'"row {i}, ""ä""\n more",{"xy"[i % 2]},{i}\n' for i in range(20))).encode()
    if form == "rows.md": return b"# Head\n\nOne.\n\n```\n\ncode\n```\n\nTwo \xc3\xa4.\n" * 5
    if form in ("rows.parquet", "rows.feather", "rows.arrow"): return as_bytes(form.split(".")[1], table_of(20))
    if form == "rows.xlsx": return book(A=[["text", "n"], *[[r["text"], r["n"]] for r in rows]])
    if form == "rows.xls": return Path(__file__).with_name("tickets.xls").read_bytes()
    if form == "rows.zip": return zipped({"a.jsonl": lines, "b.csv": b"a,b\n1,2\n", "c.parquet": as_bytes("parquet", table_of(5))})
    if form == "rows.tar": return tarred({"a.jsonl": lines, "b.csv": b"a,b\n1,2\n"})
    return {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd}[os.path.splitext(form)[1]](tarred({"a.jsonl": lines}) if ".tar" in form else lines)

FORMS = ["rows.jsonl", "rows.json", "compact.json", "wrapped.json", "wide.json", "rows.csv", "rows.md", "rows.parquet", "rows.feather", "rows.arrow", "rows.xlsx", "rows.xls", "rows.zip", "rows.tar", "rows.jsonl.gz", "rows.tar.gz", "rows.jsonl.bz2", "rows.jsonl.xz", "rows.jsonl.zst"]
WHOLE = {}

@pytest.mark.parametrize("form", FORMS)
@settings(QUICK, max_examples=60)
@given(data=st.data())
def test_corrupted_files_keep_the_account(room, form, data):
    whole = WHOLE.setdefault(form, made(form))
    all_of_bytes = corrupted(data.draw, whole)
    of_bytes(all_of_bytes, form, room)


# Inputs that tests/fuzz_read.py found, packed: name, what was wrong
FOUND = [
    ("a.feather", "a damaged offset ended the process in pyarrow", r"""c-rlj&ubGw6vy9gvdK2xHfa+zg&;xePZXM3Z3`Y!khY-Gr6`IBO{J@?O`DQL+IkA2XM6BaP_PH_?#)B*dhpc0!ebAfjo&x(Hr-t;ig*$SKACwt-<dZvZ|7|$W@l&al!)3W`vy^lxTMIT1X*OGg<`~E6D%9Qarq@Eh_*0h8oWV!5nPbI?eFb259IlB@{CIi)aTdfIr?|CCdry&Kx2WG+N!syd^*abEn`jaO^-|QxI$#^h51djG8-h+Q<DbUO7G+XdLyu|>QbZ0$~<(g*7oEBYhs^Q1Nx<=x5D~qXj@uuMEA+_Z}8mcf2TDTYw`gN*Y#S}<Mu0PzG$5p-51ZbDraF+Qk?}qE)&Nqr}mmu5z0vXw68+MSJT^Q>UO;Ioa3H1_1d{OSfP%*qh_R7T+QRgs8bv~$*8Dk4adJA`_CQ7I)3`;@UkrRn$!)czeaSvU6uN-5$^YGf4<L={=;lvKW6Isl-LzBtoQA6VsAzIefx~qA0z#~?fW|`=XpAy>57~m{Y5+XhvRSgu{?1zUnxI>+0qF@OONwbz_47ANq$whzf!5NrUssZ7kotEHFys`fL-tj>;?Vph5g+}bEjTgFAf#=-)^^3bfg4^!6h&PE`uvz6pVrK6dfyhlz2!-OOL=JSOSm1GN^(TS}TpK2|Ipw!hUa~nZ?D+8a8E35Cd^wfdohb8+3sb=mrkx0lgp%GN2Fi+tkYb-nkl*Zens}ElIOUb^Y}#!sptpt|3tm=mlxgsk=|ETQ(ZXL;S^MUPs2~Bt;b@{S8WdIjs+Y5xy!CYfeAc`1*qz68BDV!~S@UGfx^`Jx(KTof|(tcV7ETDi<fGr#OeVT-6AavJukrn$NG|*wPtl54gYFuO;V~mc0(hJA6|1c~RcwQQ6~!ywlfZOZ;Bk19SYT39f4)?2qT4d$8H`8Wv5ts&SBSNe<h=5)vwlW^}GaIL2fl{x^ywZxp2t=3)B(P5$S;$^0#zQ2)t(0BSeyU;"""),
    ("a.zip", "a member of an archive without a name", r"""c-jl_W@Zs#U|`^22+OF6ZKyQfd<4i7XJcSs2hxdpS;hHzIa4od^Br<va1A`KrM6hGZIR=<bvfJKPP5l}ZlZCgZ8LAvtn29q0;0Uv-_TB#Vv>@Y&a*Q&f6MVixrl=HZwr@Rz3Ti_txoFt+qBm{i{<9pl~sJ|tDN$oegpe|1sHwI{%GaD%g^isycwB9n6bEs0RkEr8Nlu;Nv$Z!L04SOz|J+D3&dk!U}Zpn2F8~_GD$DFxC~8;FcieT@JkStXJKHt57f(vqE!rNWAe%V#G=B|)RF*iRyL3@GZ4-P(rdxi008+6Sxx"""),
]

@pytest.mark.parametrize("name, what, packed", FOUND)
def test_what_the_fuzzer_found(room, name, what, packed): of_bytes(zlib.decompress(base64.b85decode(packed)), name, room)


@settings(QUICK, max_examples=200)
@given(data=st.binary(max_size=200), name=st.sampled_from(FORMS + ["x", "x.txt", "x.tsv"]))
def test_noise_keeps_the_account(room, data, name): of_bytes(data, name, room)


@settings(QUICK, max_examples=150)
@given(at=st.integers(0, 19), bad=st.binary(min_size=1, max_size=40).filter(lambda b: b"\n" not in b))
def test_a_spoilt_line_costs_itself(room, at, bad):
    rows = [dict(i=i, t="ä" * i) for i in range(20)]
    lines = [json.dumps(r, ensure_ascii=False).encode() for r in rows]
    lines[at] = lines[at][:3] + bad + lines[at][5:]
    values, _, _ = of_bytes(b"\n".join(lines), "rows.jsonl", room, encoding="utf-8")
    assert [v for v in values if v in rows] == [r for r in rows if r in values] and all(r in values for i, r in enumerate(rows) if i != at)


@settings(QUICK, max_examples=200)
@given(text=st.text(alphabet=st.sampled_from('{}[]",:\n\\ab1 \ufeff\udcffN'), max_size=60) | st.text(max_size=60))
def test_anything_can_be_pasted(text):
    reading = pasted(text)
    account(reading, list(reading))


def test_broken_lines_are_rejected_one_by_one_however_many_they_are(tmp_path):
    "Found by the property test of feedback: three broken lines in a row were one"
    (tmp_path/"a.jsonl").write_text('{"a": null}\n{broken\n{broken\n{broken\n{"a": null}\n')
    reading = read(tmp_path/"a.jsonl", most_rejected=100)
    assert [(type(r).__name__, r.line) for r in reading] == [("Record", 1), ("Rejected", 2), ("Rejected", 3), ("Rejected", 4), ("Record", 5)]
