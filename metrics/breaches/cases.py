"""Take a case of breach from suspicion to its end, as clauses 7.3 and 7.5 provide.

    suspected ──suspend──► suspended ──explain──► explained        (7.5: stop first, hear party A)
        └──────────┬───────────┴─────────────────────┘
                confirm
                   ├── general, serious: confirmed ──notice──► notice_sent ──deliver──►
                   │       rectification ⇄ evidence_submitted ──pass──► confirmed_pass ──close──►
                   │       closed; where it isn't passed in time: failed ──terminate──► terminated
                   └── major: confirmed ──stop──► stopped ──close──► closed | terminate

`MOVES` is the whole machine: what it doesn't name is refused with the state and what is allowed
there. `orders` turns a person's order into an event; `Case.apply` is the only place where a case
changes, so that the events alone rebuild it. A precautionary stop (7.5) stays through the
confirmation until the block of rectification takes its place, or the case is dismissed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, get_args

from config.interpretation import Breach, Grade
from routing.breach_events import CaseMoved, CaseOpened

from .evidence import Evidence
from .rows import CLAUSE, CONSENT_ROWS, ROWS, grade_of

State = Literal[
    "suspected", "suspended", "explained", "dismissed", "confirmed", "notice_sent",
    "rectification", "evidence_submitted", "confirmed_pass", "failed", "stopped", "closed",
    "terminated",
]  # fmt: skip
Action = Literal[
    "suspend", "explain", "dismiss", "raise", "confirm", "notice", "deliver", "return", "submit",
    "reject", "pass", "fail", "stop", "close", "terminate",
]  # fmt: skip

ACTIONS: Final[tuple[str, ...]] = get_args(Action)

MOVES: Final[dict[State, dict[Action, State]]] = {
    "suspected": {
        "suspend": "suspended", "confirm": "confirmed", "dismiss": "dismissed",
        "raise": "suspected",
    },
    "suspended": {
        "explain": "explained", "confirm": "confirmed", "dismiss": "dismissed",
        "raise": "suspended", "terminate": "terminated",
    },
    "explained": {
        "confirm": "confirmed", "dismiss": "dismissed", "raise": "explained",
        "terminate": "terminated",
    },
    "confirmed": {"notice": "notice_sent", "stop": "stopped", "dismiss": "dismissed"},
    "notice_sent": {"deliver": "rectification", "return": "confirmed"},
    "rectification": {"submit": "evidence_submitted", "fail": "failed"},
    "evidence_submitted": {
        "pass": "confirmed_pass", "reject": "rectification", "fail": "failed",
    },
    "confirmed_pass": {"close": "closed"},
    "failed": {"submit": "evidence_submitted", "terminate": "terminated"},
    "stopped": {"close": "closed", "terminate": "terminated"},
    "dismissed": {},
    "closed": {},
    "terminated": {},
}  # fmt: skip
"""State → what may be done there → the state after it."""

COLLECTING: Final[frozenset[State]] = frozenset({"suspected", "suspended", "explained"})
"""States in which further signs of the row belong to the case."""
RECTIFYING: Final[frozenset[State]] = frozenset(
    {"notice_sent", "rectification", "evidence_submitted", "confirmed_pass", "failed"}
)
ENDED: Final[frozenset[State]] = frozenset({"dismissed", "closed", "terminated"})

OPEN_END: Final = math.inf
"""End of a block that a person must lift."""


class BreachError(ValueError):
    """Say that an order can't be carried out, with what was seen and what is allowed."""


class Block(NamedTuple):
    """Say that an account may not submit from some access numbers; no ports are all of them.

    `since` <= at < `until`, UTC seconds since the epoch. `reason` is a name of
    `routing.reasons`: port_blocked, suspended or not_in_force. `case` is the number of the case,
    or of the immediate stop, negative.
    """

    account: str
    ports: tuple[str, ...]
    since: float
    until: float
    case: int
    reason: str
    clause: str
    """Clause that it rests on."""
    why: str
    due: float
    """End of the days of rectification, of the time to explain, or of the freeze; 0 for none."""


@dataclass(slots=True, frozen=True)
class Figures:
    """Hold what the contract file says of cases."""

    breach: Breach
    explain_days: int = 5

    def days(self, grade: str) -> int:
        """Give the days of rectification."""
        return self.breach.general_days if grade == "general" else self.breach.serious_days

    def penalty_fen(self, grade: str) -> int:
        """Give the penalty on termination, fen."""
        return {
            "general": self.breach.general_penalty_fen,
            "serious": self.breach.serious_penalty_fen,
            "major": self.breach.major_penalty_fen,
        }[grade]


