"""The command `medtables explain`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from . import terminal_explain
from .command import EXIT_ERROR, EXIT_PAGES, Command, language, verbose, vocabulary
from .inputs import html_field, one_page, url_field

if TYPE_CHECKING:
    from ..explain import Explanation


@click.command(cls=Command, short_help="Say why a mention is there, or why a text gave none.")
@click.argument("page")
@click.argument("text", nargs=-1, metavar="[TEXT]")
@html_field
@url_field
@vocabulary
@language
@click.option("--json", "as_json", is_flag=True, help="The explanation as one JSON object.")
@verbose
@click.pass_context
def explain(
    ctx: click.Context,
    /,
    page: str,
    text: tuple[str, ...],
    html_field: str,
    url_field: str,
    vocabulary: tuple[str, ...],
    language: str,
    as_json: bool,
    verbose: int,
) -> None:
    """Say of every mention of PAGE (a file, FILE#NAME in a container, - for stdin) how it came about; with
    TEXT, of those that TEXT names.

    TEXT is words, in any spelling that matches alike, or a concept id, as condition:hyponatremia.

    \b
    Of a mention:
      term, pattern  the row of the vocabulary that matched, as file:line
      words          how words of the text became those of the row: folded, then to their normal form
      lost           what else matched here, and why it did not win
      assertion      what the text says of it, by which cue
      then its numbers, relations, headings, place in the page (a CSS path) and link

    \b
    Of a TEXT without a mention the nearest reason:
      longer_match       part of a longer mention
      blocked            by a blocked phrase; not_example by a rule; redefined by an abbreviation of the text
      lost               a candidate that something else beat
      gated              it means something else in an article of this subject
      case               the vocabulary knows it in another capitalisation or number only
      crosses_blocks     or crosses_sentences: no mention does
      unknown_words      words that no term and no pattern knows; no_term when all are known
      language           the article is not in English (--language any reads it)
      cleaned            in text that cleaning left out, by which rule
      markup, nowhere    in the page's source only; not in the page

    Exit code 1 when TEXT has no mention, 3 when the page gave no article.
    """
    from ..explain import explain
    from ..extract import load_engine
    from ..sources import MAX_BYTES, Options

    found = one_page(page, MAX_BYTES, Options(html_field, url_field))
    explanation = explain(found, load_engine(vocabulary), " ".join(text), language=language)
    if as_json:
        click.echo(
            json.dumps(_json(explanation), ensure_ascii=False, indent=2).encode("utf-8", errors="replace")
        )
    else:
        terminal_explain.show(explanation)
    if explanation.problem:
        problem = explanation.problem
        click.echo(f"{found.article_id}: {problem.status}: {problem.reason}", err=True)
        ctx.exit(EXIT_PAGES)
    if explanation.extraction.unread and not text:
        click.echo(f"{found.article_id}: {explanation.extraction.unread}", err=True)
    if text and not explanation.mentions:
        ctx.exit(EXIT_ERROR)


def _json(explanation: Explanation) -> dict[str, Any]:
    page, problem = explanation.extraction.page, explanation.problem
    return {
        "article_id": page.article_id,
        "status": problem.status if problem else "ok",
        "reason": problem.reason if problem else "",
        "text": explanation.text,
        "mentions": [asdict(why) for why in explanation.mentions],
        "unmatched": [asdict(one) for one in explanation.unmatched],
    }
