"""Why a text that a reader expects gave no mention: the nearest of the reasons that can be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ..components.candidates import Rank
from ..components.sentences import sentence_abbreviations, sentence_bounds
from ..fold import fold
from ..model import Block, Dropped, Extraction
from ..terminology import Term, Terminology
from .provenance import Line, line_at
from .reading import Found, Reading, why_lost
from .whereabouts import Phrase, norm

_AROUND = 40  # characters shown on either side
_NEAREST = 5  # terms shown that share words with a text
_SMALL = (
    "article",
    "determiner",
    "preposition",
    "connector",
    "be",
)  # classes of words that bring no term near


class Reason(StrEnum):
    """The reasons, as `WhyNot.reason` tells them."""

    NOWHERE = "nowhere"
    NO_ARTICLE = "no_article"
    LANGUAGE = "language"
    CLEANED = "cleaned"
    MARKUP = "markup"
    BLOCKS = "crosses_blocks"
    SENTENCES = "crosses_sentences"
    LONGER = "longer_match"
    BLOCKED = "blocked"
    NOT_EXAMPLE = "not_example"
    REDEFINED = "redefined"
    LOST = "lost"
    GATED = "gated"
    CASE = "case"
    UNKNOWN = "unknown_words"
    NO_TERM = "no_term"
    NO_CONCEPT = "no_concept"


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why there is no mention of a text at `[start, end)` of the article, both -1 where it is not in the article.

    `detail` says it in a sentence; `context` is what stands there; `lines` are the rows that decide, or come nearest;
    `words` those that the vocabulary lacks. `rule` is that of cleaning.
    """

    reason: Reason
    detail: str
    start: int = -1
    end: int = -1
    context: str = ""
    lines: tuple[Line, ...] = ()
    words: tuple[str, ...] = ()
    rule: str = ""


def reason(reading: Reading, phrase: Phrase, start: int, end: int) -> WhyNot:
    """Why `[start, end)` of the article, where `phrase` stands, is not a mention as it is."""
    text = reading.text
    context = _context(text, start, end)

    def told(why: Reason, detail: str, lines: tuple[Line, ...] = (), words: tuple[str, ...] = ()) -> WhyNot:
        return WhyNot(why, detail, start, end, context, lines, words)

    if reading.extraction.unread:
        return told(Reason.LANGUAGE, f"The article is {reading.extraction.unread}.")
    block = next(
        (one for one in reading.extraction.article.blocks if one.start <= start and end <= one.end), None
    )
    if block is None:
        return told(Reason.BLOCKS, "It runs from one block of the article into the next; no mention does.")
    winners = [one for one in reading.found if one.won and one.touches((start, end))]
    longer = next(
        (one for one in winners if one.candidate.label and one.start <= start and end <= one.end), None
    )
    if longer is not None:
        detail = f"It is part of the longer mention {text[longer.start : longer.end]!r}."
        return told(Reason.LONGER, detail, (_line(reading, longer),))
    blocking = next((one for one in winners if not one.candidate.label), None)
    if blocking is not None:
        return told(*_blocked(reading, blocking), (_line(reading, blocking),))
    if _parts(block, start, end, reading):
        return told(Reason.SENTENCES, "It runs from one sentence into the next.")
    lost = next(
        (one for one in reading.found if (one.start, one.end) == (start, end) and one.candidate.label), None
    )
    if lost is not None and (over := reading.winner_over(lost)) is not None:
        detail = f"{lost.candidate.concept_id} {why_lost(text, lost, over)}."
        return told(Reason.LOST, detail, (_line(reading, lost), _line(reading, over)))
    if lost is not None:
        detail = (
            f"{lost.candidate.concept_id} is none in this article, which speaks of something else (gates)."
        )
        return told(Reason.GATED, detail, (_line(reading, lost),))
    other_case = [one for one in _alike(reading.words, phrase) if one.case]
    if other_case:
        written = ", ".join(dict.fromkeys(repr(one.text) for one in other_case))
        detail = f"The vocabulary knows it in this form only: {written}."
        return told(Reason.CASE, detail, _rows(reading, other_case))
    return told(*_unknown(reading, phrase))


def nowhere(
    phrase: Phrase, left_out: tuple[list[Dropped], str], extraction: Extraction, *, found: bool
) -> tuple[WhyNot, ...]:
    """Where `phrase` stands in what cleaning left out; if `found` nowhere, not in the article either, that it is so."""
    dropped, page = left_out
    reasons = []
    for one in dropped:
        for start, end in phrase.places(one.text):
            detail = f"It is in text that cleaning left out, by the rule {one.rule}."
            reasons.append(
                WhyNot(Reason.CLEANED, detail, context=_context(one.text, start, end), rule=one.rule)
            )
    if found or reasons:
        return tuple(reasons)
    if extraction.problem is not None:
        detail = f"The page gave no article: {extraction.problem.status}, {extraction.problem.reason}."
        return (WhyNot(Reason.NO_ARTICLE, detail),)
    places = phrase.places(page)
    if places:
        detail = "It is in the page's source only: in an attribute, a script, or a second copy of a text."
        return (WhyNot(Reason.MARKUP, detail, context=_context(page, *places[0])),)
    if not phrase:
        return (WhyNot(Reason.NOWHERE, "It holds no word."),)
    missing = [word for word in phrase.words if not Phrase(word).places(extraction.article.text)]
    detail = "It is nowhere in the page"
    detail += (
        f"; the article lacks the words {_listed(missing)}." if missing else ", though all its words are."
    )
    return (WhyNot(Reason.NOWHERE, detail),)


