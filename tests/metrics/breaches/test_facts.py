"""Hold what the journal's events and the other registers' figures count as."""

from __future__ import annotations

import pytest

from metrics.breaches.escalation import DailyFigures
from metrics.breaches.evidence import Evidence
from metrics.breaches.facts import Facts, key_of
from metrics.breaches.periods import day_number
from metrics.breaches.terms import Terms
from routing.breach_events import BreachSign, EvidenceGathered, TrafficCounted
from routing.event import Event
from routing.events import MoAcknowledged, MoDropped, MoReceived, MoRefused, Outcome
from smpp.constants import MessageState
from tests.support.breaches import ACCOUNT, DAY, OTHER_PORT, PORT, START, message, moment, terms

DELIVERED, UNDELIVERABLE = int(MessageState.DELIVERED), int(MessageState.UNDELIVERABLE)


def facts(of: Terms | None = None) -> Facts:
    return Facts(of or terms(), DailyFigures(30))


def record(found: Facts, at: float = START) -> list[Event]:
    """Record what is fresh, and give the events."""
    events = list(found.gathered(at))
    for event in events:
        if isinstance(event, EvidenceGathered):
            found.evidence_gathered(event)
        else:
            found.traffic_counted(event)
    return list(events)


def of_row(found: Facts, row: int) -> Evidence:
    record(found)
    return found.evidence.get((ACCOUNT, row), Evidence(ACCOUNT, row))


def outcome(message_id: int, state: int, at: float = START + 5.0) -> Outcome:
    return Outcome(at, message_id, state, "000", "ok", "telecom")


def test_a_message_in_order_is_counted_for_its_day_alone() -> None:
    found = facts()
    found.submission(message())
    found.submission(message(at=START + 1.0))
    assert record(found, START + 3599.0) == []
    (event,) = record(found, START + 3600.0)
    assert event == TrafficCounted(START + 3600.0, ACCOUNT, day_number(START), 2)
    assert found.daily.messages == {(ACCOUNT, day_number(START)): 2}
    assert (found.evidence, found.fresh, found.fresh_messages, found.waiting) == ({}, {}, {}, {})


def test_messages_are_recorded_when_their_day_is_over() -> None:
    found = facts()
    at = moment("2026-03-02 23:59:59")
    found.submission(message(at=at))
    assert record(found, at + 0.5) == []
    assert len(record(found, at + 1.0)) == 1


def test_a_refused_message_is_a_warning_and_no_message_of_the_day() -> None:
    found = facts()
    found.submission(message("commercial", accepted=False, message_id=7))
    assert (of_row(found, 23).warnings, of_row(found, 23).breaches) == (1, 0)
    assert of_row(found, 23).message_ids == [7]
    assert (found.daily.breaches, found.fresh_messages) == ({}, {})


def test_a_message_accepted_in_monitor_mode_is_a_breach() -> None:
    found = facts()
    found.submission(message("commercial", message_id=7))
    assert of_row(found, 23).breaches == 1
    assert of_row(found, 23).ports == {PORT: 1}


def test_a_failed_check_that_shows_no_row_leaves_nothing() -> None:
    found = facts()
    found.submission(message("frequency"))
    assert (found.evidence, found.fresh, found.waiting) == ({}, {}, {})


def test_of_several_rows_the_gravest_is_acted_on_and_all_are_recorded() -> None:
    found = facts()
    found.submission(message("commercial", "signature_missing", "no_consent"))
    assert {row: of_row(found, row).breaches for row in (1, 21, 23)} == {1: 1, 21: 1, 23: 1}
    assert {row: of_row(found, row).acted for row in (1, 21, 23)} == {1: 0, 21: 0, 23: 1}


def test_a_recipient_out_of_scope_is_a_breach_once_the_message_is_delivered() -> None:
    found = facts()
    found.submission(message("scope", message_id=7))
    assert of_row(found, 16).count == 0
    found.outcome(outcome(7, DELIVERED))
    assert (of_row(found, 16).breaches, of_row(found, 16).first_at) == (1, START)
    assert found.waiting == {}


def test_a_recipient_out_of_scope_who_was_not_reached_is_a_warning() -> None:
    found = facts()
    found.submission(message("scope", "no_consent", message_id=7))
    found.outcome(outcome(7, UNDELIVERABLE))
    assert (of_row(found, 16).breaches, of_row(found, 16).warnings) == (0, 1)
    assert (of_row(found, 1).breaches, of_row(found, 1).acted) == (1, 1)


def test_a_refused_attempt_out_of_scope_is_a_warning_at_once() -> None:
    found = facts()
    found.submission(message("scope", accepted=False, message_id=7))
    assert of_row(found, 16).warnings == 1
    found.outcome(outcome(7, DELIVERED))
    assert of_row(found, 16).breaches == 0


