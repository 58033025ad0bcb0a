"""JSON files: an array of objects, one object, or several one after the other; one page an object. Record `n` is
object `n`."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from ..model import Problem, Status
from . import record
from .item import Reading, longest, too_large
from .unpack import Damaged, unpacked

_BLOCK = 1 << 20
_BETWEEN = re.compile(r"[\s,\[\]]*")
# Where the next record may begin behind one that is broken.
_NEXT = re.compile(r"\n[ \t]*(?=\{)|\}\s*,\s*(?=\{)")
_NEAR_END = 10  # characters of the longest literal, and some


def records(stream: BinaryIO, reading: Reading) -> Iterator[tuple[int, object]]:
    """Number and content of each value; a Problem for what is no JSON and where the packing is damaged. Of the file no
    more is held than a few blocks and one value."""
    plain, _ = unpacked(stream)
    text = io.TextIOWrapper(plain, "utf-8-sig", "surrogateescape")
    number = 0
    try:
        for value in _values(text, longest(reading)):
            number += 1
            yield number, too_large(None, reading.max_bytes) if value is _TOO_LONG else value
    except Damaged as damage:
        yield number + 1, damage.problem
    finally:
        text.detach()


pages = partial(record.pages, records)
_TOO_LONG = object()


def _values(text: io.TextIOWrapper, most: int) -> Iterator[object]:
    decoder = json.JSONDecoder()
    held, at, size = "", 0, _BLOCK
    while True:
        at = _BETWEEN.match(held, at).end()  # type: ignore[union-attr]
        problem: object = None
        if at < len(held):
            try:
                value, at = decoder.raw_decode(held, at)
                yield value
                size = _BLOCK
                continue
            except RecursionError:
                problem = _broken("nested too deeply")
            except ValueError as error:
                if _is_whole(error, held):
                    problem = _broken(str(error))
            if problem is None and len(held) - at > most:
                problem = _TOO_LONG
        if problem is not None:
            yield problem
            held, at = _resume(text, held, at + 1)
            continue
        more = text.read(size)
        size *= 2
        if not more:
            if at < len(held):
                yield _broken("it does not end")
            return
        held, at = held[at:] + more, 0


def _is_whole(error: ValueError, held: str) -> bool:
    """Whether a value is broken, whatever comes behind what is held of it."""
    if not isinstance(error, json.JSONDecodeError):
        return True
    return not error.msg.startswith("Unterminated string") and error.pos < len(held) - _NEAR_END


def _resume(text: io.TextIOWrapper, held: str, at: int) -> tuple[str, int]:
    """What is held, and where the next record may begin."""
    while True:
        found = _NEXT.search(held, at)
        if found:
            return held, found.end()
        more = text.read(_BLOCK)
        if not more:
            return "", 0
        held, at = held[-_NEAR_END:] + more, 0


def _broken(told: str) -> Problem:
    return Problem(
        Status.FAILED, f"the record is no JSON ({' '.join(told.split())}); was the file cut off here?"
    )
