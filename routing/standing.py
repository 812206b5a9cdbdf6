"""Say whether an account may submit at all: term, termination, suspensions, blocks of ports.

Four things stand in the way, in this order: the contract isn't in force (clause 10.1, 11.11, or a
termination), the business is suspended (7.2, 7.5, 7.7, 9.2, annex 12 to 14), or the access number
is blocked for rectification (7.3.1, 7.3.2). While suspended or blocked, binds, receipts and uplink
go on. A block lasts to the last day of rectification and on from there until party B confirms
(`PortReleased`); of several, the one that ends last governs.

All of it is a fold of events over the term. What holds changes at few moments, so between two of
them a message costs one comparison: the book keeps what holds, and from when to when.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from config.interpretation import Breach, Suspension
from config.section import SHANGHAI
from config.term import WARNING_DAYS, ServiceTerm

from .finding import Finding
from .standing_events import (
    ContractTerminated,
    PortBlocked,
    PortReleased,
    StandingEvent,
    Suspended,
    SuspensionLifted,
    TerminationRevoked,
)

Reason = Literal["not_in_force", "suspended", "port_blocked"]
Fate = Literal["send", "hold", "cancel"]

REASONS: Final[tuple[Reason, ...]] = ("not_in_force", "suspended", "port_blocked")
"""Names of the checks, in their order."""

_DAY_S: Final = 86400.0
_EVER: Final = math.inf


class StandingError(ValueError):
    """Say that an event doesn't fit to what is there, in plain words; nothing has changed."""


@dataclass(frozen=True)
class Hold:
    """Be one thing that stands in the way, `since` <= at < `until`, UTC seconds since the epoch.

    No ports are all of the account's, no services all kinds; an account of "" is every one.
    """

    name: str
    """What it is called: `suspension 3`, `case 12`."""
    reason: Reason
    account: str
    clause: str
    why: str
    since: float
    until: float = _EVER
    ports: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    due: float = 0.0
    """End of the days of rectification, or when an explanation is due; 0 for none."""
    who: str = ""
    """Who ordered it."""
    reference: str = ""


@dataclass(frozen=True)
class _View:
    """Hold what stands in an account's way from one moment to another, by port and service."""

    since: float
    until: float
    holds: tuple[Hold, ...]
    by_place: dict[tuple[Reason, str, str], Hold]
    """The governing hold of each; "" is every port, and every service."""


