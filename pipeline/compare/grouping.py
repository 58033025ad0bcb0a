"""Which articles are compared, what a user's file adds to them, how they are grouped, and how fresh they are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ..errors import SourceError

JOINS = ("article_id", "url")
YEAR = "year"
_DATES = ("reviewed", "modified", "published")


class GroupingError(SourceError):
    """A file of the user or a column that does not fit the run's articles."""


def compared(articles: pd.DataFrame, *, once_per_story: bool = False) -> pd.DataFrame:
    """The articles with the status ok that were read, so not those in another language, with date and date_kind added;
    with `once_per_story` without those that repeat another one of them (`duplicate_of`)."""
    found = articles[(articles["status"] == "ok") & (articles["reason"] == "")]
    if once_per_story:
        found = found[~found["duplicate_of"].isin(found["article_id"])]
    return with_date(found.reset_index(drop=True))


def with_date(articles: pd.DataFrame) -> pd.DataFrame:
    """`articles` with `date`, the latest of reviewed, modified and published, and `date_kind`, which one it is; of
    equal ones the first of these three. Both are empty where none is known."""
    dates, kinds = [], []
    for row in articles[list(_DATES)].itertuples(index=False):
        known = [(str(value), kind) for kind, value in zip(_DATES, row, strict=True) if value]
        # 2024-05 is no later than 2024-05-31: only what both tell is compared.
        date, kind = max(known, key=lambda one: one[0][:10], default=("", ""))
        dates.append(date)
        kinds.append(kind)
    return articles.assign(date=dates, date_kind=kinds)


def read_extra(path: Path) -> pd.DataFrame:
    """A user's table: .csv (UTF-8, with commas, or semicolons) or .tsv, every cell a string. Raises GroupingError."""
    try:
        frame = pd.read_csv(
            path,
            sep="\t" if path.suffix.lower() in (".tsv", ".tab") else _separator(path),
            dtype="str",
            keep_default_na=False,
            encoding="utf-8-sig",
        )
    except OSError as error:
        raise GroupingError(str(path), f"cannot be read ({error.strerror})", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise GroupingError(str(path), "is not UTF-8", "Save it as UTF-8 (in Excel: CSV UTF-8).") from error
    except ValueError as error:
        what = str(error).strip().splitlines()[0]
        raise GroupingError(
            str(path), f"is no table ({what})", "Give a csv file with a header line."
        ) from error
    frame.columns = pd.Index([str(name).strip() for name in frame.columns])
    return frame.fillna("")


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8-sig") as stream:
        header = stream.readline()
    return ";" if header.count(";") > header.count(",") else ","


def with_extra(
    articles: pd.DataFrame, extra: pd.DataFrame, where: str = "--with"
) -> tuple[pd.DataFrame, int]:
    """`articles` with the columns of `extra` added, joined on article_id or else url, and how many articles it knows.

    A column that articles have too takes the place of theirs; an article that `extra` does not know has empty cells in
    the new columns and keeps its own in others. Raises GroupingError.
    """
    key = next((name for name in JOINS if name in extra.columns), None)
    if key is None:
        raise GroupingError(
            where,
            f"has neither a column article_id nor url, but {', '.join(map(str, extra.columns))}",
            "Name one column so; article_id is as in the run's articles.",
        )
    extra = extra[extra[key] != ""]
    twice = extra[key][extra[key].duplicated()]
    if not twice.empty:
        raise GroupingError(where, f"has {key} {twice.iloc[0]!r} more than once", "Keep one row for each.")
    known = articles[key].isin(extra[key])
    if not known.any():
        raise GroupingError(
            where,
            f"no {key} of it is one of the articles that are compared",
            f"They look like {articles[key].iloc[0]!r}." if len(articles) else "There is none to compare.",
        )
    joined = articles.copy()
    indexed = extra.set_index(key)
    for name in indexed.columns:
        if name in JOINS:
            continue
        values = articles[key].astype("object").map(indexed[name].astype("object"))
        own = articles[name].astype("object") if name in articles.columns else ""
        joined[name] = values.where(known, own)
    return joined, int(known.sum())


def grouped(articles: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """`articles` with the column `group`: its value in the column `by`; `year`, where no column is called so, is the
    year of publication, or else of the last change or review. Empty without `by`. Raises GroupingError."""
    if by is None:
        return articles.assign(group="")
    if by in articles.columns:
        return articles.assign(group=articles[by].astype("object").map(str))
    if by == YEAR:
        published, modified, reviewed = (articles[name].astype("object") for name in reversed(_DATES))
        first = published.where(published != "", modified.where(modified != "", reviewed))
        return articles.assign(group=first.map(lambda date: str(date)[:4]))
    raise GroupingError(
        "--by", f"there is no column {by!r}", f"There are {', '.join([*map(str, articles.columns), YEAR])}."
    )
