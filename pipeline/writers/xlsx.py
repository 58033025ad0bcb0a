"""Excel workbooks through the extra `medtables[xlsx]`: one sheet per table, and a sheet `about` that explains the
tables and tells what a workbook could not hold.

Texts stay texts: nothing becomes a formula or a link. A table longer than a sheet goes on in `TABLE 2`; a text
longer than a cell is cut. Integers beyond 2^53, which Excel would round, are texts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..tables import Column, Table, Type
from . import Format
from .whole import need, one_file, optional
from .xlsx_reader import read

SHEET_ROWS = 1_048_576
CELL_UNITS = 32_767  # UTF-16
_EXACT = 2**53
_WIDEST = 60
_FILE = one_file(".xlsx")
_ABOUT = "about"
# XlsxWriter takes a text in <r> for markup of its own; the reader takes the apostrophe off again.
_TAKEN_FOR_MARKUP = re.compile("'*<r>.*</r>", re.DOTALL)
# A fixed time, so that equal tables give equal bytes.
_CREATED = datetime(2000, 1, 1)


class _Precise(float):
    """XlsxWriter writes 16 digits of a number; some need 17 to come back as they were."""

    def __format__(self, spec: str) -> str:
        return float.__repr__(self)


class _Sheets:
    """The sheets of one table: `TABLE`, `TABLE 2`, ..., each with the header in a frozen row."""

    def __init__(self, table: Table, book: Any, header: Any, most_rows: int) -> None:
        self.table, self.rows, self.cut, self.count = table, 0, 0, 0
        self._book, self._header, self._most = book, header, most_rows
        self._widths = [len(column.name) + 3 for column in table.columns]
        self._sheets: list[Any] = []
        self._add()

    def _add(self) -> None:
        self.count += 1
        name = self.table.name if self.count == 1 else f"{self.table.name} {self.count}"
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for number, column in enumerate(self.table.columns):
            sheet.write_string(0, number, column.name, self._header)
        self._sheets.append(sheet)
        self._row = 1

    def write(self, rows: Iterator[tuple[Any, ...]]) -> None:
        for cells in rows:
            if self._row == self._most:
                self._add()
            sheet = self._sheets[-1]
            for number, (column, cell) in enumerate(zip(self.table.columns, cells, strict=True)):
                self._write(sheet, number, column, cell)
            self._row += 1
            self.rows += 1

    def _write(self, sheet: Any, number: int, column: Column, cell: Any) -> None:
        if cell is None or (cell == "" and not column.nullable and column.name not in self.table.key):
            return
        if column.type is Type.BOOLEAN:
            sheet.write_boolean(self._row, number, cell)
            return
        if column.type is not Type.STRING:
            if abs(cell) <= _EXACT or (column.type is Type.NUMBER and math.isfinite(cell)):
                sheet.write_number(self._row, number, _Precise(cell) if isinstance(cell, float) else cell)
                return
            cell = str(cell)
        self._widths[number] = max(self._widths[number], min(len(cell) + 1, _WIDEST))
        text = f"'{cell}" if _TAKEN_FOR_MARKUP.fullmatch(cell) else cell
        if len(text) > CELL_UNITS // 2 and len(text.encode("utf-16-le")) > 2 * CELL_UNITS:
            self.cut += 1
            text = text.encode("utf-16-le")[: 2 * CELL_UNITS - 2].decode("utf-16-le", errors="ignore") + "…"
        sheet.write_string(self._row, number, text)

    def finish(self) -> Iterator[str]:
        last = len(self.table.columns) - 1
        for position, sheet in enumerate(self._sheets, 1):
            rows = self._row if position == self.count else self._most
            sheet.autofilter(0, 0, rows - 1, last)
            for number, width in enumerate(self._widths):
                sheet.set_column(number, number, width)
        if self.count > 1:
            more = ", ".join(f"{self.table.name} {number}" for number in range(2, self.count + 1))
            yield f"{self.table.name} has {self.rows:,} rows, more than a sheet holds; it goes on in {more}."
        if self.cut:
            cells = "1 cell of {} does" if self.cut == 1 else f"{self.cut:,} cells of {{}} do"
            yield f"{cells.format(self.table.name)} not fit ({CELL_UNITS:,} characters) and end in … there."


class Workbook:
    """A Writer of one workbook; `most_rows` is what a sheet holds, with its header."""

    def __init__(self, folder: Path, tables: Sequence[Table], most_rows: int = SHEET_ROWS) -> None:
        self.notes: Sequence[str] = ()
        options = {
            "constant_memory": True,
            "tmpdir": str(folder),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = optional("xlsxwriter", "xlsx").Workbook(str(folder / _FILE(tables[0])), options)
        book.set_properties({"title": "medtables", "created": _CREATED})
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._about = book.add_worksheet(_ABOUT)
        self._sheets = {table.name: _Sheets(table, book, self._bold, most_rows) for table in tables}
        self._book: Any = book

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch to a table."""
        self._sheets[table.name].write(zip(*(column.to_pylist() for column in batch.columns), strict=True))

    def close(self) -> None:
        """Write the sheet that explains the others, and the file."""
        if self._book is None:
            return
        book, self._book = self._book, None
        self.notes = tuple(note for sheets in self._sheets.values() for note in sheets.finish())
        self._explain()
        book.close()

    def _explain(self) -> None:
        lines: list[tuple[str, ...]] = [("This workbook was written by medtables.",)]
        lines += [(f"Note: {note}",) for note in self.notes]
        lines += [(), ("table", "rows", "meaning")]
        lines += [(name, f"{sheets.rows:,}", sheets.table.meaning) for name, sheets in self._sheets.items()]
        lines += [(), ("table", "column", "meaning", "unit")]
        lines += [
            (name, column.name, column.meaning, column.unit)
            for name, sheets in self._sheets.items()
            for column in sheets.table.columns
        ]
        for row, cells in enumerate(lines):
            for number, cell in enumerate(cells):
                self._about.write_string(row, number, cell, self._bold if cells[0] == "table" else None)
        for number, width in enumerate((14, 18, 90, 40)):
            self._about.set_column(number, number, width)


def _open(folder: Path, tables: Sequence[Table]) -> Workbook:
    return Workbook(folder, tables)


def _read(folder: Path, table: Table) -> pa.Table:
    return read(folder / _FILE(table), table)


_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMAT = Format(
    "xlsx",
    _MEDIA_TYPE,
    _FILE,
    _open,
    _read,
    binary=True,
    whole=True,
    check=partial(need, "xlsxwriter", "xlsx"),
)