class StandingBook:
    """Hold the standing of all accounts of one contract; changed by `apply` and `adopt` alone."""

    __slots__ = ("_adopted", "_holds", "_terminated", "_views", "term")

    def __init__(self, term: ServiceTerm | None) -> None:
        """Start with the term alone; None where there is no contract, so that it never ends."""
        self.term = term
        self._holds: dict[str, Hold] = {}
        self._adopted: tuple[Hold, ...] = ()
        self._terminated: dict[str, ContractTerminated] = {}
        self._views: dict[str, _View] = {}

    def apply(self, event: StandingEvent) -> None:
        """Take in one change; it is in force for the next verdict.

        Raises StandingError for an event that doesn't fit, which then changes nothing.
        """
        match event:
            case Suspended():
                self._suspend(event)
            case SuspensionLifted():
                self._end(f"suspension {event.suspension}", event.at)
            case PortBlocked():
                self._block(event)
            case PortReleased():
                self._end(f"case {event.case}", event.until or event.at)
            case ContractTerminated():
                self._terminate(event)
            case _:
                self._revoke(event)
        self._views.clear()

    def adopt(self, holds: Iterable[Hold]) -> None:
        """Take over what another fold of the journal derives, in place of what it gave before."""
        adopted = tuple(holds)
        if adopted != self._adopted:
            self._adopted = adopted
            self._views.clear()

    def judge(self, account: str, port: str, service: str, at: float) -> Finding | None:
        """Give the first thing in the way of a submission, None where there is nothing.

        `port` is the owned access number, without extension.
        """
        view = self._view(account, at)
        if not view.by_place:
            return None
        for reason in REASONS:
            finding = self._judge(view, reason, port, service, at)
            if finding is not None:
                return finding
        return None

    def not_in_force(self, account: str, at: float) -> Finding | None:
        """Judge by term and termination; also for a bind, where alone they count."""
        return self._judge(self._view(account, at), "not_in_force", "", "", at)

    def suspended(self, account: str, port: str, service: str, at: float) -> Finding | None:
        """Judge by suspensions."""
        return self._judge(self._view(account, at), "suspended", port, service, at)

    def port_blocked(self, account: str, port: str, at: float) -> Finding | None:
        """Judge by the blocks of rectification."""
        return self._judge(self._view(account, at), "port_blocked", port, "", at)

    def bind_refused(self, account: str, at: float) -> Finding | None:
        """Say why a bind is refused: out of force alone; suspended and blocked accounts bind."""
        return self.not_in_force(account, at)

    def fate_of_queued(
        self, account: str, port: str, service: str, at: float, rules: Breach
    ) -> Fate:
        """Say what becomes of an accepted message whose delivery comes due at `at`.

        Out of force it is cancelled, as nothing will end the wait. Suspended or blocked it is as
        `breach.while_blocked` says.
        """
        if self.judge(account, port, service, at) is None:
            return "send"
        return "cancel" if self.not_in_force(account, at) else rules.while_blocked

    def holds_at(self, account: str, at: float) -> tuple[Hold, ...]:
        """Give everything in the way at a moment, term and termination left out."""
        return self._view(account, at).holds

    @property
    def recorded(self) -> tuple[Hold, ...]:
        """Give every suspension and block that was recorded, over or not, in their order."""
        return tuple(self._holds.values())

    def suspension(self, number: int) -> Hold | None:
        """Give a suspension, over or not, by its number."""
        return self._holds.get(f"suspension {number}")

    @property
    def terminations(self) -> tuple[ContractTerminated, ...]:
        """Give the terminations that weren't taken back, in their order."""
        return tuple(self._terminated.values())

    def next_suspension(self) -> int:
        """Give the number of a further suspension."""
        numbers = (name.partition("suspension ")[2] for name in self._holds)
        return max((int(number) for number in numbers if number), default=0) + 1

    def ends_at(self, account: str) -> float:
        """Give the first moment out of force; infinite where the term renews itself."""
        ends = [event.ends_at for event in self._terminations(account)]
        return min([self._term_ends_at, *ends])

    def warning(self, account: str, at: float) -> Finding | None:
        """Give the warning of the end of the contract, from 90 days before it (clause 4.4)."""
        if self.term is None:
            return None
        ends_at = self.ends_at(account)
        if ends_at == _EVER:
            return _renewal_warning(self.term, at)
        if not ends_at - WARNING_DAYS * _DAY_S <= at < ends_at:
            return None
        days = math.floor((ends_at - at) / _DAY_S)
        renewable = ends_at == self._term_ends_at
        return Finding(
            en=f"The service ends at {_end(ends_at)}, in {days} {'day' if days == 1 else 'days'}"
            f"{', unless it is renewed' if renewable else ''} (clause {self._clause(account)}).",
            zh=f"服务将于{_end(ends_at)}终止，剩余{days}天"
            f"{'，未办理续约则停止发送' if renewable else ''}。",
            seen=_when(at),
            allowed=f"submissions before {_when(ends_at)}",
        )

    def _suspend(self, event: Suspended) -> None:
        name = f"suspension {event.suspension}"
        if name in self._holds:
            raise StandingError(f"{name} is there already; a fresh number is needed")
        hold = Hold(
            name, "suspended", event.account, event.clause, event.why,
            max(event.since, event.at), event.until or _EVER, event.ports, event.services,
            event.explain_by, event.who, event.reference,
        )  # fmt: skip
        _ordered(hold)
        self._holds[name] = hold

    def _block(self, event: PortBlocked) -> None:
        name = f"case {event.case}"
        before = self._holds.get(name)
        if before is not None and before.until < _EVER:
            raise StandingError(f"the block of {name} is released already")
        since = max(event.since, event.at) if before is None else before.since
        if event.rectify_by and event.rectify_by <= since:
            raise StandingError(
                f"{name}: rectification until {_when(event.rectify_by)} ends before the block "
                f"begins, {_when(since)}"
            )
        self._holds[name] = Hold(
            name, "port_blocked", event.account, event.clause, event.why, since,
            ports=event.ports, due=event.rectify_by, who=event.who,
        )  # fmt: skip

    def _end(self, name: str, until: float) -> None:
        hold = self._holds.get(name)
        if hold is None:
            raise StandingError(f"{name}: there is none")
        if hold.until < _EVER and until >= hold.until:
            raise StandingError(f"{name} has its end already, {_when(hold.until)}")
        self._holds[name] = replace(hold, until=max(until, hold.since))

    def _terminate(self, event: ContractTerminated) -> None:
        if event.ends_at < event.at:
            raise StandingError(
                f"termination at {_when(event.ends_at)}: from {_when(event.at)} on is possible"
            )
        earliest = earliest_stop(event.notice_at)
        if event.clause == "4.4" and event.ends_at < earliest:
            raise StandingError(
                f"termination at {_when(event.ends_at)}: clause 4.4 wants {WARNING_DAYS} days' "
                f"notice, {_when(earliest)} is the earliest"
            )
        if event.account in self._terminated:
            raise StandingError(f"{_whose(event.account)}: terminated already")
        self._terminated[event.account] = event

    def _revoke(self, event: TerminationRevoked) -> None:
        if event.account not in self._terminated:
            raise StandingError(f"{_whose(event.account)}: there is no termination")
        del self._terminated[event.account]

    def _judge(
        self, view: _View, reason: Reason, port: str, service: str, at: float
    ) -> Finding | None:
        by_place = view.by_place
        if not by_place:
            return None
        found: Hold | None = None
        for place in _places(reason, port, service):
            hold = by_place.get(place)
            if hold is not None and (found is None or hold.until > found.until):
                found = hold
        if found is None:
            return None
        return _out_of_force(found, at) if reason == "not_in_force" else _held(found, port, at)

    def _view(self, account: str, at: float) -> _View:
        view = self._views.get(account)
        if view is None or not view.since <= at < view.until:
            view = self._views[account] = self._look(account, at)
        return view

    def _look(self, account: str, at: float) -> _View:
        everything = [*self._of(account)]
        holds = [hold for hold in everything if hold.since <= at < hold.until]
        moments = [moment for hold in everything for moment in (hold.since, hold.until)]
        by_place: dict[tuple[Reason, str, str], Hold] = {}
        for hold in holds:
            for port in hold.ports or ("",):
                for service in hold.services or ("",):
                    place = (hold.reason, port, service)
                    if place not in by_place or by_place[place].until < hold.until:
                        by_place[place] = hold
        return _View(
            since=max((moment for moment in moments if moment <= at), default=-_EVER),
            until=min((moment for moment in moments if moment > at), default=_EVER),
            holds=tuple(hold for hold in holds if hold.reason != "not_in_force"),
            by_place=by_place,
        )

    def _of(self, account: str) -> Iterator[Hold]:
        for hold in (*self._holds.values(), *self._adopted):
            if hold.account in ("", account):
                yield hold
        if self.term is not None and self.term.starts_at > -_EVER:
            starts = self.term.starts_at
            yield Hold("term", "not_in_force", "", "10.1", "not begun", -_EVER, starts)
        ends_at = self.ends_at(account)
        if ends_at < _EVER:
            name = "termination" if ends_at < self._term_ends_at else "term"
            yield Hold(name, "not_in_force", "", self._clause(account), "ended", ends_at)

    @property
    def _term_ends_at(self) -> float:
        return _EVER if self.term is None else self.term.ends_at

    def _terminations(self, account: str) -> list[ContractTerminated]:
        keys = dict.fromkeys(("", account))
        return [self._terminated[key] for key in keys if key in self._terminated]

    def _clause(self, account: str) -> str:
        ends_at = self.ends_at(account)
        found = [each.clause for each in self._terminations(account) if each.ends_at == ends_at]
        return found[0] if found and ends_at < self._term_ends_at else "10.1"


