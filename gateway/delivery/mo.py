"""Carry uplink messages to the account that owns their access number.

The owner is found by longest prefix with extension digits. A long text goes out in segments
(8-bit reference, as handsets send them); the message is acknowledged when all of them are. An
uplink message nobody owns is recorded and goes nowhere.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.ports import Clock, Journal
from routing.events import JournalEvent, MoAcknowledged, MoDropped, MoReceived, MoRefused
from routing.open_messages import OpenMessages, OpenMo
from smpp.codec_hot import encode_deliver_sm
from smpp.concat import split
from smpp.constants import Npi, Ton
from smpp.errors import EncodeError
from smpp.pdus import DeliverSm
from smpp.text import choose_data_coding
from smpp.tlvs import Tlv

from .outbox import Outbox

ADDRESS_OCTETS = 20
"""Longest address of a deliver_sm (SMPP 3.4 §4.6.1)."""

Owner = Callable[[str], str]
"""Access number (with extension) → account, "" when nobody owns it."""


def _ton(number: str) -> Ton:
    """Tell a mainland number with its country code from one without (SMPP 3.4 §5.2.5).

    Clients put a plus before an international number: without the code it would be another's.
    """
    with_country_code = len(number) > 11 and number.startswith("86")
    return Ton.INTERNATIONAL if with_country_code else Ton.NATIONAL


def _check_address(name: str, number: str) -> None:
    if not (0 < len(number) <= ADDRESS_OCTETS and number.isascii() and number.isprintable()):
        raise ValueError(
            f"{name}: {number[:40]!r}, allowed are 1 to {ADDRESS_OCTETS} printable ASCII characters"
        )


class MoItem:
    """Be one segment of an uplink message to deliver until it is acknowledged."""

    __slots__ = (
        "_esm_class",
        "_left",
        "_mo",
        "_office",
        "_short_message",
        "_tlvs",
        "attempts",
        "since",
    )

    kind = "mo"
    persistent = True
    instant = True

    def __init__(
        self,
        office: MoOffice,
        mo: MoReceived,
        content: tuple[bytes, int, tuple[Tlv, ...]],
        left: list[int],
        since: float,
    ) -> None:
        self.attempts = 0
        self.since = since
        self._office = office
        self._mo = mo
        self._short_message, self._esm_class, self._tlvs = content
        self._left = left

    @property
    def account(self) -> str:
        return self._mo.account

    def encode(self, sequence_number: int, interface_version: int) -> bytes:
        mo = self._mo
        return encode_deliver_sm(
            DeliverSm(
                source_addr_ton=_ton(mo.sender),
                source_addr_npi=Npi.ISDN,
                source_addr=mo.sender.encode("ascii"),
                dest_addr_ton=Ton.UNKNOWN,
                dest_addr_npi=Npi.ISDN,
                destination_addr=mo.access_number.encode("ascii"),
                esm_class=self._esm_class,
                data_coding=mo.data_coding,
                short_message=self._short_message,
                tlvs=self._tlvs if interface_version >= 0x34 else (),
                sequence_number=sequence_number,
            )
        )

    def acknowledged(self, at: float, session_id: int, sent_at: float) -> list[JournalEvent]:
        self._left[0] -= 1
        if self._left[0] > 0:
            return []
        self._office.closed(self._mo)
        return [MoAcknowledged(at, self._mo.mo_id, session_id, sent_at, self.attempts)]

    def refused(self, at: float, session_id: int, status: int, detail: str) -> list[JournalEvent]:
        return [MoRefused(at, self._mo.mo_id, session_id, status, detail, self.attempts)]

    def dropped(self, at: float, reason: str) -> list[JournalEvent]:
        self._office.closed(self._mo)
        return [MoDropped(at, self._mo.mo_id, reason)]


def nothing(_mo: MoReceived) -> list[JournalEvent]:
    """Let nothing follow."""
    return []


class MoOffice:
    """Take uplink messages in and put them into the outbox when they are on disk."""

    def __init__(
        self,
        clock: Clock,
        journal: Journal,
        outbox: Outbox,
        open_messages: OpenMessages,
        owner: Owner,
        next_id: Callable[[], int],
        counted: Callable[[str, str], None],
        follows: Callable[[MoReceived], list[JournalEvent]] = nothing,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._outbox = outbox
        self._open = open_messages
        self._owner = owner
        self._next_id = next_id
        self._counted = counted
        """Counts for the metrics: account ("" when nobody owns the number), `received`."""
        self._follows = follows
        """Gives the changes of registries that a message brings; they hold already."""
        self._reference = 0

    def check(self, sender: str, access_number: str, text: str) -> tuple[int, int]:
        """Give data_coding and number of segments of what could be received, and record nothing.

        Raises ValueError as `receive` does.
        """
        _check_address("sender", sender)
        _check_address("access number", access_number)
        data_coding = choose_data_coding(text)
        try:
            return data_coding, len(split(text, data_coding, method="udh8", reference=1))
        except EncodeError as error:
            raise ValueError(f"text: {error}") from error

    def receive(
        self,
        sender: str,
        access_number: str,
        text: str,
        *,
        source: str,
        done: Callable[[MoReceived, bool], None] | None = None,
    ) -> MoReceived:
        """Take one uplink message in; `done(event, stored)` follows when the journal has it.

        Raises ValueError for a number that is no address and for a text that can't be sent.
        """
        data_coding, segment_count = self.check(sender, access_number, text)
        event = MoReceived(
            self._clock.at(),
            self._next_id(),
            self._owner(access_number),
            sender,
            access_number,
            text,
            segment_count,
            source,
            data_coding,
        )
        self._journal.extend([event, *self._follows(event)])

        def committed(stored: bool) -> None:
            if stored:
                self._counted(event.account, "received")
            if stored and event.account:
                self._open.mo[event.mo_id] = OpenMo(event)
                self.deliver(event)
            if done is not None:
                done(event, stored)

        self._journal.after_commit(committed)
        return event

    def deliver(self, mo: MoReceived) -> None:
        """Put the segments of an uplink message into the outbox."""
        self._reference = self._reference % 255 + 1
        parts = split(mo.text, mo.data_coding, method="udh8", reference=self._reference)
        left = [len(parts)]
        # One that a restart found waiting is as old as the journal says.
        since = self._clock.now() - max(0.0, self._clock.at() - mo.at)
        for part in parts:
            content = (part.short_message, part.esm_class, part.tlvs)
            self._outbox.put(MoItem(self, mo, content, left, since))

    def closed(self, mo: MoReceived) -> None:
        self._open.mo.pop(mo.mo_id, None)
