"""Pages in archives: which members are pages, what they are called, and how one is read. Nothing is ever written to
disk, so a member's name is no more than its name, whatever stands in it.

A page is called `pages.zip#folder/page.html`, by its name in the archive, so that packing again in another order
changes no id. Of members with the same name the second is called `pages.zip#folder/page.html#2`.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, BinaryIO

from ..model import Page, Problem, Status
from .file import SAMPLE, looks_like_page, nothing, open_file
from .file import load as load_file
from .item import Entry, Item, Reader, Reading, failed, too_large, visible
from .names import (
    FOR_MACHINES,
    FRAMES,
    PAGE_SUFFIXES,
    is_suspect,
    not_a_folder_of_pages,
    not_a_page,
    page_of_frames,
    suffix_of,
)
from .unpack import Damaged, is_bomb

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive; `size` is in bytes, and `packed` where it is packed by itself. `place` finds it again;
    where that is empty, the archive is packed as a whole and the member must be read now, from `stream`. `problem` is
    why it cannot be read."""

    name: str
    size: int
    place: str = ""
    packed: int | None = None
    stream: io.BufferedReader | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form of archive. `members` lists those of an open file and raises Damaged where it cannot go on; `open` opens
    the one at a place and raises Damaged."""

    members: Callable[[BinaryIO, Reading], Iterator[Member]]
    open: Callable[[BinaryIO, str], io.BufferedReader]


@dataclass(frozen=True, slots=True)
class Archive:
    """How archives of a form are read; `readers` are those of what may stand in them, by suffix."""

    form: Form
    readers: Mapping[str, Reader]

    def entries(self, item: Item, reading: Reading) -> Iterator[Entry]:
        """The pages of the archive, as items where they can be found again. Raises OSError."""
        with open_file(item.path) as stream:
            yield from _Way(self, item, stream, reading).entries()

    def load(self, item: Item, reading: Reading) -> Page:
        """The page of one member."""
        place, _, suffix = item.part.rpartition(" ")

        def read(item: Item, stream: BinaryIO) -> Page:
            try:
                return next(self.readers[suffix].pages(item, self.form.open(stream, place), reading))
            except Damaged as damage:
                return failed(item, damage.problem.reason)

        return load_file(item, read)

    def pages(self, item: Item, stream: BinaryIO, reading: Reading) -> Iterator[Page]:
        """An archive inside an archive is not opened: there may be no end to it."""
        yield failed(
            item, "an archive inside an archive is not read; unpack the outer one and give the folder"
        )


class _Way:
    """One way through an archive."""

    def __init__(self, archive: Archive, item: Item, stream: BinaryIO, reading: Reading) -> None:
        self._archive, self._item, self._stream, self._reading = archive, item, stream, reading
        self._times: Counter[bytes] = Counter()
        self._others: Counter[str] = Counter()
        self._page_names: set[bytes] | None = None  # of all members, where the archive can be read again

    def entries(self) -> Iterator[Entry]:
        given = 0
        try:
            for entry in self._each():
                given += 1
                yield entry
        except Damaged as damage:
            reason = f"{damage.problem.reason}; {given:,} pages were found before"
            problem = Problem(damage.problem.status, reason)
            yield Page(self._item.article_id, b"", visible(self._item.path), problem=problem)
        else:
            if not given:
                yield nothing(self._item, self._others)

    def _each(self) -> Iterator[Entry]:
        for member in self._archive.form.members(self._stream, self._reading):
            suffix = self._suffix_of(member)
            if suffix is None:
                continue
            item = self._item_of(member, suffix)
            reader = self._archive.readers[suffix]
            if member.problem is not None:
                yield Page(item.article_id, b"", visible(item.path), problem=member.problem)
            elif reader.single and member.size > self._reading.max_bytes:
                problem = too_large(member.size, self._reading.max_bytes)
                yield Page(item.article_id, b"", visible(item.path), problem=problem)
            elif reader.single and member.packed is not None and is_bomb(member.size, member.packed):
                reason = f"a bomb: {member.packed:,} bytes in the archive unpack to {member.size:,}"
                problem = Problem(Status.TOO_LARGE, reason)
                yield Page(item.article_id, b"", visible(item.path), problem=problem)
            elif reader.single and member.place:
                yield item
            else:
                yield from reader.pages(item, self._open(member), self._reading)

    def _item_of(self, member: Member, suffix: str) -> Item:
        name = visible(member.name)
        key = _digest(name)
        self._times[key] += 1
        if self._times[key] > 1:
            name = f"{name}#{self._times[key]}"
        whole = self._item
        part = f"{member.place} {suffix}"
        return Item(f"{whole.article_id}#{name}", whole.path, whole.reader, part, whole.fields)

    def _open(self, member: Member) -> io.BufferedReader:
        return member.stream or self._archive.form.open(self._stream, member.place)

    def _suffix_of(self, member: Member) -> str | None:
        """The suffix by which the member is read, or None if it is no page."""
        *folders, name = member.name.split("/")
        if any(part.startswith(".") and part.strip(".") for part in (*folders, name)):
            return None
        suffix = suffix_of(name, self._archive.readers)
        if suffix not in self._archive.readers:
            if not is_suspect(name) or not self._looks_like_page(member):
                self._others[suffix or "no suffix"] += 1
                return None
            suffix = PAGE_SUFFIXES[0]
        rule = ""
        if any(map(not_a_folder_of_pages, folders)) or not_a_page(name):
            rule = FOR_MACHINES
        elif self._is_frame(folders, bool(member.place)):
            rule = FRAMES
        if rule:
            self._reading.notes.left_out[rule] += 1
        return None if rule else suffix

    def _looks_like_page(self, member: Member) -> bool:
        if member.problem is not None:
            return False
        try:
            return looks_like_page(self._open(member).peek(SAMPLE))
        except Damaged:
            return False

    def _is_frame(self, folders: list[str], anywhere: bool) -> bool:
        """Whether a folder above belongs to a saved page of the archive, which must stand before it where members
        cannot be found again."""
        for depth, folder in enumerate(folders):
            stem = page_of_frames(folder)
            if stem:
                names = self._all_names() if anywhere else self._times
                page = "/".join((*folders[:depth], stem))
                return any(_digest(visible(page + suffix)) in names for suffix in PAGE_SUFFIXES)
        return False

    def _all_names(self) -> set[bytes]:
        if self._page_names is None:
            self._page_names = set()
            try:
                for member in self._archive.form.members(self._stream, Reading()):
                    if suffix_of(member.name) in PAGE_SUFFIXES:
                        self._page_names.add(_digest(visible(member.name)))
            except Damaged:
                pass  # told when the way gets there
        return self._page_names


def _digest(name: str) -> bytes:
    # A set of names would take three times the memory.
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()


class Guarded(io.RawIOBase):
    """The stream of a member, whose errors all become Damaged."""

    def __init__(self, stream: BinaryIO | io.BufferedIOBase, errors: tuple[type[Exception], ...]) -> None:
        super().__init__()
        self._stream, self._errors = stream, errors

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer, or less of it at the end. Raises Damaged."""
        view = memoryview(buffer)
        try:
            part = self._stream.read(len(view))
        except self._errors as error:
            told = " ".join(str(error).split()) or type(error).__name__
            raise Damaged.failed(f"it is damaged in the archive ({told}); fetch the archive again") from error
        view[: len(part)] = part
        return len(part)
