"""What sets an article, or a group of articles, apart: the concepts that it mentions more than the others do.

Log-odds ratio with an informative Dirichlet prior, from Monroe, Colaresi and Quinn, "Fightin' Words: Lexical Feature
Selection and Evaluation for Identifying the Content of Political Conflict", Political Analysis 16 (2008), 372-403,
equations 16, 20 and 22. For unit i (an article or group) and concept w, with y the mentions of w, n those of all
concepts, and `rest` all other units together:

    a(w) = a0 * y(w) / n                     a0 = n / number of units: the prior weighs as much as one average unit
    d(w) = log((y_i(w) + a(w)) / (n_i + a0 - y_i(w) - a(w)))
         - log((y_rest(w) + a(w)) / (n_rest + a0 - y_rest(w) - a(w)))
    z(w) = d(w) / sqrt(1 / (y_i(w) + a(w)) + 1 / (y_rest(w) + a(w)))

A concept that only one article mentions once has a small z, since there is little evidence; tf-idf would put it first.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..frames import empty, typed
from .prevalence import named
from .tables import PECULIAR, PECULIAR_BY

TOP = 20


def peculiar(counts: pd.DataFrame, top: int = TOP) -> pd.DataFrame:
    """The table `peculiar`: for each article at most `top` concepts with z above 0, the largest first."""
    found = _log_odds(counts, "article_id", top)
    return empty(PECULIAR) if found is None else typed(PECULIAR, found)


def peculiar_by(counts: pd.DataFrame, articles: pd.DataFrame, top: int = TOP) -> pd.DataFrame:
    """The table `peculiar_by`: the same for each value of the column `group` of `articles`."""
    grouped = counts.merge(articles[["article_id", "group"]], on="article_id")
    found = _log_odds(grouped, "group", top)
    return empty(PECULIAR_BY) if found is None else typed(PECULIAR_BY, found)


def _log_odds(counts: pd.DataFrame, unit: str, top: int) -> pd.DataFrame | None:
    """One row per unit and concept; None where there is nothing to compare: fewer than two units or concepts."""
    cells = counts.groupby([unit, "concept_id"], as_index=False, sort=True)["mentions"].sum()
    units, concepts = cells[unit].nunique(), cells["concept_id"].nunique()
    if units < 2 or concepts < 2:
        return None
    here = cells["mentions"].to_numpy(dtype="float64")
    all_here = cells.groupby(unit)["mentions"].transform("sum").to_numpy(dtype="float64")
    everywhere = cells.groupby("concept_id")["mentions"].transform("sum").to_numpy(dtype="float64")
    total = here.sum()
    weight = total / units
    prior = weight * everywhere / total
    rest, all_rest = everywhere - here, total - all_here
    odds_here = np.log((here + prior) / (all_here + weight - here - prior))
    odds_rest = np.log((rest + prior) / (all_rest + weight - rest - prior))
    difference = odds_here - odds_rest
    cells["elsewhere"] = rest.astype("int64")
    cells["log_odds"] = difference.round(4)
    cells["z"] = (difference / np.sqrt(1 / (here + prior) + 1 / (rest + prior))).round(4)
    cells = cells[cells["z"] > 0].sort_values(
        [unit, "z", "mentions", "concept_id"], ascending=[True, False, False, True], kind="stable"
    )
    first: pd.DataFrame = cells.groupby(unit, sort=False).head(top)
    return first.merge(named(counts), on="concept_id", how="left")
