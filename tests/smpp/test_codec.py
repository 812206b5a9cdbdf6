from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings

from smpp.codec import (
    command_name,
    decode,
    encode,
    read_header,
    refusal,
    reply,
    response_to,
    tlv,
    tlv_int,
    tlv_text,
)
from smpp.constants import CommandId, CommandStatus, TlvTag
from smpp.errors import DecodeError, EncodeError, LocalProtocolError, UnknownCommand
from smpp.pdus import (
    AlertNotification,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
    CancelSm,
    CancelSmResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    DestAddress,
    DistributionList,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Pdu,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    UnsuccessSme,
)
from smpp.tables import PDUS
from smpp.tlvs import Tlv

from .pdu_strategies import pdus_of

GOLDEN = Path(__file__).parent / "golden"

ACCESS_NUMBER = b"106590990371"
MOBILE = b"13300000001"

# What the octets of golden/NAME.hex mean; those were written by hand from the section they name.
MEANING: dict[str, Pdu] = {
    "bind_transmitter": BindTransmitter(
        b"SMPP3TEST", b"secret08", b"SUBMIT1", 0x34, 1, 1, sequence_number=1
    ),
    "bind_transmitter_resp": BindTransmitterResp(
        b"police", (Tlv(0x0210, b"\x34"),), sequence_number=1
    ),
    "bind_receiver": BindReceiver(b"police", b"secret08", sequence_number=2),
    "bind_receiver_resp": BindReceiverResp(command_status=13, sequence_number=2, bodiless=True),
    "bind_transceiver": BindTransceiver(
        b"police", b"secret08", b"VMS", 0x50, 0, 1, b"^1065909***", sequence_number=3
    ),
    "bind_transceiver_resp": BindTransceiverResp(
        b"police", (Tlv(0x0210, b"\x50"),), sequence_number=3
    ),
    "outbind": Outbind(b"police", b"secret08", sequence_number=1),
    "unbind": Unbind(sequence_number=4),
    "unbind_resp": UnbindResp(sequence_number=4),
    "generic_nack": GenericNack(command_status=3),
    "submit_sm": SubmitSm(
        source_addr_ton=3,
        source_addr_npi=1,
        source_addr=ACCESS_NUMBER,
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr=b"8613300000001",
        esm_class=0x43,
        priority_flag=1,
        validity_period=b"000001000000000R",
        registered_delivery=0x11,
        data_coding=8,
        short_message=b"\x30\x10\x3a\x36\x30\x11",
        sequence_number=7,
    ),
    "submit_sm_resp": SubmitSmResp(b"0A1B2C3D4E", sequence_number=7),
    "submit_multi": SubmitMulti(
        b"CMT",
        0,
        0,
        ACCESS_NUMBER,
        (DestAddress(1, 1, MOBILE), DistributionList(b"patrol"), DestAddress(2, 8, b"1")),
        short_message=b"ok",
        sequence_number=8,
    ),
    "submit_multi_resp": SubmitMultiResp(
        b"42", (UnsuccessSme(1, 1, MOBILE, 0x0B),), sequence_number=8
    ),
    "deliver_sm": DeliverSm(
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr=b"8613300000001",
        dest_addr_npi=1,
        destination_addr=ACCESS_NUMBER,
        esm_class=4,
        short_message=b"id:1",
        tlvs=(Tlv(0x001E, b"1\0"), Tlv(0x0427, b"\x02"), Tlv(0x0423, b"\x03\x00\x01")),
        sequence_number=1,
    ),
    "deliver_sm_resp": DeliverSmResp(sequence_number=1),
    "data_sm": DataSm(
        b"",
        5,
        0,
        b"POLICE",
        1,
        1,
        MOBILE,
        esm_class=2,
        registered_delivery=1,
        data_coding=4,
        tlvs=(Tlv(0x0019, b"\0"), Tlv(0x0424, b"\x00\x01\x02")),
        sequence_number=9,
    ),
    "data_sm_resp": DataSmResp(
        b"43", (Tlv(0x0425, b"\0"), Tlv(0x001D, b"\0")), command_status=0xFE, sequence_number=9
    ),
    "query_sm": QuerySm(b"42", 0, 1, ACCESS_NUMBER, sequence_number=10),
    "query_sm_resp": QuerySmResp(b"42", b"260101000000032+", 2, 0, sequence_number=10),
    "cancel_sm": CancelSm(b"", b"42", 0, 1, ACCESS_NUMBER, 1, 1, MOBILE, sequence_number=11),
    "cancel_sm_resp": CancelSmResp(command_status=0x11, sequence_number=11),
    "replace_sm": ReplaceSm(b"42", 0, 1, ACCESS_NUMBER, b"", b"", 1, 0, b"new", sequence_number=12),
    "replace_sm_resp": ReplaceSmResp(sequence_number=12),
    "enquire_link": EnquireLink(sequence_number=0x7FFFFFFF),
    "enquire_link_resp": EnquireLinkResp(sequence_number=0x7FFFFFFF),
    "alert_notification": AlertNotification(
        1, 1, MOBILE, 0, 1, ACCESS_NUMBER, (Tlv(0x0422, b"\0"),), sequence_number=13
    ),
    "broadcast_sm": BroadcastSm(
        b"CBS",
        0,
        1,
        ACCESS_NUMBER,
        tlvs=(
            Tlv(0x0606, b"\x00\x01\x02"),
            Tlv(0x0601, b"\x00\x00\x10"),
            Tlv(0x0604, b"\x00\x03"),
            Tlv(0x0605, b"\x08\x00\x0a"),
        ),
        sequence_number=14,
    ),
    "broadcast_sm_resp": BroadcastSmResp(b"44", (Tlv(0x0607, b"\0\0\0\0"),), sequence_number=14),
    "query_broadcast_sm": QueryBroadcastSm(
        b"44", 0, 1, ACCESS_NUMBER, (Tlv(0x0204, b"\x00\x07"),), sequence_number=15
    ),
    "query_broadcast_sm_resp": QueryBroadcastSmResp(
        b"44",
        (Tlv(0x0427, b"\x02"), Tlv(0x0606, b"\x00\x01\x02"), Tlv(0x0608, b"\x64")),
        sequence_number=15,
    ),
    "cancel_broadcast_sm": CancelBroadcastSm(
        b"CBS", b"44", 0, 1, ACCESS_NUMBER, (Tlv(0x0601, b"\x00\x00\x10"),), sequence_number=16
    ),
    "cancel_broadcast_sm_resp": CancelBroadcastSmResp(sequence_number=16),
}


