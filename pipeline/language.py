"""In which language an article is written: what its text shows, and for doubtful text what the page says of itself.

A glance at small words tells English, and costs nothing. Only a text that lacks them is handed to py3langid,
whose model is read from its package at that moment: a run over English pages never loads it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .errors import MedtablesError
from .model import Article, Kind
from .tsv import VOCABULARY, read_rows

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENGLISH = "en"
ANY = "any"
LANGUAGES = (ENGLISH, ANY)  # What can be read: English articles only, or all.

_SAMPLE = 2000  # characters
_PROSE = (Kind.PARAGRAPH, Kind.QUOTE, Kind.LIST_ITEM)
# Of the words of 709 English pages these are at least 7 % (one catalogue aside), of sentences in 60 other languages
# at most 3.5 %.
_ENGLISH_SHARE = 0.05
_FEWEST_SMALL = 2
# Lists of drug, disease and species names, in which no language has more than small words, stay below this.
_SURE = 0.5
_LIKELY = 0.1  # for the language that the page says it is in
_NAMES = ("la", "zxx")  # Latin, and no language at all: what names, codes and numbers look like.
# Spoken forms of Chinese and English, for which the model takes some pages in `zh` and short texts in `en`.
_SPOKEN = ("wuu", "yue", "pcm")


def checked(language: str) -> str:
    """`language` if it is one of LANGUAGES. Raises MedtablesError."""
    if language not in LANGUAGES:
        raise MedtablesError(
            "--language", f"{language!r} cannot be chosen", f"Choose one of {', '.join(LANGUAGES)}."
        )
    return language


def text_language(article: Article) -> str:
    """The language of the article's text as an ISO 639 code (`en`, `es`, `zh`); empty where the text does not tell.

    The text decides, not the page's own statement, which is often that of its template. Where the text leaves
    doubt, a statement that fits it is believed. Lists of names, tables of numbers and texts of a few words tell no
    language.
    """
    prose = _sample(article, prose_only=True)
    if _is_english(prose):
        return ENGLISH
    sample = prose if len(prose) >= _SAMPLE else _sample(article, prose_only=False)
    if not sample or sample.isspace():
        return ""
    if _is_english(sample):
        return ENGLISH
    ranked = _ranked(sample)
    first, sureness = ranked[0]
    if sureness >= _SURE and first not in _NAMES:
        return first
    stated = article.metadata.language.partition("-")[0]
    return stated if dict(ranked).get(stated, 0.0) >= _LIKELY else ""


def unread(language: str) -> str:
    """Why an article in `language` is not read when only English ones are; empty for one that is."""
    if language in ("", ENGLISH):
        return ""
    return f"written in {language}, not in English: nothing was sought in it (--language {ANY} does)"


def _sample(article: Article, *, prose_only: bool) -> str:
    """The first characters of the article's prose, and behind it those of the rest where there is room."""
    pieces, room = [], _SAMPLE
    for wanted in (True,) if prose_only else (True, False):
        for block in article.blocks:
            if room <= 0:
                break
            if (block.kind in _PROSE) is wanted:
                pieces.append(article.text[block.start : min(block.end, block.start + room)])
                room -= block.end - block.start
    return "\n".join(pieces)


def _is_english(text: str) -> bool:
    words = text.lower().split()
    small = sum(map(_english_words().__contains__, words))
    return small >= max(_FEWEST_SMALL, _ENGLISH_SHARE * len(words))


@cache
def _english_words() -> frozenset[str]:
    return frozenset(row["word"] for row in read_rows(VOCABULARY, "english_words.tsv", ("word",)))


def _ranked(text: str) -> list[tuple[str, float]]:
    """The languages that the text may be written in, the likeliest first, with probabilities.

    The detector could leave out the spoken forms itself, but would then keep a second copy of its model: 28 MB.
    """
    found = [(label, sureness) for label, sureness in _detector().rank(text) if label not in _SPOKEN]
    whole = sum(sureness for _, sureness in found)
    return [(label, sureness / whole if whole else 0.0) for label, sureness in found]


@cache
def _detector() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
