"""What a name says: which reader reads a file, which files may be pages though their suffix does not say so, and
which are none though it does. The words stand in `vocabulary/inputs.tsv`."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from functools import cache

from ..tsv import VOCABULARY, read_rows

PAGE_SUFFIXES = (".html", ".htm", ".xhtml")  # of pages that a browser saves
_PACKED = ("gz", "bz2", "xz")
# A dot and up to ten letters and digits, with a letter among them: `.html`, `.mp4`; in `b.12` is none.
_SUFFIX = re.compile(r"\.((?=[a-z0-9]*[a-z])[a-z0-9]{1,10})$")
_HASH = re.compile(r"(?:[0-9a-f]{16,128}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z2-7]{32})$")
_SEPARATORS = re.compile(r"[\s_.-]+")
# What wget keeps of an address: `page.php?id=5`, on Windows `page.php@id=5`.
_QUERY = re.compile(r"(?:\?|%3f|@(?=[\w.-]{1,40}=)).*$", re.DOTALL)

# What is left out, and why.
FOR_MACHINES = "files that sites and scrapers write for machines"
FRAMES = "frames of saved pages (in folders as PAGE_files)"
LINKS = "links in archives (what they lead to is read under its own name)"
NO_PAGES = "files of records of which no field holds a page"


@cache
def words(what: str) -> tuple[str, ...]:
    """The words of one sort in `vocabulary/inputs.tsv`, in lower case, the most trusted first."""
    rows = read_rows(VOCABULARY, "inputs.tsv", ("what", "name"))
    return tuple(row["name"].lower() for row in rows if row["what"] == what)


def usual(found: Iterable[str], what: str) -> str:
    """The first of the fields in the order of the usual names of one sort; empty if none bears such a name."""
    plain: dict[str, str] = {}
    for name in found:
        plain.setdefault(_plain(name.rpartition(".")[2]), name)
        plain[_plain(name)] = name
    return next((plain[word] for word in map(_plain, words(what)) if word in plain), "")


def _plain(name: str) -> str:
    return _SEPARATORS.sub("", name.casefold())


def suffix_of(name: str, known: Container[str] = ()) -> str:
    """The suffix of a file's name in lower case, with that of its packing: `.html`, `.jsonl.gz`, or empty.

    It stands at the end, or before the query of the address (`page.html?id=5`) where the one at the end is not
    `known`.
    """
    bare, packing = _parts(name)
    suffix = ""
    for candidate in (bare, _without_query(bare)):
        found = _SUFFIX.search(candidate)
        suffix = (found[0] if found else "") + packing
        if suffix in known:
            break
    return suffix


def is_suspect(name: str) -> bool:
    """Whether a file that no reader knows by its suffix may be a page, so that it is worth a look inside.

    It may when its name has no suffix at all, that of a program that makes pages, or is a hash with the suffix of
    a cache.
    """
    if "#" in name:  # No id of a file may look like that of a record.
        return False
    bare = _without_query(_parts(name)[0])
    found = _SUFFIX.search(bare)
    if not found:
        return True
    suffix = found[1]
    if suffix in words("page_suffix"):
        return True
    return suffix in words("cache_suffix") and _HASH.match(bare[: found.start()]) is not None


def _parts(name: str) -> tuple[str, str]:
    bare, packing = name.lower(), ""
    found = _SUFFIX.search(bare)
    if found and found[1] in _PACKED:
        bare, packing = bare[: found.start()], found[0]
    return bare, packing


def _without_query(bare: str) -> str:
    return _QUERY.sub("", bare) or bare


def not_a_page(name: str) -> bool:
    """Whether a file of a page's suffix is one that sites or scrapers write for machines, as robots.txt."""
    return name.lower() in words("no_page")


def not_a_folder_of_pages(name: str) -> bool:
    """Whether a folder holds what a scraper keeps for itself, as hts-cache."""
    return name.lower() in words("no_folder")


def page_of_frames(folder: str) -> str:
    """For `Salt_files`, the folder of what belongs to a saved page, the stem of that page: `Salt`; else empty."""
    lower = folder.lower()
    for end in words("frames"):
        if lower.endswith(end) and len(folder) > len(end):
            return folder[: -len(end)]
    return ""
