"""The options that say what the inputs are, and the one page that some commands take."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from ..errors import MedtablesError

if TYPE_CHECKING:
    from ..model import Page
    from ..sources import Options

html_field = click.option(
    "--html-field",
    default="",
    metavar="NAME",
    help="Field of JSON lines, CSV or Parquet that holds the page; a.b for b inside a. Guessed by default.",
)
url_field = click.option(
    "--url-field",
    default="",
    metavar="NAME",
    help="Field that holds the page's address. Guessed by default.",
)
manifest = click.option(
    "--manifest",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="A csv file of your own: column file or article_id, and url, date (which win) or any others to carry along.",
)


def one_page(path: str, max_bytes: int, options: Options) -> Page:
    """The page at a path, read. Raises MedtablesError if there are several."""
    from ..sources import load, survey

    [entry, *others] = islice(survey([path], options).entries(max_bytes), 2)
    if others:
        record = entry.article_id.partition("#")[2]
        cure = f"Name one of them, as {path}#{record}" if record else "Name one file of it."
        raise MedtablesError(path, "holds more than one page", cure)
    return load(entry, max_bytes)
