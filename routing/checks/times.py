"""Check validity_period and schedule_delivery_time (SMPP 3.4 §5.2.15, §5.2.16)."""

from __future__ import annotations

from ..facts import Facts
from ..message import Message
from ..rules import AccountRules


def expired_validity(message: Message, rules: AccountRules, facts: Facts) -> str | None:
    """Want a validity that ends in the future, within the longest one; 0 = none was given."""
    left_s = message.validity_at - message.at
    if 0.0 < left_s <= rules.limits.max_validity_s and not facts.validity_error:
        return None
    if facts.validity_error:
        return facts.validity_error
    if message.validity_at == 0.0:
        return None
    if left_s <= 0.0:
        ended_s = message.at - message.validity_at
        return f"validity_period ended {ended_s:.0f} s before the submission"
    return (
        f"validity_period ends in {left_s:.0f} s, at most {rules.limits.max_validity_s:.0f} s "
        f"are kept"
    )


def schedule(message: Message, rules: AccountRules, facts: Facts) -> str | None:
    """Want a scheduled time within the limit, not past, before the validity ends; 0 = at once."""
    if message.schedule_at == 0.0 and not facts.schedule_error:
        return None
    if facts.schedule_error:
        return facts.schedule_error
    ahead_s = message.schedule_at - message.at
    limits = rules.limits
    if ahead_s < -limits.past_schedule_s:
        return f"schedule_delivery_time is {-ahead_s:.0f} s in the past"
    if ahead_s > limits.max_schedule_s:
        return (
            f"schedule_delivery_time is {ahead_s:.0f} s ahead, at most {limits.max_schedule_s:.0f}"
        )
    if message.validity_at and message.schedule_at >= message.validity_at:
        return (
            f"schedule_delivery_time is {message.schedule_at - message.validity_at:.0f} s "
            f"after the end of validity_period"
        )
    return None
