"""The canonical class of a heading: symptoms, causes, treatment, ..."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from .prefix_tree import prefix_tree
from .tsv import VOCABULARY, read_rows

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def _load() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds the beginning of any row's words, and what tells which row matches. Most headings have none, and the
    first tells that in a fraction of the time."""
    rules: dict[str, list[str]] = {}
    for row in read_rows(VOCABULARY, "sections.tsv", ("section", "words")):
        rules.setdefault(row["section"], []).append(row["words"])
    groups = [(words, section) for section, listed in rules.items() for words in listed]
    groups.sort(key=lambda group: (-len(group[0]), group[0]))
    # One group per row, so that of all rows that match at one place the longest wins.
    rows = "|".join(f"(?P<{section}__{n}>{_pattern(words)})" for n, (words, section) in enumerate(groups))
    beginnings = prefix_tree(words.partition("*")[0] for words, _ in groups)
    return re.compile(rf"\b{beginnings}"), re.compile(rf"\b(?:{rows})\b")


def _pattern(words: str) -> str:
    return re.escape(words).replace(r"\*", r"\w*").replace(r"\ ", " ")


_BEGINNINGS, _HEADINGS = _load()
_LONGEST = 1000  # Characters; what a heading is about stands in front, and the cache keeps no longer ones.


def section_of(heading: str) -> str:
    """The class of one heading, empty when it has none. Of several, the one named first in the heading."""
    return _section_of(heading[:_LONGEST])


@lru_cache(maxsize=20_000)
def _section_of(heading: str) -> str:
    text = " ".join(_WORD.findall(heading.lower().replace("’", "'")))
    match = _HEADINGS.search(text) if _BEGINNINGS.search(text) else None
    return (match.lastgroup or "").rpartition("__")[0] if match else ""


def classify(trail: Sequence[str]) -> str:
    """The class of the innermost heading that has one."""
    for heading in reversed(trail):
        section = section_of(heading)
        if section:
            return section
    return ""
