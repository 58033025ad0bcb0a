"""Find pages in files and folders, and read them: `plan` lists, `load` reads one, `read` does both.

`plan` only looks at names, so that worker processes can each `load` their own items. Every kind of file has
one entry in READERS; a container (an archive, a file of records) is an entry whose `items` yields several.
"""

# Names stay strings here: a million Path objects would cost the listing three times its time and memory.
# ruff: noqa: PTH100, PTH116, PTH118, PTH119, PTH120, PTH122, PTH123, PTH206

from __future__ import annotations

import os
import re
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from ..errors import SourceError
from ..model import Page, Problem, Status
from .gunzip import GZIP_MAGIC, Expanded, gunzip

STDIN = "-"
STDIN_ID = "stdin"
FOLDER = "folder"
MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """One page to load: small and picklable.

    `path` is what `open` takes; `reader` names the entry of READERS; `part` says which page of a container.
    An item of the reader `stdin` must be loaded by the process that owns the stream.
    """

    article_id: str
    path: str
    reader: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind of input: the suffixes that tell it, how its pages are listed and how one is loaded."""

    suffixes: tuple[str, ...]
    items: Callable[[str, str, str], Iterator[Item]]
    load: Callable[[Item, int], Page]


def read(
    paths: Sequence[str], *, max_bytes: int = MAX_BYTES, stdin: BinaryIO | None = None
) -> Iterator[Page]:
    """Every page of `paths`, sorted by article_id; `-` is one page on `stdin`, by default the process's own.

    A page that cannot be read is a Page with a problem. Raises SourceError for a path that does not exist or
    that nobody reads, and for a folder without pages.
    """
    for item in plan(paths):
        yield load(item, max_bytes, stdin)


def plan(paths: Sequence[str]) -> tuple[Item, ...]:
    """The pages in `paths`, unopened, sorted by article_id, each file once. Raises SourceError.

    An article_id is the path relative to the folder given, for a file given by itself its name. Where two
    inputs would give the same id, both get as many of their parent folders in front as tell them apart.
    Hidden files and folders (names that start with a dot) are left out; each folder is walked once, however
    many links lead to it; a folder below that cannot be read is an item, which becomes a failed page.
    """
    if not paths:
        raise SourceError("", "no input was given", "Name a file, a folder, or - for standard input.")
    found: list[_Found] = []
    taken: set[str] = set()
    for path in sorted({os.path.abspath(path) if path != STDIN else path: path for path in paths}.items()):
        absolute, given = path
        if given == STDIN:
            found.append(_Found("", STDIN, given, STDIN_ID))
            continue
        for entry in _explore(given, absolute):
            key = os.path.join(entry.base, entry.relative)
            if key not in taken:
                taken.add(key)
                found.append(entry)
    items: list[Item] = []
    for article_id, entry in zip(_name(found), found, strict=True):
        items.extend(READERS[entry.reader].items(entry.path, article_id, entry.reader))
    return tuple(sorted(items, key=lambda item: item.article_id))


def load(item: Item, max_bytes: int = MAX_BYTES, stdin: BinaryIO | None = None) -> Page:
    """The page of an item; never raises for the page's sake: what went wrong is its `problem`."""
    if item.reader == STDIN_ID:
        return _load_stdin(item, max_bytes, stdin or sys.stdin.buffer)
    return READERS[item.reader].load(item, max_bytes)


# Listing


@dataclass(frozen=True, slots=True)
class _Found:
    base: str  # absolute folder that `relative` starts from
    relative: str
    path: str  # as it is opened and shown: what the user gave, then `relative`
    reader: str


def _explore(given: str, absolute: str) -> Iterator[_Found]:
    try:
        mode = os.stat(given).st_mode
    except OSError as error:
        raise SourceError(visible(given), f"cannot be read ({error.strerror})", "Check the path.") from error
    except ValueError as error:
        raise SourceError(visible(given), "is not a path", "Check the path.") from error
    if stat.S_ISDIR(mode):
        yield from _walk(given, absolute)
    elif not stat.S_ISREG(mode):
        raise SourceError(
            visible(given), "is a pipe or device, not a file", "Use - and send the page to standard input."
        )
    elif (reader := _reader_of(given)) is None:
        raise SourceError(
            visible(given),
            "has a suffix that nobody reads",
            f"Known are {', '.join(SUFFIXES)}; or use - and send the page to standard input.",
        )
    else:
        yield _Found(os.path.dirname(absolute), os.path.basename(absolute), given, reader)


