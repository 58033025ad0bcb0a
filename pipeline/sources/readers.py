"""Every kind of input, by name. A new kind is one module and one entry here."""

from __future__ import annotations

from . import delimited, json_array, json_lines, mhtml, parquet_rows, wacz, warc
from .archive import Archive, Form
from .file import html_pages, text_pages
from .item import Reader
from .names import suffix_of
from .tar_archive import TAR
from .zip_archive import ZIP

PAGE = "html"
STDIN_ID = "stdin"
FOLDER = "folder"
PACKED = ("", ".gz", ".bz2", ".xz")

# What stands in archives, by suffix; filled below, since archives stand in archives too (and are refused there).
_MEMBERS: dict[str, Reader] = {}


def _archive(form: Form, *suffixes: str) -> Reader:
    archive = Archive(form, _MEMBERS)
    return Reader(suffixes, archive.pages, single=False, entries=archive.entries, load=archive.load)


READERS: dict[str, Reader] = {
    PAGE: Reader((".html", ".htm", ".xhtml", ".shtml"), html_pages),
    "text": Reader((".txt", ".md"), text_pages),
    "mhtml": Reader((".mhtml", ".mht"), mhtml.pages),
    "jsonl": Reader(
        (".jsonl", ".ndjson", ".jl"),
        json_lines.pages,
        single=False,
        entries=json_lines.entries,
        load=json_lines.load,
        records=json_lines.records,
    ),
    "json": Reader((".json",), json_array.pages, single=False, records=json_array.records),
    "csv": Reader((".csv", ".tsv", ".tab"), delimited.pages, single=False, records=delimited.records),
    "parquet": Reader((".parquet", ".pq"), parquet_rows.pages, single=False, records=parquet_rows.records),
    "warc": Reader((".warc",), warc.pages, single=False, entries=warc.entries, load=warc.load),
    "wacz": Reader((".wacz",), wacz.pages, single=False, entries=wacz.entries, load=warc.load),
    "zip": _archive(ZIP, ".zip"),
    "tar": _archive(TAR, ".tar", ".tgz", ".tbz2", ".txz"),
    STDIN_ID: Reader((), html_pages),
    FOLDER: Reader((), html_pages),
}
SUFFIXES: tuple[str, ...] = tuple(suffix for reader in READERS.values() for suffix in reader.suffixes)
_BY_SUFFIX = {
    suffix + packing: name
    for name, reader in READERS.items()
    for suffix in reader.suffixes
    for packing in PACKED
}
_MEMBERS.update((suffix, READERS[name]) for suffix, name in _BY_SUFFIX.items())


def reader_of(name: str) -> str | None:
    """The entry of READERS for a file of this name; None if its suffix tells nothing."""
    return _BY_SUFFIX.get(suffix_of(name, _BY_SUFFIX))
