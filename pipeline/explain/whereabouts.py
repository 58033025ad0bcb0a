"""Find a phrase in a text by the normal forms of its words, as the matchers compare them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from ..fold import fold
from ..norms import WORD, make_norm
from ..tsv import VOCABULARY

_WORD = re.compile(WORD)

Span = tuple[int, int]


class Phrase:
    """A phrase to look for. `words` are its words as matched (folded), `norms` their normal forms."""

    def __init__(self, text: str) -> None:
        self.words = _WORD.findall(fold(text))
        self.norms = tuple(map(norm(), self.words))

    def __bool__(self) -> bool:
        return bool(self.norms)

    def places(self, text: str, *, across: bool = False) -> list[Span]:
        """Where the phrase stands in `text`, in order, none overlapping another.

        With `across` punctuation counts neither in the phrase nor in the text, so that it may cross sentences.
        """
        wanted = [one for one in self.norms if not across or one.isalnum()]
        matches = [one for one in _WORD.finditer(fold(text)) if not across or one[0].isalnum()]
        return _places([norm()(one[0]) for one in matches], [one.span() for one in matches], wanted)


def _places(norms: Sequence[str], spans: Sequence[Span], wanted: Sequence[str]) -> list[Span]:
    found: list[Span] = []
    count = len(wanted)
    place = 0
    while count and place <= len(norms) - count:
        if norms[place] == wanted[0] and list(norms[place : place + count]) == list(wanted):
            found.append((spans[place][0], spans[place + count - 1][1]))
            place += count
        else:
            place += 1
    return found


@cache
def norm() -> Callable[[str], str]:
    """The normal form of a word, each computed once."""
    return cache(make_norm(VOCABULARY))
