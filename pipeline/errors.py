"""The one family of exceptions: each says where, what is wrong and how to fix it."""

from __future__ import annotations


class MedtablesError(Exception):
    """Base of every error that medtables raises on purpose.

    `where` names the file, line, option or page; `what` says what is wrong; `cure` says what to do about it.
    """

    def __init__(self, where: str, what: str, cure: str = "") -> None:
        super().__init__(where, what, cure)
        self.where = where
        self.what = what
        self.cure = cure

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  {self.cure}" if self.cure else head


class PageError(MedtablesError):
    """A page that cannot be read as an article; becomes a row with a status, never a lost page."""


class VocabularyError(MedtablesError):
    """A vocabulary file that breaks its format; `where` is `path:line`."""


class SourceError(MedtablesError):
    """An input that is missing, unreadable, or of a kind that nobody reads."""


class OutputError(MedtablesError):
    """An output that cannot be written, or a run folder that cannot be read."""


class NotationError(MedtablesError):
    """A sentence in the notation that does not parse."""
