"""What the report says before any script runs: overview, contradictions and ranges, ready for the template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from ..compare import Comparison
from ..compare.tables import MENTIONED, STANCES
from ..model import Assertion, Status
from ..runs import Run
from .data import Data
from .data import rows as each
from .plots import Part, axis, hue, stacked

MOST_WIDESPREAD = 8
MOST_CLAIMS = 120
MOST_QUOTES = 8
MOST_RANGES = 60
_LARGEST = 1e12
_DISPUTED = ("contradicted", "divided", "hedged")
_DATES = ("reviewed", "modified", "published")


class Places:
    """Where in the page an article, a sentence or a quantity stands, as `#...`; empty when it is not shown."""

    def __init__(self, run: Run, data: Data) -> None:
        self._articles = data.article_numbers()
        self._titles = {article.article_id: article.title for article in data.articles}
        self._mentions: dict[tuple[str, str, str], int] = {}
        for row in each(run.mentions):
            for concept_id in (row.concept_id, ""):
                self._mentions.setdefault((row.article_id, row.sentence, concept_id), row.mention)
        if "relations" in run.tables:
            for row in each(run.table("relations")):
                named = [number for number in (row.head_mention, row.tail_mention) if not pd.isna(number)]
                if named:
                    self._mentions.setdefault((row.article_id, row.evidence, row.head_concept), int(named[0]))
        self._quantities: dict[tuple[str, str, str], int] = {}
        for row in each(run.quantities):
            self._quantities.setdefault((row.article_id, row.text, row.sentence), row.quantity)

    def title(self, article_id: str) -> str:
        """The title of the article."""
        return self._titles.get(article_id, article_id)

    def sentence(self, article_id: str, sentence: str, concept_id: str = "") -> str:
        """The place of a sentence that mentions the concept."""
        for concept in (concept_id, ""):
            number = self._mentions.get((article_id, sentence, concept))
            if number is not None:
                return self._place(article_id, f"m{number}")
        return self._place(article_id, "")

    def quantity(self, article_id: str, text: str, sentence: str) -> str:
        """The place of a quantity."""
        number = self._quantities.get((article_id, text, sentence))
        return self._place(article_id, "" if number is None else f"q{number}")

    def _place(self, article_id: str, part: str) -> str:
        number = self._articles.get(article_id)
        return "" if number is None else f"#article-{number}" + (f"-{part}" if part else "")


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a table with a bar: `css` colours it, `href` leads on."""

    name: str
    numbers: tuple[str, ...]
    bar: Markup
    css: str = ""
    href: str = ""


def overview(run: Run, data: Data, comparison: Comparison) -> dict[str, Any]:
    """Counts, articles by status, labels, what is widespread, how fresh the articles are."""
    pages, mentions = run.articles, run.mentions
    ok = pages[(pages["status"] == str(Status.OK)) & (pages["reason"] == "")]
    prevalence = comparison["prevalence"]
    return {
        "pages": len(pages),
        "articles": len(ok),
        "sites": ok.loc[ok["site"] != "", "site"].nunique(),
        "mentions": len(mentions),
        "concepts": len(prevalence),
        "statuses": _statuses(pages),
        "labels": _labels(mentions, data),
        "widespread": _widespread(prevalence, data, len(ok)),
        "years": _years(comparison["compared"]),
        "repeats": int((ok["duplicate_of"] != "").sum()),
    }


def _statuses(pages: pd.DataFrame) -> list[dict[str, Any]]:
    found = []
    for status, count in sorted(
        Counter(pages["status"].tolist()).items(), key=lambda one: (one[0] != "ok", -one[1])
    ):
        rows = pages[pages["status"] == status]
        reasons = Counter(rows["reason"].tolist()).most_common(3)
        found.append(
            {
                "status": status.replace("_", " "),
                "count": count,
                "bar": stacked([Part("fill", count / len(pages))]),
                "reasons": [
                    {
                        "reason": reason,
                        "count": number,
                        "pages": rows.loc[rows["reason"] == reason, "article_id"].tolist()[:3],
                    }
                    for reason, number in reasons
                    if reason
                ],
            }
        )
    return found


def _labels(mentions: pd.DataFrame, data: Data) -> list[Bar]:
    found = []
    for label in data.labels:
        rows = mentions[mentions["label"] == label]
        told = Counter(rows["assertion"].tolist())
        parts = [
            Part(f"part a-{name}", told[name] / len(rows), f"{told[name]} {name}")
            for name in map(str, Assertion)
        ]
        numbers = (len(rows), rows["concept_id"].nunique(), rows["article_id"].nunique())
        found.append(
            Bar(_named(label), tuple(f"{number:,}" for number in numbers), stacked(parts), hue(label))
        )
    return found


def _widespread(prevalence: pd.DataFrame, data: Data, articles: int) -> list[dict[str, Any]]:
    numbers = data.concept_numbers()
    found = []
    for label in data.labels:
        rows = prevalence[prevalence["label"] == label]
        rows = rows.sort_values(["articles", "mentions", "concept_id"], ascending=[False, False, True])
        bars = [
            Bar(
                row.concept,
                (f"{row.articles:,}", f"{row.share:.0%}"),
                stacked([Part("fill", row.articles / articles)], height=6),
                href=f"#concept-{numbers[row.concept_id]}" if row.concept_id in numbers else "",
            )
            for row in each(rows.head(MOST_WIDESPREAD))
        ]
        found.append({"label": _named(label), "css": hue(label), "bars": bars, "count": f"{len(rows):,}"})
    return found


