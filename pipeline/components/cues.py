"""Find cues, the words that change what a text says of a mention, in the words of a sentence.

A cue is written as words with a little grammar: `(is|are|) not` for alternatives, `{0-3}` for so many
arbitrary words, `#` for a number, `^` for the start of a statement, `^?` for the start of a question, `$` for
the end of a sentence, `--` for a dash between spaces. Contractions are spelt out first (`word_forms.tsv`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import VocabularyError
from ..fold import fold
from ..model import Assertion
from ..terminology import Cue
from .sieve import Sieve

ASSERTIONS = frozenset(Assertion)  # before Python 3.12 a plain string is no member
PSEUDO, JOIN, STOP = "pseudo", "join", "stop:"
START, QUESTION, END, NUMBER, DASH, COMMA, COLON = "^", "^?", "$", "#", "--", ",", ":"
_NOT = "n't"
_WORD = re.compile(
    r"[^\W\d_]+n't\b|[^\W\d_]+|'(?:s|d|m|re|ve|ll)\b|\d+(?:[.,]\d+)*|(?<=\s)-+(?=\s)|\([-+]\)|\S"
)
_PART = re.compile(r"\([^()]*\)|\{\d+-\d+\}|[^\s(){}]+")
_GAP = re.compile(r"\{(\d+)-(\d+)\}")


@dataclass(frozen=True, slots=True)
class Words:
    """The lower-case words of a sentence and their offsets; the first and the last mark start and end."""

    words: list[str]
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class Found:
    """A cue in a sentence: its first word, the word behind its last, the words it takes literally."""

    first: int
    last: int
    literal: tuple[int, ...]
    cue: Cue


class _State:
    """A place within cues: what may follow, and the cues that are complete here."""

    __slots__ = ("any", "cues", "next")

    def __init__(self) -> None:
        self.next: dict[str, list[_State]] = {}
        self.any: list[_State] = []
        self.cues: list[Cue] = []


class Cues:
    """An index of cues. `find` costs little where no cue stands."""

    def __init__(self, cues: Iterable[Cue], forms: Mapping[str, Sequence[str]]) -> None:
        self._forms = dict(forms)
        self._root = _State()
        self._sieve: Sieve[str, Cue] = Sieve()
        self.joins: set[str] = set()
        cues = tuple(cues)
        groups = {cue.category.removeprefix(STOP) for cue in cues if cue.category.startswith(STOP)}
        for cue in cues:
            _check(cue, groups)
            if cue.category == JOIN:
                self.joins.update(cue.text.strip("()").split("|"))
            else:
                self._add(cue)
            if self._root.any or self._root.cues:
                raise VocabularyError(
                    cue.where, f"the cue {cue.text!r} needs no word", "Begin it with a word."
                )
            if cue.category in ASSERTIONS:
                asked = self._asked(cue)
                self._sieve.add(cue, asked, min(asked, key=_frequency, default=()))
        self._opening = {word: _merged(states) for word, states in self._root.next.items()}

    def may_decide(self, text: str, start: int, end: int) -> bool:
        """Whether `text[start:end]` holds the words of some cue that decides; for most sentences it does not.

        Takes a tenth of the time of `words` and `find`.
        """
        sentence = text[start:end].lower()
        held = set(_WORD.findall(sentence))
        if _NOT in sentence:
            held |= {part for word in held if word.endswith(_NOT) for part in (word[: -len(_NOT)], "not")}
        held |= {part for word in held & self._forms.keys() for part in self._forms[word]}
        return any(True for _ in self._sieve.passing(held))

    def words(self, text: str, start: int, end: int) -> Words:
        """The words of `text[start:end]`, a folded text; offsets are those of `text`."""
        asks = text[start:end].rstrip("\"') ").endswith("?")
        words, starts, ends = [QUESTION if asks else START], [start], [start]
        for match in _WORD.finditer(text, start, end):
            word = match[0].lower()
            first, last = match.span()
            parts: Sequence[str]
            if word in self._forms:
                parts = self._forms[word]
            elif word.isalpha():
                parts = (word,)
            elif word[0].isdecimal():
                parts = (NUMBER,)
            elif word.endswith(_NOT):
                parts = (word[: -len(_NOT)], "not")
            elif word[0] == "-" and first > start and text[first - 1].isspace():
                parts = (DASH,)
            else:
                parts = (word,)
            for part in parts:
                words.append(part)
                starts.append(first)
                ends.append(last)
        words.append(END)
        starts.append(end)
        ends.append(end)
        return Words(words, starts, ends)

    def find(self, words: Sequence[str], taken: Sequence[bool] | bytearray) -> list[Found]:
        """The cues of a sentence in order, none that takes a `taken` word.

        Of those that share words the longest stands, a pseudo cue before others, a forward before a backward
        one. Cues of the very same words stand together (`negative` looks both ways), and so do stops.
        """
        every: list[tuple[tuple[int, ...], Cue]] = []
        count = len(words)
        for first, word in enumerate(words):
            if taken[first] or word not in self._opening:
                continue
            ways: list[tuple[_State, int, tuple[int, ...]]] = [(self._opening[word], first + 1, (first,))]
            while ways:
                state, place, literal = ways.pop()
                if state.cues:
                    every += [(literal, cue) for cue in state.cues]
                if place == count:
                    continue
                word = words[place]
                if word in state.next and not taken[place]:
                    ways += [(following, place + 1, (*literal, place)) for following in state.next[word]]
                if state.any and (word[0].isalnum() or word == NUMBER):
                    ways += [(following, place + 1, literal) for following in state.any]
        every.sort(key=_precedence)
        used: set[int] = set()
        barred: set[int] = set()
        alike: set[tuple[int, ...]] = set()
        found = []
        for literal, cue in every:
            if cue.category.startswith(STOP):
                stands = literal in alike or (barred.isdisjoint(literal) and not used.issuperset(literal))
            else:
                stands = literal in alike or used.isdisjoint(literal)
                if stands:
                    used.update(literal)
                    (barred.update if cue.category == PSEUDO else alike.add)(literal)
            if stands:
                found.append(Found(literal[0], literal[-1] + 1, literal, cue))
        found.sort(key=lambda one: one.first)
        return found

    def _add(self, cue: Cue) -> None:
        """Add the ways through the cue's words, which share what can be shared."""
        ends = [self._root]
        for part in _PART.findall(cue.text):
            gap = _GAP.fullmatch(part)
            if gap:
                least, most = int(gap[1]), int(gap[2])
                passed = list(ends) if least == 0 else []
                for times in range(1, most + 1):
                    behind = _State()
                    for state in ends:
                        state.any.append(behind)
                    ends = [behind]
                    if times >= least:
                        passed.append(behind)
                ends = passed
                continue
            behind = _State()
            following = []
            for choice in part[1:-1].split("|") if part[0] == "(" else (part,):
                words = self._spell(choice)
                if not words:
                    following += ends
                before = ends
                for left, word in zip(range(len(words) - 1, -1, -1), words, strict=True):
                    target = _State() if left else behind
                    for state in before:
                        state.next.setdefault(word, []).append(target)
                    before = [target]
            ends = [*following, behind]
        for state in ends:
            state.cues.append(cue)

    def _asked(self, cue: Cue) -> list[set[str]]:
        """Sets of words of which a sentence with the cue holds one each."""
        asked = []
        for part in _PART.findall(cue.text):
            choices = part[1:-1].split("|") if part[0] == "(" else (part,)
            words = [max(filter(str.isalpha, self._spell(choice)), key=len, default="") for choice in choices]
            if all(words) and not _GAP.fullmatch(part):
                asked.append(set(words))
        return asked

    def _spell(self, text: str) -> tuple[str, ...]:
        if text in (START, QUESTION, END, NUMBER, DASH):
            return (text,)
        folded = fold(text)
        return tuple(word for piece in folded.split() for word in self._literal(piece))

    def _literal(self, piece: str) -> list[str]:
        if piece in (START, QUESTION, END, NUMBER, DASH):
            return [piece]
        return self.words(piece, 0, len(piece)).words[1:-1]


