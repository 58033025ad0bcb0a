"""The declaration of the tables, the rows made from an extraction, what other programs are told of them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path

import pytest

from pipeline.dictionary import data_dictionary
from pipeline.model import (
    Article,
    Assertion,
    Basis,
    Block,
    Certainty,
    Extraction,
    Kind,
    Mention,
    Metadata,
    Page,
    Problem,
    Quantity,
    QuantityKind,
    Relation,
    Status,
)
from pipeline.tables import MOST_SENTENCE, TABLES
from pipeline.tables.rows import ROWS, rows
from pipeline.tables.schema import arrow_schema, batch, table_schema

ROOT = Path(__file__).parent.parent
TITLE, HEADING, LINE = "Low sodium", "Causes", "Vomiting, no fever."
TEXT = "\n\n".join((TITLE, HEADING, LINE))
LAST = TEXT.index(LINE)
VOMITING, SODIUM = "symptom:vomiting", "condition:hyponatremia"


def mention(text: str, label: str, name: str, block: int, **more: object) -> Mention:
    start = TEXT.index(text)
    found = Mention(
        start, start + len(text), text, label, f"{label.lower()}:{name}", name, Assertion.PRESENT, "", block,
        "", start, start + len(text), "terms/x.tsv:1",
    )  # fmt: skip
    return replace(found, **more)  # type: ignore[arg-type]


@pytest.fixture
def extraction() -> Extraction:
    blocks, start = [], 0
    for kind, text, trail in (
        (Kind.TITLE, TITLE, ()),
        (Kind.HEADING, HEADING, (TITLE,)),
        (Kind.PARAGRAPH, LINE, (TITLE, HEADING)),
    ):
        blocks.append(Block(start, start + len(text), kind, 0, "causes" if trail[1:] else "", trail, "p"))
        start += len(text) + 2
    metadata = Metadata(
        title=TITLE, url="https://a.example/x", about=("sodium", "salt"), codes=("MeSH:D007010",)
    )
    found = (
        mention("Low sodium", "CONDITION", "hyponatremia", 0),
        mention("Vomiting", "SYMPTOM", "vomiting", 2, section="causes"),
        mention("fever", "SYMPTOM", "fever", 2, assertion=Assertion.ABSENT, cue="no", section="causes"),
    )
    page = Page("a/x.html", b"", "pages/a/x.html")
    counted = Quantity(
        start, start, "", None, 3.5, "<", "mEq/L", None, 3.5, "mmol/L", QuantityKind.LEVEL, None, 2, start, start
    )  # fmt: skip
    counted = replace(
        counted, start=LAST, end=LAST + 8, text="Vomiting", sentence_start=LAST, sentence_end=LAST + 8
    )
    return Extraction(
        page,
        Article(TEXT, tuple(blocks), metadata),
        found,
        "utf-8",
        "0" * 64,
        quantities=(counted, replace(counted, mention=1)),
        relations=(
            Relation("causes", 1, 0, VOMITING, SODIUM, Certainty.IS, Basis.HEADING, LAST, LAST + 8),
            Relation("red_flag_for", 1, -1, VOMITING, SODIUM, Certainty.IS, Basis.SENTENCE, LAST, LAST + 8),
        ),
    )


def named(extraction: Extraction, table: str) -> list[dict[str, object]]:
    names = [column.name for column in TABLES[table].columns]
    return [dict(zip(names, row, strict=True)) for row in rows(extraction)[table]]


def test_the_columns_stand_in_the_order_that_users_build_on() -> None:
    found = {name: " ".join(column.name for column in table.columns) for name, table in TABLES.items()}
    assert found == {
        "articles": "article_id source url url_source title site author published modified reviewed language"
        " text_language status reason encoding content_sha256 duplicate_of words description reviewed_by about"
        " audience codes",
        "blocks": "article_id block start end kind level section trail place text",
        "mentions": "article_id mention start end text label concept_id concept assertion cue block section"
        " sentence_start sentence_end sentence term link elliptic",
        "quantities": "article_id quantity start end text low high comparator unit value kind mention"
        " canonical_low canonical_high canonical_unit per_day concept_id block sentence_start sentence_end"
        " sentence",
        "relations": "article_id relation kind head_concept tail_concept head_mention tail_mention certainty"
        " basis evidence evidence_start evidence_end",
        "concepts": "article_id concept_id label concept mentions present absent in_title sections"
        " first_start weight",
    }


def test_the_declaration_cannot_be_changed() -> None:
    table = TABLES["mentions"]
    for declared in (table, table.columns[0], table.references[0]):
        with pytest.raises(FrozenInstanceError):
            setattr(declared, fields(declared)[0].name, "x")


def test_every_table_has_rows_a_key_and_references_that_exist() -> None:
    assert set(ROWS) == set(TABLES)
    for table in TABLES.values():
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        assert set(table.key) <= set(names)
        assert all(column.meaning and not column.meaning.endswith(".") for column in table.columns)
        for reference in table.references:
            assert set(reference.columns) <= set(names)
            assert reference.target == TABLES[reference.table].key


def test_rows_fit_the_declared_schema(extraction: Extraction) -> None:
    for name, found in rows(extraction).items():
        made = batch(TABLES[name], found)
        made.validate(full=True)
        assert made.schema.equals(arrow_schema(TABLES[name]))
        assert [tuple(row.values()) for row in made.to_pylist()] == found


def test_a_page_without_an_article_is_one_row_with_its_reason() -> None:
    page = Page("x.html", b"", "x.html")
    found = rows(Extraction(page, Article(""), problem=Problem(Status.TOO_LARGE, "30 MB")))
    assert {name: len(made) for name, made in found.items()} == {
        "articles": 1,
        "blocks": 0,
        "mentions": 0,
        "quantities": 0,
        "relations": 0,
        "concepts": 0,
    }
    assert found["articles"][0][:2] == ("x.html", "x.html")
    assert found["articles"][0][12:14] == ("too_large", "30 MB")


def test_articles_join_lists_and_count_words(extraction: Extraction) -> None:
    [article] = named(extraction, "articles")
    assert (article["about"], article["codes"], article["words"]) == ("sodium | salt", "MeSH:D007010", 6)
    assert (article["status"], article["reason"]) == ("ok", "")


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [
        (Metadata(), ("https://b.example", "warc", "2024-05-31")),
        (
            Metadata(url="https://a.example", url_source="canonical", published="2020"),
            ("https://a.example", "canonical", "2020"),
        ),
    ],
)
def test_address_and_date_are_those_the_page_states_or_else_those_it_came_with(
    stated: Metadata, wanted: tuple[str, ...]
) -> None:
    page = Page("x", b"", "x", url="https://b.example", url_source="warc", published="2024-05-31")
    [article] = named(Extraction(page, Article("", metadata=stated)), "articles")
    assert (article["url"], article["url_source"], article["published"]) == wanted


def test_blocks_point_into_the_text(extraction: Extraction) -> None:
    for block in named(extraction, "blocks"):
        assert TEXT[block["start"] : block["end"]] == block["text"]  # type: ignore[misc]
    assert named(extraction, "blocks")[2]["trail"] == "Low sodium > Causes"


def test_mentions_carry_sentence_and_link(extraction: Extraction) -> None:
    first, _, last = named(extraction, "mentions")
    assert first["link"] == "https://a.example/x#:~:text=Low%20sodium"
    assert (last["text"], last["assertion"], last["cue"], last["sentence"]) == (
        "fever",
        "absent",
        "no",
        "fever",
    )


def test_quantities_carry_their_canonical_value_and_what_they_speak_of(extraction: Extraction) -> None:
    first, second = named(extraction, "quantities")
    assert (first["low"], first["high"], first["value"]) == (None, 3.5, "< 3.5 mmol/L")
    assert (first["mention"], first["concept_id"]) == (None, "")
    assert (second["mention"], second["concept_id"], second["sentence"]) == (
        1,
        "symptom:vomiting",
        "Vomiting",
    )


def test_relations_carry_both_ends_and_their_evidence(extraction: Extraction) -> None:
    first, second = named(extraction, "relations")
    assert (first["head_concept"], first["kind"], first["tail_concept"]) == (VOMITING, "causes", SODIUM)
    assert (first["head_mention"], first["tail_mention"], second["tail_mention"]) == (1, 0, None)
    assert (first["certainty"], first["basis"], first["evidence"]) == ("is", "heading", "Vomiting")


def test_a_relation_whose_ends_are_not_named_has_no_mentions(extraction: Extraction) -> None:
    whole = Relation("causes", -1, -1, VOMITING, SODIUM, Certainty.IS, Basis.TITLE, LAST, LAST + 8)
    turned = replace(whole, head=0, tail=1)
    none, both = named(replace(extraction, relations=(whole, turned)), "relations")
    assert (none["head_mention"], none["tail_mention"]) == (None, None)
    assert (both["head_mention"], both["tail_mention"]) == (0, 1)


@pytest.mark.parametrize(
    ("sentence", "place", "wanted"),
    [
        ((0, MOST_SENTENCE), 0, (0, MOST_SENTENCE)),
        ((3000, 4900), 3000, (3000, 4900)),
        ((7, 9000), 4000, (4000 - MOST_SENTENCE // 2, 4005 + MOST_SENTENCE // 2)),
        ((7, 9000), 12, (7, 17 + MOST_SENTENCE // 2)),
        ((7, 9000), 8990, (8990 - MOST_SENTENCE // 2, 9000)),
    ],
)
def test_of_a_long_sentence_stands_what_is_around_the_mention(
    sentence: tuple[int, int], place: int, wanted: tuple[int, int]
) -> None:
    text = "".join(chr(0x4E00 + number) for number in range(10_000))
    found = Mention(
        place, place + 5, text[place : place + 5], "SYMPTOM", "symptom:fever", "fever", Assertion.PRESENT, "",
        0, "", *sentence, "x:1",
    )  # fmt: skip
    article = Article(text, (Block(0, len(text), Kind.PARAGRAPH),))
    [row] = named(Extraction(Page("x", b"", "x"), article, (found,)), "mentions")
    assert row["sentence"] == text[slice(*wanted)]


@pytest.mark.parametrize(("start", "end", "length"), [(31, 9000, MOST_SENTENCE), (31, 99, 68)])
def test_of_long_evidence_stands_the_start(extraction: Extraction, start: int, end: int, length: int) -> None:
    text = "".join(chr(0x4E00 + number) for number in range(10_000))
    [found] = named(
        replace(
            extraction,
            article=replace(extraction.article, text=text),
            relations=(Relation("causes", 1, 0, VOMITING, SODIUM, Certainty.IS, Basis.LIST, start, end),),
        ),
        "relations",
    )
    assert found["evidence"] == text[start : start + length]
    assert (found["evidence_start"], found["evidence_end"]) == (start, end)


def test_an_endless_sentence_is_cut_around_its_mentions() -> None:
    text = "fever " * 20_000
    template = Mention(
        0, 5, "fever", "SYMPTOM", "symptom:fever", "fever", Assertion.PRESENT, "", 0, "", 0, len(text), "x:1"
    )
    found = tuple(replace(template, start=start, end=start + 5) for start in range(0, len(text), 6))
    made = rows(Extraction(Page("x", b"", "x"), Article(text, (Block(0, len(text), Kind.PARAGRAPH),)), found))
    assert all("fever" in row[14] and len(row[14]) <= MOST_SENTENCE + 5 for row in made["mentions"])


def test_concepts_count_and_weigh(extraction: Extraction) -> None:
    concepts = {row["concept"]: row for row in named(extraction, "concepts")}
    assert [concepts[name]["in_title"] for name in ("hyponatremia", "vomiting")] == [True, False]
    assert (concepts["fever"]["present"], concepts["fever"]["absent"]) == (0, 1)
    assert concepts["vomiting"]["sections"] == "causes"
    # title 3, paragraph 1, and what is absent 0
    assert [concepts[name]["weight"] for name in ("hyponatremia", "vomiting", "fever")] == [0.75, 0.25, 0.0]
    assert concepts["vomiting"]["first_start"] == TEXT.index("Vomiting")


def test_a_mention_in_a_heading_weighs_two_and_weights_have_four_decimals(extraction: Extraction) -> None:
    again = mention("Causes", "SYMPTOM", "vomiting", 1)
    once = mention("fever", "SYMPTOM", "fever", 2)
    concepts = {
        row["concept"]: row
        for row in named(replace(extraction, mentions=(again, extraction.mentions[1], once)), "concepts")
    }
    assert (concepts["vomiting"]["weight"], concepts["fever"]["weight"]) == (0.75, 0.25)
    assert (concepts["vomiting"]["mentions"], concepts["vomiting"]["first_start"]) == (2, again.start)
    thirds = (again, once)
    concepts = {row["concept"]: row for row in named(replace(extraction, mentions=thirds), "concepts")}
    assert (concepts["vomiting"]["weight"], concepts["fever"]["weight"]) == (0.6667, 0.3333)


def test_an_article_of_absences_has_no_weights(extraction: Extraction) -> None:
    denied = tuple(replace(found, assertion=Assertion.ABSENT) for found in extraction.mentions)
    assert {row["weight"] for row in named(replace(extraction, mentions=denied), "concepts")} == {0.0}


def test_half_a_utf16_pair_becomes_a_replacement_of_the_same_length() -> None:
    row = tuple("a\ud800b" if column.type == "string" else 0 for column in TABLES["blocks"].columns)
    assert batch(TABLES["blocks"], [row]).column("text").to_pylist() == ["a\ufffdb"]


def test_a_missing_cell_is_refused_where_none_is_declared() -> None:
    row = ("x", 0, 0, 0, "title", 1, "", "", "", None)
    with pytest.raises(ValueError, match="text"):
        batch(TABLES["blocks"], [row])


@pytest.mark.parametrize("cells", [9, 11])
def test_a_row_of_another_length_is_refused(cells: int) -> None:
    row = ("x", 0, 0, 0, "title", 1, "", "", "", "", "")[:cells]
    with pytest.raises(ValueError, match=f"blocks have {cells} cells, not 10"):
        batch(TABLES["blocks"], [row])
    with pytest.raises(ValueError, match=r"shorter|longer"):
        batch(TABLES["blocks"], [("x", 0, 0, 0, "title", 1, "", "", "", ""), row])


def test_the_table_schema_tells_what_a_cell_must_hold() -> None:
    fields = {field["name"]: field for field in table_schema(TABLES["quantities"])["fields"]}
    required = {name for name, field in fields.items() if field.get("constraints", {}).get("required")}
    # A key and what is counted; a number may be missing where the table says so, a string may be empty.
    assert required == {"article_id", "quantity", "start", "end", "block", "sentence_start", "sentence_end"}
    assert fields["end"]["description"] == "where it ends [Unicode characters from 0, exclusive]"
    assert fields["text"]["description"] == "the words of the article"
    assert "constraints" not in fields["text"] and "constraints" not in fields["low"]


def test_the_table_schema_tells_types_keys_and_values() -> None:
    schema = table_schema(TABLES["mentions"])
    fields = {field["name"]: field for field in schema["fields"]}
    assert fields["start"]["type"] == "integer"
    assert "absent" in fields["assertion"]["constraints"]["enum"]
    assert schema["primaryKey"] == ["article_id", "mention"]
    assert {
        "fields": ["article_id", "block"],
        "reference": {"resource": "blocks", "fields": ["article_id", "block"]},
    } in schema["foreignKeys"]


def test_the_data_dictionary_is_fresh() -> None:
    written = (ROOT / "outputs" / "README.md").read_text(encoding="utf-8")
    assert written == data_dictionary(), "renew it: make sample"
