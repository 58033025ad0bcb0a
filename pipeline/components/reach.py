"""How far a cue reaches in its sentence, forward and backward."""

from __future__ import annotations

from ..model import Assertion
from ..terminology import Cue
from .cues import COLON, COMMA, END, QUESTION, START, STOP, Found, Words

_YIELDING = (Assertion.ABSENT, Assertion.OTHER)  # a cue of another category behind a comma ends their reach
_LINK = "link"  # the group of stops that count only behind a mention that the cue has reached
_MAIN = "main"  # the group of words that begin a main clause after a comma
_VERB = "verb"
_MODIFIERS = 4
_ITEM = 5

Span = tuple[int, int]


class Scan:
    """One sentence: its words, mentions and cues, and how far each cue reaches."""

    def __init__(
        self, words: Words, mentions: list[Span], found: list[Found], deciding: list[Found], joins: set[str]
    ) -> None:
        self._words = words.words
        self._mentions = mentions
        self._order = sorted(range(len(mentions)), key=lambda number: mentions[number])
        self._listed: dict[int, bool] = {}
        self._ends_of = dict(mentions)
        self._cues: dict[int, list[Found]] = {}
        for one in deciding:
            self._cues.setdefault(one.first, []).append(one)
        self._joins = joins
        self._stops: dict[int, list[str]] = {}
        self._stops_before: dict[int, list[str]] = {}
        for one in found:
            if one.cue.category.startswith(STOP):
                group = one.cue.category.removeprefix(STOP)
                self._stops.setdefault(one.first, []).append(group)
                self._stops_before.setdefault(one.last, []).append(group)

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
        opens = one is not None and cue.scope == "clause" and self._is_initial(one.first)
        parted = False
        for place in range(start, len(self._words)):
            groups = self._stops.get(place, ())
            adjacent = place == start and self._words[place] == COLON
            if not adjacent and any(group in cue.stops for group in groups if group != _LINK):
                return place
            if opens and self._words[place] in (COMMA, COLON) and not self._lists(place):
                return place
            if one is not None and any(self._ends(cue, it.cue, parted) for it in self._cues.get(place, ())):
                return place
            parted = parted or self._words[place] == COMMA or place in self._ends_of
        return len(self._words)

    @staticmethod
    def _ends(cue: Cue, other: Cue, parted: bool) -> bool:
        """Whether `other` takes over from `cue`: it reaches as far, or opens a phrase of its own."""
        if other.direction != "forward":
            return False
        if other.category == cue.category:
            return other is cue or (other.scope == "sentence" and set(other.stops) <= set(cue.stops))
        return parted and cue.category in _YIELDING

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
        limit = one.first
        while limit and not any(group in cue.stops for group in self._stops_before.get(limit, ())):
            limit -= 1
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
                if (not near or COMMA in self._words[behind : one.first]) and not self._heads(
                    behind, one.first
                ):
                    break
            elif behind <= first and not self._enumerates(behind, first):
                break
            reached.append((number, one.first - behind))
            first = start if first < 0 else min(first, start)
        return reached

    def _goes_on(self, cue: Cue, last: int, first: int) -> bool:
        """Whether a cue that reached the mention before word `last` goes on to the one at word `first`."""
        if _LINK in cue.stops and any(_LINK in self._stops.get(at, ()) for at in range(last, first)):
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

    def _heads(self, behind: int, last: int) -> bool:
        """Whether the mention before word `behind` opens an enumeration of three that ends at `last`."""
        gap = self._words[behind:last]
        items = sum(word not in self._joins and gap[at] in self._joins for at, word in enumerate(gap[1:]))
        listed = gap[0] in self._joins and any(word in self._joins and word != COMMA for word in gap)
        return items > 1 and listed and self._enumerates(behind, last)

    def _is_initial(self, first: int) -> bool:
        """Whether a clause that begins at word `first` precedes its main clause."""
        if first == 0 or self._words[first] == COMMA:
            return True
        before = self._words[first - 1]
        opened = first == 2 and (before in self._joins or 1 in self._stops)
        return opened or before in (START, QUESTION, COMMA, COLON, "(")

    def _lists(self, comma: int) -> bool:
        """Whether the comma at word `comma` is one of an enumeration: an item, then a comma or an `or`."""
        commas = []
        while comma not in self._listed:
            commas.append(comma)
            following = self._item_end(comma)
            if following is None or self._words[following] != COMMA:
                self._listed[comma] = following is not None
            else:
                comma = following
        for one in commas:
            self._listed[one] = self._listed[comma]
        return self._listed[comma]

    def _item_end(self, comma: int) -> int | None:
        """What stands behind the short item that follows word `comma`: a comma, a conjunction or the end of the
        sentence; None for anything else."""
        if self._words[comma] == COLON:
            return None
        for place in range(comma + 1, min(comma + _ITEM + 1, len(self._words) - 1)):
            if any(group in (_MAIN, _VERB) for group in self._stops.get(place, ())):
                return None
            if self._words[place] in self._joins:
                return place
        # `fever, chills, rash.`: a mention that ends the sentence is an item too.
        behind = self._ends_of.get(comma + 1)
        if behind and END in self._words[behind : behind + 2] and not self._words[behind].isalnum():
            return behind
        return None
