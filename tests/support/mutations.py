"""Spoil PDUs at random, in the ways that break decoders."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

from smpp.tables import PDUS

GOLDEN = Path(__file__).parents[1] / "smpp" / "golden"
HEADER_OCTETS = 16

SEEDS = {
    path.stem: bytes.fromhex(
        "".join(line.partition("#")[0] for line in path.read_text(encoding="utf-8").splitlines())
    )
    for path in sorted(GOLDEN.glob("*.hex"))
}
"""Name of each golden PDU → its octets."""


def with_length(octets: bytes) -> bytes:
    """Set command_length right, so that the body is looked at."""
    return len(octets).to_bytes(4, "big") + octets[4:]


def flip_bits(octets: bytes, chance: Random) -> bytes:
    changed = bytearray(octets)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(4, len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut_off(octets: bytes, chance: Random) -> bytes:
    return with_length(octets[: chance.randint(16, len(octets))])


def edit_a_length(octets: bytes, chance: Random) -> bytes:
    changed = bytearray(octets)
    changed[chance.randrange(len(changed))] = chance.choice((0, 1, 2, 3, 0x7F, 0x80, 0xFE, 0xFF))
    return bytes(changed)


def splice(octets: bytes, chance: Random) -> bytes:
    other = chance.choice(list(SEEDS.values()))
    head = octets[: chance.randint(16, len(octets))]
    return with_length(head + other[chance.randint(16, len(other)) :])


def repeat_a_piece(octets: bytes, chance: Random) -> bytes:
    first = chance.randint(16, len(octets))
    last = chance.randint(first, len(octets))
    return with_length(octets[:first] + octets[first:last] * chance.randint(2, 5) + octets[last:])


def append_octets(octets: bytes, chance: Random) -> bytes:
    return with_length(octets + chance.randbytes(chance.randint(1, 12)))


def other_command(octets: bytes, chance: Random) -> bytes:
    return octets[:4] + chance.choice(sorted(PDUS)).to_bytes(4, "big") + octets[8:]


MUTATIONS = (
    flip_bits,
    cut_off,
    edit_a_length,
    splice,
    repeat_a_piece,
    append_octets,
    other_command,
)


def mutated(octets: bytes, chance: Random) -> bytes:
    """Spoil a PDU one to three times."""
    for _ in range(chance.randint(1, 3)):
        octets = chance.choice(MUTATIONS)(octets, chance)
    return octets


def chunks(data: bytes, chance: Random) -> list[bytes]:
    """Cut a stream at random places."""
    places = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randint(0, 5)))
    edges = [0, *places, len(data)]
    return [data[start:end] for start, end in pairwise(edges) if end > start]
