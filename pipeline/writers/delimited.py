"""Values separated by commas (RFC 4180) or tabs: UTF-8, line ends LF, quotes only where they are needed.

A missing cell is empty; an empty string in a column that may be missing is `""`. A text that a spreadsheet
would run as a formula gets an apostrophe in front; `read` takes it off again, so that every text comes back
as it was.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from ..errors import OutputError
from ..formulas import FORMULA, GUARDED, guarded
from ..tables import Column, Table, Type
from ..tables.schema import ARROW_TYPES, arrow_schema
from . import Format
from .per_table import Streams, block_size, name_with, unreadable


def delimited(name: str, media_type: str, separator: str) -> Format:
    """The format of that name, in files called TABLE.NAME, whose cells are separated by `separator`."""
    suffix = f".{name}"

    def header(table: Table) -> bytes:
        # A wide table has columns that are called like the concepts of a vocabulary.
        line = io.StringIO()
        names = [guarded(column.name) for column in table.columns]
        csv.writer(line, delimiter=separator, lineterminator="\n").writerow(names)
        return line.getvalue().encode()

    def encode(table: Table, batch: pa.RecordBatch) -> bytes:
        return _encode(table, batch, separator)

    def open_files(folder: Path, tables: Sequence[Table]) -> Streams:
        return Streams(folder, tables, suffix, header, encode)

    def read(folder: Path, table: Table) -> pa.Table:
        return _read(folder / (table.name + suffix), table, separator)

    return Format(name, media_type, name_with(suffix), open_files, read, {"delimiter": separator})


def _encode(table: Table, batch: pa.RecordBatch, separator: str) -> bytes:
    quoted = f'["\r\n{separator}]'
    cells = [
        _cells(column, array, quoted) for column, array in zip(table.columns, batch.columns, strict=True)
    ]
    lines = pc.binary_join_element_wise(pc.binary_join_element_wise(*cells, separator), "", "\n")
    _, offsets, data = lines.buffers()
    ends = memoryview(offsets).cast("i")
    return bytes(memoryview(data)[ends[lines.offset] : ends[lines.offset + len(lines)]])


def _cells(column: Column, array: pa.Array, quoted: str) -> pa.Array:
    if column.type is not Type.STRING:
        return pc.fill_null(array.cast(pa.string()), "")
    array = _where(array, FORMULA, lambda text: pc.binary_join_element_wise("'", text, ""))
    array = _where(
        array,
        quoted,
        lambda text: pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', ""),
    )
    if column.nullable:
        array = pc.fill_null(pc.if_else(pc.equal(array, ""), '""', array), "")
    return array


def _where(array: pa.Array, pattern: str, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    found = pc.match_substring_regex(array, pattern)
    if not pc.any(found).as_py():
        return array
    return pc.replace_with_mask(array, found, change(array.filter(found)))


def _read(path: Path, table: Table, separator: str) -> pa.Table:
    names = [column.name for column in table.columns]
    try:
        found = pyarrow.csv.read_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(block_size=block_size(path)),
            parse_options=pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={column.name: ARROW_TYPES[column.type] for column in table.columns},
                null_values=[""],
                true_values=["true"],
                false_values=["false"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except (OSError, ValueError, pa.ArrowException) as error:
        raise unreadable(path, error) from error
    if found.column_names != names:
        raise OutputError(
            str(path), f"has the columns {', '.join(found.column_names)}", f"Expected are {', '.join(names)}."
        )
    return pa.Table.from_arrays(
        [_restore(column, found.column(column.name)) for column in table.columns], schema=arrow_schema(table)
    )


def _restore(column: Column, array: pa.ChunkedArray) -> pa.ChunkedArray:
    if column.type is not Type.STRING:
        return array
    if not column.nullable:
        array = pc.fill_null(array, "")
    guarded_there = pc.match_substring_regex(array, GUARDED)
    return pc.if_else(guarded_there, pc.utf8_slice_codeunits(array, 1), array)
