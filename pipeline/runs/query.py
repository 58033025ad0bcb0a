"""Rows of a finished table that a user asks for: conditions, columns, order, number. Arrow only, so that it
is quick."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import MedtablesError
from ..tables import Column, Table, Type

_CONDITION = re.compile(r"([A-Za-z_]\w*)(!=|>=|<=|=|>|<|~)(.*)", re.DOTALL)
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": pc.equal,
    "!=": pc.not_equal,
    ">=": pc.greater_equal,
    "<=": pc.less_equal,
    ">": pc.greater,
    "<": pc.less,
}


COUNT = "rows"


class QueryError(MedtablesError):
    """A condition, column or order that the table does not have."""


def select(
    table: Table,
    rows: pa.Table,
    *,
    where: Sequence[str] = (),
    group: Sequence[str] = (),
    columns: Sequence[str] = (),
    sort: Sequence[str] = (),
    limit: int | None = None,
) -> pa.Table:
    """The rows for which all of `where` holds (`label=SYMPTOM`, `start>=100`, `text~sodium`: contains,
    whatever the case), sorted by `sort` (`-weight`: largest first), the first `limit`, with only `columns`.

    With `group`, a row for each combination of the values of these columns, with the number of rows that have it
    in COUNT, the most frequent first. Raises QueryError."""
    for condition in where:
        rows = rows.filter(_mask(table, rows, condition))
    if group:
        table, rows = _counted(table, rows, group)
        sort = sort or (f"-{COUNT}", *group)
    if sort:
        rows = rows.sort_by(
            [
                (
                    _column(table, key.lstrip("-"), "--sort").name,
                    "descending" if key[:1] == "-" else "ascending",
                )
                for key in sort
            ]
        )
    if limit is not None:
        rows = rows.slice(0, limit)
    if columns:
        rows = rows.select([_column(table, name, "--columns").name for name in dict.fromkeys(columns)])
    return rows


def _counted(table: Table, rows: pa.Table, group: Sequence[str]) -> tuple[Table, pa.Table]:
    keys = [_column(table, name, "--group") for name in dict.fromkeys(group)]
    names = [column.name for column in keys]
    counted = rows.group_by(names).aggregate([([], "count_all")]).select([*names, "count_all"])
    count = Column(COUNT, Type.INTEGER, "how many rows have these values", "rows")
    made = Table(table.name, table.meaning, (*keys, count), tuple(names))
    return made, counted.rename_columns([*names, COUNT])


def _mask(table: Table, rows: pa.Table, condition: str) -> Any:
    match = _CONDITION.fullmatch(condition)
    if not match:
        raise QueryError(
            "--where",
            f"{condition!r} is no condition",
            "Write COLUMN=VALUE; there are also !=, >, <, >=, <= and ~ for contains.",
        )
    name, operator, value = match.groups()
    column = _column(table, name, "--where")
    if operator == "~":
        return pc.match_substring(rows.column(name).cast(pa.string()), value, ignore_case=True)
    return pc.fill_null(OPERATORS[operator](rows.column(name), _value(column, value)), False)


def _value(column: Column, value: str) -> Any:
    try:
        match column.type:
            case Type.STRING:
                return value
            case Type.INTEGER:
                return int(value)
            case Type.NUMBER:
                return float(value)
            case Type.BOOLEAN:
                return {"true": True, "false": False}[value.lower()]
    except (ValueError, KeyError) as error:
        kind = "true or false" if column.type is Type.BOOLEAN else f"a {column.type}"
        raise QueryError(
            "--where", f"{value!r} is not {kind}, as {column.name} is", "Change the value."
        ) from error


def _column(table: Table, name: str, option: str) -> Column:
    for column in table.columns:
        if column.name == name:
            return column
    raise QueryError(
        option,
        f"{table.name} has no column {name!r}",
        f"It has {', '.join(column.name for column in table.columns)}.",
    )
