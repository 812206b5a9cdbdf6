"""Put the parts of concatenated messages together again; pure, the caller passes the time.

A message is known by (account, sender, recipient, kind, reference, total). A part with another
total under the same reference therefore belongs to another message, and so does one with a
reference of another kind (8-bit or 16-bit header, sar_* TLVs): each counts for itself at the
ESME, so all may be 7 at the same time. Every message waits for its own parts.

Rules:

1. Parts may come in any order and messages may interleave. The message is complete when every
   index from 1 to total is there; its parts are given in the order of their index.
2. A part whose index is already there is a duplicate. With the same content it is taken as a
   repetition (the ESME missed the response): nothing is stored, and the answer is the first
   one's message_id. With other content it is a conflict (reason duplicate_segment): the newcomer
   is refused, the waiting message stays as it is.
3. A completed message is forgotten at once. Many clients use the same reference for ever, so
   remembering it would swallow their next message.
4. A message that isn't complete within the timeout, counted from its first part, is given up
   (reason incomplete_message). Times are monotonic: setting the clock neither shortens nor
   lengthens the wait.
5. Bounds per account: open messages, and octets; of all accounts together: parts. Opening a
   message sets aside the room for all its parts, so a message once begun can always be finished.
   What does not fit is refused (reason queue_full); what was acknowledged is never dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from .events import SegmentHeld

DEFAULT_TIMEOUT_S: Final = 180.0
"""Time a message may take from its first part to its last."""

MAX_PART_OCTETS: Final = 255
"""Room set aside per part: the longest user data one short_message can hold."""

Key: TypeAlias = tuple[str, str, str, str, int, int]
"""account, sender, recipient, kind, reference, total."""


@dataclass(slots=True, frozen=True)
class HeldPart:
    """Hold one part: its event and its user data without the user data header."""

    held: SegmentHeld
    user_data: bytes
    arrived_at: float
    """Monotonic seconds."""


@dataclass(slots=True, frozen=True)
class Arrival:
    """Say what became of a part.

    `held`: stored, others are missing. `complete`: `parts` are all of them in order. `repeated`:
    `message_id` is the one given to the same part before, which `parts` holds. `refused`: `reason`
    and `detail` say why; nothing was stored.
    """

    outcome: Literal["held", "complete", "repeated", "refused"]
    parts: tuple[HeldPart, ...] = ()
    message_id: int = 0
    reason: str = ""
    detail: str = ""


@dataclass(slots=True, frozen=True)
class Incomplete:
    """Name a message that was given up: the parts that came, by index, and the missing ones."""

    key: Key
    started_at: float
    parts: tuple[HeldPart, ...]
    missing: tuple[int, ...]


class _Open:
    """Hold the parts of one message so far."""

    __slots__ = ("parts", "started_at")

    def __init__(self, started_at: float) -> None:
        self.started_at = started_at
        self.parts: dict[int, HeldPart] = {}


class _Room:
    """Count what one account's open messages take."""

    __slots__ = ("messages", "octets")

    def __init__(self) -> None:
        self.messages = 0
        self.octets = 0


