"""Each row below is one way to be wrong, and the status the specification answers it with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smpp.constants import CommandId, CommandStatus
from smpp.errors import DecodeError, EncodeError
from smpp.interpreter import HEADER, decode_body, encode_by_table, may_be_bodiless
from smpp.pdus import (
    BindTransceiver,
    BindTransceiverResp,
    CancelSm,
    DeliverSmResp,
    DestAddress,
    DistributionList,
    Pdu,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    UnsuccessSme,
)
from smpp.tables import PDUS, Field, Kind
from smpp.tlvs import Tlv
from tests.support.compiled import COMPILED


def decoded(command_id: int, body: bytes, status: int = 0) -> Pdu:
    """Decode a body that lies between other octets, as it does in a read buffer."""
    data = b"before" + HEADER.pack(16 + len(body), command_id, status, 7) + body + b"after\0" * 50
    return decode_body(PDUS[command_id], data, 6, 22 + len(body), status, 7)


def refused(command_id: int, body: bytes, status: int = 0) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        decoded(command_id, body, status)
    return caught.value


STRINGS = [
    (spec.command_id, index)
    for spec in PDUS.values()
    for index, field in enumerate(spec.fields)
    if field.kind is Kind.C_OCTET_STRING
]
# SMPP 3.4 §5.1.3 has no status for the fields that are left out here: they get RINVPARLEN.
OWN_STATUS = {
    "system_id": CommandStatus.ESME_RINVSYSID,
    "password": CommandStatus.ESME_RINVPASWD,
    "system_type": CommandStatus.ESME_RINVSYSTYP,
    "service_type": CommandStatus.ESME_RINVSERTYP,
    "source_addr": CommandStatus.ESME_RINVSRCADR,
    "destination_addr": CommandStatus.ESME_RINVDSTADR,
    "esme_addr": CommandStatus.ESME_RINVDSTADR,
    "schedule_delivery_time": CommandStatus.ESME_RINVSCHED,
    "validity_period": CommandStatus.ESME_RINVEXPIRY,
    "message_id": CommandStatus.ESME_RINVMSGID,
}


EMPTIEST = {
    Kind.INTEGER: b"\0",
    Kind.C_OCTET_STRING: b"\0",
    Kind.SHORT_MESSAGE: b"\0",
    Kind.DESTINATIONS: b"\x01\x02l\0",
    Kind.UNSUCCESS: b"\0",
}


def emptiest(fields: tuple[Field, ...]) -> bytes:
    """Lay out fields, each with as few octets as it can have."""
    return b"".join(EMPTIEST[field.kind] for field in fields)


@pytest.mark.parametrize(("command_id", "index"), STRINGS)
def test_a_string_one_octet_too_long_gets_its_own_status(command_id: int, index: int) -> None:
    field = PDUS[command_id].fields[index]
    before = emptiest(PDUS[command_id].fields[:index])
    error = refused(command_id, before + b"9" * field.size + b"\0" + b"\0" * 300)
    assert error.command_status == OWN_STATUS.get(field.name, CommandStatus.ESME_RINVPARLEN)
    assert str(error) == f"{field.name}: {field.size + 1} octets, at most {field.size}"
    assert error.offset == 16 + len(before)


@pytest.mark.parametrize(("command_id", "index"), STRINGS)
def test_a_string_without_nul_gets_its_own_status(command_id: int, index: int) -> None:
    field = PDUS[command_id].fields[index]
    error = refused(command_id, emptiest(PDUS[command_id].fields[:index]) + b"9" * 300)
    assert error.command_status == OWN_STATUS.get(field.name, CommandStatus.ESME_RINVPARLEN)
    assert str(error) == f"{field.name}: no NUL in 300 octets, at most {field.size}"


@pytest.mark.parametrize(("command_id", "index"), STRINGS)
def test_a_string_of_the_greatest_size_is_accepted(command_id: int, index: int) -> None:
    spec = PDUS[command_id]
    field = spec.fields[index]
    text = b"9" * (field.size - 1)
    around = emptiest(spec.fields[:index]), emptiest(spec.fields[index + 1 :])
    pdu = decoded(command_id, around[0] + text + b"\0" + around[1])
    assert getattr(pdu, field.name) == text


@pytest.mark.parametrize("command_id", [spec.command_id for spec in PDUS.values() if spec.fields])
def test_a_body_cut_off_anywhere_is_a_wrong_command_length(command_id: int) -> None:
    spec = PDUS[command_id]
    whole = emptiest(spec.fields)
    decoded(command_id, whole)
    for length in range(may_be_bodiless(spec, 0), len(whole)):
        error = refused(command_id, whole[:length])
        assert error.command_status == CommandStatus.ESME_RINVCMDLEN


SUBMIT_SM_HEAD = b"\0" * 16


@pytest.mark.parametrize(
    ("command_id", "body", "status", "message"),
    [
        pytest.param(
            CommandId.SUBMIT_SM, SUBMIT_SM_HEAD, "ESME_RINVCMDLEN",
            "sm_length: cut off, 1 more octets needed", id="no sm_length",
        ),
        pytest.param(
            CommandId.SUBMIT_SM, SUBMIT_SM_HEAD + b"\x03ab", "ESME_RINVMSGLEN",
            "sm_length: 3, the PDU has 2 octets left", id="sm_length beyond the body",
        ),
        pytest.param(
            CommandId.SUBMIT_SM, SUBMIT_SM_HEAD + b"\x02abc", "ESME_RINVTLVSTREAM",
            "tlvs: 1 octets left over, a TLV has at least 4", id="sm_length too small",
        ),
        pytest.param(
            CommandId.SUBMIT_SM, b"\0\1", "ESME_RINVCMDLEN",
            "source_addr_npi: cut off, 1 more octets needed", id="cut off before an integer",
        ),
        pytest.param(
            CommandId.SUBMIT_SM, b"\0\0\x01" + b"106590", "ESME_RINVCMDLEN",
            "source_addr: cut off after 6 octets, without a NUL", id="cut off within a string",
        ),
        pytest.param(
            CommandId.SUBMIT_SM, SUBMIT_SM_HEAD + b"\0\x02\x04\0\x01\x07", "ESME_RINVTLVLEN",
            "user_message_reference: length 1, exactly 2 octets allowed", id="TLV length",
        ),
        pytest.param(
            CommandId.SUBMIT_SM, SUBMIT_SM_HEAD + b"\0\x04\x24\0\x05hell", "ESME_RINVTLVSTREAM",
            "message_payload: length 5, the PDU has 4 octets left", id="TLV overrun",
        ),
        pytest.param(
            CommandId.ENQUIRE_LINK, b"\0", "ESME_RINVTLVSTREAM",
            "tlvs: 1 octets left over, a TLV has at least 4", id="surplus octet",
        ),
        pytest.param(
            CommandId.SUBMIT_MULTI, b"\0\0\0\0", "ESME_RINVCMDLEN",
            "number_of_dests: cut off, 1 more octets needed", id="no number_of_dests",
        ),
        pytest.param(
            CommandId.SUBMIT_MULTI, b"\0\0\0\0\0", "ESME_RINVNUMDESTS",
            "number_of_dests: 0, allowed 1 to 255", id="no destinations",
        ),
        pytest.param(
            CommandId.SUBMIT_MULTI, b"\0\0\0\0\x02\x02l\0", "ESME_RINVCMDLEN",
            "dest_flag: cut off, 1 more octets needed", id="fewer destinations than counted",
        ),
        pytest.param(
            CommandId.SUBMIT_MULTI, b"\0\0\0\0\x01\x03\0\0\0", "ESME_RINVDESTFLAG",
            "dest_flag: 3, allowed 1 or 2", id="dest_flag",
        ),
        pytest.param(
            CommandId.SUBMIT_MULTI, b"\0\0\0\0\x01\x02" + b"l" * 30 + b"\0", "ESME_RINVDLNAME",
            "dl_name: 31 octets, at most 21", id="dl_name too long",
        ),
        pytest.param(
            CommandId.SUBMIT_MULTI, b"\0\0\0\0\x01\x01\0\0" + b"1" * 30 + b"\0", "ESME_RINVDSTADR",
            "destination_addr: 31 octets, at most 21", id="destination_addr too long",
        ),
        pytest.param(
            CommandId.SUBMIT_MULTI_RESP, b"\0", "ESME_RINVCMDLEN",
            "no_unsuccess: cut off, 1 more octets needed", id="no no_unsuccess",
        ),
        pytest.param(
            CommandId.SUBMIT_MULTI_RESP, b"\0\x01\0\0\0\0\0\0", "ESME_RINVCMDLEN",
            "error_status_code: cut off, 1 more octets needed", id="cut off in an entry",
        ),
        pytest.param(
            CommandId.SUBMIT_SM_RESP, b"", "ESME_RINVCMDLEN",
            "message_id: cut off after 0 octets, without a NUL", id="ESME_ROK without a body",
        ),
    ],
)  # fmt: skip
def test_a_malformed_body_gets_the_status_of_the_specification(
    command_id: int, body: bytes, status: str, message: str
) -> None:
    error = refused(command_id, body)
    assert str(error) == message
    assert error.command_status == CommandStatus[status]


def test_a_count_larger_than_the_body_allocates_nothing_and_stops_at_once() -> None:
    error = refused(CommandId.SUBMIT_MULTI, b"\0\0\0\0\xff\x02l\0")
    assert error.field == "dest_flag"


def test_short_message_may_have_the_255_octets_of_version_5() -> None:
    pdu = decoded(CommandId.SUBMIT_SM, SUBMIT_SM_HEAD + b"\xff" + b"x" * 255)
    assert isinstance(pdu, SubmitSm)
    assert len(pdu.short_message) == 255
    assert encode_by_table(pdu).endswith(b"\xff" + b"x" * 255)


def test_submit_multi_reads_both_kinds_of_destination() -> None:
    body = b"\0\0\0\0\x02\x01\x01\x02" + b"133\0" + b"\x02patrol\0" + b"\0" * 10
    pdu = decoded(CommandId.SUBMIT_MULTI, body)
    assert isinstance(pdu, SubmitMulti)
    assert pdu.dest_addresses == (DestAddress(1, 2, b"133"), DistributionList(b"patrol"))


@pytest.mark.parametrize("status", [0, 1])
def test_a_bare_header_is_a_response_where_the_table_says_so(status: int) -> None:
    assert decoded(CommandId.DELIVER_SM_RESP, b"", status) == DeliverSmResp(
        command_status=status, sequence_number=7, bodiless=True
    )
    spec = PDUS[CommandId.SUBMIT_SM_RESP]
    assert may_be_bodiless(spec, status) == (status != 0)


def test_an_error_response_may_have_a_body_all_the_same() -> None:
    pdu = decoded(CommandId.BIND_TRANSCEIVER_RESP, b"police\0", 13)
    assert pdu == BindTransceiverResp(b"police", command_status=13, sequence_number=7)
    assert encode_by_table(pdu)[16:] == b"police\0"


WRONG: list[tuple[Callable[[], Pdu], str]] = [
    (lambda: SubmitSm(source_addr=b"1" * 21), "source_addr: 22 octets, at most 21"),
    (lambda: SubmitSm(source_addr=b"1\x002"), "source_addr: a NUL within the value"),
    (lambda: BindTransceiver(password=b"longpassw"), "password: 10 octets, at most 9"),
    (lambda: SubmitSm(data_coding=256), "data_coding: 256, 0 to 255 allowed"),
    (lambda: SubmitSm(data_coding=-1), "data_coding: -1, 0 to 255 allowed"),
    (lambda: SubmitSm(short_message=b"x" * 256), "short_message: 256 octets, at most 255"),
    (SubmitMulti, "number_of_dests: 0, allowed 1 to 255"),
    (
        lambda: SubmitMulti(dest_addresses=(DistributionList(b"l"),) * 256),
        "number_of_dests: 256, allowed 1 to 255",
    ),
    (
        lambda: SubmitMulti(dest_addresses=(DistributionList(b"l" * 21),)),
        "dl_name: 22 octets, at most 21",
    ),
    (
        lambda: SubmitMulti(dest_addresses=(UnsuccessSme(),)),  # type: ignore[arg-type]  # on purpose
        "dest_addresses: UnsuccessSme, DestAddress or DistributionList expected",
    ),
    (
        lambda: SubmitMultiResp(unsuccess_smes=(UnsuccessSme(),) * 256),
        "no_unsuccess: 256, at most 255",
    ),
    (
        lambda: SubmitMultiResp(unsuccess_smes=(DestAddress(),)),  # type: ignore[arg-type]  # on purpose
        "unsuccess_smes: DestAddress, UnsuccessSme expected",
    ),
    (
        lambda: SubmitMultiResp(unsuccess_smes=(UnsuccessSme(error_status_code=1 << 32),)),
        "error_status_code: 4294967296, 0 to 4294967295 allowed",
    ),
    (lambda: QuerySm(sequence_number=1 << 32), "sequence_number: 4294967296"),
    (lambda: QuerySm(command_status=-1), "command_status: -1"),
    (lambda: CancelSm(source_addr="1"), "source_addr: str, bytes expected"),  # type: ignore[arg-type]  # on purpose
    (lambda: ReplaceSm(short_message=None), "short_message: NoneType, bytes"),  # type: ignore[arg-type]  # on purpose
    (lambda: QuerySmResp(error_code=b"1"), "error_code: bytes, int expected"),  # type: ignore[arg-type]  # on purpose
    (lambda: QuerySm(tlvs=(Tlv(1 << 16, b""),)), "tlvs: "),
    (lambda: SubmitSmResp(bodiless=True), "bodiless: submit_sm_resp without a body needs"),
    (
        lambda: SubmitSmResp(b"42", command_status=8, bodiless=True),
        "bodiless: a PDU without a body carries no message_id",
    ),
    (
        lambda: SubmitSmResp(tlvs=(Tlv(1, b""),), command_status=8, bodiless=True),
        "bodiless: a PDU without a body carries no TLVs",
    ),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_value_that_does_not_fit_is_not_encoded(make: Callable[[], Pdu], message: str) -> None:
    try:
        pdu = make()
    except TypeError:
        # Compiled classes take no value of another type in the first place.
        assert COMPILED
        return
    with pytest.raises(EncodeError) as caught:
        encode_by_table(pdu)
    assert str(caught.value).startswith(message)


def test_errors_about_secrets_do_not_quote_them() -> None:
    with pytest.raises(EncodeError) as caught:
        encode_by_table(BindTransceiver(password=b"sentinel-password"))
    assert "sentinel" not in str(caught.value)
    body = b"police\0" + b"sentinel-password\0" + b"\0" * 20
    assert "sentinel" not in str(refused(CommandId.BIND_TRANSCEIVER, body))
