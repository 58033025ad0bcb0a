"""Zip archives: listed by their directory, each member read by itself wherever it stands."""

from __future__ import annotations

import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from ..model import Problem, Status
from .archive import Form, Guarded, Member
from .item import Reading
from .names import LINKS
from .unpack import Damaged, buffered

_ENCRYPTED = 0x1
# The header in front of a member: signature, then the lengths of its name and of what else stands there.
_HEADER = struct.Struct("<4s22xHH")
_SIGNATURE = b"PK\x03\x04"
_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
)


def members(stream: BinaryIO, reading: Reading) -> Iterator[Member]:
    """The files of an archive, in the order of its directory. Raises Damaged where it has none."""
    try:
        directory = zipfile.ZipFile(stream).infolist()
    except (*_ERRORS, struct.error) as error:
        what = "the directory of the zip archive, which stands at its end, is missing or damaged"
        raise Damaged.failed(f"{what} ({error}); fetch it again, or repair it with zip -FF") from error
    for info in directory:
        if stat.S_ISLNK(info.external_attr >> 16):
            reading.notes.left_out[LINKS] += 1
        elif not info.filename.endswith("/"):  # is_dir() fails for an empty name
            # Some programs write the backslashes of Windows.
            name = info.filename.replace("\\", "/")
            yield Member(
                name, info.file_size, _place(info), packed=info.compress_size, problem=_problem(info)
            )


def _problem(info: zipfile.ZipInfo) -> Problem | None:
    if info.flag_bits & _ENCRYPTED:
        return Problem(Status.FAILED, "it is encrypted in the archive; unpack it and give the folder")
    return None


def _place(info: zipfile.ZipInfo) -> str:
    numbers = (info.header_offset, info.compress_size, info.file_size, info.compress_type, info.CRC)
    return " ".join(map(str, numbers))


def open_member(stream: BinaryIO, place: str) -> io.BufferedReader:
    """The unpacked content of the member at a place. Raises Damaged, also when it is read."""
    info = _info(place)
    stream.seek(_start(stream, info.header_offset))
    try:
        # ZipFile.open would read the whole directory first, for each member.
        member = zipfile.ZipExtFile(stream, "r", info)
    except _ERRORS as error:
        raise Damaged.failed(
            f"it is packed in a way that is not read ({error}); unpack the archive"
        ) from error
    return buffered(Guarded(member, _ERRORS))


def stored_at(stream: BinaryIO, place: str) -> tuple[int, int] | None:
    """Where the content of a member begins and ends in the archive's file; None if it is packed. Raises Damaged."""
    info = _info(place)
    if info.compress_type != zipfile.ZIP_STORED:
        return None
    start = _start(stream, info.header_offset)
    end = start + info.compress_size
    if end > stream.seek(0, os.SEEK_END):
        raise Damaged.failed("a member of the archive is larger than the archive; fetch it again")
    return start, end


def _info(place: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("member")
    offset, packed, size, method, crc = map(int, place.split())
    info.header_offset, info.compress_size, info.file_size = offset, packed, size
    info.compress_type, info.CRC = method, crc
    return info


def _start(stream: BinaryIO, offset: int) -> int:
    """Where the content behind the header at `offset` begins."""
    stream.seek(offset)
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size or not header.startswith(_SIGNATURE):
        raise Damaged.failed("it is not where the archive's directory says; fetch the archive again")
    _, name, extra = _HEADER.unpack(header)
    return offset + _HEADER.size + int(name) + int(extra)


ZIP = Form(members, open_member)
