"""A regular expression that tells quickly whether one of many words stands somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable


def prefix_tree(words: Iterable[str]) -> str:
    """A pattern that matches exactly where one of `words` begins, up to the end of the shortest that does.

    A list of alternatives is tried one by one at every place; here those with a common beginning are tried together.
    """
    listed = set(words)
    if "" in listed:
        return ""
    by_first: dict[str, list[str]] = {}
    for word in sorted(listed):
        by_first.setdefault(word[0], []).append(word[1:])
    branches = [re.escape(first) + prefix_tree(rests) for first, rests in by_first.items()]
    if not branches:
        return "(?!)"
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
