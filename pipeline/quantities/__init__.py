"""What the numbers of an article say: levels, reference ranges, doses, durations, ages and shares, each with the
mention that it speaks of and its value in one canonical unit.

The numbers are found by regular expressions over data (units.tsv, quantity_words.tsv) in the text as it is, since
folding would make 10⁹ a 109. A spaCy component would only add a pass over the tokens. quantulum3 0.10 takes 233 ms
where this takes less than one (8,000 characters), weighs 27 MB, reads mmol/L as metre moles, and neither mEq nor
comparators.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..components.sentences import sentence_abbreviations
from ..model import Article, Kind, Mention, Quantity, QuantityKind
from ..terminology import Terminology
from .amounts import Amount, Amounts
from .frequencies import Frequencies
from .links import Fit, Page, Span, in_context, in_sentence, in_table
from .measurands import Measurands, Measured
from .units import Electrolytes, Unit, Units
from .words import QuantityWords

_RESTATES = re.compile(r"\s?(?:[(\[=/,]|or)\s?(?:or\s)?")
_CONCENTRATIONS = ("molar concentration", "equivalent concentration", "mass concentration")
_LEVELS = (QuantityKind.LEVEL, QuantityKind.REFERENCE_RANGE)
_IN_CONTEXT = (*_LEVELS, QuantityKind.DOSE)
_STATE = 20  # what stands against a condition where the level of an electrolyte is sought
_SLACK = 3  # how far beyond the limits of a living body a level may lie: urine
_LONGEST_CELL, _MOST_CELL = 100, 14  # characters of a cell, and letters beside its number
# What stands against a mention of a label, by kind of quantity; a label that is missing does not fit.
_FITS: dict[QuantityKind, dict[str, float]] = {
    QuantityKind.DURATION: {"SYMPTOM": 0, "CONDITION": 0, "MEDICATION": 10},
    QuantityKind.SHARE: {"SYMPTOM": 0, "CONDITION": 0, "MEDICATION": 30, "ELECTROLYTE": 40},
    QuantityKind.AGE: {"SYMPTOM": 0, "CONDITION": 0, "MEDICATION": 10, "ELECTROLYTE": 20},
    QuantityKind.MEASURE: {"SYMPTOM": 140, "CONDITION": 140},
    QuantityKind.LEVEL: {"SYMPTOM": 0, "CONDITION": 0},
}


@dataclass(frozen=True, slots=True)
class _Read:
    """A quantity, with the amount and unit it was made of."""

    quantity: Quantity
    amount: Amount
    unit: Unit


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an amount stands: block, sentence, and the quantity before it in the sentence."""

    block: int
    bounds: Span
    before: _Read | None

    @property
    def floor(self) -> int:
        """Where the quantity before ends, or the sentence starts."""
        return self.before.quantity.end if self.before else self.bounds[0]


