"""Vocabulary files that break their format: loading and `vocab check` tell each fault with its line and a cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import VocabularyError
from pipeline.terminology import (
    BLOCKED_COLUMNS,
    GATE_COLUMNS,
    SUFFIX_COLUMNS,
    TERM_COLUMNS,
    load,
)
from pipeline.tidy import fix, form

TERMS = "terms/gene.tsv"
PATTERNS = "patterns/gene.jsonl"


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def table(columns: tuple[str, ...], *rows: str) -> str:
    return "\n".join(["\t".join(columns), *rows]) + "\n"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (TERMS, "id\tterm\n", r"gene\.tsv:1: the header is 'id term'"),
        (
            TERMS,
            table(TERM_COLUMNS, "gene:a\ta\tpreferred\t\t\t\textra"),
            r"gene\.tsv:2: has 7 cells, the header 6",
        ),
        (TERMS, table(TERM_COLUMNS, "", "gene:a\ta\tfavourite"), r"gene\.tsv:3: has the status 'favourite'"),
        (
            TERMS,
            table(TERM_COLUMNS, "gene:a\t\tpreferred"),
            r"gene\.tsv:2: the row \('gene:a', ''\) does not",
        ),
        (TERMS, table(TERM_COLUMNS).encode() + b"gene:a\t\xe9\tpreferred\n", r"gene\.tsv: is not UTF-8"),
        ("suffixes.tsv", table(SUFFIX_COLUMNS, "oid\tgene\tfew"), r"suffixes\.tsv:2: has 'few' as least"),
        (
            "gates.tsv",
            table(GATE_COLUMNS, "gene:a\tpopulation\tmany"),
            r"gates\.tsv:2: has 'many' as at_least",
        ),
        (
            PATTERNS,
            '{"label": "GENE", "id": "a", "pattern": "p53"}\n',
            r"gene\.jsonl:1: is no pattern \(pattern is no list",
        ),
        (
            PATTERNS,
            "// a comment\n\n{label: GENE}\n",
            r"gene\.jsonl:3: is no pattern \(Expecting property name",
        ),
        (PATTERNS, '{"label": "GENE", "pattern": []}\n', r"gene\.jsonl:1: is no pattern \(id is no text"),
        (
            PATTERNS,
            '{"label": "GENE", "id": "a", "pattern": 3}\n',
            r"gene\.jsonl:1: is no pattern \(pattern is no list",
        ),
    ],
)
def test_a_fault_is_told_with_its_line_and_a_cure(
    name: str, content: str | bytes, told: str, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    written(mine, name, content)
    with pytest.raises(VocabularyError, match=told) as caught:
        load([mine])
    assert caught.value.cure


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine" / "terms" / "gene.tsv").mkdir(parents=True)
    with pytest.raises(VocabularyError, match=r"gene\.tsv: cannot be read \(Is a directory\)"):
        load([tmp_path / "mine"])


def test_a_row_takes_the_place_of_an_earlier_and_removed_takes_it_away(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    written(first, TERMS, table(TERM_COLUMNS, "gene:a\ta one\tpreferred", "gene:b\tb one\tpreferred"))
    written(second, TERMS, table(TERM_COLUMNS, "gene:a\ta one\tlay", "gene:b\tb one\tremoved"))
    terms = {term.text: term for term in load([first, second]).terms if term.label == "GENE"}
    assert list(terms) == ["a one"]
    assert (terms["a one"].status, terms["a one"].where) == ("lay", "second/terms/gene.tsv:2")
    assert "b one" in {term.text for term in load([second, first]).terms}, "the order of the overlays decides"


@pytest.mark.parametrize(
    ("name", "content", "told", "fatal"),
    [
        (TERMS, "", "is empty", False),
        (TERMS, "id\tterm\n", "the header is 'id term'", True),
        ("blocked.tsv", "words\n", "the header is 'words'", True),
        ("blocked.tsv", table(BLOCKED_COLUMNS, "\texact"), "has no phrase", False),
        (
            "blocked.tsv",
            table(BLOCKED_COLUMNS, "a stroke of luck", "a stroke of luck"),
            "stands in line 2 too",
            False,
        ),
    ],
)
def test_check_reads_on_and_tells_all(
    name: str, content: str, told: str, fatal: bool, tmp_path: Path
) -> None:
    written(tmp_path, name, content)
    [finding] = form(tmp_path)
    assert told in str(finding) and finding.cure and finding.fatal is fatal
    assert str(tmp_path / name) in finding.where


def test_check_tells_of_a_file_in_another_encoding(tmp_path: Path) -> None:
    written(tmp_path, TERMS, table(TERM_COLUMNS).encode() + b"gene:a\t\xe9\tpreferred\n")
    with pytest.raises(VocabularyError, match="is not UTF-8"):
        list(form(tmp_path))


def test_fix_leaves_a_file_alone_that_it_cannot_read(tmp_path: Path) -> None:
    rows = "gene:b\tb\tpreferred\t\t\t\textra", "gene:a\ta\tpreferred"
    wrong = written(tmp_path, TERMS, table(TERM_COLUMNS, *rows))
    other = written(tmp_path, "terms/virus.tsv", "id\tterm\nvirus:b\tb\nvirus:a\ta\n")
    before = wrong.read_bytes(), other.read_bytes()
    assert fix(tmp_path) == []
    assert (wrong.read_bytes(), other.read_bytes()) == before
