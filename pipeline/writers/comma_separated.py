"""Comma-separated values (RFC 4180)."""

from __future__ import annotations

from .delimited import delimited

FORMAT = delimited("csv", "text/csv", ",")
