from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import NotationError
from pipeline.markup import Mark, parse, render
from pipeline.model import Assertion


def test_a_mark_gives_offset_target_and_assertion() -> None:
    text, marks = parse("Doctors saw [low sodium](condition:hyponatremia absent) twice.")
    assert text == "Doctors saw low sodium twice."
    assert marks == (Mark(12, 22, "condition:hyponatremia", Assertion.ABSENT),)
    assert marks[0].label == "CONDITION"


def test_elliptic_and_bare_labels_are_read() -> None:
    _, marks = parse("[heart](condition elliptic) or [kidney disease](condition:kidney-disease)")
    assert marks[0] == Mark(0, 5, "condition", elliptic=True)


@pytest.mark.parametrize(
    "bad",
    [
        "an [open mark",
        "a closed] mark",
        "[](condition:gout)",
        "[gout]()",
        "[gout](condition:gout perhaps)",
        "[a [b](x:y)](x:y)",
        "[gout](Gout!)",
    ],
)
def test_bad_notation_is_an_error_that_names_the_place(bad: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse(bad, "cases.txt:3")
    assert caught.value.where.startswith("cases.txt:3")
    assert caught.value.cure


@st.composite
def annotated(draw: st.DrawFn) -> tuple[str, tuple[Mark, ...]]:
    pieces = draw(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=6))
    marks, place = [], 0
    for number, piece in enumerate(pieces):
        if number % 2:
            marks.append(
                Mark(
                    place,
                    place + len(piece),
                    "symptom:pain@chest",
                    draw(st.sampled_from(Assertion)),
                    draw(st.booleans()),
                )
            )
        place += len(piece)
    return "".join(pieces), tuple(marks)


@given(annotated())
def test_rendering_then_parsing_gives_the_same_back(sentence: tuple[str, tuple[Mark, ...]]) -> None:
    assert parse(render(*sentence)) == sentence
