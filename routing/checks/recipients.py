"""Check who is written to: the declared user scope."""

from __future__ import annotations

from ..facts import Facts
from ..message import Message
from ..rules import AccountRules


def scope(message: Message, rules: AccountRules, facts: Facts) -> str | None:
    """Want a recipient in the scope in force at the time of submission (clause 3.1.5)."""
    if rules.scope.includes(message.recipient, message.at):
        return None
    version = rules.scope.version_at(message.at)
    if version is None:
        return f"recipient {message.recipient}: no user scope was declared at that time"
    return (
        f"recipient {message.recipient} is outside the declared user scope "
        f"(version {version.version})"
    )
