"""`medtables verify` finds what was changed in a run's folder, and nothing in one that is as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.errors import OutputError
from pipeline.runs.package import sha256
from pipeline.runs.verify import verify

SAMPLE = Path(__file__).parent.parent / "outputs" / "sample"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return Path(copytree(SAMPLE, tmp_path / "run"))


def edit(run: Path, name: str, old: str, new: str, *, told: bool = True) -> None:
    """Change a file, and with `told` what run.json says of it, so that only the content can give it away."""
    path = run / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())
    if told:
        info = json.loads((run / "run.json").read_text())
        info["files"][name] = {"bytes": path.stat().st_size, "sha256": sha256(path)}
        (run / "run.json").write_text(json.dumps(info))


def test_the_sample_run_is_sound(run: Path) -> None:
    assert verify(run) == ()


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (
            lambda run: edit(run, "mentions.csv", "fever", "FEVER", told=False),
            "mentions.csv",
            "other content",
        ),
        (lambda run: edit(run, "blocks.csv", "a", "", told=False), "blocks.csv", "bytes, not"),
        (lambda run: (run / "concepts.csv").unlink(), "concepts.csv", "cannot be read"),
        (
            lambda run: edit(run, "datapackage.json", '"path": "mentions.csv"', '"path": "x.csv"'),
            "data",
            "x.csv",
        ),
    ],
)
def test_a_changed_file_is_named(change: Callable[[Path], None], where: str, what: str, run: Path) -> None:
    change(run)
    assert any(fault.where.startswith(where) and what in fault.what for fault in verify(run))


def without(files: object) -> Callable[[Path], None]:
    """A change of run.json: what it says of its files, as a whole or of one."""

    def change(run: Path) -> None:
        info = json.loads((run / "run.json").read_text())
        if isinstance(files, dict) and files:
            info["files"] |= files
        elif isinstance(files, str):
            del info["files"][files]
        else:
            info["files"] = files
        (run / "run.json").write_text(json.dumps(info))

    return change


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (without({}), "run.json", "does not name the files"),
        (without(None), "run.json", "does not name the files"),
        (without("datapackage.json"), "run.json", "does not name datapackage.json"),
        (without("blocks.csv"), "datapackage.json", "names blocks.csv"),
        (without({"blocks.csv": {}}), "run.json", "how many bytes blocks.csv has"),
        (without({"blocks.csv": 7}), "run.json", "how many bytes blocks.csv has"),
    ],
)
def test_a_run_json_that_says_too_little_is_named(
    change: Callable[[Path], None], where: str, what: str, run: Path
) -> None:
    change(run)
    assert any(fault.where == where and what in fault.what for fault in verify(run))


def test_pages_are_counted_by_status(run: Path) -> None:
    info = json.loads((run / "run.json").read_text())
    info["statuses"]["ok"] += 1
    (run / "run.json").write_text(json.dumps(info))
    assert any(fault.where == "articles" and "pages by status" in fault.what for fault in verify(run))


def cut_last_row(run: Path, name: str) -> None:
    text = (run / name).read_text(encoding="utf-8")
    last = text.rstrip("\n").rsplit("\n", 1)[1]
    edit(run, name, last + "\n", "")


def double_last_row(run: Path, name: str) -> None:
    text = (run / name).read_text(encoding="utf-8")
    last = text.rstrip("\n").rsplit("\n", 1)[1]
    edit(run, name, last + "\n", last + "\n" + last + "\n")


def test_rows_that_are_gone_or_there_twice_are_told(run: Path) -> None:
    cut_last_row(run, "blocks.csv")
    double_last_row(run, "concepts.csv")
    told = {(fault.where, fault.what.split(" ")[0], "once" in fault.what) for fault in verify(run)}
    faults = " | ".join(f"{fault.where} {fault.what}" for fault in verify(run))
    assert ("concepts", "has", True) in told, faults
    assert "blocks has" in faults and "rows, not" in faults


def test_a_reference_that_leads_nowhere_is_told(run: Path) -> None:
    text = (run / "articles.csv").read_text(encoding="utf-8")
    article = next(line.split(",")[0] for line in text.splitlines() if ",ok," in line)
    edit(run, "articles.csv", f"\n{article},", "\nelsewhere.html,")
    faults = verify(run)
    assert any(fault.where == "blocks" and article in fault.what for fault in faults)


def test_a_text_that_stands_elsewhere_is_told(run: Path) -> None:
    edit(run, "blocks.csv", "cramps", "spasms")
    assert any("offsets" in fault.what for fault in verify(run))


def test_the_command_prints_a_line_per_fault_and_fails(run: Path) -> None:
    assert CliRunner().invoke(main, ["verify", str(run)]).exit_code == 0
    edit(run, "mentions.csv", "fever", "FEVER", told=False)
    done = CliRunner().invoke(main, ["verify", str(run)])
    assert done.exit_code == 1
    assert done.stdout == "mentions.csv: has other content than the run wrote\n"


def test_a_folder_without_a_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is not the folder of a run"):
        verify(tmp_path)
