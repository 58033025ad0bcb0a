"""The first characters of an element's text, in a bounded number of steps."""

from __future__ import annotations

from lxml import etree

_MOST_PIECES = 1000


def first_text(element: etree._Element, most: int) -> str:
    """The texts in `element` with blanks between them until they have `most` characters.

    Elements that stand inside each other hold the same text: without bounds, reading each of them whole would
    take time by the square of the page.
    """
    pieces: list[str] = []
    size = 0
    for number, piece in enumerate(element.itertext()):
        pieces.append(str(piece))
        size += len(piece) + 1
        if size > most or number >= _MOST_PIECES:
            break
    return " ".join(pieces)
