"""The documentation without Quarto: `.venv/bin/python dev/docs.py` renders nbs/ into _docs/, `dev/docs.py --readme` writes README.md from nbs/index.ipynb.

nbdev's own processors make the API pages from notebooks, a step of ours makes plain notebooks of the result, and Sphinx with myst-nb renders
them. Outputs are those stored in the notebooks (dev/execute.py refreshes them). The pages work from file:// and ask nothing of the outside;
any warning is an error."""
import argparse
import difflib
import html
import io
import json
import os
import posixpath
import re
import shutil
import sys
import time
from html.parser import HTMLParser
from itertools import groupby
from pathlib import Path
from urllib.parse import unquote, urlsplit

from execute import ENV, NBS, PLOTLY, ROOT, copy_tree, directives, kept, notebooks, settings

STATIC, BUILD, OUT = Path(__file__).with_name("docs_static"), ROOT/"_artifacts"/"docs", ROOT/"_docs"
PLOTLY_JS = ROOT/"ftcourse"/"static"/"plotly-basic.min.js"
BASIC_TRACES = {"scatter", "bar", "pie"}  # what the basic bundle draws
SECTIONS = (("course", "Course"), ("cases", "Worked cases"), ("api", "Library"))
README_NOTE = "<!-- Written from nbs/index.ipynb by `dev/docs.py --readme`: edit the notebook. -->"


class Wrong(Exception):
    "The docs can't be built, and why."

# ---- Links

class Links:
    "Rewrites the links of one source file for the page made of it."
    def __init__(self, source, flat=False):
        self.folder, self.source = posixpath.dirname(source), source  # from the root, such as nbs/course
        self.flat = flat                                              # README.md: everything is relative to the root
        cfg = settings()
        self.repo = cfg["git_url"].replace("%(user)s", cfg["user"]).replace("%(repo)s", cfg["repo"]) + f"/blob/{cfg['branch']}/"

    def target(self, link):
        url = urlsplit(link)
        if url.scheme or url.netloc or not url.path: return link
        path = posixpath.normpath(posixpath.join(self.folder, unquote(url.path)))
        if path.startswith("..") or not (ROOT/path).exists(): raise Wrong(f"{self.source}: the link {link} leads nowhere")
        if self.flat: return link.replace(url.path, path, 1)
        return link if path.startswith("nbs/") and self.folder.startswith("nbs") else self.repo + path  # other files are read where the code is

    def rewrite(self, text):
        "Markdown links and the src and href of raw HTML, outside code."
        def one(m): return m[1] + self.target(m[2]) + m[3]
        parts = re.split(r"(^```.*?^```\s*?$|`[^`\n]+`)", text, flags=re.S | re.M)  # odd ones are code
        for i in range(0, len(parts), 2):
            part = re.sub(r"(\]\()([^)\s#][^)\s]*)((?:\s+\"[^\"]*\")?\))", one, parts[i])
            parts[i] = re.sub(r'((?:src|href)=")([^"#][^"]*)(")', one, part)
        return "".join(parts)

def symbols():
    "`{name: (page, anchor)}` of everything the library exports, by short and by full name; short names that two modules share are left out."
    index, path = {}, ROOT/"ftcourse"/"_modidx.py"
    if not path.exists(): raise Wrong("ftcourse/_modidx.py is missing; mend: .venv/bin/nbdev_export")
    exec(path.read_text(encoding="utf-8"), index)
    pages = {module_of(p): p.relative_to(NBS).with_suffix(".html").as_posix() for p in notebooks("api")}
    found, shared = {}, set()
    for module, names in index["d"]["syms"].items():
        page = pages.get(module.partition(".")[2])
        for full in names:
            short = full.removeprefix(module + ".")
            if page is None or any(part.startswith("_") for part in short.split(".")): continue
            if short in found: shared.add(short)
            found[short] = found[full.removeprefix("ftcourse.")] = (page, full)
    return {name: at for name, at in found.items() if name not in shared}

