"""Agreement and contradiction, and which articles are compared: worked out by hand on small frames."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import compare
from pipeline.compare.agreement import CLAIM, disputed
from pipeline.compare.grouping import GroupingError, compared, grouped, read_extra, with_date, with_extra
from pipeline.compare.tables import COMPARE_TABLES
from pipeline.frames import empty, typed


def mentions(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["article_id", "concept_id", "assertion", "sentence"], dtype="object")


def relations(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [(*row, "sentence", f"{row[0]} says {row[4]}") for row in rows],
        columns=["article_id", "kind", "head_concept", "tail_concept", "certainty", "basis", "evidence"],
        dtype="object",
    )


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


# --- which articles, and how they are grouped


def pages(**columns: list[str]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    defaults = {
        name: [""] * size
        for name in ("reason", "url", "site", "reviewed", "modified", "published", "duplicate_of")
    }
    ids = [f"{number}.html" for number in range(size)]
    return pd.DataFrame({"article_id": ids, "status": ["ok"] * size, **defaults, **columns}, dtype="object")


def test_only_articles_are_compared_and_each_story_once() -> None:
    found = pages(status=["ok", "empty", "ok", "ok"], duplicate_of=["", "", "0.html", "1.html"])
    assert compared(found)["article_id"].tolist() == ["0.html", "2.html", "3.html"]
    # What 3 repeats is not compared, so it stands for its story.
    assert compared(found, once_per_story=True)["article_id"].tolist() == ["0.html", "3.html"]


def test_an_article_that_was_not_read_for_its_language_is_not_compared() -> None:
    found = pages(reason=["", "written in es, not in English"])
    assert compared(found)["article_id"].tolist() == ["0.html"]


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
