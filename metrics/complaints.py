"""Keep the complaints of users, their one-hour clocks, and the four counts that rest on them.

    received ──transfer, reply──► received ──verify──► verified ──close──► closed ──reopen──►
        └──reject──► rejected ──verify, close──►            any but closed ──void──► void

A clock runs for the side that has to act. Clause 4.3.1: who is handed a complaint gives the first
reply within an hour. Clause 4.3.2: who receives one and can't tell whose duty it is contacts the
other side within an hour. Reply and transfer both answer it. It runs day and night, and exactly
an hour is in time. A complaint that is `void` was entered by mistake and counts nowhere.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import nextafter
from typing import Final, Literal, get_args

from config.interpretation import Complaints, Sla
from config.term import add_months
from routing.office_events import ComplaintMoved, ComplaintReceived

from .breaches.periods import day_of, end_of, start_of, start_of_month, start_of_year_to
from .entries import PARTIES, EntryError, entry_of, given, moment_of, next_in, one_of, step_of

Counter = Literal["sla", "row5", "no_consent", "monthly"]

COUNTERS: Final[tuple[Counter, ...]] = get_args(Counter)
CAUSES: Final[dict[str, str]] = {
    "no_consent": "3.1.7",
    "time": "3.1.8",
    "way": "3.1.8",
    "content": "3.1.8",
    "frequency": "3.1.8",
    "cannot_unsubscribe": "4.3",
    "wrong_person": "3.1.5",
    "not_received": "3.2.4",
    "intercepted": "3.2.4",
    "fee": "5.2",
    "other": "4.3.1",
}
"""What a user complains of → the clause it touches."""
ATTRIBUTIONS: Final = (*PARTIES, "unclear")

MOVES: Final[dict[str, dict[str, str]]] = {
    "received": {
        "transfer": "received", "reply": "received", "verify": "verified",
        "reject": "rejected", "void": "void",
    },
    "verified": {
        "transfer": "verified", "reply": "verified", "verify": "verified",
        "close": "closed", "void": "void",
    },
    "rejected": {
        "transfer": "rejected", "reply": "rejected", "verify": "verified",
        "close": "closed", "void": "void",
    },
    "closed": {"reopen": "received"},
    "void": {},
}  # fmt: skip
"""State → what may be done there → the state after it."""


@dataclass(slots=True, frozen=True)
class Clock:
    """Be one hour in which a side must act; all times are UTC seconds since the epoch."""

    side: str
    clause: str
    started_at: float
    due_at: float
    """Last instant that is in time."""
    answered_at: float = 0.0

    def late(self, at: float) -> bool:
        """Say whether the answer came too late, or is overdue at `at`."""
        return (self.answered_at or at) > self.due_at


@dataclass(slots=True)
class Complaint:
    """Hold one complaint as its events made it; times are 0.0 for what hasn't happened."""

    number: int
    account: str
    channel: str
    cause: str
    attribution: str
    received_at: float
    recipient: str = ""
    message_id: int = 0
    reference: str = ""
    ports: tuple[str, ...] = ()
    state: str = "received"
    verified: bool = False
    transferred_at: float = 0.0
    """Of the first transfer."""
    first_reply_at: float = 0.0
    verified_at: float = 0.0
    closed_at: float = 0.0
    moved_at: float = 0.0
    """Moment of the last step; none may lie before it."""
    owners: list[tuple[float, str]] = field(default_factory=list)
    """Since when which side has to act, the first to the last."""
    clocks: list[Clock] = field(default_factory=list)
    history: list[ComplaintReceived | ComplaintMoved] = field(default_factory=list)

    @property
    def owner(self) -> str:
        """Give the side that has to act."""
        return self.owners[-1][1]

    @property
    def ping_pong(self) -> int:
        """Count the transfers that gave it back to a side that had had it before."""
        return max(0, len(self.owners) - 2)

    def late(self, at: float) -> tuple[Clock, ...]:
        """Give the clocks that were or, at `at`, are overdue."""
        return tuple(clock for clock in self.clocks if clock.late(at))

    def _start(self, side: str, clause: str, at: float, seconds: float) -> None:
        self.clocks.append(Clock(side, clause, at, at + seconds))

    def _answer(self, at: float) -> None:
        if self.clocks and not self.clocks[-1].answered_at:
            self.clocks[-1] = replace(self.clocks[-1], answered_at=at)