@dataclass(slots=True)
class Case:
    """Hold one case as its events made it; times are UTC seconds since the epoch, 0 for none."""

    number: int
    account: str
    row: int
    grade: Grade
    opened_at: float
    first_at: float
    """Of the first breach."""
    evidence: Evidence
    ports: tuple[str, ...] = ()
    """Named at opening; those of the evidence come to them."""
    causes: tuple[int, ...] = ()
    trigger: str = ""
    state: State = "suspected"
    moved_at: float = 0.0
    explain_by: float = 0.0
    confirmed_at: float = 0.0
    sent_at: float = 0.0
    delivered_at: float = 0.0
    suspended_at: float = 0.0
    """Since when the business is stopped as a precaution."""
    blocked_at: float = 0.0
    """Since when the block of rectification, or the stop of a major breach, is in force."""
    rectify_by: float = 0.0
    """End of the last day of rectification."""
    release_at: float = 0.0
    """End of the block of a case that passed."""
    frozen_until: float = 0.0
    """End of the freeze after a major breach."""
    penalty_fen: int = 0
    reported: bool = False
    history: list[CaseOpened | CaseMoved] = field(default_factory=list)

    @property
    def actions(self) -> tuple[Action, ...]:
        """Name the steps that its state allows and that its row and grade don't rule out."""
        ruled_out = {"notice"} if self.grade == "major" else {"stop"}
        if self.row not in CONSENT_ROWS[:-1]:
            ruled_out.add("raise")
        return tuple(action for action in MOVES[self.state] if action not in ruled_out)

    def blocked_ports(self, figures: Figures) -> tuple[str, ...]:
        """Give the access numbers that its block concerns, none for all of the account's."""
        if figures.breach.block_scope == "all_ports" or self.evidence.all_ports:
            return ()
        return tuple(sorted({*self.ports, *self.evidence.ports}))

    def block(self, figures: Figures) -> Block | None:
        """Give its block, of any time, or None where it has none."""
        if not (self.blocked_at or self.suspended_at):
            return None
        reason, clause, due = self._standing()
        return Block(
            account=self.account,
            ports=() if self.state == "terminated" else self.blocked_ports(figures),
            since=self.blocked_at or self.suspended_at,
            until=self.release_at if self.state in _RELEASED else OPEN_END,
            case=self.number,
            reason=reason,
            clause=clause,
            why=f"row {self.row}: {ROWS[self.row].en}",
            due=due,
        )

    def _standing(self) -> tuple[str, str, float]:
        """Give the reason, clause and date of its block."""
        clause = CLAUSE[self.grade] if self.confirmed_at else "7.5"
        if self.state == "terminated":
            return "not_in_force", clause, 0.0
        if not self.blocked_at:
            return "suspended", "7.5", self.explain_by
        if self.grade == "major":
            return "suspended", clause, self.frozen_until
        return "port_blocked", clause, self.rectify_by

    def apply(self, event: CaseMoved) -> None:
        """Change by an event that `decide` made.

        Raises BreachError for an event that the case's state doesn't allow.
        """
        moves = MOVES[self.state]
        action = action_of(event.action, self)
        state = moves[action]
        if event.state != state:
            raise BreachError(
                f"case {self.number}: {action} leads to {state}, the event says {event.state!r}"
            )
        self.state = state
        self.moved_at = event.at
        self.history.append(event)
        _EFFECTS[action](self, event)


def opened(event: CaseOpened, evidence: Evidence) -> Case:
    """Make the case of an event; `evidence` is shared with what goes on collecting it."""
    return Case(
        number=event.case,
        account=event.account,
        row=event.row,
        grade=grade_of(event.row, event.grade),
        opened_at=event.at,
        first_at=event.first_at or event.at,
        evidence=evidence,
        ports=event.ports,
        causes=event.causes,
        trigger=event.trigger,
        moved_at=event.at,
        history=[event],
    )


_RELEASED: Final[frozenset[State]] = frozenset({"confirmed_pass", "closed"})


def action_of(name: str, case: Case) -> Action:
    """Give an action by its name.

    Raises BreachError naming the case's state and what is allowed there.
    """
    moves = MOVES[case.state]
    for action in moves:
        if action == name:
            return action
    allowed = ", ".join(moves) or "nothing, it has ended"
    raise BreachError(f"case {case.number} is {case.state}: {name} is not allowed, only {allowed}")


def _suspended(case: Case, event: CaseMoved) -> None:
    case.explain_by = event.until
    case.suspended_at = event.at


def _dismissed(case: Case, event: CaseMoved) -> None:
    case.suspended_at = 0.0


def _confirmed(case: Case, event: CaseMoved) -> None:
    case.confirmed_at = event.at
    case.grade = grade_of(case.row, event.grade)


def _raised(case: Case, event: CaseMoved) -> None:
    case.row = event.row
    case.grade = grade_of(event.row, event.grade)


def _noticed(case: Case, event: CaseMoved) -> None:
    case.sent_at = event.moment
    case.rectify_by = event.until
    case.blocked_at = event.at if event.until else 0.0


def _delivered(case: Case, event: CaseMoved) -> None:
    case.delivered_at = event.moment
    case.rectify_by = event.until
    case.blocked_at = case.blocked_at or event.at


def _returned(case: Case, event: CaseMoved) -> None:
    case.sent_at = case.rectify_by = case.blocked_at = 0.0


def _passed(case: Case, event: CaseMoved) -> None:
    case.release_at = event.until


def _stopped(case: Case, event: CaseMoved) -> None:
    case.frozen_until = event.until
    case.blocked_at = event.at


def _closed(case: Case, event: CaseMoved) -> None:
    case.release_at = case.release_at or event.at


def _terminated(case: Case, event: CaseMoved) -> None:
    case.penalty_fen = event.penalty_fen
    case.reported = event.reported
    case.blocked_at = event.at


def _nothing(case: Case, event: CaseMoved) -> None:
    pass


_EFFECTS: Final[dict[Action, Callable[[Case, CaseMoved], None]]] = {
    "suspend": _suspended,
    "explain": _nothing,
    "dismiss": _dismissed,
    "raise": _raised,
    "confirm": _confirmed,
    "notice": _noticed,
    "deliver": _delivered,
    "return": _returned,
    "submit": _nothing,
    "reject": _nothing,
    "pass": _passed,
    "fail": _nothing,
    "stop": _stopped,
    "close": _closed,
    "terminate": _terminated,
}
