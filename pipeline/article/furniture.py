"""Tells a page's furniture by its names (class, id, role) and its first words, which stand in vocabulary/."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ..prefix_tree import prefix_tree
from ..tsv import VOCABULARY, read_rows

SHORTEST_SENTENCE = 80  # Characters of a text that are looked at.
LONGEST_NAME = 1000  # Characters of a class attribute that are looked at.
LONGEST_ID = 4  # An id of more words is made from a heading's text and says nothing of its element.

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GAP = re.compile(r"[^A-Za-z0-9]+")  # both cases, for texts


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a name says: the rule that it falls under, or nothing; whether it names an article's container."""

    rule: str
    container: bool


def slug(name: str) -> str:
    """The lower-case words of a name with hyphens between and around them."""
    if not name.islower():
        name = _CAMEL.sub("-", name).lower()
    words = name.replace("_", "-")
    # Nearly all names are made of letters, digits and single hyphens, and pages bring a hundred new ones each.
    if "--" in words or not words.isascii() or not words.replace("-", "").isalnum():
        words = _GAP.sub("-", name)
    return f"-{words}-"


def _alternatives(names: Iterable[str]) -> str:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return "|".join(_escape(name) for name in longest_first)


def _escape(name: str) -> str:
    """The pattern of a name; `*` at the end stands for any ending, `$` for the end of the text."""
    if name.endswith("$"):
        return re.escape(name[:-1]) + r"(?=-\Z)"
    return re.escape(name).replace(r"\*", "[a-z0-9-]*")


def _by_rule(rows: Iterable[tuple[str, str]]) -> str:
    rules: dict[str, list[str]] = {}
    for rule, name in rows:
        rules.setdefault(rule, []).append(name)
    return "|".join(f"(?P<{rule}>{_alternatives(names)})" for rule, names in rules.items())


def _glance(rows: Iterable[tuple[str, str]]) -> re.Pattern[str]:
    """Finds something wherever one of the names stands, and hardly ever else. Nearly all names say nothing, and this
    tells it in a fifth of the time that the rules need, of which each is tried at each place."""
    return re.compile(f"-(?:{prefix_tree(_literal(name) for _, name in rows)})")


def _literal(name: str) -> str:
    """What each place has where the pattern of a name matches."""
    return name.partition("*")[0] if "*" in name else name.removesuffix("$") + "-"


def _name_patterns() -> tuple[re.Pattern[str], ...]:
    kinds: dict[str, list[tuple[str, str]]] = {"drop": [], "keep": [], "except": [], "caption": []}
    for row in read_rows(VOCABULARY, "boilerplate.tsv", ("rule", "kind", "name")):
        kinds[row["kind"]].append((row["rule"], row["name"]))
    drop = re.compile(f"-(?:{_by_rule(kinds['drop'])})-")
    keep = re.compile(f"-(?:{_alternatives(name for _, name in kinds['keep'])})-")
    harmless = re.compile(f"-(?:{_alternatives(name for _, name in kinds['except'])})(?=-)")
    caption = re.compile(f"-(?:{_alternatives(name for _, name in kinds['caption'])})-\\Z")
    return _glance((*kinds["drop"], *kinds["keep"])), drop, keep, harmless, caption


def _phrase_patterns() -> tuple[re.Pattern[str], ...]:
    first: list[tuple[str, str]] = []
    anywhere: list[tuple[str, str]] = []
    for row in read_rows(VOCABULARY, "boilerplate_text.tsv", ("rule", "phrase")):
        if row["phrase"].startswith("~~"):
            continue
        phrase = row["phrase"].replace(" ", "-")
        (anywhere if phrase.startswith("~") else first).append((row["rule"], phrase.removeprefix("~")))
    return (
        _glance((*first, *anywhere)),
        re.compile(f"-(?:{_by_rule(first)})-"),
        re.compile(f"-(?:{_by_rule(anywhere)})-"),
    )


def _telling_phrases() -> tuple[tuple[str, str], ...]:
    rows = read_rows(VOCABULARY, "boilerplate_text.tsv", ("rule", "phrase"))
    return tuple(
        (row["phrase"].removeprefix("~~"), row["rule"]) for row in rows if row["phrase"].startswith("~~")
    )


_NAMES, _DROP, _KEEP, _HARMLESS, _CAPTION = _name_patterns()
_PHRASES, _FIRST, _ANYWHERE = _phrase_patterns()
_TELLING = _telling_phrases()
NAME_RULES = frozenset(_DROP.groupindex)
# All that a name can say.
_VERDICTS = {(rule, inside): Verdict(rule, inside) for rule in ("", *NAME_RULES) for inside in (False, True)}
NOTHING = _VERDICTS["", False]
TEXT_RULES = frozenset(_FIRST.groupindex) | frozenset(_ANYWHERE.groupindex)


def judge_name(name: str) -> Verdict:
    """What a class, id or role says. Judged once per distinct string and once per distinct word of it."""
    return _judge_name(name[:LONGEST_NAME])  # the cache keeps no longer names


@lru_cache(maxsize=50_000)
def _judge_name(name: str) -> Verdict:
    rule, container = "", False
    for word in name.split():
        verdict = _judge_word(word.rstrip("0123456789"))
        if verdict is not NOTHING:
            rule = rule or verdict.rule
            container = container or verdict.container
    return _VERDICTS[rule, container]


@lru_cache(maxsize=50_000)
def _judge_word(word: str) -> Verdict:
    plain = slug(word)
    first = _NAMES.search(plain)
    if not first:
        return NOTHING
    match = _DROP.search(plain, first.start())
    if match:
        match = _DROP.search(_HARMLESS.sub("", plain))
    rule = (match.lastgroup or "") if match else ""
    container = _KEEP.search(plain, first.start()) is not None
    return _VERDICTS[rule, container]


def is_caption(name: str) -> bool:
    """Whether a class names a picture's caption."""
    return _is_caption(name[:LONGEST_NAME])


@lru_cache(maxsize=50_000)
def _is_caption(name: str) -> bool:
    return any(_CAPTION.search(slug(word.rstrip("0123456789"))) for word in name.split())


def judge_text(text: str) -> str:
    """The rule of the phrase that a text begins with or, when it is short, holds; or nothing."""
    words = "-" + _GAP.sub("-", text[:SHORTEST_SENTENCE]).strip("-").lower() + "-"
    if not _PHRASES.search(words):
        return ""
    match = _FIRST.match(words) or (_ANYWHERE.search(words) if len(text) <= SHORTEST_SENTENCE else None)
    return (match.lastgroup or "") if match else ""


def judge_paragraph(text: str) -> str:
    """The rule of a phrase that tells wherever it stands in a paragraph, or nothing."""
    lower = text.lower()
    for phrase, rule in _TELLING:
        if phrase in lower:
            return rule
    return ""
