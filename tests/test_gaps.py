"""Gaps: which phrases are candidates, in which order, and how accepted ones become an overlay."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import batch, terminology
from pipeline.components.annotate import Annotator
from pipeline.curation import audit
from pipeline.errors import OutputError, VocabularyError
from pipeline.gaps import Gap, find
from pipeline.gaps.accept import accept
from pipeline.gaps.phrases import COLUMNS, Evidence, Phrases
from pipeline.model import Kind
from pipeline.tsv import VOCABULARY, read_rows
from tests.command import medtables

KNOWN = "Gout brings joint pain. Asthma brings coughing. Nausea comes with migraine."
PAGES = {
    "one.md": f"""# Gout

{KNOWN}

## Symptoms

- Wambling of the knees
- Fever
- Frumious: it comes at night
- a rash

## Causes

- stroke of luck
- zeepy gland
""",
    "two.md": f"""# More on gout

{KNOWN} Its symptoms include fever, wambling of the knee, borogove and a cough. It is a kind of gyre syndrome.
Some foods such as bananas, cheese and toves are fine. Doctors see loss of whiffle in many people.
""",
    "three.md": f"""# Wambling

{KNOWN} Diseases such as gout, momeraths and asthma are common, and nobody knows why.

## Symptoms

- wambling of the knees
""",
    "off.md": "# A garden\n\nSymptoms include tulgey. It is a manxome disease.\n",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gaps")
    (folder / "pages").mkdir()
    for name, text in PAGES.items():
        (folder / "pages" / name).write_text(text)
    batch.run([str(folder / "pages")], str(folder / "run"), workers=1)
    return folder / "run"


@pytest.fixture(scope="module")
def found(run: Path) -> dict[str, Gap]:
    return {gap.phrase: gap for gap in find(run)}


def test_a_phrase_is_counted_in_all_its_forms(found: dict[str, Gap]) -> None:
    gap = found["wambling of the knees"]
    assert (gap.label, gap.concept_id) == ("SYMPTOM", "symptom:wambling-of-the-knees")
    assert (gap.articles, gap.count, gap.evidence) == (3, 3, "lead 1, list 2")
    assert gap.where == "one.md"
    assert "Wambling of the knees" in gap.example


def test_lists_enumerations_heads_and_openings_give_candidates(found: dict[str, Gap]) -> None:
    assert found["borogove"].evidence == "lead 1"
    assert found["Frumious"].evidence == "list 1"
    assert found["zeepy gland"].label == "CONDITION"
    assert found["momeraths"].label == "CONDITION"
    assert found["gyre syndrome"].evidence == "head 1"
    assert found["loss of whiffle"].evidence == "opening 1"


def test_what_is_known_blocked_or_no_name_is_left_out(found: dict[str, Gap]) -> None:
    text = " ".join(found).lower()
    for word in ("fever", "rash", "cough", "stroke", "bananas", "toves", "nobody", "night"):
        assert word not in text


def test_an_article_without_mentions_gives_no_candidates(found: dict[str, Gap]) -> None:
    assert "tulgey" not in found
    assert "manxome disease" not in found


def test_more_articles_and_stronger_evidence_come_first(run: Path) -> None:
    phrases = [gap.phrase for gap in find(run)]
    assert phrases[0] == "wambling of the knees"
    assert phrases.index("borogove") < phrases.index("gyre syndrome")


def test_a_folder_that_is_no_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        find(tmp_path)


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return Phrases(terminology.load())


def seen(phrases: Phrases, text: str, *known: tuple[str, str]) -> list[tuple[str, str, str]]:
    mentions = [(text.index(words), text.index(words) + len(words), label) for words, label in known]
    found = phrases.find(text, Kind.PARAGRAPH, "", mentions)
    return [(text[one.start : one.end], one.label, one.evidence) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He has a vorpal disorder.", [("vorpal disorder", "CONDITION", Evidence.HEAD)]),
        ("He has a disorder.", []),
        ("The vorpal disease center is closed.", []),
        ("This is a severe disease.", []),
        ("There is difficulty galumphing.", [("difficulty galumphing", "SYMPTOM", Evidence.OPENING)]),
        ("There is loss of the.", []),
        ("Drugs such as snicker and snack help.", [("snicker", "MEDICATION", Evidence.LEAD)]),
        ("Side effects include outgrabe, slithy toves or worse.", [("outgrabe", "SYMPTOM", Evidence.LEAD)]),
        ("Games such as chess and whist are fun.", []),
        ("Symptoms include a very long tale of many words here and there.", []),
    ],
)
def test_words_around_a_phrase_make_it_a_candidate(
    phrases: Phrases, text: str, expected: list[tuple[str, str, str]]
) -> None:
    found = seen(phrases, text)
    assert [one for one in expected if one in found] == expected
    assert bool(found) is bool(expected)


def test_a_mention_is_no_candidate_and_its_label_tells_that_of_its_neighbors(phrases: Phrases) -> None:
    text = "It may bring things such as rash, uffish moods and fever."
    assert seen(phrases, text, ("rash", "SYMPTOM"), ("fever", "SYMPTOM")) == [
        ("uffish moods", "SYMPTOM", Evidence.LEAD)
    ]
    assert seen(phrases, "He has kidney disease.", ("kidney disease", "CONDITION")) == []


def test_of_a_head_that_is_a_mention_alone_the_whole_phrase_is_a_candidate(phrases: Phrases) -> None:
    assert seen(phrases, "He has tulgey pain.", ("pain", "SYMPTOM")) == [
        ("tulgey pain", "SYMPTOM", Evidence.HEAD)
    ]


def test_the_rows_of_gaps_tsv_are_sorted_and_say_what_they_speak_of() -> None:
    rows = [(row["kind"], row["label"], row["words"]) for row in read_rows(VOCABULARY, "gaps.tsv", COLUMNS)]
    kinds = list(dict.fromkeys(kind for kind, _, _ in rows))
    assert rows == sorted(set(rows), key=lambda row: (kinds.index(row[0]), *row[1:]))
    sections = {row["section"] for row in read_rows(VOCABULARY, "sections.tsv", ("section", "words"))}
    assert {words for kind, _, words in rows if kind == "section"} <= sections


@pytest.mark.parametrize("row", ["nonsense\tx\t", "heads\tno_class\tSYMPTOM"])
def test_a_wrong_row_of_gaps_tsv_is_an_error(tmp_path: Path, row: str) -> None:
    (tmp_path / "gaps.tsv").write_text(f"kind\twords\tlabel\n{row}\n")
    with pytest.raises(VocabularyError, match=r"gaps\.tsv:2"):
        Phrases(terminology.load(), tmp_path)


# Accepting


def review(tmp_path: Path, *rows: str, header: str = "phrase\tlabel\tconcept_id\tcount") -> Path:
    path = tmp_path / "review.tsv"
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def test_accepted_phrases_become_an_overlay_that_finds_them(tmp_path: Path) -> None:
    file = review(
        tmp_path,
        "wambling of the knees\tSYMPTOM\tsymptom:wambling\t3",
        "knee wambling\tsymptom\tsymptom:wambling\t1",
        "podagra maxima\tCONDITION\tcondition:gout\t1",
        "TOVE\tCONDITION\t\t1",
        "gout\tCONDITION\tcondition:gout\t1",
    )
    overlay = tmp_path / "own"
    done = accept(file, overlay)
    assert (done.terms, done.concepts, done.known) == (4, 2, 1)
    assert [path.name for path in done.paths] == ["condition.tsv", "symptom.tsv"]
    assert (overlay / "terms" / "symptom.tsv").read_text().splitlines()[1:] == [
        "symptom:wambling\twambling of the knees\tpreferred\t\t\t",
        "symptom:wambling\tknee wambling\tsynonym\t\t\t",
    ]
    rows = (overlay / "terms" / "condition.tsv").read_text().splitlines()[1:]
    assert rows == [
        "condition:gout\tpodagra maxima\tsynonym\t\t\t",
        "condition:tove\tTOVE\tpreferred\texact\t\t",
    ]
    assert audit.check(overlay) == []
    [[mention]] = audit.mentions_of(["Her knee wambling grew."], Annotator(terminology.load([overlay])))
    assert mention.concept_id == "symptom:wambling"
    assert accept(file, overlay).terms == 0


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ((), "holds no phrase"),
        (("\tSYMPTOM\t",), "is no phrase"),
        (("wambling\t\t",), "is no label"),
        (("wambling\tSYMPTOM\tcondition:wambling",), "is no concept of symptom"),
        (("wambling\tSYMPTOM\tsymptom:Two Words",), "is no concept of symptom"),
    ],
)
def test_a_wrong_review_is_an_error_and_writes_nothing(
    tmp_path: Path, rows: tuple[str, ...], what: str
) -> None:
    file = review(tmp_path, *rows)
    with pytest.raises(VocabularyError, match=r"review\.tsv") as caught:
        accept(file, tmp_path / "own")
    assert what in str(caught.value)
    assert not (tmp_path / "own").exists()


def test_comments_and_empty_lines_of_a_review_are_left_out(tmp_path: Path) -> None:
    file = review(
        tmp_path,
        "",
        "# struck out:\tSYMPTOM",
        "wambling\tSYMPTOM\t",
        header="# mine\n\nphrase\tlabel\tconcept_id",
    )
    assert accept(file, tmp_path / "own").terms == 1


def test_a_review_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"none\.tsv: cannot be read \(No such file"):
        accept(tmp_path / "none.tsv", tmp_path / "own")
    (tmp_path / "latin.tsv").write_bytes(b"phrase\tlabel\tconcept_id\nm\xe9ga\tSYMPTOM\t\n")
    with pytest.raises(VocabularyError, match=r"latin\.tsv: is not UTF-8"):
        accept(tmp_path / "latin.tsv", tmp_path / "own")


def test_a_review_needs_its_columns(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="concept_id"):
        accept(review(tmp_path, "a\tb", header="phrase\tlabel"), tmp_path / "own")


def test_the_printed_table_is_a_review(run: Path, tmp_path: Path) -> None:
    printed = medtables("gaps", run, "--limit", 2)
    assert printed.exit_code == 0, printed.output
    assert printed.stdout.splitlines()[0].split("\t")[:3] == ["phrase", "label", "concept_id"]
    assert "2 of" in printed.stderr
    file = tmp_path / "review.tsv"
    file.write_text(printed.stdout)
    done = medtables("gaps", run, "--accept", file, "-o", tmp_path / "own")
    assert done.exit_code == 0, done.output
    assert "2 terms written" in done.stderr
    left = medtables("gaps", run, "--vocabulary", tmp_path / "own")
    assert "wambling of the knees" not in left.stdout


def test_accept_and_output_go_together(run: Path, tmp_path: Path) -> None:
    assert medtables("gaps", run, "-o", tmp_path / "own").exit_code == 2
