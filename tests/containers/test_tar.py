"""Pages in tar archives, packed or not: links are left out, and what is broken costs itself only."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.sources import load, read, survey
from tests.containers.packing import AFTER, BEFORE, PAGE, lines, outcome, pages, record, tar
from tests.memory import peak_of_reading

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
        return peak_of_reading(path)

    small, large = peak(60), peak(600)
    assert large < small * 1.1 + 200 * 540
