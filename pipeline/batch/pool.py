"""Chunks through worker processes, results in order, whatever happens to a worker.

When a worker dies, every chunk that was under way is done again page by page in a process of its own, so that
the page that kills is found and becomes a row; the others complete. At most AHEAD chunks per worker are under
way, so memory does not grow with the run.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from multiprocessing import resource_tracker

from ..errors import MedtablesError
from ..model import Status
from .chunk import Entry, Result, Settings, lost, process

AHEAD = 4
# Beyond the pages' own limit: for a worker to start and load its vocabulary on a busy machine.
START_SECONDS = 120.0

_ENDING = (signal.SIGINT, signal.SIGTERM)

Chunk = Sequence[Entry]


def in_process(chunks: Iterable[Chunk], settings: Settings) -> Iterator[Result]:
    """The results of the chunks, made in this process."""
    for chunk in chunks:
        yield process(chunk, settings)


def in_processes(chunks: Iterable[Chunk], settings: Settings, workers: int) -> Iterator[Result]:
    """The results of the chunks in their order (a chunk that was done again gives one result per page), made
    by `workers` processes. Raises MedtablesError if the vocabulary does not load or no worker can start."""
    todo = iter(chunks)
    under_way: deque[tuple[Chunk, Future[Result]]] = deque()
    crew = _Crew(workers)
    try:
        while True:
            while len(under_way) < AHEAD * workers and (chunk := next(todo, None)) is not None:
                under_way.append((chunk, crew.submit(chunk, settings)))
            if not under_way:
                crew.close()
                return
            chunk, future = under_way.popleft()
            try:
                yield future.result(timeout=_patience(chunk, settings))
            except MedtablesError:
                raise
            except Exception:
                crew.end()
                again = [(chunk, future), *under_way]
                under_way.clear()
                yield from _again(again, settings)
    finally:
        crew.end()


def _again(chunks: Sequence[tuple[Chunk, Future[Result]]], settings: Settings) -> Iterator[Result]:
    crew = _Crew(1)
    try:
        for chunk, future in chunks:
            if future.done() and not future.cancelled() and future.exception() is None:
                yield future.result()
            else:
                for entry in chunk:
                    yield _alone(entry, settings, crew)
        crew.close()
    finally:
        crew.end()


def _alone(entry: Entry, settings: Settings, crew: _Crew) -> Result:
    """The page's result from a worker that has nothing else to do; what goes wrong now is the page's own
    fault."""
    crew.ensure(settings)
    try:
        return crew.submit([entry], settings).result(timeout=_patience([entry], settings))
    except MedtablesError:
        raise
    except FutureTimeoutError:
        crew.end()
        return lost(
            entry, Status.TIMEOUT, f"took longer than {settings.page_seconds:g} seconds (--page-seconds)"
        )
    except BrokenExecutor:
        crew.end()
        return lost(entry, Status.FAILED, "the worker process died on this page (out of memory, or a crash)")
    except Exception as error:
        return lost(entry, Status.FAILED, f"{type(error).__name__}: {' '.join(str(error).split())}")


def _patience(chunk: Chunk, settings: Settings) -> float | None:
    """Seconds after which a worker must hang in code that its own alarm cannot interrupt."""
    return START_SECONDS + settings.page_seconds * len(chunk) if settings.page_seconds > 0 else None


class _Crew:
    """A process pool that is started when first used, and again after it was ended."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, chunk: Chunk, settings: Settings) -> Future[Result]:
        """Send a chunk to a worker."""
        try:
            if self._pool is None:
                with _undisturbed():
                    self._pool = ProcessPoolExecutor(
                        self._workers, mp_context=_context(), initializer=_settle
                    )
                    return self._pool.submit(process, chunk, settings)
            return self._pool.submit(process, chunk, settings)
        except BrokenExecutor as error:
            broken: Future[Result] = Future()
            broken.set_exception(error)
            return broken

    def ensure(self, settings: Settings) -> None:
        """Have a worker that runs. Raises MedtablesError if none can be started, and what loading raises."""
        if self._pool is not None:
            return
        try:
            self.submit([], settings).result(timeout=START_SECONDS)
        except (BrokenExecutor, FutureTimeoutError) as error:
            raise MedtablesError(
                "",
                f"no worker process can be started ({type(error).__name__})",
                'Use one worker. In a script, call run() below `if __name__ == "__main__":`.',
            ) from error

    def close(self) -> None:
        """Let the workers finish and leave."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None

    def end(self) -> None:
        """End the workers at once."""
        if self._pool is None:
            return
        # shutdown() would wait for a worker that hangs; there is no public way to end one before Python 3.14.
        for worker in list((self._pool._processes or {}).values()):
            worker.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None


def _context() -> multiprocessing.context.BaseContext:
    """Workers never fork from this process, whose threads a fork would tear apart."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.batch.chunk", "pipeline.extract"])
    return context


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off Ctrl-C and SIGTERM until the workers have started, and have them start with both blocked.

    A worker that is half started cannot be ended, and would print a traceback of its own; so would the server
    that the workers are forked from, which Ctrl-C on a terminal reaches too.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # started later, it would unblock the signals
    caught: list[int] = []
    before = {
        number: signal.signal(number, lambda number, frame: caught.append(number)) for number in _ENDING
    }
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)
        for arrived in caught[:1]:
            signal.raise_signal(arrived)


def _settle() -> None:
    """What a worker does first: leave Ctrl-C to its parent, and end when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()
