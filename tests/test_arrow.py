"""The Arrow-to-Arrow function gives the rows of a run, page for page, in any process."""

from __future__ import annotations

import pickle
from pathlib import Path

import pyarrow as pa
import pytest

import pipeline
from pipeline.errors import MedtablesError
from pipeline.tables import TABLES
from pipeline.tables.schema import arrow_schema

SAMPLE = Path(__file__).parent.parent / "corpora" / "sample"


@pytest.fixture(scope="module")
def pages() -> pa.Table:
    paths = sorted(SAMPLE.rglob("*.html"))[:6]
    return pa.table(
        {
            "article_id": [path.relative_to(SAMPLE).as_posix() for path in paths],
            "html": pa.array([path.read_bytes() for path in paths], pa.binary()),
        }
    )


@pytest.mark.parametrize("table", TABLES)
def test_the_rows_are_those_of_a_run(table: str, pages: pa.Table, tmp_path: Path) -> None:
    extractor = pickle.loads(pickle.dumps(pipeline.ArrowExtractor(table)))
    found = extractor(pages)
    assert found.schema.equals(extractor.schema)
    pipeline.run([SAMPLE], tmp_path / "out", formats=["parquet"], workers=1)
    run = pipeline.read_run(tmp_path / "out").arrow(table)
    ids = set(pages["article_id"].to_pylist())
    expected = [row for row in run.to_pylist() if row["article_id"] in ids]
    assert [row | {"source": ""} for row in found.to_pylist()] == [row | {"source": ""} for row in expected]


def test_all_tables_at_once_are_nested_by_page(pages: pa.Table) -> None:
    extractor = pipeline.ArrowExtractor("all")
    found = extractor(pages.to_batches()[0])
    assert isinstance(found, pa.RecordBatch) and found.schema.equals(extractor.schema)
    assert found["article_id"].to_pylist() == pages["article_id"].to_pylist()
    for name in TABLES:
        flat = pipeline.ArrowExtractor(name)(pages).to_pylist()
        assert [row for rows in found[name].to_pylist() for row in rows] == flat
        assert all(
            row["article_id"] == page
            for page, rows in zip(found["article_id"].to_pylist(), found[name].to_pylist(), strict=True)
            for row in rows
        )


def test_no_pages_give_no_rows(pages: pa.Table) -> None:
    for table in ("mentions", "all"):
        extractor = pipeline.ArrowExtractor(table)
        found = extractor(pages.slice(0, 0).combine_chunks())
        assert found.num_rows == 0 and found.schema.equals(extractor.schema)


def test_strings_urls_and_missing_cells_are_taken() -> None:
    pages = pa.table(
        {
            "url": ["https://a.example/1", "https://a.example/2", "https://a.example/3"],
            "html": ["<article><h1>Fever</h1><p>No fever today.</p></article>", None, "x" * 2000],
        }
    )
    found = pipeline.ArrowExtractor("articles", max_bytes=1000)(pages).to_pylist()
    assert [row["article_id"] for row in found] == pages["url"].to_pylist()
    assert [row["status"] for row in found] == ["ok", "empty", "too_large"]
    assert found[0]["url"] == "https://a.example/1"


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(MedtablesError, match="no table 'symptoms'"):
        pipeline.ArrowExtractor("symptoms")
    with pytest.raises(MedtablesError, match="Give them html"):
        pipeline.ArrowExtractor()(pa.table({"url": ["https://a.example"]}))
    assert pipeline.ArrowExtractor().schema.equals(arrow_schema(TABLES["mentions"]))
