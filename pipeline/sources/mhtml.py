"""Pages that a browser saved as one MIME message with all that belongs to them: .mhtml, .mht. The page is the root
part; the others are not read."""

from __future__ import annotations

import email
import io
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from typing import BinaryIO

from ..model import Page
from .file import SAMPLE, fill, looks_like_page
from .item import Item, Reading, address, blank, failed, longest, too_large
from .unpack import Damaged, unpacked

URL_SOURCE = "mhtml"
_LONGEST_LINE = 1 << 20
_LONGEST_HEADER = 1 << 18


def pages(item: Item, stream: BinaryIO, reading: Reading) -> Iterator[Page]:
    """The one page of a saved page."""
    try:
        yield _page(item, unpacked(stream)[0], reading)
    except Damaged as damage:
        yield replace(blank(item), problem=damage.problem)
    except RecursionError:
        yield failed(item, "the saved page has too many parts inside parts; save it again")


def _page(item: Item, stream: io.BufferedReader, reading: Reading) -> Page:
    if looks_like_page(stream.peek(SAMPLE)):
        return fill(blank(item), stream, reading)  # a page under a wrong name
    message = _header(stream)
    boundary = message.get_boundary()
    if message.get_content_maintype() != "multipart" or not boundary:
        if message.get_content_type() != "text/html":
            return failed(item, "this is no saved page: no MIME message with a part of HTML")
        return _content(item, message, message, stream.read(longest(reading) + 1), reading)
    start = _bare(str(message.get_param("start", "")))
    lines = _Lines(stream, boundary.encode("utf-8", "surrogateescape"))
    lines.skip()
    while lines.more:
        part = _header(lines)
        if lines.closed:
            continue
        inside = part.get_content_maintype() == "multipart"
        wanted = (
            _bare(part.get("Content-ID", "")) == start if start else part.get_content_type() == "text/html"
        )
        if not (wanted or (inside and not start)):
            lines.skip()
            continue
        body = lines.rest(longest(reading))
        if body is not None and not lines.closed:
            return failed(item, "the saved page ends too early; save it again")
        if body is None:
            return replace(blank(item), problem=too_large(None, reading.max_bytes))
        found = _inner(part, body) if inside else (part, body)
        if found is not None:
            return _content(item, message, *found, reading)
    return failed(item, "this saved page holds no part of HTML, or ends too early")


def _content(item: Item, message: Message, part: Message, body: bytes, reading: Reading) -> Page:
    part.set_payload(body.decode("ascii", "surrogateescape"))
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)  # since the payload is a text
    page = fill(blank(item), io.BytesIO(content), reading)
    places = (part["Content-Location"], message["Snapshot-Content-Location"], message["Content-Location"])
    url = next(filter(None, (address(str(place)) for place in places if place)), "")
    content_type = str(part.get("Content-Type", ""))
    return replace(page, content_type=content_type, url=url, url_source=URL_SOURCE if url else "")


def _inner(part: Message, body: bytes) -> tuple[Message, bytes] | None:
    """The HTML inside a part that has parts itself."""
    head = part.as_bytes()
    for inner in email.message_from_bytes(head + body).walk():
        if inner.get_content_type() == "text/html":
            payload = inner.get_payload()
            assert isinstance(payload, str)  # since it is no multipart
            return inner, payload.encode("ascii", "surrogateescape")
    return None


def _bare(name: str) -> str:
    return name.strip().strip("<>")


def _header(lines: io.BufferedReader | _Lines) -> Message:
    held = b""
    while (line := lines.readline(_LONGEST_LINE)) and line.strip(b"\r\n") and len(held) < _LONGEST_HEADER:
        held += line
    return email.message_from_bytes(held)


class _Lines:
    """The lines of one part after the other."""

    def __init__(self, stream: io.BufferedReader, boundary: bytes) -> None:
        self._stream, self._boundary = stream, b"--" + boundary
        self.more = True  # another part comes
        self.closed = False  # the last part that was read has its end

    def readline(self, most: int) -> bytes:
        """The next line of the part; empty at its end."""
        line = self._stream.readline(most)
        bare = line.rstrip()
        self.closed = bare in (self._boundary, self._boundary + b"--")
        if self.closed or not line:
            self.more = bare == self._boundary
            return b""
        return line

    def skip(self) -> None:
        """Go to the next part."""
        while self.readline(_LONGEST_LINE):
            pass

    def rest(self, most: int) -> bytes | None:
        """The rest of the part, without the line end that belongs to the boundary; None if it is longer."""
        parts: list[bytes] = []
        size = 0
        while line := self.readline(_LONGEST_LINE):
            size += len(line)
            if size > most:
                return None
            parts.append(line)
        return b"".join(parts).removesuffix(b"\n").removesuffix(b"\r")
