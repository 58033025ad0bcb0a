"""What the article as a whole tells of a mention."""

from __future__ import annotations

import pytest

from pipeline.extract import Engine, extract
from pipeline.model import Page

PLAIN = "The meeting began late and the room was cold, so nobody stayed for the talk about the new building. "
MEDICAL = "Fever, cough, gout, asthma and migraine were common. "
DIET = "A diet or a keto diet makes dieting people lose weight in one workout. "


def concepts(text: str, engine: Engine) -> set[str]:
    page = Page("case.txt", text.encode(), "case.txt", media_type="text/plain")
    return {mention.concept_id for mention in extract(page, engine).mentions}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("She has MS.", True),
        (PLAIN * 8 + "She has MS.", False),
        (PLAIN * 8 + "She has MS. It is multiple sclerosis.", True),
        (PLAIN * 8 + "She has multiple sclerosis.", True),
        (MEDICAL * 8 + "She has MS.", True),
        (PLAIN * 40 + MEDICAL + "She has MS.", False),
    ],
    ids=[
        "too short to tell",
        "no subject",
        "its name beside it",
        "no abbreviation",
        "medical",
        "hardly medical",
    ],
)
def test_a_short_abbreviation_needs_an_article_that_supports_it(
    text: str, found: bool, engine: Engine
) -> None:
    assert ("condition:multiple-sclerosis" in concepts(text, engine)) is found


def test_an_article_about_something_else_speaks_against_a_concept_and_no_other(engine: Engine) -> None:
    told = "Weight loss and fever were seen."
    assert concepts(PLAIN * 8 + told, engine) == {"symptom:weight-loss", "symptom:fever"}
    assert "symptom:weight-loss" in concepts("He kept to a diet. " + PLAIN * 8 + told, engine)
    dieting = concepts(DIET * 10 + told, engine)
    assert "symptom:fever" in dieting and "symptom:weight-loss" not in dieting


def test_nothing_that_lost_to_a_mention_comes_back_when_it_goes(engine: Engine) -> None:
    dieting = concepts(DIET * 10 + "Unexplained weight loss and fever were seen.", engine)
    assert not {concept for concept in dieting if concept.startswith("symptom:weight-loss")}
