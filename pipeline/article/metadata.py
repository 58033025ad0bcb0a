"""What a page says of itself: title, url, site, author, dates, language, subject; read before cleaning.

Machine-readable statements come first (JSON-LD, meta elements, time elements), then short visible words.
Which names are asked, and in what order, stands in `vocabulary/metadata.tsv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lxml import etree

from ..model import Metadata
from .byline import Nearby, Source, clean_author, is_person, marked_author
from .dates import parse_date
from .first_text import first_text
from .hints import names
from .linked_data import LinkedData, Node, clean, read_linked_data, types
from .page_url import choose_url, host_of

_T = TypeVar("_T")

_MOST_LISTED = 50
_LONGEST_HEADING = 400
_LONGEST_DATE = 60
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?![a-z])", re.I)
# The look back keeps a long white space from being read again from each of its characters.
_SEPARATOR = re.compile(r"(?<!\s)\s++(?:[|»«•·~]|[-–—]{1,2}|::?)\s+|(?:(?<!\s)\s++)?[|»•]\s*|:\s+")
_DATED_PATH = re.compile(r"/(?:19|20)\d\d/\d\d?/\d\d?(?=/|-|$)|/(?:19|20)\d\d-\d\d-\d\d(?=[/-]|$)")
_MONTH_FIRST_REGIONS = ("US", "PH", "CA")


@dataclass(slots=True)
class _Head:
    """The machine-readable statements of a page, as they stand."""

    metas: dict[str, list[str]] = field(default_factory=dict)
    canonical: str = ""
    language: str = ""
    title: str = ""
    headings: list[tuple[str, etree._Element]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    times: list[etree._Element] = field(default_factory=list)


NOTHING_KNOWN = Metadata()


def completed(found: Metadata, known: Metadata) -> Metadata:
    """What a plain text says of itself, with the address and date that came with it."""
    url, url_source = choose_url((known.url, known.url_source), "", "", (), "")
    return replace(found, url=url, url_source=url_source, site=host_of(url), published=known.published)


def read(root: etree._Element, text: str, known: Metadata = NOTHING_KNOWN) -> Metadata:
    """The metadata of a page; unknown fields are empty. Never raises for what a page holds.

    `root` is the page's lxml tree before pruning, `text` its source. What is `known` of url, url_source and
    published came with the page and comes first.
    """
    head = _read_head(root)
    data = read_linked_data(head.scripts)
    address, url_source = choose_url(
        (known.url, known.url_source),
        head.canonical,
        _meta(head, ("og:url",)),
        list(_linked_urls(data)),
        text,
    )
    language = _language(head, data)
    day_first = _day_first(language)
    site = _meta(head, names("site", "meta")[:1]) or _site(head, data)
    stated = [_meta(head, names("title", "meta")), _linked_text(data, "title"), head.title]
    title, heading = choose_title(head.headings, stated, site, host_of(address))
    seen = _Seen(root, Nearby(heading, day_first), Source(text), day_first)
    return Metadata(
        title=title,
        url=address,
        url_source=url_source,
        site=site or host_of(address),
        author=_author(head, data, seen, site),
        published=known.published or _date(head, data, "published", seen) or _date_of_path(address),
        modified=_date(head, data, "modified", seen),
        reviewed=_date(head, data, "reviewed", seen),
        reviewed_by="; ".join(_people(data, "reviewed_by"))
        or clean_author(_meta(head, names("reviewed_by", "meta")))
        or seen.source.reviewer(),
        language=language,
        description=_meta(head, names("description", "meta")) or _linked_text(data, "description"),
        about=_first_listed(_about(head, data)),
        audience=_audience(head, data),
        codes=_first_listed(_codes(data)),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a reader sees, asked when the machine-readable statements are silent."""

    root: etree._Element
    nearby: Nearby
    source: Source
    day_first: bool | None


def _read_head(root: etree._Element) -> _Head:
    head = _Head()
    head.language = (
        root.get("lang")
        or root.get("xml:lang")
        or root.get("{http://www.w3.org/XML/1998/namespace}lang")
        or ""
    )
    for element in root.iter("meta", "link", "script", "title", "h1", "time"):
        tag = element.tag
        if tag == "meta":
            content = element.get("content")
            if content:
                for attribute in ("property", "name", "itemprop", "http-equiv"):
                    name = element.get(attribute)
                    if name:
                        head.metas.setdefault(name.strip().lower(), []).append(content)
        elif tag == "script":
            if "ld+json" in (element.get("type") or "").lower() and element.text:
                head.scripts.append(element.text)
        elif tag == "link":
            if not head.canonical and "canonical" in (element.get("rel") or "").lower().split():
                head.canonical = element.get("href") or ""
        elif tag == "time":
            head.times.append(element)
        elif tag == "h1":
            if len(head.headings) < 5:
                heading = clean(first_text(element, 4 * _LONGEST_HEADING), _LONGEST_HEADING)
                if heading:
                    head.headings.append((heading, element))
        elif (
            not head.title
            and element.text
            and (above := element.getparent()) is not None
            and above.tag != "svg"
        ):
            head.title = clean(element.text, 400)
    return head


