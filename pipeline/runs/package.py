"""`datapackage.json`: what a run's folder holds, as a Frictionless Data Package. It holds no times and no
paths outside the folder, so that equal tables give an equal description."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import OutputError
from ..tables import TABLES, Column, Reference, Table, Type
from ..tables.schema import table_schema
from ..writers import MODULES, Format, load_format

DATAPACKAGE = "datapackage.json"
RUN = "run.json"
# What the user's own file says of the pages of a run; there only if one was given.
MANIFEST = "manifest.csv"
NAME = "medtables-run"


@dataclass(frozen=True, slots=True)
class Held:
    """One table in one format, as a package names it."""

    table: str
    format: str


def describe(
    folder: Path,
    formats: Sequence[Format],
    tables: Sequence[Table] = tuple(TABLES.values()),
    name: str = NAME,
) -> None:
    """Write `datapackage.json`, named `name`, for the finished files in `folder`. A table's first format bears
    its plain name."""
    resources: list[dict[str, Any]] = []
    for position, written in enumerate(formats):
        if written.whole:
            names = [table.name for table in tables]
            path = folder / written.file_name(tables[0])
            resource = {"name": path.name, "title": f"The tables {', '.join(names)}", "tables": names}
            resources.append(resource | _file(path, written))
            continue
        for table in tables:
            resource = {
                "name": table.name if not position else f"{table.name}.{written.name}",
                "title": table.meaning,
            }
            resource |= _file(folder / written.file_name(table), written)
            resources.append(resource | {"schema": table_schema(table)})
    if (folder / MANIFEST).exists():
        table, written = _carried(folder / MANIFEST), load_format("csv")
        resource = {"name": table.name, "title": table.meaning} | _file(folder / MANIFEST, written)
        resources.append(resource | {"schema": table_schema(table)})
    package = {"name": name, "profile": "data-package", "resources": resources}
    write_json(folder / DATAPACKAGE, package)


def _carried(path: Path) -> Table:
    """The declaration of a manifest, whose columns are the user's."""
    with path.open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    columns = tuple(Column(name, Type.STRING, "as in the user's manifest") for name in header)
    meaning = "One row per page that the user's manifest names."
    key = header[0]
    return Table(
        MANIFEST.removesuffix(".csv"), meaning, columns, (key,), (Reference((key,), "articles", (key,)),)
    )


def _file(path: Path, written: Format) -> dict[str, Any]:
    found: dict[str, Any] = {"path": path.name, "format": written.name, "mediatype": written.media_type}
    if written.dialect:
        found |= {"profile": "tabular-data-resource", "dialect": dict(written.dialect), "encoding": "utf-8"}
    elif written.binary:
        # Validators then check bytes and hash, and do not try to read it as a table.
        found |= {"profile": "data-resource", "type": "file"}
    else:
        found |= {"profile": "data-resource", "encoding": "utf-8"}
    return found | {"bytes": path.stat().st_size, "hash": f"sha256:{sha256(path)}"}


def held(folder: Path) -> tuple[Held, ...]:
    """The tables and formats that the `datapackage.json` in `folder` names. Raises OutputError if it is no
    run."""
    path = folder / DATAPACKAGE
    package = read_json(path)
    if package.get("name") != NAME:
        raise OutputError(str(path), "was not written by medtables", "Name the folder given to `run -o`.")
    try:
        found = [
            Held(table, entry["format"])
            for entry in package["resources"]
            for table in entry.get("tables", [entry["name"].split(".")[0]])
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise OutputError(str(path), "is damaged", "Make the run again with --overwrite.") from error
    return tuple(entry for entry in found if entry.table in TABLES and entry.format in MODULES)


def sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON object for people to read: indented, UTF-8, line ends LF."""
    path.write_bytes(
        (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode("utf-8", errors="replace")
    )


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises OutputError."""
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise OutputError(
            str(path.parent),
            f"is not the folder of a run (no {path.name})",
            "Name the folder given to `run -o`.",
        ) from error
    except NotADirectoryError as error:
        raise OutputError(
            str(path.parent), "is a file, not the folder of a run", "Name the folder given to `run -o`."
        ) from error
    except OSError as error:
        raise OutputError(str(path), f"cannot be read ({error.strerror})", "Check the path.") from error
    except (ValueError, RecursionError) as error:
        raise OutputError(str(path), "is not JSON", "Make the run again with --overwrite.") from error
    if not isinstance(value, dict):
        raise OutputError(str(path), "is not a JSON object", "Make the run again with --overwrite.")
    return value
