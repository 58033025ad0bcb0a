"""The assertions of spans that any pipeline found."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from spacy.tokens import Doc

from ..fold import fold
from ..terminology import read_cues
from ..tsv import VOCABULARY
from .assertion import Assertions
from .extensions import ASSERTION, CUE, declare
from .kept import Kept
from .sentences import sentence_abbreviations, sentence_bounds


class AssertionComponent(Kept[Assertions]):
    """Sets `span._.medtables_assertion` (present, absent, possible, hypothetical, historical, other) and
    `span._.medtables_cue`, the words that decided, on each span of `doc.spans[spans_key]`.

    Works with any tokenizer: it reads the text of the Doc. It uses the Doc's sentences when it has any.
    """

    def __init__(self, spans_key: str, cues: str | None, vocabulary: Sequence[str]) -> None:
        declare()
        self.spans_key = spans_key
        self._replaces = bool(cues)
        self._abbreviations = sentence_abbreviations()
        super().__init__([*([cues] if cues else ()), *vocabulary])

    def _build(self, paths: Sequence[Path]) -> Assertions:
        first = paths[0] if self._replaces else VOCABULARY / "cues.tsv"
        cues = read_cues(first.parent, first.name)
        for folder in paths[self._replaces :]:
            cues += read_cues(folder)
        return Assertions(cues)

    def __call__(self, doc: Doc) -> Doc:
        assertions = self.made
        spans = deque(sorted(doc.spans.get(self.spans_key, ()), key=lambda span: span.start_char))
        if not spans:
            return doc
        text = fold(doc.text)
        if doc.has_annotation("SENT_START"):
            bounds = [(sentence.start_char, sentence.end_char) for sentence in doc.sents]
        else:
            text = _unwrapped(text)
            bounds = list(sentence_bounds(text, 0, len(text), self._abbreviations))
        for start, end in bounds:
            inside = []
            while spans and spans[0].start_char < end:
                span = spans.popleft()
                if span.start_char >= start:
                    inside.append(span)
            if not inside:
                continue
            places = [(span.start_char, span.end_char) for span in inside]
            read = assertions.read(text, (start, end), places, [span.label_ for span in inside])
            for span, reading in zip(inside, read, strict=True):
                span._.set(ASSERTION, reading.assertion.value)
                span._.set(CUE, reading.cue)
        return doc


def _unwrapped(text: str) -> str:
    """`text` with line breaks inside sentences as spaces: before lower case, or behind a comma."""
    if "\n" not in text:
        return text
    lines = text.split("\n")
    out = [lines[0]]
    for before, line in pairwise(lines):
        opening = line.lstrip()[:1]
        closing = before.rstrip()[-1:]
        wrapped = opening and (closing == "," or (opening.islower() and closing.isalnum()))
        out += [" " if wrapped else "\n", line]
    return "".join(out)
