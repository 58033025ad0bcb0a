"""Every kind of input, by name. A new kind is one module and one entry here."""

from __future__ import annotations

from . import json_lines
from .archive import Archive, Form
from .file import html_pages, text_pages
from .item import Reader
from .names import suffix_of
from .zip_archive import ZIP

PAGE = "html"
STDIN_ID = "stdin"
FOLDER = "folder"

HTML = Reader((".html", ".htm", ".xhtml", ".shtml"), html_pages)
TEXT = Reader((".txt", ".md"), text_pages)
JSON_LINES = Reader(
    (".jsonl", ".ndjson", ".jl"),
    json_lines.pages,
    single=False,
    entries=json_lines.entries,
    load=json_lines.load,
    records=json_lines.records,
)
_KINDS = {PAGE: HTML, "text": TEXT, "jsonl": JSON_LINES}
PACKED = ("", ".gz", ".bz2", ".xz")
# What an archive may hold is read by suffix; of archives in archives a page says that they are not opened.
_MEMBERS = {
    suffix + packing: kind for kind in _KINDS.values() for suffix in kind.suffixes for packing in PACKED
}


def _archive(form: Form, *suffixes: str) -> Reader:
    archive = Archive(form, _MEMBERS)
    reader = Reader(suffixes, archive.pages, single=False, entries=archive.entries, load=archive.load)
    _MEMBERS.update(dict.fromkeys(suffixes, reader))
    return reader


READERS: dict[str, Reader] = {
    **_KINDS,
    "zip": _archive(ZIP, ".zip"),
    STDIN_ID: Reader((), html_pages),
    FOLDER: Reader((), html_pages),
}
SUFFIXES: tuple[str, ...] = tuple(suffix for reader in READERS.values() for suffix in reader.suffixes)
_BY_SUFFIX = {suffix: name for name, reader in READERS.items() for suffix in reader.suffixes}
_BY_SUFFIX |= {suffix + packing: name for suffix, name in _BY_SUFFIX.items() for packing in PACKED}


def reader_of(name: str) -> str | None:
    """The entry of READERS for a file of this name; None if its suffix tells nothing."""
    return _BY_SUFFIX.get(suffix_of(name, _BY_SUFFIX))
