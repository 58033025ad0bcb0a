"""Pages in JSON arrays and objects: each value comes through, and what is broken costs itself only."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import json_array
from pipeline.sources.item import Reading
from tests.containers.packing import AFTER, PAGE, outcome, pages, record

ARRAYS = {
    "as Scrapy writes them": "[\n{}\n]",
    "one after the other": "{}",
    "in one line": "[{}]",
}


def array(form: str, *records: object, indent: int | None = None) -> bytes:
    between = "\n" if form == "{}" else ", " if form == "[{}]" else ",\n"
    return form.format(between.join(json.dumps(one, indent=indent) for one in records)).encode()


@pytest.mark.parametrize("form", ARRAYS.values(), ids=ARRAYS)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_arrays(tmp_path: Path, form: str, indent: int | None) -> None:
    path = tmp_path / "items.json"
    path.write_bytes(
        b"\xef\xbb\xbf" + array(form, record(), 7, record(AFTER, more=[{"a": 1}]), indent=indent)
    )
    first, second, third = pages(path)
    assert [page.article_id for page in (first, second, third)] == [f"items.json#{n}" for n in (1, 2, 3)]
    assert (first.content, first.url_source, third.content) == (PAGE, "record", AFTER)
    assert "a number" in second.problem.reason  # type: ignore[union-attr]
    gzipped = tmp_path / "items.json.gz"
    gzipped.write_bytes(gzip.compress(path.read_bytes()))
    assert [page.content for page in pages(gzipped)] == [PAGE, b"", AFTER]


def test_one_object_is_one_page(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(json.dumps(record(), indent=1).encode())
    assert [outcome(page) for page in pages(tmp_path)] == [("a.json#1", "ok")]


@pytest.mark.parametrize("form", ARRAYS.values(), ids=ARRAYS)
def test_a_broken_object_costs_itself(tmp_path: Path, form: str) -> None:
    records = [record(PAGE + str(number).encode()) for number in range(5)]
    whole = array(form, *records)
    at = whole.index(b"</p>2")
    path = tmp_path / "items.json"
    path.write_bytes(whole[:at] + b'"' + whole[at:])
    found = pages(path)
    assert [outcome(page)[1] for page in found] == ["ok", "ok", "failed", "ok", "ok"]
    path.write_bytes(whole[:-20])
    *good, last = pages(path)
    assert [page.content.decode() for page in good] == [one["html"] for one in records[:4]]
    assert "cut off" in last.problem.reason  # type: ignore[union-attr]


@pytest.mark.parametrize("form", ARRAYS.values(), ids=ARRAYS)
def test_a_value_above_the_limit_costs_itself(tmp_path: Path, form: str) -> None:
    path = tmp_path / "items.json"
    path.write_bytes(array(form, record(), record(b"<p>" + b"x" * 6_000_000), record(AFTER)))
    found = pages(path, max_bytes=1_000)
    assert [outcome(page)[1] for page in found] == ["ok", "too_large", "ok"]
    assert found[2].content == AFTER


_JSON_VALUES = st.dictionaries(
    st.text(max_size=5), st.text(max_size=40) | st.integers() | st.none(), max_size=4
)


@given(
    st.lists(_JSON_VALUES, max_size=6),
    st.sampled_from(list(ARRAYS.values())),
    st.booleans(),
    st.integers(1, 50),
)
def test_json_values_come_through_in_any_blocks(
    records: list[dict[str, object]], form: str, ascii_only: bool, block: int
) -> None:
    between = "\n" if form == "{}" else ","
    text = form.format(between.join(json.dumps(one, ensure_ascii=ascii_only) for one in records))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_array, "_BLOCK", block)
        assert [value for _, value in json_array.records(io.BytesIO(text.encode()), Reading())] == records


@given(st.binary(max_size=200))
def test_any_bytes_as_json_end(content: bytes) -> None:
    found = list(json_array.records(io.BytesIO(b"[" + content), Reading()))
    assert [number for number, _ in found] == list(range(1, len(found) + 1))
