"""Records with a page in one of their fields: rows of a table, objects of JSON."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any, BinaryIO

from ..model import Page, Problem
from .file import SAMPLE, as_it_looks, fill, looks_like_html
from .item import Fields, Item, Reading, address, blank, failed
from .names import NO_PAGES, usual

SAMPLED = 100  # records that are looked at before the fields are known
URL_SOURCE = "record"
_ADDRESS = re.compile(rb"\s*https?://", re.I)
_MISSING = object()


Records = Callable[[BinaryIO, Reading], Iterator[tuple[int, object]]]
Record = Mapping[str, Any]


def pages(records: Records, item: Item, stream: BinaryIO, reading: Reading) -> Iterator[Page]:
    """The page of each record of a stream, none if no field holds pages."""
    found = records(stream, reading)
    if not item.fields.settled:
        seen: list[tuple[int, object]] = []
        fields = _settled(islice(found, SAMPLED), item.fields, seen)
        if fields is None:
            reading.notes.left_out[NO_PAGES] += 1
            return
        if fields.settled:
            reading.notes.guess(fields, item.article_id)
        item = replace(item, fields=fields)
        found = chain(seen, found)
    for number, record in found:
        yield page_of(item, number, record, reading)


def settle(records: Records, wanted: Fields, stream: BinaryIO, reading: Reading) -> Fields | None:
    """The fields of a file, guessed from its first records as far as they are not wanted; None if no field holds
    pages. They stay as they are where there is no record to guess from, which then is told."""
    return _settled(islice(records(stream, reading), SAMPLED), wanted, [])


def _settled(
    found: Iterator[tuple[int, object]], wanted: Fields, seen: list[tuple[int, object]]
) -> Fields | None:
    """As `settle`; adds to `seen` what was looked at."""

    def objects() -> Iterator[Record]:
        for one in found:
            seen.append(one)
            if isinstance(one[1], dict):
                yield one[1]

    fields = guess(objects(), wanted)
    broken = all(isinstance(one, Problem) for _, one in seen)
    return wanted if fields is None and broken else fields


def page_of(item: Item, number: int | None, record: object, reading: Reading) -> Page:
    """The page in a record, or a failed one that says why there is none."""
    if isinstance(record, Problem):
        return replace(blank(item, number), problem=record)
    if not isinstance(record, dict):
        return failed(item, f"the record is {_kind(record)}, not an object with fields", number)
    fields = item.fields
    value = _value(record, fields.html)
    if value is _MISSING:
        held = ", ".join(map(str, islice(record, 8))) or "none"
        return failed(item, f"the record has no field {fields.html!r} (--html-field); it has {held}", number)
    if value is None:
        value = ""
    if isinstance(value, str):
        content = _bytes(value)
    elif isinstance(value, bytes):
        content = value
    else:
        return failed(item, f"the field {fields.html!r} is {_kind(value)}, not a text (--html-field)", number)
    page = as_it_looks(fill(blank(item, number), io.BytesIO(content), reading))
    url = _value(record, fields.url) if fields.url else ""
    if isinstance(url, bytes):
        url = url.decode("utf-8", "replace")
    url = address(url) if isinstance(url, str) else ""
    return replace(page, url=url, url_source=URL_SOURCE) if url else page


def _bytes(text: str) -> bytes:
    """The text in UTF-8, with the bytes that were no UTF-8 when it was read (see `surrogateescape`)."""
    for errors in ("strict", "surrogateescape"):
        try:
            return text.encode("utf-8", errors)
        except UnicodeEncodeError:
            continue
    return text.encode("utf-8", "replace")


def _value(record: Record, name: str) -> Any:
    """The value of a field; where there is none of the name, its dots lead into objects."""
    if name in record:
        return record[name]
    value: Any = record
    for key in name.split("."):
        if not isinstance(value, dict) or key not in value:
            return _MISSING
        value = value[key]
    return value


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case dict():
            return "an object"
    return f"of the type {type(value).__name__}"


def guess(records: Iterable[Record], wanted: Fields) -> Fields | None:
    """The fields that hold pages and their addresses in these records, of which no more than needed are looked
    at; what is `wanted` already is not guessed. None when no field holds a page.

    A field is taken for the page if it holds HTML in one of these records and has one of the usual names, or else is
    the only one with HTML; for the address if it holds a whole http address and has one of the usual names.
    """
    pages: list[str] = []
    addresses: list[str] = []
    known: set[str] = set()
    for record in records:
        for name, start in _starts(record):
            known.add(name)
            if name not in pages and looks_like_html(start):
                pages.append(name)
            elif name not in addresses and _ADDRESS.match(start):
                addresses.append(name)
        if pages and not wanted.html:
            break
    html = wanted.html or usual(pages, "html_field") or (pages[0] if len(pages) == 1 else "")
    if not html or (wanted.html and wanted.html not in known):
        return None
    return Fields(html, wanted.url or usual(addresses, "url_field"), settled=True)


def _starts(record: Record, before: str = "") -> Iterator[tuple[str, bytes]]:
    """The names of the fields, and how their texts begin."""
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            yield from _starts(value, f"{name}.")
        elif isinstance(value, str):
            yield name, value[:SAMPLE].encode("utf-8", "replace")
        else:
            yield name, value[:SAMPLE] if isinstance(value, bytes) else b""
