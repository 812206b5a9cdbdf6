"""Turn deliveries into receipts and messages, and keep them until somebody asks.

A deliver_sm (or data_sm) is a receipt, an intermediate notification, or an uplink message, whose
segments are put together first (SMPP 3.4 §5.2.12, Appendix B).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from smpp.codec import tlv_int, tlv_text
from smpp.concat import Part, content_of, join, part_of
from smpp.constants import (
    ESM_TYPE_INTERMEDIATE,
    ESM_TYPE_MASK,
    ESM_TYPE_RECEIPT,
    ESM_UDHI,
    TlvTag,
)
from smpp.errors import DecodeError
from smpp.pdus import DeliverSm
from smpp.receipt import ReceiptText, parse, state_of_stat
from smpp.text import decode_text
from smpp.udh import parse_udh

from .connection import Incoming

MAX_KEPT = 100_000
MAX_INCOMPLETE = 1_000

_RECEIPT_TYPES = (ESM_TYPE_RECEIPT, ESM_TYPE_INTERMEDIATE)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Hold one delivery receipt or intermediate notification.

    `state` is the message_state (0 when neither the TLV nor the text names one), `stat` and
    `error` the words of the text, `text` its other fields; None when there was none to read.
    """

    message_id: str
    state: int
    stat: str
    error: str
    sender: str
    recipient: str
    intermediate: bool
    text: ReceiptText | None
    pdu: Incoming


@dataclass(frozen=True, slots=True)
class Uplink:
    """Hold one whole uplink message (MO) and the PDUs it came in.

    `sender` is the subscriber, `recipient` the access number.
    """

    sender: str
    recipient: str
    text: str
    data_coding: int
    segments: int
    pdus: tuple[Incoming, ...]


Delivery: TypeAlias = Receipt | Uplink
Wanted: TypeAlias = Callable[[Delivery], bool]


def read_receipt(pdu: Incoming) -> Receipt:
    """Read a receipt by its TLVs and its text; what neither has stays empty."""
    short_message = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    text: ReceiptText | None = None
    try:
        text = parse(content_of(short_message, pdu.tlvs))
    except DecodeError:
        text = None
    message_id = tlv_text(pdu, TlvTag.RECEIPTED_MESSAGE_ID)
    state = tlv_int(pdu, TlvTag.MESSAGE_STATE)
    stat = text.stat if text is not None else ""
    if state is None:
        state = state_of_stat(stat) or 0
    return Receipt(
        message_id=(
            message_id.decode("latin-1") if message_id else text.id if text is not None else ""
        ),
        state=int(state),
        stat=stat,
        error=text.err if text is not None else "",
        sender=pdu.source_addr.decode("latin-1"),
        recipient=pdu.destination_addr.decode("latin-1"),
        intermediate=pdu.esm_class & ESM_TYPE_MASK == ESM_TYPE_INTERMEDIATE,
        text=text,
        pdu=pdu,
    )


class Inbox:
    """Keep deliveries in the order they came, and hand them to those who wait.

    At most MAX_KEPT stay; the oldest are dropped first and counted in `dropped`. With
    `on_delivery` each one goes there and none is kept, unless somebody waits for it.
    """

    def __init__(
        self,
        on_delivery: Callable[[Delivery], None] | None = None,
        default_alphabet: str = "gsm0338",
    ) -> None:
        self.on_delivery = on_delivery
        self.dropped = 0
        self._default_alphabet = default_alphabet
        self._kept: deque[Delivery] = deque()
        self._waiting: list[tuple[Wanted, asyncio.Future[Delivery]]] = []
        self._segments: OrderedDict[tuple[object, ...], dict[int, tuple[Part, Incoming]]] = (
            OrderedDict()
        )

    def __len__(self) -> int:
        return len(self._kept)

    def take_pdu(self, pdu: Incoming) -> None:
        """Take one deliver_sm or data_sm."""
        if pdu.esm_class & ESM_TYPE_MASK in _RECEIPT_TYPES:
            self._add(read_receipt(pdu))
            return
        uplink = self._uplink(pdu)
        if uplink is not None:
            self._add(uplink)

    def find(self, wanted: Wanted) -> Delivery | None:
        """Take the oldest delivery kept that is wanted; None when there is none."""
        for index, delivery in enumerate(self._kept):
            if wanted(delivery):
                del self._kept[index]
                return delivery
        return None

    def wait(self, wanted: Wanted) -> asyncio.Future[Delivery]:
        """Give a future of the next delivery that is wanted, whether kept or to come."""
        future: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()
        delivery = self.find(wanted)
        if delivery is not None:
            future.set_result(delivery)
        else:
            self._waiting.append((wanted, future))
        return future

    def end(self, error: Exception) -> None:
        """Let everybody who waits know that nothing comes any more."""
        for _wanted, future in self._waiting:
            if not future.done():
                future.set_exception(error)
        self._waiting.clear()

    def _add(self, delivery: Delivery) -> None:
        self._waiting = [pair for pair in self._waiting if not pair[1].done()]
        if self.on_delivery is not None:
            self.on_delivery(delivery)
        for index, (wanted, future) in enumerate(self._waiting):
            if wanted(delivery):
                del self._waiting[index]
                future.set_result(delivery)
                return
        if self.on_delivery is None:
            self._kept.append(delivery)
            if len(self._kept) > MAX_KEPT:
                self._kept.popleft()
                self.dropped += 1

    def _uplink(self, pdu: Incoming) -> Uplink | None:
        """Make the uplink message of a PDU; None while other segments are missing."""
        short_message = pdu.short_message if isinstance(pdu, DeliverSm) else b""
        try:
            part = part_of(pdu.esm_class, short_message, pdu.tlvs)
            content = content_of(short_message, pdu.tlvs)
            if part is None and pdu.esm_class & ESM_UDHI:
                content = parse_udh(content).payload
        except DecodeError:
            part, content = None, short_message
        if part is None or part.total == 1:
            return self._whole((pdu,), content if part is None else part.payload)
        key = (pdu.source_addr, pdu.destination_addr, part.kind, part.reference, part.total)
        parts = self._segments.setdefault(key, {})
        parts[part.index] = (part, pdu)
        if len(parts) == part.total:
            del self._segments[key]
            ordered = [parts[index] for index in sorted(parts)]
            return self._whole(tuple(p for _, p in ordered), join(p for p, _ in ordered))
        if len(self._segments) > MAX_INCOMPLETE:
            self._segments.popitem(last=False)
            self.dropped += 1
        return None

    def _whole(self, pdus: tuple[Incoming, ...], content: bytes) -> Uplink:
        first = pdus[0]
        try:
            text = decode_text(content, first.data_coding, self._default_alphabet, True).text
        except DecodeError:
            text = content.hex()
        return Uplink(
            sender=first.source_addr.decode("latin-1"),
            recipient=first.destination_addr.decode("latin-1"),
            text=text,
            data_coding=first.data_coding,
            segments=len(pdus),
            pdus=pdus,
        )
