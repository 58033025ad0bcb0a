"""The tables of a difference between two runs, declared like those of a run."""

from __future__ import annotations

from ..columns import count, maybe, text
from ..tables import LIST_SEPARATOR, Table

CHANGES = ("came", "went", "moved", "changed")
CAUSES = ("input", "page", "cleaning", "vocabulary", "cue", "vocabulary or program", "program")

_ARTICLE_ID = text("article_id", "the article, as in the run's articles")
_CHANGE = text("change", "what became of it from the first run to the second", CHANGES)
_CAUSE = text(
    "cause",
    "input: the page is in one run only; page: its bytes changed; cleaning: same bytes, other text; vocabulary,"
    " cue: same text, other vocabulary; program: same text and vocabulary; vocabulary or program: both changed",
    CAUSES,
)
_DETAIL = text("detail", "what shows the cause")
DIFF_SUMMARY = Table(
    "diff_summary",
    "One row per table, change and cause: how many rows of the run it explains.",
    (
        text("table", "the table", ("articles", "mentions")),
        _CHANGE,
        _CAUSE,
        count("rows", "how many", "rows"),
    ),
    ("table", "change", "cause"),
)
DIFF_ARTICLES = Table(
    "diff_articles",
    "One row per page that came, went, moved or changed.",
    (
        _ARTICLE_ID,
        text("other_id", "its article_id in the second run, where it moved"),
        _CHANGE,
        _CAUSE,
        text("columns", f"the columns of articles and blocks that differ, joined by `{LIST_SEPARATOR}`"),
        _DETAIL,
    ),
    ("article_id", "change"),
)
_BOTH = tuple(
    column
    for name, meaning in (
        ("text", "words of the mention"),
        ("concept_id", "its concept"),
        ("assertion", "its assertion"),
        ("cue", "the words that decided the assertion"),
        ("section", "its section"),
        ("term", "what matched it"),
    )
    for column in (
        text(f"{name}_a", f"{meaning} in the first run; empty when it came"),
        text(f"{name}_b", f"{meaning} in the second run; empty when it went"),
    )
)
DIFF_MENTIONS = Table(
    "diff_mentions",
    "One row per mention that came, went or changed.",
    (
        _ARTICLE_ID,
        _CHANGE,
        _CAUSE,
        text("columns", f"the columns that differ, joined by `{LIST_SEPARATOR}`"),
        *_BOTH,
        maybe(count("mention_a", "its number in the first run's mentions", "from 0")),
        maybe(count("mention_b", "its number in the second run's mentions", "from 0")),
        _DETAIL,
        text("sentence", "its sentence in the second run, or in the first if it went"),
    ),
    ("article_id", "mention_a", "mention_b"),
)

DIFF_TABLES: dict[str, Table] = {table.name: table for table in (DIFF_SUMMARY, DIFF_ARTICLES, DIFF_MENTIONS)}
