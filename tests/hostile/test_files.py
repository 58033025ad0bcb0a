"""Names and kinds of files: every one is a row of its own, or is refused by name; nothing hangs."""

from __future__ import annotations

import os
import socket
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline import batch
from pipeline.batch import Progress
from pipeline.convert import convert
from pipeline.runs import Run, read_run
from tests.hostile.case import page

NAMES = (
    "two\nlines.html", "tab\there.html", "quote'.html", 'quotes".html', "hash#1.html", "hash#2.html", "question?.html",
    "per%20cent.html", "per cent.html", "back\\slash.html", "star*.html", "<b>bold.html", "semi;colon.html",
    "comma,.html", "=1+1.html", "@x.html", "-rf.html", "--help.html", "$(reboot).html", "`reboot`.html", "a&b.html",
    "\u202egpj.html", "\u200b.html", "\x1b[31m.html", "\x7f.html", "CON.html", "nul.html", "a.html.html", "é.html",
    unicodedata.normalize("NFD", "é.html"), "É.html", "case.html", "CASE.html", "Case.HTML", "ß.html", "ss.html",
    "x" * 240 + ".html", "😀.html", "...html", "a..html", " space .html", "null", "NA.txt", "None.txt",
)  # fmt: skip
BYTES = (b"caf\xe9.html", b"caf\xe8.html", b"\xff\xfe.html", b"\xc0\xaf.html", b"caf\\xE9.html")


def _run(folder: Path, **options: object) -> Run:
    batch.run([folder], folder.parent / "out", workers=1, **options)  # type: ignore[arg-type]
    return read_run(folder.parent / "out")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "pages"
    path.mkdir()
    (path / "good.html").write_bytes(page())
    return path


def test_names_stay_apart_in_tables_and_in_files(folder: Path, tmp_path: Path) -> None:
    made = 0
    for name in (*map(os.fsencode, NAMES), *BYTES):
        if name.endswith((b"html", b"HTML", b"txt")) and not name.startswith(b"."):
            path = os.path.join(os.fsencode(folder), name)  # noqa: PTH118
            if os.path.exists(path):  # noqa: PTH110  # a file system that knows no case
                continue
            with open(path, "xb") as file:  # noqa: PTH123
                file.write(page(f"<p>This is number {made}.</p>"))
            made += 1
    run = _run(folder, formats=("csv", "jsonl", "sqlite"))
    ids = run.articles["article_id"].tolist()
    assert len(ids) == len(set(ids)) == made + 1 > 40
    assert (run.articles["status"] == "ok").all()
    assert all(("\n" not in name and "\x1b" not in name and name.isprintable()) or "\u200b" in name or "\u202e" in name
               for name in ids)  # fmt: skip
    for number in range(made):
        assert run.blocks["text"].str.contains(f"This is number {number}.", regex=False).sum() == 1
    for name in ("brat", "pubannotation"):
        convert(run, tmp_path / name, [name])
        files = [path.name for path in (tmp_path / name).iterdir()]
        assert len({file.lower() for file in files}) == len(files) >= made + 1
        assert all(file.isascii() and len(file) < 200 for file in files)


def test_10_000_files_of_one_name(tmp_path: Path) -> None:
    for number in range(10_000):
        path = f"{tmp_path}/pages/{number // 100}/{number % 100}"
        os.makedirs(path)  # noqa: PTH103
        with open(f"{path}/index.html", "wb") as file:  # noqa: PTH123
            file.write(b"" if number % 1000 else page())
    run = _run(tmp_path / "pages")
    assert len(run.articles) == run.articles["article_id"].nunique() == 10_000
    assert set(run.articles["article_id"]) == {f"{n // 100}/{n % 100}/index.html" for n in range(10_000)}
    assert run.articles["status"].value_counts().to_dict() == {"empty": 9_990, "ok": 10}


def test_links_that_loop(folder: Path) -> None:
    (folder / "self.html").symlink_to(folder / "self.html")
    (folder / "one.html").symlink_to(folder / "two.html")
    (folder / "two.html").symlink_to(folder / "one.html")
    (folder / "again").symlink_to(folder)
    (folder / "above").symlink_to(folder.parent)
    (folder / "nowhere.html").symlink_to(folder / "missing")
    rows = _run(folder).articles.set_index("article_id")["status"].to_dict()
    lost = {"self.html", "one.html", "two.html", "nowhere.html"}
    assert {name: rows[name] for name in lost} == dict.fromkeys(lost, "failed")
    assert rows["good.html"] == "ok" and list(rows.values()).count("ok") == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_devices_and_sockets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe.html")
    for device in ("zero", "random", "null"):
        (folder / f"{device}.html").symlink_to(f"/dev/{device}")
    monkeypatch.chdir(folder)  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.html")
        rows = _run(folder, page_seconds=20.0).articles.set_index("article_id")
    assert rows["status"].to_dict() == {
        "good.html": "ok", "null.html": "failed", "pipe.html": "failed", "random.html": "failed",
        "socket.html": "failed", "zero.html": "failed",
    }  # fmt: skip
    assert rows.loc["zero.html", "reason"] == "the file cannot be read: a pipe, device or folder, not a file"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no such file here")
def test_a_file_that_cannot_be_read_to_its_end(folder: Path) -> None:
    (folder / "bad.html").symlink_to("/proc/self/mem")
    row = _run(folder).articles.set_index("article_id").loc["bad.html"]
    assert row["status"] == "failed" and "cannot be read" in row["reason"]


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Root may read and write everything; for a while this process is somebody else."""
    if os.geteuid():
        yield
        return
    os.setegid(65_534)
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="no modes here")
def test_files_and_folders_that_may_not_be_read(folder: Path) -> None:
    (folder / "secret.html").write_bytes(page())
    (folder / "inner").mkdir()
    (folder / "inner" / "a.html").write_bytes(page())
    _run(folder, overwrite=True)  # loads everything that nobody may not
    (folder / "secret.html").chmod(0)
    (folder / "inner").chmod(0)
    above = [
        one
        for one in folder.parents
        if one.stat().st_mode & 0o005 != 0o005 and one.stat().st_uid == os.getuid()
    ]
    modes = {one: one.stat().st_mode for one in above}
    out = folder.parent / "nobodys"
    out.mkdir()
    out.chmod(0o777)
    try:
        for one in above:
            one.chmod(0o755)
        with _as_nobody():
            batch.run([folder], out / "run", workers=1)
    finally:
        for one, mode in modes.items():
            one.chmod(mode)
        (folder / "inner").chmod(0o700)
    rows = read_run(out / "run").articles.set_index("article_id")
    assert rows["status"].to_dict() == {"good.html": "ok", "inner": "failed", "secret.html": "failed"}
    assert "Permission denied" in rows.loc["secret.html", "reason"]


def test_files_that_vanish_or_change_while_the_run_goes_on(folder: Path) -> None:
    for name in ("m.html", "n.html", "o.html", "p.html"):
        (folder / name).write_bytes(page())

    def change(progress: Progress) -> None:
        if progress.done == 1:
            (folder / "m.html").unlink()
            (folder / "n.html").unlink()
            (folder / "n.html").mkdir()
            (folder / "o.html").write_bytes(b"")
            (folder / "p.html").unlink()
            (folder / "p.html").symlink_to("/dev/zero")

    rows = _run(folder, chunk_pages=1, progress=change).articles.set_index("article_id")["status"].to_dict()
    assert rows == {
        "good.html": "ok",
        "m.html": "failed",
        "n.html": "failed",
        "o.html": "empty",
        "p.html": "failed",
    }
