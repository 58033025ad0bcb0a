"""Inputs that make a backtracking regular expression work hardest, from its own parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

_PARSER = re._parser  # type: ignore[attr-defined]
_CONSTANTS = re._constants  # type: ignore[attr-defined]
_LETTERS = " \na1.,-(\"'<&;=:/_éZ½{[|"
_REPEATS = (_CONSTANTS.MAX_REPEAT, _CONSTANTS.MIN_REPEAT, _CONSTANTS.POSSESSIVE_REPEAT)
_MOST_BRANCHES = 12
_MOST_SETS = 5
_LONG = 30  # a repetition that may go on longer is worth a long input


def pumps(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Iterator[tuple[str, str, str]]:
    """(what stands in front, what is to be repeated, what makes the match fail behind it)."""
    parsed = _PARSER.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    seen: set[tuple[str, str]] = set()
    for front, unit in _within(list(parsed), ""):
        for pair in ((front, unit), ("", front + unit), ("", unit)):
            if pair[1] and pair not in seen:
                seen.add(pair)
                yield (*pair, "\x00")
    whole = next(_samples(list(parsed)), "")
    if whole:
        yield "", whole, "\x00"
    for letter in _LETTERS:
        yield "", letter, "\x00"


def _within(nodes: list[object], front: str) -> Iterator[tuple[str, str]]:
    for node in nodes:
        kind, value = node  # type: ignore[misc]
        if kind in _REPEATS:
            _, most, body = value
            if most == _CONSTANTS.MAXREPEAT or most > _LONG:
                for unit in islice(_samples(list(body)), _MOST_SETS):
                    yield front, unit
            yield from _within(list(body), front)
        elif kind is _CONSTANTS.SUBPATTERN:
            yield from _within(list(value[3]), front)
        elif kind is _CONSTANTS.ATOMIC_GROUP:
            yield from _within(list(value), front)
        elif kind is _CONSTANTS.BRANCH:
            for branch in value[1][:_MOST_BRANCHES]:
                yield from _within(list(branch), front)
        elif kind in (_CONSTANTS.ASSERT, _CONSTANTS.ASSERT_NOT):
            yield from _within(list(value[1]), front)
        front += next(_samples([node]), "")


def _samples(nodes: list[object]) -> Iterator[str]:
    """Texts that fit the nodes one after the other; those of a set differ in one place at a time."""
    parts = [list(islice(_one(node), _MOST_SETS)) or [""] for node in nodes]
    yield "".join(part[0] for part in parts)
    for place, choices in enumerate(parts):
        for choice in choices[1:]:
            yield "".join(choice if at == place else part[0] for at, part in enumerate(parts))


def _one(node: object) -> Iterator[str]:
    kind, value = node  # type: ignore[misc]
    if kind is _CONSTANTS.LITERAL:
        yield chr(value)
    elif kind is _CONSTANTS.NOT_LITERAL:
        yield from (letter for letter in _LETTERS if ord(letter) != value)
    elif kind is _CONSTANTS.ANY:
        yield from "a 1"
    elif kind is _CONSTANTS.IN:
        yield from _of_set(value)
    elif kind is _CONSTANTS.BRANCH:
        for branch in value[1][:_MOST_BRANCHES]:
            yield next(_samples(list(branch)), "")
    elif kind is _CONSTANTS.SUBPATTERN:
        yield from _samples(list(value[3]))
    elif kind is _CONSTANTS.ATOMIC_GROUP:
        yield from _samples(list(value))
    elif kind in _REPEATS:
        least, _, body = value
        for sample in _samples(list(body)):
            yield sample * max(1, min(least, _LONG))


def _of_set(value: list[object]) -> Iterator[str]:
    source = {letter for letter in _LETTERS if _holds(value, letter)}
    for kind, part in value:  # type: ignore[misc]
        if kind is _CONSTANTS.LITERAL and not _negated(value):
            source.add(chr(part))
        elif kind is _CONSTANTS.RANGE and not _negated(value):
            source.add(chr(part[0]))
    order = {letter: place for place, letter in enumerate(_LETTERS)}
    yield from sorted(source, key=lambda letter: (order.get(letter, 99), letter))


def _negated(value: list[object]) -> bool:
    return bool(value) and value[0][0] is _CONSTANTS.NEGATE  # type: ignore[index]


def _holds(value: list[object], letter: str) -> bool:
    found = False
    for kind, part in value:  # type: ignore[misc]
        if kind is _CONSTANTS.LITERAL:
            found |= ord(letter) == part
        elif kind is _CONSTANTS.RANGE:
            found |= part[0] <= ord(letter) <= part[1]
        elif kind is _CONSTANTS.CATEGORY:
            found |= _in_category(str(part), letter)
    return found != _negated(value)


def _in_category(name: str, letter: str) -> bool:
    if "SPACE" in name:
        inside = letter.isspace()
    elif "DIGIT" in name:
        inside = letter.isdecimal()
    else:
        inside = letter.isalnum() or letter == "_"
    return inside != ("NOT" in name)
