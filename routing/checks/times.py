"""Check validity_period and schedule_delivery_time (SMPP 3.4 §5.2.15, §5.2.16)."""

from __future__ import annotations

from typing import Final

from ..facts import Facts
from ..finding import Finding
from ..message import Message
from ..rules import AccountRules

_TIMES: Final = "YYMMDDhhmmsstnnp, absolute or relative, or none"
"""Forms of a time (SMPP 3.4 §7.1.1)."""


def expired_validity(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a validity that ends in the future, within the longest one; 0 = none was given."""
    left_s = message.validity_at - message.at
    if 0.0 < left_s <= rules.limits.max_validity_s and not facts.validity_error:
        return None
    if facts.validity_error:
        return Finding(facts.validity_error, "有效期无法识别", facts.validity_error, _TIMES)
    if message.validity_at == 0.0:
        return None
    if left_s <= 0.0:
        ended_s = message.at - message.validity_at
        return Finding(
            en=f"validity_period ended {ended_s:.0f} s before the submission",
            zh=f"有效期在提交前{ended_s:.0f}秒已结束",
            seen=f"{ended_s:.0f} s past",
            allowed="an end after the submission",
        )
    most_s = rules.limits.max_validity_s
    return Finding(
        en=f"validity_period ends in {left_s:.0f} s, at most {most_s:.0f} s are kept",
        zh=f"有效期为{left_s:.0f}秒，最长{most_s:.0f}秒",
        seen=f"{left_s:.0f} s",
        allowed=f"{most_s:.0f} s",
    )


def schedule(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a scheduled time within the limit, not past, before the validity ends; 0 = at once."""
    if message.schedule_at == 0.0 and not facts.schedule_error:
        return None
    if facts.schedule_error:
        return Finding(facts.schedule_error, "定时时间无法识别", facts.schedule_error, _TIMES)
    ahead_s = message.schedule_at - message.at
    limits = rules.limits
    if ahead_s < -limits.past_schedule_s:
        return Finding(
            en=f"schedule_delivery_time is {-ahead_s:.0f} s in the past",
            zh=f"定时时间已过去{-ahead_s:.0f}秒",
            seen=f"{-ahead_s:.0f} s past",
            allowed=f"{limits.past_schedule_s:.0f} s past",
        )
    if ahead_s > limits.max_schedule_s:
        return Finding(
            en=f"schedule_delivery_time is {ahead_s:.0f} s ahead, at most "
            f"{limits.max_schedule_s:.0f}",
            zh=f"定时时间在{ahead_s:.0f}秒之后，最长{limits.max_schedule_s:.0f}秒",
            seen=f"{ahead_s:.0f} s",
            allowed=f"{limits.max_schedule_s:.0f} s",
        )
    if message.validity_at and message.schedule_at >= message.validity_at:
        late_s = message.schedule_at - message.validity_at
        return Finding(
            en=f"schedule_delivery_time is {late_s:.0f} s after the end of validity_period",
            zh=f"定时时间晚于有效期结束{late_s:.0f}秒",
            seen=f"{late_s:.0f} s after the end",
            allowed="a time before the end of validity_period",
        )
    return None
