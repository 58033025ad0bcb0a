"""What is half written is private and goes away; what is written is for the user's umask to say."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline
from pipeline import batch
from pipeline.convert import convert
from pipeline.report import write_report
from pipeline.runs import Run, read_run

PAGE = (
    "<html lang=en><title>Cramps</title><article><h1>Cramps {0}</h1>"
    "<p>Low potassium causes muscle cramps.</p></article></html>"
)


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


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "0.html").write_text(PAGE.format("0"))
    return folder


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder with a short name: the socket by which workers are started has at most some 100 characters."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def busy(tmp_path: Path, pages: Path, temporary: Path) -> Iterator[subprocess.Popen[str]]:
    for number in range(300):
        (pages / f"more-{number}.html").write_text(PAGE.format(f"{number} " + "<p>Take potassium. " * 100))
    words = ["run", str(pages), "-o", str(tmp_path / "out"), "--workers", "2"]
    command = [sys.executable, "-m", "pipeline", *words]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True, env=environment
    ) as process:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("out/.medtables/parts/*.part"))) < 6 and time.monotonic() < deadline:
            time.sleep(0.05)
        yield process
        process.kill()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_told_to_stop_stops_and_can_go_on(
    number: signal.Signals,
    code: int,
    busy: subprocess.Popen[str],
    pages: Path,
    temporary: Path,
    tmp_path: Path,
) -> None:
    os.killpg(busy.pid, number) if number == signal.SIGINT else busy.send_signal(number)
    _, errors = busy.communicate(timeout=60)
    assert busy.returncode == code, errors
    assert "Traceback" not in errors
    out = tmp_path / "out"
    assert not (out / ".medtables" / "new").exists()
    assert list(temporary.iterdir()) == []
    assert stat.S_IMODE((out / ".medtables").stat().st_mode) == 0o700
    if number == signal.SIGINT:
        assert "interrupted after" in errors and "--resume" in errors
        assert 0 < len(read_run(out).articles) < 301
    else:
        assert [path.name for path in out.iterdir()] == [".medtables"]
    for path in pages.glob("more-[1-9]*"):
        path.unlink()
    assert batch.run([pages], out, workers=1, resume=True).kept > 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems start workers in another way")
def test_a_temporary_folder_with_too_long_a_name_is_named(tmp_path: Path, pages: Path) -> None:
    (pages / "more.html").write_text(PAGE.format("again"))
    long = tmp_path / ("long" * 25)
    long.mkdir()
    found = subprocess.run(
        [sys.executable, "-m", "pipeline", "run", pages, "-o", tmp_path / "out", "--workers", "2"],
        env={**os.environ, "TMPDIR": str(long)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert "no worker process can be started" in found.stderr and "TMPDIR" in found.stderr
