"""Remember what happened lately by key, and forget it in whole generations.

Two dictionaries hold what was set in the current generation and in the one before. A generation
lasts as long as anything has to be remembered (`span_s`), so when the next one begins, everything
in the older dictionary is out of date and can go without a look at it. What is set or looked up
costs one or two look-ups, nothing is sorted, and a key is forgotten one to two spans after it was
last set. The dictionary that goes is emptied a few keys at each change: to free a million of them
at once would stop everything for a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")

_FREED_AT_ONCE: Final = 4


class Generations(Generic[KeyT, ValueT]):
    """Map keys to values for at least `span_s` seconds after they were set.

    Times are UTC seconds since the epoch. One that lies before the current generation counts as of
    that generation, so a clock that steps back makes nothing be forgotten.
    """

    __slots__ = ("_leaving", "_most", "_old", "_span_s", "_turns_at", "_young")

    def __init__(self, span_s: float, *, most: int = 0) -> None:
        """Start empty; with `most` above 0 a generation ends early at so many keys.

        Raises ValueError for a span that isn't above 0, and for a negative `most`.
        """
        if not span_s > 0 or most < 0:
            raise ValueError(f"span {span_s} s, most {most}: a span above 0, most from 0")
        self._span_s = span_s
        self._most = most
        self._young: dict[KeyT, ValueT] = {}
        self._old: dict[KeyT, ValueT] = {}
        self._leaving: list[dict[KeyT, ValueT]] = []
        self._turns_at = float("-inf")

    def __len__(self) -> int:
        """Give how many keys are held, those that wait to be freed left out."""
        return len(self._young) + len(self._old)

    def get(self, key: KeyT) -> ValueT | None:
        """Give the value last set, None where there is none or it is forgotten.

        A value may be older than the span.
        """
        value = self._young.get(key)
        return self._old.get(key) if value is None else value

    def set(self, key: KeyT, value: ValueT, at: float) -> None:
        """Remember a value from `at` on."""
        if at >= self._turns_at or (self._most and len(self._young) >= self._most):
            self._turn(at)
        if self._leaving:
            self._free()
        self._young[key] = value
        # The older value would only stand in the way of the memory.
        if self._old:
            self._old.pop(key, None)

    def _turn(self, at: float) -> None:
        gone = [self._old]
        if at >= self._turns_at + self._span_s:
            gone.append(self._young)
            self._old = {}
        else:
            self._old = self._young
        self._young = {}
        self._leaving += [part for part in gone if part]
        self._turns_at = at + self._span_s

    def _free(self) -> None:
        leaving = self._leaving[-1]
        for _ in range(min(_FREED_AT_ONCE, len(leaving))):
            leaving.popitem()
        if not leaving:
            self._leaving.pop()
