"""What formats with one file per table share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from ..errors import OutputError
from ..tables import Table


def name_with(suffix: str) -> Callable[[Table], str]:
    """The `file_name` of a format whose files are called after the tables."""
    return lambda table: table.name + suffix


class Streams:
    """A Writer of files that grow at the end: `header` begins a table's file, `encode` makes bytes of a
    batch."""

    notes: Sequence[str] = ()

    def __init__(
        self,
        folder: Path,
        tables: Sequence[Table],
        suffix: str,
        header: Callable[[Table], bytes],
        encode: Callable[[Table, pa.RecordBatch], bytes],
    ) -> None:
        self._encode = encode
        self._files: dict[str, BinaryIO] = {}
        for table in tables:
            self._files[table.name] = (folder / (table.name + suffix)).open("wb")
            self._files[table.name].write(header(table))

    def write(self, table: Table, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch to a table."""
        if batch.num_rows:
            self._files[table.name].write(self._encode(table, batch))

    def close(self) -> None:
        """Close all files."""
        while self._files:
            self._files.popitem()[1].close()


def unreadable(path: Path, error: Exception) -> OutputError:
    """The error for a file of a run that does not read as its format."""
    what = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0]
    return OutputError(str(path), f"cannot be read ({what})", "Make the run again with --overwrite.")


def block_size(path: Path) -> int:
    """How many bytes pyarrow's text readers may take at once, so that no cell is longer than that."""
    return max(1 << 20, min(path.stat().st_size + 1, 1 << 30))
