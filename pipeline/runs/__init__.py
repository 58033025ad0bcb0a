"""The way back in: a finished run's tables as pandas DataFrames."""

from __future__ import annotations

from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from ..errors import OutputError
from ..tables import TABLES, Column, Table, Type
from ..writers import load_format
from .notebook import run_html
from .package import RUN, Held, held, read_json

# Which format is read where a folder holds several: the fastest that need no extra first, then the one that
# may have cut a text.
PREFERENCE = ("parquet", "jsonl", "csv", "tsv", "sqlite", "duckdb", "xlsx")


def dtype(column: Column) -> Any:
    """The pandas dtype of a column. Text is always `string`; numbers are nullable only where the column
    is."""
    match column.type:
        case Type.STRING:
            return pd.StringDtype("pyarrow")
        case Type.INTEGER:
            return pd.Int64Dtype() if column.nullable else "int64"
        case Type.NUMBER:
            return pd.Float64Dtype() if column.nullable else "float64"
        case Type.BOOLEAN:
            return pd.BooleanDtype() if column.nullable else "bool"


def frame(table: Table, rows: pa.Table) -> pd.DataFrame:
    """Rows in Arrow as a DataFrame with the declared dtypes."""
    found: dict[str, Any] = {}
    for column in table.columns:
        kind = dtype(column)
        array = rows.column(column.name)
        if isinstance(kind, str):
            found[column.name] = array.to_numpy()
        else:
            found[column.name] = kind.__from_arrow__(array)
    return pd.DataFrame(found)


class Run:
    """A finished run. Each table is read when it is first asked for; `info` is its `run.json`."""

    def __init__(self, path: Path, files: tuple[Held, ...]) -> None:
        self.path = path
        self._files = files
        self._frames: dict[str, pd.DataFrame] = {}

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}: {', '.join(self.tables)})"

    def _repr_html_(self) -> str:
        """What a notebook shows. Reads `run.json` alone, and does without it."""
        try:
            info = self.info
        except OutputError:
            info = {}
        return run_html(str(self.path), [TABLES[name] for name in self.tables], info)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables it holds, in the declared order."""
        return tuple(name for name in TABLES if any(entry.table == name for entry in self._files))

    @cached_property
    def info(self) -> dict[str, Any]:
        """How the run was made, from `run.json`. Raises OutputError."""
        return read_json(self.path / RUN)

    def arrow(self, name: str) -> pa.Table:
        """A table in Arrow. Raises OutputError."""
        formats = {entry.format for entry in self._files if entry.table == name}
        for format_name in sorted(formats, key=_preferred):
            return load_format(format_name).read(self.path, TABLES[name])
        raise OutputError(str(self.path), f"holds no table {name}", f"It holds {', '.join(self.tables)}.")

    def table(self, name: str) -> pd.DataFrame:
        """A table with one column per declared column. Raises OutputError."""
        if name not in self._frames:
            rows = self.arrow(name)
            self._frames[name] = frame(TABLES[name], rows)
        return self._frames[name]

    @property
    def articles(self) -> pd.DataFrame:
        """One row per page given."""
        return self.table("articles")

    @property
    def blocks(self) -> pd.DataFrame:
        """One row per block of an article's text."""
        return self.table("blocks")

    @property
    def mentions(self) -> pd.DataFrame:
        """One row per place where an article names a concept."""
        return self.table("mentions")

    @property
    def quantities(self) -> pd.DataFrame:
        """One row per number with a unit in an article."""
        return self.table("quantities")

    @property
    def relations(self) -> pd.DataFrame:
        """One row per thing that an article says of two concepts."""
        return self.table("relations")

    @property
    def concepts(self) -> pd.DataFrame:
        """One row per concept that an article mentions."""
        return self.table("concepts")


def _preferred(name: str) -> int:
    return PREFERENCE.index(name) if name in PREFERENCE else len(PREFERENCE)


def read_run(path: str | PathLike[str]) -> Run:
    """Open the folder that `medtables run -o` or `run()` wrote. Raises OutputError if it is none."""
    folder = Path(path)
    return Run(folder, held(folder))
