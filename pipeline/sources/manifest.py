"""The user's own file on the pages: a row for each, with its address, its date and what else is to be carried along.

What it says wins over what the page says: it is the user's word.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from ..errors import SourceError
from ..formulas import guarded
from ..model import Page
from .item import Entry, Item, Told, address
from .names import usual

URL_SOURCE = "manifest"
ARTICLE_ID = "article_id"
_SEPARATORS = ",;\t|"
_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}")


@dataclass(frozen=True, slots=True)
class _Columns:
    """The places of the columns; -1 where there is none."""

    header: tuple[str, ...]
    file: int
    url: int
    date: int


@dataclass(slots=True)
class Manifest:
    """A manifest that was read. `told` is what it says of a page, by the page's name; `seen` are the names of the rows
    that a page was found for, with the article_id of that page."""

    path: str
    columns: _Columns
    told: dict[str, Told]
    notes: tuple[str, ...] = ()
    seen: dict[str, str] = field(default_factory=dict)

    def apply(self, entry: Entry) -> Entry:
        """The entry with what the manifest says of it."""
        for name in _names(entry):
            told = self.told.get(name)
            if told is not None:
                self.seen[name] = entry.article_id
                return replace(entry, told=told) if isinstance(entry, Item) else with_told(entry, told)
        return entry

    def rows(self) -> Iterator[list[str]]:
        """A header, article_id first, then the rows that a page was found for, in the manifest's order."""
        yield [ARTICLE_ID, *self._rest(self.columns.header)]
        for _, cells in _rows(self.path):
            article_id = self.seen.get(_plain(cells[self.columns.file]))
            if article_id is not None:
                yield [article_id, *self._rest(cells)]

    def write(self, path: Path) -> None:
        """Write these rows as csv, without formulas. Raises OSError."""
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerows([guarded(cell) for cell in row] for row in self.rows())

    def remarks(self) -> list[str]:
        """What a user should know of it, once all pages were found."""
        lost = [name for name in self.told if name not in self.seen]
        if not lost:
            return list(self.notes)
        count = f"{len(lost):,} of {len(self.told):,} rows are about no page that was found"
        return [*self.notes, f"{self.path}: {count}, the first is {lost[0]!r}"]

    def account(self) -> dict[str, object]:
        """The same for `run.json`."""
        return {"rows": len(self.told), "pages": len(self.seen)}

    def _rest(self, cells: tuple[str, ...] | list[str]) -> list[str]:
        return [cell for place, cell in enumerate(cells) if place != self.columns.file]


def with_told(page: Page, told: Told) -> Page:
    """The page with what the manifest says of it."""
    if told.url:
        page = replace(page, url=told.url, url_source=URL_SOURCE)
    return replace(page, published=told.published) if told.published else page


def read_manifest(path: str) -> Manifest:
    """The manifest in a csv or tsv file (UTF-8). Raises SourceError if it has no header with a column for the file, or
    one file twice."""
    rows = _rows(path)
    _, header = next(rows, (0, []))
    columns = _columns(path, header)
    told: dict[str, Told] = {}
    lines: dict[str, int] = {}
    odd: Counter[str] = Counter()
    first: dict[str, str] = {}
    for line, cells in rows:
        name = _plain(cells[columns.file])
        if not name:
            continue
        if name in told:
            what = f"names {name!r} twice, in the lines {lines[name]} and {line}"
            raise SourceError(path, what, "Keep one row for each page.")
        found = Told(
            _cell(cells, columns.url, "address", odd, first), _cell(cells, columns.date, "date", odd, first)
        )
        told[name], lines[name] = found, line
    cures = {"address": "write https://...", "date": "write 2024-05-31, 2024-05 or 2024"}
    notes = [
        f"{path}: {count:,} cells hold no {what} that is read, the first is {first[what]!r}; {cures[what]}"
        for what, count in sorted(odd.items())
    ]
    return Manifest(path, columns, told, tuple(notes))


def _rows(path: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row, the header first, all as long as it. Raises SourceError."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            rows = csv.reader(stream, delimiter=max(_SEPARATORS, key=first.count))
            width = 0
            for cells in rows:
                if not cells:
                    continue
                width = width or len(cells)
                if len(cells) > width:
                    what = f"line {rows.line_num} has {len(cells)} cells, the header {width}"
                    raise SourceError(path, what, "Put cells that hold the separator in quotes.")
                yield rows.line_num, cells + [""] * (width - len(cells))
    except OSError as error:
        raise SourceError(path, f"cannot be read ({error.strerror})", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise SourceError(path, "is not UTF-8", "Save it as UTF-8 (in Excel: CSV UTF-8).") from error
    except csv.Error as error:
        raise SourceError(path, f"is no table ({error})", "Give a csv file with a header line.") from error


def _columns(path: str, cells: list[str]) -> _Columns:
    header = [cell.strip() for cell in cells]

    def place(what: str) -> int:
        name = usual(header, what)
        return header.index(name) if name else -1

    file = place("file_field")
    if file < 0:
        raise SourceError(
            path,
            f"has no column for the file of a page, but {', '.join(header) or 'no header'}",
            "Call one column article_id or file; it holds the path below the input folder.",
        )
    url, when = place("address_field"), place("date_field")
    return _Columns(tuple(header), file, url if url != file else -1, when if when != file else -1)


def _cell(cells: list[str], place: int, what: str, odd: Counter[str], first: dict[str, str]) -> str:
    """The address or date in a cell; what cannot be read is counted in `odd`."""
    cell = cells[place].strip() if place >= 0 else ""
    found = address(cell) if what == "address" else _iso(cell)
    if cell and not found:
        odd[what] += 1
        first.setdefault(what, cell)
    return found


def _iso(text: str) -> str:
    """A date of ISO 8601 without its time: 2024-05-31, 2024-05 or 2024; else empty."""
    day = text[:10] if len(text) > 10 and text[10] in "T " else text
    if not _DATE.fullmatch(day):
        return ""
    try:
        date.fromisoformat(f"{day}{'-01-01'[len(day) - 10 :]}" if len(day) < 10 else day)
    except ValueError:
        return ""
    return day


def _names(entry: Entry) -> Iterator[str]:
    """What a manifest may call a page: its article_id, or its path as it was given."""
    yield entry.article_id
    path = entry.path if isinstance(entry, Item) else entry.source
    _, mark, record = entry.article_id.partition("#")
    yield _plain(path) + mark + record


def _plain(name: str) -> str:
    """A path as article_ids write it."""
    name = name.strip().replace("\\", "/")
    return os.path.normpath(name).replace(os.sep, "/") if name else ""
