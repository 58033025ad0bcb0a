"""The difference of two runs: each cause is brought about on real pages, and told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import batch
from pipeline.diff import Difference, diff
from pipeline.diff.align import Pair, Spot, align, match_blocks
from pipeline.diff.causes import Programs
from pipeline.diff.tables import DIFF_TABLES
from pipeline.runs import read_run
from pipeline.runs.package import describe
from pipeline.tables import TABLES
from pipeline.tables.schema import arrow_schema
from pipeline.tsv import VOCABULARY
from pipeline.writers import load_format
from tests.command import medtables

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "outputs" / "sample"
FIRST = "Low sodium\n\nNausea is common in people with low sodium.\n\nThere was no headache at all in the first week.\n"
SECOND = "Dehydration\n\nPeople who drink too little get dizziness and dry mouth on warm days.\n"


def write_pages(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def run(pages: Path, out: Path, *vocabulary: Path) -> Path:
    batch.run([pages], out, workers=1, vocabulary=vocabulary)
    return out


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pages(tmp_path_factory.mktemp("pages") / "in", a=FIRST, b=SECOND)


@pytest.fixture(scope="module")
def base(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(pages, tmp_path_factory.mktemp("base") / "out")


def compare(first: Path, second: Path) -> Difference:
    return diff(read_run(first), read_run(second))


def told(found: Difference, table: str = "diff_summary") -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found[table].itertuples(index=False)]


def changed_copy(
    source: Path, folder: Path, change: Callable[[dict[str, pd.DataFrame], dict[str, Any]], None]
) -> Path:
    """A run like `source`, with its tables and run.json changed."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("compare"))
    held = read_run(source)
    frames = {name: held.table(name).copy() for name in held.tables}
    info = json.loads((folder / "run.json").read_text())
    change(frames, info)
    written = load_format("csv")
    tables = [TABLES[name] for name in frames]
    writer = written.open(folder, tables)
    for table in tables:
        rows = pa.Table.from_pandas(frames[table.name], schema=arrow_schema(table), preserve_index=False)
        for rows_of_batch in rows.to_batches():
            writer.write(table, rows_of_batch)
    writer.close()
    describe(folder, [written], tables)
    (folder / "run.json").write_text(json.dumps(info))
    return folder


# --- causes on real runs


def test_a_run_is_the_same_as_itself(base: Path) -> None:
    found = compare(base, base)
    assert found.same and all(frame.empty for frame in found.frames.values())
    assert found.programs == Programs(True, True, ())
    assert compare(SAMPLE, SAMPLE).same


def test_pages_come_go_move_and_change(base: Path, tmp_path: Path) -> None:
    changed = FIRST.replace("Nausea is", "Nausea and fatigue are").replace("no headache", "a headache")
    pages = write_pages(
        tmp_path / "in", a=changed, moved=SECOND, new="Fever\n\nA fever is common in the flu.\n"
    )
    found = compare(base, run(pages, tmp_path / "out"))
    assert told(found, "diff_articles")[1:] == [
        ("b.txt", "moved.txt", "moved", "input", "article_id", "b.txt -> moved.txt"),
        ("new.txt", "", "came", "input", "", "the page is in one run only"),
    ]
    first = found["diff_articles"].iloc[0]
    assert (first["article_id"], first["change"], first["cause"]) == ("a.txt", "changed", "page")
    assert "content_sha256" in first["columns"] and "blocks.text" in first["columns"]
    mentions = found["diff_mentions"]
    rows = mentions[mentions["article_id"] == "a.txt"][
        ["change", "cause", "columns", "concept_id_b", "assertion_a", "assertion_b"]
    ]
    assert rows.values.tolist() == [
        ["came", "page", "", "symptom:fatigue", "", "present"],
        ["changed", "page", "assertion", "symptom:headache", "absent", "present"],
    ]
    assert set(mentions[mentions["article_id"] == "new.txt"]["cause"]) == {"input"}
    assert not (mentions["article_id"] == "b.txt").any()


def test_the_other_way_round_what_came_has_gone(base: Path, tmp_path: Path) -> None:
    pages = write_pages(tmp_path / "in", a=FIRST)
    less = run(pages, tmp_path / "out")
    there, back = compare(base, less), compare(less, base)
    assert {row[:3]: row[3] for row in told(there)} == {
        ("articles", "went", "input"): 1,
        ("mentions", "went", "input"): len(read_run(base).mentions.query("article_id == 'b.txt'")),
    }
    assert [(*row[:1], "came", *row[2:]) for row in told(there)] == told(back)


def overlay(folder: Path, name: str, row: str) -> Path:
    """An overlay with one row in the file `name`, under the header of the package's own."""
    lines = (VOCABULARY / name).read_text(encoding="utf-8").splitlines()
    header = next(line for line in lines if line and not line.startswith("#"))
    path = folder / name
    path.parent.mkdir(parents=True)
    path.write_text(f"{header}\n{row}\n")
    return folder


