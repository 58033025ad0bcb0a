"""What a page says is text in spreadsheets and databases."""

from __future__ import annotations

import ast
import csv
import re
import sqlite3
import zipfile
from pathlib import Path

import pytest
from lxml import etree

import pipeline
from pipeline import batch
from pipeline.compare import Options, compare
from pipeline.convert import convert
from pipeline.runs import Run, read_run
from pipeline.tables import TABLES
from tests.hostile.case import LEAD, TAIL
from tests.safety.hostile_run import CONCEPT, FORMULA, LABELS, NUMBER, SQL

# Spreadsheets


def test_no_cell_of_a_comparison_is_a_formula(run: Run, tmp_path: Path) -> None:
    compare(run).write(tmp_path / "compare")
    names: set[str] = set()
    for path in (tmp_path / "compare").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    assert NUMBER.fullmatch(cell) or not FORMULA.match(cell), (path.name, cell)
                    names.add(cell)
    assert {f"{label}:{CONCEPT}".replace("=1", "'=1") for label in LABELS} <= names  # commas and all


@pytest.mark.parametrize(("name", "separator"), [("csv", ","), ("tsv", "\t")])
def test_no_cell_is_a_formula(run: Run, name: str, separator: str) -> None:
    seen = 0
    for table in TABLES.values():
        numbers = {column.name for column in table.columns if column.type != "string"}
        with (run.path / f"{table.name}.{name}").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter=separator):
                for column, cell in row.items():
                    assert column in numbers or not FORMULA.match(cell), (table.name, column, cell)
                    seen += cell.startswith("'")
    assert seen > 20


def test_formulas_come_back_as_they_were(run: Run) -> None:
    titles = set(run.articles["title"])
    assert {"=1+1", "+1+1", "-1+1", "@SUM(A1)", "'=1+1", "＝1+1"} <= titles


def test_a_carried_manifest_holds_no_formula(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    groups = {"=1+1.txt": "=HYPERLINK(1)", "-x.txt": "@x", "'=x.txt": "'+x", "a.txt": "-3.5"}
    for name in groups:
        (pages / name).write_text(f"{LEAD}\n\n{TAIL}\n")
    lines = [f'{name},,"{group}"' for name, group in groups.items()]
    (tmp_path / "mine.csv").write_text("\n".join(["file,url,=group", *lines]) + "\n")
    batch.run([pages], tmp_path / "out", workers=1, manifest=tmp_path / "mine.csv")
    with (tmp_path / "out" / "manifest.csv").open(newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert [cell for cell in cells if re.match("[=+@-]", cell)] == ["-3.5"]
    found = compare(read_run(tmp_path / "out"), Options(by="=group"))["compared"]
    assert dict(zip(found["article_id"], found["group"], strict=True)) == groups


def test_a_workbook_holds_no_formula_and_no_link(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    convert(run, tmp_path / "x", ["xlsx"])
    with zipfile.ZipFile(tmp_path / "x" / "medtables.xlsx") as book:
        names = book.namelist()
        assert not [
            name for name in names if re.search("externalLink|connections|vba|macro|ddeLink|activeX", name)
        ]
        for name in names:
            if name.startswith("xl/worksheets/"):
                tree = etree.fromstring(book.read(name))
                tags = {str(element.tag).rpartition("}")[2] for element in tree.iter()}
                assert tags.isdisjoint({"f", "hyperlink", "hyperlinks", "oleObject", "control"}), name


# Databases


def test_texts_do_not_reach_sql(run: Run, tmp_path: Path) -> None:
    database = sqlite3.connect(run.path / "medtables.sqlite")
    held = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert set(TABLES) <= held
    [(count,)] = database.execute("SELECT count(*) FROM articles WHERE title = ?", [SQL]).fetchall()
    database.close()
    assert count == 1


@pytest.mark.parametrize("format_name", ["sqlite", "duckdb"])
def test_labels_of_an_overlay_are_quoted(tmp_path: Path, format_name: str) -> None:
    pytest.importorskip("duckdb")
    label = """it's "quoted" -- x"""
    terms = tmp_path / "mine" / "terms"
    terms.mkdir(parents=True)
    (terms / f"{label}.tsv").write_text(
        "concept_id\tterm\tstatus\tcase\texample\tnot_example\n"
        f"{label}:zorb\tzorbfever\tpreferred\t\t\t\n", encoding="utf-8",
    )  # fmt: skip
    (tmp_path / "a.txt").write_text(f"{LEAD}\n\nThe zorbfever is bad.\n\n{TAIL}\n", encoding="utf-8")
    try:
        batch.run(
            [tmp_path / "a.txt"],
            tmp_path / "out",
            formats=(format_name,),
            vocabulary=[tmp_path / "mine"],
            workers=1,
        )
    except pipeline.MedtablesError as error:
        assert "zorb" in str(error) or label in str(error)  # refused by name is as good
        return
    found = read_run(tmp_path / "out")
    assert "zorbfever" in set(found.mentions["text"])
    assert (found.articles["status"] == "ok").all()


def test_sql_is_made_of_names_and_parameters() -> None:
    """Whatever an f-string puts into SQL goes through a function that quotes it, or is a name of the program's own."""
    quoting = {"quoted", "literal", "_list", "', '.join", "_TYPES"}
    root = Path(pipeline.__file__).parent
    found = 0
    for path in sorted((root / "writers").glob("*.py")) + sorted((root / "runs").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("execute", "executemany", "sql")
                and node.args
                and isinstance(node.args[0], ast.JoinedStr)
            ):
                continue
            for part in node.args[0].values:
                if isinstance(part, ast.FormattedValue):
                    found += 1
                    told = ast.unparse(part.value)
                    named = told in ("columns", "place")  # made of quoted names in the lines above
                    assert named or any(told.startswith(name) for name in quoting), f"{path.name}: {told}"
    assert found > 5
