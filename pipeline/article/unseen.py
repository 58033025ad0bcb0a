"""Characters that show nothing: controls, and those that Unicode lets programs ignore.

Left in a text they hide words from matching (`fe\u200bver`), turn what a reader sees around, or carry text that no
reader sees.
"""

from __future__ import annotations

import re

# Unicode's Default_Ignorable_Code_Point, halves of UTF-16 pairs, U+FFFE, U+FFFF, and the control characters that are no
# white space. One set, without a `+`, is searched in half the time.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufff8\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Variation selectors tell how an emoji is drawn; behind a letter they show nothing.
_SELECTOR = re.compile("[\ufe00-\ufe0f]")
_SHOWING_NOTHING = re.compile("(?<=[^\\W\\d_])[\ufe00-\ufe0f]+")


def tidy(text: str) -> str:
    """`text` without characters that show nothing, its white space single blanks."""
    text = _UNSEEN.sub("", text)
    if not text.isascii() and _SELECTOR.search(text):
        text = _SHOWING_NOTHING.sub("", text)
    return " ".join(text.split())
