"""Four times the page takes about four times the time, whatever stands on it."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest

from pipeline.batch.chunk import GC_THRESHOLD
from pipeline.extract import Engine, extract
from pipeline.model import Page
from pipeline.tables.rows import rows
from tests.hostile.baits import BAITS, Bait

SIZES = (4_000, 16_000, 64_000)
BEARABLE = 0.3  # CPU seconds for 16,000 characters or less, below which no ratio is told from noise
MOST_GROWTH = 8.0


@pytest.fixture(autouse=True, scope="module")
def _as_in_a_worker(engine: Engine) -> Iterator[None]:
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def _seconds(engine: Engine, bait: Bait, size: int) -> float:
    page = Page("bait.html", bait(size), "bait.html")
    start = time.process_time()
    found = extract(page, engine)
    rows(found)
    took = time.process_time() - start
    assert found.problem is None or "Error" not in found.problem.reason
    return took


@pytest.mark.parametrize("name", BAITS)
def test_time_grows_with_the_page(engine: Engine, name: str) -> None:
    bait = BAITS[name]
    _seconds(engine, bait, 500)  # what is loaded when first needed
    told = []
    for _ in range(3):  # other work on the machine may slow one of them
        before = _seconds(engine, bait, SIZES[0])
        for size in SIZES[1:]:
            took = _seconds(engine, bait, size)
            if took > BEARABLE and took > MOST_GROWTH * before:
                told.append(f"{before:.2f} s, then {took:.2f} s for {size:,} characters")
                break
            before = took
        else:
            return
    pytest.fail("; ".join(told))
