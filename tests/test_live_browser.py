"""The live plot in a real JupyterLab and a real browser."""
import time

import pytest

pytest_plugins = ["tests.lab"]
pytestmark = pytest.mark.browser

PLOTS = '''import math, threading, time
import ipywidgets as W
from IPython.display import display
from ftcourse.live import LivePlot

NAMES = ["loss", "learning rate", "gradient norm", "tokens/s"]
SPOTS = {"": ([0, .45], [.6, 1]), "2": ([.55, 1], [.6, 1]), "3": ([0, .45], [0, .4]), "4": ([.55, 1], [0, .4])}

def figure():
    "Four subplots, five empty traces"
    data = [dict(type="scatter", mode="lines", name="train"), dict(type="scatter", mode="lines", name="valid")]
    data += [dict(type="scatter", mode="lines", name=n, showlegend=False, xaxis=f"x{i}", yaxis=f"y{i}") for i, n in enumerate(NAMES[1:], 2)]
    layout = dict(title="Training", annotations=[])
    for name, (k, (x, y)) in zip(NAMES, SPOTS.items()):
        layout["xaxis" + k] = dict(domain=x, anchor="y" + k, title="step")
        layout["yaxis" + k] = dict(domain=y, anchor="x" + k)
        layout["annotations"].append(dict(text=name, x=sum(x) / 2, y=y[1], xref="paper", yref="paper", xanchor="center", yanchor="bottom", showarrow=False))
    return dict(data=data, layout=layout)

def rows(i):
    out = [(0, i, 0.6 + 2 * math.exp(-i / 60) + 0.1 * math.sin(i * 1.7)), (2, i, 2e-4 * min(1, i / 20)), (3, i, 1 + 0.5 * math.cos(i)), (4, i, 540 + 30 * math.sin(i / 3))]
    return out + ([(1, i, 0.8 + 2 * math.exp(-i / 60))] if i % 10 == 0 else [])

def pushing(plot, n, pause, first=0):
    "Pushes from a thread, as training does"
    def work():
        for i in range(first, n):
            plot.push(rows(i))
            time.sleep(pause)
    t = threading.Thread(target=work, daemon=True)
    t.start()
    return t
'''
USE = "from plots import *"
BOXES = "const boxes = [...document.querySelectorAll('.js-plotly-plot')];"
GROWN = "([n, views]) => {" + BOXES + " return boxes.length === views && boxes.every(b => (b.data?.[0].x?.length ?? 0) >= n); }"
XS = "() => {" + BOXES + " return boxes.map(b => b.data[0].x); }"
DRAWS = "() => {" + BOXES + " return boxes.map(b => +b.dataset.draws || 0); }"


@pytest.fixture(autouse=True)
def plots(lab):
    "What the notebooks of these tests import"
    (lab[1] / "plots.py").write_text(PLOTS)


def as_if_new(page):
    "As if this were a new page, on which no plot has been drawn"
    page.evaluate("() => { delete globalThis.Plotly; delete globalThis.__ftcourse_plotly_1; }")


def grown(page, n, views=1): page.wait_for_function(GROWN, arg=[n, views], timeout=30_000)


def plotly_transfers(frames): return sum(size > 100_000 for size in comm_sizes(frames))


def comm_sizes(frames):
    "Sizes of the custom messages that a page got from widgets"
    raw = [f if isinstance(f, bytes) else f.encode() for f in frames]
    return [len(f) for f in raw if b'"comm_msg"' in f and b'"method": "custom"' in f.replace(b'":"', b'": "')]


def test_points_arrive_in_every_view_once(notebook):
    page = notebook(USE, "plot = LivePlot(figure(), height=300)\ndisplay(plot)", "display(plot)\npushing(plot, 100, 0.02);")
    grown(page, 100, views=2)
    assert page.evaluate(XS) == [list(range(100))] * 2
    sizes = sorted(comm_sizes(notebook.frames))
    assert len(sizes) > 5 and sizes[-2] <= 4096, f"only plotly.js may be longer than 4 KB: {sizes[-5:]}"
    assert max(page.evaluate(DRAWS)) <= 30, "100 updates in 2 seconds are drawn together"


def test_ten_plots_need_one_plotly(notebook):
    page = notebook(USE, "plots = [LivePlot(figure(), height=200) for _ in range(10)]\nfor p in plots: display(p); p.push(rows(0) + rows(1))", run=False)
    as_if_new(page)
    notebook.run_all(page)
    page.wait_for_function("() => document.querySelectorAll('.ft-live [role=img]').length === 10", timeout=30_000)
    page.evaluate("() => document.querySelectorAll('.jp-OutputArea-output')[9].scrollIntoView()")
    page.wait_for_function("() => document.querySelectorAll('.ft-live')[9].querySelector('.main-svg')", timeout=30_000)
    assert plotly_transfers(notebook.frames) == 1
    notebook.command(page, "docmanager:save", wait=True)
    assert notebook.path.stat().st_size < 500_000


def test_the_page_stays_responsive(notebook):
    page = notebook(USE, """plot = LivePlot(figure())
button, echo = W.Button(description="Echo"), W.Label("0")
button.add_class("t-button"); echo.add_class("t-echo")
button.on_click(lambda _: setattr(echo, "value", str(int(echo.value) + 1)))
plot.push([r for i in range(3000) for r in rows(i)])
display(W.VBox([W.HBox([button, echo]), plot]))
pushing(plot, 6000, 0.02, first=3000);""")
    page.wait_for_function("() => document.querySelector('.js-plotly-plot')?.dataset.points > 5000", timeout=30_000)
    times = []
    for i in range(1, 6):
        start = time.monotonic()
        page.click(".t-button")
        page.wait_for_function("n => document.querySelector('.t-echo').innerText.trim() === String(n)", arg=i, timeout=10_000)
        times.append(time.monotonic() - start)
    assert sorted(times)[2] < 0.5
    xs = page.evaluate(XS)[0]
    assert len(xs) <= 2000 and xs[0] == 0 and xs[-1] > 2990
    before = page.evaluate(DRAWS)[0]
    page.wait_for_timeout(2000)
    assert 1 <= page.evaluate(DRAWS)[0] - before <= 11


