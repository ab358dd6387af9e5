"""The live plot without a page: what is sent, in what order, how much of it, and what is kept."""
import json
import math
import random
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given, settings, strategies as st

from ftcourse.live import LIMIT, LivePlot, Served, buckets, decimate, free_replies, plotly_script

FIGURE = {"data": [{"type": "scatter", "mode": "lines", "name": n} for n in ("train", "valid", "lr")], "layout": {"title": "loss"}}


class Page:
    "A page's bookkeeping, as in static/live.js, over a plot whose messages it hears"

    def __init__(self, plot):
        self.plot, self.traces, self.next, self.synced = plot, None, 0, False
        self.ahead, self.parts, self.sizes, self.deaf, self.lock = [], {}, [], False, threading.RLock()
        self.drop()
        others = getattr(plot, "pages", [])
        plot.pages = [*others, self]
        plot.send = lambda content, buffers=None: [page.hear(content) for page in plot.pages]

    def drop(self, x=None):
        old = self.traces or [([], []) for _ in FIGURE["data"]]
        self.traces = [tuple(zip(*[(a, b) for a, b in zip(*t) if x is not None and a <= x])) or ([], []) for t in old]
        self.traces = [(list(a), list(b)) for a, b in self.traces]

    def add(self, m, start=0):
        for t, x, y in list(zip(m["t"], m["x"], m["y"]))[start:]: self.traces[t][0].append(x); self.traces[t][1].append(y)

    def hear(self, m):
        with self.lock: self.take(json.loads(json.dumps(m, allow_nan=False)))

    def take(self, m):
        self.sizes.append(len(json.dumps({"method": "custom", "content": m})))
        if self.deaf: return
        if m["kind"] == "history": self.history(m)
        elif m["kind"] in ("points", "rewind"): self.ahead.append(m)
        self.ahead.sort(key=lambda m: m["seq"])
        while self.ahead and self.ahead[0]["seq"] <= self.next: self.apply(self.ahead.pop(0))

    def apply(self, m):
        end = m["seq"] + (len(m["t"]) if m["kind"] == "points" else 1)
        if end > self.next:
            if m["kind"] == "points": self.add(m, self.next - m["seq"])
            else: self.drop(m["x"])
        self.next, self.synced = max(end, self.next), True

    def history(self, m):
        if self.synced and m["seq"] <= self.next: return
        parts = self.parts.setdefault(m["seq"], {})
        parts[m["part"]] = m
        if len(parts) < m["parts"]: return
        self.drop()
        for i in sorted(parts): self.add(parts[i])
        self.next, self.synced = m["seq"], True

    def want(self):
        self.plot._answer(self.plot, {"kind": "want", "next": self.next}, [])
        return self


@pytest.fixture
def plot():
    p = LivePlot(FIGURE)
    yield p
    p.close()


def fill(plot, n, start=0): plot.push([(i % 3, i, math.exp(-i / 1000) + 0.001 * (i % 7)) for i in range(start, start + n)])


# ---- messages

@pytest.mark.parametrize("n", [1, 100, 100_000])
def test_no_message_is_longer_than_4_kb(plot, n):
    fill(plot, n)
    page = Page(plot).want()
    assert max(page.sizes) <= 4096 - 1000, "with its header and parent"
    fill(plot, 5_000, start=n)
    plot.flush()
    assert max(page.sizes) <= 4096 - 1000
    assert page.next == n + 5_000


def test_an_update_costs_the_same_whatever_the_history(plot):
    page, costs, have = Page(plot).want(), [], 0
    for n in (10, 1_000, 100_000):
        fill(plot, n - have, start=have)
        have = n
        plot.flush()
        before = plot.bytes_sent
        plot.push([(0, 123456, 1.23456), (2, 123456, 0.000123456)])
        plot.flush()
        have += 2
        costs.append(plot.bytes_sent - before)
    assert max(costs) - min(costs) < 10 and max(costs) < 200, costs


def test_nothing_is_sent_before_a_page_asks(plot):
    sent = []
    plot.send = lambda *a, **k: sent.append(a)
    fill(plot, 50)
    plot.rewind(10)
    plot.flush()
    assert sent == [] and plot.bytes_sent == 0


def test_traits_carry_no_history(plot):
    before = json.dumps(plot.spec)
    fill(plot, 10_000)
    assert json.dumps(plot.spec) == before and len(before) < 1_000
    state = {k: v for k, v in plot.get_state().items() if k != "_esm"}
    assert len(json.dumps(state, default=str)) < 3_000
    assert len(plot.get_state()["_esm"]) < 15_000


