"""Units as data: the forms they are written in, and their conversion to one canonical unit per dimension.

Blood levels of electrolytes become mmol/L, by valence from mEq/L and by molar mass from mg/dL; doses become mg.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import VocabularyError
from ..model import QuantityKind
from ..tsv import Row, read_rows

UNIT_COLUMNS = ("unit", "forms", "exact", "dimension", "factor", "offset", "kind", "least", "most")
ELECTROLYTE_COLUMNS = ("concept_id", "molar_mass", "valence", "lowest", "highest", "bare")
_SEPARATOR = "|"
SPACE = r"(?:[^\S\n]|\n(?=\S))"  # no line break between blocks
# No form is longer. `½` is a number and a letter: without a bound, each of many would read all that follow.
_FIRST_WORD = re.compile(r"[^\W\d_]{1,40}|\S")
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: `symbol`, and `factor * value + offset` in `canonical`, the unit of its dimension."""

    symbol: str
    dimension: str
    canonical: str
    factor: float
    offset: float
    kind: QuantityKind


@dataclass(frozen=True, slots=True)
class Electrolyte:
    """Constants of an electrolyte: molar mass in g/mol, valence (0: mEq is not converted), the least and most mmol/L
    in a living body, and the symbol of the unit in which a number without unit is read."""

    molar_mass: float
    valence: float
    lowest: float
    highest: float
    bare: str


@dataclass(frozen=True, slots=True)
class _Form:
    pattern: re.Pattern[str]
    unit: Unit
    least: float
    most: float


class Units:
    """All units of the vocabulary folders. Raises VocabularyError where a row cannot be used."""

    def __init__(self, folders: Sequence[Path]) -> None:
        rows = [row for folder in folders for row in rows_of(folder, "units.tsv", UNIT_COLUMNS)]
        canonical: dict[str, str] = {}
        self.by_symbol: dict[str, Unit] = {}
        written: dict[str, list[tuple[str, bool, _Form]]] = defaultdict(list)
        for row in rows:
            unit = _unit(row, canonical)
            self.by_symbol.setdefault(unit.symbol, unit)
            least, most = number(row, "least", float("-inf")), number(row, "most", float("inf"))
            for column in ("forms", "exact"):
                for form in filter(None, (form.strip() for form in row[column].split(_SEPARATOR))):
                    exact = column == "exact"
                    made = _Form(_pattern(form, exact), unit, least, most)
                    written[_first(form)].append((form, exact, made))
        self._by_first = {
            first: [form for _, _, form in sorted(forms, key=lambda entry: -len(entry[0]))]
            for first, forms in written.items()
        }
        self._forms = [(form, unit) for forms in written.values() for form, _, unit in forms]

    def pattern(self, dimension: str) -> str:
        """What matches any form of a dimension's units, in lower case."""
        forms = sorted(
            (form for form, made in self._forms if made.unit.dimension == dimension), key=len, reverse=True
        )
        return "(?:" + "|".join(re.escape(form.lower()).replace(r"\ ", SPACE) for form in forms) + ")"

    def match(self, text: str, position: int, value: float) -> tuple[Unit, int] | None:
        """The unit that stands at `position` behind `value`, by its longest form, and where it ends."""
        first = _FIRST_WORD.match(text, position)
        if first is None:
            return None
        for form in self._by_first.get(_plain(first[0]), ()):
            if form.least <= value <= form.most and (found := form.pattern.match(text, position)):
                return form.unit, found.end()
        return None


