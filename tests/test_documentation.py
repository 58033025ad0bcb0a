"""What the documentation shows is true: its examples run, its generated parts are fresh, its diffs apply.

Every block of Markdown that is marked `python`, `sh` or `console` runs as it stands, in the order of its page, in a
folder of the moment that holds `pages` (what a reader has scraped). A command that cannot run here stands in NOT_RUN.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main

ROOT = Path(__file__).parent.parent
# Test data, not documentation.
DATA = ("corpora/sample", "corpora/gold", "outputs/sample", "outputs/demo", "tests/cases", "tests/hostile")

# What the blocks show and no test can run, by the first words of the command, with the reason.
NOT_RUN = {
    "python3 -m venv": "takes minutes and the network; tests/packaging/check.py does it",
    ".venv/bin/": "the reader's own environment",
    "make": "installs; the rules of the Makefile are run by CI and by hand",
    "pytest": "would run the suite in the suite",
    "source .venv": "the reader's own environment",
    "medtables run items.jsonl": "stands for what a crawler left",
    "medtables run PAGES": "PAGES stands for many pages",
}
used: set[str] = set()


def pages_of_documentation() -> list[str]:
    found = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("*.md"))]
    hidden = re.compile(r"(^|/)\.|node_modules|\.egg-info")
    return [name for name in found if not name.startswith(DATA) and not hidden.search(name)]


def blocks(name: str, *kinds: str) -> list[tuple[str, str]]:
    """The blocks of a page with their kinds, in order."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^```(\w+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [(kind, block) for kind, block in found if kind in kinds]


def having(*kinds: str) -> list[str]:
    return [name for name in pages_of_documentation() if blocks(name, *kinds)]


@pytest.mark.parametrize("name", having("python"))
def test_the_python_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for number, (_, block) in enumerate(blocks(name, "python"), 1):
        if "not run here" not in block:
            exec(compile(block, f"{name}, example {number}", "exec"), names)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a reader works: some pages, this repository's folders of data, and `medtables` on the path."""
    (tmp_path / "pages").mkdir()
    for name in ("headroom.example/migraine-faq.html", "wordpress-muscle-twitching.html"):
        shutil.copy(ROOT / "corpora" / "sample" / name, tmp_path / "pages")
    shutil.copy(
        ROOT / "corpora" / "sample" / "healthdesk.example" / "low-potassium.html", tmp_path / "page.html"
    )
    for name in ("corpora", "outputs", "tests", "pipeline"):
        (tmp_path / name).symlink_to(ROOT / name)
    command = tmp_path / ".bin" / "medtables"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pipeline "$@"\n')
    command.chmod(0o755)
    (command.parent / "python").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def not_run(command: str) -> bool:
    for words in NOT_RUN:
        if command.startswith(words):
            used.add(words)
            return True
    return False


