"""No file that medtables reads runs code: real pickles that would make a folder, wherever one could be read."""

from __future__ import annotations

import bz2
import os
import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import spacy

from pipeline import batch
from pipeline.convert import convert
from pipeline.errors import MedtablesError, OutputError, VocabularyError
from pipeline.extract import load_engine
from pipeline.runs import read_run
from pipeline.sources import SUFFIXES
from pipeline.tables import TABLES
from pipeline.writers import NAMES, load_format

PAGE = "<html lang=en><title>Fever</title><article><h1>Fever</h1><p>Fever may cause headache and nausea.</p></article>"


class Payload:
    """Unpickled, it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self._folder,)


@pytest.fixture
def payload(tmp_path: Path) -> bytes:
    content = pickle.dumps(Payload(tmp_path / "trial"))
    pickle.loads(content)
    assert (tmp_path / "trial").is_dir()  # it works
    return pickle.dumps(Payload(tmp_path / "broken in"))


@pytest.fixture(autouse=True)
def _nothing_ran(tmp_path: Path) -> object:
    yield
    assert not (tmp_path / "broken in").exists()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.html").write_text(PAGE)
    return folder


def _loaded(payload: bytes) -> pa.Table:
    """A table with a column that old versions of pyarrow unpickled to learn its type."""
    metadata = {"ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": payload}
    field = pa.field("html", pa.binary(), metadata=metadata)
    return pa.table([pa.array([PAGE.encode()])], schema=pa.schema([field]))


def test_inputs(pages: Path, tmp_path: Path, payload: bytes) -> None:
    for number, suffix in enumerate(SUFFIXES):
        (pages / f"{number}{suffix}").write_bytes(payload)
        (pages / f"{number}{suffix}.bz2").write_bytes(bz2.compress(payload))
    pq.write_table(_loaded(payload), pages / "typed.parquet")
    batch.run([pages], tmp_path / "out", workers=1)
    rows = read_run(tmp_path / "out").articles.set_index("article_id")["status"]
    assert rows["a.html"] == rows["typed.parquet#1"] == "ok"
    assert len(rows) > len(SUFFIXES)


@pytest.mark.parametrize("where", ["parts", "stream", "new", "lock"])
def test_a_folder_to_go_on_in(pages: Path, tmp_path: Path, payload: bytes, where: str) -> None:
    out = tmp_path / "out"
    batch.run([pages], out, workers=1)
    hidden = out / ".medtables"
    [part] = (hidden / "parts").iterdir()
    if where == "parts":
        part.write_bytes(payload)
        (hidden / "parts" / "x.part").write_bytes(payload)
    elif where == "stream":
        table = _loaded(payload)
        with pa.OSFile(str(part), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
    elif where == "new":
        (hidden / "new").mkdir()
        (hidden / "new" / "x.pkl").write_bytes(payload)
    else:
        (hidden / "lock").write_bytes(payload)
    assert batch.run([pages], out, workers=1, resume=True).statuses == {"ok": 1}


@pytest.mark.parametrize("name", ["", "new", "parts", "lock"])
@pytest.mark.parametrize("options", [{"resume": True}, {"overwrite": True}], ids=["resume", "overwrite"])
def test_an_output_folder_with_links_empties_no_other(
    pages: Path, tmp_path: Path, name: str, options: dict[str, bool]
) -> None:
    other = tmp_path / "mine"
    for inner in (other, other / "new", other / "parts"):
        inner.mkdir()
        (inner / "thesis.txt").write_text("mine")
    out = tmp_path / "out"
    batch.run([pages], out, workers=1)
    link = out / ".medtables" / name
    link.rename(tmp_path / "moved") if link.exists() else None
    link.symlink_to(other if name != "lock" else other / "thesis.txt")
    with pytest.raises(OutputError):
        batch.run([pages], out, workers=1, **options)  # type: ignore[arg-type]
    assert sorted(path.read_text() for path in other.rglob("*.txt")) == ["mine"] * 3


def test_nothing_but_own_files_is_removed_from_the_parts(pages: Path, tmp_path: Path) -> None:
    batch.run([pages], tmp_path / "out", workers=1)
    parts = tmp_path / "out" / ".medtables" / "parts"
    (parts / "thesis.txt").write_text("mine")
    (parts / "folder").mkdir()
    batch.run([pages], tmp_path / "out", workers=1, resume=True)
    assert (parts / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("name", NAMES)
def test_tables_of_a_run(pages: Path, tmp_path: Path, payload: bytes, name: str) -> None:
    batch.run([pages], tmp_path / "out", workers=1, formats=(name,))
    file = tmp_path / "out" / load_format(name).file_name(TABLES["articles"])
    file.write_bytes(payload)
    with pytest.raises(OutputError):
        read_run(tmp_path / "out").articles  # noqa: B018
    if name == "parquet":
        pq.write_table(_loaded(payload), file)
        with pytest.raises(OutputError):
            read_run(tmp_path / "out").articles  # noqa: B018
    for account in ("run.json", "datapackage.json"):
        (tmp_path / "out" / account).write_bytes(payload)
    with pytest.raises(MedtablesError):
        convert(tmp_path / "out", tmp_path / "converted", ["csv"])


def test_vocabulary_folders(tmp_path: Path, payload: bytes) -> None:
    folder = tmp_path / "mine"
    (folder / "terms").mkdir(parents=True)
    (folder / "patterns").mkdir()
    for name in ("engine.pkl", "cache.pickle", "terms/matcher.pkl", "patterns/x.bin"):
        (folder / name).write_bytes(payload)
    (folder / "terms" / "symptom.tsv").write_text("concept_id\tterm\tstatus\tcase\texample\tnot_example\n")
    load_engine([folder])  # what is no part of a vocabulary is not opened
    for name in ("terms/symptom.tsv", "patterns/symptom.jsonl", "cues.tsv"):
        (folder / name).write_bytes(payload)
        with pytest.raises(VocabularyError):
            load_engine([folder])
        (folder / name).unlink()


def test_saved_pipelines(tmp_path: Path, payload: bytes) -> None:
    terms = tmp_path / "mine" / "terms"
    terms.mkdir(parents=True)
    (terms / "symptom.tsv").write_text(
        "concept_id\tterm\tstatus\tcase\texample\tnot_example\nsymptom:zorb\tzorb\tpreferred\t\t\t\n"
    )
    nlp = spacy.blank("en")
    nlp.add_pipe("medtables", config={"vocabulary": [str(tmp_path / "mine")]})
    nlp.to_disk(tmp_path / "saved")
    [saved] = (tmp_path / "saved").rglob("overlays.json")
    saved.write_bytes(payload)
    with pytest.raises(VocabularyError, match="cannot be read"):
        spacy.load(tmp_path / "saved")
