"""Find the files with pages in what the user gave, and call them by names that are equal on every machine."""

# Names stay strings here: a million Path objects would cost the listing three times its time and memory.
# ruff: noqa: PTH100, PTH116, PTH118, PTH119, PTH120, PTH206, PTH113

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..addresses import is_url, open_url
from ..errors import SourceError
from .file import SAMPLE, looks_like_page, open_file
from .item import NO_FIELDS, Fields, Item, Options, Reading, visible
from .names import (
    FOR_MACHINES,
    FRAMES,
    NO_PAGES,
    PAGE_SUFFIXES,
    is_suspect,
    not_a_folder_of_pages,
    not_a_page,
    page_of_frames,
    suffix_of,
    words,
)
from .readers import FOLDER, PAGE, READERS, STDIN_ID, SUFFIXES, reader_of
from .record import settle
from .unpack import start_of

STDIN = "-"
_OWN_INDEX = ("index.html", "index.htm")
_SITEMAP = re.compile(rb"<(?:urlset|sitemapindex)[\s>]")


@dataclass(frozen=True, slots=True)
class _Found:
    base: str  # absolute folder that `relative` starts from
    relative: str
    path: str  # as it is opened and shown: what the user gave, then `relative`
    reader: str
    fields: Fields = NO_FIELDS
    record: str = ""  # the only one that is wanted


def list_inputs(paths: Sequence[str], options: Options, reading: Reading) -> tuple[Item, ...]:
    """An item for each file with pages, sorted by article_id, each file once. Raises SourceError.

    The `part` of an item, where there is one, is the only record of the file that is wanted.
    """
    if not paths:
        raise SourceError("", "no input was given", "Name a file, a folder, or - for standard input.")
    explorer = _Explorer(Fields(options.html_field, options.url_field), reading)
    found: list[_Found] = []
    taken: set[str] = set()
    by_place = {path if path == STDIN or is_url(path) else os.path.abspath(path): path for path in paths}
    for absolute, given in sorted(by_place.items()):
        for entry in explorer.explore(given, absolute):
            key = os.path.join(entry.base, entry.relative)
            if key not in taken:
                taken.add(key)
                found.append(entry)
    items = [
        Item(article_id, entry.path, entry.reader, entry.record, entry.fields)
        for article_id, entry in zip(_name(found), found, strict=True)
    ]
    items.sort(key=lambda item: item.article_id)
    for item in items:
        if item.fields.settled and item.fields != Fields(options.html_field, options.url_field, settled=True):
            reading.notes.guess(item.fields, item.article_id)
    return tuple(items)


