"""Pages in JSON lines: each line comes through, and what is broken costs itself only."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.sources import Options, load, read, survey
from pipeline.sources.json_lines import spans
from tests.containers.packing import AFTER, BEFORE, PACKERS, PAGE, lines, outcome, pages, record
from tests.memory import peak_of_reading


@pytest.mark.parametrize(("suffix", "pack"), PACKERS)
def test_json_lines(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / f"items.jsonl{suffix}"
    path.write_bytes(
        pack(b"\xef\xbb\xbf" + lines(record(), record(BEFORE)) + b"\n  \n" + lines(record(AFTER)))
    )
    first, second, third = pages(path)
    assert [first.article_id, second.article_id, third.article_id] == [
        f"items.jsonl{suffix}#{number}" for number in (1, 2, 5)
    ]
    assert (first.content, second.content, third.content) == (PAGE, BEFORE, AFTER)
    assert (first.url, first.url_source) == ("https://a.example/salt", "record")
    assert (first.source, first.media_type) == (str(path), "text/html")


@pytest.mark.parametrize(("suffix", "pack"), PACKERS)
def test_a_broken_line_costs_itself(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / f"items.jsonl{suffix}"
    odd: list[object] = ["a text", 5, None, [1], {}, {"html": None}, {"html": 7}, {"html": {"a": 1}}]
    whole = lines(record(), *odd, record(AFTER))
    path.write_bytes(pack(b"{not json}\n" + whole[:-20]))
    found = pages(path)
    assert [outcome(page) for page in found] == [
        (f"items.jsonl{suffix}#{number}", "ok" if number in (2, 8) else "failed") for number in range(1, 12)
    ]
    assert found[1].content == PAGE
    assert found[7].content == b""  # null: a page that is empty
    assert "cut off" in found[-1].problem.reason  # type: ignore[union-attr]
    assert "--html-field" in found[6].problem.reason  # type: ignore[union-attr]


def test_a_truncated_packing_costs_the_record_it_was_cut_in(tmp_path: Path) -> None:
    noise = random.Random(1)
    records = [record(PAGE + noise.randbytes(900).hex().encode(), number=number) for number in range(30)]
    packed = gzip.compress(lines(*records[:15])) + gzip.compress(lines(*records[15:]))
    path = tmp_path / "items.jsonl.gz"
    for end in range(20, len(packed), len(packed) // 23):
        path.write_bytes(packed[:end])
        *whole, last = list(read([str(path)])) if end > 1_500 else [None]
        for number, page in enumerate(whole, 1):
            assert page.article_id == f"items.jsonl.gz#{number}"
            assert page.content.decode() == records[number - 1]["html"]
        if last is not None:
            assert last.problem is not None
            assert "too early" in last.problem.reason
            assert last.article_id == f"items.jsonl.gz#{len(whole) + 1}"


def test_damaged_packing_gives_all_that_stands_before_it(tmp_path: Path) -> None:
    noise = random.Random(2)
    records = [record(PAGE + noise.randbytes(900).hex().encode()) for _ in range(200)]
    packed = bytearray(gzip.compress(lines(*records)))
    at = len(packed) * 3 // 4
    packed[at : at + 40] = bytes(40)
    path = tmp_path / "items.jsonl.gz"
    path.write_bytes(bytes(packed))
    *whole, last = read([str(path)])
    assert last.problem is not None
    good = [page for page in whole if page.problem is None]
    assert len(good) > 140
    assert [page.content.decode() for page in good[:140]] == [one["html"] for one in records[:140]]


@given(st.lists(st.text(max_size=60), max_size=6), st.sampled_from(["\n", "\r\n", "\n\n", "\n \t\n"]))
def test_the_text_of_any_record_comes_through(texts: list[str], end: str) -> None:
    packed = "".join(json.dumps({"h": text}) + end for text in texts).encode()
    found = [packed[start : start + length] for _, start, length in spans(io.BytesIO(packed))]
    assert [json.loads(line)["h"] for line in found] == texts


@given(st.binary(max_size=300))
def test_spans_are_the_lines_that_are_not_blank(content: bytes) -> None:
    expected = [
        (number, line.rstrip(b"\n")) for number, line in enumerate(io.BytesIO(content), 1) if line.strip()
    ]
    found = [
        (number, content[start : start + length]) for number, start, length in spans(io.BytesIO(content))
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("fields", "html", "url"),
    [
        ({"title": "Salt", "body": "<p>Salt.</p>", "link": "https://a.example/"}, "body", "link"),
        (
            {"text": "Salt.", "HTML_Content": "<p>Salt.</p>", "pageURL": "http://a.example/"},
            "HTML_Content",
            "pageURL",
        ),
        ({"response": {"body": "<p>Salt.</p>", "url": "http://a.example/"}}, "response.body", "response.url"),
        ({"article": "Salt.", "zzz": "<p>Salt.</p>", "url": "not one", "page": 1}, "zzz", ""),
        ({"html": "", "raw": "<p>Salt.</p>"}, "raw", ""),
    ],
)
def test_fields_are_guessed_and_told(tmp_path: Path, fields: dict[str, object], html: str, url: str) -> None:
    path = tmp_path / "items.jsonl"
    path.write_bytes(lines({"other": 1}, fields))
    found = survey([str(path)])
    broken, page = (load(entry) for entry in found.entries())
    assert broken.problem is not None
    assert (page.content, bool(page.url)) == (b"<p>Salt.</p>", bool(url))
    [guessed] = found.notes.account()["guessed"]  # type: ignore[misc]
    assert guessed == {"html_field": html, "url_field": url, "files": 1, "first": "items.jsonl"}
    assert html in " ".join(found.notes.told())


def test_fields_that_are_named_are_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_bytes(
        lines({"html": "<p>No.</p>", "text": "Low sodium.", "url": "http://a.example", "at": "http://b"})
    )
    [page] = pages(path, html_field="text", url_field="at")
    assert (page.content, page.media_type, page.url) == (b"Low sodium.", "text/plain", "http://b")
    assert not survey([str(path)], Options("text", "at")).notes.guessed


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.jsonl.gz"])
def test_a_file_of_records_that_holds_none_is_a_row(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"") if name.endswith(".gz") else b"")
    for path in (tmp_path, tmp_path / name):
        assert [outcome(page) for page in pages(path)] == [(name, "empty")]
    if name != "a.csv":
        (tmp_path / name).write_bytes(gzip.compress(b'{"a')[:-9] if name.endswith(".gz") else b'{"a')
        assert [outcome(page) for page in pages(tmp_path)] == [(f"{name}#1", "failed")]


def test_records_without_a_page(tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_bytes(lines({"title": "Salt", "text": "Salt is salty."}))
    for path in (tmp_path, tmp_path / "items.jsonl"):
        with pytest.raises(SourceError, match="--html-field"):
            survey([str(path)])
        with pytest.raises(SourceError, match="is called 'body'"):
            survey([str(path)], Options(html_field="body"))
    (tmp_path / "a.html").write_bytes(PAGE)
    found = survey([str(tmp_path)])
    assert [entry.article_id for entry in found.entries()] == ["a.html"]
    assert sum(found.notes.left_out.values()) == 1


def test_bytes_that_are_no_utf8_come_through(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_bytes(b'{"html": "<p>caf\xe9</p>"}\n{"html": "<p>\\ud83d</p>"}\n')
    first, second = pages(path)
    assert first.content == b"<p>caf\xe9</p>"
    assert second.content == b"<p>?</p>"


def test_a_record_above_the_limit(tmp_path: Path) -> None:
    big = record(b"<p>" + b"x" * 5_000)
    for name, pack in (("items.jsonl", bytes), ("items.jsonl.gz", gzip.compress)):
        path = tmp_path / name
        path.write_bytes(pack(lines(record(), big, {"html": "<p>", "other": "y" * 2_000_000}, record(AFTER))))
        found = list(read([str(path)], max_bytes=1_000))
        assert [outcome(page)[1] for page in found] == ["ok", "too_large", "too_large", "ok"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(count: int, path: Path, pack: Callable[[bytes], bytes]) -> int:
        line = lines(record(PAGE + random.Random(3).randbytes(10_000).hex().encode()))
        with path.open("wb") as stream:
            for _ in range(count):
                stream.write(pack(line))
        return peak_of_reading(path)

    for name, pack in (("items.jsonl", bytes), ("items.jsonl.gz", gzip.compress)):
        small, large = (peak(count, tmp_path / name, pack) for count in (100, 1_000))
        assert large < small * 1.1 + 100_000
