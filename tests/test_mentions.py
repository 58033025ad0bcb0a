"""Sentences in the notation: what the engine marks must be exactly what the line marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.extract import Engine, extract
from pipeline.markup import Mark, parse, render
from pipeline.model import Page
from tests.case_lines import case_lines

CASES = Path(__file__).parent / "cases" / "mentions"


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


@pytest.mark.parametrize("line", case_lines(sorted(CASES.glob("*.txt"))))
def test_the_engine_marks_what_a_careful_reader_marks(line: str, engine: Engine) -> None:
    text, _ = parse(line)
    assert marked(text, engine) == line
