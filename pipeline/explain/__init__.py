"""Why a mention is there, and why a text gave none: every step from the page's words to the row, with its line.

explanation = explain(page, engine, "low sodium")
explanation.mentions[0].line.where, explanation.unmatched[0].reason
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .. import article as cleaning
from ..components.candidates import Rank
from ..decode import decode
from ..extract import Engine, extract, known
from ..fold import fold
from ..language import ENGLISH
from ..model import Block, Dropped, Extraction, Mention, Page, Problem, Quantity, Relation, Status
from ..norms import WORD
from ..tables.links import Linker
from ..tidy import CONCEPT_ID
from .provenance import Line, line_at
from .reading import Found, Reading, why_lost
from .unmatched import WhyNot, nowhere, of_concept, reason
from .whereabouts import Phrase, norm

_WORD = re.compile(WORD)
_RANKS = {Rank.DEFINED: "abbreviation", Rank.PATTERN: "pattern", Rank.ELLIPTIC: "ellipsis"}


@dataclass(frozen=True, slots=True)
class Step:
    """How one word of the text was compared: as written, folded, and in its normal form.

    `role`: the classes that the pattern asks for and the word has; empty outside patterns.
    """

    written: str
    folded: str
    normal: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Rival:
    """A candidate that lost: to the mention, or to what took another word of it (`winner`, a text).

    `concept_id` is empty for blocked phrases and rules. `because` says why it lost.
    """

    text: str
    concept_id: str
    line: Line
    winner: str
    because: str


@dataclass(frozen=True, slots=True)
class Why:
    """All that led to one mention, number `number` of the page.

    `kind`: term, pattern, abbreviation (defined in the text) or ellipsis; `line` its row of the vocabulary; `form`
    the term as it stands there, or the pattern's id; `note` what else had to be so. `cue` is the row of the cue that
    decided the assertion, None where nothing spoke against present. `relations` are those that the mention is an
    end of.
    """

    number: int
    mention: Mention
    kind: str
    line: Line
    form: str
    example: str
    note: str
    steps: tuple[Step, ...]
    rivals: tuple[Rival, ...]
    cue: Line | None
    block: Block
    sentence: str
    link: str
    quantities: tuple[Quantity, ...] = ()
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is to be said of `text` on a page; of all its mentions where `text` is empty.

    `problem` is set for a page that gave no article.
    """

    extraction: Extraction
    text: str
    mentions: tuple[Why, ...]
    unmatched: tuple[WhyNot, ...]
    problem: Problem | None = None


def explain(page: Page, engine: Engine, text: str = "", *, language: str = ENGLISH) -> Explanation:
    """Why the mentions of `page` that `text` names are there, or why there are none.

    `text` is words, sought in any spelling that the matchers take for the same, or a concept id
    (`condition:hyponatremia`); empty means all mentions. `language` is as in `extract`. Never raises for what the
    page holds.
    """
    extraction = extract(page, engine, language=language)
    reading = Reading(extraction, engine)
    text = " ".join(text.split())
    if not text:
        chosen = range(len(extraction.mentions))
        return Explanation(extraction, text, _whys(reading, chosen), (), extraction.problem)
    if CONCEPT_ID.fullmatch(text):
        numbers = [number for number, one in enumerate(extraction.mentions) if one.concept_id == text]
        missing = () if numbers else of_concept(reading, text)
        return Explanation(extraction, text, _whys(reading, numbers), missing, extraction.problem)
    phrase = Phrase(text)
    places = phrase.places(reading.text) or phrase.places(reading.text, across=True)
    touched: dict[int, None] = {}
    missing = ()
    for start, end in places:
        numbers = [n for n, one in enumerate(extraction.mentions) if one.start < end and start < one.end]
        touched |= dict.fromkeys(numbers)
        if not any(
            (one.start, one.end) == (start, end) for one in map(extraction.mentions.__getitem__, numbers)
        ):
            missing += (reason(reading, phrase, start, end),)
    missing += nowhere(phrase, _left_out(page, extraction), extraction, found=bool(places))
    return Explanation(extraction, text, _whys(reading, touched), missing, extraction.problem)


def _left_out(page: Page, extraction: Extraction) -> tuple[list[Dropped], str]:
    """What cleaning left out, and the decoded page; nothing of a page that could not be read at all."""
    failed = extraction.problem is not None and extraction.problem.status is Status.FAILED
    if failed or page.problem is not None:
        return [], ""
    decoded = decode(page.content, page.content_type, page.media_type)
    if isinstance(decoded, Problem):
        return [], ""
    dropped: list[Dropped] = []
    cleaning.parse(decoded.text, media_type=page.media_type, known=known(page), dropped=dropped)
    return dropped, decoded.text


