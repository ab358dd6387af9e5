"""Collecting: passages that can be found again, a real server with a real model and every fault a server can have, mixtures that count."""
import copy
import hashlib
import io
import json
import os
import re
import socket
import threading
import time
import zipfile
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from ftcourse.data.collect import Document, Passage, Reply, Server, Synthesis, Unanswered, _quotas, cut, documents, estimate, grounded, html_text, local, mix, parse, passages, synthesize, template, templates
from ftcourse.findings import Findings, Trouble, finding
from ftcourse.models import SMOLLM2, _gguf
from tests.test_units import EVIL, markdown_row

slow = pytest.mark.slow


def often(n): return settings(max_examples=n, deadline=None, derandomize=True, database=None)


def codes(found): return [f.code for f in found]


# ---- Passages

WORDS = st.lists(st.sampled_from(["parcel", "a", "returned.", "within", "14", "days!", "\n", "\n\n", "# Title\n", "\n## Sub\n\n", "```\nx = 1\n```\n", "extraordinarilylongword", "三天内退货。", "über", "\t", "- item\n", "\u00a0", "```"]), max_size=60).map(" ".join)


@given(WORDS, st.integers(1, 120), st.sampled_from([0.0, 0.2, 0.5]))
@often(400)
@example("# A\n\n## B\n\ntext", 20, 0.0)
def test_passages_are_slices_and_hold_every_word(text, most, share):
    overlap = int(most * share)
    out = cut(text, most, overlap)
    clean = re.sub("\r\n?", "\n", text)
    assert all(clean[p.offset:p.offset + len(p.text)] == p.text and p.text.strip() for p in out)
    for p in out: assert len(p.text) <= most or len(re.findall(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+", p.text)) == 1 or p.text.startswith("#"), "only a longer word, or a heading, goes beyond"
    covered, at = set(), -1
    for p in out:
        assert p.offset >= at or overlap, "in the order of the document"
        at = p.offset + len(p.text) if not overlap else at
        covered |= set(range(p.offset, p.offset + len(p.text)))
        for i in (p.offset, p.offset + len(p.text)):  # no word is cut
            if 0 < i < len(clean): assert clean[i - 1].isspace() or clean[i].isspace() or ord(clean[i - 1]) > 0x3000 or ord(clean[i]) > 0x3000 or clean[i - 1] == "\n"
    assert all(i in covered for i, c in enumerate(clean) if not c.isspace()), "nothing is lost"
    assert out == cut(text, most, overlap)


@given(WORDS, st.integers(2, 30), st.integers(0, 1))
@often(150)
def test_passages_in_words(text, most, half):
    measure = lambda t: len(t.split())
    for p in cut(text, most, half * (most // 2), measure): assert measure(p.text) <= most or p.text.startswith("#")


def test_sections_pages_and_overlap():
    text = "Intro text stands here.\n\n# Returns\n\nSend it back within two weeks.\n\n## By post\n\nUse the label. We pay.\n\n# Hours\n\nNine to five."
    assert [(p.section, p.text.split("\n")[0]) for p in cut(text, 60)] == [("", "Intro text stands here."), ("Returns", "# Returns"), ("Returns > By post", "## By post"), ("Hours", "# Hours")]
    assert [p.page for p in cut(Document("x", "First page.\n\nSecond page.\n\nThird.", (0, 13, 27)), 14)] == [1, 2, 3]
    long = "One two three four. Five six seven eight. Nine ten eleven twelve."
    a, b, *_ = cut(long, 45, 20)
    assert b.text.startswith("six seven eight.") or b.text.startswith("Five six seven eight.")
    assert len(cut("short\n\n# A\n\nx\n\n# B\n\ny", 400)) == 1, "many short sections share one passage"
    assert cut("a\n\n```py\nx = 1\n\ny = 2\n```\n\nb", 23)[1].text == "```py\nx = 1\n\ny = 2\n```"


@pytest.mark.parametrize("most, overlap", [(0, 0), (-1, 0), (True, 0), ("x", 0), (10, 6), (10, -1), (1.5, 0)])
def test_sizes_that_cannot_be(most, overlap):
    with pytest.raises(Trouble): cut("text", most, overlap)


def test_long_documents_are_quick():
    t = time.perf_counter()
    for text in ("word " * 100_000, "x" * 500_000, "# h\n" * 50_000, "```\n" * 50_000, "a.\n\n" * 50_000, "三" * 100_000): cut(text, 500, 50)
    assert time.perf_counter() - t < 20


# ---- Documents

def pdf_of(path, pages):
    "A PDF with a line of text a page, written by hand; an empty page where there is none"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(len(pages))), len(pages)), b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for i, text in enumerate(pages):
        lines = b" ".join(b"(%s) Tj 0 -14 Td" % l.encode("latin-1").replace(b"(", b"\\(").replace(b")", b"\\)") for l in text.split("\n"))
        stream = b"BT /F1 12 Tf 72 720 Td " + lines + b" ET" if text else b""
        objects += [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * i), b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)]
    out, at = b"%PDF-1.4\n", []
    for n, o in enumerate(objects, 1): at.append(len(out)); out += b"%d 0 obj\n%s\nendobj\n" % (n, o)
    table = b"".join(b"%010d 00000 n \n" % a for a in at)
    out += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table, len(objects) + 1, len(out))
    path.write_bytes(out)
    return path


def docx_of(path):
    import docx
    d = docx.Document()
    d.add_heading("Handbook", 0); d.add_heading("Returns", 1); d.add_paragraph("A parcel can be returned within 14 days."); d.add_paragraph("by post", style="List Bullet")
    t = d.add_table(1, 2); t.rows[0].cells[0].text, t.rows[0].cells[1].text = "Fee", "none"
    d.add_heading("Hours", 2); d.add_paragraph("Nine to five.")
    d.save(path)
    return path


