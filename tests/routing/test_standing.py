from __future__ import annotations

import math
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.interpretation import Breach, Suspension
from config.section import SHANGHAI
from config.term import ServiceTerm
from routing.standing import (
    Hold,
    StandingBook,
    StandingError,
    earliest_stop,
    explanation_due,
    release_at,
)
from routing.standing_events import (
    ContractTerminated,
    PortBlocked,
    PortReleased,
    StandingEvent,
    Suspended,
    SuspensionLifted,
    TerminationRevoked,
)

PORT = "106590990371"
OTHER = "106590990372"
SIGNED = ServiceTerm(date(2023, 12, 1), date(2026, 11, 30))
DAY = 86400.0


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


NOON = at("2026-03-18T12:00")
END = at("2026-12-01T00:00")


def book(*events: StandingEvent, term: ServiceTerm | None = SIGNED) -> StandingBook:
    made = StandingBook(term)
    for event in events:
        made.apply(event)
    return made


def passes(standing: StandingBook, moment: float, port: str = PORT, kind: str = "ordinary") -> bool:
    return standing.judge("police", port, kind, moment) is None


def blocked(
    case: int, days: int, moment: float = NOON, ports: tuple[str, ...] = (PORT,)
) -> PortBlocked:
    return PortBlocked(
        moment, case, "police", "7.3.1", "operator", "row 5", ports, rectify_by=moment + days * DAY
    )


def suspended(number: int = 1, **more: object) -> Suspended:
    base = {"at": NOON, "suspension": number, "account": "police", "clause": "7.5"}
    return Suspended(**{**base, "who": "operator", "why": "suspicion", **more})  # type: ignore[arg-type]  # fields by name


def test_the_last_millisecond_of_the_term_passes_and_the_next_is_refused() -> None:
    standing = book()
    assert passes(standing, END - 0.001)
    assert passes(standing, math.nextafter(END, 0))
    finding = standing.judge("police", PORT, "ordinary", END)
    assert finding is not None
    assert finding.en == "The service ended at 2026-11-30 24:00 (clause 10.1)."
    assert finding.zh == "服务期已于2026-11-30 24:00届满或终止（第10.1条）。"
    assert finding.seen == "2026-12-01 00:00:00+08:00"
    assert finding.allowed == "before 2026-12-01 00:00:00+08:00, or after a renewal"
    assert standing.bind_refused("police", END) == finding
    assert standing.bind_refused("police", END - 0.001) is None


def test_before_the_term_nothing_passes() -> None:
    starts = at("2023-12-01T00:00")
    finding = book().judge("police", PORT, "ordinary", starts - 0.001)
    assert finding is not None
    assert finding.en == "The service term begins at 2023-12-01 00:00:00+08:00 (clause 10.1)."
    assert finding.seen == "2023-11-30 23:59:59.999+08:00"
    assert passes(book(), starts)


@pytest.mark.parametrize(
    ("months", "warned"), [(1, "2026-12-31"), (3, "2027-02-28"), (12, "2027-11-30")]
)
def test_a_renewed_term_goes_on_by_calendar_months(months: int, warned: str) -> None:
    standing = book(term=ServiceTerm(date(2023, 12, 1), date(2026, 11, 30), months))
    assert passes(standing, END)
    assert passes(standing, at("2036-01-01"))
    finding = standing.warning("police", at(warned))
    assert finding is not None
    assert f"ends at {warned} 24:00 and renews itself for {months} months" in finding.en
    assert "signed until 2026-11-30 24:00" in finding.en


def test_a_renewal_far_away_is_not_warned_of() -> None:
    standing = book(term=ServiceTerm(date(2023, 12, 1), date(2026, 11, 30), 12))
    assert standing.warning("police", NOON) is None


def test_a_suspension_of_one_account_leaves_the_others() -> None:
    standing = book(suspended())
    assert not passes(standing, NOON)
    assert standing.judge("traffic", PORT, "ordinary", NOON) is None


