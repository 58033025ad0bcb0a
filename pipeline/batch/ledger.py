"""Which pages stand in which part: what earlier runs left, what this run adds, and the order of them all."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from .chunk import MARK_BYTES, Entry
from .parts import SUFFIX, PartStore, read_pages
from .work import Done, Task

CHUNK_BYTES = 8_000_000


class Ledger:
    """The parts of a store, and the places of this run's pages in their order.

    A part of an earlier run that nobody can read is removed: its pages are done again.
    """

    def __init__(self, store: PartStore) -> None:
        self._store = store
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}
        # Numbers in arrays, so that a million pages need eight million bytes.
        self._parts, self._positions = array("I"), array("I")
        self._known: dict[str, int] = {}
        self._known_parts, self._known_positions, self._marks = array("I"), array("I"), bytearray()
        for name in store.names():
            try:
                with store.read(name) as stream:
                    pages = read_pages(stream)
            except (OSError, ValueError, EOFError, pa.ArrowException):
                store.remove(name)
                continue
            self._learn(name, pages)
        self._generation = 1 + max((_generation(name) for name in self._store.names()), default=0)

    def __len__(self) -> int:
        return len(self._parts)

    def tasks(self, entries: Iterable[Entry], length: int) -> Iterator[Task]:
        """Tasks of up to `length` pages, fewer where the pages come with much content, in order."""
        for number, chunk in enumerate(_cut(entries, length)):
            known = [self._mark(entry.article_id) for entry in chunk]
            yield Task(f"{self._generation:04}-{number:09}", chunk, known if any(known) else ())

    def add(self, done: Done) -> None:
        """The next pages of this run."""
        part = self._number(done.part) if done.part else -1
        for article_id, position in done.pages:
            if position < 0:
                known = self._known[article_id]
                self._parts.append(self._known_parts[known])
                self._positions.append(self._known_positions[known])
            else:
                self._parts.append(part)
                self._positions.append(position)

    def places(self) -> Iterator[tuple[str, int]]:
        """Part and position of each page of this run, in order."""
        for part, position in zip(self._parts, self._positions, strict=True):
            yield self._names[part], position

    def sweep(self) -> None:
        """Remove the parts that hold no page of this run."""
        used = {self._names[part] for part in set(self._parts)}
        for name in self._store.names():
            if name not in used:
                self._store.remove(name)

    def _learn(self, name: str, pages: pa.RecordBatch) -> None:
        ids, marks = pages.column("article_id").to_pylist(), pages.column("fingerprint").to_pylist()
        for position, (article_id, mark) in enumerate(zip(ids, marks, strict=True)):
            if mark:
                self._known[article_id] = len(self._known_parts)
                self._known_parts.append(self._number(name))
                self._known_positions.append(position)
                self._marks += mark

    def _mark(self, article_id: str) -> bytes:
        known = self._known.get(article_id)
        return b"" if known is None else bytes(self._marks[known * MARK_BYTES : (known + 1) * MARK_BYTES])

    def _number(self, name: str) -> int:
        if name not in self._numbers:
            self._numbers[name] = len(self._names)
            self._names.append(name)
        return self._numbers[name]


def _generation(name: str) -> int:
    first = name.removesuffix(SUFFIX).split("-")[0]
    return int(first) if first.isdigit() else 0


def _cut(entries: Iterable[Entry], length: int) -> Iterator[Sequence[Entry]]:
    chunk: list[Entry] = []
    size = 0
    for entry in entries:
        chunk.append(entry)
        size += len(getattr(entry, "content", b""))
        if len(chunk) >= length or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
