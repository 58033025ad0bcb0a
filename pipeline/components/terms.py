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
from .lexicon import Lexicon
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


# Words that a blocked phrase may reach across to the next telling word, and no other.
_BRIDGES = frozenset({"determiner", "preposition"})
_REACH = 3


class Terms:
    """Component: candidates for every term and blocked phrase.

    An article at the start of a term (`a cold`) must stand there and is no part of the mention.
    A not_example is a rule: the term together with its neighbour there, on either side, is blocked (`nasal cavity`,
    `opiate of the people`).
    """

    def __init__(
        self, vocab: Vocab, terms: Sequence[Term], blocked: Sequence[Blocked], lexicon: Lexicon
    ) -> None:
        self._words = Words(vocab)
        self._lexicon = lexicon
        self._any_case = PhraseMatcher(vocab, attr="NORM")
        self._exact = PhraseMatcher(vocab, attr="ORTH")
        self._meaning: dict[int, tuple[str, str, str, Rank]] = {}
        for number, entry in enumerate((*terms, *blocked)):
            matcher = self._exact if entry.exact else self._any_case
            docs = [self._words(text) for text in variants(entry.text, entry.exact)]
            matcher.add(str(number), docs)
            if isinstance(entry, Term) and entry.not_example:
                self._rule_out(entry, docs)
            if isinstance(entry, Term):
                article = not entry.exact and len(docs[0]) > 1 and lexicon.has(docs[0][0], "article")
                rank = Rank.CONTEXT if article else Rank.EXACT if entry.exact else Rank.TERM
                meaning = (entry.label, entry.concept_id, entry.where, rank)
            else:
                meaning = ("", "", entry.where, Rank.BLOCKED)
            self._meaning[vocab.strings[str(number)]] = meaning

    def _rule_out(self, term: Term, forms: Sequence[Doc]) -> None:
        key = f"not:{term.where}"
        sentence = self._words(fold(term.not_example))
        norms = [token.norm for token in sentence]
        for form in forms:
            wanted = [token.norm for token in form]
            for start in range(len(norms) - len(wanted) + 1):
                end = start + len(wanted)
                if norms[start:end] == wanted:
                    for first, last in self._neighbours(sentence, start, end):
                        self._any_case.add(key, [sentence[first:last].as_doc()])
        self._meaning[sentence.vocab.strings[key]] = ("", "", f"{term.where} not_example", Rank.RULED_OUT)

    def _neighbours(self, sentence: Doc, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The stretches from the term to the nearest telling word before it and behind it."""
        for step, edge in ((-1, start - 1), (1, end)):
            for place in range(edge, edge + step * _REACH, step):
                if not 0 <= place < len(sentence) or not sentence[place].text.isalnum():
                    break
                if not any(self._lexicon.has(sentence[place], kind) for kind in _BRIDGES):
                    yield min(place, start), max(place + 1, end)
                    break

    def __call__(self, doc: Doc) -> Doc:
        found = []
        for matcher in (self._any_case, self._exact):
            for key, start, end in matcher(doc):
                label, concept_id, where, rank = self._meaning[key]
                first = start + 1 if rank is Rank.CONTEXT else start
                found.append(Candidate(first, end, label, concept_id, where, rank, (start, end)))
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
