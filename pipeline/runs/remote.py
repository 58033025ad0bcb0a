"""An output folder at an address that fsspec knows (s3://, gs://, hdfs://, memory://): filled on this machine,
uploaded at the end.

There is no lock: object stores have none. Parts go there as they are finished, so that a run can be resumed.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from ..addresses import open_url
from ..errors import OutputError
from ..tables import TABLES
from ..writers import NAMES, load_format
from .output import WORK
from .package import DATAPACKAGE, MANIFEST, RUN


class RemoteFolder:
    """What OutputFolder is, at an address. Raises OutputError if it may not be written."""

    def __init__(self, url: str, *, overwrite: bool = False, resume: bool = False) -> None:
        self.path = url.rstrip("/")
        self._system, self._root = open_url(self.path)
        self.parts = f"{self.path}/{WORK}/parts"
        names = self._names()
        unfinished = self._system.exists(f"{self._root}/{WORK}/parts")
        if not overwrite and not resume and (names or unfinished):
            what = "holds an earlier run" if DATAPACKAGE in names or not names else "holds something else"
            cure = "Add --resume to go on with a run, --overwrite to replace it, or name another folder."
            raise OutputError(self.path, what, cure)
        if resume and names and DATAPACKAGE not in names and not unfinished:
            raise OutputError(self.path, "holds something else", "Name a new folder, or that of a run.")
        if not resume:
            self._remove_parts()
        self.work = Path(tempfile.mkdtemp(prefix="medtables-"))

    @property
    def finished(self) -> bool:
        """Whether the folder holds a run that went through all its pages."""
        try:
            return bool(json.loads(self._system.cat_file(f"{self._root}/{RUN}")).get("complete", True))
        except (OSError, ValueError):
            return False

    def publish(self) -> tuple[Path, ...]:
        """Upload the files in `work`, in place of an earlier run's; `run.json` comes last."""
        names = sorted((path.name for path in self.work.iterdir()), key=lambda name: (name == RUN, name))
        ours = {load_format(name).file_name(table) for name in NAMES for table in TABLES.values()} | {
            MANIFEST
        }
        try:
            earlier = set(self._names())
            old = (ours & earlier) if DATAPACKAGE in earlier else set()
            for name in [RUN, DATAPACKAGE, *sorted(old)]:
                if name in earlier:
                    self._system.rm_file(f"{self._root}/{name}")
            for name in names:
                self._system.put_file(str(self.work / name), f"{self._root}/{name}")
        except OSError as error:
            raise OutputError(
                self.path, f"cannot be written ({error})", "Check that you may write there."
            ) from error
        return tuple(Path(name) for name in names)

    def close(self) -> None:
        """Remove what stands on this machine."""
        shutil.rmtree(self.work, ignore_errors=True)

    def _names(self) -> list[str]:
        self._system.invalidate_cache()
        if not self._system.exists(self._root):
            return []
        paths = self._system.ls(self._root, detail=False)
        return sorted(name for path in paths if (name := path.rstrip("/").rsplit("/", 1)[-1]) != WORK)

    def _remove_parts(self) -> None:
        hidden = f"{self._root}/{WORK}"
        if self._system.exists(hidden):
            self._system.rm(hidden, recursive=True)
