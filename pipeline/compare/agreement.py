"""Where articles agree and where they contradict each other: on relations, and on whether a concept is there."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..frames import empty, typed
from .rollup import name_of
from .tables import AGREEMENT, CONTRADICTIONS, MENTIONED, STANCES, STATEMENTS

CLAIM = ["kind", "head_concept", "tail_concept"]
PAIRS = 3
LEAST_WORDS = 4
_OF_CERTAINTY = {"is": "affirm", "may": "hedge", "not": "deny"}
_OTHER = {
    "article_id": "other_id",
    "sentence": "other_sentence",
    "date": "other_date",
    "date_kind": "other_date_kind",
    "stance": "other_stance",
    "torn": "other_torn",
}
# What is supposed, over, or of somebody else takes no side.
_OF_ASSERTION = {"present": "affirm", "possible": "hedge", "absent": "deny"}


def statements(relations: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    """The table `statements`, without dates: one row per article, claim and stance, with its first whole sentence, from
    the tables relations and mentions of a run. Rows on concepts (kind `mention`) are all here; `compare` keeps those on
    which articles differ."""
    told = [
        _stated(
            relations.assign(stance=relations["certainty"].map(_OF_CERTAINTY), sentence=relations["evidence"])
        ),
        _stated(
            mentions.assign(
                kind=MENTIONED,
                head_concept=mentions["concept_id"],
                tail_concept="",
                stance=mentions["assertion"].map(_OF_ASSERTION),
                basis="",
            )
        ),
    ]
    found = pd.concat([one for one in told if not one.empty] or [empty(STATEMENTS)], ignore_index=True)
    return typed(STATEMENTS, found)


def _stated(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows[rows["stance"].notna()]
    columns = [*CLAIM, "article_id", "stance", "sentence", "basis"]
    rows = rows[columns].astype("object")
    # An item of a list says little where a whole sentence says it too.
    bare = [len(str(sentence).split()) < LEAST_WORDS for sentence in rows["sentence"]]
    rows = rows.assign(bare=bare).sort_values("bare", kind="stable")
    found = rows.groupby([*CLAIM, "article_id", "stance"], as_index=False, sort=True).agg(
        times=("sentence", "size"), sentence=("sentence", "first"), basis=("basis", "first")
    )
    return found.assign(date="", date_kind="")


def agreement(statements: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The table `agreement`: contradictions first, then what most articles speak of; relations before concepts."""
    if statements.empty:
        return empty(AGREEMENT)
    stances = pd.crosstab(
        [statements[name].astype("object") for name in (*CLAIM, "article_id")],
        statements["stance"].astype("object"),
    ).reindex(columns=list(STANCES), fill_value=0)
    stances = (stances > 0).astype("int64")
    stances["articles"] = 1
    stances["for"] = ((stances["affirm"] + stances["hedge"]) > 0).astype("int64")
    found = stances.groupby(level=CLAIM, sort=True).sum().reset_index()
    found["verdict"] = [
        _verdict(*row) for row in found[["articles", *STANCES, "for"]].itertuples(index=False)
    ]
    for end in ("head", "tail"):
        found[end] = [name_of(one, names, {}) if one else "" for one in found[f"{end}_concept"]]
    order = {"contradicted": 0, "divided": 1, "hedged": 2, "agreed": 2, "alone": 2}
    found["first"] = found["verdict"].map(order)
    found["second"] = (found["kind"] == MENTIONED).astype("int64")
    return typed(
        AGREEMENT,
        found.sort_values(
            ["second", "first", "articles", *CLAIM],
            ascending=[True, True, False, True, True, True],
            kind="stable",
        ),
    )


def _verdict(articles: int, affirm: int, hedge: int, deny: int, taken: int) -> str:
    if deny and taken:
        return "contradicted" if min(deny, taken) < articles else "divided"
    if affirm and hedge:
        return "hedged" if articles > 1 else "divided"
    return "agreed" if articles > 1 else "alone"


def disputed(statements: pd.DataFrame, agreement: pd.DataFrame) -> pd.DataFrame:
    """The statements on relations, and those on concepts of which articles say different things."""
    differing = agreement.loc[agreement["verdict"].isin(["contradicted", "hedged"]), CLAIM].assign(
        differ=True
    )
    marked = statements.merge(differing, on=CLAIM, how="left")
    kept = (marked["kind"] != MENTIONED) | marked["differ"].notna()
    return statements[kept.to_numpy()].reset_index(drop=True)


def contradictions(
    statements: pd.DataFrame, similar: pd.DataFrame, names: Mapping[str, str], pairs: int = PAIRS
) -> pd.DataFrame:
    """The table `contradictions`: each denial beside at most `pairs` statements of other articles that say otherwise.

    `statements` have their dates; `similar` is the table `similarity`. Relations come before concepts, then pairs of
    articles that are alike before others, the freshest first: what is denied of one disease may be true of another.
    """
    told = statements.assign(deny=statements["stance"] == "deny")
    told["torn"] = told.groupby([*CLAIM, "article_id"])["deny"].transform("nunique") == 2
    denied = told.loc[told["deny"], [*CLAIM, "article_id", "sentence", "date", "date_kind", "torn"]]
    others = told[~told["deny"]].rename(columns=_OTHER)[[*CLAIM, *_OTHER.values()]]
    others = others.sort_values([*CLAIM, "other_id", "other_stance"], kind="stable")
    others = others.drop_duplicates([*CLAIM, "other_id"])
    near = denied.merge(similar[["article_id", "other_id", "cosine"]], on="article_id").merge(
        others, on=[*CLAIM, "other_id"]
    )
    # Beside those that are alike, only the freshest: all pairs of a frequent concept would be millions.
    fresh = others.sort_values(
        ["other_date", "other_id"],
        ascending=[False, True],
        key=lambda column: column.astype("object"),
        kind="stable",
    )
    single = fresh[~fresh["other_torn"]].groupby(CLAIM, sort=False).head(pairs)
    fresh = pd.concat([single, fresh.groupby(CLAIM, sort=False).head(pairs)]).drop_duplicates(
        [*CLAIM, "other_id"]
    )
    found = pd.concat([near, denied.merge(fresh, on=CLAIM).assign(cosine=0.0)], ignore_index=True)
    # Two articles that both deny and affirm it say the same.
    found = found[~(found["torn"] & found["other_torn"]) & (found["article_id"] != found["other_id"])]
    if found.empty:
        return empty(CONTRADICTIONS)
    found = found.drop_duplicates([*CLAIM, "article_id", "other_id"])
    found["second"] = (found["kind"] == MENTIONED).astype("int64")
    found = found.sort_values(
        ["second", "cosine", *CLAIM, "article_id", "other_date", "other_id"],
        ascending=[True, False, *[True] * 4, False, True],
        kind="stable",
    )
    found = found.groupby([*CLAIM, "article_id"], sort=False).head(pairs)
    for end in ("head", "tail"):
        found[end] = [name_of(one, names, {}) if one else "" for one in found[f"{end}_concept"]]
    return typed(CONTRADICTIONS, found)
