"""Change the declared user scope by the procedure of clause 3.1.5, and keep its versions.

    draft ──submit──► submitted ──approve──► approved ──(its moment)──► effective
      └──withdraw──► withdrawn ◄──withdraw──┤ └──reject──► rejected        │
                                            approved or effective ──revoke──► revoked

A change is a whole new scope. Its entries arrive in chunks and are complete with a count and a
digest. Party B approves it, and from then on, or from a later moment, it is in force until a later
one is (then it is `superseded`) or it is revoked, after which the version before holds again. What
was in force at a past moment never changes: an approval takes effect at once at the earliest, and
a revocation from its own moment on. `ScopeHistory.scope` judges by that.

A message is judged by the version in force when it is submitted; a scheduled one again when it is
released (`left_scope`), as the scope may have become smaller.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from math import inf
from typing import Final, Literal, TypeVar

from config.section import SHANGHAI

from .finding import Finding
from .scope import ALWAYS, NumberSet, Scope, ScopeEntry, ScopeVersion, compile_version
from .standing_events import ScopeClosed, ScopeDrafted, ScopeEvent, ScopeMoved, ScopeRows

Stored = Literal["draft", "submitted", "approved", "rejected", "withdrawn", "revoked"]
State = Literal[Stored, "effective", "superseded"]

MOVES: Final[dict[Stored, dict[str, Stored]]] = {
    "draft": {"submit": "submitted", "withdraw": "withdrawn"},
    "submitted": {"approve": "approved", "reject": "rejected", "withdraw": "withdrawn"},
    "approved": {"revoke": "revoked"},
    "rejected": {},
    "withdrawn": {},
    "revoked": {},
}
"""State → what may be done there → the state after it; nothing else is."""

CHUNK: Final = 50_000
"""Entries of one `ScopeRows`."""

ArrayT = TypeVar("ArrayT", "array[int]", "array[float]")
_NOTHING: Final = NumberSet(())


class ScopeChangeError(ValueError):
    """Say that an event doesn't fit to what is there, in plain words; nothing has changed."""


@dataclass(slots=True)
class ScopeChange:
    """Hold one change as its events made it; times are UTC seconds since the epoch."""

    number: int
    drafted_at: float
    who: str
    why: str
    wanted_from: float
    """Moment it is to take effect, 0 for when it is approved."""
    source: str = ""
    state: Stored = "draft"
    rows: int = 0
    complete: bool = False
    version: int = 0
    effective_from: float = inf
    revoked_at: float = inf
    history: list[ScopeMoved] = field(default_factory=list)
    compiled: ScopeVersion | None = None
    """What was compiled of its entries, once they are complete."""


@dataclass(slots=True)
class _Draft:
    """Gather the entries of a draft until they are complete."""

    chunks: int = 0
    numbers: array[int] = field(default_factory=lambda: array("Q"))
    entries: list[ScopeEntry] = field(default_factory=list)
    digest: str = ""
    prepared: tuple[str, ScopeVersion] | None = None
    """What `prepare` compiled, with the digest of the entries it is of."""


