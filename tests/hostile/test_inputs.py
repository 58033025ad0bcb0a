"""Every hostile archive, crawl and file of records gives the rows that are expected, beside all the others."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import batch
from pipeline.runs import Run, read_run
from tests.hostile.case import page
from tests.hostile.inputs import HTML, INPUTS, Input

MOST_MEMORY = 2_000_000_000  # bytes of addresses beyond those that the tests have; a bomb would take more


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("inputs") / "pages"
    folder.mkdir()
    (folder / "good.html").write_bytes(page())
    for one in INPUTS:
        (folder / one.name).write_bytes(one.make())
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_MEMORY, before[1]))
    try:
        batch.run([folder], folder.parent / "out", workers=1)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert {path.name for path in folder.parent.iterdir()} == {"pages", "out"}  # nothing was unpacked
    yield read_run(folder.parent / "out")


def test_a_damaged_record_keeps_its_address(run: Run) -> None:
    row = run.articles.set_index("article_id").loc["more.warc#2"]
    assert (row["url"], row["url_source"]) == ("https://a.example/2", "warc")


def test_the_names_differ() -> None:
    assert len({one.name for one in INPUTS}) == len(INPUTS) > 45


def test_the_others_do_not_suffer(run: Run) -> None:
    assert run.articles.set_index("article_id").loc["good.html", "status"] == "ok"
    assert set(run.articles["url"]) == {
        "",
        "https://a.example/",
        *(f"https://a.example/{n}" for n in (2, 3, 4, 5, 7)),
    }


@pytest.mark.parametrize("one", INPUTS, ids=str)
def test_a_hostile_file_gives_its_rows(one: Input, run: Run) -> None:
    articles = run.articles
    mine = articles["article_id"].map(lambda name: name == one.name or name.startswith(f"{one.name}#"))
    rows = {
        name.removeprefix(one.name): (status, reason)
        for name, status, reason in articles.loc[mine, ["article_id", "status", "reason"]].itertuples(
            index=False
        )
    }
    assert {name: status for name, (status, _) in rows.items()} == {
        name: status for name, (status, _) in one.rows.items()
    }
    for name, (status, part) in one.rows.items():
        assert part in rows[name][1]
        assert (rows[name][1] == "") == (status == "ok")
        assert len(rows[name][1]) <= 500 and rows[name][1].isprintable()
    assert "root:" not in HTML and not run.blocks["text"].str.contains("root:", regex=False).any()
