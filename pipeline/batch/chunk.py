"""A handful of pages in, Arrow record batches out: the work of one worker process.

`process` never raises for a page: one that breaks or takes too long becomes a row that says so. Everything
that goes in and comes out is picklable, so the same function serves one process, several, and many machines.
"""

from __future__ import annotations

import ctypes
import gc
import hashlib
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ..duplicates import signature
from ..language import ENGLISH
from ..model import Article, Extraction, Page, Problem, Status
from ..sources import MAX_BYTES, Item, load, visible, with_told
from ..tables import TABLES
from ..tables.rows import Row, rows
from ..tables.schema import batch

if TYPE_CHECKING:
    from ..extract import Engine

PAGE_SECONDS = 60.0
MARK_BYTES = 16
Entry = Item | Page
PageRows = dict[str, list[Row]]
# A page makes ten thousands of objects that die with it, and none in circles. To look for circles among them every
# 700 objects, as is usual, costs a tenth of the time.
GC_THRESHOLD = (500_000, 20, 20)


@dataclass(frozen=True, slots=True)
class Settings:
    """What every worker needs to know: vocabulary folders, bytes a page may have, seconds it may take (0:
    any), the language to read (`en`, or `any` for every article), and what the folders held when the run began."""

    vocabulary: tuple[str, ...] = ()
    max_bytes: int = MAX_BYTES
    page_seconds: float = PAGE_SECONDS
    language: str = ENGLISH
    stamp: str = ""


def stamp_of(vocabulary: Sequence[str]) -> str:
    """Equal as long as no file in these folders is changed. A process may live longer than a vocabulary stays as it
    is: that of a notebook, or of a cluster."""
    found = hashlib.sha256()
    for folder in vocabulary:
        for path in sorted(Path(folder).rglob("*")):
            try:
                status = path.lstat()
            except FileNotFoundError:  # just now; whoever loads the vocabulary tells what is missing
                continue
            told = (str(path), status.st_mtime_ns, status.st_size)
            found.update(repr(told).encode("utf-8", "surrogatepass"))
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Result:
    """The tables of some pages, by table name, and what to count: pages by (status, reason), CPU seconds by
    stage.

    `pages` has a row of `parts.PAGES` for each page in the tables. `kept` has the positions of the entries that
    were found unchanged, which are not in the tables.
    """

    batches: Mapping[str, pa.RecordBatch]
    outcomes: Mapping[tuple[str, str], int]
    seconds: Mapping[str, float] = field(default_factory=dict)
    digest: str = ""
    pages: tuple[tuple[Any, ...], ...] = ()
    kept: frozenset[int] = frozenset()


class PageTimeout(BaseException):
    """Raised inside a page that takes too long. Not an Exception, so that nobody on the way takes it for
    their own."""


# spaCy keeps every word it ever met, some 700 bytes each, and every page brings new ones.
MOST_WORDS = 200_000
_loaded: dict[tuple[tuple[str, ...], str], Engine] = {}


def engine_for(settings: Settings) -> Engine:
    """This process's engine for the vocabulary, loaded once, and again when it knows too many words. Raises
    VocabularyError."""
    # Imported here because spaCy comes with it, which the process that only hands out chunks can do without.
    from ..extract import load_engine

    key = (settings.vocabulary, settings.stamp)
    known = _loaded.get(key)
    if known is None or len(known.annotator.vocab) > MOST_WORDS:
        known = None
        _loaded.clear()
        gc.unfreeze()
        gc.collect()
        _loaded[key] = load_engine([Path(folder) for folder in settings.vocabulary])
        gc.collect()
        gc.freeze()
    return _loaded[key]


def process(entries: Sequence[Entry], settings: Settings, known: Sequence[bytes] = ()) -> Result:
    """The tables of these pages, in their order. A page whose fingerprint is the one in `known`, which has one
    for each entry or none at all, is left out. Raises MedtablesError only if the vocabulary does not load."""
    engine = engine_for(settings)
    seconds: defaultdict[str, float] = defaultdict(float)
    done: list[tuple[Entry, _PageResult]] = []
    kept: set[int] = set()
    for position, (entry, mark) in enumerate(zip(entries, known or (b"",) * len(entries), strict=True)):
        found = _page(entry, settings, mark, engine, seconds)
        if found is None:
            kept.add(position)
        else:
            done.append((entry, found))
    start = time.process_time()
    try:
        batches = _batches([page.rows for _, page in done])
    except (ValueError, TypeError, OverflowError, pa.ArrowException):
        done = [(entry, _fitting(page, entry)) for entry, page in done]
        batches = _batches([page.rows for _, page in done])
    seconds["arrow"] += time.process_time() - start
    pages = tuple(_described(entry, page) for entry, page in done)
    return Result(batches, count_outcomes(batches), dict(seconds), engine.digest, pages, frozenset(kept))


def settle() -> None:
    """Have the garbage collector of this process look for cycles less often, and Arrow take the memory for its
    small tables where Python takes its own: Arrow's own pool holds on to 35 MB that nobody uses."""
    gc.set_threshold(*GC_THRESHOLD)
    pa.set_memory_pool(pa.system_memory_pool())


@contextmanager
def calm() -> Iterator[None]:
    """A process as `settle` leaves it, and afterwards as it was. It is for a whole run: going back to the usual
    after each chunk would have the garbage collector look through everything each time."""
    threshold, memory = gc.get_threshold(), pa.default_memory_pool()
    settle()
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
        pa.set_memory_pool(memory)


