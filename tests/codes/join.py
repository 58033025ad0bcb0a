"""Join the vocabulary's concepts with the official lists by name: write pipeline/vocabulary/mappings.sssom.tsv.

`make codes` runs this after a change of the terms. A row stands only for a name that both sides give one thing
and no other. decisions.tsv holds what a reader decided against the rule: pairs under one name that are two things
(`none`), and pairs with another predicate.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from pipeline.fold import fold
from pipeline.norms import make_norm
from pipeline.terminology import NAMING, Term, load
from pipeline.tsv import VOCABULARY, read_rows

from .lists import SYSTEMS, Code

MAPPINGS = "mappings.sssom.tsv"
MAPPING_COLUMNS = ("subject_id", "predicate_id", "object_id", "object_label")
DECISION_COLUMNS = ("subject_id", "object_id", "predicate_id", "reason")
EXACT, BROAD, CLOSE = "skos:exactMatch", "skos:broadMatch", "skos:closeMatch"
LABELS = {
    "mesh": ("CONDITION", "SYMPTOM", "MEDICATION", "ELECTROLYTE"),
    "HP": ("CONDITION", "SYMPTOM"),
    "ICD10CM": ("CONDITION", "SYMPTOM"),
    "UNII": ("MEDICATION",),
    "LOINC": ("ELECTROLYTE",),
}
HEADER = """\
# Codes of the concepts, in SSSOM. Written by make codes (tests/codes/join.py), checked by make test-codes.
#curie_map:
#  HP: http://purl.obolibrary.org/obo/HP_
#  ICD10CM: http://purl.bioontology.org/ontology/ICD10CM/
#  LOINC: https://loinc.org/
#  UNII: https://precision.fda.gov/uniisearch/srs/unii/
#  mesh: http://id.nlm.nih.gov/mesh/
#  skos: http://www.w3.org/2004/02/skos/core#
"""

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[^\s\w-]")
_POSSESSIVE = re.compile(r"'s?\b")
_BRACKETS = re.compile(r" \[[^]]*\]")
_PUNCTUATION = re.compile(r"[^\w]+")
# Inclusion terms that mean something only under their title.
_ELSEWHERE = "in diseases classified elsewhere"
# External causes and reasons for contact name events and services, not findings.
_OTHER_CHAPTERS = tuple(f"ICD10CM:{letter}" for letter in "VWXYZ")


class Rank(IntEnum):
    """How a code's names and a concept's names meet, best first."""

    SPELLED = 1  # label and preferred name are written alike
    NAMED = 2  # label and preferred name have one normal form
    KNOWN = 3  # the label is a synonym here, and a list has label and preferred name as names of one thing
    BROADER = 4  # the code holds the concept and more


@dataclass(frozen=True, slots=True)
class Pair:
    subject: str
    code: Code
    rank: Rank


def normal() -> Callable[[str], tuple[str, ...]]:
    """The function name -> words in normal form: plural, spelling, hyphen, possessive make no difference."""
    norm = make_norm(VOCABULARY)
    return lambda name: tuple(norm(word) for word in _WORD.findall(_POSSESSIVE.sub("", fold(name))))


def labels(system: str, code: Code) -> Iterator[str]:
    """The label of `code` as one would write it: `Type 2 Diabetes` for `Diabetes, Type 2`."""
    yield code.label
    if system == "mesh" and code.label.count(", ") == 1:
        yield " ".join(reversed(code.label.split(", ")))
    if system == "ICD10CM" and "[" in code.label:
        yield _BRACKETS.sub("", code.label)


def holders(system: str, code: Code) -> Iterator[str]:
    """Names of things that `code` holds beside others."""
    if system == "ICD10CM" and not code.label.endswith(_ELSEWHERE):
        yield from (name for name in code.names if not name.endswith("NOS"))
    if system == "mesh" and code.label.endswith(" Neoplasms"):
        yield code.label.removesuffix("Neoplasms") + "cancer"


def pairs(system: str, terms: Iterable[Term]) -> Iterator[Pair]:
    """All meetings of names between `system` and the vocabulary, each pair once with its best rank."""
    key = normal()
    named: dict[tuple[str, ...], Term] = {}
    synonyms: dict[tuple[str, ...], list[Term]] = defaultdict(list)
    preferred: dict[str, Term] = {}
    for term in terms:
        # Brands and classes are no substances, so only ingredients have a UNII.
        wanted = ("preferred",) if system == "UNII" else NAMING
        if term.status in wanted and _spelled_by_id(term):
            named[key(term.text)] = preferred[term.concept_id] = term
        elif term.status == "synonym":
            synonyms[key(term.text)].append(term)
    official = _official(system, key)
    best: dict[tuple[str, str], Pair] = {}

    def meet(term: Term, code: Code, rank: Rank) -> None:
        pair = best.get((term.concept_id, code.id))
        if term.label in LABELS[system] and (pair is None or pair.rank > rank):
            best[term.concept_id, code.id] = Pair(term.concept_id, code, rank)

    for code in SYSTEMS[system]().values():
        if code.id.startswith(_OTHER_CHAPTERS):
            continue
        for label in labels(system, code):
            words = key(label)
            if term := named.get(words):
                meet(term, code, Rank.SPELLED if term.text.casefold() == label.casefold() else Rank.NAMED)
            for term in synonyms[words] if system != "UNII" else ():
                name = preferred.get(term.concept_id)
                if name and official[words] & official[key(name.text)]:
                    meet(term, code, Rank.KNOWN)
        for name in holders(system, code):
            if term := named.get(key(name)):
                meet(term, code, Rank.BROADER)
    yield from best.values()


def choose(candidates: Iterable[Pair]) -> Iterator[Pair]:
    """The pairs of which neither side has another pair as good."""
    of_subject: dict[str, list[Rank]] = defaultdict(list)
    of_code: dict[str, list[Rank]] = defaultdict(list)
    candidates = list(candidates)
    for pair in candidates:
        of_subject[pair.subject].append(pair.rank)
        of_code[pair.code.id].append(pair.rank)
    for pair in candidates:
        alone = sum(rank <= pair.rank for rank in of_subject[pair.subject]) == 1
        # Several concepts may be parts of one code.
        taken = pair.rank < Rank.BROADER and sum(rank <= pair.rank for rank in of_code[pair.code.id]) > 1
        if alone and not taken:
            yield pair


def rows(terms: Iterable[Term]) -> list[tuple[str, str, str, str]]:
    """The rows of the mapping, sorted: subject, predicate, object, label of the object."""
    terms = tuple(terms)
    decided = {
        (row["subject_id"], row["object_id"]): row["predicate_id"]
        for row in read_rows(Path(__file__).parent, "decisions.tsv", DECISION_COLUMNS)
    }
    found: set[tuple[str, str, str, str]] = set()
    for system in SYSTEMS:
        candidates = (pair for pair in pairs(system, terms) if (pair.subject, pair.code.id) not in decided)
        chosen = candidates if system == "LOINC" else choose(candidates)
        for pair in chosen:
            predicate = CLOSE if system == "LOINC" else BROAD if pair.rank == Rank.BROADER else EXACT
            found.add((pair.subject, predicate, pair.code.id, pair.code.label))
    known = {term.concept_id for term in terms}
    for (subject, object), predicate in decided.items():
        if predicate != "none" and subject in known:
            code = SYSTEMS[object.partition(":")[0]]()[object]
            found.add((subject, predicate, object, code.label))
    return sorted(found)


def _spelled_by_id(term: Term) -> bool:
    """Whether the id is the name; where it is not, a narrower name may have taken the place of a lost one."""
    slug = term.concept_id.partition(":")[2]
    name = _POSSESSIVE.sub("", fold(term.text)).casefold()
    return _PUNCTUATION.sub("", slug) == _PUNCTUATION.sub("", name)


def _official(system: str, key: Callable[[str], tuple[str, ...]]) -> dict[tuple[str, ...], set[str]]:
    """Words of a name -> the codes that have it as label or as another name of the same thing.

    The inclusion terms of ICD-10-CM are often narrower than the title, so they speak for its own titles only.
    """
    codes: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for source in {"HP", "UNII"} | {system} & {"ICD10CM"}:
        for code in SYSTEMS[source]().values():
            for name in (code.label, *(holders(source, code) if source == "ICD10CM" else code.names)):
                codes[key(name)].add(code.id)
    return codes


def main() -> None:
    """Write the mapping file."""
    lines = ["\t".join(row) for row in (MAPPING_COLUMNS, *rows(load().terms))]
    (VOCABULARY / MAPPINGS).write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{MAPPINGS}: {len(lines) - 1} mappings")


if __name__ == "__main__":
    main()
