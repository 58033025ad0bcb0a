"""What one worker is given and gives back: a chunk of pages in, a part in the store and a short account out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..model import Status
from .chunk import Entry, Result, Settings, lost, process
from .parts import SUFFIX, PartStore, encode


@dataclass(frozen=True, slots=True)
class Task:
    """Some pages, the name of the part they go to, and what is known of them: `known` has a fingerprint for
    each page or is empty."""

    name: str
    entries: Sequence[Entry]
    known: Sequence[bytes] = ()

    def single(self) -> list[Task]:
        """One task for each page."""
        return [
            Task(f"{self.name}-{position:04}", [entry], self.known[position : position + 1])
            for position, entry in enumerate(self.entries)
        ]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a task. `pages`: its article ids in order, each with its place in the part `part`, or -1
    for one that was found unchanged. `outcomes` counts the others by (status, reason)."""

    part: str
    pages: Sequence[tuple[str, int]]
    outcomes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    digest: str = ""


def work(task: Task, store: PartStore, settings: Settings) -> Done:
    """Do a task, and write its part if there is anything new. Raises VocabularyError, and OutputError
    if the part cannot be written."""
    return _keep(task, process(task.entries, settings, task.known), store)


def give_up(task: Task, store: PartStore, status: Status, reason: str) -> Done:
    """What became of a task of one page whose worker died."""
    return _keep(task, lost(task.entries[0], status, reason), store)


def _keep(task: Task, result: Result, store: PartStore) -> Done:
    start = time.process_time()
    part = ""
    if result.pages:
        part = task.name + SUFFIX
        store.write(part, encode(result.pages, result.batches))
    seconds = {**result.seconds, "keep": time.process_time() - start}
    position = 0
    pages: list[tuple[str, int]] = []
    for number, entry in enumerate(task.entries):
        if number in result.kept:
            pages.append((entry.article_id, -1))
        else:
            pages.append((entry.article_id, position))
            position += 1
    return Done(part, pages, result.outcomes, seconds, result.digest)
