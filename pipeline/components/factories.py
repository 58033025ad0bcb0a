"""spaCy factories, registered as entry points: spaCy imports this whenever it makes a Language.

nlp = spacy.blank("en")
nlp.add_pipe("medtables_assertion", config={"spans_key": "sc"})
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

from ..fold import fold
from ..terminology import read_cues
from ..tsv import VOCABULARY, read_rows
from .assertion import Assertions
from .candidates import SPANS
from .sentences import sentence_bounds

ASSERTION, CUE = "medtables_assertion", "medtables_cue"


class AssertionComponent:
    """Sets `span._.medtables_assertion` (present, absent, possible, hypothetical, historical, other) and
    `span._.medtables_cue`, the words that decided, on each span of `doc.spans[spans_key]`.

    Works with any tokenizer: it reads the text of the Doc. It uses the Doc's sentences when it has any.
    """

    def __init__(self, spans_key: str, cues: str | None) -> None:
        self.spans_key = spans_key
        path = Path(cues) if cues else VOCABULARY / "cues.tsv"
        self._assertions = Assertions(read_cues(path.parent, path.name))
        self._abbreviations = frozenset(
            row["abbreviation"]
            for row in read_rows(VOCABULARY, "sentence_abbreviations.tsv", ("abbreviation",))
        )

    def __call__(self, doc: Doc) -> Doc:
        spans = list(doc.spans.get(self.spans_key, ()))
        if not spans:
            return doc
        text = fold(doc.text)
        if doc.has_annotation("SENT_START"):
            bounds = [(sentence.start_char, sentence.end_char) for sentence in doc.sents]
        else:
            text = _unwrapped(text)
            bounds = list(sentence_bounds(text, 0, len(text), self._abbreviations))
        for start, end in bounds:
            inside = [span for span in spans if start <= span.start_char < end]
            if not inside:
                continue
            places = [(span.start_char, span.end_char) for span in inside]
            read = self._assertions.read(text, (start, end), places, [span.label_ for span in inside])
            for span, reading in zip(inside, read, strict=True):
                span._.set(ASSERTION, reading.assertion.value)
                span._.set(CUE, reading.cue)
        return doc


@Language.factory(
    ASSERTION,
    default_config={"spans_key": SPANS, "cues": None},
    assigns=[f"span._.{ASSERTION}", f"span._.{CUE}"],
)
def make_assertion(nlp: Language, name: str, spans_key: str, cues: str | None) -> AssertionComponent:
    """The component for `doc.spans[spans_key]`; `cues` is a file to use in place of `vocabulary/cues.tsv`."""
    for extension, default in ((ASSERTION, "present"), (CUE, "")):
        if not Span.has_extension(extension):
            Span.set_extension(extension, default=default)
    return AssertionComponent(spans_key, cues)


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
