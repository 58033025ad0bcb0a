"""Which url a page has: the identity rule.

The first of these that gives a whole http or https address is the url, and `url_source` says which it was:

1. `manifest`: the address in the user's own file, which nothing overrules;
   `warc`, `record`, `mhtml`: the address under which the page was fetched, kept with it in a WARC file, in a
   record (JSON lines, CSV, Parquet) or a saved page. It is a fact, what the page says of itself is a claim;
2. `canonical`: `<link rel="canonical">`;
3. `og:url`;
4. `json-ld`: `url`, `mainEntityOfPage` or `@id` of the node that describes the page;
5. `singlefile`, `saved-from`, `httrack`: the comment that the saving program left at the top of the file.

Relative addresses are resolved against the saving program's or og:url; fragments and default ports are cut
off, nothing else is changed. From the page itself (2 to 4) a bare home page is no address: templates put it
on every page, and the articles of a site would pass for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urldefrag, urljoin, urlsplit

_BAD = re.compile(r"[\x00-\x20\x7f<>\"]")
_LONGEST = 2000
_COMMENTS = 4000
_SAVED = (
    (
        "singlefile",
        re.compile(r"Page saved with SingleFile\s{1,20}url:\s{0,20}(https?://[^\s<>\"]{1,2000})", re.I),
    ),
    ("saved-from", re.compile(r"<!--\s{0,20}saved from url=\(\d{1,6}\)(https?://[^\s<>\"]{1,2000})", re.I)),
    ("httrack", re.compile(r"<!--\s{0,20}Mirrored from ([^\s<>\"]{4,2000}) by HTTrack", re.I)),
)


def choose_url(
    known: tuple[str, str], canonical: str, og_url: str, linked: Iterable[str], text: str
) -> tuple[str, str]:
    """The page's url and its source by the identity rule above; two empty strings when it has none. `known` are the
    address that came with the page and its source."""
    saved, saved_source = _saved(text)
    fetched = whole_url(known[0])
    if fetched:
        return fetched, known[1] or "given"
    base = saved or whole_url(og_url)
    stated = [(canonical, "canonical"), (og_url, "og:url"), *((url, "json-ld") for url in linked)]
    for address, source in stated:
        url = whole_url(address, base)
        if url and not _is_home(url):
            return url, source
    return saved, saved_source


def whole_url(url: str, base: str = "") -> str:
    """`url` as a whole http or https address without its fragment, or empty."""
    url = url.strip()
    if not url or len(url) > _LONGEST or _BAD.search(url):
        return ""
    try:
        joined = urldefrag(urljoin(base, url))[0]
        parts = urlsplit(joined)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or "." not in host.strip("."):
        return ""
    if port == {"http": 80, "https": 443}[parts.scheme]:
        joined = joined.replace(f":{port}", "", 1)
    return joined if joined.isprintable() else ""


def host_of(url: str) -> str:
    """The host of a whole url without `www.`, or empty."""
    return (urlsplit(url).hostname or "").removeprefix("www.") if url else ""


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _saved(text: str) -> tuple[str, str]:
    head = text[:_COMMENTS]
    for source, pattern in _SAVED:
        match = pattern.search(head)
        if match:
            address = match.group(1)
            url = whole_url(address if "://" in address else f"http://{address}")
            if url:
                return url, source
    return "", ""
