"""Amounts in a text: numbers with their comparators, ranges and units, without any knowledge of mentions.

The grammar is here, the words stand in quantity_words.tsv and units.tsv. Each number is read once and in a bounded
window, so that the time is linear in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..model import QuantityKind
from .numerals import Numeral, Numerals
from .units import SPACE, Unit, Units, rounded
from .words import Phrases, QuantityWords, pick

_DASH = re.compile(rf"{SPACE}?[-–—−‐‑]{SPACE}?(?:to[-‐‑ ])?(?=[0-9½¼¾⅓⅔]|[a-z])", re.IGNORECASE)
_SLASH = re.compile(rf"{SPACE}?[/⁄]{SPACE}?(?=[0-9])")
_COMMA = re.compile(rf",{SPACE}(?=[0-9])")
_GAP = re.compile(rf"[-‐‑]|{SPACE}{{0,2}}")
_MINUS = re.compile(r"(?:^|[\s(<>≤≥=])[-−–]\Z")
_TENS = re.compile(r"[1-9]0s\b")
_MORE = re.compile(r"[-–/][0-9]")
_ENDS = re.compile(rf"(?![^\W_]|{SPACE}?[-–—−‐‑,/⁄])")
_YEAR = re.compile(r"(?:1[89]|20)[0-9]{2}")
_PLAIN = re.compile(r"[0-9]{2,3}")
_OLDEST = 130
_AGED, _TIMED = "age", "duration"  # what the kind of a comparator says
_MOST_PARTS = 6
_MOST_COMPARATORS = 3
# Sets, as a range looks through all its numbers for one that is written as a float.
_SYSTOLIC, _DIASTOLIC = frozenset(range(60, 301)), frozenset(range(30, 201))
_LEAST_RATE = 100  # `per 3 patients` is no share, `per 100,000` is one


@dataclass(frozen=True, slots=True)
class Amount:
    """A number or range at an offset. `unit` is None where the text writes none; `kind` is set only where the words
    themselves decide (an age, a share). `pressure` marks the parts of a pair such as 120/80."""

    start: int
    end: int
    low: float
    high: float
    comparator: str = ""
    unit: Unit | None = None
    kind: QuantityKind | None = None
    pressure: bool = False


@dataclass(frozen=True, slots=True)
class _First:
    """The number that an amount begins with, the phrases before it, its unit, and the phrases behind both."""

    numeral: Numeral
    before: Phrases
    unit: Unit | None
    end: int
    after: Phrases


class Amounts:
    """Reads amounts, with the words and units of the vocabulary folders."""

    def __init__(self, words: QuantityWords, units: Units) -> None:
        self._units = units
        self._words = words
        self._numerals = Numerals(words, units.pattern("time"))
        self._articles = {row[0] for row in words.rows["article"]}
        self._year, self._percent = units.by_symbol["year"], units.by_symbol["%"]

    def read(self, text: str) -> list[Amount]:
        """The amounts of `text` in order, disjoint; those without unit as well, for the caller to judge."""
        found: list[Amount] = []
        position = 0
        for start in self._numerals.starts(text):
            if start < position:
                continue
            numeral = self._numerals.read(text, start)
            if numeral is None:
                position = self._numerals.after(text, start)
                continue
            position = numeral.end
            made = self._begun_by(text, numeral)
            if made is None:
                position = self._numerals.after(text, start)
            elif made:
                floor = found[-1].end if found else 0
                found += [one for one in made if one.start >= floor]
                position = max(position, made[-1].end)
        return found

    def _begun_by(self, text: str, numeral: Numeral) -> list[Amount] | None:
        """The amounts that begin with `numeral`, or None where a slash makes it part of a date or code."""
        unit = self._unit(text, numeral)
        end = unit[1] if unit else numeral.end
        after = self._words.after(text, end)
        alone = not unit and not after and _ENDS.match(text, end) is not None
        if alone and numeral.word:
            return []
        before = self._words.before(text, numeral.start)
        if before and pick(before, "not_before"):
            return []
        if unit is None and not numeral.word:
            if pair := self._pair(text, numeral):
                return pair
            if _SLASH.match(text, end):
                return None
        if alone and not before:
            return [Amount(numeral.start, end, numeral.value, numeral.value)]
        first = _First(numeral, before, unit[0] if unit else None, end, after)
        return self._listed(text, first) or self._one(text, first)

    def comparator_behind(self, text: str, position: int) -> str:
        """The comparator that stands at `position` (`or higher`), or the empty string."""
        phrase = pick(self._words.after(text, position), "after")
        return phrase.value if phrase else ""

    def _unit(self, text: str, numeral: Numeral) -> tuple[Unit, int] | None:
        """The unit behind `numeral` and where it ends."""
        gap = _GAP.match(text, numeral.end)
        return self._units.match(text, gap.end(), numeral.value) if gap else None

    def _one(self, text: str, first: _First) -> list[Amount]:
        numeral = first.numeral
        amount = (
            self._range(text, first)
            or self._proportion(text, numeral, numeral, numeral.value)
            or self._single(text, first)
        )
        if amount is None:
            return []
        measured = pick(first.before, "before") or pick(first.before, "spanning")
        if not measured and text[numeral.start : numeral.end].lower() in self._articles:
            return []  # `a day`, `one day` are quantities only behind words that measure: for a day, less than one day
        timed = amount.unit is not None and amount.unit.dimension == "time"
        if timed and not first.before and pick(self._words.after(text, numeral.start), "idiom"):
            return []
        if amount.kind is QuantityKind.SHARE:
            return [self._compare(text, amount, first)[0]]
        return self._finish(text, first, amount)

    def _single(self, text: str, first: _First) -> Amount | None:
        start, end, value = first.numeral.start, first.numeral.end, first.numeral.value
        if first.unit:
            return Amount(start, first.end, value, value, "", first.unit)
        if (phrase := pick(first.after, "after")) and (
            unit := self._unit(text, replace(first.numeral, end=phrase.end))
        ):
            return Amount(start, unit[1], value, value, phrase.value, unit[0])
        if 0 < value < 1 and pick(first.after, "share_after"):
            return self._share(start, end, value, value)
        glued = text[end : end + 1].isalnum() and not _TENS.match(text, start)
        return None if first.numeral.strict or glued else Amount(start, end, value, value)

    def _range(self, text: str, first: _First) -> Amount | None:
        """`3.5 to 5.0 mmol/L`, `48 hours to 5 days`, `between 135 and 145`, `5 or 10 mg`, or None."""
        unit, either = first.unit, False
        between = pick(first.before, "between")
        if joined := _DASH.match(text, first.end):
            place = joined.end()
        elif phrase := pick(first.after, "to") or (pick(first.after, "and") if between else None):
            place = phrase.end
        elif phrase := pick(first.after, "or"):
            place, either = phrase.end, True
        else:
            return None
        second = self._numerals.second(text, place)
        if second is None or _MORE.match(text, second.end):
            return None
        own = self._unit(text, second)
        if either and unit:
            # `a week or two`
            single = text[first.numeral.start : first.numeral.end].lower() in self._articles
            if own or not single or not second.word:
                return None
            return Amount(first.numeral.start, second.end, first.numeral.value, second.value, "", unit)
        low, high = first.numeral.value, second.value
        if first.numeral.times == 1 < second.times and low * second.times <= high:
            low *= second.times
        if unit and own and unit is not own[0]:
            if unit.dimension != own[0].dimension:
                return None
            low = rounded((unit.factor * low + unit.offset - own[0].offset) / own[0].factor)
        if either and own and not _YEAR.fullmatch(text, first.numeral.start, first.numeral.end):
            low, high = min(low, high), max(low, high)
        elif low > high or either or (unit and not own):
            return None
        start = between.start if between else first.numeral.start
        kind = QuantityKind.AGE if between and between.kind else None
        if own:
            return Amount(start, own[1], low, high, "", own[0], kind if own[0].dimension == "time" else None)
        if shared := self._proportion(text, first.numeral, second, low):
            return shared
        strict = first.numeral.strict or second.strict or text[second.end : second.end + 1].isalnum()
        return None if strict else Amount(start, second.end, low, high, kind=kind)

    def _listed(self, text: str, first: _First) -> list[Amount]:
        """`250, 500 and 750 mg`: one amount for each number, all in the unit of the last."""
        if first.unit or first.numeral.word or pick(first.before, "between"):
            return []
        if not (pick(first.after, "and") or text[first.end : first.end + 1] == ","):
            return []
        parts = [first.numeral]
        for _ in range(_MOST_PARTS):
            last = parts[-1]
            if self._unit(text, last) or _YEAR.fullmatch(text, last.start, last.end):
                return []
            comma = _COMMA.match(text, last.end)
            after = self._words.after(text, comma.end() - 1 if comma else last.end)
            phrase = pick(after, "and") or (pick(after, "or") if len(parts) > 1 else None)
            place = phrase.end if phrase else comma.end() if comma else 0
            second = self._numerals.second(text, place) if place else None
            if second is None or second.word:
                return []
            parts.append(second)
            if phrase and (unit := self._unit(text, second)):
                ends = [part.end for part in parts[:-1]] + [unit[1]]
                return [
                    Amount(part.start, end, part.value, part.value, "", unit[0])
                    for part, end in zip(parts, ends, strict=True)
                ]
        return []

    def _pair(self, text: str, first: Numeral) -> list[Amount]:
        """Systolic and diastolic pressure, `120/80 mmHg` or `120 over 80`: two amounts, no range."""
        if first.word or first.value not in _SYSTOLIC or not _PLAIN.fullmatch(text, first.start, first.end):
            return []
        joined = _SLASH.match(text, first.end)
        over = None if joined else pick(self._words.after(text, first.end), "over")
        place = joined.end() if joined else over.end if over else -1
        second = self._numerals.second(text, place) if place > 0 else None
        if second is None or second.word or second.value not in _DIASTOLIC or second.value >= first.value:
            return []
        unit = self._unit(text, second)
        if unit and unit[0].dimension != "pressure":
            return []
        symbol = unit[0] if unit else None
        upper = Amount(first.start, first.end, first.value, first.value, "", symbol, None, True)
        lower = Amount(
            second.start, unit[1] if unit else second.end, second.value, second.value, "", symbol, None, True
        )
        upper, lower = self._compare(text, upper)[0], self._compare(text, lower, ahead=False)[0]
        sign = upper.comparator or lower.comparator
        return [replace(upper, comparator=sign), replace(lower, comparator=sign)]

    def _proportion(self, text: str, first: Numeral, last: Numeral, low: float) -> Amount | None:
        """`1 in 10 people`, `one adult in three`, `2.8 per 100,000`, or None; `low` to `last` are the parts."""
        after = self._words.after(text, last.end)
        if after and (person := pick(after, "person")):
            after = self._words.after(text, person.end)
        if not after:
            return None
        for joined, least in ((pick(after, "ratio"), 2), (pick(after, "ratio_per"), _LEAST_RATE)):
            whole = self._numerals.second(text, joined.end) if joined else None
            if whole is None or whole.value < max(last.value, least) or whole.value % 1 or low <= 0:
                continue
            if _YEAR.fullmatch(text, whole.start, whole.end) or self._unit(text, whole):
                continue
            if least < _LEAST_RATE and (low % 1 or last.value % 1):
                continue
            return self._share(first.start, whole.end, low / whole.value, last.value / whole.value)
        return None

    def _share(self, start: int, end: int, low: float, high: float) -> Amount:
        return Amount(
            start, end, rounded(low * 100), rounded(high * 100), "", self._percent, QuantityKind.SHARE
        )

    def _finish(self, text: str, first: _First, amount: Amount) -> list[Amount]:
        """`amount` with its comparators, read as an age where the words around it say so."""
        start = first.numeral.start
        if amount.unit is None and _TENS.match(text, start):
            decade, end, ten = pick(first.before, "decade"), first.numeral.end + 1, first.numeral.value
            return (
                [Amount(decade.start, end, ten, ten + 9, "", self._year, QuantityKind.AGE)] if decade else []
            )
        timed = amount.unit is not None and amount.unit.dimension == "time"
        if (
            amount.unit
            and amount.unit.dimension == "temperature"
            and _MINUS.search(text, max(0, start - 2), start)
        ):
            low = -amount.low
            amount = replace(
                amount, start=start - 1, low=low, high=low if amount.low == amount.high else amount.high
            )
        ranged = amount.low < amount.high
        if ranged and amount.start == start and (opened := pick(first.before, "from")):
            amount = replace(amount, start=opened.start)
        old = pick(self._words.after(text, amount.end), "old") if timed else None
        if old:
            amount = replace(amount, end=old.end)
        amount, told = self._compare(text, amount, first)
        possible = timed or (amount.unit is None and amount.high <= _OLDEST)
        if possible and (old or told or self._is_of_person(text, amount, timed and ranged)):
            amount = replace(amount, kind=QuantityKind.AGE, unit=amount.unit or self._year)
        return [amount]

    def _is_of_person(self, text: str, amount: Amount, spans: bool) -> bool:
        """Whether a person stands before the amount, and the number is how old they are: `adults over 65`."""
        if not (spans or amount.comparator.strip("~")) or not pick(
            self._words.before(text, amount.start), "person"
        ):
            return False
        return not pick(self._words.after(text, amount.end), "not_age")

    def _compare(
        self, text: str, amount: Amount, first: _First | None = None, ahead: bool = True
    ) -> tuple[Amount, bool]:
        """`amount` with the comparators around it (`ahead` of it too), and whether one of them tells an age."""
        sign, aged, start, end = amount.comparator, amount.kind is QuantityKind.AGE, amount.start, amount.end
        for _ in range(_MOST_COMPARATORS if ahead else 0):
            known = first is not None and start == first.numeral.start
            phrase = pick(first.before if first and known else self._words.before(text, start), "before")
            if phrase is None:
                break
            if phrase.kind == _TIMED and not (amount.unit and amount.unit.dimension == "time"):
                break
            start, aged = phrase.start, aged or phrase.kind == _AGED
            sign = phrase.value if sign in ("", "~") and phrase.value else sign
        if amount.low < amount.high and sign in ("<", ">"):
            sign = ""  # `over 16 to 20 weeks` is no more than that
        known = first is not None and end == first.end
        if phrase := pick(first.after if first and known else self._words.after(text, end), "after"):
            end, aged = phrase.end, aged or phrase.kind == _AGED
            sign = phrase.value if sign in ("", "~") else sign
        if (start, end, sign) == (amount.start, amount.end, amount.comparator):
            return amount, aged
        return replace(amount, start=start, end=end, comparator=sign), aged
