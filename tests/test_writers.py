"""Every format gives back what was written, whatever the strings are and however the rows came in batches."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.errors import OutputError
from pipeline.runs import frame, read_run
from pipeline.runs.package import describe, held
from pipeline.tables import TABLES, Column, Table, Type
from pipeline.tables.schema import batch
from pipeline.writers import NAMES, load_format
from pipeline.writers.parquet import ROWS_PER_GROUP

TABLE = Table(
    "sample",
    "One row per row.",
    (
        Column("text", Type.STRING, "a text"),
        Column("note", Type.STRING, "a text that may be missing", nullable=True),
        Column("count", Type.INTEGER, "a number"),
        Column("maybe", Type.INTEGER, "a number that may be missing", nullable=True),
        Column("share", Type.NUMBER, "a number that may be missing", nullable=True),
        Column("flag", Type.BOOLEAN, "a flag"),
        Column("guess", Type.BOOLEAN, "a flag that may be missing", nullable=True),
    ),
    ("text",),
)
# What CSV readers, spreadsheets and data frames are known to change.
TRICKY = [
    "", "NA", "N/A", "None", "null", "nan", "NaN", "TRUE", "1e5", "007", " a ", "a,b", 'a "b"', '"',
    '""', "'", "''", "\n", "\r", "a\r\nb", "\t", "\ta", "=1+1", "+1", "-1", "@x", "'=1", "''=1",
    "'a", "=", "＝1", "Ca²⁺", "\ufeff", "\u2028", "\x00", "\x1a", "\x85", "🧂", "#", "a\\", '\\"',
    "{}", "2024-05-31", "2024-05-31T10:00:00", "http://a.example", "<r><t>x</t></r>", "'<r></r>",
    "_x000D_", "_x005F_", "\ufffe", "\uffff", "&amp;", "x'); DROP TABLE sample; --",
]  # fmt: skip
texts = st.sampled_from(TRICKY) | st.text(max_size=20)
integers = st.integers(-(2**63), 2**63 - 1)
tuples = st.tuples(
    texts,
    st.none() | texts,
    integers,
    st.none() | integers,
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none() | st.booleans(),
)
Rows = list[tuple[Any, ...]]
row_lists = st.lists(tuples, max_size=6, unique_by=lambda row: row[0])  # `text` is the key


def write(name: str, folder: Path, *batches: Rows, table: Table = TABLE) -> bytes:
    written = load_format(name)
    writer = written.open(folder, [table])
    for rows in batches:
        writer.write(table, batch(table, rows))
    writer.close()
    writer.close()
    return (folder / written.file_name(table)).read_bytes()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30)
@given(rows=row_lists, cut=st.integers(0, 6))
@example(rows=[("17 digits", None, 0, None, 0.1 + 0.2, False, None)], cut=0)
def test_what_is_written_is_read_back(name: str, rows: Rows, cut: int) -> None:
    with TemporaryDirectory() as folder:
        whole = write(name, Path(folder), rows)
        found = load_format(name).read(Path(folder), TABLE)
        assert [tuple(row.values()) for row in found.to_pylist()] == rows
        again = write(name, Path(folder), rows[:cut], [], rows[cut:])
        if load_format(name).reproducible:
            assert again == whole
        assert load_format(name).read(Path(folder), TABLE).equals(found)


@settings(max_examples=30, deadline=None)
@given(rows=row_lists)
def test_frames_have_the_declared_dtypes_and_values(rows: Rows) -> None:
    with TemporaryDirectory() as folder:
        write("csv", Path(folder), rows)
        made = frame(TABLE, load_format("csv").read(Path(folder), TABLE))
    dtypes = ["string", "string", "int64", "Int64", "Float64", "bool", "boolean"]
    assert [str(kind) for kind in made.dtypes] == dtypes
    for number, row in enumerate(rows):
        for column, value in zip(TABLE.columns, row, strict=True):
            found = made[column.name].iloc[number]
            assert found is pd.NA if value is None else found == value


@given(rows=st.lists(tuples, min_size=1, max_size=6))
def test_no_text_cell_of_csv_is_a_formula(rows: Rows) -> None:
    with TemporaryDirectory() as folder:
        content = write("csv", Path(folder), rows).decode()
    read = list(csv.reader(io.StringIO(content, newline="")))
    assert len(read) == len(rows) + 1
    for cells in read[1:]:
        assert not any(cell[:1] in tuple("=+-@\t\r\n＝＋－＠") for cell in cells[:2] if cell)


def test_csv_is_plain(tmp_path: Path) -> None:
    row = ("a, b", None, 1, None, 0.5, True, None)
    other = ('say "x"', "", -2, 3, None, False, True)
    assert write("csv", tmp_path, [row, other]) == (
        b'text,note,count,maybe,share,flag,guess\n"a, b",,1,,0.5,true,\n"say ""x""","",-2,3,,false,true\n'
    )


