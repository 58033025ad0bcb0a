"""The words of a text: a tokenizer of one regular expression, and the vocabulary that knows their normal
forms.

spaCy's own English tokenizer takes about four times as long, and splits what our vocabulary keeps apart by
rule (`B12`, `25mg`); text and terms both come through here, so they agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from spacy.attrs import IDX, LOWER, NORM, ORTH
from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..norms import WORD

# A word with the space behind it, or white space.
_PIECE = re.compile(rf"(?:{WORD}) ?|\s{{1,100}}")

_ONE = re.compile(WORD)

_TEXT, _VALUES = "medtables_text", "medtables_values_"


def text_of(doc: Doc) -> str:
    """The text of a Doc that `Words` made, without joining its tokens again."""
    text: str = doc.user_data[_TEXT]
    return text


def split(text: str) -> list[str]:
    """The words of a text as `Words` makes them, without a Doc."""
    return _ONE.findall(text)


def values_of(doc: Doc, attribute: int) -> Sequence[int]:
    """An attribute of each token: hashes (NORM, ORTH) or offsets (IDX); read once for all components."""
    key = f"{_VALUES}{attribute}"
    values: Sequence[int] | None = doc.user_data.get(key)
    if values is None:
        values = doc.user_data[key] = doc.to_array(attribute).tolist()
    return values


def starts_of(doc: Doc) -> Sequence[int]:
    """The offset of each token."""
    return values_of(doc, IDX)


class _Attributes(dict[int, Callable[[str], Any]]):
    """What spaCy asks of each new lexeme: its norm and then only the flags that the norm has.

    spaCy calls every getter of this mapping for every new word. Classes are many and words that have one are
    few, so the flags are yielded after the norm is known, and getters that would answer no are never called.
    """

    def __init__(self, norm: Callable[[str], str], flags_of: Mapping[str, Sequence[int]]) -> None:
        super().__init__({NORM: self._norm, LOWER: str.lower})
        self._make_norm = norm
        self._flags_of = flags_of
        self._last = ""

    def _norm(self, text: str) -> str:
        self._last = norm = self._make_norm(text)
        return norm

    def items(self) -> Iterator[tuple[int, Callable[[str], Any]]]:  # type: ignore[override]
        yield LOWER, str.lower
        yield NORM, self._norm
        for flag in self._flags_of.get(self._last, ()):
            yield flag, bool


def make_vocab(norm: Callable[[str], str], flags_of: Mapping[str, Sequence[int]]) -> Vocab:
    """A vocabulary whose lexemes have `norm` as their NORM, the flags of that norm, and nothing else."""
    attributes: Any = _Attributes(norm, flags_of)
    return Vocab(lex_attr_getters=attributes)


class _Pieces(dict[str, int]):
    """The hash of the word in each piece of text, worked out once.

    A Doc that is given hashes need not compute them for every token, which takes a third of the tokenizing.
    `blanks` has the hashes of white space that ends with a space, which is then no space behind a word.
    """

    def __init__(self, vocab: Vocab) -> None:
        super().__init__()
        self._strings = vocab.strings
        self.blanks: set[int] = set()

    def __missing__(self, piece: str) -> int:
        blank = piece.isspace()
        self[piece] = known = self._strings.add(piece if blank else piece.removesuffix(" "))
        if blank and piece.endswith(" "):
            self.blanks.add(known)
        return known


class Words:
    """Tokenizer: text -> Doc whose words and spaces give the text back."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab
        self._pieces = _Pieces(vocab)

    def __call__(self, text: str) -> Doc:
        pieces = _PIECE.findall(text)
        # spaCy takes hashes too, but does not declare it.
        words: Any = list(map(self._pieces.__getitem__, pieces))
        spaces = [piece[-1] == " " for piece in pieces]
        blanks = self._pieces.blanks
        if blanks and not blanks.isdisjoint(words):
            spaces = [space and word not in blanks for space, word in zip(spaces, words, strict=True)]
        doc = Doc(self.vocab, words=words, spaces=spaces)
        doc.user_data[_TEXT] = text
        doc.user_data[f"{_VALUES}{ORTH}"] = words
        return doc

    def pipe(self, texts: Iterable[str], batch_size: int = 1000) -> Iterable[Doc]:
        """The Docs of `texts`, one by one."""
        return map(self, texts)
