"""Remove months from a running gateway: what must stay known does, and the journal alone has it."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from gateway.archive.database import delete_archive
from gateway.clock import ManualClock
from gateway.ids import MessageIds
from gateway.journal.files import file_of, journal_files, month_in
from gateway.journal.reader import SqliteJournalReader
from gateway.recovery import Wanted, recover
from gateway.retention import RetentionError
from gateway.verification import verify
from metrics.sla import Readings, SlaView
from metrics.sla.windows import month_of
from routing.events import Carried, JournalEvent, Outcome, Retained
from routing.office_events import ComplaintReceived, HoldPlaced
from routing.registry_events import OptedOut
from tests.support.inprocess import Running, running, until
from tests.support.journals import write_journal
from tests.support.rules import shanghai
from tests.support.submissions import submission

NOW = shanghai("2026-09-10T12:00:00")
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
KEPT = ("2026-03", "2026-04")
PER_MONTH = 20
FAILED = 2
"""Of those of a month."""


def noon(month: str) -> float:
    return shanghai(f"{month}-10T12:00:00")


def history(data: Path) -> dict[str, list[int]]:
    """Write four months of messages, with a user's refusal in the first; gives the ids."""
    ids: dict[str, list[int]] = {}
    batches: list[tuple[float, list[JournalEvent]]] = []
    for month in MONTHS:
        clock = ManualClock(at=noon(month))
        ids[month] = MessageIds(clock.at, 0).next_many(PER_MONTH)
        at = clock.at()
        for place, one in enumerate(ids[month]):
            liability = "carrier" if place < FAILED else "ok"
            state = 5 if place < FAILED else 2
            batches.append((at, [
                submission(message_id=one, at=at, recipient=f"1330000{place:04d}",
                           registered_delivery=0, validity_at=at + 60),
                Outcome(at + 3, one, state, "000", liability, "telecom"),
            ]))  # fmt: skip
        if month == MONTHS[0]:
            batches.append((at, [OptedOut(at, "13300000077", source="operator", who="op")]))
    write_journal(data, batches)
    return ids


def months_on_disk(data: Path) -> list[str]:
    return [month_in(path) for path in journal_files(data)]


def events_of(data: Path) -> list[JournalEvent]:
    return [one for _, _, events in SqliteJournalReader(data).read(0) for one in events]


async def figures(run: Running) -> list[tuple[int, int]]:
    """Give the months' segments that went well and those that failed by the carrier's doing."""
    view = SlaView(await run.gateway.figures.ledger(), Readings())
    found = [view.counts(month_of(date.fromisoformat(f"{m}-01")), NOW).classes() for m in MONTHS]
    return [(one.ok, one.carrier) for one in found]


async def remove(run: Running, who: str = "op") -> tuple[str, ...]:
    retention = run.gateway.retention
    assert retention is not None
    return await retention.remove(who)


WHOLE = [(PER_MONTH - FAILED, FAILED)] * len(MONTHS)


async def test_old_months_go_and_what_must_stay_known_stays(tmp_path: Path) -> None:
    ids = history(tmp_path)
    async with running(tmp_path, clock=ManualClock(at=NOW)) as run:
        assert await figures(run) == WHOLE
        assert await remove(run) == MONTHS[:2]
        assert await remove(run) == ()
        assert months_on_disk(tmp_path) == [*KEPT, "2026-09"]
        assert await figures(run) == WHOLE
        messages = run.gateway.messages
        assert await messages.get(str(ids["2026-03"][0])) is not None
        assert [one.months for one in run.gateway.office.retention.removals] == [MONTHS[:2]]
    report = verify(tmp_path)
    assert (report.problems, report.archive) == ([], "agrees")
    assert report.messages == 2 * PER_MONTH


@pytest.mark.parametrize("archive", ["kept", "lost"])
async def test_the_next_start_knows_it_too(tmp_path: Path, archive: str) -> None:
    history(tmp_path)
    clock = ManualClock(at=NOW)
    async with running(tmp_path, clock=clock) as run:
        await remove(run)
    if archive == "lost":
        delete_archive(tmp_path)
    async with running(tmp_path, clock=clock) as run:
        rules = run.gateway.policy.rules
        assert list(rules.registries.optouts.numbers()) == [13300000077]
        assert [one.who for one in run.gateway.office.retention.removals] == ["op"]
        assert await figures(run) == WHOLE
        archiver = run.gateway.archive
        assert archiver is not None
        journal = run.gateway.journal
        await until(lambda: archiver.sequence >= journal.sequence)
        assert await figures(run) == WHOLE
    assert verify(tmp_path).problems == []


async def test_a_second_removal_carries_over_what_the_first_did(tmp_path: Path) -> None:
    history(tmp_path)
    clock = ManualClock(at=NOW)
    async with running(tmp_path, clock=clock) as run:
        assert await remove(run) == MONTHS[:2]
        clock.advance(31 * 86_400.0)
        assert await remove(run) == MONTHS[2:3]
    delete_archive(tmp_path)
    found = SqliteJournalReader(tmp_path).carried_over(0)
    assert found is not None
    assert len(found.lasting) == 1  # the removals are in months that are there
    async with running(tmp_path, clock=clock) as run:
        assert await figures(run) == WHOLE
        assert len(run.gateway.office.retention.removals) == 2
    assert verify(tmp_path).problems == []