def test_json_lines_are_plain(tmp_path: Path) -> None:
    written = write("jsonl", tmp_path, [("Ca²⁺", None, 1, None, 0.5, True, None)]).decode()
    assert "Ca²⁺" in written
    assert json.loads(written)["note"] is None


def test_parquet_row_groups_do_not_depend_on_the_batches(tmp_path: Path) -> None:
    rows = [(str(number), None, number, None, None, True, None) for number in range(ROWS_PER_GROUP + 10)]
    whole = write("parquet", tmp_path, rows)
    assert (
        write("parquet", tmp_path, *(rows[begin : begin + 7_001] for begin in range(0, len(rows), 7_001)))
        == whole
    )
    assert load_format("parquet").read(tmp_path, TABLE).num_rows == len(rows)


def test_a_very_long_cell_is_read_back(tmp_path: Path) -> None:
    rows: Rows = [("x" * 3_000_000, None, 1, None, None, True, None)]
    for name in set(NAMES) - {"xlsx"}:
        write(name, tmp_path, rows)
        assert load_format(name).read(tmp_path, TABLE).column("text").to_pylist() == [rows[0][0]]


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_is_an_error_that_names_it(name: str, tmp_path: Path) -> None:
    write(name, tmp_path, [])
    path = tmp_path / load_format(name).file_name(TABLE)
    path.write_bytes(b'{"a": \x00,')
    with pytest.raises(OutputError, match=path.name):
        load_format(name).read(tmp_path, TABLE)
    path.unlink()
    with pytest.raises(OutputError, match=path.name):
        load_format(name).read(tmp_path, TABLE)


@pytest.mark.parametrize(
    "names",
    [("csv",), ("parquet", "csv"), ("jsonl", "tsv"), ("sqlite",), ("xlsx", "csv"), ("duckdb", "sqlite")],
)
def test_a_folder_tells_what_it_holds(names: tuple[str, ...], tmp_path: Path) -> None:
    blocks = TABLES["blocks"]
    row = ("NA", 0, 0, 4, "title", 1, "", "", "", "null")
    for name in names:
        writer = load_format(name).open(tmp_path, tuple(TABLES.values()))
        writer.write(blocks, batch(blocks, [row]))
        writer.close()
    describe(tmp_path, [load_format(name) for name in names])
    assert {entry.format for entry in held(tmp_path)} == set(names)
    package = json.loads((tmp_path / "datapackage.json").read_bytes())
    resources = {resource["name"]: resource for resource in package["resources"]}
    count = sum(1 if load_format(name).whole else len(TABLES) for name in names)
    assert len(resources) == len(package["resources"]) == count
    for resource in resources.values():
        assert (tmp_path / resource["path"]).stat().st_size == resource["bytes"]
    run = read_run(tmp_path)
    assert run.tables == tuple(TABLES)
    assert run.blocks["article_id"].tolist() == ["NA"]
    assert run.blocks["text"].tolist() == ["null"]
    assert run.blocks["section"].tolist() == [""]
    assert len(run.mentions) == 0
    assert str(run.mentions["start"].dtype) == "int64"


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="not the folder of a run"):
        read_run(tmp_path)
    for content, what in (
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"name": "x"}', "not written by"),
        ('{"name": "medtables-run"}', "damaged"),
    ):
        (tmp_path / "datapackage.json").write_text(content)
        with pytest.raises(OutputError, match=what):
            read_run(tmp_path)
