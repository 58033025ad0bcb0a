"""Assertion: sentences in the notation, blocks, the examples of the cues, and the spaCy component."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.components.assertion import PRESENT, Assertions
from pipeline.components.cues import ASSERTIONS as CATEGORIES
from pipeline.components.cues import Cues
from pipeline.components.lead_ins import LeadIns
from pipeline.components.sentences import sentence_bounds
from pipeline.errors import VocabularyError
from pipeline.fold import fold
from pipeline.markup import Mark, parse, render
from pipeline.model import Assertion, Block, Kind
from pipeline.terminology import CUE_COLUMNS, Cue, read_cues
from pipeline.tsv import VOCABULARY
from tests.case_lines import case_lines

CASES = Path(__file__).parent / "cases" / "assertion"
CUES = read_cues(VOCABULARY)
ASSERTIONS = Assertions(CUES)
INDEX = Cues(CUES, {"cannot": ["can", "not"]})
KINDS = {
    "p": Kind.PARAGRAPH,
    "h": Kind.HEADING,
    "li": Kind.LIST_ITEM,
    "title": Kind.TITLE,
    "quote": Kind.QUOTE,
}


def lines(*names: str) -> list[pytest.param]:
    return case_lines(CASES / f"{name}.txt" for name in names)


def read(blocks: list[tuple[Block, tuple[Mark, ...]]], text: str) -> list[Mark]:
    """The marks of an article, each with the assertion that its sentence and its list's lead-in give it."""
    text = fold(text)
    spans = {number: [(mark.start, mark.end) for mark in marks] for number, (_, marks) in enumerate(blocks)}
    lead_ins = LeadIns(ASSERTIONS, text, [block for block, _ in blocks], spans, frozenset())
    found = []
    for number, (block, marks) in enumerate(blocks):
        for place, (start, end) in enumerate(sentence_bounds(text, block.start, block.end, frozenset())):
            inside = [mark for mark in marks if start <= mark.start < end]
            carried = lead_ins.carried(number) if place == 0 else ()
            read = ASSERTIONS.read(
                text, (start, end), [(m.start, m.end) for m in inside], [m.label for m in inside], carried
            )
            found += [
                Mark(mark.start, mark.end, mark.target, reading.assertion)
                for mark, reading in zip(inside, read, strict=True)
            ]
    return found


def article(line: str) -> tuple[list[tuple[Block, tuple[Mark, ...]]], str]:
    """The blocks of a line such as `p: Call if you have: ¶ li1: [fever](symptom)`, with their marks, and the text."""
    text = ""
    blocks = []
    for part in line.split(" ¶ "):
        kind, _, sentence = part.partition(": ")
        plain, marks = parse(sentence)
        start = len(text)
        level = int(kind.lstrip("phlitequo") or "0")
        blocks.append(
            (
                Block(start, start + len(plain), KINDS[kind.rstrip("0123456789")], level),
                tuple(Mark(mark.start + start, mark.end + start, mark.target) for mark in marks),
            )
        )
        text += plain + "\n\n"
    return blocks, text


@pytest.mark.parametrize(
    "line", lines("health_found", "health_pseudo", "health_stops", "clinical", "known_gaps")
)
def test_a_sentence_says_of_its_mentions_what_a_careful_reader_reads(line: str) -> None:
    text, marks = parse(line)
    assert render(text, read([(Block(0, len(text), Kind.PARAGRAPH), marks)], text)) == line


@pytest.mark.parametrize("line", lines("blocks"))
def test_a_list_inherits_the_open_cue_of_its_lead_in_and_nothing_else_crosses_a_block(line: str) -> None:
    blocks, text = article(line)
    marks = read(blocks, text)
    kinds = [part.partition(": ")[0] for part in line.split(" ¶ ")]
    out = [
        f"{kind}: "
        + render(
            text[block.start : block.end],
            (
                Mark(mark.start - block.start, mark.end - block.start, mark.target, mark.assertion)
                for mark in marks
                if block.start <= mark.start < block.end
            ),
        )
        for kind, (block, _) in zip(kinds, blocks, strict=True)
    ]
    assert " ¶ ".join(out) == line


@pytest.mark.parametrize("cue", [pytest.param(cue, id=cue.where) for cue in CUES if cue.example])
def test_the_example_of_a_cue_is_read_as_written(cue: Cue) -> None:
    text, marks = parse(cue.example, cue.where)
    assert render(text, read([(Block(0, len(text), Kind.PARAGRAPH), marks)], text)) == render(
        text, (Mark(mark.start, mark.end, mark.target, mark.assertion) for mark in marks)
    )


def test_every_cue_that_decides_has_an_example() -> None:
    assert [cue.where for cue in CUES if cue.category in set(Assertion) and not cue.example] == []


