"""`medtables table` and `convert` over the sample run: counts, SQL, JSON, and how a terminal shows them."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.cli.terminal import show_rows
from pipeline.runs import Run, read_run
from tests.command import medtables

SAMPLE = Path(__file__).parent.parent / "outputs" / "sample"
RUN = read_run(SAMPLE)


def rows(*arguments: object) -> list[list[str]]:
    result = medtables("table", SAMPLE, *arguments)
    assert result.exit_code == 0, result.stderr
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_group_counts_the_most_frequent_first() -> None:
    counts = RUN.mentions["label"].value_counts()
    found = rows("mentions", "--group", "label")
    assert found[0] == ["label", "rows"]
    assert {label: int(count) for label, count in found[1:]} == counts.to_dict()
    assert [int(count) for _, count in found[1:]] == sorted(counts, reverse=True)
    absent = rows("mentions", "--where", "assertion=absent", "--group", "assertion,label", "--sort", "label")
    assert [line[1] for line in absent[1:]] == sorted(line[1] for line in absent[1:])
    assert {line[0] for line in absent[1:]} == {"absent"}
    assert rows("mentions", "--group", "label", "--limit", 1, "--columns", "rows") == [["rows"], found[1][1:]]
    assert medtables("table", SAMPLE, "mentions", "--group", "nonsense").exit_code == 2
    assert "rows" in medtables("table", SAMPLE, "mentions", "--group", "label", "--sort", "text").stderr


def test_json_holds_every_cell_as_it_is() -> None:
    found = json.loads(medtables("table", SAMPLE, "quantities", "--json").stdout)
    assert found == RUN.arrow("quantities").to_pylist()
    assert any(row["mention"] is None for row in found)
    assert json.loads(medtables("table", SAMPLE, "mentions", "--limit", 0, "--json").stdout) == []
    assert [row["table"] for row in json.loads(medtables("table", SAMPLE, "--json").stdout)] == list(
        RUN.tables
    )


def test_sql_sees_tables_and_views() -> None:
    found = rows("--sql", "SELECT count(*) AS n, sum(mentions) AS m FROM concepts")
    assert found == [["n", "m"], [str(len(RUN.concepts)), str(len(RUN.mentions))]]
    [top] = json.loads(
        medtables(
            "table",
            SAMPLE,
            "--json",
            "--sql",
            "SELECT * FROM prevalence ORDER BY articles DESC, concept LIMIT 1",
        ).stdout
    )
    assert top["articles"] == RUN.concepts["concept_id"].value_counts().max()
    assert top["share"] == top["articles"] / (RUN.articles["status"] == "ok").sum()
    doubled = "SELECT a.title, b.title FROM articles a JOIN articles b USING (article_id) LIMIT 1"
    assert rows("--sql", doubled)[0] == ["title", "title_2"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--sql", "selec"], "syntax error"),
        (["--sql", "SELECT nonsense FROM articles"], "nonsense"),
        (["--sql", "SELECT * FROM nonsense"], "The run holds articles, blocks"),
        (["--sql", ""], "Write a SELECT"),
        (["mentions", "--sql", "SELECT 1"], "stands alone"),
        (["--sql", "SELECT 1", "--limit", "1"], "stands alone"),
    ],
)
def test_wrong_sql_is_wrong_usage(arguments: list[str], told: str) -> None:
    result = medtables("table", SAMPLE, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, width: int, *arguments: object) -> list[str]:
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(stream, encoding="utf-8", write_through=True))
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("LINES", "9999")
    main(["table", str(SAMPLE), *map(str, arguments)], standalone_mode=False)
    return stream.getvalue().decode().splitlines()


def test_a_wide_terminal_shows_longer_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    columns = ("mentions", "--columns", "text,sentence", "--limit", 40)
    longest = RUN.mentions["sentence"].head(40).str.len().max()
    assert max(map(len, shown(monkeypatch, 70, *columns))) <= 70
    assert 70 < max(map(len, shown(monkeypatch, longest + 60, *columns))) <= longest + 60
    assert max(map(len, shown(monkeypatch, 70, *columns, "--width", 10))) <= 70
    whole = shown(monkeypatch, 30, "mentions", "--width", 0, "--limit", 2)
    assert whole[0].split() == list(RUN.mentions.columns)


def test_labels_have_their_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    lines = shown(monkeypatch, 80, "concepts", "--columns", "label,concept", "--where", "label=SYMPTOM")
    assert lines[1].startswith("\x1b[33mSYMPTOM\x1b[0m  ")
    assert lines[0].startswith("\x1b[1mlabel")


def test_a_cell_cannot_command_the_terminal_and_wide_letters_align(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    show_rows({"text": ["\x1b[2Jgone\x07", "塩分不足", "salt"], "next": ["a", "b", "c"]})
    lines = capsys.readouterr().out.replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert lines[1] == "\ufffd[2Jgone\ufffd  a"
    assert lines[2] == "塩分不足   b"
    assert lines[3] == "salt       c"


def test_a_long_table_on_a_terminal_goes_through_the_pager(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    pager = tmp_path / "pager"
    pager.write_text(f"#!/bin/sh\ncat > {tmp_path}/paged\n")
    pager.chmod(0o755)
    command = [sys.executable, "-m", "pipeline", "table", str(SAMPLE), "concepts", "--columns", "concept"]
    environment = {**os.environ, "PAGER": str(pager), "NO_COLOR": "1", "TERM": "xterm"}
    subprocess.run(command, stdin=theirs, stdout=theirs, env=environment, check=True, timeout=60)
    os.close(theirs)
    os.close(ours)
    assert len((tmp_path / "paged").read_text().splitlines()) == len(RUN.concepts) + 1


def test_convert_tells_what_it_wrote_and_left_out(tmp_path: Path) -> None:
    result = medtables("convert", SAMPLE, "--to", "sqlite, webannotation", "-o", tmp_path / "out")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "Note: 2 articles are left out: a Web Annotation needs" in result.stderr
    assert len(read_run(tmp_path / "out").mentions) == len(RUN.mentions)
    assert medtables("convert", SAMPLE, "--to", "fhir", "-o", tmp_path / "no").exit_code == 2
    again = medtables("convert", SAMPLE, "--to", "csv", "-o", tmp_path / "out")
    assert (again.exit_code, "holds an earlier run" in again.stderr) == (1, True)


def test_a_notebook_shows_a_run_and_runs_nothing_of_its_path(tmp_path: Path) -> None:
    html = RUN._repr_html_()
    assert f">{len(RUN.mentions):,}<" in html
    assert ">run.mentions<" in html
    assert "&lt;script&gt;" in Run(Path("<script>"), ())._repr_html_()
