"""What is true of the output of every stage, whatever came in; each function raises AssertionError where it is not.

The property tests and the fuzz targets hold the stages to the same sentences.
"""

from __future__ import annotations

import pickle
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from pipeline.components.sentences import sentence_abbreviations, sentence_bounds
from pipeline.errors import MedtablesError
from pipeline.markup import Mark
from pipeline.model import (
    Article,
    Basis,
    Decoded,
    Extraction,
    Kind,
    Mention,
    Page,
    Problem,
    Quantity,
    QuantityKind,
    Relation,
    Status,
)
from pipeline.relations.words import KINDS
from pipeline.tables import TABLES
from pipeline.tables.rows import rows
from pipeline.tables.schema import batch

_LETTERS = re.compile(r"[^\W\d_]+")
_DATE = re.compile(r"(\d{4}(-\d\d(-\d\d)?)?)?\Z")
_RAISED = re.compile(r"[A-Z]\w*(?:Error|Exception): ")
_MADE = re.compile(rb"\b(?:spacy|lxml|bs4)\b")


def error(found: MedtablesError) -> None:
    """An error says where and what, and it can be printed."""
    assert found.where and found.what, found
    assert str(found).encode("utf-8", "backslashreplace")


def problem(found: Problem) -> None:
    """A problem has a status other than ok and a reason in words; an exception's name is no reason."""
    assert found.status is not Status.OK
    assert found.reason
    assert not _RAISED.match(found.reason), found.reason


def decoded(content: bytes, found: Decoded | Problem) -> None:
    """Text that UTF-8 can hold, or a problem; bytes that are valid UTF-8 are read as such."""
    if isinstance(found, Problem):
        problem(found)
        return
    assert found.encoding and found.evidence
    assert found.text.encode("utf-8")
    if found.evidence == "valid":
        assert found.text.encode(found.encoding) == content
    elif found.evidence not in ("bom", "nulls"):
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return
        raise AssertionError(f"valid UTF-8 was read as {found.encoding} ({found.evidence})")


def blocks(found: Article) -> None:
    """Blocks are in order, disjoint, not empty; a heading has a level, a trail is text."""
    for block in found.blocks:
        assert 0 <= block.start < block.end <= len(found.text)
        assert (block.level > 0) or block.kind is not Kind.HEADING
        assert all(block.trail)
    for before, after in pairwise(found.blocks):
        assert before.end <= after.start


def article(found: Article) -> None:
    """The blocks of a page are its text, joined by two line breaks; every block is one clean line."""
    blocks(found)
    texts = [found.text[block.start : block.end] for block in found.blocks]
    assert "\n\n".join(texts) == found.text
    for text in texts:
        assert text == " ".join(text.split())
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
    if found.problem is not None:
        problem(found.problem)
    facts = found.metadata
    for date in (facts.published, facts.modified, facts.reviewed):
        assert _DATE.match(date), date
    for value in (facts.title, facts.site, facts.author, facts.description, *facts.about, *facts.codes):
        assert value == " ".join(value.split()), value
        assert value.encode("utf-8") is not None


def plain(text: str, found: Article) -> None:
    """Plain text is kept character for character, and every letter of it stands in a block."""
    blocks(found)
    assert found.text == text
    if text.startswith("---"):  # statements about the page may stand between two fences
        return
    starts = [block.start for block in found.blocks]
    for match in _LETTERS.finditer(text):
        number = bisect_right(starts, match.start()) - 1
        assert number >= 0 and match.end() <= found.blocks[number].end, match[0]


def marks(text: str, found: Sequence[Mark]) -> None:
    """Marks are in order, disjoint, not empty, inside the text."""
    last = 0
    for mark in found:
        assert last <= mark.start < mark.end <= len(text)
        last = mark.end


def sentences(found: Article) -> None:
    """The sentences of a block are disjoint, inside it, and hold all its text but white space."""
    for block in found.blocks:
        last = block.start
        for start, end in sentence_bounds(found.text, block.start, block.end, sentence_abbreviations()):
            assert last <= start < end <= block.end
            assert not found.text[last:start].strip()
            last = end
        assert not found.text[last : block.end].strip()


def mentions(found: Article, given: Sequence[Mention]) -> None:
    """Mentions are what the text has there, in order, none inside another, each in one block and its sentence."""
    for one in given:
        block = found.blocks[one.block]
        assert found.text[one.start : one.end] == one.text != ""
        assert block.start <= one.sentence_start <= one.start < one.end <= one.sentence_end <= block.end
        assert one.label and one.concept and one.term
        assert one.concept_id.startswith(f"{one.label.lower()}:")
        assert one.section == block.section
    for before, after in pairwise(given):
        assert before.end <= after.start


