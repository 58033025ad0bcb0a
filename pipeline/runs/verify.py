"""Check that a run's folder is what its run left: every file's digest, and that the keys of the tables join."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..tables import TABLES, Table
from . import Run, read_run
from .package import DATAPACKAGE, RUN, read_json, sha256

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a run: the file or table, and what."""

    where: str
    what: str


def verify(path: str | Path) -> tuple[Fault, ...]:
    """What is wrong with the run in the folder `path`; nothing if it is as its run left it.

    Checked are the size and SHA-256 of each file that `run.json` names, the formats among each other (each holds
    as many rows as `run.json` says), primary keys, foreign keys, and that each text stands where its offsets
    say. Raises OutputError if the folder holds no run.
    """
    run = read_run(path)
    info = run.info
    faults = list(_files(run.path, info))
    if faults:
        return tuple(faults)
    tables = {name: run.arrow(name) for name in run.tables}
    faults += _counts(tables, info)
    for name, rows in tables.items():
        faults += _keys(TABLES[name], rows, tables)
    faults += _offsets(run)
    return tuple(faults)


def _files(folder: Path, info: dict[str, Any]) -> Iterator[Fault]:
    files = info.get("files")
    if not isinstance(files, dict) or not files:
        yield Fault(RUN, "does not name the files of the run")
        return
    if DATAPACKAGE not in files:
        yield Fault(RUN, f"does not name {DATAPACKAGE}")
    for name, stated in files.items():
        path = folder / name
        try:
            size, digest = path.stat().st_size, sha256(path)
        except OSError as error:
            yield Fault(name, f"cannot be read ({error.strerror})")
            continue
        if not isinstance(stated, dict) or not isinstance(stated.get("bytes"), int):
            yield Fault(RUN, f"does not say how many bytes {name} has")
        elif size != stated["bytes"]:
            yield Fault(name, f"has {size:,} bytes, not {stated['bytes']:,}")
        elif digest != stated.get("sha256"):
            yield Fault(name, "has other content than the run wrote")
    described = (
        read_json(folder / DATAPACKAGE).get("resources", ()) if (folder / DATAPACKAGE).is_file() else ()
    )
    for resource in described:
        name = str(resource.get("path", ""))
        if name not in files:
            yield Fault(DATAPACKAGE, f"names {name}, which {RUN} does not")


def _counts(tables: dict[str, pa.Table], info: dict[str, Any]) -> Iterator[Fault]:
    stated = info.get("rows", {})
    for name, rows in tables.items():
        if stated.get(name) != rows.num_rows:
            yield Fault(name, f"has {rows.num_rows:,} rows, not {stated.get(name)}")
    counted = info.get("statuses", {})
    found = {
        entry["values"]: entry["counts"]
        for entry in pc.value_counts(tables["articles"]["status"]).to_pylist()
    }
    if found != counted:
        yield Fault("articles", f"has pages by status {found}, not {counted}")


def _keys(table: Table, rows: pa.Table, tables: dict[str, pa.Table]) -> Iterator[Fault]:
    """Keys that stand twice, and references that lead nowhere."""
    counts = rows.group_by(list(table.key)).aggregate([([], "count_all")])
    twice = counts.filter(pc.greater(counts["count_all"], 1))
    if twice.num_rows:
        yield Fault(table.name, f"has {twice.num_rows:,} keys more than once{_examples(twice, table.key)}")
    for reference in table.references:
        home = reference.table or table.name
        if home not in tables:
            continue
        target = tables[home].select(list(reference.target)).rename_columns(list(reference.columns))
        given = rows.select(list(reference.columns))
        for column in reference.columns:
            given = given.filter(pc.is_valid(given[column]))
        lost = given.join(target, keys=list(reference.columns), join_type="left anti")
        if lost.num_rows:
            what = f"has {lost.num_rows:,} rows without one in {home}"
            yield Fault(table.name, what + _examples(lost, reference.columns))


def _examples(rows: pa.Table, columns: tuple[str, ...]) -> str:
    shown = rows.select(list(columns)).slice(0, _SHOWN).to_pylist()
    return ", such as " + "; ".join(" ".join(str(value) for value in row.values()) for row in shown)


def _offsets(run: Run) -> Iterator[Fault]:
    """Mentions and quantities whose text does not stand at their offsets."""
    blocks = run.arrow("blocks")
    place = {
        (article, block): (start, text)
        for article, block, start, text in zip(
            *(blocks[name].to_pylist() for name in ("article_id", "block", "start", "text")), strict=True
        )
    }
    for name in ("mentions", "quantities"):
        rows = run.arrow(name)
        columns = ("article_id", "block", "start", "end", "text")
        wrong = 0
        for article, block, start, end, text in zip(*(rows[c].to_pylist() for c in columns), strict=True):
            begin, whole = place.get((article, block), (0, ""))
            wrong += whole[start - begin : end - begin] != text
        if wrong:
            yield Fault(name, f"has {wrong:,} rows whose text does not stand at their offsets")
