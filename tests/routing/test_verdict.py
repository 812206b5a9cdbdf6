from __future__ import annotations

from typing import Any

import msgspec
import pytest

from routing.events import Failure, Submission
from routing.facts import Facts
from routing.limits import TokenBucket
from routing.message import Message
from routing.reasons import REASONS
from routing.rules import AccountRules
from routing.verdict import TABLE, Check, Judge, compile_judges, compiled_rows, mode_of
from smpp.constants import CommandStatus
from tests.support.rules import NUMBER, account, rules, shanghai, snapshot
from tests.support.samples import BY_ID, SAMPLES
from tests.support.submissions import ADVERTISEMENT, AT, submission


def fresh(**changes: Any) -> Submission:
    """Give a submission as the server makes it: without service and carrier."""
    return submission(**{"service": "", "carrier": "", **changes})


def judged(
    compiled: AccountRules | None = None, facts: Facts | None = None, **changes: Any
) -> Submission:
    """Give a judged message that came in one PDU."""
    subject = fresh(**changes)
    Judge(compiled or rules()).judge(subject, facts or Facts())
    return subject


def test_accepted_message_is_completed_and_otherwise_left_alone() -> None:
    subject = judged(rules(), recipient="+86 13300000001", service_type="INST")
    assert subject == fresh(
        recipient="13300000001",
        service_type="INST",
        service="instant",
        carrier="telecom",
        rules=1,
    )
    assert (subject.accepted, subject.status, subject.reason) == (True, 0, "none")


@pytest.mark.parametrize(
    ("changes", "recipient", "carrier"),
    [
        ({"recipient": "17000000000"}, "17000000000", "telecom"),
        ({"recipient": "008613800000001"}, "13800000001", "mobile"),
        ({"recipient": "16000000000"}, "16000000000", ""),
        ({"recipient": "8616000000000"}, "16000000000", ""),
        ({"recipient": "1330000000１"}, "1330000000１", ""),
        ({"recipient": "1330000000x"}, "1330000000x", ""),
        ({"recipient": "13300000001", "dest_ton": 5}, "13300000001", ""),
        ({"recipient": "13300000001", "dest_npi": 14}, "13300000001", ""),
        ({"recipient": "13300000001", "dest_ton": 6, "dest_npi": 1}, "13300000001", "telecom"),
        ({"recipient": ""}, "", ""),
    ],
)
def test_recipient_is_normalised_and_its_carrier_named(
    changes: dict[str, Any], recipient: str, carrier: str
) -> None:
    subject = judged(**changes)
    assert (subject.recipient, subject.carrier) == (recipient, carrier)
    names = [failure.reason for failure in subject.failures]
    assert ("destination_invalid" in names) is (carrier == "")


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.id for sample in SAMPLES])
def test_samples_of_a_day_are_accepted(sample: Any) -> None:
    service_type = "INST" if sample.service == "instant" else ""
    subject = judged(text=sample.text, service_type=service_type)
    if sample.id == "T29":  # its signature stands in ASCII brackets
        assert (subject.accepted, subject.reason) == (False, "signature_missing")
        assert "[DEMO POLICE]" in subject.failures[0].detail
        return
    assert (subject.accepted, subject.failures) == (True, ())
    assert subject.service == sample.service


def test_ascii_brackets_are_accepted_where_the_contract_allows_them() -> None:
    allowing = rules({"signature": {"allow_ascii": True}, "signatures": [{"text": "DEMO POLICE"}]})
    assert judged(allowing, text=BY_ID["T29"].text).accepted
    for other in ("[DEMOPOLICE] Code 482913", "[DEMO  POLICE] Code 482913"):
        assert judged(allowing, text=other).reason == "signature_mismatch"


