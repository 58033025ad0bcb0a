"""What is fuzzed: one function for each kind of input, from bytes to a check of the stage's invariant.

A target is quiet for good and for bad input that is refused as it should be; anything else it raises is a finding.
"""

from __future__ import annotations

import gzip
import io
import shutil
import signal
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

from pipeline import article, markup, plain, sources, terminology, tidy
from pipeline.article.linked_data import clean, read_linked_data, types
from pipeline.components.annotate import Annotator
from pipeline.decode import decode
from pipeline.errors import NotationError, SourceError, VocabularyError
from pipeline.evaluate import brat, gold
from pipeline.extract import Engine, extract, load_engine
from pipeline.fold import fold
from pipeline.model import Dropped, Page
from pipeline.quantities import Quantities
from pipeline.relations import Relations
from pipeline.tsv import VOCABULARY

from . import invariants, seeds

MAX_BYTES = 3000  # of a page in a container, so that the limit is met too
_HEADERS = (
    "",
    "text/html; charset=latin1",
    "text/html; charset=utf-16",
    "charset=gb2312",
    "charset=shift_jis",
)


class Endless(BaseException):
    """An input took more CPU time than any may; no part of the package can catch it by mistake."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise Endless in the main thread after so many seconds of CPU time."""

    def stop(*_: object) -> None:
        raise Endless(f"not done after {seconds:g} s of CPU time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def text_of(data: bytes) -> str:
    """Any bytes as text; half pairs are let through, since pages can write them."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


@cache
def engine() -> Engine:
    """The engine of the package's vocabulary."""
    return load_engine()


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


def decoding(data: bytes) -> None:
    """First byte: header and media type. Then the page."""
    if not data:
        return
    header = _HEADERS[data[0] % len(_HEADERS)]
    content = data[1:]
    media_type = "text/plain" if data[0] >= 128 else "text/html"
    found = decode(content, header, media_type)
    invariants.decoded(content, found)
    assert decode(content, header, media_type) == found


def folding(data: bytes) -> None:
    """Text to fold."""
    text = text_of(data)
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


def notation(data: bytes) -> None:
    """A sentence in the notation, and the same as text without marks."""
    sentence = text_of(data)
    assert markup.parse(markup.render(sentence, ())) == (sentence, ())
    try:
        text, marks = markup.parse(sentence, "here")
    except NotationError as error:
        invariants.error(error)
        assert error.where.startswith("here") and error.cure
        return
    invariants.marks(text, marks)
    assert markup.parse(markup.render(text, marks)) == (text, marks)


def html(data: bytes) -> None:
    """The text of a page."""
    text = text_of(data)
    dropped: list[Dropped] = []
    found = article.parse(text, dropped=dropped)
    invariants.article(found)
    assert all(one.text and one.rule for one in dropped)
    if data[-1:] < b"\x20":
        assert article.parse(text) == found


def plain_text(data: bytes) -> None:
    """A page of plain text."""
    text = text_of(data)
    found = plain.read(text)
    invariants.plain(text, found)
    invariants.sentences(found)


def json_ld(data: bytes) -> None:
    """The JSON-LD scripts of a page, separated by a NUL."""
    scripts = text_of(data).split("\0")
    found = read_linked_data(scripts)
    for node in (*found.pages, *found.subjects, *found.sites, *found.by_id.values()):
        assert all(kind == kind.lower() for kind in types(node))
        for value in node.values():
            assert len(found.flat(value)) <= 50
            for text in found.called(value):
                assert text and text == " ".join(text.split())
    assert len(clean(scripts[0])) <= 1000


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


def sentence_of(data: bytes) -> str:
    """Bytes as words of the vocabulary and its grammar; above 239 the next byte is a character."""
    pieces: list[str] = []
    given = iter(data)
    for one in given:
        if one >= 240:
            pieces.append(chr(next(given, 32)))
        else:
            pieces.append(seeds.WORDS[one % len(seeds.WORDS)])
    return ("" if len(data) % 4 == 0 else " ").join(pieces)


def numbers(data: bytes) -> None:
    """Words and numbers, read for quantities and relations."""
    found = plain.read(sentence_of(data))
    spoken = engine().annotator.mentions(found)
    invariants.mentions(found, spoken)
    invariants.quantities(found, engine().quantities.read(found, spoken), spoken)
    invariants.relations(found, engine().relations.read(found, spoken), spoken)


def amounts(data: bytes) -> None:
    """Any text, read for quantities without mentions."""
    found = plain.read(text_of(data))
    invariants.quantities(found, engine().quantities.read(found, ()), ())


def whole_page(data: bytes) -> None:
    """A page's bytes, first byte: header and media type. Above 200 the bytes are words of the vocabulary."""
    if not data:
        return
    content = data[1:]
    media_type = "text/plain" if data[0] % 4 == 3 else "text/html"
    if data[0] > 200:
        content = f"<article><h1>Gout</h1><p>{sentence_of(content)}".encode("utf-8", "replace")
        media_type = "text/html"
    page = Page(
        "a.html", content, "a.html", media_type, "https://a.example/", "record", _HEADERS[data[0] % 5]
    )
    found = extract(page, engine(), language="any" if data[0] % 2 else "en")
    invariants.extraction(page, found)


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


@dataclass(frozen=True, slots=True)
class Target:
    """A function to fuzz: the longest input, the modules whose branches guide it, how inputs may begin, and words
    that they are likely to hold. `seconds` is the CPU time that an input may take, `per_byte` more for each byte."""

    run: Callable[[bytes], None]
    longest: int
    seeds: tuple[bytes, ...]
    words: tuple[str, ...] = ()
    seconds: float = 1.0
    per_byte: float = 2e-4


TARGETS: dict[str, Target] = {
    "decode": Target(
        decoding, 2000, (b"\x01<meta charset=latin1>caf\xe9", "\x00<p>é".encode(), b"\x02\xff\xfea\0b\0"),
        ("charset=", "<meta ", "<?xml encoding=", "utf-16", "shift_jis", "iso-2022-jp", "hz", "big5", "<rss", "{"),
    ),
    "fold": Target(folding, 400, ("Ménière’s low‑sodium 3–5 Ca²⁺ ǖ".encode(),), ("-", "’", "́", "ﬁ", "\u3000")),
    "markup": Target(notation, 300, seeds.MARKUP, ("](", "\\", "[", "elliptic", "possible", "(condition:gout)")),
    "linked_data": Target(json_ld, 3000, seeds.LD, seeds.JSON),
    "json_lines": Target(
        json_lines, 5000,
        (
            b'{"url": "https://a.example/", "html": "<p>Low sodium"}\n\n{"url": 3, "html": null}\n[1]\n'
            b'{"x": {"html": "y"}}',
        ),
        (*seeds.JSON, "\n", "<html>", "</p>", "\r", "\x1f\x8b", "\\u003c"),
    ),
    "zip": Target(zip_file, 3000, (seeds.ZIPPED.getvalue(),), ("PK\x03\x04", "PK\x01\x02", "PK\x05\x06", ".zip")),
    "zip_pages": Target(zip_of_pages, 1000, (b"name<p>Low sodium\0other<p>x\x01\x02\x03\x04",)),
    "warc": Target(
        web_archive, 2000,
        (b"\0" + seeds.RECORD, b"\0" + seeds.RECORD * 2, b"\x80" + seeds.RECORD + b"\f" + seeds.RECORD),
        (
            "WARC/1.1\r\n", "\r\n\r\n", "Content-Length: ", "WARC-Type: resource", "WARC-Type: revisit", "-1",
            "99999999999",
            "Content-Encoding: gzip", "Content-Encoding: br", "chunked", "HTTP/1.0 404 x", "WARC-Target-URI: <x>", "²",
        ),
    ),
    "records": Target(
        other_records, 11_000,
        (
            b"\0" + seeds.TARRED.getvalue(), b"\1" + seeds.MAIL, b'\2[{"html": "<p>a"}, {"html": "<p>b", "url": "https://a.example/"}]',
            b'\3url,html\nhttps://a.example/,"<p>a ""b"""\n', b"\4url\thtml\nhttps://a.example/\t<p>a\n",
        ),
        ("base64", "boundary=", "ustar", "quoted-printable", '"', ",", "\t", "<html>", "\0", "cid:x", "[", "{"),
    ),
    "packed": Target(
        packed_page, 2000, tuple(bytes([n]) + gzip.compress(b"<p>Low sodium" * 9, mtime=0) for n in range(5))
    ),
    "plain": Target(
        plain_text, 1500, (b"# Gout\n\nIt hurts.\n- toe\n> q\n1. x\nSymptoms\n====\n", b"---\na: b\n---\nText."),
        ("---", "===", "# ", "- ", "1. ", "> ", "\u2028", "\x85", "\x1c", "\r\n"),
    ),
    "article": Target(html, 2500, seeds.HTML, seeds.TAGS, seconds=1.5, per_byte=5e-4),
    "vocabulary": Target(vocabulary, 800, seeds.OVERLAYS, seeds.CELLS),
    "matchers": Target(matchers, 800, seeds.OVERLAYS, seeds.CELLS, seconds=2.0),
    "brat": Target(brat_file, 400, tuple(seed.partition(b"\f")[2] for seed in seeds.GOLD), ("T1", "\t", "Arg1:T1")),
    "gold": Target(gold_folder, 600, seeds.GOLD, ("\f", "title: ", "p: ", "h2: ", "¶", '"start"', '"end"', "\u2028")),
    "amounts": Target(
        amounts, 400, ("potassium below 3.5 mmol/L or 1,500 mg twice daily; 120/80, ½ of 38 °C to 100.4 °F".encode(),),
        ("mmol/L", "mg", "to", "%", "–", "½", "million", "/", "years old", "×10^9/L", "one in", "٣", "²", "1e9"),
    ),
    "numbers": Target(numbers, 120, seeds.NUMBERS, seconds=2.0),
    "page": Target(
        whole_page, 1500, (*(b"\0" + seed for seed in seeds.HTML), *(b"\xff" + seed for seed in seeds.NUMBERS)),
        seeds.TAGS,
        seconds=2.0, per_byte=1e-3,
    ),
}  # fmt: skip
