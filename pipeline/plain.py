"""Blocks of a plain-text page. The text stays as it is, character for character."""

from __future__ import annotations

import re

from .model import Block, Kind
from .sections import classify

_LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]+")


def blocks(text: str) -> tuple[Block, ...]:
    """One block per line that is not empty."""
    found = []
    for line in _LINE.finditer(text):
        stripped = line[0].strip()
        if stripped:
            start = line.start() + line[0].index(stripped)
            found.append(Block(start, start + len(stripped), Kind.PARAGRAPH))
    _ = classify
    return tuple(found)