def test_every_kind_of_document(tmp_path):
    (tmp_path/"a.txt").write_bytes("\ufeffGrüße.\r\nZwei.".encode()); (tmp_path/"b.md").write_text("# T\n\nText."); (tmp_path/"c.html").write_text("<html><head><title>Help</title><script>bad()</script></head><body><nav>menu</nav><h2>A</h2><p>Text &amp; more</body>")
    pdf_of(tmp_path/"d.pdf", ["Page one of the hand-\nbook.", "Page two."]); docx_of(tmp_path/"e.docx"); (tmp_path/"f.txt").write_bytes("Öl und Käse".encode("latin-1")); (tmp_path/"g.txt").write_bytes("Zürich".encode("utf-16")); (tmp_path/"sub").mkdir(); (tmp_path/"sub"/"h.htm").write_text("<p>deep"); (tmp_path/"pic.png").write_bytes(b"\x89PNG")
    docs, found = documents(tmp_path)
    text = {d.source: d.text for d in docs}
    assert text["a.txt"] == "Grüße.\nZwei." and text["c.html"] == "# Help\n\n## A\n\nText & more" and text["d.pdf"].split("\n\n") == ["Page one of the handbook.", "Page two."] and text["f.txt"] == "Öl und Käse" and text["g.txt"] == "Zürich" and text["sub/h.htm"] == "deep"
    assert text["e.docx"] == "# Handbook\n\n# Returns\n\nA parcel can be returned within 14 days.\n\n- by post\n\nFee | none\n\n## Hours\n\nNine to five."
    assert sorted(codes(found)) == ["document_not_read", "encoding_guessed"] and not found.fatal
    out = passages(tmp_path, 30)[0]
    assert {p.source for p in out} == set(text) and [p.page for p in out if p.source == "d.pdf"] == [1, 2] and [p.section for p in out if p.source == "e.docx"][-1] == "Returns > Hours"
    assert passages(tmp_path/"b.md")[0] == [Passage("# T\n\nText.", "b.md", "T", 0, 0)]


def test_pages_in_other_encodings(tmp_path):
    (tmp_path/"a.html").write_bytes('<meta charset="windows-1251"><p>Привет'.encode("windows-1251")); (tmp_path/"b.html").write_bytes('<meta http-equiv=x content="text/html; charset=shift_jis"><p>日本'.encode("shift_jis")); (tmp_path/"c.html").write_bytes(b'<meta charset="zip"><p>caf\xe9')
    docs, found = documents(tmp_path)
    assert [d.text for d in docs] == ["Привет", "日本", "café"] and codes(found) == ["encoding_guessed"] * 3


def test_broken_documents_are_findings_and_the_others_are_read(tmp_path):
    import pypdf
    (tmp_path/"good.txt").write_text("Good.")
    (tmp_path/"broken.pdf").write_bytes(b"%PDF-1.4\nnonsense"); (tmp_path/"empty.pdf").write_bytes(b""); (tmp_path/"text.docx").write_text("no zip"); (tmp_path/"old.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)); (tmp_path/"zeros.txt").write_bytes(bytes(50)); (tmp_path/"blank.txt").write_text(" \n")
    pdf_of(tmp_path/"scan.pdf", ["", ""]); pdf_of(tmp_path/"half.pdf", ["Text.", ""])
    w = pypdf.PdfWriter(clone_from=pdf_of(tmp_path/"locked.pdf", ["Secret."])); w.encrypt("open", algorithm="RC4-128"); w.write(tmp_path/"locked.pdf")
    with zipfile.ZipFile(tmp_path/"zip.docx", "w") as z: z.writestr("a.txt", "no word")
    docs, found = documents(tmp_path)
    said = {}
    for f in found: said.setdefault(f.where, f.code)
    assert {d.source for d in docs} == {"good.txt", "half.pdf"}
    assert said == {"broken.pdf": "document_broken", "empty.pdf": "document_broken", "text.docx": "document_broken", "old.docx": "document_encrypted", "zeros.txt": "document_broken", "blank.txt": "document_without_text", "scan.pdf": "document_without_text", "half.pdf": "document_without_text", "locked.pdf": "document_encrypted", "zip.docx": "document_broken"}


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path):
    with zipfile.ZipFile(tmp_path/"bomb.docx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        with z.open("word/document.xml", "w", force_zip64=True) as f:
            for _ in range(210): f.write(bytes(1_000_000))
    t = time.perf_counter()
    docs, found = documents(tmp_path)
    assert docs == [] and codes(found) == ["document_too_large"] and time.perf_counter() - t < 1


def test_a_bomb_of_entities_stays_small(tmp_path):
    docx_of(tmp_path/"x.docx")
    bomb = '<!DOCTYPE a [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)) + "]>"
    with zipfile.ZipFile(tmp_path/"x.docx") as z: parts = {n: z.read(n) for n in z.namelist()}
    head, body = parts["word/document.xml"].decode().split("?>", 1)
    parts["word/document.xml"] = f"{head}?>{bomb}{body.replace('Nine to five.', '&a9;')}".encode()
    with zipfile.ZipFile(tmp_path/"x.docx", "w") as z:
        for n, data in parts.items(): z.writestr(n, data)
    t = time.perf_counter()
    docs, found = documents(tmp_path)
    assert time.perf_counter() - t < 5 and sum(len(d.text) for d in docs) < 10_000


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="links")
def test_links_that_lead_out_or_round_are_refused(tmp_path):
    inside, outside = tmp_path/"in", tmp_path/"out"
    inside.mkdir(); outside.mkdir(); (outside/"secret.txt").write_text("secret"); (inside/"a.txt").write_text("fine")
    (inside/"loop").symlink_to(inside); (inside/"away").symlink_to(outside); (inside/"s.txt").symlink_to(outside/"secret.txt"); (inside/"self.txt").symlink_to(inside/"self.txt"); (inside/"b.txt").symlink_to(inside/"a.txt"); os.mkfifo(inside/"pipe.txt")
    docs, found = documents(inside)
    assert [d.source for d in docs] == ["a.txt", "b.txt"] and "secret" not in str(docs) and codes(found) == ["link_not_followed"] * 4


