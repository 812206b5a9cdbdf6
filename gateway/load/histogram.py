"""Count durations in log-linear buckets: a fixed, small memory for any number of them.

Below 128 µs each microsecond has its bucket; above, each power of two has 64 of them. A figure
read back is the upper end of its bucket, so it is never too good and at most 1.6 % too bad.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

MAX_S = 3600.0
_SUB_BITS = 6
_LINEAR = 1 << (_SUB_BITS + 1)


def bucket_of(microseconds: int) -> int:
    """Give the number of the bucket that counts a duration."""
    if microseconds < _LINEAR:
        return max(microseconds, 0)
    shift = microseconds.bit_length() - _SUB_BITS - 1
    return (shift << _SUB_BITS) + (microseconds >> shift)


def upper_end(bucket: int) -> int:
    """Give the longest duration that a bucket counts, in microseconds."""
    if bucket < _LINEAR:
        return bucket
    shift = (bucket >> _SUB_BITS) - 1
    mantissa = bucket - (shift << _SUB_BITS)
    return ((mantissa + 1) << shift) - 1


class Histogram:
    """Count durations given in seconds; longer ones than an hour count as an hour."""

    __slots__ = ("_counts", "count", "max_s", "sum_s")

    def __init__(self) -> None:
        self._counts = [0] * (bucket_of(int(MAX_S * 1e6)) + 1)
        self.count = 0
        self.sum_s = 0.0
        self.max_s = 0.0

    def record(self, seconds: float, count: int = 1) -> None:
        """Count a duration that occurred `count` times."""
        bounded = min(max(seconds, 0.0), MAX_S)
        self._counts[bucket_of(int(bounded * 1e6))] += count
        self.count += count
        self.sum_s += bounded * count
        self.max_s = max(self.max_s, bounded)

    def quantile(self, q: float) -> float:
        """Give the duration in seconds that the share `q` (0 to 1) did not exceed; 0 if empty."""
        return self.quantiles((q,))[0]

    def quantiles(self, shares: Iterable[float]) -> list[float]:
        """Give `quantile` of several shares, which must ascend, in one pass."""
        found: list[float] = []
        seen = bucket = 0
        last = len(self._counts) - 1
        for share in shares:
            wanted = max(share * self.count, 1e-9)
            while bucket < last and seen + self._counts[bucket] < wanted:
                seen += self._counts[bucket]
                bucket += 1
            found.append(min(upper_end(bucket) / 1e6, self.max_s) if self.count else 0.0)
        return found

    @property
    def mean_s(self) -> float:
        return self.sum_s / self.count if self.count else 0.0

    def sparse(self) -> dict[int, int]:
        """Give the counts of the buckets that have any."""
        return {bucket: count for bucket, count in enumerate(self._counts) if count}

    def merge(self, buckets: Mapping[int, int], sum_s: float, max_s: float) -> None:
        """Add another histogram: what its `sparse`, `sum_s` and `max_s` gave."""
        for bucket, count in buckets.items():
            self._counts[bucket] += count
            self.count += count
        self.sum_s += sum_s
        self.max_s = max(self.max_s, max_s)
