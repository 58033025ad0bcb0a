"""Tables with a header: any CSV, and the vocabulary file of DrugBank."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ...errors import SourceError
from . import Filters, Name, lines


def read_csv(path: Path, filters: Filters) -> Iterator[Name]:
    """The names in the columns `filters.columns` (id, name, synonyms; no id column: the name is the id)."""
    rows = csv.reader((f"{line}\n" for _, line in lines(path)), delimiter=filters.delimiter)
    try:
        header = [cell.strip() for cell in next(rows, [])]
        places = [_place(path, header, column) for column in filters.columns]
        for row in rows:
            source_id, name, synonyms = (row[at].strip() if 0 <= at < len(row) else "" for at in places)
            source_id = source_id and f"{filters.id_prefix}{source_id}"
            if name:
                yield Name(source_id or f"name:{name}", name, "preferred")
            for synonym in synonyms.split(filters.separator):
                if synonym.strip() and (source_id or name):
                    yield Name(source_id or f"name:{name}", synonym.strip(), "synonym")
    except csv.Error as error:
        raise SourceError(f"{path}:{rows.line_num}", str(error), "Check quotes and --delimiter.") from error


def read_drugbank(path: Path, filters: Filters) -> Iterator[Name]:
    """The open vocabulary of DrugBank, `drugbank vocabulary.csv`."""
    columns = ("DrugBank ID", "Common name", "Synonyms")
    return read_csv(
        path, replace(filters, columns=columns, delimiter=",", separator=" | ", id_prefix="DRUGBANK:")
    )


def _place(path: Path, header: Sequence[str], column: str) -> int:
    if not column:
        return -1
    if column not in header:
        cure = f"Name one of {', '.join(header)}." if header else "The first line must name the columns."
        raise SourceError(f"{path}:1", f"has no column {column!r}", cure)
    return header.index(column)
