"""Build the nlp; the only place where a Doc becomes our tuples."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from spacy.tokens import Doc

from ..fold import fold
from ..model import Article, Block, Mention
from ..norms import make_norm
from ..terminology import Terminology
from ..tsv import VOCABULARY
from .abbreviations import Abbreviations
from .assertion import Assertions
from .candidates import Candidate, Rank, winners
from .coordination import Coordination
from .gates import Gates
from .lead_ins import LeadIns
from .lexicon import Lexicon
from .patterns import BLOCKED, Patterns
from .sentences import covering, sentence_abbreviations, sentence_bounds
from .suffixes import Suffixes
from .terms import Terms
from .words import Words, make_vocab, starts_of, text_of

_NORMS_KEPT = 20_000  # words, enough for those that names are made of


class Annotator:
    """Reads mentions from articles. Built once for a terminology; reading keeps no state between articles."""

    def __init__(self, terminology: Terminology) -> None:
        norm = lru_cache(_NORMS_KEPT)(make_norm(VOCABULARY))
        asked = {
            token["CLASS"] for pattern in terminology.patterns for token in pattern.tokens if "CLASS" in token
        }
        lexicon = Lexicon(terminology.lexicon, norm, asked)
        self.vocab = make_vocab(norm, lexicon.flags_of)
        terms = Terms(self.vocab, terminology.terms, terminology.blocked, lexicon)
        self._words = Words(self.vocab)
        self.pipes: dict[str, Callable[[Doc], Doc]] = {
            "terms": terms,
            "suffixes": Suffixes(self.vocab, terminology.suffixes),
            "patterns": Patterns(self.vocab, terminology.patterns, lexicon, terms),
            "abbreviations": Abbreviations(lexicon),
            "coordination": Coordination(lexicon, terms, terminology.coordinations),
            "gates": Gates(self.vocab, terminology.terms, terminology.gates, terminology.everyday, norm),
        }
        self._assertions = Assertions(terminology.cues)
        self._names = terminology.names
        self._sentence_abbreviations = sentence_abbreviations()
        labels = {term.label for term in terminology.terms}
        labels |= {suffix.label for suffix in terminology.suffixes}
        labels |= {pattern.label for pattern in terminology.patterns}
        self.labels = tuple(sorted(labels - {BLOCKED}))

    def doc(self, article: Article) -> Doc:
        """The Doc of an article's folded text, after all components."""
        doc = self.words(article)
        for pipe in self.pipes.values():
            doc = pipe(doc)
        return doc

    def words(self, article: Article) -> Doc:
        """The Doc of an article's folded text, before all components."""
        return self._words(_foldable(article))

    def mentions(self, article: Article) -> tuple[Mention, ...]:
        """The mentions of `article`, sorted by offset, none inside another."""
        if not article.blocks:
            return ()
        doc = self.doc(article)
        by_sentence: dict[tuple[int, int, int], list[tuple[Candidate, int, int]]] = {}
        bounds_of: dict[int, list[tuple[int, int]]] = {}
        text = text_of(doc)
        for one, start, end, number in located(doc, article.blocks):
            block = article.blocks[number]
            if number not in bounds_of:
                bounds_of[number] = list(
                    sentence_bounds(text, block.start, block.end, self._sentence_abbreviations)
                )
            bound = covering(bounds_of[number], start) or (block.start, block.end)
            bound = (bound[0], max(bound[1], end))
            by_sentence.setdefault((number, *bound), []).append((one, start, end))
        spans: dict[int, list[tuple[int, int]]] = {}
        for (number, _, _), found in by_sentence.items():
            spans.setdefault(number, []).extend((start, end) for _, start, end in found)
        lead_ins = LeadIns(self._assertions, text, article.blocks, spans, self._sentence_abbreviations)
        mentions: list[Mention] = []
        for (number, first, last), found in by_sentence.items():
            places = [(start, end) for _, start, end in found]
            opening = first == bounds_of[number][0][0]
            carried = lead_ins.carried(number) if opening else ()
            labels = [one.label for one, _, _ in found]
            read = self._assertions.read(text, (first, last), places, labels, carried)
            for (one, start, end), reading in zip(found, read, strict=True):
                mentions.append(
                    Mention(
                        start=start,
                        end=end,
                        text=article.text[start:end],
                        label=one.label,
                        concept_id=one.concept_id,
                        concept=self._name(one.concept_id),
                        assertion=reading.assertion,
                        cue=reading.cue,
                        cue_where=reading.where,
                        block=number,
                        section=article.blocks[number].section,
                        sentence_start=first,
                        sentence_end=last,
                        term=one.where,
                        elliptic=one.rank is Rank.ELLIPTIC,
                    )
                )
        return tuple(sorted(mentions, key=lambda mention: mention.start))

    def _name(self, concept_id: str) -> str:
        name = self._names.get(concept_id)
        if name is None:
            head, _, qualifier = concept_id.partition(":")[2].partition("@")
            name = head.replace("-", " ") + (f" ({qualifier.replace('-', ' ')})" if qualifier else "")
        return name


def located(doc: Doc, blocks: Sequence[Block]) -> Iterator[tuple[Candidate, int, int, int]]:
    """The winners with a label that stand in one block, each with its offsets and the number of the block."""
    starts = starts_of(doc)
    block_starts = [block.start for block in blocks]
    for one in winners(doc):
        if one.label:
            start = starts[one.start]
            end = starts[one.end - 1] + len(doc[one.end - 1])
            number = bisect_right(block_starts, start) - 1
            if number >= 0 and end <= blocks[number].end:
                yield one, start, end, number


def _foldable(article: Article) -> str:
    """The folded text, with the line breaks inside hard-wrapped blocks as spaces; offsets stay."""
    folded = fold(article.text)
    pieces = []
    position = 0
    for block in article.blocks:
        if "\n" in folded[block.start : block.end]:
            pieces.append(folded[position : block.start])
            pieces.append(_one_line(folded, block))
            position = block.end
    return "".join((*pieces, folded[position:])) if pieces else folded


def _one_line(folded: str, block: Block) -> str:
    return folded[block.start : block.end].replace("\r", " ").replace("\n", " ")
