"""From a file to audited rows as a person walks it: DataWizard in JupyterLab and a real browser, half of it by keyboard, and a look at the result."""
import json

import pytest

from ftcourse.runs import open_run
from tests.test_plan_browser import OUTSIDE, press, says, value, write

pytest_plugins = ["tests.lab"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

OUTSIDE = OUTSIDE.replace(".ft-plan", ".ft-data")
CODE = """import sys
sys.path.insert(0, {root!r})
from ftcourse import DataWizard
from tests.tiny import tiny_plan
plan = tiny_plan({folder!r}, training=dict(max_tokens=600), task=dict(answer="text", instruction=""))
w = DataWizard(plan=plan)
w"""


def orders(n): return "question,answer,label,customer\n" + "".join(f"\"Order {1000 + i}: my {('lamp', 'chair', 'desk')[i % 3]} number {i * 37 % 101} has not come, write to user{i}@example.org please. <b>bold</b>\",\"{'As an AI language model, I cannot help with that.' if i % 10 == 0 else f'I am sorry about it; it comes on day {i % 28 + 1}.'}\",{'lost' if i % 7 == 0 else 'late'},c{i // 2}\n" for i in range(n))


def test_from_a_file_to_audited_rows(notebook, tiny_folder):
    from tests.lab import ROOT
    (notebook.folder/"orders.csv").write_text(orders(90) + orders(3).partition("\n")[2])
    page = notebook(CODE.format(root=str(ROOT), folder=str(tiny_folder)))
    page.wait_for_selector(".ft-p-data-source input", timeout=60_000)
    says(page, ".ft-file-shown", "No file yet")

    # the file: its path, typed
    write(page, ".ft-p-data-source", "orders.csv")
    says(page, ".ft-file-shown", "93 rows in = 93 readable + 0 not")
    page.wait_for_function("() => !document.querySelector('.ft-head').innerText.includes('counting')", timeout=60_000)
    notebook.screen(page, "data-1-file")
    press(page, ".ft-data .ft-next")

    # its layout, by keyboard
    page.wait_for_selector(".ft-layout select", state="visible")
    says(page, ".ft-layout-shown", "sure")
    says(page, ".ft-rows-shown", "<b>bold</b>")
    assert page.locator(".ft-data b", has_text="bold").count() == 0
    notebook.screen(page, "data-2-layout")
    press(page, ".ft-data .ft-next")

    # a filter is ticked, personal data masked, both seen in the counts; undo, and again
    page.wait_for_selector(".ft-f-refusal input", state="visible")
    page.wait_for_function("() => [...document.querySelectorAll('.ft-count, .ft-one summary')].some(e => e.innerText.includes('would take 10 rows, of all 93 rows'))")
    page.locator(".ft-f-refusal input").focus()
    page.keyboard.press("Space")
    says(page, ".ft-head", "93 in → 83 out")
    page.locator(".ft-personal select").select_option(label="mask it")
    says(page, ".ft-undo", "Undo: personal data")
    says(page, ".ft-data .ft-count-email", "83 in 83 rows, masked")
    press(page, ".ft-undo")
    says(page, ".ft-undo", "Undo: filters")
    page.wait_for_function("() => document.querySelector('.ft-personal select').selectedIndex === 0")
    page.locator(".ft-personal select").select_option(label="mask it")
    says(page, ".ft-undo", "Undo: personal data")
    notebook.screen(page, "data-3-clean")
    press(page, ".ft-data .ft-next")

    # the split: by customer, rare labels repeated
    page.wait_for_selector(".ft-p-prepare-test input", state="visible")
    write(page, ".ft-p-prepare-test", "0.2")
    write(page, ".ft-p-prepare-group", "customer")
    page.locator(".ft-p-prepare-balance select").select_option(label="over")
    says(page, ".ft-balance-shown", "Balance by label")
    says(page, ".ft-split-shown", "Leaks: 0 of")
    notebook.screen(page, "data-4-split")
    press(page, ".ft-data .ft-next")

    # the run, its rows, the audit
    page.wait_for_selector(".ft-run-name input", state="visible")
    assert value(page, ".ft-run-name") == "orders-1"
    write(page, ".ft-plan-path", "recipe.yaml")
    press(page, ".ft-make")
    says(page, ".ft-audited", "Audit ok", 120)
    page.wait_for_selector(".ft-token-view summary", state="visible", timeout=60_000)
    page.locator(".ft-token-view summary").click()
    notebook.screen(page, "data-5-made")
    run = open_run(notebook.folder/"runs"/"orders-1")
    a = run.plan.prepare
    assert (a.filters, a.personal_data, a.test, a.group, a.balance) == ("refusal", "mask", 0.2, "customer", "over") and (notebook.folder/"recipe.yaml").exists()
    text = run.data("train").read_text()
    assert "@example.org" not in text and "[EMAIL" in text and "As an AI" not in text
    assert json.loads((run.path/"data"/"report.json").read_text())["rows_in_all"] == 93

    # each step wide, dark and narrow; nothing is lost on the way
    for theme, width in (("JupyterLab Light", 1200), ("JupyterLab Dark", 1200), ("JupyterLab Dark", 620)):
        notebook.theme(page, theme)
        page.set_viewport_size(dict(width=width, height=1700))
        for step in ("file", "layout", "clean", "split", "make"):
            page.click(f".ft-step-{step}")
            page.wait_for_timeout(500)
            page.locator(".ft-data").evaluate("e => e.scrollIntoView({block: 'start'})")
            notebook.screen(page, f"data-{step}-{theme.split()[1].lower()}-{width}")
            assert not page.evaluate(OUTSIDE), f"pieces stick out of {step} at {width} pixels"
    page.click(".ft-step-split")
    assert value(page, ".ft-p-prepare-group") == "customer"
    page.set_viewport_size(dict(width=1200, height=1000))
    notebook.theme(page, "JupyterLab Light")
    notebook.command(page, "docmanager:save", wait=True)
    assert notebook.path.stat().st_size < 300_000
