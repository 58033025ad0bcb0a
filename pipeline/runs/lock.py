"""One process at a time in a run's folder: a lock that the system takes back when its holder dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..errors import OutputError


class Lock:
    """A locked file. Raises OutputError while another process holds it, OSError if it cannot be made."""

    def __init__(self, path: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        self._descriptor = os.open(path, flags, 0o600)
        try:
            _take(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            raise OutputError(
                str(path.parent.parent),
                "another medtables is writing into this folder",
                "Wait until it has finished, or name another folder.",
            ) from error

    def release(self) -> None:
        """Let others in. A second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _take(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
