"""Count again, at start-up, what was accepted lately: limits go by it (clause 3.1.1).

The counts are not stored. The archive and the journal's tail have every accepted message with its
text, so what a message was counted as is read from the text again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from metrics.breaches.detectors import awaits_delivery
from routing.events import JournalEvent
from routing.message import Message
from routing.quota import month_start
from routing.rules import Rules
from routing.verdict import Judge

from .policy import Policy
from .recovery import Wanted


def counted_since(rules: Rules, at: float) -> float:
    """Give the time from which accepted messages still count at `at`, both UTC seconds.

    Infinity where no check goes by them.
    """
    if not any(account.checked for account in rules.accounts.values()):
        return math.inf
    books = rules.registries
    since = math.inf
    if books.frequency.limited and rules.modes.get("frequency") != "off":
        since = at - books.frequency.horizon_s
    if books.quota.limited and rules.modes.get("quota") != "off":
        since = min(since, month_start(at))
    return since


def wanted_at_start(policy: Policy, lasting: Callable[[JournalEvent], None], at: float) -> Wanted:
    """Say what a gateway that starts at `at` (UTC seconds) wants to hear of the past."""
    rules = policy.rules
    return Wanted(
        lasting,
        at - rules.registries.uplinks.horizon_s,
        counting(policy.judges),
        counted_since(rules, at),
        awaits_delivery,
    )


def counting(judges: Mapping[str, Judge]) -> Callable[[Message], None]:
    """Give what counts an accepted message; those of an account that is gone are passed over."""

    def count(message: Message) -> None:
        judge = judges.get(message.account)
        if judge is not None:
            judge.count(message)

    return count
