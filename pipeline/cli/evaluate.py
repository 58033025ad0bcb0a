"""The command `medtables evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import terminal
from .command import EXIT_ERROR, Command, verbose, vocabulary

if TYPE_CHECKING:
    from ..evaluate import Evaluation


class _Renamed(click.ParamType[tuple[str, str]]):
    name = "label"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """The gold's label and ours, in capitals."""
        if isinstance(value, tuple):
            return value
        theirs, equals, ours = str(value).upper().partition("=")
        if not (theirs and equals and ours):
            self.fail(f"{value!r} renames no label. Write GOLD=OURS, as Disease=CONDITION.", param, ctx)
        return theirs, ours


@click.command(cls=Command, short_help="Score against texts marked by a reader.")
@click.argument("golds", nargs=-1, required=True, metavar="GOLD...", type=click.Path(exists=True))
@click.option(
    "--pages",
    type=click.Path(exists=True, file_okay=False),
    help="Folder with the pages of notation files; by default the folder sample beside the gold's, if there.",
)
@click.option(
    "--label",
    "labels",
    multiple=True,
    type=_Renamed(),
    metavar="GOLD=OURS",
    help="Take a label of the gold for one of ours. May be repeated.",
)
@click.option(
    "--floors", type=click.Path(dir_okay=False), metavar="FILE", help="Hold the scores against this file."
)
@click.option("--update-floors", is_flag=True, help="Raise the floors to these scores; lowers none.")
@click.option(
    "--lower-floors", metavar="REASON", help="Set the floors to these scores, and store why some are lower."
)
@click.option(
    "--errors", type=click.IntRange(0), default=0, metavar="N", help="Print the N most frequent errors."
)
@click.option("--json", "as_json", is_flag=True, help="Scores, shares, errors and falls as one JSON object.")
@vocabulary
@verbose
@click.pass_context
def evaluate(
    ctx: click.Context,
    /,
    golds: tuple[str, ...],
    pages: str | None,
    labels: tuple[tuple[str, str], ...],
    floors: str | None,
    update_floors: bool,
    lower_floors: str | None,
    errors: int,
    as_json: bool,
    vocabulary: tuple[str, ...],
    verbose: int,
) -> None:
    """Score what medtables reads against GOLD, each a file or a folder of texts that a reader marked.

    \b
    Forms of gold, told by the names of files:
      NAME.md              notation, one block a line: p: No [fever](symptom:fever absent)
      NAME.txt             a case a line, in the notation; lines that start with # are comments
      NAME.txt, NAME.json  [{"start": 0, "end": 4, "label": "CONDITION", "flags": "n"}]
                           flags: n absent; e, o optional, neither a miss nor a false hit
      NAME.txt, NAME.ann   brat: entities, Negated or Assertion, relations, concept ids

    The page of gold/PATH.md is sample/PATH; with a page, cleaning is scored too. Offsets are Unicode characters.
    Relations of notation files stand in relations.tsv: article_id, kind, head, tail, certainty, basis.

    \b
    Measures of mentions (precision, recall and F1 of each label):
      exact      the same characters and the same label
      overlap    a shared character and the same label
      merged     a shared character; SYMPTOM and CONDITION are one label, FINDING
      assertion  each assertion but present, of the mentions found
      relation   kind, concepts and certainty of a page's relations; relation_pair without the certainty
    Then the shares of the mentions found that have the right label, concept and assertion.

    With --floors the exit code is 1 when a figure fell below its floor or the gold changed since the floors were
    written. Nothing lowers a floor but --lower-floors.
    """
    from ..evaluate import evaluate
    from ..evaluate import floors as held
    from ..extract import load_engine

    if (update_floors or lower_floors is not None) and floors is None:
        raise click.UsageError("--update-floors and --lower-floors need --floors FILE.")
    if lower_floors is not None and not lower_floors.strip():
        raise click.UsageError("--lower-floors needs a reason in words.")
    before = held.read(Path(floors)) if floors else None
    engine = load_engine(vocabulary)
    found = [evaluate(gold, engine, pages, dict(labels)) for gold in golds]
    fallen = held.falls(found, before) if before else []
    changed = held.changed(found, before) if before else []
    if as_json:
        shown: dict[str, Any] = {"golds": [_json(one, errors) for one in found]}
        if before:
            shown |= {"fallen": [str(fall) for fall in fallen], "changed": changed}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        for number, one in enumerate(found):
            _show(one, errors, first=number == 0)
    if before is None:
        return
    if update_floors or lower_floors is not None:
        held.write(held.raised(found, before, (lower_floors or "").strip()))
        changed = []
        if lower_floors is not None:
            fallen = []
        click.echo(f"Floors written to {floors}", err=True)
    for fall in fallen:
        click.echo(f"{click.style('Fell:', fg='red')} {fall}", err=True)
    for name in changed:
        click.echo(f"{name}: has no floors, or its gold changed since; run with --update-floors", err=True)
    if fallen:
        click.echo('If that is meant: --lower-floors "why"', err=True)
    if fallen or changed:
        ctx.exit(EXIT_ERROR)


def _json(one: Evaluation, errors: int) -> dict[str, Any]:
    return {
        "gold": one.path,
        "sha256": one.digest,
        "documents": one.documents,
        "scores": [
            {
                "measure": score.measure,
                "label": score.label,
                "precision": score.precision,
                "recall": score.recall,
                "f1": score.f1,
                "found": score.found,
                "gold": score.gold,
            }
            for score in one.scores
        ],
        "shares": [
            {"measure": share.measure, "share": share.value, "right": share.right, "of": share.of}
            for share in one.shares
        ],
        "errors": [
            {"kind": miss.kind, "count": miss.count, "text": miss.text, "gold": miss.gold}
            | {"found": miss.found, "where": miss.where}
            for miss in _frequent(one, errors)
        ],
    }


def _frequent(one: Evaluation, errors: int) -> list[Any]:
    return sorted(one.errors, key=lambda miss: -miss.count)[:errors]


def _show(one: Evaluation, errors: int, *, first: bool) -> None:
    if not first:
        click.echo()
    click.echo(click.style(f"{one.path}: {terminal.plural(one.documents, 'document')}", bold=True))
    names = ("precision", "recall", "f1")
    columns: dict[str, list[Any]] = {
        name: [getattr(score, name) for score in one.scores] for name in ("measure", "label")
    }
    columns |= {name: [f"{getattr(score, name):.3f}" for score in one.scores] for name in names}
    columns |= {name: [getattr(score, name) for score in one.scores] for name in ("found", "gold")}
    terminal.show_rows(columns)
    click.echo()
    terminal.show_rows(
        {
            "of those found": [f"{share.measure} right" for share in one.shares],
            "share": [f"{share.value:.3f}" for share in one.shares],
            "right": [share.right for share in one.shares],
            "of": [share.of for share in one.shares],
        }
    )
    misses = _frequent(one, errors)
    if misses:
        click.echo()
        shown = ("count", "kind", "text", "gold", "found", "where")
        terminal.show_rows({name: [getattr(miss, name) for miss in misses] for name in shown})
