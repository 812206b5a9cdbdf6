"""Assess party B once a contract year by the five inputs of clause 3.1.15, and keep what follows.

The index of clause 3.2.4, the number of faults and the time of their resolution are measured; the
support and the satisfaction are scored by people. Each input scores 0 to 100, the result is their
weighted mean, compared unrounded with `assessment.pass_score`. A year that did not qualify lets
party A demand rectification by a deadline:

    ordered ──complete──► completed ──accept──► accepted
       ▲ └──withdraw──► withdrawn        │
       └────────────reject───────────────┘          accepted, withdrawn ──order──► ordered

Scores are fractions: they are compared as they are and cut off, never rounded, when they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from config import interpretation
from config.term import ServiceTerm
from routing.assessment_events import AssessmentEntered, AssessmentMoved

from .entries import EntryError, given, moment_of, shown, step_of
from .incidents import Incident
from .sla.assessment import Assessment as Index
from .sla.windows import Window, date_at, year_of

Input = Literal["sla", "fault_count", "fault_resolution", "support", "satisfaction"]
State = Literal["running", "incomplete", "qualified", "not_qualified"]

INPUTS: Final[dict[Input, tuple[str, str]]] = {
    "sla": ("3.2.4 指标", "index of clause 3.2.4"),
    "fault_count": ("故障次数", "number of faults"),
    "fault_resolution": ("故障解决", "resolution of faults"),
    "support": ("技术支持服务", "technical support"),
    "satisfaction": ("服务满意度", "satisfaction"),
}
"""The inputs in the order of the clause → their names in Chinese and English."""

MOVES: Final[dict[str, dict[str, str]]] = {
    "none": {"order": "ordered"},
    "ordered": {"complete": "completed", "withdraw": "withdrawn"},
    "completed": {"accept": "accepted", "reject": "ordered"},
    "accepted": {"order": "ordered"},
    "withdrawn": {"order": "ordered"},
}
"""State of a rectification → what may be done there → the state after it."""

SIDE: Final = "party_b"
MOST: Final = 100
_HOUR_S: Final = 3600.0
DAY_S: Final = 86400.0


# -- what people enter ----------------------------------------------------------------------------


@dataclass(slots=True)
class Entry:
    """Hold what people said of one year; times are UTC seconds, 0.0 for what hasn't happened."""

    year: str
    support: int | None = None
    satisfaction: int | None = None
    state: str = "none"
    """Of the rectification."""
    ordered_at: float = 0.0
    deadline: float = 0.0
    completed_at: float = 0.0
    accepted_at: float = 0.0
    history: list[AssessmentEntered | AssessmentMoved] = field(default_factory=list)

    def overdue(self, at: float) -> bool:
        """Say whether the rectification was completed too late, or is late at `at`."""
        if self.state not in ("ordered", "completed", "accepted"):
            return False
        return (self.completed_at or at) > self.deadline


