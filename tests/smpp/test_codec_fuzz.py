"""Whatever octets come in: a PDU, which encodes to the same octets, or a DecodeError, and soon.

`SMSGW_FUZZ_ROUNDS` sets how many mutations each golden PDU undergoes; a long run is a matter of
a larger number, a failure is repeated by the seed in its message.
"""

from __future__ import annotations

import os
from random import Random
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp.codec import decode, encode
from smpp.constants import CommandId
from smpp.errors import DecodeError
from smpp.explain import explain, render
from smpp.interpreter import HEADER
from smpp.pdus import Pdu
from smpp.tables import PDUS
from tests.support.mutations import SEEDS, mutated, with_length

ROUNDS = int(os.environ.get("SMSGW_FUZZ_ROUNDS", "60"))
SEED = int(os.environ.get("SMSGW_FUZZ_SEED", "1"))
SLOWEST_S = 0.25
"""Far above what the worst PDU takes (a few ms), far below what anything quadratic would take."""


def judge(octets: bytes) -> Pdu | None:
    """Decode, and check everything that holds for any octets."""
    try:
        pdu = decode(octets)
    except DecodeError as error:
        refused = error
    else:
        assert encode(pdu) == octets
        assert explain(octets).error is None
        return pdu
    assert refused.command_status in range(1, 0x113)
    assert 0 <= refused.offset <= len(octets)
    found = explain(octets)
    assert (found.error, found.command_status) == (str(refused), refused.command_status)
    return None


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_pdus_decode_or_are_refused(name: str) -> None:
    accepted = 0
    for round_ in range(ROUNDS):
        seed = f"{SEED}/{name}/{round_}"
        chance = Random(seed)
        octets = mutated(SEEDS[name], chance)
        try:
            accepted += judge(octets) is not None
        except Exception as error:
            raise AssertionError(f"seed {seed}, octets {octets.hex()}") from error
    assert accepted < ROUNDS  # mutations that never hurt would prove nothing


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_octets_at_all_decode_or_are_refused(octets: bytes) -> None:
    judge(octets)
    judge(with_length(octets.ljust(16, b"\0")))


@given(st.sampled_from(sorted(PDUS)), st.binary(max_size=120), st.sampled_from([0, 8]))
@settings(max_examples=300, deadline=None)
def test_any_body_of_any_command_decodes_or_is_refused(
    command_id: int, body: bytes, status: int
) -> None:
    judge(HEADER.pack(16 + len(body), command_id, status, 1) + body)


LARGEST = 70_000
HEAD = b"\0" * 16


@pytest.mark.parametrize(
    ("command_id", "body"),
    [
        pytest.param(CommandId.SUBMIT_SM, b"x" * LARGEST, id="one endless string"),
        pytest.param(CommandId.SUBMIT_SM, HEAD + b"\0" * LARGEST, id="empty TLVs of tag 0"),
        pytest.param(
            CommandId.SUBMIT_SM,
            HEAD + b"\0" + b"\x14\x00\x00\x42" * 1000 + b"x" * LARGEST,
            id="TLVs that hold TLVs",
        ),
        pytest.param(
            CommandId.SUBMIT_SM, HEAD + b"\0\x04\x24\xff\xff" + b"x" * 65535, id="64 KiB of text"
        ),
        pytest.param(
            CommandId.SUBMIT_MULTI,
            b"\0" * 4 + b"\xff" + b"\x02" + b"l" * 20 + b"\0" + b"\x02l\0" * 30000,
            id="many destinations",
        ),
        pytest.param(
            CommandId.SUBMIT_MULTI_RESP, b"\0\xff" + b"\0" * LARGEST, id="many refused destinations"
        ),
        pytest.param(CommandId.ENQUIRE_LINK, b"\0" * LARGEST, id="a body where none belongs"),
    ],
)
def test_the_largest_pdus_are_judged_at_once(command_id: int, body: bytes) -> None:
    body = body[: LARGEST - 16]
    octets = HEADER.pack(16 + len(body), command_id, 0, 1) + body
    began = perf_counter()
    judge(octets)
    assert perf_counter() - began < SLOWEST_S


@given(st.binary(max_size=120))
@settings(max_examples=100, deadline=None)
def test_any_octets_can_be_shown(octets: bytes) -> None:
    text = render(octets)
    assert text.splitlines()[-1] == explain(octets).summary
