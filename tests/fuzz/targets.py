"""What is fuzzed: one function for each kind of input, from bytes to a check of the stage's invariant.

A target is quiet for good and for bad input that is refused as it should be; anything else it raises is a finding.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass

from . import seeds
from .files import (
    brat_file,
    gold_folder,
    json_lines,
    matchers,
    other_records,
    packed_page,
    vocabulary,
    web_archive,
    zip_file,
    zip_of_pages,
)
from .texts import amounts, decoding, folding, html, json_ld, notation, numbers, plain_text, whole_page


@dataclass(frozen=True, slots=True)
class Target:
    """A function to fuzz: the longest input, the modules whose branches guide it, how inputs may begin, and words
    that they are likely to hold. `seconds` is the CPU time that an input may take, `per_byte` more for each byte."""

    run: Callable[[bytes], None]
    longest: int
    seeds: tuple[bytes, ...]
    words: tuple[str, ...] = ()
    seconds: float = 1.0
    per_byte: float = 2e-4


TARGETS: dict[str, Target] = {
    "decode": Target(
        decoding, 2000, (b"\x01<meta charset=latin1>caf\xe9", "\x00<p>é".encode(), b"\x02\xff\xfea\0b\0"),
        ("charset=", "<meta ", "<?xml encoding=", "utf-16", "shift_jis", "iso-2022-jp", "hz", "big5", "<rss", "{"),
    ),
    "fold": Target(folding, 400, ("Ménière’s low‑sodium 3–5 Ca²⁺ ǖ".encode(),), ("-", "’", "́", "ﬁ", "\u3000")),
    "markup": Target(notation, 300, seeds.MARKUP, ("](", "\\", "[", "elliptic", "possible", "(condition:gout)")),
    "linked_data": Target(json_ld, 3000, seeds.LD, seeds.JSON),
    "json_lines": Target(
        json_lines, 5000,
        (
            b'{"url": "https://a.example/", "html": "<p>Low sodium"}\n\n{"url": 3, "html": null}\n[1]\n'
            b'{"x": {"html": "y"}}',
        ),
        (*seeds.JSON, "\n", "<html>", "</p>", "\r", "\x1f\x8b", "\\u003c"),
    ),
    "zip": Target(zip_file, 3000, (seeds.ZIPPED.getvalue(),), ("PK\x03\x04", "PK\x01\x02", "PK\x05\x06", ".zip")),
    "zip_pages": Target(zip_of_pages, 1000, (b"name<p>Low sodium\0other<p>x\x01\x02\x03\x04",)),
    "warc": Target(
        web_archive, 2000,
        (b"\0" + seeds.RECORD, b"\0" + seeds.RECORD * 2, b"\x80" + seeds.RECORD + b"\f" + seeds.RECORD),
        (
            "WARC/1.1\r\n", "\r\n\r\n", "Content-Length: ", "WARC-Type: resource", "WARC-Type: revisit", "-1",
            "99999999999",
            "Content-Encoding: gzip", "Content-Encoding: br", "chunked", "HTTP/1.0 404 x", "WARC-Target-URI: <x>", "²",
        ),
    ),
    "records": Target(
        other_records, 11_000,
        (
            b"\0" + seeds.TARRED.getvalue(), b"\1" + seeds.MAIL, b'\2[{"html": "<p>a"}, {"html": "<p>b", "url": "https://a.example/"}]',
            b'\3url,html\nhttps://a.example/,"<p>a ""b"""\n', b"\4url\thtml\nhttps://a.example/\t<p>a\n",
        ),
        ("base64", "boundary=", "ustar", "quoted-printable", '"', ",", "\t", "<html>", "\0", "cid:x", "[", "{"),
    ),
    "packed": Target(
        packed_page, 2000, tuple(bytes([n]) + gzip.compress(b"<p>Low sodium" * 9, mtime=0) for n in range(5))
    ),
    "plain": Target(
        plain_text, 1500, (b"# Gout\n\nIt hurts.\n- toe\n> q\n1. x\nSymptoms\n====\n", b"---\na: b\n---\nText."),
        ("---", "===", "# ", "- ", "1. ", "> ", "\u2028", "\x85", "\x1c", "\r\n"),
    ),
    "article": Target(html, 2500, seeds.HTML, seeds.TAGS, seconds=1.5, per_byte=5e-4),
    "vocabulary": Target(vocabulary, 800, seeds.OVERLAYS, seeds.CELLS),
    "matchers": Target(matchers, 800, seeds.OVERLAYS, seeds.CELLS, seconds=2.0),
    "brat": Target(brat_file, 400, tuple(seed.partition(b"\f")[2] for seed in seeds.GOLD), ("T1", "\t", "Arg1:T1")),
    "gold": Target(gold_folder, 600, seeds.GOLD, ("\f", "title: ", "p: ", "h2: ", "¶", '"start"', '"end"', "\u2028")),
    "amounts": Target(
        amounts, 400, ("potassium below 3.5 mmol/L or 1,500 mg twice daily; 120/80, ½ of 38 °C to 100.4 °F".encode(),),
        ("mmol/L", "mg", "to", "%", "–", "½", "million", "/", "years old", "×10^9/L", "one in", "٣", "²", "1e9"),
    ),
    "numbers": Target(numbers, 120, seeds.NUMBERS, seconds=2.0),
    "page": Target(
        whole_page, 1500, (*(b"\0" + seed for seed in seeds.HTML), *(b"\xff" + seed for seed in seeds.NUMBERS)),
        seeds.TAGS,
        seconds=2.0, per_byte=1e-3,
    ),
}  # fmt: skip
