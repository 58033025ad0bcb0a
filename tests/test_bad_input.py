"""Every bad input is a row with a status and a reason, or an error that says what to do; never a
traceback."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.runs import read_run

BODY = "<html><head><meta charset=utf-8></head><body><article><h1>{}</h1><p>{}</p></article></body></html>"
GOOD = BODY.format("Thirst", "Low potassium causes muscle cramps and thirst.").encode()


def run(path: Path, out: Path, *options: str) -> Result:
    result = CliRunner().invoke(main, ["run", str(path), "-o", str(out), "--workers", "1", *options])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "pages"
    path.mkdir()
    (path / "good.html").write_bytes(GOOD)
    return path


def row(folder: Path, name: str, code: int, *options: str) -> dict[str, object]:
    """The row of the bad page, run together with a good one, which must not suffer."""
    out = folder.parent / "out"
    result = run(folder, out, *options)
    assert result.exit_code == code, result.output
    found = read_run(out)
    articles = found.articles.set_index("article_id")
    assert len(articles) == 2
    assert articles.loc["good.html", "status"] == "ok"
    assert "Low potassium" in found.mentions["text"].tolist()
    made = dict(articles.loc[name])
    assert (made["status"] == "ok") == (made["reason"] == "")
    return {**made, "text": "\n\n".join(found.blocks.loc[found.blocks["article_id"] == name, "text"])}


def test_an_empty_file(folder: Path) -> None:
    (folder / "bad.html").write_bytes(b"")
    assert row(folder, "bad.html", 0)["status"] == "empty"


def test_a_page_without_an_article(folder: Path) -> None:
    (folder / "bad.html").write_bytes(
        b"<html><head><title>x</title></head><body><script>1</script></body></html>"
    )
    assert row(folder, "bad.html", 0)["status"] == "empty"


def test_a_binary_file_named_html(folder: Path) -> None:
    (folder / "bad.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    assert row(folder, "bad.html", 3)["status"] == "not_html"


def test_a_truncated_gzip(folder: Path) -> None:
    packed = gzip.compress(GOOD * 50, mtime=0)
    (folder / "bad.html.gz").write_bytes(packed[: len(packed) // 2])
    found = row(folder, "bad.html.gz", 3)
    assert found["status"] == "failed"
    assert "gzip" in str(found["reason"])


def test_bytes_that_only_claim_to_be_gzip(folder: Path) -> None:
    (folder / "bad.html.gz").write_bytes(b"\x1f\x8b" + b"nothing of the sort" * 9)
    assert row(folder, "bad.html.gz", 3)["status"] == "failed"


def test_a_wrong_declared_charset(folder: Path) -> None:
    text = "Naïve café: “déjà vu” – a crisis of migraine. " * 20
    (folder / "bad.html").write_bytes(BODY.format("Aura", text).encode("cp1252"))
    found = row(folder, "bad.html", 0)
    assert found["status"] == "ok"
    assert "Naïve café: “déjà vu” –" in str(found["text"])


def test_ten_thousand_nested_divs(folder: Path) -> None:
    inner = "<h1>Deep</h1><p>Low sodium causes confusion and headache in runners.</p>"
    (folder / "bad.html").write_text(
        f"<html><body>{'<div>' * 10_000}{inner}{'</div>' * 10_000}</body></html>"
    )
    found = row(folder, "bad.html", 0)
    assert found["status"] == "ok"
    assert "confusion" in str(found["text"])


def test_a_page_of_thirty_megabytes(folder: Path) -> None:
    (folder / "bad.html").write_bytes(GOOD + b" " * 30_000_000)
    found = row(folder, "bad.html", 3)
    assert found["status"] == "too_large"
    assert "--max-bytes" in str(found["reason"])


def test_a_bomb_of_thirty_megabytes(folder: Path) -> None:
    (folder / "bad.html.gz").write_bytes(gzip.compress(GOOD + b" " * 30_000_000, mtime=0))
    assert row(folder, "bad.html.gz", 3)["status"] == "too_large"


def test_the_limit_can_be_set(folder: Path) -> None:
    (folder / "bad.html").write_bytes(GOOD + b" " * 2000)
    assert row(folder, "bad.html", 3, "--max-bytes", "1kB")["status"] == "too_large"


def test_a_link_to_nowhere(folder: Path) -> None:
    (folder / "bad.html").symlink_to(folder / "missing")
    found = row(folder, "bad.html", 3)
    assert found["status"] == "failed"
    assert "cannot be read" in str(found["reason"])


def test_a_link_to_itself(folder: Path) -> None:
    (folder / "bad.html").symlink_to(folder / "bad.html")
    assert row(folder, "bad.html", 3)["status"] == "failed"


def test_a_folder_without_pages(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "style.css").write_text("")
    result = run(tmp_path / "pages", tmp_path / "out")
    assert result.exit_code == 1
    assert "holds no pages, only 1 .css" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    result = run(tmp_path / "missing", tmp_path / "out")
    assert result.exit_code == 1
    assert "missing: cannot be read" in result.stderr


def test_an_unknown_format(folder: Path, tmp_path: Path) -> None:
    result = run(folder, tmp_path / "out", "--format", "csv,exe")
    assert result.exit_code == 2
    assert "'exe' is not one of csv, tsv, parquet, jsonl, sqlite" in result.stderr


def test_an_output_folder_that_holds_something_else(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    result = run(folder, out)
    assert result.exit_code == 1
    assert "thesis.txt" in result.stderr
    assert "--overwrite" in result.stderr
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]
    assert run(folder, out, "--overwrite").exit_code == 0
    assert (out / "thesis.txt").read_text() == "mine"
