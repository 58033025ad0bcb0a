"""Every code of the vocabulary stands in its list under that label, and labels pass the ICD touchstone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.terminology import load
from pipeline.tsv import VOCABULARY, Row, read_rows

from .join import EXACT, LABELS, MAPPING_COLUMNS, MAPPINGS
from .lists import FOLDER, SYSTEMS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason=f"no code lists in {FOLDER}; make test-codes installs them"
    ),
]

PREDICATES = {EXACT, "skos:broadMatch", "skos:closeMatch"}
SIDE_COLUMNS = ("concept_id", "object_id", "reason")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(read_rows(VOCABULARY, MAPPINGS, MAPPING_COLUMNS))


@pytest.fixture(scope="module")
def label_of() -> dict[str, str]:
    """Concept id -> SYMPTOM, CONDITION, ..."""
    return {term.concept_id: term.label for term in load().terms}


def _system(row: Row) -> str:
    return row["object_id"].partition(":")[0]


def test_there_are_codes_of_every_system(rows: list[Row]) -> None:
    counts = Counter(_system(row) for row in rows)
    assert set(counts) == set(SYSTEMS)
    assert len(rows) >= 1500


def test_every_code_stands_in_its_list_under_that_label(rows: list[Row]) -> None:
    wrong = []
    for row in rows:
        code = SYSTEMS[_system(row)]().get(row["object_id"])
        if code is None or code.label.casefold() != row["object_label"].casefold():
            wrong.append(f"{row.where}: {row['object_id']} is {code.label if code else 'in no list'}")
    assert not wrong


def test_every_subject_is_a_concept_that_its_system_speaks_of(
    rows: list[Row], label_of: dict[str, str]
) -> None:
    wrong = [
        f"{row.where}: {row['subject_id']}; make codes writes the mappings of the terms as they are now"
        for row in rows
        if label_of.get(row["subject_id"]) not in LABELS[_system(row)]
    ]
    assert not wrong


def test_predicates_are_of_skos_and_rows_are_sorted(rows: list[Row]) -> None:
    assert {row["predicate_id"] for row in rows} == PREDICATES
    written = [tuple(row[column] for column in MAPPING_COLUMNS) for row in rows]
    assert written == sorted(set(written))


@pytest.mark.parametrize("side", ["subject_id", "object_id"])
def test_exact_matches_are_one_to_one_in_a_system(rows: list[Row], side: str) -> None:
    counts = Counter((row[side], _system(row)) for row in rows if row["predicate_id"] == EXACT)
    assert [key for key, count in counts.items() if count > 1] == []


def test_signs_of_chapter_r_are_symptoms_and_other_diagnoses_conditions(
    rows: list[Row], label_of: dict[str, str]
) -> None:
    other_side = {
        (row["concept_id"], row["object_id"])
        for row in read_rows(Path(__file__).parent, "other_side.tsv", SIDE_COLUMNS)
    }
    found = set()
    for row in rows:
        if _system(row) == "ICD10CM" and row["predicate_id"] == EXACT:
            sign = row["object_id"].startswith("ICD10CM:R")
            if (label_of[row["subject_id"]] == "SYMPTOM") != sign:
                found.add((row["subject_id"], row["object_id"]))
    assert found - other_side == set(), (
        "write these with a reason into other_side.tsv, or give them the other label"
    )
    assert other_side - found == set(), "these are no exceptions any more; take them out of other_side.tsv"
