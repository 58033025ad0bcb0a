"""The form of vocabulary files: what is wrong in each line, and the repair of order and repeated rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import VocabularyError
from .terminology import (
    BLOCKED_COLUMNS,
    COORDINATION_COLUMNS,
    CUE_COLUMNS,
    EVERYDAY_COLUMNS,
    GATE_COLUMNS,
    LEXICON_COLUMNS,
    MAPPING_COLUMNS,
    NAMING,
    RELATION_COLUMNS,
    STATUSES,
    SUFFIX_COLUMNS,
    TERM_COLUMNS,
)
from .tsv import VOCABULARY, read_text

CONCEPT_ID = re.compile(r"[a-z_]+:[a-z0-9]+(?:-[a-z0-9]+)*(?:@[a-z0-9]+(?:-[a-z0-9]+)*)?")
PREDICATES = ("is_a", "state_of", "has_ingredient", "member_of")
MAPPING_PREDICATES = tuple(f"skos:{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related"))
# Files of an overlay, each with the columns that make two rows the same.
OVERLAY_FILES = {
    "blocked.tsv": (BLOCKED_COLUMNS, 2),
    "coordination.tsv": (COORDINATION_COLUMNS, 3),
    "everyday.tsv": (EVERYDAY_COLUMNS, 1),
    "gates.tsv": (GATE_COLUMNS, 1),
    "suffixes.tsv": (SUFFIX_COLUMNS, 2),
    "cues.tsv": (CUE_COLUMNS, 4),
    "lexicon.tsv": (LEXICON_COLUMNS, 3),
    "mappings.sssom.tsv": (MAPPING_COLUMNS, 3),
    "relations.tsv": (RELATION_COLUMNS, 3),
}
_ORDER = dict.fromkeys(NAMING, 0)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a vocabulary: `where` is path:line, `cure` what to write instead.

    `fatal` findings keep the folder from being loaded.
    """

    where: str
    what: str
    cure: str
    fatal: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n  {self.cure}"


def form(folder: Path) -> Iterator[Finding]:
    """What is wrong with the lines of the files in `folder`. Raises VocabularyError when it has none."""
    paths = term_files(folder)
    if not paths and not any((folder / name).exists() for name in (*OVERLAY_FILES, "patterns")):
        raise VocabularyError(
            str(folder), "holds no vocabulary", "Give a folder that holds terms/<label>.tsv."
        )
    if folder != VOCABULARY:
        yield from _strangers(folder)
    for path in paths:
        yield from _terms(path)
    for name, (columns, same) in OVERLAY_FILES.items():
        if (folder / name).exists():
            yield from _plain(folder / name, columns, same)


def fix(folder: Path) -> list[Path]:
    """Sort the term files of `folder`, drop repeated rows and stray spaces; the paths that changed.

    Comments move to the top of their file. Files with rows that cannot be read are left alone.
    """
    changed = []
    for path in term_files(folder):
        before = read_text(path)
        rows = list(_rows(path))
        widest = max((len(cells) for _, cells in rows), default=0)
        if widest != len(TERM_COLUMNS) or rows[0][1] != list(TERM_COLUMNS):
            continue
        cells = sorted((_filled(cells) for _, cells in rows[1:]), key=sort_key)
        comments = [line for line in before.splitlines() if line.startswith("#")]
        lines = dict.fromkeys("\t".join(row) for row in cells)
        text = "\n".join([*comments, "\t".join(TERM_COLUMNS), *lines]) + "\n"
        if text != before:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def sort_key(cells: Sequence[str]) -> tuple[str, int, str, str]:
    """The order of term rows: by concept, the naming row first, then by term."""
    concept_id, term, status = cells[:3]
    return concept_id, _ORDER.get(status, 1), term.lower(), term


def term_files(folder: Path) -> list[Path]:
    """The files of terms of a vocabulary folder, in the order in which they are read."""
    return sorted((folder / "terms").glob("*.tsv"))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, [cell.strip() for cell in line.split("\t")]


def _filled(cells: list[str]) -> list[str]:
    return [*cells, *[""] * (len(TERM_COLUMNS) - len(cells))]