def run_line(line: str) -> tuple[int, str]:
    """Exit code and standard output of one line of a block; a plain medtables command runs in this process."""
    words = shlex.split(line, comments=True)
    if words[:1] == ["medtables"] and not set("|<>&;`$") & set(re.sub(r"'[^']*'|#.*", "", line)):
        result = CliRunner().invoke(main, words[1:], prog_name="medtables")
        return result.exit_code, result.output
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def lines_of(block: str) -> list[str]:
    whole = block.replace("\\\n", " ")
    return [line for line in whole.splitlines() if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", having("sh"))
@pytest.mark.usefixtures("folder")
def test_the_commands_run(name: str) -> None:
    for _, block in blocks(name, "sh"):
        for line in lines_of(block):
            if not not_run(line):
                code, output = run_line(line)
                assert code == 0, f"{name}: {line}\n{output}"


@pytest.mark.parametrize("name", having("console"))
def test_the_consoles_show_what_the_commands_print(name: str, folder: Path) -> None:
    shutil.rmtree(folder / "pages")
    (folder / "pages").mkdir()
    for _, block in blocks("README.md", "html")[:1]:
        (folder / "pages" / "low.html").write_text(block, encoding="utf-8")
    for _, block in blocks(name, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, expected = part.partition("\n")
            if not_run(line):
                continue
            code, output = run_line(line)
            assert code == 0, output
            shown = [told.strip() for told in expected.splitlines() if told.strip()]
            printed = [told.strip() for told in output.splitlines()]
            assert all(any(one.startswith(told) for one in printed) for told in shown), output


def rows_of(table: str) -> list[dict[str, str]]:
    """The rows of a table in Markdown."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()]
    return [dict(zip(lines[0], cells, strict=True)) for cells in lines[2:]]


def test_the_tables_of_the_first_page_are_those_of_its_page(folder: Path) -> None:
    import pipeline

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (folder / "low").mkdir()
    (folder / "low" / "low.html").write_text(blocks("README.md", "html")[0][1], encoding="utf-8")
    pipeline.run(["low"], "found", workers=1)
    run = pipeline.read_run("found")
    mentions, relations = (
        rows_of(table) for table in re.findall(r"^\|.*?\n(?=\n)", text, re.DOTALL | re.MULTILINE)[:2]
    )
    found = run.mentions.fillna("").to_dict("records")
    assert [{key: row[key] for key in mentions[0]} for row in found] == mentions
    said = run.relations.fillna("").to_dict("records")
    assert all(row in [{key: one[key] for key in row} for one in said] for row in relations)


def test_what_is_not_run_is_still_shown() -> None:
    for name in having("sh", "console"):
        for _, block in blocks(name, "sh", "console"):
            for line in lines_of(block):
                not_run(line.removeprefix("$ "))
    assert set(NOT_RUN) == used


def test_the_generated_parts_are_fresh(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cogapp import Cog

    monkeypatch.chdir(ROOT)
    generated = [name for name in pages_of_documentation() if "[[[cog" in (ROOT / name).read_text("utf-8")]
    assert "README.md" in generated
    assert Cog().main(["cog", "--check", "--diff", *generated]) == 0, (
        f"run make docs\n{capsys.readouterr().out}"
    )


@pytest.mark.parametrize("name", pages_of_documentation())
def test_the_links_lead_somewhere(name: str) -> None:
    text = re.sub(r"```.*?```|`[^`]*`", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if ":" not in target and not target.startswith("#"):
            assert (ROOT / name).parent.joinpath(target.partition("#")[0]).exists(), f"{name}: {target}"


def test_the_changes_of_contributing_do_what_they_say(tmp_path: Path) -> None:
    """All its diffs, applied to a copy of the package: the first three change words, the others formats and inputs."""
    shutil.copytree(ROOT / "pipeline", tmp_path / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    diffs = [block for _, block in blocks("CONTRIBUTING.md", "diff")]
    assert len(diffs) == 5
    for diff in diffs:
        patched = subprocess.run(
            ["git", "apply", "--verbose", "-C1", "-"],
            cwd=tmp_path,
            input=diff,
            capture_output=True,
            text=True,
        )
        assert patched.returncode == 0, f"renew this diff in CONTRIBUTING.md:\n{patched.stderr}\n{diff}"
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "words.txt").write_text(
        "An eyelid flutter came. The ECG was fine. He has yet to get gout.\n"
    )
    (tmp_path / "pages" / "news.eml").write_text(
        "Subject: News\nMIME-Version: 1.0\nContent-Type: text/html\n\n"
        "<h1>Low sodium</h1><p>Low sodium may cause nausea.</p>\n"
    )
    run = [sys.executable, "-m", "pipeline", "run", "pages", "-o", "out", "--format", "psv", "--workers", "1"]
    subprocess.run(run, cwd=tmp_path, check=True, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    lines = (tmp_path / "out" / "mentions.psv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines]
    found = {(row[0], row[4], row[5], row[8]) for row in rows[1:]}
    assert found >= {
        ("words.txt", "eyelid flutter", "SYMPTOM", "present"),
        ("words.txt", "ECG", "PROCEDURE", "present"),
        ("words.txt", "gout", "CONDITION", "absent"),
        ("news.eml", "nausea", "SYMPTOM", "present"),
    }
