"""Name what the journal records of delivery pending flags (SMPP 3.4 §5.3.2.28 and §5.3.2.29).

The rules of `routing.events` hold. A flag is named by account, recipient and sender: there is never
more than one of each.
"""

from __future__ import annotations

from typing import TypeAlias

from .event import Event


class DeliveryPending(Event, tag=96, gc=False):
    """Record that an account waits for a handset; set by the message that asked for it."""

    message_id: int
    account: str
    recipient: str
    sender: str
    dest_ton: int = 0
    dest_npi: int = 0
    source_ton: int = 0
    source_npi: int = 0


class HandsetAvailable(Event, tag=97, gc=False):
    """Record that a handset some account waits for can be reached again."""

    recipient: str


class AlertClosed(Event, tag=98, gc=False):
    """Record the end of a flag; `result` is `sent` (alert_notification) or `age` (given up)."""

    account: str
    recipient: str
    sender: str
    result: str
    session_id: int = 0


AlertEvent: TypeAlias = DeliveryPending | HandsetAvailable | AlertClosed