def link_symbols(text, page, names):
    "`name` in prose becomes a link to where it is documented."
    up = "../" * page.count("/")
    def one(m):
        if m[0][0] != "`" or m[1] not in names: return m[0]
        target, anchor = names[m[1]]
        return f'<a href="{up}{target}#{anchor}"><code class="docutils literal notranslate">{html.escape(m[0].strip("`"))}</code></a>'
    return re.sub(r"(?s:^```.*?^```)|\[[^\]\n]*\]\([^)\n]*\)|`([\w.]+)(?:\(\))?`|`[^`\n]+`|^#.*$|^\|.*$", one, text, flags=re.M)

# ---- Notebook -> plain notebook

def module_of(path):
    "The module that a notebook is exported to, without the package's name; None for a lesson."
    m = re.search(r"^\s*#\|\s*default_exp\s+([\w.]+)", "\n".join("".join(c["source"]) for c in json.loads(path.read_text(encoding="utf-8"))["cells"]), re.M)
    return m and m[1]

def processed(path, module):
    "The notebook through nbdev's processors: hidden cells gone, documentation instead of exported code. Its links we make ourselves."
    from execnb.nbio import nb2dict, read_nb
    from nbdev.processors import FilterDefaults, exec_show_docs
    skip = {"FrontmatterProc", "insert_warning", "add_links", "populate_language"}
    class exec_library(exec_show_docs):
        "Documents what the module holds; runs no cell but `show_doc`. (Classes defined in a cell have no source, so their fields no comments.)"
        def begin(self):
            super().begin()
            if module: self.k.run_cell(f"from ftcourse.{module} import *")
        def __call__(self, cell):
            if cell.cell_type == "code" and "show_doc(" in cell.source: super().__call__(cell)
    class Filter(FilterDefaults):
        def base_procs(self): return [exec_library if p is exec_show_docs else p for p in super().base_procs() if p.__name__ not in skip]
    nb = read_nb(path)
    Filter()(nb)
    return nb2dict(nb)

def in_order(cells, module):
    "nbdev documents the names of one cell last to first: back into the module's order."
    source = (ROOT/"ftcourse"/(module.replace(".", "/") + ".py")).read_text(encoding="utf-8") if module else ""
    order = {m[1]: i for i, m in enumerate(re.finditer(r"^(?:async def|def|class) (\w+)", source, re.M))}
    name = lambda c: (m := re.search(r"^show_doc\((\w+)", "".join(c.get("source") or []), re.M)) and m[1]
    out = []
    for shown, run in groupby(cells, key=lambda c: c["cell_type"] == "code" and name(c) in order):
        out += sorted(run, key=lambda c: order[name(c)]) if shown else run
    return out

def documentation(cell, module):
    "A `show_doc` cell as markdown: an anchor of the full name, heading, signature, sentence."
    text = "\n\n".join("".join(o["data"].get("text/markdown", "")) for o in cell["outputs"] if "data" in o)
    text = re.sub(r"\A---\s*", "", text.strip())
    text = re.sub(r"\A\[source\]\([^)]*\)\{[^}]*\}\s*", "", text)
    text = re.sub(r"(?s)^def ([A-Z]\w*\(.*?\n?\))(?:->None)?:", r"class \1", text, count=1, flags=re.M)  # classes are shown as calls
    return re.sub(r"^#+ (\S+).*$", lambda m: f'<a id="ftcourse.{module}.{m[1]}"></a>\n\n{m[0]}', text, count=1, flags=re.M)

def figure(spec, path):
    "A stored plotly figure as HTML that draws itself."
    kinds = {t.get("type", "scatter") for t in spec["data"]} - BASIC_TRACES
    if kinds: raise Wrong(f"{path}: the figure has {', '.join(sorted(kinds))} traces, which the page's plotly can't draw (it knows {', '.join(sorted(BASIC_TRACES))})")
    data = json.dumps({"data": spec["data"], "layout": spec.get("layout", {})}).replace("<", "\\u003c")
    return f'<div class="nb-plotly" style="min-height:{int(spec.get("layout", {}).get("height") or 450)}px"><script type="application/json">{data}</script></div>'