def golden(name: str) -> bytes:
    """Read golden/NAME.hex: hexadecimal with comments."""
    text = (GOLDEN / f"{name}.hex").read_text(encoding="utf-8")
    return bytes.fromhex("".join(line.partition("#")[0] for line in text.splitlines()))


def test_every_command_has_a_golden_pdu() -> None:
    names = {spec.name for spec in PDUS.values()}
    assert {path.stem for path in GOLDEN.glob("*.hex")} == names
    assert set(MEANING) == names


@pytest.mark.parametrize("name", MEANING)
def test_golden_octets_mean_what_the_specification_says(name: str) -> None:
    assert decode(golden(name)) == MEANING[name]


@pytest.mark.parametrize("name", MEANING)
def test_a_meaning_is_written_as_the_golden_octets(name: str) -> None:
    assert encode(MEANING[name]) == golden(name)


@pytest.mark.parametrize("command_id", sorted(PDUS))
def test_every_class_round_trips(command_id: int) -> None:
    @given(pdus_of(command_id))
    @settings(max_examples=25, deadline=None)
    def check(pdu: Pdu) -> None:
        octets = encode(pdu)
        assert decode(octets) == pdu
        assert decode(b"\0" + octets + octets, 1, 1 + len(octets)) == pdu
        assert encode(decode(octets)) == octets

    check()


@pytest.mark.parametrize("name", MEANING)
def test_an_unusual_header_survives(name: str) -> None:
    octets = golden(name)
    octets = octets[:8] + b"\xff\xff\xff\xff\x80\x00\x00\x01" + octets[16:]
    pdu = decode(octets)
    assert pdu.command_status == 0xFFFFFFFF
    assert pdu.sequence_number == 0x80000001
    assert encode(pdu) == octets