def test_without_a_contract_nothing_ends() -> None:
    standing = book(term=None)
    assert passes(standing, 0.0)
    assert standing.warning("police", END) is None
    assert book(term=ServiceTerm(date(1970, 1, 1), date.max)).warning("police", END) is None


def test_the_end_is_warned_of_from_ninety_days_before() -> None:
    standing = book()
    first = END - 90 * DAY
    assert standing.warning("police", first - 0.001) is None
    finding = standing.warning("police", first)
    assert finding is not None
    assert "ends at 2026-11-30 24:00, in 90 days, unless it is renewed (clause 10.1)" in finding.en
    assert finding.allowed == "submissions before 2026-12-01 00:00:00+08:00"
    assert standing.warning("police", END) is None


def test_a_termination_ends_the_contract_at_its_moment() -> None:
    ends = NOON + 90 * DAY
    standing = book(ContractTerminated(NOON, "4.4", "party A", "moved", ends, notice_at=NOON))
    assert passes(standing, math.nextafter(ends, 0))
    finding = standing.not_in_force("police", ends)
    assert finding is not None
    assert finding.en == "The service ended at 2026-06-16 12:00:00+08:00 (clause 4.4)."
    warning = standing.warning("police", NOON)
    assert warning is not None
    assert "unless" not in warning.en
    standing.apply(TerminationRevoked(NOON + 1, "party A", "stays"))
    assert passes(standing, ends)


def test_a_termination_of_one_account_leaves_the_others() -> None:
    standing = book(ContractTerminated(NOON, "7.4", "operator", "harm", NOON, "police"))
    assert not passes(standing, NOON)
    assert standing.judge("traffic", PORT, "ordinary", NOON) is None


def test_a_termination_after_the_term_changes_nothing() -> None:
    standing = book(ContractTerminated(NOON, "7.4", "operator", "harm", END + DAY))
    finding = standing.not_in_force("police", END)
    assert finding is not None
    assert "clause 10.1" in finding.en


def test_a_suspended_account_binds_and_does_not_submit() -> None:
    standing = book(suspended(explain_by=explanation_due(NOON, Suspension())))
    assert standing.bind_refused("police", NOON) is None
    finding = standing.suspended("police", PORT, "ordinary", NOON)
    assert finding is not None
    assert finding.en == (
        "Access number 106590990371 is suspended since 2026-03-18 12:00:00+08:00 by suspension 1, "
        "clause 7.5; due until 2026-03-23 12:00:00+08:00: suspicion"
    )
    assert finding.zh == (
        "接入号码106590990371自2026-03-18 12:00:00+08:00起被中止（7.5）：suspicion"
    )
    assert finding.allowed == "after it is lifted"
    assert standing.port_blocked("police", PORT, NOON) is None
    assert passes(standing, math.nextafter(NOON, 0))
    standing.apply(SuspensionLifted(NOON + 60, 1, "operator", "explained"))
    assert not passes(standing, NOON + 59.999)
    assert passes(standing, NOON + 60)


@pytest.mark.parametrize(
    ("ports", "services", "refused"),
    [
        ((), (), {(PORT, "ordinary"), (PORT, "instant"), (OTHER, "ordinary"), (OTHER, "instant")}),
        ((PORT,), (), {(PORT, "ordinary"), (PORT, "instant")}),
        ((), ("instant",), {(PORT, "instant"), (OTHER, "instant")}),
        ((PORT,), ("instant",), {(PORT, "instant")}),
    ],
)
def test_a_suspension_holds_for_its_ports_and_services(
    ports: tuple[str, ...], services: tuple[str, ...], refused: set[tuple[str, str]]
) -> None:
    standing = book(suspended(ports=ports, services=services))
    places = {(port, kind) for port in (PORT, OTHER) for kind in ("ordinary", "instant")}
    assert {place for place in places if not passes(standing, NOON, *place)} == refused


