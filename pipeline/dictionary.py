"""The data dictionary: every table and column of a run, a comparison and a difference as one Markdown page."""

from __future__ import annotations

from collections.abc import Iterable

from .compare.tables import COMPARE_TABLES
from .diff.tables import DIFF_TABLES
from .tables import TABLES, Table


def data_dictionary() -> str:
    """All tables and columns as a Markdown page (outputs/README.md)."""
    lines = [_HEAD, *_described(TABLES.values())]
    lines += [_COMPARISON, *_described(COMPARE_TABLES.values())]
    lines += [_DIFFERENCE, *_described(DIFF_TABLES.values())]
    return "\n".join(lines)


def _described(tables: Iterable[Table]) -> list[str]:
    lines: list[str] = []
    for table in tables:
        lines += [f"## {table.name}", "", f"{table.meaning} Key: {', '.join(table.key)}.", ""]
        lines += ["| column | type | meaning | unit |", "|---|---|---|---|"]
        for column in table.columns:
            meaning = column.meaning
            if column.values:
                meaning += f" ({', '.join(column.values)})"
            kind = f"{column.type} or missing" if column.nullable else str(column.type)
            lines.append(f"| {column.name} | {kind} | {_cell(meaning)} | {_cell(column.unit)} |")
        lines.append("")
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_HEAD = """# The tables of a run

This page is generated from `pipeline/tables/` by `python -m pipeline.dictionary`; change the declaration, not
the page.

A run's folder holds one file per table and format (`medtables.sqlite`, `.duckdb` and `.xlsx`: one for all tables),
`datapackage.json`, which describes them as a [Data Package](https://specs.frictionlessdata.io/data-package/), and
`run.json`, which tells how they were made.

`pipeline.read_run(folder)` gives every table as a pandas DataFrame, whatever the format. Other readers of the
csv and tsv files should know two things. The strings NA, None, null and nan are text, not missing values
(`keep_default_na=False` in `pandas.read_csv`). A text that a spreadsheet would run as a formula, because it
starts with `=`, `+`, `-`, `@`, a tab or a line break (or with apostrophes and then one of these), has one
apostrophe put in front; `read_run` takes it off.

Both databases have the views `mentions_full` (with article and block), `quantities_full`, `relations_full`,
`concepts_wide` (a row per article, the concepts of each label in one cell) and `prevalence` (a row per concept);
`medtables table RUN --sql` knows them too. In a workbook a table longer than a sheet goes on in the next, and a
text longer than a cell is cut; its sheet `about` and the command tell where.

All offsets count Unicode characters of the article's text, which is its blocks joined by two line breaks.
`article_id` joins all tables.
"""

_COMPARISON = """# The tables of a comparison

`medtables compare RUN` writes these as csv into `RUN/compare` (or `-o DIR`), with a `datapackage.json`; prevalence_by
and peculiar_by only with `--by`. `pipeline.compare` has a function for each that takes and gives DataFrames.

Besides them there are the wide matrices `matrix_mentions`, `matrix_presence` and `matrix_weight`: one row per article
and one column per concept id, unless that would be more than five million cells.
"""
_DIFFERENCE = """# The tables of a difference

`medtables diff RUN_A RUN_B -o DIR` writes these as csv into `DIR`. What is compared are all columns of articles but
source and duplicate_of, the columns of blocks but their numbers and offsets, and of mentions text, concept_id,
assertion, cue and section; not the line of the vocabulary that matched, since lines move.
"""


if __name__ == "__main__":
    import sys

    sys.stdout.write(data_dictionary())
