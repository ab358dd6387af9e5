"""From a real corpus to audited rows: `python bench/data.py FOLDER [what ...]`, what of classification, extraction, folder, synthetic (all).

FOLDER holds licensedcode-data 32.1.0 (ScanCode's licence texts and rules, CC-BY-4.0), unpacked:
    pip download --no-deps licensedcode-data==32.1.0 && unzip licensedcode_data-32.1.0-py3-none-any.whl -d FOLDER
Each step is a command as users type it, in a process of its own; seconds include its start, the peak is that of the process."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KINDS = ("text", "notice", "tag", "reference", "intro", "clue")


def front_matter(path):
    "(fields, text) of a file that begins with YAML between lines of ---"
    import yaml
    m = re.match(r"---[ \t]*\n(.*?)^---[ \t]*$\n?", path.read_text(encoding="utf-8"), re.S | re.M)
    return yaml.load(m[1], yaml.CSafeLoader) or {}, path.read_text(encoding="utf-8")[m.end():].strip()

def classification(folder):
    "Licence text -> category"
    for p in sorted((folder/"licenses").glob("*.LICENSE")):
        fields, text = front_matter(p)
        yield dict(text=text, category=fields.get("category"), key=fields.get("key"))

def extraction(folder):
    "Notice -> the licence it names, and what kind of text it is"
    for p in sorted((folder/"rules").glob("*.RULE")):
        fields, text = front_matter(p)
        kind = next((k for k in KINDS if fields.get(f"is_license_{k}")), None)
        yield dict(text=text, extraction=dict(licence=fields.get("license_expression"), kind=kind), key=p.stem)

def command(*args):
    "(JSON of `python -m ftcourse ...`, seconds, peak in MB)"
    out = tempfile.TemporaryFile()
    began = time.perf_counter()
    p = subprocess.Popen([sys.executable, *args], stdout=out, stderr=subprocess.DEVNULL, env={**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"})
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    out.seek(0)
    return json.loads(out.read() or b"{}"), seconds, used.ru_maxrss / 1000

def line(what, seconds, mb, *said): print(f"  {what:<10} {seconds:7.1f} s {mb:7.0f} MB  {'; '.join(filter(None, said))}", flush=True)
def counts(d): return ", ".join(f"{n:,} {k}" for k, n in d.items())

def corpus(name, rows, work):
    file = work/f"{name}.jsonl"
    began = time.perf_counter()
    with open(file, "w", encoding="utf-8") as f: f.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
    print(f"\n{name}: {file.stat().st_size / 1e6:.1f} MB, front matter taken off in {time.perf_counter() - began:.1f} s", flush=True)
    got, s, mb = command("-m", "ftcourse", "inspect", str(file), "--json")
    line("inspect", s, mb, f"{got['layout']} ({got['confidence']:.2f}, {'sure' if got['sure'] else 'not sure'}): {got['mapping']}", f"{got['rows_in']:,} in = {got['kept']:,} + {got['rejected']:,}", counts(got["reasons"]), counts({f["code"]: 1 for f in got["findings"]}))
    from ftcourse import new
    from ftcourse.plan import Model, Plan, Prepare, Training
    plan = Plan(model=Model("smollm2-135m-instruct"), training=Training(max_tokens=2048), prepare=Prepare(most_rejected=5, personal_data="mask"))
    run = new(name, plan, work/"runs", file)
    got, s, mb = command("-m", "ftcourse", "prepare", str(run.path), "--json")
    if "rows_in" not in got: line("prepare", s, mb, json.dumps(got)[:600]); return
    assert got["rows_in"] == got["kept"] + got["rejected"] == sum(1 for _ in open(file, encoding="utf-8"))
    line("prepare", s, mb, f"{got['rows_in']:,} in = {got['kept']:,} + {got['rejected']:,} ({counts(got['reasons'])})", f"train {got['train']:,}, valid {got['valid']:,}, test {got['test']:,}")
    line("", 0, 0, f"{got['duplicates']:,} exact and {got['near_duplicates']:,} near duplicates", f"personal data: {counts(got['personal_data'])}")
    line("", 0, 0, "seconds: " + ", ".join(f"{k} {v}" for k, v in got.get("seconds", {}).items()), "findings: " + counts({f["code"]: 1 for f in got["findings"]}))
    got, s, mb = command("-m", "ftcourse", "audit", str(run.path), "--json")
    line("audit", s, mb, got.get("verdict", json.dumps(got)[:600]), f"{got.get('rows', 0):,} rows, {got.get('tokens', 0):,} tokens, {got.get('trained_tokens', 0):,} trained", ", ".join(f"{f['count']:,} {f['code']} ({f['severity']})" for f in got["findings"]))

def folder_of_texts(folder, work):
    "The licence files as they are, a folder of text with a name that no reader knows"
    print("\nfolder: the licence files as they are, renamed to .txt", flush=True)
    (work/"texts").mkdir()
    for p in (folder/"licenses").glob("*.LICENSE"): os.link(p, work/"texts"/f"{p.stem}.txt") if p.stat().st_dev == work.stat().st_dev else (work/"texts"/f"{p.stem}.txt").write_bytes(p.read_bytes())
    got, s, mb = command("-m", "ftcourse", "inspect", str(work/"texts"), "--json")
    line("inspect", s, mb, f"{got['layout']}, {got['rows_in']:,} in = {got['kept']:,} + {got['rejected']:,}", f"{len(got.get('files', {})):,} files")

SYNTHETIC = """
import json, random, sys, time
from ftcourse.data.prepare import prepare_rows
rng = random.Random(0)
names, things, what = "Anna Ben Carla David Emma Felix Greta Hugo".split(), "order parcel invoice password account refund voucher delivery".split(), "is late,was never sent,has a wrong address,can't be opened,came twice,is missing,was cancelled,doesn't work".split(",")
words = [f"{a}{b}" for a in "ba ce di fo gu ha je ki lo mu".split() for b in "lan mer nis por tak".split()]
rows = []
for i in range(100_000):
    t, w = rng.choice(things), rng.choice(what)
    q = f"My {t} {rng.randrange(10**6)} {w}. {' '.join(rng.choices(words, k=rng.randint(6, 20)))}" + (f" Write to {rng.choice(names).lower()}{i}@example.org." if i % 20 == 0 else "")
    if i % 50 == 49: q = rows[rng.randrange(len(rows))]["messages"][0]["content"]
    rows.append(dict(messages=[dict(role="user", content=q), dict(role="assistant", content=t)], meta=dict(label=t), origin=dict(file="made", line=i + 1)))
