"""Take the attributes from tags that have thousands of them, however the tag is written.

libxml2 compares each attribute of a tag with all others, so that one tag of a megabyte would stall the run.
"""

from __future__ import annotations

import re

MOST_ATTRIBUTES = 1000

# Text, comments and tags as nearly all pages write them, and scripts as a whole: what stands in them is no tag.
_USUAL = re.compile(
    r"""(?:
      [^<]++
    | <(?![A-Za-z])
    | <(?:script|style)\b[^<>"']{0,80}+(?:(?:"[^"<>]*+"|'[^'<>]*+')[^<>"']{0,80}+){0,20}+>
      [^<]*+(?:<(?!/(?:script|style)\b)[^<]*+)*+
    | <[A-Za-z][^>"']{0,80}+(?:(?:"[^">]*+"|'[^'>]*+')[^>"']{0,80}+){0,20}+>
    )*+""",
    re.VERBOSE | re.IGNORECASE,
)
_NAME = re.compile(r"<[^\s/>]*+")
# As the HTML standard reads attributes; group 1 is a quote that opens a value.
_ATTRIBUTE = re.compile(r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:(["'])|[^\s>"'][^\s>]*+)?)?+""")
_SPACE = re.compile(r"[\s/]*+")


def shorten_tags(text: str) -> str:
    """`text` without the attributes of tags that have more than 1,000. Linear in its length."""
    position = _USUAL.match(text, 0).end()  # type: ignore[union-attr]  # it matches nothing at least
    if position == len(text):
        return text
    parts: list[str] = []
    kept = 0
    while position < len(text):
        name = _NAME.match(text, position)
        assert name is not None
        end, count = _tag(text, name.end())
        if count > MOST_ATTRIBUTES:
            parts += (text[kept : name.end()], ">")
            kept = end
        position = _USUAL.match(text, end).end()  # type: ignore[union-attr]
    return "".join((*parts, text[kept:]))


def _tag(text: str, position: int) -> tuple[int, int]:
    """Where the tag ends whose attributes begin at `position`, and how many it has."""
    count = 0
    while attribute := _ATTRIBUTE.match(text, position):
        count += 1
        position = attribute.end()
        if attribute[1]:
            closed = text.find(attribute[1], position)
            if closed < 0:
                return len(text), count
            position = closed + 1
    space = _SPACE.match(text, position)
    position = space.end() if space else position
    return min(position + 1, len(text)), count
