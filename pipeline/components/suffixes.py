"""Words that no list holds but whose ending names what they are: `perihepatitis`, `cediranib`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from spacy.attrs import ORTH
from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..terminology import Suffix
from .candidates import Candidate, Rank, add
from .words import values_of

_PLURAL = re.compile(r"(?<=[a-z]{6})(?<![su])s$")


class Suffixes:
    """Component: candidates for single words by their ending, weaker than every other."""

    def __init__(self, vocab: Vocab, suffixes: Sequence[Suffix]) -> None:
        self._known = _Known(vocab, suffixes)

    def __call__(self, doc: Doc) -> Doc:
        if found := list(self._candidates(doc)):
            add(doc, found)
        return doc

    def _candidates(self, doc: Doc) -> Iterator[Candidate]:
        words = values_of(doc, ORTH)
        # Each word of the article is looked up once, and nearly always that is all.
        telling = {word: known for word in set(words) if (known := self._known[word])}
        if telling:
            for place, word in enumerate(words):
                if word in telling:
                    yield Candidate(place, place + 1, *telling[word], Rank.SUFFIX)


class _Known(dict[int, tuple[str, str, str] | None]):
    """What the ending of a word tells (label, concept id, vocabulary line), worked out once for each word."""

    def __init__(self, vocab: Vocab, suffixes: Sequence[Suffix]) -> None:
        super().__init__()
        self._strings = vocab.strings
        self._suffixes = suffixes
        self._endings = tuple([suffix.text for suffix in suffixes])

    def __missing__(self, key: int) -> tuple[str, str, str] | None:
        word = _PLURAL.sub("", self._strings[key].lower())
        found = None
        if word.isascii() and word.isalpha():
            for suffix in self._suffixes if word.endswith(self._endings) else ():
                if word.endswith(suffix.text) and len(word) >= suffix.least and word not in suffix.exceptions:
                    found = (suffix.label, f"{suffix.label.lower()}:{word}", suffix.where)
                    break
        self[key] = found
        return found
