"""What a run counts, and `run.json`, which says all that is needed to repeat it."""

from __future__ import annotations

import platform
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import pyarrow as pa

from .. import __version__
from ..errors import VocabularyError
from ..model import Status
from ..runs.package import sha256
from ..tables import TABLES
from .chunk import count_outcomes
from .work import Done


class Account:
    """Counts of one run: pages by status, reasons, rows by table, CPU seconds by stage."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.reasons: Counter[tuple[str, str]] = Counter()
        self.unread = 0
        self.rows: Counter[str] = Counter(dict.fromkeys(TABLES, 0))
        self.seconds: dict[str, float] = {}
        self.digest = ""
        # Of the pages that were done anew.
        self.done = 0
        self.not_ok = 0
        self.kept = 0

    def add(self, done: Done) -> None:
        """Count the work of a task. Raises VocabularyError if it was done with another vocabulary than the
        tasks before."""
        kept = sum(1 for _, position in done.pages if position < 0)
        self.done += len(done.pages)
        self.kept += kept
        self.not_ok += sum(count for (status, _), count in done.outcomes.items() if status != Status.OK)
        for stage, value in done.seconds.items():
            self.spend(stage, value)
        if done.digest and self.digest not in ("", done.digest):
            raise VocabularyError("", "the vocabulary was changed during the run", "Start the run again.")
        self.digest = self.digest or done.digest

    def spend(self, stage: str, seconds: float) -> None:
        """Count time of a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    def write(self, batches: Mapping[str, pa.RecordBatch]) -> None:
        """Count rows that go into the tables."""
        for (status, reason), count in count_outcomes(batches).items():
            self.statuses[status] += count
            if reason:
                self.reasons[status, reason] += count
            if reason and status == Status.OK:
                self.unread += count
        for name, batch in batches.items():
            self.rows[name] += batch.num_rows

    def tell(
        self, folder: Path, options: Mapping[str, Any], started: datetime, *, complete: bool
    ) -> dict[str, Any]:
        """What `run.json` says, once all files but itself stand in `folder`."""
        return {
            "program": "medtables",
            "version": __version__,
            "complete": complete,
            "started": started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "dependencies": _dependencies(),
            "options": dict(options),
            "vocabulary_digest": self.digest,
            "pages": sum(self.statuses.values()),
            "pages_kept": self.kept,
            "unread": self.unread,
            "statuses": {status: self.statuses[status] for status in sorted(self.statuses)},
            "rows": dict(self.rows),
            "seconds": {stage: round(value, 3) for stage, value in self.seconds.items()},
            "files": {
                path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)}
                for path in sorted(folder.iterdir())
            },
        }


def _dependencies() -> dict[str, str]:
    """The installed version of everything that medtables needs."""
    try:
        needed = requires("medtables") or []
    except PackageNotFoundError:
        return {}
    names = [re.split(r"[^\w.-]", line)[0] for line in needed if "extra ==" not in line]
    return {name: version(name) for name in sorted(names)}
