"""Journal verdicts and answer them when they are on disk.

The order of promises: a response goes out only when the journal says that the events are on disk.
When the disk is full, nothing was stored and every request of that batch is answered
ESME_RMSGQFUL. A message is handed to the dispatcher in the same callback as its response, after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from gateway.ports import Journal
from routing.alert_events import DeliveryPending
from routing.events import Failure, JournalEvent, Submission
from routing.magic import MagicRecipient
from routing.message import Message, begin
from routing.reasons import FAULT, INTERNAL, REASONS
from routing.reasons import NONE as ACCEPTED
from smpp.codec import refusal
from smpp.constants import CommandStatus, TlvTag
from smpp.tlvs import Tlv

from .connection import Connection
from .desk import Desk

EARLY_RECEIPT_S = 0.5
"""How long the response of a "receipt before the response" is held back."""

NOT_ASKED = -1
DPF_WANTED = 1
OLDEST_WITH_TLVS = 0x34
DPF_RESULT = int(TlvTag.DPF_RESULT).to_bytes(2, "big") + b"\0\x01"
"""Tag and length."""

Respond = Callable[[int, bytes], bytes]
"""(command_status, message_id) → the response PDU."""

Judged = tuple[list[Message], list[Submission]]
"""What goes on to the network (or to its REJECTD receipts), and what was refused."""


class Waiting(Protocol):
    """Take over accepted messages."""

    def accept(self, messages: list[Message]) -> None: ...


class PendingFlags(Protocol):
    """Set delivery pending flags; `gateway.delivery.alerts.AlertOffice` does."""

    def ask(self, submission: Submission) -> tuple[bool, DeliveryPending | None]:
        """Say whether the flag is set, and what to journal with the submission."""

    def stored(self, event: DeliveryPending, stored: bool) -> None:
        """Hear whether that is on disk."""


class Counted(Protocol):
    """Count submissions for the metrics."""

    def submits(self, account: str, service: str, result: str, reason: str, n: int = 1) -> None: ...
    def fault(self, fault: str, n: int = 1) -> None: ...


class Answered(Protocol):
    """Hear of `n` responses sent together, `duration_s` after their requests were judged."""

    def __call__(self, responses: list[bytes], duration_s: float) -> None: ...


@dataclass(frozen=True)
class AnswersContext:
    journal: Journal
    waiting: Waiting
    counted: Counted
    loop: asyncio.AbstractEventLoop
    pending: PendingFlags
    answered: Answered | None = None
    broken: Callable[[str, str], None] | None = None
    """Is told of each message that a mistake of ours in a check refused: account, what is known."""


class Answers:
    """Answer submissions."""

    def __init__(self, context: AnswersContext) -> None:
        self._c = context

    def when_stored(
        self,
        connection: Connection,
        desk: Desk,
        responses: list[bytes],
        events: list[JournalEvent],
        judged: Judged,
        undone: Callable[[], None] | None = None,
    ) -> None:
        """Journal a run of submissions; the responses follow when they are on disk.

        `undone` is called when they could not be stored, before they are refused.
        """
        connection.submitted += len(responses)
        desk.hold(len(judged[0]))
        if events:
            self._c.journal.extend(events)
        self._c.journal.after_commit(
            partial(
                self._committed,
                connection,
                desk,
                responses,
                judged,
                judged_at=self._c.loop.time(),
                undone=undone,
            )
        )

    def conclude(
        self,
        connection: Connection,
        desk: Desk,
        submission: Submission,
        respond: Respond,
        magic: MagicRecipient | None,
        set_dpf: int = NOT_ASKED,
    ) -> None:
        """Journal one judged submission and answer it as verdict and fault want.

        `set_dpf` is the value of that TLV, `NOT_ASKED` without it.
        """
        if submission.accepted and submission.fault in ("no_response", "close_session"):
            # No answer, so no message: what was never acknowledged must not be delivered. The
            # status goes nowhere; it says to whoever reads the journal that nothing is owed.
            submission.accepted = False
            submission.reason = "fault"
            submission.status = int(CommandStatus.ESME_RSYSERR)
        wire_id = submission.wire_id.encode() or desk.wire_ids.format(submission.message_id)
        response = respond(submission.status, wire_id)
        in_flight: list[Message] = []
        refused: list[Submission] = []
        if submission.accepted or (not submission.status and submission.error):
            in_flight.append(begin(submission))
        else:
            refused.append(submission)
        connection.submitted += 1
        desk.hold(len(in_flight))
        self._c.journal.append(submission)
        if set_dpf != NOT_ASKED and not submission.status:
            asked = set_dpf == DPF_WANTED and submission.accepted
            response = with_dpf_result(response, is_set=asked and self._set_flag(submission))
        self._c.journal.after_commit(
            partial(
                self._committed_one,
                connection,
                desk,
                (response, self._c.loop.time()),
                (in_flight, refused),
                magic,
            )
        )

    def _set_flag(self, submission: Submission) -> bool:
        """Journal the delivery pending flag behind the submission that asks for it."""
        is_set, event = self._c.pending.ask(submission)
        if event is not None:
            self._c.journal.append(event)
            self._c.journal.after_commit(partial(self._c.pending.stored, event))
        return is_set

    def _committed_one(
        self,
        connection: Connection,
        desk: Desk,
        answer: tuple[bytes, float],
        messages: Judged,
        magic: MagicRecipient | None,
        stored: bool,
    ) -> None:
        response, judged_at = answer
        fault = magic.fault if magic is not None and stored else ""
        if fault == "no_response":
            self.count(messages)
            connection.forget_request()
        elif fault == "close_session":
            self.count(messages)
            connection.abort("fault")
        elif fault == "late_response" and magic is not None:
            late = partial(
                self._committed,
                connection,
                desk,
                [response],
                messages,
                stored,
                judged_at=judged_at,
            )
            self._c.loop.call_later(magic.response_delay_s, late)
        elif fault == "receipt_before_response":
            self._c.loop.call_later(
                EARLY_RECEIPT_S, self._send, connection, [response], 1, judged_at
            )
            self.count(messages)
            self._c.waiting.accept(messages[0])
        else:
            self._committed(connection, desk, [response], messages, stored, judged_at=judged_at)

    def _committed(
        self,
        connection: Connection,
        desk: Desk,
        responses: list[bytes],
        messages: Judged,
        stored: bool,
        *,
        judged_at: float = 0.0,
        undone: Callable[[], None] | None = None,
    ) -> None:
        """Answer what is on disk, or refuse all of it when the disk was full."""
        in_flight, _refused = messages
        answered = len(responses)
        if not stored:
            if undone is not None:
                undone()
            desk.hold(-len(in_flight))
            responses = [_queue_full(response) for response in responses if response]
            self._send(connection, responses, answered, judged_at)
            return
        self._send(connection, responses, answered, judged_at)
        self.count(messages)
        if in_flight:
            self._c.waiting.accept(in_flight)

    def _send(
        self, connection: Connection, responses: list[bytes], answered: int, judged_at: float
    ) -> None:
        connection.send_encoded(b"".join(responses), answered)
        if self._c.answered is not None:
            duration_s = self._c.loop.time() - judged_at if judged_at else 0.0
            self._c.answered(responses, duration_s)

    def report(self, message: str, error: Exception) -> None:
        """Tell of a mistake of ours that one submission met; the others go on."""
        self._c.loop.call_exception_handler({"message": message, "exception": error})

    def count(self, messages: Judged) -> None:
        in_flight, refused = messages
        count = self._c.counted.submits
        if in_flight:
            first = in_flight[0]
            if first.fault:  # such a message comes alone
                self._c.counted.fault(first.fault)
            if _all_accepted(in_flight, first.service):
                count(first.account, first.service, "accepted", "none", len(in_flight))
            else:
                for message in in_flight:
                    self._count_one(message)
        for submission in refused:
            self._count_one(submission)

    def _count_one(self, judged: Message | Submission) -> None:
        if judged.reason == FAULT:
            self._c.counted.fault(judged.fault)
        elif judged.reason == INTERNAL and self._c.broken is not None:
            self._c.broken(judged.account, _mistake_in(judged))
        result = "accepted" if judged.reason == ACCEPTED else "rejected"
        self._c.counted.submits(judged.account, judged.service, result, judged.reason, 1)


def _mistake_in(judged: Message | Submission) -> str:
    """Name the check that raised and the kind of its error; what it says may be a number."""
    if isinstance(judged, Submission):
        for failure in judged.failures:
            if failure.reason == INTERNAL:
                return ":".join(failure.detail.split(":", 2)[:2])
    return f"message {judged.message_id}"


def _all_accepted(messages: list[Message], service: str) -> bool:
    """Say whether all are accepted messages of one service."""
    for message in messages:  # a generator would be resumed for each message
        if message.service != service or message.reason != ACCEPTED:
            return False
    return True


def refuse(submission: Submission, desk: Desk, reason: str, detail: str) -> None:
    """Set a refusal that no check of the table has found."""
    submission.accepted = False
    submission.reason = reason
    submission.status = desk.rules.status_of(reason, submission.interface_version)
    submission.error = REASONS[reason].receipt_error(digits_only=desk.rules.digits_only)
    submission.failures = (*submission.failures, Failure(reason, "enforce", detail))


def set_dpf_of(tlvs: tuple[Tlv, ...], interface_version: int) -> int:
    """Give what the TLV set_dpf asks (SMPP 3.4 §5.3.2.29); `NOT_ASKED` without one."""
    if interface_version >= OLDEST_WITH_TLVS:
        for tlv in tlvs:
            if tlv.tag == TlvTag.SET_DPF and len(tlv.value) == 1:
                return tlv.value[0]
    return NOT_ASKED


def with_dpf_result(response: bytes, *, is_set: bool) -> bytes:
    """Append the TLV dpf_result (SMPP 3.4 §5.3.2.28) to the response of an accepted message."""
    length = len(response) + len(DPF_RESULT) + 1
    return b"%b%b%b%c" % (length.to_bytes(4, "big"), response[4:], DPF_RESULT, is_set)


def _queue_full(response: bytes) -> bytes:
    """Turn a prepared response into the refusal of a full disk."""
    request = int.from_bytes(response[4:8], "big") & 0x7FFFFFFF
    sequence_number = int.from_bytes(response[12:16], "big")
    return refusal(request, sequence_number, CommandStatus.ESME_RMSGQFUL)