class Electrolytes:
    """The constants of electrolytes by concept, and of the conditions that are states of one."""

    def __init__(
        self, folders: Sequence[Path], relations: Iterable[tuple[str, str, str]], units: Units
    ) -> None:
        self._molar, self._mass = units.by_symbol["mmol/L"].canonical, units.by_symbol["mg"].canonical
        self._years = units.by_symbol["year"]
        self._constants: dict[str, Electrolyte] = {}
        for folder in folders:
            for row in rows_of(folder, "electrolytes.tsv", ELECTROLYTE_COLUMNS):
                self._constants[row["concept_id"]] = Electrolyte(
                    number(row, "molar_mass"),
                    number(row, "valence", 0.0),
                    number(row, "lowest"),
                    number(row, "highest"),
                    row["bare"],
                )
        states: dict[str, set[str]] = defaultdict(set)
        for subject, predicate, target in relations:
            if predicate == "state_of" and target in self._constants:
                states[subject].add(target)
        # A condition of two electrolytes says of neither what its numbers are.
        self._of = {concept: min(targets) for concept, targets in states.items() if len(targets) == 1}

    def of(self, concept_id: str) -> Electrolyte | None:
        """The electrolyte of a concept: itself (`electrolyte:sodium`) or its state (`condition:hyponatremia`)."""
        return self._constants.get(self._of.get(concept_id, concept_id))

    def convert(
        self, value: float, unit: Unit, electrolyte: Electrolyte | None, in_years: bool = False
    ) -> tuple[float, str]:
        """`value` in the canonical unit, and that unit's symbol; in mmol/L or mg where `electrolyte` lets it. Ages are
        told `in_years`, other times in days.

        >>> from .tsv import VOCABULARY
        >>> units = Units([VOCABULARY])
        >>> calcium = Electrolyte(40.078, 2, 0.4, 6, "")
        >>> Electrolytes([], (), units).convert(10.0, units.by_symbol["mg/dL"], calcium)
        (2.49513, 'mmol/L')
        """
        amount = value * unit.factor + unit.offset
        if electrolyte is not None:
            if unit.dimension == "equivalent concentration" and electrolyte.valence:
                return rounded(amount / electrolyte.valence), self._molar
            if unit.dimension == "mass concentration":
                return rounded(amount * 10 / electrolyte.molar_mass), self._molar
            if unit.dimension == "equivalents" and electrolyte.valence:
                return rounded(amount / electrolyte.valence * electrolyte.molar_mass), self._mass
            if unit.dimension == "amount of substance":
                return rounded(amount * electrolyte.molar_mass), self._mass
        if in_years:
            return rounded(amount / self._years.factor), self._years.symbol
        return rounded(amount), unit.canonical


def rounded(value: float) -> float:
    """`value` to six digits, so that equal quantities compare equal however they were converted."""
    return float(f"{value:.{_DIGITS}g}")


def rows_of(folder: Path, name: str, columns: Sequence[str]) -> Iterable[Row]:
    """The rows of a file that an overlay may lack."""
    return read_rows(folder, name, columns) if (folder / name).exists() else ()


def number(row: Row | Mapping[str, str], column: str, default: float | None = None) -> float:
    """The number in a cell, or `default` for an empty cell. Raises VocabularyError."""
    cell = row[column]
    if not cell and default is not None:
        return default
    try:
        return float(cell)
    except ValueError:
        where = row.where if isinstance(row, Row) else ""
        raise VocabularyError(where, f"{column} is {cell!r}", "Write a number.") from None


def _unit(row: Row, canonical: dict[str, str]) -> Unit:
    kinds = [str(kind) for kind in QuantityKind]
    if row["kind"] not in kinds:
        raise VocabularyError(row.where, f"the kind is {row['kind']!r}", f"Use one of {', '.join(kinds)}.")
    factor, offset = number(row, "factor"), number(row, "offset", 0.0)
    first = canonical.setdefault(row["dimension"], row["unit"])
    if factor <= 0 or (row["unit"] == first and (factor, offset) != (1, 0)):
        raise VocabularyError(
            row.where,
            f"the factor is {row['factor']}, the offset {row['offset'] or 0}",
            "Factors are above 0; the first row of a dimension is its canonical unit, with factor 1 and no offset.",
        )
    return Unit(row["unit"], row["dimension"], first, factor, offset, QuantityKind(row["kind"]))


def _plain(word: str) -> str:
    return word.lower().replace("μ", "µ")


def _first(form: str) -> str:
    first = _FIRST_WORD.match(form)
    return _plain(first[0]) if first else ""


def _pattern(form: str, exact: bool) -> re.Pattern[str]:
    """What matches `form` in a text: any blanks, both micro signs, `per` for `/`, and no letter behind a letter."""
    written = re.escape(form)
    written = written.replace(r"\ ", rf"(?:{SPACE}|-)").replace("µ", "[µμ]")
    written = (
        written.replace("/", rf"{SPACE}?(?:[/∕⁄]|per{SPACE}){SPACE}?")
        if not form.startswith("/")
        else written
    )
    return re.compile(written + (r"(?![^\W_])" if form[-1].isalnum() else ""), 0 if exact else re.IGNORECASE)
