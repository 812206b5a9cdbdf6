"""Hold incidents to annex 1 item 12: 24 hours for both reports, records held, business stopped."""

from __future__ import annotations

import pytest

from metrics.entries import EntryError
from metrics.incidents import IncidentRegister
from metrics.notices import NoticeRegister
from routing.office_events import IncidentMoved, IncidentOpened, NoticeClosed, NoticeSent

FOUND = 1_000_000.0
DAY = 86400.0


def register(
    side: str = "party_a", kind: str = "security", *, major: bool = True
) -> IncidentRegister:
    book = IncidentRegister(NoticeRegister())
    event = IncidentOpened(FOUND, 1, "police", side, kind, major, "desk", "stolen password")
    book.check(event)
    book.apply(event)
    return book


def move(book: IncidentRegister, action: str, at: float = FOUND + 1, notice: int = 0) -> None:
    event = IncidentMoved(at, 1, action, "desk", "why", 0.0, "no. 1", notice)
    book.check(event)
    book.apply(event)


def late(book: IncidentRegister, at: float) -> list[bool]:
    return [duty.late for duty in book.duties(at)]


@pytest.mark.parametrize(("seconds", "expected"), [(DAY, False), (DAY + 1, True)])
def test_exactly_24_hours_are_in_time(seconds: float, expected: bool) -> None:
    book = register()
    assert late(book, FOUND + seconds) == [expected, expected]
    move(book, "report", FOUND + seconds)
    book.notices.apply(
        NoticeSent(FOUND + seconds, 1, "police", "incident", "fax", "party_a", "desk")
    )
    move(book, "written_notice", FOUND + seconds, notice=1)
    assert late(book, FOUND + 5 * DAY) == [expected, expected]
    assert [duty.done_at for duty in book.duties(FOUND)] == [FOUND + seconds] * 2


def test_a_written_notice_that_came_back_is_none() -> None:
    book = register()
    book.notices.apply(NoticeSent(FOUND, 1, "police", "incident", "fax", "party_a", "desk"))
    move(book, "written_notice", notice=1)
    book.notices.apply(NoticeClosed(FOUND + 9, 1, "returned", "desk", why="moved"))
    assert late(book, FOUND + 2 * DAY) == [True, True]


@pytest.mark.parametrize(
    ("side", "kind", "major"),
    [("party_b", "security", True), ("party_a", "fault", True), ("party_a", "security", False)],
)
def test_other_incidents_have_no_such_duty(side: str, kind: str, major: bool) -> None:
    assert register(side, kind, major=major).duties(FOUND + 9 * DAY) == ()


def test_records_are_held_until_released_even_after_the_end() -> None:
    book = register()
    move(book, "resolve")
    move(book, "close", FOUND + 2)
    assert [one.number for one in book.held()] == [1]
    move(book, "release", FOUND + 3)
    assert book.held() == ()
    with pytest.raises(EntryError, match="nothing to release"):
        move(book, "release", FOUND + 4)
    assert register("party_a", "fault").held() == ()


def test_an_emergency_stop_lasts_until_it_is_lifted() -> None:
    book = register()
    move(book, "stop")
    assert (book.stopped("police"), book.stopped("other")) == ((1,), ())
    move(book, "resume", FOUND + 2)
    assert book.stopped("police") == ()
    with pytest.raises(EntryError, match="nothing to resume"):
        move(book, "resume", FOUND + 3)


def test_faults_of_a_side_are_counted_with_the_time_they_took() -> None:
    book = register("party_b", "fault")
    assert book.resolution_s("party_b", FOUND, FOUND + 1) == (1, ())
    move(book, "resolve", FOUND + 60)
    assert book.resolution_s("party_b", FOUND, FOUND + 1) == (1, (60.0,))
    assert book.resolution_s("party_a", FOUND, FOUND + 1) == (0, ())
    assert book.resolution_s("party_b", FOUND + 1, FOUND + 2) == (0, ())


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("side", "user", "party_a, party_b"),
        ("kind", "weather", "allowed are security, fault"),
        ("why", "", "why: empty"),
        ("discovered_at", FOUND + 1, "at latest"),
        ("incident", 2, "the next one is 1"),
    ],
)
def test_a_wrong_incident_is_refused(field: str, value: str | float, words: str) -> None:
    event = IncidentOpened(FOUND, 1, "police", "party_a", "fault", False, "desk", "why")
    setattr(event, field, value)
    with pytest.raises(EntryError, match=words):
        IncidentRegister(NoticeRegister()).check(event)


def test_wrong_steps_are_refused() -> None:
    book = register()
    book.notices.apply(NoticeSent(FOUND, 1, "police", "fee", "fax", "party_a", "desk"))
    for event, words in (
        (IncidentMoved(FOUND, 1, "close", "desk"), "incident 1 is open: 'close' is not allowed"),
        (IncidentMoved(FOUND, 2, "report", "desk"), "no number 2"),
        (IncidentMoved(FOUND, 1, "report", "desk"), "reference: empty"),
        (IncidentMoved(FOUND, 1, "stop", "desk"), "why: empty"),
        (IncidentMoved(FOUND - 1, 1, "resolve", "desk"), "at earliest"),
        (IncidentMoved(FOUND, 1, "written_notice", "desk", notice=1), "subject of notice 1"),
    ):
        with pytest.raises(EntryError, match=words):
            book.check(event)


def test_a_register_rebuilt_from_its_events_is_equal() -> None:
    book = register()
    for place, action in enumerate(("report", "stop", "resolve", "resume", "close", "release")):
        move(book, action, FOUND + place)
    again = IncidentRegister(NoticeRegister())
    for event in book.incidents[1].history:
        again.apply(event)
    assert again == book


@pytest.mark.parametrize(
    ("side", "major", "cause", "words"),
    [
        ("party_a", True, "storm", "'storm', allowed are third_party, malicious, unproven"),
        ("party_b", True, "malicious", "of a major incident of party_b"),
        ("party_a", False, "malicious", "of a minor incident of party_a"),
    ],
)
def test_a_cause_is_for_major_incidents_of_party_a(
    side: str, major: bool, cause: str, words: str
) -> None:
    opened = IncidentOpened(FOUND, 1, "police", side, "fault", major, "desk", "why", cause=cause)
    with pytest.raises(EntryError, match=words):
        IncidentRegister(NoticeRegister()).check(opened)
    book = register(side, major=major)
    with pytest.raises(EntryError, match=words):
        book.check(IncidentMoved(FOUND + 1, 1, "attribute", "desk", "why", cause=cause))


def test_the_cause_may_be_said_later() -> None:
    book = register()
    event = IncidentMoved(FOUND + 1, 1, "attribute", "desk", "no proof came", cause="unproven")
    book.check(event)
    book.apply(event)
    assert (book.incidents[1].cause, book.incidents[1].state) == ("unproven", "open")
