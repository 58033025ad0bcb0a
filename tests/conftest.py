from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.extract import Engine, load_engine

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine with the package's own vocabulary, built once for all tests of a process."""
    return load_engine()
