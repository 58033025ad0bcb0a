"""Short ways to declare the columns of the tables of comparisons and differences."""

from __future__ import annotations

from dataclasses import replace

from .tables import Column, Type


def text(name: str, meaning: str, values: tuple[str, ...] = ()) -> Column:
    """A column of strings."""
    return Column(name, Type.STRING, meaning, values=values)


def count(name: str, meaning: str, unit: str) -> Column:
    """A column of whole numbers."""
    return Column(name, Type.INTEGER, meaning, unit)


def number(name: str, meaning: str, unit: str = "") -> Column:
    """A column of numbers."""
    return Column(name, Type.NUMBER, meaning, unit)


def maybe(column: Column) -> Column:
    """The same column, in which a cell may be missing."""
    return replace(column, nullable=True)
