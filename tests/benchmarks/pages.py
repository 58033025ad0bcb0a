"""Pages with the text that a reader would keep, and how near a cleaned text comes to it."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline import article
from pipeline.decode import decode
from pipeline.model import Decoded, Kind

NOT_SCORED = (Kind.TITLE, Kind.CAPTION)  # The truth leaves titles and captions out.
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Case:
    """A page as scraped and its truth: the text, and snippets that must or must not be in it."""

    name: str
    content: bytes
    truth: str
    kept: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """Means over pages of word precision, recall and F1, and the shares of snippets that are right."""

    f1: float
    precision: float
    recall: float
    kept: float
    left_out: float

    def __str__(self) -> str:
        return (
            f"F1 {self.f1:.4f}  P {self.precision:.4f}  R {self.recall:.4f}  "
            f"with kept {self.kept:.3f}  without left out {self.left_out:.3f}"
        )


def read_cases(pages: Path, truths: Path, step: int = 1) -> list[Case]:
    """Every `step`-th page of folder `pages` (ID.html or ID.html.gz) that has a truth in `truths` (ID.json)."""
    cases = []
    for path in sorted(pages.iterdir())[::step]:
        name = re.sub(r"\.html?(\.gz)?\Z", "", path.name)
        truth_path = truths / f"{name}.json"
        if not truth_path.exists():
            continue
        truth = json.loads(truth_path.read_text(encoding="utf-8"))["ground_truth"]
        if truth.get("main_content"):
            raw = path.read_bytes()
            content = gzip.decompress(raw) if path.suffix == ".gz" else raw
            snippets = (tuple(truth.get(key) or ()) for key in ("with", "without"))
            cases.append(Case(name, content, truth["main_content"], *snippets))
    return cases


def clean(content: bytes) -> str:
    """The scored text of a page, from its bytes."""
    decoded = decode(content)
    if not isinstance(decoded, Decoded):
        return ""
    found = article.parse(decoded.text)
    return "\n".join(found.text[b.start : b.end] for b in found.blocks if b.kind not in NOT_SCORED)


def texts(cases: Iterable[Case], cleaner: Callable[[bytes], str]) -> Iterator[tuple[Case, str]]:
    for case in cases:
        yield case, cleaner(case.content)


def score(cleaned: Iterable[tuple[Case, str]]) -> Score:
    """Bags of lower-case words, page by page; snippets are looked for in lower case."""
    pages: list[tuple[float, float, float]] = []
    kept: list[bool] = []
    left_out: list[bool] = []
    for case, text in cleaned:
        wanted, got = (Counter(_WORD.findall(side.lower())) for side in (case.truth, text))
        both = (wanted & got).total()
        precision = both / got.total() if got else 0.0
        recall = both / wanted.total()
        pages.append((2 * precision * recall / (precision + recall) if both else 0.0, precision, recall))
        kept += (snippet.lower() in text.lower() for snippet in case.kept)
        left_out += (snippet.lower() not in text.lower() for snippet in case.left_out)
    means = (sum(column) / len(pages) for column in zip(*pages, strict=True))
    return Score(*means, sum(kept) / max(1, len(kept)), sum(left_out) / max(1, len(left_out)))
