"""Parse a page with lxml and lay it out as flat lists, so that choosing the article costs little.

BeautifulSoup builds rich nodes, and that is where the time goes; lxml parses a page in a tenth of the time.
So lxml reads the whole page, elements that never hold article text go at C speed, and only what `selection`
keeps becomes a soup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from lxml import etree

from ..tsv import VOCABULARY, read_rows
from .tags import repair_tags

DEEPEST = 2000  # libxml2 gives up at depth 2,048, even with huge_tree, and loses the rest of the page.
SWALLOWED = 150  # Characters of paragraphs in an object or the like: it was never closed.

_RAW = frozenset(
    ("script", "style", "title", "textarea", "iframe", "xmp", "noembed", "noframes", "plaintext")
)
_IN_HEAD = frozenset(
    (
        "base",
        "basefont",
        "bgsound",
        "link",
        "meta",
        "noframes",
        "noscript",
        "script",
        "style",
        "template",
        "title",
    )
)
_BLOCK_TAG = re.compile(rb"<(?:p|div|h[1-6]|li|td|br)\b|</(?:p|div|h[1-6]|li|td)>", re.I)
_FIRST_END = re.compile(rb"</(?:body|html|BODY|HTML)>")
_PAGE_END = re.compile(rb"</(?:body|html)\s*>", re.I)
_ANY_TAG = re.compile(rb"<(/?)([A-Za-z][^\s<>/]*)[^<>]*>?")


@dataclass(slots=True)
class Roles:
    """Tag names by what they are, from `vocabulary/page_elements.tsv`; `rules` says why one is left out."""

    pruned: list[str]
    inline: list[str]
    block: frozenset[str]
    rules: dict[str, str]


def _load_roles() -> Roles:
    names: dict[str, list[str]] = {"pruned": [], "flattened": [], "block": []}
    rules: dict[str, str] = {}
    for row in read_rows(VOCABULARY, "page_elements.tsv", ("element", "role", "rule")):
        names[row["role"]].append(row["element"])
        if row["rule"]:
            rules[row["element"]] = row["rule"]
    return Roles(names["pruned"], names["flattened"], frozenset(names["block"]), rules)


ROLES = _load_roles()


@dataclass(slots=True)
class Tree:
    """A page's elements in document order as parallel lists; a subtree is the range `[i, end[i])`.

    `text[i]` counts the characters that stand directly in block element i (through its inline children
    too), `links[i]` how many of them are link text. `text_before` and `links_before` are their running
    sums, so that a subtree's sum is one subtraction.
    """

    root: etree._Element
    elements: list[etree._Element]
    tags: list[str]
    parents: list[int]
    ends: list[int]
    owners: list[int]
    strings: dict[int, list[str]]
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


def parse_html(text: str, utf8: bytes = b"") -> etree._Element | None:
    """The whole page as an lxml tree, or None when it holds no element. Linear in the length of `text`. `utf8` may be
    `text` in UTF-8, to save making it."""
    # Bytes are searched faster than text, and the parser takes them.
    markup = _repair((utf8 or text.encode("utf-8", "ignore")).replace(b"\0", b""))
    root = _parse(markup)
    last, depth = _last(root)
    if (
        last is not None
        and last.tag in _RAW
        and _BLOCK_TAG.search((last.text or "").encode("utf-8", "ignore"))
    ):
        markup = _open_raw(markup, str(last.tag))
        root = _parse(markup)
        last, depth = _last(root)
    for names in (_NESTING, None):
        if depth > DEEPEST:
            root = _parse(_flatten(markup, names))
            last, depth = _last(root)
    if root is not None:
        _begin_body(root)
    return root


def _begin_body(root: etree._Element) -> None:
    """Move what cannot stand in the head into the body, as HTML5 does where the body's tag was left out.

    libxml2 knows no `article` or `main`, and leaves those that come first in the head.
    """
    head = root.find("head")
    if head is None:
        return
    first = next((number for number, child in enumerate(head) if child.tag not in _IN_HEAD), None)
    if first is None:
        return
    body = root.find("body")
    if body is None:
        body = etree.SubElement(root, "body")
    moved = list(head)[first:]
    if body.text:
        moved[-1].tail = (moved[-1].tail or "") + body.text
        body.text = None
    for child in reversed(moved):  # at the front: to count to a place takes time by the square
        body.insert(0, child)


def _parse(markup: bytes) -> etree._Element | None:
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, collect_ids=False
    )
    try:
        return etree.fromstring(repair_tags(markup), parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _last(root: etree._Element | None) -> tuple[etree._Element | None, int]:
    """The element that the parser read last, and its depth.

    A parser that gives up stops where it is, and an element that is never closed takes the rest of the page:
    in both cases it is this one.
    """
    depth = 0
    last = root
    while last is not None and len(last):
        last = last[-1]
        depth += 1
    return last, depth


def _repair(markup: bytes) -> bytes:
    """Undo what would swallow the rest: early ends, open comments."""
    end = _FIRST_END.search(markup)
    if end and _BLOCK_TAG.search(markup, end.end()):
        markup = _PAGE_END.sub(b"", markup)
    last = markup.rfind(b"-->")
    if markup.find(b"<!--", last + 1) >= 0:
        markup = markup[: last + 1] + markup[last + 1 :].replace(b"<!--", b"")
    return markup


def _open_raw(markup: bytes, name: str) -> bytes:
    """Take away the start tags of `name` that nothing closes, with the raw text up to the next tag."""
    end = 0
    for close in re.finditer(rf"</{name}".encode(), markup, re.I):
        end = close.end()
    return markup[:end] + re.sub(rf"<{name}\b[^<>]*>?[^<]*".encode(), b"", markup[end:], flags=re.I)


_NESTING = frozenset(
    (
        "div",
        "span",
        "font",
        "b",
        "i",
        "u",
        "em",
        "strong",
        "small",
        "big",
        "center",
        "section",
        "article",
        "main",
        "a",
        "blockquote",
    )
)


def _flatten(markup: bytes, names: frozenset[str] | None) -> bytes:
    """Replace nesting tags by line breaks (all tags when `names` is None, except those of raw text).

    Of the breaks in a row two are left, which part paragraphs as any number does.
    """
    end, breaks = -1, 0

    def replace(match: re.Match[bytes]) -> bytes:
        nonlocal end, breaks
        name = match[2].lower().decode("utf-8", "replace")
        if name in _RAW or (names is not None and name not in names):
            return match[0]
        breaks = breaks if match.start() == end else 0
        end = match.end()
        if name not in ROLES.block or breaks == 2:
            return b""
        breaks += 1
        return b"<br>"

    return _ANY_TAG.sub(replace, markup)


_SWALLOWERS = (
    "select",
    "object",
    "video",
    "audio",
    "canvas",
    "map",
    "datalist",
    "applet",
    "optgroup",
    "option",
)
_CHOICES = frozenset(("select", "datalist", "optgroup", "option"))  # These never hold paragraphs.
_SWALLOWED_TAGS = ("p", "li", "h2")


def _swallowing(root: etree._Element) -> list[etree._Element]:
    """The elements of _SWALLOWERS that hold paragraphs: they were never closed. One pass, however deep they nest."""
    if next(root.iter(*_SWALLOWERS), None) is None:
        return []
    found: list[etree._Element] = []
    size = 0  # of the paragraphs so far
    before: list[int] = []
    for event, element in etree.iterwalk(root, ("start", "end"), (*_SWALLOWERS, *_SWALLOWED_TAGS)):
        if element.tag in _SWALLOWED_TAGS:
            size += len(element.text or "") if event == "start" else 0
        elif event == "start":
            before.append(size)
        elif size - before.pop() >= (1 if element.tag in _CHOICES else SWALLOWED):
            found.append(element)
    return found


def lay_out(root: etree._Element) -> Tree:
    """Strip what never holds article text from `root` (in place) and list the rest."""
    for element in _swallowing(root):
        element.tag = "div"
    etree.strip_elements(root, *ROLES.pruned, with_tail=False)
    etree.strip_tags(root, *ROLES.inline)
    blocks = ROLES.block
    elements = list(root.iter(etree.Element))
    size = len(elements)
    tags = [str(element.tag) for element in elements]
    parents = [-1] * size
    ends = [size] * size
    owners = [0] * size
    strings: dict[int, list[str]] = {}
    links = [0] * size
    open_numbers: list[int] = []
    link = -1
    for number in range(size + 1):
        above = elements[number].getparent() if number < size else None
        while open_numbers and elements[open_numbers[-1]] is not above:
            closed = open_numbers.pop()
            ends[closed] = number
            if closed == link:
                link = -1
            tail = elements[closed].tail
            if tail and not tail.isspace() and open_numbers:
                owner = owners[open_numbers[-1]]
                strings.setdefault(owner, []).append(tail)
                if link >= 0:
                    links[owner] += len(tail)
        if number == size:
            break
        tag = tags[number]
        owner = number
        if open_numbers:
            parents[number] = open_numbers[-1]
            if tag not in blocks:
                owner = owners[open_numbers[-1]]
        owners[number] = owner
        if tag == "a" and link < 0:
            link = number
        text = elements[number].text
        if text and not text.isspace():
            strings.setdefault(owner, []).append(text)
            if link >= 0:
                links[owner] += len(text)
        open_numbers.append(number)
    sizes = [0] * size
    for owner, pieces in strings.items():
        sizes[owner] = sum(map(len, pieces))
    return Tree(
        root, elements, tags, parents, ends, owners, strings, sizes, links,
        list(accumulate(sizes, initial=0)), list(accumulate(links, initial=0)),
    )  # fmt: skip
