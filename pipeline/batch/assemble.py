"""From parts to the files of a run: the rows of all pages in their order, a few pages at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from ..duplicates import Finder
from ..tables import TABLES
from ..writers import Format
from .account import Account
from .ledger import Ledger
from .parts import PartStore, Shelf, read_pages, stretches

# Pages that were done again lie scattered; writers want more than one page at a time.
FEWEST_ROWS = 500

Batches = dict[str, pa.RecordBatch]


def assemble(
    ledger: Ledger, store: PartStore, folder: Path, formats: Sequence[Format], account: Account
) -> tuple[str, ...]:
    """Write the pages of the ledger into `folder` in all formats, counting them. Gives the writers' notes."""
    with ExitStack() as stack:
        writers = [written.open(folder, tuple(TABLES.values())) for written in formats]
        for writer in writers:
            stack.callback(writer.close)
        repeats = _repeats(ledger, store)
        for batches in _ahead(_gathered(_rows(ledger, store))):
            batches = {**batches, "articles": _with_originals(batches["articles"], repeats)}
            account.write(batches)
            for name, table in TABLES.items():
                for writer in writers:
                    writer.write(table, batches[name])
    return tuple(note for writer in writers for note in writer.notes)


def _repeats(ledger: Ledger, store: PartStore) -> dict[str, str]:
    """The original of each article that repeats one, by article_id."""
    finder = Finder()
    for name, first, last in stretches(ledger.places()):
        with store.read(name) as stream:
            pages = read_pages(stream).slice(first, last - first)
        for article_id, signature in zip(
            pages.column("article_id").to_pylist(), pages.column("signature").to_pylist(), strict=True
        ):
            finder.add(article_id, signature)
    return finder.duplicates()


def _with_originals(articles: pa.RecordBatch, repeats: Mapping[str, str]) -> pa.RecordBatch:
    originals = [repeats.get(article_id, "") for article_id in articles.column("article_id").to_pylist()]
    column = articles.schema.get_field_index("duplicate_of")
    return articles.set_column(column, articles.schema.field(column), pa.array(originals, pa.string()))


def _rows(ledger: Ledger, store: PartStore) -> Iterator[Batches]:
    shelf = Shelf(store)
    for name, first, last in stretches(ledger.places()):
        yield shelf.part(name).rows(first, last)


def _gathered(parts: Iterator[Batches]) -> Iterator[Batches]:
    waiting: list[Batches] = []
    rows = 0
    for part in parts:
        waiting.append(part)
        rows += sum(batch.num_rows for batch in part.values())
        if rows >= FEWEST_ROWS:
            yield _joined(waiting)
            waiting, rows = [], 0
    if waiting:
        yield _joined(waiting)


def _ahead(made: Iterator[Batches]) -> Iterator[Batches]:
    """The same, each made in another thread while the one before is written."""
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(next, made, None)
        while (batches := following.result()) is not None:
            following = thread.submit(next, made, None)
            yield batches


def _joined(parts: Sequence[Batches]) -> Batches:
    if len(parts) == 1:
        return parts[0]
    return {name: pa.concat_batches([part[name] for part in parts]) for name in TABLES}
