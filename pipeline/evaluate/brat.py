"""Read the standoff files of the brat annotation tool (`.ann`).

`T1 Condition 0 4<TAB>gout` marks an entity, `A1 Negated T1` or `A2 Assertion T1 absent` an attribute, `R1
symptom_of Arg1:T1 Arg2:T2` a relation (from head to tail), `N1 Reference T1 condition:gout` a concept. Events,
notes and equivalences are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import SourceError
from ..model import Assertion

_LINE = re.compile(r"([A-Z#*]\d*)\t([^\t]*)(?:\t.*)?", re.DOTALL)
_NEGATION = re.compile(r"neg", re.IGNORECASE)
_ASSERTIONS = frozenset(Assertion)  # before Python 3.12 a plain string is no member
_CERTAIN = "is"


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity and its stretches `[start, end)`: several where words that are no part of it stand between."""

    id: str
    label: str
    fragments: tuple[tuple[int, int], ...]
    concept_id: str = ""
    assertion: Assertion = Assertion.PRESENT


@dataclass(frozen=True, slots=True)
class Annotations:
    """What one file holds. `relations` are (kind, head id, tail id, certainty); `all_assertions`: it tells more than
    what is absent.
    """

    entities: tuple[Entity, ...]
    relations: tuple[tuple[str, str, str, str], ...]
    all_assertions: bool


def read(content: str, where: str) -> Annotations:
    """The annotations of one `.ann` file; `where` names it in errors. Raises SourceError."""
    spans: dict[str, tuple[str, tuple[tuple[int, int], ...]]] = {}
    concepts: dict[str, str] = {}
    assertions: dict[str, Assertion] = {}
    relations: list[tuple[str, str, str, str]] = []
    everything = False
    for number, line in enumerate(content.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            if line.strip():
                raise _wrong(where, number, line)
            continue
        key, words = match[1], match[2].split()
        try:
            match key[0]:
                case "T":
                    label, _, places = match[2].partition(" ")
                    fragments = [tuple(map(int, part.split())) for part in places.split(";")]
                    spans[key] = label, tuple((start, end) for start, end in fragments)
                case "A" | "M":
                    name, target, *value = words
                    told = value[0].lower() if value else ""
                    if told in _ASSERTIONS:
                        assertions[target] = Assertion(told)
                        everything = everything or told not in (Assertion.ABSENT, Assertion.PRESENT)
                    elif _NEGATION.match(told or name) and told not in ("false", "no"):
                        assertions[target] = Assertion.ABSENT
                case "N":
                    concepts[words[1]] = words[2]
                case "R":
                    kind, *ends = words
                    head, tail = (end.partition(":")[2] for end in ends)
                    relations.append((kind.lower(), head, tail, _CERTAIN))
                case _:
                    pass
        except (ValueError, IndexError) as error:
            raise _wrong(where, number, line) from error
    for _, head, tail, _ in relations:
        for end in (head, tail):
            if end not in spans:
                raise SourceError(
                    where, f"a relation speaks of {end}", "Mark that entity, or correct the id."
                )
    entities = tuple(
        Entity(key, label, fragments, concepts.get(key, ""), assertions.get(key, Assertion.PRESENT))
        for key, (label, fragments) in spans.items()
    )
    return Annotations(entities, tuple(relations), everything)


def _wrong(where: str, number: int, line: str) -> SourceError:
    return SourceError(
        f"{where}:{number}", f"{line[:80]!r} is no line of a brat file", "Write T1<TAB>Label 0 4<TAB>text."
    )