class ScopeHistory:
    """Hold all changes of one contract's scope; changed by `apply` alone."""

    __slots__ = ("_base", "_changes", "_drafts", "_versions", "scope")

    def __init__(self, base: ScopeVersion | None = None) -> None:
        """Start with the scope of the contract file, which holds where no version does."""
        self._base = base
        self._changes: dict[int, ScopeChange] = {}
        self._drafts: dict[int, _Draft] = {}
        self._versions = 0 if base is None else base.version
        self.scope = Scope([] if base is None else [base])
        """The versions, to judge by; the same object for ever."""

    def apply(self, event: ScopeEvent) -> None:
        """Take in one event.

        Raises ScopeChangeError for one that doesn't fit, which then changes nothing.
        """
        match event:
            case ScopeDrafted():
                self._draft(event)
            case ScopeRows():
                self._take(event)
            case ScopeClosed():
                self._close(event)
            case _:
                self._move(event)

    def order(self, change: int, action: str, at: float, *, who: str, why: str) -> ScopeMoved:
        """Make the event of one step, to be journalled and applied.

        Raises ScopeChangeError naming the state and what is allowed there.
        """
        found = self.change(change)
        state = _next(found, action)
        if action != "approve":
            return ScopeMoved(at, change, action, state, who, why)
        moment = max(found.wanted_from, at)
        return ScopeMoved(at, change, action, state, who, why, moment, self._versions + 1)

    def rows(self, change: int, at: float, entries: Iterable[ScopeEntry]) -> Iterator[ScopeRows]:
        """Give the events of further entries of a draft, for applying one after the other.

        Raises ScopeChangeError where the draft takes none.
        """
        index = self._open(change).chunks
        for event in chunks_of(change, at, entries):
            if isinstance(event, ScopeRows):
                event.index += index
                yield event

    def prepare(self, change: int) -> None:
        """Compile a draft's entries, so that its closing need not: may run in another thread.

        Two million numbers take half a second. Raises ScopeChangeError for entries that can't be.
        """
        draft = self._open(change)
        digest = draft.digest
        if draft.prepared is not None and draft.prepared[0] == digest:
            return
        try:
            made = compile_version(0, inf, draft.entries, numbers=draft.numbers)
        except ValueError as error:
            raise ScopeChangeError(f"scope change {change}: {error}") from error
        draft.prepared = digest, made

    def closing(self, change: int, at: float) -> ScopeClosed:
        """Give the event that ends a draft's entries. Raises ScopeChangeError where it has."""
        draft = self._open(change)
        return ScopeClosed(at, change, self._changes[change].rows, draft.chunks, draft.digest)

    def next_change(self) -> int:
        """Give the number of the next change."""
        return len(self._changes) + 1

    def change(self, number: int) -> ScopeChange:
        """Give one change.

        Raises ScopeChangeError where there is none of this number.
        """
        found = self._changes.get(number)
        if found is None:
            raise ScopeChangeError(f"scope change {number}: there is none")
        return found

    def changes(self) -> tuple[ScopeChange, ...]:
        """Give all changes, the first one in front."""
        return tuple(self._changes.values())

    def state_at(self, number: int, at: float) -> State:
        """Give a change's state, which the passing of time makes effective and superseded."""
        found = self.change(number)
        if found.state != "approved" or at < found.effective_from:
            return found.state
        version = self.scope.version_at(at)
        return "effective" if version and version.version == found.version else "superseded"

    @property
    def unfinished(self) -> tuple[int, ...]:
        """Give the drafts whose entries aren't complete."""
        return tuple(number for number, draft in self._drafts.items() if not draft.digest)

    def _draft(self, event: ScopeDrafted) -> None:
        if event.change in self._changes:
            raise ScopeChangeError(f"scope change {event.change} is there already")
        self._changes[event.change] = ScopeChange(
            event.change, event.at, event.who, event.why, event.effective_from, event.source
        )
        self._drafts[event.change] = _Draft()

    def _open(self, number: int) -> _Draft:
        found = self.change(number)
        draft = self._drafts.get(number)
        if draft is None:
            why = f"is {found.state}" if found.state != "draft" else "has all its entries already"
            raise ScopeChangeError(f"scope change {number} {why}: no entries can be added")
        return draft

    def _take(self, event: ScopeRows) -> None:
        draft = self._open(event.change)
        if event.index != draft.chunks:
            raise ScopeChangeError(
                f"scope change {event.change}: chunk {event.index} seen, {draft.chunks} is next"
            )
        numbers, entries = _read(event)
        draft.numbers.extend(numbers)
        draft.entries += entries
        draft.digest = chained(draft.digest, event)
        draft.chunks += 1
        self._changes[event.change].rows += len(numbers) + len(entries)

    def _close(self, event: ScopeClosed) -> None:
        draft = self._open(event.change)
        found = self._changes[event.change]
        seen = (found.rows, draft.chunks, draft.digest)
        named = (event.rows, event.chunks, event.sha256)
        if seen != named:
            raise ScopeChangeError(
                f"scope change {event.change}: {seen[0]} entries in {seen[1]} chunks with SHA-256 "
                f"{seen[2]} seen, {named[0]} in {named[1]} with {named[2]} named at its end"
            )
        self.prepare(event.change)
        assert draft.prepared is not None
        found.compiled = draft.prepared[1]
        found.complete = True
        del self._drafts[event.change]

    def _move(self, event: ScopeMoved) -> None:
        found = self.change(event.change)
        state = _next(found, event.action)
        if event.state != state:
            raise ScopeChangeError(
                f"scope change {found.number}: {event.action} leads to {state}, the event says "
                f"{event.state!r}"
            )
        if state == "approved" and (event.moment < event.at or event.version <= self._versions):
            raise ScopeChangeError(
                f"scope change {found.number}: version {event.version} from {_when(event.moment)} "
                f"on; above {self._versions} and from {_when(event.at)} on is possible"
            )
        found.state = state
        found.history.append(event)
        if state == "approved":
            found.version = self._versions = event.version
            found.effective_from = event.moment
        elif state == "revoked":
            found.revoked_at = max(event.at, found.effective_from)
        else:
            if state in ("rejected", "withdrawn"):
                found.compiled = None
                self._drafts.pop(found.number, None)
            return
        self.scope.become(self._timeline())

    def _timeline(self) -> Iterator[ScopeVersion]:
        """Give what is in force from each moment on at which that changes."""
        approved = [each for each in self._changes.values() if each.version]
        moments = {each.effective_from for each in approved}
        moments |= {each.revoked_at for each in approved if each.revoked_at < inf}
        if self._base is not None:
            yield self._base
        for moment in sorted(moments):
            held = [each for each in approved if each.effective_from <= moment < each.revoked_at]
            latest = max(held, key=lambda each: (each.effective_from, each.version), default=None)
            yield self._version(latest, moment)

    def _version(self, change: ScopeChange | None, moment: float) -> ScopeVersion:
        if change is not None and change.compiled is not None:
            return replace(change.compiled, version=change.version, effective_from=moment)
        base = self._base
        if base is not None and base.effective_from <= moment:
            return replace(base, effective_from=moment)
        return ScopeVersion(0, moment, _NOTHING, ())


