"""Decide what becomes of a delivery attempt in the simulated network.

A `Network` is a profile with a seed, compiled; it is never changed, and its answers are pure:
the same message, subscriber and time always give the same answer (see `routing.draws`).

The life of a message here: `first_due` gives the time of the first attempt (schedule plus
latency). At each due time `attempt` says Delivered, Failed or Retry:

1. a message at or past its expiry is Failed(EXPIRED) with the error of its last attempt;
2. the profile's mixes are drawn: at the first attempt whether the carrier itself ends this
   message, at each attempt whether it meets a trouble (magic recipients meet neither);
3. otherwise the subscriber's condition decides, by its kind: deliver, wait, final, silent.

A retry is never set later than the expiry, so a message ends at its expiry on the second. A
message of which the network never reports is closed as UNKNOWN after the report timeout.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate
from math import cos, log1p, sqrt, tau
from typing import Final, TypeAlias

import msgspec

from config.network import (
    Condition,
    ExponentialLatency,
    FixedLatency,
    Latency,
    NetworkData,
    NormalLatency,
    SpikeLatency,
    UniformLatency,
)
from smpp.constants import MessageState

from .draws import DOOM, LATENCY, LATENCY_SHAPE, TROUBLE, purpose_of, stream, uniform
from .message import DELIVERED, EXPIRED, UNKNOWN, Message
from .subscribers import Subscriber

INSTANT: Final = "instant"
_STREAMS: Final = 64
"""Attempts that have a stream of draws of their own; after that they begin again."""


class Delivered(msgspec.Struct, frozen=True, gc=False):
    """Say that the message reached the handset; `condition` names a hidden truth, if any."""

    condition: str
    error: str
    state: int = DELIVERED


class Failed(msgspec.Struct, frozen=True, gc=False):
    """Say that the message has failed for good, with its final state and error."""

    condition: str
    error: str
    state: int


class Retry(msgspec.Struct, frozen=True, gc=False):
    """Say that the attempt failed for the moment; the next one is at `next_at` (business s)."""

    condition: str
    error: str
    next_at: float


Result: TypeAlias = Delivered | Failed | Retry
Law: TypeAlias = Callable[[int, int, int], float]
"""(start of the first stream of draws, of the second, key) → seconds."""


class _Mix:
    """Pick a name by shares per mille; the rest picks the empty name."""

    __slots__ = ("_names", "bounds")

    def __init__(self, shares: Mapping[str, int]) -> None:
        named = {name: share for name, share in shares.items() if share}
        self._names = (*named, "")
        self.bounds = [bound / 1000 for bound in accumulate(named.values())]

    def pick(self, value: float) -> str:
        return self._names[bisect_right(self.bounds, value)]


class Network:
    """Answer for one profile and one seed."""

    __slots__ = (
        "_calm",
        "_doom",
        "_doom_stream",
        "_ends",
        "_errors",
        "_instant",
        "_never_attempted",
        "_ordinary",
        "_report_timeout_s",
        "_retries_s",
        "_shapes",
        "_silent",
        "_slots_s",
        "_timeout_error",
        "_times",
        "_trouble",
        "_trouble_streams",
        "default_validity_s",
        "profile",
    )

    def __init__(self, data: NetworkData, profile: str, seed: int) -> None:
        """Compile a profile. Raises KeyError when it is unknown."""
        chosen = data.profiles[profile]
        self.profile = profile
        self.default_validity_s = data.default_validity_s
        self._report_timeout_s = data.report_timeout_s
        self._timeout_error = data.report_timeout_error
        self._never_attempted = data.never_attempted_error
        self._errors = {name: row.error for name, row in data.conditions.items()}
        self._ends = {
            name: end for name, row in data.conditions.items() if (end := _end(name, row))
        }
        self._silent = frozenset(n for n, row in data.conditions.items() if row.kind == "silent")
        self._retries_s = chosen.retries_s
        self._doom = _Mix(chosen.messages)
        self._doom_stream = stream(seed, DOOM)
        self._trouble = _Mix(chosen.attempts)
        self._calm = not self._doom.bounds and not self._trouble.bounds
        self._trouble_streams = [stream(seed, purpose_of(TROUBLE, n)) for n in range(_STREAMS)]
        self._ordinary = _law(chosen.latency.ordinary)
        self._instant = _law(chosen.latency.instant)
        self._times = stream(seed, LATENCY)
        self._shapes = stream(seed, LATENCY_SHAPE)
        capacity = chosen.capacity
        self._slots_s = {
            name: 1.0 / per_second
            for name, per_second in (("ordinary", capacity.ordinary), (INSTANT, capacity.instant))
            if per_second is not None
        }

    def expires_at(self, message: Message) -> float:
        """Give the business time at which a message expires; 0 asked for means the default."""
        if message.validity_at:
            return message.validity_at
        return max(message.at, message.schedule_at) + self.default_validity_s

    def prompt(self, service: str) -> bool:
        """Say whether messages of a service are due at once, without latency or capacity."""
        law = self._instant if service == INSTANT else self._ordinary
        return law is None and service not in self._slots_s

    def first_due(self, message: Message, subscriber: Subscriber) -> float:
        """Give the business time of the first attempt, never later than the expiry."""
        due = max(message.at, message.schedule_at)
        if subscriber.delay_s >= 0.0:
            due += subscriber.delay_s
        else:
            law = self._instant if message.service == INSTANT else self._ordinary
            if law is not None:
                due += law(self._times, self._shapes, message.message_id)
        if 0.0 < message.validity_at < due:
            return message.validity_at
        return due

    def attempt(self, message: Message, subscriber: Subscriber, at: float) -> Result:
        """Make the next attempt of a message, at business time `at`.

        `message.attempts` counts those already made; the message isn't changed.
        """
        end = self._ends.get(subscriber.condition)
        if (
            type(end) is Delivered
            and message.attempts == 0
            and (self._calm or subscriber.magic)
            and at < (message.validity_at or self.expires_at(message))
        ):
            return end  # the common case: nothing to draw
        return self._weighed(message, subscriber, at)

    def reporting(self, message: Message) -> bool:
        """Say whether a message has left already, and only the report on it is waited for."""
        return message.attempts > 0 and message.error == self._timeout_error

    def _weighed(self, message: Message, subscriber: Subscriber, at: float) -> Result:
        """Go through the rules of the module's docstring, one by one."""
        if self.reporting(message):
            return Failed("no_report", self._timeout_error, UNKNOWN)
        expiry = self.expires_at(message)
        if at >= expiry:
            return self._expired(message, subscriber)
        name = subscriber.condition
        if not (self._calm or subscriber.magic):
            name = self._drawn(message) or name
        if name == subscriber.condition and 0 < subscriber.recovers_after <= message.attempts:
            return self._ends["active"]
        end = self._ends.get(name)
        if end is not None:
            return end
        if name in self._silent:
            return Retry(name, self._timeout_error, at + self._report_timeout_s)
        pause_s = subscriber.retry_s
        if not pause_s:
            pause_s = self._retries_s[min(message.attempts, len(self._retries_s) - 1)]
        return Retry(name, self._errors[name], min(at + pause_s, expiry))

    def slot(self, service: str, due: float, previous: float) -> float:
        """Give the earliest time at or after `due` that the service's capacity allows.

        `previous` is the slot given before for this service (0.0 for the first).
        """
        slot_s = self._slots_s.get(service)
        return due if slot_s is None else max(due, previous + slot_s)

    def _drawn(self, message: Message) -> str:
        """Draw what the carrier itself does to this attempt; empty for nothing."""
        key = message.message_id
        if message.attempts == 0 and self._doom.bounds:
            name = self._doom.pick(uniform(self._doom_stream, key))
            if name:
                return name
        if not self._trouble.bounds:
            return ""
        start = self._trouble_streams[message.attempts % _STREAMS]
        return self._trouble.pick(uniform(start, key))

    def _expired(self, message: Message, subscriber: Subscriber) -> Failed:
        """End a message whose time is over, with the reason why it was not delivered."""
        name = subscriber.condition
        if message.attempts:
            return Failed(name, message.error or self._never_attempted, EXPIRED)
        waits = name not in self._ends and name not in self._silent
        return Failed(name, self._errors[name] if waits else self._never_attempted, EXPIRED)


