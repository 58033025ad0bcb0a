"""Why something differs between two runs: what the page's digest, the text, the vocabulary and the program tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .align import Pair, Spot

_COMPARED = ("text", "concept_id", "assertion", "cue", "section")
_OF_BLOCKS = ("kind", "level", "section", "trail", "place")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Programs:
    """What run.json tells of how two runs were made; `lines` say each difference, first -> second."""

    same_program: bool
    same_vocabulary: bool
    lines: tuple[str, ...]

    @classmethod
    def of(cls, first: Mapping[str, Any], second: Mapping[str, Any]) -> Programs:
        """From the `info` of two runs."""
        facts = {name: (_facts(first)[name], _facts(second)[name]) for name in _facts(first)}
        lines = [f"{name}: {one} -> {other}" for name, (one, other) in facts.items() if one != other]
        program = all(one == other for name, (one, other) in facts.items() if name.startswith("program"))
        return cls(program, facts["vocabulary"][0] == facts["vocabulary"][1], tuple(lines))

    @property
    def cause(self) -> str:
        """The cause where page and text are the same."""
        if self.same_vocabulary:
            return "program"
        return "vocabulary" if self.same_program else "vocabulary or program"

    @property
    def told(self) -> str:
        """The same in words."""
        return "; ".join(self.lines) or "same version and vocabulary: the code was changed"


def _facts(info: Mapping[str, Any]) -> dict[str, str]:
    options = info.get("options", {})
    versions = info.get("dependencies", {})
    return {
        "program": f"{info.get('program', '')} {info.get('version', '')}",
        **{f"program's {name}": str(versions.get(name, "")) for name in ("spacy", "beautifulsoup4", "lxml")},
        "vocabulary": str(info.get("vocabulary_digest", ""))[:12],
        "folders of vocabulary": ", ".join(map(str, options.get("vocabulary", []))) or "none",
        "max_bytes": str(options.get("max_bytes", "")),
        "page_seconds": str(options.get("page_seconds", "")),
    }


def block_columns(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of blocks, as `blocks.text`, in which two lists of blocks differ; only the text where there are more
    or fewer of them."""
    if [block["text"] for block in first] != [block["text"] for block in second]:
        return ["blocks.text"]
    return [
        f"blocks.{name}"
        for name in _OF_BLOCKS
        if any(one[name] != other[name] for one, other in zip(first, second, strict=True))
    ]


def columns_of(pair: Pair) -> list[str]:
    """The columns of mentions in which both sides of a pair differ; none where a side is missing."""
    if pair.first is None or pair.second is None:
        return []
    found = [name for name in _COMPARED if getattr(pair.first, name) != getattr(pair.second, name)]
    if not pair.same_text:
        # In an edited sentence other words, cues and capitals around the same finding are no news.
        return [name for name in found if name in ("concept_id", "assertion")]
    return found


def cause_of_article(
    first: Mapping[str, Any], second: Mapping[str, Any], columns: Sequence[str], programs: Programs
) -> tuple[str, str]:
    """Cause and detail of an article whose `columns` differ."""
    if "content_sha256" in columns:
        return "page", f"content_sha256: {first['content_sha256'][:12]} -> {second['content_sha256'][:12]}"
    if "status" in columns:
        return programs.cause, f"status: {first['status']} -> {second['status']}; {programs.told}"
    if "blocks.text" in columns:
        return "cleaning", f"words: {first['words']} -> {second['words']}; {programs.told}"
    return programs.cause, programs.told


def cause_of_mention(
    pair: Pair, columns: Sequence[str], same_page: bool, same_text: bool, programs: Programs
) -> tuple[str, str]:
    """Cause and detail of a mention that came, went or whose `columns` differ. `same_text` is of the whole article."""
    text = "page" if not same_page else "cleaning"
    if not pair.same_text:
        found = pair.second or pair.first
        where = "the second" if pair.second else "the first"
        return text, f"its block's text stands so only in {where} run: {_short(found)}"
    told = _told(pair, columns)
    if programs.same_vocabulary and programs.same_program and not same_text:
        return text, f"{told}; the text elsewhere in the article changed"
    if columns == ["section"] and not same_text:
        return text, f"{told}; the headings above changed"
    cued = bool(columns) and set(columns) <= {"assertion", "cue"}
    if cued and "cue" in columns and programs.cause == "vocabulary":
        return "cue", told
    return programs.cause, f"{told}; {programs.told}" if programs.cause != "vocabulary" else told


def _told(pair: Pair, columns: Sequence[str]) -> str:
    if pair.first is None or pair.second is None:
        return f"term: {_term(pair.first)} -> {_term(pair.second)}"
    parts = []
    if {"text", "concept_id"} & set(columns):
        parts.append(f"term: {_term(pair.first)} -> {_term(pair.second)}")
    parts += [
        f"{name}: {getattr(pair.first, name) or 'none'} -> {getattr(pair.second, name) or 'none'}"
        for name in ("assertion", "cue", "section")
        if name in columns
    ]
    return "; ".join(parts)


def _term(spot: Spot | None) -> str:
    return spot.term if spot else "none"


def _short(spot: Spot | None) -> str:
    sentence = " ".join(spot.sentence.split()) if spot else ""
    return sentence if len(sentence) <= _LONGEST else sentence[: _LONGEST - 1] + "…"
