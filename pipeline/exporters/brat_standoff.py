"""brat: for each article its text (`NAME.txt`) and standoff (`NAME.ann`), and one `annotation.conf`.

An entity per mention, with the concept as its reference, and the assertion as an attribute where it is not
present. An entity that stands on several lines has several fragments, as brat wants it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..model import Assertion
from ..runs.documents import Document
from . import joined, left_out

_LINE = re.compile("[^\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")


def export(documents: Iterable[Document], folder: Path) -> tuple[str, ...]:
    """Write the files of all documents. Raises OSError."""
    labels: set[str] = set()
    kinds: set[str] = set()
    missing = 0
    for document in documents:
        _write(folder / f"{document.name}.txt", document.text)
        _write(folder / f"{document.name}.ann", "".join(f"{line}\n" for line in _lines(document)))
        labels.update(_name(row["label"]) for row in document.mentions)
        drawn = joined(document.relations)
        kinds.update(_name(row["kind"]) for row in drawn)
        missing += len(document.relations) - len(drawn)
    _write(folder / "annotation.conf", _configuration(sorted(labels), sorted(kinds)))
    return left_out(missing)


def _write(path: Path, content: str) -> None:
    path.write_bytes(content.encode())


def _lines(document: Document) -> Iterator[str]:
    attributes = 0
    for row in document.mentions:
        key = f"T{row['mention'] + 1}"
        places = list(_fragments(document.text, row["start"], row["end"]))
        shown = " ".join(document.text[start:end] for start, end in places)
        yield f"{key}\t{_name(row['label'])} {';'.join(f'{start} {end}' for start, end in places)}\t{shown}"
        yield f"N{row['mention'] + 1}\tReference {key} {row['concept_id']}\t{' '.join(row['concept'].split())}"
        if row["assertion"] != Assertion.PRESENT:
            attributes += 1
            yield f"A{attributes}\tAssertion {key} {row['assertion']}"
        if row["elliptic"]:
            attributes += 1
            yield f"A{attributes}\tElliptic {key}"
    for number, row in enumerate(joined(document.relations), 1):
        key = f"R{row['relation'] + 1}"
        head, tail = row["head_mention"] + 1, row["tail_mention"] + 1
        yield f"{key}\t{_name(row['kind'])} Arg1:T{head} Arg2:T{tail}"
        yield f"#{number}\tAnnotatorNotes {key}\t{row['certainty']}, {row['basis']}"


def _fragments(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _LINE.finditer(text, start, end):
        part = match[0]
        if words := part.strip():
            begin = match.start() + len(part) - len(part.lstrip())
            yield begin, begin + len(words)


def _name(name: str) -> str:
    return _NO_NAME.sub("_", name)


def _configuration(labels: list[str], kinds: list[str]) -> str:
    values = "|".join(value for value in Assertion if value != Assertion.PRESENT)
    lines = ["[entities]", *labels, "", "[relations]"]
    lines += [f"{kind}\tArg1:<ENTITY>, Arg2:<ENTITY>" for kind in kinds]
    lines += ["", "[events]", "", "[attributes]", f"Assertion\tArg:<ENTITY>, Value:{values}"]
    lines += ["Elliptic\tArg:<ENTITY>", ""]
    return "\n".join(lines)
