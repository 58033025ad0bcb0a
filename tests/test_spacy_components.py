"""The finding components in other people's pipelines: any tokenizer, saved and loaded, in several processes."""

from __future__ import annotations

import importlib
import pickle
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.util import load_model_from_config

from pipeline import article, plain, read
from pipeline.components import factories
from pipeline.components.kept import Kept
from pipeline.decode import decode
from pipeline.errors import VocabularyError
from pipeline.extract import Engine, extract
from pipeline.model import Article, Block, Decoded, Kind, Mention, Page
from pipeline.terminology import TERM_COLUMNS

ROOT = Path(__file__).parent.parent
STEPS = ("terms", "suffixes", "patterns", "abbreviations", "coordination", "gates")
TEXT = "Hypokalemia may cause muscle cramps, but no fever. Heart or kidney disease is rare; Na+/K+ was low."


def blank() -> Language:
    return spacy.blank("en")


def white_space() -> Language:
    """Punctuation stays on the words: a mention is often a part of a token, two may share one."""
    nlp = spacy.blank("xx")
    nlp.tokenizer = Tokenizer(nlp.vocab)
    return nlp


class Characters:
    def __init__(self, nlp: Language) -> None:
        self.vocab = nlp.vocab

    def __call__(self, text: str) -> Doc:
        return Doc(self.vocab, words=list(text), spaces=[False] * len(text))


def characters() -> Language:
    nlp = spacy.blank("en")
    nlp.tokenizer = Characters(nlp)
    return nlp


def trained() -> Language:
    """Tags, trees, sentences and entities of weights that learnt nothing: all of them are wrong."""
    nlp = spacy.blank("en")
    for name in ("tagger", "parser", "ner"):
        nlp.add_pipe(name)
    words = {
        "words": ["Low", "potassium", "hurts", "."],
        "tags": ["JJ", "NN", "VBZ", "."],
        "heads": [1, 2, 2, 2],
        "deps": ["amod", "nsubj", "ROOT", "punct"],
        "entities": ["B-X", "L-X", "O", "O"],
    }
    example = Example.from_dict(nlp.make_doc("Low potassium hurts ."), words)
    nlp.initialize(lambda: [example])
    return nlp


PIPELINES = [blank, white_space, characters, trained]


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


def spans(doc: Doc, key: str = "medtables") -> list[tuple[str, str, str, str]]:
    return [(span.text, span.label_, span.kb_id_, span.id_) for span in doc.spans[key]]


def readings(doc: Doc) -> list[tuple[str, str]]:
    return [(span._.medtables_assertion, span._.medtables_cue) for span in doc.spans["medtables"]]


def concepts(doc: Doc) -> list[str]:
    return [span.kb_id_ for span in doc.spans["medtables"]]


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


def entities(doc: Doc) -> list[tuple[str, str]]:
    return [(entity.text, entity.label_) for entity in doc.ents]


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


def overlay(folder: Path, *terms: str, label: str = "gene") -> Path:
    (folder / "terms").mkdir(parents=True, exist_ok=True)
    lines = ["\t".join(TERM_COLUMNS), *(f"{label}:{term}\t{term}\tpreferred\t\t\t" for term in terms)]
    (folder / "terms" / f"{label}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def to_disk(nlp: Language, folder: Path) -> Language:
    nlp.to_disk(folder / "saved")
    return spacy.load((folder / "saved").rename(folder / "moved"))


def to_bytes(nlp: Language, folder: Path) -> Language:
    return load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())


@pytest.mark.parametrize("name", ["medtables", "medtables_terms"])
@pytest.mark.parametrize("save", [to_disk, to_bytes])
def test_a_saved_pipeline_is_whole_without_its_overlays(
    save: Callable[[Language, Path], Language], name: str, tmp_path: Path
) -> None:
    folders = [overlay(tmp_path / "a" / "mine", "zorbine"), overlay(tmp_path / "b" / "mine", "zorbase")]
    nlp = blank()
    config = {"vocabulary": [str(folder) for folder in folders], "spans_key": "sc"}
    nlp.add_pipe(name, config=config)
    text = "zorbine, zorbase and no fever"
    wanted = spans(nlp(text), "sc")
    assert [row[2:] for row in wanted][:2] == [
        ("gene:zorbine", "mine/terms/gene.tsv:2"),
        ("gene:zorbase", "mine/terms/gene.tsv:2"),
    ]
    nlp.to_disk(tmp_path / "before")
    for folder in folders:
        shutil.rmtree(folder)
    again = save(spacy.load(tmp_path / "before"), tmp_path)
    assert spans(again(text), "sc") == wanted
    assert "GENE" in again.pipe_labels[name]


