"""Comparison: numbers worked out by hand on small frames, and what must hold for any frame."""

from __future__ import annotations

from importlib import import_module
from math import log, sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import compare
from pipeline.compare.clusters import join
from pipeline.compare.prevalence import common
from pipeline.compare.tables import MATRIX
from pipeline.errors import MedtablesError
from pipeline.frames import typed
from pipeline.model import Assertion
from pipeline.tables import TABLES


def cells(*rows: tuple[str, str, int], **more: dict[tuple[str, str], Any]) -> pd.DataFrame:
    """Counts of (article, concept, mentions), all present; the weight is the share of the article's mentions."""
    totals: dict[str, int] = {}
    for article, _, number in rows:
        totals[article] = totals.get(article, 0) + number
    return typed(
        MATRIX,
        pd.DataFrame(
            [
                {
                    "article_id": article, "concept_id": concept, "label": concept.partition(":")[0].upper(),
                    "concept": concept.partition(":")[2], "mentions": number,
                    **dict.fromkeys(map(str, Assertion), 0), "present": number, "weight": number / totals[article],
                    **{name: values[article, concept] for name, values in more.items() if (article, concept) in values},
                }
                for article, concept, number in rows
            ],
            columns=[column.name for column in MATRIX.columns],
        ),
    )  # fmt: skip


def articles(*ids: str, **columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"article_id": list(ids), "title": list(ids), **columns}, dtype="object")


def mentions(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["article_id", "concept_id", "assertion", "sentence"], dtype="object")


# --- counting


def test_counts_tell_mentions_by_assertion_and_weight() -> None:
    said = mentions(("a", "s:x", "present", ""), ("a", "s:x", "absent", ""), ("b", "s:y", "possible", ""))
    concepts = pd.DataFrame(
        {"article_id": ["a", "b"], "concept_id": ["s:x", "s:y"], "label": ["S", "S"], "concept": ["ex", "why"],
         "weight": [1.0, 0.0]}
    )  # fmt: skip
    found = compare.counts(said, concepts)
    assert found[
        ["article_id", "concept", "mentions", "present", "absent", "possible", "weight"]
    ].values.tolist() == [
        ["a", "ex", 2, 1, 1, 0, 1.0],
        ["b", "why", 1, 0, 0, 1, 0.0],
    ]


def test_prevalence_is_a_share_of_all_articles() -> None:
    found = compare.prevalence(
        cells(
            ("a", "s:x", 3),
            ("b", "s:x", 1),
            ("b", "s:y", 2),
            absent={("b", "s:x"): 1},
            present={("b", "s:x"): 0},
        ),
        articles("a", "b", "c"),
    )
    shown = found[["concept_id", "articles", "share", "affirming", "denying", "mentions"]].values.tolist()
    assert shown == [["s:x", 2, 0.6667, 1, 1, 4], ["s:y", 1, 0.3333, 1, 0, 2]]


def test_prevalence_by_takes_the_share_of_each_group() -> None:
    found = compare.prevalence_by(
        cells(("a", "s:x", 3), ("b", "s:x", 1), ("c", "s:x", 1)),
        articles("a", "b", "c", group=["p", "q", "q"]),
    )
    assert found[["group", "articles", "share"]].values.tolist() == [["p", 1, 1.0], ["q", 2, 1.0]]


def test_a_matrix_has_a_row_for_an_article_without_concepts() -> None:
    source = cells(("a", "s:x", 3), ("b", "s:y", 2), present={("b", "s:y"): 0})
    assert compare.matrix(source, articles("b", "a", "c")).to_dict("list") == {
        "article_id": ["b", "a", "c"], "s:x": [0, 3, 0], "s:y": [2, 0, 0],
    }  # fmt: skip
    assert compare.matrix(source, articles("a", "b"), "presence")["s:y"].tolist() == [0, 0]
    assert compare.matrix(source, articles("a", "b"), "weight")["s:x"].tolist() == [1.0, 0.0]
    with pytest.raises(ValueError, match="presence"):
        compare.matrix(source, articles("a"), "colour")


