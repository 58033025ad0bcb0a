"""Files that hold pages, made to be hostile: archives, crawls, records, tables; and the rows that are expected."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from .case import page

Row = tuple[str, str]  # status, and a part of the reason
OK: Row = ("ok", "")
HTML = page().decode()
_IMPOSSIBLE: Row = ("failed", "a size that cannot be")
_ZEROS = page() + b" " * 15_000_000


@dataclass(frozen=True)
class Input:
    """A file by its generator, and its rows by what follows its name in the article_id."""

    name: str
    make: Callable[[], bytes]
    rows: dict[str, Row]

    def __str__(self) -> str:
        return self.name


# Archives


def _zip(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two members with one name
        for name, content in members:
            archive.writestr(name, content, method)
    return out.getvalue()


def _zip_link() -> bytes:
    link = zipfile.ZipInfo("link.html")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    return _zip((link, b"/etc/passwd"), ("a.html", page()))


def _zip_overlapping(number: int) -> bytes:
    """Every entry of the directory leads to the same packed content."""
    content = bytearray(_zip(("00.html", b" " * 3_000_000)))
    start = content.rindex(b"PK\x01\x02")
    entry = bytes(content[start : content.rindex(b"PK\x05\x06")])
    entries = b"".join(entry.replace(b"00.html", b"%02d.html" % n) for n in range(number))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, len(entries), start, 0)
    return bytes(content[:start]) + entries + end


def _tar(*members: tuple[str, bytes, bytes, str, bytes]) -> bytes:
    """Members by name, type, link, and content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, kind, _, link, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, link, len(content)
            info.devmajor, info.devminor = 1, 5  # /dev/zero
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _file(name: str) -> tuple[str, bytes, bytes, str, bytes]:
    return name, tarfile.REGTYPE, b"", "", page()


def _odd(name: str, kind: bytes, link: str = "") -> tuple[str, bytes, bytes, str, bytes]:
    return name, kind, b"", link, b""


_ODD_MEMBERS = (
    _odd("soft.html", tarfile.SYMTYPE, "/etc/passwd"),
    _odd("up.html", tarfile.SYMTYPE, "../../../../etc/passwd"),
    _odd("self.html", tarfile.SYMTYPE, "self.html"),
    _odd("hard.html", tarfile.LNKTYPE, "/etc/passwd"),
    _odd("device.html", tarfile.CHRTYPE),
    _odd("disk.html", tarfile.BLKTYPE),
    _odd("pipe.html", tarfile.FIFOTYPE),
    _odd("folder.html", tarfile.DIRTYPE),
    _file("a.html"),
)
_NAMES = ("../up.html", "../../../../tmp/up.html", "/etc/cron.d/a.html", "a/../../b.html", "./c.html")
_NAMED = {"#../up.html": OK, "#../../../../tmp/up.html": OK, "#/etc/cron.d/a.html": OK, "#a/../../b.html": OK}