def release_at(hold: Hold, confirmed_at: float, rules: Breach) -> float:
    """Say when a block ends whose rectification party B confirms: for `PortReleased.until`.

    Not before the days of rectification are over, unless `breach.early_release`.
    """
    return confirmed_at if rules.early_release else max(confirmed_at, hold.due)


def explanation_due(requested_at: float, rules: Suspension) -> float:
    """Say when party A's explanation is due (clause 7.5): for `Suspended.explain_by`."""
    return requested_at + rules.explain_days * _DAY_S


def earliest_stop(notice_at: float) -> float:
    """Say when party A may stop at the earliest after a notice was delivered (clause 4.4)."""
    return notice_at + WARNING_DAYS * _DAY_S


def _places(reason: Reason, port: str, service: str) -> tuple[tuple[Reason, str, str], ...]:
    if reason == "not_in_force":
        return ((reason, "", ""),)
    return (
        (reason, "", ""), (reason, port, ""), (reason, "", service), (reason, port, service),
    )  # fmt: skip


def _ordered(hold: Hold) -> None:
    if not hold.since < hold.until:
        raise StandingError(
            f"{hold.name}: its end {_when(hold.until)} isn't after its begin {_when(hold.since)}"
        )


def _whose(account: str) -> str:
    return f"account {account}" if account else "the contract"


