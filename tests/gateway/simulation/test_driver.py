"""Live through simulated days with the whole gateway: real journal, real archive, no socket."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest

from config.loader import load_settings
from config.section import SHANGHAI
from config.traffic import load_day
from gateway.archive.database import delete_archive, reading_archive
from gateway.archive.figures import FiguresReader
from gateway.clock import ManualClock, SystemClock
from gateway.journal.files import journal_files, month_in
from gateway.journal.reader import SqliteJournalReader
from gateway.log import open_log
from gateway.reconciling import recent_difference, reconcile
from gateway.recovery import Wanted, recover
from gateway.simulation.driver import (
    SETTINGS,
    Outcome,
    Progress,
    Simulation,
    SimulationError,
    SimulationOptions,
    midnight,
)
from gateway.simulation.loop import run_simulated
from gateway.verification import verify
from metrics.sla import Readings, SlaView
from metrics.sla.windows import month_of
from routing.breach_events import CaseMoved
from routing.events import Attempted, JournalEvent, MoReceived, Retained, Submission
from routing.events import Outcome as Ended
from routing.office_events import ComplaintReceived, IncidentOpened, WindowDeclared
from routing.settlement_events import PaymentReceived, StatementIssued

FIRST = date(2023, 12, 1)


def live(
    data: Path,
    last: date,
    per_day: int,
    *,
    seed: int = 1,
    events: bool = True,
    watch: list[Progress] | None = None,
    stop_after: int = 0,
    keep_all: bool = False,
) -> Outcome:
    """Simulate into a folder; with `stop_after` a stop is asked for after so many days."""
    overrides: dict[str, object] = {
        **SETTINGS,
        "data.dir": str(data),
        "network.profile": "healthy",
        "network.seed": seed,
    }
    settings = load_settings(None, {}, overrides)
    clock = ManualClock(midnight(FIRST))
    log = open_log(StringIO(), SystemClock.at, as_json=True)
    options = SimulationOptions(FIRST, last, per_day, seed, events, keep_all)

    def progress(done: Progress) -> None:
        if watch is not None:
            watch.append(done)
        if done.days == stop_after:
            simulation.stopping = True

    simulation = Simulation(settings, options, load_day(), clock, log, progress)
    outcome: Outcome = run_simulated(simulation.run(), clock)
    return outcome


def events_of(data: Path) -> list[JournalEvent]:
    return [event for _, _, events in SqliteJournalReader(data).read(0) for event in events]


def test_days_of_traffic_leave_a_journal_and_an_archive_that_agree(tmp_path: Path) -> None:
    outcome = live(tmp_path, date(2023, 12, 5), 200)
    assert (outcome.days, outcome.refused) == (5, 0)
    assert outcome.submitted == outcome.accepted > 800
    assert verify(tmp_path).problem_count == 0
    recorded = events_of(tmp_path)
    submitted = [event for event in recorded if isinstance(event, Submission)]
    days = Counter(datetime.fromtimestamp(event.at, SHANGHAI).day for event in submitted)
    assert days.keys() == {1, 2, 3, 4, 5}
    ended = sum(isinstance(event, Ended) for event in recorded)
    with reading_archive(tmp_path) as archive:
        [(messages,)] = archive.execute("SELECT count(*) FROM messages WHERE state <> 1")
    assert ended == messages


def test_the_same_seed_gives_the_same_journal_event_for_event(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("same", 3), ("other", 4)):
        live(tmp_path / name, date(2023, 12, 8), 60, seed=seed)
    one, same, other = (events_of(tmp_path / name) for name in ("one", "same", "other"))
    assert one == same
    assert one != other


def test_retries_and_expiries_happen_at_their_time(tmp_path: Path) -> None:
    live(tmp_path, date(2023, 12, 6), 300, events=False)
    recorded = events_of(tmp_path)
    attempts = [event for event in recorded if isinstance(event, Attempted)]
    assert attempts
    assert all(event.next_at > event.at for event in attempts)
    began = {e.message_id: e.at for e in recorded if isinstance(e, Submission)}
    expired = [e for e in recorded if isinstance(e, Ended) and e.state == 3]
    waited_h = [(event.at - began[event.message_id]) / 3600 for event in expired]
    assert waited_h
    assert all(71.9 < hours < 73.5 for hours in waited_h)


def test_a_year_has_complaints_faults_a_cut_cable_and_a_case(tmp_path: Path) -> None:
    outcome = live(tmp_path, date(2024, 12, 31), 8, keep_all=True)
    recorded = events_of(tmp_path)
    counts = Counter(type(event) for event in recorded)
    assert counts[ComplaintReceived] > 3
    assert counts[IncidentOpened] >= 2
    assert counts[WindowDeclared] == 1
    assert counts[MoReceived] == outcome.replies
    assert counts[StatementIssued] == 2
    paid = [event for event in recorded if isinstance(event, PaymentReceived)]
    assert [event.purpose for event in paid] == ["fee", "late_fee", "fee"]
    steps = [event.state for event in recorded if isinstance(event, CaseMoved)]
    assert {"confirmed", "notice_sent", "rectification", "confirmed_pass", "closed"} <= set(steps)
    assert outcome.statuses["ESME_RSUBMITFAIL"] > 0  # while the access number was blocked
    assert outcome.days == 397
    assert verify(tmp_path).problem_count == 0


def lasting_and_figures(data: Path) -> tuple[list[JournalEvent], list[tuple[int, ...]]]:
    """Give what a start hears of the past, and the results of each month."""
    heard: list[JournalEvent] = []
    recover(data, {}, Wanted(lasting=heard.append))
    journal = SqliteJournalReader(data)
    reader = FiguresReader(data, journal, lambda _state, _error: "party_a")
    view = SlaView(asyncio.run(reader.ledger()), Readings())
    at = journal.last_at()
    months = [date(2023, 12, 1), *(date(2024, month, 1) for month in range(1, 9))]
    return heard, [tuple(view.counts(month_of(one), at).classes()) for one in months]


def test_months_that_nothing_keeps_go_and_the_same_is_known_after(tmp_path: Path) -> None:
    whole, kept = tmp_path / "whole", tmp_path / "kept"
    live(whole, date(2024, 8, 2), 8, keep_all=True)
    outcome = live(kept, date(2024, 8, 2), 8)
    # From July on December may go, from August January and February; May's period is over.
    assert outcome.removed == 3
    assert next(month_in(path) for path in journal_files(kept)) == "2024-03"
    for life, first in ((whole, "2023-12"), (kept, "2024-04")):
        counted = reconcile(life)
        assert (counted.difference, counted.months[0]) == (0, first)
        assert recent_difference(life, SqliteJournalReader(life).last_at()) == 0
    assert verify(kept).problem_count == 0
    expected, figures = lasting_and_figures(whole)
    assert figures[0][0] > 100
    for archive in ("kept", "lost"):
        if archive == "lost":
            delete_archive(kept)
        found, again = lasting_and_figures(kept)
        assert again == figures
        assert [one for one in found if not isinstance(one, Retained)] == expected


def test_who_asks_it_to_stop_gets_whole_days(tmp_path: Path) -> None:
    seen: list[Progress] = []
    outcome = live(tmp_path, date(2023, 12, 20), 50, watch=seen, stop_after=2)
    assert [done.days for done in seen] == [1, 2]
    assert seen[0].of_days == 20
    assert outcome.days == 2
    assert verify(tmp_path).problem_count == 0


def test_a_contract_without_numbers_can_not_be_lived(tmp_path: Path) -> None:
    settings = load_settings(None, {}, {"data.dir": str(tmp_path), "contract": "none"})
    options = SimulationOptions(FIRST, FIRST, 1, 1)
    log = open_log(StringIO(), SystemClock.at, as_json=True)
    with pytest.raises(SimulationError, match="names no"):
        Simulation(settings, options, load_day(), ManualClock(midnight(FIRST)), log)
