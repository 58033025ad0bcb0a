"""Pages in containers: what they are called, that their bytes come through, that what is broken costs itself only."""

from __future__ import annotations

import base64
import bz2
import csv
import gzip
import io
import json
import lzma
import os
import quopri
import random
import struct
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.model import Page
from pipeline.sources import Options, delimited, json_array, load, plan, read, survey
from pipeline.sources.item import Reading
from pipeline.sources.json_lines import spans

PAGE = b"<!doctype html><title>Salt</title><p>Salt.</p>"
BEFORE, AFTER = PAGE.replace(b"Salt.", b"Before."), PAGE.replace(b"Salt.", b"After.")


def pages(path: Path, max_bytes: int = 100_000, **options: str) -> list[Page]:
    """The pages of an input, read in both ways: gone through, and listed and loaded one by one."""
    given = Options(**options)
    through = list(read([str(path)], max_bytes=max_bytes, options=given))
    listed = [load(item, max_bytes) for item in plan([str(path)], given)]
    if max_bytes >= 100_000:
        assert listed == through
    assert len({page.article_id for page in through}) == len(through)
    for page in through:
        page.article_id.encode("utf-8")
        assert page.problem is None or (page.content == b"" and page.problem.reason)
    return through


def outcome(page: Page) -> tuple[str, str]:
    return page.article_id, str(page.problem.status) if page.problem else "ok"


# JSON lines


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def record(content: bytes = PAGE, **fields: object) -> dict[str, object]:
    return {"url": "https://a.example/salt", "html": content.decode(), **fields}


PACKERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("", bytes),
    (".gz", gzip.compress),
    (".bz2", bz2.compress),
    (".xz", lzma.compress),
]


