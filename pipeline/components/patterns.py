"""Find composed mentions (`pain in the upper back`) with spaCy's Matcher over token patterns.

A Matcher costs time for every pattern at every token, about ten times what tokenising costs. Most patterns name all the
words they can match, so each has a Matcher of its own, which reads only the runs of such words that hold what the
pattern cannot do without. Nine of ten runs hold that of no pattern, the others that of one or two.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import compress, count, pairwise
from operator import attrgetter
from typing import Any

from spacy.attrs import NORM
from spacy.matcher import Matcher
from spacy.schemas import validate_token_pattern
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from ..errors import VocabularyError
from ..terminology import Pattern
from .candidates import Candidate, Rank, add, winners
from .concepts import slug
from .lexicon import Lexicon
from .sieve import Sieve
from .terms import Terms
from .words import values_of

BLOCKED = "BLOCKED"  # the label of patterns that win their place and give no mention
# Tokens that the Matcher reads at once, and how many of them twice: it keeps every start of a repeating pattern
# open, which costs time by the square. Runs of real pages have up to 20 tokens, matches up to 8.
LONGEST_RUN, OVERLAP = 64, 16

_START = attrgetter("start")
_GAPS = re.compile(r"([:@-])-+")
_OPTIONAL = ("?", "*", "!")
_BRIDGES = frozenset({"connector", "determiner", "preposition", "part", "be", "degree", "difficulty_bridge"})


class Patterns:
    """Component: candidates for every pattern. `ENT_TYPE` in a pattern speaks of the mentions found before."""

    def __init__(self, vocab: Vocab, patterns: Sequence[Pattern], lexicon: Lexicon, terms: Terms) -> None:
        self._lexicon = lexicon
        self._terms = terms
        self._patterns = patterns
        self._closed: dict[int, Matcher] = {}
        self._open = Matcher(vocab, validate=False)
        self._words: set[int] = set()
        bridges = (form for kind in _BRIDGES for form in lexicon.names.get(kind, ()))
        self._bridges = {vocab.strings.add(form) for form in bridges}
        self._sieve: Sieve[int, int] = Sieve()
        for number, pattern in enumerate(patterns):
            if wrong := validate_token_pattern(_without_classes(pattern)):
                raise _unknown(pattern, "; ".join(map(str, wrong)))
            words = [self._words_of(token, vocab) for token in pattern.tokens]
            named = [found for found in words if found is not None]
            matcher = self._open
            if len(named) == len(words):
                matcher = self._closed[number] = Matcher(vocab, validate=False)
                self._words.update(*named)
                self._anchor(number, named)
            try:
                matcher.add(str(number), [[self._compile(token, pattern) for token in pattern.tokens]])
            except (ValueError, TypeError, AttributeError, LookupError, re.error) as error:
                raise _unknown(pattern, str(error)) from error
        self._bridges -= self._sieve.anchors.keys()

    def _words_of(self, token: dict[str, Any], vocab: Vocab) -> set[int] | None:
        """The normal forms, or the label, that a token specification admits; None when it does not say."""
        if "CLASS" in token:
            return {vocab.strings.add(form) for form in self._lexicon.names.get(token["CLASS"], ())}
        if isinstance(token.get("ENT_TYPE"), str):
            return {vocab.strings.add(token["ENT_TYPE"])}
        for key in ("LOWER", "NORM"):
            if key in token:
                value = token[key]
                if isinstance(value, dict):
                    if set(value) != {"IN"}:
                        return None
                    values = value["IN"]
                else:
                    values = [value]
                return {vocab[one].norm for one in values}
        return None

    def _anchor(self, number: int, words: Sequence[set[int]]) -> None:
        """Let runs pass that have what the pattern asks for; the rarest of it is a word, if it names one."""
        asked = [
            (token, found)
            for token, found in zip(self._patterns[number].tokens, words, strict=True)
            if token.get("OP") not in _OPTIONAL
        ]
        telling = [
            ("ENT_TYPE" in token, len(found), found)
            for token, found in asked
            if token.get("CLASS") not in _BRIDGES and ("CLASS" in token or not found <= self._bridges)
        ]
        if telling:
            anchor = min(telling, key=lambda one: one[:2])[2]
            self._sieve.add(number, [found for _, found in asked], anchor)

    def _compile(self, token: dict[str, Any], pattern: Pattern) -> dict[Any, Any]:
        compiled: dict[Any, Any] = {key: value for key, value in token.items() if key != "CLASS"}
        if "CLASS" in token:
            flag = self._lexicon.flags.get(token["CLASS"])
            if flag is None:
                raise VocabularyError(
                    pattern.where, f"names the class {token['CLASS']!r}", "Give it words in lexicon.tsv."
                )
            compiled[flag] = True
        return compiled

    def __call__(self, doc: Doc) -> Doc:
        if found := [self._candidate(doc, *match) for match in self._matches(doc)]:
            add(doc, (one for one in found if one))
        return doc

    def _matches(self, doc: Doc) -> Iterator[tuple[int, int, int, list[int]]]:
        """The pattern's number, its tokens, and for each token the part of the pattern that it fits."""
        stretches = [(self._closed[number], doc[start:end]) for start, end, number in self._runs(doc)]
        if len(self._open):
            stretches.append((self._open, doc[:]))
        if stretches:
            known = [one for one in winners(doc) if one.label]
            doc.set_ents([Span(doc, one.start, one.end, one.label, kb_id=one.concept_id) for one in known])
        for matcher, stretch in stretches:
            matches: list[Any] = matcher(stretch, with_alignments=True)
            for key, first, last, alignment in matches:
                yield int(doc.vocab.strings[key]), stretch.start + first, stretch.start + last, alignment

    def _runs(self, doc: Doc) -> Iterator[tuple[int, int, int]]:
        """The longest stretches of words that patterns know, two of them telling, with each pattern that may fit."""
        norms = values_of(doc, NORM)
        anchored = list(compress(count(), map(self._sieve.anchors.__contains__, norms)))
        labels: dict[int, int] = {}
        mentioned: set[int] = set()
        for one in winners(doc):
            if one.label:
                mentioned.update(range(one.start, one.end))
                labels[one.start] = label = doc.vocab.strings[one.label]
                if label in self._sieve.anchors:
                    anchored.append(one.start)
        done = 0
        for place in sorted(anchored):
            if place < done:
                continue
            start = place
            while start > done and (norms[start - 1] in self._words or start - 1 in mentioned):
                start -= 1
            end = place + 1
            while end < len(norms) and (norms[end] in self._words or end in mentioned):
                end += 1
            done = end
            if end - start < 2:
                continue
            held = {*norms[start:end], *(labels[at] for at in range(start, end) if at in labels)}
            telling = sum(norm not in self._bridges for norm in norms[start:end])
            if telling > 1:
                for number in sorted(set(self._sieve.passing(held))):
                    yield from ((first, last, number) for first, last in _windows(start, end))

    def _candidate(
        self, doc: Doc, number: int, start: int, end: int, alignment: list[int]
    ) -> Candidate | None:
        pattern = self._patterns[number]
        if self._joins_mentions(doc, pattern, start, alignment):
            return None
        claim = None
        if pattern.keep:
            first, last = pattern.keep
            kept = [place for place, index in enumerate(alignment) if first <= index <= last]
            if not kept:
                return None
            claim = (start, end)
            alignment = alignment[kept[0] : kept[-1] + 1]
            start, end = start + kept[0], start + kept[-1] + 1
        concept_id = self._concept(doc, pattern, start, end, alignment)
        label = "" if pattern.label == BLOCKED else pattern.label
        rank = Rank.PATTERN if label else Rank.BLOCKED
        return Candidate(start, end, label, concept_id, pattern.where, rank, claim)

    @staticmethod
    def _joins_mentions(doc: Doc, pattern: Pattern, start: int, alignment: list[int]) -> bool:
        """Whether a part of the pattern that asks for one mention runs on into a second."""
        return any(
            part == before and "ENT_TYPE" in pattern.tokens[part] and doc[place].ent_iob_ == "B"
            for place, (before, part) in enumerate(pairwise(alignment), start + 1)
        )

    def _concept(self, doc: Doc, pattern: Pattern, start: int, end: int, alignment: list[int]) -> str:
        if "{" not in pattern.concept:
            return pattern.concept
        roles: dict[str, list[str]] = {}
        for token, index in zip(doc[start:end], alignment, strict=False):
            spec = pattern.tokens[index]
            if "CLASS" in spec:
                kind = spec["CLASS"]
                roles.setdefault(kind, []).append(self._lexicon.name(token, kind))
            else:
                roles.setdefault("mention" if "ENT_TYPE" in spec else "word", []).append(token.lower_)
        texts = _Roles({kind: " ".join(words) for kind, words in roles.items()})
        listed = self._terms.concept(
            pattern.label, (doc[start:end].text, *(name.format_map(texts) for name in pattern.names))
        )
        if listed:
            return listed
        won = winners(doc)
        place = bisect_left(won, start, key=_START)
        within = place < len(won) and won[place].end <= end
        mention = won[place].concept_id if within else ""
        slugs = _Roles({kind: slug(text) for kind, text in texts.items()})
        slugs |= {"mention": mention, "mention_name": mention.partition(":")[2]}
        return _GAPS.sub(r"\1", pattern.concept.format_map(slugs)).rstrip("@-")


def _without_classes(pattern: Pattern) -> list[dict[str, Any]]:
    return [{key: value for key, value in token.items() if key != "CLASS"} for token in pattern.tokens]


def _unknown(pattern: Pattern, told: str) -> VocabularyError:
    return VocabularyError(
        pattern.where,
        f"is no token pattern ({' '.join(told.split())[:300]})",
        "Write it as spaCy's Matcher reads it, with CLASS for the words of lexicon.tsv.",
    )


def _windows(start: int, end: int) -> Iterator[tuple[int, int]]:
    """`start` to `end` in windows of LONGEST_RUN tokens, each beginning with the last OVERLAP of the one before."""
    while end - start > LONGEST_RUN:
        yield start, start + LONGEST_RUN
        start += LONGEST_RUN - OVERLAP
    yield start, end


class _Roles(dict[str, str]):
    """The words of each class in a match; a class that an optional token left out is empty."""

    def __missing__(self, key: str) -> str:
        return ""