@dataclass(slots=True)
class ComplaintRegister:
    """Fold complaints; the same events under the same figures make an equal register.

    `check` refuses an event before it is recorded, `apply` takes a recorded one. What the
    contract file may change later, such as the channels, is only checked before.
    """

    figures: Complaints
    sla: Sla
    complaints: dict[int, Complaint] = field(default_factory=dict)
    _times: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """Times received, ascending, by account and counter."""

    # -- entries ------------------------------------------------------------------------------

    def check(self, event: ComplaintReceived | ComplaintMoved) -> None:
        """Raise EntryError for an event that can't be, saying what is allowed."""
        given(who=event.who)
        if isinstance(event, ComplaintReceived):
            self._check_received(event)
        else:
            self._check_moved(event)

    def _check_received(self, event: ComplaintReceived) -> None:
        next_in("complaint", event.complaint, self.complaints)
        given(account=event.account)
        one_of("channel", event.channel, self.figures.channels)
        one_of("cause", event.cause, CAUSES)
        one_of("attribution", event.attribution, ATTRIBUTIONS)
        one_of("owner", event.owner, PARTIES)
        moment_of("received_at", event.received_at, event.at)

    def _check_moved(self, event: ComplaintMoved) -> None:
        found = entry_of("complaint", event.complaint, self.complaints)
        step_of(f"complaint {found.number}", found.state, event.action, MOVES)
        moment_of("moment", event.moment, event.at, found.moved_at)
        if event.action in ("reject", "void", "reopen"):
            given(why=event.why)
        if event.action == "transfer":
            one_of("owner", event.owner, [side for side in PARTIES if side != found.owner])
        if event.action == "verify":
            one_of("attribution", event.attribution, PARTIES)
            one_of("cause", event.cause or found.cause, CAUSES)
        if event.action == "close" and not found.first_reply_at:
            raise EntryError(
                f"complaint {found.number}: no first reply yet, it is needed before close"
            )

    def apply(self, event: ComplaintReceived | ComplaintMoved) -> None:
        """Take a recorded event in.

        Raises EntryError where the complaint's state doesn't allow it.
        """
        if isinstance(event, ComplaintReceived):
            next_in("complaint", event.complaint, self.complaints)
            found = self._received(event)
        else:
            found = entry_of("complaint", event.complaint, self.complaints)
            state = step_of(f"complaint {found.number}", found.state, event.action, MOVES)
            self._count(found, add=False)
            found.state = state
            found.moved_at = event.moment or event.at
            _STEPS[event.action](found, event, float(self.figures.first_reply_s))
        found.history.append(event)
        self._count(found, add=True)

    def _received(self, event: ComplaintReceived) -> Complaint:
        at = event.received_at or event.at
        found = self.complaints[event.complaint] = Complaint(
            event.complaint, event.account, event.channel, event.cause, event.attribution, at,
            event.number, event.message_id, event.reference, event.ports,
            moved_at=at, owners=[(at, event.owner)],
        )  # fmt: skip
        if event.attribution == "unclear":
            found._start(event.owner, "4.3.2", at, self.figures.first_reply_s)
        return found

    # -- counts -------------------------------------------------------------------------------

    def counters_of(self, found: Complaint) -> tuple[Counter, ...]:
        """Name the counters that a complaint feeds as it stands, of those configured."""
        if found.state == "void":
            return ()
        feeds: dict[Counter, bool] = {
            "sla": _SLA_FILTERS[self.sla.complaint_filter](found),
            "row5": found.verified and found.attribution == "party_a",
            "no_consent": found.cause == "no_consent" and _may_be_of_party_a(found),
            "monthly": True,
        }
        return tuple(name for name in self.figures.counters if feeds[name])

    def _count(self, found: Complaint, *, add: bool) -> None:
        for counter in self.counters_of(found):
            times = self._times.setdefault((found.account, counter), [])
            if add:
                insort(times, found.received_at)
            else:
                del times[bisect_left(times, found.received_at)]

    def count(self, account: str, counter: Counter, start: float, end: float) -> int:
        """Count the complaints received from `start` (counted in) to `end` (not)."""
        one_of("counter", counter, COUNTERS)
        times = self._times.get((account, counter), [])
        return max(0, bisect_left(times, end) - bisect_left(times, start))

    def month(self, account: str, at: float) -> int:
        """Count those of all channels in the calendar month of `at` up to then (annex 1, 14)."""
        return self.count(account, "monthly", start_of_month(at), _after(at))

    def stop_right(self, account: str, at: float) -> bool:
        """Say whether party B may stop the service at once: the month's number is reached."""
        return self.month(account, at) >= self.figures.monthly_stop > 0

    def trailing(self, account: str, at: float) -> int:
        """Count those of clause 3.2.4 in the twelve months that end with the day of `at`."""
        return self.count(account, "sla", start_of_year_to(at), _after(at))

    def worst_year(self, account: str, start: float, end: float) -> int:
        """Give the most of clause 3.2.4 in any twelve months that touch `start` to `end`.

        The twelve months begin with any day; of those with the most some begin with a day on
        which a complaint came, or with the last one of the time asked for.
        """
        if end <= start:
            raise EntryError(f"end: {end}, after start, which is {start}")
        last = day_of(nextafter(end, 0.0))
        times = self._times.get((account, "sla"), [])
        upto = bisect_right(times, nextafter(end_of(last), 0.0))
        days = {day_of(at) for at in times[:upto]} | {last}
        most = 0
        for day in days:
            year_end = start_of(add_months(day, 12))
            if year_end > start:
                most = max(most, self.count(account, "sla", start_of(day), year_end))
        return most

    def sla_met(self, account: str, at: float) -> bool:
        """Say whether the second limb of clause 3.2.4 holds in the twelve months up to `at`."""
        return self.trailing(account, at) <= self.sla.complaints

    # -- views --------------------------------------------------------------------------------

    def held(self) -> frozenset[int]:
        """Name the messages whose records must be kept: their complaints are not closed."""
        return frozenset(
            found.message_id
            for found in self.complaints.values()
            if found.message_id and found.state not in ("closed", "void")
        )

    def intercepted(self) -> frozenset[int]:
        """Name the messages that a handset's software hid, as verified complaints show (3.2.4)."""
        return frozenset(
            found.message_id
            for found in self.complaints.values()
            if found.message_id
            and found.verified
            and found.cause == "intercepted"
            and found.state != "void"
        )

    def running(self, at: float) -> tuple[tuple[Clock, Complaint], ...]:
        """Give the unanswered clocks started by `at`, the first due first."""
        found = [
            (clock, complaint)
            for complaint in self.complaints.values()
            for clock in complaint.clocks
            if not clock.answered_at and clock.started_at <= at and complaint.state != "void"
        ]
        return tuple(sorted(found, key=lambda pair: (pair[0].due_at, pair[1].number)))


