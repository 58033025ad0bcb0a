"""Lexical classes (body sites, findings, connectors, ...) as flags of the vocabulary's lexemes, for token patterns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache

from spacy.tokens import Token
from spacy.vocab import Vocab

from ..errors import VocabularyError
from ..fold import fold
from ..terminology import Word

_FIRST_FLAG, _LAST_FLAG = 20, 63  # spaCy's own lexeme flags end at 18


class Lexicon:
    """The classes of words. A class is a set of normal forms, each with the canonical name used in composed ids."""

    def __init__(self, vocab: Vocab, words: Iterable[Word], norm: Callable[[str], str]) -> None:
        self.names: dict[str, dict[str, str]] = defaultdict(dict)
        for word in words:
            self.names[word.kind].setdefault(norm(fold(word.form)), word.name)
        if len(self.names) > _LAST_FLAG - _FIRST_FLAG + 1:
            raise VocabularyError("lexicon.tsv", f"has {len(self.names)} classes", "Merge some: 44 is the most.")
        known = lru_cache(maxsize=50_000)(norm)
        self.flags = {
            kind: vocab.add_flag(lambda text, forms=forms: known(text) in forms, flag_id=_FIRST_FLAG + number)
            for number, (kind, forms) in enumerate(sorted(self.names.items()))
        }

    def has(self, token: Token, kind: str) -> bool:
        """Whether `token` belongs to the class `kind`."""
        return token.check_flag(self.flags[kind])

    def name(self, token: Token, kind: str) -> str:
        """The canonical name of `token` within `kind`."""
        return self.names[kind].get(token.norm_, token.norm_)