def _meta(head: _Head, wanted: tuple[str, ...]) -> str:
    for name in wanted:
        for content in head.metas.get(name, ()):
            value = clean(content)
            if value:
                return value
    return ""


def _linked_text(data: LinkedData, place: str) -> str:
    for value in data.values(data.pages, names(place, "property")):
        for one in data.flat(value):
            if isinstance(one, str) and (text := clean(one)):
                return text
    return ""


def _linked_urls(data: LinkedData) -> Iterator[str]:
    for value in data.values(data.pages, names("url", "property")):
        for one in data.flat(value):
            address = one.get("@id") if isinstance(one, dict) else one
            if isinstance(address, str):
                yield address


# Title and site


def choose_title(
    headings: Sequence[tuple[str, _T]], stated: Sequence[str], site: str, host: str
) -> tuple[str, _T | None]:
    """The article's own title, and the heading it is or None.

    The main heading is the title where it shares words with what the page states elsewhere (`stated`: for
    machines, then the title element) or stands alone; a heading that only names the site is none. Otherwise
    the first stated title without the name of the site.
    """
    names_of_site = [squeezed for squeezed in (_squeeze(site), _squeeze(host.rpartition(".")[0])) if squeezed]
    bare = [text for text in (_without_site(text, names_of_site) for text in stated if text) if text]
    said = [_content_words(text) for text in bare]
    best: tuple[float, str, _T] | None = None
    # The last part of a longer title is the site, also where the page does not name its site.
    ends = (text[match.end() :] for text in stated for match in list(_SEPARATOR.finditer(text))[-1:])
    not_titles = {*names_of_site, *map(_squeeze, ends)}
    candidates = [(text, mark) for text, mark in headings if _squeeze(text) not in not_titles]
    for text, mark in candidates:
        words = _content_words(text)
        share = max((len(words & other) / max(1, min(len(words), len(other))) for other in said), default=0.0)
        if best is None or share > best[0]:
            best = (share, text, mark)
    if best is not None and (best[0] >= 0.5 or (len(candidates) == 1 and (best[0] > 0 or not bare))):
        return best[1], best[2]
    return next(iter((*bare, *filter(None, stated))), ""), (best[2] if best is not None else None)


def _content_words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w{2,}", text.casefold()))


def _without_site(text: str, names_of_site: Sequence[str]) -> str:
    """`text` without a last or first part that names the site."""
    parts = list(_SEPARATOR.finditer(text))
    if not parts:
        return "" if _squeeze(text) in names_of_site else text
    last, first = parts[-1], parts[0]
    tail, start = _squeeze(text[last.end() :]), _squeeze(text[: first.start()])
    for name in names_of_site:
        if len(tail) > 2 and (tail in name or name in tail) and len(tail) < 2 * len(name) + 8:
            return (
                _without_site(text[: last.start()].strip(), names_of_site)
                if len(parts) > 1
                else text[: last.start()].strip()
            )
        if start == name:
            return text[first.end() :].strip()
    return text


def _squeeze(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _site(head: _Head, data: LinkedData) -> str:
    for value in data.values(data.pages, names("site", "property")):
        for name in data.called(value):
            return name
    for node in data.sites:
        for name in data.called(node):
            return name
    return _meta(head, names("site", "meta"))


# People


def _people(data: LinkedData, place: str) -> list[str]:
    people: list[str] = []
    for value in data.values(data.pages, names(place, "property")):
        people = [name for name in map(clean_author, data.called(value)) if name]
        if people:
            break
    return list(dict.fromkeys(people))[:_MOST_LISTED]


def _author(head: _Head, data: LinkedData, seen: _Seen, site: str) -> str:
    people = _people(data, "author")
    if not people:
        for name in names("author", "meta"):
            people = [author for author in map(clean_author, map(clean, head.metas.get(name, ()))) if author]
            if people:
                break
    stated = "; ".join(dict.fromkeys(people))
    # Machines are often told the site or a login where a reader sees a name.
    if not stated or (len(people) == 1 and (not is_person(stated) or _squeeze(stated) == _squeeze(site))):
        return seen.nearby.author() or marked_author(seen.root) or stated
    return stated


# Dates and language


def _date(head: _Head, data: LinkedData, place: str, seen: _Seen) -> str:
    for value in data.values(data.pages, names(place, "property")):
        for one in data.flat(value):
            if isinstance(one, str | int) and (date := parse_date(str(one), seen.day_first)):
                return date
    for name in names(place, "meta"):
        for content in head.metas.get(name, ()):
            if date := parse_date(content, seen.day_first):
                return date
    return (
        _date_of_times(head, place, seen.day_first)
        or seen.nearby.date(place)
        or seen.source.date(place, seen.day_first)
    )


def _date_of_times(head: _Head, place: str, day_first: bool | None) -> str:
    wanted, unwanted = frozenset(names(place, "class")), frozenset(names(place, "class_not"))
    if not wanted:
        return ""
    for sure in (True, False):
        for element in head.times:
            hints = " ".join(element.get(name) or "" for name in ("class", "itemprop", "id")).lower() + (
                " pubdate" if "pubdate" in element.attrib else ""
            )
            words = frozenset(re.split(r"[^a-z]+", hints))
            if words & unwanted or (sure and not words & wanted) or (not sure and place != "published"):
                continue
            stated = (
                element.get("datetime")
                or element.get("content")
                or clean(first_text(element, 4 * _LONGEST_DATE), _LONGEST_DATE)
            )
            if date := parse_date(stated, day_first):
                return date
    return ""


def _date_of_path(address: str) -> str:
    match = _DATED_PATH.search(address)
    return parse_date(match.group().strip("/")) if match else ""


def _language(head: _Head, data: LinkedData) -> str:
    stated = [head.language]
    for value in data.values(data.pages, names("language", "property")):
        for one in data.flat(value):
            if isinstance(one, dict):
                one = one.get("alternateName") or one.get("name")
            stated.append(one if isinstance(one, str) else "")
    stated.extend(content for name in names("language", "meta") for content in head.metas.get(name, ()))
    for text in stated:
        match = _LANGUAGE.match(text.strip())
        if match:
            language, script, region = match.groups()
            parts = (language.lower(), (script or "").title(), (region or "").upper())
            return "-".join(part for part in parts if part)
    return ""


def _day_first(language: str) -> bool | None:
    """Whether 03/04/2024 is the third of April; None where the language does not tell."""
    region = language.rpartition("-")[2]
    if region == language:
        return None
    return region not in _MONTH_FIRST_REGIONS


# Subject


def _about(head: _Head, data: LinkedData) -> Iterator[str]:
    for value in data.values(data.pages, names("about", "property")):
        things = [one for one in data.flat(value) if not isinstance(one, dict) or _is_subject(one)]
        yield from (name for name in data.called(things) if "://" not in name)
    for node in data.subjects:
        yield from data.called(node)
    for name in names("about", "meta"):
        yield from (clean(content) for content in head.metas.get(name, ()))


def _is_subject(node: Node) -> bool:
    return not frozenset(types(node)).intersection(names("about", "type_not"))


def _audience(head: _Head, data: LinkedData) -> str:
    known = frozenset(names("audience", "type"))
    for value in data.values(data.pages, names("audience", "property")):
        for one in data.flat(value):
            if isinstance(one, str) and (text := clean(one.rsplit("/", 1)[-1])):
                return text
            if isinstance(one, dict):
                for key in ("audienceType", "name"):
                    for text in data.called(one.get(key)):
                        return text.rsplit("/", 1)[-1]
                stated = one.get("@type")
                if isinstance(stated, str) and known.intersection(types(one)):
                    return clean(stated.rsplit("/", 1)[-1])
    return _meta(head, names("audience", "meta"))


def _codes(data: LinkedData) -> Iterator[str]:
    things: list[Node] = list(data.subjects)
    for value in data.values(data.pages, names("about", "property")):
        things.extend(one for one in data.flat(value) if isinstance(one, dict))
    for value in data.values([*things, *data.pages], names("codes", "property")):
        for one in data.flat(value):
            if not isinstance(one, dict):
                continue
            code = "".join(data.called(one.get("codeValue") or one.get("code"))[:1])
            system = "".join(data.called(one.get("codingSystem") or one.get("inCodeSet"))[:1])
            if code:
                yield f"{system}:{code}" if system else code
    for value in data.values(things, ("rxcui",)):
        yield from (f"RXNORM:{code}" for code in data.called(value))


def _first_listed(texts: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:_MOST_LISTED]
