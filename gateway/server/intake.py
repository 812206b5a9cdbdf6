"""Take submissions in: judge each, journal the verdicts, answer when they are on disk.

`submits` is the hot path. It handles a run of submit_sm of one read together: one list of events
for the journal, one buffer of responses, one callback. Nothing in it waits, and what is unusual
(user data headers, TLVs, times, magic recipients) leaves it early for a method of its own.

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

from gateway.ports import Clock, Journal
from routing.events import Failure, JournalEvent, Segment, SegmentHeld, Submission
from routing.facts import Facts
from routing.magic import MagicNumbers, MagicRecipient
from routing.message import Message, begin
from routing.reasons import REASONS
from routing.reassembly import Arrival, Incomplete, Reassembler
from smpp.codec import refusal
from smpp.codec_hot import encode_submit_sm_resp
from smpp.concat import Part, part_of, payload_of
from smpp.constants import CommandId, CommandStatus
from smpp.errors import DecodeError
from smpp.pdus import SubmitSm
from smpp.times import parse_time

from .connection import Connection
from .desk import UCS2, Desk

UDHI = 0x40
SUBMIT_SM = int(CommandId.SUBMIT_SM)
FAULT_STATUS = {
    "throttled": int(CommandStatus.ESME_RTHROTTLED),
    "queue_full": int(CommandStatus.ESME_RMSGQFUL),
    "system_error": int(CommandStatus.ESME_RSYSERR),
}
EARLY_RECEIPT_S = 0.5
"""How long the response of a "receipt before the response" is held back."""

Respond = Callable[[int, bytes], bytes]
"""(command_status, message_id) → the response PDU."""


class Waiting(Protocol):
    """Take over accepted messages."""

    def accept(self, messages: list[Message]) -> None: ...


class Counted(Protocol):
    """Count submissions for the metrics."""

    def submits(self, account: str, service: str, result: str, reason: str, n: int = 1) -> None: ...


@dataclass(frozen=True, slots=True)
class IntakeContext:
    clock: Clock
    journal: Journal
    desks: dict[str, Desk]
    magic: MagicNumbers
    waiting: Waiting
    reassembler: Reassembler
    next_id: Callable[[], int]
    depth: Callable[[str], int]
    """Receipts and uplink messages an account has not acknowledged."""
    counted: Counted
    loop: asyncio.AbstractEventLoop


class Intake:
    """Judge what ESMEs submit."""

    def __init__(self, context: IntakeContext) -> None:
        self._c = context

    def submits(self, connection: Connection, pdus: list[SubmitSm], octets: list[bytes]) -> None:
        """Take a run of submit_sm of one session; `octets` are their whole PDUs."""
        context = self._c
        desk = context.desks[connection.account]
        facts = self._ready(desk)
        at = context.clock.at()
        session = connection.session
        version = session.interface_version
        outstanding = session.unanswered - len(pdus)
        account = connection.account
        session_id = connection.session_id
        judge = desk.judge.judge
        read_text = desk.read_text
        next_id = context.next_id
        magic = context.magic.by_recipient
        format_id = desk.wire_ids.format
        events: list[JournalEvent] = []
        responses: list[bytes] = []
        accepted: list[Message] = []
        refused: list[Submission] = []
        for pdu, raw in zip(pdus, octets, strict=True):
            outstanding += 1
            facts.outstanding = outstanding
            recipient = pdu.destination_addr.decode("latin-1")
            if (
                pdu.tlvs
                or pdu.esm_class & UDHI
                or pdu.validity_period
                or pdu.schedule_delivery_time
                or recipient in magic
                or version < 0x34
            ):
                self.submit_one(
                    connection, pdu, raw, partial(_submit_sm_response, pdu.sequence_number)
                )
                continue
            short_message = pdu.short_message
            data_coding = pdu.data_coding
            text = read_text(short_message, data_coding)
            size = len(short_message)
            message_id = next_id()
            submission = Submission(
                at,
                message_id,
                account,
                session_id,
                pdu.sequence_number,
                "",
                pdu.source_addr.decode("latin-1"),
                recipient,
                text,
                data_coding,
                pdu.esm_class,
                pdu.registered_delivery,
                pdu.protocol_id,
                pdu.priority_flag,
                1
                if size <= 70 or (data_coding == UCS2 and size <= 140)
                else desk.count_segments(text, size, data_coding),
                service_type=pdu.service_type.decode("latin-1"),
                source_ton=pdu.source_addr_ton,
                source_npi=pdu.source_addr_npi,
                dest_ton=pdu.dest_addr_ton,
                dest_npi=pdu.dest_addr_npi,
                pdu=raw,
                interface_version=version,
            )
            judge(submission, facts)
            events.append(submission)
            if submission.accepted:
                responses.append(encode_submit_sm_resp(pdu.sequence_number, format_id(message_id)))
                accepted.append(Message(submission))
                facts.queued += 1
            elif submission.status:
                responses.append(refusal(SUBMIT_SM, pdu.sequence_number, submission.status))
                refused.append(submission)
            else:
                responses.append(encode_submit_sm_resp(pdu.sequence_number, format_id(message_id)))
                accepted.append(begin(submission))
        if not events:
            return
        connection.submitted += len(events)
        desk.in_flight += len(accepted)
        context.journal.extend(events)
        context.journal.after_commit(
            partial(self._committed, connection, desk, responses, (accepted, refused))
        )

    def submit_one(
        self,
        connection: Connection,
        pdu: SubmitSm,
        raw: bytes,
        respond: Respond,
        identity: tuple[int, str] | None = None,
    ) -> None:
        """Take one submission off the hot path; `respond` makes its response PDU.

        `identity` gives message id and wire id, for destinations that share one.
        """
        desk = self._c.desks[connection.account]
        self._ready(desk)
        try:
            part = part_of(pdu.esm_class, pdu.short_message, pdu.tlvs)
            payload = (
                part.payload
                if part is not None
                else payload_of(pdu.esm_class, pdu.short_message, pdu.tlvs)
            )
        except DecodeError as error:
            self._malformed(connection, pdu, raw, respond, error)
            return
        if part is not None and part.total > 1:
            self._part(connection, desk, pdu, raw, part, respond)
            return
        submission = self._submission(connection, desk, pdu, raw)
        if identity is not None:
            submission.message_id, submission.wire_id = identity
        submission.text = desk.read_text(payload, pdu.data_coding)
        submission.segment_count = desk.count_segments(
            submission.text, len(payload), pdu.data_coding
        )
        magic = self._fault(desk, submission)
        desk.judge.judge(submission, desk.facts)
        desk.facts.fault_status = 0
        self._conclude(connection, desk, submission, respond, magic)

    def read(self, connection: Connection, pdu: SubmitSm, raw: bytes = b"") -> Submission:
        """Give the judged submission of a PDU without taking it in (for replace_sm)."""
        desk = self._c.desks[connection.account]
        self._ready(desk)
        submission = self._submission(connection, desk, pdu, raw)
        payload = payload_of(pdu.esm_class, pdu.short_message, pdu.tlvs)
        submission.text = desk.read_text(payload, pdu.data_coding)
        submission.segment_count = desk.count_segments(
            submission.text, len(payload), pdu.data_coding
        )
        desk.judge.judge(submission, desk.facts)
        return submission

    def shared_identity(self, connection: Connection) -> tuple[int, str]:
        """Give a message id and its wire form that several destinations will share."""
        message_id = self._c.next_id()
        wire_ids = self._c.desks[connection.account].wire_ids
        short = wire_ids.short_for(message_id, connection.session.interface_version)
        return message_id, short or wire_ids.format(message_id).decode("ascii")

    def other_identity(self, wire_id: str) -> tuple[int, str]:
        """Give a further destination an id of its own behind the shared wire form."""
        return self._c.next_id(), wire_id

    def restore_part(self, held: SegmentHeld, pdu: SubmitSm) -> None:
        """Put back a part that a restart found waiting for the others."""
        part = part_of(pdu.esm_class, pdu.short_message, pdu.tlvs)
        if part is not None:
            self._c.reassembler.add(held, part.payload, held.at)

    def give_up_incomplete(self) -> None:
        """Reject the concatenated messages whose parts did not all come in time."""
        for incomplete in self._c.reassembler.expired(self._c.clock.at()):
            self._incomplete(incomplete)

    # -- inside -----------------------------------------------------------------------------

    def _ready(self, desk: Desk) -> Facts:
        facts = desk.facts
        context = self._c
        facts.now = context.clock.now()
        facts.queued = desk.in_flight
        facts.validity_error = facts.schedule_error = facts.text_error = ""
        facts.fault_status = facts.part_octets = facts.part_total = 0
        facts.continues = False
        facts.full = ""
        if context.journal.full():
            facts.full = "the journal can't take more for the moment (disk full or too slow)"
        elif context.depth(desk.account.system_id) >= desk.max_spool:
            facts.full = f"{desk.max_spool} receipts of this account wait for a receiver session"
        return facts

    def _submission(
        self, connection: Connection, desk: Desk, pdu: SubmitSm, raw: bytes
    ) -> Submission:
        at = self._c.clock.at()
        message_id = self._c.next_id()
        version = connection.session.interface_version
        submission = Submission(
            at,
            message_id,
            connection.account,
            connection.session_id,
            pdu.sequence_number,
            "",
            pdu.source_addr.decode("latin-1"),
            pdu.destination_addr.decode("latin-1"),
            "",
            pdu.data_coding,
            pdu.esm_class,
            pdu.registered_delivery,
            pdu.protocol_id,
            pdu.priority_flag,
            wire_id=desk.wire_ids.short_for(message_id, version),
            service_type=pdu.service_type.decode("latin-1"),
            source_ton=pdu.source_addr_ton,
            source_npi=pdu.source_addr_npi,
            dest_ton=pdu.dest_addr_ton,
            dest_npi=pdu.dest_addr_npi,
            pdu=raw,
            interface_version=version,
        )
        self._times(desk, pdu, submission)
        return submission

    def _times(self, desk: Desk, pdu: SubmitSm, submission: Submission) -> None:
        facts, at = desk.facts, submission.at
        try:
            submission.schedule_at = (
                parse_time(
                    pdu.schedule_delivery_time,
                    at,
                    command_status=CommandStatus.ESME_RINVSCHED,
                    field="schedule_delivery_time",
                )
                or 0.0
            )
        except DecodeError as error:
            facts.schedule_error = str(error)
        try:
            submission.validity_at = (
                parse_time(
                    pdu.validity_period,
                    at,
                    command_status=CommandStatus.ESME_RINVEXPIRY,
                    field="validity_period",
                )
                or 0.0
            )
        except DecodeError as error:
            facts.validity_error = str(error)

    def _fault(self, desk: Desk, submission: Submission) -> MagicRecipient | None:
        """Put the magic recipient's fault into the submission and the facts."""
        magic = self._c.magic.lookup(submission.recipient)
        if magic is not None and magic.fault:
            submission.fault = magic.fault
            desk.facts.fault_status = FAULT_STATUS.get(magic.fault, 0)
        return magic

    def _conclude(
        self,
        connection: Connection,
        desk: Desk,
        submission: Submission,
        respond: Respond,
        magic: MagicRecipient | None,
    ) -> None:
        """Journal one judged submission and answer it as verdict and fault want."""
        if submission.accepted and submission.fault in ("no_response", "close_session"):
            # No answer, so no message: what was never acknowledged must not be delivered.
            submission.accepted = False
            submission.reason = "fault"
        wire_id = submission.wire_id.encode() or desk.wire_ids.format(submission.message_id)
        response = respond(submission.status, wire_id)
        connection.submitted += 1
        in_flight: list[Message] = []
        refused: list[Submission] = []
        if submission.accepted or (not submission.status and submission.error):
            in_flight.append(begin(submission))
        else:
            refused.append(submission)
        desk.in_flight += len(in_flight)
        self._c.journal.append(submission)
        self._c.journal.after_commit(
            partial(self._committed_one, connection, desk, response, (in_flight, refused), magic)
        )

    def _committed_one(
        self,
        connection: Connection,
        desk: Desk,
        response: bytes,
        messages: tuple[list[Message], list[Submission]],
        magic: MagicRecipient | None,
        stored: bool,
    ) -> None:
        fault = magic.fault if magic is not None and stored else ""
        if fault == "no_response":
            self._count(messages)
            connection.forget_request()
        elif fault == "close_session":
            self._count(messages)
            connection.abort("fault")
        elif fault in ("late_response", "receipt_before_response"):
            delay = magic.response_delay_s if magic is not None else 0.0
            self._c.loop.call_later(delay or EARLY_RECEIPT_S, connection.send_encoded, response, 1)
            self._count(messages)
            self._c.waiting.accept(messages[0])
        else:
            self._committed(connection, desk, [response], messages, stored)

    def _committed(
        self,
        connection: Connection,
        desk: Desk,
        responses: list[bytes],
        messages: tuple[list[Message], list[Submission]],
        stored: bool,
    ) -> None:
        """Answer what is on disk, or refuse all of it when the disk was full."""
        in_flight, _refused = messages
        answered = len(responses)
        if not stored:
            desk.in_flight -= len(in_flight)
            responses = [_queue_full(response) for response in responses if response]
            connection.send_encoded(b"".join(responses), answered)
            return
        connection.send_encoded(b"".join(responses), answered)
        self._count(messages)
        if in_flight:
            self._c.waiting.accept(in_flight)

    def _count(self, messages: tuple[list[Message], list[Submission]]) -> None:
        in_flight, refused = messages
        count = self._c.counted.submits
        if in_flight:
            first = in_flight[0].submission
            if all(
                message.submission.service == first.service and message.submission.accepted
                for message in in_flight
            ):
                count(first.account, first.service, "accepted", "none", len(in_flight))
            else:
                for message in in_flight:
                    self._count_one(message.submission)
        for submission in refused:
            self._count_one(submission)

    def _count_one(self, submission: Submission) -> None:
        result = "accepted" if submission.accepted else "rejected"
        self._c.counted.submits(
            submission.account, submission.service, result, submission.reason, 1
        )

    def _malformed(
        self,
        connection: Connection,
        pdu: SubmitSm,
        raw: bytes,
        respond: Respond,
        error: DecodeError,
    ) -> None:
        """Refuse a PDU whose user data header or TLVs contradict themselves."""
        desk = self._c.desks[connection.account]
        submission = self._submission(connection, desk, pdu, raw)
        submission.accepted = False
        submission.reason = "encoding"
        submission.status = int(error.command_status)
        desk.facts.text_error = str(error)
        desk.judge.judge_part(submission, desk.facts)
        if submission.status == 0 or submission.accepted:
            submission.accepted = False
            submission.status = int(error.command_status)
        self._conclude(connection, desk, submission, respond, None)

    # -- concatenated messages --------------------------------------------------------------

    def _part(
        self,
        connection: Connection,
        desk: Desk,
        pdu: SubmitSm,
        raw: bytes,
        part: Part,
        respond: Respond,
    ) -> None:
        """Take one part: judge what can be judged of it, hold it until the others are there."""
        submission = self._submission(connection, desk, pdu, raw)
        facts = desk.facts
        reassembler = self._c.reassembler
        key = (
            submission.account,
            submission.sender,
            submission.recipient,
            part.reference,
            part.total,
        )
        facts.part_total = part.total
        facts.part_octets = len(pdu.short_message) or len(part.payload)
        facts.continues = reassembler.is_open(key)
        magic = self._fault(desk, submission)
        desk.judge.judge_part(submission, facts)
        facts.fault_status = 0
        if not submission.accepted:
            submission.text = desk.read_text(part.payload, pdu.data_coding)
            self._conclude(connection, desk, submission, respond, magic)
            return
        held = SegmentHeld(
            submission.at,
            submission.message_id,
            submission.account,
            submission.session_id,
            submission.sequence_number,
            key[1],
            key[2],
            part.reference,
            part.total,
            part.index,
            submission.registered_delivery,
            raw,
            submission.wire_id,
        )
        arrival = reassembler.add(held, part.payload, submission.at)
        ARRIVALS[arrival.outcome](self, connection, desk, (submission, held), arrival, respond)

    def _held(
        self,
        connection: Connection,
        desk: Desk,
        taken: tuple[Submission, SegmentHeld],
        arrival: Arrival,
        respond: Respond,
    ) -> None:
        submission, held = taken
        wire_id = submission.wire_id.encode() or desk.wire_ids.format(held.message_id)
        connection.submitted += 1
        self._c.journal.append(held)
        self._answer_when_stored(connection, desk, respond(0, wire_id))

    def _repeated(
        self,
        connection: Connection,
        desk: Desk,
        taken: tuple[Submission, SegmentHeld],
        arrival: Arrival,
        respond: Respond,
    ) -> None:
        """Answer a part that was sent again with the id it got the first time."""
        self._answer_when_stored(
            connection, desk, respond(0, desk.wire_ids.format(arrival.message_id))
        )

    def _part_refused(
        self,
        connection: Connection,
        desk: Desk,
        taken: tuple[Submission, SegmentHeld],
        arrival: Arrival,
        respond: Respond,
    ) -> None:
        submission, _held = taken
        refuse(submission, desk, arrival.reason, arrival.detail)
        self._conclude(connection, desk, submission, respond, None)

    def _complete(
        self,
        connection: Connection,
        desk: Desk,
        taken: tuple[Submission, SegmentHeld],
        arrival: Arrival,
        respond: Respond,
    ) -> None:
        """Judge the whole message; the last part's response goes out with it."""
        last, held = taken
        own_id = last.wire_id.encode() or desk.wire_ids.format(held.message_id)
        whole = self._whole(desk, last, arrival)
        desk.judge.judge_whole(whole, desk.facts)
        if not whole.accepted:
            # The earlier parts were answered ESME_ROK, so the refusal is a receipt's.
            whole.status = 0
        connection.submitted += 1
        desk.in_flight += 1
        self._c.journal.append(whole)
        self._c.journal.after_commit(
            partial(self._committed, connection, desk, [respond(0, own_id)], ([begin(whole)], []))
        )

    def _whole(self, desk: Desk, last: Submission, arrival: Arrival) -> Submission:
        parts = arrival.parts
        whole = last
        whole.message_id = parts[0].held.message_id
        whole.wire_id = parts[0].held.wire_id
        whole.segments = tuple(
            Segment(
                part.held.message_id,
                part.held.index,
                part.held.registered_delivery,
                part.held.wire_id,
            )
            for part in parts
        )
        whole.segment_count = len(parts)
        whole.registered_delivery = parts[0].held.registered_delivery
        whole.text = desk.read_text(b"".join(part.user_data for part in parts), last.data_coding)
        whole.pdu = b"".join(part.held.pdu for part in parts)
        return whole

    def _answer_when_stored(self, connection: Connection, desk: Desk, response: bytes) -> None:
        self._c.journal.after_commit(
            partial(self._committed, connection, desk, [response], ([], []))
        )

    def _incomplete(self, incomplete: Incomplete) -> None:
        first = incomplete.parts[0].held
        desk = self._c.desks.get(first.account)
        if desk is None:
            return
        missing = ", ".join(str(index) for index in incomplete.missing)
        whole = Submission(
            self._c.clock.at(),
            first.message_id,
            first.account,
            first.session_id,
            first.sequence_number,
            desk.rules.services.default,
            first.sender,
            first.recipient,
            "",
            0,
            UDHI,
            first.registered_delivery,
            segment_count=len(incomplete.parts),
            segments=tuple(
                Segment(
                    part.held.message_id,
                    part.held.index,
                    part.held.registered_delivery,
                    part.held.wire_id,
                )
                for part in incomplete.parts
            ),
            pdu=b"".join(part.held.pdu for part in incomplete.parts),
        )
        refuse(whole, desk, "incomplete_message", f"part {missing} of {first.total} did not arrive")
        whole.status = 0
        desk.in_flight += 1

        def committed(stored: bool) -> None:
            if stored:
                self._count(([message], []))
                self._c.waiting.accept([message])
            else:
                self._c.loop.call_later(1.0, offer)

        def offer() -> None:
            self._c.journal.append(whole)
            self._c.journal.after_commit(committed)

        message = begin(whole)
        offer()


def refuse(submission: Submission, desk: Desk, reason: str, detail: str) -> None:
    """Set a refusal that no check of the table has found."""
    submission.accepted = False
    submission.reason = reason
    submission.status = desk.rules.statuses[reason]
    submission.error = REASONS[reason].receipt_error(digits_only=desk.rules.digits_only)
    submission.failures = (*submission.failures, Failure(reason, "enforce", detail))


def _submit_sm_response(sequence_number: int, status: int, message_id: bytes) -> bytes:
    if status:
        return refusal(SUBMIT_SM, sequence_number, status)
    return encode_submit_sm_resp(sequence_number, message_id)


def _queue_full(response: bytes) -> bytes:
    """Turn a prepared response into the refusal of a full disk."""
    request = int.from_bytes(response[4:8], "big") & 0x7FFFFFFF
    sequence_number = int.from_bytes(response[12:16], "big")
    return refusal(request, sequence_number, CommandStatus.ESME_RMSGQFUL)


ARRIVALS: dict[str, Callable[..., None]] = {
    "held": Intake._held,
    "repeated": Intake._repeated,
    "refused": Intake._part_refused,
    "complete": Intake._complete,
}

__all__ = ["Intake", "IntakeContext", "refuse"]
