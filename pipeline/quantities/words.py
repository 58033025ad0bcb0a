"""Words that stand before or behind numbers, from quantity_words.tsv, found in time that does not grow."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .units import SPACE, rows_of

WORD_COLUMNS = ("class", "words", "value", "kind")
_FIRST = re.compile(r"[^\W\d_]+|\S")
BEFORE = frozenset(("before", "not_before", "person", "decade", "spanning", "between", "from", "join"))
AFTER = frozenset(
    (
        "after",
        "old",
        "not_age",
        "to",
        "or",
        "and",
        "over",
        "ratio",
        "ratio_per",
        "share_after",
        "person",
        "idiom",
        "follow",
    )
)
_WINDOW = 40
_GAP = re.compile(r"[-‐‑]|(?!\n\n)\s{0,2}+(?!\s)")  # between a number and the words behind it
_OPENING = '([{"“'
BLANKS = frozenset(" \t\u00a0\u2007\u2009\u202f\n")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of quantity_words.tsv and where it stands in the text; `name` is its class."""

    start: int
    end: int
    name: str
    value: str
    kind: str


Phrases = tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    words: str
    name: str
    value: str
    kind: str


class QuantityWords:
    """All classes of quantity_words.tsv in the vocabulary folders."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.rows: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for folder in folders:
            for row in rows_of(folder, "quantity_words.tsv", WORD_COLUMNS):
                self.rows[row["class"]].append((row["words"], row["value"], row["kind"]))
        self._by_last: dict[str, list[_Entry]] = defaultdict(list)
        self._by_first: dict[str, list[_Entry]] = defaultdict(list)
        every = [
            _Entry(words.lower(), name, *rest) for name, rows in self.rows.items() for words, *rest in rows
        ]
        for entry in sorted(every, key=lambda entry: -len(entry.words)):
            if entry.name in BEFORE:
                self._by_last[entry.words.split()[-1]].append(entry)
            if entry.name in AFTER and (first := _FIRST.match(entry.words)):
                self._by_first[first[0]].append(entry)

    def pattern(self, *classes: str) -> str:
        """What matches any phrase of `classes`, the longest first."""
        return alternatives(row[0] for name in classes for row in self.rows[name])

    def before(self, text: str, position: int) -> Phrases:
        """The phrases behind which, after at most two blanks, `position` stands, the longest first."""
        window = text[max(0, position - _WINDOW) : position]
        words = window.rstrip()
        if not words or len(window) - len(words) > 2 or window.endswith("\n\n"):
            return ()
        last = words.rsplit(None, 1)[-1].lstrip(_OPENING).lower()
        entries = self._by_last.get(last)
        if entries is None:
            if last[-1:].isalpha():
                return ()
            tail = next((last[-length:] for length in (3, 2, 1) if last[-length:] in self._by_last), None)
            if tail is None:
                return ()
            entries = self._by_last[tail]
        plain = _plain(words)
        end = position - len(window) + len(words)
        found = []
        for entry in entries:
            if plain.endswith(entry.words):
                start = len(plain) - len(entry.words)
                if not start or not (plain[start - 1].isalnum() and plain[start].isalnum()):
                    found.append(Phrase(end - len(entry.words), end, entry.name, entry.value, entry.kind))
        return tuple(found)

    def after(self, text: str, position: int) -> Phrases:
        """The phrases that start at `position`, or behind a blank or hyphen there, the longest first."""
        gap = _GAP.match(text, position)
        if gap is None:
            return ()
        start, stop = gap.end(), position + _WINDOW
        first = _FIRST.match(text, start, stop)
        entries = self._by_first.get(first[0].lower()) if first else None
        if entries is None:
            return ()
        plain = _plain(text[start:stop])
        found = []
        for entry in entries:
            if plain.startswith(entry.words):
                length = len(entry.words)
                if not (plain[length : length + 1].isalnum() and plain[length - 1].isalnum()):
                    found.append(Phrase(start, start + length, entry.name, entry.value, entry.kind))
        return tuple(found)


def _plain(words: str) -> str:
    return (
        words.lower()
        .replace("\n", " ")
        .replace("\u00a0", " ")
        .replace("-", " ")
        .replace("‐", " ")
        .replace("‑", " ")
    )


def pick(phrases: Phrases, name: str) -> Phrase | None:
    """The longest of `phrases` that is of the class `name`."""
    for phrase in phrases:
        if phrase.name == name:
            return phrase
    return None


def alternatives(phrases: Iterable[str]) -> str:
    """A regular expression for any of `phrases`, the longest first, split by first letter so that few are tried."""
    groups: dict[str, list[str]] = defaultdict(list)
    for words in sorted(phrases, key=len, reverse=True):
        groups[words[0].lower()].append(words)
    branches = (
        re.escape(first) + "(?:" + "|".join(written(words[1:]) for words in group) + ")"
        for first, group in groups.items()
    )
    return "(?:" + "|".join(branches) + ")"


def written(words: str) -> str:
    """A regular expression for a phrase with blanks or hyphens between its words."""
    return re.escape(words).replace(r"\ ", rf"(?:{SPACE}|[-‐‑])")
