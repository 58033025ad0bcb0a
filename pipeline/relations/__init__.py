"""Relations between mentions: from sentences, and from what headings and lead-ins say of what stands under them.

Plain Python over mentions, sentences, blocks and trails. A relation is given once per page: the first place that shows
it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..model import Article, Assertion, Basis, Kind, Mention, Relation
from ..terminology import Terminology
from .clauses import LONGEST, MOST_MENTIONS, Sentence
from .frames import Frames
from .ledger import CONDITION, ELECTROLYTE, SYMPTOM, WORDS, Ledger, Span
from .lists import TAILS, Lists
from .subjects import ANY, FINDINGS, MEDICATION, Subjects
from .words import EFFECTS, RelationWords, relation_words

MOST_DEFINITION = 14  # Words from a state to the electrolyte that explains it.
_BEHIND_ELECTROLYTE = 60  # Characters behind it in which `below 135` stands.
_ABSENT = (Assertion.ABSENT, Assertion.OTHER, Assertion.HISTORICAL)
_NOT_N = "n't"
_STATE = (
    "state_of"  # The predicate of relations.tsv: condition:hyponatremia is a state of electrolyte:sodium.
)

Numbered = Sequence[tuple[int, Mention]]


class _Read:
    """A sentence with its mentions, taken to groups when that is needed."""

    __slots__ = ("_grouped", "_sentence", "block", "bounds", "silent")

    def __init__(self, block: int, bounds: Span, text: str, inside: Numbered, words: RelationWords) -> None:
        self.block, self.bounds = block, bounds
        self._sentence = Sentence(text, bounds[0], inside, words)
        self._grouped = False
        explains = any(mention.label == ELECTROLYTE for _, mention in inside)
        # Whether no word of the sentence can make a claim.
        self.silent = not explains and words.triggers.isdisjoint(self._sentence.words)

    @property
    def sentence(self) -> Sentence:
        if not self._grouped:
            self._grouped = True
            self._sentence.group()
        return self._sentence


class Relations:
    """Reads relations; keeps no state between articles."""

    def __init__(self, terminology: Terminology) -> None:
        self._words = relation_words()
        self._frames = Frames(self._words)
        self._states = frozenset(
            (subject, target) for subject, predicate, target in terminology.relations if predicate == _STATE
        )

    def read(self, article: Article, mentions: Sequence[Mention]) -> tuple[Relation, ...]:
        """The relations of `article` in the order of their evidence; `mentions` are its mentions, by offset."""
        if not mentions:
            return ()
        page = _Page(article, mentions, self)
        return page.relations()


class _Page:
    """One article while its relations are read."""

    def __init__(self, article: Article, mentions: Sequence[Mention], reader: Relations) -> None:
        self._article, self._mentions = article, mentions
        self._words, self._frames, self._states = reader._words, reader._frames, reader._states
        self._sets = self._words.sets
        self._subjects = Subjects(article, mentions)
        self._ledger = Ledger(article, mentions, self._words)
        self._lists = Lists(article, mentions, self._words, self._subjects, self._ledger)

    def relations(self) -> tuple[Relation, ...]:
        sentences: dict[tuple[int, int, int], list[tuple[int, Mention]]] = {}
        for number, mention in enumerate(self._mentions):
            key = (mention.block, mention.sentence_start, mention.sentence_end)
            sentences.setdefault(key, []).append((number, mention))
        previous: _Read | None = None
        for (block, start, end), inside in sentences.items():
            kind = self._article.blocks[block].kind
            if kind is Kind.HEADING:
                self._lists.heading(block, inside)
            if kind in (Kind.HEADING, Kind.TITLE):
                continue
            if end - start > LONGEST or len(inside) > MOST_MENTIONS:
                continue
            text = self._article.text[start:end]
            read = _Read(block, (start, end), text, inside, self._words)
            if not text.rstrip("\"'”’) ").endswith("?"):
                same = previous is not None and previous.block == block and previous.bounds[1] + 3 >= start
                self._sentence(read, inside, previous if same else None)
            previous = read
            if kind is Kind.LIST_ITEM:
                if self._lists.item(block, start, read, inside):
                    self._flag_items(block, inside)
            elif kind is Kind.TABLE_CELL:
                self._lists.cell(block, inside)
        return self._ledger.relations()

    def _sentence(self, read: _Read, inside: Numbered, previous: _Read | None) -> None:
        bounds = read.bounds
        listed = self._article.blocks[read.block].kind is Kind.LIST_ITEM
        if read.silent and (listed or self._subjects.frame(read.block) is None):
            return
        sentence = read.sentence
        claims = self._frames.read(sentence, previous is not None)
        for claim in claims:
            kind, head, tail = claim.kind, claim.head, claim.tail
            if kind == "red_flag_for":
                if tail < 0:
                    if head >= 0:
                        self._flags(sentence.groups[head].members, bounds, Basis.SENTENCE)
                    continue
                kind = "symptom_of"  # `warning signs of a stroke`
            if claim.before:
                if previous is None or not previous.sentence.groups:
                    continue
                if not previous.sentence.leads(previous.sentence.lead):
                    continue
                bounds_of = (previous.bounds[0], bounds[1])
                members = previous.sentence.groups[0].members
            elif tail < 0:
                self._implied(read, kind, head, claim.certainty, listed)
                continue
            else:
                bounds_of, members = bounds, []
            heads, tails = (sentence.groups[n].members if n >= 0 else members for n in (head, tail))
            hedged = [n for end in (head, tail) if end >= 0 for n in sentence.groups[end].hedged]
            asserted = not claim.referring
            self._ledger.every(
                kind, heads, tails, claim.certainty, Basis.SENTENCE, bounds_of, hedged, asserted=asserted
            )
        if not claims and not listed:
            self._under_heading(read, inside)
        self._alarm(read, inside)
        self._deficiency(bounds, sentence, inside)

    def _implied(self, read: _Read, kind: str, head: int, certainty: str, listed: bool) -> None:
        """`Leg cramps are a classic sign`: of what the heading or the page is about."""
        tail = -1 if self._subjects.barred(read.block) else self._subjects.around(read.block, TAILS[kind])
        if tail < 0:
            return
        titled = self._article.blocks[self._mentions[tail].block].kind is Kind.TITLE
        basis = Basis.LIST if listed else Basis.TITLE if titled else Basis.HEADING
        group = read.sentence.groups[head]
        self._ledger.every(kind, group.members, (tail,), certainty, basis, read.bounds, group.hedged)

    def _under_heading(self, read: _Read, inside: Numbered) -> None:
        """An enumeration under `Symptoms`, a sentence of nothing else under `Causes`, a drug under `Treatment`."""
        frame = self._subjects.frame(read.block)
        if frame is None or frame.kind in ("red_flag_for", EFFECTS):
            return
        sentence, sets = read.sentence, self._sets
        certainty = self._frames.certainty(sentence.words)
        if certainty == "not" or not sets["personal"].isdisjoint(sentence.words):
            return
        tail = self._lists.tail(frame, read.block)
        if tail < 0:
            return
        concept = self._mentions[tail].concept_id
        others = {one.label for _, one in inside if one.concept_id != concept and one.label != ELECTROLYTE}
        ends = sentence.text.rstrip()[-1:]
        bare = sets["finite"].isdisjoint(sentence.words) and ends == sentence.text.rstrip().split(" ")[-1]
        numbers: list[int] = []
        if frame.kind == "symptom_of":
            if others <= {SYMPTOM}:
                numbers = [n for group in sentence.groups if len(group.members) > 1 for n in group.members]
        elif frame.kind in ("causes", "side_effect_of"):
            if bare and len(sentence.groups) == 1 and sentence.leads(sentence.lead):
                numbers = sentence.groups[0].members
        elif others <= {MEDICATION} and (bare or not sets["remedy"].isdisjoint(sentence.words)):
            numbers = [
                n for n, one in inside if one.label == MEDICATION and one.assertion is Assertion.PRESENT
            ]
        self._ledger.every(frame.kind, numbers, (tail,), certainty, Basis.HEADING, read.bounds)

    # --- what needs help soon

    def _alarm(self, read: _Read, inside: Numbered) -> None:
        """`Call a doctor if you have chest pain`, also without the call under `When to see a doctor`."""
        sentence = read.sentence
        alarms = self._words.alarms.find(sentence.text, sentence.words)
        frame = self._subjects.frame(read.block)
        under = frame is not None and frame.kind == "red_flag_for"
        listed = self._article.blocks[read.block].kind is Kind.LIST_ITEM
        if not alarms and (listed or not under):
            return
        flagged: list[int] = []
        if alarms:
            _, start, end = alarms[0]
            before = sentence.text[:start].split()[-3:]
            if any(word in self._sets["negation"] or word.endswith(_NOT_N) for word in before):
                return
            if sentence.text[end:].startswith(tuple(f"{words} " for words in self._sets["call"])):
                flagged = [n for n, one in inside if one.assertion is not Assertion.ABSENT]
        if not flagged:
            flagged = [
                n
                for n, one in inside
                if one.assertion is Assertion.HYPOTHETICAL
                and not (one.label == CONDITION and self._aside(one))
            ]
        asked = set()
        if under and frame is not None:
            asked = {self._mentions[n].concept_id for n in self._subjects.in_heading(frame.heading)}
        flagged = [n for n in flagged if self._mentions[n].concept_id not in asked]
        self._flags(flagged, read.bounds, Basis.SENTENCE if alarms else Basis.HEADING)

    def _aside(self, mention: Mention) -> bool:
        """Whether a mention stands behind a preposition: `medicine prescribed for angina` asks for no help."""
        before = self._article.text[mention.sentence_start : mention.start].split()
        return bool(before) and before[-1].lower() in self._sets["aside"]

    def _flag_items(self, block: int, inside: Numbered) -> None:
        place = self._article.blocks[block]
        self._flags([n for n, _ in inside], (place.start, place.end), Basis.LIST)

    def _flags(self, numbers: Iterable[int], bounds: Span, basis: Basis) -> None:
        subject = self._subjects.page(ANY)
        if subject < 0:
            return
        about = self._mentions[subject]
        for number in numbers:
            mention = self._mentions[number]
            if mention.label not in FINDINGS or mention.concept_id == about.concept_id:
                continue
            if mention.assertion in _ABSENT:
                continue
            # What a drug is not taken with is no sign of danger.
            if basis is Basis.SENTENCE and about.label == MEDICATION and mention.label == CONDITION:
                continue
            tail = -1 if basis is Basis.SENTENCE else subject
            self._ledger.add("red_flag_for", number, tail, about.concept_id, "is", basis, bounds)

    # --- deficiencies

    def _deficiency(self, bounds: Span, sentence: Sentence, inside: Numbered) -> None:
        """`Hyponatremia is a sodium level below 135`: a state of too little, explained by its electrolyte."""
        electrolytes = [(number, one) for number, one in inside if one.label == ELECTROLYTE]
        if not electrolytes or self._sets["low"].isdisjoint(sentence.words):
            return
        for number, mention in inside:
            if mention.label != CONDITION or not any(
                part in mention.concept_id for part in self._sets["deficiency"]
            ):
                continue
            for other, electrolyte in electrolytes:
                if electrolyte.start > mention.end and self._explains(mention, electrolyte, bounds[1]):
                    concept = electrolyte.concept_id
                    self._ledger.add("deficiency_of", number, other, concept, "is", Basis.SENTENCE, bounds)

    def _explains(self, mention: Mention, electrolyte: Mention, end: int) -> bool:
        if (mention.concept_id, electrolyte.concept_id) not in self._states:
            return False
        text = self._article.text
        words = WORDS.findall(text[mention.end : electrolyte.start].lower())
        if len(words) > MOST_DEFINITION:
            return False
        told = f" {' '.join(words)} "
        behind = text[mention.end : min(end, electrolyte.end + _BEHIND_ELECTROLYTE)].lower()
        return any(f" {phrase} " in told for phrase in self._sets["define"]) and not self._sets[
            "low"
        ].isdisjoint(WORDS.findall(behind))
