"""Tell cheaply that nothing of a list can stand in some words, by what each entry cannot do without."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from typing import Generic, TypeVar

T = TypeVar("T")


class Sieve(Generic[T]):
    """Entries by their anchors. Many passages are told apart by few look-ups, since most hold no anchor."""

    def __init__(self) -> None:
        self.anchors: dict[T, list[Sequence[AbstractSet[T]]]] = {}
        self._open = False

    def add(self, asked: Sequence[AbstractSet[T]], anchor: Collection[T]) -> None:
        """An entry that needs one word of each set of `asked`; `anchor` is the rarest of these sets.

        An entry that asks for nothing lets everything through.
        """
        self._open = self._open or not asked
        for word in anchor:
            self.anchors.setdefault(word, []).append(asked)

    def passes(self, words: set[T]) -> bool:
        """Whether some entry has all that it asks for in `words`."""
        return self._open or any(
            not any(map(words.isdisjoint, asked))
            for anchor in words & self.anchors.keys()
            for asked in self.anchors[anchor]
        )
