"""Levels, reference ranges and doses of the same thing in one unit, side by side, with those that stand out.

An end of a range is an outlier when its modified z-score (Iglewicz and Hoaglin, How to Detect and Handle
Outliers, 1993) is above 3.5: 0.6745 * |x - median| / MAD, or where MAD is 0, |x - median| / (1.2533 * mean
absolute deviation). At least five articles must state it, and it must lie more than 2 % from the median, so that
rounding and conversion make no outlier. Doses are compared by their logarithms, since they differ by factors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..frames import empty, typed
from ..tables import Table
from .tables import DOSES, RANGES

LEAST_ARTICLES = 5
MOST_Z = 3.5
TOLERANCE = 0.02
_ENDS = ("low", "high")


def ranges(
    quantities: pd.DataFrame, names: Mapping[str, str], electrolytes: Mapping[str, str]
) -> pd.DataFrame:
    """The table `ranges` from the table quantities of a run, without date. `electrolytes` gives the electrolyte that a
    state is one of: a reference range told of hypokalemia is one of potassium, while a level remains its own."""
    chosen = quantities[quantities["kind"].isin(["reference_range", "level"])]
    normal = chosen["kind"] == "reference_range"
    concept = chosen["concept_id"].astype("object")
    chosen = chosen.assign(concept_id=concept.where(~normal, [electrolytes.get(one, one) for one in concept]))
    return _table(RANGES, chosen, names, ["concept_id", "kind", "unit", "comparator"], logarithmic=False)


def doses(quantities: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The table `doses`, without date."""
    chosen = quantities[quantities["kind"] == "dose"]
    return _table(DOSES, chosen, names, ["concept_id", "kind", "unit"], logarithmic=True)


def outliers(values: Sequence[float | None], logarithmic: bool = False) -> list[bool]:
    """Which of the values stand out, by the rule above, however many articles state them; a missing one never
    does."""
    numbers = np.array([np.nan if value is None or pd.isna(value) else float(value) for value in values])
    told = ~np.isnan(numbers)
    flags = np.zeros(len(numbers), dtype=bool)
    if logarithmic and (numbers[told] <= 0).any():
        logarithmic = False
    if not told.any():
        return [False] * len(numbers)
    middle = float(np.median(numbers[told]))
    scale = np.log(numbers) if logarithmic else numbers
    away = np.abs(scale - np.median(scale[told]))
    deviation = float(np.median(away[told]))
    spread = deviation / 0.6745 if deviation > 0 else 1.2533 * float(np.mean(away[told]))
    if spread > 0:
        flags = told & (away / spread > MOST_Z) & (np.abs(numbers - middle) > TOLERANCE * abs(middle))
    return [bool(flag) for flag in flags]


def _table(
    table: Table, chosen: pd.DataFrame, names: Mapping[str, str], by: list[str], logarithmic: bool
) -> pd.DataFrame:
    chosen = chosen[(chosen["concept_id"] != "") & (chosen["canonical_unit"] != "")]
    if chosen.empty:
        return empty(table)
    found = chosen.drop(columns=["low", "high"]).rename(
        columns={
            "unit": "written", "canonical_low": "low", "canonical_high": "high", "canonical_unit": "unit"
        }
    )  # fmt: skip
    found = found.sort_values(["article_id", "quantity"], kind="stable").drop_duplicates(list(table.key))
    found = _once(found)
    found = found.sort_values([*by, "low", "high", "article_id"], kind="stable").reset_index(drop=True)
    found["concept"] = [names.get(one, one) for one in found["concept_id"]]
    found["date"] = found["date_kind"] = ""
    groups = found.groupby(by, sort=False)
    found["articles"] = groups["article_id"].transform("nunique")
    for end in _ENDS:
        found[f"median_{end}"] = groups[end].transform("median")
        found[f"{end}_outlier"] = False
        for rows in groups.groups.values():
            if found.loc[rows, "article_id"].nunique() < LEAST_ARTICLES:
                continue
            found.loc[rows, f"{end}_outlier"] = outliers(found.loc[rows, end].tolist(), logarithmic)
    for name in ("low", "high", "median_low", "median_high"):
        found[name] = found[name].round(4)
    return typed(table, found)


def _once(found: pd.DataFrame) -> pd.DataFrame:
    """Without what an article only says again in another unit, as 7 mg/dL after 1.75 mmol/L."""
    kept: list[bool] = []
    said: dict[tuple[str, ...], list[tuple[str, float | None, float | None]]] = {}
    columns = ["article_id", "concept_id", "kind", "unit", "comparator", "written", "low", "high"]
    for *key, written, low, high in found[columns].itertuples(index=False):
        before = said.setdefault(tuple(map(str, key)), [])
        again = any(
            written != other and _near(low, other_low) and _near(high, other_high)
            for other, other_low, other_high in before
        )
        kept.append(not again)
        if not again:
            before.append((written, low, high))
    return found[kept]


def _near(one: float | None, other: float | None) -> bool:
    if pd.isna(one) or pd.isna(other):
        return bool(pd.isna(one) and pd.isna(other))
    return abs(float(one) - float(other)) <= TOLERANCE * max(abs(float(one)), abs(float(other)))
