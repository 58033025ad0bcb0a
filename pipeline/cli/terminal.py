"""What the command prints: errors, progress, summaries, marked pages and tables. No other module prints."""

from __future__ import annotations

import json
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..errors import MedtablesError
from ..markup import Mark, render
from ..model import Block, Extraction, Kind, Mention, Quantity, Relation

if TYPE_CHECKING:
    from ..batch import Interrupted, Progress, Summary

COLOURS = {"SYMPTOM": "yellow", "CONDITION": "red", "ELECTROLYTE": "cyan", "MEDICATION": "green"}
OTHER_COLOUR = "magenta"
LONGEST_CELL = 48
LONGEST_EVIDENCE = 120
GAP = "  "


def show_error(error: MedtablesError) -> None:
    """Where, what and cure on stderr, in the one form all errors have."""
    where = f"{_one_line(error.where)}: " if error.where else ""
    click.echo(f"{click.style('medtables:', fg='red')} {where}{_lines(error.what)}", err=True)
    if error.cure:
        click.echo(f"  {_lines(error.cure)}", err=True)


def _one_line(text: str) -> str:
    """A name as it can be printed, whatever characters it is made of."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def _lines(text: str) -> str:
    return "\n".join(map(_one_line, text.split("\n")))


class Bar:
    """How far a run is, on stderr: one line drawn anew where that is a terminal, or `as_json` a line per second
    for other programs, wherever it goes."""

    def __init__(self, *, shown: bool, as_json: bool = False) -> None:
        self._json = as_json
        self._shown = as_json or (shown and sys.stderr.isatty())
        self._start = time.monotonic()
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        """Say how far it is, ten times a second at most; as JSON once a second."""
        now = time.monotonic()
        wait = 1.0 if self._json else 0.1
        if not self._shown or (now - self._last < wait and progress.done != progress.total):
            return
        self._last = now
        # Pages that an earlier run had done take no time.
        rate = (progress.done - progress.kept) / max(now - self._start, 1e-9)
        left = None if progress.total is None or not rate else (progress.total - progress.done) / rate
        if self._json:
            told = {
                "pages": progress.done,
                "total": progress.total,
                "pages_per_second": round(rate, 2),
                "seconds_left": None if left is None else round(left, 1),
                "not_ok": progress.not_ok,
                "kept": progress.kept,
            }
            click.echo(json.dumps(told), err=True)
            return
        of = "" if progress.total is None else f" of {progress.total:,}"
        line = f"{progress.done:,}{of} pages, {rate:.0f} a second"
        if left is not None:
            line += f", {_clock(left)} left"
        if progress.not_ok:
            line += f", {progress.not_ok:,} not ok"
        click.echo(f"\r{line[: shutil.get_terminal_size().columns - 1]}\x1b[K", err=True, nl=False)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown and not self._json:
            click.echo("\r\x1b[K", err=True, nl=False)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def show_summary(summary: Summary) -> None:
    """What a run did, and where to look next, on stderr."""
    statuses = sorted(summary.statuses.items(), key=lambda entry: (entry[0] != "ok", -entry[1], entry[0]))
    pages = ", ".join(
        f"{count:,} {status}" + (f" ({summary.unread:,} not in English)" if summary.unread else "")
        if status == "ok"
        else f"{count:,} {status}"
        for status, count in statuses
    )
    if summary.kept:
        pages += f"; {summary.kept:,} of them from an earlier run"
    click.echo(f"{click.style(plural(summary.pages, 'page'), bold=True)}: {pages}", err=True)
    for status, reason, count in summary.reasons:
        click.echo(f"  {count:>5,} {status}: {_shorten(reason, 120)}", err=True)
    rows = ", ".join(f"{count:,} {name}" for name, count in summary.rows.items() if name != "articles")
    click.echo(f"{rows}, in {summary.seconds:.1f} seconds", err=True)
    for note in summary.notes:
        show_note(note)
    click.echo(f"Tables: {summary.out}/  {' '.join(path.name for path in summary.files)}", err=True)
    click.echo(f"Next:   medtables table {summary.out} mentions --limit 20", err=True)


def show_interrupted(interrupted: Interrupted, command: str) -> None:
    """What is there after Ctrl-C, and the command that goes on from there, on stderr."""
    of = "" if interrupted.total is None else f" of {interrupted.total:,}"
    click.echo(f"medtables: interrupted after {interrupted.done:,}{of} pages", err=True)
    if interrupted.written:
        click.echo(f"Their tables: {interrupted.out}/", err=True)
    else:
        click.echo(f"What is done is kept in {interrupted.out}/.medtables.", err=True)
    click.echo(f"Go on:  {command}", err=True)


def show_note(note: str) -> None:
    """What went otherwise than asked, though nothing is wrong, on stderr."""
    click.echo(f"{click.style('Note:', fg='yellow')} {note}", err=True)


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def show_page(extraction: Extraction) -> None:
    """The blocks of a page on stdout, mentions in the notation, each heading with the headings above it."""
    _print(list(_page(extraction)))


def _page(extraction: Extraction) -> Iterator[str]:
    page, article = extraction.page, extraction.article
    text = _visible(article.text)
    facts = [article.metadata.url or page.url, article.metadata.language, extraction.encoding]
    facts += [plural(len(article.blocks), "block"), plural(len(extraction.mentions), "mention")]
    yield click.style(f"{page.article_id}  {_visible(' · '.join(fact for fact in facts if fact))}", dim=True)
    by_block: dict[int, list[Mention]] = {}
    for mention in extraction.mentions:
        by_block.setdefault(mention.block, []).append(mention)
    quantities: dict[int, list[Quantity]] = {}
    for quantity in extraction.quantities:
        quantities.setdefault(quantity.block, []).append(quantity)
    previous: Block | None = None
    for number, block in enumerate(article.blocks):
        joined = previous is not None and previous.kind == block.kind and block.kind in _RUNNING_ON
        if not joined:
            yield ""
        yield from _block(text, block, by_block.get(number, ())).split("\n")
        for quantity in quantities.get(number, ()):
            yield click.style(f"      {_visible(_quantity(extraction, quantity))}", dim=True)
        previous = block
    if extraction.relations:
        yield ""
        yield plural(len(extraction.relations), "relation")
    for relation in extraction.relations:
        yield click.style(f"  {_visible(_relation(extraction, relation))}", dim=True)


def _print(lines: Sequence[str]) -> None:
    """Lines on stdout; where it is a terminal that is too low for them, through a pager."""
    if len(lines) >= shutil.get_terminal_size().lines and sys.stdin.isatty() and sys.stdout.isatty():
        click.echo_via_pager("\n".join(lines))
        return
    for line in lines:
        click.echo(line)


_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "\ufffd")
_CONTROL |= {ord("\n"): "\n", ord("\t"): "\t", ord("\r"): " "}


def _visible(text: str) -> str:
    """The text, as long as it was, without characters that would command the terminal."""
    return text.translate(_CONTROL)


_RUNNING_ON = (Kind.LIST_ITEM, Kind.TABLE_CELL)


def _relation(extraction: Extraction, relation: Relation) -> str:
    """`symptom:nausea side_effect_of medication:metformin (may, sentence): It can cause nausea.`"""
    evidence = " ".join(extraction.article.text[relation.start : relation.end].split())
    said = f"{relation.head_concept} {relation.kind} {relation.tail_concept}"
    return f"{said} ({relation.certainty}, {relation.basis}): {_shorten(evidence, LONGEST_EVIDENCE)}"


def _quantity(extraction: Extraction, quantity: Quantity) -> str:
    """`between 3.5 and 5.0 mEq/L: reference_range 3.5 to 5 mmol/L of electrolyte:potassium`."""
    said = f"{' '.join(quantity.text.split())}: {quantity.kind} {quantity.value}"
    if quantity.per_day is not None:
        said += f", {quantity.per_day:g} a day"
    if quantity.mention is not None:
        said += f", of {extraction.mentions[quantity.mention].concept_id}"
    return said


def _block(text: str, block: Block, mentions: Sequence[Mention]) -> str:
    bold = block.kind in (Kind.TITLE, Kind.HEADING)
    marked = _marked(text, block, mentions, bold)
    above = " > ".join(block.trail)
    match block.kind:
        case Kind.TITLE:
            return click.style("= ", bold=True) + marked
        case Kind.HEADING:
            notes = [f"in {above}" if above else "", f"section {block.section}" if block.section else ""]
            note = "; ".join(filter(None, notes))
            heading = click.style(f"{'#' * max(block.level, 1)} ", bold=True)
            return heading + marked + (click.style(f"  ({note})", dim=True) if note else "")
        case Kind.LIST_ITEM:
            return f"{'  ' * max(block.level, 1)}- {marked}"
        case Kind.TABLE_CELL:
            return f"  | {click.style(above + ': ', dim=True) if above else ''}{marked}"
        case Kind.QUOTE:
            return f'  " {marked}'
        case Kind.CAPTION:
            return f"  ^ {marked}"
        case Kind.PARAGRAPH:
            return f"  {marked}"


def _style(text: str, bold: bool) -> str:
    return click.style(text, bold=True) if bold and text else text


def _marked(text: str, block: Block, mentions: Iterable[Mention], bold: bool) -> str:
    """The block's text in the notation, styled piece by piece: a style does not outlive one within it."""
    pieces: list[str] = []
    position = block.start
    for mention in mentions:
        pieces.append(_style(render(text[position : mention.start], ()), bold))
        mark = Mark(0, mention.end - mention.start, mention.concept_id, mention.assertion, mention.elliptic)
        piece = render(text[mention.start : mention.end], (mark,))
        pieces.append(click.style(piece, fg=COLOURS.get(mention.label, OTHER_COLOUR), bold=bold or None))
        position = mention.end
    pieces.append(_style(render(text[position : block.end], ()), bold))
    return "".join(pieces)


