"""Write the receipts and notifications that messages owe, and take in their acknowledgements.

What a receipt says is decided in routing.receipts; here it becomes a deliver_sm in the account's
dialect. A `Writer` holds what is constant for an account, and keeps the last formatted dates,
since most receipts of a moment share them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct

from config.account import ReceiptDialect as DialectSettings
from routing.events import (
    JournalEvent,
    ReceiptAcknowledged,
    ReceiptDropped,
    ReceiptRefused,
    Segment,
)
from routing.liability import CodeTable
from routing.message import DELIVERED, ENROUTE, Message, segments_of
from routing.network import INSTANT
from routing.open_messages import OpenMessages
from routing.receipts import ReceiptPolicy, copies, notified, owed_segments, settle
from smpp.codec_hot import encode_deliver_sm
from smpp.constants import RECEIPT_WORDS, CommandId, TlvTag
from smpp.framing import HEADER
from smpp.message_id import MessageIdForm, message_id_formatter
from smpp.pdus import DeliverSm
from smpp.receipt import ReceiptDialect, err_octets, receipt_date, receipt_template, snippet
from smpp.tlvs import Tlv, encode_tlvs

from .outbox import Outbox

ESM_RECEIPT = 0x04
ESM_NOTIFICATION = 0x20
VERSION_WITH_TLVS = 0x34
DATES_KEPT = 4_096
FRAMES_KEPT = 1_024
OUTCOMES_KEPT = 1_024
SOURCE_ADDR_AT = 3
"""Octets before source_addr: an empty service_type, type of number, numbering plan."""
DELIVER_SM = int(CommandId.DELIVER_SM)
TLV_HEADER = Struct(">HH")
RECEIPTED_MESSAGE_ID = int(TlvTag.RECEIPTED_MESSAGE_ID)


Frame = tuple[bytes, bytes]
"""The octets of a deliver_sm's body before source_addr, and from its NUL up to sm_length."""


@dataclass
class Writer:
    """Write one account's receipts.

    A receipt is on the hot path, so what its PDU and text have in common with the one before is
    encoded once: the frame around the recipient, the codes of an outcome, the dates of a second.
    Each of these stores is emptied when it is full.
    """

    template: bytes
    dialect: ReceiptDialect
    format_id: Callable[[int], bytes]
    with_tlvs: bool
    policy: ReceiptPolicy
    codes: CodeTable
    _dates: dict[int, bytes] = field(default_factory=dict)
    _frames: dict[tuple[str, int, int, int, int, int], Frame] = field(default_factory=dict)
    _outcomes: dict[tuple[int, str], tuple[bytes, bytes, bytes]] = field(default_factory=dict)

    def write(
        self, message: Message, segment: Segment, sequence_number: int, version: int, esm_class: int
    ) -> bytes:
        """Give the deliver_sm of one receipt."""
        wire_id = (
            segment.wire_id.encode("ascii")
            if segment.wire_id
            else self.format_id(segment.message_id)
        )
        state = message.state
        stat, err, codes = self._outcome(state, message.error or "000")
        whole = message.segments and self.policy.multipart != "segment"
        count = b"%03d" % len(message.segments) if whole else b"001"
        text = self.template % (
            wire_id,
            count,
            count if state == DELIVERED else b"000",
            self._date(message.at),
            self._date(message.final_at or message.at),
            stat,
            err,
            snippet(message.text, self.dialect),
        )
        key = (
            message.sender,
            message.source_ton,
            message.source_npi,
            message.dest_ton,
            message.dest_npi,
            esm_class,
        )
        before, after = self._frames.get(key) or self._frame(key)
        body = b"%b%b%b%c%b" % (
            before,
            message.recipient.encode("latin-1"),
            after,
            len(text),
            text,
        )
        if self.with_tlvs and version >= VERSION_WITH_TLVS:
            named = TLV_HEADER.pack(RECEIPTED_MESSAGE_ID, len(wire_id) + 1)
            body = b"%b%b%b\0%b" % (body, named, wire_id, codes)
        return HEADER.pack(16 + len(body), DELIVER_SM, 0, sequence_number) + body

    def _frame(self, key: tuple[str, int, int, int, int, int]) -> Frame:
        """Encode a deliver_sm without a source_addr, and cut it there."""
        sender, source_ton, source_npi, dest_ton, dest_npi, esm_class = key
        body = encode_deliver_sm(
            DeliverSm(
                source_addr_ton=dest_ton,
                source_addr_npi=dest_npi,
                dest_addr_ton=source_ton,
                dest_addr_npi=source_npi,
                destination_addr=sender.encode("latin-1"),
                esm_class=esm_class,
            )
        )[HEADER.size :]
        if len(self._frames) >= FRAMES_KEPT:
            self._frames.clear()
        # The last octet is the sm_length of the empty short_message.
        frame = self._frames[key] = (body[:SOURCE_ADDR_AT], body[SOURCE_ADDR_AT:-1])
        return frame

    def _outcome(self, state: int, error: str) -> tuple[bytes, bytes, bytes]:
        """Give stat, err and the TLVs message_state and network_error_code."""
        known = self._outcomes.get((state, error))
        if known is None:
            code = self.codes.digits(error) if self.policy.digits_only else error
            tlvs = (
                Tlv(TlvTag.MESSAGE_STATE, bytes((state,))),
                Tlv(TlvTag.NETWORK_ERROR_CODE, self.codes.network_error_code(code)),
            )
            known = (
                RECEIPT_WORDS[state].encode("ascii"),
                err_octets(code, self.dialect),
                encode_tlvs(tlvs, {}),
            )
            if len(self._outcomes) >= OUTCOMES_KEPT:
                self._outcomes.clear()
            self._outcomes[state, error] = known
        return known

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
        message_id_formatter(form),
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
        return self._message.account

    @property
    def instant(self) -> bool:
        return self._message.service == INSTANT

    @property
    def since(self) -> float:
        return self._message.final_at - self._message.offset

    def encode(self, sequence_number: int, interface_version: int) -> bytes:
        message = self._message
        writer = self._office.writer(message.account)
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
        if not settle(self._message, segment_id):
            return []  # the second copy of one that was acknowledged
        if not self._message.owed:
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
        return self._message.account

    @property
    def instant(self) -> bool:
        return self._message.service == INSTANT

    @property
    def since(self) -> float:
        return self._at - self._message.offset

    def encode(self, sequence_number: int, interface_version: int) -> bytes:
        snapshot = self._message.twin()
        snapshot.state = ENROUTE
        snapshot.final_at = self._at
        return self._office.writer(snapshot.account).write(
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
        if message.account not in self._writers:
            return  # an account that is configured no more: kept in the journal, sent to nobody
        for segment in owed_segments(message):
            for _copy in range(copies(message)):
                self._outbox.put(ReceiptItem(self, message, segment))

    def notify(self, message: Message, at: float) -> None:
        """Send a notification of a failed attempt, once."""
        writer = self._writers.get(message.account)
        if writer is None:
            return
        wanted = notified(message, writer.policy.multipart)
        if not wanted:
            return
        for segment in segments_of(message):
            if segment.index in wanted:
                self._outbox.put(NotificationItem(self, message, segment, at))

    def closed(self, message: Message) -> None:
        """Let go of a message whose receipts are all acknowledged or given up."""
        self._open.forget(message)
