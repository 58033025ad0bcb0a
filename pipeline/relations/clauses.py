"""A sentence as words and groups of mentions: what is enumerated together, the subject of a predicate, its object.

Plain rules over words take the place of a parser: they prefer to give nothing where a clause is more than they can
read. All words stand in `relation_cues.tsv`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..model import Mention
from .words import FIRST_GROUP, GROUP, LAST_GROUP, RelationWords

MOST_MENTIONS = 60  # A sentence with more is a list without list items: nothing is read from it.
LONGEST = 1500  # Characters.
MOST_GAP, MOST_CHUNK = 24, 5  # Words between two mentions of an enumeration, and between two of its joiners.
MOST_LEAD, MOST_BEHIND, MOST_OBJECT = 7, 16, 10  # Words before a subject, behind it, before an object.
MOST_GLOSS = 4  # Words from an opening bracket to a mention in it.

_TOKEN = re.compile(rf"[^\W_]+(?:['.-][^\W_]+)*|[-,;:()–—]|{GROUP}")
_PRIVATE = re.compile(GROUP)
_MARK = chr(LAST_GROUP)
_IS_GROUP = re.compile(GROUP)
_BRACKET = re.compile(r"\( [^()]*\) ")
_OUTSIDE = frozenset(":(–—")
_CONTRACTED = "n't"
_MANNER = ("ly", _CONTRACTED)


@dataclass(slots=True)
class Group:
    """The mentions of one enumeration (numbers into the page's mentions), and those of them told with a hedge."""

    members: list[int]
    hedged: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Subject:
    """What stands before a predicate: its group (-1: none is named), and the words that tell how sure it is."""

    group: int
    words: tuple[str, ...] = ()
    pronoun: str = ""
    generic: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """A predicate that was read in a sentence: where it stands and the group that is its subject."""

    start: int
    end: int
    subject: int


def group_at(character: str) -> int:
    """The number of the group that a character of `Sentence.text` stands for."""
    return ord(character) - FIRST_GROUP


def is_group(word: str) -> bool:
    """Whether a word of `Sentence.text` stands for a group."""
    return FIRST_GROUP <= ord(word[0]) <= LAST_GROUP


class Sentence:
    """`text` is the sentence in words, each enumeration one character; `groups` are the enumerations.

    Both are there after `group`: most sentences are silent, and their `words` tell so.
    """

    def __init__(
        self, text: str, start: int, mentions: Sequence[tuple[int, Mention]], words: RelationWords
    ) -> None:
        """`text` is the sentence, `start` its offset, `mentions` those in it with their numbers."""
        self.sets = words.sets
        self._clause = words.clause
        self._nouns = words.nouns.triggers
        self._mentions = mentions
        pieces: list[str] = []
        position = 0
        clean = text if max(text, default="") < GROUP[1] else _PRIVATE.sub(" ", text)
        for _, mention in mentions:
            pieces.append(clean[position : mention.start - start])
            position = max(position, mention.end - start)
        pieces.append(clean[position:])
        self._tokens: list[str] = _TOKEN.findall(f" {_MARK} ".join(pieces).lower().replace("’", "'"))
        self.groups: list[Group] = []
        self.text = ""
        self.words = frozenset(self._tokens)

    def group(self) -> None:
        """Find the enumerations: `text`, `words` and `groups` then speak of groups."""
        gaps: list[list[str]] = [[]]
        for token in self._tokens:
            if token == _MARK:
                gaps.append([])
            else:
                gaps[-1].append(token)
        tokens: list[str] = []
        bracket = False
        before: Mention | None = None
        for place, (number, mention) in enumerate(self._mentions):
            gap = gaps[place]
            if bracket and gap[:1] == [")"]:
                gap, bracket = gap[1:], False
            if before is not None and self._joined(gap, gaps[place + 1], before, mention, tokens):
                bracket = bracket or gap[:1] == ["("]
                if not self._gloss(gap, gaps[place + 1]):
                    self.groups[-1].members.append(number)
                    if not self.sets["hedge"].isdisjoint(gap):
                        self.groups[-1].hedged.append(number)
            else:
                tokens += gap
                tokens.append(chr(FIRST_GROUP + len(self.groups)))
                self.groups.append(Group([number]))
            before = mention
        rest = gaps[-1]
        tokens += rest[1:] if bracket and rest[:1] == [")"] else rest
        joined = " ".join(tokens) + " "
        self.text = _BRACKET.sub("", joined) if "(" in joined else joined

    @property
    def lead(self) -> list[str]:
        """The words before the first group."""
        return self.text[: self.text.index(chr(FIRST_GROUP))].split() if chr(FIRST_GROUP) in self.text else []

    def _joined(
        self, gap: list[str], following: list[str], before: Mention, mention: Mention, tokens: list[str]
    ) -> bool:
        """Whether the words `gap` between two mentions enumerate them."""
        if not gap:
            return before.label == mention.label
        sets = self.sets
        if gap[0] == "(":
            return before.label == mention.label and len(gap) <= MOST_GLOSS and sets["finite"].isdisjoint(gap)
        opening = gap[1:] if gap[0] == "," else gap
        for size in (1, 2):
            if " ".join(opening[:size]) in sets["example"]:
                behind = opening[size:]
                return (
                    before.label == mention.label
                    and len(behind) < 4
                    and sets["preposition"].isdisjoint(behind)
                )
        single = len(self.groups[-1].members) == 1
        if gap == [","] and single:
            drugs = (before.label == "MEDICATION") + (mention.label == "MEDICATION")
            if drugs == 1 or (
                len(self.groups) == 1 and len(tokens) <= 4 and tokens[0] in sets["preposition"]
            ):
                return False
        return self._enumerates(gap, following, single)

    def _enumerates(self, gap: list[str], following: list[str], single: bool) -> bool:
        sets = self.sets
        joiner = sets["joiner"]
        last = max((place for place, word in enumerate(gap) if word in joiner), default=-1)
        if last < 0 or len(gap) > MOST_GAP or gap[0] in sets["aside"] or gap[0] == "to":
            return False
        for barred in (sets["break"], sets["person"], sets["finite"], self._nouns, _OUTSIDE):
            if not barred.isdisjoint(gap):
                return False
        if any(word in sets["preposition"] and word not in sets["across"] for word in gap[last + 1 :]):
            return False
        run = 0
        for word in gap:
            run = 0 if word in joiner else run + 1
            if run > MOST_CHUNK:
                return False
        # `A causes B, and C causes D`: the second clause has a verb of its own.
        new = last > 0 and gap[last] != "," and gap[last - 1] == ","
        return not (single and new and following and following[0] in sets["finite"])

    def _gloss(self, gap: list[str], following: list[str]) -> bool:
        """Whether the mention behind `gap` explains the one before: `Hashimoto's, an autoimmune disease, is ...`."""
        if gap[:1] == ["("]:
            return len(gap) > 1
        sets = self.sets
        if (
            len(self.groups[-1].members) != 1
            or len(gap) < 2
            or gap[0] != ","
            or gap[1] not in sets["article"]
        ):
            return False
        if not sets["joiner"].isdisjoint(gap[1:]):
            return False
        behind = [word for word in following[:2] if word != ","]
        return not behind or behind[0] in sets["finite"] or behind[0] in sets["relative"]

    def subject(self, end: int, verbs: Sequence[Verb]) -> Subject | None:
        """The subject of the predicate that starts at `end`; None where there is none that can be read.

        `verbs` are the predicates before it.
        """
        start, opened, connector = 0, 0, ""
        for match in self._clause.finditer(self.text, 0, end):
            start, opened, connector = match.end(), match.start(), match[0].split()[-1]
        sets = self.sets
        words = self.text[start:end].split()
        if connector in sets["condition"]:
            if "," not in words:
                return None
            words, connector = words[words.index(",") + 1 :], ""
        core, tail = self._split(words)
        if connector in sets["relative"] and not any(map(is_group, core)):
            return self._relative(core, tail, self.text[:opened].split())
        if not core:
            return Subject(-1, tail, pronoun=connector if connector in sets["clause"] else "")
        pronoun = self._pronoun(core)
        if pronoun:
            return Subject(-1, tail, pronoun=pronoun)
        previous = [verb for verb in verbs if verb.start >= start]
        if previous:
            return self._coordinated(core, tail, previous[-1], end)
        return self._first(core, tail)

    def _split(self, words: list[str]) -> tuple[list[str], tuple[str, ...]]:
        """What stands before a predicate as (subject and more, auxiliaries and adverbs), without an aside before it."""
        sets = self.sets
        cut = len(words)
        while cut:
            word = words[cut - 1]
            chained = word in sets["preposition"] and cut > 1 and words[cut - 2] in sets["purpose"]
            if not (
                word in sets["auxiliary"] or word in sets["purpose"] or word.endswith(_MANNER) or chained
            ):
                break
            cut -= 1
        core = words[:cut]
        if core and core[-1] == ",":
            opening = max((place for place, word in enumerate(core[:-1]) if word == ","), default=-1)
            if opening > 0 and len(core) - opening <= MOST_LEAD and not any(map(is_group, core[opening:])):
                core = core[:opening]
        return core, tuple(words[cut:])

    def _relative(self, core: list[str], tail: tuple[str, ...], before: list[str]) -> Subject | None:
        """`X, which may ...`: the group before; of `X is a Y that ...` the X."""
        sets = self.sets
        if core:
            return (
                Subject(-1, tail, pronoun=core[0]) if len(core) == 1 and core[0] in sets["pronoun"] else None
            )
        while before and before[-1] == ",":
            before.pop()
        if before and is_group(before[-1]):
            named = len(before) > 3 and is_group(before[0]) and before[1] in sets["copula"]
            return Subject(group_at(before[0] if named else before[-1]), tail)
        generic = bool(before) and before[-1] in sets["generic"]
        return Subject(-1, tail, generic=True) if generic else None

    def _pronoun(self, core: list[str]) -> str:
        """The pronoun that is the subject, or the amount that stands for one (`too much`); empty for none."""
        sets = self.sets
        joined = sets["joiner"] | sets["clause"]
        if core[-1] in sets["pronoun"] and (len(core) < 3 or core[-2] in joined | sets["together"]):
            return " ".join(core[-2:]) if len(core) > 1 and core[-2] in sets["together"] else core[-1]
        if core[-1] in sets["pronoun"]:
            last = max((place for place, word in enumerate(core) if is_group(word)), default=-1)
            if last < 0 or not joined.isdisjoint(core[last:]):
                return core[-1]
            if core[0] in sets["together"]:
                return core[0]
        if core[0] in sets["pronoun"] and core[-1] in joined and not any(map(is_group, core)):
            return core[0]
        return (
            core[-1]
            if sets["amount"].union(sets["degree"], sets["article"], ("too",)).issuperset(core)
            else ""
        )

    def _coordinated(self, core: list[str], tail: tuple[str, ...], verb: Verb, end: int) -> Subject | None:
        """The subject of a second predicate in one clause: `A relieves pain and can cause nausea`."""
        sets = self.sets
        between = self.text[verb.end : end].split()
        between = between[: len(between) - len(tail)]
        joins = [
            place for place, word in enumerate(between) if word in sets["joiner"] or word in sets["clause"]
        ]
        if not joins:
            direct = not between or not sets["negation"].isdisjoint(tail)
            return Subject(verb.subject, tail) if direct else None
        last = between[joins[-1] + 1 :]
        if any(map(is_group, last)):
            return self._first(last, tail)
        if len(last) > 2:
            return None
        if not tail:
            # The auxiliary of the first predicate holds for the second: `can relieve pain and cause nausea`.
            tail = tuple(self._sure(self.text[: verb.start].split()[-3:]))
        return Subject(verb.subject, tail)

    def _first(self, core: list[str], tail: tuple[str, ...]) -> Subject | None:
        """The group of a clause that can be its subject."""
        sets = self.sets
        places = [place for place, word in enumerate(core) if is_group(word)]
        if not places:
            return Subject(-1, tail, generic=not sets["generic"].isdisjoint(core))
        opening = core[0] in sets["preposition"]
        for place in places:
            comma = max((p for p in range(place) if core[p] in sets["joiner"]), default=-1)
            own = place == len(core) - 1 and comma > 0 and core[comma] != ","
            if place != places[0] and not (opening or own):
                continue
            lead = core[comma + 1 : place]
            if not self.leads(lead):
                continue
            behind = core[place + 1 :]
            if len(behind) > MOST_BEHIND:
                return None
            if not sets["finite"].isdisjoint(behind) and behind[-1] not in sets["joiner"] | sets["clause"]:
                return None
            told = [word for word in core[:place] if word in sets["hedge"]]
            if not tail:
                told += self._sure(behind)
            return Subject(group_at(core[place]), (*told, *tail))
        return None

    def _sure(self, words: Sequence[str]) -> list[str]:
        sets = self.sets
        return [
            word
            for word in words
            if word in sets["hedge"] or word in sets["negation"] or word.endswith(_CONTRACTED)
        ]

    def leads(self, lead: Sequence[str]) -> bool:
        """Whether the words `lead` may stand between the start of a clause and its subject."""
        sets = self.sets
        if len(lead) > MOST_LEAD:
            return False
        if 1 < len(lead) <= 4 and lead[-1] in sets["occasion"] and lead[0] in sets["preposition"]:
            return True
        for place, word in enumerate(lead):
            if word == "of":
                if place == 0 or lead[place - 1] not in sets["amount"]:
                    return False
            elif any(word in sets[name] for name in _NO_LEAD):
                return False
        return True

    def object(self, start: int) -> tuple[int, tuple[str, ...], int] | None:
        """The first group behind a predicate that ends at `start`: (group, words between, end)."""
        match = _IS_GROUP.search(self.text, start)
        if not match:
            return None
        words = self.text[start : match.start()].split()
        if len(words) > MOST_OBJECT or ";" in words:
            return None
        sets = self.sets
        for place, word in enumerate(words):
            if word == "of":
                before = words[place - 1] if place else ""
                if before not in sets["amount"] and before not in sets["generic"]:
                    return None
            elif word not in sets["such"] and any(word in sets[name] for name in _NO_OBJECT):
                return None
        return group_at(match[0]), tuple(words), match.end() + 1


_NO_LEAD = ("preposition", "person", "break", "finite", "negation", "personal")
_NO_OBJECT = ("preposition", "person", "break", "finite", "personal")
