"""How many of the labelled heads are read right, and how fast rows are detected and converted: `python bench/layouts.py`.

Accuracy is counted on tests/layouts_heads.jsonl. Half 1 was written before there were rules, half 2 before the rules were touched again; at their first runs 94 of 96 and 119 of 121 were right.
tests/layouts_heads_independent.jsonl is by an author who did not know the detector, from some 240 documented tools and data sets and from everyday tables; at its first run 233 of 299 were right, and the rules were mended by it.
tests/layouts_heads_second.jsonl and tests/layouts_heads_third.jsonl are by two further authors; first runs 360 of 553 and 206 of 279.
Speed is for one core: each layout's rows are the usable rows of its heads, 10,000 of them, converted in one go; five rounds, interleaved over the layouts."""
import json
import statistics
import time
from pathlib import Path

from ftcourse.data.layouts import Unusable, converter, detect, layouts, mapping_text, mixed_converter

HEADS = [json.loads(line) for name in ("layouts_heads", "layouts_heads_independent", "layouts_heads_second", "layouts_heads_third") for line in (Path(__file__).parents[1]/"tests"/f"{name}.jsonl").read_text(encoding="utf-8").split("\n") if line]
ROWS, ROUNDS = 10_000, 5

def wrong(head):
    "Empty if the head is read as its label says."
    d = detect(head["rows"])
    if not head["sure"]: return f"sure of {d.layout}" if d.sure else ""
    if head["layout"] is None: return d.layout
    if not d.sure or d.layout not in (head["layout"], *head.get("also", ())): return f"{d.layout or 'none'}{'' if d.sure else ', not sure'}"
    if any(d.mapping.get(r) != f for r, f in head.get("mapping", {}).items()): return f"mapping {mapping_text(d.mapping)}"
    if "first" in head:
        got = mixed_converter(d.groups)(head["rows"][0])[0]
        if any(got.get(k) != v for k, v in head["first"].items()): return f"row {got}"
    return ""

def accuracy():
    for half in (1, 2, "independent", "independent 2", "independent 3"):
        heads = [h for h in HEADS if h["half"] == half]
        bad = [(h["source"], w) for h in heads if (w := wrong(h))]
        print(f"half {half}: {len(heads) - len(bad)} of {len(heads)} heads right ({sum(not h['sure'] for h in heads)} of them ambiguous: not sure is right)")
        for source, w in bad: print(f"  {source}: {w}")

def usable(way, rows):
    for row in rows:
        try: way(row); yield row
        except Unusable: pass

def speed():
    jobs = {}
    for x in layouts():
        heads = [(h, d) for h in HEADS if h["layout"] == x["name"] and h["sure"] and (d := detect(h["rows"])).layout == x["name"]]
        work = [(way, row) for h, d in heads for way in [converter(d.layout, d.mapping)] for row in usable(way, h["rows"])]
        if work: jobs[x["name"]] = (work * (ROWS // len(work) + 1))[:ROWS]
    took = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, work in jobs.items():
            start = time.perf_counter()
            for way, row in work: way(row)
            took[name].append(ROWS / (time.perf_counter() - start))
    print(f"\n{'layout':26}{'rows/s, median':>16}{'least':>12}{'most':>12}")
    for name, rates in sorted(took.items(), key=lambda x: statistics.median(x[1])): print(f"{name:26}{statistics.median(rates):16,.0f}{min(rates):12,.0f}{max(rates):12,.0f}")
    head = [{"id": i, "instruction": f"Name a word with {i} letters and say why you took it.", "input": "", "output": "Lamp, since it was near.", "source": "x", "score": 0.5} for i in range(200)]
    rates = []
    for _ in range(ROUNDS * 3):
        start = time.perf_counter()
        detect(head)
        rates.append((time.perf_counter() - start) * 1000)
    print(f"\ndetect on 200 rows of 6 fields: {statistics.median(rates):.1f} ms (least {min(rates):.1f}, most {max(rates):.1f})")

if __name__ == "__main__":
    accuracy()
    speed()