@pytest.mark.parametrize("path", ["nowhere", "a\0b", "x" * 5000])
def test_no_such_folder(path): assert passages(path)[0] == [] and codes(passages(path)[1]) in (["file_missing"], ["file_unreadable"])


def test_nothing_to_read(tmp_path):
    assert codes(passages(tmp_path)[1]) == ["documents_empty"]
    (tmp_path/"x.zip").write_bytes(b"")
    assert codes(documents(tmp_path/"x.zip")[1]) == ["document_not_read"]


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")), st.sampled_from(["x.txt", "x.html", "x.pdf", "x.docx", "x.md"]))
@often(150)
def test_any_bytes_are_text_or_a_finding(data, name):
    import tempfile
    with tempfile.TemporaryDirectory() as d:
        (Path(d)/name).write_bytes(data)
        docs, found = documents(d)
        assert len(docs) == 1 or found


@given(st.lists(st.sampled_from(["<p>", "</p>", "<nav>", "<pre>", "</pre>", "<script>", "</script>", "<!--", "-->", "<![CDATA[", "]]>", "<h1>", "text", "&amp;", "&#0;", "<", ">", "<td", "<a href='", "<p hidden>", "<title>", "\n"]), max_size=40).map("".join))
@often(200)
def test_any_page_is_read(page): assert isinstance(html_text(page), str)


# ---- A real server that speaks the protocol

class House(ThreadingHTTPServer):
    "An OpenAI-compatible server on this machine. `faults` are the ways in which the next requests go wrong; after them, `says` answers."
    daemon_threads = True
    def __init__(self, says, key=None):
        super().__init__(("127.0.0.1", 0), Desk)
        self.says, self.key, self.faults, self.seen, self.times, self.paths = says, key, [], [], [], []
        threading.Thread(target=self.serve_forever, kwargs=dict(poll_interval=0.02), daemon=True).start()
    url = property(lambda self: f"http://127.0.0.1:{self.server_port}/v1")
    def handle_error(self, request, address): pass  # clients that hang up


class Desk(BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def send(self, status, body, kind="application/json", **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for k, v in {"Content-Type": kind, "Content-Length": str(len(data)), **{k.replace("_", "-"): v for k, v in headers.items()}}.items(): self.send_header(k, v)
        self.end_headers()
        self.wfile.write(data)
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        house = self.server
        house.seen.append(body); house.times.append(time.monotonic())
        house.paths.append(self.path)
        if not self.path.endswith("/v1/chat/completions"): return self.send(404, {"error": {"message": "no such path"}})
        if house.key and self.headers["Authorization"] != f"Bearer {house.key}": return self.send(401, {"error": {"message": f"Incorrect API key provided: {self.headers['Authorization']}", "code": "invalid_api_key"}})
        fault = house.faults.pop(0) if house.faults else None
        if fault == "429": return self.send(429, {"error": {"message": "slow down"}}, Retry_After="0.3")
        if fault == "429 date": return self.send(429, {}, Retry_After=formatdate(time.time() + 1, usegmt=True))
        if fault == "429 long": return self.send(429, {}, Retry_After="86400")
        if fault == "quota": return self.send(429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}})
        if fault == "500": return self.send(500, b"<html>Internal Server Error</html>", "text/html")
        if fault == "400": return self.send(400, {"error": {"message": "maximum context length is 8 tokens"}})
        if fault == "redirect": return self.send(307, b"", Location="http://127.0.0.1:9/v1/chat/completions")
        if fault == "page": return self.send(200, b"<html>Please log in</html>", "text/html")
        if fault == "broken": return self.send(200, b'{"choices": [{"message": {"content": "Ques')
        if fault == "list": return self.send(200, [1, 2])
        if fault == "no choices": return self.send(200, {"choices": []})
        if fault == "null": return self.send(200, {"choices": [{"message": {"content": None}}]})
        if fault == "error in 200": return self.send(200, {"error": {"message": "upstream failed"}})
        if fault == "deep": return self.send(200, b"[" * 100_000)
        if fault == "hang": time.sleep(5); return
        if fault == "cut": self.send_response(200); self.send_header("Content-Length", "1000"); self.end_headers(); self.wfile.write(b'{"cho'); self.close_connection = True; return
        if fault == "hang up": self.connection.shutdown(socket.SHUT_RDWR); return
        if fault == "endless":
            self.send_response(200); self.end_headers()
            for _ in range(200): self.wfile.write(b" "); self.wfile.flush(); time.sleep(0.05)
            return
        if fault == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for i in range(200): self.wfile.write(b"X-%d: 1\r\n" % i); self.wfile.flush(); time.sleep(0.05)
            return
        if fault == "huge":
            self.send_response(200); self.end_headers()
            for _ in range(20): self.wfile.write(b" " * 1_000_000)
            return
        said = house.says(body["messages"], body["max_tokens"])
        said = Reply(said) if isinstance(said, str) else said
        finish = "length" if fault == "length" else said.finish
        self.send(200, {"id": "x", "object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": said.text}, "finish_reason": finish}], "usage": {"prompt_tokens": said.prompt_tokens or 50, "completion_tokens": said.answer_tokens or 20}})


FACTS = [f"Parcel service number {i}: a {thing} can be returned within {10 + i} days, and the {place} pays for it." for i, (thing, place) in enumerate([("lamp", "shop"), ("chair", "store"), ("table", "office"), ("mirror", "branch"), ("carpet", "depot"), ("kettle", "seller"), ("pillow", "outlet"), ("ladder", "agency")])]