def _merged(states: Sequence[_State]) -> _State:
    """One place in all the cues that may have come as far, so that they are followed together."""
    merged = _State()
    for state in states:
        for word, following in state.next.items():
            merged.next.setdefault(word, []).extend(following)
        merged.any += state.any
        merged.cues[:0] = state.cues
    return merged


def _frequency(words: Iterable[str]) -> float:
    """How often one of the words may occur; short words are the frequent ones."""
    return sum(0.5 ** len(word) for word in words)


def _precedence(one: tuple[tuple[int, ...], Cue]) -> tuple[bool, int, bool, bool, tuple[int, ...]]:
    literal, cue = one
    stop = cue.category.startswith(STOP)
    return stop, -len(literal), cue.category != PSEUDO, cue.direction == "backward", literal


def _check(cue: Cue, groups: set[str]) -> None:
    """Raise VocabularyError for a row that cannot mean anything."""
    wrong = ""
    if "".join(_PART.findall(cue.text)).replace(" ", "") != cue.text.replace(" ", ""):
        wrong = "has brackets that do not pair: write (a|b) and {0-3}, none inside another"
    elif cue.category in ASSERTIONS:
        unknown = [group for group in cue.stops if group not in groups]
        if cue.direction not in ("forward", "backward"):
            wrong = f"has the direction {cue.direction!r}: write forward or backward"
        elif cue.scope not in ("sentence", "clause") and not cue.scope.isdecimal():
            wrong = f"has the scope {cue.scope!r}: write sentence, clause or a number of words"
        elif unknown:
            wrong = f"stops at {unknown[0]!r}: no row has the category stop:{unknown[0]}"
    elif cue.category not in (PSEUDO, JOIN) and not cue.category.startswith(STOP):
        known = ", ".join((*Assertion, PSEUDO, JOIN, f"{STOP}GROUP"))
        wrong = f"has the category {cue.category!r}: write one of {known}"
    if wrong:
        raise VocabularyError(
            cue.where, f"the cue {cue.text!r} {wrong}", "The head of the file explains its columns."
        )
