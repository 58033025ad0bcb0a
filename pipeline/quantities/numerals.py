"""Numbers as texts write them: 1,500, 3.5, 3·5, 1½, 1/2, two and a half, twenty-five, 2 million."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from ..prefix_tree import prefix_tree
from .units import SPACE
from .words import BLANKS, QuantityWords, alternatives

_MOST_DIGITS = 15
_TENS = frozenset(range(20, 100, 10))
_MOST_MULTIPLIERS = 2
_BEFORE_WORDS = ("\n", "(", "\u00a0")
_END = "\0"
_LONGER_IN_LOWER_CASE = ("İ", "I")  # the only letter whose small form is two characters
_NARROW = "\u00a0\u2009\u202f"
# Groups of three digits behind commas or narrow blanks; behind blanks only zeros, since `2 500 mg tablets` are two.
_DIGITS = re.compile(
    rf"(?P<whole>[0-9]{{1,3}}+(?:[,{_NARROW}][0-9]{{3}}(?![0-9]))++|[0-9]{{1,3}}+(?:[ ]000(?![0-9]))++|[0-9]++)"
    r"(?P<decimals>[.·][0-9]++)?(?P<comma>,[0-9]{1,2}(?![0-9,]))?"
)
_BEHIND_ZERO = re.compile(r"0,[0-9]++(?![,.])")
_SLASHED = re.compile(
    r"(?:(?P<whole>[0-9]{1,3})[ -])?(?P<over>[1-9])[/⁄](?P<under>2|3|4|5|8|10|16)(?![0-9/.⁄])"
)
_GLUED_BEFORE = re.compile(
    r"(?:[^\W\d_][-‐‑]|[$£€¥#@_\\:'’/⁄×^]|[0-9][-‐‑–.,]|[^\W\d_)\]][.,]|[.,·]|[^\W\d_])\Z"
)
_HANGING = re.compile(r"[0-9]++(?:[-‐‑–.,:/\\@_][0-9]++)*+")
_GLUED_BEHIND = re.compile(r"[:\\@_][0-9]|[.,][0-9]|(?:st|nd|rd|th)\b")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number at an offset. `word` is set when letters write it, `strict` when only a unit makes it a number (3,5);
    `times` is the product of its multipliers (million)."""

    start: int
    end: int
    value: float
    word: bool = False
    strict: bool = False
    times: float = 1.0


