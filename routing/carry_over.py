"""Carry over what months of the journal say and must stay known when they are removed.

Three things do (clause 3.1.11): the events of `routing.events.LASTING`, each with the place that it
had; the counts of the quality index, by which closed periods are settled; and the highest numbers
given out. They are journalled again, in parts, right before the record of the removal, so that the
journal alone still has everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

from .events import Carried

PART_OCTETS: Final = 256 << 10
"""Most of one part; a single event may be larger."""


class CarryOverError(Exception):
    """Say that the parts of a carry-over don't make a whole."""


class Kept(NamedTuple):
    """Be one lasting event as the journal encodes it, alone in a batch, and where it was."""

    batch: int
    place: int
    content: bytes


class _Numbers(msgspec.Struct, array_like=True):
    """Say the highest numbers given out, and how much follows. New fields go to the end."""

    message_id: int
    session_id: int
    short_id: int
    lasting: int
    figures: int


@dataclass(slots=True, frozen=True)
class CarriedOver:
    """Hold what batches up to `upto` said and must stay known.

    `figures` are the counts of the quality index (`metrics.sla.ledger.SlaLedger.dump`) up to batch
    `figures_upto`, which is `upto` or a later one.
    """

    upto: int
    message_id: int
    session_id: int
    short_id: int
    lasting: Sequence[Kept]
    figures_upto: int
    figures: bytes


_NUMBERS: Final = msgspec.msgpack.Decoder(_Numbers)
_LASTING: Final = msgspec.msgpack.Decoder(list[Kept])


def parts_of(carried: CarriedOver, at: float) -> Iterator[Carried]:
    """Give the events that carry it over, in order."""
    numbers = _Numbers(
        carried.message_id,
        carried.session_id,
        carried.short_id,
        len(carried.lasting),
        len(carried.figures),
    )
    yield Carried(at, "numbers", carried.upto, msgspec.msgpack.encode(numbers))
    for group in _groups(carried.lasting):
        yield Carried(at, "lasting", carried.upto, msgspec.msgpack.encode(group))
    for start in range(0, len(carried.figures), PART_OCTETS):
        part = carried.figures[start : start + PART_OCTETS]
        yield Carried(at, "figures", carried.figures_upto, part)


def put_together(parts: Iterable[Carried]) -> CarriedOver:
    """Read back what `parts_of` gave; of several carry-overs the last one counts.

    Raises CarryOverError where parts are missing or can't be read.
    """
    numbers: _Numbers | None = None
    lasting: list[Kept] = []
    figures = bytearray()
    upto = figures_upto = 0
    try:
        for part in parts:
            if part.kind == "numbers":
                numbers, upto = _NUMBERS.decode(part.content), part.upto
                lasting, figures = [], bytearray()
            elif part.kind == "lasting":
                lasting += _LASTING.decode(part.content)
            else:
                figures += part.content
                figures_upto = part.upto
    except msgspec.MsgspecError as error:
        raise CarryOverError(f"a part of what was carried over can't be read: {error}") from error
    if numbers is None:
        raise CarryOverError("nothing was carried over")
    found, told = (len(lasting), len(figures)), (numbers.lasting, numbers.figures)
    if found != told:
        raise CarryOverError(
            f"carried over: {found[0]} events and {found[1]} octets of counts are there, "
            f"{told[0]} and {told[1]} should be"
        )
    return CarriedOver(
        upto, numbers.message_id, numbers.session_id, numbers.short_id,
        lasting, figures_upto, bytes(figures),
    )  # fmt: skip


def _groups(rows: Sequence[Kept]) -> Iterator[list[Kept]]:
    group: list[Kept] = []
    octets = 0
    for row in rows:
        if group and octets + len(row.content) > PART_OCTETS:
            yield group
            group, octets = [], 0
        group.append(row)
        octets += len(row.content)
    if group:
        yield group