def quote(messages, max_tokens=256):
    "Reads the passage and says what it says"
    text = messages[-1]["content"]
    m = re.search(r"a (\w+) can be returned within (\d+) days, and the (\w+)", text)
    return f"Question: How long can somebody return a {m[1]}, and does the {m[3]} pay?\nAnswer: A {m[1]} can be returned within {m[2]} days, and the {m[3]} pays for it."


@pytest.fixture
def house():
    made = []
    def build(says=quote, key=None): made.append(House(says, key)); return made[-1]
    yield build
    for h in made: h.shutdown(); h.server_close()


def server(h, **more): return Server(h.url, "tiny", **{"timeout": 5, "retries": 3, "pause": 0.02, **more})


def balanced(made, jobs):
    r = made.report
    assert r["asked"] == r["kept"] + r["rejected"] + r["failed"] and r["asked"] + r["left"] == jobs and r["kept"] == len(made.rows) and r["rejected"] == len(made.rejected) == sum(r["reasons"].values())
    json.dumps(r)


def test_a_real_model_behind_the_real_protocol(house, tiny_folder, tmp_path):
    "The tiny model's words are noise, and are refused as such; what is counted must be right all the same."
    h = house(local(str(tiny_folder)))
    made = synthesize(FACTS[:3], "qa", server(h), tmp_path/"a.jsonl")
    balanced(made, 3)
    assert made.report["kept"] == 0 and made.report["failed"] == 0 and set(made.report["reasons"]) <= {"synthetic_unreadable", "synthetic_cut"} and made.report["answer_tokens"] > 0 and made.report["prompt_tokens"] > 300
    assert len(h.seen) == 3 and h.seen[0]["model"] == "tiny" and h.seen[0]["messages"][0]["role"] == "system" and FACTS[0] in h.seen[0]["messages"][1]["content"]


@slow
@pytest.mark.skipif(_gguf(SMOLLM2) is None, reason="the embedded model is not installed")
def test_the_embedded_model_behind_the_real_protocol(house, tmp_path):
    h = house(local())
    text = ["The parcel can be returned within 14 days of delivery. The shop pays for the return if you use the label that came with the parcel. Refunds arrive three days after we have received the parcel."]
    made = synthesize(text, "summary", server(h, timeout=120), tmp_path/"a.jsonl")
    balanced(made, 1)
    if made.rows: assert grounded(made.rows[0]["messages"][1]["content"], text[0])["share"] >= 0.6
    assert made.report["asked"] == 1 and made.report["failed"] == 0 and "parcel" in (tmp_path/"a.jsonl").read_text()


def test_rows_know_where_they_come_from(house, tmp_path):
    h = house()
    sources = [Passage(FACTS[0], "handbook.pdf", "Returns", 3, 120), Passage(FACTS[1], "handbook.pdf", "Returns", 4, 900)]
    made = synthesize(sources, "qa", server(h), tmp_path/"a.jsonl", temperature=0.3, seed=7, prices=(1, 2))
    balanced(made, 2)
    row = made.rows[0]
    assert [m["role"] for m in row["messages"]] == ["user", "assistant"] and "10 days" in row["messages"][1]["content"]
    meta = row["meta"]
    assert (meta["document"], meta["section"], meta["page"], meta["offset"], meta["template"], meta["model"], meta["temperature"], meta["source"]) == ("handbook.pdf", "Returns", 3, 120, "qa", "tiny", 0.3, "synthetic") and len(meta["prompt_sha256"]) == 64 and meta["group"] != made.rows[1]["meta"]["group"]
    assert row["origin"] == {"file": "a.jsonl", "line": 1} and all(not isinstance(v, (dict, list)) for v in meta.values())
    assert h.seen[0]["temperature"] == 0.3 and h.seen[0]["seed"] == 7 and made.report["price"] == pytest.approx(2 * (50 * 1 + 20 * 2) / 1e6)


@pytest.mark.parametrize("fault", ["429", "429 date", "500", "page", "broken", "list", "no choices", "null", "error in 200", "deep", "cut", "hang up"])
def test_a_passing_fault_loses_nothing(house, tmp_path, fault):
    h = house()
    h.faults = [fault, fault]
    made = synthesize(FACTS[:2], "qa", server(h), tmp_path/"a.jsonl")
    balanced(made, 2)
    assert made.report["kept"] == 2 and len(h.seen) == 4 and made.findings == []
    if fault == "429": assert h.times[1] - h.times[0] >= 0.29, "Retry-After is kept"


@pytest.mark.parametrize("fault, code", [("hang", "api_unreachable"), ("endless", "api_unreachable"), ("drip", "api_unreachable"), ("huge", "api_unreachable"), ("500", "api_unreachable"), ("page", "api_unreachable"), ("400", "api_refused")])
def test_a_fault_that_stays_is_a_finding_and_the_next_call_asks_again(house, tmp_path, fault, code):
    h = house()
    h.faults = [fault] * (1 if fault == "400" else 2)
    ask = server(h, retries=1, timeout=0.5 if fault != "huge" else 5)
    made = synthesize(FACTS[:2], "qa", ask, tmp_path/"a.jsonl")
    balanced(made, 2)
    assert made.report["failed"] == 1 and made.report["kept"] == 1 and codes(made.findings) == [code] and made.report["stopped"] == "done"
    again = synthesize(FACTS[:2], "qa", ask, tmp_path/"a.jsonl")
    assert again.report["kept"] == 2 and again.report["calls"] == 1 and again.report["resumed"] == 1


@pytest.mark.parametrize("fault, code", [("quota", "api_refused"), ("redirect", "api_refused"), ("429 long", "api_unreachable")])
def test_faults_that_end_it_at_once(house, tmp_path, fault, code):
    h = house()
    h.faults = [fault]
    made = synthesize(FACTS, "qa", server(h), tmp_path/"a.jsonl")
    balanced(made, 8)
    assert len(h.seen) == 1 and made.report["stopped"] == "failing" and code in codes(made.findings) and made.report["left"] == 7
    assert synthesize(FACTS, "qa", server(h), tmp_path/"a.jsonl").report["kept"] == 8


