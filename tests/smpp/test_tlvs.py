from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp.constants import CommandStatus, TlvTag
from smpp.errors import DecodeError, EncodeError
from smpp.tlvs import (
    MAX_TLVS,
    TLVS,
    Tlv,
    TlvKind,
    TlvSpec,
    decode_tlvs,
    encode_tlvs,
    integer_tlv,
    specs_of,
    text_tlv,
    tlv_name,
    tlv_value,
)

# Read off SMPP 3.4 §5.3.2 and SMPP 5.0 §4.8.4: tag, name, octets of the value.
SHEET = """
    0005 dest_addr_subunit 1
    0006 dest_network_type 1
    0007 dest_bearer_type 1
    0008 dest_telematics_id 2
    000d source_addr_subunit 1
    000e source_network_type 1
    000f source_bearer_type 1
    0010 source_telematics_id 1
    0017 qos_time_to_live 4
    0019 payload_type 1
    001d additional_status_info_text 1-256
    001e receipted_message_id 1-65
    0030 ms_msg_wait_facilities 1
    0201 privacy_indicator 1
    0202 source_subaddress 2-23
    0203 dest_subaddress 2-23
    0204 user_message_reference 2
    0205 user_response_code 1
    020a source_port 2
    020b destination_port 2
    020c sar_msg_ref_num 2
    020d language_indicator 1
    020e sar_total_segments 1
    020f sar_segment_seqnum 1
    0210 sc_interface_version 1
    0302 callback_num_pres_ind 1
    0303 callback_num_atag 0-65
    0304 number_of_messages 1
    0381 callback_num 4-19
    0420 dpf_result 1
    0421 set_dpf 1
    0422 ms_availability_status 1
    0423 network_error_code 3
    0424 message_payload 0-65535
    0425 delivery_failure_reason 1
    0426 more_messages_to_send 1
    0427 message_state 1
    0428 congestion_state 1
    0501 ussd_service_op 1
    0600 broadcast_channel_indicator 1
    0601 broadcast_content_type 3
    0602 broadcast_content_type_info 1-255
    0603 broadcast_message_class 1
    0604 broadcast_rep_num 2
    0605 broadcast_frequency_interval 3
    0606 broadcast_area_identifier 1-255
    0607 broadcast_error_status 4
    0608 broadcast_area_success 1
    0609 broadcast_end_time 1-17
    060a broadcast_service_group 1-255
    060b billing_identification 1-1024
    060d source_network_id 7-65
    060e dest_network_id 7-65
    060f source_node_id 6
    0610 dest_node_id 6
    0611 dest_addr_np_resolution 1
    0612 dest_addr_np_information 10
    0613 dest_addr_np_country 1-5
    1201 display_time 1
    1203 sms_signal 2
    1204 ms_validity 1-4
    130c alert_on_message_delivery 0-1
    1380 its_reply_type 1
    1383 its_session_info 2
"""
ROWS = sorted(TLVS.values(), key=lambda row: row.tag)
NONE: dict[int, TlvSpec] = {}


def decoded(octets: bytes, expected: dict[int, TlvSpec]) -> tuple[Tlv, ...]:
    """Decode TLVs that stand alone."""
    return decode_tlvs(octets, 0, len(octets), expected, 0)


def written(tag: int, length: int) -> bytes:
    """Lay out a TLV by hand."""
    return tag.to_bytes(2, "big") + length.to_bytes(2, "big") + b"7" * length


def test_the_table_is_the_sheet_of_the_specification() -> None:
    lines = []
    for row in ROWS:
        sizes = {row.minimum, row.maximum}
        lines.append(f"{row.tag:04x} {row.name} {'-'.join(map(str, sorted(sizes)))}")
    assert lines == [line.strip() for line in SHEET.strip().splitlines()]
    assert {row.tag for row in ROWS} == set(TlvTag)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_tlv_round_trips_at_its_shortest_and_longest(row: TlvSpec) -> None:
    expected = {row.tag.value: row}
    for length in {row.minimum, row.maximum}:
        octets = written(row.tag, length)
        (found,) = decoded(octets, expected)
        assert found == Tlv(row.tag, b"7" * length)
        assert encode_tlvs((found,), expected) == octets


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_tlv_of_a_wrong_length_is_refused_both_ways(row: TlvSpec) -> None:
    wrong = {row.minimum - 1, row.maximum + 1} & set(range(0xFFFF))
    assert wrong or row.tag == TlvTag.MESSAGE_PAYLOAD
    for length in wrong:
        with pytest.raises(DecodeError) as caught:
            decoded(written(row.tag, length), {row.tag.value: row})
        assert caught.value.command_status == CommandStatus.ESME_RINVTLVLEN
        assert caught.value.field == row.name
        with pytest.raises(EncodeError, match=row.name):
            encode_tlvs((Tlv(row.tag, b"7" * length),), {row.tag.value: row})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_tlv_that_is_not_expected_is_kept_whatever_its_length(row: TlvSpec) -> None:
    octets = written(row.tag, row.minimum + 1)
    (found,) = decoded(octets, NONE)
    assert encode_tlvs((found,), NONE) == octets


def test_unknown_tlvs_duplicates_and_their_order_survive() -> None:
    octets = written(0x3FFF, 3) + written(0x0204, 2) + written(0x1400, 0) + written(0x0204, 2)
    found = decoded(octets, TLVS)
    assert [tlv.tag for tlv in found] == [0x3FFF, 0x0204, 0x1400, 0x0204]
    assert all(isinstance(tlv, Tlv) for tlv in found)
    assert encode_tlvs(found, TLVS) == octets


