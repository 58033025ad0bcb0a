"""Each hostile page goes through a run beside a good one, and gives the row that is expected of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import batch
from pipeline.runs import Run, read_run
from pipeline.sources import MAX_BYTES
from tests.hostile import characters, markup, sizes, statements
from tests.hostile.case import Case, page

CASES = (*markup.CASES, *characters.CASES, *statements.CASES, *sizes.CASES)
GOOD = page("<p>Low potassium causes muscle cramps.</p>")
SECONDS = 30.0  # for one page, on a busy machine; most take a tenth of a second


def test_there_are_enough_cases_of_different_names() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 80


def _run(folder: Path, max_bytes: int) -> Run:
    out = folder.parent / "out"
    batch.run([folder], out, workers=1, max_bytes=max_bytes or MAX_BYTES, page_seconds=SECONDS)
    return read_run(out)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case.name, marks=[pytest.mark.slow] if case.slow else []) for case in CASES],
)
def test_a_hostile_page_gives_its_row(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    name = f"bad{case.suffix}"
    (folder / name).write_bytes(case.make())
    (folder / "good.html").write_bytes(GOOD)
    run = _run(folder, case.max_bytes)
    rows = run.articles.set_index("article_id")
    assert list(rows.index) == [name, "good.html"]
    assert rows.loc["good.html", "status"] == "ok"
    assert "Low potassium" in set(run.mentions.loc[run.mentions["article_id"] == "good.html", "text"])
    row = rows.loc[name]
    assert (row["status"], row["reason"]) == (case.status, row["reason"])
    assert case.reason in row["reason"]
    assert (row["reason"] == "") == (case.status == "ok")
    blocks = run.blocks[run.blocks["article_id"] == name]
    text = "\n".join(blocks["text"])
    for kept in case.keeps:
        assert kept in text, f"lost: {kept[:100]!r}"
    found = set(run.mentions.loc[run.mentions["article_id"] == name, "text"])
    assert set(case.mentions) <= found
    _holds_together(run, name)
    for table in run.tables:
        cells = run.table(table).astype(str).to_numpy().ravel()
        for evil in case.lacks:
            assert not any(evil in cell for cell in cells), f"{evil[:40]!r} stands in {table}"


def _holds_together(run: Run, name: str) -> None:
    """Dates are dates, addresses addresses, offsets fit, and no cell is much larger than what it is told of."""
    row = run.articles.set_index("article_id").loc[name]
    for column in ("published", "modified", "reviewed"):
        assert row[column] == "" or ("1900-01-01" <= row[column] <= "2099-12-31" and len(row[column]) == 10)
    assert row["url"] == "" or row["url"].startswith(("http://", "https://"))
    assert max(len(row[column]) for column in row.index if isinstance(row[column], str)) < 60_000
    blocks = run.blocks[run.blocks["article_id"] == name]
    assert (blocks["text"].str.len() == blocks["end"] - blocks["start"]).all()
    assert blocks["trail"].str.len().max() < 10_000 if len(blocks) else True
    assert blocks["place"].str.len().max() < 3_000 if len(blocks) else True
    mentions = run.mentions[run.mentions["article_id"] == name]
    assert (mentions["text"].str.len() == mentions["end"] - mentions["start"]).all()
    links = mentions["link"][mentions["link"] != ""]
    assert links.str.fullmatch(r"https?://[^\s\"<>]+").all()
