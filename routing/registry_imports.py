"""Take in imports of many rows: all at once when they are closed, or not at all.

Rows are put where they belong as they come, behind a gate of their import, so that closing costs
nothing however many there are. An import that was never closed, because the process died within,
stays behind its gate for ever.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from .number_history import Columns, Gate, NumberHistory, TermsT
from .registry_events import ImportClosed, ImportEvent, ImportOpened, ImportRows

ArrayT = TypeVar("ArrayT", "array[int]", "array[float]")

_LITTLE: Final = sys.byteorder == "little"
_TEXTS: Final = msgspec.msgpack.Encoder()


class Hasher(Protocol):
    """Be what `hashlib.sha256()` gives."""

    def update(self, data: bytes, /) -> None:
        """Add octets."""

    def hexdigest(self) -> str:
        """Give the digest of all octets."""


class ImportMismatchError(ValueError):
    """Say that an import's events don't fit together; nothing of it takes effect."""


def digest(hasher: Hasher, chunk: ImportRows) -> None:
    """Add a chunk to the SHA-256 of its import: each part with its length before it.

    The lists of texts count as MessagePack.
    """
    kinds, texts = _TEXTS.encode(chunk.kinds), _TEXTS.encode(chunk.texts)
    for part in (chunk.numbers, chunk.since, chunk.until, kinds, chunk.picks, texts):
        hasher.update(len(part).to_bytes(8, "little"))
        hasher.update(part)


def packed(values: array[int] | array[float]) -> bytes:
    """Give an array as octets in little-endian order."""
    if _LITTLE:
        return values.tobytes()
    turned = values[:]
    turned.byteswap()
    return turned.tobytes()


def _unpacked(values: ArrayT, octets: bytes) -> ArrayT:
    values.frombytes(octets)
    if not _LITTLE:
        values.byteswap()
    return values


def numbers_of(chunk: ImportRows) -> array[int]:
    """Give the numbers of a chunk."""
    return _unpacked(array("Q"), chunk.numbers)


def _spread(values: ArrayT, count: int) -> ArrayT:
    return values * count if len(values) == 1 else values


@dataclass(slots=True)
class _Open:
    """Follow one import from its opening to its end."""

    gate: Gate
    rows: int = 0
    chunks: int = 0
    hasher: Hasher = field(default_factory=sha256)


class Imports(Generic[TermsT]):
    """Fold the import events of one registry into its history."""

    __slots__ = ("_history", "_open", "_read", "_registry", "_seen")

    def __init__(
        self,
        registry: str,
        history: NumberHistory[TermsT],
        read: Callable[[tuple[str, ...]], TermsT],
    ) -> None:
        """Fold into `history`; `read` turns an element of `ImportRows.kinds` into terms."""
        self._registry = registry
        self._history = history
        self._read = read
        self._open: dict[int, _Open] = {}
        self._seen: set[int] = set()

    @property
    def unfinished(self) -> tuple[int, ...]:
        """Give the imports without an end, which a restart finds when the process died within."""
        return tuple(self._open)

    def apply(self, event: ImportEvent) -> None:
        """Take in one event; those of other registries' imports are passed over.

        Raises ImportMismatchError where the event doesn't fit to those before.
        """
        if isinstance(event, ImportOpened):
            if event.registry == self._registry:
                self._begin(event)
            return
        opened = self._open.get(event.import_id)
        if opened is None:
            if event.import_id in self._seen:
                raise ImportMismatchError(f"import {event.import_id} has ended already")
            return
        if isinstance(event, ImportRows):
            self._take(opened, event)
        elif isinstance(event, ImportClosed):
            del self._open[event.import_id]
            self._close(opened, event)
        else:
            del self._open[event.import_id]

    def _begin(self, event: ImportOpened) -> None:
        if event.import_id in self._seen or event.import_id <= 0:
            raise ImportMismatchError(f"import {event.import_id}: a fresh number above 0")
        self._seen.add(event.import_id)
        self._open[event.import_id] = _Open(Gate(event.import_id))

    def _take(self, opened: _Open, chunk: ImportRows) -> None:
        if chunk.index != opened.chunks:
            raise ImportMismatchError(
                f"import {chunk.import_id}: chunk {chunk.index} seen, {opened.chunks} is next"
            )
        rows = self._columns(chunk)
        self._history.add_rows(rows, opened.gate, chunk.at)
        digest(opened.hasher, chunk)
        opened.chunks += 1
        opened.rows += len(rows.numbers)

    def _close(self, opened: _Open, event: ImportClosed) -> None:
        seen = (opened.rows, opened.chunks, opened.hasher.hexdigest())
        named = (event.rows, event.chunks, event.sha256)
        if seen != named:
            raise ImportMismatchError(
                f"import {event.import_id}: {seen[0]} rows in {seen[1]} chunks with SHA-256 "
                f"{seen[2]} seen, {named[0]} in {named[1]} with {named[2]} named at its end"
            )
        opened.gate.open(event.at)
        self._history.saw(event.at)

    def _columns(self, chunk: ImportRows) -> Columns[TermsT]:
        where = f"import {chunk.import_id}, chunk {chunk.index}"
        try:
            numbers = numbers_of(chunk)
            count = len(numbers)
            since = _spread(_unpacked(array("d"), chunk.since), count)
            until = _spread(_unpacked(array("d"), chunk.until), count)
            picks = _spread(_unpacked(array("H"), chunk.picks), count)
        except ValueError as error:
            raise ImportMismatchError(f"{where}: a column breaks off within a row") from error
        texts = chunk.texts * count if len(chunk.texts) == 1 else chunk.texts
        lengths = {count, len(since), len(until), len(picks), len(texts)}
        if len(lengths) > 1:
            raise ImportMismatchError(f"{where}: columns of {sorted(lengths)} rows, not of one")
        if max(picks, default=-1) >= len(chunk.kinds):
            raise ImportMismatchError(
                f"{where}: kind {max(picks)} picked, 0 to {len(chunk.kinds) - 1} are there"
            )
        return Columns(numbers, since, until, tuple(map(self._read, chunk.kinds)), picks, texts)
