"""What stands in each article, as one JSON record per article; the page parses a record when it is needed.

Offsets are UTF-16 code units of the block's text, which is how JavaScript counts. A sentence never crosses a
block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import pandas as pd

from ..model import Kind
from ..runs import Run
from ..tables import TRAIL_SEPARATOR
from ..tables.links import web_address
from .data import ASSERTIONS, KINDS, Data, rows, to_json

_FRAGMENT = ":~:"
_HEADINGS = (str(Kind.TITLE), str(Kind.HEADING))


class Detail(IntEnum):
    """How much of an article's text a record holds: all, the blocks with mentions and their headings, nothing."""

    FULL = 0
    MENTIONS = 1
    NOTHING = 2


@dataclass(frozen=True, slots=True)
class Records:
    """The record of every shown article, in the order of `Data.articles`."""

    texts: tuple[str, ...]
    details: tuple[Detail, ...]

    def count(self, detail: Detail) -> int:
        """How many articles have this detail."""
        return self.details.count(detail)


class _Pool:
    """Strings that repeat, by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def strings(self) -> list[str]:
        return list(self._numbers)


def collect_records(run: Run, data: Data, most_bytes: int) -> Records:
    """The records of the articles in `data`, in at most `most_bytes` bytes of UTF-8. When they are too large, the
    largest lose first the blocks without mentions, then all text. Raises OutputError if a table is missing."""
    blocks, mentions, quantities = (
        _by_article(getattr(run, name), data) for name in ("blocks", "mentions", "quantities")
    )
    sections = {section: number for number, section in enumerate(data.sections)}
    concepts = data.concept_numbers()

    def text(number: int, detail: Detail) -> str:
        article = data.articles[number]
        one = article.article_id
        return to_json(
            _record(
                blocks.get(one, []),
                mentions.get(one, []),
                quantities.get(one, []),
                web_address(article.url),
                concepts,
                sections,
                detail,
            )
        )

    texts = [text(number, Detail.FULL) for number in range(len(data.articles))]
    details = [Detail.FULL] * len(texts)
    sizes = [len(record.encode("utf-8", errors="replace")) for record in texts]
    for detail in (Detail.MENTIONS, Detail.NOTHING):
        for number in sorted(range(len(texts)), key=lambda number: -sizes[number]):
            if sum(sizes) <= most_bytes:
                break
            texts[number], details[number] = text(number, detail), detail
            sizes[number] = len(texts[number].encode("utf-8", errors="replace"))
    return Records(tuple(texts), tuple(details))


def _by_article(table: pd.DataFrame, data: Data) -> dict[str, list[Any]]:
    ids = [article.article_id for article in data.articles]
    table = table[table["article_id"].isin(ids)]
    found: dict[str, list[Any]] = {}
    for row in rows(table):
        found.setdefault(str(row.article_id), []).append(row)
    return found


def _record(
    blocks: Sequence[Any],
    mentions: Sequence[Any],
    quantities: Sequence[Any],
    url: str,
    concepts: Mapping[str, int],
    sections: Mapping[str, int],
    detail: Detail,
) -> dict[str, Any]:
    """`blocks`: number, kind, level, section, trail, text; `mentions` and `quantities`: numbers (of strings in
    `strings` where they are texts), one row after the other; `base`: what the links to sentences start with."""
    if detail is Detail.NOTHING:
        return {"detail": int(detail)}
    pool = _Pool()
    if detail is Detail.MENTIONS:
        blocks = _told(blocks, {row.block for row in mentions})
    by_number = {block.block: block for block in blocks}
    base = ""
    mention_rows: list[int] = []
    for row in mentions:
        block = by_number[row.block]
        start, end = _within(block, row.start, row.end)
        sentence_start, sentence_end = _within(block, row.sentence_start, row.sentence_end)
        head, mark, fragment = row.link.partition(_FRAGMENT)
        if mark and web_address(head):
            base = head + mark
        mention_rows += [
            row.block,
            start,
            end,
            concepts[row.concept_id],
            ASSERTIONS.index(row.assertion),
            sentence_start,
            sentence_end,
            pool.number(row.cue),
            pool.number(row.term),
            pool.number(fragment),
        ]
    quantity_rows: list[int] = []
    for row in quantities:
        if row.block in by_number:
            start, end = _within(by_number[row.block], row.start, row.end)
            quantity_rows += [
                row.block,
                start,
                end,
                row.quantity,
                pool.number(row.kind.replace("_", " ")),
                pool.number(row.value),
                concepts.get(row.concept_id, -1),
            ]
    block_rows = [
        [
            block.block,
            KINDS.index(block.kind),
            int(block.level),
            sections.get(block.section, 0),
            pool.number(block.trail.replace(TRAIL_SEPARATOR, " › ")),
            block.text,
        ]
        for block in blocks
    ]
    return {
        "detail": int(detail),
        "base": base or url,
        "blocks": block_rows,
        "mentions": mention_rows,
        "quantities": quantity_rows,
        "strings": pool.strings(),
    }


def _told(blocks: Sequence[Any], with_mentions: set[int]) -> list[Any]:
    """The blocks with mentions, and each heading that stands above one of them."""
    kept: list[Any] = []
    above: list[Any] = []
    for block in blocks:
        if block.kind in _HEADINGS:
            above = [heading for heading in above if heading.level < block.level]
            above.append(block)
        if block.block in with_mentions:
            kept += [heading for heading in above if heading is not block]
            kept.append(block)
    return sorted({block.block: block for block in kept}.values(), key=lambda block: int(block.block))


def _within(block: Any, start: int, end: int) -> tuple[int, int]:
    """Offsets of the article as UTF-16 offsets of the block."""
    text = block.text
    ends = (min(max(offset - block.start, 0), len(text)) for offset in (start, end))
    first, last = (_utf16(text, offset) for offset in ends)
    return first, last


def _utf16(text: str, offset: int) -> int:
    head = text[:offset]
    return offset if head.isascii() else len(head.encode("utf-16-le", errors="surrogatepass")) // 2