def plain(path, names=None, links=None, draw=True):
    "A notebook of nothing but markdown, code and outputs that any renderer knows."
    import nbformat
    rel = path.relative_to(NBS).as_posix()
    links = links or Links(f"nbs/{rel}")
    module = module_of(path)
    nb, cells = processed(path, module), []
    def prose(text): return link_symbols(text, rel, names) if names else text
    for c in in_order(nb["cells"], module):
        source = "".join(c.get("source") or [])
        if c["cell_type"] == "code" and re.search(r"^show_doc\(", source, re.M):
            cells.append(nbformat.v4.new_markdown_cell(prose(documentation(c, module))))
        elif c["cell_type"] == "markdown":
            cells.append(nbformat.v4.new_markdown_cell(prose(links.rewrite(source))))
        elif c["cell_type"] == "code" and source.strip():
            d = directives(source)
            tags = [tag for key, value, tag in (("echo", "false", "remove-input"), ("output", "false", "remove-output"), ("code-fold", "true", "hide-input"))
                    if d.get(key, "").lower() == value]
            source = re.sub(r"\A(#\|.*\n|\s*\n)+", "", source + "\n").rstrip()
            outputs = [o for o in map(kept, c["outputs"]) if o is not None]
            for o in outputs:
                if PLOTLY in o.get("data", {}): o["data"] = {"text/html": figure(o["data"][PLOTLY], rel)} if draw else {}
            cell = nbformat.v4.new_code_cell(source, metadata={"tags": tags} if tags else {})
            cell.outputs = [nbformat.from_dict(o) for o in outputs if o.get("data", True)]
            for o in cell.outputs: joined(o)
            cells.append(cell)
    out = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "python3", "language": "python"},
                                                         "language_info": {"name": "python", "pygments_lexer": "ipython3"}})
    for i, cell in enumerate(out.cells): cell["id"] = f"c{i}"  # the same pages from the same notebooks
    return out

def joined(output):
    "Lists of lines, as files hold them, to the strings that nbformat works with."
    if isinstance(output.get("text"), list): output["text"] = "".join(output["text"])
    for k, v in output.get("data", {}).items():
        if isinstance(v, list) and not k.endswith("json"): output["data"][k] = "".join(v)

# ---- Pages that no notebook makes

def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

def finding_pages(src):
    "One page a finding code, and their list."
    from ftcourse.findings import CODES
    rows = []
    for code, c in CODES.items():
        if not re.fullmatch(r"[\w.-]+", code): raise Wrong(f"the finding code {code!r} can't be a file name")
        badge = f'<span class="severity-{c.severity}">{c.severity}</span>'
        write(src/"findings"/f"{code}.md", f"---\norphan: true\n---\n\n# {code}\n\n{badge}\n\n{c.means}\n\n## How it looks\n\n{c.looks}\n\n## How to mend it\n\n{c.repair}\n\n[All findings](index.md)\n")
        rows.append(f"| [`{code}`]({code}.md) | {badge} | {c.means.replace('|', chr(92) + '|')} |")
    table = "\n".join(["| code | severity | what it means |", "|---|---|---|", *rows])
    # Not in the tree: hundreds of pages, each with all the others in its sidebar, took minutes. The table leads to them, and the search does.
    write(src/"findings"/"index.md", f"# Findings\n\nEverything that `ftcourse` has to say about your plan, data, run or machine has a code. {len(CODES)} of them:\n\n{table}\n")

