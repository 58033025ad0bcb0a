"""PubAnnotation JSON: for each article one object (`NAME.pubannotation.json`) with its text, denotations (mentions
and quantities), attributes, relations, and its blocks as divisions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..runs.documents import Document, Row
from ..tables.links import web_address
from . import joined, left_out


def export(documents: Iterable[Document], folder: Path) -> tuple[str, ...]:
    """Write the files of all documents. Raises OSError."""
    missing = 0
    for document in documents:
        path = folder / f"{document.name}.pubannotation.json"
        path.write_bytes((json.dumps(_object(document), ensure_ascii=False, indent=1) + "\n").encode())
        missing += len(document.relations) - len(joined(document.relations))
    return left_out(missing)


def _object(document: Document) -> dict[str, Any]:
    quantities = [row for row in document.quantities if row["mention"] is not None]
    relations = [
        {"pred": row["kind"], "subj": f"M{row['head_mention']}", "obj": f"M{row['tail_mention']}"}
        for row in joined(document.relations)
    ]
    relations += [
        {"pred": "quantity_of", "subj": f"Q{row['quantity']}", "obj": f"M{row['mention']}"}
        for row in quantities
    ]
    denotations = [_denotation(f"M{row['mention']}", row, row["concept_id"]) for row in document.mentions]
    denotations += [_denotation(f"Q{row['quantity']}", row, row["kind"]) for row in document.quantities]
    found = {
        "target": web_address(document.article["url"]),
        "sourcedb": "medtables",
        "sourceid": document.article["article_id"],
        "text": document.text,
        "divisions": [{"span": _span(row), "label": row["kind"]} for row in document.blocks],
        "denotations": denotations,
        "attributes": _numbered("A", _attributes(document)),
        "relations": _numbered("R", relations),
    }
    return found if found["target"] else {name: value for name, value in found.items() if name != "target"}


def _attributes(document: Document) -> Iterator[dict[str, str]]:
    for row in document.mentions:
        for name in ("label", "concept", "assertion"):
            yield {"subj": f"M{row['mention']}", "pred": name, "obj": row[name]}
    for row in document.quantities:
        yield {"subj": f"Q{row['quantity']}", "pred": "value", "obj": row["value"]}


def _numbered(letter: str, entries: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [{"id": f"{letter}{number}", **entry} for number, entry in enumerate(entries)]


def _denotation(key: str, row: Row, what: str) -> dict[str, Any]:
    return {"id": key, "span": _span(row), "obj": what}


def _span(row: Row) -> dict[str, int]:
    return {"begin": row["start"], "end": row["end"]}
