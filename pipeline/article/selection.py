"""Choose what of a page is the article: a container, and what inside it is left out, by which rule."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from . import container
from .furniture import LONGEST_ID, NOTHING, Verdict, judge_name, judge_paragraph, judge_text
from .narrow import ROLES, Tree

GUARD = 0.4  # A name may not remove a larger share of the prose: then it names the page, not the furniture.
# Many comments or excerpts of other posts together make a short page's largest prose.
MANY = {"comments": 1.0, "related": 0.7}
LEAST_MAIN = 0.1  # Share of the prose in a page's only main element that makes its neighbours furniture.
SHORTEST_PROSE = 30  # Characters; shorter texts are labels more often than sentences.
LINK_BOX = 0.8  # A list or box whose text is links to this share leads elsewhere.
SHORT_TEXT = 100  # Only texts up to this length are judged by their first words,
LINKED_TEXT = 300  # or up to this length when a good part is links.
LONGEST_FURNITURE = 400  # Longer texts are an author's, whatever they say.
SHORTEST_QUESTION = 12  # Characters of an accordion's button; shorter ones say "Open" or "More".
SAME_START = 25  # Characters that a headline shares with the title element.
SHORTEST_LEAD = 60  # Characters of a standfirst above the container.
MOST_LEADS = 12  # More is a body of text of its own.

_PROSE = frozenset(
    ("p", "li", "td", "dd", "blockquote", "pre", "div", "section", "article", "figcaption", "body", "main")
)
_BOXES = frozenset(("ul", "ol", "div", "section", "table"))
_UNJUDGED = frozenset(("html", "body", "article", "main"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_QUESTION_TAGS = _HEADINGS | {"summary", "dt"}
_LINKED_FURNITURE = frozenset(
    ("related", "share", "newsletter", "comments", "author", "advert", "navigation")
)
_SHORT_FURNITURE = _LINKED_FURNITURE | {"meta", "legal", "script"}
_HEADED_FURNITURE = frozenset(("share", "newsletter", "comments", "author", "advert"))
_CELLS = frozenset(("td", "th"))
_SILENT = frozenset(("br", "b", "strong"))
_BODY_PROPERTIES = frozenset(("articleBody", "text"))


@dataclass(slots=True)
class Choice:
    """`root`: number of the container. `dropped`: elements left out with their subtrees, and by which rule.

    `shells`: elements that stand only for what is in them; their own text is left out.
    """

    root: int
    dropped: dict[int, str]
    shells: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Evidence:
    """What names say, by element: the rule, the name that said so, and the marks of container names."""

    rules: dict[int, str]
    names: dict[int, str]
    named: bytearray


def choose(tree: Tree, title: str = "") -> Choice:
    """Container and removals of a page whose title element says `title`. Linear in its elements."""
    prose = [
        size if size >= SHORTEST_PROSE and link * 2 < size and tag in _PROSE else 0
        for size, link, tag in zip(tree.text, tree.links, tree.tags, strict=True)
    ]
    evidence = _evidence(tree)
    dropped, before = _drop(tree, evidence, prose)
    root = container.find(tree, before, evidence.named)
    _drop_within(tree, root, dropped)
    return _with_lead(tree, root, dropped, title)


def _evidence(tree: Tree) -> _Evidence:
    rules: dict[int, str] = {}
    names: dict[int, str] = {}
    named = bytearray(len(tree.tags))
    by_tag = ROLES.rules
    before, ends = tree.text_before, tree.ends
    blocks = ROLES.block
    speaking, end_of_noscript = False, 0
    for number, (tag, element) in enumerate(zip(tree.tags, tree.elements, strict=True)):
        if before[ends[number]] == before[number] and (tag in blocks or tag in _SILENT):
            continue
        if tag in _UNJUDGED:
            named[number] = tag in ("article", "main")
            continue
        if tag == "noscript" and number >= end_of_noscript:
            # One inside another says the same, and is not read again.
            speaking, end_of_noscript = _is_read(tree, number), ends[number]
        if tag in by_tag and not (speaking if tag == "noscript" else _is_question(tree, number, tag)):
            rules[number] = by_tag[tag]
            names[number] = f"<{tag}> {element.get('class') or ''}"
        heading = tag in _HEADINGS
        name = element.get("class")
        if name:
            verdict = judge_name(name)
            if verdict is not NOTHING:
                _note(number, name, verdict, rules, names)
                named[number] = verdict.container and not heading
        if heading:
            continue
        name = element.get("id")
        if name and name.count("-") + name.count("_") < LONGEST_ID:
            verdict = judge_name(name)
            if verdict is not NOTHING:
                _note(number, name, verdict, rules, names)
                named[number] = named[number] or verdict.container
        name = element.get("role")
        if name:
            _note(number, name, judge_name(name), rules, names)
        if element.get("itemprop") in _BODY_PROPERTIES:
            named[number] = 1
    return _Evidence(rules, names, named)


def _is_question(tree: Tree, number: int, tag: str) -> bool:
    """Whether an element is a button that shows the answer to an accordion's question."""
    if tag != "button":
        return False
    parent = tree.parents[number]
    if parent >= 0 and tree.tags[parent] in _QUESTION_TAGS:
        return True
    opens = tree.elements[number].get("aria-expanded") is not None
    return opens and tree.chars(number) >= SHORTEST_QUESTION


def _is_read(tree: Tree, number: int) -> bool:
    """Whether a noscript holds the text that a script would show."""
    inside = [i for i in range(number + 1, tree.ends[number]) if tree.text[i] and tree.tags[i] in _PROSE]
    return bool(inside) and not any(judge_text(_own_text(tree, i)) for i in inside)


