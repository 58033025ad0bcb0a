"""CSS paths of elements in the original page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from lxml import etree

_SAFE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_ROW_GROUPS = ("caption", "col", "colgroup", "tbody", "tfoot", "thead")
DEEPEST = 60  # Steps below the nearest id; a longer path is no help to anybody.
LONGEST = 250  # Characters of an id or element name: each path below repeats it.


class Places:
    """Paths from the nearest element with a unique id. Each element's step and path are made once."""

    def __init__(self, elements: Iterable[etree._Element]) -> None:
        ids = Counter([element.get("id") for element in elements])
        self.unique = {
            name
            for name, count in ids.items()
            if name and count == 1 and len(name) <= LONGEST and _SAFE.match(name)
        }
        self.steps: dict[etree._Element, str] = {}
        self.paths: dict[etree._Element, tuple[str, int]] = {}

    def of(self, element: etree._Element) -> str:
        """The path, or nothing when it would have more than `DEEPEST` steps."""
        chain: list[etree._Element] = []
        node: etree._Element | None = element
        path, depth = "", 0
        while node is not None:
            known = self.paths.get(node)
            if known is not None:
                path, depth = known
                break
            name = node.get("id")
            chain.append(node)
            if node.tag == "body" or (name and name in self.unique):
                break
            node = node.getparent()
        for node in reversed(chain):
            name = node.get("id")
            if name and name in self.unique:
                path, depth = "#" + name, 1
            elif not depth:
                path, depth = str(node.tag), 1
            else:
                depth += 1 if len(node.tag) <= LONGEST else DEEPEST
                path = f"{path} > {self._step(node)}" if depth <= DEEPEST else ""
            self.paths[node] = (path, depth)
        return path

    def _step(self, node: etree._Element) -> str:
        step = self.steps.get(node)
        if step is None:
            parent = node.getparent()
            if parent is None:
                step = self.steps[node] = f"{node.tag}:nth-of-type(1)"
            else:
                self.steps.update(_rows(parent) if parent.tag == "table" else _children(parent))
                step = self.steps[node]
        return step


def _children(parent: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    counts: dict[str, int] = {}
    for child in parent:
        tag = str(child.tag)
        counts[tag] = number = counts.get(tag, 0) + 1
        yield child, f"{tag}:nth-of-type({number})"


def _rows(table: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """The children of a table as browsers see them: rows that stand in it directly are in a tbody that nobody
    wrote."""
    counts: Counter[str] = Counter()
    rows = 0
    for child in table:
        tag = str(child.tag)
        if tag == "tr":
            counts["tbody"] += not rows
            rows += 1
            yield child, f"tbody:nth-of-type({counts['tbody']}) > tr:nth-of-type({rows})"
            continue
        if tag in _ROW_GROUPS:
            rows = 0
        counts[tag] += 1
        yield child, f"{tag}:nth-of-type({counts[tag]})"
