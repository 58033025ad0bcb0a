"""What the formats with one file for all tables are beyond their rows: keys, views, sheets; read by other
programs' libraries."""

from __future__ import annotations

import sqlite3
import sys
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import xlsxwriter

from pipeline.errors import OutputError
from pipeline.runs import read_run
from pipeline.tables import TABLES, Column, Table, Type
from pipeline.tables.schema import batch
from pipeline.writers import load_format
from pipeline.writers.duckdb_file import load_duckdb
from pipeline.writers.xlsx import CELL_UNITS, Workbook
from pipeline.writers.xlsx_reader import read

SAMPLE = read_run(Path(__file__).parent.parent / "outputs" / "sample")
SHEET = Table("rows", "One row per row.", (Column("text", Type.STRING, "a text"),), ("text",))


def write(name: str, folder: Path) -> Path:
    written, tables = load_format(name), [TABLES[held] for held in SAMPLE.tables]
    writer = written.open(folder, tables)
    for table in tables:
        for part in SAMPLE.arrow(table.name).to_batches():
            writer.write(table, part)
    writer.close()
    return folder / written.file_name(tables[0])


def test_a_database_has_keys_indexes_and_meanings(tmp_path: Path) -> None:
    database = sqlite3.connect(write("sqlite", tmp_path))
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    for name in SAMPLE.tables:
        columns = database.execute(f"PRAGMA table_info({name})").fetchall()
        keys = sorted((row[5], row[1]) for row in columns if row[5])
        assert tuple(key for _, key in keys) == TABLES[name].key
        references = database.execute(f"PRAGMA foreign_key_list({name})").fetchall()
        assert len({row[0] for row in references}) == len(TABLES[name].references)
    [plan] = database.execute("EXPLAIN QUERY PLAN SELECT * FROM mentions WHERE concept_id = ?", ("x",))
    assert "mentions_concept_id" in plan[3]
    [[made]] = database.execute("SELECT sql FROM sqlite_master WHERE name = 'mentions'")
    assert "-- what the article says of it here" in made
    with pytest.raises(sqlite3.IntegrityError):
        database.execute("INSERT INTO blocks SELECT * FROM blocks LIMIT 1")


def test_views_join_what_belongs_together_in_both_databases(tmp_path: Path) -> None:
    light = sqlite3.connect(write("sqlite", tmp_path))
    duck = duckdb.connect(str(write("duckdb", tmp_path)), read_only=True)
    views = [name for [name] in light.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
    assert {"mentions_full", "quantities_full", "concepts_wide", "prevalence"} <= set(views)
    for name in views:
        found = [
            sorted(database.execute(f"SELECT * FROM {name}").fetchall(), key=str)
            for database in (light, duck)
        ]
        assert found[0] == found[1]
        assert found[0]
    assert light.execute("SELECT count(*) FROM mentions_full").fetchone()[0] == len(SAMPLE.mentions)
    [[names, count]] = light.execute(
        "SELECT symptom, symptom_count FROM concepts_wide WHERE article_id LIKE '%flu-vs-cold.html'"
    )
    concepts = SAMPLE.concepts
    mine = concepts[concepts.article_id.str.endswith("flu-vs-cold.html") & (concepts.label == "SYMPTOM")]
    assert count == len(mine)
    assert (
        names.split(" | ")
        == mine.sort_values(["weight", "concept"], ascending=[False, True]).concept.tolist()
    )
    [[meaning]] = duck.execute(
        "SELECT comment FROM duckdb_columns() WHERE table_name = 'mentions' AND column_name = 'text'"
    ).fetchall()
    assert meaning == "the words of the article"


def test_a_label_with_quotes_is_a_column(tmp_path: Path) -> None:
    concept = ("a", "x:y", "O'\"Label", "it", 1, 1, 0, False, "", 0, 1.0)
    article = tuple("ok" if column.name == "status" else "a" if column.type == "string" else 0
                    for column in TABLES["articles"].columns)  # fmt: skip
    for name, connect in (("sqlite", sqlite3.connect), ("duckdb", duckdb.connect)):
        writer = load_format(name).open(tmp_path, [TABLES["articles"], TABLES["concepts"]])
        writer.write(TABLES["articles"], batch(TABLES["articles"], [article]))
        writer.write(TABLES["concepts"], batch(TABLES["concepts"], [concept]))
        writer.close()
        database: Any = connect(str(tmp_path / f"medtables.{name}"))
        assert database.execute('SELECT "o\'""label" FROM concepts_wide').fetchall() == [("it",)]
        database.close()


def test_a_workbook_has_frozen_headers_filters_widths_and_no_formulas(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write("xlsx", tmp_path))
    assert book.sheetnames == ["about", *SAMPLE.tables]
    for name in SAMPLE.tables:
        sheet, rows = book[name], SAMPLE.arrow(name)
        assert (sheet.max_row, sheet.max_column) == (rows.num_rows + 1, rows.num_columns)
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet["A1"].font.bold
        assert 10 < sheet.column_dimensions["A"].width < 70
        assert not any(cell.data_type == "f" or cell.hyperlink for line in sheet.iter_rows() for cell in line)
    lines = list(book["about"].values)
    assert ("mentions", f"{len(SAMPLE.mentions):,}", TABLES["mentions"].meaning, None) in lines


def test_formulas_and_links_stay_texts_in_a_workbook(tmp_path: Path) -> None:
    texts = ["=1+1", "@x", "http://a.example", "{=1}", "internal:A1", "<r><t>bold</t></r>"]
    book = Workbook(tmp_path, [SHEET])
    book.write(SHEET, batch(SHEET, [(text,) for text in texts]))
    book.close()
    cells = [
        row[0] for row in openpyxl.load_workbook(tmp_path / "medtables.xlsx")["rows"].iter_rows(min_row=2)
    ]
    assert [cell.value.lstrip("'") for cell in cells] == texts
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}


