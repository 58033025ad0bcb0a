"""A run goes on where an earlier one stopped, at whatever moment that was, and ends with the same bytes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from pipeline import batch
from pipeline.batch.ledger import Ledger
from pipeline.batch.parts import LocalParts
from pipeline.errors import MedtablesError, OutputError, SourceError
from pipeline.runs import read_run
from pipeline.runs.package import sha256

PAGE = """<html lang=en><title>Cramps {0}</title><article><h1>Cramps {0}</h1>
<p>Low potassium causes muscle cramps, but no fever. Case number {0}.</p></article></html>"""


def write(folder: Path, *names: object) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.html").write_text(PAGE.format(name))
    return folder


def data(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path) for path in folder.glob("[!.]*") if path.name != "run.json"}


def run(pages: Path, out: Path, **options: object) -> batch.Summary:
    return batch.run([pages], out, workers=1, chunk_pages=4, **options)  # type: ignore[arg-type]


def parts(out: Path) -> list[str]:
    return sorted(path.name for path in (out / ".medtables" / "parts").iterdir())


def test_only_what_is_new_is_done_again(tmp_path: Path) -> None:
    pages, out = write(tmp_path / "pages", *range(10)), tmp_path / "out"
    run(pages, out)
    assert run(pages, out, resume=True).kept == 10
    changed = pages / "3.html"
    before = changed.stat()
    changed.write_text(changed.read_text().replace("no fever", "fever"))
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    (pages / "7.html").unlink()
    write(pages, 55)
    assert (summary := run(pages, out, resume=True)).kept == 8
    assert summary.pages == 10
    run(pages, tmp_path / "fresh")
    assert data(out) == data(tmp_path / "fresh")


def test_pages_that_were_only_touched_are_kept(tmp_path: Path) -> None:
    pages, out = write(tmp_path / "pages", *range(4)), tmp_path / "out"
    run(pages, out)
    for path in pages.iterdir():
        os.utime(path, (1, 1))
    assert run(pages, out, resume=True).kept == 4


def test_another_vocabulary_does_all_pages_again(tmp_path: Path) -> None:
    pages, out = write(tmp_path / "pages", *range(4)), tmp_path / "out"
    run(pages, out)
    (tmp_path / "own" / "terms").mkdir(parents=True)
    header = "concept_id\tterm\tstatus\tcase\texample\tnot_example\n"
    (tmp_path / "own" / "terms" / "symptom.tsv").write_text(
        header + "symptom:caseness\tcase number\tpreferred\t\t\t\n"
    )
    summary = run(pages, out, resume=True, vocabulary=[tmp_path / "own"])
    assert summary.kept == 0
    assert "symptom:caseness" in set(read_run(out).mentions["concept_id"])


def test_a_page_that_failed_is_tried_again(tmp_path: Path) -> None:
    pages, out = write(tmp_path / "pages", *range(4)), tmp_path / "out"
    page = (pages / "2.html").read_text()
    (pages / "2.html").write_bytes(b"\x1f\x8b broken")
    assert run(pages, out).statuses == {"ok": 3, "failed": 1}
    (pages / "2.html").write_text(page)
    assert run(pages, out, resume=True).statuses == {"ok": 4}
    run(pages, tmp_path / "fresh")
    assert data(out) == data(tmp_path / "fresh")


def test_another_format_needs_no_page_again(tmp_path: Path) -> None:
    pages, out = write(tmp_path / "pages", *range(4)), tmp_path / "out"
    run(pages, out)
    assert run(pages, out, resume=True, formats=["parquet"]).kept == 4
    assert not (out / "mentions.csv").exists()
    assert len(read_run(out).articles) == 4


def test_parts_without_a_page_of_the_run_are_removed(tmp_path: Path) -> None:
    pages, out = write(tmp_path / "pages", *range(8)), tmp_path / "out"
    run(pages, out)
    assert len(parts(out)) == 2
    for path in pages.iterdir():
        path.write_text(path.read_text().replace("fever", "nausea"))
    run(pages, out, resume=True)
    assert [name.split("-")[0] for name in parts(out)] == ["0002", "0002"]


@pytest.mark.parametrize("damage", [b"", b"\xff" * 100, b"ARROW1\0\0"])
def test_a_damaged_part_is_done_again(damage: bytes, tmp_path: Path) -> None:
    pages, out = write(tmp_path / "pages", *range(8)), tmp_path / "out"
    run(pages, out)
    before = data(out)
    folder = out / ".medtables" / "parts"
    (folder / parts(out)[0]).write_bytes(damage)
    (folder / "0009-000000001.part.4711").write_bytes(b"half")
    assert run(pages, out, resume=True).kept == 4
    assert data(out) == before


def test_the_newest_of_two_parts_with_a_page_counts(tmp_path: Path) -> None:
    pages, out = write(tmp_path / "pages", 1), tmp_path / "out"
    run(pages, out)
    folder = out / ".medtables" / "parts"
    old = (folder / parts(out)[0]).read_bytes()
    write(pages, 1)
    (pages / "1.html").write_text(PAGE.format("new"))
    run(pages, out, resume=True)
    before = data(out)
    (folder / "0001-000000000.part").write_bytes(old)
    assert run(pages, out, resume=True).kept == 1
    assert data(out) == before


def test_a_run_at_an_address_is_the_same_and_can_go_on(tmp_path: Path) -> None:
    memory = pytest.importorskip("fsspec").filesystem("memory")
    pages, url = write(tmp_path / "pages", *range(8)), f"memory://bucket-{os.getpid()}/tables"

    def stored() -> dict[str, bytes]:
        found = {path.rsplit("/", 1)[-1]: path for path in memory.ls(url, detail=False)}
        return {name: memory.cat_file(path) for name, path in found.items() if name[0] != "."}

    def interrupt(progress: batch.Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(batch.Interrupted):
        batch.run([pages], url, workers=1, chunk_pages=4, progress=interrupt)
    assert b'"complete": false' in stored()["run.json"]
    with pytest.raises(OutputError, match="--resume"):
        batch.run([pages], url, workers=1)
    assert batch.run([pages], url, workers=1, resume=True).kept == 4
    run(pages, tmp_path / "out")
    assert {name: content for name, content in stored().items() if name != "run.json"} == {
        name: (tmp_path / "out" / name).read_bytes() for name in data(tmp_path / "out")
    }
    batch.run([pages], url, workers=1, overwrite=True, formats=["parquet"])
    assert "mentions.csv" not in stored() and "mentions.parquet" in stored()


def test_pages_at_an_address_give_the_rows_of_pages_here(tmp_path: Path) -> None:
    memory = pytest.importorskip("fsspec").filesystem("memory")
    pages, url = write(tmp_path / "pages", *range(3)), f"memory://bucket-{os.getpid()}/pages"
    for path in pages.iterdir():
        memory.pipe_file(f"{url}/below/{path.name}", path.read_bytes())
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("a.html", PAGE.format("a"))
    memory.put_file(str(tmp_path / "more.zip"), f"{url}/more.zip")
    memory.pipe_file(f"{url}/.hidden/x.html", b"<p>x")
    memory.pipe_file(f"{url}/notes.doc", b"x")
    batch.run([url], tmp_path / "out", workers=1)
    found = read_run(tmp_path / "out").articles
    assert found["article_id"].tolist() == [*(f"below/{n}.html" for n in range(3)), "more.zip#a.html"]
    assert set(found["status"]) == {"ok"}
    assert found["source"][0].startswith("memory://") and found["source"][0].endswith("/below/0.html")
    batch.run([f"{url}/below/1.html"], tmp_path / "one", workers=1)
    assert read_run(tmp_path / "one").articles["article_id"].tolist() == ["1.html"]
    with pytest.raises(SourceError, match="no pages"):
        batch.run([f"{url}/elsewhere"], tmp_path / "none", workers=1)


def test_an_address_of_no_known_kind_is_an_error(tmp_path: Path) -> None:
    pages = write(tmp_path / "pages", 1)
    with pytest.raises(MedtablesError, match="no address that can be opened"):
        batch.run([pages], "nowhere://bucket/tables", workers=1)


# Killed

CRASHING = """
import os, signal, sys
from pathlib import Path
from pipeline import batch

