"""What cleaning finds, what it drops by mistake, and how long it takes, beside ftfy's own `fix_text` on the same rows.

    python bench/clean.py [ROWS]

Real text: the triage tickets, docstrings of the standard library and of the installed packages, the licences that come with them. Faults are planted into the docstrings."""
import ast
import glob
import json
import random
import statistics
import sys
import sysconfig
import time
from collections import Counter
from pathlib import Path

from ftfy import fix_text

from ftcourse.data.clean import clean, fenced, normalize, normalize_rows

ROOT = Path(__file__).resolve().parents[1]


def chat(prompt, answer): return {"messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]}


def tickets():
    return [chat(r["ticket"], json.dumps(r["answer"], ensure_ascii=False)) for p in sorted((ROOT/"ftcourse"/"datasets"/"triage").glob("*.jsonl")) for r in map(json.loads, p.read_text(encoding="utf-8").splitlines())]


def docstrings(n):
    out, paths = [], sysconfig.get_paths()
    files = sorted(p for root in (paths["stdlib"], paths["purelib"]) for p in glob.glob(root + "/**/*.py", recursive=True) if "/test" not in p)
    random.Random(0).shuffle(files)
    for f in files:
        try: tree = ast.parse(Path(f).read_text(encoding="utf-8")) if Path(f).stat().st_size < 200_000 else None
        except (SyntaxError, ValueError): continue
        out += [chat(f"What does {node.name} do?", doc) for node in (ast.walk(tree) if tree else ()) if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and (doc := ast.get_docstring(node)) and len(doc) > 40]
        if len(out) >= n: break
    return out[:n]


def licences():
    files = glob.glob("/usr/share/common-licenses/*") + glob.glob(sysconfig.get_paths()["purelib"] + "/*.dist-info/**/LICEN*", recursive=True)
    return [chat("Print the licence.", t) for t in dict.fromkeys(Path(f).read_text(encoding="utf-8", errors="replace") for f in sorted(files) if Path(f).is_file())]


def main(n=6000):
    real = {"triage tickets": tickets(), "docstrings": docstrings(n), "licences": licences()}
    print(f"{'real text':16} {'rows':>6} {'dropped':>8}  by filter; with Gopher's own limits (repetition factor 1)")
    for name, rows in real.items():
        _, rejected, _ = clean(rows)
        strict = clean(rows, filters="repetition factor 1")[1]
        print(f"{name:16} {len(rows):6} {len(rejected):8}  {dict(Counter(c for r in rejected for c in r['codes'])) or '-'}; {len(strict)} = {100 * len(strict) / len(rows):.1f} %")

    rng, base = random.Random(1), [r["messages"][1]["content"] for r in real["docstrings"] if len(r["messages"][1]["content"].split()) > 20][:1000]
    sentences = [" ".join(t.split(".")[0].split()) + "." for t in base if 8 <= len(t.split(".")[0].split()) <= 40 and "`" not in t.split(".")[0]]
    cut = lambda s: " ".join(s.split()[:rng.randint(8, len(s.split()) - 1)]).rstrip(".") if len(s.split()) > 9 else None
    planted = {
        "repetition": [" ".join(s.split()[:8]) + (" " + " ".join(s.split()[:8])) * 8 for s in base], "refusal": ["I'm sorry, but as an AI language model I can't do that. " + s for s in base], "boilerplate": [s + "\nDear [insert name], that is all." for s in base],
        "broken_markup": [s + "\n```python\nprint(1)" for s in base], "truncated (JSON)": [(t := json.dumps({"text": s, "n": [1, 2]}))[:rng.randint(12, len(t) - 1)] for s in base],
    }
    print(f"\n{'planted fault':18} {'rows':>6} {'found':>8}")
    for name, answers in planted.items(): print(f"{name:18} {len(answers):6} {len(clean([chat('Why?', a) for a in answers], 'none', name.split()[0])[1]):8}")
    broken = [c for s in sentences[:20] if (c := cut(s))]
    rows = [chat("Why?", s) for s in sentences * 3] + [chat("Why?", c) for c in broken]
    rejected = clean(rows, "none", "truncated")[1]
    print(f"{'truncated (prose)':18} {len(broken):6} {len(rejected):8}  among {len(rows) - len(broken)} whole sentences")

    dirty = [chat(f"What is\u00a0it?\r\n{i}", json.dumps({"text": t[:200] + " Ã©\u200b x²", "n": 1.0}, ensure_ascii=False) if i % 2 else f"{t}\u00a0\u200b  \n\n\n\n```py\nx = '“a”'  \n```\n½ ①") for i, t in enumerate(base)]
    def keeps(one):
        "(JSON answers that stay the same apart from the text, code fences that stay, x² ½ ① that stay)"
        json_ok = code_ok = sign_ok = 0
        for r in dirty:
            before = r["messages"][1]["content"]
            after = one(before)
            if before.startswith("{"):
                try: json_ok += json.loads(after).keys() == json.loads(before).keys() and '"n": 1.0' in after
                except ValueError: pass
                sign_ok += "²" in after
            else: code_ok += [p for c, p in fenced(before)[0] if c] == [p for c, p in fenced(after)[0] if c]; sign_ok += "½ ①" in after
        return json_ok, code_ok, sign_ok
    ways = {"normalize": normalize, "ftfy.fix_text": fix_text, "ftfy.fix_text NFKC": lambda t: fix_text(t, normalization="NFKC")}
    times = {name: [] for name in ways}
    for _ in range(5):
        for name, one in ways.items():
            t = time.perf_counter()
            for r in dirty:
                for m in r["messages"]: one(m["content"])
            times[name].append(len(dirty) / (time.perf_counter() - t))
    print(f"\n{'dirty rows':20} {'rows/s (median, range)':>26} {'JSON kept':>10} {'code kept':>10} {'signs kept':>11}  of {len(dirty) // 2}, {len(dirty) // 2}, {len(dirty)}")
    for name, one in ways.items():
        s = times[name]
        print(f"{name:20} {statistics.median(s):12,.0f} ({min(s):,.0f}-{max(s):,.0f}) {keeps(one)[0]:10} {keeps(one)[1]:10} {keeps(one)[2]:11}")

    print(f"\n{'whole room':16} {'rows/s (median, range)':>26}")
    for name, rows in real.items():
        s = []
        for _ in range(3):
            t = time.perf_counter(); clean(rows); s.append(len(rows) / (time.perf_counter() - t))
        print(f"{name:16} {statistics.median(s):12,.0f} ({min(s):,.0f}-{max(s):,.0f})")


if __name__ == "__main__": main(*map(int, sys.argv[1:]))
