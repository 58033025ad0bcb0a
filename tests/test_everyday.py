"""What an article as a whole says of its words: the same sentence in articles of different subjects."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import tidy
from pipeline.explain import explain
from pipeline.explain.unmatched import Reason
from pipeline.extract import Engine, extract, load_engine
from pipeline.model import Page
from pipeline.terminology import EVERYDAY_COLUMNS

STUDIO = (
    "We tried six microphones in a small room. The first one comes with a stand and a long cable. "
    "Its case is made of steel, and the switch sits on the left side. The second one is lighter. "
    "It costs twice as much and sounds better with strings. We liked the third for voices. "
    "The fourth has a filter that you can take off. The fifth needs its own power. "
    "The last one is small enough for a pocket and records well outside, even on a windy day. "
)
WARD = (
    "People with sepsis are ill within hours. Many have pneumonia or a kidney infection first. "
    "Doctors give antibiotics and fluids, and check the blood for lactate. Diabetes raises the risk. "
    "Some patients develop kidney failure, others need a machine to breathe. Vaccines prevent part of it. "
    "Children may have diarrhea and a cough. After weeks in bed many have muscle weakness. "
    "Families should ask which medicines to stop and which signs to watch for at home in the first month. "
)


def found(text: str, engine: Engine) -> list[str]:
    page = Page("a.txt", text.encode(), "a.txt", media_type="text/plain")
    return [one.text for one in extract(page, engine).mentions]


@pytest.mark.parametrize(
    "sentence", ["It is built against shock.", "There is hardly any bleed.", "No confusion here."]
)
def test_an_everyday_word_needs_an_article_that_speaks_of_medicine(sentence: str, engine: Engine) -> None:
    [word] = found(sentence, engine)
    assert found(STUDIO + sentence, engine) == []
    assert word in found(WARD + sentence, engine)


def test_a_word_without_the_gate_counts_in_any_article(engine: Engine) -> None:
    assert found(STUDIO + "The singer had asthma and felt nausea.", engine) == ["asthma", "nausea"]


def test_an_everyday_word_counts_beside_a_sure_name_of_its_concept(engine: Engine) -> None:
    assert found(STUDIO + "He lost consciousness. He was unconscious.", engine) == [
        "lost consciousness",
        "unconscious",
    ]


def test_many_everyday_words_make_an_article_medical(engine: Engine) -> None:
    text = STUDIO + "He had a headache, a fever, tremor, confusion and a rash, and was dizzy and weak."
    assert "tremor" in found(text, engine)


def test_explain_tells_of_the_gate(engine: Engine) -> None:
    text = STUDIO + "It is built against shock."
    page = Page("a.txt", text.encode(), "a.txt", media_type="text/plain")
    [why_not] = explain(page, engine, "shock").unmatched
    assert why_not.reason is Reason.GATED
    assert "symptom:shock" in why_not.detail
    assert why_not.lines


def test_an_overlay_gates_words_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "everyday.tsv").write_text("\t".join(EVERYDAY_COLUMNS) + "\nasthma\ta town\tarticle\n")
    gated = load_engine([tmp_path])
    assert found(STUDIO + "We drove to Asthma.", gated) == []
    assert "Asthma" in found(WARD + "We drove to Asthma.", gated)


def test_a_gate_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "everyday.tsv").write_text("\t".join(EVERYDAY_COLUMNS) + "\nasthma\ta town\tpage\n")
    [finding] = tidy.form(tmp_path)
    assert "has the gate 'page'" in finding.what
