"""Bytes of a page -> its text, with what told the encoding; what is no page is refused by name."""

from __future__ import annotations

import codecs
import json
import re
from functools import cache

from .model import Decoded, Problem, Status
from .tsv import VOCABULARY, read_rows

# Browsers read these labels as the wider Windows or vendor set, and so do pages that use them.
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# What cp1252 leaves undefined stands for the control character of the same number.
_CP1252 = "".join(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(256))
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 16_384
_SAMPLE = 65_536
_FEWEST_NULLS = 8
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x0e\x0f\x1b")
# Codecs of characters, among all that Python knows. No UTF: UTF-8 has been tried, UTF-16 would have shown its
# NUL bytes, and UTF-7 hides markup. No HZ: it is a way to hide markup too, and browsers refuse it.
_CHARSET = re.compile("cp|iso8859|iso2022_jp|koi8|mac|gb18030|big5|euc_|johab|kz1048|ptcp154")
# Where a page names its charset in ASCII, ASCII is part of it; the sets of mainframes (EBCDIC) would hide markup.
_ASCII = b" \"'/<=>azAZ09"
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(
    rb"<(?:meta\s|\?xml\s)[^>]{0,500}?(?:charset|encoding)\s{0,20}+=\s{0,20}+[\"']?+\s{0,20}+([\w.:-]{2,40})",
    re.I,
)
_HEADER = re.compile(r"charset\s*+=\s*+[\"']?+\s*+([\w.:-]{2,40})", re.I)
_FEED = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*>\s*)?<(rss|feed|rdf:RDF|urlset|sitemapindex|svg)[\s>]"
)
_FEEDS = {
    "rss": "an RSS feed",
    "feed": "an Atom feed",
    "rdf:RDF": "an RDF document",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap",
    "svg": "an SVG image",
}


def decode(content: bytes, content_type: str = "", media_type: str = "text/html") -> Decoded | Problem:
    """The text of a page, or the Problem that it is empty or no page at all; never raises.

    `content_type` is the HTTP header if it is known. Bytes that are valid UTF-8 are UTF-8 whatever the page
    or the header declares; then the header, the page's meta element and detection are asked in this order; a
    byte order mark outdoes them all. Every character is kept, line ends too, except the byte order mark;
    bytes that mean nothing in the encoding become U+FFFD.
    """
    if not content.strip(b"\0 \t\n\v\f\r\xef\xbb\xbf\xfe\xff"):
        return Problem(Status.EMPTY, f"no text in {len(content):,} bytes" if content else "the page is empty")
    decoded, content = _by_mark(content)
    if decoded is None:
        name = _signature(content)
        if name:
            return Problem(Status.NOT_HTML, f"this is {name}, not a web page")
        decoded = _by_nulls(content)
        # A file that a crash cut short ends in NUL bytes.
        sample = content.strip(b"\0")[:_SAMPLE]
        if decoded is None and _controls(sample) * 50 > len(sample):
            return Problem(Status.NOT_HTML, "this is binary data, not a web page")
        decoded = (
            decoded
            or _by_validity(content, content_type)
            or _by_declaration(content, content_type)
            or _by_detection(content)
        )
    name = _other_text(decoded.text) if media_type == "text/html" else ""
    return Problem(Status.NOT_HTML, f"this is {name}, not a web page") if name else decoded


def _by_mark(content: bytes) -> tuple[Decoded | None, bytes]:
    """What the byte order mark tells, None without one or if it lies; and the bytes without it."""
    for mark, encoding in _BOMS:
        if not content.startswith(mark):
            continue
        rest = content[len(mark) :]
        if mark == codecs.BOM_UTF8:
            # A short text that holds NUL is what its mark says.
            nulls = _by_nulls(rest) if rest[:_SAMPLE].count(0) >= _FEWEST_NULLS else None
            return nulls or Decoded(rest.decode(encoding, "replace"), encoding, "bom"), rest
        # Any page in UTF-16 or UTF-32 has line ends, blanks or tags, and these have NUL bytes.
        if 0 in rest[:_SAMPLE]:
            return Decoded(rest.decode(encoding, "replace"), encoding, "bom"), rest
        return None, rest
    return None, content


@cache
def _signatures() -> tuple[tuple[int, bytes, str], ...]:
    rows = read_rows(VOCABULARY, "signatures.tsv", ("offset", "bytes", "name"))
    return tuple((int(row["offset"]), bytes.fromhex(row["bytes"]), row["name"]) for row in rows)


