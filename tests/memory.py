"""How much memory reading takes."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from pipeline.sources import load, survey


def peak_of_reading(path: Path) -> int:
    """The most bytes that Python objects held while all pages of a file were read, one after the other."""
    tracemalloc.start()
    for entry in survey([str(path)]).entries():
        load(entry)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most