def test_what_was_saved_wins_over_what_stands_in_the_folder_now(tmp_path: Path) -> None:
    mine = overlay(tmp_path / "mine", "zorbine")
    nlp = blank()
    nlp.add_pipe("medtables", config={"vocabulary": [str(mine)]})
    overlay(mine, "zorbase")
    again = to_disk(nlp, tmp_path)
    assert concepts(again("zorbine and zorbase")) == ["gene:zorbine"]
    fresh = load_model_from_config(nlp.config)
    assert concepts(fresh("zorbine and zorbase")) == ["gene:zorbase"], "a config alone holds paths"


def test_a_pipeline_can_be_saved_where_another_was(tmp_path: Path) -> None:
    nlp = blank()
    nlp.add_pipe("medtables", config={"vocabulary": [str(overlay(tmp_path / "mine", "zorbine"))]})
    nlp.to_disk(tmp_path / "saved")
    plainly = blank()
    plainly.add_pipe("medtables")
    plainly.to_disk(tmp_path / "saved")
    assert concepts(spacy.load(tmp_path / "saved")("zorbine")) == []


def test_the_cues_of_the_user_are_saved_too(tmp_path: Path) -> None:
    header = "cue\tcategory\tdirection\tscope\tstops\tspares\texample\n"
    cues, mine = tmp_path / "own.tsv", tmp_path / "mine"
    cues.write_text(f"{header}kein\tabsent\tforward\t3\n", encoding="utf-8")
    mine.mkdir()
    (mine / "cues.tsv").write_text(f"{header}ohne\tabsent\tforward\t3\n", encoding="utf-8")
    nlp = spacy.blank("de")
    nlp.add_pipe("medtables_assertion", config={"cues": str(cues), "vocabulary": [str(mine)]})
    nlp.to_disk(tmp_path / "saved")
    cues.unlink()
    shutil.rmtree(mine)
    for text, wanted in (("kein Fieber", "absent"), ("ohne Fieber", "absent"), ("no Fieber", "present")):
        again = spacy.load(tmp_path / "saved")
        doc = again.make_doc(text)
        doc.spans["medtables"] = [Span(doc, 1, 2, "SYMPTOM")]
        assert again(doc).spans["medtables"][0]._.medtables_assertion == wanted


def test_a_folder_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    for name in ("medtables", "medtables_patterns", "medtables_assertion"):
        nlp = blank()
        nlp.add_pipe(name, config={"vocabulary": [str(tmp_path / "none")]})
        with pytest.raises(VocabularyError, match="none: is not there"):
            nlp("No fever.")
        with pytest.raises(VocabularyError, match="none: is not there"):
            nlp.to_disk(tmp_path / "saved")


def test_a_broken_overlay_stops_add_pipe_with_its_line(tmp_path: Path) -> None:
    mine = overlay(tmp_path / "mine", "zorbine")
    path = mine / "terms" / "gene.tsv"
    path.write_text(path.read_text() + "other:x\tx\tpreferred\n")
    with pytest.raises(VocabularyError, match=r"gene\.tsv:3"):
        blank().add_pipe("medtables", config={"vocabulary": [str(mine)]})
    with pytest.raises(VocabularyError, match="is no folder"):
        blank().add_pipe("medtables", config={"vocabulary": [str(path)]})


@pytest.mark.parametrize(
    "saved",
    [b"{", b"[1]", b'{"../x.tsv": ""}', b'{"0/../../x.tsv": ""}', b'{"0//x/y.tsv": ""}', b'{"0": ""}'],
)
def test_saved_files_stay_in_their_folder(saved: bytes) -> None:
    component = blank().add_pipe("medtables_terms")
    assert isinstance(component, Kept)
    with pytest.raises(VocabularyError):
        component.from_bytes(saved)


