"""Comma-, semicolon- and tab-separated files: one page a row. Record `n` is row `n` below the header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from ..model import Problem, Status
from . import record
from .item import Reading, longest
from .unpack import Damaged, unpacked

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = ",;\t|"
_LONGEST_LINE = 1 << 26  # characters; of a longer one only this much is held
# A line behind the last: where it ends up inside a cell, that cell was never closed.
_END = "\0end of file\0"


def records(stream: BinaryIO, reading: Reading) -> Iterator[tuple[int, object]]:
    """Number and cells of each row, by the names of the header; a Problem for a row of another length, for one whose
    last cell was cut off, and where the packing is damaged."""
    # The module knows one limit for all; a cell above it is told and passed over.
    csv.field_size_limit(max(csv.field_size_limit(), longest(reading)))
    plain, _ = unpacked(stream)
    encoding = "utf-16" if plain.peek(2)[:2] in _UTF_16 else "utf-8-sig"
    # Bytes that are no UTF-8 come through as they are: the page may declare another encoding.
    text = io.TextIOWrapper(plain, encoding, "surrogateescape", newline="")
    number = 0
    try:
        first = text.readline(_LONGEST_LINE)
        rows = csv.reader(_lines(first, text), delimiter=_separator(first))
        header = [name.strip() for name in next(rows, [])]
        lost = False
        for cells in _rows(rows):
            if cells == [_END]:
                break
            if lost and isinstance(cells, list) and len(cells) != len(header):
                continue  # what is left of a cell above the limit
            lost = cells is None
            if cells == []:
                continue
            number += 1
            yield number, _row(header, cells)
    except Damaged as damage:
        yield number + 1, damage.problem
    finally:
        text.detach()


pages = partial(record.pages, records)


def _lines(first: str, text: io.TextIOWrapper) -> Iterator[str]:
    yield first
    while line := text.readline(_LONGEST_LINE):
        yield line
    yield _END


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)


def _rows(rows: Iterator[list[str]]) -> Iterator[list[str] | None]:
    """The rows, None for one with a cell above the limit."""
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield None


def _row(header: list[str], cells: list[str] | None) -> object:
    if cells is None:
        return Problem(Status.TOO_LARGE, "the row has a cell far above the limit (--max-bytes)")
    if cells[-1].endswith(_END):
        return Problem(Status.FAILED, "the last cell of the row is not closed; was the file cut off here?")
    if len(cells) != len(header):
        return Problem(Status.FAILED, f"the row has {len(cells)} cells, the header {len(header)}")
    return dict(zip(header, cells, strict=True))
