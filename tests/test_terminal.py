"""What `show`, `explain` and their siblings print of a page that has a bit of everything."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from click.testing import Result

from pipeline.errors import OutputError
from pipeline.extract import Engine
from pipeline.runs import read_run
from tests.command import medtables

PAGE = """<html><head><link rel="canonical" href="https://health.example/low"></head><body><article>
<h1>Low potassium</h1>
<p>Many people who have a low level of potassium in the blood feel very tired for weeks before they find out why.
Normal potassium is 3.5 to 5.0 mmol/L. Take potassium chloride 20 mEq twice a day. Dehydration can cause fatigue.
He was born with neurofibromatosis type 3.</p>
<h2>Symptoms</h2>
<ul><li>no fever</li><li>cough<ul><li>rash</li></ul></li></ul>
<blockquote><p>My muscle cramps went away in a week.</p></blockquote>
<table><tr><th>Sign</th><th>Share</th></tr><tr><td>nausea</td><td>10% of people</td></tr></table>
<figure><img src="x.png" alt=""><figcaption>A heart with palpitations.</figcaption></figure>
</article></body></html>"""


@pytest.fixture
def page(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(import_module("pipeline.extract"), "load_engine", lambda vocabulary=(): engine)
    path = tmp_path / "low.html"
    path.write_text(PAGE)
    return path


def lines(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


def test_show_prints_every_kind_of_block(page: Path) -> None:
    shown = medtables("show", page).stdout.splitlines()
    assert "= [Low potassium](condition:hypokalemia)" in shown
    assert "## Symptoms  (section symptoms)" in shown
    assert "  - no [fever](symptom:fever absent)" in shown
    assert "    - [rash](symptom:rash)" in shown
    assert '  " My [muscle cramps](symptom:muscle-cramp) went away in a week.' in shown
    assert any(
        line.startswith("  | ") and "Symptoms > Sign: [nausea](symptom:nausea)" in line for line in shown
    )
    assert "  ^ A heart with [palpitations](symptom:palpitations)." in shown


def test_show_prints_quantities_below_their_block_and_relations_at_the_end(page: Path) -> None:
    shown = lines(medtables("show", page))
    paragraph = next(number for number, line in enumerate(shown) if line.startswith("Many people"))
    assert shown[paragraph + 1 : paragraph + 3] == [
        "3.5 to 5.0 mmol/L: reference_range 3.5 to 5 mmol/L, of electrolyte:potassium",
        "20 mEq: dose 20 mEq, 2 a day, of medication:potassium-chloride",
    ]
    said = "condition:dehydration causes symptom:fatigue (may, sentence): Dehydration can cause fatigue."
    assert said in shown[shown.index("## Symptoms (section symptoms)") :]


def test_explain_prints_what_decided_and_what_follows(page: Path) -> None:
    told = lines(medtables("explain", page))
    assert "words cramps → cramp" in told
    lost = next(line for line in told if line.startswith("lost 'potassium' electrolyte:potassium, terms/"))
    assert lost.endswith("is shorter than 'Low potassium'")
    assert "assertion present: no cue reaches it" in told
    assert "assertion absent, for 'no'" in told
    assert "quantity 20 mEq: dose 20 mEq, 2 a day" in told
    said = "condition:dehydration causes symptom:fatigue: may, by sentence: Dehydration can cause fatigue."
    assert f"relation {said}" in told
    assert "block list_item under Symptoms (section symptoms)" in told
    assert any(line.startswith("link https://health.example/low#:~:text=") for line in told)


def test_explain_shows_a_pattern_by_its_id_and_an_example(page: Path) -> None:
    [told] = [
        line for line in lines(medtables("explain", page, "neurofibromatosis")) if "pattern patterns/" in line
    ]
    assert "condition-type" in told and "[neurofibromatosis type 3](" in told
    assert "ENT_TYPE" not in told


def test_explain_tells_the_first_of_many_places_only(page: Path) -> None:
    page.write_text(PAGE.replace("no fever", "zorbs or zorbs or zorbs or zorbs or zorbs"))
    told = medtables("explain", page, "zorbs")
    assert told.exit_code == 1
    assert "and 2 more" in told.stdout


def test_explain_wants_one_page(page: Path, tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text(PAGE)
    told = medtables("explain", tmp_path)
    assert told.exit_code != 0 and "holds more than one page" in told.stderr


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "page.html").write_text(PAGE)
    done = medtables("run", folder / "page.html", "-o", folder / "tables", "--workers", 1, "-q")
    assert (done.exit_code, done.output) == (0, "")
    return folder / "tables"


@pytest.mark.parametrize(
    "command", [("convert", "--to", "brat,sqlite"), ("report", "-o"), ("report", "-o", "heat.svg")]
)
def test_quiet_commands_write_and_say_nothing(command: tuple[str, ...], run: Path, tmp_path: Path) -> None:
    out = tmp_path / (command[-1] if command[-1].endswith(".svg") else "page.html")
    if command[0] == "convert":
        done = medtables(*command[:1], run, *command[1:], "-o", tmp_path / "out", "-q")
        out = tmp_path / "out"
    else:
        done = medtables("report", run, "-o", out, "-q")
    assert (done.exit_code, done.output) == (0, "")
    assert out.exists()


def test_a_run_says_what_it_is_and_what_it_holds(run: Path) -> None:
    found = read_run(run)
    assert repr(found) == f"Run('{run}': articles, blocks, mentions, quantities, relations, concepts)"
    assert found.relations["kind"].tolist() == ["causes", "symptom_of", "symptom_of", "symptom_of"]
    with pytest.raises(OutputError, match=r"holds no table words\s+It holds articles, blocks"):
        found.table("words")


def test_a_heat_map_of_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(
        "The garden is green and the house is old, and nobody lives there now."
    )
    assert medtables("run", tmp_path / "page.txt", "-o", tmp_path / "tables", "--workers", 1).exit_code == 0
    done = medtables("report", tmp_path / "tables", "-o", tmp_path / "heat.svg")
    assert done.exit_code == 1 and "mentions no concept" in done.stderr
    assert not (tmp_path / "heat.svg").exists()


def test_a_file_is_no_folder_for_tables(run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = medtables("compare", run, "-o", tmp_path / "file")
    assert done.exit_code == 1 and "is a file, not a folder" in done.stderr
    assert (tmp_path / "file").read_text() == "mine"