def card_pages(src):
    "The cards of the data sets that come with the package."
    cards = sorted((ROOT/"ftcourse"/"datasets").glob("*/README.md"))
    for card in cards:
        rel = card.relative_to(ROOT).as_posix()
        text = Links(rel).rewrite(card.read_text(encoding="utf-8"))
        if not re.search(r"^# ", text, re.M): text = re.sub(r"\A(---\n.*?\n---\n)?", lambda m: f"{m[0]}# {card.parent.name}\n\n", text, flags=re.S)
        write(src/"datasets"/f"{card.parent.name}.md", text)
    if cards:
        tree = "\n".join(["```{toctree}", "", *(c.parent.name for c in cards), "```"])
        write(src/"datasets"/"index.md", f"# Data sets\n\nThe small data sets that the course uses come with the package, each with a card.\n\n{tree}\n")
    return bool(cards)

def contents(sections):
    return "\n\n".join("\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```"]) for caption, pages in sections if pages)

def sources(src):
    "Everything Sphinx renders, written into `src`."
    import nbformat
    copy_tree(src)
    for p in src.rglob("*.ipynb"): p.unlink()
    names = symbols()
    pages = {p: plain(p, names) for p in notebooks()}
    reference = ["findings/index"] + ["datasets/index"] * card_pages(src)
    finding_pages(src)
    if (ROOT/"CHANGELOG.md").exists():
        write(src/"changes.md", Links("CHANGELOG.md").rewrite((ROOT/"CHANGELOG.md").read_text(encoding="utf-8")))
        reference.append("changes")
    tree = [(caption, [p.relative_to(NBS).with_suffix("").as_posix() for p in pages if p.relative_to(NBS).parts[0] == folder]) for folder, caption in SECTIONS]
    pages[NBS/"index.ipynb"].cells.append(nbformat.v4.new_markdown_cell(contents([*tree, ("Reference", reference)]), id="contents"))
    for p, nb in pages.items():
        dst = src/p.relative_to(NBS)
        dst.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb, dst)

# ---- Pages

def render(src, out):
    "Sphinx; every warning is an error."
    from sphinx.application import Sphinx
    cfg, static = settings(), BUILD/"static"
    shutil.copytree(STATIC, static)
    if PLOTLY_JS.exists(): shutil.copy(PLOTLY_JS, static)
    warnings = io.StringIO()
    conf = dict(
        project=cfg["title"], author=cfg["author"], copyright=cfg["copyright"], version=cfg["version"], release=cfg["version"], language="en",
        extensions=["myst_nb"], nb_execution_mode="off", nb_merge_streams=True, nb_render_markdown_format="gfm", myst_heading_anchors=4,
        suppress_warnings=["myst.header"],  # the documentation of a symbol is a third-level heading wherever it stands
        smartquotes=False, html_theme="sphinx_book_theme", html_title=f"{cfg['title']} {cfg['version']}", html_static_path=[str(static)],
        html_js_files=["nb-plotly.js"], html_css_files=["docs.css"], html_copy_source=False, html_show_sourcelink=False, html_use_index=False,
        html_show_search_summary=False,  # it would fetch pages, which file:// forbids
        html_context={"default_mode": "auto"},
        html_theme_options={"navbar_start": [], "navbar_center": [], "navbar_end": [], "navbar_persistent": [], "home_page_in_toc": True,
                            "use_download_button": False, "use_fullscreen_button": False, "show_toc_level": 2})
    app = Sphinx(str(src), None, str(out), str(BUILD/"doctrees"), "html", confoverrides=conf, status=None, warning=warnings, freshenv=True)
    app.build(force_all=True)
    said = re.sub(r"\x1b\[[0-9;]*m", "", warnings.getvalue()).strip().replace(str(src), "nbs")
    if said or app.statuscode: raise Wrong(f"Sphinx warns:\n{said}")

