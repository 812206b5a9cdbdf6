"""Kill the process at a named boundary, so that a test can show that nothing hangs on luck.

`SMSGW_FAILPOINT=name:n` ends the process that passes boundary `name` with SIGKILL at its n-th
passage; `FAILPOINTS` lists the names. The gateway, its committer and its archiver inherit the
variable, and each boundary belongs to one of them. Without the variable `reach` does nothing and
`watched` and `before_dispatch` give back what they were given, so the parts work with each other
as if this file did not exist. It is never set in service: a gateway that finds it says so.

Standard library only: the committer imports it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from routing.events import JournalEvent
    from routing.message import Message

    from .ports import Carry, Journal

VARIABLE: Final = "SMSGW_FAILPOINT"

FAILPOINTS: Final[Mapping[str, str]] = {
    "batch.before": "gateway: a batch is about to be handed to the committer",
    "batch.after": "gateway: the committer's answer has come, nobody has been told of it",
    "insert.before": "committer: before the batch is inserted",
    "commit.before": "committer: the batch is inserted, not committed",
    "commit.after": "committer: the batch is committed, the gateway has not been told",
    "checkpoint.before": "committer: before the WAL is moved into the file",
    "checkpoint.after": "committer: after it",
    "anchor.before": "committer: before an anchor is written",
    "anchor.after": "committer: the anchor is on disk",
    "segment.before": "committer: a month's file exists and is empty",
    "segment.commit": "committer: its tables and its first row are made, not committed",
    "segment.after": "committer: they are committed, no batch is in them",
    "retention.before": "gateway: the removal of a month is on record, its file is there",
    "retention.unlinked": "gateway: one of the month's files has been removed, not for good",
    "retention.after": "gateway: the month is gone for good, the next is not",
    "submissions.before": "gateway: verdicts are about to be journalled",
    "submissions.after": "gateway: they are on disk, no submit_sm_resp has been written",
    "dispatch.before": "gateway: submit_sm_resps are written, the messages are not dispatched",
    "parts.before": "gateway: the rejection of an incomplete message is about to be journalled",
    "parts.after": "gateway: it is on disk, its receipts are not owed yet",
    "outcomes.before": "gateway: outcomes are about to be journalled",
    "outcomes.after": "gateway: they are on disk, no receipt has been handed on",
    "deliveries.after": "gateway: deliver_sms are written, no response has come",
    "acknowledgements.before": "gateway: deliver_sm_resps have come, nothing is journalled of it",
    "acknowledgements.after": "gateway: the acknowledgements are on disk",
    "uplinks.before": "gateway: an uplink message is about to be journalled",
    "uplinks.after": "gateway: it is on disk, its deliver_sm is not made",
    "registries.before": "gateway: a change of a registry is about to be journalled",
    "registries.after": "gateway: it is on disk, nobody has been told",
    "replacements.before": "gateway: a replace_sm is about to be journalled",
    "replacements.after": "gateway: it is on disk, no replace_sm_resp has been written",
    "archive_schema.before": "archiver: the archive's file exists and is empty",
    "archive_schema.tables": "archiver: its tables exist, its progress does not",
    "archive_schema.after": "archiver: it is complete and empty",
    "archive.before": "archiver: a transaction is complete, not committed",
    "archive.after": "archiver: it is committed, nobody has been told",
}
"""Name of each boundary → the process that passes it, and what has happened by then."""

_NAMES: Final = ", ".join(FAILPOINTS)


class FailpointError(ValueError):
    """Say that SMSGW_FAILPOINT names nothing that can be reached."""


@dataclass(slots=True)
class Failpoint:
    """Be the one boundary that ends this process, and count down to it."""

    name: str
    passages: int
    end: Callable[[], None]

    def reach(self, name: str) -> None:
        """Pass a boundary; end the process when it is this one and its turn has come."""
        if name != self.name:
            return
        self.passages -= 1
        if self.passages == 0:
            self.end()


def parse(value: str) -> Failpoint | None:
    """Read `name:n`; None when the value is empty.

    Raises FailpointError for a name that is not in `FAILPOINTS` and for n below 1.
    """
    if not value:
        return None
    name, _colon, passages = value.partition(":")
    if name not in FAILPOINTS:
        raise FailpointError(f"{VARIABLE}: {value} seen, name:n with one of {_NAMES} allowed")
    if not (passages.isascii() and passages.isdigit() and int(passages)):
        raise FailpointError(f"{VARIABLE}: {value} seen, name:n with n of 1 or more allowed")
    return Failpoint(name, int(passages), _kill)


def check(environ: Mapping[str, str]) -> Failpoint | None:
    """Give the failpoint that an environment asks for. Raises FailpointError as `parse` does."""
    return parse(environ.get(VARIABLE, ""))


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _found() -> Failpoint | None:
    try:
        return check(os.environ)
    except FailpointError:
        return None  # `smsgw serve` refuses to start with it; to other commands it means nothing


def _nothing(_name: str) -> None:
    """Pass a boundary where none is armed."""


ARMED: Final = _found()
"""The failpoint of this process; None in service."""
reach: Final[Callable[[str], None]] = _nothing if ARMED is None else ARMED.reach
"""Pass a boundary. Bound once, so that in service it is an empty call; never made per message."""


def is_armed(name: str) -> bool:
    """Say whether this boundary is the one that ends the process."""
    return ARMED is not None and ARMED.name == name


class WatchedJournal:
    """Be a journal that passes `name`.before at each append and `name`.after at each answer."""

    def __init__(self, journal: Journal, name: str, reach: Callable[[str], None]) -> None:
        self._journal = journal
        self._reach = reach
        self._before, self._after = f"{name}.before", f"{name}.after"

    @property
    def failed(self) -> BaseException | None:
        return self._journal.failed

    def append(self, event: JournalEvent) -> None:
        self._reach(self._before)
        self._journal.append(event)

    def extend(self, events: Sequence[JournalEvent]) -> None:
        self._reach(self._before)
        self._journal.extend(events)

    def after_commit(self, callback: Callable[[bool], None]) -> None:
        def committed(stored: bool) -> None:
            self._reach(self._after)
            callback(stored)

        self._journal.after_commit(committed)

    def full(self) -> bool:
        return self._journal.full()

    async def retain(self, before: float, who: str, carry: Carry | None = None) -> tuple[str, ...]:
        return await self._journal.retain(before, who, carry)


def watched(journal: Journal, name: str) -> Journal:
    """Give one part its journal: as it is, or watched when one of its boundaries is armed."""
    if ARMED is None or ARMED.name.partition(".")[0] != name:
        return journal
    return WatchedJournal(journal, name, reach)


class Waiting(Protocol):
    """Take over messages whose responses have been written."""

    def accept(self, messages: list[Message]) -> None: ...


class WatchedDispatch:
    """Pass dispatch.before between the responses and the dispatch."""

    def __init__(self, waiting: Waiting, reach: Callable[[str], None]) -> None:
        self._waiting = waiting
        self._reach = reach

    def accept(self, messages: list[Message]) -> None:
        self._reach("dispatch.before")
        self._waiting.accept(messages)


def before_dispatch(waiting: Waiting) -> Waiting:
    """Give who takes over answered messages: itself, or a `WatchedDispatch` when that is armed."""
    return WatchedDispatch(waiting, reach) if is_armed("dispatch.before") else waiting


class Counted(Protocol):
    """Hear of `n` deliveries, just before they are written when `result` is sent."""

    def __call__(self, kind: str, account: str, result: str, n: int) -> None: ...


class WatchedDeliveries:
    """Pass deliveries.after in the turn of the loop after the one that writes deliver_sms.

    What a turn schedules comes before what the next one reads, so no response has been seen.
    """

    def __init__(self, counted: Counted, schedule: Callable[..., object]) -> None:
        self._counted = counted
        self._schedule = schedule

    def __call__(self, kind: str, account: str, result: str, n: int) -> None:
        self._counted(kind, account, result, n)
        if result == "sent":
            self._schedule(reach, "deliveries.after")


def after_delivery(counted: Counted, schedule: Callable[..., object]) -> Counted:
    """Give who counts deliveries: itself, or a `WatchedDeliveries` when that is armed.

    `schedule` is the loop's call_soon.
    """
    return WatchedDeliveries(counted, schedule) if is_armed("deliveries.after") else counted
