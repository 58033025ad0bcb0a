"""Compare the articles of a run: every function takes and gives DataFrames; `compare` calls them all.

run = medtables.read_run("out")
found = compare.compare(run)
found["contradictions"]
compare.cosine(compare.counts(run.mentions, run.concepts))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ..errors import MedtablesError
from ..formulas import restored
from ..frames import empty, typed, wide_table, write_frames
from ..runs import Run
from ..runs.package import MANIFEST
from ..tables import TABLES, Table, Type
from ..terminology import load
from . import agreement as _agreement
from .agreement import contradictions as contradictions
from .agreement import statements as statements
from .clusters import ALIKE
from .clusters import clusters as clusters
from .grouping import compared as compared
from .grouping import grouped as grouped
from .grouping import read_extra as read_extra
from .grouping import with_extra as with_extra
from .peculiar import TOP
from .peculiar import peculiar as peculiar
from .peculiar import peculiar_by as peculiar_by
from .prevalence import VALUES, common, named
from .prevalence import counts as counts
from .prevalence import matrix as matrix
from .prevalence import prevalence as prevalence
from .prevalence import prevalence_by as prevalence_by
from .rollup import name_of
from .rollup import roll_up as roll_up
from .rollup import roll_up_map as roll_up_map
from .side_by_side import doses as doses
from .side_by_side import outliers as outliers
from .side_by_side import ranges as ranges
from .similarity import cosine as cosine
from .similarity import missing as missing
from .similarity import peers as peers
from .similarity import peers_by as peers_by
from .similarity import similarity as similarity
from .tables import COMPARE_TABLES, COMPARED

agreement = _agreement.agreement
NAME = "medtables-comparison"
# A wide matrix of more cells is left out: matrix holds the same.
MOST_WIDE = 5_000_000
_WIDE = {
    "mentions": (Type.INTEGER, "how often the article mentions {}", "mentions"),
    "presence": (Type.INTEGER, "1 where the article asserts {} as present, else 0", ""),
    "weight": (Type.NUMBER, "weight of {} in the article", "share"),
}
# Rolling up claims beyond the ingredient would contradict itself: what is true of one member of a class, or of low
# sodium, is not true of all.
_SAME = "ingredient"


@dataclass(frozen=True, slots=True)
class Options:
    """What is compared: `labels` (all when empty), `levels` to roll up to, the column to group `by`, a user's table
    `extra`, the column `peers_by` that tells peers, concepts of at least `min_articles` articles, each story once, the
    `top` rows per article, the cosine at which articles are `alike`, overlays of `vocabulary` (None: those of the run).
    """

    labels: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    by: str | None = None
    extra: Path | None = None
    peers_by: str | None = None
    min_articles: int = 1
    once_per_story: bool = False
    top: int = TOP
    alike: float = ALIKE
    vocabulary: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Comparison:
    """All tables of a comparison by name, their declarations, and what a reader should know of them."""

    frames: Mapping[str, pd.DataFrame]
    tables: Mapping[str, Table]
    notes: tuple[str, ...] = field(default=())

    def __getitem__(self, name: str) -> pd.DataFrame:
        """The table of that name."""
        return self.frames[name]

    def write(self, folder: Path) -> tuple[Path, ...]:
        """Write all tables as csv with their `datapackage.json`. Raises OutputError."""
        return write_frames(folder, NAME, self.tables, self.frames)


def compare(run: Run, options: Options | None = None) -> Comparison:
    """Every table of a comparison of the articles of `run`. Raises MedtablesError."""
    options = options or Options()
    notes: list[str] = []
    articles = _articles(run, options, notes)
    ids = articles["article_id"]
    terminology = load([Path(folder) for folder in _vocabulary(run, options, notes)])
    names = terminology.names
    mentions, relations, quantities = (
        _of(_held(run, name, notes), ids) for name in ("mentions", "relations", "quantities")
    )
    base = counts(mentions, _of(run.concepts, ids))
    known = {**dict(zip(base["concept_id"], base["concept"], strict=True)), **names}
    target = roll_up_map(base["concept_id"], options.levels, terminology.relations)
    cells = _labelled(roll_up(base, target, names) if options.levels else base, options.labels)
    cells = common(cells, options.min_articles)

    similar = _able(lambda: similarity(cells, max(options.top, 10)), "similarity", notes)
    if options.peers_by:
        near = peers_by(grouped(articles, options.peers_by), "group")
    else:
        near = peers(similar)
    found = {
        "compared": _compared(articles, cells),
        "prevalence": prevalence(cells, articles),
        "matrix": cells,
        "peculiar": peculiar(cells, options.top),
        "missing": missing(cells, near, top=options.top),
        "similarity": similar,
        "clusters": _able(lambda: clusters(cells, articles, options.alike), "clusters", notes),
    }
    if options.by is not None:
        found["prevalence_by"] = prevalence_by(cells, articles)
        found["peculiar_by"] = peculiar_by(cells, articles, options.top)
    chosen = set(cells["concept_id"]) | set(
        target.loc[target["target"].isin(cells["concept_id"]), "concept_id"]
    )
    chosen_quantities = _among(quantities, ["concept_id"], chosen if options.labels else None)
    found["ranges"] = _dated(ranges(chosen_quantities, known, _electrolytes(terminology.relations)), articles)
    found["doses"] = _dated(doses(chosen_quantities, known), articles)

    said = statements(relations, mentions)
    if {"ingredient", "class"} & set(options.levels):
        said = _same_substance(said, terminology.relations)
    said = _dated(_claims(said, options), articles)
    verdicts = agreement(said, known)
    found["agreement"] = verdicts
    found["contradictions"] = contradictions(said, similar, known)
    found["statements"] = _agreement.disputed(said, verdicts)
    tables = dict(COMPARE_TABLES)
    _add_wide(found, tables, articles, notes)
    ordered = {name: found[name] for name in tables if name in found}
    return Comparison(ordered, {name: tables[name] for name in ordered}, tuple(notes))


def _articles(run: Run, options: Options, notes: list[str]) -> pd.DataFrame:
    articles = compared(run.articles, once_per_story=options.once_per_story)
    if articles.empty:
        raise MedtablesError(
            str(run.path), "holds no article with the status ok", "There is nothing to compare."
        )
    unread = ((run.articles["status"] == "ok") & (run.articles["reason"] != "")).sum()
    if unread:
        notes.append(
            f"articles left out, since they are not in English and nothing was sought in them: {unread:,}"
        )
    if options.once_per_story:
        repeats = len(compared(run.articles)) - len(articles)
        notes.append(f"articles left out, since they repeat another: {repeats:,}")
    carried = run.path / MANIFEST
    if carried.exists():
        extra = read_extra(carried).map(restored).rename(columns=restored)
        if articles["article_id"].isin(extra["article_id"]).any():
            articles, _ = with_extra(articles, extra, str(carried))
    if options.extra is not None:
        articles, joined = with_extra(articles, read_extra(options.extra), str(options.extra))
        notes.append(f"{options.extra} knows {joined:,} of {len(articles):,} articles")
    return grouped(articles, options.by)


def _vocabulary(run: Run, options: Options, notes: list[str]) -> Sequence[str]:
    if options.vocabulary is not None:
        return options.vocabulary
    recorded = run.info.get("options", {}).get("vocabulary", [])
    for folder in recorded:
        if not Path(folder).is_dir():
            notes.append(f"the run's vocabulary {folder} is not there; give --vocabulary to roll up along it")
    return [str(folder) for folder in recorded if Path(folder).is_dir()]


def _held(run: Run, name: str, notes: list[str]) -> pd.DataFrame:
    if name in run.tables:
        return run.table(name)
    notes.append(f"the run holds no table {name}; what is made of it is empty")
    return empty(TABLES[name])


def _of(frame: pd.DataFrame, ids: pd.Series[str]) -> pd.DataFrame:
    return frame[frame["article_id"].isin(ids)]


def _labelled(cells: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    if not labels:
        return cells
    held = sorted(set(cells["label"]))
    unknown = [label for label in labels if label not in held]
    if unknown and not set(labels) & set(held):
        raise MedtablesError(
            "--label", f"no concept has the label {unknown[0]}", f"There are {', '.join(held) or 'none'}."
        )
    return cells[cells["label"].isin(labels)].reset_index(drop=True)


def _among(frame: pd.DataFrame, columns: Sequence[str], concept_ids: set[str] | None) -> pd.DataFrame:
    if concept_ids is None:
        return frame
    mask = pd.concat([frame[name].isin(concept_ids) for name in columns], axis=1).any(axis=1)
    return frame[mask]


def _claims(said: pd.DataFrame, options: Options) -> pd.DataFrame:
    """The claims of which an end has a chosen label, and that enough articles speak of."""
    if options.labels:
        kinds = [f"{label.lower()}:" for label in options.labels]
        ends = [said[end].str.startswith(tuple(kinds)) for end in ("head_concept", "tail_concept")]
        said = said[ends[0] | ends[1]]
    if options.min_articles > 1 and not said.empty:
        said = said[said.groupby(_agreement.CLAIM)["article_id"].transform("nunique") >= options.min_articles]
    return said.reset_index(drop=True)


def _same_substance(said: pd.DataFrame, relations: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    links = list(relations)
    for end in ("head_concept", "tail_concept"):
        target = roll_up_map(said[end], [_SAME], links).rename(columns={"concept_id": end})
        said = (
            said.astype({end: "object"})
            .merge(target, on=end)
            .drop(columns=end)
            .rename(columns={"target": end})
        )
    keys = [*_agreement.CLAIM, "article_id", "stance"]
    rest = dict.fromkeys(("sentence", "basis", "date", "date_kind"), "first")
    found = said.groupby(keys, as_index=False, sort=True).agg({"times": "sum", **rest})
    return typed(COMPARE_TABLES["statements"], found)


def _electrolytes(relations: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """The electrolyte of each state that is one of a single electrolyte."""
    states: dict[str, set[str]] = {}
    for subject, predicate, target in relations:
        if predicate == "state_of":
            states.setdefault(subject, set()).add(target)
    return {state: targets.pop() for state, targets in states.items() if len(targets) == 1}


def _dated(frame: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    for name in ("date", "date_kind"):
        dates = dict(zip(articles["article_id"], articles[name], strict=True))
        frame[name] = frame["article_id"].astype("object").map(dates).astype(frame[name].dtype)
    return frame


def _compared(articles: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    sums = cells.groupby("article_id")["mentions"].agg(["size", "sum"])
    found = articles.assign(
        concepts=articles["article_id"].map(sums["size"]).fillna(0),
        mentions=articles["article_id"].map(sums["sum"]).fillna(0),
    )
    return typed(COMPARED, found)


def _able(make: Callable[[], pd.DataFrame], name: str, notes: list[str]) -> pd.DataFrame:
    """What `make` gives, or the empty table with a note where there is too much to compare."""
    try:
        return make()
    except MedtablesError as error:
        notes.append(f"{name} is empty: {error.what}. {error.cure}")
        return empty(COMPARE_TABLES[name])


def _add_wide(
    found: dict[str, pd.DataFrame], tables: dict[str, Table], articles: pd.DataFrame, notes: list[str]
) -> None:
    cells = found["matrix"]
    size = len(articles) * len(named(cells))
    if size > MOST_WIDE:
        notes.append(
            f"the wide matrices are left out: {size:,} cells; matrix holds the same. Choose --label, --level or"
            " --min-articles for a smaller one."
        )
        return
    for values in VALUES:
        kind, cell, unit = _WIDE[values]
        name = f"matrix_{values}"
        found[name] = matrix(cells, articles, values)
        meaning = f"One row per article and one column per concept: {cell.format('it')}."
        tables[name] = wide_table(name, meaning, found[name], kind, cell, unit)


__all__ = [
    "Comparison", "Options", "agreement", "clusters", "common", "compare", "compared", "contradictions", "cosine",
    "counts", "doses", "grouped", "matrix", "missing", "name_of", "named", "outliers", "peculiar", "peculiar_by",
    "peers", "peers_by", "prevalence", "prevalence_by", "ranges", "read_extra", "roll_up", "roll_up_map", "similarity",
    "statements", "with_extra",
]  # fmt: skip
