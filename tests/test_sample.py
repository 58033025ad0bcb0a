"""outputs/sample is what the program gives for corpora/sample: a change of extraction shows as a diff."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import batch
from pipeline.report import write_heatmap

ROOT = Path(__file__).parent.parent


def test_the_committed_run_over_the_sample_is_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # `source` is the path as it is given
    out = tmp_path / "sample"
    batch.run(["corpora/sample"], out, workers=1)
    committed = ROOT / "outputs" / "sample"
    names = {path.name for path in out.glob("[!.]*")}
    assert {path.name for path in committed.glob("[!.]*")} == names | {"compare", "heatmap.svg"}
    # run.json tells of the run: times, versions, paths.
    changed = [
        name
        for name in sorted(names - {"run.json"})
        if (committed / name).read_bytes() != (out / name).read_bytes()
    ]
    write_heatmap(out, tmp_path / "heatmap.svg")
    if (committed / "heatmap.svg").read_bytes() != (tmp_path / "heatmap.svg").read_bytes():
        changed.append("heatmap.svg")
    assert not changed, "look at `git diff outputs/sample` after `make sample`"