@dataclass(frozen=True, slots=True)
class _Explorer:
    wanted: Fields
    reading: Reading

    def explore(self, given: str, absolute: str) -> Iterator[_Found]:
        """What one of the paths holds."""
        if given == STDIN:
            yield _Found("", STDIN, given, STDIN_ID)
            return
        if is_url(given):
            yield from self._remote(given.rstrip("/"))
            return
        given, absolute, record = _split(given, absolute)
        try:
            mode = os.stat(given).st_mode
        except OSError as error:
            raise SourceError(
                visible(given), f"cannot be read ({error.strerror})", "Check the path."
            ) from error
        except ValueError as error:
            raise SourceError(visible(given), "is not a path", "Check the path.") from error
        if stat.S_ISDIR(mode):
            yield from self._walk(given, absolute)
        elif not stat.S_ISREG(mode):
            raise SourceError(
                visible(given),
                "is a pipe or device, not a file",
                "Use - and send the page to standard input.",
            )
        else:
            yield self._file(given, absolute, record)

    def _remote(self, given: str) -> Iterator[_Found]:
        """The pages at an address; there only the suffix of a name tells what it is."""
        system, root = open_url(given)
        try:
            paths = [root] if system.isfile(root) else sorted(system.find(root))
        except OSError as error:
            raise SourceError(given, f"cannot be read ({error})", "Check the address.") from error
        base = root.rpartition("/")[0] if paths == [root] else root
        pages = 0
        for path in paths:
            relative = path[len(base) :].lstrip("/")
            reader = reader_of(relative.rpartition("/")[2])
            address = system.unstrip_protocol(path)
            if reader is None or f"/{relative}".find("/.") >= 0:
                continue
            fields = self._settled(address, reader)
            if fields is not None:
                pages += 1
                yield _Found(system.unstrip_protocol(base), relative, address, reader, fields)
        if not pages:
            raise SourceError(given, "holds no pages", self._looked_for())

    def _file(self, given: str, absolute: str, record: str) -> _Found:
        name = os.path.basename(absolute)
        reader = reader_of(name) or _by_content(given, name)
        if reader is None:
            raise _unread(given)
        fields = self._settled(given, reader)
        if fields is None:
            raise SourceError(
                visible(given),
                f"no field of its first records {self._no_field()}",
                "Name the field that holds the page with --html-field.",
            )
        return _Found(os.path.dirname(absolute), name, given, reader, fields, record)

    def _no_field(self) -> str:
        return f"is called {self.wanted.html!r}" if self.wanted.html else "holds a page in HTML"

    def _settled(self, path: str, reader: str) -> Fields | None:
        """The fields of a file of records, guessed as far as they are not given; None if no field holds a page."""
        records = READERS[reader].records
        if records is None:
            return self.wanted
        try:
            with open_file(path) as stream:
                return settle(records, self.wanted, stream, self.reading)
        except OSError:
            return self.wanted  # whoever loads it tells what is wrong

    def _walk(self, given: str, absolute: str) -> Iterator[_Found]:
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
            names = {entry.name for entry in listing}
            for entry in listing:
                if entry.name.startswith("."):
                    continue
                below = os.path.join(relative, entry.name)
                if _is_folder(entry):
                    rule = _left_out(entry.name, names)
                    if rule:
                        self.reading.notes.left_out[rule] += _count_pages(entry.path)
                    else:
                        (linked if entry.is_symlink() else real).append(below)
                    continue
                found = self._page(absolute, below, os.path.join(given, below), names)
                if found is None:
                    others[suffix_of(entry.name) or "no suffix"] += 1
                else:
                    pages += 1
                    yield found
        if not pages:
            held = ", ".join(f"{count} {suffix}" for suffix, count in others.most_common(5))
            raise SourceError(
                visible(given),
                f"the folder holds no pages, only {held}" if held else "the folder holds no pages",
                self._looked_for(),
            )

    def _looked_for(self) -> str:
        cure = f"Looked for {', '.join(SUFFIXES)} in it and in the folders below."
        if self.reading.notes.left_out[NO_PAGES]:
            cure += f" In files of records no field {self._no_field()}; name it with --html-field."
        return cure

    def _page(self, base: str, relative: str, path: str, names: set[str]) -> _Found | None:
        """The file as a source of pages, or None if it is none; what is left out by a rule is noted."""
        name = os.path.basename(relative)
        reader = reader_of(name) or _by_content(path, name)
        if reader is None:
            return None
        if not_a_page(name) or (name in _OWN_INDEX and _is_own_index(path, names)):
            self.reading.notes.left_out[FOR_MACHINES] += 1
            return None
        fields = self._settled(path, reader)
        if fields is None:
            self.reading.notes.left_out[NO_PAGES] += 1
            return None
        return _Found(base, relative, path, reader, fields)


def _split(given: str, absolute: str) -> tuple[str, str, str]:
    """`pages.zip#a.html` as the file and its record, where there is no file of the whole name."""
    if "#" in given and not os.path.lexists(given):
        for at in (at for at, character in enumerate(given) if character == "#"):
            if os.path.isfile(given[:at]):
                return given[:at], os.path.abspath(given[:at]), given[at + 1 :]
    return given, absolute, ""


def _unread(given: str) -> SourceError:
    try:
        with open_file(given) as stream:
            start = start_of(stream.read(SAMPLE))
    except OSError:
        start = b""
    if _SITEMAP.search(start):
        return SourceError(
            visible(given),
            "is a sitemap: a list of addresses, and medtables fetches nothing",
            "Fetch the pages (for example with wget --input-file) and give their folder.",
        )
    return SourceError(
        visible(given),
        "has a suffix that nobody reads",
        f"Known are {', '.join(SUFFIXES)}; or use - and send the page to standard input.",
    )


def _by_content(path: str, name: str) -> str | None:
    if not is_suspect(name):
        return None
    try:
        with open_file(path) as stream:
            return PAGE if looks_like_page(stream.read(SAMPLE)) else None
    except OSError:
        return None


def _left_out(folder: str, names: set[str]) -> str:
    """The rule by which a folder beside files of these names is left out, or empty."""
    if not_a_folder_of_pages(folder):
        return FOR_MACHINES
    stem = page_of_frames(folder)
    return FRAMES if stem and any(stem + suffix in names for suffix in PAGE_SUFFIXES) else ""


def _count_pages(folder: str) -> int:
    return sum(reader_of(name) is not None for _, _, names in os.walk(folder) for name in names)


def _is_own_index(path: str, names: set[str]) -> bool:
    """Whether a page is the list of mirrored sites that HTTrack puts beside its cache."""
    if not any(map(not_a_folder_of_pages, names)):
        return False
    try:
        with open_file(path) as stream:
            start = stream.read(SAMPLE).decode("utf-8", "replace").lower()
    except OSError:
        return False
    return any(mark in start for mark in words("own_index"))


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
