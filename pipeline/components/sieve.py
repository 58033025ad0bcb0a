"""Tell cheaply what of a list cannot stand in some words, by what each entry cannot do without."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Generic, TypeVar

Word = TypeVar("Word")
Entry = TypeVar("Entry")


class Sieve(Generic[Word, Entry]):
    """Entries by their anchors. Most passages take few look-ups, since they hold no anchor."""

    def __init__(self) -> None:
        self.anchors: dict[Word, list[tuple[Entry, Sequence[AbstractSet[Word]]]]] = {}
        self._always: list[Entry] = []

    def add(self, entry: Entry, asked: Sequence[AbstractSet[Word]], anchor: Collection[Word]) -> None:
        """An entry that needs one word of each set of `asked`; `anchor` is the rarest of these sets.

        An entry that asks for nothing may stand anywhere.
        """
        if not asked:
            self._always.append(entry)
        for word in anchor:
            self.anchors.setdefault(word, []).append((entry, asked))

    def passing(self, words: set[Word]) -> Iterator[Entry]:
        """The entries that have all that they ask for in `words`, some more than once."""
        yield from self._always
        for anchor in words & self.anchors.keys():
            for entry, asked in self.anchors[anchor]:
                if not any(map(words.isdisjoint, asked)):
                    yield entry
