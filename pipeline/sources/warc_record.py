"""One record of a WARC file: whether it holds a page, and the page.

warcio reads the headers and the chunks; a body packed for its way (Content-Encoding) is unpacked here, since warcio
says nothing of one that is damaged.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass, replace
from typing import Any

from ..model import Page, Problem, Status
from .file import SAMPLE, fill, looks_like_page
from .item import Item, Reading, address, blank, longest, too_large

URL_SOURCE = "warc"
UNREADABLE = Problem(
    Status.FAILED,
    "the headers of the WARC record cannot be read, or name no address; fetch the page again",
)
_HEADER = re.compile(rb"WARC/\d[^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_TYPE = re.compile(rb"^warc-type:[ \t]*(\w+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_PAGE_TYPES = (b"response", b"resource")
_HTML = ("text/html", "application/xhtml+xml")
_AS_IT_IS = ("", "identity", "gzip", "x-gzip")  # gzip is told by the content


@dataclass(frozen=True, slots=True)
class Capture:
    """What the headers of a record say. `redirect` is the address that a response leads to."""

    url: str
    date: str
    is_page: bool
    redirect: str = ""


def extent(head: bytes) -> int | None:
    """The bytes of the record that begins with `head`, as its header says; None if that cannot be read."""
    header = _HEADER.match(head)
    if not header or not _TYPE.search(header[0]):
        return None
    length = _LENGTH.search(header[0])
    return header.end() + int(length[1]) if length else None


def may_hold_page(head: bytes) -> bool:
    """Whether the record is of a type that holds pages, as far as its header says."""
    header = _HEADER.match(head)
    found = _TYPE.search(header[0]) if header else None
    return found is not None and found[1].lower() in _PAGE_TYPES


def look(data: bytes) -> Capture | None:
    """What the record that begins with `data` holds; None if that is no answer of a server or a file.

    A page is a response of HTML that is no redirect, or such a file (a record of the type resource).
    """
    record = _parse(data) if may_hold_page(data) else None
    if record is None:
        return None
    url = address((record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>"))
    date = record.rec_headers.get_header("WARC-Date") or ""
    status = _status(record)
    if 300 <= status < 400:
        return Capture(url, date, False, record.http_headers.get_header("Location") or "")
    kind = _content_type(record).partition(";")[0].strip().lower()
    is_page = kind in _HTML or (not kind and looks_like_page(record.raw_stream.read(SAMPLE)))
    return Capture(url, date, is_page and (bool(url) or record.rec_type == "response"))


def page_of(item: Item, number: int | None, data: bytes, reading: Reading) -> Page:
    """The page in a whole record that holds one."""
    record = _parse(data)
    if record is None:
        return replace(blank(item, number), problem=UNREADABLE)
    url = address((record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>"))
    page = replace(
        blank(item, number), url=url, url_source=URL_SOURCE if url else "", content_type=_content_type(record)
    )
    if (extent(data) or 0) > len(data):
        return replace(page, problem=Problem(Status.FAILED, "the WARC record ends too early; fetch it again"))
    status = _status(record)
    if status >= 400:
        return replace(
            page, problem=Problem(Status.ERROR_PAGE, f"the server answered with the error {status}")
        )
    body = _body(record, longest(reading))
    encoding = _http(record, "Content-Encoding").strip().lower()
    if encoding in _AS_IT_IS:
        return fill(page, io.BytesIO(body), reading)
    content = _decoded(body, encoding, reading.max_bytes)
    return replace(page, problem=content) if isinstance(content, Problem) else replace(page, content=content)


def _parse(data: bytes) -> Any:
    """warcio's record, or None if it cannot be read."""
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.recordloader import ArcWarcRecordLoader
    from warcio.statusandheaders import StatusAndHeadersParserException

    try:
        return ArcWarcRecordLoader().parse_record_stream(io.BytesIO(data), known_format="warc")
    except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError, LookupError):
        return None
    except AttributeError:  # a response that names no address
        return None


def _http(record: Any, name: str) -> str:
    return (record.http_headers.get_header(name) or "") if record.http_headers else ""


def _content_type(record: Any) -> str:
    if record.rec_type == "resource":
        return record.rec_headers.get_header("Content-Type") or ""
    return _http(record, "Content-Type")


def _status(record: Any) -> int:
    code = record.http_headers.get_statuscode() if record.http_headers else ""
    return int(code) if code.isdecimal() and len(code) == 3 else 0


def _body(record: Any, most: int) -> bytes:
    from warcio.bufferedreaders import ChunkedDataReader

    chunked = "chunked" in _http(record, "Transfer-Encoding").lower()
    stream = ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream
    body: bytes = stream.read(most + 1)
    return body


def _decoded(body: bytes, encoding: str, max_bytes: int) -> bytes | Problem:
    """The body unpacked; as it is where it was kept unpacked, as many crawlers do."""
    try:
        content = _inflate(body, max_bytes) if encoding == "deflate" else _unpack(body, encoding, max_bytes)
    except (OSError, ValueError, zlib.error) as error:
        if looks_like_page(body):
            content = body
        else:
            told = " ".join(str(error).split())
            return Problem(Status.FAILED, f"the page is packed with {encoding} and cannot be read ({told})")
    return too_large(None, max_bytes) if len(content) > max_bytes else content


def _inflate(body: bytes, max_bytes: int) -> bytes:
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        unpacker = zlib.decompressobj(bits)
        try:
            content = unpacker.decompress(body, max_bytes + 1)
        except zlib.error:
            continue
        if unpacker.eof or len(content) > max_bytes:
            return content
    raise ValueError("the data are damaged or end too early")


def _unpack(body: bytes, encoding: str, max_bytes: int) -> bytes:
    import pyarrow as pa

    names = {"br": "brotli", "zstd": "zstd"}
    with pa.CompressedInputStream(pa.BufferReader(body), names.get(encoding, encoding)) as stream:
        content: bytes = stream.read(max_bytes + 1)
    return content
