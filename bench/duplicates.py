"""Near-duplicates: agreement with exact Jaccard decisions, and time beside datasketch, in one run and in turns.

    .venv/bin/pip install datasketch==2.0.0
    .venv/bin/python bench/duplicates.py [--rows 50000] [--peer-rows 1000] [--exact-rows 4000] [--rounds 5]

Rows are made here: sentences of 5 to 40 words of Python's own standard library, a fifth of them an earlier one with some words changed, so there are pairs at every likeness.
The peer is datasketch in the two ways its documentation shows: `update` for each shingle, and `MinHash.bulk`. Both sides start from the same texts, take the same shingles, 256 permutations
and threshold 0.8, and end with the list of proposed or near pairs; ours checks each pair exactly, datasketch's candidates are taken as they come. RAYON_NUM_THREADS=1 keeps both to one core.
"""
import argparse
import random
import re
import resource
import statistics
import sysconfig
import time
from pathlib import Path

from ftcourse.data.duplicates import Alike, bands, duplicates, folded, jaccard, shingles

NEAR, PERMUTATIONS = 0.8, 256


def made(n, seed=0):
    "Texts with families of near-duplicates."
    rng = random.Random(seed)
    words = sorted({w for p in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("[a-h]*.py")) for w in re.findall(r"[a-z]{2,10}", p.read_text(encoding="utf-8", errors="ignore").lower())})
    out = []
    while len(out) < n:
        if out and rng.random() < 0.2:
            text = rng.choice(out[-200:]).split()
            for _ in range(rng.randint(1, max(1, len(text) // 4))): text[rng.randrange(len(text))] = rng.choice(words)
            out.append(" ".join(text))
        else: out.append(" ".join(rng.choice(words) for _ in range(rng.randint(5, 40))))
    return out

def ours(texts): return list(zip(*(x.tolist() for x in Alike([(folded(t),) for t in texts], NEAR).pairs[:2])))

def peer(texts, bulk):
    "Candidate pairs of datasketch."
    from datasketch import MinHash, MinHashLSH
    sets = [[s.encode() for s in shingles(t)] for t in texts]
    if bulk: sketches = MinHash.bulk(sets, num_perm=PERMUTATIONS)
    else:
        sketches = []
        for s in sets:
            sketch = MinHash(num_perm=PERMUTATIONS)
            for x in s: sketch.update(x)
            sketches.append(sketch)
    lsh = MinHashLSH(threshold=NEAR, num_perm=PERMUTATIONS)
    for i, sketch in enumerate(sketches): lsh.insert(i, sketch)
    return [(j, i) for i, sketch in enumerate(sketches) for j in lsh.query(sketch) if j < i]

def exact_pairs(texts, low):
    "All pairs with a Jaccard index from `low` on, by brute force over an index of shingles."
    sets, at, out = [shingles(t) for t in texts], {}, {}
    for i, s in enumerate(sets):
        common = {}
        for x in s:
            for j in at.get(x, ()): common[j] = common.get(j, 0) + 1
            at.setdefault(x, []).append(i)
        for j, n in common.items():
            if n >= low * (len(s) + len(sets[j]) - n): out[j, i] = n / (len(s) + len(sets[j]) - n)
    return out

def agreement(texts, found, truth):
    "Share of decisions that are those of the exact Jaccard index: of all pairs from 0.6 on, and of those within 0.05 of the threshold."
    found = set(found)
    right = {p: (p in found) == (s >= NEAR - 1e-9) for p, s in truth.items()}
    near = [ok for p, ok in right.items() if abs(truth[p] - NEAR) <= 0.05]
    return len(right), sum(right.values()) / len(right), len(near), sum(near) / len(near), len(found - set(truth))

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("rows", 50_000), ("peer-rows", 1000), ("exact-rows", 4000), ("rounds", 5)): ap.add_argument(f"--{name}", type=int, default=value)
    args = ap.parse_args()
    some = made(args.exact_rows, seed=1)
    truth = exact_pairs(some, 0.6)
    assert all(abs(jaccard(some[i], some[j]) - s) < 1e-12 for (i, j), s in list(truth.items())[:200])
    print(f"threshold {NEAR}, {PERMUTATIONS} permutations, bands {bands(NEAR)}; {args.exact_rows:,} rows, every pair compared: {sum(s >= NEAR for s in truth.values())} near\n")
    print("| decisions like the exact ones | pairs from 0.6 on | agree | pairs at 0.75 to 0.85 | agree | said, below 0.6 |\n|---|---:|---:|---:|---:|---:|")
    for name, f in (("ours", ours), ("datasketch, candidates", lambda t: peer(t, True))):
        n, a, m, b, wrong = agreement(some, f(some), truth)
        print(f"| {name} | {n} | {a:.4f} | {m} | {b:.4f} | {wrong} |", flush=True)
    many, few = made(args.rows, seed=2), made(args.peer_rows, seed=3)
    rows = [dict(messages=[dict(role="user", content=t[:2 * len(t) // 3]), dict(role="assistant", content=t[2 * len(t) // 3:])]) for t in many]
    ways = {"ours": (many, ours), "ours, whole step with report": (rows, duplicates), "datasketch, update": (few, lambda t: peer(t, False)), "datasketch, bulk": (few, lambda t: peer(t, True))}
    times = {name: [] for name in ways}
    for _ in range(args.rounds):  # in turns, so that a busy minute of the machine falls on all
        for name, (data, f) in ways.items():
            start = time.perf_counter()
            f(data)
            times[name].append((time.perf_counter() - start) / len(data) * 1e6)
    base = statistics.median(times["ours"])
    print(f"\n{args.rows:,} rows of {statistics.mean(map(len, many)):.0f} characters; datasketch on {args.peer_rows:,} of the kind, and it grows by the row\n\n| texts to pairs | µs a row, median (lowest – highest) | {args.rows:,} rows, s | times ours |\n|---|---:|---:|---:|")
    for name, ts in times.items(): print(f"| {name} | {statistics.median(ts):,.1f} ({min(ts):,.1f} – {max(ts):,.1f}) | {statistics.median(ts) * args.rows / 1e6:,.1f} | {statistics.median(ts) / base:,.1f} |")
    print(f"\npeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")

if __name__ == "__main__": main()
