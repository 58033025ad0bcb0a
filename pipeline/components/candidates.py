"""Candidates of all matchers, and the rule that the longest wins and none stands inside another."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import IntEnum

from spacy.tokens import Doc

_CANDIDATES, _WINNERS = "medtables_candidates", "medtables_winners"


class Rank(IntEnum):
    """Who wins between candidates of equal length: the lower."""

    DEFINED = 0
    BLOCKED = 1
    EXACT = 2
    TERM = 3
    CONTEXT = 4
    PATTERN = 5
    RULED_OUT = 6
    SUFFIX = 7
    ELLIPTIC = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch of tokens that might become a mention. No label: it wins its place and gives none.

    `claim` is the wider stretch that it needs to itself, when words around the mention decide what it is
    (`low sodium soup`: the mention is `sodium`).
    """

    start: int
    end: int
    label: str
    concept_id: str
    where: str
    rank: Rank
    claim: tuple[int, int] | None = None

    @property
    def claimed(self) -> tuple[int, int]:
        """The tokens that no other winner may touch."""
        return self.claim or (self.start, self.end)


def candidates(doc: Doc) -> list[Candidate]:
    """All candidates found so far, winners and losers."""
    found: list[Candidate] = doc.user_data.setdefault(_CANDIDATES, [])
    return found


def add(doc: Doc, found: Iterable[Candidate]) -> list[Candidate]:
    """Add candidates to the doc, settle anew who wins, and return the winners (blocked ones too) in order."""
    every = candidates(doc)
    every += found
    won = resolve(every, len(doc))
    doc.user_data[_WINNERS] = won
    return won


def winners(doc: Doc) -> list[Candidate]:
    """The winners of the last `add`, blocked ones too, in order."""
    won: list[Candidate] = doc.user_data.get(_WINNERS, [])
    return won


def withdraw(doc: Doc, lost: Set[Candidate]) -> None:
    """Take winners away for good; nothing that lost to them comes back."""
    doc.user_data[_WINNERS] = [one for one in winners(doc) if one not in lost]


def resolve(every: Iterable[Candidate], length: int) -> list[Candidate]:
    """The longest candidates that do not overlap, in order of their start; ties go to the lower rank, then the left."""
    taken = bytearray(length)
    won = []
    for one in sorted(every, key=_strength):
        first, last = one.claimed
        if taken.find(1, first, last) < 0:
            taken[first:last] = b"\1" * (last - first)
            won.append(one)
    return sorted(won, key=lambda one: one.start)


def _strength(one: Candidate) -> tuple[int, Rank, int, str]:
    first, last = one.claimed
    return (first - last, one.rank, one.start, one.concept_id)
