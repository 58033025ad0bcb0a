"""Find pages in files, folders and containers, and read them.

`survey` lists what there is, `entries` of the survey goes through it without holding it, `load` reads one page
wherever it is called, also in another process. `plan` is the list of all pages, for few of them; `read` does all.

Every kind of file has one entry in READERS; a container (an archive, a file of records) gives several pages. The
order is that of the files' article_ids, and within a file that of its records.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike, fspath
from typing import BinaryIO

from ..errors import SourceError
from ..model import Page
from .file import as_it_looks, fill, looks_like_html, nothing, open_file, unreadable
from .file import load as load_file
from .item import (
    MAX_BYTES,
    NO_OPTIONS,
    Entry,
    Fields,
    Item,
    Notes,
    Options,
    Reader,
    Reading,
    Told,
    failed,
    too_large,
    visible,
)
from .listing import STDIN, list_inputs
from .manifest import URL_SOURCE, Manifest, read_manifest, with_told
from .readers import FOLDER, READERS, STDIN_ID, SUFFIXES

__all__ = [
    "FOLDER",
    "MAX_BYTES",
    "NO_OPTIONS",
    "READERS",
    "STDIN",
    "STDIN_ID",
    "SUFFIXES",
    "Entry",
    "Fields",
    "Item",
    "Manifest",
    "Notes",
    "Options",
    "Reader",
    "Survey",
    "Told",
    "load",
    "looks_like_html",
    "plan",
    "read",
    "survey",
    "too_large",
    "visible",
    "with_told",
]
_RECORD_OF = "record of "


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in the paths that a user gave: `inputs`, an item for each file, by article_id. `notes` grow
    while `entries` is read."""

    inputs: tuple[Item, ...]
    notes: Notes = field(default_factory=Notes)
    manifest: Manifest | None = None

    @property
    def total(self) -> int | None:
        """How many pages there are; None where only going through the containers can tell."""
        known = all(READERS[whole.reader].single or whole.part for whole in self.inputs)
        return len(self.inputs) if known else None

    def entries(self, max_bytes: int = MAX_BYTES, stdin: BinaryIO | None = None) -> Iterator[Entry]:
        """Every page, in order and one after the other: as an item to load, or read already where that must be done
        here (standard input, and containers that can only be read from their start, of which no more than one page
        is held).

        Takes `stdin` for the process's own. Raises SourceError for a record that was asked for and is not there.
        """
        found = self._entries(Reading(max_bytes, self.notes), stdin)
        return map(self.manifest.apply, found) if self.manifest else found

    def told(self) -> list[str]:
        """What a user should know of the inputs, one sentence each; all of it once `entries` was read."""
        return [*self.notes.told(), *(self.manifest.remarks() if self.manifest else ())]

    def account(self) -> dict[str, object]:
        """The same for `run.json`."""
        return self.notes.account() | ({"manifest": self.manifest.account()} if self.manifest else {})

    def _entries(self, reading: Reading, stdin: BinaryIO | None) -> Iterator[Entry]:
        for whole in self.inputs:
            if whole.reader == STDIN_ID:
                yield load(whole, reading.max_bytes, stdin)
            elif whole.part:
                yield _only(whole, reading)
            else:
                yield from _entries(whole, reading)


def survey(paths: Sequence[str | PathLike[str]], options: Options = NO_OPTIONS) -> Survey:
    """The files with pages in `paths`, each once. Containers are not gone through; of files of records the first
    ones are read, to know the fields.

    An article_id is the path relative to the folder given, for a file given by itself its name, and in a container
    that of the file, `#`, and number or name of the record. Where two inputs would give the same id, both get as
    many of their parent folders in front as tell them apart. Hidden files and folders (names that start with a dot)
    are left out; each folder is walked once, however many links lead to it; a folder below that cannot be read is an
    item, which becomes a failed page. `FILE#RECORD` is one page of a container.

    Raises SourceError for a path that does not exist or that nobody reads, for a folder without pages, and for a
    manifest that cannot be read.
    """
    notes = Notes()
    manifest = read_manifest(options.manifest) if options.manifest else None
    inputs = list_inputs([fspath(path) for path in paths], options, Reading(notes=notes))
    return Survey(inputs, notes, manifest)


