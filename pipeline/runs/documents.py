"""The articles of a finished run, each with its text and its rows of every table: what exporters read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pyarrow as pa

from ..model import Status
from . import Run

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 120

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """One article. Offsets of its rows, each a mapping from the declared columns, are characters of `text`.
    `name` can be a file's name, without a suffix, and is no other document's."""

    name: str
    text: str
    article: Row
    blocks: Sequence[Row]
    mentions: Sequence[Row]
    quantities: Sequence[Row]
    relations: Sequence[Row]


def documents(run: Run) -> Iterator[Document]:
    """The articles whose status is ok, in the order of the run. Raises OutputError."""
    held = {
        name: _Rows(run.arrow(name))
        for name in ("blocks", "mentions", "quantities", "relations")
        if name in run.tables
    }
    used: set[str] = set()
    for article in run.arrow("articles").to_pylist():
        if article["status"] != Status.OK:
            continue
        article_id = article["article_id"]
        mine = {name: rows.of(article_id) for name, rows in held.items()}
        blocks = mine.get("blocks", ())
        yield Document(
            _name(article_id, used),
            text_of(blocks),
            article,
            blocks,
            mine.get("mentions", ()),
            mine.get("quantities", ()),
            mine.get("relations", ()),
        )


class _Rows:
    """The rows of a table by their article."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._places: dict[str, list[tuple[int, int]]] = {}
        begin = 0
        for article_id, group in groupby(table.column("article_id").to_pylist()):
            count = sum(1 for _ in group)
            self._places.setdefault(article_id, []).append((begin, count))
            begin += count

    def of(self, article_id: str) -> tuple[Row, ...]:
        return tuple(
            row
            for begin, count in self._places.get(article_id, ())
            for row in self._table.slice(begin, count).to_pylist()
        )


def text_of(blocks: Sequence[Row]) -> str:
    """The article's text with every block at its offsets. What stood between the blocks of a plain-text page, such as
    the mark of a list item, is no part of the tables and comes back as white space."""
    pieces: list[str] = []
    position = 0
    for block in blocks:
        gap = block["start"] - position
        pieces.append("\n\n"[:gap] + " " * (gap - 2))
        pieces.append(block["text"])
        position = block["end"]
    return "".join(pieces)


def _name(article_id: str, used: set[str]) -> str:
    """A name that every file system takes, told apart without regard to case."""
    stem = re.sub(r"\.x?html?$", "", article_id)
    name = _UNSAFE.sub("_", stem).strip("._")[:_LONGEST_NAME]
    if not name or name.lower() in used:
        name = f"{name or 'article'}-{hashlib.sha256(article_id.encode()).hexdigest()[:12]}"
    used.add(name.lower())
    return name