class Numerals:
    """Finds where numbers can start and reads them."""

    def __init__(self, words: QuantityWords, time_units: str) -> None:
        self._values = {row[0]: float(row[1]) for row in words.rows["number"]}
        self._fractions = {row[0]: float(row[1]) for row in words.rows["fraction"]}
        self._multipliers = {row[0]: float(row[1]) for row in words.rows["multiplier"]}
        small = alternatives(
            word for word, value in self._values.items() if value in range(1, 10) and " " not in word
        )
        tens = alternatives(word for word, value in self._values.items() if value in _TENS)
        self._tens = re.compile(rf"({tens})(?:{SPACE}|[-‐‑])({small})(?![^\W_])", re.IGNORECASE)
        multipliers = alternatives(self._multipliers)
        self._multiplying = frozenset(word[0] for word in self._multipliers)
        self._multiplier = re.compile(rf"(?:{SPACE}|[-‐‑])({multipliers})(?![^\W_])", re.IGNORECASE)
        halves = alternatives(
            word for word, value in self._values.items() if 0 < value < 1 and word.startswith("a ")
        )
        self._and_half = re.compile(rf"{SPACE}and{SPACE}({halves})(?![^\W_])", re.IGNORECASE)
        self._vulgar = re.compile(rf"[ -]?([{''.join(self._fractions)}])")
        article = alternatives(row[0] for row in words.rows["article"])
        self._article = re.compile(rf"{article}(?={SPACE}{time_units}(?![^\W_]))", re.IGNORECASE)
        self._digit_start = re.compile(f"[0-9{''.join(self._fractions)}][0-9]*")
        self._word = re.compile(self._word_pattern(words, ""))
        self._word_start = re.compile(self._word_pattern(words, time_units))
        # Finds the first words of all number words behind a blank, in lower case.
        phrases = [*self._values, *(row[0] + " " for row in words.rows["article"])]
        parts = [phrase.lower().partition(" ") for phrase in phrases]
        heads = [head + (_END if blank else "") for head, blank, _ in parts]
        self._glance = re.compile(" " + prefix_tree(heads).replace(re.escape(_END), r"(?=[\s‐‑-])"))

    def _word_pattern(self, words: QuantityWords, time_units: str) -> str:
        """What matches a number word, by its first letter and then the rest."""
        rest: dict[str, list[str]] = defaultdict(list)
        for word in self._values:
            rest[word[0]].append(re.escape(word[1:]).replace(r"\ ", rf"(?:{SPACE}|[-‐‑])"))
        for article, _, _ in words.rows["article"] if time_units else ():
            rest[article[0]].append(rf"{re.escape(article[1:])}(?={SPACE}{time_units}(?![^\W_]))")
        firsts = "".join(rest) + "".join(rest).upper()
        branches = (
            f"[{first}{first.upper()}](?:{'|'.join(sorted(tails, key=len, reverse=True))})"
            for first, tails in rest.items()
        )
        return rf"(?=[{firsts}])(?:{'|'.join(branches)})(?![^\W_])"

    def starts(self, text: str) -> list[int]:
        """Where numbers may start in `text`, in order."""
        found = [match.start() for match in self._digit_start.finditer(text)]
        # A pattern that begins with one blank is scanned several times as fast as one that begins with a set, and its
        # letters are found faster in one case.
        plain = " " + text.replace(*_LONGER_IN_LOWER_CASE).lower()
        for other in _BEFORE_WORDS:
            plain = plain.replace(other, " ")
        end = 0
        for glance in self._glance.finditer(plain):
            start = glance.start()
            if start >= end and (word := self._word_start.match(text, start)):
                found.append(start)
                end = word.end()
        found.sort()
        return found

    def read(self, text: str, start: int, joined: bool = False) -> Numeral | None:
        """The number that starts at `start`, or None where digits stand that are none (a date, a price).

        `joined` says that it is the second of two, so that what stands before it does not matter.
        """
        if "0" <= text[start] <= "9":
            return self._digits(text, start, joined)
        if text[start] in self._fractions:
            return Numeral(start, start + 1, self._fractions[text[start]])
        return self._letters(text, start)

    def after(self, text: str, start: int) -> int:
        """Where to go on behind digits at `start` that are no number: behind all that hangs on them."""
        found = _HANGING.match(text, start)
        return max(start + 1, found.end() if found else 0)

    def second(self, text: str, start: int) -> Numeral | None:
        """The number that stands at `start` or behind blanks there: the other end of a range, the whole of a share."""
        while text[start : start + 1] in BLANKS:
            start += 1
        if start < len(text) and ("0" <= text[start] <= "9" or self._word_start.match(text, start)):
            return self.read(text, start, joined=True)
        return None

    def _digits(self, text: str, start: int, joined: bool) -> Numeral | None:
        before = "" if joined else text[max(0, start - 2) : start]
        decimal_point = before[-1:] in (".", "·") and not before[:1].strip(_NARROW + " (<>≤≥~\n")
        if before and not decimal_point and _GLUED_BEFORE.search(before):
            return None
        strict = False
        if "/" in (ahead := text[start : start + 8]) or "⁄" in ahead:
            slashed = _SLASHED.match(text, start)
        else:
            slashed = None
        if slashed and int(slashed["over"]) < int(slashed["under"]):
            value = int(slashed["whole"] or 0) + int(slashed["over"]) / int(slashed["under"])
            return Numeral(start, slashed.end(), value)
        if ahead.startswith("0,") and (found := _BEHIND_ZERO.match(text, start)):
            value, end, strict = float(found[0].replace(",", ".")), found.end(), True
        else:
            found = _DIGITS.match(text, start)
            if found is None or len(found[0]) > _MOST_DIGITS:
                return None
            whole, decimals, comma = found["whole"], found["decimals"] or "", found["comma"] or ""
            for separator in "," + _NARROW + " ":
                whole = whole.replace(separator, "")
            if comma and (decimals or len(whole) > 3):
                return None
            strict = bool(comma)
            value, end = float(whole + (decimals or comma).replace("·", ".").replace(",", ".")), found.end()
        if decimal_point:
            if "." in found[0]:
                return None
            value, start = float("0." + found[0].replace(",", "")), start - 1
        elif vulgar := self._vulgar.match(text, end):
            value, end = value + self._fractions[vulgar[1]], vulgar.end()
        elif text.startswith(" and ", end) and (half := self._and_half.match(text, end)):
            value, end = value + self._values[_plain(half[1])], half.end()
        times, end = self._times(text, end)
        if _GLUED_BEHIND.match(text, end):
            return None
        return Numeral(start, end, value * times, strict=strict, times=times)

    def _letters(self, text: str, start: int) -> Numeral | None:
        if word := self._word.match(text, start):
            value, end = self._values[_plain(word[0])], word.end()
            if value in _TENS and (tens := self._tens.match(text, start)):
                value, end = value + self._values[_plain(tens[2])], tens.end()
        elif article := self._article.match(text, start):
            return Numeral(start, article.end(), 1.0, word=True)
        else:
            return None
        if half := self._and_half.match(text, end):
            value, end = value + self._values[_plain(half[1])], half.end()
        times, end = self._times(text, end)
        return Numeral(start, end, value * times, word=True, times=times)

    def _times(self, text: str, end: int) -> tuple[float, int]:
        times = 1.0
        for _ in range(_MOST_MULTIPLIERS):
            if text[end + 1 : end + 2].lower() not in self._multiplying:
                break
            found = self._multiplier.match(text, end)
            if found is None:
                break
            times, end = times * self._multipliers[found[1].lower()], found.end()
        return times, end


def _plain(word: str) -> str:
    return re.sub(r"[\s‐‑-]+", " ", word.lower())
