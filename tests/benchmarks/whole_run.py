"""CPU per page of the whole run against three others on the same pages, and where it goes.

    python tests/benchmarks/whole_run.py [PAGES] [--rounds 1]

The whole run reads a page's file, decodes, cleans, finds, relates, makes the tables and writes them as CSV. The others
get the decoded text, read outside their time: trafilatura.extract; BeautifulSoup(html, "lxml"); and what one would
assemble of trafilatura, spaCy's English tokenizer, a PhraseMatcher of the terms of our vocabulary, and negspacy. Needs
`pip install trafilatura negspacy`; what is not installed is left out, and that is said.

All take turns every few pages in one process, so that a busy machine slows all alike. Each is run as it is run in
earnest: the workers of a run have the garbage collector look for cycles less often, the others find it as Python sets
it. Times are process_time of this process; only the ratios mean anything elsewhere.
"""

from __future__ import annotations

import argparse
import gc
import logging
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import process_time

from bs4 import BeautifulSoup

from pipeline import plain, terminology
from pipeline.batch import CHUNK_PAGES
from pipeline.batch.chunk import Settings, calm, process
from pipeline.decode import decode
from pipeline.language import text_language
from pipeline.model import Decoded
from pipeline.sources import Item, load, plan
from pipeline.tables import TABLES
from pipeline.writers import Writer, load_format

SAMPLE = Path(__file__).parents[2] / "corpora" / "sample"
OURS = "medtables run"
AIMS = {"trafilatura.extract": 0.7, "BeautifulSoup(html, 'lxml')": 1.0, "assembled pipeline": 0.5}
_NEEDS = {"trafilatura.extract": ("trafilatura",), "assembled pipeline": ("trafilatura", "negspacy")}

Rival = Callable[[str], object]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--rounds", type=int, default=1, help="go through the pages so often")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.filterwarnings("ignore")
    items = plan([str(given.pages)])
    chunks = [items[begin : begin + CHUNK_PAGES] for begin in range(0, len(items), CHUNK_PAGES)]
    rivals = _rivals()
    with tempfile.TemporaryDirectory() as folder:
        writer = load_format("csv").open(Path(folder), tuple(TABLES.values()))
        stages: Counter[str] = Counter()
        # The first pages load what is loaded once; they are read again below, inside the clock. A text without
        # English words loads the model of languages.
        _run(chunks[0], writer, stages)
        text_language(plain.read("Dies ist ein Satz, der in einer anderen Sprache geschrieben wurde. " * 5))
        for rival in rivals.values():
            for text in _texts(chunks[0]):
                rival(text)
        stages.clear()
        gc.collect()
        gc.freeze()
        seconds = dict.fromkeys([OURS, *rivals], 0.0)
        for _ in range(given.rounds):
            for chunk in chunks:
                with calm():
                    started = process_time()
                    _run(chunk, writer, stages)
                    seconds[OURS] += process_time() - started
                texts = _texts(chunk)
                for name, rival in rivals.items():
                    started = process_time()
                    for text in texts:
                        rival(text)
                    seconds[name] += process_time() - started
        writer.close()
    _show(seconds, stages, len(items) * given.rounds)


def _run(chunk: Sequence[Item], writer: Writer, stages: Counter[str]) -> None:
    """What a run with one worker does with some pages."""
    result = process(chunk, Settings())
    for stage, value in result.seconds.items():
        stages[stage] += value
    started = process_time()
    for name, table in TABLES.items():
        writer.write(table, result.batches[name])
    stages["write"] += process_time() - started


def _texts(chunk: Sequence[Item]) -> list[str]:
    pages = (load(item) for item in chunk)
    found = (decode(page.content, page.content_type, page.media_type) for page in pages)
    return [one.text for one in found if isinstance(one, Decoded)]


def _rivals() -> dict[str, Rival]:
    rivals: dict[str, Rival] = {}
    for name in AIMS:
        missing = [package for package in _NEEDS.get(name, ()) if not _version(package)]
        if missing:
            print(f"without {name}: pip install {' '.join(missing)}", file=sys.stderr)
        elif name == "assembled pipeline":
            rivals[name] = _assembled()
        elif name == "trafilatura.extract":
            import trafilatura

            rivals[name] = trafilatura.extract
        else:
            rivals[name] = lambda text: BeautifulSoup(text, "lxml")
    return rivals


def _assembled() -> Rival:
    """Text of a page -> (label, start, end, text, negated) of each term of our vocabulary in it."""
    import negspacy.negation  # noqa: F401  registers the component negex
    import trafilatura
    from spacy.lang.en import English
    from spacy.language import Language
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc, Span
    from spacy.util import filter_spans

    nlp = English()
    nlp.add_pipe("sentencizer")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    # Of another tokenizer, as terms would fill the cache of the one that reads texts and slow it by a third.
    split = English(vocab=nlp.vocab).tokenizer
    terms: dict[str, list[Doc]] = {}
    for term in terminology.load().terms:
        terms.setdefault(term.label, []).append(split(term.text))
    for label, docs in terms.items():
        matcher.add(label, docs)

    @Language.component("benchmark_terms")
    def find(doc: Doc) -> Doc:
        doc.ents = filter_spans(
            [Span(doc, start, end, label=doc.vocab.strings[key]) for key, start, end in matcher(doc)]
        )
        return doc

    nlp.add_pipe("benchmark_terms")
    nlp.add_pipe("negex", config={"ent_types": list(terms)})

    def rival(html: str) -> object:
        text = trafilatura.extract(html) or ""
        return [(e.label_, e.start_char, e.end_char, e.text, e._.negex) for e in nlp(text).ents]

    return rival


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _show(seconds: dict[str, float], stages: Counter[str], pages: int) -> None:
    ours = seconds[OURS]
    names = ("trafilatura", "beautifulsoup4", "lxml", "spacy", "negspacy")
    print(f"{pages} pages; " + ", ".join(f"{name} {found}" for name in names if (found := _version(name))))
    print(f"{'':28}{'ms a page':>10}{'ratio':>8}{'aim':>7}")
    for name, value in seconds.items():
        ratio = f"{ours / value:>8.2f}{AIMS[name]:>7}" if name in AIMS else ""
        print(f"{name:28}{1000 * value / pages:>10.1f}{ratio}")
    print(f"\n{'stage':28}{'ms a page':>10}{'share':>8}")
    for stage, value in [*stages.most_common(), ("between stages", ours - stages.total())]:
        print(f"{stage:28}{1000 * value / pages:>10.2f}{value / ours:>8.1%}")


if __name__ == "__main__":
    main()