def test_common_keeps_what_enough_articles_mention() -> None:
    source = cells(("a", "s:x", 1), ("b", "s:x", 1), ("b", "s:y", 5))
    assert set(common(source, 2)["concept_id"]) == {"s:x"}
    assert common(source, 1) is source


# --- rolling up

LINKS = [
    ("medication:brand", "has_ingredient", "medication:combination"),
    ("medication:combination", "has_ingredient", "medication:one"),
    ("medication:combination", "has_ingredient", "medication:two"),
    ("medication:one", "member_of", "medication:class"),
    ("condition:low", "state_of", "electrolyte:potassium"),
    ("condition:a", "is_a", "condition:b"),
    ("condition:b", "is_a", "condition:c"),
    ("condition:ring", "is_a", "condition:ring-2"),
    ("condition:ring-2", "is_a", "condition:ring"),
]


@pytest.mark.parametrize(
    ("concept", "levels", "targets"),
    [
        ("medication:brand", ["ingredient"], ["medication:one", "medication:two"]),
        ("medication:brand", ["class"], ["medication:class", "medication:two"]),
        ("medication:brand", ["concept"], ["medication:brand"]),
        ("condition:low", ["electrolyte"], ["electrolyte:potassium"]),
        ("condition:a", ["parent"], ["condition:b"]),
        ("condition:a", ["parent", "parent"], ["condition:c"]),
        ("condition:a", ["root"], ["condition:c"]),
        ("condition:ring", ["root"], ["condition:ring"]),
        ("symptom:pain@upper-back", ["head"], ["symptom:pain"]),
        ("symptom:pain@upper-back", [], ["symptom:pain@upper-back"]),
        ("medication:brand", ["ingredient", "class"], ["medication:class", "medication:two"]),
    ],
)
def test_a_concept_rolls_up_to_its_level(concept: str, levels: list[str], targets: list[str]) -> None:
    found = compare.roll_up_map([concept, concept], levels, LINKS)
    assert found.values.tolist() == [[concept, target] for target in targets]


def test_rolling_up_sums_and_names() -> None:
    source = cells(
        ("a", "condition:low", 2), ("a", "electrolyte:potassium", 2), ("a", "symptom:pain@upper-back", 1)
    )
    target = compare.roll_up_map(source["concept_id"], ["electrolyte", "head"], LINKS)
    found = compare.roll_up(source, target, {"electrolyte:potassium": "Potassium"})
    assert found[["concept_id", "label", "concept", "mentions", "weight"]].values.tolist() == [
        ["electrolyte:potassium", "ELECTROLYTE", "Potassium", 4, 0.8],
        ["symptom:pain", "SYMPTOM", "pain", 1, 0.2],
    ]
    assert compare.name_of("symptom:pain@upper-back", {}, {}) == "pain (upper back)"


def test_an_unknown_level_is_an_error() -> None:
    with pytest.raises(MedtablesError, match="Levels are concept, ingredient"):
        compare.roll_up_map(["a:b"], ["planet"], [])


# --- peculiar, missing, alike


def test_log_odds_are_those_of_the_formula() -> None:
    found = compare.peculiar(cells(("a", "s:x", 3), ("a", "s:y", 1), ("b", "s:x", 1), ("b", "s:y", 3)))
    # n = 8 in two articles: a0 = 4, a(x) = 4 * 4 / 8 = 2
    difference = log((3 + 2) / (4 + 4 - 3 - 2)) - log((1 + 2) / (4 + 4 - 1 - 2))
    expected = [round(difference, 4), round(difference / sqrt(1 / 5 + 1 / 3), 4)]
    assert found[["article_id", "concept_id", "mentions", "elsewhere"]].values.tolist() == [
        ["a", "s:x", 3, 1],
        ["b", "s:y", 3, 1],
    ]
    assert found[["log_odds", "z"]].values.tolist() == [expected, expected] == [[1.0217, 1.399]] * 2