def test_a_reading_names_the_words_and_the_row_that_decided() -> None:
    text = "She doesn't have asthma."
    (reading,) = ASSERTIONS.read(text, (0, len(text)), [(17, 23)])
    assert (reading.assertion, reading.cue) == (Assertion.ABSENT, "doesn't have")
    name, _, number = reading.where.partition(":")
    row = (VOCABULARY / name).read_text(encoding="utf-8").splitlines()[int(number) - 1]
    assert "have" in row and "\tabsent\tforward\t" in row


def test_absent_goes_before_other_before_historical_before_possible_before_hypothetical() -> None:
    text = "If your mother had no history of possible gout"
    span = [(len(text) - 4, len(text))]
    assert ASSERTIONS.read(text, (0, len(text)), span)[0].assertion is Assertion.ABSENT
    without = text.replace("no ", "")
    span = [(len(without) - 4, len(without))]
    assert ASSERTIONS.read(without, (0, len(without)), span)[0].assertion is Assertion.OTHER
    alone = without.replace("your mother had", "you have a")
    span = [(len(alone) - 4, len(alone))]
    assert ASSERTIONS.read(alone, (0, len(alone)), span)[0].assertion is Assertion.HISTORICAL


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("No fever was absent.", "No"),
        ("No real fever that day was absent.", "No"),
        ("No such high fever here was absent.", "was absent"),
        ("No such high fever on that ward was absent.", "No"),
    ],
)
def test_of_two_cues_that_say_the_same_the_nearer_is_named(text: str, cue: str) -> None:
    start = text.index("fever")
    assert ASSERTIONS.read(text, (0, len(text)), [(start, start + 5)])[0].cue == cue


def test_a_mention_inside_another_is_read_alike() -> None:
    text = "It is not heart failure."
    read = ASSERTIONS.read(text, (0, len(text)), [(10, 23), (16, 23)])
    assert [one.assertion for one in read] == [Assertion.ABSENT] * 2


def test_what_all_sentences_share_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        PRESENT.cue = "no"  # type: ignore[misc]


def test_a_cue_inside_the_mention_does_not_count() -> None:
    text = "Loss of appetite and no pain syndrome"
    start = text.index("no pain")
    assert ASSERTIONS.read(text, (0, len(text)), [(start, len(text))]) == [PRESENT]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("no\tabsent\tsideways\tsentence", "direction"),
        ("no\tabsent\tforward\tfar", "scope"),
        ("no\tabsent\tforward\tsentence\tnowhere", "stop:nowhere"),
        ("no\tgone\tforward\tsentence", "category"),
        ("(no|not\tabsent\tforward\tsentence", "brackets"),
        ("{0-2} no\tabsent\tforward\tsentence", "word"),
        ("(no|)\tabsent\tforward\tsentence", "word"),
    ],
)
def test_a_row_that_cannot_mean_anything_is_an_error_with_its_place(
    tmp_path: Path, row: str, wrong: str
) -> None:
    right = "without\tabsent\tforward\tsentence"
    rows = "\n".join(("\t".join(CUE_COLUMNS), right, row, right))
    (tmp_path / "cues.tsv").write_text(f"{rows}\n", encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"cues\.tsv:3") as caught:
        Assertions(read_cues(tmp_path))
    assert wrong in str(caught.value)


_PIECES = [
    "no",
    "fever",
    "if",
    "you",
    "have",
    "was not seen",
    ",",
    "and",
    "but",
    ":",
    "mother had",
    "(",
    "-",
    "can't",
    ".",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=40))
def test_any_words_are_read_and_only_words_of_the_sentence_decide(pieces: list[str]) -> None:
    text = " ".join(pieces)
    spans = [match.span() for match in re.finditer("fever", text)]
    read = ASSERTIONS.read(text, (0, len(text)), spans)
    assert len(read) == len(spans)
    assert all(reading.cue in text and bool(reading.cue) == (reading != PRESENT) for reading in read)
    behind = f"There was no cough here. {text}"
    moved = [(start + 25, end + 25) for start, end in spans]
    assert ASSERTIONS.read(behind, (25, len(behind)), moved) == read


def endless(*parts: str, target: str = "fever", labels: tuple[str, ...] = ()) -> list[str]:
    """What a sentence of some 10,000 characters with `parts` in its middle says of each `target`."""
    text = "x " * 2500 + " ".join(parts) + " x" * 2500
    spans = [match.span() for match in re.finditer(target, text)]
    return [str(one.assertion) for one in ASSERTIONS.read(text, (0, len(text)), spans, labels)]


@pytest.mark.parametrize(("between", "assertion"), [(240, "absent"), (260, "present")])
def test_a_cue_reaches_five_hundred_characters_in_a_sentence_without_end(
    between: int, assertion: str
) -> None:
    assert endless("no", "x " * between, "fever") == [assertion]