def test_a_workbook_saved_by_another_program_is_read(tmp_path: Path) -> None:
    path = write("xlsx", tmp_path)
    openpyxl.load_workbook(path).save(path)
    for name in SAMPLE.tables:
        assert load_format("xlsx").read(tmp_path, TABLES[name]).equals(SAMPLE.arrow(name))


def test_a_workbook_with_shared_texts_and_rounded_numbers_is_read(tmp_path: Path) -> None:
    columns = Column("text", Type.STRING, "a text"), Column("count", Type.INTEGER, "a number", nullable=True)
    table = Table("rows", "One row per row.", columns, ("text",))
    rows = [["text", "count"], ["NA", 3], ["a <b> & c", 1e15], ["=1+1", None], [None, 2]]
    with xlsxwriter.Workbook(tmp_path / "medtables.xlsx", {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("rows")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    assert "xl/sharedStrings.xml" in zipfile.ZipFile(tmp_path / "medtables.xlsx").namelist()
    assert read(tmp_path / "medtables.xlsx", table).to_pylist() == [
        {"text": "NA", "count": 3},
        {"text": "a <b> & c", "count": 10**15},
        {"text": "=1+1", "count": None},
        {"text": "", "count": 2},
    ]


@pytest.mark.parametrize(
    ("title", "header", "told"),
    [("other", "text", "has no sheet rows"), ("rows", "words", "has the columns words")],
)
def test_a_workbook_of_another_shape_is_refused(title: str, header: str, told: str, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = title
    book.active.append([header])
    book.save(tmp_path / "medtables.xlsx")
    with pytest.raises(OutputError, match=told):
        read(tmp_path / "medtables.xlsx", SHEET)


def test_more_rows_than_a_sheet_holds_go_on_and_are_told(tmp_path: Path) -> None:
    rows = [(str(number),) for number in range(10)]
    book = Workbook(tmp_path, [SHEET], most_rows=5)
    book.write(SHEET, batch(SHEET, rows))
    book.close()
    assert book.notes == ("rows has 10 rows, more than a sheet holds; it goes on in rows 2, rows 3.",)
    found = openpyxl.load_workbook(tmp_path / "medtables.xlsx")
    assert [found[name].max_row for name in found.sheetnames[1:]] == [5, 5, 3]
    assert found["about"]["A2"].value == f"Note: {book.notes[0]}"
    assert read(tmp_path / "medtables.xlsx", SHEET).column("text").to_pylist() == [text for (text,) in rows]


def test_a_text_longer_than_a_cell_is_cut_and_told(tmp_path: Path) -> None:
    texts = ["🧂" * CELL_UNITS, "x" * CELL_UNITS]
    book = Workbook(tmp_path, [SHEET])
    book.write(SHEET, batch(SHEET, [(text,) for text in texts]))
    book.close()
    first, second = read(tmp_path / "medtables.xlsx", SHEET).column("text").to_pylist()
    assert first == "🧂" * ((CELL_UNITS - 1) // 2) + "…"
    assert second == texts[1]
    assert book.notes[0].startswith("1 cell of rows does not fit")


@pytest.mark.parametrize(("name", "module"), [("duckdb", "duckdb"), ("xlsx", "xlsxwriter")])
def test_a_missing_extra_names_the_command_that_installs_it(
    name: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    load_duckdb.cache_clear()
    with pytest.raises(OutputError, match=rf"pip install 'medtables\[{name}\]'"):
        load_format(name).open(tmp_path, [SHEET])
    assert not list(tmp_path.iterdir())
