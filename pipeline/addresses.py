"""Addresses of files on other machines, such as s3://bucket/pages, opened through fsspec."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .errors import MedtablesError


def is_url(path: object) -> bool:
    """Whether a path is an address for fsspec and not one of this machine's."""
    return "://" in str(path)


def open_url(url: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it. Raises MedtablesError without fsspec or what fsspec
    needs for it."""
    try:
        return import_module("fsspec.core").url_to_fs(url)  # type: ignore[no-any-return]
    except ImportError as error:
        missing = "fsspec" if error.name and error.name.startswith("fsspec") else str(error)
        raise MedtablesError(
            url, f"{missing} is not installed", "Install it: pip install 'medtables[remote]'"
        ) from error
    except ValueError as error:
        raise MedtablesError(
            url, f"is no address that can be opened ({error})", "Check its beginning."
        ) from error
