"""Words around a number that tell what it measures (blood pressure, BMI, glucose) and whether it is what is normal."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..model import Kind, Quantity, QuantityKind
from .amounts import Amount
from .links import Page, Span
from .units import Unit, Units, number, rows_of
from .words import QuantityWords, alternatives, pick

MEASURAND_COLUMNS = ("words", "unit", "least", "most")
_WINDOW, _BEHIND, _GAP = 120, 30, 60
_HEADER = 200
_NO_UNIT = "-"
_BREAKS = re.compile(r"[.;!?\n0-9]")
_NEXT_WORD = re.compile(r"\s?[^\W\d_]")
_UNIT_OF_HEADER = re.compile(r"\(([^()]*)\)|[,/]([^,/]*)\Z|(?<= in )(.*)\Z")


@dataclass(frozen=True, slots=True)
class Measured:
    """Words that say what is measured, and the unit in which a number without unit is read, with its limits."""

    start: int
    end: int
    covered: bool
    units: tuple[tuple[Unit, float, float], ...]

    def unit(self, low: float, high: float) -> Unit | None:
        """The unit in which a number from `low` to `high` can be meant."""
        return next((unit for unit, least, most in self.units if least <= low and high <= most), None)


class Measurands:
    """Reads what measurands.tsv and quantity_words.tsv say of the words around a number."""

    def __init__(self, folders: Sequence[Path], words: QuantityWords, units: Units) -> None:
        self._words, self._units = words, units
        named: dict[str, list[tuple[Unit, float, float]]] = defaultdict(list)
        for folder in folders:
            for row in rows_of(folder, "measurands.tsv", MEASURAND_COLUMNS):
                known = named[row["words"].lower()]
                if row["unit"] not in ("", _NO_UNIT):
                    known.append((units.by_symbol[row["unit"]], number(row, "least"), number(row, "most")))
        self._named = {words: tuple(known) for words, known in named.items()}
        self._pattern = re.compile(rf"(?<![^\W_]){alternatives(self._named)}(?![^\W_])", re.IGNORECASE)
        percent = [
            words for words, known in self._named.items() if any(unit.symbol == "%" for unit, _, _ in known)
        ]
        self._in_percent = re.compile(rf"(?<![^\W_]){alternatives(percent)}(?![^\W_])", re.IGNORECASE)
        self._reference = _search(words, "reference")
        self._not_reference = _search(words, "not_reference")
        self._reference_after = _search(words, "reference_after")
        self._heading = _search(words, "reference_heading")

    def near(self, page: Page, floor: int, amount: Amount) -> Measured | None:
        """The last words before `amount`, or directly behind it, that say what is measured; not before `floor`."""
        before = [*self._pattern.finditer(page.text, max(floor, amount.start - _WINDOW), amount.start)]
        found = before[-1] if before else None
        if found is None:
            behind = self._pattern.search(page.text, amount.end, amount.end + _BEHIND)
            if behind is None or page.text[amount.end : behind.start()] not in (" ", " of "):
                return None
            found = behind
        covered = page.covers(found.start(), found.end())
        return Measured(found.start(), found.end(), covered, self._named.get(_plain(found[0]), ()))

    def percent(self, page: Page, floor: int, amount: Amount) -> bool:
        """Whether a percentage is a level of something measured in percent: `an A1C of 6.5 %`."""
        for found in self._in_percent.finditer(page.text, max(floor, amount.start - _GAP), amount.start):
            limits = self._named.get(_plain(found[0]), ())
            if "," not in page.text[found.end() : amount.start]:
                return any(least <= amount.low and amount.high <= most for _, least, most in limits)
        return False

    def may_lack_unit(self, page: Page, amount: Amount) -> bool:
        """Whether a number without unit can be a level at all: compared, or behind words such as of, is or a colon."""
        if amount.pressure:
            return True
        if not self._stands_alone(page, amount):
            return False
        if amount.low < amount.high or amount.comparator.strip("~"):
            return True
        before = page.text[max(0, amount.start - 2) : amount.start].rstrip()
        return (
            before[-1:] in (":", "=", "(")
            or pick(self._words.before(page.text, amount.start), "join") is not None
        )

    def speaks(self, page: Page, end: int, amount: Amount) -> bool:
        """Whether what ends at `end` is what a number without unit is said of: `potassium below 3.5`, `BMI of 30`."""
        return end <= amount.start <= end + _GAP and not _BREAKS.search(page.text, end, amount.start)

    def _stands_alone(self, page: Page, amount: Amount) -> bool:
        """Whether no noun follows that the number counts, and digits write it."""
        if not any(character.isdigit() for character in page.text[amount.start : amount.end]):
            return False
        if _NEXT_WORD.match(page.text, amount.end):
            return pick(self._words.after(page.text, amount.end), "follow") is not None
        return page.text[amount.end : amount.end + 1] not in ("%", "°", "$")

    def header_unit(self, trail: Sequence[str]) -> Unit | None:
        """The unit that the column's or row's header of a cell names: `mmol/L`, `Potassium (mmol/L)`, `Dose, mg`."""
        for header in (header for header in trail[-2:] if len(header) <= _HEADER):
            parts = [
                header,
                *(part for found in _UNIT_OF_HEADER.finditer(header) for part in found.groups() if part),
            ]
            for part in map(str.strip, parts):
                found = self._units.match(part, 0, 0.0)
                if found and found[1] == len(part):
                    return found[0]
        return None

    def is_age(self, trail: Sequence[str]) -> bool:
        """Whether a cell's headers say that its numbers are ages."""
        return any(
            (phrase := pick(self._words.before(header, len(header)), "before")) is not None
            and bool(phrase.kind)
            for header in (header[:_HEADER].partition("(")[0].strip() for header in trail[-2:])
        )

    def is_reference(
        self, page: Page, block: int, bounds: Span, amount: Amount, before: Quantity | None
    ) -> bool:
        """Whether the words around a level, or the headings above it, call it normal."""
        text = page.text
        start = max(bounds[0], before.end if before else 0, amount.start - _WINDOW)
        if self._reference.search(text, start, amount.start):
            return not self._not_reference.search(text, start, amount.end)
        if self._reference_after.search(text, amount.end, min(bounds[1], amount.end + _BEHIND)):
            return True
        ranged = amount.low < amount.high and not amount.comparator.strip("~")
        if before and ranged and before.kind is QuantityKind.REFERENCE_RANGE:
            return True
        found = page.blocks[block]
        if (
            found.kind == Kind.TABLE_CELL
            and len(found.trail) > 1
            and self._heading.search(found.trail[-2], 0, _HEADER)
        ):
            return not self._not_reference.search(found.trail[-2], 0, _HEADER)
        if not ranged or self._not_reference.search(text, start, amount.end):
            return False
        headings = found.trail
        if found.kind in (Kind.TABLE_CELL, Kind.LIST_ITEM) and page.blocks[0].kind == Kind.TITLE:
            headings = (
                *headings,
                text[page.blocks[0].start : page.blocks[0].start + _HEADER].partition("\n\n")[0],
            )
        return any(self._heading.search(heading, 0, _HEADER) for heading in headings)


def _search(words: QuantityWords, name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){words.pattern(name)}(?![^\W_])", re.IGNORECASE)


def _plain(words: str) -> str:
    return " ".join(re.sub(r"[‐‑-]", " ", words.lower()).split()) if " " in words else words.lower()
