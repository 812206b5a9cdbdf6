"""Hold the reports to the registers: every entry is a row, under every column there is."""

from __future__ import annotations

import pytest

from config.loader import load_settings
from metrics.office import Office
from metrics.reports import REPORTS, Source, minute, rows_of
from metrics.sheets import as_csv
from routing.breach_events import CaseOpened
from routing.event import Event
from routing.events import Retained
from routing.office_events import (
    ComplaintMoved,
    ComplaintReceived,
    DocumentFiled,
    HoldPlaced,
    HoldReleased,
    IncidentMoved,
    IncidentOpened,
    NoticeSent,
    WindowDeclared,
)
from routing.registries import Registries
from routing.standing_events import ScopeDrafted

NOON = 1_772_424_000.0
"""2026-03-02T12:00:00+08:00."""
DAY_S = 86_400.0
OFFICE: tuple[Event, ...] = (
    ComplaintReceived(NOON, 1, "police", "12321", "time", "unclear", "party_b", "op",
                      "13300000001", why="at night"),
    ComplaintReceived(NOON + DAY_S, 2, "fire", "12321", "fee", "party_b", "party_b", "op"),
    ComplaintMoved(NOON + DAY_S, 1, "reply", "op"),
    NoticeSent(NOON, 1, "police", "incident", "letter", "party_a", "op", text="a report"),
    IncidentOpened(NOON, 1, "police", "party_a", "security", True, "op", "a break-in"),
    IncidentMoved(NOON + 600, 1, "written_notice", "op", notice=1),
    IncidentMoved(NOON + 7230, 1, "resolve", "op"),
    DocumentFiled(NOON, 1, "police", "service_mail", "M-1", "op", NOON, NOON + 30 * DAY_S),
    WindowDeclared(NOON, 1, "force_majeure", "disaster", NOON, "op", "a flood"),
    CaseOpened(NOON, 1, "police", 13, "serious", "op", "seen"),
    Retained(NOON, "system", NOON - 190 * DAY_S, ("2025-07", "2025-08"), 7),
    HoldPlaced(NOON, 1, NOON - DAY_S, "op", "court file", "A-17"),
    HoldReleased(NOON + 60, 1, "op", "closed"),
)  # fmt: skip


@pytest.fixture
def source() -> Source:
    contract = load_settings(None, {}, {}).contract
    office = Office(contract, port_of=lambda _a, sender: sender, refuses=lambda _text: False)
    for event in OFFICE:
        office.apply(event)
    registries = Registries(contract)
    registries.scopes.apply(ScopeDrafted(NOON, 1, "op", "more users"))
    templates = registries.templates
    templates.apply(templates.draft(NOON, "op", "T01", "您预约的业务已取消。"))
    return Source(office, registries, NOON + 2 * DAY_S)


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_has_rows_with_just_its_columns(name: str, source: Source) -> None:
    report = REPORTS[name]
    rows = rows_of(report, source)
    assert rows
    keys = [column.key for column in report.columns]
    assert [list(row) for row in rows] == [keys] * len(rows)
    assert len(set(keys)) == len(keys)
    for language in ("zh", "en"):
        sheet = report.sheet(language, rows)
        assert len(as_csv(sheet).splitlines()) >= 1 + len(rows)
        assert len(set(sheet.columns)) == len(keys)


def test_a_case_stands_in_the_ledger_and_in_the_calendar(source: Source) -> None:
    (case,) = rows_of(REPORTS["breaches"], source)
    assert (case["row"], case["grade"], case["clause"]) == (13, "serious", "7.3.2")
    (due,) = rows_of(REPORTS["calendar"], source)
    assert (due["case"], due["overdue"], due["due_at"]) == (1, True, "2026-03-02 12:00:00")


def test_an_incident_says_what_was_late_and_how_long_it_took(source: Source) -> None:
    (found,) = rows_of(REPORTS["incidents"], source)
    assert (found["late"], found["minutes"]) == ("authority", 120)
    assert found["report_by"] == "2026-03-03 12:00:00"
    assert found["written_at"] == "2026-03-02 12:00:00"


def test_a_report_is_narrowed_by_account_and_days(source: Source) -> None:
    report = REPORTS["complaints"]
    assert [row["complaint"] for row in rows_of(report, source, "fire")] == [2]
    assert [row["complaint"] for row in rows_of(report, source, "", NOON + 1)] == [2]
    assert [row["complaint"] for row in rows_of(report, source, "", NOON, NOON + DAY_S)] == [1]
    assert len(rows_of(REPORTS["windows"], source, "police")) == 1


def test_the_history_of_a_scope_begins_with_its_draft(source: Source) -> None:
    rows = rows_of(REPORTS["scope"], source)
    assert [(row["step"], row["who"], row["why"]) for row in rows] == [
        ("draft", "op", "more users")
    ]


def test_moments_are_those_of_shanghai_and_none_is_empty() -> None:
    assert [minute(at) for at in (NOON, 0.0, float("inf"))] == ["2026-03-02 12:00:00", "", ""]
