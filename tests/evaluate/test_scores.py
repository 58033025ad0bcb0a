"""Scores counted by hand, and the alignment of a page with its gold."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluate import Evaluation, evaluate, gold, read_document, score
from pipeline.evaluate.alignment import Alignment
from pipeline.evaluate.gold import Document, Gold, GoldMention, GoldRelation
from pipeline.extract import Engine
from pipeline.model import (
    Article,
    Assertion,
    Basis,
    Block,
    Certainty,
    Extraction,
    Kind,
    Mention,
    Page,
    Relation,
)

TEXT = "abcdefghij klmnopqrst uvwxyz"


def found(start: int, end: int, label: str = "SYMPTOM", assertion: Assertion = Assertion.PRESENT) -> Mention:
    name = f"{label.lower()}:x"
    return Mention(start, end, TEXT[start:end], label, name, "x", assertion, "", 0, "", 0, len(TEXT), "t:1")


def scored(
    marks: list[GoldMention],
    mentions: list[Mention],
    relations: tuple[tuple[GoldRelation, ...], tuple[Relation, ...]] | None = None,
    *,
    everything: bool = True,
) -> Evaluation:
    block = Block(0, len(TEXT), Kind.PARAGRAPH)
    document = Document(
        "d", TEXT, tuple(marks), (block,), None, relations[0] if relations else None, everything
    )
    extraction = Extraction(
        Page("d", b"", "d"),
        Article(TEXT, (block,)),
        tuple(mentions),
        relations=relations[1] if relations else (),
    )
    return score(Gold(Path("g"), (document,), "digest"), [(document, extraction)])


def row(evaluation: Evaluation, measure: str, label: str) -> tuple[int, int, int, int]:
    return next(
        (one.right, one.found, one.hit, one.gold)
        for one in evaluation.scores
        if (one.measure, one.label) == (measure, label)
    )


def test_exact_overlap_and_merged_count_as_told() -> None:
    marks = [GoldMention(0, 4, "SYMPTOM"), GoldMention(5, 9, "SYMPTOM"), GoldMention(11, 15, "CONDITION")]
    read = scored(marks, [found(0, 4), found(6, 9), found(11, 15, "SYMPTOM"), found(22, 25, "CONDITION")])
    assert row(read, "exact", "ALL") == (1, 4, 1, 3)
    assert row(read, "overlap", "ALL") == (2, 4, 2, 3)
    assert row(read, "overlap", "SYMPTOM") == (2, 3, 2, 2)
    assert row(read, "merged", "FINDING") == (3, 4, 3, 3)
    assert read.figures()["merged.ALL"] == pytest.approx(2 * 0.75 * 1 / 1.75)
    assert [(share.measure, share.right, share.of) for share in read.shares] == [
        ("label", 2, 3),
        ("assertion", 3, 3),
    ]
    assert [(one.kind, one.text) for one in read.errors] == [("spurious", "uvw"), ("label", "klmn")]


def test_an_optional_mention_is_neither_a_miss_nor_a_false_hit() -> None:
    marks = [GoldMention(0, 4, "SYMPTOM"), GoldMention(5, 9, "SYMPTOM", optional=True)]
    for mentions in ([found(0, 4)], [found(0, 4), found(5, 9)], [found(0, 4), found(6, 8, "CONDITION")]):
        assert row(scored(marks, mentions), "exact", "ALL") == (1, 1, 1, 1)


def test_labels_that_the_gold_does_not_use_are_not_scored() -> None:
    read = scored([GoldMention(0, 4, "SYMPTOM")], [found(0, 4), found(5, 9, "MEDICATION")])
    assert row(read, "exact", "ALL") == (1, 1, 1, 1)
    assert row(scored([], [found(0, 4)]), "exact", "ALL") == (0, 1, 0, 0)


def test_assertions_are_told_apart_or_only_what_is_absent() -> None:
    marks = [
        GoldMention(0, 4, "SYMPTOM", assertion=Assertion.ABSENT),
        GoldMention(5, 9, "SYMPTOM", assertion=Assertion.PRESENT),
    ]
    mentions = [found(0, 4), found(5, 9, assertion=Assertion.POSSIBLE)]
    every = scored(marks, mentions)
    assert [(s.right, s.of) for s in every.shares if s.measure == "assertion"] == [(0, 2)]
    assert row(every, "assertion", "absent") == (0, 0, 0, 1)
    assert row(every, "assertion", "possible") == (0, 1, 0, 0)
    negation = scored(marks, mentions, everything=False)
    assert [(s.right, s.of) for s in negation.shares if s.measure == "assertion"] == [(1, 2)]


def test_relations_count_by_kind_ends_and_certainty() -> None:
    stated = (
        GoldRelation("causes", "a:b", "c:d", "may"),
        GoldRelation("treats", "e:f", "c:d", "is"),
    )
    read = (
        Relation("causes", 0, 0, "a:b", "c:d", Certainty.IS, Basis.SENTENCE, 0, 5),
        Relation("treats", 0, 0, "e:f", "c:d", Certainty.IS, Basis.LIST, 0, 5),
        Relation("treats", 0, 0, "e:f", "c:d", Certainty.IS, Basis.SENTENCE, 6, 9),
    )
    scores = scored([], [], (stated, read))
    assert row(scores, "relation", "ALL") == (1, 2, 1, 2)
    assert row(scores, "relation", "treats") == (1, 1, 1, 1)
    assert row(scores, "relation_pair", "ALL") == (2, 2, 2, 2)


def test_the_engine_is_scored_on_texts_as_they_are(standoff: Path, engine: Engine) -> None:
    read = evaluate(standoff, engine)
    assert row(read, "exact", "ALL") == (4, 4, 4, 4)
    assert [(s.measure, s.right, s.of) for s in read.shares] == [("label", 4, 4), ("assertion", 4, 4)]


def test_a_page_is_scored_with_its_cleaning(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "sample").mkdir()
    (tmp_path / "gold").mkdir()
    (tmp_path / "sample" / "a.html").write_text(
        "<html><body><nav><a href=/>Home</a></nav><article><h1>About gout</h1><p>It brings joint pain that"
        " wakes people in the night, and nobody enjoys that.</p><p>It brings no cough.</p></article></body></html>"
    )
    lines = (
        "title: About [gout](condition:gout)",
        "p: It brings [joint pain](symptom:joint-pain) that wakes people at night, and nobody enjoys that.",
        "p: This paragraph with its [fever](symptom:fever) is not in the page.",
        "p: It brings no [cough](symptom:cough absent).",
    )
    (tmp_path / "gold" / "a.html.md").write_text("\n\n".join(lines))
    read = evaluate(tmp_path / "gold", engine)
    assert row(read, "exact", "ALL") == (3, 3, 3, 4)
    assert [(one.kind, one.text) for one in read.errors] == [("missed", "fever")]


def test_gold_without_a_page_is_read_as_its_blocks_stand(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "a.md").write_text(
        "p: Call a doctor if you have:\n\nli1: [chest pain](symptom:chest-pain hypothetical)\n"
    )
    [document] = gold.load(tmp_path).documents
    [mention] = read_document(document, engine).mentions
    assert mention.assertion is Assertion.HYPOTHETICAL


WORDS = st.lists(st.sampled_from(["a", "fever", "no", "gout,", "pain."]), min_size=1, max_size=6)
PARTS = st.lists(WORDS.map(" ".join), max_size=5)


def joined(parts: list[str]) -> tuple[str, list[tuple[int, int]]]:
    spans, start = [], 0
    for part in parts:
        spans.append((start, start + len(part)))
        start += len(part) + 2
    return "\n\n".join(parts), spans


@given(PARTS, PARTS)
def test_what_alignment_maps_is_the_same_text_in_the_same_order(here: list[str], there: list[str]) -> None:
    text, blocks = joined(here)
    other, others = joined(there)
    alignment = Alignment(text, blocks, other, others)
    last = 0
    for start in range(len(text)):
        if text[start].isspace():
            continue
        place = alignment.map(start, start + 1)
        if place is not None:
            assert other[place[0] : place[1]] == text[start]
            assert place[0] >= last
            last = place[0]


@given(PARTS)
def test_alignment_of_equal_texts_changes_nothing(parts: list[str]) -> None:
    text, blocks = joined(parts)
    alignment = Alignment(text, blocks, text, blocks)
    assert all(alignment.map(n, n + 1) == (n, n + 1) for n in range(len(text)))
