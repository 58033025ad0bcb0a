"""From the text of a page to its article: blocks in reading order with kind, trail, section and place."""

from __future__ import annotations

from . import metadata, narrow, outline, page_kind, plain, selection, soup
from .model import Article, Block, Dropped, Kind, Metadata, Problem
from .outline import Draft
from .places import Places
from .sections import classify

SHORTEST_COPY = 60  # A block this long that stood above already is a hidden copy.


def parse(
    text: str, *, media_type: str = "text/html", url: str = "", dropped: list[Dropped] | None = None
) -> Article:
    """The article of a page whose bytes are decoded.

    Plain text (`text/plain`) is kept character for character. `url` is the address that the page's container
    keeps. `dropped` collects what was left out and why; without it nothing is collected. The article of a page
    that is none (consent wall, error page) says so in `problem`. Pure: equal input gives an equal article. Never
    raises for what a page holds.
    """
    if media_type == "text/plain":
        return Article(text, plain.blocks(text))
    root = narrow.parse_html(text)
    if root is None:
        return Article("")
    facts = metadata.read(root, text, url)
    title = _title(root)
    tree = narrow.lay_out(root)
    choice = selection.choose(tree)
    drafts = outline.read(soup.build(tree, choice.root, choice.dropped))
    if dropped is not None:
        for number, rule in sorted(choice.dropped.items()):
            gone = outline.tidy(" ".join(map(str, tree.elements[number].itertext(with_tail=False))))
            if gone:
                dropped.append(Dropped(gone, rule))
    places = Places(root)
    drafts = _without_copies(drafts)
    problem = page_kind.judge(root, text, title or facts.title, [draft.text for draft in drafts])
    return _assemble(facts, drafts, tree, places, problem)


def _title(root: object) -> str:
    found = root.find(".//title")  # type: ignore[attr-defined]
    return outline.tidy(found.text or "") if found is not None else ""


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


def _assemble(
    facts: Metadata, drafts: list[Draft], tree: narrow.Tree, places: Places, problem: Problem | None
) -> Article:
    blocks: list[Block] = []
    texts: list[str] = []
    start = 0
    for number, draft in enumerate(drafts):
        kind = draft.kind
        if kind is Kind.HEADING and draft.level == 1 and not any(b.kind is Kind.TITLE for b in blocks):
            kind = Kind.TITLE
        place = places.of(tree.elements[draft.source]) if draft.source >= 0 else ""
        end = start + len(draft.text)
        blocks.append(Block(start, end, kind, draft.level, classify(draft.trail), draft.trail, place))
        texts.append(draft.text)
        start = end + 2
    return Article("\n\n".join(texts), tuple(blocks), facts, problem)
