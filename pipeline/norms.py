"""The normal form of one word: lower case, American spelling, singular.

Text and vocabulary go through the same function, so a form need not be right as English, only equal for the
spellings of one word and different for different words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from .errors import VocabularyError
from .tsv import read_rows

# One word of a text: letters, a number, the tail of a contraction, or one other character. Plain letters are tried
# first, by their range: the class of all letters takes twice the time for each of them.
# Bounded, because spaCy keeps each word that it ever met: a longer one is several.
WORD = r"[A-Za-z]{1,100}[^\W\d_]{0,100}|\d{1,100}(?:[.,]\d{1,100}){0,9}|'(?:s|t|re|ve|ll|d|m)\b|[^\W\d_]{1,100}|\S"

COLUMNS = ("variant", "normal", "scope")


def singular(word: str) -> str:
    """`word` without its plural ending; only the last two or three letters decide.

    >>> [singular(word) for word in ("headaches", "headache", "allergies", "diagnoses", "diagnosis")]
    ['headach', 'headach', 'allergy', 'diagnose', 'diagnose']
    """
    if len(word) < 4 or word.endswith(("ss", "us", "itis")):
        return word
    if word.endswith("sis"):
        return word[:-2] + "e"
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith("is"):
        word = word[:-1]
    if word.endswith(("che", "she", "xe", "sse", "zze")) or (
        word.endswith("use") and word[-4:-3] not in ("", "a", "e", "o")
    ):
        return word[:-1]
    return word


def make_norm(folder: Path) -> Callable[[str], str]:
    """The function word -> normal form, with the spellings of `folder/spellings.tsv`. Raises VocabularyError.

    A row replaces `variant` by `normal`, in a whole word (scope `word`) or anywhere in it (scope `part`).
    """
    words: dict[str, str] = {}
    parts: dict[str, str] = {}
    for row in read_rows(folder, "spellings.tsv", COLUMNS):
        scope = {"word": words, "part": parts}.get(row["scope"])
        if scope is None:
            raise VocabularyError(row.where, f"has the scope {row['scope']!r}", "Write word or part.")
        scope[row["variant"]] = row["normal"]
    longest_first = sorted(parts, key=lambda part: (-len(part), part))
    pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def norm(word: str) -> str:
        word = word.lower()
        if not word.isalpha():
            return word
        if word in words:
            word = words[word]
        return singular(pattern.sub(lambda match: parts[match[0]], word))

    return norm
