"""Runs of many articles made from a seed, as fast as they can be written."""

from __future__ import annotations

import json
import random
from pathlib import Path

from pipeline.model import (  # fmt: skip
    Article,
    Assertion,
    Block,
    Extraction,
    Kind,
    Mention,
    Metadata,
    Page,
    Quantity,
    QuantityKind,
)
from pipeline.runs.package import RUN, describe
from pipeline.tables import TABLES
from pipeline.tables.rows import rows
from pipeline.tables.schema import batch
from pipeline.writers import load_format

LABELS = ("SYMPTOM", "CONDITION", "ELECTROLYTE", "MEDICATION")
SECTIONS = ("", "symptoms", "causes", "treatment", "diagnosis", "prevention")
CONCEPTS = 1_600
WORDS = [
    "the",
    "of",
    "water",
    "salt",
    "people",
    "blood",
    "daily",
    "doctor",
    "level",
    "often",
    "body",
    "after",
    "week",
    "test",
    "which",
    "many",
    "than",
    "care",
]
PARAGRAPHS, SENTENCES = 30, 3


def write_run(folder: Path, articles: int, metadata: Metadata | None = None) -> None:
    """A run of so many articles of about 900 words, 100 mentions of 1,600 concepts; one has the word unmistakable.
    With `metadata` all of them have this."""
    folder.mkdir(parents=True)
    chance = random.Random(7)
    written = load_format("parquet")
    tables = list(TABLES.values())
    writer = written.open(folder, tables)
    for number in range(articles):
        for name, found in rows(_extraction(chance, number, metadata)).items():
            writer.write(TABLES[name], batch(TABLES[name], found))
    writer.close()
    describe(folder, [written])
    (folder / RUN).write_text(json.dumps({"program": "medtables", "options": {}}), encoding="utf-8")


def _extraction(chance: random.Random, number: int, metadata: Metadata | None) -> Extraction:
    text, blocks, mentions, quantities = "", [], [], []

    def add(kind: Kind, level: int, section: str, trail: tuple[str, ...], sentences: int) -> None:
        nonlocal text
        text += "\n\n" if text else ""
        begin = len(text)
        for _ in range(sentences):
            text += " " if len(text) > begin else ""
            start = len(text)
            spans = []
            for _ in range(chance.randint(6, 14)):
                text += " " if len(text) > start else ""
                if chance.random() < 0.12:
                    concept = min(int(chance.expovariate(1 / 160)), CONCEPTS - 1)
                    spans.append((len(text), concept))
                    text += f"concept {concept}"
                else:
                    text += chance.choice(WORDS)
            text += "."
            for at, concept in spans:
                mentions.append(_mention(chance, text, at, concept, len(blocks), section, start))
            if chance.random() < 0.02:
                quantities.append(_quantity(chance, len(blocks), start, len(text)))
        blocks.append(
            Block(begin, len(text), kind, level, section, trail, f"#a > p:nth-of-type({len(blocks)})")
        )

    add(Kind.TITLE, 1, "", (), 1)
    for part in range(PARAGRAPHS):
        section = SECTIONS[part * len(SECTIONS) // PARAGRAPHS]
        trail = (f"Heading {section}",)
        if part % 5 == 0:
            add(Kind.HEADING, 2, section, (), 1)
        add(Kind.LIST_ITEM if part % 4 == 3 else Kind.PARAGRAPH, part % 4 // 3, section, trail, SENTENCES)
    if number == 321:
        text += "\n\nThis is unmistakable."
        blocks.append(Block(len(text) - 21, len(text), Kind.PARAGRAPH, 0, "", (), "#end"))
    title = text[: blocks[0].end]
    url = f"https://site{number % 40}.example/pages/{number}.html"
    year = 2010 + number % 15
    data = Metadata(
        title=title, url=url, site=f"Site {number % 40}", published=f"{year}-03-0{number % 9 + 1}"
    )
    page = Page(f"site{number % 40}/{number:04}.html", b"", f"{number}.html")
    return Extraction(
        page, Article(text, tuple(blocks), metadata or data), tuple(mentions), quantities=tuple(quantities)
    )


def _mention(
    chance: random.Random, text: str, at: int, concept: int, block: int, section: str, start: int
) -> Mention:
    label = LABELS[concept % 4]
    assertion = chance.choices(list(Assertion), (80, 8, 6, 3, 2, 1))[0]
    words = f"concept {concept}"
    return Mention(
        at, at + len(words), words, label, f"{label.lower()}:concept-{concept}", words, assertion,
        "" if assertion is Assertion.PRESENT else "no", block, section, start, len(text), f"terms:{concept}",
    )  # fmt: skip


def _quantity(chance: random.Random, block: int, start: int, end: int) -> Quantity:
    low = round(chance.uniform(3.3, 3.7), 1)
    return Quantity(
        start, end, "3.5 to 5", low, low + 1.5, "", "mmol/L", low, low + 1.5, "mmol/L",
        QuantityKind.REFERENCE_RANGE, 0, block, start, end,
    )  # fmt: skip
