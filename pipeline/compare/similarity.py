"""How much alike articles are: the cosine of their concepts' weights, their nearest articles, what their peers have and
they lack."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import MedtablesError
from ..frames import empty, typed
from ..tables import LIST_SEPARATOR
from .prevalence import named
from .tables import MISSING, SIMILARITY

Matrix = npt.NDArray[np.float64]
NEAREST = 20
PEERS, LEAST_COSINE = 10, 0.1
SHOWN = 5
# Weights stand in one dense matrix: 800 MB.
MOST_CELLS = 100_000_000
_ROWS = 512


def cosine(counts: pd.DataFrame) -> pd.DataFrame:
    """The square matrix of cosines of all articles in `counts`, rows and columns by article_id. An article without
    weights (nothing asserted as present) is like none, and 1 to itself."""
    ids, _, unit = _vectors(counts)
    square = np.clip(unit @ unit.T, 0.0, 1.0)
    square = (square + square.T) / 2
    np.fill_diagonal(square, 1.0)
    return pd.DataFrame(square, index=ids, columns=ids)


def similarity(counts: pd.DataFrame, nearest: int = NEAREST) -> pd.DataFrame:
    """The table `similarity`: for each article at most `nearest` others with a cosine above 0, the most alike first.
    Raises MedtablesError where articles times concepts are more than MOST_CELLS."""
    if counts.empty or nearest < 1:
        return empty(SIMILARITY)
    ids, concepts, unit = _vectors(counts)
    names = dict(zip(counts["concept_id"], counts["concept"], strict=True))
    rows = [
        (
            ids[one], rank, ids[other], value,
            *_shared(unit[one], unit[other], concepts, names),
        )
        for one, others in _nearest(unit, nearest)
        for rank, (other, value) in enumerate(others, 1)
    ]  # fmt: skip
    return typed(SIMILARITY, pd.DataFrame(rows, columns=[column.name for column in SIMILARITY.columns]))


def peers(similar: pd.DataFrame, most: int = PEERS, least_cosine: float = LEAST_COSINE) -> pd.DataFrame:
    """The peers of each article, columns article_id and other_id: of the table `similarity` the first `most` with at
    least `least_cosine`."""
    chosen = similar[(similar["rank"] <= most) & (similar["cosine"] >= least_cosine)]
    return chosen[["article_id", "other_id"]].reset_index(drop=True)


def peers_by(articles: pd.DataFrame, column: str) -> pd.DataFrame:
    """The same, where the peers of an article are those with its value in `column` of `articles`, unless empty."""
    told = articles.loc[articles[column] != "", ["article_id", column]]
    pairs = told.merge(told.rename(columns={"article_id": "other_id"}), on=column)
    found = pairs.loc[pairs["article_id"] != pairs["other_id"], ["article_id", "other_id"]]
    return found.sort_values(["article_id", "other_id"]).reset_index(drop=True)


def missing(
    counts: pd.DataFrame, peers: pd.DataFrame, least: int | None = None, top: int = NEAREST
) -> pd.DataFrame:
    """The table `missing`: concepts that an article does not mention and that at least `least` of its peers assert as
    present (by default half of them, and two); for each article at most `top`, what most peers have first."""
    affirmed = counts.loc[counts["present"] > 0, ["article_id", "concept_id"]]
    had = peers.merge(affirmed.rename(columns={"article_id": "other_id"}), on="other_id")
    if had.empty:
        return empty(MISSING)
    had = had.sort_values(["article_id", "concept_id", "other_id"], kind="stable")
    found = had.groupby(["article_id", "concept_id"], as_index=False, sort=True).agg(
        having=("other_id", "size"), found_in=("other_id", LIST_SEPARATOR.join)
    )
    found["peers"] = found["article_id"].map(peers.groupby("article_id").size())
    needed = np.maximum(2, -(-found["peers"] // 2)) if least is None else max(1, least)
    found = found[found["having"] >= needed]
    own = counts[["article_id", "concept_id"]].assign(own=1)
    found = found.merge(own, on=["article_id", "concept_id"], how="left")
    found = found[found["own"].isna()].merge(named(counts), on="concept_id", how="left")
    found = found.sort_values(
        ["article_id", "having", "concept_id"], ascending=[True, False, True], kind="stable"
    )
    return typed(MISSING, found.groupby("article_id", sort=False).head(top))


def _vectors(counts: pd.DataFrame) -> tuple[list[str], list[str], Matrix]:
    """Article ids, concept ids, and the weights of each article as a row of length 1 (or 0)."""
    articles, ids = pd.factorize(counts["article_id"].astype("object"), sort=True)
    concepts, names = pd.factorize(counts["concept_id"].astype("object"), sort=True)
    if len(ids) * len(names) > MOST_CELLS:
        raise MedtablesError(
            "similarity",
            f"{len(ids):,} articles with {len(names):,} concepts are too many to compare pair by pair",
            "Choose --label, a --level, or more --min-articles.",
        )
    weights: Matrix = np.zeros((len(ids), len(names)))
    weights[articles, concepts] = counts["weight"].to_numpy(dtype="float64")
    lengths = np.sqrt((weights * weights).sum(axis=1, keepdims=True))
    return (
        [str(one) for one in ids],
        [str(one) for one in names],
        weights / np.where(lengths > 0, lengths, 1.0),
    )


def _nearest(unit: Matrix, nearest: int) -> Iterator[tuple[int, list[tuple[int, float]]]]:
    for begin in range(0, len(unit), _ROWS):
        block = np.clip(unit[begin : begin + _ROWS] @ unit.T, 0.0, 1.0).round(4)
        for offset, row in enumerate(block):
            one = begin + offset
            row[one] = -1.0
            order = np.argsort(-row, kind="stable")[:nearest]
            yield one, [(int(other), float(row[other])) for other in order if row[other] > 0]


def _shared(one: Matrix, other: Matrix, concepts: list[str], names: dict[str, str]) -> tuple[int, str]:
    product = one * other
    order = np.argsort(-product, kind="stable")[:SHOWN]
    shown = [names[concepts[position]] for position in order if product[position] > 0]
    return int((product > 0).sum()), LIST_SEPARATOR.join(shown)
