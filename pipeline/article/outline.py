"""Read a soup in order into blocks with kind, level and trail. Nothing recursive."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from ..model import Kind
from .furniture import is_caption
from .grid import Grid, is_data_table
from .narrow import ROLES
from .unseen import tidy

LONGEST_FAKE = 90  # A bold paragraph longer than this is emphasis, not a heading.
MOST_FAKE_WORDS = 14
LONGEST_HEADING = 200  # A heading element longer than this, with a full stop, is a paragraph in large type.
# Each block repeats its trail, so that a trail without bounds would make rows without bounds.
LONGEST_ABOVE = 300  # Characters of a heading in the trails of what stands below.
MOST_ABOVE = 12  # Headings in a trail, the nearest; only definition lists inside each other have more.

_WORD = re.compile(r"\w")
_LETTER = re.compile(r"[^\W\d_]")
_BREAK = "\x0b"  # Stands for a line break element inside a run; white space, so it never reaches a text.
_BULLET = re.compile(r"[•·▪▸►‣◦●○■□*–—-]\s+(?=\S)")
_NUMBERED = re.compile(r"\(?\d{1,2}[.)]\s")
_SENTENCE_END = (".", ";", "!", ",")
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BOLD = frozenset({"b", "strong"})
_LISTS = frozenset({"ul", "ol", "dir", "dl"})
_SCOPES = frozenset({"dl", "details"})
_OPENERS = frozenset({"summary", "button"})
_ITEMS = frozenset({"li", "dt", "dd"})
_CELLS = frozenset({"td", "th"})
_KINDS = {"figcaption": Kind.CAPTION, "caption": Kind.CAPTION, "blockquote": Kind.QUOTE}
_TELLERS = frozenset({*_HEADINGS, *_ITEMS, *_CELLS, *_KINDS})
_CAPTIONED = frozenset({"div", "p", "center"})


class Draft(NamedTuple):
    """A block before it has offsets. A page has hundreds, and a tuple is made in a fifth of a dataclass's time.

    `source` is the number of its element in the page's `Tree`, -1 for none.
    """

    text: str
    kind: Kind
    level: int
    trail: tuple[str, ...]
    source: int
    fake: bool = False


@dataclass(slots=True)
class _Open:
    """An open element, and what those around it and it itself say of the text inside.

    `teller` is the innermost that tells the kind of a block, `owner` the innermost block element. `captions` says
    that it names a caption itself.
    """

    tag: Tag
    teller: Tag | None = None
    owner: Tag | None = None
    in_heading: bool = False
    captions: bool = False


@dataclass(slots=True)
class _Run:
    """Inline content that is being collected for one block."""

    pieces: list[str] = field(default_factory=list)
    bold: int = 0
    broken: bool = False


def read(soup: BeautifulSoup, title: int = -1) -> list[Draft]:
    """Blocks of the soup in reading order. Element number `title` is the page's title and heads no trail."""
    reader = _Reader(title)
    reader.read(soup)
    return _settle(reader.drafts)


def _settle(drafts: list[Draft]) -> list[Draft]:
    """Bold paragraphs that head nothing are paragraphs after all."""
    settled = list(drafts)
    for number, draft in enumerate(drafts):
        if draft.fake:
            following = drafts[number + 1] if number + 1 < len(drafts) else None
            if following is None or draft.text not in following.trail:
                settled[number] = draft._replace(kind=Kind.PARAGRAPH, level=0, fake=False)
    return settled


