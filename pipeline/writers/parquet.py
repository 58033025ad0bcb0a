"""Parquet: one file per table, the meanings of the columns in the fields' metadata."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from ..tables import Table
from ..tables.schema import arrow_schema
from . import Format
from .per_table import name_with, unreadable

ROWS_PER_GROUP = 50_000


class _ParquetFiles:
    """Cuts row groups by number of rows, so that the bytes do not depend on how the rows came in batches."""

    notes: Sequence[str] = ()

    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        self._writers = {
            table.name: pyarrow.parquet.ParquetWriter(
                folder / f"{table.name}.parquet", arrow_schema(table), compression="zstd"
            )
            for table in tables
        }
        self._waiting: dict[str, list[pa.RecordBatch]] = {table.name: [] for table in tables}
        self._rows = dict.fromkeys(self._waiting, 0)

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch to a table."""
        name = table.name
        self._waiting[name].append(batch)
        self._rows[name] += batch.num_rows
        while self._rows[name] >= ROWS_PER_GROUP:
            self._write_group(name)

    def _write_group(self, name: str) -> None:
        # combine_chunks: where the column pages end depends on the chunks that are written
        rows = pa.Table.from_batches(self._waiting[name]).combine_chunks()
        self._writers[name].write_table(rows.slice(0, ROWS_PER_GROUP), row_group_size=ROWS_PER_GROUP)
        self._waiting[name] = rows.slice(ROWS_PER_GROUP).to_batches()
        self._rows[name] = max(0, self._rows[name] - ROWS_PER_GROUP)

    def close(self) -> None:
        """Write what waits and close all files."""
        while self._writers:
            name = next(iter(self._writers))
            if self._rows[name]:
                self._write_group(name)
            self._writers.pop(name).close()


def _read(folder: Path, table: Table) -> pa.Table:
    path = folder / f"{table.name}.parquet"
    schema = arrow_schema(table)
    try:
        return pyarrow.parquet.read_table(path, schema=schema).cast(schema)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise unreadable(path, error) from error


_MEDIA_TYPE = "application/vnd.apache.parquet"
FORMAT = Format("parquet", _MEDIA_TYPE, name_with(".parquet"), _ParquetFiles, _read, binary=True)
