"""JSON lines: one object per row, UTF-8, keys in the order of the columns, a missing cell is null."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.json

from ..tables import Table
from ..tables.schema import arrow_schema
from . import Format
from .per_table import Streams, block_size, name_with, unreadable


def _header(table: Table) -> bytes:
    return b""


def _encode(table: Table, batch: pa.RecordBatch) -> bytes:
    encode = json.JSONEncoder(ensure_ascii=False).encode
    return "".join(encode(row) + "\n" for row in batch.to_pylist()).encode()


def _open(folder: Path, tables: Sequence[Table]) -> Streams:
    return Streams(folder, tables, ".jsonl", _header, _encode)


def _read(folder: Path, table: Table) -> pa.Table:
    path = folder / f"{table.name}.jsonl"
    schema = arrow_schema(table)
    try:
        if not path.stat().st_size:
            return schema.empty_table()
        return pyarrow.json.read_json(
            path,
            read_options=pyarrow.json.ReadOptions(block_size=block_size(path)),
            parse_options=pyarrow.json.ParseOptions(
                explicit_schema=schema, newlines_in_values=False, unexpected_field_behavior="error"
            ),
        ).cast(schema)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise unreadable(path, error) from error


FORMAT = Format("jsonl", "application/jsonl", name_with(".jsonl"), _open, _read)
