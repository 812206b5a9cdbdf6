"""Count a history in two ways that share no code; a count that is off is found."""

from __future__ import annotations

from metrics.reconciliation import (
    Figures,
    JournalCount,
    Key,
    Table,
    apart,
    differences,
    ledger_table,
)
from metrics.sla.ledger import SlaLedger
from routing.events import JournalEvent, MoDropped, MoReceived, Replaced
from tests.support.journals import History
from tests.support.submissions import AT, MESSAGE_ID, submission

KEY = Key("2026-02", "police", "ordinary", "mt")


def both(events: list[JournalEvent]) -> dict[str, Table]:
    count, ledger = JournalCount(), SlaLedger(lambda _state, _error: "party_a")
    for event in events:
        count.apply(event)
        ledger.apply(event)
    return {"journal": count.finished(), "index": ledger_table(ledger)}


def test_invented_histories_are_counted_alike() -> None:
    for seed in range(40):
        events = [event for _, batch in History(seed).batches(60) for event in batch]
        tables = both(events)
        assert differences(tables) == []
        assert sum(row.ended for row in tables["journal"].values()) > 10


def test_a_message_belongs_to_the_month_in_which_its_delivery_begins() -> None:
    later = AT + 10 * 86_400.0
    events: list[JournalEvent] = [
        submission(schedule_at=later),
        submission(message_id=MESSAGE_ID + 1),
        Replaced(AT + 1, MESSAGE_ID + 1, "text", 8, 1, 3, later + 86_400, later),
        submission(message_id=MESSAGE_ID + 2, accepted=False, status=8, reason="opted_out"),
        MoReceived(AT, MESSAGE_ID + 3, "police", "13300000001", "106590990371", "CX", 1, "", 0),
        MoDropped(AT + 5, MESSAGE_ID + 3, "age"),
    ]
    tables = both(events)
    assert differences(tables) == []
    assert tables["journal"] == {
        KEY._replace(month="2026-03"): Figures(under_way=2),
        KEY: Figures(refused=1),
        KEY._replace(direction="mo"): Figures(ended=1),
    }


def test_each_figure_that_differs_is_named_with_every_count() -> None:
    good: Table = {KEY: Figures(ended=5, delivered=4, segments=8)}
    wrong: Table = {KEY: Figures(ended=5, delivered=4, segments=6)}
    [found] = differences({"journal": good, "archive": wrong, "index": good})
    assert (found.key, found.figure) == (KEY, "segments")
    assert found.counts == {"journal": 8, "archive": 6, "index": 8}
    assert apart([found]) == 2


def test_what_one_way_lacks_differs_and_earlier_months_are_left_out() -> None:
    tables: dict[str, Table] = {"journal": {KEY: Figures(ended=3)}, "archive": {}}
    assert apart(differences(tables)) == 3
    assert differences(tables, "2026-03") == []