def test_a_frequent_peculiarity_goes_before_a_single_mention() -> None:
    source = cells(("a", "s:often", 8), ("a", "s:once", 1), ("a", "s:both", 4), ("b", "s:both", 9))
    found = compare.peculiar(source)
    assert found[found["article_id"] == "a"]["concept_id"].tolist() == ["s:often", "s:once"]
    by = compare.peculiar_by(source, articles("a", "b", group=["p", "q"]), top=1)
    assert by[["group", "concept_id"]].values.tolist() == [["p", "s:often"], ["q", "s:both"]]


def test_nothing_is_peculiar_without_a_second_article() -> None:
    assert compare.peculiar(cells(("a", "s:x", 3), ("a", "s:y", 1))).empty
    assert compare.peculiar(cells(("a", "s:x", 3), ("b", "s:x", 1))).empty


def test_missing_is_what_enough_peers_affirm() -> None:
    source = cells(
        ("a", "s:x", 1), ("b", "s:x", 1), ("b", "s:y", 1), ("c", "s:y", 1), ("c", "s:z", 1), ("d", "s:z", 1),
        present={("d", "s:z"): 0},
    )  # fmt: skip
    near = pd.DataFrame({"article_id": ["a", "a", "a", "d", "d"], "other_id": ["b", "c", "d", "b", "c"]})
    found = compare.missing(source, near)
    # Two of a's three peers affirm y; z is affirmed by one, since d does not affirm it. Both of d's peers affirm y.
    assert found[["article_id", "concept_id", "peers", "having", "found_in"]].values.tolist() == [
        ["a", "s:y", 3, 2, "b | c"],
        ["d", "s:y", 2, 2, "b | c"],
    ]
    assert compare.missing(source, near, least=1)["concept_id"].tolist() == ["s:y", "s:z", "s:y", "s:x"]


def test_peers_are_the_nearest_or_those_of_a_column() -> None:
    similar = compare.similarity(
        cells(("a", "s:x", 1), ("a", "s:y", 1), ("b", "s:x", 1), ("c", "s:y", 2), ("c", "s:z", 9))
    )
    assert compare.peers(similar, most=1, least_cosine=0.5).values.tolist() == [["a", "b"], ["b", "a"]]
    topics = articles("a", "b", "c", "d", topic=["t", "", "t", ""])
    assert compare.peers_by(topics, "topic").values.tolist() == [["a", "c"], ["c", "a"]]


def test_similarity_is_the_cosine_of_weights() -> None:
    source = cells(("a", "s:x", 1), ("a", "s:y", 1), ("b", "s:x", 4), ("c", "s:z", 1))
    found = compare.similarity(source)
    assert found[["article_id", "rank", "other_id", "cosine", "shared", "concepts"]].values.tolist() == [
        ["a", 1, "b", 0.7071, 1, "x"],
        ["b", 1, "a", 0.7071, 1, "x"],
    ]
    assert compare.cosine(source).loc["a", "b"] == pytest.approx(1 / sqrt(2))


def test_too_many_articles_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("pipeline.compare.similarity"), "MOST_CELLS", 1)
    with pytest.raises(MedtablesError, match="--min-articles"):
        compare.similarity(cells(("a", "s:x", 1), ("b", "s:y", 1)))


def test_average_linkage_joins_at_the_stated_cosine() -> None:
    similar = np.array([[1, 0.9, 0.5, 0.3], [0.9, 1, 0.3, 0.1], [0.5, 0.3, 1, 0.8], [0.3, 0.1, 0.8, 1]])
    # ab at 0.9, cd at 0.8; between them (0.5 + 0.3 + 0.3 + 0.1) / 4 = 0.3
    assert join(similar, 0.95) == [[0], [1], [2], [3]]
    assert join(similar, 0.85) == [[0, 1], [2], [3]]
    assert join(similar, 0.31) == [[0, 1], [2, 3]]
    assert join(similar, 0.29) == [[0, 1, 2, 3]]


