"""The Rich Release Format of the UMLS (MRCONSO.RRF, MRSTY.RRF) and of RxNorm (RXNCONSO.RRF), files of
gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...errors import SourceError
from . import Filters, Name, lines, natural

# Columns, the same in both files.
_ID, _LANGUAGE, _TS, _STT, _PREFERRED, _SOURCE, _TYPE, _TEXT, _SUPPRESS = 0, 1, 2, 4, 6, 11, 12, 14, 16
_COLUMNS = 18
_RXNORM_TYPES = ("IN", "PIN", "MIN", "BN")
_ABBREVIATIONS = ("ACR", "AB", "ABB")


def read_rxnorm(path: Path, filters: Filters) -> Iterator[Name]:
    """Ingredients and brands of RXNCONSO.RRF: RxNorm's own rows of the types IN, PIN, MIN and BN, unless
    told.
    """
    types = filters.term_types or _RXNORM_TYPES
    sources = filters.sources or ("RXNORM",)
    for cells in _rows(path, "ENG"):
        if cells[_TYPE] in types and cells[_SOURCE] in sources:
            status = (
                "brand"
                if cells[_TYPE] == "BN"
                else "preferred"
                if cells[_TYPE] in _RXNORM_TYPES
                else "synonym"
            )
            yield Name(f"RXNORM:{cells[_ID]}", cells[_TEXT].strip(), status)


def read_umls(path: Path, filters: Filters) -> Iterator[Name]:
    """Names of MRCONSO.RRF in one language, of concepts with one of the semantic types (MRSTY.RRF beside
    it).
    """
    wanted = _of_types(filters.types_file or path.with_name("MRSTY.RRF"), filters.semantic_types)
    for cells in _rows(path, filters.language):
        if (
            (wanted is None or cells[_ID] in wanted)
            and (not filters.sources or cells[_SOURCE] in filters.sources)
            and (not filters.term_types or cells[_TYPE] in filters.term_types)
        ):
            preferred = (cells[_TS], cells[_STT], cells[_PREFERRED]) == ("P", "PF", "Y")
            status = "abbreviation" if cells[_TYPE] in _ABBREVIATIONS else "synonym"
            text = natural(cells[_TEXT].strip()) if cells[_SOURCE] == "MSH" else cells[_TEXT].strip()
            yield Name(f"UMLS:{cells[_ID]}", text, "preferred" if preferred else status)


def _rows(path: Path, language: str) -> Iterator[list[str]]:
    """The rows of a language that are not suppressed."""
    marked = f"|{language}|"
    for number, line in lines(path):
        # Nine rows in ten are of other languages; this test costs a tenth of parting the line.
        if marked in line or number == 1:
            cells = line.split("|")
            if len(cells) <= _COLUMNS - 1:
                what = f"has {len(cells)} columns instead of {_COLUMNS}"
                raise SourceError(f"{path}:{number}", what, "Give MRCONSO.RRF or RXNCONSO.RRF.")
            if cells[_LANGUAGE] == language and cells[_SUPPRESS] in ("N", ""):
                yield cells


def _of_types(path: Path, types: tuple[str, ...]) -> set[str] | None:
    if not types:
        return None
    if not path.exists():
        cure = "Put MRSTY.RRF beside it, name it with --types-file, or leave out --semantic-type."
        raise SourceError(str(path), "is missing, and holds the semantic types", cure)
    found = {cells[0] for _, line in lines(path) if {*(cells := line.split("|"))[1:4:2]} & {*types}}
    if not found:
        what = f"has no concept of the types {', '.join(types)}"
        raise SourceError(str(path), what, "Write TUIs (T047) or their names (Disease or Syndrome).")
    return found
