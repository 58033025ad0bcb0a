"""Comparison: numbers worked out by hand on small frames, what must hold for any frame, and the sample run."""

from __future__ import annotations

from math import log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import cli_compare, compare, compare_view
from pipeline.agreement import CLAIM, disputed
from pipeline.cli import main
from pipeline.clusters import ALIKE, join
from pipeline.compare import Options
from pipeline.compare_tables import COMPARE_TABLES, MATRIX
from pipeline.errors import MedtablesError
from pipeline.frames import empty, typed
from pipeline.grouping import GroupingError, compared, grouped, read_extra, with_date, with_extra
from pipeline.model import Assertion
from pipeline.package import read_json
from pipeline.peculiar import TOP
from pipeline.prevalence import common
from pipeline.rollup import LEVELS
from pipeline.runs import read_run
from pipeline.schema import table_schema
from pipeline.tables import TABLES
from pipeline.writers import load_format

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "outputs" / "sample"


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


def relations(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [(*row, "sentence", f"{row[0]} says {row[4]}") for row in rows],
        columns=["article_id", "kind", "head_concept", "tail_concept", "certainty", "basis", "evidence"],
        dtype="object",
    )


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
    monkeypatch.setattr("pipeline.similarity.MOST_CELLS", 1)
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


# --- agreement

CLAIMS = relations(
    ("a", "treats", "m:x", "s:y", "is"),
    ("b", "treats", "m:x", "s:y", "not"),
    ("a", "causes", "m:x", "s:y", "is"),
    ("b", "causes", "m:x", "s:y", "may"),
    ("a", "prevents", "m:x", "s:y", "is"),
    ("a", "prevents", "m:x", "s:y", "not"),
    ("a", "symptom_of", "m:x", "s:y", "not"),
    ("b", "symptom_of", "m:x", "s:y", "not"),
    ("a", "side_effect_of", "m:x", "s:y", "may"),
)
NO_MENTIONS = mentions()


def test_each_claim_has_its_verdict() -> None:
    found = compare.agreement(compare.statements(CLAIMS, NO_MENTIONS), {"m:x": "ex"})
    verdicts = dict(zip(found["kind"], found["verdict"], strict=True))
    assert verdicts == {
        "treats": "contradicted", "causes": "hedged", "prevents": "divided", "symptom_of": "agreed",
        "side_effect_of": "alone",
    }  # fmt: skip
    first = found.iloc[0]
    assert (first["kind"], first["articles"], first["affirm"], first["deny"]) == ("treats", 2, 1, 1)
    assert (first["head"], first["tail"]) == ("ex", "y")


def test_articles_that_say_both_agree_in_that() -> None:
    twice = relations(
        *((article, "treats", "m:x", "s:y", said) for article in "ab" for said in ("is", "not"))
    )
    said = compare.statements(twice, NO_MENTIONS)
    assert compare.agreement(said, {})["verdict"].tolist() == ["divided"]
    assert compare.contradictions(said, empty(COMPARE_TABLES["similarity"]), {}).empty


def test_assertions_of_concepts_are_statements_too() -> None:
    said = compare.statements(
        relations(),
        mentions(
            ("a", "s:x", "present", "Fever."),
            ("a", "s:x", "present", "There is a fever."),
            ("b", "s:x", "absent", "There is no fever."),
            ("b", "s:y", "hypothetical", "If it hurts."),
            ("c", "s:z", "present", "There is z."),
        ),
    )
    rows = said[["kind", "head_concept", "article_id", "stance", "times", "sentence"]].values.tolist()
    assert rows == [
        ["mention", "s:x", "a", "affirm", 2, "There is a fever."],
        ["mention", "s:x", "b", "deny", 1, "There is no fever."],
        ["mention", "s:z", "c", "affirm", 1, "There is z."],
    ]
    verdicts = compare.agreement(said, {})
    assert verdicts["verdict"].tolist() == ["contradicted", "alone"]
    assert set(disputed(said, verdicts)["head_concept"]) == {"s:x"}


def test_a_denial_stands_beside_the_articles_most_like_it() -> None:
    said = compare.statements(
        relations(
            ("a", "treats", "m:x", "s:y", "not"), *((other, "treats", "m:x", "s:y", "is") for other in "bcde")
        ),
        NO_MENTIONS,
    )
    similar = typed(
        COMPARE_TABLES["similarity"],
        pd.DataFrame(
            {"article_id": ["a", "a"], "rank": [1, 2], "other_id": ["d", "c"], "cosine": [0.9, 0.4], "shared": [1, 1],
             "concepts": ["", ""]}
        ),
    )  # fmt: skip
    found = compare.contradictions(said, similar, {})
    assert found[["article_id", "other_id", "cosine"]].values.tolist() == [
        ["a", "d", 0.9], ["a", "c", 0.4], ["a", "b", 0.0],
    ]  # fmt: skip
    assert found.iloc[0][["sentence", "other_sentence", "other_stance"]].tolist() == [
        "a says not",
        "d says is",
        "affirm",
    ]


