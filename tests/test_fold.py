from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fold import fold
from pipeline.norms import make_norm, singular
from pipeline.tsv import VOCABULARY

TEXTS = st.text(st.characters(exclude_categories=[]), max_size=80)


@given(TEXTS)
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("low‑sodium", "low sodium"),
        ("3–5 mg", "3-5 mg"),
        ("Ca²⁺", "Ca2+"),
        ("Ménière’s", "Meniere's"),
        ("a\u00a0b", "a b"),
        ("low\tsodium", "low sodium"),
        ("COVID-19", "COVID 19"),
        ("“so”", '"so"'),
        ("line\nbreak", "line\nbreak"),
        ("- item", "- item"),
        ("pH 7.35-7.45", "pH 7.35-7.45"),
        ("a\u1680b", "a b"),
        ("가", "가"),
    ],
)
def test_fold_makes_spellings_equal(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("anaemia", "Anemia"),
        ("tumours", "tumor"),
        ("diagnoses", "diagnosis"),
        ("metastases", "metastasis"),
        ("allergies", "allergy"),
        ("headaches", "headache"),
        ("rashes", "rash"),
        ("viruses", "virus"),
        ("bruises", "bruise"),
        ("haemorrhages", "hemorrhage"),
        ("oesophageal", "esophageal"),
        ("children", "child"),
        ("diarrhoea", "diarrhea"),
    ],
)
def test_spellings_of_one_word_share_a_norm(first: str, second: str) -> None:
    norm = make_norm(VOCABULARY)
    assert norm(first) == norm(second)


@pytest.mark.parametrize(
    ("first", "second"), [("lupus", "lupu"), ("stress", "stres"), ("arthritis", "arthriti"), ("gas", "ga")]
)
def test_endings_that_are_no_plural_stay(first: str, second: str) -> None:
    assert singular(first) != second


@given(st.from_regex(r"[a-z]{3,12}", fullmatch=True))
def test_a_regular_plural_shares_the_norm_of_its_singular(word: str) -> None:
    irregular = ("s", "x", "z", "ch", "sh", "y", "i", "u", "ie", "use")
    if not word.endswith(irregular):
        assert singular(word + "s") == singular(word)
