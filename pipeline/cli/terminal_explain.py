"""Print explanations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ..markup import Mark, render
from ..model import Extraction, Mention, Relation
from .terminal import COLOURS, OTHER_COLOUR

if TYPE_CHECKING:
    from ..explain import Explanation, Why
    from ..explain.provenance import Line
    from ..explain.unmatched import WhyNot

_MARGIN = 14
_MOST_ALIKE = 3


def show(explanation: Explanation) -> None:
    """An explanation on stdout: the mentions, then what gave none; of reasons that repeat the first few."""
    for why in explanation.mentions:
        _paragraph(_title(why.mention), _why(explanation.extraction, why))
    alike: dict[tuple[str, str], list[WhyNot]] = {}
    for one in explanation.unmatched:
        alike.setdefault((one.reason, one.detail), []).append(one)
    for found in alike.values():
        title = click.style(explanation.text, bold=True) + "  " + click.style(f"{found[0].reason}", fg="red")
        _paragraph(title, _why_not(found))


def _paragraph(title: str, lines: Iterator[tuple[str, str]]) -> None:
    click.echo(title)
    before = ""
    for name, said in lines:
        shown = "" if name == before else name
        before = name
        click.echo(f"  {click.style(f'{shown:<{_MARGIN}}', dim=True)}{said}")
    click.echo()


def _title(mention: Mention) -> str:
    mark = Mark(0, len(mention.text), mention.concept_id, mention.assertion, mention.elliptic)
    marked = render(mention.text, (mark,))
    place = click.style(f"  characters {mention.start} to {mention.end}", dim=True)
    return click.style(marked, fg=COLOURS.get(mention.label, OTHER_COLOUR), bold=True) + place


def _why(extraction: Extraction, why: Why) -> Iterator[tuple[str, str]]:
    mention = why.mention
    yield "sentence", " ".join(why.sentence.split())
    yield why.kind, _row(why.line)
    if why.note:
        yield "", why.note
    for step in why.steps:
        ways = [step.written] + [
            way for way in (step.folded, step.normal) if way.lower() != step.written.lower()
        ]
        if len(ways) > 1 or step.role:
            role = f"  ({step.role})" if step.role else ""
            yield "words", " → ".join(dict.fromkeys(ways)) + role
    for rival in why.rivals:
        what = rival.concept_id or "no mention"
        yield "lost", f"{rival.text!r} {what}, {rival.line.where}: {rival.because}"
    if why.cue:
        yield "assertion", f"{mention.assertion}, for {mention.cue!r}"
        yield "cue", _row(why.cue)
    else:
        yield "assertion", f"{mention.assertion}: no cue reaches it"
    for quantity in why.quantities:
        often = f", {quantity.per_day:g} a day" if quantity.per_day is not None else ""
        yield "quantity", f"{' '.join(quantity.text.split())}: {quantity.kind} {quantity.value}{often}"
    for relation in why.relations:
        yield "relation", _relation(extraction, relation)
    trail = " > ".join(why.block.trail)
    section = f" (section {why.block.section})" if why.block.section else ""
    yield "block", f"{why.block.kind}{f' under {trail}' if trail else ''}{section}"
    if why.block.place:
        yield "place", why.block.place
    if why.link:
        yield "link", why.link


def _relation(extraction: Extraction, relation: Relation) -> str:
    evidence = " ".join(extraction.article.text[relation.start : relation.end].split())
    said = f"{relation.head_concept} {relation.kind} {relation.tail_concept}"
    return f"{said}: {relation.certainty}, by {relation.basis}: {evidence}"


def _why_not(found: list[WhyNot]) -> Iterator[tuple[str, str]]:
    first = found[0]
    yield "why", first.detail
    for line in first.lines:
        yield "row", _row(line)
    for one in found[:_MOST_ALIKE]:
        if one.context:
            place = f"  (characters {one.start} to {one.end})" if one.start >= 0 else ""
            yield "there", one.context + place
    if len(found) > _MOST_ALIKE:
        yield "there", f"and {len(found) - _MOST_ALIKE} more"


def _row(line: Line) -> str:
    """A row with its cells; of a pattern the id and an example, since its tokens are long."""
    if ".jsonl:" in line.path:
        pattern = json.loads(line.text)
        return "  ".join((line.where, pattern["id"], *pattern.get("examples", ())[:1]))
    cells = "  ".join(cell for cell in line.text.split("\t") if cell)
    return f"{line.where}  {cells}".rstrip()
