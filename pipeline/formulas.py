"""Texts that a spreadsheet would run as a formula: an apostrophe in front makes them texts there too."""

from __future__ import annotations

import re

# For RE2 too. Apostrophes count, so that taking one off gives back what was there.
FORMULA = "^'*[=+\\-@\t\r\n＝＋－＠]"
GUARDED = "^''*[=+\\-@\t\r\n＝＋－＠]"

_FORMULA, _GUARDED = re.compile(FORMULA), re.compile(GUARDED)
_NUMBER = re.compile(r"[+-]?\d[\d.,]*")


def guarded(text: str) -> str:
    """The text as it is safe in a cell; a number stays one."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def restored(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if _GUARDED.match(text) else text
