"""Parse a page with lxml and lay it out as flat lists, so that choosing the article costs little.

BeautifulSoup builds rich nodes, and that is where the time goes; lxml parses a page in a tenth of the time. So lxml reads
the whole page, elements that never hold article text go at C speed, and only what `selection` keeps becomes a soup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from lxml import etree

from .tsv import VOCABULARY, read_rows

DEEPEST = 2000  # libxml2 gives up at depth 2,048, even with huge_tree, and loses the rest of the page.
MOST_ATTRIBUTES = 1000  # libxml2 compares each attribute of a tag with all others.

_RAW = ("script", "style", "title", "textarea", "iframe", "xmp", "noembed", "noframes", "plaintext")
_RAW_OPEN = {name: re.compile(rf"<{name}\b[^<>]*>?[^<]*", re.I) for name in _RAW}
_RAW_CLOSE = {name: re.compile(rf"</{name}", re.I) for name in _RAW}
_BLOCK_TAG = re.compile(r"<(?:p|div|h[1-6]|li|td|br)\b|</(?:p|div|h[1-6]|li|td)>", re.I)
_LONG_TAG = re.compile(r"<([A-Za-z][^\s<>/]*)[^<>]{8000,}>?")
_ANY_TAG = re.compile(r"<(/?)([A-Za-z][^\s<>/]*)[^<>]*>?")


@dataclass(slots=True)
class Roles:
    """Tag names by what they are, read from `vocabulary/page_elements.tsv`."""

    pruned: list[str]
    inline: list[str]
    block: frozenset[str]


def _load_roles() -> Roles:
    names: dict[str, list[str]] = {"pruned": [], "flattened": [], "block": []}
    for row in read_rows(VOCABULARY, "page_elements.tsv", ("element", "role")):
        names[row["role"]].append(row["element"])
    return Roles(names["pruned"], names["flattened"], frozenset(names["block"]))


ROLES = _load_roles()


@dataclass(slots=True)
class Tree:
    """A page's elements in document order as parallel lists; a subtree is the range `[i, end[i])`.

    `text[i]` counts the characters that stand directly in block element i (through its inline children too), `links[i]` how
    many of them are link text. `text_before` and `links_before` are their running sums, so that a subtree's sum is one
    subtraction.
    """

    root: etree._Element
    elements: list[etree._Element]
    tags: list[str]
    parents: list[int]
    ends: list[int]
    text: list[int]
    links: list[int]
    text_before: list[int]
    links_before: list[int]

    def chars(self, i: int) -> int:
        """Characters of text in the subtree."""
        return self.text_before[self.ends[i]] - self.text_before[i]

    def link_chars(self, i: int) -> int:
        """Characters of link text in the subtree."""
        return self.links_before[self.ends[i]] - self.links_before[i]


def parse_html(text: str) -> etree._Element | None:
    """The whole page as an lxml tree, or None when it holds no element. Linear in the length of `text`."""
    text = _repair(text)
    root = _parse(text)
    if root is not None and _too_deep(root):
        root = _parse(_flatten(text, _NESTING))
        if root is not None and _too_deep(root):
            root = _parse(_flatten(text, None))
    return root


def _parse(text: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        return etree.fromstring(text.encode("utf-8", "ignore"), parser)
    except etree.ParserError:
        return None
    except etree.XMLSyntaxError:
        return None


def _repair(text: str) -> str:
    """Undo what would swallow or stall the rest of the page: NULs, open comments and scripts, endless tags."""
    if "\0" in text:
        text = text.replace("\0", "")
    if _LONG_TAG.search(text):
        text = _LONG_TAG.sub(_short_tag, text)
    last = text.rfind("-->")
    if text.find("<!--", last + 1) >= 0:
        text = text[: last + 1] + text[last + 1 :].replace("<!--", "")
    for name in _RAW:
        start = max(text.rfind("<" + name), text.rfind("<" + name.upper()))
        if start >= 0 and _RAW_CLOSE[name].search(text, start) is None:
            text = _close_raw(text, name)
    return text


def _short_tag(match: re.Match[str]) -> str:
    tag = match[0]
    return (
        tag if tag.count("=") + len(tag.split(None, MOST_ATTRIBUTES)) < MOST_ATTRIBUTES else f"<{match[1]}>"
    )


def _close_raw(text: str, name: str) -> str:
    closes = list(_RAW_CLOSE[name].finditer(text))
    last = closes[-1].end() if closes else 0
    rest = text[last:]
    if not _BLOCK_TAG.search(rest):
        return text
    return text[:last] + _RAW_OPEN[name].sub("", rest)


def _too_deep(root: etree._Element) -> bool:
    """Whether the parser gave up: it stops where it is, so the last element is the deepest."""
    depth = 0
    last = root
    while len(last):
        last = last[-1]
        depth += 1
    return depth > DEEPEST


_NESTING = frozenset(
    "div span font b i u em strong small big center section article main a blockquote".split()
)


def _flatten(text: str, names: frozenset[str] | None) -> str:
    """Replace nesting tags by line breaks (all tags when `names` is None, except those of raw text)."""

    def replace(match: re.Match[str]) -> str:
        name = match[2].lower()
        if name in _RAW or (names is not None and name not in names):
            return match[0]
        return "<br>" if name in ROLES.block else ""

    return _ANY_TAG.sub(replace, text)


def lay_out(root: etree._Element) -> Tree:
    """Strip what never holds article text from `root` (in place) and list the rest."""
    etree.strip_elements(root, *ROLES.pruned, with_tail=False)
    etree.strip_tags(root, *ROLES.inline)
    blocks = ROLES.block
    elements = list(root.iter(etree.Element))
    size = len(elements)
    tags: list[str] = []
    parents: list[int] = []
    ends = [size] * size
    text = [0] * size
    links = [0] * size
    owner: list[int] = []
    open_elements: list[etree._Element] = []
    open_numbers: list[int] = []
    link_end: etree._Element | None = None
    for number, element in enumerate(elements):
        above = element.getparent()
        while open_elements and open_elements[-1] is not above:
            closed = open_elements.pop()
            ends[open_numbers.pop()] = number
            if closed is link_end:
                link_end = None
        parent = open_numbers[-1] if open_numbers else -1
        tag = element.tag
        tags.append(tag)
        parents.append(parent)
        parent_owner = owner[parent] if parent >= 0 else 0
        tail = element.tail
        if tail and not tail.isspace():
            length = len(tail)
            text[parent_owner] += length
            if link_end is not None:
                links[parent_owner] += length
        if tag == "a" and link_end is None:
            link_end = element
        mine = number if tag in blocks or parent < 0 else parent_owner
        owner.append(mine)
        inner = element.text
        if inner and not inner.isspace():
            length = len(inner)
            text[mine] += length
            if link_end is not None:
                links[mine] += length
        open_elements.append(element)
        open_numbers.append(number)
    return Tree(
        root, elements, tags, parents, ends, text, links,
        list(accumulate(text, initial=0)), list(accumulate(links, initial=0)),
    )  # fmt: skip