def left_scope(scope: Scope, recipient: str, submitted_at: float, at: float) -> Finding | None:
    """Judge a scheduled message again when it is released at `at` (clause 3.1.5)."""
    if scope.includes(recipient, at):
        return None
    version = scope.version_at(at)
    name = f"version {version.version}" if version else "no version"
    before = scope.version_at(submitted_at)
    then = f"version {before.version}" if before else "no version"
    return Finding(
        en=f"The recipient isn't in {name} of the user scope, which is in force at the release; "
        f"the message was submitted under {then}.",
        zh=f"发送时生效的用户范围版本{version.version if version else '（无）'}不含该用户；"
        f"提交时的版本为{before.version if before else '（无）'}。",
        seen=recipient,
        allowed="recipients in the scope when the message is released",
    )


def chunks_of(
    change: int, at: float, entries: Iterable[ScopeEntry], *, size: int = CHUNK
) -> Iterator[ScopeRows | ScopeClosed]:
    """Give the events of a draft's entries, the closing one last; memory is that of one chunk."""
    digest, rows, index = "", 0, 0
    held: list[ScopeEntry] = []
    for entry in entries:
        held.append(entry)
        if len(held) == size:
            chunk = _packed(change, at, index, held)
            digest, rows, index, held = chained(digest, chunk), rows + size, index + 1, []
            yield chunk
    if held:
        chunk = _packed(change, at, index, held)
        digest, rows, index = chained(digest, chunk), rows + len(held), index + 1
        yield chunk
    yield ScopeClosed(at, change, rows, index, digest)


def chained(digest: str, chunk: ScopeRows) -> str:
    """Give the SHA-256 of a draft up to this chunk: of the digest before it ("" at first) and of
    each of its columns with its length in 8 octets before it, as hexadecimal digits."""
    hasher = sha256(bytes.fromhex(digest))
    for column in (chunk.firsts, chunk.lasts, chunk.since, chunk.until):
        hasher.update(len(column).to_bytes(8, "little"))
        hasher.update(column)
    return hasher.hexdigest()


