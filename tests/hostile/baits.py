"""Pages of any size that make something slow if anywhere a loop runs inside a loop."""

from __future__ import annotations

from collections.abc import Callable

from .case import page

Bait = Callable[[int], bytes]


def _words(unit: str) -> Bait:
    return lambda size: page(f"<p>Fever may cause headache {unit * (size // len(unit))} and nausea.</p>")


def _inside(opening: str, many: str) -> Bait:
    """Many elements inside nested ones, a sixtieth of the characters of the page as deep."""
    return lambda size: page(opening * min(1500, size // 60) + many * (size // len(many)))


def _linked(script: Callable[[int], str]) -> Bait:
    return lambda size: page(head=f'<script type="application/ld+json">{script(size)}</script>')


WORDS = (
    "pain ", "low ", "sodium ", "heart ", "difficulty swallowing ", "low potassium levels ", "ALS ", "½", "5 ",
    "5 mg/day ", "5 to 10 mmol/L, ", "one hundred ", "fever, ", "no fever ", "fever and ", "fever (FV) ", "(ABC) ",
    "fever is a symptom of ", "aspirin treats ", "He has a fever. ", ". ", ".", ".)", "(", "\"fever\" ", "a-", "1.",
    "http://", "e.g. ", "\u0301", "\U0001f600", "symptoms of ", "caused by fever ",
)  # fmt: skip

BAITS: dict[str, Bait] = {
    **{f"words {unit!r}": _words(unit) for unit in WORDS},
    "paragraphs in divisions": _inside("<div>", "<p>x</p>"),
    "paragraphs in objects": _inside("<object>", "<p></p>"),
    "paragraphs in noscript": _inside("<div><noscript>", "<p>some more words in it</p>"),
    "text in times": _inside("<time>", "<i> </i>x"),
    "text in headings": _inside("<div><h2>", "<b> </b>"),
    "text in authors": _inside("<div class=author>", "<b> </b>"),
    "links in links": _inside("<a href=x><div>", "<b>x</b>"),
    "cells in tables": _inside("<table><tr><td>", "<tr><td>x<td>y"),
    "bold in a cell": lambda size: page(
        f"<table><tr><td>a<td>b<tr><td>{'<b>' * (size // 60)}{'x' * size}<tr>{'<td>a<td>b' * (size // 100)}</table>"
    ),
    "headings in sections": _inside("<section><h2>x</h2>", "<p>x</p>"),
    "definitions in definitions": _inside("<dl><dt>x<dd>", "<p>x</p>"),
    "cells that span": lambda size: page(
        f"<table><tr>{'<td rowspan=100 colspan=100>a' * (size // 29)}</table>"
    ),
    "attributes": lambda size: page(f"<p {' '.join(f'a{n}' for n in range(size // 7))}>x</p>"),
    "attributes behind a <": lambda size: page(
        f"<p a='<' {' '.join(f'a{n}' for n in range(size // 7))}>x</p>"
    ),
    "attributes without blanks": lambda size: page(
        "<p " + "".join(f"a{n}='1'" for n in range(size // 10)) + ">x</p>"
    ),
    "what cannot stand in the head": lambda size: b"<html><head>" + b"<x></x>" * (size // 7) + page(),
    "authors": lambda size: page("<i class=author>x</i>" * (size // 20)),
    "lines of a heading with a button": lambda size: page(f"<h2><b>x</b>{'a<br><br>' * (size // 9)}</h2>"),
    "wrapped lines": lambda size: page("a<br>" * (size // 5)),
    "a long heading above blocks": lambda size: page(
        f"<h2>{'word ' * (size // 5)}</h2>{'<p>x</p>' * (size // 8)}"
    ),
    "items in items under a lead-in": lambda size: page(
        f"<p>No signs of:</p>{'<ul><li>fever' * min(size // 60, 700)}{'<li>cough' * (size // 9)}"
    ),
    "numbered headings without a title": lambda size: b"<h2>1. Fever</h2><p>It lasts.</p>" * (size // 33),
    "white space in JSON-LD": _linked(lambda size: '{"author":' + " " * size + "x"),
    "open names in JSON-LD": _linked(lambda size: '{"author":[{' * (size // 12)),
    "meta elements before white space": lambda size: (
        b"<meta " * 83 + b"charset=" + b" " * min(size, 15_000) + b"\xe9" + page()
    ),
    "tags in Windows-1252": lambda size: b"\xe9 " + b"<a" * (size // 2) + page(),
}
