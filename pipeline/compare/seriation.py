"""An order of rows in which neighbours are alike, for the axes of a heat map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

MOST = 2500
"""Rows that are ordered by likeness. The pairs of more rows would not fit in memory."""


def order(counts: Matrix) -> list[int]:
    """Row numbers of `counts` (things by features, counts from 0), alike rows next to each other.

    Likeness is the cosine of log(1 + count); rows are joined by average linkage, and each join is turned so
    that the likest ends meet. Equal input gives equal output. Rows beyond `MOST` follow as they are.
    """
    ordered = counts[:MOST]
    if len(ordered) < 3:
        return list(range(len(counts)))
    likeness = _cosine(np.log1p(ordered))
    return [*_joined(likeness), *range(len(ordered), len(counts))]


def _cosine(rows: Matrix) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.where(lengths == 0, 1.0, lengths)
    # Rounded, so that another build of the linear algebra breaks ties in the same way.
    cosine: Matrix = np.round(unit @ unit.T, 9)
    return cosine


def _joined(likeness: Matrix) -> list[int]:
    """Average linkage by nearest-neighbour chains, which take time by the square of the number of rows."""
    near = likeness.copy()
    np.fill_diagonal(near, -np.inf)
    sizes = np.ones(len(near))
    leaves = {row: [row] for row in range(len(near))}
    chain: list[int] = []
    while len(leaves) > 1:
        if not chain:
            chain.append(next(iter(leaves)))
        last = chain[-1]
        best = int(np.argmax(near[last]))
        if len(chain) > 1 and near[last, chain[-2]] >= near[last, best]:
            best = chain[-2]
        if len(chain) < 2 or best != chain[-2]:
            chain.append(best)
            continue
        del chain[-2:]
        one, other = min(last, best), max(last, best)
        merged = (sizes[one] * near[one] + sizes[other] * near[other]) / (sizes[one] + sizes[other])
        near[one], near[:, one] = merged, merged
        near[other], near[:, other] = -np.inf, -np.inf
        near[one, one] = -np.inf
        sizes[one] += sizes[other]
        leaves[one] = _turned(leaves[one], leaves.pop(other), likeness)
    return next(iter(leaves.values()))


def _turned(one: list[int], other: list[int], likeness: Matrix) -> list[int]:
    ways = (
        (likeness[one[-1], other[0]], one + other),
        (likeness[one[-1], other[-1]], one + other[::-1]),
        (likeness[one[0], other[0]], one[::-1] + other),
        (likeness[one[0], other[-1]], other + one),
    )
    return max(ways, key=lambda way: float(way[0]))[1]