def test_points_pushed_one_by_one_are_sent_together(plot):
    page = Page(plot).want()
    for i in range(300): plot.push([(0, i, 1.0)])
    plot.flush()
    assert page.next == 300 and len(page.sizes) < 30


def test_what_is_held_back_goes_out_by_itself(plot):
    page = Page(plot).want()
    for i in range(5): plot.push([(0, i, 1.0)])
    end = time.monotonic() + 5
    while page.next < 5 and time.monotonic() < end: time.sleep(0.02)
    assert page.traces[0][0] == [0, 1, 2, 3, 4]


# ---- order

def test_two_pages_get_every_point_once(plot):
    fill(plot, 90)
    first = Page(plot).want()
    fill(plot, 30, start=90)
    second = Page(plot).want()
    fill(plot, 30, start=120)
    plot.flush()
    assert first.traces == second.traces and [len(t[0]) for t in first.traces] == [50, 50, 50]


def test_a_page_that_missed_messages_gets_what_it_lacks(plot):
    page = Page(plot).want()
    fill(plot, 30)
    plot.flush()
    page.deaf = True
    fill(plot, 30, start=30)
    plot.flush()
    page.deaf = False
    fill(plot, 30, start=60)
    plot.flush()
    assert page.next == 30 and page.ahead, "the gap is seen"
    page.want()
    assert page.next == 90 and [len(t[0]) for t in page.traces] == [30, 30, 30]
    before = plot.bytes_sent
    page.want()
    assert plot.bytes_sent - before < 100, "nothing lacks now"


def test_a_long_lack_comes_as_a_thinned_history(plot):
    fill(plot, 30_000)
    page = Page(plot).want()
    fill(plot, 3, start=30_000)
    plot.flush()
    assert page.next == 30_003 and all(len(t[0]) <= LIMIT + 1 for t in page.traces)
    assert [t[0][-1] for t in page.traces] == [30_000, 30_001, 30_002]


def test_a_rewind_drops_what_lies_beyond(plot):
    page = Page(plot).want()
    fill(plot, 90)
    plot.rewind(44)
    plot.push([(0, 45, 7.0)])
    plot.flush()
    late = Page(plot).want()
    assert page.traces == late.traces and page.traces[0][0][-2:] == [42, 45] and plot.count == 46
    assert max(max(t[0]) for t in page.traces) == 45


def test_a_page_from_before_a_rewind_gets_the_state_after_it(plot):
    page = Page(plot).want()
    fill(plot, 30)
    plot.flush()
    page.deaf = True
    plot.rewind(9)
    plot.push([(0, 10, 5.0)])
    plot.flush()
    page.deaf = False
    page.want()
    assert sum(len(t[0]) for t in page.traces) == 11 and page.next == plot._points.next


def test_reset_leaves_nothing(plot):
    page = Page(plot).want()
    fill(plot, 30)
    plot.reset()
    assert plot.count == 0 and page.traces == [([], [])] * 3
    plot.push([(0, 1, 1.0)])
    plot.flush()
    assert page.traces[0] == ([1], [1])


def test_an_epoch_is_rewound_as_it_was_rounded(plot):
    page = Page(plot).want()
    plot.push([(0, i / 3, 1.0) for i in range(6)])
    plot.rewind(2 / 3)
    assert page.traces[0][0] == [0, 0.333333, 0.666667] == [x for t, x, y in plot._points.rows()]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.tuples(st.just("push"), st.integers(1, 40)), st.tuples(st.just("rewind"), st.integers(0, 60)),
                          st.tuples(st.sampled_from(["flush", "deaf", "hear", "want", "page"]), st.just(0))), max_size=25))
def test_whatever_happens_every_page_ends_with_the_same_points(steps):
    plot, x, pages = LivePlot(FIGURE), 0, []
    try:
        for what, n in steps:
            if what == "push":
                plot.push([(i % 3, x + i, float(i)) for i in range(n)])
                x += n
            elif what == "rewind": plot.rewind(n); x = min(x, n)
            elif what == "flush": plot.flush()
            elif what == "page": pages.append(Page(plot).want())
            elif pages and what in ("deaf", "hear"): pages[0].deaf = what == "deaf"
            elif pages and what == "want": pages[-1].want()
        plot.flush()
        for page in pages:
            page.deaf = False
            page.want()
            assert page.traces == [(xs, ys) for xs, ys in plot._points.traces(3)]
    finally: plot.close()


# ---- numbers

