"""A coverage-guided fuzzer for the file readers; not part of `make test`. Needs `pip install atheris` (Python 3.11 to 3.13).

    .venv/bin/python tests/fuzz_read.py [CORPUS_FOLDER] [-max_total_time=300] [-max_len=8192]

The first byte of an input chooses the file's name, the rest is its content. What must hold: no exception but `Trouble`, rows_in == kept + rejected, whatever is kept can be written
as JSON, and no input takes longer than ten seconds. Inputs that broke one of these are kept as tests in test_read.py.
"""
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["HF_HUB_OFFLINE"] = "1"
warnings.simplefilter("ignore")
with atheris.instrument_imports(include=["ftcourse", "openpyxl", "xlrd", "tarfile", "zipfile", "csv"]):
    from ftcourse.data import read as R
    import openpyxl, tarfile, xlrd, zipfile  # noqa: E401
from ftcourse.findings import CODES, Trouble

NAMES = ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.md", "a.parquet", "a.arrow", "a.feather", "a.xlsx", "a.xls", "a.zip", "a.tar", "a.jsonl.gz", "a.tar.gz", "a.json.bz2", "a.csv.xz", "a.jsonl.zst", "a", "a.txt"]
FOLDER = Path(tempfile.mkdtemp())
R.UNPACKED_FREE = 1_000_000  # a bomb is met sooner


def one(data):
    if not data: return
    R.CHUNK = (1 << 18) if data[0] & 1 else 16  # small pieces: every border is met
    path = FOLDER/NAMES[(data[0] >> 1) % len(NAMES)]
    path.write_bytes(data[1:])
    try:
        reading = R.read(path)
        items = list(reading)
    except Trouble: return
    assert reading.rows_in == len(items) == reading.kept + reading.rejected, "the account"
    for i in items:
        if isinstance(i, R.Record): json.dumps(i.value, ensure_ascii=False, allow_nan=False).encode()
        else:
            assert i.code in CODES and i.says
            json.dumps([i.raw, i.says], ensure_ascii=False).encode()
    json.dumps(reading.report(), allow_nan=False)
    R.head(path, 5)


def seeds(folder):
    "One small file of each kind to start from."
    from tests import test_read as T
    folder.mkdir(parents=True, exist_ok=True)
    for form in T.FORMS:
        name = "a." + form.split(".", 1)[1]
        if name in NAMES:
            for bit in (0, 1): (folder/f"{form}{bit}").write_bytes(bytes([NAMES.index(name) << 1 | bit]) + T.made(form)[:8000])


if __name__ == "__main__":
    corpus = next((a for a in sys.argv[1:] if not a.startswith("-")), None) or tempfile.mkdtemp()
    seeds(Path(corpus))
    atheris.Setup([sys.argv[0], corpus, "-timeout=10", "-rss_limit_mb=3000", *[a for a in sys.argv[1:] if a.startswith("-")]], one)
    atheris.Fuzz()
