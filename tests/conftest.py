from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from pipeline.extract import Engine, load_engine

# No test fails for being slow on a busy machine; tests/benchmarks measures time.
settings.register_profile("medtables", deadline=None)
settings.register_profile("few", deadline=None, max_examples=15)
settings.register_profile("long", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "medtables"))

# A suite started in the background by a script inherits that Ctrl-C is ignored, and so would what the tests start.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine with the package's own vocabulary, built once for all tests of a process."""
    return load_engine()
