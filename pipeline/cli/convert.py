"""The command `medtables convert`."""

from __future__ import annotations

import click

from .. import exporters, writers
from . import terminal
from .command import Command, Words, verbose

_FORMATS = (*writers.NAMES, *exporters.NAMES)


@click.command(cls=Command, short_help="Write a finished run in other formats.")
@click.argument("run_folder", metavar="RUN")
@click.option(
    "--to",
    "formats",
    type=Words(_FORMATS),
    required=True,
    metavar="NAMES",
    help=f"Formats, separated by commas: {', '.join(_FORMATS)}.",
)
@click.option("-o", "--output", required=True, type=click.Path(), metavar="DIR", help="Folder for the files.")
@click.option(
    "--overwrite", is_flag=True, help="Write into a folder that holds something; replaces an earlier run."
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@verbose
def convert(
    run_folder: str, formats: tuple[str, ...], output: str, overwrite: bool, quiet: bool, verbose: int
) -> None:
    """Write a finished RUN in other formats to the folder DIR.

    \b
    Tables, which are a run again (duckdb and xlsx need an extra):
      csv, tsv       spreadsheets and all else; cells that would run as a formula are made harmless
      parquet, jsonl data frames, scripts
      sqlite         keys, indexes, views mentions_full, concepts_wide, prevalence; opens in Datasette
      duckdb         the same views, fast
      xlsx           a sheet per table

    \b
    For other tools, from the articles whose status is ok:
      brat           NAME.txt and NAME.ann, annotation.conf
      webannotation  W3C Web Annotation, JSON-LD, on pages with an http or https address
      bioc           BioC JSON, one collection
      pubannotation  PubAnnotation JSON
      docbin         spaCy DocBin
    """
    from ..convert import convert

    converted = convert(run_folder, output, formats, overwrite=overwrite)
    if quiet:
        return
    for note in converted.notes:
        terminal.show_note(note)
    click.echo(f"{terminal.plural(len(converted.files), 'file')} in {converted.out}/", err=True)
