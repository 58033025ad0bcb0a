"""The words of a text: a tokenizer of one regular expression, and the vocabulary that knows their normal forms.

spaCy's own English tokenizer takes about four times as long, and splits what our vocabulary keeps apart by rule
(`B12`, `25mg`); text and terms both come through here, so they agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from spacy.attrs import IDX, LOWER, NORM
from spacy.tokens import Doc
from spacy.vocab import Vocab

# Numbers, the tails of contractions, letters, one other character; each with the space behind it; or white space.
_WORD = re.compile(r"(\d+(?:[.,]\d+)*|'(?:s|t|re|ve|ll|d|m)\b|[^\W\d_]+|\S)( ?)|(\s+)")

_TEXT = "medtables_text"


def text_of(doc: Doc) -> str:
    """The text of a Doc that `Words` made, without joining its tokens again."""
    text: str = doc.user_data[_TEXT]
    return text


def starts_of(doc: Doc) -> list[int]:
    """The offset of each token."""
    starts: list[int] = doc.to_array(IDX).tolist()
    return starts


def make_vocab(norm: Callable[[str], str]) -> Vocab:
    """A vocabulary whose lexemes have `norm` as their NORM and no attribute that nobody here asks for."""
    return Vocab(lex_attr_getters={NORM: norm, LOWER: str.lower})


class Words:
    """Tokenizer: text -> Doc whose words and spaces give the text back."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        words: list[str] = []
        spaces: list[bool] = []
        for word, space, white in _WORD.findall(text):
            words.append(word or white)
            spaces.append(bool(space))
        doc = Doc(self.vocab, words=words, spaces=spaces)
        doc.user_data[_TEXT] = text
        return doc

    def pipe(self, texts: Iterable[str], batch_size: int = 1000) -> Iterable[Doc]:
        """The Docs of `texts`, one by one."""
        return map(self, texts)
