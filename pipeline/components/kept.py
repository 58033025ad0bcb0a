"""The vocabulary files that a component was given, kept with it, so that a saved pipeline is whole elsewhere."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, Self, TypeVar

from ..errors import VocabularyError

_SAVED = "overlays.json"
_READ = ("*.tsv", "terms/*.tsv", "patterns/*.jsonl")  # what is read from an overlay

Built = TypeVar("Built")


class Kept(ABC, Generic[Built]):
    """A component made from files and folders of the user: `to_disk`, `to_bytes` and pickling take them along.

    spaCy makes a saved component from its config before it reads what was saved. A path that is absent then
    is therefore no error yet: it becomes one when the component is used and nothing saved took its place.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._absent = next((path for path in paths if not Path(path).exists()), "")
        self._files: dict[str, str] = {}
        self._made: Built | None = None
        if not self._absent:
            self._made = self._build([Path(path) for path in paths])
            self._files = _read([Path(path) for path in paths])

    @abstractmethod
    def _build(self, paths: Sequence[Path]) -> Built:
        """What the component works with, from its files and folders in order. Raises VocabularyError."""

    @property
    def made(self) -> Built:
        """What the component works with. Raises VocabularyError when a path of its config is absent."""
        if self._made is None:
            cure = "Give a folder or file that exists, or load a pipeline that was saved with it."
            raise VocabularyError(self._absent, "is not there", cure)
        return self._made

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The kept files. Raises VocabularyError when they were never read."""
        self.made  # noqa: B018
        return json.dumps(self._files, ensure_ascii=False, indent=1).encode("utf-8")

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Self:
        """Take the files of `to_bytes` in place of those of the config. Raises VocabularyError."""
        try:
            files = dict(json.loads(data))
        except (TypeError, ValueError) as error:
            raise VocabularyError(_SAVED, f"cannot be read ({error})", "Save the pipeline again.") from error
        if self._made is None or files != self._files:
            with TemporaryDirectory() as folder:
                self._made = self._build(_write(files, Path(folder).resolve()))
        self._files, self._absent = files, ""
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the kept files in the folder `path`."""
        data = self.to_bytes()
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / _SAVED).write_bytes(data)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Self:
        """Take the files that `to_disk` saved in `path`, when it saved any."""
        saved = Path(path) / _SAVED
        return self.from_bytes(saved.read_bytes()) if saved.exists() else self

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_made": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if not self._absent:
            self.from_bytes(json.dumps(self._files).encode())


def _read(paths: Iterable[Path]) -> dict[str, str]:
    """The text of each file by `number/name` of its path and, in a folder, its place there."""
    found = {}
    for number, path in enumerate(paths):
        top = path.resolve()
        files = [top] if top.is_file() else sorted(file for read in _READ for file in top.glob(read))
        for file in files:
            name = file.relative_to(top.parent).as_posix()
            found[f"{number}/{name}"] = file.read_bytes().decode("utf-8", "replace")
    return found


def _write(files: dict[str, str], folder: Path) -> list[Path]:
    """Write `files` below `folder`; the paths to give to `_build`, in order."""
    tops: dict[int, Path] = {}
    for name, text in files.items():
        number, _, below = name.partition("/")
        place = folder / number
        target = (place / below).resolve()
        if not number.isdecimal() or place not in target.parents:
            raise VocabularyError(name, "leads out of the saved pipeline", "Load pipelines you trust only.")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8"))
        tops[int(number)] = place / target.relative_to(place).parts[0]
    return [tops[number] for number in sorted(tops)]
