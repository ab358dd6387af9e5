"""Fixtures that every test may use; what they make stands in tests/tiny.py."""
import os

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")  # before transformers is imported: no test reaches for the network

import pytest

from tests.tiny import tiny_folder_at, tiny_run_at


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    "The folder of the tiny random model"
    return tiny_folder_at(tmp_path_factory.mktemp("tiny")/"model")


@pytest.fixture
def tiny_run(tiny_folder, tmp_path):
    "Makes runs of the tiny model: tiny_run('name', sizes=dict(train=8), training=dict(epochs=3))"
    return lambda name="tiny", sizes=None, **changes: tiny_run_at(tmp_path, tiny_folder, name, sizes, **changes)


# Faults of the product that a test shows and nobody has mended yet, by test function: expected to fail, and listed in dev/LOG.md. Take a name out when it is mended.
OPEN_FAULTS = {
    "test_a_plan_in_markdown", "test_a_run_in_markdown", "test_findings_in_markdown", "test_a_report_read_from_a_folder_is_hostile_too", "test_hostile_text_stays_text",
    "test_half_a_character_in_an_answer_reaches_the_files", "test_deeply_nested_answers_can_be_shown", "test_answers_of_middling_length_take_no_time", "test_marks", "test_table",
    "test_a_terminal_that_knows_only_ascii", "test_a_file_name_that_is_no_text", "test_an_interrupted_command_says_so", "test_resume_wakes_it",
}


def pytest_collection_modifyitems(items):
    for item in items:
        if getattr(item, "originalname", item.name) in OPEN_FAULTS and item.path.name in ("test_units.py", "test_cli.py"): item.add_marker(pytest.mark.xfail(reason="open fault, see dev/LOG.md", strict=False))
