"""Fixtures that every test may use; what they make stands in tests/tiny.py."""
import os

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")  # before transformers is imported: no test reaches for the network

import pytest

from tests.tiny import tiny_folder_at, tiny_run_at

LONG = ("test_training.py", "test_memory.py", "test_plan_wizard.py", "test_doctor.py", "test_wizards.py", "test_cli.py", "test_hub.py", "test_faults.py")


def pytest_collection_modifyitems(items):
    "Files of long tests first: of two processes none is left alone with them at the end"
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    "The folder of the tiny random model"
    return tiny_folder_at(tmp_path_factory.mktemp("tiny")/"model")


@pytest.fixture
def tiny_run(tiny_folder, tmp_path):
    "Makes runs of the tiny model: tiny_run('name', sizes=dict(train=8), training=dict(epochs=3))"
    return lambda name="tiny", sizes=None, **changes: tiny_run_at(tmp_path, tiny_folder, name, sizes, **changes)
