"""Which mention a quantity speaks of: in its sentence, in its table, in the block and the headings above it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..components.sentences import covering, sentence_bounds
from ..model import Article, Kind, Mention, QuantityKind

Span = tuple[int, int]
Fit = Callable[[Mention], "float | None"]

_NEIGHBOURS = 8
_FARTHEST = 160
_COMMA, _SEMICOLON = 12, 60
_ADJACENT = 4
_MOST_CELLS = 50
_OF = 25
# What is added to the distance of a mention behind or before: `fever for three days`, `70 % of people with asthma`.
_BEHIND = {QuantityKind.SHARE: 0, QuantityKind.AGE: 5, QuantityKind.DURATION: 15}
_AHEAD = {QuantityKind.SHARE: 10}


class Page:
    """An article with its mentions, indexed for looking up what stands near an offset."""

    def __init__(self, article: Article, mentions: Sequence[Mention], abbreviations: frozenset[str]) -> None:
        self.text, self.blocks, self.mentions = article.text, article.blocks, mentions
        self._abbreviations = abbreviations
        self._block_starts = [block.start for block in article.blocks]
        self._starts = [mention.start for mention in mentions]
        self._bounds: dict[int, list[Span]] = {}
        self._headings: list[int] | None = None
        self._tables: dict[int, _Table] = {}

    def block_at(self, start: int) -> int:
        """The number of the block that holds `start`."""
        return max(0, bisect_right(self._block_starts, start) - 1)

    def sentence(self, block: int, start: int) -> Span:
        """The sentence at `start`, as the mentions in it have it, or read anew where there are none."""
        place = bisect_right(self._starts, start)
        for mention in self.mentions[max(0, place - 1) : place + 1]:
            if mention.block == block and mention.sentence_start <= start < mention.sentence_end:
                return mention.sentence_start, mention.sentence_end
        bounds = self._bounds.get(block)
        found = self.blocks[block]
        if bounds is None:
            text = self.text[found.start : found.end]
            one_line = text.replace("\r", " ").replace("\n", " ")
            bounds = self._bounds[block] = list(sentence_bounds(one_line, 0, len(text), self._abbreviations))
        place = bisect_right(bounds, (start - found.start, len(self.text))) - 1
        if place >= 0 and (near := covering(bounds[place : place + 1], start - found.start)):
            return near[0] + found.start, near[1] + found.start
        return found.start, found.end

    def near(self, bounds: Span, start: int, end: int) -> Iterator[tuple[int, int]]:
        """(number of a mention, distance) of the nearest mentions within `bounds`; below 0 before `start`."""
        place = bisect_left(self._starts, start)
        for number in range(place - 1, max(-1, place - 1 - _NEIGHBOURS), -1):
            if self.mentions[number].start < bounds[0]:
                break
            yield number, -max(0, start - self.mentions[number].end) - 1
        for number in range(place, min(len(self.mentions), place + _NEIGHBOURS)):
            if self.mentions[number].start >= bounds[1]:
                break
            yield number, max(0, self.mentions[number].start - end)

    def mentions_in(self, block: int) -> range:
        """The numbers of the mentions in a block."""
        found = self.blocks[block]
        return range(bisect_left(self._starts, found.start), bisect_left(self._starts, found.end))

    def covers(self, start: int, end: int) -> bool:
        """Whether a mention holds `start` to `end`."""
        place = bisect_right(self._starts, start) - 1
        return place >= 0 and self.mentions[place].end >= end

    def heading(self, block: int) -> int | None:
        """The block of the nearest heading above."""
        if self._headings is None:
            self._headings = [number for number, one in enumerate(self.blocks) if one.kind == Kind.HEADING]
        place = bisect_left(self._headings, block) - 1
        if place < 0:
            return None
        number = self._headings[place]
        above = self.text[self.blocks[number].start : self.blocks[number].end]
        return number if above in self.blocks[block].trail else None

    def table(self, block: int) -> _Table:
        """The run of table cells that a cell stands in."""
        if block not in self._tables:
            first = last = block
            while first > 0 and self.blocks[first - 1].kind == Kind.TABLE_CELL:
                first -= 1
            while last + 1 < len(self.blocks) and self.blocks[last + 1].kind == Kind.TABLE_CELL:
                last += 1
            table = _Table(self, range(first, last + 1))
            self._tables.update(dict.fromkeys(range(first, last + 1), table))
        return self._tables[block]


@dataclass(frozen=True, slots=True)
class _Table:
    """Consecutive table cells, by row and by text."""

    rows: dict[str, list[int]]
    headers: dict[str, int]

    def __init__(self, page: Page, cells: range) -> None:
        rows: dict[str, list[int]] = {}
        headers: dict[str, int] = {}
        for number in cells:
            block = page.blocks[number]
            rows.setdefault(_row(block.place), []).append(number)
            headers.setdefault(page.text[block.start : block.end], number)
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "headers", headers)


def _row(place: str) -> str:
    return place.rpartition(">")[0]


def in_sentence(
    page: Page, kind: QuantityKind, span: Span, bounds: Span, floor: int, fit: Fit
) -> tuple[int, float] | None:
    """The nearest mention of the sentence that fits, and its distance in characters with what stands against it.

    `floor` is where the quantity before ends: a mention before that one is likely its.
    """
    best: tuple[float, int] | None = None
    for number, distance in page.near(bounds, *span):
        mention = page.mentions[number]
        penalty = fit(mention)
        if penalty is None or abs(distance) > _FARTHEST:
            continue
        if distance < 0:
            gap = page.text[mention.end : span[0]]
            score = penalty - distance - 1 + _AHEAD.get(kind, 0) + (_OF if mention.end < floor else 0)
            if kind is QuantityKind.DOSE and len(gap) <= 2:
                score -= _OF
        else:
            gap = page.text[span[1] : mention.start]
            score = penalty + distance + _BEHIND.get(kind, _OF)
            if kind is QuantityKind.DOSE and (
                len(gap) <= _ADJACENT or (gap.startswith(" of ") and len(gap) <= _OF)
            ):
                score -= 3 * _OF
        score += _COMMA * gap.count(",") + _SEMICOLON * gap.count(";")
        if score <= _FARTHEST and (best is None or score < best[0]):
            best = score, number
    return (best[1], best[0]) if best else None


def in_table(page: Page, block: int, fit: Fit) -> int | None:
    """For a table cell: the mention of the row's header, of the row's other cells, or of the column's header."""
    table = page.table(block)
    row = table.rows.get(_row(page.blocks[block].place), [block])
    trail = page.blocks[block].trail
    column = [table.headers[trail[-2]]] if len(trail) > 1 and trail[-2] in table.headers else []
    for cell in (*row[:_MOST_CELLS], *column):
        if cell != block:
            for number in page.mentions_in(cell):
                if fit(page.mentions[number]) is not None:
                    return number
    return None


def in_context(page: Page, block: int, start: int, fit: Fit) -> int | None:
    """The last fitting mention before in the block, else the only fitting concept of the heading, else of the title."""
    inside = page.mentions_in(block)
    place = bisect_left(inside, start, key=lambda number: page.mentions[number].start)
    for number in reversed(inside[max(0, place - _NEIGHBOURS) : place]):
        if fit(page.mentions[number]) is not None:
            return number
    for above in (page.heading(block), 0 if page.blocks[0].kind == Kind.TITLE else None):
        if above is not None and above != block:
            fitting = [number for number in page.mentions_in(above) if fit(page.mentions[number]) is not None]
            if len({page.mentions[number].concept_id for number in fitting}) == 1:
                return fitting[0]
    return None