def test_what_cannot_be_drawn_is_a_hole(plot):
    page = Page(plot).want()
    plot.push([(0, 1, float("nan")), (0, 2, float("inf")), (0, 3, None), (0, 4, "NaN"), (0, 5, "-Infinity"), (0, 6, 1 / 3)])
    plot.flush()
    assert page.traces[0][1] == [None] * 5 + [0.333333]
    assert plot.static()["data"][0]["y"] == [None] * 5 + [0.333333]


def test_steps_stay_exact(plot):
    page = Page(plot).want()
    plot.push([(0, 1_234_567, 1_234_567.0), (0, 1_234_568, 1.0)])
    plot.flush()
    assert page.traces[0] == ([1_234_567, 1_234_568], [1_234_570, 1])


@pytest.mark.parametrize("point", [(3, 1, 1.0), (-1, 1, 1.0), (0, float("nan"), 1.0), (0, None, 1.0), (0, 1, "much")])
def test_a_wrong_point_is_refused_with_its_batch(plot, point):
    with pytest.raises((ValueError, TypeError)): plot.push([(0, 1, 1.0), point])
    assert plot.count == 0


# ---- fewer points

@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=400), st.integers(5, 100), st.booleans())
def test_decimate_keeps_ends_extremes_and_holes(ys, limit, rising):
    order = random.Random(1)
    xs = list(range(len(ys))) if rising else [order.random() for _ in ys]
    kept_x, kept_y = decimate(xs, ys, limit)
    assert len(kept_x) == len(kept_y) <= max(limit, 5)
    assert (kept_x[0], kept_x[-1]) == (xs[0], xs[-1])
    numbers = [y for y in ys if y is not None]
    if numbers:
        assert {min(numbers), max(numbers)} <= set(kept_y)
    assert any(map(math.isnan, kept_y)) == (None in ys)
    where = {x: y for x, y in zip(xs, ys)}
    assert all(where[x] == y or (where[x] is None and math.isnan(y)) for x, y in zip(kept_x, kept_y)), "no point is made up"


def test_decimate_keeps_every_lone_spike():
    ys = [1.0] * 50_000
    for i in range(500, 50_000, 1000): ys[i] = 5.0
    x, y = decimate(range(50_000), ys, 1000)
    assert y.count(5.0) == 50


def test_thinning_again_and_again_does_not_wear_the_oldest_away():
    xs, ys = [], []
    for i in range(40_000):
        xs.append(i); ys.append(math.sin(i / 50))
        if len(xs) > 1000: xs, ys = decimate(xs, ys, 500)
    xs, ys = decimate(xs, ys, 500)
    first_half = sum(x < 20_000 for x in xs)
    assert 0.3 < first_half / len(xs) < 0.7


def test_a_limit_too_small_is_refused():
    with pytest.raises(ValueError, match="at least 5"): decimate([1, 2, 3], [1, 2, 3], 4)


def test_the_page_thins_as_python_does(tmp_path):
    import shutil
    from ftcourse.live import STATIC
    node = shutil.which("node")
    if not node: pytest.skip("no node")
    source = (STATIC / "live.js").read_text()
    start = source.index("function decimate")
    body = source[start:source.index("\n}\n", start) + 3]
    rng = random.Random(3)
    cases = [([i * i if k % 2 else i for i in range(500)], [None if rng.random() < 0.05 * k else round(rng.gauss(0, 1), 4) for _ in range(500)]) for k in range(4)]
    script = tmp_path / "thin.mjs"
    script.write_text(f"{body}\nconsole.log(JSON.stringify({json.dumps(cases)}.map(([x, y]) => decimate({{x, y}}, 80))))")
    page = json.loads(subprocess.run([node, str(script)], capture_output=True, text=True, check=True).stdout)
    for (xs, ys), got in zip(cases, page):
        x, y = decimate(xs, ys, 80)
        assert got["x"] == x and got["y"] == [None if math.isnan(v) else v for v in y]


# ---- threads

def test_points_from_many_threads_all_arrive_once(plot):
    page = Page(plot).want()
    threads = [threading.Thread(target=lambda t=t: [plot.push([(t, i, float(i))]) for i in range(300)]) for t in range(3)]
    for t in threads: t.start()
    for t in threads: t.join()
    plot.flush()
    assert [t[0] for t in page.traces] == [list(range(300))] * 3


