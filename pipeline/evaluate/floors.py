"""Committed floors: scores that a change must not lower unseen.

A floors file is JSON: for each gold, by its path relative to the file, the digest of the gold and the floor of each
figure that is held; and a list of what was lowered, with the reason. A figure is held when it speaks of all labels
(`exact.ALL`), of one label under the measure `merged`, or is a share (`assertion`).
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import OutputError, SourceError
from . import ALL, DECIMALS, Evaluation

_FORM = 'Write {"golds": {}, "lowered": []}, or remove it and run with --update-floors.'


@dataclass(frozen=True, slots=True)
class Fall:
    """A figure below its floor. `score` is None when it is no longer measured."""

    gold: str
    figure: str
    floor: float
    score: float | None

    def __str__(self) -> str:
        now = "no longer measured" if self.score is None else f"{self.score:.{DECIMALS}f}"
        return f"{self.gold}: {self.figure} is {now}, its floor {self.floor:.{DECIMALS}f}"


@dataclass(frozen=True, slots=True)
class Held:
    """What holds of one gold: the digest of its files and the floors by figure."""

    digest: str
    floors: dict[str, float]


@dataclass(frozen=True, slots=True)
class Floors:
    """A floors file. `lowered` holds gold, figure, from, to and reason of each floor that was ever lowered."""

    path: Path
    golds: dict[str, Held]
    lowered: tuple[dict[str, Any], ...] = ()


def read(path: Path) -> Floors:
    """The floors in `path`; none when there is no such file. Raises SourceError."""
    if not path.exists():
        return Floors(path, {})
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        golds = {
            str(name): Held(
                str(held["gold_sha256"]), {str(key): float(floor) for key, floor in held["floors"].items()}
            )
            for name, held in content["golds"].items()
        }
        return Floors(path, golds, tuple(content["lowered"]))
    except OSError as error:
        raise SourceError(str(path), f"cannot be read ({error.strerror})", "Check the path.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(str(path), f"is no floors file ({type(error).__name__}: {error})", _FORM) from error


def held_figures(evaluation: Evaluation) -> dict[str, float]:
    """The figures that floors hold, rounded down to DECIMALS, so that a floor is never above its score."""
    scale = 10**DECIMALS
    return {
        name: math.floor(value * scale + 1e-9) / scale
        for name, value in sorted(evaluation.figures().items())
        if "." not in name or name.endswith(f".{ALL}") or name.startswith("merged.")
    }


def name_of(evaluation: Evaluation, floors: Floors) -> str:
    """The gold's name in a floors file: its path relative to that file."""
    return Path(os.path.relpath(evaluation.path, floors.path.absolute().parent)).as_posix()


def falls(evaluations: Sequence[Evaluation], floors: Floors) -> list[Fall]:
    """Every figure that is below its floor, whether the gold changed or not."""
    found = []
    for evaluation in evaluations:
        name = name_of(evaluation, floors)
        scores = held_figures(evaluation)
        held = floors.golds.get(name)
        for figure, floor in held.floors.items() if held else ():
            score = scores.get(figure)
            if score is None or score < floor:
                found.append(Fall(name, figure, floor, score))
    return found


def changed(evaluations: Sequence[Evaluation], floors: Floors) -> list[str]:
    """The golds that have no floors yet, or whose files are not those that the floors were written for."""
    names = [(name_of(one, floors), one.digest) for one in evaluations]
    return [name for name, digest in names if name not in floors.golds or floors.golds[name].digest != digest]


def raised(evaluations: Sequence[Evaluation], floors: Floors, reason: str = "") -> Floors:
    """The floors at the scores of `evaluations`, with their digests.

    A figure that fell keeps its floor, unless `reason` is given: then it is lowered, and the reason stored.
    """
    golds = dict(floors.golds)
    lowered = list(floors.lowered)
    fallen = {(fall.gold, fall.figure): fall for fall in falls(evaluations, floors)}
    for evaluation in evaluations:
        name = name_of(evaluation, floors)
        figures: dict[str, float] = dict(held_figures(evaluation))
        for (gold, figure), fall in fallen.items():
            if gold != name:
                continue
            if reason:
                entry = {"gold": gold, "figure": figure, "from": fall.floor, "to": fall.score}
                lowered.append(entry | {"reason": reason})
            else:
                figures[figure] = fall.floor
        golds[name] = Held(evaluation.digest, dict(sorted(figures.items())))
    return replace(floors, golds=golds, lowered=tuple(lowered))


def write(floors: Floors) -> None:
    """Write the file of `floors`. Raises OutputError."""
    content = {
        "golds": {
            name: {"gold_sha256": held.digest, "floors": held.floors}
            for name, held in sorted(floors.golds.items())
        },
        "lowered": list(floors.lowered),
    }
    beside = floors.path.with_name(f".{floors.path.name}.{os.getpid()}")
    try:
        beside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        beside.replace(floors.path)
    except OSError as error:
        raise OutputError(
            str(floors.path), f"cannot be written ({error.strerror})", "Choose another file."
        ) from error
    finally:
        beside.unlink(missing_ok=True)