def overlaps(entries: Iterable[ScopeEntry], *, most: int = 100) -> tuple[str, ...]:
    """Say which entries name numbers that another one names for the same time, at most `most`.

    Entries count from 1 in the order given.
    """
    ordered = sorted(enumerate(entries, 1), key=lambda pair: (pair[1].first, pair[0]))
    found: list[str] = []
    reaching: list[tuple[int, ScopeEntry]] = []
    for place, entry in ordered:
        reaching = [pair for pair in reaching if pair[1].last >= entry.first]
        other = next((pair for pair in reaching if _share_time(pair[1], entry)), None)
        if other is None:
            reaching.append((place, entry))
            continue
        both = f"{entry.first} to {min(entry.last, other[1].last)}"
        if entry.first == min(entry.last, other[1].last):
            both = str(entry.first)
        found.append(f"entries {other[0]} and {place} both name {both} for the same time")
        if len(found) == most:
            break
        if entry.last > other[1].last:
            reaching.append((place, entry))
    return tuple(found)


def _share_time(one: ScopeEntry, other: ScopeEntry) -> bool:
    return one.valid_from < other.valid_to and other.valid_from < one.valid_to


def _next(change: ScopeChange, action: str) -> Stored:
    moves = MOVES[change.state]
    state = moves.get(action)
    if state is None:
        allowed = " or ".join(moves) or "nothing more"
        raise ScopeChangeError(
            f"scope change {change.number} is {change.state}: {action} isn't possible, {allowed} is"
        )
    if action == "submit" and not change.complete:
        raise ScopeChangeError(f"scope change {change.number}: its entries aren't complete")
    return state


def _packed(change: int, at: float, index: int, entries: list[ScopeEntry]) -> ScopeRows:
    dated = any((entry.valid_from, entry.valid_to) != ALWAYS for entry in entries)
    ranged = any(entry.first != entry.last for entry in entries)
    return ScopeRows(
        at,
        change,
        index,
        _octets(array("Q", [entry.first for entry in entries])),
        _octets(array("Q", [entry.last for entry in entries])) if ranged else b"",
        _octets(array("d", [entry.valid_from for entry in entries])) if dated else b"",
        _octets(array("d", [entry.valid_to for entry in entries])) if dated else b"",
    )


def _read(event: ScopeRows) -> tuple[array[int], list[ScopeEntry]]:
    """Give a chunk's undated single numbers, and its other entries.

    Raises ScopeChangeError for columns that break off or don't fit together, and for a bad range.
    """
    where = f"scope change {event.change}, chunk {event.index}"
    try:
        firsts = _values(array("Q"), event.firsts)
        lasts = _values(array("Q"), event.lasts) if event.lasts else firsts
        since = _values(array("d"), event.since) if event.since else None
        until = _values(array("d"), event.until) if event.until else None
    except ValueError as error:
        raise ScopeChangeError(f"{where}: a column breaks off within an entry") from error
    if lasts is firsts and since is None and until is None:
        return firsts, []
    count = len(firsts)
    starts = array("d", [ALWAYS[0]]) * count if since is None else since
    ends = array("d", [ALWAYS[1]]) * count if until is None else until
    lengths = {count, len(lasts), len(starts), len(ends)}
    if len(lengths) > 1:
        raise ScopeChangeError(f"{where}: columns of {sorted(lengths)} entries, not of one length")
    entries = list(map(ScopeEntry, firsts, lasts, starts, ends))
    for entry in entries:
        if entry.first > entry.last:
            raise ScopeChangeError(
                f"{where}: range {entry.first}-{entry.last}: the first number is above the last"
            )
    return array("Q"), entries


def _octets(values: array[int] | array[float]) -> bytes:
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def _values(values: ArrayT, octets: bytes) -> ArrayT:
    values.frombytes(octets)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, SHANGHAI).isoformat(" ", "seconds")
