"""What the size of the vocabulary costs: time until the engine is ready, memory, and pages a second.

    python tests/benchmarks/vocabulary.py [--names 265000] [--rounds 5]

Compares the package's vocabulary with the same and an overlay of generated names, in one run on one machine, since only
the ratios mean anything elsewhere. Exit code 1 when a bound of the design is broken.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipeline import terminology
from pipeline.extract import Engine, extract, load_engine
from pipeline.model import Page
from pipeline.sources import read
from pipeline.terminology import TERM_COLUMNS

PAGES = Path(__file__).parents[2] / "corpora" / "sample"
READY_SECONDS, SLOWER, MEGABYTES = 1.0, 1.10, 600

# Run in a process of its own: what is loaded stays loaded, and a peak of memory does not go down.
LOAD = """
import json, resource, sys, time
start = time.process_time()
import spacy
spacy_seconds = time.process_time() - start
from pipeline import terminology
from pipeline.components.annotate import Annotator
start = time.process_time()
words = terminology.load(map(__import__("pathlib").Path, sys.argv[1:]))
rows = time.process_time() - start
Annotator(words)
ready = time.process_time() - start
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"terms": len(words.terms), "spacy": spacy_seconds, "rows": rows, "ready": ready, "memory": memory}))
"""


def main() -> int:
    """Measure, print, and say by the exit code whether the bounds hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--names", type=int, default=265_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        overlay = Path(folder) / "generated"
        write_overlay(overlay, options.names)
        own, large = measure(), measure(overlay)
        slower, pages_a_second = compare(load_engine(), load_engine([overlay]), options.rounds)
    print(f"{'':24}{'package':>12}{'and names':>12}")
    print(f"{'terms':24}{own['terms']:>12,}{large['terms']:>12,}")
    for name, unit in (("spacy", "import spacy, s"), ("rows", "rows read, s"), ("ready", "engine ready, s")):
        print(f"{unit:24}{own[name]:>12.2f}{large[name]:>12.2f}")
    print(f"{'peak memory, MB':24}{own['memory']:>12.0f}{large['memory']:>12.0f}")
    print(f"{'pages a second':24}{pages_a_second:>12.1f}{pages_a_second / slower:>12.1f}")
    print(
        f"time of a page with the names, package = 1: {slower:.3f}; engine ready, import spacy = 1: "
        f"{own['ready'] / own['spacy']:.2f}"
    )
    broken = [
        own["ready"] > READY_SECONDS and f"engine not ready within {READY_SECONDS} s",
        slower > SLOWER and f"pages take more than {SLOWER} times as long",
        large["memory"] > MEGABYTES and f"memory above {MEGABYTES} MB",
    ]
    for bound in filter(None, broken):
        print(f"broken: {bound}")
    return int(any(broken))


def write_overlay(folder: Path, count: int) -> None:
    """Names of two to four words of the vocabulary, so that texts run into their beginnings."""
    chance = random.Random(7)
    words = sorted(
        {word for term in terminology.load().terms for word in re.findall(r"[a-z]{3,}", term.text.lower())}
    )
    names: set[str] = set()
    while len(names) < count:
        names.add(" ".join(chance.choices(words, k=chance.choice((2, 2, 3, 4)))))
    (folder / "terms").mkdir(parents=True)
    with (folder / "terms" / "condition.tsv").open("w", encoding="utf-8") as out:
        out.write("\t".join(TERM_COLUMNS) + "\n")
        for number, name in enumerate(sorted(names)):
            out.write(f"condition:generated-{number // 4}\t{name}\tsynonym\t\t\t\n")


def measure(*overlays: Path) -> dict[str, float]:
    """CPU seconds and peak memory of loading the engine in a fresh process."""
    command = [sys.executable, "-c", LOAD, *map(str, overlays)]
    runs = [
        json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    return min(runs, key=lambda run: run["ready"])


def compare(first: Engine, second: Engine, rounds: int) -> tuple[float, float]:
    """How many times as long `second` takes for a page, and the pages a second of `first`; page by page in turn."""
    pages = list(read([PAGES]))
    for engine in (first, second):
        cost(pages, engine)
    best = {id(engine): [float("inf")] * len(pages) for engine in (first, second)}
    for _ in range(rounds):
        for number, page in enumerate(pages):
            for engine in (first, second):
                best[id(engine)][number] = min(best[id(engine)][number], cost([page], engine))
    one, other = (sum(best[id(engine)]) for engine in (first, second))
    return other / one, len(pages) / one


def cost(pages: list[Page], engine: Engine) -> float:
    """CPU seconds for extracting `pages`."""
    start = time.process_time()
    for page in pages:
        extract(page, engine)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
