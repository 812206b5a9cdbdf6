from __future__ import annotations

from config.loader import load_settings
from metrics.office import Office
from metrics.office_gauges import gauges_of
from routing.breach_events import BusinessStopped, CaseOpened
from routing.office_events import ComplaintMoved, ComplaintReceived

NOON = 1_800_000_000.0


def test_what_the_registers_hold_is_counted() -> None:
    settings = load_settings(None, {}, {})
    office = Office(settings.contract, port_of=lambda _a, s: s, refuses=lambda _text: False)
    before = gauges_of(office, NOON, settings.accounts)
    assert (before.breaches, before.ports_blocked, before.objective) == ({}, 0, 0.99)
    for event in (
        ComplaintReceived(NOON, 1, "police", "10000", "time", "unclear", "party_b", "op"),
        ComplaintReceived(NOON, 2, "police", "10000", "time", "unclear", "party_b", "op"),
        ComplaintMoved(NOON, 1, "verify", "op", attribution="party_b"),
        CaseOpened(NOON, 1, "police", 13, "serious", "op", "seen"),
        BusinessStopped(NOON, 1, "police", "9.2", "op", "an order"),
    ):
        office.apply(event)
    found = gauges_of(office, NOON, settings.accounts)
    assert found.breaches == {("serious", "suspected"): 1}
    assert found.complaints == {("month", "all"): 2, ("trailing12", "sla"): 1}
    assert found.ports_blocked == len(settings.accounts["police"].access_numbers)


def test_a_block_of_one_number_counts_once_however_many_block_it() -> None:
    settings = load_settings(None, {}, {})
    office = Office(settings.contract, port_of=lambda _a, s: s, refuses=lambda _text: False)
    for number in (1, 2):
        stop = BusinessStopped(NOON, number, "police", "9.2", "op", "x", ("106590990371",))
        office.apply(stop)
    assert gauges_of(office, NOON, settings.accounts).ports_blocked == 1
