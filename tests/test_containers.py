"""Pages in containers: what they are called, that their bytes come through, that what is broken costs itself only."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.model import Page
from pipeline.sources import Options, load, plan, read, survey
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
        ({"article": "Salt.", "zzz": "<p>Salt.</p>", "url": "not one"}, "zzz", ""),
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
