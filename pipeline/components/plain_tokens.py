"""Words as spaCy's own English tokenizer parts them, for rulers that run without medtables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def english_tokens(texts: Iterable[str]) -> Iterator[list[str]]:
    """The tokens of each text."""
    from spacy.lang.en import English

    tokenizer = English().tokenizer
    for text in texts:
        yield [token.text for token in tokenizer(text)]
