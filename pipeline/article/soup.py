"""Build a BeautifulSoup tree from the chosen part of an lxml tree without parsing markup again."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, TypeVar

from bs4 import BeautifulSoup, Tag
from bs4.builder import HTMLTreeBuilder
from bs4.element import NavigableString, PageElement

from .narrow import ROLES, Tree

_Node = TypeVar("_Node", Tag, NavigableString)


class _ChosenBuilder(HTMLTreeBuilder):
    """Is fed elements instead of markup; `Tag.sourcepos` is the number of the element in the `Tree`.

    It links elements itself: the parser's own way looks for tags to close, which a tree does not need.
    """

    NAME = "chosen-elements"
    features = (NAME,)

    def __init__(self, tree: Tree, start: int, left_out: Container[int], shells: Container[int]) -> None:
        plain: Any = None  # bs4's own annotation leaves out the None that its documentation names
        super().__init__(multi_valued_attributes=plain, store_line_numbers=True)
        self.tree, self.start, self.left_out, self.shells = tree, start, left_out, shells

    def feed(self, markup: object) -> None:
        soup, tree, left_out, shells = self.soup, self.tree, self.left_out, self.shells
        if soup is None or not tree.elements:
            return
        elements, tags, ends, parents = tree.elements, tree.tags, tree.ends, tree.parents
        blocks = ROLES.block
        last: PageElement = soup
        into: Tag = soup
        pending = ""
        above: list[tuple[int, Tag]] = []
        number, stop = self.start, ends[self.start]
        while number < stop or above:
            while above and (number >= stop or ends[above[-1][0]] <= number):
                closed, tag = above.pop()
                if pending:
                    last = _link(_string(pending), tag, last)
                    pending = ""
                into = above[-1][1] if above else soup
                tail = elements[closed].tail
                # White space beside a block shows nothing, and each string costs as much as an element.
                shown = tail and not (tags[closed] in blocks and tail.isspace())
                if shown and above and above[-1][0] not in shells:
                    pending = tail or ""
            if number >= stop:
                continue
            element, name = elements[number], tags[number]
            if number in left_out or (name in blocks and tree.chars(number) == 0):
                tail = element.tail
                if tail and parents[number] not in shells and not (name in blocks and tail.isspace()):
                    pending += " " + tail
                number = ends[number]
                continue
            if pending:
                last = _link(_string(pending), into, last)
                pending = ""
            made = _link(_tag(name, dict(element.items()), number), into, last)
            last = into = made
            text = element.text
            if text and number not in shells and not (name in blocks and text.isspace()):
                pending = text
            above.append((number, made))
            number += 1


# What bs4 gives a node of its own making without a builder. Copying it takes a third of the time of making each node
# as bs4 does, which asks about every tag and string what none of these needs.
_NEW_TAG = vars(Tag(name="p"))
_NEW_STRING = vars(NavigableString(""))


def _tag(name: str, attributes: Any, number: int) -> Tag:
    made = Tag.__new__(Tag)
    vars(made).update(_NEW_TAG, name=name, attrs=attributes, contents=[], sourcepos=number)
    return made


def _string(text: str) -> NavigableString:
    made = str.__new__(NavigableString, text)
    vars(made).update(_NEW_STRING)
    return made


def _link(node: _Node, parent: Tag, previous: PageElement) -> _Node:
    """Put a node behind all that `parent` has and all that was linked before, of which `previous` came last."""
    siblings = parent.contents
    if siblings:
        node.previous_sibling = siblings[-1]
        siblings[-1].next_sibling = node
    node.parent = parent
    node.previous_element = previous
    previous.next_element = node
    siblings.append(node)
    return node


def build(tree: Tree, start: int, left_out: Container[int], shells: Container[int] = ()) -> BeautifulSoup:
    """The soup of element `start` without the subtrees in `left_out` and the own text of `shells`."""
    return BeautifulSoup("", builder=_ChosenBuilder(tree, start, left_out, shells))


def take_apart(soup: BeautifulSoup) -> None:
    """Cut the nodes of a soup that is not needed any more loose from each other.

    They refer to one another in circles. Python's search for such circles would take as long as building the soup.
    """
    node: PageElement | None = soup
    while node is not None:
        following = node.next_element
        vars(node).clear()
        node = following
