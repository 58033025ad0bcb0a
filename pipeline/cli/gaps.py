"""The command `medtables gaps`."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import click

from . import terminal
from .command import Command, verbose, vocabulary


@click.command(cls=Command, short_help="List frequent phrases that a run missed.")
@click.argument("run", metavar="RUN", type=click.Path(exists=True, file_okay=False))
@click.option("--limit", type=click.IntRange(1), help="Print the first so many.")
@click.option(
    "--accept",
    "review",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Write the phrases of this reviewed table into the overlay -o.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False),
    metavar="OVERLAY",
    help="Folder for the accepted phrases.",
)
@vocabulary
@verbose
def gaps(
    run: str,
    limit: int | None,
    review: str | None,
    output: str | None,
    vocabulary: tuple[str, ...],
    verbose: int,
) -> None:
    """List phrases of a finished RUN that matched nothing and look like names of symptoms, conditions or
    medications: items of lists under headings such as Symptoms, enumerations after "symptoms include" or "such
    as", words before a head (… syndrome), words behind an opening (loss of …).

    Most evidence first: by the number of articles, then of finds, where lists and enumerations count three times.
    What the vocabulary (with --vocabulary) holds or blocks is left out, and everyday words are. Articles with fewer
    than three mentions are not read.

    \b
    To teach medtables what was missed:
      medtables gaps RUN --limit 200 > review.tsv
      (strike out rows, correct label and concept_id: an id that exists makes the phrase a synonym)
      medtables gaps RUN --accept review.tsv -o my-words
      medtables vocab check my-words
      medtables run PAGES -o RUN2 --vocabulary my-words
    """
    if (review is None) != (output is None):
        raise click.UsageError("--accept FILE and -o OVERLAY go together.")
    if review is not None and output is not None:
        from ..gaps.accept import accept

        done = accept(Path(review), Path(output))
        click.echo(
            f"{terminal.plural(done.terms, 'term')} written, in {terminal.plural(done.concepts, 'new concept')}; "
            f"{done.known:,} known before",
            err=True,
        )
        click.echo(f"Next: medtables vocab check {output}", err=True)
        return
    from ..gaps import Gap, find

    found = find(run, vocabulary)
    shown = found[:limit]
    terminal.show_rows({one.name: [getattr(gap, one.name) for gap in shown] for one in fields(Gap)})
    if len(shown) < len(found):
        click.echo(f"{len(shown):,} of {terminal.plural(len(found), 'phrase')}", err=True)
