"""medtables: from folders of scraped health articles to tables that can be compared."""

from __future__ import annotations

__version__ = "0.1.0"