def _header(size: bytes, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A header whose size is written so."""
    header = bytearray(tarfile.TarInfo("a.html").tobuf(tarfile.USTAR_FORMAT))
    header[124:136], header[156:157], header[148:156] = size, kind, b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def _negative(size: int) -> bytes:
    return size.to_bytes(12, "big", signed=True)


_GOOD_TAR = _tar(_file("b.html"))
# What pax says of a member goes before its header.
_PAX_SIZE = _header(b"00000000016\0", tarfile.XHDTYPE) + b"14 size=-1024\n".ljust(512, b"\0")


def _facts(kind: bytes) -> bytes:
    """A name, or further facts, of 300 MB, of which a tenth is there."""
    packer = zlib.compressobj(wbits=31)
    size = 300 << 20
    parts = [packer.compress(_header(b"%011o\0" % size, kind))]
    parts += [packer.compress(bytes(1 << 20)) for _ in range(30)]
    return b"".join((*parts, packer.flush()))


def _tar_bomb() -> bytes:
    return _tar(("a.html", tarfile.REGTYPE, b"", "", _ZEROS), _file("b.html"))


ARCHIVES = (
    Input("ratio.html.gz", lambda: gzip.compress(_ZEROS), {"": ("too_large", "a gzip bomb")}),
    Input("ratio.html.bz2", lambda: bz2.compress(_ZEROS), {"": ("too_large", "a bzip2 bomb")}),
    Input("ratio.html.xz", lambda: lzma.compress(_ZEROS), {"": ("too_large", "a xz bomb")}),
    Input(
        "ratio.zip",
        lambda: _zip(("a.html", _ZEROS), ("b.html", page())),
        {"#a.html": ("too_large", "a bomb"), "#b.html": OK},
    ),
    Input(
        "ratio-bz2.zip",
        lambda: _zip(("a.html", _ZEROS), ("b.html", page()), method=zipfile.ZIP_BZIP2),
        {"#a.html": ("too_large", "a bomb"), "#b.html": OK},
    ),
    Input(
        "overlapping.zip",
        lambda: _zip_overlapping(50),
        {f"#{n:02}.html": ("empty", "") for n in range(50)},
    ),
    Input("names.zip", lambda: _zip(*((name, page()) for name in _NAMES)), {**_NAMED, "#./c.html": OK}),
    Input("link.zip", _zip_link, {"#a.html": OK}),
    Input("nested.zip", lambda: _zip(("a.zip", _zip(("a.html", page())))), {"#a.zip": ("failed", "unpack")}),
    Input("names.tar", lambda: _tar(*map(_file, _NAMES)), {**_NAMED, "#c.html": OK}),
    Input("odd.tar", lambda: _tar(*_ODD_MEMBERS), {"#a.html": OK}),
    Input("odd.tar.gz", lambda: gzip.compress(_tar(*_ODD_MEMBERS)), {"#a.html": OK}),
    Input("odd.tar.bz2", lambda: bz2.compress(_tar(*_ODD_MEMBERS)), {"#a.html": OK}),
    Input("odd.tar.xz", lambda: lzma.compress(_tar(*_ODD_MEMBERS)), {"#a.html": OK}),
    Input(
        "ratio.tar.gz",
        lambda: gzip.compress(_tar_bomb()),
        {"#a.html": OK, "#b.html": OK},  # within --max-bytes
    ),
    *(
        Input(
            f"{name}.tar{packed}",
            lambda c=content, pack=pack: pack(c + _GOOD_TAR),
            {**before, "": _IMPOSSIBLE},
        )
        for packed, pack in (("", bytes), (".gz", gzip.compress))
        for name, content, before in (
            ("back", _header(_negative(-1024)), {}),
            ("back-odd", _header(_negative(-512), b"Z"), {}),
            ("back-name", _header(_negative(-512), tarfile.GNUTYPE_LONGNAME), {}),
            ("back-facts", _header(_negative(-512), tarfile.XHDTYPE), {}),
            ("back-by-facts", _PAX_SIZE + _header(b"0" * 12), {}),
        )
    ),
    Input("name.tar.gz", lambda: _facts(tarfile.GNUTYPE_LONGNAME), {"": _IMPOSSIBLE}),
    Input("facts.tar.gz", lambda: _facts(tarfile.XHDTYPE), {"": _IMPOSSIBLE}),
    Input(
        "huge.tar",
        lambda: _header(b"\x80" + b"\x7f" * 11) + _GOOD_TAR,
        {"#a.html": ("too_large", "--max-bytes"), "": ("failed", "damaged or ends too early")},
    ),
    Input(
        "letters.tar",
        lambda: _header(b"zz".ljust(12)) + _GOOD_TAR,
        {"#b.html": OK, "": ("failed", "is damaged")},
    ),
)


# Crawls


def _warc(*records: bytes) -> bytes:
    return b"".join(record + b"\r\n\r\n" for record in records)


def _record(
    url: str | None = "https://a.example/",
    *,
    length: str | None = None,
    kind: str = "response",
    status: str = "HTTP/1.1 200 OK",
    more: str = "",
    headers: str = "Content-Type: text/html\r\n",
    body: str = HTML,
) -> bytes:
    answer = f"{status}\r\n{headers}\r\n{body}".encode()
    told = length if length is not None else str(len(answer))
    address = f"WARC-Target-URI: {url}\r\n" if url is not None else ""
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\n{address}{more}Content-Length: {told}\r\n\r\n"
    return head.encode() + answer


def _wacz(name: str, content: bytes) -> bytes:
    """An archive whose directory says that its only member has a petabyte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
        info = archive.getinfo(name)
        info.compress_size = info.file_size = 1 << 50
    return out.getvalue()


def _lying(length: str) -> bytes:
    return _warc(_record(), _record("https://a.example/2", length=length), _record("https://a.example/3"))


_UNREADABLE = _warc(
    _record(),
    _record(None),
    _record("https://a.example/3", status="\x00\xff nonsense"),
    _record("https://a.example/4", headers="no header at all\r\n: x\r\n"),
    _record("https://a.example/5", more="no header at all\r\n: x\r\n"),
    _record("https://a.example/6", more=f"X: {'x' * 100_000}\r\n"),
    _record("https://a.example/7"),
)

_DAMAGED: Row = ("failed", "the WARC record is damaged")
_LARGER: Row = ("failed", "larger than the archive")
_NOT_READ: Row = ("failed", "the headers of the WARC record cannot be read")
_ONE_DAMAGED = {"#1": OK, "#2": _DAMAGED, "#3": OK}
_READ = {"#1": OK, "#2": _NOT_READ, "#3": _NOT_READ, "#4": OK, "#5": OK, "#6": _DAMAGED, "#7": OK}
_CHUNKED = "Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n"

CRAWLS = (
    *(
        Input(f"{name}.warc", lambda told=length: _lying(told), _ONE_DAMAGED)
        for name, length in (
            ("more", "999999"),
            ("below-zero", "-1"),
            ("huge", "9" * 15),
            ("endless", "9" * 5_000),
            ("letters", "many"),
            ("none", ""),
        )
    ),
    Input(
        "less.warc",
        lambda: _lying("40"),
        {"#1": OK, "#2": ("empty", ""), "#3": _DAMAGED, "#4": OK},
    ),
    Input("petabyte.wacz", lambda: _wacz("archive/a.warc", _warc(_record())), {"": _LARGER}),
    Input(
        "petabyte-gz.wacz", lambda: _wacz("archive/a.warc.gz", gzip.compress(_warc(_record()))), {"": _LARGER}
    ),
    Input("petabyte-list.wacz", lambda: _wacz("pages/pages.jsonl", b"{}"), {"": ("failed", "damaged")}),
    Input("unreadable.warc", lambda: _UNREADABLE, _READ),
    Input("unreadable-whole.warc.gz", lambda: gzip.compress(_UNREADABLE), _READ),
    Input(
        "bodies.warc",
        lambda: _warc(
            _record(headers=_CHUNKED, body="fffffff\r\n" + HTML),
            _record(headers=_CHUNKED, body="-1\r\n" + HTML),
            _record(headers="Content-Type: text/html\r\nContent-Encoding: gzip\r\n"),
            _record("javascript:alert(1)"),
            _record("https://a.example/" + "a" * 60_000),
            _record("https://a.example/\u202e"),
            _record("dns:a.example", headers="", status="20240531 a.example"),
        ),
        {"#1": OK, "#2": OK, "#3": OK, "#5": OK, "#6": OK},
    ),
)


# Records and tables


def _lines(*records: object) -> bytes:
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in records)


