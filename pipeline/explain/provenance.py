"""The rows of the vocabulary that a result names as `file:line`, read back from disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..tsv import origin


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a vocabulary file: `where` as results name it, `path` on disk, `text` with its tabs.

    `path` and `text` are empty where no file holds it, as for what a text itself defines.
    """

    where: str
    path: str = ""
    text: str = ""


def line_at(where: str, folders: Sequence[Path]) -> Line:
    """The line at `where` (`terms/symptom.tsv:12`, `overlay/terms/symptom.tsv:3 not_example`) in one of `folders`."""
    place = where.partition(" ")[0]
    name, _, number = place.rpartition(":")
    if not number.isdecimal():
        return Line(where)
    for folder in reversed(folders):
        before = origin(folder)
        path = folder / name.removeprefix(before)
        if name.startswith(before) and path.is_file():
            lines = _lines(path, path.stat().st_mtime_ns)
            if 0 < int(number) <= len(lines):
                return Line(where, f"{path}:{number}", lines[int(number) - 1])
    return Line(where)


@lru_cache(maxsize=64)
def _lines(path: Path, changed: int) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