def _walk(given: str, absolute: str) -> Iterator[_Found]:
    # Real folders come before linked ones, so that which of several ways into a folder counts does not depend
    # on where the link sorts.
    real: list[str] = [""]
    linked: list[str] = []
    seen: set[tuple[int, int]] = set()
    others: Counter[str] = Counter()
    pages = 0
    while real or linked:
        relative = real.pop() if real else linked.pop()
        folder = os.path.join(given, relative) if relative else given
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                listing = sorted(entries, key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            if relative:
                pages += 1
                yield _Found(absolute, relative, folder, FOLDER)
                continue
            cure = "Give yourself the right to read it."
            raise SourceError(visible(given), f"cannot be read ({error.strerror})", cure) from error
        for entry in listing:
            if entry.name.startswith("."):
                continue
            below = os.path.join(relative, entry.name)
            if _is_folder(entry):
                (linked if entry.is_symlink() else real).append(below)
            elif (reader := _reader_of(entry.name)) is None:
                others[os.path.splitext(entry.name)[1].lower() or "no suffix"] += 1
            else:
                pages += 1
                yield _Found(absolute, below, os.path.join(given, below), reader)
    if not pages:
        held = ", ".join(f"{count} {suffix}" for suffix, count in others.most_common(5))
        raise SourceError(
            visible(given),
            f"the folder holds no pages, only {held}" if held else "the folder holds no pages",
            f"Looked for {', '.join(SUFFIXES)} in it and in the folders below.",
        )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links: listed as a file if its name says so, then a failed page
        return False


def _name(found: Sequence[_Found]) -> list[str]:
    """An article_id for each: the shortest that is unique, all pages of one input with the same prefix."""
    depth: Counter[str] = Counter()
    while True:
        ids = [_identify(entry, depth[entry.base]) for entry in found]
        counts = Counter(ids)
        clashing = {entry.base for entry, name in zip(found, ids, strict=True) if counts[name] > 1}
        if not clashing:
            return ids
        for base in clashing:
            depth[base] += 1


def _identify(entry: _Found, depth: int) -> str:
    if entry.path == STDIN:
        return STDIN_ID
    prefix = [part for part in entry.base.split(os.sep) if part][-depth:] if depth else []
    return visible("/".join((*prefix, *entry.relative.split(os.sep))))


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


# Loading


def _one_item(path: str, article_id: str, reader: str) -> Iterator[Item]:
    yield Item(article_id, path, reader)


def _load_html(item: Item, max_bytes: int) -> Page:
    return _load_file(item, max_bytes, "text/html")


def _load_text(item: Item, max_bytes: int) -> Page:
    return _load_file(item, max_bytes, "text/plain")


def _load_file(item: Item, max_bytes: int, media_type: str) -> Page:
    page = Page(item.article_id, b"", visible(item.path), media_type)
    try:
        # Without O_NONBLOCK a pipe that took the file's place since `plan` would wait for a writer for ever.
        descriptor = os.open(
            item.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        with open(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return replace(page, problem=Problem(Status.FAILED, "a pipe, device or folder, not a file"))
            return _fill(page, stream, max_bytes, status.st_size)
    except OSError as error:
        kind = FOLDER if item.reader == FOLDER else "file"
        reason = f"the {kind} cannot be read: {error.strerror or error}"
        return replace(page, problem=Problem(Status.FAILED, reason))


def _load_stdin(item: Item, max_bytes: int, stream: BinaryIO) -> Page:
    page = _fill(Page(item.article_id, b"", STDIN), stream, max_bytes, None)
    return page if looks_like_html(page.content) else replace(page, media_type="text/plain")


def _fill(page: Page, stream: BinaryIO, max_bytes: int, size: int | None) -> Page:
    # Compression is told by the content: scrapers store gzip bodies as .html and plain ones as .html.gz.
    head = stream.read(len(GZIP_MAGIC))
    if head == GZIP_MAGIC:
        expanded = gunzip(stream, head, max_bytes)
    else:
        content = b"" if size and size > max_bytes else head + stream.read(max(0, max_bytes + 1 - len(head)))
        if len(content) > max_bytes or (size and size > max_bytes):
            expanded = Expanded(b"", too_large(size, max_bytes))
        else:
            expanded = Expanded(content)
    return replace(page, content=expanded.content, problem=expanded.problem)


def too_large(size: int | None, max_bytes: int) -> Problem:
    """The problem of a page above the limit; `size` in bytes if it is known."""
    held = f"{size:,} bytes" if size else "more bytes"
    return Problem(Status.TOO_LARGE, f"{held}, above the limit of {max_bytes:,} (--max-bytes)")


_TAG = re.compile(
    rb"<(?:!doctype\b|!--|\?xml\b|html\b|head\b|body\b|title\b|meta\b|link\b|script\b|style\b|main\b|article\b"
    rb"|section\b|header\b|div\b|table\b|h[1-6]\b|p\b|ul\b|ol\b|span\b|a\s|br\b)",
    re.IGNORECASE,
)


def looks_like_html(content: bytes) -> bool:
    """Whether the first 4,096 bytes hold an HTML tag; UTF-16 is seen through."""
    return _TAG.search(content[:4096].replace(b"\0", b"")) is not None


READERS: dict[str, Reader] = {
    "html": Reader(
        (".html", ".htm", ".xhtml", ".shtml", ".html.gz", ".htm.gz", ".xhtml.gz", ".shtml.gz"),
        _one_item,
        _load_html,
    ),
    "text": Reader((".txt", ".md", ".txt.gz", ".md.gz"), _one_item, _load_text),
    STDIN_ID: Reader((), _one_item, _load_html),
    FOLDER: Reader((), _one_item, _load_html),
}
SUFFIXES: tuple[str, ...] = tuple(suffix for reader in READERS.values() for suffix in reader.suffixes)
_BY_SUFFIX = {suffix: name for name, reader in READERS.items() for suffix in reader.suffixes}


def _reader_of(path: str) -> str | None:
    stem, suffix = os.path.splitext(os.path.basename(path).lower())
    if suffix == ".gz":
        suffix = os.path.splitext(stem)[1] + suffix
    return _BY_SUFFIX.get(suffix)
