"""Choose what of a page is the article: a container, and what inside it is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from .narrow import Tree
from .tsv import VOCABULARY, read_rows

GUARD = (
    0.4  # A name may not remove a larger share of the page's prose: then it names the page, not the widget.
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GAP = re.compile(r"[^A-Za-z0-9]+")


@dataclass(slots=True)
class Choice:
    """`root`: number of the container. `dropped`: elements left out with their subtrees, and the rule that did it."""

    root: int
    dropped: dict[int, str]


class _Names:
    """Tells what class, id and role say of an element; each distinct string is judged once."""

    def __init__(self) -> None:
        drop: dict[str, list[str]] = {}
        keep: list[str] = []
        for row in read_rows(VOCABULARY, "boilerplate.tsv", ("rule", "kind", "name")):
            (keep if row["kind"] == "keep" else drop.setdefault(row["rule"], [])).append(row["name"])
        self.drop = re.compile("-(?:" + "|".join(f"(?P<{r}>{_pattern(n)})" for r, n in drop.items()) + ")-")
        self.keep = re.compile(f"-(?:{_pattern(keep)})-")
        self.memo: dict[str, tuple[str, bool]] = {}

    def judge(self, name: str) -> tuple[str, bool]:
        """The rule that the name falls under (or nothing), and whether it names an article's container."""
        found = self.memo.get(name)
        if found is None:
            plain = "-" + _GAP.sub("-", _CAMEL.sub("-", name)).lower() + "-"
            match = self.drop.search(plain)
            rule = (match.lastgroup or "") if match else ""
            found = (rule, self.keep.search(plain) is not None)
            if len(self.memo) > 50_000:
                self.memo.clear()
            self.memo[name] = found
        return found


def _pattern(names: Iterable[str]) -> str:
    return "|".join(re.escape(n).replace(r"\*", "[a-z0-9-]*") for n in sorted(names, key=len, reverse=True))


_NAMES = _Names()
_PROSE = frozenset(
    {"p", "li", "td", "dd", "blockquote", "pre", "div", "section", "article", "figcaption", "body", "main"}
)
_EXEMPT = frozenset({"html", "body", "article", "main"})
_TAG_RULES = {
    "nav": "navigation", "footer": "footer", "form": "form", "button": "button", "aside": "aside", "dialog": "popup",
    "menu": "navigation", "search": "form", "noscript": "noscript", "fieldset": "form", "figcaption": "caption",
}  # fmt: skip


def choose(tree: Tree) -> Choice:
    """Container and removals of the page. One pass and running sums: linear in the number of elements."""
    prose = _prose(tree)
    before = list(accumulate(prose, initial=0))
    total = before[-1]
    limit = GUARD * total
    dropped: dict[int, str] = {}
    positive: list[int] = []
    number, size = 0, len(tree.tags)
    while number < size:
        tag = tree.tags[number]
        inside = before[tree.ends[number]] - before[number]
        rule = _TAG_RULES.get(tag, "")
        element = tree.elements[number]
        if tag not in _EXEMPT:
            for key in ("class", "id", "role", "aria-label"):
                name = element.get(key)
                if name:
                    if not rule and key != "aria-label":
                        rule, good = _NAMES.judge(name)
                    else:
                        good = key != "aria-label" and _NAMES.judge(name)[1]
                    if good:
                        positive.append(number)
        else:
            positive.append(number)
        if rule and inside <= limit:
            dropped[number] = rule
            number = tree.ends[number]
            continue
        number += 1
    for gone in dropped:
        for i in range(gone, tree.ends[gone]):
            prose[i] = 0
    before = list(accumulate(prose, initial=0))
    return Choice(_container(tree, before, positive), dropped)


def _prose(tree: Tree) -> list[int]:
    """Characters of running text directly in each element."""
    return [
        text if text >= 50 and links * 2 < text and tag in _PROSE else 0
        for text, links, tag in zip(tree.text, tree.links, tree.tags, strict=True)
    ]


def _container(tree: Tree, before: list[int], positive: list[int]) -> int:
    """The smallest element that holds nearly all prose; one that calls itself the article may hold less."""
    total = before[-1]
    best = 0
    named = set(positive)
    number = 0
    size = len(tree.tags)
    while number < size:
        inside = before[tree.ends[number]] - before[number]
        share = inside / total if total else 0.0
        if share >= 0.8 or (share >= 0.5 and number in named):
            best = number
            number += 1
        elif share < 0.5:
            number = tree.ends[number]
        else:
            number += 1
    return best
