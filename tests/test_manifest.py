"""The user's own file on the pages: what it says wins, and all of it is carried along into run and comparison."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pipeline import batch
from pipeline.cli import main
from pipeline.errors import SourceError
from pipeline.model import Page
from pipeline.runs import read_run
from pipeline.runs.verify import verify
from pipeline.sources import Options, load, plan, read, survey
from pipeline.sources.manifest import _iso, read_manifest

PAGE = """<html lang=en><head><title>{0}</title><link rel=canonical href=https://page.example/{0}>
<meta property="article:published_time" content="2001-01-01"></head><body><article><h1>Low potassium</h1>
<p>Low potassium causes muscle cramps, but no fever, and the heart may beat out of time.</p></article></body></html>"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    (folder / "below").mkdir(parents=True)
    for name in ("a", "below/b", "c"):
        (folder / f"{name}.html").write_text(PAGE.format(name))
    feed = [{"html": PAGE.format(name), "url": f"https://feed.example/{name}"} for name in "xy"]
    (folder / "feed.jsonl").write_text("".join(json.dumps(one) + "\n" for one in feed))
    (folder / "table.csv").write_text('url,html\nhttps://table.example/,"<p>Salt.</p>"\n')
    return folder


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def found(pages: Path, manifest: Path) -> dict[str, Page]:
    options = Options(manifest=str(manifest))
    through = list(read([str(pages)], options=options))
    assert [load(item) for item in plan([str(pages)], options)] == through
    return {page.article_id: page for page in through}


def test_what_it_says_wins(pages: Path, tmp_path: Path) -> None:
    manifest = write(
        tmp_path / "mine.csv",
        "file;url;date;topic\n./a.html;https://mine.example/a;2024-05;salt\nbelow\\b.html;;2024-05-31T10:00:00Z;\n"
        "feed.jsonl#2;https://mine.example/y;;\ntable.csv#1;https://mine.example/t;2023;\n",
    )
    by_id = found(pages, manifest)
    told = {name: (page.url, page.url_source, page.published) for name, page in by_id.items()}
    assert told == {
        "a.html": ("https://mine.example/a", "manifest", "2024-05"),
        "below/b.html": ("", "", "2024-05-31"),
        "c.html": ("", "", ""),
        "feed.jsonl#1": ("https://feed.example/x", "record", ""),
        "feed.jsonl#2": ("https://mine.example/y", "manifest", ""),
        "table.csv#1": ("https://mine.example/t", "manifest", "2023"),
    }


def test_files_may_be_named_as_they_were_given(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    manifest = write(
        tmp_path / "mine.tsv",
        "Local Path\tlink\npages/a.html\thttp://mine.example\npages/feed.jsonl#1\thttp://m.example\n",
    )
    options = Options(manifest=str(manifest))
    urls = [page.url for page in read(["pages"], options=options)]
    assert urls[0] == "http://mine.example"
    assert "http://m.example" in urls


def test_a_run_carries_it_along(pages: Path, tmp_path: Path) -> None:
    manifest = write(
        tmp_path / "mine.csv",
        '\ufefffile,url,published,kind,note\nc.html,https://mine.example/c,2024-05-31,blog,"two\nlines, é"\n'
        "a.html,,,paper,NA\ngone.html,,,x,\nlost.html,not one,31.5.2024,x,\n",
    )
    out = tmp_path / "out"
    runner = CliRunner()
    result = runner.invoke(
        main, ["run", str(pages), "-o", str(out), "--manifest", str(manifest), "--workers", "1"]
    )
    assert result.exit_code == 0, result.output
    assert "2 of 4 rows are about no page that was found, the first is 'gone.html'" in result.stderr
    assert "'31.5.2024'" in result.stderr
    assert "'not one'" in result.stderr
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["article_id", "url", "published", "kind", "note"],
            ["c.html", "https://mine.example/c", "2024-05-31", "blog", "two\nlines, é"],
            ["a.html", "", "", "paper", "NA"],
        ]
    run = read_run(out)
    articles = run.articles.set_index("article_id")
    assert tuple(articles.loc["c.html", ["url", "url_source", "published"]]) == (
        "https://mine.example/c",
        "manifest",
        "2024-05-31",
    )
    assert tuple(articles.loc["a.html", ["url_source", "published"]]) == ("canonical", "2001-01-01")
    assert run.info["options"]["manifest"] == str(manifest)
    assert run.info["options"]["inputs"]["manifest"] == {"rows": 4, "pages": 2}
    assert "manifest.csv" in run.info["files"]
    assert verify(out) == ()
    result = runner.invoke(main, ["compare", str(out), "--by", "kind", "--rows", "0"])
    assert result.exit_code == 0, result.output
    groups = (out / "compare" / "prevalence_by.csv").read_text()
    assert "blog" in groups
    assert "paper" in groups


