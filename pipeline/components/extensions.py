"""The attributes that components set on Docs and Spans of others."""

from __future__ import annotations

from spacy.tokens import Doc, Span

MENTIONS, ASSERTION, CUE = "medtables", "medtables_assertion", "medtables_cue"


def declare() -> None:
    """Make the attributes known to spaCy; those that somebody declared before stay as they are."""
    if not Doc.has_extension(MENTIONS):
        Doc.set_extension(MENTIONS, default=[])
    for name, default in ((ASSERTION, "present"), (CUE, "")):
        if not Span.has_extension(name):
            Span.set_extension(name, default=default)
