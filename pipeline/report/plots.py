"""Bars and ranges of the report, as SVG of rectangles, lines and text that style sheets colour."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_KNOWN = ("symptom", "condition", "electrolyte", "medication")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: its class and how much of the whole it is (0 to 1)."""

    css: str
    share: float
    title: str = ""


def hue(label: str) -> str:
    """The class that colours a label."""
    return label.lower() if label.lower() in _KNOWN else "other"


def stacked(parts: Iterable[Part], height: int = 12) -> Markup:
    """A bar as wide as its place, divided into parts."""
    drawn, x = [], 0.0
    for part in parts:
        if part.share > 0:
            drawn.append(
                f'<rect class="{escape(part.css)}" x="{x:.2f}%" width="{part.share * 100:.2f}%" height="{height}">'
                f"<title>{escape(part.title)}</title></rect>"
            )
        x += part.share * 100
    return Markup(
        f'<svg class="stacked" width="100%" height="{height}" aria-hidden="true">{"".join(drawn)}</svg>'
    )


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `low` to `high` with its ticks, in one unit."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Where a value lies, in percent of the width."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0) * 100

    def markup(self) -> Markup:
        """The ticks with their numbers."""
        drawn = []
        for tick in self.ticks:
            x = self.at(tick)
            anchor = "start" if x < 4 else "end" if x > 96 else "middle"
            drawn.append(
                f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="14" y2="19"/>'
                f'<text x="{x:.2f}%" y="11" text-anchor="{anchor}">{tick:.10g}</text>'
            )
        return Markup(f'<svg class="axis" width="100%" height="20" aria-hidden="true">{"".join(drawn)}</svg>')

    def bar(self, low: float | None, high: float | None, middle: tuple[float | None, float | None]) -> Markup:
        """A range on the scale over the band `middle`; an end that is None is open."""
        left = 0.0 if low is None else self.at(low)
        right = 100.0 if high is None else self.at(high)
        drawn = [
            f'<line class="tick" x1="{self.at(t):.2f}%" x2="{self.at(t):.2f}%" y1="0" y2="22"/>'
            for t in self.ticks
        ]
        if middle[0] is not None and middle[1] is not None:
            band = self.at(middle[0]), self.at(middle[1])
            drawn.append(
                f'<rect class="band" x="{band[0]:.2f}%" width="{band[1] - band[0]:.2f}%" height="22"/>'
            )
        css = "span open" if low is None or high is None else "span"
        drawn.append(
            f'<rect class="{css}" x="{left:.2f}%" width="{max(right - left, 0.6):.2f}%" y="6" height="10" rx="3"/>'
        )
        return Markup(
            f'<svg class="range" width="100%" height="22" aria-hidden="true">{"".join(drawn)}</svg>'
        )


def axis(values: Sequence[float]) -> Axis:
    """A scale on which all the values have room, with round ticks. `values` is not empty."""
    low, high = min(values), max(values)
    room = max((high - low) * 0.08, abs(high) * 1e-3) or 1.0
    low, high = low - room if low < 0 or low - room > 0 else 0.0, high + room
    rough = (high - low) / 5
    base = 10.0 ** math.floor(math.log10(rough))
    size = next(base * factor for factor in (1, 2, 5, 10) if base * factor >= rough)
    first, last = math.ceil(low / size), math.floor(high / size)
    return Axis(low, high, tuple(round(number * size, 10) for number in range(first, last + 1)))
