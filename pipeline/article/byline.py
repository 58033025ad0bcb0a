"""Author, reviewer and dates from the words a reader sees, where a page does not state them for machines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from typing import cast

from lxml import etree

from .dates import locate_date
from .hints import names
from .linked_data import clean

_Search = Callable[[etree._Element], list[etree._Element]]

_MOST_ELEMENTS = 100
_MOST_HITS = 300
_WINDOW = 600
_REACH = 30
_NEAR_BEFORE, _NEAR_AFTER = 12, 40
_MOST_PIECES = 20
_MOST_STRINGS = 1000  # white space included
_LONGEST_NAME = 100
_LONGEST_BYLINE = 200
_LONGEST_DATE_LINE = 60
_WORDS = re.compile(r"[^a-z]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TAGS = re.compile(r"<[^<>]*>?")
_DATED = re.compile(r"\s(?:on|in)\s|\s?[–—|]\s?|\s-\s|\s\(|\d")
# XPath keeps the search in C; the first letter is left out for its two cases.
# The step to the parents costs time by the square of their number.
_CLASSED = cast(
    _Search,
    etree.XPath(
        f"(//@class[contains(., 'uthor') or contains(., 'yline')])[position() <= {_MOST_ELEMENTS}]/..",
        smart_strings=False,
    ),
)
_LINKED = cast(
    _Search, etree.XPath("//@rel[. = 'author']/.. | //@itemprop[. = 'author']/..", smart_strings=False)
)
_UNREAD = frozenset(("script", "style", "noscript", "template", "svg", "select", "option", "button"))


def clean_author(text: str) -> str:
    """A person's or body's name without `By` and what follows it; empty for addresses and for nobody."""
    text = " ".join(text.split()).strip(" ,;:|-–—•·")
    lead, cut = _lead_in(), _cut()
    for _ in range(3):
        shorter = lead.sub("", text, count=1)
        if shorter == text:
            break
        text = shorter
    match = cut.search(text)
    if match:
        text = text[: match.start()]
    text = text.strip(" ,;:|-–—•·/\\\"'@(")
    folded = text.casefold()
    if len(text) < 2 or len(text) > _LONGEST_NAME or folded in names("author", "nobody"):
        return ""
    if folded in names("author", "lead_in") or "://" in text or "@" in text or "www." in text:
        return ""
    return text if any(character.isalpha() for character in text) else ""


@cache
def _lead_in() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(names("author", "lead_in"), key=len, reverse=True))
    return re.compile(rf"^(?:{words})(?:\s*:\s*|\s+)(?=\S)", re.I)


@cache
def _cut() -> re.Pattern[str]:
    words = sorted(names("author", "cut"), key=len, reverse=True)
    return re.compile(rf"(?:^|[\s|•·,;(–—-])(?:{'|'.join(map(re.escape, words))})\b|[|•·]", re.I)


def is_person(text: str) -> bool:
    """Whether `text` looks like a person's full name: two to eight capitalised words and no digit."""
    words = text.split()
    return (
        2 <= len(words) <= 8
        and text[0].isupper()
        and not any(character.isdigit() for character in text)
        and all(word[0].isupper() or len(word) < 4 for word in words)
    )


def _person_in(name: str) -> str:
    """The person of `Jane Roe, MD` (all of it) or `Jane Roe, our editor` (the name), or empty."""
    if is_person(name):
        return name
    first = name.partition(",")[0]
    return first if is_person(first) else ""


def marked_author(root: etree._Element) -> str:
    """The name in the first element that a class name or rel or itemprop marks as the author's."""
    for element, sure in _marked(root):
        pieces = _few_texts(element, _MOST_PIECES)
        if not pieces or sum(map(len, pieces)) > _LONGEST_BYLINE:
            continue
        for piece in (" ".join(pieces), *pieces):
            name = clean_author(piece)
            person = _person_in(name)
            if person or (name and sure and name[0].isupper() and len(name.split()) < 6):
                return person or name
    return ""


