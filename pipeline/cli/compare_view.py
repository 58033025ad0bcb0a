"""What `medtables compare` and `diff` print: the main tables, in the width of the terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import click

from .terminal import COLOURS, OTHER_COLOUR, plural

if TYPE_CHECKING:
    import pandas as pd

    from ..compare import Comparison
    from ..diff import Difference

ROWS = 8
_WIDEST, _NARROWEST = 160, 60
_BAR, _SHORT = 10, 8
_STANCES = {"affirm": "green", "hedge": "yellow", "deny": "red"}
_CAUSES = {"page": "cyan", "cleaning": "yellow", "program": "magenta"}


def show_comparison(found: Comparison, rows: int = ROWS) -> None:
    """The main tables of a comparison on stdout, at most `rows` of each."""
    view = _View(rows)
    articles, concepts = found["compared"], found["prevalence"]
    click.echo(
        f"{click.style(plural(len(articles), 'article'), bold=True)} compared, {plural(len(concepts), 'concept')}"
    )
    view.prevalence(concepts)
    if "prevalence_by" in found.frames:
        view.groups(articles, found["peculiar_by"])
    view.contradictions(found["contradictions"])
    view.side_by_side("ranges", found["ranges"])
    view.side_by_side("doses", found["doses"])
    view.per_article("peculiar", "Peculiar to an article (z of the log-odds)", found["peculiar"], _z)
    view.per_article("missing", "Missing, though peers have it", found["missing"], _having)
    view.clusters(found["clusters"])


def show_difference(found: Difference, rows: int = ROWS) -> None:
    """The summary of a difference and at most `rows` mentions of each kind on stdout."""
    view = _View(rows)
    for line in found.programs.lines:
        click.echo(click.style(line, dim=True))
    if found.same:
        click.echo("The articles and mentions of both runs are the same.")
        return
    for row in found["diff_summary"].itertuples(index=False):
        cause = click.style(row.cause, fg=_CAUSES.get(str(row.cause)))
        click.echo(f"{row.rows:>8,} {row.table:<9}{row.change:<9}{cause}")
    view.articles(found["diff_articles"])
    view.mentions(found["diff_mentions"])


def _z(row: Any) -> str:
    return f"{row.z:.1f}"


def _having(row: Any) -> str:
    return f"{row.having} of {row.peers}"


class _View:
    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._width = min(max(shutil.get_terminal_size((100, 24)).columns, _NARROWEST), _WIDEST)

    def _head(self, title: str, name: str, frame: pd.DataFrame) -> bool:
        if frame.empty or not self._rows:
            return False
        click.echo()
        click.echo(
            click.style(title, bold=True) + click.style(f"  {name}: {plural(len(frame), 'row')}", dim=True)
        )
        return True

    def prevalence(self, frame: pd.DataFrame) -> None:
        if not self._head("Most widespread", "prevalence", frame):
            return
        width = max(24, min(40, self._width - 62))
        room = self._width - width - 43
        order = {label: number for number, label in enumerate(COLOURS)}
        for label in sorted(set(frame["label"]), key=lambda one: (order.get(one, len(order)), one)):
            mine = frame[frame["label"] == label]
            click.echo(click.style(f"  {label.lower()}, {plural(len(mine), 'concept')}", dim=True))
            for row in _tuples(mine.head(self._rows)):
                said = [f"{row.denying} deny" if row.denying else ""]
                said += [f"{row.possible} possible" if row.possible else ""]
                told = f"{row.articles:>5,}{row.share:>7.1%}{row.mentions:>7,} mentions  "
                note = ", ".join(filter(None, said))
                note = "" if room < _SHORT else _fit(note, room).rstrip()
                name = _concept(_fit(row.concept, width), label)
                click.echo(
                    f"  {name} {_bar(row.share)}{told}{click.style(note, dim=True) if note else ''}".rstrip()
                )

    def groups(self, articles: pd.DataFrame, peculiar: pd.DataFrame) -> None:
        sizes = articles.groupby("group").size().sort_values(ascending=False, kind="stable")
        if not self._head("Peculiar to a group", "peculiar_by", peculiar):
            return
        for group, size in list(sizes.items())[: 2 * self._rows]:
            mine = peculiar[peculiar["group"] == group]
            self._line(
                f"{group or '(none)'} ({size})", [(row.concept, row.label, _z(row)) for row in _tuples(mine)]
            )

    def per_article(self, name: str, title: str, frame: pd.DataFrame, number: Any) -> None:
        if not self._head(title, name, frame):
            return
        ids = list(dict.fromkeys(frame["article_id"]))
        for article_id in ids[: 2 * self._rows]:
            mine = frame[frame["article_id"] == article_id].head(6)
            self._line(article_id, [(row.concept, row.label, number(row)) for row in _tuples(mine)])
        self._more(len(ids) - 2 * self._rows, "article")

    def _line(self, name: str, concepts: Iterable[tuple[str, str, str]]) -> None:
        width = min(44, self._width // 3)
        left = self._width - width - 3
        name = _tail(name, width)
        line = f"  {name} "
        for concept, label, number in concepts:
            piece = f"{concept} ({number})"
            if len(piece) + 2 > left and line.endswith(f"{name} "):
                line += _concept(_fit(piece, left), label)
            if len(piece) + 2 > left:
                break
            left -= len(piece) + 2
            line += f"{_concept(concept, label)} {click.style(f'({number})', dim=True)}  "
        click.echo(line.rstrip())

    def contradictions(self, frame: pd.DataFrame) -> None:
        if not self._head("Contradictions", "contradictions", frame):
            return
        half = (self._width - 6) // 2
        for row in _tuples(frame.head(self._rows)):
            about = f"{row.head} {row.kind.replace('_', ' ')} {row.tail}" if row.tail else row.head
            click.echo(f"  {click.style(about, bold=True)}")
            sides = (
                _side("deny", row.article_id, row.date, row.sentence, half),
                _side(row.other_stance, row.other_id, row.other_date, row.other_sentence, half),
            )
            for left, right in zip_longest(*sides, fillvalue=(" " * half, "")):
                line = f"  {_painted(left)}  {_painted(right)}"
                click.echo(line.rstrip())
        self._more(len(frame) - self._rows, "contradiction")

    def side_by_side(self, name: str, frame: pd.DataFrame) -> None:
        title = {"ranges": "Levels and reference ranges side by side", "doses": "Doses side by side"}[name]
        several = frame[(frame["articles"] > 1) | (frame["kind"] == "reference_range")]
        if not self._head(title, name, several):
            return
        groups = list(several.groupby(["concept", "kind", "unit", "comparator"], sort=False))
        groups.sort(
            key=lambda one: (one[0][1] != "reference_range", -int(one[1]["articles"].iloc[0]), -len(one[1]))
        )
        for key, mine in groups[: self._rows]:
            concept, kind, unit, comparator = (str(part) for part in key)
            click.echo(f"  {click.style(concept, bold=True)} {kind.replace('_', ' ')}, {unit}")
            for row in _tuples(mine.head(self._rows)):
                sign = {
                    (True, False): "low end ",
                    (False, True): "high end ",
                    (True, True): "both ends ",
                }.get((bool(row.low_outlier), bool(row.high_outlier)), "")
                value = f"{comparator} {_range(row.low, row.high)}".strip()
                daily = f" ×{row.per_day:g}/day" if _known(row.per_day) else ""
                mark = click.style(f"  {sign}far from the median", fg="red") if sign else ""
                name = _tail(row.article_id, min(60, self._width - 50))
                click.echo(f"    {value + daily:<22}{name} {row.date}{mark}".rstrip())
        self._more(len(groups) - self._rows, "quantity", "quantities")

    def clusters(self, frame: pd.DataFrame) -> None:
        frame = frame[frame["size"] > 1]
        if not self._head("Articles that are alike", "clusters", frame):
            return
        numbers = list(dict.fromkeys(frame["cluster"]))
        for number in numbers[: self._rows]:
            mine = frame[frame["cluster"] == number]
            click.echo(
                f"  {click.style(_fit(mine['concepts'].iloc[0], self._width - 4).rstrip(), bold=True)}"
            )
            for row in _tuples(mine.head(self._rows)):
                click.echo(f"    {row.closeness:.2f}  {_tail(row.article_id, self._width - 12).rstrip()}")
            self._more(len(mine) - self._rows, "article")
        self._more(len(numbers) - self._rows, "cluster")

    def articles(self, frame: pd.DataFrame) -> None:
        if not self._head("Articles", "diff_articles", frame):
            return
        for row in _tuples(frame.head(2 * self._rows)):
            cause = click.style(row.cause, fg=_CAUSES.get(row.cause))
            click.echo(f"  {row.change:<8} {cause}  {row.other_id or row.article_id}")
            click.echo(click.style(f"           {row.columns}  {row.detail}"[: self._width], dim=True))
        self._more(len(frame) - 2 * self._rows, "article")

    def mentions(self, frame: pd.DataFrame) -> None:
        if not self._head("Mentions", "diff_mentions", frame):
            return
        for (change, cause), mine in frame.groupby(["change", "cause"], sort=False):
            click.echo(f"  {change} ({cause})")
            for row in _tuples(mine.head(self._rows)):
                one, other = _said(row, "a"), _said(row, "b")
                click.echo(
                    _fit(
                        f"    {one} -> {other}" if one and other else f"    {one or other}", self._width
                    ).rstrip()
                )
                click.echo(click.style(f"      {row.detail}"[: self._width], dim=True))
            self._more(len(mine) - self._rows, "mention")

    def _more(self, count: int, noun: str, many: str = "") -> None:
        if count > 0:
            shown = f"{count:,} {many}" if many and count > 1 else plural(count, noun)
            click.echo(click.style(f"    … and {shown} more", dim=True))


def _said(row: Any, side: str) -> str:
    text, concept_id, assertion = (
        getattr(row, f"{name}_{side}") for name in ("text", "concept_id", "assertion")
    )
    return (
        f"[{' '.join(text.split())}]({concept_id}{'' if assertion == 'present' else ' ' + assertion})"
        if text
        else ""
    )


def _side(stance: str, article_id: str, date: str, sentence: str, width: int) -> list[tuple[str, str]]:
    """Lines of equal width, each with a colour: who says it when, then what."""
    head = f"{stance}  {date}".strip()
    lines = textwrap.wrap(" ".join(sentence.split()), width) or [""]
    if len(lines) > 5:
        lines = [*lines[:4], lines[4][: width - 1] + "…"]
    colour = _STANCES[stance]
    found = [(_fit(head, width), colour), (_tail(article_id, width), "")]
    return [*found, *((_fit(line, width), "") for line in lines), (" " * width, "")]


def _painted(side: tuple[str, str]) -> str:
    text, colour = side
    told = text.rstrip()
    return click.style(told, fg=colour) + text[len(told) :] if colour else text


def _tuples(frame: pd.DataFrame) -> Iterator[Any]:
    rows: Sequence[Any] = list(frame.itertuples(index=False))
    return iter(rows)


def _concept(text: str, label: str) -> str:
    return click.style(text, fg=COLOURS.get(label, OTHER_COLOUR))


def _bar(share: float) -> str:
    eighths = round(share * _BAR * 8)
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (" ▏▎▍▌▋▊▉"[rest] if rest else "")).ljust(_BAR)


def _fit(text: str, width: int) -> str:
    return (text if len(text) <= width else text[: width - 1] + "…").ljust(width)


def _tail(text: str, width: int) -> str:
    return (text if len(text) <= width else "…" + text[1 - width :]).ljust(width)


def _range(low: Any, high: Any) -> str:
    ends = [_number(end) for end in (low, high) if _known(end)]
    return "–".join(dict.fromkeys(ends))


def _number(value: Any) -> str:
    return f"{value:g}" if _known(value) else ""


def _known(value: Any) -> bool:
    return value is not None and str(value) not in ("<NA>", "nan")
