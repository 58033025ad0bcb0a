"""A run's tables as the compact data that the report's page reads.

The index holds the articles, the concepts, and how often which article mentions which concept in which section and
with which assertion. What stands in an article is in `report_records`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..compare.seriation import Matrix
from ..model import Assertion, Kind, Status
from ..runs import Run
from ..tables.links import web_address

ASSERTIONS = tuple(str(assertion) for assertion in Assertion)
KINDS = tuple(str(kind) for kind in Kind)
# The order in which people ask; further labels follow by name.
LABELS = ("SYMPTOM", "CONDITION", "ELECTROLYTE", "MEDICATION")
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


class Cell(NamedTuple):
    """How often an article mentions a concept in a section with an assertion; all but `times` are numbers of
    rows of the index."""

    article: int
    concept: int
    section: int
    assertion: int
    times: int


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept that some shown article mentions. `articles` counts the shown articles that do."""

    concept_id: str
    name: str
    label: str
    articles: int
    mentions: int


@dataclass(frozen=True, slots=True)
class Article:
    """An article that the report shows."""

    article_id: str
    title: str
    url: str
    site: str
    author: str
    published: str
    modified: str
    reviewed: str
    words: int
    mentions: int
    duplicate_of: str

    @property
    def date(self) -> str:
        """The latest date the page tells; empty when it tells none."""
        return max(self.published, self.modified, self.reviewed)


@dataclass(frozen=True, slots=True)
class Data:
    """All that the page reads. `left_out` counts the articles of the run that are not in it."""

    articles: tuple[Article, ...]
    concepts: tuple[Concept, ...]
    labels: tuple[str, ...]
    sections: tuple[str, ...]
    cells: tuple[Cell, ...]
    left_out: int

    def concept_numbers(self) -> dict[str, int]:
        """The number of each concept by its id."""
        return {concept.concept_id: number for number, concept in enumerate(self.concepts)}

    def article_numbers(self) -> dict[str, int]:
        """The number of each article by its id."""
        return {article.article_id: number for number, article in enumerate(self.articles)}

    def matrix(self) -> Matrix:
        """Mentions by article and concept."""
        counts = np.zeros((len(self.articles), len(self.concepts)))
        for cell in self.cells:
            counts[cell.article, cell.concept] += cell.times
        return counts

    def index(self, article_order: Sequence[int], concept_order: Sequence[int]) -> str:
        """The index as JSON that can stand inside a script element. The orders put alike ones together."""
        return to_json(
            {
                "labels": self.labels,
                "assertions": ASSERTIONS,
                "sections": self.sections,
                "kinds": KINDS,
                "concepts": [
                    [concept.name, self.labels.index(concept.label), concept.concept_id]
                    for concept in self.concepts
                ],
                "articles": [
                    [
                        article.title,
                        article.article_id,
                        web_address(article.url),
                        article.site,
                        article.author,
                        article.published,
                        article.modified,
                        article.reviewed,
                        article.words,
                        article.mentions,
                        article.duplicate_of,
                    ]
                    for article in self.articles
                ],
                "cells": [number for cell in self.cells for number in cell],
                "articleOrder": list(article_order),
                "conceptOrder": list(concept_order),
            }
        )


def to_json(value: Any) -> str:
    """JSON without a character that could end a script element or start a comment in one."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def collect(run: Run, most_articles: int) -> Data:
    """The data of a run, of `most_articles` articles at most: those with the most mentions. Raises OutputError
    if a table is missing."""
    pages, mentions = run.articles, run.mentions
    counts: Counter[str] = Counter(mentions["article_id"].tolist())
    ok = pages[(pages["status"] == str(Status.OK)) & (pages["reason"] == "")]
    ids = sorted(ok["article_id"].tolist(), key=lambda name: (-counts[name], name))[:most_articles]
    articles = tuple(
        Article(
            article_id=row.article_id,
            title=row.title or row.article_id,
            url=row.url,
            site=row.site,
            author=row.author,
            published=row.published,
            modified=row.modified,
            reviewed=row.reviewed,
            words=int(row.words),
            mentions=counts[row.article_id],
            duplicate_of=row.duplicate_of,
        )
        for row in sorted(rows(ok[ok["article_id"].isin(ids)]), key=lambda row: str(row.article_id))
    )
    mentions = mentions[mentions["article_id"].isin(ids)]
    concepts = _concepts(mentions)
    sections = tuple(sorted({"", *mentions["section"].tolist()}))
    return Data(
        articles=articles,
        concepts=concepts,
        labels=_known_first({concept.label for concept in concepts}),
        sections=sections,
        cells=_cells(mentions, articles, concepts, sections),
        left_out=len(ok) - len(articles),
    )


def _concepts(mentions: pd.DataFrame) -> tuple[Concept, ...]:
    """The concepts, those of the most articles first."""
    found: list[Concept] = []
    for key, told in mentions.groupby(["concept_id", "concept", "label"], sort=False):
        concept_id, name, label = map(str, key)
        found.append(Concept(concept_id, name, label, told["article_id"].nunique(), len(told)))
    return tuple(
        sorted(found, key=lambda one: (-one.articles, -one.mentions, one.name.casefold(), one.concept_id))
    )


def _cells(
    mentions: pd.DataFrame, articles: Sequence[Article], concepts: Sequence[Concept], sections: Sequence[str]
) -> tuple[Cell, ...]:
    article_numbers = {article.article_id: number for number, article in enumerate(articles)}
    concept_numbers = {concept.concept_id: number for number, concept in enumerate(concepts)}
    section_numbers = {section: number for number, section in enumerate(sections)}
    counted = Counter(
        (
            article_numbers[row.article_id],
            concept_numbers[row.concept_id],
            section_numbers[row.section],
            ASSERTIONS.index(row.assertion),
        )
        for row in rows(mentions[["article_id", "concept_id", "section", "assertion"]])
    )
    return tuple(Cell(*key, count) for key, count in sorted(counted.items()))


def rows(frame: pd.DataFrame) -> Iterable[Any]:
    """The rows of a table, each with one attribute per column."""
    return frame.itertuples(index=False)


def _known_first(labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        sorted(labels, key=lambda label: (LABELS.index(label) if label in LABELS else len(LABELS), label))
    )