def fingerprint(page: Page, content_sha256: str, engine: Engine, settings: Settings) -> bytes:
    """MARK_BYTES bytes that are equal when page, engine and language are, so that the rows are too; empty for a
    page that could not be read. `content_sha256` stands for the page's content."""
    if page.problem is not None:
        return b""
    told = repr((replace(page, content=b""), content_sha256, engine.digest, settings.language))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()[:MARK_BYTES]


@dataclass(frozen=True, slots=True)
class _PageResult:
    rows: PageRows
    fingerprint: bytes = b""
    signature: bytes = b""


def _page(
    entry: Entry, settings: Settings, known: bytes, engine: Engine, seconds: defaultdict[str, float]
) -> _PageResult | None:
    """The page's rows, None if it is the one that is known."""
    from ..extract import content_hash, extract

    told = entry
    try:
        with time_limit(settings.page_seconds):
            start = time.process_time()
            told = page = load(entry, settings.max_bytes)
            # Where nothing is known, the hash of the content is left to `extract`, which makes it anyway.
            same = known and known == fingerprint(page, content_hash(page.content), engine, settings)
            seconds["read"] += time.process_time() - start
            if same:
                return None
            extraction = extract(page, engine, language=settings.language)
            mark = fingerprint(page, extraction.content_sha256, engine, settings)
            for stage, value in extraction.seconds:
                seconds[stage] += value
            start = time.process_time()
            found = rows(extraction)
            seconds["rows"] += time.process_time() - start
            start = time.process_time()
            likeness = signature(extraction)
            seconds["signature"] += time.process_time() - start
    except PageTimeout:
        return _PageResult(timeout_rows(told, settings.page_seconds))
    except Exception as error:
        return _PageResult(lost_rows(told, Status.FAILED, _reason(error)))
    if extraction.problem and extraction.problem.status is Status.FAILED:
        return _PageResult(found)
    return _PageResult(found, mark, likeness)


def _described(entry: Entry, page: _PageResult) -> tuple[Any, ...]:
    return (entry.article_id, page.fingerprint, page.signature, *(len(page.rows[name]) for name in TABLES))


def _fitting(page: _PageResult, entry: Entry) -> _PageResult:
    """The page's rows, or if they do not fit the schemas, a row that says so."""
    try:
        _batches([page.rows])
    except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
        return _PageResult(lost_rows(entry, Status.FAILED, _reason(error)))
    return page


def _batches(pages: Sequence[PageRows]) -> dict[str, pa.RecordBatch]:
    return {
        name: batch(table, [row for page in pages for row in page[name]]) for name, table in TABLES.items()
    }


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def told_of(entry: Entry, max_bytes: int) -> Page:
    """The page without its content: the address and date that came with it, from record or manifest."""
    return replace(load(entry, max_bytes), article_id=entry.article_id, content=b"", problem=None)


def lost_rows(entry: Entry, status: Status, reason: str) -> PageRows:
    """The rows of a page that gave nothing, with what is known of it without reading it."""
    if isinstance(entry, Item):
        page = with_told(Page(entry.article_id, b"", visible(entry.path)), entry.told)
    else:
        page = replace(entry, content=b"")
    return rows(Extraction(page, Article(""), problem=Problem(status, reason)))


def timeout_rows(entry: Entry, seconds: float) -> PageRows:
    """The rows of a page that took longer than `seconds`."""
    return lost_rows(entry, Status.TIMEOUT, f"took longer than {seconds:g} seconds (--page-seconds)")


def lost(entry: Entry, status: Status, reason: str) -> Result:
    """The result of a page whose worker died."""
    page = _PageResult(lost_rows(entry, status, reason))
    batches = _batches([page.rows])
    return Result(batches, count_outcomes(batches), pages=(_described(entry, page),))


def count_outcomes(batches: Mapping[str, pa.RecordBatch]) -> Counter[tuple[str, str]]:
    """How many pages have which status and reason."""
    articles = batches["articles"]
    return Counter(
        zip(articles.column("status").to_pylist(), articles.column("reason").to_pylist(), strict=True)
    )


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise PageTimeout in the block after that many seconds.

    Code in C is only interrupted when it comes back to Python: the pool of processes ends a worker that does
    not.
    """
    if seconds <= 0:
        yield
    elif hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        yield from _with_alarm(seconds)
    else:
        yield from _with_thread(seconds)


def _with_alarm(seconds: float) -> Iterator[None]:
    previous = signal.signal(signal.SIGALRM, _raise_timeout)
    # The repetition is for a first alarm that some callback swallowed.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _raise_timeout(number: int, frame: FrameType | None) -> None:
    raise PageTimeout


def _with_thread(seconds: float) -> Iterator[None]:
    """The same where there is no alarm: another thread raises the exception in this one."""
    thread = ctypes.c_ulong(threading.get_ident())
    raise_in_thread = ctypes.pythonapi.PyThreadState_SetAsyncExc
    lock = threading.Lock()
    over = sent = False

    def fire() -> None:
        nonlocal sent
        with lock:
            if not over:
                sent = True
                raise_in_thread(thread, ctypes.py_object(PageTimeout))

    timer = threading.Timer(seconds, fire)
    timer.daemon = True
    timer.start()
    arrived = False
    try:
        yield
    except PageTimeout:
        arrived = True
        raise
    finally:
        timer.cancel()
        with lock:
            over = True
        if sent and not arrived:
            # Take back what is on its way. Where nothing is, CPython would keep looking for it before every
            # instruction of the process.
            raise_in_thread(thread, None)
