"""Unpack gzip as a stream, with caps, so that a small file cannot fill the memory."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import BinaryIO

from ..model import Problem, Status

GZIP_MAGIC = b"\x1f\x8b"
_STEP = 1 << 18
# Pages compress 3 to 30 times, zlib's most is 1,032. Below the floor a high ratio does no harm.
_MAX_RATIO = 300
_RATIO_FLOOR = 4_000_000


@dataclass(frozen=True, slots=True)
class Expanded:
    """Bytes, or the problem that kept them back (then the bytes are empty)."""

    content: bytes
    problem: Problem | None = None


def gunzip(stream: BinaryIO, head: bytes, max_bytes: int) -> Expanded:
    """All members of the gzip file that starts with `head` and goes on in `stream`, up to `max_bytes` bytes.

    What follows the last member and is no gzip is ignored, as gzip itself does.
    """
    parts: list[bytes] = []
    size, consumed = 0, len(head)
    pending = head
    member = zlib.decompressobj(wbits=31)
    try:
        while True:
            if not pending:
                pending = stream.read(_STEP)
                consumed += len(pending)
                if not pending:
                    return _truncated(size)
            part = member.decompress(pending, _STEP)
            size += len(part)
            parts.append(part)
            if size > max_bytes:
                reason = f"unpacks to more than the limit of {max_bytes:,} bytes (--max-bytes)"
                return Expanded(b"", Problem(Status.TOO_LARGE, reason))
            if size > _RATIO_FLOOR and size > _MAX_RATIO * consumed:
                reason = f"a gzip bomb: {consumed:,} bytes unpack to more than {size:,}"
                return Expanded(b"", Problem(Status.TOO_LARGE, reason))
            if not member.eof:
                pending = member.unconsumed_tail
                continue
            pending = member.unused_data
            while len(pending) < len(GZIP_MAGIC):
                more = stream.read(_STEP)
                if not more:
                    break
                consumed += len(more)
                pending += more
            if not pending.startswith(GZIP_MAGIC):
                return Expanded(b"".join(parts))
            member = zlib.decompressobj(wbits=31)
    except zlib.error:
        reason = f"the gzip data is damaged after {size:,} unpacked bytes; fetch the page again"
        return Expanded(b"", Problem(Status.FAILED, reason))


def _truncated(size: int) -> Expanded:
    reason = f"the gzip data ends too early, after {size:,} unpacked bytes; fetch the page again"
    return Expanded(b"", Problem(Status.FAILED, reason))
