"""What is fuzzed of the stages that read a text or a page: from bytes to a check of the stage's invariant."""

from __future__ import annotations

from functools import cache

from pipeline import article, markup, plain
from pipeline.article.linked_data import clean, read_linked_data, types
from pipeline.decode import decode
from pipeline.errors import NotationError
from pipeline.extract import Engine, extract, load_engine
from pipeline.fold import fold
from pipeline.model import Dropped, Page

from . import invariants, seeds

_HEADERS = (
    "",
    "text/html; charset=latin1",
    "text/html; charset=utf-16",
    "charset=gb2312",
    "charset=shift_jis",
)


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
