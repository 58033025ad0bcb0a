"""What the tests of containers share: pages, how they are packed, and how they are read back."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.model import Page
from pipeline.sources import Options, load, plan, read

PAGE = b"<!doctype html><title>Salt</title><p>Salt.</p>"
BEFORE, AFTER = PAGE.replace(b"Salt.", b"Before."), PAGE.replace(b"Salt.", b"After.")


def pages(path: Path, max_bytes: int = 100_000, **options: str) -> list[Page]:
    """The pages of an input, read in both ways: gone through, and listed and loaded one by one."""
    given = Options(**options)
    through = list(read([str(path)], max_bytes=max_bytes, options=given))
    listed = [load(item, max_bytes) for item in plan([str(path)], given)]
    if max_bytes >= 100_000:
        assert listed == through
    assert len({page.article_id for page in through}) == len(through)
    for page in through:
        page.article_id.encode("utf-8")
        assert page.problem is None or (page.content == b"" and page.problem.reason)
    return through


def outcome(page: Page) -> tuple[str, str]:
    return page.article_id, str(page.problem.status) if page.problem else "ok"


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def record(content: bytes = PAGE, **fields: object) -> dict[str, object]:
    return {"url": "https://a.example/salt", "html": content.decode(), **fields}


PACKERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("", bytes),
    (".gz", gzip.compress),
    (".bz2", bz2.compress),
    (".xz", lzma.compress),
]


def table(rows: Sequence[Sequence[str]], separator: str = ",", end: str = "\r\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode()


def parquet(path: Path, columns: dict[str, object], **options: object) -> Path:
    pq.write_table(pa.table(columns), path, **options)
    return path


def archive(path: Path, *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as out:
        for name, content in members:
            out.writestr(name, content)
    return path


def tar(path: Path, *members: tuple[str, bytes], pack: Callable[[bytes], bytes] = bytes) -> Path:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as opened:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            opened.addfile(info, io.BytesIO(content))
    path.write_bytes(pack(out.getvalue()))
    return path
