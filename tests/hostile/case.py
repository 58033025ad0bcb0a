"""What a hostile page is, and the row that is expected of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LEAD = "Fever may cause headache and nausea in adults, and it often goes away within some days."
TAIL = "In the end, most people treat the headache with ibuprofen, with water and with rest."


@dataclass(frozen=True)
class Case:
    """A page by its generator and the row it gives.

    `reason` is a part of the row's reason. `keeps` are texts that stand in its blocks, `lacks` what stands in no
    cell of any table, `mentions` texts of mentions that are found. `max_bytes` 0 is the default limit.
    """

    name: str
    make: Callable[[], bytes]
    status: str = "ok"
    reason: str = ""
    keeps: tuple[str, ...] = (LEAD, TAIL)
    lacks: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ("Fever", "nausea")
    suffix: str = ".html"
    max_bytes: int = 0
    slow: bool = False

    def __str__(self) -> str:
        return self.name


def lost(name: str, make: Callable[[], bytes], status: str, reason: str, **more: object) -> Case:
    """A page that gives no article."""
    return Case(name, make, status, reason, keeps=(), mentions=(), **more)  # type: ignore[arg-type]


def page(body: str = "", head: str = "", *, lead: str = LEAD, tail: str = TAIL) -> bytes:
    """A page whose hostile part, `body`, stands between a first and a last paragraph."""
    return text(
        f'<!doctype html><html lang="en"><head><title>Fever</title>{head}</head><body><article>'
        f"<h1>Fever</h1><p>{lead}</p>{body}<p>{tail}</p></article></body></html>"
    )


def text(markup: str) -> bytes:
    """UTF-8, with lone surrogates as they are."""
    return markup.encode("utf-8", "surrogatepass")
