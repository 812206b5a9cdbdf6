"""Take submissions in: judge each, journal the verdicts, answer when they are on disk.

`submits` is the hot path. It handles a run of submit_sm of one read together: one list of events
for the journal, one buffer of responses, one callback. Nothing in it waits, and what is unusual
(user data headers, TLVs, times, magic recipients) leaves it early for a method of its own.

Answering is the business of `answers`, concatenated messages that of `assembly`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from gateway.ports import Clock, Journal
from routing.events import JournalEvent, Submission
from routing.facts import Facts
from routing.limits import slice_of
from routing.magic import MagicNumbers, MagicRecipient
from routing.message import Message, begin
from routing.reasons import NONE
from smpp.codec import refusal
from smpp.codec_hot import encode_submit_sm_resp
from smpp.concat import Part, part_of, payload_of
from smpp.constants import CommandId, CommandStatus
from smpp.errors import DecodeError
from smpp.pdus import SubmitSm
from smpp.times import parse_time

from .answers import NOT_ASKED, Answers, Respond, refuse, set_dpf_of
from .assembly import Assembly
from .connection import Connection
from .desk import UCS2, Desk
from .wire_ids import OLDEST_WITH_LONG_IDS

UDHI = 0x40
SUBMIT_SM = int(CommandId.SUBMIT_SM)
FAULT_STATUS = {
    "throttled": int(CommandStatus.ESME_RTHROTTLED),
    "queue_full": int(CommandStatus.ESME_RMSGQFUL),
    "system_error": int(CommandStatus.ESME_RSYSERR),
}


@dataclass(frozen=True)
class IntakeContext:
    clock: Clock
    journal: Journal
    desks: dict[str, Desk]
    magic: MagicNumbers
    answers: Answers
    assembly: Assembly
    next_id: Callable[[], int]
    depth: Callable[[str], int]
    """Receipts and uplink messages an account has not acknowledged."""


@dataclass
class _Run:
    """Gather what becomes of a run of submit_sm; events and responses go in pairs."""

    events: list[JournalEvent] = field(default_factory=list)
    responses: list[bytes] = field(default_factory=list)
    accepted: list[Message] = field(default_factory=list)
    refused: list[Submission] = field(default_factory=list)


class Intake:
    """Judge what ESMEs submit."""

    def __init__(self, context: IntakeContext) -> None:
        self._c = context

    def submits(self, connection: Connection, pdus: list[SubmitSm], octets: list[bytes]) -> None:
        """Take a run of submit_sm of one session; `octets` are their whole PDUs.

        One that a mistake of ours keeps from being judged is answered ESME_RSYSERR; the others are
        taken as ever.
        """
        desk = self._c.desks[connection.account]
        facts = self._ready(desk)
        before = facts.outstanding = connection.session.unanswered - len(pdus)
        run = _Run()
        pairs = zip(pdus, octets, strict=True)
        while facts.outstanding - before < len(pdus):
            try:
                self._judge_run(connection, desk, pairs, run)
            except Exception as error:
                failed = pdus[facts.outstanding - before - 1]
                connection.fail_requests([failed])
                self._c.answers.report("a submit_sm could not be judged", error)
        if run.events:
            self._c.answers.when_stored(
                connection, desk, run.responses, run.events, (run.accepted, run.refused)
            )
        self._slow_down(connection, desk)

    def _judge_run(
        self,
        connection: Connection,
        desk: Desk,
        pairs: Iterator[tuple[SubmitSm, bytes]],
        run: _Run,
    ) -> None:
        """Judge what is usual on the spot and hand on what is not.

        `facts.outstanding` rises by one with each PDU that is begun.
        """
        facts = desk.facts
        at = self._c.clock.at()
        magic = self._c.magic.by_recipient
        format_id = desk.wire_ids.format
        short_ids = connection.session.interface_version < OLDEST_WITH_LONG_IDS
        for pdu, raw in pairs:
            facts.outstanding += 1
            recipient = pdu.destination_addr.decode("latin-1")
            if (
                pdu.tlvs
                or pdu.esm_class & UDHI
                or pdu.validity_period
                or pdu.schedule_delivery_time
                or recipient in magic
                or short_ids
            ):
                respond = partial(_submit_sm_response, pdu.sequence_number)
                self._take_one(connection, pdu, raw, respond)
                _reset(facts)
                facts.queued = desk.in_flight + len(run.accepted)
                continue
            submission, message = self._plain(connection, desk, (pdu, raw), at, recipient)
            if message is None and not submission.status:
                message = begin(submission)
            if message is None:
                response = refusal(SUBMIT_SM, pdu.sequence_number, submission.status)
                run.refused.append(submission)
            else:
                response = encode_submit_sm_resp(pdu.sequence_number, format_id(message.message_id))
                run.accepted.append(message)
                facts.queued += 1
            run.events.append(submission)
            run.responses.append(response)

    def _slow_down(self, connection: Connection, desk: Desk) -> None:
        """Read nothing from a session until its account's rate allows the next slice."""
        bucket = desk.facts.bucket
        if bucket is not None and desk.rules.throughput_delays:
            wait_s = bucket.wait(desk.facts.now, slice_of(desk.rules.throughput_rate))
            if wait_s > 0.0:
                connection.delay_reading(wait_s)

    def _plain(
        self,
        connection: Connection,
        desk: Desk,
        taken: tuple[SubmitSm, bytes],
        at: float,
        recipient: str,
    ) -> tuple[Submission, Message | None]:
        """Judge a submit_sm without header, TLVs and times; gives the message if it is in order.

        The checks look at the message, which costs a fraction of reading the event. By name, the
        event's arguments would be looked for in its table.
        """
        pdu, raw = taken
        message_id = self._c.next_id()
        account = connection.account
        version = connection.session.interface_version
        data_coding, registered_delivery = pdu.data_coding, pdu.registered_delivery
        source_ton, source_npi = pdu.source_addr_ton, pdu.source_addr_npi
        dest_ton, dest_npi = pdu.dest_addr_ton, pdu.dest_addr_npi
        size = len(pdu.short_message)
        text = desk.read_text(pdu.short_message, data_coding)
        segment_count = 1
        if size > 70 and not (data_coding == UCS2 and size <= 140):
            segment_count = desk.count_segments(text, size, data_coding)
        sender = desk.senders.get(pdu.source_addr)
        if sender is None:
            sender = desk.sender_of(pdu.source_addr)
        service_type = pdu.service_type.decode("latin-1") if pdu.service_type else ""
        judge = desk.judge
        service, recipient, carrier = judge.completed(service_type, recipient, dest_ton, dest_npi)
        # fmt: off
        message = Message(
            message_id, at, account, service, sender, recipient, carrier, text,
            data_coding, pdu.esm_class, registered_delivery, 0.0, 0.0, version,
            source_ton, source_npi, dest_ton, dest_npi, service_type,
            (), "", "", NONE, segment_count,
        )
        failures = judge.failures_of(message, desk.facts)
        submission = Submission(
            at, message_id, account, connection.session_id, pdu.sequence_number,
            service, sender, recipient, text, data_coding, pdu.esm_class, registered_delivery,
            pdu.protocol_id, pdu.priority_flag, segment_count, 0.0, 0.0, carrier,
            True, 0, NONE, "", (), (), "", service_type, -1, desk.rules.version, "",
            source_ton, source_npi, dest_ton, dest_npi, raw, version,
        )
        # fmt: on
        if failures is None:
            judge.count(message)
            return submission, message
        judge.conclude(submission, desk.facts, failures)
        if submission.accepted:
            judge.count(message)
        return submission, None

    def submit_one(
        self,
        connection: Connection,
        pdu: SubmitSm,
        raw: bytes,
        respond: Respond,
        identity: tuple[int, str] | None = None,
        *,
        outstanding: int | None = None,
    ) -> None:
        """Take one submission off the hot path; `respond` makes its response PDU.

        `identity` gives message id and wire id, for destinations that share one; `outstanding`
        the unanswered requests of the session, where its own count is another.
        """
        desk = self._c.desks[connection.account]
        facts = self._ready(desk)
        facts.outstanding = connection.session.unanswered if outstanding is None else outstanding
        self._take_one(connection, pdu, raw, respond, identity)
        self._slow_down(connection, desk)

    def _take_one(
        self,
        connection: Connection,
        pdu: SubmitSm,
        raw: bytes,
        respond: Respond,
        identity: tuple[int, str] | None = None,
    ) -> None:
        desk = self._c.desks[connection.account]
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
        submission = self._submission(connection, desk, pdu, raw)
        if identity is not None:
            submission.message_id, submission.wire_id = identity
        if part is not None and part.total > 1:
            self._part(connection, desk, (submission, pdu), part, respond)
            return
        submission.text = desk.read_text(payload, pdu.data_coding)
        submission.segment_count = desk.count_segments(
            submission.text, len(payload), pdu.data_coding
        )
        magic = self._fault(desk, submission)
        desk.judge.judge(submission, desk.facts)
        desk.facts.fault_status = 0
        set_dpf = NOT_ASKED
        # The destinations of a submit_multi share one response, which has no place for each.
        if pdu.tlvs and identity is None:
            set_dpf = set_dpf_of(pdu.tlvs, submission.interface_version)
        self._c.answers.conclude(connection, desk, submission, respond, magic, set_dpf)
        # One that a fault leaves without an answer is no message.
        if submission.accepted:
            desk.judge.count(begin(submission))

    def read(self, connection: Connection, pdu: SubmitSm) -> Submission | DecodeError:
        """Give the judged submission of a PDU without taking it in (for replace_sm).

        Gives the error when header and TLVs contradict themselves.
        """
        desk = self._c.desks[connection.account]
        self._ready(desk).outstanding = connection.session.unanswered
        submission = self._submission(connection, desk, pdu, b"")
        try:
            payload = payload_of(pdu.esm_class, pdu.short_message, pdu.tlvs)
        except DecodeError as error:
            return error
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

    # -- inside -----------------------------------------------------------------------------

    def _ready(self, desk: Desk) -> Facts:
        facts = desk.facts
        context = self._c
        facts.now = context.clock.now()
        facts.queued = desk.in_flight
        _reset(facts)
        facts.full = ""
        if context.journal.full():
            facts.full = "the journal can't take more for the moment (disk full or too slow)"
        elif desk.everyone.count >= desk.everyone.most:
            facts.full = f"{desk.everyone.most} messages of all accounts are not final"
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

    def _part(
        self,
        connection: Connection,
        desk: Desk,
        taken: tuple[Submission, SubmitSm],
        part: Part,
        respond: Respond,
    ) -> None:
        """Judge what can be judged of one part, and hold it until the others are there."""
        submission, pdu = taken
        facts = desk.facts
        facts.part_total = part.total
        facts.part_octets = len(pdu.short_message) or len(part.payload)
        facts.continues = self._c.assembly.is_open(submission, part)
        magic = self._fault(desk, submission)
        desk.judge.judge_part(submission, facts)
        facts.fault_status = 0
        if submission.accepted:
            self._c.assembly.add(connection, desk, submission, part, respond)
        else:
            submission.text = desk.read_text(part.payload, pdu.data_coding)
            self._c.answers.conclude(connection, desk, submission, respond, magic)

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
        desk.judge.judge_part(submission, desk.facts)
        if not submission.status:
            refuse(submission, desk, "encoding", str(error))
            submission.status = int(error.command_status)
        self._c.answers.conclude(connection, desk, submission, respond, None)


def _reset(facts: Facts) -> None:
    """Forget what only the last submission's own fields said."""
    facts.validity_error = facts.schedule_error = facts.text_error = ""
    facts.fault_status = facts.part_octets = facts.part_total = 0
    facts.continues = False


def _submit_sm_response(sequence_number: int, status: int, message_id: bytes) -> bytes:
    if status:
        return refusal(SUBMIT_SM, sequence_number, status)
    return encode_submit_sm_resp(sequence_number, message_id)
