"""Mend tags that would stall the parser or swallow the page: thousands of attributes, a quote that nothing closes.

libxml2 compares each attribute of a tag with all others, so that one tag of a megabyte would stall the run.
"""

from __future__ import annotations

import re

MOST_ATTRIBUTES = 1000

# Text, comments and tags as nearly all pages write them, and scripts as a whole: what stands in them is no tag. The
# most frequent come first, each with the text behind it.
_RAW = rb"(?:[sS][cC][rR][iI][pP][tT]|[sS][tT][yY][lL][eE])\b"
_TAG = rb"""[A-Za-z][^>"']{0,80}+(?:(?:"[^">]*+"|'[^'>]*+')[^>"']{0,80}+){0,20}+>"""
_USUAL = re.compile(
    rb"""[^<]*+(?:<(?:
      /[^<]*+
    | (?![sS][cCtT])%(tag)s[^<]*+
    | %(raw)s[^<>"']{0,80}+(?:(?:"[^"<>]*+"|'[^'<>]*+')[^<>"']{0,80}+){0,20}+>
      [^<]*+(?:<(?!/%(raw)s)[^<]*+)*+
    | (?![A-Za-z])[^<]*+
    | %(tag)s[^<]*+
    ))*+"""
    % {b"raw": _RAW, b"tag": _TAG},
    re.VERBOSE,
)
_NAME = re.compile(rb"<[^\s/>]*+")
# As the HTML standard reads attributes; group 1 is a quote that opens a value.
_ATTRIBUTE = re.compile(rb"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:(["'])|[^\s>"'][^\s>]*+)?)?+""")
_SPACE = re.compile(rb"[\s/]*+")


def repair_tags(text: bytes) -> bytes:
    """The page without the attributes of tags that have more than 1,000, and without the last quote where a value
    begins that nothing ends: it would swallow the rest of the page. Linear in the length of `text`, which is UTF-8."""
    position = _end_of_usual(text, 0)
    if position == len(text):
        return text
    parts: list[bytes] = []
    kept = 0
    while position < len(text):
        name = _NAME.match(text, position)
        assert name is not None
        end, count, opened = _tag(text, name.end())
        if count > MOST_ATTRIBUTES:
            parts += (text[kept : name.end()], b">")
            kept = end
        elif opened >= 0:
            # Each of the two quotes is without an end only once, so that this copies the page twice at most.
            text, end = text[:opened] + text[opened + 1 :], position
        position = _end_of_usual(text, end)
    return b"".join((*parts, text[kept:]))


def _end_of_usual(text: bytes, position: int) -> int:
    match = _USUAL.match(text, position)
    return match.end() if match else position


def _tag(text: bytes, position: int) -> tuple[int, int, int]:
    """Where the tag ends whose attributes begin at `position`, how many it has, and where the quote stands that opens
    a value without an end; -1: nowhere."""
    count = 0
    while attribute := _ATTRIBUTE.match(text, position):
        count += 1
        position = attribute.end()
        if attribute[1]:
            closed = text.find(attribute[1], position)
            if closed < 0:
                return len(text), count, position - 1
            position = closed + 1
    space = _SPACE.match(text, position)
    position = space.end() if space else position
    return min(position + 1, len(text)), count, -1