_GOOD = {"url": "https://a.example/", "html": HTML}


def _parquet(columns: dict[str, object], **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def _parquet_bomb() -> bytes:
    large = pa.array([HTML + " " * 30_000_000])
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000, pa.int32()), large)
    return _parquet({"html": column}, compression="zstd")


def _mhtml(depth: int) -> bytes:
    heads = "".join(
        f'Content-Type: multipart/related; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(depth)
    )
    ends = "".join(f"\r\n--b{n}--\r\n" for n in reversed(range(depth)))
    return f"MIME-Version: 1.0\r\n{heads}Content-Type: text/html\r\n\r\n{HTML}{ends}".encode()


_NO_TEXT: Row = ("failed", "not a text")
_NO_JSON: Row = ("failed", "the line is no JSON")
_NO_OBJECT: Row = ("failed", "not an object with fields")
_LINES = (
    (_GOOD, OK),
    (b"[" * 100_000, ("failed", "nested too deeply")),
    (b'{"html":' * 100_000, ("failed", "nested too deeply")),
    (b'{"html": ' + b"9" * 5_000 + b"}", _NO_JSON),
    ({"html": ["<p>x"]}, _NO_TEXT),
    ({"html": {"html": HTML}}, _NO_TEXT),
    ({"html": None}, ("empty", "")),
    ({"html": True}, _NO_TEXT),
    ([], _NO_OBJECT),
    (None, _NO_OBJECT),
    (b'{"html": "a" "b"}', _NO_JSON),
    (b"\xff\xfe\xff", _NO_JSON),
    (b'{"html": "<p>x", "html": 1}', _NO_TEXT),
    ({"html": HTML, "url": "javascript:alert(1)"}, OK),
    ({"html": HTML, "url": {"x": 1}}, OK),
    ({"html": HTML, "url": "https://a.example/\x00\u202e"}, OK),
    ({"html": HTML, "url": "https://a.example/\ud800"}, OK),
    ({"html": HTML + "\ud800\x00"}, OK),
    (
        {"\x1b[31m\n" + "x" * 100_000: HTML},
        ("failed", "the record has no field 'html' (--html-field); it has \ufffd[31m x"),
    ),
    ({"__proto__": 1, "html": HTML, "__class__": "x"}, OK),
)

