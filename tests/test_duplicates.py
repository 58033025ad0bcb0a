"""Which articles repeat another: near copies are found, pages of one template are not, and groups have one original."""

from __future__ import annotations

import hashlib
import html
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.duplicates import FEWEST_WORDS, Finder, signature
from pipeline.extract import Engine, extract
from pipeline.model import Article, Block, Extraction, Kind, Metadata, Page, Problem, Status
from pipeline.sources import read

ROOT = Path(__file__).parent.parent
TITLE = "Leg cramps at night"
STORY = [
    "A cramp that wakes you pulls the calf into a hard knot, and for a minute or two nothing else exists.",
    "Most people over fifty know it. In most of them nothing is wrong with the muscle, the nerve or the blood.",
    "Loss of salt after hard work in the heat, some water tablets and long sitting make cramps more likely.",
    "Low potassium and low magnesium are often blamed. Blood tests rarely show either in healthy people.",
    "Stretch the calf against a wall three times a day; after two weeks many people sleep through the night.",
    "During a cramp, pull the toes towards the knee and rub the muscle until the knot lets go of itself.",
    "Quinine stops some cramps but can harm the heart, so doctors seldom give it for this reason any more.",
    "See a doctor if the leg swells, turns red or weak, or if cramps come by day in several muscles at once.",
    "Pregnant women have cramps in the last months; they fade after birth, and stretching is safe for them.",
    "A glass of water before bed does no harm, yet nobody has shown that it keeps a calf from cramping.",
]
OTHERS = ["Our editors looked at this again in spring.", "Readers wrote to us about it for years and years."]


def page(paragraphs: list[str], title: str = TITLE, *, around: str = "{}", head: str = "") -> str:
    body = "".join(f"<p>{html.escape(one)}</p>" for one in paragraphs)
    heading = f"<h1>{html.escape(title)}</h1>" if title else ""
    return (
        f"<html><head><title>{html.escape(title)}</title>{head}</head>"
        f"<body>{around.format(heading + body)}</body></html>"
    )


def extracted(source: str, engine: Engine) -> Extraction:
    return extract(Page("page.html", source.encode(), "page.html"), engine)


def duplicates(engine: Engine, **pages: str) -> dict[str, str]:
    finder = Finder()
    for name, source in pages.items():
        finder.add(name, signature(extracted(source, engine)))
    return finder.duplicates()