@pytest.mark.parametrize("left", [1, 2, 3])
def test_octets_left_over_are_an_invalid_stream(left: int) -> None:
    octets = written(0x0204, 2) + b"\x02" * left
    with pytest.raises(DecodeError, match=f"^tlvs: {left} octets left over") as caught:
        decoded(octets, NONE)
    assert caught.value.command_status == CommandStatus.ESME_RINVTLVSTREAM
    assert caught.value.offset == 6


def test_a_length_beyond_the_pdu_is_an_invalid_stream_even_if_more_octets_follow() -> None:
    octets = b"PDU" + written(0x0424, 5) + b"the next PDU"
    with pytest.raises(DecodeError) as caught:
        decode_tlvs(octets, 3, 11, NONE, 1)
    assert caught.value.command_status == CommandStatus.ESME_RINVTLVSTREAM
    assert str(caught.value) == "message_payload: length 5, the PDU has 4 octets left"
    assert caught.value.offset == 2


def test_the_number_of_tlvs_is_bounded_both_ways() -> None:
    most = written(0x1400, 0) * MAX_TLVS
    found = decoded(most, NONE)
    assert encode_tlvs(found, NONE) == most
    with pytest.raises(DecodeError, match="more than 1000") as caught:
        decoded(most + written(0x1400, 0), NONE)
    assert caught.value.command_status == CommandStatus.ESME_RINVTLVSTREAM
    with pytest.raises(EncodeError, match="1001, at most 1000"):
        encode_tlvs((*found, Tlv(0x1400, b"")), NONE)


@pytest.mark.parametrize(
    "bad",
    [
        Tlv(0x10000, b""),
        Tlv(-1, b""),
        Tlv(0x1400, b"x" * 0x10000),
        Tlv(0x1400, "text"),  # type: ignore[arg-type]  # wrong on purpose
        Tlv("tag", b""),  # type: ignore[arg-type]  # wrong on purpose
        (0x1400,),
    ],
)
def test_what_is_no_tlv_is_not_encoded(bad: Tlv) -> None:
    with pytest.raises(EncodeError, match=r"^tlvs: "):
        encode_tlvs((bad,), NONE)


def test_an_unknown_tag_is_named_by_its_number() -> None:
    assert tlv_name(TlvTag.SAR_MSG_REF_NUM) == "sar_msg_ref_num"
    assert tlv_name(0x1401) == "0x1401"


def test_the_first_of_several_equal_tags_counts() -> None:
    tlvs = (Tlv(0x1400, b"a"), Tlv(0x0204, b"b"), Tlv(0x0204, b"c"))
    assert tlv_value(tlvs, 0x0204) == b"b"
    assert tlv_value(tlvs, 0x0205) is None


def test_an_integer_tlv_has_the_width_of_its_row() -> None:
    assert integer_tlv(TlvTag.USER_MESSAGE_REFERENCE, 7) == Tlv(0x0204, b"\x00\x07")
    assert integer_tlv(TlvTag.MESSAGE_STATE, 255) == Tlv(0x0427, b"\xff")
    for value in (-1, 256):
        with pytest.raises(EncodeError, match=f"message_state: {value}, 0 to 255 allowed"):
            integer_tlv(TlvTag.MESSAGE_STATE, value)
    with pytest.raises(EncodeError, match="not an integer"):
        integer_tlv(TlvTag.MESSAGE_PAYLOAD, 1)


def test_a_text_tlv_ends_with_its_nul() -> None:
    assert text_tlv(TlvTag.RECEIPTED_MESSAGE_ID, b"42") == Tlv(0x001E, b"42\0")
    with pytest.raises(EncodeError, match="66 octets, 1 to 65 allowed"):
        text_tlv(TlvTag.RECEIPTED_MESSAGE_ID, b"x" * 65)
    with pytest.raises(EncodeError, match="NUL"):
        text_tlv(TlvTag.RECEIPTED_MESSAGE_ID, b"4\x002")
    with pytest.raises(EncodeError, match="not a C-Octet String"):
        text_tlv(TlvTag.MESSAGE_STATE, b"2")


def test_rows_are_picked_by_tag() -> None:
    assert specs_of([TlvTag.SET_DPF]) == {0x0421: TLVS[0x0421]}
    assert TLVS[0x0421].kind is TlvKind.INTEGER
    assert TLVS[0x0421].lengths() == "exactly 1"
    assert TLVS[0x0202].lengths() == "2 to 23"


TLV_LISTS = st.lists(st.builds(Tlv, st.integers(0, 0xFFFF), st.binary(max_size=300)), max_size=20)


@given(TLV_LISTS)
def test_tlvs_are_read_back(tlvs: list[Tlv]) -> None:
    octets = encode_tlvs(tlvs, {})
    assert decode_tlvs(octets, 0, len(octets), {}, 0) == tuple(tlvs)


@given(
    st.one_of(st.binary(max_size=60), TLV_LISTS.map(lambda tlvs: encode_tlvs(tlvs, {}))),
    st.integers(0, 8),
    st.sets(st.sampled_from(sorted(TLVS))),
)
def test_any_octets_are_tlvs_or_our_error(octets: bytes, cut: int, expected: set[int]) -> None:
    data = octets[: len(octets) - cut] if cut < len(octets) else octets
    offset = 0
    try:
        found = decode_tlvs(data, 0, len(data), specs_of(expected), 0)
        assert encode_tlvs(found, specs_of(expected)) == data
    except DecodeError as error:
        offset = error.offset
    assert 0 <= offset <= len(data)
