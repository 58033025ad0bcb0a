"""Every regular expression of the package reads its hardest inputs in time that grows with their length."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import pipeline
from pipeline.extract import Engine
from tests.hostile.pumps import pumps

ROOT = Path(pipeline.__file__).parent
LENGTHS = (25, 100, 300, 1200, 4800)  # the first finds what grows by powers
BEARABLE = 0.004  # seconds, below which no ratio is told from noise
MOST_GROWTH = 8.0  # for four times the input; 4 is linear, 16 quadratic

Pattern = re.Pattern[Any]


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages([str(ROOT)], "pipeline."):
        if found.name != "pipeline.__main__":
            yield importlib.import_module(found.name)


def _held(name: str, thing: object, seen: set[int]) -> Iterator[tuple[str, Pattern]]:
    """The patterns in a value, through containers and objects of the package."""
    if isinstance(thing, re.Pattern):
        yield name, thing
        return
    if id(thing) in seen or isinstance(thing, str | bytes | int | float | type | ModuleType):
        return
    seen.add(id(thing))
    if isinstance(thing, dict):
        for key, value in list(thing.items())[:500]:
            yield from _held(f"{name}[{key!r:.30}]", value, seen)
    elif isinstance(thing, list | tuple | set | frozenset):
        for place, value in enumerate(list(thing)[:500]):
            yield from _held(f"{name}[{place}]", value, seen)
    elif type(thing).__module__.startswith("pipeline"):
        slots = [slot for kind in type(thing).__mro__ for slot in getattr(kind, "__slots__", ())]
        for attribute in (*vars(thing), *slots) if hasattr(thing, "__dict__") else slots:
            yield from _held(f"{name}.{attribute}", getattr(thing, attribute, None), seen)


def _cached(module: ModuleType) -> Iterator[tuple[str, Pattern]]:
    """What functions without arguments make of the vocabulary when they are first asked."""
    for name, function in vars(module).items():
        told = getattr(function, "__wrapped__", function)
        if hasattr(function, "cache_clear") and "Pattern" in str(
            getattr(told, "__annotations__", {}).get("return")
        ):
            asked = list(inspect.signature(told).parameters)
            yield from _held(f"{module.__name__}:{name}()", function(*["published"] * len(asked)), set())


def _written() -> Iterator[tuple[str, Pattern]]:
    """Patterns that stand as a text where they are used."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr != "compile"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", re.compile(node.args[0].value)


def _anchored() -> frozenset[str]:
    """`module:NAME` and names of attributes of patterns that are asked only what stands at one place."""
    asked: dict[str, set[str]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = ("pipeline", *path.relative_to(ROOT).with_suffix("").parts)
        module = ".".join(parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
                name = f"{module}:{node.value.id}" if isinstance(node.value, ast.Name) else node.value.attr
                asked.setdefault(name, set()).add(node.attr)
    return frozenset(name for name, methods in asked.items() if methods <= {"match", "fullmatch", "pattern"})


ANCHORED = _anchored()


@pytest.fixture(scope="module")
def patterns(engine: Engine) -> dict[str, Pattern]:
    found: dict[str, Pattern] = {}
    seen: set[int] = set()
    for module in _modules():
        for name, value in vars(module).items():
            if not inspect.isfunction(value):
                found.update(_held(f"{module.__name__}:{name}", value, seen))
        found.update(_cached(module))
    found.update(_held("engine", engine, seen))
    found.update(_written())
    return {name: pattern for pattern, name in {pattern: name for name, pattern in found.items()}.items()}


def _seconds(pattern: Pattern, subject: str | bytes, anchored: bool) -> float:
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        if anchored:
            pattern.match(subject)
            pattern.fullmatch(subject)
        else:
            for _ in pattern.finditer(subject):
                pass
        best = min(best, time.process_time() - start)
    return best


def _subject(pattern: Pattern, pump: tuple[str, str, str], length: int) -> str | bytes:
    front, unit, behind = pump
    text = front + unit * (length // len(unit) + 1) + behind
    return text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text


def test_the_patterns_are_found(patterns: dict[str, Pattern]) -> None:
    names = " ".join(patterns)
    assert len(patterns) > 150
    for expected in (
        "decode:_META",
        "byline:_cut()",
        "engine.quantities",
        "links:_WORD",
        "engine.relations",
        "decode.py:",
    ):
        assert expected in names, expected


def test_a_slow_pattern_would_be_found() -> None:
    for pattern in map(re.compile, (r"\s*[\"']?\s*x", r"[.!?]+\s+\S")):
        assert any(_growth(pattern, pump, False) for pump in pumps(pattern)), pattern.pattern


def _growth(pattern: Pattern, pump: tuple[str, str, str], anchored: bool) -> str:
    """How the time grew if it grew too much, or nothing."""
    before = 0.0
    for length in LENGTHS:
        took = _seconds(pattern, _subject(pattern, pump, length), anchored)
        if took > BEARABLE and took > MOST_GROWTH * max(before, BEARABLE / MOST_GROWTH):
            return f"{pump!r:.80}: {before:.4f} s, then {took:.4f} s for {length} characters"
        before = took
    return ""


def test_every_pattern_is_linear(patterns: dict[str, Pattern]) -> None:
    slow = {}
    for name, pattern in patterns.items():
        anchored = (name if ":" in name else name.rpartition(".")[2]) in ANCHORED
        for pump in pumps(pattern):
            if told := _growth(pattern, pump, anchored) and _growth(pattern, pump, anchored):
                slow[name] = told
                break
    assert not slow, "\n".join(f"{name}: {told}" for name, told in slow.items())