pages, out = sys.argv[1:]
batch.run([pages], out + "-0", workers=1, chunk_pages=4)  # loads the engine
for number in range(1, 500):
    child = os.fork()
    if not child:
        left = number

        def deadly(call):
            def killed(*arguments, **options):
                global left
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*arguments, **options)
            return killed

        for owner, names in (os, ("fsync", "rmdir", "unlink")), (Path, ("replace", "unlink", "mkdir", "open")):
            for name in names:
                setattr(owner, name, deadly(getattr(owner, name)))
        batch.run([pages], f"{out}-{number}", workers=1, chunk_pages=4)
        os._exit(0)
    code = os.waitpid(child, 0)[1]
    assert code in (0, signal.SIGKILL), code
    batch.run([pages], f"{out}-{number}", workers=1, chunk_pages=4, resume=True)
    if not code:
        print(number)
        break
"""


def test_a_run_killed_before_any_step_on_the_disk_ends_with_the_same_bytes(tmp_path: Path) -> None:
    pages = write(tmp_path / "pages", *range(10))
    script = tmp_path / "crashing.py"
    script.write_text(CRASHING)
    command = [sys.executable, script, pages, tmp_path / "out"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    steps = int(done.stdout)
    assert steps > 30
    expected = data(tmp_path / "out-0")
    assert len(expected) == 7
    for number in range(1, steps + 1):
        assert data(tmp_path / f"out-{number}") == expected


def test_a_run_killed_at_random_moments_ends_with_the_same_bytes(tmp_path: Path) -> None:
    pages, out = write(tmp_path / "pages", *range(1500)), tmp_path / "out"
    words = ["run", str(pages), "-o", str(out), "--workers", "2", "--resume"]
    command = [sys.executable, "-m", "pipeline", *words]
    moment = random.Random(os.getpid())
    kills = 0
    while kills < 6:
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                if (out / ".medtables" / "parts").is_dir() and parts(out):
                    time.sleep(moment.uniform(0, 1.2))
                    break
                time.sleep(0.01)
            if process.poll() is not None:  # finished before it was killed
                break
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, timeout=120)
    assert read_run(out).info["pages"] == 1500
    assert kills >= 2
    fresh = tmp_path / "fresh"
    batch.run([pages], fresh, workers=1)
    assert data(out) == data(fresh)
    assert len(Ledger(LocalParts(str(out / ".medtables" / "parts")))._known) == 1500
