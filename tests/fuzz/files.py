"""What is fuzzed of the readers of files and folders: from bytes to a check of the stage's invariant."""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

from pipeline import plain, sources, terminology, tidy
from pipeline.components.annotate import Annotator
from pipeline.errors import NotationError, SourceError, VocabularyError
from pipeline.evaluate import brat, gold
from pipeline.model import Page
from pipeline.quantities import Quantities
from pipeline.relations import Relations
from pipeline.tsv import VOCABULARY

from . import invariants
from .texts import text_of

MAX_BYTES = 3000  # of a page in a container, so that the limit is met too


@cache
def _folder() -> Path:
    """A folder of this process for the files that a target needs; in memory where the system can."""
    memory = Path("/dev/shm")
    made = tempfile.mkdtemp(prefix="medtables-fuzz-", dir=memory if memory.is_dir() else None)
    return Path(made)


def _emptied(name: str) -> Path:
    path = _folder() / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    return path


def tidy_up() -> None:
    """Remove the files of this process."""
    shutil.rmtree(_folder(), ignore_errors=True)
    _folder.cache_clear()


_FILES = (
    "terms/symptom.tsv", "patterns/symptom.jsonl", "blocked.tsv", "lexicon.tsv", "cues.tsv", "relations.tsv",
    "coordination.tsv", "gates.tsv", "suffixes.tsv", "mappings.sssom.tsv", "terms/new.tsv", "patterns/new.jsonl",
)  # fmt: skip
_COLUMNS = {
    "blocked.tsv": terminology.BLOCKED_COLUMNS,
    "lexicon.tsv": terminology.LEXICON_COLUMNS,
    "cues.tsv": terminology.CUE_COLUMNS,
    "relations.tsv": terminology.RELATION_COLUMNS,
    "coordination.tsv": terminology.COORDINATION_COLUMNS,
    "gates.tsv": terminology.GATE_COLUMNS,
    "suffixes.tsv": terminology.SUFFIX_COLUMNS,
    "mappings.sssom.tsv": terminology.MAPPING_COLUMNS,
}


def _overlay(data: bytes) -> Path:
    """A vocabulary folder: files separated by a form feed, each begins with the byte that names it.

    Above 127 the header is as `data` has it, else it is right.
    """
    folder = _emptied("overlay")
    (folder / "terms").mkdir()
    (folder / "patterns").mkdir()
    for part in data.split(b"\f"):
        if not part:
            continue
        name = _FILES[(part[0] & 127) % len(_FILES)]
        columns = terminology.TERM_COLUMNS if name.startswith("terms/") else _COLUMNS.get(name, ())
        head = "\t".join(columns) + "\n" if columns and part[0] < 128 else ""
        (folder / name).write_bytes(head.encode() + part[1:])
    return folder


def _loaded(folder: Path) -> terminology.Terminology | None:
    """The terminology of the folder alone, None where it is refused in the right way."""
    base = _folder() / "base"
    base.mkdir(exist_ok=True)
    with patch.object(terminology, "VOCABULARY", base):
        try:
            return terminology.load([folder])
        except VocabularyError as error:
            invariants.error(error)
            assert error.cure
            line = error.where.rpartition(":")[2]
            assert line.isdigit() or error.what.startswith(("is not UTF-8", "is empty")), error
            return None


def vocabulary(data: bytes) -> None:
    """A vocabulary folder, loaded, looked at, and sorted."""
    folder = _overlay(data)
    words = _loaded(folder)
    if words is not None:
        assert all(term.text and term.concept_id.startswith(f"{term.label.lower()}:") for term in words.terms)
        assert set(words.names) == {term.concept_id for term in words.terms}
        assert all(isinstance(token, dict) for pattern in words.patterns for token in pattern.tokens)
    for _ in range(2):
        try:
            findings = list(tidy.form(folder))
        except VocabularyError as error:
            invariants.error(error)
            findings = []
        assert all(one.where and one.what and one.cure for one in findings)
        try:
            tidy.fix(folder)
            assert tidy.fix(folder) == []
        except VocabularyError as error:
            invariants.error(error)
    if words is not None:
        after = _loaded(folder)
        assert after is not None
        told = [{(one.concept_id, one.text, one.exact) for one in each.terms} for each in (words, after)]
        removed = any(b"removed" in path.read_bytes() for path in folder.glob("terms/*.tsv"))
        assert removed or told[0] == told[1]


