"""Metadata: one small page per case under cases/metadata, expected values in expected.tsv."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import article
from pipeline.article import metadata
from pipeline.article.dates import find_date, parse_date
from pipeline.article.linked_data import clean, read_linked_data
from pipeline.article.metadata import NOTHING_KNOWN
from pipeline.article.narrow import parse_html
from pipeline.article.page_url import choose_url, whole_url
from pipeline.model import Metadata
from pipeline.tsv import read_rows

CASES = Path(__file__).parent / "cases" / "metadata"


def _expected() -> dict[str, dict[str, str]]:
    expected: dict[str, dict[str, str]] = defaultdict(dict)
    for row in read_rows(CASES, "expected.tsv", ("case", "field", "value")):
        expected[row["case"]][row["field"]] = row["value"]
    return expected


EXPECTED = _expected()


def _read(text: str, known: Metadata = NOTHING_KNOWN) -> Metadata:
    root = parse_html(text)
    assert root is not None
    return metadata.read(root, text, known)


@pytest.mark.parametrize("case", sorted(EXPECTED))
def test_page_says(case: str) -> None:
    found = _read((CASES / f"{case}.html").read_text(encoding="utf-8"))
    for field, value in EXPECTED[case].items():
        got = getattr(found, field)
        assert (" | ".join(got) if isinstance(got, tuple) else got) == value, field


def test_every_page_has_expectations() -> None:
    assert {path.stem for path in CASES.glob("*.html")} == set(EXPECTED)
    assert len(EXPECTED) >= 30


def test_what_came_with_the_page_comes_first() -> None:
    page = (
        '<link rel="canonical" href="https://a.example.com/x"><time datetime=2020-02-02>then</time><p>y</p>'
    )
    known = Metadata(url="http://b.example.com/z#f", url_source="warc", published="2024-05")
    found = _read(page, known)
    assert (found.url, found.url_source) == ("http://b.example.com/z", "warc")
    assert (found.published, _read(page).published) == ("2024-05", "2020-02-02")
    vague = _read(page, replace(known, url="/z", published=""))
    assert (vague.url_source, vague.published) == ("canonical", "2020-02-02")


def test_what_came_with_a_plain_text() -> None:
    known = Metadata(url="http://www.b.example.com/z#f", url_source="record", published="2024-05-31")
    found = article.parse("Low sodium", media_type="text/plain", known=known).metadata
    expected = ("http://www.b.example.com/z", "record", "b.example.com", "2024-05-31")
    assert (found.url, found.url_source, found.site, found.published) == expected


@pytest.mark.parametrize(
    ("text", "day_first", "date"),
    [
        ("2024-05-31T23:59:59Z", None, "2024-05-31"),
        ("Fri, 31 May 2024 10:00:00 GMT", None, "2024-05-31"),
        ("May 31, 2024", None, "2024-05-31"),
        ("31st of May, 2024", None, "2024-05-31"),
        ("Sept. 5 2024", None, "2024-09-05"),
        ("2024/5/3", None, "2024-05-03"),
        ("31.05.2024", None, "2024-05-31"),
        ("05/31/2024", None, "2024-05-31"),
        ("5/6/2024", None, ""),
        ("5/6/2024", True, "2024-06-05"),
        ("5/6/2024", False, "2024-05-06"),
        ("20240531", None, "2024-05-31"),
        ("1717113600", None, "2024-05-31"),
        ("2024-02-30", None, ""),
        ("1899-01-01", None, ""),
        ("12024-01-011", None, ""),
        ("in May 2024", None, ""),
        ("room 2024-113", None, ""),
    ],
)
def test_dates(text: str, day_first: bool | None, date: str) -> None:
    assert parse_date(text, day_first) == date


def test_first_date_in_words() -> None:
    assert find_date("Updated 3 June 2021, first published 2019-01-02") == "2021-06-03"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mailto:a@b.example",
        "http://",
        "http://[::1",
        "https://a b.example/",
        "//",
        "http://localhost/x",
        "data:,x",
    ],
)
def test_what_is_no_address(url: str) -> None:
    assert whole_url(url) == ""


@given(st.text(), st.text(), st.text(), st.lists(st.text(), max_size=3), st.text())
def test_url_rule_never_raises(known: str, canonical: str, og_url: str, linked: list[str], text: str) -> None:
    url, source = choose_url((known, "warc"), canonical, og_url, linked, text)
    assert bool(url) == bool(source)
    assert (
        not url
        or url.startswith(("http://", "https://", "HTTP://", "HTTPS://"))
        or url.lower().startswith("http")
    )


@given(st.text())
def test_dates_are_iso_or_empty(text: str) -> None:
    date = parse_date(text)
    assert date == "" or (len(date) == 10 and "1900" <= date[:4] <= "2099")


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "@type",
                    "@id",
                    "@graph",
                    "name",
                    "author",
                    "about",
                    "code",
                    "datePublished",
                    "mainEntity",
                    "audience",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(_JSON)
def test_any_linked_data_is_read(value: object) -> None:
    script = json.dumps({"@type": "Article", "mainEntity": value})
    page = f'<script type="application/ld+json">{script}</script><p>x</p>'
    found = _read(page)
    for text in (found.title, found.author, found.description, *found.about, *found.codes):
        assert text == clean(text)


@given(st.text())
def test_clean_text_is_one_line_without_surrogates(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == " ".join(cleaned.split())
    cleaned.encode("utf-8")


@pytest.mark.parametrize(
    "script",
    [
        "[" * 200_000,
        '{"@type":"Article","author":' * 50_000,
        '"author":{' * 50_000,
        json.dumps(
            [{"@type": "Article", "@id": f"#{n}", "about": {"@id": f"#{n + 1}"}} for n in range(20_000)]
        ),
        "/*" * 100_000,
        '{"a":1' + "," * 100_000,
    ],
    ids=["brackets", "objects", "authors", "chain", "comments", "commas"],
)
def test_hostile_linked_data_is_harmless(script: str) -> None:
    started = time.process_time()
    read_linked_data([script])
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "text",
    [
        "<p>Last reviewed: " * 30_000,
        "<script " * 30_000,
        "<!-- saved from url=" * 30_000,
        "<h1>" + "<b class='author'>x" * 3_000,
        "<time class=published>x" * 3_000,
        '<meta name="author" content="by by by ' + "by " * 50_000 + '">',
    ],
    ids=["cues", "scripts", "comments", "authors", "times", "byline"],
)
def test_hostile_pages_take_linear_time(text: str) -> None:
    root = parse_html(text)
    assert root is not None
    started = time.process_time()
    metadata.read(root, text)
    assert time.process_time() - started < 3
