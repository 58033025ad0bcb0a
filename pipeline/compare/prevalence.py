"""How often concepts are mentioned: per article, over all articles, and as matrices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..frames import empty, typed
from ..model import Assertion
from .tables import MATRIX, PREVALENCE, PREVALENCE_BY

ASSERTIONS = tuple(str(assertion) for assertion in Assertion)
VALUES = ("mentions", "presence", "weight")
_PAIR = ["article_id", "concept_id"]
_CONCEPT = ["concept_id", "label", "concept"]


def counts(mentions: pd.DataFrame, concepts: pd.DataFrame) -> pd.DataFrame:
    """One row per article and concept with the number of its mentions in all and by assertion, and its weight:
    the table `matrix`. Takes the tables mentions and concepts of a run."""
    if mentions.empty:
        return empty(MATRIX)
    found = pd.crosstab(
        [mentions["article_id"].astype("object"), mentions["concept_id"].astype("object")],
        mentions["assertion"].astype("object"),
    )
    found = found.reindex(columns=list(ASSERTIONS), fill_value=0)
    found["mentions"] = found.sum(axis=1)
    facts = concepts.set_index(_PAIR)[["label", "concept", "weight"]]
    return typed(MATRIX, found.join(facts, how="left").reset_index().sort_values(_PAIR, kind="stable"))


def prevalence(counts: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """The table `prevalence`, the most widespread concept first. `counts` is as from `counts` or `roll_up`; every
    row of `articles` is one of those that the share is taken of."""
    if counts.empty:
        return empty(PREVALENCE)
    return typed(PREVALENCE, _prevalence(counts, [], len(articles)))


def prevalence_by(counts: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """The table `prevalence_by`: the same for each value of the column `group` of `articles`."""
    if counts.empty:
        return empty(PREVALENCE_BY)
    grouped = counts.merge(articles[["article_id", "group"]], on="article_id")
    sizes = articles.groupby("group").size()
    return typed(PREVALENCE_BY, _prevalence(grouped, ["group"], sizes))


def _prevalence(counts: pd.DataFrame, by: list[str], sizes: int | pd.Series[int]) -> pd.DataFrame:
    marked = counts.assign(
        articles=1,
        affirming=(counts["present"] > 0).astype("int64"),
        denying=(counts["absent"] > 0).astype("int64"),
    )
    sums = ["articles", "affirming", "denying", "mentions", *ASSERTIONS]
    found = marked.groupby([*by, "concept_id"], as_index=False, sort=True).agg(
        {"label": "first", "concept": "first", **dict.fromkeys(sums, "sum")}
    )
    total = sizes if isinstance(sizes, int) else found["group"].map(sizes)
    found["share"] = (found["articles"] / total).round(4)
    order = [*by, "articles", "mentions", "concept_id"]
    return found.sort_values(order, ascending=[*[True] * len(by), False, False, True], kind="stable")


def matrix(counts: pd.DataFrame, articles: pd.DataFrame, values: str = "mentions") -> pd.DataFrame:
    """One row per article of `articles` and one column per concept id. `values` is one of VALUES: mentions (how
    often), presence (1 where it is asserted
    as present, else 0), weight (its share of the article)."""
    if values not in VALUES:
        raise ValueError(f"values must be one of {', '.join(VALUES)}, not {values!r}")
    source = counts.assign(presence=(counts["present"] > 0).astype("int64"))
    kind = {"mentions": "int64", "presence": "int64", "weight": "float64"}[values]
    wide = source.astype(dict.fromkeys(_PAIR, "object")).pivot(
        index="article_id", columns="concept_id", values=values
    )
    wide = wide.reindex(index=list(articles["article_id"]), columns=sorted(wide.columns))
    found = wide.astype("object").where(wide.notna(), 0).astype(np.dtype(kind))
    found.index.name = "article_id"
    return found.rename_axis(columns=None).reset_index()


def common(counts: pd.DataFrame, least: int) -> pd.DataFrame:
    """The rows of concepts that at least `least` articles mention."""
    if least <= 1 or counts.empty:
        return counts
    articles = counts.groupby("concept_id")["article_id"].transform("size")
    return counts[articles >= least].reset_index(drop=True)


def named(counts: pd.DataFrame) -> pd.DataFrame:
    """Concept_id, label and concept, one row per concept."""
    return counts[_CONCEPT].drop_duplicates("concept_id").reset_index(drop=True)
