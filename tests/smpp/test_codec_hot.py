"""The specialised functions must not differ from the interpreter in any octet or error."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp.codec import decode
from smpp.codec_hot import (
    decode_data_sm,
    decode_deliver_sm,
    decode_deliver_sm_resp,
    decode_submit_sm,
    decode_submit_sm_resp,
    encode_data_sm,
    encode_deliver_sm,
    encode_deliver_sm_resp,
    encode_submit_sm,
    encode_submit_sm_resp,
)
from smpp.constants import CommandId, CommandStatus
from smpp.errors import DecodeError, EncodeError
from smpp.interpreter import HEADER, decode_body, encode_by_table
from smpp.pdus import DataSm, DeliverSm, DeliverSmResp, Pdu, SubmitSm, SubmitSmResp
from smpp.tables import PDUS, Kind
from smpp.tlvs import Tlv
from tests.support.compiled import COMPILED

from .pdu_strategies import pdus_of

REQUESTS: dict[int, Callable[[bytes, int, int, int, int], Pdu]] = {
    CommandId.SUBMIT_SM: decode_submit_sm,
    CommandId.DELIVER_SM: decode_deliver_sm,
    CommandId.DATA_SM: decode_data_sm,
}
RESPONSES: dict[int, Callable[[bytes, int, int, int, int], Pdu]] = {
    CommandId.SUBMIT_SM_RESP: decode_submit_sm_resp,
    CommandId.DELIVER_SM_RESP: decode_deliver_sm_resp,
}
HOT = sorted(REQUESTS.keys() | RESPONSES.keys())


Outcome = Pdu | tuple[int, str, int]
"""A PDU, or the status, message and offset of the error instead of it."""


def outcome(act: Callable[[], Pdu]) -> Outcome:
    try:
        return act()
    except DecodeError as error:
        return error.command_status, str(error), error.offset


def both(
    command_id: int, data: bytes, start: int, end: int, status: int
) -> tuple[Outcome, Outcome]:
    """Decode the same octets with the specialised function and with the interpreter."""
    spec = PDUS[command_id]
    if command_id in REQUESTS:
        hot = outcome(lambda: REQUESTS[command_id](data, start, end, 7, status))
    else:
        hot = outcome(lambda: RESPONSES[command_id](data, start, end, status, 7))
    return hot, outcome(lambda: decode_body(spec, data, start, end, status, 7))


@pytest.mark.parametrize("command_id", HOT)
def test_well_formed_pdus_decode_alike(command_id: int) -> None:
    @given(pdus_of(command_id), st.binary(max_size=4), st.binary(max_size=40))
    @settings(max_examples=100, deadline=None)
    def check(pdu: Pdu, before: bytes, after: bytes) -> None:
        octets = encode_by_table(pdu)
        data, start = before + octets + after, len(before)
        hot, walked = both(command_id, data, start, start + len(octets), pdu.command_status)
        assert hot == walked
        assert not isinstance(hot, tuple)

    check()


@pytest.mark.parametrize("command_id", HOT)
def test_pdus_cut_off_or_changed_anywhere_end_alike(command_id: int) -> None:
    @given(pdus_of(command_id), st.integers(0, 1 << 32))
    @settings(max_examples=30, deadline=None)
    def check(pdu: Pdu, seed: int) -> None:
        octets = encode_by_table(pdu)
        chance = Random(seed)
        for _ in range(40):
            changed = bytearray(octets)
            for _ in range(chance.randrange(3)):
                changed[chance.randrange(len(changed))] = chance.choice((0, 1, 2, 255, 0x39))
            end = chance.choice((len(changed), chance.randint(16, len(changed))))
            after = chance.choice((b"", b"\0" * 80, b"9" * 80))
            status = chance.choice((0, 8))
            hot, walked = both(command_id, bytes(changed[:end]) + after, 0, end, status)
            assert hot == walked

    check()


@pytest.mark.parametrize("command_id", HOT)
def test_every_way_to_cut_a_pdu_off_ends_alike_whatever_follows(command_id: int) -> None:
    fields = PDUS[command_id].fields
    body = b"".join(b"\0" if field.kind is Kind.INTEGER else b"77\0" for field in fields)
    if fields[-1].kind is Kind.SHORT_MESSAGE:
        body = body[:-3] + b"\x03abc"
    body += b"\x04\x27\x00\x01\x02"
    octets = HEADER.pack(16 + len(body), command_id, 0, 7) + body
    assert not isinstance(both(command_id, octets, 0, len(octets), 0)[0], tuple)
    for end in range(16, len(octets)):
        for after in (b"", octets[end:], b"\0" * 100, b"9" * 100):
            hot, walked = both(command_id, octets[:end] + after, 0, end, 0)
            assert hot == walked


@pytest.mark.parametrize("command_id", HOT)
def test_every_string_around_its_limit_ends_alike(command_id: int) -> None:
    spec = PDUS[command_id]
    for index, field in enumerate(spec.fields):
        if field.kind is Kind.C_OCTET_STRING:
            before, after = b"\0" * index, b"\0" * (len(spec.fields) - index - 1)
            for length in (field.size - 1, field.size, field.size + 1):
                body = before + b"7" * length + b"\0" + after
                octets = HEADER.pack(16 + len(body), command_id, 0, 7) + body
                hot, walked = both(command_id, octets, 0, len(octets), 0)
                assert hot == walked
                assert isinstance(hot, tuple) == (length >= field.size)


def test_a_request_carries_the_sequence_number_it_is_told() -> None:
    octets = encode_submit_sm(SubmitSm(sequence_number=9))
    assert decode_submit_sm(octets, 0, len(octets), 7).sequence_number == 7
    assert decode_submit_sm(octets, 0, len(octets), 7).command_status == 0


ENCODERS: dict[int, Callable[..., bytes]] = {
    CommandId.SUBMIT_SM: encode_submit_sm,
    CommandId.DELIVER_SM: encode_deliver_sm,
    CommandId.DATA_SM: encode_data_sm,
}


@pytest.mark.parametrize("command_id", sorted(ENCODERS))
def test_pdus_are_written_alike(command_id: int) -> None:
    @given(pdus_of(command_id))
    @settings(max_examples=30, deadline=None)
    def check(pdu: Pdu) -> None:
        assert ENCODERS[command_id](pdu) == encode_by_table(pdu)

    check()


WRONG_VALUES = {
    Kind.INTEGER: (-1, 256, None, "1"),
    Kind.C_OCTET_STRING: (b"a\0b", b"\0", None, "text"),
    Kind.SHORT_MESSAGE: (b"x" * 256, None, "text"),
}


@pytest.mark.parametrize("command_id", sorted(ENCODERS))
def test_values_that_do_not_fit_are_refused_alike(command_id: int) -> None:
    made: dict[int, Callable[..., Pdu]] = {4: SubmitSm, 5: DeliverSm, 0x103: DataSm}
    wrong: list[dict[str, Any]] = [
        {field.name: value}
        for field in PDUS[command_id].fields
        for value in WRONG_VALUES[field.kind]
    ]
    wrong += [
        {field.name: b"x" * field.size}
        for field in PDUS[command_id].fields
        if field.kind is Kind.C_OCTET_STRING
    ]
    wrong += [{"sequence_number": 1 << 32}, {"command_status": -1}, {"sequence_number": "7"}]
    wrong += [{"tlvs": (Tlv(1 << 16, b""),)}, {"tlvs": (Tlv(0x0204, b"1"),)}]
    for change in wrong:
        try:
            pdu = made[command_id](**change)
        except TypeError:
            # Compiled classes take no value of another type in the first place.
            assert COMPILED
            continue
        with pytest.raises(EncodeError) as walked:
            encode_by_table(pdu)
        with pytest.raises(EncodeError) as hot:
            ENCODERS[command_id](pdu)
        assert str(hot.value) == str(walked.value)


@pytest.mark.parametrize("length", range(65))
def test_submit_sm_resp_takes_an_id_of_any_length_allowed(length: int) -> None:
    octets = encode_submit_sm_resp(7, b"4" * length)
    assert octets == encode_by_table(SubmitSmResp(b"4" * length, sequence_number=7))


@pytest.mark.parametrize(
    ("sequence_number", "message_id"), [(7, b"4" * 65), (7, b"4\x002"), (1 << 32, b"42"), (-1, b"")]
)
def test_submit_sm_resp_refuses_what_does_not_fit(sequence_number: int, message_id: bytes) -> None:
    with pytest.raises(EncodeError):
        encode_submit_sm_resp(sequence_number, message_id)


@pytest.mark.parametrize("status", [0, CommandStatus.ESME_RX_T_APPN])
def test_deliver_sm_resp_has_the_empty_message_id(status: int) -> None:
    octets = encode_deliver_sm_resp(7, status)
    assert octets == encode_by_table(DeliverSmResp(command_status=status, sequence_number=7))
    assert decode(octets) == DeliverSmResp(command_status=status, sequence_number=7)


def test_deliver_sm_resp_refuses_what_does_not_fit() -> None:
    with pytest.raises(EncodeError):
        encode_deliver_sm_resp(1 << 32)