@pytest.mark.parametrize(("suffix", "pack"), PACKERS)
def test_json_lines(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / f"items.jsonl{suffix}"
    path.write_bytes(
        pack(b"\xef\xbb\xbf" + lines(record(), record(BEFORE)) + b"\n  \n" + lines(record(AFTER)))
    )
    first, second, third = pages(path)
    assert [first.article_id, second.article_id, third.article_id] == [
        f"items.jsonl{suffix}#{number}" for number in (1, 2, 5)
    ]
    assert (first.content, second.content, third.content) == (PAGE, BEFORE, AFTER)
    assert (first.url, first.url_source) == ("https://a.example/salt", "record")
    assert (first.source, first.media_type) == (str(path), "text/html")


@pytest.mark.parametrize(("suffix", "pack"), PACKERS)
def test_a_broken_line_costs_itself(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / f"items.jsonl{suffix}"
    odd: list[object] = ["a text", 5, None, [1], {}, {"html": None}, {"html": 7}, {"html": {"a": 1}}]
    whole = lines(record(), *odd, record(AFTER))
    path.write_bytes(pack(b"{not json}\n" + whole[:-20]))
    found = pages(path)
    assert [outcome(page) for page in found] == [
        (f"items.jsonl{suffix}#{number}", "ok" if number in (2, 8) else "failed") for number in range(1, 12)
    ]
    assert found[1].content == PAGE
    assert found[7].content == b""  # null: a page that is empty
    assert "cut off" in found[-1].problem.reason  # type: ignore[union-attr]
    assert "--html-field" in found[6].problem.reason  # type: ignore[union-attr]


def test_a_truncated_packing_costs_the_record_it_was_cut_in(tmp_path: Path) -> None:
    noise = random.Random(1)
    records = [record(PAGE + noise.randbytes(900).hex().encode(), number=number) for number in range(30)]
    packed = gzip.compress(lines(*records[:15])) + gzip.compress(lines(*records[15:]))
    path = tmp_path / "items.jsonl.gz"
    for end in range(20, len(packed), len(packed) // 23):
        path.write_bytes(packed[:end])
        *whole, last = list(read([str(path)])) if end > 1_500 else [None]
        for number, page in enumerate(whole, 1):
            assert page.article_id == f"items.jsonl.gz#{number}"
            assert page.content.decode() == records[number - 1]["html"]
        if last is not None:
            assert last.problem is not None
            assert "too early" in last.problem.reason
            assert last.article_id == f"items.jsonl.gz#{len(whole) + 1}"


def test_damaged_packing_gives_all_that_stands_before_it(tmp_path: Path) -> None:
    noise = random.Random(2)
    records = [record(PAGE + noise.randbytes(900).hex().encode()) for _ in range(200)]
    packed = bytearray(gzip.compress(lines(*records)))
    at = len(packed) * 3 // 4
    packed[at : at + 40] = bytes(40)
    path = tmp_path / "items.jsonl.gz"
    path.write_bytes(bytes(packed))
    *whole, last = read([str(path)])
    assert last.problem is not None
    good = [page for page in whole if page.problem is None]
    assert len(good) > 140
    assert [page.content.decode() for page in good[:140]] == [one["html"] for one in records[:140]]


@given(st.lists(st.text(max_size=60), max_size=6), st.sampled_from(["\n", "\r\n", "\n\n", "\n \t\n"]))
def test_the_text_of_any_record_comes_through(texts: list[str], end: str) -> None:
    packed = "".join(json.dumps({"h": text}) + end for text in texts).encode()
    found = [packed[start : start + length] for _, start, length in spans(io.BytesIO(packed))]
    assert [json.loads(line)["h"] for line in found] == texts


@given(st.binary(max_size=300))
def test_spans_are_the_lines_that_are_not_blank(content: bytes) -> None:
    expected = [
        (number, line.rstrip(b"\n")) for number, line in enumerate(io.BytesIO(content), 1) if line.strip()
    ]
    found = [
        (number, content[start : start + length]) for number, start, length in spans(io.BytesIO(content))
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("fields", "html", "url"),
    [
        ({"title": "Salt", "body": "<p>Salt.</p>", "link": "https://a.example/"}, "body", "link"),
        (
            {"text": "Salt.", "HTML_Content": "<p>Salt.</p>", "pageURL": "http://a.example/"},
            "HTML_Content",
            "pageURL",
        ),
        ({"response": {"body": "<p>Salt.</p>", "url": "http://a.example/"}}, "response.body", "response.url"),
        ({"article": "Salt.", "zzz": "<p>Salt.</p>", "url": "not one", "page": 1}, "zzz", ""),
        ({"html": "", "raw": "<p>Salt.</p>"}, "raw", ""),
    ],
)
def test_fields_are_guessed_and_told(tmp_path: Path, fields: dict[str, object], html: str, url: str) -> None:
    path = tmp_path / "items.jsonl"
    path.write_bytes(lines({"other": 1}, fields))
    found = survey([str(path)])
    broken, page = (load(entry) for entry in found.entries())
    assert broken.problem is not None
    assert (page.content, bool(page.url)) == (b"<p>Salt.</p>", bool(url))
    [guessed] = found.notes.account()["guessed"]  # type: ignore[misc]
    assert guessed == {"html_field": html, "url_field": url, "files": 1, "first": "items.jsonl"}
    assert html in " ".join(found.notes.told())


def test_fields_that_are_named_are_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_bytes(
        lines({"html": "<p>No.</p>", "text": "Low sodium.", "url": "http://a.example", "at": "http://b"})
    )
    [page] = pages(path, html_field="text", url_field="at")
    assert (page.content, page.media_type, page.url) == (b"Low sodium.", "text/plain", "http://b")
    assert not survey([str(path)], Options("text", "at")).notes.guessed


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.jsonl.gz"])
def test_a_file_of_records_that_holds_none_is_a_row(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"") if name.endswith(".gz") else b"")
    for path in (tmp_path, tmp_path / name):
        assert [outcome(page) for page in pages(path)] == [(name, "empty")]
    if name != "a.csv":
        (tmp_path / name).write_bytes(gzip.compress(b'{"a')[:-9] if name.endswith(".gz") else b'{"a')
        assert [outcome(page) for page in pages(tmp_path)] == [(f"{name}#1", "failed")]


def test_records_without_a_page(tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_bytes(lines({"title": "Salt", "text": "Salt is salty."}))
    for path in (tmp_path, tmp_path / "items.jsonl"):
        with pytest.raises(SourceError, match="--html-field"):
            survey([str(path)])
        with pytest.raises(SourceError, match="is called 'body'"):
            survey([str(path)], Options(html_field="body"))
    (tmp_path / "a.html").write_bytes(PAGE)
    found = survey([str(tmp_path)])
    assert [entry.article_id for entry in found.entries()] == ["a.html"]
    assert sum(found.notes.left_out.values()) == 1


def test_bytes_that_are_no_utf8_come_through(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_bytes(b'{"html": "<p>caf\xe9</p>"}\n{"html": "<p>\\ud83d</p>"}\n')
    first, second = pages(path)
    assert first.content == b"<p>caf\xe9</p>"
    assert second.content == b"<p>?</p>"


def test_a_record_above_the_limit(tmp_path: Path) -> None:
    big = record(b"<p>" + b"x" * 5_000)
    for name, pack in (("items.jsonl", bytes), ("items.jsonl.gz", gzip.compress)):
        path = tmp_path / name
        path.write_bytes(pack(lines(record(), big, {"html": "<p>", "other": "y" * 2_000_000}, record(AFTER))))
        found = list(read([str(path)], max_bytes=1_000))
        assert [outcome(page)[1] for page in found] == ["ok", "too_large", "too_large", "ok"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(count: int, path: Path, pack: Callable[[bytes], bytes]) -> int:
        line = lines(record(PAGE + random.Random(3).randbytes(10_000).hex().encode()))
        with path.open("wb") as stream:
            for _ in range(count):
                stream.write(pack(line))
        tracemalloc.start()
        for entry in survey([str(path)]).entries():
            load(entry)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    for name, pack in (("items.jsonl", bytes), ("items.jsonl.gz", gzip.compress)):
        small, large = (peak(count, tmp_path / name, pack) for count in (100, 1_000))
        assert large < small * 1.1 + 100_000


# JSON arrays


ARRAYS = {
    "as Scrapy writes them": "[\n{}\n]",
    "one after the other": "{}",
    "in one line": "[{}]",
}


def array(form: str, *records: object, indent: int | None = None) -> bytes:
    between = "\n" if form == "{}" else ", " if form == "[{}]" else ",\n"
    return form.format(between.join(json.dumps(one, indent=indent) for one in records)).encode()


@pytest.mark.parametrize("form", ARRAYS.values(), ids=ARRAYS)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_arrays(tmp_path: Path, form: str, indent: int | None) -> None:
    path = tmp_path / "items.json"
    path.write_bytes(
        b"\xef\xbb\xbf" + array(form, record(), 7, record(AFTER, more=[{"a": 1}]), indent=indent)
    )
    first, second, third = pages(path)
    assert [page.article_id for page in (first, second, third)] == [f"items.json#{n}" for n in (1, 2, 3)]
    assert (first.content, first.url_source, third.content) == (PAGE, "record", AFTER)
    assert "a number" in second.problem.reason  # type: ignore[union-attr]
    gzipped = tmp_path / "items.json.gz"
    gzipped.write_bytes(gzip.compress(path.read_bytes()))
    assert [page.content for page in pages(gzipped)] == [PAGE, b"", AFTER]


def test_one_object_is_one_page(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(json.dumps(record(), indent=1).encode())
    assert [outcome(page) for page in pages(tmp_path)] == [("a.json#1", "ok")]


@pytest.mark.parametrize("form", ARRAYS.values(), ids=ARRAYS)
def test_a_broken_object_costs_itself(tmp_path: Path, form: str) -> None:
    records = [record(PAGE + str(number).encode()) for number in range(5)]
    whole = array(form, *records)
    at = whole.index(b"</p>2")
    path = tmp_path / "items.json"
    path.write_bytes(whole[:at] + b'"' + whole[at:])
    found = pages(path)
    assert [outcome(page)[1] for page in found] == ["ok", "ok", "failed", "ok", "ok"]
    path.write_bytes(whole[:-20])
    *good, last = pages(path)
    assert [page.content.decode() for page in good] == [one["html"] for one in records[:4]]
    assert "cut off" in last.problem.reason  # type: ignore[union-attr]


_JSON_VALUES = st.dictionaries(
    st.text(max_size=5), st.text(max_size=40) | st.integers() | st.none(), max_size=4
)


@given(
    st.lists(_JSON_VALUES, max_size=6),
    st.sampled_from(list(ARRAYS.values())),
    st.booleans(),
    st.integers(1, 50),
)
def test_json_values_come_through_in_any_blocks(
    records: list[dict[str, object]], form: str, ascii_only: bool, block: int
) -> None:
    between = "\n" if form == "{}" else ","
    text = form.format(between.join(json.dumps(one, ensure_ascii=ascii_only) for one in records))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_array, "_BLOCK", block)
        assert [value for _, value in json_array.records(io.BytesIO(text.encode()), Reading())] == records


@given(st.binary(max_size=200))
def test_any_bytes_as_json_end(content: bytes) -> None:
    found = list(json_array.records(io.BytesIO(b"[" + content), Reading()))
    assert [number for number, _ in found] == list(range(1, len(found) + 1))


# Tables


def table(rows: Sequence[Sequence[str]], separator: str = ",", end: str = "\r\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("name", "separator", "encoding"),
    [
        ("a.csv", ",", "utf-8"),
        ("a.csv", ";", "utf-8-sig"),
        ("a.tsv", "\t", "utf-8"),
        ("a.csv", ",", "utf-16"),
    ],
)
@pytest.mark.parametrize(("suffix", "pack"), PACKERS[:2])
def test_delimited(
    tmp_path: Path, name: str, separator: str, encoding: str, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    html = PAGE.decode() + '\r\n\n "quoted", caf\xe9; \t\0'
    rows = [["url", " html ", "n"], ["http://a.example", html, "1"], [], ["", "<p>b", "2"], ["x", "", "3"]]
    path = tmp_path / (name + suffix)
    path.write_bytes(pack(table(rows, separator).decode().encode(encoding)))
    first, second, third = pages(path)
    assert first.content.decode() == html
    assert (first.url, first.url_source) == ("http://a.example", "record")
    assert [page.article_id for page in (first, second, third)] == [f"{path.name}#{n}" for n in (1, 2, 3)]
    assert (second.content, third.content) == (b"<p>b", b"")


def test_bad_rows_cost_themselves(tmp_path: Path) -> None:
    good = [["url", "html"], ["http://a.example", PAGE.decode()]]
    path = tmp_path / "a.csv"
    bad = b"only\r\na,b,c\r\n" + b'u,"<p>caf\xe9"\n' + b'u,"<p>cut, off'
    path.write_bytes(table(good) + bad)
    found = pages(path)
    assert [outcome(page)[1] for page in found] == ["ok", "failed", "failed", "ok", "failed"]
    assert found[3].content == b"<p>caf\xe9"
    assert "1 cells, the header 2" in found[1].problem.reason  # type: ignore[union-attr]
    assert "cut off" in found[4].problem.reason  # type: ignore[union-attr]
    path.write_bytes(gzip.compress(table([*good, *good[1:] * 40]))[:-12])
    *whole, last = pages(path)
    assert {page.content for page in whole} == {PAGE}
    assert "too early" in last.problem.reason  # type: ignore[union-attr]


def test_a_cell_far_above_the_limit_costs_its_row(tmp_path: Path) -> None:
    big = "<p>" + "long, \n" * 400_000
    path = tmp_path / "a.csv"
    path.write_bytes(table([["url", "html"], ["u", "<p>a"], ["u", big], ["u", "<p>c"]]))
    before = csv.field_size_limit(1_000_000)
    try:
        found = list(read([str(path)], max_bytes=1_000))
    finally:
        csv.field_size_limit(before)
    assert [outcome(page)[1] for page in found] == ["ok", "too_large", "ok"]


@given(
    st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=5),
    st.sampled_from([",", ";", "\t"]),
)
def test_any_cells_come_through(rows: list[tuple[str, str]], separator: str) -> None:
    content = table([("html", "b"), *rows], separator, "\n") if rows else b"html,b"
    found = [row for _, row in delimited.records(io.BytesIO(content), Reading())]
    assert found == [{"html": html, "b": b} for html, b in rows]


def parquet(path: Path, columns: dict[str, object], **options: object) -> Path:
    pq.write_table(pa.table(columns), path, **options)
    return path


def test_parquet(tmp_path: Path) -> None:
    columns = {
        "url": ["http://a.example", None, "http://c.example"],
        "html": pa.array([PAGE, b"<p>caf\xe9", None], pa.binary()),
        "text": ["Salt.", "", ""],
    }
    path = parquet(tmp_path / "a.parquet", columns, row_group_size=2)
    first, second, third = pages(path)
    assert (first.article_id, first.content, first.url) == ("a.parquet#1", PAGE, "http://a.example")
    assert (second.content, second.url, third.content) == (b"<p>caf\xe9", "", b"")
    nested = parquet(tmp_path / "b.parquet", {"response": [{"body": "<p>b", "url": "http://b.example"}]})
    [page] = pages(nested)
    assert (page.content, page.url) == (b"<p>b", "http://b.example")
    [inside, *_] = pages(archive(tmp_path / "c.zip", ("a.parquet", path.read_bytes())))
    assert (inside.article_id, inside.content) == ("c.zip#a.parquet#1", PAGE)


def test_damaged_parquet(tmp_path: Path) -> None:
    noise = random.Random(1)
    contents = [b"<p>" + noise.randbytes(900).hex().encode() for _ in range(60)]
    path = parquet(tmp_path / "a.parquet", {"html": contents}, row_group_size=20, use_dictionary=False)
    whole = path.read_bytes()
    group = pq.ParquetFile(path).metadata.row_group(1).column(0)
    damaged = bytearray(whole)
    start = group.data_page_offset
    damaged[start : start + 60] = bytes(60)
    path.write_bytes(bytes(damaged))
    found = pages(path)
    assert [page.content for page in found if page.problem is None] == contents[:20] + contents[40:]
    [bad] = [page for page in found if page.problem is not None]
    assert outcome(bad) == ("a.parquet#21", "failed")
    for content in (whole[: len(whole) // 2], b"", b"PAR1"):
        path.write_bytes(content)
        for options in ({}, {"html_field": "html"}):
            [page] = pages(path, **options)
            assert outcome(page) == ("a.parquet#1", "failed")


# Saved pages


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


# Zip


def archive(path: Path, *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as out:
        for name, content in members:
            out.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_zip(tmp_path: Path, method: int) -> None:
    path = archive(
        tmp_path / "pages.zip",
        ("site/b.html", BEFORE),
        ("site/style.css", b"p {}"),
        ("site/a.html.gz", gzip.compress(PAGE)),
        ("site/low-sodium", AFTER),
        ("site/Makefile", b"all:"),
        ("notes.txt", b"Salt."),
        method=method,
    )
    found = pages(path)
    assert [(page.article_id, page.content, page.media_type) for page in found] == [
        ("pages.zip#site/b.html", BEFORE, "text/html"),
        ("pages.zip#site/a.html.gz", PAGE, "text/html"),
        ("pages.zip#site/low-sodium", AFTER, "text/html"),
        ("pages.zip#notes.txt", b"Salt.", "text/plain"),
    ]
    assert {page.source for page in found} == {str(path)}


def test_names_in_archives_are_only_names(tmp_path: Path) -> None:
    names = ["../up.html", "/etc/passwd.html", "a\\b.html", "C:/x.html", "two\nlines.html", "é.html"]
    names += ["same.html", "same.html"]
    with pytest.warns(UserWarning, match="Duplicate"):
        path = archive(tmp_path / "in.zip", *((name, PAGE) for name in names))
    found = pages(path)
    assert [page.article_id for page in found] == [
        "in.zip#../up.html",
        "in.zip#/etc/passwd.html",
        "in.zip#a/b.html",
        "in.zip#C:/x.html",
        r"in.zip#two\u000Alines.html",
        "in.zip#é.html",
        "in.zip#same.html",
        "in.zip#same.html#2",
    ]
    assert all(page.content == PAGE for page in found)
    assert [entry.name for entry in tmp_path.iterdir()] == ["in.zip"]


def test_what_is_left_out_of_archives(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "in.zip",
        ("Salt_files/frame.html", PAGE),
        ("Salt.html", PAGE),
        ("lonely_files/page.html", PAGE),
        ("__MACOSX/._Salt.html", PAGE),
        (".git/x.html", PAGE),
        ("robots.txt", b"User-agent: *"),
        ("hts-cache/new.html", PAGE),
        ("folder/", b""),
    )
    found = survey([str(path)])
    assert [entry.article_id for entry in found.entries()] == [
        "in.zip#Salt.html",
        "in.zip#lonely_files/page.html",
    ]
    assert sorted(found.notes.left_out.values()) == [1, 2]


def test_records_and_archives_in_archives(tmp_path: Path) -> None:
    inner = archive(tmp_path / "inner.zip", ("a.html", PAGE)).read_bytes()
    path = archive(
        tmp_path / "in.zip",
        ("feed.jsonl", lines(record(), record(AFTER))),
        ("none.jsonl", lines({"title": "Salt"})),
        ("inner.zip", inner),
    )
    first, second, third = pages(path)
    assert (first.article_id, first.content, first.url_source) == ("in.zip#feed.jsonl#1", PAGE, "record")
    assert (second.article_id, second.content) == ("in.zip#feed.jsonl#2", AFTER)
    assert outcome(third) == ("in.zip#inner.zip", "failed")
    assert "unpack" in third.problem.reason  # type: ignore[union-attr]


def _flip(path: Path, content: bytes) -> None:
    """Damage the bytes of the archive in the middle of where `content` stands."""
    data = bytearray(path.read_bytes())
    data[data.index(content) + len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


def test_damaged_and_encrypted_members_cost_themselves(tmp_path: Path) -> None:
    noise = b"<p>" + random.Random(4).randbytes(3_000).hex().encode()
    path = archive(
        tmp_path / "in.zip",
        ("a.html", BEFORE),
        ("b.html", noise),
        ("c.html", b"<p>secret</p>"),
        ("d.html", AFTER),
        method=zipfile.ZIP_STORED,
    )
    _flip(path, noise)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"c.html") - 46  # in the directory
    assert data[entry : entry + 4] == b"PK\x01\x02"
    data[entry + 8] |= 1
    path.write_bytes(bytes(data))
    found = pages(path)
    assert [outcome(page) for page in found] == [
        ("in.zip#a.html", "ok"),
        ("in.zip#b.html", "failed"),
        ("in.zip#c.html", "failed"),
        ("in.zip#d.html", "ok"),
    ]
    assert "damaged" in found[1].problem.reason  # type: ignore[union-attr]
    assert "encrypted" in found[2].problem.reason  # type: ignore[union-attr]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_anywhere_in_a_packed_member(tmp_path: Path, method: int) -> None:
    noise = b"<p>" + random.Random(5).randbytes(700).hex().encode()
    path = archive(
        tmp_path / "in.zip", ("a.html", BEFORE), ("b.html", noise), ("c.html", AFTER), method=method
    )
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as opened:
        info = opened.getinfo("b.html")
    for at in range(0, 30 + 6 + info.compress_size, 7):
        damaged = bytearray(whole)
        damaged[info.header_offset + at] ^= 0x55
        path.write_bytes(bytes(damaged))
        a, b, c = pages(path)
        assert (a.content, c.content) == (BEFORE, AFTER)
        assert b.problem is not None or b.content == noise


def test_an_archive_without_a_directory(tmp_path: Path) -> None:
    path = archive(tmp_path / "in.zip", ("a.html", PAGE), ("b.html", PAGE))
    whole = path.read_bytes()
    for content in (b"", b"PK", whole[:-30], b"<html>"):
        path.write_bytes(content)
        [page] = pages(path)
        assert outcome(page) == ("in.zip", "failed")
        assert "zip -FF" in page.problem.reason  # type: ignore[union-attr]


def test_an_archive_without_pages(tmp_path: Path) -> None:
    [page] = pages(archive(tmp_path / "in.zip", ("a.jpg", b"x"), ("b.jpg", b"x")))
    assert outcome(page) == ("in.zip", "empty")
    assert "2 .jpg" in page.problem.reason  # type: ignore[union-attr]
    [page] = pages(archive(tmp_path / "none.zip"))
    assert outcome(page) == ("none.zip", "empty")


def test_zip_bombs(tmp_path: Path) -> None:
    path = archive(tmp_path / "in.zip", ("a.html", b"\0" * 50_000_000), ("b.html", PAGE))
    for found in (pages(path, max_bytes=10_000), pages(path)):
        assert [outcome(page)[1] for page in found] == ["too_large", "ok"]
    # A directory that lies: it tells a small size.
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"a.html") - 46
    data[entry + 24 : entry + 28] = struct.pack("<I", 1_000)
    path.write_bytes(bytes(data))
    first, second = pages(path)
    assert first.problem is not None
    assert second.content == PAGE


_NAMES = st.text(
    st.characters(blacklist_characters="/\\\0#.", blacklist_categories=["Cs"]), min_size=1, max_size=9
)


@given(st.dictionaries(_NAMES, st.binary(max_size=200), min_size=1, max_size=5))
def test_any_bytes_come_through_an_archive(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes]
) -> None:
    path = tmp_path_factory.mktemp("zip") / "in.zip"
    archive(path, *((f"{name}.html", gzip.compress(content)) for name, content in contents.items()))
    assert [page.content for page in read([str(path)])] == list(contents.values())


# Tar


def tar(path: Path, *members: tuple[str, bytes], pack: Callable[[bytes], bytes] = bytes) -> Path:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as opened:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            opened.addfile(info, io.BytesIO(content))
    path.write_bytes(pack(out.getvalue()))
    return path


TARS: list[tuple[str, Callable[[bytes], bytes]]] = [
    (".tar", bytes),
    (".tar.gz", gzip.compress),
    (".tgz", gzip.compress),
    (".tar.bz2", bz2.compress),
    (".tar.xz", lzma.compress),
]


@pytest.mark.parametrize(("suffix", "pack"), TARS)
def test_tar(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    long = "deep/" * 30 + "salt.html"
    members = [
        ("./site/b.html", BEFORE),
        ("site/style.css", b"p {}"),
        ("site/a.html.gz", gzip.compress(PAGE)),
        ("site/low-sodium", AFTER),
        ("site/Makefile", b"all:"),
        ("Salt.html", PAGE),
        ("Salt_files/frame.html", PAGE),
        (long, PAGE * 100),
        ("../up.html", b""),
        ("feed.jsonl", lines(record(), record(AFTER))),
        ("Salt.html", AFTER),
        ("x.zip", b"PK"),
    ]
    path = tar(tmp_path / f"in{suffix}", *members, pack=pack)
    found = pages(path)
    assert [(page.article_id.partition("#")[2], page.content) for page in found] == [
        ("site/b.html", BEFORE),
        ("site/a.html.gz", PAGE),
        ("site/low-sodium", AFTER),
        ("Salt.html", PAGE),
        (long, PAGE * 100),
        ("../up.html", b""),
        ("feed.jsonl#1", PAGE),
        ("feed.jsonl#2", AFTER),
        ("Salt.html#2", AFTER),
        ("x.zip", b""),
    ]
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_frames_in_a_tar_need_not_stand_behind_their_page(tmp_path: Path) -> None:
    path = tar(tmp_path / "in.tar", ("Salt_files/frame.html", PAGE), ("Salt.html", PAGE), ("b.html", AFTER))
    assert [page.article_id for page in pages(path)] == ["in.tar#Salt.html", "in.tar#b.html"]


@pytest.mark.parametrize(("suffix", "pack"), [TARS[0], TARS[1], TARS[4]])
def test_links_and_odd_members_of_a_tar(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as opened:
        for name, kind, link in (
            ("soft.html", tarfile.SYMTYPE, "/etc/passwd"),
            ("hard.html", tarfile.LNKTYPE, "a.html"),
            ("pipe.html", tarfile.FIFOTYPE, ""),
            ("folder.html", tarfile.DIRTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, link
            opened.addfile(info)
        info = tarfile.TarInfo("é\n.html")
        info.size = len(PAGE)
        opened.addfile(info, io.BytesIO(PAGE))
    (tmp_path / f"in{suffix}").write_bytes(pack(out.getvalue()))
    found = survey([str(tmp_path / f"in{suffix}")])
    [page] = [load(entry) for entry in found.entries()]
    assert (page.article_id, page.content) == (rf"in{suffix}#é\u000A.html", PAGE)
    assert list(found.notes.left_out.values()) == [2]


@pytest.mark.parametrize(("suffix", "pack"), [TARS[0], TARS[1]])
def test_a_damaged_header_costs_its_page(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    plain = bytearray(
        tar(tmp_path / "x", ("a.html", BEFORE), ("b.html", PAGE * 99), ("c.html", AFTER)).read_bytes()
    )
    plain[plain.index(b"b.html") + 3] ^= 0xFF
    (tmp_path / f"in{suffix}").write_bytes(pack(bytes(plain)))
    a, c, whole = pages(tmp_path / f"in{suffix}")
    assert (a.content, c.content) == (BEFORE, AFTER)
    assert outcome(whole) == (f"in{suffix}", "failed")
    assert "2 pages were found" in whole.problem.reason  # type: ignore[union-attr]


def test_a_tar_cut_anywhere(tmp_path: Path) -> None:
    contents = [random.Random(number).randbytes(350).hex().encode() for number in range(4)]
    members = [(f"{number}.html", content) for number, content in enumerate(contents)]
    whole = tar(tmp_path / "in.tar", *members).read_bytes()
    end = 4 * (512 + 1024)
    for cut in (*range(0, end, 256), *range(1, end, 997)):
        (tmp_path / "in.tar").write_bytes(whole[:cut])
        *found, last = pages(tmp_path / "in.tar")
        assert outcome(last) == ("in.tar", "failed")
        started = (cut + 1024) // 1536
        assert len(found) == started
        for number, page in enumerate(found):
            is_whole = cut >= number * 1536 + 512 + 700
            assert (page.content == contents[number]) is is_whole
            assert (page.problem is None) is is_whole


def test_a_packed_tar_cut_anywhere_keeps_what_stands_before(tmp_path: Path) -> None:
    contents = [random.Random(number).randbytes(3_000).hex().encode() for number in range(6)]
    whole = tar(
        tmp_path / "x",
        *((f"{number}.html", content) for number, content in enumerate(contents)),
        pack=gzip.compress,
    ).read_bytes()
    for cut in range(30, len(whole) - 8, 1_499):
        (tmp_path / "in.tgz").write_bytes(whole[:cut])
        *found, last = pages(tmp_path / "in.tgz")
        assert outcome(last) == ("in.tgz", "failed")
        assert "too early" in last.problem.reason  # type: ignore[union-attr]
        good = [page.content for page in found if page.problem is None]
        assert good == contents[: len(good)]
        # A page takes less than 3,300 packed bytes; that which was cut is there too, as a failed one.
        assert len(good) >= cut // 3_400 - 1


def test_a_tar_that_lies_about_a_size_does_not_hang(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a.html")
    info.size = 1 << 60
    lying = info.tobuf(tarfile.GNU_FORMAT) + PAGE
    for name, content in (("in.tar", lying), ("in.tgz", gzip.compress(lying))):
        (tmp_path / name).write_bytes(content)
        first, last = pages(tmp_path / name)
        assert [outcome(first)[1], outcome(last)[1]] == ["too_large", "failed"]


def test_a_tar_bomb_stops_early(tmp_path: Path) -> None:
    path = tmp_path / "in.tgz"
    with tarfile.open(path, "w:gz") as out:
        info = tarfile.TarInfo("a.html")
        info.size = 300_000_000
        out.addfile(info, Zeros())  # type: ignore[arg-type]
    started = time.process_time()
    first, last = pages(path, max_bytes=10_000)
    assert time.process_time() - started < 1
    assert [outcome(first), outcome(last)] == [("in.tgz#a.html", "too_large"), ("in.tgz", "too_large")]
    assert "bomb" in last.problem.reason  # type: ignore[union-attr]


class Zeros(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        return bytes(size)


def test_many_alike_pages_are_no_bomb(tmp_path: Path) -> None:
    content = b"<p>" + b"salt " * 4_000
    members = [(f"{number}.html", content) for number in range(1_500)]
    path = tar(tmp_path / "in.tar.xz", *members, pack=lzma.compress)
    assert [page.content for page in read([str(path)])] == [content] * 1_500


def test_memory_does_not_grow_with_a_tar(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tar(
            tmp_path / "in.tgz",
            *(
                (f"{number}.html", random.Random(number).randbytes(5_000).hex().encode())
                for number in range(count)
            ),
            pack=gzip.compress,
        )
        tracemalloc.start()
        for entry in survey([str(path)]).entries():
            load(entry)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    small, large = peak(60), peak(600)
    assert large < small * 1.1 + 200 * 540


# One page of a container


def test_one_page_by_its_name(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "in.zip", ("a.html", BEFORE), ("b/c.html", PAGE), ("feed.jsonl", lines(record(AFTER)))
    )
    for name, content in (("b/c.html", PAGE), ("feed.jsonl#1", AFTER)):
        [page] = pages(Path(f"{path}#{name}"))
        assert (page.article_id, page.content) == (f"in.zip#{name}", content)
    with pytest.raises(SourceError, match=r"holds no page d\.html"):
        list(read([f"{path}#d.html"]))
    with pytest.raises(SourceError, match="cannot be read"):
        survey([f"{tmp_path}/none.zip#d.html"])


def test_containers_among_files_in_order(tmp_path: Path) -> None:
    archive(tmp_path / "b.zip", ("z.html", PAGE), ("a.html", PAGE))
    (tmp_path / "c.jsonl").write_bytes(lines(*(record() for _ in range(11))))
    for name in ("a.html", "b.zip.html", "d.html"):
        (tmp_path / name).write_bytes(PAGE)
    assert [page.article_id for page in pages(tmp_path)] == [
        "a.html",
        "b.zip#z.html",
        "b.zip#a.html",
        "b.zip.html",
        *(f"c.jsonl#{number}" for number in range(1, 12)),
        "d.html",
    ]


def test_containers_at_an_address(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    system, root = fsspec.filesystem("memory"), f"/containers-{os.getpid()}"
    packed = archive(tmp_path / "in.zip", ("a.html", PAGE), ("b.html", AFTER)).read_bytes()
    files = {
        "a.jsonl": lines(record(), record(BEFORE)),
        "b.csv.gz": gzip.compress(table([["html"], [PAGE.decode()]])),
        "c.zip": packed,
        "d.tar": tar(tmp_path / "in.tar", ("a.html", PAGE)).read_bytes(),
        "e.parquet": parquet(tmp_path / "in.parquet", {"html": [PAGE]}).read_bytes(),
    }
    for name, content in files.items():
        system.pipe_file(f"{root}/{name}", content)
    # Listed first: fsspec gives all who open a file in memory the same place in it.
    entries = list(survey([f"memory:/{root}"]).entries())
    found = [load(entry) for entry in entries]
    assert [(page.article_id, page.content) for page in found] == [
        ("a.jsonl#1", PAGE),
        ("a.jsonl#2", BEFORE),
        ("b.csv.gz#1", PAGE),
        ("c.zip#a.html", PAGE),
        ("c.zip#b.html", AFTER),
        ("d.tar#a.html", PAGE),
        ("e.parquet#1", PAGE),
    ]
