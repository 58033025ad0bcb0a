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
    """One row: where it stands (`file:line`, the file relative to its vocabulary folder) and its cells by column."""

    where: str
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


def read_rows(folder: Path, name: str, columns: Sequence[str]) -> Iterator[Row]:
    """Rows of `folder/name`, whose header must be exactly `columns`. Raises VocabularyError."""
    path = folder / name
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise VocabularyError(str(path), f"cannot be read ({error.strerror})", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise VocabularyError(str(path), "is not UTF-8", "Save it as UTF-8.") from error
    header: list[str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if header is None:
            header = cells
            if header != list(columns):
                raise VocabularyError(
                    f"{path}:{number}",
                    f"the header is {' '.join(header)!r}",
                    f"Name the columns, separated by tabs: {' '.join(columns)}",
                )
            continue
        if len(cells) > len(header):
            raise VocabularyError(
                f"{path}:{number}",
                f"has {len(cells)} cells, the header {len(header)}",
                "Remove the extra tab.",
            )
        cells += [""] * (len(header) - len(cells))
        yield Row(f"{name}:{number}", dict(zip(header, cells, strict=True)))
