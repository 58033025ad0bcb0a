"""Roll concepts up to a level: brand to ingredient to class, state to electrolyte, condition to what it is a kind of,
a finding at a site to the finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from ..errors import MedtablesError

CONCEPT = "concept"
# The relations that each level follows one after the other, and whether to their ends or by one step.
LEVELS: dict[str, tuple[tuple[str, ...], bool]] = {
    CONCEPT: ((), True),
    "ingredient": (("has_ingredient",), True),
    "class": (("has_ingredient", "member_of"), True),
    "electrolyte": (("state_of",), True),
    "parent": (("is_a",), False),
    "root": (("is_a",), True),
    "head": ((), True),
}
_SITE = "@"
_Links = Mapping[str, Mapping[str, tuple[str, ...]]]


def roll_up_map(
    concept_ids: Iterable[str], levels: Sequence[str], relations: Iterable[tuple[str, str, str]]
) -> pd.DataFrame:
    """What each concept rolls up to when `levels` are applied in their order: columns concept_id, target.

    `relations` are (subject, predicate, object) as in a Terminology. A concept that a level says nothing of stays
    what it is; one that belongs to several (a brand with two ingredients) has several rows. Raises MedtablesError
    for an unknown level.
    """
    for level in levels:
        if level not in LEVELS:
            raise MedtablesError("--level", f"{level!r} is no level", f"Levels are {', '.join(LEVELS)}.")
    links = _links(relations)
    rows = [
        (concept_id, target)
        for concept_id in dict.fromkeys(concept_ids)
        for target in _targets(concept_id, levels, links)
    ]
    return pd.DataFrame(rows, columns=["concept_id", "target"], dtype="object")


def roll_up(counts: pd.DataFrame, targets: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """`counts` (as from `prevalence.counts`) with concepts replaced by what `targets` (as from `roll_up_map`) says.

    Numbers are sums. A mention of a concept with several targets counts for each of them. `names` are the preferred
    names of concepts; a target without one bears its own name in `counts`, or else the words of its id.
    """
    known = dict(zip(counts["concept_id"], counts["concept"], strict=True))
    labels = dict(zip(counts["concept_id"], counts["label"], strict=True))
    merged = counts.astype({"concept_id": "object"}).merge(targets, on="concept_id", how="inner")
    merged["concept_id"] = merged["target"]
    numbers = [
        name for name in counts.columns if name not in ("article_id", "concept_id", "label", "concept")
    ]
    found = merged.groupby(["article_id", "concept_id"], as_index=False, sort=True)[numbers].sum()
    found["label"] = [labels.get(one, one.partition(":")[0].upper()) for one in found["concept_id"]]
    found["concept"] = [name_of(one, names, known) for one in found["concept_id"]]
    return found[list(counts.columns)]


def name_of(concept_id: str, names: Mapping[str, str], known: Mapping[str, str]) -> str:
    """The preferred name of a concept; without one the words of its id (`pain (back)` for `symptom:pain@back`)."""
    found = names.get(concept_id) or known.get(concept_id)
    if found:
        return found
    head, _, site = concept_id.partition(":")[2].partition(_SITE)
    words = head.replace("-", " ") or concept_id
    return f"{words} ({site.replace('-', ' ')})" if site else words


def _links(relations: Iterable[tuple[str, str, str]]) -> _Links:
    links: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for subject, predicate, target in relations:
        before = links[predicate].get(subject, ())
        if target not in before:
            links[predicate][subject] = (*before, target)
    return links


def _targets(concept_id: str, levels: Sequence[str], links: _Links) -> tuple[str, ...]:
    found: tuple[str, ...] = (concept_id,)
    for level in levels:
        if level == "head":
            found = tuple(dict.fromkeys(one.partition(_SITE)[0] for one in found))
            continue
        predicates, to_the_end = LEVELS[level]
        for predicate in predicates:
            step = links.get(predicate, {})
            reached = (
                end for one in found for end in (_ends(one, step) if to_the_end else step.get(one, (one,)))
            )
            found = tuple(dict.fromkeys(reached))
    return found


def _ends(start: str, step: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Where the steps from `start` end. A ring of concepts ends where it was entered."""
    ends: dict[str, None] = {}
    seen = {start}
    waiting = [start]
    while waiting:
        one = waiting.pop(0)
        onward = [target for target in step.get(one, ()) if target not in seen]
        seen.update(onward)
        waiting += onward
        if not step.get(one):
            ends[one] = None
    return tuple(ends) or (start,)
