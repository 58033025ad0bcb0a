"""WARC files: the pages of a crawl among all that it fetched. Record `n` is record `n` of the file, page or not.

A file whose records stand by themselves (plain, or each packed by itself, as the standard wants it) is listed by the
offsets of its records; behind a damage the next record is looked for. One that is packed as a whole is read through.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from ..model import Page, Problem, Status
from .file import load as load_file
from .file import open_file
from .item import Entry, Item, Reading, blank, failed, longest, too_large
from .unpack import HEAD, Damaged, Part, buffered, expand, packing_of, unpacked
from .warc_record import UNREADABLE, URL_SOURCE, Capture, extent, look, may_hold_page, page_of

_BLOCK = 1 << 16
_MAGIC = b"WARC/"
_NEXT = re.compile(rb"\n(?=WARC/\d)")
_MEMBER = re.compile(rb"(?=\x1f\x8b\x08)")
_OVERLAP = 16  # bytes that what is looked for has at most


_DAMAGED = Problem(Status.FAILED, "the WARC record is damaged; fetch the page again")
_CUT = Problem(Status.FAILED, "the WARC record ends too early: the file was cut off; fetch it again")
_SEVERAL = Problem(Status.FAILED, "several records are packed as one; repair the file with warcio recompress")


@dataclass(frozen=True, slots=True)
class Span:
    """A record of a file: where it stands, in bytes, how it begins, and what is wrong with it."""

    start: int
    length: int
    head: bytes
    problem: Problem | None = None


class Whole(Exception):
    """The file is packed as a whole."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record with what its headers say, None if they cannot be read, and its page: None if it holds none."""

    number: int
    capture: Capture | None
    entry: Entry | None


def entries(item: Item, reading: Reading) -> Iterator[Entry]:
    """The pages of a file, as items where its records stand by themselves. Raises OSError."""
    with open_file(item.path) as stream:
        try:
            for found in listed(item, stream, 0, stream.seek(0, os.SEEK_END)):
                if found.entry is not None:
                    yield found.entry
        except Whole:
            stream.seek(0)
            yield from pages(item, stream, reading)


def listed(item: Item, stream: BinaryIO, start: int, end: int, before: int = 0) -> Iterator[Found]:
    """The records between two places of the item's file, numbered from `before` on, their pages as items. Raises Whole
    before the first where they do not stand by themselves."""
    for number, span in enumerate(spans(stream, start, end), before + 1):
        capture = look(span.head)
        entry: Entry | None = None
        if span.problem is not None and (capture is None or capture.is_page):
            url = capture.url if capture else ""
            page = replace(blank(item, number), problem=span.problem)
            entry = replace(page, url=url, url_source=URL_SOURCE) if url else page
        elif capture is None and may_hold_page(span.head):
            entry = replace(blank(item, number), problem=UNREADABLE)
        elif capture is not None and capture.is_page:
            place = f"{span.start} {span.length}"
            entry = Item(f"{item.article_id}#{number}", item.path, item.reader, place)
        yield Found(number, capture, entry)


def load(item: Item, reading: Reading) -> Page:
    """The page of one record."""
    return load_file(item, lambda item, stream: page_at(item, stream, reading))


def page_at(item: Item, stream: BinaryIO, reading: Reading) -> Page:
    """The page of one record of a stream."""
    start, length = map(int, item.part.split())
    if length > longest(reading):
        return replace(blank(item), problem=too_large(length, reading.max_bytes))
    stream.seek(start)
    record = expand(buffered(Part(stream, length)), longest(reading))
    if record.problem is not None:
        return replace(blank(item), problem=record.problem)
    return page_of(item, None, record.content, reading)


def pages(item: Item, stream: BinaryIO, reading: Reading) -> Iterator[Page]:
    """The pages of a stream that is read through; where it is damaged, the last is one that says so."""
    for found in read_through(item, stream, reading):
        if isinstance(found.entry, Page):
            yield found.entry


def read_through(item: Item, stream: BinaryIO, reading: Reading, before: int = 0) -> Iterator[Found]:
    """The records of a stream, numbered from `before` on, their pages read."""
    plain, _ = unpacked(stream)
    number = before
    try:
        for record in _records(plain, longest(reading)):
            number += 1
            if isinstance(record, Problem):
                yield Found(number, None, replace(blank(item, number), problem=record))
                continue
            capture = look(record)
            # One that cannot be read may have been a page: it gets its row too.
            is_page = may_hold_page(record) if capture is None else capture.is_page
            yield Found(number, capture, page_of(item, number, record, reading) if is_page else None)
    except Damaged as damage:
        yield Found(number + 1, None, failed(item, damage.problem.reason, number + 1))


