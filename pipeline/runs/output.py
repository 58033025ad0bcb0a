"""The output folder: refused when it holds something else, filled in a hidden folder inside it, shown at the
end.

Nothing half-written ever bears a final name; nothing that a run does not write is ever removed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ..errors import OutputError
from ..tables import TABLES
from ..writers import load_format
from .package import DATAPACKAGE, RUN, held

WORK_PREFIX = ".medtables-"


class OutputFolder:
    """A folder that a run writes into. Raises OutputError if it may not or cannot."""

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        self.path = path
        try:
            _refuse(path, overwrite)
            self._made = not path.exists()
            path.mkdir(parents=True, exist_ok=True)
            self.work = Path(tempfile.mkdtemp(prefix=WORK_PREFIX, dir=path))
        except OSError as error:
            raise cannot_write(path, error) from error

    def publish(self) -> tuple[Path, ...]:
        """Give the files in `work` their final names, in place of an earlier run's; `run.json` comes last, so
        that a folder that holds one is whole."""
        try:
            names = sorted((path.name for path in self.work.iterdir()), key=lambda name: (name == RUN, name))
            for name in [RUN, DATAPACKAGE, *_earlier(self.path)]:
                (self.path / name).unlink(missing_ok=True)
            for name in names:
                (self.work / name).replace(self.path / name)
            self.work.rmdir()
        except OSError as error:
            raise cannot_write(self.path, error) from error
        return tuple(self.path / name for name in names)

    def discard(self) -> None:
        """Remove what was written so far, and the folder if it did not exist before."""
        shutil.rmtree(self.work, ignore_errors=True)
        if self._made and self.path.is_dir() and not any(self.path.iterdir()):
            self.path.rmdir()


def cannot_write(path: Path, error: OSError) -> OutputError:
    """The error for a folder that the system does not let us write."""
    return OutputError(
        str(path),
        f"cannot be written ({error.strerror or error})",
        "Free space there, or name another folder.",
    )


def _refuse(path: Path, overwrite: bool) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise OutputError(str(path), "is a file, not a folder", "Name a folder for -o.")
    names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith(WORK_PREFIX))
    if not names or overwrite:
        return
    if _is_run(path):
        raise OutputError(
            str(path), "holds an earlier run", "Add --overwrite to replace it, or name another folder."
        )
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    raise OutputError(
        str(path),
        f"holds something else ({shown})",
        "Name a new folder; or add --overwrite to write beside it, replacing files with the names of tables.",
    )


def _is_run(path: Path) -> bool:
    try:
        return bool(held(path))
    except OutputError:
        return False


def _earlier(path: Path) -> list[str]:
    """The files of the run that the folder holds, if it holds one."""
    if not _is_run(path):
        return []
    return sorted({load_format(entry.format).file_name(TABLES[entry.table]) for entry in held(path)})
