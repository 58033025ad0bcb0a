"""An address in a table is one of the web, and a link says no more than it should."""

from __future__ import annotations

import re

import pytest

from pipeline.model import Article, Extraction, Page
from pipeline.tables import TABLES
from pipeline.tables.links import Linker, web_address
from pipeline.tables.rows import rows
from tests.hostile.case import LEAD
from tests.safety.hostile_run import ADDRESSES


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_is_of_the_web_or_nothing(url: str) -> None:
    assert web_address(url) == ""
    assert Linker(LEAD, url).link(0, len(LEAD), 0) == ""
    page = Page("a.html", b"", "a.html", url=url, url_source="warc")
    [row] = rows(Extraction(page, Article("")))["articles"]
    found = dict(zip([column.name for column in TABLES["articles"].columns], row, strict=True))
    assert (found["url"], found["url_source"]) == ("", "")


def test_a_good_address_stays() -> None:
    for url in ("https://x.example/a?b=c&d=%20#e", "HTTP://x.example/'()", "https://münchen.example/ä"):
        assert web_address(url) == url


def test_links_are_percent_encoded() -> None:
    text = (
        'He said: "a,b&c-d" <script>#~:?=/ \u2028 ümlaut \ud800 & more of it, day by day, for ever and ever.'
    )
    link = Linker(text, "https://x.example/").link(0, len(text), 0)
    fragment = link.removeprefix("https://x.example/#:~:text=")
    assert fragment != link and re.fullmatch(r"[A-Za-z0-9_.~%,-]+", fragment)


def test_a_link_has_a_bound() -> None:
    text = f"{'a' * 100_000} fever."
    assert Linker(text, "https://x.example/b#c").link(0, len(text), 0) == "https://x.example/b#c"
    assert Linker(text, "https://x.example/b").link(0, len(text), 0) == "https://x.example/b"
