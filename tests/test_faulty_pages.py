"""An error of medtables itself in one page is that page's row: the others keep theirs, the run goes on."""

from __future__ import annotations

import json
import time
from importlib import import_module
from pathlib import Path

import pytest

from pipeline import batch
from pipeline.extract import Engine, extract
from pipeline.model import Extraction, Page
from pipeline.runs import read_run
from pipeline.tables import TABLES
from pipeline.tables.rows import Row, rows


@pytest.fixture
def pages(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(import_module("pipeline.batch.chunk"), "engine_for", lambda settings: engine)
    for name in ("a", "b", "c"):
        text = f"The people of {name} say that low potassium is the cause of their muscle cramps at night."
        (tmp_path / f"{name}.txt").write_text(text)
    return tmp_path


def statuses(folder: Path) -> list[tuple[str, str, str]]:
    articles = read_run(folder).articles
    return list(zip(articles["article_id"], articles["status"], articles["reason"], strict=True))


def test_what_reading_raises_is_the_reason(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(page: Page, engine: Engine, **options: str) -> Extraction:
        if page.article_id == "b.txt":
            raise RuntimeError("of two\nlines")
        return extract(page, engine, **options)

    monkeypatch.setattr(import_module("pipeline.extract"), "extract", failing)
    batch.run([pages], pages / "out", workers=1)
    assert statuses(pages / "out") == [
        ("a.txt", "ok", ""),
        ("b.txt", "failed", "RuntimeError: of two lines"),
        ("c.txt", "ok", ""),
    ]


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [("start", 2**70, "Overflow"), ("text", 3, "Type")],
)
def test_rows_that_do_not_fit_their_table_are_lost_alone(
    column: str, value: object, told: str, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = [one.name for one in TABLES["mentions"].columns].index(column)

    def misfit(extraction: Extraction) -> dict[str, list[Row]]:
        found = rows(extraction)
        if extraction.page.article_id == "b.txt" and found["mentions"]:
            right = found["mentions"][0]
            found["mentions"][0] = (*right[:position], value, *right[position + 1 :])
        return found

    monkeypatch.setattr(import_module("pipeline.batch.chunk"), "rows", misfit)
    batch.run([pages], pages / "out", workers=1)
    found = statuses(pages / "out")
    assert [status for _, status, _ in found] == ["ok", "failed", "ok"]
    assert told in found[1][2]
    mentions = read_run(pages / "out").mentions
    assert set(mentions["article_id"]) == {"a.txt", "c.txt"}


@pytest.mark.parametrize("cause", ["timeout", "failed"])
@pytest.mark.parametrize("moment", ["read", "extract"])
def test_a_lost_page_keeps_the_address_that_came_with_it(
    cause: str, moment: str, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a record that the listing reads, in one that the worker reads, and in the manifest."""
    html = (pages / "a.txt").read_text()
    records = [{"url": f"https://a.example/json/{n}", "html": f"<p>{html}</p>"} for n in range(2)]
    (pages / "c.json").write_text(json.dumps(records))
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><p>{html}</p></html>"
    (pages / "d.warc").write_text(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/warc\r\n"
        f"Content-Type: application/http\r\nContent-Length: {len(answer)}\r\n\r\n{answer}\r\n\r\n"
    )
    manifest = pages.parent / f"{pages.name}.csv"
    manifest.write_text(
        "file,url,date\na.txt,https://a.example/text,2024-05-31\nd.warc#1,,2023-01-02\nb.txt,,2022\n"
    )

    def faulty(*arguments: object, **options: object) -> None:
        if cause == "failed":
            raise RuntimeError("a fault")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            time.sleep(0.005)

    place, name = ("pipeline.extract", "extract") if moment == "extract" else ("pipeline.batch.chunk", "load")
    monkeypatch.setattr(import_module(place), name, faulty)
    batch.run([pages], pages / "out", workers=1, manifest=manifest, page_seconds=0.02)
    rows = read_run(pages / "out").articles.set_index("article_id")[
        ["status", "url", "url_source", "published"]
    ]
    assert set(rows.pop("status")) == {cause}
    read_here = {"c.json#1": ("https://a.example/json/0", "record", "")}
    read_here["c.json#2"] = ("https://a.example/json/1", "record", "")
    assert dict(zip(rows.index, rows.itertuples(index=False, name=None), strict=True)) == {
        "a.txt": ("https://a.example/text", "manifest", "2024-05-31"),
        "b.txt": ("", "", "2022"),
        "c.txt": ("", "", ""),
        **read_here,
        "d.warc#1": (
            *(("https://a.example/warc", "warc") if moment == "extract" else ("", "")),
            "2023-01-02",
        ),
    }
