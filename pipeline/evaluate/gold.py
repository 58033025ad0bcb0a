"""Read gold, texts whose mentions and relations a reader marked, in three forms.

* Notation: `NAME.md`, one block a line (`p: No [fever](symptom:fever absent)`), or a case file `NAME.txt` with one
  sentence a line; blocks of one case are separated by `¶`. The page of `gold/PATH.md` is `sample/PATH`, where the
  folder `gold` lies beside a folder `sample`; a text without a page is read as its blocks stand.
* Standoff: `NAME.txt` with `NAME.json`, a list of `{start, end, label, flags}`; the flag `n` says absent, `e`
  and `o` optional.
* brat: `NAME.txt` with `NAME.ann`.

Relations of notation pages stand in `relations.tsv` of the gold folder. Lines that start with `#` in case files,
`README.md` and other files are left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import markup
from ..errors import NotationError, SourceError
from ..model import Assertion, Block, Kind
from ..sections import classify
from ..tsv import read_rows
from . import brat

SAMPLE = "sample"
RELATION_FILE = "relations.tsv"
RELATION_COLUMNS = ("article_id", "kind", "head", "tail", "certainty", "basis")
_BLOCK = re.compile(r"(title|h(?=[2-6])|p|li(?=\d)|cell|quote|caption)(\d*): (?=\S)")
_SEPARATOR = " ¶ "
_KINDS = {
    "title": Kind.TITLE,
    "h": Kind.HEADING,
    "p": Kind.PARAGRAPH,
    "li": Kind.LIST_ITEM,
    "cell": Kind.TABLE_CELL,
    "quote": Kind.QUOTE,
    "caption": Kind.CAPTION,
}
_OPTIONAL = frozenset("eo")


@dataclass(frozen=True, slots=True)
class GoldMention:
    """What a reader marked at `text[start:end]`. `concept_id` is empty where the reader gave a label only.

    `optional`: neither a miss when it is not found, nor a false hit when it is.
    """

    start: int
    end: int
    label: str
    concept_id: str = ""
    assertion: Assertion = Assertion.PRESENT
    optional: bool = False


@dataclass(frozen=True, slots=True)
class GoldRelation:
    """A relation that the page states, between two concept ids."""

    kind: str
    head: str
    tail: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Document:
    """A marked text. `page` is the page that it was read from, None where the text itself is to be read.

    `blocks` are empty where nothing tells them. `relations` is None where nobody marked them. `all_assertions`:
    the reader told every assertion, not only what is absent.
    """

    name: str
    text: str
    mentions: tuple[GoldMention, ...]
    blocks: tuple[Block, ...] = ()
    page: Path | None = None
    relations: tuple[GoldRelation, ...] | None = None
    all_assertions: bool = True


@dataclass(frozen=True, slots=True)
class Gold:
    """The documents of one gold file or folder. `digest` is the SHA-256 of the files they were read from."""

    path: Path
    documents: tuple[Document, ...]
    digest: str


def load(path: Path, pages: Path | None = None, labels: Mapping[str, str] | None = None) -> Gold:
    """All gold in `path`, a file or a folder with those below. Raises SourceError and NotationError.

    `pages` is the folder that holds the pages of notation files; `labels` renames labels of standoff and brat
    files, as `{"DISEASE": "CONDITION"}`.
    """
    given, path = path, path.absolute()
    root = path if path.is_dir() else path.parent
    try:
        files = sorted(path.rglob("*")) if path.is_dir() else [_marked_text(path)]
        files = [file for file in files if file.is_file() and not file.name.startswith(".")]
        total = hashlib.sha256()
        used: list[Path] = []
        documents = list(_documents(files, root, pages, labels or {}, used))
        for file in sorted(set(used)):
            content = file.read_bytes()
            name = Path(os.path.relpath(file, root)).as_posix()
            total.update(f"{name}\0{len(content)}\0".encode())
            total.update(content)
    except OSError as error:
        raise SourceError(str(path), f"cannot be read ({error.strerror})", "Check the path.") from error
    if not documents:
        raise SourceError(
            str(path), "holds no gold", "Give notation files (.md), case files, or .txt with .json or .ann."
        )
    return Gold(given, tuple(documents), total.hexdigest())


def _documents(
    files: Iterable[Path], root: Path, pages: Path | None, labels: Mapping[str, str], used: list[Path]
) -> Iterator[Document]:
    files = tuple(files)
    standoff = any(_partner(file) for file in files)
    relations: dict[Path, dict[str, list[GoldRelation]]] = {}
    for file in files:
        partner = _partner(file)
        if file.suffix == ".md" and file.name != "README.md":
            used.append(file)
            yield _notation_file(file, root, pages, relations, used)
        elif partner:
            used += [file, partner]
            read = _standoff if partner.suffix == ".json" else _brat
            yield read(file, partner, file.relative_to(root).as_posix(), labels)
        elif file.suffix == ".txt":
            if standoff:
                raise SourceError(str(file), "has no gold beside it", "Add a .json or .ann, or move it away.")
            used.append(file)
            yield from _cases(file, root)
        elif _lacks_text(file):
            raise SourceError(str(file), "has no text beside it", f"Add {file.with_suffix('.txt').name}.")


def _marked_text(file: Path) -> Path:
    return file.with_suffix(".txt") if file.suffix in (".json", ".ann") else file


def _lacks_text(file: Path) -> bool:
    """Whether a file says what is marked in a text that is not there; other JSON files may stand beside gold."""
    if file.with_suffix(".txt").exists():
        return False
    return file.suffix == ".ann" or (file.suffix == ".json" and _text(file).lstrip().startswith("["))


def _partner(file: Path) -> Path | None:
    """The file that says what is marked in a text."""
    if file.suffix != ".txt":
        return None
    return next((other for suffix in (".json", ".ann") if (other := file.with_suffix(suffix)).exists()), None)


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(str(file), "is not UTF-8", "Save it as UTF-8.") from error


# Notation


def _notation_file(
    file: Path,
    root: Path,
    pages: Path | None,
    relations: dict[Path, dict[str, list[GoldRelation]]],
    used: list[Path],
) -> Document:
    home, page = _page_of(file, root, pages)
    if home not in relations:
        relations[home] = _relations(home)
    if relations[home]:
        used.append(home / RELATION_FILE)
    name = file.relative_to(home).as_posix().removesuffix(".md")
    lines = [(number, line) for number, line in enumerate(_text(file).splitlines(), 1) if line.strip()]
    text, mentions, blocks = _blocks([(f"{file}:{number}", line) for number, line in lines])
    stated = tuple(relations[home].get(name, ())) if relations[home] else None
    return Document(name, text, mentions, blocks, page, stated)


def _page_of(file: Path, root: Path, pages: Path | None) -> tuple[Path, Path | None]:
    """The folder that a notation file's name is relative to, and its page."""
    if pages is not None:
        page = pages / file.relative_to(root).with_suffix("")
        if not page.is_file():
            raise SourceError(str(file), f"has no page {page}", "Correct --pages.")
        return root, page
    for home in file.parents:
        page = home.parent / SAMPLE / file.relative_to(home).with_suffix("")
        if home.name != SAMPLE and page.is_file():
            return home, page
    return root, None


