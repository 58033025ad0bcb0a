"""The command, its floors, and the committed floors of the sample."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.errors import MedtablesError, SourceError
from pipeline.evaluate import evaluate, floors, gold
from pipeline.extract import Engine
from tests.command import medtables

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "corpora" / "gold" / "floors.json"


def test_floors_are_written_held_and_lowered_only_with_a_reason(marked: Path, tmp_path: Path) -> None:
    file = tmp_path / "floors.json"
    first = medtables("evaluate", marked, "--floors", file)
    assert first.exit_code == 1
    assert "has no floors" in first.stderr
    assert not file.exists()
    assert medtables("evaluate", marked, "--floors", file, "--update-floors").exit_code == 0
    content = json.loads(file.read_text())
    held = content["golds"]["gold"]
    assert held["floors"]["exact.ALL"] == 0.6666
    assert held["gold_sha256"] == gold.load(marked).digest
    assert medtables("evaluate", marked, "--floors", file).exit_code == 0

    held["floors"]["exact.ALL"] = 0.9
    file.write_text(json.dumps(content))
    fallen = medtables("evaluate", marked, "--floors", file)
    assert fallen.exit_code == 1
    assert "exact.ALL is 0.6666, its floor 0.9000" in fallen.stderr
    assert medtables("evaluate", marked, "--floors", file, "--update-floors").exit_code == 1
    assert json.loads(file.read_text())["golds"]["gold"]["floors"]["exact.ALL"] == 0.9

    assert medtables("evaluate", marked, "--floors", file, "--lower-floors", " ").exit_code == 2
    lowered = medtables("evaluate", marked, "--floors", file, "--lower-floors", "the gold had an error")
    assert lowered.exit_code == 0
    content = json.loads(file.read_text())
    assert content["golds"]["gold"]["floors"]["exact.ALL"] == 0.6666
    assert content["lowered"] == [
        {
            "gold": "gold",
            "figure": "exact.ALL",
            "from": 0.9,
            "to": 0.6666,
            "reason": "the gold had an error",
        }
    ]


def test_floors_of_changed_gold_must_be_written_anew(marked: Path, tmp_path: Path) -> None:
    file = tmp_path / "floors.json"
    medtables("evaluate", marked, "--floors", file, "--update-floors")
    (marked / "cases.txt").write_text("His [gout](condition:gout) is back.\n")
    changed = medtables("evaluate", marked, "--floors", file)
    assert changed.exit_code == 1
    assert "its gold changed" in changed.stderr
    assert medtables("evaluate", marked, "--floors", file, "--update-floors").exit_code == 0
    assert json.loads(file.read_text())["golds"]["gold"]["floors"]["exact.ALL"] == 1.0


def test_a_figure_that_is_no_longer_measured_has_fallen(marked: Path, tmp_path: Path, engine: Engine) -> None:
    read = evaluate(marked, engine)
    name = floors.name_of(read, floors.Floors(tmp_path / "f.json", {}))
    held = floors.Floors(tmp_path / "f.json", {name: floors.Held(read.digest, {"relation.ALL": 0.5})})
    [fall] = floors.falls([read], held)
    assert (fall.figure, fall.score) == ("relation.ALL", None)


@pytest.mark.parametrize("content", ["", "[]", '{"golds": {"a": {}}, "lowered": []}'])
def test_a_wrong_floors_file_is_an_error_with_a_cure(marked: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "floors.json").write_text(content)
    done = medtables("evaluate", marked, "--floors", tmp_path / "floors.json")
    assert done.exit_code == 1
    assert "is no floors file" in done.stderr
    assert "--update-floors" in done.stderr


def test_the_scores_of_the_sample_hold_their_committed_floors(engine: Engine) -> None:
    held = floors.read(COMMITTED)
    read = [evaluate(COMMITTED.parent / name, engine) for name in held.golds]
    assert read
    cure = f"medtables evaluate corpora/gold --floors {COMMITTED.relative_to(ROOT)}, see its --help"
    assert floors.falls(read, held) == [], cure
    assert floors.changed(read, held) == [], cure


def test_evaluate_prints_scores_shares_and_errors(marked: Path) -> None:
    done = medtables("evaluate", marked, "--errors", 3)
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "exact\tALL\t1.000\t0.500\t0.667\t1\t2" in lines
    assert "label right\t1.000\t1\t1" in lines
    assert "1\tmissed\tnothing at all\tsymptom:nothing\t\tcases.txt:2, character 14" in lines


def test_evaluate_gives_json(marked: Path) -> None:
    done = medtables("evaluate", marked, "--json", "--errors", 1)
    [one] = json.loads(done.stdout)["golds"]
    assert one["documents"] == 2
    assert {"measure": "concept", "share": 1.0, "right": 1, "of": 1} in one["shares"]
    assert len(one["errors"]) == 1


def test_evaluate_renames_labels(standoff: Path) -> None:
    text = (standoff / "one.json").read_text().replace("CONDITION", "Disease")
    (standoff / "one.json").write_text(text)
    done = medtables("evaluate", standoff, "--label", "disease=condition", "--json")
    [one] = json.loads(done.stdout)["golds"]
    assert next(s["f1"] for s in one["scores"] if (s["measure"], s["label"]) == ("exact", "ALL")) == 1.0
    assert medtables("evaluate", standoff, "--label", "disease").exit_code == 2


def test_floors_options_need_a_floors_file(marked: Path) -> None:
    assert medtables("evaluate", marked, "--update-floors").exit_code == 2


def test_errors_of_gold_are_of_the_one_family() -> None:
    assert issubclass(SourceError, MedtablesError)
    assert medtables("evaluate", "nowhere").exit_code == 2
