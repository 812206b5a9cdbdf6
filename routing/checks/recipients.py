"""Check who is written to: the declared user scope."""

from __future__ import annotations

from ..events import Submission
from ..facts import Facts
from ..rules import AccountRules


def scope(submission: Submission, rules: AccountRules, facts: Facts) -> str | None:
    """Want a recipient in the scope in force at the time of submission (clause 3.1.5)."""
    if rules.scope.includes(submission.recipient, submission.at):
        return None
    version = rules.scope.version_at(submission.at)
    if version is None:
        return f"recipient {submission.recipient}: no user scope was declared at that time"
    return (
        f"recipient {submission.recipient} is outside the declared user scope "
        f"(version {version.version})"
    )
