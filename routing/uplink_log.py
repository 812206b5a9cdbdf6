"""Remember when a number last sent a message of its own to an access number.

Three rules ask for it: a message that the user triggered may be commercial (clause 3.1.8,
`ads.trigger_window_h`), the user's own request is the consent to a one-time code (clause 3.1.7,
`consent.code_ttl_s`), and an answer may go outside the declared scope (clause 3.1.5,
`scope.mo_reply_window_h`). A message that refuses is no request: it isn't recorded here.

Only the last moment is kept, for each number and access number. It is forgotten when the longest
of the three times has passed once or twice. Where more than `most` numbers have written within
such a time, those that wrote first are forgotten early, so the memory is bounded under a flood of
forged senders as well: about 200 octets for each of 2 x `most` numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from .generations import Generations


@dataclass(slots=True, frozen=True)
class UplinkWindows:
    """Hold how long a user's own message counts, in seconds; 0 is not at all."""

    trigger_s: float = 86400.0
    code_s: float = 600.0
    reply_s: float = 86400.0


class UplinkLog:
    """Hold the last uplink message by number and access number.

    After a restart the messages of the last `horizon_s` seconds are recorded again, in the order
    of the journal. A message counts for the next verdict whatever the clock says, and until the
    time has passed, its last moment excluded.
    """

    __slots__ = ("_last", "_windows", "horizon_s")

    def __init__(self, windows: UplinkWindows, *, most: int = 1_000_000) -> None:
        """Start without any message; other windows need a new log.

        Raises ValueError for a negative time.
        """
        times = (windows.trigger_s, windows.code_s, windows.reply_s)
        if min(times) < 0:
            raise ValueError(f"times {times} s: none below 0")
        self._windows = windows
        self.horizon_s = max(times)
        self._last: Generations[tuple[str, str], float] = Generations(
            self.horizon_s or 1.0, most=most
        )

    def __len__(self) -> int:
        """Give how many pairs of number and access number are held."""
        return len(self._last)

    def record(self, number: str, access_number: str, at: float) -> None:
        """Record a message from an 11-digit number to an owned access number, without extension.

        `at` is UTC seconds since the epoch.
        """
        key = (number, access_number)
        before = self._last.get(key)
        self._last.set(key, at if before is None else max(at, before), at)

    def last(self, number: str, access_number: str) -> float | None:
        """Give the moment of the last message, None where there is none or it is forgotten."""
        return self._last.get((number, access_number))

    def triggered(self, number: str, access_number: str, at: float) -> bool:
        """Say whether a message at `at` answers the user (clause 3.1.8)."""
        return self._within(number, access_number, at, self._windows.trigger_s)

    def code_requested(self, number: str, access_number: str, at: float) -> bool:
        """Say whether the user has just asked for a one-time code (clause 3.1.7)."""
        return self._within(number, access_number, at, self._windows.code_s)

    def reply_allowed(self, number: str, access_number: str, at: float) -> bool:
        """Say whether an answer at `at` may go outside the scope (clause 3.1.5)."""
        return self._within(number, access_number, at, self._windows.reply_s)

    def _within(self, number: str, access_number: str, at: float, window_s: float) -> bool:
        if not window_s:
            return False
        last = self._last.get((number, access_number))
        return last is not None and at < last + window_s
