"""medtables: from folders of scraped health articles to tables that can be compared.

    import pipeline as medtables

    engine = medtables.load_engine()
    [page] = medtables.read(["page.html"])
    extraction = medtables.extract(page, engine)

    medtables.run(["pages"], "tables")
    medtables.read_run("tables").mentions

Every name is imported when it is first used: importing this package costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .batch import Interrupted as Interrupted
    from .batch import Progress as Progress
    from .batch import Summary as Summary
    from .batch import run as run
    from .batch.arrow import ArrowExtractor as ArrowExtractor
    from .convert import convert as convert
    from .errors import MedtablesError as MedtablesError
    from .evaluate import Evaluation as Evaluation
    from .evaluate import evaluate as evaluate
    from .explain import Explanation as Explanation
    from .explain import explain as explain
    from .extract import Engine as Engine
    from .extract import extract as extract
    from .extract import load_engine as load_engine
    from .model import Article as Article
    from .model import Block as Block
    from .model import Extraction as Extraction
    from .model import Mention as Mention
    from .model import Page as Page
    from .model import Quantity as Quantity
    from .model import Relation as Relation
    from .runs import Run as Run
    from .runs import read_run as read_run
    from .sources import read as read

__version__ = "0.1.0"

_HOMES = {
    "batch": ("Interrupted", "Progress", "Summary", "run"),
    "batch.arrow": ("ArrowExtractor",),
    "convert": ("convert",),
    "errors": ("MedtablesError",),
    "evaluate": ("Evaluation", "evaluate"),
    "explain": ("Explanation", "explain"),
    "extract": ("Engine", "extract", "load_engine"),
    "model": ("Article", "Block", "Extraction", "Mention", "Page", "Quantity", "Relation"),
    "runs": ("Run", "read_run"),
    "sources": ("read",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


class _Package(ModuleType):
    """A package in which importing a module does not hide the function of its name, as with `extract`."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _HOME or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
