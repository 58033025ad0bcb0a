"""What a notebook shows of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ..tables import Table


def run_html(path: str, tables: Iterable[Table], info: Mapping[str, Any]) -> str:
    """A run as HTML: where it is, what became of its pages, its tables with their rows. `info` is its run.json."""
    statuses = info.get("statuses", {})
    pages = ", ".join(f"{count:,} {status}" for status, count in statuses.items())
    facts = [f"{info['pages']:,} pages ({pages})" if "pages" in info else ""]
    facts += [f"medtables {info['version']}" if "version" in info else "", str(info.get("finished", ""))]
    rows = [
        (
            f"run.{table.name}",
            f"{info['rows'][table.name]:,}" if table.name in info.get("rows", {}) else "",
            table.meaning,
        )
        for table in tables
    ]
    return (
        f"<div><p><strong>Run</strong> <code>{escape(path)}</code><br>"
        f"{escape(' · '.join(fact for fact in facts if fact))}</p>\n"
        f"<table><thead>{_line('th', ('table', 'rows', 'holds'))}</thead>\n"
        f"<tbody>{''.join(_line('td', row) for row in rows)}</tbody></table></div>"
    )


def _line(tag: str, cells: Sequence[str]) -> str:
    left = ' style="text-align: left"'
    return f"<tr>{''.join(f'<{tag}{left}>{escape(cell)}</{tag}>' for cell in cells)}</tr>\n"
