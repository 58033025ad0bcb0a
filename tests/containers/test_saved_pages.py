"""Pages that a browser saved as MHTML."""

from __future__ import annotations

import base64
import quopri
from pathlib import Path

import pytest

from tests.containers.packing import PAGE, archive, outcome, pages


def saved(
    *parts: tuple[str, str, bytes], head: str = "", related: str = "", end: bytes = b"--", nl: bytes = b"\r\n"
) -> bytes:
    """A MIME message; a part is type, transfer encoding, content."""
    boundary = "----MultipartBoundary--salt----"
    message = (
        head + f'MIME-Version: 1.0\nContent-Type: multipart/related;{related}\n\tboundary="{boundary}"\n\n\n'
    )
    content = message.encode().replace(b"\n", nl)
    for number, (kind, encoding, body) in enumerate(parts):
        header = f"--{boundary}\nContent-Type: {kind}\nContent-ID: <part{number}@a>\n"
        header += f"Content-Transfer-Encoding: {encoding}\nContent-Location: http://a.example/{number}\n\n"
        content += header.encode().replace(b"\n", nl) + body + nl
    return content + b"--" + boundary.encode() + end + nl


CAFE = "<p>café</p>\r\n<p>— 50 = 50</p>".encode()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("quoted-printable", quopri.encodestring(CAFE)),
        ("base64", base64.encodebytes(CAFE)),
        ("binary", CAFE),
        ("8bit", CAFE),
    ],
)
@pytest.mark.parametrize("nl", [b"\r\n", b"\n"])
def test_saved_pages(tmp_path: Path, encoding: str, body: bytes, nl: bytes) -> None:
    head = "From: <Saved by Blink>\nSnapshot-Content-Location: http://b.example/\n"
    path = tmp_path / "a.mhtml"
    html = 'text/html; charset="utf-8"'
    parts = [("image/png", "base64", b"AAAA"), (html, encoding, body), ("text/html", "7bit", b"<p>frame")]
    path.write_bytes(saved(*parts, head=head, nl=nl))
    [page] = pages(path)
    assert page.content.replace(b"\r\n", b"\n") == CAFE.replace(b"\r\n", b"\n")
    assert page.content == CAFE or encoding == "quoted-printable"
    assert (page.article_id, page.url, page.url_source) == ("a.mhtml", "http://a.example/1", "mhtml")
    assert page.content_type == html
    path.write_bytes(saved(*parts, head=head, nl=nl, related=' start="<part2@a>";'))
    assert [page.content for page in pages(path)] == [b"<p>frame"]
    [inside] = pages(archive(tmp_path / "in.zip", ("a.mht", path.read_bytes())))
    assert (inside.article_id, inside.content) == ("in.zip#a.mht", b"<p>frame")


def test_odd_saved_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.mht"
    single = b"Content-Type: text/html\nContent-Location: cid:x\nContent-Transfer-Encoding: base64\n\n"
    path.write_bytes(single + base64.encodebytes(PAGE))
    [page] = pages(path)
    assert (page.content, page.url) == (PAGE, "")
    inner = (
        b"--in\r\nContent-Type: text/plain\r\n\r\nx\r\n--in\r\nContent-Type: text/html\r\n\r\n"
        + PAGE
        + b"\r\n--in--"
    )
    path.write_bytes(saved(("multipart/alternative; boundary=in", "7bit", inner)))
    assert [page.content for page in pages(path)] == [PAGE]
    whole = saved(("text/html", "8bit", PAGE), ("image/png", "base64", b"AAAA"))
    for cut in range(0, whole.index(PAGE) + len(PAGE), 11):
        path.write_bytes(whole[:cut])
        assert [outcome(page) for page in pages(path)] == [("a.mht", "failed")]
    for content in (b"x", bytes(range(256)), saved(("image/png", "base64", b"AAAA")), saved(end=b"")):
        path.write_bytes(content)
        assert [outcome(page) for page in pages(path)] == [("a.mht", "failed")]
    path.write_bytes(saved(("text/html", "8bit", b"<p>" + b"x" * 2_000_000)))
    assert [outcome(page)[1] for page in pages(path, max_bytes=1_000)] == ["too_large"]
