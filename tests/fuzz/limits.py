"""How long an input may take."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Endless(BaseException):
    """An input took more CPU time than any may; no part of the package can catch it by mistake."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise Endless in the main thread after so many seconds of CPU time."""

    def stop(*_: object) -> None:
        raise Endless(f"not done after {seconds:g} s of CPU time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
