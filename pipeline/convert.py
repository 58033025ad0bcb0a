"""A finished run in other formats: tables, which are a run again, and files for other tools."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import exporters
from .errors import OutputError
from .runs import Run, read_run
from .runs.documents import documents
from .runs.output import OutputFolder, cannot_write
from .runs.package import RUN, describe, sha256, write_json
from .tables import TABLES
from .writers import NAMES as TABLE_FORMATS
from .writers import load_format

FORMATS = (*TABLE_FORMATS, *exporters.NAMES)


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion wrote, and what the formats could not take, one sentence each."""

    out: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...]


def convert(
    run: Run | str | os.PathLike[str],
    out: str | os.PathLike[str],
    formats: Sequence[str],
    *,
    overwrite: bool = False,
) -> Converted:
    """Write a run to the folder `out` in each of `formats` (FORMATS). Where one of them holds tables, `out` is a run
    that `read_run` opens. Raises OutputError if there is no run, or `out` may not or cannot be written."""
    run = run if isinstance(run, Run) else read_run(run)
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        what = f"unknown format {unknown[0]!r}" if unknown else "no format was given"
        raise OutputError("--to", what, f"Formats are {', '.join(FORMATS)}.")
    if Path(out).resolve() == run.path.resolve():
        raise OutputError(str(out), "is the run itself", "Name another folder for -o.")
    formats = tuple(dict.fromkeys(formats))
    tables = [name for name in formats if name in TABLE_FORMATS]
    info = run.info if tables else {}
    folder = OutputFolder(Path(out), overwrite=overwrite)
    try:
        notes = _write_tables(run, tables, folder.work) if tables else []
        for name in formats:
            if name in exporters.NAMES:
                notes += exporters.load_exporter(name)(documents(run), folder.work)
        if tables:
            write_json(folder.work / RUN, _account(info, tables, folder.work))
        files = folder.publish()
    except OSError as error:
        raise cannot_write(folder.path, error) from error
    finally:
        folder.close()
    return Converted(folder.path, files, tuple(dict.fromkeys(notes)))


def _write_tables(run: Run, formats: Sequence[str], folder: Path) -> list[str]:
    written = [load_format(name) for name in formats]
    tables = [TABLES[name] for name in run.tables]
    notes: list[str] = []
    for made in written:
        writer = made.open(folder, tables)
        try:
            for table in tables:
                for batch in run.arrow(table.name).to_batches():
                    writer.write(table, batch)
        finally:
            writer.close()
        notes += writer.notes
    describe(folder, written, tables)
    return notes


def _account(info: dict[str, Any], formats: Sequence[str], folder: Path) -> dict[str, Any]:
    """The run's `run.json` with the files of this folder; all else tells how the tables came about."""
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for path in sorted(folder.iterdir())
    }
    return {**info, "converted_to": list(formats), "files": files}
