"""From folders of pages to a folder of tables: plan, extract in order, write, publish, account for every
page."""

from __future__ import annotations

import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

from .. import __version__
from ..errors import MedtablesError, VocabularyError
from ..language import ENGLISH, checked
from ..model import Status
from ..runs.output import OutputFolder, cannot_write
from ..runs.package import RUN, describe, sha256, write_json
from ..sources import MAX_BYTES, STDIN_ID, load, plan
from ..tables import TABLES
from ..writers import NAMES, Format, load_format
from .chunk import PAGE_SECONDS, Entry, Result, Settings
from .pool import in_process, in_processes

CHUNK_PAGES = 16
DEPENDENCIES = ("spacy", "beautifulsoup4", "lxml", "pyarrow", "py3langid")
REASONS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: pages done, pages in all, pages so far whose status is not ok."""

    done: int
    total: int
    not_ok: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a finished run did. `statuses` has the pages by status, `reasons` the most frequent (status,
    reason) with their pages, `rows` the rows by table, `files` everything written, `seconds` the wall
    time, `notes` what a format could not hold as it was, `unread` the pages with the status ok in which
    nothing was sought, since they are not in English."""

    out: Path
    pages: int
    statuses: Mapping[str, int]
    reasons: tuple[tuple[str, str, int], ...]
    rows: Mapping[str, int]
    files: tuple[Path, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    unread: int = 0


def run(
    paths: Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    formats: Sequence[str] = ("csv",),
    workers: int | None = None,
    vocabulary: Sequence[str | os.PathLike[str]] = (),
    max_bytes: int = MAX_BYTES,
    page_seconds: float = PAGE_SECONDS,
    language: str = ENGLISH,
    overwrite: bool = False,
    chunk_pages: int = CHUNK_PAGES,
    progress: Callable[[Progress], None] | None = None,
    stdin: BinaryIO | None = None,
) -> Summary:
    """Extract every page in `paths` and write the tables to the folder `out`.

    `workers` processes share the work (by default as many as there are cores, 1: this process). A page above
    `max_bytes` or that takes longer than `page_seconds` (0: no limit) is a row that says so, as is one that
    fails. Nothing is sought in an article that is not in English, unless `language` is `any`. The data files'
    bytes depend on the pages, the vocabulary, the language and the program alone. With `workers` other than
    1, a script must call this below `if __name__ == "__main__":`.

    Raises SourceError for inputs that do not exist, OutputError for a folder that may not or cannot be
    written, VocabularyError, and MedtablesError for options that make no sense.
    """
    started, start = datetime.now(UTC), time.perf_counter()
    written = _formats(formats)
    settings = Settings(
        tuple(os.fspath(folder) for folder in vocabulary), max_bytes, page_seconds, checked(language)
    )
    workers = cores() if workers is None else workers
    if workers < 1 or chunk_pages < 1 or max_bytes < 1:
        raise MedtablesError(
            "", "workers, chunk_pages and max_bytes must be at least 1", "Give a larger number."
        )
    folder = OutputFolder(Path(out), overwrite=overwrite)
    try:
        items = plan([os.fspath(path) for path in paths])
        entries: list[Entry] = [
            load(item, max_bytes, stdin) if item.reader == STDIN_ID else item for item in items
        ]
        chunks = _cut(entries, min(chunk_pages, -(-len(entries) // workers)))
        results = in_process(chunks, settings) if workers == 1 else in_processes(chunks, settings, workers)
        tally = _write(results, folder.work, written, Progress(0, len(entries), 0), progress)
        tally.spend("in all", time.perf_counter() - start)
        describe(folder.work, written)
        options = {
            "paths": [os.fspath(path) for path in paths],
            "formats": list(formats),
            "workers": workers,
            "vocabulary": list(settings.vocabulary),
            "max_bytes": max_bytes,
            "page_seconds": page_seconds,
            "language": language,
        }
        write_json(folder.work / RUN, _account(tally, folder.work, options, started))
        files = folder.publish()
    except OSError as error:
        raise cannot_write(folder.path, error) from error
    finally:
        folder.discard()
    return Summary(
        folder.path,
        sum(tally.statuses.values()),
        dict(tally.statuses),
        tuple((*found, count) for found, count in tally.reasons.most_common(REASONS_SHOWN)),
        dict(tally.rows),
        files,
        time.perf_counter() - start,
        tuple(tally.notes),
        tally.unread,
    )


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _formats(names: Sequence[str]) -> list[Format]:
    unknown = [name for name in names if name not in NAMES]
    if unknown or not names:
        what = f"unknown format {unknown[0]!r}" if unknown else "no format was given"
        raise MedtablesError("--format", what, f"Formats are {', '.join(NAMES)}.")
    return [load_format(name) for name in dict.fromkeys(names)]


def _cut(entries: Sequence[Entry], length: int) -> Iterator[Sequence[Entry]]:
    return (entries[begin : begin + length] for begin in range(0, len(entries), length))


class _Tally:
    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.reasons: Counter[tuple[str, str]] = Counter()
        self.unread = 0
        self.rows: Counter[str] = Counter(dict.fromkeys(TABLES, 0))
        self.seconds: dict[str, float] = {}
        self.digest = ""
        self.notes: list[str] = []

    def add(self, result: Result) -> None:
        for (status, reason), count in result.outcomes.items():
            self.statuses[status] += count
            if reason:
                self.reasons[status, reason] += count
            if reason and status == Status.OK:
                self.unread += count
        for name, batch in result.batches.items():
            self.rows[name] += batch.num_rows
        for stage, value in result.seconds.items():
            self.spend(stage, value)
        if result.digest and self.digest not in ("", result.digest):
            raise VocabularyError("", "the vocabulary was changed during the run", "Start the run again.")
        self.digest = self.digest or result.digest

    def spend(self, stage: str, seconds: float) -> None:
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds


def _write(
    results: Iterator[Result],
    folder: Path,
    formats: Sequence[Format],
    begin: Progress,
    progress: Callable[[Progress], None] | None,
) -> _Tally:
    tally = _Tally()
    with ExitStack() as stack:
        stack.callback(getattr(results, "close", lambda: None))
        writers = [written.open(folder, tuple(TABLES.values())) for written in formats]
        for writer in writers:
            stack.callback(writer.close)
        for result in results:
            tally.add(result)
            start = time.thread_time()
            for name, table in TABLES.items():
                for writer in writers:
                    writer.write(table, result.batches[name])
            tally.spend("write", time.thread_time() - start)
            if progress:
                done = sum(tally.statuses.values())
                progress(Progress(done, begin.total, done - tally.statuses[Status.OK]))
    tally.notes = [note for writer in writers for note in writer.notes]
    return tally


def _account(tally: _Tally, folder: Path, options: dict[str, Any], started: datetime) -> dict[str, Any]:
    """What `run.json` says: all that is needed to repeat the run, and what it gave."""
    return {
        "program": "medtables",
        "version": __version__,
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "dependencies": {name: _version(name) for name in DEPENDENCIES},
        "options": options,
        "vocabulary_digest": tally.digest,
        "pages": sum(tally.statuses.values()),
        "unread": tally.unread,
        "statuses": {status: tally.statuses[status] for status in sorted(tally.statuses)},
        "rows": dict(tally.rows),
        "seconds": {stage: round(value, 3) for stage, value in tally.seconds.items()},
        "files": {
            path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)}
            for path in sorted(folder.iterdir())
        },
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
