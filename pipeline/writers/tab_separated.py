"""Tab-separated values; cells that hold a tab, a quote or a line break are quoted as in csv."""

from __future__ import annotations

from .delimited import delimited

FORMAT = delimited("tsv", "text/tab-separated-values", "\t")
