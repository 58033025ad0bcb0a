"""Score what the engine reads against gold: precision, recall and F1, and how often what is found is read right.

A mention counts as found under three rules: `exact`, same characters and same label; `overlap`, a shared
character and the same label; `merged`, a shared character, with SYMPTOM and CONDITION taken as one label,
FINDING. All counting is over characters of the text, so it depends on no tokenizer, and is the same in every run.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..extract import Engine, extract
from ..model import Article, Assertion, Extraction, Mention, Page
from ..sources import load, plan
from . import gold
from .alignment import Alignment
from .gold import Document, GoldMention

MERGED = {"SYMPTOM": "FINDING", "CONDITION": "FINDING"}
ALL = "ALL"
MEASURES = ("exact", "overlap", "merged")
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of one label (or ALL) under one measure.

    `right` of the `found` agree with the gold, `hit` of the `gold` were found; the two differ where one mention
    overlaps several.
    """

    measure: str
    label: str
    right: int
    found: int
    hit: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 when nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the gold that was found; 1 when there is none."""
        return self.hit / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the gold mentions that were found have the right label, concept or assertion."""

    measure: str
    right: int
    of: int

    @property
    def value(self) -> float:
        """The share; 1 of none."""
        return self.right / self.of if self.of else 1.0


@dataclass(frozen=True, slots=True)
class Miss:
    """An error and how often it occurs. `kind`: missed, spurious, label, concept, assertion or relation.

    `gold` and `found` are what the gold and the engine say; `where` is the first place.
    """

    kind: str
    count: int
    text: str
    gold: str
    found: str
    where: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores of one gold file or folder; `digest` is that of the gold."""

    path: str
    digest: str
    documents: int
    scores: tuple[Score, ...]
    shares: tuple[Share, ...]
    errors: tuple[Miss, ...]

    def figures(self) -> dict[str, float]:
        """Every score by name: `exact.SYMPTOM` is an F1, `assertion` a share; each from 0 to 1."""
        return {f"{one.measure}.{one.label}": one.f1 for one in self.scores} | {
            one.measure: one.value for one in self.shares
        }


def evaluate(
    path: str | Path, engine: Engine, pages: str | Path | None = None, labels: Mapping[str, str] | None = None
) -> Evaluation:
    """The scores of `engine` on the gold in `path`; see `gold` for its forms. Raises SourceError, NotationError.

    Only labels that the gold uses are scored (all, where it marks nothing); optional mentions count neither way.
    """
    read = gold.load(Path(path), Path(pages) if pages is not None else None, labels)
    return score(read, [(document, read_document(document, engine)) for document in read.documents])


def read_document(document: Document, engine: Engine) -> Extraction:
    """What the engine reads in a document: in its page, where it has one, else in its text."""
    if document.page is not None:
        [item] = plan([str(document.page)])
        return extract(load(item), engine)
    page = Page(document.name, document.text.encode(), document.name, media_type="text/plain")
    if document.blocks:
        article = Article(document.text, document.blocks)
        mentions = engine.annotator.mentions(article)
        return Extraction(
            replace(page, content=b""), article, mentions, relations=engine.relations.read(article, mentions)
        )
    return extract(page, engine)


def score(read: gold.Gold, pairs: Sequence[tuple[Document, Extraction]]) -> Evaluation:
    """The scores of extractions, each with its gold."""
    tally = _Tally({one.label for document, _ in pairs for one in document.mentions})
    for document, extraction in pairs:
        tally.add(document, extraction)
    return Evaluation(str(read.path), read.digest, len(pairs), tally.scores(), tally.shares(), tally.errors())


@dataclass
class _Counts:
    right: int = 0
    found: int = 0
    hit: int = 0
    gold: int = 0


@dataclass(frozen=True, slots=True)
class _Mark:
    """A gold mention at its place in the text that was read; `text` and `where` are those of the gold."""

    mention: GoldMention
    text: str
    where: str


@dataclass
class _Tally:
    labels: set[str]
    counts: dict[tuple[str, str], _Counts] = field(default_factory=lambda: defaultdict(_Counts))
    held: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    misses: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str, str, str], str] = field(default_factory=dict)

    def add(self, document: Document, extraction: Extraction) -> None:
        """Count one document."""
        found = [one for one in extraction.mentions if not self.labels or one.label in self.labels]
        marks = _marks(document, extraction)
        must = [mark for mark in marks if not mark.mention.optional]
        may = [mark.mention for mark in marks if mark.mention.optional]
        for measure in MEASURES:
            self._mentions(measure, document, found, must, may)
        for mark in must:
            self._readings(document, mark, [one for one in found if _hits(one, mark.mention, "merged")])
        if document.relations is not None:
            self._relations(document, extraction)

    def _mentions(
        self,
        measure: str,
        document: Document,
        found: Sequence[Mention],
        must: Sequence[_Mark],
        may: Sequence[GoldMention],
    ) -> None:
        noted = measure == "merged"
        for mention in found:
            right = any(_hits(mention, mark.mention, measure) for mark in must)
            if not right and any(_touch(mention, one) for one in may):
                continue
            for label in (_label(mention.label, measure), ALL):
                self.counts[measure, label].found += 1
                self.counts[measure, label].right += right
            if noted and not right:
                self._note("spurious", mention.text, "", mention.concept_id, _where(document, mention.start))
        for mark in must:
            one = mark.mention
            hit = any(_hits(mention, one, measure) for mention in found)
            for label in (_label(one.label, measure), ALL):
                self.counts[measure, label].gold += 1
                self.counts[measure, label].hit += hit
            if noted and not hit:
                self._note("missed", mark.text, one.concept_id or one.label, "", mark.where)

    def _readings(self, document: Document, mark: _Mark, found: Sequence[Mention]) -> None:
        if not found:
            return
        one = mark.mention
        best = max(found, key=lambda mention: (_shared(mention, one), -mention.start))
        alike = any(mention.label == one.label for mention in found)
        self._hold("label", alike, mark, one.label, best.label)
        if one.concept_id:
            right = any(mention.concept_id == one.concept_id for mention in found)
            self._hold("concept", right, mark, one.concept_id, best.concept_id)
        told, said = one.assertion, best.assertion
        if not document.all_assertions:
            absent = any(mention.assertion is Assertion.ABSENT for mention in found)
            said = Assertion.ABSENT if absent else Assertion.PRESENT
        self._hold("assertion", told is said, mark, told, said)
        for category in {told, said} - {Assertion.PRESENT}:
            counts = self.counts["assertion", category]
            counts.gold += told is category
            counts.hit += told is said
            counts.found += said is category
            counts.right += told is said

    def _hold(self, measure: str, right: bool, mark: _Mark, told: str, said: str) -> None:
        self.held[measure][0] += right
        self.held[measure][1] += 1
        if not right:
            self._note(measure, mark.text, told, said, mark.where)

    def _relations(self, document: Document, extraction: Extraction) -> None:
        stated = {(one.kind, one.head, one.tail, one.certainty) for one in document.relations or ()}
        found = {
            (one.kind, one.head_concept, one.tail_concept, str(one.certainty)): one
            for one in extraction.relations
        }
        for key in stated | found.keys():
            for label in (key[0], ALL):
                self._pair("relation", label, key in stated, key in found)
        pairs = {key[:3] for key in stated}
        for pair in pairs | {key[:3] for key in found}:
            self._pair("relation_pair", ALL, pair in pairs, any(key[:3] == pair for key in found))
        for key in sorted(stated - found.keys()):
            self._note("relation", _sentence(key), key[3], "", document.name)
        for key in sorted(found.keys() - stated):
            self._note("relation", _sentence(key), "", key[3], _where(document, found[key].start))

    def _pair(self, measure: str, label: str, told: bool, said: bool) -> None:
        counts = self.counts[measure, label]
        counts.gold += told
        counts.found += said
        counts.hit += told and said
        counts.right += told and said

    def _note(self, kind: str, text: str, told: str, said: str, where: str) -> None:
        key = (kind, text.lower(), str(told), str(said))
        self.misses[key] += 1
        self.first.setdefault(key, where)

    def scores(self) -> tuple[Score, ...]:
        """Measures in their order, ALL first, then labels by name."""
        order = {name: number for number, name in enumerate(MEASURES)}
        keys = sorted(
            self.counts, key=lambda key: (order.get(key[0], len(order)), key[0], key[1] != ALL, key[1])
        )
        return tuple(
            Score(measure, label, counts.right, counts.found, counts.hit, counts.gold)
            for measure, label in keys
            for counts in (self.counts[measure, label],)
        )

    def shares(self) -> tuple[Share, ...]:
        """Label, concept and assertion, those that the gold tells."""
        return tuple(Share(measure, right, of) for measure, (right, of) in self.held.items())

    def errors(self) -> tuple[Miss, ...]:
        """The most frequent first within each kind."""
        kinds = ("missed", "spurious", "label", "concept", "assertion", "relation")
        found = [
            Miss(kind, count, text, told, said, self.first[kind, text, told, said])
            for (kind, text, told, said), count in self.misses.items()
        ]
        return tuple(sorted(found, key=lambda one: (kinds.index(one.kind), -one.count, one.text, one.where)))


def _marks(document: Document, extraction: Extraction) -> list[_Mark]:
    """The gold with offsets into the text that was read; what is not in it stands at its end, and is missed."""
    article = extraction.article
    alignment = Alignment(
        document.text,
        [(block.start, block.end) for block in document.blocks],
        article.text,
        [(block.start, block.end) for block in article.blocks],
    )
    nowhere = (len(article.text), len(article.text))
    marks = []
    for one in document.mentions:
        start, end = alignment.map(one.start, one.end) or nowhere
        text = document.text[one.start : one.end]
        marks.append(_Mark(replace(one, start=start, end=end), text, _where(document, one.start)))
    return marks


def _where(document: Document, start: int) -> str:
    return f"{document.name}, character {start}"


def _sentence(relation: tuple[str, str, str, str]) -> str:
    kind, head, tail, _ = relation
    return f"{head} {kind} {tail}"


def _label(label: str, measure: str) -> str:
    return MERGED.get(label, label) if measure == "merged" else label


def _touch(mention: Mention, one: GoldMention) -> bool:
    return mention.start < one.end and one.start < mention.end


def _shared(mention: Mention, one: GoldMention) -> int:
    return min(mention.end, one.end) - max(mention.start, one.start)


def _hits(mention: Mention, one: GoldMention, measure: str) -> bool:
    if _label(mention.label, measure) != _label(one.label, measure):
        return False
    if measure == "exact":
        return (mention.start, mention.end) == (one.start, one.end)
    return _touch(mention, one)
