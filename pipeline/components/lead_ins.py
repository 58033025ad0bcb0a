"""Lists under a lead-in: `Call a doctor if you have:` supposes every item of its list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..model import Block, Kind
from .assertion import Assertions, Carried
from .reach import Span
from .sentences import sentence_bounds

_HEADINGS = (Kind.HEADING, Kind.TITLE)


class LeadIns:
    """The cues that the items of an article's lists inherit from the block before or the heading."""

    def __init__(
        self,
        assertions: Assertions,
        text: str,
        blocks: Sequence[Block],
        spans: Mapping[int, Sequence[Span]],
        abbreviations: frozenset[str],
    ) -> None:
        """`text` is folded; `spans` are the mentions of each block that has some."""
        self._assertions = assertions
        self._text = text
        self._blocks = blocks
        self._spans = spans
        self._abbreviations = abbreviations
        self._parents: dict[int, tuple[int, int]] | None = None
        self._open: dict[int, list[Carried]] = {}
        self._nearest: dict[int, tuple[list[Carried], int]] = {}

    def carried(self, number: int) -> Sequence[Carried]:
        """The cues that block `number` inherits; none when it is no list item."""
        if self._blocks[number].kind is not Kind.LIST_ITEM:
            return ()
        if self._parents is None:
            self._parents = _parents(self._blocks)
        above, heading = self._parents[number]
        found, number = self._above(above, self._parents)
        if not found and 0 <= heading < number and self._text[self._blocks[number].end - 1] != ":":
            found = self._opened(heading)
        return found

    def _above(self, number: int, parents: Mapping[int, tuple[int, int]]) -> tuple[list[Carried], int]:
        """The cues of block `number` or else of the nearest item around it that has some, and the last block asked."""
        asked: list[int] = []
        while number not in self._nearest:
            asked.append(number)
            found = self._opened(number) if number >= 0 else []
            if found or number not in parents:
                self._nearest[number] = found, number
                break
            number = parents[number][0]
        nearest = self._nearest[number]
        self._nearest.update(dict.fromkeys(asked, nearest))
        return nearest

    def _opened(self, number: int) -> list[Carried]:
        if number not in self._open:
            block = self._blocks[number]
            bounds = list(sentence_bounds(self._text, block.start, block.end, self._abbreviations))
            heading = block.kind in _HEADINGS
            spans = [span for span in self._spans.get(number, ()) if bounds and span[0] >= bounds[-1][0]]
            leads = bounds and block.kind in (*_HEADINGS, Kind.PARAGRAPH, Kind.LIST_ITEM)
            self._open[number] = (
                self._assertions.open(self._text, bounds[-1], spans, heading) if leads else []
            )
        return self._open[number]


def _parents(blocks: Sequence[Block]) -> dict[int, tuple[int, int]]:
    """For each list item the block it hangs on (outer item, or what precedes) and the heading; -1: none."""
    parents: dict[int, tuple[int, int]] = {}
    outer: list[int] = []
    lead = heading = -1
    for number, block in enumerate(blocks):
        if block.kind is Kind.LIST_ITEM:
            while outer and blocks[outer[-1]].level >= block.level:
                outer.pop()
            parents[number] = (outer[-1] if outer else lead, heading)
            outer.append(number)
            continue
        outer.clear()
        lead = number
        if block.kind in _HEADINGS:
            heading = number
    return parents
