"""What formats with one file for all tables share."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import OutputError
from ..tables import Table

STEM = "medtables"


def one_file(suffix: str) -> Callable[[Table], str]:
    """The `file_name` of a format whose only file holds all tables."""
    return lambda table: STEM + suffix


def fresh(path: Path) -> Path:
    """The path, with no file there any more: a database would go on with the old one."""
    path.unlink(missing_ok=True)
    return path


def optional(module: str, extra: str) -> Any:
    """A module that an extra of medtables brings. Raises OutputError that names the command to install it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise _absent(module, extra) from error


def need(module: str, extra: str) -> None:
    """Raise OutputError when a module that an extra brings is not there; imports nothing."""
    if find_spec(module) is None:
        raise _absent(module, extra)


def _absent(module: str, extra: str) -> OutputError:
    return OutputError("", f"{module} is not installed", f"Install it: pip install 'medtables[{extra}]'")


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal, for views and comments, which take no parameters."""
    return "'" + text.replace("'", "''") + "'"
