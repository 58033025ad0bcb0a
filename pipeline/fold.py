"""Length-preserving normalisation for matching, the same for text and vocabulary.

Every character becomes exactly one character, so an offset into the folded text is an offset into the text.
Case is kept (exact terms need it); see `norms` for what happens to single words.
"""

from __future__ import annotations

import re
import unicodedata

# One character for each of these; all other characters fold by their Unicode decomposition.
_SAME = dict.fromkeys("‘’‚‛′ʹʼ`´ꞌ＇", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("‐‑‒–−﹣－", "-")
_SAME |= {"⁄": "/", "∕": "/", "•": "*", "\t": " ", "\x0b": " ", "\x0c": " "}

# A hyphen between word characters joins one phrase; between digits it is a range and stays.
# The hyphen comes first in the expression, since a search for one character skips the rest of a text.
_JOINING_HYPHEN = re.compile(r"-(?:(?<=\w-)(?=[^\W\d_])|(?<=[^\W\d_]-)(?=\w))")
_SPECIAL = re.compile(r"[^\x00-\x08\n\r-\x7f]+")


def _fold_character(character: str) -> str:
    while True:
        folded = _SAME.get(character)
        if folded is None:
            compatible = unicodedata.normalize("NFKC", character)
            folded = compatible if len(compatible) == 1 else character
            parts = unicodedata.normalize("NFD", folded)
            if len(parts) > 1 and all(unicodedata.combining(mark) for mark in parts[1:]):
                folded = parts[0]
            elif unicodedata.category(folded) == "Zs":
                folded = " "
        if folded == character:
            return character
        character = folded


class _Characters(dict[int, str]):
    """A translation table that fills itself, since most of Unicode never occurs."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


_CHARACTERS = _Characters()


def fold(text: str) -> str:
    """`text` with quotes, dashes, spaces, accents and super- and subscripts folded, and joining hyphens as spaces.

    `len(fold(text)) == len(text)` and `fold(fold(text)) == fold(text)`.

    >>> fold("Ménière’s low‑sodium 3–5 Ca²⁺")
    "Meniere's low sodium 3-5 Ca2+"
    """
    # A text has few of them; str.translate alone would look up each of its characters.
    text = _SPECIAL.sub(lambda match: match[0].translate(_CHARACTERS), text)
    return _JOINING_HYPHEN.sub(" ", text) if "-" in text else text
