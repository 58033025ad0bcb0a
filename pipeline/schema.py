"""What other programs need to know of the tables: Arrow schemas, Frictionless Table Schema, the data
dictionary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from .compare_tables import COMPARE_TABLES
from .diff_tables import DIFF_TABLES
from .tables import TABLES, Column, Table, Type

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


def data_dictionary() -> str:
    """All tables and columns as a Markdown page (outputs/README.md)."""
    lines = [_HEAD, *_described(TABLES.values())]
    lines += [_COMPARISON, *_described(COMPARE_TABLES.values())]
    lines += [_DIFFERENCE, *_described(DIFF_TABLES.values())]
    return "\n".join(lines)


def _described(tables: Iterable[Table]) -> list[str]:
    lines: list[str] = []
    for table in tables:
        lines += [f"## {table.name}", "", f"{table.meaning} Key: {', '.join(table.key)}.", ""]
        lines += ["| column | type | meaning | unit |", "|---|---|---|---|"]
        for column in table.columns:
            meaning = column.meaning
            if column.values:
                meaning += f" ({', '.join(column.values)})"
            kind = f"{column.type} or missing" if column.nullable else str(column.type)
            lines.append(f"| {column.name} | {kind} | {_cell(meaning)} | {_cell(column.unit)} |")
        lines.append("")
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_HEAD = """# The tables of a run

This page is generated from `pipeline/tables.py` by `python -m pipeline.schema`; change the declaration, not
the page.

A run's folder holds one file per table and format (`medtables.sqlite`, `.duckdb` and `.xlsx`: one for all tables),
`datapackage.json`, which describes them as a [Data Package](https://specs.frictionlessdata.io/data-package/), and
`run.json`, which tells how they were made.

`pipeline.read_run(folder)` gives every table as a pandas DataFrame, whatever the format. Other readers of the
csv and tsv files should know two things. The strings NA, None, null and nan are text, not missing values
(`keep_default_na=False` in `pandas.read_csv`). A text that a spreadsheet would run as a formula, because it
starts with `=`, `+`, `-`, `@`, a tab or a line break (or with apostrophes and then one of these), has one
apostrophe put in front; `read_run` takes it off.

Both databases have the views `mentions_full` (with article and block), `quantities_full`, `relations_full`,
`concepts_wide` (a row per article, the concepts of each label in one cell) and `prevalence` (a row per concept);
`medtables table RUN --sql` knows them too. In a workbook a table longer than a sheet goes on in the next, and a
text longer than a cell is cut; its sheet `about` and the command tell where.

All offsets count Unicode characters of the article's text, which is its blocks joined by two line breaks.
`article_id` joins all tables.
"""

_COMPARISON = """# The tables of a comparison

`medtables compare RUN` writes these as csv into `RUN/compare` (or `-o DIR`), with a `datapackage.json`; prevalence_by
and peculiar_by only with `--by`. `pipeline.compare` has a function for each that takes and gives DataFrames.

Besides them there are the wide matrices `matrix_mentions`, `matrix_presence` and `matrix_weight`: one row per article
and one column per concept id, unless that would be more than five million cells.
"""
_DIFFERENCE = """# The tables of a difference

`medtables diff RUN_A RUN_B -o DIR` writes these as csv into `DIR`. What is compared are all columns of articles but
source and duplicate_of, the columns of blocks but their numbers and offsets, and of mentions text, concept_id,
assertion, cue and section; not the line of the vocabulary that matched, since lines move.
"""


if __name__ == "__main__":
    import sys

    sys.stdout.write(data_dictionary())
