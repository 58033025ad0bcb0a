"""The comparison of the sample run as a whole, and the command."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from pipeline import batch, compare
from pipeline.cli import compare_view
from pipeline.compare import Options
from pipeline.compare.agreement import CLAIM
from pipeline.compare.clusters import ALIKE
from pipeline.compare.peculiar import TOP
from pipeline.compare.rollup import LEVELS
from pipeline.compare.tables import COMPARE_TABLES
from pipeline.runs import read_run
from pipeline.runs.package import read_json, write_json
from pipeline.tables.schema import table_schema
from pipeline.writers import load_format
from tests.command import medtables

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "outputs" / "sample"


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


def test_a_vocabulary_that_is_gone_is_a_note(tmp_path: Path) -> None:
    for path in SAMPLE.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    info = read_json(tmp_path / "run.json")
    info["options"]["vocabulary"] = ["nowhere/mine"]
    write_json(tmp_path / "run.json", info)
    found = compare.compare(read_run(tmp_path))
    assert found.notes[-1].startswith("the run's vocabulary nowhere/mine is not there")


def test_peers_may_be_those_of_a_year() -> None:
    found = compare.compare(read_run(SAMPLE), Options(peers_by="year"))["missing"]
    years = compare.grouped(read_run(SAMPLE).articles, "year").set_index("article_id")["group"]
    assert len(found)
    for row in found.itertuples():
        assert {years[one] for one in row.found_in.split(" | ")} == {years[row.article_id]} != {""}


def test_claims_of_brands_are_claims_of_their_ingredients(monkeypatch: pytest.MonkeyPatch) -> None:
    real = compare.load([])
    link = ("condition:hypokalemia", "has_ingredient", "condition:hypomagnesemia")
    monkeypatch.setattr(compare, "load", lambda folders: replace(real, relations=(*real.relations, link)))
    run = read_run(SAMPLE)
    plain = compare.compare(run)["agreement"].set_index(CLAIM)
    rolled = compare.compare(run, Options(levels=("ingredient",)))["agreement"].set_index(CLAIM)
    low_potassium, low_magnesium = (
        ("mention", "condition:hypokalemia", ""),
        ("mention", "condition:hypomagnesemia", ""),
    )
    assert low_potassium in plain.index and low_potassium not in rolled.index
    assert rolled.loc[low_magnesium, "articles"] > plain.loc[low_magnesium, "articles"]
    assert (
        low_potassium
        in compare.compare(run, Options(levels=("electrolyte",)))["agreement"].set_index(CLAIM).index
    )


def test_what_is_too_much_or_not_there_is_left_out_with_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = read_json(SAMPLE / "datapackage.json")
    package["resources"] = [one for one in package["resources"] if one["name"] != "relations"]
    for path in filter(Path.is_file, SAMPLE.iterdir()):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    write_json(tmp_path / "datapackage.json", package)
    monkeypatch.setattr(compare, "MOST_WIDE", 100)
    monkeypatch.setattr(import_module("pipeline.compare.clusters"), "MOST_ARTICLES", 5)
    found = compare.compare(read_run(tmp_path))
    assert "matrix_weight" not in found.frames
    assert found["clusters"].empty and not found["similarity"].empty
    assert set(found["agreement"]["kind"]) == {"mention"}
    assert [note.split(":")[0] for note in found.notes] == [
        "the run holds no table relations; what is made of it is empty",
        "clusters is empty",
        "the wide matrices are left out",
    ]


def test_a_run_without_mentions_or_articles(tmp_path: Path) -> None:
    pages = tmp_path / "in"
    pages.mkdir()
    (pages / "a.txt").write_text(
        "The weather\n\nIt was a fine day on the hill, and nobody spoke of anything else.\n"
    )
    batch.run([pages], tmp_path / "out", workers=1)
    found = compare.compare(read_run(tmp_path / "out"), Options(by="site"))
    assert len(found["compared"]) == 1 and found["prevalence"].empty and found["prevalence_by"].empty
    assert medtables("compare", tmp_path / "out").exit_code == 0
    (pages / "a.txt").write_text("")
    batch.run([pages], tmp_path / "out", workers=1, overwrite=True)
    done = medtables("compare", tmp_path / "out")
    assert done.exit_code == 1 and "holds no article with the status ok" in done.stderr


# --- the command


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


def test_the_command_counts_each_story_once(tmp_path: Path) -> None:
    copy, original = (
        "musclenotes.example/print/muscle-twitching-causes.html",
        "wordpress-muscle-twitching.html",
    )
    for path in filter(Path.is_file, SAMPLE.iterdir()):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    frame = pd.read_csv(SAMPLE / "articles.csv", dtype="str", keep_default_na=False)
    frame.loc[frame["article_id"] == copy, "duplicate_of"] = original
    frame.to_csv(tmp_path / "articles.csv", index=False, lineterminator="\r\n")

    def twitches(*options: str) -> int:
        out = tmp_path / f"out{len(options)}"
        result = medtables("compare", tmp_path, "-o", out, *options)
        assert result.exit_code == 0, result.output
        assert ("since they repeat another: 1" in result.output) == bool(options)
        compared = pd.read_csv(out / "compared.csv", dtype="str", keep_default_na=False)
        assert original in set(compared["article_id"])
        assert (copy in set(compared["article_id"])) != bool(options)
        prevalence = pd.read_csv(out / "prevalence.csv").set_index("concept_id")
        return int(prevalence.loc["symptom:muscle-twitching", "articles"])

    assert twitches("--once-per-story") == twitches() - 1


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
    cli_compare = import_module("pipeline.cli.compare")
    assert (cli_compare.ALIKE, cli_compare.TOP, cli_compare.ROWS) == (ALIKE, TOP, compare_view.ROWS)
    assert tuple(LEVELS) == cli_compare.LEVELS