def test_every_mention_of_a_sentence_without_end_is_read_in_its_surroundings() -> None:
    assert endless(*["no fever,", "x " * 100, "but fever,", "x " * 100] * 20) == ["absent", "present"] * 20
    assert (
        endless(*["fever was not seen,", "x " * 100, "fever; ", "x " * 100] * 20)
        == ["absent", "present"] * 20
    )
    assert endless("not get fever", labels=("SYMPTOM",)) == ["absent"]
    assert endless("not get fever", labels=("MEDICATION",)) == ["present"]
    for between in range(480, 760, 4):
        assert endless("fever", "x " * between, "fever was absent") == ["present", "absent"]
    text = f"gout {'x ' * 1500} no cough; {'x ' * 1500} fever was not seen"
    spans = [match.span() for match in re.finditer("fever|cough|gout", text)][::-1]
    read = ASSERTIONS.read(text, (0, len(text)), spans)
    assert [text[slice(*span)] for span, one in zip(spans, read, strict=True) if one.cue] == [
        "fever",
        "cough",
    ]


@pytest.mark.parametrize(("length", "assertion"), [(900, "absent"), (1400, "absent"), (1600, "present")])
def test_a_mention_without_end_hides_no_other(length: int, assertion: str) -> None:
    assert endless("no", "y" * length + ",", "no fever", target="y+|fever") == [assertion, "absent"]


def test_a_lead_in_counts_at_the_start_of_a_sentence_without_end() -> None:
    (carried,) = ASSERTIONS.open("Call if you have:", (0, 17), (), False)
    text = "fever " + "x " * 1500 + "fever"
    read = ASSERTIONS.read(text, (0, len(text)), [(0, 5), (len(text) - 5, len(text))], (), [carried])
    assert [(str(one.assertion), one.cue) for one in read] == [("hypothetical", "if"), ("present", "")]
    assert ASSERTIONS.open("x " * 2045 + "if you have", (4090, 4101), (), False) != []
    assert ASSERTIONS.open("x " * 1000 + "if you have", (0, 2011), (), False) == []
    assert ASSERTIONS.open("x " * 990 + "if you have", (0, 1991), (), False) != []


@pytest.mark.parametrize(
    "piece", ["no fever, ", "if fever, ", "fever was not seen ", "not seen to suggest fever "]
)
def test_a_sentence_without_end_takes_linear_time(piece: str) -> None:
    text = piece * 4000
    spans = [match.span() for match in re.finditer("fever", text)]
    started = process_time()
    assert len(ASSERTIONS.read(text, (0, len(text)), spans)) == 4000
    assert process_time() - started < 20


@st.composite
def spelt_out(draw: st.DrawFn) -> str:
    """A sentence that holds a cue, with other words before, within and behind it."""
    words = [draw(st.sampled_from(["", "fever", "and", "5"]))]
    for part in re.findall(r"\([^()]*\)|[^\s()]+", draw(st.sampled_from(CUES)).text):
        gap = re.fullmatch(r"\{(\d)-(\d)\}", part)
        if gap:
            words += ["quite"] * draw(st.integers(int(gap[1]), int(gap[2])))
        else:
            words.append(draw(st.sampled_from(part.strip("()").split("|"))))
    words.append(draw(st.sampled_from(["", "pain", "?"])))
    text = " ".join(words).replace("#", "5").replace("$", "").replace("^?", "").replace("^", "")
    return draw(
        st.sampled_from([text, text.replace("can not", "cannot"), re.sub(r"(?<=[a-z]) not", "n't", text)])
    )


@given(spelt_out())
def test_no_sentence_with_a_deciding_cue_is_passed_over(text: str) -> None:
    words = INDEX.words(text, 0, len(text)).words
    found = INDEX.find(words, bytearray(len(words)))
    if any(one.cue.category in CATEGORIES for one in found):
        assert INDEX.may_decide(text, 0, len(text)), words


@pytest.mark.parametrize(
    "text",
    ["Cramps come at night.", "Take 5 mg - with (some) water.", "Is she ill, too?", "(So are they.)"],
)
def test_a_sentence_without_the_words_of_a_cue_is_passed_over(text: str) -> None:
    assert not INDEX.may_decide(text, 0, len(text))


@pytest.mark.parametrize(
    ("text", "assertion"),
    [
        ("no sign of fever", "present"),
        ("no clear sign of fever", "absent"),
        ("no very clear sign of fever", "absent"),
        ("no really very clear sign of fever", "present"),
        ("you daren't fever", "absent"),
        ("you dare fever", "present"),
    ],
)
def test_a_gap_holds_so_many_words_and_any_contraction_is_spelt_out(
    tmp_path: Path, text: str, assertion: str
) -> None:
    rows = (
        CUE_COLUMNS,
        *((cue, "absent", "forward", "sentence") for cue in ("no {1-2} sign of", "dare not")),
    )
    (tmp_path / "cues.tsv").write_text("\n".join(map("\t".join, rows)) + "\n", encoding="utf-8")
    read = Assertions(read_cues(tmp_path)).read(text, (0, len(text)), [(len(text) - 5, len(text))])
    assert [one.assertion for one in read] == [assertion]
