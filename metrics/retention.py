"""Say from when on records are kept, and by which reason (clause 3.1.11).

The schedule says the least. A settlement period that party A can still check, an order, an open
complaint, an incident that is investigated and a message under way hold what they need beyond it.
Whole months are removed, so each reason keeps the month that it falls into and all later ones.
Instants are UTC seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final, Literal, NamedTuple, TypeAlias

from config.contract import Contract
from routing.retention import kept_from

from .breaches.periods import day_of, end_of
from .office import Office
from .settlement.periods import periods_of

What: TypeAlias = Literal["schedule", "period", "order", "complaint", "incident", "under_way"]

TITLES: Final[dict[What, tuple[str, str]]] = {
    "schedule": ("records of the latest months", "最近数月的记录"),
    "period": ("the settlement period can still be checked", "结算周期仍可核对"),
    "order": ("an order to keep records", "证据保全要求"),
    "complaint": ("an open complaint", "未结投诉"),
    "incident": ("an incident under investigation", "调查中的安全事件"),
    "under_way": ("a message under way", "尚未结束的短信"),
}
"""Kind of reason → its words in English and Chinese."""


class Reason(NamedTuple):
    """Keep everything from `since` on; `entry` names what asks for it, such as "hold 2"."""

    since: float
    what: What
    clause: str
    entry: str = ""


def reasons(
    contract: Contract,
    office: Office,
    at: float,
    sent_at: Callable[[int], float],
    oldest_open: float | None = None,
) -> tuple[Reason, ...]:
    """Give every reason as of `at`, the one that reaches furthest back first.

    `sent_at` gives the time of a message by its id; `oldest_open` is when the oldest message began
    that is under way, None for none.
    """
    found = [Reason(kept_from(contract.retention.schedule, at), "schedule", "3.1.11")]
    found += _periods(contract, at)
    found += [
        Reason(one.since, "order", "3.1.11", f"hold {one.number}")
        for one in office.retention.standing()
    ]
    found += [
        Reason(sent_at(message_id), "complaint", "4.3.1", f"message {message_id}")
        for message_id in sorted(office.held_messages())
    ]
    found += [
        Reason(one.discovered_at, "incident", "annex 1.12", f"incident {one.number}")
        for one in office.incidents.held()
    ]
    if oldest_open is not None:
        found.append(Reason(oldest_open, "under_way", ""))
    return tuple(sorted(found))


def kept_since(found: tuple[Reason, ...]) -> float:
    """Give the instant from which on everything is kept."""
    return found[0].since


def _periods(contract: Contract, at: float) -> Iterator[Reason]:
    """Keep a settlement period until its invoice is due: until then it can be objected to."""
    if not contract.checked:
        return
    days = timedelta(days=contract.billing.due_days)
    for period in periods_of(contract).begun_by(day_of(at)):
        if at < end_of(period.last_day + days):
            yield Reason(period.starts_at, "period", "5.3", f"period {period.name}")
            return
