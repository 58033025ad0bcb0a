"""Check a vocabulary folder: the form of every row, and its truth by the real engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from .. import terminology
from ..components.annotate import Annotator
from ..errors import NotationError, VocabularyError
from ..markup import Mark, parse, render
from ..model import Article, Assertion, Block, Kind, Mention
from ..terminology import MAPPING_COLUMNS, NAMING, RELATION_COLUMNS, Term, Terminology
from ..tidy import Finding, form
from ..tsv import VOCABULARY, origin, read_cells
from .ambiguity import ambiguous, holds, make_key

_SHORT = 2  # characters of terms that need examples in an overlay too
_AT_ONCE = 500  # sentences that are read as one article


def check(folder: Path, overlays: Iterable[Path] = ()) -> list[Finding]:
    """All that is wrong in `folder`, an overlay (over `overlays`) or the package's own vocabulary.

    Raises VocabularyError when the folder is no vocabulary. Only rows of `folder` itself are checked.
    """
    findings = list(form(folder))
    if any(finding.fatal for finding in findings):
        return findings
    own = folder.resolve() == VOCABULARY.resolve()
    here = _Here(VOCABULARY if own else folder)
    try:
        words = terminology.load([*overlays] if own else [*overlays, folder])
        annotator = Annotator(replace(words, gates=(), everyday=()))  # examples of one line have no subject
    except VocabularyError as error:
        return [*findings, Finding(here.path(error.where), error.what, error.cure, fatal=True)]
    return [
        *findings,
        *_concepts(words, here),
        *_unproven(words, here, everything=own),
        *_triples(words, here),
        *_truth(words, annotator, here),
    ]


class _Here:
    """Tells the rows of one folder from those of others, and where they stand on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._origin = origin(folder)

    def holds(self, where: str) -> bool:
        """Whether the row at `where` stands in this folder."""
        if self._origin:
            return where.startswith(self._origin)
        return where.startswith(("terms/", "patterns/")) or "/" not in where

    def path(self, where: str) -> str:
        """The `path:line` that an editor opens."""
        return f"{self.folder}/{where.removeprefix(self._origin)}" if self.holds(where) else where


def _concepts(words: Terminology, here: _Here) -> Iterator[Finding]:
    naming: dict[str, list[Term]] = defaultdict(list)
    concepts: dict[str, list[Term]] = defaultdict(list)
    meanings: dict[tuple[str, bool], Term] = {}
    for term in words.terms:
        concepts[term.concept_id].append(term)
        if term.status in NAMING:
            naming[term.concept_id].append(term)
        other = meanings.setdefault((term.text if term.exact else term.text.lower(), term.exact), term)
        if not here.holds(term.where):
            continue
        if other.concept_id != term.concept_id:
            yield Finding(
                here.path(term.where),
                f"{term.text!r} names {other.concept_id} at {here.path(other.where)} too",
                "Keep it where most articles mean it.",
            )
    for concept_id, terms in concepts.items():
        mine = [term for term in terms if here.holds(term.where)]
        if mine and len(naming[concept_id]) != 1 and "@" not in concept_id:
            yield Finding(
                here.path(mine[0].where),
                f"{concept_id} has {len(naming[concept_id]) or 'no'} naming rows",
                f"Give exactly one row a status of {', '.join(NAMING)}.",
            )


def _unproven(words: Terminology, here: _Here, *, everything: bool) -> Iterator[Finding]:
    """Ambiguous terms without both examples, and examples that do not hold their term.

    Of an overlay only everyday words and terms of one or two letters are asked for examples: nobody writes sentences
    for the abbreviations of an import.
    """
    for one in ambiguous(words):
        term = one.term
        asked = everything or one.kind == "everyday" or len(term.text) <= _SHORT
        missing = [name for name in ("example", "not_example") if not getattr(term, name)]
        if missing and asked and here.holds(term.where):
            yield Finding(
                here.path(term.where),
                f"{term.text!r} {one.reason} and lacks {' and '.join(missing)}",
                "Give a sentence that means it, in the notation, and one that holds the words and does not.",
            )
    key = make_key()
    for term in words.terms:
        for name, sentence in (("example", term.example), ("not_example", term.not_example)):
            if not sentence or not here.holds(term.where):
                continue
            try:
                text, _ = parse(sentence, term.where)
            except NotationError:
                continue  # _truth tells of it
            if not holds(key(text), key(term.text)):
                yield Finding(
                    here.path(term.where),
                    f"the {name} {sentence!r} does not hold {term.text!r}",
                    "Write a sentence with these words, or leave the cell empty.",
                )


