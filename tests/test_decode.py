"""Bytes to text: what tells the encoding, what is refused, and that nothing raises."""

from __future__ import annotations

import gzip
import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.decode import decode
from pipeline.model import Decoded, Problem, Status

CAFE = "<p>Café — naïve “quotes”, 5 µg.</p>"
GREETING = "Добрый день, сегодня мы говорим о соли и воде в организме человека. "


def _text(content: bytes, content_type: str = "", media_type: str = "text/html") -> Decoded:
    decoded = decode(content, content_type, media_type)
    assert isinstance(decoded, Decoded)
    return decoded


@pytest.mark.parametrize(
    "declared", ["iso-8859-1", "windows-1252", "utf-16", "gb2312", "utf-7", "no-such-set"]
)
def test_valid_utf8_outdoes_what_is_declared(declared: str) -> None:
    page = f'<meta charset="{declared}">{CAFE}'
    decoded = _text(page.encode(), f"text/html; charset={declared}")
    assert decoded == Decoded(page, "utf-8", "valid")
    assert decoded.utf8 == page.encode()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_mark(encoding: str) -> None:
    decoded = _text(CAFE.encode(encoding), "text/html; charset=iso-8859-1")
    assert decoded.text == CAFE
    assert decoded.evidence == "bom"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding: str) -> None:
    assert _text(CAFE.encode(encoding)) == Decoded(CAFE, encoding, "nulls")


@pytest.mark.parametrize(
    ("declared", "encoding", "text"),
    [
        ("iso-8859-1", "cp1252", CAFE),
        ("Latin1", "cp1252", CAFE),
        ("us-ascii", "cp1252", CAFE),
        ("windows-1251", "cp1251", GREETING),
        ("koi8-r", "koi8-r", GREETING),
        ("shift_jis", "cp932", "塩と水①"),
        ("x-sjis", "cp932", "塩と水"),
        ("gb2312", "gb18030", "盐和水"),
        ("big5", "big5hkscs", "鹽和水"),
        ("euc-kr", "cp949", "소금과 물"),
        ("iso-8859-9", "cp1254", "“tuz”, ışık"),
    ],
)
def test_declared_set_is_read_as_browsers_do(declared: str, encoding: str, text: str) -> None:
    content = text.encode(encoding)
    by_header = _text(content, f'text/html; Charset="{declared}"')
    assert (by_header.text, by_header.evidence) == (text, "header")
    for meta in (
        f"<meta charset={declared}>",
        f'<META http-equiv="Content-Type" content="text/html; charset={declared}">',
        f'<?xml version="1.0" encoding="{declared}"?>',
    ):
        by_meta = _text(meta.encode() + content)
        assert (by_meta.text, by_meta.encoding, by_meta.evidence) == (meta + text, by_header.encoding, "meta")


def test_header_outdoes_meta() -> None:
    content = b'<meta charset="windows-1251">' + "é“".encode("cp1252")
    assert _text(content, "text/html; charset=windows-1252").text.endswith("é“")


def test_declaration_in_a_comment_does_not_count() -> None:
    content = b"<!-- <meta charset=windows-1251> -->" + "<p>é".encode("cp1252")
    assert _text(content).text.endswith("é")


def test_a_set_that_does_not_fit_is_not_believed() -> None:
    content = b"<meta charset=euc-jp><p>" + ("“na\u00efve” caf\u00e9, " * 9).encode("cp1252")
    assert "“naïve” café" in _text(content).text


def test_undeclared_latin_is_windows_1252() -> None:
    assert _text(CAFE.encode("cp1252")) == Decoded(CAFE, "cp1252", "assumed")


def test_undeclared_cyrillic_is_detected() -> None:
    decoded = _text(f"<p>{GREETING * 5}</p>".encode("cp1251"))
    assert decoded.text == f"<p>{GREETING * 5}</p>"
    assert decoded.evidence == "detected"


def test_all_bytes_of_windows_1252_stay_apart() -> None:
    content = b"salt and water " * 20 + bytes(range(128, 256))
    assert len(set(_text(content, "text/html; charset=latin1").text[-128:])) == 128


def test_nearly_valid_utf8() -> None:
    page = ("<p>" + "é" * 50).encode()
    assert _text(page[:-1]) == Decoded("<p>" + "é" * 49 + "\ufffd", "utf-8", "nearly valid")
    assert _text(b"<meta charset=latin1>" + page + b"\x92").text.endswith("é\ufffd")