def matchers(data: bytes) -> None:
    """A vocabulary folder, and the matchers built from it, which then read its own terms."""
    folder = _overlay(data)
    words = _loaded(folder)
    if words is None:
        return
    words = replace(words, folders=(VOCABULARY, folder))
    try:
        annotator, numbers, links = Annotator(words), Quantities(words), Relations(words)
    except VocabularyError as error:
        invariants.error(error)
        return
    text = ". ".join([*(term.text for term in words.terms[:50]), "No fever for 3 weeks, or 5 mg."])
    found = plain.read(text.replace("\r", " "))
    mentions = annotator.mentions(found)
    invariants.mentions(found, mentions)
    invariants.quantities(found, numbers.read(found, mentions), mentions)
    invariants.relations(found, links.read(found, mentions), mentions)


def _read(path: Path) -> list[Page]:
    found = list(sources.read([str(path)], max_bytes=MAX_BYTES))
    invariants.pages(found, MAX_BYTES)
    return found


def json_lines(data: bytes) -> None:
    """A file of JSON lines, plain and packed: both give the same pages."""
    folder = _emptied("lines")
    (folder / "a.jsonl").write_bytes(data)
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(data, 1))
    try:
        found = _read(folder / "a.jsonl")
    except SourceError as error:
        invariants.error(error)
        return
    with suppress(SourceError):
        packed = _read(folder / "b.jsonl.gz")
        if data[:2] != b"\x1f\x8b" and data[:3] != b"BZh" and data[:6] != b"\xfd7zXZ\0":
            assert [page.content for page in packed] == [page.content for page in found]


def container(suffix: str, data: bytes) -> None:
    """A file of that kind; the pages come in the same order as items and when read again."""
    path = _emptied("container") / f"a{suffix}"
    path.write_bytes(data)
    try:
        found = _read(path)
    except SourceError as error:
        invariants.error(error)
        return
    if len(data) % 8 == 0:
        assert _read(path) == found


def zip_file(data: bytes) -> None:
    """A zip archive as it is."""
    container(".zip", data)


def zip_of_pages(data: bytes) -> None:
    """A good archive made of `data`, with a few bytes of it changed: its last four say where and how."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED if len(data) % 2 else zipfile.ZIP_STORED) as archive:
        for number, part in enumerate(data[:-4].split(b"\0")[:8]):
            name = part[:12].decode("latin-1").replace("\0", "") or "x"
            archive.writestr(zipfile.ZipInfo(f"{name}{number}.html", (2020, 1, 1, 0, 0, 0)), part[12:])
    content = bytearray(made.getvalue())
    for place, value in zip(data[-4::2], data[-3::2], strict=False):
        content[-1 - place * len(content) // 256] = value
    container(".zip", bytes(content))


def web_archive(data: bytes) -> None:
    """A WARC file; from 128 on, the first byte asks for it packed record by record."""
    if data[:1] < b"\x80":
        container(".warc", data[1:])
    else:
        container(".warc.gz", b"".join(gzip.compress(part, 1) for part in data[1:].split(b"\f")))


def other_records(data: bytes) -> None:
    """A file of another kind that holds pages, by the first byte."""
    if data:
        container((".tar", ".mhtml", ".json", ".csv", ".tsv")[data[0] % 5], data[1:])


def packed_page(data: bytes) -> None:
    """A page in a file that may be packed; the first byte says by what it should be."""
    container(
        (".html", ".html.gz", ".html.bz2", ".html.xz", ".txt")[data[0] % 5] if data else ".html", data[1:]
    )


def brat_file(data: bytes) -> None:
    """A brat file alone."""
    try:
        found = brat.read(text_of(data), "a.ann")
    except SourceError as error:
        invariants.error(error)
        return
    ids = {entity.id for entity in found.entities}
    assert all(head in ids and tail in ids for _, head, tail, _ in found.relations)


def gold_folder(data: bytes) -> None:
    """Gold of one of the three forms, by the first byte; a form feed separates the text from what is marked."""
    if not data:
        return
    folder = _emptied("gold")
    text, _, marked = data[1:].partition(b"\f")
    match data[0] % 4:
        case 0:
            (folder / "a.md").write_bytes(data[1:])
        case 1:
            (folder / "a.txt").write_bytes(data[1:])
        case kind:
            (folder / "a.txt").write_bytes(text)
            (folder / ("a.json" if kind == 2 else "a.ann")).write_bytes(marked)
    try:
        found = gold.load(folder)
    except (SourceError, NotationError) as error:
        invariants.error(error)
        return
    for document in found.documents:
        assert document.name
        for mention in document.mentions:
            assert 0 <= mention.start < mention.end <= len(document.text)
        for block in document.blocks:
            assert 0 <= block.start < block.end <= len(document.text)
