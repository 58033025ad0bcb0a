"""W3C Web Annotations: for each article an AnnotationPage in JSON-LD (`NAME.webannotation.jsonld`).

A target is the page itself, which needs an http or https address. Its selectors are alternatives: the element of
the block (CSS), refined by the position in that element's text, white space collapsed, or by the quotation where
several blocks stand in one element; and the quotation alone with what stands around it.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Any

from ..runs.documents import Document, Row
from ..tables.links import web_address

AROUND = 32  # Characters before and after a quotation.
_CONTEXT = "http://www.w3.org/ns/anno.jsonld"


def export(documents: Iterable[Document], folder: Path) -> tuple[str, ...]:
    """Write the files of all documents. Raises OSError."""
    without = 0
    for document in documents:
        url = document.article["url"]
        if not web_address(url):
            without += 1
            continue
        places = Counter(block["place"] for block in document.blocks)
        shared = {place for place, count in places.items() if count > 1}
        page = {
            "@context": _CONTEXT,
            "id": _urn(document, "page"),
            "type": "AnnotationPage",
            "items": [_annotation(document, row, url, shared) for row in document.mentions],
        }
        path = folder / f"{document.name}.webannotation.jsonld"
        path.write_bytes((json.dumps(page, ensure_ascii=False, indent=1) + "\n").encode())
    if not without:
        return ()
    articles = "1 article is" if without == 1 else f"{without:,} articles are"
    return (f"{articles} left out: a Web Annotation needs the page's http or https address.",)


def _urn(document: Document, part: object) -> str:
    name = f"{document.article['url']} {document.article['article_id']} {part}"
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn


def _annotation(document: Document, row: Row, url: str, shared: Set[str]) -> dict[str, Any]:
    bodies = {
        "tagging": row["concept"],
        "identifying": row["concept_id"],
        "classifying": row["label"],
        "assessing": row["assertion"],
    }
    return {
        "id": _urn(document, row["mention"]),
        "type": "Annotation",
        "creator": {"type": "Software", "name": "medtables"},
        "motivation": "tagging",
        "body": [
            {"type": "TextualBody", "purpose": purpose, "format": "text/plain", "value": value}
            for purpose, value in bodies.items()
        ],
        "target": {"type": "SpecificResource", "source": url, "selector": _selectors(document, row, shared)},
    }


def _selectors(document: Document, row: Row, shared: Set[str]) -> list[dict[str, Any]]:
    block = document.blocks[row["block"]]
    before = document.text[max(block["start"], row["start"] - AROUND) : row["start"]]
    after = document.text[row["end"] : min(block["end"], row["end"] + AROUND)]
    quote = {
        "type": "TextQuoteSelector",
        "exact": document.text[row["start"] : row["end"]],
        "prefix": before,
        "suffix": after,
    }
    if not block["place"]:
        return [quote]
    position = {
        "type": "TextPositionSelector",
        "start": row["start"] - block["start"],
        "end": row["end"] - block["start"],
    }
    refined = quote if block["place"] in shared else position
    return [{"type": "CssSelector", "value": block["place"], "refinedBy": refined}, quote]
