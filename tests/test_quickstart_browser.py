"""The quickstart lesson as a person walks it: JupyterLab, a real browser, the embedded model."""
import json
import re
import shutil
import sys
import time

import nbformat
import pytest

from ftcourse.runs import Run, alive, state
from ftcourse.training import control
from tests.lab import ROOT

sys.path.insert(0, str(ROOT/"dev"))
from execute import short_quickstart

pytest_plugins = ["tests.lab"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

STATUS = "document.querySelector('.ft-status')?.innerText ?? ''"
POINTS = "() => (document.querySelector('.js-plotly-plot')?.data?.[0]?.x?.length ?? 0)"


@pytest.fixture
def lesson(notebook):
    "Opens the lesson itself, without stored outputs; ends its runs whatever happens."
    nb = nbformat.read(ROOT/"nbs/course/01_quickstart.ipynb", 4)
    for cell in nb.cells:
        if cell.cell_type == "code": cell.outputs = []
    old, new = short_quickstart(notebook.folder)
    cells = [c.source.replace(old, new) for c in nb.cells if c.cell_type == "code"]
    assert sum(new in c for c in cells) == 1
    shutil.rmtree(notebook.folder/"runs", ignore_errors=True)
    yield lambda: notebook(*cells)
    for folder in (notebook.folder/"runs").glob("*"):
        if alive(Run(folder)): control.stop(Run(folder), wait=20)


def status(page, text, seconds): page.wait_for_function(f"t => ({STATUS}).includes(t)", arg=text, timeout=1000 * seconds)


def test_quickstart(lesson, notebook, record_property):
    page = lesson()
    page.wait_for_selector(".ft-start", timeout=60_000)
    page.wait_for_timeout(1500)
    page.locator(".ft-status").evaluate("e => e.scrollIntoView({block: 'start'})")  # a plot out of sight waits with drawing
    status(page, "step", 120)
    page.wait_for_function(f"() => ({POINTS})() >= 3", timeout=120_000)
    notebook.screen(page, "quickstart-training")
    run = Run(next((notebook.folder/"runs").iterdir()))

    # pause and resume, while the cell that waits is running
    page.click(".ft-pause")
    status(page, "paused", 60)
    at = run.history().step
    page.click(".ft-pause")
    status(page, "training", 30)
    page.wait_for_function(f"n => ({POINTS})() > n", arg=at, timeout=120_000)

    # stop: within one micro-batch and two seconds
    micro = longest_step(run)
    asked = time.monotonic()
    page.click(".ft-stop")
    status(page, "stopped", 60)
    took = time.monotonic() - asked
    record_property("stop_seconds", f"{took:.2f} (longest step {micro:.2f})")
    assert took < micro + 2 + 3, f"{took:.1f} s; the longest step takes {micro:.1f} s"  # three more for a checkpoint, the adapter and a slow machine
    stopped = run.history().step
    page.wait_for_function("() => document.querySelector('.ft-compare-status')?.innerText.includes('stopped')", timeout=30_000)
    notebook.screen(page, "quickstart-stopped")

    # continue to the end: the plot goes on, the comparison begins by itself
    page.click(".ft-start")
    page.wait_for_function(f"n => ({POINTS})() > n", arg=stopped, timeout=180_000)
    status(page, "finished", 500)
    assert state(run) == "finished" and run.history().step == run.history().steps == 40
    page.wait_for_selector(".ft-pairs-table table", timeout=400_000)
    page.wait_for_timeout(500)
    page.locator(".ft-compare-box").scroll_into_view_if_needed()
    notebook.screen(page, "quickstart-compared")
    report = json.loads((run.evaluation/"report.json").read_text())
    learnt = report["metrics"]["valid_json"]
    assert report["n"] == 24 and report["step"] == report["steps"] == 40 and learnt["base"] <= 0.05 and learnt["tuned"] >= 0.5 and learnt["low"] > 0, "the form of the answers is learnt first"
    assert re.search(r"exact match", page.inner_text(".ft-compare-box"))

    # the page of wrong answers, in the dark and in a narrow window
    page.locator(".ft-compare-box .widget-toggle-buttons button").first.click()
    notebook.theme(page, "JupyterLab Dark")
    page.wait_for_timeout(800)
    notebook.screen(page, "quickstart-dark")
    page.set_viewport_size(dict(width=620, height=1000))
    page.wait_for_timeout(800)
    notebook.screen(page, "quickstart-narrow")
    page.set_viewport_size(dict(width=1200, height=1000))
    notebook.theme(page, "JupyterLab Light")

    # saved: a static figure stays, and the file is small
    notebook.command(page, "docmanager:save", wait=True)
    saved = nbformat.read(notebook.path, 4)
    code = [c for c in saved.cells if c.cell_type == "code"]
    assert all(c.execution_count for c in code) and not [o for c in code for o in c.outputs if o.output_type == "error"], "the whole lesson ran"
    kinds = [set(o.get("data", {})) for c in saved.cells if c.cell_type == "code" for o in c.outputs]
    assert any("application/vnd.plotly.v1+json" in k for k in kinds), "the static figure is kept"
    assert notebook.path.stat().st_size < 300_000


def longest_step(run):
    from ftcourse.events import read
    times = [e["t"] for e in read(run.events)[0] if e["kind"] in ("log", "checkpoint", "eval")]
    return max([b - a for a, b in zip(times, times[1:])] or [5])
