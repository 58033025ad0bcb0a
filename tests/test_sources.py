"""Listing and reading pages: ids, odd files, compressed files; all on real files."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import random
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.model import Page, Status
from pipeline.sources import READERS, Item, listing, load, looks_like_html, plan, read, survey, visible

PAGE = b"<!doctype html><title>Salt</title><p>Salt.</p>"


def _write(folder: Path, *names: str, content: bytes = PAGE) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def _ids(*paths: Path | str) -> list[str]:
    return [item.article_id for item in plan([str(path) for path in paths])]


def _one(path: Path, max_bytes: int = 10_000) -> Page:
    [page] = read([str(path)], max_bytes=max_bytes)
    return page


# Which pages, and what they are called


def test_folder_is_walked_and_sorted_by_code_points(tmp_path: Path) -> None:
    _write(
        tmp_path,
        "b.html",
        "a/z.HTM",
        "a/y.xhtml",
        "a.html",
        "Z.shtml",
        "é.html",
        "n.txt",
        "m.md",
        "g.html.gz",
    )
    _write(tmp_path, "skip.pdf", "skip.css", ".hidden.html", ".git/x.html", "t.app.gz")
    assert _ids(tmp_path) == sorted(
        ["b.html", "a/z.HTM", "a/y.xhtml", "a.html", "Z.shtml", "é.html", "n.txt", "m.md", "g.html.gz"]
    )


def test_pages_carry_bytes_source_and_media_type(tmp_path: Path) -> None:
    _write(tmp_path, "p/a.html", "p/b.md", content=b"\r\nsalt\x00")
    first, second = read([str(tmp_path)])
    assert first == Page("p/a.html", b"\r\nsalt\x00", str(tmp_path / "p/a.html"), "text/html")
    assert second.media_type == "text/plain"


def test_a_single_file_is_called_by_its_name(tmp_path: Path) -> None:
    _write(tmp_path, "deep/er/a.html")
    assert _ids(tmp_path / "deep/er/a.html") == ["a.html"]


def test_ids_do_not_depend_on_how_the_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "in/a.html", "in/b/c.html")
    monkeypatch.chdir(tmp_path)
    assert _ids("in") == _ids("./in/") == _ids(tmp_path / "in") == _ids("in/../in") == ["a.html", "b/c.html"]


def test_colliding_inputs_get_their_folders_in_front(tmp_path: Path) -> None:
    _write(tmp_path, "x/in/a.html", "y/in/a.html", "y/in/b.html", "z/c.html")
    paths = [tmp_path / "x/in", tmp_path / "y/in", tmp_path / "z"]
    expected = ["c.html", "x/in/a.html", "y/in/a.html", "y/in/b.html"]
    assert _ids(*paths) == _ids(*reversed(paths)) == expected


def test_the_same_file_is_one_page(tmp_path: Path) -> None:
    _write(tmp_path, "in/a.html", "in/b/c.html")
    inner, outer = tmp_path / "in/b", tmp_path / "in"
    assert _ids(inner, outer, outer, inner / "c.html") == _ids(outer) == ["a.html", "b/c.html"]


@given(st.lists(st.text(st.characters(blacklist_characters="/\0"), min_size=1, max_size=8), unique=True))
def test_visible_names_stay_different_and_storable(names: list[str]) -> None:
    shown = [visible(name) for name in names]
    assert len(set(shown)) == len(names)
    for name in shown:
        name.encode("utf-8")
        assert name.isprintable() or all(
            character.isprintable() or character.isspace() or ord(character) > 159 for character in name
        )


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    for name in (b"caf\xe9.html", b"caf\xe8.html", rb"caf\xE9.html", b"two\nlines.html"):
        (tmp_path / os.fsdecode(name)).write_bytes(PAGE)
    pages = list(read([str(tmp_path)]))
    assert [page.article_id for page in pages] == [
        r"caf\\xE9.html",
        r"caf\xE8.html",
        r"caf\xE9.html",
        r"two\u000Alines.html",
    ]
    assert all(page.content == PAGE and page.problem is None for page in pages)
    assert all(page.source.encode("utf-8") for page in pages)


def test_items_are_small_and_picklable(tmp_path: Path) -> None:
    _write(tmp_path, "a.html")
    [item] = plan([str(tmp_path)])
    assert pickle.loads(pickle.dumps(item)) == item
    assert load(pickle.loads(pickle.dumps(item))).content == PAGE


# What is no input


def test_missing_path(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere: cannot be read"):
        plan([str(tmp_path / "nowhere")])


def test_folder_without_pages_says_what_it_holds(tmp_path: Path) -> None:
    _write(tmp_path, "a.pdf", "b/c.pdf", "d.docx")
    with pytest.raises(SourceError, match=r"no pages, only 2 \.pdf, 1 \.docx\n.*\.html"):
        plan([str(tmp_path)])


def test_no_input_and_unknown_suffix(tmp_path: Path) -> None:
    _write(tmp_path, "a.pdf")
    with pytest.raises(SourceError):
        plan([])
    with pytest.raises(SourceError, match="suffix"):
        plan([str(tmp_path / "a.pdf")])
    with pytest.raises(SourceError):
        plan(["a\0b"])


def test_links_that_loop_and_links_that_break(tmp_path: Path) -> None:
    _write(tmp_path, "in/a/p.html", "outside/q.html")
    inside = tmp_path / "in"
    (inside / "a/up").symlink_to(inside)
    (inside / "self.html").symlink_to(inside / "self.html")
    (inside / "gone.html").symlink_to(inside / "nothing")
    (inside / "linked").symlink_to(tmp_path / "outside")
    (inside / "again").symlink_to(tmp_path / "outside")
    (inside / "0first").symlink_to(inside / "a")
    pages = {page.article_id: page for page in read([str(inside)])}
    assert sorted(pages) == ["a/p.html", "again/q.html", "gone.html", "self.html"]
    assert pages["a/p.html"].problem is None
    for name in ("gone.html", "self.html"):
        problem = pages[name].problem
        assert problem is not None
        assert problem.status is Status.FAILED


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.html")
    _write(tmp_path, "a.html")
    pages: list[Page] = []
    reader = threading.Thread(target=lambda: pages.extend(read([str(tmp_path)])), daemon=True)
    reader.start()
    reader.join(10)
    assert [page.article_id for page in pages] == ["a.html", "pipe.html"]
    assert pages[1].problem is not None
    with pytest.raises(SourceError, match="pipe"):
        plan([str(tmp_path / "pipe.html")])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    _write(tmp_path, "a.html", "b/c.html")
    (tmp_path / "a.html").chmod(0)
    (tmp_path / "b").chmod(0)
    pages = list(read([str(tmp_path)]))
    (tmp_path / "b").chmod(0o700)
    assert [(page.article_id, page.problem is not None) for page in pages] == [("a.html", True), ("b", True)]


def test_a_file_that_vanishes_or_turns_into_a_folder_is_a_failed_page(tmp_path: Path) -> None:
    _write(tmp_path, "a.html", "b.html")
    items = plan([str(tmp_path)])
    (tmp_path / "a.html").unlink()
    (tmp_path / "b.html").unlink()
    (tmp_path / "b.html").mkdir()
    for item in items:
        page = load(item)
        assert page.problem is not None
        assert page.problem.status is Status.FAILED
        assert page.content == b""


# Size and compression


@pytest.mark.parametrize("name", ["a.html", "a.html.gz"])
def test_limit_of_bytes(tmp_path: Path, name: str) -> None:
    content = b"x" * 10_000
    _write(tmp_path, name, content=gzip.compress(content) if name.endswith(".gz") else content)
    assert _one(tmp_path / name, 10_000).content == content
    page = _one(tmp_path / name, 9_999)
    assert page.problem is not None
    assert page.problem.status is Status.TOO_LARGE
    assert "--max-bytes" in page.problem.reason
    assert page.content == b""


def test_gzip_is_told_by_its_content(tmp_path: Path) -> None:
    _write(tmp_path, "a.html", content=gzip.compress(PAGE))
    _write(tmp_path, "b.html.gz", content=PAGE)
    _write(tmp_path, "c.html.gz", content=gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:]) + b"\0" * 512)
    assert [page.content for page in read([str(tmp_path)])] == [PAGE] * 3


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_tiny_files(tmp_path: Path, size: int) -> None:
    _write(tmp_path, "a.html", content=b"<p>"[:size])
    assert _one(tmp_path / "a.html").content == b"<p>"[:size]


def test_every_truncation_of_gzip_is_a_failed_page(tmp_path: Path) -> None:
    packed = gzip.compress(PAGE)
    for end in range(2, len(packed)):
        _write(tmp_path, "a.html.gz", content=packed[:end])
        page = _one(tmp_path / "a.html.gz")
        assert page.problem is not None, end
        assert page.problem.status is Status.FAILED
        assert "too early" in page.problem.reason


def test_damaged_gzip(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(random.Random(1).randbytes(5_000)))
    packed[2_000] ^= 0xFF
    _write(tmp_path, "a.html.gz", content=bytes(packed))
    page = _one(tmp_path / "a.html.gz")
    assert page.problem is not None
    assert "damaged" in page.problem.reason


def test_gzip_bomb_stops_early(tmp_path: Path) -> None:
    _write(tmp_path, "a.html.gz", content=gzip.compress(b"\0" * 100_000_000))
    started = time.process_time()
    by_ratio = _one(tmp_path / "a.html.gz", 1_000_000_000)
    by_size = _one(tmp_path / "a.html.gz", 1_000_000)
    assert time.process_time() - started < 1
    for page in (by_ratio, by_size):
        assert page.problem is not None
        assert page.problem.status is Status.TOO_LARGE


@given(st.binary(max_size=200), st.integers(1, 100))
def test_any_bytes_are_a_page(content: bytes, max_bytes: int) -> None:
    [page] = read(["-"], max_bytes=max_bytes, stdin=io.BytesIO(content))
    assert page.problem is not None or len(page.content) <= max_bytes
    [packed] = read(["-"], max_bytes=1_000, stdin=io.BytesIO(gzip.compress(content)))
    assert packed.content == content


# Standard input


def test_standard_input_is_html_or_text() -> None:
    [page] = read(["-"], stdin=io.BytesIO(PAGE))
    assert (page.article_id, page.source, page.media_type, page.content) == ("stdin", "-", "text/html", PAGE)
    [text] = read(["-"], stdin=io.BytesIO(b"Low sodium (< 135 mmol/L) is common."))
    assert text.media_type == "text/plain"


def test_standard_input_among_files(tmp_path: Path) -> None:
    _write(tmp_path, "a.html", "z.html")
    assert _ids(tmp_path, "-") == ["a.html", "stdin", "z.html"]


@pytest.mark.parametrize(
    ("content", "html"),
    [
        (b"  <P class=x>", True),
        ("<html>".encode("utf-16"), True),
        (b"<?xml version='1.0'?>", True),
        (b"a < b and b > c", False),
        (b"<https://salt.example>", False),
        (b"", False),
    ],
)
def test_what_looks_like_html(content: bytes, html: bool) -> None:
    assert looks_like_html(content) is html


def test_every_suffix_of_single_pages_has_a_reader(tmp_path: Path) -> None:
    suffixes = [suffix for reader in READERS.values() if reader.single for suffix in reader.suffixes]
    _write(tmp_path, *(f"page{suffix}" for suffix in suffixes))
    items = plan([str(tmp_path)])
    assert len(items) == len(suffixes) >= 6
    assert all(isinstance(item, Item) and load(item).content == PAGE for item in items)


# Which files are pages


@pytest.mark.parametrize(
    ("name", "is_page"),
    [
        ("low-sodium", True),
        ("vitamin-b.12", True),
        ("index.html?page=2", True),
        ("index.html?page=2.a", True),
        ("Is it gout?.html", True),
        ("article.php?id=5", True),
        ("article.php@id=5", True),
        ("article.aspx", True),
        ("download?file=low-sodium.html", True),
        ("9e107d9d372bb6826bd81d3542a419d6", True),
        ("9e107d9d372bb6826bd81d3542a419d6.cache", True),
        ("550e8400-e29b-41d4-a716-446655440000.bin", True),
        ("index.html.1", True),
        ("low-sodium.gz", True),
        ("low-sodium.bin", False),
        ("style.css?ver=1.2", False),
        ("9e107d9d372bb6826bd81d3542a419d6.jpg", False),
        ("a.html?file=x.css", True),
        ("page.jsonl#1", False),
        ("page.html.orig", False),
    ],
)
def test_pages_without_a_suffix_are_found_by_a_look_inside(tmp_path: Path, name: str, is_page: bool) -> None:
    packed = gzip.compress(PAGE) if name.endswith(".gz") else PAGE
    _write(tmp_path, "a.html")
    _write(tmp_path, name, content=packed)
    found = {page.article_id: page for page in read([str(tmp_path)])}
    assert (name in found) is is_page
    assert not is_page or (found[name].content, found[name].media_type) == (PAGE, "text/html")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain words",
        b"<?php echo '<html>'; ?>",
        b"<%@ page %><html>",
        b"{'body': '<html>'}",
        b"<rss><title>x</title></rss>",
        b"<svg><title>x</title></svg>",
        b"\x89PNG\r\n<html>",
        gzip.compress(b"plain words", mtime=0),
        gzip.compress(PAGE, mtime=0)[:9],
    ],
)
def test_what_has_no_suffix_and_is_no_page(tmp_path: Path, content: bytes) -> None:
    _write(tmp_path, "a.html")
    _write(tmp_path, "something", content=content)
    assert _ids(tmp_path) == ["a.html"]


def test_only_the_start_of_suspects_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "a.html", "b.css", "c.jpg", "d", "e.php")
    opened: list[str] = []
    real = listing.open_file
    monkeypatch.setattr(listing, "open_file", lambda path: opened.append(path) or real(path))
    assert _ids(tmp_path) == ["a.html", "d", "e.php"]
    assert [Path(path).name for path in opened] == ["e.php", "d"]


def test_saved_pages_and_mirrors(tmp_path: Path) -> None:
    _write(tmp_path, "Salt.html", "Salt_files/frame.html", "Salt_files/deep/ad.htm", "Salt_files/style.css")
    _write(tmp_path, "Salz.htm", "Salz-Dateien/saved_resource.html", "lonely_files/page.html")
    _write(tmp_path, "mirror/a.example/salt.html", "mirror/a.example/robots.txt", "mirror/hts-cache/new.html")
    _write(tmp_path, "mirror/hts-log.txt")
    index = b"<html><head><!-- Mirror and index made by HTTrack Website Copier/3.49 --></head></html>"
    _write(tmp_path, "mirror/index.html", content=index)
    found = survey([str(tmp_path)])
    assert [item.article_id for item in found.entries() if isinstance(item, Item)] == [
        "Salt.html",
        "Salz.htm",
        "lonely_files/page.html",
        "mirror/a.example/salt.html",
    ]
    assert sorted(found.notes.left_out.values()) == [3, 4]
    assert _ids(tmp_path / "Salt_files") == ["deep/ad.htm", "frame.html"]


def test_a_page_that_only_tells_of_a_mirror_stays(tmp_path: Path) -> None:
    _write(
        tmp_path, "index.html", content=b"<html><title>Local index - HTTrack Website Copier</title></html>"
    )
    assert _ids(tmp_path) == ["index.html"]


def test_a_sitemap_is_not_fetched(tmp_path: Path) -> None:
    sitemap = b"<?xml version='1.0'?><urlset><url><loc>https://a.example/</loc></url></urlset>"
    _write(tmp_path, "sitemap.xml", content=sitemap)
    _write(tmp_path, "sitemap.xml.gz", content=gzip.compress(sitemap))
    for name in ("sitemap.xml", "sitemap.xml.gz"):
        with pytest.raises(SourceError, match="sitemap"):
            plan([str(tmp_path / name)])
