"""What a page, a heading and a lead-in are about: the ends of relations that sentences and list items do not name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..model import Article, Assertion, Kind, Mention
from .words import NONE, relation_words

FINDINGS = ("SYMPTOM", "CONDITION")
MEDICATION = "MEDICATION"
ANY = (*FINDINGS, MEDICATION)
MOST_IN_TITLE = 3  # A title with more concepts names no subject.
# Without a title that tells: the condition or drug that is named most, at least so often, so many times as often as
# the next, and among the first mentions.
LEAST, LEAD, EARLY = 4, 2, 5
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LONGEST = 1000  # Characters of a heading or lead-in that are read, the last; the cache keeps no longer ones.
_OTHERS = (Assertion.OTHER, Assertion.HISTORICAL)
_RED_FLAG = "red_flag_for"
_BESIDE_RED_FLAG = frozenset((_RED_FLAG, "symptom_of", "treats"))


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands under a heading or behind a lead-in: a kind (see relation_words), whether it is hedged, the mentions
    of the heading that say what it is about, and the heading."""

    kind: str
    hedged: bool
    mentions: tuple[int, ...] = ()
    heading: str = ""


def heading_frame(text: str) -> tuple[str, bool]:
    """(kind, hedged) of a heading or lead-in; the kind is empty when it says none, NONE when two or that none."""
    return _heading_frame(text[-_LONGEST:])


@lru_cache(maxsize=10_000)
def _heading_frame(text: str) -> tuple[str, bool]:
    words = relation_words()
    tokens = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    told = frozenset(tokens)
    kinds = {cue.kind for cue, _, _ in words.headings.find(" ".join(tokens) + " ", told)}
    hedged = not words.sets["hedge"].isdisjoint(told)
    if _RED_FLAG in kinds and kinds <= _BESIDE_RED_FLAG:
        return _RED_FLAG, False
    return (NONE if len(kinds) > 1 else kinds.pop() if kinds else ""), hedged


class Subjects:
    """The subjects of one article and of its headings."""

    def __init__(self, article: Article, mentions: Sequence[Mention]) -> None:
        self._article = article
        self._mentions = mentions
        self.by_block: dict[int, list[int]] = {}
        for number, mention in enumerate(mentions):
            self.by_block.setdefault(mention.block, []).append(number)
        self._headings: dict[str, list[int]] = {}
        self._title: list[int] = []
        for block, numbers in self.by_block.items():
            place = article.blocks[block]
            if place.kind is Kind.TITLE and not self._title:
                self._title = [n for n in numbers if mentions[n].assertion is not Assertion.ABSENT]
            if place.kind is not Kind.PARAGRAPH:
                self._headings.setdefault(article.text[place.start : place.end], numbers)
        self._pages: dict[tuple[str, ...], int] = {}
        self._frames: dict[tuple[str, ...], Frame | None] = {}

    def in_heading(self, text: str) -> Sequence[int]:
        """The mentions of the heading, list term or header cell `text`."""
        return self._headings.get(text, ())

    def one(self, numbers: Iterable[int], labels: Sequence[str]) -> int | None:
        """The one concept with one of `labels` among mentions, as its first mention; -1: there is none, None: several.

        What stands in brackets behind another is its brand, abbreviation or other name.
        """
        first = -1
        for number in numbers:
            mention = self._mentions[number]
            if mention.label not in labels or mention.assertion in _OTHERS:
                continue
            if first < 0:
                first = number
            elif mention.concept_id != self._mentions[first].concept_id and not self._in_brackets(mention):
                return None
        return first

    def _in_brackets(self, mention: Mention) -> bool:
        before = self._article.text[self._article.blocks[mention.block].start : mention.start]
        return before.count("(") > before.count(")")

    def page(self, labels: tuple[str, ...]) -> int:
        """The mention that tells what the page is about, of one of `labels`; -1 when that is unclear."""
        if labels not in self._pages:
            self._pages[labels] = self._page(labels)
        return self._pages[labels]

    def _page(self, labels: tuple[str, ...]) -> int:
        if not self._title:
            return self._told(labels)
        mentions = self._mentions
        numbers = [number for number in self._title if mentions[number].label in labels]
        if not numbers or len({mentions[number].concept_id for number in self._title}) > MOST_IN_TITLE:
            return -1
        counts = Counter(mention.concept_id for mention in mentions)
        # A condition or a drug before a symptom, then what is named most.
        weights = {n: (mentions[n].label != "SYMPTOM", counts[mentions[n].concept_id]) for n in numbers}
        best = max(numbers, key=lambda n: (weights[n], -n))
        rivals = [n for n in numbers if mentions[n].concept_id != mentions[best].concept_id]
        return -1 if any(weights[n] == weights[best] for n in rivals) else best

    def _told(self, labels: tuple[str, ...]) -> int:
        """The subject by what the page says that it is about, else the concept that is named most."""
        about = {name.lower() for name in self._article.metadata.about}
        if about:
            for number, mention in enumerate(self._mentions):
                if mention.label in labels and {mention.concept.lower(), mention.text.lower()} & about:
                    return number
        named = Counter(one.concept_id for one in self._mentions if one.label in ("CONDITION", MEDICATION))
        ranked = named.most_common(2)
        if not ranked or ranked[0][1] < LEAST or (len(ranked) > 1 and ranked[0][1] < LEAD * ranked[1][1]):
            return -1
        for number, mention in enumerate(self._mentions[:EARLY]):
            if mention.label in labels and mention.concept_id == ranked[0][0]:
                return number
        return -1

    def around(self, block: int, labels: tuple[str, ...]) -> int:
        """What a block speaks of: the concept of `labels` in its innermost heading that has one, else the page's; -1
        when that is unclear."""
        for heading in reversed(self._article.blocks[block].trail):
            found = self.one(self.in_heading(heading), labels)
            if found != -1:
                return -1 if found is None else found
        return self.page(labels)

    def frame(self, block: int) -> Frame | None:
        """What the headings above a block say of it: the innermost that says something, with the mentions of that
        heading or of a heading within it."""
        trail = self._article.blocks[block].trail
        if trail not in self._frames:
            self._frames[trail] = self._frame(trail)
        return self._frames[trail]

    def barred(self, block: int) -> bool:
        """Whether the innermost heading that says something says that what stands under it is no relation."""
        for heading in reversed(self._article.blocks[block].trail):
            kind = heading_frame(heading)[0]
            if kind or self.in_heading(heading):
                return kind == NONE
        return False

    def _frame(self, trail: Sequence[str]) -> Frame | None:
        inner: tuple[int, ...] = ()
        hedged = False
        for heading in reversed(trail):
            kind, unsure = heading_frame(heading)
            hedged = hedged or unsure
            if kind == NONE:
                return None
            numbers = self.in_heading(heading)
            if kind:
                return Frame(kind, hedged, inner or tuple(numbers), heading)
            inner = inner or tuple(n for n in numbers if self._mentions[n].label in ANY)
        return None
