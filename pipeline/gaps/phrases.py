"""Candidate phrases of one block that matched nothing, where the words around them say that they name something."""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..errors import VocabularyError
from ..explain.whereabouts import norm
from ..fold import fold
from ..model import Kind
from ..norms import WORD
from ..terminology import Terminology
from ..tsv import VOCABULARY, read_rows

FILE = "gaps.tsv"
COLUMNS = ("kind", "words", "label")
_KINDS = ("section", "heads", "head", "opening", "lead", "noun", "skip", "skips", "bares")
_NONE = "none"  # the label of nouns that hold nothing for us
_MOST_WORDS = 5  # of a phrase
_MOST_BEFORE = 3  # words before a head, or behind an opening
_LONGEST_LEAD = 6  # words between a noun and `such as`
_WORD = re.compile(WORD)
_INSIDE = ("determiner", "article", "preposition")  # classes of words that may stand inside a phrase
_JOINS = (",", "and", "or", ";", "/")
_ENDS = (".", "!", "?", ":", "(", ")")

Marked = tuple[int, int, str]
_NO_MENTION: Marked = (sys.maxsize, sys.maxsize, "")


class Evidence(StrEnum):
    """What made a phrase a candidate."""

    LIST = "list"
    LEAD = "lead"
    OPENING = "opening"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Seen:
    """A candidate at `[start, end)` of the block's text."""

    start: int
    end: int
    label: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    norm: str
    lower: str
    marked: str  # the label of the mention it is part of


