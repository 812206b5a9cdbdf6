from __future__ import annotations

from config.loader import load_settings
from metrics.due import due
from metrics.office import Office
from routing.assessment_events import AssessmentMoved
from routing.breach_events import CaseOpened
from routing.event import Event
from routing.office_events import (
    ComplaintMoved,
    ComplaintReceived,
    DocumentFiled,
    IncidentOpened,
    NoticeClosed,
    NoticeSent,
    UnsubscribeCalled,
    WindowDeclared,
)

NOON = 1_800_000_000.0
DAY_S = 86_400.0


def _office(*events: Event) -> Office:
    contract = load_settings(None, {}, {}).contract
    made = Office(contract, port_of=lambda _a, sender: sender, refuses=lambda _text: False)
    for event in events:
        made.apply(event)
    return made


def _complaint(number: int) -> ComplaintReceived:
    return ComplaintReceived(NOON, number, "police", "10000", "time", "unclear", "party_b", "op")


def test_every_register_has_its_tasks_the_most_urgent_first() -> None:
    office = _office(
        _complaint(1),
        IncidentOpened(NOON, 1, "police", "party_a", "security", True, "op", "a break-in"),
        DocumentFiled(NOON, 1, "police", "service_mail", "M-1", "op", NOON, NOON + 30 * DAY_S),
        WindowDeclared(NOON, 1, "force_majeure", "disaster", NOON, "op", "a flood"),
        CaseOpened(NOON, 1, "police", 13, "serious", "op", "seen"),
        UnsubscribeCalled(NOON, "police", "13300000001", "timeout", NOON, 3.0),
    )
    found = due(office, NOON)
    assert [task.entry for task in found] == [
        "window 1", "case 1", "complaint 1", "incident 1", "incident 1", "unsubscription",
        "document 1",
    ]  # fmt: skip
    assert [task.due_at for task in found] == sorted(task.due_at for task in found)
    assert not any(task.overdue for task in found)
    assert all(task.detail and task.detail_zh and task.clause for task in found)
    later = due(office, NOON + 31 * DAY_S)
    assert [task.entry for task in later if not task.overdue] == ["window 1"]


def test_a_clock_that_is_answered_is_no_task() -> None:
    office = _office(_complaint(1), _complaint(2), ComplaintMoved(NOON + 60, 1, "reply", "op"))
    assert [task.entry for task in due(office, NOON + 60)] == ["complaint 2"]


def test_the_number_of_a_user_is_in_no_task() -> None:
    office = _office(UnsubscribeCalled(NOON, "police", "13300000001", "timeout", NOON, 3.0))
    (task,) = due(office, NOON)
    assert "13300000001" not in "".join(map(str, task))


def test_a_rectification_that_was_demanded_is_due_until_it_is_accepted() -> None:
    year = "2023-12-01"
    office = _office(AssessmentMoved(NOON, year, "order", "op", "slow", deadline=NOON + DAY_S))
    (task,) = due(office, NOON)
    assert (task.entry, task.due_at, task.overdue) == (f"assessment {year}", NOON + DAY_S, False)
    assert due(office, NOON + 2 * DAY_S)[0].overdue
    office.apply(AssessmentMoved(NOON + 1, year, "complete", "op"))
    assert "rejects" in due(office, NOON + 2)[0].detail
    office.apply(AssessmentMoved(NOON + 2, year, "accept", "op"))
    assert due(office, NOON + 3) == ()


def test_who_was_urged_has_thirty_days() -> None:
    office = _office(
        NoticeSent(NOON, 1, "police", "urging", "letter", "party_a", "op"),
        NoticeSent(NOON, 2, "police", "other", "letter", "party_a", "op"),
    )
    assert due(office, NOON) == ()
    for number in (1, 2):
        office.apply(NoticeClosed(NOON, number, "delivered", "op", proof="signed slip"))
    (task,) = due(office, NOON)
    assert (task.entry, task.clause, task.overdue) == ("notice 1", "7.9", False)
    assert 30 * DAY_S < task.due_at - NOON <= 31 * DAY_S
    assert due(office, task.due_at)[0].overdue
    assert due(office, NOON + 70 * DAY_S) == ()
