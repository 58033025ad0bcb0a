"""What a page holds stays text in whatever opens the tables: browser, spreadsheet, database, terminal, network."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import socket
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

import pipeline
from pipeline import batch
from pipeline.compare import Options, compare
from pipeline.convert import convert
from pipeline.exporters import NAMES as EXPORTERS
from pipeline.model import Article, Extraction, Metadata, Page
from pipeline.report import write_heatmap, write_report
from pipeline.runs import Run, read_run
from pipeline.tables import TABLES
from pipeline.tables.links import Linker, web_address
from pipeline.tables.rows import rows
from tests.hostile.case import LEAD, TAIL

ROOT = Path(pipeline.__file__).parent
ADDRESSES = (
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)//https://x.example/",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    'https://x.example/" onclick="alert(1)',
    "https://x.example/<script>alert(1)</script>",
    "https://x.example/a b",
    "https://x.example/\u202etxt",
    "https://x.example/\x00",
    "https://x.example/" + "a" * 5000,
    "//x.example/",
    "",
)
FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "'=1+1",
    '=HYPERLINK("http://x";1)',
)
FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"-?[0-9.]+(e-?[0-9]+)?")
SQL = "x'); DROP TABLE articles; --\"; DROP TABLE mentions; \\"


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_is_of_the_web_or_nothing(url: str) -> None:
    assert web_address(url) == ""
    assert Linker(LEAD, url).link(0, len(LEAD), 0) == ""
    page = Page("a.html", b"", "a.html", url=url, url_source="warc")
    [row] = rows(Extraction(page, Article("")))["articles"]
    found = dict(zip([column.name for column in TABLES["articles"].columns], row, strict=True))
    assert (found["url"], found["url_source"]) == ("", "")


def test_a_good_address_stays() -> None:
    for url in ("https://x.example/a?b=c&d=%20#e", "HTTP://x.example/'()", "https://münchen.example/ä"):
        assert web_address(url) == url


def test_links_are_percent_encoded() -> None:
    text = (
        'He said: "a,b&c-d" <script>#~:?=/ \u2028 ümlaut \ud800 & more of it, day by day, for ever and ever.'
    )
    link = Linker(text, "https://x.example/").link(0, len(text), 0)
    fragment = link.removeprefix("https://x.example/#:~:text=")
    assert fragment != link and re.fullmatch(r"[A-Za-z0-9_.~%,-]+", fragment)


def test_a_link_has_a_bound() -> None:
    text = f"{'a' * 100_000} fever."
    assert Linker(text, "https://x.example/b#c").link(0, len(text), 0) == "https://x.example/b#c"
    assert Linker(text, "https://x.example/b").link(0, len(text), 0) == "https://x.example/b"


def _page(title: str, words: str, head: str = "") -> str:
    def safe(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")

    metas = "".join(
        f'<meta name="{name}" content="{safe(title)}">'
        for name in ("author", "description", "keywords", "dc.date")
    )
    return (
        f'<html lang="en"><head><title>{safe(title)}</title>{metas}{head}'
        f'<meta property="og:site_name" content="{safe(title)}"></head><body><article><h1>{safe(title)}</h1>'
        f"<p>{safe(words)}</p><p>{LEAD}</p><h2>{safe(title)}</h2><p>{TAIL}</p></article></body></html>"
    )


LABELS = ("<script>alert(4)<_script>", "=1+1", """it's "quoted" -- x""")
CONCEPT = """a,b;</script><script>alert(5)</script>" onmouseover="alert(6)"""


