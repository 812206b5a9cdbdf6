"""Answer a repeated POST from memory: the same `Idempotency-Key`, the same answer, one effect.

A key belongs to its caller, method and path. It is remembered for `LIFETIME_S` seconds and as long
as it is among the last `MOST_KEYS`. The same key with another body is refused (422), as is a
repetition while the first request is still at work (409). Answers that say "not yet" or "not you"
(401, 403, 408, 429 and 5xx) are not remembered: the request may be repeated.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

LIFETIME_S: Final = 3600.0
MOST_KEYS: Final = 10_000
LARGEST_ANSWER: Final = 65_536
LONGEST_KEY: Final = 255
_NOT_REMEMBERED: Final = frozenset({401, 403, 408, 409, 413, 429})

KeyOf = tuple[str, str, str, str]
"""Caller, method, path, key."""


@dataclass(slots=True)
class Answered:
    """Hold one request's fingerprint and, once it is done, its answer."""

    fingerprint: bytes
    since: float
    status: int = 0
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    @property
    def done(self) -> bool:
        return self.status > 0


class ConflictError(Exception):
    """Say why a key can't be used: `status` 409 or 422, and a sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Remembered:
    """Remember answers by key, bounded in number, size and time."""

    def __init__(self) -> None:
        self._answers: OrderedDict[KeyOf, Answered] = OrderedDict()

    def begin(self, key: KeyOf, body: bytes, now: float) -> Answered | None:
        """Give the answer of an earlier request, or None after noting that this one has begun.

        Raises ConflictError.
        """
        fingerprint = hashlib.sha256(body).digest()
        self._forget_old(now)
        known = self._answers.get(key)
        if known is None:
            self._answers[key] = Answered(fingerprint, now)
            if len(self._answers) > MOST_KEYS:
                self._answers.popitem(last=False)
            return None
        if known.fingerprint != fingerprint:
            raise ConflictError(
                422, f"Idempotency-Key {key[3]!r}: used before with another body; take a new key"
            )
        if not known.done:
            raise ConflictError(
                409, f"Idempotency-Key {key[3]!r}: its first request is still at work"
            )
        return known

    def finish(
        self, key: KeyOf, status: int, headers: tuple[tuple[bytes, bytes], ...], body: bytes
    ) -> None:
        """Remember an answer, or forget the key where it may be tried again."""
        known = self._answers.get(key)
        if known is None:
            return
        if status in _NOT_REMEMBERED or status >= 500 or len(body) > LARGEST_ANSWER:
            del self._answers[key]
            return
        known.status, known.headers, known.body = status, headers, body

    def abandon(self, key: KeyOf) -> None:
        """Forget a request that ended without an answer."""
        known = self._answers.get(key)
        if known is not None and not known.done:
            del self._answers[key]

    def _forget_old(self, now: float) -> None:
        # The order is that of arrival, so the oldest are in front.
        while self._answers:
            key, oldest = next(iter(self._answers.items()))
            if now - oldest.since <= LIFETIME_S:
                return
            del self._answers[key]
