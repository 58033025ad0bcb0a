"""Parts: the finished pages of one chunk as one file, written whole or not at all.

A part is a row of Arrow IPC streams in one file: first one row per page (PAGES), then every table of a run.
The first stream alone tells which pages stand in it and what they were made from, so that a later run can go on
from there; the others are read when the tables are put together.
"""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from ..addresses import open_url
from ..errors import OutputError
from ..runs.output import cannot_write
from ..tables import TABLES

SUFFIX = ".part"
PAGES = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        # Of the page and the engine that read it; empty where another try is worth it.
        pa.field("fingerprint", pa.binary(), nullable=False),
        # For finding near-duplicates; empty where there is no text.
        pa.field("signature", pa.binary(), nullable=False),
        *(pa.field(name, pa.int32(), nullable=False) for name in TABLES),
    ]
)
_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")
# A part is small: to hand its columns to other threads takes longer than to unpack them.
_READING = pa.ipc.IpcReadOptions(use_threads=False)
_OPEN_PARTS = 4
_HALF_WRITTEN = re.compile(re.escape(SUFFIX) + r"\.\d+$")


class PartStore(Protocol):
    """Where parts stand: picklable, since every worker writes its own."""

    def write(self, name: str, content: pa.Buffer) -> None:
        """Keep a part: afterwards it is there whole. Raises OutputError."""

    def read(self, name: str) -> pa.NativeFile:
        """Open a part. Raises OSError."""

    def names(self) -> list[str]:
        """All parts, sorted."""

    def remove(self, name: str) -> None:
        """Remove a part."""


@dataclass(frozen=True, slots=True)
class LocalParts:
    """Parts in a folder of this machine."""

    folder: str

    def write(self, name: str, content: pa.Buffer) -> None:
        """Write under another name, wait for the disk, then rename."""
        waiting = Path(self.folder, f"{name}.{os.getpid()}")
        try:
            with waiting.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            waiting.replace(Path(self.folder, name))
        except OSError as error:
            raise cannot_write(waiting.parent, error) from error

    def read(self, name: str) -> pa.NativeFile:
        """Open a part."""
        return pa.OSFile(str(Path(self.folder, name)))

    def names(self) -> list[str]:
        """All parts; what a killed worker left half-written is removed."""
        found: list[str] = []
        for path in Path(self.folder).iterdir():
            if path.suffix == SUFFIX:
                found.append(path.name)
            elif _HALF_WRITTEN.search(path.name):
                path.unlink()
        return sorted(found)

    def remove(self, name: str) -> None:
        """Remove a part."""
        Path(self.folder, name).unlink()


@dataclass(frozen=True, slots=True)
class RemoteParts:
    """Parts at an address that fsspec knows. An object store shows an object when it is whole."""

    url: str

    def write(self, name: str, content: pa.Buffer) -> None:
        """Upload in one go."""
        system, root = open_url(self.url)
        try:
            system.makedirs(root, exist_ok=True)
            system.pipe_file(f"{root}/{name}", content.to_pybytes())
        except OSError as error:
            raise OutputError(
                self.url, f"cannot be written ({error})", "Check that you may write there."
            ) from error

    def read(self, name: str) -> pa.NativeFile:
        """Download a part."""
        system, root = open_url(self.url)
        return pa.BufferReader(system.cat_file(f"{root}/{name}"))

    def names(self) -> list[str]:
        """All parts."""
        system, root = open_url(self.url)
        system.invalidate_cache()
        if not system.exists(root):
            return []
        paths = [path.rsplit("/", 1)[-1] for path in system.ls(root, detail=False)]
        return sorted(name for name in paths if name.endswith(SUFFIX))

    def remove(self, name: str) -> None:
        """Remove a part."""
        system, root = open_url(self.url)
        system.rm_file(f"{root}/{name}")


def encode(pages: Sequence[tuple[Any, ...]], batches: Mapping[str, pa.RecordBatch]) -> pa.Buffer:
    """A part: rows of PAGES, and the tables' rows in the same order."""
    sink = pa.BufferOutputStream()
    columns = list(zip(*pages, strict=True)) if pages else [() for _ in PAGES]
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, PAGES, strict=True)]
    for batch in (pa.RecordBatch.from_arrays(arrays, schema=PAGES), *(batches[name] for name in TABLES)):
        with pa.ipc.new_stream(sink, batch.schema, options=_OPTIONS) as writer:
            writer.write_batch(batch)
    return sink.getvalue()


def read_pages(stream: pa.NativeFile) -> pa.RecordBatch:
    """The rows of PAGES of a part. Raises pa.ArrowInvalid or ValueError for a file that is none."""
    batch = _next(stream)
    if not batch.schema.equals(PAGES):
        raise ValueError("the part was written by another version")
    return batch


def _next(stream: pa.NativeFile) -> pa.RecordBatch:
    with pa.ipc.open_stream(stream, options=_READING) as reader:
        batch = reader.read_next_batch()
        reader.read_all()  # up to the mark that ends a stream, where the next one begins
        return batch


class Part:
    """One part, opened: its pages, and the rows of any stretch of them."""

    def __init__(self, stream: pa.NativeFile) -> None:
        self.pages = read_pages(stream)
        self._batches = {name: _next(stream) for name in TABLES}
        self._ends: dict[str, list[int]] = {}
        for name in TABLES:
            total, ends = 0, [0]
            for count in self.pages.column(name).to_pylist():
                total += count
                ends.append(total)
            self._ends[name] = ends

    def rows(self, first: int, last: int) -> dict[str, pa.RecordBatch]:
        """The tables of the pages `[first, last)`."""
        return {
            name: batch.slice(self._ends[name][first], self._ends[name][last] - self._ends[name][first])
            for name, batch in self._batches.items()
        }


class Shelf:
    """The parts of a store, the last few of them kept open."""

    def __init__(self, store: PartStore) -> None:
        self._store = store
        self._open: OrderedDict[str, Part] = OrderedDict()

    def part(self, name: str) -> Part:
        """The part of that name. Raises OSError."""
        if name in self._open:
            self._open.move_to_end(name)
            return self._open[name]
        with self._store.read(name) as stream:
            part = Part(stream)
        self._open[name] = part
        if len(self._open) > _OPEN_PARTS:
            self._open.popitem(last=False)
        return part


def stretches(places: Iterator[tuple[str, int]]) -> Iterator[tuple[str, int, int]]:
    """Neighbours in one part taken together: (part, first, last) for `[first, last)`."""
    current: tuple[str, int, int] | None = None
    for name, position in places:
        if current and current[0] == name and current[2] == position:
            current = (name, current[1], position + 1)
            continue
        if current:
            yield current
        current = (name, position, position + 1)
    if current:
        yield current