def _out_of_force(hold: Hold, at: float) -> Finding:
    if hold.since == -_EVER:
        begins = _when(hold.until)
        return Finding(
            en=f"The service term begins at {begins} (clause 10.1).",
            zh=f"服务期自{begins}开始（第10.1条）。",
            seen=_when(at),
            allowed=f"from {begins} on",
        )
    ended = _end(hold.since)
    return Finding(
        en=f"The service ended at {ended} (clause {hold.clause}).",
        zh=f"服务期已于{ended}届满或终止（第{hold.clause}条）。",
        seen=_when(at),
        allowed=f"before {_when(hold.since)}, or after a renewal",
    )


def _held(hold: Hold, port: str, at: float) -> Finding:
    blocked = hold.reason == "port_blocked"
    what, what_zh = ("blocked", "被屏蔽") if blocked else ("suspended", "被中止")
    due = f"; due until {_when(hold.due)}" if hold.due else ""
    allowed = "after party B has confirmed the rectification" if blocked else "after it is lifted"
    if hold.until < _EVER:
        allowed = f"from {_when(hold.until)} on"
    elif blocked and hold.due > at:
        allowed = f"from {_when(hold.due)} on, if party B confirms the rectification"
    source = f"clause {hold.clause}" if hold.clause[:1].isdigit() else hold.clause
    return Finding(
        en=f"Access number {port} is {what} since {_when(hold.since)} by {hold.name}, {source}"
        f"{due}: {hold.why}",
        zh=f"接入号码{port}自{_when(hold.since)}起{what_zh}（{hold.clause}）：{hold.why}",
        seen=f"{port}: {hold.name}",
        allowed=allowed,
    )


def _renewal_warning(term: ServiceTerm, at: float) -> Finding | None:
    if term.original_ends_at == _EVER:
        return None
    status = term.status(at)
    if not status.warning:
        return None
    ends_at = status.current_ends_at
    months = term.renewal_months
    original = _end(term.original_ends_at)
    return Finding(
        en=f"The current term ends at {_end(ends_at)} and renews itself for {months} months "
        f"(clause 11.11); it was signed until {original}.",
        zh=f"当前服务期于{_end(ends_at)}届满，届时自动续约{months}个月（第11.11条）；"
        f"原定期限至{original}。",
        seen=_end(ends_at),
    )


def _when(at: float) -> str:
    # Down, so that no moment is shown as one that lies after it.
    milliseconds = math.floor(at * 1000)
    moment = datetime.fromtimestamp(milliseconds // 1000, SHANGHAI)
    moment = moment.replace(microsecond=milliseconds % 1000 * 1000)
    return moment.isoformat(" ", "milliseconds" if moment.microsecond else "seconds")


def _end(at: float) -> str:
    """Show an end at midnight as 24:00 of the last day, as the contract does."""
    moment = datetime.fromtimestamp(math.floor(at), SHANGHAI)
    if (moment.hour, moment.minute, moment.second) != (0, 0, 0) or at % 1:
        return _when(at)
    return f"{datetime.fromtimestamp(at - 1, SHANGHAI):%Y-%m-%d} 24:00"
