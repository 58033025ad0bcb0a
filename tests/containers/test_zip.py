"""Pages in zip archives: their names are only names, and what is broken costs itself only."""

from __future__ import annotations

import gzip
import random
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import read, survey
from tests.containers.packing import AFTER, BEFORE, PAGE, archive, lines, outcome, pages, record


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
