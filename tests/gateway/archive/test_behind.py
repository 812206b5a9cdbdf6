"""Hold the messages that the archive lists behind a figure to the figure, on random histories."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive.builder import ArchiveBuilder
from gateway.archive.reader import ArchiveReader
from gateway.journal.reader import SqliteJournalReader
from metrics.sla import Readings, SlaView, Window
from metrics.sla.behind import Cursor, Kind, Listed, Place, Question, Settled, page_of
from metrics.sla.classes import CLASSES
from metrics.sla.windows import DAY_S, date_at
from routing.events import JournalEvent, Replaced
from tests.metrics.sla.test_behind import MESSAGE, NOON, READINGS, UPLINK, history
from tests.metrics.sla.test_counts import Span
from tests.metrics.sla.traffic import folded, mt, outcome, submission
from tests.support.journals import write_journal


def archived(folder: Path, events: list[JournalEvent]) -> ArchiveReader:
    """Build the archive of some events, a batch for every few of them."""
    batches = [(NOON, events[place : place + 7]) for place in range(0, len(events), 7)]
    write_journal(folder, batches or [(NOON, [])])
    journal = SqliteJournalReader(folder)
    builder = ArchiveBuilder(folder, journal, {})
    while builder.advance():
        pass
    builder.close()
    return ArchiveReader(folder, journal)


def listed(view: SlaView, reader: ArchiveReader, question: Question, at: float) -> list[Listed]:
    def settled(kind: Kind, place: Place, until_ms: int, limit: int) -> list[Settled]:
        return asyncio.run(reader.settled(kind, place, until_ms, limit))

    found: list[Listed] = []
    cursor: Cursor | None = Cursor(at)
    while cursor is not None:
        page = page_of(view, question, cursor, settled)
        found += page.items
        cursor = page.next
    return found


def compare(events: list[JournalEvent], view: SlaView, window: Window, at: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reader = archived(Path(folder), events)
        counts = view.counts(window, at)
        direction = view.readings.direction
        for name in CLASSES:
            for service in (None, "ordinary"):
                question = Question(name, window, None, service, 3)
                found = listed(view, reader, question, at)
                figures = counts.classes(service=service, direction=direction)
                assert sum(one.segments for one in found) == getattr(figures, name), name
                assert len({one.id for one in found}) == len(found)
            ids = [one.id for one in found]
            kept = asyncio.run(reader.shown(ids))
            assert sorted(kept) == sorted(ids)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(MESSAGE, max_size=25), st.lists(UPLINK, max_size=8), READINGS,
    st.tuples(st.integers(-25, 25), st.integers(0, 40)),
    st.tuples(st.integers(-25, 25), st.integers(0, 300), st.sampled_from(["", "133"])),
)  # fmt: skip
def test_what_the_archive_lists_is_what_is_counted(
    messages: list[Any], uplinks: list[Any], readings: dict[str, Any], window: tuple[int, int],
    relief: tuple[int, int, str],
) -> None:  # fmt: skip
    events = history(messages, uplinks)
    first, start = NOON + window[0] * DAY_S, NOON + relief[0] * DAY_S
    span = Span(start, start + relief[1] * 3600.0, relief[2])
    compare(
        events,
        SlaView(folded(events), Readings(**readings), span),
        Window(date_at(first), date_at(first + window[1] * DAY_S)),
        NOON + 30 * DAY_S,
    )


def test_edges_of_a_day_and_of_a_schedule_fall_on_the_same_day_everywhere() -> None:
    midnight = NOON + DAY_S / 2
    events: list[JournalEvent] = [
        *mt(1, midnight - 0.0004, after=0.0001), *mt(2, midnight - 0.0006, after=0.0001),
        *mt(3, midnight - 0.001, after=0.0004), *mt(4, midnight - 1, after=2),
        submission(5, midnight - 9, schedule_at=midnight + 5), outcome(5, midnight + 6),
        submission(6, midnight - 9, schedule_at=midnight + 5), outcome(6, midnight - 1),
        submission(7, midnight - 9, schedule_at=midnight + DAY_S),
        Replaced(midnight + 1, 7, "x", 8, 1, 2, 0.0, 0.0), outcome(7, midnight + 2),
        submission(8, midnight - 9, schedule_at=midnight + 5),
        Replaced(midnight - 5, 8, "x", 8, 1, 3, 0.0, midnight + DAY_S),
        outcome(8, midnight + DAY_S + 1),
    ]  # fmt: skip
    view = SlaView(folded(events), Readings())
    for day in range(-1, 3):
        one = date_at(midnight + day * DAY_S)
        compare(events, view, Window(one, one), midnight + 9 * DAY_S)
