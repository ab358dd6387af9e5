"""Finds a browser for the browser tests, and fetches one where it may: `find()` returns its path. Run as a script it prints that path."""
import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-liberation")
HELP = """No browser for the browser tests. One of these mends it:
  - install Chromium or Chrome (Debian: apt install chromium fonts-dejavu-core fonts-liberation);
  - name one: CHROMIUM=/path/to/chrome make test;
  - fetch one: .venv/bin/python -m playwright install --with-deps chromium;
  - run everything else: NO_BROWSER=1 make test"""


def runs(path):
    "Does it start? (Ubuntu's chromium-browser without its snap, or a download that lacks libraries, does not.)"
    try: return subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.SubprocessError): return False


def say(text): print(text, file=sys.stderr, flush=True)


def on_path(): return next((p for p in map(shutil.which, NAMES) if p and runs(p)), None)


def from_debian(seconds=400):
    "Debian's package, where we may install it."
    if os.geteuid() or not shutil.which("apt-get"): return None
    say(f"installing {PACKAGES[0]} with apt-get")
    quiet = dict(env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"), stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=seconds)
    try:
        subprocess.run(["apt-get", "update", "-q"], **quiet)  # one source out of reach is no reason to give up
        subprocess.run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *PACKAGES], **quiet)
    except (OSError, subprocess.SubprocessError) as e: say(f"apt-get: {e}")
    return on_path()


def downloaded():
    "Playwright's own browser, if it is already there."
    code = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    try: path = subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60).stdout.strip()
    except (OSError, subprocess.SubprocessError): return None
    return path if path and runs(path) else None


def from_playwright(seconds=300):
    "Playwright's own browser, downloaded."
    say("downloading Playwright's chromium")
    try: subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=seconds)
    except (OSError, subprocess.SubprocessError) as e: say(f"playwright: {e}")
    return downloaded()


def find():
    "Path of a browser that starts: the one named, one that is there, else one fetched. Raises when there is none."
    named = os.environ.get("CHROMIUM")
    if named:
        if not runs(named): raise RuntimeError(f"CHROMIUM={named} does not start.\n{HELP}")
        return named
    for look in (on_path, downloaded, from_debian, from_playwright):
        path = look()
        if path: return path
    raise RuntimeError(HELP)


if __name__ == "__main__":
    try: print(find())
    except RuntimeError as e: sys.exit(str(e))