@dataclass(slots=True)
class AssessmentRegister:
    """Fold what people said of years; `check` refuses an event before it is recorded."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def of(self, year: str) -> Entry:
        """Give what was said of a year, an empty entry where nothing was."""
        return self.entries.get(year) or Entry(year)

    def check(self, event: AssessmentEntered | AssessmentMoved) -> None:
        """Raise EntryError for an event that can't be, saying what is allowed.

        That the year has begun, and that one to be rectified did not qualify, is for whoever
        knows the figures.
        """
        given(who=event.who, year=event.year)
        if isinstance(event, AssessmentEntered):
            _check_entered(event)
        else:
            self._check_moved(event)

    def _check_moved(self, event: AssessmentMoved) -> None:
        found = self.of(event.year)
        step_of(f"rectification of {event.year}", found.state, event.action, MOVES)
        moment_of("moment", event.moment, event.at, found.ordered_at)
        if event.action in ("order", "reject", "withdraw"):
            given(why=event.why)
        deadline = event.deadline or (found.deadline if event.action == "reject" else 0.0)
        if event.action == "order" and deadline <= event.at:
            raise EntryError(f"deadline: {shown(deadline)}, after {shown(event.at)} is allowed")
        if event.action == "reject" and event.deadline and deadline <= event.at:
            raise EntryError(f"deadline: {shown(deadline)}, after {shown(event.at)} is allowed")

    def apply(self, event: AssessmentEntered | AssessmentMoved) -> None:
        """Take a recorded event in.

        Raises EntryError where the state of the rectification doesn't allow it.
        """
        found = self.of(event.year)
        if isinstance(event, AssessmentEntered):
            found.support = found.support if event.support < 0 else event.support
            kept = found.satisfaction
            found.satisfaction = kept if event.satisfaction < 0 else event.satisfaction
        else:
            what = f"rectification of {event.year}"
            found.state = step_of(what, found.state, event.action, MOVES)
            _move(found, event, event.moment or event.at)
        found.history.append(event)
        self.entries[event.year] = found

    def open(self) -> tuple[Entry, ...]:
        """Give the years whose rectification is demanded and not accepted, the first due first."""
        found = [one for one in self.entries.values() if one.state in ("ordered", "completed")]
        return tuple(sorted(found, key=lambda one: one.deadline))


def _check_entered(event: AssessmentEntered) -> None:
    scores = {"support": event.support, "satisfaction": event.satisfaction}
    for name, score in scores.items():
        if not -1 <= score <= MOST:
            raise EntryError(f"{name}: {score}, 0 to {MOST} is allowed")
    if all(score < 0 for score in scores.values()):
        raise EntryError("neither support nor satisfaction: at least one score must be given")


def _move(found: Entry, event: AssessmentMoved, moment: float) -> None:
    match event.action:
        case "order":
            found.ordered_at, found.deadline = moment, event.deadline
            found.completed_at = found.accepted_at = 0.0
        case "complete":
            found.completed_at = moment
        case "accept":
            found.accepted_at = moment
        case "reject":
            found.completed_at = 0.0
            found.deadline = event.deadline or found.deadline
        case _:
            found.deadline = 0.0


# -- the assessment of a year ---------------------------------------------------------------------


class Fault(NamedTuple):
    """Be one fault of party B's side; times are UTC seconds, 0.0 for what hasn't happened."""

    incident: int
    discovered_at: float
    resolved_at: float
    in_time: bool | None
    """None while neither its resolution nor its limit has come."""


class Score(NamedTuple):
    """Be one input: `score` is 0 to 100, None while it is missing."""

    name: Input
    weight: int
    score: Fraction | None
    detail: str
    detail_zh: str


@dataclass(slots=True, frozen=True)
class YearAssessment:
    """Hold the assessment of one contract year under one reading of the contract."""

    year: Window
    figures: interpretation.Assessment
    index: Index
    faults: tuple[Fault, ...]
    inputs: tuple[Score, ...]
    entry: Entry
    at: float

    @property
    def name(self) -> str:
        """Give the first day of the year, by which it is named."""
        return self.year.first.isoformat()

    @property
    def ended(self) -> bool:
        """Say whether the year is over, so that its measured inputs are as they will stay."""
        return self.at >= self.year.ends_at

    @property
    def missing(self) -> tuple[Input, ...]:
        """Name the inputs that count and have no score yet."""
        return tuple(one.name for one in self.inputs if one.weight and one.score is None)

    @property
    def score(self) -> Fraction | None:
        """Give the weighted mean, 0 to 100; None while an input is missing."""
        return None if self.missing else self.with_missing(0)

    def with_missing(self, score: int) -> Fraction:
        """Give the weighted mean with a score in place of what is missing."""
        total = sum(one.weight for one in self.inputs)
        reached = sum(
            one.weight * (Fraction(score) if one.score is None else one.score)
            for one in self.inputs
        )
        return Fraction(reached) / total

    @property
    def passes(self) -> bool | None:
        """Say whether it passes whatever is missing; None while that decides."""
        if self.with_missing(0) >= self.figures.pass_score:
            return True
        return None if self.with_missing(MOST) >= self.figures.pass_score else False

    @property
    def state(self) -> State:
        """Say how the year stands; a score before its end is as of today."""
        if not self.ended:
            return "running"
        if self.passes is None:
            return "incomplete"
        return "qualified" if self.passes else "not_qualified"


def years_of(term: ServiceTerm, at: float) -> Iterator[Window]:
    """Give the contract years that have begun by `at` (UTC seconds), the first one first."""
    upto, day = date_at(min(at, term.ends_at - 1)), term.first_day
    while day <= upto:
        found = year_of(day, term.first_day)
        yield found
        day = date_at(found.ends_at)


def faults_of(
    incidents: Iterable[Incident], year: Window, figures: interpretation.Assessment, at: float
) -> tuple[Fault, ...]:
    """Give the faults of party B's side that were discovered in a year, the first one first."""
    limit_s = figures.resolve_h * _HOUR_S
    found: list[Fault] = []
    for one in incidents:
        if one.side != SIDE or not year.starts_at <= one.discovered_at < year.ends_at:
            continue
        took_s = (one.resolved_at or at) - one.discovered_at
        in_time = took_s <= limit_s if one.resolved_at or took_s > limit_s else None
        found.append(Fault(one.number, one.discovered_at, one.resolved_at, in_time))
    return tuple(sorted(found, key=lambda fault: (fault.discovered_at, fault.incident)))


