"""Fold delivery pending flags: who waits for which handset, and whom to tell that it is back.

    set_dpf = 1, handset away ─► waiting ─► HandsetAvailable ─► due ─► AlertClosed
                                    └──────────── too old ──────────────────┘

A book holds at most `MOST` flags, `MOST_OF_ACCOUNT` of them of one account: beyond that none is
set, and the ESME is told so (dpf_result 0), so no flag that was promised is pushed out.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, TypeAlias

from .alert_events import AlertClosed, DeliveryPending, HandsetAvailable
from .event import Event

MOST: Final = 10_000
MOST_OF_ACCOUNT: Final = 1_000
MAX_AGE_S: Final = 7 * 86_400.0
"""Age at which a flag is given up: whoever still wants to know sends another message."""

Key: TypeAlias = tuple[str, str, str]
"""account, recipient, sender"""


class PendingAlerts:
    """Hold the flags that are set, in the order in which they were."""

    def __init__(self) -> None:
        self.flags: dict[Key, DeliveryPending] = {}
        self.due: dict[Key, DeliveryPending] = {}
        """Those of `flags` whose handset is back."""
        self._by_recipient: dict[str, set[Key]] = {}
        self._of_account: Counter[str] = Counter()

    def apply(self, event: Event) -> None:
        """Take in one event; those of other kinds are passed over."""
        if isinstance(event, DeliveryPending):
            self._set(event)
        elif isinstance(event, HandsetAvailable):
            for key in sorted(self._by_recipient.get(event.recipient, ())):
                self.due[key] = self.flags[key]
        elif isinstance(event, AlertClosed):
            self.drop((event.account, event.recipient, event.sender))

    def is_set(self, account: str, recipient: str, sender: str) -> bool:
        """Say whether an account waits for a handset, with that sender."""
        return (account, recipient, sender) in self.flags

    def room(self, account: str) -> bool:
        """Say whether one more flag of an account may be set."""
        return len(self.flags) < MOST and self._of_account[account] < MOST_OF_ACCOUNT

    def awaited(self, recipient: str) -> bool:
        """Say whether anybody waits for a handset of which nothing is known yet."""
        return any(key not in self.due for key in self._by_recipient.get(recipient, ()))

    def drop(self, key: Key) -> None:
        """Forget a flag; harmless when there is none."""
        if self.flags.pop(key, None) is None:
            return
        self.due.pop(key, None)
        account, recipient, _sender = key
        self._of_account[account] -= 1
        keys = self._by_recipient[recipient]
        keys.discard(key)
        if not keys:
            del self._by_recipient[recipient]

    def _set(self, event: DeliveryPending) -> None:
        key = (event.account, event.recipient, event.sender)
        if key not in self.flags:
            self.flags[key] = event
            self._by_recipient.setdefault(event.recipient, set()).add(key)
            self._of_account[event.account] += 1
