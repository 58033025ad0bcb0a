"""Blocks of a plain-text page: they point into the text, which stays character for character."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from .model import Article, Block, Kind, Metadata
from .sections import classify, section_of

LONGEST_WRAPPED = 130  # Characters; a file with longer lines is not hard-wrapped.
SHORTEST_WRAPPED = 45  # A line that was broken for its length is at least this long.
LONGEST_HEADING = 90
MOST_HEADING_WORDS = 12
MOST_SECTION_WORDS = 6
LONGEST_ITEM = 120
SENTENCE = 80  # Characters of a line that is sentences, not an item of a list.

_LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]*(?:\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]|\Z)")
_MARKED = re.compile(r"(#{1,6})\s+(?=\S)")
_ITEM = re.compile(r"(?:[-*+•·▪◦‣–]|\(?\d{1,2}[.)])\s+(?=\S)")
_QUOTED = re.compile(r">\s?(?=\S)")
_UNDERLINE = re.compile(r"(=|-){3,}\Z")
_HAS_WORD = re.compile(r"\w")
_NO_HEADING_END = (".", ",", ";", ":", "!", "…")
_END = (".", "!", "?", ":", ";", "”", '"', ")")
_FENCE = "---"


@dataclass(slots=True)
class _Line:
    """A line without white space around it, `[start, end)` of the text; `blank`: a blank line is above."""

    start: int
    end: int
    text: str
    indent: int
    blank: bool


@dataclass(slots=True)
class _Piece:
    start: int
    end: int
    kind: Kind
    level: int


def read(text: str) -> Article:
    """The article of a plain text; `Article.text` is `text`. Linear in its length."""
    lines = _lines(text)
    pieces = _pieces(text, lines, _is_wrapped(lines))
    title = next((text[p.start : p.end] for p in pieces if p.kind is Kind.TITLE), "")
    return Article(text, _with_trails(text, pieces), Metadata(title=" ".join(title.split())))


def _lines(text: str) -> list[_Line]:
    found: list[_Line] = []
    blank = True
    fenced = text.startswith(_FENCE) and text.find("\n" + _FENCE, len(_FENCE)) > 0
    for match in _LINE.finditer(text):
        raw = match[0]
        stripped = raw.strip()
        if fenced:
            # A block of statements between two fences at the top is about the page, not part of it.
            fenced = match.start() == 0 or not stripped.startswith(_FENCE)
            continue
        if stripped and _HAS_WORD.search(stripped):
            indent = len(raw) - len(raw.lstrip())
            start = match.start() + indent
            found.append(_Line(start, start + len(stripped), stripped, indent, blank))
            blank = False
        elif _UNDERLINE.match(stripped) and found and not blank:
            found[-1].text = ("# " if stripped[0] == "=" else "## ") + found[-1].text
        else:
            blank = True
    return found


def _is_wrapped(lines: list[_Line]) -> bool:
    """Whether lines were broken for their length: then a paragraph ends at a blank line."""
    if not lines or max(line.end - line.start for line in lines) > LONGEST_WRAPPED:
        return False
    broken = followed = 0
    for line, following in pairwise(lines):
        if not following.blank and not _ITEM.match(following.text) and not _MARKED.match(line.text):
            followed += 1
            broken += line.end - line.start >= SHORTEST_WRAPPED and not line.text.endswith(_END)
    return followed >= 2 and broken >= 0.5 * followed


def _pieces(text: str, lines: list[_Line], wrapped: bool) -> list[_Piece]:
    pieces: list[_Piece] = []
    listing = False
    spaced = sum(line.blank for line in lines) > len(lines) / 4
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else None
        marked, item, quoted = (pattern.match(line.text) for pattern in (_MARKED, _ITEM, _QUOTED))
        before = pieces[-1] if pieces else None
        if marked:
            level = len(marked[1])
            kind = Kind.TITLE if level == 1 and not pieces else Kind.HEADING
            start = max(line.start, line.end - len(line.text) + marked.end())
            pieces.append(_Piece(start, line.end, kind, level))
        elif item:
            pieces.append(_Piece(line.start + item.end(), line.end, Kind.LIST_ITEM, 1 + line.indent // 2))
        elif quoted:
            pieces.append(_Piece(line.start + quoted.end(), line.end, Kind.QUOTE, 0))
        elif not listing and _heads(line, following, before, spaced or wrapped):
            titled = not pieces and not (section_of(line.text) and " " not in line.text)
            kind = Kind.TITLE if titled else Kind.HEADING
            pieces.append(_Piece(line.start, line.end, kind, 1 if titled else 2))
        elif wrapped and before is not None and not line.blank and before.kind in _GROWING:
            before.end = line.end
            continue
        elif listing and not line.text.endswith(_END) and line.end - line.start <= LONGEST_ITEM:
            pieces.append(_Piece(line.start, line.end, Kind.LIST_ITEM, 1))
            continue
        else:
            pieces.append(_Piece(line.start, line.end, Kind.PARAGRAPH, 0))
        listing = not wrapped and line.text.endswith(":")
    return pieces


_GROWING = frozenset({Kind.PARAGRAPH, Kind.LIST_ITEM, Kind.QUOTE})


def _heads(line: _Line, following: _Line | None, before: _Piece | None, spaced: bool) -> bool:
    """Whether an unmarked line is a heading: short, no sentence, and text follows."""
    text = line.text
    words = text.count(" ") + 1
    if following is None or len(text) > LONGEST_HEADING or text.endswith(_NO_HEADING_END):
        return False
    if not (text[0].isupper() or text[0].isdigit()) or words > MOST_HEADING_WORDS:
        return False
    if text.endswith("?"):
        return before is None or line.blank or not spaced
    if before is None:
        return len(following.text) > len(text) or following.blank
    if spaced:
        # Between blank lines, or right above its text.
        return line.blank and (len(following.text) > len(text) or not following.blank)
    if "," in text:
        return False
    above_sentence = len(following.text) >= SENTENCE and following.text.endswith(_END)
    return above_sentence or (words <= MOST_SECTION_WORDS and bool(section_of(text)))


def _with_trails(text: str, pieces: list[_Piece]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    headings: list[tuple[int, str]] = []
    for piece in pieces:
        own = " ".join(text[piece.start : piece.end].split())
        if piece.kind is Kind.HEADING:
            while headings and headings[-1][0] >= piece.level:
                headings.pop()
        trail = tuple(heading for _, heading in headings)
        section = classify((*trail, own) if piece.kind is Kind.HEADING else trail)
        blocks.append(Block(piece.start, piece.end, piece.kind, piece.level, section, trail))
        if piece.kind is Kind.HEADING:
            headings.append((piece.level, own))
    return tuple(blocks)