def _whys(reading: Reading, numbers: range | list[int] | dict[int, None]) -> tuple[Why, ...]:
    metadata, page = reading.extraction.article.metadata, reading.extraction.page
    linker = Linker(reading.text, metadata.url or page.url)
    return tuple(_why(reading, number, linker) for number in numbers)


def _why(reading: Reading, number: int, linker: Linker) -> Why:
    extraction, folders = reading.extraction, reading.words.folders
    mention = extraction.mentions[number]
    block = extraction.article.blocks[mention.block]
    winner = next(
        one
        for one in reading.found
        if one.won and (one.start, one.end, one.candidate.where) == (mention.start, mention.end, mention.term)
    )
    pattern, term = reading.patterns.get(mention.term), reading.terms.get(mention.term)
    kind = _RANKS.get(winner.candidate.rank, "term")
    if kind == "pattern" and pattern is None:
        kind = "term"
    return Why(
        number=number,
        mention=mention,
        kind=kind,
        line=line_at(mention.term, folders),
        form=term.text if term else pattern.id if pattern else "",
        example=term.example if term else next(iter(pattern.examples), "") if pattern else "",
        note=_note(reading, winner, mention),
        steps=_steps(reading, mention, mention.term if kind == "pattern" else ""),
        rivals=_rivals(reading, winner),
        cue=line_at(mention.cue_where, folders) if mention.cue_where else None,
        block=block,
        sentence=reading.text[mention.sentence_start : mention.sentence_end],
        link=linker.link(mention.sentence_start, mention.sentence_end, block.start),
        quantities=tuple(one for one in extraction.quantities if one.mention == number),
        relations=tuple(one for one in extraction.relations if number in (one.head, one.tail)),
    )


def _note(reading: Reading, winner: Found, mention: Mention) -> str:
    rank = winner.candidate.rank
    if rank is Rank.DEFINED:
        same = [
            one
            for one in reading.found
            if one.candidate.rank is Rank.DEFINED
            and reading.text[one.start : one.end].rstrip("s") == mention.text.rstrip("s")
        ]
        first = min(one.start for one in same)
        opening = max(reading.text.rfind("\n", 0, first) + 1, first - 80)
        return f"the text defines it: …{reading.text[opening : first + len(mention.text) + 1]}"
    if rank is Rank.ELLIPTIC:
        hosts = [
            one
            for one in reading.extraction.mentions
            if one.term == mention.term and not one.elliptic and one.sentence_start == mention.sentence_start
        ]
        host = min(hosts, key=lambda one: abs(one.start - mention.start), default=None)
        return f"part of its name stands in {host.text!r}" if host else "part of its name stands elsewhere"
    claimed = reading.text[slice(*winner.claimed)]
    if rank is Rank.CONTEXT:
        return f"with the article before it: {claimed!r}"
    if claimed != mention.text:
        return f"because of the words around it: {claimed!r}"
    return "in this capitalisation only" if rank is Rank.EXACT else ""


def _steps(reading: Reading, mention: Mention, pattern_at: str) -> tuple[Step, ...]:
    folded = fold(mention.text)
    asked: dict[str, set[str]] = {}
    pattern = reading.patterns.get(pattern_at)
    if pattern is not None:
        kinds = {token["CLASS"] for token in pattern.tokens if "CLASS" in token}
        for word in reading.words.lexicon:
            if word.kind in kinds:
                asked.setdefault(norm()(fold(word.form)), set()).add(word.kind)
    return tuple(
        Step(
            mention.text[match.start() : match.end()],
            match[0],
            normal,
            " or ".join(sorted(asked.get(normal, ()))),
        )
        for match in _WORD.finditer(folded)
        for normal in (norm()(match[0]),)
    )


def _rivals(reading: Reading, winner: Found) -> tuple[Rival, ...]:
    rivals = []
    for one in reading.found:
        if one.won or not one.touches(winner.claimed):
            continue
        over = reading.winner_over(one)
        if over is None:
            continue
        candidate = one.candidate
        if (candidate.concept_id, one.start, one.end) == (
            winner.candidate.concept_id,
            winner.start,
            winner.end,
        ):
            because = "says the same"
        else:
            because = why_lost(reading.text, one, over)
        rivals.append(
            Rival(
                reading.text[one.start : one.end],
                candidate.concept_id,
                line_at(candidate.where, reading.words.folders),
                reading.text[over.start : over.end],
                because,
            )
        )
    return tuple(dict.fromkeys(rivals))
