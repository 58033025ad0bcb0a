"""The command as a user meets it: what it prints where, its exit codes, its configuration, what it
imports."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import pipeline
from pipeline.batch import Progress
from pipeline.cli import main
from pipeline.cli.terminal import Bar
from pipeline.runs import read_run
from tests.command import medtables

PAGE = """<html lang=en><head><title>Cramps</title><link rel=canonical href=https://a.example/c></head><body>
<article><h1>When muscles cramp</h1>
<p>A hard calf in the middle of the night has woken nearly everybody. It passes within minutes.</p>
<h2>Causes</h2>
<p>Low potassium causes muscle cramps, but no fever.</p>
<h3>Water and salt</h3>
<p>So look at [a] what you drink and [b] what you lose before you look any further:</p>
<ul><li>Loss of sodium after a long run in the heat</li><li>Dehydration on warm days</li></ul>
<h2>What helps</h2>
<p>Stretch the muscle, walk a few steps and drink a glass of water. Rest on the next day.</p>
</article></body></html>"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "pages" / "cramps.html"
    path.parent.mkdir()
    path.write_text(PAGE)
    return path


@pytest.fixture
def run(page: Path, tmp_path: Path) -> Path:
    out = tmp_path / "out"
    assert medtables("run", page.parent, "-o", out, "--workers", 1, "-q").exit_code == 0
    return out