class Quantities:
    """Reads the quantities of articles. Built once for a terminology; reading keeps no state between articles."""

    def __init__(self, terminology: Terminology) -> None:
        folders = terminology.folders
        words = QuantityWords(folders)
        self._units = Units(folders)
        self._amounts = Amounts(words, self._units)
        self._electrolytes = Electrolytes(folders, terminology.relations, self._units)
        self._frequencies = Frequencies(words)
        self._measurands = Measurands(folders, words, self._units)
        self._strength = re.compile(rf"\s(?:[a-z]+\s)?{words.pattern('strength')}\b", re.IGNORECASE)
        self._abbreviations = sentence_abbreviations()

    def read(self, article: Article, mentions: Sequence[Mention]) -> tuple[Quantity, ...]:
        """The quantities of `article`, sorted by offset, disjoint; `mentions` are its mentions, sorted by offset."""
        amounts = self._amounts.read(article.text) if article.blocks else []
        page = Page(article, mentions, self._abbreviations)
        found: list[_Read] = []
        taken = 0
        for number, amount in enumerate(amounts):
            block = page.block_at(amount.start)
            if amount.start < taken or amount.end > article.blocks[block].end:
                continue
            in_cell = article.blocks[block].kind == Kind.TABLE_CELL
            if amount.unit is None and not in_cell and not self._measurands.may_lack_unit(page, amount):
                continue
            bounds = page.sentence(block, amount.start)
            before = found[-1] if found and found[-1].quantity.sentence_start == bounds[0] else None
            place = _Place(block, (bounds[0], max(bounds[1], amount.end)), before)
            one = self._one(page, place, amount)
            if one is None:
                continue
            if before and (comparator := self._behind_brackets(page, before, one)):
                found[-1] = self._made(
                    page, place, replace(before.amount, comparator=comparator), before.unit, before.quantity
                )
                one = self._made(
                    page, place, replace(one.amount, comparator=comparator), one.unit, one.quantity
                )
            if one.quantity.kind is QuantityKind.DOSE:
                one, taken = self._dose(page, place, one, taken, amounts[number + 1 : number + 2])
            found.append(one)
        return tuple(one.quantity for one in found)

    def _one(self, page: Page, place: _Place, amount: Amount) -> _Read | None:
        """The quantity that `amount` is where it stands, or None for a bare number."""
        before = place.before
        if before and amount.pressure and before.amount.pressure and amount.start <= before.quantity.end + 6:
            return self._made(page, place, amount, before.unit, before.quantity)
        unit = amount.unit
        if before and unit and _restates(page.text, before, amount, unit):
            comparator = amount.comparator or before.quantity.comparator
            return self._made(page, place, replace(amount, comparator=comparator), unit, before.quantity)
        measured = None
        if unit is None or unit.kind is QuantityKind.LEVEL:
            measured = self._measurands.near(page, place.bounds[0], amount)
        mention, implied = None, False
        if unit is None:
            known = self._in_cell(page, place, amount)
            if known is None and self._measurands.may_lack_unit(page, amount):
                known = self._implied(page, place, amount, measured)
            if known is None:
                return None
            unit, mention, implied = known
        kind = amount.kind or unit.kind
        if amount.kind is None and kind is QuantityKind.SHARE:
            kind = self._percent(page, place, amount)
        elif (
            amount.unit is None
            and unit.dimension == "time"
            and self._measurands.is_age(page.blocks[place.block].trail)
        ):
            kind = QuantityKind.AGE
        last = before.quantity if before else None
        if kind is QuantityKind.LEVEL and self._measurands.is_reference(
            page, place.block, place.bounds, amount, last
        ):
            kind = QuantityKind.REFERENCE_RANGE
        if mention is None:
            mention = self._mention(page, place, amount, unit, kind, measured)
        if mention is None and kind is QuantityKind.DOSE and unit.dimension == "volume":
            kind = QuantityKind.MEASURE  # of blood, of water
        return self._made(page, place, amount, unit, None, kind, mention, implied)

    def _in_cell(self, page: Page, place: _Place, amount: Amount) -> tuple[Unit, int | None, bool] | None:
        """For a cell that is a number: the unit of its headers, or of the electrolyte of its row."""
        block = page.blocks[place.block]
        if block.kind != Kind.TABLE_CELL or amount.pressure or block.end - block.start > _LONGEST_CELL:
            return None
        rest = page.text[block.start : amount.start] + page.text[amount.end : block.end]
        if sum(map(str.isalpha, rest)) > _MOST_CELL or any(map(str.isdigit, rest)):
            return None
        if unit := self._measurands.header_unit(block.trail):
            return unit, None, False
        number = in_table(page, place.block, lambda mention: 0.0 if self._bare(mention, amount) else None)
        if number is None or not _is_compared(amount):
            return None
        unit = self._bare(page.mentions[number], amount)
        return (unit, number, True) if unit else None

    def _implied(
        self, page: Page, place: _Place, amount: Amount, measured: Measured | None
    ) -> tuple[Unit, int | None, bool] | None:
        """The unit of a number without one, from what is measured: `potassium below 3.5`, `a BMI of 30`, `120/80`."""
        unit = measured.unit(amount.low, amount.high) if measured else None
        if amount.pressure:
            return (unit, None, True) if unit and unit.dimension == "pressure" else None
        for number, distance in page.near(place.bounds, amount.start, amount.end):
            mention = page.mentions[number]
            if distance >= 0 or (measured and not measured.covered and measured.end > mention.end):
                break
            bare = self._bare(mention, amount)
            if bare and mention.end >= place.floor and self._measurands.speaks(page, mention.end, amount):
                return bare, number, True
        if (
            measured
            and unit
            and measured.end >= place.floor
            and self._measurands.speaks(page, measured.end, amount)
        ):
            return unit, None, True
        before = place.before
        if before and before.quantity.kind in _LEVELS and before.quantity.mention is not None:
            mention = page.mentions[before.quantity.mention]
            if _is_compared(amount) and self._is_level_of(mention, amount, before.unit):
                return before.unit, before.quantity.mention, True
        return None

    def _bare(self, mention: Mention, amount: Amount) -> Unit | None:
        """The unit in which a number without unit can be a level of `mention`."""
        electrolyte = self._electrolytes.of(mention.concept_id)
        if electrolyte is None or not electrolyte.bare:
            return None
        unit = self._units.by_symbol[electrolyte.bare]
        return unit if electrolyte.lowest <= amount.low and amount.high <= electrolyte.highest else None

    def _percent(self, page: Page, place: _Place, amount: Amount) -> QuantityKind:
        """A percentage is a share, but for what is measured in percent (an A1C of 6.5 %) and strengths (1 % cream)."""
        if self._measurands.percent(page, place.bounds[0], amount):
            return QuantityKind.LEVEL
        if self._strength.match(page.text, amount.end):
            return QuantityKind.DOSE
        near = page.near((0, len(page.text)), amount.start, amount.end)
        adjacent = (number for number, distance in near if -2 <= distance <= 1)
        if any(page.mentions[number].label == "MEDICATION" for number in adjacent):
            return QuantityKind.DOSE
        return QuantityKind.SHARE

    def _mention(
        self,
        page: Page,
        place: _Place,
        amount: Amount,
        unit: Unit,
        kind: QuantityKind,
        measured: Measured | None,
    ) -> int | None:
        """The number of the mention that the quantity speaks of."""
        span = amount.start, amount.end
        concentration = kind in _LEVELS and unit.dimension in _CONCENTRATIONS
        fit = self._fit(amount, unit, kind)
        rival = None
        if concentration and measured and not measured.covered:
            rival = max(0, amount.start - measured.end, measured.start - amount.end)
        found = in_sentence(page, kind, span, place.bounds, place.floor, fit)
        if concentration and rival is not None and (found is None or found[1] > rival):
            # The number is said of something that is no concept, such as glucose; a condition may still be meant.
            found = in_sentence(page, kind, span, place.bounds, place.floor, _by_label(QuantityKind.LEVEL))
            return found[0] if found else None
        if found:
            return found[0]
        if page.blocks[place.block].kind == Kind.TABLE_CELL:
            return in_table(page, place.block, fit)
        if kind is QuantityKind.DOSE or concentration:
            return in_context(page, place.block, amount.start, fit)
        return None

    def _fit(self, amount: Amount, unit: Unit, kind: QuantityKind) -> Fit:
        if kind is QuantityKind.DOSE:
            return lambda mention: None if mention.label in ("SYMPTOM", "CONDITION") else 0.0
        if kind not in _LEVELS or unit.dimension not in _CONCENTRATIONS:
            return _by_label(QuantityKind.LEVEL if kind in _LEVELS else kind)

        def fit(mention: Mention) -> float | None:
            if self._electrolytes.of(mention.concept_id):
                if not self._is_level_of(mention, amount, unit):
                    return None
                return 0.0 if mention.label == "ELECTROLYTE" else _STATE
            return None

        return fit

    def _is_level_of(self, mention: Mention, amount: Amount, unit: Unit) -> bool:
        """Whether the amount can be a level of the mention's electrolyte."""
        electrolyte = self._electrolytes.of(mention.concept_id)
        if electrolyte is None:
            return False
        low, high = (
            self._electrolytes.convert(end, unit, electrolyte)[0] for end in (amount.low, amount.high)
        )
        return electrolyte.lowest / _SLACK <= high and low <= electrolyte.highest * _SLACK

    def _behind_brackets(self, page: Page, before: _Read, one: _Read) -> str:
        """The comparator behind a restatement in brackets, which holds for both: `38 °C (100.4 °F) or higher`."""
        text, end = page.text, one.quantity.end
        if text[end : end + 1] not in (")", "]") or one.quantity.comparator or before.quantity.comparator:
            return ""
        if not _RESTATES.fullmatch(text, before.quantity.end, one.quantity.start):
            return ""
        return self._amounts.comparator_behind(text, end + 1)

    def _dose(
        self, page: Page, place: _Place, one: _Read, taken: int, following: Sequence[Amount]
    ) -> tuple[_Read, int]:
        """The dose with how often it is taken, and where the words that tell it end; those before `taken` tell of
        another dose."""
        end = place.bounds[1]
        for amount in following:
            if amount.unit and amount.unit.kind is QuantityKind.DOSE:
                end = min(end, amount.start)
        told = self._frequencies.ahead(page.text, one.quantity.end, end)
        if told is None:
            back = self._frequencies.back(page.text, max(place.floor, taken), one.quantity.start)
            told = (back[0], taken) if back else None
        if told is None:
            return one, taken
        return replace(one, quantity=replace(one.quantity, per_day=told[0])), told[1]

    def _made(
        self,
        page: Page,
        place: _Place,
        amount: Amount,
        unit: Unit,
        like: Quantity | None,
        kind: QuantityKind = QuantityKind.LEVEL,
        mention: int | None = None,
        implied: bool = False,
    ) -> _Read:
        """The quantity, with its ends open as the comparator says; of the kind and mention of `like`, if given."""
        if like:
            kind, mention, implied = like.kind, like.mention, amount.unit is None and not like.unit
        low: float | None = amount.low
        high: float | None = amount.high
        if low == high:
            low, high = (
                None if amount.comparator[:1] == "<" else low,
                None if amount.comparator[:1] == ">" else high,
            )
        electrolyte = None
        if mention is not None and (kind in _LEVELS or page.mentions[mention].label == "ELECTROLYTE"):
            electrolyte = self._electrolytes.of(page.mentions[mention].concept_id)
        aged = kind is QuantityKind.AGE
        canonical = [
            None if end is None else self._electrolytes.convert(end, unit, electrolyte, in_years=aged)
            for end in (low, high)
        ]
        values = [end[0] if end else None for end in canonical]
        quantity = Quantity(
            start=amount.start,
            end=amount.end,
            text=page.text[amount.start : amount.end],
            low=low,
            high=high,
            comparator=amount.comparator,
            unit="" if implied else unit.symbol,
            canonical_low=values[0],
            canonical_high=values[1],
            canonical_unit=next(end[1] for end in canonical if end),
            kind=kind,
            mention=mention,
            block=place.block,
            sentence_start=place.bounds[0],
            sentence_end=place.bounds[1],
            per_day=like.per_day if like else None,
        )
        return _Read(quantity, amount, unit)


def _by_label(kind: QuantityKind) -> Fit:
    fits = _FITS[kind]
    return lambda mention: fits.get(mention.label)


def _is_compared(amount: Amount) -> bool:
    return amount.low < amount.high or bool(amount.comparator.strip("~"))


def _restates(text: str, before: _Read, amount: Amount, unit: Unit) -> bool:
    """Whether the amount says the one before again in another unit: `1.75 mmol/L (7 mg/dL)`."""
    if unit is before.unit or amount.kind is not before.amount.kind:
        return False
    if unit.dimension != before.unit.dimension and not {unit.dimension, before.unit.dimension} <= set(
        _CONCENTRATIONS
    ):
        return False
    return unit.dimension != "time" and _RESTATES.fullmatch(text, before.amount.end, amount.start) is not None
