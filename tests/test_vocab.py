"""medtables vocab as a user meets it: overlays that are wrong, searches, exports that other programs read."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline import terminology
from pipeline.cli import main
from pipeline.curation import audit
from pipeline.curation.ambiguity import ambiguous
from pipeline.curation.catalogue import find, roll_ups
from pipeline.curation.importers import Filters, read
from pipeline.extract import Engine, extract, load_engine
from pipeline.model import Page
from pipeline.terminology import TERM_COLUMNS
from pipeline.tsv import VOCABULARY

HEADER = "\t".join(TERM_COLUMNS)


def medtables(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["vocab", *map(str, arguments)])


def overlay(folder: Path, *rows: str, label: str = "symptom", header: str = HEADER) -> Path:
    """An overlay with `rows`, whose cells are written with | for a tab."""
    path = folder / "mine" / "terms" / f"{label}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *(row.replace("|", "\t") for row in rows)]) + "\n", encoding="utf-8")
    return folder / "mine"


@pytest.mark.parametrize("command", [[], ["check"], ["import"]])
def test_help_imports_nothing_heavy(command: list[str]) -> None:
    script = (
        "import sys\nfrom pipeline.cli import main\n"
        f"try:\n    main({['vocab', *command, '--help']!r}, prog_name='medtables')\n"
        "finally:\n    print('loaded', [name for name in ('spacy', 'pandas', 'lxml', 'bs4') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "loaded []" in done.stdout, done.stdout


def test_the_packages_own_vocabulary_is_right() -> None:
    """Every row of it, by form and by the engine. The examples of cues are held by test_assertion."""
    assert [str(finding) for finding in audit.check(VOCABULARY) if "/cues.tsv:" not in finding.where] == []


def test_an_overlay_that_is_right_passes(tmp_path: Path) -> None:
    mine = overlay(
        tmp_path,
        "symptom:brain-zap|brain zap|preferred||[Brain zaps](symptom:brain-zap) passed quickly.|",
        "symptom:brain-zap|zaps in the head|lay|||",
    )
    result = medtables("check", mine)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing is wrong" in result.stderr


@pytest.mark.parametrize(
    ("row", "line", "what"),
    [
        ("symptom:brain-zap|brain zap|prefered|||", 2, "has the status 'prefered'"),
        ("condition:brain-zap|brain zap|preferred|||", 2, "does not belong in symptom.tsv"),
        ("symptom:Brain Zap|brain zap|preferred|||", 2, "is no concept id"),
        ("symptom:brain-zap||preferred|||", 2, "has no term"),
        ("symptom:brain-zap|brain zap|preferred|upper||", 2, "has the case 'upper'"),
        ("symptom:brain-zap|brain zap|preferred|||||", 2, "has 8 cells, the header 6"),
        ("symptom:brain-zap|brain zap|synonym|||", 2, "has no naming rows"),
        ("symptom:brain-zap|zq|preferred|exact||", 2, "has only 2 letters and lacks example and not"),
        ("symptom:brain-zap|nausea|preferred|||", 2, "names symptom:nausea at"),
        ("symptom:brain-zap|brain zap|preferred||A [zap](symptom:brain-zap|", 2, "does not parse"),
        ("symptom:brain-zap|brain zap|preferred||A [zap](symptom:brain-zap).|", 2, "is read as 'A zap.'"),
        ("symptom:brain-zap|brain zap|preferred|||A brain zap.", 2, "is found as symptom:brain-zap"),
        ("symptom:brain-zap|scab|preferred|||", 2, "'scab' also means"),
        (
            "symptom:brain-zap|brain zap|preferred||A [brain](symptom:brain-zap).|",
            2,
            "does not hold 'brain zap'",
        ),
        ("symptom:brain-zap|brain zap|preferred|||A zap of the brain.", 2, "does not hold 'brain zap'"),
        ("symptom:brain-zap|stroke of luck|preferred|||", 2, "never found as symptom:brain-zap"),
    ],
)
def test_a_wrong_row_is_told_with_its_line_and_a_cure(tmp_path: Path, row: str, line: int, what: str) -> None:
    mine = overlay(tmp_path, row)
    result = medtables("check", mine)
    assert result.exit_code == 1
    findings = result.stdout.splitlines()
    place = f"{mine}/terms/symptom.tsv:{line}: "
    told = [number for number, text in enumerate(findings) if text.startswith(place) and what in text]
    assert told, result.stdout
    assert findings[told[0] + 1].startswith("  "), "the cure follows"


def test_ambiguous_terms_are_those_of_which_the_vocabulary_tells_another_meaning(engine: Engine) -> None:
    found = {(one.term.text, one.term.exact): one for one in ambiguous(engine.terminology)}
    for text, exact, kind, reason in (
        ("UTI", True, "short", "has only 3 letters"),
        ("stroke", False, "everyday", "also means 'a movement; a line' (everyday.tsv:"),
        ("the clap", False, "everyday", "also means"),  # the article is no part of the words
        ("allergic reaction", False, "idiom", "stands in 'an allergic reaction to change' (blocked.tsv:"),
        ("APLS", True, "twin", "names another concept in other capitals (terms/condition.tsv:"),
    ):
        one = found[text, exact]
        assert (one.kind, one.reason[: len(reason)]) == (kind, reason)
    assert ("breast cancer", False) not in found  # blocked phrases hold it, but only names
    assert ("hypertension", False) not in found
    assert 800 < len(found) < 2000


def test_an_ambiguous_term_of_the_package_without_its_examples_is_told(
    monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    words = engine.terminology
    bare = [replace(term, example="") if term.text == "stroke" else term for term in words.terms]
    monkeypatch.setattr(terminology, "load", lambda overlays: replace(words, terms=tuple(bare)))
    told = [finding.what for finding in audit.check(VOCABULARY)]
    assert len(told) == 1
    assert told[0].startswith("'stroke' also means 'a movement; a line' (everyday.tsv:")
    assert told[0].endswith("and lacks example")


def test_a_plural_term_is_found_in_any_capitals_and_not_in_the_singular(tmp_path: Path) -> None:
    mine = overlay(tmp_path, "symptom:brain-zap|brain zaps|preferred|plural||A brain zap woke him.")
    assert medtables("check", mine).exit_code == 0
    engine = load_engine([mine])
    for text, found in (("Brain zaps", 1), ("BRAIN ZAPS", 1), ("brain zaps", 1), ("Brain zap", 0)):
        page = Page("a.txt", f"{text} hurt him at night.".encode(), "a.txt", media_type="text/plain")
        assert len(extract(page, engine).mentions) == found, text


def test_rows_of_the_package_are_not_told_as_faults_of_an_overlay(tmp_path: Path) -> None:
    mine = overlay(tmp_path, "symptom:brain-zap|brain zap|preferred|||")
    assert all(finding.where.startswith(str(mine)) for finding in audit.check(mine))


def test_relations_and_mappings_must_name_concepts_and_run_in_no_circle(tmp_path: Path) -> None:
    mine = overlay(tmp_path, "symptom:one|aaa one|preferred|||", "symptom:two|bbb two|preferred|||")
    (mine / "relations.tsv").write_text(
        "subject_id\tpredicate\tobject_id\nsymptom:one\tis_a\tsymptom:two\nsymptom:two\tis_a\tsymptom:one\n"
        "symptom:one\tlooks_like\tsymptom:three\n"
    )
    (mine / "mappings.sssom.tsv").write_text(
        "subject_id\tpredicate_id\tobject_id\tobject_label\nsymptom:four\tskos:exactMatch\tHP:1\tfour\n"
    )
    told = medtables("check", mine).stdout
    assert f"{mine}/relations.tsv:4: no term has the concept symptom:three" in told
    assert f"{mine}/relations.tsv:4: has the predicate 'looks_like'" in told
    assert "runs in a circle: symptom:one > symptom:two > symptom:one" in told
    assert f"{mine}/mappings.sssom.tsv:2: no term has the concept symptom:four" in told


def test_a_file_that_no_overlay_reads_is_told(tmp_path: Path) -> None:
    mine = overlay(tmp_path, "symptom:brain-zap|brain zap|preferred|||")
    (mine / "term.tsv").write_text(HEADER + "\n")
    assert f"{mine}/term.tsv: is not read from an overlay" in medtables("check", mine).stdout


def test_a_folder_without_vocabulary_is_an_error(tmp_path: Path) -> None:
    result = medtables("check", tmp_path)
    assert result.exit_code == 1
    assert "holds no vocabulary" in result.stderr


def test_fix_sorts_and_drops_repeated_rows_and_changes_nothing_else(tmp_path: Path) -> None:
    rows = [
        "symptom:zap|zappy|synonym|||",
        "# a comment",
        "symptom:brain-zap| brain zap |preferred|||",
        "symptom:zap|zap thing|preferred",
        "symptom:zap|zappy|synonym|||",
    ]
    mine = overlay(tmp_path, *rows)
    assert medtables("check", mine).exit_code == 1
    assert medtables("check", mine, "--fix").exit_code == 0
    text = (mine / "terms" / "symptom.tsv").read_text()
    assert text.replace("\t", "|").splitlines() == [
        "# a comment",
        HEADER.replace("\t", "|"),
        "symptom:brain-zap|brain zap|preferred|||",
        "symptom:zap|zap thing|preferred|||",
        "symptom:zap|zappy|synonym|||",
    ]
    medtables("check", mine, "--fix")
    assert (mine / "terms" / "symptom.tsv").read_text() == text


def test_find_tells_what_is_found_what_loses_and_where_it_stands(engine: Engine) -> None:
    hits = find("electric low potassium", engine.terminology, engine.annotator)
    found = next(hit for hit in hits if hit.how == "found")
    assert (found.concept_id, found.text) == ("condition:hypokalemia", "low potassium")
    assert "state_of electrolyte:potassium" in found.rolls_up
    name, line = found.where.split(":")
    assert "low potassium" in (VOCABULARY / name).read_text().splitlines()[int(line) - 1]
    assert any(hit.how == "loses" and hit.concept_id == "electrolyte:potassium" for hit in hits)
    assert any(hit.kind == "blocked" for hit in find("stroke of luck", engine.terminology, engine.annotator))
    every = find("condition:gout", engine.terminology, engine.annotator)
    assert {hit.text for hit in every if hit.how == "is"} <= {
        term.text for term in engine.terminology.terms if term.concept_id == "condition:gout"
    }


@pytest.mark.parametrize(
    ("text", "kind"), [("r/o", "cue"), ("nephro", ""), ("condition-drug", "pattern"), ("twitching", "class")]
)
def test_find_knows_more_than_terms(text: str, kind: str, engine: Engine) -> None:
    hits = find(text, engine.terminology, engine.annotator)
    assert (kind in {hit.kind for hit in hits}) is bool(kind)
    for hit in hits:
        name, line = hit.where.split(":")
        assert hit.text.split()[0] in (VOCABULARY / name).read_text().splitlines()[int(line) - 1]


def test_find_of_nothing_finds_nothing(engine: Engine) -> None:
    assert find(" ", engine.terminology, engine.annotator) == []


def test_a_brand_rolls_up_to_ingredient_and_class(engine: Engine) -> None:
    above = [target for _, target in roll_ups(engine.terminology)("medication:advil")]
    assert above[0] == "medication:ibuprofen"
    assert "medication:nonsteroidal-anti-inflammatory-drug" in above


def test_find_by_command_and_its_exit_codes() -> None:
    shown = medtables("find", "low", "potassium", "--limit", "1")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[1].split("\t")[:3] == ["found", "term", "condition:hypokalemia"]
    assert medtables("find", "qwertyuiop").exit_code == 1


def test_stats_counts_every_term_once(engine: Engine) -> None:
    lines = [line.split("\t") for line in medtables("stats").stdout.splitlines()]
    table = {row[0]: dict(zip(lines[0], row, strict=True)) for row in lines[1 : lines.index([""])]}
    assert int(table["all"]["terms"]) == len(engine.terminology.terms)
    symptoms = [term for term in engine.terminology.terms if term.label == "SYMPTOM"]
    assert int(table["SYMPTOM"]["concepts"]) == len({term.concept_id for term in symptoms})
    assert any(row[:2] == ["relations", "is_a"] for row in lines)


def test_spacy_reads_the_exported_ruler(tmp_path: Path) -> None:
    """In a process of its own, as somebody without medtables reads it; with an overlay only, for speed."""
    path = tmp_path / "ruler.jsonl"
    assert medtables("export", "--format", "spacy", "-o", path).exit_code == 0
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [
        line for line in lines if json.loads(line)["id"].endswith((":headache", ":vertigo", ":aids", "-site"))
    ]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    script = (
        "import sys, json, spacy\nnlp = spacy.blank('en')\n"
        "ruler = nlp.add_pipe('entity_ruler', config={'phrase_matcher_attr': 'LOWER'}).from_disk(sys.argv[1])\n"
        "doc = nlp('Headaches and VERTIGO, pain in the upper back, AIDS; it aids him.')\n"
        "print(json.dumps([(one.text, one.label_, one.ent_id_) for one in doc.ents]))"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, timeout=120)
    assert json.loads(done.stdout) == [
        ["Headaches", "SYMPTOM", "symptom:headache"],
        ["VERTIGO", "SYMPTOM", "symptom:vertigo"],
        ["pain in the upper back", "SYMPTOM", "symptom:finding-in-site"],
        ["AIDS", "CONDITION", "condition:aids"],
    ], done.stderr


def test_the_exported_obo_reads_back_as_the_same_terms(tmp_path: Path, engine: Engine) -> None:
    mine = overlay(tmp_path, 'symptom:odd|odd {name} "x" \\y!|preferred|||', "symptom:odd|oddness|lay|||")
    path = tmp_path / "vocabulary.obo"
    assert medtables("export", "--format", "obo", "-o", path, "--vocabulary", mine).exit_code == 0
    back = {(name.source_id, name.text) for name in read(path, "obo", Filters())}
    expected = {(term.concept_id, term.text) for term in terminology.load([mine]).terms}
    assert back == expected
    text = path.read_text(encoding="utf-8")
    assert text.startswith("format-version: 1.4\n")
    assert "is_a: condition:arthritis ! arthritis\n" in text
    assert "relationship: state_of electrolyte:potassium ! potassium\n" in text
    assert "[Typedef]\nid: state_of\n" in text


def test_csv_goes_to_stdout_and_nothing_else_does() -> None:
    result = medtables("export", "--format", "csv", "-o", "-")
    rows = list(csv.DictReader(result.stdout.splitlines()))
    assert {
        "label": "CONDITION",
        "concept_id": "condition:gout",
        "concept": "gout",
        "term": "gout",
    }.items() <= next(row for row in rows if row["term"] == "gout").items()
    assert "terms" in result.stderr


def test_an_export_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = medtables("export", "--format", "csv", "-o", tmp_path / "no" / "such.csv")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
