"""Find the element that holds the article: follow the prose down until it divides."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from .narrow import Tree

DIVIDES = 0.9  # Below this share of the prose in one child the others may be article too ...
NAMED_DIVIDES = 0.5  # ... unless the child names itself the article.
OUTSIDE = (
    0.1  # Share of the prose in elements of the same name beside it that forbids going into one of them.
)
MOST_NAMES = 20

_STOP = frozenset(
    ("p", "li", "th", "thead", "ul", "ol", "dl", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6")
)


class _Namesakes:
    """Elements that share one container name, in order, with running sums of their prose."""

    def __init__(self, tree: Tree, members: Sequence[int], before: Sequence[int]) -> None:
        self.starts = members
        self.sums = list(accumulate((before[tree.ends[m]] - before[m] for m in members), initial=0))

    def beside(self, inner: int, inner_end: int, outer: int, outer_end: int) -> int:
        """Prose of members in `outer` beside those in `inner`; 0 when none lies there."""
        first, last = bisect_left(self.starts, inner), bisect_left(self.starts, inner_end)
        if first == last:
            return 0
        total = self.sums[bisect_left(self.starts, outer_end)] - self.sums[bisect_left(self.starts, outer)]
        return total - (self.sums[last] - self.sums[first])


def find(tree: Tree, before: Sequence[int], named: bytearray) -> int:
    """Number of the container.

    `before` is the running sum of prose, `named` marks elements with a container's name. Linear: every
    element is looked at as a child once.
    """
    ends = tree.ends
    path = _heaviest_path(tree, before)
    names = _namesakes(tree, before, named)
    at = 0
    while at + 1 < len(path):
        here = before[ends[path[at]]] - before[path[at]]
        child = path[at + 1]
        share = before[ends[child]] - before[child]
        target = at + 1
        if share < DIVIDES * here:
            while target < len(path) and not named[path[target]]:
                target += 1
            if target == len(path):
                break
            inner = path[target]
            if before[ends[inner]] - before[inner] < NAMED_DIVIDES * here:
                break
        inner, outer = path[target], path[at]
        if any(n.beside(inner, ends[inner], outer, ends[outer]) > OUTSIDE * here for n in names):
            break
        at = target
    return path[at]


def _heaviest_path(tree: Tree, before: Sequence[int]) -> list[int]:
    ends = tree.ends
    path = [0]
    while True:
        heaviest, most = -1, 0
        child, end = path[-1] + 1, ends[path[-1]]
        while child < end:
            prose = before[ends[child]] - before[child]
            if prose > most:
                heaviest, most = child, prose
            child = ends[child]
        if heaviest < 0 or tree.tags[heaviest] in _STOP:
            return path
        path.append(heaviest)


def _namesakes(tree: Tree, before: Sequence[int], named: bytearray) -> list[_Namesakes]:
    members: dict[tuple[str, str | None], list[int]] = {}
    number = named.find(1)
    while number >= 0:
        tag = tree.tags[number]
        if tag not in ("main", "article") and before[tree.ends[number]] > before[number]:
            group = members.setdefault((tag, tree.elements[number].get("class")), [])
            if not group or tree.ends[group[-1]] <= number:
                group.append(number)
        number = named.find(1, number + 1)
    groups = [group for group in members.values() if len(group) > 1]
    groups.sort(key=lambda group: -sum(before[tree.ends[m]] - before[m] for m in group))
    return [_Namesakes(tree, group, before) for group in groups[:MOST_NAMES]]