NEGATIVE: list[tuple[str, dict[str, Any], str, str]] = [
    ("N01", {"text": "您的验证码是123456，5分钟内有效。"}, "signature_missing", "ESME_RSUBMITFAIL"),
    ("N02", {"text": "【某某商城】您的验证码是123456。"}, "signature_mismatch", "ESME_RSUBMITFAIL"),
    (
        "N03",
        {"text": "【示例警务】【示例政务】您好，预约成功。"},
        "signature_mismatch",
        "ESME_RSUBMITFAIL",
    ),
    ("N04", {"text": "您好，预约成功。【示例警务】"}, "signature_missing", "ESME_RSUBMITFAIL"),
    (
        "N06",
        {"text": "【中国电信】尊敬的客户，请到营业厅更换实名卡。"},
        "signature_mismatch",
        "ESME_RSUBMITFAIL",
    ),
    ("N05", {"text": ADVERTISEMENT}, "commercial", "ESME_RSUBMITFAIL"),
    (
        "N07",
        {"text": "【示例警务】受中国电信委托，我们联合为您提供流量优惠。"},
        "impersonation",
        "ESME_RSUBMITFAIL",
    ),
    ("N08", {"text": "【示例警务】测试词AAA（占位敏感词）"}, "prohibited", "ESME_RSUBMITFAIL"),
    ("N09", {"text": BY_ID["T18"].text, "recipient": "18600000001"}, "scope", "ESME_RINVDSTADR"),
    ("N13 empty", {"text": BY_ID["T11"].text, "sender": ""}, "sender_missing", "ESME_RINVSRCADR"),
    (
        "N13 TON 5",
        {"text": BY_ID["T11"].text, "sender": "POLICE", "source_ton": 5},
        "sender_denied",
        "ESME_RINVSRCADR",
    ),
    ("N17 MMS", {"service_type": "MMS"}, "service_kind", "ESME_RINVSERTYP"),
    ("N17 smart", {"service_type": "SMART"}, "service_kind", "ESME_RINVSERTYP"),
    (
        "N18",
        {"at": shanghai("2026-12-01T00:00:00"), "validity_at": 0.0},
        "not_in_force",
        "ESME_RSUBMITFAIL",
    ),
]


ALSO = {"N06": ["impersonation"], "N07": ["commercial"]}
"""Sample → what fails beside the check that decides."""


@pytest.mark.parametrize(
    ("name", "changes", "reason", "status"), NEGATIVE, ids=[row[0] for row in NEGATIVE]
)
def test_negative_samples_are_refused_by_their_rule(
    name: str, changes: dict[str, Any], reason: str, status: str
) -> None:
    subject = judged(**changes)
    assert (subject.accepted, subject.reason) == (False, reason)
    assert subject.status == CommandStatus[status]
    assert subject.error == ""
    assert [failure.reason for failure in subject.failures] == [reason, *ALSO.get(name, [])]
    vendor = judged(rules(profile="vendor"), **changes)
    assert vendor.status == REASONS[reason].vendor


def test_anti_fraud_text_that_names_telecom_fraud_passes() -> None:
    assert "电信网络诈骗" in BY_ID["T12"].text
    assert judged(text=BY_ID["T12"].text).accepted


def test_every_failing_check_is_recorded_and_the_first_decides() -> None:
    subject = judged(
        at=shanghai("2026-12-01T00:00:00"),
        service_type="MMS",
        sender="1069000099",
        recipient="03710000000",
        text="您好" * 300,
        validity_at=1.0,
    )
    assert [failure.reason for failure in subject.failures] == [
        "not_in_force",
        "service_kind",
        "sender_denied",
        "destination_invalid",
        "expired_validity",
        "length",
        "signature_missing",
        "scope",
        "no_consent",
    ]
    assert {failure.mode for failure in subject.failures} == {"enforce"}
    assert (subject.reason, subject.status) == ("not_in_force", CommandStatus.ESME_RSUBMITFAIL)


def test_monitored_check_is_recorded_and_the_message_accepted() -> None:
    subject = judged(rules(modes={"scope": "monitor"}), recipient="18600000001")
    assert subject.accepted
    assert (subject.status, subject.reason, subject.error) == (0, "none", "")
    [failure] = subject.failures
    assert (failure.reason, failure.mode) == ("scope", "monitor")


def test_first_enforced_failure_decides_behind_monitored_ones() -> None:
    watching = rules(modes={"sender_denied": "monitor"})
    subject = judged(watching, sender="1069000099", recipient="18600000001")
    assert [failure.mode for failure in subject.failures] == ["monitor", "enforce"]
    assert subject.reason == "scope"


def test_check_that_is_off_is_left_out() -> None:
    off = rules(modes={"scope": "off"})
    assert "scope" not in [row.reason for row in compiled_rows(off)]
    subject = judged(off, recipient="18600000001")
    assert (subject.accepted, subject.failures) == (True, ())


def test_without_a_contract_only_protocol_and_limits_are_checked() -> None:
    plain = rules({"kind": "none"}, {"throughput": {"rate": 1.0}})
    assert [row.reason for row in compiled_rows(plain)] == [
        "fault",
        "throughput",
        "window",
        "queue_full",
        "expired_validity",
        "schedule",
    ]
    subject = judged(
        plain, sender="POLICE", recipient="+14155550100", text="hello", service_type="XYZ"
    )
    assert subject.accepted
    assert (subject.recipient, subject.carrier, subject.service) == ("+14155550100", "", "ordinary")


