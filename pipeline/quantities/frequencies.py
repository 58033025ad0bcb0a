"""How often a day a dose is taken: `a day`, `twice daily`, `every 4 to 6 hours`, `up to three times a week`."""

from __future__ import annotations

import re

from .units import SPACE, rounded
from .words import QuantityWords, alternatives

_AHEAD, _BACK = 80, 40


class Frequencies:
    """Reads frequencies, with the words of quantity_words.tsv."""

    def __init__(self, words: QuantityWords) -> None:
        self._numbers = {row[0]: float(row[1]) for row in words.rows["number"] if float(row[1]) % 1 == 0}
        self._phrases = {_plain(row[0]): float(row[1]) for row in words.rows["frequency"]}
        self._periods = {row[0]: float(row[1]) for row in words.rows["period"]}
        gap = f"(?:{SPACE}|-)"
        number = rf"(?:[0-9]{{1,2}}|{alternatives(self._numbers)})"
        second = rf"(?:{gap}?(?:[-–—]|{words.pattern('to', 'or')}){gap}?{number})?"
        period = f"(?P<period>{alternatives(self._periods)})"
        every = rf"{words.pattern('every')}{gap}(?P<every>{number}){second}{gap}{period}"
        times = rf"(?:(?P<least>{number}{gap}?(?:[-–—]|{words.pattern('to', 'or')}){gap}?)?(?P<times>{number}){gap}?"
        times += rf"{words.pattern('times')}{gap}?)?(?P<phrase>{alternatives(self._phrases)})"
        # A phrase that starts with a slash hangs on its unit.
        self._pattern = re.compile(rf"(?:(?<![^\W_])|(?=/))(?:{every}|{times})(?![^\W_])", re.IGNORECASE)
        self._spanning = re.compile(rf"{words.pattern('spanning')}{SPACE}\Z", re.IGNORECASE)

    def ahead(self, text: str, start: int, end: int) -> tuple[float, int] | None:
        """How often a day, at most, says the first frequency in `text[start:end]`, and where it ends."""
        return self._read(text, start, min(end, start + _AHEAD))

    def back(self, text: str, start: int, end: int) -> tuple[float, int] | None:
        """The same before a dose: `twice daily: 500 mg`, `a daily dose of 400 mg`."""
        return self._read(text, max(start, end - _BACK), end)

    def _read(self, text: str, start: int, end: int) -> tuple[float, int] | None:
        for found in self._pattern.finditer(text, start, end):
            if self._spanning.search(text, max(0, found.start() - 12), found.start()):
                continue
            if found["every"]:
                each = self._number(found["every"]) * self._periods[found["period"].lower()]
                return (rounded(1 / each), found.end()) if each else None
            times = self._number(found["times"]) if found["times"] else 1.0
            return rounded(times * self._phrases[_plain(found["phrase"])]), found.end()
        return None

    def _number(self, text: str) -> float:
        return float(text) if text[0].isdigit() else self._numbers[_plain(text)]


def _plain(words: str) -> str:
    return " ".join(words.lower().replace("-", " ").replace("‐", " ").replace("‑", " ").split())
