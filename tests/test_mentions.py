"""Sentences in the notation: what the engine marks must be exactly what the line marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.extract import Engine, extract
from pipeline.markup import Mark, parse, render
from pipeline.model import Page

CASES = Path(__file__).parent / "cases" / "mentions"


def cases() -> list[pytest.param]:
    found = []
    for path in sorted(CASES.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                marks = [pytest.mark.xfail(strict=True)] if path.stem == "known_gaps" else []
                found.append(pytest.param(line.strip(), id=f"{path.stem}:{number}", marks=marks))
    return found


def marked(text: str, engine: Engine) -> str:
    """`text` in the notation, as the engine reads it."""
    extraction = extract(Page("case.txt", text.encode(), "case.txt", media_type="text/plain"), engine)
    return render(
        text,
        (
            Mark(one.start, one.end, one.concept_id, one.assertion, one.elliptic)
            for one in extraction.mentions
        ),
    )


@pytest.mark.parametrize("line", cases())
def test_the_engine_marks_what_a_careful_reader_marks(line: str, engine: Engine) -> None:
    text, _ = parse(line)
    assert marked(text, engine) == line
