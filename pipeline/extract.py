"""One page in, all that it says out: `extract(page, engine) -> Extraction`, pure and small."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import process_time
from typing import TypeVar

from . import __version__, article, terminology
from .components.annotate import Annotator
from .decode import decode
from .errors import MedtablesError
from .language import ANY, ENGLISH, checked, text_language, unread
from .model import Article, Extraction, Metadata, Page, Problem, Status
from .quantities import Quantities
from .relations import Relations

_T = TypeVar("_T")
_NO_ARTICLE = Article("")


@dataclass(frozen=True, slots=True)
class Engine:
    """All that is loaded once: the terminology and the matchers built from it.

    `digest` is equal for engines that extract alike: it covers the program version and every vocabulary file.
    """

    terminology: terminology.Terminology
    annotator: Annotator
    quantities: Quantities
    relations: Relations
    digest: str


def load_engine(vocabulary: Sequence[str | Path] = ()) -> Engine:
    """The engine for the package's vocabulary with the overlay folders `vocabulary`. Raises VocabularyError."""
    words = terminology.load([Path(folder) for folder in vocabulary])
    digest = hashlib.sha256(f"{__version__}\0{words.digest}".encode()).hexdigest()
    return Engine(words, Annotator(words), Quantities(words), Relations(words), digest)


def content_hash(content: bytes) -> str:
    """SHA-256 of a page's bytes in hexadecimal; empty for a page without any."""
    return hashlib.sha256(content).hexdigest() if content else ""


def extract(page: Page, engine: Engine, *, language: str = ENGLISH) -> Extraction:
    """What `page` holds. The same page, engine and language give an equal value in any process, but for `seconds`.

    Nothing is sought in an article that is surely not in English, and `unread` says so; with the `language` `any`
    every article is read. Never raises for what a page holds: a page that gives no article has a `problem`. The
    result carries the page without its content. Raises MedtablesError for another `language`.
    """
    every = checked(language) == ANY
    seconds: list[tuple[str, float]] = []
    bare = replace(page, content=b"")
    sha256 = content_hash(page.content)

    def without_mentions(
        problem: Problem | None, encoding: str = "", found: Article = _NO_ARTICLE
    ) -> Extraction:
        return Extraction(bare, found, (), encoding, sha256, problem, tuple(seconds))

    if page.problem is not None:
        return without_mentions(page.problem)
    try:
        decoded = _timed("decode", seconds, lambda: decode(page.content, page.content_type, page.media_type))
        if isinstance(decoded, Problem):
            return without_mentions(decoded)
        parse = partial(
            article.parse, decoded.text, utf8=decoded.utf8, media_type=page.media_type, known=known(page)
        )
        found = _timed("clean", seconds, parse)
        if found.problem is not None:
            return without_mentions(found.problem, decoded.encoding, found)
        if not found.blocks:
            return without_mentions(
                Problem(Status.EMPTY, "no article text was found"), decoded.encoding, found
            )
        written = _timed("language", seconds, lambda: text_language(found))
        reason = "" if every else unread(written)
        if reason:
            return replace(without_mentions(None, decoded.encoding, found), language=written, unread=reason)
        mentions = _timed("annotate", seconds, lambda: engine.annotator.mentions(found))
        quantities = _timed("quantities", seconds, lambda: engine.quantities.read(found, mentions))
        relations = _timed("relations", seconds, lambda: engine.relations.read(found, mentions))
    except (
        MedtablesError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
        MemoryError,
    ) as error:
        # One page must not stop a run; the row says which page and why.
        return without_mentions(Problem(Status.FAILED, f"{type(error).__name__}: {error}"))
    return Extraction(
        bare, found, mentions, decoded.encoding, sha256, None, tuple(seconds), quantities, relations, written
    )


def known(page: Page) -> Metadata:
    """What came with the page, from its container or the user's manifest."""
    return Metadata(url=page.url, url_source=page.url_source, published=page.published)


def _timed(stage: str, seconds: list[tuple[str, float]], call: Callable[[], _T]) -> _T:
    started = process_time()
    try:
        return call()
    finally:
        seconds.append((stage, process_time() - started))
