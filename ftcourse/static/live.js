/**
 * The page's half of ftcourse.live: a plotly figure whose points arrive while training runs.
 * A model's `feed` puts the points in the order of their numbers; its views draw them. Messages: see the notebook.
 */

const LIMIT = 2000; // points a trace that are drawn
const KEEP = 40000; // points a trace that are kept
const PACE = 200; // ms between two drawings of a plot
const SAY = 5000; // ms between two texts for screen readers
const THEMES = ["data-jp-theme-light", "data-vscode-theme-kind", "theme", "data-theme"];
const NARROW = 520; // px below which subplots stand in one column

/** plotly.js offers to upload the chart, unless told not to. */
const CONFIG = {
	displaylogo: false, showSendToCloud: false, plotlyServerURL: "", responsive: false,
	modeBarButtonsToRemove: ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d"],
};

/** @typedef {{x: number[], y: (number | null)[], version: number}} Trace */
/** @typedef {{get: Function, send: Function, on: Function}} Model */

/** The twin of `decimate` in Python: of each bucket the smallest, the largest and a hole stay.
 * @param {{x: number[], y: (number | null)[]}} trace @param {number} limit */
function decimate({ x, y }, limit) {
	const n = x.length;
	if (n <= limit) return { x: x.slice(), y: y.slice() };
	const wide = x[n - 1] - x[0];
	const rising = wide > 0 && x.every((v, i) => !i || v >= x[i - 1]);
	const count = Math.floor((limit - 2) / (y.includes(null) ? 3 : 2));
	const keep = new Set([0]);
	let bucket = -1, low = -1, high = -1, gap = -1;
	const close = () => [low, high, gap].sort((a, b) => a - b).forEach((i) => i >= 0 && keep.add(i));
	for (let i = 0; i < n; i++) {
		const b = Math.min(count - 1, Math.floor(rising ? ((x[i] - x[0]) / wide) * count : (i * count) / n));
		if (b !== bucket) { close(); bucket = b; low = high = gap = -1; }
		const v = y[i];
		if (v === null) { if (gap < 0) gap = i; continue; }
		if (low < 0 || v < y[low]) low = i;
		if (high < 0 || v > y[high]) high = i;
	}
	close();
	keep.add(n - 1);
	const kept = [...keep];
	return { x: kept.map((i) => x[i]), y: kept.map((i) => y[i]) };
}

/** Whoever on this page needs plotly.js waits here; one of them asks the kernel. */
const desk = (globalThis.__ftcourse_plotly_1 ??= {
	page: Math.random().toString(36).slice(2), patience: 2000,
	waiting: new Set(), asker: null, at: 0, n: 0, died: false, loading: false, broken: "", timer: 0,
});

const plotly = () => {
	const P = globalThis.Plotly;
	return P && P.newPlot && P.extendTraces && P.react ? P : null;
};

/** Lets one of those who wait ask, unless another one's answer can still come. */
function ask() {
	clearTimeout(desk.timer);
	if (plotly()) { for (const w of [...desk.waiting]) w.done(plotly()); desk.waiting.clear(); return; }
	if (desk.broken) { for (const w of desk.waiting) w.failed(desk.broken); desk.waiting.clear(); }
	if (!desk.waiting.size || desk.loading) return;
	const left = desk.asker ? desk.at + desk.patience - Date.now() : 0;
	if (left <= 0) {
		const all = [...desk.waiting];
		if (desk.n++) desk.patience = Math.min(desk.patience * 2, 30000);
		desk.asker = all[(all.indexOf(desk.asker) + 1) % all.length];
		desk.at = Date.now();
		const again = desk.died;
		desk.died = false;
		desk.asker.model.send({ kind: "want-plotly", page: desk.page, n: desk.n, again });
	}
	desk.timer = setTimeout(ask, Math.max(left, 0) || desk.patience);
}

/** Waits for plotly.js. @param {Model} model @param {(P: any) => void} done @param {(why: string) => void} failed */
function wantPlotly(model, done, failed) {
	const place = { model, done, failed };
	desk.waiting.add(place);
	ask();
	return () => {
		desk.waiting.delete(place);
		if (desk.asker === place) { desk.asker = null; desk.died = true; }
		ask();
	};
}

