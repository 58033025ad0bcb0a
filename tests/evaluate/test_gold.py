"""Forms of gold: what is read from them, and that what is wrong is told by place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.errors import NotationError, SourceError
from pipeline.evaluate import gold
from pipeline.evaluate.gold import GoldMention, GoldRelation
from pipeline.model import Assertion, Kind


def test_standoff_counts_characters_and_line_ends_as_they_are(standoff: Path) -> None:
    [document] = gold.load(standoff).documents
    assert [document.text[one.start : one.end] for one in document.mentions] == [
        "Gout",
        "joint pain",
        "fever",
        "Heart",
        "kidney disease",
    ]
    assert [one.optional for one in document.mentions] == [False, False, False, True, False]
    assert [one.assertion for one in document.mentions].count(Assertion.ABSENT) == 1
    assert gold.load(standoff / "one.json").documents == gold.load(standoff / "one.txt").documents


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('[{"start": 0, "end": 400, "label": "SYMPTOM"}]', "marks 0 to 400"),
        ('[{"start": 0, "end": 3, "text": "Gut", "label": "SYMPTOM"}]', "the text has 'Gou'"),
        ('[{"start": 0, "label": "SYMPTOM"}]', "is no standoff gold"),
        ("[", "is no standoff gold"),
    ],
)
def test_wrong_standoff_is_an_error_that_names_the_file(standoff: Path, content: str, what: str) -> None:
    (standoff / "one.json").write_text(content)
    with pytest.raises(SourceError, match=r"one\.json") as caught:
        gold.load(standoff)
    assert what in str(caught.value)


def test_a_text_without_marks_among_marked_ones_is_an_error(standoff: Path) -> None:
    (standoff / "two.txt").write_text("Nobody marked this.")
    with pytest.raises(SourceError, match=r"two\.txt"):
        gold.load(standoff)


def test_notation_blocks_get_their_kinds_levels_and_trails(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "title: [Gout](condition:gout)\n\nh2: Symptoms\n\nh3: Early\n\nli2: No [fever](symptom:fever absent)\n\n"
        "h2: Causes\n\np: A \\[box\\].\n"
    )
    [document] = gold.load(tmp_path).documents
    assert document.text == "Gout\n\nSymptoms\n\nEarly\n\nNo fever\n\nCauses\n\nA [box]."
    assert [(block.kind, block.level) for block in document.blocks] == [
        (Kind.TITLE, 1),
        (Kind.HEADING, 2),
        (Kind.HEADING, 3),
        (Kind.LIST_ITEM, 2),
        (Kind.HEADING, 2),
        (Kind.PARAGRAPH, 0),
    ]
    assert [block.trail for block in document.blocks][3:] == [("Symptoms", "Early"), (), ("Causes",)]
    assert document.blocks[3].section == "symptoms"
    assert document.mentions[1] == GoldMention(26, 31, "SYMPTOM", "symptom:fever", Assertion.ABSENT)
    assert document.relations is None


@pytest.mark.parametrize("line", ["just words", "p: [open", "p: [x](no such thing)"])
def test_wrong_notation_is_an_error_that_names_the_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.md").write_text(f"title: Fine\n\n{line}\n")
    with pytest.raises(NotationError, match=r"a\.md:3"):
        gold.load(tmp_path)


def test_a_notation_file_finds_its_page_and_its_relations_from_anywhere_in_the_gold(tmp_path: Path) -> None:
    (tmp_path / "sample" / "site").mkdir(parents=True)
    (tmp_path / "gold" / "site").mkdir(parents=True)
    (tmp_path / "sample" / "site" / "a.html").write_text("<p>Gout.</p>")
    (tmp_path / "gold" / "site" / "a.html.md").write_text("p: [Gout](condition:gout).")
    (tmp_path / "gold" / "relations.tsv").write_text(
        "article_id\tkind\thead\ttail\tcertainty\tbasis\nsite/a.html\tcauses\ta:b\tc:d\tmay\tsentence\n"
    )
    for place in ("gold", "gold/site", "gold/site/a.html.md"):
        [document] = gold.load(tmp_path / place).documents
        assert document.name == "site/a.html"
        assert document.page == tmp_path / "sample" / "site" / "a.html"
        assert document.relations == (GoldRelation("causes", "a:b", "c:d", "may"),)


def test_case_files_hold_a_sentence_or_blocks_a_line(tmp_path: Path) -> None:
    (tmp_path / "cases.txt").write_text(
        "# a comment\nNo [fever](symptom absent).\n\np: Look: ¶ li1: [gout](condition:gout)\n"
    )
    one, two = gold.load(tmp_path).documents
    assert (one.name, one.text, one.mentions[0].concept_id) == ("cases.txt:2", "No fever.", "")
    assert [block.kind for block in two.blocks] == [Kind.PARAGRAPH, Kind.LIST_ITEM]


def test_brat_gives_entities_attributes_concepts_and_relations(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Gout brings no fever. Heart or kidney disease.")
    (tmp_path / "a.ann").write_text(
        "T1\tDisease 0 4\tGout\nT2\tSymptom 15 20\tfever\nA1\tNegated T2\nT3\tDisease 22 27;38 45\tHeart disease\n"
        "N1\tReference T1 condition:gout\tgout\nN2\tReference T2 symptom:fever\tfever\n"
        "R1\tSymptom_of Arg1:T2 Arg2:T1\n#1\tAnnotatorNotes T1\tsure\n*\tEquiv T1 T3\n"
    )
    [document] = gold.load(tmp_path, labels={"DISEASE": "CONDITION"}).documents
    assert document.mentions[:2] == (
        GoldMention(0, 4, "CONDITION", "condition:gout"),
        GoldMention(15, 20, "SYMPTOM", "symptom:fever", Assertion.ABSENT),
    )
    assert [(one.start, one.optional) for one in document.mentions[2:]] == [(22, True), (38, True)]
    assert document.relations == (GoldRelation("symptom_of", "symptom:fever", "condition:gout", "is"),)
    assert not document.all_assertions


@pytest.mark.parametrize("line", ["T1 Disease 0 4", "T1\tDisease 0 x\tGout", "R1\tCauses Arg1:T1 Arg2:T9"])
def test_wrong_brat_is_an_error_that_names_the_file(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.txt").write_text("Gout")
    (tmp_path / "a.ann").write_text(f"T1\tDisease 0 4\tGout\n{line}\n")
    with pytest.raises(SourceError, match=r"a\.ann"):
        gold.load(tmp_path)


def test_pages_are_looked_for_in_the_folder_that_is_given_and_nowhere_else(tmp_path: Path) -> None:
    for folder in ("gold", "sample", "pages"):
        (tmp_path / folder).mkdir()
    (tmp_path / "gold" / "a.html.md").write_text("p: [Gout](condition:gout).\n")
    (tmp_path / "sample" / "a.html").write_text("<p>Gout.")
    [document] = gold.load(tmp_path / "gold").documents
    assert document.page == tmp_path / "sample" / "a.html"
    with pytest.raises(SourceError, match="has no page"):
        gold.load(tmp_path / "gold", tmp_path / "pages")
    (tmp_path / "pages" / "a.html").write_text("<p>Gout.")
    [document] = gold.load(tmp_path / "gold", tmp_path / "pages").documents
    assert document.page == tmp_path / "pages" / "a.html"


def test_a_folder_without_gold_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("No gold.")
    with pytest.raises(SourceError, match="holds no gold"):
        gold.load(tmp_path)


def test_the_digest_changes_with_the_gold_and_not_with_its_place(standoff: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    copy.mkdir()
    for name in ("one.txt", "one.json"):
        shutil.copy(standoff / name, copy / name)
    before = gold.load(copy).digest
    assert before == gold.load(standoff / "one.txt").digest
    (copy / "one.json").write_text((copy / "one.json").read_text() + "\n")
    assert gold.load(copy).digest != before
