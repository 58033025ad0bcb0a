"""Load the vocabulary: the package's own folder and any overlays of the user.

An overlay is a folder of the same shape. Its rows are added to those before; a term row with the status `removed` takes
the term away from its concept. A new label is one new file `terms/<label>.tsv`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import VocabularyError
from .tsv import VOCABULARY, Row, origin, read_cells, read_rows, read_text

TERM_COLUMNS = ("concept_id", "term", "status", "case", "example", "not_example")
BLOCKED_COLUMNS = ("phrase", "case", "note")
LEXICON_COLUMNS = ("class", "form", "name")
CUE_COLUMNS = ("cue", "category", "direction", "scope", "stops", "spares", "example")
COORDINATION_COLUMNS = ("side", "class", "needs", "example")
SUFFIX_COLUMNS = ("suffix", "label", "least", "exceptions", "example")
GATE_COLUMNS = ("concept_id", "words", "at_least")
EVERYDAY_COLUMNS = ("words", "meaning", "gate")
RELATION_COLUMNS = ("subject_id", "predicate", "object_id")
MAPPING_COLUMNS = ("subject_id", "predicate_id", "object_id", "object_label")
NAMING = ("preferred", "brand", "class")
STATUSES = (*NAMING, "synonym", "lay", "abbreviation", "symbol", "removed")
# Text with the names of lexical classes in braces.
_TEMPLATE = re.compile(r"(?:[^{}]|\{[a-z_]+\})*")
_STATUS_STRINGS = {status: status for status in STATUSES}


@dataclass(frozen=True, slots=True)
class Term:
    """One surface string of a concept.

    `exact` terms match only in this capitalisation, `plural` ones only in this number: `hives` are no hive.
    """

    concept_id: str
    label: str
    text: str
    status: str
    exact: bool
    where: str
    example: str = ""
    not_example: str = ""
    plural: bool = False

    @property
    def case(self) -> str:
        """The cell of the column case."""
        return "exact" if self.exact else "plural" if self.plural else ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A phrase that wins by the longest match and gives no mention (`stroke of luck`)."""

    text: str
    exact: bool
    where: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word form of a lexical class that patterns speak of; `name` is its canonical form in composed ids."""

    kind: str
    form: str
    name: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A token pattern in EntityRuler form; `CLASS` keys name lexical classes.

    `concept` is an id, or a template such as `symptom:{finding}@{site}` that is filled with the words of these classes;
    `names` are templates of names (`{site} {finding}`) under which the vocabulary may list the concept. `keep` is the
    first and last token of the pattern that belong to the mention.
    """

    label: str
    id: str
    concept: str
    tokens: tuple[dict[str, Any], ...]
    where: str
    names: tuple[str, ...] = ()
    keep: tuple[int, int] | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that change the assertion of mentions in `direction` (forward, backward) within `scope`.

    `stops` are the groups of stops that end the reach, `spares` the labels that the cue says nothing of.
    """

    text: str
    category: str
    direction: str
    scope: str
    where: str
    stops: tuple[str, ...] = ()
    spares: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Suffix:
    """An ending that makes a word of at least `least` letters, other than `exceptions`, a concept of `label`."""

    text: str
    label: str
    least: int
    exceptions: frozenset[str]
    where: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """A concept that is none in an article which holds `words`, taken together, `at_least` so often.

    The number counts for an article of up to a thousand tokens and grows with longer ones.
    """

    concept_id: str
    words: tuple[str, ...]
    at_least: int


@dataclass(frozen=True, slots=True)
class Everyday:
    """Words that mean something outside medicine.

    Terms of them are ambiguous; `gated` ones count only in an article that speaks of medicine.
    """

    text: str
    meaning: str
    gated: bool
    where: str


@dataclass(frozen=True, slots=True)
class Terminology:
    """All of the vocabulary that matching needs, in one value. `digest` changes when any file of it changes."""

    folders: tuple[Path, ...]
    digest: str
    terms: tuple[Term, ...]
    names: dict[str, str]
    blocked: tuple[Blocked, ...]
    lexicon: tuple[Word, ...]
    patterns: tuple[Pattern, ...]
    cues: tuple[Cue, ...]
    relations: tuple[tuple[str, str, str], ...]
    coordinations: tuple[tuple[str, str, str], ...]
    gates: tuple[Gate, ...]
    everyday: tuple[Everyday, ...]
    suffixes: tuple[Suffix, ...]


def load(overlays: Sequence[Path] = ()) -> Terminology:
    """The package's vocabulary with `overlays` laid over it in order. Raises VocabularyError."""
    folders = (VOCABULARY, *overlays)
    for folder in overlays:
        if not folder.is_dir():
            raise VocabularyError(str(folder), "is no folder", "Give a folder that holds terms/<label>.tsv.")
    terms: dict[tuple[str, str, bool], Term] = {}
    blocked: list[Blocked] = []
    lexicon: list[Word] = []
    patterns: list[Pattern] = []
    cues: list[Cue] = []
    relations: list[tuple[str, str, str]] = []
    coordinations: list[tuple[str, str, str]] = []
    gates: list[Gate] = []
    everyday: list[Everyday] = []
    suffixes: list[Suffix] = []
    for folder in folders:
        for term in _terms(folder):
            key = (term.concept_id, term.text, term.exact)
            if term.status == "removed":
                terms.pop(key, None)
            else:
                terms[key] = term
        blocked += [
            Blocked(row["phrase"], row["case"] == "exact", row.where)
            for row in _optional(folder, "blocked.tsv", BLOCKED_COLUMNS)
        ]
        lexicon += [
            Word(row["class"], row["form"], row["name"] or row["form"])
            for row in _optional(folder, "lexicon.tsv", LEXICON_COLUMNS)
        ]
        patterns += _patterns(folder)
        cues += read_cues(folder)
        relations += [
            (row["subject_id"], row["predicate"], row["object_id"])
            for row in _optional(folder, "relations.tsv", RELATION_COLUMNS)
        ]
        coordinations += [
            (row["side"], row["class"], row["needs"])
            for row in _optional(folder, "coordination.tsv", COORDINATION_COLUMNS)
        ]
        gates += _gates(folder)
        everyday += [
            Everyday(row["words"], row["meaning"], row["gate"] == "article", row.where)
            for row in _optional(folder, "everyday.tsv", EVERYDAY_COLUMNS)
        ]
        suffixes += _suffixes(folder)
    return Terminology(
        folders=folders,
        digest=digest(folders),
        terms=tuple(terms.values()),
        names=_names(terms.values()),
        blocked=tuple(blocked),
        lexicon=tuple(lexicon),
        patterns=tuple(patterns),
        cues=tuple(cues),
        relations=tuple(relations),
        coordinations=tuple(coordinations),
        gates=tuple(gates),
        everyday=tuple(everyday),
        suffixes=tuple(suffixes),
    )


