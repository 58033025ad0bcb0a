"""Where the tables go: a full disk, a folder that may not be written, two runs at once."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline import batch
from pipeline.cli import main
from pipeline.errors import OutputError
from pipeline.runs import read_run
from pipeline.runs.output import OutputFolder
from tests.hostile.case import page
from tests.hostile.test_files import _as_nobody

FORMATS = ("csv", "tsv", "jsonl", "parquet", "sqlite", "duckdb", "xlsx")


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.html").write_bytes(
            page(f"<p>This is number {number}, and the cough lasts.</p>" * 20)
        )
    return folder


FULL = """
import resource, sys
from pathlib import Path
from pipeline import MedtablesError, batch
from pipeline.runs import read_run
pages, out = map(Path, sys.argv[1:3])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
for name in sys.argv[3:]:
    folder = out / name
    # The parts of the run fit, or not, depending on the format; the tables never do.
    resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, hard))
    try:
        batch.run([pages], folder, formats=(name,), workers=1)
        told = ""
    except MedtablesError as error:
        told = str(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert "cannot be written" in told and "Free space there" in told, told
    left = {path.name for path in folder.iterdir()} if folder.exists() else set()
    assert left <= {".medtables"}, left
    batch.run([pages], folder, formats=(name,), workers=1, resume=bool(left))
    assert (read_run(folder).articles["status"] == "ok").all()
    print(name)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no such limit here")
def test_a_full_disk_is_told_and_leaves_nothing_that_looks_whole(pages: Path, tmp_path: Path) -> None:
    """No file may grow beyond 9 kB, which the system tells as it tells of a full disk; then the run goes on."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(pages), str(tmp_path / "out"), *FORMATS],
        capture_output=True, text=True, timeout=240, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.split() == list(FORMATS), done.stderr[-2000:]


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="no modes here")
def test_a_folder_that_may_not_be_written(pages: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed").chmod(0o555)
    with _as_nobody(), pytest.raises(OutputError, match=r"cannot be written \(Permission denied\)"):
        batch.run([pages], tmp_path / "closed" / "out", workers=1)
    assert list((tmp_path / "closed").iterdir()) == []


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "file/inner", "/dev/null", "/dev/null/x"])
def test_a_path_that_can_be_no_folder(pages: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError):
        batch.run([pages], tmp_path / name, workers=1)
    assert (tmp_path / "file").read_text() == "mine"


def test_two_runs_cannot_write_into_one_folder(pages: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = OutputFolder(out)
    try:
        for options in ({}, {"overwrite": True}, {"resume": True}):
            with pytest.raises(
                OutputError, match="another medtables is writing into this folder\n  Wait until"
            ):
                batch.run([pages], out, workers=1, **options)  # type: ignore[arg-type]
    finally:
        first.close()
    batch.run([pages], out, workers=1)
    assert len(read_run(out).articles) == 40


def test_a_path_that_is_not_utf_8_is_refused_in_words_that_can_be_printed(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = os.fsdecode(b"caf\xe9\n\x1b[31m")
    (tmp_path / odd).mkdir()
    for folder, out in ((tmp_path, odd), (tmp_path / odd, "out")):
        monkeypatch.chdir(folder)
        result = CliRunner().invoke(main, ["run", str(pages), "-o", out, "--workers", "1"])
        assert result.exit_code == 1
        assert "is a path that is not UTF-8" in result.stderr and "Name another folder" in result.stderr
        assert all(line.isprintable() for line in result.stderr.splitlines())
    assert list((tmp_path / odd).iterdir()) == []
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["run", odd, "-o", "out", "--workers", "1"])
    assert "the folder holds no pages" in result.stderr
    assert all(line.isprintable() for line in result.stderr.splitlines())