def test_an_unknown_command_is_named_and_gets_its_status() -> None:
    with pytest.raises(UnknownCommand, match="0x00000999") as caught:
        decode(bytes.fromhex("00000010 00000999 00000000 00000001"))
    assert caught.value.command_status == CommandStatus.ESME_RINVCMDID


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        ("", "command_length: the PDU has 0 octets, at least 16"),
        ("00000010 00000015", "command_length: the PDU has 8 octets, at least 16"),
        ("0000000f 00000015 00000000 00000001", "command_length: 15, the PDU has 16 octets"),
        ("00000011 00000015 00000000 00000001", "command_length: 17, the PDU has 16 octets"),
    ],
)
def test_a_command_length_that_is_not_the_pdus_is_refused(octets: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(bytes.fromhex(octets))
    assert str(caught.value) == message
    assert caught.value.command_status == CommandStatus.ESME_RINVCMDLEN


@pytest.mark.parametrize(("start", "end"), [(-1, 16), (0, 17), (9, 8)])
def test_a_part_that_is_no_part_of_the_octets_is_our_mistake(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="is no part of 16 octets"):
        read_header(bytes(16), start, end)


def test_names_of_operations() -> None:
    assert command_name(CommandId.SUBMIT_SM) == "submit_sm"
    assert command_name(0x80000999) == "0x80000999"


def test_only_requests_that_are_answered_have_a_response() -> None:
    answered = {command_id for command_id in PDUS if response_to(command_id) is not None}
    assert answered == {
        command_id
        for command_id in PDUS
        if not command_id & 0x80000000
        and command_id not in {CommandId.OUTBIND, CommandId.ALERT_NOTIFICATION}
    }
    assert response_to(CommandId.SUBMIT_SM) == CommandId.SUBMIT_SM_RESP
    assert response_to(0x00000999) is None
    assert response_to(0) is None  # its response would be generic_nack


def test_reply_takes_the_sequence_number_and_the_fields_named() -> None:
    request = SubmitSm(sequence_number=7)
    assert reply(request, message_id=b"42") == SubmitSmResp(b"42", sequence_number=7)
    assert reply(EnquireLink(sequence_number=8)) == EnquireLinkResp(sequence_number=8)


def test_reply_with_an_error_has_no_body_unless_fields_are_given() -> None:
    request = SubmitSm(sequence_number=7)
    refused = reply(request, CommandStatus.ESME_RTHROTTLED)
    assert refused == SubmitSmResp(command_status=0x58, sequence_number=7, bodiless=True)
    assert len(encode(refused)) == 16
    told = reply(request, CommandStatus.ESME_RTHROTTLED, tlvs=(Tlv(0x0428, b"\x64"),))
    assert len(encode(told)) == 16 + 1 + 5


@pytest.mark.parametrize(
    "request_", [Outbind(), AlertNotification(), SubmitSmResp(), GenericNack()]
)
def test_what_has_no_response_is_not_replied_to(request_: Pdu) -> None:
    with pytest.raises(LocalProtocolError, match="has no response"):
        reply(request_)


@pytest.mark.parametrize(
    ("command_id", "status", "expected"),
    [
        (CommandId.SUBMIT_SM, CommandStatus.ESME_RINVSRCADR, "80000004 0000000a"),
        (CommandId.UNBIND, CommandStatus.ESME_RINVTLVSTREAM, "80000006 000000c0"),
        (0x00000999, CommandStatus.ESME_RINVCMDID, "80000000 00000003"),
        (CommandId.OUTBIND, CommandStatus.ESME_RINVSYSID, "80000000 0000000f"),
        (CommandId.SUBMIT_SM, CommandStatus.ESME_RINVCMDID, "80000000 00000003"),
    ],
)
def test_a_refusal_is_a_bare_response_or_generic_nack(
    command_id: int, status: int, expected: str
) -> None:
    octets = refusal(command_id, 7, status)
    assert octets == bytes.fromhex(f"00000010 {expected} 00000007")
    assert decode(octets).command_status == status


def test_typed_reading_of_tlvs() -> None:
    pdu = DeliverSm(
        tlvs=(
            Tlv(TlvTag.RECEIPTED_MESSAGE_ID, b"42\0"),
            Tlv(TlvTag.MESSAGE_STATE, b"\x02"),
            Tlv(0x1400, b""),
            Tlv(0x1401, b"no nul"),
        )
    )
    assert tlv(pdu, TlvTag.MESSAGE_STATE) == b"\x02"
    assert tlv(pdu, TlvTag.SAR_MSG_REF_NUM) is None
    assert tlv_int(pdu, TlvTag.MESSAGE_STATE) == 2
    assert tlv_int(pdu, 0x1400) is None
    assert tlv_int(pdu, TlvTag.SAR_MSG_REF_NUM) is None
    assert tlv_text(pdu, TlvTag.RECEIPTED_MESSAGE_ID) == b"42"
    assert tlv_text(pdu, 0x1401) == b"no nul"
    assert tlv_text(pdu, TlvTag.SAR_MSG_REF_NUM) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: SubmitSm(destination_addr=b"1" * 21),
        lambda: QuerySm(message_id=b"1" * 65),
        lambda: SubmitSmResp(message_id=b"1" * 65),
    ],
)
def test_encode_refuses_what_does_not_fit(make: Callable[[], Pdu]) -> None:
    with pytest.raises(EncodeError, match="at most"):
        encode(make())
