"""The tables of a comparison, declared like those of a run."""

from __future__ import annotations

from ..columns import count, maybe, number, text
from ..model import Assertion, Basis
from ..tables import LIST_SEPARATOR, Column, Table, Type

STANCES = ("affirm", "hedge", "deny")
VERDICTS = ("contradicted", "divided", "hedged", "agreed", "alone")
MENTIONED = "mention"


_ARTICLE_ID = text("article_id", "the article, as in the run's articles")
_OTHER_ID = text("other_id", "the other article")
_CONCEPT_ID = text("concept_id", "the concept, or what it rolls up to at the chosen level")
_LABEL = text("label", "the kind of concept, such as SYMPTOM")
_CONCEPT = text("concept", "the concept's preferred name")
_GROUP = text("group", "the group: a site, author, year or the value of the column given with --by")
_SENTENCE = text("sentence", "the first sentence that says it; if there is none, the list item or heading")
_COSINE = number("cosine", "cosine of the two articles' weights of concepts; 4 decimals", "0 to 1")
_DATE = text("date", "the latest of the article's dates of review, change and publication")
_DATE_KIND = text("date_kind", "which of them it is", ("", "reviewed", "modified", "published"))
_ASSERTIONS = tuple(
    count(str(assertion), f"how many of the mentions are asserted as {assertion}", "mentions")
    for assertion in Assertion
)
_CONCEPT_COLUMNS = (_CONCEPT_ID, _LABEL, _CONCEPT)
_KIND = text("kind", f"kind of relation, as in the run's relations; {MENTIONED}: the concept is there at all")
_CLAIM = (
    _KIND,
    text("head_concept", "concept id of what is said to cause, treat, belong; or the concept"),
    text("tail_concept", f"concept id of its other end; empty for {MENTIONED}"),
)

