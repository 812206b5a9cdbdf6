"""Check who is written to: the declared user scope."""

from __future__ import annotations

from ..facts import Facts
from ..finding import Finding
from ..message import Message
from ..rules import AccountRules


def scope(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a recipient in the scope in force at the time of submission (clause 3.1.5)."""
    if rules.scope.includes(message.recipient, message.at):
        return None
    version = rules.scope.version_at(message.at)
    if version is None:
        return Finding(
            en=f"recipient {message.recipient}: no user scope was declared at that time",
            zh=f"接收号码{message.recipient}：当时尚未申报用户范围",
            seen=message.recipient,
            allowed="a user scope declared before the submission",
        )
    return Finding(
        en=f"recipient {message.recipient} is outside the declared user scope "
        f"(version {version.version})",
        zh=f"接收号码{message.recipient}超出申报的用户范围（第{version.version}版）",
        seen=message.recipient,
        allowed=f"recipients in version {version.version} of the scope",
    )
