"""Sentences by rule: where they end, and what holds for any text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.components.sentences import sentence_abbreviations, sentence_bounds


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_bounds(text, 0, len(text), sentence_abbreviations())]


@pytest.mark.parametrize(
    "wanted",
    [
        ["It hurts.", "It stops."],
        ["Does it hurt?", "No!", "It stopped…", "Then it came back."],
        ['He said "It hurts."', "It stops."],
        ["It hurts (a lot.)", "It stops."],
        ["Ask Dr. Smith about it.", "He knows."],
        ["It was seen by J. Smith.", "He knows."],
        ["Take 3.5 mg a day.", "It helps."],
        ["Levels rise, e.g. Potassium, and fall.", "It helps."],
        ["It was seen in ca. half of them."],
        ["Low sodium", "It hurts."],
    ],
)
def test_where_sentences_end(wanted: list[str]) -> None:
    assert sentences(" ".join(wanted) if wanted[0] != "Low sodium" else "\n\n".join(wanted)) == wanted


@given(
    st.lists(
        st.sampled_from(["a", "B.", "?", "\n", " ", ". ", "dr. ", '"', ")", "J. ", "3.5"])
        | st.text(max_size=3)
    )
)
def test_every_character_but_white_space_stands_in_one_sentence(pieces: list[str]) -> None:
    text = "".join(pieces)
    bounds = list(sentence_bounds(text, 0, len(text), sentence_abbreviations()))
    assert all(first < last for first, last in bounds)
    assert all(before[1] <= after[0] for before, after in pairwise(bounds))
    covered = {place for first, last in bounds for place in range(first, last)}
    assert all(place in covered or text[place].isspace() for place in range(len(text)))


def test_bounds_stay_in_the_stretch_that_was_asked_for() -> None:
    text = "One. Two. Three. Four."
    assert [text[a:b] for a, b in sentence_bounds(text, 5, 16, frozenset())] == ["Two.", "Three."]
    assert list(sentence_bounds(text, 4, 5, frozenset())) == []