def test_an_answer_cut_off_at_its_length_is_rejected(house, tmp_path):
    h = house()
    h.faults = ["length"]
    made = synthesize(FACTS[:2], "qa", server(h), tmp_path/"a.jsonl")
    assert made.report["reasons"] == {"synthetic_cut": 1} and made.rejected[0]["code"] == "synthetic_cut" and made.report["kept"] == 1


def test_a_wrong_key_ends_it_and_is_seen_nowhere(house, tmp_path, monkeypatch, capsys):
    secret = "sk-very-secret-0123456789"
    monkeypatch.setenv("OUR_KEY", secret)
    h = house(key="another")
    ask = server(h, key_env="OUR_KEY")
    made = synthesize(FACTS, "qa", ask, tmp_path/"a.jsonl")
    balanced(made, 8)
    assert codes(made.findings) == ["api_key_refused"] and len(h.seen) == 1 and made.report["left"] == 7 and made.report["stopped"] == "failing"
    h.key = secret
    h.says = lambda messages, n: quote(messages) + f" Your key is {secret}."
    made2 = synthesize(FACTS[:1], "qa", ask, tmp_path/"a.jsonl")
    everything = str(made) + repr(ask) + str(vars(ask)) + str(made2) + made._repr_markdown_() + "".join(p.read_text() for p in tmp_path.iterdir()) + "".join(capsys.readouterr())
    assert secret not in everything and len(h.seen) == 2


def test_a_key_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.delenv("OUR_KEY", raising=False)
    with pytest.raises(Trouble) as e: synthesize(FACTS, "qa", Server("http://127.0.0.1:9/v1", "m", key_env="OUR_KEY"), tmp_path/"a.jsonl")
    assert e.value.findings[0].code == "api_key_missing" and not (tmp_path/"a.jsonl").exists()
    with pytest.raises(Trouble) as e: Server("http://127.0.0.1:9/v1", "m", key_env="sk-abc-def")
    assert e.value.findings[0].code == "api_key_missing" and "sk-abc" not in str(e.value), "a key given for a name is not shown either"
    monkeypatch.setenv("OUR_KEY", "a\nb")
    made = synthesize(FACTS, "qa", Server("http://127.0.0.1:9/v1", "m", key_env="OUR_KEY", retries=0), tmp_path/"a.jsonl")
    assert made.report["kept"] == 0 and "a\nb" not in str(made)
    monkeypatch.setenv("OUR_KEY", "x")
    assert codes(Server("http://example.org/v1", "m", key_env="OUR_KEY").problems()) == ["api_key_in_clear"] and not Server("https://example.org/v1", "m", key_env="OUR_KEY").problems()


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x/v1", "", "file:///etc/passwd", "http://", "http://user:pw@x/v1", "http://x:99999/v1", "http://[x/v1"])
def test_addresses_that_cannot_be(url):
    with pytest.raises(Trouble) as e: Server(url, "m")
    assert e.value.findings[0].code == "api_address_wrong" and "pw" not in str(e.value)


def test_nobody_there_ends_after_five(tmp_path):
    with socket.socket() as s: s.bind(("127.0.0.1", 0)); port = s.getsockname()[1]
    made = synthesize(FACTS, "qa", Server(f"http://127.0.0.1:{port}/v1", "m", retries=1, pause=0.01), tmp_path/"a.jsonl")
    balanced(made, 8)
    assert made.report["stopped"] == "failing" and made.report["failed"] == 5 and made.report["left"] == 3 and "api_failing" in codes(made.findings)


def test_the_rate_is_kept(house, tmp_path):
    h = house()
    synthesize(FACTS[:4], "qa", server(h, per_minute=600), tmp_path/"a.jsonl", workers=4)
    gaps = [b - a for a, b in zip(sorted(h.times), sorted(h.times)[1:])]
    assert len(gaps) == 3 and h.times and max(h.times) - min(h.times) >= 0.28


def test_several_at_once_give_the_same_rows(house, tmp_path):
    h = house()
    one = synthesize(FACTS, "qa", server(h), tmp_path/"a.jsonl", n=16)
    many = synthesize(FACTS, "qa", server(h), tmp_path/"b.jsonl", n=16, workers=6)
    strip = lambda made: [(r["messages"], {k: v for k, v in r["meta"].items() if k != "made"}) for r in made.rows]
    balanced(many, 16)
    assert strip(one) == strip(many) and many.report["reasons"] == {"synthetic_duplicate": 8}, "the second round says the same again"
    assert "must differ from these" in h.seen[8]["messages"][1]["content"] and "must differ" not in h.seen[7]["messages"][1]["content"]


def test_stop_is_heard_in_the_middle_of_an_answer(house, tmp_path):
    h = house()
    h.faults = [None, "hang"]
    done = []
    t = time.monotonic()
    made = synthesize(FACTS, "qa", server(h, timeout=60), tmp_path/"a.jsonl", stop=lambda: len(h.seen) >= 2 and time.monotonic() - h.times[1] > 0.3, progress=lambda d, of, r: done.append((d, of)))
    assert time.monotonic() - t < 3 and made.report["stopped"] == "asked" and made.report["kept"] == 1 and made.report["failed"] == 0 and made.report["left"] == 7 and done[0] == (1, 8)
    balanced(made, 8)
    again = synthesize(FACTS, "qa", server(h), tmp_path/"a.jsonl")
    assert again.report["kept"] == 8 and again.report["calls"] == 7


