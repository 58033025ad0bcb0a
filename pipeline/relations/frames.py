"""What one sentence claims of its mentions: predicates with subject and object, nouns like `symptoms of`, frames."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .clauses import Sentence, Subject, Verb, group_at, is_group
from .words import FIRST_GROUP, GROUP, LAST_GROUP, Cue, RelationWords

NEAR = 3  # Words at most between a group and what says that the next one is its cause.
_NO_GROUP = f"[^{chr(FIRST_GROUP)}-{chr(LAST_GROUP)}.;]"
_WORDS = "(?:[a-z0-9'’-]+ )"
_CONTRACTED = "n't"


@dataclass(frozen=True, slots=True)
class Claim:
    """A relation of two groups of a sentence, before the labels of their mentions are looked at.

    -1 stands for an end that the sentence does not name: with `before` the subject of the sentence before, else of
    `tail` what the page or a heading is about. `referring`: an end stands for a pronoun, which may be said of it
    otherwise than the mention is.
    """

    kind: str
    head: int
    tail: int
    certainty: str
    before: bool = False
    referring: bool = False


class Frames:
    """Reads claims from sentences."""

    def __init__(self, words: RelationWords) -> None:
        self._words = words
        self._sets = sets = words.sets
        self._copula = re.compile(rf"(?<![^ ])(?:{_either(sets['copula'])}) ({_WORDS}{{0,6}}?)$")
        unsure = _either(sets["hedge"] | sets["negation"] | sets["auxiliary"])
        self._listing = re.compile(
            rf"((?:{_WORDS}|, ){{0,8}}?)((?:(?:{unsure}) )*)(?:, |\( )?(?:{_either(sets['listing'])}) "
            rf"((?:[a-z0-9'’,:-]+ ){{0,9}}?)({GROUP})"
        )
        self._apposed = re.compile(
            rf"({GROUP}) , (?:(?:{_either(sets['relative'])}) (?:{_either(sets['copula'])}) )?({_WORDS}{{0,4}})$"
        )
        self._behind = re.compile(
            rf"{_NO_GROUP}{{0,25}}?(?:{_either(sets['listing'])}) {_NO_GROUP}{{0,30}}?({GROUP})"
        )
        self._denial = re.compile(
            rf"(?<![^ ])(?:{_either(sets['negation'])}|little|lack of|[a-z]+n't)(?: [a-z'-]+){{0,3}} "
            rf"(?:{_either(sets['denial'])})(?: [a-z'-]+){{0,2}} (?:that|to) "
        )

    def read(self, sentence: Sentence, follows: bool) -> list[Claim]:
        """The claims of `sentence`; `follows`: there is a sentence before it that a pronoun can refer to."""
        words = sentence.words
        if self._words.triggers.isdisjoint(words):
            return []
        several = len(sentence.groups) > 1
        nouns = self._words.nouns.find(sentence.text, words)
        taken_by_nouns = {(start, end) for _, start, end in nouns}
        verbs = list(self._predicates(sentence, taken_by_nouns)) if several or follows else []
        claims = [claim for claim, _ in verbs]
        taken = {start for _, start in verbs}
        for cue, start, end in nouns:
            if start not in taken:
                claims += self._noun(sentence, cue, start, end)
        if several:
            told = self._words.frames.keys() & words
            for cue in {cue.where: cue for word in sorted(told) for cue in self._words.frames[word]}.values():
                claims += self._frame(sentence, cue)
        return claims

    def certainty(self, words: Iterable[str], cue: Cue | None = None) -> str:
        """not or may where `words` deny or hedge, else what the cue says, else is."""
        words = tuple(words)
        if self._denies(words):
            return "not"
        told = cue.certainty if cue is not None else ""
        return told or ("is" if self._sets["hedge"].isdisjoint(words) else "may")

    def _denies(self, words: Iterable[str]) -> bool:
        return any(word in self._sets["negation"] or word.endswith(_CONTRACTED) for word in words)

    def _frame(self, sentence: Sentence, cue: Cue) -> Iterator[Claim]:
        for match in cue.pattern.finditer(sentence.text):
            words = match[0].split()
            before = sentence.text[: match.start()].split()[-NEAR:]
            if _CONTRACTED not in match[0] and not self._denies(before):
                yield Claim(
                    cue.kind, group_at(match["HEAD"]), group_at(match["TAIL"]), self.certainty(words, cue)
                )

    def _predicates(self, sentence: Sentence, nouns: set[tuple[int, int]]) -> Iterator[tuple[Claim, int]]:
        text = sentence.text
        verbs: list[Verb] = []
        cues = self._words.predicates.find(text, sentence.words)
        for place, (cue, start, end) in enumerate(cues):
            if (start, end) in nouns and self._is_noun(text[end:].split(" ", 1)[0]):
                continue
            if cue.form == "near" or (cue.form == "passive" and start > 1 and is_group(text[start - 2])):
                for claim in self._near(sentence, cue, start, end):
                    yield claim, start
                continue
            subject = sentence.subject(start, verbs)
            if subject is None:
                continue
            groups = self._antecedents(text[:start], subject) if subject.pronoun else [subject.group]
            verbs.append(Verb(start, end, groups[0]))
            found = sentence.object(end)
            if found is None:
                continue
            group, between, behind = found
            if place + 1 < len(cues) and cues[place + 1][1] < behind - 2:
                continue  # The object belongs to the next predicate: `can result in preventing fractures`.
            if groups == [-1] and not subject.pronoun:
                listed = self._behind.match(text, behind) if subject.generic else None
                if not listed:
                    continue
                groups = [group_at(listed[1])]
            certainty = self.certainty((*subject.words, *text[start:end].split(), *between), cue)
            if certainty != "not" and self._denial.search(text, 0, start):
                certainty = "not"
            for left in groups:
                if left != group:
                    head, tail = (left, group) if cue.form == "verb" else (group, left)
                    yield Claim(cue.kind, head, tail, certainty, left < 0, bool(subject.pronoun)), start

    def _is_noun(self, following: str) -> bool:
        """Whether a word that is verb and noun (`causes`) is the noun, by the word behind it."""
        sets = self._sets
        return following == "of" or following in sets["listing"] or following in sets["aside"]

    def _antecedents(self, before: str, subject: Subject) -> list[int]:
        """The groups that a pronoun behind `before` stands for; -1 when the sentence names none before."""
        groups = [group_at(word) for word in before.split() if is_group(word)]
        if not groups:
            return [-1]
        first = subject.pronoun.split()[0]
        if first in self._sets["together"]:
            return groups
        return [groups[-1] if first in self._sets["late"] else groups[0]]

    def _near(self, sentence: Sentence, cue: Cue, start: int, end: int) -> Iterator[Claim]:
        before = sentence.text[:start].split()
        gap: list[str] = []
        while before and not is_group(before[-1]) and len(gap) < NEAR:
            gap.append(before.pop())
        found = sentence.object(end)
        if not before or not is_group(before[-1]) or found is None or not self._plain((*gap, *found[1])):
            return
        if gap and cue.kind not in ("causes", "symptom_of", "treats", "prevents"):
            return
        group = group_at(before[-1])
        if group != found[0] and not self._denies((*gap, *before[-NEAR:-1])):
            yield Claim(cue.kind, found[0], group, self.certainty(gap, cue))

    def _plain(self, words: Iterable[str]) -> bool:
        sets = self._sets
        barred = sets["break"] | sets["finite"] | sets["preposition"] | {","}
        return barred.isdisjoint(words)

    def _noun(self, sentence: Sentence, cue: Cue, start: int, end: int) -> Iterator[Claim]:
        text, sets = sentence.text, self._sets
        before = text[:start]
        lead = before.split()[-5:]
        own = not sets["own"].isdisjoint(lead)
        tail, position = -1, end
        if cue.links is not None:
            match = cue.links.match(text, end - 1)
            if match and self._names(match[1].split()):
                tail, position = group_at(match[2]), match.end() + 1
            elif match or text[end:].split(" ", 1)[0] in cue.text_links:
                return
        listing = self._listing.match(text, position)
        if listing and self._lists(listing):
            head = group_at(listing[4])
            if head != tail and not self._denies(lead[-2:]) and sets["alike"].isdisjoint(lead[-2:]):
                words = (*listing[1].split(), *listing[2].split(), *listing[3].split(), *lead[-2:])
                yield Claim(cue.kind, head, tail, self.certainty(words, cue), own and tail < 0)
            return
        copula = self._copula.search(before)
        if copula and self._describes(copula[1].split()):
            subject = sentence.subject(copula.start(), ())
            if (
                subject is None
                or subject.group == tail
                or (subject.group < 0 and (not subject.pronoun or tail < 0))
            ):
                return
            group = self._antecedents(before, subject)[0] if subject.pronoun else subject.group
            words = (*subject.words, *copula[1].split())
            if group != tail:
                unnamed = group < 0 or (own and tail < 0)
                yield Claim(cue.kind, group, tail, self.certainty(words, cue), unnamed, bool(subject.pronoun))
            return
        apposed = self._apposed.search(before) if tail >= 0 else None
        if apposed and self._describes(apposed[2].split()) and group_at(apposed[1]) != tail:
            yield Claim(cue.kind, group_at(apposed[1]), tail, self.certainty(apposed[2].split(), cue))

    def _names(self, words: list[str]) -> bool:
        """Whether `words` may stand between `symptoms of` and what has them."""
        sets = self._sets
        for place, word in enumerate(words):
            if word == "of":
                if not place or words[place - 1] not in sets["amount"]:
                    return False
            elif any(word in sets[name] for name in ("preposition", "break", "finite", "person")):
                return False
        return True

    def _lists(self, match: re.Match[str]) -> bool:
        sets = self._sets
        first, last = match[1].split(), match[3].split()
        return (sets["finite"] | sets["break"]).isdisjoint(first) and not any(
            word in sets[name] for word in last for name in ("preposition", "break", "finite", "person")
        )

    def _describes(self, words: list[str]) -> bool:
        """Whether `words` may stand between `is` and `symptom of`."""
        sets = self._sets
        return not any(
            word in sets["preposition"]
            or word in sets["person"]
            or word in sets["late"]
            or (word in sets["break"] and word not in sets["negation"])
            for word in words
        )


def _either(words: Iterable[str]) -> str:
    return "|".join(
        re.escape(word).replace(r"\ ", " ") for word in sorted(words, key=lambda word: (-len(word), word))
    )
