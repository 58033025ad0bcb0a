"""Turn names from elsewhere into an overlay: sift them, join them with the concepts that are there, write
them.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .. import terminology
from ..components.annotate import Annotator
from ..components.concepts import slug
from ..components.words import split
from ..errors import OutputError
from ..fold import fold
from ..norms import make_norm
from ..terminology import MAPPING_COLUMNS, NAMING, TERM_COLUMNS
from ..tidy import CONCEPT_ID, sort_key
from ..tsv import VOCABULARY, read_cells, read_rows
from .audit import mentions_of
from .catalogue import mappings
from .importers import Name

_LONGEST, _MOST_WORDS = 80, 8
_LONGEST_ACRONYM, _SHORTEST_ACRONYM, _SHORTEST = 6, 3, 4
_NOT_PROSE = frozenset('()[]{}<>|\\=;:_"*^~@')  # formulas, qualifiers, codes
_SAME = "skos:exactMatch"


@dataclass
class Report:
    """What became of the names of an import: `kept` terms, of them in `new` concepts, and `skipped` by
    reason.
    """

    read: int = 0
    kept: int = 0
    concepts: int = 0
    new: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    paths: tuple[Path, ...] = ()


class Sieve:
    """Tells why a name is no use for matching in prose."""

    def __init__(self) -> None:
        norm = cache(make_norm(VOCABULARY))
        self._key: Callable[[str], str] = lambda text: " ".join(map(norm, split(fold(text))))
        blocked = (row["phrase"] for row in read_rows(VOCABULARY, "blocked.tsv", terminology.BLOCKED_COLUMNS))
        words = (row["word"] for row in read_rows(VOCABULARY, "stopwords.tsv", ("word",)))
        self._everyday = {self._key(text) for text in (*words, *blocked)}

    def key(self, text: str) -> str:
        """The normal form of a name: equal for spellings that match the same text."""
        return self._key(text)

    def reason(self, text: str) -> str:
        """Why `text` is left out; empty when it is of use."""
        letters = sum(map(str.isalpha, text))
        if letters < (_SHORTEST_ACRONYM if is_acronym(text) else _SHORTEST):
            return "too short"
        if len(text) > _LONGEST or len(text.split()) > _MOST_WORDS:
            return "too long"
        if _NOT_PROSE & set(text) or ", " in text or 2 * letters < len(text):
            return "not as prose writes it"
        if self._key(text) in self._everyday:
            return "everyday words"
        return ""


def is_acronym(text: str) -> bool:
    """Whether a name is written in capitals and so short that in lower case it may be another word."""
    return text.isupper() and sum(map(str.isalpha, text)) <= _LONGEST_ACRONYM


def build(names: Iterable[Name], label: str, folder: Path, labels: dict[str, str] | None = None) -> Report:
    """Write `names` into the overlay `folder` as terms of `label` (lower case), or of `labels[source_id]`.

    What the package's vocabulary and the overlay already read as one mention is left out, and the other names
    of its source join that concept. Concept ids are `label:slug` of the first naming term; when that is
    taken, the source's id is added. The same names over the same vocabulary give the same files. Raises
    OutputError.
    """
    report, sieve = Report(), Sieve()
    by_source: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for name in names:
        report.read += 1
        text = " ".join(name.text.split()).strip(" ,.-'")
        if reason := sieve.reason(text):
            report.skipped[reason] += 1
            continue
        kept = by_source[name.source_id]
        key = text if is_acronym(text) else sieve.key(text)
        if key not in kept or (name.status in NAMING and kept[key][1] not in NAMING):
            kept[key] = (text, name.status)
        else:
            report.skipped["repeated"] += 1
    words = terminology.load([folder] if folder.is_dir() else [])
    sources = sorted(by_source)
    _build(sources, by_source, words, labels or dict.fromkeys(sources, label), folder, report, label)
    return report


def _build(
    sources: Sequence[str],
    by_source: dict[str, dict[str, tuple[str, str]]],
    words: terminology.Terminology,
    labels: dict[str, str],
    folder: Path,
    report: Report,
    default: str,
) -> None:
    known = _known([text for one in sources for text, _ in by_source[one].values()], Annotator(words))
    ids = {term.concept_id for term in words.terms}
    brands = {term.concept_id for term in words.terms if term.status == "brand"}
    mapped_before = {row[2]: row[0] for row in mappings([folder])}
    rows: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    mapped: list[tuple[str, ...]] = []
    taken: dict[str, str] = {}
    for source in sources:
        entries = sorted(by_source[source].items(), key=lambda entry: entry[1][1] not in NAMING)
        had = Counter(known[text] for _, (text, _) in entries if text in known)
        fresh = [entry for entry in entries if entry[1][0] not in known and entry[0] not in taken]
        report.skipped["known already"] += had.total()
        report.skipped["of another concept too"] += len(entries) - had.total() - len(fresh)
        first_key, (first, status) = entries[0]
        named = (known.get(first) or taken.get(first_key, "")) if status in NAMING else ""
        # A brand among the synonyms of an ingredient does not make the ingredient that brand.
        joined = next((one for one, _ in had.most_common() if one not in brands), "")
        concept_id = mapped_before.get(source) or named or joined
        if not CONCEPT_ID.fullmatch(concept_id):
            if not fresh:
                continue
            concept_id = _new_id(labels.get(source, default), fresh[0][1][0], source, ids)
            report.new += 1
        naming = concept_id not in ids and "@" not in concept_id
        for key, (text, status) in fresh:
            status = (status if status in NAMING else "preferred") if naming else _plain(status)
            naming = False
            ids.add(concept_id)
            taken[key] = concept_id
            exact = "exact" if is_acronym(text) else ""
            rows[concept_id.partition(":")[0]].append((concept_id, text, status, exact, "", ""))
        report.concepts += 1
        report.kept += len(fresh)
        if not source.startswith("name:"):
            mapped.append((concept_id, _SAME, source, first))
    report.skipped = +report.skipped
    # A composed concept that no row lists exists only in texts, and a code for it would be checked in vain.
    listed = [row for row in mapped if row[0] in ids]
    report.paths = tuple(write(folder, rows, listed))


def _known(texts: Sequence[str], annotator: Annotator) -> dict[str, str]:
    """The concept of each text that the engine reads as one mention from end to end."""
    known = {}
    for text, mentions in zip(texts, mentions_of(texts, annotator), strict=True):
        if len(mentions) == 1 and (mentions[0].start, mentions[0].end) == (0, len(text)):
            known[text] = mentions[0].concept_id
    return known


def _plain(status: str) -> str:
    return "synonym" if status in NAMING else status


def _new_id(label: str, text: str, source: str, ids: set[str]) -> str:
    wanted = f"{label}:{_ascii(text) or _ascii(source)}"
    if wanted in ids:
        wanted = f"{wanted}-{_ascii(source)}"
    number, unique = 2, wanted
    while unique in ids:
        unique, number = f"{wanted}-{number}", number + 1
    return unique


def _ascii(text: str) -> str:
    return slug(text.encode("ascii", "ignore").decode() if not fold(text).isascii() else text)


def write(
    folder: Path, rows: Mapping[str, Sequence[tuple[str, ...]]], mapped: Sequence[tuple[str, ...]] = ()
) -> Iterator[Path]:
    """Add rows of terms, by label in lower case, and mappings to the files of an overlay; the paths written.

    Rows that are there stay, each row stands once, files are sorted. Raises OutputError.
    """
    try:
        (folder / "terms").mkdir(parents=True, exist_ok=True)
        for label, found in sorted(rows.items()):
            path = folder / "terms" / f"{label}.tsv"
            before = (
                [tuple(cells) for _, cells in read_cells(folder, f"terms/{path.name}", TERM_COLUMNS)]
                if path.exists()
                else []
            )
            yield _replace(path, TERM_COLUMNS, sorted(dict.fromkeys([*before, *found]), key=sort_key))
        if mapped:
            path = folder / "mappings.sssom.tsv"
            before = (
                [tuple(cells) for _, cells in read_cells(folder, path.name, MAPPING_COLUMNS)]
                if path.exists()
                else []
            )
            held = {row[:3] for row in before}
            new = [row for row in mapped if row[:3] not in held]
            yield _replace(path, MAPPING_COLUMNS, sorted([*before, *new]))
    except OSError as error:
        raise OutputError(
            str(folder), f"cannot be written ({error.strerror})", "Choose another folder."
        ) from error


def _replace(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    """Write the whole file under another name first, so that an interrupted import leaves the old one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as out:
            out.write("\t".join(columns) + "\n")
            out.writelines("\t".join(row) + "\n" for row in rows)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path