def test_the_budget_is_never_passed(house, tmp_path):
    h = house()
    kw = dict(prices=(1000, 1000), count=len)
    worst = estimate(FACTS[:1], "qa", **kw)["price"]
    made = synthesize(FACTS, "qa", server(h), tmp_path/"a.jsonl", budget=worst * 1.5, workers=3, **kw)
    balanced(made, 8)
    assert made.report["stopped"] == "budget" and codes(made.findings) == ["budget_reached"] and made.report["price"] <= worst * 1.5 and 1 <= made.report["kept"] < 8
    again = synthesize(FACTS, "qa", server(h), tmp_path/"a.jsonl", budget=0.0, **kw)
    assert again.report["calls"] == 0 and again.rows == made.rows, "what is paid for costs nothing again"
    assert synthesize(FACTS, "qa", server(h), tmp_path/"a.jsonl", **kw).report["kept"] == 8


def test_a_crash_costs_at_most_the_answer_under_way(house, tmp_path):
    h = house()
    synthesize(FACTS, "qa", server(h), tmp_path/"a.jsonl")
    whole = (tmp_path/"a.jsonl").read_bytes()
    (tmp_path/"a.jsonl").write_bytes(whole[:-40])  # torn in the last line
    made = synthesize(FACTS, "qa", server(h), tmp_path/"a.jsonl")
    balanced(made, 8)
    assert made.report["calls"] == 1 and made.report["kept"] == 8
    (tmp_path/"a.jsonl").write_bytes(b'\xff\xfe garbage\n[1]\n{"job": 3}\n' + whole + b'{"job": "x", "text": 5}\n' + b"[" * 20_000)
    made = synthesize(FACTS, "qa", server(h), tmp_path/"a.jsonl")
    assert made.report["calls"] == 0 and made.report["kept"] == 8 and made.rows[0]["origin"]["line"] == 4


def test_ctrl_c_keeps_what_is_there(tmp_path):
    def tired(messages):
        if FACTS[2] in messages[-1]["content"]: raise KeyboardInterrupt
        return quote(messages)
    tired.model = "quote"  # the same model, on a worse day
    with pytest.raises(KeyboardInterrupt): synthesize(FACTS, "qa", tired, tmp_path/"a.jsonl")
    again = synthesize(FACTS, "qa", quote, tmp_path/"a.jsonl")
    assert again.report["kept"] == 8 and again.report["resumed"] == 2


def test_a_full_disk_is_a_finding(tmp_path, monkeypatch):
    from ftcourse.data import collect
    def full(self, record): raise OSError(28, "No space left on device")
    monkeypatch.setattr(collect._File, "add", full)
    with pytest.raises(Trouble) as e: synthesize(FACTS, "qa", quote, tmp_path/"a.jsonl", workers=3)
    assert e.value.findings[0].code == "disk_full"


def test_the_same_passage_twice_is_paid_for_once(house, tmp_path):
    h = house()
    made = synthesize([FACTS[0]] * 6, "qa", server(h), tmp_path/"a.jsonl", workers=6)
    balanced(made, 6)
    assert len(h.seen) == 1 and made.report["kept"] == 1 and made.report["reasons"] == {"synthetic_duplicate": 5}


def test_a_proxy_is_used_where_one_is_set(house, monkeypatch):
    h = house()
    monkeypatch.setenv("http_proxy", f"http://me:pass@127.0.0.1:{h.server_port}")
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"): monkeypatch.delenv(name, raising=False)
    assert "Question" in Server("http://model.example/v1", "m", retries=0)([{"role": "user", "content": FACTS[0]}]).text and h.paths == ["http://model.example/v1/chat/completions"]
    with pytest.raises(Unanswered): Server("http://127.0.0.1:9/v1", "m", retries=0, timeout=2)([{"role": "user", "content": "x"}])
    assert len(h.paths) == 1, "never for this machine"


def test_two_at_the_same_file(tmp_path):
    import filelock
    with filelock.FileLock(f"{tmp_path/'a.jsonl'}.lock"):
        with pytest.raises(Trouble) as e: synthesize(FACTS, "qa", quote, tmp_path/"a.jsonl")
    assert e.value.findings[0].code == "synthesis_busy"
    (tmp_path/"file").write_text("")
    for path in (tmp_path/"file"/"a.jsonl", tmp_path, "a\0b"):
        with pytest.raises(Trouble) as e: synthesize(FACTS, "qa", quote, path)
        assert e.value.findings[0].code == "file_not_written"


# ---- What is kept

def one(answer, passage=FACTS[0], what="qa", tmp=None, **more):
    "The reason why an answer is rejected, or kept"
    import tempfile
    with tempfile.TemporaryDirectory() as d: made = synthesize([passage], what, lambda messages: answer, Path(d)/"a.jsonl", **more)
    balanced(made, 1)
    return made.rejected[0]["code"] if made.rejected else "kept" if made.rows else "failed"


@pytest.mark.parametrize("answer, want", [
    ("Question: How long can a lamp be returned?\nAnswer: A lamp can be returned within 10 days.", "kept"), ("**Question:** How long can a lamp be returned?\n\n**Answer:** Within 10 days.", "kept"), ('```json\n{"question": "How long can a lamp be returned?", "answer": "Within 10 days."}\n```', "kept"),
    ("Question: How long can a lamp be returned?\nAnswer: Within 30 days.", "synthetic_ungrounded"), ("Question: Who returns a lamp?\nAnswer: Mister Sherlock returned the lamp.", "synthetic_ungrounded"), ("Question: How long can a lamp be returned?\nAnswer: Lamps contain mercury and must be recycled carefully everywhere.", "synthetic_ungrounded"),
    ("Question: Who won the championship yesterday evening in football?\nAnswer: Within 10 days.", "synthetic_ungrounded"), ("I would love to help!", "synthetic_unreadable"), ("", "synthetic_unreadable"), ("Question: What?\nAnswer:", "synthetic_unreadable"), ('{"question": 3, "answer": null}', "synthetic_unreadable"),
    ("Question: How long can a lamp be returned?\nAnswer: As an AI language model, the lamp can be returned within 10 days, and the shop pays for the lamp.", "row_refusal"), ("Question: Can a lamp be returned within 10 days?\nAnswer: [insert answer] lamp returned within days shop pays parcel service number", "row_boilerplate"),
    (None, "failed"), (5, "failed"),
])
def test_which_answers_hold(answer, want): assert one(answer) == want


