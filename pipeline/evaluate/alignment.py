"""Where the characters of one text stand in another that is nearly the same."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from difflib import SequenceMatcher

_WORD = re.compile(r"\S+")

Span = tuple[int, int]


class Alignment:
    """Maps offsets of `text`, given with the bounds of its blocks, to offsets of `other` with its own.

    Blocks that are equal are paired first, then the words between them, so that the cost stays near linear.
    """

    def __init__(self, text: str, blocks: Sequence[Span], other: str, others: Sequence[Span]) -> None:
        self._same = text == other
        self._starts: list[int] = []
        self._pieces: list[tuple[int, int, int]] = []  # start, end, start in the other text
        if not self._same:
            self._pair(text, blocks, other, others)

    def _pair(self, text: str, blocks: Sequence[Span], other: str, others: Sequence[Span]) -> None:
        here = [text[start:end] for start, end in blocks]
        there = [other[start:end] for start, end in others]
        matcher = SequenceMatcher(None, here, there, autojunk=False)
        for kind, first, last, first_there, last_there in matcher.get_opcodes():
            if kind == "equal":
                pairs = zip(blocks[first:last], others[first_there:last_there], strict=True)
            elif kind == "replace":
                mine = _words(text, blocks[first:last])
                theirs = _words(other, others[first_there:last_there])
                words = SequenceMatcher(
                    None, [text[a:b] for a, b in mine], [other[a:b] for a, b in theirs], autojunk=False
                )
                pairs = zip(
                    (mine[one.a + n] for one in words.get_matching_blocks() for n in range(one.size)),
                    (theirs[one.b + n] for one in words.get_matching_blocks() for n in range(one.size)),
                    strict=True,
                )
            else:
                continue
            for (start, end), (start_there, _) in pairs:
                self._starts.append(start)
                self._pieces.append((start, end, start_there))

    def map(self, start: int, end: int) -> Span | None:
        """Where `[start, end)` stands in the other text; None when its first or last character is not there."""
        if self._same:
            return start, end
        first, last = self._place(start), self._place(end - 1)
        return (first, last + 1) if first is not None and last is not None and first <= last else None

    def _place(self, offset: int) -> int | None:
        number = bisect_right(self._starts, offset) - 1
        if number < 0:
            return None
        start, end, there = self._pieces[number]
        return there + offset - start if offset < end else None


def _words(text: str, blocks: Sequence[Span]) -> list[Span]:
    return [match.span() for start, end in blocks for match in _WORD.finditer(text, start, end)]
