"""Pages in WARC and WACZ files: which records are pages, and that a broken record costs itself only."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import tarfile
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.model import Page, Status
from pipeline.sources import Options, load, plan, read, survey
from pipeline.sources import warc as warc_files
from tests.memory import peak_of_reading

PAGE = b"<!doctype html><title>Salt</title><p>Salt.</p>"
HTML = "text/html; charset=iso-8859-1"


class Crawl:
    """A WARC file under way; `starts` are the offsets of its records."""

    def __init__(self, *, packed: bool = True) -> None:
        self.out = io.BytesIO()
        self.starts: list[int] = []
        self._writer = WARCWriter(self.out, gzip=packed)

    def add(
        self,
        url: str,
        body: bytes = PAGE,
        content_type: str | None = HTML,
        status: str = "200 OK",
        kind: str = "response",
        date: str = "2024-05-31T10:00:00Z",
        **headers: str,
    ) -> Crawl:
        self.starts.append(self.out.tell())
        told = [("Content-Type", content_type)] if content_type is not None else []
        told += [(name.replace("_", "-"), value) for name, value in headers.items()]
        http = (
            StatusAndHeaders(status, told, protocol="HTTP/1.1") if kind in ("response", "revisit") else None
        )
        if kind == "request":
            http = StatusAndHeaders("GET / HTTP/1.1", [("Host", "a.example")], is_http_request=True)
        record = self._writer.create_warc_record(
            url,
            kind,
            payload=io.BytesIO(body),
            warc_content_type=content_type or "" if kind == "resource" else "",
            http_headers=http,
            warc_headers_dict={"WARC-Date": date},
        )
        self._writer.write_record(record)
        return self

    def info(self) -> Crawl:
        self.starts.append(self.out.tell())
        self._writer.write_record(self._writer.create_warcinfo_record("a.warc.gz", {"software": "test"}))
        return self

    @property
    def content(self) -> bytes:
        return self.out.getvalue()


def pages(path: Path) -> list[Page]:
    """The pages of an input, read in both ways: gone through, and listed and loaded one by one."""
    through = list(read([str(path)]))
    assert [load(item) for item in plan([str(path)])] == through
    assert len({page.article_id for page in through}) == len(through)
    return through


def outcome(page: Page) -> tuple[str, str]:
    return page.article_id, str(page.problem.status) if page.problem else "ok"


def noise(number: int) -> bytes:
    return b"<p>" + random.Random(number).randbytes(1_500).hex().encode()


@pytest.mark.parametrize("packed", [True, False])
def test_pages_of_a_crawl(tmp_path: Path, packed: bool) -> None:
    crawl = Crawl(packed=packed).info()
    crawl.add("http://a.example/", kind="request", body=b"")
    crawl.add("http://a.example/one", b"caf\xe9 <p>")
    crawl.add("http://a.example/salt.png", b"\x89PNG", "image/png")
    crawl.add("http://a.example/two", content_type="application/xhtml+xml")
    crawl.add("http://a.example/moved", status="301 Moved Permanently", Location="/two")
    crawl.add("http://a.example/gone", status="404 Not Found")
    crawl.add("http://a.example/untold", content_type=None)
    crawl.add("http://a.example/data", b"{}", content_type=None)
    crawl.add("http://a.example/file", kind="resource", content_type="text/html")
    crawl.add("urn:screenshot:x", kind="resource", content_type="text/html")
    crawl.add("http://a.example/again", kind="revisit", body=b"")
    name = "a.warc.gz" if packed else "a.warc"
    (tmp_path / name).write_bytes(crawl.content)
    found = pages(tmp_path / name)
    assert [(page.article_id, page.url) for page in found] == [
        (f"{name}#3", "http://a.example/one"),
        (f"{name}#5", "http://a.example/two"),
        (f"{name}#7", "http://a.example/gone"),
        (f"{name}#8", "http://a.example/untold"),
        (f"{name}#10", "http://a.example/file"),
    ]
    assert found[0].content == b"caf\xe9 <p>"
    assert (found[0].content_type, found[0].url_source, found[0].source) == (
        HTML,
        "warc",
        str(tmp_path / name),
    )
    assert outcome(found[2])[1] == "error_page"
    assert "404" in found[2].problem.reason  # type: ignore[union-attr]
    assert found[4].content_type == "text/html"


def chunked(body: bytes, size: int = 7) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


CODED = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", lambda body: _packed(body, "brotli")),
    "zstd": ("zstd", lambda body: _packed(body, "zstd")),
    "unpacked by the crawler": ("br", bytes),
    "gzip, unpacked by the crawler": ("gzip", bytes),
}


def _packed(body: bytes, codec: str) -> bytes:
    packed: bytes = pa.compress(body, codec=codec, asbytes=True)
    return packed


@pytest.mark.parametrize("name", CODED)
@pytest.mark.parametrize("in_chunks", [True, False])
def test_bodies_as_servers_send_them(tmp_path: Path, name: str, in_chunks: bool) -> None:
    encoding, pack = CODED[name]
    body = pack(PAGE * 30)
    headers = {"Content_Encoding": encoding} | ({"Transfer_Encoding": "chunked"} if in_chunks else {})
    crawl = Crawl().add("http://a.example/", chunked(body) if in_chunks else body, **headers)
    (tmp_path / "a.warc.gz").write_bytes(crawl.content)
    [page] = pages(tmp_path / "a.warc.gz")
    assert (page.content, page.problem) == (PAGE * 30, None)
    [page] = read([str(tmp_path / "a.warc.gz")], max_bytes=1_000)
    assert outcome(page)[1] == "too_large"


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_damaged_bodies(tmp_path: Path, name: str) -> None:
    encoding, pack = CODED[name]
    body = pack(noise(1))
    crawl = Crawl().add("http://a.example/", body[: len(body) // 2], Content_Encoding=encoding)
    crawl.add("http://a.example/", PAGE, Content_Encoding="x-unheard-of").add("http://a.example/")
    crawl.add("http://a.example/", b"\1\2\3", Content_Encoding="x-unheard-of")
    (tmp_path / "a.warc.gz").write_bytes(crawl.content)
    found = pages(tmp_path / "a.warc.gz")
    assert [outcome(page)[1] for page in found] == ["failed", "ok", "ok", "failed"]


@pytest.mark.parametrize("packed", [True, False])
def test_a_damaged_record_costs_itself(tmp_path: Path, packed: bool) -> None:
    crawl = Crawl(packed=packed)
    for number in range(5):
        crawl.add(f"http://a.example/{number}", noise(number))
    whole, starts = crawl.content, crawl.starts
    path = tmp_path / ("a.warc.gz" if packed else "a.warc")
    for at, length in ((0, 6), (1, 30), (12, 90), (700, 50)):
        damaged = bytearray(whole)
        damaged[starts[2] + at : starts[2] + at + length] = bytes(length)
        path.write_bytes(bytes(damaged))
        found = pages(path)
        assert [page.content for page in found[:2]] == [noise(0), noise(1)]
        assert [page.content for page in found[-2:]] == [noise(3), noise(4)]
        assert len(found) == 5
        assert found[2].problem is not None or not packed


@pytest.mark.parametrize("packed", [True, False])
def test_a_wrong_length_costs_its_record(tmp_path: Path, packed: bool) -> None:
    plain = Crawl(packed=False)
    for number in range(4):
        plain.add(f"http://a.example/{number}", noise(number))
    records = [plain.content[a:b] for a, b in zip(plain.starts, [*plain.starts[1:], None], strict=True)]
    at = records[1].index(b"Content-Length: ") + 16
    path = tmp_path / ("a.warc.gz" if packed else "a.warc")
    for length in (b"9999999", b"100", b"12x", b""):
        wrong = records[1][:at] + length + records[1][records[1].index(b"\r\n", at) :]
        parts = [records[0], wrong, *records[2:]]
        path.write_bytes(b"".join(map(gzip.compress, parts) if packed else parts))
        found = pages(path)
        assert [page.content for page in found if page.problem is None and page.url[-1:] != "1"] == [
            noise(0),
            noise(2),
            noise(3),
        ]
        assert len(found) == 4
        assert found[1].problem is not None or length == b"100"


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_cut_anywhere(tmp_path: Path, packed: bool) -> None:
    crawl = Crawl(packed=packed)
    for number in range(4):
        crawl.add(f"http://a.example/{number}", noise(number))
    whole, starts = crawl.content, [*crawl.starts, len(crawl.content)]
    path = tmp_path / ("a.warc.gz" if packed else "a.warc")
    for cut in range(1, len(whole), 397):
        path.write_bytes(whole[:cut])
        found = pages(path)
        complete = sum(end <= cut + (0 if packed else 4) for end in starts[1:])
        assert [page.content for page in found[:complete]] == [noise(number) for number in range(complete)]
        begun = sum(start < cut for start in starts[:-1])
        assert begun - 1 <= len(found) <= begun
        assert all(page.problem is not None for page in found[complete:])


def test_a_file_packed_as_a_whole(tmp_path: Path) -> None:
    crawl = Crawl(packed=False).info()
    for number in range(6):
        crawl.add(f"http://a.example/{number}", noise(number))
    packed = gzip.compress(crawl.content)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(packed)
    found = pages(path)
    assert [page.content for page in found] == [noise(number) for number in range(6)]
    assert [page.article_id for page in found] == [f"a.warc.gz#{number}" for number in range(2, 8)]
    path.write_bytes(packed[: len(packed) // 2])
    *good, last = pages(path)
    assert [page.content for page in good] == [noise(number) for number in range(len(good))]
    assert len(good) >= 2
    assert outcome(last)[1] == "failed"


def test_web_archives_in_archives(tmp_path: Path) -> None:
    content = Crawl().info().add("http://a.example/1").add("http://a.example/2", b"<p>b").content
    with zipfile.ZipFile(tmp_path / "in.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.warc.gz", content)
    with tarfile.open(tmp_path / "in.tgz", "w:gz") as tar:
        info = tarfile.TarInfo("a.warc.gz")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    found = pages(tmp_path)
    assert [page.article_id for page in found] == [
        f"in.{kind}#a.warc.gz#{number}" for kind in ("tgz", "zip") for number in (2, 3)
    ]
    assert [page.content for page in found] == [PAGE, b"<p>b"] * 2


@pytest.mark.parametrize(
    "content", [b"", b"hello\n" * 50, gzip.compress(b"hello\n" * 50, mtime=0), bytes(2_000)]
)
@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_what_is_no_web_archive(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    [page] = pages(tmp_path / name)
    assert outcome(page)[1] in ("failed", "empty")


@given(st.binary(max_size=300))
def test_any_bytes_end(content: bytes) -> None:
    for start in (b"", b"WARC/1.0\r\n", gzip.compress(b"WARC/1.0\r\nContent-Length: 9\r\n\r\n")):
        stream = io.BytesIO(start + content)
        try:
            spans = list(warc_files.spans(stream, 0, len(start + content)))
        except warc_files.Whole:
            continue
        assert all(span.length > 0 for span in spans)
        assert all(one.start < other.start for one, other in pairwise(spans))


@given(st.lists(st.binary(max_size=400), max_size=4), st.booleans())
def test_any_body_comes_through(bodies: list[bytes], packed: bool) -> None:
    crawl = Crawl(packed=packed).info()
    for body in bodies:
        crawl.add("http://a.example/", body)
    stream = io.BytesIO(crawl.content)
    spans = list(warc_files.spans(stream, 0, len(crawl.content)))
    assert [span.start for span in spans] == crawl.starts
    assert all(span.problem is None for span in spans)


@pytest.mark.parametrize("packed", [True, False])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "a.warc.gz"

    def peak(count: int) -> int:
        crawl = Crawl(packed=packed)
        for number in range(count):
            crawl.add("http://a.example/", noise(number) * 10)
        path.write_bytes(crawl.content)
        del crawl
        return peak_of_reading(path)

    peak(5)  # what is imported once
    small, large = peak(40), peak(400)
    assert large < small * 1.1 + 50_000


# WACZ


def wacz(path: Path, *warcs: bytes, lists: dict[str, list[object]], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("datapackage.json", "{}")
        for number, content in enumerate(warcs):
            out.writestr(f"archive/{number}.warc.gz", content, method)
        for name, lines in lists.items():
            header = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
            text = "".join(json.dumps(line) + "\n" for line in [header, *lines])
            out.writestr(f"pages/{name}.jsonl", text, zipfile.ZIP_DEFLATED)
    return path


def listed(url: str, ts: str = "2024-05-31T10:00:00Z") -> dict[str, str]:
    return {"id": "x", "url": url, "ts": ts, "title": "Salt"}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("whole", [False, True])
def test_listed_pages_only(tmp_path: Path, method: int, whole: bool) -> None:
    first = Crawl(packed=not whole).add("http://a.example/frame").add("http://a.example/two", b"<p>two")
    first.add("http://a.example/old", status="302 Found", Location="/new")
    second = (
        Crawl(packed=not whole).add("http://a.example/new", b"<p>new").add("http://a.example/one", b"<p>one")
    )
    second.add("http://a.example/report", b"%PDF", "application/pdf")
    contents = [gzip.compress(crawl.content) if whole else crawl.content for crawl in (first, second)]
    lists: dict[str, list[object]] = {
        "pages": [listed("http://a.example/one#top"), listed("http://a.example/old")],
        "extraPages": [
            listed("http://a.example/two"),
            listed("http://a.example/report"),
            listed("http://a.example/none"),
            ["no", "page"],
            listed("http://a.example/one"),
        ],
    }
    found = pages(wacz(tmp_path / "a.wacz", *contents, lists=lists, method=method))
    assert [(*outcome(page), page.content) for page in found] == [
        ("a.wacz#1", "ok", b"<p>one"),
        ("a.wacz#2", "ok", b"<p>new"),
        ("a.wacz#3", "ok", b"<p>two"),
        ("a.wacz#4", "not_html", b""),
        ("a.wacz#5", "failed", b""),
        ("a.wacz#6", "failed", b""),
    ]
    assert found[1].url == "http://a.example/new"
    assert found[4].url == "http://a.example/none"


def test_pages_fetched_twice(tmp_path: Path) -> None:
    crawl = Crawl().add("http://a.example/", b"<p>new", date="2024-06-01T00:00:00Z")
    crawl.add("http://a.example/", b"<p>old", date="2023-06-01T00:00:00Z")
    lists: dict[str, list[object]] = {
        "pages": [
            listed("http://a.example/", "2023-06-01T00:00:00.123Z"),
            listed("http://a.example/", "2024-06-01T00:00:00.123Z"),
        ]
    }
    found = pages(wacz(tmp_path / "a.wacz", crawl.content, lists=lists))
    assert [page.content for page in found] == [b"<p>old", b"<p>new"]


def test_an_archive_without_lists(tmp_path: Path) -> None:
    first = Crawl().info().add("http://a.example/1", b"<p>1").content
    second = Crawl().add("http://a.example/2", b"<p>2").content
    found = pages(wacz(tmp_path / "a.wacz", first, second, lists={}))
    assert [(page.article_id, page.content) for page in found] == [
        ("a.wacz#2", b"<p>1"),
        ("a.wacz#3", b"<p>2"),
    ]


def test_damaged_archives(tmp_path: Path) -> None:
    crawl = Crawl()
    for number in range(3):
        crawl.add(f"http://a.example/{number}", noise(number))
    content = bytearray(crawl.content)
    content[crawl.starts[1] : crawl.starts[1] + 60] = bytes(60)
    lists: dict[str, list[object]] = {"pages": [listed(f"http://a.example/{number}") for number in range(3)]}
    path = wacz(tmp_path / "a.wacz", bytes(content), lists=lists)
    found = pages(path)
    assert [outcome(page) for page in found] == [
        ("a.wacz#record 2", "failed"),
        ("a.wacz#1", "ok"),
        ("a.wacz#2", "failed"),
        ("a.wacz#3", "ok"),
    ]
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert [outcome(page) for page in pages(path)] == [("a.wacz", "failed")]


def test_the_address_of_a_record_is_the_article_s(tmp_path: Path) -> None:
    assert Status.ERROR_PAGE == "error_page"
    (tmp_path / "a.warc.gz").write_bytes(Crawl().add("http://a.example/1").content)
    [page] = pages(Path(f"{tmp_path}/a.warc.gz#1"))
    assert page.url == "http://a.example/1"
    assert survey([f"{tmp_path}/a.warc.gz#1"], Options()).total == 1


def test_a_web_archive_at_an_address() -> None:
    fsspec = pytest.importorskip("fsspec")
    system, place = fsspec.filesystem("memory"), f"/crawl-{os.getpid()}/a.warc.gz"
    system.pipe_file(place, Crawl().info().add("http://a.example/1").content)
    [entry] = survey([f"memory:/{place}"]).entries()
    page = load(entry)
    assert (page.article_id, page.content) == ("a.warc.gz#2", PAGE)
