"""The finding components in other people's pipelines: any tokenizer, whole or step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

from pipeline import article, plain, read
from pipeline.decode import decode
from pipeline.extract import Engine, extract
from pipeline.model import Article, Block, Decoded, Kind, Mention, Page
from tests.components.pipelines import (
    PIPELINES,
    STEPS,
    TEXT,
    blank,
    characters,
    concepts,
    entities,
    readings,
    spans,
    trained,
    white_space,
)

ROOT = Path(__file__).parents[2]


def texts_of_the_sample() -> Iterator[tuple[str, Article]]:
    for page in read([ROOT / "corpora" / "sample"]):
        decoded = decode(page.content, page.content_type, page.media_type)
        if isinstance(decoded, Decoded):
            found = article.parse(decoded.text, media_type=page.media_type)
            if found.blocks and found.problem is None:
                yield found.text, found


def paragraphs_of_the_sample() -> list[str]:
    """The text of each block, on one line."""
    blocks = {text[one.start : one.end] for text, found in texts_of_the_sample() for one in found.blocks}
    return sorted({" ".join(block.split()) for block in blocks})


def rows(mentions: tuple[Mention, ...]) -> list[dict[str, object]]:
    names = ("start", "end", "text", "label", "concept_id", "concept", "assertion", "cue", "section")
    names += ("sentence_start", "sentence_end", "term")
    return [{name: getattr(mention, name) for name in names} for mention in mentions]


def in_plain_text(text: str, engine: Engine) -> tuple[Mention, ...]:
    """The mentions that `extract` gives for a file of plain text."""
    return extract(Page("page.txt", text.encode(), "page.txt", "text/plain"), engine).mentions


def touched(doc: Doc, start: int, end: int) -> list[int]:
    return [token.i for token in doc if token.idx < end and token.idx + len(token) > start]


@pytest.mark.parametrize("make", PIPELINES)
def test_a_doc_has_the_mentions_of_extract(make: Callable[[], Language], engine: Engine) -> None:
    nlp = make()
    nlp.add_pipe("medtables")
    found = 0
    for text, _ in texts_of_the_sample():
        doc = nlp(text)
        mentions = in_plain_text(text, engine)
        assert doc._.medtables == rows(mentions)
        for span, mention in zip(doc.spans["medtables"], mentions, strict=True):
            assert [token.i for token in span] == touched(doc, mention.start, mention.end)
            assert (span.label_, span.kb_id_, span.id_) == (mention.label, mention.concept_id, mention.term)
        found += len(mentions)
    assert found > 800


def test_a_block_alone_is_read_as_one_paragraph(engine: Engine) -> None:
    nlp = blank()
    nlp.add_pipe("medtables")
    for doc in nlp.pipe(paragraphs_of_the_sample()):
        paragraph = Article(doc.text, (Block(0, len(doc.text), Kind.PARAGRAPH),))
        mentions = engine.annotator.mentions(paragraph)
        assert doc._.medtables == rows(tuple(replace(one, section="") for one in mentions))


@pytest.mark.parametrize("make", PIPELINES)
def test_the_steps_one_by_one_find_what_the_whole_finds(make: Callable[[], Language]) -> None:
    whole, stepwise = make(), make()
    whole.add_pipe("medtables")
    for step in STEPS:
        stepwise.add_pipe(f"medtables_{step}")
    for text, _ in texts_of_the_sample():
        assert spans(stepwise(text)) == spans(whole(text))


def test_in_a_paragraph_the_steps_read_the_assertions_of_the_whole() -> None:
    whole, stepwise = blank(), blank()
    whole.add_pipe("medtables")
    for step in (*STEPS, "assertion"):
        stepwise.add_pipe(f"medtables_{step}")
    denied = 0
    for text in paragraphs_of_the_sample():
        wanted, got = (readings(nlp(text)) for nlp in (whole, stepwise))
        assert got == wanted
        denied += sum(assertion == "absent" for assertion, _ in wanted)
    assert denied > 10


def test_the_steps_are_those_of_the_annotator(engine: Engine) -> None:
    assert tuple(engine.annotator.pipes) == STEPS


_PIECES = st.sampled_from(
    [
        "no ",
        "fever",
        "low ",
        "potassium",
        "B12",
        "25mg",
        "\n",
        "\n\n",
        "* ",
        "Ca²⁺",
        "’s ",
        "-",
        ", ",
        "itis",
        "(MS)",
    ]
)


@pytest.fixture(scope="module")
def joined() -> list[Language]:
    made = [make() for make in (blank, white_space, characters)]
    for nlp in made:
        nlp.add_pipe("medtables", config={"set_ents": True})
    return made


@given(text=st.lists(_PIECES | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)).map("".join))
def test_any_text_keeps_its_offsets(text: str, joined: list[Language], engine: Engine) -> None:
    wanted = rows(engine.annotator.mentions(plain.read(text)))
    for nlp in joined:
        doc = nlp(text)
        assert doc.text == text
        assert doc._.medtables == wanted
        assert all(text[row["start"] : row["end"]] == row["text"] for row in doc._.medtables)
        assert len(doc.spans["medtables"]) == len(wanted)


def test_what_the_text_says_stands_on_the_span() -> None:
    nlp = blank()
    nlp.add_pipe("medtables")
    doc = nlp(TEXT)
    fever = next(span for span in doc.spans["medtables"] if span.text == "fever")
    assert (fever.label_, fever.kb_id_) == ("SYMPTOM", "symptom:fever")
    assert (fever._.medtables_assertion, fever._.medtables_cue) == ("absent", "no")


def test_two_mentions_in_one_token_keep_their_characters() -> None:
    nlp = white_space()
    nlp.add_pipe("medtables", config={"set_ents": True})
    doc = nlp("cough,no-fever")
    assert [span.text for span in doc.spans["medtables"]] == ["cough,no-fever"] * 2
    assert [(row["text"], row["assertion"]) for row in doc._.medtables] == [
        ("cough", "present"),
        ("fever", "absent"),
    ]
    assert len(doc.ents) == 1


def test_a_list_is_read_with_its_lead_in() -> None:
    nlp = blank()
    nlp.add_pipe("medtables")
    doc = nlp("It does not cause:\n\n* fever\n* cough\n")
    assert [row["assertion"] for row in doc._.medtables] == ["absent", "absent"]


def test_the_sentences_and_entities_of_the_pipeline_stay() -> None:
    nlp = trained()
    before = nlp(TEXT)
    nlp.add_pipe("medtables")
    after = nlp(TEXT)
    assert [token.is_sent_start for token in after] == [token.is_sent_start for token in before]
    assert [(one.text, one.label_) for one in after.ents] == [(one.text, one.label_) for one in before.ents]


def ruled(*components: tuple[str, dict[str, object]]) -> Doc:
    nlp = blank()
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "OURS", "pattern": "low sodium"}])
    for name, config in components:
        nlp.add_pipe(name, config=config)
    return nlp("Not fever but low sodium levels")


def test_entities_are_set_on_request_and_others_stay() -> None:
    assert entities(ruled(("medtables", {}))) == [("low sodium", "OURS")]
    doc = ruled(("medtables", {"set_ents": True}))
    assert entities(doc) == [("fever", "SYMPTOM"), ("low sodium", "OURS")]
    assert (doc.ents[0].kb_id_, doc.ents[0].ent_id_) == ("symptom:fever", doc.spans["medtables"][0].id_)
    doc = ruled(("medtables", {"set_ents": True, "overwrite_ents": True}))
    assert entities(doc) == [("fever", "SYMPTOM"), ("low sodium levels", "CONDITION")]


def test_a_later_step_replaces_the_entities_of_an_earlier() -> None:
    nlp = blank()
    for step in STEPS:
        nlp.add_pipe(f"medtables_{step}", config={"set_ents": True})
    whole = blank()
    whole.add_pipe("medtables", config={"set_ents": True})
    text = "pain in the upper back and heart or kidney disease"
    assert entities(nlp(text)) == entities(whole(text))
    assert entities(nlp(nlp(text))) == entities(whole(text))


def test_the_group_is_named_by_the_user() -> None:
    nlp = blank()
    nlp.add_pipe("medtables", config={"spans_key": "sc"})
    nlp.add_pipe("medtables_assertion", config={"spans_key": "sc"})
    doc = nlp("No fever")
    assert list(doc.spans) == ["sc"]
    assert doc.spans["sc"][0]._.medtables_assertion == "absent"


def test_an_empty_doc_has_an_empty_group() -> None:
    nlp = blank()
    nlp.add_pipe("medtables", config={"set_ents": True})
    for text in ("", " ", "\n", "Hello."):
        doc = nlp(text)
        assert list(doc.spans["medtables"]) == [] and doc._.medtables == [] and doc.ents == ()


def test_a_step_goes_on_from_the_spans_of_others() -> None:
    nlp = blank()
    nlp.add_pipe("medtables_terms")
    doc = nlp.make_doc("Chest or zorb pain, gout")
    doc.spans["medtables"] = [Span(doc, 2, 3, "MINE", kb_id="mine:zorb", span_id="me")]
    assert ("zorb", "MINE", "mine:zorb", "me") in spans(nlp(doc))
    assert "condition:gout" in concepts(doc)


def test_a_span_that_somebody_took_away_between_two_steps_stays_away() -> None:
    @Language.component("drop_gout")
    def drop_gout(doc: Doc) -> Doc:
        doc.spans["medtables"] = [span for span in doc.spans["medtables"] if span.text != "gout"]
        return doc

    nlp = blank()
    for name in ("medtables_terms", "drop_gout", "medtables_patterns"):
        nlp.add_pipe(name)
    assert concepts(nlp("gout and pain in the upper back")) == ["symptom:upper-back-pain"]


def test_a_doc_that_was_saved_between_two_steps_goes_on() -> None:
    first, second = blank(), blank()
    first.add_pipe("medtables_terms")
    second.add_pipe("medtables_patterns")
    (doc,) = DocBin(docs=[first("gout and pain in the upper back")]).get_docs(second.vocab)
    assert concepts(second(doc)) == ["condition:gout", "symptom:upper-back-pain"]
