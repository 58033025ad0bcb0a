"""Read the schema.org JSON-LD of a page: the nodes that speak of the page itself, however broken the rest."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from .hints import names
from .unseen import tidy

Node = dict[str, object]

_MOST_CHARACTERS = 2_000_000
_MOST_NODES = 20_000
_MOST_VALUES = 50
_OPENERS = ("//", "/*", "<!--", "<![CDATA[", "*/")
_CLOSERS = (";", "*/", "-->", "]]>", "//", "/*")
_SPARE_COMMA = re.compile(r",(?=\s*[}\]])")
_TAG = re.compile(r"<[/a-zA-Z][^<>]{0,500}>")


@dataclass(slots=True)
class LinkedData:
    """Nodes of a page by what they are, each in reading order, and all nodes by their `@id`.

    `pages` are the article and the page around it, the most telling first; `subjects` are the medical things
    that the page is about; `sites` the web site.
    """

    pages: list[Node] = field(default_factory=list)
    subjects: list[Node] = field(default_factory=list)
    sites: list[Node] = field(default_factory=list)
    by_id: dict[str, Node] = field(default_factory=dict)

    def values(self, nodes: Iterable[Node], wanted: tuple[str, ...]) -> Iterator[object]:
        """The values of the wanted properties: all nodes are asked for the first property before the next."""
        for name in wanted:
            for node in nodes:
                value = node.get(name)
                if value not in (None, "", [], {}):
                    yield value

    def flat(self, value: object) -> list[object]:
        """A value's strings, numbers and nodes, lists opened and references followed; at most 50."""
        found: list[object] = []
        waiting = [value]
        steps = 0
        while waiting and len(found) < _MOST_VALUES and steps < 20 * _MOST_VALUES:
            steps += 1
            one = waiting.pop()
            if isinstance(one, list):
                waiting.extend(reversed(one[:_MOST_VALUES]))
            elif isinstance(one, dict):
                reference = one.get("@id")
                known = self.by_id.get(reference) if isinstance(reference, str) else None
                if "@value" in one:
                    waiting.append(one["@value"])
                else:
                    found.append(known if known is not None and "name" not in one else one)
            elif isinstance(one, str | int | float) and not isinstance(one, bool):
                found.append(one)
        return found

    def called(self, value: object) -> list[str]:
        """What a person, organisation or thing is called: strings, or the `name` of nodes."""
        texts: list[str] = []
        for one in self.flat(value):
            if isinstance(one, dict):
                texts.extend(clean(name) for name in self.flat(one.get("name")) if isinstance(name, str))
            else:
                texts.append(clean(str(one)))
        return list(dict.fromkeys(text for text in texts if text))


def read_linked_data(scripts: Iterable[str]) -> LinkedData:
    """The nodes in a page's JSON-LD scripts; broken scripts give what can still be read of them."""
    data = LinkedData()
    roots: list[object] = []
    room = _MOST_CHARACTERS
    for script in scripts:
        room -= len(script)
        if room < 0:
            break
        roots.append(_parse(script))
    _index(roots, data)
    ranks = {name: rank for rank, name in enumerate(names("page", "type") + names("frame", "type"))}
    frames = frozenset(names("frame", "type"))
    subjects, sites = frozenset(names("subject", "type")), frozenset(names("site", "type"))
    pages: list[tuple[bool, int, Node]] = []
    for node in _top(roots, names("descend", "property")):
        kinds = types(node)
        if any(kind in ranks for kind in kinds):
            pages.append((any(kind in frames for kind in kinds), len(pages), node))
        if any(kind in subjects for kind in kinds):
            data.subjects.append(node)
        if any(kind in sites for kind in kinds):
            data.sites.append(node)
    data.pages = [node for _, _, node in sorted(pages, key=lambda page: page[:2])]
    return data


def types(node: Node) -> list[str]:
    """The schema.org types of a node, in lower case and without their address."""
    kinds = node.get("@type")
    return [
        kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower()
        for kind in (kinds if isinstance(kinds, list) else [kinds])
        if isinstance(kind, str)
    ]


def clean(text: str, most: int = 1000) -> str:
    """One line of plain text: markup, entities, control and invisible characters gone, white space single."""
    text = text[: 4 * most]
    if text.isspace():
        return ""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    return tidy(text)[:most].rstrip()


def _parse(script: str) -> object:
    for repair in (str.strip, _repair):
        try:
            return json.JSONDecoder(strict=False).raw_decode(repair(script))[0]
        except (ValueError, RecursionError):
            continue
    return _salvage(script)


def _repair(script: str) -> str:
    """Without the comment marks around a script and the commas before closing brackets."""
    script = script.strip()
    for _ in range(4):
        for mark in _OPENERS:
            script = script.removeprefix(mark).lstrip()
        for mark in _CLOSERS:
            script = script.removesuffix(mark).rstrip()
    return _SPARE_COMMA.sub("", script)


_SIMPLE = re.compile(
    r'"(@type|headline|datePublished|dateModified|lastReviewed|inLanguage)"\s*:\s*"([^"\\]{1,300})"'
)
_PERSON = re.compile(
    r'"(author|reviewedBy|publisher)"\s*+:\s*+[\[{][\[{\s]{0,20}[^{}\[\]]{0,300}?"name"\s*+:\s*+"([^"\\]{1,100})"'
)


def _salvage(script: str) -> Node:
    """The simple properties of a script that is no JSON, the first of each name."""
    node: Node = {}
    for pattern in (_SIMPLE, _PERSON):
        for match in pattern.finditer(script):
            node.setdefault(match.group(1), match.group(2))
    return node


def _index(roots: list[object], data: LinkedData) -> None:
    for node in _walk(
        roots, lambda node: [value for value in node.values() if isinstance(value, dict | list)]
    ):
        reference = node.get("@id")
        if isinstance(reference, str) and len(node) > 2:
            data.by_id.setdefault(reference, node)


def _top(roots: list[object], descend: tuple[str, ...]) -> Iterator[Node]:
    """Nodes that stand for the page or its subject; what is nested elsewhere is of other things."""
    return _walk(roots, lambda node: [node[name] for name in reversed(descend) if name in node])


def _walk(roots: list[object], nested: Callable[[Node], list[object]]) -> Iterator[Node]:
    """The nodes of the roots and of what is `nested` in each; a huge tree is walked in part."""
    waiting: list[object] = list(reversed(roots))
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, dict):
            yield one
            waiting.extend(nested(one))
