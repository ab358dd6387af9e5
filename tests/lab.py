"""JupyterLab and a browser for tests: fixtures `lab` (a server), `browser`, `notebook` (opens cells, runs them, and fails the test on console errors or outside requests).

Use them by `pytest_plugins = ["tests.lab"]`, with the repository's root on the path.
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from tests.browser import find

ROOT = Path(__file__).resolve().parent.parent
SCREENS = ROOT / "_artifacts" / "screens"
TOKEN = "t"
CHROMIUM_ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync"]
NOISE = ("Could not restore the debugger state",)   # JupyterLab's own, where a notebook is closed as soon as it is open
IDLE = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
OVERRIDES = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(url, log, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try: return urllib.request.urlopen(url, timeout=1)
        except OSError: time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    "A JupyterLab server: its address and its folder"
    d = tmp_path_factory.mktemp("lab")
    (d / "nb").mkdir()
    (d / "app").mkdir()
    (d / "app" / "overrides.json").write_text(json.dumps(OVERRIDES))
    env = dict(os.environ, JUPYTER_CONFIG_DIR=str(d / "cfg"), JUPYTER_RUNTIME_DIR=str(d / "run"), IPYTHONDIR=str(d / "ipy"),
               PYTHONPATH=os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep))
    port, log = free_port(), d / "lab.log"
    with open(log, "w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", f"--ServerApp.root_dir={d / 'nb'}", "--ServerApp.ip=127.0.0.1",
             f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}",
             "--LabApp.expose_app_in_browser=True", f"--LabApp.app_settings_dir={d / 'app'}"],
            stdout=out, stderr=out, env=env, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/api/status?token={TOKEN}", log)
        yield url, d / "nb"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try: server.wait(10)
        except subprocess.TimeoutExpired: os.killpg(server.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def browser():
    "A headless Chromium"
    from playwright.sync_api import sync_playwright
    with sync_playwright() as pw:
        chromium = pw.chromium.launch(executable_path=str(find()), args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def context(browser):
    "One context for all tests, so that JupyterLab's own scripts come from the cache"
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    yield context
    context.close()


def end_sessions(url):
    "Shuts the kernels of a test down"
    def call(path, method="GET"):
        request = urllib.request.Request(f"{url}/api/{path}", method=method, headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(request, timeout=10) as answer: return answer.read()
    for session in json.loads(call("sessions")): call(f"sessions/{session['id']}", "DELETE")


class Notebook:
    "Opens a notebook of the given cells in JupyterLab and runs it; keeps what went wrong on the page"

    def __init__(self, lab, context, kept, name):
        self.url, self.folder = lab
        self.context, self.kept, self.name = context, kept, re.sub(r"\W+", "-", name)
        self.errors, self.outside, self.frames, self.listeners, self.page = [], [], [], [], None

    @property
    def path(self): return self.folder / f"{self.name}.ipynb"

    def on(self, page, event, what):
        page.on(event, what)
        self.listeners.append((event, what))

    def watch(self, page):
        self.on(page, "pageerror", lambda e: self.errors.append(str(e)))
        self.on(page, "console", lambda m: self.errors.append(f"{m.text} ({m.location.get('url', '')})") if m.type == "error" else None)
        self.on(page, "request", lambda r: self.outside.append(r.url) if not r.url.startswith((self.url, "data:", "blob:")) else None)
        self.on(page, "websocket", lambda ws: ws.on("framereceived", lambda frame: self.frames.append(frame)))

    def open(self, *cells, run=True):
        "The page with these cells; one JupyterLab page serves all tests"
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "python3", "language": "python"}}), self.path)
        if "page" not in self.kept:
            self.kept["page"] = self.context.new_page()
            self.watch(self.kept["page"])
            self.kept["page"].goto(f"{self.url}/lab?token={TOKEN}&reset")
        else: self.watch(self.kept["page"])
        self.page = self.kept["page"]
        self.show()
        if run: self.run_all(self.page)
        return self.page

    __call__ = open

    def show(self):
        "Brings the notebook up and waits until its kernel can be used"
        self.page.wait_for_function("() => !!window.jupyterapp", timeout=60_000)
        self.page.evaluate("path => window.jupyterapp.restored.then(() => window.jupyterapp.commands.execute('docmanager:open', {path})).then(() => true)", self.path.name)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.page.wait_for_function("path => window.jupyterapp.shell.currentWidget?.context?.path === path && window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status === 'idle'", arg=self.path.name, timeout=60_000)  # a tab that was restored may stand in front
        self.page.wait_for_function(IDLE, timeout=60_000)

    def reload(self):
        "As a reader does with the browser's button"
        self.page.reload()
        self.show()

    def run_all(self, page): self.command(page, "notebook:run-all-cells")

    def command(self, page, name, wait=False):
        page.evaluate("([name, wait]) => { const done = window.jupyterapp.commands.execute(name); return wait ? done.then(() => true) : true; }", [name, wait])

    def theme(self, page, name):
        "Changes JupyterLab's theme, e.g. to `JupyterLab Dark`"
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => true)", name)

    def screen(self, page, name, of=None):
        "Keeps a picture of the page, or of the first element that `of` selects"
        SCREENS.mkdir(parents=True, exist_ok=True)
        (page.locator(of).first if of else page).screenshot(path=str(SCREENS / f"{name}.png"))

    def close(self, keep=True):
        "Leaves an empty JupyterLab to the next test, or none"
        if self.page:
            self.page.evaluate("() => { for (const w of [...window.jupyterapp.shell.widgets('main')]) w.dispose(); }")
            for event, what in self.listeners: self.page.remove_listener(event, what)
            if not keep: self.kept.pop("page").close()
        end_sessions(self.url)


@pytest.fixture(scope="session")
def kept_page():
    "Holds the page that serves most tests"
    return {}


@pytest.fixture
def notebook(lab, context, kept_page, request):
    "Opens cells in JupyterLab; the test fails on a console error or a request to the outside"
    n = Notebook(lab, context, kept_page, request.node.name)
    before = request.session.testsfailed
    yield n
    failed = request.session.testsfailed > before
    if failed and n.page: n.screen(n.page, f"failed-{n.name}")
    n.close(keep=not failed)
    n.errors = [e for e in n.errors if not e.startswith(NOISE)]
    assert not n.errors, f"errors in the browser's console: {n.errors}"
    assert not n.outside, f"requests to the outside: {n.outside}"
