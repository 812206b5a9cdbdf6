"""Say what follows by itself from evidence, cases and the passing of time.

Each consequence is an event to be journalled and applied. All of it follows from the state alone,
so that what a stop of the gateway cut off follows afterwards, and what was applied follows no
more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, TypeAlias

from routing.breach_events import CaseMoved, CaseOpened

from .cases import COLLECTING, Case
from .detectors import consent_row
from .escalation import ESCALATED, series, trigger_of
from .facts import Facts
from .orders import Order, decide
from .periods import day_number
from .rows import CONSENT_ROWS, ROWS

SYSTEM: Final = "system"
"""Who does what follows by itself."""

Cases: TypeAlias = Mapping[int, Case]


def openings(facts: Facts, cases: Cases, at: float) -> tuple[CaseOpened, ...]:
    """Give the cases to open: for evidence without one, for series, for a day's scale."""
    events = (
        *_for_evidence(facts, at),
        *_for_series(facts, cases, at),
        *_for_scale(facts, cases, at),
    )
    for number, event in enumerate(events, len(cases) + 1):
        event.case = number
    return events


def _for_evidence(facts: Facts, at: float) -> Iterator[CaseOpened]:
    for (account, key), found in sorted(facts.evidence.items()):
        if found.case or not found.acted:
            continue
        row = facts.consent_row(account, at) if key in CONSENT_ROWS else key
        event = _begin(at, account, row, f"{ROWS[row].en} ({found.breaches})")
        event.ports, event.first_at = found.touched(), found.first_at
        yield event


def _for_series(facts: Facts, cases: Cases, at: float) -> Iterator[CaseOpened]:
    for group in series(cases.values(), facts.terms.breach.escalation):
        first = group[0]
        causes = tuple(case.number for case in group)
        numbers = ", ".join(map(str, causes))
        why = f"{len(group)} {first.grade} breaches one after another: cases {numbers}"
        touched = [case.blocked_ports(facts.terms.figures) for case in group]
        event = _begin(at, first.account, ESCALATED[first.grade], why)
        event.ports = tuple(sorted({*chain(*touched)})) if all(touched) else ()
        event.first_at, event.causes = first.first_at, causes
        yield event


def _for_scale(facts: Facts, cases: Cases, at: float) -> Iterator[CaseOpened]:
    known = {(case.account, case.trigger) for case in cases.values()}
    for day, found in facts.daily.large(facts.terms.breach.escalation, day_number(at)):
        trigger = trigger_of(day, found.row)
        if (found.account, trigger) in known:
            continue
        row = ESCALATED[ROWS[found.row].grade]
        why = f"{found.breaches} breaches of row {found.row} in one day"
        event = _begin(at, found.account, row, why)
        event.ports, event.first_at, event.trigger = found.touched(), found.first_at, trigger
        yield event


def _begin(at: float, account: str, row: int, why: str) -> CaseOpened:
    return CaseOpened(at, 0, account, row, ROWS[row].grade, SYSTEM, why)


def raises(facts: Facts, cases: Cases, at: float) -> Iterator[CaseMoved]:
    """Give the open suspicions of service without consent that more complaints make graver."""
    for case in cases.values():
        if case.row not in CONSENT_ROWS or case.state not in COLLECTING:
            continue
        count = facts.complaints(case.account, at)
        row = consent_row(count, facts.terms.breach)
        if row > case.row:
            why = f"{count} complaints of users who had not agreed"
            order = Order("raise", max(at, case.moved_at), SYSTEM, why, row=row)
            yield from decide(case, order, facts.terms.figures)


def releases(facts: Facts, cases: Cases, at: float) -> Iterator[CaseMoved]:
    """Give the cases to close: they passed, and the days of rectification are over."""
    for case in cases.values():
        if case.state == "confirmed_pass" and at >= case.release_at:
            order = Order("close", max(at, case.moved_at), SYSTEM, "Rectification passed")
            yield from decide(case, order, facts.terms.figures)