def _own_text(tree: Tree, number: int) -> str:
    return " ".join("".join(tree.strings.get(number, ())).split())


def _says(tree: Tree, number: int, title: str) -> bool:
    """Whether a heading begins as the title does."""
    start = _own_text(tree, number)[:SAME_START].casefold()
    return len(start) > 3 and start in title.casefold()


def _with_lead(tree: Tree, root: int, dropped: dict[int, str], title: str) -> Choice:
    """Widen to what stands between the headline and the container: standfirst, first picture's caption."""
    headline = max((n for n in range(root) if tree.tags[n] == "h1" and _says(tree, n, title)), default=-1)
    leads: list[int] = []
    number = headline + 1 if headline >= 0 else root
    while number < root:
        if number in dropped:
            number = tree.ends[number]
            continue
        size = tree.text[number]
        if size and tree.chars(number) == size and _leads(tree, number, size):
            leads.append(number)
            number = tree.ends[number]
            continue
        number += 1
    leads = [lead for lead in leads if tree.ends[lead] <= root]
    if not leads or len(leads) > MOST_LEADS:
        return Choice(root, dropped)
    top = root
    while top > 0 and not (top < leads[0] and leads[0] < tree.ends[top]):
        top = tree.parents[top]
    kept = [*leads, root]
    shells = {top}
    number = top + 1
    while number < tree.ends[top]:
        if kept and number == kept[0]:
            kept.pop(0)
            number = tree.ends[number]
        elif kept and kept[0] < tree.ends[number]:
            if number in dropped:
                number = tree.ends[number]
                while kept and kept[0] < number:
                    kept.pop(0)
                continue
            shells.add(number)
            number += 1
        else:
            dropped.setdefault(number, "outside")
            number = tree.ends[number]
    return Choice(top, dropped, frozenset(shells))


def _leads(tree: Tree, number: int, size: int) -> bool:
    if tree.tags[number] == "figcaption":
        return True
    return (
        size >= SHORTEST_LEAD
        and tree.links[number] <= 0.3 * size
        and not judge_text(text := _own_text(tree, number))
        and not judge_paragraph(text)
    )


def _note(number: int, name: str, verdict: Verdict, rules: dict[int, str], names: dict[int, str]) -> None:
    # The first name that tells goes before the others, and before what the tag says.
    if verdict.rule and (number not in rules or names[number].startswith("<")):
        rules[number] = verdict.rule
        names[number] = name


def _drop(tree: Tree, evidence: _Evidence, prose: list[int]) -> tuple[dict[int, str], list[int]]:
    """Elements that names and tags remove, and the running sums of the prose that is left."""
    before = list(accumulate(prose, initial=0))
    limit = GUARD * before[-1]
    limits = {rule: share * before[-1] for rule, share in MANY.items()}
    ends = tree.ends
    main, main_end = _only_main(tree, before)
    shares: dict[str, int] = {}
    for number in evidence.rules:
        name = evidence.names[number]
        shares[name] = shares.get(name, 0) + before[ends[number]] - before[number]
    dropped: dict[int, str] = {}
    left = list(prose)
    beyond = 0
    for number, rule in evidence.rules.items():
        if number < beyond:
            continue
        inside = before[ends[number]] - before[number]
        beside = ends[number] <= main or number >= main_end
        if (
            inside
            and not beside
            and (inside > limit or shares[evidence.names[number]] > limits.get(rule, limit))
        ):
            continue
        dropped[number] = rule
        beyond = ends[number]
        if inside:
            left[number:beyond] = [0] * (beyond - number)
    return dropped, list(accumulate(left, initial=0))


def _only_main(tree: Tree, before: list[int]) -> tuple[int, int]:
    """The range of the page's only main element when it has prose: what stands beside it needs no guard.

    Otherwise a range that has all elements.
    """
    mains = [n for n, tag in enumerate(tree.tags) if tag == "main" and before[tree.ends[n]] > before[n]]
    if len(mains) == 1:
        main, end = mains[0], tree.ends[mains[0]]
        if before[end] - before[main] >= LEAST_MAIN * before[-1]:
            return main, end
    return -1, len(tree.tags) + 1


def _drop_within(tree: Tree, root: int, dropped: dict[int, str]) -> None:
    """Add what is left out by links and first words, then headings that nothing follows."""
    tags, ends = tree.tags, tree.ends
    number, stop = root + 1, ends[root]
    headings: list[int] = []
    while number < stop:
        if number in dropped:
            number = ends[number]
            continue
        rule = ""
        tag = tags[number]
        size = tree.text[number]
        if tag in _BOXES:
            chars = tree.chars(number)
            if chars and tree.link_chars(number) > LINK_BOX * chars:
                rule = "links"
        if not rule and size and tree.chars(number) == size:
            rule = _furniture_text(tree, number, tag, size)
        if rule:
            dropped[number] = rule
            number = ends[number]
            continue
        if size:
            if tag in _HEADINGS:
                headings.append(number)
            else:
                headings.clear()
        number += 1
    for heading in headings:
        dropped[heading] = "empty_heading"


def _furniture_text(tree: Tree, number: int, tag: str, size: int) -> str:
    if size > LONGEST_FURNITURE or tag in _CELLS:
        return ""
    text = _own_text(tree, number)
    if tag in _HEADINGS:
        rule = judge_text(text)
        return rule if rule in _HEADED_FURNITURE else ""
    linked = size < LINKED_TEXT and tree.links[number] > 0.3 * size
    short = size < SHORT_TEXT and tag != "li" and not text.endswith(".")
    rule = judge_text(text) if linked or short else ""
    if (linked and rule in _LINKED_FURNITURE) or (short and rule in _SHORT_FURNITURE):
        return rule
    return judge_paragraph(text) if tag != "li" else ""
