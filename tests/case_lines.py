"""Files of tests/cases that hold one case a line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest


def case_lines(paths: Iterable[Path]) -> list[pytest.param]:
    """A parameter for each line that is neither empty nor a comment; those of `known_gaps.txt` must fail."""
    found = []
    for path in paths:
        marks = [pytest.mark.xfail(strict=True)] if path.stem == "known_gaps" else []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                found.append(pytest.param(line, id=f"{path.stem}:{number}", marks=marks))
    return found
