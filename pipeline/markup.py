"""The one notation for an annotated sentence: `[low sodium](condition:hyponatremia absent)`.

Inside the round brackets stand the concept id, or a bare label, then words: an assertion other than present, and
`elliptic`. Square brackets and backslashes of the text itself are written `\\[`, `\\]`, `\\\\`. Parsing is strict: what
does not parse is an error, never an empty case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import NotationError
from .model import Assertion

_TOKEN = re.compile(r"\\(.)|\[|\]\(([^()]*)\)|\]", re.DOTALL)
_TARGET = re.compile(r"[a-z_]+(:[^\s:]+)?")
_ELLIPTIC = "elliptic"
_ASSERTIONS = frozenset(Assertion)  # before Python 3.12 a plain string is no member


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """An annotated stretch: `text[start:end]` names `target`, a concept id (`condition:gout`) or a bare label."""

    start: int
    end: int
    target: str
    assertion: Assertion = Assertion.PRESENT
    elliptic: bool = False

    @property
    def label(self) -> str:
        """The label in capitals, `CONDITION`."""
        return self.target.partition(":")[0].upper()


def parse(sentence: str, where: str = "notation") -> tuple[str, tuple[Mark, ...]]:
    """The plain text of `sentence` and its marks in order. Raises NotationError, which names `where` and the column."""
    text: list[str] = []
    length = 0
    opened: int | None = None
    marks: list[Mark] = []
    position = 0
    for match in _TOKEN.finditer(sentence):
        text.append(sentence[position : match.start()])
        length += match.start() - position
        position = match.end()
        column = f"{where}, column {match.start() + 1}"
        if match[1] is not None:
            text.append(match[1])
            length += 1
        elif match[0] == "[":
            if opened is not None:
                raise NotationError(
                    column, "a mark opens inside a mark", r"Write \[ for a bracket of the text."
                )
            opened = length
        elif match[2] is None:
            raise NotationError(column, "a bracket closes nothing", r"Write \] for a bracket of the text.")
        else:
            if opened is None or opened == length:
                raise NotationError(column, "a mark has no text", "Write [text](concept-id).")
            marks.append(_mark(opened, length, match[2], column))
            opened = None
    if opened is not None:
        raise NotationError(where, "a mark is not closed", "Write [text](concept-id).")
    text.append(sentence[position:])
    return "".join(text), tuple(marks)


def _mark(start: int, end: int, inside: str, column: str) -> Mark:
    target, *words = inside.split() or [""]
    if not _TARGET.fullmatch(target):
        raise NotationError(column, f"{target!r} is no concept id", "Write label:name, as in condition:gout.")
    assertion, elliptic = Assertion.PRESENT, False
    for word in words:
        if word == _ELLIPTIC:
            elliptic = True
        elif word in _ASSERTIONS:
            assertion = Assertion(word)
        else:
            known = ", ".join([*Assertion, _ELLIPTIC])
            raise NotationError(column, f"{word!r} is no word of the notation", f"Use one of {known}.")
    return Mark(start, end, target, assertion, elliptic)


def render(text: str, marks: Iterable[Mark]) -> str:
    """The sentence that `parse` reads back; marks must not overlap."""
    out: list[str] = []
    position = 0
    for mark in sorted(marks):
        words = [mark.target]
        if mark.assertion is not Assertion.PRESENT:
            words.append(mark.assertion)
        if mark.elliptic:
            words.append(_ELLIPTIC)
        out.append(_escape(text[position : mark.start]))
        out.append(f"[{_escape(text[mark.start : mark.end])}]({' '.join(words)})")
        position = mark.end
    out.append(_escape(text[position:]))
    return "".join(out)


def _escape(text: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", text)
