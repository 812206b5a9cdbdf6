from __future__ import annotations

from enum import IntEnum

import pytest

from smpp import constants as c
from smpp.constants import BindMode, CommandId, CommandStatus, MessageState, TlvTag

# Read off SMPP 3.4 §5.1.3 and SMPP 5.0 §4.7.6 for this test, in their order.
STATUSES = """
    00 ROK 01 RINVMSGLEN 02 RINVCMDLEN 03 RINVCMDID 04 RINVBNDSTS 05 RALYBND 06 RINVPRTFLG
    07 RINVREGDLVFLG 08 RSYSERR 0A RINVSRCADR 0B RINVDSTADR 0C RINVMSGID 0D RBINDFAIL
    0E RINVPASWD 0F RINVSYSID 11 RCANCELFAIL 13 RREPLACEFAIL 14 RMSGQFUL 15 RINVSERTYP
    33 RINVNUMDESTS 34 RINVDLNAME 40 RINVDESTFLAG 42 RINVSUBREP 43 RINVESMCLASS 44 RCNTSUBDL
    45 RSUBMITFAIL 48 RINVSRCTON 49 RINVSRCNPI 50 RINVDSTTON 51 RINVDSTNPI 53 RINVSYSTYP
    54 RINVREPFLAG 55 RINVNUMMSGS 58 RTHROTTLED 61 RINVSCHED 62 RINVEXPIRY 63 RINVDFTMSGID
    64 RX_T_APPN 65 RX_P_APPN 66 RX_R_APPN 67 RQUERYFAIL C0 RINVOPTPARSTREAM
    C1 ROPTPARNOTALLWD C2 RINVPARLEN C3 RMISSINGOPTPARAM C4 RINVOPTPARAMVAL
    FE RDELIVERYFAILURE FF RUNKNOWNERR 100 RSERTYPUNAUTH 101 RPROHIBITED 102 RSERTYPUNAVAIL
    103 RSERTYPDENIED 104 RINVDCS 105 RINVSRCADDRSUBUNIT 106 RINVDSTADDRSUBUNIT
    107 RINVBCASTFREQINT 108 RINVBCASTALIAS_NAME 109 RINVBCASTAREAFMT 10A RINVNUMBCAST_AREAS
    10B RINVBCASTCNTTYPE 10C RINVBCASTMSGCLASS 10D RBCASTFAIL 10E RBCASTQUERYFAIL
    10F RBCASTCANCELFAIL 110 RINVBCAST_REP 111 RINVBCASTSRVGRP 112 RINVBCASTCHANIND
"""


def test_statuses_have_the_values_of_the_specification() -> None:
    words = STATUSES.split()
    expected = {
        f"ESME_{name}": int(value, 16) for value, name in zip(words[::2], words[1::2], strict=True)
    }
    named = {name: member.value for name, member in CommandStatus.__members__.items()}
    assert named.items() >= expected.items()
    assert set(named.values()) == set(expected.values())


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("ESME_RINVTLVSTREAM", "ESME_RINVOPTPARSTREAM"),
        ("ESME_RTLVNOTALLWD", "ESME_ROPTPARNOTALLWD"),
        ("ESME_RINVTLVLEN", "ESME_RINVPARLEN"),
        ("ESME_RMISSINGTLV", "ESME_RMISSINGOPTPARAM"),
        ("ESME_RINVTLVVAL", "ESME_RINVOPTPARAMVAL"),
    ],
)
def test_a_status_that_version_5_renamed_has_both_names(new: str, old: str) -> None:
    assert CommandStatus[new] is CommandStatus[old]
    assert CommandStatus[old].name == new


def test_a_response_has_the_id_of_its_request_and_the_response_bit() -> None:
    names = {member.name for member in CommandId}
    for member in CommandId:
        if member.name.endswith("_RESP"):
            request = CommandId[member.name.removesuffix("_RESP")]
            assert member == request | c.RESPONSE_BIT
    without = {member.name for member in CommandId if f"{member.name}_RESP" not in names}
    requests = {name for name in without if not name.endswith("_RESP")}
    assert requests == {"OUTBIND", "ALERT_NOTIFICATION", "GENERIC_NACK"}


def test_each_state_has_a_receipt_word_of_seven_letters_and_back() -> None:
    assert set(c.RECEIPT_WORDS) == set(MessageState)
    for state, word in c.RECEIPT_WORDS.items():
        assert len(word) == 7
        assert c.STATES_OF_RECEIPT_WORDS[word] == state


def test_states_that_may_still_change_are_not_final() -> None:
    assert set(MessageState) - c.FINAL_STATES == {
        MessageState.SCHEDULED,
        MessageState.ENROUTE,
        MessageState.UNKNOWN,
    }


def test_bind_modes_combine_like_bits() -> None:
    assert BindMode.TX | BindMode.RX == BindMode.TRX
    assert set(c.BIND_MODES.values()) == set(BindMode)


def test_the_groups_of_esm_class_share_no_bit_and_leave_none_out() -> None:
    groups = (c.ESM_MODE_MASK, c.ESM_TYPE_MASK, c.ESM_UDHI, c.ESM_REPLY_PATH)
    assert sum(groups) == 0xFF


def test_what_kannel_asks_for_is_a_receipt_and_an_intermediate_notification() -> None:
    assert 17 & c.RECEIPT_MASK == c.RECEIPT_ALWAYS
    assert 17 & c.INTERMEDIATE_NOTIFICATION
    assert 67 & c.ESM_TYPE_MASK == c.ESM_TYPE_DEFAULT
    assert 67 & c.ESM_UDHI


@pytest.mark.parametrize("names", [CommandId, TlvTag, c.Ton, c.Npi, c.DataCoding, c.MessageState])
def test_no_two_names_share_a_value(names: type[IntEnum]) -> None:
    assert len(names.__members__) == len({member.value for member in names})
