"""Check a vocabulary folder: the form of every row, and the truth of every example by the real engine."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from . import terminology
from .annotate import Annotator
from .errors import NotationError
from .markup import Mark, parse, render
from .model import Article, Block, Kind, Mention
from .terminology import NAMING, TERM_COLUMNS, Term, Terminology
from .tsv import Row, read_rows

_ID = re.compile(r"[a-z_]+:[a-z0-9]+(-[a-z0-9]+)*")
_SHORT = 2
_ORDER = {status: 0 for status in NAMING}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a vocabulary: `where` is file:line, `cure` what to write instead."""

    where: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n  {self.cure}"


def check(folder: Path, overlays: Iterable[Path] = ()) -> list[Finding]:
    """All that is wrong in `folder`, an overlay or the package's own vocabulary. Raises VocabularyError if unreadable."""
    words = terminology.load([*overlays] if folder == terminology.VOCABULARY else [*overlays, folder])
    findings = [*_form(folder)]
    findings += _concepts(words)
    findings += _relations(words)
    findings += _truth(words)
    return findings


def fix(folder: Path) -> list[Path]:
    """Sort the term files of `folder` and drop repeated rows; the paths that changed."""
    changed = []
    for path in sorted((folder / "terms").glob("*.tsv")):
        rows = list(read_rows(folder, f"terms/{path.name}", TERM_COLUMNS))
        comments = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
        lines = dict.fromkeys("\t".join(row[column] for column in TERM_COLUMNS) for row in sorted(rows, key=sort_key))
        text = "\n".join([*comments, "\t".join(TERM_COLUMNS), *lines]) + "\n"
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def sort_key(row: Row) -> tuple[str, int, str, str]:
    """The order of term rows: by concept, the naming row first, then by term."""
    return (row["concept_id"], _ORDER.get(row["status"], 1), row["term"].lower(), row["term"])


def _form(folder: Path) -> Iterator[Finding]:
    for path in sorted((folder / "terms").glob("*.tsv")):
        before: tuple[str, int, str, str] | None = None
        seen: dict[tuple[str, str, str], str] = {}
        for row in read_rows(folder, f"terms/{path.name}", TERM_COLUMNS):
            key = sort_key(row)
            if before is not None and key < before:
                yield Finding(row.where, f"{row['term']!r} is out of order", "Run medtables vocab check --fix.")
            before = key
            if not _ID.fullmatch(row["concept_id"]):
                yield Finding(row.where, f"{row['concept_id']!r} is no concept id", "Write label:lower-case-words.")
            if row["case"] not in ("", "exact"):
                yield Finding(row.where, f"has the case {row['case']!r}", "Write exact, or leave the cell empty.")
            same = (row["concept_id"], row["term"], row["case"])
            if same in seen:
                yield Finding(row.where, f"{row['term']!r} stands at {seen[same]} too", "Remove one of them.")
            seen[same] = row.where


def _concepts(words: Terminology) -> Iterator[Finding]:
    naming: dict[str, list[Term]] = defaultdict(list)
    concepts: dict[str, Term] = {}
    meanings: dict[tuple[str, bool], Term] = {}
    for term in words.terms:
        concepts.setdefault(term.concept_id, term)
        if term.status in NAMING:
            naming[term.concept_id].append(term)
        if len(term.text) <= _SHORT and not (term.example and term.not_example):
            yield Finding(
                term.where,
                f"{term.text!r} has {len(term.text)} letters and lacks an example or a not_example",
                "Give a sentence that means it, in the notation, and one that does not.",
            )
        other = meanings.setdefault((term.text if term.exact else term.text.lower(), term.exact), term)
        if other.concept_id != term.concept_id:
            yield Finding(
                term.where,
                f"{term.text!r} names {other.concept_id} at {other.where} too",
                "Keep it where most articles mean it.",
            )
    for concept_id, first in concepts.items():
        if len(naming[concept_id]) != 1:
            yield Finding(
                first.where,
                f"{concept_id} has {len(naming[concept_id])} naming rows",
                f"Give exactly one row the status {', '.join(NAMING)}.",
            )


def _relations(words: Terminology) -> Iterator[Finding]:
    known = {term.concept_id for term in words.terms}
    for triple in words.relations:
        for end in (triple[0], triple[2]):
            if end not in known:
                yield Finding(
                    "relations.tsv", f"{' '.join(triple)}: no term has the concept {end}", "Correct the id or add the term."
                )


def _truth(words: Terminology) -> Iterator[Finding]:
    """Every example marks what the engine marks; every not_example leaves its term unmarked."""
    cases: list[tuple[str, str, tuple[Mark, ...], str]] = []
    for entry in _examples(words):
        where, sentence, forbidden = entry
        try:
            text, marks = parse(sentence, where)
        except NotationError as error:
            yield Finding(where, f"{sentence!r} does not parse: {error.what}", error.cure)
            continue
        cases.append((where, text, marks, forbidden))
    found = mentions_of([text for _, text, _, _ in cases], Annotator(words))
    for (where, text, marks, forbidden), mentions in zip(cases, found, strict=True):
        as_found = {(one.start, one.end, one.concept_id) for one in mentions}
        wanted = {(mark.start, mark.end, mark.target) for mark in marks}
        if forbidden and any(concept_id == forbidden for _, _, concept_id in as_found):
            yield Finding(where, f"the not_example {text!r} is found as {forbidden}", "Block its phrase in blocked.tsv.")
        elif not wanted <= as_found:
            got = render(text, (Mark(one.start, one.end, one.concept_id) for one in mentions))
            yield Finding(
                where,
                f"the example {render(text, marks)!r} is read as {got!r}",
                "Correct the example, the id, or the term that wins.",
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


def mentions_of(sentences: list[str], annotator: Annotator) -> list[list[Mention]]:
    """The mentions in each of `sentences`, each read as a block of its own, with offsets into the sentence."""
    blocks: list[Block] = []
    place = 0
    for sentence in sentences:
        blocks.append(Block(place, place + len(sentence), Kind.PARAGRAPH))
        place += len(sentence) + 2
    found: list[list[Mention]] = [[] for _ in sentences]
    for one in annotator.mentions(Article("\n\n".join(sentences), tuple(blocks))):
        found[one.block].append(_shifted(one, blocks[one.block].start))
    return found


def _shifted(one: Mention, by: int) -> Mention:
    return replace(one, start=one.start - by, end=one.end - by)