/** @param {DataView} packed */
async function install(packed) {
	if (plotly() || desk.loading) return ask();
	desk.loading = true;
	try {
		const body = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
		const script = await new Response(body).arrayBuffer();
		const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
		await new Promise((good, bad) => {
			const tag = Object.assign(document.createElement("script"), { src: url, onload: good });
			tag.onerror = () => bad(new Error("this page does not let plotly.js run"));
			document.head.append(tag);
		});
		URL.revokeObjectURL(url);
		if (!plotly()) throw new Error("plotly.js did not start");
	} catch (e) {
		desk.broken = e.message;
	}
	desk.loading = false;
	ask();
}

/** The points of one model. @param {Model} model */
function makeFeed(model) {
	/** @type {Trace[]} */
	const traces = model.get("spec").data.map(() => ({ x: [], y: [], version: 0 }));
	const views = new Set();
	let next = 0, synced = false, timer = 0, patience = 0;
	let ahead = []; // messages whose turn has not come
	let parts = { seq: -1, got: /** @type {any[]} */ ([]) };

	const add = (m, from = 0) => {
		for (let i = from; i < m.t.length; i++) {
			const t = traces[m.t[i]];
			if (t) { t.x.push(m.x[i]); t.y.push(m.y[i]); t.version++; }
		}
		for (const t of traces) if (t.x.length > KEEP) Object.assign(t, decimate(t, KEEP / 2));
	};
	const rewind = (x) => {
		for (const t of traces) {
			const keep = t.x.map((v) => x !== null && v <= x);
			t.x = t.x.filter((_, i) => keep[i]);
			t.y = t.y.filter((_, i) => keep[i]);
			t.version++;
		}
	};
	/** A message of one or more numbers, of which those below `next` are known. */
	const apply = (m) => {
		const end = m.seq + (m.kind === "points" ? m.t.length : 1);
		if (end > next) m.kind === "points" ? add(m, next - m.seq) : rewind(m.x);
		next = Math.max(next, end);
		synced = true;
	};
	const history = (m) => {
		if (synced && m.seq <= next) return;
		if (parts.seq !== m.seq) parts = { seq: m.seq, got: [] };
		parts.got[m.part] = m;
		if (Object.keys(parts.got).length < m.parts) return;
		rewind(null);
		parts.got.forEach((p) => add(p));
		next = m.seq;
		synced = true;
		parts = { seq: -1, got: [] };
	};
	const want = () => {
		timer = 0;
		if (synced && !ahead.length) return (patience = 0);
		model.send({ kind: "want", next });
		patience = Math.min(patience * 2 || 3000, 30000);
		timer = setTimeout(want, patience);
	};
	model.on("msg:custom", (m, buffers) => {
		if (m.kind === "plotly") return void install(buffers[0]);
		if (m.kind === "history") history(m);
		else if (m.kind === "points" || m.kind === "rewind") ahead.push(m);
		else return;
		ahead.sort((a, b) => a.seq - b.seq);
		while (ahead.length && ahead[0].seq <= next) apply(ahead.shift());
		if (ahead.length && !timer) timer = setTimeout(want, 500); // what is missing may only be late
		for (const v of views) v.changed();
	});
	const wake = () => { if (!document.hidden && synced) model.send({ kind: "want", next }); }; // a laptop may have slept
	document.addEventListener("visibilitychange", wake);

	return {
		traces, views,
		count: () => traces.reduce((n, t) => n + t.x.length, 0),
		start: () => { if (!synced && !timer) want(); },
		stop: () => { clearTimeout(timer); document.removeEventListener("visibilitychange", wake); },
	};
}

