"""Runs as other tools read them: one module per format, all with the same door, registered in MODULES.

`export(documents, folder)` writes into a folder and gives notes: one sentence each on what the format could not
take. Equal documents give equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..runs.documents import Document

    Export = Callable[[Iterable[Document], Path], tuple[str, ...]]

MODULES = {
    "brat": "brat_standoff",
    "webannotation": "web_annotation",
    "bioc": "bioc_json",
    "pubannotation": "pub_annotation",
    "docbin": "docbin",
}
NAMES = tuple(MODULES)


def load_exporter(name: str) -> Export:
    """The exporter of that name, one of NAMES."""
    found: Export = import_module(f".{MODULES[name]}", __name__).export
    return found


def joined(relations: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The relations of which both ends are mentions. Where an end is what the page is about, and the text does not
    name it there, formats that join annotations have nothing to join."""
    return [row for row in relations if row["head_mention"] is not None and row["tail_mention"] is not None]


def left_out(count: int) -> tuple[str, ...]:
    """The note on relations without two mentions."""
    if not count:
        return ()
    relations = "1 relation is" if count == 1 else f"{count:,} relations are"
    return (f"{relations} left out: the evidence does not name both ends.",)
