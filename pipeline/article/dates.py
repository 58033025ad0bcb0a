"""Read dates as pages write them; no clock, no locale: the same words are the same date everywhere."""

from __future__ import annotations

import datetime
import re

from .hints import names

_MONTHS = {name: int(number) for number in map(str, range(1, 13)) for name in names(number, "month")}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ISO = re.compile(
    rf"(?<!\d){_YEAR}(?P<mark>[-/.]?)(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)(?!\d{{1,5}}(?:\D|$))"
)
_DAY_FIRST = re.compile(
    rf"(?<!\d)(?P<day>\d\d?)(?:st|nd|rd|th)?(?:\s+of)?[\s.,/-]{{1,3}}(?P<name>{_MONTH})\b[\s.,/-]{{0,3}}{_YEAR}(?!\d)",
    re.I,
)
_MONTH_FIRST = re.compile(
    rf"\b(?P<name>{_MONTH})\b[\s.]{{0,3}}(?P<day>\d\d?)(?:st|nd|rd|th)?[\s,]{{1,3}}{_YEAR}(?!\d)", re.I
)
_NUMBERS = re.compile(rf"(?<!\d)(?P<one>\d\d?)(?P<mark>[/.-])(?P<two>\d\d?)(?P=mark){_YEAR}(?!\d)")
_EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?:\d{3})?")
_CENTURY = re.compile(r"(?:19|20)\d\d")
_LONGEST = 300


def find_date(text: str, day_first: bool | None = None) -> str:
    """The first date in the first 300 characters of `text` as `2024-05-31`, or empty; see `locate_date`."""
    return locate_date(text, day_first)[1]


def locate_date(text: str, day_first: bool | None = None) -> tuple[int, str]:
    """Where the first date in the first 300 characters of `text` starts, and the date as `2024-05-31`.

    Without a date, the length of what was read and an empty string.
    `03/04/2024` is read only when `day_first` says how. The date is the one written, whatever the time zone;
    years before 1900 or after 2099 and days that no month has are no dates.
    """
    text = text[:_LONGEST]
    if not _CENTURY.search(text):
        return len(text), ""
    best = (len(text), "")
    for pattern in (_ISO, _DAY_FIRST, _MONTH_FIRST, _NUMBERS):
        for match in pattern.finditer(text):
            if match.start() >= best[0]:
                break
            date = _read(match, day_first)
            if date:
                best = (match.start(), date)
                break
    return best


def parse_date(value: str, day_first: bool | None = None) -> str:
    """The date that `value` begins with or a Unix time stands for, as `2024-05-31`, or empty."""
    value = value.strip()[:_LONGEST]
    epoch = _EPOCH.fullmatch(value)
    if epoch:
        date = datetime.datetime.fromtimestamp(int(epoch["seconds"]), datetime.UTC).date().isoformat()
        return date if _CENTURY.match(date) else ""
    return find_date(value, day_first)


def _read(match: re.Match[str], day_first: bool | None) -> str:
    groups = match.groupdict()
    year = int(groups["year"])
    if "name" in groups:
        return _iso(year, _MONTHS[groups["name"].lower()], int(groups["day"]))
    if "month" in groups:
        if not groups["mark"] and len(groups["month"] + groups["day"]) < 4:
            return ""
        return _iso(year, int(groups["month"]), int(groups["day"]))
    one, two = int(groups["one"]), int(groups["two"])
    if one > 12 or two > 12 or one == two:
        return _iso(year, min(one, two), max(one, two))
    if day_first is None:
        return ""
    return _iso(year, two, one) if day_first else _iso(year, one, two)


def _iso(year: int, month: int, day: int) -> str:
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return ""
