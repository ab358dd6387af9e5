"""Execute notebooks and store their outputs, for the docs: `.venv/bin/python dev/execute.py [notebook or folder ...]` (none: all of nbs/).

Each runs in a throw-away copy of nbs/, so that runs and files it makes are not left in the tree. Cells flagged by one of settings.ini's
`tst_flags` keep the outputs they have. A notebook that fails is left as it was."""
import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import time
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NBS = ROOT/"nbs"
PLOTLY, WIDGET = "application/vnd.plotly.v1+json", "application/vnd.jupyter.widget-view+json"
MAX_BYTES = 300_000  # a notebook; tests/test_repository.py holds the line
ENV = {"PLOTLY_RENDERER": "plotly_mimetype", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def settings():
    "settings.ini as nbdev reads it"
    cfg = ConfigParser(delimiters=["="], interpolation=None)
    cfg.read(ROOT/"settings.ini", encoding="utf-8")
    return cfg["DEFAULT"]

def notebooks(*folders):
    "The notebooks below nbs/ (or the folders of it named), in reading order; names that begin with _ or . are not looked at."
    found = [p for f in folders or ("",) for p in sorted((NBS/f).rglob("*.ipynb"))]
    return [p for p in found if not any(part[0] in "_." for part in p.relative_to(NBS).parts)]

def copy_tree(to):
    "nbs/ without what runs leave behind."
    shutil.copytree(NBS, to, ignore=lambda folder, names: [n for n in names if n[0] in "_." or n == "runs"])
    return to

def directives(source):
    "`#| gpu` and `#| eval: false` at the head of a cell, as a dict."
    out = {}
    for line in source.splitlines():
        if not line.strip(): continue
        m = re.match(r"#\|\s*([\w-]+)\s*:?\s*(.*)", line)
        if not m: break
        out[m[1]] = m[2].strip()
    return out

def is_skipped(cell, flags):
    d = directives(cell.source)
    return cell.cell_type == "code" and (bool(flags & d.keys()) or d.get("eval", "").lower() == "false")

SHORT = dict(train=80, valid=16, test=24)  # rows of the quickstart where it is run as a test

def short_quickstart(folder, **sizes):
    "Files of the first rows of each side of the quickstart's data, in `folder`; the lesson's line that makes its run, and the same on those rows."
    sizes = sizes or SHORT
    for side, rows in sizes.items():
        lines = (ROOT/"ftcourse"/"datasets"/"triage"/f"{side}.jsonl").read_text(encoding="utf-8").splitlines(True)
        (folder/f"{side}.jsonl").write_text("".join(lines[:rows]), encoding="utf-8")
    made = 'run = new(free_name("runs", "quickstart"), "triage-smollm2_135m-qlora")'
    return made, made[:-1] + ", data=dict(" + ", ".join(f'{side}="{side}.jsonl"' for side in sizes) + "))"

def run_notebook(path, cwd, timeout=1800, change=None):
    "The notebook, executed from top to bottom in `cwd`; `change`: (old, new) text of one cell. Raises nbclient's CellExecutionError."
    import nbformat
    from nbclient import NotebookClient
    nb, flags = nbformat.read(path, 4), set(settings()["tst_flags"].split())
    if change:
        cell, = (c for c in nb.cells if c.cell_type == "code" and change[0] in c.source)
        cell.source = cell.source.replace(*change)
    skipped = [c for c in nb.cells if is_skipped(c, flags)]
    for c in skipped: c.metadata["tags"] = [*c.metadata.get("tags", []), "skip-execution"]
    NotebookClient(nb, timeout=timeout, kernel_name="python3", store_widget_state=False, resources={"metadata": {"path": str(cwd)}},
                   extra_arguments=["--log-level=ERROR"]).execute()  # no warning that its sockets are local TCP
    return nb

def cleaned(nb):
    "The text that `nbdev_clean` would leave of a notebook (a dict as json reads it)."
    from execnb.nbio import nb2str
    from nbdev.clean import clean_nb
    cfg = settings()
    clean_nb(nb, cfg.getboolean("clear_all"), cfg["allowed_metadata_keys"].split(), cfg["allowed_cell_metadata_keys"].split(), cfg.getboolean("clean_ids"))
    return nb2str(nb)

TEMPORARY = re.compile(re.escape(os.path.join(tempfile.gettempdir(), "tmp")) + r"(?:[a-z0-9_]|&#95;){8}(?!\w)[/\\]?")  # a folder that a cell made for itself

def without_places(value, places):
    "Paths of this machine inside outputs, made relative: nobody else has them."
    if isinstance(value, dict): return {k: without_places(v, places) for k, v in value.items()}
    if isinstance(value, list): return [without_places(v, places) for v in value]
    if isinstance(value, str):
        value = TEMPORARY.sub("", value)
        for place, name in places: value = value.replace(place + os.sep, name).replace(place, name.rstrip("/") or ".")
    return value

def kept(output):
    "An output as it is stored, or None: no warnings, no widgets that nothing can draw later."
    if output.get("name") == "stderr": return None
    data = output.get("data")
    if data is None: return output
    if data.pop(WIDGET, None) is not None and not set(data) - {"text/plain"}: return None
    if PLOTLY in data: output["data"] = {PLOTLY: {k: v for k, v in data[PLOTLY].items() if k != "config"}}
    return output

def stored(nb, cwd):
    "The executed notebook as it is written: a dict."
    import nbformat
    nb.metadata.pop("widgets", None)
    raw = json.loads(nbformat.writes(nb))
    places = ((str(cwd), ""), (str(ROOT), ""), (str(Path.home()), "~/"))
    for c in raw["cells"]:
        if "outputs" in c: c["outputs"] = [without_places(o, places) for o in map(kept, c["outputs"]) if o is not None]
    return raw

def plain(error): return re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()

def refresh(path, tree):
    "Execute one notebook and store its outputs. Returns what is wrong, or None."
    cwd = (tree/path.relative_to(NBS)).parent
    try: nb = run_notebook(path, cwd)
    except Exception as e: return plain(e)
    text = cleaned(stored(nb, cwd))
    if len(text.encode()) > MAX_BYTES: return f"{len(text.encode()):,} bytes with its outputs; {MAX_BYTES:,} is the limit"
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)

def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("paths", nargs="*", type=Path, help="notebooks or folders below nbs/")
    todo = []
    for path in p.parse_args().paths or [NBS]:
        path = path.resolve()
        if not path.exists() or NBS not in [path, *path.parents]: p.error(f"{path} is not in {NBS}")
        todo += [path] if path.is_file() else notebooks(path.relative_to(NBS))
    os.environ.update(ENV, PYTHONHASHSEED="0")  # the same outputs from the same notebook
    failed = 0
    with tempfile.TemporaryDirectory(prefix="ftcourse-") as tmp:
        tree = copy_tree(Path(os.path.realpath(tmp))/"nbs")
        for path in todo:
            t0, wrong = time.time(), refresh(path, tree)
            failed += bool(wrong)
            print(f"{'FAILED' if wrong else 'stored'} {path.relative_to(ROOT)} {time.time() - t0:.1f} s" + (f"\n{wrong}" if wrong else ""), flush=True)
    return int(failed > 0)

if __name__ == "__main__": sys.exit(main())
