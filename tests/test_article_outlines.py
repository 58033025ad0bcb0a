"""The outline of each sample page is the one that a careful reader wrote down."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from pipeline import article, sources
from pipeline.decode import decode
from pipeline.model import Article, Decoded, Kind

CORPORA = Path(__file__).parents[1] / "corpora"
MOST_EXTRA = 3  # Lines of furniture that may stay in one page (a slide show's labels, a contact box).
MOST_EXTRA_ALL = 10
Row = tuple[str, int, str, str]


def _expected() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    with (CORPORA / "gold" / "outlines.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found[row["article_id"]].append(
                (row["kind"], int(row["level"]), row["trail"] or "", row["first_words"] or "")
            )
    return found


EXPECTED = _expected()


def _rows(found: Article) -> list[Row]:
    return [
        (
            str(block.kind),
            block.level,
            "" if block.kind is Kind.TITLE else " > ".join(block.trail),
            " ".join(found.text[block.start : block.end].split()[:5]),
        )
        for block in found.blocks
    ]


@pytest.fixture(scope="module")
def pages() -> dict[str, Article]:
    found = {}
    for page in sources.read([CORPORA / "sample"]):
        if page.article_id in EXPECTED:
            decoded = decode(page.content, page.content_type, page.media_type)
            assert isinstance(decoded, Decoded)
            found[page.article_id] = article.parse(decoded.text, media_type=page.media_type)
    return found


def _compare(article_id: str, found: Article) -> tuple[list[Row], list[Row]]:
    expected = EXPECTED[article_id]
    rows = _rows(found)
    missing = [row for row in expected if row not in rows]
    # Row headers stand in the text but not in the outlines.
    extra = [row for row in rows if row not in expected and row[0] != "table_cell"]
    return missing, extra


@pytest.mark.parametrize("article_id", sorted(EXPECTED))
def test_outline_is_the_expected_one(article_id: str, pages: dict[str, Article]) -> None:
    missing, extra = _compare(article_id, pages[article_id])
    assert not missing, f"missing {missing}\nextra {extra}"
    assert len(extra) <= MOST_EXTRA, extra


def test_blocks_stand_in_the_expected_order(pages: dict[str, Article]) -> None:
    for article_id, expected in EXPECTED.items():
        rows = [row for row in _rows(pages[article_id]) if row in expected]
        assert rows == expected, article_id


def test_little_furniture_stays(pages: dict[str, Article]) -> None:
    extra = [row for article_id in EXPECTED for row in _compare(article_id, pages[article_id])[1]]
    assert len(extra) <= MOST_EXTRA_ALL, extra
