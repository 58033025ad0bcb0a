"""Pages that are a file of their own: HTML and plain text, packed or not."""

from __future__ import annotations

import io
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

from ..addresses import is_url, open_url
from ..model import Page, Problem, Status
from .item import Item, Reading, blank, failed, too_large
from .unpack import buffered, expand, start_of

_TAG = re.compile(
    rb"<(?:!doctype\b|!--|\?xml\b|html\b|head\b|body\b|title\b|meta\b|link\b|script\b|style\b|main\b|article\b"
    rb"|section\b|header\b|div\b|table\b|h[1-6]\b|p\b|ul\b|ol\b|span\b|a\s|br\b)",
    re.IGNORECASE,
)
SAMPLE = 4096


def looks_like_html(content: bytes) -> bool:
    """Whether the first 4,096 bytes hold an HTML tag; UTF-16 is seen through."""
    return _TAG.search(content[:SAMPLE].replace(b"\0", b"")) is not None


_NO_PAGE = re.compile(rb"<(?:\?(?!xml)|%|rss\b|feed\b|svg\b|urlset\b|sitemapindex\b)", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|article)\b", re.IGNORECASE)
_BEFORE = b"\xef\xbb\xbf\xff\xfe \t\r\n"


def looks_like_page(head: bytes) -> bool:
    """Whether a file that begins with these bytes, packed or not, is a web page; harder to please than
    `looks_like_html`, since nobody said that it is one."""
    start = start_of(head[:SAMPLE]).replace(b"\0", b"").lstrip(_BEFORE)
    return start.startswith(b"<") and not _NO_PAGE.match(start) and _ROOT.search(start) is not None


def open_file(path: str) -> io.BufferedReader:
    """The file, to read. Raises OSError, also for what is no regular file."""
    if is_url(path):
        system, place = open_url(path)
        return buffered(system.open(place, "rb"))
    # Without O_NONBLOCK a pipe that took the file's place since it was listed would wait for a writer for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    stream = open(os.open(path, flags), "rb")  # noqa: PTH123, SIM115
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise OSError(0, "a pipe, device or folder, not a file")
    return stream


def load(item: Item, read: Callable[[Item, BinaryIO], Page], kind: str = "file") -> Page:
    """What `read` makes of the item's open file; where there is none to open, a failed page that says why."""
    try:
        with open_file(item.path) as stream:
            return read(item, stream)
    except OSError as error:
        return failed(item, unreadable(error, kind))


def unreadable(error: OSError, kind: str = "file") -> str:
    """The reason of a page whose file or folder the system does not give."""
    return f"the {kind} cannot be read: {error.strerror or error}"


def fill(page: Page, stream: BinaryIO, reading: Reading) -> Page:
    """The page with the content of the stream, unpacked, or with the problem that kept it back."""
    size = _size(stream)
    if size and size > reading.max_bytes:
        return replace(page, problem=too_large(size, reading.max_bytes))
    expanded = expand(stream, reading.max_bytes)
    return replace(page, content=expanded.content, problem=expanded.problem)


def _size(stream: BinaryIO) -> int | None:
    """The bytes of a stream that is a file; None where that is not known."""
    whole = isinstance(stream, io.BufferedReader) and isinstance(stream.raw, io.FileIO)
    return os.fstat(stream.fileno()).st_size if whole else None


def html_pages(item: Item, stream: BinaryIO, reading: Reading) -> Iterator[Page]:
    """The one page of a stream of HTML."""
    yield fill(blank(item), stream, reading)


def text_pages(item: Item, stream: BinaryIO, reading: Reading) -> Iterator[Page]:
    """The one page of a stream of plain text."""
    yield fill(replace(blank(item), media_type="text/plain"), stream, reading)


def as_it_looks(page: Page) -> Page:
    """The page with the media type that its content shows; for what came without a name."""
    return page if page.problem or looks_like_html(page.content) else replace(page, media_type="text/plain")


def nothing(item: Item, others: Counter[str]) -> Page:
    """The page of a container without pages: the container itself. `others` counts what it holds, by suffix."""
    held = ", ".join(f"{count:,} {suffix}" for suffix, count in others.most_common(5))
    reason = f"holds no pages, only {held}" if held else "holds no pages"
    return replace(blank(item), problem=Problem(Status.EMPTY, reason))
