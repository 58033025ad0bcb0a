"""Tar archives: plain, where each member is found again by its offset, or packed as a whole and read once."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from ..model import Problem, Status
from .archive import Form, Guarded, Member
from .item import Reading
from .names import LINKS
from .unpack import Damaged, Part, Unpacked, buffered, unpacked

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK = 512
_STEP = 1 << 18
# Names and further facts of a member stand in members of their own, which tarfile reads whole.
_FACTS = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
_LONGEST_FACTS = 1 << 20
_MOST_BETWEEN = 1 << 19  # blocks that are no header, one after the other
_IMPOSSIBLE = "is damaged: a header tells a size that cannot be"
_ERRORS = (tarfile.TarError, EOFError, OSError, ValueError, OverflowError)


def members(stream: BinaryIO, reading: Reading) -> Iterator[Member]:
    """The files of an archive, in its order. A header that is damaged is passed over; Raises Damaged at the end if
    there was one, and where the archive ends too early."""
    stream.seek(0)
    plain, packed = unpacked(stream)
    unbroken = _Unbroken(plain)
    header = _counting_header()
    try:
        mode, source = ("r:", plain) if packed is None else ("r|", unbroken)
        options: dict[str, Any] = {"mode": mode, "fileobj": source, "ignore_zeros": True, "tarinfo": header}
        with tarfile.open(**options) as archive:
            yield from _members(archive, packed, reading)
    except _ERRORS as error:
        if unbroken.damage is None:
            raise _broken(f"is damaged or ends too early ({error})") from error
    if unbroken.damage is not None:
        raise unbroken.damage
    if header.damaged:
        raise _broken("is damaged, so that some of its members cannot be found")
    if packed is None and not _has_end(stream):
        raise _broken("has no end: it was cut off")


def _members(archive: Any, packed: Unpacked | None, reading: Reading) -> Iterator[Member]:
    while (info := archive.next()) is not None:
        archive.members.clear()  # or it would keep them all
        if info.size < 0:  # by what stands in front of its header
            raise _broken(_IMPOSSIBLE)
        name = info.name.removeprefix("./")
        if info.islnk() or info.issym():
            reading.notes.left_out[LINKS] += 1
        elif not info.isfile():
            continue
        elif packed is None:
            sparse = Problem(
                Status.FAILED, "it is stored as a sparse file; unpack the archive and give the folder"
            )
            problem = sparse if info.issparse() else None
            yield Member(name, info.size, f"{info.offset_data} {info.size}", problem=problem)
        else:
            yield Member(name, info.size, stream=buffered(Guarded(_file(archive, info), _ERRORS)))
            packed.suspicious = info.size > reading.max_bytes
            _skip(archive)
            packed.suspicious = False


def _file(archive: tarfile.TarFile, info: tarfile.TarInfo) -> io.BufferedIOBase:
    found = archive.extractfile(info)
    assert isinstance(found, io.BufferedIOBase)  # since it is a regular file
    return found


def _skip(archive: Any) -> None:
    """Go to the next header; tarfile itself would try that for ever behind a size that lies."""
    while (left := archive.offset - archive.fileobj.tell()) > 0:
        if not archive.fileobj.read(min(left, _STEP)):
            raise EOFError("unexpected end")


class _Unbroken(io.RawIOBase):
    """A packed stream that ends where it is damaged, so that all that stands before it is read first."""

    def __init__(self, stream: io.BufferedReader) -> None:
        super().__init__()
        self._stream = stream
        self.damage: Damaged | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer, or less of it; 0 at the end."""
        try:
            return self._stream.readinto1(buffer)
        except Damaged as damage:
            self.damage = damage
            return 0


def _counting_header() -> Any:
    class Header(tarfile.TarInfo):
        """A header that counts how many blocks should have been one and are not. Raises Damaged where tarfile would
        go back, fill the memory or seek without end."""

        damaged = 0
        since = 0

        @classmethod
        def frombuf(cls, buf: Any, encoding: Any, errors: str) -> Any:
            try:
                header = super().frombuf(buf, encoding, errors)
            except tarfile.HeaderError:
                cls.damaged += len(buf) == _BLOCK and any(buf)
                cls.since += 1
                if cls.since > _MOST_BETWEEN:
                    raise _broken(f"holds no member in {_MOST_BETWEEN * _BLOCK:,} bytes") from None
                raise
            cls.since = 0
            if header.size < 0 or (header.type in _FACTS and header.size > _LONGEST_FACTS):
                raise _broken(_IMPOSSIBLE)
            return header

    return Header


def _has_end(stream: BinaryIO) -> bool:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _BLOCK))
    return not any(stream.read(_BLOCK))


def _broken(what: str) -> Damaged:
    return Damaged.failed(f"the tar archive {what}; fetch it again")


def open_member(stream: BinaryIO, place: str) -> io.BufferedReader:
    """The content of the member at a place. Raises Damaged when it is read and ends too early."""
    start, size = map(int, place.split())
    stream.seek(start)
    return buffered(Part(stream, size))


TAR = Form(members, open_member)
