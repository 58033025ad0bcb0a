"""The cues of relations (`relation_cues.tsv`), compiled to expressions over the words of a sentence.

A sentence is one string of lower-case words and punctuation with one space between them, in which each group of
mentions is one character of its own (`GROUP`). Cues speak that notation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import VocabularyError
from ..tsv import VOCABULARY, Row, read_rows

FILE = "relation_cues.tsv"
COLUMNS = ("form", "kind", "certainty", "cue", "example")
KINDS = (
    "symptom_of",
    "causes",
    "treats",
    "prevents",
    "side_effect_of",
    "deficiency_of",
    "red_flag_for",
)
EFFECTS = "effects"
FELT_IN = "felt_in"
FELT_FROM = "felt_from"
NONE = "none"
CERTAINTIES = ("is", "may", "not")
FIRST_GROUP, LAST_GROUP = 0xE000, 0xF8FF
GROUP = f"[{chr(FIRST_GROUP)}-{chr(LAST_GROUP)}]"
_FORMS = ("verb", "passive", "near", "noun", "frame", "heading", "alarm", "words")
_SETS = (
    "across",
    "alike",
    "amount",
    "article",
    "aside",
    "auxiliary",
    "break",
    "call",
    "clause",
    "condition",
    "copula",
    "define",
    "deficiency",
    "degree",
    "denial",
    "example",
    "finite",
    "generic",
    "hedge",
    "joiner",
    "late",
    "light",
    "listing",
    "low",
    "negation",
    "occasion",
    "own",
    "person",
    "personal",
    "preposition",
    "pronoun",
    "purpose",
    "relative",
    "remedy",
    "such",
    "together",
)
_COMMON = ("auxiliary", "preposition", "person", "pronoun", "article", "condition", "relative", "personal")
_PART = re.compile(r"\([^()]*\)|\{\d+-\d+\}|[^\s(){}]+")
_GAP = re.compile(r"\{(\d+)-(\d+)\}")
_ANY = r"(?:[a-z0-9'’.-]+ ){%s,%s}"


@dataclass(frozen=True, slots=True)
class Cue:
    """One row of the file: what it says and the expression that finds it."""

    form: str
    kind: str
    certainty: str
    text: str
    where: str
    example: str
    pattern: re.Pattern[str]
    links: re.Pattern[str] | None = None
    text_links: frozenset[str] = frozenset()


class Finder:
    """Finds cues in a text, looking only for those of which a telling word stands in it."""

    def __init__(self, cues: Sequence[Cue], common: frozenset[str]) -> None:
        self._by_word: dict[str, list[Cue]] = {}
        for cue in cues:
            for word in _triggers(cue.text, common):
                self._by_word.setdefault(word, []).append(cue)
        self.triggers = frozenset(self._by_word)

    def find(self, text: str, words: frozenset[str]) -> list[tuple[Cue, int, int]]:
        """(cue, start, end) of each place in `text` in order, the longest of those that overlap."""
        told = self.triggers & words
        if not told:
            return []
        cues = {cue.where: cue for word in told for cue in self._by_word[word]}.values()
        found = [(cue, *match.span()) for cue in cues for match in cue.pattern.finditer(text)]
        if len(found) < 2:
            return found
        found.sort(key=lambda one: (one[1] - one[2], one[1], one[0].where))
        chosen: list[tuple[Cue, int, int]] = []
        for one in found:
            if all(one[2] <= other[1] or other[2] <= one[1] for other in chosen):
                chosen.append(one)
        chosen.sort(key=lambda one: one[1])
        return chosen


@dataclass(frozen=True, slots=True)
class RelationWords:
    """All of the file. `sets` are the sets of words by name.

    No sentence without one of the `triggers` makes a claim; `clause` finds what opens a clause.
    """

    predicates: Finder
    nouns: Finder
    alarms: Finder
    headings: Finder
    frames: dict[str, tuple[Cue, ...]]
    triggers: frozenset[str]
    clause: re.Pattern[str]
    sets: dict[str, frozenset[str]]
    cues: tuple[Cue, ...]


@cache
def relation_words(folder: Path = VOCABULARY) -> RelationWords:
    """The cues of a vocabulary folder. Raises VocabularyError."""
    cues: list[Cue] = []
    sets: dict[str, frozenset[str]] = {}
    for row in read_rows(folder, FILE, COLUMNS):
        _check(row)
        if row["form"] == "words":
            sets[row["kind"]] = frozenset(row["cue"].strip("()").split("|"))
        else:
            cues.append(_compile(row))
    missing = sorted(set(_SETS) - sets.keys())
    if missing:
        raise VocabularyError(
            str(folder / FILE), f"has no words of the set {missing[0]}", f"Add a row: words, {missing[0]}."
        )
    by_form = {form: tuple(cue for cue in cues if cue.form == form) for form in _FORMS}
    common = frozenset().union(*(sets[name] for name in _COMMON))

    def finder(*forms: str) -> Finder:
        return Finder([cue for form in forms for cue in by_form[form]], common)

    frames: dict[str, tuple[Cue, ...]] = {}
    for cue in by_form["frame"]:
        for word in _triggers(cue.text, common):
            frames[word] = (*frames.get(word, ()), cue)
    predicates, nouns, alarms = finder("verb", "passive", "near"), finder("noun"), finder("alarm")
    openers = "|".join(sorted(sets["clause"] | sets["condition"] | sets["relative"]))
    return RelationWords(
        predicates=predicates,
        nouns=nouns,
        alarms=alarms,
        headings=finder("heading"),
        frames=frames,
        triggers=frozenset().union(predicates.triggers, nouns.triggers, alarms.triggers, frames),
        clause=re.compile(rf"(?<![^ ])(?:[;:–—]|{openers}) "),
        sets=sets,
        cues=tuple(cues),
    )


def _check(row: Row) -> None:
    wrong = ""
    if row["form"] not in _FORMS:
        wrong = f"has the form {row['form']!r}: write one of {', '.join(_FORMS)}"
    elif row["form"] == "words":
        if row["kind"] not in _SETS:
            wrong = f"names the set {row['kind']!r}: write one of {', '.join(_SETS)}"
    elif row["kind"] not in (*KINDS, EFFECTS, FELT_IN, FELT_FROM, NONE):
        wrong = f"has the kind {row['kind']!r}: write one of {', '.join((*KINDS, EFFECTS, FELT_IN, FELT_FROM, NONE))}"
    elif row["certainty"] not in ("", *CERTAINTIES):
        wrong = f"has the certainty {row['certainty']!r}: write is, may, not or nothing"
    elif row["form"] == "frame" and not {"HEAD", "TAIL"} <= set(row["cue"].split()):
        wrong = "names no HEAD or no TAIL: a frame holds both"
    if wrong:
        raise VocabularyError(
            row.where, f"the cue {row['cue']!r} {wrong}", "The head of the file explains its columns."
        )


def _compile(row: Row) -> Cue:
    cue, _, after = row["cue"].rpartition("|") if row["form"] == "noun" else (row["cue"], "", "")
    links = frozenset(after.split())
    tail = rf" (?:{'|'.join(sorted(links))}) ((?:[a-z0-9'.-]+ ){{0,4}})({GROUP})"
    return Cue(
        form=row["form"],
        kind=row["kind"],
        certainty=row["certainty"],
        text=cue,
        where=row.where,
        example=row["example"],
        pattern=re.compile(_expression(cue)),
        links=re.compile(tail) if links else None,
        text_links=links & {"of", "for"},
    )


def _expression(cue: str) -> str:
    parts: list[str] = []
    for part in _PART.findall(cue):
        gap = _GAP.fullmatch(part)
        if gap:
            parts.append(_ANY % gap.groups())
        elif part in ("HEAD", "TAIL"):
            parts.append(f"(?P<{part}>{GROUP}) ")
        elif part[0] == "(":
            choices = [re.escape(choice).replace(r"\ ", " ") for choice in part[1:-1].split("|")]
            optional = "?" if "" in choices else ""
            parts.append(f"(?:(?:{'|'.join(filter(None, choices))}) ){optional}")
        else:
            parts.append(re.escape(part) + " ")
    # A word of the gap must not be left out with its space at the end.
    return rf"(?<![^ ]){''.join(parts)}"


def _triggers(cue: str, common: frozenset[str]) -> frozenset[str]:
    """Words of which one must stand where the cue does: of each choice of one part the longest that is not common."""
    best: tuple[int, frozenset[str]] | None = None
    for part in _PART.findall(cue):
        choices = part.strip("()").split("|")
        if part[0] == "{" or part in ("HEAD", "TAIL", ",") or "" in choices:
            continue
        words = [max(choice.split(), key=lambda word: (word not in common, len(word))) for choice in choices]
        weak = sum(word in common for word in words)
        if best is None or weak < best[0]:
            best = (weak, frozenset(words))
    return best[1] if best is not None else frozenset()
