"""DuckDB: one database with comments and views, through the extra `medtables[duckdb]`.

Its tables have no keys: DuckDB keeps an index of its own kind for each, which costs more than the tables. Its
files carry a random name, so that equal rows do not give equal bytes.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..errors import OutputError
from ..tables import Table, Type
from ..tables.schema import arrow_schema
from . import Format
from .per_table import unreadable
from .views import view_statements
from .whole import fresh, literal, need, one_file, optional, quoted

_TYPES = {Type.STRING: "VARCHAR", Type.INTEGER: "BIGINT", Type.NUMBER: "DOUBLE", Type.BOOLEAN: "BOOLEAN"}
_LISTED = (
    "SELECT string_agg(c.concept, {separator} ORDER BY c.weight DESC, c.concept)"
    " FROM concepts c WHERE {condition}"
)
_FILE = one_file(".duckdb")


@cache
def load_duckdb() -> Any:
    """The module duckdb. Raises OutputError when it is not installed."""
    duckdb = optional("duckdb", "duckdb")
    # It complains on stderr of objects that the collector, which a run freezes, cannot free at the end.
    atexit.register(gc.unfreeze)
    return duckdb


class _Database:
    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        self.notes: Sequence[str] = ()
        self._duckdb = load_duckdb()
        self._tables = tables
        self._labels: set[str] = set()
        self._database: Any = self._duckdb.connect(str(fresh(folder / _FILE(tables[0]))))
        self._database.execute("BEGIN")
        for table in tables:
            columns = ", ".join(
                f"{quoted(column.name)} {_TYPES[column.type]}{'' if column.nullable else ' NOT NULL'}"
                for column in table.columns
            )
            self._database.execute(f"CREATE TABLE {quoted(table.name)} ({columns})")
            self._database.execute(f"COMMENT ON TABLE {quoted(table.name)} IS {literal(table.meaning)}")
            for column in table.columns:
                meaning = f"{column.meaning} [{column.unit}]" if column.unit else column.meaning
                place = f"{quoted(table.name)}.{quoted(column.name)}"
                self._database.execute(f"COMMENT ON COLUMN {place} IS {literal(meaning)}")

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch to a table."""
        if not batch.num_rows:
            return
        try:
            self._database.register("rows_to_add", pa.Table.from_batches([batch]))
            self._database.execute(f"INSERT INTO {quoted(table.name)} SELECT * FROM rows_to_add")
            self._database.unregister("rows_to_add")
        except self._duckdb.OperationalError as error:
            raise OSError(str(error)) from error
        if table.name == "concepts":
            self._labels.update(batch.column("label").unique().to_pylist())

    def close(self) -> None:
        """Make views and finish the file."""
        if self._database is None:
            return
        database, self._database = self._database, None
        try:
            make_views(database, self._tables, self._labels)
            database.execute("COMMIT")
        except self._duckdb.OperationalError as error:
            raise OSError(str(error)) from error
        finally:
            database.close()


def make_views(database: Any, tables: Sequence[Table], labels: Iterable[str]) -> None:
    """Make the views in a DuckDB connection that knows `tables` by their names."""
    for statement in view_statements(tables, labels, _LISTED):
        database.execute(statement)


def _read(folder: Path, table: Table) -> pa.Table:
    path = folder / _FILE(table)
    duckdb = load_duckdb()
    columns = ", ".join(quoted(column.name) for column in table.columns)
    if not path.is_file():
        raise OutputError(str(path), "cannot be read (it is missing)", "Make the run again with --overwrite.")
    try:
        database = duckdb.connect(str(path), read_only=True)
        try:
            found = database.sql(f"SELECT {columns} FROM {quoted(table.name)} ORDER BY rowid")
            return found.to_arrow_table().cast(arrow_schema(table))
        finally:
            database.close()
    except (duckdb.Error, pa.ArrowInvalid, ValueError) as error:
        raise unreadable(path, error) from error


FORMAT = Format(
    "duckdb",
    "application/vnd.duckdb",
    _FILE,
    _Database,
    _read,
    binary=True,
    whole=True,
    reproducible=False,
    check=partial(need, "duckdb", "duckdb"),
)
