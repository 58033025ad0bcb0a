"""spaCy: one DocBin of all articles (`medtables.spacy`), to train or to look at.

`doc.ents` and `doc.spans["mentions"]` are the mentions, with the concept as `kb_id_`; `doc.spans["absent"]`,
`["possible"]` and so on those of one assertion; `doc.spans["quantities"]` the quantities, labelled by kind.
`doc.user_data` holds article_id, url, title and relations. Tokens are those of `spacy.blank("en")`, cut where an
annotation begins or ends inside one, so that all of them are kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span, SpanGroup

from ..runs.documents import Document, Row
from . import joined

_FILE = "medtables.spacy"


def export(documents: Iterable[Document], folder: Path) -> tuple[str, ...]:
    """Write the DocBin. Raises OSError."""
    nlp = spacy.blank("en")
    docs = DocBin(attrs=["ENT_IOB", "ENT_TYPE", "ENT_KB_ID"], store_user_data=True)
    for document in documents:
        docs.add(_doc(nlp, document))
    docs.to_disk(folder / _FILE)
    return ()


def _doc(nlp: Language, document: Document) -> Doc:
    annotations = (*document.mentions, *document.quantities)
    doc = _tokens(nlp, document.text, sorted({row[end] for row in annotations for end in ("start", "end")}))
    starts = [token.idx for token in doc]
    mentions = [_span(doc, starts, row, row["label"], row["concept_id"]) for row in document.mentions]
    quantities = [_span(doc, starts, row, row["kind"]) for row in document.quantities]
    doc.set_ents(mentions)
    groups: dict[str, list[Span]] = defaultdict(list)
    for row, span in zip(document.mentions, mentions, strict=True):
        groups[row["assertion"]].append(span)
    for name, spans in {"mentions": mentions, "quantities": quantities, **groups}.items():
        doc.spans[name] = SpanGroup(doc, name=name, spans=spans)
    for name in ("article_id", "url", "title"):
        doc.user_data[name] = document.article[name]
    told = ("kind", "head_mention", "tail_mention", "certainty", "basis")
    doc.user_data["relations"] = [{name: row[name] for name in told} for row in joined(document.relations)]
    return doc


def _tokens(nlp: Language, text: str, borders: Sequence[int]) -> Doc:
    """A Doc of the text in which a token begins at every one of the borders."""
    words: list[str] = []
    spaces: list[bool] = []
    for token in nlp.tokenizer(text):
        begin, end = token.idx, token.idx + len(token)
        for border in borders[bisect_right(borders, begin) : bisect_left(borders, end)]:
            words.append(text[begin:border])
            spaces.append(False)
            begin = border
        words.append(text[begin:end])
        spaces.append(bool(token.whitespace_))
    return Doc(nlp.vocab, words, spaces)


def _span(doc: Doc, starts: list[int], row: Row, label: str, kb_id: str = "") -> Span:
    begin, end = bisect_left(starts, row["start"]), bisect_left(starts, row["end"])
    return Span(doc, begin, end, label=label, kb_id=kb_id)
