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
        self._strings = vocab.strings
        self._suffixes = suffixes
        endings = [suffix.text for suffix in suffixes]
        self._endings = (*endings, *(ending + "s" for ending in endings))
        # Each word is looked at once. Of those whose ending tells: label, concept id, and vocabulary line.
        self._seen: set[int] = set()
        self._telling: dict[int, tuple[str, str, str]] = {}

    def __call__(self, doc: Doc) -> Doc:
        if found := list(self._candidates(doc)):
            add(doc, found)
        return doc

    def _candidates(self, doc: Doc) -> Iterator[Candidate]:
        words = values_of(doc, ORTH)
        # Sets, which are asked for all words of the article at once: nearly always nothing is left.
        different = set(words)
        for word in different - self._seen:
            self._look_at(word)
        telling = self._telling.keys() & different
        if telling:
            for place, word in enumerate(words):
                if word in telling:
                    yield Candidate(place, place + 1, *self._telling[word], Rank.SUFFIX)

    def _look_at(self, key: int) -> None:
        self._seen.add(key)
        word = self._strings[key].lower()
        if word.endswith(self._endings) and word.isascii() and word.isalpha():
            word = _PLURAL.sub("", word)
            for suffix in self._suffixes:
                if word.endswith(suffix.text) and len(word) >= suffix.least and word not in suffix.exceptions:
                    self._telling[key] = (suffix.label, f"{suffix.label.lower()}:{word}", suffix.where)
                    break
