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


ALL = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
NUMBERS = tuple(ALL.split())


@pytest.mark.parametrize(
    ("count", "wanted"),
    [
        (8, ["one two three four five six seven eight"]),
        (9, ["one two three four", "six seven eight nine"]),
    ],
)
def test_up_to_eight_words_are_quoted_whole(count: int, wanted: list[str]) -> None:
    sentence = " ".join(NUMBERS[:count])
    assert quoted(link(sentence, sentence)) == wanted


def test_eight_words_on_two_lines_are_told_by_the_first_and_last() -> None:
    sentence = "one two three\nfour five six seven eight"
    assert quoted(link(sentence, sentence)) == ["one two three", "five six seven eight"]
    assert quoted(link("one\rtwo", "one\rtwo")) == ["one", "two"]


@pytest.mark.parametrize("count", [12, 15])
def test_a_start_that_stands_earlier_grows_to_twelve_words_and_gets_those_before_it(count: int) -> None:
    sentence = ALL
    text = f"{' '.join(NUMBERS[:count])}\n\nI count to five or six: {sentence} and stop."
    start = text.rindex(sentence)
    address = Linker(text, URL).link(start, start + len(sentence), text.index("I count"))
    assert quoted(address) == ["to five or six:-", " ".join(NUMBERS[:12]), "thirteen fourteen fifteen"]


@pytest.mark.parametrize("count", [12, 13])
def test_an_end_that_comes_earlier_grows_to_twelve_words(count: int) -> None:
    again = NUMBERS[:count]
    sentence = f"We counted and counted: {' '.join(again)} and {' '.join(again)}"
    assert quoted(link(sentence, sentence)) == ["We counted and counted:", " ".join(again[-12:])]


def test_an_end_is_told_by_its_last_word_too() -> None:
    sentence = "Take it once in the week with food and again in the week with salt"
    assert quoted(link(sentence, sentence)) == ["Take it once in", "the week with salt"]


def test_the_words_before_come_from_the_block_and_its_last_line() -> None:
    text = "No salt.\n\nSome say\rso:\nNo salt.\n\nNo salt."
    linker = Linker(text, URL)
    second = text.index("No salt.", 5)
    third = text.rindex("No salt.")
    assert linker.link(second, second + 8, 10) == f"{URL}#:~:text=No%20salt."
    assert linker.link(third, third + 8, third) == f"{URL}#:~:text=No%20salt."
    text = "No salt.\n\nIt is so:\rsome do say: No salt."
    start = text.rindex("No salt.")
    assert quoted(Linker(text, URL).link(start, len(text), 10)) == ["some do say:-", "No salt."]


@pytest.mark.parametrize(("before", "count"), [(7, 9), (6, 10)])
def test_an_end_never_holds_words_of_the_start(before: int, count: int) -> None:
    sentence = " ".join(NUMBERS[:count])
    text = f"{' '.join(NUMBERS[:before])}.\n\n{sentence}"
    start = text.rindex(sentence)
    address = Linker(text, URL).link(start, len(text), start)
    assert quoted(address) == [" ".join(NUMBERS[: before + 1]), " ".join(NUMBERS[before + 1 : count])]


def test_a_letter_that_lower_case_makes_longer_moves_nothing() -> None:
    text = "İstanbul: REST WELL. rest well. Rest well."
    assert quoted(link(text, "Rest well.", block="İstanbul")) == ["Rest well."]
    assert quoted(link(text.replace("İ", "I"), "Rest well.", block="Istanbul"))[0].endswith("-")


def test_a_quotation_without_end_is_left_out() -> None:
    text = "Rest. " + "salt" * 600
    assert link(text, text) == URL
    assert link(text, text, f"{URL}#top") == f"{URL}#top"
    assert link(text, "Rest.") == f"{URL}#:~:text=Rest."
    assert len(link("s" * 2000, "s" * 2000)) == len(URL) + 9 + 2000
    assert link("s" * 2001, "s" * 2001) == URL


def test_an_address_may_be_long_and_in_capitals() -> None:
    url = "HTTP://A.EXAMPLE/"
    longest = url + "x" * (MOST_URL - len(url))
    assert link("Rest.", "Rest.", url) == f"{url}#:~:text=Rest."
    assert link("Rest.", "Rest.", longest) == f"{longest}#:~:text=Rest."
    assert link("Rest.", "Rest.", longest + "x") == ""


def test_a_stretch_without_words_has_no_link() -> None:
    assert Linker("a  b", URL).link(1, 3, 0) == ""