def _may_be_of_party_a(found: Complaint) -> bool:
    return found.state != "rejected" and found.attribution != "party_b"


def _after(at: float) -> float:
    return nextafter(at, float("inf"))


_SLA_FILTERS: Final[dict[str, Callable[[Complaint], bool]]] = {
    "verified_b": lambda found: found.verified and found.attribution == "party_b",
    "verified": lambda found: found.verified,
    "all": lambda found: True,
}


def _transfer(found: Complaint, event: ComplaintMoved, seconds: float) -> None:
    found._answer(found.moved_at)
    found.transferred_at = found.transferred_at or found.moved_at
    found.owners.append((found.moved_at, event.owner))
    clause = "4.3.1" if event.owner == "party_a" else "4.3.2"
    found._start(event.owner, clause, found.moved_at, seconds)


def _reply(found: Complaint, event: ComplaintMoved, seconds: float) -> None:
    found._answer(found.moved_at)
    found.first_reply_at = found.first_reply_at or found.moved_at


def _verify(found: Complaint, event: ComplaintMoved, seconds: float) -> None:
    found.verified = True
    found.verified_at = found.moved_at
    found.attribution = event.attribution
    found.cause = event.cause or found.cause


def _reject(found: Complaint, event: ComplaintMoved, seconds: float) -> None:
    found.verified = False


def _close(found: Complaint, event: ComplaintMoved, seconds: float) -> None:
    found.closed_at = found.moved_at


def _reopen(found: Complaint, event: ComplaintMoved, seconds: float) -> None:
    found.closed_at = 0.0
    found.verified = False


def _void(found: Complaint, event: ComplaintMoved, seconds: float) -> None:
    found.closed_at = found.moved_at


_STEPS: Final[dict[str, Callable[[Complaint, ComplaintMoved, float], None]]] = {
    "transfer": _transfer,
    "reply": _reply,
    "verify": _verify,
    "reject": _reject,
    "close": _close,
    "reopen": _reopen,
    "void": _void,
}
