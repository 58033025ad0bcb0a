"""Rules of the house that no tool of `make lint` holds."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST = 450


@pytest.mark.parametrize("folder", ["pipeline", "tests"])
def test_no_file_is_longer_than_a_reader_keeps_in_mind(folder: str) -> None:
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for kind in ("py", "js", "css")
        for path in sorted((ROOT / folder).rglob(f"*.{kind}"))
    }
    assert lines
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}
