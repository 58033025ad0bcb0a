"""A run accounts for every page, gives equal bytes however it is cut and shared, and survives its workers."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import __version__, batch
from pipeline.batch import chunk
from pipeline.batch.chunk import PageTimeout, Settings, engine_for, process, time_limit
from pipeline.batch.parts import LocalParts
from pipeline.batch.pool import AHEAD, in_processes
from pipeline.batch.work import Task
from pipeline.errors import MedtablesError, OutputError, SourceError, VocabularyError
from pipeline.runs import read_run
from pipeline.runs.output import OutputFolder
from pipeline.runs.package import sha256
from pipeline.sources import plan
from pipeline.tables import TABLES
from pipeline.writers import NAMES, load_format

PAGE = """<html lang=en><head><title>Cramps {0}</title><link rel=canonical
href=https://a.example/{0}></head><body> <article><h1>Cramps {0}</h1><p>Low potassium causes muscle cramps,
but no fever. Case {0}.</p></article></body></html>"""
COUNT = 9
SAME_BYTES = tuple(name for name in NAMES if load_format(name).reproducible)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(COUNT):
        (folder / f"{number}.html").write_text(PAGE.format(number))
    (folder / "broken.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    return folder


def data(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path) for path in folder.glob("[!.]*") if path.name != "run.json"}


def test_the_bytes_do_not_depend_on_workers_or_chunks(pages: Path, tmp_path: Path) -> None:
    outs = []
    for workers, chunk_pages in ((1, 16), (1, 1), (1, 4), (2, 3)):
        out = tmp_path / f"out-{workers}-{chunk_pages}"
        summary = batch.run([pages], out, formats=SAME_BYTES, workers=workers, chunk_pages=chunk_pages)
        assert summary.pages == COUNT + 1
        outs.append(data(out))
    assert outs[0] == outs[1] == outs[2] == outs[3]


def test_every_page_is_a_row_and_every_key_joins(pages: Path, tmp_path: Path) -> None:
    batch.run([pages], tmp_path / "out", workers=1)
    run = read_run(tmp_path / "out")
    assert run.articles["article_id"].tolist() == [
        *(f"{number}.html" for number in range(COUNT)),
        "broken.html",
    ]
    assert run.articles["status"].value_counts().to_dict() == {"ok": COUNT, "not_html": 1}
    assert run.articles["url"].iloc[3] == "https://a.example/3"
    assert len(run.mentions) >= 3 * COUNT
    texts = run.blocks.groupby("article_id")["text"].agg("\n\n".join)
    for row in run.mentions.itertuples():
        assert texts[row.article_id][row.start : row.end] == row.text
    for table in TABLES.values():
        frame = run.table(table.name)
        assert not frame.duplicated(list(table.key)).any()
        for reference in table.references:
            target = run.table(reference.table).set_index(list(reference.target)).index
            assert frame.set_index(list(reference.columns)).index.isin(target).all()


def test_run_json_accounts_for_the_run(pages: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    seen: list[batch.Progress] = []
    summary = batch.run([pages], out, workers=1, chunk_pages=4, progress=seen.append)
    info = read_run(out).info
    assert [progress.done for progress in seen] == [4, 8, 10]
    assert (seen[-1].total, seen[-1].not_ok) == (10, 1)
    assert info["version"] == __version__
    assert info["statuses"] == summary.statuses == {"ok": COUNT, "not_html": 1}
    assert info["rows"] == summary.rows == {name: len(read_run(out).table(name)) for name in TABLES}
    assert len(info["vocabulary_digest"]) == 64
    assert {name: entry["sha256"] for name, entry in info["files"].items()} == data(out)
    assert set(info["seconds"]) >= {"clean", "annotate", "rows", "write"}
    assert info["options"]["paths"] == [str(pages)]
    assert [(status, count) for status, _, count in summary.reasons] == [("not_html", 1)]


def test_equal_articles_in_other_places_have_equal_rows(pages: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    pages.rename(moved)
    batch.run([moved], tmp_path / "a", workers=1)
    moved.rename(pages)
    batch.run([pages], tmp_path / "b", workers=1)
    one, other = data(tmp_path / "a"), data(tmp_path / "b")
    assert one["mentions.csv"] == other["mentions.csv"]
    assert one["blocks.csv"] == other["blocks.csv"]


def test_an_article_that_repeats_another_names_it(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    story = "".join(
        f"<p>Sentence {number} of the story tells of low potassium and of cramps in leg {number * 7}.</p>"
        for number in range(30)
    )
    other = "".join(
        f"<p>Another page of {number} fevers, {number + 3} rashes and a cough.</p>" for number in range(30)
    )
    for name, text in (
        ("a", story),
        ("b", other),
        ("c", story + "<p>Reprinted with permission.</p>"),
        ("d", ""),
    ):
        (pages / f"{name}.html").write_text(f"<article><h1>The story</h1><p>As told.</p>{text}</article>")
    for workers in (1, 2):
        out = tmp_path / f"out-{workers}"
        batch.run([pages], out, workers=workers, chunk_pages=1)
        assert read_run(out).articles["duplicate_of"].tolist() == ["", "", "a.html", ""]


# The output folder


def test_a_folder_that_holds_something_is_refused(pages: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"thesis\.txt"):
        batch.run([pages], out, workers=1)
    batch.run([pages], out, workers=1, formats=["csv", "parquet"], overwrite=True)
    assert (out / "thesis.txt").read_text() == "mine"
    with pytest.raises(OutputError, match="earlier run"):
        batch.run([pages], out, workers=1)
    (out / "mentions.jsonl").write_text("mine too")
    batch.run([pages], out, workers=1, overwrite=True)
    names = {f"{name}.csv" for name in TABLES} | {"datapackage.json", "run.json"}
    assert {path.name for path in out.glob("[!.]*")} == names | {"thesis.txt", "mentions.jsonl"}


def test_a_file_is_no_output_folder(pages: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    for out in (tmp_path / "out", tmp_path / "out" / "below"):
        with pytest.raises(OutputError):
            batch.run([pages], out, workers=1, overwrite=True)


def test_an_error_before_the_first_page_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        batch.run([tmp_path / "missing"], tmp_path / "out", workers=1)
    assert not (tmp_path / "out").exists()


def interrupt(progress: batch.Progress) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_done_is_written_on_ctrl_c(workers: int, pages: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(batch.Interrupted) as caught:
        batch.run([pages], out, workers=workers, chunk_pages=2, progress=interrupt)
    assert (caught.value.done, caught.value.total, caught.value.written) == (2, COUNT + 1, True)
    run = read_run(out)
    assert run.articles["article_id"].tolist() == ["0.html", "1.html"]
    assert run.info["complete"] is False
    with pytest.raises(OutputError, match="--resume"):
        batch.run([pages], out, workers=1)
    summary = batch.run([pages], out, workers=1, resume=True)
    assert summary.pages == COUNT + 1
    assert summary.kept >= 2  # what other workers had done by then is there too
    assert read_run(out).info["complete"] is True


def test_ctrl_c_keeps_the_earlier_run(pages: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch.run([pages], out, workers=1)
    before = data(out)
    with pytest.raises(batch.Interrupted) as caught:
        batch.run([pages], out, workers=1, overwrite=True, progress=interrupt)
    assert not caught.value.written
    assert data(out) == before


def test_two_runs_do_not_write_into_one_folder(pages: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    seen: list[str] = []

    def second(progress: batch.Progress) -> None:
        for options in ({"overwrite": True}, {"resume": True}, {}):
            with pytest.raises(OutputError) as caught:
                batch.run([pages], out, workers=1, **options)  # type: ignore[arg-type]
            seen.append(str(caught.value))

    summary = batch.run([pages], out, workers=1, progress=second)
    assert summary.pages == COUNT + 1 and len(read_run(out).articles) == COUNT + 1
    assert "another medtables is writing" in seen[0] and "another medtables is writing" in seen[1]
    assert len(seen) == 3


def test_a_file_that_cannot_be_replaced_is_an_error_of_the_output(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "articles.csv").mkdir(parents=True)
    folder = OutputFolder(out, overwrite=True)
    (folder.work / "articles.csv").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        folder.publish()
    folder.close()
    assert [path.name for path in out.iterdir()] == ["articles.csv"]


# Options


@pytest.mark.parametrize("options", [{"formats": ["xls"]}, {"formats": []}, {"workers": 0}, {"max_bytes": 0}])
def test_options_that_make_no_sense_are_errors(
    options: dict[str, object], pages: Path, tmp_path: Path
) -> None:
    with pytest.raises(MedtablesError):
        batch.run([pages], tmp_path / "out", **{"workers": 1, **options})  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_broken_vocabulary_stops_the_run_with_its_place(workers: int, pages: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay"
    (overlay / "terms").mkdir(parents=True)
    (overlay / "terms" / "condition.tsv").write_text("no such header\n")
    with pytest.raises(VocabularyError, match=r"condition\.tsv"):
        batch.run([pages], tmp_path / "out", workers=workers, vocabulary=[overlay])


def test_a_vocabulary_that_was_changed_is_read_again_in_the_same_process(pages: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine" / "terms" / "symptom.tsv"
    file.parent.mkdir(parents=True)
    for term in ("case", "causes"):
        header = "concept_id\tterm\tstatus\tcase\texample\tnot_example\n"
        file.write_text(f"{header}symptom:zorb\t{term}\tpreferred\t\t\t\n")
        batch.run([pages], tmp_path / "out", workers=1, vocabulary=[tmp_path / "mine"], overwrite=True)
        mentions = read_run(tmp_path / "out").mentions
        assert set(mentions.loc[mentions["concept_id"] == "symptom:zorb", "text"].str.lower()) == {term}


def test_workers_that_cannot_start_are_told_from_pages_that_fail(pages: Path, tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text("import sys, pipeline\npipeline.run([sys.argv[1]], sys.argv[2], workers=2)\n")
    command = [sys.executable, script, pages, tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "no worker process can be started" in done.stderr
    assert 'if __name__ == "__main__":' in done.stderr
    assert not (tmp_path / "out").exists()


# Time limits and dying workers


def test_a_page_that_takes_too_long_is_a_row(pages: Path, tmp_path: Path) -> None:
    slow = "".join(f"<p>Paragraph {number} about low potassium and cramps.</p>" for number in range(20_000))
    (pages / "slow.html").write_text(f"<article><h1>Slow</h1>{slow}</article>")
    batch.run([pages], tmp_path / "out", workers=1, page_seconds=0.25)
    articles = read_run(tmp_path / "out").articles.set_index("article_id")
    assert articles.loc["slow.html", "status"] == "timeout"
    assert "--page-seconds" in articles.loc["slow.html", "reason"]
    assert articles.loc["0.html", "status"] == "ok"
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_alarm_is_no_exception_that_anybody_catches_by_mistake() -> None:
    def swallow() -> None:
        try:
            time.sleep(5)
        except Exception:
            pytest.fail("caught")

    with pytest.raises(PageTimeout), time_limit(0.01):
        swallow()
    with time_limit(0):
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0.0


def test_the_limit_holds_in_any_thread_and_leaves_nothing_behind() -> None:
    told: list[object] = []

    def loop(seconds: float) -> int:
        turns, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            turns += 1
        return turns

    def work() -> None:
        for _ in range(3):
            with time_limit(30):
                pass
        try:
            with time_limit(0.05):
                loop(20)
        except PageTimeout:
            told.append("too long")
        told.append(loop(0.05) > 0)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert told == ["too long", True]


def test_no_more_pages_are_under_way_than_workers_can_keep_up_with(pages: Path, tmp_path: Path) -> None:
    taken = 0

    def tasks() -> Iterator[Task]:
        nonlocal taken
        for item in plan([str(pages)]) * 4:
            taken += 1
            yield Task(f"{taken:09}", [item])

    (tmp_path / "parts").mkdir()
    store = LocalParts(str(tmp_path / "parts"))
    for done, _ in enumerate(in_processes(tasks(), store, Settings(), workers=1)):
        assert taken - done <= AHEAD
    assert taken == 4 * (COUNT + 1)


POISON = """
import multiprocessing, os, signal, sys, time
from pipeline import batch
from pipeline.batch import pool, work
from pipeline.model import Status