COMPARED = Table(
    "compared",
    "One row per article that is compared: pages with the status ok whose language was read.",
    (
        _ARTICLE_ID,
        text("title", "title of the article"),
        text("site", "name of the site"),
        _GROUP,
        _DATE,
        _DATE_KIND,
        count("words", "length of the article's text", "words"),
        count("concepts", "how many concepts it mentions", "concepts"),
        count("mentions", "how many mentions it has", "mentions"),
    ),
    ("article_id",),
)
_PREVALENCE = (
    count("articles", "how many articles mention it", "articles"),
    number("share", "their share of all articles; 4 decimals", "share from 0 to 1"),
    count("affirming", "how many articles assert it as present at least once", "articles"),
    count("denying", "how many articles assert it as absent at least once", "articles"),
    count("mentions", "how often it is mentioned in all", "mentions"),
    *_ASSERTIONS,
)
PREVALENCE = Table(
    "prevalence",
    "One row per concept: in how many articles, how often and how it is mentioned.",
    (*_CONCEPT_COLUMNS, *_PREVALENCE),
    ("concept_id",),
)
PREVALENCE_BY = Table(
    "prevalence_by",
    "The same for each group of articles (with --by); a share is one of the group's articles.",
    (_GROUP, *_CONCEPT_COLUMNS, *_PREVALENCE),
    ("group", "concept_id"),
)
MATRIX = Table(
    "matrix",
    "One row per article and concept that it mentions; matrix_mentions, matrix_presence and matrix_weight hold"
    " the same with one column per concept.",
    (
        _ARTICLE_ID,
        *_CONCEPT_COLUMNS,
        count("mentions", "how often the article mentions it", "mentions"),
        *_ASSERTIONS,
        number(
            "weight",
            "its share of the article, as in the run's concepts; the sum over what rolls up to it",
            "share",
        ),
    ),
    ("article_id", "concept_id"),
)
_PECULIAR = (
    count("mentions", "how often it is mentioned here", "mentions"),
    count("elsewhere", "how often all others mention it", "mentions"),
    number(
        "log_odds",
        "how much more often than elsewhere: logarithm of the ratio of the odds here and elsewhere, each with the"
        " prior added; 4 decimals",
        "natural logarithm",
    ),
    number("z", "log_odds divided by its standard deviation; 4 decimals", "standard deviations"),
)
PECULIAR = Table(
    "peculiar",
    "One row per article and concept that it mentions more than the others, the most peculiar first (log-odds"
    " with an informative Dirichlet prior).",
    (_ARTICLE_ID, *_CONCEPT_COLUMNS, *_PECULIAR),
    ("article_id", "concept_id"),
)
PECULIAR_BY = Table(
    "peculiar_by",
    "The same for each group of articles (with --by).",
    (_GROUP, *_CONCEPT_COLUMNS, *_PECULIAR),
    ("group", "concept_id"),
)
MISSING = Table(
    "missing",
    "One row per article and concept that it does not mention while many of its peers affirm it.",
    (
        _ARTICLE_ID,
        *_CONCEPT_COLUMNS,
        count("peers", "how many peers the article has", "articles"),
        count("having", "how many of them assert the concept as present", "articles"),
        text("found_in", f"these peers, joined by `{LIST_SEPARATOR}`"),
    ),
    ("article_id", "concept_id"),
)
SIMILARITY = Table(
    "similarity",
    "One row per article and one of the articles most like it.",
    (
        _ARTICLE_ID,
        count("rank", "1 for the article most like it", "from 1"),
        _OTHER_ID,
        _COSINE,
        count("shared", "how many concepts both assert as present", "concepts"),
        text("concepts", f"the shared concepts that weigh most, at most five, joined by `{LIST_SEPARATOR}`"),
    ),
    ("article_id", "rank"),
)
CLUSTERS = Table(
    "clusters",
    "One row per article: which articles belong together (average linkage at the stated cosine).",
    (
        count("cluster", "number of the cluster, the largest first", "from 1"),
        _ARTICLE_ID,
        text("title", "title of the article"),
        count("size", "how many articles the cluster has", "articles"),
        number("closeness", "mean cosine to the others of the cluster; 1 when it is alone", "0 to 1"),
        text("concepts", f"what weighs most in the cluster, at most five, joined by `{LIST_SEPARATOR}`"),
    ),
    ("article_id",),
)
_SIDE = (
    _CONCEPT_ID,
    _CONCEPT,
    text("kind", "what it tells: reference_range, level or dose"),
    text("unit", "the one unit for what it measures"),
    text("comparator", "what compares it; ~ for about"),
    _ARTICLE_ID,
    maybe(number("low", "low end in `unit`; missing when it is open", "unit")),
    maybe(number("high", "high end in `unit`; missing when it is open", "unit")),
    maybe(number("per_day", "how often a day a dose is taken, at most", "times a day")),
    count("articles", "how many articles state the concept's quantity of this kind and unit", "articles"),
    maybe(number("median_low", "median of their low ends", "unit")),
    maybe(number("median_high", "median of their high ends", "unit")),
    Column("low_outlier", Type.BOOLEAN, "the low end is far from the median"),
    Column("high_outlier", Type.BOOLEAN, "the high end is far from the median"),
    text("text", "the words of the article"),
    text("sentence", "their sentence"),
    _DATE,
    _DATE_KIND,
)
_SIDE_KEY = ("concept_id", "kind", "unit", "comparator", "article_id", "low", "high", "per_day")
RANGES = Table(
    "ranges",
    "One row per level or reference range of a concept that an article states, in one unit, side by side.",
    _SIDE,
    _SIDE_KEY,
)
DOSES = Table("doses", "One row per dose of a concept that an article states, likewise.", _SIDE, _SIDE_KEY)
AGREEMENT = Table(
    "agreement",
    "One row per relation, and per concept, that articles assert: how many affirm, hedge and deny it.",
    (
        *_CLAIM,
        text("head", "name of the head concept"),
        text("tail", "name of the tail concept"),
        count("articles", "how many articles speak of it", "articles"),
        count("affirm", "how many say it plainly at least once", "articles"),
        count("hedge", "how many say at least once that it may be", "articles"),
        count("deny", "how many deny it at least once", "articles"),
        text(
            "verdict",
            "contradicted: one article denies what another affirms or hedges; divided: every article that speaks of"
            " it says both; hedged: some affirm, some hedge; agreed: all of several say the same; alone: only one"
            " speaks of it",
            VERDICTS,
        ),
    ),
    ("kind", "head_concept", "tail_concept"),
)
STATEMENTS = Table(
    "statements",
    f"One row per article and what it says of a relation, or (kind {MENTIONED}, only where articles differ) of a"
    " concept.",
    (
        *_CLAIM,
        _ARTICLE_ID,
        text("stance", "what the article says of it", STANCES),
        count("times", "how often", "mentions or relations"),
        _SENTENCE,
        text("basis", f"what shows a relation; empty for {MENTIONED}", ("", *Basis)),
        _DATE,
        _DATE_KIND,
    ),
    ("kind", "head_concept", "tail_concept", "article_id", "stance"),
)
CONTRADICTIONS = Table(
    "contradictions",
    "One row per article that denies something and one of the articles that affirm or hedge it: those most like"
    " it, side by side.",
    (
        *_CLAIM,
        text("head", "name of the head concept"),
        text("tail", "name of the tail concept"),
        _ARTICLE_ID,
        _SENTENCE,
        _DATE,
        _DATE_KIND,
        _OTHER_ID,
        text("other_stance", "what the other article says of it", STANCES[:2]),
        text("other_sentence", "its first sentence, list item or heading that says so"),
        text("other_date", "its date"),
        text("other_date_kind", "which date that is", _DATE_KIND.values),
        _COSINE,
    ),
    ("kind", "head_concept", "tail_concept", "article_id", "other_id"),
)

COMPARE_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        COMPARED, PREVALENCE, PREVALENCE_BY, MATRIX, PECULIAR, PECULIAR_BY, MISSING, SIMILARITY, CLUSTERS,
        RANGES, DOSES, AGREEMENT, STATEMENTS, CONTRADICTIONS,
    )
}  # fmt: skip