class Reassembler:
    """Hold the open messages of all accounts (see the module's rules)."""

    def __init__(
        self,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        *,
        max_messages: int = 10_000,
        max_octets: int = 16 * 1024 * 1024,
        max_parts: int = 1_000_000,
    ) -> None:
        """Bound each account to `max_messages` open messages and `max_octets` of user data, and
        all accounts together to `max_parts` parts.
        """
        self.timeout_s = timeout_s
        self.max_messages = max_messages
        self.max_octets = max_octets
        self.max_parts = max_parts
        self._parts = 0
        # In the order of their first parts, so the oldest is first and expiry stops early.
        self._open: dict[Key, _Open] = {}
        self._rooms: dict[str, _Room] = {}

    def __len__(self) -> int:
        """Give the number of open messages."""
        return len(self._open)

    def is_open(self, key: Key) -> bool:
        """Say whether a part of this message was admitted before: the next ones are, too."""
        return key in self._open

    def room_of(self, account: str) -> tuple[int, int]:
        """Give (open messages, octets set aside) of one account."""
        room = self._rooms.get(account)
        return (room.messages, room.octets) if room is not None else (0, 0)

    def add(self, held: SegmentHeld, user_data: bytes, now: float) -> Arrival:
        """Take one part that passed the checks of its stage. `now` is monotonic seconds.

        The event's fields make the key; its `at` does not count: the clock may be set while a
        message waits for its parts.
        """
        if not 1 <= held.index <= held.total:
            return Arrival(
                "refused",
                reason="incomplete_message",
                detail=f"part {held.index} of {held.total}: an index is from 1 to the total",
            )
        if len(user_data) > MAX_PART_OCTETS:
            return Arrival(
                "refused",
                reason="length",
                detail=f"part of {len(user_data)} octets, at most {MAX_PART_OCTETS}",
            )
        key = _key(held)
        message = self._open.get(key)
        if message is None:
            return self._begin(key, HeldPart(held, user_data, now))
        earlier = message.parts.get(held.index)
        if earlier is not None:
            return _again(earlier, held, user_data)
        message.parts[held.index] = HeldPart(held, user_data, now)
        if len(message.parts) < held.total:
            return Arrival("held", message_id=held.message_id)
        self._forget(key)
        return _complete(message)

    def withdraw(self, held: SegmentHeld) -> None:
        """Take out a part that could not be stored after all; harmless when it is gone."""
        key = _key(held)
        message = self._open.get(key)
        part = message.parts.get(held.index) if message is not None else None
        if message is None or part is None or part.held is not held:
            return
        del message.parts[held.index]
        if not message.parts:
            self._forget(key)

    def restore(self, part: HeldPart) -> None:
        """Put back a part that was acknowledged before: no bound refuses it.

        The timeout counts from the `arrived_at` of the first part that comes back.
        """
        held = part.held
        key = _key(held)
        message = self._open.get(key) or self._start(key, part.arrived_at)
        message.parts.setdefault(held.index, part)

    def expired(self, now: float) -> list[Incomplete]:
        """Give up and return every message whose time is over, oldest first."""
        given_up: list[Incomplete] = []
        while self._open:
            key = next(iter(self._open))
            message = self._open[key]
            if now < message.started_at + self.timeout_s:
                break
            self._forget(key)
            given_up.append(_incomplete(key, message))
        return given_up

    def next_deadline(self) -> float | None:
        """Give the monotonic time at which the oldest message runs out; None with none open."""
        for message in self._open.values():
            return message.started_at + self.timeout_s
        return None

    def _begin(self, key: Key, part: HeldPart) -> Arrival:
        total = part.held.total
        if total == 1:
            return Arrival("complete", parts=(part,), message_id=part.held.message_id)
        room = self._rooms.setdefault(key[0], _Room())
        octets = total * MAX_PART_OCTETS
        if room.messages >= self.max_messages or room.octets + octets > self.max_octets:
            return Arrival(
                "refused",
                reason="queue_full",
                detail=(
                    f"{room.messages} concatenated messages of this account wait for parts and "
                    f"hold {room.octets} octets; at most {self.max_messages} and "
                    f"{self.max_octets} may"
                ),
            )
        if self._parts + total > self.max_parts:
            return Arrival(
                "refused",
                reason="queue_full",
                detail=(
                    f"concatenated messages of all accounts wait with {self._parts} parts, "
                    f"{total} more are asked for; at most {self.max_parts} may"
                ),
            )
        self._start(key, part.arrived_at).parts[part.held.index] = part
        return Arrival("held", message_id=part.held.message_id)

    def _start(self, key: Key, now: float) -> _Open:
        room = self._rooms.setdefault(key[0], _Room())
        room.messages += 1
        room.octets += key[5] * MAX_PART_OCTETS
        self._parts += key[5]
        message = self._open[key] = _Open(now)
        return message

    def _forget(self, key: Key) -> None:
        del self._open[key]
        room = self._rooms[key[0]]
        room.messages -= 1
        room.octets -= key[5] * MAX_PART_OCTETS
        self._parts -= key[5]
        if room.messages == 0:
            del self._rooms[key[0]]


def _key(held: SegmentHeld) -> Key:
    return held.account, held.sender, held.recipient, held.kind, held.reference, held.total


def _again(earlier: HeldPart, held: SegmentHeld, user_data: bytes) -> Arrival:
    if earlier.user_data == user_data:
        return Arrival("repeated", (earlier,), earlier.held.message_id)
    return Arrival(
        "refused",
        reason="duplicate_segment",
        detail=(
            f"part {held.index} of {held.total} with reference {held.reference} is here already, "
            f"with other content"
        ),
    )


def _in_order(message: _Open) -> tuple[HeldPart, ...]:
    return tuple(message.parts[index] for index in sorted(message.parts))


def _complete(message: _Open) -> Arrival:
    parts = _in_order(message)
    return Arrival("complete", parts=parts, message_id=parts[0].held.message_id)


def _incomplete(key: Key, message: _Open) -> Incomplete:
    missing = tuple(index for index in range(1, key[5] + 1) if index not in message.parts)
    return Incomplete(key, message.started_at, _in_order(message), missing)
