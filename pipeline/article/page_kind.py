"""Tell pages that are no articles: consent walls, bot checks, error pages, empty shells, lists of links.

Only pages with little prose are judged, so that an article about cookies or about error 404 stays one. The
words stand in `vocabulary/page_kinds.tsv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from lxml import etree

from ..model import Problem, Status
from ..tsv import VOCABULARY, read_rows

_PROSE_BLOCK = 80  # characters; shorter blocks are as often labels as sentences
_MUCH_PROSE = 3000  # more is an article, whatever it is called
_LITTLE_PROSE = 600
_NO_PROSE = 150
_SHELL = 200  # characters of visible text
_MOST_VISIBLE = 20_000
_WALL_SHARE = 0.4
_FEWEST_LINKS = 15
_LINK_SHARE = 0.6
_FEWEST_TEASERS = 8
_TEASER_SHARE = 0.7
_TEASER = 350  # characters
_TITLE_PARTS = re.compile(r"(?<!\s)\s++[-–—|:•·»]++\s+|(?:(?<!\s)\s++)?[|»•]\s*")
_NOT_WORDS = re.compile(r"[\W_]+")
_TEASER_HEADINGS = ("h2", "h3", "h4")
_UNSEEN = frozenset(("script", "style", "template", "head", "svg", "select"))

Rows = tuple[tuple[str, Problem], ...]


def judge(root: etree._Element, text: str, title: str, blocks: Sequence[str]) -> Problem | None:
    """Why a page is no article, or None for an article.

    `root` is the page's lxml tree (scripts may be gone), `text` its source, `title` its title element or the
    like, `blocks` the texts that cleaning kept. Linear in the length of the page; nothing for a real article.
    """
    prose = sum(len(block) for block in blocks if len(block) >= _PROSE_BLOCK)
    if prose >= _MUCH_PROSE:
        return None
    problem = _by_title(title, blocks, prose < _LITTLE_PROSE) or _consent_wall(text, blocks)
    if problem is not None:
        return problem
    if prose >= _LITTLE_PROSE:
        return _front(root, blocks)
    kept = _fold("\n".join(blocks))
    problem = _by_words(kept, "text")
    if problem is not None or prose >= _NO_PROSE:
        return problem or _front(root, blocks)
    visible, noscript = _visible(root)
    folded = _fold(visible)
    problem = _by_words(folded, "text") or _by_words(_fold(noscript), "text")
    if problem is None and len(visible) < 5 * _SHELL:
        problem = _by_source(text)
    if problem is None and len(visible) < _SHELL:
        problem = _by_words(folded + _fold(noscript), "shell")
        if problem is None and text.count("<script") > 2:
            problem = _rows("shell")[0][1]
    if problem is None:
        problem = _list_of_links(root) or _front(root, blocks)
    if problem is None and not kept.strip():
        problem = Problem(Status.EMPTY, "no article text was found")
    return problem


@cache
def _rows(place: str) -> Rows:
    rows = read_rows(VOCABULARY, "page_kinds.tsv", ("status", "place", "words", "reason"))
    return tuple(
        (row["words"], Problem(Status(row["status"]), row["reason"])) for row in rows if row["place"] == place
    )


def _fold(text: str) -> str:
    return f" {_NOT_WORDS.sub(' ', text.lower()).strip()} "


def _by_title(title: str, blocks: Sequence[str], in_part: bool) -> Problem | None:
    """By the whole title or first line, `in_part` also by what stands beside the name of the site."""
    titles = dict(_rows("title"))
    for stated in (title, *blocks[:1]):
        if len(stated) > 150:
            continue
        for part in (stated, *(_TITLE_PARTS.split(stated) if in_part else ())):
            problem = titles.get(_fold(part).strip())
            if problem is not None:
                return problem
    return None


def _by_words(folded: str, place: str) -> Problem | None:
    return next((problem for words, problem in _rows(place) if f" {words} " in folded), None)


def _by_source(text: str) -> Problem | None:
    lower = text.lower()
    return next((problem for words, problem in _rows("source") if words in lower), None)


def _consent_wall(text: str, blocks: Sequence[str]) -> Problem | None:
    """A page most of whose text speaks of cookies and partners and which has a button to accept them."""
    length = sum(map(len, blocks))
    wall = 0
    cues = [words for words, _ in _rows("walls")]
    for block in blocks:
        folded = block.lower()
        if any(words in folded for words in cues):
            wall += len(block)
    if not length or wall < _WALL_SHARE * length:
        return None
    return _by_words(_fold(text), "accept")


def _front(root: etree._Element, blocks: Sequence[str]) -> Problem | None:
    """A section front: nearly all headings are links, and no text is longer than a teaser."""
    headings = linked = 0
    open_headings: list[bool] = []  # whether a link was found in each; the outer ones are told by the inner
    for event, element in etree.iterwalk(root, ("start", "end"), (*_TEASER_HEADINGS, "a")):
        if element.tag == "a":
            if event == "start" and open_headings and element.get("href") is not None:
                open_headings[-1] = True
        elif event == "start":
            above = element.getparent()
            open_headings.append(above is not None and above.tag == "a")
        else:
            headings += 1
            is_linked = open_headings.pop()
            linked += is_linked
            if is_linked and open_headings:
                open_headings[-1] = True
    longest = max(map(len, blocks), default=0)
    if linked < _FEWEST_TEASERS or linked < _TEASER_SHARE * headings or longest > _TEASER:
        return None
    return Problem(Status.EMPTY, "a list of links, not an article")


def _list_of_links(root: etree._Element) -> Problem | None:
    links = linked = depth = 0
    for event, element in etree.iterwalk(root, ("start", "end"), "a"):
        depth += 1 if event == "start" else -1
        # A link inside a link, which only broken pages have, is counted with the outer one.
        if event == "start" and depth == 1:
            length = sum(len(part.strip()) for part in element.itertext() if isinstance(part, str))
            if length:
                links += 1
                linked += length
    if links < _FEWEST_LINKS or linked < _LINK_SHARE * len(_visible(root)[0]):
        return None
    return Problem(Status.EMPTY, "a list of links, not an article")


def _visible(root: etree._Element) -> tuple[str, str]:
    """The text of a page and that of its noscript elements, at most 20,000 characters each."""
    shown = list(_texts(root, _UNSEEN | {"noscript"}))
    hidden: list[str] = []
    walker = etree.iterwalk(root, ("start",), "noscript")
    for _, element in walker:
        hidden += _texts(element, _UNSEEN)
        walker.skip_subtree()
    return " ".join(shown)[:_MOST_VISIBLE], " ".join(hidden)[:_MOST_VISIBLE]


def _texts(root: etree._Element, unseen: frozenset[str]) -> Iterator[str]:
    length = 0
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        part = element.tail if event == "end" and element is not root else None
        if event == "start":
            if element.tag in unseen:
                walker.skip_subtree()
            else:
                part = element.text
        if part and (stripped := part.strip()):
            yield " ".join(stripped.split())
            length += len(stripped)
            if length > _MOST_VISIBLE:
                return