def of_concept(reading: Reading, concept_id: str) -> tuple[WhyNot, ...]:
    """Why a page mentions a concept nowhere: for each of its terms that the article holds, why it is none."""
    terms = [term for term in reading.words.terms if term.concept_id == concept_id]
    if not terms:
        detail = f"No term has the concept {concept_id}; only a pattern could give it."
        return (WhyNot(Reason.NO_CONCEPT, detail),)
    if reading.extraction.problem is not None:
        problem = reading.extraction.problem
        return (WhyNot(Reason.NO_ARTICLE, f"The page gave no article: {problem.status}, {problem.reason}."),)
    found: dict[tuple[int, int], WhyNot] = {}
    for term in terms:
        phrase = Phrase(term.text)
        for start, end in phrase.places(reading.text):
            found.setdefault((start, end), reason(reading, phrase, start, end))
    if found:
        return tuple(found[place] for place in sorted(found))
    names = _listed(list(dict.fromkeys(term.text for term in terms))[:_NEAREST])
    detail = (
        f"None of its {len(terms)} terms is in the article: {names}{', …' if len(terms) > _NEAREST else ''}."
    )
    return (WhyNot(Reason.NOWHERE, detail, lines=_rows(reading, terms)),)


def _blocked(reading: Reading, blocking: Found) -> tuple[Reason, str]:
    words = reading.text[slice(*blocking.claimed)]
    match blocking.candidate.rank:
        case Rank.RULED_OUT:
            return Reason.NOT_EXAMPLE, f"A not_example of the term rules out {words!r}."
        case Rank.DEFINED:
            return Reason.REDEFINED, f"The text defines {words!r} as something that is no mention."
        case _:
            return Reason.BLOCKED, f"The phrase {words!r} is blocked."


def _parts(block: Block, start: int, end: int, reading: Reading) -> bool:
    """Whether a sentence ends inside `[start, end)`."""
    bounds = sentence_bounds(fold(reading.text), block.start, block.end, sentence_abbreviations())
    return any(start < last < end for _, last in bounds)


def _alike(words: Terminology, phrase: Phrase) -> list[Term]:
    """The terms whose words have the same normal forms."""
    longest = 2 * sum(map(len, phrase.words)) + 8  # saves most of the work; a plural adds less
    return [
        term for term in words.terms if len(term.text) < longest and Phrase(term.text).norms == phrase.norms
    ]


def _unknown(reading: Reading, phrase: Phrase) -> tuple[Reason, str, tuple[Line, ...], tuple[str, ...]]:
    known = _known(reading.words)
    unknown = tuple(
        word
        for word, form in zip(phrase.words, phrase.norms, strict=True)
        if form not in known and form.isalnum()
    )
    nearest = _rows(reading, _nearest(reading.words, phrase))
    if unknown:
        return Reason.UNKNOWN, f"No term and no pattern knows {_listed(unknown)}.", nearest, unknown
    return Reason.NO_TERM, "The vocabulary knows its words, but nothing joins just these.", nearest, ()


def _known(words: Terminology) -> frozenset[str]:
    """The normal forms of all words in terms, patterns and classes."""
    forms = set()
    for term in words.terms:
        forms.update(fold(term.text).replace("-", " ").split())
    forms.update(fold(word.form) for word in words.lexicon)
    for pattern in words.patterns:
        forms.update(_literals(pattern.tokens))
    return frozenset(map(norm(), forms))


def _literals(tokens: tuple[dict[str, object], ...]) -> Iterator[str]:
    for token in tokens:
        for key in ("LOWER", "NORM", "ORTH"):
            value = token.get(key)
            if isinstance(value, str):
                yield value
            elif isinstance(value, dict):
                yield from (one for one in value.get("IN", ()) if isinstance(one, str))


def _nearest(words: Terminology, phrase: Phrase) -> list[Term]:
    """The terms that share most words with a phrase and have fewest others, one of each concept."""
    small = {norm()(fold(word.form)) for word in words.lexicon if word.kind in _SMALL}
    wanted = {form for form in phrase.norms if form.isalnum() and form not in small}
    scored = []
    for term in words.terms:
        if not any(form[:3] in term.text.lower() for form in wanted):
            continue
        norms = set(Phrase(term.text).norms)
        shared = len(wanted & norms)
        if shared:
            scored.append((-shared, len(norms - wanted), term.text, term))
    best: dict[str, Term] = {}
    for *_, term in sorted(scored, key=lambda entry: entry[:3]):
        best.setdefault(term.concept_id, term)
        if len(best) == _NEAREST:
            break
    return list(best.values())


def _rows(reading: Reading, terms: list[Term]) -> tuple[Line, ...]:
    return tuple(line_at(term.where, reading.words.folders) for term in terms[:_NEAREST])


def _line(reading: Reading, one: Found) -> Line:
    return line_at(one.candidate.where, reading.words.folders)


def _listed(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(map(repr, words))


def _context(text: str, start: int, end: int) -> str:
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    shown = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{shown}{'…' if last < len(text) else ''}"
