"""How the matchers read an article: every candidate at its characters, and which of them won."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..components.candidates import Candidate, Rank, candidates, winners
from ..components.words import starts_of
from ..extract import Engine
from ..model import Extraction
from ..terminology import Pattern, Term, Terminology

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate at `[start, end)` of the article; `claimed` is the stretch it needs to itself."""

    start: int
    end: int
    claimed: Span
    candidate: Candidate
    won: bool

    def touches(self, span: Span) -> bool:
        """Whether what it claims shares a character with `span`."""
        return self.claimed[0] < span[1] and span[0] < self.claimed[1]


class Reading:
    """One extraction and the candidates behind it."""

    def __init__(self, extraction: Extraction, engine: Engine) -> None:
        self.extraction = extraction
        self.engine = engine
        self.text = extraction.article.text
        read = extraction.article.blocks and extraction.problem is None and not extraction.unread
        self.found = self._found() if read else []

    def _found(self) -> list[Found]:
        doc = self.engine.annotator.doc(self.extraction.article)
        starts = starts_of(doc)
        ends = [start + len(token) for start, token in zip(starts, doc, strict=True)]
        won = set(winners(doc))

        def place(one: Candidate) -> Found:
            first, last = one.claimed
            claimed = (starts[first], ends[last - 1])
            return Found(starts[one.start], ends[one.end - 1], claimed, one, one in won)

        return [place(one) for one in dict.fromkeys(candidates(doc))]

    @property
    def words(self) -> Terminology:
        """The vocabulary that was used."""
        return self.engine.terminology

    @cached_property
    def terms(self) -> dict[str, Term]:
        """Every term by its place."""
        return {term.where: term for term in self.words.terms}

    @cached_property
    def patterns(self) -> dict[str, Pattern]:
        """Every pattern by its place."""
        return {pattern.where: pattern for pattern in self.words.patterns}

    def winner_over(self, loser: Found) -> Found | None:
        """The strongest candidate that took the place of `loser`."""
        over = [one for one in self.found if one.won and one.touches(loser.claimed)]
        return min(over, key=_strength, default=None)


def why_lost(text: str, loser: Found, winner: Found) -> str:
    """Why `winner` stands in `text` and `loser` does not, in words that continue a sentence about the loser."""
    mine, theirs = loser.candidate, winner.candidate
    lengths = [last - first for first, last in (mine.claimed, theirs.claimed)]
    if lengths[0] < lengths[1]:
        return f"is shorter than {text[slice(*winner.claimed)]!r}"
    if mine.rank != theirs.rank:
        return f"is as long, and {_NAMES[mine.rank]} gives way to {_NAMES[theirs.rank]}"
    return "is as long, and stands further right" if loser.start > winner.start else "comes later by its id"


_NAMES = {
    Rank.DEFINED: "an abbreviation that the text defines",
    Rank.BLOCKED: "a blocked phrase",
    Rank.EXACT: "a term in this capitalisation",
    Rank.TERM: "a term",
    Rank.CONTEXT: "a term that needs its article",
    Rank.PATTERN: "a pattern",
    Rank.RULED_OUT: "a not_example",
    Rank.ELLIPTIC: "an ellipsis",
}


def _strength(one: Found) -> tuple[int, Rank, int, str]:
    first, last = one.candidate.claimed
    return first - last, one.candidate.rank, one.start, one.candidate.concept_id
