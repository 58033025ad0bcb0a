"""What each rule of cleaning pays: the score without it, less the score with all.

    python tests/benchmarks/ablation.py PAGES TRUTHS [--step N] [--write pipeline/CLEANING.md]

With --write the table replaces what stands between the two marks of that file.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pages import Score, clean, read_cases, score, texts

from pipeline import article
from pipeline.article import container, furniture, narrow, outline, selection
from pipeline.article.furniture import NOTHING, Verdict

BEGIN, END = "<!-- ablation: begin -->", "<!-- ablation: end -->"
Patch = Callable[[], Any]


def _without_name_rule(rule: str) -> Patch:
    judge = furniture.judge_name

    def judge_without(name: str) -> Verdict:
        verdict = judge(name)
        if verdict.rule != rule:
            return verdict
        return Verdict("", True) if verdict.container else NOTHING

    return lambda: patch.object(selection, "judge_name", judge_without)


def _without_tag_rule(tag: str) -> Patch:
    rules = {name: rule for name, rule in narrow.ROLES.rules.items() if name != tag}
    return lambda: patch.object(narrow.ROLES, "rules", rules)


def _without_text_rule(rule: str) -> Patch:
    judge = furniture.judge_text
    return lambda: patch.object(
        selection, "judge_text", lambda text: "" if (found := judge(text)) == rule else found
    )


def _constant(module: Any, name: str, value: Any) -> Patch:
    return lambda: patch.object(module, name, value)


@contextmanager
def _no_container_names() -> Iterator[None]:
    find = container.find
    with patch.object(
        container, "find", lambda tree, before, named: find(tree, before, bytearray(len(named)))
    ):
        yield


def rules() -> Iterator[tuple[str, Patch]]:
    """Every rule by its name, with the patch that turns it off."""
    for rule in sorted(furniture.NAME_RULES):
        yield f"names: {rule}", _without_name_rule(rule)
    for tag in sorted(narrow.ROLES.rules):
        yield f"tag: {tag}", _without_tag_rule(tag)
    for rule in sorted(furniture.TEXT_RULES):
        yield f"first words: {rule}", _without_text_rule(rule)
    yield "boxes of links", _constant(selection, "LINK_BOX", 2.0)
    yield "guard on a name's share", _constant(selection, "GUARD", 1.0)
    yield "room for many excerpts", _constant(selection, "MANY", {"comments": 1.0})
    yield "no guard beside main", _constant(selection, "LEAST_MAIN", 2.0)
    yield "names of captions", _constant(outline, "is_caption", lambda _: False)
    yield "names of containers", _no_container_names
    yield "namesakes beside a container", _constant(container, "OUTSIDE", 2.0)
    yield "lead above the container", _constant(selection, "MOST_LEADS", 0)
    yield "questions and lazy text", _constant(selection, "_speaks", lambda *_: False)
    yield "copies", _constant(article, "SHORTEST_COPY", 10**9)


def _row(name: str, without: Score, full: Score) -> str:
    keys = ("f1", "precision", "recall", "kept", "left_out")
    points = (f"{100 * (getattr(full, key) - getattr(without, key)):+.2f}" for key in keys)
    return f"| {name} | {' | '.join(points)} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("truths", type=Path)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    cases = read_cases(given.pages, given.truths, given.step)
    full = score(texts(cases, clean))
    lines = [
        f"All rules, {len(cases)} pages: {full}. Each line: what the rule adds, in points of 100.",
        "",
        "| rule | F1 | P | R | with kept | without left out |",
        "|---|---|---|---|---|---|",
    ]
    print("\n".join(lines), flush=True)
    for name, off in rules():
        with ExitStack() as stack:
            stack.enter_context(off())
            lines.append(_row(name, score(texts(cases, clean)), full))
        print(lines[-1], flush=True)
    if given.write:
        old = given.write.read_text(encoding="utf-8")
        table = "\n".join((BEGIN, *lines, END))
        marked = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.S)
        given.write.write_text(marked.sub(lambda _: table, old), encoding="utf-8")


if __name__ == "__main__":
    main()
