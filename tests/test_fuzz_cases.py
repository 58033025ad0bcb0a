"""What fuzzing found stays mended: every kept input, and every target's own examples, hold the invariant in time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.files import tidy_up
from tests.fuzz.limits import Endless, cpu_limit
from tests.fuzz.targets import TARGETS

FOUND = Path(__file__).parent / "fuzz" / "found"


@pytest.fixture(scope="module", autouse=True)
def leave_nothing() -> Iterator[None]:
    yield
    tidy_up()


def cases() -> Iterator[pytest.param]:
    for path in sorted(FOUND.glob("*/*")):
        yield pytest.param(path.parent.name, path.read_bytes(), id=f"{path.parent.name}/{path.name}")
    for name, target in TARGETS.items():
        for number, seed in enumerate(target.seeds):
            yield pytest.param(name, seed, id=f"{name}/seed-{number}")


@pytest.mark.parametrize(("name", "data"), list(cases()))
def test_the_invariant_holds(name: str, data: bytes) -> None:
    with cpu_limit(30):
        TARGETS[name].run(data)


def test_what_does_not_end_is_a_finding() -> None:
    with pytest.raises(Endless), cpu_limit(0.05):
        while True:
            pass