def test_a_new_term_is_a_change_of_the_vocabulary(base: Path, pages: Path, tmp_path: Path) -> None:
    mine = overlay(
        tmp_path / "mine", "terms/condition.tsv", "condition:parching\tdrink too little\tpreferred"
    )
    found = compare(base, run(pages, tmp_path / "out", mine))
    assert told(found) == [("mentions", "came", "vocabulary", 1)]
    row = found["diff_mentions"].iloc[0]
    assert (row["text_b"], row["concept_id_b"], row["term_b"]) == (
        "drink too little", "condition:parching", "mine/terms/condition.tsv:2",
    )  # fmt: skip
    assert row["detail"] == "term: none -> mine/terms/condition.tsv:2"
    assert any(line.startswith("vocabulary: ") for line in found.programs.lines)
    assert any(line.startswith("folders of vocabulary: none -> ") for line in found.programs.lines)


def test_another_term_for_the_same_words_is_a_change(base: Path, pages: Path, tmp_path: Path) -> None:
    mine = overlay(
        tmp_path / "mine", "terms/condition.tsv", "condition:parching\tdry mouth on warm days\tpreferred"
    )
    row = compare(base, run(pages, tmp_path / "out", mine))["diff_mentions"].iloc[0]
    assert (row["change"], row["cause"], row["columns"]) == ("changed", "vocabulary", "text | concept_id")
    assert (row["text_a"], row["text_b"]) == ("dry mouth", "dry mouth on warm days")


def test_a_new_cue_is_a_change_of_the_cues(base: Path, pages: Path, tmp_path: Path) -> None:
    mine = overlay(tmp_path / "mine", "cues.tsv", "people with\tabsent\tforward\tsentence\tclause\t\t")
    found = compare(base, run(pages, tmp_path / "out", mine))
    assert told(found) == [("mentions", "changed", "cue", 1)]
    row = found["diff_mentions"].iloc[0]
    assert (row["assertion_a"], row["assertion_b"], row["cue_b"]) == ("present", "absent", "people with")
    assert row["detail"] == "assertion: present -> absent; cue: none -> people with"


# --- causes that only another program brings about


def test_other_text_of_the_same_page_is_cleaning(base: Path, tmp_path: Path) -> None:
    def shorten(frames: dict[str, pd.DataFrame], info: dict[str, Any]) -> None:
        blocks, mentions = frames["blocks"], frames["mentions"]
        last = blocks.index[blocks["article_id"] == "a.txt"][-1]
        gone = (mentions["article_id"] == "a.txt") & (mentions["block"] == blocks.loc[last, "block"])
        frames["blocks"], frames["mentions"] = blocks.drop(last), mentions[~gone]
        info["version"] = "9.9.9"

    found = compare(base, changed_copy(base, tmp_path / "out", shorten))
    assert told(found) == [("articles", "changed", "cleaning", 1), ("mentions", "went", "cleaning", 1)]
    assert found["diff_articles"].iloc[0]["columns"] == "blocks.text"
    assert found["diff_mentions"].iloc[0]["concept_id_a"] == "symptom:headache"
    assert found.programs.lines == (
        f"program: medtables {read_run(base).info['version']} -> medtables 9.9.9",
    )


def other_assertion(frames: dict[str, pd.DataFrame], info: dict[str, Any]) -> None:
    mentions = frames["mentions"]
    mentions.loc[mentions["concept_id"] == "symptom:headache", ["assertion", "cue"]] = ["possible", "at all"]


@pytest.mark.parametrize(
    ("facts", "cause", "detail"),
    [
        ({}, "program", "same version and vocabulary"),
        ({"version": "9.9.9"}, "program", "-> medtables 9.9.9"),
        ({"vocabulary_digest": "f" * 64}, "cue", "cue: no -> at all"),
        ({"version": "9.9.9", "vocabulary_digest": "f" * 64}, "vocabulary or program", "9.9.9; vocabulary:"),
    ],
)
def test_the_cause_follows_from_what_run_json_tells(
    base: Path, tmp_path: Path, facts: dict[str, str], cause: str, detail: str
) -> None:
    def change(frames: dict[str, pd.DataFrame], info: dict[str, Any]) -> None:
        other_assertion(frames, info)
        info.update(facts)

    found = compare(base, changed_copy(base, tmp_path / "out", change))
    assert told(found) == [("mentions", "changed", cause, 1)]
    assert detail in found["diff_mentions"].iloc[0]["detail"]


def test_another_status_and_title_are_changes_of_the_article(base: Path, tmp_path: Path) -> None:
    def change(frames: dict[str, pd.DataFrame], info: dict[str, Any]) -> None:
        frames["articles"].loc[0, "title"] = "Another"
        frames["articles"].loc[1, "status"] = "timeout"
        frames["blocks"]["section"] = "causes"
        info["options"]["page_seconds"] = 1.0

    rows = told(compare(base, changed_copy(base, tmp_path / "out", change)), "diff_articles")
    assert [(row[0], *row[2:5]) for row in rows] == [
        ("a.txt", "changed", "program", "title | blocks.section"),
        ("b.txt", "changed", "program", "status | blocks.section"),
    ]
    assert rows[1][5].startswith("status: ok -> timeout; page_seconds: 60.0 -> 1.0")


