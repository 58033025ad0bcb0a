"""Tasks through a Dask cluster: the same work per task, the same bytes, on as many machines as it has.

Dask gives the tasks of a worker that was lost to another. One that takes its workers down again and again is done
page by page, so that the page that kills is found and becomes a row. Every task writes its own part, so the
parts' folder must be one that all workers see.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MedtablesError
from ..model import Page, Status
from .chunk import Entry, Settings, settle, told_of
from .parts import PartStore
from .work import Done, Task, give_up, work

if TYPE_CHECKING:
    from distributed import Client, Future

AHEAD = 4
# Beyond the pages' own limit: for a worker to be found, to start and to load its vocabulary.
PATIENCE_SECONDS = 300.0
WAITING_SECONDS = 60.0

_one_at_a_time = threading.Lock()


def on_dask(
    tasks: Iterable[Task], store: PartStore, settings: Settings, workers: int, scheduler: str | None
) -> Iterator[Done]:
    """The accounts of the tasks in their order, done by the cluster at `scheduler` (an address such as
    tcp://host:8786, or the path of a scheduler file), or by a new one of `workers` processes on this machine.

    Raises MedtablesError if Dask is not installed, the cluster is not there or has no workers, the vocabulary
    does not load, or a part cannot be written.
    """
    with ExitStack() as stack:
        client = _client(stack, workers, scheduler)
        todo = iter(tasks)
        under_way: deque[tuple[Task, Future]] = deque()
        try:
            while True:
                most = AHEAD * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
                while len(under_way) < most and (task := next(todo, None)) is not None:
                    under_way.append((task, _submit(client, task, store, settings)))
                if not under_way:
                    return
                task, future = under_way.popleft()
                yield from _result(client, task, future, store, settings)
        finally:
            client.cancel([future for _, future in under_way], force=True)


def _client(stack: ExitStack, workers: int, scheduler: str | None) -> Client:
    try:
        from dask import config
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise MedtablesError(
            "--engine dask", "Dask is not installed", "Install it: pip install 'medtables[dask]'"
        ) from error
    if scheduler is None:
        # A worker that dies is started again, but Dask gives up for good one that is not back after 15 seconds, or that
        # died a second time and is just starting: where it is the only one, nothing would ever be done again.
        stack.enter_context(config.set({"distributed.deploy.lost-worker-timeout": "365 days"}))
        # Any free port of this machine: None would mean 8787, with a warning where that is taken.
        cluster = LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        )
        stack.enter_context(cluster)
        return stack.enter_context(Client(cluster))
    named: dict[str, Any] = {"scheduler_file" if Path(scheduler).is_file() else "address": scheduler}
    try:
        client = stack.enter_context(Client(timeout=WAITING_SECONDS, **named))
        client.wait_for_workers(1, timeout=WAITING_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        raise MedtablesError(
            scheduler,
            f"no Dask cluster with workers answers there ({type(error).__name__})",
            "Check the address that `dask scheduler` prints, and that `dask worker` runs.",
        ) from error
    return client


def _submit(client: Client, task: Task, store: PartStore, settings: Settings) -> Future:
    # The parent's folder, since the paths of pages may start from it.
    return client.submit(_work, task, store, settings, str(Path.cwd()), pure=False)


def _work(task: Task, store: PartStore, settings: Settings, folder: str) -> Done | MedtablesError:
    """What a Dask worker does. Its threads take turns: more of them would share one interpreter anyway."""
    with _one_at_a_time, _within(folder):
        settle()
        try:
            return work(task, store, settings)
        except MedtablesError as error:
            return error  # raised, Dask would log it as a failure of its own


def _look_up(entry: Entry, max_bytes: int, folder: str) -> Page:
    with _one_at_a_time, _within(folder):
        return told_of(entry, max_bytes)


@contextmanager
def _within(folder: str) -> Iterator[None]:
    before = Path.cwd()
    try:
        if Path(folder).is_dir():
            os.chdir(folder)
        yield
    finally:
        os.chdir(before)


def _told(client: Client, task: Task, settings: Settings) -> Task:
    """The task with its page as far as its record tells of it, which another worker looks up."""
    from distributed import KilledWorker

    [entry] = task.entries
    if isinstance(entry, Page):
        return task
    future = client.submit(_look_up, entry, settings.max_bytes, str(Path.cwd()), pure=False)
    try:
        return replace(task, entries=[future.result(timeout=WAITING_SECONDS)])
    except (KilledWorker, TimeoutError):
        future.cancel(force=True)
        return task


def _result(
    client: Client, task: Task, future: Future, store: PartStore, settings: Settings
) -> Iterator[Done]:
    from distributed import KilledWorker

    try:
        found = future.result(timeout=_patience(task, settings))
    except (KilledWorker, TimeoutError) as error:
        future.cancel(force=True)
        if isinstance(error, TimeoutError):
            _restart(client)
        if len(task.entries) > 1:
            for single in task.single():
                again = _submit(client, single, store, settings)
                yield from _result(client, single, again, store, settings)
        elif isinstance(error, TimeoutError):
            reason = f"took longer than {settings.page_seconds:g} seconds (--page-seconds)"
            yield give_up(_told(client, task, settings), store, Status.TIMEOUT, reason)
        else:
            reason = "the worker process died on this page (out of memory, or a crash)"
            yield give_up(_told(client, task, settings), store, Status.FAILED, reason)
        return
    if isinstance(found, MedtablesError):
        raise found
    yield found


def _restart(client: Client) -> None:
    """Have the workers replaced: one of them hangs in code that no alarm interrupts."""
    busy = [address for address, calls in client.processing().items() if calls]
    client.restart_workers(busy, timeout=WAITING_SECONDS, raise_for_error=False)


def _patience(task: Task, settings: Settings) -> float | None:
    """Seconds after which a worker must hang in code that its own alarm cannot interrupt."""
    if settings.page_seconds <= 0:
        return None
    return PATIENCE_SECONDS + AHEAD * settings.page_seconds * len(task.entries)
