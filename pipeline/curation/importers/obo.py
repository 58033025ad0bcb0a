"""OBO files: the Human Phenotype Ontology, the Disease Ontology, Mondo."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from ...errors import SourceError
from . import Filters, Name, lines

_SYNONYM = re.compile(r'"((?:[^"\\]|\\.)*)" *(EXACT|BROAD|NARROW|RELATED)?([^\[]*)')
_ESCAPED = re.compile(r"\\(.)")
_COMMENT = re.compile(r"(?:(?<![\\\s])|(?<=\\\s))\s++!.*")
# Types of synonyms that say what we call a status. Those that mark a spelling our rules know need none.
_STATUSES = {"layperson": "lay", "lay": "lay", "abbreviation": "abbreviation", "acronym": "abbreviation"}
_DISCARDED = ("obsolete_synonym",)


def read_obo(path: Path, filters: Filters) -> Iterator[Name]:
    """Names and synonyms of the terms that are not obsolete, below `filters.roots` when given, roots
    included.
    """
    wanted = _below(path, filters.roots) if filters.roots else None
    for _, stanza in _stanzas(path):
        term_id = stanza["id"][0]
        if (wanted is None or term_id in wanted) and stanza.get("is_obsolete") != ["true"]:
            for value in stanza.get("name", ())[:1]:
                yield Name(term_id, _plain(_COMMENT.sub("", value)), "preferred")
            for value in stanza.get("synonym", ()):
                match = _SYNONYM.match(value)
                if match and (match[2] or "RELATED") in filters.scopes:
                    kinds = match[3].split()
                    if not any(kind in _DISCARDED for kind in kinds):
                        status = next(
                            (_STATUSES[kind.lower()] for kind in kinds if kind.lower() in _STATUSES), ""
                        )
                        yield Name(term_id, _plain(match[1]), status or "synonym")


def _plain(value: str) -> str:
    return _ESCAPED.sub(r"\1", value).strip()


def _stanzas(path: Path) -> Iterator[tuple[int, dict[str, list[str]]]]:
    """Every [Term] with the number of its first line: its values by tag."""
    stanza: dict[str, list[str]] = {}
    start, inside, any_stanza = 0, False, False
    for number, line in lines(path):
        if line.startswith("[") and line.rstrip().endswith("]"):
            if stanza.get("id"):
                yield start, stanza
            stanza, start, inside, any_stanza = {}, number, line.strip() == "[Term]", True
        elif inside and (colon := line.find(": ")) > 0:
            stanza.setdefault(line[:colon], []).append(line[colon + 2 :].strip())
    if stanza.get("id"):
        yield start, stanza
    if not any_stanza:
        raise SourceError(str(path), "holds no [Term]", "Give a file in OBO format (not OWL).")


def _below(path: Path, roots: tuple[str, ...]) -> set[str]:
    children: dict[str, list[str]] = defaultdict(list)
    known: set[str] = set()
    for _, stanza in _stanzas(path):
        known.add(stanza["id"][0])
        for value in stanza.get("is_a", ()):
            children[value.split()[0]].append(stanza["id"][0])
    if missing := [root for root in roots if root not in known]:
        raise SourceError(str(path), f"has no term {', '.join(missing)}", "Correct --root.")
    found = set(roots)
    queue = list(roots)
    for parent in queue:
        new = [child for child in children.get(parent, ()) if child not in found]
        found.update(new)
        queue += new
    return found
