"""Quality of cleaning, and its CPU time as a share of trafilatura's on the same pages in the same run.

    python tests/benchmarks/cleaning.py PAGES TRUTHS [--step N]

PAGES holds ID.html.gz or ID.html, TRUTHS ID.json. Both cleaners start from the page's bytes; they
take turns page by page, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import gc
import logging
from pathlib import Path
from time import process_time

import trafilatura
from pages import Case, clean, read_cases, score

from pipeline.batch.chunk import GC_THRESHOLD


def _rival(content: bytes) -> str:
    return trafilatura.extract(content) or ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("truths", type=Path)
    parser.add_argument("--step", type=int, default=1, help="take every Nth page")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    cases = read_cases(given.pages, given.truths, given.step)
    cleaners = {"medtables": clean, "trafilatura": _rival}
    seconds = dict.fromkeys(cleaners, 0.0)
    found: dict[str, list[tuple[Case, str]]] = {name: [] for name in cleaners}
    for case in cases[:3]:
        for cleaner in cleaners.values():
            cleaner(case.content)
    # As in the workers of a run: what is loaded already is not searched for garbage again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)
    for case in cases:
        for name, cleaner in cleaners.items():
            started = process_time()
            text = cleaner(case.content)
            seconds[name] += process_time() - started
            found[name].append((case, text))
    for name in cleaners:
        print(f"{name:12} {score(found[name])}  {1000 * seconds[name] / len(cases):.1f} ms a page")
    print(f"CPU ratio {seconds['medtables'] / seconds['trafilatura']:.3f} over {len(cases)} pages")


if __name__ == "__main__":
    main()
