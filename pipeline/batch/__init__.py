"""From folders of pages to a folder of tables: plan, extract in parts, put together, publish, account for every
page."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from ..addresses import is_url
from ..errors import MedtablesError
from ..language import ENGLISH, checked
from ..runs.output import OutputFolder, cannot_write
from ..runs.package import MANIFEST, RUN, describe, write_json
from ..runs.remote import RemoteFolder
from ..sources import MAX_BYTES, Options, Survey, survey
from ..writers import NAMES, Format, load_format
from .account import Account
from .assemble import assemble
from .chunk import PAGE_SECONDS, Settings, stamp_of
from .ledger import Ledger
from .parts import LocalParts, PartStore, RemoteParts
from .pool import in_process, in_processes
from .work import Done

CHUNK_PAGES = 16
ENGINES = ("local", "dask")
REASONS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: pages done, pages in all (None while nobody knows), pages of this run so far whose
    status is not ok, pages that an earlier run had done."""

    done: int
    total: int | None
    not_ok: int
    kept: int = 0


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run. `done` pages of `total` are kept for a later run with `resume`; `written` tells
    whether their tables stand in `out`, which is not so where they would replace a finished run."""

    def __init__(self, out: Path | str, done: int, total: int | None, *, written: bool) -> None:
        super().__init__(f"interrupted after {done} pages")
        self.out, self.done, self.total, self.written = out, done, total, written


@dataclass(frozen=True, slots=True)
class Summary:
    """What a finished run did. `statuses` has the pages by status, `reasons` the most frequent (status,
    reason) with their pages, `rows` the rows by table, `files` everything written, `seconds` the wall
    time, `notes` what was guessed or left out of
    the inputs and what a format could not hold as it was, `unread` the pages with the status ok in which
    nothing was sought, since they are not in English, `kept` how many pages an earlier run had done."""

    out: Path | str
    pages: int
    statuses: Mapping[str, int]
    reasons: tuple[tuple[str, str, int], ...]
    rows: Mapping[str, int]
    files: tuple[Path, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    unread: int = 0
    kept: int = 0


def run(
    paths: Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    html_field: str = "",
    url_field: str = "",
    manifest: str | os.PathLike[str] | None = None,
    formats: Sequence[str] = ("csv",),
    workers: int | None = None,
    vocabulary: Sequence[str | os.PathLike[str]] = (),
    max_bytes: int = MAX_BYTES,
    page_seconds: float = PAGE_SECONDS,
    language: str = ENGLISH,
    overwrite: bool = False,
    resume: bool = False,
    engine: str = "local",
    scheduler: str | None = None,
    chunk_pages: int = CHUNK_PAGES,
    progress: Callable[[Progress], None] | None = None,
    stdin: BinaryIO | None = None,
) -> Summary:
    """Extract every page in `paths` and write the tables to the folder `out`, also one at an address that fsspec
    knows, such as s3://bucket/tables (extra medtables[remote]).

    `html_field` and `url_field` name the fields of records that hold page and address; they are guessed where
    empty. `manifest` is a csv file with a row for each page: its address and date win over what the page says,
    and all of it is carried along in `manifest.csv`.

    `workers` processes share the work (by default as many as there are cores, 1: this process). A page above
    `max_bytes` or that takes longer than `page_seconds` (0: no limit) is a row that says so, as is one that
    fails. Nothing is sought in an article that is not in English, unless `language` is `any`. The data files'
    bytes depend on the pages, the manifest, the vocabulary, the language and the program alone. With `workers`
    other than 1, a script must call this below `if __name__ == "__main__":`.

    `resume` goes on with the run in `out`, finished or not: a page whose content, program and vocabulary are the
    same is not done again, unless it failed. What an interrupted run has done stays in `out/.medtables`.

    With the `engine` `dask` the pages go to the Dask cluster at `scheduler`, or to a new one of `workers`
    processes on this machine; the bytes are the same. All its workers must see the pages and `out`.

    Raises SourceError for inputs that do not exist, OutputError for a folder that may not or cannot be
    written or that another run is writing, VocabularyError, MedtablesError for options that make no sense, and
    Interrupted on Ctrl-C.
    """
    start = time.perf_counter()
    written = _formats(formats)
    folders = tuple(os.fspath(folder) for folder in vocabulary)
    settings = Settings(folders, max_bytes, page_seconds, checked(language), stamp_of(folders))
    workers = cores() if workers is None else workers
    if workers < 1 or chunk_pages < 1 or max_bytes < 1:
        raise MedtablesError(
            "", "workers, chunk_pages and max_bytes must be at least 1", "Give a larger number."
        )
    if engine not in ENGINES or (scheduler and engine != "dask"):
        what = f"unknown engine {engine!r}" if engine not in ENGINES else "a scheduler is for --engine dask"
        raise MedtablesError("--engine", what, f"Engines are {', '.join(ENGINES)}.")
    options: dict[str, Any] = {
        "paths": [os.fspath(path) for path in paths],
        "html_field": html_field,
        "url_field": url_field,
        "manifest": os.fspath(manifest) if manifest else "",
        "formats": list(formats),
        "workers": workers,
        "engine": engine,
        "scheduler": scheduler,
        "vocabulary": list(settings.vocabulary),
        "max_bytes": max_bytes,
        "page_seconds": page_seconds,
        "language": language,
    }
    kind = RemoteFolder if is_url(out) else OutputFolder
    folder = kind(os.fspath(out), overwrite=overwrite, resume=resume)
    try:
        inputs = survey(paths, Options(html_field, url_field, options["manifest"]))
        job = _Job(folder, written, options, inputs)
        if inputs.total is not None:
            chunk_pages = min(chunk_pages, -(-inputs.total // workers))
        tasks = job.ledger.tasks(inputs.entries(max_bytes, stdin), chunk_pages)
        if engine == "dask":
            from .on_dask import on_dask

            accounts = on_dask(tasks, job.store, settings, workers, scheduler)
        elif workers == 1:
            accounts = in_process(tasks, job.store, settings)
        else:
            accounts = in_processes(tasks, job.store, settings, workers)
        job.work(accounts, inputs.total, progress)
        files = job.finish()
    except Interrupted:
        raise
    except KeyboardInterrupt as error:
        raise Interrupted(folder.path, 0, None, written=False) from error
    except OSError as error:
        raise cannot_write(Path(folder.path), error) from error
    finally:
        folder.close()
    account = job.account
    return Summary(
        folder.path,
        sum(account.statuses.values()),
        dict(account.statuses),
        tuple((*found, count) for found, count in account.reasons.most_common(REASONS_SHOWN)),
        dict(account.rows),
        files,
        time.perf_counter() - start,
        job.notes,
        account.unread,
        account.kept,
    )


class _Job:
    """A run under way in its folder."""

    def __init__(
        self,
        folder: OutputFolder | RemoteFolder,
        formats: Sequence[Format],
        options: Mapping[str, Any],
        inputs: Survey,
    ) -> None:
        self._folder, self._formats, self._options, self._inputs = folder, formats, options, inputs
        self._started, self._start = datetime.now(UTC), time.perf_counter()
        self.store: PartStore = (
            RemoteParts(folder.parts)
            if isinstance(folder, RemoteFolder)
            else LocalParts(str(folder.parts.absolute()))
        )
        self.ledger = Ledger(self.store)
        self.account = Account()
        self.notes: tuple[str, ...] = ()

    def work(
        self, accounts: Iterator[Done], total: int | None, progress: Callable[[Progress], None] | None
    ) -> None:
        """See all tasks through. Raises Interrupted, with what is done published where nothing finished is
        replaced."""
        try:
            for done in accounts:
                self.ledger.add(done)
                self.account.add(done)
                if progress:
                    account = self.account
                    progress(Progress(account.done, total, account.not_ok, account.kept))
        except KeyboardInterrupt as error:
            _close(accounts)
            written = len(self.ledger) > 0 and not self._folder.finished
            if written:
                self.finish(complete=False)
            raise Interrupted(self._folder.path, len(self.ledger), total, written=written) from error
        finally:
            _close(accounts)

    def finish(self, *, complete: bool = True) -> tuple[Path, ...]:
        """Put the tables together and give them their names."""
        begin = time.process_time()
        work = self._folder.work
        written = assemble(self.ledger, self.store, work, self._formats, self.account)
        self.notes = (*self._inputs.told(), *written)
        self.account.spend("write", time.process_time() - begin)
        self.account.spend("in all", time.perf_counter() - self._start)
        if self._inputs.manifest:
            self._inputs.manifest.write(work / MANIFEST)
        describe(work, self._formats)
        options = {**self._options, "inputs": self._inputs.account()}
        write_json(work / RUN, self.account.tell(work, options, self._started, complete=complete))
        files = self._folder.publish()
        if complete:
            self.ledger.sweep()
        return files


def _close(accounts: Iterator[Done]) -> None:
    """End the workers behind a generator."""
    getattr(accounts, "close", lambda: None)()


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
    formats = [load_format(name) for name in dict.fromkeys(names)]
    for one in formats:
        one.check()
    return formats
