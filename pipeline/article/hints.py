"""The words of `vocabulary/metadata.tsv`: where pages say what they are."""

from __future__ import annotations

from functools import cache

from ..tsv import VOCABULARY, read_rows


@cache
def names(field: str, place: str) -> tuple[str, ...]:
    """The names to ask for a field in one place (meta, property, class, ...), the most trusted first."""
    return _table().get((field, place), ())


@cache
def _table() -> dict[tuple[str, str], tuple[str, ...]]:
    table: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in read_rows(VOCABULARY, "metadata.tsv", ("field", "place", "name")):
        key = (row["field"], row["place"])
        table[key] = (*table.get(key, ()), row["name"])
    return table
