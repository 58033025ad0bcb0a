"""One page's extraction as rows of every table: plain tuples in the order of the declared columns.

`rows` is pure Python and light; `schema.batch` makes Arrow record batches of what it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..model import Assertion, Extraction, Kind, Mention, Quantity, Status
from . import LIST_SEPARATOR, MOST_SENTENCE, TABLES, TRAIL_SEPARATOR
from .links import Linker, web_address

Row = tuple[Any, ...]
MOST_REASON = 500

WEIGHTS = {Kind.TITLE: 3, Kind.HEADING: 2}
WEIGHT_DECIMALS = 4


def rows(extraction: Extraction) -> dict[str, list[Row]]:
    """The rows of every table, by table name. Articles has exactly one, whatever became of the page."""
    return {name: ROWS[name](extraction) for name in TABLES}


def _articles(extraction: Extraction) -> list[Row]:
    page, article, problem = extraction.page, extraction.article, extraction.problem
    data = article.metadata
    came_with = "" if data.url else web_address(page.url)
    return [
        (
            page.article_id,
            page.source,
            data.url or came_with,
            data.url_source if data.url else page.url_source if came_with else "",
            data.title,
            data.site,
            data.author,
            data.published or page.published,
            data.modified,
            data.reviewed,
            data.language,
            extraction.language,
            str(problem.status if problem else Status.OK),
            _reason(problem.reason) if problem else extraction.unread,
            extraction.encoding,
            extraction.content_sha256,
            "",
            len(article.text.split()),
            data.description,
            data.reviewed_by,
            LIST_SEPARATOR.join(data.about),
            data.audience,
            LIST_SEPARATOR.join(data.codes),
        )
    ]


def _reason(text: str) -> str:
    """A reason on one line: it may quote the page, the names of its fields or an error of a library."""
    line = "".join(sign if sign.isprintable() else " " if sign.isspace() else "\ufffd" for sign in text)
    return line if len(line) <= MOST_REASON else line[: MOST_REASON - 1] + "…"


def _blocks(extraction: Extraction) -> list[Row]:
    article_id, text = extraction.page.article_id, extraction.article.text
    return [
        (
            article_id,
            number,
            block.start,
            block.end,
            str(block.kind),
            block.level,
            block.section,
            TRAIL_SEPARATOR.join(block.trail),
            block.place,
            text[block.start : block.end],
        )
        for number, block in enumerate(extraction.article.blocks)
    ]


def _mentions(extraction: Extraction) -> list[Row]:
    if not extraction.mentions:
        return []
    page, article = extraction.page, extraction.article
    linker = Linker(article.text, article.metadata.url or page.url)
    return [
        (
            page.article_id,
            number,
            mention.start,
            mention.end,
            mention.text,
            mention.label,
            mention.concept_id,
            mention.concept,
            str(mention.assertion),
            mention.cue,
            mention.block,
            mention.section,
            mention.sentence_start,
            mention.sentence_end,
            _sentence(article.text, mention),
            mention.term,
            linker.link(mention.sentence_start, mention.sentence_end, article.blocks[mention.block].start),
            mention.elliptic,
        )
        for number, mention in enumerate(extraction.mentions)
    ]


def _quantities(extraction: Extraction) -> list[Row]:
    mentions, text = extraction.mentions, extraction.article.text
    return [
        (
            extraction.page.article_id,
            number,
            quantity.start,
            quantity.end,
            quantity.text,
            quantity.low,
            quantity.high,
            quantity.comparator,
            quantity.unit,
            quantity.value,
            str(quantity.kind),
            quantity.mention,
            quantity.canonical_low,
            quantity.canonical_high,
            quantity.canonical_unit,
            quantity.per_day,
            "" if quantity.mention is None else mentions[quantity.mention].concept_id,
            quantity.block,
            quantity.sentence_start,
            quantity.sentence_end,
            _sentence(text, quantity),
        )
        for number, quantity in enumerate(extraction.quantities)
    ]


def _relations(extraction: Extraction) -> list[Row]:
    text = extraction.article.text
    return [
        (
            extraction.page.article_id,
            number,
            relation.kind,
            relation.head_concept,
            relation.tail_concept,
            relation.head if relation.head >= 0 else None,
            relation.tail if relation.tail >= 0 else None,
            str(relation.certainty),
            str(relation.basis),
            text[relation.start : min(relation.end, relation.start + MOST_SENTENCE)],
            relation.start,
            relation.end,
        )
        for number, relation in enumerate(extraction.relations)
    ]


def _sentence(text: str, mention: Mention | Quantity) -> str:
    # Every mention repeats its sentence: without a bound, a page that is one endless sentence with thousands
    # of mentions would need memory by the square of its length.
    start, end = mention.sentence_start, mention.sentence_end
    if end - start > MOST_SENTENCE:
        start, end = (
            max(start, mention.start - MOST_SENTENCE // 2),
            min(end, mention.end + MOST_SENTENCE // 2),
        )
    return text[start:end]


def _concepts(extraction: Extraction) -> list[Row]:
    blocks = extraction.article.blocks
    by_concept: dict[str, list[Mention]] = {}
    for mention in extraction.mentions:
        by_concept.setdefault(mention.concept_id, []).append(mention)

    def score(mentions: Sequence[Mention]) -> int:
        return sum(
            WEIGHTS.get(blocks[mention.block].kind, 1)
            for mention in mentions
            if mention.assertion == Assertion.PRESENT
        )

    total = score(extraction.mentions)
    found: list[Row] = []
    for concept_id, mentions in sorted(by_concept.items()):
        first = mentions[0]
        asserted = [mention.assertion for mention in mentions]
        found.append(
            (
                extraction.page.article_id,
                concept_id,
                first.label,
                first.concept,
                len(mentions),
                asserted.count(Assertion.PRESENT),
                asserted.count(Assertion.ABSENT),
                any(blocks[mention.block].kind == Kind.TITLE for mention in mentions),
                LIST_SEPARATOR.join(sorted({mention.section for mention in mentions if mention.section})),
                first.start,
                round(score(mentions) / total, WEIGHT_DECIMALS) if total else 0.0,
            )
        )
    return found


ROWS: dict[str, Callable[[Extraction], list[Row]]] = {
    "articles": _articles,
    "blocks": _blocks,
    "mentions": _mentions,
    "quantities": _quantities,
    "relations": _relations,
    "concepts": _concepts,
}
