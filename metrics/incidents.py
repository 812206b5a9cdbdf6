"""Keep incidents: whose they are, what annex 1 item 12 demands of them, and what is held for them.

A major security accident is reported to the authorities and in writing to party B within 24 hours
of its discovery; exactly 24 hours are in time. Its original records are held until a person
releases them. Party B may stop the business meanwhile.

    open ──report, written_notice, stop, resume, release, attribute──► open ──resolve──► resolved
    ──close──► closed

A major incident of party A's that brought the carrier's platform or network down is a sign of a
breach: of row 18 where a third party got in through weak security, of row 26 where it was on
purpose or no third party is proved. The cause may be known only later: `attribute` says it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from routing.office_events import IncidentMoved, IncidentOpened

from .entries import PARTIES, EntryError, entry_of, given, moment_of, next_in, one_of, step_of
from .notices import NoticeRegister

REPORT_S: Final = 24 * 3600.0
KINDS: Final = ("security", "fault")
CAUSES: Final[dict[str, int]] = {"third_party": 18, "malicious": 26, "unproven": 26}
"""Cause of a major failure of the network → the row of clause 7.3 that it shows."""

MOVES: Final[dict[str, dict[str, str]]] = {
    "open": {
        "report": "open", "written_notice": "open", "stop": "open", "resume": "open",
        "release": "open", "attribute": "open", "resolve": "resolved",
    },
    "resolved": {
        "report": "resolved", "written_notice": "resolved", "resume": "resolved",
        "release": "resolved", "attribute": "resolved", "close": "closed",
    },
    "closed": {"resume": "closed", "release": "closed"},
}  # fmt: skip
"""State → what may be done there → the state after it."""


class Duty(NamedTuple):
    """Say how one of the two reports of annex 1 item 12 stands; UTC seconds since the epoch."""

    incident: int
    what: str
    due_at: float
    done_at: float
    """0.0 while it isn't done."""
    late: bool


@dataclass(slots=True)
class Incident:
    """Hold one incident; times are UTC seconds since the epoch, 0.0 for what hasn't happened."""

    number: int
    account: str
    side: str
    kind: str
    major: bool
    discovered_at: float
    reported_at: float = 0.0
    notice: int = 0
    """Number of the written notice to party B."""
    cause: str = ""
    """One of `CAUSES`, "" for none known."""
    resolved_at: float = 0.0
    closed_at: float = 0.0
    legal_hold: bool = False
    emergency_stop: bool = False
    state: str = "open"
    history: list[IncidentOpened | IncidentMoved] = field(default_factory=list)

    @property
    def has_duties(self) -> bool:
        """Say whether annex 1 item 12 applies: a major security accident of party A."""
        return self.major and self.kind == "security" and self.side == "party_a"


