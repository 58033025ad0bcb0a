"""The command `medtables`: parses options, calls, prints. Everything heavy is imported by the command that
needs it."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from .. import __version__
from ..errors import MedtablesError
from ..model import Status
from ..sources import MAX_BYTES
from ..tables import TABLES
from ..writers import NAMES
from . import terminal
from .command import EXIT_INTERRUPTED, EXIT_PAGES, Command, Words
from .command import language as _language
from .command import verbose as _verbose
from .command import vocabulary as _vocabulary
from .compare import compare, diff
from .convert import convert
from .evaluate import evaluate
from .explain import explain
from .gaps import gaps
from .inputs import html_field as _html_field
from .inputs import manifest as _manifest
from .inputs import one_page
from .inputs import url_field as _url_field
from .report import report
from .table import table
from .verify import verify
from .vocab import vocab

# Statuses that say something went wrong with reading a page. The others say what the page is: one without an
# article, a wall, an error message of the site.
FAIL_ON = (Status.FAILED, Status.TIMEOUT, Status.TOO_LARGE, Status.NOT_HTML)
CONFIGURATION = "medtables.toml"
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?)(i?)b?", re.IGNORECASE)

_F = TypeVar("_F", bound=Callable[..., Any])


class _Size(click.ParamType[int]):
    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes, from a number with a unit or without."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        match = _SIZE.fullmatch(str(value).strip())
        if not match or not float(match[1]):
            self.fail(f"{value!r} is no size. Write 500000, 500kB, 20MB or 1GiB.", param, ctx)
        base = 1024 if match[3] else 1000
        return round(float(match[1]) * float(base) ** " kmg".index(match[2].lower() or " "))


_STATUSES = tuple(str(status) for status in Status if status is not Status.OK)
_max_bytes = click.option(
    "--max-bytes",
    type=_Size(),
    default=MAX_BYTES,
    show_default="20MB",
    help="Largest page, after decompression; a larger one gets the status too_large.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="medtables")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False),
    help=f"File of default options, one table per command, as [run]; by default ./{CONFIGURATION}, if there.",
)
@click.pass_context
def main(ctx: click.Context, config: str | None) -> None:
    """Turn folders of scraped health articles into tables that can be compared.

    Exit codes: 0 fine, 1 an error stopped it, 2 wrong usage, 3 finished but some pages failed, 130
    interrupted.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    path = config or (CONFIGURATION if Path(CONFIGURATION).is_file() else None)
    if path:
        ctx.default_map = _defaults(ctx, path)


