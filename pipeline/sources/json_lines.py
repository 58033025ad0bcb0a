"""JSON lines: one object a line, one page an object. Record `n` is line `n`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from ..model import Page, Problem, Status
from . import record
from .file import load as load_file
from .file import open_file
from .item import Entry, Item, Reading, longest, too_large
from .record import page_of
from .unpack import HEAD, Damaged, Unpacked, packing_of, unpacked

_BLOCK = 1 << 20
_ANY = re.compile(rb"\S")
_BOM = b"\xef\xbb\xbf"


def entries(item: Item, reading: Reading) -> Iterator[Entry]:
    """An item for each line, or the pages themselves where the file is packed. Raises OSError."""
    with open_file(item.path) as stream:
        if packing_of(stream.peek(HEAD)):
            yield from pages(item, stream, reading)
            return
        for number, start, length in spans(stream):
            name = f"{item.article_id}#{number}"
            yield Item(name, item.path, item.reader, f"{start} {length}", item.fields)


def load(item: Item, reading: Reading) -> Page:
    """The page of one line."""
    start, length = map(int, item.part.split())

    def read(item: Item, stream: BinaryIO) -> Page:
        if length > longest(reading):
            return page_of(item, None, too_large(length, reading.max_bytes), reading)
        stream.seek(start)
        return page_of(item, None, _parse(stream.read(length)), reading)

    return load_file(item, read)


def records(stream: BinaryIO, reading: Reading) -> Iterator[tuple[int, object]]:
    """Number and content of each line that is not blank; a Problem for what is no JSON, and where the packing is
    damaged."""
    plain, packed = unpacked(stream)
    number = 0
    try:
        for line in lines(plain, longest(reading), packed):
            number += 1
            if line is None:
                yield number, too_large(None, reading.max_bytes)
            elif _ANY.search(line):
                yield number, _parse(line)
    except Damaged as damage:
        yield number + 1, damage.problem


pages = partial(record.pages, records)


def _parse(line: bytes) -> object:
    try:
        # Bytes that are no UTF-8 come through as they are: the page may declare another encoding.
        return json.loads(line.removeprefix(_BOM).decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError) as error:
        told = "nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())
        return Problem(Status.FAILED, f"the line is no JSON ({told}); was the file cut off here?")


def spans(stream: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """Number, offset and length of each line that is not blank; of a line no more is held than a block."""
    number, start, offset, blank_so_far = 1, 0, 0, True
    while block := stream.read(_BLOCK):
        at = 0
        while at < len(block):
            end = block.find(b"\n", at)
            until = len(block) if end < 0 else end
            blank_so_far = blank_so_far and not _ANY.search(block, at, until)
            if end < 0:
                break
            if not blank_so_far:
                yield number, start, offset + end - start
            at = end + 1
            number, start, blank_so_far = number + 1, offset + at, True
        offset += len(block)
    if not blank_so_far:
        yield number, start, offset - start


def lines(stream: BinaryIO, longest: int, packed: Unpacked | None = None) -> Iterator[bytes | None]:
    """The lines of a stream; None for one that is longer than that many bytes, which is never held whole."""
    while line := stream.readline(longest + 1):
        if len(line) <= longest or line.endswith(b"\n"):
            yield line
            continue
        if packed is not None:
            packed.suspicious = True
        while (rest := stream.readline(_BLOCK)) and not rest.endswith(b"\n"):
            pass
        if packed is not None:
            packed.suspicious = False
        yield None
