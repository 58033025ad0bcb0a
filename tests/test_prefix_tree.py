"""The glance that tells whether the rules need to be asked."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pipeline.article import furniture
from pipeline.prefix_tree import prefix_tree
from pipeline.tsv import VOCABULARY, read_rows

NAMES = [
    row["name"].rstrip("*$") for row in read_rows(VOCABULARY, "boilerplate.tsv", ("rule", "kind", "name"))
]
PHRASES = [
    row["phrase"].lstrip("~") for row in read_rows(VOCABULARY, "boilerplate_text.tsv", ("rule", "phrase"))
]
SHORT = st.text(alphabet="ab-*.(", max_size=4)


@given(st.lists(SHORT, max_size=6), st.text(alphabet="ab-*.(", max_size=12))
def test_it_matches_where_a_word_begins_and_nowhere_else(words: list[str], text: str) -> None:
    pattern = re.compile(prefix_tree(words))
    for place in range(len(text) + 1):
        assert (pattern.match(text, place) is not None) == any(text.startswith(word, place) for word in words)


def test_words_with_a_common_beginning_share_it() -> None:
    assert prefix_tree(["share", "shop", "nav"]) == "(?:nav|sh(?:are|op))"


@given(st.lists(st.sampled_from([*NAMES, "entry", "x"]), min_size=1, max_size=4).map("-".join))
def test_no_name_that_a_rule_knows_escapes_the_glance(name: str) -> None:
    slug = furniture.slug(name)
    if furniture._DROP.search(slug) or furniture._KEEP.search(slug):
        assert furniture._NAMES.search(slug)


@given(st.lists(st.sampled_from([*PHRASES, "The", "of"]), min_size=1, max_size=4).map(" ".join))
def test_no_phrase_that_a_rule_knows_escapes_the_glance(text: str) -> None:
    slug = furniture.slug(text)
    if furniture._FIRST.match(slug) or furniture._ANYWHERE.search(slug):
        assert furniture._PHRASES.search(slug)
