from __future__ import annotations

from math import isnan

from config.loader import load_settings
from metrics.sla import SlaLedger, SlaView, readings_of
from metrics.sla.windows import WINDOWS
from metrics.sla_gauges import CLASSES, sla_gauges
from routing.events import JournalEvent, Outcome
from smpp.constants import MessageState
from tests.support.submissions import AT, submission

CONTRACT = load_settings(None, {}, {}).contract
READINGS = readings_of(CONTRACT.sla, CONTRACT.billing)


def view_of(*events: JournalEvent) -> SlaView:
    ledger = SlaLedger(lambda _state, _error: "party_a")
    for event in events:
        ledger.apply(event)
    return SlaView(ledger, READINGS)


def test_without_traffic_nothing_is_measured_and_all_is_met() -> None:
    found = sla_gauges(CONTRACT, view_of(), [], ["police"], AT)
    assert found.ratio.keys() == found.met.keys() == {(name,) for name in WINDOWS}
    assert all(isnan(value) for value in found.ratio.values())
    assert set(found.met.values()) == {1.0}
    assert found.billed == {("police", "mt"): 0.0, ("police", "mo"): 0.0}
    assert found.as_of == AT


def test_every_window_shows_its_segments_and_whether_it_is_met() -> None:
    ends = [(MessageState.DELIVERED, "ok")] * 3 + [(MessageState.UNDELIVERABLE, "carrier")]
    events: list[JournalEvent] = []
    for number, (state, liability) in enumerate(ends, 1):
        events.append(submission(message_id=number))
        events.append(Outcome(AT + 5, number, state, "000", liability, "telecom", 1))
    found = sla_gauges(CONTRACT, view_of(*events), [], ["police"], AT + 60)
    for name in WINDOWS:
        assert found.ratio[name,] == 0.75
        counts = {kind: found.segments[name, kind] for kind in CLASSES}
        assert (counts["ok"], counts["carrier"], sum(counts.values())) == (3.0, 1.0, 4.0)
    assert found.billed["police", "mt"] == 3.0


def test_too_many_complaints_miss_the_index_where_both_limbs_are_asked_for() -> None:
    both = CONTRACT.model_copy(update={"sla": CONTRACT.sla.model_copy(update={"logic": "and"})})
    view = SlaView(SlaLedger(lambda _state, _error: "party_a"), readings_of(both.sla, both.billing))
    found = sla_gauges(both, view, [AT - 60] * 11, ["police"], AT)
    assert set(found.met.values()) == {0.0}