def assess_year(
    figures: interpretation.Assessment,
    index: Index,
    incidents: Iterable[Incident],
    entry: Entry,
    at: float,
) -> YearAssessment:
    """Assess the year of an index as it stands at `at` (UTC seconds since the epoch)."""
    faults = faults_of(incidents, index.window, figures, at)
    scores = (
        _index_score(figures, index),
        _count_score(figures, faults),
        _resolution_score(figures, faults),
        _entered("support", figures.weight_support, entry.support),
        _entered("satisfaction", figures.weight_satisfaction, entry.satisfaction),
    )
    return YearAssessment(index.window, figures, index, faults, scores, entry, at)


def _index_score(figures: interpretation.Assessment, index: Index) -> Score:
    rate = index.measured_success
    score = Fraction(MOST) if index.met else Fraction(0)
    if not index.met and figures.index_score == "rate" and rate.whole:
        reached = Fraction(rate.part, rate.whole) / Fraction(index.readings.objective)
        score = min(reached, Fraction(1)) * MOST
    met, met_zh = ("met", "达标") if index.met else ("missed", "未达标")
    return Score(
        "sla", figures.weight_sla, score,
        f"{met}: success rate {rate.decimal()}, complaints {index.counted}",
        f"{met_zh}：成功率 {rate.decimal()}，投诉 {index.counted} 件",
    )  # fmt: skip


def _count_score(figures: interpretation.Assessment, faults: tuple[Fault, ...]) -> Score:
    costly = max(0, len(faults) - figures.faults_allowed)
    return Score(
        "fault_count", figures.weight_fault_count,
        Fraction(max(0, MOST - costly * figures.fault_points)),
        f"{len(faults)} faults, {figures.faults_allowed} cost nothing",
        f"故障 {len(faults)} 次，{figures.faults_allowed} 次以内不扣分",
    )  # fmt: skip


def _resolution_score(figures: interpretation.Assessment, faults: tuple[Fault, ...]) -> Score:
    """Score the share of the faults that were resolved in time; where there were none, all of it.

    A fault that is open and within its limit counts neither way.
    """
    known = [fault.in_time for fault in faults if fault.in_time is not None]
    score = Fraction(sum(known), len(known)) * MOST if known else Fraction(MOST)
    waiting = len(faults) - len(known)
    return Score(
        "fault_resolution", figures.weight_fault_resolution, score,
        f"{sum(known)} of {len(known)} resolved within {figures.resolve_h} h, {waiting} open",
        f"{len(known)} 次中 {sum(known)} 次在 {figures.resolve_h} 小时内解决，{waiting} 次处理中",
    )  # fmt: skip


def _entered(name: Input, weight: int, score: int | None) -> Score:
    if score is None:
        return Score(name, weight, None, "not entered", "未录入")
    return Score(name, weight, Fraction(score), "entered", "已录入")