def test_rows_that_cannot_fail_for_an_account_are_left_out() -> None:
    names = [row.reason for row in compiled_rows(rules())]
    assert "throughput" not in names
    assert "enterprise_code" not in names
    contract = {
        "time_windows": [{"category": "commercial", "opens": "08:00", "closes": "22:00"}],
        "template": {"required": True},
        "routing": {"offnet_policy": "reject"},
        "quota": {"daily": 1},
    }
    full = rules(contract, {"throughput": {"rate": 5.0}, "enterprise_code": "OTHER"})
    assert [row.reason for row in compiled_rows(full)] == [row.reason for row in TABLE]
    server = {"window_overflow": "stop_reading"}
    assert "window" not in [row.reason for row in compiled_rows(rules(None, server))]


def test_account_of_another_enterprise_is_refused() -> None:
    subject = judged(rules(None, {"enterprise_code": "OTHER"}))
    assert (subject.reason, subject.status) == ("enterprise_code", CommandStatus.ESME_RINVSYSID)


@pytest.mark.parametrize(
    ("name", "value", "reason", "status"),
    [
        ("outstanding", 1001, "window", "ESME_RTHROTTLED"),
        ("queued", 2_000_000, "queue_full", "ESME_RMSGQFUL"),
        ("full", "the disk is full", "queue_full", "ESME_RMSGQFUL"),
        ("text_error", "odd number of octets", "encoding", "ESME_RSUBMITFAIL"),
        ("validity_error", "15 characters", "expired_validity", "ESME_RINVEXPIRY"),
        ("schedule_error", "month 13", "schedule", "ESME_RINVSCHED"),
        ("part_octets", 161, "length", "ESME_RINVMSGLEN"),
    ],
)
def test_facts_refuse_with_the_status_of_the_specification(
    name: str, value: Any, reason: str, status: str
) -> None:
    facts = Facts()
    setattr(facts, name, value)
    subject = judged(facts=facts)
    assert (subject.reason, subject.status) == (reason, CommandStatus[status])


@pytest.mark.parametrize(
    ("version", "status"),
    [(0x33, "ESME_RSUBMITFAIL"), (0x34, "ESME_RSUBMITFAIL"), (0x50, "ESME_RINVDCS")],
)
def test_a_text_that_is_no_text_has_a_status_of_its_own_in_smpp_5_0(
    version: int, status: str
) -> None:
    facts = Facts()
    facts.text_error = "odd number of octets"
    subject = judged(facts=facts, interface_version=version)
    assert (subject.reason, subject.status) == ("encoding", CommandStatus[status])


def test_throughput_is_throttled_by_the_bucket_of_the_facts() -> None:
    limited = rules(None, {"throughput": {"rate": 1.0, "burst": 1}})
    facts = Facts(0.0, TokenBucket(1.0, 1.0, 0.0))
    assert judged(limited, facts).accepted
    subject = judged(limited, facts)
    assert (subject.reason, subject.status) == ("throughput", CommandStatus.ESME_RTHROTTLED)


@pytest.mark.parametrize("status", [0x58, 0x14, 0x08])
def test_fault_answers_with_the_status_it_asks_for(status: int) -> None:
    facts = Facts()
    facts.fault_status = status
    subject = judged(facts=facts, fault="throttled")
    assert (subject.accepted, subject.reason, subject.status) == (False, "fault", status)


def test_part_is_judged_by_the_rows_of_its_stage() -> None:
    judge = Judge(rules())
    part = fresh(text="", recipient="8618600000001")
    judge.judge_part(part, Facts())
    assert (part.accepted, part.failures, part.recipient) == (True, (), "18600000001")
    foreign = fresh(text="", sender="1069000099")
    judge.judge_part(foreign, Facts())
    assert (foreign.accepted, foreign.reason, foreign.status) == (False, "sender_denied", 0x0A)
    assert foreign.error == ""


def test_whole_message_is_judged_by_its_text_and_recipient_alone() -> None:
    judge = Judge(rules())
    late = Facts()
    late.outstanding = 5000
    whole = fresh(text=BY_ID["T30"].text, sender=NUMBER, at=shanghai("2026-12-01T00:00:00"))
    judge.judge_whole(whole, late)
    assert (whole.accepted, whole.failures) == (True, ())


