"""Explain: what led to a mention, and the nearest reason for a text that gave none."""

from __future__ import annotations

import json
import pickle
from importlib import import_module
from pathlib import Path

import pytest

from pipeline.explain import Explanation, Why, explain
from pipeline.explain.unmatched import Reason
from pipeline.extract import Engine, load_engine
from pipeline.model import Assertion, Page
from tests.command import medtables

ROOT = Path(__file__).parent.parent

# Words that no vocabulary has, so that these tests depend on no row of ours.
TERMS = (
    "condition:wumpitis\twumpitis\tpreferred\t\t\t",
    "condition:wumpitis\twump disease\tsynonym\t\t\t",
    "condition:zorb-neck\tzorb neck syndrome\tpreferred\t\t\t",
    "condition:drilosis\tdrilosis\tpreferred\t\tShe has [drilosis](condition:drilosis).\tA drilosis lamp is here.",
    "condition:quib\tQUIB\tabbreviation\texact\tHe has [QUIB](condition:quib).\tA quib is a bird.",
    "condition:quib\tquib brittle zorbing\tpreferred\t\t\t",
)
PAGE = """<html lang="en"><head><title>Wumpitis</title><meta name="author" content="Zorba Greek">
<link rel="canonical" href="https://a.example/w"></head><body>
<nav><ul><li><a href="/">Start</a></li><li><a href="/nettle">Nettlefold</a></li></ul></nav>
<article><h1>All about wumpitis</h1>
<p>Most adults with wump diseases feel well, have no zorb‑neck syndrome and grow old. It is wump of luck.</p>
<h2>Symptoms</h2>
<p>Bafflement. Wumpitis begins when nobody expects it. The drilosis lamp was bought before the quib sang.</p>
<p>Everybody in town had a severe wumpitis then, a normal potassium being 3.5 to 5.0 mmol/L in a healthy body.</p>
<ul><li>nausea</li><li>vomiting all the day</li></ul>
<p>Doctors speak of troubled old yaffingales (TOY). TOY is nothing that a reader should fear.</p>
<p>Dehydration can cause headaches, and her left thumb pain was gone. Difficulty speaking or swallowing is rare.</p>
</article></body></html>"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words") / "own"
    (folder / "terms").mkdir(parents=True)
    header = "concept_id\tterm\tstatus\tcase\texample\tnot_example"
    (folder / "terms" / "condition.tsv").write_text("\n".join((header, *TERMS)) + "\n")
    (folder / "blocked.tsv").write_text("phrase\tcase\tnote\nwump of luck\t\tidiom\n")
    return folder


@pytest.fixture(scope="module")
def with_own(own: Path) -> Engine:
    return load_engine([own])


def told(text: str, engine: Engine, content: str = PAGE) -> Explanation:
    return explain(Page("w.html", content.encode(), "w.html"), engine, text)


def only(explanation: Explanation) -> Why:
    [why] = explanation.mentions
    return why


def test_a_term_is_told_with_its_row_and_the_steps_of_its_words(with_own: Engine, own: Path) -> None:
    why = only(told("wump disease", with_own))
    assert (why.kind, why.form) == ("term", "wump disease")
    assert why.line.where == "own/terms/condition.tsv:3"
    assert why.line.path == f"{own}/terms/condition.tsv:3"
    assert why.line.text == TERMS[1]
    assert [(step.written, step.normal) for step in why.steps] == [("wump", "wump"), ("diseases", "disease")]


def test_folding_shows_in_the_steps_and_the_cue_with_its_row(with_own: Engine) -> None:
    why = only(told("zorb neck syndrome", with_own))
    assert why.mention.text == "zorb‑neck syndrome"
    assert [step.written for step in why.steps] == ["zorb", "neck", "syndrome"]
    assert why.mention.assertion is Assertion.ABSENT
    assert why.cue is not None
    assert why.cue.where == why.mention.cue_where
    assert why.cue.text.split("\t")[0] == "no"


def test_what_lost_is_told_with_the_reason(engine: Engine) -> None:
    why = only(told("left thumb pain", engine))
    assert why.kind == "pattern"
    assert why.line.where.startswith("patterns/symptom.jsonl:")
    assert [step.role for step in why.steps] == ["part", "site", "finding"]
    lost = {rival.text: rival for rival in why.rivals}["pain"]
    assert lost.concept_id == "symptom:pain"
    assert lost.line.text.split("\t")[1] == "pain"
    assert lost.because == "is shorter than 'left thumb pain'"


def test_an_ellipsis_names_where_the_rest_of_its_name_stands(engine: Engine) -> None:
    why = only(told("swallowing", engine))
    assert why.kind == "ellipsis"
    assert why.note == "part of its name stands in 'Difficulty speaking'"


def test_an_abbreviation_of_the_text_is_told_with_its_definition(engine: Engine) -> None:
    page = "She had gout.\n\nAmyotrophic lateral sclerosis (ALS) is rare. ALS kills."
    explanation = explain(Page("a.txt", page.encode(), "a.txt", media_type="text/plain"), engine, "ALS")
    assert {why.kind for why in explanation.mentions} == {"abbreviation"}
    assert "Amyotrophic lateral sclerosis (ALS)" in explanation.mentions[1].note


def test_place_link_quantities_and_relations_stand_with_the_mention(engine: Engine) -> None:
    why = only(told("potassium", engine))
    assert [quantity.value for quantity in why.quantities] == ["3.5 to 5 mmol/L"]
    assert why.block.trail == ("Symptoms",)
    assert why.block.section == "symptoms"
    assert why.link.startswith("https://a.example/w#:~:text=Everybody")
    why = only(told("dehydration", engine))
    assert [(one.head_concept, one.kind, one.tail_concept) for one in why.relations] == [
        ("condition:dehydration", "causes", "symptom:headache")
    ]


@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        ("wump", Reason.LONGER, "'wump diseases'"),
        ("wump of luck", Reason.BLOCKED, "'wump of luck'"),
        ("drilosis", Reason.NOT_EXAMPLE, "drilosis lamp"),
        ("quib", Reason.CASE, "'QUIB'"),
        ("Bafflement", Reason.UNKNOWN, "'Bafflement'"),
        ("nausea vomiting", Reason.BLOCKS, "next"),
        ("Bafflement. Wumpitis", Reason.SENTENCES, "next"),
        ("bafflement wumpitis", Reason.SENTENCES, "next"),
        ("Nettlefold", Reason.CLEANED, "the rule"),
        ("Zorba Greek", Reason.MARKUP, "attribute"),
        ("flumpitis", Reason.NOWHERE, "'flumpitis'"),
        ("severe wumpitis", Reason.NO_TERM, "nothing joins"),
        ("condition:nonexistent", Reason.NO_CONCEPT, "condition:nonexistent"),
        ("condition:gout", Reason.NOWHERE, "'gout'"),
        ("condition:drilosis", Reason.NOT_EXAMPLE, "drilosis lamp"),
    ],
)
def test_the_nearest_reason_is_told(text: str, reason: Reason, said: str, with_own: Engine) -> None:
    explanation = told(text, with_own)
    first = explanation.unmatched[0]
    assert first.reason is reason, first
    assert said in first.detail


def test_a_longer_phrase_is_told_with_the_mention_inside_it(with_own: Engine) -> None:
    explanation = told("severe wumpitis", with_own)
    assert only(explanation).mention.text == "wumpitis"
    assert explanation.extraction.article.text[explanation.unmatched[0].start :].startswith("severe wumpitis")


def test_a_term_that_another_beat_is_told_with_both_rows(engine: Engine) -> None:
    page = Page("a.txt", b"Pick low potassium snacks.", "a.txt", media_type="text/plain")
    [why_not] = explain(page, engine, "low potassium").unmatched
    assert why_not.reason is Reason.LOST
    assert "condition:hypokalemia" in why_not.detail
    assert len(why_not.lines) == 2


def test_what_the_text_defines_as_no_mention_is_redefined(engine: Engine) -> None:
    text = b"The American League of Sweepers (ALS) met in May. The ALS elected a chair."
    explanation = explain(Page("a.txt", text, "a.txt", media_type="text/plain"), engine, "ALS")
    assert not explanation.mentions
    assert {one.reason for one in explanation.unmatched} == {Reason.REDEFINED}


def test_cleaned_text_is_told_with_its_rule_beside_the_mention(with_own: Engine) -> None:
    page = PAGE.replace("Nettlefold", "More on wumpitis")
    explanation = told("wumpitis", with_own, page)
    assert len(explanation.mentions) == 3
    [cleaned] = explanation.unmatched
    assert cleaned.reason is Reason.CLEANED
    assert cleaned.rule
    assert (cleaned.start, cleaned.end) == (-1, -1)


def test_without_a_text_every_mention_is_explained(with_own: Engine) -> None:
    explanation = told("", with_own)
    assert [why.mention for why in explanation.mentions] == list(explanation.extraction.mentions)
    assert explanation.unmatched == ()
    assert pickle.loads(pickle.dumps(explanation)) == explanation


@pytest.mark.parametrize("content", ["", "\x00\x01\x02GIF89a" * 40, "<html><body></body></html>"])
def test_a_page_without_an_article_says_so(content: str, engine: Engine) -> None:
    explanation = told("gout", engine, content)
    assert explanation.problem is not None
    assert [one.reason for one in explanation.unmatched] == [Reason.NO_ARTICLE]


@pytest.mark.parametrize("text", ["…", "  ", "))", "\U0001f600", "a" * 500])
def test_any_text_is_answered(text: str, with_own: Engine) -> None:
    explanation = told(text, with_own)
    assert bool(explanation.unmatched) is bool(text.strip())


def test_every_mention_of_the_sample_leads_to_its_row(engine: Engine) -> None:
    pages = sorted((ROOT / "corpora" / "sample").rglob("*.html"))[:6]
    for path in pages:
        explanation = explain(Page(path.name, path.read_bytes(), path.name), engine)
        for why in explanation.mentions:
            assert why.line.text, why
            if why.kind == "term":
                assert why.line.text.split("\t")[1] == why.form
            if why.mention.assertion is not Assertion.PRESENT:
                assert why.cue is not None
                assert why.cue.text.split("\t")[1] == why.mention.assertion


# The command


@pytest.fixture
def page(tmp_path: Path, with_own: Engine, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(import_module("pipeline.extract"), "load_engine", lambda vocabulary=(): with_own)
    path = tmp_path / "w.html"
    path.write_text(PAGE)
    return path


def test_explain_prints_rows_reasons_and_places(page: Path) -> None:
    done = medtables("explain", page, "zorb", "neck", "syndrome")
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "term own/terms/condition.tsv:4 condition:zorb-neck zorb neck syndrome preferred" in lines
    assert "assertion absent, for 'no'" in lines
    assert any(line.startswith("cue cues.tsv:") for line in lines)
    assert any(line.startswith("place ") for line in lines)


def test_explain_prints_why_not(page: Path) -> None:
    done = medtables("explain", page, "quib")
    assert done.exit_code == 1
    assert "case" in done.stdout.splitlines()[0]
    assert "own/terms/condition.tsv:6" in done.stdout


def test_explain_gives_json(page: Path) -> None:
    done = medtables("explain", page, "--json")
    content = json.loads(done.stdout)
    assert content["status"] == "ok"
    assert {why["mention"]["concept_id"] for why in content["mentions"]} >= {
        "condition:wumpitis",
        "condition:zorb-neck",
    }
    assert content["mentions"][0]["line"]["where"] == "own/terms/condition.tsv:2"


def test_explain_of_a_page_without_an_article_exits_with_3(page: Path) -> None:
    page.write_text("<html></html>")
    done = medtables("explain", page, "gout")
    assert done.exit_code == 3
    assert "no_article" in done.stdout
