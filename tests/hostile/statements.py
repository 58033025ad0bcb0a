"""What pages say of themselves: JSON-LD, meta elements, dates, addresses."""

from __future__ import annotations

import json

from .case import Case, page

LONG_URL = "https://site.example/" + "a" * 100_000


def _linked(*scripts: str) -> bytes:
    return page(head="".join(f'<script type="application/ld+json">{script}</script>' for script in scripts))


def _article(**facts: object) -> str:
    return json.dumps({"@context": "https://schema.org", "@type": "Article", **facts})


def _nested(depth: int) -> str:
    return '{"@type":"Article","author":' * depth + "1" + "}" * depth


DATES = (
    "0000-01-01",
    "0000-00-00",
    "0001-01-01",
    "99999-01-01",
    "-2020-01-01",
    "2020-13-45",
    "2020-02-30",
    "1e400",
    "9999999999",
    "99999999999999999999",
    "٢٠٢٠-٠١-٠١",
    "20200101" * 1000,
)

CASES = (
    Case("JSON-LD of 3 MB", lambda: _linked(_article(headline="Fever", text="x" * 3_000_000))),
    Case(
        "JSON-LD of 3 MB that is cut", lambda: _linked(_article(headline="Fever", text="x" * 3_000_000)[:-9])
    ),
    Case(
        "100,000 nodes",
        lambda: _linked(json.dumps([{"@type": "Article", "@id": f"#{n}"} for n in range(50_000)])),
    ),
    Case("JSON-LD 100,000 deep in lists", lambda: _linked("[" * 100_000)),
    Case("JSON-LD 100,000 deep in objects", lambda: _linked('{"a":' * 100_000)),
    Case("JSON-LD nested 400 deep", lambda: _linked(_nested(400))),
    Case(
        "JSON-LD that refers to itself",
        lambda: _linked(
            '{"@graph":[{"@id":"#a","@type":"Article","author":{"@id":"#a"},"mainEntity":{"@id":"#a"},"x":1},'
            '{"@id":"#b","@type":"Person","name":{"@id":"#b"},"x":1},{"@id":"#c","author":{"@id":"#b"},"@type":"Article"}]}'
        ),
    ),
    Case(
        "JSON-LD of the wrong types",
        lambda: _linked(
            _article(
                headline=17, author=[[["x"], None], True, {"name": {"name": 1}}], datePublished={"a": []}
            ),
            _article(
                headline=["a", {"b": 1}], url=[1, None], mainEntityOfPage=True, inLanguage=[{}], about=1e308
            ),
            '{"@type":{"a":1},"@id":[1],"@graph":"x"}',
            '{"@type":[[1],null,{}],"headline":{"@value":{"@value":{"@value":1}}}}',
            "null",
            "1",
            '"x"',
            "[]",
            "{}",
            "[[[[]]]]",
            "true",
        ),
    ),
    Case(
        "JSON-LD that is no JSON",
        lambda: _linked(
            "{'@type': 'Article'}",
            '{"@type": "Article", headline: x}',
            "<!-- {} -->",
            "\ufeff{}",
            '{"a":NaN,}',
        ),
    ),
    Case(
        "JSON-LD with numbers without end",
        lambda: _linked('{"@type":"Article","datePublished":' + "9" * 100_000 + "}"),
    ),
    Case(
        "JSON-LD with infinite numbers",
        lambda: _linked('{"@type":"Article","author":1e999,"datePublished":-1e999}'),
    ),
    Case("JSON-LD of white space", lambda: _linked('{"@type":"Article","author":' + " " * 1_000_000 + "x")),
    Case("JSON-LD of commas", lambda: _linked('{"@type":"Article","a":1' + ", " * 500_000 + "x")),
    Case("JSON-LD of open names", lambda: _linked('{"author":[{' * 100_000)),
    Case("JSON-LD with a million escapes", lambda: _linked('{"headline":"' + "\\u0041" * 200_000 + '"}')),
    Case(
        "1,000 scripts of JSON-LD", lambda: _linked(*[_article(headline=f"Fever {n}") for n in range(1000)])
    ),
    *(
        Case(
            f"a date like {date[:20]}",
            lambda d=date: page(
                f"<p>Published {d}. Last reviewed on {d}.</p><time datetime='{d}'>{d}</time>",
                f'<meta property="article:published_time" content="{d}">'
                '<script type="application/ld+json">'
                f"{_article(datePublished=d, dateModified=d, lastReviewed=d)}</script>",
            ),
        )
        for date in DATES
    ),
    *(
        Case(
            f"an address like {url[:40]!r}",
            lambda u=url: page(
                head=f'<link rel="canonical" href="{u}"><meta property="og:url" content="{u}"><base href="{u}">'
                f'<script type="application/ld+json">{_article(url=u, mainEntityOfPage=u)}</script>',
            ),
            lacks=("javascript:", "data:text", "a" * 3000),
        )
        for url in (
            LONG_URL,
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " java\tscript:alert(1)",
            "data:text/html,x",
            "https://[",
            "https://[::1",
            "https://site.example:99999/x",
            "https://site.example:x/",
            "https://site.example/\u202etxt.exe",
            "https://user:password@site.example/x",
            "//evil.example/javascript:x",
            "https://site.example/' onclick='alert(1)",
            "file:///etc/passwd",
            "https://site.example/\nSet-Cookie: x",
            "https://" + "a." * 5000 + "example/",
            "http://0x7f.1/",
        )
    ),
    Case("100,000 meta elements", lambda: page(head="<meta name=author content='By 1'>" * 100_000)),
    Case("a title of a megabyte", lambda: page(head="<title>" + "Fever | " * 130_000 + "</title>")),
    Case(
        "an author of a megabyte", lambda: page(head=f"<meta name=author content='{'Jane Roe, ' * 100_000}'>")
    ),
    Case(
        "50,000 cues of dates",
        lambda: page("<p>" + "Last reviewed on updated published by " * 20_000 + "</p>"),
    ),
    Case("1,000 saved-from comments", lambda: page("<!-- saved from url=(1)http://x" * 1000)),
    Case("a language of nonsense", lambda: page().replace(b'lang="en"', b'lang="' + b"x-" * 5000 + b'"')),
)