@pytest.mark.parametrize(
    ("changes", "reason", "error", "digits"),
    [
        ({"text": "您好" * 60}, "signature_missing", "9A5", "935"),
        ({"recipient": "18600000001"}, "scope", "9A1", "931"),
        ({"text": "【示例警务】" + "。" * 500}, "length", "9B5", "945"),
    ],
)
def test_whole_message_is_refused_by_a_receipt(
    changes: dict[str, Any], reason: str, error: str, digits: str
) -> None:
    for form, expected in (("letters", error), ("digits", digits)):
        subject = fresh(**changes)
        Judge(rules(None, {"receipt": {"errors": form}})).judge_whole(subject, Facts())
        assert (subject.accepted, subject.reason) == (False, reason)
        assert (subject.status, subject.error) == (0, expected)


def test_account_may_move_a_refusal_to_the_receipt() -> None:
    moved = rules(None, {"reject_stage": {"scope": "receipt"}})
    subject = judged(moved, recipient="18600000001")
    assert (subject.accepted, subject.reason) == (False, "scope")
    assert (subject.status, subject.error) == (0, "9A1")


def test_account_may_move_a_whole_message_s_refusal_to_the_last_response() -> None:
    subject = fresh(recipient="18600000001")
    Judge(rules(None, {"reject_stage": {"scope": "submit"}})).judge_whole(subject, Facts())
    assert (subject.status, subject.error) == (0x0B, "9A1")


def broken(submission: Message, rules: AccountRules, facts: Facts) -> str | None:
    raise KeyError("no such thing")


@pytest.mark.parametrize("mode", ["enforce", "monitor"])
def test_check_that_raises_refuses_the_message(mode: str) -> None:
    table = (Check("commercial", "message", broken), *TABLE)
    subject = fresh(recipient="18600000001")
    Judge(rules(modes={"commercial": mode}), table).judge(subject, Facts())
    assert (subject.accepted, subject.reason) == (False, "internal")
    assert subject.status == CommandStatus.ESME_RSYSERR
    assert subject.failures[0] == Failure(
        "internal", "enforce", "check commercial: KeyError: 'no such thing'"
    )
    assert subject.failures[1].reason == "scope"


def test_what_is_watched_for_is_recorded_with_its_rows_and_passes() -> None:
    subject = judged(rules(), text="【示例警务】便民提醒服务，退订请携带身份证到窗口办理。")
    assert (subject.accepted, subject.status, subject.reason) == (True, 0, "none")
    (failure,) = subject.failures
    assert (failure.reason, failure.mode, failure.rows) == ("commercial", "monitor", (20,))


def test_table_is_in_the_order_of_the_walk_and_names_each_check_once() -> None:
    names = [row.reason for row in TABLE]
    assert names == [
        "enterprise_code",
        "not_in_force",
        "suspended",
        "port_blocked",
        "service_kind",
        "sender_missing",
        "sender_denied",
        "destination_invalid",
        "offnet",
        "fault",
        "throughput",
        "window",
        "queue_full",
        "expired_validity",
        "schedule",
        "quota",
        "encoding",
        "length",
        "signature_missing",
        "signature_mismatch",
        "prohibited",
        "impersonation",
        "commercial",
        "time_window",
        "content_unapproved",
        "scope",
        "no_consent",
        "opted_out",
        "frequency",
    ]
    assert set(names) <= set(REASONS)
    stages = [row.stage for row in TABLE]
    assert stages == ["segment"] * 15 + ["message", "message", "both"] + ["message"] * 11


def test_each_row_has_a_function_of_its_own() -> None:
    assert len({row.look for row in TABLE}) == len(TABLE)


def test_clause_of_a_row_is_its_reason_s() -> None:
    assert {row.reason: row.clause for row in TABLE}["scope"] == "3.1.5"


def test_mode_of_an_unnamed_check_is_enforce() -> None:
    assert mode_of(TABLE[-1], rules()) == "enforce"
    assert mode_of(TABLE[-1], rules({"kind": "none"})) == "off"


def test_judges_are_one_per_account() -> None:
    judges = compile_judges(snapshot([account(), account(system_id="second")]))
    assert {name: judge.rules.account for name, judge in judges.items()} == {
        "police": "police",
        "second": "second",
    }


def test_same_submissions_give_the_same_verdicts_byte_for_byte() -> None:
    def run() -> bytes:
        compiled = rules(None, {"throughput": {"rate": 100.0, "burst": 20}})
        judge = Judge(compiled)
        facts = Facts(0.0, compiled.new_bucket(0.0))
        subjects: list[Submission] = []
        for n, sample in enumerate(SAMPLES * 3):
            facts.now = n * 0.004
            subject = fresh(
                at=AT + n, text=sample.text, recipient=f"+86133000{n * 1301:05d}", message_id=n
            )
            judge.judge(subject, facts)
            subjects.append(subject)
        return msgspec.msgpack.encode(subjects)

    assert run() == run()
