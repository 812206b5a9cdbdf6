from __future__ import annotations

import pytest

from config.network import load_network
from routing.liability import CodeTable
from routing.message import (
    DELETED,
    DELIVERED,
    ENROUTE,
    EXPIRED,
    OUTCOMES,
    REJECTED,
    UNDELIVERABLE,
    UNKNOWN,
)
from routing.reasons import REASONS

TABLE = CodeTable(load_network())

ALWAYS: dict[str, str] = {
    "exempt": (
        "001 002 003 004 007 008 010 174 255 601 602 603 615 616 619 620 622 625 627 628 634 636 "
        "650 680 702 703 705 706 707 708 711 713 714 716 717 718 719 721 726 728 730 731 760 761 "
        "762 764 766 767 768 779 801 802 812 813 814 815 817 819 822 827 836 869 879 880 900 "
        "SPMSERR:11"
    ),
    "party_a": (
        "005 624 640 701 704 765 771 840 860 DTBLACK BLACKMB BLACKWD MBBLACK MOBILEBLAC BWLIST "
        "E:ODSL MS:0002 REFUSED NOPASS REJECT REJECTE SWITCH SPMSERR:10 SMGPERR:31 SMGPERR:56 "
        "9A1 9A2 9A3 9A4 9A5 9A6 9A7 9A8 9A9 931 932 933 934 935 936 937 938 939 "
        "9B0 9B1 9B2 9B3 9B4 9B5 9B6 9B7 9B8 940 941 942 943 944 945 946 947 948"
    ),
    "carrier": (
        "009 606 609 712 870 899 908 VMFLUCTL TIMEUP S::TIMEOUT SUBFAIL ROUTEERR FAILED PBDQ "
        "SMGPERR:1 SMGPERR:2 SMGPERR:39 9B9 949"
    ),
    "ported": "NP1 950",
}
"""Class → codes that have it in every state but DELIVERED."""

BY_STATE: list[tuple[str, int, str]] = [
    ("000", UNDELIVERABLE, "carrier"),
    ("006", REJECTED, "party_a"),
    ("006", UNDELIVERABLE, "carrier"),
    ("608", EXPIRED, "exempt"),
    ("608", UNDELIVERABLE, "carrier"),
    ("612", EXPIRED, "carrier"),
    ("612", UNDELIVERABLE, "exempt"),
    ("613", EXPIRED, "carrier"),
    ("613", UNDELIVERABLE, "exempt"),
    ("614", EXPIRED, "carrier"),
    ("614", UNDELIVERABLE, "exempt"),
    ("617", EXPIRED, "carrier"),
    ("617", UNDELIVERABLE, "exempt"),
    ("618", EXPIRED, "carrier"),
    ("618", UNDELIVERABLE, "exempt"),
    ("660", UNDELIVERABLE, "party_a"),
    ("660", EXPIRED, "exempt"),
    ("999", UNKNOWN, "carrier"),
    ("999", UNDELIVERABLE, "carrier"),
    ("999", EXPIRED, "exempt"),
]


@pytest.mark.parametrize(
    ("error", "liability"),
    [(error, liability) for liability, errors in ALWAYS.items() for error in errors.split()],
)
def test_the_class_of_each_code(error: str, liability: str) -> None:
    for state in OUTCOMES - {DELIVERED}:
        assert TABLE.liability_of(state, error) == liability


@pytest.mark.parametrize(("error", "state", "liability"), BY_STATE)
def test_the_class_of_codes_that_depend_on_the_state(
    error: str, state: int, liability: str
) -> None:
    assert TABLE.liability_of(state, error) == liability


def test_every_code_of_the_table_was_checked() -> None:
    checked = {error for errors in ALWAYS.values() for error in errors.split()}
    checked |= {error for error, _, _ in BY_STATE}
    assert {code.err for code in TABLE.codes()} <= checked


def test_delivered_is_ok_whatever_the_code_says() -> None:
    assert all(TABLE.liability_of(DELIVERED, code.err) == "ok" for code in TABLE.codes())
    assert TABLE.liability_of(DELIVERED, "???") == "ok"


def test_an_unknown_code_is_the_carriers() -> None:
    for state in OUTCOMES - {DELIVERED, DELETED}:
        assert TABLE.liability_of(state, "763") == "carrier"


def test_a_cancelled_message_is_party_as() -> None:
    assert TABLE.liability_of(DELETED, "") == "party_a"


def test_a_state_that_is_not_final_has_no_class() -> None:
    with pytest.raises(ValueError, match="state of an outcome: 1"):
        TABLE.liability_of(ENROUTE, "??")


def test_meanings_are_given_in_both_languages() -> None:
    assert TABLE.meaning("602") == ("powered off", "关机")
    assert TABLE.meaning("763") == ("", "")


def test_codes_with_letters_have_a_form_of_digits_and_no_two_the_same() -> None:
    errors = [code.err for code in TABLE.codes() if code.digits]
    digits = [TABLE.digits(error) for error in errors]
    assert {"9A1", "9B0", "NP1"} <= set(errors)
    assert len(set(digits)) == len(digits)
    for error in errors:
        assert TABLE.meaning(error) == TABLE.meaning(TABLE.digits(error))
    assert TABLE.digits("602") == "602"
    assert TABLE.digits("763") == "763"


def test_network_error_code_is_gsm_and_two_octets() -> None:
    assert TABLE.network_error_code("000") == b"\x03\x00\x00"
    assert TABLE.network_error_code("602") == b"\x03" + (602).to_bytes(2, "big")
    assert TABLE.network_error_code("9A5") == b"\x03" + (935).to_bytes(2, "big")
    assert TABLE.network_error_code("763") == b"\x03" + (763).to_bytes(2, "big")
    assert TABLE.network_error_code("DTBLACK") == b"\x03\xff\xff"
    assert TABLE.network_error_code("99999") == b"\x03\xff\xff"


def test_every_reason_of_a_refusal_has_its_error_in_the_table() -> None:
    for reason in REASONS.values():
        if reason.error:
            assert TABLE.meaning(reason.error) != ("", "")
            assert TABLE.digits(reason.error) == reason.digits
