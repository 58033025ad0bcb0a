"""The list of hostile input in README.md is true: what it names exists, and its counts are right."""

from __future__ import annotations

import re
from pathlib import Path

from tests.hostile import characters, markup, sizes, statements
from tests.hostile.baits import BAITS
from tests.hostile.inputs import INPUTS
from tests.hostile.test_pages import CASES

HERE = Path(__file__).parent
README = (HERE / "README.md").read_text(encoding="utf-8")
GENERATED = {
    f"{module.__name__.rpartition('.')[2]}.py": {case.name for case in module.CASES}
    for module in (characters, markup, sizes, statements)
} | {"inputs.py": {one.name for one in INPUTS}}


def _names(file: str) -> set[str]:
    if file in GENERATED:
        return GENERATED[file]
    return set(re.findall(r"^def (test_\w+)", (HERE / file).read_text(encoding="utf-8"), re.MULTILINE))


def test_what_the_list_names_exists() -> None:
    named = re.findall(r"`([\w./]+\.py): ([^`]+)`", README)
    assert len(named) > 70
    assert [(file, name) for file, name in named if name not in _names(file)] == []


def test_every_row_of_the_list_names_something() -> None:
    table = README[README.index("| hostile is |") :].partition("\n\n")[0]
    rows = table.splitlines()[2:]
    assert len(rows) > 40
    for row in rows:
        assert re.search(r"\| `[\w./]+\.py: [^|]*\|[^|]+\|$", row), row


def test_the_counts_are_right() -> None:
    assert f"{len(CASES)} pages and {len(INPUTS)} files" in README
    assert f"{len(BAITS)} pages of any size" in README
