"""Components that find mentions in the Docs of any pipeline.

The words of medtables are not those of other tokenizers. A component therefore reads the text of a Doc into a
Doc of its own and puts what it finds on the tokens that hold it, so that every pipeline gives the same mentions.
"""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from weakref import WeakKeyDictionary, WeakValueDictionary

from spacy.pipeline.span_ruler import prioritize_existing_ents_filter, prioritize_new_ents_filter
from spacy.tokens import Doc, Span

from .. import plain
from ..model import Article, Mention
from ..terminology import digest, load
from ..tsv import VOCABULARY
from .annotate import Annotator, located
from .candidates import Candidate, Rank, add
from .extensions import ASSERTION, CUE, MENTIONS, declare
from .kept import Kept
from .words import starts_of

_Found: TypeAlias = tuple[int, int, str, str, str]  # start, end, label, concept id, vocabulary line
_ANNOTATORS: WeakValueDictionary[tuple[str, ...], Annotator] = WeakValueDictionary()


def annotator_of(overlays: Sequence[Path]) -> Annotator:
    """The annotator for a vocabulary: one for all components that use it. Raises VocabularyError."""
    for folder in overlays:
        if not folder.is_dir():
            load([folder])  # says what is wrong
    key = (digest((VOCABULARY, *overlays)), *(folder.resolve().name for folder in overlays))
    annotator = _ANNOTATORS.get(key)
    if annotator is None:
        annotator = _ANNOTATORS[key] = Annotator(load(overlays))
    return annotator


class Finder(Kept[Annotator]):
    """A component that finds mentions, and puts them into `doc.spans[spans_key]` and, if asked, `doc.ents`.

    A span holds the tokens that the mention touches; its `kb_id_` is the concept, its `id_` the vocabulary line.
    """

    def __init__(
        self, spans_key: str, set_ents: bool, overwrite_ents: bool, vocabulary: Sequence[str]
    ) -> None:
        declare()
        self.spans_key = spans_key
        self.set_ents = set_ents
        self.overwrite_ents = overwrite_ents
        super().__init__(vocabulary)

    def _build(self, paths: Sequence[Path]) -> Annotator:
        return annotator_of(paths)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the vocabulary can give, sorted; spaCy asks for them before it loads what was saved."""
        return () if self._made is None else self._made.labels

    @abstractmethod
    def __call__(self, doc: Doc) -> Doc: ...

    def _put(self, doc: Doc, found: Iterable[_Found]) -> list[Span]:
        """Put what was found in the place of what a component before put there; the spans in the same order."""
        before = {_key(span) for span in doc.spans.get(self.spans_key, ())}
        spans = [_span(doc, *one) for one in found]
        doc.spans[self.spans_key] = spans
        if self.set_ents:
            settle = prioritize_new_ents_filter if self.overwrite_ents else prioritize_existing_ents_filter
            others = [entity for entity in doc.ents if _key(entity) not in before]
            doc.ents = sorted(settle(others, spans))
        return spans


class Whole(Finder):
    """Finds mentions and what the text says of them, as `extract` does in a page of plain text.

    `doc._.medtables` holds a dictionary for each mention, with its exact characters, in the order of the spans.
    """

    def __call__(self, doc: Doc) -> Doc:
        mentions = self.made.mentions(plain.read(doc.text))
        spans = self._put(
            doc, [(one.start, one.end, one.label, one.concept_id, one.term) for one in mentions]
        )
        for span, mention in zip(spans, mentions, strict=True):
            span._.set(ASSERTION, mention.assertion.value)
            span._.set(CUE, mention.cue)
        doc._.set(MENTIONS, [_row(mention) for mention in mentions])
        return doc


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far the steps came with a Doc of somebody else: our Doc of its text, and the spans they put."""

    annotator: Annotator
    article: Article
    doc: Doc
    put: tuple[_Found, ...]


_PROGRESS: WeakKeyDictionary[Doc, _Progress] = WeakKeyDictionary()


class Step(Finder):
    """One step of finding mentions. It goes on from the spans in the group, whoever put them there.

    Where the step before put them, candidates that lost are still known and may yet win.
    """

    def __init__(
        self, step: str, spans_key: str, set_ents: bool, overwrite_ents: bool, vocabulary: Sequence[str]
    ) -> None:
        self.step = step
        super().__init__(spans_key, set_ents, overwrite_ents, vocabulary)

    def __call__(self, doc: Doc) -> Doc:
        annotator = self.made
        standing = tuple(_key(span) for span in doc.spans.get(self.spans_key, ()))
        before = _PROGRESS.get(doc)
        if before is None or before.annotator is not annotator or before.put != standing:
            article = plain.read(doc.text)
            own = annotator.words(article)
            if standing:
                add(own, _taken_over(own, standing))
        else:
            article, own = before.article, before.doc
        own = annotator.pipes[self.step](own)
        found = [
            (start, end, one.label, one.concept_id, one.where)
            for one, start, end, _ in located(own, article.blocks)
        ]
        spans = self._put(doc, found)
        _PROGRESS[doc] = _Progress(annotator, article, own, tuple(map(_key, spans)))
        return doc


def _taken_over(own: Doc, spans: Iterable[_Found]) -> Iterator[Candidate]:
    starts = starts_of(own)
    for start, end, label, concept_id, where in spans:
        first = max(bisect_right(starts, start) - 1, 0)
        yield Candidate(first, max(bisect_left(starts, end), first + 1), label, concept_id, where, Rank.TERM)


def _span(doc: Doc, start: int, end: int, label: str, concept_id: str, where: str) -> Span:
    span = doc.char_span(start, end, label, kb_id=concept_id, span_id=where, alignment_mode="expand")
    assert span is not None, "a mention is no empty stretch"
    return span


def _key(span: Span) -> _Found:
    return span.start_char, span.end_char, span.label_, span.kb_id_, span.id_


def _row(mention: Mention) -> dict[str, str | int]:
    return {
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "label": mention.label,
        "concept_id": mention.concept_id,
        "concept": mention.concept,
        "assertion": mention.assertion.value,
        "cue": mention.cue,
        "section": mention.section,
        "sentence_start": mention.sentence_start,
        "sentence_end": mention.sentence_end,
        "term": mention.term,
    }