def _end(name: str, row: Condition) -> Delivered | Failed | None:
    """Give what a condition ends a message with; None where it doesn't."""
    if row.kind == "deliver":
        return Delivered(name, row.error)
    if row.state is None:
        return None
    return Failed(name, row.error, int(MessageState[row.state]))


def _law(latency: Latency) -> Law | None:
    """Compile a latency law; None takes no time."""
    if isinstance(latency, FixedLatency):
        return _fixed(latency) if latency.seconds else None
    if isinstance(latency, UniformLatency):
        return _uniform(latency)
    if isinstance(latency, NormalLatency):
        return _normal(latency)
    if isinstance(latency, ExponentialLatency):
        return _exponential(latency)
    return _spike(latency)


def _fixed(latency: FixedLatency) -> Law:
    seconds = latency.seconds
    return lambda _times, _shapes, _key: seconds


def _uniform(latency: UniformLatency) -> Law:
    low_s, width_s = latency.low_s, latency.high_s - latency.low_s
    return lambda times, _shapes, key: low_s + width_s * uniform(times, key)


def _normal(latency: NormalLatency) -> Law:
    """Use the transform of Box and Muller, one of its two values."""
    mean_s, deviation_s = latency.mean_s, latency.deviation_s

    def law(times: int, shapes: int, key: int) -> float:
        radius = sqrt(-2.0 * log1p(-uniform(times, key)))
        return max(mean_s + deviation_s * radius * cos(tau * uniform(shapes, key)), 0.0)

    return law


def _exponential(latency: ExponentialLatency) -> Law:
    mean_s, at_most_s = latency.mean_s, latency.at_most_s

    def law(times: int, _shapes: int, key: int) -> float:
        return min(-mean_s * log1p(-uniform(times, key)), at_most_s)

    return law


def _spike(latency: SpikeLatency) -> Law:
    low_s, width_s = latency.low_s, latency.high_s - latency.low_s
    share, spike_s = latency.spikes / 1000, latency.spike_s

    def law(times: int, shapes: int, key: int) -> float:
        extra_s = spike_s if uniform(shapes, key) < share else 0.0
        return low_s + width_s * uniform(times, key) + extra_s

    return law