began = time.perf_counter()
p = prepare_rows(rows, personal_data="mask")
assert p.rows_in == p.kept + p.rejected == 100_000
print(json.dumps(dict(p.as_dict(), wall=time.perf_counter() - began)))
"""

def synthetic():
    print("\nsynthetic: 100,000 rows of 60 to 190 characters through prepare_rows, 2 % copies, 5 % with an address", flush=True)
    got, s, mb = command("-c", SYNTHETIC)
    line("prepare", got["wall"], mb, f"{got['rows_in']:,} in = {got['kept']:,} + {got['rejected']:,} ({counts(got['reasons'])})", f"train {got['train']:,}, valid {got['valid']:,}, test {got['test']:,}", f"personal data: {counts(got['personal_data'])}")
    line("", 0, 0, "seconds: " + ", ".join(f"{k} {v}" for k, v in got["seconds"].items()))

def main():
    folder = next((p for p in Path(sys.argv[1]).rglob("data") if (p/"licenses").is_dir()), None) if len(sys.argv) > 1 else None
    if folder is None: sys.exit(__doc__)
    what = sys.argv[2:] or ["classification", "extraction", "folder", "synthetic"]
    with tempfile.TemporaryDirectory() as tmp:
        work = Path(tmp)
        if "classification" in what: corpus("classification", classification(folder), work)
        if "extraction" in what: corpus("extraction", extraction(folder), work)
        if "folder" in what: folder_of_texts(folder, work)
        if "synthetic" in what: synthetic()

if __name__ == "__main__": main()
