"""The readable part of the id of a composed mention."""

from __future__ import annotations

import re

from ..fold import fold

_WORD = re.compile(r"[^\W_]+")


def slug(text: str) -> str:
    """`text` as it stands in an id: lower case, words joined by hyphens.

    >>> slug("Upper back")
    'upper-back'
    """
    return "-".join(_WORD.findall(fold(text).lower()))