class Phrases:
    """Finds candidates. Reads `gaps.tsv` once; finding keeps no state."""

    def __init__(self, words: Terminology, folder: Path = VOCABULARY) -> None:
        classes: dict[str, list[str]] = defaultdict(list)
        for word in words.lexicon:
            classes[word.kind].append(word.form)
        self._sections: dict[str, str] = {}
        self._heads: dict[str, str] = {}
        self._nouns: dict[tuple[str, ...], str] = {}
        self._skip: set[str] = set()
        inside = [form for kind in _INSIDE for form in classes[kind]]
        self._inside = {norm()(fold(form)) for form in inside}
        self._bare: set[str] = set()  # say nothing alone, as parts of the body
        self._openings: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self._leads: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for row in read_rows(folder, FILE, COLUMNS):
            kind, words_of, label = row["kind"], row["words"], row["label"]
            if kind not in _KINDS:
                raise VocabularyError(row.where, f"has the kind {kind!r}", f"Use one of {', '.join(_KINDS)}.")
            if kind in ("heads", "skips", "bares") and words_of not in classes:
                raise VocabularyError(
                    row.where, f"names the class {words_of!r}", "Name a class of lexicon.tsv."
                )
            normal = _norms(words_of)
            match kind:
                case "section":
                    self._sections[words_of] = label
                case "heads":
                    self._heads |= {norm()(fold(form)): label for form in classes[words_of]}
                case "head":
                    self._heads[normal[-1]] = label
                case "noun":
                    self._nouns[normal] = label
                case "opening":
                    self._openings[normal[0]].append((normal, label))
                case "lead":
                    self._leads[normal[0]].append((normal, label))
                case "skip":
                    self._skip.update(normal)
                case "bares":
                    self._bare.update(norm()(fold(form)) for form in classes[words_of])
                case _:
                    self._skip.update(norm()(fold(form)) for form in classes[words_of])
        for index in (self._openings, self._leads):
            for entries in index.values():
                entries.sort(key=lambda entry: -len(entry[0]))

    def find(self, text: str, kind: Kind, section: str, mentions: Sequence[Marked]) -> Iterator[Seen]:
        """The candidates in the text of a block, each stretch once, that with the best evidence."""
        tokens = _tokens(text, mentions)
        found: dict[tuple[int, int], Seen] = {}
        for seen in (
            *self._item(tokens, kind, section),
            *self._enumerations(tokens),
            *self._opened(tokens),
            *self._headed(tokens),
        ):
            if not any(start < seen.end and seen.start < end for start, end in found):
                found[seen.start, seen.end] = seen
        yield from found.values()

    def _item(self, tokens: Sequence[_Token], kind: Kind, section: str) -> Iterator[Seen]:
        """The words of a list item, up to the first full stop, colon, bracket or dash."""
        label = self._sections.get(section, "")
        if kind is not Kind.LIST_ITEM or not label:
            return
        end = next((n for n, token in enumerate(tokens) if token.lower in (*_ENDS, "-")), len(tokens))
        for first, last in _parts(tokens, 0, end):
            yield from self._whole(tokens, first, last, label, Evidence.LIST)

    def _enumerations(self, tokens: Sequence[_Token]) -> Iterator[Seen]:
        for place, lead, label in _matches(tokens, self._leads):
            first = place + lead
            if first < len(tokens) and tokens[first].lower == ":":
                first += 1
            end = next((n for n in range(first, len(tokens)) if tokens[n].lower in _ENDS), len(tokens))
            label = label or self._told(tokens, place, tokens[first:end])
            if label and label != _NONE:
                for start, stop in _parts(tokens, first, end):
                    if self._is_clause(tokens, start, stop):
                        break
                    yield from self._whole(tokens, start, stop, label, Evidence.LEAD)

    def _is_clause(self, tokens: Sequence[_Token], first: int, last: int) -> bool:
        """Whether a part of an enumeration is none, but goes on the sentence: `and nobody knows why`."""
        words = [token.norm for token in tokens[first:last]]
        while words and words[0] in self._skip:
            words.pop(0)
        return any(word in self._skip and word not in self._inside for word in words)

    def _told(self, tokens: Sequence[_Token], place: int, listed: Sequence[_Token]) -> str:
        """What an enumeration holds, as the noun before its lead or the mentions in it say."""
        for end in range(place, max(0, place - _LONGEST_LEAD), -1):
            for length in (2, 1):
                words = tuple(token.norm for token in tokens[max(0, end - length) : end])
                if words in self._nouns:
                    return self._nouns[words]
            if tokens[end - 1].lower in _ENDS:
                break
        labels = Counter(token.marked for token in listed if token.marked)
        return min(labels, key=lambda label: (-labels[label], label)) if labels else ""

    def _opened(self, tokens: Sequence[_Token]) -> Iterator[Seen]:
        for place, length, label in _matches(tokens, self._openings):
            first = place + length
            last = first
            while last < len(tokens) and last - first < _MOST_BEFORE and self._content(tokens[last]):
                last += 1
            if last > first and not any(token.marked for token in tokens[place:last]):
                yield Seen(tokens[place].start, tokens[last - 1].end, label, Evidence.OPENING)

    def _headed(self, tokens: Sequence[_Token]) -> Iterator[Seen]:
        for place, token in enumerate(tokens):
            label = self._heads.get(token.norm, "")
            # A head that is a mention by itself is one half known: pain, in a kind of pain that matched nothing.
            alone = not token.marked or (place > 0 and not tokens[place - 1].marked)
            if not label or not alone or (place + 1 < len(tokens) and self._goes_on(tokens, place)):
                continue
            first = place
            while first > 0 and place - first < _MOST_BEFORE and self._content(tokens[first - 1]):
                if tokens[first - 1].marked:
                    break
                first -= 1
            if first < place and not (first > 0 and tokens[first - 1].marked):
                yield Seen(tokens[first].start, token.end, token.marked or label, Evidence.HEAD)

    def _goes_on(self, tokens: Sequence[_Token], place: int) -> bool:
        """Whether the head is only a word before another: `disease control`, `American Heart Failure Society`."""
        following = tokens[place + 1]
        return bool(following.marked) or self._content(following)

    def _whole(
        self, tokens: Sequence[_Token], first: int, last: int, label: str, evidence: Evidence
    ) -> Iterator[Seen]:
        """The words `first` to `last` without skipped ones at either end, if they are few and no mention."""
        while first < last and (tokens[first].norm in self._skip or not tokens[first].lower.isalnum()):
            first += 1
        while first < last and tokens[last - 1].norm in self._skip:
            last -= 1
        words = tokens[first:last]
        if self._is_clause(tokens, first, last):
            return
        if not 0 < len(words) <= _MOST_WORDS or any(token.marked for token in words):
            return
        if all(token.norm in self._heads or token.norm in self._bare for token in words):
            return
        if all(token.lower.replace("'", "").isalnum() for token in words) and not words[0].lower.isdecimal():
            yield Seen(words[0].start, words[-1].end, label, evidence)

    def _content(self, token: _Token) -> bool:
        return token.lower.isalpha() and len(token.lower) > 1 and token.norm not in self._skip


def _tokens(text: str, mentions: Sequence[Marked]) -> list[_Token]:
    tokens = []
    following = iter(sorted(mentions))
    first, last, label = next(following, _NO_MENTION)
    for match in _WORD.finditer(fold(text)):
        start, end = match.span()
        while start >= last:
            first, last, label = next(following, _NO_MENTION)
        marked = label if first < end else ""
        tokens.append(_Token(start, end, norm()(match[0]), match[0].lower(), marked))
    return tokens


def _norms(words: str) -> tuple[str, ...]:
    return tuple(norm()(word) for word in _WORD.findall(fold(words)))


def _matches(
    tokens: Sequence[_Token], index: dict[str, list[tuple[tuple[str, ...], str]]]
) -> Iterator[tuple[int, int, str]]:
    """Where words of `index` stand, the longest at each place: place, number of words, label."""
    place = 0
    while place < len(tokens):
        for words, label in index.get(tokens[place].norm, ()):
            if tuple(token.norm for token in tokens[place : place + len(words)]) == words:
                yield place, len(words), label
                place += len(words) - 1
                break
        place += 1


def _parts(tokens: Sequence[_Token], first: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of an enumeration between commas, `and` and `or`."""
    start = first
    for place in range(first, end):
        if tokens[place].lower in _JOINS:
            yield start, place
            start = place + 1
    yield start, end
