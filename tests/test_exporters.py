"""Files for other tools, each read back by a reader of its format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import spacy
from bioc import biocjson
from bioc.validator import validate
from spacy.tokens import DocBin

from pipeline.convert import FORMATS, convert
from pipeline.errors import OutputError
from pipeline.evaluate import brat
from pipeline.exporters import NAMES, load_exporter
from pipeline.runs import read_run
from pipeline.runs.documents import Document, documents, text_of
from pipeline.tables import TABLES

SAMPLE = read_run(Path(__file__).parent.parent / "outputs" / "sample")
DOCUMENTS = [document for document in documents(SAMPLE) if document.mentions][:6]
LINES = ["Kidney\n  failure\u2028🧂 and\tlow potassium", "Nausea, no fever."]


def row(table: str, **cells: Any) -> dict[str, Any]:
    empty = {"string": "", "integer": 0, "number": 0.0, "boolean": False}
    found = {column.name: empty[column.type] for column in TABLES[table].columns}
    return found | {"article_id": "x"} | cells


def mention(number: int, block: int, text: str, label: str, assertion: str = "present") -> dict[str, Any]:
    whole = "\n\n".join(LINES)
    start = whole.index(text)
    return row(
        "mentions", mention=number, block=block, start=start, end=start + len(text), text=text, label=label,
        concept_id=f"{label.split()[0].lower()}:{number}", concept=f"concept {number}", assertion=assertion,
    )  # fmt: skip


@pytest.fixture
def document() -> Document:
    """Mentions over line ends, on one block each, an emoji before others, a relation with one end missing."""
    length = len(LINES[0])
    blocks = (
        row("blocks", block=0, start=0, end=length, kind="title", text=LINES[0], place="h1"),
        row(
            "blocks",
            block=1,
            start=length + 2,
            end=length + 2 + len(LINES[1]),
            kind="paragraph",
            text=LINES[1],
        ),
    )
    mentions = (
        mention(0, 0, "Kidney\n  failure", "CONDITION"),
        mention(1, 0, "low potassium", "ELECTROLYTE state", "possible"),
        mention(2, 1, "Nausea", "SYMPTOM") | {"elliptic": True},
        mention(3, 1, "fever", "SYMPTOM", "absent"),
    )
    quantities = (
        row("quantities", block=1, start=length + 4, end=length + 6, text="us", kind="dose", mention=2),
    )
    told = {"kind": "symptom_of", "certainty": "may", "basis": "list"}
    relations = (
        row("relations", relation=0, head_mention=2, tail_mention=1, **told),
        row("relations", relation=1, head_mention=2, tail_mention=None, **told),
    )
    article = row("articles", url="https://a.example/x", title="T", status="ok")
    return Document("x", text_of(blocks), article, blocks, mentions, quantities, relations)


def spans(document: Document) -> list[tuple[int, int, str]]:
    return [(found["start"], found["end"], found["concept_id"]) for found in document.mentions]


# brat

ANN = re.compile(
    r"T\d+\t[\w-]+ \d+ \d+(;\d+ \d+)*\t[^\t]+|N\d+\tReference T\d+ [^\s:]+:\S+\t[^\t]+|A\d+\t(Assertion T\d+ \w+"
    r"|Elliptic T\d+)|R\d+\t[\w-]+ Arg1:T\d+ Arg2:T\d+|#\d+\tAnnotatorNotes [RT]\d+\t[^\t]+"
)


def strict_brat(text: str, content: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    keys = [line.split("\t")[0] for line in content.split("\n")[:-1]]
    assert len(set(keys)) == len(keys)
    for line in content.split("\n")[:-1]:
        assert ANN.fullmatch(line), line
        for used in re.findall(r"(?:Arg\d:|Reference |Assertion |Elliptic |Notes )([TR]\d+)", line):
            assert used in keys
        if line[0] == "T":
            _, where, shown = line.split("\t")
            places = [tuple(map(int, part.split())) for part in where.partition(" ")[2].split(";")]
            assert shown == " ".join(text[start:end] for start, end in places)
            assert not re.search(r"[\n\r\u2028]|^\s|\s$", shown)
            yield line.split("\t")[0], places  # type: ignore[misc]


def test_brat_reads_strictly_and_by_our_own_reader(document: Document, tmp_path: Path) -> None:
    notes = load_exporter("brat")([document, *DOCUMENTS], tmp_path)
    assert notes[0].endswith("left out: the evidence does not name both ends.")
    for written in (document, *DOCUMENTS):
        text = (tmp_path / f"{written.name}.txt").read_bytes().decode()
        content = (tmp_path / f"{written.name}.ann").read_bytes().decode()
        assert text == written.text
        found = list(strict_brat(text, content))
        assert [(places[0][0], places[-1][1]) for _, places in found] == [one[:2] for one in spans(written)]
        entities = brat.read(content, written.name).entities
        told = [(entity.concept_id, str(entity.assertion)) for entity in entities]
        assert told == [(row["concept_id"], row["assertion"]) for row in written.mentions]
    lines = (tmp_path / "x.ann").read_text().splitlines()
    assert lines[0] == "T1\tCONDITION 0 6;9 16\tKidney failure"
    assert "R1\tsymptom_of Arg1:T3 Arg2:T2" in lines
    configuration = (tmp_path / "annotation.conf").read_text()
    assert "ELECTROLYTE_state\n" in configuration
    assert "symptom_of\tArg1:<ENTITY>, Arg2:<ENTITY>\n" in configuration


# Web Annotation


def check_annotation(item: dict[str, Any]) -> None:
    assert item["type"] == "Annotation"
    assert item["id"].startswith("urn:uuid:")
    assert {body["type"] for body in item["body"]} == {"TextualBody"}
    assert all(body["value"] and isinstance(body["value"], str) for body in item["body"])
    target = item["target"]
    assert target["type"] == "SpecificResource"
    assert re.match(r"https?://[^/\s]", target["source"])
    for selector in target["selector"]:
        while selector:
            match selector.pop("type"):
                case "CssSelector":
                    assert set(selector) == {"value", "refinedBy"}
                case "TextPositionSelector":
                    assert 0 <= selector["start"] < selector["end"]
                    assert len(selector) == 2
                case "TextQuoteSelector":
                    assert selector["exact"]
                    assert set(selector) == {"exact", "prefix", "suffix"}
                case other:
                    raise AssertionError(other)
            selector = dict(selector.pop("refinedBy", {}))


def test_web_annotations_select_what_they_name(document: Document, tmp_path: Path) -> None:
    assert load_exporter("webannotation")([document], tmp_path) == ()
    page = json.loads((tmp_path / "x.webannotation.jsonld").read_bytes())
    assert (page["@context"], page["type"]) == ("http://www.w3.org/ns/anno.jsonld", "AnnotationPage")
    assert len({item["id"] for item in page["items"]}) == len(page["items"]) == 4
    place, quote = page["items"][1]["target"]["selector"]
    position = place["refinedBy"]
    assert place["value"] == "h1"
    assert LINES[0][position["start"] : position["end"]] == quote["exact"] == "low potassium"
    assert quote["prefix"] + quote["exact"] + quote["suffix"] in document.text
    assert [body["value"] for body in page["items"][3]["body"]] == [
        "concept 3",
        "symptom:3",
        "SYMPTOM",
        "absent",
    ]
    for item in page["items"]:
        check_annotation(item)


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "file:///x", "http://", "https://a b", "//a.example"]
)
def test_web_annotations_have_only_web_targets(url: str, document: Document, tmp_path: Path) -> None:
    unknown = replace(document, article=document.article | {"url": url})  # type: ignore[operator]
    notes = load_exporter("webannotation")([unknown], tmp_path)
    assert notes == ("1 article is left out: a Web Annotation needs the page's http or https address.",)
    assert not list(tmp_path.iterdir())


def test_all_web_annotations_of_the_sample_are_sound(tmp_path: Path) -> None:
    load_exporter("webannotation")(DOCUMENTS, tmp_path)
    for path in tmp_path.iterdir():
        for item in json.loads(path.read_bytes())["items"]:
            check_annotation(item)


# BioC, PubAnnotation, DocBin


def test_bioc_is_valid_in_its_own_library(document: Document, tmp_path: Path) -> None:
    load_exporter("bioc")([document, *DOCUMENTS], tmp_path)
    with (tmp_path / "medtables.bioc.json").open(encoding="utf-8") as stream:
        collection = biocjson.load(stream)
    validate(collection)
    assert len(collection.documents) == 1 + len(DOCUMENTS)
    for found, written in zip(collection.documents, (document, *DOCUMENTS), strict=True):
        annotations = [one for passage in found.passages for one in passage.annotations]
        for one in annotations:
            place = one.locations[0]
            assert written.text[place.offset : place.offset + place.length] == one.text
        mentions = {
            (one.locations[0].offset, one.infons["identifier"]) for one in annotations if one.id[0] == "M"
        }
        assert mentions == {(start, concept_id) for start, _, concept_id in spans(written)}
    [relation] = collection.documents[0].relations
    assert [(node.refid, node.role) for node in relation.nodes] == [("M2", "head"), ("M1", "tail")]


def test_pubannotation_points_into_its_text(document: Document, tmp_path: Path) -> None:
    load_exporter("pubannotation")([document], tmp_path)
    found = json.loads((tmp_path / "x.pubannotation.json").read_bytes())
    assert found["text"] == document.text
    ids = {entry["id"]: entry for entry in found["denotations"]}
    assert [document.text[slice(*entry["span"].values())] for entry in found["denotations"][:4]] == [
        row["text"] for row in document.mentions
    ]
    assert all(entry["subj"] in ids for entry in found["attributes"])
    assert [(entry["pred"], entry["subj"], entry["obj"]) for entry in found["relations"]] == [
        ("symptom_of", "M2", "M1"),
        ("quantity_of", "Q0", "M2"),
    ]
    everything = [entry["id"] for name in ("denotations", "attributes", "relations") for entry in found[name]]
    assert len(set(everything)) == len(everything)


def test_docbin_keeps_every_mention(document: Document, tmp_path: Path) -> None:
    load_exporter("docbin")([document, *DOCUMENTS], tmp_path)
    docs = list(DocBin().from_disk(tmp_path / "medtables.spacy").get_docs(spacy.blank("en").vocab))
    for doc, written in zip(docs, (document, *DOCUMENTS), strict=True):
        assert doc.text == written.text
        assert [(ent.start_char, ent.end_char, ent.kb_id_) for ent in doc.ents] == spans(written)
        assert [(span.start_char, span.end_char, span.kb_id_) for span in doc.spans["mentions"]] == spans(
            written
        )
    assert [span.text for span in docs[0].spans["absent"]] == ["fever"]
    assert [(span.text, span.label_) for span in docs[0].spans["quantities"]] == [("us", "dose")]
    assert docs[0].user_data["relations"][0]["kind"] == "symptom_of"
    assert docs[0].user_data["article_id"] == "x"


# Documents and convert


def test_documents_have_distinct_names_and_their_text() -> None:
    ids = SAMPLE.articles.article_id[SAMPLE.articles.status == "ok"].tolist()
    found = list(documents(SAMPLE))
    assert [document.article["article_id"] for document in found] == ids
    assert len({document.name.lower() for document in found}) == len(found)
    for document in found:
        assert re.fullmatch(r"[A-Za-z0-9_-][\w.-]*", document.name)
        for row in (*document.blocks, *document.mentions, *document.quantities):
            assert document.text[row["start"] : row["end"]] == row["text"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_written_outside_the_folder_and_twice_the_same(
    name: str, document: Document, tmp_path: Path
) -> None:
    contents = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        load_exporter(name)([document, *DOCUMENTS[:2]], folder)
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]
    assert {path.name for path in tmp_path.iterdir()} == {"one", "two"}


def test_convert_gives_a_run_again_beside_files_for_other_tools(tmp_path: Path) -> None:
    found = convert(SAMPLE, tmp_path / "out", ["parquet", "tsv", "bioc"])
    assert {path.suffix for path in found.files} == {".parquet", ".tsv", ".json"}
    run = read_run(tmp_path / "out")
    for name in SAMPLE.tables:
        assert run.arrow(name).equals(SAMPLE.arrow(name))
    assert run.info["vocabulary_digest"] == SAMPLE.info["vocabulary_digest"]
    assert "medtables.bioc.json" in run.info["files"]
    again = convert(run, tmp_path / "again", ["csv"])
    for path in again.files:
        if path.suffix == ".csv":
            assert path.read_bytes() == (SAMPLE.path / path.name).read_bytes()


def test_convert_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is the run itself"):
        convert(SAMPLE, SAMPLE.path, ["brat"], overwrite=True)
    with pytest.raises(OutputError, match=", ".join(FORMATS)):
        convert(SAMPLE, tmp_path / "out", ["fhir"])
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(OutputError, match="something else"):
        convert(SAMPLE, tmp_path, ["csv"])
    assert {path.name for path in tmp_path.iterdir()} == {"thesis.txt"}
