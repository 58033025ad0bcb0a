"""Views of a database of tables, in the SQL that SQLite and DuckDB share.

A view is made where all tables that it reads are there. `concepts_wide` has columns for the labels that occur.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..tables import LIST_SEPARATOR, TABLES, Table
from .whole import literal, quoted

VIEWS = ("mentions_full", "quantities_full", "relations_full", "concepts_wide", "prevalence")


def view_statements(tables: Sequence[Table], labels: Iterable[str], listed: str) -> list[str]:
    """The CREATE VIEW statements for a database that holds `tables`. `listed` is a query for the names of the
    rows of `concepts c` that fulfil `{condition}` as one text, joined by `{separator}`, the weightiest first."""
    held = {table.name for table in tables if table == TABLES.get(table.name)}
    made = [
        ({"articles", "blocks", "mentions"}, _MENTIONS),
        ({"articles", "mentions", "quantities"}, _QUANTITIES),
        ({"articles", "concepts", "relations"}, _RELATIONS),
        ({"articles", "concepts"}, _concepts_wide(sorted(set(labels)), listed)),
        ({"articles", "concepts"}, _PREVALENCE),
    ]
    return [
        f"CREATE VIEW {name} AS\n{query}"
        for name, (needed, query) in zip(VIEWS, made, strict=True)
        if held >= needed
    ]


def _concepts_wide(labels: Sequence[str], listed: str) -> str:
    columns = ["a.article_id", _OF_ARTICLE, "a.words"]
    for label in labels:
        condition = f"c.article_id = a.article_id AND c.label = {literal(label)}"
        names = listed.format(condition=condition, separator=literal(LIST_SEPARATOR))
        count = f"SELECT count(*) FROM concepts c WHERE {condition}"
        columns.append(f"({count}) AS {quoted(label.lower() + '_count')}")
        columns.append(f"({names}) AS {quoted(label.lower())}")
    return "SELECT " + ",\n  ".join(columns) + "\nFROM articles a\nWHERE a.status = 'ok'"


_OF_ARTICLE = "a.title, a.site, a.url, a.published, a.reviewed"
_MENTIONS = f"""SELECT m.*, {_OF_ARTICLE}, b.kind AS block_kind, b.level AS block_level, b.trail, b.place
FROM mentions m
JOIN articles a ON a.article_id = m.article_id
JOIN blocks b ON b.article_id = m.article_id AND b.block = m.block"""
_QUANTITIES = f"""SELECT q.*, m.text AS mention_text, m.concept, m.assertion, {_OF_ARTICLE}
FROM quantities q
JOIN articles a ON a.article_id = q.article_id
LEFT JOIN mentions m ON m.article_id = q.article_id AND m.mention = q.mention"""
_RELATIONS = f"""SELECT r.*, h.concept AS head, h.label AS head_label, t.concept AS tail, t.label AS tail_label,
  {_OF_ARTICLE}
FROM relations r
JOIN articles a ON a.article_id = r.article_id
LEFT JOIN concepts h ON h.article_id = r.article_id AND h.concept_id = r.head_concept
LEFT JOIN concepts t ON t.article_id = r.article_id AND t.concept_id = r.tail_concept"""
_PREVALENCE = """SELECT concept_id, label, concept, count(*) AS articles,
  1.0 * count(*) / (SELECT count(*) FROM articles WHERE status = 'ok') AS share,
  sum(mentions) AS mentions, sum(present) AS present, sum(absent) AS absent,
  count(*) FILTER (WHERE in_title) AS in_title
FROM concepts
GROUP BY concept_id, label, concept"""
