"""Tables as files: one module per format, all with the same two doors, registered in MODULES.

Each module has `FORMAT`, a Format: `open` gives a Writer into a folder, `read` gives a table back as it was
written. What a Writer writes depends on the rows alone, not on how they came in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..tables import Table

if TYPE_CHECKING:
    import pyarrow as pa

MODULES = {"csv": "delimited", "parquet": "parquet", "jsonl": "json_lines"}
NAMES = tuple(MODULES)


class Writer(Protocol):
    """Writes tables batch by batch into one folder."""

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch to a table. Raises OSError when the disk refuses."""

    def close(self) -> None:
        """Finish all files. A second call does nothing."""


@dataclass(frozen=True, slots=True)
class Format:
    """One file format. `file_name` tells where in the folder a table stands; `read` raises OutputError."""

    name: str
    media_type: str
    file_name: Callable[[Table], str]
    open: Callable[[Path, Sequence[Table]], Writer]
    read: Callable[[Path, Table], pa.Table]


def load_format(name: str) -> Format:
    """The format of that name, one of NAMES."""
    module = import_module(f".{MODULES[name]}", __name__)
    found: Format = module.FORMAT
    return found
