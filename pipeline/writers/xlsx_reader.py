"""Read a table back from a workbook, also from one that a spreadsheet program has saved again. Needs no extra."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from lxml import etree

from ..errors import OutputError
from ..tables import Column, Table, Type
from ..tables.schema import arrow_schema, batch
from .per_table import unreadable

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SHARED = "xl/sharedStrings.xml"
_ESCAPED = re.compile("_x([0-9a-fA-F]{4})_")
_GUARDED = re.compile("''*<r>.*</r>", re.DOTALL)
_ROWS_AT_ONCE = 10_000


def read(path: Path, table: Table) -> pa.Table:
    """The table in the sheets `TABLE`, `TABLE 2`, ... of a workbook. Raises OutputError."""
    try:
        with zipfile.ZipFile(path) as book:
            rows = list(_rows(book, path, table))
        parts = [rows[begin : begin + _ROWS_AT_ONCE] for begin in range(0, len(rows), _ROWS_AT_ONCE)]
        return pa.Table.from_batches([batch(table, part) for part in parts], arrow_schema(table))
    except (OSError, zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, ValueError, IndexError) as error:
        raise unreadable(path, error) from error


def _rows(book: zipfile.ZipFile, path: Path, table: Table) -> Iterator[tuple[Any, ...]]:
    sheets, shared = _sheets(book), _shared(book)
    names, number = [column.name for column in table.columns], 1
    name = table.name
    if name not in sheets:
        raise OutputError(str(path), f"has no sheet {name}", "Make the run again with --overwrite.")
    values = [_value(column) for column in table.columns]
    while name in sheets:
        lines = _lines(book, sheets[name], shared)
        found = next(lines, {})
        if [found.get(position) for position in range(len(found))] != names:
            shown = ", ".join(filter(None, found.values()))
            raise OutputError(
                f"{path}:{name}", f"has the columns {shown}", f"Expected are {', '.join(names)}."
            )
        for cells in lines:
            yield tuple(value(cells.get(position)) for position, value in enumerate(values))
        number += 1
        name = f"{table.name} {number}"


def _value(column: Column) -> Callable[[str | None], Any]:
    def value(cell: str | None) -> Any:
        match column.type:
            case Type.STRING:
                if cell is None:
                    return None if column.nullable else ""
                text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), cell)
                return text[1:] if _GUARDED.fullmatch(text) else text
            case Type.INTEGER:
                # A spreadsheet may have saved a whole number as 1E+15.
                return None if cell is None else int(cell) if cell.lstrip("-").isdigit() else int(float(cell))
            case Type.NUMBER:
                return None if cell is None else float(cell)
            case Type.BOOLEAN:
                return None if cell is None else cell.lower() in ("1", "true")

    return value


def _sheets(book: zipfile.ZipFile) -> dict[str, str]:
    """The member of the archive by the name of its sheet."""
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _parse(book, "xl/_rels/workbook.xml.rels").iter("{*}Relationship")
    }
    found = {}
    for sheet in _parse(book, "xl/workbook.xml").iter(f"{_MAIN}sheet"):
        target = targets[sheet.get(_RELATION)]
        found[sheet.get("name", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
    return found


def _parse(book: zipfile.ZipFile, member: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    with book.open(member) as stream:
        return etree.parse(stream, parser).getroot()


def _shared(book: zipfile.ZipFile) -> list[str]:
    if _SHARED not in book.namelist():
        return []
    return [_joined(entry) for entry in _parse(book, _SHARED).iter(f"{_MAIN}si")]


def _joined(entry: Any) -> str:
    return "".join(part.text or "" for part in entry.iter(f"{_MAIN}t"))


def _lines(book: zipfile.ZipFile, member: str, shared: list[str]) -> Iterator[dict[int, str | None]]:
    """The cells of each row by the number of their column; an empty text is a cell, a missing one none."""
    with book.open(member) as stream:
        for _, row in etree.iterparse(
            stream, tag=f"{_MAIN}row", resolve_entities=False, no_network=True, huge_tree=True
        ):
            yield {
                _column(cell.get("r", "")): text for cell in row if (text := _text(cell, shared)) is not None
            }
            row.clear()
            while row.getprevious() is not None:
                del row.getparent()[0]


def _text(cell: Any, shared: list[str]) -> str | None:
    if cell.get("t") == "inlineStr":
        return _joined(cell)
    value = cell.find(f"{_MAIN}v")
    if value is None or value.text is None:
        return None
    return shared[int(value.text)] if cell.get("t") == "s" else str(value.text)


def _column(place: str) -> int:
    """0 for A1, 26 for AA7."""
    number = 0
    for letter in place.rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number - 1
