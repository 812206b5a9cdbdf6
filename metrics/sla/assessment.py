"""Judge a window by clause 3.2.4: the success rate, the complaints, and both put together.

The rate's base is OK + CL by default; `accepted` and `attempts` add what is exempt, ported or party
A's own, for messages taken in or for all that were submitted. Pending segments are in no base, and
force majeure in none either, since clauses 9.1 and 9.2 hold whatever the base is.

The failure rate counts the carrier-liable failures, or with the reading `failures = "all"` all of
the base that did not succeed; with the default base they are the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from .classes import Classes, Rate
from .counts import Counts, SlaView
from .readings import Readings
from .windows import Window, date_at, months_on, trailing_to

if TYPE_CHECKING:
    from config.interpretation import Sla
    from metrics.complaints import ComplaintRegister

LOGIC: Final = {
    "or": lambda rate, complaints: rate or complaints,
    "and": lambda rate, complaints: rate and complaints,
    "rate_only": lambda rate, complaints: rate,
    "complaints_only": lambda rate, complaints: complaints,
}
"""How the two limbs make the index."""


@dataclass(slots=True, frozen=True)
class ComplaintFigures:
    """Count the complaints of the second limb for one window."""

    trailing: int
    """In the twelve months that end with the window."""
    worst: int
    """The most in any twelve months that touch it."""


@dataclass(slots=True, frozen=True)
class Assessment:
    """Hold all figures of one window under one reading."""

    window: Window
    readings: Readings
    counts: Counts
    segments: Classes
    """Of the directions that the reading takes."""
    success: Rate
    failure: Rate
    measured: Window
    """What the first limb was measured over."""
    measured_success: Rate
    complaints: ComplaintFigures
    rate_met: bool
    complaints_met: bool
    met: bool
    account: str | None = None
    """The one account it is of, None for all."""
    service: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the shape of `GET sla`; rates are decimal strings, cut off."""
        readings = self.readings
        return {
            "from": self.window.first.isoformat(),
            "to": self.window.last.isoformat(),
            **self.segments._asdict(),
            "base": self.success.whole,
            "success_rate": self.success.decimal(),
            "failure_rate": self.failure.decimal(),
            "objective": readings.objective,
            "complaints": self.counted,
            "complaints_allowed": readings.complaints,
            "complaints_trailing12": self.complaints.trailing,
            "complaints_worst12": self.complaints.worst,
            "limbs": {"rate": self.rate_met, "complaints": self.complaints_met},
            "rate_measured": {
                "from": self.measured.first.isoformat(),
                "to": self.measured.last.isoformat(),
                "success_rate": self.measured_success.decimal(),
            },
            "logic": readings.logic,
            "met": self.met,
            "directions": {
                direction: self._classes(direction)._asdict() for direction in ("mt", "mo")
            },
            "messages": self._classes(readings.direction, "message")._asdict(),
        }

    def _classes(self, direction: str | None, unit: str = "segment") -> Classes:
        return self.counts.classes(
            account=self.account, service=self.service, direction=direction, unit=unit
        )

    @property
    def counted(self) -> int:
        """Give the complaints that the second limb is judged by."""
        figures = self.complaints
        return figures.worst if self.readings.complaint_window == "worst" else figures.trailing


def assess(
    view: SlaView,
    window: Window,
    at: float,
    complaints: Iterable[float] = (),
    *,
    account: str | None = None,
    service: str | None = None,
) -> Assessment:
    """Judge a window as it stands at `at` (UTC seconds since the epoch).

    `complaints` are the times of those that count, in any order (see `complaint_times`); account
    and service narrow the segments. Where the reading measures the rate by month, the worst of
    the months that the window touches decides.
    """
    readings = view.readings

    def rates(counts: Counts) -> tuple[Rate, Rate]:
        return rates_of(counts, readings, account=account, service=service)

    counts = view.counts(window, at)
    success, failure = rates(counts)
    measured, measured_success = window, success
    if readings.rate_window == "trailing12":
        measured = trailing_to(window.last)
        measured_success = rates(view.counts(measured, at))[0]
    elif readings.rate_window == "month":
        measured_success = Rate(0, 0)
        for month in window.months():
            rate = rates(view.counts(month, at))[0]
            if rate.below(measured_success):
                measured, measured_success = month, rate
    figures = complaint_figures(sorted(complaints), window)
    number = figures.worst if readings.complaint_window == "worst" else figures.trailing
    rate_met = measured_success.reaches(readings.objective)
    complaints_met = number <= readings.complaints
    segments = counts.classes(account=account, service=service, direction=readings.direction)
    return Assessment(
        window, readings, counts, segments, success, failure, measured, measured_success, figures,
        rate_met, complaints_met, LOGIC[readings.logic](rate_met, complaints_met), account, service,
    )  # fmt: skip


def rates_of(
    counts: Counts, readings: Readings, *, account: str | None = None, service: str | None = None
) -> tuple[Rate, Rate]:
    """Give the success rate and the failure rate of some counts under a reading."""
    accepted = True if readings.base == "accepted" else None
    found = counts.classes(
        account=account, service=service, direction=readings.direction, accepted=accepted
    )
    base = found.ok + found.carrier
    if readings.base != "ok_carrier":
        base += found.exempt + found.ported + found.party_a
    failed = base - found.ok if readings.failures == "all" else found.carrier
    return Rate(found.ok, base), Rate(failed, base)


# -- complaints -------------------------------------------------------------------------------


def complaint_times(
    register: ComplaintRegister, sla: Sla, account: str | None = None
) -> list[float]:
    """Give when the complaints came that count under `sla.complaint_filter`, ascending.

    `sla` may be another one than the register's own, as a query reads it.
    """
    reader = type(register)(register.figures, sla)
    return sorted(
        one.received_at
        for one in register.complaints.values()
        if (account is None or one.account == account) and "sla" in reader.counters_of(one)
    )


def complaint_figures(times: list[float], window: Window) -> ComplaintFigures:
    """Count complaints (times ascending) for a window."""
    return ComplaintFigures(_between(times, trailing_to(window.last)), _worst(times, window))


def _worst(times: list[float], window: Window) -> int:
    """Give the most in any twelve months that touch the window.

    Of those with the most, one begins with a day on which a complaint came, or with the last day
    of the window.
    """
    days = {day for at in times if (day := date_at(at)) <= window.last} | {window.last}
    years = [Window(day, _year_end(day)) for day in days]
    return max((_between(times, year) for year in years if year.last >= window.first), default=0)


def _year_end(day: date) -> date:
    return months_on(day, 12) - timedelta(days=1)


def _between(times: list[float], window: Window) -> int:
    return bisect_left(times, window.ends_at) - bisect_left(times, window.starts_at)
