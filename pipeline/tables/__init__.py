"""Every table and every column, declared once.

From this declaration come the rows' order, the Arrow schemas, the pandas dtypes, the header lines,
`datapackage.json` and the data dictionary. A new table is one entry in TABLES and one function in
`rows.ROWS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..model import Assertion, Basis, Certainty, Kind, QuantityKind, Status

LIST_SEPARATOR = " | "
TRAIL_SEPARATOR = " > "
MOST_SENTENCE = 2000


class Type(StrEnum):
    """The type of a column, named as in Frictionless Table Schema."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `unit` is what a number counts or measures. A cell is missing only where `nullable`; a
    string column without a value holds the empty string. `values` are all the values there can be, where they
    are few."""

    name: str
    type: Type
    meaning: str
    unit: str = ""
    nullable: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns of a table whose values stand in a row of another (or, `table` empty, of the same) table."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what a row is, its columns in order, the columns that tell its rows apart, and what they
    point at."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()


def _text(name: str, meaning: str, values: tuple[str, ...] = ()) -> Column:
    return Column(name, Type.STRING, meaning, values=values)


def _count(name: str, meaning: str, unit: str) -> Column:
    return Column(name, Type.INTEGER, meaning, unit)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, Type.BOOLEAN, meaning)


def _end(name: str, meaning: str, unit: str) -> Column:
    return Column(name, Type.NUMBER, meaning, unit, nullable=True)


_ARTICLE = Reference(("article_id",), "articles", ("article_id",))
_ARTICLE_ID = _text("article_id", "the article, as in articles")
_LABEL = _text("label", "the kind of concept, such as SYMPTOM, CONDITION, ELECTROLYTE or MEDICATION")
_CONCEPT_ID = _text("concept_id", "the concept in the vocabulary, such as condition:hyponatremia")
_CONCEPT = _text("concept", "the concept's preferred name")

ARTICLES = Table(
    "articles",
    "One row per page given, whatever became of it.",
    (
        _text("article_id", "path of the page below the input folder with /, and #n inside a container"),
        _text("source", "path of the file as it was given to the command"),
        _text("url", "address of the page; empty when unknown"),
        _text("url_source", "what told the address, such as manifest, warc, record or canonical"),
        _text("title", "title of the article"),
        _text("site", "name of the site"),
        _text("author", "author as the page names them"),
        _text("published", "date of publication, ISO 8601, as much of it as the page tells"),
        _text("modified", "date of the last change, ISO 8601"),
        _text("reviewed", "date of the last medical review, ISO 8601"),
        _text("language", "language tag as the page states it, such as en or en-GB"),
        _text(
            "text_language",
            "language that the text is written in, as its words show, ISO 639 code such as en; empty when they"
            " do not tell, and such an article is read as English",
        ),
        _text("status", "what became of the page", tuple(Status)),
        _text(
            "reason",
            "why the status is not ok, or why nothing was sought in an article whose status is ok: its language;"
            " else empty",
        ),
        _text("encoding", "character encoding the page was read with"),
        _text("content_sha256", "SHA-256 of the page's bytes, in hexadecimal digits"),
        _text(
            "duplicate_of",
            "article_id of the original that this article repeats or nearly so: of all copies the one published"
            " first, or the first of the run; empty when it repeats none",
        ),
        _count("words", "length of the article's text", "words, separated by white space"),
        _text("description", "the page's own summary"),
        _text("reviewed_by", "who reviewed the article medically"),
        _text("about", f"what the page says it is about, joined by `{LIST_SEPARATOR}`"),
        _text("audience", "whom the page says it is for"),
        _text("codes", f"medical codes the page states, as SYSTEM:code, joined by `{LIST_SEPARATOR}`"),
    ),
    key=("article_id",),
)

BLOCKS = Table(
    "blocks",
    "One row per block of an article's text, in reading order.",
    (
        _ARTICLE_ID,
        _count("block", "number of the block in its article", "from 0"),
        _count("start", "where the block starts in the article's text", "Unicode characters from 0"),
        _count("end", "where it ends", "Unicode characters from 0, exclusive"),
        _text("kind", "what the block is", tuple(Kind)),
        _count(
            "level", "1 to 6 for headings, 1 for the title, depth of nesting for list items, else 0", "level"
        ),
        _text("section", "class of the headings above, such as symptoms or causes; empty when unknown"),
        _text("trail", f"the headings above, outermost first, joined by `{TRAIL_SEPARATOR}`"),
        _text("place", "CSS path of the block's element in the page"),
        _text("text", "text of the block; an article's text is its blocks joined by two line breaks"),
    ),
    key=("article_id", "block"),
    references=(_ARTICLE,),
)

MENTIONS = Table(
    "mentions",
    "One row per place where an article names a concept.",
    (
        _ARTICLE_ID,
        _count("mention", "number of the mention in its article", "from 0"),
        _count("start", "where the mention starts in the article's text", "Unicode characters from 0"),
        _count("end", "where it ends", "Unicode characters from 0, exclusive"),
        _text("text", "the words of the article"),
        _LABEL,
        _CONCEPT_ID,
        _CONCEPT,
        _text("assertion", "what the article says of it here", tuple(Assertion)),
        _text("cue", "the words that decided the assertion; empty when nothing spoke against present"),
        _count("block", "the block it stands in, as in blocks", "from 0"),
        _text("section", "class of the headings above the block, as in blocks"),
        _count(
            "sentence_start", "where its sentence starts in the article's text", "Unicode characters from 0"
        ),
        _count("sentence_end", "where its sentence ends", "Unicode characters from 0, exclusive"),
        _text(
            "sentence",
            f"its sentence; if longer than {MOST_SENTENCE:,} characters, what stands around the mention",
        ),
        _text("term", "what matched: file:line of the vocabulary, or the id of a pattern"),
        _text(
            "link", "address that opens the page at the sentence; empty when the page's address is unknown"
        ),
        _flag("elliptic", "part of its name stands elsewhere, as of heart in `heart or kidney disease`"),
    ),
    key=("article_id", "mention"),
    references=(_ARTICLE, Reference(("article_id", "block"), "blocks", ("article_id", "block"))),
)

QUANTITIES = Table(
    "quantities",
    "One row per number with a unit in an article: levels, reference ranges, doses, durations, ages, shares.",
    (
        _ARTICLE_ID,
        _count("quantity", "number of the quantity in its article", "from 0"),
        _count("start", "where the quantity starts in the article's text", "Unicode characters from 0"),
        _count("end", "where it ends", "Unicode characters from 0, exclusive"),
        _text("text", "the words of the article"),
        _end("low", "its low end, in `unit`; missing when it is open", "unit"),
        _end("high", "its high end, equal to low for a single number; missing when it is open", "unit"),
        _text("comparator", "what compares it; ~ for about", ("", "<", "<=", ">", ">=", "~")),
        _text("unit", "symbol of the unit that the article writes; empty when it writes none"),
        _text("value", "the quantity in the canonical unit, such as `3.5 to 5 mmol/L` or `< 120 mmHg`"),
        _text("kind", "what it tells", tuple(QuantityKind)),
        Column("mention", Type.INTEGER, "the mention it speaks of, as in mentions", "from 0", nullable=True),
        _end("canonical_low", "its low end, in `canonical_unit`", "canonical_unit"),
        _end("canonical_high", "its high end, in `canonical_unit`", "canonical_unit"),
        _text(
            "canonical_unit",
            "the one unit for what it measures: mmol/L for blood levels of electrolytes, mg for doses, day, year for"
            " ages, % for shares",
        ),
        _end("per_day", "how often a day a dose is taken, at most; missing when not told", "times a day"),
        _text("concept_id", "the mention's concept; empty without a mention"),
        _count("block", "the block it stands in, as in blocks", "from 0"),
        _count(
            "sentence_start", "where its sentence starts in the article's text", "Unicode characters from 0"
        ),
        _count("sentence_end", "where its sentence ends", "Unicode characters from 0, exclusive"),
        _text(
            "sentence",
            f"its sentence; if longer than {MOST_SENTENCE:,} characters, what stands around the quantity",
        ),
    ),
    key=("article_id", "quantity"),
    references=(
        _ARTICLE,
        Reference(("article_id", "block"), "blocks", ("article_id", "block")),
        Reference(("article_id", "mention"), "mentions", ("article_id", "mention")),
    ),
)

RELATIONS = Table(
    "relations",
    "One row per thing that an article says of two concepts, read as head kind tail.",
    (
        _ARTICLE_ID,
        _count("relation", "number of the relation in its article", "from 0"),
        _text(
            "kind",
            "what it says, such as symptom_of, causes, treats, prevents, side_effect_of, deficiency_of or red_flag_for",
        ),
        _text(
            "head_concept",
            "the concept it is said of, as in concepts: the symptom, cause, drug or side effect",
        ),
        _text("tail_concept", "the concept at the other end: the condition, effect or drug"),
        Column(
            "head_mention",
            Type.INTEGER,
            "the mention that is the head, as in mentions; missing where the evidence does not name it",
            "from 0",
            nullable=True,
        ),
        Column(
            "tail_mention",
            Type.INTEGER,
            "the mention that is the tail; missing where the evidence does not name it: what the page is about",
            "from 0",
            nullable=True,
        ),
        _text("certainty", "said plainly, with a hedge, or denied", tuple(Certainty)),
        _text("basis", "what shows it: a sentence, a list or table, a heading, or the title", tuple(Basis)),
        _text(
            "evidence",
            f"the sentence, list item, cell or heading; if longer than {MOST_SENTENCE:,} characters, its start",
        ),
        _count(
            "evidence_start", "where the evidence starts in the article's text", "Unicode characters from 0"
        ),
        _count("evidence_end", "where it ends", "Unicode characters from 0, exclusive"),
    ),
    key=("article_id", "relation"),
    references=(
        _ARTICLE,
        Reference(("article_id", "head_concept"), "concepts", ("article_id", "concept_id")),
        Reference(("article_id", "tail_concept"), "concepts", ("article_id", "concept_id")),
        Reference(("article_id", "head_mention"), "mentions", ("article_id", "mention")),
        Reference(("article_id", "tail_mention"), "mentions", ("article_id", "mention")),
    ),
)

CONCEPTS = Table(
    "concepts",
    "One row per concept that an article mentions.",
    (
        _ARTICLE_ID,
        _CONCEPT_ID,
        _LABEL,
        _CONCEPT,
        _count("mentions", "how often the article mentions it", "mentions"),
        _count("present", "how many of these are asserted as present", "mentions"),
        _count("absent", "how many of these are asserted as absent", "mentions"),
        _flag("in_title", "it is mentioned in the article's title"),
        _text("sections", f"the sections it is mentioned in, sorted, joined by `{LIST_SEPARATOR}`"),
        _count(
            "first_start", "where its first mention starts in the article's text", "Unicode characters from 0"
        ),
        Column(
            "weight",
            Type.NUMBER,
            "its share of the article: the sum over its mentions asserted as present, where one in the title"
            " counts 3, in a heading 2, elsewhere 1, divided by that sum over all concepts of the article;"
            " 4 decimals",
            "share from 0 to 1",
        ),
    ),
    key=("article_id", "concept_id"),
    references=(_ARTICLE,),
)

TABLES: dict[str, Table] = {
    table.name: table for table in (ARTICLES, BLOCKS, MENTIONS, QUANTITIES, RELATIONS, CONCEPTS)
}
