"""Read names from terminologies that users download; one module per format, each `read(path, filters) ->
names`.

Every reader streams: what it keeps in memory does not grow with the file, except where a hierarchy must be
known before the first name (OBO) or the types of concepts stand in another file (UMLS).
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, cast

from ...errors import SourceError

FORMATS = ("obo", "mesh", "rxnorm", "umls", "drugbank", "csv")
_HOMES = {"rxnorm": "rrf", "umls": "rrf", "drugbank": "columns", "csv": "columns"}


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a concept of the source. `status` is that of a vocabulary row; preferred and brand name
    it.
    """

    source_id: str
    text: str
    status: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What to take from a source; empty means everything, except for `scopes`.

    `roots`: ids of OBO branches. `trees`: MeSH tree numbers (`C`, `F01.145`). `scopes`: of synonyms, OBO's
    words. `term_types`, `sources`: TTY and SAB of RRF files. `semantic_types`: UMLS TUIs or names.
    `language`: of UMLS. `columns`: for csv, the names of the columns id, name, synonyms. `delimiter` and
    `separator` part the cells of a row and the synonyms of a cell. `id_prefix` stands before the ids of csv.
    """

    roots: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("EXACT",)
    term_types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    semantic_types: tuple[str, ...] = ()
    language: str = "ENG"
    types_file: Path | None = None
    columns: tuple[str, str, str] = ("", "name", "")
    delimiter: str = ","
    separator: str = "|"
    id_prefix: str = ""


Reader = Callable[[Path, Filters], Iterator[Name]]


def read(path: Path, format: str, filters: Filters) -> Iterator[Name]:
    """The names in `path`, a file of one of FORMATS (also with .gz). Raises SourceError."""
    reader: Reader = getattr(import_module(f".{_HOMES.get(format, format)}", __name__), f"read_{format}")
    return reader(path, filters)


def open_binary(path: Path) -> IO[bytes]:
    """The bytes of a file, decompressed when its name ends in .gz. Raises SourceError."""
    try:
        return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")
    except OSError as error:
        raise SourceError(str(path), f"cannot be read ({error.strerror})", "Check the path.") from error


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file with their numbers, without line ends. Raises SourceError."""
    number = 0
    try:
        with open_binary(path) as content:
            for number, line in enumerate(content, 1):
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}:{number}", "is not UTF-8", "Convert the file to UTF-8.") from error
    except (OSError, EOFError) as error:
        raise SourceError(f"{path}:{number}", f"cannot be read on ({error})", "Download it again.") from error


def natural(name: str) -> str:
    """An inverted heading in the order of speech; other names as they are.

    >>> natural("Diabetes Mellitus, Type 2"), natural("Wounds, Bites and Stings")
    ('Type 2 Diabetes Mellitus', 'Wounds, Bites and Stings')
    """
    first, comma, rest = name.partition(", ")
    if not comma or "," in rest or {"and", "or"} & set(rest.lower().split()):
        return name
    return f"{rest} {first}"
