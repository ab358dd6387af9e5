"""The wizards where no browser is: buttons clicked in Python, empty states, trouble shown in the page, and a front end that shows no widgets."""
import asyncio
import gc
import threading
import time

import nbformat
import pytest

from ftcourse.runs import ACTIVE, Run, alive, state
from ftcourse.training import control
from tests.tiny import environment

pytestmark = pytest.mark.slow
PLOTLY = "application/vnd.plotly.v1+json"


@pytest.fixture
def wizards():
    "Makes wizards and ends what they follow"
    made = []
    def make(kind, *args, **kw):
        made.append(kind(*args, **kw))
        return made[-1]
    yield make
    for w in made:
        w.close()
        if alive(w.run): control.stop(w.run, wait=30)


def until(what, seconds=60):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def test_a_run_from_new_to_compared(tiny_run, wizards):
    "Start, Pause, Resume, Stop, Continue, Compare by their buttons; each says what is going on"
    from ftcourse import CompareWizard, TrainWizard
    run = tiny_run(training=dict(epochs=25, eval_steps=5, checkpoint_steps=10))
    w, c = wizards(TrainWizard, run), wizards(CompareWizard, run)
    assert "Not started yet" in w.status.value and w.stopped.disabled and w.paused.disabled and not w.started.disabled
    assert "train the run first" in c.status.value and c.asked.disabled and c.table.value == ""
    w.started.click()
    until(lambda: run.history().step > 2)
    until(lambda: "training: step" in w.status.value and not w.paused.disabled)
    assert w.started.disabled and "show code" in w.code.value
    w.started.click()  # as a cell run twice does: nothing new begins
    w.paused.click()
    until(lambda: "paused: step" in w.status.value)
    assert w.paused.description == "Resume"
    w.paused.click()
    until(lambda: "training: step" in w.status.value and w.paused.description == "Pause")
    w.stopped.click()
    until(lambda: "stopped: step" in w.status.value)
    assert w.started.description == "Continue" and "not training" not in w.message.value
    until(lambda: not c.asked.disabled)
    assert "stopped before its last step" in c.status.value
    w.started.click()
    assert asyncio.run(w.finished()) == "finished" and w.bar.value == w.bar.max == run.history().steps and w.started.disabled
    until(lambda: not c.asked.disabled)
    c.asked.click()
    assert asyncio.run(c.finished()) == "compared" and c.message.value == ""
    assert "exact match" in c.figures.value and "1–" in c.where.value
    until(lambda: c.asked.description == "Compare again")
    c.which.value = "wrong"
    c.next.click()
    assert "of" in c.where.value


def test_the_live_plot_comes_back_when_a_stopped_run_goes_on(tiny_run, wizards, monkeypatch):
    "Also where nobody looked between the click and the run's first word"
    import ftcourse.wizards.train as T
    seen, states = [], ["stopped"]
    monkeypatch.setattr(T, "state", lambda *a: states[-1])
    monkeypatch.setattr(T.control, "start", lambda run: states.append("starting"))
    w = wizards(T.TrainWizard, tiny_run())
    w.history.step, w._place = 6, type("Place", (), dict(update=lambda self, what, **kw: seen.append(what)))()
    w._draw("stopped", True)
    assert len(seen) == 1 and seen[0] is not w.plot, "a static figure stands in its place"
    w.start()
    assert seen[-1] is w.plot
    states.append("stopped")
    w.history.step = 7
    w._draw("stopped", True)
    assert seen[-1] is not w.plot, "and a new one when it stops again"


def test_what_blocks_is_shown_in_the_page(tiny_run, wizards):
    from ftcourse import CompareWizard, TrainWizard
    run = tiny_run()
    with open(run.data("train"), "a", encoding="utf-8") as f: f.write("{}\n")
    w = wizards(TrainWizard, run)
    w.started.click()
    until(lambda: "data_changed" in w.message.value + w.status.value)
    assert state(run) not in ACTIVE and "Traceback" not in w.message.value + w.status.value and not w.started.disabled
    c = wizards(CompareWizard, run)
    c._guard(lambda: 1 / 0)()
    assert "ZeroDivisionError" in c.message.value and "Traceback" not in c.message.value
    c._guard(lambda: (_ for _ in ()).throw(ValueError("<img src=x onerror=alert(1)>")))()
    assert "<img" not in c.message.value and "&lt;img" in c.message.value


def test_a_cell_run_twice_leaves_no_thread(tiny_run):
    "The wizard of the first time is collected, and its thread ends"
    from ftcourse import TrainWizard
    run, names = tiny_run(), lambda: sum(t.name == "ftcourse-TrainWizard" for t in threading.enumerate())
    before = names()
    w = TrainWizard(run)
    assert names() == before + 1
    w.close()
    del w
    gc.collect()
    until(lambda: names() == before, 10)


def test_a_front_end_without_widgets(tiny_run):
    "A real kernel and nobody who shows widgets: a plain drawing is redrawn and says so; when the run has ended, a static figure stands in its place"
    from nbclient import NotebookClient
    run = tiny_run(training=dict(epochs=400, eval_steps=0, checkpoint_steps=0))
    cells = [f"import asyncio\nimport ftcourse.wizards.train as T\nfrom ftcourse import TrainWizard, stop\nT.PATIENCE, T.REDRAW = 0.5, 0.1\nw = TrainWizard({str(run.path)!r}, start=True)\nw",
             "for _ in range(600):\n    await asyncio.sleep(0.1)\n    if w.note.value and w.history.step > 5: break\nw.note.value",
             "stop(w.run, wait=60)\nawait w.finished()"]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    client = NotebookClient(nb, timeout=120, kernel_name="python3", store_widget_state=False, resources={"metadata": {"path": str(run.path.parent)}}, extra_arguments=["--log-level=ERROR"])
    try:
        with client.setup_kernel(env=environment()):
            for i, cell in enumerate(nb.cells):
                client.execute_cell(cell, i)
                if i == 1:
                    assert "widget_not_shown" in cell.outputs[-1]["data"]["text/plain"]
                    (drawing,) = [o["data"]["text/html"] for o in nb.cells[0].outputs if "<svg" in o.get("data", {}).get("text/html", "")]
                    assert "Plain drawing" in drawing and "<polyline" in drawing
    finally: control.stop(Run(run.path), wait=30)
    assert nb.cells[2].outputs[-1]["data"]["text/plain"] == "'stopped'"
    (figure,) = [o["data"][PLOTLY] for o in nb.cells[0].outputs if PLOTLY in o.get("data", {})]
    assert len(figure["data"][0]["x"]) == run.history().step > 0 and not [o for o in nb.cells[0].outputs if "<svg" in o.get("data", {}).get("text/html", "")]
