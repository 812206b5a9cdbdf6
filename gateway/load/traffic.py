"""Turn what shall be sent into PDUs that lack only their sequence_number.

A run sends the same few thousand messages over and over, so each is encoded once. On the wire a
batch of PDUs is head, sequence_number, rest, head, sequence_number, rest, …; the rest of one PDU
and the head of the next are kept joined, so that a batch of n costs n + 1 pieces and one join.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from struct import Struct
from typing import Any

from smpp.codec import encode
from smpp.errors import EncodeError
from smpp.pdus import SubmitSm

from .options import LoadOptions
from .submission import SubmitOptions, submissions

HEAD_OCTETS = 12
"""What stands before the sequence_number (SMPP 3.4 §3.2)."""
MAX_MESSAGES = 100_000
"""Messages that are kept encoded; a longer range of recipients is used up to here."""
SERVICE_TYPES = {"instant": "INST", "ordinary": ""}
"""The service_type of the services in a traffic file; any other word is sent as it is."""
_sequence_octets = Struct(">I").pack


class TrafficError(ValueError):
    """Report a traffic file that can't be sent: which line and why."""


@dataclass(frozen=True, slots=True)
class TrafficMessage:
    """Be one message to send: its PDUs, and when (seconds from the first; 0 where untimed)."""

    at_s: float
    pdus: tuple[bytes, ...]


class FrameRing:
    """Give batches of PDUs in order, round and round."""

    __slots__ = ("_heads", "_joints", "_position")

    def __init__(self, frames: list[bytes]) -> None:
        if not frames:
            raise ValueError("no messages to send")
        kept: dict[bytes, bytes] = {}
        heads = [frame[:HEAD_OCTETS] for frame in frames]
        self._heads = [kept.setdefault(head, head) for head in heads]
        following = self._heads[1:] + self._heads[:1]
        self._joints = [
            frame[HEAD_OCTETS + 4 :] + head for frame, head in zip(frames, following, strict=True)
        ]
        self._position = 0

    def __len__(self) -> int:
        return len(self._joints)

    def batch(self, count: int, sequence_number: int) -> bytes:
        """Give the next `count` PDUs, numbered from `sequence_number`."""
        pieces: list[bytes] = []
        size = len(self._joints)
        while count > 0:
            start = self._position
            taken = min(count, size - start)
            end = start + taken
            part = [b""] * (2 * taken + 1)
            part[0] = self._heads[start]
            part[1::2] = map(_sequence_octets, range(sequence_number, sequence_number + taken))
            part[2::2] = self._joints[start:end]
            part[-1] = part[-1][:-HEAD_OCTETS]
            pieces += part
            self._position = end % size
            sequence_number += taken
            count -= taken
        return b"".join(pieces)


def load_traffic(options: LoadOptions, stream: int, streams: int) -> list[TrafficMessage]:
    """Make the messages of one of several streams: each `streams`-th one, from the `stream`-th.

    The segments of a message stay together. Raises TrafficError for a traffic file that can't
    be read, EncodeError and ValueError for a text or an address that can't be sent.
    """
    if options.traffic is not None:
        made = list(_from_file(options, options.traffic))
        if not made:
            raise TrafficError(f"{options.traffic}: no message in it")
        return made[stream::streams] or made[stream % len(made) :][:1]
    return list(_from_text(options, stream, streams))


def _from_text(options: LoadOptions, stream: int, streams: int) -> Iterator[TrafficMessage]:
    first, last, digits = options.recipient_range()
    size = min(last - first + 1, MAX_MESSAGES)
    numbers: Iterable[int] = range(first + stream, first + size, streams)
    if stream >= size:
        numbers = (first + stream % size,)
    submit = options.submit_options()
    patterns = submissions("0" * digits, options.text, options.sender, submit, stream)
    for reference, number in enumerate(numbers, stream):
        recipient = f"{number:0{digits}d}"
        if len(patterns) > 1:
            pdus = submissions(recipient, options.text, options.sender, submit, reference)
        else:
            pdus = patterns
            pdus[0].destination_addr = recipient.encode("ascii")
        yield TrafficMessage(0.0, _encode_all(pdus))


def _encode_all(pdus: list[SubmitSm]) -> tuple[bytes, ...]:
    return tuple(encode(pdu) for pdu in pdus)


def _from_file(options: LoadOptions, path: Path) -> Iterator[TrafficMessage]:
    """Read JSON Lines: `to` and `text`, and if wanted `at`, `from` and `service`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TrafficError(f"{path}: {error}") from error
    submit = options.submit_options()
    began: float | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            at_s, frames = _read_line(json.loads(line), options.sender, submit, number)
        except (ValueError, EncodeError) as error:
            raise TrafficError(f"{path}:{number}: {error}") from error
        began = at_s if began is None else began
        if at_s < began:
            raise TrafficError(f"{path}:{number}: at lies before the first line's")
        yield TrafficMessage(at_s - began, frames)


def _read_line(
    row: Any, sender: str, submit: SubmitOptions, reference: int
) -> tuple[float, tuple[bytes, ...]]:
    if not isinstance(row, dict):
        raise ValueError("wanted an object with to and text")
    for key in ("to", "text"):
        if not isinstance(row.get(key), str):
            raise ValueError(f"{key}: {row.get(key)!r}, wanted a string")
    service = str(row.get("service", ""))
    if service:
        submit = replace(submit, service_type=SERVICE_TYPES.get(service, service))
    pdus = submissions(row["to"], row["text"], str(row.get("from", sender)), submit, reference)
    return _seconds(row.get("at", 0.0)), _encode_all(pdus)


def _seconds(at: object) -> float:
    """Read a time: seconds, or ISO 8601."""
    if isinstance(at, int | float) and not isinstance(at, bool):
        return float(at)
    if isinstance(at, str):
        return datetime.fromisoformat(at).timestamp()
    raise ValueError(f"at: {at!r}, wanted seconds or a date of ISO 8601")