def show_rows(columns: Mapping[str, Sequence[Any]], longest: int = LONGEST_CELL) -> None:
    """Columns of equal length on stdout. On a terminal aligned, cells cut to `longest` columns of it, or to more
    where there is room, and columns left out for which there is none (0: neither); elsewhere whole and separated
    by tabs (tabs and line breaks of a cell as blanks)."""
    cells = {name: [name, *(_text(value) for value in values)] for name, values in columns.items()}
    if not sys.stdout.isatty():
        for row in zip(*cells.values(), strict=True):
            click.echo("\t".join(row))
        return
    cells = {_visible(name): [_visible(cell) for cell in column] for name, column in cells.items()}
    widths = _widths({name: max(map(_width, column)) for name, column in cells.items()}, longest)
    shown: list[list[str]] = []
    for name, values in zip(cells, columns.values(), strict=True):
        if name in widths:
            flush_right = all(isinstance(value, int | float) for value in values)
            fitted = [_fit(cell, widths[name], flush_right) for cell in cells[name]]
            shown.append(_coloured(name, fitted))
    rows = zip(*shown, strict=True)
    _print([_style(GAP.join(row).rstrip(), number == 0) for number, row in enumerate(rows)])
    left_out = [name for name in cells if name not in widths]
    if left_out:
        click.echo(f"Left out for want of room: {', '.join(left_out)} (--columns, --width 0)", err=True)


def _widths(natural: Mapping[str, int], longest: int) -> dict[str, int]:
    """The width of every column that is shown."""
    if not longest:
        return dict(natural)
    room = shutil.get_terminal_size().columns
    found: dict[str, int] = {}
    for name, width in natural.items():
        width = min(longest, width)
        if not found or width <= room:
            found[name] = width
            room -= width + len(GAP)
    if len(found) == len(natural):
        room += len(GAP)
        for name, width in natural.items():
            more = max(0, min(width - found[name], room))
            found[name] += more
            room -= more
    return found


def _coloured(name: str, cells: list[str]) -> list[str]:
    if name != "label":
        return cells
    return [cells[0]] + [
        click.style(cell, fg=COLOURS[cell.strip()]) if cell.strip() in COLOURS else cell for cell in cells[1:]
    ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(value.splitlines()).replace("\t", " ") if isinstance(value, str) else str(value)


def _fit(cell: str, width: int, flush_right: bool) -> str:
    short = _shorten(cell, width)
    blanks = " " * (width - _width(short))
    return blanks + short if flush_right else short + blanks


def _width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


def _shorten(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    text = text[:width]
    while text and _width(text) > width - 1:
        text = text[:-1]
    return text + "…"