TEMPLATE = (
    "<header><nav><a href=/>Home</a> <a href=/h>Health</a></nav></header><main><article class=story>{}</article>"
    "<aside><h3>Related</h3><ul><li><a href=/1>Sleep well</a></li></ul></aside></main><footer>All rights"
    " reserved</footer>"
)
COPIES = {
    "other_template": page(STORY, around=TEMPLATE),
    "print": page(
        [*STORY, "Printed from page.example for you alone."],
        f"{TITLE} - print version",
        around="<div>Print</div>{}",
    ),
    "intro": page([" ".join(OTHERS), *STORY]),
    "paragraph_replaced": page([*STORY[:4], " ".join(OTHERS), *STORY[5:]]),
    "words_replaced": page([one.replace("people", "patients").replace("cramp ", "spasm ") for one in STORY]),
    "last_paragraph_missing": page(STORY[:-1]),
    "retitled": page(STORY, "Why calves hurt after dark"),
    "quotes_and_case": page([one.replace("'", "’").upper() for one in STORY]),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_near_copy_is_found(name: str, engine: Engine) -> None:
    assert duplicates(engine, first=page(STORY), copy=COPIES[name]) == {"copy": "first"}


def test_all_copies_point_at_one_original(engine: Engine) -> None:
    assert duplicates(engine, first=page(STORY), **COPIES) == dict.fromkeys(COPIES, "first")


def test_the_original_is_the_one_published_first(engine: Engine) -> None:
    def dated(day: str) -> str:
        return page(STORY, head=f'<meta property="article:published_time" content="{day}">')

    found = duplicates(engine, undated=page(STORY), late=dated("2024-05-31"), early=dated("2024-05-30"))
    assert found == {"undated": "early", "late": "early"}
    assert duplicates(engine, b=page(STORY), a=page(STORY)) == {"a": "b"}


def test_the_print_version_of_the_sample_is_found_and_nothing_else(engine: Engine) -> None:
    finder = Finder()
    for one in read([str(ROOT / "corpora" / "sample")]):
        finder.add(one.article_id, signature(extract(one, engine)))
    copy = "musclenotes.example/print/muscle-twitching-causes.html"
    assert finder.duplicates() == {copy: "wordpress-muscle-twitching.html"}


# --- what is no copy


NOTICE = [
    "You have reached the end of what is free to read here this month, and more waits behind the door.",
    "Members read all of it, on paper and on every screen, and may give five stories a month to a friend.",
    "You may end it on any day with one click, and we send back what you have paid for days to come.",
]
LEAFLET = [
    "Read all of this leaflet before you begin, and keep it, for you may want to read it again later on.",
    "This one is for you alone. Do not pass it on to others, even if what they feel is just what you feel.",
    "Ask whoever wrote the slip, or the person behind the counter, about anything that you do not follow.",
    "Each box holds four strips of seven. The date by which all should be used is printed under the flap.",
    "Bring what you did not use back to the shop; it must never go down the sink or out with the paper.",
    "The maker may be written to at the place below, and answers letters in the order in which they come.",
]


def about(drug: str, other: str) -> str:
    return page(
        [
            f"{drug} is taken once a day with a glass of water, at the same time each day, with or without food.",
            f"Do not take {drug} if you are pregnant. Tell your doctor before you stop {drug} or change the dose.",
            f"The most common effects of {drug} are dizziness, cough and headache; they often pass in some weeks.",
            f"Call for help if {drug} makes your face or throat swell. Never share {drug} with anybody at all.",
            f"If you forget {drug}, take it when you remember, unless it is nearly time for the next tablet.",
            f"Keep {drug} dry and out of reach. People who cannot take {drug} are sometimes given {other}.",
            *LEAFLET,
            *NOTICE,
        ],
        f"{drug}: what to know",
    )


def test_pages_of_one_template_on_different_medications_are_no_copies(engine: Engine) -> None:
    drugs = ["Lisinopril", "Enalapril", "Ramipril", "Captopril", "Losartan"]
    pages = {name: about(name, other) for name, other in zip(drugs, drugs[1:] + drugs[:1], strict=True)}
    assert duplicates(engine, **pages) == {}
    assert duplicates(engine, **pages, again=about("Ramipril", "Captopril")) == {"again": "Ramipril"}


def test_pages_that_hold_the_same_notice_only_are_no_copies(engine: Engine) -> None:
    titles = ["Cough that stays", "Seven soups for winter", "When fever is good", "Salt: how much is enough?"]
    pages = {f"page_{number}": page(NOTICE, title) for number, title in enumerate(titles)}
    assert all(signature(extracted(one, engine)) for one in pages.values())
    assert duplicates(engine, **pages) == {}


def test_a_part_of_a_page_is_no_copy(engine: Engine) -> None:
    assert duplicates(engine, whole=page(STORY), teaser=page(STORY[:3])) == {}


def test_short_articles_and_pages_without_one_have_no_signature(engine: Engine) -> None:
    words = " ".join(["word"] * (FEWEST_WORDS - 1))
    text = Article(words, (Block(0, len(words), Kind.PARAGRAPH),))
    bare = Page("a", b"", "a")
    assert signature(Extraction(bare, text)) == b""
    longer = Article(f"{words} more", (Block(0, len(words) + 5, Kind.PARAGRAPH),))
    assert len(signature(Extraction(bare, longer))) == 196
    assert signature(Extraction(bare, longer, problem=Problem(Status.BLOCKED, "a wall"))) == b""
    finder = Finder()
    finder.add("a", b"")
    finder.add("b", b"")
    assert finder.duplicates() == {}
    assert Finder().duplicates() == {}


# --- the same everywhere


def test_a_signature_is_the_same_in_every_process_and_version() -> None:
    text = " ".join(STORY)
    plain = signature(Extraction(Page("a", b"", "a"), Article(text, (Block(0, len(text), Kind.PARAGRAPH),))))
    # A new version of rensa that hashes otherwise would make parts of different machines incomparable.
    assert hashlib.sha256(plain).hexdigest()[:16] == "cb5a4de23f9d19e6"
    script = (
        "import sys\nfrom pipeline.duplicates import signature\n"
        "from pipeline.model import Article, Block, Extraction, Kind, Page\n"
        "text = sys.stdin.read()\n"
        "article = Article(text, (Block(0, len(text), Kind.PARAGRAPH),))\n"
        "print(signature(Extraction(Page('a', b'', 'a'), article)).hex())"
    )
    for seed in "1", "2":
        made = subprocess.run(
            [sys.executable, "-c", script], input=text, capture_output=True, text=True, check=True, cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert made.stdout.strip() == plain.hex()


@pytest.mark.parametrize(
    "published", ["2024", "2024-05", "2024-05-31", "2024-05-31T10:00:00+02:00", "", "soon"]
)
def test_any_date_orders_the_copies(published: str, engine: Engine) -> None:
    found = extracted(page(STORY), engine)
    article = replace(found.article, metadata=Metadata(published=published))
    finder = Finder()
    finder.add(
        "late", signature(replace(found, article=replace(article, metadata=Metadata(published="2025"))))
    )
    finder.add("one", signature(replace(found, article=article)))
    expected = {"one": "late"} if published in ("", "soon") else {"late": "one"}
    assert finder.duplicates() == expected


# --- groups, of any signatures


@st.composite
def families(draw: st.DrawFn) -> list[tuple[str, bytes]]:
    """Signatures of some stories with copies that differ in some slots; all with different days."""
    made: list[tuple[str, bytes]] = []
    for story in range(draw(st.integers(0, 4))):
        base = draw(st.binary(min_size=128, max_size=128))
        for copy in range(draw(st.integers(1, 6))):
            slots = bytearray(base)
            for place in draw(st.lists(st.integers(0, 127), max_size=70)):
                slots[place] = draw(st.integers(0, 255))
            day = (20240000 + draw(st.integers(0, 99)) * 100 + len(made)).to_bytes(4, "little")
            made.append((f"story{story}/copy{copy}", day + bytes(slots) + bytes(64)))
    return made


def found_in(articles: list[tuple[str, bytes]]) -> dict[str, str]:
    finder = Finder()
    for article_id, made in articles:
        finder.add(article_id, made)
    return finder.duplicates()


@settings(max_examples=150)
@given(families(), st.randoms(use_true_random=False))
def test_groups_have_one_original_and_no_chains_in_any_order(
    articles: list[tuple[str, bytes]], random
) -> None:  # type: ignore[no-untyped-def]
    found = found_in(articles)
    days = {article_id: made[:4][::-1] for article_id, made in articles}
    for repeat, original in found.items():
        assert repeat != original
        assert original not in found
        assert days[original] < days[repeat]
    shuffled = list(articles)
    random.shuffle(shuffled)
    assert found_in(shuffled) == found
    assert found_in([one for one in articles if one[0] not in found]) == {}


def test_a_thousand_copies_and_a_thousand_of_one_template_are_told_apart() -> None:
    copies = [(f"copy{number}", b"\xff" * 4 + b"\x07" * 128 + bytes(64)) for number in range(1500)]
    template = []
    for number in range(1500):
        own = hashlib.shake_256(str(number).encode()).digest(128)
        shared = bytes(9 if own[(place * 7) % 128] < 160 else own[place] for place in range(128))
        template.append((f"drug{number}", b"\xff" * 4 + shared + bytes(64)))
    found = found_in([*template, *copies])
    assert {repeat: original for repeat, original in found.items() if repeat.startswith("copy")} == {
        f"copy{number}": "copy0" for number in range(1, 1500)
    }
    assert sum(repeat.startswith("drug") for repeat in found) < 15
