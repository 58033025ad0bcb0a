"""Containers among files, at an address, and one page of them by its name."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.sources import load, read, survey
from tests.containers.packing import AFTER, BEFORE, PAGE, archive, lines, pages, parquet, record, table, tar


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