def test_one_foreign_signature_is_a_warning_of_a_lease_and_a_second_one_a_breach() -> None:
    found = facts()
    found.submission(message("signature_mismatch", text="【某某商城】您好"))
    found.submission(message("signature_mismatch", text="【某某商城】再次"))
    assert (of_row(found, 27).warnings, of_row(found, 27).breaches) == (2, 0)
    assert of_row(found, 4).acted == 2
    found.submission(message("signature_mismatch", text="【另一商城】您好"))
    assert (of_row(found, 27).breaches, of_row(found, 27).acted) == (1, 1)
    found.submission(message("signature_mismatch", text="【第三商城】您好"))
    assert len(found.foreign[ACCOUNT, PORT]) == 2
    assert of_row(found, 27).references == [
        f"{PORT}【{name}】" for name in ("某某商城", "另一商城", "第三商城")
    ]


def test_a_message_shows_each_of_its_signs_once_when_recorded() -> None:
    found = facts()
    found.submission(message("commercial", "signature_missing", message_id=7))
    events = record(found, START + 1.0)
    assert [(e.row, e.acted, e.by_message) for e in events if isinstance(e, EvidenceGathered)] == [
        (21, 0, True), (23, 1, True),
    ]  # fmt: skip
    assert record(found, START + 2.0) == []


def rebuilt(events: list[Event]) -> Facts:
    found = facts()
    for event in events:
        if isinstance(event, EvidenceGathered):
            found.evidence_gathered(event)
        elif isinstance(event, TrafficCounted):
            found.traffic_counted(event)
    return found


def test_facts_are_rebuilt_from_what_was_recorded() -> None:
    found = facts()
    found.unpaid(START, ACCOUNT, "INV-1")
    found.sign(BreachSign(START, ACCOUNT, 27, "operator", "seen", (PORT,), 0, "L-1"))
    for number in range(1, 4):
        found.submission(message("impersonation", "no_consent", at=START + number, message_id=9))
        found.submission(message("signature_mismatch", text="【某某商城】您好", message_id=number))
    events = record(found, START + 7200.0)
    assert rebuilt(events) == found
    found.submission(message("signature_mismatch", text="【另一商城】您好"))
    again = rebuilt(events)
    again.submission(message("signature_mismatch", text="【另一商城】您好"))
    assert of_row(again, 27) == of_row(found, 27)
    again.unpaid(START, ACCOUNT, "INV-1")
    assert of_row(again, 7).breaches == 1


def test_what_is_under_way_after_a_restart_is_taken_up_again() -> None:
    found = facts()
    for event in (
        message("scope", "no_consent", message_id=7),
        message("commercial", message_id=8),
        message("scope", accepted=False, message_id=9),
        message(message_id=10),
    ):
        found.take_up(event)
    found.take_up(MoReceived(START, 3, ACCOUNT, "13300000001", PORT, "TD", 1, "api"))
    assert (list(found.waiting), list(found.refusals)) == ([7], [3])
    assert (found.fresh, found.fresh_messages) == ({}, {})
    found.outcome(outcome(7, DELIVERED))
    assert of_row(found, 16).breaches == 1


def test_a_registered_signature_and_another_port_are_no_sign_of_a_lease() -> None:
    found = facts()
    found.submission(message("signature_mismatch", text="【示例警务】【示例政务】您好"))
    found.submission(message("signature_mismatch", text="【某某商城】您好"))
    found.submission(message("signature_mismatch", text="【另一商城】您好", sender=OTHER_PORT))
    assert (of_row(found, 27).warnings, of_row(found, 27).breaches) == (3, 0)


def test_a_port_used_by_another_enterprise_shows_a_lease_at_once() -> None:
    found = facts()
    found.submission(message("enterprise_code"))
    assert of_row(found, 27).breaches == 1


def test_a_message_without_sender_concerns_all_ports() -> None:
    found = facts()
    found.submission(message("sender_missing", sender=""))
    assert of_row(found, 19).touched() == ()
    assert of_row(found, 19).all_ports


def refusal(found: Facts, text: str = "TD") -> None:
    found.mo_received(MoReceived(START, 3, ACCOUNT, "13300000001", PORT, text, 1, "api"))


def test_a_refusal_that_party_a_never_takes_is_a_breach() -> None:
    found = facts()
    refusal(found)
    found.mo_refused(MoRefused(START + 1.0, 3, 1, 8, "ESME_RSYSERR", 1))
    assert (of_row(found, 2).warnings, of_row(found, 2).breaches) == (1, 0)
    found.mo_dropped(MoDropped(START + 2.0, 3, "age"))
    assert (of_row(found, 2).breaches, of_row(found, 2).references) == (1, ["uplink 3"])
    assert (of_row(found, 2).ports, found.refusals) == ({PORT: 1}, {})


def test_a_refusal_that_party_a_takes_is_none() -> None:
    found = facts()
    refusal(found)
    found.mo_acknowledged(MoAcknowledged(START + 1.0, 3, 1, START))
    found.mo_dropped(MoDropped(START + 2.0, 3, "age"))
    assert (found.refusals, found.fresh) == ({}, {})


