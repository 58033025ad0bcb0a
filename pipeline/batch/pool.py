"""Tasks through worker processes, accounts in order, whatever happens to a worker.

When a worker dies, every task that was under way is done again page by page in a process of its own, so that
the page that kills is found and becomes a row; the others complete. At most AHEAD tasks per worker are under
way, so memory does not grow with the run.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from multiprocessing import resource_tracker
from typing import TypeVar

from ..errors import MedtablesError
from ..model import Page, Status
from .chunk import Settings, calm, settle, told_of
from .parts import PartStore
from .work import Done, Task, give_up, work

AHEAD = 4
# Beyond the pages' own limit: for a worker to start and load its vocabulary on a busy machine.
START_SECONDS = 120.0

_T = TypeVar("_T")
_ENDING = (signal.SIGINT, signal.SIGTERM)


def in_process(tasks: Iterable[Task], store: PartStore, settings: Settings) -> Iterator[Done]:
    """The accounts of the tasks, done in this process."""
    with calm():
        for task in tasks:
            yield work(task, store, settings)


def in_processes(tasks: Iterable[Task], store: PartStore, settings: Settings, workers: int) -> Iterator[Done]:
    """The accounts of the tasks in their order (a task that was done again gives one per page), done by
    `workers` processes. Raises MedtablesError if the vocabulary does not load, no worker can start, or a part
    cannot be written."""
    todo = iter(tasks)
    under_way: deque[tuple[Task, Future[Done]]] = deque()
    crew = _Crew(workers, store, settings)
    try:
        while True:
            while len(under_way) < AHEAD * workers and (task := next(todo, None)) is not None:
                under_way.append((task, crew.submit(task)))
            if not under_way:
                crew.close()
                return
            task, future = under_way.popleft()
            try:
                yield future.result(timeout=_patience(task, settings))
            except MedtablesError:
                raise
            except Exception:
                crew.end()
                again = [(task, future), *under_way]
                under_way.clear()
                yield from _again(again, store, settings)
    finally:
        crew.end()


def _again(
    tasks: Sequence[tuple[Task, Future[Done]]], store: PartStore, settings: Settings
) -> Iterator[Done]:
    crew = _Crew(1, store, settings)
    try:
        for task, future in tasks:
            if future.done() and not future.cancelled() and future.exception() is None:
                yield future.result()
            else:
                for single in task.single():
                    yield _alone(single, crew)
        crew.close()
    finally:
        crew.end()


def _alone(task: Task, crew: _Crew) -> Done:
    """The page's account from a worker that has nothing else to do; what goes wrong now is the page's own
    fault."""
    crew.ensure()
    settings = crew.settings
    try:
        return crew.submit(task).result(timeout=_patience(task, settings))
    except MedtablesError:
        raise
    except FutureTimeoutError:
        crew.end()
        reason = f"took longer than {settings.page_seconds:g} seconds (--page-seconds)"
        return give_up(_told(task, crew), crew.store, Status.TIMEOUT, reason)
    except BrokenExecutor:
        crew.end()
        reason = "the worker process died on this page (out of memory, or a crash)"
        return give_up(_told(task, crew), crew.store, Status.FAILED, reason)
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return give_up(task, crew.store, Status.FAILED, reason)


def _told(task: Task, crew: _Crew) -> Task:
    """The task with its page as far as its record tells of it, which a worker looks up: reading the page may be what
    killed the other one."""
    [entry] = task.entries
    if isinstance(entry, Page):
        return task
    crew.ensure()
    try:
        page = crew.call(told_of, entry, crew.settings.max_bytes).result(timeout=START_SECONDS)
    except Exception:  # whatever it is, the row that is written next tells of the page
        crew.end()
        return task
    return replace(task, entries=[page])


def _patience(task: Task, settings: Settings) -> float | None:
    """Seconds after which a worker must hang in code that its own alarm cannot interrupt."""
    return START_SECONDS + settings.page_seconds * len(task.entries) if settings.page_seconds > 0 else None


class _Crew:
    """A process pool that is started when first used, and again after it was ended."""

    def __init__(self, workers: int, store: PartStore, settings: Settings) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self.store = store
        self.settings = settings

    def submit(self, task: Task) -> Future[Done]:
        """Send a task to a worker."""
        return self.call(work, task, self.store, self.settings)

    def call(self, function: Callable[..., _T], *arguments: object) -> Future[_T]:
        """Have a worker call a function."""
        try:
            with nullcontext() if self._pool else _undisturbed():
                return self._started().submit(function, *arguments)
        except BrokenExecutor as error:
            broken: Future[_T] = Future()
            broken.set_exception(error)
            return broken
        except OSError as error:
            raise MedtablesError(
                "",
                f"no worker process can be started ({error})",
                "Use one worker. If a path is too long: set TMPDIR to a folder with a shorter name.",
            ) from error

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._workers, mp_context=_context(), initializer=_settle)
        return self._pool

    def ensure(self) -> None:
        """Have a worker that runs. Raises MedtablesError if none can be started, and what loading raises."""
        if self._pool is not None:
            return
        try:
            self.submit(Task("", [])).result(timeout=START_SECONDS)
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
    context.set_forkserver_preload(["pipeline.batch.work", "pipeline.extract"])
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
    settle()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()