def test_hidden_plots_wait_and_catch_up(notebook):
    page = notebook(USE, """seen, hidden = LivePlot(figure(), height=200), LivePlot(figure(), height=200)
display(W.Tab([W.VBox([seen]), W.VBox([hidden])]))
for p in (seen, hidden): pushing(p, 60, 0.02)""")
    page.wait_for_function("() => document.querySelector('.js-plotly-plot')?.data[0].x.length === 60", timeout=30_000)
    assert page.evaluate("() => document.querySelectorAll('.js-plotly-plot').length") == 1
    page.locator(".jupyter-widgets .lm-TabBar-tab").nth(1).click()
    grown(page, 60, views=2)


def test_another_plot_asks_when_the_first_is_mute(notebook):
    page = notebook(USE, """class Mute(LivePlot):
    def _answer(self, widget, content, buffers):
        if content["kind"] != "want-plotly": super()._answer(widget, content, buffers)
mute, good = Mute(figure(), height=200), LivePlot(figure(), height=200)
for p in (mute, good): p.push(rows(0) + rows(1)); display(p)""", run=False)
    as_if_new(page)
    notebook.run_all(page)
    grown(page, 2, views=2)
    assert page.inner_text(".ft-live [role=status]") == ""


def test_a_busy_kernel_answers_and_sends_plotly_once(notebook):
    page = notebook(USE, "plot = LivePlot(figure())\ndisplay(plot)\npushing(plot, 60, 0.02);", """end = time.monotonic() + 30
while not plot.shown and time.monotonic() < end: time.sleep(0.1)
print("heard while busy:", plot.shown)""", run=False)
    as_if_new(page)
    notebook.run_all(page)
    page.wait_for_selector("text='heard while busy: True'", timeout=40_000)
    grown(page, 60)
    page.wait_for_timeout(300)
    assert plotly_transfers(notebook.frames) == 1


def test_a_page_without_plotly_says_so(notebook):
    page = notebook(USE, "plot = LivePlot(figure(), height=200)\nplot.send = lambda content, buffers=None: type(plot).send(plot, content, [b'no script'] if buffers else None)\nplot", run=False)
    as_if_new(page)
    notebook.run_all(page)
    page.wait_for_function("() => document.querySelector('.ft-live [role=status]')?.innerText.includes('use `watch(run)`')", timeout=30_000)
    assert page.inner_text(".ft-live [role=status]").startswith("The live plot could not be drawn here: ")
    as_if_new(page)


def test_a_rewound_run_repeats_its_steps(notebook):
    page = notebook(USE, "plot = LivePlot(figure(), height=300)\nplot.push([(0, i, 1) for i in range(50)])\nplot", "plot.rewind(19)\nplot.push([(0, i, float('nan') if i == 25 else 2) for i in range(20, 31)])", run=False)
    notebook.command(page, "notebook:run-cell-and-select-next", wait=True)
    notebook.command(page, "notebook:run-cell-and-select-next", wait=True)
    grown(page, 50)
    notebook.command(page, "notebook:run-cell-and-select-next", wait=True)
    page.wait_for_function("() => document.querySelector('.js-plotly-plot').data[0].x.length === 31", timeout=10_000)
    assert page.evaluate("() => document.querySelector('.js-plotly-plot').data[0].y") == [1] * 20 + [2] * 5 + [None] + [2] * 5


def test_a_reload_brings_everything_back(notebook):
    page = notebook(USE, "plot = LivePlot(figure())\ndisplay(plot)\npushing(plot, 250, 0.02);")
    grown(page, 20)
    notebook.command(page, "docmanager:save", wait=True)
    notebook.reload()
    grown(page, 250)
    assert page.evaluate(XS) == [list(range(250))]


def test_looks(notebook):
    page = notebook(USE, "plot = LivePlot(figure(), height=520)\nplot.push([r for i in range(120) for r in rows(i)])\nplot")
    grown(page, 120)
    page.wait_for_function("() => document.querySelector('.ft-live [role=img]').ariaLabel.includes('train 0.')", timeout=10_000)
    notebook.screen(page, "live-light", ".ft-live")
    ink = "() => getComputedStyle(document.querySelector('.js-plotly-plot .gtitle')).fill"
    light = page.evaluate(ink)
    notebook.theme(page, "JupyterLab Dark")
    page.wait_for_function(f"light => ({ink})() !== light", arg=light, timeout=10_000)
    notebook.screen(page, "live-dark")
    notebook.theme(page, "JupyterLab Light")
    page.wait_for_function(f"light => ({ink})() === light", arg=light, timeout=10_000)
    notebook.command(page, "application:toggle-left-area")
    page.set_viewport_size({"width": 400, "height": 1400})
    page.wait_for_function("() => { const b = document.querySelector('.js-plotly-plot'); return b.layout.width < 400 && b.layout.height > 900; }", timeout=10_000)
    page.evaluate("() => document.querySelector('.ft-live').scrollIntoView()")
    page.wait_for_timeout(500)
    notebook.screen(page, "live-narrow", ".ft-live")
    notebook.command(page, "application:toggle-left-area")
    page.set_viewport_size({"width": 1200, "height": 1000})
