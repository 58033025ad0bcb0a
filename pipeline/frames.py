"""DataFrames that fit a declared table, and their way to files: a folder that holds nothing but what one command
made of a run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from .errors import OutputError
from .runs import dtype
from .runs.package import DATAPACKAGE, describe, read_json
from .tables import Column, Table, Type
from .tables.schema import arrow_schema
from .writers import load_format

_FORMAT = "csv"


def typed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The declared columns of `frame`, in their order and with their dtypes; rows numbered from 0. A missing
    string is empty."""
    found: dict[str, Any] = {}
    for column in table.columns:
        values = frame[column.name]
        if column.type is Type.STRING and not column.nullable:
            values = values.fillna("")
        found[column.name] = values.astype(dtype(column)).reset_index(drop=True)
    return pd.DataFrame(found)


def empty(table: Table) -> pd.DataFrame:
    """The table without rows."""
    return typed(table, pd.DataFrame({column.name: [] for column in table.columns}))


def wide_table(name: str, meaning: str, frame: pd.DataFrame, kind: Type, cell: str, unit: str) -> Table:
    """The declaration of a wide matrix: `article_id`, then one column per concept id."""
    columns = [Column("article_id", Type.STRING, "the article, as in the run's articles")]
    columns += [
        Column(str(label), kind, cell.format(label), unit) for label in frame.columns if label != "article_id"
    ]
    return Table(name, meaning, tuple(columns), ("article_id",))


def write_frames(
    folder: Path, name: str, tables: Mapping[str, Table], frames: Mapping[str, pd.DataFrame]
) -> tuple[Path, ...]:
    """Write frames as csv with their `datapackage.json`, named `name`, in place of what an earlier call of that
    name left in `folder`. Raises OutputError if it holds anything else or cannot be written."""
    earlier = _earlier(folder, name)
    work: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".medtables-", dir=folder))
        written = load_format(_FORMAT)
        declared = [tables[key] for key in frames]
        writer = written.open(work, declared)
        try:
            for table in declared:
                rows = pa.Table.from_pandas(
                    frames[table.name], schema=arrow_schema(table), preserve_index=False
                )
                for batch in rows.to_batches():
                    writer.write(table, batch)
        finally:
            writer.close()
        describe(work, [written], declared, name=name)
        for old in earlier:
            (folder / old).unlink(missing_ok=True)
        names = sorted(path.name for path in work.iterdir())
        for new in names:
            (work / new).replace(folder / new)
    except OSError as error:
        raise OutputError(
            str(folder),
            f"cannot be written ({error.strerror or error})",
            "Free space there, or name another folder.",
        ) from error
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
    return tuple(folder / new for new in names)


def _earlier(folder: Path, name: str) -> list[str]:
    """The files of an earlier call in `folder`; refuses a folder that holds anything else."""
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise OutputError(str(folder), "is a file, not a folder", "Name a folder for -o.")
    held = sorted(path.name for path in folder.iterdir() if not path.name.startswith(".medtables-"))
    if not held:
        return []
    if (folder / DATAPACKAGE).exists():
        package = read_json(folder / DATAPACKAGE)
        if package.get("name") == name:
            paths = [str(entry.get("path", "")) for entry in package.get("resources", ())]
            return [DATAPACKAGE, *(path for path in paths if path and Path(path).name == path)]
    raise OutputError(
        str(folder), f"holds something else ({', '.join(held[:3])})", "Name a new folder for -o."
    )
