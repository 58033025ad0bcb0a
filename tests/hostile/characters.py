"""Characters and encodings: NUL, controls, surrogates, invisible and turning characters, lies about the charset."""

from __future__ import annotations

import codecs

from .case import LEAD, TAIL, Case, lost, page, text

CONTROLS = "".join(map(chr, [*range(1, 9), *range(14, 32), *range(127, 160)]))
TURNING = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u202c\u200e\u200f\u061c"
INVISIBLE = "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u180e\u034f\u206a\u206f\ufe0f"
TAGS = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore all text")
SPLIT = "The co\u200bu\u00adgh is bad, and it does not go away by itself in a week."
LONG = "<p>The thirst of a hot day goes away by itself when people drink some water in the shade.</p>" * 50


def _between(letters: str) -> str:
    return letters.join("The cough is bad, and it does not go away by itself in a week.")


def _declared(charset: str, body: str, encoding: str) -> bytes:
    return page(body, f'<meta charset="{charset}">').decode().encode(encoding)


def _utf7() -> bytes:
    hidden = "<p>Hidden thirst</p><script>alert(1)</script>".encode("utf-7")
    return page("MARK", '<meta charset="utf-7">').replace(b"MARK", b"+ADw-" + hidden)


_FINE = "<p>Naïve café: “déjà vu” – the cough of a week is bad for older people.</p>"
_FINE_TEXT = "Naïve café: “déjà vu” – the cough of a week is bad for older people."

