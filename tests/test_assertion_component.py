"""medtables_assertion in other people's pipelines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc, DocBin, Span
from spacy.util import load_model_from_config

import pipeline.components.factories  # noqa: F401  (registers the factory where the package is not installed)
from pipeline.terminology import CUE_COLUMNS

TEXT = "The patient denies chest pain, his mother had gout, r/o pneumonia; cough for 3 days."
WANTED = [
    ("chest pain", "absent", "denies"),
    ("gout", "other", "mother had"),
    ("pneumonia", "possible", "r/o"),
    ("cough", "present", ""),
]


def marked(doc: Doc, phrases: list[str], key: str = "medtables") -> Doc:
    spans = []
    for phrase in phrases:
        start = doc.text.index(phrase)
        span = doc.char_span(start, start + len(phrase), label="PROBLEM", alignment_mode="expand")
        assert span is not None
        spans.append(span)
    doc.spans[key] = spans
    return doc


def readings(doc: Doc, key: str = "medtables") -> list[tuple[str, str, str]]:
    return [(span.text, span._.medtables_assertion, span._.medtables_cue) for span in doc.spans[key]]


def read(nlp: Language, text: str, phrases: list[str], key: str = "medtables") -> list[tuple[str, str, str]]:
    return readings(nlp(marked(nlp.make_doc(text), phrases, key)), key)


def assertions(nlp: Language, text: str, phrases: list[str]) -> list[str]:
    return [assertion for _, assertion, _ in read(nlp, text, phrases)]


@pytest.fixture
def nlp() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("medtables_assertion")
    return nlp


def test_blank_english(nlp: Language) -> None:
    assert read(nlp, TEXT, [phrase for phrase, _, _ in WANTED]) == WANTED


@pytest.mark.parametrize("language", ["xx", "de"])
def test_any_language_class_and_tokenizer(language: str) -> None:
    nlp = spacy.blank(language)
    nlp.tokenizer = Tokenizer(nlp.vocab)  # white space only: "pain," is one token
    nlp.add_pipe("medtables_assertion")
    found = read(nlp, TEXT, [phrase for phrase, _, _ in WANTED])
    assert [assertion for _, assertion, _ in found] == [assertion for _, assertion, _ in WANTED]


def test_one_token_per_character_and_spans_within_words(nlp: Language) -> None:
    text = "no chest-pain"
    doc = marked(Doc(nlp.vocab, words=list(text), spaces=[False] * len(text)), ["pain"])
    assert readings(nlp(doc)) == [("pain", "absent", "no")]


def test_spans_key_is_configurable() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("medtables_assertion", config={"spans_key": "sc"})
    doc = marked(nlp.make_doc("No fever"), ["fever"], "sc")
    doc.spans["medtables"] = [Span(doc, 1, 2, "OTHER")]
    assert readings(nlp(doc), "sc") == [("fever", "absent", "No")]


def test_two_components_read_two_keys() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("medtables_assertion", name="first", config={"spans_key": "a"})
    nlp.add_pipe("medtables_assertion", name="second", config={"spans_key": "b"})
    doc = marked(marked(nlp.make_doc("No fever but cough"), ["fever"], "a"), ["cough"], "b")
    doc = nlp(doc)
    assert (readings(doc, "a")[0][1], readings(doc, "b")[0][1]) == ("absent", "present")


def test_without_spans_nothing_happens(nlp: Language) -> None:
    assert "medtables" not in nlp("No fever.").spans
    assert nlp("").text == ""


def test_cues_of_the_user_replace_those_of_the_package(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text("\t".join(CUE_COLUMNS) + "\nkein\tabsent\tforward\t3\n", encoding="utf-8")
    nlp = spacy.blank("de")
    nlp.add_pipe("medtables_assertion", config={"cues": str(path)})
    assert assertions(nlp, "kein Fieber", ["Fieber"]) == ["absent"]
    assert assertions(nlp, "no Fieber", ["Fieber"]) == ["present"]


def to_disk(nlp: Language, folder: Path) -> Language:
    nlp.to_disk(folder)
    return spacy.load(folder)


def to_bytes(nlp: Language, folder: Path) -> Language:
    return load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())


@pytest.mark.parametrize("save", [to_disk, to_bytes])
def test_a_saved_pipeline_reads_alike(save: Callable[[Language, Path], Language], tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("medtables_assertion", config={"spans_key": "problems"})
    again = save(nlp, tmp_path / "saved")
    assert read(again, TEXT, [phrase for phrase, _, _ in WANTED], "problems") == WANTED


def test_pipe_reads_each_doc_as_alone(nlp: Language) -> None:
    texts = ["No fever.", "Fever: none. Was fever seen?", "She has fever."] * 3
    docs = [marked(nlp.make_doc(text), ["fever" if "fever" in text else "Fever"]) for text in texts]
    alone = [assertions(nlp, doc.text, [doc.spans["medtables"][0].text]) for doc in docs]
    piped = [
        [assertion for _, assertion, _ in readings(doc)] for doc in nlp.pipe(docs, n_process=1, batch_size=2)
    ]
    assert piped == alone
    assert piped[0] == ["absent"] and piped[2] == ["present"]


def test_readings_travel_in_a_doc_bin(nlp: Language) -> None:
    doc = nlp(marked(nlp.make_doc("No fever"), ["fever"]))
    (again,) = DocBin(docs=[doc], store_user_data=True).get_docs(nlp.vocab)
    assert readings(again) == [("fever", "absent", "No")]


def test_sentences_of_the_doc_are_used(nlp: Language) -> None:
    text = "no fever cough rash"
    doc = marked(nlp.make_doc(text), ["fever", "cough", "rash"])
    for token in doc:
        token.is_sent_start = token.text in ("no", "cough")
    assert [assertion for _, assertion, _ in readings(nlp(doc))] == ["absent", "present", "present"]


def test_without_sentences_lines_are_sentences_unless_they_are_wrapped(nlp: Language) -> None:
    assert assertions(nlp, "No fever\nCough since May", ["fever", "Cough"]) == ["absent", "present"]
    assert assertions(nlp, "No fever.\n\nCough since May", ["fever", "Cough"]) == ["absent", "present"]
    wrapped = "Extremities: No cyanosis,\nclubbing or\nedema."
    assert assertions(nlp, wrapped, ["cyanosis", "clubbing", "edema"]) == ["absent"] * 3
    assert assertions(nlp, "No fever or\r\ncough", ["fever", "cough"]) == ["absent"] * 2


def test_curly_quotes_and_other_characters_keep_their_offsets(nlp: Language) -> None:
    assert assertions(nlp, "She doesn’t have “asthma” — but gout…", ["asthma", "gout"]) == [
        "absent",
        "present",
    ]


def test_spacy_finds_the_installed_factory_without_an_import_of_ours() -> None:
    code = (
        "import sys, spacy; nlp = spacy.blank('en'); nlp.add_pipe('medtables_assertion');"
        "print([name for name in ('pandas', 'bs4', 'pyarrow', 'click') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "pandas" not in done.stdout and "bs4" not in done.stdout and "pyarrow" not in done.stdout
