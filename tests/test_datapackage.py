"""`datapackage.json` in the eyes of frictionless, which also holds the data against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.runs import read_run
from pipeline.runs.package import describe
from pipeline.tables import TABLES
from pipeline.writers import NAMES, load_format

frictionless = pytest.importorskip("frictionless")
SAMPLE = Path(__file__).parent.parent / "outputs" / "sample"


def test_the_data_package_is_valid_and_the_data_fit_it(tmp_path: Path) -> None:
    run = read_run(SAMPLE)
    formats = [load_format(name) for name in NAMES]
    tables = [TABLES[name] for name in run.tables]
    for written in formats:
        writer = written.open(tmp_path, tables)
        for table in tables:
            for part in run.arrow(table.name).to_batches():
                writer.write(table, part)
        writer.close()
    describe(tmp_path, formats, tables)
    found = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert found.valid, found.flatten(["name", "type", "note"])[:5]
    rows = {task.name: task.stats.get("rows") for task in found.tasks}
    assert rows["mentions"] == rows["mentions.tsv"] == rows["mentions.jsonl"] == len(run.mentions)
    assert len(rows) == 4 * len(tables) + 3
    content = (tmp_path / "mentions.tsv").read_text(encoding="utf-8")
    (tmp_path / "mentions.tsv").write_text(content.replace("\tpresent\t", "\tsure\t", 1), encoding="utf-8")
    assert not frictionless.validate(str(tmp_path / "datapackage.json")).valid
