"""Read a soup in order into blocks with kind, level and trail. Nothing recursive."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, NavigableString, Tag

from .grid import Grid, is_data_table
from .model import Kind
from .narrow import ROLES

_JUNK = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufffe\uffff\ud800-\udfff]"
)
_LETTER = re.compile(r"\w")
_SENTENCE_END = (".", ";", "!", ",")
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BOLD = frozenset({"b", "strong"})
LONGEST_FAKE = 90  # A bold paragraph longer than this is emphasis, not a heading.


def tidy(text: str) -> str:
    """White space collapsed; control, zero-width and soft hyphen characters and lone surrogates removed."""
    return " ".join(_JUNK.sub("", text).split())


@dataclass(slots=True)
class Draft:
    """A block before it has offsets. `source` is the number of its element in the page's `Tree`."""

    text: str
    kind: Kind
    level: int
    trail: tuple[str, ...]
    source: int


@dataclass(slots=True)
class _Run:
    """Inline content that is being collected for one block."""

    pieces: list[str] = field(default_factory=list)
    bold: int = 0
    links: int = 0


class _Reader:
    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.headings: list[tuple[int, str]] = []
        self.scopes: list[int] = []
        self.open: list[Tag] = []
        self.lists = 0
        self.bold = 0
        self.grids: list[Grid | None] = []
        self.run = _Run()

    def read(self, soup: BeautifulSoup) -> list[Draft]:
        walk = [iter(soup.contents)]
        while walk:
            node = next(walk[-1], None)
            if node is None:
                walk.pop()
                if self.open and walk:
                    self._leave(self.open.pop())
            elif isinstance(node, Tag):
                self._enter(node)
                self.open.append(node)
                walk.append(iter(node.contents))
            elif isinstance(node, NavigableString):
                self._text(str(node))
        self._flush()
        return self.drafts

    def _text(self, text: str) -> None:
        self.run.pieces.append(text)
        if self.bold:
            self.run.bold += len(text.strip())

    def _enter(self, tag: Tag) -> None:
        name = tag.name
        if name == "br":
            self._break()
            return
        if name in _BOLD:
            self.bold += 1
            return
        if name not in ROLES.block:
            return
        self._flush()
        if name in ("ul", "ol", "dir"):
            self.lists += 1
        elif name == "table":
            self.grids.append(Grid() if is_data_table(tag) else None)
        elif name in ("dl", "details"):
            self.scopes.append(len(self.headings))
        elif self.grids and self.grids[-1] is not None:
            self.grids[-1].enter(tag)

    def _leave(self, tag: Tag) -> None:
        name = tag.name
        if name in _BOLD:
            self.bold -= 1
            return
        if name not in ROLES.block:
            return
        self.open.append(tag)
        self._flush()
        self.open.pop()
        if name in ("ul", "ol", "dir"):
            self.lists -= 1
        elif name == "table":
            self.grids.pop()
        elif name in ("dl", "details"):
            del self.headings[self.scopes.pop() :]

    def _break(self) -> None:
        pieces = self.run.pieces
        if pieces and pieces[-1] == "\n\n":
            pieces.pop()
            self._flush()
        else:
            pieces.append("\n\n")

    def _flush(self) -> None:
        run = self.run
        if not run.pieces:
            return
        self.run = _Run()
        text = tidy("".join(run.pieces))
        if not text or not _LETTER.search(text):
            return
        self._add(text, run)

    def _add(self, text: str, run: _Run) -> None:
        kind, level, owner = self._context()
        if kind is Kind.PARAGRAPH and run.bold >= 0.9 * len(text) and _looks_like_heading(text):
            kind = Kind.HEADING
            level = min(6, 1 + max((lv for lv, _ in self.headings if lv % 1 == 0), default=1))
        if kind is Kind.HEADING:
            while (
                self.headings
                and self.headings[-1][0] >= level
                and len(self.headings) > (self.scopes or [0])[-1]
            ):
                self.headings.pop()
        trail = tuple(title for _, title in self.headings)
        grid = self.grids[-1] if self.grids else None
        if kind is Kind.TABLE_CELL and grid is not None:
            trail += grid.headers(text)
        source = owner.sourcepos if owner is not None and owner.sourcepos is not None else -1
        self.drafts.append(Draft(text, kind, level, trail, source))
        if kind is Kind.HEADING:
            self.headings.append((level, text))

    def _context(self) -> tuple[Kind, int, Tag | None]:
        """Kind and level by the elements around the run, and the block element that it stands in."""
        owner: Tag | None = None
        for tag in reversed(self.open):
            name = tag.name
            if owner is None and name in ROLES.block:
                owner = tag
            if name in _HEADINGS:
                return Kind.HEADING, _HEADINGS[name], tag
            if name in ("summary", "dt"):
                above = self.headings[: (self.scopes or [len(self.headings)])[-1]]
                return Kind.HEADING, min(6, (above[-1][0] if above else 1) + 1), tag
            if name == "li":
                return Kind.LIST_ITEM, max(1, self.lists), owner
            if name in ("td", "th") and self.grids and self.grids[-1] is not None:
                return Kind.TABLE_CELL, 0, owner
            if name in ("td", "th"):
                break
            if name in ("figcaption", "caption"):
                return Kind.CAPTION, 0, owner
            if name == "blockquote":
                return Kind.QUOTE, 0, owner
        return Kind.PARAGRAPH, 0, owner


def _looks_like_heading(text: str) -> bool:
    return len(text) <= LONGEST_FAKE and not text.endswith(_SENTENCE_END) and len(text.split()) <= 14


def read(soup: BeautifulSoup) -> list[Draft]:
    """Blocks of the soup in reading order."""
    return _Reader().read(soup)