def test_the_bytes_do_not_depend_on_workers_or_resume(pages: Path, tmp_path: Path) -> None:
    manifest = write(
        tmp_path / "mine.csv", "file,url,kind\na.html,https://mine.example/a,x\nfeed.jsonl#2,,y\n"
    )
    texts = []
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        batch.run([pages], out, manifest=manifest, workers=workers, chunk_pages=2)
        texts.append(
            [(out / name).read_bytes() for name in ("manifest.csv", "articles.csv", "datapackage.json")]
        )
    batch.run([pages], out, manifest=manifest, workers=1, resume=True)
    texts.append([(out / name).read_bytes() for name in ("manifest.csv", "articles.csv", "datapackage.json")])
    assert texts[0] == texts[1] == texts[2]
    write(manifest, "file,url,kind\na.html,https://mine.example/new,x\n")
    assert batch.run([pages], out, manifest=manifest, workers=1, resume=True).kept == 5
    assert read_run(out).articles["url"][0] == "https://mine.example/new"
    batch.run([pages], out, workers=1, overwrite=True)
    assert not (out / "manifest.csv").exists()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no column"),
        ("topic,when\nx,y\n", "no column"),
        ("file,url\na.html,\n./a.html,\n", "twice, in the lines 2 and 3"),
        ("file,url\na.html,b,c\n", "line 2 has 3 cells"),
    ],
)
def test_a_manifest_that_is_none(pages: Path, tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(SourceError, match=what):
        survey([str(pages)], Options(manifest=str(write(tmp_path / "mine.csv", text))))


def test_a_manifest_that_cannot_be_read(pages: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(b"file\ncaf\xe9.html\n")
    for name, what in (("mine.csv", "UTF-8"), ("none.csv", "cannot be read")):
        with pytest.raises(SourceError, match=what):
            survey([str(pages)], Options(manifest=str(tmp_path / name)))


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-05-31", "2024-05-31"),
        ("2024-05", "2024-05"),
        ("2024", "2024"),
        ("2024-05-31T10:00:00+02:00", "2024-05-31"),
        ("2024-05-31 10:00", "2024-05-31"),
        ("2024-02-30", ""),
        ("2024-13", ""),
        ("2024-W01-1", ""),
        ("20240531", ""),
        ("5/31/2024", ""),
        ("unknown", ""),
    ],
)
def test_dates(text: str, date: str) -> None:
    assert _iso(text) == date


@given(st.text(max_size=20))
def test_any_text_is_a_date_or_none(text: str) -> None:
    assert _iso(text) in ("", text, text[:10])


def test_a_row_for_each_page_and_other_columns_first(tmp_path: Path) -> None:
    manifest = read_manifest(
        str(write(tmp_path / "mine.csv", "topic,article_id,file\nsalt,a.html,x\n\n,,y\n"))
    )
    assert list(manifest.told) == ["a.html"]
    manifest.apply(Page("a.html", b"", "a.html"))
    assert list(manifest.rows()) == [["article_id", "topic", "file"], ["a.html", "salt", "x"]]
    assert manifest.remarks() == []
