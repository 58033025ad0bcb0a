"""Relations from structure: list items, table cells and headings under a heading or lead-in that says what they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from ..model import Article, Basis, Kind, Mention
from .clauses import Sentence
from .ledger import SYMPTOM, WORDS, Ledger, Span
from .subjects import ANY, FINDINGS, MEDICATION, Frame, Subjects, heading_frame
from .words import EFFECTS, NONE, RelationWords

# The labels that may be the tail of a kind.
TAILS: dict[str, tuple[str, ...]] = {
    "symptom_of": ("CONDITION",),
    "causes": FINDINGS,
    EFFECTS: ANY,
    "side_effect_of": (MEDICATION,),
    "treats": FINDINGS,
    "prevents": FINDINGS,
    "red_flag_for": ANY,
}
MOST_OPENING = (
    4  # Words of a first sentence that may stand before what an item names: `Medicines. Water pills and ...`
)
LONGEST_ITEM = 160  # Characters; in a longer item only its first enumeration is read.
_SENTENCE_END = re.compile(r"[.!?][\"'”’)]*\s+(?=[A-Z\"'“‘(\d])")
_NUMBERED = re.compile(r"\W*\d+\b")
_NUMBER = re.compile(r"\b\d+\b")

Numbered = Sequence[tuple[int, Mention]]


class Readable(Protocol):
    """What can be taken to words."""

    @property
    def sentence(self) -> Sentence: ...


class Lists:
    """Reads the structure of one article."""

    def __init__(
        self,
        article: Article,
        mentions: Sequence[Mention],
        words: RelationWords,
        subjects: Subjects,
        ledger: Ledger,
    ) -> None:
        self._article, self._mentions, self._sets = article, mentions, words.sets
        self._subjects, self._ledger = subjects, ledger
        self._leads = _leads(article)
        self._opened: dict[tuple[int, tuple[str, ...]], tuple[Frame | None, int]] = {}

    def tail(self, frame: Frame, block: int) -> int:
        """What a frame is about: its own mention, else what the headings or the page are; -1 when that is unclear."""
        labels = TAILS[frame.kind]
        found = self._subjects.one(frame.mentions, labels)
        if found is None:
            return -1
        return found if found >= 0 else self._subjects.around(block, labels)

    def item(self, block: int, start: int, read: Readable, inside: Numbered) -> bool:
        """Read a list item by its first sentence with mentions, at `start`; True where it asks for help."""
        place = self._article.blocks[block]
        if inside[0][0] != self._subjects.by_block[block][0]:
            return False
        if start > place.start:
            opening = WORDS.findall(self._article.text[place.start : start].lower())
            if len(opening) > MOST_OPENING or self._sets["generic"].isdisjoint(opening):
                return False
        frame, tail = self._frame(block)
        if frame is None:
            return False
        if frame.kind == "red_flag_for":
            return True
        sentence = read.sentence
        first, lead = sentence.groups[0], sentence.lead
        numbers = first.members if sentence.leads([word for word in lead if word != ":"]) else []
        drugs = numbers and frame.kind == "causes" and self._mentions[numbers[0]].label == MEDICATION
        if drugs and not (self._sets["light"] | self._sets["generic"]).issuperset(lead):
            return False
        if frame.kind in ("symptom_of", "side_effect_of") and len(sentence.text) < LONGEST_ITEM:
            numbers = [
                *numbers,
                *(n for n, one in inside if one.label == SYMPTOM and n not in numbers),
            ]
        certainty = "may" if frame.hedged or not self._sets["hedge"].isdisjoint(lead) else "is"
        self._say(frame.kind, numbers, tail, block, certainty, Basis.LIST, first.hedged)
        return False

    def _frame(self, block: int) -> tuple[Frame | None, int]:
        """(frame, tail) of the list of an item; the tail is -1 when it is unclear."""
        lead = self._leads.get(block, -1)
        key = (lead, self._article.blocks[block].trail)
        if key not in self._opened:
            self._opened[key] = self._open(block, lead)
        return self._opened[key]

    def _open(self, block: int, lead: int) -> tuple[Frame | None, int]:
        frame = self._subjects.frame(block)
        if lead < 0:
            return (frame, self.tail(frame, block)) if frame is not None else (None, -1)
        place = self._article.blocks[lead]
        text = self._article.text[place.start : place.end]
        last = max((match.end() for match in _SENTENCE_END.finditer(text)), default=0)
        kind, hedged = heading_frame(text[last:])
        numbers = self._subjects.by_block.get(lead, [])
        inside = [n for n in numbers if self._mentions[n].start >= place.start + last]
        if kind == NONE and (frame is None or frame.kind != "red_flag_for"):
            return None, -1
        if kind in ("", NONE) or (kind == EFFECTS and not inside and frame is not None):
            if frame is None:
                return None, -1
            frame = Frame(frame.kind, frame.hedged or hedged, frame.mentions, frame.heading)
            return frame, self.tail(frame, block)
        hedged = hedged or (frame is not None and frame.kind == kind and frame.hedged)
        for told in (inside, numbers):
            found = self._subjects.one(told, TAILS[kind])
            if found is None and told is inside:
                return Frame(kind, hedged), -1
            if found is not None and found >= 0:
                return Frame(kind, hedged), found
        return Frame(kind, hedged), self._subjects.around(block, TAILS[kind])

    def heading(self, block: int, inside: Numbered) -> None:
        """A heading that names a sign or a cause: under `Causes`, or one of the numbered of `7 signs of ...`."""
        place = self._article.blocks[block]
        text = self._article.text[place.start : place.end]
        if heading_frame(text)[0]:
            return
        frame, basis = self._subjects.frame(block), Basis.HEADING
        if frame is None and _NUMBERED.match(text):
            frame, basis = self._counted(), Basis.TITLE
        if frame is None or frame.kind == "red_flag_for":
            return
        numbers = [n for n, one in inside if frame.kind != "symptom_of" or one.label == SYMPTOM]
        if basis is Basis.HEADING:
            tail = self.tail(frame, block)
        else:
            tail = self._subjects.page(TAILS[frame.kind])
        self._say(frame.kind, numbers, tail, block, "may" if frame.hedged else "is", basis)

    def _counted(self) -> Frame | None:
        """What the title counts: `7 signs of low magnesium`."""
        title = self._article.blocks[0]
        words = self._article.text[title.start : title.end] if title.kind is Kind.TITLE else ""
        kind, hedged = heading_frame(words)
        return Frame(kind, hedged) if kind not in ("", NONE) and _NUMBER.search(words) else None

    def cell(self, block: int, inside: Numbered) -> None:
        """A cell under a header like `Symptoms`, in the row of what has them."""
        trail = self._article.blocks[block].trail
        if len(trail) < 2:
            return
        kind, hedged = heading_frame(trail[-2])
        if kind in ("", NONE, "red_flag_for"):
            return
        tail = self._subjects.one(self._subjects.in_heading(trail[-1]), TAILS[kind])
        if tail is not None:
            numbers = [number for number, _ in inside]
            self._say(kind, numbers, tail, block, "may" if hedged else "is", Basis.LIST)

    def _say(
        self,
        kind: str,
        numbers: Sequence[int],
        tail: int,
        block: int,
        certainty: str,
        basis: Basis,
        hedged: Sequence[int] = (),
    ) -> None:
        place = self._article.blocks[block]
        evidence: Span = (place.start, place.end)
        findings = [n for n in numbers if self._mentions[n].label in FINDINGS]
        if kind in ("treats", "prevents") and findings:
            # `It is used to treat:` lists what the drug of the page treats.
            drug = self._subjects.around(block, (MEDICATION,))
            if drug >= 0:
                self._ledger.every(kind, (drug,), findings, certainty, basis, evidence, hedged)
        elif tail >= 0:
            self._ledger.every(kind, numbers, (tail,), certainty, basis, evidence, hedged)


def _leads(article: Article) -> dict[int, int]:
    """For each list item the paragraph with a colon before its list; -1 when there is none."""
    leads: dict[int, int] = {}
    lead = -1
    for number, block in enumerate(article.blocks):
        if block.kind is Kind.LIST_ITEM:
            leads[number] = lead
        elif block.kind in (Kind.PARAGRAPH, Kind.QUOTE) and article.text[block.end - 1 : block.end] == ":":
            lead = number
        else:
            lead = -1
    return leads
