"""What the text says of a mention: cues before or behind it in its sentence decide.

After NegEx (Chapman et al. 2001, doi:10.1006/jbin.2001.1029): a cue works in one direction until a stop. It
goes on through an enumeration; cues that work backwards must stand close to the end of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..model import Assertion
from ..terminology import Cue
from ..tsv import VOCABULARY, read_rows
from .cues import ASSERTIONS, COLON, COMMA, END, QUESTION, START, STOP, Cues, Found, Words

# When several cues reach a mention, the category named first here decides.
_PRIORITY = (
    Assertion.ABSENT,
    Assertion.OTHER,
    Assertion.HISTORICAL,
    Assertion.POSSIBLE,
    Assertion.HYPOTHETICAL,
)
_RANK = {category.value: rank for rank, category in enumerate(_PRIORITY)}
_YIELDING = (Assertion.ABSENT, Assertion.OTHER)  # a cue of another category behind a comma ends their reach
_LINK = "link"  # the group of stops that count only behind a mention that the cue has reached
_MAIN = "main"  # the group of words that begin a main clause after a comma
_VERB = "verb"
_MODIFIERS = 4
_ITEM = 5
_OPENING = 3
_LEADING = 8

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """An assertion, the words that decided it, and the cue's `file:line`; both empty for present."""

    assertion: Assertion = Assertion.PRESENT
    cue: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """A cue at the open end of a lead-in line, to be read on in the items of its list."""

    cue: Cue
    text: str


PRESENT = Reading()


class Assertions:
    """Reads cues in folded text. Keeps no state between sentences."""

    def __init__(self, cues: Sequence[Cue], folder: Path = VOCABULARY) -> None:
        forms = {
            row["form"]: row["words"].split()
            for row in read_rows(folder, "word_forms.tsv", ("form", "words"))
        }
        self._cues = Cues(cues, forms)

    def read(
        self,
        text: str,
        sentence: Span,
        spans: Sequence[Span],
        labels: Sequence[str] = (),
        carried: Sequence[Carried] = (),
    ) -> list[Reading]:
        """What `text[sentence]` says of each of `spans`, offsets into `text`, which is folded.

        `labels` are those of the spans, for cues that spare some; `carried` are the cues of a list's lead-in.
        """
        words = self._cues.words(text, *sentence)
        mentions, taken = _places(words, spans)
        found = self._cues.find(words.words, taken)
        deciding = [one for one in found if one.cue.category in ASSERTIONS]
        if not deciding and not carried:
            return [PRESENT] * len(spans)
        scan = _Scan(words, mentions, found, deciding, self._cues.joins)
        best: list[tuple[int, int, Reading] | None] = [None] * len(spans)
        reaches = [(one.cue, _quote(text, words, one), partial(scan.reach, one)) for one in deciding]
        reaches += [(one.cue, one.text, partial(scan.carry, one.cue)) for one in carried]
        for cue, quote, reach in reaches:
            for number, distance in reach():
                if labels and labels[number] in cue.spares:
                    continue
                rank = _RANK.get(cue.category, len(_RANK))
                before = best[number]
                if before is None or (rank, distance) < before[:2]:
                    best[number] = (rank, distance, Reading(Assertion(cue.category), quote, cue.where))
        return [PRESENT if one is None else one[2] for one in best]

    def open(self, text: str, sentence: Span, spans: Sequence[Span], heading: bool) -> list[Carried]:
        """The cues that `text[sentence]`, the last of a lead-in or a heading, leaves open at its end."""
        words = self._cues.words(text, *sentence)
        mentions, taken = _places(words, spans)
        found = self._cues.find(words.words, taken)
        deciding = [one for one in found if one.cue.category in ASSERTIONS and one.cue.direction == "forward"]
        if not deciding:
            return []
        last = len(words.words) - 1
        while last > 0 and not words.words[last - 1][0].isalnum():
            last -= 1
        most = _LEADING if COLON in words.words[last:] and not heading else _OPENING
        scan = _Scan(words, mentions, found, deciding, self._cues.joins)
        carried = []
        for one in deciding:
            supposes = one.cue.category == Assertion.HYPOTHETICAL
            bare = last - one.last <= most and not any(start >= one.last for start, _ in mentions)
            wide = supposes or one.cue.scope == "sentence"
            if (
                wide
                and (bare or (supposes and most == _LEADING))
                and scan.limit(one.cue, one.last, one) >= last
            ):
                carried.append(Carried(one.cue, _quote(text, words, one)))
        return carried


