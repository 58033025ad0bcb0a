"""What the report is made of, without a browser; tests/browser opens it in one."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.compare.seriation import order
from pipeline.report import render, write_heatmap, write_report
from pipeline.report.data import collect, to_json, web_address
from pipeline.report.plots import axis
from pipeline.report.records import Detail, collect_records
from pipeline.runs import Run, read_run
from tests.browser.synthetic import write_run

values = st.recursive(
    st.text() | st.integers() | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run") / "made"
    write_run(folder, 12)
    return read_run(folder)


@given(values)
def test_json_cannot_end_its_element(value: object) -> None:
    text = to_json(value)
    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text) == value


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.example/", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        (" https://a.example", False),
        ("data:text/html,x", False),
        ("//a.example", False),
        ("", False),
    ],
)
def test_only_web_addresses_are_links(address: str, kept: bool) -> None:
    assert web_address(address) == (address if kept else "")


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), max_size=12))
def test_an_order_holds_every_row_once(rows: list[list[int]]) -> None:
    matrix = np.array(rows, dtype=float).reshape(len(rows), 4)
    assert sorted(order(matrix)) == list(range(len(rows)))


def test_alike_rows_stand_together() -> None:
    kinds = [(9, 9, 0, 0, 0, 0), (0, 0, 9, 9, 0, 0), (0, 0, 0, 0, 9, 9)]
    rows = np.array([np.add(kinds[number % 3], number // 3) for number in range(15)], dtype=float)
    found = [number % 3 for number in order(rows)]
    assert sum(one != other for one, other in pairwise(found)) == 2


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=6))
def test_a_scale_has_room_and_round_ticks(ends: list[float]) -> None:
    scale = axis(ends)
    assert scale.low < scale.high
    assert all(0 <= scale.at(end) <= 100 for end in ends)
    assert len(scale.ticks) <= 11


def test_offsets_count_as_javascript_counts(run: Run) -> None:
    data = collect(run, 500)
    for article, text in zip(data.articles, collect_records(run, data, 10**9).texts, strict=True):
        record = json.loads(text)
        blocks = {block[0]: block[5] for block in record["blocks"]}
        own = run.mentions[run.mentions["article_id"] == article.article_id]
        flat = record["mentions"]
        for at, words in zip(range(0, len(flat), 10), own["text"], strict=True):
            block, start, end = flat[at : at + 3]
            encoded = blocks[block].encode("utf-16-le")
            assert encoded[2 * start : 2 * end].decode("utf-16-le") == words


def test_too_large_articles_lose_text_but_no_mention(run: Run) -> None:
    data = collect(run, 500)
    whole = collect_records(run, data, 10**9)
    size = sum(len(text.encode()) for text in whole.texts)
    some = collect_records(run, data, size * 99 // 100)
    assert set(some.details) == {Detail.FULL, Detail.MENTIONS}
    for full, cut in zip(whole.texts, some.texts, strict=True):
        assert len(json.loads(full)["mentions"]) == len(json.loads(cut)["mentions"])
    assert set(collect_records(run, data, 0).details) == {Detail.NOTHING}


def test_equal_runs_give_equal_pages(run: Run) -> None:
    assert render(run) == render(read_run(run.path))


def test_one_script_and_one_style_are_allowed_by_their_hash(run: Run) -> None:
    page, articles, notes = render(run, "<b>&")
    assert articles == 12 and notes == ()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy and "default-src &#39;none&#39;" in policy[1] and "unsafe" not in policy[1]
    assert len(re.findall("<script>", page)) == len(re.findall("<style>", page)) == 1
    assert "<title>&lt;b&gt;&amp; · medtables report</title>" in page
    outside = re.findall(r"""(?:src|href)=["']?(?!#|data:,)[^"'>]+""", page.split("<script")[0])
    assert outside == []


def test_the_image_is_a_file_of_its_own(run: Run, tmp_path: Path) -> None:
    tree = ElementTree.parse(write_heatmap(run.path, tmp_path / "map.svg"))
    names = {element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")}
    top = collect(run, 500).concepts[0]
    assert top.name in names
    assert "color-mix" in "".join(tree.getroot().itertext())


def test_the_command_writes_the_page_or_the_image(run: Run, tmp_path: Path) -> None:
    runner = CliRunner()
    page = tmp_path / "page.html"
    result = runner.invoke(main, ["report", str(run.path), "-o", str(page), "--most-articles", "5"])
    assert result.exit_code == 0 and "5 articles" in result.output and "7 articles" in result.output
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    image = tmp_path / "map.svg"
    assert runner.invoke(main, ["report", str(run.path), "-o", str(image)]).exit_code == 0
    assert image.read_text(encoding="utf-8").startswith("<svg")
    missing = runner.invoke(main, ["report", str(tmp_path / "nowhere")])
    assert missing.exit_code == 1 and "nowhere" in missing.output
    unwritable = runner.invoke(main, ["report", str(run.path), "-o", str(tmp_path / "no" / "page.html")])
    assert unwritable.exit_code == 1 and "cannot be written" in unwritable.output


def test_a_run_without_mentions_has_a_page(tmp_path: Path) -> None:
    write_run(tmp_path / "run", 2)
    run = read_run(tmp_path / "run")
    for name in ("mentions", "quantities", "concepts", "relations"):
        run._frames[name] = run.table(name).head(0)
    page, articles, _ = render(run)
    assert articles == 2 and "No article denies" in page
    assert write_report(tmp_path / "run", tmp_path / "page.html").articles == 2
