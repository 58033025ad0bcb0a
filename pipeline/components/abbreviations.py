"""Abbreviations that the text itself defines, valid from then on: `amyotrophic lateral sclerosis (ALS)`.

The match of letters follows Schwartz & Hearst 2003 (A simple algorithm for identifying abbreviation definitions in
biomedical text), both orders; a definition whose long form is no mention switches a wrong short form off.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from itertools import compress, count

from spacy.attrs import ORTH
from spacy.tokens import Doc

from .candidates import Candidate, Rank, add, winners
from .concepts import slug
from .lexicon import Lexicon
from .words import starts_of, text_of, values_of

_SHORT = re.compile(r"\(\s*(?:or\s+|also called\s+)?([A-Za-z][A-Za-z0-9/&. -]{0,9}?)s?\s*(?:[;,][^()]*)?\)")
_MOST_WORDS = 10
_LONGEST = 250
_REACH = 5
_SMALL = ("determiner", "preposition", "connector")


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

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def __call__(self, doc: Doc) -> Doc:
        defined: dict[str, Candidate] = {}
        for short, meaning, start in (*self._bracketed(doc), *self._aliases(doc)):
            defined.setdefault(short, replace(meaning, start=start, end=start, rank=Rank.DEFINED, claim=None))
        if defined:
            add(doc, self._occurrences(doc, defined))
        return doc

    def _bracketed(self, doc: Doc) -> Iterator[tuple[str, Candidate, int]]:
        """Short form, the candidate that tells its meaning, and the token where the definition stands."""
        text = text_of(doc)
        if "(" not in text:
            return
        known = {one.end: one for one in winners(doc)}
        starts = starts_of(doc)
        for match in _SHORT.finditer(text):
            opening = bisect_left(starts, match.start())
            short = match[1].strip()
            if sum(letter.isupper() for letter in short) < 2:
                continue
            long = known.get(opening)
            first = self._long_form(doc, opening, short)
            if long is None or not long.label:
                if first is not None:
                    yield (
                        short,
                        Candidate(first, opening, "", "", "defined in the text", Rank.DEFINED),
                        opening,
                    )
            elif matches(short, doc[long.start : long.end].text):
                yield short, long, opening
            elif first is not None and first < long.start:
                name = slug(doc[first:opening].text)
                yield short, replace(long, concept_id=f"{long.label.lower()}:{name}"), opening

    def _aliases(self, doc: Doc) -> Iterator[tuple[str, Candidate, int]]:
        """The other order, `ALS (amyotrophic lateral sclerosis)`, and `patent ductus arteriosus, or PDA`."""
        for one in winners(doc):
            if not one.label or one.end - one.start < 2:
                continue
            place = one.end
            while (
                place < len(doc) - 1 and place < one.end + _REACH and self._lexicon.has(doc[place], "alias")
            ):
                place += 1
            around = []
            if place > one.end:
                around.append(place)
            if one.start > 1 and doc[one.start - 1].text == "(":
                around.append(one.start - 2)
            for place in around:
                short = doc[place].text
                if short.isupper() and 2 <= len(short) <= 8 and matches(short, doc[one.start : one.end].text):
                    yield short, one, place

    def _long_form(self, doc: Doc, opening: int, short: str) -> int | None:
        """The first token of the long form before the bracket when each letter of `short` begins one of its words.

        Words such as `of` and `the` may stand between them.
        """
        letters = [letter for letter in short.lower() if letter.isalpha()]
        place = opening
        while letters and place > 0 and opening - place <= _MOST_WORDS:
            place -= 1
            if doc[place].lower_[0] == letters[-1]:
                letters.pop()
            elif place == opening - 1 or not any(self._lexicon.has(doc[place], kind) for kind in _SMALL):
                return None
        # Each short form repeats the long one in its row.
        fits = not letters and len(doc[place:opening].text) <= _LONGEST
        return place if fits else None

    @staticmethod
    def _occurrences(doc: Doc, defined: dict[str, Candidate]) -> Iterator[Candidate]:
        words, strings = values_of(doc, ORTH), doc.vocab.strings
        forms: dict[int, list[tuple[list[int], Candidate]]] = {}
        for short, meaning in defined.items():
            pieces = re.findall(r"\d+|[A-Za-z]+|\S", short)
            plural = [*pieces[:-1], pieces[-1] + "s"]
            for spelled in (pieces, plural) if pieces[-1].isalpha() else (pieces,):
                hashes = [strings[piece] for piece in spelled]
                forms.setdefault(hashes[0], []).append((hashes, meaning))
        # No PhraseMatcher, which for a few forms takes longer to be made than this.
        for start in compress(count(), map(forms.__contains__, words)):
            for form, meaning in forms[words[start]]:
                end = start + len(form)
                if start >= meaning.start and words[start:end] == form:
                    yield replace(meaning, start=start, end=end)
