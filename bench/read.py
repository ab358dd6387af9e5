"""Reading a gigabyte of rows: speed and memory of `ftcourse.data.read` beside what people use, each in a process of its own.

    .venv/bin/python bench/read.py [--bytes 1000000000] [--rounds 1] [--folder FOLDER]

The same rows are written as JSON lines, as one JSON array, as packed JSON lines and as Parquet. Growth is the peak of resident memory (VmHWM) above that of the process after its imports
and the reading of a few rows. Each reader walks over all rows; those that make a table or a data set make it. Rounds are interleaved: each reader once, then all again.
"""
import argparse
import gzip
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SELF = "from ftcourse.data.read import read\nwalk = lambda path: sum(1 for r in read(path))"
DATASETS = "import datasets\ndatasets.disable_progress_bars()\nimport tempfile\ndef walk(path):\n    with tempfile.TemporaryDirectory(dir=FOLDER) as cache: return sum(1 for r in datasets.load_dataset('KIND', data_files=str(path), split='train', cache_dir=cache))"
READERS = [
    ("rows.jsonl", "ftcourse", SELF),
    ("rows.jsonl", "json.loads, line by line", "import json\nwalk = lambda path: sum(1 for line in open(path, encoding='utf-8') if json.loads(line))"),
    ("rows.jsonl", "pandas.read_json(lines=True)", "import pandas\nwalk = lambda path: len(pandas.read_json(path, lines=True))"),
    ("rows.jsonl", "datasets, json loader", DATASETS.replace("KIND", "json")),
    ("rows.json", "ftcourse", SELF),
    ("rows.json", "json.loads of the whole text", "import json\nwalk = lambda path: len(json.loads(open(path, encoding='utf-8').read()))"),
    ("rows.json", "datasets, json loader", DATASETS.replace("KIND", "json")),
    ("rows.jsonl.gz", "ftcourse", SELF),
    ("rows.jsonl.gz", "gzip and json.loads", "import gzip, json\nwalk = lambda path: sum(1 for line in gzip.open(path, 'rt', encoding='utf-8') if json.loads(line))"),
    ("rows.parquet", "ftcourse", SELF),
    ("rows.parquet", "pandas.read_parquet", "import pandas\nwalk = lambda path: len(pandas.read_parquet(path).to_dict('records'))"),
]
CHILD = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[4]),) * 2)
FOLDER = sys.argv[3]
{code}
peak = lambda: int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) * 1024
walk(sys.argv[2])
before, t, cpu = peak(), time.perf_counter(), time.process_time()
n = walk(sys.argv[1])
print(n, time.perf_counter() - t, time.process_time() - cpu, peak() - before)
"""


def make(folder, bytes_):
    "The files, and the number of rows in them."
    import pyarrow as pa
    import pyarrow.parquet as pq
    rng, n, written = random.Random(0), 0, 0
    words = ["".join(rng.choices("abcdefghijklmnoprstuvwz", k=rng.randint(2, 11))) for _ in range(5000)] + ["für", "naïve", "😀", "“quoted”"]
    asked, said = ([" ".join(rng.choices(words, k=k)) for _ in range(20_000)] for k in (60, 30))
    schema = pa.schema([("id", pa.int64()), ("label", pa.string()), ("score", pa.float64()), ("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])))])
    with open(folder/"rows.jsonl", "w", encoding="utf-8") as lines, open(folder/"rows.json", "w", encoding="utf-8") as array, gzip.open(folder/"rows.jsonl.gz", "wt", compresslevel=1, encoding="utf-8") as packed, pq.ParquetWriter(folder/"rows.parquet", schema) as table:
        array.write("[")
        while written < bytes_:
            rows = [dict(id=n + i, label=rng.choice(["refund", "delivery", "other"]), score=rng.random(), messages=[dict(role="user", content=rng.choice(asked)), dict(role="assistant", content=rng.choice(said))]) for i in range(10_000)]
            texts = [json.dumps(r, ensure_ascii=False) for r in rows]
            block = "\n".join(texts) + "\n"
            lines.write(block); packed.write(block)
            array.write((",\n" if n else "") + ",\n".join(texts))
            table.write_table(pa.Table.from_pylist(rows, schema=schema))
            n += len(rows); written += len(block.encode())
        array.write("]")
    for name in ("rows.jsonl", "rows.json", "rows.jsonl.gz", "rows.parquet"):  # a few rows of each, to warm up on
        few = folder/f"few.{name.split('.', 1)[1]}"
        some = rows[:5]
        if name == "rows.parquet": pq.write_table(pa.Table.from_pylist(some, schema=schema), few)
        elif name.endswith("gz"): few.write_bytes(gzip.compress("\n".join(texts[:5]).encode()))
        else: few.write_text("\n".join(texts[:5]) if name == "rows.jsonl" else json.dumps(some), encoding="utf-8")
    return n


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--bytes", type=int, default=1_000_000_000, help="of the JSON lines file")
    p.add_argument("--rounds", type=int, default=1)
    p.add_argument("--only", default="", help="part of a file's or reader's name")
    p.add_argument("--memory", type=int, default=9_000_000_000, help="bytes that a reader may take; one that wants more has failed")
    p.add_argument("--folder", help="where the files are made and removed again; default: the system's temporary folder")
    a = p.parse_args()
    folder = Path(tempfile.mkdtemp(dir=a.folder))
    try:
        t = time.time()
        n = make(folder, a.bytes)
        print(f"{n:,} rows, made in {time.time() - t:.0f} s: " + ", ".join(f"{f.name} {f.stat().st_size / 1e9:.2f} GB" for f in sorted(folder.glob("rows.*"))), flush=True)
        results = {}
        for _ in range(a.rounds):
            for file, name, code in READERS:
                if a.only not in f"{file}, {name}": continue
                few = folder/("few." + file.split(".", 1)[1])
                done = subprocess.run([sys.executable, "-c", CHILD.format(code=code), folder/file, few, folder, str(a.memory)], capture_output=True, text=True)
                if done.returncode: results.setdefault((file, name), []).append(None); print(file, name, done.stderr.strip().splitlines()[-1:] or f"ended with {done.returncode}", flush=True); continue
                rows, seconds, cpu, growth = done.stdout.split()[-4:]
                assert int(rows) == n, (file, name, rows)
                results.setdefault((file, name), []).append((float(seconds), float(cpu), int(growth)))
                print(f"  {file}, {name}: {float(seconds):.1f} s", file=sys.stderr, flush=True)
        print("\n| file | reader | rows/s | seconds | of a processor | growth of memory |\n|---|---|---|---|---|---|")
        for (file, name), runs in results.items():
            runs = [r for r in runs if r]
            if not runs: print(f"| {file} | {name} | out of memory at {a.memory / 1e9:.0f} GB, or failed | | | |"); continue
            seconds = [s for s, _, _ in runs]
            spread = f" ({min(seconds):.1f}-{max(seconds):.1f})" if len(runs) > 1 else ""
            print(f"| {file} | {name} | {n / statistics.median(seconds):,.0f} | {statistics.median(seconds):.1f}{spread} | {statistics.median(c for _, c, _ in runs):.1f} | {max(g for _, _, g in runs) / 1e6:,.0f} MB |")
    finally: shutil.rmtree(folder)


if __name__ == "__main__": main()