# --- which articles, and how they are grouped


def pages(**columns: list[str]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    defaults = {
        name: [""] * size for name in ("url", "site", "reviewed", "modified", "published", "duplicate_of")
    }
    ids = [f"{number}.html" for number in range(size)]
    return pd.DataFrame({"article_id": ids, "status": ["ok"] * size, **defaults, **columns}, dtype="object")


def test_only_articles_are_compared_and_each_story_once() -> None:
    found = pages(status=["ok", "empty", "ok", "ok"], duplicate_of=["", "", "0.html", "1.html"])
    assert compared(found)["article_id"].tolist() == ["0.html", "2.html", "3.html"]
    # What 3 repeats is not compared, so it stands for its story.
    assert compared(found, once_per_story=True)["article_id"].tolist() == ["0.html", "3.html"]


def test_the_date_is_the_latest_that_is_known() -> None:
    found = with_date(
        pages(
            reviewed=["2020-01-01", "", "2021", ""],
            modified=["2020-01-01", "2019", "2021-05-01T10:00", ""],
            published=["2019-01-01", "2018", "", ""],
        )
    )
    assert found[["date", "date_kind"]].values.tolist() == [
        ["2020-01-01", "reviewed"], ["2019", "modified"], ["2021-05-01T10:00", "modified"], ["", ""],
    ]  # fmt: skip


def test_groups_are_a_column_or_the_year() -> None:
    found = pages(site=["x", "", "x"], published=["2019-01-01", "", ""], reviewed=["", "2021-02", ""])
    assert grouped(found, "site")["group"].tolist() == ["x", "", "x"]
    assert grouped(found, "year")["group"].tolist() == ["2019", "2021", ""]
    assert grouped(found, None)["group"].tolist() == ["", "", ""]
    with pytest.raises(GroupingError, match=r"article_id.*year"):
        grouped(found, "colour")


def test_a_users_file_joins_by_article_id_or_url(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("\ufeffurl;topic;site\nhttps://a;NA;mine\nhttps://z;salt;\n", encoding="utf-8")
    found, known = with_extra(pages(url=["https://a", "https://b"], site=["A", "B"]), read_extra(path))
    assert known == 1
    assert found[["topic", "site"]].values.tolist() == [["NA", "mine"], ["", "B"]]
    assert grouped(found, "topic")["group"].tolist() == ["NA", ""]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("page,topic\n0.html,x\n", "neither a column article_id nor url, but page, topic"),
        ("article_id,topic\n0.html,x\n0.html,y\n", "'0.html' more than once"),
        ("article_id,topic\nz.html,x\n", "They look like '0.html'"),
        ("", "is no table"),
    ],
)
def test_a_users_file_that_does_not_fit_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text)
    with pytest.raises(GroupingError, match=message):
        with_extra(pages(site=["A"]), read_extra(path))


def test_a_users_file_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_bytes(b"article_id\ttopic\n0.html\tcaf\xe9\n")
    with pytest.raises(GroupingError, match="UTF-8"):
        read_extra(path)
    with pytest.raises(GroupingError, match="cannot be read"):
        read_extra(tmp_path / "none.tsv")


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


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(["treats", "causes"]),
            st.sampled_from(["is", "may", "not"]),
        ),
        max_size=12,
    )
)
@settings(max_examples=40, deadline=None)
def test_a_contradiction_is_in_the_agreement(rows: list[tuple[str, str, str]]) -> None:
    said = compare.statements(
        relations(*((a, kind, "m:x", "s:y", how) for a, kind, how in rows)), NO_MENTIONS
    )
    verdicts = compare.agreement(said, {})
    found = compare.contradictions(said, empty(COMPARE_TABLES["similarity"]), {})
    claims = verdicts.loc[verdicts["verdict"] == "contradicted", CLAIM]
    assert set(map(tuple, claims.values)) == set(map(tuple, found[CLAIM].values))
    assert (verdicts[["affirm", "hedge", "deny"]].le(verdicts["articles"], axis=0)).all(axis=None)


# --- the whole, on the sample run