def test_other_uplink_messages_are_passed_over() -> None:
    found = facts()
    refusal(found, "收到")
    found.mo_received(MoReceived(START, 4, "", "13300000001", PORT, "TD", 1, "api"))
    found.mo_refused(MoRefused(START, 4, 1, 8, "ESME_RSYSERR", 1))
    found.mo_dropped(MoDropped(START, 4, "age"))
    assert (found.refusals, found.fresh) == ({}, {})


@pytest.mark.parametrize(
    ("failed", "total", "breaches"), [(0, 0, 0), (4, 100, 0), (5, 100, 1), (1, 1, 1)]
)
def test_five_of_a_hundred_failed_unsubscriptions_are_a_breach(
    failed: int, total: int, breaches: int
) -> None:
    found = facts()
    found.unsubscriptions(START, ACCOUNT, failed, total)
    assert of_row(found, 2).breaches == breaches


def test_an_overdue_invoice_is_recorded_once_and_not_acted_on() -> None:
    found = facts()
    found.unpaid(START, ACCOUNT, "INV-1")
    found.unpaid(START + DAY, ACCOUNT, "INV-1")
    assert (of_row(found, 7).breaches, of_row(found, 7).acted) == (1, 0)
    assert of_row(found, 7).references == ["INV-1"]


def test_an_overdue_invoice_is_acted_on_where_the_contract_is_read_so() -> None:
    found = facts(terms(row7_auto=True))
    found.unpaid(START, ACCOUNT, "INV-1")
    assert of_row(found, 7).acted == 1


def test_a_complaint_feeds_the_counters_it_names() -> None:
    found = facts()
    found.complaint(START, ACCOUNT, "C1", ("row5", "monthly"), (PORT,))
    found.complaint(START, ACCOUNT, "C2", ("sla",))
    assert (of_row(found, 5).breaches, of_row(found, 5).references) == (1, ["C1"])
    assert list(found.monthly.values()) == [1]
    assert found.complaints(ACCOUNT, START) == 0


def complained(found: Facts, count: int, at: float = START) -> None:
    for number in range(count):
        found.complaint(at, ACCOUNT, f"C{number}", ("no_consent",), (PORT,))


@pytest.mark.parametrize(("count", "row"), [(1000, 1), (1001, 8), (10000, 8), (10001, 22)])
def test_complaints_of_missing_consent_set_the_row(count: int, row: int) -> None:
    found = facts()
    complained(found, count)
    assert found.consent_row(ACCOUNT, START) == row
    assert of_row(found, 1).breaches == count


def test_graver_complaints_are_acted_on_over_other_general_rows() -> None:
    found = facts(terms(consent_serious=1))
    found.complaint(START, ACCOUNT, "C1", ("no_consent", "row5"))
    assert (of_row(found, 1).acted, of_row(found, 5).acted) == (1, 0)
    found.complaint(START, ACCOUNT, "C2", ("no_consent", "row5"))
    assert (of_row(found, 1).acted, of_row(found, 5).acted) == (2, 0)


@pytest.mark.parametrize(("window", "expected"), [("term", 3), ("trailing12", 2), ("month", 1)])
def test_complaints_are_counted_in_the_window_of_the_contract(window: str, expected: int) -> None:
    found = facts(terms(consent_window=window))
    now = moment("2026-03-31 12:00:00")
    for when in (
        "2023-11-30 23:59:59", "2025-03-31 23:59:59", "2025-04-01 00:00:00",
        "2026-03-01 00:00:00", "2026-03-31 12:00:01",
    ):  # fmt: skip
        complained(found, 1, moment(when))
    assert found.complaints(ACCOUNT, now) == expected


def test_complaints_of_another_account_count_apart() -> None:
    found = facts()
    complained(found, 3)
    assert found.complaints("other", START) == 0


def test_a_message_without_consent_counts_at_the_grade_of_the_complaints() -> None:
    found = facts(terms(consent_serious=0))
    complained(found, 1)
    found.submission(message("no_consent", "scope", accepted=True, message_id=7))
    found.outcome(outcome(7, DELIVERED))
    assert of_row(found, 1).acted == 2
    assert (ACCOUNT, day_number(START), 8) in found.daily.breaches


def test_a_sign_is_a_breach_on_the_ports_it_names() -> None:
    found = facts()
    found.sign(BreachSign(START, ACCOUNT, 18, "operator", "seen", (PORT, OTHER_PORT), 7, "I-1"))
    sign = of_row(found, 18)
    assert (sign.breaches, sign.acted) == (1, 1)
    assert (sign.message_ids, sign.references) == ([7], ["I-1"])
    assert sign.touched() == (PORT, OTHER_PORT)


def test_only_messages_count_for_the_scale_of_a_day() -> None:
    found = facts()
    found.complaint(START, ACCOUNT, "C1", ("row5",))
    record(found)
    assert found.daily.breaches == {}
    found.submission(message("impersonation"))
    record(found)
    assert list(found.daily.breaches) == [(ACCOUNT, day_number(START), 6)]


@pytest.mark.parametrize(("row", "key"), [(1, 1), (8, 1), (22, 1), (16, 16)])
def test_service_without_consent_is_one_breach_of_three_grades(row: int, key: int) -> None:
    assert key_of(row) == key
