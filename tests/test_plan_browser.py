"""From "do I need this?" to a saved plan as a person walks it: DecideWizard and PlanWizard in JupyterLab and a real browser, half of it by keyboard, and a look at the result."""
import pytest

from ftcourse import Plan
from ftcourse.decide import decide, read_answers

pytest_plugins = ["tests.lab"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

OUTSIDE = "() => { const b = document.querySelector('.ft-plan').getBoundingClientRect(); return [...document.querySelectorAll('.ft-plan label, .ft-plan p, .ft-plan li, .ft-plan button, .ft-plan input, .ft-plan select, .ft-plan textarea')].filter(e => e.offsetParent && e.getBoundingClientRect().right > b.right + 2).map(e => e.outerHTML.slice(0, 90)); }"
ESTIMATE = "document.querySelector('.ft-estimate')?.innerText ?? ''"


def says(page, of, text, seconds=30): page.wait_for_function("([of, t]) => (document.querySelector(of)?.innerText ?? '').includes(t)", arg=[of, text], timeout=1000 * seconds)


def estimated(page, text, seconds=180): page.wait_for_function(f"t => ({ESTIMATE}).includes(t) && !({ESTIMATE}).includes('estimating')", arg=text, timeout=1000 * seconds)


def press(page, mark, key="Enter"):
    page.locator(mark).focus()
    page.keyboard.press(key)


def write(page, mark, text):
    "Types into a field as a person does, and leaves it by the keyboard"
    page.locator(f"{mark} input, {mark} textarea").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Tab")


def value(page, mark): return page.locator(f"{mark} input, {mark} textarea, {mark} select").first.input_value()


def test_from_the_question_to_a_saved_plan(notebook):
    for name in ("answers.yaml", "plan.yaml"): (notebook.folder/name).unlink(missing_ok=True)
    page = notebook("from ftcourse import DecideWizard, PlanWizard\nDecideWizard()", "w = PlanWizard()\nw")
    page.wait_for_selector(".ft-q-gap input", timeout=60_000)
    page.wait_for_selector(".ft-use-case input", timeout=60_000)

    # do I need this? The checklist, by keyboard
    for q, n in dict(gap=1, tried=2).items():
        page.locator(f".ft-q-{q} input").nth(n).focus()
        page.keyboard.press("Space")
    press(page, ".ft-decide .ft-next")
    page.wait_for_selector(".ft-q-citations input", state="visible")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ft-q-examples input", state="visible")
    page.locator(".ft-q-examples label", has_text="50 to 1,000").click()
    says(page, ".ft-decide-status", "Fine-tuning")
    press(page, ".ft-decide .ft-save")
    says(page, ".ft-decide", "Wrote the answers")
    assert decide(read_answers(notebook.folder/"answers.yaml")).outcome == "fine_tune"

    # use case: a template, and the number of test examples follows
    press(page, ".ft-use-case label:has-text('Extraction') input", "Space")
    says(page, ".ft-needed", "1,568 test examples")
    write(page, ".ft-p-evaluation-minimum_effect", "10")
    says(page, ".ft-needed", "test examples")
    page.wait_for_function("() => !document.querySelector('.ft-needed').innerText.includes('1,568')")
    write(page, ".ft-p-task-name", "bills")
    write(page, ".ft-p-task-instruction", "Read the bill. Answer with one JSON object.")
    page.locator(".ft-commercial input").focus()
    page.keyboard.press("Space")
    notebook.screen(page, "plan-1-use")
    press(page, ".ft-plan .ft-next")

    # base model: filters, the list, a comparison, and one that is typed
    page.wait_for_selector(".ft-models select", state="visible")
    page.locator(".ft-f-kind select").select_option(label="instruct: answers in turns")
    write(page, ".ft-f-size", "8B")
    write(page, ".ft-device", "24GB")
    page.wait_for_function("() => document.querySelectorAll('.ft-models option').length < 60")
    page.locator(".ft-models select").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.querySelector('.ft-p-model-id input').value !== 'smollm2-135m-instruct'")
    press(page, ".ft-compare")
    write(page, ".ft-p-model-id", "mistral-7b-instruct-v0.2")
    says(page, ".ft-model-shown", "mistral-7b-instruct-v0.2")
    press(page, ".ft-compare")
    says(page, ".ft-compared", "mistral-7b-instruct-v0.2")
    notebook.screen(page, "plan-2-model")

    # strategy: defaults follow the rows
    press(page, ".ft-plan .ft-next")
    page.wait_for_selector(".ft-method input", state="visible")
    write(page, ".ft-h-rows", "480")
    page.wait_for_function("() => document.querySelector('.ft-p-training-batch_rows input').value === '4'")
    says(page, ".ft-method-shown", "arXiv:2305.14314")
    estimated(page, "fits")
    notebook.screen(page, "plan-3-strategy")

    # fit: the bar moves with the rank, and a click makes it fit
    page.click(".ft-step-fit")
    page.wait_for_selector(".ft-rank .noUi-handle, .ft-rank [role=slider]", state="visible")
    before = page.locator(".ft-estimate").inner_text()
    press(page, ".ft-rank .noUi-handle, .ft-rank [role=slider]", "ArrowRight")
    page.wait_for_function("() => document.querySelector('.ft-p-strategy-rank input').value === '32'")
    estimated(page, "83,886,080 are trained")
    assert page.locator(".ft-estimate").inner_text() != before
    write(page, ".ft-p-training-max_tokens", "4096")
    estimated(page, "does not fit")
    page.wait_for_selector(".ft-repair-0", state="visible")
    notebook.screen(page, "plan-4-does-not-fit")
    press(page, ".ft-repairs button:visible >> nth=-1")
    page.wait_for_function(f"() => !({ESTIMATE}).includes('does not fit') && !({ESTIMATE}).includes('estimating')", timeout=180_000)
    says(page, ".ft-time", "No table gives the speed")  # an amount of memory is no device
    notebook.screen(page, "plan-4-fits")

    # nothing is lost on the way; save
    for step, mark, text in (("use", "task-name", "bills"), ("model", "model-id", "mistral-7b-instruct-v0.2"), ("strategy", "strategy-rank", "32")):
        page.click(f".ft-step-{step}")
        page.wait_for_selector(f".ft-p-{mark}", state="visible")
        assert value(page, f".ft-p-{mark}") == text
    page.click(".ft-step-save")
    page.wait_for_selector(".ft-path input", state="visible")
    press(page, ".ft-plan .ft-save")
    says(page, ".ft-plan", "Wrote the plan to plan.yaml")
    plan = Plan.load(notebook.folder/"plan.yaml")
    assert (plan.task.use_case, plan.task.name, plan.evaluation.minimum_effect, plan.model.id, plan.strategy.rank, plan.training.batch_rows) == ("extraction", "bills", 10, "mistral-7b-instruct-v0.2", 32, 4)
    assert 0 < plan.evaluation.test_rows < 1568 and plan.training.max_tokens == 4096

    # each step wide, dark and narrow
    for theme, width in (("JupyterLab Light", 1200), ("JupyterLab Dark", 1200), ("JupyterLab Dark", 620)):
        notebook.theme(page, theme)
        page.set_viewport_size(dict(width=width, height=1400))
        for step in ("use", "model", "strategy", "fit", "save"):
            page.click(f".ft-step-{step}")
            page.wait_for_timeout(500)
            page.locator(".ft-plan").evaluate("e => e.scrollIntoView({block: 'start'})")
            notebook.screen(page, f"plan-{step}-{theme.split()[1].lower()}-{width}")
            assert not page.evaluate(OUTSIDE), f"pieces stick out of {step} at {width} pixels"
    page.set_viewport_size(dict(width=1200, height=1000))
    notebook.theme(page, "JupyterLab Light")

    # the kernel was free all the time, and the page comes back as it was
    notebook.command(page, "docmanager:save", wait=True)
    assert notebook.path.stat().st_size < 300_000
