"""Find the terms of the vocabulary with spaCy's PhraseMatcher."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from spacy.attrs import NORM, ORTH
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..fold import fold
from ..terminology import Blocked, Term
from .candidates import Candidate, Rank, add
from .lexicon import Lexicon
from .words import split, values_of

_POSSESSIVE = re.compile(r"'s?(?!\w)")
_PROPER = re.compile(r"\b([A-Z][a-z]{3,})(?= [^\s'])")


def variants(text: str, exact: bool, plural: bool = False) -> Iterator[str]:
    """The folded spellings of a term that the normal forms of its words do not already make equal.

    >>> list(variants("Crohn's disease", False)), list(variants("UTI", True))
    (["Crohn's disease", 'Crohn disease'], ['UTI', 'UTIs'])
    >>> list(variants("fine lines", False, plural=True))  # the normal forms would be those of the singular
    ['fine lines', 'Fine lines', 'FINE LINES', 'Fine Lines']
    """
    text = fold(text)
    if plural:
        yield from dict.fromkeys((text, text[:1].upper() + text[1:], text.upper(), text.title()))
        return
    yield text
    if exact and text.isalpha() and text.isupper():
        yield text + "s"
    if "'" in text and " " in text:  # `Addison` alone is a surname
        yield _POSSESSIVE.sub("", text)
    elif _PROPER.search(text):
        yield _PROPER.sub(r"\1's", text, count=1)


# Words that a blocked phrase may reach across to the next telling word, and no other.
_BRIDGES = frozenset({"determiner", "preposition", "connector", "be", "degree", "alias", "closing"})
_REACH = 4

_KEY = "terms"
_Key: TypeAlias = tuple[int, ...]  # the hashes of a term's words


@dataclass(frozen=True, slots=True)
class _Rule:
    """A stretch that a not_example rules out."""

    where: str


_Entry: TypeAlias = Term | Blocked | _Rule
_Meaning: TypeAlias = _Entry | tuple[_Entry, ...]


class Terms:
    """Component: candidates for every term and blocked phrase.

    An article at the start of a term (`a cold`) must stand there and is no part of the mention.
    A not_example is a rule: the term together with its neighbour there, on either side, is blocked
    (`nasal cavity`, `opiate of the people`).
    """

    def __init__(
        self, vocab: Vocab, terms: Iterable[Term], blocked: Iterable[Blocked], lexicon: Lexicon
    ) -> None:
        self._lexicon = lexicon
        self._norm = lexicon.norm
        self._strings = vocab.strings
        self._meanings: dict[int, dict[_Key, _Meaning]] = {NORM: {}, ORTH: {}}
        norms = _Hashes(lambda word: self._strings[self._norm(word)])
        words = _Hashes(self._strings.__getitem__)
        entries: tuple[Term | Blocked, ...] = (*terms, *blocked)
        for entry in entries:
            plural = isinstance(entry, Term) and entry.plural
            attribute, hashes = (ORTH, words) if entry.exact or plural else (NORM, norms)
            for form in variants(entry.text, entry.exact, plural):
                pieces = split(form)
                self._add(attribute, tuple([hashes[piece] for piece in pieces]), entry)
                if isinstance(entry, Term) and entry.not_example:
                    self._rule_out(entry, tuple([norms[piece] for piece in pieces]), norms)
        self._matchers = {}
        for attribute, meanings in self._meanings.items():
            # One key for all: what a match means is told by its words. PhraseMatcher takes their hashes where
            # it takes Docs, as when it is unpickled, and adds them twenty times as fast.
            keys: Any = list(meanings)
            self._matchers[attribute] = PhraseMatcher(vocab, attr=attribute)
            self._matchers[attribute].add(_KEY, keys)

    def _add(self, attribute: int, key: _Key, entry: _Entry) -> None:
        meanings = self._meanings[attribute]
        before = meanings.get(key)
        if before is None:
            meanings[key] = entry
        else:
            meanings[key] = (*before, entry) if isinstance(before, tuple) else (before, entry)

    def _rule_out(self, term: Term, wanted: _Key, norms: Mapping[str, int]) -> None:
        words = split(fold(term.not_example))
        sentence = tuple([norms[word] for word in words])
        rule = _Rule(f"{term.where} not_example")
        for start in range(len(sentence) - len(wanted) + 1):
            end = start + len(wanted)
            if sentence[start:end] == wanted:
                for first, last in self._neighbours(words, start, end):
                    self._add(NORM, sentence[first:last], rule)

    def _neighbours(self, words: Sequence[str], start: int, end: int) -> Iterator[tuple[int, int]]:
        """The stretches from the term to the nearest telling word before it and behind it."""
        for step, edge in ((-1, start - 1), (1, end)):
            for place in range(edge, edge + step * _REACH, step):
                if not 0 <= place < len(words) or not words[place].isalnum():
                    break
                if not any(self._norm(words[place]) in self._lexicon.names[kind] for kind in _BRIDGES):
                    yield min(place, start), max(place + 1, end)
                    break

    def __call__(self, doc: Doc) -> Doc:
        found: list[Candidate] = []
        for attribute, matcher in self._matchers.items():
            matches = matcher(doc)
            if not matches:
                continue
            hashes = values_of(doc, attribute)
            meanings = self._meanings[attribute]
            for _, start, end in matches:
                entries = meanings[tuple(hashes[start:end])]
                for entry in entries if isinstance(entries, tuple) else (entries,):
                    found.append(self._candidate(start, end, entry))
        add(doc, found)
        return doc

    def _candidate(self, start: int, end: int, entry: _Entry) -> Candidate:
        if not isinstance(entry, Term):
            rank = Rank.RULED_OUT if isinstance(entry, _Rule) else Rank.BLOCKED
            return Candidate(start, end, "", "", entry.where, rank, (start, end))
        if self._needs_article(entry):
            return Candidate(
                start + 1, end, entry.label, entry.concept_id, entry.where, Rank.CONTEXT, (start, end)
            )
        rank = Rank.EXACT if entry.exact else Rank.TERM
        return Candidate(start, end, entry.label, entry.concept_id, entry.where, rank, (start, end))

    def _needs_article(self, term: Term) -> bool:
        """Whether a term begins with an article; the A of `A-fib` and `A1AD` is none."""
        first, space, _ = term.text.partition(" ")
        return bool(space) and not term.exact and self._norm(first) in self._lexicon.names["article"]

    def concept(self, label: str, names: Iterable[str]) -> str:
        """The concept that one of `names` as a whole names under `label`, else the empty string."""
        for name in names:
            key = tuple([self._strings[self._norm(word)] for word in split(fold(name))])
            entries = self._meanings[NORM].get(key, ())
            for entry in entries if isinstance(entries, tuple) else (entries,):
                if isinstance(entry, Term) and entry.label == label:
                    return entry.concept_id
        return ""


class _Hashes(dict[str, int]):
    """The hash of each word, computed once."""

    def __init__(self, make: Callable[[str], int]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, word: str) -> int:
        self[word] = made = self._make(word)
        return made