def quantities(found: Article, given: Sequence[Quantity], spoken: Sequence[Mention]) -> None:
    """Quantities are what the text has there, in order, disjoint, in one block; both ends are numbers in order."""
    last = 0
    for one in given:
        block = found.blocks[one.block]
        assert found.text[one.start : one.end] == one.text
        assert last <= one.start < one.end
        assert block.start <= one.start and one.end <= block.end
        assert one.sentence_start <= one.start and one.end <= one.sentence_end
        assert one.comparator in ("", "<", "<=", ">", ">=", "~")
        assert (one.low is None) == (one.canonical_low is None)
        assert (one.high is None) == (one.canonical_high is None)
        ends = [end for end in (one.low, one.high) if end is not None]
        canonical = [end for end in (one.canonical_low, one.canonical_high) if end is not None]
        assert ends and sorted(ends) == ends and sorted(canonical) == canonical
        assert all(abs(end) < float("inf") for end in (*ends, *canonical))
        assert one.mention is None or 0 <= one.mention < len(spoken)
        assert one.per_day is None or (one.kind is QuantityKind.DOSE and one.per_day > 0)
        last = one.end


def relations(found: Article, given: Sequence[Relation], spoken: Sequence[Mention]) -> None:
    """Both ends exist; the evidence holds both, or the basis is a list, a heading or the title; none stands twice."""
    ids = {mention.concept_id for mention in spoken}
    for one in given:
        assert one.kind in KINDS
        assert 0 <= one.start < one.end <= len(found.text)
        assert one.head_concept != one.tail_concept and one.tail_concept in ids
        for end, concept in ((one.head, one.head_concept), (one.tail, one.tail_concept)):
            assert -1 <= end < len(spoken)
            if end < 0:
                assert one.kind == "red_flag_for"
                continue
            mention = spoken[end]
            assert mention.concept_id == concept
            inside = one.start <= mention.start and mention.end <= one.end
            assert inside or one.basis is not Basis.SENTENCE
    keys = {(one.kind, one.head_concept, one.tail_concept, one.certainty) for one in given}
    assert len(keys) == len(given)


def extraction(given: Page, found: Extraction) -> None:
    """Every stage's sentence holds; the value is plain (it can be sent to another process) and makes valid rows."""
    assert found.page.article_id == given.article_id and not found.page.content
    if found.problem is not None:
        problem(found.problem)
        assert not (found.mentions or found.quantities or found.relations)
    if given.media_type == "text/plain":
        blocks(found.article)
    else:
        article(found.article)
    sentences(found.article)
    mentions(found.article, found.mentions)
    quantities(found.article, found.quantities, found.mentions)
    relations(found.article, found.relations, found.mentions)
    sent = pickle.dumps(found)
    assert pickle.loads(sent) == found
    tables(found)


def made_of_plain_values(found: Extraction) -> bool:
    """Whether no object of spaCy, lxml or BeautifulSoup is inside, as far as modules named in a pickle show.

    A page may itself hold these words; ask only where it does not.
    """
    return not _MADE.search(pickle.dumps(found))


def tables(found: Extraction) -> None:
    """Every row fits the schema, keys are unique, references lead to a row."""
    made = rows(found)
    keys: dict[str, set[tuple[object, ...]]] = {}
    for name, table in TABLES.items():
        batch(table, made[name]).validate(full=True)
        names = [column.name for column in table.columns]
        places = [names.index(column) for column in table.key]
        keys[name] = {tuple(row[place] for place in places) for row in made[name]}
        assert len(keys[name]) == len(made[name])
        for column, cells in zip(table.columns, zip(*made[name], strict=True), strict=False):
            assert not column.values or set(cells) <= set(column.values), column.name
    for name, table in TABLES.items():
        names = [column.name for column in table.columns]
        for reference in table.references:
            places = [names.index(column) for column in reference.columns]
            for row in made[name]:
                cells = tuple(row[place] for place in places)
                assert None in cells or cells in keys[reference.table or name], (name, cells)


def pages(found: Sequence[Page], max_bytes: int) -> None:
    """Every page has an id of its own, content within the limit or a problem and no content."""
    ids = [page.article_id for page in found]
    assert found and len(set(ids)) == len(ids)
    for page in found:
        page.article_id.encode("utf-8")
        assert len(page.content) <= max_bytes
        if page.problem is not None:
            problem(page.problem)
            assert not page.content
