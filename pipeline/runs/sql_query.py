"""SQL over a finished run, through the extra `medtables[duckdb]`: its tables, and the views that a database of it
has."""

from __future__ import annotations

import re

import pyarrow as pa

from ..tables import TABLES
from ..writers.duckdb_file import load_duckdb, make_views
from ..writers.views import VIEWS
from . import Run
from .query import QueryError


def sql(run: Run, query: str) -> pa.Table:
    """The rows that one SELECT over the run's tables gives, in Arrow; two columns of one name are told apart by a
    number. Raises QueryError when the query is wrong, OutputError when duckdb is not installed."""
    duckdb = load_duckdb()
    database = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False})
    try:
        words = {word.lower() for word in re.findall(r"\w+", query)}
        tables = [TABLES[name] for name in run.tables]
        # A view may need any table; without one, what the query does not name need not be read.
        views = words & set(VIEWS)
        for table in tables:
            if views or table.name in words:
                database.register(table.name, run.arrow(table.name))
        if views:
            make_views(database, tables, run.arrow("concepts").column("label").unique().to_pylist())
        try:
            found = database.sql(query)
            if found is None:
                raise QueryError("--sql", "gives no rows", "Write a SELECT.")
            return _plain(found.to_arrow_table())
        except (duckdb.Error, pa.ArrowInvalid) as error:
            what = " ".join(str(error).split())
            raise QueryError("--sql", what, f"The run holds {', '.join(run.tables)}.") from error
    finally:
        database.close()


def _plain(rows: pa.Table) -> pa.Table:
    """With distinct names, and numbers, not decimals, which DuckDB gives for the sum of integers."""
    names: list[str] = []
    columns = []
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        number, wanted = 1, name
        while wanted in names:
            number += 1
            wanted = f"{name}_{number}"
        names.append(wanted)
        if pa.types.is_decimal(column.type):
            column = column.cast(pa.float64() if column.type.scale else pa.int64())
        columns.append(column)
    return pa.table(columns, names=names)
