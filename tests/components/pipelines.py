"""Pipelines of other people, and what stands on their docs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.training import Example

from pipeline.terminology import TERM_COLUMNS

ROOT = Path(__file__).parents[2]
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


def spans(doc: Doc, key: str = "medtables") -> list[tuple[str, str, str, str]]:
    return [(span.text, span.label_, span.kb_id_, span.id_) for span in doc.spans[key]]


def readings(doc: Doc) -> list[tuple[str, str]]:
    return [(span._.medtables_assertion, span._.medtables_cue) for span in doc.spans["medtables"]]


def concepts(doc: Doc) -> list[str]:
    return [span.kb_id_ for span in doc.spans["medtables"]]


def entities(doc: Doc) -> list[tuple[str, str]]:
    return [(entity.text, entity.label_) for entity in doc.ents]


def overlay(folder: Path, *terms: str, label: str = "gene") -> Path:
    (folder / "terms").mkdir(parents=True, exist_ok=True)
    lines = ["\t".join(TERM_COLUMNS), *(f"{label}:{term}\t{term}\tpreferred\t\t\t" for term in terms)]
    (folder / "terms" / f"{label}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout
