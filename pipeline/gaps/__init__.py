"""What a finished run missed: frequent phrases that stand where mentions stand and matched nothing.

Candidates come from items of lists under headings such as Symptoms, from enumerations (`symptoms include`, `such
as`), from words before a known head (`… syndrome`) and behind known openings (`loss of …`); `vocabulary/gaps.tsv`
holds these words. They are for a person to review: `accept` writes the chosen ones into an overlay.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from .. import terminology
from ..components.concepts import slug
from ..curation.overlay import Sieve
from ..model import Kind
from ..runs import read_run
from .phrases import Evidence, Phrases, Seen

_LONGEST_EXAMPLE = 160
_FEWEST_MENTIONS = 3  # of an article that says anything of health
# How much one find of each kind says.
_WEIGHTS = {Evidence.LIST: 3, Evidence.LEAD: 3, Evidence.OPENING: 1, Evidence.HEAD: 1}


@dataclass(frozen=True, slots=True)
class Gap:
    """A phrase that no mention touches, or of which only its head is one.

    `label` and `concept_id` are proposals. `articles` and `count` tell how many articles hold it and how often it was
    found; `evidence` how, as `list 3, lead 1`; `example` is a sentence or what stands around it, `where` its article.
    """

    phrase: str
    label: str
    concept_id: str
    articles: int
    count: int
    evidence: str
    example: str
    where: str


@dataclass
class _Entry:
    forms: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    evidence: Counter[Evidence] = field(default_factory=Counter)
    articles: set[str] = field(default_factory=set)
    example: str = ""
    where: str = ""


def find(run: str | PathLike[str], vocabulary: Sequence[str | Path] = ()) -> list[Gap]:
    """The gaps of a finished run, those with most evidence first: more articles, then more finds, lists and
    leads above others.

    What the vocabulary with the overlay folders `vocabulary` holds by now, or blocks, is left out, and so are
    everyday words. Raises OutputError and VocabularyError.
    """
    words = terminology.load([Path(folder) for folder in vocabulary])
    sieve = Sieve()
    known = {sieve.key(term.text) for term in words.terms} | {sieve.key(one.text) for one in words.blocked}
    phrases = Phrases(words)
    entries: dict[str, _Entry] = defaultdict(_Entry)
    for article_id, kind, section, text, mentions in _blocks(run):
        for seen in phrases.find(text, kind, section, mentions):
            written = text[seen.start : seen.end]
            key = sieve.key(written)
            if key in known or sieve.reason(written):
                continue
            _add(entries[key], seen, article_id, written, text)
    return sorted((_gap(entry) for entry in entries.values()), key=lambda gap: _order(gap, entries, sieve))


def _add(entry: _Entry, seen: Seen, article_id: str, written: str, text: str) -> None:
    entry.forms[" ".join(written.split())] += 1
    entry.labels[seen.label] += 1
    entry.evidence[seen.evidence] += 1
    entry.articles.add(article_id)
    if not entry.example:
        entry.example, entry.where = _example(text, seen.start, seen.end), article_id


def _gap(entry: _Entry) -> Gap:
    phrase = _form(entry.forms)
    label = min(entry.labels, key=lambda label: (-entry.labels[label], label))
    evidence = ", ".join(f"{kind} {count}" for kind, count in sorted(entry.evidence.items()))
    return Gap(
        phrase,
        label,
        f"{label.lower()}:{slug(phrase)}",
        len(entry.articles),
        entry.evidence.total(),
        evidence,
        entry.example,
        entry.where,
    )


def _order(gap: Gap, entries: dict[str, _Entry], sieve: Sieve) -> tuple[int, int, str]:
    weight = sum(_WEIGHTS[kind] * count for kind, count in entries[sieve.key(gap.phrase)].evidence.items())
    return -gap.articles, -weight, gap.phrase


def _form(forms: Counter[str]) -> str:
    """The most frequent form, in lower case where it is ever written so: a sentence or an item may begin with it."""
    alike: Counter[str] = Counter()
    for form, count in forms.items():
        alike[form.lower()] += count
    return min(forms, key=lambda form: (-alike[form.lower()], not form[:1].islower(), -forms[form], form))


def _example(text: str, start: int, end: int) -> str:
    room = max(0, _LONGEST_EXAMPLE - (end - start)) // 2
    first, last = max(0, start - room), min(len(text), end + room)
    shown = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{shown}{'…' if last < len(text) else ''}"


def _blocks(run: str | PathLike[str]) -> Iterator[tuple[str, Kind, str, str, list[tuple[int, int, str]]]]:
    """Each block: article, kind, section, text, and the mentions in it as offsets into its text, with labels."""
    tables = read_run(run)
    mentions: dict[tuple[str, int], list[tuple[int, int, str]]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for row in _rows(tables.arrow("mentions"), ("article_id", "block", "start", "end", "label")):
        mentions[row[0], row[1]].append(row[2:])
        counts[row[0]] += 1
    for article_id, number, start, kind, section, text in _rows(
        tables.arrow("blocks"), ("article_id", "block", "start", "kind", "section", "text")
    ):
        if counts[article_id] < _FEWEST_MENTIONS:
            continue
        inside = [
            (first - start, last - start, label)
            for first, last, label in mentions.get((article_id, number), ())
        ]
        yield article_id, Kind(kind), section, text, inside


def _rows(table: Any, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    for batch in table.select(list(columns)).to_batches():
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
