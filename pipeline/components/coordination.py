"""Coordination with ellipsis: `heart or kidney disease`, `difficulty speaking or swallowing`.

A mention that begins with a word of a left class (organ in `kidney disease`) shares its rest with words of that class
before it; one that ends with a word of a right class shares its beginning with words of that class behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spacy.tokens import Doc

from .candidates import Candidate, Rank, add, winners
from .concepts import slug
from .lexicon import Lexicon
from .terms import Terms

_CONNECTOR = "connector"


class Coordination:
    """Component: elliptic candidates beside the mentions found so far."""

    def __init__(self, lexicon: Lexicon, terms: Terms, classes: Sequence[tuple[str, str, str]]) -> None:
        self._lexicon = lexicon
        self._terms = terms
        self._left = [(kind, needs) for side, kind, needs in classes if side == "left"]
        self._right = [(kind, needs) for side, kind, needs in classes if side == "right"]

    def __call__(self, doc: Doc) -> Doc:
        won = winners(doc)
        taken = bytearray(len(doc) + 1)
        for one in won:
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
        found = [
            candidate
            for one in won
            if one.label and one.end - one.start > 1
            for candidate in (*self._before(doc, one, taken), *self._behind(doc, one, taken))
        ]
        if found:
            add(doc, found)
        return doc

    def _before(self, doc: Doc, one: Candidate, taken: bytearray) -> Iterator[Candidate]:
        if one.start == 0 or not self._is(doc, one.start - 1, _CONNECTOR):
            return
        for kind, needs in self._left:
            head = one.start
            while head < one.end and self._is(doc, head, kind):
                head += 1
            if head in (one.start, one.end) or not self._holds(doc, head, one.end, needs):
                continue
            place = one.start
            while (after := self._skip_connectors(doc, place - 1, -1)) != place - 1:
                first = after
                while first >= 0 and not taken[first] and self._is(doc, first, kind):
                    first -= 1
                if first == after:
                    break
                yield self._elliptic(doc, one, first + 1, after + 1, (first + 1, after + 1), (head, one.end))
                place = first + 1

    def _behind(self, doc: Doc, one: Candidate, taken: bytearray) -> Iterator[Candidate]:
        if one.end == len(doc) or not self._is(doc, one.end, _CONNECTOR):
            return
        for kind, needs in self._right:
            tail = one.end
            while tail > one.start and self._is(doc, tail - 1, kind):
                tail -= 1
            if tail in (one.start, one.end) or not self._holds(doc, one.start, tail, needs):
                continue
            place = one.end
            while (first := self._skip_connectors(doc, place, 1)) != place:
                last = first
                while last < len(doc) and not taken[last] and self._is(doc, last, kind):
                    last += 1
                if last == first:
                    break
                yield self._elliptic(doc, one, first, last, (one.start, tail), (first, last))
                place = last

    def _holds(self, doc: Doc, start: int, end: int, kind: str) -> bool:
        return not kind or any(self._is(doc, place, kind) for place in range(start, end))

    def _is(self, doc: Doc, place: int, kind: str) -> bool:
        return self._lexicon.has(doc[place], kind)

    def _skip_connectors(self, doc: Doc, place: int, step: int) -> int:
        while 0 <= place < len(doc) and self._is(doc, place, _CONNECTOR):
            place += step
        return place

    def _elliptic(
        self, doc: Doc, one: Candidate, start: int, end: int, first: tuple[int, int], second: tuple[int, int]
    ) -> Candidate:
        name = f"{doc[first[0] : first[1]].text} {doc[second[0] : second[1]].text}"
        concept_id = self._terms.concept(one.label, (name,)) or f"{one.label.lower()}:{slug(name)}"
        return Candidate(start, end, one.label, concept_id, one.where, Rank.ELLIPTIC)
