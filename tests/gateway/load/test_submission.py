from __future__ import annotations

import pytest

from gateway.load.submission import SubmitOptions, submissions
from smpp.errors import EncodeError
from smpp.tlvs import Tlv

SHORT = "【示例警务】您已恢复接收便民提醒类短信。退订请回复TD。"


@pytest.mark.parametrize(
    ("to", "sender", "ton_npi"),
    [
        ("13300000001", "106590990371", (0, 1, 0, 1)),
        ("+8613300000001", "", (0, 0, 1, 1)),
        ("13300000001", "POLICE", (5, 0, 0, 1)),
    ],
)
def test_type_and_plan_follow_from_the_address(
    to: str, sender: str, ton_npi: tuple[int, ...]
) -> None:
    [pdu] = submissions(to, SHORT, sender)
    found = (pdu.source_addr_ton, pdu.source_addr_npi, pdu.dest_addr_ton, pdu.dest_addr_npi)
    assert found == ton_npi


def test_what_is_given_wins_over_what_follows() -> None:
    options = SubmitOptions(
        source_addr_ton=2,
        source_addr_npi=3,
        dest_addr_ton=4,
        dest_addr_npi=6,
        data_coding=15,
        gb18030=True,
        esm_class=0x80,
        tlvs=(Tlv(0x0204, b"\0\1"),),
    )
    [pdu] = submissions("13300000001", SHORT, "106590990371", options)
    assert (pdu.source_addr_ton, pdu.source_addr_npi) == (2, 3)
    assert (pdu.dest_addr_ton, pdu.dest_addr_npi) == (4, 6)
    assert pdu.short_message == SHORT.encode("gb18030")
    assert (pdu.esm_class, pdu.tlvs) == (0x80, (Tlv(0x0204, b"\0\1"),))


def test_ascii_goes_in_the_default_alphabet_and_chinese_in_ucs2() -> None:
    assert submissions("13300000001", "Code 482913")[0].data_coding == 0
    assert submissions("13300000001", SHORT)[0].data_coding == 8


def test_a_receipt_may_be_asked_for_with_the_first_segment_alone() -> None:
    options = SubmitOptions(first_receipt_only=True)
    pdus = submissions("13300000001", SHORT * 4, options=options)
    assert [pdu.registered_delivery for pdu in pdus] == [1, 0]


def test_references_are_reduced_to_what_the_method_holds() -> None:
    [first, _] = submissions("13300000001", SHORT * 4, reference=0x1FF)
    assert first.short_message[3] == 0xFF
    wide = SubmitOptions(method="udh16")
    [first, _] = submissions("13300000001", SHORT * 4, options=wide, reference=0x1_0203)
    assert first.short_message[3:5] == b"\x02\x03"


def test_what_can_not_be_sent_is_said() -> None:
    with pytest.raises(ValueError, match="sender: '示例警务' has characters that are not ASCII"):
        submissions("13300000001", SHORT, "示例警务")
    with pytest.raises(EncodeError, match=r"U\+3010"):
        submissions("13300000001", SHORT, options=SubmitOptions(data_coding=1))