class _Scan:
    """One sentence: its words, mentions and cues, and how far each cue reaches."""

    def __init__(
        self, words: Words, mentions: list[Span], found: list[Found], deciding: list[Found], joins: set[str]
    ) -> None:
        self._words = words.words
        self._mentions = mentions
        self._order = sorted(range(len(mentions)), key=lambda number: mentions[number])
        self._deciding = deciding
        self._joins = joins
        self._stops = [
            (one.first, one.last, one.cue.category.removeprefix(STOP))
            for one in found
            if one.cue.category.startswith(STOP)
        ]

    def reach(self, one: Found) -> list[Span]:
        """The mentions that `one` reaches: (number, distance in words)."""
        if one.cue.direction == "backward":
            return self._backward(one)
        return self._forward(one.cue, one.last, self.limit(one.cue, one.last, one))

    def carry(self, cue: Cue) -> list[Span]:
        """The mentions that a cue carried into this sentence reaches from its start."""
        return self._forward(cue, 1, self.limit(cue, 1, None))

    def limit(self, cue: Cue, start: int, one: Found | None) -> int:
        """The word at which the reach of a forward cue that ends before word `start` ends."""
        ends = [
            first
            for first, _, group in self._stops
            if first >= start
            and group in cue.stops
            and group != _LINK
            and not (first == start and self._words[first] == COLON)
        ]
        if one is not None and cue.scope == "clause" and self._is_initial(one.first):
            ends.append(self._clause_end(start))
        if cue.category in _YIELDING and one is not None:
            ends += [
                other.first
                for other in self._deciding
                if other.first >= start
                and other.cue.category != cue.category
                and other.cue.direction == "forward"
                and self._parts(start, other.first)
            ]
        return min(ends, default=len(self._words))

    def _forward(self, cue: Cue, start: int, limit: int) -> list[Span]:
        reached: list[Span] = []
        last = -1
        for number in self._order:
            first, behind = self._mentions[number]
            if first < start:
                continue
            if first >= limit:
                break
            if last < 0:
                if cue.scope.isdecimal() and first - start > int(cue.scope):
                    break
            elif first >= last and not self._goes_on(cue, last, first):
                break
            reached.append((number, first - start))
            last = max(last, behind)
        return reached

    def _backward(self, one: Found) -> list[Span]:
        cue = one.cue
        limit = max(
            (last for _, last, group in self._stops if last <= one.first and group in cue.stops), default=0
        )
        reached: list[Span] = []
        first = -1
        for number in reversed(self._order):
            start, behind = self._mentions[number]
            if behind > one.first:
                continue
            if start < limit:
                break
            if first < 0:
                near = not cue.scope.isdecimal() or one.first - behind <= int(cue.scope)
                if not near or COMMA in self._words[behind : one.first]:
                    break
            elif behind <= first and not self._enumerates(behind, first):
                break
            reached.append((number, one.first - behind))
            first = start if first < 0 else min(first, start)
        return reached

    def _goes_on(self, cue: Cue, last: int, first: int) -> bool:
        """Whether a cue that reached the mention before word `last` goes on to the one at word `first`."""
        if _LINK in cue.stops and any(last <= at < first for at, _, group in self._stops if group == _LINK):
            return False
        return not cue.scope.isdecimal() or self._enumerates(last, first)

    def _enumerates(self, last: int, first: int) -> bool:
        """Whether words `last` to `first` only join two items of an enumeration."""
        joined, run = False, 0
        for word in self._words[last:first]:
            if word in self._joins:
                joined, run = True, 0
            else:
                run += 1
                if run > _MODIFIERS:
                    return False
        return joined

    def _parts(self, start: int, end: int) -> bool:
        """Whether a comma or a mention stands between two cues: the second opens a phrase of its own."""
        return COMMA in self._words[start:end] or any(start <= first < end for first, _ in self._mentions)

    def _is_initial(self, first: int) -> bool:
        """Whether a clause that begins at word `first` precedes its main clause."""
        if first == 0 or self._words[first] == COMMA:
            return True
        before = self._words[first - 1]
        opened = first == 2 and (before in self._joins or any(at == 1 for at, _, _ in self._stops))
        return opened or before in (START, QUESTION, COMMA, COLON, "(")

    def _clause_end(self, start: int) -> int:
        """The comma that ends the clause, behind any commas of an enumeration in it."""
        for place in range(start, len(self._words)):
            if self._words[place] in (COMMA, COLON) and not self._lists(place):
                return place
        return len(self._words)

    def _lists(self, comma: int) -> bool:
        """Whether the comma at word `comma` is one of an enumeration: an item, then a comma or an `or`."""
        if self._words[comma] == COLON:
            return False
        for place in range(comma + 1, min(comma + _ITEM + 1, len(self._words))):
            word = self._words[place]
            if any(first == place and group in (_MAIN, _VERB) for first, _, group in self._stops):
                return False
            if word == COMMA:
                return self._lists(place)
            if word in self._joins:
                return True
            if word == END:
                return False
        return False


def _places(words: Words, spans: Sequence[Span]) -> tuple[list[Span], bytearray]:
    """The words of each span, as bounds, and a map of the words that stand in one."""
    taken = bytearray(len(words.words))
    places = []
    last = len(words.words) - 1
    for start, end in spans:
        first = 1
        while first < last and words.ends[first] <= start:
            first += 1
        behind = first
        while behind < last and words.starts[behind] < end:
            behind += 1
        behind = max(behind, first + 1)
        taken[first:behind] = b"\1" * (behind - first)
        places.append((first, behind))
    return places, taken


def _quote(text: str, words: Words, one: Found) -> str:
    return " ".join(text[words.starts[one.first] : words.ends[one.last - 1]].split())
