"""What many pages need: peak memory of parent plus workers as the run grows, and what a second worker brings.

    python tests/benchmarks/scale.py [PAGES] [--sizes 2000 20000] [--workers 2] [--timed 5000]

PAGES is a folder of pages (by default the sample); as many as needed are made from them in a folder of the
moment, each with a paragraph of its own. Linux only: memory is read from /proc, which takes a processor's time, so
that what a second worker brings is timed in runs of their own over `--timed` pages. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MARK = b"\x1f\x8b"


def contents(folder: Path) -> list[bytes]:
    """The pages of a folder, unpacked."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".htm" in path.name:
            raw = path.read_bytes()
            found.append(gzip.decompress(raw) if raw.startswith(MARK) else raw)
    return found


def make(pages: list[bytes], folder: Path, count: int) -> None:
    """Write `count` pages, each a little different from all others."""
    for number in range(count):
        own = b"<p>Copy number %d of this page, made for a test of size.</p></body>" % number
        page = pages[number % len(pages)]
        page = page.replace(b"</body>", own, 1) if b"</body>" in page else page + own
        (folder / f"{number % 100:02}").mkdir(exist_ok=True)
        (folder / f"{number % 100:02}" / f"{number:07}.html").write_bytes(page)


def family(process: int) -> Iterator[int]:
    """A process and all that it started."""
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from family(int(child))


def resident(process: int) -> int:
    """Bytes that a process and its children hold, shared ones once (PSS)."""
    total = 0
    for one in family(process):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def run(pages: Path, out: Path, workers: int, *, watched: bool = False) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds of all stages, and peak bytes (0 unless `watched`) of a whole run."""
    command = [sys.executable, "-m", "pipeline", "run", pages, "-o", out, "--workers", str(workers), "-q"]
    start = time.perf_counter()
    peak = 0
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        while watched and process.poll() is None:
            with suppress(OSError, ValueError):  # one that ended while it was looked at
                peak = max(peak, resident(process.pid))
            time.sleep(0.5)
        process.wait()
    wall = time.perf_counter() - start
    if process.returncode not in (0, 3):
        raise SystemExit(f"the run ended with {process.returncode}")
    stages = json.loads((out / "run.json").read_bytes())["seconds"]
    cpu = sum(seconds for stage, seconds in stages.items() if stage != "in all")
    return wall, cpu, peak


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="?", type=Path, default=ROOT / "corpora" / "sample")
    parser.add_argument("--sizes", nargs="+", type=int, default=[2000, 20000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--timed", type=int, default=5000)
    given = parser.parse_args()
    sources = contents(given.pages)
    first = 0
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as place:
            pages = Path(place, "pages")
            pages.mkdir()
            make(sources, pages, size)
            wall, cpu, peak = run(pages, Path(place, "out"), given.workers, watched=True)
            tables = sum(path.stat().st_size for path in Path(place, "out").glob("*.csv"))
            parts = sum(path.stat().st_size for path in Path(place, "out").glob(".medtables/parts/*"))
            read = sum(path.stat().st_size for path in pages.rglob("*.html"))
        first = first or peak
        print(
            f"{size:>7,} pages, {given.workers} workers: {wall:7.1f} s, {1000 * cpu / size:5.1f} ms CPU a page, "
            f"peak {peak / 1e6:5.0f} MB ({peak / first:.3f} of the first)"
        )
        kinds = (("HTML", read), ("CSV", tables), ("parts", parts))
        print(
            "        per page: " + ", ".join(f"{held / size / 1000:.1f} kB of {kind}" for kind, held in kinds)
        )
    size = given.timed
    with tempfile.TemporaryDirectory() as place:
        pages = Path(place, "pages")
        pages.mkdir()
        make(sources, pages, size)
        one, _, _ = run(pages, Path(place, "one"), 1)
        more, _, _ = run(pages, Path(place, "more"), given.workers)
    print(
        f"{size:>7,} pages: 1 worker {one:.1f} s, {given.workers} workers {more:.1f} s: {one / more:.2f} times"
    )


if __name__ == "__main__":
    main()
