"""A run in which everything that a page, a file name or an overlay can say is hostile."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline import batch
from pipeline.runs import Run, read_run
from tests.hostile.case import LEAD, TAIL

ADDRESSES = (
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)//https://x.example/",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    'https://x.example/" onclick="alert(1)',
    "https://x.example/<script>alert(1)</script>",
    "https://x.example/a b",
    "https://x.example/\u202etxt",
    "https://x.example/\x00",
    "https://x.example/" + "a" * 5000,
    "//x.example/",
    "",
)
FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "'=1+1",
    '=HYPERLINK("http://x";1)',
)
FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"-?[0-9.]+(e-?[0-9]+)?")
SQL = "x'); DROP TABLE articles; --\"; DROP TABLE mentions; \\"


def _page(title: str, words: str, head: str = "") -> str:
    def safe(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")

    metas = "".join(
        f'<meta name="{name}" content="{safe(title)}">'
        for name in ("author", "description", "keywords", "dc.date")
    )
    return (
        f'<html lang="en"><head><title>{safe(title)}</title>{metas}{head}'
        f'<meta property="og:site_name" content="{safe(title)}"></head><body><article><h1>{safe(title)}</h1>'
        f"<p>{safe(words)}</p><p>{LEAD}</p><h2>{safe(title)}</h2><p>{TAIL}</p></article></body></html>"
    )


LABELS = ("<script>alert(4)<_script>", "=1+1", """it's "quoted" -- x""")
CONCEPT = """a,b;</script><script>alert(5)</script>" onmouseover="alert(6)"""


def _vocabulary(folder: Path) -> Path:
    """An overlay whose labels, concept ids and names are hostile."""
    (folder / "terms").mkdir(parents=True)
    for label, term in zip(LABELS, ("zorbfever", "zorbcough", "zorbpain"), strict=True):
        concept = f"{label}:{CONCEPT}"
        (folder / "terms" / f"{label}.tsv").write_text(
            "concept_id\tterm\tstatus\tcase\texample\tnot_example\n"
            f"{concept}\t</script><img src=x onerror=alert(7)> javascript:alert(8)\tpreferred\t\t\t\n"
            f"{concept}\t{term}\tlay\t\t\t\n"
        )
    return folder


def hostile_run(folder: Path) -> Run:
    """A run whose titles, names, headings, texts, addresses and file names are all hostile."""
    folder = folder / "pages"
    folder.mkdir()
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} {% x %}"
    texts = (*FORMULAS, SQL, evil, "' onmouseover='alert(3)", "\u202eevil", "a\tb\nc")
    for number, text in enumerate(texts):
        address = ADDRESSES[number % len(ADDRESSES)].replace('"', "&quot;")
        head = f'<link rel="canonical" href="{address}"><meta property="og:url" content="{address}">'
        name = re.sub(r"[/\x00]", "_", text)[:60]
        (folder / f"{number} {name}.html").write_text(_page(text, text, head), encoding="utf-8")
    for number, name in enumerate(("=1+1.txt", "@x.txt", "-x.txt", "'=x.txt")):
        (folder / name).write_text(f"={number}+1\n\n{LEAD}\n\n- =2+2\n\n+{TAIL}\n", encoding="utf-8")
    (folder / "zorb.txt").write_text(f"{LEAD}\n\nA zorbfever, a zorbcough and a zorbpain.\n\n{TAIL}\n")
    formats = ("csv", "tsv", "jsonl", "parquet", "sqlite")
    own = _vocabulary(folder.parent / "vocabulary")
    batch.run([folder], folder.parent / "run", formats=formats, workers=1, vocabulary=[own])
    found = read_run(folder.parent / "run")
    assert (found.articles["status"] == "ok").all() and len(found.articles) == len(texts) + 5
    assert set(LABELS) <= set(found.mentions["label"].str.lower())
    return found
