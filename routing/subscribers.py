"""Simulate the subscribers: who can be reached, and how a number keeps its state.

The state of a number is looked up in this order:

1. what an operator set for it (`put`),
2. the magic recipients,
3. whether the number was ported away from the carrier that the message was routed to,
4. the profile's mix: drawn from (seed, number), so the same number has the same state for the
   whole run, and a run with the same seed has the same numbers powered off.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from config.network import NetworkData

from .draws import SUBSCRIBER, mixed, stream, uniform
from .magic import MagicNumbers

ACTIVE: Final = "active"
PORTED: Final = "ported"
PROFILE_DELAY: Final = -1.0


@dataclass(frozen=True)
class Subscriber:
    """Be what a delivery attempt needs to know of a recipient.

    `condition` is a name in profiles.toml. `magic` recipients meet none of the profile's
    troubles. `delay_s` is the time to the first attempt (PROFILE_DELAY: by the profile's latency);
    `recovers_after` is the number of failed attempts after which a waiting subscriber is reached
    (0: never); `retry_s` is the time between attempts (0.0: by the profile's schedule).
    """

    condition: str
    magic: bool = False
    delay_s: float = PROFILE_DELAY
    recovers_after: int = 0
    retry_s: float = 0.0


class Subscribers:
    """Know the state of every recipient."""

    __slots__ = (
        "_away",
        "_bounds",
        "_conditions",
        "_drawn",
        "_explicit",
        "_magic",
        "_natural",
        "_reachable",
        "_stream",
        "states",
    )

    def __init__(self, data: NetworkData, profile: str, seed: int) -> None:
        """Prepare the draws of a profile. Raises KeyError for an unknown profile."""
        self.states: dict[str, Subscriber] = {
            name: Subscriber(name) for name, row in data.conditions.items() if row.subscriber
        }
        self._conditions = frozenset(data.conditions)
        rows = data.conditions.items()
        self._away = frozenset(n for n, row in rows if row.kind == "wait" and row.subscriber)
        self._reachable = frozenset(name for name, row in rows if row.kind == "deliver")
        mix = {name: share for name, share in data.profiles[profile].subscribers.items() if share}
        self._bounds = [bound / 1000 for bound in accumulate(mix.values())]
        self._drawn = [self.states[name] for name in mix] + [self.states[ACTIVE]]
        self._natural = (self._bounds, self._drawn)
        self._stream = stream(seed, SUBSCRIBER)
        self._explicit: dict[str, Subscriber] = {}
        self._magic = {
            recipient: Subscriber(
                row.condition,
                magic=True,
                delay_s=row.delay_s,
                recovers_after=row.recovers_after,
                retry_s=row.retry_s,
            )
            for recipient, row in MagicNumbers(data).by_recipient.items()
        }

    def of(self, recipient: str, *, ported: bool = False) -> Subscriber:
        """Give the subscriber behind a recipient.

        The recipient is in the form the verdict left it: 11 digits for a mainland number.
        `ported` says that the carrier which was asked doesn't serve it any more.
        """
        if recipient in self._explicit:
            return self._explicit[recipient]
        if recipient in self._magic:
            return self._magic[recipient]
        if ported:
            return self.states[PORTED]
        if not self._bounds:
            return self._drawn[0]
        value = uniform(self._stream, _key(recipient))
        return self._drawn[bisect_right(self._bounds, value)]

    def away(self, recipient: str) -> bool:
        """Say whether a handset can't be reached for the moment: off, out of area, memory full."""
        return self.of(recipient).condition in self._away

    def reachable(self, recipient: str) -> bool:
        """Say whether the next message would reach the handset."""
        return self.of(recipient).condition in self._reachable

    def put(self, recipient: str, state: str, *, recovers_after: int = 0) -> None:
        """Set the state of one number, whatever it was by nature.

        Raises ValueError for a name that is no state of a subscriber.
        """
        if state not in self.states:
            raise ValueError(f"state of subscriber: {state!r}, one of {', '.join(self.states)}")
        known = self.states[state]
        if recovers_after:
            known = Subscriber(state, recovers_after=recovers_after)
        self._explicit[recipient] = known

    def clear(self, recipient: str) -> None:
        """Give a number back its natural state."""
        self._explicit.pop(recipient, None)

    def overcome(self, condition: str) -> None:
        """Let all subscribers meet one condition of the network, as in an outage; "" ends it.

        Numbers set by an operator and magic recipients keep their state. Raises ValueError for a
        name that is no condition.
        """
        if not condition:
            self._bounds, self._drawn = self._natural
            return
        if condition not in self._conditions:
            known = ", ".join(sorted(self._conditions))
            raise ValueError(f"condition: {condition!r}, one of {known}")
        self._bounds, self._drawn = [], [Subscriber(condition)]

    def explicit(self) -> dict[str, str]:
        """Give the numbers that have a set state, each with its name."""
        return {number: subscriber.condition for number, subscriber in self._explicit.items()}


def _key(recipient: str) -> int:
    """Give a recipient's key for drawing: the number itself, or a mix of any other address."""
    if recipient.isascii() and recipient.isdigit():
        return int(recipient)
    return mixed(int.from_bytes(recipient.encode(), "big") % 0xFFFFFFFFFFFFFFC5)
