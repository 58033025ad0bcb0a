"""Concept ids of composed mentions: the listed concept where the vocabulary has one, else a computed, readable id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ..fold import fold
from ..terminology import Term

_WORD = re.compile(r"[^\W_]+")


class Names:
    """The concepts of the vocabulary by the bag of their words' normal forms in order."""

    def __init__(self, terms: Iterable[Term], norm: Callable[[str], str]) -> None:
        self._norm = norm
        self._concepts: dict[tuple[str, str], str] = {}
        for term in terms:
            if not term.exact:
                self._concepts.setdefault((term.label, self._key(term.text)), term.concept_id)

    def _key(self, text: str) -> str:
        return " ".join(self._norm(word) for word in _WORD.findall(fold(text)))

    def find(self, label: str, names: Iterable[str]) -> str:
        """The concept that one of `names` names under `label`, else the empty string."""
        return next((found for name in names if (found := self._concepts.get((label, self._key(name)), ""))), "")


def slug(text: str) -> str:
    """`text` as it stands in an id: lower case, words joined by hyphens.

    >>> slug("Upper back")
    'upper-back'
    """
    return "-".join(_WORD.findall(fold(text).lower()))
