"""Pipelines with our components, saved and loaded, and in several processes."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import DocBin, Span
from spacy.util import load_model_from_config

from pipeline.components.kept import Kept
from pipeline.errors import VocabularyError
from tests.components.pipelines import (
    STEPS,
    TEXT,
    blank,
    concepts,
    entities,
    overlay,
    readings,
    run,
    spans,
    trained,
)


def to_disk(nlp: Language, folder: Path) -> Language:
    nlp.to_disk(folder / "saved")
    return spacy.load((folder / "saved").rename(folder / "moved"))


def to_bytes(nlp: Language, folder: Path) -> Language:
    return load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())


@pytest.mark.parametrize("name", ["medtables", "medtables_terms"])
@pytest.mark.parametrize("save", [to_disk, to_bytes])
def test_a_saved_pipeline_is_whole_without_its_overlays(
    save: Callable[[Language, Path], Language], name: str, tmp_path: Path
) -> None:
    folders = [overlay(tmp_path / "a" / "mine", "zorbine"), overlay(tmp_path / "b" / "mine", "zorbase")]
    nlp = blank()
    config = {"vocabulary": [str(folder) for folder in folders], "spans_key": "sc"}
    nlp.add_pipe(name, config=config)
    text = "zorbine, zorbase and no fever"
    wanted = spans(nlp(text), "sc")
    assert [row[2:] for row in wanted][:2] == [
        ("gene:zorbine", "mine/terms/gene.tsv:2"),
        ("gene:zorbase", "mine/terms/gene.tsv:2"),
    ]
    nlp.to_disk(tmp_path / "before")
    for folder in folders:
        shutil.rmtree(folder)
    again = save(spacy.load(tmp_path / "before"), tmp_path)
    assert spans(again(text), "sc") == wanted
    assert "GENE" in again.pipe_labels[name]


def test_what_was_saved_wins_over_what_stands_in_the_folder_now(tmp_path: Path) -> None:
    mine = overlay(tmp_path / "mine", "zorbine")
    nlp = blank()
    nlp.add_pipe("medtables", config={"vocabulary": [str(mine)]})
    overlay(mine, "zorbase")
    again = to_disk(nlp, tmp_path)
    assert concepts(again("zorbine and zorbase")) == ["gene:zorbine"]
    fresh = load_model_from_config(nlp.config)
    assert concepts(fresh("zorbine and zorbase")) == ["gene:zorbase"], "a config alone holds paths"


def test_a_pipeline_can_be_saved_where_another_was(tmp_path: Path) -> None:
    nlp = blank()
    nlp.add_pipe("medtables", config={"vocabulary": [str(overlay(tmp_path / "mine", "zorbine"))]})
    nlp.to_disk(tmp_path / "saved")
    plainly = blank()
    plainly.add_pipe("medtables")
    plainly.to_disk(tmp_path / "saved")
    assert concepts(spacy.load(tmp_path / "saved")("zorbine")) == []


def test_the_cues_of_the_user_are_saved_too(tmp_path: Path) -> None:
    header = "cue\tcategory\tdirection\tscope\tstops\tspares\texample\n"
    cues, mine = tmp_path / "own.tsv", tmp_path / "mine"
    cues.write_text(f"{header}kein\tabsent\tforward\t3\n", encoding="utf-8")
    mine.mkdir()
    (mine / "cues.tsv").write_text(f"{header}ohne\tabsent\tforward\t3\n", encoding="utf-8")
    nlp = spacy.blank("de")
    nlp.add_pipe("medtables_assertion", config={"cues": str(cues), "vocabulary": [str(mine)]})
    nlp.to_disk(tmp_path / "saved")
    cues.unlink()
    shutil.rmtree(mine)
    for text, wanted in (("kein Fieber", "absent"), ("ohne Fieber", "absent"), ("no Fieber", "present")):
        again = spacy.load(tmp_path / "saved")
        doc = again.make_doc(text)
        doc.spans["medtables"] = [Span(doc, 1, 2, "SYMPTOM")]
        assert again(doc).spans["medtables"][0]._.medtables_assertion == wanted


def test_a_folder_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    for name in ("medtables", "medtables_patterns", "medtables_assertion"):
        nlp = blank()
        nlp.add_pipe(name, config={"vocabulary": [str(tmp_path / "none")]})
        with pytest.raises(VocabularyError, match="none: is not there"):
            nlp("No fever.")
        with pytest.raises(VocabularyError, match="none: is not there"):
            nlp.to_disk(tmp_path / "saved")


def test_a_broken_overlay_stops_add_pipe_with_its_line(tmp_path: Path) -> None:
    mine = overlay(tmp_path / "mine", "zorbine")
    path = mine / "terms" / "gene.tsv"
    path.write_text(path.read_text() + "other:x\tx\tpreferred\n")
    with pytest.raises(VocabularyError, match=r"gene\.tsv:3"):
        blank().add_pipe("medtables", config={"vocabulary": [str(mine)]})
    with pytest.raises(VocabularyError, match="is no folder"):
        blank().add_pipe("medtables", config={"vocabulary": [str(path)]})


@pytest.mark.parametrize(
    "saved",
    [b"{", b"[1]", b'{"../x.tsv": ""}', b'{"0/../../x.tsv": ""}', b'{"0//x/y.tsv": ""}', b'{"0": ""}'],
)
def test_saved_files_stay_in_their_folder(saved: bytes) -> None:
    component = blank().add_pipe("medtables_terms")
    assert isinstance(component, Kept)
    with pytest.raises(VocabularyError):
        component.from_bytes(saved)


def test_docs_travel_in_a_doc_bin(tmp_path: Path) -> None:
    nlp = trained()
    nlp.add_pipe("medtables", config={"set_ents": True, "overwrite_ents": True})
    doc = nlp(TEXT)
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "docs.spacy")
    (again,) = DocBin().from_disk(tmp_path / "docs.spacy").get_docs(blank().vocab)
    assert spans(again) == spans(doc) and len(spans(doc)) >= 6
    assert entities(again) == entities(doc)
    assert list(again._.medtables) == doc._.medtables
    assert readings(again) == readings(doc) and ("absent", "no") in readings(doc)


@pytest.mark.parametrize(
    "names", [["medtables"], [*(f"medtables_{step}" for step in STEPS), "medtables_assertion"]]
)
def test_two_processes_find_what_one_finds(names: list[str], tmp_path: Path) -> None:
    nlp = blank()
    config = {"vocabulary": [str(overlay(tmp_path / "mine", "zorbine"))]}
    for name in names:
        nlp.add_pipe(name, config=config)
    texts = [TEXT, "No zorbine.", "", "low sodium"] * 3
    one, two = (
        [
            (spans(doc), doc.user_data, readings(doc))
            for doc in nlp.pipe(texts, n_process=number, batch_size=2)
        ]
        for number in (1, 2)
    )
    assert one == two


def test_processes_that_inherit_nothing_get_the_overlay_too(tmp_path: Path) -> None:
    mine = overlay(tmp_path / "mine", "zorbine")
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing, shutil, spacy\n"
        "import pipeline.components.factories\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('spawn')\n"
        "    nlp = spacy.blank('en')\n"
        f"    nlp.add_pipe('medtables', config={{'vocabulary': [{str(mine)!r}]}})\n"
        f"    shutil.rmtree({str(mine)!r})\n"
        "    for doc in nlp.pipe(['no zorbine', 'fever'], n_process=2, batch_size=1):\n"
        "        print([(row['concept_id'], row['assertion']) for row in doc._.medtables])\n"
    )
    done = run(str(script))
    assert done == "[('gene:zorbine', 'absent')]\n[('symptom:fever', 'present')]\n"


def test_components_can_be_pickled() -> None:
    nlp = blank()
    for name in ("medtables", "medtables_assertion"):
        component = nlp.add_pipe(name)
        again = pickle.loads(pickle.dumps(component))
        doc = again(nlp("No fever"))
        assert doc.spans["medtables"][0]._.medtables_assertion == "absent"


def test_components_share_one_vocabulary_in_memory() -> None:
    first, second = (blank().add_pipe(name) for name in ("medtables", "medtables_gates"))
    assert isinstance(first, Kept) and isinstance(second, Kept)
    assert first.made is second.made
