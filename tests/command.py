"""The command, run in the process of the test."""

from __future__ import annotations

from click.testing import CliRunner, Result

from pipeline.cli import main


def medtables(*arguments: object, stdin: str | bytes = "", **environment: str) -> Result:
    """What `medtables` with these words prints and how it ends; `environment` is added to that of the test."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin, env=environment)
