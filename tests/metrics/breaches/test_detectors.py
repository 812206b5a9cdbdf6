"""Hold the detectors: which failed checks show which rows, which facts weigh how much."""

from __future__ import annotations

import pytest

from config.interpretation import Breach
from metrics.breaches.detectors import (
    DETECTORS,
    awaits_delivery,
    consent_row,
    delivered,
    gravest,
    rows_of,
    signature_of,
    waits_for_delivery,
)
from metrics.breaches.rows import ROWS
from routing.events import Failure, Submission, decode_batch, encode_batch
from routing.facts import Facts
from routing.reasons import REASONS
from routing.verdict import Judge
from tests.support.rules import rules as compiled
from tests.support.submissions import submission


def failed(*reasons: str, **changes: object) -> Submission:
    failures = tuple(Failure(reason, "monitor", "") for reason in reasons)
    return submission(failures=failures, **changes)


def test_every_row_that_traffic_or_data_show_has_a_detector() -> None:
    seen = {number for number, row in ROWS.items() if row.detection != "person"}
    assert set(DETECTORS) == seen


def test_patterns_name_reasons_that_exist() -> None:
    named = {reason for d in DETECTORS.values() for p in d.patterns for reason in p.reasons}
    assert named - REASONS.keys() == set()


def test_only_messages_have_patterns() -> None:
    with_patterns = {row for row, detector in DETECTORS.items() if detector.patterns}
    assert all("messages" in DETECTORS[row].sources for row in with_patterns)
    hinted = {row for row, d in DETECTORS.items() if "messages" in d.sources} - with_patterns
    assert hinted == {3, 14, 17}


@pytest.mark.parametrize(
    ("reasons", "rows"),
    [
        (["no_consent"], (1,)),
        (["signature_mismatch"], (4, 27)),
        (["impersonation"], (6,)),
        (["impersonation", "signature_mismatch"], (4, 6, 27)),
        (["impersonation", "commercial"], (6, 23)),
        (["prohibited"], (13,)),
        (["content_unapproved"], (15,)),
        (["service_kind"], (15,)),
        (["scope"], (16,)),
        (["sender_missing"], (19,)),
        (["opted_out"], (20,)),
        (["commercial"], (23,)),
        (["commercial", "signature_missing"], (21, 23)),
        (["signature_missing"], ()),
        (["enterprise_code"], (27,)),
        (["frequency", "throughput", "length"], ()),
        (["scope", "no_consent", "scope"], (1, 16)),
    ],
)
def test_failed_checks_show_rows(reasons: list[str], rows: tuple[int, ...]) -> None:
    assert rows_of(failed(*reasons)) == rows


@pytest.mark.parametrize(
    ("sender", "ton", "rows"),
    [
        ("POLICE", 5, (19,)),
        ("POLICE", 0, (19,)),
        ("10659", 5, (19,)),
        ("１０６", 0, (19,)),
        ("106590990999", 0, ()),
    ],
)
def test_a_denied_sender_that_is_no_number_is_an_anonymous_one(
    sender: str, ton: int, rows: tuple[int, ...]
) -> None:
    assert rows_of(failed("sender_denied", sender=sender, source_ton=ton)) == rows


def test_the_rows_that_a_check_names_stand_in_for_the_table() -> None:
    named = Failure("content_unapproved", "monitor", "", rows=(17,))
    scope = Failure("scope", "monitor", "")
    assert rows_of(submission(failures=(named, scope))) == (16, 17)


def test_a_check_may_name_no_row() -> None:
    """No consent to an advertisement is shown by the check of consents, not by this one."""
    refused = Failure("commercial", "monitor", "", rows=())
    unsigned = Failure("signature_missing", "monitor", "", rows=())
    assert rows_of(submission(failures=(refused, unsigned))) == ()


def test_a_row_that_clause_7_3_has_not_is_passed_over() -> None:
    assert rows_of(submission(failures=(Failure("scope", "monitor", "", rows=(99, 16)),))) == (16,)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("【示例警务】一二三四五六七八啊啊", (3,)),
        ("【示例警务】一二三四五啊啊啊啊啊", (17,)),
        ("【示例警务】退订请携带身份证到窗口办理", (17, 20)),
        ("【示例警务】周年大促，全场五折，拒收请回复R", (17, 23)),
        ("【示例警务】周年大促，全场五折", (17, 20, 23)),
        ("周年大促，全场五折，拒收请回复R", (17, 21, 23)),
        ("【示例警务】一二三四五六七八占位牌", (3, 14)),
        ("【示例警务】一二三四五六七八九十", ()),
    ],
)
def test_what_the_checks_know_reaches_the_ledger_through_the_journal(
    text: str, rows: tuple[int, ...]
) -> None:
    agreed = {
        "template": {"required": True},
        "templates": [{"id": "T1", "text": "一二三四五六七八九十"}],
        "content": {"brands": ["占位牌"]},
    }
    subject = submission(text=text, carrier="")
    Judge(compiled(agreed)).judge(subject, Facts())
    (stored,) = decode_batch(encode_batch([subject]))
    assert isinstance(stored, Submission)
    assert rows_of(stored) == rows


def test_only_the_scope_waits_for_delivery() -> None:
    assert [row for row in ROWS if waits_for_delivery(row)] == [16]
    assert awaits_delivery(failed("no_consent", "scope"))
    assert not awaits_delivery(failed("no_consent"))


def test_delivered_is_one_state() -> None:
    assert [state for state in range(10) if delivered(state)] == [2]


@pytest.mark.parametrize(
    ("complaints", "row"), [(0, 1), (1000, 1), (1001, 8), (10000, 8), (10001, 22)]
)
def test_complaints_set_the_grade_of_service_without_consent(complaints: int, row: int) -> None:
    assert consent_row(complaints, Breach()) == row


def test_the_limits_of_complaints_are_configurable() -> None:
    figures = Breach(consent_serious=2, consent_major=4)
    assert [consent_row(count, figures) for count in range(2, 6)] == [1, 8, 8, 22]


@pytest.mark.parametrize(
    ("rows", "acted"), [((), 0), ((1, 5), 1), ((1, 16), 16), ((21, 23), 23), ((27, 23, 4), 23)]
)
def test_the_gravest_row_is_acted_on(rows: tuple[int, ...], acted: int) -> None:
    assert gravest(rows) == acted


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("【某某商城】您的验证码是123456。", "某某商城"),
        (" 【示例警务】您好", "示例警务"),
        ("您好【示例警务】", ""),
        ("【】您好", ""),
        ("", ""),
    ],
)
def test_a_signature_is_what_a_text_begins_with(text: str, signature: str) -> None:
    assert signature_of(text) == signature