def _suffixes(folder: Path) -> Iterator[Suffix]:
    for row in _optional(folder, "suffixes.tsv", SUFFIX_COLUMNS):
        yield Suffix(
            text=row["suffix"],
            label=row["label"].upper(),
            least=_number(row, "least", "letters"),
            exceptions=frozenset(row["exceptions"].split()),
            where=row.where,
            example=row["example"],
        )


def _gates(folder: Path) -> Iterator[Gate]:
    for row in _optional(folder, "gates.tsv", GATE_COLUMNS):
        yield Gate(row["concept_id"], tuple(row["words"].split()), _number(row, "at_least", "words"))


def read_cues(folder: Path, name: str = "cues.tsv") -> tuple[Cue, ...]:
    """The cues of a vocabulary folder; none when it has no such file. Raises VocabularyError."""
    return tuple(
        Cue(
            text=row["cue"],
            category=row["category"],
            direction=row["direction"],
            scope=row["scope"],
            where=row.where,
            stops=tuple(row["stops"].split()),
            spares=tuple(row["spares"].split()),
            example=row["example"],
        )
        for row in _optional(folder, name, CUE_COLUMNS)
    )


def digest(folders: Sequence[Path]) -> str:
    """SHA-256 over the names and bytes of all files of `folders`, hexadecimal."""
    total = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in (".tsv", ".jsonl")):
            content = path.read_bytes()
            total.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
            total.update(content)
    return total.hexdigest()


def _optional(folder: Path, name: str, columns: Sequence[str]) -> Iterator[Row]:
    if (folder / name).exists():
        yield from read_rows(folder, name, columns)


