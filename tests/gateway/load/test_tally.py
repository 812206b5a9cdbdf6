"""Count what a load run sees."""

from __future__ import annotations

import pytest

from gateway.load import tally as tally_module
from gateway.load.tally import Tally, Totals

THROTTLED = 0x58


def test_answers_count_by_status_and_time() -> None:
    tally = Tally()
    tally.note_accepted([1.0, 1.0, None], [b"a", b"b", b"c"], 1.5)
    tally.note_refused(THROTTLED, 1.0, 2.0)
    tally.note_refused(THROTTLED, None, 2.0)
    assert (tally.accepted, tally.refused) == (3, 1)
    assert tally.statuses == {0: 3, THROTTLED: 2}
    assert tally.responses.count == tally.interval.count == 3
    assert tally.totals() == Totals(accepted=3, refused=1)


def test_only_messages_due_in_the_measured_time_enter_the_histograms() -> None:
    tally = Tally(measured_from=10.0, measured_to=20.0)
    tally.note_accepted([9.9, 10.0, 19.9, 20.0], [b""] * 4, 21.0)
    assert tally.responses.count == 2
    assert tally.interval.count == 4
    assert tally.accepted == 4


def test_a_receipt_is_matched_with_its_message() -> None:
    tally = Tally(tracks=True)
    tally.note_accepted([1.0, 2.0], [b"a", b"b"], 2.5)
    tally.note_receipts([b"b"], [b"DELIVRD"], 5.0)
    assert (tally.owed, tally.receipts, tally.states[b"DELIVRD"]) == (1, 1, 1)
    assert tally.round_trips.count == 1
    assert 2.9 < tally.round_trips.quantile(0.5) < 3.1


def test_a_receipt_that_overtook_its_response_is_matched_too() -> None:
    tally = Tally(tracks=True)
    tally.note_receipts([b"a"], [b"DELIVRD"], 3.0)
    tally.note_accepted([1.0], [b"a"], 4.0)
    tally.finish()
    assert (tally.round_trips.count, tally.untracked) == (1, 0)
    assert 1.9 < tally.round_trips.quantile(0.5) < 2.1


def test_a_receipt_of_no_message_is_told_in_the_end() -> None:
    tally = Tally(tracks=True)
    tally.note_accepted([1.0], [b"a"], 2.0)
    for _copy in range(2):
        tally.note_receipts([b"a"], [b"DELIVRD"], 3.0)
    tally.finish()
    assert (tally.untracked, tally.receipts, tally.round_trips.count) == (1, 2, 1)


def test_without_tracking_receipts_are_only_counted() -> None:
    tally = Tally()
    tally.note_accepted([1.0], [b"a"], 2.0)
    tally.note_receipts([b"a"], [b"UNDELIV"], 3.0)
    tally.finish()
    assert (tally.receipts, tally.untracked, tally.round_trips.count) == (1, 0, 0)


def test_no_more_is_tracked_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally_module, "MAX_TRACKED", 2)
    tally = Tally(tracks=True)
    for name in (b"a", b"b", b"c", b"d"):
        tally.note_accepted([1.0], [name], 2.0)
    tally.note_receipts([b"a", b"d", b"x", b"y", b"z"], [b"DELIVRD"] * 5, 3.0)
    tally.finish()
    assert (tally.round_trips.count, tally.untracked) == (1, 2)


def test_a_message_that_is_not_ours_is_not_tracked() -> None:
    tally = Tally(tracks=True)
    tally.note_accepted([None], [b"a"], 2.0)
    tally.note_receipts([b"a"], [b"DELIVRD"], 3.0)
    tally.finish()
    assert (tally.round_trips.count, tally.untracked) == (0, 1)
