"""Build a BeautifulSoup tree from the chosen part of an lxml tree without parsing markup again."""

from __future__ import annotations

from collections.abc import Container

from bs4 import BeautifulSoup
from bs4.builder import HTMLTreeBuilder
from lxml import etree

from .narrow import ROLES, Tree


class _ChosenBuilder(HTMLTreeBuilder):
    """Is fed elements instead of markup; `Tag.sourcepos` is the number of the element in the `Tree`."""

    NAME = "chosen-elements"
    features = (NAME,)

    def __init__(self, tree: Tree, start: int, left_out: Container[int], shells: Container[int]) -> None:
        super().__init__(multi_valued_attributes=None, store_line_numbers=True)
        self.tree, self.start, self.left_out, self.shells = tree, start, left_out, shells

    def feed(self, markup: object) -> None:
        soup, tree, left_out, shells = self.soup, self.tree, self.left_out, self.shells
        if soup is None or not tree.elements:
            return
        start_tag, end_tag, data = soup.handle_starttag, soup.handle_endtag, soup.handle_data
        elements, tags, ends, parents = tree.elements, tree.tags, tree.ends, tree.parents
        blocks = ROLES.block
        silent = blocks | {"img"}
        open_numbers: list[int] = []
        number, stop = self.start, ends[self.start]
        while number < stop or open_numbers:
            while open_numbers and (number >= stop or ends[open_numbers[-1]] <= number):
                closed = open_numbers.pop()
                end_tag(tags[closed])
                tail = elements[closed].tail
                # White space beside a block shows nothing, and each string costs as much as an element.
                shown = tail and not (tags[closed] in blocks and tail.isspace())
                if shown and open_numbers and open_numbers[-1] not in shells:
                    data(tail)
            if number >= stop:
                continue
            element = elements[number]
            if number in left_out or (tags[number] in silent and tree.chars(number) == 0):
                tail = element.tail
                if tail and parents[number] not in shells and not (tags[number] in blocks and tail.isspace()):
                    data(" " + tail)
                number = ends[number]
                continue
            start_tag(tags[number], None, None, _attributes(element), sourcepos=number)
            text = element.text
            if text and number not in shells and not (tags[number] in blocks and text.isspace()):
                data(text)
            open_numbers.append(number)
            number += 1


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def build(tree: Tree, start: int, left_out: Container[int], shells: Container[int] = ()) -> BeautifulSoup:
    """The soup of element `start` without the subtrees in `left_out` and the own text of `shells`."""
    return BeautifulSoup("", builder=_ChosenBuilder(tree, start, left_out, shells))