function isDark() {
	const body = document.body.dataset, root = document.documentElement;
	if (body.jpThemeLight) return body.jpThemeLight === "false";
	const named = body.vscodeThemeKind || root.getAttribute("theme") || root.dataset.theme;
	if (named) return /dark|contrast$/.test(named);
	return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Subplots side by side become one column; their titles go with them.
 * @param {any} layout @returns {number} by how much the figure has to grow */
function stack(layout) {
	const cells = Object.keys(layout).filter((k) => /^yaxis\d*$/.test(k) && !layout[k].overlaying).map((k) => {
		const y = layout[k], x = layout["xaxis" + (y.anchor || "x").slice(1)] || {};
		return { y, x, xd: x.domain || [0, 1], yd: y.domain || [0, 1] };
	});
	if (new Set(cells.map((c) => c.xd[0])).size < 2) return 1;
	cells.sort((a, b) => b.yd[1] - a.yd[1] || a.xd[0] - b.xd[0]);
	const rows = cells.length, gap = 0.36 / rows, tall = (1 - gap * (rows - 1)) / rows, moved = new Set();
	cells.forEach(({ x, y, xd, yd }, i) => {
		const top = 1 - i * (tall + gap);
		const over = (a) => a.xref === "paper" && a.x >= xd[0] && a.x <= xd[1] && Math.abs(a.y - yd[1]) < 0.03;
		const title = (layout.annotations || []).find((a) => !moved.has(a) && over(a));
		if (title) moved.add(Object.assign(title, { x: 0.5, y: top }));
		x.domain = [0, 1];
		y.domain = [Math.max(0, top - tall), top];
	});
	return rows / new Set(cells.map((c) => c.yd[0])).size;
}

/** The figure's layout, dressed for this page.
 * @param {any} given @param {number} width @param {number} height */
function dress(given, width, height) {
	const layout = structuredClone(given), dark = isDark();
	const ink = dark ? "#d5d9de" : "#24292f", line = dark ? "#43484e" : "#dfe3e8", clear = "rgba(0,0,0,0)";
	const title = layout.title;
	const high = Math.round(height * (width < NARROW ? stack(layout) : 1));
	const above = title?.text ? 34 : 8;
	Object.assign(layout, { width, height: high, autosize: false, uirevision: "live" });
	layout.font = { size: 12, ...layout.font, color: ink };
	layout.paper_bgcolor = layout.plot_bgcolor = clear;
	layout.colorway ??= ["#3d7fd9", "#d96f2b", "#2a9d7c", "#c0569c", "#9a7d12", "#7a6fd0"];
	if (title?.text) layout.title = { x: 0, xanchor: "left", y: 1, yanchor: "top", yref: "container", pad: { t: 10, l: 12 }, font: { size: 15 }, ...title };
	layout.legend = { orientation: "h", x: 0, xanchor: "left", y: 1 - above / high, yanchor: "top", yref: "container", bgcolor: clear, ...layout.legend };
	layout.margin = { l: 56, r: 16, t: above + (layout.showlegend === false ? 24 : 56), b: 40, ...layout.margin };
	layout.hoverlabel = { bgcolor: dark ? "#24292f" : "#fff", bordercolor: line, font: { color: ink }, ...layout.hoverlabel };
	layout.modebar = { bgcolor: clear, color: "#8b949e", activecolor: ink, ...layout.modebar };
	for (const axis of ["xaxis", "yaxis", ...Object.keys(layout)].filter((k) => /^[xy]axis\d*$/.test(k)))
		layout[axis] = {
			automargin: true, exponentformat: "power", ...layout[axis], gridcolor: line, zerolinecolor: line, linecolor: line,
			title: { standoff: 6, font: { size: 12 }, ...layout[axis]?.title },
		};
	return layout;
}

/** What a screen reader says: the last value of each trace. @param {any} spec @param {Trace[]} traces */
function summary(spec, traces) {
	const last = traces.map((t, i) => {
		const k = t.y.findLastIndex((y) => y !== null);
		return k < 0 ? "" : `${spec.data[i].name || `trace ${i + 1}`} ${t.y[k]} at ${t.x[k]}`;
	}).filter(Boolean);
	const title = spec.layout.title?.text;
	return `Live plot${title ? ` of ${title}` : ""}: ${last.join(", ") || "no points yet"}`;
}

/** One view of them. @param {Model} model @param {ReturnType<typeof makeFeed>} feed @param {HTMLElement} el */
function makeView(model, feed, el) {
	const spec = model.get("spec"), box = document.createElement("div"), note = document.createElement("div");
	let P = null, visible = false, dirty = true, fresh = true, timer = 0, last = 0, cost = 0, said = -SAY, saying = 0, draws = 0;
	let drawn = feed.traces.map(() => -1);
	el.classList.add("ft-live");
	Object.assign(el.style, { width: "100%", overflow: "hidden" });
	box.setAttribute("role", "img");
	box.style.minHeight = `${model.get("height")}px`;
	note.setAttribute("role", "status");
	note.style.padding = "4px 12px";
	el.append(note, box);

	const tell = (why) => {
		note.hidden = !why;
		note.textContent = why && `The live plot could not be drawn here: ${why}; use \`watch(run)\``;
	};
	tell("");
	const late = setTimeout(() => tell("the kernel is busy or gone and has not sent it yet"), 15000);

	const say = () => {
		saying = 0;
		said = performance.now();
		box.setAttribute("aria-label", summary(spec, feed.traces));
	};
	const wake = () => {
		if (P && !timer && visible && !document.hidden && (dirty || fresh))
			timer = setTimeout(draw, Math.max(0, last + Math.max(PACE, 4 * cost) - performance.now()));
	};
	/** Few points are marked too: a line through one of them would not be seen. */
	const points = (i) => {
		const mode = spec.data[i].mode, t = decimate(feed.traces[i], LIMIT);
		return { ...t, mode: mode === "lines" && t.x.length < 20 ? "lines+markers" : mode };
	};
	async function draw() {
		last = performance.now();
		try {
			const width = el.clientWidth;
			if (!width) return;
			const ids = feed.traces.map((_, i) => i).filter((i) => fresh || drawn[i] !== feed.traces[i].version);
			const found = ids.map(points);
			ids.forEach((i) => (drawn[i] = feed.traces[i].version));
			dirty = false;
			if (fresh) {
				fresh = false;
				const data = spec.data.map((d, i) => ({ ...d, ...(found[i].x.length || !d.x ? found[i] : {}) }));
				await P.react(box, data, dress(spec.layout, width, model.get("height")), CONFIG);
			} else if (ids.length) {
				await P.restyle(box, { x: found.map((f) => f.x), y: found.map((f) => f.y), mode: found.map((f) => f.mode) }, ids);
			}
			box.dataset.draws = String(++draws);
			box.dataset.points = String(feed.count());
			tell("");
		} catch (e) {
			tell(e.message);
		} finally {
			cost = performance.now() - last;
			timer = 0;
			wake();
		}
	}
	const redress = () => { fresh = true; wake(); };

	const seen = new IntersectionObserver((all) => { visible = all[all.length - 1].isIntersecting; wake(); }, { rootMargin: "200px", scrollMargin: "200px" });
	const sized = new ResizeObserver(() => { if (el.clientWidth && el.clientWidth !== box.layout?.width) redress(); });
	const themed = new MutationObserver(redress);
	const system = matchMedia("(prefers-color-scheme: dark)");
	seen.observe(el);
	sized.observe(el);
	for (const node of [document.body, document.documentElement]) themed.observe(node, { attributes: true, attributeFilter: THEMES });
	system.addEventListener("change", redress);
	document.addEventListener("visibilitychange", wake);

	const view = { changed() { dirty = true; wake(); saying ||= setTimeout(say, Math.max(0, said + SAY - performance.now())); } };
	box.setAttribute("aria-label", summary(spec, feed.traces));
	feed.views.add(view);
	feed.start();
	const leave = wantPlotly(model, (loaded) => {
		P = loaded;
		clearTimeout(late);
		tell("");
		model.send({ kind: "ready" });
		wake();
	}, tell);

	return () => {
		feed.views.delete(view);
		leave();
		[late, timer, saying].forEach(clearTimeout);
		[seen, sized, themed].forEach((o) => o.disconnect());
		system.removeEventListener("change", redress);
		document.removeEventListener("visibilitychange", wake);
		if (P) P.purge(box);
		P = null;
	};
}

export default () => {
	/** @type {ReturnType<typeof makeFeed>} */
	let feed;
	return {
		/** @param {{model: Model}} context */
		initialize({ model }) {
			feed = makeFeed(model);
			return () => feed.stop();
		},
		/** @param {{model: Model, el: HTMLElement}} context */
		render({ model, el }) {
			return makeView(model, feed, el);
		},
	};
};
