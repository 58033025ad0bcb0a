"""Unpack gzip, bzip2 and xz as streams, with caps, so that a small file cannot fill the memory.

How a file is packed is told by its first bytes: scrapers store gzip bodies as .html and plain ones as .html.gz.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from ..model import Problem, Status

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD = 10  # bytes that tell how a stream is packed
_STEP = 1 << 18
_SMALL_STEP = 64
_MAX_MEMORY = 1 << 28  # that xz may use: its strongest setting needs 65 MB
# Pages compress 3 to 30 times, zlib's most is 1,032. Below the floor a high ratio does no harm.
_MAX_RATIO = 300
_RATIO_FLOOR = 4_000_000


class Damaged(Exception):
    """Packed data that cannot be unpacked any further; what came before it has been read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem

    @classmethod
    def failed(cls, reason: str) -> Damaged:
        """For what is broken, and not too large."""
        return cls(Problem(Status.FAILED, reason))


@dataclass(frozen=True, slots=True)
class Expanded:
    """Bytes, or the problem that kept them back (then the bytes are empty)."""

    content: bytes
    problem: Problem | None = None


class _Member(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's object with the manners of those of bz2 and lzma; gives all that comes before a damage."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._error: zlib.error | None = None

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail and self._error is None

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes. Raises zlib.error."""
        if self._error is not None:
            raise self._error
        data = self._inner.unconsumed_tail + data
        before = self._inner.copy()
        try:
            return self._inner.decompress(data, max_length)
        except zlib.error as error:
            self._error = error
        parts: list[bytes] = []
        for start in range(0, len(data), _SMALL_STEP):
            try:
                parts.append(before.decompress(data[start : start + _SMALL_STEP]))
            except zlib.error:
                break
        return b"".join(parts)[:max_length]


@dataclass(frozen=True, slots=True)
class Packing:
    """A way to pack a stream: its name, how it begins, and what unpacks one member of it."""

    name: str
    begins: re.Pattern[bytes]
    member: Callable[[], _Member]


_PACKINGS = (
    Packing("gzip", re.compile(rb"\x1f\x8b"), _Gzip),
    Packing("bzip2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), bz2.BZ2Decompressor),
    Packing(
        "xz", re.compile(rb"\xfd7zXZ\0"), lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MAX_MEMORY)
    ),
)


def is_bomb(size: int, packed: int) -> bool:
    """Whether so many packed bytes unpack to more bytes than any page would."""
    return size > _RATIO_FLOOR and size > _MAX_RATIO * max(packed, 1)


def packing_of(head: bytes) -> Packing | None:
    """How a stream that begins with these bytes (HEAD of them) is packed; None if it is not."""
    return next((packing for packing in _PACKINGS if packing.begins.match(head)), None)


class Unpacked(io.RawIOBase):
    """What a packed stream holds, all its members one after the other.

    Reading gives everything before the first damage, then raises Damaged. What follows the last member and is
    not packed alike is ignored, as gzip itself does. While `suspicious` is set, a bomb is a damage too.
    """

    def __init__(self, stream: BinaryIO, packing: Packing, head: bytes = b"") -> None:
        super().__init__()
        self._stream = stream
        self._packing = packing
        self._member = packing.member()
        self._pending = head
        self._consumed = len(head)
        self._size = 0
        self._since = (0, 0)
        self._suspicious = False
        self._over = False

    @property
    def suspicious(self) -> bool:
        """Whether bytes are counted against what was read for them, from the moment this was set."""
        return self._suspicious

    @suspicious.setter
    def suspicious(self, value: bool) -> None:
        self._suspicious = value
        self._since = (self._size, self._consumed)

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer with at least one byte; 0 at the end. Raises Damaged."""
        view = memoryview(buffer)
        part = self.part(min(len(view), _STEP))
        view[: len(part)] = part
        return len(part)

    def part(self, most: int) -> bytes:
        """The next bytes, at least one and at most `most`; none at the end. Raises Damaged."""
        part = b""
        while not part and not self._over:
            part = self._read(most)
        return part

    def _read(self, most: int) -> bytes:
        member = self._member
        if not self._pending and member.needs_input and not self._more():
            raise self._failed("ends too early, after")
        try:
            part = member.decompress(self._pending, most)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
            raise self._failed("is damaged after") from None
        self._pending = b""
        self._size += len(part)
        if self._suspicious:
            self._watch()
        if member.eof:
            self._pending = member.unused_data
            self._next_member()
        return part

    def _more(self) -> bool:
        more = self._stream.read(_STEP)
        self._consumed += len(more)
        self._pending += more
        return bool(more)

    def _next_member(self) -> None:
        while len(self._pending) < HEAD and self._more():
            pass
        if self._packing.begins.match(self._pending):
            self._member = self._packing.member()
        else:
            self._over = True

    def _watch(self) -> None:
        size, consumed = self._size - self._since[0], self._consumed - self._since[1]
        if is_bomb(size, consumed):
            reason = f"a {self._packing.name} bomb: it unpacks to more than {_MAX_RATIO} times its size"
            raise Damaged(Problem(Status.TOO_LARGE, reason))

    def _failed(self, what: str) -> Damaged:
        return Damaged.failed(
            f"the {self._packing.name} data {what} {self._size:,} unpacked bytes; fetch it again"
        )


class Part(io.RawIOBase):
    """So many bytes of a stream, from where it stands."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        super().__init__()
        self._stream, self._left = stream, size

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer, or less of it at the end. Raises Damaged."""
        view = memoryview(buffer)
        part = self._stream.read(min(len(view), self._left))
        if self._left and not part:
            raise Damaged.failed("the file ends too early, in this page; fetch it again")
        self._left -= len(part)
        view[: len(part)] = part
        return len(part)


def buffered(stream: io.RawIOBase | BinaryIO, size: int = io.DEFAULT_BUFFER_SIZE) -> io.BufferedReader:
    """The stream with a buffer, so that it can be peeked into and read by lines."""
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(Any, stream), size)