def test_utf7_is_never_read() -> None:
    content = b'<meta charset="utf-7">+ADw-script+AD4-\xe9'
    assert "<script" not in _text(content, "text/html; charset=utf-7").text


@given(st.text(min_size=1).filter(lambda text: bool(text.strip()) and text[0] != "\ufeff"))
@example("0\0")
def test_plain_text_keeps_every_character(text: str) -> None:
    decoded = decode(text.encode(), "", "text/plain")
    if isinstance(decoded, Decoded) and decoded.evidence == "valid":
        assert decoded.text == text
    marked = decode(b"\xef\xbb\xbf" + text.encode(), "", "text/plain")
    if isinstance(marked, Decoded) and marked.text != text:
        # With NUL in every other place, and not by chance, it is UTF-16.
        assert marked.evidence == "nulls" and text.count("\0") >= 8


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe", b"\0\0\0"])
def test_empty(content: bytes) -> None:
    decoded = decode(content)
    assert isinstance(decoded, Problem)
    assert decoded.status is Status.EMPTY


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"GIF89a\1\0\1\0", "a GIF image"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "a WebP image"),
        (b"PK\x03\x04\x14\0", "a zip archive"),
        (gzip.compress(b"x", mtime=0), "gzip data"),
        (b"\x28\xb5\x2f\xfd\x04\0", "Zstandard data"),
        (b"{\\rtf1\\ansi salt}", "an RTF document"),
        (b"salt\0\1\2\3" * 50, "binary data"),
        (bytes(range(256)) * 20, "binary data"),
        (json.dumps({"body": "<p>Salt</p>"}).encode(), "JSON data"),
        (b'[{"a": 1}]\n', "JSON data"),
        (b'{"a": 1}\n{"a": 2}\n', "JSON data"),
        (b'<?xml version="1.0"?>\n<rss version="2.0"><channel>', "an RSS feed"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', "an Atom feed"),
        (b'<?xml version="1.0"?><urlset>', "a sitemap"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "an SVG image"),
    ],
)
def test_what_is_no_page_is_refused_by_name(content: bytes, name: str) -> None:
    decoded = decode(content)
    assert isinstance(decoded, Problem)
    assert decoded.status is Status.NOT_HTML
    assert decoded.reason.startswith(f"this is {name}")


@pytest.mark.parametrize(
    "text",
    [
        "{{ title }} <p>Salt</p>",
        "[1] Salt is a mineral.",
        "{broken",
        "BM salt",
        "PK or not",
        '{"a": 1} <p>Salt</p>',
    ],
)
def test_text_that_only_begins_like_something_else(text: str) -> None:
    assert _text(text.encode()).text == text


def test_text_files_may_hold_json() -> None:
    assert _text(b'{"a": 1}', "", "text/plain").text == '{"a": 1}'


@given(
    st.binary(), st.sampled_from(["", "text/html; charset=", "text/html; charset=utf-16", "charset=\0\ud800"])
)
@example(b"<meta charset=unicode_escape>\xe9\\ud800", "")
@example(b"<meta charset=raw_unicode_escape>\xe9\\ud800", "")
@example(b"<meta charset=idna>\xe9", "charset=punycode")
@example(b"<meta charset=zip>\xe9", "charset=rot13")
@example(b"\xff\xfe\x00\xd8x\x00", "")
@example(b"\xed\xa0\x80", "")
def test_any_bytes_give_text_or_a_problem(content: bytes, content_type: str) -> None:
    for media_type in ("text/html", "text/plain"):
        decoded = decode(content, content_type, media_type)
        if isinstance(decoded, Decoded):
            assert decoded.utf8 in (b"", decoded.text.encode("utf-8"))
            assert decoded.encoding
            assert decoded.evidence
        else:
            assert decoded.status in (Status.EMPTY, Status.NOT_HTML)
            assert decoded.reason


@pytest.mark.parametrize(
    "content",
    [
        b"<meta " * 400_000 + b"\xe9",
        b"<!--" * 500_000 + b"\xe9",
        b"[" * 2_000_000,
        b'{"a":' * 400_000,
        b"\xe9<" * 1_000_000,
        b"<?xml " * 300_000,
        b"\x1b$" * 1_000_000,
        ("я" * 2_000_000).encode("cp1251"),
    ],
    ids=["meta", "comments", "brackets", "objects", "high", "xml", "escapes", "cyrillic"],
)
def test_hostile_bytes_take_linear_time(content: bytes) -> None:
    started = time.process_time()
    decode(content)
    assert time.process_time() - started < 4
