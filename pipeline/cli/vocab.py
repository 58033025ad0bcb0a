"""The commands `medtables vocab ...`: check, find, stats, export and import vocabularies."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import OutputError
from . import terminal
from .command import EXIT_ERROR, Command, verbose, vocabulary

if TYPE_CHECKING:
    from ..curation.overlay import Report

EXPORTS = ("spacy", "obo", "csv")
IMPORTS = ("obo", "mesh", "rxnorm", "umls", "drugbank", "csv")
_SCOPES = ("EXACT", "NARROW", "BROAD", "RELATED")


class _Label(click.ParamType[str]):
    name = "label"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The label in lower case, as its file is named."""
        label = str(value).strip().lower()
        if not label.replace("_", "").isalpha() or not label.isascii():
            self.fail(f"{value!r} is no label. Write one word of letters, as SYMPTOM.", param, ctx)
        return label


@click.group()
def vocab() -> None:
    """Check, search, count, export and import vocabularies."""


@vocab.command(cls=Command, short_help="Check every row of a vocabulary.")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(exists=True, file_okay=False))
@click.option("--fix", is_flag=True, help="Sort the files of terms, drop repeated rows and stray spaces.")
@vocabulary
@verbose
@click.pass_context
def check(
    ctx: click.Context, /, folder: str | None, fix: bool, vocabulary: tuple[str, ...], verbose: int
) -> None:
    """Check the overlay DIR, or without DIR the package's own vocabulary: the form of every row, and by the
    engine whether every term is found, every example marked and every not_example left alone.

    Prints path:line, what is wrong and the cure. Exit codes: 0 nothing is wrong, 1 something is.
    """
    from .. import tidy
    from ..curation import audit
    from ..tsv import VOCABULARY

    place = Path(folder) if folder else VOCABULARY
    if fix:
        for path in tidy.fix(place):
            click.echo(f"Repaired {path}", err=True)
    findings = audit.check(place, [Path(overlay) for overlay in vocabulary])
    for finding in findings:
        click.echo(str(finding))
    if findings:
        click.echo(f"{place}: {terminal.plural(len(findings), 'thing')} to correct", err=True)
        ctx.exit(EXIT_ERROR)
    click.echo(f"{place}: nothing is wrong", err=True)


@vocab.command(cls=Command, short_help="Show what a text meets in the vocabulary.")
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@vocabulary
@click.option("--limit", type=click.IntRange(1), help="Print the first so many rows.")
@verbose
@click.pass_context
def find(
    ctx: click.Context, /, text: tuple[str, ...], vocabulary: tuple[str, ...], limit: int | None, verbose: int
) -> None:
    """Print every term, pattern, blocked phrase, class word and cue that TEXT (words, or a concept id)
    matches or that holds it: what the engine finds in TEXT first, with the row's place and what the concept
    rolls up to.

    Exit code 1 when there is nothing.
    """
    from dataclasses import fields

    from ..curation.catalogue import Hit, find
    from ..extract import load_engine

    engine = load_engine(vocabulary)
    hits = find(" ".join(text), engine.terminology, engine.annotator)
    if not hits:
        click.echo(f"Nothing in the vocabulary holds {' '.join(text)!r}.", err=True)
        ctx.exit(EXIT_ERROR)
    shown = hits[:limit]
    terminal.show_rows({one.name: [getattr(hit, one.name) for hit in shown] for one in fields(Hit)})
    if len(shown) < len(hits):
        click.echo(f"{len(hits) - len(shown):,} more (--limit)", err=True)


@vocab.command(cls=Command, short_help="Count concepts, terms, patterns, cues and relations.")
@vocabulary
@verbose
def stats(vocabulary: tuple[str, ...], verbose: int) -> None:
    """Print how many concepts and terms each label has, and how many of everything else."""
    from .. import terminology
    from ..curation.catalogue import stats

    terms, others = stats(terminology.load([Path(overlay) for overlay in vocabulary]))
    terminal.show_rows(terms)
    click.echo()
    terminal.show_rows(others)


@vocab.command(cls=Command, short_help="Write the vocabulary in another format.")
@click.option("--format", "format", type=click.Choice(EXPORTS), required=True, help="The format to write.")
@click.option("-o", "--output", required=True, metavar="FILE", help="File to write, - for stdout.")
@vocabulary
@verbose
def export(format: str, output: str, vocabulary: tuple[str, ...], verbose: int) -> None:
    """Write the vocabulary for spaCy's EntityRuler (JSON lines), as an OBO 1.4 ontology, or as CSV."""
    from .. import terminology
    from ..curation.exports import write

    words = terminology.load([Path(overlay) for overlay in vocabulary])
    if output == "-":
        text = StringIO()
        said = write(words, format, text)
        click.echo(text.getvalue().encode("utf-8", errors="replace"), nl=False)
    else:
        try:
            with Path(output).open("w", encoding="utf-8", newline="\n") as stream:
                said = write(words, format, stream)
        except OSError as error:
            raise OutputError(
                output, f"cannot be written ({error.strerror})", "Choose another file."
            ) from error
    click.echo(f"{'' if output == '-' else f'{output}: '}{said}", err=True)