def _strangers(folder: Path) -> Iterator[Finding]:
    """Files that look like vocabulary and are not read from an overlay."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        read = name in OVERLAY_FILES or re.fullmatch(r"terms/[^/]+\.tsv|patterns/[^/]+\.jsonl", name)
        if path.suffix in (".tsv", ".jsonl") and not read:
            known = ", ".join(["terms/<label>.tsv", "patterns/<label>.jsonl", *OVERLAY_FILES])
            yield Finding(str(path), "is not read from an overlay", f"Files of an overlay are {known}.")


def _table(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]] | Finding]:
    """The rows that have the shape of a row, and findings for the others."""
    rows = _rows(path)
    for number, header in rows:
        if header != list(columns):
            cure = f"Name the columns, separated by tabs: {' '.join(columns)}"
            yield Finding(f"{path}:{number}", f"the header is {' '.join(header)!r}", cure, fatal=True)
            return
        break
    else:
        yield Finding(
            str(path), "is empty", f"Begin it with the columns, separated by tabs: {' '.join(columns)}"
        )
    for number, cells in rows:
        if len(cells) > len(columns):
            what = f"has {len(cells)} cells, the header {len(columns)}"
            yield Finding(f"{path}:{number}", what, "Remove the extra tab.", fatal=True)
        else:
            yield number, [*cells, *[""] * (len(columns) - len(cells))]


def _terms(path: Path) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str], int] = {}
    before: tuple[str, int, str, str] | None = None
    disorder: list[tuple[int, str]] = []
    for entry in _table(path, TERM_COLUMNS):
        if isinstance(entry, Finding):
            yield entry
            continue
        number, cells = entry
        where = f"{path}:{number}"
        concept_id, term, status, case, _, _ = cells
        key = sort_key(cells)
        if before is not None and key < before:
            disorder.append((number, term))
        before = key
        if not term:
            yield Finding(where, "has no term", "Write the words by which texts name it.", fatal=True)
        if not concept_id.startswith(f"{path.stem}:"):
            cure = f"Write an id that begins with {path.stem}: or move the row."
            yield Finding(where, f"{concept_id!r} does not belong in {path.name}", cure, fatal=True)
        elif not CONCEPT_ID.fullmatch(concept_id):
            cure = f"Write {path.stem}: and lower-case words joined by hyphens."
            yield Finding(where, f"{concept_id!r} is no concept id", cure)
        if status not in STATUSES:
            cure = f"Use one of {', '.join(STATUSES)}."
            yield Finding(where, f"has the status {status!r}", cure, fatal=True)
        if case not in ("", "exact", "plural"):
            yield Finding(where, f"has the case {case!r}", "Write exact or plural, or leave the cell empty.")
        same = (concept_id, term, case)
        if same in seen:
            yield Finding(
                where, f"{term!r} stands in line {seen[same]} too", "Remove one of them, or use --fix."
            )
        seen.setdefault(same, number)
    if disorder:
        number, term = disorder[0]
        rows = "a row is" if len(disorder) == 1 else f"{len(disorder)} rows are"
        yield Finding(
            f"{path}:{number}", f"{rows} out of order, first {term!r}", "Use --fix to sort the file."
        )


def _plain(path: Path, columns: Sequence[str], same: int) -> Iterator[Finding]:
    seen: dict[tuple[str, ...], int] = {}
    for entry in _table(path, columns):
        if isinstance(entry, Finding):
            yield entry
            continue
        number, cells = entry
        key = tuple(cells[:same])
        if not cells[0]:
            yield Finding(f"{path}:{number}", f"has no {columns[0]}", "Fill the cell, or remove the row.")
        elif key in seen:
            what = f"{' '.join(filter(None, key))!r} stands in line {seen[key]} too"
            yield Finding(f"{path}:{number}", what, "Remove one of them.")
        seen.setdefault(key, number)
        wrong = {"relations.tsv": PREDICATES, "mappings.sssom.tsv": MAPPING_PREDICATES}.get(path.name)
        if wrong and cells[1] not in wrong:
            yield Finding(
                f"{path}:{number}", f"has the predicate {cells[1]!r}", f"Use one of {', '.join(wrong)}."
            )
        if path.name == "everyday.tsv" and cells[2] not in ("", "article"):
            yield Finding(
                f"{path}:{number}", f"has the gate {cells[2]!r}", "Write article, or leave the cell empty."
            )
