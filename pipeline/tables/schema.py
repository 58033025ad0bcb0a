"""What other programs need to know of the tables: Arrow schemas and Frictionless Table Schema."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from . import Column, Table, Type

ARROW_TYPES: dict[Type, pa.DataType] = {
    Type.STRING: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.BOOLEAN: pa.bool_(),
}
_SURROGATES = re.compile("[\ud800-\udfff]")


def arrow_schema(table: Table) -> pa.Schema:
    """The table's Arrow schema; the meanings stand in the fields' metadata."""
    return pa.schema(
        [
            pa.field(
                column.name,
                ARROW_TYPES[column.type],
                nullable=column.nullable,
                metadata={"description": column.meaning},
            )
            for column in table.columns
        ]
    )


def batch(table: Table, rows: Sequence[tuple[Any, ...]]) -> pa.RecordBatch:
    """Rows of a table as one Arrow record batch. Half a UTF-16 pair, which no file can hold, becomes
    U+FFFD."""
    cells = list(zip(*rows, strict=True)) if rows else [() for _ in table.columns]
    if len(cells) != len(table.columns):
        raise ValueError(f"rows of {table.name} have {len(cells)} cells, not {len(table.columns)}")
    return pa.RecordBatch.from_arrays(
        [_array(column, values) for column, values in zip(table.columns, cells, strict=True)],
        schema=arrow_schema(table),
    )


def _array(column: Column, values: Sequence[Any]) -> pa.Array:
    kind = ARROW_TYPES[column.type]
    try:
        array = pa.array(values, type=kind)
    except UnicodeEncodeError:
        array = pa.array(
            [value if value is None else _SURROGATES.sub("\ufffd", value) for value in values], type=kind
        )
    if array.null_count and not column.nullable:
        raise ValueError(f"column {column.name} has a missing cell and is not declared nullable")
    return array


def table_schema(table: Table) -> dict[str, Any]:
    """The table as a Frictionless Table Schema (specs.frictionlessdata.io/table-schema)."""
    fields: list[dict[str, Any]] = []
    for column in table.columns:
        field: dict[str, Any] = {
            "name": column.name,
            "type": str(column.type),
            "description": f"{column.meaning} [{column.unit}]" if column.unit else column.meaning,
        }
        constraints: dict[str, Any] = {}
        # A string may always be empty, which Table Schema cannot tell from missing.
        if not column.nullable and (column.type is not Type.STRING or column.name in table.key):
            constraints["required"] = True
        if column.values:
            constraints["enum"] = list(column.values)
        if constraints:
            field["constraints"] = constraints
        fields.append(field)
    return {
        "fields": fields,
        "missingValues": [""],
        "primaryKey": list(table.key),
        "foreignKeys": [
            {
                "fields": list(reference.columns),
                "reference": {"resource": reference.table, "fields": list(reference.target)},
            }
            for reference in table.references
            # Table Schema has no word for a key of which a part is missing.
            if not any(column.nullable for column in table.columns if column.name in reference.columns)
        ],
    }
