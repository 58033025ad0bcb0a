"""Abbreviations that the text itself defines, valid from then on: `amyotrophic lateral sclerosis (ALS)`.

The match of letters follows Schwartz & Hearst 2003 (A simple algorithm for identifying abbreviation definitions in
biomedical text), both orders; a definition whose long form is no mention switches a wrong short form off.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from .candidates import Candidate, Rank, add, winners
from .words import starts_of, text_of

_SHORT = re.compile(r"\(\s*(?:or\s+|also called\s+)?([A-Za-z][A-Za-z0-9/&. -]{0,9}?)s?\s*(?:[;,][^()]*)?\)")
_MOST_WORDS = 10


def matches(short: str, long: str) -> bool:
    """Whether the letters of `short` occur in order in `long`, the first at the start of a word.

    >>> matches("ALS", "amyotrophic lateral sclerosis"), matches("BP", "the table")
    (True, False)
    """
    letters = [letter for letter in short.lower() if letter.isalnum()]
    place = len(long)
    lower = long.lower()
    for number, letter in enumerate(reversed(letters)):
        first = number == len(letters) - 1
        place = lower.rfind(letter, 0, place)
        while first and place > 0 and lower[place - 1].isalnum():
            place = lower.rfind(letter, 0, place)
        if place < 0:
            return False
    return bool(letters)


class Abbreviations:
    """Component: candidates for the short forms that the text defines."""

    def __call__(self, doc: Doc) -> Doc:
        text = text_of(doc)
        if "(" not in text:
            return doc
        defined: dict[str, Candidate] = {}
        for short, meaning, start in self._definitions(doc, text):
            defined.setdefault(short, replace(meaning, start=start, end=start, rank=Rank.DEFINED, claim=None))
        if defined:
            add(doc, self._occurrences(doc, defined))
        return doc

    def _definitions(self, doc: Doc, text: str) -> Iterator[tuple[str, Candidate, int]]:
        """Short form, the candidate that tells its meaning, and the token where the definition stands."""
        known = {one.end: one for one in winners(doc) if one.label}
        begins = {one.start: one for one in winners(doc) if one.label}
        starts = starts_of(doc)
        for match in _SHORT.finditer(text):
            opening = bisect_left(starts, match.start())
            short = match[1].strip()
            if sum(letter.isupper() for letter in short) < 2:
                continue
            long = known.get(opening)
            if long is not None and long.end - long.start > 1:
                if matches(short, doc[long.start : long.end].text):
                    yield short, long, opening
                continue
            if long is None and (first := self._long_form(doc, opening, short)) is not None:
                yield short, Candidate(first, opening, "", "", "defined in the text", Rank.DEFINED), opening
        for one in winners(doc):
            # The other order, ALS (amyotrophic lateral sclerosis).
            if one.start == 0 or not (0 < one.end < len(doc)):
                continue
            if one.start > 1 and doc[one.start - 1].text == "(" and doc[one.end].text == ")":
                short = doc[one.start - 2].text
                inside = begins.get(one.start)
                if inside and short.isupper() and 2 <= len(short) <= 8 and one.end - one.start > 1:
                    if matches(short, doc[one.start : one.end].text):
                        yield short, inside, one.start - 2

    @staticmethod
    def _long_form(doc: Doc, opening: int, short: str) -> int | None:
        """The first token of the long form before the bracket when each letter of `short` begins one of its words."""
        letters = [letter for letter in short.lower() if letter.isalpha()]
        first = opening - len(letters)
        if first < 0 or len(letters) > _MOST_WORDS:
            return None
        initials = [token.lower_[0] for token in doc[first:opening]]
        return first if initials == letters else None

    @staticmethod
    def _occurrences(doc: Doc, defined: dict[str, Candidate]) -> Iterator[Candidate]:
        matcher = PhraseMatcher(doc.vocab, attr="ORTH")
        words = type(doc)
        for short in defined:
            pieces = re.findall(r"\d+|[A-Za-z]+|\S", short)
            forms = [pieces]
            if pieces[-1].isalpha():
                forms.append([*pieces[:-1], pieces[-1] + "s"])
            matcher.add(short, [words(doc.vocab, words=form) for form in forms])
        for key, start, end in matcher(doc):
            meaning = defined[doc.vocab.strings[key]]
            if start >= meaning.start:
                yield replace(meaning, start=start, end=end)
