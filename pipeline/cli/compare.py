"""The commands `medtables compare` and `medtables diff`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .command import Command, verbose

# Defaults of other modules, written here so that --help imports no pandas; a test holds them equal.
ALIKE, TOP, ROWS = 0.4, 20, 8
LEVELS = ("concept", "ingredient", "class", "electrolyte", "parent", "root", "head")
EXIT_DIFFERENT, EXIT_TROUBLE = 1, 2


class _Labels(click.ParamType[tuple[str, ...]]):
    name = "labels"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Labels separated by commas, in capitals as in the tables."""
        words = value.split(",") if isinstance(value, str) else list(value)
        return tuple(dict.fromkeys(str(word).strip().upper() for word in words if str(word).strip()))


class _Levels(_Labels):
    name = "levels"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Levels separated by commas."""
        found = tuple(level.lower() for level in super().convert(value, param, ctx))
        for level in found:
            if level not in LEVELS:
                self.fail(f"{level!r} is not one of {', '.join(LEVELS)}.", param, ctx)
        return found


_output = click.option(
    "-o", "--output", type=click.Path(), metavar="DIR", help="Folder for the tables (csv)."
)
_rows = click.option(
    "--rows", type=click.IntRange(0), default=ROWS, show_default=True, help="Rows to print of each table."
)
_quiet = click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")


@click.command(cls=Command, short_help="Compare the articles of a finished run.")
@click.argument("run_folder", metavar="RUN")
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="DIR",
    show_default="RUN/compare",
    help="Folder for the tables (csv).",
)
@click.option(
    "--label",
    "labels",
    type=_Labels(),
    default="",
    metavar="LABELS",
    help="Compare only these, separated by commas.",
)
@click.option(
    "--level",
    "levels",
    type=_Levels(),
    default="",
    metavar="LEVELS",
    help=f"Roll concepts up, by one or several of {', '.join(LEVELS)}, applied in this order.",
)
@click.option(
    "--by",
    metavar="COLUMN",
    help="Group articles by site, author, year or any column of articles, of the run's manifest or of --with.",
)
@click.option(
    "--with",
    "extra",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="A csv file of your own with a column article_id or url, whose other columns join the articles.",
)
@click.option(
    "--peers-by",
    metavar="COLUMN",
    help="An article's peers are those with its value in this column; by default the ten most like it.",
)
@click.option(
    "--min-articles",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Leave out what fewer articles say.",
)
@click.option("--once-per-story", is_flag=True, help="Leave out articles that repeat another (duplicate_of).")
@click.option(
    "--top",
    type=click.IntRange(1),
    default=TOP,
    show_default=True,
    help="Rows per article of peculiar, missing, similarity.",
)
@click.option(
    "--alike",
    type=click.FloatRange(0, 1),
    default=ALIKE,
    show_default=True,
    help="Mean cosine from which articles form a cluster.",
)
@click.option(
    "--vocabulary",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    help="Overlay with relations to roll up along; by default those of the run. May be repeated.",
)
@_rows
@_quiet
@verbose
def compare(run_folder: str, output: str | None, rows: int, quiet: bool, **options: Any) -> None:
    """Compare the articles of a finished RUN: what is widespread, peculiar, missing, alike, contradicted.

    Prints the main tables and writes all of them as csv files into DIR, in place of an earlier comparison. The
    levels: ingredient (of a brand), class (of drugs), electrolyte (of its states, as low sodium), parent, root
    (of kinds of conditions: one step, or to the top), head (symptom:pain of symptom:pain@back).
    """
    from ..compare import Options
    from ..compare import compare as compare_run
    from ..runs import read_run
    from .compare_view import show_comparison

    options.pop("verbose")
    extra = options.pop("extra")
    vocabulary = options.pop("vocabulary")
    found = compare_run(
        read_run(run_folder),
        Options(extra=Path(extra) if extra else None, vocabulary=vocabulary or None, **options),
    )
    folder = Path(output) if output else Path(run_folder) / "compare"
    files = found.write(folder)
    if quiet:
        return
    show_comparison(found, rows)
    click.echo(err=True)
    for note in found.notes:
        click.echo(f"Note:   {note}", err=True)
    click.echo(f"Tables: {folder}/  {' '.join(path.name for path in files)}", err=True)


class _Diff(Command):
    """Trouble is 2 here, as in diff(1), since 1 says that the runs differ."""

    exit_error = EXIT_TROUBLE


@click.command(cls=_Diff, short_help="Tell what changed between two finished runs, and why.")
@click.argument("first", metavar="RUN_A")
@click.argument("second", metavar="RUN_B")
@_output
@_rows
@_quiet
@verbose
@click.pass_context
def diff(
    ctx: click.Context, /, first: str, second: str, output: str | None, rows: int, quiet: bool, verbose: int
) -> None:
    """Tell which articles and mentions of RUN_A came, went or changed in RUN_B, with the cause of each where it
    can be told.

    Exit codes as of diff(1): 0 the same, 1 different, 2 trouble.
    """
    from ..diff import diff as diff_runs
    from ..runs import read_run
    from .compare_view import show_difference

    found = diff_runs(read_run(first), read_run(second))
    files = found.write(Path(output)) if output else ()
    if not quiet:
        show_difference(found, rows)
        if files:
            click.echo(err=True)
            click.echo(f"Tables: {output}/  {' '.join(path.name for path in files)}", err=True)
        elif not found.same:
            click.echo(f"Next:   medtables diff {first} {second} -o DIR", err=True)
    if not found.same:
        ctx.exit(EXIT_DIFFERENT)