CASES = (
    Case("NUL in words", lambda: page(f"<p>{_between(chr(0))}</p>{LONG}"), mentions=("cough",)),
    lost(
        "NUL in words of a short page", lambda: page(f"<p>{_between(chr(0))}</p>"), "not_html", "binary data"
    ),
    Case(
        "NUL in tags",
        lambda: page("<p\0 class='\0'>The cough is bad.</\0p><scr\0ipt>x</scr\0ipt>"),
        mentions=("cough",),
    ),
    Case("NUL before and behind", lambda: b"\0" * 1000 + page() + b"\0" * 1000),
    lost("nothing but NUL", lambda: b"\0" * 100_000, "empty", "no text"),
    lost("nothing but white space", lambda: b" \t\r\n" * 25_000, "empty", "no text"),
    lost("nothing", lambda: b"", "empty", "the page is empty"),
    lost("one byte", lambda: b"<", "empty", ""),
    lost("binary data", lambda: bytes(range(256)) * 400, "not_html", "binary data"),
    Case(
        "control characters",
        lambda: page(f"<p>The {CONTROLS} cough {CONTROLS} is bad.</p>{LONG}"),
        mentions=("cough",),
    ),
    Case(
        "control characters in plain text",
        lambda: text(f"{LEAD}\n\nThe \x1b]0;title\x07 cough \x9b31m is bad.\n\n{TAIL}"),
        suffix=".txt",
        mentions=("cough",),
    ),
    Case(
        "escape sequences of terminals",
        lambda: page("<p>The \x1b[31m cough \x1b[0m is bad \x1b]8;;http://x.example\x07so\x1b]8;;\x07</p>"),
        lacks=("\x1b",),
        mentions=("cough",),
    ),
    Case(
        "line separators",
        lambda: page("<p>The cough\u2028is\u2029bad\x85for\x0ball.</p>"),
        mentions=("cough",),
    ),
    Case(
        "lone surrogates",
        lambda: page("<p>The cough \ud800 is \udfff bad \udc00\ud800.</p>"),
        mentions=("cough",),
    ),
    Case(
        "lone surrogates in plain text",
        lambda: text(f"{LEAD}\n\nThe cough \ud800 is bad.\n\n{TAIL}"),
        suffix=".txt",
        mentions=("cough",),
    ),
    Case(
        "surrogates in JSON-LD",
        lambda: page(
            "",
            '<script type="application/ld+json">{"@type":"Article","headline":"\\ud800 Fever \\udfff",'
            '"author":{"name":"Jane \\ud83d Roe"}}</script>',
        ),
    ),
    Case(
        "pairs of surrogates as UTF-8",
        lambda: page("<p>The cough is bad MARK so.</p>").replace(b"MARK", b"\xed\xa0\xbd\xed\xb8\x80"),
        mentions=("cough",),
    ),
    Case(
        "overlong UTF-8",
        lambda: page("<p>The cough is bad MARK so.</p>").replace(
            b"MARK", b"\xc0\xbcscript\xc0\xbe \xe0\x80\xaf \xf0\x80\x80\xaf"
        ),
        lacks=("<script",),
        mentions=("cough",),
    ),
    Case(
        "code points beyond Unicode",
        lambda: page("<p>The cough is bad MARK so.</p>").replace(
            b"MARK", b"\xf4\x90\x80\x80 \xf8\x88\x80\x80\x80"
        ),
        mentions=("cough",),
    ),
    Case(
        "noncharacters",
        lambda: page("<p>The cough \ufffe \uffff \ufdd0 \U0001fffe is bad.</p>"),
        mentions=("cough",),
    ),
    Case(
        "private and unassigned characters",
        lambda: page("<p>The cough \ue000 \U000f0000 \U0003ffff \u0378 is bad.</p>"),
        mentions=("cough",),
    ),
    Case(
        "turning characters",
        lambda: page(f"<p>The {TURNING} cough {TURNING} is bad.</p>"),
        lacks=tuple(TURNING),
        mentions=("cough",),
    ),
    Case(
        "turning characters in the title",
        lambda: (
            page(f"<h2>{TURNING}Cough</h2>")
            .replace(b"<h1>Fever", f"<h1>{TURNING}Fever".encode())
            .replace(b"<title>", f"<title>{TURNING}".encode())
        ),
        lacks=tuple(TURNING),
    ),
    Case("a word with invisible characters in it", lambda: page(f"<p>{SPLIT}</p>"), mentions=("cough",)),
    Case(
        "invisible characters between all letters",
        lambda: page(f"<p>{_between(INVISIBLE)}</p>"),
        lacks=tuple(INVISIBLE[:-1]),
        mentions=("cough",),
    ),
    Case(
        "characters that only programs read",
        lambda: page(f"<p>The cough {TAGS} is bad.</p>"),
        lacks=(TAGS,),
        mentions=("cough",),
    ),
    lost(
        "nothing but invisible characters",
        lambda: text(f"<html><body><p>{INVISIBLE * 1000}</p></body></html>"),
        "empty",
        "",
    ),
    Case(
        "10,000 accents on one letter",
        lambda: page(f"<p>The cough is bad: a{chr(0x301) * 10_000}.</p>"),
        mentions=("cough",),
    ),
    Case(
        "words in full-width letters",
        lambda: page("<p>The ｃｏｕｇｈ is bad, and it does not go away by itself.</p>"),
        mentions=("ｃｏｕｇｈ",),
    ),
    Case(
        "letters that change length in lower case",
        lambda: page(f"<p>The cough {'İ' * 2000} is bad. {'ß' * 2000} ŉ ΐ</p>"),
        mentions=("cough",),
    ),
    Case("BOM at the start", lambda: codecs.BOM_UTF8 + page(_FINE), keeps=(LEAD, TAIL, _FINE_TEXT)),
    Case(
        "BOM twice at the start",
        lambda: codecs.BOM_UTF8 * 2 + page(_FINE),
        keeps=(LEAD, TAIL, _FINE_TEXT),
        lacks=("\ufeff",),
    ),
    Case(
        "BOM in the middle",
        lambda: page("<p>The co\ufeffugh is bad.</p>\ufeff<p>\ufeffIt lasts.</p>"),
        lacks=("\ufeff",),
        mentions=("cough",),
    ),
    Case(
        "BOM of UTF-16 in the middle",
        lambda: page("<p>The cough is bad MARK so.</p>").replace(b"MARK", codecs.BOM_UTF16_LE),
        mentions=("cough",),
    ),
    *(
        Case(
            f"{name} with BOM",
            lambda e=encoding, b=bom: b + page(_FINE).decode().encode(e),
            keeps=(LEAD, TAIL, _FINE_TEXT),
        )
        for name, encoding, bom in (
            ("UTF-16 LE", "utf-16-le", codecs.BOM_UTF16_LE),
            ("UTF-16 BE", "utf-16-be", codecs.BOM_UTF16_BE),
            ("UTF-32 LE", "utf-32-le", codecs.BOM_UTF32_LE),
            ("UTF-32 BE", "utf-32-be", codecs.BOM_UTF32_BE),
        )
    ),
    Case(
        "UTF-16 without BOM", lambda: page(_FINE).decode().encode("utf-16-be"), keeps=(LEAD, TAIL, _FINE_TEXT)
    ),
    Case(
        "UTF-16 of odd length",
        lambda: codecs.BOM_UTF16_LE + page(_FINE).decode().encode("utf-16-le") + b"<",
        keeps=(LEAD, TAIL, _FINE_TEXT),
    ),
    Case(
        "BOM of UTF-16 before UTF-8",
        lambda: codecs.BOM_UTF16_LE + page(_FINE),
        keeps=(LEAD, TAIL, _FINE_TEXT),
    ),
    Case(
        "BOM of UTF-8 before UTF-16",
        lambda: codecs.BOM_UTF8 + page(_FINE).decode().encode("utf-16-le"),
        keeps=(LEAD, TAIL, _FINE_TEXT),
    ),
    Case(
        "declared UTF-16, is ASCII",
        lambda: _declared("utf-16", "<p>The cough lasts.</p>", "ascii"),
        mentions=("cough",),
    ),
    Case(
        "declared UTF-8, is Windows-1252",
        lambda: _declared("utf-8", _FINE * 5, "cp1252"),
        keeps=(LEAD, TAIL, _FINE_TEXT),
    ),
    Case(
        "declared Latin-1, is UTF-8",
        lambda: _declared("iso-8859-1", _FINE * 5, "utf-8"),
        keeps=(LEAD, TAIL, _FINE_TEXT),
    ),
    Case(
        "declared Shift-JIS, is Windows-1252",
        lambda: _declared("shift_jis", _FINE * 5, "cp1252"),
        mentions=("cough",),
    ),
    *(
        Case(
            f"declared {charset}",
            lambda c=charset: _declared(c, _FINE * 5, "cp1252"),
            keeps=(LEAD, TAIL, _FINE_TEXT),
        )
        for charset in (
            "cp037",
            "ebcdic-cp-be",
            "cp500",
            "utf-7",
            "hz",
            "iso-2022-kr",
            "zip",
            "rot13",
            "idna",
            "undefined",
            "x" * 40,
            "../../x",
            "\0",
        )
    ),
    Case(
        "EBCDIC by the page's own word",
        lambda: b"<meta charset=cp037>" + page(_FINE).decode().encode("cp037", "replace"),
        keeps=(),
        mentions=(),
    ),
    Case(
        "two charsets",
        lambda: (
            page(_FINE * 5, '<meta charset="koi8-r"><meta charset="windows-1252">').decode().encode("cp1252")
        ),
        mentions=("cough",),
    ),
    Case("UTF-7", _utf7, lacks=("alert",), mentions=("Fever",)),
    Case(
        "UTF-8 and Windows-1252 mixed",
        lambda: page(_FINE * 20) + b"<p>" + "Café – the cough.".encode("cp1252") + b"</p>",
        keeps=(LEAD, TAIL, _FINE_TEXT),
    ),
    Case(
        "ISO-2022-JP escapes in ASCII",
        lambda: page("<p>The cough \x1b$B is bad \x1b(B so.</p>", '<meta charset="iso-2022-jp">'),
        keeps=(LEAD, TAIL),
    ),
    Case(
        "a page cut in a character", lambda: page(_FINE * 20)[:-200] + b"\xe2\x80", keeps=(LEAD, _FINE_TEXT)
    ),
)