def _marked(root: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """The elements that a class, rel or itemprop marks, and whether it is sure that they hold a name."""
    wanted = frozenset(names("author", "class"))
    unwanted = frozenset(names("author", "class_not"))
    for element in _CLASSED(root):
        words = frozenset(_WORDS.split(_HUMP.sub("-", element.get("class") or "").lower()))
        if words & wanted and not words & unwanted:
            yield element, element.get("rel") == "author" or element.get("itemprop") == "author"
    for element in _LINKED(root)[:_MOST_ELEMENTS]:
        yield element, True


class Nearby:
    """The short texts just before and after the main heading, where bylines stand."""

    def __init__(self, heading: etree._Element | None, day_first: bool | None) -> None:
        self._heading, self._day_first = heading, day_first

    @cached_property
    def lines(self) -> list[str]:
        return list(_lines_near(self._heading)) if self._heading is not None else []

    def author(self) -> str:
        """The name in a line such as `By Jane Roe`, or in the line after one that only says `By`."""
        leads = names("author", "lead_in")
        for number, line in enumerate(self.lines):
            folded = line.casefold().rstrip(" :")
            lead = next((lead for lead in leads if folded == lead or folded.startswith(lead + " ")), None)
            if lead is None or len(line) > _LONGEST_BYLINE:
                continue
            name = _person_in(
                clean_author(line if folded != lead else "".join(self.lines[number + 1 : number + 2]))
            )
            if name:
                return name
        return ""

    def date(self, place: str) -> str:
        """The date in a short line: for `published` also the first one that no cue gives to another field."""
        for date, field, line in self._dates:
            if field == place or (place == "published" and not field and not _other_date(line)):
                return date
        return ""

    @cached_property
    def _dates(self) -> list[tuple[str, str, str]]:
        """The dates of short lines, each with the field that a cue before it gives it to, and its line."""
        found: list[tuple[str, str, str]] = []
        said: list[str] = []  # a cue may stand some short lines above its date
        for line in self.lines:
            if len(line) > _LONGEST_DATE_LINE:
                said.clear()
                continue
            folded = line.casefold()
            at, date = locate_date(line, self._day_first)
            if date:
                found.append((date, _last_cue(" ".join((*said[-3:], folded[:at]))), folded))
                said.clear()
            else:
                said.append(folded)
        return found


def _lines_near(heading: etree._Element) -> Iterator[str]:
    before: list[str] = []
    element: etree._Element | None = heading
    steps = 0
    while element is not None and len(before) < _NEAR_BEFORE and steps < 4 * _NEAR_BEFORE:
        steps += 1
        previous = element.getprevious()
        if previous is None:
            element = element.getparent()
            continue
        element = previous
        if isinstance(element.tag, str) and element.tag not in _UNREAD and element.tag != "head":
            before.extend(reversed(_few_texts(element, _NEAR_BEFORE)))
    yield from reversed(before[:_NEAR_BEFORE])
    count = 0
    for text in _texts_after(heading):
        line = clean(text, _LONGEST_BYLINE + 1)
        if line:
            yield line
            count += 1
            if count == _NEAR_AFTER:
                return


def _few_texts(element: etree._Element, most: int) -> list[str]:
    """The texts in an element, or none when there are more than `most`."""
    texts = []
    for number, text in enumerate(element.itertext()):
        line = clean(str(text), _LONGEST_BYLINE + 1)
        if line:
            texts.append(line)
        if len(texts) > most or number > _MOST_STRINGS:
            return []
    return texts


def _texts_after(heading: etree._Element) -> Iterator[str]:
    element: etree._Element = heading
    for _ in range(400):
        tail = element.tail
        if tail and not tail.isspace():
            yield tail
        following = element.getnext()
        while following is None:
            parent = element.getparent()
            if parent is None or parent.tag == "body":
                return
            element = parent
            if element.tail and not element.tail.isspace():
                yield element.tail
            following = element.getnext()
        element = following
        while isinstance(element.tag, str) and element.tag not in _UNREAD:
            if element.text and not element.text.isspace():
                yield element.text
            if not len(element):
                break
            element = element[0]


class Source:
    """The source of a page, to look for values that stand behind a cue such as `Last reviewed:`."""

    def __init__(self, text: str) -> None:
        self._source = text
        self._found: dict[str, list[int]] = {}

    @cached_property
    def _text(self) -> str:
        return _without_scripts(self._source)

    def date(self, place: str, day_first: bool | None) -> str:
        """The date within 120 characters after a cue of `place`, or empty."""
        for window in self._windows(place):
            line = " ".join(window.split())[:120]
            at, date = locate_date(line, day_first)
            if date and _last_cue(line[:at].casefold()) in ("", place):
                return date
        return ""

    def reviewer(self) -> str:
        """The name that follows a cue of `reviewed_by`, or empty."""
        for window in self._windows("reviewed_by"):
            for line in window.split("\n")[:4]:
                name = clean_author(_DATED.split(clean(line, 200), maxsplit=1)[0])
                if is_person(name):
                    return name
                if name:
                    break
        return ""

    def _windows(self, place: str) -> Iterator[str]:
        """What follows each cue on the page, tags turned into line breaks."""
        cues = _cues(place)
        for anchor in names(place, "anchor"):
            for at in self._hits(anchor):
                start = max(0, at - _REACH)
                for match in cues.finditer(self._text[start : at + _REACH]):
                    if match.start() <= at - start < match.end() and self._is_shown(at):
                        end = start + match.end()
                        yield _TAGS.sub("\n", self._text[end : end + _WINDOW]).lstrip(" \t\r\n:")
                        break

    def _hits(self, anchor: str) -> list[int]:
        if anchor not in self._found:
            hits = self._found[anchor] = []
            at = self._text.find(anchor)
            while at >= 0 and len(hits) < _MOST_HITS:
                hits.append(at)
                at = self._text.find(anchor, at + 1)
        return self._found[anchor]

    def _is_shown(self, at: int) -> bool:
        """Whether the character is text and not inside a tag or, as far as the last tag tells, a script."""
        start = self._text.rfind("<", max(0, at - _WINDOW), at)
        if start < 0:
            return False
        closed = self._text.find(">", start, at)
        return closed >= 0 and not self._text.startswith(("<script", "<style", "<!--"), start)


def _without_scripts(text: str) -> str:
    """`text` without what stands in script elements, which is more than half of a page."""
    parts = []
    start = 0
    while (opened := text.find("<script", start)) >= 0:
        closed = text.find("</script", opened)
        if closed < 0:
            break
        parts.append(text[start:opened])
        start = closed
    return "".join((*parts, text[start:]))


def _last_cue(folded: str) -> str:
    """The field whose cue stands last in `folded`, or empty."""
    last = dict.fromkeys(("modified", "reviewed", "published"), -1)
    for field in last:
        for match in _cues(field).finditer(folded):
            last[field] = match.end()
    field = max(last, key=last.__getitem__)
    return field if last[field] >= 0 else ""


def _other_date(folded: str) -> bool:
    return any(words in folded for words in names("published", "cue_not"))


@cache
def _cues(place: str) -> re.Pattern[str]:
    words = sorted(names(place, "cue"), key=len, reverse=True)
    return re.compile(rf"(?<![a-z])(?:{'|'.join(map(re.escape, words))})(?![a-z])", re.I)
