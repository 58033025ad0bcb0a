"""The table of modules in a folder's README: what each module says of itself in its first sentence. `make docs`
puts it there."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent


def modules(folder: str) -> str:
    """A Markdown table of the modules of a folder under pipeline/, by name."""
    rows = ["| module | what it does |", "|---|---|"]
    for path in sorted((ROOT / "pipeline" / folder).glob("*.py")):
        told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        words = " ".join(told.split("\n\n")[0].split()).replace("|", "\\|")
        rows.append(f"| `{path.stem}` | {words} |")
    return "\n".join(rows)
