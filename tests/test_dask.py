"""A run on a Dask cluster gives the bytes of a local run, whatever happens to its workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import batch
from pipeline.errors import MedtablesError
from pipeline.runs import read_run
from pipeline.runs.package import sha256

pytest.importorskip("distributed")

PAGE = """<html lang=en><head><title>Cramps {0}</title></head><body><article><h1>Cramps {0}</h1>
<p>Low potassium causes muscle cramps, but no fever. Page number {0}.</p></article></body></html>"""


def data(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path) for path in folder.glob("[!.]*") if path.name != "run.json"}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number}.html").write_text(PAGE.format(number))
    (folder / "broken.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    return folder


class Cluster:
    """A scheduler and workers, each a process of its own, as a user would start them."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.processes: list[subprocess.Popen[bytes]] = []
        self._folder = folder
        idle = ("--idle-timeout", "5 minutes")  # should nobody be left to end it
        self._start(
            "scheduler", "--port", "0", "--dashboard-address", ":0", "--scheduler-file", self.file, *idle
        )

    def worker(self, *options: str) -> subprocess.Popen[bytes]:
        place = self._folder / f"worker-{len(self.processes)}"
        arguments = ["--nthreads", "1", "--no-dashboard", "--death-timeout", "60"]
        arguments += ["--local-directory", str(place), *options]
        return self._start("worker", "--scheduler-file", self.file, *arguments)

    def _start(self, *words: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli.dask_" + str(words[0]), *map(str, words[1:])]
        log = (self._folder / f"log-{len(self.processes)}").open("wb")
        self.processes.append(
            subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, start_new_session=True)
        )
        log.close()
        return self.processes[-1]

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    found = Cluster(folder)
    yield found
    found.end()


def test_nothing_is_lost_when_a_worker_is_killed(pages: Path, tmp_path: Path, cluster: Cluster) -> None:
    first, _ = cluster.worker("--no-nanny"), cluster.worker("--no-nanny")
    deadline = time.monotonic() + 60
    while not cluster.file.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    out = tmp_path / "out"
    killed: list[int] = []

    def kill(progress: batch.Progress) -> None:
        if not killed:
            first.kill()
            killed.append(progress.done)

    summary = batch.run(
        [pages], out, engine="dask", scheduler=str(cluster.file), chunk_pages=4, progress=kill
    )
    assert killed and killed[0] < 401
    assert first.wait(10) == -signal.SIGKILL
    assert summary.statuses == {"ok": 400, "not_html": 1}
    batch.run([pages], tmp_path / "local", workers=1)
    assert data(out) == data(tmp_path / "local")
    assert read_run(out).info["options"]["engine"] == "dask"


POISONED = """
import os, signal, sys
from pipeline import batch
from pipeline.batch import on_dask, work

def poisoned(task, store, settings):
    if any(entry.article_id.startswith("crash") for entry in task.entries):
        os.kill(os.getpid(), signal.SIGKILL)
    return work.work(task, store, settings)

on_dask.work = poisoned

if __name__ == "__main__":
    batch.run([sys.argv[1]], sys.argv[2], engine="dask", workers=1, chunk_pages=3)
"""


def test_a_page_that_kills_every_worker_is_a_row(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in ("a", "crash", "d", "e"):
        (pages / f"{name}.html").write_text(PAGE.format(name))
    answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE.format("warc")
    (pages / "crash.warc").write_text(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/warc\r\n"
        f"Content-Length: {len(answer)}\r\n\r\n{answer}\r\n\r\n"
    )
    script = tmp_path / "poisoned.py"
    script.write_text(POISONED)
    command = [sys.executable, script, pages, tmp_path / "out"]
    environment = {
        **os.environ,
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
        # So that a worker that is given up while it starts again is missed at once, and not once in ten runs.
        "DASK_DISTRIBUTED__DEPLOY__LOST_WORKER_TIMEOUT": "10ms",
    }
    subprocess.run(command, check=True, timeout=240, env=environment, capture_output=True)
    articles = read_run(tmp_path / "out").articles
    assert dict(zip(articles["article_id"], articles["status"], strict=True)) == {
        "a.html": "ok",
        "crash.html": "failed",
        "crash.warc#1": "failed",
        "d.html": "ok",
        "e.html": "ok",
    }
    assert "https://a.example/warc" in set(articles["url"])


def test_a_cluster_that_is_not_there_is_an_error(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.batch.on_dask.WAITING_SECONDS", 0.5)
    with pytest.raises(MedtablesError, match="no Dask cluster"):
        batch.run([pages], tmp_path / "out", engine="dask", scheduler="tcp://127.0.0.1:9")
    assert not (tmp_path / "out").exists()


def test_the_command_starts_a_cluster_of_its_own(pages: Path, tmp_path: Path) -> None:
    for path in pages.glob("[1-9]*.html"):
        path.unlink()
    command = [sys.executable, "-m", "pipeline", "run", str(pages), "-o", str(tmp_path / "out")]
    command += ["--engine", "dask", "--workers", "1", "-q"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stderr) == (3, "")
    assert read_run(tmp_path / "out").info["statuses"] == {"not_html": 1, "ok": 1}


@pytest.mark.parametrize("options", [{"engine": "spark"}, {"scheduler": "tcp://127.0.0.1:8786"}])
def test_engines_that_are_not_there_are_errors(options: dict[str, str], pages: Path, tmp_path: Path) -> None:
    with pytest.raises(MedtablesError, match="--engine"):
        batch.run([pages], tmp_path / "out", **options)  # type: ignore[arg-type]
