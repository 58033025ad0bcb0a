"""Pages in csv, tsv and parquet: each row comes through, and what is broken costs itself only."""

from __future__ import annotations

import csv
import gzip
import io
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import delimited, read
from pipeline.sources.item import Reading
from tests.containers.packing import PACKERS, PAGE, archive, outcome, pages, parquet, table


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


DAMAGED = """
import sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from pipeline.errors import SourceError
from pipeline.sources import Options, read
path = Path(sys.argv[1])
pq.write_table(pa.table({"html": ["<html><p>Salt"] * 3, "more": [{"a": [1, 2]}] * 3}), path)
whole = path.read_bytes()
for at in range(4, len(whole)):
    damaged = bytearray(whole)
    damaged[at] ^= 1
    path.write_bytes(damaged)
    try:
        assert list(read([str(path)], options=Options(html_field="html")))
    except SourceError as error:
        assert "no field of its first records is called" in str(error)
print(len(whole))
"""


def test_no_damaged_byte_of_a_parquet_file_ends_the_process(tmp_path: Path) -> None:
    """It is written in another language, in which some errors do."""
    command = [sys.executable, "-c", DAMAGED, str(tmp_path / "a.parquet")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr[-1000:]
    assert int(done.stdout) > 500