@main.command(cls=Command, short_help="Extract pages into tables.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "-o", "--output", required=True, type=click.Path(), metavar="DIR", help="Folder for the tables."
)
@click.option(
    "--format",
    "formats",
    type=Words(NAMES),
    default="csv",
    show_default=True,
    metavar="NAMES",
    help=f"Formats, separated by commas: {', '.join(NAMES)}.",
)
@_html_field
@_url_field
@_manifest
@click.option(
    "--workers",
    type=click.IntRange(1),
    show_default="number of cores",
    help="Processes that share the work. With 1, a page that crashes Python ends the run.",
)
@_vocabulary
@_language
@_max_bytes
@click.option(
    "--page-seconds",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    help="Longest time for one page, which then gets the status timeout; 0 for no limit.",
)
@click.option(
    "--overwrite", is_flag=True, help="Write into a folder that holds something; replaces an earlier run."
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the run in DIR: pages whose content, program and vocabulary are the same are not done "
    "again, unless they failed.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="Who does the work: processes of this machine, or a Dask cluster (medtables[dask]).",
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="The Dask cluster, as tcp://host:8786; by default a new one here."
)
@click.option(
    "--fail-on",
    type=Words(_STATUSES, {"any": _STATUSES, "none": ()}),
    default=",".join(FAIL_ON),
    show_default=True,
    metavar="STATUSES",
    help="Statuses that make the exit code 3, separated by commas; also any, none.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.option(
    "--progress",
    type=click.Choice(["bar", "json", "none"]),
    default="bar",
    show_default=True,
    help="How far it is, on stderr: a bar if that is a terminal, or a JSON object per line.",
)
@_verbose
@click.pass_context
def run(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Extract every page in PATH... into tables.

    \b
    PATH is a folder, a file, or - for one page on stdin:
      pages         .html .htm .xhtml .shtml .mhtml .mht .txt .md, and files
                    without a suffix or with that of a program that hold HTML
      archives      .zip .tar .tgz; FILE#NAME is one page
      records       .jsonl .ndjson .jl .json .csv .tsv .parquet, with the page
                    in one field; FILE#NUMBER is one page
      web archives  .warc .wacz; FILE#NUMBER is one page

    Files may be packed (.gz, .bz2, .xz).
    """
    from .. import batch

    if options["overwrite"] and options["resume"]:
        raise click.UsageError("--overwrite starts again and --resume goes on: give one of them.")
    shown = options["progress"]
    bar = terminal.Bar(shown=shown == "bar" and not options["quiet"], as_json=shown == "json")
    # So that the finally clauses on the way remove what is half written and end the workers; what is done is
    # kept for --resume.
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        summary = batch.run(
            paths,
            options["output"],
            formats=options["formats"],
            html_field=options["html_field"],
            url_field=options["url_field"],
            manifest=options["manifest"],
            workers=options["workers"],
            vocabulary=options["vocabulary"],
            max_bytes=options["max_bytes"],
            page_seconds=options["page_seconds"],
            language=options["language"],
            overwrite=options["overwrite"],
            resume=options["resume"],
            engine=options["engine"],
            scheduler=options["scheduler"],
            progress=bar,
        )
    except batch.Interrupted as interrupted:
        bar.clear()
        terminal.show_interrupted(interrupted, _resuming())
        ctx.exit(EXIT_INTERRUPTED)
    finally:
        bar.clear()
        signal.signal(signal.SIGTERM, before)
    failed = sum(summary.statuses.get(status, 0) for status in options["fail_on"])
    if not options["quiet"]:
        terminal.show_summary(summary)
        if failed:
            click.echo(f"Failed: medtables table {summary.out} articles --where status!=ok", err=True)
    if failed:
        ctx.exit(EXIT_PAGES)


def _stop(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


def _resuming() -> str:
    """The command that was given, as one that goes on with its run."""
    words = [word for word in sys.argv[1:] if word not in ("--resume", "--overwrite")]
    return shlex.join(["medtables", *words, "--resume"])


@main.command(cls=Command, short_help="Print one page with its mentions marked.")
@click.argument("page")
@_html_field
@_url_field
@_vocabulary
@_language
@_max_bytes
@click.option("--json", "as_json", is_flag=True, help="The page's rows of every table as one JSON object.")
@_verbose
@click.pass_context
def show(
    ctx: click.Context,
    /,
    page: str,
    html_field: str,
    url_field: str,
    vocabulary: tuple[str, ...],
    language: str,
    max_bytes: int,
    as_json: bool,
    verbose: int,
) -> None:
    """Print the blocks of one PAGE (a file, FILE#NAME in a container, - for stdin) with its mentions marked."""
    from ..extract import extract, load_engine
    from ..sources import Options
    from ..tables.rows import rows

    found = one_page(page, max_bytes, Options(html_field, url_field))
    extraction = extract(found, load_engine(vocabulary), language=language)
    if as_json:
        named = {
            name: [
                dict(zip([column.name for column in TABLES[name].columns], row, strict=True)) for row in found
            ]
            for name, found in rows(extraction).items()
        }
        click.echo(json.dumps(named, ensure_ascii=False, indent=2).encode("utf-8", errors="replace"))
    else:
        terminal.show_page(extraction)
    if extraction.unread:
        terminal.show_note(f"{found.article_id} is {extraction.unread}")
    if extraction.problem:
        status, reason = extraction.problem.status, extraction.problem.reason
        terminal.show_error(MedtablesError(extraction.page.article_id, f"{status}: {reason}"))
        ctx.exit(EXIT_PAGES)


main.add_command(table)
main.add_command(explain)
main.add_command(evaluate)
main.add_command(gaps)
main.add_command(vocab)
main.add_command(report)
main.add_command(compare)
main.add_command(convert)
main.add_command(verify)
main.add_command(diff)


def _defaults(ctx: click.Context, path: str) -> dict[str, Any]:
    """The default map in a configuration file; what no command knows is an error, not ignored."""
    import tomllib

    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path}: cannot be read ({error})") from error
    commands = main.commands
    defaults: dict[str, Any] = {}
    for command, options in content.items():
        if command not in commands or not isinstance(options, dict):
            raise click.UsageError(f"{path}: [{command}] is no command. Commands are {', '.join(commands)}.")
        known = {
            name.lstrip("-"): parameter.name
            for parameter in commands[command].params
            if isinstance(parameter, click.Option)
            for name in parameter.opts
            if name.startswith("--")
        }
        for option in options:
            if option.replace("_", "-") not in known:
                raise click.UsageError(
                    f"{path}: [{command}] has no option {option}. It has {', '.join(known)}."
                )
        defaults[command] = {known[option.replace("_", "-")]: value for option, value in options.items()}
    return defaults
