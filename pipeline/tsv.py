"""Read the vocabulary's tab-separated files; every error names path, line and cure.

A file starts with a header line of column names. Empty lines and lines that start with `#` are comments.
Values are stripped of spaces at both ends; missing cells at the end of a row are empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import VocabularyError

VOCABULARY = Path(__file__).parent / "vocabulary"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands and its cells by column.

    `where` is `file:line`, the file relative to the package's vocabulary, or `overlay/file:line` with the name
    of the overlay's folder.
    """

    where: str
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


def origin(folder: Path) -> str:
    """What stands before a file's name in `where`: nothing in the package's own folder, else the overlay's."""
    return "" if folder == VOCABULARY else f"{folder.resolve().name}/"


def read_text(path: Path) -> str:
    """The text of a vocabulary file. Raises VocabularyError."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise VocabularyError(str(path), f"cannot be read ({error.strerror})", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise VocabularyError(str(path), "is not UTF-8", "Save it as UTF-8.") from error


def read_rows(folder: Path, name: str, columns: Sequence[str]) -> Iterator[Row]:
    """Rows of `folder/name`, whose header must be exactly `columns`. Raises VocabularyError."""
    before = f"{origin(folder)}{name}:"
    for number, cells in read_cells(folder, name, columns):
        yield Row(f"{before}{number}", dict(zip(columns, cells, strict=True)))


def read_cells(folder: Path, name: str, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row of `folder/name`, as many as `columns`. Raises VocabularyError."""
    path = folder / name
    text = read_text(path)
    width = len(columns)
    headed = False
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line[0] == "#" or line.isspace():
            continue
        cells = line.split("\t")
        if " " in line:
            cells = [cell.strip() for cell in cells]
        if not headed:
            headed = True
            if cells != list(columns):
                raise VocabularyError(
                    f"{path}:{number}",
                    f"the header is {' '.join(cells)!r}",
                    f"Name the columns, separated by tabs: {' '.join(columns)}",
                )
            continue
        if len(cells) != width:
            if len(cells) > width:
                raise VocabularyError(
                    f"{path}:{number}",
                    f"has {len(cells)} cells, the header {width}",
                    "Remove the extra tab.",
                )
            cells += [""] * (width - len(cells))
        yield number, cells
