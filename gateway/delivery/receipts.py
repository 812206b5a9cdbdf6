"""Write the receipts and notifications that messages owe, and take in their acknowledgements.

What a receipt says is decided in routing.receipts; here it becomes a deliver_sm in the account's
dialect. A `Writer` holds what is constant for an account, and keeps the last formatted dates,
since most receipts of a moment share them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from config.account import ReceiptDialect as DialectSettings
from routing.events import (
    JournalEvent,
    ReceiptAcknowledged,
    ReceiptDropped,
    ReceiptRefused,
    Segment,
)
from routing.liability import CodeTable
from routing.message import ENROUTE, Message
from routing.network import INSTANT
from routing.open_messages import OpenMessages
from routing.receipts import ReceiptPolicy, copies, notified, owed_segments, settle
from smpp.codec_hot import encode_deliver_sm
from smpp.constants import RECEIPT_WORDS, TlvTag
from smpp.message_id import MessageIdForm, message_id_formatter
from smpp.pdus import DeliverSm
from smpp.receipt import ReceiptDialect, err_octets, receipt_date, receipt_template, snippet
from smpp.tlvs import Tlv

from .outbox import Outbox

ESM_RECEIPT = 0x04
ESM_NOTIFICATION = 0x20
VERSION_WITH_TLVS = 0x34
DATES_KEPT = 4_096


@dataclass(slots=True)
class Writer:
    """Write one account's receipts."""

    template: bytes
    dialect: ReceiptDialect
    id_form: MessageIdForm
    with_tlvs: bool
    policy: ReceiptPolicy
    codes: CodeTable
    _dates: dict[int, bytes] = field(default_factory=dict)

    def write(
        self, message: Message, segment: Segment, sequence_number: int, version: int, esm_class: int
    ) -> bytes:
        """Give the deliver_sm of one receipt."""
        submission = message.submission
        wire_id = (
            segment.wire_id.encode("ascii")
            if segment.wire_id
            else message_id_formatter(self.id_form)(segment.message_id)
        )
        state = message.state
        error = message.error or "000"
        if self.policy.digits_only:
            error = self.codes.digits(error)
        stat = RECEIPT_WORDS[state]
        whole = self.policy.multipart != "segment"
        count = len(submission.segments) if whole and submission.segments else 1
        text = self.template % (
            wire_id,
            b"%03d" % count,
            b"%03d" % count if state == 2 else b"000",
            self._date(submission.at),
            self._date(message.final_at or submission.at),
            stat.encode("ascii"),
            err_octets(error, self.dialect),
            snippet(submission.text, self.dialect),
        )
        tlvs: tuple[Tlv, ...] = ()
        if self.with_tlvs and version >= VERSION_WITH_TLVS:
            tlvs = (
                Tlv(TlvTag.RECEIPTED_MESSAGE_ID, wire_id + b"\0"),
                Tlv(TlvTag.MESSAGE_STATE, bytes((state,))),
                Tlv(TlvTag.NETWORK_ERROR_CODE, self.codes.network_error_code(error)),
            )
        return encode_deliver_sm(
            DeliverSm(
                source_addr_ton=submission.dest_ton,
                source_addr_npi=submission.dest_npi,
                source_addr=submission.recipient.encode("ascii"),
                dest_addr_ton=submission.source_ton,
                dest_addr_npi=submission.source_npi,
                destination_addr=submission.sender.encode("ascii"),
                esm_class=esm_class,
                short_message=text,
                tlvs=tlvs,
                sequence_number=sequence_number,
            )
        )

    def _date(self, at: float) -> bytes:
        second = int(at)
        written = self._dates.get(second)
        if written is None:
            if len(self._dates) >= DATES_KEPT:
                self._dates.clear()
            written = self._dates[second] = receipt_date(second, self.dialect)
        return written


def writer_of(settings: DialectSettings, policy: ReceiptPolicy, codes: CodeTable) -> Writer:
    """Compile an account's dialect settings."""
    dialect = ReceiptDialect(
        date_digits=settings.date_digits,
        omit=frozenset(settings.omit),
        keys=settings.keys,
        err_form=settings.err_form,
        text_encoding=settings.text_encoding,
        tlv_only=settings.tlv_only,
    )
    form: MessageIdForm = (
        settings.message_id if settings.receipt_id == "same" else settings.receipt_id
    )
    return Writer(
        receipt_template(dialect),
        dialect,
        form,
        settings.tlvs or settings.tlv_only,
        policy,
        codes,
    )