def test_an_order_of_the_government_may_hold_for_every_account_and_for_a_time() -> None:
    standing = book(
        suspended(account="", clause="9.2", since=NOON + DAY, until=NOON + 2 * DAY, reference="1")
    )
    assert passes(standing, NOON + DAY - 0.001)
    finding = standing.judge("traffic", PORT, "ordinary", NOON + DAY)
    assert finding is not None
    assert "clause 9.2" in finding.en
    assert finding.allowed == "from 2026-03-20 12:00:00+08:00 on"
    assert passes(standing, NOON + 2 * DAY)


def test_a_block_stays_after_its_days_until_party_b_confirms() -> None:
    standing = book(blocked(12, 14))
    finding = standing.port_blocked("police", PORT, NOON)
    assert finding is not None
    assert finding.en.endswith(
        "by case 12, clause 7.3.1; due until 2026-04-01 12:00:00+08:00: row 5"
    )
    assert finding.allowed == (
        "from 2026-04-01 12:00:00+08:00 on, if party B confirms the rectification"
    )
    late = standing.port_blocked("police", PORT, NOON + 15 * DAY)
    assert late is not None
    assert late.allowed == "after party B has confirmed the rectification"
    assert passes(standing, NOON, OTHER)
    standing.apply(PortReleased(NOON + 15 * DAY, 12, "operator", "passed"))
    assert not passes(standing, NOON + 15 * DAY - 0.001)
    assert passes(standing, NOON + 15 * DAY)


@pytest.mark.parametrize(("early", "days"), [(False, 14), (True, 3)])
def test_an_early_confirmation_shortens_a_block_only_where_it_may(early: bool, days: int) -> None:
    standing = book(blocked(12, 14))
    rules = Breach(early_release=early)
    (hold,) = standing.holds_at("police", NOON)
    until = release_at(hold, NOON + 3 * DAY, rules)
    standing.apply(PortReleased(NOON + 3 * DAY, 12, "operator", "passed", until))
    assert not passes(standing, NOON + days * DAY - 0.001)
    assert passes(standing, NOON + days * DAY)


def test_of_overlapping_blocks_the_longest_end_governs() -> None:
    standing = book(blocked(1, 14), blocked(2, 30, NOON + DAY, ()))
    standing.apply(PortReleased(NOON + 2 * DAY, 1, "operator", "passed", NOON + 14 * DAY))
    standing.apply(PortReleased(NOON + 3 * DAY, 2, "operator", "passed", NOON + 31 * DAY))
    finding = standing.port_blocked("police", PORT, NOON + 4 * DAY)
    assert finding is not None
    assert finding.seen == f"{PORT}: case 2"
    assert finding.allowed == "from 2026-04-18 12:00:00+08:00 on"
    assert not passes(standing, NOON + 20 * DAY)
    assert passes(standing, NOON + 31 * DAY)


def test_the_days_of_a_block_may_change_but_not_its_begin() -> None:
    standing = book(blocked(1, 14), blocked(1, 30, NOON + 5 * DAY))
    (hold,) = standing.holds_at("police", NOON)
    assert (hold.since, hold.due) == (NOON, NOON + 35 * DAY)


def test_what_another_fold_derives_is_replaced_as_a_whole() -> None:
    standing = book()
    standing.adopt([Hold("case 1", "port_blocked", "police", "7.3.1", "row 5", NOON)])
    assert not passes(standing, NOON)
    standing.adopt([])
    assert passes(standing, NOON)


def test_out_of_force_goes_before_suspended_and_that_before_blocked() -> None:
    standing = book(blocked(1, 14), suspended(2))
    finding = standing.judge("police", PORT, "ordinary", NOON)
    assert finding is not None
    assert "suspended" in finding.en
    ended = standing.judge("police", PORT, "ordinary", END)
    assert ended is not None
    assert "ended" in ended.en
    assert standing.port_blocked("police", PORT, END) is not None