def _records(stream: BinaryIO, most: int) -> Iterator[bytes | Problem]:
    """The records of a stream; empty for one that holds no page for its type."""
    line = stream.readline(_BLOCK)
    while line:
        if not line.strip(b"\r\n"):
            line = stream.readline(_BLOCK)
            continue
        if line.startswith(_MAGIC):
            header = line
            while line.strip(b"\r\n") and len(header) < _BLOCK:
                line = stream.readline(_BLOCK)
                header += line
            size = extent(header)
            if size is not None:
                yield _block(stream, header, size - len(header), most)
                line = stream.readline(_BLOCK)
                continue
        while line and not line.startswith(_MAGIC):
            line = stream.readline(_BLOCK)
        yield _DAMAGED


def _block(stream: BinaryIO, header: bytes, size: int, most: int) -> bytes | Problem:
    wanted = may_hold_page(header)
    parts = [header] if wanted else []
    left = size
    while left and (part := stream.read(min(left, _BLOCK))):
        left -= len(part)
        if wanted and size <= most:
            parts.append(part)
    return too_large(size, most) if wanted and size > most else b"".join(parts)


# Records that stand by themselves


def spans(stream: BinaryIO, start: int, end: int) -> Iterator[Span]:
    """The records between two places of a file, with what is damaged among them. Raises Whole before the first where
    they do not stand by themselves."""
    stream.seek(start)
    return (_members if packing_of(stream.read(HEAD)) else _plain)(stream, start, end)


def _plain(stream: BinaryIO, start: int, end: int) -> Iterator[Span]:
    at = start
    while at < end:
        head = _read(stream, at, end)
        blank_lines = len(head) - len(head.lstrip(b"\r\n"))
        if blank_lines:
            at += blank_lines
            continue
        size = extent(head)
        behind = end + 1 if size is None else at + size
        if behind <= end and _is_followed(stream, behind, end):
            yield Span(at, behind - at, head)
        else:
            behind = _find(stream, _NEXT, at, end)
            yield Span(at, behind - at, b"" if size is None else head, _DAMAGED if behind < end else _CUT)
        at = behind


def _members(stream: BinaryIO, start: int, end: int) -> Iterator[Span]:
    at = start
    while at < end:
        head, size, length = _inflate(stream, at, end)
        one = extent(head)
        several = one is not None and size > one + _OVERLAP
        if several and at == start:
            raise Whole
        if length is not None and one is not None:
            behind = at + length
            yield Span(at, length, head, _SEVERAL if several else None)
        else:
            behind = at
            while (behind := _find(stream, _MEMBER, behind + 1, end)) < end:
                if _inflate(stream, behind, end, len(_MAGIC))[0].startswith(_MAGIC):
                    break
            if head or _read(stream, at, end).strip(b"\0"):
                yield Span(at, behind - at, b"" if one is None else head, _DAMAGED if behind < end else _CUT)
        at = behind


def _inflate(stream: BinaryIO, at: int, end: int, most: int | None = None) -> tuple[bytes, int, int | None]:
    """How the gzip member at a place begins, its unpacked and its packed bytes, these None if it is damaged. No more
    than `most` bytes are unpacked."""
    stream.seek(at)
    inner = zlib.decompressobj(wbits=31)
    head, size, left = b"", 0, end - at
    try:
        while not inner.eof and (most is None or size < most):
            data = inner.unconsumed_tail
            if not data:
                data = stream.read(min(_BLOCK, left))
                left -= len(data)
            if not data:
                return head, size, None
            part = inner.decompress(data, _BLOCK)
            head = head or part
            size += len(part)
    except zlib.error:
        return head, size, None
    return head, size, end - at - left - len(inner.unused_data)


def _is_followed(stream: BinaryIO, at: int, end: int) -> bool:
    """Whether a place looks like the end of a record: of the file, or before empty lines or another record."""
    behind = _read(stream, at, end)[:_OVERLAP]
    return not behind or behind.startswith((b"\r\n\r\n", _MAGIC)) or not behind.strip(b"\r\n")


def _find(stream: BinaryIO, pattern: re.Pattern[bytes], start: int, end: int) -> int:
    """Where the first match behind a place ends, or `end`."""
    at = start
    while at < end:
        found = pattern.search(_read(stream, at, end))
        if found:
            return at + found.end()
        at += _BLOCK - _OVERLAP
    return end


def _read(stream: BinaryIO, at: int, end: int) -> bytes:
    stream.seek(at)
    return stream.read(min(_BLOCK, end - at))
