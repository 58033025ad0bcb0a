"""WACZ files: a zip archive of WARC files with lists of the pages among all that was fetched.

A listed page is called `crawl.wacz#n`, `n` being its number in `pages/pages.jsonl` and the lists beside it, taken
together; what no list names belongs to a page (frames) or was fetched on the way, and is left out. Without lists,
`n` is the number of the record, counted over all WARC files.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO
from urllib.parse import urldefrag, urljoin

from ..model import Page, Problem, Status
from . import warc
from .archive import Member
from .file import open_file
from .item import Entry, Item, Reading, blank, failed
from .unpack import Damaged, expand
from .zip_archive import members, open_member, stored_at

_LISTS = ("pages/pages.jsonl", "pages/extraPages.jsonl")
_WARCS = (".warc", ".warc.gz")
_MOST_REDIRECTS = 10
_LONGEST_LINE = 1 << 20
_SECONDS = len("2024-05-31T10:00:00")
# A WARC file in it that is packed once more, or as a whole, which the standard forbids, is held unpacked.
_LARGEST_HELD = 1 << 28


@dataclass(frozen=True, slots=True)
class _Listed:
    """A page of a list; without an address where the line cannot be read."""

    number: int
    url: str
    date: str


@dataclass(frozen=True, slots=True)
class _Capture:
    """A page that was fetched; `held` is the WARC file where it cannot be read from the archive again."""

    date: str
    entry: Entry
    held: io.BytesIO | None


def entries(item: Item, reading: Reading) -> Iterator[Entry]:
    """The pages of the archive, in the order of its lists. Raises OSError."""
    with open_file(item.path) as stream:
        try:
            files = {member.name: member for member in members(stream, reading)}
            listed = list(_lists(stream, files))
            crawl = _Crawl(item, stream, reading)
            for name in sorted(files):
                if name.endswith(_WARCS):
                    yield from crawl.read(files[name], everything=not listed)
            yield from crawl.pages(listed)
        except Damaged as damage:
            yield failed(item, damage.problem.reason)


def pages(item: Item, stream: BinaryIO, reading: Reading) -> Iterator[Page]:
    """An archive inside an archive is not opened."""
    yield failed(item, "an archive inside an archive is not read; unpack the outer one and give the folder")


def _lists(stream: BinaryIO, files: dict[str, Member]) -> Iterator[_Listed]:
    number = 0
    for name in _LISTS:
        if name not in files:
            continue
        with open_member(stream, files[name].place) as lines:
            while line := lines.readline(_LONGEST_LINE):
                try:
                    told = json.loads(line)
                except (ValueError, RecursionError):
                    told = None
                page = told if isinstance(told, dict) else {}
                if not line.strip() or ("format" in page and "url" not in page):
                    continue
                number += 1
                yield _Listed(number, _plain(str(page.get("url", ""))), str(page.get("ts", ""))[:_SECONDS])


class _Crawl:
    """What was fetched, by address."""

    def __init__(self, item: Item, stream: BinaryIO, reading: Reading) -> None:
        self._item, self._stream, self._reading = item, stream, reading
        self._number = 0
        self._captures: dict[str, list[_Capture]] = {}
        self._redirects: dict[str, str] = {}
        self._others: set[str] = set()

    def read(self, file: Member, *, everything: bool) -> Iterator[Entry]:
        """Learn what a WARC file holds. Gives what is broken in it, and its pages if `everything` is wanted."""
        held, start, end = self._source(file)
        for record in warc.listed(self._item, held or self._stream, start, end, before=self._number):
            self._number = record.number
            capture, entry = record.capture, record.entry
            if capture is None or everything:
                if entry is not None:
                    # Numbers are those of the lists, where there are any.
                    name = (
                        entry.article_id if everything else f"{self._item.article_id}#record {record.number}"
                    )
                    yield replace(self._loaded(entry, held), article_id=name)
                continue
            url = _plain(capture.url)
            if capture.redirect:
                self._redirects[url] = _plain(urljoin(url, capture.redirect))
            elif entry is None:
                self._others.add(url)
            else:
                found = _Capture(capture.date[:_SECONDS], entry, held)
                self._captures.setdefault(url, []).append(found)

    def pages(self, listed: list[_Listed]) -> Iterator[Entry]:
        """A page for each that is listed, but one for those of the same address and fetch."""
        given: set[str] = set()
        for one in listed:
            url = self._led_to(one.url)
            captures = self._captures.get(url, ())
            name = f"{self._item.article_id}#{one.number}"
            if not captures:
                yield self._missing(one, url)
                continue
            exact = [found for found in captures if found.date == one.date]
            free = [found for found in (*exact, *captures) if found.entry.article_id not in given]
            if free:
                given.add(free[0].entry.article_id)
                yield replace(self._loaded(free[0].entry, free[0].held), article_id=name)

    def _source(self, file: Member) -> tuple[io.BytesIO | None, int, int]:
        stored = stored_at(self._stream, file.place)
        if stored is not None:
            try:
                next(warc.spans(self._stream, *stored), None)
            except warc.Whole:
                pass
            else:
                return None, *stored
        unpacked = expand(open_member(self._stream, file.place), _LARGEST_HELD)
        if unpacked.problem is not None:
            raise Damaged(unpacked.problem)
        return io.BytesIO(unpacked.content), 0, len(unpacked.content)

    def _loaded(self, entry: Entry, held: io.BytesIO | None) -> Entry:
        return warc.page_at(entry, held, self._reading) if held and isinstance(entry, Item) else entry

    def _led_to(self, url: str) -> str:
        """Where redirects lead from an address that gave no page itself."""
        for _ in range(_MOST_REDIRECTS):
            if url in self._captures or url not in self._redirects:
                break
            url = self._redirects[url]
        return url

    def _missing(self, one: _Listed, url: str) -> Page:
        status = Status.NOT_HTML if url in self._others else Status.FAILED
        reason = f"the archive lists {one.url} and holds no page in HTML of it"
        if not one.url:
            reason = "the line of the list of pages cannot be read; was the archive cut off?"
        return replace(blank(self._item, one.number), url=one.url, problem=Problem(status, reason))


def _plain(url: str) -> str:
    """The address without its fragment, which no server sees."""
    return urldefrag(url.strip())[0] if url.isprintable() else ""
