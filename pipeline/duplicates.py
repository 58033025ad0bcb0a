"""Which articles repeat another: the same story at two addresses, syndicated, printed, slightly edited.

`signature` is made of one article, where it is extracted; `Finder` takes the signatures of all articles of a run and
tells for each that repeats another, which one. Nothing else of an article is needed: 196 bytes and its article_id.
"""

from __future__ import annotations

import re
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator
from itertools import count

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from .model import Extraction, Kind

FEWEST_WORDS = 50  # A shorter text says too little of which story it is.
_MOST_WORDS = 2000  # These tell it; what follows may be what readers wrote below.

_DATE = 4  # bytes
_SLOTS = 128  # bytes: of each slot's hash the lowest, which two texts share by chance in one of 256
_PROFILE = 64  # bytes
_SEED = 7
_SHINGLE = 3  # words
_TITLE_WEIGHT = 8  # shingles that each word of the title counts for
_FEWEST_MENTIONS = 5
_UNDATED = 2**32 - 1

# Two articles are compared if all four slots of one of 32 bands agree: of pairs whose Jaccard index is 0.5 that finds
# 87 %, at 0.6 99 %, at 0.1 0.3 %.
_BANDS = slice(_DATE // 4, (_DATE + _SLOTS) // 4)
# After so many rows of each band without one alike, no more are compared: bounds the work where tens of thousands of
# pages share a third of their text without being copies.
_LOOK = 512

# What it takes to be of one story: so many slots that agree (a Jaccard index of 0.5, 0.65, 0.7), and profiles whose
# cosine, squared, is so many hundredths. Pages made from one template, on hepatitis B and on hepatitis C, have as many
# slots in common as an article and its edited copy, but not their concepts.
_EDITED = (65, 86)
_UNPROFILED = 83
_COPIED = (90, 72)

# Words are parted in bytes: \w+ over text costs three times as much. Sites that set straight quotes and dashes or
# typographic ones set the same words.
_TYPOGRAPHIC = "’‘“”–—…\xa0"
_PARTING = bytes.maketrans(
    bytes(one for one in range(128) if not chr(one).isalnum()),
    bytes(32 for one in range(128) if not chr(one).isalnum()),
)
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def signature(extraction: Extraction) -> bytes:
    """196 bytes that are alike for articles of one story; empty for a page without an article or with one of fewer
    than FEWEST_WORDS words, which repeats nothing.

    Equal on every machine: the day of publication, 128 bytes by MinHash of the words in threes, where those of the
    title weigh more, and 64 that tell how often the article mentions which concepts.
    """
    if extraction.problem is not None:
        return b""
    words = _words(extraction.article.text)[:_MOST_WORDS]
    if len(words) < FEWEST_WORDS:
        return b""
    sketch = RMinHash(num_perm=_SLOTS, seed=_SEED)
    sketch.update(list(map(b" ".join, zip(*(words[first:] for first in range(_SHINGLE)), strict=False))))
    sketch.update(_title(extraction))
    slots = bytes(value & 255 for value in sketch.digest())
    return _day(extraction.article.metadata.published) + slots + _profile(extraction)


def _day(published: str) -> bytes:
    match = _ISO_DATE.match(published)
    year, month, day = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return (year * 10_000 + month * 100 + day if year else _UNDATED).to_bytes(_DATE, "little")


def _words(text: str) -> list[bytes]:
    for mark in _TYPOGRAPHIC:
        text = text.replace(mark, " ")
    return text.lower().encode("utf-8", "replace").translate(_PARTING).split()


def _title(extraction: Extraction) -> list[bytes]:
    blocks = extraction.article.blocks
    title = next((block for block in blocks if block.kind is Kind.TITLE), None)
    if title is None:
        return []
    words = _words(extraction.article.text[title.start : title.end])
    return [b"%s\n%d" % (word, number) for word in words for number in range(_TITLE_WEIGHT)]


def _profile(extraction: Extraction) -> bytes:
    """How often each concept is mentioned, the most frequent 127 times, as signed bytes in places that a concept's name
    chooses; zeros where there are too few mentions to tell."""
    if len(extraction.mentions) < _FEWEST_MENTIONS:
        return bytes(_PROFILE)
    concepts = Counter(mention.concept_id for mention in extraction.mentions)
    counts = [0] * _PROFILE
    for concept_id, times in concepts.items():
        number = zlib.crc32(concept_id.encode())
        # With a sign, only half of the concepts that share a place are taken for one another.
        counts[number % _PROFILE] += times if number & _PROFILE else -times
    most = max(map(abs, counts)) or 1
    return bytes(round(127 * times / most) & 255 for times in counts)


class Finder:
    """Takes the signatures of a run's articles in the order of the run, and finds which repeat another."""

    def __init__(self) -> None:
        # Not as a list of strings, which for short ones take three times the memory.
        self._ids, self._ends = bytearray(), array("Q", [0])
        self._signatures = bytearray()

    def add(self, article_id: str, signature: bytes) -> None:
        """Take one article. One without a signature repeats nothing."""
        if signature:
            self._ids += article_id.encode("utf-8", "surrogatepass")
            self._ends.append(len(self._ids))
            self._signatures += signature

    def duplicates(self) -> dict[str, str]:
        """The original of each article that repeats one, by article_id.

        The original is the article published first, and of those with equal or unknown dates the first that was
        added. It never repeats another itself, and each article that repeats it is like it, not only like others that
        are.
        """
        return {
            self._id(repeat): self._id(original)
            for original, repeats in _groups(self._signatures)
            for repeat in repeats
        }

    def _id(self, row: int) -> str:
        return self._ids[self._ends[row] : self._ends[row + 1]].decode("utf-8", "surrogatepass")


def _groups(signatures: bytearray) -> Iterator[tuple[int, list[int]]]:
    """Rows that others repeat, and which: the earliest first."""
    words = np.frombuffer(signatures, "<u4").reshape(-1, (_DATE + _SLOTS + _PROFILE) // 4)
    rows = np.flatnonzero(_with_mates(words[:, _BANDS]))
    rows = rows[np.argsort(words[rows, 0], kind="stable")]
    words = words[rows]
    bands = [_band(keys) for keys in words[:, _BANDS].T]
    octets = words.view(np.uint8)[:, _DATE:]
    taken = np.zeros(len(rows), bool)
    for row in range(len(rows)):
        if taken[row]:
            continue
        found: list[int] = []
        for first in count(1, _LOOK):
            mates = np.concatenate(
                [
                    order[(begin := place[row] + first) : min(begin + _LOOK, end[row])]
                    for order, place, end in bands
                ]
            )
            later = np.unique(mates[~taken[mates]])
            repeats = later[_alike(octets[row], octets[later])]
            if not repeats.size:
                break
            taken[repeats] = True
            found += rows[repeats].tolist()
        if found:
            yield int(rows[row]), found


def _with_mates(keys: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which rows share a band with another."""
    found = np.zeros(len(keys), bool)
    for band in keys.T:
        _, numbers, counts = np.unique(band, return_inverse=True, return_counts=True)
        found |= counts[numbers] > 1
    return found


def _band(keys: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The rows sorted by key, where each row stands there, and where those with its key end."""
    order = np.argsort(keys, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return order, place, np.searchsorted(keys[order], keys, "right")


def _alike(one: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of `others` are of the same story as `one`. In whole numbers, so that no machine rounds otherwise."""
    agreeing = (one[:_SLOTS] == others[:, :_SLOTS]).sum(axis=1)
    profiles = np.vstack([one[_SLOTS:], others[:, _SLOTS:]]).view(np.int8).astype(np.int64)
    mine, theirs = profiles[0], profiles[1:]
    shared, lengths = theirs @ mine, (theirs**2).sum(axis=1) * (mine**2).sum()
    found: NDArray[np.bool_] = (agreeing >= _UNPROFILED) & (lengths == 0)
    for slots, cosine in (_EDITED, _COPIED):
        found |= (agreeing >= slots) & (lengths > 0) & (100 * shared * abs(shared) >= cosine * lengths)
    return found
