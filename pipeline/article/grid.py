"""Column and row headers of a data table, cell by cell."""

from __future__ import annotations

from bs4 import Tag
from bs4.element import NavigableString

LONGEST_HEADER = 100  # Characters; a longer first cell is text, not a row's name.
LONGEST_COLUMN_HEADER = 300  # Characters of a column's header in the trails of its cells.
LONGEST_CELL = 400  # Cells that are longer on average hold a layout, not data.
MOST_COLUMNS = 256  # Further columns have no headers: spans could make any number of them.

_NO_DATA = frozenset({"table", "h1", "h2", "h3"})


def is_data_table(table: Tag) -> bool:
    """Whether the table shows data: two columns somewhere, short cells, no headings or tables inside."""
    wide = False
    cells = in_row = size = 0
    for node in table.descendants:
        if isinstance(node, NavigableString):
            size += len(node)
            continue
        name = getattr(node, "name", "")
        if name == "tr":
            in_row = 0
        elif name in ("td", "th"):
            in_row += 1
            cells += 1
            wide = wide or in_row > 1
        elif name in _NO_DATA:
            return False
    return wide and size <= LONGEST_CELL * cells


class Grid:
    """Follows a table's cells; spans are honoured."""

    def __init__(self) -> None:
        self.column_headers: dict[int, str] = {}
        self.row_header = ""
        self.column = -1
        self.width = 1
        self.row = -1
        self.is_header = False
        self.blocked: dict[int, int] = {}
        self.in_head = False
        self.header_row = False
        self.body_seen = False

    def enter(self, tag: Tag) -> None:
        """Called for each element of the table in order."""
        name = tag.name
        if name == "thead":
            self.in_head = True
        elif name in ("tbody", "tfoot"):
            self.in_head = False
        elif name == "tr":
            self.row += 1
            self.column, self.width, self.row_header = -1, 1, ""
            self.header_row = not self.body_seen and (self.in_head or _all_headers(tag))
            self.body_seen = self.body_seen or not self.header_row
        elif name in ("td", "th"):
            self.column += self.width
            while self.row <= self.blocked.get(self.column, self.row - 1):
                self.column += 1
            self.width = _span(tag, "colspan")
            rows = _span(tag, "rowspan")
            if rows > 1:
                for column in self._columns():
                    self.blocked[column] = self.row + rows - 1
            self.is_header = name == "th"

    def headers(self, text: str) -> tuple[str, ...]:
        """Column and row header of the current cell, whose text is given."""
        if self.header_row:
            for column in self._columns():
                self.column_headers[column] = text[:LONGEST_COLUMN_HEADER]
            return ()
        column_header = self.column_headers.get(self.column, "")
        row_header = self.row_header
        if not row_header and (self.is_header or self.column == 0):
            self.row_header = text if len(text) <= LONGEST_HEADER else ""
        return tuple(header for header in (column_header, row_header) if header)

    def _columns(self) -> range:
        return range(self.column, min(self.column + self.width, MOST_COLUMNS))


def _all_headers(row: Tag) -> bool:
    """Whether each cell of the row is a header cell, or all its text is bold."""
    cells = row.find_all(["td", "th"], recursive=False)
    return bool(cells) and all(cell.name == "th" or _all_bold(cell) for cell in cells)


def _all_bold(cell: Tag) -> bool:
    """Whether all text of the cell stands in bold elements. One pass, however deep they are nested."""
    whole = bold = opened = 0
    walk = [iter(cell.contents)]
    inside = [False]
    while walk:
        node = next(walk[-1], None)
        if node is None:
            walk.pop()
            opened -= inside.pop()
        elif isinstance(node, Tag):
            walk.append(iter(node.contents))
            inside.append(node.name in ("b", "strong"))
            opened += inside[-1]
        elif isinstance(node, NavigableString):
            size = len(node.strip())
            whole += size
            bold += size if opened else 0
    return 0 < whole <= bold


def _span(tag: Tag, name: str) -> int:
    # No further digits: Python refuses to read numbers of thousands.
    value = str(tag.get(name) or "")[:9]
    return min(max(int(value), 1), 100) if value.isdecimal() else 1