def test_the_committed_comparison_of_the_sample_is_fresh(tmp_path: Path) -> None:
    files = compare.compare(read_run(SAMPLE)).write(tmp_path / "compare")
    committed = SAMPLE / "compare"
    assert {path.name for path in committed.iterdir()} == {path.name for path in files}
    changed = [path.name for path in files if (committed / path.name).read_bytes() != path.read_bytes()]
    assert not changed, "look at `git diff outputs/sample` after `make sample`"


@pytest.fixture(scope="module")
def sample() -> compare.Comparison:
    return compare.compare(read_run(SAMPLE), Options(by="site"))


def test_every_table_has_its_declared_columns_and_key(sample: compare.Comparison) -> None:
    assert set(COMPARE_TABLES) <= set(sample.frames)
    for name, frame in sample.frames.items():
        table = sample.tables[name]
        assert list(frame.columns) == [column.name for column in table.columns], name
        assert not frame.duplicated(list(table.key)).any(), name
        for column in table.columns:
            if column.values:
                assert set(frame[column.name]) <= set(column.values), (name, column.name)
            assert column.nullable or not frame[column.name].isna().any(), (name, column.name)


def test_what_is_written_reads_back(sample: compare.Comparison, tmp_path: Path) -> None:
    sample.write(tmp_path)
    package = read_json(tmp_path / "datapackage.json")
    assert package["name"] == "medtables-comparison"
    assert [entry["schema"] for entry in package["resources"]] == [
        table_schema(table) for table in sample.tables.values()
    ]
    found = load_format("csv").read(tmp_path, sample.tables["contradictions"])
    assert found.to_pylist() == sample["contradictions"].to_dict("records")


def test_the_samples_contradiction_about_magnesium_is_found(sample: compare.Comparison) -> None:
    if "relations" not in read_run(SAMPLE).tables:
        pytest.skip("the committed run has no relations yet")
    found = sample["contradictions"]
    claims = set(map(tuple, found[found["kind"] != "mention"][CLAIM].values))
    assert ("treats", "medication:magnesium-supplement", "symptom:leg-cramp") in claims


def test_rolling_up_brings_states_to_their_electrolyte() -> None:
    run = read_run(SAMPLE)
    plain = compare.compare(run, Options(labels=("ELECTROLYTE",)))
    rolled = compare.compare(run, Options(labels=("ELECTROLYTE",), levels=("electrolyte",), min_articles=2))
    assert set(rolled["prevalence"]["label"]) == {"ELECTROLYTE"}
    before, after = (
        frame["prevalence"].set_index("concept_id").loc["electrolyte:potassium"] for frame in (plain, rolled)
    )
    assert after["mentions"] > before["mentions"] and after["articles"] >= before["articles"]
    assert rolled["prevalence"]["articles"].min() >= 2


# --- the command


def medtables(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env=environment)


def test_the_command_prints_and_writes(tmp_path: Path) -> None:
    extra = tmp_path / "mine.csv"
    extra.write_text("article_id,topic\ntexts/eczema.md,skin\ntexts/high-sodium.txt,salt\n")
    out = tmp_path / "out"
    done = medtables(
        "compare", SAMPLE, "-o", out, "--by", "topic", "--with", extra, "--rows", 3, COLUMNS="100"
    )
    assert done.exit_code == 0, done.output
    assert "knows 2 of 20 articles" in done.stderr
    for title in (
        "Most widespread",
        "Peculiar to a group",
        "Contradictions",
        "Levels and reference ranges",
        "alike",
    ):
        assert title in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert {path.name for path in out.iterdir()} >= {
        "prevalence.csv",
        "prevalence_by.csv",
        "matrix_weight.csv",
    }
    # A later comparison takes the place of the earlier one, and leaves no table of it.
    assert medtables("compare", SAMPLE, "-o", out, "-q").stdout == ""
    assert not (out / "prevalence_by.csv").exists()


def test_the_command_leaves_other_folders_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    done = medtables("compare", SAMPLE, "-o", tmp_path)
    assert done.exit_code == 1 and "holds something else (thesis.txt)" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--by", "colour"], 1, "there is no column 'colour'"),
        (["--level", "planet"], 2, "'planet' is not one of concept"),
        (["--label", "planet"], 1, "no concept has the label PLANET"),
        (["--peers-by", "colour"], 1, "there is no column 'colour'"),
    ],
)
def test_a_wrong_option_says_what_there_is(
    tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    done = medtables("compare", SAMPLE, "-o", tmp_path / "out", *arguments)
    assert done.exit_code == code and message in done.stderr, done.output


def test_the_commands_defaults_are_those_of_the_functions() -> None:
    assert (cli_compare.ALIKE, cli_compare.TOP, cli_compare.ROWS) == (ALIKE, TOP, compare_view.ROWS)
    assert tuple(LEVELS) == cli_compare.LEVELS
