from __future__ import annotations

from config.contract import Contract
from config.loader import load_settings
from metrics.office import Office
from metrics.retention import Reason, kept_since, reasons
from routing.office_events import (
    ComplaintMoved,
    ComplaintReceived,
    HoldPlaced,
    HoldReleased,
    IncidentMoved,
    IncidentOpened,
)
from tests.support.rules import shanghai

CONTRACT = load_settings(None, {}, {"contract": "henan"}).contract
AT = shanghai("2026-09-10T12:00:00")


def office() -> Office:
    return Office(CONTRACT, port_of=lambda _account, sender: sender, refuses=lambda _text: False)


def found(
    at: float, entries: Office | None = None, *, contract: Contract = CONTRACT,
    oldest: float | None = None,
) -> dict[str, Reason]:  # fmt: skip
    given = reasons(contract, entries or office(), at, float, oldest)
    assert list(given) == sorted(given)
    assert kept_since(given) == min(one.since for one in given)
    return {one.what: one for one in given}


def test_the_schedule_keeps_the_latest_months() -> None:
    assert found(AT)["schedule"].since == shanghai("2026-03-10T00:00:00")
    before = found(shanghai("2026-04-30T12:00:00"))
    assert before["schedule"].since == shanghai("2025-11-30T00:00:00")


def test_a_period_is_kept_until_its_invoice_is_due() -> None:
    first = shanghai("2025-12-01T00:00:00")
    assert found(shanghai("2026-06-30T23:59:59"))["period"].since == first
    assert found(shanghai("2026-07-01T00:00:00"))["period"].since == shanghai("2026-06-01T00:00:00")


def test_before_the_term_no_period_keeps_anything() -> None:
    assert "period" not in found(shanghai("2023-11-30T12:00:00"))
    assert "period" in found(shanghai("2023-12-01T00:00:00"))


def test_without_a_contract_the_schedule_decides_alone() -> None:
    contract = load_settings(None, {}, {"contract": "none"}).contract
    assert not contract.checked
    assert set(found(AT, contract=contract)) == {"schedule"}


def test_an_order_keeps_from_its_time_until_its_release() -> None:
    entries = office()
    entries.apply(HoldPlaced(AT, 1, 50.0, "op", "court"))
    held = found(AT, entries)["order"]
    assert (held.since, held.entry) == (50.0, "hold 1")
    entries.apply(HoldReleased(AT, 1, "op", "closed"))
    assert "order" not in found(AT, entries)


def test_an_open_complaint_keeps_its_message() -> None:
    entries = office()
    entries.apply(
        ComplaintReceived(AT, 1, "police", "12321", "other", "unclear", "party_b", "op",
                          message_id=4711)
    )  # fmt: skip
    held = found(AT, entries)["complaint"]
    assert (held.since, held.entry, held.clause) == (4711.0, "message 4711", "4.3.1")
    entries.apply(ComplaintMoved(AT, 1, "void", "op", why="entered twice"))
    assert "complaint" not in found(AT, entries)


def test_a_major_security_incident_keeps_what_came_since() -> None:
    entries = office()
    entries.apply(
        IncidentOpened(AT, 1, "police", "party_b", "security", True, "op", "leak",
                       discovered_at=AT - 60)
    )  # fmt: skip
    assert found(AT, entries)["incident"].since == AT - 60
    entries.apply(IncidentMoved(AT, 1, "release", "op"))
    assert "incident" not in found(AT, entries)


def test_a_message_under_way_keeps_what_came_since_it_began() -> None:
    assert found(AT, oldest=77.0)["under_way"].since == 77.0
