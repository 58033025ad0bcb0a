"""BioC JSON: one collection of all articles (`medtables.bioc.json`), a passage per block.

Annotations are mentions (`M0`, ...) and quantities (`Q0`, ...), relations stand at the document. Offsets are
characters of the document.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..runs.documents import Document, Row
from . import joined, left_out

_FILE = "medtables.bioc.json"


def export(documents: Iterable[Document], folder: Path) -> tuple[str, ...]:
    """Write the collection, document by document. Raises OSError."""
    head = {"source": "medtables", "date": "", "key": "medtables.key", "version": "1.0", "infons": {}}
    missing = 0
    with (folder / _FILE).open("wb") as stream:
        stream.write((json.dumps(head)[:-1] + ', "documents": [').encode())
        for number, document in enumerate(documents):
            made = json.dumps(_document(document), ensure_ascii=False)
            stream.write((",\n" if number else "\n").encode() + made.encode())
            missing += len(document.relations) - len(joined(document.relations))
        stream.write(b"\n]}\n")
    return left_out(missing)


def _document(document: Document) -> dict[str, Any]:
    annotations: dict[int, list[dict[str, Any]]] = {}
    for row in document.mentions:
        annotations.setdefault(row["block"], []).append(_mention(row))
    for row in document.quantities:
        annotations.setdefault(row["block"], []).append(_quantity(row))
    passages = [
        {
            "offset": block["start"],
            "infons": {"type": block["kind"], "section": block["section"], "trail": block["trail"]},
            "text": block["text"],
            "sentences": [],
            "annotations": annotations.get(block["block"], []),
            "relations": [],
        }
        for block in document.blocks
    ]
    told = ("title", "url", "site", "author", "published", "modified", "reviewed", "language")
    return {
        "id": document.article["article_id"],
        "infons": {name: document.article[name] for name in told if document.article[name]},
        "passages": passages,
        "annotations": [],
        "relations": [_relation(row) for row in joined(document.relations)],
    }


def _mention(row: Row) -> dict[str, Any]:
    infons = {
        "type": row["label"],
        "identifier": row["concept_id"],
        "name": row["concept"],
        "assertion": row["assertion"],
    }
    return _annotation(f"M{row['mention']}", row, infons)


def _quantity(row: Row) -> dict[str, Any]:
    infons = {"type": "QUANTITY", "kind": row["kind"], "value": row["value"]}
    if row["mention"] is not None:
        infons["mention"] = f"M{row['mention']}"
    return _annotation(f"Q{row['quantity']}", row, infons)


def _annotation(key: str, row: Row, infons: dict[str, str]) -> dict[str, Any]:
    place = {"offset": row["start"], "length": row["end"] - row["start"]}
    return {"id": key, "infons": infons, "text": row["text"], "locations": [place]}


def _relation(row: Row) -> dict[str, Any]:
    return {
        "id": f"R{row['relation']}",
        "infons": {"type": row["kind"], "certainty": row["certainty"], "basis": row["basis"]},
        "nodes": [
            {"refid": f"M{row['head_mention']}", "role": "head"},
            {"refid": f"M{row['tail_mention']}", "role": "tail"},
        ],
    }