async def test_a_removal_cut_short_loses_nothing_and_is_done_again(tmp_path: Path) -> None:
    """The record is on disk, one file is gone, the power fails before the second."""
    history(tmp_path)
    clock = ManualClock(at=NOW)
    february = file_of(tmp_path, "2026-02")
    saved = [(path, path.read_bytes()) for path in february.parent.glob(february.name + "*")]
    async with running(tmp_path, clock=clock) as run:
        await remove(run)
    for path, content in saved:
        path.write_bytes(content)
    for archive in ("kept", "lost"):
        if archive == "lost":
            delete_archive(tmp_path)
        assert verify(tmp_path).problems == []
        wanted: list[JournalEvent] = []
        recover(tmp_path, {}, Wanted(lasting=wanted.append))
        assert [type(one) for one in wanted] == [OptedOut, Retained]
        async with running(tmp_path, clock=clock) as run:
            assert await figures(run) == WHOLE
    async with running(tmp_path, clock=clock) as run:
        assert await remove(run) == ("2026-02",)
        assert await figures(run) == WHOLE
    assert verify(tmp_path).problems == []


async def test_a_damaged_carry_over_is_found(tmp_path: Path) -> None:
    history(tmp_path)
    async with running(tmp_path, clock=ManualClock(at=NOW)) as run:
        await remove(run)
    carried = [one for one in events_of(tmp_path) if isinstance(one, Carried)]
    assert [one.kind for one in carried] == ["numbers", "lasting", "figures"]
    # A chain that is whole, and a carry-over that lacks its last part.
    from routing import carry_over

    with pytest.raises(carry_over.CarryOverError, match="should be"):
        carry_over.put_together(carried[:2])


async def test_orders_complaints_and_messages_under_way_hold_their_months(tmp_path: Path) -> None:
    ids = history(tmp_path)
    async with running(tmp_path, clock=ManualClock(at=NOW)) as run:
        record = run.gateway.registrar.record
        await record([HoldPlaced(NOW, 1, noon("2026-02"), "op", "court file")])
        assert await remove(run) == MONTHS[:1]
        complaint = ComplaintReceived(
            NOW, 1, "police", "12321", "other", "unclear", "party_b", "op",
            message_id=ids["2026-02"][3],
        )  # fmt: skip
        await record([complaint])
        retention = run.gateway.retention
        assert retention is not None
        months = {one.name: [why.what for why in one.kept_by] for one in await retention.months()}
        assert months["2026-02"] == ["order", "complaint"] or set(months["2026-02"]) == {
            "order", "complaint",
        }  # fmt: skip
        assert months["2026-03"][0] in ("order", "complaint")
        assert "schedule" in months["2026-03"]
        assert await remove(run) == ()


async def test_nothing_goes_while_the_archive_is_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.retention.ARCHIVE_S", 0.0)
    history(tmp_path)
    async with running(tmp_path, clock=ManualClock(at=NOW)) as run:
        archive = run.gateway.archive
        assert archive is not None
        await until(lambda: archive.sequence >= run.gateway.journal.sequence)
        pid = archive.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            for _ in range(50):
                await asyncio.sleep(0)  # what it has said is read
            seen, archive.sequence = archive.sequence, 3
            with pytest.raises(RetentionError, match="has seen batch 3, not yet 41"):
                await remove(run)
            archive.sequence = seen
        finally:
            os.kill(pid, signal.SIGCONT)
    assert months_on_disk(tmp_path) == [*MONTHS, "2026-09"]
    assert not any(isinstance(one, Carried | Retained) for one in events_of(tmp_path))


async def test_automatic_removal_begins_with_the_start(tmp_path: Path) -> None:
    history(tmp_path)
    clock = ManualClock(at=NOW)
    async with running(tmp_path, clock=clock, data__retention="automatic") as run:
        await until(lambda: run.gateway.office.retention.removals)
        assert run.gateway.office.retention.removals[0].who == "system"
        assert months_on_disk(tmp_path) == [*KEPT, "2026-09"]


async def test_without_being_told_nothing_is_removed(tmp_path: Path) -> None:
    history(tmp_path)
    async with running(tmp_path, clock=ManualClock(at=NOW)):
        names = {task.get_name() for task in asyncio.all_tasks()}
        assert "housekeeping" in names
        assert "retention" not in names
        assert months_on_disk(tmp_path) == [*MONTHS, "2026-09"]


async def test_a_file_that_cannot_be_read_is_told_of(tmp_path: Path) -> None:
    history(tmp_path)
    async with running(tmp_path, clock=ManualClock(at=NOW)) as run:
        await remove(run)
    file_of(tmp_path, "2026-03").write_bytes(b"no database")
    with pytest.raises(sqlite3.DatabaseError):
        SqliteJournalReader(tmp_path).carried_over(0)