HEAVY = ("spacy", "pandas", "pyarrow", "bs4", "lxml")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["nothing"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom pipeline.cli import main\n"
        f"try:\n    main({arguments!r}, prog_name='medtables')\n"
        f"finally:\n    print('loaded', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "loaded []" in done.stdout, done.stdout


def test_the_package_imports_nothing_until_it_is_used() -> None:
    script = (
        f"import sys, pipeline\nprint([name for name in {HEAVY!r} if name in sys.modules], dir(pipeline))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("[] ")
    for name in pipeline.__all__:
        assert name in done.stdout
        assert getattr(pipeline, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        pipeline.nonsense  # noqa: B018


@pytest.mark.parametrize("first", ["pipeline.extract", "pipeline.batch", "pipeline.runs"])
def test_a_module_does_not_hide_the_function_of_its_name(first: str) -> None:
    names = "*(getattr(pipeline, name).__name__ for name in pipeline.__all__[1:])"
    script = f"import {first}, pipeline\nprint({names})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == pipeline.__all__[1:]


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "pipeline", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == f"medtables, version {pipeline.__version__}\n"


def test_run_prints_its_summary_to_stderr_and_nothing_to_stdout(page: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = medtables("run", page, "-o", out, "--workers", 1)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.startswith("1 page: 1 ok\n")
    assert f"medtables table {out} mentions" in result.stderr
    assert "\x1b" not in result.stderr
    assert "\r" not in result.stderr


def test_quiet_prints_nothing(page: Path, tmp_path: Path) -> None:
    result = medtables("run", page, "-o", tmp_path / "out", "--workers", 1, "--quiet")
    assert (result.exit_code, result.output) == (0, "")


def test_formats_are_given_with_commas(page: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert medtables("run", page, "-o", out, "--workers", 1, "--format", "jsonl, Parquet").exit_code == 0
    assert {path.suffix for path in out.glob("[!.]*")} == {".jsonl", ".parquet", ".json"}
    assert set(read_run(out).mentions["text"]) >= {"Low potassium", "muscle cramps", "fever"}


def test_a_page_on_stdin(tmp_path: Path) -> None:
    result = medtables("run", "-", "-o", tmp_path / "out", "--workers", 2, stdin=PAGE)
    assert result.exit_code == 0
    assert read_run(tmp_path / "out").articles["article_id"].tolist() == ["stdin"]


@pytest.mark.parametrize(
    ("fail_on", "code"), [(None, 3), ("any", 3), ("failed,not_html", 3), ("none", 0), ("failed,timeout", 0)]
)
def test_fail_on_decides_which_statuses_are_failures(
    fail_on: str | None, code: int, page: Path, tmp_path: Path
) -> None:
    page.with_name("binary.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    options = ["--fail-on", fail_on] if fail_on else []
    result = medtables("run", page.parent, "-o", tmp_path / "out", "--workers", 1, *options)
    assert result.exit_code == code, result.output
    assert "1 ok, 1 not_html" in result.stderr
    assert ("--where status!=ok" in result.stderr) == (code == 3)


def test_pages_without_an_article_are_no_failures(page: Path, tmp_path: Path) -> None:
    page.with_name("blank.html").write_text("<html><body></body></html>")
    result = medtables("run", page.parent, "-o", tmp_path / "out", "--workers", 1)
    assert result.exit_code == 0
    assert "1 ok, 1 empty" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "PAGE"],
        ["run", "-o", "OUT"],
        ["run", "PAGE", "-o", "OUT", "--format", "xls"],
        ["run", "PAGE", "-o", "OUT", "--max-bytes", "many"],
        ["run", "PAGE", "-o", "OUT", "--max-bytes", "0"],
        ["run", "PAGE", "-o", "OUT", "--workers", "0"],
        ["run", "PAGE", "-o", "OUT", "--fail-on", "sometimes"],
        ["run", "PAGE", "-o", "OUT", "--vocabulary", "nowhere"],
        ["nonsense"],
    ],
)
def test_wrong_usage_exits_2_and_writes_nothing(arguments: list[str], page: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = medtables(*(str({"PAGE": page, "OUT": out}.get(word, word)) for word in arguments))
    assert result.exit_code == 2
    assert "Usage:" in result.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("size", "status"), [("100", "too_large"), ("0.1kB", "too_large"), ("1KiB", "ok"), ("2m", "ok")]
)
def test_sizes(size: str, status: str, page: Path, tmp_path: Path) -> None:
    medtables("run", page, "-o", tmp_path / "out", "--workers", 1, "--max-bytes", size)
    assert read_run(tmp_path / "out").articles["status"].tolist() == [status]


# Configuration and errors


def test_a_configuration_file_gives_the_defaults(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("medtables.toml").write_text(
        '[run]\nformat = ["jsonl"]\nworkers = 1\nmax-bytes = "1MB"\noutput = "out"\n'
    )
    assert medtables("run", page).exit_code == 0
    assert Path("out/mentions.jsonl").exists()
    options = read_run("out").info["options"]
    assert (options["max_bytes"], options["workers"]) == (1_000_000, 1)
    assert medtables("run", page, "-o", "other", "--format", "csv").exit_code == 0
    assert Path("other/mentions.csv").exists()


@pytest.mark.parametrize("content", ["[run", "[walk]\nx = 1\n", "[run]\nwrokers = 1\n", "run = 1\n"])
def test_a_wrong_configuration_is_wrong_usage(content: str, page: Path, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(content)
    result = medtables("--config", tmp_path / "my.toml", "run", page, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "my.toml" in result.stderr


def test_an_error_says_where_what_and_cure(page: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("")
    result = medtables("run", page, "-o", out)
    assert result.exit_code == 1
    head, cure = result.stderr.splitlines()
    assert head == f"medtables: {out}: holds something else (thesis.txt)"
    assert cure.startswith("  Name a new folder")
    assert "Traceback" in medtables("run", page, "-o", out, "-v", "-v").stderr


def test_an_error_of_its_own_shows_no_traceback(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: str) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("pipeline.runs.read_run", broken)
    result = medtables("table", run)
    assert result.exit_code == 1
    assert "RuntimeError: boom" in result.stderr
    assert "Traceback" not in result.stderr


# show


def test_show_prints_blocks_and_marks(page: Path) -> None:
    result = medtables("show", page)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("cramps.html  https://a.example/c · en · ")
    assert "### Water and salt  (in Causes; section causes)" in lines
    line, said = (line for line in lines if "potassium" in line)
    assert line.endswith("but no [fever](symptom:fever absent).")
    assert said.startswith(
        "  condition:hypokalemia causes symptom:muscle-cramp (is, sentence): Low potassium"
    )
    assert any(line.startswith(r"  So look at \[a\] what") for line in lines)
    assert "  - [Dehydration](condition:dehydration) on warm days" in lines
    assert "\x1b" not in result.stdout


def test_show_gives_the_rows_as_json(page: Path) -> None:
    found = json.loads(medtables("show", page, "--json").stdout)
    assert list(found) == ["articles", "blocks", "mentions", "quantities", "relations", "concepts"]
    assert found["articles"][0]["status"] == "ok"
    assert "fever" in [mention["text"] for mention in found["mentions"]]


def test_show_reads_stdin_and_tells_a_page_that_is_none() -> None:
    assert "muscle cramps](" in medtables("show", "-", stdin=PAGE).stdout
    result = medtables("show", "-", stdin=b"")
    assert result.exit_code == 3
    assert "stdin: empty" in result.stderr


def test_show_wants_one_page(page: Path) -> None:
    page.with_name("other.html").write_text(PAGE)
    result = medtables("show", page.parent)
    assert result.exit_code == 1
    assert "more than one page" in result.stderr
    feed = page.with_name("feed.jsonl")
    feed.write_text(
        "".join(json.dumps({"body": f"<p>Low {what}.</p>"}) + "\n" for what in ("sodium", "iron"))
    )
    assert f"{feed}#1" in medtables("show", feed).stderr
    assert "[Low sodium]" in medtables("show", f"{feed}#1").stdout
    assert "Low iron" in medtables("show", f"{feed}#2", "--html-field", "body").stdout


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colour_on_a_terminal_only_and_never_against_no_color(
    no_color: str, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(stream, encoding="utf-8", write_through=True))
    monkeypatch.setenv("NO_COLOR", no_color)
    main(["show", str(page)], standalone_mode=False)
    printed = stream.getvalue().decode()
    assert ("\x1b[33m[fever](symptom:fever absent)\x1b[0m" in printed) == (not no_color)
    assert ("\x1b" in printed) == (not no_color)


def test_progress_is_drawn_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", Terminal(stream, encoding="utf-8", write_through=True))
    bar = Bar(shown=True)
    bar(Progress(1, 4, 0))
    bar(Progress(2, 4, 0))
    bar(Progress(4, 4, 1))
    bar.clear()
    first, last, end = stream.getvalue().decode().split("\r")[1:]
    assert first.startswith("1 of 4 pages, ")
    assert "4 of 4 pages, " in last
    assert last.endswith("0:00 left, 1 not ok\x1b[K")
    assert end == "\x1b[K"
    Bar(shown=False)(Progress(4, 4, 1))
    assert len(stream.getvalue().decode().split("\r")) == 4


# table


def test_table_lists_the_tables(run: Path) -> None:
    lines = [line.split("\t") for line in medtables("table", run).stdout.splitlines()]
    names = ["table", "articles", "blocks", "mentions", "quantities", "relations", "concepts"]
    assert [line[0] for line in lines] == names
    assert lines[1][1] == "1"


def rows(*arguments: object) -> list[list[str]]:
    result = medtables("table", *arguments)
    assert result.exit_code == 0, result.stderr
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_table_filters_sorts_cuts_and_chooses(run: Path) -> None:
    assert rows(run, "mentions", "--where", "text=fever", "--columns", "text,assertion,elliptic") == [
        ["text", "assertion", "elliptic"],
        ["fever", "absent", "false"],
    ]
    starts = [int(start) for [start] in rows(run, "mentions", "--columns", "start", "--sort", "-start")[1:]]
    assert starts == sorted(starts, reverse=True)
    assert len(starts) > 2
    assert len(rows(run, "mentions", "--limit", 2)) == 3
    lowered = rows(run, "mentions", "--where", "text~POTASSIUM", "--where", "start>=1", "--columns", "text")
    assert lowered[1:] == [["Low potassium"]]
    assert rows(run, "mentions", "--where", "elliptic=true", "--columns", "text") == [["text"]]
    assert rows(run, "concepts", "--where", "weight>0", "--where", "absent!=0") == [rows(run, "concepts")[0]]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nonsense"], "articles, blocks, mentions, quantities, relations, concepts"),
        (["mentions", "--where", "nonsense=1"], "article_id, mention"),
        (["mentions", "--where", "label"], "COLUMN=VALUE"),
        (["mentions", "--where", "start=x"], "integer"),
        (["mentions", "--where", "elliptic=x"], "true or false"),
        (["mentions", "--columns", "nonsense"], "article_id, mention"),
        (["mentions", "--sort", "nonsense"], "article_id, mention"),
    ],
)
def test_table_refuses_what_there_is_not(arguments: list[str], told: str, run: Path) -> None:
    result = medtables("table", run, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_reader_that_leaves_early_is_no_error(run: Path) -> None:
    command = f"{sys.executable} -m pipeline table {run} blocks --columns text --where 'block>=0' | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("text\n", "")


def test_table_of_no_run(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        result = medtables("table", path, "mentions")
        assert result.exit_code == 1
        assert "is not the folder of a run" in result.stderr


def test_table_fits_the_terminal(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(stream, encoding="utf-8", write_through=True))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    main(["table", str(run), "blocks"], standalone_mode=False)
    lines = stream.getvalue().decode().splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[0].startswith("article_id   block  start  end")
    assert "Left out for want of room" in capsys.readouterr().err
