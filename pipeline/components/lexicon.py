"""Lexical classes (body sites, findings, connectors, ...) as flags of the vocabulary's lexemes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from spacy.tokens import Token

from ..errors import VocabularyError
from ..fold import fold
from ..terminology import Word

_FIRST_FLAG, _LAST_FLAG = 19, 63  # spaCy's own lexeme flags end at 18


class Lexicon:
    """The classes of words. A class is a set of normal forms, each with its canonical name in composed ids.

    The classes of `flagged` get a lexeme flag, so that a token pattern can ask for them.
    """

    def __init__(self, words: Iterable[Word], norm: Callable[[str], str], flagged: Collection[str]) -> None:
        self.norm = norm
        self.names: dict[str, dict[str, str]] = defaultdict(dict)
        for word in words:
            self.names[word.kind].setdefault(norm(fold(word.form)), word.name)
        asked = sorted(self.names.keys() & set(flagged))
        if len(asked) > _LAST_FLAG - _FIRST_FLAG + 1:
            raise VocabularyError("patterns", f"speak of {len(asked)} classes", "Merge some: 45 is the most.")
        self.flags = {kind: _FIRST_FLAG + number for number, kind in enumerate(asked)}
        flags_of: dict[str, list[int]] = defaultdict(list)
        for kind, flag in self.flags.items():
            for form in self.names[kind]:
                flags_of[form].append(flag)
        self.flags_of: dict[str, tuple[int, ...]] = {form: tuple(flags) for form, flags in flags_of.items()}

    def has(self, token: Token, kind: str) -> bool:
        """Whether `token` belongs to the class `kind`."""
        return token.norm_ in self.names.get(kind, ())

    def name(self, token: Token, kind: str) -> str:
        """The canonical name of `token` within `kind`."""
        return self.names[kind].get(token.norm_, token.norm_)