def plan(paths: Sequence[str | PathLike[str]], options: Options = NO_OPTIONS) -> tuple[Item, ...]:
    """Every page of `paths` as an item, as `survey` finds them; for few pages, since the list is held. An item of a
    container that can only be read from its start is slow to load. Raises SourceError."""
    found = survey(paths, options)
    items: list[Item] = []
    for whole in found.inputs:
        if whole.reader == STDIN_ID:
            items.append(whole)
            continue
        for entry in replace(found, inputs=(whole,)).entries():
            if isinstance(entry, Page):
                part = f"{_RECORD_OF}{whole.article_id}"
                told = Told(entry.url if entry.url_source == URL_SOURCE else "", entry.published)
                entry = Item(entry.article_id, whole.path, whole.reader, part, whole.fields, told)
            items.append(entry)
    return tuple(items)


def read(
    paths: Sequence[str | PathLike[str]],
    *,
    max_bytes: int = MAX_BYTES,
    stdin: BinaryIO | None = None,
    options: Options = NO_OPTIONS,
) -> Iterator[Page]:
    """Every page of `paths`; `-` is one page on `stdin`, by default the process's own.

    A page that cannot be read is a Page with a problem. Raises SourceError as `survey` does.
    """
    for entry in survey(paths, options).entries(max_bytes, stdin):
        yield load(entry, max_bytes)


def load(entry: Entry, max_bytes: int = MAX_BYTES, stdin: BinaryIO | None = None) -> Page:
    """The page of an entry; never raises for the page's sake: what went wrong is its `problem`."""
    if isinstance(entry, Page):
        return entry
    return with_told(_load(entry, max_bytes, stdin), entry.told)


def _load(entry: Item, max_bytes: int, stdin: BinaryIO | None) -> Page:
    reader = READERS[entry.reader]
    reading = Reading(max_bytes)
    if entry.reader == STDIN_ID:
        return as_it_looks(fill(Page(entry.article_id, b"", STDIN), stdin or sys.stdin.buffer, reading))
    if entry.part.startswith(_RECORD_OF):
        return _again(entry, reading)
    if reader.load is not None:
        return reader.load(entry, reading)
    kind = FOLDER if entry.reader == FOLDER else "file"
    return load_file(entry, lambda item, stream: next(reader.pages(item, stream, reading)), kind)


def _entries(whole: Item, reading: Reading) -> Iterator[Entry]:
    """The pages of one file; at least one, which then tells why there are none."""
    reader = READERS[whole.reader]
    if reader.single:
        yield whole
        return
    given = 0
    try:
        for entry in reader.entries(whole, reading) if reader.entries else _pages(whole, reading):
            given += 1
            yield entry
        if not given:
            yield nothing(whole, Counter())
    except OSError as error:
        yield failed(whole, unreadable(error))


def _pages(whole: Item, reading: Reading) -> Iterator[Page]:
    with open_file(whole.path) as stream:
        yield from READERS[whole.reader].pages(whole, stream, reading)


def _only(whole: Item, reading: Reading) -> Entry:
    name = f"{whole.article_id}#{whole.part}"
    for entry in _entries(replace(whole, part=""), reading):
        if entry.article_id == name:
            return entry
    raise SourceError(
        visible(whole.path), f"holds no page {whole.part}", "List its pages with `medtables run`."
    )


def _again(item: Item, reading: Reading) -> Page:
    """A page of a container that can only be read from its start."""
    whole = replace(item, article_id=item.part.removeprefix(_RECORD_OF), part="")
    for entry in _entries(whole, reading):
        if entry.article_id == item.article_id:
            return load(entry, reading.max_bytes)
    return failed(item, "it is no longer in the file")
