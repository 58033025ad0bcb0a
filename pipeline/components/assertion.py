"""What the text says of a mention: cues before or behind it in its sentence decide.

After NegEx (Chapman et al. 2001, doi:10.1006/jbin.2001.1029): a cue works in one direction until a stop. It
goes on through an enumeration; cues that work backwards must stand close to the end of theirs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..model import Assertion
from ..terminology import Cue
from ..tsv import VOCABULARY, read_rows
from .cues import ASSERTIONS, COLON, Cues, Found, Words
from .reach import Scan, Span

# When several cues reach a mention, the category named first here decides.
_PRIORITY = (
    Assertion.ABSENT,
    Assertion.OTHER,
    Assertion.HISTORICAL,
    Assertion.POSSIBLE,
    Assertion.HYPOTHETICAL,
)
_RANK = {category.value: rank for rank, category in enumerate(_PRIORITY)}
_LONG = 2000  # characters, above which a sentence is read in windows
_SUPPOSING = 3  # words behind the cue in an open line without a colon: if you have
_NAMING = 4  # words between a cue and the colon: does not cause the following side effects:


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
        if sentence[1] - sentence[0] > _LONG:
            return self._read_long(text, sentence, spans, labels, carried)
        if not carried and not self._cues.may_decide(text, *sentence):
            return [PRESENT] * len(spans)
        words = self._cues.words(text, *sentence)
        mentions, taken = _places(words, spans)
        found = self._cues.find(words.words, taken)
        deciding = [one for one in found if one.cue.category in ASSERTIONS]
        if not deciding and not carried:
            return [PRESENT] * len(spans)
        scan = Scan(words, mentions, found, deciding, self._cues.joins)
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

    def _read_long(
        self,
        text: str,
        sentence: Span,
        spans: Sequence[Span],
        labels: Sequence[str],
        carried: Sequence[Carried],
    ) -> list[Reading]:
        """Read what is no real sentence in windows around its spans, so that the cost stays linear."""
        read = [PRESENT] * len(spans)
        order = sorted(range(len(spans)), key=lambda number: spans[number])
        place = 0
        while place < len(order):
            first = max(sentence[0], spans[order[place]][0] - _LONG // 4)
            last = min(sentence[1], first + _LONG)
            near: list[int] = []
            while place < len(order) and spans[order[place]][1] <= last - bool(near) * _LONG // 4:
                near.append(order[place])
                place += 1
            if not near:  # a mention as long as the window
                place += 1
                continue
            places = [spans[number] for number in near]
            their = [labels[number] for number in near] if labels else ()
            inherited = carried if first == sentence[0] else ()
            for number, reading in zip(
                near, self.read(text, (first, last), places, their, inherited), strict=True
            ):
                read[number] = reading
        return read

    def open(self, text: str, sentence: Span, spans: Sequence[Span], heading: bool) -> list[Carried]:
        """The cues that `text[sentence]`, the last of a lead-in or a heading, leaves open at its end."""
        if sentence[1] - sentence[0] > _LONG or not self._cues.may_decide(text, *sentence):
            return []
        words = self._cues.words(text, *sentence)
        mentions, taken = _places(words, spans)
        found = self._cues.find(words.words, taken)
        deciding = [one for one in found if one.cue.category in ASSERTIONS and one.cue.direction == "forward"]
        if not deciding:
            return []
        last = len(words.words) - 1
        while last > 0 and not words.words[last - 1][0].isalnum():
            last -= 1
        colon = not heading and COLON in words.words[last:]
        scan = Scan(words, mentions, found, deciding, self._cues.joins)
        carried = []
        for one in deciding:
            behind = last - one.last
            bare = not any(start >= one.last for start, _ in mentions)
            if one.cue.category == Assertion.HYPOTHETICAL:
                opens = colon or (bare and behind <= _SUPPOSING)
            else:
                opens = one.cue.scope == "sentence" and bare and behind <= (_NAMING if colon else 0)
            if opens and scan.limit(one.cue, one.last, one) >= last:
                carried.append(Carried(one.cue, _quote(text, words, one)))
        return carried


def _places(words: Words, spans: Sequence[Span]) -> tuple[list[Span], bytearray]:
    """The words of each span, as bounds, and a map of the words that stand in one."""
    taken = bytearray(len(words.words))
    places = []
    last = len(words.words) - 1
    for start, end in spans:
        first = min(max(1, bisect_right(words.ends, start, 1, last)), last)
        behind = max(bisect_left(words.starts, end, first, last), first + 1)
        taken[first:behind] = b"\1" * (behind - first)
        places.append((first, behind))
    return places, taken


def _quote(text: str, words: Words, one: Found) -> str:
    return " ".join(text[words.starts[one.first] : words.ends[one.last - 1]].split())
