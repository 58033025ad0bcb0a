"""Links open the page at the sentence: the quotation is percent-encoded and fits first at its own place."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tables.links import MOST_URL, Linker

URL = "https://site.example/page"


def link(text: str, sentence: str, url: str = URL, block: str | None = None) -> str:
    start = text.index(block, 0) if block else 0
    begin = text.index(sentence, start)
    return Linker(text, url).link(begin, begin + len(sentence), start)


def quoted(address: str) -> list[str]:
    return [unquote(part) for part in address.split(":~:text=")[1].split(",")]


def test_a_short_sentence_is_quoted_whole() -> None:
    assert link("Salt is lost. Cramps follow.", "Cramps follow.") == f"{URL}#:~:text=Cramps%20follow."


def test_characters_with_a_meaning_of_their_own_are_encoded() -> None:
    address = link("low-salt, R&D #1 100%", "low-salt, R&D #1 100%")
    assert address == f"{URL}#:~:text=low%2Dsalt%2C%20R%26D%20%231%20100%25"


def test_a_long_sentence_is_told_by_its_first_and_last_words() -> None:
    sentence = "One two three four five six seven eight nine ten eleven twelve."
    assert quoted(link(sentence, sentence)) == ["One two three four", "nine ten eleven twelve."]


def test_the_start_grows_until_it_stands_nowhere_earlier() -> None:
    first = "If you have a cold then rest and drink a lot of warm tea."
    second = "If you have a fever then rest and drink a lot of cold water."
    assert quoted(link(f"{first}\n\n{second}", second))[0] == "If you have a fever"


def test_the_end_grows_until_it_comes_first_after_the_start() -> None:
    sentence = "Take it once in the week with food and again later in the week with food"
    assert quoted(link(sentence, sentence)) == ["Take it once in", "in the week with food"]


def test_a_repeated_sentence_gets_the_words_before_it() -> None:
    text = "Call a doctor.\n\nIn winter too. Call a doctor."
    address = link(text, "Call a doctor.", block="In winter")
    assert address.endswith("text=In%20winter%20too.-,Call%20a%20doctor.")


def test_no_quotation_holds_a_line_break() -> None:
    sentence = "Rest well\nand drink a lot of water and then\nsleep."
    assert quoted(link(sentence, sentence)) == ["Rest well", "sleep."]


def test_letter_case_does_not_tell_places_apart() -> None:
    text = "MUSCLE PAIN\n\nHere: muscle pain"
    assert "-," in link(text, "muscle pain", block="Here")


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "file:///x", "https://a.example/" + "x" * MOST_URL, "https://a b"]
)
def test_without_a_web_address_there_is_no_link(url: str) -> None:
    assert link("Rest.", "Rest.", url) == ""


def test_a_fragment_of_the_address_is_kept_and_an_old_directive_is_not() -> None:
    assert link("Rest.", "Rest.", f"{URL}#top") == f"{URL}#top:~:text=Rest."
    assert link("Rest.", "Rest.", f"{URL}#:~:text=old") == f"{URL}#:~:text=Rest."


@given(st.text(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_any_stretch_gives_ascii_quotations_from_it(text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    address = Linker(text, URL).link(start, end, 0)
    assert address.isascii()
    assert bool(address) == bool(text[start:end].split())
    for part in quoted(address) if address else []:
        if not part.endswith("-"):
            assert part in " ".join(text[start:end].split())
