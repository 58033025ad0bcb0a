"""What every stage keeps, for inputs that nobody would write: one property for each stage of a page's way.

`tests/fuzz/invariants.py` says what is checked. The properties of fold, markup, the writers and many small functions
stand in the tests of their modules.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import article, plain, sources
from pipeline.decode import decode
from pipeline.errors import VocabularyError
from pipeline.extract import Engine, extract
from pipeline.model import Decoded, Page
from pipeline.terminology import load
from pipeline.tsv import VOCABULARY
from tests.fuzz import invariants
from tests.fuzz.targets import TARGETS
from tests.fuzz.texts import sentence_of

TAGS = tuple(word for word in TARGETS["page"].words if word.startswith("<"))
SENTENCES = st.binary(max_size=40).map(sentence_of)
PAGES = st.lists(st.sampled_from(TAGS) | SENTENCES | st.text(max_size=20), max_size=30).map("".join)
CHARSETS = ("utf-8", "utf-16", "utf-8-sig", "cp1252", "gb18030", "shift_jis", "koi8-r")


def slowly(examples: int) -> settings:
    """So many examples, or a hundred times as many in the profile `long`."""
    return settings(max_examples=examples * (100 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 1))


@slowly(60)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z0-9 #]{1,8}\.(html|txt|html\.gz)", fullmatch=True),
        st.binary(max_size=60),
        min_size=1,
    ),
    st.randoms(use_true_random=False),
)
def test_sources_leave_bytes_untouched_and_ids_do_not_depend_on_order(
    files: dict[str, bytes], random
) -> None:  # type: ignore[no-untyped-def]
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            packed = gzip.compress(content) if file.endswith(".gz") else content
            (folder / file).write_bytes(packed)
        found = {page.article_id: page for page in sources.read([name])}
        assert set(found) == set(files)
        for file, content in files.items():
            if not content.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
                assert found[file].content == content and found[file].problem is None
        given_apart = [str(folder / file) for file in files]
        random.shuffle(given_apart)
        apart = {Path(page.source).name: page.content for page in sources.read(given_apart)}
        assert apart == {page.source.rpartition("/")[2]: page.content for page in found.values()}


@slowly(200)
@given(
    st.binary(max_size=80)
    | st.tuples(st.text(), st.sampled_from(CHARSETS)).map(lambda one: one[0].encode(one[1], "replace")),
    st.sampled_from(["", *CHARSETS]),
)
def test_any_bytes_are_text_or_a_problem(content: bytes, charset: str) -> None:
    for media_type in ("text/html", "text/plain"):
        found = decode(content, f"text/html; charset={charset}" if charset else "", media_type)
        invariants.decoded(content, found)
        assert decode(content, f"text/html; charset={charset}" if charset else "", media_type) == found


@slowly(100)
@given(
    st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and "\0" not in text),
    st.sampled_from(["utf-16-le", "utf-16-be", "utf-8"]),
)
def test_a_byte_order_mark_outdoes_everything(text: str, charset: str) -> None:
    page = f"<p>{text}"
    found = decode(f"\ufeff{page}".encode(charset), "text/html; charset=cp1252")
    assert isinstance(found, Decoded)
    assert (found.text, found.evidence) == (page, "bom")


@slowly(100)
@given(PAGES)
def test_the_blocks_of_any_page_are_its_text(text: str) -> None:
    found = article.parse(text)
    invariants.article(found)
    invariants.sentences(found)
    assert article.parse(text) == found


@slowly(200)
@given(st.lists(SENTENCES | st.text(max_size=30), max_size=12).map("\n".join))
def test_no_letter_of_plain_text_is_lost_and_no_sentence_crosses_a_block(text: str) -> None:
    found = plain.read(text)
    invariants.plain(text, found)
    invariants.sentences(found)


@slowly(80)
@given(PAGES, st.booleans())
def test_every_stage_holds_on_any_page(engine: Engine, text: str, is_plain: bool) -> None:
    page = Page("a", text.encode("utf-8", "replace"), "a", "text/plain" if is_plain else "text/html")
    found = extract(page, engine, language="any")
    invariants.extraction(page, found)
    again = extract(page, engine, language="any")
    for one in (found, again):
        object.__setattr__(one, "seconds", ())
    assert again == found


def test_an_extraction_is_made_of_plain_values(engine: Engine) -> None:
    text = "<h1>Gout</h1><p>Potassium below 3.5 mmol/L causes [cramps], no fever.</p>"
    page = Page("a", text.encode(), "a")
    found = extract(page, engine)
    assert found.mentions and found.quantities
    assert invariants.made_of_plain_values(found)


def test_another_process_extracts_the_same(engine: Engine) -> None:
    text = (
        "<h1>Low potassium</h1><p>Potassium below 3.5 mmol/L causes cramps and fatigue. No fever, ALS or MS."
    )
    program = (
        "from pipeline.extract import extract, load_engine; from pipeline.model import Page;"
        "from dataclasses import replace;"
        f"print(replace(extract(Page('a', {text.encode()!r}, 'a'), load_engine()), seconds=()))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=VOCABULARY.parent.parent,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert "potassium" in told.pop()


@slowly(100)
@given(
    st.sampled_from(["terms/symptom.tsv", "gates.tsv", "suffixes.tsv", "cues.tsv", "patterns/symptom.jsonl"]),
    st.lists(st.sampled_from(TARGETS["vocabulary"].words) | st.text(max_size=5), max_size=20).map("".join),
)
def test_a_vocabulary_is_refused_by_file_and_line_or_loaded(name: str, text: str) -> None:
    kind, rest = TARGETS["vocabulary"], text.encode("utf-8", "surrogatepass")
    places = {
        "terms/symptom.tsv": 0,
        "patterns/symptom.jsonl": 1,
        "cues.tsv": 4,
        "gates.tsv": 7,
        "suffixes.tsv": 8,
    }
    kind.run(bytes([places[name]]) + rest.replace(b"\f", b""))


def test_the_package_vocabulary_is_loaded_whole() -> None:
    try:
        words = load()
    except VocabularyError as error:
        raise AssertionError(error) from error
    assert len(words.terms) > 10_000
