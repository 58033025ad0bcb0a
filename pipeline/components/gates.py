"""What the whole article tells of a mention: short abbreviations, everyday words, and words with another subject.

`MS` is a disease in an article that speaks of diseases, and a degree or a size elsewhere; `shock` is what a microphone
is mounted against in an article that speaks of nothing medical; `weight loss` is no symptom in one about dieting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set

from spacy.attrs import NORM
from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..fold import fold
from ..terminology import Everyday, Gate, Term
from .candidates import Candidate, Rank, winners, withdraw
from .words import split, values_of

_LONGEST = 3  # letters of an abbreviation that needs the article's support
_SHORT_TEXT = 80  # tokens; less than this has no subject to tell
_OTHERS = 4  # other concepts, and mentions in a thousand tokens, that make an article medical
_DENSITY = 15
_FEW = 2  # the same two for everyday words, which need less
_THOUSAND = 1000
_TERMS = (Rank.EXACT, Rank.TERM, Rank.CONTEXT)


class Gates:
    """Component: takes away winners that the article as a whole speaks against."""

    def __init__(
        self,
        vocab: Vocab,
        terms: Sequence[Term],
        gates: Sequence[Gate],
        everyday: Sequence[Everyday],
        norm: Callable[[str], str],
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
        self._everyday = {
            tuple([vocab.strings.add(norm(word)) for word in split(fold(one.text))])
            for one in everyday
            if one.gated
        }

    def __call__(self, doc: Doc) -> Doc:
        if len(doc) < _SHORT_TEXT:
            return doc
        won = [one for one in winners(doc) if one.label]
        norms = values_of(doc, NORM)
        lost = set(self._everyday_words(doc, won, norms))
        won = [one for one in won if one not in lost]
        short = set(self._abbreviations(won))
        if not _medical(doc, [one for one in won if one not in short], _OTHERS, _DENSITY):
            lost.update(_alone(won, short))
        for concept_id in {one.concept_id for one in won} & self._gates.keys():
            words, at_least = self._gates[concept_id]
            held = sum(norm in words for norm in norms)
            if held * _THOUSAND >= at_least * max(len(doc), _THOUSAND):
                lost.update(one for one in won if one.concept_id == concept_id)
        if lost:
            withdraw(doc, lost)
        return doc

    def _abbreviations(self, won: Sequence[Candidate]) -> list[Candidate]:
        return [one for one in won if one.where in self._short and one.rank is Rank.EXACT]

    def _everyday_words(self, doc: Doc, won: Sequence[Candidate], norms: Sequence[int]) -> list[Candidate]:
        doubtful = [
            one for one in won if one.rank in _TERMS and tuple(norms[one.start : one.end]) in self._everyday
        ]
        if not doubtful or _medical(doc, won, _OTHERS, _DENSITY):
            return []
        uncertain = {*doubtful, *self._abbreviations(won)}
        if _medical(doc, [one for one in won if one not in uncertain], _FEW, _FEW):
            return []
        return _alone(won, set(doubtful))


def _medical(doc: Doc, sure: Sequence[Candidate], concepts: int, density: int) -> bool:
    """Whether the sure candidates have at least so many concepts, and are so many in a thousand tokens."""
    return len(sure) * _THOUSAND >= density * len(doc) and len({one.concept_id for one in sure}) >= concepts


def _alone(won: Sequence[Candidate], doubtful: Set[Candidate]) -> list[Candidate]:
    """Those of `doubtful` whose concept the article names in no other way."""
    named = {one.concept_id for one in won if one not in doubtful}
    return [one for one in doubtful if one.concept_id not in named]
