"""Tell ESMEs that a handset can be reached again (alert_notification, SMPP 3.4 §4.12).

A message whose recipient is away and that asked for it (TLV set_dpf, §5.3.2.29) sets a delivery
pending flag. The handset is back when its state says so, which is looked at about once a second, or
when any message reaches it. Then each account that waits is told once over one of its receiver or
transceiver sessions; while it has none, the flag waits for one. alert_notification has no response,
so it can't be repeated until acknowledged: a crash between sending and journal sends it again.

Flags and their ends are in the journal, so they outlive a restart. Without flags nothing here costs
anything but a look at an empty table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from gateway.ports import Clock, Journal
from routing.alert_events import AlertClosed, DeliveryPending, HandsetAvailable
from routing.event import Event
from routing.events import JournalEvent, Submission
from routing.message import DELIVERED, Message
from routing.pending_alerts import MAX_AGE_S, Key, PendingAlerts
from routing.subscribers import Subscribers
from smpp.codec import encode
from smpp.constants import TlvTag
from smpp.pdus import AlertNotification
from smpp.tlvs import Tlv

from .outbox import Receiver

LOOKS: Final = 2_000
"""Handsets looked at in one look: a millisecond or two."""
OLDEST_WITH_ALERTS: Final = 0x34
"""interface_version of the first SMPP that knows alert_notification."""
AVAILABLE: Final = b"\0"
"""ms_availability_status (SMPP 3.4 §5.3.2.30)."""


class AlertOffice:
    """Own the delivery pending flags of one gateway."""

    def __init__(
        self,
        clock: Clock,
        journal: Callable[[], Journal],
        subscribers: Subscribers,
        receivers: Callable[[str], Sequence[Receiver]],
    ) -> None:
        """`journal` gives the journal once it is open; `apply` is all that may come before."""
        self._clock = clock
        self._journal = journal
        self._subscribers = subscribers
        self._receivers = receivers
        self._book = PendingAlerts()
        self._next = 0

    def apply(self, event: Event) -> None:
        """Take in what the journal has, at start-up."""
        self._book.apply(event)

    def __len__(self) -> int:
        """Count the flags that are set."""
        return len(self._book.flags)

    # -- setting ----------------------------------------------------------------------------

    def ask(self, submission: Submission) -> tuple[bool, DeliveryPending | None]:
        """Set the flag of an accepted message that asks for it.

        Gives whether it is set, and what to journal with the submission, to be told of by `stored`.
        """
        account, recipient, sender = submission.account, submission.recipient, submission.sender
        book = self._book
        if not self._subscribers.away(recipient):
            return False, None
        if book.is_set(account, recipient, sender):
            return True, None
        if not book.room(account):
            return False, None
        event = DeliveryPending(
            submission.at,
            submission.message_id,
            account,
            recipient,
            sender,
            submission.dest_ton,
            submission.dest_npi,
            submission.source_ton,
            submission.source_npi,
        )
        book.apply(event)
        return True, event

    def stored(self, event: DeliveryPending, stored: bool) -> None:
        """Take a flag back that the disk had no space for; its message was refused."""
        if not stored:
            self._book.drop((event.account, event.recipient, event.sender))

    # -- noticing ---------------------------------------------------------------------------

    def reached(self, final: list[Message]) -> list[JournalEvent]:
        """Give what to journal with outcomes: awaited handsets that they show to be back."""
        events: list[JournalEvent] = []
        for message in final:
            if message.state == DELIVERED and self._book.awaited(message.recipient):
                event = HandsetAvailable(message.final_at, message.recipient)
                self._book.apply(event)
                events.append(event)
        return events

    def look(self) -> None:
        """Notice who is back, give up what is too old, tell who can be told."""
        book = self._book
        if not book.flags:
            return
        at = self._clock.at()
        events: list[JournalEvent] = []
        for key, flag in self._some():
            if at - flag.at > MAX_AGE_S:
                events.append(AlertClosed(at, *key, "age"))
                book.drop(key)
            elif key not in book.due and self._subscribers.reachable(flag.recipient):
                event = HandsetAvailable(at, flag.recipient)
                book.apply(event)
                events.append(event)
        for key, flag in list(book.due.items()):
            session_id = self._tell(flag)
            if session_id:
                events.append(AlertClosed(at, *key, "sent", session_id))
                book.drop(key)
        if events:
            self._journal().extend(events)

    def _some(self) -> list[tuple[Key, DeliveryPending]]:
        """Give the next flags in turn, so that each has its turn however many there are."""
        flags = self._book.flags
        if self._next >= len(flags):
            self._next = 0
        found = list(islice(flags.items(), self._next, self._next + LOOKS))
        self._next += len(found)
        return found

    # -- telling ----------------------------------------------------------------------------

    def _tell(self, flag: DeliveryPending) -> int:
        """Send the notification; gives the session's number, 0 when nobody can take it."""
        for receiver in self._receivers(flag.account):
            known = receiver.interface_version >= OLDEST_WITH_ALERTS
            if not (known and receiver.receives and receiver.window.free > 0):
                continue
            # It takes a number, but no place in the window: nothing answers it.
            sequence_number = receiver.reserve(None, self._clock.now())
            receiver.window.take(sequence_number)
            receiver.send_encoded(encode(notification(flag, sequence_number)))
            return receiver.session_id
        return 0


def notification(flag: DeliveryPending, sequence_number: int) -> AlertNotification:
    """Give the PDU: source_addr is the handset, esme_addr the sender of the message."""
    return AlertNotification(
        source_addr_ton=flag.dest_ton,
        source_addr_npi=flag.dest_npi,
        source_addr=flag.recipient.encode("latin-1"),
        esme_addr_ton=flag.source_ton,
        esme_addr_npi=flag.source_npi,
        esme_addr=flag.sender.encode("latin-1"),
        tlvs=(Tlv(TlvTag.MS_AVAILABILITY_STATUS, AVAILABLE),),
        sequence_number=sequence_number,
    )