def test_queued_messages_wait_or_go_as_the_contract_is_read() -> None:
    standing = book(blocked(1, 14))
    for reading in ("hold", "cancel", "send"):
        rules = Breach(while_blocked=reading)
        assert standing.fate_of_queued("police", PORT, "ordinary", NOON, rules) == reading
        assert standing.fate_of_queued("police", OTHER, "ordinary", NOON, rules) == "send"
        assert standing.fate_of_queued("police", PORT, "ordinary", END, rules) == "cancel"


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([suspended(), suspended()], "suspension 1 is there already"),
        ([suspended(until=NOON)], "isn't after its begin"),
        ([SuspensionLifted(NOON, 9, "operator", "")], "suspension 9: there is none"),
        ([PortReleased(NOON, 9, "operator", "")], "case 9: there is none"),
        ([blocked(1, 0)], "ends before the block begins"),
        ([blocked(1, 14), PortReleased(NOON, 1, "o", ""), blocked(1, 30)], "released already"),
        (
            [blocked(1, 14), PortReleased(NOON, 1, "o", ""), PortReleased(NOON + 1, 1, "o", "")],
            "case 1 has its end already",
        ),
        ([TerminationRevoked(NOON, "operator", "")], "the contract: there is no termination"),
        ([ContractTerminated(NOON, "7.4", "o", "", NOON - 1)], "from 2026-03-18 12:00:00"),
        (
            [ContractTerminated(NOON, "4.4", "a", "", NOON + 89 * DAY, notice_at=NOON)],
            "clause 4.4 wants 90 days' notice, 2026-06-16 12:00:00",
        ),
        (
            [
                ContractTerminated(NOON, "7.4", "o", "", NOON, "police"),
                ContractTerminated(NOON, "7.4", "o", "", NOON, "police"),
            ],
            "account police: terminated already",
        ),
    ],
)
def test_an_event_that_does_not_fit_is_refused_and_changes_nothing(
    events: list[StandingEvent], words: str
) -> None:
    *good, bad = events
    standing = book(*good)
    before = standing.holds_at("police", NOON)
    with pytest.raises(StandingError, match=words):
        standing.apply(bad)
    assert standing.holds_at("police", NOON) == before


def test_ninety_days_run_from_the_delivery_of_the_notice() -> None:
    assert earliest_stop(NOON) - NOON == timedelta(days=90).total_seconds()


SPANS = st.tuples(
    st.integers(0, 20), st.integers(1, 20), st.sampled_from([(), (PORT,), (OTHER,), (PORT, OTHER)])
)


@given(st.lists(SPANS, max_size=8), st.lists(st.integers(-1, 45), min_size=1, max_size=30))
def test_a_naive_look_at_all_suspensions_agrees(
    spans: list[tuple[int, int, tuple[str, ...]]], moments: list[int]
) -> None:
    standing = book(
        *(
            suspended(index, since=NOON + since, until=NOON + since + length, ports=ports)
            for index, (since, length, ports) in enumerate(spans)
        )
    )
    for second in moments:
        for port in (PORT, OTHER):
            refused = any(
                since <= second < since + length and (not ports or port in ports)
                for since, length, ports in spans
            )
            assert passes(standing, NOON + second, port) != refused


def test_suspensions_are_numbered_on_and_found_by_their_number_when_they_are_over() -> None:
    standing = book(blocked(12, 14))
    assert standing.next_suspension() == 1
    for event in (suspended(1), suspended(10), SuspensionLifted(NOON + 1, 1, "op", "explained")):
        standing.apply(event)
    assert standing.next_suspension() == 11
    assert [hold.name for hold in standing.recorded] == ["case 12", "suspension 1", "suspension 10"]
    found = standing.suspension(1)
    assert found is not None
    assert (found.until, found.who) == (NOON + 1, "operator")
    assert standing.suspension(2) is None


def test_terminations_are_listed_until_they_are_taken_back() -> None:
    event = ContractTerminated(NOON, "7.2", "operator", "arrears", NOON + DAY, "police")
    standing = book(event)
    assert standing.terminations == (event,)
    assert (standing.ends_at("police"), standing.ends_at("other")) == (NOON + DAY, END)
    standing.apply(TerminationRevoked(NOON, "operator", "mistake", "police"))
    assert not any(standing.terminations)
    assert standing.ends_at("police") == END
