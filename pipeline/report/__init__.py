"""One self-contained page of a run: overview, heat map, articles, contradictions, ranges.

The page loads nothing and sends nothing. Its policy (Content-Security-Policy) lets exactly the one script and the
one style sheet of this module run; all text of the articles is data, which the script puts in as text.
"""

from __future__ import annotations

import base64
import hashlib
import tempfile
from dataclasses import dataclass
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from ..compare import compare
from ..compare.seriation import order
from ..errors import MedtablesError, OutputError
from ..runs import Run, read_run
from . import panels
from .data import ASSERTIONS, Data, collect
from .heatmap import asset, heatmap
from .plots import hue
from .records import Detail, Records, collect_records

MOST_ARTICLES = 500
MOST_BYTES = 15_000_000
_SCRIPTS = ("base.js", "heatmap.js", "panel.js", "reader.js", "search.js", "claims.js", "main.js")
_STYLES = ("plots.css", "page.css", "views.css")
_TEMPLATE = "page.html"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the file, its bytes, the articles shown, and what was left out, in sentences."""

    path: Path
    bytes: int
    articles: int
    left_out: tuple[str, ...]


def render(
    run: Run, title: str = "", *, most_articles: int = MOST_ARTICLES, most_bytes: int = MOST_BYTES
) -> tuple[str, int, tuple[str, ...]]:
    """The page as text, the number of articles it shows, and what it left out. Raises MedtablesError."""
    comparison = compare(run)
    data = collect(run, most_articles)
    places = panels.Places(run, data)
    matrix = data.matrix()
    article_order, concept_order = order(matrix), order(matrix.T)
    script, style = _script(), _style()
    context: dict[str, Any] = {
        "title": title or run.path.resolve().name,
        "policy": _policy(script, style),
        "style": Markup(style),
        "script": Markup(script),
        "index": Markup(data.index(article_order, concept_order)),
        "data": data,
        "assertions": ASSERTIONS,
        "hue": hue,
        "overview": panels.overview(run, data, comparison),
        "disputes": panels.disputes(comparison, places),
        "ranges": panels.range_groups(comparison, places),
        "heatmap": heatmap(data, concept_order, article_order),
        "made": panels.made(run.info),
        "notes": [],
        "records": [],
    }
    template = _environment().get_template(_TEMPLATE)
    frame = len(template.render(context).encode("utf-8", errors="replace"))
    wrapping = 64 * (len(data.articles) + 4)
    records = collect_records(run, data, most_bytes - frame - wrapping)
    notes = _left_out(data, records)
    text = template.render(
        {**context, "notes": notes, "records": [Markup(record) for record in records.texts]}
    )
    return text, len(data.articles), notes


def write_report(
    run_folder: str | PathLike[str],
    path: str | PathLike[str],
    title: str = "",
    *,
    most_articles: int = MOST_ARTICLES,
    most_bytes: int = MOST_BYTES,
) -> Written:
    """Write the page of the run in `run_folder` to `path`. Raises MedtablesError."""
    text, articles, notes = render(
        read_run(run_folder), title, most_articles=most_articles, most_bytes=most_bytes
    )
    return Written(Path(path), _write(Path(path), text), articles, notes)


def write_heatmap(run_folder: str | PathLike[str], path: str | PathLike[str]) -> Path:
    """Write the heat map of the run's most widespread concepts as one SVG image. Raises MedtablesError."""
    data = collect(read_run(run_folder), MOST_ARTICLES)
    if not data.concepts:
        raise MedtablesError(str(run_folder), "mentions no concept", "There is nothing to draw.")
    matrix = data.matrix()
    _write(Path(path), str(heatmap(data, order(matrix.T), order(matrix), alone=True)) + "\n")
    return Path(path)


def _left_out(data: Data, records: Records) -> tuple[str, ...]:
    found = []
    if data.left_out:
        found.append(
            f"{data.left_out:,} articles, those with the fewest mentions: the page shows {len(data.articles):,}."
        )
    partly, bare = records.count(Detail.MENTIONS), records.count(Detail.NOTHING)
    if partly:
        found.append(f"Of {partly:,} long articles, the blocks that mention nothing.")
    if bare:
        found.append(f"Of {bare:,} articles, the text and its sentences; their counts are here.")
    return tuple(found)


def _policy(script: str, style: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(script)}",
            f"style-src {_hash(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _script() -> str:
    body = "\n".join(asset(name) for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{body}}})();\n'


@cache
def _style() -> str:
    return "\n".join(asset(name) for name in _STYLES)


@cache
def _environment() -> Environment:
    names = (_TEMPLATE, "overview.html", "contradictions.html", "ranges.html")
    return Environment(
        loader=DictLoader({name: asset(f"{name}.jinja") for name in names}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _write(path: Path, text: str) -> int:
    """Write in a private folder, then move into place, so that no half file bears the name; who may read it is for the
    user's umask to say."""
    content = text.encode("utf-8", errors="replace")
    try:
        with tempfile.TemporaryDirectory(prefix=".medtables-", dir=path.parent) as folder:
            written = Path(folder) / "report"
            written.write_bytes(content)
            written.replace(path)
    except OSError as error:
        raise OutputError(
            str(path), f"cannot be written ({error.strerror or error})", "Name another file with -o."
        ) from error
    return len(content)