class Page(HTMLParser):
    "What a page links to, loads, and can be linked at."
    LOADS = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src", "video": "src", "audio": "src", "embed": "src", "object": "data"}
    def __init__(self, path):
        super().__init__()
        self.links, self.loads, self.ids, self.maths = [], [], set(), False
        self.feed(path.read_text(encoding="utf-8"))
    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.ids |= {a[k] for k in ("id", "name") if a.get(k)}
        self.maths |= "math" in (a.get("class") or "").split()
        if a.get(self.LOADS.get(tag)): self.loads.append(a[self.LOADS[tag]])
        if tag == "a" and a.get("href"): self.links.append(a["href"])

def check_pages(out):
    "Every link leads somewhere, and no page loads anything from elsewhere."
    pages = {p.resolve(): Page(p) for p in out.rglob("*.html") if "_static" not in p.parts}
    wrong = []
    for path, page in pages.items():
        at = path.relative_to(out.resolve())
        if page.maths: wrong.append(f"{at}: maths, for which the site has no renderer yet")
        for link in page.loads + page.links:
            url = urlsplit(link)
            if url.scheme == "data": continue
            if url.scheme or url.netloc:
                if link in page.loads: wrong.append(f"{at}: loads {link} from elsewhere")
                continue
            target = (path.parent/unquote(url.path)).resolve() if url.path else path
            if not target.exists(): wrong.append(f"{at}: {link} leads nowhere")
            elif target in pages and url.fragment and unquote(url.fragment) not in pages[target].ids: wrong.append(f"{at}: {link} names no place on that page")
    if wrong: raise Wrong("\n".join(sorted(set(wrong))))
    return len(pages)

def build():
    t0 = time.time()
    shutil.rmtree(BUILD, ignore_errors=True)
    src, out = BUILD/"src", BUILD/"html"
    sources(src)
    if any("nb-plotly" in p.read_text(encoding="utf-8") for p in src.rglob("*.ipynb")) and not PLOTLY_JS.exists():
        raise Wrong(f"{PLOTLY_JS.relative_to(ROOT)} is missing, and pages have figures")
    render(src, out)
    n = check_pages(out)
    shutil.rmtree(OUT, ignore_errors=True)
    shutil.move(out, OUT)
    print(f"{n} pages in {OUT.relative_to(ROOT)}/, {sum(p.stat().st_size for p in OUT.rglob('*') if p.is_file())/1e6:.1f} MB, {time.time() - t0:.1f} s: open {OUT.relative_to(ROOT)}/index.html")

# ---- README.md

def readme():
    "README.md as nbs/index.ipynb says it; markdown only, since code hosts show little else."
    from nbconvert import MarkdownExporter
    nb = plain(NBS/"index.ipynb", links=Links("nbs/index.ipynb", flat=True), draw=False)
    for cell in nb.cells:
        for o in cell.get("outputs", []):
            if "data" in o: o["data"] = {k: o["data"][k] for k in ("text/markdown", "text/plain") if k in o["data"]}
            if "text/markdown" in o.get("data", {}): o["data"].pop("text/plain", None)
    text = MarkdownExporter().from_notebook_node(nb)[0]
    text = "\n".join(line.rstrip() for line in text.splitlines())
    return f"{README_NOTE}\n\n" + re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"

def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--readme", action="store_true", help="write README.md instead")
    p.add_argument("--check", action="store_true", help="with --readme: write nothing, say whether it is in step")
    args = p.parse_args()
    os.environ.update(ENV, IN_TEST="1")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    try:
        if not (NBS/"index.ipynb").exists(): raise Wrong("nbs/index.ipynb is missing: it is the first page")
        if not args.readme: build()
        elif args.check:
            old, new = (ROOT/"README.md").read_text(encoding="utf-8"), readme()
            if old != new: raise Wrong("README.md is not what nbs/index.ipynb says; mend: .venv/bin/python dev/docs.py --readme\n"
                                       + "\n".join(difflib.unified_diff(old.splitlines(), new.splitlines(), "README.md", "nbs/index.ipynb", lineterm="", n=1)))
        else: write(ROOT/"README.md", readme())
    except Wrong as e: sys.exit(f"docs: {e}")

if __name__ == "__main__": main()