# --- pairing


def spot(number: int, block: int, start: int, end: int, concept: str = "s:x", **more: str) -> Spot:
    cells = {"text": "word", "assertion": "present", "cue": "", "section": "", "term": "", "sentence": ""}
    return Spot(number, block, start, end, concept_id=concept, **{**cells, **more})


def test_blocks_with_equal_text_are_the_same_in_order() -> None:
    assert match_blocks(["a", "b", "a", "c"], ["b", "a", "d", "a"]) == {0: 1, 1: 0, 2: 3}


def test_mentions_pair_by_place_then_overlap_then_words() -> None:
    first = [
        spot(0, 0, 0, 4),
        spot(1, 0, 10, 20),
        spot(2, 0, 30, 34),
        spot(3, 1, 0, 4, "s:y"),
        spot(4, 1, 9, 12, "s:z"),
    ]
    second = [
        spot(0, 1, 0, 4),
        spot(1, 1, 14, 24),
        spot(2, 0, 50, 54, "s:y", text="other"),
        spot(3, 0, 60, 64, "s:w"),
    ]
    pairs = align(first, second, {0: 1})
    numbers = {
        (pair.first and pair.first.number, pair.second and pair.second.number, pair.same_text)
        for pair in pairs
    }
    assert numbers == {
        (0, 0, True),
        (1, 1, True),
        (2, None, True),
        (3, 2, False),
        (4, None, False),
        (None, 3, False),
    }


SPOTS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(1, 5), st.sampled_from(["s:x", "s:y"])),
    max_size=8,
).map(
    lambda rows: [
        spot(number, block, start, start + length, concept)
        for number, (block, start, length, concept) in enumerate(sorted(rows))
    ]
)


@given(SPOTS, SPOTS, st.sampled_from([{}, {0: 0}, {0: 1, 1: 2}]))
@settings(max_examples=80, deadline=None)
def test_every_mention_is_in_exactly_one_pair(
    first: list[Spot], second: list[Spot], blocks: dict[int, int]
) -> None:
    pairs: list[Pair] = align(first, second, blocks)
    assert sorted(pair.first.number for pair in pairs if pair.first) == [one.number for one in first]
    assert sorted(pair.second.number for pair in pairs if pair.second) == [one.number for one in second]
    assert all(pair.first or pair.second for pair in pairs)


@given(SPOTS)
@settings(max_examples=40, deadline=None)
def test_mentions_pair_with_themselves(spots: list[Spot]) -> None:
    pairs = align(spots, spots, {0: 0, 1: 1, 2: 2})
    assert all(pair.first and pair.second and pair.first.block == pair.second.block for pair in pairs)


# --- the command


def test_exit_codes_are_those_of_diff(base: Path, tmp_path: Path) -> None:
    other = changed_copy(base, tmp_path / "out", other_assertion)
    same = medtables("diff", base, base)
    assert (same.exit_code, same.stdout) == (0, "The articles and mentions of both runs are the same.\n")
    different = medtables("diff", base, other)
    assert different.exit_code == 1
    assert "1 mentions changed  program" in different.stdout
    assert "[headache](symptom:headache absent) -> [headache](symptom:headache possible)" in different.stdout
    trouble = medtables("diff", base, tmp_path / "nothing")
    assert trouble.exit_code == 2 and "is not the folder of a run" in trouble.stderr
    assert medtables("diff", base).exit_code == 2


def test_changed_articles_are_shown(base: Path, tmp_path: Path) -> None:
    other = run(write_pages(tmp_path / "in", a=FIRST.replace("first", "second")), tmp_path / "out")
    done = medtables("diff", base, other, "-o", tmp_path / "diff")
    assert "1 articles went     input" in done.stdout and "1 articles changed  page" in done.stdout
    assert "changed  page  a.txt" in done.stdout and "content_sha256 | blocks.text" in done.stdout
    assert "diff_mentions.csv" in done.stderr


def test_a_mention_of_other_text_elsewhere_in_the_article(base: Path, tmp_path: Path) -> None:
    def change(frames: dict[str, pd.DataFrame], info: dict[str, Any]) -> None:
        other_assertion(frames, info)
        frames["blocks"].loc[0, "text"] = "High sodium"
        frames["articles"].loc[0, "content_sha256"] = "f" * 64

    found = compare(base, changed_copy(base, tmp_path / "out", change))["diff_mentions"]
    row = found[found["concept_id_b"] == "symptom:headache"].iloc[0]
    assert row["cause"] == "page" and row["detail"].endswith("the text elsewhere in the article changed")


def test_the_tables_are_written(base: Path, tmp_path: Path) -> None:
    other = changed_copy(base, tmp_path / "out", other_assertion)
    assert medtables("diff", base, other, "-o", tmp_path / "diff", "-q").stdout == ""
    for name, table in DIFF_TABLES.items():
        rows = load_format("csv").read(tmp_path / "diff", table).to_pylist()
        assert bool(rows) == (name != "diff_articles")