def _relations(folder: Path) -> dict[str, list[GoldRelation]]:
    found: dict[str, list[GoldRelation]] = {}
    if (folder / RELATION_FILE).exists():
        for row in read_rows(folder, RELATION_FILE, RELATION_COLUMNS):
            relation = GoldRelation(row["kind"], row["head"], row["tail"], row["certainty"])
            found.setdefault(row["article_id"], []).append(relation)
    return found


def _cases(file: Path, root: Path) -> Iterator[Document]:
    name = file.relative_to(root).as_posix()
    for number, line in enumerate(_text(file).splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        where = f"{file}:{number}"
        if _SEPARATOR in line:
            text, mentions, blocks = _blocks([(where, part) for part in line.split(_SEPARATOR)])
        else:
            text, marks = markup.parse(line, where)
            mentions, blocks = tuple(_mention(mark, 0) for mark in marks), ()
        yield Document(f"{name}:{number}", text, mentions, blocks)


def _blocks(lines: Iterable[tuple[str, str]]) -> tuple[str, tuple[GoldMention, ...], tuple[Block, ...]]:
    """Text, mentions and blocks of lines that each begin with the kind of a block."""
    texts: list[str] = []
    mentions: list[GoldMention] = []
    blocks: list[Block] = []
    above: list[tuple[int, str]] = []
    start = 0
    for where, line in lines:
        match = _BLOCK.match(line)
        if match is None:
            raise NotationError(
                where, "does not begin with the kind of a block", "Write p:, h2:, li1: or another."
            )
        kind = _KINDS[match[1]]
        level = 1 if kind is Kind.TITLE else int(match[2] or 0)
        text, marks = markup.parse(line[match.end() :], where)
        if kind is Kind.HEADING:
            above = [entry for entry in above if entry[0] < level]
        trail = tuple(heading for _, heading in above)
        section = classify((*trail, text) if kind is Kind.HEADING else trail)
        blocks.append(Block(start, start + len(text), kind, level, section, trail))
        mentions += [_mention(mark, start) for mark in marks]
        if kind is Kind.HEADING:
            above.append((level, text))
        texts.append(text)
        start += len(text) + 2
    return "\n\n".join(texts), tuple(mentions), tuple(blocks)


def _mention(mark: markup.Mark, start: int) -> GoldMention:
    concept_id = mark.target if ":" in mark.target else ""
    return GoldMention(
        mark.start + start, mark.end + start, mark.label, concept_id, mark.assertion, mark.elliptic
    )


# Standoff and brat


def _standoff(file: Path, marks: Path, name: str, labels: Mapping[str, str]) -> Document:
    text = _text(file)
    mentions = []
    try:
        entries = json.loads(_text(marks))
        for entry in entries:
            start, end, flags = int(entry["start"]), int(entry["end"]), frozenset(entry.get("flags", ""))
            _check(text, start, end, entry.get("text"), str(marks))
            label = str(entry["label"]).upper()
            assertion = Assertion.ABSENT if "n" in flags else Assertion.PRESENT
            mentions.append(
                GoldMention(
                    start, end, labels.get(label, label), "", assertion, not flags.isdisjoint(_OPTIONAL)
                )
            )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            str(marks),
            f"is no standoff gold ({type(error).__name__}: {error})",
            'Write a list of {"start": 0, "end": 5, "label": "SYMPTOM", "flags": ""}.',
        ) from error
    return Document(name, text, tuple(sorted(mentions, key=_order)), all_assertions=False)


