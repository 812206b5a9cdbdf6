from __future__ import annotations

import re
from typing import get_args

import pytest

from config.checks import CHECK_NAMES
from routing.reasons import BIND_STATUS, REASONS, STATUS_5_0, StatusProfile, cited, reason
from smpp.constants import VENDOR_STATUS_FIRST, VENDOR_STATUS_LAST, CommandStatus

CLOSED_LIST = [
    "none",
    "service_kind",
    "not_in_force",
    "port_blocked",
    "suspended",
    "enterprise_code",
    "sender_missing",
    "sender_denied",
    "destination_invalid",
    "offnet",
    "scope",
    "no_consent",
    "opted_out",
    "content_unapproved",
    "signature_missing",
    "signature_mismatch",
    "commercial",
    "prohibited",
    "impersonation",
    "time_window",
    "frequency",
    "quota",
    "throughput",
    "window",
    "queue_full",
    "encoding",
    "length",
    "expired_validity",
    "schedule",
    "duplicate_segment",
    "incomplete_message",
    "fault",
    "internal",
]


def test_table_is_the_closed_list_in_its_order() -> None:
    assert list(REASONS) == CLOSED_LIST


def test_every_check_that_has_a_mode_has_a_reason() -> None:
    assert set(CHECK_NAMES) == set(REASONS) - {"none", "fault", "internal"}


VENDOR = {
    "service_kind": 0x401,
    "not_in_force": 0x402,
    "port_blocked": 0x403,
    "suspended": 0x404,
    "enterprise_code": 0x405,
    "offnet": 0x406,
    "scope": 0x410,
    "no_consent": 0x411,
    "opted_out": 0x412,
    "content_unapproved": 0x420,
    "signature_missing": 0x421,
    "signature_mismatch": 0x422,
    "commercial": 0x423,
    "prohibited": 0x424,
    "impersonation": 0x425,
    "time_window": 0x426,
    "frequency": 0x430,
    "quota": 0x431,
}


@pytest.mark.parametrize("name", CLOSED_LIST)
def test_vendor_profile_has_one_value_per_rule_of_the_contract(name: str) -> None:
    row = reason(name)
    assert row.status("vendor") == VENDOR.get(name, row.standard)
    if name in VENDOR:
        assert VENDOR_STATUS_FIRST <= row.vendor <= VENDOR_STATUS_LAST


STANDARD = {
    "service_kind": "ESME_RINVSERTYP",
    "enterprise_code": "ESME_RINVSYSID",
    "sender_missing": "ESME_RINVSRCADR",
    "sender_denied": "ESME_RINVSRCADR",
    "destination_invalid": "ESME_RINVDSTADR",
    "offnet": "ESME_RINVDSTADR",
    "scope": "ESME_RINVDSTADR",
    "frequency": "ESME_RTHROTTLED",
    "quota": "ESME_RTHROTTLED",
    "throughput": "ESME_RTHROTTLED",
    "window": "ESME_RTHROTTLED",
    "queue_full": "ESME_RMSGQFUL",
    "length": "ESME_RINVMSGLEN",
    "expired_validity": "ESME_RINVEXPIRY",
    "schedule": "ESME_RINVSCHED",
    "fault": "ESME_RSYSERR",
    "internal": "ESME_RSYSERR",
    "none": "ESME_ROK",
}


@pytest.mark.parametrize("name", CLOSED_LIST)
def test_standard_profile_uses_statuses_of_smpp_3_4(name: str) -> None:
    expected = CommandStatus[STANDARD.get(name, "ESME_RSUBMITFAIL")]
    assert reason(name).status("standard") == expected
    assert expected <= 0xFF


@pytest.mark.parametrize("name", CLOSED_LIST[1:])
def test_receipt_errors_have_three_characters_and_a_form_of_digits(name: str) -> None:
    row = reason(name)
    assert re.fullmatch(r"9[AB][0-9]", row.receipt_error())
    number = int(row.error[2]) + (940 if row.error[1] == "B" else 930)
    assert row.receipt_error(digits_only=True) == str(number)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("scope", "9A1"),
        ("no_consent", "9A2"),
        ("opted_out", "9A3"),
        ("content_unapproved", "9A4"),
        ("signature_missing", "9A5"),
        ("signature_mismatch", "9A5"),
        ("commercial", "9A6"),
        ("prohibited", "9A7"),
        ("port_blocked", "9A8"),
        ("suspended", "9A8"),
        ("frequency", "9A9"),
    ],
)
def test_errors_of_the_contract_s_rules_are_the_agreed_ones(name: str, error: str) -> None:
    assert reason(name).error == error


@pytest.mark.parametrize("name", CLOSED_LIST)
def test_every_reason_has_words_in_both_languages(name: str) -> None:
    row = reason(name)
    assert row.title
    assert row.advice.endswith(".")
    assert re.search(r"[\u4e00-\u9fa5]", row.title_zh)
    assert bool(row.clause) == (name != "none")


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("3.1.9", "clause 3.1.9"),
        ("annex 1.7", "annex 1.7"),
        ("SMPP 3.4 §5.2.21", "SMPP 3.4 §5.2.21"),
        ("", ""),
    ],
)
def test_only_a_clause_of_the_contract_is_cited_as_a_clause(clause: str, words: str) -> None:
    assert cited(clause) == words


def test_refusals_at_bind_use_the_bind_s_own_status() -> None:
    assert BIND_STATUS["not_in_force"] == (CommandStatus.ESME_RBINDFAIL, 0x402)
    assert BIND_STATUS["suspended"] == (CommandStatus.ESME_RBINDFAIL, 0x404)


def test_statuses_of_smpp_5_0_are_those_that_3_4_lacks() -> None:
    assert STATUS_5_0 == {"encoding": CommandStatus.ESME_RINVDCS}
    assert all(status > 0xFF and name in REASONS for name, status in STATUS_5_0.items())


def test_unknown_reason_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match=r"'spam': not one of none, service_kind"):
        reason("spam")


def test_profiles_are_two() -> None:
    assert get_args(StatusProfile) == ("standard", "vendor")
