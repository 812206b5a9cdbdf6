"""Draw numbers that are random in the statistical sense and fixed by what they are drawn for.

Nothing here has a state: a draw is a pure function of (seed, purpose, key), so a run with the
same seed gives the same outcomes whatever the order of its messages, and a message resumed after
a restart meets what it would have met.

The function is the finaliser of SplitMix64 (Steele, Lea, Flood 2014), applied first to seed and
purpose, which gives the start of a stream, then to stream + key × golden ratio, which is the
key-th number of that SplitMix64 stream. Keys up to any size are taken modulo 2^64.
"""

from __future__ import annotations

from typing import Final

SUBSCRIBER: Final = 1
"""The ground state of a number; the key is the number."""
TROUBLE: Final = 2
"""Trouble met by the first attempt; the key is the message id. Attempt n + 1 uses `purpose_of`."""
LATENCY: Final = 3
"""Time to the first attempt; the key is the message id."""
LATENCY_SHAPE: Final = 4
"""A second number for the laws that need two."""
DOOM: Final = 5
"""How the carrier itself ends a message; the key is the message id."""

_MASK: Final = 0xFFFFFFFFFFFFFFFF
_GOLDEN: Final = 0x9E3779B97F4A7C15
_UNIT: Final = 2.0**-53


def mixed(value: int) -> int:
    """Scramble 64 bits so that each bit of the result depends on all of `value`."""
    value &= _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def purpose_of(purpose: int, attempt: int) -> int:
    """Give the purpose of the same question asked again at attempt number `attempt` (from 0)."""
    return purpose + (attempt << 8)


def stream(seed: int, purpose: int) -> int:
    """Give the start of the stream of one purpose; compute it once and keep it."""
    return mixed(mixed(seed) + purpose * _GOLDEN)


def uniform(start: int, key: int) -> float:
    """Draw from [0, 1) the number that belongs to `key` in the stream begun at `start`."""
    value = (start + key * _GOLDEN) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((value ^ (value >> 31)) >> 11) * _UNIT


def draw(seed: int, key: int, purpose: int) -> float:
    """Draw from [0, 1) the number that belongs to (seed, purpose, key)."""
    return uniform(stream(seed, purpose), key)
