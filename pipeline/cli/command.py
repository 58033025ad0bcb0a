"""What all commands share: errors are told in one form, without a traceback unless -v is given twice."""

from __future__ import annotations

import traceback
from typing import Any

import click

from ..errors import MedtablesError
from ..language import ENGLISH, LANGUAGES
from . import terminal

EXIT_ERROR, EXIT_USAGE, EXIT_PAGES, EXIT_INTERRUPTED = 1, 2, 3, 130

verbose = click.option("-v", "--verbose", count=True, help="Say more; twice: tracebacks of errors.")
vocabulary = click.option(
    "--vocabulary",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    help="Folder of vocabulary files to lay over the package's own. May be repeated.",
)
language = click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=ENGLISH,
    show_default=True,
    help="Articles to seek mentions in: those in English (and those that do not tell), or any.",
)


class Words(click.ParamType[tuple[str, ...]]):
    """Words separated by commas, each one of a few; `extra` maps further words to what they stand for."""

    name = "words"

    def __init__(self, allowed: tuple[str, ...], extra: dict[str, tuple[str, ...]] | None = None) -> None:
        self._allowed = allowed
        self._extra = extra or {}

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """The words in their order, each once."""
        words = value.split(",") if isinstance(value, str) else list(value)
        found: list[str] = []
        for word in (str(word).strip().lower() for word in words):
            if word not in self._allowed and word not in self._extra:
                known = ", ".join([*self._allowed, *self._extra])
                self.fail(f"{word!r} is not one of {known}.", param, ctx)
            found.extend(self._extra.get(word, (word,)))
        return tuple(dict.fromkeys(found))


class Command(click.Command):
    """A command that tells its errors where, what and cure, and ends with the exit code of their kind."""

    exit_error = EXIT_ERROR

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            click.echo("\nmedtables: interrupted; nothing was written", err=True)
            ctx.exit(EXIT_INTERRUPTED)
        except MedtablesError as error:
            _explain(ctx)
            terminal.show_error(error)
            ctx.exit(self.exit_error)
        except Exception as error:
            _explain(ctx)
            what = f"stopped by an error of its own ({type(error).__name__}: {error})"
            terminal.show_error(MedtablesError("", what, "Please report it, with what -v -v shows."))
            ctx.exit(self.exit_error)


def _explain(ctx: click.Context) -> None:
    if ctx.params.get("verbose", 0) >= 2:
        traceback.print_exc()
