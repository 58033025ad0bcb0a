"""The descriptors of MeSH as XML (desc2026.xml, 300 MB)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from ...errors import SourceError
from . import Filters, Name, natural, open_binary

# What MeSH says of a narrower or related concept within a descriptor, in the words of OBO.
_SCOPES = {"NRW": "NARROW", "BRD": "BROAD", "REL": "RELATED"}
_ABBREVIATIONS = ("ABB", "ACR", "ABX", "ACX")


def read_mesh(path: Path, filters: Filters) -> Iterator[Name]:
    """Names of the descriptors below one of `filters.trees` (all without). Inverted names are turned
    round.
    """
    with open_binary(path) as content:
        try:
            found = False
            records = etree.iterparse(
                content,
                events=("end",),
                tag="DescriptorRecord",
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=True,
            )
            for _, record in records:
                found = True
                numbers = [number.text or "" for number in record.iterfind("TreeNumberList/TreeNumber")]
                if not filters.trees or any(
                    _inside(number, tree) for number in numbers for tree in filters.trees
                ):
                    yield from _names(record, filters.scopes)
                # What was read is let go at once, or memory would grow to ten times the file.
                record.clear()
                while record.getprevious() is not None:
                    del record.getparent()[0]
        except (etree.XMLSyntaxError, OSError, EOFError) as error:
            raise SourceError(str(path), f"cannot be read ({error})", "Download the file again.") from error
    if not found:
        raise SourceError(str(path), "holds no DescriptorRecord", "Give the descriptors, descYEAR.xml.")


def _inside(number: str, tree: str) -> bool:
    return number == tree or number.startswith(f"{tree}.") or (len(tree) == 1 and number.startswith(tree))


def _names(record: Any, scopes: tuple[str, ...]) -> Iterator[Name]:
    # Only the direct child: other descriptors' ids stand deeper, as pharmacological actions and see-also
    # entries.
    source_id = f"mesh:{record.findtext('DescriptorUI', '').strip()}"
    yield Name(source_id, natural(record.findtext("DescriptorName/String", "").strip()), "preferred")
    concepts = list(record.iterfind("ConceptList/Concept"))
    relations = {
        relation.findtext("Concept2UI"): relation.get("RelationName", "")
        for concept in concepts
        for relation in concept.iterfind("ConceptRelationList/ConceptRelation")
    }
    for concept in concepts:
        if concept.get("PreferredConceptYN") != "Y":
            kind = relations.get(concept.findtext("ConceptUI"), "")
            if _SCOPES.get(kind, "RELATED") not in scopes:
                continue
        for term in concept.iterfind("TermList/Term"):
            if term.get("IsPermutedTermYN") != "Y":
                status = "abbreviation" if term.get("LexicalTag") in _ABBREVIATIONS else "synonym"
                yield Name(source_id, natural(term.findtext("String", "").strip()), status)
