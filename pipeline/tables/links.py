"""Addresses that open a page at a sentence: `url#:~:text=start,end` (text fragments, as browsers follow
them).

A browser scrolls to the first place that fits, so a quotation is made just long enough to fit first at its
own sentence, as far as the article's text can tell. What is quoted stands in one block and holds no line
break.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import quote

WHOLE_WORDS = 8
EDGE_WORDS = 4
MOST_WORDS = 12
MOST_URL = 2000
MOST_QUOTED = 2000
_MARK = ":~:text="

_WORD = re.compile(r"\S+")
_WEB = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)

Span = tuple[int, int]


class Linker:
    """Makes the links into one article. `text` is the article's text, `url` the page's address."""

    def __init__(self, text: str, url: str) -> None:
        lowered = text.lower()
        # Browsers ignore case when they look for the words. A few letters change length in lower case; then
        # the offsets would be wrong, and only the words as they are written are looked for.
        self._text = lowered if len(lowered) == len(text) else text
        self._original = text
        self._base = _base(url)
        self._links: dict[Span, str] = {}

    def link(self, start: int, end: int, block_start: int) -> str:
        """The address that opens the page at `text[start:end]`, which stands in the block that starts at
        `block_start`. Empty when the page has no http address or the stretch holds no words."""
        if not self._base:
            return ""
        place = (start, end)
        found = self._links.get(place)
        if found is None:
            found = self._links[place] = self._make(start, end, block_start)
        return found

    def _make(self, start: int, end: int, block_start: int) -> str:
        words = [match.span() for match in _WORD.finditer(self._original, start, end)]
        if not words:
            return ""
        first_line = _words_on_line(self._original, words)
        last_line = _words_on_line(self._original, words[::-1])
        if first_line == len(words) and len(words) <= WHOLE_WORDS:
            head, tail = len(words), 0
        else:
            head = self._shortest_head(words, first_line)
            tail = self._shortest_tail(words, head, last_line)
        begin, stop = words[0][0], words[head - 1][1]
        parts = [_encode(self._original[begin:stop])]
        if tail:
            parts.append(_encode(self._original[words[-tail][0] : words[-1][1]]))
        if self._text.find(self._text[begin:stop]) < begin:
            prefix = _last_words(self._original[block_start:start])
            if prefix:
                parts.insert(0, _encode(prefix) + "-")
        quoted = ",".join(parts)
        # Each mention of a sentence repeats its link; words without end would make rows without end.
        return (
            self._base + quoted if len(quoted) <= MOST_QUOTED else self._base.partition(_MARK)[0].rstrip("#")
        )

    def _shortest_head(self, words: Sequence[Span], most: int) -> int:
        """How many of the first words, up to `most`, stand nowhere earlier in the article."""
        limit = min(most, MOST_WORDS)
        for count in range(min(EDGE_WORDS, limit), limit + 1):
            quoted = self._text[words[0][0] : words[count - 1][1]]
            if self._text.find(quoted) == words[0][0]:
                return count
        return limit

    def _shortest_tail(self, words: Sequence[Span], head: int, most: int) -> int:
        """How many of the last words come first after the `head` words at the end; 0 when the head is all."""
        limit = min(most, MOST_WORDS, len(words) - head)
        after = words[head - 1][1]
        for count in range(min(EDGE_WORDS, limit), limit + 1):
            if (
                count
                and self._text.find(self._text[words[-count][0] : words[-1][1]], after) == words[-count][0]
            ):
                return count
        return max(limit, 0)


def web_address(url: str) -> str:
    """The address if a program would only open it as a web page, else nothing.

    Addresses come from pages and from the containers of pages: one may run a script, or break out of where a reader of
    the tables puts it.
    """
    return url if len(url) <= MOST_URL and _WEB.fullmatch(url) and url.isprintable() else ""


def _base(url: str) -> str:
    url = web_address(url).split(":~:", 1)[0]
    return url and url + (_MARK if "#" in url else f"#{_MARK}")


def _words_on_line(text: str, words: Sequence[Span]) -> int:
    """How many words from the first on have no line break between them; `words` run forwards or backwards."""
    for count, (one, other) in enumerate(pairwise(words), 1):
        gap = text[min(one[1], other[1]) : max(one[0], other[0])]
        if "\n" in gap or "\r" in gap:
            return count
    return len(words)


def _last_words(text: str) -> str:
    line = text.replace("\r", "\n").rsplit("\n", 1)[-1]
    return " ".join(line.split()[-EDGE_WORDS:])


def _encode(words: str) -> str:
    """Percent-encoded for a text fragment, where dash, comma and ampersand have a meaning of their own."""
    return quote(" ".join(words.split()), safe="", errors="replace").replace("-", "%2D")
