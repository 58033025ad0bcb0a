"""Groups of articles that are alike: average linkage, the same in any order of the articles."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..errors import MedtablesError
from ..frames import empty, typed
from ..tables import LIST_SEPARATOR
from .similarity import SHOWN, Matrix, cosine
from .tables import CLUSTERS

ALIKE = 0.4
# All pairs stand in one matrix: 72 MB.
MOST_ARTICLES = 3_000


def clusters(counts: pd.DataFrame, articles: pd.DataFrame, alike: float = ALIKE) -> pd.DataFrame:
    """The table `clusters`. Beginning with single articles, the two clusters with the largest mean cosine between
    their articles are joined, as long as it is at least `alike`; of equal pairs, the one with the smaller article_id.

    `articles` has the columns article_id and title; those without concepts stand alone. Raises MedtablesError for
    more than MOST_ARTICLES articles.
    """
    if articles.empty:
        return empty(CLUSTERS)
    if len(articles) > MOST_ARTICLES:
        raise MedtablesError(
            "clusters",
            f"{len(articles):,} articles are too many to join pair by pair; {MOST_ARTICLES:,} are the most",
            "Compare a part of the run.",
        )
    ids = sorted(str(one) for one in articles["article_id"])
    square = cosine(counts).reindex(index=ids, columns=ids, fill_value=0.0)
    similar: Matrix = square.to_numpy(dtype="float64", copy=True)
    members = join(similar, alike)
    members.sort(key=lambda one: (-len(one), one[0]))
    titles = dict(zip(articles["article_id"], articles["title"], strict=True))
    rows = []
    for number, cluster in enumerate(members, 1):
        names = [ids[position] for position in cluster]
        heaviest = LIST_SEPARATOR.join(_heaviest(counts, names))
        for position in cluster:
            others = [similar[position, other] for other in cluster if other != position]
            closeness = round(float(np.mean(others)), 4) if others else 1.0
            rows.append((number, ids[position], titles[ids[position]], len(cluster), closeness, heaviest))
    return typed(CLUSTERS, pd.DataFrame(rows, columns=[column.name for column in CLUSTERS.columns]))


def join(similar: Matrix, alike: float) -> list[list[int]]:
    """Clusters of the positions of a symmetric matrix, each sorted."""
    size = len(similar)
    mean = similar.copy()
    np.fill_diagonal(mean, -np.inf)
    members: dict[int, list[int]] = {position: [position] for position in range(size)}
    if size < 2:
        return list(members.values())
    nearest = mean.argmax(axis=1)
    while len(members) > 1:
        best = mean[np.arange(size), nearest]
        one = int(best.argmax())
        if best[one] < alike:
            break
        other = int(nearest[one])
        one, other = min(one, other), max(one, other)
        first, second = len(members[one]), len(members[other])
        joined = (first * mean[one] + second * mean[other]) / (first + second)
        joined[one] = joined[other] = -np.inf
        mean[one], mean[:, one] = joined, joined
        mean[other], mean[:, other] = -np.inf, -np.inf
        members[one] = sorted(members[one] + members.pop(other))
        # A mean is no larger than the larger of its two: no other row can have found a nearer one.
        stale = np.flatnonzero((nearest == one) | (nearest == other))
        nearest[stale] = mean[stale].argmax(axis=1)
        nearest[one] = mean[one].argmax()
    return list(members.values())


def _heaviest(counts: pd.DataFrame, article_ids: list[str]) -> list[str]:
    inside = counts[counts["article_id"].isin(article_ids)]
    sums = inside.groupby(["concept_id", "concept"], as_index=False)["weight"].sum()
    sums = sums[sums["weight"] > 0].sort_values(["weight", "concept_id"], ascending=[False, True])
    return [str(name) for name in sums["concept"].head(SHOWN)]
