"""Plan the traffic of a simulated life: which texts to whom in each slot of each day.

Everything is drawn from the seed alone; the same seed, day and numbers give the same messages.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from config.traffic import DayOfTraffic
from gateway.load.submission import SubmitOptions, submissions
from gateway.load.traffic import SERVICE_TYPES
from smpp.codec import encode

HOUR_S = 3600
DAY_S = 24 * HOUR_S
PLACEHOLDER = b"10000000000"
STRIDE = 7919
"""Step from one recipient to the next: a prime, so that all are met before one comes again."""
POOL = 4096
"""Texts drawn in advance, in the order in which they are sent."""
_NOISE = 0.1


@dataclass(frozen=True, slots=True)
class Slot:
    """Hold what is sent at once; `at_s` is seconds from the day's midnight."""

    at_s: int
    frames: list[bytes]
    messages: int
    replies: list[tuple[str, str]]
    """Citizens' answers: from, text."""


class TrafficPlan:
    """Give the slots of each day."""

    def __init__(
        self,
        day: DayOfTraffic,
        ranges: Sequence[tuple[int, int]],
        sender: str,
        signature: str,
        *,
        per_day: int,
        slot_s: int,
        seed: int,
    ) -> None:
        """`ranges` are recipients, both ends counted in; `per_day` is the mean of all days.

        Raises EncodeError for a text that can't be sent, ValueError for no recipients.
        """
        self._numbers = sum(last - first + 1 for first, last in ranges)
        if not self._numbers:
            raise ValueError("no recipients to send to")
        self._ranges = ranges
        self._seed = seed
        self._per_day = per_day
        self._slot_s = slot_s
        self._day = day
        weights = day.days.weights
        self._weekday = [weight * 7 / sum(weights) for weight in weights]
        draw = random.Random(seed)
        self._pools = {
            service: _pool(day, service, sender, signature, draw) for service in SERVICE_TYPES
        }
        shares = {name: sum(row.share for row in day.texts if row.service == name)
                  for name in SERVICE_TYPES}  # fmt: skip
        total = sum(shares.values())
        self._shares = {name: share / total for name, share in shares.items()}
        self._next = draw.randrange(self._numbers)
        self._sent = 0

    def slots(self, today: date) -> Iterator[Slot]:
        """Give the slots of a day in order; days are to be asked for in order."""
        draw = random.Random(f"{self._seed} {today}")
        count = (
            self._per_day * self._weekday[today.weekday()] * draw.uniform(1 - _NOISE, 1 + _NOISE)
        )
        curves = {"instant": self._day.hours.any, "ordinary": self._day.hours.office}
        owed = dict.fromkeys(curves, 0.0)
        for at_s in range(0, DAY_S, self._slot_s):
            frames: list[bytes] = []
            messages = 0
            replies: list[tuple[str, str]] = []
            for service, weights in curves.items():
                weight = weights[at_s // HOUR_S] * self._slot_s / HOUR_S / sum(weights)
                owed[service] += count * self._shares[service] * weight
                number = int(owed[service])
                owed[service] -= number
                messages += number
                self._fill(frames, service, number)
                replies += self._answers(number, draw)
            if messages:
                yield Slot(at_s, frames, messages, replies)

    def _fill(self, frames: list[bytes], service: str, count: int) -> None:
        pool = self._pools[service]
        size = len(pool)
        start = self._sent
        self._sent += count
        for index in range(start, start + count):
            recipient = self._recipient()
            for head, tail in pool[index % size]:
                frames.append(head + recipient + tail)

    def _recipient(self) -> bytes:
        self._next = place = (self._next + STRIDE) % self._numbers
        for first, last in self._ranges:
            size = last - first + 1
            if place < size:
                return b"%d" % (first + place)
            place -= size
        raise AssertionError("a place beyond the last number")

    def _answers(self, count: int, draw: random.Random) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for text, share in self._day.uplink.replies.items():
            mean = count * share / 100_000
            number = int(mean) + (draw.random() < mean % 1)
            for _ in range(number):
                first, last = draw.choice(self._ranges)
                found.append((str(draw.randint(first, last)), text))
        return found


def _pool(
    day: DayOfTraffic, service: str, sender: str, signature: str, draw: random.Random
) -> list[list[tuple[bytes, bytes]]]:
    """Draw texts by their shares; each is its PDUs, cut where the recipient belongs."""
    options = SubmitOptions(service_type=SERVICE_TYPES[service])
    texts: list[list[tuple[bytes, bytes]]] = []
    weights: list[float] = []
    for row in day.texts:
        if row.service != service:
            continue
        for number, text in enumerate(row.texts):
            pdus = submissions(
                PLACEHOLDER.decode(), f"【{signature}】{text}", sender, options, len(texts) + number
            )
            texts.append([_cut(encode(pdu)) for pdu in pdus])
            weights.append(row.share / len(row.texts))
    if not texts:
        return []
    return draw.choices(texts, cum_weights=list(accumulate(weights)), k=POOL)


def _cut(frame: bytes) -> tuple[bytes, bytes]:
    head, _, tail = frame.partition(PLACEHOLDER)
    return head, tail
