"""Check how much was sent: to one recipient in a while, and in all (clause 3.1.1).

What is counted is accepted messages, so counting comes after the verdict: `count` is called once
for each, also for one that was accepted although a monitored check failed.
"""

from __future__ import annotations

from ..facts import Facts
from ..finding import Finding
from ..message import Message
from ..rules import AccountRules


def quota(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want room in the account's quota of the day and of the month."""
    return rules.registries.quota.judge(rules.account, message.segment_count, message.at)


def frequency(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a recipient who hasn't had as many messages of the category as he may get in a time.

    Numbers on the white list may get more.
    """
    reading = rules.reader.read(message)
    signature = reading.signature if reading.signature in rules.signatures else ""
    found = rules.registries.frequency.judge(
        message.recipient, reading.category, message.text, message.at, signature
    )
    if found is None or _exempt(message, rules):
        return None
    return found


def count(message: Message, rules: AccountRules) -> None:
    """Count an accepted message."""
    registries = rules.registries
    if registries.quota.limited:
        registries.quota.count(rules.account, message.segment_count, message.at)
    reading = rules.reader.read(message)
    # Any signature that isn't registered is counted with the others, so that they stay few.
    signature = reading.signature if reading.signature in rules.signatures else ""
    registries.frequency.count(
        message.recipient, reading.category, message.text, message.at, signature
    )


def _exempt(message: Message, rules: AccountRules) -> bool:
    if not message.recipient.isdecimal():
        return False
    lists = rules.registries.lists
    if not lists.knows(int(message.recipient)):
        return False
    signature = rules.reader.read(message).signature[1:-1]
    return lists.standing(message.recipient, rules.account, signature, message.at).exempt
