"""spaCy factories, registered as entry points: spaCy imports this whenever it makes a Language.

    nlp = spacy.blank("en")
    nlp.add_pipe("medtables")

Nothing of medtables is imported here; what a component needs is loaded when the component is made.
"""

# No `from __future__ import annotations`: spaCy 3.8 before confection 1 checks arguments by what stands behind the
# colon, and takes no names for types.
from collections.abc import Callable
from typing import TypeAlias

from spacy.language import Language
from spacy.tokens import Doc

Component: TypeAlias = Callable[[Doc], Doc]

SPANS_KEY = "medtables"
_FINDING = {"spans_key": SPANS_KEY, "set_ents": False, "overwrite_ents": False, "vocabulary": []}


@Language.factory(
    "medtables",
    default_config=_FINDING,
    assigns=[
        "doc.spans",
        "doc.ents",
        "doc._.medtables",
        "span._.medtables_assertion",
        "span._.medtables_cue",
    ],
)
def make_medtables(
    nlp: Language, name: str, spans_key: str, set_ents: bool, overwrite_ents: bool, vocabulary: list[str]
) -> Component:
    """Mentions with what the text says of them, as `extract` finds them in a plain text.

    They stand in `doc.spans[spans_key]`, and in `doc.ents` when `set_ents` is true; there entities of others
    stay where they overlap, unless `overwrite_ents` is true. `vocabulary` are overlay folders.
    """
    from .finders import Whole

    return Whole(spans_key, set_ents, overwrite_ents, vocabulary)


def _make_step(step: str) -> Callable[[Language, str, str, bool, bool, list[str]], Component]:
    """The factory for one step of finding mentions; each adds to what stands in the span group."""

    def make(
        nlp: Language, name: str, spans_key: str, set_ents: bool, overwrite_ents: bool, vocabulary: list[str]
    ) -> Component:
        from .finders import Step

        return Step(step, spans_key, set_ents, overwrite_ents, vocabulary)

    Language.factory(
        f"medtables_{step}", default_config=_FINDING, assigns=["doc.spans", "doc.ents"], func=make
    )
    return make


make_terms = _make_step("terms")
make_suffixes = _make_step("suffixes")
make_patterns = _make_step("patterns")
make_abbreviations = _make_step("abbreviations")
make_coordination = _make_step("coordination")
make_gates = _make_step("gates")


@Language.factory(
    "medtables_assertion",
    default_config={"spans_key": SPANS_KEY, "cues": None, "vocabulary": []},
    assigns=["span._.medtables_assertion", "span._.medtables_cue"],
)
def make_assertion(
    nlp: Language, name: str, spans_key: str, cues: str | None, vocabulary: list[str]
) -> Component:
    """What the text says of each span of `doc.spans[spans_key]`, whoever put it there.

    `cues` is a file to use in place of `vocabulary/cues.tsv`; overlay folders in `vocabulary` add theirs.
    """
    from .assertion_component import AssertionComponent

    return AssertionComponent(spans_key, cues, vocabulary)
