"""The canonical class of a heading: symptoms, causes, treatment, ..."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from .tsv import VOCABULARY, read_rows

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def _load() -> list[tuple[re.Pattern[str], str]]:
    rules = []
    for row in read_rows(VOCABULARY, "sections.tsv", ("section", "words")):
        words = r"\b" + re.escape(row["words"]).replace(r"\*", r"\w*").replace(r"\ ", " ") + r"\b"
        rules.append((re.compile(words), row["section"]))
    return rules


_RULES = _load()


@lru_cache(maxsize=20_000)
def section_of(heading: str) -> str:
    """The class of one heading, empty when it has none. Of several, the one named first in the heading."""
    text = " ".join(_WORD.findall(heading.lower().replace("’", "'")))
    best, where = "", len(text) + 1
    for pattern, section in _RULES:
        match = pattern.search(text)
        if match and match.start() < where:
            best, where = section, match.start()
    return best


def classify(trail: Sequence[str]) -> str:
    """The class of the innermost heading that has one."""
    for heading in reversed(trail):
        section = section_of(heading)
        if section:
            return section
    return ""
