"""What the readers of all kinds of input share: a page to load, how a kind is read, what is noted on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from ..model import Page, Problem, Status

MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """What a user says of the inputs: the fields of records that hold the page and its address (guessed where
    empty), and the file that tells more of each page."""

    html_field: str = ""
    url_field: str = ""
    manifest: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of records (columns of a table, keys of a JSON object) that hold the page and its address; keys
    of objects inside objects are joined by dots. While they are not `settled`, an empty one is to be guessed."""

    html: str = ""
    url: str = ""
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What the user's manifest says of a page; empty where it says nothing."""

    url: str = ""
    published: str = ""


NO_OPTIONS = Options()
NO_FIELDS = Fields()
NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True)
class Item:
    """One page to load: small and picklable. As an input of a survey, a whole file, which may hold many pages.

    `path` is what `open` takes; `reader` names the entry of READERS; `part` says which page of a container, in
    the reader's own words, and is empty for a whole file. An item of the reader `stdin` must be loaded by the
    process that owns the stream.
    """

    article_id: str
    path: str
    reader: str
    part: str = ""
    fields: Fields = NO_FIELDS
    told: Told = NOTHING_TOLD


Entry = Item | Page


@dataclass(slots=True)
class Notes:
    """What a user should know of the inputs: files left out, by rule; fields that were guessed, by the fields,
    with how many files and the first of them."""

    left_out: Counter[str] = field(default_factory=Counter)
    guessed: dict[Fields, tuple[int, str]] = field(default_factory=dict)

    def guess(self, fields: Fields, name: str) -> None:
        """Note that the fields were guessed for one more file."""
        count, first = self.guessed.get(fields, (0, name))
        self.guessed[fields] = (count + 1, first)

    def told(self) -> list[str]:
        """The notes in words, one sentence each."""
        return [
            *(
                f"the page was taken from the field {fields.html!r}, its address from"
                f" {repr(fields.url) if fields.url else 'no field'}, in {first}{_and_more(count)}"
                " (--html-field, --url-field)"
                for fields, (count, first) in self.guessed.items()
            ),
            *(f"left out: {rule}: {count:,}" for rule, count in self.left_out.items()),
        ]

    def account(self) -> dict[str, object]:
        """The notes for `run.json`."""
        guessed = [
            {"html_field": fields.html, "url_field": fields.url, "files": count, "first": first}
            for fields, (count, first) in self.guessed.items()
        ]
        return {"guessed": guessed, "left_out": dict(self.left_out)}


def _and_more(count: int) -> str:
    return "" if count == 1 else f" and {count - 1:,} more"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader needs to know beside the file: the most bytes a page may have, and where to put notes."""

    max_bytes: int = MAX_BYTES
    notes: Notes = field(default_factory=Notes)


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind of input.

    `pages` reads every page of a stream of the kind, whether it is a file or stands in an archive. A kind that
    holds many pages and can be read anywhere also lists them with `entries`, as items or, where this one file can
    only be read from its start, as pages; `load` reads one of the items. `records` reads a kind that needs to know
    the fields: record number, and the record or the Problem that it has. `single`: it holds one page, whose id is
    the file's.
    """

    suffixes: tuple[str, ...]
    pages: Callable[[Item, BinaryIO, Reading], Iterator[Page]]
    single: bool = True
    entries: Callable[[Item, Reading], Iterator[Entry]] | None = None
    load: Callable[[Item, Reading], Page] | None = None
    records: Callable[[BinaryIO, Reading], Iterator[tuple[int, object]]] | None = None


def blank(item: Item, number: int | str | None = None) -> Page:
    """The page of an item, or record `number` of it, before anything is read."""
    name = item.article_id if number is None else f"{item.article_id}#{number}"
    return Page(name, b"", visible(item.path))


def failed(item: Item, reason: str, number: int | str | None = None) -> Page:
    """The page of an item, or record `number` of it, that could not be read."""
    page = blank(item, number)
    return Page(page.article_id, b"", page.source, problem=Problem(Status.FAILED, reason))


def too_large(size: int | None, max_bytes: int) -> Problem:
    """The problem of a page above the limit; `size` in bytes if it is known."""
    held = f"{size:,} bytes" if size else "more bytes"
    return Problem(Status.TOO_LARGE, f"{held}, above the limit of {max_bytes:,} (--max-bytes)")


# A record may be longer than its page: JSON writes a character with up to six times its bytes.
_LONGER = 6
_BESIDE = 1 << 20  # bytes that its other fields may have


def longest(reading: Reading) -> int:
    """The most bytes of a record that can hold a page within the limit."""
    return _LONGER * reading.max_bytes + _BESIDE


_ADDRESS = re.compile(r"https?://[^\s<>\"]+$", re.IGNORECASE)


def address(text: str) -> str:
    """The address that came with a page if it is a whole one of the web, else empty."""
    text = text.strip()
    return text if _ADDRESS.match(text) else ""


_UNSHOWABLE = re.compile(r"[\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def visible(name: str) -> str:
    r"""A file name that can be printed and stored: bytes that are not UTF-8 become `\xE9`, a backslash `\\`.

    Different names stay different.
    """
    return _UNSHOWABLE.sub(_escape, name)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02X}"
    return f"\\u{code:04X}"
