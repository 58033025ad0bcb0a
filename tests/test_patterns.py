"""Patterns of an overlay: what a token may ask for, and what a pattern must not do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.components.annotate import Annotator
from pipeline.errors import VocabularyError
from pipeline.model import Article, Block, Kind
from pipeline.terminology import LEXICON_COLUMNS, load

PATTERNS = [
    {"label": "GRADE", "id": "digit", "pattern": [{"LOWER": "zorbgrade"}, {"TEXT": {"REGEX": "^[1-4]$"}}]},
    {"label": "GRADE", "id": "word", "pattern": [{"LOWER": {"REGEX": "^zorbic"}}, {"LOWER": "gait"}]},
    {
        "label": "COURSE",
        "id": "of",
        "concept": "course:{mention}",
        "pattern": [
            {"ENT_TYPE": "SYMPTOM", "OP": "+"},
            {"LOWER": "of"},
            {"ENT_TYPE": "CONDITION", "OP": "+"},
        ],
    },
    {
        "label": "COURSE",
        "id": "runs",
        "concept": "course:{mention}",
        "pattern": [{"ENT_TYPE": "SYMPTOM", "OP": "+"}, {"LOWER": "zorbwise"}],
    },
    {
        "label": "DEGREE",
        "id": "kept",
        "keep": [0, 0],
        "pattern": [{"LOWER": "very", "OP": "?"}, {"LOWER": "zorbish"}, {"LOWER": "talk"}],
    },
    {"label": "BLOCKED", "id": "none", "pattern": [{"LOWER": "zorb"}, {"LOWER": "fever"}]},
]


def overlay(folder: Path, patterns: list[dict[str, object]]) -> Path:
    (folder / "patterns").mkdir(parents=True, exist_ok=True)
    lines = "\n".join(map(json.dumps, patterns))
    (folder / "patterns" / "mine.jsonl").write_text(f"// of a test\n\n{lines}\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def annotator(tmp_path_factory: pytest.TempPathFactory) -> Annotator:
    return Annotator(load([overlay(tmp_path_factory.mktemp("mine"), PATTERNS)]))


def found(text: str, annotator: Annotator) -> list[tuple[str, str]]:
    article = Article(text, (Block(0, len(text), Kind.PARAGRAPH),))
    return [(one.text, one.concept_id) for one in annotator.mentions(article)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It is zorbgrade 3 now.", [("zorbgrade 3", "mine:digit")]),
        ("It is zorbgrade 7 now.", []),
        ("A zorb with a gait.", []),
        ("A zorbical gait.", [("zorbical gait", "mine:word")]),
        ("It began as fever of malaria.", [("fever of malaria", "course:symptom:fever")]),
        ("The fever zorbwise.", [("fever zorbwise", "course:symptom:fever")]),
        ("It was zorbish talk.", []),
        ("It was very zorbish talk.", [("very", "mine:kept")]),
        ("They call it zorb fever there.", []),
        ("They call it fever there.", [("fever", "symptom:fever")]),
    ],
)
def test_a_pattern_fits_what_it_asks_for(
    text: str, wanted: list[tuple[str, str]], annotator: Annotator
) -> None:
    assert found(text, annotator) == wanted


def test_a_pattern_that_asks_for_one_mention_does_not_join_two(annotator: Annotator) -> None:
    assert found("Nausea fever zorbwise.", annotator) == [
        ("Nausea", "symptom:nausea"),
        ("fever zorbwise", "course:symptom:fever"),
    ]


def test_a_class_without_words_is_told(tmp_path: Path) -> None:
    mine = overlay(
        tmp_path / "mine", [{"label": "X", "id": "x", "pattern": [{"CLASS": "zorbs"}, {"LOWER": "x"}]}]
    )
    with pytest.raises(VocabularyError, match=r"mine/patterns/mine\.jsonl:3: names the class 'zorbs'"):
        Annotator(load([mine]))


def test_more_classes_than_spacy_has_flags_are_told(tmp_path: Path) -> None:
    classes = [f"zorb{number}" for number in range(46)]
    patterns = [{"label": "X", "id": name, "pattern": [{"CLASS": name}, {"LOWER": "x"}]} for name in classes]
    mine = overlay(tmp_path / "mine", patterns)
    rows = ["\t".join(LEXICON_COLUMNS), *(f"{name}\t{name}" for name in classes)]
    (mine / "lexicon.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(VocabularyError, match="45 is the most"):
        Annotator(load([mine]))