def unpacked(stream: BinaryIO) -> tuple[io.BufferedReader, Unpacked | None]:
    """The stream as it is, or what it unpacks to where it is packed."""
    plain = buffered(stream)
    packing = packing_of(plain.peek(HEAD))
    if packing is None:
        return plain, None
    inner = Unpacked(plain, packing)
    return buffered(inner, _STEP), inner


def expand(stream: BinaryIO, max_bytes: int) -> Expanded:
    """All of a stream, unpacked where it is packed, or why it cannot be had whole in `max_bytes` bytes."""
    try:
        return _expand(stream, max_bytes)
    except Damaged as damage:
        return Expanded(b"", damage.problem)


def _expand(stream: BinaryIO, max_bytes: int) -> Expanded:
    head = stream.read(HEAD)
    packing = packing_of(head)
    if packing is None:
        content = head + stream.read(max(0, max_bytes + 1 - len(head)))
        return Expanded(content) if len(content) <= max_bytes else _above(max_bytes, "holds")
    inner = Unpacked(stream, packing, head)
    inner.suspicious = True
    parts: list[bytes] = []
    size = 0
    while part := inner.part(_STEP):
        size += len(part)
        if size > max_bytes:
            return _above(max_bytes, "unpacks to")
        parts.append(part)
    return Expanded(b"".join(parts))


def _above(max_bytes: int, verb: str) -> Expanded:
    reason = f"{verb} more than the limit of {max_bytes:,} bytes (--max-bytes)"
    return Expanded(b"", Problem(Status.TOO_LARGE, reason))


def start_of(head: bytes) -> bytes:
    """The bytes that a file which begins with `head` begins with when it is unpacked."""
    packing = packing_of(head)
    if packing is None:
        return head
    try:
        return Unpacked(io.BytesIO(head), packing).part(len(head))
    except Damaged:
        return b""