def _brat(file: Path, marks: Path, name: str, labels: Mapping[str, str]) -> Document:
    text = _text(file)
    read = brat.read(_text(marks), str(marks))
    mentions = []
    for entity in read.entities:
        label = entity.label.upper()
        for start, end in entity.fragments:
            _check(text, start, end, None, str(marks))
            # Of a phrase in pieces each piece may be found, or none.
            optional = len(entity.fragments) > 1
            mentions.append(
                GoldMention(
                    start, end, labels.get(label, label), entity.concept_id, entity.assertion, optional
                )
            )
    ids = {entity.id: entity.concept_id for entity in read.entities}
    stated = {
        GoldRelation(kind, ids[head], ids[tail], certainty)
        for kind, head, tail, certainty in read.relations
        if ids[head] and ids[tail]
    }
    relations = tuple(sorted(stated, key=str)) if stated else None
    return Document(name, text, tuple(sorted(mentions, key=_order)), (), None, relations, read.all_assertions)


def _order(mention: GoldMention) -> tuple[int, int]:
    return mention.start, mention.end


def _check(text: str, start: int, end: int, quoted: str | None, where: str) -> None:
    if not 0 <= start < end <= len(text):
        raise SourceError(
            where,
            f"marks {start} to {end} of {len(text)} characters",
            "Correct the offsets: characters, not bytes.",
        )
    if quoted is not None and text[start:end] != quoted:
        raise SourceError(
            where,
            f"says that {start} to {end} is {quoted!r}, and the text has {text[start:end]!r}",
            "Correct the offsets: Unicode characters of the .txt, line ends as they are.",
        )
