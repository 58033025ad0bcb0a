"""The components under their names: what registering them loads, and what stands in their way."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path

from spacy.language import Language

from pipeline.components import factories
from tests.components.pipelines import STEPS, run

ROOT = Path(__file__).parents[2]


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
