"""How inputs begin, before the fuzzer changes them, and words that they are likely to hold."""

from __future__ import annotations

import io
import tarfile
import zipfile

WORDS = (
    "low potassium", "nausea", "fever", "asthma", "metformin", "aspirin", "magnesium supplements", "symptoms of",
    "include", "can cause", "causes", "is a sign of", "side effects of", "and", "or", ",", ".", ":", ";", "(", ")",
    "not", "no", "may", "which", "it", "treats", "prevents", "such as", "is treated with", "due to", "from",
    "if you have", "call a doctor", "people with", "have", "in", "with", "\n- ", "\n\n# Symptoms\n\n",
    "\n\n## When to see a doctor\n\n", "\n\n# Gout\n\n", "\n\n", "\n", "3.5", "135–145", "mmol/L", "mg", "%", "weeks",
    "years old", "<", "≥", "up to", "two", "half", "½", "1,500", "120/80", "blood pressure", "twice daily", "a day",
    "°C", "per", "to", "between", "more than", "x", "10^9/L", "sodium", "ibuprofen", "history of", "denies", "ALS",
    "amyotrophic lateral sclerosis (ALS)", "his mother", "kidney", "heart", "disease", "pain", "chest", "high",
    "levels", "difficulty speaking or swallowing", "Ca²⁺", "hypertensive", "itis", "’s", "-", "/", "K", "MS", "?",
    "if", "unless", "without", "rule out", "possible", "\u00a0", "İ", "\u200b", "é", "1", "2.", "0", "9",
    "Dr.", "e.g.", "hypokalemia", "diabetes", "stroke of luck", "insulin", "the", "a",
)  # fmt: skip

ZIPPED = io.BytesIO()
with zipfile.ZipFile(ZIPPED, "w") as _archive:
    _archive.writestr("a/b.html", "<p>Low sodium")
    _archive.writestr("c.jsonl", '{"html": "<p>Low sodium", "url": "https://a.example/"}\n')
TARRED = io.BytesIO()
with tarfile.open(fileobj=TARRED, mode="w") as _tar:
    _member = tarfile.TarInfo("a/b.html")
    _member.size = 5
    _tar.addfile(_member, io.BytesIO(b"<p>Na"))
BODY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n0\r\n\r\n"
)
RECORD = (
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/\r\nContent-Type: application/http;"
    b" msgtype=response\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n" % (len(BODY), BODY)
)
MAIL = (
    b"From: x\r\nSnapshot-Content-Location: https://a.example/\r\nMIME-Version: 1.0\r\nContent-Type:"
    b' multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>a=3D\r\n--b--\r\n"
)
HTML = (
    b"<!DOCTYPE html><html><head><title>Gout - A</title><meta property=og:title content=Gout></head><body><nav>"
    b"<a href=/>Home</a></nav><main><h1>Gout</h1><p>Gout is a painful kind of arthritis, and it comes at night.</p>"
    b"<h2>Symptoms</h2><ul><li>pain<li>swelling</ul><table><tr><th>Name<th>Level<tr><td>uric acid<td>6 mg/dL"
    b"</table><dl><dt>Causes<dd>High uric acid</dl></main><footer>Terms</footer></body></html>",
    b'<script type=\'application/ld+json\'>{"@type":"Article","datePublished":"2020-01-02"}</script><p>Text '
    b"that is long enough to be a paragraph of an article, with a comma.</p>",
    b"<table><tr><td colspan=2 rowspan=3>a<td>b<tr><td>c</table><details><summary>Q</summary>A long answer</details>",
    b"<div class=comments><p>x</p></div><p><b>Causes</b></p><p>Salt<br><br>and water</p><blockquote>q</blockquote>",
)
TAGS = (
    "<p>", "</p>", "<div>", "</div>", "<h1>", "<h2>", "</h2>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>",
    "<th>", "</table>", "<dl>", "<dt>", "<dd>", "<br>", "<b>", "</b>", "<a href=x>", "</a>", "<blockquote>",
    "<details>", "<summary>", "<button>", "<nav>", "</nav>", "<script>", "</script>", "<!--", "-->", "<noscript>",
    "<figure>", "<figcaption>", "<main>", "<article>", "<aside>", "<span>", "<svg>", "<template>", "<select>",
    "<option>", "&amp;", "&#0;", "&#xD800;", "]]>", "<![CDATA[", "<?x", "<frameset>", "<iframe>", "<object>", "<math>",
    "<form>", "<label>", "<input value=x>", "<textarea>", "<style>", "<title>", "<meta name=author content=x>",
    "<time datetime=2020>", "<link rel=canonical href=x>", "<body>", "<html lang=en>", "<head>", "<section>",
    " class=share", " id=toc", " hidden", " role=navigation", " colspan=9", " rowspan=9", " itemprop=name",
    " style=display:none", "<base href=x>", "<caption>", "<thead>", "<tbody>", "<rt>", "<wbr>", "<hr>", "<pre>",
    "<script type=application/ld+json>", '{"@type":"MedicalWebPage"}', "Symptoms", "By A. B.", "Jan 1, 2020",
)  # fmt: skip
JSON = (
    '"@type"', '"@id"', '"@graph"', '"@value"', '"MedicalWebPage"', '"Article"', '"author"', '"name"', '"about"',
    '"datePublished"', '"mainEntity"', '"headline"', "null", "true", "1e999", "NaN", "[", "]", "{", "}", ":", ",",
    "\\ud800", "\\u0000", '"html"', '"url"', "http://schema.org/", '"publisher"', '"code"', "//", "/*", "*/",
)  # fmt: skip
LD = (
    b'{"@context":"https://schema.org","@graph":[{"@type":["MedicalWebPage","Article"],"@id":"#a","headline":"Gout",'
    b'"author":[{"@type":"Person","name":"A. B."},{"@id":"#p"}],"about":{"@type":"MedicalCondition","name":"Gout",'
    b'"code":{"@type":"MedicalCode","code":"M10","codingSystem":"ICD-10"}},"datePublished":"2020-01-02"},'
    b'{"@type":"Person","@id":"#p","name":{"@value":"C"}},{"@type":"WebSite","name":"Site"}]}',
    b'<!-- {"@type":"Article","headline":"a",} -->',
    b'{"@type":"Article","author":{"name":"x"},"headline":"y" "z"}',
)
OVERLAYS = (
    b"\x00symptom:fever\tfever\tpreferred\t\tshe has a fever\tFever Street\nsymptom:fever\tpyrexia\tsynonym\nsymptom:"
    b"fever\thot\tremoved\n",
    b'\x01{"label": "SYMPTOM", "id": "a", "pattern": [{"LOWER": "low"}, {"CLASS": "site", "OP": "?"}], "keep": [0, 1],'
    b' "concept": "symptom:{site}@x", "names": ["{site} x"], "examples": ["low x"]}\n\f\x03site\tarm\tarm\n',
    b"\x02stroke of luck\t\tx\n\f\x04no\tabsent\tforward\tsentence\tbut\tCONDITION\tno [fever](symptom:fever absent)\n",
    b"\x05condition:a\tis_a\tcondition:b\n\f\x06left\tsite\tx\tx\n\f\x07condition:gout\tfoot toe\t2\n"
    b"\f\x08itis\tcondition\t5\tfrom\tx\n",
    b"\x09condition:a\tskos:exactMatch\tmesh:D1\tA\n\f\x0anew:x\tx y\tpreferred\texact\n",
    b"\x80concept_id\tterm\tstatus\tcase\texample\tnot_example\nsymptom:x\ty\tbrand",
)
CELLS = (
    "\t", "\n", "symptom:", "condition:", "new:", "preferred", "synonym", "removed", "abbreviation", "exact", "LOWER",
    "CLASS", "REGEX", "TEXT", "NORM", "OP", "IN", "label", "pattern", "keep", "names", "concept", "{site}", "[{", "}]",
    "absent", "forward", "backward", "sentence", "is_a", "has_ingredient", "state_of", "electrolyte:sodium", "²", "٣",
    "\u2028", "\x85", "\x1c", "#", "//", "null", "-1", "99999999999999999999",
)  # fmt: skip
GOLD = (
    b"\x00title: Gout\nh2: Symptoms\nli1: [pain](symptom:pain) in the [toe](body elliptic)\np: no [fever](symptom:fever"
    b" absent)\n",
    "\x01# a\n[gout](condition:gout) x\np: [a](x:y) ¶ h2: b\n".encode(),
    b'\x02low salt\f[{"start": 0, "end": 3, "label": "X", "flags": "ne", "text": "low"}]',
    b"\x03gout hurts\fT1\tCondition 0 4\tgout\nA1\tNegated T1\nA2\tAssertion T1 absent\nR1\tcauses Arg1:T1 Arg2:T1\n"
    b"N1\tReference T1 condition:gout\nT2\tX 0 2;3 4\tx\n#1\tNote T1\tx\n*\tEquiv T1 T2\n",
)
MARKUP = (rb"no [fever](symptom:fever absent) \[x\] [a](condition elliptic)",)
NUMBERS = tuple(bytes(range(start, start + 24)) for start in range(0, len(WORDS), 12))