def _vocabulary(folder: Path) -> Path:
    """An overlay whose labels, concept ids and names are hostile."""
    (folder / "terms").mkdir(parents=True)
    for label, term in zip(LABELS, ("zorbfever", "zorbcough", "zorbpain"), strict=True):
        concept = f"{label}:{CONCEPT}"
        (folder / "terms" / f"{label}.tsv").write_text(
            "concept_id\tterm\tstatus\tcase\texample\tnot_example\n"
            f"{concept}\t</script><img src=x onerror=alert(7)> javascript:alert(8)\tpreferred\t\t\t\n"
            f"{concept}\t{term}\tlay\t\t\t\n"
        )
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose titles, names, headings, texts, addresses and file names are all hostile."""
    folder = tmp_path_factory.mktemp("hostile") / "pages"
    folder.mkdir()
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} {% x %}"
    texts = (*FORMULAS, SQL, evil, "' onmouseover='alert(3)", "\u202eevil", "a\tb\nc")
    for number, text in enumerate(texts):
        address = ADDRESSES[number % len(ADDRESSES)].replace('"', "&quot;")
        head = f'<link rel="canonical" href="{address}"><meta property="og:url" content="{address}">'
        name = re.sub(r"[/\x00]", "_", text)[:60]
        (folder / f"{number} {name}.html").write_text(_page(text, text, head), encoding="utf-8")
    for number, name in enumerate(("=1+1.txt", "@x.txt", "-x.txt", "'=x.txt")):
        (folder / name).write_text(f"={number}+1\n\n{LEAD}\n\n- =2+2\n\n+{TAIL}\n", encoding="utf-8")
    (folder / "zorb.txt").write_text(f"{LEAD}\n\nA zorbfever, a zorbcough and a zorbpain.\n\n{TAIL}\n")
    formats = ("csv", "tsv", "jsonl", "parquet", "sqlite")
    own = _vocabulary(folder.parent / "vocabulary")
    batch.run([folder], folder.parent / "run", formats=formats, workers=1, vocabulary=[own])
    found = read_run(folder.parent / "run")
    assert (found.articles["status"] == "ok").all() and len(found.articles) == len(texts) + 5
    assert set(LABELS) <= set(found.mentions["label"].str.lower())
    return found


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
    found = 0
    for path in sorted((ROOT / "writers").glob("*.py")) + sorted((ROOT / "runs").glob("*.py")):
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


# Browsers


def _no_script(tree: Any, allowed_scripts: int) -> None:
    scripts = [one for one in tree.iter("script") if one.get("type") != "application/json"]
    assert len(scripts) == allowed_scripts
    for element in tree.iter(etree.Element):
        for name, value in element.items():
            assert not name.lower().startswith("on"), (element.tag, name)
            if name.rpartition("}")[2] in ("href", "src", "action", "formaction", "data", "srcdoc", "poster"):
                good = value == "data:," or value.startswith(("#", "https://", "http://"))
                assert good, (element.tag, name, value)
    assert not list(tree.iter("img", "iframe", "object", "embed", "base", "form"))


def test_the_report_has_no_script_but_its_own(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(run.path, path, "</title><script>alert(9)</script>")
    text = path.read_text(encoding="utf-8")
    tree = html.fromstring(text)
    _no_script(tree, 1)
    [policy] = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for script in tree.xpath("//script[@type='application/json']"):
        held = json.loads(script.text)
        assert "<" not in script.text
        for address in _strings(held):
            assert (
                not re.match(r"\s*(javascript|data|vbscript):", address, re.I)
                or " " in address
                or "," in address
            )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if "://" in value[:12] or re.match(r"[a-z]+:\S*\Z", value):
            yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def test_the_heat_map_is_only_a_drawing(run: Run, tmp_path: Path) -> None:
    write_heatmap(run.path, tmp_path / "map.svg")
    _no_script(etree.parse(tmp_path / "map.svg").getroot(), 0)


def test_a_run_in_a_notebook_shows_no_markup_of_a_page(run: Run) -> None:
    _no_script(html.fromstring(f"<div>{run._repr_html_()}</div>"), 0)


@pytest.mark.parametrize("name", EXPORTERS)
def test_exports_point_to_web_pages_only(run: Run, tmp_path: Path, name: str) -> None:
    convert(run, tmp_path / "out", [name])
    for path in (tmp_path / "out").iterdir():
        assert re.fullmatch(r"[A-Za-z0-9._-]+", path.name)
        if not path.name.endswith(("json", "jsonld")):
            continue
        waiting = [json.loads(path.read_text(encoding="utf-8"))]
        while waiting:
            one = waiting.pop()
            if isinstance(one, list):
                waiting += one
            elif isinstance(one, dict):
                waiting += one.values()
                for key in ("source", "target", "url"):
                    if isinstance(one.get(key), str) and one[key] != "medtables":
                        assert web_address(one[key]) == one[key] != "", (path.name, one[key])


def test_metadata_of_another_run_is_not_trusted(tmp_path: Path) -> None:
    """A run folder may come from elsewhere: its addresses are looked at again where they are used."""
    from tests.browser.synthetic import write_run

    write_run(tmp_path / "run", 2, Metadata(title="Fever", url="javascript:alert(1)", site="x"))
    write_report(tmp_path / "run", tmp_path / "report.html")
    assert "javascript:" not in re.sub(
        r"<script>.*?</script>", "", (tmp_path / "report.html").read_text("utf-8")
    )
    for name in EXPORTERS:
        convert(tmp_path / "run", tmp_path / name, [name])
    for path in tmp_path.rglob("*annotation*"):
        if path.is_file():
            assert "javascript:" not in path.read_text("utf-8")


# Code and network


def test_nothing_is_unpickled_evaluated_or_run() -> None:
    modules = {
        "pickle",
        "cPickle",
        "dill",
        "cloudpickle",
        "joblib",
        "marshal",
        "shelve",
        "jsonpickle",
        "yaml",
    }
    calls = {"eval", "exec", "system", "popen", "read_pickle", "to_pickle", "unsafe_load"}
    for path in sorted(ROOT.rglob("*.py")):
        allowed = {"pickle"} if path.name == "longtail.py" else set()  # its reader lets nothing be called
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            elif isinstance(node, ast.Call):
                called = node.func
                told = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                assert told not in calls, f"{path.name}:{node.lineno} calls {told}"
            assert (modules - allowed).isdisjoint(name.partition(".")[0] for name in names), (
                f"{path.name} imports {names}"
            )


BLOCK = """
import os, sys
def block(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"):
        address = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
        if isinstance(address, (str, bytes)) and event == "socket.connect":
            return  # a socket of this machine's own, by which worker processes are told what to do
        with open(os.environ["MEDTABLES_ASKED"], "a") as file:
            file.write(f"{event} {address!r}\\n")
        raise OSError("no network here")
sys.addaudithook(block)
with open(os.environ["MEDTABLES_ASKED"] + "-by", "a") as file:
    print(sys.orig_argv, file=file)
"""


COMMANDS = """
import json, sys
from pipeline.cli import main
if __name__ == "__main__":
    for command in json.loads(sys.argv[1]):
        try:
            main(command, prog_name="medtables")
        except SystemExit as end:
            assert not end.code, command
"""


def test_no_command_asks_the_network(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BLOCK)
    asked = tmp_path / "asked"
    asked.touch()
    pages = tmp_path / "pages"
    pages.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        for number in range(3):
            (pages / f"{number}.xhtml").write_text(
                f'<?xml version="1.0"?><?xml-stylesheet href="{address}/a.css"?>'
                f'<!DOCTYPE html PUBLIC "x" "{address}/a.dtd" [<!ENTITY % p SYSTEM "{address}/p"> %p;]>'
                f'<html xmlns:xi="http://www.w3.org/2001/XInclude"><head><base href="{address}/">'
                f'<link rel="stylesheet" href="a.css"></head><body><h1>Fever {number}</h1>'
                f'<img src="{address}/i.png"><iframe src="{address}/f"></iframe><xi:include href="{address}/x"/>'
                f"<p>{LEAD}</p><p>{TAIL}</p></body></html>"
            )
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT.parent))),
            "MEDTABLES_ASKED": str(asked),
        }

        commands = (
            ("run", "pages", "-o", "run", "--workers", "2"),
            ("run", "pages", "-o", "again", "--workers", "1", "--format", "csv,parquet,sqlite"),
            ("report", "run", "-o", "report.html"),
            ("compare", "run"),
            ("diff", "run", "again"),
            ("convert", "run", "--to", ",".join(EXPORTERS), "-o", "converted"),
        )
        done = subprocess.run(
            [sys.executable, "-c", COMMANDS, json.dumps(commands)],
            env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        assert "forkserver" in (tmp_path / "asked-by").read_text()  # of which the workers are children
        with pytest.raises(TimeoutError):
            server.accept()
    assert asked.read_text() == ""


def test_the_block_would_see_a_connection(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BLOCK)
    asked = tmp_path / "asked"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "MEDTABLES_ASKED": str(asked)}
    code = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=60)
    assert done.returncode != 0 and "127.0.0.1" in asked.read_text()


# Files


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_who_may_read_the_results_is_for_the_umask_to_say(run: Run, tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write_report(run.path, tmp_path / "report.html")
        convert(run, tmp_path / "out", ["csv", "webannotation"])
    finally:
        os.umask(before)
    for path in (tmp_path / "report.html", *(tmp_path / "out").iterdir()):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask, path.name


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_what_is_half_written_is_private_and_goes_away(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def look_and_fail(path: Path, target: object) -> Path:
        folder = path.parent
        while folder != tmp_path and not folder.name.startswith(".medtables"):
            folder = folder.parent
        seen.append(stat.S_IMODE(folder.stat().st_mode))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", look_and_fail)
    with pytest.raises(pipeline.MedtablesError, match="cannot be written"):
        write_report(run.path, tmp_path / "report.html")
    with pytest.raises(pipeline.MedtablesError, match="cannot be written"):
        convert(run, tmp_path / "converted", ["csv"])
    assert seen == [0o700, 0o700]
    assert list(tmp_path.iterdir()) == []