def test_clusters_are_numbered_by_size_and_say_what_they_hold() -> None:
    source = cells(("a", "s:z", 1), ("b", "s:x", 1), ("c", "s:x", 1))
    found = compare.clusters(source, articles("a", "b", "c", "d"), alike=0.5)
    assert found[["cluster", "article_id", "size", "closeness", "concepts"]].values.tolist() == [
        [1, "b", 2, 1.0, "x"], [1, "c", 2, 1.0, "x"], [2, "a", 1, 1.0, "z"], [3, "d", 1, 1.0, ""],
    ]  # fmt: skip


# --- numbers side by side


@pytest.mark.parametrize(
    ("values", "logarithmic", "expected"),
    [
        ([5, 5, 5, 5, 5.5], False, [4]),  # MAD 0, mean deviation 0.1: 0.5 / (1.2533 * 0.1) = 3.99
        ([5, 5, 5, 5, 5.05], False, []),  # as far by its z, but 1 % from the median
        ([3.5, 3.5, 3.4, 3.6, 3.5, 5.3], False, [5]),  # MAD 0.05: 0.6745 * 1.8 / 0.05 = 24
        ([3.5, 3.5, 3.4, 3.6, 3.5, 3.7], False, []),  # 0.6745 * 0.2 / 0.05 = 2.7
        ([200, 400, 500, 800, 1000], True, []),
        ([400, 450, 500, 550, 5000], True, [4]),
        ([1, 1, 1, None, 1, 9], False, [5]),
        ([None, None], False, []),
    ],
)
def test_outliers_by_the_modified_z_score(
    values: list[float | None], logarithmic: bool, expected: list[int]
) -> None:
    found = compare.outliers(values, logarithmic)
    assert [position for position, flag in enumerate(found) if flag] == expected


def quantity(article: str, low: float | None, high: float | None, **more: Any) -> dict[str, Any]:
    return {
        "article_id": article, "quantity": 0, "low": low, "high": high, "unit": "mmol/L", "comparator": "",
        "kind": "reference_range", "concept_id": "condition:low", "canonical_low": low, "canonical_high": high,
        "canonical_unit": "mmol/L", "per_day": None, "text": "", "sentence": "", **more,
    }  # fmt: skip


def quantities(*rows: dict[str, Any]) -> pd.DataFrame:
    names = [column.name for column in TABLES["quantities"].columns if column.name not in rows[0]]
    return typed(
        TABLES["quantities"],
        pd.DataFrame([{**dict.fromkeys(names, 0), **row, "mention": None} for row in rows]),
    )


def test_reference_ranges_stand_side_by_side_and_outliers_are_marked() -> None:
    source = quantities(
        *(quantity(article, 3.5, 5.0) for article in "abcd"),
        quantity("e", 3.5, 5.6),
        quantity("f", None, 3.5, kind="level", comparator="<"),
        quantity("g", 3.5, 5.0, concept_id=""),
    )
    found = compare.ranges(
        source, {"electrolyte:potassium": "potassium"}, {"condition:low": "electrolyte:potassium"}
    )
    level = found[found["kind"] == "level"].iloc[0]
    assert (level["concept_id"], level["articles"], level["high"], level["low"]) == (
        "condition:low",
        1,
        3.5,
        pd.NA,
    )
    normal = found[found["kind"] == "reference_range"]
    assert set(normal["concept"]) == {"potassium"}
    assert normal["article_id"].tolist() == list("abcde")
    assert normal["high_outlier"].tolist() == [False] * 4 + [True]
    assert not normal["low_outlier"].any()
    assert normal["median_high"].tolist() == [5.0] * 5


