"""What the whole article tells of a mention: short abbreviations and words with another everyday subject.

`MS` is a disease in an article that speaks of diseases, and a degree or a size elsewhere; `weight loss` is no symptom
in an article about dieting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from spacy.attrs import NORM
from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..fold import fold
from ..terminology import Gate, Term
from .candidates import Candidate, Rank, winners, withdraw
from .words import values_of

_LONGEST = 3  # letters of an abbreviation that needs the article's support
_SHORT_TEXT = 80  # tokens; less than this has no subject to tell
_OTHERS = 4  # other concepts, and mentions in a thousand tokens, that make an article medical
_DENSITY = 15
_THOUSAND = 1000


class Gates:
    """Component: takes away winners that the article as a whole speaks against."""

    def __init__(
        self, vocab: Vocab, terms: Sequence[Term], gates: Sequence[Gate], norm: Callable[[str], str]
    ) -> None:
        self._short = {
            term.where
            for term in terms
            if term.exact and term.status == "abbreviation" and len(term.text) <= _LONGEST
        }
        self._gates = {
            gate.concept_id: ({vocab.strings.add(norm(fold(word))) for word in gate.words}, gate.at_least)
            for gate in gates
        }

    def __call__(self, doc: Doc) -> Doc:
        if len(doc) < _SHORT_TEXT:
            return doc
        won = [one for one in winners(doc) if one.label]
        short = [one for one in won if one.where in self._short and one.rank is Rank.EXACT]
        gated = {one.concept_id for one in won} & self._gates.keys()
        lost = self._unsupported(doc, won, short) if short else []
        if gated:
            norms = values_of(doc, NORM)
            for concept_id in gated:
                words, at_least = self._gates[concept_id]
                held = sum(norm in words for norm in norms)
                if held * _THOUSAND >= at_least * max(len(doc), _THOUSAND):
                    lost += [one for one in won if one.concept_id == concept_id]
        if lost:
            withdraw(doc, lost)
        return doc

    @staticmethod
    def _unsupported(doc: Doc, won: Sequence[Candidate], short: Sequence[Candidate]) -> list[Candidate]:
        doubtful = set(short)
        sure = [one for one in won if one not in doubtful]
        concepts = {one.concept_id for one in sure}
        if len(concepts) >= _OTHERS and len(sure) * _THOUSAND >= _DENSITY * len(doc):
            return []
        return [one for one in short if one.concept_id not in concepts]
