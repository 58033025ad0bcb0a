"""SQLite: one database with primary and foreign keys, indexes and views, through the standard library.

Booleans are 0 and 1. The meanings of columns stand in the CREATE TABLE statements, which `.schema` shows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from ..tables import Column, Table, Type
from ..tables.schema import arrow_schema, batch
from . import Format
from .per_table import unreadable
from .views import view_statements
from .whole import fresh, one_file, quoted

_TYPES = {Type.STRING: "TEXT", Type.INTEGER: "INTEGER", Type.NUMBER: "REAL", Type.BOOLEAN: "INTEGER"}
_LISTED = (
    "SELECT group_concat(concept, {separator}) FROM"
    " (SELECT c.concept FROM concepts c WHERE {condition} ORDER BY c.weight DESC, c.concept)"
)
_FILE = one_file(".sqlite")
_ROWS_AT_ONCE = 10_000


class _Database:
    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        self.notes: Sequence[str] = ()
        self._tables = tables
        self._labels: set[str] = set()
        self._inserts = {table.name: _insert(table) for table in tables}
        self._database: sqlite3.Connection | None = sqlite3.connect(
            fresh(folder / _FILE(tables[0])), isolation_level=None
        )
        # The file is new and in a folder that is thrown away when anything goes wrong.
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        # One transaction: the header of the file counts them.
        self._database.execute("BEGIN")
        for table in tables:
            self._database.execute(_create(table, {other.name for other in tables}))

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch to a table."""
        assert self._database is not None
        try:
            self._database.executemany(
                self._inserts[table.name], zip(*(column.to_pylist() for column in batch.columns), strict=True)
            )
        except sqlite3.OperationalError as error:
            raise OSError(str(error)) from error
        if table.name == "concepts" and batch.num_rows:
            self._labels.update(batch.column("label").unique().to_pylist())

    def close(self) -> None:
        """Make indexes and views, and finish the file."""
        if self._database is None:
            return
        database, self._database = self._database, None
        try:
            for table in self._tables:
                for statement in _indexes(table):
                    database.execute(statement)
            for statement in view_statements(self._tables, self._labels, _LISTED):
                database.execute(statement)
            database.execute("COMMIT")
            # Which page of the file holds what depends on the batches until now.
            database.execute("VACUUM")
            database.execute("PRAGMA optimize")
        except sqlite3.OperationalError as error:
            raise OSError(str(error)) from error
        finally:
            database.close()


def _insert(table: Table) -> str:
    return f"INSERT INTO {quoted(table.name)} VALUES ({', '.join('?' * len(table.columns))})"


def _create(table: Table, others: set[str]) -> str:
    lines = []
    for column in table.columns:
        meaning = f"{column.meaning} [{column.unit}]" if column.unit else column.meaning
        missing = "" if column.nullable else " NOT NULL"
        lines.append((f"{quoted(column.name)} {_TYPES[column.type]}{missing}", " ".join(meaning.split())))
    lines.append((f"PRIMARY KEY ({_list(table.key)})", ""))
    for reference in table.references:
        target = reference.table or table.name
        if target in others:
            keys = f"FOREIGN KEY ({_list(reference.columns)})"
            lines.append((f"{keys} REFERENCES {quoted(target)} ({_list(reference.target)})", ""))
    last = len(lines) - 1
    body = "\n".join(
        f"  {definition}{',' if number < last else ''}{f'  -- {meaning}' if meaning else ''}"
        for number, (definition, meaning) in enumerate(lines)
    )
    return f"CREATE TABLE {quoted(table.name)} (\n{body}\n)"


def _indexes(table: Table) -> Iterator[str]:
    """For each reference, and each concept, that the primary key's index does not serve."""
    wanted = [reference.columns for reference in table.references]
    wanted += [(column.name,) for column in table.columns if column.name.endswith(("concept_id", "_concept"))]
    for columns in dict.fromkeys(wanted):
        if columns != table.key[: len(columns)]:
            name = quoted("_".join((table.name, *columns)))
            yield f"CREATE INDEX {name} ON {quoted(table.name)} ({_list(columns)})"


def _list(names: Sequence[str]) -> str:
    return ", ".join(map(quoted, names))


def _read(folder: Path, table: Table) -> pa.Table:
    path = folder / _FILE(table)
    # Qualified, because SQLite takes a quoted name that is no column for a text.
    columns = ", ".join(f"{quoted(table.name)}.{quoted(column.name)}" for column in table.columns)
    try:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            rows = database.execute(f"SELECT {columns} FROM {quoted(table.name)} ORDER BY rowid")
            batches = []
            while found := rows.fetchmany(_ROWS_AT_ONCE):
                batches.append(batch(table, list(zip(*_cells(table.columns, found), strict=True))))
        finally:
            database.close()
        return pa.Table.from_batches(batches, arrow_schema(table))
    except (sqlite3.Error, pa.ArrowInvalid, pa.ArrowTypeError, ValueError) as error:
        raise unreadable(path, error) from error


def _cells(columns: Sequence[Column], rows: list[tuple[object, ...]]) -> Iterator[Sequence[object]]:
    for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
        if column.type is Type.BOOLEAN:
            yield [None if cell is None else bool(cell) for cell in cells]
        else:
            yield cells


FORMAT = Format("sqlite", "application/vnd.sqlite3", _FILE, _Database, _read, binary=True, whole=True)
