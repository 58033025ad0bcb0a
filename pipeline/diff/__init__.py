"""What became of the articles and mentions of one run in another, and why, where it can be told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..frames import typed, write_frames
from ..runs import Run
from ..tables import ARTICLES, LIST_SEPARATOR, Table
from .align import Pair, Spot, align, match_blocks
from .causes import Programs, block_columns, cause_of_article, cause_of_mention, columns_of
from .tables import CAUSES, CHANGES, DIFF_ARTICLES, DIFF_MENTIONS, DIFF_SUMMARY, DIFF_TABLES

NAME = "medtables-difference"
# The path as it was given to the command says where the pages lay, not what they are.
_IGNORED = ("article_id", "source", "duplicate_of")
_ARTICLE_COLUMNS = tuple(column.name for column in ARTICLES.columns if column.name not in _IGNORED)
_FIELDS = ("text", "concept_id", "assertion", "cue", "section", "term")


@dataclass(frozen=True)
class Difference:
    """The tables of a difference by name, and how the programs and vocabularies of the two runs differ."""

    frames: Mapping[str, pd.DataFrame]
    programs: Programs

    def __getitem__(self, name: str) -> pd.DataFrame:
        """The table of that name."""
        return self.frames[name]

    @property
    def same(self) -> bool:
        """Whether no article and no mention differs."""
        return self.frames["diff_summary"].empty

    def write(self, folder: Path) -> tuple[Path, ...]:
        """Write the tables as csv with their `datapackage.json`. Raises OutputError."""
        return write_frames(folder, NAME, DIFF_TABLES, self.frames)


@dataclass(frozen=True, slots=True)
class _Side:
    """An article of one run: its row, its blocks and its mentions."""

    row: dict[str, Any]
    blocks: list[dict[str, Any]]
    mentions: list[dict[str, Any]]

    @property
    def texts(self) -> list[str]:
        return [block["text"] for block in self.blocks]

    @property
    def spots(self) -> list[Spot]:
        return [
            Spot(
                number=row["mention"],
                block=row["block"],
                start=row["start"] - self.blocks[row["block"]]["start"],
                end=row["end"] - self.blocks[row["block"]]["start"],
                sentence=row["sentence"],
                **{name: row[name] for name in _FIELDS},
            )
            for row in self.mentions
        ]


def diff(first: Run, second: Run) -> Difference:
    """How `second` differs from `first` in articles, their blocks, and mentions (text, concept, assertion, cue,
    section; not which line of the vocabulary matched, since lines move). Raises OutputError."""
    programs = Programs.of(first.info, second.info)
    before, after = _sides(first), _sides(second)
    moved = _moved(before, after)
    articles: list[tuple[Any, ...]] = []
    mentions: list[tuple[Any, ...]] = []
    for article_id in sorted({*before, *after} - set(moved.values())):
        one, other_id = before.get(article_id), moved.get(article_id, article_id)
        other = after.get(other_id)
        if one is None or other is None:
            change = "came" if one is None else "went"
            articles.append((article_id, "", change, "input", "", "the page is in one run only"))
        else:
            articles += _article(article_id, other_id, one, other, programs)
        mentions += _mentions(article_id, one, other, programs)
    frames = {
        "diff_articles": _frame(DIFF_ARTICLES, articles),
        "diff_mentions": _frame(DIFF_MENTIONS, mentions),
    }
    return Difference({"diff_summary": _summary(frames), **frames}, programs)


def _sides(run: Run) -> dict[str, _Side]:
    found = {row["article_id"]: _Side(row, [], []) for row in _rows(run, "articles")}
    for row in _rows(run, "blocks"):
        found[row["article_id"]].blocks.append(row)
    for row in _rows(run, "mentions"):
        found[row["article_id"]].mentions.append(row)
    return found


def _rows(run: Run, name: str) -> Iterator[dict[str, Any]]:
    for batch in run.arrow(name).to_batches():
        yield from batch.to_pylist()


def _moved(before: dict[str, _Side], after: dict[str, _Side]) -> dict[str, str]:
    """Article ids that only one run has, where the page's bytes, or else its url, tell that they are the same page."""
    gone, new = [one for one in before if one not in after], [one for one in after if one not in before]
    moved: dict[str, str] = {}
    for column in ("content_sha256", "url"):
        waiting: dict[str, list[str]] = defaultdict(list)
        for one in new:
            waiting[after[one].row[column]].append(one)
        held = Counter(before[one].row[column] for one in gone)
        for one in gone:
            value = before[one].row[column]
            if value and held[value] == 1 and len(waiting[value]) == 1:
                moved[one] = waiting[value][0]
        gone = [one for one in gone if one not in moved]
        new = [one for one in new if one not in moved.values()]
    return moved


def _article(
    article_id: str, other_id: str, one: _Side, other: _Side, programs: Programs
) -> Iterator[tuple[Any, ...]]:
    if other_id != article_id:
        yield article_id, other_id, "moved", "input", "article_id", f"{article_id} -> {other_id}"
    columns = [name for name in _ARTICLE_COLUMNS if one.row[name] != other.row[name]]
    columns += block_columns(one.blocks, other.blocks)
    if columns:
        cause, detail = cause_of_article(one.row, other.row, columns, programs)
        shown = other_id if other_id != article_id else ""
        yield article_id, shown, "changed", cause, LIST_SEPARATOR.join(columns), detail


def _mentions(
    article_id: str, one: _Side | None, other: _Side | None, programs: Programs
) -> Iterator[tuple[Any, ...]]:
    texts = one.texts if one else [], other.texts if other else []
    blocks = match_blocks(*texts)
    pairs = align(one.spots if one else [], other.spots if other else [], blocks)
    for pair in sorted(pairs, key=_order):
        columns = columns_of(pair)
        if pair.first and pair.second and not columns:
            continue
        change = "changed" if pair.first and pair.second else "went" if pair.first else "came"
        if one is None or other is None:
            cause, detail = "input", "the page is in one run only"
        else:
            same_page = one.row["content_sha256"] == other.row["content_sha256"]
            cause, detail = cause_of_mention(pair, columns, same_page, texts[0] == texts[1], programs)
        yield (
            article_id, change, cause, LIST_SEPARATOR.join(columns),
            *(value for name in _FIELDS for value in _both(pair, name)),
            pair.first.number if pair.first else None,
            pair.second.number if pair.second else None,
            detail,
            (pair.second or pair.first or _NOTHING).sentence,
        )  # fmt: skip


_NOTHING = Spot(0, 0, 0, 0, "", "", "", "", "", "", "")


def _both(pair: Pair, name: str) -> tuple[str, str]:
    return getattr(pair.first or _NOTHING, name), getattr(pair.second or _NOTHING, name)


def _order(pair: Pair) -> tuple[int, int]:
    known = [spot.number for spot in (pair.second, pair.first) if spot]
    return known[0], int(pair.second is None)


def _frame(table: Table, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return typed(table, pd.DataFrame(rows, columns=[column.name for column in table.columns]))


def _summary(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    counted = Counter(
        (name.removeprefix("diff_"), change, cause)
        for name, frame in frames.items()
        for change, cause in zip(frame["change"], frame["cause"], strict=True)
    )
    order = sorted(counted, key=lambda key: (key[0], CHANGES.index(key[1]), CAUSES.index(key[2])))
    return _frame(DIFF_SUMMARY, [(*key, counted[key]) for key in order])