def poisoned(task, store, settings):
    for entry in task.entries:
        if entry.article_id.startswith("crash"):
            os.kill(os.getpid(), signal.SIGKILL)
        if entry.article_id.startswith("raise"):
            raise RuntimeError("on this page")
    return work.work(task, store, settings)

def stuck(task, store, settings):
    if task.entries and task.entries[0].article_id.startswith("hang"):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(600)
    return work.give_up(task, store, Status.OK, "") if task.entries else None

if __name__ == "__main__":
    pool.work = poisoned
    if len(sys.argv) > 3:  # without spaCy, so that the time a worker needs to start can be cut short
        pool.START_SECONDS = 5.0
        pool._context = lambda: multiprocessing.get_context("spawn")
        pool.work = stuck
        batch.run([sys.argv[1]], sys.argv[2], workers=2, chunk_pages=1, page_seconds=1)
    else:
        batch.run([sys.argv[1]], sys.argv[2], workers=2, chunk_pages=3)
"""


def poisoned(pages: Path, out: Path, *more: str) -> dict[str, str]:
    script = pages.parent / "poison.py"
    script.write_text(POISON)
    subprocess.run([sys.executable, script, pages, out, *more], check=True, timeout=240)
    articles = read_run(out).articles
    return dict(zip(articles["article_id"], articles["status"], strict=True))


def test_a_page_that_kills_its_worker_is_a_row_and_the_rest_completes(pages: Path, tmp_path: Path) -> None:
    for name in ("crash-a", "crash-b", "raise"):
        (pages / f"{name}.html").write_text(PAGE.format(name))
    answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE.format("warc")
    (pages / "crash-c.warc").write_text(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/warc\r\n"
        f"Content-Length: {len(answer)}\r\n\r\n{answer}\r\n\r\n"
    )
    statuses = poisoned(pages, tmp_path / "out")
    assert {name for name, status in statuses.items() if status == "failed"} == {
        "crash-a.html",
        "crash-b.html",
        "crash-c.warc#1",
        "raise.html",
    }
    assert list(statuses.values()).count("ok") == COUNT
    assert list(statuses) == sorted(statuses)
    articles = read_run(tmp_path / "out").articles.set_index("article_id")
    lost = articles.loc["crash-c.warc#1"]
    assert (lost["url"], lost["url_source"]) == ("https://a.example/warc", "warc")


def test_a_page_that_hangs_out_of_reach_is_a_row(pages: Path, tmp_path: Path) -> None:
    for number in range(2, COUNT):
        (pages / f"{number}.html").unlink()
    (pages / "hang.html").write_text(PAGE.format("hang"))
    statuses = poisoned(pages, tmp_path / "out", "stuck")
    assert statuses == {"0.html": "ok", "1.html": "ok", "broken.html": "ok", "hang.html": "timeout"}


def test_an_engine_that_met_too_many_words_is_loaded_anew(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = plan([str(pages)])
    first, before = engine_for(Settings()), process(items, Settings())
    assert engine_for(Settings()) is first
    monkeypatch.setattr(chunk, "MOST_WORDS", len(first.annotator.vocab) - 1)
    after = process(items, Settings())
    assert engine_for(Settings()) is not first
    assert after.batches == before.batches


def test_a_run_leaves_the_process_as_it_was() -> None:
    before = gc.get_threshold(), pa.default_memory_pool().backend_name
    with chunk.calm():
        assert pa.default_memory_pool().backend_name == "system"
        assert gc.get_threshold() == chunk.GC_THRESHOLD
    assert (gc.get_threshold(), pa.default_memory_pool().backend_name) == before
