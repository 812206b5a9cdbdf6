"""Turn what a person orders about a case into events, or say why it can't be.

How the open wording of clauses 7.3 and 7.5 is read:

- Rectification runs from the letter's sending, once it arrives, or from its arrival
  (`breach.start`). Read from sending, the ports are blocked while the letter is under way, and a
  letter that comes back lifts the block.
- A pass before the last day leaves the block until that day is over (`breach.early_release`).
  After it the block stays until party B confirms.
- A major breach stops the business at once, in the same step as its confirmation, until party B
  lets it go on; that is not before the freeze of applications is over, unless `early_release`.
- The penalty is due only where the contract is terminated for a breach, not for a missing
  explanation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from routing.breach_events import CaseMoved

from .cases import COLLECTING, MOVES, Action, BreachError, Case, Figures, action_of
from .periods import days_after, months_after
from .rows import CONSENT_ROWS, grade_of


@dataclass(slots=True, frozen=True)
class Order:
    """Say what a person decides about a case, when and why."""

    action: str
    at: float
    who: str
    why: str
    grade: str = ""
    """For confirm: of a row that has several; "" is the case's own."""
    row: int = 0
    """For raise: one of rows 1, 8 and 22."""
    moment: float = 0.0
    """For notice and deliver: when the letter was sent or arrived; 0 is `at`."""
    form: str = "letter"
    reference: str = ""
    report: bool = False
    """For terminate: whether the authority is told."""


Guard: TypeAlias = Callable[[Case, Order, Figures], str]
"""Says why an action isn't allowed, or ""."""


def decide(case: Case, order: Order, figures: Figures) -> tuple[CaseMoved, ...]:
    """Turn an order into the events that carry it out, without changing the case.

    Confirming a major breach stops the business in the same breath, so it makes two. Raises
    BreachError that names the state and what is allowed there.
    """
    action = action_of(order.action, case)
    for what, text in (("who", order.who), ("why", order.why)):
        if not text.strip():
            raise BreachError(f"case {case.number}: {action} needs `{what}`, it was empty")
    if not order.at >= case.moved_at:
        raise BreachError(
            f"case {case.number}: {action} at {order.at:.0f} is before the case's last step, "
            f"{case.moved_at:.0f}"
        )
    objection = _GUARDS.get(action, _no_objection)(case, order, figures)
    if objection:
        raise BreachError(f"case {case.number} ({case.state}): {objection}")
    event = _MAKERS.get(action, _plain)(case, order, figures)
    if action == "confirm" and event.grade == "major":
        return event, _stop(case, order, figures)
    return (event,)


def _no_objection(case: Case, order: Order, figures: Figures) -> str:
    return ""


def _against_confirm(case: Case, order: Order, figures: Figures) -> str:
    try:
        grade_of(case.row, order.grade)
    except ValueError as error:
        return str(error)
    return ""


def _against_raise(case: Case, order: Order, figures: Figures) -> str:
    if case.row not in CONSENT_ROWS or order.row not in CONSENT_ROWS or order.row <= case.row:
        rows = ", ".join(map(str, CONSENT_ROWS))
        return f"row {case.row} can't become row {order.row}; only the lighter of {rows} a graver"
    return ""


def _against_notice(case: Case, order: Order, figures: Figures) -> str:
    if case.grade == "major":
        return "a major breach has no rectification; stop it"
    if order.form != "letter":
        return (
            f"a notice by {order.form or 'no form'} is void; a notice of breach is valid only by "
            "letter (clause 11.9.1)"
        )
    return _against_moment(order, case.confirmed_at, "sent", "the breach was confirmed")


def _against_deliver(case: Case, order: Order, figures: Figures) -> str:
    return _against_moment(order, case.sent_at, "delivered", "it was sent")


def _against_moment(order: Order, earliest: float, what: str, after: str) -> str:
    moment = order.moment or order.at
    if not earliest <= moment <= order.at:
        return f"{what} at {moment:.0f}, allowed is from {earliest:.0f} ({after}) to {order.at:.0f}"
    return ""


