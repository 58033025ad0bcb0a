"""The heat map as an image: the most widespread concepts by article, as SVG for paper and for a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from markupsafe import Markup, escape

from ..model import Assertion
from .data import ASSERTIONS, Data
from .plots import hue

MOST_ROWS, MOST_COLUMNS = 30, 60
SIZE, SIDE, HEAD, SLANT, FOOT = 22, 190, 190, 108, 78
_LONGEST_TITLE, _LONGEST_NAME = 30, 28
_STEPS = (1, 2, 3, 5, 10)
_LEGEND = ("1", "2", "3–4", "5–9", "10+")
# For readers that do not know color-mix(); browsers take the colours of plots.css.
_COLOURS = {
    "symptom": (163, 74, 0), "condition": (143, 45, 140), "electrolyte": (0, 95, 163), "medication": (0, 109, 79),
    "other": (90, 96, 107),
}  # fmt: skip
_NOTHING = "#f1f1ed"
_SHARES = (0.14, 0.28, 0.44, 0.68, 1.0)
_ABSENT = ASSERTIONS.index(str(Assertion.ABSENT))


def heatmap(
    data: Data, concept_order: Sequence[int], article_order: Sequence[int], *, alone: bool = False
) -> Markup:
    """The drawing with its legend; rows by label, then in `concept_order`. `alone`: a file that brings its own
    colours, light and dark; else they come from the page."""
    widespread = set(range(min(MOST_ROWS, len(data.concepts))))
    rows = sorted(
        (number for number in concept_order if number in widespread),
        key=lambda number: data.labels.index(data.concepts[number].label),
    )
    columns = list(article_order)[:MOST_COLUMNS]
    bottom = HEAD + len(rows) * SIZE
    width, height = SIDE + max(len(columns) * SIZE + SLANT, 420), bottom + FOOT
    drawn = [_title(data.articles[article].title, position) for position, article in enumerate(columns)]
    drawn += _cells(data, rows, columns)
    drawn += [_counts_legend(bottom + 14), _labels_legend(data.labels, bottom + 44)]
    style = f"<style>{asset('plots.css')}</style>" if alone else ""
    what = f"Heat map: the {len(rows)} most widespread concepts by {len(columns)} articles"
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{what}" width="{width}" height="{height}" font-family="sans-serif" font-size="12">{style}'
        f'<rect class="ground" width="{width}" height="{height}" fill="#ffffff"/>{"".join(drawn)}</svg>'
    )


def asset(name: str) -> str:
    """A file of `assets/`."""
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")


def step(mentions: int) -> int:
    """How dark a cell is, from 1 to 5."""
    return sum(mentions >= least for least in _STEPS)


def _title(title: str, position: int) -> str:
    x = SIDE + position * SIZE + SIZE // 2 + 4
    text = _clean(_cut(title, _LONGEST_TITLE))
    return f'<text class="name" transform="translate({x} {HEAD - 8}) rotate(-60)">{text}</text>'


def _cells(data: Data, rows: Sequence[int], columns: Sequence[int]) -> list[str]:
    matrix, denied = data.matrix(), _denied(data)
    drawn = []
    for line, concept in enumerate(rows):
        y = HEAD + line * SIZE
        css, name = hue(data.concepts[concept].label), data.concepts[concept].name
        drawn.append(_text(SIDE - 8, y + 15, _cut(name, _LONGEST_NAME), ' text-anchor="end"'))
        for position, article in enumerate(columns):
            x, mentions = SIDE + position * SIZE, int(matrix[article, concept])
            told = f"{name}, {data.articles[article].title}: {mentions}" if mentions else ""
            drawn.append(_square(x, y, css, step(mentions), told))
            if denied.get((article, concept)):
                drawn.append(_stroke(x, y))
    return drawn


def _denied(data: Data) -> dict[tuple[int, int], bool]:
    """Whether the mentions of a cell are all asserted as absent."""
    found: dict[tuple[int, int], bool] = {}
    for cell in data.cells:
        key = (cell.article, cell.concept)
        found[key] = found.get(key, True) and cell.assertion == _ABSENT
    return found


def _counts_legend(y: int) -> str:
    drawn = [_text(SIDE - 8, y + 15, "mentions", ' text-anchor="end"')]
    for position, text in enumerate(_LEGEND):
        x = SIDE + position * 54
        drawn += [_square(x, y, "other", position + 1), _text(x + 26, y + 15, text)]
    x = SIDE + len(_LEGEND) * 54
    return "".join([*drawn, _stroke(x, y), _text(x + 26, y + 15, "only as absent")])


def _labels_legend(labels: Sequence[str], y: int) -> str:
    drawn, x = [], SIDE
    for label in labels:
        name = label.replace("_", " ").lower()
        drawn += [_square(x, y, hue(label), len(_STEPS)), _text(x + 26, y + 15, name)]
        x += 106
    return "".join(drawn)


def _square(x: int, y: int, css: str, level: int, told: str = "") -> str:
    place = f'x="{x + 1}" y="{y + 1}" width="{SIZE - 2}" height="{SIZE - 2}" rx="3"'
    if not level:
        return f'<rect class="none" {place} fill="{_NOTHING}"/>'
    share = _SHARES[level - 1]
    fill = "".join(f"{round(255 - (255 - part) * share):02x}" for part in _COLOURS[css])
    title = f"<title>{_clean(told)}</title>" if told else ""
    return f'<rect class="heat {css} step-{level}" {place} fill="#{fill}">{title}</rect>'


def _stroke(x: int, y: int) -> str:
    return f'<line class="denied" x1="{x + 5}" y1="{y + 17}" x2="{x + 17}" y2="{y + 5}" stroke="#1b1d21"/>'


def _text(x: int, y: int, text: str, more: str = "") -> str:
    return f'<text class="name" x="{x}" y="{y}"{more}>{_clean(text)}</text>'


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _clean(text: str) -> Markup:
    """Escaped, without what XML cannot hold."""
    return escape("".join(sign for sign in text if sign.isprintable()))