def _years(compared: pd.DataFrame) -> list[Bar]:
    """Articles by the year of their latest date; those without one come last."""
    kinds: dict[str, Counter[str]] = {}
    for row in each(compared):
        kinds.setdefault(row.date[:4], Counter())[row.date_kind] += 1
    most = max((sum(kind.values()) for kind in kinds.values()), default=1)
    found = []
    for year in (*sorted(filter(None, kinds), reverse=True), *filter(lambda year: not year, kinds)):
        count = sum(kinds[year].values())
        parts = [
            Part(f"part d-{name or 'none'}", kinds[year][name] / most, name or "no date")
            for name in (*_DATES, "")
        ]
        told = ", ".join(f"{kinds[year][name]} {name}" for name in _DATES if kinds[year][name])
        found.append(Bar(year or "no date", (f"{count:,}", told), stacked(parts)))
    return found


def disputes(comparison: Comparison, places: Places) -> dict[str, Any]:
    """The claims on which articles differ, each with the sentences of every stance."""
    verdicts = comparison["agreement"]
    verdicts = verdicts[verdicts["verdict"].isin(_DISPUTED)]
    order = {verdict: number for number, verdict in enumerate(_DISPUTED)}
    claims = sorted(
        each(verdicts),
        key=lambda row: (order[row.verdict], row.kind == MENTIONED, -row.articles),
    )
    said: dict[tuple[str, str, str], list[Any]] = {}
    for row in each(comparison["statements"]):
        said.setdefault((row.kind, row.head_concept, row.tail_concept), []).append(row)
    shown = []
    for claim in claims:
        rows = said.get((claim.kind, claim.head_concept, claim.tail_concept), [])
        sides: list[dict[str, Any]] = []
        for stance in STANCES:
            quotes = [
                {
                    "sentence": row.sentence,
                    "title": places.title(row.article_id),
                    "href": places.sentence(row.article_id, row.sentence, claim.head_concept),
                    "date": " ".join(filter(None, (row.date_kind, row.date))),
                }
                for row in sorted(rows, key=lambda row: (row.date, row.article_id), reverse=True)
                if row.stance == stance
            ]
            if quotes:
                sides.append({"stance": stance, "quotes": quotes[:MOST_QUOTES], "count": len(quotes)})
        if len(sides) > 1:
            shown.append(
                {
                    "relation": "" if claim.kind == MENTIONED else claim.kind.replace("_", " "),
                    "head": claim.head,
                    "tail": claim.tail,
                    "verdict": claim.verdict,
                    "articles": claim.articles,
                    "css": hue(claim.head_concept.partition(":")[0]),
                    "sides": sides,
                }
            )
    return {"claims": shown[:MOST_CLAIMS], "left_out": max(len(shown) - MOST_CLAIMS, 0), "count": len(shown)}


def range_groups(comparison: Comparison, places: Places) -> list[dict[str, Any]]:
    """Reference ranges, then levels: one group for each concept and unit, on one scale."""
    groups: dict[tuple[str, str, str], list[Any]] = {}
    for row in each(comparison["ranges"]):
        groups.setdefault((row.kind, row.concept, row.unit), []).append(row)
    keys = sorted(groups, key=lambda key: (key[0] != "reference_range", -_articles(groups[key]), key))
    found = []
    for key in keys:
        rows = groups[key]
        values = [value for row in rows for value in (_known(row.low), _known(row.high)) if value is not None]
        if not values:
            continue
        scale = axis(values)
        usual = next(row for row in sorted(rows, key=lambda row: -row.articles))
        # The median of one article's ranges would say nothing of the others.
        told = key[0] == "reference_range" and usual.articles > 1
        middle = (_known(usual.median_low), _known(usual.median_high)) if told else (None, None)
        lines = [
            {
                "title": places.title(row.article_id),
                "href": places.quantity(row.article_id, row.text, row.sentence),
                "bar": scale.bar(_known(row.low), _known(row.high), middle),
                "value": _value(row),
                "text": " ".join(row.text.split()),
                "date": row.date,
                "outlier": bool(row.low_outlier or row.high_outlier),
            }
            for row in rows[:MOST_RANGES]
        ]
        found.append(
            {
                "concept": key[1],
                "unit": key[2],
                "kind": key[0].replace("_", " "),
                "css": hue(rows[0].concept_id.partition(":")[0]),
                "articles": _articles(rows),
                "axis": scale.markup(),
                "middle": _ends(*middle),
                "lines": lines,
                "left_out": max(len(rows) - MOST_RANGES, 0),
            }
        )
    return found


def _articles(rows: list[Any]) -> int:
    return len({row.article_id for row in rows})


def _known(value: Any) -> float | None:
    # What no drawing can hold counts as open.
    return None if value is None or pd.isna(value) or abs(value) > _LARGEST else float(value)


def _value(row: Any) -> str:
    return f"{row.comparator} {_ends(_known(row.low), _known(row.high))}".strip()


def _ends(low: float | None, high: float | None) -> str:
    return " – ".join(dict.fromkeys(f"{end:.4g}" for end in (low, high) if end is not None))


def _named(label: str) -> str:
    return label.replace("_", " ").capitalize()


def made(info: Mapping[str, Any]) -> str:
    """By what and when the run was made."""
    program = f"{info.get('program', 'medtables')} {info.get('version', '')}".strip()
    finished = str(info.get("finished", ""))[:10]
    return f"{program}, {finished}" if finished else program