class ReceiptItem:
    """Be one receipt to send until it is acknowledged."""

    __slots__ = ("_message", "_office", "_segment", "attempts")

    kind = "receipt"
    persistent = True

    def __init__(self, office: ReceiptOffice, message: Message, segment: Segment) -> None:
        self.attempts = message.receipt_attempts
        self._office = office
        self._message = message
        self._segment = segment

    @property
    def account(self) -> str:
        return self._message.submission.account

    @property
    def instant(self) -> bool:
        return self._message.submission.service == INSTANT

    @property
    def since(self) -> float:
        return self._message.final_at

    def encode(self, sequence_number: int, interface_version: int) -> bytes:
        message = self._message
        writer = self._office.writer(message.submission.account)
        return writer.write(message, self._segment, sequence_number, interface_version, ESM_RECEIPT)

    def acknowledged(self, at: float, session_id: int, sent_at: float) -> list[JournalEvent]:
        segment_id = self._segment.message_id
        if not settle(self._message, segment_id):
            return []  # the second copy of a receipt sent twice on purpose
        if not self._message.owed:
            self._office.closed(self._message)
        return [ReceiptAcknowledged(at, segment_id, session_id, sent_at, self.attempts)]

    def refused(self, at: float, session_id: int, status: int, detail: str) -> list[JournalEvent]:
        return [
            ReceiptRefused(at, self._segment.message_id, session_id, status, detail, self.attempts)
        ]

    def dropped(self, at: float, reason: str) -> list[JournalEvent]:
        segment_id = self._segment.message_id
        if settle(self._message, segment_id) and not self._message.owed:
            self._office.closed(self._message)
        return [ReceiptDropped(at, segment_id, reason)]


class NotificationItem:
    """Be one intermediate notification: sent once, never again (SMPP 3.4 §2.11)."""

    __slots__ = ("_at", "_message", "_office", "_segment", "attempts")

    kind = "notification"

    persistent = False

    def __init__(
        self, office: ReceiptOffice, message: Message, segment: Segment, at: float
    ) -> None:
        self.attempts = 0
        self._office = office
        self._message = message
        self._segment = segment
        self._at = at

    @property
    def account(self) -> str:
        return self._message.submission.account

    @property
    def instant(self) -> bool:
        return self._message.submission.service == INSTANT

    @property
    def since(self) -> float:
        return self._at

    def encode(self, sequence_number: int, interface_version: int) -> bytes:
        submission = self._message.submission
        snapshot = Message(submission, ENROUTE, error=self._message.error, final_at=self._at)
        return self._office.writer(submission.account).write(
            snapshot, self._segment, sequence_number, interface_version, ESM_NOTIFICATION
        )

    def acknowledged(self, at: float, session_id: int, sent_at: float) -> list[JournalEvent]:
        return []

    def refused(self, at: float, session_id: int, status: int, detail: str) -> list[JournalEvent]:
        return []

    def dropped(self, at: float, reason: str) -> list[JournalEvent]:
        return []


class ReceiptOffice:
    """Turn final messages into receipts in the outbox."""

    def __init__(
        self, outbox: Outbox, open_messages: OpenMessages, writers: dict[str, Writer]
    ) -> None:
        self._outbox = outbox
        self._open = open_messages
        self._writers = writers

    def writer(self, account: str) -> Writer:
        return self._writers[account]

    def owe(self, message: Message) -> None:
        """Send the receipts a final message owes until they are acknowledged."""
        if message.submission.account not in self._writers:
            return  # an account that is configured no more: kept in the journal, sent to nobody
        for segment in owed_segments(message):
            for _copy in range(copies(message.submission)):
                self._outbox.put(ReceiptItem(self, message, segment))

    def notify(self, message: Message, at: float) -> None:
        """Send a notification of a failed attempt, once."""
        writer = self._writers.get(message.submission.account)
        if writer is None:
            return
        wanted = notified(message.submission, writer.policy.multipart)
        if not wanted:
            return
        segments = message.submission.segments or (
            Segment(message.message_id, 1, message.submission.registered_delivery),
        )
        for segment in segments:
            if segment.index in wanted:
                self._outbox.put(NotificationItem(self, message, segment, at))

    def closed(self, message: Message) -> None:
        """Let go of a message whose receipts are all acknowledged or given up."""
        self._open.forget(message)
