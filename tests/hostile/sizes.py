"""Pages that are too large, or large in one way."""

from __future__ import annotations

import gzip
import random
import zlib

from .case import LEAD, TAIL, Case, lost, page, text

_WORDS = (LEAD + " " + TAIL + " ").encode()


def _member(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _bomb(size: int) -> bytes:
    """Gzip data of `size` zeros, made without them."""
    packer = zlib.compressobj(9, wbits=31)
    step = b"<p>" + b" " * (1 << 20)
    parts = [packer.compress(step) for _ in range(size // len(step))]
    return b"".join((*parts, packer.flush()))


def _words(number: int) -> str:
    chance = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    return " ".join("".join(chance.choices(letters, k=9)) for _ in range(number))


CASES = (
    lost("50 MB of text", lambda: page(LEAD * 600_000), "too_large", "--max-bytes"),
    Case(
        "50 MB of comments, allowed",
        lambda: page(f"<!--{'x' * 50_000_000}-->"),
        max_bytes=60_000_000,
        slow=True,
    ),
    Case(
        "50 MB of script, allowed",
        lambda: page(f"<script>{'if (a < b) c(); ' * 3_125_000}</script>"),
        max_bytes=60_000_000,
        slow=True,
    ),
    Case("10 MB of white space", lambda: page(" \n" * 5_000_000)),
    Case("10 MB in one attribute", lambda: page(f'<img src="data:image/png;base64,{"A" * 10_000_000}">')),
    Case("60,000 empty elements", lambda: page("<p></p><div></div>" * 30_000)),
    lost("a gzip bomb", lambda: _bomb(200_000_000), "too_large", "", suffix=".html.gz"),
    lost("a gzip bomb named .html", lambda: _bomb(30_000_000), "too_large", ""),
    lost("a gzip bomb by its ratio", lambda: _bomb(15_000_000), "too_large", "gzip bomb", suffix=".html.gz"),
    lost("gzip in gzip", lambda: _member(_member(page())), "not_html", "gzip", suffix=".html.gz"),
    lost("gzip cut in its head", lambda: _member(page())[:8], "failed", "too early", suffix=".html.gz"),
    lost(
        "gzip with a false check sum",
        lambda: _member(page())[:-8] + b"\0" * 8,
        "failed",
        "damaged",
        suffix=".html.gz",
    ),
    Case(
        "100,000 empty members of gzip", lambda: _member(b"") * 100_000 + _member(page()), suffix=".html.gz"
    ),
    Case("gzip with rubbish behind", lambda: _member(page()) + b"rubbish" * 1000, suffix=".html.gz"),
    Case("one word of a megabyte", lambda: page(f"<p>{'a' * 1_000_000}</p>")),
    Case(
        "one word of a megabyte with an ending",
        lambda: page(f"<p>A severe {'a' * 1_000_000}itis is bad.</p>"),
    ),
    Case(
        "one word of a megabyte in plain text",
        lambda: text(f"{LEAD}\n\n{'a' * 1_000_000}\n\n{TAIL}"),
        suffix=".txt",
    ),
    Case("a known word, repeated without a space", lambda: page(f"<p>{'fever' * 200_000}</p>")),
    Case("a megabyte of digits", lambda: page(f"<p>Sodium is {'1' * 1_000_000} mmol/L.</p>")),
    Case(
        "a number with a million digits behind its point",
        lambda: page(f"<p>Sodium is 1.{'1' * 1_000_000} mmol/L.</p>"),
    ),
    Case("10,000 different words", lambda: page(f"<p>The cough lasts: {_words(10_000)}</p>")),
    Case("10,000 mentions in one sentence", lambda: page(f"<p>The cough {'fever, ' * 10_000} lasts.</p>")),
    Case(
        "100,000 mentions",
        lambda: page("<p>He has a fever, and a cough, and a headache that lasts. </p>" * 33_334),
        keeps=(LEAD, TAIL, "He has a fever, and a cough, and a headache that lasts."),
        slow=True,
    ),
    Case(
        "a defined abbreviation of 100 kB, used 5,000 times",
        lambda: page(f"<p>{'a' * 50_000} {'b' * 50_000} fever (ABF) is bad. {'ABF lasts. ' * 5_000}</p>"),
    ),
    Case(
        "5,000 quantities", lambda: page(f"<p>Sodium is {'135 to 145 mmol/L, ' * 5_000} as it is said.</p>")
    ),
    Case("5,000 headings", lambda: page("<h2>Fever</h2><p>It lasts for long.</p>" * 5_000)),
    Case(
        "5,000 items under a lead-in",
        lambda: page(f"<p>Call a doctor if you have:</p><ul>{'<li>fever</li>' * 5_000}</ul>"),
    ),
    Case("a list without end of one letter", lambda: page(f"<ul>{'<li>a' * 20_000}</ul>")),
    Case("20,000 line breaks", lambda: page("a<br>" * 20_000)),
    Case(
        "markdown without end",
        lambda: text(
            f"# Fever\n\n{LEAD}\n\n{'#' * 100_000}\n{'>' * 100_000}\n{'- ' * 50_000}\n{'=' * 100_000}\n\n{TAIL}\n"
        ),
        suffix=".md",
    ),
    Case("an open head of statements", lambda: text(f"---\ntitle: x\n\n{LEAD}\n\n{TAIL}\n"), suffix=".md"),
    Case(
        "lines of all kinds of ends",
        lambda: text(LEAD + "\r\n\r\r\n\n\x0b\x0c\u2028\u2029\x85" * 1000 + TAIL),
        suffix=".txt",
    ),
)