@dataclass(slots=True)
class IncidentRegister:
    """Fold incidents over the notices they name; `check` refuses an event beforehand."""

    notices: NoticeRegister
    incidents: dict[int, Incident] = field(default_factory=dict)

    def check(self, event: IncidentOpened | IncidentMoved) -> None:
        """Raise EntryError for an event that can't be, saying what is allowed."""
        given(who=event.who)
        if isinstance(event, IncidentOpened):
            next_in("incident", event.incident, self.incidents)
            given(account=event.account, why=event.why)
            one_of("side", event.side, PARTIES)
            one_of("kind", event.kind, KINDS)
            moment_of("discovered_at", event.discovered_at, event.at)
            if event.cause:
                _check_cause(event.cause, event.side, major=event.major)
        else:
            self._check_moved(event)

    def _check_moved(self, event: IncidentMoved) -> None:
        found = entry_of("incident", event.incident, self.incidents)
        what = f"incident {found.number}"
        step_of(what, found.state, event.action, MOVES)
        earliest = found.resolved_at if event.action == "close" else found.discovered_at
        moment_of("moment", event.moment, event.at, earliest)
        if event.action == "written_notice":
            notice = entry_of("notice", event.notice, self.notices.notices)
            one_of(f"subject of notice {notice.number}", notice.subject, ("incident",))
            one_of(f"sender of notice {notice.number}", notice.sender, ("party_a",))
        if event.action in ("stop", "resume", "release"):
            given(why=event.why)
        if event.action == "report":
            given(reference=event.reference)
        if event.action == "attribute":
            given(why=event.why)
            _check_cause(event.cause, found.side, major=found.major)
        for action, flag in (("resume", found.emergency_stop), ("release", found.legal_hold)):
            if event.action == action and not flag:
                raise EntryError(f"{what}: nothing to {action}")

    def apply(self, event: IncidentOpened | IncidentMoved) -> None:
        """Take a recorded event in.

        Raises EntryError where the incident's state doesn't allow it.
        """
        if isinstance(event, IncidentOpened):
            next_in("incident", event.incident, self.incidents)
            found = self.incidents[event.incident] = Incident(
                event.incident, event.account, event.side, event.kind, event.major,
                event.discovered_at or event.at,
                cause=event.cause,
                legal_hold=event.major and event.kind == "security",
            )  # fmt: skip
        else:
            found = entry_of("incident", event.incident, self.incidents)
            found.state = step_of(f"incident {found.number}", found.state, event.action, MOVES)
            _move(found, event, event.moment or event.at)
        found.history.append(event)

    def duties(self, at: float) -> tuple[Duty, ...]:
        """Give the reports due of all incidents and whether each is late at `at`."""
        found: list[Duty] = []
        for one in self.incidents.values():
            if not one.has_duties:
                continue
            due_at = one.discovered_at + REPORT_S
            written_at = self._written_at(one)
            for what, done_at in (("authority", one.reported_at), ("written_notice", written_at)):
                found.append(Duty(one.number, what, due_at, done_at, (done_at or at) > due_at))
        return tuple(found)

    def _written_at(self, one: Incident) -> float:
        """Give when the notice was sent, if it has effect or is on its way."""
        notice = self.notices.notices.get(one.notice)
        if notice is None or notice.standing not in ("under_way", "valid"):
            return 0.0
        return notice.sent_at

    def held(self) -> tuple[Incident, ...]:
        """Give the incidents whose accounts' original records must be kept."""
        return tuple(one for one in self.incidents.values() if one.legal_hold)

    def stopped(self, account: str) -> tuple[int, ...]:
        """Name the incidents for which an account's business is stopped."""
        found = self.incidents.values()
        return tuple(one.number for one in found if one.account == account and one.emergency_stop)

    def resolution_s(self, side: str, start: float, end: float) -> tuple[int, tuple[float, ...]]:
        """Give the faults of a side discovered in a time, and how long the resolved ones took."""
        found = [
            one
            for one in self.incidents.values()
            if one.side == side and start <= one.discovered_at < end
        ]
        took = tuple(one.resolved_at - one.discovered_at for one in found if one.resolved_at)
        return len(found), took


def _check_cause(cause: str, side: str, *, major: bool) -> None:
    """Raise EntryError unless it can be the cause of a failure that rows 18 and 26 speak of."""
    one_of("cause", cause, CAUSES)
    if side != "party_a" or not major:
        raise EntryError(
            f"cause: {cause!r} of {'a major' if major else 'a minor'} incident of {side}, allowed "
            "for major ones of party_a"
        )


def _move(found: Incident, event: IncidentMoved, moment: float) -> None:
    match event.action:
        case "report":
            found.reported_at = found.reported_at or moment
        case "written_notice":
            found.notice = event.notice
        case "stop" | "resume":
            found.emergency_stop = event.action == "stop"
        case "release":
            found.legal_hold = False
        case "attribute":
            found.cause = event.cause
        case "resolve":
            found.resolved_at = moment
        case _:
            found.closed_at = moment
