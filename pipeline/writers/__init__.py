"""Tables as files: one module per format, all with the same two doors, registered in MODULES.

Each module has `FORMAT`, a Format: `open` gives a Writer into a folder, `read` gives a table back as it was
written. What a Writer writes depends on the rows alone, not on how they came in batches. A library that an
extra brings is imported when a file is opened, so that every format can be named without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..tables import Table

if TYPE_CHECKING:
    import pyarrow as pa

MODULES = {
    "csv": "comma_separated",
    "tsv": "tab_separated",
    "parquet": "parquet",
    "jsonl": "json_lines",
    "sqlite": "sqlite",
    "duckdb": "duckdb_file",
    "xlsx": "xlsx",
}
NAMES = tuple(MODULES)


class Writer(Protocol):
    """Writes tables batch by batch into one folder. `notes` tells, once it is closed, what the format could not
    hold as it was, one sentence each."""

    @property
    def notes(self) -> Sequence[str]: ...

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch to a table. Raises OSError when the disk refuses."""

    def close(self) -> None:
        """Finish all files. A second call does nothing."""


def _nothing_needed() -> None:
    """The check of a format that needs no extra."""


@dataclass(frozen=True, slots=True)
class Format:
    """One file format. `file_name` tells where in the folder a table stands; `open` raises OutputError when the
    format's extra is not installed, `read` also when the file is missing or damaged.

    `dialect` is what a Data Package must say of delimited files; `binary`: readers of Data Packages do not read
    it. `whole`: one file holds all tables. `reproducible`: equal rows give equal bytes. `check` raises OutputError
    when the format's extra is not installed: to be asked before the work that is to be written.
    """

    name: str
    media_type: str
    file_name: Callable[[Table], str]
    open: Callable[[Path, Sequence[Table]], Writer]
    read: Callable[[Path, Table], pa.Table]
    dialect: Mapping[str, str] = field(default_factory=dict)
    binary: bool = False
    whole: bool = False
    reproducible: bool = True
    check: Callable[[], None] = _nothing_needed


def load_format(name: str) -> Format:
    """The format of that name, one of NAMES."""
    module = import_module(f".{MODULES[name]}", __name__)
    found: Format = module.FORMAT
    return found
