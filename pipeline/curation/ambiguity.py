"""Which terms mean something else as well: the vocabulary itself tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache

from ..components.words import split
from ..fold import fold
from ..norms import make_norm
from ..terminology import BLOCKED_COLUMNS, NAMING, Term, Terminology
from ..tsv import VOCABULARY, read_rows

SHORT = 3  # characters: so few stand for many things
_OTHER_SENSES = ("idiom", "everyday")  # the notes of blocked phrases that are no names

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A term that has another meaning. `kind` is one of those that `ambiguous` tells of, `reason` a predicate."""

    term: Term
    kind: str
    reason: str


def make_key() -> Callable[[str], Key]:
    """The function text -> normal forms of its words, equal for texts that the engine reads as one."""
    norm = cache(make_norm(VOCABULARY))
    return lambda text: tuple([norm(word) for word in split(fold(text))])


def holds(text: Key, words: Key) -> bool:
    """Whether `words` stand in `text` one behind the other."""
    return any(text[start : start + len(words)] == words for start in range(len(text) - len(words) + 1))


def ambiguous(words: Terminology) -> Iterator[Ambiguity]:
    """The terms of `words` that have another meaning, each with the first reason that holds.

    short: at most SHORT characters. everyday: `everyday.tsv` lists its words. idiom: a blocked phrase with an everyday
    meaning holds it. twin: its words name another concept in other capitals. gate: it names a concept with a gate.
    declared: its own row has a not_example.
    """
    key = make_key()
    articles = {word.form for word in words.lexicon if word.kind == "article"}

    def bare(text: str) -> Key:
        first, space, rest = text.partition(" ")
        return key(rest) if space and first.lower() in articles else key(text)

    everyday = {bare(row.text): f"also means {row.meaning!r} ({row.where})" for row in words.everyday}
    keys = {term: key(term.text) for term in words.terms}
    meanings: dict[Key, dict[str, str]] = defaultdict(dict)
    for term, one in keys.items():
        meanings[one][term.concept_id] = term.where
    idioms = _idioms(meanings, key)
    gated = {gate.concept_id for gate in words.gates}
    for term, one in keys.items():
        others = [where for concept_id, where in meanings[one].items() if concept_id != term.concept_id]
        if len(term.text) <= SHORT:
            yield Ambiguity(term, "short", f"has only {len(term.text)} letters")
        elif reason := everyday.get(bare(term.text)):
            yield Ambiguity(term, "everyday", reason)
        elif reason := idioms.get(one):
            yield Ambiguity(term, "idiom", reason)
        elif others:
            yield Ambiguity(term, "twin", f"names another concept in other capitals ({others[0]})")
        elif term.concept_id in gated and term.status in NAMING:
            yield Ambiguity(term, "gate", "names a concept with a gate (gates.tsv)")
        elif term.not_example:
            yield Ambiguity(term, "declared", "has a not_example")


def _idioms(known: Collection[Key], key: Callable[[str], Key]) -> dict[Key, str]:
    """The longest terms within each blocked phrase that has an everyday meaning, with the phrase and its place."""
    held: dict[Key, str] = {}
    for row in read_rows(VOCABULARY, "blocked.tsv", BLOCKED_COLUMNS):
        if not row["note"].startswith(_OTHER_SENSES):
            continue
        phrase = key(row["phrase"])
        reached = 0
        for start in range(len(phrase)):
            for end in range(len(phrase), max(start, reached), -1):
                if phrase[start:end] in known and end - start < len(phrase):
                    held.setdefault(phrase[start:end], f"stands in {row['phrase']!r} ({row.where})")
                    reached = end
                    break
    return held
