"""The relations of one page: which labels fit which kind, what an assertion makes of it, each relation once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..model import Article, Assertion, Basis, Certainty, Mention, Relation
from .subjects import FINDINGS, MEDICATION
from .words import EFFECTS, FELT_FROM, FELT_IN, RelationWords

WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
ELECTROLYTE, CONDITION, SYMPTOM = "ELECTROLYTE", "CONDITION", "SYMPTOM"
_ENDS = {
    "symptom_of": (FINDINGS, (CONDITION,)),
    "causes": ((*FINDINGS, ELECTROLYTE), FINDINGS),
    "treats": ((MEDICATION,), FINDINGS),
    "prevents": ((MEDICATION, ELECTROLYTE), FINDINGS),
    "side_effect_of": (FINDINGS, (MEDICATION,)),
}
_OTHERS = frozenset((Assertion.OTHER, Assertion.HISTORICAL))
_AMOUNT_BEFORE = 20  # Characters before an electrolyte in which `too much` stands.

Span = tuple[int, int]


class Ledger:
    """Takes what sentences and headings say and keeps what is a relation."""

    def __init__(self, article: Article, mentions: Sequence[Mention], words: RelationWords) -> None:
        self._article, self._mentions, self._words = article, mentions, words
        self._found: dict[tuple[str, str, str, str], Relation] = {}

    def relations(self) -> tuple[Relation, ...]:
        """All relations in the order of their evidence."""
        return tuple(
            sorted(self._found.values(), key=lambda one: (one.start, one.end, one.head, one.tail, one.kind))
        )

    def every(
        self,
        kind: str,
        heads: Iterable[int],
        tails: Iterable[int],
        certainty: str,
        basis: Basis,
        evidence: Span,
        hedged: Sequence[int] = (),
        *,
        asserted: bool = True,
    ) -> None:
        """Each of `heads` with each of `tails`; `hedged` are those told with a hedge of their own.

        Without `asserted` an end stands for a pronoun: that its mention is absent says nothing of the relation.
        """
        tails = tuple(tails)
        for head in heads:
            for tail in tails:
                sure = "may" if certainty == "is" and (head in hedged or tail in hedged) else certainty
                self._pair(kind, head, tail, sure, basis, evidence, asserted)

    def _pair(
        self, kind: str, head: int, tail: int, certainty: str, basis: Basis, evidence: Span, asserted: bool
    ) -> None:
        if kind == EFFECTS:
            kind, head, tail = "causes", tail, head
        one, other = self._mentions[head], self._mentions[tail]
        if kind in (FELT_IN, FELT_FROM):
            if (one if kind == FELT_IN else other).label != SYMPTOM:
                return
            kind = "symptom_of" if kind == FELT_IN else "causes"
        if kind == "causes" and one.label == MEDICATION:
            kind, head, tail, one, other = "side_effect_of", tail, head, other, one
        labels = _ENDS[kind]
        if one.label not in labels[0] or other.label not in labels[1] or one.concept_id == other.concept_id:
            return
        if (
            one.label == ELECTROLYTE
            and kind == "causes"
            and (basis != Basis.SENTENCE or not self._amount(one))
        ):
            return
        said = {one.assertion, other.assertion}
        if said & _OTHERS:
            return
        if Assertion.ABSENT in said and asserted and kind not in ("treats", "prevents"):
            certainty = "not"
        elif Assertion.POSSIBLE in said and certainty == "is":
            certainty = "may"
        self.add(kind, head, tail, other.concept_id, certainty, basis, evidence)

    def _amount(self, mention: Mention) -> bool:
        """Whether the words before an electrolyte say too much or too little of it."""
        start = max(mention.sentence_start, mention.start - _AMOUNT_BEFORE)
        before = WORDS.findall(self._article.text[start : mention.start].lower())
        return not self._words.sets["degree"].isdisjoint(before)

    def add(
        self, kind: str, head: int, tail: int, tail_concept: str, certainty: str, basis: Basis, evidence: Span
    ) -> None:
        """One relation, unless the page showed it before."""
        head_concept = self._mentions[head].concept_id
        key = (kind, head_concept, tail_concept, certainty)
        if key not in self._found:
            self._found[key] = Relation(
                kind, head, tail, head_concept, tail_concept, Certainty(certainty), basis, *evidence
            )
