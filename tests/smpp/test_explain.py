from __future__ import annotations

import pytest

from smpp.codec import encode
from smpp.constants import CommandId, CommandStatus
from smpp.explain import Explanation, explain, render
from smpp.interpreter import HEADER
from smpp.pdus import (
    CLASSES,
    BindTransceiver,
    DeliverSm,
    DestAddress,
    DistributionList,
    GenericNack,
    Pdu,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    UnsuccessSme,
)
from smpp.tlvs import Tlv

SIGNATURE = "【示例警务】".encode("utf-16-be")


def pdu_of(command_id: int, body: bytes) -> bytes:
    return HEADER.pack(16 + len(body), command_id, 0, 7) + body


def notes(explanation: Explanation) -> dict[str, str]:
    return {view.name: view.note for view in explanation.fields}


@pytest.mark.parametrize("command_id", sorted(CLASSES))
def test_the_fields_cover_every_octet_once(command_id: int) -> None:
    if command_id == CommandId.SUBMIT_MULTI:
        pdu: Pdu = SubmitMulti(dest_addresses=(DestAddress(), DistributionList(b"patrol")))
    else:
        pdu = CLASSES[command_id](tlvs=(Tlv(0x1400, b"vendor"),))
    octets = encode(pdu)
    found = explain(octets)
    assert found.error is None
    assert found.command_status == 0
    position = 0
    for view in found.fields:
        assert view.offset == position
        position += view.length
    assert position == len(octets)


def test_a_submission_is_shown_with_the_meaning_of_its_values() -> None:
    found = explain(
        encode(
            SubmitSm(
                source_addr_ton=3,
                source_addr=b"106590990371",
                dest_addr_npi=1,
                destination_addr=b"13300000001",
                esm_class=3,
                registered_delivery=0x1D,
                data_coding=8,
                short_message=SIGNATURE,
                sequence_number=7,
            )
        )
    )
    shown = notes(found)
    assert shown["command_id"] == "submit_sm"
    assert shown["command_status"] == "ESME_ROK"
    assert shown["source_addr_ton"] == "NETWORK_SPECIFIC"
    assert shown["dest_addr_npi"] == "ISDN"
    assert shown["source_addr"] == "'106590990371'"
    assert shown["esm_class"] == "store and forward"
    assert shown["registered_delivery"] == (
        "receipt, both acknowledgements, intermediate notification"
    )
    assert shown["data_coding"] == "UCS2"
    assert shown["short_message"] == "'【示例警务】'"
    assert found.summary == (
        "submit_sm 7: from 106590990371, to 13300000001, UCS2, 12 octets of text"
    )


def test_a_user_data_header_is_kept_apart_from_the_text() -> None:
    message = bytes.fromhex("050003070201") + SIGNATURE
    found = explain(encode(SubmitSm(esm_class=0x43, data_coding=8, short_message=message)))
    assert notes(found)["short_message"] == "UDH 050003070201, '【示例警务】'"
    assert notes(found)["esm_class"] == "store and forward, UDH present"


def test_binary_user_data_is_counted_only() -> None:
    found = explain(encode(SubmitSm(data_coding=4, short_message=b"\x01\x02")))
    assert notes(found)["short_message"] == "2 octets"


def test_values_without_a_name_are_shown_as_numbers() -> None:
    found = explain(encode(SubmitSm(source_addr_ton=9, data_coding=0xF5, esm_class=0x3C)))
    shown = notes(found)
    assert shown["source_addr_ton"] == "0x9"
    assert shown["data_coding"] == "0xf5"
    assert shown["esm_class"] == "0x3c reserved"


def test_tlvs_are_named_and_those_out_of_place_are_marked() -> None:
    tlvs = (
        Tlv(0x001E, b"42\0"),
        Tlv(0x0427, b"\x02"),
        Tlv(0x0423, b"\x03\x00\x01"),
        Tlv(0x0424, b"text"),
        Tlv(0x1401, b"x"),
        Tlv(0x0999, b"x"),
        Tlv(0x0210, b"\x50"),
    )
    shown = notes(explain(encode(DeliverSm(tlvs=tlvs))))
    assert shown["receipted_message_id"] == "'42'"
    assert shown["message_state"] == "2 DELIVERED"
    assert shown["network_error_code"] == "network 3, error 1"
    assert shown["message_payload"] == "4 octets"
    assert shown["0x1401"] == "vendor TLV"
    assert shown["0x0999"] == "unknown TLV"
    assert shown["sc_interface_version"] == "80 SMPP 5.0; not expected in deliver_sm, ignored"


def test_lists_are_shown_entry_by_entry() -> None:
    pdu = SubmitMulti(dest_addresses=(DestAddress(1, 1, b"133"), DistributionList(b"patrol")))
    views = {view.name: view for view in explain(encode(pdu)).fields}
    assert views["number_of_dests"].value == 2
    assert views["dest_address[0].destination_addr"].value == b"133"
    assert views["dest_address[1].dest_flag"].note == "DistributionList"
    assert views["dest_address[1].dl_name"].value == b"patrol"
    answer = SubmitMultiResp(b"42", (UnsuccessSme(1, 1, b"133", 0x0B),))
    views = {view.name: view for view in explain(encode(answer)).fields}
    assert views["unsuccess_sme[0].error_status_code"].note == "ESME_RINVDSTADR"