def test_what_is_said_again_in_another_unit_counts_once() -> None:
    source = quantities(
        quantity("a", 1.75, 1.75),
        quantity("a", 1.7466, 1.7466, unit="mg/dL", quantity=1),
        quantity("a", 1.76, 1.76, quantity=2),
    )
    assert compare.ranges(source, {}, {})["low"].tolist() == [1.75, 1.76]


def test_doses_keep_how_often_a_day() -> None:
    source = quantities(
        quantity("a", 200, 400, kind="dose", canonical_unit="mg", per_day=3, concept_id="medication:one"),
        quantity("b", 1, 2),
    )
    found = compare.doses(source, {"medication:one": "One"})
    assert found[["concept", "low", "high", "per_day", "unit"]].values.tolist() == [
        ["One", 200, 400, 3, "mg"]
    ]


# --- what holds for any run

COUNTS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"), st.sampled_from(["s:u", "s:v", "c:w", "c:x", "m:y"]), st.integers(1, 9)
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda row: row[:2],
)


@given(COUNTS)
@settings(max_examples=40, deadline=None)
def test_a_matrix_sums_to_the_prevalence(rows: list[tuple[str, str, int]]) -> None:
    source, all_articles = cells(*rows), articles(*"abcdef")
    found = compare.prevalence(source, all_articles).set_index("concept_id")
    assert found["share"].between(0, 1).all()
    for values, column in (("mentions", "mentions"), ("presence", "affirming")):
        wide = compare.matrix(source, all_articles, values).set_index("article_id")
        assert wide.sum().to_dict() == found[column].to_dict()
    grouped = compare.prevalence_by(source, all_articles.assign(group=list("ppqqqr")))
    assert grouped["share"].between(0, 1).all()
    assert grouped.groupby("concept_id")["articles"].sum().to_dict() == found["articles"].to_dict()


@given(COUNTS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_similarity_is_symmetric_and_the_order_of_articles_is_nothing(
    rows: list[tuple[str, str, int]], chance: Any
) -> None:
    source = cells(*rows)
    square = compare.cosine(source)
    assert np.array_equal(square, square.T)
    assert ((square >= 0) & (square <= 1)).all(axis=None)
    assert np.array_equal(np.diag(square), np.ones(len(square)))
    pairs = compare.similarity(source)
    both = {(row.article_id, row.other_id): row.cosine for row in pairs.itertuples()}
    assert all(both[other, one] == value for (one, other), value in both.items())
    shuffled = list(rows)
    chance.shuffle(shuffled)
    there = articles(*"abcdef")
    pd.testing.assert_frame_equal(pairs, compare.similarity(cells(*shuffled)))
    pd.testing.assert_frame_equal(
        compare.clusters(source, there),
        compare.clusters(cells(*shuffled), there[::-1].reset_index(drop=True)),
    )


@given(COUNTS)
@settings(max_examples=40, deadline=None)
def test_rolling_up_to_one_target_loses_no_mention(rows: list[tuple[str, str, int]]) -> None:
    source = cells(*rows)
    target = pd.DataFrame(
        [(concept, f"top:{concept[0]}") for concept in set(source["concept_id"])],
        columns=["concept_id", "target"],
    )
    found = compare.roll_up(source, target, {})
    assert (
        found.groupby("article_id")["mentions"].sum().to_dict()
        == source.groupby("article_id")["mentions"].sum().to_dict()
    )
    assert not found.duplicated(["article_id", "concept_id"]).any()


@given(COUNTS)
@settings(max_examples=40, deadline=None)
def test_what_is_peculiar_to_one_of_two_is_not_so_to_the_other(rows: list[tuple[str, str, int]]) -> None:
    halves = articles(*"abcdef", group=list("pppqqq"))
    found = compare.peculiar_by(cells(*rows), halves)
    assert not found.duplicated("concept_id").any()
    assert (found["z"] > 0).all() and (found["log_odds"] > 0).all()
