"""Write reviewed phrases into an overlay: the last step of `medtables gaps`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import terminology
from ..components.concepts import slug
from ..curation.overlay import Sieve, is_acronym, write
from ..errors import VocabularyError
from ..terminology import NAMING
from ..tidy import CONCEPT_ID

COLUMNS = ("phrase", "label", "concept_id")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a review: terms written, of them in new concepts, phrases known before, and the files."""

    terms: int
    concepts: int
    known: int
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    phrase: str
    label: str
    concept_id: str


def accept(review: Path, overlay: Path) -> Accepted:
    """Add the phrases of `review` to the overlay folder, which is made if it is not there.

    `review` is a table separated by tabs with the columns phrase, label and concept_id (others are left out), as
    `medtables gaps RUN > FILE` prints it, less the rows that a person struck out. An empty concept_id becomes
    `label:phrase`. A phrase joins the concept where the vocabulary or the overlay has it, else it names a new one.
    Raises VocabularyError, OutputError.
    """
    choices = _read(review)
    words = terminology.load([overlay] if (overlay / "terms").is_dir() else [])
    sieve = Sieve()
    have = {(sieve.key(term.text), term.concept_id) for term in words.terms}
    named = {term.concept_id for term in words.terms if term.status in NAMING}
    before = len(named)
    rows: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    found: Counter[str] = Counter()
    for choice in choices:
        key = (sieve.key(choice.phrase), choice.concept_id)
        if key in have:
            found["known"] += 1
            continue
        have.add(key)
        status = "synonym" if choice.concept_id in named else "preferred"
        named.add(choice.concept_id)
        case = "exact" if is_acronym(choice.phrase) else ""
        rows[choice.label].append((choice.concept_id, choice.phrase, status, case, "", ""))
    paths = tuple(write(overlay, rows))
    return Accepted(sum(map(len, rows.values())), len(named) - before, found["known"], paths)


def _read(review: Path) -> list[_Choice]:
    try:
        lines = review.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise VocabularyError(str(review), f"cannot be read ({error.strerror})", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise VocabularyError(str(review), "is not UTF-8", "Save it as UTF-8.") from error
    header: Sequence[str] = ()
    choices = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if not header:
            header = cells
            if missing := [name for name in COLUMNS if name not in header]:
                raise VocabularyError(
                    f"{review}:{number}",
                    f"lacks the column {', '.join(missing)}",
                    "Begin the file with phrase, label and concept_id, separated by tabs.",
                )
            continue
        cells += [""] * (len(header) - len(cells))
        row = dict(zip(header, cells, strict=False))
        choices.append(_choice(f"{review}:{number}", row["phrase"], row["label"].lower(), row["concept_id"]))
    if not choices:
        raise VocabularyError(str(review), "holds no phrase", "Keep the rows that you accept.")
    return choices


def _choice(where: str, phrase: str, label: str, concept_id: str) -> _Choice:
    phrase = " ".join(phrase.split())
    if not slug(phrase):
        raise VocabularyError(where, f"{phrase!r} is no phrase", "Write words, or remove the row.")
    if not label.replace("_", "").isalpha() or not label.isascii():
        raise VocabularyError(where, f"{label!r} is no label", "Write one word of letters, as SYMPTOM.")
    concept_id = concept_id or f"{label}:{slug(phrase)}"
    if not CONCEPT_ID.fullmatch(concept_id) or not concept_id.startswith(f"{label}:"):
        raise VocabularyError(
            where,
            f"{concept_id!r} is no concept of {label}",
            f"Write {label}: and a name, as {label}:{slug(phrase)}.",
        )
    return _Choice(phrase, label, concept_id)