class _Reader:
    """Walks the soup with open elements, headings above, list depth and table grids as its state."""

    def __init__(self, title: int) -> None:
        self.title = title
        self.drafts: list[Draft] = []
        self.headings: list[tuple[int, str]] = []
        # Made of the headings when it is needed; None after they change.
        self.trail: tuple[str, ...] | None = ()
        self.real_level = 1
        self.scopes: list[int] = []
        self.open: list[_Open] = []
        self.buttoned: tuple[Tag | None, bool] = (None, False)
        self.lists = 0
        self.accordions = 0
        self.bold = 0
        self.captions = 0
        self.grids: list[Grid | None] = []
        self.run = _Run()

    def read(self, soup: BeautifulSoup) -> None:
        walk = [iter(soup.contents)]
        while walk:
            node = next(walk[-1], None)
            if node is None:
                walk.pop()
                if walk:
                    self._leave(self.open[-1])
                    self.open.pop()
            elif isinstance(node, Tag):
                opened = self._opened(node)
                self._enter(opened)
                self.open.append(opened)
                walk.append(iter(node.contents))
            elif isinstance(node, NavigableString):
                self.run.pieces.append(node)
                if self.bold:
                    self.run.bold += len(node.strip())
        self._flush()

    def _opened(self, tag: Tag) -> _Open:
        above = self.open[-1] if self.open else _Open(tag)
        name = tag.name
        in_heading = above.in_heading or name in _HEADINGS
        tells = name in _TELLERS or (name in _OPENERS and not above.in_heading)
        owner = tag if name in ROLES.block else above.owner
        captions = name in _CAPTIONED and isinstance(said := tag.get("class"), str) and is_caption(said)
        return _Open(tag, tag if tells else above.teller, owner, in_heading, captions)

    def _enter(self, opened: _Open) -> None:
        tag = opened.tag
        name = tag.name
        if name == "br":
            self._break()
        elif name in _BOLD:
            self.bold += 1
        elif name in ROLES.block:
            self._flush()
            self.captions += opened.captions
            if name in _LISTS:
                self.lists += 1
            if name in _SCOPES:
                self.scopes.append(len(self.headings))
                self.accordions += name == "details"
            if name == "dt":
                self._forget(self._floor())
            if name == "table":
                self.grids.append(Grid() if is_data_table(tag) else None)
            elif self.grids and self.grids[-1] is not None:
                self.grids[-1].enter(tag)

    def _leave(self, opened: _Open) -> None:
        name = opened.tag.name
        if name in _BOLD:
            self.bold -= 1
        elif name in ROLES.block:
            self._flush()
            self.captions -= opened.captions
            if name in _LISTS:
                self.lists -= 1
            if name in _SCOPES:
                self._forget(self.scopes.pop())
                self.accordions -= name == "details"
            if name == "table":
                self.grids.pop()

    def _forget(self, first: int) -> None:
        """Headings from the `first` on hold no longer."""
        del self.headings[first:]
        self.trail = None

    def _floor(self) -> int:
        """Number of headings that hold outside the innermost definition list or accordion."""
        return self.scopes[-1] if self.scopes else 0

    def _break(self) -> None:
        for piece in reversed(self.run.pieces):
            if piece == _BREAK:
                self._flush()
                return
            if not piece.isspace():
                break
        self.run.pieces.append(_BREAK)
        self.run.broken = True

    def _flush(self) -> None:
        run = self.run
        if not run.pieces:
            return
        self.run = _Run()
        text = "".join(run.pieces)
        kind, level, owner = self._context()
        if not run.broken or kind is Kind.HEADING:
            self._add(tidy(text), run, kind, level, owner)
            return
        for line in _lines(text):
            bullet = _BULLET.match(line)
            if kind is Kind.PARAGRAPH and (bullet or _NUMBERED.match(line)):
                self._add(line[bullet.end() :] if bullet else line, run, Kind.LIST_ITEM, 1, owner)
            else:
                self._add(line, run, kind, level, owner)

    def _add(self, text: str, run: _Run, kind: Kind, level: int, owner: Tag | None) -> None:
        # A paragraph of figures alone counts pages, slides or stars.
        if not (_LETTER if kind is Kind.PARAGRAPH else _WORD).search(text):
            return
        source = owner.sourcepos if owner is not None and owner.sourcepos is not None else -1
        if kind is Kind.HEADING and source == self.title:
            self.drafts.append(Draft(text, Kind.TITLE, 1, (), source))
            return
        fake = kind is Kind.PARAGRAPH and run.bold >= 0.9 * len(text) and _looks_like_heading(text)
        if kind is Kind.HEADING and len(text) > LONGEST_HEADING and text.endswith("."):
            kind, level = Kind.PARAGRAPH, 0
        elif kind is Kind.HEADING and level:
            if not self._has_button(owner):
                self.real_level = level
        elif kind is Kind.HEADING or fake:
            kind, level = Kind.HEADING, min(6, self.real_level + max(1, self.accordions))
        if kind is Kind.HEADING:
            while self.headings and self.headings[-1][0] >= level:
                self._forget(-1)
        trail = self.trail
        if trail is None:
            trail = self.trail = tuple([heading for _, heading in self.headings[-MOST_ABOVE:]])
        grid = self.grids[-1] if self.grids else None
        if grid is not None and kind in (Kind.TABLE_CELL, Kind.LIST_ITEM):
            trail += grid.headers(text)
        self.drafts.append(Draft(text, kind, level, trail, source, fake))
        if kind is Kind.HEADING:
            self._head(level, text)
        elif owner is not None and owner.name == "dt":
            self._head(7, text)

    def _head(self, level: int, text: str) -> None:
        self.headings.append((level, text[:LONGEST_ABOVE]))
        self.trail = None

    def _context(self) -> tuple[Kind, int, Tag | None]:
        """Kind and level by the open elements, and the element to point at.

        Level 0: a heading of no given level.
        """
        found = self.open[-1] if self.open else None
        teller, owner = (found.teller, found.owner) if found else (None, None)
        name = teller.name if teller is not None else ""
        if name in _HEADINGS:
            return Kind.HEADING, _HEADINGS[name], teller
        if name in _OPENERS:
            return Kind.HEADING, 0, teller
        if name in _ITEMS:
            return Kind.LIST_ITEM, max(1, self.lists), owner
        if name in _CELLS and self.grids and self.grids[-1] is not None:
            return Kind.TABLE_CELL, 0, owner
        if name in _KINDS:
            return _KINDS[name], 0, owner
        return (Kind.CAPTION if self.captions else Kind.PARAGRAPH), 0, owner

    def _has_button(self, heading: Tag | None) -> bool:
        """Whether a button stands directly in a heading; looked up once per heading."""
        if heading is not self.buttoned[0]:
            children = heading.contents if heading is not None else ()
            self.buttoned = heading, any(getattr(child, "name", "") == "button" for child in children)
        return self.buttoned[1]


def _lines(text: str) -> list[str]:
    """The lines of a run; a line that goes on in lower case was only wrapped."""
    lines: list[list[str]] = []
    for piece in text.split(_BREAK):
        line = tidy(piece)
        if not line:
            continue
        if lines and (line[0].islower() or lines[-1][-1].endswith(",")):
            lines[-1].append(line)
        else:
            lines.append([line])
    return [" ".join(pieces) for pieces in lines]


def _looks_like_heading(text: str) -> bool:
    return (
        len(text) <= LONGEST_FAKE and not text.endswith(_SENTENCE_END) and text.count(" ") < MOST_FAKE_WORDS
    )
