"""Pages in an Arrow table in, rows in an Arrow table out: one picklable function for other engines.

Spark's `mapInArrow`, Ray's `map_batches` and whatever else moves Arrow between processes can call it; the work per
page is that of a run, with its time limit, and a page that fails is a row that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import pyarrow as pa

from ..errors import MedtablesError
from ..language import ENGLISH, checked
from ..model import Page
from ..sources import MAX_BYTES, too_large
from ..tables import TABLES
from ..tables.schema import arrow_schema
from .chunk import PAGE_SECONDS, Settings, process

ALL = "all"


@dataclass(frozen=True)
class ArrowExtractor:
    """Call it with pages, get the rows of one table.

    In: a `pa.RecordBatch` or `pa.Table` with the column `html` (binary, or string), and `article_id` or `url` or
    both (string); also taken, if there, are `content_type` (the HTTP header) and `media_type` (`text/html` or
    `text/plain`). Without `article_id` the url is the id. Out: the same kind, with `schema`.

    `table` is the name of a table; or `all`, which gives one row per page: `article_id`, and each table as a list
    of structs, so that a page is read once for all of them. The vocabulary is loaded once per process. Raises
    VocabularyError, and MedtablesError for a table or a column that is not there.
    """

    table: str = "mentions"
    vocabulary: Sequence[str] = ()
    max_bytes: int = MAX_BYTES
    page_seconds: float = PAGE_SECONDS
    language: str = ENGLISH

    def __post_init__(self) -> None:
        if self.table != ALL and self.table not in TABLES:
            raise MedtablesError(
                "", f"there is no table {self.table!r}", f"Tables are {', '.join(TABLES)}, {ALL}."
            )
        checked(self.language)

    @property
    def schema(self) -> pa.Schema:
        """The schema of what comes out, as engines want it beforehand."""
        if self.table != ALL:
            return arrow_schema(TABLES[self.table])
        nested = [
            pa.field(name, pa.list_(pa.struct(list(arrow_schema(table)))), nullable=False)
            for name, table in TABLES.items()
        ]
        return pa.schema([pa.field("article_id", pa.string(), nullable=False), *nested])

    def __call__(self, pages: Any) -> Any:
        """The rows of these pages, in their order."""
        batches = pages.to_batches() if isinstance(pages, pa.Table) else [pages]
        settings = Settings(tuple(self.vocabulary), self.max_bytes, self.page_seconds, self.language)
        found = [self._rows(_pages(batch, self.max_bytes), settings) for batch in batches]
        return pa.Table.from_batches(found, self.schema) if isinstance(pages, pa.Table) else found[0]

    def _rows(self, pages: list[Page], settings: Settings) -> pa.RecordBatch:
        result = process(pages, settings)
        if self.table != ALL:
            return result.batches[self.table]
        columns: list[pa.Array] = [pa.array([page.article_id for page in pages], pa.string())]
        for number, name in enumerate(TABLES, len(result.pages[0]) - len(TABLES) if result.pages else 0):
            ends = [0, *accumulate(page[number] for page in result.pages)]
            rows = result.batches[name].to_struct_array()
            kind = self.schema.field(name).type
            columns.append(pa.ListArray.from_arrays(pa.array(ends, pa.int32()), rows.cast(kind.value_type)))
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


def _pages(batch: pa.RecordBatch, max_bytes: int) -> list[Page]:
    names = batch.schema.names
    if "html" not in names or not {"article_id", "url"} & set(names):
        raise MedtablesError(
            "",
            f"the pages have the columns {', '.join(names)}",
            "Give them html, and article_id or url or both.",
        )

    def column(name: str, otherwise: str) -> list[Any]:
        values = batch.column(name).to_pylist() if name in names else []
        return [otherwise if value is None else value for value in values] or [otherwise] * batch.num_rows

    contents = [
        value.encode("utf-8", "replace") if isinstance(value, str) else value for value in column("html", "")
    ]
    urls = column("url", "")
    ids = column("article_id", "")
    return [
        _page(article_id or url, content, url, content_type, media_type, max_bytes)
        for article_id, content, url, content_type, media_type in zip(
            ids, contents, urls, column("content_type", ""), column("media_type", "text/html"), strict=True
        )
    ]


def _page(
    article_id: str, content: bytes, url: str, content_type: str, media_type: str, max_bytes: int
) -> Page:
    problem = too_large(len(content), max_bytes) if len(content) > max_bytes else None
    return Page(
        article_id,
        b"" if problem else content,
        url or article_id,
        media_type,
        url,
        "record" if url else "",
        content_type,
        problem=problem,
    )