@vocab.command("import", cls=Command, short_help="Turn a terminology you have into an overlay.")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False), metavar="DIR", help="The overlay."
)
@click.option("--format", "format", type=click.Choice(IMPORTS), help="The format of FILE.")
@click.option("--label", type=_Label(), help="Label of the new concepts, as CONDITION.")
@click.option(
    "--longtail", is_flag=True, help="Instead of FILE: lists of the packages of medtables[longtail]."
)
@click.option(
    "--root", "roots", multiple=True, metavar="ID", help="obo: only below this term, as HP:0000118."
)
@click.option(
    "--tree", "trees", multiple=True, metavar="NUMBER", help="mesh: only this tree, as C or F01.145."
)
@click.option(
    "--synonyms",
    "scopes",
    multiple=True,
    type=click.Choice(_SCOPES, case_sensitive=False),
    default=("EXACT",),
    show_default=True,
    help="obo, mesh: which synonyms.",
)
@click.option(
    "--term-type", "term_types", multiple=True, metavar="TTY", help="rxnorm, umls: only this type of term."
)
@click.option(
    "--source", "sources", multiple=True, metavar="SAB", help="rxnorm, umls: only names of this source."
)
@click.option(
    "--semantic-type", "semantic_types", multiple=True, metavar="TUI", help="umls: only this type, as T047."
)
@click.option(
    "--types-file", type=click.Path(exists=True, dir_okay=False), help="umls: MRSTY.RRF, if elsewhere."
)
@click.option("--language", default="ENG", show_default=True, help="umls: language of the names.")
@click.option("--id-column", default="", metavar="NAME", help="csv: column of the ids.")
@click.option(
    "--name-column", default="name", show_default=True, metavar="NAME", help="csv: column of the names."
)
@click.option("--synonym-column", default="", metavar="NAME", help="csv: column of further names.")
@click.option(
    "--separator", default="|", show_default=True, help="csv: what parts the further names of a cell."
)
@click.option("--delimiter", default=",", show_default=True, help="csv: what parts cells; \\t for a tab.")
@click.option("--id-prefix", default="", metavar="PREFIX", help="csv: what to put before ids, as MONDO: .")
@verbose
def import_(
    file: str | None,
    output: str,
    format: str | None,
    label: str | None,
    longtail: bool,
    verbose: int,
    **options: Any,
) -> None:
    """Turn FILE, a terminology that you have, into the overlay folder DIR, to be used with --vocabulary DIR.

    Names that texts would not use, that are everyday words or that the vocabulary already reads are left out;
    their other names join the concept that is there. Several imports may go into one DIR. --label, --format,
    --root, --tree, --synonyms, --term-type, --source and --semantic-type choose; the last six may be
    repeated.
    """
    from ..curation.importers import Filters, read
    from ..curation.overlay import build

    if longtail:
        if file or format or label:
            raise click.UsageError("--longtail takes no FILE, --format or --label.")
        from ..curation.longtail import tails

        for tail in tails():
            _tell(build(tail.names, "condition", Path(output), tail.labels), tail.package)
    else:
        if not (file and format and label):
            raise click.UsageError("Give FILE, --format and --label, or --longtail.")
        columns = (options.pop("id_column"), options.pop("name_column"), options.pop("synonym_column"))
        types_file = options.pop("types_file")
        options["delimiter"] = options["delimiter"].replace("\\t", "\t")
        if len(options["delimiter"]) != 1:
            raise click.BadParameter("must be one character.", param_hint="--delimiter")
        options["scopes"] = tuple(scope.upper() for scope in options["scopes"])
        filters = Filters(columns=columns, types_file=Path(types_file) if types_file else None, **options)
        _tell(build(read(Path(file), format, filters), label, Path(output)), file)
    click.echo(f"Next: medtables vocab check {output}; medtables run PATH... --vocabulary {output}", err=True)


def _tell(report: Report, source: str) -> None:
    joined = report.concepts - report.new
    click.echo(
        f"{source}: {report.read:,} names read, {report.kept:,} kept: "
        f"{report.new:,} new concepts, {joined:,} joined to known ones",
        err=True,
    )
    for reason, count in report.skipped.most_common():
        click.echo(f"  {count:>9,} left out: {reason}", err=True)
    if not report.kept:
        click.echo("  Nothing was left to add.", err=True)
    for path in report.paths:
        click.echo(f"  {path}", err=True)
    sys.stderr.flush()