def _terms(folder: Path) -> Iterator[Term]:
    for path in sorted((folder / "terms").glob("*.tsv")):
        kind, label, name = path.stem, path.stem.upper(), f"terms/{path.name}"
        prefix, before = f"{kind}:", f"{origin(folder)}{name}:"
        last = ""
        for number, (concept_id, text, status, case, example, not_example) in read_cells(
            folder, name, TERM_COLUMNS
        ):
            if not text or not concept_id.startswith(prefix):
                raise VocabularyError(
                    f"{path}:{number}",
                    f"the row ({concept_id!r}, {text!r}) does not belong in {path.name}",
                    f"Write a concept_id that begins with {prefix} and a term.",
                )
            if status not in STATUSES:
                raise VocabularyError(
                    f"{path}:{number}", f"has the status {status!r}", f"Use one of {', '.join(STATUSES)}."
                )
            # One string for all rows of a concept: a fifth of the memory of a large overlay.
            concept_id = last = last if concept_id == last else concept_id
            status = _STATUS_STRINGS[status]
            where = f"{before}{number}"
            yield Term(
                concept_id,
                label,
                text,
                status,
                case == "exact",
                where,
                example,
                not_example,
                case == "plural",
            )


def _names(terms: Iterable[Term]) -> dict[str, str]:
    names: dict[str, str] = {}
    for term in terms:
        if term.status in NAMING or term.concept_id not in names:
            names[term.concept_id] = term.text
    return names


def _number(row: Row, column: str, unit: str) -> int:
    cell = row[column]
    if not (cell.isdecimal() and len(cell) < 10):
        raise VocabularyError(row.where, f"has {cell!r} as {column}", f"Write a number of {unit}.")
    return int(cell)


def _patterns(folder: Path) -> Iterator[Pattern]:
    for path in sorted((folder / "patterns").glob("*.jsonl")):
        name = origin(folder) + path.relative_to(folder).as_posix()
        for number, line in enumerate(read_text(path).splitlines(), 1):
            if not line.strip() or line.startswith("//"):
                continue
            try:
                yield _pattern(json.loads(line), path.stem, f"{name}:{number}")
            except (ValueError, RecursionError) as error:
                told = "nested too deeply" if isinstance(error, RecursionError) else error
                raise VocabularyError(
                    f"{path}:{number}",
                    f"is no pattern ({told})",
                    'Write {"label": "SYMPTOM", "id": "...", "pattern": [{"LOWER": "..."}]}.',
                ) from error


def _pattern(entry: object, stem: str, where: str) -> Pattern:
    """The pattern of one line. Raises ValueError, which says what is wrong."""
    if not isinstance(entry, dict):
        raise ValueError("it is no object")
    for key in ("label", "id"):
        if not isinstance(entry.get(key), str) or not entry[key]:
            raise ValueError(f"{key} is no text")
    concept = entry.get("concept", f"{stem}:{entry['id']}")
    if not isinstance(concept, str):
        raise ValueError("concept is no text")
    lists = {key: entry.get(key, []) for key in ("pattern", "names", "examples")}
    for key, kind, told in (
        ("pattern", dict, "objects"),
        ("names", str, "texts"),
        ("examples", str, "texts"),
    ):
        if not isinstance(lists[key], list) or not all(isinstance(one, kind) for one in lists[key]):
            raise ValueError(f"{key} is no list of {told}")
    if not lists["pattern"]:
        raise ValueError("pattern is empty")
    if not all(isinstance(token.get("CLASS", ""), str) for token in lists["pattern"]):
        raise ValueError("CLASS is no text")
    for template in (concept, *lists["names"]):
        if not _TEMPLATE.fullmatch(template):
            raise ValueError(f"{template!r} is no template; write {{class}} for the words of a class")
    keep = entry.get("keep")
    if keep is not None and not (
        isinstance(keep, list) and len(keep) == 2 and all(type(one) is int for one in keep)
    ):
        raise ValueError("keep is no pair of numbers")
    return Pattern(
        label=entry["label"],
        id=entry["id"],
        concept=concept,
        tokens=tuple(lists["pattern"]),
        where=where,
        names=tuple(lists["names"]),
        keep=(keep[0], keep[1]) if keep else None,
        examples=tuple(lists["examples"]),
    )
