"""Sentence starts by rule; no sentence crosses a block."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from operator import itemgetter

from ..tsv import VOCABULARY, read_rows

_CLOSERS = r"\"'”’)\]"
# A full stop, question or exclamation mark (with closing quotes), white space, and something that can open a sentence.
# Possessive and only at the first mark of a row: each row of marks is read once, also where no sentence ends.
_BREAK = re.compile(rf"(?<![.!?…])[.!?…]++[{_CLOSERS}]*+\s++(?=\S)|\n+")
_START = itemgetter(0)
_LAST_WORD = re.compile(r"(\S+)$")


@cache
def sentence_abbreviations() -> frozenset[str]:
    """Lower-case words with their full stop (`dr.`, `e.g.`) after which no sentence ends."""
    rows = read_rows(VOCABULARY, "sentence_abbreviations.tsv", ("abbreviation",))
    return frozenset(row["abbreviation"] for row in rows)


def sentence_bounds(
    text: str, start: int, end: int, abbreviations: frozenset[str]
) -> Iterator[tuple[int, int]]:
    """The sentences of `text[start:end]`, as offsets into `text`, without the white space between them.

    `abbreviations` are those of `sentence_abbreviations`.
    """
    first = start
    for match in _BREAK.finditer(text, start, end):
        stop = match.start() + len(match[0].rstrip())
        if stop > match.start() and match[0][0] == "." and not _ends(text, first, match, end, abbreviations):
            continue
        if stop > first:
            yield first, stop
        first = match.end()
    stop = end - len(text[first:end]) + len(text[first:end].rstrip())
    if stop > first:
        yield first, stop


def _ends(text: str, first: int, match: re.Match[str], end: int, abbreviations: frozenset[str]) -> bool:
    """Whether a full stop ends a sentence: not after an abbreviation or an initial, nor before lower case."""
    following = text[match.end() : match.end() + 1]
    if following.islower():
        return False
    word = _LAST_WORD.search(text, max(first, match.start() - 30), match.start() + 1)
    if word is None:
        return True
    last = word[1].lstrip("([\"'").lower()
    if last in abbreviations:
        return False
    return not (len(last) == 2 and last[0].isalpha() and following.isupper() and word.start() > first)


def covering(bounds: Sequence[tuple[int, int]], position: int) -> tuple[int, int] | None:
    """The bounds that hold `position`, or None; `bounds` are sorted and disjoint."""
    place = bisect_right(bounds, position, key=_START) - 1
    return bounds[place] if place >= 0 and position < bounds[place][1] else None
