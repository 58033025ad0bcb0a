"""CSS paths of elements in the original page."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree

_SAFE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
LONGEST = 40


class Places:
    """Paths from the nearest element with a unique id; counting among siblings is done once per parent."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.ids: Counter[str] | None = None
        self.steps: dict[etree._Element, str] = {}
        self.paths: dict[etree._Element, str] = {}

    def of(self, element: etree._Element) -> str:
        """The path, or nothing when it would be longer than `LONGEST` steps."""
        if self.ids is None:
            self.ids = Counter(str(value) for value in self.root.xpath("//@id"))
        steps: list[str] = []
        node: etree._Element | None = element
        while node is not None and len(steps) < LONGEST:
            name = node.get("id")
            if name and _SAFE.match(name) and self.ids[name] == 1:
                steps.append("#" + name)
                break
            above = node.getparent()
            if above is None or node.tag == "body":
                steps.append(str(node.tag))
                break
            steps.append(self._step(node, above))
            node = above
        else:
            return ""
        path = " > ".join(reversed(steps))
        return path

    def _step(self, node: etree._Element, above: etree._Element) -> str:
        step = self.steps.get(node)
        if step is None:
            counts: Counter[str] = Counter()
            for child in above:
                tag = str(child.tag)
                counts[tag] += 1
                self.steps[child] = f"{tag}:nth-of-type({counts[tag]})"
            step = self.steps[node]
        return step
