"""The command `medtables verify`."""

from __future__ import annotations

import click

from .command import EXIT_ERROR, Command, verbose


@click.command(cls=Command, short_help="Check that a run is as it was written.")
@click.argument("run_folder", metavar="RUN")
@click.option("-q", "--quiet", is_flag=True, help="Print what is wrong only.")
@verbose
@click.pass_context
def verify(ctx: click.Context, run_folder: str, quiet: bool, verbose: int) -> None:
    """Check the files of RUN against run.json, and that the keys of its tables join.

    Prints a line per fault: the file or table, and what is wrong. Exit code 1 if there is any.
    """
    from ..runs.verify import verify

    faults = verify(run_folder)
    for fault in faults:
        click.echo(f"{fault.where}: {fault.what}")
    if faults:
        ctx.exit(EXIT_ERROR)
    if not quiet:
        click.echo(f"{run_folder}: all files and keys are as the run wrote them", err=True)