def _signature(content: bytes) -> str:
    for offset, signature, name in _signatures():
        if content.startswith(signature, offset):
            return name
    return ""


def _by_nulls(content: bytes) -> Decoded | None:
    """UTF-16 without a mark, told by the NUL in most of the bytes at even or at odd places."""
    sample = content[:_SAMPLE]
    if b"\0" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 < len(sample) or min(even, odd) * 10 > max(even, odd):
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    text = content.decode(encoding, "replace")
    start = text[:_SAMPLE].encode("ascii", "ignore")
    return Decoded(text, encoding, "nulls") if _controls(start) * 50 <= len(start) else None


def _controls(sample: bytes) -> int:
    """How many control characters that no text has; more than 2 % is binary data."""
    return len(sample) - len(sample.translate(None, _CONTROLS))


def _by_validity(content: bytes, content_type: str) -> Decoded | None:
    """UTF-8, also with a few broken characters (a cut end, a pasted byte), or None."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
        broken = text.count("\ufffd") - content.count(b"\xef\xbf\xbd")
        beyond = len(text) - len(text.encode("ascii", "ignore")) - broken
        if beyond < 4 * broken:
            return None
        return Decoded(text, "utf-8", "nearly valid")
    # One byte is looked for ten times as fast as two.
    if b"\x1b" in content and b"\x1b$" in content and "iso2022_jp" in _declared(content, content_type):
        return Decoded(content.decode("iso2022_jp", "replace"), "iso2022_jp", "declared")
    return Decoded(text, "utf-8", "valid", content)


def _declared(content: bytes, content_type: str) -> dict[str, str]:
    """Codecs that the header and the page name, each with who named it, in order of trust."""
    labels = [("header", match.group(1)) for match in _HEADER.finditer(content_type)][:1]
    head = _COMMENT.sub(b"", content[:_HEAD])
    labels += [("meta", match.group(1).decode("ascii", "ignore")) for match in _META.finditer(head)][:2]
    found: dict[str, str] = {}
    for evidence, label in labels:
        try:
            name = codecs.lookup(label.lower().removeprefix("x-")).name
        except (LookupError, ValueError):
            continue
        name = _WIDER.get(name, name)
        if _CHARSET.match(name) and _ASCII.decode(name, "ignore") == _ASCII.decode():
            found.setdefault(name, evidence)
    return found


def _by_declaration(content: bytes, content_type: str) -> Decoded | None:
    for encoding, evidence in _declared(content, content_type).items():
        text = _read(content, encoding)
        if text.count("\ufffd") * 200 < len(text):
            return Decoded(text, encoding, evidence)
    return None


def _by_detection(content: bytes) -> Decoded:
    from charset_normalizer import from_bytes  # takes longer to import than nearly all pages need it

    # Tags and the ASCII around them say nothing and cost time. Detectors confuse the Latin sets, where few
    # letters lie beyond ASCII; there Windows-1252 is the likeliest by far.
    sample = re.sub(rb"<[^<>]{0,2000}>|[\x00-\x40]{2,}", b" ", content)[:_SAMPLE]
    high = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    if high * 3 > len(sample):
        best = from_bytes(sample, steps=5, chunk_size=512).best()
        if best is not None and not best.encoding.startswith("utf_7"):
            encoding = codecs.lookup(_WIDER.get(best.encoding, best.encoding)).name
            return Decoded(_read(content, encoding), encoding, "detected")
    return Decoded(_read(content, "cp1252"), "cp1252", "assumed")


def _read(content: bytes, encoding: str) -> str:
    if encoding == "cp1252":
        return codecs.charmap_decode(content, "strict", _CP1252)[0]
    return content.decode(encoding, "replace")


def _other_text(text: str) -> str:
    """The name of a text format that is no page: JSON, a feed, a style sheet or script; empty for a page."""
    feed = _FEED.match(text[:4096])
    if feed:
        return _FEEDS[feed.group(1)]
    start = text[:200].lstrip()
    if start[:1] in ("{", "["):
        stripped = text.strip()
        try:
            _, end = json.JSONDecoder().raw_decode(stripped)
        except (ValueError, RecursionError):
            return ""
        if stripped[end : end + 10].strip()[:1] in ("", "{", "["):
            return "JSON data"
    return ""
