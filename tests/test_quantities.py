"""Quantities: sentences with what must be read in them, tables, conversions, and what holds for any text."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract import Engine, extract
from pipeline.model import Extraction, Page, Quantity, QuantityKind
from pipeline.quantities.units import Electrolytes, Units
from pipeline.tsv import VOCABULARY
from tests.case_lines import case_lines

CASES = Path(__file__).parent / "cases" / "quantities"


def read(text: str, engine: Engine, media_type: str = "text/plain") -> Extraction:
    return extract(Page("case", text.encode(), "case", media_type=media_type), engine)


def own(quantity: Quantity) -> str:
    """The quantity in its own unit: `> 2 week`."""
    ends = dict.fromkeys(f"{end:.6g}" for end in (quantity.low, quantity.high) if end is not None)
    return " ".join(filter(None, (quantity.comparator, " to ".join(ends), quantity.unit)))


def told(extraction: Extraction, quantity: Quantity) -> str:
    """`dose 20 mEq = 781.966 mg @electrolyte:potassium x2`."""
    said = f"{quantity.kind} {own(quantity)}"
    if quantity.value != own(quantity):
        said += f" = {quantity.value}"
    if quantity.mention is not None:
        said += f" @{extraction.mentions[quantity.mention].concept_id}"
    return said if quantity.per_day is None else f"{said} x{quantity.per_day:g}"


def marked(text: str, engine: Engine) -> str:
    """`text` with each quantity in brackets, then, behind tabs, what each tells."""
    extraction = read(text, engine)
    pieces, position = [], 0
    for one in extraction.quantities:
        pieces += [text[position : one.start], f"[{one.text}]"]
        position = one.end
    return "\t".join(
        ["".join(pieces) + text[position:], *(told(extraction, one) for one in extraction.quantities)]
    )


@pytest.mark.parametrize("line", case_lines(sorted(CASES.glob("*.txt"))))
def test_the_numbers_say_what_a_careful_reader_reads(line: str, engine: Engine) -> None:
    sentence = line.partition("\t")[0]
    assert marked(re.sub(r"[\[\]]", "", sentence), engine) == line


TABLE = """<!doctype html><html><head><title>Blood values</title></head><body><article><h1>Blood values</h1>
<p>Laboratories print their own limits beside each result, and the table shows those of one of them.</p>
<h2>Reference ranges</h2>
<table><thead><tr><th>Salt</th><th>mmol/L</th><th>Range (mEq/L)</th><th>Too low</th></tr></thead><tbody>
<tr><th>Sodium</th><td>135–145</td><td>135–145</td><td>below 120 mmol/L</td></tr>
<tr><th>Calcium</th><td>2.15–2.55</td><td>4.3–5.1</td><td>under 7 mg/dL</td></tr></tbody></table>
<h2>How long it lasts</h2>
<table><thead><tr><th>Sign</th><th>Cold</th><th>Flu</th></tr></thead><tbody>
<tr><th>Fever</th><td>1 day</td><td>38 to 40 °C for three days</td></tr>
<tr><th>Week of illness</th><td>first</td><td>two weeks</td></tr></tbody></table>
<h2>Tablets</h2>
<table><thead><tr><th>Drug</th><th>Dose (mg)</th><th>Nausea (%)</th><th>Code</th></tr></thead><tbody>
<tr><td>Metformin</td><td>500</td><td>up to 12</td><td>77</td></tr>
<tr><td>Ibuprofen</td><td>200–400</td><td>3</td><td>78</td></tr></tbody></table>
</article></body></html>"""


def test_cells_take_unit_and_mention_from_their_headers(engine: Engine) -> None:
    extraction = read(TABLE, engine, "text/html")
    found = [f"{one.text}: {told(extraction, one)}" for one in extraction.quantities]
    assert found == [
        "135–145: reference_range 135 to 145 mmol/L @electrolyte:sodium",
        "135–145: reference_range 135 to 145 mEq/L = 135 to 145 mmol/L @electrolyte:sodium",
        "below 120 mmol/L: level < 120 mmol/L @electrolyte:sodium",
        "2.15–2.55: reference_range 2.15 to 2.55 mmol/L @electrolyte:calcium",
        "4.3–5.1: reference_range 4.3 to 5.1 mEq/L = 2.15 to 2.55 mmol/L @electrolyte:calcium",
        "under 7 mg/dL: level < 7 mg/dL = < 1.74659 mmol/L @electrolyte:calcium",
        "1 day: duration 1 day @symptom:fever",
        "38 to 40 °C: level 38 to 40 °C @symptom:fever",
        "three days: duration 3 day @symptom:fever",
        "two weeks: duration 2 week = 14 day @condition:influenza",
        "500: dose 500 mg @medication:metformin",
        "up to 12: share <= 12 % @medication:metformin",
        "200–400: dose 200 to 400 mg @medication:ibuprofen",
        "3: share 3 % @medication:ibuprofen",
    ]


def test_a_number_without_mention_in_its_sentence_goes_to_the_sentence_before_or_the_heading(
    engine: Engine,
) -> None:
    page = """<html><body><article><h1>Potassium chloride</h1><p>It is a salt that is swallowed with water.</p>
    <h2>Low potassium</h2><p>The normal range for adults is 3.5–5.0 mmol/L.</p>
    <p>Sodium is measured too. Below 135 mmol/L it is low, and a glucose above 180 mg/dL pulls it down.</p>
    <h2>How much</h2><p>Adults: 600 mg twice a day.</p></article></body></html>"""
    extraction = read(page, engine, "text/html")
    assert [told(extraction, one) for one in extraction.quantities] == [
        "reference_range 3.5 to 5 mmol/L @condition:hypokalemia",
        "level < 135 mmol/L @electrolyte:sodium",
        "level > 180 mg/dL",
        "dose 600 mg @medication:potassium-chloride x2",
    ]


UNITS = Units([VOCABULARY])
ELECTROLYTES = Electrolytes(
    [VOCABULARY], [("condition:hyponatremia", "state_of", "electrolyte:sodium")], UNITS
)
NAMES = ["sodium", "potassium", "chloride", "bicarbonate", "calcium", "magnesium"]


@given(st.sampled_from(NAMES), st.floats(0.1, 400))
def test_milliequivalents_are_millimoles_times_valence(name: str, value: float) -> None:
    constants = ELECTROLYTES.of(f"electrolyte:{name}")
    assert constants is not None
    converted, unit = ELECTROLYTES.convert(value, UNITS.by_symbol["mEq/L"], constants)
    assert unit == "mmol/L"
    assert converted * constants.valence == pytest.approx(value, rel=1e-5)


@given(st.sampled_from([*NAMES, "phosphate"]), st.floats(0.1, 400))
def test_milligrams_per_deciliter_come_back_from_millimoles(name: str, value: float) -> None:
    constants = ELECTROLYTES.of(f"electrolyte:{name}")
    assert constants is not None
    converted, _ = ELECTROLYTES.convert(value, UNITS.by_symbol["mg/dL"], constants)
    assert converted * constants.molar_mass / 10 == pytest.approx(value, rel=1e-5)
    by_litre, _ = ELECTROLYTES.convert(value * 10, UNITS.by_symbol["mg/L"], constants)
    assert by_litre == pytest.approx(converted, rel=1e-5)


def test_conversions_that_a_laboratory_prints() -> None:
    for name, value, symbol, millimoles in (
        ("calcium", 10.0, "mg/dL", 2.495),
        ("magnesium", 2.0, "mEq/L", 1.0),
        ("phosphate", 3.1, "mg/dL", 1.0),
        ("sodium", 140.0, "mEq/L", 140.0),
        ("potassium", 4000.0, "µmol/L", 4.0),
    ):
        constants = ELECTROLYTES.of(f"electrolyte:{name}")
        assert ELECTROLYTES.convert(value, UNITS.by_symbol[symbol], constants)[0] == pytest.approx(
            millimoles, rel=2e-3
        )
    assert ELECTROLYTES.of("condition:hyponatremia") == ELECTROLYTES.of("electrolyte:sodium")
    assert ELECTROLYTES.of("condition:asthma") is None
    assert (
        ELECTROLYTES.convert(1.8, UNITS.by_symbol["mEq/L"], ELECTROLYTES.of("electrolyte:phosphate"))[1]
        == "mEq/L"
    )
    assert ELECTROLYTES.convert(212.0, UNITS.by_symbol["°F"], None) == (100.0, "°C")


def test_every_unit_is_found_by_its_own_symbol() -> None:
    for symbol, unit in UNITS.by_symbol.items():
        for value in (1.0, 38.0, 100.0):
            found = UNITS.match(symbol, 0, value)
            assert found is None or (found[0].symbol, found[1]) == (symbol, len(symbol))
        assert UNITS.by_symbol[unit.canonical].factor == 1.0


PIECES = (
    "3.5", "1,500", "135–145", "two", "half", "½", "1/2", "a", "2.", "-", "to", "or", "and", "between", "<", "≥",
    "in", "up to", "more than", "over", "mmol/L", "mg", "%", "mg/dL", "weeks", "year", "old", "°C", "/", ",", ".",
    ";", "(", ")", "\n\n", "\n", "\u00a0", "adults", "potassium", "sodium", "ibuprofen", "fever", "a day",
    "twice daily", "normal", "120/80", "blood pressure", "10", "million", "per", "x", "10^9/L", "٣", "𝟛", "é",
)  # fmt: skip


def test_words_behind_a_tab_tell_of_a_number(engine: Engine) -> None:
    found = read("Potassium\tage over 65 years\tless than 3 mmol/L", engine).quantities
    assert [(one.text, str(one.kind)) for one in found] == [
        ("age over 65 years", "age"),
        ("less than 3 mmol/L", "level"),
    ]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40), st.sampled_from(["", " "]))
def test_what_holds_for_any_text(engine: Engine, pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    extraction = read(text, engine)
    last = 0
    for one in extraction.quantities:
        assert extraction.article.text[one.start : one.end] == one.text
        assert last <= one.start < one.end
        assert one.sentence_start <= one.start and one.end <= one.sentence_end
        block = extraction.article.blocks[one.block]
        assert block.start <= one.start and one.end <= block.end
        assert one.comparator in ("", "<", "<=", ">", ">=", "~")
        assert (one.low is None) == (one.canonical_low is None) and (one.high is None) == (
            one.canonical_high is None
        )
        assert one.low is not None or one.high is not None
        if one.low is not None and one.high is not None:
            assert one.low <= one.high
            assert one.canonical_low is not None and one.canonical_high is not None
            assert one.canonical_low <= one.canonical_high
        assert one.mention is None or extraction.mentions[one.mention].sentence_start >= 0
        assert one.per_day is None or (one.kind is QuantityKind.DOSE and one.per_day > 0)
        last = one.end


@pytest.mark.parametrize(
    "unit",
    [
        "9", "9,", "1,234,", "1 000 ", "5 mg ", "1/", "2-", "1 in ", "one ", "a ", "half a ", "3.5 to ", "< ", "(1 mg",
        "million ", "120/80 ", "1, 2, 3 and ", "potassium 3 ", "5 or 6 ", "more than ", "9 mg (9 ", ".5", "1½",
        "over 9 over ", "every 2 ", "normal 3.5 mmol/L ", "glucose 4 ", "3 days ", "5 mg daily ", "１ ",
    ],
)  # fmt: skip
def test_time_is_linear_in_hostile_text(unit: str, engine: Engine) -> None:
    mention = read("potassium 3.5 mmol/L", engine).mentions

    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        article = read("x", engine).article
        whole = replace(article, text=text, blocks=(replace(article.blocks[0], start=0, end=len(text)),))
        best = 9.0
        for _ in range(2):
            start = time.process_time()
            engine.quantities.read(whole, mention)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(24_000) < 15 * max(seconds(4_000), 0.005)  # the square of six is 36