RECORDS = (
    Input(
        "hostile.jsonl",
        lambda: _lines(*(line for line, _ in _LINES)),
        {f"#{number}": row for number, (_, row) in enumerate(_LINES, 1)},
    ),
    Input(
        "bomb.jsonl.gz",
        lambda: gzip.compress(_lines(_GOOD) + b" " * 140_000_000, 1),
        {"#1": OK, "#2": ("too_large", "a gzip bomb")},
    ),
    Input(
        "deep.json",
        lambda: b"[" + json.dumps(_GOOD).encode() + b"," + b'{"a":' * 100_000 + b"]",
        {"#1": OK, "#2": ("failed", "nested too deeply")},
    ),
    Input("bomb.parquet", _parquet_bomb, {"#1": ("too_large", "a Parquet bomb")}),
    Input(
        "hostile.parquet",
        lambda: _parquet(
            {
                "html": pa.array([page(), b"\xff\xfe\x00", b"", None, page()], pa.binary()),
                "url": pa.array(["https://a.example/", "javascript:x", None, "", "data:x"]),
            }
        ),
        {"#1": OK, "#2": ("empty", ""), "#3": ("empty", ""), "#4": ("empty", ""), "#5": OK},
    ),
    Input("cut.parquet", lambda: _parquet({"html": [HTML]})[:-9], {"#1": ("failed", "cut off")}),
    Input(
        "lying.parquet",
        lambda: b"PAR1" + b"\xff" * 40 + b"\xff\xff\xff\x7fPAR1",
        {"#1": ("failed", "the Parquet file is damaged")},
    ),
    Input(
        "hostile.csv",
        lambda: f'html,url\n"{HTML.replace(chr(34), chr(34) * 2)}",x\n"\0",\n"open,\n'.encode(),
        {"#1": OK, "#2": ("empty", ""), "#3": ("failed", "not closed")},
    ),
    Input("deep.mhtml", lambda: _mhtml(3_000), {"": ("failed", "parts inside parts")}),
    Input(
        "endless.mhtml",
        lambda: b"Content-Type: multipart/related; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 50_000,
        {"": ("failed", "holds no part of HTML")},
    ),
    Input(
        "coded.mhtml",
        lambda: (
            b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(page())
            + b"=!\xff" * 100
        ),
        {"": OK},
    ),
)
INPUTS = (*ARCHIVES, *CRAWLS, *RECORDS)
