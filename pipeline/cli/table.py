"""The command `medtables table`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from ..tables import TABLES, Table
from . import terminal
from .command import Command, verbose

if TYPE_CHECKING:
    import pyarrow as pa

    from ..runs import Run


@click.command(cls=Command, short_help="Print a table of a finished run.")
@click.argument("run_folder", metavar="RUN")
@click.argument("name", required=False)
@click.option(
    "--where", multiple=True, metavar="CONDITION", help="COLUMN=VALUE, or !=, >, <, >=, <=, ~ for contains."
)
@click.option(
    "--group", metavar="NAMES", help="Count the rows for each value of these columns, separated by commas."
)
@click.option("--columns", metavar="NAMES", help="Columns to print, separated by commas.")
@click.option(
    "--sort", metavar="NAMES", help="Columns to sort by, separated by commas; -NAME: largest first."
)
@click.option("--limit", type=click.IntRange(0), help="Print the first so many rows.")
@click.option(
    "--sql",
    "query",
    metavar="QUERY",
    help="Rows of a SELECT over the run's tables and the views mentions_full, quantities_full, relations_full,"
    " concepts_wide and prevalence; needs duckdb.",
)
@click.option("--json", "as_json", is_flag=True, help="The rows as one JSON array of objects, a line each.")
@click.option(
    "--width",
    type=click.IntRange(0),
    default=terminal.LONGEST_CELL,
    show_default=True,
    help="Widest cell on a terminal; 0: all columns and whole cells, however wide.",
)
@verbose
def table(
    run_folder: str,
    name: str | None,
    where: tuple[str, ...],
    group: str | None,
    columns: str | None,
    sort: str | None,
    limit: int | None,
    query: str | None,
    as_json: bool,
    width: int,
    verbose: int,
) -> None:
    """Print table NAME of a finished RUN, or without NAME, which tables there are.

    On a terminal columns are aligned and cut to its width, and long tables go through a pager (PAGER); elsewhere
    cells are whole and separated by tabs.

    \b
    medtables table RUN mentions --where label=SYMPTOM --where assertion=absent --columns text,sentence
    medtables table RUN mentions --group label,assertion
    medtables table RUN --sql "SELECT concept, articles FROM prevalence ORDER BY articles DESC LIMIT 10"
    """
    from ..runs import read_run
    from ..runs.query import QueryError, select

    run = read_run(run_folder)
    try:
        if query is not None:
            if name or where or group or columns or sort or limit is not None:
                raise click.UsageError("--sql stands alone: say the rest in the query.")
            from ..runs.sql_query import sql

            rows = sql(run, query)
        elif name is None:
            rows = _listed(run)
        else:
            rows = select(
                _declared(name, run.tables),
                run.arrow(name),
                where=where,
                group=_split(group),
                columns=_split(columns),
                sort=_split(sort),
                limit=limit,
            )
    except QueryError as error:
        raise click.UsageError(f"{error.where}: {error.what}. {error.cure}") from error
    if as_json:
        _print_json(rows)
    else:
        terminal.show_rows(rows.to_pydict(), width)


def _listed(run: Run) -> pa.Table:
    import pyarrow as pa

    rows = run.info.get("rows", {})
    shown = [TABLES[held] for held in run.tables]
    return pa.table(
        {
            "table": [table.name for table in shown],
            "rows": [rows.get(table.name) for table in shown],
            "holds": [table.meaning for table in shown],
        }
    )


def _print_json(rows: pa.Table) -> None:
    lines = [json.dumps(row, ensure_ascii=False, default=_as_text) for row in rows.to_pylist()]
    click.echo(("[\n" + ",\n".join(lines) + "\n]" if lines else "[]").encode("utf-8", errors="replace"))


def _as_text(value: Any) -> str:
    """What a query can give beyond numbers and texts, such as dates."""
    return str(value)


def _declared(name: str, held: tuple[str, ...]) -> Table:
    if name not in held:
        raise click.UsageError(f"there is no table {name!r}. The run holds {', '.join(held)}.")
    return TABLES[name]


def _split(names: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (names or "").split(",") if part.strip())
