"""Which mention of one run is which of the other: by place where a block's text is the same, else by what it says."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    """A mention as `diff` sees it; offsets count from the start of its block, `number` is its number in the run."""

    number: int
    block: int
    start: int
    end: int
    text: str
    concept_id: str
    assertion: str
    cue: str
    section: str
    term: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A mention of the first run and what it is in the second; None where it is not there. `same_text` tells that its
    block says the same in both runs."""

    first: Spot | None
    second: Spot | None
    same_text: bool


def match_blocks(first: Sequence[str], second: Sequence[str]) -> dict[int, int]:
    """Positions in `first` and of the equal text in `second`, the n-th occurrence with the n-th."""
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for position, text in enumerate(second):
        waiting[text].append(position)
    return {position: waiting[text].popleft() for position, text in enumerate(first) if waiting[text]}


def align(first: Sequence[Spot], second: Sequence[Spot], blocks: dict[int, int]) -> list[Pair]:
    """Every mention of both runs in exactly one Pair. `blocks` is as from `match_blocks`.

    In blocks with the same text mentions are the same at the same place, or else where they overlap. In the other
    blocks they are the same if they have concept and words in common, or else the concept, in the order of the text.
    """
    back = {other: one for one, other in blocks.items()}
    here = [spot for spot in first if spot.block in blocks]
    there = [spot for spot in second if spot.block in back]
    pairs, here, there = _by(
        here,
        there,
        lambda spot: (blocks[spot.block], spot.start, spot.end),
        lambda spot: (spot.block, spot.start, spot.end),
        True,
    )
    overlapping, here, there = _overlapping(here, there, blocks)
    pairs += overlapping
    pairs += [Pair(spot, None, True) for spot in here] + [Pair(None, spot, True) for spot in there]
    here = [spot for spot in first if spot.block not in blocks]
    there = [spot for spot in second if spot.block not in back]
    for key in (_words, _concept):
        found, here, there = _by(here, there, key, key, False)
        pairs += found
    return pairs + [Pair(spot, None, False) for spot in here] + [Pair(None, spot, False) for spot in there]


def _words(spot: Spot) -> Hashable:
    return spot.concept_id, spot.assertion, spot.text.casefold()


def _concept(spot: Spot) -> Hashable:
    return spot.concept_id


def _by(
    first: Sequence[Spot],
    second: Sequence[Spot],
    key_first: Callable[[Spot], Hashable],
    key_second: Callable[[Spot], Hashable],
    same_text: bool,
) -> tuple[list[Pair], list[Spot], list[Spot]]:
    waiting: dict[Hashable, deque[Spot]] = defaultdict(deque)
    for spot in second:
        waiting[key_second(spot)].append(spot)
    pairs: list[Pair] = []
    rest: list[Spot] = []
    for spot in first:
        others = waiting.get(key_first(spot))
        if others:
            pairs.append(Pair(spot, others.popleft(), same_text))
        else:
            rest.append(spot)
    taken = {pair.second.number for pair in pairs if pair.second}
    return pairs, rest, [spot for spot in second if spot.number not in taken]


def _overlapping(
    first: Sequence[Spot], second: Sequence[Spot], blocks: dict[int, int]
) -> tuple[list[Pair], list[Spot], list[Spot]]:
    by_block: dict[int, deque[Spot]] = defaultdict(deque)
    for spot in second:
        by_block[spot.block].append(spot)
    pairs: list[Pair] = []
    rest: list[Spot] = []
    for spot in first:
        others = by_block[blocks[spot.block]]
        # Both are in the order of the text: what ends before this one starts meets none of the later ones.
        while others and others[0].end <= spot.start:
            others.popleft()
        if others and others[0].start < spot.end:
            pairs.append(Pair(spot, others.popleft(), True))
        else:
            rest.append(spot)
    taken = {pair.second.number for pair in pairs if pair.second}
    return pairs, rest, [spot for spot in second if spot.number not in taken]
