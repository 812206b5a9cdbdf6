"""Limit throughput with a token bucket; time is passed in.

A bucket holds at most `burst` tokens and gains `rate` tokens a second. Taking is all or nothing,
so over any span of t seconds at most rate x t + burst tokens are taken. A message that needs more
tokens than the bucket can ever hold is admitted when the bucket is full and leaves a debt, which
later messages wait for: the guarantee then is exceeded by that one message's excess, and only
until the debt is paid.
"""

from __future__ import annotations

SLICE_S = 0.005


def slice_of(rate: float) -> int:
    """Say how many PDUs of an account that is slowed down to `rate` a second are read at a time.

    As many as come due in a few milliseconds: fewer would cost a turn of the loop each, more would
    be taken before their time.
    """
    return max(1, int(rate * SLICE_S))


class TokenBucket:
    """Count tokens that come back at a steady rate.

    `now` is monotonic seconds; a `now` before the last one is taken as the last one, so a clock
    that steps back gives nothing away.
    """

    __slots__ = ("_at", "_level", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        """Start full. Raises ValueError unless rate (per second) > 0 and burst >= 1."""
        if not rate > 0:
            raise ValueError(f"rate: {rate} per second, more than 0 is needed")
        if not burst >= 1:
            raise ValueError(f"burst: {burst}, at least 1 is needed")
        self.rate = rate
        self.burst = burst
        self._level = burst
        self._at = now

    def take(self, now: float, tokens: int = 1) -> bool:
        """Take the tokens if they are there, and say whether they were."""
        level = self._level
        if now > self._at:
            level += (now - self._at) * self.rate
            level = min(level, self.burst)
            self._level = level
            self._at = now
        if level < tokens and level < self.burst:
            return False
        self._level = level - tokens
        return True

    def draw(self, now: float, tokens: int) -> None:
        """Take the tokens whether they are there or not; later ones wait for the debt.

        For senders that are slowed down instead of refused.
        """
        if not self.take(now, tokens):
            self._level -= tokens

    def wait(self, now: float, tokens: int = 1) -> float:
        """Say in how many seconds `take` would succeed; 0 = at once. Changes nothing."""
        needed = min(float(tokens), self.burst)
        missing = needed - self._level - max(0.0, now - self._at) * self.rate
        return max(0.0, missing / self.rate)

    def copy(self) -> TokenBucket:
        """Give a bucket of the same state, for a dry run."""
        twin = TokenBucket(self.rate, self.burst, self._at)
        twin._level = self._level
        return twin