def test_docs_travel_in_a_doc_bin(tmp_path: Path) -> None:
    nlp = trained()
    nlp.add_pipe("medtables", config={"set_ents": True, "overwrite_ents": True})
    doc = nlp(TEXT)
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "docs.spacy")
    (again,) = DocBin().from_disk(tmp_path / "docs.spacy").get_docs(blank().vocab)
    assert spans(again) == spans(doc) and len(spans(doc)) >= 6
    assert entities(again) == entities(doc)
    assert list(again._.medtables) == doc._.medtables
    assert readings(again) == readings(doc) and ("absent", "no") in readings(doc)


@pytest.mark.parametrize(
    "names", [["medtables"], [*(f"medtables_{step}" for step in STEPS), "medtables_assertion"]]
)
def test_two_processes_find_what_one_finds(names: list[str], tmp_path: Path) -> None:
    nlp = blank()
    config = {"vocabulary": [str(overlay(tmp_path / "mine", "zorbine"))]}
    for name in names:
        nlp.add_pipe(name, config=config)
    texts = [TEXT, "No zorbine.", "", "low sodium"] * 3
    one, two = (
        [
            (spans(doc), doc.user_data, readings(doc))
            for doc in nlp.pipe(texts, n_process=number, batch_size=2)
        ]
        for number in (1, 2)
    )
    assert one == two


def test_processes_that_inherit_nothing_get_the_overlay_too(tmp_path: Path) -> None:
    mine = overlay(tmp_path / "mine", "zorbine")
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing, shutil, spacy\n"
        "import pipeline.components.factories\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('spawn')\n"
        "    nlp = spacy.blank('en')\n"
        f"    nlp.add_pipe('medtables', config={{'vocabulary': [{str(mine)!r}]}})\n"
        f"    shutil.rmtree({str(mine)!r})\n"
        "    for doc in nlp.pipe(['no zorbine', 'fever'], n_process=2, batch_size=1):\n"
        "        print([(row['concept_id'], row['assertion']) for row in doc._.medtables])\n"
    )
    done = run(str(script))
    assert done == "[('gene:zorbine', 'absent')]\n[('symptom:fever', 'present')]\n"


def test_components_can_be_pickled() -> None:
    nlp = blank()
    for name in ("medtables", "medtables_assertion"):
        component = nlp.add_pipe(name)
        again = pickle.loads(pickle.dumps(component))
        doc = again(nlp("No fever"))
        assert doc.spans["medtables"][0]._.medtables_assertion == "absent"


def test_components_share_one_vocabulary_in_memory() -> None:
    first, second = (blank().add_pipe(name) for name in ("medtables", "medtables_gates"))
    assert isinstance(first, Kept) and isinstance(second, Kept)
    assert first.made is second.made


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_registering_the_factories_loads_nothing_else() -> None:
    code = (
        "import sys, spacy; before = {*sys.modules}; import pipeline.components.factories;"
        "print(*sorted({*sys.modules} - before)); spacy.blank('en')"
    )
    assert run("-c", code).split() == ["pipeline", "pipeline.components", "pipeline.components.factories"]


def test_every_entry_point_is_a_factory() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = project["entry-points"]["spacy_factories"]
    assert {*named} == {"medtables", "medtables_assertion", *(f"medtables_{step}" for step in STEPS)}
    for name, target in named.items():
        module, _, attribute = target.partition(":")
        assert callable(getattr(importlib.import_module(module), attribute))
        assert Language.has_factory(name)
    assert named["medtables"].startswith(factories.__name__)


def test_attributes_that_exist_already_are_no_error() -> None:
    code = (
        "import spacy; from spacy.tokens import Doc, Span\n"
        "Doc.set_extension('medtables', default=None); Span.set_extension('medtables_assertion', default='?')\n"
        "import pipeline.components.factories\n"
        "for _ in range(2):\n"
        "    nlp = spacy.blank('en'); nlp.add_pipe('medtables'); nlp.add_pipe('medtables_assertion')\n"
        "doc = nlp('No fever'); print(doc[:1]._.medtables_assertion, len(doc._.medtables))"
    )
    assert run("-c", code).split() == ["?", "1"]
