"""From the text of a page to its article: blocks in reading order with kind, trail, section and place."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from .. import plain
from ..model import Article, Block, Dropped, Kind, Metadata, Problem
from ..sections import classify
from . import metadata, narrow, outline, page_kind, selection, soup
from .metadata import NOTHING_KNOWN
from .narrow import Tree
from .outline import Draft
from .places import Places
from .unseen import tidy

SHORTEST_COPY = 60  # A block this long that stood above already is a hidden copy.
OUTSIDE = "outside"  # The rule of text that stands outside the container.


def parse(
    text: str,
    *,
    utf8: bytes = b"",
    media_type: str = "text/html",
    known: Metadata = NOTHING_KNOWN,
    dropped: list[Dropped] | None = None,
) -> Article:
    """The article of a page whose bytes are decoded.

    Plain text (`text/plain`) is kept character for character. `utf8` may be `text` in UTF-8, to save making it.
    `known` is what came with the page (url, url_source, published) and outdoes what the page says. `dropped`
    collects what was left out and why; without it nothing is collected. The article of a page that is none
    (consent wall, error page) says so in `problem`. Pure: equal input gives an equal article. Never raises for
    what a page holds.
    """
    if media_type == "text/plain":
        found = plain.read(text)
        return replace(found, metadata=metadata.completed(found.metadata, known))
    root = narrow.parse_html(text, utf8)
    if root is None:
        return Article("")
    facts = metadata.read(root, text, known)
    title = _title_element(root)
    tree = narrow.lay_out(root)
    choice = selection.choose(tree, title)
    headline = _headline(tree, choice, facts.title)
    chosen = soup.build(tree, choice.root, choice.dropped, choice.shells)
    drafts = _without_copies(outline.read(chosen, headline))
    soup.take_apart(chosen)
    if dropped is not None:
        dropped.extend(_left_out(tree, choice))
    problem = page_kind.judge(root, text, title or facts.title, [draft.text for draft in drafts])
    return _assemble(facts, _with_title(drafts, tree, headline, facts.title or title), tree, problem)


def _title_element(root: etree._Element) -> str:
    found = next(root.iter("title"), None)
    return tidy(found.text or "") if found is not None else ""


def _text(tree: Tree, number: int) -> str:
    return tidy("".join(tree.strings.get(number, ())))


def _headline(tree: Tree, choice: selection.Choice, title: str) -> int:
    """The number of the h1 that is the title: one that says `title`, else the article's first.

    -1 for none.
    """
    wanted = title.casefold()
    first = -1
    for number, tag in enumerate(tree.tags):
        if tag != "h1":
            continue
        text = _text(tree, number).casefold()
        if len(text) > 3 and (text in wanted or (wanted and wanted in text)):
            return number
        if first < 0 and text and choice.root <= number < tree.ends[choice.root]:
            first = number
    return first


def _with_title(drafts: list[Draft], tree: Tree, headline: int, title: str) -> list[Draft]:
    """The title first, and once."""
    text = _text(tree, headline) if headline >= 0 else ""
    if not text:
        text, headline = title, -1
    if not text or not drafts:
        return drafts
    copies = {text.casefold(), title.casefold()}
    rest = [
        draft
        for draft in drafts
        if draft.kind is not Kind.TITLE
        and not (draft.kind is Kind.HEADING and draft.level <= 2 and draft.text.casefold() in copies)
    ]
    return [Draft(text, Kind.TITLE, 1, (), headline), *rest]


def _without_copies(drafts: list[Draft]) -> list[Draft]:
    seen: set[str] = set()
    kept = []
    for draft in drafts:
        if len(draft.text) >= SHORTEST_COPY:
            if draft.text in seen:
                continue
            seen.add(draft.text)
        kept.append(draft)
    return kept


def _left_out(tree: Tree, choice: selection.Choice) -> list[Dropped]:
    """The texts of a page that are not in its article, in reading order."""
    found: list[Dropped] = []
    number = 0
    while number < len(tree.tags):
        rule = choice.dropped.get(number, "")
        inside = choice.root <= number < tree.ends[choice.root]
        if rule:
            element = tree.elements[number]
            text = tidy(" ".join(map(str, element.itertext(with_tail=False))))
            number = tree.ends[number]
        else:
            text = "" if inside else _text(tree, number)
            number += 1
        if text:
            found.append(Dropped(text, rule or OUTSIDE))
    return found


def _assemble(facts: Metadata, drafts: list[Draft], tree: Tree, problem: Problem | None) -> Article:
    blocks: list[Block] = []
    places = Places(tree.elements)
    sections: dict[tuple[str, ...], str] = {}
    start = 0
    for draft in drafts:
        end = start + len(draft.text)
        place = places.of(tree.elements[draft.source]) if draft.source >= 0 else "head > title"
        trail = (*draft.trail, draft.text) if draft.kind is Kind.HEADING else draft.trail
        section = sections.get(trail)
        if section is None:
            section = sections[trail] = classify(trail)
        blocks.append(Block(start, end, draft.kind, draft.level, section, draft.trail, place))
        start = end + 2
    return Article("\n\n".join(draft.text for draft in drafts), tuple(blocks), facts, problem)
