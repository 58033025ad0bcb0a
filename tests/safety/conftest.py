from __future__ import annotations

import pytest

from pipeline.runs import Run
from tests.safety.hostile_run import hostile_run


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The hostile run, made once."""
    return hostile_run(tmp_path_factory.mktemp("hostile"))
