"""Concatenation: recognising, joining, splitting and counting segments."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp import concat, gsm0338
from smpp.concat import CountingRule, Part, SplitMethod, SplitPart
from smpp.constants import ESM_UDHI, CommandStatus, TlvTag
from smpp.errors import DecodeError, EncodeError
from smpp.text import decode_text, encode_text
from smpp.tlvs import Tlv

T03 = (
    "【示例警务】王先生您好，您已预约3月18日上午9:30在示例市出入境接待大厅办理普通护照，"
    "预约号A0317，请携带身份证原件按时到场。"
)
T14 = (
    "【示例警务】您名下小型汽车（尾号1234）于2026年2月20日08:15在示例大道与示例路交叉口"
    "有一条交通违法记录，请登录交管平台查看处理。"
)
T29 = "[DEMO POLICE] Code 482913, valid 5 min. Do not share it."
T30 = (
    "【示例警务】便民提示：一、办理身份证可提前网上预约，全省任一户籍窗口均可受理；"
    "二、首次申领、损坏换领、丢失补领均需本人到场采集指纹和人像；"
    "三、急需使用的可同时申请临时居民身份证；四、领取证件可选择邮寄到家；"
    "五、办理进度可在预约平台查询。窗口咨询电话0371-0000000，工作日9:00至17:00，感谢您的理解和配合。"
)

UCS2 = 8
UDHI = ESM_UDHI
UDH8 = bytes.fromhex("050003a70302")
PAYLOAD = TlvTag.MESSAGE_PAYLOAD.value


def sar(reference: int, total: int, index: int) -> tuple[Tlv, ...]:
    return (
        Tlv(TlvTag.SAR_MSG_REF_NUM.value, reference.to_bytes(2, "big")),
        Tlv(TlvTag.SAR_TOTAL_SEGMENTS.value, bytes((total,))),
        Tlv(TlvTag.SAR_SEGMENT_SEQNUM.value, bytes((index,))),
    )


# Counting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "length", "domestic", "pdu"),
    [(T03, 67, 1, 1), (T14, 71, 2, 2), (T30, 161, 3, 3)],
)
def test_sample_texts_count_as_published(value: str, length: int, domestic: int, pdu: int) -> None:
    assert len(value) == length
    assert concat.segment_count(value, UCS2) == domestic
    assert concat.segment_count(value, UCS2, "pdu") == pdu


def test_a_short_ascii_text_is_one_segment_by_both_rules() -> None:
    assert concat.segment_count(T29, 0, "pdu") == 1
    assert concat.segment_count(T29, 0, "domestic") == 1


@pytest.mark.parametrize(
    ("length", "segments"),
    [
        (0, 1),
        (1, 1),
        (67, 1),
        (68, 1),
        (69, 1),
        (70, 1),
        (71, 2),
        (134, 2),
        (135, 3),
        (201, 3),
        (202, 4),
    ],
)
def test_domestic_boundaries(length: int, segments: int) -> None:
    value = T03[:length].ljust(length, "。")
    assert concat.segment_count(value, UCS2, "domestic") == segments
    assert concat.segment_count(value, UCS2, "pdu") == segments


@pytest.mark.parametrize(("length", "domestic", "pdu"), [(70, 1, 1), (71, 2, 1), (160, 3, 1)])
def test_the_domestic_rule_counts_ascii_like_chinese(length: int, domestic: int, pdu: int) -> None:
    for data_coding, alphabet in ((0, "gsm0338"), (0, "ascii"), (1, "gsm0338")):
        value = "a" * length
        assert concat.segment_count(value, data_coding, "domestic", alphabet) == domestic
        assert concat.segment_count(value, data_coding, "pdu", alphabet) == pdu


@pytest.mark.parametrize(
    ("value", "data_coding", "alphabet", "segments"),
    [
        ("a" * 161, 0, "gsm0338", 2),
        ("a" * 306, 0, "gsm0338", 2),
        ("a" * 307, 0, "gsm0338", 3),
        ("[" * 80, 0, "gsm0338", 1),
        ("[" * 81, 0, "gsm0338", 2),
        ("[" * 152, 0, "gsm0338", 2),
        ("[" * 153, 0, "gsm0338", 3),
        ("a" * 307, 0, "gsm0338-packed", 3),
        ("a" * 307, 1, "gsm0338", 3),
        ("é" * 140, 3, "gsm0338", 1),
        ("é" * 141, 3, "gsm0338", 2),
        ("é" * 269, 3, "gsm0338", 3),
        ("00" * 140, 4, "gsm0338", 1),
        ("00" * 141, 4, "gsm0338", 2),
        ("中" * 70, 0, "gb18030", 1),
        ("中" * 134, 0, "gb18030", 2),
        ("中" * 135, 0, "gb18030", 3),
        ("中" * 47, 0, "utf8", 2),
        ("😀" * 35, UCS2, "gsm0338", 1),
        ("😀" * 36, UCS2, "gsm0338", 2),
        ("😀" * 66, UCS2, "gsm0338", 2),
        ("😀" * 67, UCS2, "gsm0338", 3),
    ],
)
def test_the_pdu_rule_counts_what_travels(
    value: str, data_coding: int, alphabet: str, segments: int
) -> None:
    assert concat.segment_count(value, data_coding, "pdu", alphabet) == segments
    parts = concat.split(value, data_coding, alphabet)
    assert len(parts) == segments


def test_an_emoji_counts_two_by_the_domestic_rule() -> None:
    assert concat.segment_count("。" * 68 + "😀", UCS2) == 1
    assert concat.segment_count("。" * 69 + "😀", UCS2) == 2


def test_binary_text_counts_octets_by_both_rules() -> None:
    for rule in get_args(CountingRule):
        assert concat.segment_count("00" * 140, 4, rule) == 1
        assert concat.segment_count("00" * 268, 4, rule) == 2
        assert concat.segment_count("00" * 269, 4, rule) == 3


def test_gb18030_in_data_coding_15_counts_where_allowed() -> None:
    assert concat.segment_count("中" * 71, 15, "pdu", gb18030=True) == 2
    with pytest.raises(EncodeError, match="0x0F is not known"):
        concat.segment_count("中", 15, "pdu")


def test_an_unknown_rule_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="'message': allowed are domestic, pdu"):
        concat.segment_count("a", 0, "message")  # type: ignore[arg-type]  # what is tested


# Recognising ------------------------------------------------------------------------------------


def test_a_message_of_its_own_is_no_part() -> None:
    assert concat.part_of(0, b"\x05\x00\x03", ()) is None
    assert concat.part_of(3, b"abc", (Tlv(0x1400, b"x"),)) is None
    ports = bytes.fromhex("0605040b8423f0") + b"abc"
    assert concat.part_of(UDHI, ports, ()) is None
    assert concat.part_of(UDHI, ports, (Tlv(0x1400, b"x"),)) is None


@pytest.mark.parametrize("esm_class", [UDHI, UDHI | 3, UDHI | 0x80])
def test_a_header_makes_a_part_whatever_the_other_bits(esm_class: int) -> None:
    expected = Part(0xA7, 3, 2, b"abc", "udh8")
    assert concat.part_of(esm_class, UDH8 + b"abc", ()) == expected
    assert concat.part_of(esm_class, UDH8 + b"abc", (Tlv(0x1400, b""),)) == expected


def test_a_16_bit_header_makes_a_part() -> None:
    octets = bytes.fromhex("06080401a70302") + b"abc"
    assert concat.part_of(UDHI, octets, ()) == Part(0x01A7, 3, 2, b"abc", "udh16")


def test_a_header_may_stand_in_message_payload() -> None:
    tlvs = (Tlv(PAYLOAD, UDH8 + b"abc"),)
    assert concat.part_of(UDHI, b"", tlvs) == Part(0xA7, 3, 2, b"abc", "udh8")


def test_sar_tlvs_make_a_part() -> None:
    assert concat.part_of(0, b"abc", sar(300, 3, 2)) == Part(300, 3, 2, b"abc", "sar")
    tlvs = (*sar(300, 3, 2), Tlv(PAYLOAD, b"abc"))
    assert concat.part_of(0, b"", tlvs) == Part(300, 3, 2, b"abc", "sar")


def test_sar_tlvs_beside_a_header_of_ports_make_a_part_without_the_header() -> None:
    octets = bytes.fromhex("0605040b8423f0") + b"abc"
    assert concat.part_of(UDHI, octets, sar(300, 3, 2)) == Part(300, 3, 2, b"abc", "sar")


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_incomplete_sar_tlvs_are_ignored(missing: int) -> None:
    tlvs = tuple(tlv for number, tlv in enumerate(sar(300, 3, 2)) if number != missing)
    assert concat.part_of(0, b"abc", tlvs) is None


def test_a_header_and_sar_tlvs_that_agree_make_one_part() -> None:
    expected = Part(0xA7, 3, 2, b"abc", "udh8")
    assert concat.part_of(UDHI, UDH8 + b"abc", sar(300, 3, 2)) == expected


@pytest.mark.parametrize("tlvs", [sar(0xA7, 3, 1), sar(0xA7, 4, 2)])
def test_a_header_and_sar_tlvs_that_disagree_are_refused(tlvs: tuple[Tlv, ...]) -> None:
    with pytest.raises(DecodeError, match="but the user data header says 2 of 3") as caught:
        concat.part_of(UDHI, UDH8 + b"abc", tlvs)
    assert caught.value.command_status == CommandStatus.ESME_RINVTLVVAL


@pytest.mark.parametrize(("total", "index"), [(0, 0), (0, 1), (2, 0), (2, 3)])
def test_a_place_outside_the_message_is_refused(total: int, index: int) -> None:
    with pytest.raises(DecodeError, match=f"segment {index} of {total}") as caught:
        concat.part_of(0, b"abc", sar(1, total, index))
    assert caught.value.command_status == CommandStatus.ESME_RINVTLVVAL
    with pytest.raises(DecodeError, match=f"segment {index} of {total}") as caught:
        concat.part_of(UDHI, bytes((5, 0, 3, 1, total, index)) + b"abc", ())
    assert caught.value.command_status == CommandStatus.ESME_RINVESMCLASS


def test_a_sar_tlv_of_wrong_length_is_refused() -> None:
    tlvs = (Tlv(TlvTag.SAR_MSG_REF_NUM.value, b"\x01"), *sar(1, 2, 1)[1:])
    with pytest.raises(DecodeError, match="sar_msg_ref_num: 1 octets: exactly 2") as caught:
        concat.part_of(0, b"abc", tlvs)
    assert caught.value.command_status == CommandStatus.ESME_RINVTLVLEN


def test_short_message_and_message_payload_at_once_are_refused() -> None:
    tlvs = (Tlv(PAYLOAD, b"abcd"),)
    for read in (concat.part_of, concat.payload_of):
        with pytest.raises(DecodeError, match="4 octets beside a short_message of 3") as caught:
            read(0, b"abc", tlvs)
        assert caught.value.command_status == CommandStatus.ESME_ROPTPARNOTALLWD
        assert caught.value.field == "message_payload"


def test_the_payload_is_short_message_or_message_payload_without_header() -> None:
    assert concat.payload_of(0, b"abc", ()) == b"abc"
    assert concat.payload_of(0, b"abc", (Tlv(PAYLOAD, b""),)) == b"abc"
    assert concat.payload_of(0, b"", (Tlv(0x1400, b"x"), Tlv(PAYLOAD, b"abc"))) == b"abc"
    assert concat.payload_of(0, b"", ()) == b""
    assert concat.payload_of(UDHI, bytes.fromhex("0605040b8423f0") + b"abc", ()) == b"abc"


# Joining ----------------------------------------------------------------------------------------


def part(index: int, payload: bytes, total: int = 3) -> Part:
    return Part(1, total, index, payload, "udh8")


def test_parts_are_joined_in_the_order_of_their_index() -> None:
    assert concat.join([part(3, b"c"), part(1, b"a"), part(2, b"b")]) == b"abc"
    assert concat.join(iter([part(1, b"a", 1)])) == b"a"


def test_a_surrogate_pair_cut_by_a_client_is_whole_after_joining() -> None:
    octets = "中😀".encode("utf-16-be")
    joined = concat.join([part(2, octets[4:], 2), part(1, octets[:4], 2)])
    assert decode_text(joined, UCS2) == ("中😀", "ucs2", ())


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part(1, b"a"), part(3, b"c")],
        [part(1, b"a"), part(2, b"b"), part(2, b"b"), part(3, b"c")],
        [part(1, b"a"), part(2, b"b", 2), part(3, b"c")],
    ],
)
def test_an_incomplete_message_is_not_joined(parts: list[Part]) -> None:
    with pytest.raises(ValueError, match="must be there once"):
        concat.join(parts)


# Splitting --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", get_args(SplitMethod))
def test_a_text_that_fits_is_sent_as_it_is(method: SplitMethod) -> None:
    octets = T03.encode("utf-16-be")
    expected = SplitPart(octets, 0, ())
    if method == "payload":
        expected = SplitPart(b"", 0, (Tlv(PAYLOAD, octets),))
    assert concat.split(T03, UCS2, method=method) == [expected]


def test_an_empty_text_is_one_empty_part() -> None:
    assert concat.split("", UCS2) == [SplitPart(b"", 0, ())]


def test_a_long_text_gets_8_bit_headers() -> None:
    parts = concat.split(T30, UCS2, reference=0xA7)
    assert [p.short_message[:6].hex() for p in parts] == [
        "050003a70301",
        "050003a70302",
        "050003a70303",
    ]
    assert [len(p.short_message) for p in parts] == [140, 140, 60]
    assert {(p.esm_class, p.tlvs) for p in parts} == {(UDHI, ())}


def test_a_long_text_gets_16_bit_headers() -> None:
    parts = concat.split(T30, UCS2, method="udh16", reference=0x01A7)
    assert [p.short_message[:7].hex() for p in parts] == [
        "06080401a70301",
        "06080401a70302",
        "06080401a70303",
    ]
    assert [len(p.short_message) for p in parts] == [139, 139, 65]


def test_a_long_text_gets_sar_tlvs() -> None:
    parts = concat.split(T30, UCS2, method="sar", reference=0x01A7)
    assert [p.tlvs for p in parts] == [sar(0x01A7, 3, index) for index in (1, 2, 3)]
    assert [len(p.short_message) for p in parts] == [134, 134, 54]
    assert {p.esm_class for p in parts} == {0}


@pytest.mark.parametrize(
    ("method", "sizes"), [("udh8", [153, 8]), ("udh16", [152, 9]), ("sar", [153, 8])]
)
def test_septets_fill_what_the_header_leaves(method: SplitMethod, sizes: list[int]) -> None:
    header = {"udh8": 6, "udh16": 7, "sar": 0}[method]
    parts = concat.split("a" * 161, 0, method=method)
    assert [len(p.short_message) - header for p in parts] == sizes


def test_packed_segments_have_fill_bits_and_140_octets_at_most() -> None:
    value = "hello " * 50
    parts = concat.split(value, 0, "gsm0338-packed")
    assert [len(p.short_message) for p in parts] == [140, 135]
    texts = [
        gsm0338.decode(gsm0338.unpack(p.short_message[6:], fill_bits=gsm0338.fill_bits_after(6)))
        for p in parts
    ]
    assert "".join(texts) == value


def test_binary_text_is_cut_between_octets() -> None:
    parts = concat.split("0f " * 141, 4, method="sar")
    assert [p.short_message for p in parts] == [b"\x0f" * 134, b"\x0f" * 7]


@pytest.mark.parametrize(
    ("method", "reference", "limit"),
    [("udh8", 256, 255), ("udh16", 65536, 65535), ("sar", -1, 65535)],
)
def test_a_reference_out_of_range_is_our_own_mistake(
    method: SplitMethod, reference: int, limit: int
) -> None:
    with pytest.raises(EncodeError, match=f"reference: {reference}: allowed are 0 to {limit}"):
        concat.split("a", 0, method=method, reference=reference)


def test_more_than_255_segments_are_our_own_mistake() -> None:
    assert len(concat.split("。" * 67 * 255, UCS2)) == 255
    with pytest.raises(EncodeError, match="256 segments: at most 255"):
        concat.split("。" * (67 * 255 + 1), UCS2)


def test_a_payload_above_65535_octets_is_our_own_mistake() -> None:
    assert len(concat.split("a" * 65535, 0, method="payload")) == 1
    with pytest.raises(EncodeError, match="message_payload: 65536 octets: at most 65535"):
        concat.split("a" * 65536, 0, method="payload")


def test_a_character_outside_the_alphabet_is_refused() -> None:
    with pytest.raises(EncodeError, match=r"U\+4E2D at character 200 of 200"):
        concat.split("a" * 199 + "中", 0)


ALPHABETS = {
    (8, "gsm0338"): st.characters(exclude_categories=["Cs"]),
    (0, "gsm0338"): st.sampled_from("abc@ [\\]^{|}~€é"),
    (0, "utf8"): st.characters(exclude_categories=["Cs"]),
    (0, "gb18030"): st.sampled_from("a1中警😀ñ€"),
    (3, "gsm0338"): st.characters(codec="latin-1"),
    (1, "gsm0338"): st.characters(codec="ascii"),
}


@given(st.data(), st.sampled_from(["udh8", "udh16", "sar"]), st.sampled_from(list(ALPHABETS)))
def test_any_text_is_split_into_whole_characters_and_comes_back(
    data: st.DataObject, method: SplitMethod, coding: tuple[int, str]
) -> None:
    data_coding, alphabet = coding
    unit = data.draw(st.text(ALPHABETS[coding], min_size=1, max_size=12))
    value = (unit * 40)[: data.draw(st.integers(0, 480))]
    parts = concat.split(value, data_coding, alphabet, method, 7)
    in_septets = data_coding == 1 or (alphabet == "gsm0338" and data_coding == 0)
    header = {"udh8": 6, "udh16": 7, "sar": 0}[method] if len(parts) > 1 else 0
    reserved = {"udh8": 6, "udh16": 7, "sar": 6}[method] if len(parts) > 1 else 0
    capacity = (140 - reserved) * 8 // 7 if in_septets else 140 - reserved
    assert all(len(p.short_message) - header <= capacity for p in parts)
    seen = [concat.part_of(p.esm_class, p.short_message, p.tlvs) for p in parts]
    if len(parts) == 1:
        assert seen == [None]
        assert parts[0].short_message == encode_text(value, data_coding, alphabet)
        return
    found = [p for p in seen if p is not None]
    assert len(found) == len(parts)
    alone = [decode_text(p.payload, data_coding, alphabet).text for p in found]
    assert "".join(alone) == value
    assert concat.join(reversed(found)) == encode_text(value, data_coding, alphabet)
    if method == "udh8":
        assert concat.segment_count(value, data_coding, "pdu", alphabet) == len(parts)


TLVS = st.lists(
    st.builds(
        Tlv,
        st.sampled_from([0x020C, 0x020E, 0x020F, 0x0424, 0x1400]),
        st.binary(max_size=3),
    ),
    max_size=5,
)


@given(st.integers(0, 255), st.binary(max_size=20), TLVS)
def test_any_pdu_is_read_or_raises_our_error(
    esm_class: int, short_message: bytes, tlvs: list[Tlv]
) -> None:
    try:
        found = concat.part_of(esm_class, short_message, tlvs)
    except DecodeError:
        return
    if found is None:
        assert isinstance(concat.payload_of(esm_class, short_message, tlvs), bytes)
    else:
        assert 0 < found.index <= found.total
