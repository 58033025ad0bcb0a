"""Find the terms of the vocabulary with spaCy's PhraseMatcher."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..fold import fold
from ..terminology import Blocked, Term
from .candidates import Candidate, Rank, add
from .words import Words

_POSSESSIVE = re.compile(r"'s?\b")
_PROPER = re.compile(r"\b([A-Z][a-z]{3,})(?= [^\s'])")


def variants(text: str, exact: bool) -> Iterator[str]:
    """The folded spellings of a term that the normal forms of its words do not already make equal.

    >>> list(variants("Crohn's disease", False)), list(variants("UTI", True))
    (["Crohn's disease", 'Crohn disease'], ['UTI', 'UTIs'])
    """
    text = fold(text)
    yield text
    if exact and text.isalpha() and text.isupper():
        yield text + "s"
    if "'" in text:
        yield _POSSESSIVE.sub("", text)
    elif _PROPER.search(text):
        yield _PROPER.sub(r"\1's", text, count=1)


class Terms:
    """Component: candidates for every term and blocked phrase."""

    def __init__(self, vocab: Vocab, terms: Sequence[Term], blocked: Sequence[Blocked]) -> None:
        self._words = Words(vocab)
        self._any_case = PhraseMatcher(vocab, attr="NORM")
        self._exact = PhraseMatcher(vocab, attr="ORTH")
        self._meaning: dict[int, tuple[str, str, str, Rank]] = {}
        for number, entry in enumerate((*terms, *blocked)):
            matcher = self._exact if entry.exact else self._any_case
            docs = [self._words(text) for text in variants(entry.text, entry.exact)]
            matcher.add(str(number), docs)
            if isinstance(entry, Term):
                rank = Rank.EXACT if entry.exact else Rank.TERM
                meaning = (entry.label, entry.concept_id, entry.where, rank)
            else:
                meaning = ("", "", entry.where, Rank.BLOCKED)
            self._meaning[vocab.strings[str(number)]] = meaning

    def __call__(self, doc: Doc) -> Doc:
        found = []
        for matcher in (self._any_case, self._exact):
            for key, start, end in matcher(doc):
                label, concept_id, where, rank = self._meaning[key]
                found.append(Candidate(start, end, label, concept_id, where, rank))
        add(doc, found)
        return doc

    def concept(self, label: str, names: Iterable[str]) -> str:
        """The concept that one of `names` as a whole names under `label`, else the empty string."""
        for name in names:
            doc = self._words(fold(name))
            for key, start, end in self._any_case(doc):
                meaning = self._meaning[key]
                if start == 0 and end == len(doc) and meaning[0] == label:
                    return meaning[1]
        return ""