def test_extraction_is_copied_word_for_word():
    kw = dict(what="extraction", fields=["thing", "days"])
    assert one('{"thing": "lamp", "days": 10}', **kw) == "kept" and one('{"thing": "lamp", "days": null}', **kw) == "kept" and one('{"thing": ["lamp", "shop"], "days": "10 days"}', **kw) == "kept"
    assert one('{"thing": "chair", "days": 10}', **kw) == "synthetic_ungrounded" and one('{"thing": "lamp"}', **kw) == "synthetic_unreadable" and one('{"thing": "lamp", "days": 10, "fee": 0}', **kw) == "synthetic_unreadable" and one('{"thing": {"a": 1}, "days": 10}', **kw) == "synthetic_unreadable" and one("thing: lamp\ndays: 10", **kw) == "synthetic_unreadable"


def test_seeds_give_new_rows_and_never_themselves(tmp_path):
    seed = lambda q, a: {"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]}
    seeds = [seed("Write a poem about the sea and the wind.", "The sea is wide."), seed("Explain what a prime number is to a child.", "A number that only 1 and itself divide.")]
    before = copy.deepcopy(seeds)
    said = iter(["Instruction: Write a poem about the sea and the wind.\nResponse: Waves.", "Instruction: Plan a small garden for a balcony in town.\nResponse: Take herbs.", "Instruction: Plan a small garden for a balcony in town!\nResponse: Take tomatoes.", "Instruction: Translate good morning into French, please.\nResponse: Bonjour."])
    made = synthesize(seeds, "instruction", lambda messages: next(said), tmp_path/"a.jsonl", n=4)
    balanced(made, 4)
    assert [r["messages"][0]["content"][:4] for r in made.rows] == ["Plan", "Tran"] and made.report["reasons"] == {"synthetic_duplicate": 2} and seeds == before
    texts = [{"text": "I want to send my new kettle back because it leaks.", "label": "return"}]
    made = synthesize(texts, "paraphrase", lambda messages: "Text: My kettle is leaking, so please let me give it back to you.", tmp_path/"b.jsonl")
    assert made.rows[0]["messages"][1]["content"] == "return" == made.rows[0]["meta"]["label"]
    with pytest.raises(Trouble): synthesize([{"text": "no label"}], "paraphrase", quote, tmp_path/"c.jsonl")


@pytest.mark.parametrize("verdict, want", [("Yes.", "kept"), ("yes, it does", "kept"), ("**Yes**", "kept"), ("No: it says 11.", "synthetic_judged"), ("", "synthetic_judged"), ("Maybe", "synthetic_judged"), ("yesterday", "synthetic_judged")])
def test_the_judge(verdict, want): assert one(quote([{"content": FACTS[0]}]), judge=lambda messages: verdict) == want


def test_a_judge_that_fails_leaves_the_answer_to_be_judged_later(tmp_path):
    def broken(messages): raise RuntimeError("no <b>memory</b>")
    made = synthesize(FACTS[:2], "qa", quote, tmp_path/"a.jsonl", judge=broken)
    balanced(made, 2)
    assert made.report["failed"] == 2 and made.report["calls"] == 2 and codes(made.findings) == ["api_unreachable"]
    again = synthesize(FACTS[:2], "qa", quote, tmp_path/"a.jsonl", judge=lambda messages: "yes")
    balanced(again, 2)
    assert again.report["kept"] == 2 and again.report["calls"] == 2, "two judgements, no new answer"


def test_a_stricter_check_runs_over_the_answers_that_are_there(tmp_path):
    say = lambda messages: "Question: How long can a lamp be returned?\nAnswer: Everybody returns a lamp within 10 days, and the shop pays."
    assert synthesize(FACTS[:1], "qa", say, tmp_path/"a.jsonl").report["kept"] == 1
    strict = dict({k: v for k, v in template("qa").items() if k != "name"}, grounded={"answer": 1.0}, name="qa")
    made = synthesize(FACTS[:1], strict, say, tmp_path/"a.jsonl")
    assert made.report["calls"] == 0 and made.report["reasons"] == {"synthetic_ungrounded": 1}


@pytest.mark.parametrize("what, fields", [("qua", ()), (3, ()), ({"user": "x"}, ()), ({"user": "x", "fields": ["a"], "prompt": "{b}", "answer": "{a}"}, ()), ({"user": "x", "fields": ["a"], "prompt": "{a}", "answer": "{a}", "form": 1}, ()), ({"from": "web"}, ()), ("extraction", ()), ({"fields": "a"}, ())])
def test_templates_that_cannot_be(what, fields, tmp_path):
    with pytest.raises(Trouble) as e: synthesize(FACTS, what, quote, tmp_path/"a.jsonl", fields=fields)
    assert e.value.findings[0].code == "template_wrong" and not (tmp_path/"a.jsonl").exists()


@pytest.mark.parametrize("more", [dict(n=0), dict(n="x"), dict(prices=(1,)), dict(prices=(-1, 2)), dict(budget=-1), dict(workers=0), dict(temperature=float("nan")), dict(seed=-1)])
def test_numbers_that_cannot_be(more, tmp_path):
    with pytest.raises(Trouble) as e: synthesize(FACTS, "qa", quote, tmp_path/"a.jsonl", **more)
    assert e.value.findings[0].code == "number_out_of_range" and not (tmp_path/"a.jsonl").exists()


@pytest.mark.parametrize("sources", [[], [3], [{"x": 1}], [None]])
def test_sources_that_cannot_be(sources, tmp_path):
    with pytest.raises(Trouble): synthesize(sources, "qa", quote, tmp_path/"a.jsonl")


def test_the_estimate_is_a_bound(house, tmp_path):
    h = house()
    e = estimate(FACTS, "qa", prices=(1, 2), count=len)
    made = synthesize(FACTS, "qa", server(h), tmp_path/"a.jsonl", prices=(1, 2), count=len)
    sent = sum(len(m["content"]) + 8 for b in h.seen for m in b["messages"])
    assert e["prompt_tokens"] == sent and e["calls"] == 8 == len(h.seen) and e["answer_tokens"] == 8 * 256 and made.report["price"] <= e["price"] and e["rough"] is False and estimate(FACTS)["rough"]


@pytest.mark.parametrize("what", templates())
def test_each_template_can_be_asked(what):
    fields = ["a"] if what == "extraction" else []
    t = template(what, fields)
    assert estimate([{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}], what, fields=fields)["calls"] == 1 and t["judge"] and "{" not in re.sub(r"\{(\w+)\}", "", t["user"])


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_text(evil, tmp_path):
    "What a document or a model says is text, in the prompt, in the file and on the page."
    made = synthesize([FACTS[0] + evil], "qa", lambda messages: f"Question: How long can a lamp be returned? {evil}\nAnswer: Within 10 days. {evil}", tmp_path/"a.jsonl")
    balanced(made, 1)
    page = made._repr_markdown_()
    assert "<script" not in page and "<img" not in page and "\u202e" not in page
    assert len((tmp_path/"a.jsonl").read_bytes().splitlines()) == 1
    assert one(evil) != "kept" and parse(evil, ["question"], True) is None


def test_holes_are_filled_once():
    t = {"user": "{passage}", "fields": ["a"], "prompt": "{a}", "answer": "{a}"}
    seen = []
    import tempfile
    with tempfile.TemporaryDirectory() as d: synthesize(["{label} {avoid} {0} %s {passage}"], t, lambda m: seen.append(m) or "x", Path(d)/"a.jsonl")
    assert seen[0][-1]["content"] == "{label} {avoid} {0} %s {passage}"


@given(st.text(max_size=200), st.lists(st.sampled_from(["a", "question", "b c"]), min_size=1, max_size=3, unique=True))
@often(200)
@example("{" * 5000, ["a"])
def test_any_answer_is_read(raw, fields):
    got = parse(raw, fields)
    assert got is None or list(got) == fields


@given(st.text(max_size=120), st.text(max_size=120))
@often(150)
def test_grounded_is_a_share(answer, passage):
    g = grounded(answer, passage)
    assert 0 <= g["share"] <= 1
    assert grounded(answer, answer) == dict(share=1.0, numbers=[], names=[])


# ---- Mixing

PART = st.tuples(st.integers(0, 40), st.floats(0.01, 50))


@given(st.lists(PART, min_size=1, max_size=5), st.none() | st.integers(0, 80), st.sampled_from([0.0, 0.1, 0.5]), st.integers(0, 5))
@often(300)
def test_mixtures_count(parts, total, general, seed):
    sources = [([{"text": f"{i}-{k}", "meta": {"id": k}} for k in range(n)], w, f"s{i}") for i, (n, w) in enumerate(parts)]
    extra = [{"text": f"g-{k}"} for k in range(30)]
    before = copy.deepcopy(sources)
    rows, report = mix(iter(sources), total, seed, general, extra if general else None)
    assert sources == before and len(rows) == report["total"] == sum(s["taken"] for s in report["sources"].values()) and sum(s["wanted"] for s in report["sources"].values()) == report["wanted"]
    assert len({r["text"] for r in rows}) == len(rows), "none twice"
    for name, s in report["sources"].items():
        assert s["taken"] == min(s["wanted"], s["rows"]) == sum(r["meta"]["source"] == name for r in rows) and abs(s["wanted"] - s["weight"] * report["wanted"]) <= 1 + 1e-3
    assert (report["findings"] != []) == (report["total"] < report["wanted"]) and (total is not None or not report["findings"])
    assert mix(sources, total, seed, general, extra if general else None) == (rows, report)
    if general and total: assert report["sources"]["general"]["wanted"] in (int(total * general), int(total * general) + 1)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=8), st.integers(0, 1000))
