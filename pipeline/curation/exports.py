"""Write the vocabulary in the formats of other programs: spaCy's EntityRuler, OBO, CSV."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import IO, Any

from .. import __version__
from ..components.plain_tokens import english_tokens
from ..terminology import NAMING, Pattern, Term, Terminology
from .catalogue import mappings

FORMATS = ("spacy", "obo", "csv")
CSV_COLUMNS = ("label", "concept_id", "concept", "term", "status", "case", "where")
_SYNONYM_TYPES = {
    "abbreviation": "abbreviation",
    "brand": "brand name",
    "lay": "everyday words",
    "symbol": "chemical symbol",
}
_UNSAFE = re.compile(r'(["\\{}])')


def write(words: Terminology, format: str, stream: IO[str]) -> str:
    """Write `words` to `stream` in one of FORMATS; what a user must know of the result, in one sentence."""
    return {"spacy": _spacy, "obo": _obo, "csv": _csv}[format](words, stream)


def _csv(words: Terminology, stream: IO[str]) -> str:
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(CSV_COLUMNS)
    for term in words.terms:
        case = term.case
        concept = words.names[term.concept_id]
        rows.writerow((term.label, term.concept_id, concept, term.text, term.status, case, term.where))
    return f"{len(words.terms):,} terms"


def _spacy(words: Terminology, stream: IO[str]) -> str:
    """One EntityRuler pattern a line. Terms in any case are phrases, exact terms and patterns are tokens.

    Our matcher knows plurals by rule and a ruler does not, so they are written out.
    """
    count = 0

    def put(label: str, pattern: str | list[dict[str, Any]], entity_id: str) -> None:
        nonlocal count
        count += 1
        stream.write(
            json.dumps({"label": label, "pattern": pattern, "id": entity_id}, ensure_ascii=False) + "\n"
        )

    any_case = {term.text.lower() for term in words.terms if not term.exact}
    for term in words.terms:
        if not term.exact:
            put(term.label, term.text, term.concept_id)
            several = _plural(term.text)
            if term.status != "brand" and several.lower() not in any_case:
                put(term.label, several, term.concept_id)
    exact = [term for term in words.terms if term.exact]
    for term, tokens in zip(exact, english_tokens(term.text for term in exact), strict=True):
        put(term.label, [{"ORTH": token} for token in tokens], term.concept_id)
    forms: dict[str, list[str]] = defaultdict(list)
    for word in words.lexicon:
        forms[word.kind].append(word.form.lower())
    left_out = 0
    for pattern in words.patterns:
        composed = _tokens(pattern, forms)
        if composed is None:
            left_out += 1
        else:
            put(pattern.label, composed, f"{pattern.label.lower()}:{pattern.id}")
    return (
        f"{count:,} patterns, {left_out} left out that lean on other mentions. Read them with "
        'nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"}).from_disk(FILE): '
        "by default a ruler finds terms only in the case in which they are written."
    )


def _plural(text: str) -> str:
    """`text` with its last word in the plural, by the regular rules; a text that ends in s as it is."""
    if text.endswith("sis"):
        return f"{text[:-2]}es"
    if text.endswith("s") or not text[-1].isalpha():
        return text
    if text.endswith(("x", "z", "ch", "sh")):
        return f"{text}es"
    return f"{text[:-1]}ies" if re.search(r"[^aeiou]y$", text) else f"{text}s"


def _tokens(pattern: Pattern, forms: dict[str, list[str]]) -> list[dict[str, Any]] | None:
    """The token pattern with the words of classes written out; None where a ruler cannot do the same."""
    if pattern.keep or pattern.label == "BLOCKED":
        return None
    tokens: list[dict[str, Any]] = []
    for token in pattern.tokens:
        if "ENT_TYPE" in token:
            return None
        plain = {key: value for key, value in token.items() if key not in ("CLASS", "NORM")}
        if "CLASS" in token:
            plain["LOWER"] = {"IN": forms.get(token["CLASS"], [])}
        if "NORM" in token:
            plain["LOWER"] = token["NORM"]
        tokens.append(plain)
    return tokens


def _obo(words: Terminology, stream: IO[str]) -> str:
    terms: dict[str, list[Term]] = defaultdict(list)
    for term in words.terms:
        terms[term.concept_id].append(term)
    codes: dict[str, list[str]] = defaultdict(list)
    for subject, predicate, target, _ in mappings(words.folders):
        if predicate == "skos:exactMatch":
            codes[subject].append(target)
    relations: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for subject, predicate, target in words.relations:
        if subject in terms and target in terms:
            relations[subject].append((predicate, target))
    stream.write(f"format-version: 1.4\ndata-version: {__version__}\n")
    for kind, meaning in _SYNONYM_TYPES.items():
        stream.write(f'synonymtypedef: {kind} "{meaning}" EXACT\n')
    stream.write("ontology: medtables\n")
    for concept_id in sorted(terms):
        lines = _stanza(concept_id, terms[concept_id], codes[concept_id], relations[concept_id], words.names)
        stream.write("\n[Term]\n" + "".join(f"{line}\n" for line in lines))
    kinds = {predicate for _, predicate, _ in words.relations} - {"is_a"}
    for kind in sorted(kinds):
        stream.write(f"\n[Typedef]\nid: {kind}\nname: {kind.replace('_', ' ')}\n")
    return f"{len(terms):,} concepts"


def _stanza(
    concept_id: str,
    terms: list[Term],
    codes: list[str],
    relations: list[tuple[str, str]],
    names: dict[str, str],
) -> Iterator[str]:
    name = names[concept_id]
    yield f"id: {concept_id}"
    yield f"name: {_escaped(name)}"
    yield f"namespace: {concept_id.partition(':')[0]}"
    written = {name}
    for term in terms:
        if term.text not in written:
            written.add(term.text)
            kind = f" {term.status}" if term.status in _SYNONYM_TYPES else ""
            yield f'synonym: "{_escaped(term.text)}" EXACT{kind} []'
    for code in sorted(set(codes)):
        yield f"xref: {code}"
    own = next((term.status for term in terms if term.status in NAMING), "preferred")
    if own != "preferred":
        yield f'property_value: status "{own}" xsd:string'
    for predicate, target in sorted(set(relations), key=lambda relation: (relation[0] != "is_a", relation)):
        tag = "is_a:" if predicate == "is_a" else f"relationship: {predicate}"
        yield f"{tag} {target} ! {names[target]}"


def _escaped(text: str) -> str:
    return _UNSAFE.sub(r"\\\1", text).replace("!", r"\!")
