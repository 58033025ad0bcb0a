"""The command `medtables report`."""

from __future__ import annotations

from pathlib import Path

import click

from . import terminal
from .command import Command, verbose

_NAME = "report.html"


@click.command(cls=Command, short_help="Write one HTML page of a finished run.")
@click.argument("run_folder", metavar="RUN")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=f"The page, or an image when FILE ends in .svg.  [default: RUN/{_NAME}]",
)
@click.option("--title", default="", help="Title of the page.  [default: name of the folder]")
@click.option(
    "--most-articles",
    type=click.IntRange(1),
    default=500,
    show_default=True,
    help="Articles shown; of more, those with the most mentions.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@verbose
def report(
    run_folder: str, output: str | None, title: str, most_articles: int, quiet: bool, verbose: int
) -> None:
    """Write one self-contained HTML page of a finished RUN: overview, heat map, articles, contradictions, ranges.

    The page needs no network and no server, and runs no script but its own. It stays below 15 MB: what it leaves out
    for that is said here and in the page. A FILE that ends in .svg gets the heat map alone.
    """
    from ..report import write_heatmap, write_report

    path = Path(output) if output is not None else Path(run_folder) / _NAME
    if path.suffix.lower() == ".svg":
        write_heatmap(run_folder, path)
        if not quiet:
            click.echo(f"Heat map: {path}", err=True)
        return
    written = write_report(run_folder, path, title, most_articles=most_articles)
    if quiet:
        return
    size = f"{terminal.plural(written.articles, 'article')}, {written.bytes / 1e6:.1f} MB"
    click.echo(f"{click.style('Report:', bold=True)} {path}  {size}", err=True)
    for note in written.left_out:
        click.echo(f"  Left out: {note}", err=True)
    click.echo("Next:   open it in a browser", err=True)
