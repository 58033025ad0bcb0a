"""Bombs and traps of markup: entities, attributes, nesting, open tags, tables."""

from __future__ import annotations

from .case import LEAD, TAIL, Case, page, text

DEEP = 100_000
_ENTITIES = '<!ENTITY a0 "fever ">' + "".join(
    f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 10)
)
_MANY = " ".join(f"a{number}" for number in range(60_000))


def _bomb(declarations: str, use: str) -> bytes:
    return text(
        f'<?xml version="1.0"?><!DOCTYPE html [{declarations}]><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f"<title>Fever</title></head><body><h1>Fever</h1><p>{LEAD}</p><p>See {use} here.</p><p>{TAIL}</p></body></html>"
    )


def _deep(opening: str, closing: str = "", number: int = DEEP) -> bytes:
    return page(f"{opening * number}<p>Deep inside, a cough is heard.</p>{closing * number}")


_DEEP_TEXT = "Deep inside, a cough is heard."

CASES = (
    Case("entity bomb", lambda: _bomb(_ENTITIES, "&a9;")),
    Case("entity bomb in xhtml", lambda: _bomb(_ENTITIES, "&a9;"), suffix=".xhtml"),
    Case("one large entity used often", lambda: _bomb(f'<!ENTITY x "{"fever " * 20_000}">', "&x;" * 20_000)),
    Case("recursive entity", lambda: _bomb('<!ENTITY x "&y;"><!ENTITY y "&x;">', "&x;"), suffix=".xhtml"),
    Case(
        "entity of a local file",
        lambda: _bomb('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"),
        lacks=("root:",),
        suffix=".xhtml",
    ),
    Case(
        "entity of a local file by parameter",
        lambda: _bomb('<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;', "&x;"),
        lacks=("root:",),
        suffix=".xhtml",
    ),
    Case(
        "inclusion of a local file",
        lambda: page(
            '<xi:include href="file:///etc/passwd" parse="text"/><iframe src="/etc/passwd"></iframe>'
        ),
        lacks=("root:",),
    ),
    Case("200,000 character references", lambda: page(f"<p>The cough is bad{'&#33;' * 200_000}</p>")),
    Case(
        "references to no character",
        lambda: page("<p>A cough &#0; &#xD800; &#1114112; &#99999999999999999999; &#x; &#; &; lasts.</p>"),
        mentions=("cough",),
    ),
    Case(
        "60,000 attributes", lambda: page(f"<p {_MANY}>The cough lasts for a week.</p>"), mentions=("cough",)
    ),
    Case(
        "60,000 attributes behind a < in quotes",
        lambda: page(f"<p a='<' {_MANY}>The cough lasts for a week.</p>"),
        mentions=("cough",),
    ),
    Case(
        "60,000 attributes behind a > in quotes",
        lambda: page(f"<p a='>' {_MANY}>The cough lasts for a week.</p>"),
        mentions=("cough",),
    ),
    Case(
        "60,000 attributes without white space",
        lambda: page(
            "<p " + "".join(f'a{n}="1"' for n in range(60_000)) + ">The cough lasts for a week.</p>"
        ),
        mentions=("cough",),
    ),
    Case(
        "60,000 attributes between slashes",
        lambda: page(f"<p/{_MANY.replace(' ', '/')}>The cough lasts for a week.</p>"),
        mentions=("cough",),
    ),
    Case(
        "60,000 attributes behind an open script",
        lambda: page(f"<p {_MANY}>The cough lasts for a week.</p>", "<script>"),
        mentions=("cough",),
    ),
    Case(
        "an attribute of a megabyte",
        lambda: page(f'<p title="{"a <b> " * 150_000}">The cough lasts for a week.</p>'),
        mentions=("cough",),
    ),
    Case(
        "a class of 100,000 names",
        lambda: page(
            f'<div class="{" ".join(f"c{n}" for n in range(100_000))}"><p>The cough lasts.</p></div>'
        ),
        mentions=("cough",),
    ),
    Case(
        "an id of a megabyte above 2,000 blocks",
        lambda: page(f'<div id="{"x" * 1_000_000}">{"<p>The cough lasts.</p>" * 2_000}</div>'),
        mentions=("cough",),
    ),
    Case(
        "an element name of 100 kB above 2,000 blocks",
        lambda: page(f"<{'x' * 100_000}>{'<p>The cough lasts.</p>' * 2_000}</{'x' * 100_000}>"),
        mentions=("cough",),
    ),
    *(
        Case(f"{DEEP:,} nested {name}", lambda a=a, b=b: _deep(a, b), keeps=(LEAD, TAIL, _DEEP_TEXT))
        for name, a, b in (
            ("div", "<div>", "</div>"),
            ("b", "<b>", "</b>"),
            ("font", "<font>", "</font>"),
            ("blockquote", "<blockquote>", "</blockquote>"),
            ("lists", "<ul><li>", "</li></ul>"),
            ("tables", "<table><tr><td>", "</td></tr></table>"),
            ("unknown elements", "<x>", "</x>"),
        )
    ),
    *(
        Case(f"{DEEP:,} open {name}", lambda a=a: _deep(a), keeps=(LEAD, TAIL, _DEEP_TEXT))
        for name, a in (
            ("div", "<div>"),
            ("i", "<i>"),
            ("dl", "<dl><dt><dd>"),
            ("links", "<a href=x>"),
            ("section", "<section>"),
            ("object", "<object>"),
            ("time", "<time>"),
            ("details", "<details><summary>"),
        )
    ),
    Case(f"{DEEP:,} closing tags", lambda: page("</div></p></b></table>" * DEEP)),
    Case("an open select", lambda: page("<select><option>One"), keeps=(LEAD, TAIL)),
    Case("an open comment", lambda: page("<!-- a comment that nobody closes")),
    Case("200,000 open comments", lambda: page("<!-- " * 200_000)),
    Case("comments that look closed", lambda: page("<!--><p>x</p><!---><!--!> <!-- -- > --!>-->")),
    Case("an open script", lambda: page("<script>var a = '<p>';")),
    Case("an open style", lambda: page("", "<style>p { color: red }")),
    Case("an open textarea", lambda: page("<textarea>write here")),
    Case("an open title", lambda: page("", "<title>x")),
    Case("an open quote in a tag", lambda: page('<a href="x>link</a>').replace(b'lang="en"', b"")),
    Case("an open tag at the end", lambda: page() + b"<p class='x"),
    Case("early ends of the page", lambda: page("</body></html>" * 3)),
    Case(
        "processing instructions",
        lambda: page("<?php echo '<p>'; ?><?xml-stylesheet href='x'?><?" + "x" * 1000),
    ),
    Case("CDATA", lambda: page("<p><![CDATA[A cough lasts.]]></p><![CDATA[<p>Thirst lasts.</p>]]>")),
    Case("plaintext", lambda: page("<plaintext>"), keeps=(LEAD,)),
    Case("frames", lambda: page("<frameset><frame src=x><frameset>" * 100 + "</frameset>" * 100)),
    Case(
        "a page that is only a table",
        lambda: text(
            "<table><tr><th>Symptom</th><th>Cause of the symptom</th></tr>"
            + "".join(f"<tr><td>Headache in group {n}</td><td>It is the fever</td></tr>" for n in range(200))
            + "</table>"
        ),
        keeps=("Headache in group 0", "Headache in group 199", "It is the fever"),
        mentions=("fever",),
    ),
    Case(
        "a table of cells that span 100 by 100",
        lambda: page(f"<table><tr>{'<td rowspan=100 colspan=100>The cough lasts.' * 5_000}</table>"),
        keeps=(LEAD, TAIL, "The cough lasts."),
        mentions=("cough",),
    ),
    Case(
        "headers that span 100 columns",
        lambda: page(
            f"<table><tr>{'<th colspan=100>Cough' * 5_000}<tr>{'<td>It lasts long' * 5_000}</table>"
        ),
        keeps=(LEAD, TAIL, "Cough", "It lasts long"),
    ),
    Case(
        "spans that are no numbers",
        lambda: page(
            "<table>"
            + "".join(
                f"<tr><td colspan='{span}' rowspan='{span}'>The cough lasts<td>It is bad"
                for span in ("-1", "0", "1e9", "٣", "²", "9" * 5000, "", " 2", "NaN")
            )
            + "</table>"
        ),
        keeps=(LEAD, TAIL, "The cough lasts"),
    ),
    Case(
        "a table of 2,000 rows in a cell of a table",
        lambda: page(f"<table><tr><td><table>{'<tr><td>The cough<td>It lasts' * 2_000}</table></table>"),
        keeps=(LEAD, TAIL, "The cough"),
    ),
    Case(
        "long headings above 1,000 blocks",
        lambda: page(
            "".join(f"<h{level}>{'Cough ' * 4_000}</h{level}>" for level in range(2, 7))
            + "<p>It lasts long.</p>" * 1_000
        ),
        keeps=(LEAD, TAIL, "Cough " * 3_999 + "Cough"),
    ),
    Case(
        "a heading in lines with a button",
        lambda: page(f"<h2><button>Cough</button>{'Thirst<br><br>' * 5_000}</h2>"),
        keeps=(LEAD, TAIL, "Thirst"),
    ),
    Case(
        "100 authors around a page of white space",
        lambda: page("<div class=author>" * 100 + "<b> </b>" * 100_000 + "</div>" * 100),
    ),
    Case("10,000 authors", lambda: page("<i class=author>Jane Roe</i> " * 10_000)),
    Case("5,000 times", lambda: page("<time datetime=2020-02-31>x</time>" * 5_000)),
    Case(
        "svg, math and templates",
        lambda: page("<svg><title>x</title><math><mi>x</mi><template><p>x" + "</svg>"),
    ),
    Case(
        "handlers and script addresses",
        lambda: page(
            "<p onclick='alert(1)'>The cough <a href='javascript:alert(2)'>lasts</a> for a long time.</p>"
            "<img src=x onerror=alert(3)><base href='javascript:alert(4)//'><form action=javascript:alert(5)></form>"
        ),
        lacks=("alert", "javascript"),
    ),
    Case(
        "markup as text",
        lambda: page(
            "<p>A cough &lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(2)&gt; lasts.</p>"
        ),
        keeps=(LEAD, TAIL, "A cough <script>alert(1)</script> <img src=x onerror=alert(2)> lasts."),
    ),
)