def test_a_page_that_comes_while_threads_push_lacks_nothing(plot):
    fill(plot, 20_000)
    first = Page(plot).want()
    pusher = threading.Thread(target=lambda: [plot.push([(0, 20_000 + i, 1.0)]) for i in range(2_000)])
    pusher.start()
    pages = [Page(plot).want() for _ in range(3)]
    pusher.join()
    plot.flush()
    for page in [first, *pages]:
        if page.next < plot._points.next: page.want()
        xs = page.traces[0][0]
        assert page.next == 22_000 and xs[-1] == 21_999 and xs == sorted(set(xs)), "none twice"


def test_push_does_not_wait_for_a_history(plot):
    fill(plot, 100_000)
    Page(plot)
    asking = threading.Thread(target=lambda: plot._answer(plot, {"kind": "want", "next": 0}, []))
    asking.start()
    slowest = 0
    for i in range(50):
        start = time.perf_counter()
        plot.push([(0, 100_000 + i, 1.0)])
        slowest = max(slowest, time.perf_counter() - start)
    asking.join()
    assert slowest < 0.5


# ---- figures

def test_static_fills_the_figure_and_leaves_the_rest(plot):
    fill(plot, 30_000)
    plot.push([(1, 30_001, 99.0)])
    whole = plot.static()
    assert whole["layout"] == FIGURE["layout"] and [d["name"] for d in whole["data"]] == ["train", "valid", "lr"]
    assert all(len(d["x"]) <= LIMIT for d in whole["data"]) and 99 in whole["data"][1]["y"]
    assert "x" not in FIGURE["data"][0] and "x" not in plot.static(100)["layout"]
    json.dumps(whole, allow_nan=False)


def test_static_is_a_plotly_figure(plot):
    go = pytest.importorskip("plotly.graph_objects")
    fill(plot, 30)
    figure = go.Figure(plot.static())
    assert len(figure.data) == 3 and list(figure.data[0].x) == list(range(0, 30, 3))


def test_a_plotly_figure_gives_up_its_points():
    go, np = pytest.importorskip("plotly.graph_objects"), pytest.importorskip("numpy")
    figure = go.Figure([go.Scatter(x=np.arange(4), y=np.array([1.0, np.nan, 3.0, 4.0]), name="a"), go.Bar(x=["base", "tuned"], y=[1, 2])], layout={"title": "t", "height": 300})
    plot = LivePlot(figure)
    assert plot.count == 4 and plot.height == 300 and "template" not in plot.spec["layout"]
    assert "x" not in plot.spec["data"][0] and plot.spec["data"][1]["x"] == ["base", "tuned"]
    json.dumps(plot.spec, allow_nan=False)
    assert plot.static()["data"][0]["y"] == [1, None, 3, 4] and list(plot.static()["data"][1]["x"]) == ["base", "tuned"]
    with pytest.raises(ValueError, match="words"): plot.push([(1, 3, 1.0)])
    plot.close()


# ---- plotly.js and being shown

def test_plotly_goes_out_once_a_page(plot):
    other, sent = LivePlot(FIGURE), []
    for p in (plot, other):
        p._served = plot._served = Served() if p is plot else plot._served
        p.send = lambda content, buffers=None: sent.append(buffers)
    for n, p in enumerate((plot, other, plot), 1): p._answer(p, {"kind": "want-plotly", "page": "a", "n": n}, [])
    assert sent == [[plotly_script()]] and plot.plotly_sent == 1 and other.plotly_sent == 0
    other.close()


def test_shown_is_told_once(plot):
    calls = []
    plot.on_shown(lambda: calls.append("before"))
    assert not plot.shown
    for _ in range(2): plot._answer(plot, {"kind": "ready"}, [])
    plot.on_shown(lambda: calls.append("after"))
    assert plot.shown and calls == ["before", "after"]


def test_messages_from_others_are_left_alone(plot):
    plot._answer(plot, {"kind": "anywidget-command", "name": "x"}, [])
    plot._answer(plot, {}, [])
    assert not plot.shown and plot.bytes_sent == 0


def test_replies_go_where_the_page_sent_them(plot):
    assert plot.comm._reply_subshell_for({}, "the page's") == "the page's"
    assert free_replies(plot) is plot


def test_import_is_light():
    code = "import sys, ftcourse.live; print([m for m in ('torch', 'plotly', 'numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_vendored_plotly_is_the_one_its_note_names():
    import hashlib
    from ftcourse.live import STATIC
    script, note = (STATIC / "plotly-basic.min.js").read_bytes(), (STATIC / "plotly-basic.min.js.LICENSE.txt").read_text()
    assert hashlib.sha256(script).hexdigest() in note and "MIT License" in note


def test_buckets_without_a_range_go_by_position():
    assert buckets([5, 5, 5, 5], 2) == [0, 0, 1, 1]
