"""Gold that several tests read."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from pipeline.extract import Engine


@pytest.fixture(autouse=True)
def _loaded_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command takes the engine of the tests, which saves a second each time."""
    monkeypatch.setattr(import_module("pipeline.extract"), "load_engine", lambda vocabulary=(): engine)


@pytest.fixture
def standoff(tmp_path: Path) -> Path:
    text = "Gout brings joint pain,\r\nbut no fever. 😀 Heart or kidney disease."
    (tmp_path / "one.txt").write_bytes(text.encode())

    def mark(words: str, label: str, flags: str = "") -> dict[str, object]:
        start = text.index(words)
        return {"start": start, "end": start + len(words), "text": words, "label": label, "flags": flags}

    marks = [
        mark("Gout", "CONDITION"),
        mark("joint pain", "SYMPTOM"),
        mark("fever", "SYMPTOM", "n"),
        mark("Heart", "CONDITION", "e"),
        mark("kidney disease", "CONDITION"),
    ]
    (tmp_path / "one.json").write_text(json.dumps(marks))
    return tmp_path


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "cases.txt").write_text(
        "His [gout](condition:gout) is back.\nA sentence of [nothing at all](symptom:nothing) that medtables knows.\n"
    )
    return tmp_path / "gold"
