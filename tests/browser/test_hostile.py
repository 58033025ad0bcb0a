"""Nothing in a page can make its report run, load or send anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline import batch
from pipeline.model import Metadata
from pipeline.report import write_report
from pipeline.runs import read_run
from tests.browser.synthetic import write_run

VIEWS = ("overview", "heatmap", "articles", "contradictions", "ranges", "search")


def test_the_policy_lets_nothing_else_run(browser: Any, tmp_path: Path) -> None:
    write_run(tmp_path / "run", 2)
    write_report(tmp_path / "run", tmp_path / "report.html")
    browser.report(tmp_path / "report.html")
    browser.run(
        """
        const script = document.createElement("script");
        try { script.text = "window.ran = 1"; document.body.append(script); } catch { window.refused = true; }
        const image = document.createElement("img");
        try { image.setAttribute("onerror", "window.ran = 2"); } catch { window.handler = false; }
        image.src = "https://example.org/x.png";
        document.body.append(image);
        return fetch("https://example.org/y").catch(() => { window.alone = true; });
        """
    )
    assert browser.run(
        "return window.handler === false && window.alone === true && document.querySelector('img').naturalWidth === 0"
    )
    assert browser.run("return window.ran === undefined && window.refused === true")
    assert not [address for address in browser.requests() if "example.org" in address]
    assert any("Content Security Policy" in message for message in browser.messages())


HOSTILE = """<!doctype html><html lang="en"><head>
<title>&lt;/script&gt;&lt;script&gt;window.ran=1&lt;/script&gt; fever</title>
<link rel="canonical" href="javascript:window.ran=2">
<meta name="author" content="&lt;img src=x onerror=window.ran=3&gt;">
<meta property="og:site_name" content="&quot; onmouseover=&quot;window.ran=4&quot; x=&quot;">
<meta property="article:published_time" content="2024-02-03">
</head><body><article><h1>&lt;/script&gt;&lt;script&gt;window.ran=1&lt;/script&gt; fever</h1>
<p>Hyponatremia &lt;/script&gt;&lt;script&gt;window.ran=5&lt;/script&gt; causes headache and nausea &lt;!-- in many.</p>
<p>&lt;img src="https://example.org/y.png" onerror="window.ran=6"&gt; Potassium \u2028 is 3.5 to 5.0 mmol/L,
&amp;lt;b&amp;gt;.</p>
<p><a href="javascript:window.ran=7">Read more on cramps</a> and {{ 7*7 }} on fatigue, which is rarely dangerous
in young people.</p>
<ul><li>&lt;svg onload=window.ran=8&gt; dizziness</li><li>No fever &lt;/blockquote&gt; in adults</li></ul>
</article></body></html>"""


def test_a_hostile_page_runs_nothing(browser: Any, tmp_path: Path) -> None:
    pages = tmp_path / "<img src=x onerror=window.ran=9>"
    pages.mkdir()
    (pages / "a' onclick='window.ran=10.html").write_text(HOSTILE, encoding="utf-8")
    (pages / "b.html").write_text(HOSTILE.replace("No fever", "Fever"), encoding="utf-8")
    batch.run([str(pages)], tmp_path / "run", workers=1)
    run = read_run(tmp_path / "run")
    assert "<script>window.ran=5</script>" in "".join(run.blocks["text"]) and len(run.mentions) > 10
    report = tmp_path / "report.html"
    write_report(tmp_path / "run", report, "</title><script>window.ran=11</script>")
    nothing_runs(browser, report)
    assert "<script>window.ran=5</script>" in browser.text("#article-text")


@pytest.mark.parametrize(
    "url", ["javascript:window.ran=2", 'https://x.example/"><script>window.ran=3</script>']
)
def test_hostile_metadata_runs_nothing(browser: Any, tmp_path: Path, url: str) -> None:
    evil = "</script><script>window.ran=1</script><!--<img src=x onerror=window.ran=4>"
    metadata = Metadata(
        title=evil, url=url, site=evil, author=f"' onfocus=window.ran=5 {evil}", published=evil
    )
    write_run(tmp_path / "run", 3, metadata)
    report = tmp_path / "report.html"
    write_report(tmp_path / "run", report)
    nothing_runs(browser, report)
    assert evil in browser.text("#article-facts")
    browser.run("location.hash = 'articles'")
    browser.wait("return document.querySelectorAll('#articles-table tbody tr').length === 3")
    assert evil in browser.text("#articles-table")


def nothing_runs(browser: Any, report: Path) -> None:
    browser.report(report)
    for place in (*VIEWS, "article-1", "concept-0", "cell-0-0", "<script>window.ran=12</script>"):
        browser.run("location.hash = arguments[0]", place)
        browser.run("return new Promise((done) => setTimeout(done, 60))")
    browser.choose("#search-box", "<script>window.ran")
    browser.wait("return document.querySelectorAll('#search-found li').length > 0")
    browser.run("location.hash = 'article-0'")
    browser.wait("return document.querySelectorAll('#article-text mark').length > 3")
    browser.run(
        "for (const one of document.querySelectorAll('main *'))"
        " for (const name of ['mouseover', 'click', 'focus']) if (!one.href) one.dispatchEvent(new Event(name))"
    )
    assert browser.run("return window.ran === undefined")
    strange = "img, iframe, object, embed, base, main script, body > script:not([type]) ~ script"
    assert browser.run("return document.querySelectorAll(arguments[0]).length", strange) == 0
    links = browser.run(
        "return [...document.querySelectorAll('[href]')].map((one) => one.getAttribute('href'))"
    )
    assert all(address.startswith(("#", "https://", "data:,")) for address in links)
    names = browser.run(
        "return [...document.querySelectorAll('*')].flatMap((one) => one.getAttributeNames())"
    )
    assert not [name for name in names if name.startswith("on")]
    assert [address for address in browser.requests() if not address.startswith(("file:", "data:"))] == []
    assert browser.messages() == []