def test_a_response_says_how_the_request_ended() -> None:
    refused = SubmitSmResp(command_status=0x58, sequence_number=7, bodiless=True)
    assert explain(encode(refused)).summary == "submit_sm_resp 7: ESME_RTHROTTLED"
    accepted = SubmitSmResp(b"42", sequence_number=7)
    assert explain(encode(accepted)).summary == "submit_sm_resp 7: ESME_ROK, id 42"
    nack = GenericNack(command_status=0x400)
    assert explain(encode(nack)).summary == "generic_nack 0: 0x400"


@pytest.mark.parametrize(
    ("octets", "last", "summary"),
    [
        (b"\0\0\0", "command_length", "3 octets: malformed, answer ESME_RINVCMDLEN"),
        (
            HEADER.pack(17, 4, 0, 7),
            "sequence_number",
            "submit_sm 7: malformed, answer ESME_RINVCMDLEN: command_length: 17, the PDU has 16",
        ),
        (
            HEADER.pack(16, 0x999, 0, 7),
            "sequence_number",
            "0x00000999 7: malformed, answer ESME_RINVCMDID: command_id: 0x00000999 is no",
        ),
        (
            pdu_of(CommandId.QUERY_SM, b"42\0\0\0" + b"1" * 22 + b"\0"),
            "source_addr",
            "query_sm 7: malformed, answer ESME_RINVSRCADR: source_addr: 23 octets, at most 21",
        ),
        (
            pdu_of(CommandId.SUBMIT_SM, b"\0" * 16 + b"\x09abc"),
            "sm_length",
            "submit_sm 7: malformed, answer ESME_RINVMSGLEN: sm_length: 9, the PDU has 3 octets",
        ),
        (
            pdu_of(CommandId.ENQUIRE_LINK, b"\x14\x00\x00\x01x\x14\x01\x00\x09x"),
            "0x1401",
            "enquire_link 7: malformed, answer ESME_RINVTLVSTREAM: 0x1401: length 9, the PDU has 1",
        ),
        (
            pdu_of(CommandId.SUBMIT_MULTI, b"\0\0\0\0\x01\x07x"),
            "dest_flag",
            "submit_multi 7: malformed, answer ESME_RINVDESTFLAG: dest_flag: 7, allowed 1 or 2",
        ),
        (
            pdu_of(CommandId.SUBMIT_MULTI, b"\0\0\0\0\x02\x02x\0"),
            "dest_address[0].dl_name",
            "submit_multi 7: malformed, answer ESME_RINVCMDLEN: dest_flag: cut off, 1 more",
        ),
        (
            pdu_of(CommandId.SUBMIT_MULTI, b"\0\0\0\0\0"),
            "number_of_dests",
            "submit_multi 7: malformed, answer ESME_RINVNUMDESTS: number_of_dests: 0, allowed 1",
        ),
        (
            pdu_of(CommandId.SUBMIT_MULTI_RESP, b"42\0"),
            "message_id",
            "submit_multi_resp 7: malformed, answer ESME_RINVCMDLEN: no_unsuccess: cut off",
        ),
    ],
)
def test_a_malformed_pdu_is_shown_up_to_what_is_wrong_with_it(
    octets: bytes, last: str, summary: str
) -> None:
    found = explain(octets)
    assert found.summary.startswith(summary)
    assert found.error is not None
    assert found.command_status != CommandStatus.ESME_ROK
    assert found.fields[-1].name == last
    assert found.fields[-1].offset + found.fields[-1].length == len(octets)


def test_the_dump_has_octets_fields_and_the_summary() -> None:
    octets = encode(SubmitSmResp(b"42", sequence_number=7))
    assert render(octets).splitlines() == [
        "0000  00 00 00 13 80 00 00 04 00 00 00 00 00 00 00 07  ................",
        "0010  34 32 00                                         42.",
        "0000     4  command_length = 19",
        "0004     4  command_id = 2147483652  (submit_sm_resp)",
        "0008     4  command_status = 0  (ESME_ROK)",
        "000c     4  sequence_number = 7",
        "0010     3  message_id = 34 32  ('42')",
        "submit_sm_resp 7: ESME_ROK, id 42",
    ]


PASSWORD = b"secret08"


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(encode(BindTransceiver(b"police", PASSWORD)), id="well-formed"),
        pytest.param(encode(BindTransceiver(b"police", PASSWORD))[:-1], id="wrong command_length"),
        pytest.param(
            pdu_of(CommandId.BIND_TRANSCEIVER, b"police, " * 3 + b"\0" + PASSWORD + b"\0"),
            id="malformed before the password",
        ),
        pytest.param(
            pdu_of(CommandId.BIND_TRANSCEIVER, b"police\0" + PASSWORD + b"longer\0"),
            id="malformed password",
        ),
    ],
)
def test_a_password_is_never_shown(octets: bytes) -> None:
    text = render(octets)
    assert PASSWORD.decode() not in text
    assert PASSWORD.hex(" ") not in text
    assert PASSWORD[2:6].hex(" ") not in text
    assert all(PASSWORD not in bytes(str(view.value), "ascii") for view in explain(octets).fields)


def test_what_follows_a_password_is_shown() -> None:
    octets = pdu_of(CommandId.BIND_TRANSCEIVER, b"police\0" + PASSWORD + b"\0" + b"t" * 20 + b"\0")
    found = explain(octets)
    assert found.fields[-1].value == b"t" * 20 + b"\0"
    assert not found.fields[-1].secret
