"""What `make demo` costs: seconds of each stage, peak memory of each process, size of the environment, time of `import ftcourse`.

    .venv/bin/python bench/demo.py
"""
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from ftcourse.text import duration, percent, size

ROOT = Path(__file__).resolve().parents[1]


def peak(command):
    "Run a command; its last line of output and its largest resident memory (without its children), in bytes."
    import psutil
    p, most = psutil.Popen(command, stdout=subprocess.PIPE, text=True), 0
    while p.poll() is None:
        try: most = max(most, p.memory_info().rss)
        except psutil.Error: pass
        time.sleep(0.1)
    return p.stdout.read().strip().splitlines()[-1], most


def main():
    imports = []
    for _ in range(7):
        t = time.monotonic()
        subprocess.run([sys.executable, "-c", "import ftcourse, sys; assert 'torch' not in sys.modules"], check=True)
        bare = time.monotonic()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        imports.append((bare - t) - (time.monotonic() - bare))
    with TemporaryDirectory() as runs:
        line, memory = peak([sys.executable, "-m", "ftcourse", "demo", "--json", "--root", runs])
        r = json.loads(line)
        training = json.loads([l for l in (Path(r["run"])/"events.jsonl").read_text().splitlines() if '"finished"' in l][-1])["peak_memory"]
        first = [json.loads(l)["t"] for l in (Path(r["run"])/"events.jsonl").read_text().splitlines() if '"starting"' in l or '"log"' in l][:2]
    environment = sum(p.stat().st_size for p in (ROOT/".venv").rglob("*") if p.is_file() and not p.is_symlink())
    print("| what | measured |\n|---|---:|")
    for stage, s in r["seconds"].items(): print(f"| {stage} | {duration(s)} |")
    print(f"| all | {duration(sum(r['seconds'].values()))} |")
    print(f"| start of training to the first point | {first[1] - first[0]:.1f} s |")
    print(f"| training speed, median of the steps | {r['tokens_per_s']:.0f} tokens/s |")
    print(f"| peak memory: training | {size(training)} |")
    print(f"| peak memory: comparison | {size(memory)} |")
    print(f"| installed environment | {size(environment)} |")
    print(f"| import ftcourse, beyond bare Python (median of 7) | {statistics.median(imports):.3f} s |")
    print("\n| test tickets | base | tuned | difference (95 %) |\n|---|---:|---:|---:|")
    for name, m in r["metrics"].items(): print(f"| {name} | {percent(m['base'])} | {percent(m['tuned'])} | {100 * m['low']:+.0f} to {100 * m['high']:+.0f} |")


if __name__ == "__main__": main()
