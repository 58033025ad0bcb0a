"""Look into a vocabulary: what a text meets in it, how large it is, and where its concepts roll up to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..components.annotate import Annotator
from ..components.candidates import candidates, winners
from ..components.words import split
from ..fold import fold
from ..model import Article, Block, Kind
from ..norms import make_norm
from ..terminology import LEXICON_COLUMNS, MAPPING_COLUMNS, STATUSES, Terminology
from ..tsv import VOCABULARY, read_rows

_SHORTEST_PART = 4  # letters; a shorter text is sought as whole words


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of the vocabulary that `text` meets.

    `how`: found (the engine reads it so), loses (it matches, and something longer or stronger wins), is (the
    row is the text), holds (the row holds the text). `kind`: term, pattern, blocked, class (a word that
    patterns know) or cue. `rolls_up` are the relations of the concept, nearest first.
    """

    how: str
    kind: str
    concept_id: str
    text: str
    status: str
    case: str
    rolls_up: str
    where: str


def find(text: str, words: Terminology, annotator: Annotator) -> list[Hit]:
    """Everything in the vocabulary that `text` (words, or a concept id) meets: what is found in it comes
    first.
    """
    above = roll_ups(words)
    hits = [*_read(text, words, annotator, above)]
    seen = {(hit.where, hit.concept_id) for hit in hits}
    order = {"is": 0, "holds": 1}
    rows = sorted(
        _rows(text, words, above), key=lambda hit: (order[hit.how], len(hit.text), hit.text, hit.where)
    )
    return [*hits, *(hit for hit in rows if (hit.where, hit.concept_id) not in seen)]


def roll_ups(words: Terminology) -> Callable[[str], list[tuple[str, str]]]:
    """The function concept -> [(predicate, concept)], all that it rolls up to, nearest first, each once."""
    direct: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for subject, predicate, target in words.relations:
        direct[subject].append((predicate, target))

    @cache
    def above(concept_id: str) -> list[tuple[str, str]]:
        found = dict.fromkeys(direct.get(concept_id, ()))
        queue = list(found)
        for _, target in queue:
            for relation in direct.get(target, ()):
                if relation not in found and relation[1] != concept_id:
                    found[relation] = None
                    queue.append(relation)
        return queue

    return above


def stats(words: Terminology) -> tuple[dict[str, list[str | int]], dict[str, list[str | int]]]:
    """Two tables of columns: concepts and terms of each label, terms by status; counts of all else."""
    statuses = [status for status in STATUSES if status != "removed"]
    concepts: dict[str, set[str]] = defaultdict(set)
    of: dict[str, Counter[str]] = defaultdict(Counter)
    for term in words.terms:
        concepts[term.label].add(term.concept_id)
        of[term.label].update([term.status, *(["exact"] if term.exact else [])])
    labels = sorted(concepts)
    columns: dict[str, list[int]] = {"concepts": [len(concepts[label]) for label in labels]}
    columns["terms"] = [sum(of[label][status] for status in statuses) for label in labels]
    columns |= {name: [of[label][name] for label in labels] for name in (*statuses, "exact")}
    table: dict[str, list[str | int]] = {"label": [*labels, "all"]}
    table |= {name: [*counts, sum(counts)] for name, counts in columns.items()}
    counts = [
        *_counted("patterns", (pattern.label for pattern in words.patterns)),
        *_counted("cues", (cue.category for cue in words.cues)),
        *_counted("relations", (predicate for _, predicate, _ in words.relations)),
        *_counted("mappings", (row[2].partition(":")[0] for row in mappings(words.folders))),
        *_counted("words of classes", (word.kind for word in words.lexicon), together=True),
        ("blocked phrases", "", len(words.blocked)),
        ("terms with an example", "", sum(bool(term.example) for term in words.terms)),
        ("terms with a not_example", "", sum(bool(term.not_example) for term in words.terms)),
    ]
    names = ("what", "of", "count")
    return table, {name: list(column) for name, column in zip(names, zip(*counts, strict=True), strict=True)}


def mappings(folders: Iterable[Path]) -> list[tuple[str, str, str, str]]:
    """The rows of every mappings.sssom.tsv in `folders`: subject, predicate, object, label of the object."""
    found: dict[tuple[str, str, str, str], None] = {}
    for folder in folders:
        if (folder / "mappings.sssom.tsv").exists():
            for row in read_rows(folder, "mappings.sssom.tsv", MAPPING_COLUMNS):
                subject, predicate, target, label = (row[column] for column in MAPPING_COLUMNS)
                found[subject, predicate, target, label] = None
    return list(found)


def _counted(what: str, of: Iterable[str], together: bool = False) -> Iterator[tuple[str, str, int]]:
    counts = Counter(of)
    if together:
        yield what, f"{len(counts)} classes", counts.total()
    else:
        for name, count in sorted(counts.items()):
            yield what, name, count


def _read(
    text: str, words: Terminology, annotator: Annotator, above: Callable[[str], list[tuple[str, str]]]
) -> Iterator[Hit]:
    if not text.strip():
        return
    statuses = {(term.where, term.concept_id): term for term in words.terms}
    doc = annotator.doc(Article(text, (Block(0, len(text), Kind.PARAGRAPH),)))
    won = winners(doc)
    for one in (*won, *(one for one in candidates(doc) if one not in won)):
        term = statuses.get((one.where, one.concept_id))
        kind = "term" if term else "pattern" if "patterns/" in one.where else "blocked"
        yield Hit(
            how="found" if one in won else "loses",
            kind=kind,
            concept_id=one.concept_id,
            text=doc[one.start : one.end].text,
            status=term.status if term else "",
            case=term.case if term else "",
            rolls_up=_shown(above(one.concept_id)),
            where=one.where,
        )


def _shown(relations: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{predicate} {target}" for predicate, target in relations)


def _rows(text: str, words: Terminology, above: Callable[[str], list[tuple[str, str]]]) -> Iterator[Hit]:
    how = _seeker(text)
    for term in words.terms:
        if found := "is" if term.concept_id == text else how(term.text):
            case = term.case
            rolls_up = _shown(above(term.concept_id))
            yield Hit(found, "term", term.concept_id, term.text, term.status, case, rolls_up, term.where)
    for blocked in words.blocked:
        if found := how(blocked.text):
            yield Hit(
                found, "blocked", "", blocked.text, "", "exact" if blocked.exact else "", "", blocked.where
            )
    for pattern in words.patterns:
        if found := how(pattern.id) or next(filter(None, map(how, pattern.examples)), ""):
            example = pattern.examples[0] if pattern.examples else pattern.id
            yield Hit(found, "pattern", pattern.concept, example, "", "", "", pattern.where)
    for folder in words.folders:
        if (folder / "lexicon.tsv").exists():
            for row in read_rows(folder, "lexicon.tsv", LEXICON_COLUMNS):
                if found := how(row["form"]):
                    yield Hit(found, "class", row["class"], row["form"], "", "", "", row.where)
    for cue in words.cues:
        if found := how(cue.text):
            yield Hit(found, "cue", cue.category, cue.text, "", "", "", cue.where)


def _seeker(text: str) -> Callable[[str], str]:
    """The function that says whether a row is `text`, holds it, or neither, by the normal forms of words."""
    norm = cache(make_norm(VOCABULARY))

    def normal(other: str) -> str:
        return f" {' '.join(map(norm, split(fold(other))))} "

    sought = normal(text)
    part = sought.strip() if len(sought.strip()) >= _SHORTEST_PART else sought

    def how(other: str) -> str:
        row = normal(other)
        return "is" if row == sought else "holds" if part in row else ""

    return how
