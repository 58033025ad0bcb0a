"""Every value that crosses a module border, and nothing else.

All of them are frozen, made of plain Python values, comparable and picklable. Offsets are Unicode characters of
`Article.text`, half-open: `text[start:end]`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """What became of a page; the value stands in `articles.status`."""

    OK = "ok"
    EMPTY = "empty"
    NOT_HTML = "not_html"
    BLOCKED = "blocked"
    ERROR_PAGE = "error_page"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    FAILED = "failed"


class Kind(StrEnum):
    """What a block is in the article."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_CELL = "table_cell"
    QUOTE = "quote"
    CAPTION = "caption"


class Assertion(StrEnum):
    """What the text says of a mention."""

    PRESENT = "present"
    ABSENT = "absent"
    POSSIBLE = "possible"
    HYPOTHETICAL = "hypothetical"
    HISTORICAL = "historical"
    OTHER = "other"


class QuantityKind(StrEnum):
    """What a quantity tells: a level of something in the body, what is normal, an amount to take, how long, how old,
    how many of all, or another measure (weight, length, energy)."""

    LEVEL = "level"
    REFERENCE_RANGE = "reference_range"
    DOSE = "dose"
    DURATION = "duration"
    AGE = "age"
    SHARE = "share"
    MEASURE = "measure"


class Certainty(StrEnum):
    """How sure a relation is told: plainly, with a hedge, or denied."""

    IS = "is"
    MAY = "may"
    NOT = "not"


class Basis(StrEnum):
    """What shows a relation: a sentence that joins both ends, a list or table that a heading or lead-in explains, a
    heading, or the title."""

    SENTENCE = "sentence"
    LIST = "list"
    HEADING = "heading"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a page gives no article: a status other than ok, and a reason that a user can act on."""

    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page as scraped. `content` is untouched except for a container's own compression (.gz, zip, WARC).

    `article_id` is the path relative to the input root with `/`, and `#n` inside containers: equal on every machine,
    in any order, with any number of workers. `media_type` is `text/html` or `text/plain`. `url` is the address that
    came with the page, and `url_source` what it came with: `manifest`, `warc`, `record` or `mhtml`. `published` is the
    ISO date that the user's manifest gives. `content_type` is the HTTP header where the container kept one. A page that
    could not even be read carries its `problem` and no content.
    """

    article_id: str
    content: bytes
    source: str
    media_type: str = "text/html"
    url: str = ""
    url_source: str = ""
    content_type: str = ""
    published: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a page, the encoding it was read with, and what told the encoding (bom, header, meta, ...).

    `utf8` is the page's own bytes where they are the text in UTF-8, else empty.
    """

    text: str
    encoding: str
    evidence: str
    utf8: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the article that the page shows as one thing.

    `level` is 1 to 6 for headings (1 for the title), the depth of nesting for list items, 0 otherwise. `trail` holds
    the headings above, outermost first; a table cell's trail ends with its column and row headers. `section` is the
    canonical class of the trail (symptoms, causes, treatment, ...), empty when unknown. `place` is a CSS path that
    finds the block's element in the original page.
    """

    start: int
    end: int
    kind: Kind
    level: int = 0
    section: str = ""
    trail: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the page says of itself. Dates are ISO (`2024-05-31`), empty strings mean unknown.

    `codes` holds the schema.org MedicalCodes as `SYSTEM:code`.
    """

    title: str = ""
    url: str = ""
    url_source: str = ""
    site: str = ""
    author: str = ""
    published: str = ""
    modified: str = ""
    reviewed: str = ""
    reviewed_by: str = ""
    language: str = ""
    description: str = ""
    about: tuple[str, ...] = ()
    audience: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """Text of the page that cleaning left out, and the rule that did it (for `explain`)."""

    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Article:
    """The cleaned text of a page: blocks in reading order, disjoint, joined by two line breaks in `text`."""

    text: str
    blocks: tuple[Block, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept at an offset.

    `block` is an index into `Article.blocks`; `sentence_start` and `sentence_end` are offsets of the sentence.
    `term` is the vocabulary `file:line` or pattern id that matched; `cue` is the words that decided the assertion,
    `cue_where` the `file:line` of their row. `elliptic` marks a mention part of whose name stands elsewhere
    (`heart` in `heart or kidney disease`).
    """

    start: int
    end: int
    text: str
    label: str
    concept_id: str
    concept: str
    assertion: Assertion
    cue: str
    block: int
    section: str
    sentence_start: int
    sentence_end: int
    term: str
    elliptic: bool = False
    cue_where: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, at an offset; the comparator and the other end of a range belong to it.

    `low` and `high` are in `unit`, the symbol of the unit that the text writes (empty when it writes none): equal for
    a single number, one of them None when `comparator` (`<`, `<=`, `>`, `>=`, or `~` for about) leaves that end open.
    `canonical_low` and `canonical_high` are the same in `canonical_unit`. `mention` is an index into
    `Extraction.mentions`: what the number is said of. `per_day` tells how often a day a dose is taken, at most.
    """

    start: int
    end: int
    text: str
    low: float | None
    high: float | None
    comparator: str
    unit: str
    canonical_low: float | None
    canonical_high: float | None
    canonical_unit: str
    kind: QuantityKind
    mention: int | None
    block: int
    sentence_start: int
    sentence_end: int
    per_day: float | None = None

    @property
    def value(self) -> str:
        """The canonical form as a text: `3.5 to 5 mmol/L`, `< 3.5 mmol/L`, `~ 400 mg`."""
        ends = [f"{end:.10g}" for end in (self.canonical_low, self.canonical_high) if end is not None]
        return " ".join(
            filter(None, (self.comparator, " to ".join(dict.fromkeys(ends)), self.canonical_unit))
        )


@dataclass(frozen=True, slots=True)
class Relation:
    """What the article says of two concepts, read as `head kind tail`: `nausea side_effect_of metformin`.

    `head` and `tail` are indices into `Extraction.mentions`; -1 where the sentence does not name that end, which then
    is what the page is about. `start` and `end` are the evidence: the sentence, list item, cell or heading.
    """

    kind: str
    head: int
    tail: int
    head_concept: str
    tail_concept: str
    certainty: Certainty
    basis: Basis
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that one page gave. `problem` is None for status ok. `seconds` is (stage, seconds) of CPU time.

    `language` is the one that the text shows (ISO 639, empty when it does not tell). `unread` says why nothing was
    sought in an article whose status is ok; empty where it was.
    """

    page: Page
    article: Article
    mentions: tuple[Mention, ...] = ()
    encoding: str = ""
    content_sha256: str = ""
    problem: Problem | None = None
    seconds: tuple[tuple[str, float], ...] = ()
    quantities: tuple[Quantity, ...] = ()
    relations: tuple[Relation, ...] = ()
    language: str = ""
    unread: str = ""