def _triples(words: Terminology, here: _Here) -> Iterator[Finding]:
    """Relations and mappings of concepts that no term has, and relations that run in a circle."""
    known = {term.concept_id for term in words.terms}
    for name, columns in (("relations.tsv", RELATION_COLUMNS), ("mappings.sssom.tsv", MAPPING_COLUMNS)):
        if not (here.folder / name).exists():
            continue
        for number, cells in read_cells(here.folder, name, columns):
            ends = (cells[0], cells[2]) if columns is RELATION_COLUMNS else (cells[0],)
            for end in ends:
                if end and end not in known and end.partition("@")[0] not in known:
                    yield Finding(
                        f"{here.folder / name}:{number}",
                        f"no term has the concept {end}",
                        "Correct the id, or add a term of it.",
                    )
    if not (here.folder / "relations.tsv").exists():
        return
    upward: dict[str, list[str]] = defaultdict(list)
    for subject, _, target in words.relations:
        upward[subject].append(target)
    for circle in _circles(upward):
        yield Finding(
            str(here.folder / "relations.tsv"),
            f"runs in a circle: {' > '.join(circle)}",
            "Remove one of these relations.",
        )


def _circles(upward: dict[str, list[str]]) -> Iterator[list[str]]:
    """One circle for each concept from which one is first entered; no recursion, chains may be long."""
    done: set[str] = set()
    for first in list(upward):
        path: list[str] = []
        stack: list[tuple[str, bool]] = [(first, False)]
        while stack:
            concept, leaving = stack.pop()
            if leaving:
                done.add(path.pop())
            elif concept in path:
                yield [*path[path.index(concept) :], concept]
            elif concept not in done:
                path.append(concept)
                stack.append((concept, True))
                stack += [(above, False) for above in upward.get(concept, ())]


def _truth(words: Terminology, annotator: Annotator, here: _Here) -> Iterator[Finding]:
    """Every term is found as its concept, every example as it is marked, no not_example as its term."""
    terms = [term for term in words.terms if here.holds(term.where)]
    for term, mentions in zip(terms, mentions_of([term.text for term in terms], annotator), strict=True):
        if not any(one.end == len(term.text) and one.concept_id == term.concept_id for one in mentions):
            text = term.text
            read = (
                ", ".join(f"{one.text!r} ({one.concept_id} at {one.term})" for one in mentions) or "nothing"
            )
            yield Finding(
                here.path(term.where),
                f"{text!r} is never found as {term.concept_id}: the engine reads {read}",
                "Remove the row, or what stands in its way; vocab find tells which rows hold these words.",
            )
    cases: list[tuple[str, str, tuple[Mark, ...], str]] = []
    for where, sentence, forbidden in _examples(words):
        if here.holds(where):
            try:
                text, marks = parse(sentence, where)
            except NotationError as error:
                yield Finding(here.path(where), f"{sentence!r} does not parse: {error.what}", error.cure)
            else:
                cases.append((here.path(where), text, marks, forbidden))
    found = mentions_of([text for _, text, _, _ in cases], annotator)
    for (where, text, marks, forbidden), mentions in zip(cases, found, strict=True):
        if forbidden:
            if any(one.concept_id == forbidden for one in mentions):
                cure = "Give the sentence the term with the neighbour that rules it out, or block the phrase."
                yield Finding(where, f"the not_example {text!r} is found as {forbidden}", cure)
        elif not all(any(_says(one, mark) for one in mentions) for mark in marks):
            yield Finding(
                where,
                f"the example {render(text, marks)!r} is read as {_rendered(text, mentions)!r}",
                "Correct the example, the id, or the row that wins.",
            )


def _says(one: Mention, mark: Mark) -> bool:
    """Whether a mention is what a mark says. A bare mark leaves the assertion open, except that it is not
    absent.
    """
    if (one.start, one.end, one.concept_id) != (mark.start, mark.end, mark.target):
        return False
    if mark.assertion is Assertion.PRESENT:
        return one.assertion is not Assertion.ABSENT
    return one.assertion is mark.assertion


def _rendered(text: str, mentions: Iterable[Mention]) -> str:
    return render(
        text, (Mark(one.start, one.end, one.concept_id, one.assertion, one.elliptic) for one in mentions)
    )


def _examples(words: Terminology) -> Iterator[tuple[str, str, str]]:
    """(where, sentence, the concept that must not be found or the empty string)."""
    for term in words.terms:
        if term.example:
            yield term.where, term.example, ""
        if term.not_example:
            yield term.where, term.not_example, term.concept_id
    for pattern in words.patterns:
        for example in pattern.examples:
            yield pattern.where, example, ""
    for cue in words.cues:
        if cue.example:
            yield cue.where, cue.example, ""


def mentions_of(sentences: Sequence[str], annotator: Annotator) -> list[list[Mention]]:
    """The mentions in each of `sentences`, each read as a block of its own, with offsets into the
    sentence.
    """
    found: list[list[Mention]] = [[] for _ in sentences]
    for first in range(0, len(sentences), _AT_ONCE):
        blocks: list[Block] = []
        place = 0
        for sentence in sentences[first : first + _AT_ONCE]:
            blocks.append(Block(place, place + len(sentence), Kind.PARAGRAPH))
            place += len(sentence) + 2
        text = "\n\n".join(sentences[first : first + _AT_ONCE])
        for one in annotator.mentions(Article(text, tuple(blocks))):
            by = blocks[one.block].start
            found[first + one.block].append(replace(one, start=one.start - by, end=one.end - by))
    return found
