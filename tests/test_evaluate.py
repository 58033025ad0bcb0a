"""Evaluate: forms of gold, scores counted by hand, alignment, floors, the command, and the committed floors."""

from __future__ import annotations

import json
import shutil
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.errors import MedtablesError, NotationError, SourceError
from pipeline.evaluate import Evaluation, evaluate, floors, gold, read_document, score
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

ROOT = Path(__file__).parent.parent
COMMITTED = ROOT / "corpora" / "gold" / "floors.json"


def medtables(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def _loaded_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command takes the engine of the tests, which saves a second each time."""
    monkeypatch.setattr(import_module("pipeline.extract"), "load_engine", lambda vocabulary=(): engine)


# Forms of gold


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


# Scores

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


# Alignment

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


# Floors


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "cases.txt").write_text(
        "His [gout](condition:gout) is back.\nA sentence of [nothing at all](symptom:nothing) that medtables knows.\n"
    )
    return tmp_path / "gold"


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


# The command


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
