"""Parquet files: one page a row. Record `n` is row `n`."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO

from ..model import Page, Problem, Status
from . import record
from .item import Item, Reading
from .unpack import Damaged, is_bomb, unpacked

_ROWS = 1  # read at a time: a value may be as large as its whole column, and more of them are hardly faster
_BUFFER = 1 << 20
_LARGEST_IN_ARCHIVE = 1 << 28


def records(
    stream: BinaryIO, reading: Reading, columns: Sequence[str] | None = None
) -> Iterator[tuple[int, object]]:
    """Number and cells of each row, texts as bytes; a Problem for what cannot be read. Only these columns if any are
    given."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        source = _seekable(stream)
        size = source.seek(0, io.SEEK_END)
        source.seek(0)
        file = pq.ParquetFile(source, buffer_size=_BUFFER, pre_buffer=False)
        begun = 0
        for group in range(file.num_row_groups):
            number = begun
            bomb = _bomb(file.metadata.row_group(group), size, reading)
            if bomb is not None:
                yield number + 1, bomb
                begun += file.metadata.row_group(group).num_rows
                continue
            try:
                for batch in file.iter_batches(_ROWS, row_groups=[group], columns=columns, use_threads=False):
                    for row in _as_bytes(batch):
                        number += 1
                        yield number, row
            except (pa.ArrowException, OSError, ValueError) as error:
                yield number + 1, _damaged(f"from here to the end of its row group {group + 1}", error)
            begun += file.metadata.row_group(group).num_rows
    except Damaged as damage:
        yield number + 1, damage.problem
    except (pa.ArrowException, OSError, ValueError) as error:
        yield number + 1, _damaged("or was cut off", error)


def pages(item: Item, stream: BinaryIO, reading: Reading) -> Iterator[Page]:
    """The page of each row; once the fields are known, no other columns are read."""
    columns = [name.split(".")[0] for name in (item.fields.html, item.fields.url) if name]
    wanted = columns if item.fields.settled else None
    return record.pages(partial(records, columns=wanted), item, stream, reading)


def _seekable(stream: BinaryIO) -> BinaryIO:
    """The stream, or what it holds where it can only be read from its start: packed, or in an archive."""
    plain, packed = unpacked(stream)
    if packed is None and plain.seekable():
        return plain
    content = plain.read(_LARGEST_IN_ARCHIVE + 1)
    if len(content) > _LARGEST_IN_ARCHIVE:
        raise Damaged.failed(
            f"it unpacks to more than {_LARGEST_IN_ARCHIVE:,} bytes; unpack it and give the file"
        )
    return io.BytesIO(content)


def _as_bytes(batch: Any) -> list[dict[str, Any]]:
    """The rows of a batch. Texts are taken as bytes, since nothing says that they are valid UTF-8."""
    import pyarrow as pa

    texts = (pa.types.is_string, pa.types.is_large_string)
    arrays = [
        array.cast(pa.large_binary()) if any(is_text(array.type) for is_text in texts) else array
        for array in batch.columns
    ]
    rows: list[dict[str, Any]] = pa.RecordBatch.from_arrays(arrays, names=batch.schema.names).to_pylist()
    return rows


def _bomb(group: Any, size: int, reading: Reading) -> Problem | None:
    """The problem of a row group that unpacks to far more than the whole file has, `size` bytes; a dictionary may hold
    one large value for a million rows.

    Its columns would tell more, but pyarrow ends the process where their statistics are damaged.
    """
    unpacked_size = group.total_byte_size
    if unpacked_size <= reading.max_bytes or not is_bomb(unpacked_size, size):
        return None
    told = f"{size:,} bytes unpack to {unpacked_size:,} in the {group.num_rows:,} rows from here on"
    return Problem(Status.TOO_LARGE, f"a Parquet bomb: {told}")


def _damaged(where: str, error: Exception) -> Problem:
    told = " ".join(str(error).split())
    return Problem(Status.FAILED, f"the Parquet file is damaged {where} ({told}); fetch it again")
