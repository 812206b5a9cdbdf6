"""Check what a text says: prohibited words, whom it passes for, offers, hours, templates."""

from __future__ import annotations

from dataclasses import replace

from ..facts import Facts
from ..finding import Finding
from ..message import Message
from ..rules import AccountRules


def prohibited(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a text without prohibited words (clause 3.1.3, annex 1 items 7, 8 and 10)."""
    return rules.reader.read(message).prohibited


def impersonation(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a text that doesn't pass for the carrier's (clause 3.1.10)."""
    return rules.reader.read(message).impersonation


def commercial(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want permission, consent and a way to refuse for commercial texts (clause 3.1.8).

    In other texts only what hinders refusing is found (breach row 20).
    """
    registries = rules.registries
    reading = rules.reader.read(message)
    if not reading.classification.commercial:
        return reading.hindered
    port = rules.base_of(message.sender)
    judged = rules.reader.ads.judge(
        message.text,
        reading.classification,
        sender=message.sender,
        recipient=message.recipient,
        at=message.at,
        signature=reading.signature,
        last_mo_at=lambda recipient, _sender: registries.uplinks.last(recipient, port),
        has_consent=lambda recipient, at: (
            registries.consents.judge(recipient, "commercial", at) is None
        ),
    )
    finding, hindered = judged.finding, reading.hindered
    if finding is None or hindered is None:
        return finding or hindered
    return replace(finding, rows=tuple(sorted({*(finding.rows or ()), *(hindered.rows or ())})))


def time_window(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a time of the day at which the category may be sent (clause 3.1.8)."""
    category = rules.reader.read(message).category
    at = max(message.at, message.schedule_at)
    return rules.reader.hours.judge(category, message.service, at)


def content_unapproved(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a text that an approved template allows, where the contract asks (clause 3.1.6)."""
    return rules.reader.read(message).unapproved