@often(200)
def test_quotas_add_up(shares, total):
    q = _quotas(shares, total)
    assert sum(q) == total and all(abs(x - s / sum(shares) * total) < 1 + 1e-6 for x, s in zip(q, shares))


def test_every_part_of_a_mixture_holds_the_same():
    rows, _ = mix([([{"text": f"a{i}"} for i in range(300)], 3, "a"), ([{"text": f"b{i}"} for i in range(100)], 1, "b")], 200)
    for i in range(0, 200, 20): assert sum(r["meta"]["source"] == "a" for r in rows[i:i + 20]) == 15
    assert [r["text"] for r in rows] != sorted(r["text"] for r in rows) and mix([([{"text": f"a{i}"} for i in range(300)], 3, "a"), ([{"text": f"b{i}"} for i in range(100)], 1, "b")], 200, seed=1)[0] != rows


@pytest.mark.parametrize("args, kw", [([[]], {}), ([[([], 0, "a")]], {}), ([[([], -1, "a")]], {}), ([[([], float("nan"), "a")]], {}), ([[([], 1)]], {}), ([[([], 1, "a"), ([], 1, "a")]], {}), ([[([], 1, "a")]], dict(general=0.1)), ([[([], 1, "a")]], dict(general=1.5, general_rows=[{}])), ([[([], 1, "a")]], dict(total=-1)), ([[([], 1, "general")]], dict(general=0.1, general_rows=[{"text": "x"}]))])
def test_mixtures_that_cannot_be(args, kw):
    with pytest.raises(Trouble): mix(*args, **kw)
