"""The output folder: refused when it holds something else, filled in a hidden folder inside it, shown at the
end.

Nothing half-written ever bears a final name; nothing that a run does not write is ever removed. The hidden
folder keeps the finished parts of a run, so that a later one can go on from there.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import OutputError
from ..tables import TABLES
from ..writers import load_format
from .lock import Lock
from .package import DATAPACKAGE, MANIFEST, RUN, held, read_json

WORK = ".medtables"
_LOCK = "lock"


class OutputFolder:
    """A folder that a run writes into, locked until `close`. Raises OutputError if it may not or cannot.

    `work` is an empty folder for new files, `parts` one for what outlives the run. With `resume` a folder that
    holds an earlier run, finished or not, is welcome, and its parts are kept.
    """

    def __init__(self, folder: str | Path, *, overwrite: bool = False, resume: bool = False) -> None:
        self.path = path = Path(folder)
        hidden = path / WORK
        self.work, self.parts = hidden / "new", hidden / "parts"
        try:
            str(path.absolute()).encode()
        except UnicodeEncodeError as error:
            what = "is a path that is not UTF-8, which some formats cannot be written to"
            raise OutputError(str(path), what, "Name another folder, or run from another.") from error
        try:
            for inner in (hidden, self.work, self.parts):
                if inner.is_symlink():
                    what = "is a link to another folder, which a run would empty"
                    raise OutputError(str(inner), what, "Remove the link, or name another folder.")
            # A folder that another run fills looks like one that a run left unfinished: ask the lock first.
            lock = Lock(hidden / _LOCK) if (hidden / _LOCK).is_file() else None
            try:
                _refuse(path, overwrite, resume)
            except OutputError:
                if lock:
                    lock.release()
                raise
            self._made = not path.exists()
            hidden.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = lock or Lock(hidden / _LOCK)
            shutil.rmtree(self.work, ignore_errors=True)
            if not resume:
                shutil.rmtree(self.parts, ignore_errors=True)
            self.work.mkdir()
            self.parts.mkdir(exist_ok=True)
        except OSError as error:
            raise cannot_write(path, error) from error
        except ValueError as error:
            raise OutputError(repr(str(path)), f"is not a path ({error})", "Name another folder.") from error

    @property
    def finished(self) -> bool:
        """Whether the folder holds a run that went through all its pages."""
        try:
            return bool(read_json(self.path / RUN).get("complete", True))
        except OutputError:
            return False

    def publish(self) -> tuple[Path, ...]:
        """Give the files in `work` their final names, in place of an earlier run's; `run.json` comes last, so
        that a folder that holds one is whole."""
        try:
            names = sorted((path.name for path in self.work.iterdir()), key=lambda name: (name == RUN, name))
            for name in [RUN, DATAPACKAGE, *_earlier(self.path)]:
                (self.path / name).unlink(missing_ok=True)
            for name in names:
                (self.work / name).replace(self.path / name)
        except OSError as error:
            raise cannot_write(self.path, error) from error
        return tuple(self.path / name for name in names)

    def close(self) -> None:
        """Remove what was not published, unlock, and leave no trace where there are no parts either."""
        shutil.rmtree(self.work, ignore_errors=True)
        hidden = self.work.parent
        if not self.parts.is_dir() or not any(self.parts.iterdir()):
            # The lock goes before it is released: whoever waits for it gets a file of its own.
            shutil.rmtree(hidden, ignore_errors=True)
            if self._made and self.path.is_dir() and not any(self.path.iterdir()):
                self.path.rmdir()
        self._lock.release()


def cannot_write(path: Path, error: OSError) -> OutputError:
    """The error for a folder that the system does not let us write."""
    return OutputError(
        str(path),
        f"cannot be written ({error.strerror or error})",
        "Free space there, or name another folder.",
    )


def _refuse(path: Path, overwrite: bool, resume: bool) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise OutputError(str(path), "is a file, not a folder", "Name a folder for -o.")
    names = sorted(entry.name for entry in path.iterdir() if entry.name != WORK)
    unfinished = (path / WORK / "parts").is_dir()
    if overwrite or (resume and (not names or unfinished or _is_run(path))):
        return
    if _is_run(path):
        raise OutputError(
            str(path),
            "holds an earlier run",
            "Add --resume to go on with it, --overwrite to replace it, or name another folder.",
        )
    if not names:
        if unfinished:
            raise OutputError(
                str(path),
                "holds a run that was not finished",
                "Add --resume to go on with it, or --overwrite to start again.",
            )
        return
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
    paths = {str(entry.get("path")) for entry in read_json(path / DATAPACKAGE)["resources"]}
    return sorted(
        {load_format(entry.format).file_name(TABLES[entry.table]) for entry in held(path)}
        | ({MANIFEST} & paths)
    )
