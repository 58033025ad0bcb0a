"""What the text says of a mention: cues before or behind it in its sentence decide.

After NegEx (Chapman et al. 2001, doi:10.1006/jbin.2001.1029): a cue works in one direction until a terminator, another
cue's reach or the end of the sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..fold import fold
from ..model import Assertion
from ..terminology import Cue
from .words import Words

_ASSERTIONS = frozenset(Assertion)  # before Python 3.12 a plain string is no member


class Assertions:
    """Reads cues: `read(doc, spans)` gives the assertion and the cue of each span of tokens."""

    def __init__(self, vocab: Vocab, cues: Sequence[Cue]) -> None:
        words = Words(vocab)
        self._matcher = PhraseMatcher(vocab, attr="LOWER")
        self._cues: dict[int, Cue] = {}
        for number, cue in enumerate(cues):
            self._matcher.add(str(number), [words(fold(cue.text))])
            self._cues[vocab.strings[str(number)]] = cue

    def read(
        self, doc: Doc, sentence: tuple[int, int], spans: Iterable[tuple[int, int]]
    ) -> list[tuple[Assertion, str]]:
        """One (assertion, cue text) for each of `spans`, token bounds inside the token bounds `sentence`."""
        first, last = sentence
        spans = list(spans)
        found: list[tuple[int, int, Cue]] = []
        for key, start, end in sorted(self._matcher(doc[first:last]), key=lambda match: (match[1] - match[2], match[1])):
            start, end = start + first, end + first
            if any(start < other_end and other_start < end for other_start, other_end, _ in found):
                continue
            if not any(span[0] <= start and end <= span[1] for span in spans):
                found.append((start, end, self._cues[key]))
        found.sort(key=lambda one: one[0])
        return [self._decide(doc, found, span, first, last) for span in spans]

    def _decide(
        self, doc: Doc, found: list[tuple[int, int, Cue]], span: tuple[int, int], first: int, last: int
    ) -> tuple[Assertion, str]:
        for start, end, cue in reversed([one for one in found if one[1] <= span[0]]):
            if cue.category == "terminator" and cue.direction in ("forward", "both"):
                break
            if cue.category in _ASSERTIONS and cue.direction in ("forward", "both"):
                if cue.scope.isdigit() and span[0] - end > int(cue.scope):
                    continue
                return Assertion(cue.category), doc[start:end].text
        for start, end, cue in (one for one in found if one[0] >= span[1]):
            if cue.category == "terminator":
                break
            if cue.category in _ASSERTIONS and cue.direction in ("backward", "both"):
                if cue.scope.isdigit() and start - span[1] > int(cue.scope):
                    continue
                return Assertion(cue.category), doc[start:end].text
        return Assertion.PRESENT, ""
