"""What a page says is text in the report, the drawings and the exports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from pipeline.convert import convert
from pipeline.exporters import NAMES as EXPORTERS
from pipeline.model import Metadata
from pipeline.report import write_heatmap, write_report
from pipeline.runs import Run
from pipeline.tables.links import web_address


def _no_script(tree: Any, allowed_scripts: int) -> None:
    scripts = [one for one in tree.iter("script") if one.get("type") != "application/json"]
    assert len(scripts) == allowed_scripts
    for element in tree.iter(etree.Element):
        for name, value in element.items():
            assert not name.lower().startswith("on"), (element.tag, name)
            if name.rpartition("}")[2] in ("href", "src", "action", "formaction", "data", "srcdoc", "poster"):
                good = value == "data:," or value.startswith(("#", "https://", "http://"))
                assert good, (element.tag, name, value)
    assert not list(tree.iter("img", "iframe", "object", "embed", "base", "form"))


def test_the_report_has_no_script_but_its_own(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(run.path, path, "</title><script>alert(9)</script>")
    text = path.read_text(encoding="utf-8")
    tree = html.fromstring(text)
    _no_script(tree, 1)
    [policy] = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for script in tree.xpath("//script[@type='application/json']"):
        held = json.loads(script.text)
        assert "<" not in script.text
        for address in _strings(held):
            assert (
                not re.match(r"\s*(javascript|data|vbscript):", address, re.I)
                or " " in address
                or "," in address
            )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if "://" in value[:12] or re.match(r"[a-z]+:\S*\Z", value):
            yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def test_the_heat_map_is_only_a_drawing(run: Run, tmp_path: Path) -> None:
    write_heatmap(run.path, tmp_path / "map.svg")
    _no_script(etree.parse(tmp_path / "map.svg").getroot(), 0)


def test_a_run_in_a_notebook_shows_no_markup_of_a_page(run: Run) -> None:
    _no_script(html.fromstring(f"<div>{run._repr_html_()}</div>"), 0)


@pytest.mark.parametrize("name", EXPORTERS)
def test_exports_point_to_web_pages_only(run: Run, tmp_path: Path, name: str) -> None:
    convert(run, tmp_path / "out", [name])
    for path in (tmp_path / "out").iterdir():
        assert re.fullmatch(r"[A-Za-z0-9._-]+", path.name)
        if not path.name.endswith(("json", "jsonld")):
            continue
        waiting = [json.loads(path.read_text(encoding="utf-8"))]
        while waiting:
            one = waiting.pop()
            if isinstance(one, list):
                waiting += one
            elif isinstance(one, dict):
                waiting += one.values()
                for key in ("source", "target", "url"):
                    if isinstance(one.get(key), str) and one[key] != "medtables":
                        assert web_address(one[key]) == one[key] != "", (path.name, one[key])


def test_metadata_of_another_run_is_not_trusted(tmp_path: Path) -> None:
    """A run folder may come from elsewhere: its addresses are looked at again where they are used."""
    from tests.browser.synthetic import write_run

    write_run(tmp_path / "run", 2, Metadata(title="Fever", url="javascript:alert(1)", site="x"))
    write_report(tmp_path / "run", tmp_path / "report.html")
    assert "javascript:" not in re.sub(
        r"<script>.*?</script>", "", (tmp_path / "report.html").read_text("utf-8")
    )
    for name in EXPORTERS:
        convert(tmp_path / "run", tmp_path / name, [name])
    for path in tmp_path.rglob("*annotation*"):
        if path.is_file():
            assert "javascript:" not in path.read_text("utf-8")