def _against_fail(case: Case, order: Order, figures: Figures) -> str:
    if order.at < case.rectify_by:
        return f"rectification runs until {case.rectify_by:.0f}; it can fail only afterwards"
    return ""


def _against_stop(case: Case, order: Order, figures: Figures) -> str:
    return "" if case.grade == "major" else f"a {case.grade} breach is rectified, not stopped"


def _against_close(case: Case, order: Order, figures: Figures) -> str:
    earliest = case.release_at if case.state == "confirmed_pass" else case.frozen_until
    if case.state == "stopped" and figures.breach.early_release:
        return ""
    return "" if order.at >= earliest else f"it can be closed from {earliest:.0f} on"


def _against_terminate(case: Case, order: Order, figures: Figures) -> str:
    if case.state == "suspended" and order.at < case.explain_by:
        return f"party A may explain itself until {case.explain_by:.0f}"
    return ""


_GUARDS: Final[dict[Action, Guard]] = {
    "confirm": _against_confirm,
    "raise": _against_raise,
    "notice": _against_notice,
    "deliver": _against_deliver,
    "fail": _against_fail,
    "stop": _against_stop,
    "close": _against_close,
    "terminate": _against_terminate,
}


def _plain(case: Case, order: Order, figures: Figures) -> CaseMoved:
    action = action_of(order.action, case)
    state = MOVES[case.state][action]
    return CaseMoved(
        order.at, case.number, action, state, order.who, order.why, reference=order.reference
    )


def _suspend(case: Case, order: Order, figures: Figures) -> CaseMoved:
    event = _plain(case, order, figures)
    event.until = days_after(order.at, figures.explain_days)
    return event


def _confirm(case: Case, order: Order, figures: Figures) -> CaseMoved:
    event = _plain(case, order, figures)
    event.grade = grade_of(case.row, order.grade) if order.grade else case.grade
    return event


def _raise(case: Case, order: Order, figures: Figures) -> CaseMoved:
    event = _plain(case, order, figures)
    event.row, event.grade = order.row, grade_of(order.row)
    return event


def _notice(case: Case, order: Order, figures: Figures) -> CaseMoved:
    event = _plain(case, order, figures)
    event.moment, event.form = order.moment or order.at, order.form
    if figures.breach.start == "sent":
        event.until = days_after(event.moment, figures.days(case.grade))
    return event


def _deliver(case: Case, order: Order, figures: Figures) -> CaseMoved:
    event = _plain(case, order, figures)
    event.moment = order.moment or order.at
    event.until = case.rectify_by or days_after(event.moment, figures.days(case.grade))
    return event


def _pass(case: Case, order: Order, figures: Figures) -> CaseMoved:
    event = _plain(case, order, figures)
    event.until = order.at if figures.breach.early_release else max(order.at, case.rectify_by)
    return event


def _stop(case: Case, order: Order, figures: Figures) -> CaseMoved:
    until = months_after(order.at, figures.breach.major_freeze_months)
    return CaseMoved(
        order.at, case.number, "stop", "stopped", order.who, order.why, until=until,
        reference=order.reference,
    )  # fmt: skip


def _terminate(case: Case, order: Order, figures: Figures) -> CaseMoved:
    event = _plain(case, order, figures)
    event.reported = order.report
    # Clause 7.5 ends the contract without a breach proved, so no penalty of 7.3 follows.
    event.penalty_fen = 0 if case.state in COLLECTING else figures.penalty_fen(case.grade)
    return event


_MAKERS: Final[dict[Action, Callable[[Case, Order, Figures], CaseMoved]]] = {
    "suspend": _suspend,
    "confirm": _confirm,
    "raise": _raise,
    "notice": _notice,
    "deliver": _deliver,
    "pass": _pass,
    "stop": _stop,
    "terminate": _terminate,
}
